//! What may be there though the input does not show it, so that absence proves nothing. Links that may point at more
//! than is listed are told at the link.

use std::collections::BTreeMap;

use super::{Kind, Unknown};

/// Why resources may be there that a graph does not hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unseen {
    /// Why resources of any kind may: a plan with `-target`, a module that is not installed.
    anything: Option<Unknown>,
    /// Why those of one kind may: it is not known how many a block makes.
    of: BTreeMap<Kind, Unknown>,
}

impl Unseen {
    /// Resources of any kind may be there. The first reason stays.
    pub fn anything(&mut self, why: Unknown) {
        self.anything.get_or_insert(why);
    }

    /// Resources of this kind may be there. The first reason stays.
    pub fn of(&mut self, kind: Kind, why: Unknown) {
        self.of.entry(kind).or_insert(why);
    }

    /// Why a resource of one of these kinds may be there.
    pub(super) fn among(&self, kinds: &[Kind]) -> Option<&Unknown> {
        self.anything.as_ref().or_else(|| kinds.iter().find_map(|kind| self.of.get(kind)))
    }

    /// Why any resource may be there.
    pub(super) fn first(&self) -> Option<&Unknown> {
        self.anything.as_ref().or_else(|| self.of.values().next())
    }
}

impl From<Option<Unknown>> for Unseen {
    fn from(anything: Option<Unknown>) -> Unseen {
        Unseen { anything, of: BTreeMap::new() }
    }
}
