//! Texts of which a part is known only after apply: what stands in the rest is read. JSON of containers, user data.

#![allow(clippy::unwrap_used)]

use plangate::graph::{Graph, Lookup};
use plangate::load::{Inputs, load};
use serde_json::Value;

use crate::program::{Folder, run, testdata};

fn graph(text: &str) -> Graph {
    let folder = Folder::new();
    folder.file("main.tf", text);
    load(&folder.path("."), &Inputs::default(), &[]).unwrap().0.graph
}

/// The containers of a task definition with these definitions, in words.
fn containers(definitions: &str) -> String {
    let text = format!(
        "variable \"secret\" {{\n  sensitive = true\n  default = \"hush\"\n}}\n\
         resource \"aws_ecr_repository\" \"r\" {{}}\nresource \"aws_db_instance\" \"d\" {{}}\n\
         resource \"aws_ecs_task_definition\" \"t\" {{\n  container_definitions = {definitions}\n}}\n"
    );
    let graph = graph(&text);
    let found = graph.resource(graph.find("aws_ecs_task_definition.t").unwrap()).get("containers");
    match found {
        Lookup::Unknown(unknown) => format!("({unknown})"),
        found => found.to_value().unwrap().to_string(),
    }
}

#[test]
fn what_apply_completes_hides_nothing_else() {
    let url = "aws_ecr_repository.r.repository_url";
    for definitions in [
        format!(
            "jsonencode([{{ name = \"a\", image = \"${{{url}}}:1\", command = [\"x\", {url}, 8], stopTimeout = \"9\" }}])"
        ),
        format!(
            "<<JSON\n[{{\"name\": \"a\", \"image\": \"${{{url}}}:1\", \"command\": [\"x\", \"${{{url}}}\", 8], \"stopTimeout\": 9}}]\nJSON\n"
        ),
        format!(
            "\"[${{jsonencode({{ name = \"a\", image = \"${{{url}}}:1\", command = [\"x\", {url}, 8], stopTimeout = 9 }})}}]\""
        ),
    ] {
        let after = "(known after apply: aws_ecr_repository.r.repository_url)";
        let expected = format!(
            "[{{command: [\"x\", {after}, \"8\"], image: {after}, name: \"a\", port_mappings: [], stop_timeout: 9}}]"
        );
        assert_eq!(containers(&definitions), expected, "{definitions}");
    }
}

#[test]
fn each_unknown_part_is_that_part() {
    let definitions = "jsonencode([{ name = \"a\", image = \"${aws_ecr_repository.r.repository_url}\\\"\\n<\", \
                       portMappings = [{ containerPort = 80, hostPort = aws_db_instance.d.port }] }])";
    let found = containers(definitions);
    assert!(found.contains("container_port: 80, host_port: (known after apply: aws_db_instance.d.port)"), "{found}");
    assert!(found.contains("image: (known after apply: aws_ecr_repository.r.repository_url)"), "{found}");
}

#[test]
fn what_may_be_anything_is_not_taken_for_one_value() {
    let url = "(known after apply: aws_ecr_repository.r.repository_url)";
    for definitions in [
        "\"[{\\\"name\\\": \\\"a\\\"}, ${aws_ecr_repository.r.repository_url}]\"",
        "\"[{\\\"name\\\": \\\"${aws_ecr_repository.r.repository_url}\\\"}]\"",
        "\"[{\\\"name\\\": \\\"a\\\", ${aws_ecr_repository.r.repository_url}}]\"",
        "\"[{\\\"name\\\": \\\"a\\\", \\\"${aws_ecr_repository.r.repository_url}\\\": 1}]\"",
        "\"[{\\\"name\\\": \\\"a\\\"} ${aws_ecr_repository.r.repository_url}]\"",
        "aws_ecr_repository.r.repository_url",
    ] {
        assert_eq!(containers(definitions), url, "{definitions}");
    }
    let elements = containers(
        "\"[{\\\"name\\\": \\\"a\\\", \\\"command\\\": [\\\"x\\\", ${aws_ecr_repository.r.repository_url}]}]\"",
    );
    assert_eq!(elements, format!("[{{command: {url}, image: \"\", name: \"a\", port_mappings: []}}]"));
}

