//! The example of a fix that stands on a policy's page, in the language of the input. Patches that cure a finding are
//! the finding's own.

use rustc_hash::FxHashMap;

use super::policy_page::PolicyPage;
use crate::judge::{Assessment, Finding, Input};

/// Examples of fixes, by policy.
pub(super) struct Fixes<'a> {
    pages: FxHashMap<&'a str, &'a PolicyPage>,
    inputs: &'a [Input],
}

impl<'a> Fixes<'a> {
    /// Those on the pages.
    pub(super) fn new(assessment: &'a Assessment, pages: &'a [PolicyPage]) -> Fixes<'a> {
        Fixes { pages: pages.iter().map(|page| (page.id.as_str(), page)).collect(), inputs: &assessment.inputs }
    }

    /// The example for a finding, and what the language is called in a fence.
    pub(super) fn example(&self, finding: &Finding) -> Option<(&'static str, &'a str)> {
        let page = self.pages.get(finding.policy.as_str())?;
        let terraform = |form: &str| form.starts_with("terraform");
        let terraform = match &finding.spot {
            // Two inputs may speak two languages; a file tells its own.
            Some(spot) => spot.file.ends_with(".tf") || spot.file.ends_with(".tf.json"),
            None if self.inputs.iter().all(|input| terraform(input.form)) => true,
            None if !self.inputs.iter().any(|input| terraform(input.form)) => false,
            None => return None,
        };
        let (language, code) =
            if terraform { ("hcl", &page.fix_terraform) } else { ("yaml", &page.fix_cloudformation) };
        code.as_deref().map(|code| (language, code.trim_end()))
    }
}
