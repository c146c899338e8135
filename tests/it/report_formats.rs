//! One assessment with everything awkward in it, through every format of `check`; and real input through the program. The
//! reports are held against the schemas of those who read them.

use jsonschema::Validator;
use plangate::catalog::Severity;
use plangate::graph::{Spot, Value};
use plangate::judge::{Assessment, Change, Finding, Input, Origin, Summary, Verdict};
use plangate::report::{
    Detail, Look, PolicyPage, PolicyReference, TextOptions, check_github, check_gitlab, check_json, check_junit,
    check_rdjson, check_sarif, check_text,
};
use plangate::source::{Edit, Position, Problem, Repository};
use serde_json::Value as Json;

use crate::program::run;
use crate::report_sample::{SECRET, after_apply, evidence, exempt, fail, secret};

/// What no format may take for its own: its marks, a colour, a text turned around, what XML cannot hold.
const ODD: &str = "100%, a:b [x](y) <&\"'> \u{1b}[31m\u{202e}\u{ffff}\r\n::error::no\tünï🦀";

/// Everything in one: fails and undecided ones, introduced, existing and fixed, with and without places, with secrets
/// and odd characters, the same finding in two inputs, and problems.
fn assessment() -> Assessment {
    let input = |path: &str| Input { path: path.into(), form: "terraform-plan", resources: 3 };
    let written = |mut evidence: plangate::judge::Evidence, spot: Spot| {
        evidence.spot = Some(spot);
        evidence
    };
    let timeout = Finding {
        severity: Severity::High,
        change: Some(Change::Introduced),
        subject: "aws_lb_target_group.api[\"blå\"]".into(),
        message: "The health check waits 30 s. Then it is due again.".into(),
        evidence: vec![
            written(evidence("aws_lb_target_group.api[\"blå\"]", "health_check.timeout", Value::from(30)), spot()),
            evidence("aws_lb.web", "name", secret()),
        ],
        edits: vec![Edit {
            file: spot().file.to_string(),
            start: spot().start + 10,
            end: spot().end,
            from: Position { line: 7, column: 20 },
            to: Position { line: 7, column: 22 },
            replacement: "5".into(),
            removed: "30".into(),
            head: "    timeout = ".into(),
            tail: String::new(),
        }],
        fingerprint: "aa".into(),
        ..fail("health-check-timeout-below-interval")
    };
    let twin = Finding { input: 1, change: Some(Change::Existing), ..timeout.clone() };
    let odd = Finding {
        subject: format!("aws_lb.{ODD}").into(),
        message: format!("It says {ODD}.").into(),
        fix: format!("Drop {ODD}").into(),
        evidence: vec![evidence("aws_lb.web", "tags", Value::from(ODD))],
        fingerprint: "bb".into(),
        ..fail("odd")
    };
    let advice = Finding { severity: Severity::Low, fingerprint: "cc".into(), ..fail("advice") };
    let open = Finding {
        verdict: Verdict::Undecided,
        severity: Severity::Critical,
        hangs_on: Some("aws_lb.web.port — known after apply".into()),
        evidence: vec![evidence("aws_lb.web", "port", after_apply("aws_lb.web", "port"))],
        fingerprint: "dd".into(),
        ..fail("odd")
    };
    let cured = Finding { change: Some(Change::Fixed), subject: "aws_lb.cured".into(), ..fail("advice") };
    Assessment {
        inputs: vec![input("a plan.json"), input("<stdin>")],
        summary: Summary { policies: 4, checks: 7, pass: 1, fail: 4, undecided: 1, exempt: 1, ..Summary::default() },
        findings: vec![timeout, odd, advice, twin, open],
        exempt: vec![exempt("odd", Origin::Inline)],
        fixed: vec![cured],
        problems: vec![
            Problem::error(format!("cannot read {ODD}")).in_file("modules/ä b#%.tf").at(3, 14).help("look"),
            Problem::warning("the plan was made by a newer Terraform").in_file("a plan.json"),
            Problem::note("--var is used for nothing").in_file("--var"),
        ],
        ..Assessment::default()
    }
}

/// `timeout = 30` after characters of several bytes, in a file whose name needs care.
fn spot() -> Spot {
    let line = "/* ü🦀 */ timeout = 30";
    let start = line.find("timeout").unwrap();
    Spot { file: "./modules/ä b#%.tf".into(), line: 7, column: 10, start, end: line.len(), text: line.into() }
}

