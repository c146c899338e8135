//! The input on which changes are tried: read and judged as it is, or as it would be with some texts changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::secret::{Declared, is_json, is_terraform};
use crate::catalog::{Dialect, Subject};
use crate::graph::Graph;
use crate::judge::{Assessment, Finding, Verdict, judge_all};
use crate::load::hcl::configuration::{settings, settings_in_text};
use crate::load::{self, Given, GivenParameter, Inputs, Loaded, Setting};
use crate::policy::PolicySet;
use crate::source::Problem;
use crate::source::disk::{self, Overlay};

/// What is changed.
#[derive(Clone, Copy, Debug)]
pub enum Origin<'o> {
    /// A folder of Terraform configuration, or a template.
    Path(&'o str, &'o Inputs),
    /// One text that may mention what it does not declare, as examples of policies are.
    Text(Dialect, &'o str),
}

/// What is changed, and what it is held against.
#[derive(Clone, Copy, Debug)]
pub struct Bench<'b> {
    /// What is changed.
    pub origin: Origin<'b>,
    /// What it is held against.
    pub policies: &'b PolicySet,
    /// The types of its resources: all of them are read, so that it shows what else a change means.
    pub types: &'b [&'b str],
    /// What the assessment was made from, where that is these very texts: they are not judged a second time.
    pub judged: Option<&'b Loaded>,
}

/// An input, judged.
pub(super) struct Judged<'b> {
    bench: &'b Bench<'b>,
    read: Read<'b>,
    /// What fails and what is undecided, exempted or not.
    findings: Vec<Finding>,
    /// What each policy is about.
    subjects: BTreeMap<&'b str, Subject>,
}

/// What was read of an input, with what is wrong with it.
enum Read<'b> {
    /// All of it.
    Whole(Box<(Loaded, Vec<Problem>)>),
    /// By somebody else, and not of every type; all of it when it is asked for.
    Lent(&'b Loaded, Box<OnceLock<(Loaded, Vec<Problem>)>>),
}

/// What tells a check from others: policy, subject, ends of its path.
pub(super) type Check<'f> = (&'f str, &'f str, Vec<Option<&'f str>>);

/// What an example is called.
const EXAMPLE: &str = "example";

impl<'b> Judged<'b> {
    fn new(bench: &'b Bench<'b>, read: Read<'b>, findings: Vec<Finding>) -> Judged<'b> {
        let subjects = bench.policies.iter().map(|policy| (policy.id.as_str(), policy.subject)).collect();
        Judged { bench, read, findings, subjects }
    }

    /// The resources that the catalog knows, with all their attributes; of others there may be only the addresses.
    pub(super) fn graph(&self) -> &Graph {
        match &self.read {
            Read::Whole(whole) => &whole.0.graph,
            Read::Lent(loaded, _) => &loaded.graph,
        }
    }

    /// Every way it can turn out, with all attributes of all resources, and what is wrong with it.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(super) fn whole(&self) -> Result<&(Loaded, Vec<Problem>), String> {
        match &self.read {
            Read::Whole(whole) => Ok(whole),
            Read::Lent(_, again) => match again.get() {
                Some(whole) => Ok(whole),
                None => {
                    let read = self.bench.load(&BTreeMap::new()).map_err(|problem| problem.message)?;
                    Ok(again.get_or_init(|| read))
                }
            },
        }
    }

    /// How often each check came to a verdict.
    pub(super) fn counted(&self, verdict: Verdict) -> BTreeMap<Check<'_>, usize> {
        let mut counts = BTreeMap::new();
        for finding in self.findings.iter().filter(|finding| finding.verdict == verdict) {
            *counts.entry(self.check(finding)).or_default() += 1;
        }
        counts
    }

    /// The check that a finding is of.
    pub(super) fn check<'f>(&self, finding: &'f Finding) -> Check<'f> {
        let subject = self.subjects.get(finding.policy.as_str()).copied();
        let ends = finding.path.iter().flat_map(|path| path.ends(subject.unwrap_or(Subject::Path))).collect();
        (&finding.policy, &finding.subject, ends)
    }

    /// The fail of the same check as another finding.
    pub(super) fn same(&self, other: &Finding) -> Option<&Finding> {
        let wanted = self.check(other);
        let may_be = |own: &&Finding| own.policy == other.policy && own.subject == other.subject;
        let fails = self.findings.iter().filter(|own| own.verdict == Verdict::Fail);
        fails.filter(may_be).find(|own| self.check(own) == wanted)
    }
}

