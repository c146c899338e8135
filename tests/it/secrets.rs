//! No secret of a plan is printed: not in a report, not in an error about the file it stands in, not by a policy that
//! asks for it. Every secret in `testdata/secrets` contains the same word.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used, clippy::panic)]

use plangate::judge::judge;
use plangate::load::load_json;
use plangate::policy::PolicySet;
use plangate::report;
use serde_json::{Value, json};

use crate::loader_plan::{Plan, mentions};
use crate::program::{Folder, bytes_of, feed, run, testdata};

const WORD: &str = "plangate-secret";

/// Everything that prints something about a plan.
const COMMANDS: &[&[&str]] = &[
    &["check"],
    &["check", "-v"],
    &["check", "-q"],
    &["check", "-o", "json"],
    &["check", "-o", "json", "-v", "--undecided", "fail"],
    &["check", "--fail-on", "info", "--undecided", "fail"],
    &["check", "--color", "always", "-v"],
    &["paths"],
    &["paths", "-o", "json"],
    &["paths", "-o", "mermaid"],
    &["paths", "-o", "svg"],
    &["paths", "-o", "html"],
    &["check", "-o", "markdown"],
    &["check", "-o", "html"],
];

#[track_caller]
fn prints_no_secret(printed: &str, what: &str) {
    if let Some(at) = printed.find(WORD) {
        let before = printed[..at].char_indices().rev().nth(200).map_or(0, |(from, _)| from);
        panic!("{what}: {}", &printed[before..at + WORD.len()]);
    }
}

fn plan() -> String {
    let plan = String::from_utf8(bytes_of("secrets/plan.json")).unwrap();
    assert!(plan.matches(WORD).count() > 10, "the plan holds no secrets any more");
    plan
}

#[test]
fn no_command_prints_one() {
    let file = testdata("secrets/plan.json");
    for command in COMMANDS {
        let ran = run(&[command, &[file.as_str()][..]].concat());
        assert!(ran.all().contains("aws_lb_target_group.billing"), "{command:?} says nothing at all");
        prints_no_secret(&ran.all(), &format!("{command:?}"));
    }
    let folder = Folder::new();
    let (text, report) = (folder.path("r.txt"), folder.path("r.json"));
    run(&["check", &file, "-v", "-o", &format!("text={text}"), "-o", &format!("json={report}")]);
    for written in [text, report] {
        prints_no_secret(&plangate::source::disk::read_text(&written).unwrap(), &written);
    }
}

#[test]
fn a_damaged_plan_prints_none() {
    let plan = plan();
    for cut in (1..plan.len()).step_by(997).chain(plan.match_indices(WORD).map(|(at, _)| at + 4)) {
        prints_no_secret(&loaded(&plan[..cut]), &format!("cut at {cut}"));
    }
    // The secret in the place of something else, so that the parser trips over it.
    for (from, to) in [
        ("\"complete\":true", format!("\"complete\":\"{WORD}\"")),
        ("\"errored\":false", format!("\"errored\":\"{WORD}\"")),
        ("\"resource_changes\":[", format!("\"resource_changes\":\"{WORD}\",\"x\":[")),
        ("\"format_version\":\"1.2\"", format!("\"format_version\":[\"{WORD}\"]")),
        ("\"resource_changes\":[{", format!("\"resource_changes\":[{{\"index\":{{\"{WORD}\":1}},")),
        ("\"actions\":[\"create\"]", format!("\"actions\":\"{WORD}, expected \\\"{WORD}\\\", expected x\"")),
        ("\"actions\":[\"create\"]", format!("\"actions\":[\"{WORD} at line 1 column 2\"]")),
        ("\"references\":[", format!("\"references\":[{{\"{WORD}\":\"{WORD}\"}},")),
        ("\"after_sensitive\":{", format!("\"after_sensitive\":{{\"name\":\"{WORD}\",")),
        ("\"after_unknown\":{", format!("\"after_unknown\":{{\"name\":\"{WORD}\",")),
    ] {
        assert!(plan.contains(from), "{from}");
        let ran = feed(&["check", "-", "-v", "-o", "json"], plan.replacen(from, &to, 1));
        assert_eq!(ran.code, 2, "{to}: {}", ran.stderr);
        prints_no_secret(&ran.all(), &to);
    }
    // Bytes that are no JSON right before, in and after a secret.
    for junk in ["\n", "\u{1}", "\\x", "\"", ",", "}"] {
        for (at, _) in plan.match_indices(WORD).take(12) {
            for place in [at - 1, at, at + 5, at + WORD.len()] {
                let text = format!("{}{junk}{}", &plan[..place], &plan[place..]);
                prints_no_secret(&loaded(&text), &format!("{junk:?} at {place}"));
            }
        }
    }
}

