//! What working with a graph costs, in steps that are the same on every machine: how many resources, links and entries of
//! indices were handed out. For tests, which hold that it grows as the input does; counted in debug builds only, where
//! nobody waits for it, and for each thread by itself.

use std::cell::Cell;

thread_local! {
    static STEPS: Cell<u64> = const { Cell::new(0) };
}

/// Counts what an index handed out.
pub fn count_steps(handed_out: usize) {
    if cfg!(debug_assertions) {
        STEPS.with(|steps| steps.set(steps.get() + handed_out as u64));
    }
}

/// The steps of this thread so far; 0 in release builds.
#[must_use]
pub fn steps() -> u64 {
    STEPS.with(Cell::get)
}
