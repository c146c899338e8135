//! Where the floors below are put together: inputs are loaded, related and judged. The subcommands ask here and know
//! nothing of how it is done.

use super::choose::{Choice, Known};
use crate::judge::Assessment;
use crate::report::{ExampleRun, PolicyPage};
use crate::source::Problem;

/// Loads the inputs and judges them with the chosen policies.
///
/// # Errors
/// When nothing at all could be judged. When only part of it could, the assessment says so in its problems.
pub(crate) fn assess(inputs: &[String], choice: &Choice) -> Result<Assessment, Vec<Problem>> {
    let _ = choice;
    let (loaded, problems) = crate::load::load(&inputs[0]).map_err(|p| vec![p])?;
    let mut a = crate::judge::judge(&loaded.graph);
    a.problems = problems;
    a.inputs.push(crate::judge::Input { path: inputs[0].clone(), form: "x", resources: 1 });
    Ok(a)
}

/// The pages of all policies, built in and given, area by area; and what is wrong with those that have none.
pub(crate) fn policy_pages(_paths: &[String]) -> (Vec<PolicyPage>, Vec<Problem>) {
    (Vec::new(), vec![not_wired()])
}

/// Runs the examples of the policies at `paths`.
pub(crate) fn run_examples(_paths: &[String]) -> (ExampleRun, Vec<Problem>) {
    (ExampleRun::default(), vec![not_wired()])
}

fn not_wired() -> Problem {
    Problem::error("judging is not wired up yet")
}
