//! The report of `check` as a comment on a pull request. What does not fit is left out from the least important on, in
//! whole pieces and counted, so that what is left is always whole Markdown. How text is made safe is the pen's to say.

use rustc_hash::{FxHashMap, FxHashSet};

use super::diff::of_edits;
use super::draw::path_text;
use super::evidence::{cause_text, default_text, value_text};
use super::fix::Fixes;
use super::markdown_text::Pen;
use super::mermaid::path_mermaid;
use super::picture::Picture;
use super::pieces::{Piece, Pieces, Rank};
use super::policy_page::PolicyPage;
use super::sheet::count;
use super::text::{Place, grouped};
use super::verdicts::{Mark, Verdicts};
use crate::judge::{Assessment, Change, Exempt, Finding, PathRef, PathView, Verdict};
use crate::source::Level;

/// How the comment is to look.
#[derive(Clone, Debug)]
pub struct MarkdownOptions {
    /// Whether the run passed. If so, the word "fail" is nowhere in the comment, and else it is: Atlantis looks for it.
    pub passed: bool,
    /// What the run ends with, in words.
    pub outcome: Option<String>,
    /// Bytes it may have. Not less than what it takes to say how it went: 4096.
    pub limit: usize,
}

impl MarkdownOptions {
    /// What GitHub takes as a comment, with some room for what is put around it. GitLab takes fifteen times as much; a
    /// comment is not read any further there.
    pub const LIMIT: usize = 65_000;
}

/// The comment.
#[must_use]
pub fn check_markdown(assessment: &Assessment, pages: &[PolicyPage], options: &MarkdownOptions) -> String {
    let writer = Writer {
        assessment,
        pen: Pen { may_say_fail: !options.passed },
        verdicts: Verdicts::of(&assessment.findings),
        views: assessment.paths.iter().map(|view| (&view.path, view)).collect(),
        fixes: Fixes::new(assessment, pages),
    };
    let mut pieces = Pieces::default();
    writer.summary(&mut pieces, options);
    writer.problems(&mut pieces);
    let fails = |existing: bool| {
        let of = move |finding: &&Finding| (finding.change == Some(Change::Existing)) == existing;
        assessment.findings.iter().filter(|finding| finding.verdict == Verdict::Fail).filter(of).collect::<Vec<_>>()
    };
    let (new, existing) = (fails(false), fails(true));
    let mut told = Told::default();
    if !new.is_empty() && !existing.is_empty() {
        pieces.keep("### New with this change\n\n");
    }
    writer.fails(&mut pieces, &new, &mut told);
    if !existing.is_empty() {
        let there = count(existing.len(), "finding was there", "findings were there");
        pieces.open(&format!("{there} before this change"));
        writer.fails(&mut pieces, &existing, &mut told);
        pieces.close();
    }
    writer.undecided(&mut pieces);
    writer.fixed(&mut pieces);
    writer.exempt(&mut pieces);
    pieces.within(options.limit)
}

/// What stands above already and is not said twice.
#[derive(Default)]
struct Told<'a> {
    whys: FxHashSet<(&'a str, &'a str)>,
    paths: FxHashSet<&'a PathRef>,
    edits: FxHashSet<String>,
}

struct Writer<'a> {
    assessment: &'a Assessment,
    pen: Pen,
    verdicts: Verdicts<'a>,
    views: FxHashMap<&'a PathRef, &'a PathView>,
    fixes: Fixes<'a>,
}

impl<'a> Writer<'a> {
    fn summary(&self, pieces: &mut Pieces, options: &MarkdownOptions) {
        let summary = &self.assessment.summary;
        let judged = !self.assessment.problems.iter().any(|problem| problem.level == Level::Error);
        let head = match (judged, options.passed) {
            (false, _) => "⚠️ plangate failed to judge everything".to_owned(),
            (true, false) if summary.fail == 0 => "❌ plangate: failed".to_owned(),
            (true, false) => format!("❌ plangate: {} failed", count(summary.fail, "check", "checks")),
            (true, true) if summary.checks == 0 => "⚠️ plangate found nothing to check".to_owned(),
            (true, true) if summary.fail > 0 => {
                format!("✅ plangate: passed, with {}", count(summary.fail, "remark", "remarks"))
            }
            (true, true) => "✅ plangate: passed".to_owned(),
        };
        pieces.keep(&format!("## {head}\n\n"));
        let mut counts = Vec::new();
        let mut say = |number: usize, words: &str| {
            if number > 0 {
                counts.push(format!("**{number}** {words}"));
            }
        };
        let wrong = if options.passed { "remarks" } else { "failed" };
        say(summary.fail, wrong);
        say(if summary.introduced < summary.fail { summary.introduced } else { 0 }, "of them new");
        say(summary.undecided, "undecided");
        say(summary.fixed, "fixed");
        say(summary.exempt, "exempt");
        say(summary.pass, "passed");
        if !counts.is_empty() {
            pieces.keep(&format!("{}\n\n", counts.join(" · ")));
        }
        let looked = [
            count(summary.resources, "resource", "resources"),
            count(summary.paths, "request path", "request paths"),
            count(summary.policies, "policy", "policies"),
        ];
        let inputs: Vec<String> =
            self.assessment.inputs.iter().take(5).map(|input| self.pen.code(&input.path)).collect();
        let more = self.assessment.inputs.len().saturating_sub(5);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let inputs = if inputs.is_empty() { String::new() } else { format!(" in {}{more}", inputs.join(", ")) };
        let outcome = options.outcome.as_ref().map(|outcome| format!(" · {}", self.pen.text(outcome)));
        let outcome = outcome.unwrap_or_default();
        pieces.keep(&format!("<sub>{}{inputs}{outcome}</sub>\n\n", looked.join(" · ")));
    }

