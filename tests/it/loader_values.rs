//! What a plan says about values: unknown, sensitive, null and absent stay apart; what nobody wrote is told from what
//! is not known yet; and what is missing from a partial plan proves nothing.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used, clippy::panic)]

use plangate::graph::{Action, DefaultOf, Graph, Lookup, Mode, Reason, Resource};
use plangate::load::{Form, load_json};
use plangate::source::Level;
use serde_json::{Value, json};

use crate::loader_plan::{Plan, mentions};

fn resource<'g>(graph: &'g Graph, address: &str) -> &'g Resource {
    graph.resource(graph.find(address).unwrap_or_else(|| panic!("there is no {address}")))
}

/// An attribute in one line: `30`, `30 provider`, `absent`, `unknown: why`; a sensitive one shows as such.
fn said(graph: &Graph, address: &str, path: &str) -> String {
    match resource(graph, address).get(path) {
        Lookup::Absent => "absent".to_owned(),
        Lookup::Unknown(unknown) => format!("unknown: {}", unknown.reason_in_words()),
        Lookup::Known(value) => match value.marks.default {
            None => value.to_string(),
            Some(DefaultOf::Provider) => format!("{value} provider"),
            Some(DefaultOf::Aws) => format!("{value} aws"),
        },
    }
}

trait InWords {
    fn reason_in_words(&self) -> String;
}

impl InWords for plangate::graph::Unknown {
    fn reason_in_words(&self) -> String {
        self.to_string().split(": ").next().unwrap_or_default().to_owned()
    }
}

const GROUP: &str = "aws_lb_target_group.t";

#[test]
fn the_four_kinds_of_not_a_value() {
    let after = json!({ "protocol": null, "vpc_id": "vpc-secret", "target_type": "ip", "name": "n" });
    let more = json!({ "after_unknown": { "port": true, "arn": true }, "after_sensitive": { "vpc_id": true } });
    let plan = Plan::new().change(GROUP, &["create"], after, more);
    let graph = plan.configure(GROUP, json!({ "port": mentions(&["local.port"]) })).graph();
    let raw = |key: &str| resource(&graph, GROUP).raw.get(key).map(|value| (value.to_string(), value.marks.sensitive));
    assert_eq!(raw("port"), Some(("(known after apply)".to_owned(), false)));
    assert_eq!(raw("vpc_id"), Some(("(sensitive)".to_owned(), true)));
    assert_eq!(raw("protocol"), Some(("null".to_owned(), false)));
    assert_eq!(raw("matcher"), None);
    assert_eq!(said(&graph, GROUP, "port"), "unknown: goes through local.port, which a plan does not contain");
}

#[test]
fn holes_in_lists() {
    let plan = Plan::new().create(
        "aws_lb.b",
        json!({ "subnets": ["subnet-1", null, "subnet-3"], "security_groups": [] }),
        json!({ "subnets": [false, true, false], "security_groups": [true, true], "access_logs": [], "tags_all": {} }),
    );
    let graph = plan.graph();
    let raw = &resource(&graph, "aws_lb.b").raw;
    let shown = |key: &str| raw.get(key).map(ToString::to_string);
    assert_eq!(shown("subnets").unwrap(), "[\"subnet-1\", (known after apply), \"subnet-3\"]");
    assert_eq!(shown("security_groups").unwrap(), "[(known after apply), (known after apply)]");
    assert_eq!((shown("access_logs"), shown("tags_all")), (None, None), "an empty overlay makes no value");
}

#[test]
fn blocks_that_are_unknown_as_a_whole() {
    let create = |expressions: Value| {
        let plan = Plan::new().create(
            GROUP,
            json!({ "protocol": "HTTP", "target_type": "ip", "port": 80 }),
            json!({ "health_check": true, "arn": true }),
        );
        plan.configure(GROUP, expressions).graph()
    };
    // Nobody wrote one: AWS' own defaults.
    let none = create(json!({ "port": { "constant_value": 80 } }));
    assert_eq!(said(&none, GROUP, "health_check.timeout"), "5 aws");
    assert_eq!(said(&none, GROUP, "health_check.unhealthy_threshold"), "2 aws");
    // Written: its parts may be anything.
    let written = create(json!({ "health_check": [{ "timeout": mentions(&["local.timeout"]) }] }));
    assert!(said(&written, GROUP, "health_check.timeout").starts_with("unknown: goes through local.timeout"));
    // Without a configuration it cannot be told.
    let plan = Plan::new().create(GROUP, json!({ "protocol": "HTTP" }), json!({ "health_check": true }));
    assert!(said(&plan.graph(), GROUP, "health_check.timeout").starts_with("unknown: "));
}

