//! The form of a kind's table: its names in each dialect, its attributes with their defaults, its links. Filling a
//! resource's attributes in from what the input says is in `normalise.rs`.

use std::borrow::Cow;

use super::normalise::Filled;
use super::schema::Type;
use crate::graph::{Data, Kind, Role, Value, name};

/// How Terraform and CloudFormation call things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Terraform and OpenTofu, provider hashicorp/aws.
    Terraform,
    /// CloudFormation templates, those of CDK and SAM included.
    CloudFormation,
}

impl Dialect {
    /// Its name in policy files and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Dialect::Terraform => "terraform",
            Dialect::CloudFormation => "cloudformation",
        }
    }

    /// The dialect a resource type is of: `AWS::EC2::Subnet` has `::`, `aws_subnet` has not.
    #[must_use]
    pub fn of(type_name: &str) -> Dialect {
        if type_name.contains("::") { Dialect::CloudFormation } else { Dialect::Terraform }
    }
}

/// One kind: everything the rest of plangate knows about it.
pub struct KindSpec {
    /// Its name in our vocabulary.
    pub kind: Kind,
    /// What it is, in a few words.
    pub doc: &'static str,
    /// Terraform resource and data source types, aliases included.
    pub terraform: &'static [&'static str],
    /// CloudFormation resource types; none where no type stands for it.
    pub cloudformation: &'static [&'static str],
    /// Its attributes. One that a default of another depends on stands before it.
    pub attributes: &'static [Attribute],
    /// What it points at.
    pub links: &'static [LinkSpec],
    /// Attributes (in Terraform's language) whose value names the resource in others: `id`, `arn`, `name`.
    pub identifiers: &'static [&'static str],
    /// Properties (in CloudFormation's language) whose literal value names the resource in others: `TargetGroupName`. What
    /// `Ref` and `Fn::GetAtt` give is not among them: those name the resource by its logical id.
    pub identifiers_cloudformation: &'static [&'static str],
}

impl KindSpec {
    /// Its resource types in a dialect.
    #[must_use]
    pub fn types_in(&self, dialect: Dialect) -> &'static [&'static str] {
        match dialect {
            Dialect::Terraform => self.terraform,
            Dialect::CloudFormation => self.cloudformation,
        }
    }

    /// Every path of a Terraform resource that this table names.
    pub(super) fn paths_in_terraform(&'static self) -> impl Iterator<Item = &'static str> {
        let attributes = self.attributes.iter().flat_map(|attribute| {
            let read = match attribute.terraform {
                Read::At(path) | Read::From(path, _) | Read::Keyed { list: path, .. } => Some(path),
                Read::Nowhere => None,
            };
            let block = match attribute.default {
                Default::InBlock { block, .. } => Some(block),
                _ => None,
            };
            read.into_iter().chain(block)
        });
        let links = self.links.iter().map(|link| link.terraform).filter(|path| !path.is_empty());
        attributes.chain(links).chain(self.identifiers.iter().copied())
    }

    /// The attributes whose literal value names the resource in others, in the dialect's language.
    #[must_use]
    pub fn identifiers_in(&self, dialect: Dialect) -> &'static [&'static str] {
        match dialect {
            Dialect::Terraform => self.identifiers,
            Dialect::CloudFormation => self.identifiers_cloudformation,
        }
    }

    /// Its edges in a dialect, each with a place it is written at.
    pub fn links_in(&self, dialect: Dialect) -> impl Iterator<Item = (&'static LinkSpec, &'static str)> + use<> {
        let links: &'static [LinkSpec] = self.links;
        links.iter().flat_map(move |link| link.paths_in(dialect).iter().map(move |path| (link, *path)))
    }

    /// The attribute at a dotted path of our vocabulary.
    #[must_use]
    pub fn attribute(&self, path: &str) -> Option<&'static Attribute> {
        let attributes: &'static [Attribute] = self.attributes;
        attributes.iter().find(|attribute| attribute.path == path)
    }
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
    /// How to read it from CloudFormation.
    pub cloudformation: Read,
    /// What stands for it in CloudFormation when that is not what AWS' part of `default` says.
    pub default_in_cloudformation: Option<Default>,
    /// What CloudFormation calls the fields of its objects: our name and the property.
    pub fields_in_cloudformation: &'static [(&'static str, &'static str)],
    /// Where CloudFormation has what it is computed from, when that can be written as it is; asked with the attributes of
    /// the resource.
    pub written_in_cloudformation: Option<fn(&Value) -> &'static str>,
}

/// How an attribute is read from the input's own form.
#[derive(Clone, Copy)]
pub enum Read {
    /// At this dotted path. A block that can stand at most once (a list of one object) is entered by itself.
    At(&'static str),
    /// Computed from the value at this dotted path; from the whole resource where the path is empty.
    From(&'static str, fn(&Value) -> Value),
    /// The value of the entry with this key in a list of such entries, as `LoadBalancerAttributes` is one.
    ///
    /// Its place is `LoadBalancerAttributes[idle_timeout.timeout_seconds]`: the list with the key in brackets instead of a
    /// position, so that a fingerprint does not hang on the order of entries. A loader that knows where things stand notes
    /// the span of the entry's value under that path.
    Keyed {
        /// The list.
        list: &'static str,
        /// What its entries are made of.
        entry: &'static Entry,
        /// The key; its parts joined with `/` where an entry has several.
        key: &'static str,
    },
    /// This dialect has no such attribute.
    Nowhere,
}

/// What the entries of a list that is read by key are made of.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// The fields that name the entry.
    pub keys: &'static [&'static str],
    /// The field with its value.
    pub value: &'static str,
}

