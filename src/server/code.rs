//! Program text as tokens: comments gone, strings and templates whole. Enough to find an assignment of a number that
//! really is one. No grammar, no evaluation beyond arithmetic of literals and of constants named once.

use std::cell::Cell;
use std::collections::HashMap;
use std::ops::Range;

use super::doc::Doc;
use super::keep_alive::{Hidden, Idle, Said, Source};
use super::table::Setting;

/// The most tokens that are looked at.
const MOST: usize = 400_000;

/// How deep an expression may nest.
const DEEPEST: usize = 16;

/// The most operands that are looked at in all expressions of a text.
const MOST_OPERANDS: usize = 20_000;

/// What a language writes comments and strings with.
pub(super) struct Language {
    line: &'static [&'static str],
    block: &'static [(&'static str, &'static str)],
    /// `"""` and `'''` open strings over several lines.
    triple: bool,
    /// A backquote opens a template with `${…}`.
    template: bool,
    /// A slash where no operand precedes opens a regular expression.
    slash: bool,
    /// A line that begins with `=begin` opens a comment up to `=end`.
    begin_end: bool,
}

pub(super) const JAVASCRIPT: Language =
    Language { line: &["//"], block: &[("/*", "*/")], triple: false, template: true, slash: true, begin_end: false };
pub(super) const PYTHON: Language =
    Language { line: &["#"], block: &[], triple: true, template: false, slash: false, begin_end: false };
pub(super) const RUBY: Language =
    Language { line: &["#"], block: &[], triple: false, template: false, slash: true, begin_end: true };
pub(super) const ELIXIR: Language =
    Language { line: &["#"], block: &[], triple: true, template: false, slash: false, begin_end: false };

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name.
    Word,
    /// A number.
    Number,
    /// A string, template or regular expression, quotes included.
    Text,
    /// An operator, bracket or separator.
    Mark,
    /// The end of a line.
    Line,
}

/// A token and its bytes.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
}

/// A text with its tokens.
pub(super) struct Code<'d> {
    pub(super) doc: &'d Doc,
    pub(super) tokens: Vec<Token>,
    /// Names with the token of their only assignment; nothing for a name that is assigned more than once.
    assigned: HashMap<&'d str, Option<usize>>,
    operands: Cell<usize>,
}

impl<'d> Code<'d> {
    /// Takes a text apart.
    pub(super) fn of(doc: &'d Doc, language: &Language) -> Code<'d> {
        let mut lexer = Lexer { text: &doc.text, at: 0, language, tokens: Vec::new() };
        lexer.run();
        let mut code = Code { doc, tokens: lexer.tokens, assigned: HashMap::new(), operands: Cell::new(0) };
        for at in 0..code.tokens.len() {
            let sets = code.kind(at) == Some(Kind::Word) && code.word(at + 1) == "=";
            if sets && !matches!(code.before(at), "." | ":") {
                code.assigned.entry(code.word(at)).and_modify(|known| *known = None).or_insert(Some(at));
            }
        }
        code
    }

    /// The text of token `at`; empty behind the end.
    pub(super) fn word(&self, at: usize) -> &'d str {
        self.tokens.get(at).and_then(|token| self.doc.text.get(token.range.clone())).unwrap_or_default()
    }

