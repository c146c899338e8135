//! Plans that parse and still make no sense: parts nested without end, entries of the wrong shape, references in a
//! circle. The faulty entry is named with its place, the rest is judged, and nothing unread counts as not written.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used)]

use plangate::graph::Lookup;
use plangate::load::load_json;
use serde_json::{Value, json};

use crate::loader_plan::{Plan, configured, mentions};
use crate::program::{Ran, feed};

const GROUP: &str = "aws_lb_target_group.t";

/// A target group, whose `port` comes from a variable, and a load balancer that is in order.
fn plan() -> Plan {
    Plan::new()
        .create(
            GROUP,
            json!({ "name": "HERE", "protocol": "HTTP", "target_type": "ip", "vpc_id": "vpc-1" }),
            json!({ "arn": true, "port": true }),
        )
        .create("aws_lb.b", json!({ "name": "b", "idle_timeout": 9000 }), json!({ "arn": true }))
        .configure(GROUP, json!({ "port": mentions(&["var.port"]), "protocol": { "constant_value": "HTTP" } }))
        .configure("aws_lb.b", json!({ "idle_timeout": { "constant_value": 9000 } }))
}

/// Brackets that open and close again.
fn nested(depth: usize) -> String {
    "[".repeat(depth) + &"]".repeat(depth)
}

/// The plan with one more entry in its first change.
fn beside_address(entry: &str) -> String {
    let start = "\"resource_changes\":[{";
    let text = plan().text();
    assert!(text.contains(start), "{text}");
    text.replacen(start, &format!("{start}{entry},"), 1)
}

fn check(text: &str) -> Ran {
    feed(&["check", "-", "-o", "json"], text)
}

/// Puts `raw` in the place of the first `from`, looks for one error that begins with `message`, and gives its place.
#[track_caller]
fn place_of_fault(from: &str, raw: &str, message: &str) -> (u64, u64) {
    let text = plan().text();
    assert!(text.contains(from), "{from} is not in {text}");
    let ran = check(&text.replacen(from, raw, 1));
    let report = ran.json();
    let problems = report["problems"].as_array().unwrap();
    assert_eq!((ran.code, problems.len()), (2, 1), "{}", ran.stderr);
    let said = problems[0]["message"].as_str().unwrap();
    assert!(said.starts_with(message), "{said}");
    assert_eq!(problems[0]["file"], "<stdin>");
    // What is in order has been judged all the same.
    let found = report["findings"].as_array().unwrap().iter().any(|finding| finding["subject"] == "aws_lb.b");
    assert!(found, "{report}");
    (problems[0]["line"].as_u64().unwrap(), problems[0]["column"].as_u64().unwrap())
}

#[test]
fn values_nested_without_end() {
    for depth in [200, 5_000_000] {
        let message = "the values of aws_lb_target_group.t cannot be read: nests too deeply";
        let (line, column) = place_of_fault("\"HERE\"", &format!("\n\n  {}", nested(depth)), message);
        assert_eq!(line, 3);
        assert!((100..=140).contains(&column), "{column}");
        place_of_fault("{\"arn\":true,\"port\":true}", &format!("{{\"arn\":{}}}", nested(depth)), message);
        let message = "the configuration of aws_lb_target_group.t cannot be read: nests too deeply";
        let (line, _) = place_of_fault("{\"references\":[\"var.port\"]}", &format!("\n{}", nested(depth)), message);
        assert_eq!(line, 2);
    }
}

#[test]
fn values_of_the_wrong_shape() {
    let message = "the values of aws_lb_target_group.t cannot be read: ";
    let whole = r#"{"name":"HERE","protocol":"HTTP","target_type":"ip","vpc_id":"vpc-1"}"#;
    for raw in ["\"text\"", "[]", "17", "true"] {
        place_of_fault(whole, raw, &format!("{message}they are no object"));
    }
    place_of_fault("\"HERE\"", "1e999", &format!("{message}number out of range"));
    place_of_fault("\"HERE\"", "\"\\ud800\"", message);
    place_of_fault(
        "{\"arn\":true,\"port\":true}",
        "{\"arn\":\"secret\"}",
        &format!("{message}invalid type: string, expected true"),
    );
    place_of_fault(
        "[\"var.port\"]",
        "[1]",
        "the configuration of aws_lb_target_group.t cannot be read: invalid type: integer",
    );
}

