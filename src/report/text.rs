//! The text report of `check`: what failed, path by path; then what is not decided, value by value; then what was
//! looked at. Problems are not in it: they are about the input and go to standard error.

use std::collections::BTreeSet;
use std::hash::Hash;

use rustc_hash::FxHashMap;

use super::draw::{numbers_line, path_line};
use super::evidence::{cause_text, default_text, is_open, origin_text, value_text};
use super::ink::{BAD, DIM, GOOD, PLAIN, STRONG, UNSURE};
use super::sheet::{Flow, Look, Sheet, count};
use super::undecided::write_undecided;
use super::verdicts::Verdicts;
use crate::catalog::Severity;
use crate::graph::Threads;
use crate::judge::{Assessment, Change, Evidence, Exempt, Finding, Origin, PathRef, PathView, Verdict};

/// How the report is to look.
#[derive(Clone, Debug)]
pub struct TextOptions {
    /// How wide, and whether in colours.
    pub look: Look,
    /// How much to print.
    pub detail: Detail,
    /// Undecided ones are as bad as failed ones, and printed even with [`Detail::Fails`].
    pub undecided_counts: bool,
    /// What the run ends with, in words: the last line.
    pub outcome: Option<String>,
}

/// How much to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// What failed, and the closing line.
    Fails,
    /// Also what is undecided, shortened, and how many paths are clean.
    Usual,
    /// Everything.
    All,
}

/// The report.
#[must_use]
pub fn check_text(assessment: &Assessment, options: &TextOptions) -> String {
    let mut sheet = Sheet::new(options.look);
    write_fails(&mut sheet, assessment, options.detail);
    if options.detail > Detail::Fails || options.undecided_counts {
        write_undecided(&mut sheet, assessment, options.detail);
    }
    if options.detail > Detail::Fails {
        write_exempt(&mut sheet, &assessment.exempt, options.detail);
        write_fixed(&mut sheet, assessment);
        write_clean_paths(&mut sheet, assessment, options.detail);
    }
    write_closing(&mut sheet, assessment, options);
    sheet.finish()
}

/// `at` and the values a verdict rests on, one a line.
pub(super) fn write_evidence(sheet: &mut Sheet, indent: usize, evidence: &[Evidence], detail: Detail) {
    const USUAL: usize = 8;
    let shown = if detail == Detail::All || evidence.len() <= USUAL + 1 { evidence.len() } else { USUAL };
    for (at, one) in evidence.iter().take(shown).enumerate() {
        sheet.flow(indent, indent + 7, |line| {
            line.word(DIM, if at == 0 { "at   " } else { "     " }).and(PLAIN, &one.address);
            if !one.attribute.is_empty() {
                line.word(PLAIN, &one.attribute);
            }
            write_said(line, one);
            if let Some(spot) = &one.spot {
                line.in_brackets(DIM, &format!("{}:{}:{}", spot.file, spot.line, spot.column));
            }
        });
        if let (Some(text), Some(spot)) = (one.snippet(), &one.spot) {
            sheet.verbatim(indent + 7, DIM, &format!("{} | {text}", spot.line));
        }
    }
    if shown < evidence.len() {
        sheet.prose(indent + 5, DIM, &format!("and {} more (-v prints all)", evidence.len() - shown));
    }
}

fn write_fails<'a>(sheet: &mut Sheet, assessment: &'a Assessment, detail: Detail) {
    let fails: Vec<&Finding> = assessment.findings.iter().filter(|f| f.verdict == Verdict::Fail).collect();
    let views: FxHashMap<&PathRef, &PathView> = assessment.paths.iter().map(|view| (&view.path, view)).collect();
    // Where everything is new there is nothing to tell apart.
    let mixed = fails.iter().any(|finding| finding.change == Some(Change::Existing)) || !assessment.fixed.is_empty();
    let mut explained = BTreeSet::new();
    let mut first = |finding: &'a Finding| explained.insert((&finding.policy, &finding.why));
    let groups = grouped(&fails, |finding| Place::of(finding)).into_iter();
    let groups: Vec<Group<'_>> = groups
        .map(|(place, fails)| Group { place, fails: fails.into_iter().map(|fail| (fail, first(fail))).collect() })
        .collect();
    let look = sheet.look();
    let written = Threads::available(GROUPS).next_by_next(&groups, |groups| {
        let mut sheet = Sheet::new(look);
        groups.iter().for_each(|group| group.write(&mut sheet, &views, mixed, detail));
        sheet
    });
    sheet.append(written);
}

