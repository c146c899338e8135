//! Exceptions and baselines where an input can turn out in several ways, and where it tells what was there before.

use serde_json::{Value, json};

use crate::program::{Folder, Ran, bytes_of, run_in};

fn check(folder: &Folder, arguments: &[&str]) -> Ran {
    run_in(folder.path("").as_ref(), &[&["check"], arguments].concat(), &[("PLANGATE_TODAY", "2026-12-01")])
}

/// Policy, verdict, change and cause of what is listed.
fn listed(report: &Value, list: &str) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let one = |one: &Value| (text(&one["subject"]), text(&one["verdict"]), text(&one["change"]));
    report[list].as_array().unwrap().iter().map(one).collect()
}

/// One load balancer that is wrong in one of two worlds, and one that is only there then.
const WORLDS: &str = r#"Parameters:
  Stage: {Type: String, AllowedValues: [dev, prod]}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Alb:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      LoadBalancerAttributes:
        - {Key: idle_timeout.timeout_seconds, Value: !If [IsProd, "9000", "60"]}
  Extra:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Condition: IsProd
    Properties:
      LoadBalancerAttributes:
        - {Key: idle_timeout.timeout_seconds, Value: "9000"}
"#;

#[test]
fn what_hangs_on_a_condition_is_exempt_in_every_world() {
    let folder = Folder::new();
    let note = "  # plangate:ignore idle-timeout-in-range reason=\"inline\"\n  Extra:";
    folder.file("template.yaml", WORLDS.replace("  Extra:", note));
    folder.file("plangate.yaml", "exempt:\n  - {policy: idle-timeout-in-range, address: A*, reason: by address}\n");
    let arguments = ["template.yaml", "--only", "idle-timeout-in-range", "-o", "json", "--undecided", "fail"];
    for (given, verdict) in [(None, "undecided"), (Some("Stage=prod"), "fail")] {
        let given: Vec<&str> = given.into_iter().flat_map(|given| ["--parameters", given]).collect();
        let ran = check(&folder, &[&arguments[..], &given[..]].concat());
        let report = ran.json();
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{given:?}");
        assert_eq!(report["summary"]["exempt"], 2, "{given:?}");
        assert_eq!(report["summary"]["undecided"], 0, "{given:?}");
        let by: Vec<&Value> = report["exempt"].as_array().unwrap().iter().map(|one| &one["exempt"]["by"]).collect();
        assert_eq!(by, ["config", "inline"], "{given:?}");
        assert!(listed(&report, "exempt").iter().all(|one| one.1 == verdict), "{report}");
    }
    // Where it is not needed, nobody is told to take out what another deployment needs.
    let ran = check(&folder, &[&arguments[..], &["--parameters", "Stage=dev"]].concat());
    assert_eq!((ran.code, &ran.json()["summary"]["pass"]), (0, &json!(1)));
    assert!(ran.stderr.contains("take it out, unless other variables or parameters need it"), "{}", ran.stderr);
}

#[test]
fn a_baseline_knows_a_fault_in_the_world_where_it_was_and_where_it_may_be() {
    let folder = Folder::new();
    folder.file("template.yaml", WORLDS);
    let run = |more: &[&str]| check(&folder, &[&["template.yaml", "--only", "idle-timeout-in-range"], more].concat());
    let prod = ["--parameters", "Stage=prod"];
    assert_eq!(run(&[&prod[..], &["--write-baseline", "prod.json"]].concat()).code, 0);
    assert_eq!(run(&[&prod[..], &["--baseline", "prod.json"]].concat()).code, 0);
    let open = run(&["--baseline", "prod.json", "--undecided", "fail"]);
    assert_eq!((open.code, open.stderr.as_str()), (0, ""), "{}", open.stdout);
    // What was undecided and now is known to be wrong is news.
    assert_eq!(run(&["--undecided", "fail", "--write-baseline", "open.json"]).code, 0);
    assert_eq!(run(&["--undecided", "fail", "--baseline", "open.json"]).code, 0);
    let ran = run(&[&prod[..], &["--baseline", "open.json"]].concat());
    assert_eq!(ran.code, 1, "{}", ran.stdout);
}

