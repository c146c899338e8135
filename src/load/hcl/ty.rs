//! The types of Terraform's language.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::graph::Text;

/// A type. `Dynamic` is "any type": not known yet, or of no consequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Not known, or any.
    Dynamic,
    /// True or false.
    Bool,
    /// A number.
    Number,
    /// Text.
    String,
    /// Elements of one type in an order.
    List(Arc<Type>),
    /// Different elements of one type in no order.
    Set(Arc<Type>),
    /// Elements of one type under keys.
    Map(Arc<Type>),
    /// Elements each with its type.
    Tuple(Arc<[Type]>),
    /// Attributes each with its type.
    Object(Arc<ObjectType>),
}

/// The attributes of an object type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectType {
    /// Name and type of each.
    pub attributes: BTreeMap<Text, Type>,
    /// Which of them may be left out of a value that is converted to this type; they become null.
    pub optional: BTreeSet<Text>,
}

impl Type {
    /// A list of `element`.
    #[must_use]
    pub fn list(element: Type) -> Type {
        Type::List(Arc::new(element))
    }

    /// A set of `element`.
    #[must_use]
    pub fn set(element: Type) -> Type {
        Type::Set(Arc::new(element))
    }

    /// A map of `element`.
    #[must_use]
    pub fn map(element: Type) -> Type {
        Type::Map(Arc::new(element))
    }

    /// An object with these attributes, none optional.
    #[must_use]
    pub fn object(attributes: BTreeMap<Text, Type>) -> Type {
        Type::Object(Arc::new(ObjectType { attributes, optional: BTreeSet::new() }))
    }

    /// The element type of a list, set or map.
    #[must_use]
    pub fn element(&self) -> Option<&Type> {
        match self {
            Type::List(element) | Type::Set(element) | Type::Map(element) => Some(element),
            _ => None,
        }
    }

    /// Whether it is bool, number or string.
    #[must_use]
    pub fn is_primitive(&self) -> bool {
        matches!(self, Type::Bool | Type::Number | Type::String)
    }

    /// Whether a value of it has an order of elements without keys: list, set or tuple.
    #[must_use]
    pub fn is_sequence(&self) -> bool {
        matches!(self, Type::List(_) | Type::Set(_) | Type::Tuple(_))
    }

    /// Whether nothing in it is left open.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        match self {
            Type::Dynamic => false,
            Type::Bool | Type::Number | Type::String => true,
            Type::List(element) | Type::Set(element) | Type::Map(element) => element.is_settled(),
            Type::Tuple(elements) => elements.iter().all(Type::is_settled),
            Type::Object(object) => object.attributes.values().all(Type::is_settled),
        }
    }

    /// The same type with no attribute optional: what a value has after conversion.
    #[must_use]
    pub fn strict(&self) -> Type {
        match self {
            Type::List(element) => Type::list(element.strict()),
            Type::Set(element) => Type::set(element.strict()),
            Type::Map(element) => Type::map(element.strict()),
            Type::Tuple(elements) => Type::Tuple(elements.iter().map(Type::strict).collect()),
            Type::Object(object) => {
                Type::object(object.attributes.iter().map(|(name, ty)| (name.clone(), ty.strict())).collect())
            }
            _ => self.clone(),
        }
    }

    /// Whether two types could still turn out to be the same.
    #[must_use]
    pub fn could_be(&self, other: &Type) -> bool {
        match (self, other) {
            (Type::Dynamic, _) | (_, Type::Dynamic) => true,
            (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => {
                a.could_be(b)
            }
            (Type::Tuple(a), Type::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.could_be(b))
            }
            (Type::Object(a), Type::Object(b)) => {
                a.attributes.len() == b.attributes.len()
                    && a.attributes
                        .iter()
                        .all(|(name, ty)| b.attributes.get(name).is_some_and(|other| ty.could_be(other)))
            }
            (a, b) => a == b,
        }
    }
}

impl fmt::Display for Type {
    /// As Terraform names it in messages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Dynamic => f.write_str("dynamic"),
            Type::Bool => f.write_str("bool"),
            Type::Number => f.write_str("number"),
            Type::String => f.write_str("string"),
            Type::List(element) => write!(f, "list of {element}"),
            Type::Set(element) => write!(f, "set of {element}"),
            Type::Map(element) => write!(f, "map of {element}"),
            Type::Tuple(_) => f.write_str("tuple"),
            Type::Object(_) => f.write_str("object"),
        }
    }
}
