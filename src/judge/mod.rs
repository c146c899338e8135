//! Floor 4: holds policies against a graph. [`judge`] is the one way in; it cannot fail.

mod assessment;
mod examples;
mod facts;
mod findings;
mod model;
mod view;

use std::collections::BTreeMap;

pub use crate::relate::reach::Answer;
pub use assessment::{
    Assessment, Evidence, Finding, HealthCheckView, Hop, Input, PathRef, PathView, Reach, Summary, Verdict,
};
pub use examples::{ExampleResult, run_examples};

use crate::catalog::Subject;
use crate::graph::Graph;
use crate::policy::PolicySet;
use findings::{Judged, judge_case, judge_raw};
use model::Model;

/// Holds every policy against everything in the graph that it is about.
#[must_use]
pub fn judge(graph: &Graph, policies: &PolicySet) -> Assessment {
    let model = Model::new(graph);
    let mut assessment = Assessment { paths: model.views(), ..Assessment::default() };
    assessment.summary = Summary {
        resources: graph.resources().len(),
        paths: model.request_paths(),
        policies: policies.len(),
        ..Summary::default()
    };
    let mut cases = BTreeMap::new();
    for policy in policies.iter() {
        if policy.subject == Subject::Resource {
            for judged in judge_raw(&model, policy) {
                assessment.count(judged);
            }
            continue;
        }
        let cases = cases.entry(policy.subject).or_insert_with(|| model.cases(policy.subject));
        for case in cases.iter() {
            assessment.count(judge_case(&model, policy, case));
        }
    }
    assessment.findings.sort_by(order);
    assessment
}

impl Assessment {
    fn count(&mut self, judged: Judged) {
        match judged {
            Judged::NotApplicable => return,
            Judged::Pass => self.summary.pass += 1,
            Judged::Finding(finding) => {
                match finding.verdict {
                    Verdict::Fail => self.summary.fail += 1,
                    Verdict::Undecided => self.summary.undecided += 1,
                }
                self.findings.push(*finding);
            }
        }
        self.summary.checks += 1;
    }

    /// Adds what another input of the same run gave.
    pub fn absorb(&mut self, other: Assessment) {
        self.inputs.extend(other.inputs);
        self.findings.extend(other.findings);
        self.paths.extend(other.paths);
        self.problems.extend(other.problems);
        let (sum, more) = (&mut self.summary, other.summary);
        sum.resources += more.resources;
        sum.paths += more.paths;
        sum.policies = sum.policies.max(more.policies);
        sum.checks += more.checks;
        sum.pass += more.pass;
        sum.fail += more.fail;
        sum.undecided += more.undecided;
        sum.exempt += more.exempt;
    }
}

/// Fails first; then by path, severity (worst first), policy and subject.
fn order(a: &Finding, b: &Finding) -> std::cmp::Ordering {
    let key = |finding: &Finding| (finding.verdict, std::cmp::Reverse(finding.severity));
    (key(a).0, &a.path, key(a).1, &a.policy, &a.subject, &a.message).cmp(&(
        key(b).0,
        &b.path,
        key(b).1,
        &b.policy,
        &b.subject,
        &b.message,
    ))
}