fn pages() -> Vec<PolicyPage> {
    ["advice", "health-check-timeout-below-interval", "odd", "passed"].map(page).into()
}

fn page(id: &str) -> PolicyPage {
    PolicyPage {
        id: id.into(),
        title: format!("title of {id}"),
        severity: Severity::High,
        subject: "target_group".into(),
        area: "health-check".into(),
        why: format!("{ODD} {}", "It breaks requests. ".repeat(100)),
        fix_summary: "Change it.".into(),
        fix_terraform: Some("timeout = 5\n".into()),
        fix_cloudformation: None,
        references: vec![
            PolicyReference { title: "A book".into(), url: "page 7".into() },
            PolicyReference { title: "Docs".into(), url: "https://docs.aws.amazon.com/x".into() },
        ],
        params: Vec::new(),
        examples: Vec::new(),
    }
}

/// Every format, by name.
fn reports(assessment: &Assessment, pages: &[PolicyPage]) -> Vec<(&'static str, String)> {
    let repository = Repository::new("/repo/infra", "/repo");
    let options = TextOptions { look: Look::colored(100), detail: Detail::All, undecided_counts: false, outcome: None };
    let counts = |finding: &Finding| finding.verdict == Verdict::Fail && finding.severity >= Severity::Medium;
    vec![
        ("text", check_text(assessment, &options)),
        ("json", check_json(assessment)),
        ("sarif", check_sarif(assessment, pages, &repository)),
        ("junit", check_junit(assessment, pages, counts)),
        ("github", check_github(assessment, &repository)),
        ("gitlab", check_gitlab(assessment, &repository)),
        ("rdjson", check_rdjson(assessment, pages)),
    ]
}

fn report(name: &str) -> String {
    reports(&assessment(), &pages()).into_iter().find(|(format, _)| *format == name).unwrap().1
}

fn json(name: &str) -> Json {
    serde_json::from_str(&report(name)).unwrap()
}

/// Holds a report against its schema, formats of texts included.
fn hold(report: &str, schema: &str) -> Json {
    let path = format!("{}/testdata/schemas/{schema}", env!("CARGO_MANIFEST_DIR"));
    // A bracket too many in the official schema, which only ECMA's regular expressions let pass.
    let schema = plangate::source::disk::read_text(&path).unwrap().replace("{2}]?$", "{2}$");
    let schema: Json = serde_json::from_str(&schema).unwrap();
    let validator: Validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let report: Json = serde_json::from_str(report).unwrap();
    let wrong: Vec<String> =
        validator.iter_errors(&report).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    report
}

#[test]
fn every_format_is_washed_and_tells_no_secret() {
    for (name, report) in reports(&assessment(), &pages()) {
        assert!(!report.is_empty(), "{name}");
        assert!(!report.contains(SECRET), "{name}");
        let plain = anstream::adapter::strip_str(&report).to_string();
        let plain = if name == "text" { &plain } else { &report };
        assert!(!plain.contains(['\u{1b}', '\u{202e}']) || name == "json", "{name} lets through what deceives");
        let forged = report.lines().any(|line| line.trim_start().starts_with("::error::no"));
        assert!(!forged || name != "github", "a command of its own gets through");
    }
}

#[test]
fn json_reports_fit_their_schemas() {
    for (name, schema) in
        [("sarif", "sarif-2.1.0.json"), ("gitlab", "gitlab-code-quality.json"), ("rdjson", "rdjson.json")]
    {
        hold(&report(name), schema);
        let nothing = reports(&Assessment::default(), &[]).into_iter().find(|(format, _)| *format == name).unwrap();
        hold(&nothing.1, schema);
    }
}