    /// The text of the token before `at`, if there is one.
    pub(super) fn before(&self, at: usize) -> &'d str {
        at.checked_sub(1).map_or("", |at| self.word(at))
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    /// The inside of a string token without its quotes.
    pub(super) fn string(&self, at: usize) -> Option<&'d str> {
        if self.kind(at)? != Kind::Text {
            return None;
        }
        Some(self.word(at).trim_matches(['"', '\'', '`']))
    }

    /// What setting something to the expression that begins at token `at` says.
    pub(super) fn say(&self, setting: &Setting, at: usize, from: Source) -> Said {
        match self.expression(at) {
            Some(number) => {
                let negative = if number < 0.0 { "-1".to_owned() } else { format!("{number}") };
                setting.say(&negative, from)
            }
            None => Said::Hidden(Hidden::Calculated, from),
        }
    }

    /// A whole expression of numbers from token `at` on, up to what ends one.
    pub(super) fn expression(&self, at: usize) -> Option<f64> {
        let mut at = at;
        let value = self.sum(&mut at, 0)?;
        let ends = match self.kind(at) {
            None | Some(Kind::Line) => true,
            Some(Kind::Mark) => matches!(self.word(at), ";" | "," | ")" | "}" | "]"),
            Some(Kind::Word) => matches!(self.word(at), "as"),
            _ => false,
        };
        (ends && value.is_finite()).then_some(value)
    }

    fn sum(&self, at: &mut usize, depth: usize) -> Option<f64> {
        let mut value = self.product(at, depth)?;
        loop {
            match self.word(*at) {
                "+" => {
                    *at += 1;
                    value += self.product(at, depth)?;
                }
                "-" => {
                    *at += 1;
                    value -= self.product(at, depth)?;
                }
                _ => return Some(value),
            }
        }
    }

    fn product(&self, at: &mut usize, depth: usize) -> Option<f64> {
        let mut value = self.operand(at, depth)?;
        loop {
            match self.word(*at) {
                "*" => {
                    *at += 1;
                    value *= self.operand(at, depth)?;
                }
                "/" => {
                    *at += 1;
                    value /= self.operand(at, depth)?;
                }
                _ => return Some(value),
            }
        }
    }

    fn operand(&self, at: &mut usize, depth: usize) -> Option<f64> {
        self.operands.set(self.operands.get() + 1);
        if depth > DEEPEST || self.operands.get() > MOST_OPERANDS {
            return None;
        }
        let here = *at;
        *at += 1;
        match (self.kind(here)?, self.word(here)) {
            (Kind::Number, text) => number(text),
            (Kind::Mark, "-") => Some(-self.operand(at, depth + 1)?),
            (Kind::Mark, "(") => {
                let value = self.sum(at, depth + 1)?;
                let closes = self.word(*at) == ")";
                *at += 1;
                closes.then_some(value)
            }
            (Kind::Word, name) if self.word(*at) != "." && self.word(*at) != "(" => self.constant(name, depth),
            _ => None,
        }
    }

    /// The value of a name that the text sets exactly once, to numbers.
    fn constant(&self, name: &str, depth: usize) -> Option<f64> {
        let only = (*self.assigned.get(name)?)?;
        let mut at = only + 2;
        let value = self.sum(&mut at, depth + 1)?;
        let ends = matches!(self.kind(at), None | Some(Kind::Line)) || matches!(self.word(at), ";" | ",");
        ends.then_some(value)
    }

    /// For each token, how many brackets are open around it.
    pub(super) fn depths(&self) -> Vec<usize> {
        let mut depth = 0usize;
        let mut depths = Vec::with_capacity(self.tokens.len());
        for (at, token) in self.tokens.iter().enumerate() {
            let word = if token.kind == Kind::Mark { self.word(at) } else { "" };
            if matches!(word, ")" | "]" | "}") {
                depth = depth.saturating_sub(1);
            }
            depths.push(depth);
            if matches!(word, "(" | "[" | "{") {
                depth += 1;
            }
        }
        depths
    }
}

/// A number literal: `65000`, `65_000`, `65e3`, `0x10`, `1.5`, with a suffix `n`.
fn number(text: &str) -> Option<f64> {
    let text: String = text.chars().filter(|&char| char != '_').collect();
    let text = text.trim_end_matches('n');
    if let Some(hex) = text.strip_prefix("0x").or(text.strip_prefix("0X")) {
        return u32::from_str_radix(hex, 16).ok().map(f64::from);
    }
    text.parse().ok()
}

/// Several assignments of one thing: the same value everywhere, or else which one applies is not visible.
pub(super) fn agree(all: Vec<Said>) -> Said {
    let mut said = Said::Nothing;
    for next in all {
        said = match (said, next) {
            (Said::Nothing, next) => next,
            (Said::Stated(a, from), Said::Stated(b, _)) if a == b => Said::Stated(a, from),
            (Said::Stated(_, from) | Said::Hidden(_, from), _) => return Said::Hidden(Hidden::Several, from),
        };
    }
    said
}

/// The milliseconds of a stated idle timeout.
pub(super) fn millis(said: &Said) -> Option<u64> {
    match said {
        Said::Stated(Idle::Millis(millis), _) => Some(*millis),
        _ => None,
    }
}

