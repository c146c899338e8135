//! `plangate.yaml`: what is wrong with one is told with its place, and what wins over what.

use plangate::config::Config;
use plangate::server::Idle;

use crate::program::{run_in, testdata};

fn told(text: &str) -> Vec<String> {
    let problems = Config::parse(text, "ops/plangate.yaml").expect_err(text);
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn faults_have_a_place_and_what_was_meant() {
    for (text, why) in [
        (
            "fail_onn: high\n",
            "ops/plangate.yaml:1:1: error: the configuration has no field `fail_onn`; did you mean `fail_on`?",
        ),
        (
            "\nfail_on: hihg\n",
            "ops/plangate.yaml:2:10: error: `fail_on` must be one of info, low, medium, high, critical, never, not `hihg`; did you mean `high`?",
        ),
        ("undecided: [x]\n", "`undecided` must be text, this is a list"),
        ("new_only: maybe\n", "`new_only` must be true or false, this is text"),
        ("region: Frankfurt\n", "`region`: expected a region such as eu-central-1"),
        ("account: \"12\"\n", "`account`: expected 12 digits"),
        ("policies: [a]\n", "`policies` must be a mapping, this is a list"),
        ("policies:\n  a-b: maybe\n", "ops/plangate.yaml:2:8: error: `a-b` must be on, off or a mapping, this is text"),
        ("policies:\n  a-b: of\n", "must be on, off or a mapping, this is text; did you mean `off`?"),
        ("policies:\n  a-b: {severty: low}\n", "did you mean `severity`?"),
        ("exempt:\n  - policy: a\n", "an exemption needs the field `reason`"),
        (
            "exempt:\n  - {policy: a, reason: x, until: 2027-02-30}\n",
            "`until` must be a day such as 2027-01-31, not `2027-02-30`",
        ),
        ("backends:\n  - {address: x, keep_alive: 75 days}\n", "`keep_alive`: `75 days` is no length of time"),
        ("backends:\n  - {address: x}\n", "a backend needs the field `keep_alive`"),
        ("outputs: [json=]\n", "no file name after `=`"),
        ("vars:\n  a: [1]\n", "the value of `a` must be text, a number, true or false, this is a list"),
        ("- a\n", "the configuration must be a mapping, this is a list"),
    ] {
        let told = told(text);
        assert!(told.iter().any(|one| one.contains(why)), "{text}: {told:#?}");
    }
    assert_eq!(told("fail_on: x\nundecided: y\n").len(), 2);
}

#[test]
fn what_is_said_is_read_with_paths_beside_the_file() {
    let text = "\
policies: {a: off, b: on, c: {severity: low, params: {n: 3, l: [x, y]}}}
policy_paths: rules
inputs: [plan.json, \"-\"]
source: .
outputs: [text, json=out/report.json]
vars: {n: 007}
var_files: [prod.tfvars]
backends:
  - {address: 'module.api[\"*\"].*', keep_alive: 1.5m, headers_timeout: 80}
  - {address: [a, b], keep_alive: infinite, reason: seen}
exempt: [{policy: [a, b], address: 'x.*', reason: why, until: 2027-01-31}]
";
    let config = Config::parse(text, "ops/plangate.yaml").unwrap();
    assert_eq!(config.policies.iter().map(|choice| choice.on).collect::<Vec<bool>>(), [false, true, true]);
    assert_eq!(config.policies[2].params[1].1.value, "x,y");
    assert_eq!(
        (config.policy_paths, config.inputs),
        (vec!["ops/rules".to_owned()], vec!["ops/plan.json".into(), "-".into()])
    );
    assert_eq!(config.outputs[1].value, ("json".to_owned(), Some("ops/out/report.json".to_owned())));
    let given = format!("{:?}", config.given);
    assert!(given.find("ops/prod.tfvars") < given.find("007"), "{given}");
    assert_eq!(config.backends[0].idle, Idle::Millis(90_000));
    assert!(config.backends[0].is_about("module.api[\"blue\"].aws_lb_target_group.this"));
    assert_eq!((config.backends[1].idle, config.backends[1].position.line), (Idle::Infinite, 10));
    assert_eq!(config.exempt[0].until.unwrap().to_string(), "2027-01-31");
    for empty in ["", "\n# nothing yet\n"] {
        assert!(Config::parse(empty, "plangate.yaml").unwrap().inputs.is_empty());
    }
}

/// A folder with a configuration in it and a folder below, and a run in the latter.
fn ran(config: &str, arguments: &[&str], environment: &[(&str, &str)]) -> crate::program::Ran {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("below")).unwrap();
    std::fs::copy(testdata("ecs-dynamic-ports/plan.json"), folder.path().join("plan.json")).unwrap();
    std::fs::write(folder.path().join("plangate.yaml"), config).unwrap();
    run_in(&folder.path().join("below"), arguments, environment)
}

#[test]
fn flags_come_before_the_environment_before_the_configuration() {
    let config = "fail_on: never\ninputs: plan.json\npolicies: {access-logs-on: off, dynamic-host-ports-admitted: {severity: low}}\n";
    let of_config = ran(config, &["check", "-o", "json"], &[]);
    assert_eq!(of_config.code, 0, "{}", of_config.all());
    let report = of_config.json();
    assert_eq!(report["inputs"][0]["path"], "../plan.json");
    let severity = |policy: &str| {
        let findings = report["findings"].as_array().unwrap();
        findings.iter().find(|finding| finding["policy"] == policy).map(|finding| finding["severity"].clone())
    };
    assert_eq!(severity("access-logs-on"), None);
    assert_eq!(severity("dynamic-host-ports-admitted"), Some("low".into()));
    assert_eq!(ran(config, &["check"], &[("PLANGATE_FAIL_ON", "low")]).code, 1);
    assert_eq!(ran(config, &["check", "--fail-on", "high"], &[("PLANGATE_FAIL_ON", "low")]).code, 0);
    // A wrong value is told where it stands.
    let wrong = |arguments: &[&str]| ran(config, arguments, &[("PLANGATE_FAIL_ON", "nver")]).stderr;
    let tip = "the environment variable PLANGATE_FAIL_ON says so";
    assert!(wrong(&["check"]).contains(tip), "{}", wrong(&["check"]));
    assert!(!wrong(&["check", "--fail-on", "hihg"]).contains(tip));
    let only = ran(config, &["check", "--only", "access-logs-on", "--fail-on", "low"], &[]);
    assert_eq!(only.code, 1, "a flag turns on what the configuration turns off: {}", only.all());
}

#[test]
fn names_nobody_knows_are_errors_with_their_place() {
    let config = "\
inputs: plan.json
policies:
  acess-logs-on: off
  unhealthy-target-detected-quickly: {params: {limit: soon}}
exempt:
  - {policy: matcher-vald, reason: x}
";
    let ran = ran(config, &["check"], &[]);
    assert_eq!(ran.code, 2);
    for why in [
        "../plangate.yaml:3:3: error: there is no policy `acess-logs-on`; did you mean `access-logs-on`?",
        "../plangate.yaml:4:55: error: parameter `unhealthy-target-detected-quickly.limit` must be a whole number, not `soon`",
        "../plangate.yaml:6:5: error: there is no policy `matcher-vald`; did you mean `matcher-valid`?",
    ] {
        assert!(ran.stderr.contains(why), "{why}\n{}", ran.stderr);
    }
}

#[test]
fn a_stated_keep_alive_decides_and_one_for_nobody_is_told() {
    let config = "\
inputs: plan.json
backends:
  - {address: '*.worker', keep_alive: 30s, slowest_response: 2m}
  - {address: aws_lb_target_group.gone, keep_alive: 75}
";
    let ran = ran(config, &["paths", "-o", "json"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.all());
    let keep_alive = serde_json::json!({
        "seconds": 30, "server": "an unknown server", "strength": "stated",
        "from": "aws_lb_target_group.worker ../plangate.yaml:3 `backends`",
    });
    assert_eq!(ran.json()["paths"][0]["keep_alive"], keep_alive);
    let why = "../plangate.yaml:4:5: warning: this entry of `backends` is about no target group or target of the input";
    assert!(ran.stderr.contains(why), "{}", ran.stderr);
}
