//! What is said before anything is made must hold once it is: plans applied to moto, which stands in for AWS, and
//! templates whose stacks moto made. No pass may become a fail, no fail a pass; what was undecided may become either.
//! Both tests need what scripts make with a real Terraform, and are ignored without.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use plangate::graph::{Action, Graph, Mode, Resource};
use plangate::judge::{Assessment, Verdict, judge};
use plangate::load::{GivenParameter, Inputs, TemplateInputs, load};
use plangate::policy::PolicySet;
use plangate::source::disk;

/// What moto does not keep, or is no part of a resource, no state can tell: stack (or what it begins with, before `*`),
/// policy, why.
const FORGOTTEN: &[(&str, &str, &str)] = &[
    (
        "*",
        "ecs-service-has-grace-period",
        "moto 5.2.1 keeps no healthCheckGracePeriodSeconds; Terraform reads that as 0",
    ),
    (
        "*",
        "launch-changes-reach-instances",
        "how instances are replaced is CloudFormation's and Terraform's, not AWS's",
    ),
    ("*", "waf-trouble-is-no-outage", "moto's CloudFormation associates no web ACL"),
    ("*", "ecs-service-made-after-listener", "judged is what is new; in a state nothing is"),
    (
        "random/*",
        "health-check-protocol-matches-target-group",
        "moto 5.2.1 checks an HTTPS group over HTTPS when nobody says how; AWS checks it over HTTP",
    ),
    ("random/*", "autoscaling-group-has-grace-period", GRACE),
    ("faults/fargate/ecs-deployment-can-start", "ecs-deployment-can-start", DEPLOYMENT),
    ("faults/fargate/ecs-deployment-keeps-tasks", "ecs-deployment-keeps-tasks", DEPLOYMENT),
    ("faults/fargate/fargate-spot-drains-in-time", "ecs-stop-timeout-covers-draining", STRATEGY),
    ("faults/fargate/fargate-spot-drains-in-time", "fargate-spot-drains-in-time", STRATEGY),
    ("faults/fargate/grpc-health-check-implemented", "grpc-health-check-implemented", VERSION),
    ("faults/fargate/grpc-matcher-fits-path", "grpc-matcher-fits-path", VERSION),
    ("faults/fargate/grpc-matcher-fits-path", "matcher-valid", VERSION),
    ("faults/weighted/http2-target-group-behind-https", "http2-target-group-behind-https", VERSION),
    ("faults/weighted/ipv6-targets-behind-dualstack", "ipv6-targets-behind-dualstack", VERSION),
    ("faults/instances/autoscaling-group-has-grace-period", "autoscaling-group-has-grace-period", GRACE),
    ("faults/instances/instance-replacement-keeps-instances", "instance-replacement-keeps-instances", MAINTENANCE),
    (
        "faults/instances/tag-states-too-little",
        "backend-keep-alive-margin",
        "moto's CloudFormation tags no target group",
    ),
    ("faults/lambda/lambda-target-may-run", "lambda-target-may-run", "moto's CloudFormation reserves no concurrency"),
];
const GRACE: &str = "moto 5.2.1 takes a grace period of 0 for none given, which is 300";
const MAINTENANCE: &str = "moto 5.2.1 keeps no instance maintenance policy";
const DEPLOYMENT: &str = "moto 5.2.1 keeps no deploymentConfiguration of a service";
const STRATEGY: &str = "moto 5.2.1 answers no capacityProviderStrategy of a service";
const VERSION: &str = "moto's CloudFormation reads neither ProtocolVersion nor IpAddressType of a target group";

#[derive(Default)]
struct Outcome {
    stacks: usize,
    compared: usize,
    checks: usize,
    undecided: usize,
    decided: Vec<String>,
    flips: Vec<String>,
}

impl Outcome {
    fn judged(&mut self, assessment: &Assessment) {
        self.checks += assessment.summary.checks;
        self.undecided += assessment.summary.undecided;
    }

    /// Compares what is about subjects of both, by the names they have there.
    fn compare(&mut self, stack: &str, before: &Verdicts, after: &Verdicts, known: impl Fn(&str) -> bool) {
        for check in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
            let (policy, subject) = check;
            let is_meant = |name: &str| name.strip_suffix('*').map_or(name == stack, |start| stack.starts_with(start));
            let forgotten = |one: &(&str, &str, &str)| is_meant(one.0) && one.1 == policy;
            if !known(subject) || FORGOTTEN.iter().any(forgotten) {
                continue;
            }
            let (said, is) = (before.get(check), after.get(check));
            self.compared += 1;
            match (said, is) {
                (Some(Verdict::Fail), None) => self.flips.push(format!("{stack}: {subject}: {policy}: failed, passes")),
                (None, Some(Verdict::Fail)) => self.flips.push(format!("{stack}: {subject}: {policy}: passed, fails")),
                (Some(Verdict::Undecided), Some(Verdict::Fail) | None) => {
                    self.decided.push(format!("{stack}: {subject}: {policy}"));
                }
                _ => {}
            }
        }
    }

    fn holds(&self) {
        let share = 100.0 * self.undecided as f64 / self.checks as f64;
        let numbers = format!(
            "{} stacks, {} findings compared: {} flips, {} decided by what was made; of {} checks before {} ({share:.1} %) were undecided",
            self.stacks,
            self.compared,
            self.flips.len(),
            self.decided.len(),
            self.checks,
            self.undecided
        );
        assert!(self.stacks > 0 && self.flips.is_empty(), "{}\n\n{numbers}", self.flips.join("\n"));
        assert!(share < 5.0, "{}\n\n{numbers}", self.decided.join("\n"));
    }
}