#[test]
fn parts_of_a_block_that_are_unknown() {
    let plan = Plan::new().create(
        GROUP,
        json!({ "protocol": "HTTP", "target_type": "ip", "health_check": [{ "interval": 10 }] }),
        json!({ "health_check": [{ "timeout": true, "matcher": true, "path": true }] }),
    );
    let expressions = json!({ "health_check": [{
        "interval": { "constant_value": 10 }, "timeout": mentions(&["var.timeout"]), "matcher": mentions(&["local.codes"]),
    }] });
    let graph = plan.configure(GROUP, expressions).with("variables", json!({ "timeout": { "value": null } })).graph();
    assert_eq!(said(&graph, GROUP, "health_check.interval"), "10");
    // All it mentions is known, so it was null.
    assert!(
        said(&graph, GROUP, "health_check.timeout").ends_with(" aws"),
        "{}",
        said(&graph, GROUP, "health_check.timeout")
    );
    assert!(said(&graph, GROUP, "health_check.matcher").starts_with("unknown: goes through local.codes"));
    assert_eq!(said(&graph, GROUP, "health_check.path"), "\"/\" aws");
}

#[test]
fn sensitive_marks_cover_all_that_is_inside() {
    let after = json!({ "health_check": [{ "path": "/secret", "timeout": 5 }], "port": 80, "protocol": "HTTP" });
    for (marks, path, timeout) in [
        (json!({ "health_check": [{ "path": true }] }), "(sensitive)", "5"),
        (json!({ "health_check": true }), "(sensitive)", "(sensitive)"),
        (json!(true), "(sensitive)", "(sensitive)"),
        // Marks of another shape than the value say too little: all of it is hidden.
        (json!({ "health_check": { "path": true } }), "(sensitive)", "(sensitive)"),
        (json!({ "health_check": [{ "path": { "x": [true] } }] }), "(sensitive)", "5"),
        (json!({ "health_check": [[true]] }), "(sensitive)", "(sensitive)"),
    ] {
        let plan = Plan::new().change(GROUP, &["create"], after.clone(), json!({ "after_sensitive": marks }));
        let graph = plan.graph();
        let shown = (said(&graph, GROUP, "health_check.path"), said(&graph, GROUP, "health_check.timeout"));
        assert_eq!(shown, (path.to_owned(), timeout.to_owned()), "{marks}");
        assert!(!format!("{:?}", resource(&graph, GROUP)).contains("/secret"), "{marks}");
    }
}

#[test]
fn unknown_marks_of_another_shape_make_all_unknown() {
    for marks in [json!({ "port": { "x": true } }), json!({ "port": [true] }), json!(true)] {
        let plan = Plan::new().change(GROUP, &["create"], json!({ "port": 80 }), json!({ "after_unknown": marks }));
        assert!(said(&plan.graph(), GROUP, "port").starts_with("unknown: "), "{marks}");
    }
}

const SG: &str = "aws_security_group.g";

fn group(actions: &[&str], after: Value, unknown: Value, expressions: Value) -> Graph {
    Plan::new().change(SG, actions, after, json!({ "after_unknown": unknown })).configure(SG, expressions).graph()
}

