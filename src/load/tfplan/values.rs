//! Reads attribute values: `after`, then `after_unknown` and `after_sensitive` laid over it. Unknown, sensitive, null
//! and absent stay apart.

use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::graph::{Data, Map, Reason, Text, Unknown, Value};

/// Reads values; remembers keys, so that a name that stands in every resource is stored once.
pub(super) struct ValueReader {
    keys: FxHashMap<Box<str>, Text>,
    after_apply: Arc<Unknown>,
}

impl Default for ValueReader {
    fn default() -> Self {
        ValueReader { keys: FxHashMap::default(), after_apply: Arc::new(Unknown::because(Reason::AfterApply)) }
    }
}

impl ValueReader {
    /// The value a piece of JSON stands for.
    pub(super) fn read(&mut self, json: &RawValue) -> Result<Value, serde_json::Error> {
        let mut from = serde_json::Deserializer::from_str(json.get());
        Plain(self).deserialize(&mut from)
    }

    /// Makes unknown what `after_unknown` says is.
    pub(super) fn lay_unknown(&mut self, json: &RawValue, onto: &mut Value) -> Result<(), serde_json::Error> {
        let mut from = serde_json::Deserializer::from_str(json.get());
        Overlay { reader: self, onto, mark: Mark::Unknown }.deserialize(&mut from).map(|_| ())
    }

    /// Marks as sensitive what `after_sensitive` says is, everything inside included.
    pub(super) fn lay_sensitive(&mut self, json: &RawValue, onto: &mut Value) -> Result<(), serde_json::Error> {
        let mut from = serde_json::Deserializer::from_str(json.get());
        Overlay { reader: self, onto, mark: Mark::Sensitive }.deserialize(&mut from).map(|_| ())
    }

    /// Marks all of a value. An overlay of another shape than its value says too little about where the mark belongs.
    fn whole(&self, mark: Mark, onto: &mut Value) {
        match mark {
            Mark::Unknown => onto.data = Data::Unknown(Arc::clone(&self.after_apply)),
            Mark::Sensitive => onto.seal(),
        }
    }

    fn key(&mut self, key: &str) -> Text {
        if let Some(text) = self.keys.get(key) {
            return Text::clone(text);
        }
        let text = Text::from(key);
        self.keys.insert(key.into(), Text::clone(&text));
        text
    }
}

struct Plain<'r>(&'r mut ValueReader);

impl<'de> DeserializeSeed<'de> for Plain<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Plain<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::null())
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or_else(|_| Value::new(Data::Float(value as f64)), Value::from))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::new(Data::Float(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Plain(self.0))? {
            items.push(item);
        }
        items.shrink_to_fit();
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<super::document::Str<'de>>()? {
            let key = self.0.key(key.as_ref());
            entries.push((key, map.next_value_seed(Plain(self.0))?));
        }
        entries.shrink_to_fit();
        Ok(entries.into_iter().collect::<Map>().into())
    }
}

#[derive(Clone, Copy)]
enum Mark {
    Unknown,
    Sensitive,
}

/// Walks an overlay; answers whether it changed anything, so that `{}` over null stays null.
struct Overlay<'r, 'v> {
    reader: &'r mut ValueReader,
    onto: &'v mut Value,
    mark: Mark,
}

impl<'de> DeserializeSeed<'de> for Overlay<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<bool, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Overlay<'_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true, false, or a list or object of them")
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_bool<E>(self, value: bool) -> Result<bool, E> {
        if value {
            self.reader.whole(self.mark, self.onto);
        }
        Ok(value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<bool, A::Error> {
        let mut spare = Vec::new();
        let fresh = !matches!(self.onto.data, Data::List(_));
        let items = match &mut self.onto.data {
            Data::List(items) => items,
            _ => &mut spare,
        };
        let (mut at, mut changed) = (0, false);
        loop {
            // Most lists are as long as their overlay: one more is made only when it comes.
            let mut one_more = Value::null();
            let more = at >= items.len();
            let onto = items.get_mut(at).unwrap_or(&mut one_more);
            let Some(one) = seq.next_element_seed(Overlay { reader: self.reader, onto, mark: self.mark })? else {
                break;
            };
            changed |= one;
            if more {
                items.push(one_more);
            }
            at += 1;
        }
        if fresh && changed {
            match self.mark {
                _ if self.onto.is_null() => self.onto.data = Data::List(spare),
                mark => self.reader.whole(mark, self.onto),
            }
        }
        Ok(changed)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut changed = false;
        let mut spare = Map::default();
        let fresh = !matches!(self.onto.data, Data::Map(_));
        let mut added = Vec::new();
        let mut near = 0;
        while let Some(key) = map.next_key::<super::document::Str<'de>>()? {
            if let Data::Map(entries) = &mut self.onto.data
                && let Some(inner) = entries.get_mut_near(key.as_ref(), &mut near)
            {
                changed |= map.next_value_seed(Overlay { reader: self.reader, onto: inner, mark: self.mark })?;
                continue;
            }
            let mut inner = Value::null();
            let seed = Overlay { reader: self.reader, onto: &mut inner, mark: self.mark };
            if map.next_value_seed(seed)? && (fresh || !inner.is_null()) {
                added.push((self.reader.key(key.as_ref()), inner));
                changed = true;
            }
        }
        let entries = match &mut self.onto.data {
            Data::Map(entries) => entries,
            _ => &mut spare,
        };
        entries.extend(added);
        if fresh && changed {
            match self.mark {
                Mark::Unknown if self.onto.is_null() => self.onto.data = Data::Map(spare),
                _ if self.onto.is_null() => {}
                mark => self.reader.whole(mark, self.onto),
            }
        }
        Ok(changed)
    }
}
