//! What waits for what: everything a resource refers to or depends on, over all hops. A format says what one thing
//! refers to; here it is followed. Only ECS services are asked, and only for what forwards requests: AWS refuses a
//! service whose target group no listener or rule forwards to yet.

use std::hash::Hash;

use rustc_hash::FxHashSet;
use thin_vec::ThinVec;

use crate::catalog::names::{self, role};
use crate::graph::{Certainty, End, Kind, Link, Reason, ResourceId, Target, Unknown};

/// More things than this are not followed.
const MOST: usize = 20_000;

/// Whether what it waits for is asked of a kind.
pub(super) fn asks(kind: Option<Kind>) -> bool {
    kind == Some(names::ECS_SERVICE)
}

/// Whether a kind is what it is asked about.
pub(super) fn is_forwarder(kind: Option<Kind>) -> bool {
    matches!(kind, Some(names::LISTENER | names::LISTENER_RULE))
}

/// Everything that is reached from `start`. `next` adds what one thing refers to, or says why that cannot be told; then
/// there may be more than is returned.
pub(super) fn reached<N: Clone + Eq + Hash>(
    start: N,
    mut next: impl FnMut(&N, &mut Vec<N>) -> Result<(), Unknown>,
) -> (FxHashSet<N>, Option<Unknown>) {
    let mut seen = FxHashSet::from_iter([start.clone()]);
    let mut left = vec![start];
    let mut open = None;
    let mut found = Vec::new();
    while let Some(node) = left.pop() {
        if let Err(unknown) = next(&node, &mut found) {
            open.get_or_insert(unknown);
        }
        left.extend(found.drain(..).filter(|node| seen.insert(node.clone())));
        if seen.len() > MOST {
            let why = "it refers to too much to follow".into();
            open.get_or_insert(Unknown::because(Reason::Undecidable(why)));
            break;
        }
    }
    (seen, open)
}

/// The link of a service to the listeners and rules it waits for. One without ends says that there are none.
pub(super) fn link(from: ResourceId, path: &str, mut to: Vec<ResourceId>, open: Option<Unknown>) -> Link {
    to.sort_unstable();
    to.dedup();
    let end = |id| End { to: Target::Resource(id), certainty: Certainty::Certain };
    let ends = to.into_iter().map(end).collect();
    let rest = open.map(Box::new);
    Link { from, role: role::MADE_AFTER, at: ThinVec::new(), placed: true, path: path.into(), ends, rest }
}
