//! Patterns for addresses, as configuration names resources.

use std::fmt;

use wildmatch::WildMatch;

/// A pattern such as `module.legacy.*` or `aws_lb.this["*"]`: `*` stands for any characters, dots included, `?` for one;
/// everything else for itself, brackets too.
#[derive(Clone, Debug)]
pub struct AddressGlob(WildMatch);

impl AddressGlob {
    /// The pattern in a text.
    #[must_use]
    pub fn new(pattern: &str) -> AddressGlob {
        AddressGlob(WildMatch::new(pattern))
    }

    /// Whether an address is meant.
    #[must_use]
    pub fn matches(&self, address: &str) -> bool {
        self.0.matches(address)
    }
}

impl fmt::Display for AddressGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_and_quotes_stand_for_themselves() {
        let glob = AddressGlob::new("module.*[\"blue\"].aws_lb_target_group.*");
        assert!(glob.matches("module.api[\"blue\"].aws_lb_target_group.this[0]"));
        assert!(!glob.matches("module.api[\"green\"].aws_lb_target_group.this[0]"));
        assert!(!AddressGlob::new("aws_lb.a").matches("aws_lb.ab"));
        assert!(AddressGlob::new("Edge/*").matches("Edge/Alb"));
        assert_eq!(glob.to_string(), "module.*[\"blue\"].aws_lb_target_group.*");
    }
}
