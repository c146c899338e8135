//! A YAML text as a tree of nodes that know where they were written. Bounded, so that a hostile file ends in a
//! [`Problem`]; knows neither policies nor configuration.

mod fields;
mod read_before;

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Options, Spanned};

pub(crate) use fields::{Fields, Reader, Word};

use crate::source::{Problem, line_column};

/// The most bytes of one file.
const SIZE_LIMIT: usize = 1 << 20;

/// A node and the bytes its content was written in (for a block scalar from its first character on).
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) shape: Shape,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    Null,
    Bool(bool),
    Int(i64),
    /// A number that is no whole one of 64 bits.
    Number,
    Text(String),
    List(Vec<Node>),
    /// Key, where the key is written, value.
    Map(Vec<(String, usize, Node)>),
}

/// Reads one document.
pub(crate) fn parse(text: &str) -> Result<Node, Problem> {
    if text.len() > SIZE_LIMIT {
        return Err(Problem::error(format!("is larger than {} MiB", SIZE_LIMIT >> 20)));
    }
    serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options()).map(Node::from).map_err(|error| {
        let said = error.without_snippet().to_string();
        let problem = match error.location().filter(|at| *at != Location::UNKNOWN) {
            Some(at) => {
                let place = format!(" at line {}, column {}", at.line(), at.column());
                let message = said.split(&place).next().unwrap_or(&said);
                let (line, column) = (u32::try_from(at.line()), u32::try_from(at.column()));
                Problem::error(plain(message)).at(line.unwrap_or(1), column.unwrap_or(1))
            }
            None => Problem::error(plain(&said)),
        };
        let line = problem.position.and_then(|at| text.lines().nth(at.line.saturating_sub(1) as usize));
        if said.contains("tag") || line.is_some_and(|line| line.contains(": !") || line.contains("- !")) {
            return problem.help("a text that begins with `!` must stand in quotes or in a block (`|`)");
        }
        problem
    })
}

/// The words of the library, without advice on its options.
fn plain(said: &str) -> String {
    if said.starts_with("budget breached") || said.contains("limit exceeded") {
        return "the file nests too deeply or repeats itself too often".to_owned();
    }
    let end = said.find(", set DuplicateKeyPolicy").or(said.find("; use from_str")).unwrap_or(said.len());
    said[..end].to_owned()
}

fn options() -> Options {
    serde_saphyr::options! {
        strict_booleans: true,
        reject_unsupported_tags: true,
        merge_keys: serde_saphyr::options::MergeKeyPolicy::Error,
        budget: serde_saphyr::budget! {
            max_depth: 24,
            flow_nesting_limit: 24,
            max_nodes: 20_000,
            max_events: 100_000,
            simple_key_max_lookahead: SIZE_LIMIT,
        },
    }
}

impl Node {
    /// What it is, in words.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.shape {
            Shape::Null => "nothing",
            Shape::Bool(_) => "true or false",
            Shape::Int(_) | Shape::Number => "a number",
            Shape::Text(_) => "text",
            Shape::List(_) => "a list",
            Shape::Map(_) => "a mapping",
        }
    }

    /// Its text; what looks like a number or a truth value is text, too, as it was written (of what was read before, as
    /// its value is written).
    pub(crate) fn text<'t>(&'t self, source: &'t str) -> Option<Cow<'t, str>> {
        match &self.shape {
            Shape::Text(text) => Some(Cow::Borrowed(text)),
            Shape::Bool(truth) if self.from == self.to => Some(Cow::Owned(truth.to_string())),
            Shape::Int(number) if self.from == self.to => Some(Cow::Owned(number.to_string())),
            Shape::Bool(_) | Shape::Int(_) | Shape::Number => source.get(self.from..self.to).map(Cow::Borrowed),
            _ => None,
        }
    }

    /// The byte of `source` at which byte `offset` of this node's text was written. Folding, quoting and indentation
    /// change nothing but blanks and escapes, so the other characters are counted.
    pub(crate) fn position(&self, source: &str, offset: usize) -> usize {
        let Shape::Text(text) = &self.shape else { return self.from + offset };
        let written = source.get(self.from..self.to).unwrap_or("");
        let before = text.get(..offset).unwrap_or(text).chars().filter(|c| !c.is_whitespace()).count();
        let mut seen = 0;
        let mut last = 0;
        for (at, len, blank) in characters(written) {
            if blank {
                continue;
            }
            if seen == before && text.len() > offset {
                return self.from + at;
            }
            seen += 1;
            if seen == before {
                last = at + len;
            }
        }
        self.from + last
    }
}

/// The characters a scalar stands for: where each is written, in how many bytes, and whether it is blank.
fn characters(written: &str) -> Vec<(usize, usize, bool)> {
    let (quote, mut at) = match written.as_bytes().first() {
        Some(quote @ (b'"' | b'\'')) if written.len() > 1 && written.as_bytes().last() == Some(quote) => (*quote, 1),
        _ => (0, 0),
    };
    let end = written.len() - at;
    let mut found = Vec::new();
    while let Some(c) = written.get(at..end).and_then(|rest| rest.chars().next()) {
        let (len, blank) = match (quote, c) {
            (b'\'', '\'') => (2, false),
            (b'"', '\\') => match written.as_bytes().get(at + 1) {
                Some(b'x') => (4, false),
                Some(b'u') => (6, false),
                Some(b'U') => (10, false),
                Some(b'n' | b't' | b'r' | b' ' | b'\t' | b'N' | b'_' | b'L' | b'P' | b'v' | b'f' | b'\n') => (2, true),
                _ => (2, false),
            },
            _ => (c.len_utf8(), c.is_whitespace()),
        };
        found.push((at, len, blank));
        at += len;
    }
    found
}

/// Line and column of a byte.
pub(crate) fn place(source: &str, at: usize) -> (u32, u32) {
    line_column(source.as_bytes(), at)
}

/// A node as the library gives it, its place still outside.
struct Raw(RawShape);

enum RawShape {
    Scalar(Shape),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl From<Spanned<Raw>> for Node {
    fn from(raw: Spanned<Raw>) -> Node {
        let (from, len) = bytes(&raw.defined);
        let shape = match raw.value.0 {
            RawShape::Scalar(shape) => shape,
            RawShape::List(items) => Shape::List(items.into_iter().map(Node::from).collect()),
            RawShape::Map(entries) => {
                let entry = |(key, value): (Spanned<String>, _)| (key.value, bytes(&key.defined).0, Node::from(value));
                Shape::Map(entries.into_iter().map(entry).collect())
            }
        };
        Node { from, to: from + len, shape }
    }
}

fn bytes(at: &Location) -> (usize, usize) {
    let as_usize = |number: Option<u64>| number.and_then(|number| usize::try_from(number).ok()).unwrap_or(0);
    (as_usize(at.span().byte_offset()), as_usize(at.span().byte_len()))
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Raw, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number, a list or a mapping")
    }

    fn visit_unit<E: Error>(self) -> Result<Raw, E> {
        Ok(Raw(RawShape::Scalar(Shape::Null)))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw(RawShape::Scalar(Shape::Bool(value))))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw(RawShape::Scalar(Shape::Int(value))))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw(RawShape::Scalar(i64::try_from(value).map_or(Shape::Number, Shape::Int))))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw(RawShape::Scalar(Shape::Number)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw(RawShape::Scalar(Shape::Text(value.to_owned()))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw(RawShape::List(items)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw(RawShape::Map(entries)))
    }
}
