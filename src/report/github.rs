//! Workflow commands of GitHub Actions: findings and problems as annotations of the files of a pull request. GitHub takes
//! ten of each level from a step, so within a level the heaviest come first; all stand in the step's log.

use std::fmt::Write as _;

use super::annotation::{Mark, evidence_lines, headline, line, loudness, paragraphs, problem_line};
use super::sheet::count;
use crate::judge::{Assessment, Change, Finding};
use crate::source::{Level, Problem, Repository};

/// Annotations of one level that GitHub shows of a step.
const SHOWN: usize = 10;

/// One workflow command a line, and a last line that says what was looked at.
#[must_use]
pub fn check_github(assessment: &Assessment, repository: &Repository) -> String {
    let mut out = String::new();
    let commands = |level: Level| {
        let problems = assessment.problems.iter().filter(move |problem| problem.level == level);
        let mut findings: Vec<&Finding> =
            assessment.findings.iter().filter(|finding| loudness(finding) == level).collect();
        findings.sort_by_key(|finding| {
            (finding.verdict, finding.change == Some(Change::Existing), std::cmp::Reverse(finding.severity))
        });
        let problems = problems.map(|problem| of_problem(problem, repository));
        let findings = findings.into_iter().map(|finding| of_finding(finding, assessment, repository));
        problems.chain(findings).collect::<Vec<_>>()
    };
    let [errors, warnings, notices] = [Level::Error, Level::Warning, Level::Note].map(commands);
    let (loud, soft) = (errors.len().max(warnings.len()), notices.len());
    errors.iter().chain(&warnings).for_each(|command| write(&mut out, command));
    // Before the notices, or GitHub would not show it.
    if loud > SHOWN || soft > SHOWN {
        let all = format!(
            "{}, {} and {}: GitHub shows the first {SHOWN} of each; all stand in the log of this step",
            count(errors.len(), "error", "errors"),
            count(warnings.len(), "warning", "warnings"),
            count(soft + 1, "notice", "notices"),
        );
        write(&mut out, &Command { level: Level::Note, properties: titled("plangate"), message: all });
    }
    notices.iter().for_each(|command| write(&mut out, command));
    let summary = &assessment.summary;
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "plangate looked at {}, {}, {}: {} checks, {} passed, {} failed, {} undecided, {} exempt; this change fixes {}",
        count(summary.resources, "resource", "resources"),
        count(summary.paths, "request path", "request paths"),
        count(summary.policies, "policy", "policies"),
        summary.checks,
        summary.pass,
        summary.fail,
        summary.undecided,
        summary.exempt,
        summary.fixed,
    );
    out
}

struct Command {
    level: Level,
    properties: Vec<(&'static str, String)>,
    message: String,
}

fn titled(title: &str) -> Vec<(&'static str, String)> {
    vec![("title", line(title))]
}

fn of_finding(finding: &Finding, assessment: &Assessment, repository: &Repository) -> Command {
    let mark = Mark::of(finding, assessment);
    let mut properties = in_file(mark.file, repository);
    if let Some(spot) = mark.spot {
        properties.extend([("line", spot.line.to_string()), ("col", spot.column.to_string())]);
    }
    properties.extend(titled(&format!("{} ({})", finding.policy, finding.severity)));
    let mut message = headline(finding);
    for paragraph in paragraphs(finding) {
        message.push('\n');
        message.push_str(&paragraph);
    }
    for evidence in evidence_lines(finding) {
        message.push_str("\nAt: ");
        message.push_str(&evidence);
    }
    Command { level: loudness(finding), properties, message }
}

fn of_problem(problem: &Problem, repository: &Repository) -> Command {
    let mut properties = problem.file.as_ref().map(|file| in_file(file, repository)).unwrap_or_default();
    if let Some(position) = problem.position {
        properties.extend([("line", position.line.to_string()), ("col", position.column.to_string())]);
    }
    properties.extend(titled("plangate"));
    Command { level: problem.level, properties, message: problem_line(problem) }
}

/// The file, when it is one: neither standard input nor a flag can be marked.
fn in_file(file: &str, repository: &Repository) -> Vec<(&'static str, String)> {
    let no_file = file.starts_with('<') || file.starts_with("--");
    if no_file { Vec::new() } else { vec![("file", line(&repository.name(file)))] }
}

fn write(out: &mut String, command: &Command) {
    let name = match command.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let properties: Vec<String> =
        command.properties.iter().map(|(name, value)| format!("{name}={}", property(value))).collect();
    // Writing to a String cannot fail.
    let _ = writeln!(out, "::{name} {}::{}", properties.join(","), data(&command.message));
}

/// As the runner reads a message back.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// As the runner reads a property back.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
