//! Values as JSON and back, as `jsonencode` and `jsondecode` do it, and types as JSON.

use std::collections::BTreeMap;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::hole::{Hole, Pieces};
use super::value::Content;
use super::{Fault, Number, Type, Value};
use crate::graph::Text;

/// How deep JSON may nest.
const DEEPEST: usize = 100;

/// The JSON text of a value that is whole; of what is unknown inside, `null`.
#[must_use]
pub fn value_to_json(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out, &mut |out, _| out.push_str("null"));
    out
}

/// The pieces of the JSON text of a value. An unknown is quoted whatever its type, so that it is one value.
#[must_use]
pub fn json_pieces(value: &Value) -> Pieces {
    let (mut pieces, mut out) = (Pieces::default(), String::new());
    write(value, &mut out, &mut |out, unknown| {
        pieces.known(&std::mem::take(out));
        pieces.quoted(unknown, escaped);
    });
    pieces.known(&out);
    pieces
}

/// The value JSON text stands for.
///
/// # Errors
/// When it is no JSON.
pub fn value_from_json(text: &str) -> Result<Value, Fault> {
    if depth(text) > DEEPEST {
        return Err(Fault::limit(format!("the JSON nests more than {DEEPEST} levels deep")));
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let parsed = Parsed::deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
    parsed.map(|parsed| parsed.0).map_err(|error| {
        Fault::new(format!("this is no valid JSON, at line {}, column {}", error.line(), error.column()))
    })
}

/// How deep brackets nest.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0usize);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                while let Some(inside) = bytes.next() {
                    match inside {
                        b'\\' => drop(bytes.next()),
                        b'"' => break,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    deepest
}

/// A type as Terraform writes it in JSON.
#[must_use]
pub fn type_json(ty: &Type) -> String {
    match ty {
        Type::Dynamic => "\"dynamic\"".to_owned(),
        Type::Bool => "\"bool\"".to_owned(),
        Type::Number => "\"number\"".to_owned(),
        Type::String => "\"string\"".to_owned(),
        Type::List(element) => format!("[\"list\",{}]", type_json(element)),
        Type::Set(element) => format!("[\"set\",{}]", type_json(element)),
        Type::Map(element) => format!("[\"map\",{}]", type_json(element)),
        Type::Tuple(elements) => {
            format!("[\"tuple\",[{}]]", elements.iter().map(type_json).collect::<Vec<_>>().join(","))
        }
        Type::Object(object) => {
            let attribute = |(name, ty): (&Text, &Type)| format!("{}:{}", quoted(name), type_json(ty));
            let attributes: Vec<String> = object.attributes.iter().map(attribute).collect();
            format!("[\"object\",{{{}}}]", attributes.join(","))
        }
    }
}

fn write(value: &Value, out: &mut String, open: &mut dyn FnMut(&mut String, &Value)) {
    match &value.content {
        Content::Null(_) => out.push_str("null"),
        Content::Unknown(_) => open(out, value),
        // It may have fewer elements once they are known.
        Content::Set(element, _) if value.may_shrink() => {
            open(out, &Value::hole(Hole::from_values(Type::set(element.clone()), [value])));
        }
        Content::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Content::Number(number) => out.push_str(&number.to_string()),
        Content::String(text) => out.push_str(&quoted(text)),
        Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => {
            out.push('[');
            for (i, item) in items.content.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(item, out, open);
            }
            out.push(']');
        }
        Content::Map(_, entries) | Content::Object(entries) => {
            out.push('{');
            for (i, (name, entry)) in entries.content.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                out.push_str(&quoted(name));
                out.push(':');
                write(entry, out, open);
            }
            out.push('}');
        }
    }
}

/// Text in quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// Text as it stands between quotes; what HTML would take for its own is escaped, as Go does.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", u32::from(char))),
            char if u32::from(char) < 0x20 => out.push_str(&format!("\\u{:04x}", u32::from(char))),
            char => out.push(char),
        }
    }
    out
}

struct Parsed(Value);

impl<'de> Deserialize<'de> for Parsed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Parsed, D::Error> {
        // A number is taken as it is written, since Terraform's are longer than machine numbers.
        let raw = <&serde_json::value::RawValue>::deserialize(deserializer)?;
        let text = raw.get().trim();
        match text.as_bytes().first() {
            Some(b'{' | b'[') => {
                // The raw value has been scanned for depth already.
                let mut inner = serde_json::Deserializer::from_str(text);
                inner.deserialize_any(Structure).map_err(de::Error::custom)
            }
            Some(b'"') => {
                serde_json::from_str::<String>(text).map(|text| Parsed(Value::text(text))).map_err(de::Error::custom)
            }
            Some(b't') => Ok(Parsed(Value::bool(true))),
            Some(b'f') => Ok(Parsed(Value::bool(false))),
            Some(b'n') => Ok(Parsed(Value::null(Type::Dynamic))),
            _ => match Number::parse(text) {
                Some(number) => Ok(Parsed(Value::number(number))),
                None => Err(de::Error::custom("the number is out of range")),
            },
        }
    }
}

struct Structure;

impl<'de> Visitor<'de> for Structure {
    type Value = Parsed;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Parsed, A::Error> {
        let mut items = Vec::new();
        while let Some(Parsed(item)) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Parsed(Value::tuple(items)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parsed, A::Error> {
        let mut entries: BTreeMap<Text, Value> = BTreeMap::new();
        while let Some((name, Parsed(entry))) = map.next_entry::<String, Parsed>()? {
            entries.insert(name.into(), entry);
        }
        Ok(Parsed(Value::object(entries)))
    }
}
