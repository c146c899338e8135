//! What names an expression may use, and the types the check reasons with: the catalog's, and those only an
//! expression can make (null, a fraction, a map of its own).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::catalog::{Field, Subject, Type};

/// The type of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Ty {
    /// Not known before it is evaluated.
    Any,
    /// Null.
    Null,
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// A number with a fraction.
    Double,
    /// Text.
    String,
    /// A list.
    List(Box<Ty>),
    /// A map with text keys, all values of one type.
    Map(Box<Ty>),
    /// An object of the catalog.
    Object(Arc<BTreeMap<&'static str, Field>>),
    /// The policy's own `params` or `variables`.
    Record(Arc<BTreeMap<String, Ty>>),
}

impl Ty {
    /// A list of `item`.
    #[must_use]
    pub fn list(item: Ty) -> Ty {
        Ty::List(Box::new(item))
    }

    /// In words, with its article.
    pub(in crate::policy) fn named(&self) -> String {
        match self {
            Ty::Any => "a value of any type".to_owned(),
            Ty::Null => "null".to_owned(),
            Ty::Int | Ty::Object(_) => format!("an {self}"),
            _ => format!("a {self}"),
        }
    }

    /// Whether a value of one could be a value of the other.
    pub(in crate::policy) fn meets(&self, other: &Ty) -> bool {
        match (self, other) {
            (Ty::Any, _) | (_, Ty::Any) => true,
            (Ty::Int | Ty::Double, Ty::Int | Ty::Double) => true,
            (Ty::List(a), Ty::List(b)) | (Ty::Map(a), Ty::Map(b)) => a.meets(b),
            (Ty::Map(_) | Ty::Object(_) | Ty::Record(_), Ty::Map(_) | Ty::Object(_) | Ty::Record(_)) => true,
            _ => self == other,
        }
    }

    /// The type of something that is one or the other; none when that makes no sense.
    pub(super) fn join(&self, other: &Ty) -> Option<Ty> {
        match (self, other) {
            _ if self == other => Some(self.clone()),
            (Ty::Any | Ty::Null, _) | (_, Ty::Any | Ty::Null) => Some(Ty::Any),
            (Ty::List(a), Ty::List(b)) => Some(Ty::list(a.join(b).unwrap_or(Ty::Any))),
            (Ty::Map(a), Ty::Map(b)) => Some(Ty::Map(Box::new(a.join(b).unwrap_or(Ty::Any)))),
            _ => None,
        }
    }
}

impl From<&Type> for Ty {
    fn from(ty: &Type) -> Ty {
        match ty {
            Type::Bool => Ty::Bool,
            Type::Int => Ty::Int,
            Type::String => Ty::String,
            Type::List(item) => Ty::list(Ty::from(&**item)),
            Type::Object(fields) => Ty::Object(Arc::clone(fields)),
            Type::Any => Ty::Any,
        }
    }
}

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ty::Any => f.write_str("any"),
            Ty::Null => f.write_str("null"),
            Ty::Bool => f.write_str("bool"),
            Ty::Int => f.write_str("int"),
            Ty::Double => f.write_str("double"),
            Ty::String => f.write_str("string"),
            Ty::List(item) => write!(f, "list of {item}"),
            Ty::Map(value) => write!(f, "map of {value}"),
            Ty::Object(_) | Ty::Record(_) => f.write_str("object"),
        }
    }
}

/// The names an expression may use.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    names: BTreeMap<String, Ty>,
}

impl Scope {
    /// The variables of a subject.
    #[must_use]
    pub fn of(subject: Subject) -> Scope {
        thread_local! {
            static KNOWN: RefCell<BTreeMap<Subject, Scope>> = RefCell::default();
        }
        let made = || {
            let variables = subject.variables();
            Scope { names: variables.iter().map(|(name, field)| ((*name).to_owned(), Ty::from(&field.ty))).collect() }
        };
        // Many policies are about the same, and what they see is put together from tables.
        KNOWN.with_borrow_mut(|known| known.entry(subject).or_insert_with(made).clone())
    }

    /// With one more name.
    #[must_use]
    pub fn with(mut self, name: &str, ty: Ty) -> Scope {
        self.names.insert(name.to_owned(), ty);
        self
    }

    pub(super) fn get(&self, name: &str) -> Option<&Ty> {
        self.names.get(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }
}