/// So many groups of findings are written at a time.
const GROUPS: usize = 64;

/// What failed in one place.
struct Group<'a> {
    place: Place<'a>,
    /// With whether it is the first of its policy.
    fails: Vec<(&'a Finding, bool)>,
}

impl<'a> Group<'a> {
    fn write(&self, sheet: &mut Sheet, views: &FxHashMap<&PathRef, &PathView>, mixed: bool, detail: Detail) {
        sheet.gap();
        match self.place {
            Place::Path(path) => {
                let verdicts = Verdicts::of(self.fails.iter().map(|(finding, _)| *finding));
                write_path(sheet, path, views.get(path).copied(), &verdicts);
            }
            Place::Subject(subject) => sheet.flow(0, 0, |line| _ = line.word(STRONG, subject)),
        }
        for (finding, explain) in &self.fails {
            sheet.gap();
            write_fail(sheet, finding, *explain, mixed, detail);
        }
    }
}

/// What a group of findings stands under.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Place<'a> {
    /// A path.
    Path(&'a PathRef),
    /// A resource on no path.
    Subject(&'a str),
}

impl Place<'_> {
    /// The first path it sits on, else its subject.
    pub(super) fn of(finding: &Finding) -> Place<'_> {
        match &finding.path {
            Some(path) => Place::Path(path),
            None => Place::Subject(&finding.subject),
        }
    }
}

fn write_path(sheet: &mut Sheet, path: &PathRef, view: Option<&PathView>, verdicts: &Verdicts<'_>) {
    sheet.flow(0, 6, |line| {
        line.word(DIM, "path ");
        path_line(line, path, view, verdicts);
    });
    let Some(view) = view else { return };
    sheet.flow(6, 6, |line| numbers_line(line, view));
    if let Some(note) = &view.note {
        sheet.prose(6, UNSURE, note);
    }
}

fn write_fail(sheet: &mut Sheet, finding: &Finding, explain: bool, mixed: bool, detail: Detail) {
    let severity = if finding.severity >= Severity::Medium { BAD } else { UNSURE };
    sheet.flow(2, 6, |head| {
        head.word(BAD, "✗").word(severity, finding.severity.name()).and(PLAIN, " ").word(STRONG, &finding.policy);
        if finding.path.is_some() {
            head.word(DIM, " ").and(DIM, &finding.subject);
        }
        if let Some(construct) = &finding.construct {
            head.in_brackets(DIM, construct);
        }
        if let Some(spot) = &finding.spot {
            head.in_brackets(DIM, &format!("{}:{}", spot.file, spot.line));
        }
        match finding.change {
            Some(Change::Existing) => _ = head.word(DIM, "(there before this change)"),
            Some(Change::Introduced) if mixed => _ = head.word(BAD, "(new with this change)"),
            _ => {}
        }
        if finding.more_paths > 0 {
            head.word(DIM, "+ ").and(DIM, &count(finding.more_paths, "more path", "more paths"));
        }
    });
    sheet.prose(6, PLAIN, &finding.message);
    // Advice takes two lines, so that what breaks requests stands out.
    if finding.severity < Severity::Medium && detail < Detail::All {
        return sheet.labelled(6, (GOOD, "fix"), 5, PLAIN, &finding.fix);
    }
    let why = match (explain, detail) {
        (false, _) => "as above".to_owned(),
        (true, Detail::All) => finding.why.to_string(),
        (true, _) => brief(&finding.why, &finding.policy),
    };
    sheet.labelled(6, (DIM, "why"), 5, if explain { PLAIN } else { DIM }, &why);
    sheet.labelled(6, (GOOD, "fix"), 5, PLAIN, &finding.fix);
    write_evidence(sheet, 6, &finding.evidence, detail);
}

