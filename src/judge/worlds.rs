//! Judging an input that can turn out in several ways, because something nobody gave decides what is made. Each way is
//! judged by itself; here their answers become one. Which ways there are is the loader's to say.

use std::collections::{BTreeMap, BTreeSet};

use super::assessment::{Assessment, Finding, HealthCheckView, KeepAliveView, PathRef, PathView, Reach, Verdict};
use super::findings::Judged;
use super::hold::hold;
use super::key::{Key, Seen};
use super::model::Model;
use super::{Tell, overview};
use crate::graph::{Assumption, Certainty, Graph, Value};
use crate::policy::PolicySet;
use crate::relate::reach::Answer;
use crate::server::Beside;

/// Judges each graph and tells what each check comes to in all of them.
pub(super) fn each(graphs: &[&Graph], beside: &Beside, policies: &PolicySet, tell: &mut Tell<'_>) -> Assessment {
    let mut addresses = BTreeSet::new();
    let mut outcomes: BTreeMap<Key, Vec<Outcome>> = BTreeMap::new();
    let mut overviews = Vec::new();
    for (world, graph) in graphs.iter().enumerate() {
        let model = Model::new(graph, beside);
        addresses.extend(graph.resources().map(|(_, resource)| resource.address.clone()));
        overviews.push(overview(&model, policies));
        let mut seen = Seen::default();
        hold(&model, policies, &mut |held, judged| {
            let finding = match judged {
                Judged::NotApplicable => return,
                Judged::Pass => None,
                Judged::Finding(finding) => Some(finding),
            };
            outcomes.entry(seen.key(&model, held)).or_default().push(Outcome { world, finding });
        });
    }
    for (key, outcomes) in outcomes {
        tell(&mut || key.clone(), together(graphs, outcomes));
    }
    let mut whole = Assessment::default();
    for one in &overviews {
        whole.summary.policies = one.summary.policies;
        whole.summary.paths = whole.summary.paths.max(one.summary.paths);
    }
    whole.summary.resources = addresses.len();
    whole.paths = paths(graphs, overviews.into_iter().map(|one| one.paths).collect());
    whole
}

/// What a check came to in one world.
struct Outcome {
    world: usize,
    /// None: it passed.
    finding: Option<Box<Finding>>,
}

impl Outcome {
    fn verdict(&self) -> Option<Verdict> {
        self.finding.as_ref().map(|finding| finding.verdict)
    }
}

/// One answer: what it is in all worlds; where they differ, undecided.
fn together(graphs: &[&Graph], outcomes: Vec<Outcome>) -> Judged {
    let fails = outcomes.iter().filter(|outcome| outcome.verdict() == Some(Verdict::Fail)).count();
    let everywhere = fails == graphs.len();
    let verdicts: BTreeMap<usize, Option<Verdict>> =
        outcomes.iter().map(|outcome| (outcome.world, outcome.verdict())).collect();
    let worst = outcomes.into_iter().filter(|outcome| outcome.finding.is_some()).min_by_key(Outcome::verdict);
    let Some(Outcome { world, finding: Some(mut finding) }) = worst else { return Judged::Pass };
    if finding.verdict == Verdict::Fail && !everywhere {
        let deciding = deciding(graphs, world, |world| verdicts.get(&world));
        finding.verdict = Verdict::Undecided;
        finding.message = format!("if {}: {}", said(&deciding), finding.message).into();
        finding.hangs_on = deciding.first().map(|assumption| assumption.unknown.to_string().into());
    }
    Judged::Finding(finding)
}

/// Of what a world supposes, that on which `answer` hangs: with it alone supposed otherwise the answer is another. All
/// of it when none alone tells.
fn deciding<A: PartialEq>(graphs: &[&Graph], world: usize, answer: impl Fn(usize) -> A) -> Vec<Assumption> {
    let Some(own) = graphs.get(world).map(|graph| graph.assumed()) else { return Vec::new() };
    let here = answer(world);
    let decides = |at: usize| {
        graphs.iter().enumerate().any(|(other, graph)| {
            let theirs = graph.assumed();
            let differs = |at: usize| theirs.get(at).map(|one| &one.words) != own.get(at).map(|one| &one.words);
            (0..own.len()).all(|each| differs(each) == (each == at)) && answer(other) != here
        })
    };
    let alone: Vec<Assumption> = (0..own.len()).filter(|&at| decides(at)).map(|at| own[at].clone()).collect();
    if alone.is_empty() { own.to_vec() } else { alone }
}