#[test]
fn what_cannot_be_read_is_unknown_and_not_a_default() {
    let deep = nested(300);
    for (from, raw) in
        [("\"HERE\"", deep.as_str()), ("[\"var.port\"]", "[1]"), ("{\"arn\":true,\"port\":true}", "\"x\"")]
    {
        let text = plan().text().replacen(from, raw, 1);
        let (loaded, problems) = load_json("plan.json", text.as_bytes(), &[]).unwrap();
        assert_eq!(problems.len(), 1);
        let group = loaded.graph.resource(loaded.graph.find(GROUP).unwrap());
        assert!(matches!(group.get("port"), Lookup::Unknown(_)), "{raw}: {:?}", group.attributes);
    }
}

#[test]
fn a_security_group_that_cannot_be_read_does_not_forbid_anything() {
    let plan = Plan::new()
        .create(
            "aws_security_group.g",
            json!({ "name": "HERE" }),
            json!({ "egress": true, "ingress": true, "id": true }),
        )
        .configure("aws_security_group.g", json!({ "name": { "references": ["var.name"] } }));
    let graph = |text: &str| load_json("plan.json", text.as_bytes(), &[]).unwrap().0.graph;
    let egress = |text: &str| {
        let graph = graph(text);
        let group = graph.resource(graph.find("aws_security_group.g").unwrap());
        format!("{:?}", group.get("egress"))
    };
    assert_eq!(egress(&plan.text()), "Known([])", "nobody wrote it, so Terraform makes it none");
    for (from, raw) in [("[\"var.name\"]", "[{}]"), ("\"HERE\"", "1e999")] {
        let said = egress(&plan.text().replacen(from, raw, 1));
        assert!(said.starts_with("Unknown("), "{said}");
    }
}

