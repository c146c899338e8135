//! Writing into a template, YAML or JSON, as its neighbours are written: block or flow style, indentation, quotes, commas,
//! line ends. Where something goes is told elsewhere; here is how it looks.

use std::ops::Range;

use super::style::{Insertion, column, indentation, line_end, line_start, newline};
use crate::graph::{Data, Value};
use crate::load::cloudformation::node::{Content, Entry, Node};

/// Something new in a template.
#[derive(Clone, Debug)]
pub(super) enum New {
    /// A value of its own type.
    Plain(Value),
    /// A value that is text, whatever it looks like.
    Text(Value),
    /// The attribute of another resource: logical id and attribute.
    Attribute(String, String),
    /// Entries.
    Map(Vec<(String, New)>),
    /// Elements.
    List(Vec<New>),
}

impl New {
    /// An entry of a list of `Key` and `Value`.
    pub(super) fn keyed(key: &str, value: Value) -> New {
        New::Map(vec![("Key".to_owned(), New::Plain(key.into())), ("Value".to_owned(), New::Text(value))])
    }

    /// An entry of a list of `Name` and `Value`.
    pub(super) fn named(name: &str, value: New) -> New {
        New::Map(vec![("Name".to_owned(), New::Plain(name.into())), ("Value".to_owned(), value)])
    }

    /// Adds what lies at a path of maps.
    pub(super) fn add(entries: &mut Vec<(String, New)>, steps: &[String], value: New) {
        let [first, rest @ ..] = steps else { return };
        let known = entries.iter_mut().find(|(name, _)| name == first).map(|(_, known)| known);
        match (known, rest, value) {
            (Some(New::List(items)), [], New::List(more)) => items.extend(more),
            (Some(New::Map(inner)), [_, ..], value) => New::add(inner, rest, value),
            (Some(known), _, value) => *known = value,
            (None, [], value) => entries.push((first.clone(), value)),
            (None, _, value) => {
                let mut inner = Vec::new();
                New::add(&mut inner, rest, value);
                entries.push((first.clone(), New::Map(inner)));
            }
        }
    }
}

/// The words of a value; none for what has no simple ones.
fn words(value: &Value) -> Option<String> {
    match &value.data {
        Data::Null => Some("null".to_owned()),
        Data::Bool(flag) => Some(flag.to_string()),
        Data::Int(number) => Some(number.to_string()),
        Data::String(text) => (!text.contains(char::is_control)).then(|| text.to_string()),
        _ => None,
    }
}

fn quoted(words: &str) -> String {
    format!("\"{}\"", words.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A scalar for a value in place of another scalar: quotes stay.
pub(super) fn in_place_of(old: &str, value: &Value, json: bool) -> Option<String> {
    let words = words(value)?;
    Some(match old.chars().next() {
        Some('"') => quoted(&words),
        Some('\'') => format!("'{}'", words.replace('\'', "''")),
        _ => plain(value, json)?,
    })
}

/// A scalar as nothing around it tells how to write it.
fn plain(value: &Value, json: bool) -> Option<String> {
    let words = words(value)?;
    let is_text = matches!(value.data, Data::String(_));
    let first = |c: char| c.is_ascii_alphabetic() || c == '/';
    let safe = words.starts_with(first)
        && words.chars().all(|c| c.is_ascii_alphanumeric() || "/-_.:".contains(c))
        && !words.ends_with(':')
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&words.to_lowercase().as_str());
    Some(if is_text && (json || !safe) { quoted(&words) } else { words })
}

/// How a text is written.
pub(super) struct Style<'t> {
    text: &'t str,
    json: bool,
    /// Whether functions have their long names alone.
    long: bool,
    unit: usize,
    /// What a level of brackets is indented by.
    step: &'t str,
    /// What stands after a colon or a comma in JSON.
    space: &'static str,
    /// How far a list is indented below its key.
    list: usize,
}

impl<'t> Style<'t> {
    /// The style of a text.
    pub(super) fn of(text: &'t str) -> Style<'t> {
        let json = text.trim_start().starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        let depth = |line: &str| line.len() - line.trim_start().len();
        let first = text.lines().find(|line| depth(line) > 0 && !line.trim().is_empty());
        let step = first.map_or("  ", |line| &line[..depth(line)]);
        let unit = step.len();
        let dense = json && text.contains("\":") && !text.contains("\": ");
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        let list = lines.windows(2).find_map(|pair| {
            let heads = pair[0].trim_end().ends_with(':') && !pair[0].trim_start().starts_with('-');
            (heads && pair[1].trim_start().starts_with("- ")).then(|| depth(pair[1]).saturating_sub(depth(pair[0])))
        });
        let short = ["!Ref ", "!GetAtt ", "!Sub "].iter().any(|tag| text.contains(tag));
        let long = !short && ["Ref:", "Fn::", "\"Ref\""].iter().any(|name| text.contains(name));
        Style { text, json, long, unit, step, space: if dense { "" } else { " " }, list: list.unwrap_or(unit) }
    }

    /// What stands at these bytes.
    pub(super) fn written(&self, bytes: &Range<usize>) -> Option<&'t str> {
        self.text.get(bytes.clone())
    }

