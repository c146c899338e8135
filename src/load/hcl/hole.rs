//! What is known of an unknown: its type, bounds, and what it hangs on.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::{Type, Value};
use crate::graph::{self, Reason, Text};

/// How many reasons an unknown keeps; more would tell a reader nothing.
const REASONS: usize = 4;

/// The largest text whose pieces are kept, and what an unknown one counts.
const LARGEST: usize = 1 << 18;
const PIECE: usize = 64;

/// An unknown value.
#[derive(Clone)]
pub struct Hole {
    /// Its type.
    pub ty: Type,
    /// What it can still be.
    pub bounds: Bounds,
    /// What it hangs on: never empty, first met first, at most four.
    pub reasons: Vec<Arc<graph::Unknown>>,
    /// What a text is made of, where that is kept.
    pub pieces: Option<Arc<Pieces>>,
}

/// A text that is partly known, in order.
#[derive(Clone, Debug, Default)]
pub struct Pieces {
    /// What it is made of.
    pub parts: Vec<Piece>,
    /// The text is that of these parts in base64.
    encoded: bool,
    size: usize,
}

/// A part of a text.
#[derive(Clone)]
pub enum Piece {
    /// As it stands, up to the next unknown. It may be a secret.
    Known(String),
    /// Not known, and why.
    Unknown(Arc<graph::Unknown>),
}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Piece::Known(_) => f.write_str("…"),
            Piece::Unknown(unknown) => write!(f, "({unknown})"),
        }
    }
}

impl Pieces {
    /// These values in a row.
    #[must_use]
    pub fn of<'v>(values: impl IntoIterator<Item = &'v Value>) -> Pieces {
        let mut pieces = Pieces::default();
        values.into_iter().for_each(|value| pieces.push(value));
        pieces
    }

    /// Goes on with one that is written as JSON: quoted, and each part escaped.
    pub fn quoted(&mut self, value: &Value, escaped: fn(&str) -> String) {
        self.known("\"");
        match value.as_hole().and_then(|hole| hole.pieces.as_ref()).filter(|pieces| !pieces.encoded) {
            Some(pieces) => pieces.parts.iter().for_each(|part| match part {
                Piece::Known(text) => self.known(&escaped(text)),
                Piece::Unknown(unknown) => self.unknown(unknown.clone()),
            }),
            None => self.push(value),
        }
        self.known("\"");
    }

    /// The same in base64.
    #[must_use]
    pub fn encoded(self) -> Pieces {
        Pieces { encoded: true, ..self }
    }

    /// What they take in memory, about.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// To be kept, unless there are too many.
    #[must_use]
    pub fn kept(self) -> Option<Arc<Pieces>> {
        (self.size <= LARGEST).then(|| Arc::new(self))
    }

    /// Goes on with a known text.
    pub fn known(&mut self, text: &str) {
        if self.size > LARGEST {
            return;
        }
        match self.parts.last_mut() {
            _ if text.is_empty() => return,
            Some(Piece::Known(before)) => before.push_str(text),
            _ => self.parts.push(Piece::Known(text.to_owned())),
        }
        self.size += text.len();
    }

    fn unknown(&mut self, unknown: Arc<graph::Unknown>) {
        self.parts.push(Piece::Unknown(unknown));
        self.size += PIECE;
    }

    /// Goes on with a text, which may be unknown.
    pub fn push(&mut self, value: &Value) {
        if self.size > LARGEST {
            return;
        }
        let Some(hole) = value.as_hole() else {
            return self.known(value.as_text().map_or("", |text| text));
        };
        match (&hole.pieces, &hole.reasons[..]) {
            (Some(pieces), _) if !pieces.encoded => {
                for part in &pieces.parts {
                    match part {
                        Piece::Known(text) => self.known(text),
                        Piece::Unknown(unknown) => self.unknown(unknown.clone()),
                    }
                }
            }
            (_, [only]) => self.unknown(only.clone()),
            _ => {
                // It may be any of these, and is none of them for sure.
                let reasons = Hole::from_values(Type::String, [value]).reasons;
                reasons.into_iter().take(1).for_each(|reason| self.unknown(reason));
            }
        }
    }
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
        Hole { ty, bounds: Bounds::default(), reasons: vec![Arc::new(reason)], pieces: None }
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
        Hole { ty, bounds: Bounds::default(), reasons, pieces: None }
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
            Value::hole(Hole { ty, bounds: Bounds::default(), reasons: self.reasons.clone(), pieces: None })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_pieces_do_not_grow_without_end() {
        let reference = graph::Unknown::at(Reason::Reference, graph::Place::new(&"A".into(), ""));
        let mut value = Value::hole(Hole::new(Type::String, reference));
        let mut kept = 0;
        for _ in 0..64 {
            let pieces = Pieces::of([&value, &Value::text("b"), &value]);
            assert!(pieces.size() <= 2 * LARGEST + PIECE + 1);
            let hole = Hole::from_values(Type::String, [&value]);
            let pieces = pieces.kept();
            kept += usize::from(pieces.as_ref().is_some_and(|pieces| pieces.parts.len() > 100));
            value = Value::hole(Hole { pieces, ..hole });
        }
        assert!(kept > 0, "they are never kept");
    }
}
