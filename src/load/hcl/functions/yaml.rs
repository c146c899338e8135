//! YAML, with the scalars as Terraform reads and writes them.

use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle};
use num_bigint::BigInt;

use super::{ANY_OR_NULL, Call, Function, Kind, Needs, TEXT, clock, undecidable};
use crate::graph::Text;
use crate::load::hcl::convert::convert;
use crate::load::hcl::json::quoted;
use crate::load::hcl::value::Content;
use crate::load::hcl::{Fault, Number, Type, Value};

pub(super) const TABLE: &[Function] = &[
    Function::new("yamldecode", &[TEXT], Kind::Any, |call| decode(call.text(0)?)),
    Function::new("yamlencode", &[ANY_OR_NULL], Kind::Text, encode).needs(Needs::Everything),
];

/// How deep a document may nest.
const DEEPEST: usize = 100;

fn decode(text: &str) -> Result<Value, Fault> {
    let mut reader = Reader { parser: Parser::new_from_str(text), anchors: BTreeMap::new(), weight: 0 };
    loop {
        match reader.next()? {
            Event::StreamStart | Event::DocumentStart(..) => {}
            Event::StreamEnd => return Err(Fault::new("the YAML is empty")),
            event => {
                let value = reader.node(event, 0)?;
                loop {
                    match reader.next()? {
                        Event::DocumentEnd => {}
                        Event::StreamEnd => return Ok(value),
                        _ => return Err(Fault::new("the YAML holds more than one document")),
                    }
                }
            }
        }
    }
}

struct Reader<'t> {
    parser: Parser<'t, granit_parser::StrInput<'t>>,
    anchors: BTreeMap<usize, Value>,
    weight: u64,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<Event<'t>, Fault> {
        match self.parser.next() {
            Some(Ok((event, _))) => Ok(event),
            Some(Err(_)) => Err(Fault::new("this is no valid YAML")),
            None => Ok(Event::StreamEnd),
        }
    }

    fn node(&mut self, event: Event<'t>, depth: usize) -> Result<Value, Fault> {
        if depth > DEEPEST {
            return Err(Fault::limit("the YAML nests too deep"));
        }
        let (anchor, value) = match event {
            Event::Alias(anchor) => {
                let value = self.anchors.get(&anchor).cloned();
                let value = value.ok_or_else(|| Fault::new("a YAML alias refers to what holds it"))?;
                (0, value)
            }
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.map(|tag| format!("{}{}", tag.handle(), tag.suffix()));
                (anchor, scalar(&text, style == ScalarStyle::Plain, tag.as_deref())?)
            }
            Event::SequenceStart(_, anchor, _) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        Event::SequenceEnd => break,
                        event => items.push(self.node(event, depth + 1)?),
                    }
                }
                (anchor, Value::tuple(items))
            }
            Event::MappingStart(_, anchor, _) => (anchor, self.mapping(depth)?),
            _ => return Err(Fault::new("this is no valid YAML")),
        };
        self.weight = self.weight.saturating_add(value.weight());
        if self.weight > 200 * super::super::scope::HEAVIEST || value.weight() > super::super::scope::HEAVIEST {
            return Err(Fault::limit("the YAML multiplies itself"));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, Fault> {
        let mut entries: BTreeMap<Text, Value> = BTreeMap::new();
        loop {
            let event = match self.next()? {
                Event::MappingEnd => return Ok(Value::object(entries)),
                event => event,
            };
            let merge = matches!(&event, Event::Scalar(text, ScalarStyle::Plain, _, _) if text == "<<");
            let key = self.node(event, depth + 1)?;
            let event = self.next()?;
            let value = self.node(event, depth + 1)?;
            if merge {
                let merged = value.as_items().map_or_else(|| vec![value.clone()], <[Value]>::to_vec);
                for source in merged.iter().rev() {
                    let source = source.as_entries().ok_or_else(|| Fault::new("`<<` needs a mapping"))?;
                    entries.extend(source.iter().map(|(name, entry)| (name.clone(), entry.clone())));
                }
                continue;
            }
            let wrong = || Fault::new("a key of a YAML mapping must be a scalar and not null");
            let key = if key.is_null() { Err(wrong()) } else { convert(&key, &Type::String).map_err(|_| wrong()) }?;
            entries.insert(key.as_text().cloned().ok_or_else(wrong)?, value);
        }
    }
}

fn scalar(text: &str, plain: bool, tag: Option<&str>) -> Result<Value, Fault> {
    const CORE: &str = "tag:yaml.org,2002:";
    match tag.map(|tag| tag.strip_prefix(CORE).unwrap_or(tag)) {
        None if plain => resolved(text),
        None | Some("!" | "str" | "binary") => Ok(Value::text(text)),
        Some("int" | "float") => match Number::parse(text) {
            Some(number) => Ok(Value::number(number)),
            None => Err(Fault::new("a YAML number is none")),
        },
        Some("bool" | "null" | "timestamp") => resolved(text),
        Some(_) => Err(Fault::new("a YAML tag is not supported")),
    }
}

