//! The JSON reports: field names, order and types that other programs hold on to.

use plangate::graph::Value;
use plangate::judge::{Assessment, Origin};
use plangate::report::{check_json, paths_json};

use crate::report_sample::{SECRET, after_apply, evidence, exempt, make_secret, secret, shop};

#[test]
fn check_has_the_promised_form() {
    let mut shop = shop();
    shop.findings.drain(2..);
    shop.findings.remove(0);
    insta::assert_snapshot!(check_json(&shop), @r#"
    {
      "schema": "plangate/check/1",
      "inputs": [
        {
          "path": "plan.json",
          "form": "terraform-plan",
          "resources": 32
        }
      ],
      "summary": {
        "resources": 32,
        "paths": 3,
        "policies": 26,
        "checks": 310,
        "pass": 304,
        "fail": 3,
        "undecided": 3,
        "exempt": 0,
        "introduced": 0,
        "fixed": 0
      },
      "findings": [
        {
          "policy": "health-check-timeout-below-interval",
          "verdict": "fail",
          "severity": "medium",
          "change": null,
          "subject": "aws_lb_target_group.api",
          "construct": null,
          "file": null,
          "line": null,
          "column": null,
          "path": {
            "load_balancer": "aws_lb.web",
            "listener": "aws_lb_listener.https",
            "rule": null,
            "target_group": "aws_lb_target_group.api",
            "target": "aws_ecs_service.api"
          },
          "title": "title of health-check-timeout-below-interval",
          "message": "The health check waits 30 s for an answer but is due again after 30 s.",
          "why": "AWS refuses a timeout that is not below the interval, so the apply stops halfway.",
          "fix": "Set health_check.timeout below 30, for instance:\n  timeout = 5",
          "edits": [],
          "evidence": [
            {
              "address": "aws_lb_target_group.api",
              "attribute": "health_check.timeout",
              "value": 30,
              "unknown": null,
              "file": null,
              "line": null,
              "column": null,
              "snippet": null,
              "default": null
            },
            {
              "address": "aws_lb_target_group.api",
              "attribute": "health_check.interval",
              "value": 30,
              "unknown": null,
              "file": null,
              "line": null,
              "column": null,
              "snippet": null,
              "default": "provider"
            }
          ],
          "fingerprint": "00ff",
          "more_paths": 3,
          "hop": "target_group",
          "hangs_on": null
        }
      ],
      "exempt": [],
      "problems": [
        {
          "level": "warning",
          "message": "the plan was made by a newer Terraform than this knows",
          "file": "plan.json",
          "line": 3,
          "column": 14,
          "help": null
        }
      ]
    }
    "#);
}

#[test]
fn paths_have_the_promised_form() {
    let mut shop = shop();
    shop.paths.remove(0);
    insta::assert_snapshot!(paths_json(&shop), @r#"
    {
      "schema": "plangate/paths/1",
      "paths": [
        {
          "load_balancer": "module.edge.aws_lb.this[\"public\"]",
          "listener": "module.edge.aws_lb_listener.this[\"https\"]",
          "rule": "module.edge.aws_lb_listener_rule.this[\"checkout\"]",
          "target_group": "module.checkout.aws_lb_target_group.this[\"blue\"]",
          "target": {
            "address": "module.checkout.aws_autoscaling_group.this",
            "type": "autoscaling_group"
          },
          "certainty": "possible",
          "idle_timeout": 60,
          "protocol": "HTTP",
          "port": null,
          "target_type": "ip",
          "health_check": {
            "enabled": true,
            "protocol": "HTTP",
            "port": null,
            "path": "/health",
            "matcher": "200",
            "interval": 30,
            "timeout": 5,
            "healthy_threshold": 3,
            "unhealthy_threshold": 2
          },
          "reach": {
            "traffic": {
              "answer": "unknown",
              "because": "hangs on module.checkout.random_integer.port.result"
            },
            "health_check": {
              "answer": "unknown",
              "because": "hangs on module.checkout.random_integer.port.result"
            }
          },
          "keep_alive": null,
          "listener_port": 443,
          "listener_protocol": "HTTPS",
          "weight": null,
          "note": "the rule's target group goes through local.color, which a plan does not contain",
          "unknown": {
            "health_check.port": "known after apply: module.checkout.random_integer.port.result",
            "port": "known after apply: module.checkout.random_integer.port.result"
          }
        },
        {
          "load_balancer": null,
          "listener": null,
          "rule": null,
          "target_group": "aws_lb_target_group.old",
          "target": null,
          "certainty": "certain",
          "idle_timeout": null,
          "protocol": "HTTP",
          "port": 80,
          "target_type": "ip",
          "health_check": {
            "enabled": true,
            "protocol": "HTTP",
            "port": 80,
            "path": "/health",
            "matcher": "200",
            "interval": 30,
            "timeout": 5,
            "healthy_threshold": 3,
            "unhealthy_threshold": 2
          },
          "reach": {
            "traffic": {
              "answer": null,
              "because": "nothing is registered"
            },
            "health_check": {
              "answer": null,
              "because": "nothing is registered"
            }
          },
          "keep_alive": null,
          "listener_port": null,
          "listener_protocol": null,
          "weight": null,
          "note": null,
          "unknown": {}
        }
      ],
      "problems": [
        {
          "level": "warning",
          "message": "the plan was made by a newer Terraform than this knows",
          "file": "plan.json",
          "line": 3,
          "column": 14,
          "help": null
        }
      ]
    }
    "#);
}

#[test]
fn unknown_and_sensitive_values_are_null_and_say_why() {
    let mut shop = shop();
    let mixed = Value::from(vec![Value::from(80), after_apply("aws_x.y", "port"), secret()]);
    shop.findings[0].evidence = vec![
        evidence("aws_x.y", "port", after_apply("aws_x.y", "port")),
        evidence("aws_x.y", "name", secret()),
        evidence("aws_x.y", "ports", mixed),
        evidence("aws_x.y", "ratio", Value::new(plangate::graph::Data::Float(0.5))),
    ];
    let report: serde_json::Value = serde_json::from_str(&check_json(&shop)).unwrap();
    let shown = |at: usize| {
        let one = &report["findings"][0]["evidence"][at];
        (one["value"].to_string(), one["unknown"].as_str().map(str::to_owned))
    };
    assert_eq!(shown(0), ("null".into(), Some("known after apply: aws_x.y.port".into())));
    assert_eq!(shown(1), ("null".into(), Some("sensitive".into())));
    let why = "[1]: known after apply: aws_x.y.port; [2]: sensitive";
    assert_eq!(shown(2), ("[80,null,null]".into(), Some(why.into())));
    assert_eq!(shown(3), ("0.5".into(), None));
}

#[test]
fn fields_of_a_path_keep_their_types() {
    let mut shop = shop();
    let view = &mut shop.paths[0];
    view.port = Some(Value::from("8080"));
    view.health_check.port = Some(Value::from("traffic-port"));
    view.health_check.matcher = Some(Value::from(200));
    view.health_check.enabled = Some(Value::from("true"));
    view.idle_timeout = Some(Value::null());
    let report: serde_json::Value = serde_json::from_str(&paths_json(&shop)).unwrap();
    let path = &report["paths"][0];
    assert_eq!(path["port"], 8080);
    assert_eq!(path["health_check"]["matcher"], "200");
    assert_eq!(path["health_check"]["enabled"], true);
    assert!(path["health_check"]["port"].is_null());
    assert!(path["idle_timeout"].is_null());
    let unknown = serde_json::json!({ "health_check.port": "not a whole number: \"traffic-port\"" });
    assert_eq!(path["unknown"], unknown);
}

#[test]
fn sensitive_values_never_show() {
    let mut shop = shop();
    for finding in &mut shop.findings {
        finding.evidence.push(evidence("aws_lb.web", "name", secret()));
    }
    shop.paths.iter_mut().for_each(make_secret);
    assert!(!check_json(&shop).contains(SECRET));
    let paths = paths_json(&shop);
    assert!(!paths.contains(SECRET));
    assert_eq!(paths.matches("\"sensitive\"").count(), 16 * shop.paths.len());
}

#[test]
fn an_empty_report_is_still_a_report() {
    let report: serde_json::Value = serde_json::from_str(&check_json(&Assessment::default())).unwrap();
    assert_eq!(report["schema"], "plangate/check/1");
    assert_eq!(report["findings"], serde_json::json!([]));
}

#[test]
fn what_is_exempt_stands_apart_with_its_cause() {
    let exempt = vec![exempt("matcher-valid", Origin::Config), exempt("matcher-valid", Origin::Baseline)];
    let report = check_json(&Assessment { exempt, ..Assessment::default() });
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["findings"].as_array().unwrap().len(), 0);
    assert_eq!(report["exempt"][0]["policy"], "matcher-valid");
    assert_eq!(report["exempt"][0]["verdict"], "fail");
    let cause = serde_json::json!({
        "by": "config", "reason": "ops decided so", "until": "2027-01-31", "file": "main.tf", "line": 12, "column": 3
    });
    assert_eq!(report["exempt"][0]["exempt"], cause);
    let cause = serde_json::json!({
        "by": "baseline", "reason": null, "until": null, "file": "baseline.json", "line": 4, "column": 1
    });
    assert_eq!(report["exempt"][1]["exempt"], cause);
}
