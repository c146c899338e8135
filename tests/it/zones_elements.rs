//! Zones whose names nobody sees: elements of one list of zones are told apart by their numbers.

use crate::program::{Folder, run};

/// Verdict and message of a policy on an input; `pass` when nothing is found, `none` when nothing is checked.
fn verdict(file: &str, text: &str, policy: &str) -> (String, String) {
    let folder = Folder::new();
    let path = folder.file(file, text);
    let input = if file == "main.tf" { folder.path(".") } else { path };
    let report = run(&["check", &input, "--only", policy, "-o", "json"]).json();
    if report["summary"]["checks"] == 0 {
        return ("none".to_owned(), String::new());
    }
    let found = &report["findings"][0];
    let text = |name: &str| found[name].as_str().unwrap_or("pass").to_owned();
    (text("verdict"), text("message"))
}

fn terraform(first: &str, second: &str) -> String {
    format!(
        "data \"aws_region\" \"here\" {{}}\ndata \"aws_availability_zones\" \"a\" {{}}\ndata \"aws_availability_zones\" \"b\" {{}}\nresource \"aws_vpc\" \"v\" {{}}\n\
         resource \"aws_subnet\" \"a\" {{\n  vpc_id = aws_vpc.v.id\n  availability_zone = {first}\n}}\n\
         resource \"aws_subnet\" \"b\" {{\n  vpc_id = aws_vpc.v.id\n  availability_zone = {second}\n}}\n\
         resource \"aws_lb\" \"web\" {{\n  subnets = [aws_subnet.a.id, aws_subnet.b.id]\n}}\n"
    )
}

fn template(first: &str, second: &str) -> String {
    format!(
        "Resources:\n  Vpc: {{Type: AWS::EC2::VPC}}\n\
         \x20 A: {{Type: AWS::EC2::Subnet, Properties: {{VpcId: !Ref Vpc, AvailabilityZone: {first}}}}}\n\
         \x20 B: {{Type: AWS::EC2::Subnet, Properties: {{VpcId: !Ref Vpc, AvailabilityZone: {second}}}}}\n\
         \x20 Web: {{Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {{Subnets: [!Ref A, !Ref B]}}}}\n"
    )
}

#[test]
fn a_load_balancer_in_elements_of_one_list() {
    let name = |list: &str, number: u8| format!("data.aws_availability_zones.{list}.names[{number}]");
    let zone = |number: u8| format!("!Select [{number}, !GetAZs \"\"]");
    let beside = |letter: &str| format!("!Sub \"${{AWS::Region}}{letter}\"");
    let region = |letter: &str| format!("\"${{data.aws_region.here.name}}{letter}\"");
    let here = "!Select [0, !GetAZs {Ref: AWS::Region}]".to_owned();
    let cases = [
        ("main.tf", terraform(&name("a", 0), &name("a", 1)), "pass"),
        ("main.tf", terraform(&name("a", 1), &name("a", 1)), "fail"),
        ("main.tf", terraform(&name("a", 0), &name("b", 1)), "undecided"),
        ("main.tf", terraform(&name("a", 0), "\"eu-west-1a\""), "undecided"),
        ("main.tf", terraform("element(data.aws_availability_zones.a.names, 0)", &name("a", 1)), "undecided"),
        ("template.yaml", template(&zone(0), &zone(1)), "pass"),
        ("template.yaml", template(&zone(2), &zone(2)), "fail"),
        ("template.yaml", template(&here, &zone(0)), "fail"),
        ("template.yaml", template(&zone(0), "eu-west-1a"), "undecided"),
        ("template.yaml", template(&beside("a"), &beside("b")), "pass"),
        ("template.yaml", template(&beside("a"), &beside("a")), "fail"),
        ("template.yaml", template(&beside("a"), "eu-west-1b"), "undecided"),
        ("template.yaml", template("!Sub \"${AWS::Region}a\"", "!Sub \"a${AWS::Region}\""), "undecided"),
        ("main.tf", terraform(&region("a"), &region("b")), "pass"),
        ("main.tf", terraform(&region("a"), &region("a")), "fail"),
        ("main.tf", terraform("terraform_data.later.output", "terraform_data.later.output"), "undecided"),
        ("main.tf", terraform("null", "null"), "none"),
    ];
    for (file, text, expected) in cases {
        let found = verdict(file, &text, "load-balancer-spans-zones");
        assert_eq!(found.0, expected, "{text}: {found:?}");
    }
}

#[test]
fn a_target_in_another_element() {
    let stack = |number: u8| {
        let zones = terraform("data.aws_availability_zones.a.names[0]", "data.aws_availability_zones.a.names[1]");
        format!(
            "{zones}resource \"aws_subnet\" \"c\" {{\n  vpc_id = aws_vpc.v.id\n  availability_zone = data.aws_availability_zones.a.names[{number}]\n}}\n\
             resource \"aws_lb_listener\" \"l\" {{\n  load_balancer_arn = aws_lb.web.arn\n  port = 80\n  default_action {{\n    type = \"forward\"\n    target_group_arn = aws_lb_target_group.g.arn\n  }}\n}}\n\
             resource \"aws_lb_target_group\" \"g\" {{\n  port = 80\n  protocol = \"HTTP\"\n  vpc_id = aws_vpc.v.id\n}}\n\
             resource \"aws_lb_target_group_attachment\" \"i\" {{\n  target_group_arn = aws_lb_target_group.g.arn\n  target_id = aws_instance.i.id\n}}\n\
             resource \"aws_instance\" \"i\" {{\n  subnet_id = aws_subnet.c.id\n}}\n"
        )
    };
    assert_eq!(verdict("main.tf", &stack(1), "target-in-load-balancer-zone").0, "pass");
    let later = stack(7).replace("data.aws_availability_zones.a.names[7]", "terraform_data.later.output");
    assert_eq!(verdict("main.tf", &later, "target-in-load-balancer-zone").0, "undecided", "its only zone");
    let left_to_aws = stack(7).replace("data.aws_availability_zones.a.names[7]", "null");
    assert_eq!(verdict("main.tf", &left_to_aws, "target-in-load-balancer-zone").0, "none");
    let unseen = stack(1).replace("target_id = aws_instance.i.id", "target_id = terraform_data.later.output");
    assert_eq!(verdict("main.tf", &unseen, "target-in-load-balancer-zone").0, "undecided", "which target it is");
    let (found, message) = verdict("main.tf", &stack(2), "target-in-load-balancer-zone");
    assert_eq!(found, "fail", "{message}");
    assert!(message.contains("zone 2 of data.aws_availability_zones.a.names (aws_subnet.c)"), "{message}");
}
