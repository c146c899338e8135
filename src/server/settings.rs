//! YAML, TOML and JSON as a flat list: the path of each scalar, its text, and where it stands. That is all a reader of
//! server settings needs. Bounded: what nests too deep or multiplies itself by aliases is not read.

use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{Event, Parser};
use toml::de::{DeTable, DeValue};

use super::code::{Code, JAVASCRIPT, Kind};
use super::doc::{Doc, LARGEST_FILE};
use super::keep_alive::{Hidden, Reading, Said};
use super::table::{Server, Within};

/// How deep a text may nest.
const DEEPEST: usize = 64;

/// The most scalars of one text, aliases resolved.
const MOST: usize = 50_000;

/// A scalar: `spring.config.import[0]` and its text.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) path: String,
    pub(super) value: String,
    pub(super) range: Range<usize>,
}

/// One document's scalars, in the order they stand.
pub(super) type Document = Vec<Entry>;

/// What the settings of `server` say that stand in `documents` under their full names.
pub(super) fn named(doc: &Doc, documents: Result<Vec<Document>, Hidden>, server: Server, within: Within) -> Reading {
    let mut reading = Reading::of(server);
    let documents = match documents {
        Ok(documents) => documents,
        Err(why) => return reading.saying(Said::Hidden(why, doc.source("configuration file", 0..0))),
    };
    for entry in documents.iter().flatten() {
        let source = |name: &str| doc.source(format!("`{name}`"), entry.range.clone());
        for setting in server.settings(within).filter(|setting| like(&setting.name, &entry.path)) {
            let said = std::mem::replace(&mut reading.idle, Said::Nothing);
            reading.idle = said.and(setting.say(&entry.value, source(&entry.path)));
        }
        for limit in server.limits(within).filter(|limit| like(&limit.setting.name, &entry.path)) {
            reading.limits.extend(limit.say(server, &entry.value, source(&entry.path)));
        }
    }
    reading
}

/// Whether a path is the one a pattern names: parts apart by `.`, `:` or `_`'s double, `*` for any one, without case.
pub(super) fn like(pattern: &str, path: &str) -> bool {
    let mut parts = path.split(['.', ':']);
    pattern
        .split(['.', ':'])
        .all(|wanted| parts.next().is_some_and(|part| wanted == "*" || part.eq_ignore_ascii_case(wanted)))
        && parts.next().is_none()
}

/// The documents of a YAML text.
pub(super) fn yaml(doc: &Doc) -> Result<Vec<Document>, Hidden> {
    if doc.text.len() > LARGEST_FILE {
        return Err(Hidden::TooLarge);
    }
    let mut reader = Yaml::default();
    for event in Parser::new_from_str(&doc.text) {
        let (event, span) = event.map_err(|_| Hidden::Malformed)?;
        let range = span.byte_range().unwrap_or(0..0);
        reader.take(event, range)?;
    }
    Ok(reader.documents)
}

/// What is open around a node.
enum Around {
    Mapping { key: Option<String>, path: String, anchor: usize, first: usize },
    Sequence { next: usize, path: String, anchor: usize, first: usize },
}

#[derive(Default)]
struct Yaml {
    documents: Vec<Document>,
    open: Vec<Around>,
    /// What an anchor stands for: scalars with paths relative to it.
    anchors: HashMap<usize, Vec<Entry>>,
    count: usize,
}

