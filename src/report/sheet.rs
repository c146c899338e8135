//! Lays words out in lines of a given width. A word is never broken, so that an address can be copied in one go.

use std::borrow::Cow;

use anstyle::Style;

use super::ink::{PLAIN, clean, is_plain};

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

/// A text in the making.
pub(super) struct Sheet {
    out: String,
    look: Look,
    held: Held,
}

impl Sheet {
    /// An empty sheet.
    pub(super) fn new(look: Look) -> Sheet {
        Sheet { out: String::new(), look, held: Held::default() }
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

    /// What stands on other sheets, each after an empty line.
    pub(super) fn append(&mut self, others: Vec<Sheet>) {
        self.out.reserve(others.iter().map(|other| other.out.len() + 1).sum());
        for other in others {
            if !other.out.is_empty() {
                self.gap();
                self.out.push_str(&other.out);
            }
        }
    }

    /// Words one after the other, starting at column `indent`; lines that do not fit go on at column `hang`. Without words
    /// there is no line.
    pub(super) fn flow(&mut self, indent: usize, hang: usize, write: impl FnOnce(&mut Flow<'_>)) {
        let Sheet { out, look, held } = self;
        let mut flow = Flow { line: Line::new(out, look.colors, indent), width: look.width, hang, words: 0, held };
        write(&mut flow);
        flow.end();
    }

    /// Prose: every line of `text` flows on its own and keeps its leading spaces.
    pub(super) fn prose(&mut self, indent: usize, style: Style, text: &str) {
        self.lines(indent, None, style, text);
    }

    /// A label, and prose in the column `room` characters to its right.
    pub(super) fn labelled(&mut self, indent: usize, label: (Style, &str), room: usize, style: Style, text: &str) {
        self.lines(indent + room, Some((indent, label)), style, text);
    }

    /// Prose in a column, and before its first line, in a column of its own, a label.
    fn lines(&mut self, column: usize, mut label: Option<(usize, (Style, &str))>, style: Style, text: &str) {
        for line in text.trim_matches('\n').trim_end().lines() {
            let label = label.take();
            if line.trim().is_empty() {
                self.out.push('\n');
                continue;
            }
            let hang = column + line.bytes().take_while(|byte| *byte == b' ').count();
            let indent = label.map_or(hang, |(indent, _)| indent);
            self.flow(indent, hang, |flow| {
                if let Some((_, (style, label))) = label {
                    flow.word(style, label).blank_until(hang);
                }
                flow.words(style, line);
            });
        }
    }

    /// Text as it stands, every line indented: code is never wrapped.
    pub(super) fn verbatim(&mut self, indent: usize, style: Style, text: &str) {
        for line in text.trim_end().lines() {
            let mut one = Line::new(&mut self.out, self.look.colors, indent);
            one.push(style, &clean(line), 0);
            one.end();
        }
    }
}

/// Words that flow from line to line.
pub(super) struct Flow<'s> {
    line: Line<'s>,
    width: usize,
    hang: usize,
    /// How many stand on lines.
    words: usize,
    held: &'s mut Held,
}

/// The word that was begun last. It stands on no line yet, for it may not fit once all that is glued to it is there.
#[derive(Default)]
struct Held {
    text: String,
    /// Each with the bytes of the text at its end, and how many characters it has. None where no word is begun.
    runs: Vec<(Style, usize, usize)>,
}

impl Flow<'_> {
    /// Whether there is no word yet.
    pub(super) fn is_empty(&self) -> bool {
        self.words == 0 && self.held.runs.is_empty()
    }

    /// Begins a word: pieces that stay together on a line. Spaces between them are part of the pieces.
    pub(super) fn word(&mut self, style: Style, piece: &str) -> &mut Self {
        self.settle();
        self.and(style, piece)
    }

    /// Glues one more piece to the word that was begun last.
    pub(super) fn and(&mut self, style: Style, piece: &str) -> &mut Self {
        let style = if self.line.colors { style } else { PLAIN };
        let Held { text, runs } = &mut *self.held;
        let (piece, width) = measured(piece);
        text.push_str(&piece);
        match runs.last_mut() {
            Some((last, end, wide)) if *last == style => (*end, *wide) = (text.len(), *wide + width),
            _ => runs.push((style, text.len(), width)),
        }
        self
    }

    /// A word in brackets.
    pub(super) fn in_brackets(&mut self, style: Style, piece: &str) -> &mut Self {
        self.word(style, "(").and(style, piece).and(style, ")")
    }

    /// The words of one line of prose. What follows is a word of its own.
    pub(super) fn words(&mut self, style: Style, text: &str) -> &mut Self {
        self.settle();
        let text = text.trim();
        if is_plain(text) && !text.contains("  ") {
            self.fill(style, text);
        } else {
            text.split_whitespace().for_each(|word| _ = self.word(style, word));
            self.settle();
        }
        self
    }