#[test]
fn egress_that_nobody_wrote() {
    let unknown = json!({ "egress": true, "ingress": true, "id": true });
    // Omitted on create: Terraform takes AWS' allow-all away.
    let omitted = group(&["create"], json!({}), unknown.clone(), json!({ "name": {} }));
    assert_eq!(said(&omitted, SG, "egress"), "[] provider");
    // `egress = []`: none, written.
    let empty = group(
        &["create"],
        json!({ "egress": [] }),
        json!({ "id": true }),
        json!({ "egress": { "constant_value": [] } }),
    );
    assert!(said(&empty, SG, "egress").starts_with("[]"));
    // Written, and not known: not none.
    let open = group(&["create"], json!({}), unknown, json!({ "egress": mentions(&["local.rules"]) }));
    assert!(said(&open, SG, "egress").starts_with("unknown: "), "{}", said(&open, SG, "egress"));
    // Written.
    let rule = json!({ "egress": [{ "from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": ["0.0.0.0/0"] }] });
    let written = group(&["create"], rule.clone(), json!({ "id": true }), json!({ "egress": {} }));
    assert!(said(&written, SG, "egress").contains("0.0.0.0/0"));
    assert_eq!(said(&written, SG, "inline_written"), "true");
    // An existing group keeps what it has.
    let kept = group(&["update"], rule, json!({}), json!({}));
    assert!(said(&kept, SG, "egress").contains("0.0.0.0/0"));
    assert_eq!(said(&kept, SG, "inline_written"), "absent", "it may belong to rule resources");
}

#[test]
fn a_deleted_rule_that_a_refresh_still_lists() {
    let listed = json!({ "id": "sg-1", "ingress": [
        { "from_port": 80, "to_port": 80, "protocol": "tcp", "cidr_blocks": ["10.0.0.0/8", "10.9.0.0/16"], "security_groups": [], "self": false },
        { "from_port": 81, "to_port": 81, "protocol": "tcp", "cidr_blocks": ["10.0.0.0/8"], "security_groups": [], "self": false },
    ] });
    let before = |port: i64| json!({ "before": { "security_group_id": "sg-1", "type": "ingress", "protocol": "tcp", "from_port": port, "to_port": port, "cidr_blocks": ["10.0.0.0/8"] } });
    let plan = |expressions: Value| {
        Plan::new()
            .change(SG, &["no-op"], listed.clone(), json!({}))
            .change("aws_security_group_rule.gone", &["delete"], Value::Null, before(80))
            .change("aws_security_group_rule.gone_too", &["delete"], Value::Null, before(81))
            .configure(SG, expressions)
            .graph()
    };
    let rules = |graph: &Graph| said(graph, SG, "ingress");
    let separate = rules(&plan(json!({})));
    assert!(
        separate.contains("10.9.0.0/16") && !separate.contains("10.0.0.0/8") && !separate.contains("81"),
        "{separate}"
    );
    // Written inline, they stay.
    let inline = rules(&plan(json!({ "ingress": {} })));
    assert!(inline.contains("10.0.0.0/8") && inline.contains("81"), "{inline}");
    assert!(plan(json!({})).find("aws_security_group_rule.gone").is_none(), "what is deleted is not there after apply");
}

#[test]
fn actions() {
    let cases: &[(&[&str], Option<Action>)] = &[
        (&["no-op"], Some(Action::NoOp)),
        (&["create"], Some(Action::Create)),
        (&["update"], Some(Action::Update)),
        (&["read"], Some(Action::Read)),
        (&["delete", "create"], Some(Action::Replace { create_first: false })),
        (&["create", "delete"], Some(Action::Replace { create_first: true })),
        (&["create", "forget"], Some(Action::Replace { create_first: true })),
        (&["delete"], None),
        (&["forget"], None),
    ];
    for (actions, wanted) in cases {
        let after = if wanted.is_some() { json!({ "port": 80 }) } else { Value::Null };
        let graph = Plan::new().change(GROUP, actions, after, json!({ "replace_paths": [["port"]] })).graph();
        assert_eq!(graph.find(GROUP).map(|id| graph.resource(id).action), *wanted, "{actions:?}");
    }
    let mut deposed = Plan::new().change(GROUP, &["create"], json!({ "port": 80 }), json!({})).json();
    deposed["resource_changes"][0]["deposed"] = json!("00000000");
    let (loaded, _) = load_json("p", deposed.to_string().as_bytes(), &[]).unwrap();
    assert!(loaded.graph.find(GROUP).is_none());
}

