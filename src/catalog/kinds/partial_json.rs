//! JSON in a text of which parts are not known: what `jsonencode` makes of a value that apply completes, and JSON written
//! by hand with `${…}` in it. Speaks of no kind of resource.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::graph::{Data, HOLE, Map, Outline, Reason, Text, Unknown, Value};

/// Stands behind the mark of a part outside of quotes. JSON has no such character.
const BARE: char = '\0';

/// The value of a text with a [`HOLE`] for each part that is not known for these reasons, in order; none when it is no JSON.
/// A part in quotes is text, or all of it one value; outside of quotes it is one value behind a colon, and in a list any
/// number of elements, so that nothing is known of the list.
pub(super) fn read(text: &str, holes: &[Arc<Unknown>]) -> Option<Value> {
    let json = if holes.is_empty() { text.to_owned() } else { quoted(text) };
    let next = Cell::new(0);
    let mut deserializer = serde_json::Deserializer::from_str(&json);
    let value = Seed { holes, next: &next }.deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    (holes.is_empty() || next.get() == holes.len()).then_some(value)
}

/// The text with quotes around what is not known outside of quotes.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => end_of_text(rest),
            _ if ends_word(first) => first.len_utf8(),
            _ => rest.find(ends_word).unwrap_or(rest.len()),
        };
        let (word, behind) = rest.split_at(length);
        if first != '"' && word.contains(HOLE) {
            out.push('"');
            out.extend(word.chars().filter(|char| *char == HOLE));
            out.push_str("\\u0000\"");
        } else {
            out.push_str(word);
        }
        rest = behind;
    }
    out
}

fn ends_word(char: char) -> bool {
    matches!(char, ',' | ':' | '[' | ']' | '{' | '}' | '"') || char.is_whitespace()
}

/// How long the quoted text is that something begins with.
fn end_of_text(text: &str) -> usize {
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Reads a value; `next` counts the parts that were met.
#[derive(Clone, Copy)]
struct Seed<'s> {
    holes: &'s [Arc<Unknown>],
    next: &'s Cell<usize>,
}

impl Seed<'_> {
    /// A text of which parts may not be known, and whether it may be any number of values.
    fn text(self, text: &str) -> (Value, bool) {
        let bare = text.ends_with(BARE) && text.contains(HOLE);
        let first = self.next.get();
        self.next.set(first + text.matches(HOLE).count());
        let Some(met @ [one, ..]) = self.holes.get(first..self.next.get()) else { return (text.into(), false) };
        let whole = bare || text.chars().eq([HOLE]);
        let unknown = match (met, whole) {
            ([only], true) => only.as_ref().clone(),
            // What is made of a reference is no longer that reference.
            _ => {
                let reason = match &one.reason {
                    Reason::Reference => Reason::AfterApply,
                    other => other.clone(),
                };
                let outline = Outline { text: text.into(), holes: met.to_vec() };
                let outline = (!whole).then(|| Arc::new(outline));
                Unknown { reason, not_null: true, outline, ..one.as_ref().clone() }
            }
        };
        (Value::unknown(unknown), bare)
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Loose(self).deserialize(deserializer).map(|(value, _)| value)
    }
}

/// The same, and whether it may be any number of values.
struct Loose<'s>(Seed<'s>);

impl<'de> DeserializeSeed<'de> for Loose<'_> {
    type Value = (Value, bool);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(Value, bool), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Loose<'_> {
    type Value = (Value, bool);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<(Value, bool), E> {
        Ok((Value::null(), false))
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<(Value, bool), E> {
        Ok((truth.into(), false))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(Value, bool), E> {
        Ok((number.into(), false))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(Value, bool), E> {
        let value = i64::try_from(number).map_or_else(|_| Value::new(Data::Float(number as f64)), Value::from);
        Ok((value, false))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(Value, bool), E> {
        Ok((Value::new(Data::Float(number)), false))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(Value, bool), E> {
        Ok(self.0.text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<(Value, bool), A::Error> {
        let (mut items, mut open) = (Vec::new(), None);
        while let Some((item, loose)) = sequence.next_element_seed(Loose(self.0))? {
            if loose && open.is_none() {
                open = Some(item.clone());
            }
            items.push(item);
        }
        Ok((open.unwrap_or_else(|| items.into()), false))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(Value, bool), A::Error> {
        let mut entries: Vec<(Text, Value)> = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if name.contains(HOLE) && !self.0.holes.is_empty() {
                return Err(A::Error::custom("a name is not known"));
            }
            entries.push((name.into(), map.next_value_seed(self.0)?));
        }
        Ok((entries.into_iter().collect::<Map>().into(), false))
    }
}
