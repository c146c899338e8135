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
        Edit { file: file.to_owned(), start: bytes.start, end: bytes.end, from, to, replacement }
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
