//! Where the text says what an attribute of a resource is: what has to be changed for it to be something else. How it is
//! changed is not told here.

use std::ops::Range;

use crate::graph::Text;

/// Where the value of an attribute is decided. Bytes count from the start of the text, a byte order mark aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// A constant is written there.
    Written {
        /// The file, as it is shown.
        file: Text,
        /// The bytes of the constant.
        span: Range<usize>,
        /// The name it goes through last (`var.idle`, parameter `Idle`); none where it stands in the resource itself.
        through: Option<String>,
    },
    /// A reference to an attribute of a resource is written there.
    Referred {
        /// The file, as it is shown.
        file: Text,
        /// The bytes of the reference, with what makes it one (`${…}`, `Ref`).
        span: Range<usize>,
        /// What it comes from, in words.
        why: String,
    },
    /// Nobody writes it. It would go into a block or map that is there.
    Unwritten {
        /// The file, as it is shown.
        file: Text,
        /// The bytes of that block or map.
        within: Range<usize>,
        /// What is to be written in it, step by step: blocks or maps, then the attribute.
        steps: Vec<String>,
    },
    /// Something else decides it, which is not for a program to change.
    Elsewhere(String),
}
