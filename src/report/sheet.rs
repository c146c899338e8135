//! Lays words out in lines of a given width. A word is never broken, so that an address can be copied in one go.

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
        self.pieces.push((style, clean(text).replace('\n', " ")));
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
        let mut line = Line::new(indent);
        for (at, word) in words.iter().enumerate() {
            if at > 0 && line.column + 1 + word.width() > self.width {
                line.end(&mut self.out);
                line = Line::new(hang);
            } else if at > 0 {
                line.space();
            }
            word.pieces.iter().for_each(|(style, text)| line.push(*style, text));
        }
        line.end(&mut self.out);
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
            if at == 0 && room > 0 {
                let fill = " ".repeat((hang - indent).saturating_sub(label.width() + 1));
                let mut flowing = vec![label.clone().and(PLAIN, &fill)];
                flowing.extend(words(style, line));
                self.flow(indent, hang, &flowing);
            } else {
                self.flow(hang, hang, &words(style, line));
            }
        }
    }

    /// Text as it stands, every line indented: code is never wrapped.
    pub(super) fn verbatim(&mut self, indent: usize, style: Style, text: &str) {
        for line in text.trim_end().lines() {
            let mut one = Line::new(indent);
            one.push(style, &clean(line));
            one.end(&mut self.out);
        }
    }
}

/// One line in the making: neighbours of the same style become one run, so that the colours stay few.
struct Line {
    indent: usize,
    column: usize,
    runs: Vec<(Style, String)>,
}

impl Line {
    fn new(indent: usize) -> Line {
        Line { indent, column: indent, runs: Vec::new() }
    }

    fn push(&mut self, style: Style, text: &str) {
        self.column += text.chars().count();
        match self.runs.last_mut() {
            Some((last, run)) if *last == style => run.push_str(text),
            _ => self.runs.push((style, text.to_owned())),
        }
    }

    fn space(&mut self) {
        self.column += 1;
        if let Some((_, run)) = self.runs.last_mut() {
            run.push(' ');
        }
    }

    /// Writes the line without spaces at its end.
    fn end(mut self, out: &mut String) {
        while let Some((_, run)) = self.runs.last_mut() {
            run.truncate(run.trim_end().len());
            if !run.is_empty() {
                break;
            }
            self.runs.pop();
        }
        if !self.runs.is_empty() {
            out.extend(std::iter::repeat_n(' ', self.indent));
        }
        for (style, run) in &self.runs {
            let (text, space) = run.split_at(run.trim_end().len());
            if *style == PLAIN || text.is_empty() {
                out.push_str(run);
            } else {
                out.push_str(&format!("{style}{text}{style:#}{space}"));
            }
        }
        out.push('\n');
    }
}

/// `1 resource`, `2 resources`.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
