//! The only place of exit codes, and what they mean in words.

use std::process::ExitCode;

use super::args::{FailOn, Undecided};
use crate::judge::{Assessment, Change, Finding, Verdict};
use crate::report::ExampleRun;
use crate::source::{Level, Problem};

/// How a run ends; the worse one is the greater one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Nothing failed at or above the threshold.
    Clean,
    /// Something did.
    Failed,
    /// What was asked could not be judged.
    NotJudged,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Clean => 0,
            Exit::Failed => 1,
            Exit::NotJudged => 2,
        })
    }
}

/// Which findings count.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counting {
    /// From which severity on.
    pub(crate) fail_on: FailOn,
    /// Whether undecided ones do.
    pub(crate) undecided: Undecided,
    /// Whether those that were there before the change do not.
    pub(crate) new_only: bool,
}

impl Counting {
    /// Whether this finding makes the run fail.
    pub(crate) fn counts(self, finding: &Finding) -> bool {
        let verdict = finding.verdict == Verdict::Fail || self.undecided == Undecided::Fail;
        let old = self.new_only && finding.change == Some(Change::Existing);
        verdict && !old && self.fail_on.0.is_some_and(|threshold| finding.severity >= threshold)
    }
}

impl Exit {
    /// The exit of a run that judges nothing.
    pub(crate) fn of_problems(problems: &[Problem]) -> Exit {
        if errors(problems) > 0 { Exit::NotJudged } else { Exit::Clean }
    }

    /// The exit of `policies test`. Running no example is not a test passed.
    pub(crate) fn of_examples(run: &ExampleRun) -> Exit {
        match (run.failures.is_empty(), run.examples) {
            (false, _) => Exit::Failed,
            (true, 0) => Exit::NotJudged,
            (true, _) => Exit::Clean,
        }
    }

    /// The exit of `check`, and the sentence that says why when the findings alone do not.
    pub(crate) fn of_check(assessment: &Assessment, counting: Counting) -> (Exit, Option<String>) {
        let errors = errors(&assessment.problems);
        if errors > 0 {
            let many = if errors == 1 { "error" } else { "errors" };
            return (
                Exit::NotJudged,
                Some(format!("exit 2: not all that was asked could be judged ({errors} {many} on standard error)")),
            );
        }
        let count = |verdict, counts: &dyn Fn(&Finding) -> bool| {
            let mine = |finding: &&Finding| finding.verdict == verdict && counts(finding);
            assessment.findings.iter().filter(mine).count()
        };
        let Some(threshold) = counting.fail_on.0 else {
            let failed = count(Verdict::Fail, &|_| true);
            return (Exit::Clean, (failed > 0).then(|| "exit 0: nothing counts with --fail-on never".to_owned()));
        };
        let failed = count(Verdict::Fail, &|finding| counting.counts(finding));
        let open = count(Verdict::Undecided, &|finding| counting.counts(finding));
        if failed + open == 0 {
            let below = count(Verdict::Fail, &|_| true);
            let new = if counting.new_only { "nothing new" } else { "nothing" };
            return (Exit::Clean, (below > 0).then(|| format!("exit 0: {new} failed at or above {threshold}")));
        }
        let mut parts = Vec::new();
        if failed > 0 {
            parts.push(format!("{failed} failed"));
        }
        if open > 0 {
            parts.push(format!("{open} undecided"));
        }
        let new = if counting.new_only { "new with this change: " } else { "" };
        (Exit::Failed, Some(format!("exit 1: {new}{} at or above {threshold}", parts.join(", "))))
    }
}

fn errors(problems: &[Problem]) -> usize {
    problems.iter().filter(|problem| problem.level == Level::Error).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Severity;
    use crate::judge::Hop;

    fn finding(verdict: Verdict, severity: Severity) -> Finding {
        Finding {
            policy: "".into(),
            verdict,
            severity,
            change: None,
            input: 0,
            subject: "".into(),
            construct: None,
            spot: None,
            path: None,
            more_paths: 0,
            hop: Hop::Target,
            title: "".into(),
            message: "".into(),
            why: "".into(),
            fix: "".into(),
            cure: Vec::new(),
            edits: Vec::new(),
            evidence: Vec::new(),
            presumed: false,
            hangs_on: None,
            fingerprint: "".into(),
        }
    }

    fn of(findings: &[(Verdict, Severity)], fail_on: Option<Severity>, undecided: Undecided) -> (Exit, String) {
        let findings = findings.iter().map(|(verdict, severity)| finding(*verdict, *severity)).collect();
        let assessment = Assessment { findings, ..Assessment::default() };
        let counting = Counting { fail_on: FailOn(fail_on), undecided, new_only: false };
        let (exit, words) = Exit::of_check(&assessment, counting);
        (exit, words.unwrap_or_default())
    }

    #[test]
    fn the_threshold_decides() {
        let low = [(Verdict::Fail, Severity::Low)];
        let medium = Some(Severity::Medium);
        let report = Undecided::Report;
        assert_eq!(of(&[], medium, report), (Exit::Clean, String::new()));
        assert_eq!(of(&low, medium, report), (Exit::Clean, "exit 0: nothing failed at or above medium".into()));
        assert_eq!(of(&low, Some(Severity::Low), report), (Exit::Failed, "exit 1: 1 failed at or above low".into()));
        assert_eq!(of(&low, None, report), (Exit::Clean, "exit 0: nothing counts with --fail-on never".into()));
    }

    #[test]
    fn undecided_ones_count_when_asked() {
        let both = [(Verdict::Undecided, Severity::High), (Verdict::Undecided, Severity::Low)];
        let medium = Some(Severity::Medium);
        assert_eq!(of(&both, medium, Undecided::Report).0, Exit::Clean);
        let counted = of(&both, medium, Undecided::Fail);
        assert_eq!(counted, (Exit::Failed, "exit 1: 1 undecided at or above medium".into()));
        assert_eq!(of(&both, None, Undecided::Fail).0, Exit::Clean);
    }

    #[test]
    fn what_was_there_before_does_not_count_when_asked() {
        let counting =
            |new_only| Counting { fail_on: FailOn(Some(Severity::Medium)), undecided: Undecided::Report, new_only };
        let with = |change| {
            let findings = vec![Finding { change: Some(change), ..finding(Verdict::Fail, Severity::High) }];
            Assessment { findings, ..Assessment::default() }
        };
        assert_eq!(Exit::of_check(&with(Change::Existing), counting(false)).0, Exit::Failed);
        assert_eq!(Exit::of_check(&with(Change::Existing), counting(true)).0, Exit::Clean);
        assert_eq!(Exit::of_check(&with(Change::Introduced), counting(true)).0, Exit::Failed);
    }

    #[test]
    fn an_error_outweighs_findings() {
        let findings = vec![finding(Verdict::Fail, Severity::Critical)];
        let problems = vec![Problem::error("unreadable"), Problem::warning("odd")];
        let assessment = Assessment { findings, problems, ..Assessment::default() };
        let counting =
            Counting { fail_on: FailOn(Some(Severity::Medium)), undecided: Undecided::Report, new_only: false };
        let (exit, words) = Exit::of_check(&assessment, counting);
        assert_eq!(exit, Exit::NotJudged);
        assert!(words.unwrap().contains("(1 error on standard error)"));
    }

    #[test]
    fn testing_nothing_is_not_a_pass() {
        assert_eq!(Exit::of_examples(&ExampleRun::default()), Exit::NotJudged);
        assert_eq!(Exit::of_examples(&ExampleRun { examples: 3, ..ExampleRun::default() }), Exit::Clean);
    }
}
