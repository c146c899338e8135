//! Exceptions where they are written: comments of Terraform and YAML, metadata of templates, calls of modules and nested
//! stacks, and a plan through its configuration. And baselines: what makes a finding the same.

use std::path::Path;

use plangate::graph::{Day, Exemption, Graph};
use plangate::judge::{Assessment, Exemptions, Origin, judge_all};
use plangate::load::{Inputs, load};
use plangate::policy::PolicySet;
use plangate::server::Beside;

use crate::program::{Folder, run_in, testdata};

fn policies(ids: &[&str]) -> PolicySet {
    let (mut set, problems) = PolicySet::builtin_to_judge();
    assert_eq!(problems, []);
    set.retain(|policy| ids.contains(&policy.id.as_str()));
    set
}

/// Loads one file of a folder of its own; the exceptions by address, and what is wrong.
fn read(name: &str, text: &str) -> (Vec<(String, Exemption)>, Vec<String>) {
    let (graph, problems) = loaded(name, text);
    let all = graph.resources().flat_map(|(_, resource)| {
        resource.exemptions.iter().map(|exemption| (resource.address.to_string(), exemption.clone()))
    });
    (all.collect(), problems)
}

fn loaded(name: &str, text: &str) -> (Graph, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, text).unwrap();
    let path = if name.ends_with(".tf") { folder.path() } else { &file };
    let (loaded, problems) = load(path.to_str().unwrap(), &Inputs::default(), &[]).unwrap();
    let said = problems.iter().map(|problem| problem.to_string().replace(&format!("{}/", folder.path().display()), ""));
    (loaded.graph, said.collect())
}

const TERRAFORM: &str = r##"# plangate:ignore access-logs-on reason="above"
resource "aws_lb" "a" {
  // plangate:ignore deletion-protection-on until=2027-01-31 reason='within'
  internal     = true
  idle_timeout = 30 /* plangate:ignore idle-timeout-in-range, backend-keep-alive-margin reason="beside" */
  name         = "# plangate:ignore a reason=\"in a text\""
  tags = {
    note = <<-EOT
      # plangate:ignore a reason="in a heredoc"
    EOT
  }
}

resource "aws_lb" "b" {
  count = 2 # plangate:ignore matcher-valid reason="of each"
}
"##;

#[test]
fn comments_of_terraform_are_about_their_resource_or_attribute() {
    let (found, problems) = read("main.tf", TERRAFORM);
    assert_eq!(problems, [""; 0]);
    let of = |address: &str| -> Vec<&Exemption> {
        found.iter().filter(|(of, _)| of == address).map(|(_, exemption)| exemption).collect()
    };
    let a = of("aws_lb.a");
    assert_eq!(a.iter().map(|one| &*one.reason).collect::<Vec<&str>>(), ["above", "within", "beside"]);
    assert_eq!(a[0].attributes.len(), 0);
    assert_eq!((a[1].until, a[1].position.line), (Day::parse("2027-01-31"), 3));
    assert_eq!(a[1].attributes, ["internal"]);
    assert_eq!((a[2].policies.len(), &a[2].attributes), (2, &vec!["idle_timeout".into()]));
    assert_eq!((of("aws_lb.b[0]").len(), of("aws_lb.b[1]").len(), found.len()), (1, 1, 5));
}

#[test]
fn what_is_wrong_with_a_comment_is_told_with_its_place() {
    let text = "# plangate:ignore access-logs-on\nresource \"aws_lb\" \"a\" {\n  internal = true\n}\n\n# plangate:ignore matcher-valid reason=\"nobody\"\n\nlocals {}\n";
    let (found, problems) = read("main.tf", text);
    assert_eq!(found.len(), 0);
    assert!(problems[0].starts_with("main.tf:1:3: error: this exemption gives no reason"), "{problems:?}");
    assert!(problems[1].starts_with("main.tf:6:3: warning: this exemption stands at no resource"), "{problems:?}");
}

const TEMPLATE: &str = r##"Resources:
  # plangate:ignore access-logs-on reason="above"
  Alb:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      LoadBalancerAttributes:
        - {Key: idle_timeout.timeout_seconds, Value: "30"} # plangate:ignore idle-timeout-in-range reason="beside"
      Name: |
        # plangate:ignore a reason="in a text"
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Metadata:
      plangate:
        ignore:
          - {policy: [matcher-valid, deregistration-delay-not-zero], until: 2027-01-31, reason: "metadata"}
    Properties: {Port: 80, Protocol: HTTP, VpcId: vpc-1}
"##;

