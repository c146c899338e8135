//! Edits for reports: each is proven as if it alone were made, on several threads, and only so many of them. How changes
//! are proven on top of each other is told elsewhere.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::bench::Judged;
use super::resolve::Resolver;
use super::{Base, Bench, Candidate, failing};
use crate::catalog::Severity;
use crate::graph::{Threads, whole};
use crate::judge::Assessment;
use crate::source::Problem;
use crate::source::disk::Overlay;

/// Gives findings the edits that cure them. Whoever reads a report takes one edit and leaves the next, so that each is
/// proven alone. A rule for traffic that goes elsewhere with the edits of another finding is none: the finding gets
/// those.
///
/// A proof looks at every resource again. `most` says how many resources all of them may look at; the gravest findings
/// come first, and a note about the input says how many have none for that reason.
pub fn attach(bench: &Bench<'_>, input: &str, assessment: &mut Assessment, most: usize) {
    let open: Vec<usize> =
        failing(assessment).into_iter().filter(|at| !assessment.findings[*at].cure.is_empty()).collect();
    if open.is_empty() {
        return;
    }
    let mut left = most / assessment.summary.resources.max(1);
    let (texts, mut given) = (BTreeMap::new(), BTreeMap::new());
    let mut untried = 0;
    let Ok(now) = bench.as_is(assessment) else { return };
    let shown: Vec<usize> = open.into_iter().filter(|at| now.same(&assessment.findings[*at]).is_some()).collect();
    // Not on each thread.
    if now.whole().is_err() {
        return;
    }
    let mut found = Resolver::new(bench, &now, &texts).candidates(assessment, &shown).candidates;
    gravest_first(&mut found, assessment);
    let base = Base { bench, assessment, texts: BTreeMap::new() };
    for alike in found.chunk_by(|one, next| one.adds_rules == next.adds_rules) {
        let is_open = |one: &&Candidate| !one.findings.iter().all(|at| given.contains_key(at));
        let tried: Vec<&Candidate> = alike.iter().filter(is_open).collect();
        let (tried, rest) = tried.split_at(tried.len().min(left));
        left -= tried.len();
        untried += rest.iter().map(|one| one.findings.len()).sum::<usize>();
        for (candidate, cured) in tried.iter().zip(base.alone(tried, &now, &found)) {
            for at in cured {
                given.entry(at).or_insert_with(|| candidate.edits.clone());
            }
        }
    }
    for (at, edits) in given {
        assessment.findings[at].edits = edits;
    }
    assessment.unproven += untried;
    if untried > 0 {
        let findings = if untried == 1 { "1 finding" } else { &format!("{untried} findings") };
        let message = format!("no edits are shown for {findings}: there are too many to prove each alone");
        assessment.problems.push(Problem::note(message).in_file(input).help(format!("plangate fix {input}")));
    }
}

/// By the gravest finding that the edits can cure; of equal ones what decides where traffic goes, then what allows it.
fn gravest_first(candidates: &mut Vec<Candidate>, assessment: &Assessment) {
    let own = |one: &Candidate| one.findings.iter().map(|at| assessment.findings[*at].severity).max();
    let mut rules: BTreeMap<&str, Option<Severity>> = BTreeMap::new();
    for rule in candidates.iter().filter(|one| one.adds_rules) {
        for address in &rule.rests {
            let known = rules.entry(address).or_default();
            *known = (*known).max(own(rule));
        }
    }
    let weight = |one: &Candidate| {
        let spared = one.targets.iter().filter(|_| !one.adds_rules).filter_map(|target| rules.get(target.as_str()));
        (Reverse(spared.copied().fold(own(one), Option::max)), one.adds_rules)
    };
    let weights: Vec<_> = candidates.iter().map(weight).collect();
    let mut weighed: Vec<_> = weights.into_iter().zip(std::mem::take(candidates)).collect();
    weighed.sort_by_key(|(weight, _)| *weight);
    candidates.extend(weighed.into_iter().map(|(_, one)| one));
}

impl Base<'_> {
    /// For each of some candidates the findings that it cures when it alone is made: its own, and those of rules among
    /// `all` that it spares.
    fn alone(&self, candidates: &[&Candidate], now: &Judged<'_>, all: &[Candidate]) -> Vec<Vec<usize>> {
        let cured = |one: &Candidate| {
            let Ok((_, after)) = self.holds(&[], &[one], now) else { return Vec::new() };
            let gone = |at: &usize| after.same(&self.assessment.findings[*at]).is_none();
            let rules = all.iter().filter(|rule| rule.adds_rules && !one.adds_rules);
            let spared = rules.filter(|rule| !one.targets.is_disjoint(&rule.rests) && rule.findings.iter().all(gone));
            one.findings.iter().chain(spared.flat_map(|rule| &rule.findings)).copied().collect()
        };
        let overlay = Overlay::current();
        let one_by_one = Threads::available(1);
        let found =
            one_by_one.next_by_next(candidates, |part| overlay.during(|| part.iter().map(|one| cured(one)).collect()));
        whole(found)
    }
}