impl Yaml {
    fn take(&mut self, event: Event<'_>, range: Range<usize>) -> Result<(), Hidden> {
        match event {
            Event::DocumentStart(..) => {
                self.documents.push(Vec::new());
                self.anchors.clear();
            }
            Event::Scalar(text, _, anchor, _) => {
                if self.is_key() {
                    self.key(text.into_owned());
                    return Ok(());
                }
                let path = self.path();
                self.add(Entry { path, value: text.into_owned(), range })?;
                self.remember(anchor, 1)?;
            }
            Event::Alias(anchor) => {
                if self.is_key() {
                    self.key(String::new());
                    return Ok(());
                }
                let path = self.path();
                let path = path.strip_suffix("<<").map_or(path.as_str(), |path| path.trim_end_matches('.'));
                for entry in self.anchors.get(&anchor).cloned().unwrap_or_default() {
                    let path = join(path, &entry.path);
                    self.add(Entry { path, ..entry })?;
                }
            }
            Event::MappingStart(_, anchor, _) => {
                let around = Around::Mapping { key: None, path: self.path(), anchor, first: self.len() };
                self.enter(around)?;
            }
            Event::SequenceStart(_, anchor, _) => {
                let around = Around::Sequence { next: 0, path: self.path(), anchor, first: self.len() };
                self.enter(around)?;
            }
            Event::MappingEnd | Event::SequenceEnd => {
                if let Some(Around::Mapping { anchor, first, .. } | Around::Sequence { anchor, first, .. }) =
                    self.open.pop()
                {
                    let count = self.len().saturating_sub(first);
                    self.remember(anchor, count)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn is_key(&self) -> bool {
        matches!(self.open.last(), Some(Around::Mapping { key: None, .. }))
    }

    fn key(&mut self, text: String) {
        if let Some(Around::Mapping { key, .. }) = self.open.last_mut() {
            *key = Some(text);
        }
    }

    fn path(&mut self) -> String {
        next_path(&mut self.open)
    }

    fn enter(&mut self, around: Around) -> Result<(), Hidden> {
        if self.open.len() >= DEEPEST {
            return Err(Hidden::TooLarge);
        }
        // A mapping as a key of a mapping: nothing that settings have.
        self.open.push(around);
        Ok(())
    }

    fn add(&mut self, entry: Entry) -> Result<(), Hidden> {
        self.count += 1 + entry.path.len() / 256;
        if self.count > MOST || entry.path.len() > 4096 {
            return Err(Hidden::TooLarge);
        }
        if let Some(document) = self.documents.last_mut() {
            document.push(entry);
        }
        Ok(())
    }

    fn len(&self) -> usize {
        self.documents.last().map_or(0, Vec::len)
    }

    /// Keeps the last `count` scalars under an anchor, with paths relative to the node that has it.
    fn remember(&mut self, anchor: usize, count: usize) -> Result<(), Hidden> {
        let Some(document) = self.documents.last().filter(|_| anchor > 0) else { return Ok(()) };
        self.count += count;
        if self.count > MOST {
            return Err(Hidden::TooLarge);
        }
        let own = document.get(document.len().saturating_sub(count)..).unwrap_or_default();
        let base = match self.open.last() {
            None => String::new(),
            Some(Around::Mapping { path, .. } | Around::Sequence { path, .. }) => path.clone(),
        };
        // The node's own key or index is the first part behind its parent's path.
        let relative = |entry: &Entry| {
            let rest = entry.path.strip_prefix(&base).unwrap_or_default().trim_start_matches('.');
            let end = rest
                .char_indices()
                .skip(1)
                .find(|(_, char)| matches!(char, '.' | '['))
                .map_or(rest.len(), |(at, _)| at);
            Entry { path: rest.get(end..).unwrap_or_default().trim_start_matches('.').to_owned(), ..entry.clone() }
        };
        let own: Vec<Entry> = own.iter().map(relative).collect();
        self.anchors.insert(anchor, own);
        Ok(())
    }
}

fn join(path: &str, key: &str) -> String {
    match (path.is_empty(), key.is_empty() || key.starts_with('[')) {
        (true, _) => key.to_owned(),
        (false, true) => format!("{path}{key}"),
        (false, false) => format!("{path}.{key}"),
    }
}

/// A TOML text, as one document.
pub(super) fn toml(doc: &Doc) -> Result<Vec<Document>, Hidden> {
    if doc.text.len() > LARGEST_FILE {
        return Err(Hidden::TooLarge);
    }
    let table = DeTable::parse(&doc.text).map_err(|_| Hidden::Malformed)?;
    let mut document = Vec::new();
    let mut left: Vec<(String, Range<usize>, &DeValue<'_>)> = Vec::new();
    for (key, value) in table.get_ref() {
        left.push((key.get_ref().to_string(), key.span().start..value.span().end, value.get_ref()));
    }
    while let Some((path, range, value)) = left.pop() {
        let text = match value {
            DeValue::Table(table) => {
                for (key, value) in table {
                    let range = key.span().start..value.span().end;
                    left.push((join(&path, key.get_ref()), range, value.get_ref()));
                }
                continue;
            }
            DeValue::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    left.push((format!("{path}[{at}]"), item.span(), item.get_ref()));
                }
                continue;
            }
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.as_str().to_owned(),
            DeValue::Float(number) => number.as_str().to_owned(),
            DeValue::Boolean(truth) => truth.to_string(),
            DeValue::Datetime(_) => continue,
        };
        if document.len() >= MOST || path.len() > 4096 {
            return Err(Hidden::TooLarge);
        }
        document.push(Entry { path, value: text, range });
    }
    document.sort_by_key(|entry| entry.range.start);
    Ok(vec![document])
}

/// A JSON text, comments and trailing commas allowed as .NET allows them, as one document.
pub(super) fn json(doc: &Doc) -> Result<Vec<Document>, Hidden> {
    if doc.text.len() > LARGEST_FILE {
        return Err(Hidden::TooLarge);
    }
    let code = Code::of(doc, &JAVASCRIPT);
    let mut document = Vec::new();
    let mut open: Vec<Around> = Vec::new();
    for at in 0..code.tokens.len() {
        let Some(token) = code.tokens.get(at) else { break };
        let word = code.word(at);
        match (token.kind, word) {
            (Kind::Line, _) | (Kind::Mark, "," | ":" | "-") => {}
            (Kind::Mark, "{" | "[") => {
                if open.len() >= DEEPEST {
                    return Err(Hidden::TooLarge);
                }
                let path = next_path(&mut open);
                open.push(match word {
                    "{" => Around::Mapping { key: None, path, anchor: 0, first: 0 },
                    _ => Around::Sequence { next: 0, path, anchor: 0, first: 0 },
                });
            }
            (Kind::Mark, "}" | "]") => drop(open.pop().ok_or(Hidden::Malformed)?),
            (Kind::Mark, _) => return Err(Hidden::Malformed),
            _ => {
                let text = if token.kind == Kind::Text {
                    serde_json::from_str::<String>(word).map_err(|_| Hidden::Malformed)?
                } else {
                    format!("{}{word}", if code.before(at) == "-" { "-" } else { "" })
                };
                if let Some(Around::Mapping { key: key @ None, .. }) = open.last_mut() {
                    *key = Some(text);
                    continue;
                }
                let path = next_path(&mut open);
                if document.len() >= MOST || path.len() > 4096 {
                    return Err(Hidden::TooLarge);
                }
                document.push(Entry { path, value: text, range: token.range.clone() });
            }
        }
    }
    if open.is_empty() { Ok(vec![document]) } else { Err(Hidden::Malformed) }
}

/// The path of the node that comes next; its place is taken.
fn next_path(open: &mut [Around]) -> String {
    match open.last_mut() {
        None => String::new(),
        Some(Around::Mapping { key, path, .. }) => join(path, &key.take().unwrap_or_default()),
        Some(Around::Sequence { next, path, .. }) => {
            *next += 1;
            format!("{path}[{}]", *next - 1)
        }
    }
}
