//! One request path drawn in a line of text, and its numbers in another. Shared by the text reports.

use super::chain::{Step, chain};
use super::ink::{BAD, DIM, GOOD, PLAIN, STRONG, UNSURE};
use super::numbers::{Said, answer_name, health_check_in_short, seconds};
use super::sheet::{Flow, Look, Sheet};
use super::verdicts::{Mark, Spot, Verdicts};
use crate::judge::{Answer, PathRef, PathView};

/// `aws_lb.web :443 HTTPS → aws_lb_target_group.api :8080 HTTP ✗→ ecs aws_ecs_service.api`, one word a hop. Broken hops
/// carry a red ✗.
pub(super) fn path_line(line: &mut Flow<'_>, path: &PathRef, view: Option<&PathView>, verdicts: &Verdicts<'_>) {
    let mut is_first = true;
    for step in chain(path, view, verdicts) {
        match step.spot {
            Spot::Clients(_) => continue,
            Spot::Listener(Some(name)) => {
                let (before, style) = if step.mark() == Mark::Broken { (" ✗ ", BAD) } else { (" ", PLAIN) };
                line.and(style, before).and(style, if step.door.is_empty() { name } else { &step.door });
                continue;
            }
            _ => {}
        }
        match (std::mem::take(&mut is_first), step.arrow.mark()) {
            (true, Mark::Broken) => line.word(PLAIN, "clients ").and(BAD, "✗→ "),
            (true, _) => line.word(PLAIN, ""),
            (false, Mark::Broken) => line.word(BAD, "✗→ "),
            (false, _) => line.word(DIM, "→ "),
        };
        match (step.spot, view.and_then(|view| view.target_kind)) {
            (Spot::Rule(_), _) => _ = line.and(DIM, "rule "),
            (Spot::Target(Some(_), _), Some(kind)) => _ = line.and(PLAIN, short(kind)).and(PLAIN, " "),
            _ => {}
        }
        node(line, &step);
        if !step.door.is_empty() {
            line.and(PLAIN, " ").and(PLAIN, &step.door);
        }
    }
}

/// The same as plain text.
pub(super) fn path_text<'a>(path: &'a PathRef, view: Option<&PathView>, verdicts: &Verdicts<'a>) -> String {
    let mut sheet = Sheet::new(Look::plain(usize::MAX));
    sheet.flow(0, 0, |line| path_line(line, path, view, verdicts));
    sheet.finish().trim_end().to_owned()
}

/// `idle 60 s · check HTTP :8080 /health expects 200, every 30 s, timeout 5 s, unhealthy after 2 · traffic admitted`,
/// one word a number. Empty when there is nothing to say.
pub(super) fn numbers_line(line: &mut Flow<'_>, view: &PathView) {
    if let Some(idle) = &view.idle_timeout {
        number(line.word(DIM, "idle "), &seconds(idle));
    }
    for (at, part) in health_check_in_short(&view.health_check).iter().enumerate() {
        if at == 0 {
            dot(line);
        }
        number(line.word(DIM, if at == 0 { "check " } else { "" }), part);
    }
    for (name, answer) in [("traffic ", view.traffic.answer), ("health checks ", view.health.answer)] {
        if answer != Answer::NotApplicable {
            dot(line);
            line.word(DIM, name).and(answer_style(answer), answer_name(answer));
        }
    }
}

fn number(line: &mut Flow<'_>, said: &Said<'_>) {
    line.and(DIM, said.before).and(DIM, &said.value).and(DIM, said.after).and(DIM, said.comma);
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
fn dot(line: &mut Flow<'_>) {
    if !line.is_empty() {
        line.and(DIM, " ·");
    }
}

fn node(line: &mut Flow<'_>, step: &Step<'_>) {
    let name = step.name.unwrap_or_else(|| step.unseen());
    match (step.mark(), step.name) {
        (Mark::Broken, _) => line.and(BAD, "✗ ").and(BAD, name),
        (_, Some(_)) => line.and(STRONG, name),
        (_, None) => line.and(UNSURE, name),
    };
}

fn short(target_kind: &str) -> &str {
    match target_kind {
        "ecs_service" => "ecs",
        "autoscaling_group" => "asg",
        other => other,
    }
}
