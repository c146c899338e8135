//! `.tf.json`: the same values as the native syntax, and places in the JSON text.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used)]

use plangate::graph::Resource;
use plangate::load::{Inputs, Loaded, load};
use plangate::source::Problem;

use crate::program::{Folder, run};

fn loaded(name: &str, text: &str) -> (Loaded, Vec<Problem>) {
    let folder = Folder::new();
    folder.file(name, text);
    load(&folder.path("."), &Inputs::default(), &[]).unwrap()
}

fn place(resource: &Resource, path: &str) -> (u32, u32) {
    let spot = resource.spot(path).unwrap();
    (spot.line, spot.column)
}

/// The text has two-byte letters before what is looked for, since columns are counted in characters.
const STACK: &str = r#"{
  "resource": {
    "aws_lb_target_group": {
      "web": {
        "name": "web", "vpc_id": "vpc-1",
        "port": 80, "protocol": "HTTP",
        "tags": {"Ä": "ö"}, "deregistration_delay": 400,
        "health_check": {
          "path": "/",
          "interval": 5, "timeout": 10
        },
        "stickiness": [
          {"type": "lb_cookie", "enabled": true,
           "cookie_duration": 60}
        ]
      }
    },
    "aws_lb_listener_rule": {
      "r": [
        {"listener_arn": "arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/a/1/2",
         "action": [{"type": "forward",
                     "forward": {"target_group": [{"arn": "${aws_lb_target_group.web.arn}", "weight": 1}]}}],
         "condition": {"path_pattern": {"values": ["/"]}}}
      ]
    }
  }
}"#;

#[test]
fn parts_have_places() {
    let (loaded, problems) = loaded("main.tf.json", STACK);
    assert!(problems.is_empty(), "{problems:?}");
    let group = loaded.graph.resource(loaded.graph.find("aws_lb_target_group.web").unwrap());
    assert_eq!(place(group, ""), (4, 7));
    assert_eq!(place(group, "deregistration_delay"), (7, 29));
    assert_eq!(place(group, "health_check"), (8, 9));
    assert_eq!(place(group, "health_check.timeout"), (10, 26));
    assert_eq!(place(group, "stickiness.enabled"), (13, 33));
    assert_eq!(place(group, "stickiness[0].cookie_duration"), (14, 12));
    let rule = loaded.graph.resource(loaded.graph.find("aws_lb_listener_rule.r").unwrap());
    assert_eq!(place(rule, ""), (20, 9));
    assert_eq!(place(rule, "action[0].forward[0].target_group[0].weight"), (22, 93));
    let shown = loaded.graph.links(loaded.graph.find("aws_lb_listener_rule.r").unwrap());
    assert!(shown.iter().any(|link| &*link.path == "action[0].forward.target_group[0].arn"), "{shown:?}");
}

#[test]
fn a_finding_points_into_the_json() {
    let folder = Folder::new();
    folder.file("main.tf.json", STACK);
    let ran = run(&["check", &folder.path("."), "-o", "json"]);
    let shown = ran.json();
    let evidence = shown["findings"].as_array().unwrap().iter().flat_map(|one| one["evidence"].as_array().unwrap());
    let timeout = |one: &serde_json::Value| one["line"] == 10 && one["column"] == 26;
    assert!(evidence.clone().any(timeout), "{}", ran.stdout);
}

#[test]
fn a_fault_inside_a_text_has_a_place_in_the_file() {
    let text = "{\n  \"locals\": {\n    \"name\": \"a\",\n    \"bad\": \"${upper(local.name, 1)}\"\n  }\n}\n";
    let text = format!("{text} ")
        .replace("}\n ", ", \"resource\": {\"aws_lb_target_group\": {\"g\": {\"name\": \"${local.bad}\"}}}}");
    let (_, problems) = loaded("main.tf.json", &text);
    let told = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert!(told.contains("main.tf.json:4:12: "), "{told}");
}

#[test]
fn dynamic_blocks_are_unrolled() {
    let text = r#"{"resource": {"aws_security_group": {"g": {
  "ingress": {"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["10.0.0.0/8"]},
  "dynamic": {"ingress": {
    "for_each": [80, 443], "iterator": "port",
    "content": {"from_port": "${port.value}", "to_port": "${port.value}", "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}
  }}
}}}}"#;
    let (loaded, problems) = loaded("main.tf.json", text);
    assert!(problems.is_empty(), "{problems:?}");
    let group = loaded.graph.resource(loaded.graph.find("aws_security_group.g").unwrap());
    let ports: Vec<Option<i64>> = group
        .raw
        .get("ingress")
        .and_then(|rules| rules.as_list())
        .unwrap()
        .iter()
        .map(|rule| rule.get("from_port").and_then(|port| port.as_int()))
        .collect();
    assert_eq!(ports, [Some(22), Some(80), Some(443)]);
}

#[test]
fn what_is_no_json_is_refused_as_before() {
    for (text, said) in [
        ("{\"a\": 1,}", "trailing comma"),
        ("{\"a\": 1} // x", "trailing characters"),
        ("{\"a\": 0x10}", "is no valid JSON"),
        ("{'a': 1}", "is no valid JSON"),
        ("7", "must be a JSON object"),
        (&format!("{{\"resource\": {}{}}}", "[".repeat(5000), "]".repeat(5000)), "nests too deeply"),
    ] {
        let folder = Folder::new();
        folder.file("main.tf.json", text);
        let ran = run(&["check", &folder.path(".")]);
        assert_eq!(ran.code, 2);
        assert!(ran.stderr.contains(said), "{text:.40}: {}", ran.stderr);
    }
    // As deep as JSON may nest.
    let deep = format!("{{\"locals\": {{\"a\": {}{}}}}}", "{\"b\": ".repeat(120), "1".to_owned() + &"}".repeat(120));
    let (_, problems) = loaded("main.tf.json", &deep);
    assert!(problems.is_empty(), "{problems:?}");
}

#[test]
fn columns_are_counted_in_characters_however_long_the_line_is() {
    let group = |at: usize| format!(r#""g{at}": {{"name": "ä", "port": {at}}}"#);
    let groups = (0..500).map(group).collect::<Vec<String>>().join(", ");
    let text = format!(r#"{{"resource": {{"aws_lb_target_group": {{{groups}}}}}}}"#);
    let (loaded, problems) = loaded("main.tf.json", &text);
    assert!(problems.is_empty(), "{problems:?}");
    for at in [0, 1, 250, 499] {
        let group = loaded.graph.resource(loaded.graph.find(&format!("aws_lb_target_group.g{at}")).unwrap());
        let (before, _) = text.split_once(&format!("\"port\": {at}}}")).unwrap();
        assert_eq!(place(group, "port"), (1, before.chars().count() as u32 + 1));
    }
}
