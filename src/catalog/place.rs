//! What a resource's own language calls the things of our vocabulary: for evidence and for what an unknown hangs on. Not
//! where they stand in a text; that is [`Resource::spot`].

use std::borrow::Cow;

use super::kind_named;
use super::spec::Dialect;
use crate::graph::{Place, Resource, Role};

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

/// The place where a resource says what its edges of a role point at.
#[must_use]
pub fn place_of_edge(resource: &Resource, role: Role) -> Place {
    let dialect = Dialect::of(&resource.type_name);
    let spec = resource.kind.and_then(|kind| kind_named(kind.0));
    let pattern =
        spec.and_then(|spec| spec.links_in(dialect).find(|(link, _)| link.role == role)).map_or("", |(_, path)| path);
    resource.place(pattern.split("[*]").next().unwrap_or(pattern))
}

/// Whether the resource takes over what AWS made along with a VPC (`aws_default_network_acl`), so that it is nothing new
/// and rules it does not write are taken away.
#[must_use]
pub fn is_adopted(resource: &Resource) -> bool {
    super::kinds::ADOPTED.contains(&&*resource.type_name)
}
