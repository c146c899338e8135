//! Functions on text: `Fn::Sub`, `Fn::Join`, `Fn::Split`, `Fn::Base64`, `Fn::ToJsonString`.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::dynamic;
use super::evaluate::{Evaluator, LONGEST_TEXT, derived, sequence, undecidable};
use super::faults::quoted;
use super::loops::{Loops, entries_of};
use super::parameters::scalar;
use crate::graph::Text;
use crate::load::cloudformation::node::{Content, Node};
use crate::load::hcl::{Bounds, Hole, Pieces, Type, Value, json_pieces, value_to_json};

/// A piece of the text of `Fn::Sub`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// As it stands.
    Literal(&'t str),
    /// `${!Name}`, which stands for `${Name}`.
    Escaped(&'t str),
    /// `${Name}`.
    Variable(&'t str),
}

/// The pieces of the text of `Fn::Sub`.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, tail)) = after.split_once('}') else { break };
        if !before.is_empty() {
            pieces.push(Piece::Literal(before));
        }
        pieces.push(match name.strip_prefix('!') {
            Some(name) => Piece::Escaped(name),
            None => Piece::Variable(name.trim()),
        });
        rest = tail;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest));
    }
    pieces
}

/// Whether a name may stand in `${…}`.
pub(super) fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '.' | ':'))
}

impl<'a> Evaluator<'a> {
    /// `Fn::Sub`.
    pub(super) fn substitution(&mut self, argument: &'a Node, span: &Range<usize>, loops: &Loops) -> Value {
        let (node, map) = match &argument.content {
            Content::List(items) => match &items[..] {
                [text, map] if matches!(map.content, Content::Map(_)) => (text, Some(map)),
                _ => return self.broken(span, "Fn::Sub takes a text, or a list of a text and a map"),
            },
            _ => (argument, None),
        };
        let Content::String(text) = &node.content else {
            return self.broken(span, "the text of Fn::Sub must be written out");
        };
        let text = self.literal(text, &node.span, loops);
        let mut parts = Vec::new();
        for piece in pieces(&text) {
            if !self.step(&node.span) {
                return undecidable("it lies beyond a limit of size");
            }
            parts.push(match piece {
                Piece::Literal(text) => Value::text(text),
                Piece::Escaped(name) => Value::text(format!("${{{name}}}")),
                Piece::Variable(name) => match self.variable(name, node, map, span, loops) {
                    Ok(value) => value,
                    Err(broken) => return broken,
                },
            });
        }
        self.concatenated(parts, span)
    }

    fn variable(
        &mut self,
        name: &str,
        text: &'a Node,
        map: Option<&'a Node>,
        span: &Range<usize>,
        loops: &Loops,
    ) -> Result<Value, Value> {
        let local = map.and_then(|map| entries_of(map).into_iter().find(|(key, ..)| ***key == *name));
        if let Some((_, _, node)) = local {
            return Ok(self.operand(node, loops));
        }
        if !is_variable(name) {
            let message = format!(
                "{} cannot stand in the text of Fn::Sub; to keep it as it is, write ${{!…}}",
                quoted(&format!("${{{name}}}"))
            );
            return Err(self.broken(&text.span, message));
        }
        let value = match name.split_once('.') {
            Some((resource, attribute)) => Some(self.attribute_of(&resource.into(), &attribute.into(), span)),
            None => self.named(&name.into(), span, loops),
        };
        value.ok_or_else(|| self.broken(&text.span, "AWS::NoValue cannot stand in a text"))
    }

    /// One text of several values. A single unknown with nothing around it stays what it is.
    fn concatenated(&mut self, parts: Vec<Value>, span: &Range<usize>) -> Value {
        let mut known = String::new();
        let mut unknown = false;
        let sensitive = parts.iter().any(Value::is_sealed);
        let mut asks = false;
        for part in &parts {
            match (scalar(part), part.as_hole()) {
                (Some(text), _) => {
                    asks |= unknown && dynamic::asks(&text);
                    if !unknown {
                        if known.len() + text.len() > LONGEST_TEXT {
                            return self.broken(span, "makes a text of more than 1 MiB");
                        }
                        known.push_str(&text);
                    }
                }
                (None, Some(hole)) => {
                    if !unknown {
                        known.push_str(&hole.bounds.prefix);
                    }
                    unknown = true;
                }
                (None, None) => return self.broken(span, "a list or a map cannot become part of a text"),
            }
        }
        if !self.made(known.len(), span) {
            return undecidable("it lies beyond a limit of size");
        }
        if !unknown {
            return Value::text(known).marked(sensitive);
        }
        let mut filled = parts.iter().filter(|part| part.as_text().is_none_or(|text| !text.is_empty()));
        if let (Some(one), None) = (filled.next(), filled.next()) {
            return one.clone().marked(sensitive);
        }
        let hole = Hole::from_values(Type::String, &parts);
        let bounds = Bounds { prefix: known.into(), ..Bounds::not_null() };
        let texts: Vec<Value> =
            parts.iter().map(|part| scalar(part).map_or_else(|| part.clone(), Value::text)).collect();
        let pieces = Pieces::of(&texts);
        if !self.made(pieces.size(), span) {
            return undecidable("it lies beyond a limit of size");
        }
        let hole = Hole { pieces: pieces.kept(), ..hole.bounded(bounds) };
        Value::hole(hole).marked(sensitive || asks)
    }

