//! The form of a derived fact that is a yes or a no, with its reasons, already safe to show. What it is about the relation
//! says that gives it.

use crate::graph::{Place, Unknown, Value};

/// A yes or a no that follows from several resources.
#[derive(Clone, Debug)]
pub struct Told {
    /// The answer, or what it hangs on.
    pub holds: Result<bool, Unknown>,
    /// Why, in one clause.
    pub because: String,
    /// The places and values it rests on.
    pub evidence: Vec<(Place, Value)>,
}

impl Told {
    pub(super) fn yes(because: impl Into<String>) -> Told {
        Told { holds: Ok(true), because: because.into(), evidence: Vec::new() }
    }

    pub(super) fn no(because: impl Into<String>, evidence: Vec<(Place, Value)>) -> Told {
        Told { holds: Ok(false), because: because.into(), evidence }
    }

    pub(super) fn unknown(unknown: Unknown) -> Told {
        Told { because: format!("it cannot be told: {unknown}"), holds: Err(unknown), evidence: Vec::new() }
    }
}
