//! The text report of `paths`: a tree of all request paths, then each of them drawn, with its timeouts, health check,
//! reachability and verdicts.

use super::chain::{Step, chain};
use super::draw::{answer_style, path_line};
use super::ink::{BAD, DIM, PLAIN, STRONG, UNSURE};
use super::numbers::{answer_name, health_check, keep_alive, seconds};
use super::picture::Picture;
use super::sheet::{Look, Sheet, Word, count, words};
use super::tree_text::write_tree;
use super::verdicts::{Mark, Verdicts};
use crate::graph::Certainty;
use crate::judge::{Answer, Assessment, KeepAliveView, PathView, Reach};

/// The report.
#[must_use]
pub fn paths_text(assessment: &Assessment, look: Look) -> String {
    let mut sheet = Sheet::new(look);
    let verdicts = Verdicts::of(&assessment.findings);
    if assessment.paths.len() > 1 {
        write_tree(&mut sheet, &Picture::of(&assessment.paths, &verdicts));
    }
    for view in &assessment.paths {
        sheet.gap();
        write_path(&mut sheet, view, &verdicts);
    }
    sheet.gap();
    let resources = count(assessment.summary.resources, "resource", "resources");
    if assessment.inputs.is_empty() {
        sheet.prose(0, UNSURE, "looked at nothing");
    } else if assessment.paths.is_empty() {
        let none = "no request path found: nothing here leads from a load balancer to a target group";
        sheet.prose(0, UNSURE, none);
        sheet.prose(0, PLAIN, &format!("looked at {resources}"));
    } else {
        let paths = assessment.summary.paths;
        let loose = match assessment.paths.len().saturating_sub(paths) {
            0 => "",
            _ => "; nothing forwards to a target group that is shown without a listener",
        };
        let paths = count(paths, "request path", "request paths");
        sheet.prose(0, PLAIN, &format!("{paths} in {resources}{loose}"));
    }
    sheet.finish()
}

fn write_path<'a>(sheet: &mut Sheet, view: &'a PathView, verdicts: &Verdicts<'a>) {
    sheet.flow(0, 2, &path_line(&view.path, Some(view), verdicts));
    if view.certainty == Certainty::Possible {
        let note = view.note.as_deref().unwrap_or("it is not certain that this path exists");
        row(sheet, "possible", words(UNSURE, note));
    } else if let Some(note) = &view.note {
        row(sheet, "note", words(UNSURE, note));
    }
    if let Some(listener) = &view.path.listener {
        let mut line = words(PLAIN, listener);
        if view.path.rule.is_none() {
            line.push(Word::new(DIM, "(default action)"));
        }
        row(sheet, "listener", line);
    }
    if let Some(weight) = view.weight.as_ref().filter(|weight| !weight.is_null()) {
        row(sheet, "weight", words(PLAIN, &weight.to_string()));
    }
    if let Some(idle) = &view.idle_timeout {
        row(sheet, "idle timeout", words(PLAIN, &seconds(idle)));
    }
    let check = health_check(&view.health_check);
    if !check.is_empty() {
        row(sheet, "health check", check.iter().map(|part| Word::new(PLAIN, part)).collect());
    }
    write_reach(sheet, "traffic", &view.traffic);
    write_reach(sheet, "checks", &view.health);
    if let Some(keep_alive) = &view.keep_alive {
        write_keep_alive(sheet, keep_alive);
    }
    write_verdicts(sheet, &chain(&view.path, Some(view), verdicts));
}

/// What was found, the worst first: `✗ idle-timeout-in-range (load balancer)`.
fn write_verdicts(sheet: &mut Sheet, steps: &[Step<'_>]) {
    for (mark, style) in [(Mark::Broken, BAD), (Mark::Open, UNSURE), (Mark::Advice, PLAIN)] {
        let said = steps.iter().flat_map(|step| {
            let way = step.arrow.findings.iter().map(move |finding| (finding, format!("(way to the {})", step.kind)));
            way.chain(step.findings.iter().map(move |finding| (finding, format!("({})", step.kind))))
        });
        let mut line = Vec::new();
        for (finding, hop) in said.filter(|(finding, _)| Mark::of(finding) == mark) {
            line.extend(words(style, &format!("{} {}", mark.sign(), finding.policy)));
            line.extend(words(DIM, &hop));
        }
        if !line.is_empty() {
            row(sheet, mark.name(), line);
        }
    }
}

fn write_keep_alive(sheet: &mut Sheet, view: &KeepAliveView) {
    let (shown, from) = keep_alive(view);
    let line = match view {
        KeepAliveView::Known { strength, .. } => {
            let mut line = words(if *strength == "presumed" { UNSURE } else { PLAIN }, &shown);
            line.extend(words(DIM, &from));
            line
        }
        KeepAliveView::Unknown(_) => words(UNSURE, &format!("{shown} — {from}")),
    };
    row(sheet, "keep-alive", line);
}

fn write_reach(sheet: &mut Sheet, name: &str, reach: &Reach) {
    if reach.answer == Answer::NotApplicable && reach.because.is_empty() {
        return;
    }
    let mut line = words(answer_style(reach.answer), answer_name(reach.answer));
    if !reach.because.is_empty() {
        line.push(Word::new(DIM, "—"));
        line.extend(words(PLAIN, &reach.because));
    }
    row(sheet, name, line);
}

fn row(sheet: &mut Sheet, name: &str, rest: Vec<Word<'_>>) {
    const NAME: usize = 14;
    let style = if name == "possible" { STRONG } else { DIM };
    let mut line = vec![Word::new(style, format!("{name:width$}", width = NAME - 1))];
    line.extend(rest);
    sheet.flow(2, 2 + NAME, &line);
}
