//! Floor 4: holds policies against a graph. [`judge()`] is the one way in; it cannot fail.

mod assessment;
mod examples;
mod facts;
mod findings;
mod model;
mod view;
mod worlds;

use std::collections::BTreeMap;

pub use crate::relate::reach::Answer;
pub use assessment::{
    Assessment, Evidence, Finding, HealthCheckView, Hop, Input, PathRef, PathView, Reach, Summary, Verdict,
};
pub use examples::{ExampleResult, run_examples};

use crate::catalog::Subject;
use crate::graph::{Graph, ResourceId};
use crate::policy::{Policy, PolicySet};
use facts::About;
use findings::{Judged, judge_case, judge_raw};
use model::Model;

/// Holds every policy against everything in the graph that it is about.
#[must_use]
pub fn judge(graph: &Graph, policies: &PolicySet) -> Assessment {
    let model = Model::new(graph);
    let mut assessment = overview(&model, policies);
    hold(&model, policies, &mut |_, judged| assessment.count(judged));
    assessment.findings.sort_by(order);
    assessment
}

/// Judges an input that can turn out in several ways: one graph for each. What holds in all of them holds; a verdict
/// that differs is undecided and says what it hangs on.
#[must_use]
pub fn judge_all(graphs: &[&Graph], policies: &PolicySet) -> Assessment {
    match graphs {
        [only] => judge(only, policies),
        _ => worlds::judge(graphs, policies),
    }
}

/// What there is to judge, and nothing judged yet.
fn overview(model: &Model<'_>, policies: &PolicySet) -> Assessment {
    let summary = Summary {
        resources: model.graph.resources().len(),
        paths: model.request_paths(),
        policies: policies.len(),
        ..Summary::default()
    };
    Assessment { paths: model.views(), summary, ..Assessment::default() }
}

/// What was judged: a policy, on what of which resource.
struct Held<'m> {
    policy: &'m Policy,
    on: ResourceId,
    about: About,
}

/// Holds every policy against everything it is about, in a stable order.
fn hold(model: &Model<'_>, policies: &PolicySet, tell: &mut dyn FnMut(&Held<'_>, Judged)) {
    let mut cases = BTreeMap::new();
    for policy in policies.iter() {
        if policy.subject == Subject::Resource {
            for (on, judged) in judge_raw(model, policy) {
                tell(&Held { policy, on, about: About::Resource }, judged);
            }
            continue;
        }
        let cases = cases.entry(policy.subject).or_insert_with(|| model.cases(policy.subject));
        for case in cases.iter() {
            tell(&Held { policy, on: case.subject, about: case.about }, judge_case(model, policy, case));
        }
    }
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
