//! What `plangate fix` says: the changes as a unified diff that `git apply` and `patch -p1` take, then what is left and
//! why, and a closing line.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::ink::{BAD, DIM, GOOD, PLAIN, STRONG, UNSURE, clean};
use super::patch::unified;
use super::sheet::{Look, Sheet, count};
use crate::catalog::Severity;

/// What came of curing the findings of a run.
#[derive(Clone, Debug, Default)]
pub struct FixPage {
    /// Files that change, in a stable order.
    pub patches: Vec<PatchedFile>,
    /// Findings that are left, in a stable order.
    pub left: Vec<LeftFinding>,
    /// How many findings failed.
    pub findings: usize,
    /// How many of them the changes cure.
    pub cured: usize,
    /// By how many edits.
    pub edits: usize,
    /// Whether the changes were written.
    pub written: bool,
    /// Why the run ends as it does, when the closing line alone does not say.
    pub outcome: Option<String>,
}

/// One file, before and after.
#[derive(Clone, Debug)]
pub struct PatchedFile {
    /// Its path as a diff names it, without `a/`.
    pub path: String,
    /// Its text now.
    pub before: String,
    /// Its text with the changes.
    pub after: String,
    /// Lines of `before`, counted from zero, that are not to be shown.
    pub hidden: BTreeSet<usize>,
}

/// A finding that no change cures.
#[derive(Clone, Debug)]
pub struct LeftFinding {
    /// Policy id.
    pub policy: String,
    /// How bad.
    pub severity: Severity,
    /// What it is about.
    pub subject: String,
    /// File and line, when there is one.
    pub place: Option<String>,
    /// What to change, in words.
    pub fix: String,
    /// Why plangate does not do it.
    pub why: String,
}

/// The report. Its diff is never wrapped.
#[must_use]
pub fn fix_text(page: &FixPage, look: Look) -> String {
    let (mut diff, mut unshown) = (String::new(), Vec::new());
    for patch in &page.patches {
        match unified(&patch.path, &patch.before, &patch.after, &patch.hidden) {
            Some(text) => text.split_inclusive('\n').for_each(|line| push(line, look, &mut diff)),
            None => unshown.push(&*patch.path),
        }
    }
    let mut sheet = Sheet::new(look);
    for path in unshown {
        let done = if page.written { "made" } else { "made by --write" };
        let why = format!("not shown: the changes of {path} stand beside what may be a secret; they are {done}");
        sheet.prose(0, STRONG, &why);
    }
    sheet.gap();
    if !page.left.is_empty() {
        sheet.prose(0, STRONG, "not edited:");
    }
    for left in &page.left {
        sheet.gap();
        let severity = if left.severity >= Severity::Medium { BAD } else { UNSURE };
        sheet.flow(2, 4, |line| {
            line.word(severity, left.severity.name()).word(STRONG, &left.policy).word(PLAIN, &left.subject);
            if let Some(place) = &left.place {
                line.in_brackets(DIM, place);
            }
        });
        sheet.labelled(4, (DIM, "fix"), 9, PLAIN, &left.fix);
        sheet.labelled(4, (DIM, "why not"), 9, PLAIN, &left.why);
    }
    sheet.gap();
    sheet.prose(0, if page.left.is_empty() { GOOD } else { STRONG }, &closing(page));
    if let Some(outcome) = &page.outcome {
        sheet.prose(0, PLAIN, outcome);
    }
    let prose = sheet.finish();
    if diff.is_empty() { prose } else { format!("{diff}\n{prose}") }
}

fn closing(page: &FixPage) -> String {
    if page.findings == 0 {
        return "nothing fails, so there is nothing to fix".to_owned();
    }
    let mut parts = Vec::new();
    if page.cured > 0 {
        let (edits, files) = (count(page.edits, "edit", "edits"), count(page.patches.len(), "file", "files"));
        let written = if page.written { "written" } else { "not written yet: add --write" };
        parts.push(format!("{} cured by {edits} in {files} ({written})", page.cured));
    }
    if !page.left.is_empty() {
        parts.push(format!("{} left to you", page.left.len()));
    }
    format!("{}: {}", count(page.findings, "finding", "findings"), parts.join(", "))
}

/// A line of a diff, coloured as a whole. Tabs and the `\r` of a line end have to stay, or the diff would not apply; what
/// deceives a terminal is written out.
fn push(line: &str, look: Look, to: &mut String) {
    let style = match line.as_bytes() {
        _ if !look.colors => PLAIN,
        [b'-', b'-', b'-', b' ', ..] | [b'+', b'+', b'+', b' ', ..] => STRONG,
        [b'@', ..] => DIM,
        [b'+', ..] => GOOD,
        [b'-', ..] => BAD,
        _ => PLAIN,
    };
    let text = line.trim_end_matches(['\r', '\n']);
    let washed: Vec<_> = text.split('\t').map(clean).collect();
    // Writing to a String cannot fail.
    let _ = match style == PLAIN {
        true => write!(to, "{}", washed.join("\t")),
        false => write!(to, "{style}{}{style:#}", washed.join("\t")),
    };
    to.push_str(&line[text.len()..]);
}
