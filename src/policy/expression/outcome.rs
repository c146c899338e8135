//! What evaluating gives: a value, the unknowns it hangs on, or what kept it from having one.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::graph::{Data, Unknown, Value};

/// What evaluating an expression gave, and what it read on the way.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its value, or why it has none.
    pub outcome: Outcome,
    /// The attributes it read, in the order they were first read.
    pub reads: Vec<Read>,
}

/// The value of an expression, or why it has none.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Its value, never itself unknown; what is inside a list or map may be.
    Known(Value),
    /// It hangs on these.
    Unknown(Vec<Arc<Unknown>>),
    /// It has none, whatever becomes known.
    Error(Failure),
}

/// Why an expression has no value. The message never contains a value, only names, so it is safe to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// In one clause.
    pub message: String,
    /// Whether it is that something was read that is not there.
    pub absent: bool,
}

/// An attribute that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    /// The variable it was read through.
    pub variable: String,
    /// Dotted path below the variable, list positions included (`rules.0.port`), as [`crate::graph::lookup`] takes
    /// it; empty for the variable itself.
    pub path: String,
    /// What was there: null when nothing was, and possibly unknown.
    pub value: Value,
}

/// Reads in the order they were first made, each once. Few are found by looking, many by their hash.
#[derive(Clone, Debug, Default)]
pub(in crate::policy) struct Reads {
    list: Vec<Read>,
    seen: FxHashSet<(String, String)>,
}

const FEW_READS: usize = 32;

impl Reads {
    /// Whether this has been read before.
    pub(super) fn has(&self, variable: &str, path: &str) -> bool {
        if self.list.len() <= FEW_READS {
            return self.list.iter().any(|read| read.variable == variable && read.path == path);
        }
        self.seen.contains(&(variable.to_owned(), path.to_owned()))
    }

    /// Adds one that was not made before.
    pub(super) fn add(&mut self, read: Read) {
        let key = |read: &Read| (read.variable.clone(), read.path.clone());
        if self.list.len() == FEW_READS {
            self.seen = self.list.iter().map(key).collect();
        }
        if self.list.len() >= FEW_READS {
            self.seen.insert(key(&read));
        }
        self.list.push(read);
    }

    pub(in crate::policy) fn extend(&mut self, reads: impl IntoIterator<Item = Read>) {
        for read in reads {
            if !self.has(&read.variable, &read.path) {
                self.add(read);
            }
        }
    }

    pub(in crate::policy) fn into_vec(self) -> Vec<Read> {
        self.list
    }
}

/// Why evaluation of a part stopped.
#[derive(Clone, Debug)]
pub(in crate::policy) enum Stop {
    Unknown(Unknowns),
    Error(Failure),
}

/// The value of a part; never [`Data::Unknown`] itself.
pub(super) type Eval = Result<Value, Stop>;

impl From<Eval> for Outcome {
    fn from(value: Eval) -> Outcome {
        match value {
            Ok(value) => Outcome::Known(value),
            Err(Stop::Unknown(unknowns)) => Outcome::Unknown(unknowns.into_vec()),
            Err(Stop::Error(failure)) => Outcome::Error(failure),
        }
    }
}

/// Distinct unknowns, first seen first. Kept short: nobody reads a hundred reasons.
#[derive(Clone, Debug, Default)]
pub struct Unknowns(Vec<Arc<Unknown>>);

const MOST_UNKNOWNS: usize = 100;

impl Unknowns {
    pub(in crate::policy) fn add(&mut self, unknown: &Arc<Unknown>) {
        let seen = |known: &Arc<Unknown>| Arc::ptr_eq(known, unknown) || known == unknown;
        if self.0.len() < MOST_UNKNOWNS && !self.0.iter().any(seen) {
            self.0.push(Arc::clone(unknown));
        }
    }

    pub(in crate::policy) fn extend<'u>(&mut self, unknowns: impl IntoIterator<Item = &'u Arc<Unknown>>) {
        for unknown in unknowns {
            self.add(unknown);
        }
    }

    pub(in crate::policy) fn iter(&self) -> impl Iterator<Item = &Arc<Unknown>> {
        self.0.iter()
    }

    pub(in crate::policy) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(in crate::policy) fn into_vec(self) -> Vec<Arc<Unknown>> {
        self.0
    }
}

impl Stop {
    pub(in crate::policy) fn error(message: impl Into<String>) -> Stop {
        Stop::Error(Failure { message: message.into(), absent: false })
    }

    pub(super) fn absent(what: &str) -> Stop {
        Stop::Error(Failure { message: format!("`{what}` is not set"), absent: true })
    }
}

/// Collects what the parts of an operation gave when it needs all of them: unknown wins over error, because once it
/// is known the error may be all there is, or may not.
#[derive(Debug, Default)]
pub(super) struct Stops {
    unknowns: Unknowns,
    error: Option<Failure>,
}

impl Stops {
    pub(super) fn add(&mut self, stop: Stop) {
        match stop {
            Stop::Unknown(unknowns) => self.unknowns.extend(unknowns.iter()),
            Stop::Error(failure) => {
                self.error.get_or_insert(failure);
            }
        }
    }

    pub(super) fn unknown(&mut self, unknown: &Arc<Unknown>) {
        self.unknowns.add(unknown);
    }

    /// The value of a part, or none after noting why it has none.
    pub(super) fn note(&mut self, part: Eval) -> Option<Value> {
        part.map_err(|stop| self.add(stop)).ok()
    }

    pub(super) fn has_error(&self) -> bool {
        self.error.is_some()
    }

    /// Stops if any part stopped.
    pub(super) fn finish(self) -> Result<(), Stop> {
        match (self.unknowns.is_empty(), self.error) {
            (false, _) => Err(Stop::Unknown(self.unknowns)),
            (true, Some(failure)) => Err(Stop::Error(failure)),
            (true, None) => Ok(()),
        }
    }
}

/// A value that rests on `others`: as secret as the most secret of them.
pub(super) fn resting_on<'v>(value: impl Into<Value>, others: impl IntoIterator<Item = &'v Value>) -> Value {
    let mut value = value.into();
    value.marks.sensitive |= others.into_iter().any(Value::holds_sensitive);
    value
}

/// The type of a value in words, for messages.
pub(super) fn type_name(value: &Value) -> &'static str {
    match &value.data {
        Data::Null => "null",
        Data::Bool(_) => "a bool",
        Data::Int(_) => "an int",
        Data::Float(_) => "a double",
        Data::String(_) => "a string",
        Data::List(_) => "a list",
        Data::Map(_) => "an object",
        Data::Unknown(_) => "unknown",
    }
}
