//! The tags that instances get, by name, out of each form in which they are written.

use crate::graph::{Data, Lookup, Map, Reason, Unknown, Value, lookup};

/// Terraform's map, or CloudFormation's list of `Key` and `Value`.
pub(super) fn by_name(tags: &Value) -> Value {
    match &tags.data {
        Data::Map(map) => written(map.clone(), tags),
        _ => named(tags, |_| Some(true)),
    }
}

/// Of the tags of an Auto Scaling group those that it hands on to its instances.
pub(super) fn propagated(list: &Value) -> Value {
    named(list, |entry| match field(entry, "propagate_at_launch", "PropagateAtLaunch") {
        Lookup::Unknown(_) => None,
        handed_on => Some(handed_on.bool() == Some(true)),
    })
}

/// Of the tags that a launch template puts on what it makes those of instances.
pub(super) fn of_instances(specifications: &Value) -> Value {
    let Some(all) = specifications.as_list() else { return specifications.clone() };
    let mut tags = Map::default();
    for one in all {
        match field(one, "resource_type", "ResourceType") {
            Lookup::Known(kind) if kind.as_str() != Some("instance") => continue,
            Lookup::Known(_) => {}
            Lookup::Unknown(unknown) => return Value::unknown(unknown.clone()),
            Lookup::Absent => continue,
        }
        let Some(own) = field(one, "tags", "Tags").to_value().map(|own| by_name(&own)) else { continue };
        match own.data {
            Data::Map(own) => tags.extend(own.iter().map(|(key, value)| (key.clone(), value.clone())).collect()),
            Data::Null => {}
            _ => return own,
        }
    }
    written(tags, specifications)
}

/// The tags of a list that are kept; of those that may be, the value is not known.
fn named(list: &Value, keep: impl Fn(&Value) -> Option<bool>) -> Value {
    let Some(entries) = list.as_list() else { return list.clone() };
    let mut tags = Map::default();
    for entry in entries {
        let value = match keep(entry) {
            Some(false) => continue,
            Some(true) => field(entry, "value", "Value").to_value(),
            None => Some(Value::unknown(Unknown::because(Reason::Undecidable("it may not be handed on".into())))),
        };
        match (field(entry, "key", "Key"), value) {
            (Lookup::Unknown(unknown), _) => return Value::unknown(unknown.clone()),
            (Lookup::Known(key), Some(value)) => match key.as_str() {
                Some(key) => tags.insert(key.into(), value),
                None => return Value::unknown(Unknown::because(Reason::Undecidable("a tag has no name".into()))),
            },
            _ => {}
        }
    }
    written(tags, list)
}

/// The tags out of what is written; null where there are none.
fn written(tags: Map, of: &Value) -> Value {
    if tags.is_empty() { Value::null() } else { Value { data: Data::Map(tags), marks: of.marks } }
}

fn field<'v>(entry: &'v Value, terraform: &str, cloudformation: &str) -> Lookup<'v> {
    match lookup(entry, terraform) {
        Lookup::Absent => lookup(entry, cloudformation),
        found => found,
    }
}
