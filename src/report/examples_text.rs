//! The text report of `policies test`: which examples of which policies do not get the verdict they claim.

use super::ink::{BAD, GOOD, PLAIN, STRONG, UNSURE};
use super::sheet::{Look, Sheet, count};

/// What running the examples of policies gave.
#[derive(Clone, Debug, Default)]
pub struct ExampleRun {
    /// Policies looked at.
    pub policies: usize,
    /// Examples run.
    pub examples: usize,
    /// Those that did not get the verdict they claim, in a stable order.
    pub failures: Vec<ExampleFailure>,
}

/// One example that did not get the verdict it claims.
#[derive(Clone, Debug)]
pub struct ExampleFailure {
    /// Policy id.
    pub policy: String,
    /// Which example: its name, or its number and form.
    pub example: String,
    /// What it claims and what it got.
    pub message: String,
}

/// The report.
#[must_use]
pub fn examples_text(run: &ExampleRun, look: Look) -> String {
    let mut sheet = Sheet::new(look);
    for failure in &run.failures {
        sheet.flow(0, 2, |line| {
            line.word(BAD, "✗").word(STRONG, &failure.policy).and(PLAIN, ":").words(PLAIN, &failure.example);
        });
        sheet.prose(2, PLAIN, &failure.message);
    }
    if !run.failures.is_empty() {
        sheet.gap();
    }
    let ran =
        format!("{} of {}", count(run.examples, "example", "examples"), count(run.policies, "policy", "policies"));
    if run.examples == 0 {
        sheet.prose(0, UNSURE, &format!("ran {ran}: nothing was tested"));
    } else if run.failures.is_empty() {
        sheet.prose(0, GOOD, &format!("ran {ran}: every one gets the verdict it claims"));
    } else {
        let wrong = if run.failures.len() == 1 { "does" } else { "do" };
        let text = format!("ran {ran}: {} {wrong} not get the verdict they claim", run.failures.len());
        sheet.prose(0, BAD, &text);
    }
    sheet.finish()
}
