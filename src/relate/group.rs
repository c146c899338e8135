//! Which security group is meant, and when two mentions are the same group. A group can be a resource of the input,
//! or an id from somewhere else, or both at once (a data source that looks up a managed group).

use rustc_hash::FxHashMap;

use super::rule_to_add::{dialect_of, literal, reference, same_stack};
use crate::catalog::{Dialect, is_adopted, names};
use crate::graph::{Action, Graph, Lookup, Mode, ResourceId, Target, Text, Truth};

/// One security group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Group {
    /// A resource of the input.
    Resource(ResourceId),
    /// An id (or, rarely, a name) that no resource of the input has.
    Outside(Text),
}

/// Tells groups apart.
#[derive(Debug)]
pub(super) struct Groups<'g> {
    graph: &'g Graph,
    /// The managed resource, else the first data source, with this id.
    by_id: FxHashMap<Text, ResourceId>,
}

impl<'g> Groups<'g> {
    pub(super) fn new(graph: &'g Graph) -> Groups<'g> {
        let mut by_id: FxHashMap<Text, ResourceId> = FxHashMap::default();
        for &resource in graph.of_kind(names::SECURITY_GROUP) {
            if let Some(id) = graph.resource(resource).get("id").str() {
                let managed = graph.resource(resource).mode == Mode::Managed;
                if managed || !by_id.contains_key(id) {
                    by_id.insert(id.into(), resource);
                }
            }
        }
        Groups { graph, by_id }
    }

    /// The group a link points at: the same answer for every way to say the same known id.
    pub(super) fn named(&self, target: &Target) -> Group {
        match target {
            Target::Resource(resource) => match self.id(*resource).and_then(|id| self.by_id.get(id)) {
                Some(&first) => Group::Resource(first),
                None => Group::Resource(*resource),
            },
            Target::Outside(text) => {
                // `210987654321/sg-…` names a group of another account; ids are unique across accounts.
                let id = text.rsplit('/').next().unwrap_or(text);
                match self.by_id.get(id) {
                    Some(&resource) => Group::Resource(resource),
                    None => Group::Outside(id.into()),
                }
            }
        }
    }

    /// Whether two mentions are one group.
    pub(super) fn same(&self, one: &Group, other: &Group) -> Truth {
        match (one, other) {
            _ if one == other => Truth::True,
            (Group::Outside(one), Group::Outside(other)) => differ_as_ids(one, other),
            (Group::Resource(resource), Group::Outside(id)) | (Group::Outside(id), Group::Resource(resource)) => {
                match self.id(*resource) {
                    Some(own) => differ_as_ids(own, id),
                    None if self.is_new(*resource) && is_id(id) => Truth::False,
                    None => Truth::Unknown,
                }
            }
            (Group::Resource(one), Group::Resource(other)) => match (self.id(*one), self.id(*other)) {
                (Some(one), Some(other)) => differ_as_ids(one, other),
                // Two resource blocks never own one group.
                _ if self.is_managed(*one) && self.is_managed(*other) => Truth::False,
                (Some(_), None) if self.is_new(*other) => Truth::False,
                (None, Some(_)) if self.is_new(*one) => Truth::False,
                // A data source read during apply may find any group.
                _ => Truth::Unknown,
            },
        }
    }

    /// As a report calls it.
    pub(super) fn name(&self, group: &Group) -> String {
        match group {
            Group::Resource(resource) => self.graph.resource(*resource).address.to_string(),
            Group::Outside(id) => id.to_string(),
        }
    }

    /// As its dialect refers to it.
    pub(super) fn reference(&self, group: &Group) -> String {
        match group {
            Group::Resource(resource) => reference(self.graph, *resource, Some("GroupId")),
            Group::Outside(id) => literal(self.dialect(group), id),
        }
    }

    /// The same from where another group is written. What is in another stack has no name there.
    pub(super) fn reference_beside(&self, group: &Group, beside: &Group) -> String {
        match (group, beside) {
            (Group::Resource(one), Group::Resource(other)) if !same_stack(self.graph, *one, *other) => {
                format!("<GroupId of {}>", self.graph.resource(*one).address)
            }
            _ => self.reference(group),
        }
    }

    /// The dialect it is written in.
    pub(super) fn dialect(&self, group: &Group) -> Dialect {
        match group {
            Group::Resource(resource) => dialect_of(self.graph, Some(*resource)),
            Group::Outside(_) => dialect_of(self.graph, None),
        }
    }

    /// The resource, when this change makes the group.
    pub(super) fn made_here(&self, group: &Group) -> Option<ResourceId> {
        match group {
            Group::Resource(resource) if self.is_new(*resource) => Some(*resource),
            _ => None,
        }
    }

    fn id(&self, resource: ResourceId) -> Option<&'g str> {
        match self.graph.resource(resource).get("id") {
            Lookup::Known(value) => value.as_str(),
            _ => None,
        }
    }

    fn is_managed(&self, resource: ResourceId) -> bool {
        self.graph.resource(resource).mode == Mode::Managed
    }

    /// Whether it is made by this change, so that no id known today can be its id. One that takes over what
    /// exists never is.
    fn is_new(&self, resource: ResourceId) -> bool {
        let resource = self.graph.resource(resource);
        resource.mode == Mode::Managed
            && matches!(resource.action, Action::Create | Action::Replace { .. })
            && !is_adopted(resource)
            && resource.get("id").known().is_none()
    }
}

/// Two different texts name two groups when both are ids; a name may stand for any id.
fn differ_as_ids(one: &str, other: &str) -> Truth {
    match (one == other, is_id(one) && is_id(other)) {
        (true, _) => Truth::True,
        (false, true) => Truth::False,
        (false, false) => Truth::Unknown,
    }
}

fn is_id(text: &str) -> bool {
    text.starts_with("sg-")
}