    /// As many words at once as fit on a line. A byte is a character here, and between two words is one space.
    fn fill(&mut self, style: Style, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let room = self.width.saturating_sub(self.line.column + usize::from(self.words > 0));
            let fits = if rest.len() <= room { Some(rest.len()) } else { rest[..=room].rfind(' ') };
            let end = fits.or_else(|| rest.find(' ')).unwrap_or(rest.len());
            self.begin(end);
            self.line.push(style, &rest[..end], end);
            rest = rest[end..].trim_start();
        }
    }

    /// Fills up with spaces, so that one more is left before the word that begins at this column.
    fn blank_until(&mut self, column: usize) {
        self.settle();
        let blanks = column.saturating_sub(self.line.column + 1);
        self.line.blanks(blanks);
    }

    /// Writes the word that is held.
    fn settle(&mut self) {
        if self.held.runs.is_empty() {
            return;
        }
        let wraps = self.begin(self.held.runs.iter().map(|(_, _, width)| width).sum());
        let Held { text, runs } = &mut *self.held;
        let mut from = 0;
        for (style, end, width) in runs.drain(..) {
            let run = &text[from..end];
            // Blanks before a word keep it apart from another one, which then stands on the line above.
            let kept = if wraps && from == 0 { run.trim_start() } else { run };
            self.line.push(style, kept, width - run[..run.len() - kept.len()].chars().count());
            from = end;
        }
        text.clear();
    }

    /// Makes room for a word of so many characters; whether it begins a line after another one.
    fn begin(&mut self, width: usize) -> bool {
        let wraps = self.words > 0 && self.line.column + 1 + width > self.width;
        if wraps {
            self.line.next(self.hang);
        } else if self.words > 0 {
            self.line.space();
        }
        self.words += 1;
        wraps
    }

    fn end(mut self) {
        self.settle();
        if self.words > 0 {
            self.line.end();
        } else {
            self.line.leave_out();
        }
    }
}

/// The text as [`clean`] leaves it, in one line, and how many characters it has.
fn measured(text: &str) -> (Cow<'_, str>, usize) {
    if is_plain(text) {
        return (Cow::Borrowed(text), text.len());
    }
    let text = clean(text);
    let text = if text.contains('\n') { Cow::Owned(text.replace('\n', " ")) } else { text };
    let width = text.chars().count();
    (text, width)
}

/// One line in the making: neighbours of the same style become one run, so that the colours stay few. Blanks at the end
/// of the line are left out, and those at the end of a run stand outside of its colour.
struct Line<'s> {
    out: &'s mut String,
    colors: bool,
    /// Where it begins in the text.
    start: usize,
    /// How many characters it has.
    column: usize,
    /// The style of the run, where that begins in the text, and whether its colour is on.
    run: (Style, usize, bool),
}

impl<'s> Line<'s> {
    fn new(out: &'s mut String, colors: bool, indent: usize) -> Line<'s> {
        let start = out.len();
        let mut line = Line { out, colors, start, column: 0, run: (PLAIN, start, false) };
        line.indent(indent);
        line
    }

    fn indent(&mut self, indent: usize) {
        self.start = self.out.len();
        self.column = 0;
        self.blanks(indent);
        self.run = (PLAIN, self.out.len(), false);
    }

    /// Writes text of so many characters.
    fn push(&mut self, style: Style, text: &str, width: usize) {
        self.column += width;
        if self.colors {
            self.paint(style, text);
        }
        self.out.push_str(text);
    }

    fn blanks(&mut self, number: usize) {
        const BLANKS: &str = "                                ";
        let mut left = number;
        while left > 0 {
            let now = left.min(BLANKS.len());
            self.push(PLAIN, &BLANKS[..now], now);
            left -= now;
        }
    }

    /// A blank of the run.
    fn space(&mut self) {
        self.column += 1;
        self.out.push(' ');
    }

    /// Takes the colours to this style, when there is anything in the text to be coloured.
    fn paint(&mut self, style: Style, text: &str) {
        if style != self.run.0 {
            self.end_run();
            self.run = (style, self.out.len(), false);
        }
        if let (style, begins, false) = self.run
            && style != PLAIN
            && !text.trim_end().is_empty()
        {
            self.out.insert_str(begins, &style.render().to_string());
            self.run.2 = true;
        }
    }

    fn end_run(&mut self) {
        if let (style, _, true) = self.run {
            let end = self.out.trim_end().len();
            self.out.insert_str(end, &style.render_reset().to_string());
            self.run.2 = false;
        }
    }

    /// Ends the line without blanks at its end, and begins the next one.
    fn next(&mut self, indent: usize) {
        self.end();
        self.indent(indent);
    }

    fn end(&mut self) {
        self.end_run();
        let end = self.start + self.out[self.start..].trim_end().len();
        self.out.truncate(end);
        self.out.push('\n');
    }

    /// Leaves nothing of the line.
    fn leave_out(&mut self) {
        self.out.truncate(self.start);
    }
}

/// `1 resource`, `2 resources`.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
