//! What is known of an unknown: its type, bounds, and what it hangs on.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::{Type, Value};
use crate::graph::{self, Reason, Text};

/// How many reasons an unknown keeps; more would tell a reader nothing.
const REASONS: usize = 4;

/// An unknown value.
#[derive(Clone)]
pub struct Hole {
    /// Its type.
    pub ty: Type,
    /// What it can still be.
    pub bounds: Bounds,
    /// What it hangs on: never empty, first met first, at most four.
    pub reasons: Vec<Arc<graph::Unknown>>,
}

/// What an unknown can still be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// It is not null.
    pub not_null: bool,
    /// Text it starts with.
    pub prefix: Text,
    /// The fewest elements it has.
    pub shortest: usize,
    /// The most elements it has.
    pub longest: Option<usize>,
}

impl Hole {
    /// Nothing known but the type.
    #[must_use]
    pub fn new(ty: Type, reason: graph::Unknown) -> Hole {
        Hole { ty, bounds: Bounds::default(), reasons: vec![Arc::new(reason)] }
    }

    /// What hangs on everything unknown in `values`.
    #[must_use]
    pub fn from_values<'v>(ty: Type, values: impl IntoIterator<Item = &'v Value>) -> Hole {
        let mut reasons: Vec<Arc<graph::Unknown>> = Vec::new();
        for value in values {
            value.holes(&mut |hole| {
                for reason in &hole.reasons {
                    // What comes of a reference is no longer that reference.
                    let reason = match reason.reason {
                        Reason::Reference => {
                            Arc::new(graph::Unknown { reason: Reason::AfterApply, ..(**reason).clone() })
                        }
                        _ => reason.clone(),
                    };
                    if reasons.len() < REASONS && !reasons.contains(&reason) {
                        reasons.push(reason);
                    }
                }
            });
        }
        if reasons.is_empty() {
            reasons.push(Arc::new(graph::Unknown::because(Reason::AfterApply)));
        }
        Hole { ty, bounds: Bounds::default(), reasons }
    }

    /// The same with bounds.
    #[must_use]
    pub fn bounded(mut self, bounds: Bounds) -> Hole {
        self.bounds = bounds;
        self
    }

    /// The one value it can be, if there is only one: an empty collection, or a list of so many unknowns.
    pub(super) fn filled(&self) -> Option<Value> {
        let length = self.bounds.longest.filter(|&longest| longest == self.bounds.shortest && self.bounds.not_null)?;
        let element = || {
            let ty = self.ty.element().cloned().unwrap_or(Type::Dynamic);
            Value::hole(Hole { ty, bounds: Bounds::default(), reasons: self.reasons.clone() })
        };
        match &self.ty {
            Type::List(ty) if length <= 64 => {
                Some(Value::list(Type::clone(ty), (0..length).map(|_| element()).collect()))
            }
            Type::Set(ty) if length == 0 => Some(Value::set(Type::clone(ty), Vec::new())),
            Type::Map(ty) if length == 0 => Some(Value::map(Type::clone(ty), BTreeMap::new())),
            _ => None,
        }
    }
}

impl fmt::Debug for Hole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown {}", self.ty)?;
        match self.reasons.first() {
            Some(reason) => write!(f, ", {reason}"),
            None => Ok(()),
        }
    }
}

impl Bounds {
    /// Only that it is not null.
    #[must_use]
    pub fn not_null() -> Bounds {
        Bounds { not_null: true, ..Bounds::default() }
    }

    /// Not null, with so many elements.
    #[must_use]
    pub fn length(shortest: usize, longest: Option<usize>) -> Bounds {
        Bounds { shortest, longest, ..Bounds::not_null() }
    }

    /// What holds whichever of the two it is.
    #[must_use]
    pub fn either(&self, other: &Bounds) -> Bounds {
        let common = self.prefix.chars().zip(other.prefix.chars()).take_while(|(a, b)| a == b);
        let length = common.map(|(char, _)| char.len_utf8()).sum::<usize>();
        Bounds {
            not_null: self.not_null && other.not_null,
            prefix: self.prefix[..length].into(),
            shortest: self.shortest.min(other.shortest),
            longest: self.longest.zip(other.longest).map(|(a, b)| a.max(b)),
        }
    }
}
