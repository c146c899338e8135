//! From a template as it is written to what it says: intrinsic functions worked out, conditions decided, loops unrolled.
//! What cannot be told before the deployment is an unknown that says what it hangs on.
//!
//! A condition on a parameter that nobody gave a value is not left open: [`Template::worlds`] names the cases there are,
//! and each is resolved by itself. What a resource of some type is, is not known here, and no file is read.
//!
//! Problems are found again in every world; equal ones are to be told once.

mod assumption;
mod conditions;
mod dynamic;
mod evaluate;
mod faults;
mod lists;
mod lookup;
mod loops;
mod mappings;
mod mentioned;
mod names;
mod parameters;
mod pseudo;
mod resources;
mod template;
#[cfg(test)]
mod tests;
mod text;
mod worlds;

use std::collections::BTreeMap;
use std::ops::Range;

use crate::graph::{Address, Text, Unknown};
use crate::load::hcl::Value;
use crate::source::Position;

pub(in crate::load) use template::SECTIONS;
pub(super) use template::Template;
pub(super) use worlds::World;

/// What is known of a deployment beside the template.
pub(super) struct Settings<'a> {
    /// What addresses of its resources and parameters begin with: nothing, or `Edge/` in a nested stack.
    pub prefix: &'a str,
    /// Values for parameters.
    pub given: &'a BTreeMap<Text, Given>,
    /// The region.
    pub region: Option<&'a str>,
    /// The account's number.
    pub account: Option<&'a str>,
    /// The name of the stack.
    pub stack_name: Option<&'a str>,
    /// The value of an export by its name, when another stack of the input has it.
    pub imports: &'a dyn Fn(&str) -> Option<Value>,
    /// The value of an output of a nested stack: by the logical id of the stack and the name of the output.
    pub nested_outputs: &'a dyn Fn(&str, &str) -> Option<Value>,
    /// Whether resources of a type are looked at. Cases that differ only in others are not told apart.
    pub relevant: &'a dyn Fn(&str) -> bool,
    /// Whether outputs are looked at, as when another stack of the input takes them over.
    pub outputs: bool,
}

impl Settings<'_> {
    /// The address of something the template declares.
    fn address(&self, name: &str) -> Address {
        Address(format!("{}{name}", self.prefix).into())
    }
}

/// A value somebody gave for a parameter.
#[derive(Clone)]
pub(super) struct Given {
    /// What it is.
    pub said: Said,
    /// The file or flag it was given in, for messages.
    pub file: Option<String>,
    /// Where in that file.
    pub position: Option<Position>,
}

/// What a given value is.
#[derive(Clone)]
pub(super) enum Said {
    /// This. Text as it is given on a command line; a stack that nests this one hands in anything, unknowns too.
    Value(Value),
    /// What the parameter store holds under the name that was given.
    Stored(Text),
    /// What the stack has now, which is not known.
    Previous,
}

/// A template in one world.
#[derive(Clone)]
pub(super) struct Resolved {
    /// Resources that exist, or may.
    pub resources: Vec<ResolvedResource>,
    /// Outputs that exist, or may.
    pub outputs: Vec<ResolvedOutput>,
    /// Why a resource that is not in `resources` may exist all the same: a macro writes resources.
    pub open: Option<Unknown>,
}

/// A resource.
#[derive(Clone)]
pub(super) struct ResolvedResource {
    /// Its logical id.
    pub logical_id: Text,
    /// Its type.
    pub type_name: Text,
    /// Its properties. One that is unknown and may be null may not be written at all.
    pub properties: BTreeMap<Text, Value>,
    /// Why a property that is not in `properties` may be written all the same.
    pub open: Option<Unknown>,
    /// Its metadata.
    pub metadata: Option<Value>,
    /// Its update policy.
    pub update_policy: Option<Value>,
    /// The logical ids it waits for, as far as it says so itself.
    pub depends_on: Vec<Text>,
    /// The bytes of the file by path below `Properties`, in the template's own words: ``, `HealthCheckPort`,
    /// `TargetGroupAttributes[0].Value`. The empty path is the logical id. What a chosen arm of `Fn::If` holds stands
    /// under the path it has once it is chosen.
    pub spans: BTreeMap<Text, Range<usize>>,
    /// Why it may not exist, when a condition on it is undecided.
    pub uncertain: Option<Unknown>,
}

/// An output.
#[derive(Clone)]
pub(super) struct ResolvedOutput {
    /// Its name.
    pub name: Text,
    /// Its value.
    pub value: Value,
    /// The name other stacks import it by.
    pub export: Option<Value>,
    /// Why it may not exist, when a condition on it is undecided.
    pub uncertain: Option<Unknown>,
}

/// Something assumed of a parameter, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Assumed {
    /// The parameter.
    pub parameter: Text,
    /// `Environment = "prod"`, `Environment is none of "prod", "dev"`.
    pub words: String,
}
