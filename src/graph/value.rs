//! What an attribute can be: JSON's shapes, plus *unknown*. Sensitivity and "this is a default" are marks on a
//! value, not shapes of it. *Absent* is deliberately not a value: it is an answer of a look-up
//! ([`Lookup`](super::Lookup)).

use std::fmt;
use std::sync::Arc;

use thin_vec::ThinVec;

use super::{Unknown, name};

/// Shared text; cheap to clone, and one word wide, as every part of a value is: a large input has very many.
pub type Text = arcstr::ArcStr;

/// Elements in order; one word wide.
pub type List = ThinVec<Value>;

/// A value with its marks. `Debug` and `Display` never show a sensitive one.
#[derive(Clone, PartialEq)]
pub struct Value {
    /// The shape and content.
    pub data: Data,
    /// Marks: sensitive, default.
    pub marks: Marks,
}

/// The shape of a [`Value`].
#[derive(Clone, PartialEq)]
pub enum Data {
    /// Written as null: in Terraform the same as not written.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    String(Text),
    /// A list, tuple or set.
    List(List),
    /// An object or map.
    Map(Map),
    /// Not known before apply, with the reason.
    Unknown(Arc<Unknown>),
}

/// Marks of a [`Value`]; they do not take part in comparison of content.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Marks {
    /// Must never be shown.
    pub sensitive: bool,
    /// Nobody wrote it: who fills it in.
    pub default: Option<DefaultOf>,
}

/// Who fills in a value nobody wrote.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DefaultOf {
    /// The Terraform provider sends it.
    Provider,
    /// AWS assumes it when nothing is sent.
    Aws,
}

impl Value {
    /// A value without marks.
    #[must_use]
    pub fn new(data: Data) -> Value {
        Value { data, marks: Marks::default() }
    }

    /// Null.
    #[must_use]
    pub fn null() -> Value {
        Value::new(Data::Null)
    }

    /// An unknown with its reason.
    #[must_use]
    pub fn unknown(unknown: Unknown) -> Value {
        Value::new(Data::Unknown(Arc::new(unknown)))
    }

    /// Marked as a default of `of`.
    #[must_use]
    pub fn defaulted(mut self, of: DefaultOf) -> Value {
        self.marks.default = Some(of);
        self
    }

    /// Marks it, and everything inside it, as sensitive.
    pub fn seal(&mut self) {
        self.marks.sensitive = true;
        match &mut self.data {
            Data::List(items) => items.iter_mut().for_each(Value::seal),
            Data::Map(map) => map.iter_mut().for_each(|(_, value)| value.seal()),
            _ => {}
        }
    }

    /// The reason, when this value itself (not something inside it) is unknown.
    #[must_use]
    pub fn as_unknown(&self) -> Option<&Arc<Unknown>> {
        match &self.data {
            Data::Unknown(unknown) => Some(unknown),
            _ => None,
        }
    }

    /// Whether it, or anything inside it, is unknown.
    #[must_use]
    pub fn holds_unknown(&self) -> bool {
        match &self.data {
            Data::Unknown(_) => true,
            Data::List(items) => items.iter().any(Value::holds_unknown),
            Data::Map(map) => map.iter().any(|(_, value)| value.holds_unknown()),
            _ => false,
        }
    }

    /// Whether it, or anything inside it, must not be shown.
    #[must_use]
    pub fn holds_sensitive(&self) -> bool {
        let mut left = vec![self];
        while let Some(value) = left.pop() {
            if value.marks.sensitive {
                return true;
            }
            match &value.data {
                Data::List(items) => left.extend(items),
                Data::Map(map) => left.extend(map.iter().map(|(_, item)| item)),
                _ => {}
            }
        }
        false
    }

    /// The text, when it is known text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::String(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number: an integer, or (as Terraform and CloudFormation convert) text that is one.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match &self.data {
            Data::Int(number) => Some(*number),
            Data::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The boolean: one, or the text `true` / `false`.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match &self.data {
            Data::Bool(value) => Some(*value),
            Data::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The elements, when it is a known list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Value]> {
        match &self.data {
            Data::List(items) => Some(items),
            _ => None,
        }
    }

