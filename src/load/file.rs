//! A text that was read, and where its parts stand in it.

use std::ops::Range;
use std::sync::OnceLock;

use crate::graph::{Spot, Text};

/// One file.
pub(super) struct File {
    /// Its path, as it is shown.
    pub name: Text,
    text: String,
    lines: Vec<Line>,
    /// How many characters begin before every so many bytes.
    characters: Vec<usize>,
}

/// A line of a file.
struct Line {
    begin: usize,
    /// The line as it is shown, once it was asked for.
    shown: OnceLock<Text>,
}

/// How far apart the places are that characters are counted at: JSON may be one long line.
const APART: usize = 1 << 9;
/// The most characters of a line that is quoted.
const LONGEST_LINE: usize = 160;

impl File {
    pub(super) fn new(name: &str, text: String) -> File {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let line = |begin| Line { begin, shown: OnceLock::new() };
        let lines = std::iter::once(0).chain(ends).map(line).collect();
        let begin = |byte: &&u8| **byte & 0xC0 != 0x80;
        let counts = text.as_bytes().chunks(APART).map(|chunk| chunk.iter().filter(begin).count());
        let characters = std::iter::once(0).chain(counts.scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        }));
        let characters = characters.collect();
        File { name: name.into(), text, lines, characters }
    }

    /// What stands in it.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// How many characters begin before a byte.
    fn before(&self, byte: usize) -> usize {
        let chunk = byte / APART;
        let known = self.characters.get(chunk).or(self.characters.last()).copied().unwrap_or_default();
        let rest = self.text.as_bytes().get(chunk * APART..byte.min(self.text.len())).unwrap_or_default();
        known + rest.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
    }

    /// Where a part of the file stands.
    pub(super) fn spot(&self, span: Option<Range<usize>>) -> Option<Spot> {
        let span = span?;
        let number = self.lines.partition_point(|line| line.begin <= span.start);
        let line = self.lines.get(number.saturating_sub(1))?;
        let rest = self.text.get(line.begin..).unwrap_or_default();
        let column = (self.before(span.start) - self.before(line.begin) + 1) as u32;
        let shown = line.shown.get_or_init(|| {
            let whole = rest.lines().next().unwrap_or_default().trim_end();
            whole.chars().take(LONGEST_LINE).collect::<String>().as_str().into()
        });
        let (file, text) = (self.name.clone(), shown.clone());
        Some(Spot { file, line: number as u32, column, start: span.start, end: span.end, text })
    }
}