    /// Another attribute in the place of what refers to one, as long and as short as that; braces stay where they are.
    pub(super) fn attribute_in_place(&self, old: &Range<usize>, id: &str, attribute: &str) -> Option<Insertion> {
        let written = self.written(old)?;
        if written.starts_with('!') {
            return Some(Insertion { bytes: old.clone(), text: format!("!GetAtt {id}.{attribute}") });
        }
        let inner = written.trim_start_matches(['{', ' ', '\t', '\r', '\n']);
        let start = old.end - inner.len();
        let inner = inner.trim_end_matches(['}', ' ', '\t', '\r', '\n']);
        let plain = |word: &str| if inner.contains('"') { quoted(word) } else { word.to_owned() };
        let space = if inner.contains(": ") { " " } else { self.space };
        let call = format!("{}:{space}[{},{space}{}]", plain("Fn::GetAtt"), plain(id), plain(attribute));
        Some(Insertion { bytes: start..start + inner.len(), text: call })
    }

    /// Whether the text is JSON.
    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    fn key(&self, name: &str) -> String {
        if self.json { quoted(name) } else { name.to_owned() }
    }

    fn entry(&self, name: &str, value: &str) -> Option<String> {
        Some(format!("{}:{}{value}", self.key(name), self.space))
    }

    fn listed(&self, parts: &[String]) -> String {
        parts.join(&format!(",{}", self.space))
    }

    /// On one line.
    pub(super) fn flow(&self, new: &New) -> Option<String> {
        Some(match new {
            New::Plain(value) => plain(value, self.json)?,
            New::Text(value) => quoted(&words(value)?),
            New::Attribute(id, name) if self.json => {
                format!("{{\"Fn::GetAtt\":{0}[{1},{0}{2}]}}", self.space, quoted(id), quoted(name))
            }
            New::Attribute(id, name) if self.long => format!("{{Fn::GetAtt: [{id}, {name}]}}"),
            New::Attribute(id, name) => format!("!GetAtt {id}.{name}"),
            New::Map(entries) => {
                let entry = |(name, new): &(String, New)| self.entry(name, &self.flow(new)?);
                format!("{{{}}}", self.listed(&entries.iter().map(entry).collect::<Option<Vec<_>>>()?))
            }
            New::List(items) => {
                format!("[{}]", self.listed(&items.iter().map(|item| self.flow(item)).collect::<Option<Vec<_>>>()?))
            }
        })
    }

    /// With brackets, on lines of its own; the first one continues a line.
    fn folded(&self, new: &New, indent: &str) -> Option<String> {
        let nl = newline(self.text);
        let inner = format!("{indent}{}", self.step);
        let all = |open: char, parts: Option<Vec<String>>, close: char| {
            let parts: Vec<String> = parts?.iter().map(|part| format!("{nl}{inner}{part}")).collect();
            Some(format!("{open}{}{nl}{indent}{close}", parts.join(",")))
        };
        match new {
            New::Map(entries) => {
                let entry = |(name, new): &(String, New)| self.entry(name, &self.folded(new, &inner)?);
                all('{', entries.iter().map(entry).collect(), '}')
            }
            New::List(items) => all('[', items.iter().map(|item| self.folded(item, &inner)).collect(), ']'),
            _ => self.flow(new),
        }
    }

    /// In block style, as lines.
    fn block(&self, entries: &[(String, New)], indent: usize) -> Option<Vec<String>> {
        let space = " ".repeat(indent);
        let mut lines = Vec::new();
        for (name, new) in entries {
            match new {
                New::Map(inner) => {
                    lines.push(format!("{space}{name}:"));
                    lines.extend(self.block(inner, indent + self.unit)?);
                }
                New::List(items) => {
                    lines.push(format!("{space}{name}:"));
                    for item in items {
                        lines.extend(self.item(item, indent + self.list)?);
                    }
                }
                _ => lines.push(format!("{space}{name}: {}", self.flow(new)?)),
            }
        }
        Some(lines)
    }

    /// An element of a list in block style.
    fn item(&self, item: &New, indent: usize) -> Option<Vec<String>> {
        let dash = format!("{}- ", " ".repeat(indent));
        match item {
            New::Map(entries) => {
                let mut lines = self.block(entries, indent + 2)?;
                let first = lines.first_mut()?;
                *first = format!("{dash}{}", first.trim_start());
                Some(lines)
            }
            _ => Some(vec![format!("{dash}{}", self.flow(item)?)]),
        }
    }

    fn opens_with(&self, node: &Node, bracket: char) -> bool {
        self.text.get(node.span.start..).is_some_and(|rest| rest.starts_with(bracket))
    }

