//! Floor 2: our vocabulary. Which kinds of resources are on the request path, what their attributes are called, what
//! Terraform and AWS fill in, what points at what, and what a policy can be about. One AWS kind a file in `kinds/`;
//! adding one is a new file there and its line in `KINDS`.

mod kinds;
mod layout;
mod normalise;
mod place;
mod schema;
mod severity;
mod spec;
mod subject;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::graph::{Kind, Text};

pub use kinds::names;
pub use normalise::{Filled, Origin, Written, attributes, set};
pub use place::{is_adopted, is_data, path_of, place_of, place_of_edge, value_of};
pub use schema::{Field, Type};
pub use severity::{Severity, UnknownSeverity};
pub use spec::{Attribute, Const, Default, Dialect, Entry, KindSpec, LinkSpec, Read};
pub use subject::{DERIVED, Derived, DerivedField, Subject};

/// All kinds.
pub fn kinds() -> impl Iterator<Item = &'static KindSpec> {
    kinds::KINDS.iter().copied()
}

/// The kind with this name in our vocabulary.
#[must_use]
pub fn kind_named(name: &str) -> Option<&'static KindSpec> {
    kinds().find(|spec| spec.kind.0 == name)
}

/// The kind of a resource type as the input says it (`aws_alb` is a `load_balancer`).
#[must_use]
pub fn kind_of(dialect: Dialect, type_name: &str) -> Option<&'static KindSpec> {
    type Types = FxHashMap<&'static str, &'static KindSpec>;
    static TERRAFORM: LazyLock<Types> = LazyLock::new(|| types(Dialect::Terraform));
    static CLOUDFORMATION: LazyLock<Types> = LazyLock::new(|| types(Dialect::CloudFormation));
    fn types(dialect: Dialect) -> Types {
        kinds().flat_map(|spec| spec.types_in(dialect).iter().map(move |name| (*name, spec))).collect()
    }
    match dialect {
        Dialect::Terraform => TERRAFORM.get(type_name).copied(),
        Dialect::CloudFormation => CLOUDFORMATION.get(type_name).copied(),
    }
}

/// A name of the tables, which are kept to the end: copies of it need not be counted, on any number of threads.
fn kept(name: &str) -> Text {
    let name = Text::from(name);
    name.leak();
    name
}

impl KindSpec {
    /// The attributes of a Terraform resource of this kind that anything looks at, sorted: what the table reads, links
    /// start at and others refer to.
    #[must_use]
    pub fn read_in_terraform(&self) -> &'static [Text] {
        static READ: LazyLock<FxHashMap<Kind, Vec<Text>>> = LazyLock::new(|| {
            let read = |spec: &'static KindSpec| {
                let names: BTreeSet<&str> = spec.paths_in_terraform().map(root).chain(["id", "arn"]).collect();
                names.into_iter().map(kept).collect()
            };
            kinds().map(|spec| (spec.kind, read(spec))).collect()
        });
        fn root(path: &'static str) -> &'static str {
            path.split(['.', '[']).next().unwrap_or(path)
        }
        READ.get(&self.kind).map_or(&[], Vec::as_slice)
    }

    /// The type policies see.
    #[must_use]
    pub fn schema(&self) -> Type {
        Type::from_paths(self.attributes.iter().map(|attribute| (attribute.path, (attribute.ty)(), attribute.doc)))
    }
}