    /// The entries, when it is a known map.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        match &self.data {
            Data::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The entry under `key`, when it is a known map that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_map().and_then(|map| map.get(key))
    }

    /// Whether it is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::new(Data::Bool(value))
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Value {
        Value::new(Data::Int(value))
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Value {
        Value::new(Data::Int(i64::from(value)))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Value {
        Value::new(Data::String(value.into()))
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Value {
        Value::new(Data::List(items.into()))
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Value {
        Value::new(Data::Map(map))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.marks.sensitive {
            return f.write_str("(sensitive)");
        }
        match &self.data {
            Data::Null => f.write_str("null"),
            Data::Bool(value) => write!(f, "{value}"),
            Data::Int(value) => write!(f, "{value}"),
            Data::Float(value) => write!(f, "{value}"),
            Data::String(value) => {
                // Most texts need no escapes, and to look for them letter by letter takes long.
                let plain = |byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\'' | b'\\');
                f.write_str("\"")?;
                match value.bytes().all(plain) {
                    true => f.write_str(value)?,
                    false => write!(f, "{}", value.escape_debug())?,
                }
                f.write_str("\"")
            }
            Data::List(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Data::Map(map) => {
                f.write_str("{")?;
                for (i, (key, item)) in map.iter().enumerate() {
                    write!(f, "{}{key}: {item}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("}")
            }
            Data::Unknown(unknown) => write!(f, "({unknown})"),
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An object: entries sorted by key, so that equal objects are equal and output is stable.
#[derive(Clone, Default, PartialEq)]
pub struct Map {
    entries: ThinVec<(Text, Value)>,
}

impl Map {
    /// An empty one with room for so many entries.
    #[must_use]
    pub fn with_room(entries: usize) -> Map {
        Map { entries: ThinVec::with_capacity(entries) }
    }

    /// The value under `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        let at = self.position(key)?;
        self.entries.get(at).map(|(_, value)| value)
    }

    /// The value under `key`, to change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        let at = self.position(key)?;
        self.entries.get_mut(at).map(|(_, value)| value)
    }

    /// Goes through `others`, which are sorted by key, together with the entries. `with` is given each and the value under
    /// its key, to change; where there is none it may give one.
    pub fn merge<T>(
        &mut self,
        others: &[T],
        key: impl Fn(&T) -> &Text,
        mut with: impl FnMut(&T, Option<&mut Value>) -> Option<Value>,
    ) {
        let mut merged = ThinVec::with_capacity(self.entries.len() + others.len());
        let mut own = std::mem::take(&mut self.entries).into_iter();
        let mut next = own.next();
        for other in others {
            let key = key(other);
            while next.as_ref().is_some_and(|(own, _)| own < key) {
                merged.extend(std::mem::replace(&mut next, own.next()));
            }
            match next.as_mut().filter(|(own, _)| own == key) {
                Some((_, value)) => drop(with(other, Some(value))),
                None => merged.extend(with(other, None).map(|value| (Text::clone(key), value))),
            }
        }
        merged.extend(next.into_iter().chain(own));
        self.entries = merged;
    }

    /// Adds entries whose keys are not there yet.
    pub fn extend(&mut self, mut added: Vec<(Text, Value)>) {
        if added.is_empty() {
            return;
        }
        added.sort_by(|a, b| a.0.cmp(&b.0));
        let mut merged = ThinVec::with_capacity(self.entries.len() + added.len());
        let mut own = std::mem::take(&mut self.entries).into_iter().peekable();
        for (key, value) in added {
            while let Some(before) = own.next_if(|(own, _)| *own <= key) {
                merged.push(before);
            }
            if merged.last().is_none_or(|(last, _)| *last != key) {
                merged.push((key, value));
            }
        }
        merged.extend(own);
        self.entries = merged;
    }

    /// Sets `key`, replacing what was there. Sooner done when it comes after all others.
    pub fn insert(&mut self, key: Text, value: Value) {
        if self.entries.last().is_none_or(|(last, _)| *last < key) {
            return self.entries.push((key, value));
        }
        match self.find(&key) {
            Ok(at) => self.entries[at].1 = value,
            Err(at) => self.entries.insert(at, (key, value)),
        }
    }

    /// As [`Map::insert`], under a name that many objects have.
    pub fn set(&mut self, key: &str, value: Value) {
        match self.find(key) {
            Ok(at) => self.entries[at].1 = value,
            Err(at) => self.entries.insert(at, (name(key), value)),
        }
    }

    /// Entries in key order.
    pub fn iter(&self) -> impl Iterator<Item = (&Text, &Value)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// Entries in key order, values to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Text, &mut Value)> {
        self.entries.iter_mut().map(|(key, value)| (&*key, value))
    }

    /// How many entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Where a key stands. Few are looked through: keys of another length are passed over without being read.
    fn position(&self, key: &str) -> Option<usize> {
        if self.entries.len() <= FEW {
            return self.entries.iter().position(|(own, _)| **own == *key);
        }
        self.find(key).ok()
    }

    fn find(&self, key: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|(k, _)| k.as_str().cmp(key))
    }
}

/// So many entries of an object are looked through sooner than halved.
const FEW: usize = 48;

impl FromIterator<(Text, Value)> for Map {
    /// A later entry with the same key wins, as in JSON.
    fn from_iter<I: IntoIterator<Item = (Text, Value)>>(iter: I) -> Map {
        let mut entries: ThinVec<(Text, Value)> = iter.into_iter().collect();
        if entries.is_sorted_by(|a, b| a.0 < b.0) {
            return Map { entries };
        }
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries.reverse();
        entries.dedup_by(|a, b| a.0 == b.0);
        entries.reverse();
        Map { entries }
    }
}
