//! Holds policies against everything they are about, on as many threads as there are processors. What comes out is the
//! same, in the same order, on any number of them. What one policy says of one case is in `findings.rs`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::thread;

use super::cases::Cases;
use super::facts::About;
use super::findings::{Judged, judge_case, judge_raw};
use super::model::Model;
use crate::catalog::Subject;
use crate::graph::{ResourceId, at_once};
use crate::policy::{Policy, PolicySet, Precedents};

/// What was judged: a policy, on what of which resource.
#[derive(Clone, Copy)]
pub(super) struct Held<'m> {
    pub(super) policy: &'m Policy,
    pub(super) on: ResourceId,
    pub(super) about: About,
}

/// As many cases as one thread judges at a time: what it found is kept until those before are told. Of a plan with some
/// thousands of each thing every thread still gets its share.
const AT_A_TIME: usize = 512;

/// Holds every policy against everything it is about, subject by subject. Each policy sees its cases in a stable order.
pub(super) fn hold(model: &Model<'_>, policies: &PolicySet, tell: &mut dyn FnMut(&Held<'_>, Judged)) {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    on_threads(threads, AT_A_TIME, model, policies, tell);
}

fn on_threads(
    threads: usize,
    at_a_time: usize,
    model: &Model<'_>,
    policies: &PolicySet,
    tell: &mut dyn FnMut(&Held<'_>, Judged),
) {
    let mut by_subject: BTreeMap<Subject, Vec<&Policy>> = BTreeMap::new();
    for policy in policies.iter() {
        by_subject.entry(policy.subject).or_default().push(policy);
    }
    for (subject, policies) in by_subject {
        if subject == Subject::Resource {
            for policy in policies {
                for (on, judged) in judge_raw(model, policy) {
                    tell(&Held { policy, on, about: About::Resource }, judged);
                }
            }
            continue;
        }
        let cases = model.cases(subject);
        let all = cases.most();
        let size = share(all, threads, at_a_time);
        let parts: Vec<Range<usize>> = (0..all).step_by(size).map(|from| from..all.min(from + size)).collect();
        let mut workers: Vec<Worker<'_>> =
            (0..threads.min(parts.len())).map(|_| Worker::new(&cases, &policies)).collect();
        if let [only] = workers.as_mut_slice() {
            for part in parts {
                only.judge(part, tell);
            }
            continue;
        }
        for parts in parts.chunks(threads) {
            let running = workers.iter_mut().zip(parts).map(|(worker, part)| || worker.kept(part.clone()));
            for (held, judged) in at_once(running).into_iter().flatten() {
                tell(&held, judged);
            }
        }
    }
}

/// How many cases make a part, so that in every round each thread has one of about the same size.
fn share(all: usize, threads: usize, at_a_time: usize) -> usize {
    if all <= at_a_time {
        return at_a_time;
    }
    let rounds = all.div_ceil(threads * at_a_time);
    all.div_ceil(threads * rounds)
}

/// Judges cases of one subject, and remembers what was said of others like them.
struct Worker<'m> {
    cases: &'m Cases<'m>,
    policies: &'m [&'m Policy],
    precedents: Precedents,
}

impl<'m> Worker<'m> {
    fn new(cases: &'m Cases<'m>, policies: &'m [&'m Policy]) -> Worker<'m> {
        Worker { cases, policies, precedents: Precedents::new(policies.iter().copied()) }
    }

    fn judge(&mut self, part: Range<usize>, tell: &mut dyn FnMut(&Held<'m>, Judged)) {
        for case in part.filter_map(|at| self.cases.get(at)) {
            self.precedents.turn();
            for (at, &policy) in self.policies.iter().enumerate() {
                let held = Held { policy, on: case.subject, about: case.about };
                tell(&held, judge_case(self.cases.model, policy, &case, &mut self.precedents, at));
            }
        }
    }

    /// What came of each check that is about something.
    fn kept(&mut self, part: Range<usize>) -> Vec<(Held<'m>, Judged)> {
        let mut kept = Vec::new();
        self.judge(part, &mut |held, judged| {
            if !matches!(judged, Judged::NotApplicable) {
                kept.push((*held, judged));
            }
        });
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::Beside;

    /// Everything that was told, in order.
    fn told(threads: usize, at_a_time: usize) -> Vec<String> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/fargate/plan.json");
        let (loaded, _) = crate::load::load(path, &crate::load::Inputs::default(), &[]).unwrap();
        let (beside, (policies, _)) = (Beside::default(), PolicySet::builtin_to_judge());
        let model = Model::new(&loaded.graph, &beside);
        let mut told = Vec::new();
        on_threads(threads, at_a_time, &model, &policies, &mut |held, judged| {
            let said = match judged {
                Judged::NotApplicable => return,
                Judged::Pass => String::new(),
                Judged::Finding(finding) => format!("{finding:?}"),
            };
            told.push(format!("{} {:?} {said}", held.policy.id, held.on));
        });
        told
    }

    #[test]
    fn every_thread_has_its_share_in_every_round() {
        assert_eq!((share(512, 2, 512), share(513, 2, 512), share(1024, 2, 512)), (512, 257, 512));
        for (all, threads) in [(1025, 2), (4100, 2), (4100, 8), (12_300, 3), (9, 16)] {
            let size = share(all, threads, 512);
            let parts = all.div_ceil(size);
            assert!(size <= 512 && (parts % threads == 0 || parts < threads), "{all} on {threads}: {parts} of {size}");
        }
    }

    #[test]
    fn any_number_of_threads_tells_the_same() {
        let alone = told(1, 1);
        assert!(alone.len() > 30, "{}", alone.len());
        for (threads, at_a_time) in [(1, 100), (2, 1), (3, 2), (8, 1), (8, 100)] {
            assert_eq!(told(threads, at_a_time), alone, "{threads} threads, {at_a_time} at a time");
        }
    }
}
