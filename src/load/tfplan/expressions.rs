//! The expressions behind resources' attributes, from the configuration section of a plan. What they mention is not
//! followed here.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use serde_json::value::RawValue;

use super::document::Expression;
use super::inventory::Instance;

/// The expressions of resources, each text read once: instances of one resource have the same, and so have the copies of
/// a module that is called often.
#[derive(Default)]
pub(super) struct Written<'a>(RefCell<FxHashMap<&'a str, Option<Rc<Expression<'a>>>>>);

/// More texts than this are not kept: all of them at once could take as much memory as the plan.
const MOST_TEXTS: usize = 4096;

impl<'a> Written<'a> {
    /// The expressions behind an instance's attributes; none when the configuration section does not tell them.
    pub(super) fn expressions(&self, instance: &Instance<'a>) -> Option<Rc<Expression<'a>>> {
        match instance.config?.expressions {
            Some(raw) => self.read(raw),
            None => Some(Rc::new(Expression::Block(Vec::new()))),
        }
    }

    /// The expressions of a block; none when they cannot be read.
    pub(super) fn read(&self, raw: &'a RawValue) -> Option<Rc<Expression<'a>>> {
        if let Some(known) = self.0.borrow().get(raw.get()) {
            return known.clone();
        }
        let read = match serde_json::from_str(raw.get()).ok() {
            // `{}` in this place is a resource with nothing written in it, not a function of constants.
            Some(Expression::Computed) => Some(Rc::new(Expression::Block(Vec::new()))),
            read => read.map(Rc::new),
        };
        let mut texts = self.0.borrow_mut();
        if texts.len() < MOST_TEXTS {
            texts.insert(raw.get(), read.clone());
        }
        read
    }
}
