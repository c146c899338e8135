//! Stacks that are said in both dialects: the template gives the paths and the verdicts of the plan. Where the dialects
//! differ, `twins.json` beside them says so with the reason, and what it says must really differ.

use std::collections::{BTreeMap, BTreeSet};

use plangate::judge::{Assessment, Verdict, judge_all};
use plangate::policy::{Policy, PolicySet};
use plangate::source::disk;
use serde_json::{Value, json};

/// A stack with its names in both dialects, and what is to differ.
struct Twins {
    name: String,
    /// Terraform's address to CloudFormation's.
    names: BTreeMap<String, String>,
    differences: Vec<Value>,
    plan: Side,
    template: Side,
}

fn all() -> Vec<Twins> {
    let root = format!("{}/testdata", env!("CARGO_MANIFEST_DIR"));
    let files = disk::files_under(&root, &["json"]).unwrap();
    let twins: Vec<Twins> =
        files.iter().filter_map(|file| Some(Twins::new(file.strip_suffix("/twins.json")?))).collect();
    assert!(twins.len() >= 12, "only {} stacks in {root}", twins.len());
    twins
}

/// One side: what it comes to, and how many subjects each policy judges.
struct Side {
    whole: Assessment,
    checks: BTreeMap<String, usize>,
}

fn assessed(file: &str) -> Side {
    let (policies, problems) = PolicySet::builtin();
    assert!(problems.is_empty(), "{problems:?}");
    let (loaded, problems) = plangate::load::load(file, &Default::default(), &[]).unwrap();
    let errors: Vec<_> = problems.iter().filter(|problem| problem.level == plangate::source::Level::Error).collect();
    assert!(errors.is_empty(), "{file}: {errors:?}");
    let graphs: Vec<_> = loaded.graphs().collect();
    let alone =
        |policy: &Policy| judge_all(&graphs, &Default::default(), &PolicySet::of(policy.clone())).summary.checks;
    let checks = policies.iter().map(|policy| (policy.id.to_string(), alone(policy))).collect();
    Side { whole: judge_all(&graphs, &Default::default(), &policies), checks }
}

impl Twins {
    fn new(folder: &str) -> Twins {
        let said: Value = serde_json::from_slice(&disk::read(&format!("{folder}/twins.json")).unwrap()).unwrap();
        let template = ["template.yaml", "template.json", "root.yaml"].map(|name| format!("{folder}/{name}"));
        let template = template.iter().find(|file| disk::read(file).is_ok()).unwrap();
        let names = said["twins"].as_object().unwrap();
        Twins {
            name: folder.rsplit('/').next().unwrap().to_owned(),
            names: names.iter().map(|(left, right)| (left.clone(), right.as_str().unwrap().to_owned())).collect(),
            differences: said["differences"].as_array().cloned().unwrap_or_default(),
            plan: assessed(&format!("{folder}/plan.json")),
            template: assessed(template),
        }
    }

    /// An address of the plan as the template calls it; one with an index is one of several that are one there.
    fn renamed(&self, address: &str) -> Option<String> {
        let whole = |address: &str| self.names.get(address).cloned();
        whole(address).or_else(|| whole(address.rsplit_once('[')?.0))
    }

    /// What is listed under `key` in the differences.
    fn listed(&self, key: &str) -> impl Iterator<Item = &Value> {
        self.differences.iter().filter_map(move |one| one.get(key)?.as_array()).flatten()
    }

    /// Fails and undecided ones as (policy, subject) in the template's names, only on what stands in both.
    fn verdicts(
        &self,
        assessment: &Assessment,
        name: impl Fn(&str) -> Option<String>,
    ) -> BTreeMap<(String, String), &'static str> {
        let verdict = |verdict| if verdict == Verdict::Fail { "fail" } else { "undecided" };
        let findings = assessment.findings.iter();
        let mut found = BTreeMap::new();
        for finding in findings {
            let Some(subject) = name(&finding.subject) else { continue };
            let entry = found.entry((finding.policy.to_string(), subject)).or_insert("undecided");
            if verdict(finding.verdict) == "fail" {
                *entry = "fail";
            }
        }
        found
    }
}