/// What loading says about a text: the problem, or the problems beside the result.
fn loaded(text: &str) -> String {
    match load_json("plan.json", text.as_bytes(), &[]) {
        Ok((_, problems)) => format!("{problems:?}"),
        Err(problem) => format!("{problem:?}"),
    }
}

/// Puts a secret in the place of every list, object, number and truth value of the plan that is no attribute, one
/// after the other, and a list with a secret in the place of every text.
#[test]
fn a_secret_anywhere_else_is_not_quoted() {
    let plan: Value = serde_json::from_str(&plan()).unwrap();
    let mut places = Vec::new();
    pointers(&plan, &mut String::new(), &mut places);
    assert!(places.len() > 300, "only {} places", places.len());
    let (policies, _) = PolicySet::builtin();
    for (number, place) in places.iter().enumerate() {
        let mut changed = plan.clone();
        let here = changed.pointer_mut(place).unwrap();
        *here = if here.is_string() { json!([WORD, { WORD: WORD }]) } else { json!(WORD) };
        let text = changed.to_string();
        match load_json("plan.json", text.as_bytes(), &[]) {
            Err(problem) => prints_no_secret(&problem.to_string(), place),
            Ok((loaded, problems)) => {
                prints_no_secret(&format!("{problems:?}"), place);
                // Judging each would take minutes, and what is judged hardly changes.
                if number % 10 == 0 {
                    let assessment = judge(&loaded.graph, &policies);
                    prints_no_secret(&report::check_json(&assessment), place);
                    prints_no_secret(&report::paths_json(&assessment), place);
                }
            }
        }
    }
}

/// JSON pointers of everything but attributes, which are shown unless they are marked.
fn pointers(value: &Value, at: &mut String, found: &mut Vec<String>) {
    if !at.is_empty() {
        found.push(at.clone());
    }
    let mut down = |key: &str, inner: &Value| {
        if ["after", "before", "values", "planned_values", "output_changes"].contains(&key) {
            return;
        }
        let length = at.len();
        at.push('/');
        at.push_str(&key.replace('~', "~0").replace('/', "~1"));
        pointers(inner, at, found);
        at.truncate(length);
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, inner)| down(key, inner)),
        Value::Array(items) => items.iter().enumerate().for_each(|(key, inner)| down(&key.to_string(), inner)),
        _ => {}
    }
}

#[test]
fn policies_cannot_print_one() {
    let run = policies_print_none(&[
        "selected",
        "selected.container_definitions",
        "resource",
        "resource.container_definitions",
        "selected.container_definitions.substring(0, 400)",
        "selected.container_definitions.split(\":\")",
        "selected.container_definitions.split(\":\").join(\"\")",
        "selected.container_definitions.split(\":\")[1]",
        "selected.container_definitions.split(\",\").filter(x, x.contains(\"hunter2\"))",
        "selected.container_definitions.split(\",\").map(x, x + \"!\")",
        "selected.container_definitions.replace(\"a\", \"b\")",
        "selected.container_definitions.lowerAscii()",
        "string(selected.container_definitions)",
        "int(selected.container_definitions)",
        "double(selected.container_definitions)",
        "bool(selected.container_definitions)",
        "selected.container_definitions + \"x\"",
        "\"x\" + selected.container_definitions",
        "[selected.container_definitions]",
        "[selected.container_definitions][0]",
        "{\"a\": selected.container_definitions}",
        "{\"a\": selected.container_definitions}.a",
        "[1][selected.container_definitions]",
        "\"a\".matches(\"(\" + selected.container_definitions)",
        "true ? selected.container_definitions : \"\"",
        "has(selected.container_definitions) ? selected : selected",
    ]);
    assert!(run > 40, "only {run} of these policies were run");
}

#[test]
fn keys_made_of_a_secret_are_not_printed() {
    policies_print_none(&[
        "{selected.container_definitions: 1}",
        "{\"a\": 1}[selected.container_definitions]",
        "selected[selected.container_definitions]",
        "resource[selected.container_definitions].x",
    ]);
}

