//! One request path drawn in a line of text, and its numbers in another. Shared by the text reports.

use super::chain::{Step, chain};
use super::ink::{BAD, DIM, GOOD, PLAIN, STRONG, UNSURE};
use super::numbers::{answer_name, health_check_in_short, seconds};
use super::sheet::{Look, Sheet, Word};
use super::verdicts::{Mark, Spot, Verdicts};
use crate::judge::{Answer, PathRef, PathView};

/// `aws_lb.web :443 HTTPS → aws_lb_target_group.api :8080 HTTP ✗→ ecs aws_ecs_service.api`, one word a hop. Broken hops
/// carry a red ✗.
pub(super) fn path_line<'a>(path: &'a PathRef, view: Option<&PathView>, verdicts: &Verdicts<'a>) -> Vec<Word<'a>> {
    let mut line: Vec<Word<'a>> = Vec::new();
    for step in chain(path, view, verdicts) {
        let arrow = match (line.is_empty(), step.arrow.mark()) {
            (true, Mark::Broken) => Word::new(PLAIN, "clients ").and(BAD, "✗→ "),
            (true, _) => Word::default(),
            (false, Mark::Broken) => Word::new(BAD, "✗→ "),
            (false, _) => Word::new(DIM, "→ "),
        };
        match step.spot {
            Spot::Clients(_) => {}
            Spot::Listener(Some(name)) => {
                let (before, style) = if step.mark() == Mark::Broken { (" ✗ ", BAD) } else { (" ", PLAIN) };
                let balancer = line.pop().unwrap_or_default().and(style, before);
                line.push(if step.door.is_empty() {
                    balancer.and(style, name)
                } else {
                    balancer.and(style, step.door)
                });
            }
            Spot::Rule(_) => line.push(node(arrow.and(DIM, "rule "), &step)),
            Spot::Target(Some(_), _) => {
                let kind =
                    view.and_then(|view| view.target_kind).map_or(String::new(), |kind| format!("{} ", short(kind)));
                line.push(node(arrow.and(PLAIN, kind), &step));
            }
            _ if step.door.is_empty() => line.push(node(arrow, &step)),
            _ => line.push(node(arrow, &step).and(PLAIN, " ").and(PLAIN, step.door)),
        }
    }
    line
}

/// The same as plain text.
pub(super) fn path_text<'a>(path: &'a PathRef, view: Option<&PathView>, verdicts: &Verdicts<'a>) -> String {
    let mut sheet = Sheet::new(Look::plain(usize::MAX));
    sheet.flow(0, 0, &path_line(path, view, verdicts));
    sheet.finish().trim_end().to_owned()
}

/// `idle 60 s · check HTTP :8080 /health expects 200, every 30 s, timeout 5 s, unhealthy after 2 · traffic admitted`,
/// one word a number. Empty when there is nothing to say.
pub(super) fn numbers_line(view: &PathView) -> Vec<Word<'static>> {
    let mut line = Vec::new();
    if let Some(idle) = &view.idle_timeout {
        line.push(Word::new(DIM, format!("idle {}", seconds(idle))));
    }
    let check = health_check_in_short(&view.health_check);
    if !check.is_empty() {
        append(&mut line);
        let labels = std::iter::once("check ").chain(std::iter::repeat(""));
        line.extend(labels.zip(check).map(|(label, number)| Word::new(DIM, label).and(DIM, number)));
    }
    for (name, answer) in [("traffic ", view.traffic.answer), ("health checks ", view.health.answer)] {
        if answer != Answer::NotApplicable {
            append(&mut line);
            line.push(Word::new(DIM, name).and(answer_style(answer), answer_name(answer)));
        }
    }
    line
}

/// The colour of an answer.
pub(super) fn answer_style(answer: Answer) -> anstyle::Style {
    match answer {
        Answer::Yes => GOOD,
        Answer::No | Answer::Partly => BAD,
        Answer::Unknown => UNSURE,
        Answer::NotApplicable => DIM,
    }
}

/// A dot after the last word, for the next one to follow.
fn append(line: &mut [Word<'_>]) {
    if let Some(last) = line.last_mut() {
        *last = std::mem::take(last).and(DIM, " ·");
    }
}

fn node<'a>(before: Word<'a>, step: &Step<'a>) -> Word<'a> {
    let name = step.name.unwrap_or_else(|| step.unseen());
    match (step.mark(), step.name) {
        (Mark::Broken, _) => before.and(BAD, "✗ ").and(BAD, name),
        (_, Some(_)) => before.and(STRONG, name),
        (_, None) => before.and(UNSURE, name),
    }
}

fn short(target_kind: &str) -> &str {
    match target_kind {
        "ecs_service" => "ecs",
        "autoscaling_group" => "asg",
        other => other,
    }
}