const OPERATORS: [&str; 22] = [
    "===", "!==", "**=", "??=", "||=", "&&=", "==", "!=", "=>", "<=", ">=", "+=", "-=", "*=", "/=", "||", "&&", "??",
    "**", "::", "|>", ":=",
];

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    language: &'t Language,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn run(&mut self) {
        self.begin_end();
        while let Some(char) = self.rest().chars().next() {
            if self.tokens.len() >= MOST {
                return;
            }
            let start = self.at;
            if char == '\n' {
                self.at += 1;
                self.push(Kind::Line, start);
                self.begin_end();
            } else if char.is_whitespace() {
                self.at += char.len_utf8();
            } else if self.language.line.iter().any(|mark| self.rest().starts_with(mark)) {
                self.at += self.rest().find('\n').unwrap_or(self.rest().len());
            } else if let Some((open, close)) =
                self.language.block.iter().find(|(open, _)| self.rest().starts_with(open))
            {
                let inside = self.rest().get(open.len()..).unwrap_or_default();
                self.at += inside.find(close).map_or(self.rest().len(), |end| open.len() + end + close.len());
            } else if matches!(char, '"' | '\'') {
                self.quoted(char);
                self.push(Kind::Text, start);
            } else if char == '`' && self.language.template {
                self.template();
                self.push(Kind::Text, start);
            } else if char == '/' && self.language.slash && self.is_operand_due() {
                self.pattern();
                self.push(Kind::Text, start);
            } else if char.is_ascii_digit() {
                self.take(|char| char.is_ascii_alphanumeric() || char == '_' || char == '.');
                self.push(Kind::Number, start);
            } else if char.is_alphabetic() || char == '_' || char == '$' {
                self.take(|char| char.is_alphanumeric() || char == '_' || char == '$');
                self.push(Kind::Word, start);
            } else {
                let operator = OPERATORS.iter().find(|operator| self.rest().starts_with(*operator));
                self.at += operator.map_or(char.len_utf8(), |operator| operator.len());
                self.push(Kind::Mark, start);
            }
        }
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn push(&mut self, kind: Kind, start: usize) {
        self.tokens.push(Token { kind, range: start..self.at });
    }

    fn take(&mut self, belongs: impl Fn(char) -> bool) {
        self.at += self.rest().find(|char| !belongs(char)).unwrap_or(self.rest().len());
    }

    fn begin_end(&mut self) {
        if self.language.begin_end && self.rest().starts_with("=begin") {
            self.at += self.rest().find("\n=end").map_or(self.rest().len(), |end| end + "\n=end".len());
        }
    }

    fn quoted(&mut self, quote: char) {
        let triple: String = std::iter::repeat_n(quote, 3).collect();
        if self.language.triple && self.rest().starts_with(&triple) {
            let inside = self.rest().get(3..).unwrap_or_default();
            self.at += inside.find(&triple).map_or(self.rest().len(), |end| end + 6);
            return;
        }
        let mut escaped = false;
        for (at, char) in self.rest().char_indices().skip(1) {
            // A string that its line does not close is an apostrophe in something this lexer does not know.
            if char == '\n' && !escaped && !self.language.begin_end {
                self.at += at;
                return;
            }
            if char == quote && !escaped {
                self.at += at + 1;
                return;
            }
            escaped = char == '\\' && !escaped;
        }
        self.at = self.text.len();
    }

    /// A template with its `${…}`, in which there may be templates again.
    fn template(&mut self) {
        let mut open: Vec<char> = Vec::new();
        let mut chars = self.rest().char_indices().peekable();
        let mut length = self.rest().len();
        while let Some((at, char)) = chars.next() {
            let inside = open.last() == Some(&'`');
            match char {
                '\\' => drop(chars.next()),
                '`' if inside => {
                    open.pop();
                    if open.is_empty() {
                        length = at + 1;
                        break;
                    }
                }
                '`' => open.push('`'),
                '$' if inside && chars.peek().is_some_and(|(_, char)| *char == '{') => {
                    chars.next();
                    open.push('{');
                }
                '{' if !inside => open.push('{'),
                '}' if !inside => drop(open.pop()),
                _ => {}
            }
        }
        self.at += length;
    }

    fn is_operand_due(&self) -> bool {
        let Some(last) = self.tokens.iter().rev().find(|token| token.kind != Kind::Line) else { return true };
        let text = self.text.get(last.range.clone()).unwrap_or_default();
        match last.kind {
            Kind::Mark => !matches!(text, ")" | "]" | "}"),
            Kind::Word => matches!(text, "return" | "typeof" | "case" | "in" | "of" | "if" | "when" | "and" | "or"),
            _ => false,
        }
    }

    /// A regular expression, which ends on its line; otherwise the slash is only a slash.
    fn pattern(&mut self) {
        let mut escaped = false;
        let mut class = false;
        for (at, char) in self.rest().char_indices().skip(1) {
            match char {
                '\n' => break,
                '[' if !escaped => class = true,
                ']' if !escaped => class = false,
                '/' if !escaped && !class => {
                    self.at += at + 1;
                    return;
                }
                _ => {}
            }
            escaped = char == '\\' && !escaped;
        }
        self.at += 1;
    }
}