/// Holds policies with each expression in a message, a variable, a condition and a fix against the plan; how many ran.
fn policies_print_none(expressions: &[&str]) -> usize {
    let folder = Folder::new();
    let plan = testdata("secrets/plan.json");
    let mut accepted = 0;
    for expression in expressions {
        for (message, condition) in [
            (format!("it is {{{expression}}}"), "false".to_owned()),
            ("m".to_owned(), format!("string({expression}) == \"x\"")),
            ("m".to_owned(), format!("({expression}) == 1")),
        ] {
            let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
            let policy = format!(
                "id: ours\ntitle: t\nseverity: high\nwhy: w\nfix: {{summary: {}}}\nsubject: resource\ntype: aws_ecs_task_definition\nselect: $\nvariables:\n  - name: v\n    expression: {}\nvalidations:\n  - expression: {}\n    message: {}\n",
                quoted(&message),
                quoted(expression),
                quoted(&condition),
                quoted(&message.replace("it is", "{variables.v} is")),
            );
            let file = folder.file("ours.yaml", policy);
            for format in ["text", "json"] {
                let ran = run(&["check", &plan, "-v", "--policy", &file, "--only", "ours", "-o", format]);
                prints_no_secret(&ran.all(), expression);
                accepted += usize::from(ran.code < 2);
            }
        }
    }
    accepted
}

#[test]
fn names_of_containers_in_sensitive_definitions_are_not_printed() {
    let mut plan: Value = serde_json::from_slice(&bytes_of("faulty/plan.json")).unwrap();
    for change in plan["resource_changes"].as_array_mut().unwrap() {
        if change["type"] == "aws_ecs_task_definition" {
            let text = change["change"]["after"]["container_definitions"].as_str().unwrap();
            let text = text.replace("\"name\":\"", &format!("\"name\":\"{WORD}-"));
            change["change"]["after"]["container_definitions"] = json!(text);
            change["change"]["after_sensitive"]["container_definitions"] = json!(true);
        }
    }
    for command in COMMANDS {
        prints_no_secret(&feed(&[command, &["-"][..]].concat(), plan.to_string()).all(), &format!("{command:?}"));
    }
}

#[test]
fn selecting_by_a_secret_does_not_print_it() {
    let folder = Folder::new();
    let plan = testdata("secrets/plan.json");
    for (kind, select) in [
        ("aws_ecs_task_definition", "$.container_definitions"),
        ("aws_ecs_task_definition", "$[?@ != \"x\"]"),
        ("aws_lb_listener", "$..client_secret"),
        ("aws_lb_listener", "$.default_action[?@.type != \"x\"]"),
        ("aws_lb_listener", "$..*"),
        ("aws_lb_target_group", "$.health_check[*].path"),
        ("aws_lb_target_group", "$.health_check[?@.path != \"x\"]"),
    ] {
        let policy = format!(
            "id: ours\ntitle: t\nseverity: high\nwhy: w\nfix: {{summary: s}}\nsubject: resource\ntype: {kind}\nselect: '{select}'\nvalidations:\n  - expression: 'false'\n    message: 'it is {{selected}} in {{resource}}'\n"
        );
        let file = folder.file("ours.yaml", policy);
        for format in ["text", "json"] {
            let ran = run(&["check", &plan, "-v", "--policy", &file, "--only", "ours", "-o", format]);
            prints_no_secret(&ran.all(), select);
            assert!(ran.code < 2, "{select}: {}", ran.stderr);
        }
    }
}

/// Sensitive ids, numbers and texts in all places where a link or a path is made of them.
#[test]
fn sensitive_attributes_of_a_path() {
    let secret = |what: &str| format!("{what}-{WORD}");
    let all = |keys: &[&str]| json!({ "after_sensitive": keys.iter().map(|key| ((*key).to_owned(), json!(true))).collect::<serde_json::Map<_, _>>() });
    let plan = Plan::new()
        .change("aws_lb.b", &["create"], json!({ "name": secret("n"), "arn": "arn:b", "idle_timeout": 60, "security_groups": [secret("sg")], "subnets": [secret("subnet")] }), all(&["name", "security_groups", "subnets"]))
        .change("aws_lb_listener.l", &["create"], json!({ "load_balancer_arn": "arn:b", "port": 80, "protocol": secret("p"), "default_action": [{ "type": "forward", "target_group_arn": "arn:t" }, { "type": "forward", "target_group_arn": secret("arn") }] }), all(&["protocol", "default_action"]))
        .change("aws_lb_listener.m", &["create"], json!({ "load_balancer_arn": secret("lb"), "port": 80 }), all(&["load_balancer_arn"]))
        .change("aws_lb_target_group.t", &["create"], json!({ "arn": "arn:t", "port": 80, "protocol": "HTTP", "target_type": "ip", "vpc_id": secret("vpc"), "health_check": [{ "path": secret("/p"), "matcher": secret("m"), "port": secret("port"), "timeout": 90, "interval": 5 }] }), all(&["health_check", "vpc_id"]))
        .change("aws_lb_target_group_attachment.a", &["create"], json!({ "target_group_arn": "arn:t", "target_id": secret("10.0.0.1") }), all(&["target_id"]))
        .change("aws_security_group.g", &["create"], json!({ "id": secret("sg"), "ingress": [{ "from_port": 80, "to_port": 80, "protocol": "tcp", "cidr_blocks": [secret("10.0.0.0/8")], "description": secret("d") }], "egress": [] }), all(&["ingress", "id"]))
        .configure("aws_lb.b", json!({ "name": { "constant_value": secret("constant") } }))
        .with("variables", json!({ "v": { "value": secret("variable") } }))
        .with("output_changes", json!({ "o": { "actions": ["create"], "after": secret("output") } }))
        .call("m", json!({ "expressions": { "x": { "constant_value": secret("input") }, "y": mentions(&["var.v"]) } }));
    let text = plan.text();
    for command in COMMANDS {
        let ran = feed(&[command, &["-"][..]].concat(), text.clone());
        assert!(ran.code < 2, "{}", ran.stderr);
        prints_no_secret(&ran.all(), &format!("{command:?}"));
    }
}