/// The first sentences of a page, enough to know what breaks, and where the rest stands.
pub(super) fn brief(why: &str, policy: &str) -> String {
    const ENOUGH: usize = 160;
    let paragraph = why.lines().next().unwrap_or_default();
    let ends = paragraph.match_indices(". ").map(|(at, _)| at + 1);
    match ends.into_iter().find(|&end| end >= ENOUGH) {
        Some(end) => format!("{} (more: plangate explain {policy})", &paragraph[..end]),
        None if paragraph.len() < why.trim_end().len() => format!("{paragraph} (more: plangate explain {policy})"),
        None => paragraph.to_owned(),
    }
}

/// `= 30 (AWS default)`, for a value that is known; `is known after apply` and the like for one that is not.
fn write_said(line: &mut Flow<'_>, evidence: &Evidence) {
    line.word(DIM, "=").words(if is_open(evidence) { UNSURE } else { STRONG }, &value_text(evidence));
    if let Some(note) = default_text(evidence) {
        line.in_brackets(DIM, note);
    }
}

/// What does not count: how many and why in one line, or each with its cause.
fn write_exempt(sheet: &mut Sheet, exempt: &[Exempt], detail: Detail) {
    if exempt.is_empty() {
        return;
    }
    let of = |origin| exempt.iter().filter(|one| one.cause.origin == origin).count();
    let parts: Vec<String> = Origin::ALL
        .into_iter()
        .filter(|origin| of(*origin) > 0)
        .map(|origin| format!("{} {}", of(origin), origin_text(origin)))
        .collect();
    let hint = if detail == Detail::All { "" } else { " (-v shows them)" };
    sheet.gap();
    let line = format!("{} exempt: {}{hint}", exempt.len(), parts.join(", "));
    sheet.flow(0, 2, |flow| _ = flow.words(DIM, &line));
    for Exempt { finding, cause } in exempt.iter().filter(|_| detail == Detail::All) {
        let verdict = if finding.verdict == Verdict::Fail { "✗" } else { "?" };
        sheet.flow(2, 6, |head| {
            head.word(DIM, verdict).and(PLAIN, " ").and(PLAIN, finding.severity.name());
            head.word(STRONG, &finding.policy).word(DIM, &finding.subject);
        });
        sheet.prose(6, PLAIN, &finding.message);
        sheet.prose(6, DIM, &cause_text(cause));
    }
}

/// What failed before the change and does not any more, one line each.
fn write_fixed(sheet: &mut Sheet, assessment: &Assessment) {
    for (at, finding) in assessment.fixed.iter().enumerate() {
        if at == 0 {
            sheet.gap();
        }
        let how = match finding.change {
            Some(Change::Gone) => "goes away with its resource:",
            _ => "fixed by this change:",
        };
        sheet.flow(0, 2, |line| {
            line.word(GOOD, "✓").word(GOOD, how).word(STRONG, &finding.policy).word(DIM, &finding.subject);
            if let Some(target) = finding.path.as_ref().and_then(|path| path.target.as_ref()) {
                line.in_brackets(DIM, target);
            }
        });
    }
}

fn write_clean_paths(sheet: &mut Sheet, assessment: &Assessment, detail: Detail) {
    let with = |verdict| Verdicts::of(assessment.findings.iter().filter(move |finding| finding.verdict == verdict));
    let (failed, undecided) = (with(Verdict::Fail), with(Verdict::Undecided));
    let paths = request_paths(assessment);
    let total = paths.len();
    let clean: Vec<&PathView> = paths.into_iter().filter(|view| !failed.touch(&view.path)).collect();
    if clean.is_empty() {
        return;
    }
    let open = clean.iter().filter(|view| undecided.touch(&view.path)).count();
    let have = if clean.len() == 1 { "has" } else { "have" };
    let mut line =
        format!("{} of {} {have} no failed check", clean.len(), count(total, "request path", "request paths"));
    if open > 0 {
        line.push_str(&format!(" ({open} with undecided ones)"));
    }
    sheet.gap();
    let (style, sign) = if open > 0 { (UNSURE, "?") } else { (GOOD, "✓") };
    sheet.flow(0, 2, |head| _ = head.word(style, sign).words(PLAIN, &line));
    if detail == Detail::All {
        for view in clean {
            sheet.gap();
            write_path(sheet, &view.path, Some(view), &Verdicts::default());
        }
    }
}

