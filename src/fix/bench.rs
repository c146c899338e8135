//! The input on which changes are tried: read and judged as it is, or as it would be with some texts changed.

use std::collections::BTreeMap;

use super::same_check;
use crate::catalog::Dialect;
use crate::judge::{Assessment, Finding, Verdict, judge_all};
use crate::load::hcl::configuration::{settings, settings_in_text};
use crate::load::{self, Inputs, Loaded, Setting};
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
}

/// An input, judged.
pub(super) struct Judged {
    pub(super) loaded: Loaded,
    pub(super) assessment: Assessment,
    pub(super) problems: Vec<Problem>,
}

/// What an example is called.
const EXAMPLE: &str = "example";

impl Judged {
    /// The fail of the same check as another finding.
    pub(super) fn same(&self, other: &Finding) -> Option<&Finding> {
        self.assessment.findings.iter().find(|own| own.verdict == Verdict::Fail && same_check(own, other))
    }
}

impl Bench<'_> {
    /// Reads and judges the input with these texts changed, each all of a file.
    pub(super) fn judged(&self, changed: &BTreeMap<String, String>) -> Result<Judged, String> {
        let overlay = Overlay::new(changed.iter().map(|(file, text)| (file.as_str(), text.as_str())));
        let (loaded, problems) = overlay.during(|| self.load(changed)).map_err(|problem| problem.message)?;
        let graphs: Vec<_> = loaded.graphs().collect();
        let assessment = judge_all(&graphs, &loaded.beside, self.policies);
        drop(graphs);
        Ok(Judged { loaded, assessment, problems })
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
