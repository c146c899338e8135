//! Floor 5: what would cure findings, written into the texts they come from. A change is offered only when judging the
//! changed texts does not find the fault any more and finds nothing new; what is not offered says why. It writes no file.

mod alone;
mod bench;
mod object;
mod proof;
mod reference;
mod resolve;
mod rules;
mod rules_json;
mod secret;
mod style;
mod template;
mod terraform;
mod trace;
mod writing;

use std::collections::{BTreeMap, BTreeSet};

pub use alone::attach;
pub use bench::{Bench, Origin};

use crate::judge::{Assessment, Cure, Finding, Verdict};
use crate::source::Edit;
use bench::Judged;
use proof::{changed, cures};
use resolve::Resolver;
use secret::Declared;

/// What can be done about the findings of one input.
#[derive(Debug, Default)]
pub struct Fixes {
    /// Files that change, in the order of their names.
    pub patches: Vec<Patch>,
    /// One for each finding that fails, in their order.
    pub outcomes: Vec<Outcome>,
}

impl Fixes {
    /// Nothing is done about the findings of an assessment, and why.
    #[must_use]
    pub fn none(assessment: &Assessment, why: &str) -> Fixes {
        let outcome = |at: &usize| Outcome { finding: *at, result: Err(why.to_owned()) };
        Fixes { patches: Vec::new(), outcomes: failing(assessment).iter().map(outcome).collect() }
    }
}

/// One file, before and after.
#[derive(Debug)]
pub struct Patch {
    /// The file, as findings show it.
    pub file: String,
    /// Its text as it was read, all of it.
    pub before: String,
    /// Its text with every change made.
    pub after: String,
    /// Lines of `before`, counted from zero, that may hold a secret and are not to be shown.
    pub hidden: BTreeSet<usize>,
}

/// What came of one finding.
#[derive(Debug)]
pub struct Outcome {
    /// Which, counted in the findings of the assessment.
    pub finding: usize,
    /// How many edits cure it, none where another finding's do; or why it is left.
    pub result: Result<usize, String>,
}

/// Edits that belong together, and what they cure.
struct Candidate {
    edits: Vec<Edit>,
    /// Findings, by position.
    findings: Vec<usize>,
    /// The resources whose meaning they are to change.
    targets: BTreeSet<String>,
    /// The resources that the findings rest on.
    rests: BTreeSet<String>,
    /// Whether something is added that only lets traffic through.
    adds_rules: bool,
}

impl Candidate {
    /// Whether it cannot be told beforehand that both are needed, or that both can be made.
    fn concerns(&self, other: &Candidate) -> bool {
        let clash = || other.edits.iter().any(|one| self.edits.iter().any(|edit| edit.clashes(one)));
        !self.targets.is_disjoint(&other.rests) || !other.targets.is_disjoint(&self.rests) || clash()
    }
}

/// Cures as many findings as possible, one after the other, each on top of those before it: what an earlier change cures
/// in passing gets none of its own, and what allows traffic comes after what decides where traffic goes.
///
/// The findings are those of `assessment`, which the bench's input was judged to have.
#[must_use]
pub fn all(bench: &Bench<'_>, assessment: &Assessment) -> Fixes {
    let failing = failing(assessment);
    // What is refused stays refused until something else was changed since.
    let mut left: BTreeMap<usize, Option<Refusal>> = failing.iter().map(|at| (*at, None)).collect();
    let mut done: BTreeMap<usize, usize> = BTreeMap::new();
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    let mut made = 0;
    let mut now = match bench.as_is(assessment) {
        Ok(now) => now,
        Err(why) => return Fixes::none(assessment, &why),
    };
    loop {
        for (at, why) in &mut left {
            match now.same(&assessment.findings[*at]) {
                None if texts.is_empty() => {
                    let words = "the configuration alone does not show it, only the plan does";
                    why.get_or_insert_with(|| Refusal::for_good(words));
                }
                None => drop(done.entry(*at).or_insert(0)),
                Some(_) => {}
            }
        }
        left.retain(|at, _| !done.contains_key(at));
        let mut open: Vec<usize> = left.iter().filter(|(_, why)| why.is_none()).map(|(at, _)| *at).collect();
        if open.is_empty() {
            let again = |why: &Option<Refusal>| why.as_ref().is_some_and(|why| why.after < made);
            open = left.iter().filter(|(_, why)| again(why)).map(|(at, _)| *at).collect();
        }
        if open.is_empty() {
            break;
        }
        let found = Resolver::new(bench, &now, &texts).candidates(assessment, &open);
        for (at, why) in found.refused {
            left.insert(at, Some(Refusal::for_good(&why)));
        }
        let mut round: Vec<Candidate> = Vec::new();
        for candidate in in_order(found.candidates) {
            if !round.iter().any(|other| candidate.concerns(other)) {
                round.push(candidate);
            }
        }
        let base = Base { bench, assessment, texts: texts.clone() };
        let mut accepted = Vec::new();
        base.accept(&round.iter().collect::<Vec<_>>(), &mut accepted, &mut now, &mut texts, &mut |at, why| {
            left.insert(at, Some(Refusal { why, after: made }));
        });
        made += accepted.len();
        for candidate in accepted {
            for (nth, at) in candidate.findings.iter().enumerate() {
                done.insert(*at, if nth == 0 { candidate.edits.len() } else { 0 });
            }
        }
        left.retain(|at, _| !done.contains_key(at));
    }
    let declared = if texts.is_empty() { Declared::default() } else { bench.declared(&now) };
    let patches = texts.into_iter().filter_map(|(file, after)| {
        let before = bench.text(&file, &BTreeMap::new())?;
        let hidden = declared.lines(&file, &before);
        Some(Patch { file, before, after, hidden })
    });
    let result = |at: &usize| match (done.get(at), left.get(at)) {
        (Some(edits), _) => Ok(*edits),
        (None, Some(Some(refusal))) => Err(refusal.why.clone()),
        _ => Err(NO_CURE.to_owned()),
    };
    let outcomes = failing.iter().map(|at| Outcome { finding: *at, result: result(at) }).collect();
    Fixes { patches: patches.collect(), outcomes }
}

