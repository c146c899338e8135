//! Lays words out in lines of a given width. A word is never broken, so that an address can be copied in one go.

use std::fmt::Write as _;

use anstyle::Style;

use super::ink::{PLAIN, clean};

/// Pieces that stay together on a line; spaces between them are part of the pieces.
#[derive(Clone, Default)]
pub(super) struct Word {
    pieces: Vec<(Style, String)>,
}

impl Word {
    /// One piece.
    pub(super) fn new(style: Style, text: &str) -> Word {
        Word::default().and(style, text)
    }

    /// With one more piece, glued on.
    pub(super) fn and(mut self, style: Style, text: &str) -> Word {
        let text = clean(text);
        self.pieces.push((style, if text.contains('\n') { text.replace('\n', " ") } else { text.into_owned() }));
        self
    }

    /// With another one glued on.
    pub(super) fn joined(mut self, other: Word) -> Word {
        self.pieces.extend(other.pieces);
        self
    }

    fn width(&self) -> usize {
        self.pieces.iter().map(|(_, text)| text.chars().count()).sum()
    }
}

/// The words of one line of prose.
pub(super) fn words(style: Style, text: &str) -> Vec<Word> {
    text.split_whitespace().map(|word| Word::new(style, word)).collect()
}

/// A text in the making.
pub(super) struct Sheet {
    out: String,
    width: usize,
}

impl Sheet {
    /// An empty sheet with lines of at most `width` characters.
    pub(super) fn new(width: usize) -> Sheet {
        Sheet { out: String::new(), width }
    }

    /// The finished text.
    pub(super) fn finish(self) -> String {
        self.out
    }

    /// An empty line, unless nothing is written yet.
    pub(super) fn gap(&mut self) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
    }

    /// As [`flow`](Sheet::flow), and nothing at all without words.
    pub(super) fn flow_if_any(&mut self, indent: usize, hang: usize, words: &[Word]) {
        if !words.is_empty() {
            self.flow(indent, hang, words);
        }
    }

    /// Words one after the other, starting at column `indent`; lines that do not fit go on at column `hang`.
    pub(super) fn flow(&mut self, indent: usize, hang: usize, words: &[Word]) {
        let mut lines = self.lines(indent, hang);
        words.iter().for_each(|word| lines.word(word));
        lines.end();
    }

    fn lines(&mut self, indent: usize, hang: usize) -> Lines<'_> {
        Lines { out: &mut self.out, width: self.width, hang, words: 0, line: Line::new(indent) }
    }

    /// Prose: every line of `text` flows on its own and keeps its leading spaces.
    pub(super) fn prose(&mut self, indent: usize, style: Style, text: &str) {
        self.labelled(indent, &Word::default(), 0, style, text);
    }

    /// A label, and prose in the column `room` characters to its right.
    pub(super) fn labelled(&mut self, indent: usize, label: &Word, room: usize, style: Style, text: &str) {
        let column = indent + room;
        for (at, line) in text.trim_matches('\n').trim_end().lines().enumerate() {
            if line.trim().is_empty() {
                self.out.push('\n');
                continue;
            }
            let hang = column + line.chars().take_while(|c| *c == ' ').count();
            let mut lines = if at == 0 && room > 0 {
                let fill = " ".repeat((hang - indent).saturating_sub(label.width() + 1));
                let mut lines = self.lines(indent, hang);
                lines.word(label);
                lines.line.push(lines.out, PLAIN, &fill);
                lines
            } else {
                self.lines(hang, hang)
            };
            for word in line.split_whitespace() {
                let word = clean(word);
                lines.begin(word.chars().count());
                lines.line.push(lines.out, style, &word);
            }
            lines.end();
        }
    }

    /// Text as it stands, every line indented: code is never wrapped.
    pub(super) fn verbatim(&mut self, indent: usize, style: Style, text: &str) {
        for line in text.trim_end().lines() {
            let mut one = Line::new(indent);
            one.push(&mut self.out, style, &clean(line));
            one.end(&mut self.out);
        }
    }
}

/// Words that flow from line to line.
struct Lines<'s> {
    out: &'s mut String,
    width: usize,
    hang: usize,
    words: usize,
    line: Line,
}

impl Lines<'_> {
    fn word(&mut self, word: &Word) {
        let wraps = self.begin(word.width());
        for (at, (style, text)) in word.pieces.iter().enumerate() {
            // Blanks before a word keep it apart from another one, which then stands on the line above.
            self.line.push(self.out, *style, if wraps && at == 0 { text.trim_start() } else { text });
        }
    }

    /// Makes room for a word of so many characters; whether it begins a line after another one.
    fn begin(&mut self, width: usize) -> bool {
        let wraps = self.words > 0 && self.line.column + 1 + width > self.width;
        if wraps {
            std::mem::replace(&mut self.line, Line::new(self.hang)).end(self.out);
        } else if self.words > 0 {
            self.line.space();
        }
        self.words += 1;
        wraps
    }

    fn end(self) {
        self.line.end(self.out);
    }
}

/// One line in the making: neighbours of the same style become one run, so that the colours stay few. What is written
/// is written at once, but for blanks: those at the end of the line are left out, and those at the end of a run stand
/// outside of its colour.
struct Line {
    indent: usize,
    column: usize,
    begun: bool,
    /// The style of the run, and whether its colour is on.
    run: Option<(Style, bool)>,
    /// Blanks of former runs that are not written yet.
    outside: String,
    /// Blanks of this run that are not written yet.
    inside: String,
}

impl Line {
    fn new(indent: usize) -> Line {
        Line { indent, column: indent, begun: false, run: None, outside: String::new(), inside: String::new() }
    }

    fn push(&mut self, out: &mut String, style: Style, text: &str) {
        self.column += text.chars().count();
        if self.run.is_none_or(|(last, _)| last != style) {
            self.end_run(out);
            self.run = Some((style, false));
        }
        let words = text.trim_end();
        if words.is_empty() {
            return self.inside.push_str(text);
        }
        if !self.begun {
            out.extend(std::iter::repeat_n(' ', self.indent));
            self.begun = true;
        }
        out.push_str(&self.outside);
        self.outside.clear();
        if self.run == Some((style, false)) && style != PLAIN {
            // Writing to a String cannot fail.
            let _ = write!(out, "{style}");
            self.run = Some((style, true));
        }
        out.push_str(&self.inside);
        out.push_str(words);
        self.inside.clear();
        self.inside.push_str(&text[words.len()..]);
    }

    fn space(&mut self) {
        self.column += 1;
        if self.run.is_some() {
            self.inside.push(' ');
        }
    }

    fn end_run(&mut self, out: &mut String) {
        if let Some((style, true)) = self.run {
            let _ = write!(out, "{style:#}");
        }
        self.outside.push_str(&self.inside);
        self.inside.clear();
    }

    /// Writes the line without spaces at its end.
    fn end(mut self, out: &mut String) {
        self.end_run(out);
        out.push('\n');
    }
}

/// `1 resource`, `2 resources`.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