/// What fails and what is undecided, by policy and subject. The rest passes, or does not apply.
type Verdicts = BTreeMap<(String, String), Verdict>;

fn verdicts(assessment: &Assessment, name: impl Fn(&str) -> String) -> Verdicts {
    let mut verdicts = BTreeMap::new();
    for finding in &assessment.findings {
        let worst = verdicts.entry((finding.policy.to_string(), name(&finding.subject))).or_insert(finding.verdict);
        *worst = finding.verdict.min(*worst);
    }
    verdicts
}

/// Addresses of what is managed.
fn addresses(graph: &Graph) -> BTreeSet<String> {
    let there = |resource: &&Resource| {
        resource.mode == Mode::Managed && resource.kind.is_some() && resource.action != Action::Delete
    };
    let resources = graph.resources().map(|(_, resource)| resource).filter(there);
    resources.map(|resource| resource.address.to_string()).collect()
}

fn graph(file: &str, inputs: &Inputs) -> Graph {
    load(file, inputs, &[]).unwrap().0.graph
}

/// The folders under `PLANGATE_RANDOM` that have a state.
fn folders() -> Vec<String> {
    let root = std::env::var("PLANGATE_RANDOM").unwrap();
    let states = disk::files_under(&root, &["json"]).unwrap();
    states.iter().filter_map(|file| file.strip_suffix("/state.json")).map(str::to_owned).collect()
}

/// Needs what `tests/random/apply.py` makes: `PLANGATE_RANDOM=FOLDER cargo test --release -- --ignored applied`.
#[test]
#[ignore = "needs a real Terraform and a stand-in for AWS: see tests/random/apply.py"]
fn applied_plans_are_never_contradicted() {
    let (policies, _) = PolicySet::builtin();
    let mut outcome = Outcome::default();
    for folder in folders() {
        let [plan, state] = ["plan", "state"].map(|name| graph(&format!("{folder}/{name}.json"), &Inputs::default()));
        let (planned, applied) = (addresses(&plan), addresses(&state));
        // Of a stack that was not made as a whole nothing is compared.
        let stack = |address: &str| address.split('.').take(2).collect::<Vec<&str>>().join(".");
        let broken: BTreeSet<String> = planned.difference(&applied).map(|address| stack(address)).collect();
        let whole: BTreeSet<String> =
            planned.iter().map(|address| stack(address)).filter(|one| !broken.contains(one)).collect();
        outcome.stacks += whole.len();
        let (before, after) = (judge(&plan, &policies), judge(&state, &policies));
        outcome.judged(&before);
        let name = format!("random/{}", folder.rsplit('/').next().unwrap());
        let [before, after] = [before, after].map(|one| verdicts(&one, str::to_owned));
        outcome.compare(&name, &before, &after, |subject| !broken.contains(&stack(subject)));
    }
    outcome.holds();
}

/// Needs what `tests/random/stacks.py` makes: `PLANGATE_RANDOM=FOLDER cargo test --release -- --ignored created`.
#[test]
#[ignore = "needs a real Terraform and a stand-in for AWS: see tests/random/stacks.py"]
fn created_stacks_are_never_contradicted() {
    let (policies, _) = PolicySet::builtin();
    let mut outcome = Outcome::default();
    let root = std::env::var("PLANGATE_RANDOM").unwrap();
    // Where moto is known to make something else than AWS would.
    let deviations = disk::read(&crate::program::testdata("stand_in_deviations.json")).unwrap();
    let deviations: Vec<serde_json::Value> = serde_json::from_slice(&deviations).unwrap();
    for folder in folders() {
        let template = ["yaml", "json"].map(|suffix| format!("{folder}/template.{suffix}"));
        let template = template.iter().find(|file| disk::read(file).is_ok()).unwrap();
        let given = TemplateInputs {
            parameters: vec![GivenParameter::File(format!("{folder}/parameters.json"))],
            region: Some(disk::read_text(&format!("{folder}/region")).unwrap()),
            account: None,
        };
        let before = graph(template, &Inputs { template: given, ..Inputs::default() });
        let after = graph(&format!("{folder}/state.json"), &Inputs::default());
        // Terraform's names for what CloudFormation made: `aws_lb.LoadBalancer`.
        let logical = |address: &str| address.rsplit('.').next().unwrap().to_owned();
        let made: BTreeSet<String> = addresses(&after).iter().map(|address| logical(address)).collect();
        outcome.stacks += 1;
        let (before, after) = (judge(&before, &policies), judge(&after, &policies));
        outcome.judged(&before);
        let name = folder.strip_prefix(&root).unwrap().trim_start_matches('/');
        let otherwise = |subject: &str| {
            deviations
                .iter()
                .any(|one| one["stack"].as_str() == Some(name) && one["resource"].as_str() == Some(subject))
        };
        let (before, after) = (verdicts(&before, str::to_owned), verdicts(&after, logical));
        outcome.compare(name, &before, &after, |subject| made.contains(subject) && !otherwise(subject));
    }
    outcome.holds();
}
