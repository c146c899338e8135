//! One request path drawn in a line, and its numbers in another. Shared by the text reports; says nothing about
//! findings but which hops they break.

use super::ink::{BAD, DIM, GOOD, PLAIN, STRONG, UNSURE};
use super::sheet::Word;
use crate::graph::{Data, Value};
use crate::judge::{Answer, HealthCheckView, Hop, PathRef, PathView};

/// `aws_lb.web :443 HTTPS → aws_lb_target_group.api :8080 HTTP ✗→ ecs aws_ecs_service.api`, one word a hop. The hops
/// in `broken` carry a red ✗; the address beside a hop tells a broken rule from a broken listener.
pub(super) fn path_line(path: &PathRef, view: Option<&PathView>, broken: &[(Hop, &str)]) -> Vec<Word> {
    let is_broken = |hop| broken.iter().any(|(one, _)| *one == hop);
    let on_rule = |subject: &str| path.rule.as_deref() == Some(subject);
    let breaks = |of_rule| broken.iter().any(|(hop, subject)| *hop == Hop::Listener && on_rule(subject) == of_rule);
    let mut hops = Vec::new();
    if is_broken(Hop::Clients) {
        hops.push(Word::new(PLAIN, "clients"));
    }
    let mut first = match &path.load_balancer {
        Some(address) => node(arrow(&hops, is_broken(Hop::Clients)), address, is_broken(Hop::LoadBalancer)),
        None => {
            let nobody = if path.listener.is_some() { "(load balancer not visible)" } else { "(no listener)" };
            let at_fault = [Hop::Clients, Hop::LoadBalancer, Hop::Listener].into_iter().any(is_broken);
            if at_fault { Word::new(BAD, "✗ ").and(BAD, nobody) } else { Word::new(UNSURE, nobody) }
        }
    };
    if path.listener.is_some() {
        let port = door(view.and_then(|v| v.listener_port.as_ref()), view.and_then(|v| v.listener_protocol.as_ref()));
        let listener = if port.is_empty() { path.listener.as_deref().unwrap_or_default() } else { &port };
        first = if breaks(false) {
            first.and(BAD, " ✗ ").and(BAD, listener)
        } else {
            first.and(PLAIN, " ").and(PLAIN, listener)
        };
    }
    hops.push(first);
    if let Some(rule) = &path.rule {
        hops.push(node(Word::new(DIM, "→ rule "), rule, breaks(true)));
    }
    let group = node(arrow(&hops, false), &path.target_group, is_broken(Hop::TargetGroup));
    let port = door(view.and_then(|v| v.port.as_ref()), view.and_then(|v| v.protocol.as_ref()));
    hops.push(if port.is_empty() { group } else { group.and(PLAIN, " ").and(PLAIN, &port) });
    let towards = arrow(&hops, is_broken(Hop::Connection));
    hops.push(match &path.target {
        Some(target) => {
            let kind = view.and_then(|v| v.target_kind).map_or(String::new(), |kind| format!("{} ", short(kind)));
            node(towards.and(PLAIN, &kind), target, is_broken(Hop::Target))
        }
        None if is_broken(Hop::Target) => towards.and(BAD, "✗ (no target visible)"),
        None => towards.and(UNSURE, "(no target visible)"),
    });
    hops
}

/// `idle 60 s · check HTTP :8080 /health expects 200, every 30 s, timeout 5 s, unhealthy after 2 · traffic admitted`,
/// one word a number. Empty when there is nothing to say.
pub(super) fn numbers_line(view: &PathView) -> Vec<Word> {
    let mut line = Vec::new();
    if let Some(idle) = &view.idle_timeout {
        line.push(Word::new(DIM, &format!("idle {}", seconds(idle))));
    }
    let check = health_check(&HealthCheckView { healthy_threshold: None, ..view.health_check.clone() });
    if !check.is_empty() {
        append(&mut line);
        let labels = std::iter::once("check ").chain(std::iter::repeat(""));
        line.extend(labels.zip(&check).map(|(label, number)| Word::new(DIM, label).and(DIM, number)));
    }
    for (name, answer) in [("traffic ", view.traffic.answer), ("health checks ", view.health.answer)] {
        if answer != Answer::NotApplicable {
            append(&mut line);
            line.push(Word::new(DIM, name).and(answer_style(answer), answer_name(answer)));
        }
    }
    line
}