#[test]
fn data_sources() {
    let state = json!({ "values": { "root_module": { "resources": [
        { "address": "data.aws_lb.shared", "mode": "data", "type": "aws_lb", "name": "shared",
          "values": { "arn": "arn:shared", "idle_timeout": 60, "name": "secret" }, "sensitive_values": { "name": true } },
        { "address": "aws_lb.known", "mode": "managed", "type": "aws_lb", "name": "known", "values": { "idle_timeout": 1 } },
    ] } } });
    let graph = Plan::new()
        .change("aws_lb.known", &["update"], json!({ "idle_timeout": 2 }), json!({}))
        .change(
            "data.aws_lb.later",
            &["read"],
            json!({ "tags": {} }),
            json!({ "after_unknown": { "arn": true, "idle_timeout": true } }),
        )
        .with("prior_state", state)
        .graph();
    assert_eq!(said(&graph, "data.aws_lb.shared", "idle_timeout"), "60");
    assert_eq!(resource(&graph, "data.aws_lb.shared").mode, Mode::Data);
    assert_eq!(resource(&graph, "data.aws_lb.shared").raw.get("name").unwrap().to_string(), "(sensitive)");
    assert_eq!(said(&graph, "aws_lb.known", "idle_timeout"), "2", "the change goes before the state");
    assert_eq!(said(&graph, "data.aws_lb.later", "idle_timeout"), "unknown: the data source is read during apply");
    assert_eq!(graph.resources().len(), 3);
}

#[test]
fn a_state() {
    let lb = json!({ "address": "module.m[\"x\"].aws_lb.b", "mode": "managed", "type": "aws_lb", "name": "b", "values": { "arn": "arn:b", "idle_timeout": 300 } });
    let listener = json!({ "address": "aws_lb_listener.l", "mode": "managed", "type": "aws_lb_listener", "name": "l", "values": { "load_balancer_arn": "arn:b" } });
    let state = json!({ "format_version": "1.0", "terraform_version": "1.11.4", "values": { "root_module": {
        "resources": [listener], "child_modules": [{ "address": "module.m[\"x\"]", "resources": [lb] }] } } });
    let (loaded, problems) = load_json("state.json", state.to_string().as_bytes(), &[]).unwrap();
    assert_eq!((loaded.form, problems.len()), (Form::TerraformState, 0));
    assert_eq!(said(&loaded.graph, "module.m[\"x\"].aws_lb.b", "idle_timeout"), "300");
    assert_eq!(
        crate::loader_plan::ends(&loaded.graph, "aws_lb_listener.l", "load_balancer_arn"),
        "module.m[\"x\"].aws_lb.b!"
    );
}

#[test]
fn plans_that_are_not_the_whole_change() {
    let plan = || Plan::new().change(GROUP, &["create"], json!({ "port": 80 }), json!({}));
    let (whole, problems) =
        plan().with("complete", json!(true)).with("errored", json!(false)).with("deferred_changes", json!([])).load();
    assert!(whole.graph.partial().is_none() && problems.is_empty());
    let change = json!({ "reason": "instance_count_unknown", "resource_change": plan().json()["resource_changes"][0] });
    for (key, value, level, words) in [
        ("complete", json!(false), Level::Warning, "is a partial plan"),
        ("errored", json!(true), Level::Error, "is a plan that ended in an error"),
        ("deferred_changes", json!([change]), Level::Warning, "defers aws_lb_target_group.t to a later plan"),
    ] {
        let (loaded, problems) = plan().with(key, value).load();
        assert_eq!(loaded.graph.partial().map(|unknown| &unknown.reason), Some(&Reason::PartialPlan), "{key}");
        assert_eq!((problems.len(), problems[0].level), (1, level), "{key}");
        assert!(problems[0].message.starts_with(words), "{}", problems[0]);
        assert_eq!(problems[0].file.as_deref(), Some("plan.json"));
    }
}

/// A plan calls the version of a Lambda group known after apply; AWS never gives it one.
#[test]
fn what_aws_fills_in_with_nothing_is_absent() {
    let plan = crate::program::testdata("faults/lambda/plans/healthy.json.gz");
    let (loaded, _) = plangate::load::load(&plan, &Default::default(), &[]).unwrap();
    let group = loaded.graph.resource(loaded.graph.find("aws_lb_target_group.quote").unwrap());
    assert_eq!(group.get("protocol_version"), plangate::graph::Lookup::Absent);
    assert_eq!(group.get("health_check.matcher").str(), Some("200"));
}
