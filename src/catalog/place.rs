//! What a resource's own language calls the things of our vocabulary: for evidence and for what an unknown hangs on. Not
//! where they stand in a text; that is [`Resource::spot`].

use std::borrow::Cow;

use super::kind_named;
use super::normalise::set;
use super::spec::{Attribute, Dialect, KindSpec};
use crate::graph::{Data, Map, Place, Resource, Role, Value};

/// The place of an attribute in our vocabulary. What the resource's language has no name for is the resource itself,
/// except in Terraform, whose computed attributes (`arn`) are called as they are.
#[must_use]
pub fn place_of(resource: &Resource, attribute: &str) -> Place {
    resource.place(&path_of(resource, attribute))
}

/// The path of an attribute in our vocabulary, as [`place_of`] has it.
#[must_use]
pub fn path_of<'a>(resource: &Resource, attribute: &'a str) -> Cow<'a, str> {
    let dialect = Dialect::of(&resource.type_name);
    let spec = resource.kind.and_then(|kind| kind_named(kind.0));
    match (spec.and_then(|spec| spec.attribute(attribute)), dialect) {
        (Some(attribute), _) => attribute.path_in(dialect),
        (None, Dialect::Terraform) => Cow::Borrowed(attribute),
        (None, Dialect::CloudFormation) => Cow::Borrowed(""),
    }
}

/// Whether an address is that of a data source of Terraform.
#[must_use]
pub fn is_data(address: &str) -> bool {
    address.starts_with("data.") || address.contains(".data.")
}

/// The place where a resource says what its edges of a role point at.
#[must_use]
pub fn place_of_edge(resource: &Resource, role: Role) -> Place {
    let dialect = Dialect::of(&resource.type_name);
    let spec = resource.kind.and_then(|kind| kind_named(kind.0));
    let pattern =
        spec.and_then(|spec| spec.links_in(dialect).find(|(link, _)| link.role == role)).map_or("", |(_, path)| path);
    resource.place(pattern.split("[*]").next().unwrap_or(pattern))
}

/// A value in our vocabulary as the resource's language writes it: the fields of what stands at `path`, which is in that
/// language, and of the whole resource where `path` is empty.
#[must_use]
pub fn value_of(resource: &Resource, path: &str, value: &Value) -> Value {
    let dialect = Dialect::of(&resource.type_name);
    let Some(spec) = resource.kind.and_then(|kind| kind_named(kind.0)) else { return value.clone() };
    if path.is_empty() {
        return whole(spec, dialect, value);
    }
    let base = path.split('[').next().unwrap_or(path);
    let is_here = |attribute: &&Attribute| {
        dialect == Dialect::CloudFormation
            && !attribute.fields_in_cloudformation.is_empty()
            && attribute.path_in(dialect) == base
    };
    match spec.attributes.iter().find(is_here) {
        Some(attribute) => renamed(value, attribute.fields_in_cloudformation),
        None => value.clone(),
    }
}

/// The attributes of a resource where its language has them.
fn whole(spec: &KindSpec, dialect: Dialect, value: &Value) -> Value {
    let Some(map) = value.as_map() else { return value.clone() };
    let mut written = Value { data: Data::Map(Map::default()), marks: value.marks };
    for (name, value) in map.iter() {
        let path = spec.attribute(name).map(|attribute| attribute.path_in(dialect)).filter(|path| !path.is_empty());
        set(&mut written, path.as_deref().unwrap_or(name), value.clone());
    }
    written
}

/// Objects with the properties of CloudFormation, which has one thing where we have lists of them. What it has no property
/// for is left out: no template says it.
fn renamed(value: &Value, fields: &[(&str, &str)]) -> Value {
    let data = match &value.data {
        Data::List(items) => Data::List(items.iter().map(|item| renamed(item, fields)).collect()),
        Data::Map(map) => {
            let mut written = Map::default();
            for (name, value) in map.iter() {
                let property = fields.iter().find(|(own, _)| *own == &**name).map(|(_, property)| *property);
                match (property, value.as_list()) {
                    (None, _) | (_, Some([])) => {}
                    (Some(property), Some([only])) => written.insert(property.into(), only.clone()),
                    (Some(property), _) => written.insert(property.into(), value.clone()),
                }
            }
            Data::Map(written)
        }
        _ => return value.clone(),
    };
    Value { data, marks: value.marks }
}

/// Whether the resource takes over what AWS made along with a VPC (`aws_default_network_acl`), so that it is nothing new
/// and rules it does not write are taken away.
#[must_use]
pub fn is_adopted(resource: &Resource) -> bool {
    super::kinds::ADOPTED.contains(&&*resource.type_name)
}
