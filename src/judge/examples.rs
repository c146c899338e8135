//! Runs the examples a policy carries: each is read like an input of its own, and judged by that policy alone.

use std::collections::BTreeSet;

use super::assessment::{Assessment, Verdict};
use super::judge_all;
use crate::load;

use crate::policy::{Example, Policy, PolicySet, Wanted};
use crate::server::Beside;
use crate::source::Problem;

/// One example that was run.
#[derive(Debug)]
pub struct ExampleResult {
    /// Policy id.
    pub policy: String,
    /// The example's name.
    pub example: String,
    /// What is wrong with it; none when the policy says what the example expects.
    pub problem: Option<Problem>,
}

/// Runs all examples of all policies in the set, in order.
#[must_use]
pub fn run_examples(policies: &PolicySet) -> Vec<ExampleResult> {
    policies.iter().flat_map(|policy| policy.examples.iter().map(move |example| run(policy, example))).collect()
}

fn run(policy: &Policy, example: &Example) -> ExampleResult {
    let only = PolicySet::of(policy.clone().with_params(&example.params));
    let problem = match load::example(example.dialect, &example.text) {
        Ok(mut loaded) => {
            loaded.replace(&example.replaced);
            held(example, &judge_all(&loaded.graphs().collect::<Vec<_>>(), &Beside::default(), &only))
        }
        Err(problem) => Some(problem),
    };
    let placed = problem.map(|problem| {
        // Lines of an example are told from its own beginning.
        let line = problem.position.map_or(0, |position| position.line.saturating_sub(1));
        let column = problem.position.map_or(1, |position| position.column);
        problem.in_file(policy.file.clone()).at(example.line + line, column)
    });
    let name = format!("{} ({})", example.name, example.dialect.name());
    ExampleResult { policy: policy.id.to_string(), example: name, problem: placed }
}

fn held(example: &Example, assessment: &Assessment) -> Option<Problem> {
    let of = |verdict| assessment.findings.iter().filter(move |finding| finding.verdict == verdict);
    let got = if of(Verdict::Fail).next().is_some() {
        Wanted::Fail
    } else if of(Verdict::Undecided).next().is_some() {
        Wanted::Undecided
    } else {
        Wanted::Pass
    };
    if got != example.verdict {
        let said = assessment.findings.first().map_or_else(
            || format!("{} checks, all passed", assessment.summary.checks),
            |finding| finding.message.to_string(),
        );
        return Some(Problem::error(format!("expected {}, got {}: {said}", example.verdict.name(), got.name())));
    }
    if got != Wanted::Fail {
        return None;
    }
    let lines = example.text.lines().enumerate();
    let marked: Vec<u32> =
        lines.filter(|(_, line)| line.trim_end().ends_with("# finding")).map(|(at, _)| at as u32 + 1).collect();
    if marked.is_empty() {
        return Some(Problem::error("no line is marked with the comment `# finding`"));
    }
    let told: BTreeSet<u32> = of(Verdict::Fail)
        .flat_map(|finding| finding.spot.iter().chain(finding.evidence.iter().filter_map(|one| one.spot.as_ref())))
        .map(|spot| spot.line)
        .collect();
    let missed = marked.iter().find(|line| !told.contains(line))?;
    let told: Vec<String> = told.iter().map(u32::to_string).collect();
    let message = format!("the mark is on line {missed} of the example, the finding names lines {}", told.join(", "));
    Some(Problem::error(message).at(*missed, 1))
}
