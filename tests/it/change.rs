//! What a change does to findings: a real update, and the same with what was before it written anew.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use crate::program::{Folder, Ran, run, testdata};

/// The update of `testdata/update`, which widens a matcher, with other matchers before and after it.
fn update(folder: &Folder, before: &str, after: &str) -> String {
    let text = plangate::source::disk::read_text(&testdata("update/plan.json")).unwrap();
    let mut plan: Value = serde_json::from_str(&text).unwrap();
    let mut set = 0;
    for change in plan["resource_changes"].as_array_mut().unwrap() {
        if change["type"] == "aws_lb_target_group" {
            change["change"]["before"]["health_check"][0]["matcher"] = json!(before);
            change["change"]["after"]["health_check"][0]["matcher"] = json!(after);
            set += 1;
        }
    }
    for resource in plan["prior_state"]["values"]["root_module"]["resources"].as_array_mut().unwrap() {
        if resource["type"] == "aws_lb_target_group" {
            resource["values"]["health_check"][0]["matcher"] = json!(before);
            set += 1;
        }
    }
    assert_eq!(set, 2, "the plan is not what this test knows");
    folder.file("plan.json", plan.to_string())
}

fn changes(ran: &Ran) -> Vec<(String, String)> {
    let report = ran.json();
    let findings = report["findings"].as_array().unwrap().clone();
    let word = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    findings.iter().map(|finding| (word(&finding["policy"]), word(&finding["change"]))).collect()
}

fn of(policy: &str, change: &str) -> Vec<(String, String)> {
    vec![(policy.to_owned(), change.to_owned())]
}

#[test]
fn a_fault_is_introduced_existing_or_fixed() {
    let folder = Folder::new();
    for (before, after, change, code) in
        [("200", "200-499", "introduced", 1), ("200-499", "200-499", "existing", 1), ("200-499", "200", "fixed", 0)]
    {
        let plan = update(&folder, before, after);
        let ran = run(&["check", &plan, "--only", "matcher-not-broad", "-o", "json"]);
        assert_eq!(changes(&ran), of("matcher-not-broad", change), "{before} to {after}");
        assert_eq!(ran.code, code, "{before} to {after}");
        let summary = &ran.json()["summary"];
        assert_eq!(summary["fixed"], u8::from(change == "fixed"));
        assert_eq!(summary["introduced"], u8::from(change == "introduced"));
        assert_eq!(summary["fail"], u8::from(change != "fixed"), "what is fixed does not count as failed");
    }
}

#[test]
fn only_what_is_new_counts_when_asked() {
    let folder = Folder::new();
    let old = update(&folder, "200-499", "200-499");
    let ran = run(&["check", &old, "--new-only"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.contains("matcher-not-broad") && ran.stdout.contains("(there before this change)"));
    assert!(ran.stdout.ends_with("exit 0: nothing new failed at or above medium\n"), "{}", ran.stdout);
    let new = update(&folder, "200", "200-499");
    assert_eq!(run(&["check", &new, "--new-only"]).code, 1);
}

#[test]
fn a_plan_that_fixes_a_fault_says_so() {
    let folder = Folder::new();
    let plan = update(&folder, "200-499", "200");
    let ran = run(&["check", &plan]);
    let line = "✓ fixed by this change: matcher-not-broad aws_lb_target_group.tickets";
    assert!(ran.stdout.contains(line), "{}", ran.stdout);
}

#[test]
fn without_a_before_nothing_is_said_of_it() {
    let configuration = testdata("update");
    let ran = run(&["check", &configuration, "-o", "json"]);
    assert!(changes(&ran).iter().all(|(_, change)| change == "none"), "{:?}", changes(&ran));
    assert!(!changes(&ran).is_empty());
}

#[test]
fn what_goes_away_with_its_resource_is_told() {
    let folder = Folder::new();
    let plan = update(&folder, "200-499", "200");
    let text = plangate::source::disk::read_text(&plan).unwrap();
    let mut document: Value = serde_json::from_str(&text).unwrap();
    // The same group, deleted.
    for change in document["resource_changes"].as_array_mut().unwrap() {
        if change["type"] == "aws_lb_target_group" {
            change["change"]["actions"] = json!(["delete"]);
            change["change"]["after"] = Value::Null;
            change["change"]["after_unknown"] = json!({});
        }
    }
    let planned = document["planned_values"]["root_module"]["resources"].as_array_mut().unwrap();
    planned.retain(|resource| resource["type"] != "aws_lb_target_group");
    let plan = folder.file("gone.json", document.to_string());
    let ran = run(&["check", &plan, "--only", "matcher-not-broad", "-o", "json"]);
    assert_eq!(changes(&ran), of("matcher-not-broad", "fixed"));
    assert_eq!(ran.code, 0);
    let ran = run(&["check", &plan, "--only", "matcher-not-broad"]);
    let line = "✓ goes away with its resource: matcher-not-broad aws_lb_target_group.tickets";
    assert!(ran.stdout.contains(line), "{}", ran.stdout);
}
