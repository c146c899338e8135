//! Lays words out in lines of a given width. A word is never broken, so that an address can be copied in one go.

use std::borrow::Cow;
use std::fmt::Write as _;

use anstyle::Style;

use super::ink::{PLAIN, clean};

/// How a text is to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Characters in a line.
    pub width: usize,
    /// Whether there are colours in it, as escape sequences of a terminal.
    pub colors: bool,
}

impl Look {
    /// For a terminal with lines of so many characters.
    #[must_use]
    pub fn colored(width: usize) -> Look {
        Look { width, colors: true }
    }

    /// For what knows no colours.
    #[must_use]
    pub fn plain(width: usize) -> Look {
        Look { width, colors: false }
    }
}

/// Pieces that stay together on a line; spaces between them are part of the pieces.
#[derive(Clone, Default)]
pub(super) struct Word<'t> {
    pieces: Vec<Piece<'t>>,
}

#[derive(Clone)]
struct Piece<'t> {
    style: Style,
    text: Cow<'t, str>,
    /// In characters.
    width: usize,
}

impl<'t> Word<'t> {
    /// One piece.
    pub(super) fn new(style: Style, text: impl Into<Cow<'t, str>>) -> Word<'t> {
        Word { pieces: vec![Piece::new(style, text.into())] }
    }

    /// With one more piece, glued on.
    pub(super) fn and(mut self, style: Style, text: impl Into<Cow<'t, str>>) -> Word<'t> {
        self.pieces.push(Piece::new(style, text.into()));
        self
    }

    /// With another one glued on.
    pub(super) fn joined(mut self, other: Word<'t>) -> Word<'t> {
        self.pieces.extend(other.pieces);
        self
    }

    fn width(&self) -> usize {
        self.pieces.iter().map(|piece| piece.width).sum()
    }
}

impl<'t> Piece<'t> {
    fn new(style: Style, text: Cow<'t, str>) -> Piece<'t> {
        let text = washed(text);
        let text = if text.contains('\n') { Cow::Owned(text.replace('\n', " ")) } else { text };
        Piece { style, width: text.chars().count(), text }
    }
}

/// As [`clean`], without a copy of what is clean.
fn washed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => clean(text),
        Cow::Owned(text) => match clean(&text) {
            Cow::Owned(washed) => Cow::Owned(washed),
            Cow::Borrowed(_) => Cow::Owned(text),
        },
    }
}

/// The words of one line of prose.
pub(super) fn words(style: Style, text: &str) -> Vec<Word<'static>> {
    text.split_whitespace().map(|word| Word::new(style, word.to_owned())).collect()
}

/// A text in the making.
pub(super) struct Sheet {
    out: String,
    look: Look,
}

impl Sheet {
    /// An empty sheet.
    pub(super) fn new(look: Look) -> Sheet {
        Sheet { out: String::new(), look }
    }

    /// How it looks.
    pub(super) fn look(&self) -> Look {
        self.look
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

    /// What stands on another sheet, after an empty line.
    pub(super) fn append(&mut self, other: Sheet) {
        if self.out.is_empty() {
            self.out = other.out;
        } else if !other.out.is_empty() {
            self.gap();
            self.out.push_str(&other.out);
        }
    }

    /// As [`flow`](Sheet::flow), and nothing at all without words.
    pub(super) fn flow_if_any(&mut self, indent: usize, hang: usize, words: &[Word<'_>]) {
        if !words.is_empty() {
            self.flow(indent, hang, words);
        }
    }

    /// Words one after the other, starting at column `indent`; lines that do not fit go on at column `hang`.
    pub(super) fn flow(&mut self, indent: usize, hang: usize, words: &[Word<'_>]) {
        let mut lines = self.lines(indent, hang);
        words.iter().for_each(|word| lines.word(word));
        lines.end();
    }

    fn lines(&mut self, indent: usize, hang: usize) -> Lines<'_> {
        Lines { out: &mut self.out, look: self.look, hang, words: 0, line: Line::new(indent, self.look) }
    }

    /// Prose: every line of `text` flows on its own and keeps its leading spaces.
    pub(super) fn prose(&mut self, indent: usize, style: Style, text: &str) {
        self.labelled(indent, &Word::default(), 0, style, text);
    }

    /// A label, and prose in the column `room` characters to its right.
    pub(super) fn labelled(&mut self, indent: usize, label: &Word<'_>, room: usize, style: Style, text: &str) {
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
                lines.line.push(lines.out, PLAIN, &fill, fill.len());
                lines
            } else {
                self.lines(hang, hang)
            };
            let is_clean = matches!(clean(line), Cow::Borrowed(_));
            for word in line.split_whitespace() {
                let word = if is_clean { Cow::Borrowed(word) } else { clean(word) };
                let width = word.chars().count();
                lines.begin(width);
                lines.line.push(lines.out, style, &word, width);
            }
            lines.end();
        }
    }

    /// Text as it stands, every line indented: code is never wrapped.
    pub(super) fn verbatim(&mut self, indent: usize, style: Style, text: &str) {
        for line in text.trim_end().lines() {
            let mut one = Line::new(indent, self.look);
            let line = clean(line);
            one.push(&mut self.out, style, &line, line.chars().count());
            one.end(&mut self.out);
        }
    }
}

/// Words that flow from line to line.
struct Lines<'s> {
    out: &'s mut String,
    look: Look,
    hang: usize,
    words: usize,
    line: Line,
}

impl Lines<'_> {
    fn word(&mut self, word: &Word<'_>) {
        let wraps = self.begin(word.width());
        for (at, Piece { style, text, width }) in word.pieces.iter().enumerate() {
            // Blanks before a word keep it apart from another one, which then stands on the line above.
            if wraps && at == 0 {
                let text = text.trim_start();
                self.line.push(self.out, *style, text, text.chars().count());
            } else {
                self.line.push(self.out, *style, text, *width);
            }
        }
    }

    /// Makes room for a word of so many characters; whether it begins a line after another one.
    fn begin(&mut self, width: usize) -> bool {
        let wraps = self.words > 0 && self.line.column + 1 + width > self.look.width;
        if wraps {
            std::mem::replace(&mut self.line, Line::new(self.hang, self.look)).end(self.out);
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
    colors: bool,
    /// The style of the run, and whether its colour is on.
    run: Option<(Style, bool)>,
    /// Blanks of former runs that are not written yet.
    outside: String,
    /// Blanks of this run that are not written yet.
    inside: String,
}

impl Line {
    fn new(indent: usize, look: Look) -> Line {
        let (outside, inside) = (String::new(), String::new());
        Line { indent, column: indent, begun: false, colors: look.colors, run: None, outside, inside }
    }

    /// Writes text of so many characters.
    fn push(&mut self, out: &mut String, style: Style, text: &str, width: usize) {
        self.column += width;
        let style = if self.colors { style } else { PLAIN };
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
        if !self.outside.is_empty() {
            out.push_str(&self.outside);
            self.outside.clear();
        }
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