/// What went wrong in Terraform is passed on; what it printed of the plan before that is not.
#[cfg(unix)]
#[test]
fn half_a_plan_of_terraform_is_not_printed() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let program = folder
        .file("terraform", format!("#!/bin/sh\necho '{{\"secret\": \"{WORD}\"'\necho 'Error: broken' >&2\nexit 1\n"));
    std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let plan = folder.file("tfplan", b"PK\x03\x04");
    let ran = crate::program::run_with(&["check", &plan], b"", &[("PATH", &folder.path(""))]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("Error: broken"), "{}", ran.stderr);
    prints_no_secret(&ran.all(), "terraform");
}

/// Marks one attribute after the other as sensitive, with a value that nothing else has: a port that no rule admits, a
/// range or a name that is nobody's.
#[test]
fn no_sensitive_attribute_is_said_in_words() {
    let (policies, _) = PolicySet::builtin();
    let mut marked = 0;
    for stack in ["ecs-dynamic-ports", "weighted-forward", "faulty-around"] {
        let plan: Value = serde_json::from_slice(&bytes_of(&format!("{stack}/plan.json"))).unwrap();
        for (at, change) in plan["resource_changes"].as_array().unwrap().iter().enumerate() {
            let mut places = Vec::new();
            pointers(&change["change"]["after"], &mut String::new(), &mut places);
            for place in places {
                let after = format!("/resource_changes/{at}/change/after{place}");
                let Some((value, said)) = plan.pointer(&after).and_then(noticeable) else { continue };
                let mut changed = plan.clone();
                *changed.pointer_mut(&after).unwrap() = value;
                seal(&mut changed["resource_changes"][at]["change"], &place);
                let (loaded, _) = load_json("plan.json", changed.to_string().as_bytes(), &[]).unwrap();
                let assessment = judge(&loaded.graph, &policies);
                for report in [report::check_json(&assessment), report::paths_json(&assessment)] {
                    assert!(!report.contains(said), "{}{place}: {report}", change["address"]);
                }
                marked += 1;
            }
        }
    }
    assert!(marked > 150, "only {marked} attributes");
}

/// What to put in the place of a value so that it is of the same kind, and how it would look in a report.
fn noticeable(value: &Value) -> Option<(Value, &'static str)> {
    match value {
        Value::Number(_) => Some((json!(54321), "54321")),
        Value::String(text) if text.is_empty() => None,
        Value::String(text) if text.parse::<u32>().is_ok() => Some((json!("54321"), "54321")),
        Value::String(text)
            if text.contains('/') && text.split('/').all(|part| part.contains('.') || part.len() < 3) =>
        {
            Some((json!("10.77.66.0/24"), "10.77.66"))
        }
        Value::String(_) => Some((json!(WORD), WORD)),
        _ => None,
    }
}

/// Marks what stands at `place` of `after` as sensitive.
fn seal(change: &mut Value, place: &str) {
    let (mut after, mut mark) = (json!(null), json!(true));
    std::mem::swap(&mut after, &mut change["after"]);
    let steps: Vec<&str> = place.split('/').skip(1).collect();
    for (depth, step) in steps.iter().enumerate().rev() {
        let above = after.pointer(&steps[..depth].iter().map(|step| format!("/{step}")).collect::<String>()).unwrap();
        mark = match above {
            Value::Array(items) => {
                let mut marks = vec![json!(false); items.len()];
                marks[step.parse::<usize>().unwrap()] = mark;
                json!(marks)
            }
            _ => json!({ *step: mark }),
        };
    }
    change["after"] = after;
    change["after_sensitive"] = mark;
}