/// The paths as text, by who is on them: what the report says of each, without its words.
fn paths(
    assessment: &Assessment,
    name: impl Fn(&str) -> Option<String>,
) -> BTreeMap<String, BTreeSet<(String, String)>> {
    let shown: Value = serde_json::from_str(&plangate::report::paths_json(assessment)).unwrap();
    let mut found: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for path in shown["paths"].as_array().unwrap() {
        let called = |value: &Value| match value.as_str() {
            Some(address) => name(address).unwrap_or_else(|| address.to_owned()),
            None => "-".to_owned(),
        };
        let ends = ["load_balancer", "listener", "rule", "target_group"].map(|end| called(&path[end]));
        let who = format!("{} {}", ends.join(" "), called(&path["target"]["address"]));
        let facts = found.entry(who).or_default();
        let mut fact = |name: &str, value: &Value| facts.insert((name.to_owned(), value.to_string()));
        for key in [
            "idle_timeout",
            "protocol",
            "port",
            "target_type",
            "listener_port",
            "listener_protocol",
            "weight",
            "certainty",
        ] {
            fact(key, &path[key]);
        }
        for (key, value) in path["health_check"].as_object().unwrap() {
            fact(&format!("health_check.{key}"), value);
        }
        for (key, value) in path["reach"].as_object().unwrap() {
            fact(&format!("reach.{key}"), &value["answer"]);
        }
        for key in path["unknown"].as_object().unwrap().keys() {
            fact(key, &json!("unknown"));
        }
    }
    found
}

#[test]
fn paths_are_the_same() {
    let (mut wrong, mut held) = (Vec::new(), 0);
    for twins in all() {
        let left = paths(&twins.plan.whole, |address| twins.renamed(address));
        let right = paths(&twins.template.whole, |address| Some(address.to_owned()));
        let mut differ = BTreeSet::new();
        for who in left.keys().chain(right.keys()).collect::<BTreeSet<_>>() {
            let (Some(left), Some(right)) = (left.get(who), right.get(who)) else {
                let side = if left.contains_key(who) { "plan" } else { "template" };
                wrong.push(format!("{}: only in the {side}: {who}", twins.name));
                continue;
            };
            held += left.intersection(right).count();
            for (field, value) in left.symmetric_difference(right) {
                differ.insert((who.clone(), field.clone()));
                let listed = twins.listed("paths").any(|one| one["path"] == **who && one["field"] == **field);
                if !listed {
                    let side = if left.contains(&(field.clone(), value.clone())) { "plan" } else { "template" };
                    wrong.push(format!("{}: {who}: {field} is {value} in the {side}", twins.name));
                }
            }
        }
        for one in twins.listed("paths") {
            let key = (one["path"].as_str().unwrap().to_owned(), one["field"].as_str().unwrap().to_owned());
            if !differ.contains(&key) {
                wrong.push(format!("{}: does not differ any more: {one}", twins.name));
            }
        }
    }
    assert!(held > 400, "only {held} facts are the same");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn verdicts_are_the_same() {
    let (mut wrong, mut same) = (Vec::new(), 0);
    for twins in all() {
        let mapped: BTreeSet<&String> = twins.names.values().collect();
        let left = twins.verdicts(&twins.plan.whole, |address| twins.renamed(address));
        let right = twins.verdicts(&twins.template.whole, |address| {
            mapped.contains(&address.to_owned()).then(|| address.to_owned())
        });
        let verdict = |side: &BTreeMap<(String, String), &'static str>, key: &(String, String)| {
            side.get(key).copied().unwrap_or("pass")
        };
        for key in left.keys().chain(right.keys()).collect::<BTreeSet<_>>() {
            let (one, other) = (verdict(&left, key), verdict(&right, key));
            let said = json!({ "policy": key.0, "subject": key.1, "terraform": one, "cloudformation": other });
            match one == other {
                true => same += 1,
                false if twins.listed("verdicts").any(|listed| *listed == said) => {}
                false => wrong.push(format!("{}: {said}", twins.name)),
            }
        }
        for listed in twins.listed("verdicts") {
            let key = (listed["policy"].as_str().unwrap().to_owned(), listed["subject"].as_str().unwrap().to_owned());
            if listed["terraform"] != verdict(&left, &key) || listed["cloudformation"] != verdict(&right, &key) {
                wrong.push(format!("{}: is not so any more: {listed}", twins.name));
            }
        }
    }
    assert!(same > 30, "only {same} findings are the same");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A policy that is about nothing passes silently.
#[test]
fn policies_are_about_as_much() {
    let (mut asked, mut wrong) = (0, Vec::new());
    for twins in all() {
        let listed: BTreeSet<&str> = twins.listed("checks").filter_map(Value::as_str).collect();
        for (policy, count) in &twins.plan.checks {
            let other = twins.template.checks[policy];
            if (*count != other) != listed.contains(policy.as_str()) {
                wrong.push(format!("{}: {policy}: {count} checks of the plan, {other} of the template", twins.name));
            }
            asked += count;
        }
    }
    assert!(asked > 300, "only {asked} checks");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whatever is said to differ says why.
#[test]
fn differences_have_reasons() {
    for twins in all() {
        for one in &twins.differences {
            for key in ["what", "why"] {
                assert!(one[key].as_str().is_some_and(|text| text.len() > 10), "{}: {one}", twins.name);
            }
        }
    }
}
