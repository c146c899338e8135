//! The baseline file: the findings a repository lives with, one a line and sorted, so that a diff of it can be read.

use serde::{Deserialize, Serialize};

use crate::judge::{Assessment, Baseline, BaselineEntry, Finding, Origin, Verdict};
use crate::source::{Problem, disk};

/// What the file says it is.
const SCHEMA: &str = "plangate/baseline/1";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    schema: String,
    findings: Vec<Entry>,
}

#[derive(Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(deny_unknown_fields)]
struct Entry {
    policy: String,
    subject: String,
    verdict: Said,
    fingerprint: String,
}

#[derive(Clone, Copy, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
enum Said {
    Fail,
    Undecided,
}

/// Reads a baseline.
///
/// # Errors
/// It cannot be read, or is none.
pub fn read_baseline(path: &str) -> Result<Baseline, Problem> {
    let text = disk::read_text(path)?;
    parse(&text, path)
}

fn parse(text: &str, path: &str) -> Result<Baseline, Problem> {
    let help = format!("write it with: plangate check … --write-baseline {path}");
    let whole: Whole = serde_json::from_str(text).map_err(|error| {
        let line = u32::try_from(error.line()).unwrap_or(1).max(1);
        let column = u32::try_from(error.column()).unwrap_or(1).max(1);
        let said = error.to_string();
        let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
        Problem::error(format!("is no baseline: {said}")).in_file(path).at(line, column).help(&help)
    })?;
    if whole.schema != SCHEMA {
        let message = format!("is no baseline that this version reads: its schema is not {SCHEMA}");
        return Err(Problem::error(message).in_file(path).help(help));
    }
    let mut lines = Lines { rest: text, line: 1 };
    let entries = whole.findings.into_iter().map(|entry| BaselineEntry {
        line: lines.of(&entry.fingerprint),
        policy: entry.policy,
        subject: entry.subject,
        verdict: match entry.verdict {
            Said::Fail => Verdict::Fail,
            Said::Undecided => Verdict::Undecided,
        },
        fingerprint: entry.fingerprint,
    });
    Ok(Baseline { file: path.to_owned(), entries: entries.collect() })
}

/// Goes through a text once: entries are looked for in their order.
struct Lines<'t> {
    rest: &'t str,
    line: u32,
}

impl Lines<'_> {
    /// The line that a fingerprint stands on; the last one found where it is written in some other way.
    fn of(&mut self, fingerprint: &str) -> u32 {
        let (before, rest) = self.rest.split_at(self.rest.find(fingerprint).unwrap_or(self.rest.len()));
        if !rest.is_empty() {
            self.line += u32::try_from(before.matches('\n').count()).unwrap_or(0);
        }
        self.rest = rest;
        self.line
    }
}

/// The text of a baseline, and how many findings are on it: everything that fails, what an older baseline knows included; of what is undecided only when
/// `undecided` counts as failed. Exceptions with a reason are left out: they hold by themselves.
#[must_use]
pub fn baseline(assessment: &Assessment, undecided: bool) -> (String, usize) {
    let known = assessment.exempt.iter().filter(|exempt| exempt.cause.origin == Origin::Baseline);
    let all = assessment.findings.iter().chain(known.map(|exempt| &exempt.finding));
    let mut entries: Vec<Entry> =
        all.filter(|finding| undecided || finding.verdict == Verdict::Fail).map(entry).collect();
    entries.sort();
    entries.dedup();
    // Texts only: writing them cannot fail.
    let lines: Vec<String> =
        entries.iter().map(|entry| format!("    {}", serde_json::to_string(entry).unwrap_or_default())).collect();
    let list = if lines.is_empty() { String::new() } else { format!("\n{}\n  ", lines.join(",\n")) };
    (format!("{{\n  \"schema\": \"{SCHEMA}\",\n  \"findings\": [{list}]\n}}\n"), entries.len())
}

fn entry(finding: &Finding) -> Entry {
    Entry {
        policy: finding.policy.to_string(),
        subject: finding.subject.to_string(),
        verdict: match finding.verdict {
            Verdict::Fail => Said::Fail,
            Verdict::Undecided => Said::Undecided,
        },
        fingerprint: finding.fingerprint.to_string(),
    }
}