    /// `Fn::Join`.
    pub(super) fn join(&mut self, argument: &'a Node, span: &Range<usize>, loops: &Loops) -> Value {
        let Some([delimiter, list]) = argument.items() else {
            return self.broken(span, "Fn::Join takes a list of two: a delimiter and a list");
        };
        let delimiter = match self.name(delimiter, "the delimiter of Fn::Join", loops) {
            Ok(delimiter) => delimiter,
            Err(unknown) => return unknown,
        };
        let list = self.texts(list, loops);
        let Some(items) = list.as_items() else {
            return match list.as_hole() {
                Some(_) => derived(Type::String, [&list]).marked(list.is_sealed()),
                None => self.broken(span, "Fn::Join joins a list of texts"),
            };
        };
        let between = Value::text(delimiter);
        let mut parts = Vec::with_capacity(items.len() * 2);
        for (number, item) in items.iter().enumerate() {
            if number > 0 {
                parts.push(between.clone());
            }
            parts.push(item.clone());
        }
        self.concatenated(parts, span).marked(list.sensitive)
    }

    /// A list of texts: numbers that are written out keep their digits.
    fn texts(&mut self, node: &'a Node, loops: &Loops) -> Value {
        let Some(items) = node.items() else {
            return self.value(node, loops).unwrap_or_else(|| self.broken(&node.span, "there must be a list here"));
        };
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            match item.content {
                Content::Number(_) | Content::Bool(_) => values.push(self.operand(item, loops)),
                _ => values.extend(self.value(item, loops)),
            }
        }
        sequence(values)
    }

    /// `Fn::Split`.
    pub(super) fn split(&mut self, argument: &'a Node, span: &Range<usize>, loops: &Loops) -> Value {
        let Some([delimiter, text]) = argument.items() else {
            return self.broken(span, "Fn::Split takes a list of two: a delimiter and a text");
        };
        let delimiter = match self.name(delimiter, "the delimiter of Fn::Split", loops) {
            Ok(delimiter) => delimiter,
            Err(unknown) => return unknown,
        };
        let text = self.operand(text, loops);
        if let Some(whole) = text.as_text() {
            let parts: Vec<Value> = match delimiter.is_empty() {
                true => vec![Value::text(whole.clone())],
                false => whole.split(&*delimiter).map(Value::text).collect(),
            };
            return match self.made(whole.len() + parts.len() * 32, span) {
                true => Value::tuple(parts).marked(text.sensitive),
                false => undecidable("it lies beyond a limit of size"),
            };
        }
        match text.as_hole() {
            Some(_) => {
                let hole = Hole::from_values(Type::list(Type::String), [&text]).bounded(Bounds::length(1, None));
                Value::hole(hole).marked(text.sensitive)
            }
            None => self.broken(span, "Fn::Split splits a text"),
        }
    }

    /// `Fn::Base64`.
    pub(super) fn base64(&mut self, argument: &'a Node, span: &Range<usize>, loops: &Loops) -> Value {
        let value = self.operand(argument, loops);
        if let Some(text) = value.as_text() {
            if !self.made(text.len() / 3 * 4, span) {
                return undecidable("it lies beyond a limit of size");
            }
            return Value::text(STANDARD.encode(text.as_bytes())).marked(value.sensitive);
        }
        let Some(hole) = value.as_hole() else { return self.broken(span, "Fn::Base64 takes a text") };
        // Three bytes make four letters, whatever follows.
        let prefix = hole.bounds.prefix.as_bytes();
        let settled = prefix.get(..prefix.len() / 3 * 3).unwrap_or_default();
        let bounds = Bounds { prefix: STANDARD.encode(settled).into(), ..Bounds::not_null() };
        let pieces = Pieces::of([&value]).encoded();
        let encoded = Hole::from_values(Type::String, [&value]).bounded(bounds);
        Value::hole(Hole { pieces: pieces.kept(), ..encoded }).marked(value.sensitive)
    }

    /// `Fn::ToJsonString`.
    pub(super) fn json(&mut self, argument: &'a Node, span: &Range<usize>, loops: &Loops) -> Value {
        if !matches!(argument.content, Content::List(_) | Content::Map(_) | Content::Call { .. }) {
            return self.broken(span, "Fn::ToJsonString takes a map or a list");
        }
        let Some(value) = self.value(argument, loops) else {
            return self.broken(span, "Fn::ToJsonString takes a map or a list");
        };
        let sensitive = value.is_sealed();
        if !value.is_whole() {
            let pieces = json_pieces(&value);
            if !self.made(pieces.size(), span) {
                return undecidable("it lies beyond a limit of size");
            }
            let hole = Hole::from_values(Type::String, [&value]).bounded(Bounds::not_null());
            return Value::hole(Hole { pieces: pieces.kept(), ..hole }).marked(sensitive);
        }
        let json: Text = value_to_json(&value).into();
        match self.made(json.len(), span) {
            true => Value::text(json).marked(sensitive),
            false => undecidable("it lies beyond a limit of size"),
        }
    }
}
