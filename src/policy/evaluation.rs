//! Holds one policy against one set of variables.

use std::sync::Arc;

use super::expression::{Answer, Evaluator, Failure, Outcome, Read, Reads, Unknowns};
use super::select::Select;
use super::{Policy, Remedied, Validation};
use crate::graph::{Data, Text, Unknown, Value};

/// What holding a policy against variables gave.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// The verdict.
    pub ruling: Ruling,
    /// The attributes it rests on, in the order they were first read: of a fail those of the broken condition, and
    /// only where that reads nothing those of `when`.
    pub reads: Vec<Read>,
    /// What an undecided one hangs on; empty when it is an attribute that is not set.
    pub unknowns: Vec<Arc<Unknown>>,
    /// What to change, with values; empty unless it failed or is undecided.
    pub fix: Text,
    /// What would cure it, step by step; of a fail only, and none when one of the steps cannot be told.
    pub cure: Vec<Remedied>,
}

/// What a policy says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// It is not about this.
    NotApplicable,
    /// Kept, whatever the unknown values turn out to be.
    Pass,
    /// Broken, whatever the unknown values turn out to be.
    Fail {
        /// What is wrong.
        message: Text,
    },
    /// It hangs on what is not known, or cannot be worked out.
    Undecided {
        /// What would be wrong, or why it cannot be worked out.
        message: Text,
    },
}

/// A policy held against one part of a resource.
#[derive(Clone, Debug)]
pub struct Selected {
    /// Dotted path of the part inside the resource; empty for the whole.
    pub path: String,
    /// The verdict.
    pub evaluation: Evaluation,
}

/// Holds a policy against variables; one that is not among them is absent.
#[must_use]
pub fn evaluate(policy: &Policy, variables: &[(&str, &Value)]) -> Evaluation {
    let mut evaluator = Evaluator::new(variables, Some(&policy.params_value), &policy.variables);
    let mut applies = Held::Yes;
    let mut reads = Reads::default();
    if let Some(when) = &policy.when {
        let answer = evaluator.answer(when);
        reads.extend(answer.reads);
        applies = Held::from(answer.outcome);
        if matches!(applies, Held::No) {
            return Evaluation::quiet(Ruling::NotApplicable, reads);
        }
    }
    let mut broken: Option<(&Validation, Vec<Read>)> = None;
    let mut open: Option<(&Validation, Vec<Read>, Option<Failure>)> = None;
    let mut unknowns = Unknowns::default();
    let mut kept = Vec::new();
    for validation in &policy.validations {
        let Answer { outcome, reads: own } = evaluator.answer(&validation.expression);
        match Held::from(outcome) {
            Held::Yes => kept.extend(own),
            Held::No => {
                broken = Some((validation, own));
                break;
            }
            Held::Unknown(found, failure) => {
                unknowns.extend(&found);
                open.get_or_insert((validation, own, failure));
            }
        }
    }
    if broken.is_none() && open.is_none() {
        reads.extend(kept);
        return Evaluation::quiet(Ruling::Pass, reads);
    }
    let fix = policy.fix.summary.render(&mut evaluator);
    if let (Held::Yes, Some((validation, own))) = (&applies, &mut broken) {
        // Why it applies is no news; where the condition itself reads nothing, it is all there is.
        let reads = if own.is_empty() { reads.into_vec() } else { std::mem::take(own) };
        let message = validation.message.render(&mut evaluator);
        let steps = policy.fix.edit.iter().map(|step| step.work_out(&mut evaluator));
        let cure: Result<Vec<Option<Remedied>>, _> = steps.collect();
        let cure = cure.unwrap_or_default().into_iter().flatten().collect();
        return Evaluation { ruling: Ruling::Fail { message }, reads, unknowns: Vec::new(), fix, cure };
    }
    let mut hangs_on = Unknowns::default();
    let mut why = None;
    if let Held::Unknown(found, failure) = applies {
        hangs_on.extend(&found);
        why = failure.map(|failure| format!("whether this applies cannot be told: {}", failure.message).into());
    }
    let (validation, own, failure) = match (broken, open) {
        (Some((validation, own)), _) => (validation, own, None),
        (None, Some((validation, own, failure))) => {
            hangs_on.extend(&unknowns.into_vec());
            (validation, own, failure)
        }
        (None, None) => return Evaluation::quiet(Ruling::Pass, reads),
    };
    reads.extend(own);
    let message = why
        .or_else(|| failure.map(|failure| format!("this cannot be told: {}", failure.message).into()))
        .unwrap_or_else(|| validation.message.render(&mut evaluator));
    let (reads, unknowns) = (reads.into_vec(), hangs_on.into_vec());
    Evaluation { ruling: Ruling::Undecided { message }, reads, unknowns, fix, cure: Vec::new() }
}

