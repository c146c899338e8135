//! Types of attributes and derived facts, as policies see them. Built from the kind tables; never written twice.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The type of an attribute or of a derived fact.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// Text.
    String,
    /// A list (sets are lists in a stable order).
    List(Box<Type>),
    /// Named fields.
    Object(Arc<BTreeMap<&'static str, Field>>),
    /// Anything: checked only when it is evaluated.
    Any,
}

/// One field of a [`Type::Object`].
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its type.
    pub ty: Type,
    /// One line: meaning and unit.
    pub doc: &'static str,
}

impl Type {
    /// A list of `item`.
    #[must_use]
    pub fn list(item: Type) -> Type {
        Type::List(Box::new(item))
    }

    /// An object from dotted paths (`health_check.timeout`), their types and their meaning.
    #[must_use]
    pub fn from_paths(paths: impl IntoIterator<Item = (&'static str, Type, &'static str)>) -> Type {
        let mut fields = BTreeMap::new();
        let mut nested: BTreeMap<&'static str, Vec<(&'static str, Type, &'static str)>> = BTreeMap::new();
        for (path, ty, doc) in paths {
            match path.split_once('.') {
                Some((head, rest)) => nested.entry(head).or_default().push((rest, ty, doc)),
                None => {
                    fields.insert(path, Field { ty, doc });
                }
            }
        }
        for (head, paths) in nested {
            fields.insert(head, Field { ty: Type::from_paths(paths), doc: "" });
        }
        Type::Object(Arc::new(fields))
    }

    /// The field `name`, when this is an object that has it.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        match self {
            Type::Object(fields) => fields.get(name),
            _ => None,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Bool => f.write_str("bool"),
            Type::Int => f.write_str("int"),
            Type::String => f.write_str("string"),
            Type::List(item) => write!(f, "list({item})"),
            Type::Object(_) => f.write_str("object"),
            Type::Any => f.write_str("any"),
        }
    }
}
