//! Floor 4: holds policies against a graph. [`judge()`] is the one way in; it cannot fail.

mod around;
mod assessment;
mod backend_facts;
mod cases;
mod change;
mod examples;
mod exemptions;
mod facts;
mod findings;
mod hold;
mod key;
mod model;
mod variable;
mod view;
mod worlds;

pub use crate::relate::reach::Answer;
pub use crate::relate::{ArnEnd, MissingRule, RightDimension, RulePeer};
pub use assessment::{
    Assessment, Cause, Change, Cure, Evidence, Exempt, Finding, HealthCheckView, Hop, Input, KeepAliveView, Origin,
    PathRef, PathView, Reach, SecondsView, Summary, Verdict,
};
pub use examples::{ExampleResult, run_examples};
pub use exemptions::{Baseline, BaselineEntry, ExemptRule, Exemptions};

use crate::graph::Graph;
use crate::policy::PolicySet;
use crate::server::Beside;
use findings::Judged;
use hold::hold;
use key::Key;
use model::Model;

/// Holds every policy against everything in the graph that it is about.
#[must_use]
pub fn judge(graph: &Graph, policies: &PolicySet) -> Assessment {
    judge_all(&[graph], &Beside::default(), policies)
}

/// Judges an input that can turn out in several ways: one graph for each. What holds in all of them holds; a verdict
/// that differs is undecided and says what it hangs on. `beside` are files that lie beside the input: configuration and
/// code of what it deploys.
#[must_use]
pub fn judge_all(graphs: &[&Graph], beside: &Beside, policies: &PolicySet) -> Assessment {
    let mut checks = Assessment::default();
    let overview = each(graphs, beside, policies, &mut |_, judged| checks.count(judged));
    checks.over(overview)
}

/// Judges a change: of every finding it is told whether the change introduces it, or whether it is there already. What
/// the change cures is listed too, but not counted as failed.
#[must_use]
pub fn judge_change(before: &Graph, graphs: &[&Graph], beside: &Beside, policies: &PolicySet) -> Assessment {
    change::judge(before, graphs, beside, policies)
}

/// Judges every check over all graphs and tells each with its key, which is worked out only when it is asked for.
fn each(graphs: &[&Graph], beside: &Beside, policies: &PolicySet, tell: &mut Tell<'_>) -> Assessment {
    let [only] = graphs else { return worlds::each(graphs, beside, policies, tell) };
    let model = Model::new(only, beside);
    let mut seen = key::Seen::default();
    hold(&model, policies, &mut |held, judged| tell(&mut || seen.key(&model, held), judged));
    overview(&model, policies)
}

/// Takes a check: how to get its key, and what it came to.
type Tell<'t> = dyn FnMut(&mut dyn FnMut() -> Key, Judged) + 't;

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

impl Assessment {
    /// What was counted, over what there is.
    fn over(mut self, overview: Assessment) -> Assessment {
        self.findings.sort_by(order);
        let counted = self.summary;
        let Summary { resources, paths, policies, .. } = overview.summary;
        Assessment { summary: Summary { resources, paths, policies, ..counted }, findings: self.findings, ..overview }
    }

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
    pub fn absorb(&mut self, mut other: Assessment) {
        let before = self.inputs.len();
        let exempt = other.exempt.iter_mut().map(|one| &mut one.finding);
        for finding in other.findings.iter_mut().chain(&mut other.fixed).chain(exempt) {
            finding.input += before;
        }
        add(&mut self.findings, other.findings);
        add(&mut self.exempt, other.exempt);
        add(&mut self.fixed, other.fixed);
        add(&mut self.inputs, other.inputs);
        add(&mut self.paths, other.paths);
        add(&mut self.problems, other.problems);
        self.unproven += other.unproven;
        let (sum, more) = (&mut self.summary, other.summary);
        sum.resources += more.resources;
        sum.paths += more.paths;
        sum.policies = sum.policies.max(more.policies);
        sum.checks += more.checks;
        sum.pass += more.pass;
        sum.fail += more.fail;
        sum.undecided += more.undecided;
        sum.exempt += more.exempt;
        sum.introduced += more.introduced;
        sum.fixed += more.fixed;
    }
}

/// Adds what there is more. Most runs have one input, and that of a large plan is not copied.
fn add<T>(all: &mut Vec<T>, more: Vec<T>) {
    if all.is_empty() {
        *all = more;
    } else {
        all.extend(more);
    }
}

/// Fails first, then the undecided ones for which a number can be presumed; then by path, what is on none last, severity (worst first), policy and subject.
fn order(a: &Finding, b: &Finding) -> std::cmp::Ordering {
    let key = |finding: &Finding| ((finding.verdict, !finding.presumed), std::cmp::Reverse(finding.severity));
    (key(a).0, a.path.is_none(), &a.path, key(a).1, &a.policy, &a.subject, &a.message).cmp(&(
        key(b).0,
        b.path.is_none(),
        &b.path,
        key(b).1,
        &b.policy,
        &b.subject,
        &b.message,
    ))
}