    /// What was wrong with the input; notes are for those who run it.
    fn problems(&self, pieces: &mut Pieces) {
        for problem in self.assessment.problems.iter().filter(|problem| problem.level >= Level::Warning) {
            let rank = if problem.level == Level::Error { Rank::Grave } else { Rank::Low };
            pieces.push(Piece::new(rank, format!("> {}\n\n", self.pen.text(&problem.to_string()))));
        }
        if self.assessment.unproven > 0 {
            let findings = count(self.assessment.unproven, "finding", "findings");
            pieces.keep(&format!(
                "_No edits are shown for {findings} of less weight; `plangate fix` tries them all._\n\n"
            ));
        }
    }

    fn fails(&self, pieces: &mut Pieces, fails: &[&'a Finding], told: &mut Told<'a>) {
        for (place, group) in grouped(fails, |finding| Place::of(finding)) {
            let heading = match place {
                Place::Path(path) => {
                    let line = path_text(path, self.views.get(path).copied(), &self.verdicts);
                    format!("#### {}\n\n", self.pen.text(&line))
                }
                Place::Subject(subject) => format!("#### {}\n\n", self.pen.code(subject)),
            };
            pieces.group(heading);
            for finding in &group {
                let advice = Mark::of(finding) == Mark::Advice;
                let rank = if advice { Rank::Low } else { Rank::Grave };
                let first = told.whys.insert((&finding.policy, &finding.why));
                pieces.push(Piece::new(rank, self.fail(finding, place, first, told)));
                if first && !advice {
                    pieces.push(Piece::new(Rank::Why, self.why(finding)));
                }
            }
            if let Place::Path(path) = place
                && group.iter().any(|finding| Mark::of(finding) == Mark::Broken)
                && told.paths.insert(path)
            {
                let picture = Picture::of_path(path, self.views.get(path).copied(), &self.verdicts);
                let picture = self.pen.mermaid(path_mermaid(&picture));
                let text = format!("<details><summary>The path</summary>\n\n{picture}\n</details>\n\n");
                pieces.push(Piece::new(Rank::Picture, text));
            }
            pieces.end_group();
        }
    }

    /// What was found; with the edits that cure it, else with the example of a fix when it is the first of its policy.
    fn fail(&self, finding: &Finding, place: Place<'_>, first: bool, told: &mut Told<'_>) -> String {
        let (advice, sign) = (Mark::of(finding) == Mark::Advice, Mark::of(finding).sign());
        let bullet = if advice { "- " } else { "" };
        let mut out = format!("{bullet}{sign} **{}** {}", finding.severity, self.pen.code(&finding.policy));
        if matches!(place, Place::Path(_)) {
            out.push_str(&format!(" on {}", self.pen.code(&finding.subject)));
        }
        if let Some(construct) = &finding.construct {
            out.push_str(&format!(" ({})", self.pen.code(construct)));
        }
        if let Some(spot) = &finding.spot {
            out.push_str(&format!(", {}", self.pen.code(&format!("{}:{}", spot.file, spot.line))));
        }
        if finding.more_paths > 0 {
            out.push_str(&format!(", and {}", count(finding.more_paths, "more path", "more paths")));
        }
        // Advice takes a line, so that what breaks requests stands out.
        if advice {
            let fix =
                if finding.fix.is_empty() { String::new() } else { format!(" Fix: {}", self.pen.prose(&finding.fix)) };
            out.push_str(&format!(" — {}.{fix}\n\n", self.pen.prose(finding.message.trim_end_matches('.'))));
            return out;
        }
        out.push_str(&format!("\n\n{}\n\n", self.paragraph(&finding.message)));
        if !finding.fix.is_empty() {
            out.push_str(&format!("**Fix:** {}\n\n", self.paragraph(&finding.fix)));
        }
        let (words, block) = match (of_edits(finding), self.fixes.example(finding).filter(|_| first)) {
            (Some(diff), _) if !told.edits.insert(diff.clone()) => ("", String::new()),
            (Some(diff), _) => ("This cures it:", self.pen.block("diff", &diff)),
            (None, Some((language, code))) => ("For example:", self.pen.block(language, code)),
            (None, None) => ("", String::new()),
        };
        if !block.is_empty() {
            out.push_str(&format!("{words}\n\n{block}\n"));
        }
        out
    }

    fn why(&self, finding: &Finding) -> String {
        const VALUES: usize = 12;
        let mut out = String::from("<details><summary>Why, and what it rests on</summary>\n\n");
        for line in finding.why.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
            out.push_str(&format!("{}\n\n", self.pen.prose(line)));
        }
        for evidence in finding.evidence.iter().take(VALUES) {
            let name = [evidence.address.as_str(), &evidence.attribute].join(" ");
            let default = default_text(evidence).map_or(String::new(), |note| format!(" ({note})"));
            let spot = evidence.spot.as_ref().map(|spot| format!("{}:{}", spot.file, spot.line));
            let spot = spot.map_or(String::new(), |spot| format!(", {}", self.pen.code(&spot)));
            let value = self.pen.code(&value_text(evidence));
            out.push_str(&format!("- {} = {value}{default}{spot}\n", self.pen.code(name.trim_end())));
        }
        if finding.evidence.len() > VALUES {
            out.push_str(&format!("- and {} more\n", finding.evidence.len() - VALUES));
        }
        out.push_str("\n</details>\n\n");
        out
    }

