//! Which server an image reference names, by the regular expressions of the table. Preparing these takes longer than all
//! else that a small plan asks for, so only those are prepared whose first letters stand in a reference.

use std::sync::{LazyLock, OnceLock};

use regex::Regex;

use super::table::Server;

/// The first server of the table that an image reference names.
pub(super) fn named_by(image: &str) -> Option<Server> {
    let named = NAMES.iter().filter(|name| image.contains(name.begins) && name.is_of(image));
    let excepted = |server: Server| server.images_except().is_some_and(|except| image.contains(except));
    named.map(|name| name.server).find(|server| !excepted(*server))
}

/// All expressions, in the order of the table.
static NAMES: LazyLock<Vec<Name>> = LazyLock::new(|| {
    let of = |server: Server| server.images().iter().map(move |pattern| Name::new(pattern, server));
    Server::all().flat_map(of).collect()
});

/// One expression.
struct Name {
    server: Server,
    pattern: &'static str,
    /// What every reference it matches holds.
    begins: &'static str,
    prepared: OnceLock<Option<Regex>>,
}

/// A name begins where the reference or a part of its path does.
const START: &str = "(^|/)";

impl Name {
    fn new(pattern: &'static str, server: Server) -> Name {
        let plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '/' | '-' | '_' | ':');
        let rest = pattern.strip_prefix(START).unwrap_or_default();
        let plain = rest.find(|char| !plain(char)).and_then(|end| rest.get(..end)).unwrap_or(rest);
        // What is repeated or left out by the sign behind it is no part of what must be there.
        let begins = match rest.get(plain.len()..).and_then(|rest| rest.chars().next()) {
            Some('?' | '*' | '{') => plain.get(..plain.len().saturating_sub(1)).unwrap_or_default(),
            _ if rest.contains('|') && !rest.contains('(') => "",
            _ => plain,
        };
        Name { server, pattern, begins, prepared: OnceLock::new() }
    }

    fn is_of(&self, image: &str) -> bool {
        // A test prepares all of them, so that a fault in the file cannot go unseen.
        self.prepared.get_or_init(|| Regex::new(self.pattern).ok()).as_ref().is_some_and(|name| name.is_match(image))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expression_is_one_and_begins_with_letters() {
        assert!(NAMES.len() > 30);
        for Name { pattern, begins, .. } in NAMES.iter() {
            Regex::new(pattern).unwrap();
            assert!(pattern.starts_with(START) && begins.len() > 2, "{pattern}: what must it hold?");
        }
    }

    /// What a reference must hold is not more than what the expression asks for.
    #[test]
    fn no_reference_is_passed_over() {
        let words = [
            "nginx",
            "bitnami/nginx:1",
            "own/php:8-apache",
            "php:8-fpm",
            "tiangolo/meinheld-gunicorn:x",
            "mcr.microsoft.com/dotnet/aspnet:8.0",
            "jboss/wildfly",
        ];
        let official = Server::all().flat_map(|server| server.official().iter().map(String::as_str));
        for image in official.chain(words) {
            for name in NAMES.iter().filter(|name| name.is_of(image)) {
                assert!(image.contains(name.begins), "{image}: {}", name.pattern);
            }
        }
    }
}
