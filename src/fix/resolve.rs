//! From what would cure findings to candidates: where each attribute is decided. How it is written there is told
//! elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::bench::{Bench, Judged, Origin};
use super::trace::Templates;
use super::writing::{Meant, Steps, Wanted};
use super::{Candidate, NO_CURE};
use crate::catalog::{Dialect, kind_named};
use crate::graph::{Graph, Resource};
use crate::judge::{Assessment, Cure, Finding};
use crate::load::Inputs;

/// Works out edits against texts as they are now.
pub(super) struct Resolver<'r> {
    pub(super) bench: &'r Bench<'r>,
    now: &'r Judged<'r>,
    pub(super) graph: &'r Graph,
    pub(super) texts: &'r BTreeMap<String, String>,
}

/// What came of it.
#[derive(Default)]
pub(super) struct Found {
    pub(super) candidates: Vec<Candidate>,
    /// Findings with nothing to try, and why.
    pub(super) refused: Vec<(usize, String)>,
}

impl<'r> Resolver<'r> {
    pub(super) fn new(bench: &'r Bench<'r>, now: &'r Judged<'r>, texts: &'r BTreeMap<String, String>) -> Resolver<'r> {
        Resolver { bench, now, graph: now.graph(), texts }
    }

    /// The edits for these findings; those with the same edits are one candidate.
    pub(super) fn candidates(&mut self, assessment: &Assessment, open: &[usize]) -> Found {
        let mut found = Found::default();
        let mut cured: Vec<(usize, &[Cure])> = Vec::new();
        for at in open {
            let finding = &assessment.findings[*at];
            match self.now.same(finding) {
                _ if finding.cure.is_empty() => found.refused.push((*at, NO_CURE.to_owned())),
                // What an earlier change cured in passing is seen in the next round.
                None => {}
                // On top of other changes the cure may be another one; without any it has to be that of the plan.
                Some(now) if self.texts.is_empty() && now.cure != finding.cure => {
                    let why = "the configuration alone has other values than the plan; give the plan's variable files";
                    found.refused.push((*at, why.to_owned()));
                }
                Some(now) if now.cure.is_empty() => found.refused.push((*at, NO_CURE.to_owned())),
                Some(now) => cured.push((*at, &now.cure)),
            }
        }
        let mut settings = self.settings(&cured);
        for (at, cure) in cured {
            match self.edits(settings.remove(&at).unwrap_or_default()) {
                Err(why) => found.refused.push((at, why)),
                Ok(edits) => {
                    let adds_rules = cure.iter().all(|step| matches!(step, Cure::AddRule(_)));
                    let rests = self.now.same(&assessment.findings[at]).map(rests).unwrap_or_default();
                    let targets = cure.iter().map(|step| match step {
                        Cure::Set { address, .. } => address.clone(),
                        Cure::AddRule(rule) => rule.group.clone(),
                        Cure::SetDimension(right) => right.alarm.clone(),
                    });
                    match found.candidates.iter_mut().find(|candidate| candidate.edits == edits) {
                        Some(known) => {
                            known.findings.push(at);
                            known.targets.extend(targets);
                            known.rests.extend(rests);
                        }
                        None => {
                            let targets: BTreeSet<String> = targets.collect();
                            let findings = vec![at];
                            found.candidates.push(Candidate { edits, findings, targets, rests, adds_rules });
                        }
                    }
                }
            }
        }
        found
    }

    pub(super) fn resource(&self, address: &str) -> Option<&'r Resource> {
        self.graph.find(address).map(|id| self.graph.resource(id))
    }

    /// For each finding, where its attributes are decided, and the rules it lacks.
    fn settings<'c>(&self, cured: &[(usize, &'c [Cure])]) -> BTreeMap<usize, Steps<'c>> {
        let mut all: BTreeMap<usize, Steps<'c>> = BTreeMap::new();
        let mut asked: Vec<(String, String)> = Vec::new();
        let mut waiting = Vec::new();
        for (at, cure) in cured {
            let entry = all.entry(*at).or_default();
            for step in *cure {
                let (address, attribute, new) = match step {
                    Cure::AddRule(rule) => {
                        entry.rules.push(rule);
                        continue;
                    }
                    Cure::Set { address, attribute, new, .. } => (address, attribute, Meant::Value(new)),
                    Cure::SetDimension(right) => {
                        let (address, new) = (&right.alarm, Meant::Dimension(right));
                        match self.resource(address).map(|alarm| Dialect::of(&alarm.type_name)) {
                            Some(Dialect::Terraform) => {
                                waiting.push((*at, new));
                                asked.push((address.clone(), format!("dimensions.{}", right.name)));
                            }
                            Some(dialect) => {
                                let path = format!("Dimensions[{}]", right.name);
                                let setting = self.templates(|templates| templates.setting(address, &path));
                                entry.sets.push(Ok(Wanted { setting, dialect, new }));
                            }
                            None => entry.sets.push(Err(format!("{address} is not in the texts"))),
                        }
                        continue;
                    }
                };
                let resource = self.resource(address);
                let spec = resource.and_then(|resource| kind_named(resource.kind?.0));
                let (Some(resource), Some(attribute)) = (resource, spec.and_then(|spec| spec.attribute(attribute)))
                else {
                    entry.sets.push(Err(format!("{address} is not in the texts")));
                    continue;
                };
                let dialect = Dialect::of(&resource.type_name);
                match (dialect, attribute.written_in(dialect, &resource.attributes)) {
                    (_, None) => entry.sets.push(Err("no attribute of this language says it".to_owned())),
                    (Dialect::Terraform, Some(path)) => {
                        waiting.push((*at, new));
                        asked.push((address.clone(), path.into_owned()));
                    }
                    (Dialect::CloudFormation, Some(path)) => {
                        let setting = self.templates(|templates| templates.setting(address, &path));
                        entry.sets.push(Ok(Wanted { setting, dialect, new }));
                    }
                }
            }
        }
        let settings = if asked.is_empty() { Vec::new() } else { self.bench.settings(self.texts, &asked) };
        for ((at, new), setting) in waiting.into_iter().zip(settings) {
            let dialect = Dialect::Terraform;
            all.entry(at).or_default().sets.push(Ok(Wanted { setting, dialect, new }));
        }
        all
    }

    pub(super) fn templates<T>(&self, work: impl FnOnce(&Templates<'_>) -> T) -> T {
        let none = Inputs::default();
        let inputs = match self.bench.origin {
            Origin::Path(_, inputs) => inputs,
            Origin::Text(..) => &none,
        };
        let text = |file: &str| Some(self.text(file)?.1);
        work(&Templates { graph: self.graph, inputs: &inputs.template, text: &text })
    }

    /// A file as it is now: all of it, and without its byte order mark.
    pub(super) fn text(&self, file: &str) -> Option<(String, String)> {
        let whole = self.bench.text(file, self.texts)?;
        let bare = whole.strip_prefix('\u{feff}').map_or_else(|| whole.clone(), str::to_owned);
        Some((whole, bare))
    }
}

/// The resources a finding rests on.
fn rests(finding: &Finding) -> BTreeSet<String> {
    let read = finding.evidence.iter().map(|evidence| &evidence.address);
    let path = finding.path.iter().flat_map(|path| {
        let ends = [&path.load_balancer, &path.listener, &path.rule, &path.target];
        ends.into_iter().flatten().chain([&path.target_group])
    });
    read.chain(path).chain([&finding.subject]).map(ToString::to_string).collect()
}