impl Bench<'_> {
    /// The input as it is: as it was judged already, where it was.
    pub(super) fn as_is(&self, assessment: &Assessment) -> Result<Judged<'_>, String> {
        let Some(loaded) = self.judged else { return self.with(&BTreeMap::new()) };
        let exempt = assessment.exempt.iter().map(|exempt| &exempt.finding);
        let findings = assessment.findings.iter().chain(exempt).cloned().collect();
        Ok(Judged::new(self, Read::Lent(loaded, Box::default()), findings))
    }

    /// Reads and judges the input with these texts changed, each all of a file.
    pub(super) fn with(&self, changed: &BTreeMap<String, String>) -> Result<Judged<'_>, String> {
        let overlay = Overlay::new(changed.iter().map(|(file, text)| (file.as_str(), text.as_str())));
        let (loaded, problems) = overlay.during(|| self.load(changed)).map_err(|problem| problem.message)?;
        let graphs: Vec<_> = loaded.graphs().collect();
        let findings = judge_all(&graphs, &loaded.beside, self.policies).findings;
        drop(graphs);
        Ok(Judged::new(self, Read::Whole(Box::new((loaded, problems))), findings))
    }

    fn load(&self, changed: &BTreeMap<String, String>) -> Result<(Loaded, Vec<Problem>), Problem> {
        match self.origin {
            Origin::Path(path, inputs) => load::load(path, inputs, self.types),
            Origin::Text(dialect, text) => {
                let text = changed.get(EXAMPLE).map_or(text, String::as_str);
                load::example(dialect, text).map(|loaded| (loaded, Vec::new()))
            }
        }
    }

    /// The text of a file, all of it.
    pub(super) fn text(&self, file: &str, changed: &BTreeMap<String, String>) -> Option<String> {
        match (changed.get(file), self.origin) {
            (Some(text), _) => Some(text.clone()),
            (None, Origin::Path(..)) => disk::read_text(file).ok(),
            (None, Origin::Text(_, text)) => (file == EXAMPLE).then(|| text.to_owned()),
        }
    }

    /// The names that are declared to hold secrets, in all files that what was judged stands in.
    pub(super) fn declared(&self, judged: &Judged<'_>) -> Declared {
        let mut declared = Declared::default();
        let Origin::Path(path, inputs) = self.origin else { return declared };
        let spots = judged.graph().resources().filter_map(|(_, resource)| resource.spots.get(""));
        let mut files: BTreeSet<PathBuf> = spots.map(|spot| PathBuf::from(&*spot.file)).collect();
        if disk::is_directory(path) {
            let folders = files.iter().filter_map(|file| file.parent()).map(Path::to_owned);
            for folder in folders.chain([path.into()]).collect::<BTreeSet<PathBuf>>() {
                let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { &folder };
                let names = disk::names_in(&folder.to_string_lossy()).unwrap_or_default();
                let own = names.iter().filter(|name| is_terraform(name) || is_json(name));
                files.extend(own.map(|name| folder.join(name)));
            }
        } else {
            files.insert(path.into());
        }
        for (_, resource) in judged.graph().resources() {
            declared.value(&resource.attributes, false);
            declared.value(&resource.raw, false);
        }
        let given = inputs.template.parameters.iter().filter_map(|given| match given {
            GivenParameter::File(file) => Some(file),
            _ => None,
        });
        let values = inputs.given.iter().filter_map(|given| match given {
            Given::File(file) => Some(file),
            Given::Var(..) => None,
        });
        let values: BTreeSet<PathBuf> =
            given.chain(values).map(PathBuf::from).filter(|file| !files.contains(file)).collect();
        let read = |file: &PathBuf| {
            Some((file.to_string_lossy().into_owned(), disk::read_text(&file.to_string_lossy()).ok()?))
        };
        // A name may be declared in one file and given a value in another.
        let texts: Vec<(String, String)> = files.iter().filter_map(read).collect();
        texts.iter().for_each(|(file, text)| declared.read(file, text));
        texts.iter().for_each(|(file, text)| declared.read_values(file, text));
        values.iter().filter_map(read).for_each(|(file, text)| declared.read_values(&file, &text));
        for given in &inputs.given {
            if let Given::Var(name, value) = given {
                declared.given(name, value);
            }
        }
        for given in &inputs.template.parameters {
            if let GivenParameter::Value(name, value) = given {
                declared.given(name, value);
            }
        }
        declared
    }

    /// Where attributes of Terraform resources are decided.
    pub(super) fn settings(&self, changed: &BTreeMap<String, String>, wanted: &[(String, String)]) -> Vec<Setting> {
        let overlay = Overlay::new(changed.iter().map(|(file, text)| (file.as_str(), text.as_str())));
        let found = overlay.during(|| match self.origin {
            Origin::Path(folder, inputs) => settings(folder, inputs, wanted),
            Origin::Text(_, text) => {
                settings_in_text(EXAMPLE, changed.get(EXAMPLE).map_or(text, String::as_str), wanted)
            }
        });
        let all = |problem: Problem| wanted.iter().map(|_| Setting::Elsewhere(problem.message.clone())).collect();
        found.unwrap_or_else(all)
    }
}