#[test]
fn a_secret_part_hides_all() {
    let found = containers(
        "jsonencode([{ name = \"a\", image = aws_ecr_repository.r.repository_url, command = [\"x\", var.secret] }])",
    );
    assert!(!found.contains("hush") && !found.contains('x'), "{found}");
}

/// What `paths` says of the keep-alive of the only target.
fn keep_alive(input: &str) -> Value {
    run(&["paths", input, "-o", "json"]).json()["paths"][0]["keep_alive"].clone()
}

#[test]
fn user_data_with_a_hole_is_read() {
    let group = "resource \"aws_lb_target_group\" \"g\" {\n  port = 80\n  protocol = \"HTTP\"\n}\n\
                 resource \"aws_autoscaling_group\" \"g\" {\n  target_group_arns = [aws_lb_target_group.g.arn]\n\
                 \x20 launch_template {\n    id = aws_launch_template.l.id\n  }\n}\nresource \"aws_db_instance\" \"d\" {}\n";
    let script = "<<-EOT\n#!/bin/bash\napt-get install -y nginx\necho ${aws_db_instance.d.address} > /etc/db\n\
                  cat > /etc/nginx/conf.d/app.conf <<'X'\nkeepalive_timeout 75s;\nX\nsystemctl restart nginx\nEOT\n";
    for user_data in ["base64encode(local.script)", "base64gzip(local.script)"] {
        let folder = Folder::new();
        let template = format!(
            "locals {{\n  script = {script}}}\nresource \"aws_launch_template\" \"l\" {{\n  user_data = {user_data}\n}}\n"
        );
        folder.file("main.tf", format!("{group}{template}"));
        let found = keep_alive(&folder.path("."));
        assert_eq!(found["seconds"], 75, "{user_data}: {found}");
        assert_eq!(found["strength"], "stated");
    }
}

#[test]
fn a_plan_with_its_configuration_reads_what_is_known() {
    let plan = testdata("configurations/unknown-values/plan.json");
    let undecided = |arguments: &[&str]| {
        let ran = run(&[&["check", "--only", "ecs-container-port-declared", "-o", "json"], arguments].concat());
        ran.json()["summary"]["undecided"].as_u64().unwrap()
    };
    let alone = Folder::new();
    let text = plangate::source::disk::read_text(&plan).unwrap();
    alone.file("plan.json", &text);
    let with_source = undecided(&[&plan]);
    assert_eq!(with_source, 0);
    assert!(undecided(&[&alone.path("plan.json")]) > with_source);
}

/// `terraform console` says the same of both.
#[test]
fn escapes_in_directives() {
    let native = r#"resource "aws_lb_target_group" "g" {
  name = "%{ if true }x\n\t\"q\" \\ \u00e9 $${y}%{ else }no\n%{ endif }z\n"
  tags = { loop = "%{ for x in ["1", "2"] }${x}\n%{ if x == "1" }\"one\"\n%{ endif }%{ endfor }" }
}
"#;
    let graph = graph(native);
    let group = graph.resource(graph.find("aws_lb_target_group.g").unwrap());
    assert_eq!(group.get("name").str(), Some("x\n\t\"q\" \\ é ${y}z\n"));
    assert_eq!(group.raw.get("tags").unwrap().get("loop").unwrap().as_str(), Some("1\n\"one\"\n2\n"));

    let folder = Folder::new();
    let json = r#"{"resource": {"aws_lb_target_group": {"g": {"name": "%{ if true }x\\ny\\\"q%{ endif }z\\n"}}}}"#;
    folder.file("main.tf.json", json);
    let graph = load(&folder.path("."), &Inputs::default(), &[]).unwrap().0.graph;
    let group = graph.resource(graph.find("aws_lb_target_group.g").unwrap());
    assert_eq!(group.get("name").str(), Some(r#"x\ny\"qz\n"#));
}
