//! A plan read together with its configuration: lines, links that a plan cannot tell, and a configuration that does not
//! fit.

use std::path::Path;

use plangate::catalog::names::role;
use plangate::load::{Inputs, load};
use serde_json::json;

use crate::program::{run, testdata};

/// A folder with a stack's configuration, changed, and nothing else.
fn changed(stack: &str, from: &str, to: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = plangate::source::disk::read_text(&testdata(&format!("{stack}/main.tf"))).unwrap();
    assert!(text.contains(from), "{stack} has no {from}");
    write(&folder.path().join("main.tf"), &text.replace(from, to));
    folder
}

fn write(path: &Path, text: &str) {
    plangate::source::disk::write_whole(path.to_str().unwrap(), text.as_bytes()).unwrap();
}

/// The plan of a stack where no configuration lies beside it.
fn alone(stack: &str, folder: &Path) -> String {
    let plan = folder.join("plan.json").to_str().unwrap().to_owned();
    let bytes = plangate::source::disk::read(&testdata(&format!("{stack}/plan.json"))).unwrap();
    plangate::source::disk::write_whole(&plan, &bytes).unwrap();
    plan
}

#[test]
fn findings_name_the_line_of_the_value() {
    let elsewhere = tempfile::tempdir().unwrap();
    let plan = alone("faulty-edge", elsewhere.path());
    let only = ["--only", "idle-timeout-in-range", "-o", "json"];
    let line = |arguments: &[&str]| {
        let ran = run(&[&["check", &plan], &only[..], arguments].concat());
        let evidence = ran.json()["findings"][0]["evidence"][0].clone();
        assert_eq!(evidence["value"], 4001);
        (evidence["line"].clone(), evidence["snippet"].clone())
    };
    assert_eq!(line(&[]), (serde_json::Value::Null, serde_json::Value::Null));
    let (number, snippet) = line(&["--source", &testdata("faulty-edge")]);
    let text = plangate::source::disk::read_text(&testdata("faulty-edge/main.tf")).unwrap();
    let stands = text.lines().position(|line| line.contains("idle_timeout")).unwrap();
    assert_eq!(number, stands + 1);
    assert_eq!(snippet, text.lines().nth(stands).unwrap());
}

#[test]
fn a_configuration_that_does_not_fit_is_used_for_nothing() {
    let elsewhere = tempfile::tempdir().unwrap();
    let plan = alone("faulty-edge", elsewhere.path());
    let without = run(&["check", &plan, "-o", "json"]).json();
    for (from, to, why) in [
        ("4001", "4002", "aws_lb.edge.idle_timeout is not the same in the plan and in the configuration"),
        (
            "resource \"aws_lb\" \"bare\"",
            "resource \"aws_lb\" \"blank\"",
            "the plan has aws_lb.bare, the configuration has not",
        ),
    ] {
        let stale = changed("faulty-edge", from, to);
        let ran = run(&["check", &plan, "--source", stale.path().to_str().unwrap(), "-o", "json"]);
        let mut with = ran.json();
        let problems = with["problems"].as_array().unwrap().clone();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0]["level"], "warning");
        assert!(problems[0]["message"].as_str().unwrap().contains(why), "{problems:?}");
        with["problems"] = without["problems"].clone();
        assert_eq!(with, without);
    }
}

#[test]
fn files_beside_a_configuration_that_does_not_fit_tell_nothing() {
    let stack = changed("computed-index", "10.20.0.0/16", "10.30.0.0/16");
    let folder = stack.path();
    let plan = alone("fargate", folder);
    let keep_alive = |plan: &str| run(&["paths", plan, "-o", "json"]).json()["paths"][0]["keep_alive"].clone();
    let stated = keep_alive(&plan);
    assert_eq!((&stated["server"], &stated["seconds"]), (&"uvicorn".into(), &75.into()));
    // In an image that is made so, the task's command is only what the entry point is given.
    write(&folder.join("Dockerfile"), "FROM tomcat:10\nENTRYPOINT [\"catalina.sh\", \"run\"]\n");
    assert_eq!(keep_alive(&plan), stated);
}