    /// Puts entries into a map that is there.
    pub(super) fn add_entries(&self, map: &Node, new: &[(String, New)], blank: bool) -> Option<Vec<Insertion>> {
        let own = |entry: &&Entry| map.span.start <= entry.key_span.start && entry.key_span.start < map.span.end;
        let entries: Vec<&Entry> = map.entries()?.iter().filter(own).collect();
        if self.opens_with(map, '{') {
            let first = entries.first().map(|entry| entry.key_span.start);
            let last = entries.iter().map(|entry| entry.value.span.end.max(entry.key_span.end)).max();
            let part = |indent: Option<&str>| {
                let one = |(name, new): &(String, New)| {
                    let value = indent.map_or_else(|| self.flow(new), |indent| self.folded(new, indent));
                    self.entry(name, &value?)
                };
                new.iter().map(one).collect::<Option<Vec<String>>>()
            };
            return self.in_brackets(map, first, last, part);
        }
        let (first, last) = (entries.first()?, entries.last()?);
        let indent = column(self.text, first.key_span.start);
        let end = last.value.span.end.max(last.key_span.end);
        let mut lines = self.block(new, indent)?;
        if blank {
            lines.insert(0, String::new());
        }
        Some(vec![self.below(end, &lines)])
    }

    /// Adds an element to a list that is there.
    pub(super) fn add_item(&self, list: &Node, new: &New) -> Option<Vec<Insertion>> {
        let items = list.items()?;
        if self.opens_with(list, '[') {
            let first = items.first().map(|item| item.span.start);
            let last = items.last().map(|item| item.span.end);
            let like = items.last().is_some_and(|item| !self.text[item.span.clone()].contains('\n'));
            let part = |indent: Option<&str>| match indent {
                Some(indent) if !like => Some(vec![self.folded(new, indent)?]),
                _ => Some(vec![self.flow(new)?]),
            };
            return self.in_brackets(list, first, last, part);
        }
        let last = items.last()?;
        let start = line_start(self.text, last.span.start);
        let before = self.text.get(start..last.span.start)?;
        let dash = before.find('-').filter(|at| before[..*at].trim().is_empty())?;
        let new = match new {
            New::Map(_) if self.opens_with(last, '{') => vec![format!("{}- {}", " ".repeat(dash), self.flow(new)?)],
            _ => self.item(new, dash)?,
        };
        Some(vec![self.below(last.span.end, &new)])
    }

    /// Into something with brackets: after what it holds, on a line of its own where that has lines of its own.
    fn in_brackets(
        &self,
        node: &Node,
        first: Option<usize>,
        last: Option<usize>,
        part: impl Fn(Option<&str>) -> Option<Vec<String>>,
    ) -> Option<Vec<Insertion>> {
        let put = |at: usize, text: String| Insertion { bytes: at..at, text };
        let (Some(first), Some(last)) = (first, last) else {
            return Some(vec![put(node.span.start + 1, self.listed(&part(None)?))]);
        };
        if !self.text.get(node.span.start..first)?.contains('\n') {
            let parts = part(None)?;
            return Some(vec![put(last, parts.iter().map(|part| format!(",{}{part}", self.space)).collect())]);
        }
        let (nl, indent) = (newline(self.text), indentation(self.text, first));
        let lines: Vec<String> = part(Some(indent))?.iter().map(|part| format!("{nl}{indent}{part}")).collect();
        let end = line_end(self.text, last);
        let rest = self.text.get(last..end)?.trim_start();
        let bare = rest.strip_prefix(',').unwrap_or(rest);
        if !self.json && bare.trim_start().starts_with('#') {
            // A comment stays behind what it is about.
            let comma = if bare.len() < rest.len() { "," } else { "" };
            let below = put(end, lines.join(",") + comma);
            return Some(if comma.is_empty() { vec![put(last, ",".to_owned()), below] } else { vec![below] });
        }
        Some(vec![put(last, lines.iter().map(|line| format!(",{line}")).collect())])
    }

    /// Lines below the line of a byte.
    fn below(&self, end: usize, lines: &[String]) -> Insertion {
        let at = line_end(self.text, end.saturating_sub(1).max(line_start(self.text, end)).min(end));
        let nl = newline(self.text);
        Insertion { bytes: at..at, text: lines.iter().map(|line| format!("{nl}{line}")).collect() }
    }

    /// Whether there are blank lines between the entries of a map.
    pub(super) fn is_spaced(&self, map: &Node) -> bool {
        let entries = map.entries().unwrap_or_default();
        entries.windows(2).any(|pair| {
            let between = self.text.get(pair[0].value.span.end..pair[1].key_span.start);
            // What stands before a key on its own line is no line.
            let lines = between.and_then(|between| between.rsplit_once('\n')).map_or("", |(lines, _)| lines);
            lines.lines().skip(1).any(|line| line.trim().is_empty())
        })
    }
}

/// Whether a scalar is written there, as a constant.
pub(super) fn is_constant(node: &Node) -> bool {
    let scalar = matches!(node.content, Content::Bool(_) | Content::Number(_) | Content::String(_));
    scalar && !node.span.is_empty()
}
