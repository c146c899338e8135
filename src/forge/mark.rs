//! Hidden marks by which our comments are found again: an HTML comment, which no forge shows.

use std::fmt;

/// Tells several comments of ours on one pull request apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag(String);

impl Tag {
    /// Reads a tag: letters, digits, `.`, `_` and `-`, at most 64.
    ///
    /// # Errors
    /// Words that say what a tag may be.
    pub fn parse(text: &str) -> Result<Tag, String> {
        let fits = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | '-');
        // `--` would end the HTML comment the tag stands in.
        if text.is_empty() || text.len() > 64 || !text.chars().all(fits) || text.contains("--") {
            return Err("expected 1 to 64 letters, digits, `.`, `_` and single `-`".to_owned());
        }
        Ok(Tag(text.to_owned()))
    }

    /// The line a comment with this tag opens with.
    pub(super) fn mark(&self) -> String {
        format!("<!-- plangate:comment {self} -->")
    }
}

impl Default for Tag {
    fn default() -> Tag {
        Tag("default".to_owned())
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The line a comment on changed lines ends with; `key` says which one it is.
pub(super) fn remark_mark(key: &str) -> String {
    let fits = |char: &char| char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | ':');
    format!("<!-- plangate:finding {} -->", key.chars().filter(fits).collect::<String>())
}
