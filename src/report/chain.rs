//! One request path as a chain of hops: what each is called, its numbers, and what was found on it. The one model that
//! text, Mermaid and SVG write down.

use super::numbers::{Said, answer_name, asks, door, is_off, keep_alive, plain, seconds, times};
use super::verdicts::{Mark, Spot, Verdicts};
use crate::graph::Certainty;
use crate::judge::{Answer, Finding, PathRef, PathView};

/// One hop of a path.
pub(super) struct Step<'a> {
    /// Which one; the same on every path that shares it.
    pub(super) spot: Spot<'a>,
    /// What it is: `listener`.
    pub(super) kind: &'static str,
    /// Its address; none is one that is not there, or not visible.
    pub(super) name: Option<&'a str>,
    /// Port and protocol: `:443 HTTPS`. Empty when it has none.
    pub(super) door: String,
    /// Its other numbers, a line each.
    pub(super) facts: Vec<String>,
    /// What was found on it.
    pub(super) findings: Vec<&'a Finding>,
    /// How requests come to it from the one before.
    pub(super) arrow: Arrow<'a>,
}

/// From one hop to the next.
#[derive(Default)]
pub(super) struct Arrow<'a> {
    /// What is said about it, a line each.
    pub(super) labels: Vec<String>,
    /// Why that is so.
    pub(super) because: Vec<String>,
    /// It is not certain that there is one.
    pub(super) possible: bool,
    /// What was found on it.
    pub(super) findings: Vec<&'a Finding>,
}

impl Step<'_> {
    /// What its findings come to.
    pub(super) fn mark(&self) -> Mark {
        Mark::worst(&self.findings)
    }

    /// What to say in place of an address that is not visible.
    pub(super) fn unseen(&self) -> &'static str {
        match self.spot {
            Spot::LoadBalancer(..) => "(load balancer not visible)",
            Spot::Target(..) => "(no target visible)",
            _ => "(no listener)",
        }
    }

    /// Adds its numbers, and what is said about the way to it.
    fn explain(&mut self, path: &PathRef, view: Option<&PathView>) {
        let arrow = &mut self.arrow;
        if matches!(self.spot, Spot::TargetGroup(_)) && path.rule.is_none() && path.listener.is_some() {
            arrow.labels.push("default action".to_owned());
        }
        let Some(view) = view else { return };
        match self.spot {
            Spot::LoadBalancer(..) => {
                let idle = view.idle_timeout.as_ref();
                self.facts.extend(idle.map(|idle| format!("idle timeout {}", seconds(idle))));
            }
            Spot::TargetGroup(_) => {
                self.facts = group_facts(view);
                arrow.because.extend(view.note.clone().filter(|_| arrow.possible));
                let weight = view.weight.as_ref().filter(|weight| !weight.is_null());
                arrow.labels.extend(weight.map(|weight| format!("weight {}", plain(weight))));
            }
            Spot::Target(..) => {
                reach(arrow, view);
                let kept = view.keep_alive.as_ref().map(keep_alive);
                self.facts.extend(kept.map(|(shown, from)| {
                    let server = from.split(": ").next().filter(|_| shown != "?").unwrap_or_default();
                    let server = if server.is_empty() { String::new() } else { format!(" ({server})") };
                    format!("keep-alive {shown}{server}")
                }));
            }
            Spot::Clients(_) | Spot::Listener(_) | Spot::Rule(_) | Spot::Connection(..) => {}
        }
    }
}

impl Arrow<'_> {
    /// What its findings come to.
    pub(super) fn mark(&self) -> Mark {
        Mark::worst(&self.findings)
    }
}

/// The hops of a path, first to last, with the numbers on them and what is said about the ways between them. Without a
/// view there are none.
pub(super) fn explained<'a>(path: &'a PathRef, view: Option<&PathView>, verdicts: &Verdicts<'a>) -> Vec<Step<'a>> {
    let mut steps = chain(path, view, verdicts);
    steps.iter_mut().for_each(|step| step.explain(path, view));
    steps
}

