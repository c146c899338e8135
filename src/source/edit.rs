//! A change to a part of a text that was read: bytes that go and text that comes. Whether it is right is for others to
//! prove; where it stands in a line is told beside the bytes, since reports count in lines.

use super::Position;

/// Bytes of one file, and what is to stand there instead.
///
/// Edits of one file never overlap. Applied together they all count in the file as it was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// The file, as the spots of a finding show it; a path from the current directory that can be opened.
    pub file: String,
    /// First byte that goes, counted from the first byte on the disk (a byte order mark is three).
    pub start: usize,
    /// The byte after the last one that goes; the same as `start` where text is only put in.
    pub end: usize,
    /// Where `start` is; a byte order mark is no column.
    pub from: Position,
    /// Where `end` is.
    pub to: Position,
    /// What stands there afterwards, with the line ends of the file.
    pub replacement: String,
    /// What goes.
    pub removed: String,
    /// What stands before it on its line, as far as anyone may see it: a name and punctuation, else `…`.
    pub head: String,
    /// What stands after it on its line, as far as anyone may see it: punctuation, else `…`.
    pub tail: String,
}

impl Edit {
    /// Puts `replacement` in the place of some bytes of a text, which is all of a file.
    #[must_use]
    pub fn new(file: &str, text: &str, bytes: std::ops::Range<usize>, replacement: String) -> Edit {
        let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let position = |byte: usize| {
            let (line, column) = super::line_column(&text.as_bytes()[mark..], byte.saturating_sub(mark));
            Position { line, column }
        };
        let (from, to) = (position(bytes.start), position(bytes.end));
        let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
        let before = part(mark..bytes.start);
        let after = part(bytes.end..text.len());
        Edit {
            removed: part(bytes.clone()).to_owned(),
            head: head(before.rsplit('\n').next().unwrap_or_default()),
            tail: tail(after.split('\n').next().unwrap_or_default()),
            file: file.to_owned(),
            start: bytes.start,
            end: bytes.end,
            from,
            to,
            replacement,
        }
    }

    /// Whether two cannot be made together: they change the same bytes, or put something in at the same place.
    #[must_use]
    pub fn clashes(&self, other: &Edit) -> bool {
        let apart = self.end <= other.start || other.end <= self.start;
        self.file == other.file && (!apart || self.start == other.start)
    }

    /// The text of a file with some edits of it made; none when they do not fit the text.
    #[must_use]
    pub fn apply(text: &str, edits: &[&Edit]) -> Option<String> {
        let mut edits: Vec<&Edit> = edits.to_vec();
        edits.sort();
        let (mut changed, mut at) = (String::with_capacity(text.len()), 0);
        for edit in edits {
            changed.push_str(text.get(at..edit.start)?);
            changed.push_str(&edit.replacement);
            text.get(edit.start..edit.end)?;
            at = edit.end;
        }
        changed.push_str(text.get(at..)?);
        Some(changed)
    }
}

/// Of a line's first part what is no value: a flow mapping or a minified text has values of others on the same line, and
/// one of them may be a secret.
fn head(line: &str) -> String {
    let indent = &line[..line.len() - line.trim_start().len()];
    match line.rfind(['{', ',']).map(|at| &line[at + 1..]) {
        _ if is_name(line) => line.to_owned(),
        Some(last) if is_name(last) => format!("{indent}… {}", last.trim_start()),
        _ => format!("{indent}…"),
    }
}

/// Whether it is a name that a value follows, or nothing but quotes.
fn is_name(text: &str) -> bool {
    let text = text.trim_matches([' ', '\t', '\r', '"', '\'']).trim_start_matches("- ");
    let name = text.strip_suffix(['=', ':']).map(|name| name.trim_end().trim_matches(['"', '\'']));
    let plain = |name: &str| name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    text.is_empty() || name.is_some_and(plain)
}

/// Of a line's last part what is no value; a comment may hold anything.
fn tail(line: &str) -> String {
    let line = line.trim_end();
    let plain = line.chars().all(|c| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | ')' | ']' | '}'));
    if plain { line.to_owned() } else { " …".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::Edit;

    fn around(text: &str, bytes: std::ops::Range<usize>) -> (String, String) {
        let edit = Edit::new("a", text, bytes, String::new());
        (edit.head, edit.tail)
    }

    #[test]
    fn only_names_and_punctuation_stand_around_an_edit() {
        let seen = |line: &str| {
            let at = line.find("60").unwrap_or_default();
            around(&format!("x = \"s3cret\"\n{line}\ny: s3cret"), at + 13..at + 15)
        };
        let plain = |head: &str, tail: &str| (head.to_owned(), tail.to_owned());
        assert_eq!(seen("  idle_timeout = 60\r"), plain("  idle_timeout = ", ""));
        assert_eq!(seen("\t\"Value\": \"60\","), plain("\t\"Value\": \"", "\","));
        assert_eq!(seen("    - Value: '60'"), plain("    - Value: '", "'"));
        assert_eq!(seen("60"), plain("", ""));
        assert_eq!(seen("  idle_timeout = 60 # s3cret"), plain("  idle_timeout = ", " …"));
        assert_eq!(seen(" {Password: s3cret, Value: 60, Token: s3cret}"), plain(" … Value: ", " …"));
        assert_eq!(seen("password = s3cret other = 60"), plain("…", ""));
    }
}