/// `HTTP :8080 /health expects 200, every 30 s, timeout 5 s, unhealthy after 2` in parts that stay together; `off`;
/// empty when there is none.
pub(super) fn health_check(check: &HealthCheckView) -> Vec<String> {
    if check.enabled.as_ref().and_then(shown_bool) == Some(false) {
        return vec!["off".to_owned()];
    }
    let mut asks: Vec<String> = Vec::new();
    asks.extend(written(&check.protocol).map(plain));
    asks.extend(check.port.as_ref().map(port));
    asks.extend(written(&check.path).map(plain));
    asks.extend(written(&check.matcher).map(|value| format!("expects {}", plain(value))));
    let mut times: Vec<String> = Vec::new();
    times.extend(written(&check.interval).map(|value| format!("every {}", seconds(value))));
    times.extend(written(&check.timeout).map(|value| format!("timeout {}", seconds(value))));
    times.extend(written(&check.healthy_threshold).map(|value| format!("healthy after {}", plain(value))));
    times.extend(written(&check.unhealthy_threshold).map(|value| format!("unhealthy after {}", plain(value))));
    let commas = asks.len().saturating_sub(1)..(asks.len() + times.len()).saturating_sub(1);
    let mut parts = [asks, times].concat();
    parts[commas].iter_mut().for_each(|part| part.push(','));
    parts
}

/// `60 s`, or `? s` when it is not known before apply.
pub(super) fn seconds(value: &Value) -> String {
    format!("{} s", plain(value))
}

/// The answer in one word.
pub(super) fn answer_name(answer: Answer) -> &'static str {
    match answer {
        Answer::Yes => "admitted",
        Answer::No => "blocked",
        Answer::Partly => "partly blocked",
        Answer::Unknown => "?",
        Answer::NotApplicable => "does not apply",
    }
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
fn append(line: &mut [Word]) {
    if let Some(last) = line.last_mut() {
        *last = std::mem::take(last).and(DIM, " ·");
    }
}

fn written(value: &Option<Value>) -> Option<&Value> {
    value.as_ref().filter(|value| !value.is_null())
}

fn node(before: Word, address: &str, broken: bool) -> Word {
    if broken { before.and(BAD, "✗ ").and(BAD, address) } else { before.and(STRONG, address) }
}

/// The arrow into the next hop; none when it is the first.
fn arrow(hops: &[Word], broken: bool) -> Word {
    match (hops.is_empty(), broken) {
        (true, _) => Word::default(),
        (false, true) => Word::new(BAD, "✗→ "),
        (false, false) => Word::new(DIM, "→ "),
    }
}

/// `:443 HTTPS`, or as much of it as applies.
fn door(number: Option<&Value>, protocol: Option<&Value>) -> String {
    let parts = number.map(port).into_iter().chain(protocol.filter(|value| !value.is_null()).map(plain));
    parts.collect::<Vec<_>>().join(" ")
}

fn port(value: &Value) -> String {
    if value.is_null() { ":dynamic".to_owned() } else { format!(":{}", plain(value)) }
}

/// The value without quotes; `?` when it is not known before apply.
fn plain(value: &Value) -> String {
    match &value.data {
        _ if value.marks.sensitive => "(sensitive)".to_owned(),
        Data::Unknown(_) => "?".to_owned(),
        Data::String(text) => text.to_string(),
        _ => value.to_string(),
    }
}

fn shown_bool(value: &Value) -> Option<bool> {
    if value.marks.sensitive { None } else { value.as_bool() }
}

fn short(target_kind: &str) -> &str {
    match target_kind {
        "ecs_service" => "ecs",
        "autoscaling_group" => "asg",
        other => other,
    }
}
