//! The form of a kind's table: its names in each dialect, its attributes with their defaults, its links. Filling a
//! resource's attributes in from what the input says is in `normalise.rs`.

use super::schema::Type;
use crate::graph::{Kind, Role, Value};

/// How Terraform and CloudFormation call things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Terraform and OpenTofu, provider hashicorp/aws.
    Terraform,
}

/// One kind: everything the rest of plangate knows about it.
pub struct KindSpec {
    /// Its name in our vocabulary.
    pub kind: Kind,
    /// What it is, in a few words.
    pub doc: &'static str,
    /// Terraform resource and data source types, aliases included.
    pub terraform: &'static [&'static str],
    /// Its attributes. One that a default of another depends on stands before it.
    pub attributes: &'static [Attribute],
    /// What it points at.
    pub links: &'static [LinkSpec],
    /// Attributes (in Terraform's language) whose value names the resource in others: `id`, `arn`, `name`.
    pub identifiers: &'static [&'static str],
}

/// One attribute.
pub struct Attribute {
    /// Dotted path in our vocabulary.
    pub path: &'static str,
    /// Meaning and unit.
    pub doc: &'static str,
    /// Its type.
    pub ty: fn() -> Type,
    /// How to read it from Terraform.
    pub terraform: Read,
    /// What stands for it when nobody wrote it.
    pub default: Default,
}

/// How an attribute is read from the input's own form.
#[derive(Clone, Copy)]
pub enum Read {
    /// At this dotted path. A block that can stand at most once (a list of one object) is entered by itself.
    At(&'static str),
    /// Computed from the value at this dotted path.
    From(&'static str, fn(&Value) -> Value),
}

impl Read {
    /// The dotted path in the input's form.
    #[must_use]
    pub fn path(&self) -> &'static str {
        match self {
            Read::At(path) | Read::From(path, _) => path,
        }
    }
}

/// What stands for a value nobody wrote.
#[derive(Clone, Copy)]
pub enum Default {
    /// Nothing. When the plan says "known after apply" although nobody wrote it, AWS or the provider computes it.
    None,
    /// Nothing until AWS or the provider fills it in: a plan says so, a configuration that does not write it means it.
    Computed,
    /// Nothing, and unset stays unset, although the plan says "known after apply".
    Unset,
    /// The provider and AWS agree on a constant.
    Both(Const),
    /// AWS fills it in; the provider sends nothing.
    Aws(Const),
    /// The provider sends this.
    Provider(Const),
    /// The provider sends `provider` as soon as the block `block` is written; without the block AWS fills in `aws`.
    InBlock {
        /// The block, as a dotted path in Terraform.
        block: &'static str,
        /// The provider's default inside the block.
        provider: Const,
        /// AWS' default without the block, from the attributes filled in so far.
        aws: fn(&Value) -> Value,
    },
    /// AWS fills it in, depending on the attributes filled in so far. Null means absent.
    AwsBy(fn(&Value) -> Value),
}

/// A constant of a table.
#[derive(Clone, Copy, Debug)]
pub enum Const {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text.
    Str(&'static str),
    /// No elements.
    EmptyList,
}

impl From<Const> for Value {
    fn from(constant: Const) -> Value {
        match constant {
            Const::Bool(value) => value.into(),
            Const::Int(value) => value.into(),
            Const::Str(value) => value.into(),
            Const::EmptyList => Vec::new().into(),
        }
    }
}

/// One kind of edge.
pub struct LinkSpec {
    /// Its name.
    pub role: Role,
    /// Where it is in Terraform; `[*]` enters every element of a list or set of blocks.
    pub terraform: &'static str,
    /// What it may point at.
    pub to: &'static [Kind],
    /// Whether the attribute holds one reference or many.
    pub many: bool,
}
