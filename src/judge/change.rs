//! Judging a change: each check after it is held against the same check before it. What is the same check is the key's
//! to say.

use std::collections::BTreeMap;

use super::assessment::{Assessment, Change, Finding, Verdict};
use super::findings::Judged;
use super::hold::hold;
use super::key::{Key, Seen};
use super::model::Model;
use super::{each, order};
use crate::graph::{Graph, Mode};
use crate::policy::PolicySet;
use crate::server::Beside;

/// Judges both, and tells of each finding what the change does to it.
pub(super) fn judge(before: &Graph, graphs: &[&Graph], beside: &Beside, policies: &PolicySet) -> Assessment {
    let mut former: BTreeMap<Key, Box<Finding>> = BTreeMap::new();
    let model = Model::new(before, beside);
    let mut seen = Seen::default();
    hold(&model, policies, &mut |held, judged| {
        if let Judged::Finding(finding) = judged {
            former.insert(seen.key(&model, held), finding);
        }
    });
    let mut checks = Assessment::default();
    let overview = each(graphs, beside, policies, &mut |key, judged| {
        checks.count(match judged {
            Judged::Finding(mut finding) => {
                let was = if former.is_empty() { None } else { former.remove(&key()) };
                // What nobody could tell before was not known to fail then.
                let known = was.is_some_and(|was| match was.verdict {
                    Verdict::Fail => true,
                    Verdict::Undecided => finding.verdict == was.verdict && finding.hangs_on == was.hangs_on,
                });
                finding.change = Some(if known { Change::Existing } else { Change::Introduced });
                Judged::Finding(finding)
            }
            other => other,
        });
    });
    let mut assessment = checks.over(overview);
    // Undecided before and not told now: nothing was cured that anybody knew of.
    let stays = |finding: &Finding| graphs.iter().any(|graph| graph.find(&finding.subject).is_some());
    // Whoever takes away everything has not come to hear what was wrong with it.
    let managed = |graph: &&Graph| graph.resources().any(|(_, resource)| resource.mode == Mode::Managed);
    let anything_stays = graphs.iter().any(managed);
    let cured = former.into_values().filter(|finding| finding.verdict == Verdict::Fail && anything_stays);
    let told = |finding: Box<Finding>| {
        let change = if stays(&finding) { Change::Fixed } else { Change::Gone };
        Finding { change: Some(change), ..*finding }
    };
    assessment.fixed = cured.map(told).collect();
    assessment.fixed.sort_by(order);
    assessment.summary.fixed = assessment.fixed.len();
    let new = |finding: &&Finding| finding.verdict == Verdict::Fail && finding.change == Some(Change::Introduced);
    assessment.summary.introduced = assessment.findings.iter().filter(new).count();
    assessment
}
