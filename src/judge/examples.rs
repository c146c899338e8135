//! Runs the examples a policy carries: each is read as the plan Terraform would make of it, and judged by that policy
//! alone.

use super::assessment::{Assessment, Verdict};
use super::judge;
use crate::load::sketch::{Sketch, sketch};
use crate::policy::{Example, Policy, PolicySet, Wanted};
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
    let problem = match sketch(&example.terraform) {
        Ok(sketch) => held(example, &sketch, &judge(&sketch.graph, &only)),
        Err(problem) => Some(problem),
    };
    let placed = problem.map(|problem| {
        // Lines of a sketch are told from its own beginning.
        let line = problem.position.map_or(0, |position| position.line.saturating_sub(1));
        let column = problem.position.map_or(1, |position| position.column);
        problem.in_file(policy.file.clone()).at(example.line + line, column)
    });
    ExampleResult { policy: policy.id.clone(), example: example.name.clone(), problem: placed }
}

fn held(example: &Example, sketch: &Sketch, assessment: &Assessment) -> Option<Problem> {
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
            |finding| finding.message.clone(),
        );
        return Some(Problem::error(format!("expected {}, got {}: {said}", example.verdict.name(), got.name())));
    }
    if got != Wanted::Fail {
        return None;
    }
    if sketch.marked.is_empty() {
        return Some(Problem::error("no line is marked with the comment `# finding`"));
    }
    let named = |address: &String| {
        of(Verdict::Fail).any(|finding| {
            finding.subject == *address || finding.evidence.iter().any(|evidence| evidence.address == *address)
        })
    };
    let missed = sketch.marked.iter().find(|address| !named(address))?;
    let subjects: Vec<&str> = of(Verdict::Fail).map(|finding| finding.subject.as_str()).collect();
    Some(Problem::error(format!("the mark is on {missed}, but the finding is on {}", subjects.join(", "))))
}