#[test]
fn comments_and_metadata_of_templates_are_about_their_resource() {
    let (found, problems) = read("template.yaml", TEMPLATE);
    assert_eq!(problems, [""; 0]);
    let told: Vec<(&str, &str)> = found.iter().map(|(address, one)| (address.as_str(), &*one.reason)).collect();
    assert_eq!(told, [("Alb", "above"), ("Alb", "beside"), ("Group", "metadata")]);
    let attribute = "LoadBalancerAttributes[idle_timeout.timeout_seconds]";
    assert!(found[1].1.attributes.contains(&attribute.into()), "{:?}", found[1].1.attributes);
    assert_eq!((found[2].1.policies.len(), found[2].1.until), (2, Day::parse("2027-01-31")));

    let json = r#"{"Resources": {"Alb": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "Metadata": {"plangate": {"ignore": [{"policy": "access-logs-on", "reason": "json"}, {"polcy": "x", "reason": "y"}]}}}}}"#;
    let (found, problems) = read("template.json", json);
    assert_eq!(found.iter().map(|(_, one)| &*one.reason).collect::<Vec<&str>>(), ["json"]);
    assert!(problems[0].contains("error: an exemption has no `polcy`; did you mean `policy`?"), "{problems:?}");
}

#[test]
fn at_what_makes_resources_it_is_about_all_of_them() {
    let folder = Folder::new();
    for below in ["outer", "inner"] {
        std::fs::create_dir(folder.path(below)).unwrap();
    }
    folder.file(
        "main.tf",
        "# plangate:ignore access-logs-on until=2027-01-31 reason=\"both\"\nmodule \"outer\" {\n  source = \"./outer\"\n  \
         for_each = toset([\"a\", \"b\"])\n}\nresource \"aws_lb\" \"own\" {}\n",
    );
    folder.file(
        "outer/main.tf",
        "module \"inner\" {\n  source = \"../inner\" # plangate:ignore matcher-valid reason=\"one\"\n}\n",
    );
    folder.file("inner/main.tf", "resource \"aws_lb\" \"this\" {}\n");
    let (loaded, problems) = load(&folder.path(""), &Inputs::default(), &[]).unwrap();
    assert_eq!(problems, []);
    assert_eq!(
        told(&loaded.graph),
        [
            ("module.outer[\"a\"].module.inner.aws_lb.this", "one"),
            ("module.outer[\"a\"].module.inner.aws_lb.this", "both"),
            ("module.outer[\"b\"].module.inner.aws_lb.this", "one"),
            ("module.outer[\"b\"].module.inner.aws_lb.this", "both"),
        ]
    );
    let (_, left) = judged(&loaded.graph, &["access-logs-on", "matcher-valid"]);
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left[0].contains("main.tf:2:25: warning: this exempts nothing: `matcher-valid`"), "{left:?}");

    let template = folder.file(
        "template.yaml",
        "Resources:\n  # plangate:ignore matcher-valid reason=\"comment\"\n  Edge:\n    Type: AWS::CloudFormation::Stack\n    \
         Metadata: {plangate: {ignore: [{policy: access-logs-on, reason: metadata}]}}\n    \
         Properties: {TemplateURL: below.yaml}\n  EdgeAlb: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}\n",
    );
    folder.file("below.yaml", "Resources:\n  Alb: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}\n");
    let (loaded, problems) = load(&template, &Inputs::default(), &[]).unwrap();
    assert_eq!(problems, []);
    assert_eq!(
        told(&loaded.graph),
        [("Edge", "comment"), ("Edge", "metadata"), ("Edge/Alb", "comment"), ("Edge/Alb", "metadata")]
    );
}

/// The reasons of all exceptions, by address.
fn told(graph: &Graph) -> Vec<(&str, &str)> {
    let all = graph.resources().flat_map(|(_, resource)| {
        resource.exemptions.iter().map(|exemption| (resource.address.as_str(), &*exemption.reason))
    });
    all.collect()
}

fn judged(graph: &Graph, ids: &[&str]) -> (Assessment, Vec<String>) {
    let set = policies(ids);
    let mut assessment = judge_all(&[graph], &Beside::default(), &set);
    let mut exemptions = Exemptions::new(Day::parse("2026-12-01").unwrap(), Vec::new(), None);
    exemptions.apply(&mut assessment, &[graph]);
    let known: Vec<String> = PolicySet::builtin_to_judge().0.iter().map(|policy| policy.id.to_string()).collect();
    let left = exemptions.left_over(&known, &set, true);
    (assessment, left.iter().map(ToString::to_string).collect())
}

#[test]
fn an_exempt_finding_does_not_count_and_an_idle_exemption_is_told() {
    let (graph, _) = loaded("main.tf", TERRAFORM);
    let (assessment, left) = judged(&graph, &["access-logs-on", "deletion-protection-on", "idle-timeout-in-range"]);
    let summary = assessment.summary;
    assert_eq!(summary.checks, summary.pass + summary.fail + summary.undecided + summary.exempt);
    assert_eq!((summary.exempt, assessment.exempt.len()), (2, 2));
    assert!(assessment.exempt.iter().all(|one| one.cause.origin == Origin::Inline));
    assert!(assessment.findings.iter().all(|finding| finding.subject != "aws_lb.a"));
    // One policy finds no fault; others did not run.
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(
        left[0].contains("main.tf:5:24: warning: this exempts nothing: `idle-timeout-in-range` finds no fault here"),
        "{left:?}"
    );
}

