//! From what would cure a finding to edits of texts: where each attribute is decided, and how it is written there.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::bench::{Bench, Judged, Origin};
use super::rules::Rules;
use super::style::Insertion;
use super::template::{self, New, Style};
use super::trace::Templates;
use super::{Candidate, NO_CURE, terraform};
use crate::catalog::{Dialect, kind_named};
use crate::graph::{Graph, Resource, Value};
use crate::judge::{Assessment, Cure, Finding, MissingRule};
use crate::load::cloudformation::node::Node;
use crate::load::cloudformation::read::read;
use crate::load::{Inputs, Setting};
use crate::source::Edit;

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

/// Where an attribute goes, and what.
struct Wanted<'w> {
    setting: Setting,
    dialect: Dialect,
    new: &'w Value,
}

/// What a block or map is to hold, below its own steps.
struct Added<'w> {
    steps: Vec<String>,
    wanted: Wanted<'w>,
}

/// The steps that cure one finding.
#[derive(Default)]
struct Steps<'w> {
    sets: Vec<Result<Wanted<'w>, String>>,
    rules: Vec<&'w MissingRule>,
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

    fn resource(&self, address: &str) -> Option<&'r Resource> {
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
                    Cure::Set { address, attribute, new, .. } => (address, attribute, new),
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

    /// The edits of one finding, or why there are none.
    fn edits(&self, Steps { sets, rules }: Steps<'_>) -> Result<Vec<Edit>, String> {
        if sets.is_empty() && rules.is_empty() {
            return Err(NO_CURE.to_owned());
        }
        let mut written: Vec<(String, Insertion)> = Vec::new();
        let mut into: BTreeMap<(String, usize, usize), Vec<Added<'_>>> = BTreeMap::new();
        for wanted in sets {
            let wanted = wanted?;
            match &wanted.setting {
                Setting::Elsewhere(why) => return Err(why.clone()),
                Setting::Written { file, span, through } => {
                    let edit = self.replaced(file, span, &wanted);
                    let edit = edit.ok_or_else(|| match through {
                        Some(name) => format!("what stands at {name} in {file} is no simple value"),
                        None => format!("what stands there in {file} is no simple value"),
                    })?;
                    written.push((file.to_string(), edit));
                }
                Setting::Unwritten { file, within, steps } => {
                    let key = (file.to_string(), within.start, within.end);
                    into.entry(key).or_default().push(Added { steps: steps.clone(), wanted });
                }
            }
        }
        for ((file, start, end), all) in into {
            let insertions = self.inserted(&file, &(start..end), &all);
            let insertions =
                insertions.ok_or_else(|| format!("{file} is written in a way plangate does not add to"))?;
            written.extend(insertions.into_iter().map(|one| (file.clone(), one)));
        }
        if !rules.is_empty() {
            written.extend(Rules { resolver: self }.written(&rules)?);
        }
        let mut edits = Vec::new();
        for (file, Insertion { bytes, text }) in written {
            let (whole, bare) = self.text(&file).ok_or_else(|| format!("{file} cannot be read"))?;
            let mark = whole.len() - bare.len();
            edits.push(Edit::new(&file, &whole, bytes.start + mark..bytes.end + mark, text));
        }
        edits.sort();
        edits.dedup();
        match edits.windows(2).any(|pair| pair[0].clashes(&pair[1])) {
            true => Err("its changes stand in each other's way".to_owned()),
            false => Ok(edits),
        }
    }

    fn replaced(&self, file: &str, span: &Range<usize>, wanted: &Wanted<'_>) -> Option<Insertion> {
        let (_, text) = self.text(file)?;
        let old = text.get(span.clone())?;
        let new = if wanted.dialect == Dialect::Terraform {
            terraform::in_place_of(old, wanted.new)?
        } else {
            template::in_place_of(old, wanted.new, Style::of(&text).is_json())?
        };
        (old != new).then(|| Insertion { bytes: span.clone(), text: new })
    }

    fn inserted(&self, file: &str, within: &Range<usize>, all: &[Added<'_>]) -> Option<Vec<Insertion>> {
        let (_, text) = self.text(file)?;
        if all.iter().all(|added| added.wanted.dialect == Dialect::Terraform) {
            let mut content = terraform::Content::default();
            for Added { steps, wanted } in all {
                content.add(steps, terraform::literal(wanted.new)?);
            }
            return terraform::insert(&text, within, &content);
        }
        let root = read(file, &text).0?;
        let node = node_at(&root, within)?;
        let style = Style::of(&text);
        let mut entries = Vec::new();
        for Added { steps, wanted } in all {
            let (key, above) = match steps.split_last()? {
                (last, above) if last.starts_with('[') => (Some(last.trim_matches(['[', ']'])), above),
                _ => (None, steps.as_slice()),
            };
            match (key, above) {
                (Some(key), []) => {
                    let [_] = all else { return None };
                    return Some(vec![style.add_item(node, &New::keyed(key, wanted.new.clone()))?]);
                }
                (Some(key), above) => {
                    New::add(&mut entries, above, New::List(vec![New::keyed(key, wanted.new.clone())]));
                }
                (None, steps) => New::add(&mut entries, steps, New::Plain(wanted.new.clone())),
            }
        }
        Some(vec![style.add_entries(node, &entries, false)?])
    }
}

/// The resources a finding rests on.
fn rests(finding: &Finding) -> BTreeSet<String> {
    let read = finding.evidence.iter().map(|evidence| evidence.address.clone());
    let path = finding.path.iter().flat_map(|path| {
        let ends = [&path.load_balancer, &path.listener, &path.rule, &path.target];
        ends.into_iter().flatten().chain([&path.target_group]).cloned()
    });
    read.chain(path).chain([finding.subject.clone()]).collect()
}

/// The outermost list or map that stands at these bytes.
pub(super) fn node_at<'n>(root: &'n Node, span: &Range<usize>) -> Option<&'n Node> {
    use crate::load::cloudformation::node::Content;
    let mut left = vec![root];
    while let Some(node) = left.pop() {
        let holds = matches!(node.content, Content::Map(_) | Content::List(_));
        if holds && node.span == *span {
            return Some(node);
        }
        match &node.content {
            Content::Map(entries) => left.extend(entries.iter().rev().map(|entry| &entry.value)),
            Content::List(items) => left.extend(items.iter().rev()),
            Content::Call { argument, .. } => left.push(argument),
            _ => {}
        }
    }
    None
}
