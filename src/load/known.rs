//! Resources by what names them where they are used: ids, ARNs, names. What an id that is not known yet points at is
//! worked out by each loader.

use rustc_hash::FxHashMap;

use crate::catalog::LinkSpec;
use crate::graph::{Kind, ResourceId, Target, Text};

/// Identifiers that are known, by kind.
#[derive(Default)]
pub(super) struct Known {
    ids: FxHashMap<(Kind, Text), ResourceId>,
}

impl Known {
    /// Notes what names a resource. Of two with the same name the first stays.
    pub(super) fn name(&mut self, kind: Kind, text: &Text, id: ResourceId) {
        self.ids.entry((kind, Text::clone(text))).or_insert(id);
    }

    /// The resource of the kind with this name.
    pub(super) fn get(&self, kind: Kind, text: &Text) -> Option<ResourceId> {
        self.ids.get(&(kind, Text::clone(text))).copied()
    }

    /// What a link means by `text`.
    pub(super) fn target(&self, link: &LinkSpec, text: &Text) -> Target {
        let find = |text: &Text| link.to.iter().find_map(|kind| self.get(*kind, text));
        // A task definition is named with or without its revision.
        let found = find(text).or_else(|| {
            let (family, revision) = text.rsplit_once(':')?;
            revision.parse::<u32>().ok()?;
            find(&family.into())
        });
        found.map_or_else(|| Target::Outside(Text::clone(text)), Target::Resource)
    }
}