/// `testdata/ecs-dynamic-ports` in a folder of its own, its configuration changed.
fn stack(change: impl Fn(&str) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = testdata("ecs-dynamic-ports");
    for (name, _) in plangate::source::disk::entries_in(&from).unwrap() {
        let path = Path::new(&from).join(&name);
        if path.is_file() {
            std::fs::copy(&path, folder.path().join(&name)).unwrap();
        }
    }
    let main = folder.path().join("main.tf");
    let text = plangate::source::disk::read_text(main.to_str().unwrap()).unwrap();
    std::fs::write(main, change(&text)).unwrap();
    folder
}

#[test]
fn a_plan_finds_exemptions_and_expired_ones_through_its_configuration() {
    let mark = "# plangate:ignore access-logs-on,deletion-protection-on until=2027-01-31 reason=\"sandbox\"\n";
    let folder = stack(|text| {
        text.replace("resource \"aws_lb\" \"internal\"", &format!("{mark}resource \"aws_lb\" \"internal\""))
    });
    let arguments = ["check", "plan.json", "--fail-on", "low", "-o", "json"];
    let ran = run_in(folder.path(), &arguments, &[("PLANGATE_TODAY", "2027-01-31")]);
    let report = ran.json();
    assert_eq!(report["summary"]["exempt"], 2, "{}", ran.stderr);
    assert_eq!(report["exempt"][0]["exempt"]["file"], "main.tf");
    assert_eq!(report["exempt"][0]["exempt"]["reason"], "sandbox");
    let ran = run_in(folder.path(), &arguments, &[("PLANGATE_TODAY", "2027-02-01")]);
    assert_eq!(ran.json()["summary"]["exempt"], 0);
    assert!(
        ran.stderr.contains(
            "warning: this exemption ended on 2027-01-31: `access-logs-on`, `deletion-protection-on` count again"
        ),
        "{}",
        ran.stderr
    );
    let ran = run_in(folder.path(), &arguments, &[("PLANGATE_TODAY", "tomorrow")]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("PLANGATE_TODAY: error: `tomorrow` is no day"), "{}", ran.stderr);
}

#[test]
fn a_baseline_holds_until_what_a_finding_rests_on_changes() {
    let folder = stack(str::to_owned);
    let run = |arguments: &[&str]| {
        run_in(folder.path(), &[&["check", "plan.json", "--fail-on", "low"], arguments].concat(), &[])
    };
    let written = run(&["--write-baseline", "known.json"]);
    assert_eq!(written.code, 0, "{}", written.all());
    assert!(written.stdout.ends_with("exit 0: 4 findings stand in known.json now\n"), "{}", written.stdout);
    let text = plangate::source::disk::read_text(folder.path().join("known.json").to_str().unwrap()).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("\"fingerprint\"")).collect();
    assert_eq!(lines.len(), 4);
    assert!(lines.is_sorted() && lines.iter().all(|line| line.contains("\"policy\"")), "{text}");
    let known = run(&["--baseline", "known.json", "-o", "json"]);
    assert_eq!((known.code, known.stderr.as_str()), (0, ""));
    assert_eq!((&known.json()["summary"]["fail"], &known.json()["summary"]["exempt"]), (&0.into(), &4.into()));
    // Moved lines, and the configuration by itself, know the same findings.
    let main = folder.path().join("main.tf");
    let source = plangate::source::disk::read_text(main.to_str().unwrap()).unwrap();
    std::fs::write(&main, format!("\n\n{source}")).unwrap();
    assert_eq!(run(&["--baseline", "known.json"]).code, 0);
    // Another number is another finding; the old one is gone.
    let plan = folder.path().join("plan.json");
    let text = plangate::source::disk::read_text(plan.to_str().unwrap()).unwrap();
    std::fs::remove_file(&main).unwrap();
    assert_eq!(run(&["--baseline", "known.json"]).code, 0, "the plan alone");
    let changed = text.replace("\"from_port\":80,", "\"from_port\":81,").replace("\"to_port\":80,", "\"to_port\":81,");
    assert_ne!(text, changed);
    std::fs::write(&plan, changed).unwrap();
    let ran = run(&["--baseline", "known.json"]);
    assert_eq!(ran.code, 1, "{}", ran.all());
    assert!(
        ran.stderr.contains(
            "warning: 1 of 4 findings in the baseline are not there any more: dynamic-host-ports-admitted on \
             aws_lb_target_group.worker (now with other values, so that it counts)"
        ),
        "{}",
        ran.stderr
    );
    // Not a baseline, and none at all.
    std::fs::write(folder.path().join("known.json"), "{\"findings\": []}").unwrap();
    for file in ["known.json", "none.json"] {
        let ran = run(&["--baseline", file]);
        assert_eq!(ran.code, 2, "{}", ran.all());
        assert!(ran.stderr.contains(file), "{}", ran.stderr);
    }
}
