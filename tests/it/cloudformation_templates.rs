//! The templates of `testdata/templates/` against the truths written down by hand in `truths.json`: for each set of
//! parameters the request paths, and what `check` says.

use std::collections::BTreeSet;

use plangate::judge::{Assessment, Verdict, judge_all};
use plangate::load::{GivenParameter, Inputs, TemplateInputs};
use plangate::policy::PolicySet;
use serde_json::Value;

use crate::program::{bytes_of, testdata};

fn assessed(truth: &Value) -> Assessment {
    let (policies, problems) = PolicySet::builtin();
    assert!(problems.is_empty(), "{problems:?}");
    let given = truth["parameters"].as_object().unwrap().iter();
    let parameters = given.map(|(name, value)| GivenParameter::Value(name.clone(), value.as_str().unwrap().to_owned()));
    let template = TemplateInputs { parameters: parameters.collect(), ..TemplateInputs::default() };
    let file = testdata(&format!("templates/{}", truth["template"].as_str().unwrap()));
    let (loaded, problems) = plangate::load::load(&file, &Inputs { template, ..Inputs::default() }, &[]).unwrap();
    assert!(problems.is_empty(), "{file}: {problems:?}");
    judge_all(&loaded.graphs().collect::<Vec<_>>(), &Default::default(), &policies)
}

fn truths() -> Vec<Value> {
    let truths: Vec<Value> = serde_json::from_slice(&bytes_of("templates/truths.json")).unwrap();
    assert!(truths.len() >= 7, "only {} truths", truths.len());
    truths
}

/// What a path is known by: its ends, and the port, which alone tells two registrations of one machine apart.
fn is_about(path: &Value, truth: &Value) -> bool {
    let ends = ["load_balancer", "listener", "rule", "target_group", "port"];
    ends.iter().all(|end| path[end] == truth[end]) && path["target"]["address"] == truth["target"]
}

#[test]
fn paths_are_what_the_template_says() {
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for truth in truths() {
        let Some(stated) = truth["paths"].as_array() else { continue };
        let who = format!("{} {}", truth["template"], truth["parameters"]);
        let shown: Value = serde_json::from_str(&plangate::report::paths_json(&assessed(&truth))).unwrap();
        let paths = shown["paths"].as_array().unwrap();
        if paths.len() != stated.len() {
            wrong.push(format!("{who}: {} paths, not {}", paths.len(), stated.len()));
        }
        for wanted in stated {
            let Some(path) = paths.iter().find(|path| is_about(path, wanted)) else {
                wrong.push(format!("{who}: no such path: {wanted}"));
                continue;
            };
            let mut ask = |name: &str, got: &Value, wanted: &Value| {
                asked += 1;
                if got != wanted {
                    wrong.push(format!("{who}: {name} is {got}, not {wanted}"));
                }
            };
            ask("idle_timeout", &path["idle_timeout"], &wanted["idle_timeout"]);
            for (name, value) in wanted["health_check"].as_object().unwrap() {
                ask(name, &path["health_check"][name], value);
            }
            for (name, value) in wanted["reach"].as_object().unwrap() {
                ask(name, &path["reach"][name]["answer"], value);
            }
            if let Some(rule) = truth["because"].as_str() {
                let because = path["reach"]["traffic"]["because"].as_str().unwrap();
                asked += 1;
                if !because.contains(rule) {
                    wrong.push(format!("{who}: {because} does not name {rule}"));
                }
            }
        }
    }
    assert!(asked > 80, "only {asked} truths asked");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn findings_are_these_and_no_others() {
    let mut wrong = Vec::new();
    for truth in truths() {
        let who = format!("{} {}", truth["template"], truth["parameters"]);
        let assessment = assessed(&truth);
        let verdict = |one: Verdict| if one == Verdict::Fail { "fail" } else { "undecided" };
        let said: BTreeSet<(&str, &str, &str)> = assessment
            .findings
            .iter()
            .map(|one| (one.policy.as_str(), one.subject.as_str(), verdict(one.verdict)))
            .collect();
        let mut stated = BTreeSet::new();
        for one in truth["findings"].as_array().unwrap() {
            let text = |key: &str| one[key].as_str().unwrap();
            stated.insert((text("policy"), text("subject"), text("verdict")));
            let Some(parameter) = one["hangs_on"].as_str() else { continue };
            let finding = assessment.findings.iter().find(|found| found.policy == text("policy"));
            let hangs_on = finding.and_then(|finding| finding.hangs_on.as_deref()).unwrap_or_default();
            if !hangs_on.ends_with(parameter) {
                wrong.push(format!("{who}: {} hangs on {hangs_on}, not on {parameter}", text("policy")));
            }
        }
        wrong.extend(stated.difference(&said).map(|one| format!("{who}: not said: {one:?}")));
        wrong.extend(said.difference(&stated).map(|one| format!("{who}: said too much: {one:?}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