fn said(assumed: &[Assumption]) -> String {
    assumed.iter().map(|one| &*one.words).collect::<Vec<&str>>().join(" and ")
}

/// The paths of all worlds.
fn paths(graphs: &[&Graph], views: Vec<Vec<PathView>>) -> Vec<PathView> {
    let mut order: Vec<PathRef> = Vec::new();
    let mut by_path: BTreeMap<PathRef, Vec<(usize, PathView)>> = BTreeMap::new();
    for (world, views) in views.into_iter().enumerate() {
        for view in views {
            let known = by_path.entry(view.path.clone()).or_default();
            if known.is_empty() {
                order.push(view.path.clone());
            }
            known.push((world, view));
        }
    }
    order.iter().filter_map(|path| merged(graphs, by_path.remove(path)?)).collect()
}

fn merged(graphs: &[&Graph], views: Vec<(usize, PathView)>) -> Option<PathView> {
    let worlds: BTreeSet<usize> = views.iter().map(|(world, _)| *world).collect();
    let (first_world, first) = views.first()?;
    let mut merged = first.clone();
    if worlds.len() < graphs.len() {
        let deciding = deciding(graphs, *first_world, |world| worlds.contains(&world));
        merged.certainty = Certainty::Possible;
        merged.note = Some(format!("only if {}", said(&deciding)));
    }
    // Where the worlds differ in a value it hangs on what they suppose.
    let differing = |read: &dyn Fn(&PathView) -> &Option<Value>| -> Option<Value> {
        let own = read(first);
        if views.iter().all(|(_, view)| read(view) == own) {
            return own.clone();
        }
        let answer = |world: usize| views.iter().find(|(of, _)| *of == world).map(|(_, view)| read(view).clone());
        let deciding = deciding(graphs, *first_world, answer);
        deciding.first().map(|assumption| Value::unknown(assumption.unknown.clone()))
    };
    merged.listener_port = differing(&|view| &view.listener_port);
    merged.listener_protocol = differing(&|view| &view.listener_protocol);
    merged.weight = differing(&|view| &view.weight);
    merged.idle_timeout = differing(&|view| &view.idle_timeout);
    merged.protocol = differing(&|view| &view.protocol);
    merged.port = differing(&|view| &view.port);
    merged.target_type = differing(&|view| &view.target_type);
    merged.health_check = HealthCheckView {
        enabled: differing(&|view| &view.health_check.enabled),
        protocol: differing(&|view| &view.health_check.protocol),
        port: differing(&|view| &view.health_check.port),
        path: differing(&|view| &view.health_check.path),
        matcher: differing(&|view| &view.health_check.matcher),
        interval: differing(&|view| &view.health_check.interval),
        timeout: differing(&|view| &view.health_check.timeout),
        healthy_threshold: differing(&|view| &view.health_check.healthy_threshold),
        unhealthy_threshold: differing(&|view| &view.health_check.unhealthy_threshold),
    };
    let reached = |read: &dyn Fn(&PathView) -> &Reach| -> Reach {
        let own = read(first);
        if views.iter().all(|(_, view)| read(view).answer == own.answer) {
            return own.clone();
        }
        let answer = |world: usize| views.iter().find(|(of, _)| *of == world).map(|(_, view)| read(view).answer);
        let deciding = deciding(graphs, *first_world, answer);
        Reach { answer: Answer::Unknown, because: format!("if {}: {}", said(&deciding), own.because) }
    };
    merged.traffic = reached(&|view| &view.traffic);
    merged.health = reached(&|view| &view.health);
    if views.iter().any(|(_, view)| view.keep_alive != first.keep_alive) {
        let answer = |world: usize| views.iter().find(|(of, _)| *of == world).map(|(_, view)| view.keep_alive.clone());
        let deciding = deciding(graphs, *first_world, answer);
        merged.keep_alive = deciding.first().map(|assumption| KeepAliveView::Unknown(assumption.unknown.to_string()));
    }
    Some(merged)
}
