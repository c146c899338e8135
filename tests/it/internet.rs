//! Which route table a subnet follows that no association is about, and whether it is public by that.

use crate::program::{Folder, run};

const NETWORK: &str = r#"
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}
resource "aws_subnet" "a" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.1.0/24"
}
resource "aws_subnet" "b" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.2.0/24"
}
resource "aws_lb" "web" {
  load_balancer_type = "application"
  subnets            = [aws_subnet.a.id, aws_subnet.b.id]
}
"#;

const PUBLIC: &str = r#"
resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}
"#;

/// What is said of the load balancer in this network with these resources, `pass` where nothing is.
fn verdict(network: &str, more: &str) -> String {
    let folder = Folder::new();
    folder.file("main.tf", format!("{network}\n{more}"));
    let policy = "internet-facing-load-balancer-in-public-subnets";
    let report = run(&["check", &folder.path(""), "--only", policy, "-o", "json"]).json();
    match report["findings"].as_array().map(Vec::as_slice) {
        Some([]) => "pass".to_owned(),
        Some([one]) if one["verdict"] == "undecided" => format!("undecided: {}", one["hangs_on"]),
        Some([one]) => format!("{}: {}", one["verdict"], one["message"]),
        _ => report.to_string(),
    }
}

#[test]
fn the_main_table_has_no_way_out_of_itself() {
    let said = verdict(NETWORK, "");
    assert!(said.contains("the main route table of aws_vpc.main has no route for 0.0.0.0/0"), "{said}");
    // One of two is enough.
    let one = "resource \"aws_route_table_association\" \"a\" {\n  subnet_id      = aws_subnet.a.id\n  route_table_id = aws_route_table.public.id\n}\n";
    let said = verdict(NETWORK, &format!("{PUBLIC}{one}"));
    assert!(said.contains("aws_subnet.b cannot be reached") && !said.contains("aws_subnet.a"), "{said}");
}

#[test]
fn a_way_out_that_is_given_to_it() {
    let route = |table: &str| {
        format!(
            "resource \"aws_route\" \"out\" {{\n  route_table_id         = {table}\n  destination_cidr_block = \"0.0.0.0/0\"\n  gateway_id             = aws_internet_gateway.main.id\n}}\n"
        )
    };
    for more in [
        route("aws_vpc.main.main_route_table_id"),
        route("aws_vpc.main.default_route_table_id"),
        "resource \"aws_default_route_table\" \"main\" {\n  default_route_table_id = aws_vpc.main.default_route_table_id\n  route {\n    cidr_block = \"0.0.0.0/0\"\n    gateway_id = aws_internet_gateway.main.id\n  }\n}\n".to_owned(),
        "resource \"aws_default_route_table\" \"main\" {\n  default_route_table_id = aws_vpc.main.default_route_table_id\n}\n".to_owned() + &route("aws_default_route_table.main.id"),
        format!("{PUBLIC}resource \"aws_main_route_table_association\" \"main\" {{\n  vpc_id         = aws_vpc.main.id\n  route_table_id = aws_route_table.public.id\n}}\n"),
    ] {
        assert_eq!(verdict(NETWORK, &more), "pass", "{more}");
    }
    let emptied = "resource \"aws_default_route_table\" \"main\" {\n  default_route_table_id = aws_vpc.main.default_route_table_id\n  route  = []\n}\n";
    let said = verdict(NETWORK, emptied);
    assert!(said.contains("aws_default_route_table.main has no route for 0.0.0.0/0"), "{said}");
}

#[test]
fn what_may_be_otherwise_is_open() {
    for more in [
        // An association that may be of any subnet, a table that is looked up, a main table that is not known.
        format!("{PUBLIC}resource \"aws_route_table_association\" \"any\" {{\n  subnet_id      = terraform_data.any.output\n  route_table_id = aws_route_table.public.id\n}}\nresource \"terraform_data\" \"any\" {{}}\n"),
        "data \"aws_route_table\" \"main\" {\n  vpc_id = aws_vpc.main.id\n}\nresource \"aws_route\" \"out\" {\n  route_table_id         = data.aws_route_table.main.id\n  destination_cidr_block = \"0.0.0.0/0\"\n  gateway_id             = aws_internet_gateway.main.id\n}\n".to_owned(),
        "resource \"aws_main_route_table_association\" \"main\" {\n  vpc_id         = aws_vpc.main.id\n  route_table_id = terraform_data.any.output\n}\nresource \"terraform_data\" \"any\" {}\n".to_owned(),
    ] {
        let said = verdict(NETWORK, &more);
        assert!(said.starts_with("undecided"), "{more}: {said}");
    }
}

#[test]
fn a_vpc_that_somebody_else_connects_is_not_judged() {
    let alone = NETWORK.replace("resource \"aws_internet_gateway\" \"main\" {\n  vpc_id = aws_vpc.main.id\n}\n", "");
    assert_eq!(verdict(&alone, ""), "pass");
    let elsewhere = NETWORK.replace("vpc_id     = aws_vpc.main.id", "vpc_id     = \"vpc-1\"");
    assert_eq!(verdict(&elsewhere, ""), "pass");
}
