//! Who and where inside: a resource address, and an attribute path below it.

use std::fmt;

use super::{Text, name};

/// A resource address as its tool writes it, e.g. `module.api.aws_lb_target_group.this["blue"]`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(pub Text);

impl Address {
    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Address {
    fn from(text: &str) -> Address {
        Address(text.into())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A resource and an attribute path inside it, as the input's own language names it
/// (`health_check.timeout`, `default_action[0].target_group_arn`). The path may be empty: the resource itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which resource.
    pub address: Address,
    /// Where inside it; empty for the resource as a whole.
    pub path: Text,
}

impl Place {
    /// The place `path` inside `address`.
    #[must_use]
    pub fn new(address: &Address, path: &str) -> Place {
        Place { address: address.clone(), path: name(path) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let between = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        write!(f, "{}{between}{}", self.address, self.path)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
