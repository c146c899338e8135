//! What an expression is evaluated in: names, files, and what evaluations of one run share.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use super::files::Files;
use super::{Fault, Value};
use crate::graph::Text;

/// Gives meaning to names. Values are asked for when an expression needs them, so a scope can work them out lazily;
/// it should keep what it worked out.
pub trait Scope {
    /// The value of a root name (`var`, `local`, `aws_lb`, `module`, `data`, `each`, `count`, `path`, `terraform`,
    /// `self`) followed by `steps`. The scope takes as many steps as it likes, in order, and says how many; the rest
    /// are applied to the value by the usual rules.
    ///
    /// # Errors
    /// When there is no such name: [`Fault::fatal`], since `try` does not catch that.
    fn resolve(&self, root: &str, steps: &[Step]) -> Result<Resolved, Fault>;

    /// Which files functions may read; without them every file is unknown.
    fn files(&self) -> Option<&Files>;

    /// What all evaluations of one run share.
    fn session(&self) -> &Session;
}

/// One step of a traversal.
#[derive(Clone, Debug)]
pub enum Step {
    /// `.name`
    Attribute(Text),
    /// `[key]`, worked out already.
    Index(Value),
}

impl Step {
    /// The name, for a step by attribute or by a known text.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Step::Attribute(name) => Some(name),
            Step::Index(value) => value.as_text().map(AsRef::as_ref),
        }
    }
}

/// What a scope answers.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The value.
    pub value: Value,
    /// How many of the steps lead to it.
    pub used: usize,
}

/// How deep evaluations of one run are in each other, how much work they did, and what they share. Bounds what a
/// hostile input can cost. Stack: about 3 MB at the deepest.
#[derive(Default)]
pub struct Session {
    depth: Cell<u32>,
    work: Cell<u64>,
    pub(super) patterns: RefCell<HashMap<Text, Option<Arc<regex::Regex>>>>,
}

/// How deep expressions, and what they refer to, may lie in each other.
const DEEPEST: u32 = 500;
/// How many steps of work one run may take.
const LONGEST: u64 = 20_000_000;
/// How many values one value may hold.
pub(super) const HEAVIEST: u64 = 2_000_000;
/// How many bytes one text may have.
pub(super) const LONGEST_TEXT: usize = 16 << 20;

impl Session {
    /// Goes one level deeper until the guard is dropped.
    ///
    /// # Errors
    /// When that is too deep.
    pub fn enter(&self) -> Result<Level<'_>, Fault> {
        if self.depth.get() >= DEEPEST {
            return Err(Fault::limit(format!("expressions refer to each other more than {DEEPEST} levels deep")));
        }
        self.depth.set(self.depth.get() + 1);
        Ok(Level { session: self })
    }

    /// Counts work.
    ///
    /// # Errors
    /// When it becomes too much.
    pub fn spend(&self, work: u64) -> Result<(), Fault> {
        let spent = self.work.get().saturating_add(work);
        self.work.set(spent);
        if spent > LONGEST {
            return Err(Fault::limit("evaluating this takes too long; does something multiply itself?"));
        }
        Ok(())
    }

    /// Lets a value pass that is small enough to be walked.
    ///
    /// # Errors
    /// When it is too large.
    pub fn weighed(&self, value: Value) -> Result<Value, Fault> {
        if value.weight() > HEAVIEST {
            return Err(Fault::limit(format!("the value holds more than {HEAVIEST} values")));
        }
        Ok(value)
    }
}

/// One level of depth; dropping it goes back up.
pub struct Level<'s> {
    session: &'s Session,
}

impl Drop for Level<'_> {
    fn drop(&mut self) {
        self.session.depth.set(self.session.depth.get() - 1);
    }
}