impl Evaluation {
    /// One that says nothing.
    fn quiet(ruling: Ruling, reads: Reads) -> Evaluation {
        let (reads, unknowns) = (reads.into_vec(), Vec::new());
        Evaluation { ruling, reads, unknowns, fix: Text::new(), cure: Vec::new() }
    }
}

/// Holds a policy about raw resources against the parts of one that its `select` names, each bound to `selected`
/// (and the whole to `resource`). Reads are told from the resource on.
#[must_use]
pub fn evaluate_selected(policy: &Policy, resource: &Value) -> Vec<Selected> {
    let whole;
    let select = match &policy.select {
        Some(select) => select,
        None => {
            whole = Select::whole();
            &whole
        }
    };
    let selection = select.nodes(resource);
    let mut all: Vec<Selected> = Vec::with_capacity(selection.nodes.len());
    for node in &selection.nodes {
        let mut evaluation = evaluate(policy, &[("resource", resource), ("selected", &node.value)]);
        for read in evaluation.reads.iter_mut().filter(|read| read.variable == "selected") {
            read.variable = "resource".to_owned();
            let dot = if node.path.is_empty() || read.path.is_empty() { "" } else { "." };
            read.path = format!("{}{dot}{}", node.path, read.path);
        }
        if !node.hangs_on.is_empty() {
            evaluation = perhaps(evaluation, &node.hangs_on);
        }
        all.push(Selected { path: node.path.clone(), evaluation });
    }
    if let Some(why) = selection.failure {
        let ruling = Ruling::Undecided { message: format!("what this applies to cannot be told: {why}").into() };
        let evaluation = Evaluation::quiet(ruling, Reads::default());
        all.push(Selected { path: String::new(), evaluation });
    }
    all
}

/// The verdict on something that may not be there: it cannot be a fail.
fn perhaps(mut evaluation: Evaluation, hangs_on: &[Arc<Unknown>]) -> Evaluation {
    let message = match evaluation.ruling {
        Ruling::NotApplicable | Ruling::Pass => return evaluation,
        Ruling::Fail { message } | Ruling::Undecided { message } => message,
    };
    evaluation.ruling = Ruling::Undecided { message };
    let mut all = Unknowns::default();
    all.extend(hangs_on);
    all.extend(&evaluation.unknowns);
    evaluation.unknowns = all.into_vec();
    evaluation
}

/// A condition's answer.
enum Held {
    Yes,
    No,
    Unknown(Vec<Arc<Unknown>>, Option<Failure>),
}

impl From<Outcome> for Held {
    fn from(outcome: Outcome) -> Held {
        match outcome {
            Outcome::Known(Value { data: Data::Bool(true), .. }) => Held::Yes,
            Outcome::Known(Value { data: Data::Bool(false), .. }) => Held::No,
            Outcome::Known(_) => {
                let message = "the condition is neither true nor false".to_owned();
                Held::Unknown(Vec::new(), Some(Failure { message, absent: false }))
            }
            Outcome::Unknown(unknowns) => Held::Unknown(unknowns, None),
            Outcome::Error(failure) => Held::Unknown(Vec::new(), Some(failure)),
        }
    }
}
