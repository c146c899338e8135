//! Floor 5: what would cure findings, written into the texts they come from. A change is offered only when judging the
//! changed texts does not find the fault any more and finds nothing new; what is not offered says why. It writes no file.

mod bench;
mod proof;
mod resolve;
mod rules;
mod secret;
mod style;
mod template;
mod terraform;
mod trace;

use std::collections::{BTreeMap, BTreeSet};

pub use bench::{Bench, Origin};

use crate::judge::{Assessment, Finding, Verdict};
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
}

/// Cures as many findings as possible, one after the other, each on top of those before it.
///
/// The findings are those of `assessment`, which the bench's input was judged to have.
#[must_use]
pub fn all(bench: &Bench<'_>, assessment: &Assessment) -> Fixes {
    let failing = failing(assessment);
    let mut left: BTreeMap<usize, Option<String>> = failing.iter().map(|at| (*at, None)).collect();
    let mut done: BTreeMap<usize, usize> = BTreeMap::new();
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    let mut now = match bench.judged(&texts) {
        Ok(now) => now,
        Err(why) => return Fixes::none(assessment, &why),
    };
    loop {
        // What earlier edits cured with it is done; what is refused stays refused.
        for (at, why) in &mut left {
            let finding = &assessment.findings[*at];
            match now.same(finding) {
                None if texts.is_empty() => {
                    why.get_or_insert_with(|| {
                        "the configuration alone does not show it, only the plan does".to_owned()
                    });
                }
                None => drop(done.entry(*at).or_insert(0)),
                Some(_) => {}
            }
        }
        left.retain(|at, _| !done.contains_key(at));
        let open: Vec<usize> = left.iter().filter(|(_, why)| why.is_none()).map(|(at, _)| *at).collect();
        if open.is_empty() {
            break;
        }
        let mut resolver = Resolver::new(bench, &now, &texts);
        let found = resolver.candidates(assessment, &open);
        for (at, why) in found.refused {
            left.insert(at, Some(why));
        }
        let mut round: Vec<Candidate> = Vec::new();
        for candidate in found.candidates {
            let clash =
                |other: &Candidate| other.edits.iter().any(|one| candidate.edits.iter().any(|edit| edit.clashes(one)));
            if !round.iter().any(clash) {
                round.push(candidate);
            }
        }
        let base = Base { bench, assessment, texts: texts.clone() };
        let mut accepted = Vec::new();
        base.accept(&round.iter().collect::<Vec<_>>(), &mut accepted, &mut now, &mut texts, &mut |at, why| {
            left.insert(at, Some(why));
        });
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
        (None, Some(Some(why))) => Err(why.clone()),
        _ => Err(NO_CURE.to_owned()),
    };
    let outcomes = failing.iter().map(|at| Outcome { finding: *at, result: result(at) }).collect();
    Fixes { patches: patches.collect(), outcomes }
}

/// Gives findings the edits that cure them, each by itself and nothing else changed.
pub fn attach(bench: &Bench<'_>, assessment: &mut Assessment) {
    let open: Vec<usize> =
        failing(assessment).into_iter().filter(|at| !assessment.findings[*at].cure.is_empty()).collect();
    if open.is_empty() {
        return;
    }
    let texts = BTreeMap::new();
    let Ok(now) = bench.judged(&texts) else { return };
    let shown: Vec<usize> = open.into_iter().filter(|at| now.same(&assessment.findings[*at]).is_some()).collect();
    let found = Resolver::new(bench, &now, &texts).candidates(assessment, &shown);
    for candidate in found.candidates {
        let base = Base { bench, assessment, texts: BTreeMap::new() };
        if base.holds(&[], &[&candidate], &now).is_ok() {
            for at in candidate.findings {
                assessment.findings[at].edits.clone_from(&candidate.edits);
            }
        }
    }
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

impl Base<'_> {
    /// The texts with some more edits made on top of accepted ones, and what judging them gives, when all of them may be
    /// made. `before` is the judgement with the accepted ones.
    fn holds(
        &self,
        accepted: &[&Candidate],
        more: &[&Candidate],
        before: &Judged,
    ) -> Result<(BTreeMap<String, String>, Judged), String> {
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
        let after = self.bench.judged(&texts)?;
        let findings: Vec<&Finding> =
            more.iter().flat_map(|one| one.findings.iter().map(|at| &self.assessment.findings[*at])).collect();
        cures(before, &after, &findings)?;
        changed(before, &after, &more.iter().flat_map(|one| one.targets.iter().map(String::as_str)).collect())?;
        Ok((texts, after))
    }

    /// Accepts as many candidates as may be made together, trying all at once first.
    fn accept<'c>(
        &self,
        candidates: &[&'c Candidate],
        accepted: &mut Vec<&'c Candidate>,
        now: &mut Judged,
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