fn resolved(text: &str) -> Result<Value, Fault> {
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::null(Type::Dynamic),
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Value::bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Value::bool(false),
        ".nan" | ".NaN" | ".NAN" => return Err(Fault::new("NaN is not supported")),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" | "-.inf" | "-.Inf" | "-.INF" => {
            undecidable(Type::Number, "plangate does not calculate with infinity")
        }
        _ => match number(text) {
            Some(number) => Value::number(number),
            None => clock::from_yaml(text).map_or_else(|| Value::text(text), Value::text),
        },
    })
}

fn number(text: &str) -> Option<Number> {
    let radix = |digits: &str, radix| BigInt::parse_bytes(digits.as_bytes(), radix).map(Number::from);
    let digits = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if let Some(hex) = text.strip_prefix("0x").filter(|hex| digits(hex)) {
        return radix(hex, 16);
    }
    if let Some(octal) = text.strip_prefix("0o").filter(|octal| digits(octal)) {
        return radix(octal, 8);
    }
    let first = text.trim_start_matches(['+', '-']).bytes().next()?;
    (first.is_ascii_digit() || first == b'.').then(|| Number::parse(text)).flatten()
}

fn encode(call: &Call<'_>) -> Result<Value, Fault> {
    let mut out = String::new();
    let value = call.value(0)?;
    write(value, 0, Place::Top, &mut out);
    // A bare scalar ends the document by itself.
    let bare = matches!(value.content, Content::Null(_) | Content::Bool(_) | Content::Number(_));
    if bare {
        out.push_str("...\n");
    }
    Ok(Value::text(out))
}

/// Where a value stands: what comes before it on its line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    Item,
    Entry,
}

fn write(value: &Value, indent: usize, place: Place, out: &mut String) {
    let pad = "  ".repeat(indent);
    let space = if place == Place::Entry { " " } else { "" };
    match &value.content {
        Content::Null(_) | Content::Unknown(_) => out.push_str(&format!("{space}null\n")),
        Content::Bool(truth) => out.push_str(&format!("{space}{truth}\n")),
        Content::Number(number) => out.push_str(&format!("{space}{number}\n")),
        Content::String(text) => {
            out.push_str(space);
            write_text(text, indent, place, out);
        }
        Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => {
            if items.content.is_empty() {
                out.push_str(&format!("{space}[]\n"));
                return;
            }
            if place == Place::Entry {
                out.push('\n');
            }
            for (i, item) in items.content.iter().enumerate() {
                if i > 0 || place != Place::Item {
                    out.push_str(&pad);
                }
                out.push_str("- ");
                write(item, indent + 1, Place::Item, out);
            }
        }
        Content::Map(_, entries) | Content::Object(entries) => {
            if entries.content.is_empty() {
                out.push_str(&format!("{space}{{}}\n"));
                return;
            }
            if place == Place::Entry {
                out.push('\n');
            }
            for (i, (name, entry)) in entries.content.iter().enumerate() {
                if i > 0 || place != Place::Item {
                    out.push_str(&pad);
                }
                out.push_str(&escaped(name));
                out.push(':');
                let list = entry.as_items().is_some();
                write(entry, if list { indent } else { indent + 1 }, Place::Entry, out);
            }
        }
    }
}

fn write_text(text: &str, indent: usize, place: Place, out: &mut String) {
    // Below what holds it: one step further in than a key, and at least one.
    let pad = "  ".repeat(if place == Place::Top { 1 } else { indent.max(1) });
    let special = |char: char| (char.is_control() && char != '\n') || char == '\u{feff}';
    if !text.contains('\n') || text.contains(special) {
        folded(&escaped(text), &pad, out);
        out.push('\n');
        return;
    }
    let header = if text.starts_with([' ', '\n']) { "|2" } else { "|" };
    let body = text.trim_end_matches('\n');
    let chomp = match text.len() - body.len() {
        0 => "-",
        1 if !body.is_empty() => "",
        _ => "+",
    };
    out.push_str(&format!("{header}{chomp}\n"));
    for line in text.split_terminator('\n') {
        if line.is_empty() {
            out.push('\n');
        } else {
            out.push_str(&format!("{pad}{line}\n"));
        }
    }
}

/// Breaks a long quoted text at spaces behind column 80.
fn folded(quoted: &str, pad: &str, out: &mut String) {
    let mut column = out.len() - out.rfind('\n').map_or(0, |at| at + 1);
    let mut space = false;
    let chars: Vec<char> = quoted.chars().collect();
    for (i, &char) in chars.iter().enumerate() {
        let inside = i > 1 && i + 2 < chars.len();
        if char == ' ' && !space && column > 80 && inside {
            out.push('\n');
            out.push_str(pad);
            column = pad.len();
            if chars[i + 1] == ' ' {
                out.push('\\');
                column += 1;
            }
        } else {
            out.push(char);
            column += 1;
        }
        space = char == ' ';
    }
}

fn escaped(text: &str) -> String {
    // As JSON, but for what only HTML needs.
    let beyond = |char: char| u32::from(char) > 0xffff;
    let plain = quoted(text);
    let plain = if plain.contains(beyond) {
        let one = |char: char| if beyond(char) { format!("\\U{:08X}", u32::from(char)) } else { char.to_string() };
        plain.chars().map(one).collect()
    } else {
        plain
    };
    plain
        .replace("\\u003c", "<")
        .replace("\\u003e", ">")
        .replace("\\u0026", "&")
        .replace("\\u2028", "\\L")
        .replace("\\u2029", "\\P")
}
