//! One finding as the page has it: words for the template, and what the filter needs to know.

use rustc_hash::FxHashMap;
use serde::Serialize;

use super::diff::of_edits;
use super::evidence::{cause_text, default_text, value_text};
use super::fix::Fixes;
use super::ink::clean;
use super::sheet::count;
use super::verdicts::{Mark, Spot, Verdicts};
use crate::judge::{Assessment, Change, Exempt, Finding, PathRef, Verdict};

/// An entry of the page: a finding, or a path without one.
#[derive(Serialize)]
pub(super) struct Entry {
    /// What the filter calls its verdict.
    pub(super) verdict: &'static str,
    /// The policy; empty for a path without a finding.
    pub(super) policy: String,
    /// The paths it is on, as the filter calls them.
    pub(super) paths: String,
    sign: &'static str,
    said: String,
    subject: String,
    construct: Option<String>,
    spot: Option<String>,
    change: Option<&'static str>,
    more: Option<String>,
    message: String,
    cause: Option<String>,
    hangs_on: Option<String>,
    fix: Option<String>,
    code: Vec<CodeLine>,
    why: String,
    evidence: Vec<EvidenceLine>,
}

#[derive(Serialize)]
struct EvidenceLine {
    name: String,
    value: String,
    default: Option<&'static str>,
    spot: Option<String>,
}

impl Entry {
    /// A finding that counts; `mixed`, when what is new has to be told from what is not.
    pub(super) fn found(finding: &Finding, paths: &Paths<'_>, fixes: &Fixes<'_>, mixed: bool) -> Entry {
        let mark = Mark::of(finding);
        let code = match of_edits(finding) {
            _ if mark != Mark::Broken => Vec::new(),
            Some(diff) => CodeLine::of_diff(&diff),
            None => fixes.example(finding).map(|(_, code)| CodeLine::plain(code)).unwrap_or_default(),
        };
        let said = match finding.verdict {
            Verdict::Fail => finding.severity.name().to_owned(),
            Verdict::Undecided => format!("undecided, {}", finding.severity),
        };
        Entry {
            sign: mark.sign(),
            verdict: mark.name(),
            said,
            change: match finding.change {
                Some(Change::Introduced) if mixed => Some("new with this change"),
                Some(Change::Existing) => Some("there before this change"),
                _ => None,
            },
            hangs_on: finding.hangs_on.as_deref().map(washed),
            fix: Some(washed(&finding.fix)).filter(|fix| !fix.is_empty()),
            code,
            why: washed(&finding.why),
            evidence: finding.evidence.iter().map(EvidenceLine::of).collect(),
            ..Entry::plain(finding, paths)
        }
    }

    /// What the change cures.
    pub(super) fn fixed(finding: &Finding, paths: &Paths<'_>) -> Entry {
        Entry { sign: Mark::Holds.sign(), verdict: "fixed", said: "fixed".to_owned(), ..Entry::plain(finding, paths) }
    }

    /// What somebody decided to live with.
    pub(super) fn exempt(exempt: &Exempt, paths: &Paths<'_>) -> Entry {
        Entry {
            sign: Mark::of(&exempt.finding).sign(),
            verdict: "exempt",
            said: format!("exempt, {}", exempt.finding.severity),
            cause: Some(washed(&cause_text(&exempt.cause))),
            ..Entry::plain(&exempt.finding, paths)
        }
    }

    /// A path that no finding is listed with.
    pub(super) fn of_path(mark: Mark, id: String) -> Entry {
        Entry { verdict: mark.name(), paths: id, ..Entry::default() }
    }

    fn plain(finding: &Finding, paths: &Paths<'_>) -> Entry {
        let at = |spot: &crate::graph::Spot| washed(&format!("{}:{}", spot.file, spot.line));
        Entry {
            policy: washed(&finding.policy),
            paths: paths.of_finding(finding),
            subject: washed(&finding.subject),
            construct: finding.construct.as_deref().map(washed),
            spot: finding.spot.as_ref().map(at),
            more: (finding.more_paths > 0)
                .then(|| format!("and {}", count(finding.more_paths, "more path", "more paths"))),
            message: washed(&finding.message),
            ..Entry::default()
        }
    }
}

impl Default for Entry {
    fn default() -> Entry {
        Entry {
            verdict: Mark::Holds.name(),
            policy: String::new(),
            paths: String::new(),
            sign: Mark::Holds.sign(),
            said: String::new(),
            subject: String::new(),
            construct: None,
            spot: None,
            change: None,
            more: None,
            message: String::new(),
            cause: None,
            hangs_on: None,
            fix: None,
            code: Vec::new(),
            why: String::new(),
            evidence: Vec::new(),
        }
    }
}

/// A line of code; with what a diff says of it, which its first character says too.
#[derive(Serialize)]
struct CodeLine {
    class: &'static str,
    text: String,
}

impl CodeLine {
    fn plain(code: &str) -> Vec<CodeLine> {
        vec![CodeLine { class: "", text: washed(code) }]
    }

    fn of_diff(diff: &str) -> Vec<CodeLine> {
        let class = |line: &str| match line.as_bytes() {
            [b'+', ..] => "added",
            [b'-', ..] => "removed",
            _ => "at",
        };
        diff.lines().map(|line| CodeLine { class: class(line), text: clean(line).into_owned() }).collect()
    }
}

impl EvidenceLine {
    fn of(evidence: &crate::judge::Evidence) -> EvidenceLine {
        EvidenceLine {
            name: washed([evidence.address.as_str(), &evidence.attribute].join(" ").trim_end()),
            value: washed(&value_text(evidence)),
            default: default_text(evidence),
            spot: evidence.spot.as_ref().map(|spot| washed(&format!("{}:{}", spot.file, spot.line))),
        }
    }
}

/// What the filter calls each path, and which paths a finding is on.
pub(super) struct Paths<'a> {
    ids: FxHashMap<&'a PathRef, String>,
    of: FxHashMap<*const Finding, Vec<usize>>,
}

impl<'a> Paths<'a> {
    /// Of an assessment.
    pub(super) fn of(assessment: &'a Assessment, verdicts: &Verdicts<'a>) -> Paths<'a> {
        let mut of: FxHashMap<*const Finding, Vec<usize>> = FxHashMap::default();
        for (at, view) in assessment.paths.iter().enumerate() {
            for finding in Spot::all(&view.path).flat_map(|spot| verdicts.on(spot, &view.path)) {
                of.entry(std::ptr::from_ref(finding)).or_default().push(at);
            }
        }
        let ids = assessment.paths.iter().enumerate().map(|(at, view)| (&view.path, Paths::id(at)));
        Paths { ids: ids.collect(), of }
    }

    /// What the filter calls the path at this place.
    pub(super) fn id(at: usize) -> String {
        format!("p{}", at + 1)
    }

    /// What the filter calls this path; nothing when it is not among those there are now.
    pub(super) fn of_path(&self, path: &PathRef) -> Option<&str> {
        self.ids.get(path).map(String::as_str)
    }

    fn of_finding(&self, finding: &Finding) -> String {
        match self.of.get(&std::ptr::from_ref(finding)) {
            Some(all) => all.iter().map(|&at| Paths::id(at)).collect::<Vec<_>>().join(" "),
            None => finding.path.as_ref().and_then(|path| self.of_path(path)).unwrap_or_default().to_owned(),
        }
    }
}

/// Text from outside without what deceives the eye; the template escapes it.
pub(super) fn washed(text: &str) -> String {
    clean(text).trim().to_owned()
}
