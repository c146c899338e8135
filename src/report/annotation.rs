//! What the formats have in common that mark findings in files: where the mark stands, how loud it is, in which words,
//! and under which fingerprint. Each of them has wire structs of its own.

use std::collections::BTreeMap;

use super::evidence::{default_text, value_text};
use super::ink::clean;
use super::policy_page::PolicyPage;
use super::text::brief;
use crate::catalog::Severity;
use crate::graph::Spot;
use crate::judge::{Assessment, Change, Evidence, Finding, Verdict};
use crate::source::{Level, Position, Problem};

/// Where a finding is marked.
pub(super) struct Mark<'a> {
    /// The file, as it was given.
    pub(super) file: &'a str,
    /// The part of it; none is the file as a whole.
    pub(super) spot: Option<&'a Spot>,
}

impl<'a> Mark<'a> {
    /// Where a reader would mend it: at the first deciding value that somebody wrote in the subject, else at the subject,
    /// else at the first value with a place, else the input as a whole.
    pub(super) fn of(finding: &'a Finding, assessment: &'a Assessment) -> Mark<'a> {
        let written = |one: &&Evidence| one.address == finding.subject && one.value.marks.default.is_none();
        let own = finding.evidence.iter().filter(written).filter(|one| !one.attribute.is_empty());
        let own = own.filter_map(|one| one.spot.as_ref()).next();
        let any = || finding.evidence.iter().find_map(|one| one.spot.as_ref());
        match own.or(finding.spot.as_ref()).or_else(any) {
            Some(spot) => Mark { file: &spot.file, spot: Some(spot) },
            None => {
                let input = assessment.inputs.get(finding.input);
                Mark { file: input.map_or("<unknown>", |input| &input.path), spot: None }
            }
        }
    }
}

/// The columns of a spot, from 1, in one unit; the end is the first column after it. None where the line is too long
/// to be at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    /// First.
    pub(super) start: usize,
    /// The one after the last, when the spot ends on its line.
    pub(super) end: Option<usize>,
}

impl Columns {
    /// In characters.
    pub(super) fn characters(spot: &Spot) -> Columns {
        let start = spot.column as usize;
        Columns { start, end: covered(spot).map(|part| start + part.chars().count()) }
    }

    /// In bytes of UTF-8.
    pub(super) fn bytes(spot: &Spot) -> Option<Columns> {
        let start = byte_of(spot)? + 1;
        Some(Columns { start, end: covered(spot).map(|part| start + part.len()) })
    }
}

/// The column in bytes of a place, from 1, where the line it is on is at hand: the finding shows it, or there is nothing
/// before the place.
pub(super) fn byte_column(finding: &Finding, file: &str, place: Position) -> Option<usize> {
    if place.column == 1 {
        return Some(1);
    }
    let mut spots = finding.evidence.iter().filter_map(|one| one.spot.as_ref()).chain(&finding.spot);
    let spot = spots.find(|spot| &*spot.file == file && spot.line == place.line)?;
    byte_of(&Spot { column: place.column, ..spot.clone() }).map(|byte| byte + 1)
}

fn byte_of(spot: &Spot) -> Option<usize> {
    let at = (spot.column as usize).checked_sub(1)?;
    spot.text.char_indices().map(|(byte, _)| byte).chain([spot.text.len()]).nth(at)
}

/// The part of its line that a spot covers, when it ends there.
fn covered(spot: &Spot) -> Option<&str> {
    let start = byte_of(spot)?;
    spot.text.get(start..start.checked_add(spot.end.checked_sub(spot.start)?)?)
}

/// How loud a finding is: an undecided one is worth knowing, whatever its severity.
pub(super) fn loudness(finding: &Finding) -> Level {
    match finding.verdict {
        Verdict::Undecided => Level::Note,
        Verdict::Fail => loudness_of(finding.severity),
    }
}

/// How loud a fail of this severity is.
pub(super) fn loudness_of(severity: Severity) -> Level {
    match severity {
        Severity::Critical | Severity::High => Level::Error,
        Severity::Medium => Level::Warning,
        Severity::Low | Severity::Info => Level::Note,
    }
}

/// The finding in a line: subject and what is wrong with it.
pub(super) fn headline(finding: &Finding) -> String {
    let undecided = if finding.verdict == Verdict::Undecided { "undecided: " } else { "" };
    line(&format!("{}: {undecided}{}", finding.subject, finding.message))
}

/// What follows the headline, a paragraph each: whether it is new, what it hangs on, why it matters, what to do.
pub(super) fn paragraphs(finding: &Finding) -> Vec<String> {
    let change = match finding.change {
        Some(Change::Introduced) => Some("This change introduces it.".to_owned()),
        Some(Change::Existing) => Some("It was there before this change.".to_owned()),
        Some(Change::Fixed | Change::Gone) | None => None,
    };
    let hangs_on = finding.hangs_on.as_ref().map(|value| format!("Hangs on: {value}"));
    let why = format!("Why: {}", brief(&finding.why, &finding.policy));
    let fix = format!("Fix: {}", finding.fix);
    let all = change.into_iter().chain(hangs_on).chain([why, fix]);
    all.map(|text| clean(text.trim()).into_owned()).collect()
}

/// The first deciding values, a line each, and how many more there are.
pub(super) fn evidence_lines(finding: &Finding) -> Vec<String> {
    const SHOWN: usize = 8;
    let evidence = &finding.evidence;
    let shown = if evidence.len() <= SHOWN + 1 { evidence.len() } else { SHOWN };
    let rest = (shown < evidence.len()).then(|| format!("and {} more", evidence.len() - shown));
    evidence.iter().take(shown).map(evidence_line).chain(rest).collect()
}

/// One deciding value in a line.
pub(super) fn evidence_line(evidence: &Evidence) -> String {
    let dot = if evidence.attribute.is_empty() { "" } else { " " };
    let mark = default_text(evidence).map(|note| format!(" ({note})")).unwrap_or_default();
    line(&format!("{}{dot}{} = {}{mark}", evidence.address, evidence.attribute, value_text(evidence)))
}

/// A problem in a line, without its place.
pub(super) fn problem_line(problem: &Problem) -> String {
    let help = problem.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
    line(&format!("{}{help}", problem.message))
}

/// Washed, and without line breaks.
pub(super) fn line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    clean(&words.join(" ")).into_owned()
}

/// The pages of policies, by id.
pub(super) fn by_id(policies: &[PolicyPage]) -> BTreeMap<&str, &PolicyPage> {
    policies.iter().map(|page| (page.id.as_str(), page)).collect()
}

/// Fingerprints that tell apart what is the same in several inputs or on several paths: the first one is the finding's
/// own.
#[derive(Default)]
pub(super) struct Fingerprints<'a>(BTreeMap<&'a str, usize>);

impl<'a> Fingerprints<'a> {
    /// The fingerprint of the next finding.
    pub(super) fn of(&mut self, finding: &'a Finding) -> String {
        let times = self.0.entry(&finding.fingerprint).or_default();
        *times += 1;
        match *times {
            1 => finding.fingerprint.to_string(),
            times => format!("{}-{times}", finding.fingerprint),
        }
    }
}