/// The paths that requests can take: without the target groups that nothing forwards to, as the summary counts them.
/// Where a listener is there and cannot be told, a group without one may be either, and all are taken.
fn request_paths(assessment: &Assessment) -> Vec<&PathView> {
    let loose = assessment.paths.iter().filter(|view| view.path.listener.is_none()).count();
    let all_loose = assessment.paths.len() == assessment.summary.paths + loose;
    assessment.paths.iter().filter(|view| !all_loose || view.path.listener.is_some()).collect()
}

fn write_closing(sheet: &mut Sheet, assessment: &Assessment, options: &TextOptions) {
    let summary = &assessment.summary;
    sheet.gap();
    if options.detail == Detail::All {
        for input in &assessment.inputs {
            let read = count(input.resources, "resource", "resources");
            sheet.prose(0, DIM, &format!("read {} ({}): {read}", input.path, input.form));
        }
    }
    if assessment.inputs.is_empty() {
        sheet.prose(0, UNSURE, "looked at nothing");
        return write_outcome(sheet, options);
    }
    if summary.paths == 0 {
        let text =
            "no request path found: nothing here leads from a load balancer to a target group, so no path was judged";
        sheet.prose(0, UNSURE, text);
    }
    let looked = format!(
        "looked at {}, {}, {}:",
        count(summary.resources, "resource", "resources"),
        count(summary.paths, "request path", "request paths"),
        count(summary.policies, "policy", "policies")
    );
    sheet.flow(0, 2, |line| {
        line.words(PLAIN, &looked);
        if summary.checks == 0 {
            line.words(UNSURE, "nothing to check");
            return;
        }
        let shown = (options.detail > Detail::Fails || options.undecided_counts)
            && assessment.findings.iter().any(|finding| finding.verdict == Verdict::Undecided);
        line.words(STRONG, &format!("{},", count(summary.checks, "check", "checks")));
        line.words(PLAIN, &format!("{} passed,", summary.pass));
        let new = match summary.introduced {
            new if new > 0 && new < summary.fail => format!(" ({new} new)"),
            _ => String::new(),
        };
        line.words(if summary.fail > 0 { BAD } else { PLAIN }, &format!("{} failed{new},", summary.fail));
        let open = if !shown && summary.undecided > 0 { " (not shown)" } else { "" };
        let comma = if summary.exempt > 0 { "," } else { "" };
        let undecided = format!("{} undecided{open}{comma}", summary.undecided);
        line.words(if summary.undecided > 0 { UNSURE } else { PLAIN }, &undecided);
        if summary.exempt > 0 {
            line.words(PLAIN, &format!("{} exempt", summary.exempt));
        }
    });
    write_outcome(sheet, options);
}

fn write_outcome(sheet: &mut Sheet, options: &TextOptions) {
    if let Some(outcome) = &options.outcome {
        sheet.prose(0, STRONG, outcome);
    }
}

/// Groups in order of first appearance.
pub(super) fn grouped<'a, T, K: Copy + Eq + Hash>(items: &[&'a T], key: impl Fn(&'a T) -> K) -> Vec<(K, Vec<&'a T>)> {
    let mut groups: Vec<(K, Vec<&'a T>)> = Vec::new();
    let mut places: FxHashMap<K, usize> = FxHashMap::default();
    for item in items {
        let key = key(item);
        let at = *places.entry(key).or_insert(groups.len());
        if at == groups.len() {
            groups.push((key, Vec::new()));
        }
        groups[at].1.push(item);
    }
    groups
}
