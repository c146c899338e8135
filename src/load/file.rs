//! A text that was read, and where its parts stand in it.

use std::ops::Range;
use std::sync::OnceLock;

use crate::graph::{Spot, Text};
use crate::source::line_column;

/// One file.
pub(super) struct File {
    /// Its path, as it is shown.
    pub name: Text,
    text: String,
    lines: Vec<Line>,
}

/// A line of a file.
struct Line {
    begin: usize,
    /// The line as it is shown, once it was asked for.
    shown: OnceLock<Text>,
}

/// The most characters of a line that is quoted.
const LONGEST_LINE: usize = 160;

impl File {
    pub(super) fn new(name: &str, text: String) -> File {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let line = |begin| Line { begin, shown: OnceLock::new() };
        let lines = std::iter::once(0).chain(ends).map(line).collect();
        File { name: name.into(), text, lines }
    }

    /// Where a part of the file stands.
    pub(super) fn spot(&self, span: Option<Range<usize>>) -> Option<Spot> {
        let span = span?;
        let number = self.lines.partition_point(|line| line.begin <= span.start);
        let line = self.lines.get(number.saturating_sub(1))?;
        // Counting from the start of the line: there is a spot for every attribute of every instance.
        let rest = self.text.get(line.begin..).unwrap_or_default();
        let (_, column) = line_column(rest.as_bytes(), span.start - line.begin);
        let shown = line.shown.get_or_init(|| {
            let whole = rest.lines().next().unwrap_or_default().trim_end();
            whole.chars().take(LONGEST_LINE).collect::<String>().as_str().into()
        });
        let (file, text) = (self.name.clone(), shown.clone());
        Some(Spot { file, line: number as u32, column, start: span.start, end: span.end, text })
    }
}
