//! The page of a policy, the list of all, and the report of their examples.

use plangate::catalog::Severity;
use plangate::report::{
    ExampleFailure, ExampleRun, Look, PolicyExample, PolicyPage, PolicyParam, PolicyReference, examples_text,
    policies_json, policies_text, policy_json, policy_text,
};

use crate::report_sample::plain;

#[test]
fn a_narrow_list_has_titles_below_the_ids() {
    let wide = plain(&policies_text(&[page()], Look::colored(100)));
    assert!(wide.contains("health-check-timeout-below-interval  The health check times out"), "{wide}");
    let narrow = plain(&policies_text(&[page()], Look::colored(60)));
    let wanted =
        "  high     health-check-timeout-below-interval\n    The health check times out before the next one is due\n";
    assert!(narrow.contains(wanted), "{narrow}");
}

#[test]
fn a_page_says_everything() {
    insta::assert_snapshot!(plain(&policy_text(&page(), Look::colored(80))), @r#"
    health-check-timeout-below-interval
    The health check times out before the next one is due

      severity  high
      area      health-check
      judges    every target group

    why
      AWS refuses a health check whose timeout is not below its interval, so the
      apply stops halfway.

    fix
      Set the timeout below the interval.

      Terraform:
        health_check {
          interval = 30
          timeout  = 5
        }

      CloudFormation:
        HealthCheckIntervalSeconds: 30
        HealthCheckTimeoutSeconds: 5

    parameters
      --param health-check-timeout-below-interval.margin=VALUE
        (int, 1 when not given)
        Seconds the timeout has to stay below the interval.

    examples
      fails: as long as the interval (terraform)
        resource "aws_lb_target_group" "api" {
          health_check {
            timeout = 30
          }
        }

    references
      Health checks:
      https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
    "#);
}

#[test]
fn a_page_shows_no_place_to_be_filled_in_alone() {
    let of = |page: &PolicyPage| plain(&policy_text(page, Look::colored(80)));
    let filled = PolicyPage { fix_summary: "{reach.traffic.fix}".into(), ..page() };
    assert!(of(&filled).contains("fix\n  A finding says what to write; for instance:\n"), "{}", of(&filled));
    let bare = PolicyPage { fix_terraform: None, fix_cloudformation: None, ..filled };
    assert!(of(&bare).contains("fix\n  {reach.traffic.fix}\n"), "{}", of(&bare));
    let words = PolicyPage { fix_summary: "set {a} or {b}".into(), ..page() };
    assert!(of(&words).contains("fix\n  set {a} or {b}\n"), "{}", of(&words));
}

#[test]
fn a_page_as_json() {
    insta::assert_snapshot!(policy_json(&page()), @r#"
    {
      "schema": "plangate/policy/1",
      "policy": {
        "id": "health-check-timeout-below-interval",
        "title": "The health check times out before the next one is due",
        "severity": "high",
        "subject": "target_group",
        "area": "health-check",
        "why": "AWS refuses a health check whose timeout is not below its interval, so the apply stops halfway.",
        "fix": {
          "summary": "Set the timeout below the interval.",
          "terraform": "health_check {\n  interval = 30\n  timeout  = 5\n}\n",
          "cloudformation": "HealthCheckIntervalSeconds: 30\nHealthCheckTimeoutSeconds: 5\n"
        },
        "references": [
          "Health checks: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html"
        ],
        "params": [
          {
            "name": "margin",
            "type": "int",
            "default": "1",
            "meaning": "Seconds the timeout has to stay below the interval."
          }
        ],
        "examples": [
          {
            "name": "as long as the interval",
            "form": "terraform",
            "verdict": "fail",
            "text": "resource \"aws_lb_target_group\" \"api\" {\n  health_check {\n    timeout = 30\n  }\n}\n"
          }
        ]
      }
    }
    "#);
}

#[test]
fn the_list_is_ordered_by_area() {
    let mut other = page();
    other.id = "load-balancer-spans-zones".into();
    other.area = "capacity".into();
    other.severity = Severity::Low;
    let pages = [page(), other];
    insta::assert_snapshot!(plain(&policies_text(&pages, Look::colored(100))), @r#"
    health-check
      high     health-check-timeout-below-interval  The health check times out before the next one is
                                                    due

    capacity
      low      load-balancer-spans-zones            The health check times out before the next one is
                                                    due

    2 policies; `plangate explain ID` says more about one
    "#);
    assert!(policies_json(&pages).starts_with("{\n  \"schema\": \"plangate/policies/1\",\n"));
}

#[test]
fn examples_that_fail_are_named() {
    let failure = ExampleFailure {
        policy: "our-own-rule".into(),
        example: "fail: timeout as long as the interval (terraform)".into(),
        message: "claims fail, but it is undecided: hangs on aws_x.y.z".into(),
    };
    let run = ExampleRun { policies: 2, examples: 9, failures: vec![failure] };
    insta::assert_snapshot!(plain(&examples_text(&run, Look::colored(100))), @r#"
    ✗ our-own-rule: fail: timeout as long as the interval (terraform)
      claims fail, but it is undecided: hangs on aws_x.y.z

    ran 9 examples of 2 policies: 1 does not get the verdict they claim
    "#);
    let run = ExampleRun { policies: 1, examples: 4, failures: Vec::new() };
    assert_eq!(
        plain(&examples_text(&run, Look::colored(100))),
        "ran 4 examples of 1 policy: every one gets the verdict it claims\n"
    );
    let none = plain(&examples_text(&ExampleRun::default(), Look::colored(100)));
    assert_eq!(none, "ran 0 examples of 0 policies: nothing was tested\n");
}

fn page() -> PolicyPage {
    PolicyPage {
        id: "health-check-timeout-below-interval".into(),
        title: "The health check times out before the next one is due".into(),
        severity: Severity::High,
        subject: "target_group".into(),
        area: "health-check".into(),
        why: "AWS refuses a health check whose timeout is not below its interval, so the apply stops halfway.".into(),
        fix_summary: "Set the timeout below the interval.".into(),
        fix_terraform: Some("health_check {\n  interval = 30\n  timeout  = 5\n}\n".into()),
        fix_cloudformation: Some("HealthCheckIntervalSeconds: 30\nHealthCheckTimeoutSeconds: 5\n".into()),
        references: vec![PolicyReference {
            title: "Health checks".into(),
            url: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html"
                .into(),
        }],
        params: vec![PolicyParam {
            name: "margin".into(),
            ty: "int".into(),
            default: "1".into(),
            meaning: "Seconds the timeout has to stay below the interval.".into(),
        }],
        examples: vec![PolicyExample {
            name: Some("as long as the interval".into()),
            form: "terraform".into(),
            verdict: "fail".into(),
            text: "resource \"aws_lb_target_group\" \"api\" {\n  health_check {\n    timeout = 30\n  }\n}\n".into(),
        }],
    }
}
