//! What a check report says about lines that a pull request changes. Reads `plangate/check/1` as a program of somebody
//! else would.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::forge::{ChangedLines, Remark};
use crate::report::{Told, remark_markdown};
use crate::source::{Problem, Repository, disk};

const SCHEMA: &str = "plangate/check/1";

/// A check report.
#[derive(Debug, Deserialize)]
pub(crate) struct Report {
    schema: String,
    findings: Vec<Finding>,
}

#[derive(Debug, Deserialize)]
struct Finding {
    policy: String,
    verdict: String,
    severity: String,
    change: Option<String>,
    subject: String,
    message: String,
    why: String,
    fix: String,
    fingerprint: String,
    file: Option<String>,
    line: Option<u32>,
    evidence: Vec<Evidence>,
    #[serde(default)]
    edits: Vec<Edit>,
}

#[derive(Debug, Deserialize)]
struct Evidence {
    file: Option<String>,
    line: Option<u32>,
}

/// From this character to before that one, both counted from 1.
#[derive(Debug, Deserialize)]
struct Edit {
    file: String,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    replacement: String,
}

/// Reads the report.
///
/// # Errors
/// When the file cannot be read or is no check report.
pub(crate) fn read(file: &str) -> Result<Report, Problem> {
    let bytes = disk::read(file)?;
    let help = "give the file that `plangate check -o json=FILE` wrote";
    let report: Report = serde_json::from_slice(&bytes).map_err(|error| {
        let (line, column) = (error.line() as u32, error.column() as u32);
        Problem::error("is not a check report").in_file(disk::name_of(file)).at(line, column).help(help)
    })?;
    if report.schema == SCHEMA {
        return Ok(report);
    }
    Err(Problem::error(format!("is `{}`, not `{SCHEMA}`", report.schema)).in_file(disk::name_of(file)).help(help))
}

/// The remarks, one for each finding that failed and has a place on changed lines; and how many have none.
pub(crate) fn place(report: &Report, changed: &ChangedLines) -> (Vec<Remark>, usize) {
    let mut texts = Texts { changed, repository: Repository::around(), files: BTreeMap::new() };
    let failed = |finding: &&Finding| finding.verdict == "fail" && finding.change.as_deref() != Some("fixed");
    let failed: Vec<&Finding> = report.findings.iter().filter(failed).collect();
    let remarks: Vec<Remark> = failed.iter().filter_map(|finding| texts.remark(finding)).collect();
    let elsewhere = failed.len() - remarks.len();
    (remarks, elsewhere)
}

/// The texts as they were judged beside those of the pull request.
struct Texts<'c> {
    changed: &'c ChangedLines,
    repository: Repository,
    files: BTreeMap<String, Judged>,
}

/// A file as it was judged.
struct Judged {
    path: Option<String>,
    /// None when it is not here (any more).
    lines: Option<Vec<String>>,
}

impl Texts<'_> {
    fn remark(&mut self, finding: &Finding) -> Option<Remark> {
        let (path, first, last, suggestion) = self.suggestion(&finding.edits).or_else(|| {
            let own = [(finding.file.as_deref(), finding.line)];
            let rests_on = finding.evidence.iter().map(|one| (one.file.as_deref(), one.line));
            let places = rests_on.chain(own).filter_map(|(file, line)| Some((file?, line?)));
            let found = places.map(|(file, line)| (self.written(file, line, line), line)).find(|(is, _)| is.is_some());
            found.and_then(|(found, line)| found.map(|(path, _)| (path, line, line, None)))
        })?;
        Some(Remark { key: finding.fingerprint.clone(), path, first, last, text: text(finding), suggestion })
    }

    /// The path and the lines, when the pull request writes all of them and they are what was judged: with a merge
    /// commit checked out, lines may have other numbers than in the pull request.
    fn written(&mut self, file: &str, first: u32, last: u32) -> Option<(String, Vec<String>)> {
        let judged = self.files.entry(file.to_owned()).or_insert_with(|| Judged {
            path: self.repository.path(file),
            lines: disk::read_text(file).ok().map(|text| text.lines().map(str::to_owned).collect()),
        });
        let path = judged.path.clone()?;
        let lines = self.changed.lines(&path, first, last)?;
        let same = judged.lines.as_ref().is_none_or(|judged| {
            let from = (first as usize).saturating_sub(1);
            judged.get(from..last as usize).is_some_and(|judged| judged == lines)
        });
        let lines = lines.into_iter().map(str::to_owned).collect();
        same.then_some((path, lines))
    }

    /// The lines that edits change and what they would be then, when that is one run of lines the pull request writes.
    fn suggestion(&mut self, edits: &[Edit]) -> Option<(String, u32, u32, Option<String>)> {
        let file = &edits.first()?.file;
        let first = edits.iter().map(|edit| edit.line).min()?;
        let last = edits.iter().map(|edit| edit.end_line).max()?;
        if edits.iter().any(|edit| edit.file != *file) {
            return None;
        }
        let (path, lines) = self.written(file, first, last)?;
        let mut text = lines.join("\n");
        let mut order: Vec<&Edit> = edits.iter().collect();
        order.sort_by_key(|edit| (edit.line, edit.column));
        for edit in order.into_iter().rev() {
            let start = offset(&text, edit.line.checked_sub(first)?, edit.column)?;
            let end = offset(&text, edit.end_line.checked_sub(first)?, edit.end_column)?;
            text.replace_range(start..end.max(start), &edit.replacement.replace("\r\n", "\n"));
        }
        let text = text.trim_end_matches('\n').to_owned();
        (!text.is_empty()).then_some((path, first, last, Some(text)))
    }
}

/// Where the `column`th character (from 1) of the `line`th line (from 0) begins, or where the line ends.
fn offset(text: &str, line: u32, column: u32) -> Option<usize> {
    let start = match line {
        0 => 0,
        line => text.match_indices('\n').nth(line as usize - 1)?.0 + 1,
    };
    let rest = text.get(start..)?.split('\n').next()?;
    let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    ends.into_iter().nth((column as usize).checked_sub(1)?).map(|at| start + at)
}

fn text(finding: &Finding) -> String {
    let Finding { policy, severity, subject, message, why, fix, .. } = finding;
    remark_markdown(Told { policy, severity, subject, message, why, fix })
}
