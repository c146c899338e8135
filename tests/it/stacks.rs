//! Every stack of `testdata/` against the truths written beside it by hand: its request paths, and what `check` says.

use std::collections::BTreeSet;

use plangate::judge::{Assessment, judge};
use plangate::policy::PolicySet;
use serde_json::Value;

/// The folders of testdata that have truths.
fn stacks() -> Vec<String> {
    let root = format!("{}/testdata", env!("CARGO_MANIFEST_DIR"));
    let mut found: Vec<String> = plangate::source::disk::files_under(&root, &["yaml"])
        .unwrap()
        .into_iter()
        .filter_map(|file| file.strip_suffix("/expected.yaml").map(str::to_owned))
        .collect();
    found.sort();
    assert!(found.len() >= 10, "only {} stacks in {root}", found.len());
    found
}

fn assessed(stack: &str) -> Assessment {
    let (policies, problems) = PolicySet::builtin();
    assert!(problems.is_empty(), "{problems:?}");
    let (loaded, _) = plangate::load::load(&format!("{stack}/plan.json"), &Default::default(), &[]).unwrap();
    judge(&loaded.graph, &policies)
}

fn truths(stack: &str) -> Value {
    let text = plangate::source::disk::read_text(&format!("{stack}/expected.yaml")).unwrap();
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{stack}: {error}"))
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Where a stated field stands in `paths -o json`.
fn field<'p>(path: &'p Value, name: &str) -> &'p Value {
    match name {
        "target" => &path["target"]["address"],
        "target_type" => &path["target"]["type"],
        "health_port" => &path["health_check"]["port"],
        _ => &path[name],
    }
}

#[test]
fn paths_are_what_the_configuration_says() {
    let mut wrong = Vec::new();
    let mut asked = 0;
    for stack in stacks() {
        let assessment = assessed(&stack);
        let shown: Value = serde_json::from_str(&plangate::report::paths_json(&assessment)).unwrap();
        let ours = list(&shown, "paths");
        let truths = truths(&stack);
        let stated = list(&truths, "paths");
        if truths.get("paths").is_some() && stated.len() != ours.len() {
            wrong.push(format!("{stack}: {} paths stated, {} found", stated.len(), ours.len()));
        }
        for truth in stated {
            let ends = ["load_balancer", "listener", "rule", "target_group", "target"];
            let same =
                |path: &&Value| ends.iter().all(|end| truth.get(*end).is_none_or(|wanted| wanted == field(path, end)));
            let Some(path) = ours.iter().find(same) else {
                wrong.push(format!("{stack}: no such path: {truth}"));
                continue;
            };
            for (name, wanted) in truth.as_object().unwrap() {
                match name.as_str() {
                    "health_check" => {
                        for (name, wanted) in wanted.as_object().unwrap() {
                            asked += 1;
                            let got = &path["health_check"][name];
                            if got != wanted {
                                wrong.push(format!(
                                    "{stack}: {}: health_check.{name}: {got}, not {wanted}",
                                    truth["target_group"]
                                ));
                            }
                        }
                    }
                    "reach" => {
                        for (name, wanted) in wanted.as_object().unwrap() {
                            asked += 1;
                            let got = &path["reach"][name];
                            let answer = if got["answer"].is_null() {
                                "not_applicable"
                            } else {
                                got["answer"].as_str().unwrap()
                            };
                            if answer != wanted {
                                wrong.push(format!(
                                    "{stack}: {}: reach.{name}: {got}, not {wanted}",
                                    truth["target_group"]
                                ));
                            }
                        }
                    }
                    name => {
                        asked += 1;
                        let got = field(path, name);
                        if got != wanted {
                            wrong.push(format!("{stack}: {}: {name}: {got}, not {wanted}", truth["target_group"]));
                        }
                    }
                }
            }
        }
    }
    assert!(asked > 300, "only {asked} truths asked");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn check_says_what_is_wrong_and_nothing_else() {
    let mut wrong = Vec::new();
    for stack in stacks() {
        let assessment = assessed(&stack);
        let truths = truths(&stack);
        let said: BTreeSet<(String, String, &str)> = assessment
            .findings
            .iter()
            .map(|finding| {
                let verdict = match finding.verdict {
                    plangate::judge::Verdict::Fail => "fail",
                    plangate::judge::Verdict::Undecided => "undecided",
                };
                (finding.policy.to_string(), finding.subject.to_string(), verdict)
            })
            .collect();
        let mut accounted = BTreeSet::new();
        for (must, key) in [(true, "findings"), (false, "may_also")] {
            for truth in list(&truths, key) {
                let text = |key: &str| truth[key].as_str().unwrap_or_default().to_owned();
                let mut subjects = vec![text("subject")];
                subjects.extend(list(truth, "or").iter().filter_map(|one| one.as_str().map(str::to_owned)));
                let verdict = if text("verdict") == "undecided" { "undecided" } else { "fail" };
                let hit: Vec<_> = subjects
                    .iter()
                    .map(|subject| (text("policy"), subject.clone(), verdict))
                    .filter(|wanted| said.contains(wanted))
                    .collect();
                if must && hit.is_empty() {
                    wrong.push(format!("{stack}: not said: {truth}"));
                }
                accounted.extend(hit);
            }
        }
        for finding in &assessment.findings {
            let fail = finding.verdict == plangate::judge::Verdict::Fail;
            let key =
                (finding.policy.to_string(), finding.subject.to_string(), if fail { "fail" } else { "undecided" });
            if fail && finding.severity >= plangate::catalog::Severity::Medium && !accounted.contains(&key) {
                wrong.push(format!("{stack}: said too much: {} on {}: {}", key.0, key.1, finding.message));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn examples_of_the_policies_hold() {
    let (policies, problems) = PolicySet::builtin();
    assert!(problems.is_empty(), "{problems:?}");
    let results = plangate::judge::run_examples(&policies);
    assert!(results.len() > 200, "only {} examples", results.len());
    let wrong: Vec<String> = results.iter().filter_map(|result| Some(result.problem.as_ref()?.to_string())).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), results.len(), wrong.join("\n"));
}