/// Why a finding is left.
struct Refusal {
    why: String,
    /// How many changes had been made when it was refused.
    after: usize,
}

impl Refusal {
    fn for_good(why: &str) -> Refusal {
        Refusal { why: why.to_owned(), after: usize::MAX }
    }
}

/// What decides where traffic goes, then what allows it.
fn in_order(candidates: Vec<Candidate>) -> Vec<Candidate> {
    let (sets, rules): (Vec<_>, Vec<_>) = candidates.into_iter().partition(|one| !one.adds_rules);
    sets.into_iter().chain(rules).collect()
}

/// Said of a finding whose policy knows no cure.
const NO_CURE: &str = "what is right here is for you to say";

fn failing(assessment: &Assessment) -> Vec<usize> {
    let all = assessment.findings.iter().enumerate();
    all.filter(|(_, finding)| finding.verdict == Verdict::Fail).map(|(at, _)| at).collect()
}

/// The texts that candidates count in.
struct Base<'b> {
    bench: &'b Bench<'b>,
    assessment: &'b Assessment,
    texts: BTreeMap<String, String>,
}

impl<'b> Base<'b> {
    /// The texts with some more edits made on top of accepted ones, and what judging them gives, when all of them may be
    /// made. `before` is the judgement with the accepted ones.
    fn holds(
        &self,
        accepted: &[&Candidate],
        more: &[&Candidate],
        before: &Judged<'_>,
    ) -> Result<(BTreeMap<String, String>, Judged<'b>), String> {
        let mut texts = self.texts.clone();
        let mut by_file: BTreeMap<&str, Vec<&Edit>> = BTreeMap::new();
        for edit in accepted.iter().chain(more).flat_map(|candidate| &candidate.edits) {
            by_file.entry(&edit.file).or_default().push(edit);
        }
        for (file, edits) in by_file {
            let text = self.bench.text(file, &self.texts);
            let after = text.and_then(|text| Edit::apply(&text, &edits));
            texts.insert(file.to_owned(), after.ok_or_else(|| format!("{file} cannot be read again"))?);
        }
        let after = self.bench.with(&texts)?;
        let findings: Vec<&Finding> =
            more.iter().flat_map(|one| one.findings.iter().map(|at| &self.assessment.findings[*at])).collect();
        cures(before, &after, &findings)?;
        let mut targets: BTreeSet<&str> = more.iter().flat_map(|one| one.targets.iter().map(String::as_str)).collect();
        targets.extend(self.cured_too(&findings, before, &after));
        changed(before, &after, &targets)?;
        Ok((texts, after))
    }

    /// The resources that want the very same values, and do not after the change: whatever they are set by, it is for them
    /// what it is for those it was made for.
    fn cured_too<'s>(&'s self, findings: &[&Finding], before: &Judged<'_>, after: &Judged<'_>) -> Vec<&'s str> {
        let wanted = |finding: &Finding| {
            let steps = finding.cure.iter().map(|step| match step {
                Cure::Set { attribute, new, .. } => Some((attribute.clone(), new.clone())),
                Cure::AddRule(_) | Cure::SetDimension(_) => None,
            });
            steps.collect::<Option<Vec<_>>>()
        };
        let mut too = Vec::new();
        for other in self.assessment.findings.iter().filter(|one| !one.cure.is_empty()) {
            let like =
                |one: &&Finding| one.policy == other.policy && wanted(one).is_some_and(|it| Some(it) == wanted(other));
            if findings.iter().any(like) && before.same(other).is_some() && after.same(other).is_none() {
                too.extend(other.cure.iter().map(|step| match step {
                    Cure::Set { address, .. } => address.as_str(),
                    Cure::AddRule(rule) => rule.group.as_str(),
                    Cure::SetDimension(right) => right.alarm.as_str(),
                }));
            }
        }
        too
    }

    /// Accepts as many candidates as may be made together, trying all at once first.
    fn accept<'c>(
        &self,
        candidates: &[&'c Candidate],
        accepted: &mut Vec<&'c Candidate>,
        now: &mut Judged<'b>,
        texts: &mut BTreeMap<String, String>,
        refuse: &mut dyn FnMut(usize, String),
    ) {
        if candidates.is_empty() {
            return;
        }
        match (self.holds(accepted, candidates, now), candidates) {
            (Ok((after, judged)), _) => {
                *texts = after;
                *now = judged;
                accepted.extend(candidates);
            }
            (Err(why), [only]) => only.findings.iter().for_each(|at| refuse(*at, why.clone())),
            (Err(_), _) => {
                let (first, second) = candidates.split_at(candidates.len() / 2);
                self.accept(first, accepted, now, texts, refuse);
                self.accept(second, accepted, now, texts, refuse);
            }
        }
    }
}
