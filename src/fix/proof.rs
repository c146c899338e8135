//! Whether a change of texts cures what it is for, adds nothing and means nothing else: two judgements of the same input,
//! held against each other.

use std::collections::{BTreeMap, BTreeSet};

use super::bench::{Check, Judged};
use crate::graph::Graph;
use crate::judge::{Finding, Verdict};
use crate::source::{Level, Problem};

/// Whether these findings are gone after a change and nothing is new.
///
/// # Errors
/// Why not.
pub(super) fn cures(before: &Judged<'_>, after: &Judged<'_>, findings: &[&Finding]) -> Result<(), String> {
    let ((_, known), (_, problems)) = (before.whole()?, after.whole()?);
    let worse = |problems: &[Problem]| problems.iter().filter(|problem| problem.level > Level::Note).count();
    if worse(problems) > worse(known) {
        let new = problems.iter().find(|problem| problem.level > Level::Note && !known.contains(problem));
        let words = new.map_or_else(String::new, |problem| format!(": {}", problem.message));
        return Err(format!("the changed text would not be right{words}"));
    }
    let (fails, open) = (after.counted(Verdict::Fail), after.counted(Verdict::Undecided));
    let (old_fails, old_open) = (before.counted(Verdict::Fail), before.counted(Verdict::Undecided));
    let of = |counts: &BTreeMap<Check<'_>, usize>, check: &Check<'_>| counts.get(check).copied().unwrap_or_default();
    let mut wanted: BTreeMap<Check<'_>, usize> = BTreeMap::new();
    for finding in findings {
        *wanted.entry(before.check(finding)).or_default() += 1;
    }
    for (check, count) in &wanted {
        if of(&fails, check) + count > of(&old_fails, check) {
            return Err("judged again with this change it still fails".to_owned());
        }
        if of(&open, check) > of(&old_open, check) {
            return Err("judged again with this change it cannot be told any more".to_owned());
        }
    }
    match fails.iter().find(|(check, count)| **count > of(&old_fails, check)) {
        Some(((policy, subject, _), _)) => Err(format!("with this change {policy} would fail on {subject}")),
        None => Ok(()),
    }
}

/// Whether a change changes what these resources mean and no others.
///
/// # Errors
/// Which other.
pub(super) fn changed(before: &Judged<'_>, after: &Judged<'_>, targets: &BTreeSet<&str>) -> Result<(), String> {
    let ((before, _), (after, _)) = (before.whole()?, after.whole()?);
    let (old, new): (Vec<&Graph>, Vec<&Graph>) = (before.graphs().collect(), after.graphs().collect());
    if old.len() != new.len() {
        return Err("with this change something else would be made".to_owned());
    }
    for (old, new) in old.into_iter().zip(new) {
        for (_, resource) in old.resources() {
            let address = resource.address.as_str();
            // A nested stack hands values on to what is in it.
            let hands_on = |target: &&str| target.strip_prefix(address).is_some_and(|rest| rest.starts_with('/'));
            if targets.contains(address) || targets.iter().any(hands_on) {
                continue;
            }
            let same = new.find(address).map(|id| new.resource(id)).is_some_and(|now| {
                now.attributes == resource.attributes && now.raw == resource.raw && now.type_name == resource.type_name
            });
            if !same {
                return Err(format!("it would change {address} too"));
            }
        }
    }
    Ok(())
}
