//! Directed, named edges. One [`Link`] says what one attribute of one resource points at, how sure that is, and
//! whether it may point at more than is listed.

use std::cmp::Ordering;

use thin_vec::ThinVec;

use super::{ResourceId, Text, Unknown};

/// The name of an edge in our vocabulary (`load_balancer`, `target_group`, `security_groups` …), as the catalog
/// defines it for the kind it starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Role(pub &'static str);

/// What one attribute points at. Small: a large input has more links than resources.
///
/// For an attribute that holds one reference: one certain end, or several possible ones of which one (or, with
/// `rest`, something else) is meant. For one that holds many: certain ends are members, possible ends may be, and
/// `rest` says that there may be members that are not listed.
#[derive(Clone, Debug)]
pub struct Link {
    /// Where it starts.
    pub from: ResourceId,
    /// What the edge means.
    pub role: Role,
    /// Positions of the lists it was found in: `[1, 0]` for `default_action[1].forward[0].target_group_arn`.
    pub at: ThinVec<u32>,
    /// Whether `at` is known to be the position. If not, the ends belong to this or to another position of the same
    /// list: the blocks of a set cannot always be told apart.
    pub placed: bool,
    /// The attribute path in the input's own language, for evidence.
    pub path: Text,
    /// What it points at, in a stable order.
    pub ends: ThinVec<End>,
    /// Why there may be ends that are not listed.
    pub rest: Option<Box<Unknown>>,
}

/// One end of a [`Link`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// What it points at.
    pub to: Target,
    /// How sure that is.
    pub certainty: Certainty,
}

/// What a link points at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A resource of the graph.
    Resource(ResourceId),
    /// Something with this id, name, ARN or address that is not part of the input.
    Outside(Text),
}

/// Whether an edge is there for sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// It cannot be otherwise.
    Certain,
    /// It may be.
    Possible,
}

impl Certainty {
    /// Certain only when both are.
    #[must_use]
    pub fn and(self, other: Certainty) -> Certainty {
        self.max(other)
    }
}

impl Link {
    /// The order of links in a graph: by where they start, by role and by position.
    #[must_use]
    pub fn in_order(&self, other: &Link) -> Ordering {
        (self.from, self.role, &self.at).cmp(&(other.from, other.role, &other.at))
    }

    /// Why there may be ends that are not listed.
    #[must_use]
    pub fn rest(&self) -> Option<&Unknown> {
        self.rest.as_deref()
    }

    /// The resources it points at, with certainty.
    pub fn resources(&self) -> impl Iterator<Item = (ResourceId, Certainty)> + '_ {
        self.ends.iter().filter_map(|end| match end.to {
            Target::Resource(id) => Some((id, end.certainty)),
            Target::Outside(_) => None,
        })
    }

    /// The one resource it certainly points at.
    #[must_use]
    pub fn certain(&self) -> Option<ResourceId> {
        self.resources().find(|(_, certainty)| *certainty == Certainty::Certain).map(|(id, _)| id)
    }
}
