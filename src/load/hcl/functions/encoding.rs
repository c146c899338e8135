//! Encodings: Base64, JSON, CSV, URLs, character sets.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::Encoding;

use super::{ANY_OR_NULL, Call, Function, Kind, Needs, TEXT, undecidable};
use crate::graph::{Reason, Text, Unknown};
use crate::load::hcl::hole::{Bounds, Hole, Pieces};
use crate::load::hcl::json::{json_pieces, value_from_json, value_to_json};
use crate::load::hcl::{Fault, Type, Value};

pub(super) const TABLE: &[Function] = &[
    Function::new("base64decode", &[TEXT], Kind::Text, |call| {
        let bytes = decoded(call.text(0)?)?;
        String::from_utf8(bytes).map(Value::text).map_err(|_| Fault::new("what it stands for is no UTF-8 text"))
    }),
    Function::new("base64encode", &[TEXT], Kind::Text, |call| {
        let text = call.value(0)?;
        Ok(match text.is_known() {
            true => Value::text(STANDARD.encode(call.text(0)?)),
            false => call.open_made_of(Pieces::of([text]).encoded(), Bounds::not_null()),
        })
    })
    .needs(Needs::Nothing),
    Function::new("base64gzip", &[TEXT], Kind::Text, |call| {
        // Compressors differ in the bytes they give, so only how it begins is certain, and what it is made of.
        let reason = Unknown::because(Reason::Undecidable("the bytes of a compressed text depend on Terraform".into()));
        let bounds = Bounds { prefix: "H4sIAAAAAAAA/".into(), ..Bounds::not_null() };
        let pieces = Pieces::of([call.value(0)?]).encoded();
        let hole = if call.value(0)?.is_known() {
            Hole::new(Type::String, reason)
        } else {
            Hole::from_values(Type::String, &call.arguments)
        };
        Ok(Value::hole(Hole { pieces: pieces.kept(), ..hole.bounded(bounds) }))
    })
    .needs(Needs::Nothing),
    Function::new("csvdecode", &[TEXT], Kind::Any, csvdecode),
    Function::new("jsondecode", &[TEXT], Kind::Any, |call| value_from_json(call.text(0)?)),
    Function::new("jsonencode", &[ANY_OR_NULL], Kind::Text, jsonencode).needs(Needs::Nothing),
    Function::new("textdecodebase64", &[TEXT, TEXT], Kind::Text, |call| {
        let bytes = decoded(call.text(0)?)?;
        match charset(call.text(1)?)? {
            Charset::Utf16 { big } => from_utf16(&bytes, big).map(Value::text),
            Charset::Other(encoding) => {
                let (text, malformed) = encoding.decode_without_bom_handling(&bytes);
                if malformed {
                    Err(Fault::new("the bytes are no text in this encoding"))
                } else {
                    Ok(Value::text(text.into_owned()))
                }
            }
            Charset::Unfamiliar => Ok(undecidable(Type::String, "plangate does not know this encoding")),
        }
    }),
    Function::new("textencodebase64", &[TEXT, TEXT], Kind::Text, |call| {
        let text = call.text(0)?;
        match charset(call.text(1)?)? {
            Charset::Utf16 { big } => {
                let order = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
                Ok(Value::text(STANDARD.encode(text.encode_utf16().flat_map(order).collect::<Vec<u8>>())))
            }
            Charset::Other(encoding) => {
                let (bytes, _, unmappable) = encoding.encode(text);
                if unmappable {
                    Err(Fault::new("the text has characters this encoding lacks"))
                } else {
                    Ok(Value::text(STANDARD.encode(bytes)))
                }
            }
            Charset::Unfamiliar => Ok(undecidable(Type::String, "plangate does not know this encoding")),
        }
    }),
    Function::new("urlencode", &[TEXT], Kind::Text, urlencode),
];

fn decoded(text: &str) -> Result<Vec<u8>, Fault> {
    let text: String = text.chars().filter(|char| !matches!(char, '\r' | '\n')).collect();
    STANDARD.decode(text).map_err(|_| Fault::new("this is no valid Base64"))
}

fn jsonencode(call: &Call<'_>) -> Result<Value, Fault> {
    let value = call.value(0)?;
    if value.is_whole() {
        return Ok(Value::text(value_to_json(value)));
    }
    let prefix = match value.ty() {
        Type::Object(_) | Type::Map(_) if value.is_never_null() => "{",
        Type::Tuple(_) | Type::List(_) | Type::Set(_) if value.is_never_null() => "[",
        Type::String if value.is_never_null() => "\"",
        _ => "",
    };
    Ok(call.open_made_of(json_pieces(value), Bounds { prefix: prefix.into(), ..Bounds::not_null() }))
}