/// The hops of a path, first to last, each with its door and what was found on it, and nothing else said about it.
pub(super) fn chain<'a>(path: &'a PathRef, view: Option<&PathView>, verdicts: &Verdicts<'a>) -> Vec<Step<'a>> {
    let mut steps: Vec<Step<'a>> = Vec::new();
    // What is found on a connection belongs to the arrow into its target, and on clients to the arrow from them.
    let mut arriving = Vec::new();
    for spot in Spot::all(path) {
        let mut findings: Vec<&Finding> = verdicts.on(spot, path).collect();
        let mut step = Step {
            spot,
            kind: "",
            name: None,
            door: String::new(),
            facts: Vec::new(),
            findings: Vec::new(),
            arrow: Arrow::default(),
        };
        match spot {
            Spot::Clients(_) => {
                arriving.append(&mut findings);
                if path.load_balancer.is_none() && path.listener.is_none() {
                    continue;
                }
                step.kind = "clients";
            }
            // What was found on a hop that is not there still has to show.
            Spot::LoadBalancer(None, None) | Spot::Connection(..) => {
                arriving.append(&mut findings);
                continue;
            }
            Spot::Listener(None) if path.load_balancer.is_some() => {
                arriving.append(&mut findings);
                continue;
            }
            Spot::LoadBalancer(name, _) => {
                step.kind = "load balancer";
                step.name = name;
            }
            Spot::Listener(name) => {
                step.kind = "listener";
                step.name = name;
                let number = view.and_then(|view| view.listener_port.as_ref());
                step.door = door(number, view.and_then(|view| view.listener_protocol.as_ref()));
                if name.is_none() {
                    findings.append(&mut arriving);
                }
            }
            Spot::Rule(name) => {
                step.kind = "rule";
                step.name = Some(name);
            }
            Spot::TargetGroup(name) => {
                step.kind = "target group";
                step.name = Some(name);
                if let Some(view) = view {
                    step.door = door(view.port.as_ref(), view.protocol.as_ref());
                    step.arrow.possible = view.certainty == Certainty::Possible;
                }
            }
            Spot::Target(name, _) => {
                step.kind = view.and_then(|view| view.target_kind).map_or("target", target_kind);
                step.name = name;
                step.arrow.possible = view.is_some_and(|view| view.certainty == Certainty::Possible);
            }
        }
        step.findings = findings;
        if !matches!(spot, Spot::Clients(_)) {
            step.arrow.findings = std::mem::take(&mut arriving);
        }
        steps.push(step);
    }
    steps
}

/// A target's kind in words.
fn target_kind(name: &'static str) -> &'static str {
    match name {
        "ecs_service" => "ECS service",
        "autoscaling_group" => "Auto Scaling group",
        "ip" => "IP address",
        "lambda" => "Lambda function",
        "alb" => "load balancer",
        other => other,
    }
}

fn joined<'v>(parts: impl Iterator<Item = Said<'v>>, between: &str) -> String {
    parts.map(|part| part.to_string()).collect::<Vec<_>>().join(between)
}

fn group_facts(view: &PathView) -> Vec<String> {
    let kind = view.target_type.as_ref().filter(|value| !value.is_null());
    let mut facts: Vec<String> = kind.map(|kind| format!("target type {}", plain(kind))).into_iter().collect();
    let check = &view.health_check;
    let (asks, times) = (joined(asks(check), " "), joined(times(check), ", "));
    if is_off(check) {
        facts.push("health check off".to_owned());
    } else if !asks.is_empty() || !times.is_empty() {
        facts.push(format!("health check {asks}").trim_end().to_owned());
        facts.extend(Some(times).filter(|times| !times.is_empty()));
    }
    facts
}

fn reach(arrow: &mut Arrow<'_>, view: &PathView) {
    for (name, reach) in [("traffic", &view.traffic), ("health checks", &view.health)] {
        if reach.answer == Answer::NotApplicable {
            continue;
        }
        arrow.labels.push(format!("{name} {}", answer_name(reach.answer)));
        if !reach.because.is_empty() {
            arrow.because.push(format!("{name} {}: {}", answer_name(reach.answer), reach.because));
        }
    }
}