/// An attribute of a load balancer or a target group, and a tag, in CloudFormation.
pub(super) const KEY_AND_VALUE: Entry = Entry { keys: &["Key"], value: "Value" };

impl Read {
    /// The dotted path in the input's form, as evidence names it; empty for none.
    #[must_use]
    pub fn path(&self) -> Cow<'static, str> {
        match self {
            Read::At(path) | Read::From(path, _) => Cow::Borrowed(path),
            Read::Keyed { list, key, .. } => Cow::Owned(format!("{list}[{key}]")),
            Read::Nowhere => Cow::Borrowed(""),
        }
    }
}

impl Attribute {
    /// The list it is an entry of in a dialect, and what the entries are made of.
    #[must_use]
    pub fn keyed_list(&self, dialect: Dialect) -> Option<(&'static str, &'static Entry)> {
        match *self.read_in(dialect) {
            Read::Keyed { list, entry, .. } => Some((list, entry)),
            _ => None,
        }
    }

    /// How to read it from a dialect.
    #[must_use]
    pub fn read_in(&self, dialect: Dialect) -> &Read {
        match dialect {
            Dialect::Terraform => &self.terraform,
            Dialect::CloudFormation => &self.cloudformation,
        }
    }

    /// Where it is written in a dialect, for a resource with these attributes. None where it is worked out, or written in a
    /// form that plangate does not write.
    #[must_use]
    pub fn written_in(&self, dialect: Dialect, attributes: &Value) -> Option<Cow<'static, str>> {
        match (self.read_in(dialect), dialect) {
            (Read::At(_), _) => Some(self.path_in(dialect)),
            (Read::Keyed { entry, .. }, _) if **entry == KEY_AND_VALUE => Some(self.path_in(dialect)),
            (_, Dialect::CloudFormation) => self.written_in_cloudformation.map(|path| Cow::Borrowed(path(attributes))),
            _ => None,
        }
    }

    /// Where the dialect has it, for evidence and messages; empty for nowhere.
    #[must_use]
    pub fn path_in(&self, dialect: Dialect) -> Cow<'static, str> {
        self.read_in(dialect).path()
    }

    /// What stands for it in a dialect when nobody wrote it. Terraform's provider fills in nothing for CloudFormation.
    #[must_use]
    pub fn default_in(&self, dialect: Dialect) -> Default {
        match (dialect, self.default_in_cloudformation, self.default) {
            (Dialect::Terraform, _, default) | (Dialect::CloudFormation, Some(default), _) => default,
            (Dialect::CloudFormation, None, Default::Provider(_)) => Default::None,
            (Dialect::CloudFormation, None, Default::InBlock { aws, .. }) => Default::AwsBy(aws),
            (Dialect::CloudFormation, None, default) => default,
        }
    }

    /// At this dotted path in CloudFormation.
    pub(super) const fn property(self, path: &'static str) -> Attribute {
        Attribute { cloudformation: Read::At(path), ..self }
    }

    /// Computed from what stands at this dotted path in CloudFormation.
    pub(super) const fn property_from(self, path: &'static str, convert: fn(&Value) -> Value) -> Attribute {
        Attribute { cloudformation: Read::From(path, convert), ..self }
    }

    /// What it is computed from in CloudFormation is written at this dotted path.
    pub(super) const fn written(self, path: fn(&Value) -> &'static str) -> Attribute {
        Attribute { written_in_cloudformation: Some(path), ..self }
    }

    /// An entry of a Key/Value list in CloudFormation.
    pub(super) const fn keyed(self, list: &'static str, key: &'static str) -> Attribute {
        Attribute { cloudformation: Read::Keyed { list, entry: &KEY_AND_VALUE, key }, ..self }
    }

    /// Another default in CloudFormation.
    pub(super) const fn else_in_cloudformation(self, default: Default) -> Attribute {
        Attribute { default_in_cloudformation: Some(default), ..self }
    }

    /// Objects with these properties in CloudFormation.
    pub(super) const fn of_fields(self, fields: &'static [(&'static str, &'static str)]) -> Attribute {
        Attribute { fields_in_cloudformation: fields, ..self }
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
        aws: fn(&Filled<'_>) -> Value,
    },
    /// AWS fills it in, depending on the attributes filled in so far. Null means absent.
    AwsBy(fn(&Filled<'_>) -> Value),
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
            Const::Str(value) => Value::new(Data::String(name(value))),
            Const::EmptyList => Vec::new().into(),
        }
    }
}

/// One kind of edge.
pub struct LinkSpec {
    /// Its name.
    pub role: Role,
    /// Where it is in Terraform; `[*]` enters every element of a list or set of blocks. Empty for nowhere.
    pub terraform: &'static str,
    /// Where it is in CloudFormation, written the same way; several where several properties say it.
    pub cloudformation: &'static [&'static str],
    /// What it may point at.
    pub to: &'static [Kind],
    /// Whether the attribute holds one reference or many.
    pub many: bool,
    /// The attribute is a text that says many things: what it refers to stands right after this, wherever this stands.
    pub after: Option<&'static str>,
}

impl LinkSpec {
    fn paths_in(&'static self, dialect: Dialect) -> &'static [&'static str] {
        match dialect {
            Dialect::Terraform if self.terraform.is_empty() => &[],
            Dialect::Terraform => std::slice::from_ref(&self.terraform),
            Dialect::CloudFormation => self.cloudformation,
        }
    }

    /// At these dotted paths in CloudFormation.
    pub(super) const fn property(self, paths: &'static [&'static str]) -> LinkSpec {
        LinkSpec { cloudformation: paths, ..self }
    }

    /// Right after this in a text.
    pub(super) const fn after(self, marker: &'static str) -> LinkSpec {
        LinkSpec { after: Some(marker), ..self }
    }
}