#[test]
fn links_through_locals_are_decided() {
    let folder = tempfile::tempdir().unwrap();
    let plan = alone("ec2-asg", folder.path());
    // The same stack, its target group passed on by a local: the plan's configuration section cannot tell it.
    let text = plangate::source::disk::read(&plan).unwrap();
    let mut document: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let mut through_local = 0;
    for resource in document["configuration"]["root_module"]["resources"].as_array_mut().unwrap() {
        if resource["type"] == "aws_autoscaling_group" {
            let expression = &mut resource["expressions"]["target_group_arns"];
            assert!(!expression.is_null());
            *expression = serde_json::json!({ "references": ["local.groups"] });
            through_local += 1;
        }
    }
    assert_eq!(through_local, 1);
    write(Path::new(&plan), &document.to_string());
    let certainty = |arguments: &[&str]| {
        let ran = run(&[&["paths", &plan, "-o", "json"], arguments].concat());
        let paths = ran.json()["paths"].clone();
        let group = |path: &&serde_json::Value| path["target"]["type"] == "autoscaling_group";
        paths.as_array().unwrap().iter().find(group).map(|path| path["certainty"].clone())
    };
    assert_ne!(certainty(&[]), Some("certain".into()));
    assert_eq!(certainty(&["--source", &testdata("ec2-asg")]), Some("certain".into()));
}

#[test]
fn an_index_that_a_function_makes_is_told_by_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let plan = alone("computed-index", folder.path());
    let without_targets = |arguments: &[&str]| {
        let ran = run(&[&["check", &plan, "--only", "target-group-has-targets", "-o", "json"], arguments].concat());
        let findings = ran.json()["findings"].as_array().unwrap().clone();
        let fails = findings.iter().filter(|finding| finding["verdict"] == "fail");
        fails.map(|finding| finding["subject"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // To the plan alone one instance and all of them look the same, and all of them is what people write.
    assert_eq!(without_targets(&[]), [""; 0]);
    let with = without_targets(&["--source", &testdata("computed-index")]);
    assert_eq!(with, [r#"aws_lb_target_group.service["web"]"#]);
}

#[test]
fn such_an_index_in_a_block_is_told_too() {
    let text = r#"
        resource "aws_security_group" "task" {
          for_each = toset(["api", "web"])
          name     = each.key
        }
        resource "aws_ecs_service" "api" {
          name = "api"
          network_configuration {
            subnets         = ["subnet-0a1b2c3d"]
            security_groups = [aws_security_group.task[lower("API")].id]
          }
        }"#;
    let group = |key: &str| {
        json!({
            "address": format!("aws_security_group.task[\"{key}\"]"), "index": key,
            "mode": "managed", "type": "aws_security_group", "name": "task",
            "change": { "actions": ["create"], "after": { "name": key }, "after_unknown": { "id": true } },
        })
    };
    let service = json!({
        "address": "aws_ecs_service.api", "mode": "managed", "type": "aws_ecs_service", "name": "api",
        "change": {
            "actions": ["create"],
            "after": { "name": "api", "network_configuration": [{ "subnets": ["subnet-0a1b2c3d"] }] },
            "after_unknown": { "id": true, "network_configuration": [{ "security_groups": true }] },
        },
    });
    let groups = json!({
        "address": "aws_security_group.task", "mode": "managed", "type": "aws_security_group", "name": "task",
        "expressions": { "name": { "references": ["each.key"] } }, "for_each_expression": {},
    });
    let written = json!({
        "address": "aws_ecs_service.api", "mode": "managed", "type": "aws_ecs_service", "name": "api",
        "expressions": {
            "name": { "constant_value": "api" },
            "network_configuration": [{
                "subnets": { "constant_value": ["subnet-0a1b2c3d"] },
                "security_groups": { "references": ["aws_security_group.task"] },
            }],
        },
    });
    let plan = json!({
        "format_version": "1.2", "planned_values": {},
        "resource_changes": [service, group("api"), group("web")],
        "configuration": { "root_module": { "resources": [written, groups] } },
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    write(&path, &plan.to_string());
    let ends = || {
        let (loaded, problems) = load(path.to_str().unwrap(), &Inputs::default(), &[]).unwrap();
        assert!(problems.is_empty(), "{problems:?}");
        let graph = loaded.graph;
        let service = graph.find("aws_ecs_service.api").unwrap();
        let links = graph.links_as(service, role::SECURITY_GROUPS);
        let ends = links.flat_map(|link| link.resources().map(|(to, _)| graph.resource(to).address.to_string()));
        ends.collect::<Vec<_>>()
    };
    assert_eq!(ends(), [r#"aws_security_group.task["api"]"#, r#"aws_security_group.task["web"]"#]);
    write(&folder.path().join("main.tf"), text);
    assert_eq!(ends(), [r#"aws_security_group.task["api"]"#]);
}
