//! Line breaks in `{ for … }`. Terraform takes them for space wherever they stand there; the parser below does only in
//! some places. Here they become space, so that no place moves. The same reading tells where comments stand.

use std::ops::Range;

/// Where comments stand in a text.
pub(in crate::load) fn comments(text: &str) -> Vec<Range<usize>> {
    scanned(text).comments
}

fn scanned(text: &str) -> Scan {
    let bytes = text.as_bytes().to_vec();
    let mut scan = Scan { bytes, at: 0, open: Vec::new(), changed: false, comments: Vec::new() };
    while scan.at < scan.bytes.len() {
        scan.step();
    }
    scan
}

/// The text with line breaks directly in `{ for … }` made space; `None` when there are none.
pub(super) fn unbroken(text: &str) -> Option<String> {
    let scan = scanned(text);
    // Only ASCII was put in the place of whole characters.
    scan.changed.then(|| String::from_utf8(scan.bytes).ok()).flatten()
}

/// What is open at a place.
#[derive(Clone, Copy, PartialEq)]
enum Open {
    /// `{ for`
    For,
    /// `{`, `[`, `(`, `${` or `%{`
    Bracket,
    /// `"`
    Text,
}

struct Scan {
    bytes: Vec<u8>,
    at: usize,
    open: Vec<Open>,
    changed: bool,
    comments: Vec<Range<usize>>,
}

impl Scan {
    fn step(&mut self) {
        if self.open.last() == Some(&Open::Text) {
            return self.in_text();
        }
        let rest = &self.bytes[self.at..];
        match rest {
            [b'"', ..] => self.enter(Open::Text, 1),
            [b'#', ..] | [b'/', b'/', ..] => self.comment(),
            [b'/', b'*', ..] => {
                let length = rest.windows(2).skip(2).position(|pair| pair == b"*/").map_or(rest.len(), |at| at + 4);
                self.comments.push(self.at..self.at + length);
                self.at += length;
            }
            [b'<', b'<', ..] => self.heredoc(),
            [b'{', ..] => self.enter(if self.is_for() { Open::For } else { Open::Bracket }, 1),
            [b'[' | b'(', ..] => self.enter(Open::Bracket, 1),
            [b'}' | b']' | b')', ..] => {
                self.open.pop();
                self.at += 1;
            }
            [b'\n', ..] => self.blank(1),
            _ => self.at += 1,
        }
    }

    fn in_text(&mut self) {
        match &self.bytes[self.at..] {
            [b'\\', _, ..] => self.at += 2,
            [b'$', b'$', b'{', ..] | [b'%', b'%', b'{', ..] => self.at += 3,
            [b'$' | b'%', b'{', ..] => self.enter(Open::Bracket, 2),
            [b'"', ..] => {
                self.open.pop();
                self.at += 1;
            }
            _ => self.at += 1,
        }
    }

    fn enter(&mut self, what: Open, length: usize) {
        self.open.push(what);
        self.at += length;
    }

    /// Goes on by so many bytes; directly in `{ for … }` they become space.
    fn blank(&mut self, length: usize) {
        let end = (self.at + length).min(self.bytes.len());
        if self.open.last() == Some(&Open::For) {
            self.bytes[self.at..end].fill(b' ');
            self.changed = true;
        }
        self.at = end;
    }

    fn comment(&mut self) {
        let length = self.bytes[self.at..].iter().position(|byte| *byte == b'\n').unwrap_or(self.bytes.len() - self.at);
        self.comments.push(self.at..self.at + length);
        self.blank(length);
    }

    /// Passes over a heredoc, if this is one, up to the end of its last word.
    fn heredoc(&mut self) {
        let rest = &self.bytes[self.at + 2..];
        let rest = rest.strip_prefix(b"-").unwrap_or(rest);
        let mut lines = rest.split_inclusive(|byte| *byte == b'\n');
        let word = lines.next().unwrap_or_default();
        let is_word = word.ends_with(b"\n") && word.first().is_some_and(u8::is_ascii_alphabetic);
        let mut length = word.len();
        for line in lines.take_while(|_| is_word) {
            if line.trim_ascii() == word.trim_ascii() {
                self.at = self.bytes.len() - rest.len() + length + line.trim_ascii_end().len();
                return;
            }
            length += line.len();
        }
        self.at += 2;
    }

    /// Whether the brace here begins a `for` expression.
    fn is_for(&self) -> bool {
        let mut rest = self.bytes[self.at + 1..].trim_ascii_start();
        while rest.starts_with(b"#") || rest.starts_with(b"//") {
            let line = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            rest = rest[line..].trim_ascii_start();
        }
        rest.strip_prefix(b"for").is_some_and(|after| after.first().is_some_and(u8::is_ascii_whitespace))
    }
}