    fn undecided(&self, pieces: &mut Pieces) {
        const POLICIES: usize = 5;
        let open: Vec<&Finding> =
            self.assessment.findings.iter().filter(|finding| finding.verdict == Verdict::Undecided).collect();
        if open.is_empty() {
            return;
        }
        let groups = grouped(&open, |finding| finding.hangs_on.as_deref());
        let checks = count(open.len(), "check is", "checks are");
        let values = count(groups.len(), "value", "values");
        pieces.open(&format!("{checks} undecided, for want of {values}"));
        for (value, group) in groups {
            let mut out = format!("- {}\n", self.pen.text(value.unwrap_or("something that is not known")));
            let policies = grouped(&group, |finding| finding.policy.as_str());
            for (policy, findings) in policies.iter().take(POLICIES) {
                let Some((first, others)) = findings.split_first() else { continue };
                let more = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
                let (policy, subject) = (self.pen.code(policy), self.pen.code(&first.subject));
                out.push_str(&format!("  - ? {} {policy} on {subject}{more}\n", first.severity));
            }
            if policies.len() > POLICIES {
                out.push_str(&format!("  - and {} more\n", count(policies.len() - POLICIES, "policy", "policies")));
            }
            pieces.push(Piece::new(Rank::Low, out));
        }
        pieces.close();
    }

    fn fixed(&self, pieces: &mut Pieces) {
        if self.assessment.fixed.is_empty() {
            return;
        }
        pieces.open(&format!(
            "{} fixed by this change",
            count(self.assessment.fixed.len(), "finding is", "findings are")
        ));
        for finding in &self.assessment.fixed {
            let (policy, subject) = (self.pen.code(&finding.policy), self.pen.code(&finding.subject));
            pieces.push(Piece::new(Rank::Low, format!("- ✓ {policy} on {subject}\n")));
        }
        pieces.close();
    }

    fn exempt(&self, pieces: &mut Pieces) {
        if self.assessment.exempt.is_empty() {
            return;
        }
        pieces.open(&format!("{} exempt", count(self.assessment.exempt.len(), "finding is", "findings are")));
        for Exempt { finding, cause } in &self.assessment.exempt {
            let sign = Mark::of(finding).sign();
            let (policy, subject) = (self.pen.code(&finding.policy), self.pen.code(&finding.subject));
            let line =
                format!("- {sign} {} {policy} on {subject}: {}\n", finding.severity, self.pen.text(&cause_text(cause)));
            pieces.push(Piece::new(Rank::Low, line));
        }
        pieces.close();
    }

    /// Lines stay lines.
    fn paragraph(&self, text: &str) -> String {
        let lines = text.trim().lines().map(|line| self.pen.prose(line)).filter(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join("<br>\n")
    }
}
