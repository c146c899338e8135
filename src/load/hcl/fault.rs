//! Why an expression has no value: what Terraform too would refuse, or what goes past a limit.

use std::fmt;
use std::ops::Range;

/// An error of evaluation. Its message never holds a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong, in one sentence.
    pub message: String,
    /// Where in the text of the expression, in bytes.
    pub span: Option<Range<usize>>,
    /// `try` and `can` do not catch it: a limit of ours, or what Terraform refuses before it evaluates.
    pub fatal: bool,
    /// Something needs itself, so that Terraform makes no plan at all.
    pub cycle: bool,
}

impl Fault {
    /// Something Terraform refuses as well.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Fault {
        Fault { message: message.into(), span: None, fatal: false, cycle: false }
    }

    /// Too deep, too large or too long for us.
    #[must_use]
    pub fn limit(message: impl Into<String>) -> Fault {
        Fault { message: message.into(), span: None, fatal: true, cycle: false }
    }

    /// Something Terraform refuses before it evaluates, as a name that does not exist.
    #[must_use]
    pub fn fatal(message: impl Into<String>) -> Fault {
        Fault::limit(message)
    }

    /// Something that needs itself.
    #[must_use]
    pub fn cycle(message: impl Into<String>) -> Fault {
        Fault { cycle: true, ..Fault::fatal(message) }
    }

    /// Says where, unless a place closer by is known.
    #[must_use]
    pub fn at(mut self, span: Option<Range<usize>>) -> Fault {
        self.span = self.span.or(span);
        self
    }

    /// Puts words before the message.
    #[must_use]
    pub fn within(mut self, what: &str) -> Fault {
        self.message = format!("{what}: {}", self.message);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}