/// `testdata/update` with another matcher before and after the change.
fn plan(folder: &Folder, name: &str, before: &str, after: &str) {
    let mut plan: Value = serde_json::from_slice(&bytes_of("update/plan.json")).unwrap();
    let changes = plan["resource_changes"].as_array_mut().unwrap();
    let group = changes.iter_mut().find(|one| one["address"] == "aws_lb_target_group.tickets").unwrap();
    group["change"]["before"]["health_check"][0]["matcher"] = before.into();
    group["change"]["after"]["health_check"][0]["matcher"] = after.into();
    let state = plan["prior_state"]["values"]["root_module"]["resources"].as_array_mut().unwrap();
    let group = state.iter_mut().find(|one| one["address"] == "aws_lb_target_group.tickets").unwrap();
    group["values"]["health_check"][0]["matcher"] = before.into();
    folder.file(name, plan.to_string());
}

#[test]
fn what_was_there_before_is_exempt_as_what_is_new() {
    let folder = Folder::new();
    for (name, before, after) in [
        ("introduced.json", "200", "200-499"),
        ("existing.json", "200-499", "200-499"),
        ("other.json", "200-498", "200-499"),
        ("fixed.json", "200-499", "200"),
    ] {
        plan(&folder, name, before, after);
    }
    let run = |plan: &str, more: &[&str]| {
        check(&folder, &[&[plan, "--only", "matcher-not-broad", "-o", "json"], more].concat())
    };
    let change = |ran: &Ran, list: &str| listed(&ran.json(), list).into_iter().map(|one| one.2).collect::<Vec<_>>();
    // Without any: only what is new counts with --new-only.
    for (plan, kind, code) in
        [("introduced.json", "introduced", 1), ("existing.json", "existing", 0), ("other.json", "existing", 0)]
    {
        let ran = run(plan, &["--new-only"]);
        assert_eq!((ran.code, change(&ran, "findings")), (code, vec![kind.to_owned()]), "{plan}");
    }
    // A baseline of before the change covers no fault that is another one now.
    assert_eq!(run("existing.json", &["--write-baseline", "known.json"]).code, 0);
    let known = run("existing.json", &["--baseline", "known.json"]);
    assert_eq!((known.code, change(&known, "exempt")), (0, vec!["existing".to_owned()]));
    assert_eq!(known.json()["summary"]["fail"], 0);
    plan(&folder, "changed.json", "200-499", "200-498");
    let changed = run("changed.json", &["--baseline", "known.json"]);
    assert_eq!((changed.code, change(&changed, "findings")), (1, vec!["existing".to_owned()]));
    // What the change mends is told as fixed, and that the baseline still lists it.
    let fixed = run("fixed.json", &["--baseline", "known.json"]);
    assert_eq!((fixed.code, change(&fixed, "findings")), (0, vec!["fixed".to_owned()]));
    assert_eq!(fixed.json()["summary"]["fixed"], 1);
    assert!(fixed.stderr.contains("1 of 1 findings in the baseline are not there any more"), "{}", fixed.stderr);
    // Exempt, what is new does not count as new either; mended, the exemption is told to be idle.
    folder.file(
        "plangate.yaml",
        "exempt:\n  - {policy: matcher-not-broad, address: aws_lb_target_group.*, reason: old clients}\n",
    );
    let exempt = run("introduced.json", &["--new-only"]);
    assert_eq!(
        (exempt.code, change(&exempt, "exempt"), exempt.stderr.as_str()),
        (0, vec!["introduced".to_owned()], "")
    );
    assert_eq!((&exempt.json()["summary"]["introduced"], &exempt.json()["summary"]["exempt"]), (&json!(0), &json!(1)));
    let fixed = run("fixed.json", &[]);
    assert_eq!((fixed.code, change(&fixed, "findings")), (0, vec!["fixed".to_owned()]));
    assert!(fixed.stderr.contains("plangate.yaml:2:5: warning: this exempts nothing"), "{}", fixed.stderr);
}
