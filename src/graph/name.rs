//! Names that stand in many objects, each stored once. Which names there are is not known here.

use std::cell::RefCell;

use rustc_hash::FxHashSet;

use super::Text;

/// More names than this are not kept: an input may have any number of them.
const MOST: usize = 4096;

thread_local! {
    static NAMES: RefCell<FxHashSet<Text>> = RefCell::default();
}

/// The text of a name; the same one each time on one thread.
#[must_use]
pub fn name(text: &str) -> Text {
    NAMES.with_borrow_mut(|names| {
        if let Some(known) = names.get(text) {
            return Text::clone(known);
        }
        let new = Text::from(text);
        if names.len() < MOST {
            names.insert(Text::clone(&new));
        }
        new
    })
}
