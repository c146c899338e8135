//! Every policy that carries a cure cures its own failing examples by it, in every language they are written in, or the
//! reason why not stands here.

use plangate::fix::{self, Bench, Origin};
use plangate::judge::{Verdict, judge_all};
use plangate::load;
use plangate::policy::{Example, Policy, PolicySet, Wanted};

/// What comes of each failing example: its number of edits, or why it is left.
fn cured(policy: &Policy, example: &Example) -> Result<String, String> {
    let only = PolicySet::of(policy.clone().with_params(&example.params));
    let loaded = load::example(example.dialect, &example.text).unwrap();
    let graphs: Vec<_> = loaded.graphs().collect();
    let assessment = judge_all(&graphs, &loaded.beside, &only);
    assert!(assessment.findings.iter().any(|finding| finding.verdict == Verdict::Fail));
    let types: Vec<&str> = loaded.graph.resources().map(|(_, resource)| &*resource.type_name).collect();
    let bench =
        Bench { origin: Origin::Text(example.dialect, &example.text), policies: &only, types: &types, judged: None };
    let fixes = fix::all(&bench, &assessment);
    for outcome in &fixes.outcomes {
        outcome.result.clone()?;
    }
    let patch = fixes.patches.first().unwrap();
    assert_eq!(patch.before, example.text);
    Ok(patch.after.clone())
}

#[test]
fn every_failing_example_is_cured_by_the_edit_of_its_policy() {
    let (policies, _) = PolicySet::builtin();
    let mut left = Vec::new();
    for policy in policies.iter().filter(|policy| !policy.fix.edit.is_empty()) {
        for example in policy.examples.iter().filter(|example| example.verdict == Wanted::Fail) {
            match cured(policy, example) {
                Err(why) => left.push(format!("{} ({}, {}): {why}", policy.id, example.name, example.dialect.name())),
                Ok(after) => {
                    let patched = Example { text: after, ..example.clone() };
                    let only = PolicySet::of(policy.clone().with_params(&example.params));
                    let loaded = load::example(patched.dialect, &patched.text).unwrap();
                    let graphs: Vec<_> = loaded.graphs().collect();
                    assert_eq!(judge_all(&graphs, &loaded.beside, &only).summary.fail, 0, "{}", policy.id);
                }
            }
        }
    }
    insta::assert_snapshot!(left.join("\n"));
}