#[test]
fn changes_that_say_nothing() {
    let gone = r#"{"actions":["create"],"before":null,"after":null,"after_unknown":{}}"#;
    let whole = plan().json()["resource_changes"][0]["change"].to_string();
    let text = plan().text().replacen(&whole, gone, 1);
    let ran = check(&text);
    let message = "the plan does not say what becomes of aws_lb_target_group.t: its `after` is missing";
    assert_eq!((ran.code, &ran.json()["problems"][0]["message"]), (2, &json!(message)));
    let none = plan().text().replacen(&format!("\"change\":{whole},"), "", 1);
    let ran = feed(&["check", "-"], none);
    assert!(
        ran.stderr.contains(": error: is no `terraform show -json` output: missing field `change`"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.starts_with("<stdin>:1:"));
    assert_eq!(ran.code, 2);
}

#[test]
fn actions_nobody_knows() {
    for (actions, named) in [
        (json!(["frobnicate"]), "[frobnicate]"),
        (json!([]), "[]"),
        (json!(["create", "create"]), "[create, create]"),
        (json!(["x".repeat(1_000_000)]), "[]"),
        (json!(["\u{1b}[31m"]), "[]"),
    ] {
        let mut text = plan().json();
        text["resource_changes"][0]["change"]["actions"] = actions;
        let ran = check(&text.to_string());
        let message = format!("what is done to aws_lb_target_group.t is not known to plangate: {named}");
        assert_eq!((ran.code, &ran.json()["problems"][0]["message"]), (2, &json!(message)));
    }
    // Of a resource off the path nothing is said that could be wrong.
    let other = plan().change("aws_s3_bucket.b", &["frobnicate"], json!({}), json!({}));
    assert_eq!(check(&other.text()).stderr, "");
}

#[test]
fn instance_keys_of_any_type() {
    let with = |index: &str| beside_address(&format!("\"index\":{index}"));
    for index in ["0", "-1", "9223372036854775807", "\"\"", "\"a\\\"]\\u0000.x[\"", "null"] {
        assert_eq!(check(&with(index)).stderr, "", "{index}");
    }
    for index in ["1.5", "18446744073709551615", "1e30", "{}", "[1]", "true"] {
        let ran = check(&with(index));
        let problem = &ran.json()["problems"][0];
        let said = problem["message"].as_str().unwrap();
        assert!(said.ends_with("expected an instance key, which is text or a whole number"), "{said}");
        assert_eq!((ran.code, problem["line"].as_u64()), (2, Some(1)));
    }
}

#[test]
fn addresses_and_keys_of_any_kind() {
    let long = "k".repeat(1 << 20);
    for key in ["a.b[0]", "\"]", "\\", "é\u{1b}[31m\u{7f}\u{202e}", "", &long] {
        let mut text = plan().json();
        let quoted = json!(key).to_string();
        text["resource_changes"][0]["address"] = json!(format!("{GROUP}[{quoted}]"));
        text["resource_changes"][0]["index"] = json!(key);
        text["resource_changes"][0]["change"]["after"][key] = json!(1);
        let text = text.to_string();
        for arguments in [&["check", "-", "-v"][..], &["paths", "-"], &["paths", "-", "-o", "json"]] {
            let ran = feed(arguments, text.clone());
            assert!(!ran.all().contains('\u{1b}'), "{arguments:?} prints escapes of the plan");
            assert_eq!(ran.stderr, "");
        }
    }
}

#[test]
fn module_addresses_without_end() {
    let deep = "module.a.".repeat(200_000) + "module.b";
    let ran = check(&beside_address(&format!("\"module_address\":\"{deep}\"")));
    let said = ran.json()["problems"][0]["message"].as_str().unwrap().to_owned();
    assert!(said.ends_with("is deeper than any configuration") && said.len() < 200, "{said}");
    assert_eq!(ran.code, 2);
    for odd in [
        "",
        ".",
        "..",
        "[",
        "[\\\"",
        "]",
        "module",
        "module.",
        "module..module.",
        "module.a[",
        "[0]",
        "a[0][0]",
        "module.a[\\\"x",
    ] {
        let text = beside_address(&format!("\"module_address\":\"{odd}\""));
        assert_eq!(check(&text).stderr, "", "{odd}");
    }
}

#[test]
fn modules_in_modules() {
    let calls = |depth: usize| {
        let inner = (0..depth)
            .fold(json!({ "resources": [] }), |inner, _| json!({ "module_calls": { "a": { "module": inner } } }));
        let mut plan = plan().json();
        plan["configuration"]["root_module"]["module_calls"] = json!({ "a": { "module": inner } });
        plan.to_string()
    };
    assert_eq!(check(&calls(35)).stderr, "");
    let ran = feed(&["check", "-"], calls(200));
    assert!(ran.stderr.starts_with("<stdin>:1:"), "{}", ran.stderr);
    assert!(ran.stderr.contains(": error: nests too deeply to be read"), "{}", ran.stderr);
    assert_eq!(ran.code, 2);
}

/// Modules whose outputs go through each other: each doubles the ways on, and none ever arrives.
fn circle(names: &[&str], inside: &[Value]) -> Plan {
    let listener = "aws_lb_listener.l";
    let mut plan = Plan::new()
        .create(listener, json!({ "port": 80, "protocol": "HTTP" }), json!({ "load_balancer_arn": true, "arn": true }))
        .configure(listener, json!({ "load_balancer_arn": mentions(&["module.m0.a", "module.m0"]) }));
    for (at, name) in names.iter().enumerate() {
        let other = names[(at + 1) % names.len()];
        let all = [
            format!("module.{other}.a.q"),
            format!("module.{other}.b[0]"),
            format!("module.{name}.a"),
            format!("module.{name}.b"),
        ];
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let outputs = json!({ "a": { "expression": mentions(&["var.x.z", "var.y", "each.value"]) }, "b": { "expression": mentions(&["var.y[0]", "var.x"]) } });
        plan = plan.call(
            name,
            json!({
                "expressions": { "x": mentions(&all), "y": mentions(&all) },
                "for_each_expression": mentions(&all),
                "module": { "outputs": outputs, "resources": inside },
            }),
        );
        plan = plan.create(&format!("module.{name}.null_resource.r"), json!({}), json!({ "id": true }));
        plan = plan.create(&format!("module.{name}.aws_lb.lb"), json!({ "idle_timeout": 60 }), json!({ "arn": true }));
    }
    plan
}

#[test]
fn references_in_a_circle() {
    let lb = configured(
        "aws_lb.lb",
        json!({ "name": mentions(&["var.x", "var.y", "local.z"]), "security_groups": mentions(&["var.x.k", "var.y"]) }),
        json!({}),
    );
    for names in [&["m0"][..], &["m0", "m1"], &["m0", "m1", "m2"]] {
        let ran = check(&circle(names, std::slice::from_ref(&lb)).text());
        assert_eq!(ran.stderr, "", "{names:?}");
        let undecided = ran.json()["summary"]["undecided"].as_u64().unwrap();
        assert!(undecided > 0, "a trail without end decides nothing: {}", ran.stdout);
    }
}

#[test]
fn more_references_than_anyone_writes() {
    let names: Vec<String> = (0..500_000).map(|at| format!("aws_lb.x{at}.arn")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let listener = "aws_lb_listener.l";
    let plan = Plan::new()
        .create(listener, json!({ "port": 80 }), json!({ "load_balancer_arn": true }))
        .configure(listener, json!({ "load_balancer_arn": mentions(&names) }));
    assert_eq!(check(&plan.text()).stderr, "");
    let blocks: Vec<Value> = (0..5_000).map(|at| json!({ "container_port": at })).collect();
    let written: Vec<Value> =
        (0..5_000).map(|_| json!({ "target_group_arn": mentions(&["aws_lb_target_group.t.arn"]) })).collect();
    let holes: Vec<Value> = (0..5_000).map(|_| json!({ "target_group_arn": true })).collect();
    let service = "aws_ecs_service.s";
    let plan = Plan::new()
        .create(service, json!({ "load_balancer": blocks }), json!({ "load_balancer": holes }))
        .configure(service, json!({ "load_balancer": written }));
    assert_eq!(check(&plan.text()).stderr, "");
}

#[test]
fn what_is_left_out_does_not_look_like_all_there_is() {
    let group =
        |plan: Plan, at: usize| plan.create(&format!("aws_security_group.g[{at}]"), json!({}), json!({ "id": true }));
    let plan = (0..600).fold(Plan::new(), group).create(
        "aws_lb.b",
        json!({}),
        json!({ "security_groups": true, "arn": true }),
    );
    let graph = plan.configure("aws_lb.b", json!({ "security_groups": mentions(&["aws_security_group.g"]) })).graph();
    let said = crate::loader_plan::ends(&graph, "aws_lb.b", "security_groups");
    assert_eq!(said, "(it mentions too much to follow: aws_lb.b.security_groups)");
}

#[test]
fn a_key_twice_or_nothing_at_all() {
    let twice = plan().text().replacen("\"name\":\"HERE\"", "\"name\":\"a\",\"name\":\"b\"", 1);
    assert_eq!(check(&twice).stderr, "");
    for nothing in [
        r#"{"format_version":"1.2","resource_changes":null}"#,
        r#"{"format_version":"1.2","resource_changes":null,"planned_values":{}}"#,
    ] {
        let ran = feed(&["check", "-"], nothing);
        let planned = nothing.contains("planned_values");
        assert_eq!(ran.code, if planned { 0 } else { 2 }, "{nothing}: {}", ran.stderr);
        assert!(!planned || ran.stdout.contains("no request path found"), "{}", ran.stdout);
    }
    // `count = 0`: configured, and no instance of it.
    let none = plan().configure_with(
        "aws_lb.none",
        json!({ "idle_timeout": { "constant_value": 1 } }),
        json!({ "count_expression": { "constant_value": 0 } }),
    );
    assert_eq!(check(&none.text()).stderr, "");
}