#[test]
fn the_schemas_refuse_what_is_wrong() {
    let wrong = [
        ("sarif-2.1.0.json", r#"{"version":"2.1.0","runs":[{"tool":{"driver":{}}}]}"#),
        ("gitlab-code-quality.json", r#"[{"description":"x"}]"#),
        ("rdjson.json", r#"{"diagnostics":[{"location":{"range":{"start":{"line":"7"}}}}]}"#),
    ];
    for (schema, report) in wrong {
        assert!(std::panic::catch_unwind(|| hold(report, schema)).is_err(), "{schema} takes anything");
    }
}

#[test]
fn sarif_says_what_code_scanning_shows() {
    let report = json("sarif");
    let run = &report["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 4);
    assert_eq!(rules[0]["helpUri"], "https://docs.aws.amazon.com/x");
    for rule in rules {
        assert!(rule["fullDescription"]["text"].as_str().unwrap().chars().count() <= 1024);
        assert!(rule["properties"]["tags"].as_array().unwrap().len() <= 10);
        assert!(rule["properties"].get("security-severity").is_none());
    }
    let results = run["results"].as_array().unwrap();
    let told: Vec<String> = results
        .iter()
        .map(|result| {
            let place = &result["locations"][0]["physicalLocation"];
            let region = &place["region"];
            assert_eq!(rules[result["ruleIndex"].as_u64().unwrap() as usize]["id"], result["ruleId"]);
            format!(
                "{} {} {} {} {} {}:{}:{}-{}",
                result["ruleId"].as_str().unwrap(),
                result["kind"].as_str().unwrap(),
                result["level"].as_str().unwrap(),
                result["baselineState"],
                result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap(),
                place["artifactLocation"]["uri"].as_str().unwrap(),
                region["startLine"],
                region["startColumn"],
                region["endColumn"],
            )
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r####"
    health-check-timeout-below-interval fail error "new" aa infra/modules/%C3%A4%20b%23%25.tf:7:10-22
    odd fail warning null bb infra/a%20plan.json:1:1-null
    advice fail note null cc infra/a%20plan.json:1:1-null
    health-check-timeout-below-interval fail error "unchanged" aa-2 infra/modules/%C3%A4%20b%23%25.tf:7:10-22
    odd open none null dd infra/a%20plan.json:1:1-null
    "####);
    insta::assert_snapshot!(results[0]["message"]["text"].as_str().unwrap(), @r####"
    aws_lb_target_group.api["blå"]: The health check waits 30 s. Then it is due again.
    This change introduces it.
    Why: It breaks requests.
    Fix: Change it.
    At:
    - [aws_lb_target_group.api\["blå"\] health_check.timeout = 30](0)
    "####);
    let change = &results[0]["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], "infra/modules/%C3%A4%20b%23%25.tf");
    let cure = serde_json::json!({
        "deletedRegion": { "startLine": 7, "startColumn": 20, "endLine": 7, "endColumn": 22 },
        "insertedContent": { "text": "5" },
    });
    assert_eq!(change["replacements"], serde_json::json!([cure]));
    insta::assert_snapshot!(serde_json::to_string_pretty(&run["invocations"]).unwrap(), @r####"
    [
      {
        "executionSuccessful": false,
        "toolExecutionNotifications": [
          {
            "level": "error",
            "locations": [
              {
                "physicalLocation": {
                  "artifactLocation": {
                    "uri": "infra/modules/%C3%A4%20b%23%25.tf"
                  },
                  "region": {
                    "endLine": 3,
                    "startColumn": 14,
                    "startLine": 3
                  }
                }
              }
            ],
            "message": {
              "text": "cannot read 100%, a:b [x] (y) <&\"'> \\u{1b}[31m\\u{202e}￿ ::error::no ünï🦀 (look)"
            }
          },
          {
            "level": "warning",
            "locations": [
              {
                "physicalLocation": {
                  "artifactLocation": {
                    "uri": "infra/a%20plan.json"
                  },
                  "region": {
                    "endLine": 1,
                    "startColumn": 1,
                    "startLine": 1
                  }
                }
              }
            ],
            "message": {
              "text": "the plan was made by a newer Terraform"
            }
          },
          {
            "level": "note",
            "message": {
              "text": "--var is used for nothing"
            }
          },
          {
            "level": "note",
            "message": {
              "text": "1 finding is exempt and no result here; `-o json` has them with their reasons"
            }
          },
          {
            "level": "note",
            "message": {
              "text": "this change fixes advice: aws_lb.cured: It is wrong."
            }
          }
        ]
      }
    ]
    "####);
}

#[test]
fn sarif_cuts_the_lightest_beyond_the_limit_and_says_so() {
    let mut many = assessment();
    let light = Finding { severity: Severity::Info, ..fail("advice") };
    let heavy = Finding { severity: Severity::Critical, ..fail("odd") };
    many.findings = vec![light; 25_001];
    many.findings.push(heavy);
    let report: Json = serde_json::from_str(&check_sarif(&many, &pages(), &Repository::default())).unwrap();
    let run = &report["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 25_000);
    assert_eq!(results[24_999]["ruleId"], "odd");
    let said = run["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(said.contains("2 findings are left out, the lightest ones"), "{said}");
}

#[test]
fn junit_is_red_where_the_run_is() {
    let report = report("junit");
    let tree = roxmltree::Document::parse(&report).unwrap();
    let mut told = Vec::new();
    for suite in tree.root_element().children().filter(roxmltree::Node::is_element) {
        let count = |name| suite.attribute(name).unwrap().parse::<usize>().unwrap();
        let cases: Vec<_> = suite.children().filter(|node| node.has_tag_name("testcase")).collect();
        let having =
            |name: &str| cases.iter().filter(|case| case.children().any(|child| child.has_tag_name(name))).count();
        assert_eq!(count("tests"), cases.len());
        for (attribute, element) in [("failures", "failure"), ("errors", "error"), ("skipped", "skipped")] {
            assert_eq!(count(attribute), having(element), "{attribute}");
        }
        told.push(format!("{}: {} tests", suite.attribute("name").unwrap(), cases.len()));
        for case in cases {
            let child = case.children().find(roxmltree::Node::is_element);
            told.push(format!(
                "  {} | {} | {} | {}",
                case.attribute("classname").unwrap(),
                case.attribute("name").unwrap(),
                child.map_or("passed", |child| child.tag_name().name()),
                child.and_then(|child| child.attribute("message")).unwrap_or_default(),
            ));
        }
    }
    insta::assert_snapshot!(told.join("\n"), @r####"
    a plan.json: 6 tests
      plangate.health-check | health-check-timeout-below-interval: aws_lb_target_group.api["blå"] | failure | aws_lb_target_group.api["blå"]: The health check waits 30 s. Then it is due again.
      plangate.health-check | odd: aws_lb.100%, a:b [x](y) <&"'> \u{1b}[31m\u{202e}� ::error::no ünï🦀 | failure | aws_lb.100%, a:b [x](y) <&"'> \u{1b}[31m\u{202e}� ::error::no ünï🦀: It says 100%, a:b [x](y) <&"'> \u{1b}[31m\u{202e}� ::error::no ünï🦀.
      plangate.health-check | advice: aws_lb.web | skipped | fails, but does not count: aws_lb.web: It is wrong.
      plangate.health-check | odd: aws_lb.web | skipped | aws_lb.web: undecided: It is wrong.
      plangate.health-check | odd: aws_lb.web (2) | skipped | exempt (inline, ops decided so): aws_lb.web: It is wrong.
      plangate.health-check | passed | passed | 
    <stdin>: 4 tests
      plangate.health-check | health-check-timeout-below-interval: aws_lb_target_group.api["blå"] | failure | aws_lb_target_group.api["blå"]: The health check waits 30 s. Then it is due again.
      plangate.health-check | advice | passed | 
      plangate.health-check | odd | passed | 
      plangate.health-check | passed | passed | 
    problems: 1 tests
      plangate | modules/ä b#%.tf (1) | error | cannot read 100%, a:b [x](y) <&"'> \u{1b}[31m\u{202e}� ::error::no ünï🦀 (look)
    "####);
    let names: Vec<_> = tree.descendants().filter_map(|node| node.attribute("name")).collect();
    let unique: std::collections::BTreeSet<_> = tree
        .descendants()
        .filter(|node| node.has_tag_name("testcase"))
        .map(|node| (node.parent().unwrap().attribute("name"), node.attribute("name")))
        .collect();
    assert_eq!(unique.len() + 4, names.len(), "two test cases of a suite have one name");
}

#[test]
fn github_commands_are_escaped_and_the_heaviest_come_first() {
    insta::assert_snapshot!(report("github"), @r####"
    ::error file=infra/modules/ä b#%25.tf,line=3,col=14,title=plangate::cannot read 100%25, a:b [x](y) <&"'> \u{1b}[31m\u{202e}￿ ::error::no ünï🦀 (look)
    ::error file=infra/modules/ä b#%25.tf,line=7,col=10,title=health-check-timeout-below-interval (high)::aws_lb_target_group.api["blå"]: The health check waits 30 s. Then it is due again.%0AThis change introduces it.%0AWhy: It breaks requests.%0AFix: Change it.%0AAt: aws_lb_target_group.api["blå"] health_check.timeout = 30%0AAt: aws_lb.web name = (sensitive)
    ::error file=infra/modules/ä b#%25.tf,line=7,col=10,title=health-check-timeout-below-interval (high)::aws_lb_target_group.api["blå"]: The health check waits 30 s. Then it is due again.%0AIt was there before this change.%0AWhy: It breaks requests.%0AFix: Change it.%0AAt: aws_lb_target_group.api["blå"] health_check.timeout = 30%0AAt: aws_lb.web name = (sensitive)
    ::warning file=infra/a plan.json,title=plangate::the plan was made by a newer Terraform
    ::warning file=infra/a plan.json,title=odd (medium)::aws_lb.100%25, a:b [x](y) <&"'> \u{1b}[31m\u{202e}￿ ::error::no ünï🦀: It says 100%25, a:b [x](y) <&"'> \u{1b}[31m\u{202e}￿ ::error::no ünï🦀.%0AWhy: It breaks requests.%0AFix: Drop 100%25, a:b [x](y) <&"'> \u{1b}[31m\u{202e}￿%0A::error::no    ünï🦀%0AAt: aws_lb.web tags = "100%25, a:b [x](y) <&\"\'> \u{1b}[31m\u{202e}\u{ffff}\r\n::error::no\tünï🦀"
    ::notice title=plangate::--var is used for nothing
    ::notice file=infra/a plan.json,title=advice (low)::aws_lb.web: It is wrong.%0AWhy: It breaks requests.%0AFix: Change it.
    ::notice file=infra/a plan.json,title=odd (critical)::aws_lb.web: undecided: It is wrong.%0AHangs on: aws_lb.web.port — known after apply%0AWhy: It breaks requests.%0AFix: Change it.%0AAt: aws_lb.web port = (known after apply)
    plangate looked at 0 resources, 0 request paths, 4 policies: 7 checks, 1 passed, 4 failed, 1 undecided, 1 exempt; this change fixes 0
    "####);
}

#[test]
fn github_says_what_it_does_not_show() {
    let mut many = assessment();
    many.findings = vec![fail("medium"); 11];
    many.findings.push(Finding { change: Some(Change::Existing), ..fail("medium") });
    many.findings.insert(0, Finding { severity: Severity::Critical, ..fail("worst") });
    many.problems.clear();
    let report = check_github(&many, &Repository::default());
    let lines: Vec<&str> = report.lines().collect();
    assert!(lines[0].starts_with("::error title=worst (critical)::") || lines[0].contains("title=worst"), "{report}");
    assert!(lines[12].contains("It was there before this change."), "{report}");
    assert!(lines[13].starts_with("::notice title=plangate::1 error, 12 warnings and 1 notice: "), "{report}");
}

#[test]
fn gitlab_gets_fingerprints_of_their_own() {
    let report = json("gitlab");
    let told: Vec<String> = report
        .as_array()
        .unwrap()
        .iter()
        .map(|issue| {
            let location = &issue["location"];
            format!(
                "{} {} {} {}:{}",
                issue["fingerprint"].as_str().unwrap(),
                issue["severity"].as_str().unwrap(),
                issue["description"].as_str().unwrap(),
                location["path"].as_str().unwrap(),
                location["lines"]["begin"]
            )
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r####"
    aa critical aws_lb_target_group.api["blå"]: The health check waits 30 s. Then it is due again. infra/modules/ä b#%.tf:7
    bb major aws_lb.100%, a:b [x](y) <&"'> \u{1b}[31m\u{202e}￿ ::error::no ünï🦀: It says 100%, a:b [x](y) <&"'> \u{1b}[31m\u{202e}￿ ::error::no ünï🦀. infra/a plan.json:1
    cc minor aws_lb.web: It is wrong. infra/a plan.json:1
    aa-2 critical aws_lb_target_group.api["blå"]: The health check waits 30 s. Then it is due again. infra/modules/ä b#%.tf:7
    dd info aws_lb.web: undecided: It is wrong. infra/a plan.json:1
    "####);
}

#[test]
fn rdjson_counts_columns_in_bytes() {
    let report = json("rdjson");
    let timeout =
        report["diagnostics"].as_array().unwrap().iter().find(|one| one["location"]["range"]["end"].is_object());
    insta::assert_snapshot!(serde_json::to_string_pretty(timeout.unwrap()).unwrap(), @r####"
    {
      "code": {
        "url": "https://docs.aws.amazon.com/x",
        "value": "health-check-timeout-below-interval"
      },
      "location": {
        "path": "./modules/ä b#%.tf",
        "range": {
          "end": {
            "column": 26,
            "line": 7
          },
          "start": {
            "column": 14,
            "line": 7
          }
        }
      },
      "message": "aws_lb_target_group.api[\"blå\"]: The health check waits 30 s. Then it is due again.\nThis change introduces it.\nWhy: It breaks requests.\nFix: Change it.",
      "original_output": "aws_lb_target_group.api[\"blå\"] health_check.timeout = 30\naws_lb.web name = (sensitive)",
      "severity": "ERROR",
      "suggestions": [
        {
          "range": {
            "end": {
              "column": 26,
              "line": 7
            },
            "start": {
              "column": 24,
              "line": 7
            }
          },
          "text": "5"
        }
      ]
    }
    "####);
}

#[test]
fn files_are_called_from_the_root_of_the_repository() {
    let inside = Repository::new("/repo/infra/prod", "/repo");
    let names = [
        ("main.tf", "infra/prod/main.tf"),
        ("./main.tf", "infra/prod/main.tf"),
        ("../modules/lb/main.tf", "infra/modules/lb/main.tf"),
        ("/repo/a.tf", "a.tf"),
        ("/etc/a.tf", "/etc/a.tf"),
        ("../../../a.tf", "../../../a.tf"),
        (".", "infra/prod"),
        ("<stdin>", "<stdin>"),
    ];
    for (given, expected) in names {
        assert_eq!(inside.name(given), expected, "{given}");
    }
    assert_eq!(inside.path("../../../a.tf"), None);
    assert_eq!(Repository::default().name("./a/../main.tf"), "main.tf");
    assert_eq!(Repository::default().name("../main.tf"), "../main.tf");
}

#[test]
fn all_reports_of_a_real_plan_come_out_of_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let formats = ["sarif", "junit", "github", "gitlab", "rdjson", "json"];
    let file = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let outputs: Vec<String> = formats.iter().map(|name| format!("{name}={}", file(name))).collect();
    let mut arguments = vec!["check", "testdata/faulty/plan.json", "testdata/faulty-edge/template.yaml", "-o", "text"];
    outputs.iter().for_each(|output| arguments.extend(["-o", output]));
    let output = run(&arguments);
    assert_eq!(output.code, 1, "{}", output.stderr);
    assert!(output.stdout.contains("exit 1: "));
    let read = |name: &str| plangate::source::disk::read_text(&file(name)).unwrap();
    let report: Json = serde_json::from_str(&read("json")).unwrap();
    let (all, fails) = (&report["findings"], &report["summary"]["fail"]);
    let present = all.as_array().unwrap().iter().filter(|one| one["change"] != "fixed").count();
    let sarif = hold(&read("sarif"), "sarif-2.1.0.json");
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), present);
    assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().len(), report["summary"]["policies"]);
    let gitlab = hold(&read("gitlab"), "gitlab-code-quality.json");
    let fingerprints: std::collections::BTreeSet<_> =
        gitlab.as_array().unwrap().iter().map(|one| one["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(fingerprints.len(), present);
    let rdjson = hold(&read("rdjson"), "rdjson.json");
    assert!(rdjson["diagnostics"].as_array().unwrap().len() >= present);
    assert!(fails.as_u64().unwrap() > 20);
    let github = read("github");
    assert!(github.lines().filter(|line| line.starts_with("::")).count() >= present);
    assert!(github.contains("file=testdata/faulty/main.tf,line="));
    let junit = read("junit");
    let tree = roxmltree::Document::parse(&junit).unwrap();
    let suites: Vec<_> = tree.descendants().filter(|node| node.has_tag_name("testsuite")).collect();
    assert_eq!(suites[1].attribute("name"), Some("testdata/faulty-edge/template.yaml"));
    assert_ne!(suites[0].attribute("failures"), Some("0"));
}
