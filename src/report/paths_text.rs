//! The text report of `paths`: a tree of all request paths, then each of them drawn, with its timeouts, health check,
//! reachability and verdicts.

use super::chain::{Step, chain};
use super::draw::{answer_style, path_line};
use super::ink::{BAD, DIM, PLAIN, STRONG, UNSURE};
use super::numbers::{answer_name, health_check, keep_alive, seconds};
use super::picture::Picture;
use super::sheet::{Flow, Look, Sheet, count};
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
    sheet.flow(0, 2, |line| path_line(line, &view.path, Some(view), verdicts));
    if view.certainty == Certainty::Possible {
        let note = view.note.as_deref().unwrap_or("it is not certain that this path exists");
        row(sheet, "possible", |line| _ = line.words(UNSURE, note));
    } else if let Some(note) = &view.note {
        row(sheet, "note", |line| _ = line.words(UNSURE, note));
    }
    if let Some(listener) = &view.path.listener {
        row(sheet, "listener", |line| {
            line.words(PLAIN, listener);
            if view.path.rule.is_none() {
                line.word(DIM, "(default action)");
            }
        });
    }
    if let Some(weight) = view.weight.as_ref().filter(|weight| !weight.is_null()) {
        row(sheet, "weight", |line| _ = line.words(PLAIN, &weight.to_string()));
    }
    if let Some(idle) = &view.idle_timeout {
        row(sheet, "idle timeout", |line| _ = line.words(PLAIN, &seconds(idle).to_string()));
    }
    let check = health_check(&view.health_check);
    if !check.is_empty() {
        row(sheet, "health check", |line| check.iter().for_each(|part| _ = line.word(PLAIN, &part.to_string())));
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
        let mut said = said.filter(|(finding, _)| Mark::of(finding) == mark).peekable();
        if said.peek().is_some() {
            row(sheet, mark.name(), |line| {
                said.for_each(|(finding, hop)| {
                    line.words(style, &format!("{} {}", mark.sign(), finding.policy)).words(DIM, &hop);
                });
            });
        }
    }
}

fn write_keep_alive(sheet: &mut Sheet, view: &KeepAliveView) {
    let (shown, from) = keep_alive(view);
    row(sheet, "keep-alive", |line| match view {
        KeepAliveView::Known { strength: "presumed", .. } => _ = line.words(UNSURE, &shown).words(DIM, &from),
        KeepAliveView::Known { .. } => _ = line.words(PLAIN, &shown).words(DIM, &from),
        KeepAliveView::Unknown(_) => _ = line.words(UNSURE, &format!("{shown} — {from}")),
    });
}

fn write_reach(sheet: &mut Sheet, name: &str, reach: &Reach) {
    if reach.answer == Answer::NotApplicable && reach.because.is_empty() {
        return;
    }
    row(sheet, name, |line| {
        line.words(answer_style(reach.answer), answer_name(reach.answer));
        if !reach.because.is_empty() {
            line.word(DIM, "—").words(PLAIN, &reach.because);
        }
    });
}

fn row(sheet: &mut Sheet, name: &str, rest: impl FnOnce(&mut Flow<'_>)) {
    const NAME: usize = 14;
    let style = if name == "possible" { STRONG } else { DIM };
    sheet.flow(2, 2 + NAME, |line| {
        line.word(style, &format!("{name:width$}", width = NAME - 1));
        rest(line);
    });
}