fn csvdecode(call: &Call<'_>) -> Result<Value, Fault> {
    let mut records = records(call.text(0)?)?.into_iter();
    let names = records.next().ok_or_else(|| Fault::new("the header line is missing"))?;
    let names: Vec<Text> = names.into_iter().map(Text::from).collect();
    for (i, name) in names.iter().enumerate() {
        if names[..i].contains(name) {
            return Err(Fault::new("a column name is there twice"));
        }
    }
    let mut rows = Vec::new();
    for record in records {
        if record.len() != names.len() {
            return Err(Fault::new("a line has another number of columns than the header"));
        }
        let fields = names.iter().cloned().zip(record.into_iter().map(Value::text));
        rows.push(Value::object(fields.collect::<BTreeMap<_, _>>()));
    }
    let row = Type::object(names.into_iter().map(|name| (name, Type::String)).collect());
    Ok(Value::list(row, rows))
}

/// The fields of each line; strict about quotes, and blind to empty lines, as Go is.
fn records(text: &str) -> Result<Vec<Vec<String>>, Fault> {
    let wrong = || Fault::new("this is no valid CSV: a quote is out of place");
    let text = text.replace("\r\n", "\n");
    let mut rest = text.as_str();
    let mut records = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('\n') {
            rest = after;
            continue;
        }
        let mut record = Vec::new();
        loop {
            let mut field = String::new();
            if let Some(quoted) = rest.strip_prefix('"') {
                rest = quoted;
                loop {
                    let at = rest.find('"').ok_or_else(wrong)?;
                    field.push_str(&rest[..at]);
                    rest = &rest[at + 1..];
                    match rest.strip_prefix('"') {
                        Some(after) => {
                            field.push('"');
                            rest = after;
                        }
                        None => break,
                    }
                }
                if !(rest.is_empty() || rest.starts_with([',', '\n'])) {
                    return Err(wrong());
                }
            } else {
                let end = rest.find([',', '\n']).unwrap_or(rest.len());
                field.push_str(&rest[..end]);
                if field.contains('"') {
                    return Err(wrong());
                }
                rest = &rest[end..];
            }
            record.push(field);
            match rest.strip_prefix(',') {
                Some(after) => rest = after,
                None => break,
            }
        }
        rest = rest.strip_prefix('\n').unwrap_or(rest);
        records.push(record);
    }
    Ok(records)
}

/// As Go escapes a query: space becomes `+`.
fn urlencode(call: &Call<'_>) -> Result<Value, Fault> {
    let mut out = String::new();
    for byte in call.text(0)?.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    Ok(Value::text(out))
}

enum Charset {
    Utf16 { big: bool },
    Other(&'static Encoding),
    Unfamiliar,
}

fn charset(name: &str) -> Result<Charset, Fault> {
    let upper = name.to_ascii_uppercase();
    match upper.as_str() {
        "UTF-16LE" => return Ok(Charset::Utf16 { big: false }),
        "UTF-16BE" => return Ok(Charset::Utf16 { big: true }),
        "UTF-16" | "ISO-8859-1" | "ISO_8859-1" | "LATIN1" | "US-ASCII" | "ASCII" => return Ok(Charset::Unfamiliar),
        _ => {}
    }
    match Encoding::for_label(name.as_bytes()) {
        Some(encoding) if encoding.name().eq_ignore_ascii_case(name) || upper == "CP1252" => {
            Ok(Charset::Other(encoding))
        }
        Some(_) => Ok(Charset::Unfamiliar),
        None if upper.starts_with("IBM") || upper.starts_with("ISO") || upper.starts_with("CP") => {
            Ok(Charset::Unfamiliar)
        }
        None => Err(Fault::new("there is no such encoding")),
    }
}

fn from_utf16(bytes: &[u8], big: bool) -> Result<String, Fault> {
    let wrong = || Fault::new("the bytes are no text in this encoding");
    if bytes.len() % 2 == 1 {
        return Err(wrong());
    }
    let unit = |pair: &[u8]| match pair {
        [a, b] if big => u16::from_be_bytes([*a, *b]),
        [a, b] => u16::from_le_bytes([*a, *b]),
        _ => 0,
    };
    let units: Vec<u16> = bytes.chunks(2).map(unit).collect();
    String::from_utf16(&units).map_err(|_| wrong())
}
