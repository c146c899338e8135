//! Reads attribute values: `after`, then `after_unknown` and `after_sensitive` laid over it. Unknown, sensitive, null
//! and absent stay apart. What nothing looks at is skipped: it is most of a plan.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::document::Str;
use crate::catalog::KindSpec;
use crate::graph::{Data, Kind, List, Map, Reason, Text, Unknown, Value, name};

/// Reads values; remembers overlays, which are the same text for every resource of a type, and values: those of what a
/// module holds and nothing names are the same in every copy of it.
pub(super) struct ValueReader<'a> {
    overlays: FxHashMap<(&'a str, Option<Kind>), Rc<Marked>>,
    values: FxHashMap<(Option<Kind>, [&'a str; 3]), Value>,
    texts: FxHashSet<Text>,
    after_apply: Arc<Unknown>,
}

/// More overlays than this are not remembered.
const MOST_OVERLAYS: usize = 4096;
/// More values than this are not remembered.
const MOST_VALUES: usize = 1024;
/// More texts than this are not remembered, nor longer ones. Most that many resources have are a word: `HTTP`, `ip`.
const MOST_TEXTS: usize = 4096;
const LONGEST_TEXT: usize = 24;

impl Default for ValueReader<'_> {
    fn default() -> Self {
        let after_apply = Arc::new(Unknown::because(Reason::AfterApply));
        ValueReader {
            overlays: FxHashMap::default(),
            values: FxHashMap::default(),
            texts: FxHashSet::default(),
            after_apply,
        }
    }
}

impl<'a> ValueReader<'a> {
    /// The value that `read` makes of these texts, unless it is known already.
    pub(super) fn once<E>(
        &mut self,
        wanted: Wanted,
        parts: [Option<&'a RawValue>; 3],
        read: impl FnOnce(&mut Self) -> Result<Value, E>,
    ) -> Result<Value, E> {
        let key = (wanted.kind(), parts.map(|part| part.map_or("", RawValue::get)));
        if let Some(known) = self.values.get(&key) {
            return Ok(known.clone());
        }
        let value = read(self)?;
        if self.values.len() < MOST_VALUES {
            self.values.insert(key, value.clone());
        }
        Ok(value)
    }

    /// The value a piece of JSON stands for; of an object only the `wanted` entries.
    pub(super) fn read(&mut self, json: &RawValue, wanted: Wanted) -> Result<Value, serde_json::Error> {
        let mut from = serde_json::Deserializer::from_str(json.get());
        Plain { reader: self, wanted }.deserialize(&mut from)
    }

    /// Makes unknown what `after_unknown` says is, among the `wanted` entries.
    pub(super) fn lay_unknown(
        &mut self,
        json: &'a RawValue,
        wanted: Wanted,
        onto: &mut Value,
    ) -> Result<(), serde_json::Error> {
        let marked = self.overlay(json, wanted)?;
        self.lay(&marked, Mark::Unknown, onto);
        Ok(())
    }

    /// Marks as sensitive what `after_sensitive` says is, everything inside included, among the `wanted` entries.
    pub(super) fn lay_sensitive(
        &mut self,
        json: &'a RawValue,
        wanted: Wanted,
        onto: &mut Value,
    ) -> Result<(), serde_json::Error> {
        let marked = self.overlay(json, wanted)?;
        self.lay(&marked, Mark::Sensitive, onto);
        Ok(())
    }

    fn overlay(&mut self, json: &'a RawValue, wanted: Wanted) -> Result<Rc<Marked>, serde_json::Error> {
        let key = (json.get(), wanted.kind());
        if let Some(known) = self.overlays.get(&key) {
            return Ok(Rc::clone(known));
        }
        let mut from = serde_json::Deserializer::from_str(json.get());
        let marked = Rc::new(Overlay { reader: self, wanted }.deserialize(&mut from)?);
        if self.overlays.len() < MOST_OVERLAYS {
            self.overlays.insert(key, Rc::clone(&marked));
        }
        Ok(marked)
    }

    /// A text, the same one each time where it may be one that many resources have.
    fn text(&mut self, text: &str) -> Text {
        if let Some(known) = self.texts.get(text) {
            return Text::clone(known);
        }
        let new = Text::from(text);
        if self.texts.len() < MOST_TEXTS && text.len() <= LONGEST_TEXT {
            self.texts.insert(Text::clone(&new));
        }
        new
    }

    /// Marks all of a value. An overlay of another shape than its value says too little about where the mark belongs.
    fn whole(&self, mark: Mark, onto: &mut Value) {
        match mark {
            Mark::Unknown => onto.data = Data::Unknown(Arc::clone(&self.after_apply)),
            Mark::Sensitive => onto.seal(),
        }
    }
}

/// Which entries of a resource's object are read: those that anything looks at in a resource of its kind, or all.
#[derive(Clone, Copy)]
pub(super) enum Wanted {
    All,
    /// Of this kind, these names, sorted.
    Of(Kind, &'static [Text]),
}

impl Wanted {
    /// What is looked at in a resource of a kind.
    pub(super) fn of(spec: &KindSpec) -> Wanted {
        Wanted::Of(spec.kind, spec.read_in_terraform())
    }

    /// The name of an entry, if that is wanted. Keys mostly come sorted: `near` is how many names have been passed.
    fn name(self, key: &str, near: &mut usize) -> Option<Text> {
        let Wanted::Of(_, names) = self else { return Some(name(key)) };
        if near.checked_sub(1).is_some_and(|last| names[last].as_str() >= key) {
            *near = 0;
        }
        *near += names[*near..].iter().take_while(|name| name.as_str() < key).count();
        names.get(*near).filter(|name| name.as_str() == key).cloned()
    }

    fn kind(self) -> Option<Kind> {
        match self {
            Wanted::All => None,
            Wanted::Of(kind, _) => Some(kind),
        }
    }
}

struct Plain<'r, 'a> {
    reader: &'r mut ValueReader<'a>,
    wanted: Wanted,
}

impl<'r, 'a> Plain<'r, 'a> {
    fn whole(reader: &'r mut ValueReader<'a>) -> Self {
        Plain { reader, wanted: Wanted::All }
    }
}

impl<'de> DeserializeSeed<'de> for Plain<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Plain<'_, '_> {
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
        Ok(Value::new(Data::String(self.reader.text(value))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Plain::whole(self.reader))? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let (mut entries, mut near) = (Vec::new(), 0);
        while let Some(key) = map.next_key::<Str<'de>>()? {
            match self.wanted.name(key.as_ref(), &mut near) {
                Some(key) => entries.push((key, map.next_value_seed(Plain::whole(self.reader))?)),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(entries.into_iter().collect::<Map>().into())
    }
}

#[derive(Clone, Copy)]
enum Mark {
    Unknown,
    Sensitive,
}

/// What an overlay marks.
enum Marked {
    Nothing,
    All,
    List(Vec<Marked>),
    /// Sorted by key.
    Map(Vec<(Text, Marked)>),
}

/// Reads an overlay.
struct Overlay<'r, 'a> {
    reader: &'r mut ValueReader<'a>,
    wanted: Wanted,
}

impl<'de> DeserializeSeed<'de> for Overlay<'_, '_> {
    type Value = Marked;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Marked, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Overlay<'_, '_> {
    type Value = Marked;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true, false, or a list or object of them")
    }

    fn visit_unit<E>(self) -> Result<Marked, E> {
        Ok(Marked::Nothing)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Marked, E> {
        Ok(if value { Marked::All } else { Marked::Nothing })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Marked, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Overlay { reader: self.reader, wanted: Wanted::All })? {
            items.push(item);
        }
        Ok(if items.is_empty() { Marked::Nothing } else { Marked::List(items) })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Marked, A::Error> {
        let (mut entries, mut near) = (Vec::new(), 0);
        while let Some(key) = map.next_key::<Str<'de>>()? {
            let Some(key) = self.wanted.name(key.as_ref(), &mut near) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let inner = map.next_value_seed(Overlay { reader: self.reader, wanted: Wanted::All })?;
            if !matches!(inner, Marked::Nothing) {
                entries.push((key, inner));
            }
        }
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        entries.dedup_by(|(a, _), (b, _)| a == b);
        Ok(if entries.is_empty() { Marked::Nothing } else { Marked::Map(entries) })
    }
}

impl ValueReader<'_> {
    /// Lays an overlay over a value; answers whether it changed anything, so that `{}` over null stays null.
    fn lay(&self, marked: &Marked, mark: Mark, onto: &mut Value) -> bool {
        match marked {
            Marked::Nothing => false,
            Marked::All => {
                self.whole(mark, onto);
                true
            }
            Marked::List(items) => self.lay_list(items, mark, onto),
            Marked::Map(entries) => self.lay_map(entries, mark, onto),
        }
    }

    fn lay_list(&self, marked: &[Marked], mark: Mark, onto: &mut Value) -> bool {
        let mut spare = List::new();
        let fresh = !matches!(onto.data, Data::List(_));
        let items = match &mut onto.data {
            Data::List(items) => items,
            _ => &mut spare,
        };
        let mut changed = false;
        for (at, one) in marked.iter().enumerate() {
            match items.get_mut(at) {
                Some(item) => changed |= self.lay(one, mark, item),
                None => {
                    let mut one_more = Value::null();
                    changed |= self.lay(one, mark, &mut one_more);
                    items.push(one_more);
                }
            }
        }
        if fresh && changed {
            match mark {
                _ if onto.is_null() => onto.data = Data::List(spare),
                mark => self.whole(mark, onto),
            }
        }
        changed
    }

    fn lay_map(&self, marked: &[(Text, Marked)], mark: Mark, onto: &mut Value) -> bool {
        let mut changed = false;
        let fresh = !matches!(onto.data, Data::Map(_));
        let mut entries = match &mut onto.data {
            Data::Map(entries) => std::mem::take(entries),
            _ => Map::default(),
        };
        entries.merge(
            marked,
            |(key, _)| key,
            |(_, one), there| match there {
                Some(inner) => {
                    changed |= self.lay(one, mark, inner);
                    None
                }
                None => {
                    let mut inner = Value::null();
                    let added = self.lay(one, mark, &mut inner) && (fresh || !inner.is_null());
                    changed |= added;
                    added.then_some(inner)
                }
            },
        );
        match mark {
            _ if !fresh => onto.data = Data::Map(entries),
            Mark::Unknown if changed && onto.is_null() => onto.data = Data::Map(entries),
            mark if changed && !onto.is_null() => self.whole(mark, onto),
            _ => {}
        }
        changed
    }
}
