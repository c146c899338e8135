//! Exceptions that stand in a text beside a resource: which policies need not hold there, why, and until when. What is
//! done about them is the judge's to say.

use super::{Day, Text};
use crate::source::Position;

/// One exception, on the resource it was written at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exemption {
    /// The policies it is about, by id.
    pub policies: Vec<Text>,
    /// The attributes whose line it was written at, in the input's own language; none for the resource as a whole.
    pub attributes: Vec<Text>,
    /// Why.
    pub reason: Text,
    /// The last day it holds on; none when it holds until it is taken out.
    pub until: Option<Day>,
    /// The file it stands in, as it is shown.
    pub file: Text,
    /// Where in the file.
    pub position: Position,
}
