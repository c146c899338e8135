//! Values of Terraform's language: typed, possibly null or unknown, possibly sensitive. Cheap to clone.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use unicode_normalization::{UnicodeNormalization, is_nfc_quick};

use super::equal;
use super::hole::{Bounds, Hole};
use super::{Number, Type};
use crate::graph::{self, Text};

/// A value. `Debug` hides what is sensitive.
#[derive(Clone)]
pub struct Value {
    /// What it is.
    pub content: Content,
    /// Must never be shown; every value made from it must not be either.
    pub sensitive: bool,
}

/// What a [`Value`] is.
#[derive(Clone)]
pub enum Content {
    /// Null of a type.
    Null(Type),
    /// Not known yet.
    Unknown(Arc<Hole>),
    /// True or false.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text, in Unicode's normal form C.
    String(Text),
    /// Elements, all of the given type.
    List(Type, Items),
    /// Different elements in Terraform's order, all of the given type.
    Set(Type, Items),
    /// Elements under keys, all of the given type.
    Map(Type, Entries),
    /// Elements of any types.
    Tuple(Items),
    /// Attributes of any types.
    Object(Entries),
}

/// Shared elements.
pub type Items = Arc<Tree<Vec<Value>>>;
/// Shared elements under keys.
pub type Entries = Arc<Tree<BTreeMap<Text, Value>>>;

/// A collection that knows what walking it would tell. Values are shared, so a tree may be far larger than the memory
/// it takes; `weight` is how large, and the evaluator refuses what is too heavy to walk.
pub struct Tree<C> {
    /// The elements.
    pub content: C,
    /// How many values there are in it, all the way down.
    pub weight: u64,
    /// Whether nothing in it is unknown, all the way down.
    pub whole: bool,
    /// Whether something in it is sensitive.
    pub sealed: bool,
    /// The type of the tuple or object it is, once it was asked for: a loop that indexes it asks every time.
    ty: OnceLock<Type>,
    /// The address of the resource instance it is all of: what is not in it, apply makes.
    resource: Option<Text>,
}

impl Value {
    /// A value that is not sensitive.
    #[must_use]
    pub fn new(content: Content) -> Value {
        Value { content, sensitive: false }
    }

    /// Null of a type.
    #[must_use]
    pub fn null(ty: Type) -> Value {
        Value::new(Content::Null(ty))
    }

    /// Text; brought to normal form C.
    #[must_use]
    pub fn text(text: impl Into<Text>) -> Value {
        let text: Text = text.into();
        let normal = text.is_ascii() || is_nfc_quick(text.chars()) == unicode_normalization::IsNormalized::Yes;
        Value::new(Content::String(if normal { text } else { text.nfc().collect::<String>().into() }))
    }

    /// A number.
    #[must_use]
    pub fn number(number: impl Into<Number>) -> Value {
        Value::new(Content::Number(number.into()))
    }

    /// True or false.
    #[must_use]
    pub fn bool(value: bool) -> Value {
        Value::new(Content::Bool(value))
    }

    /// A tuple.
    #[must_use]
    pub fn tuple(items: Vec<Value>) -> Value {
        Value::new(Content::Tuple(items_of(items)))
    }

    /// An object.
    #[must_use]
    pub fn object(entries: BTreeMap<Text, Value>) -> Value {
        Value::new(Content::Object(entries_of(entries)))
    }

    /// All of a resource instance: what is written of it. Its other attributes will be known after apply.
    pub(super) fn resource(entries: BTreeMap<Text, Value>, address: Text) -> Value {
        let tree = Tree { resource: Some(address), ..tree_of(entries) };
        Value::new(Content::Object(Arc::new(tree)))
    }

    /// A list; every item must be of the element type.
    #[must_use]
    pub fn list(element: Type, items: Vec<Value>) -> Value {
        Value::new(Content::List(element, items_of(items)))
    }

    /// A map; every entry must be of the element type.
    #[must_use]
    pub fn map(element: Type, entries: BTreeMap<Text, Value>) -> Value {
        Value::new(Content::Map(element, entries_of(entries)))
    }

    /// A set: sorted as Terraform sorts, each element once. A sensitive element makes the set sensitive.
    #[must_use]
    pub fn set(element: Type, mut items: Vec<Value>) -> Value {
        let sensitive = items.iter().any(Value::is_sealed);
        if sensitive {
            items.iter_mut().for_each(Value::unseal);
        }
        let items = equal::ordered(items);
        Value { content: Content::Set(element, items_of(items)), sensitive }
    }

    /// Unknown, of a type, for a reason; may still be null.
    #[must_use]
    pub fn unknown(ty: Type, reason: graph::Unknown) -> Value {
        Value::hole(Hole::new(ty, reason))
    }

    /// Unknown as the hole says. A hole that leaves one possibility is filled.
    #[must_use]
    pub fn hole(hole: Hole) -> Value {
        hole.filled().unwrap_or_else(|| Value::new(Content::Unknown(Arc::new(hole))))
    }

    /// The same, known not to be null.
    #[must_use]
    pub fn not_null(mut self) -> Value {
        if let Content::Unknown(hole) = &self.content
            && !hole.bounds.not_null
        {
            let mut hole = Hole::clone(hole);
            hole.bounds.not_null = true;
            self.content = Value::hole(hole).content;
        }
        self
    }

    /// The same, sensitive if it was or `sensitive` says so.
    #[must_use]
    pub fn marked(mut self, sensitive: bool) -> Value {
        self.sensitive |= sensitive;
        self
    }

    /// Its type.
    #[must_use]
    pub fn ty(&self) -> Type {
        match &self.content {
            Content::Null(ty) => ty.clone(),
            Content::Unknown(hole) => hole.ty.clone(),
            Content::Bool(_) => Type::Bool,
            Content::Number(_) => Type::Number,
            Content::String(_) => Type::String,
            Content::List(element, _) => Type::list(element.clone()),
            Content::Set(element, _) => Type::set(element.clone()),
            Content::Map(element, _) => Type::map(element.clone()),
            Content::Tuple(items) => {
                let ty = || Type::Tuple(items.content.iter().map(Value::ty).collect());
                items.ty.get_or_init(ty).clone()
            }
            Content::Object(entries) => {
                let own = |(name, value): (&Text, &Value)| (name.clone(), value.ty());
                let ty = || Type::object(entries.content.iter().map(own).collect());
                entries.ty.get_or_init(ty).clone()
            }
        }
    }

    /// Whether it is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.content, Content::Null(_))
    }

    /// Whether it is null of no particular type, as the literal `null` is.
    #[must_use]
    pub fn is_bare_null(&self) -> bool {
        matches!(self.content, Content::Null(Type::Dynamic))
    }

    /// The hole, when this value itself (not something inside it) is unknown.
    #[must_use]
    pub fn as_hole(&self) -> Option<&Hole> {
        match &self.content {
            Content::Unknown(hole) => Some(hole),
            _ => None,
        }
    }

    /// Whether this value itself is known; something inside it may not be.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !matches!(self.content, Content::Unknown(_))
    }

    /// Whether it and everything inside it is known.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        match &self.content {
            Content::Unknown(_) => false,
            Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => items.whole,
            Content::Map(_, entries) | Content::Object(entries) => entries.whole,
            _ => true,
        }
    }

    /// Whether it or something inside it is sensitive.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.sensitive
            || match &self.content {
                Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => items.sealed,
                Content::Map(_, entries) | Content::Object(entries) => entries.sealed,
                _ => false,
            }
    }

    /// Whether it can never be null.
    #[must_use]
    pub fn is_never_null(&self) -> bool {
        match &self.content {
            Content::Null(_) => false,
            Content::Unknown(hole) => hole.bounds.not_null,
            _ => true,
        }
    }

    /// How many values walking it would meet.
    #[must_use]
    pub fn weight(&self) -> u64 {
        match &self.content {
            Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => items.weight,
            Content::Map(_, entries) | Content::Object(entries) => entries.weight,
            Content::String(text) => 1 + text.len() as u64 / 64,
            _ => 1,
        }
    }

    /// Takes the mark off it and everything inside it.
    pub fn unseal(&mut self) {
        self.sensitive = false;
        if !self.is_sealed() {
            return;
        }
        match &mut self.content {
            Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => {
                let mut bare = items.content.clone();
                bare.iter_mut().for_each(Value::unseal);
                *items = items_of(bare);
            }
            Content::Map(_, entries) | Content::Object(entries) => {
                let mut bare = entries.content.clone();
                bare.values_mut().for_each(Value::unseal);
                *entries = entries_of(bare);
            }
            _ => {}
        }
    }

    /// The text, when it is known text.
    #[must_use]
    pub fn as_text(&self) -> Option<&Text> {
        match &self.content {
            Content::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number, when it is a known number.
    #[must_use]
    pub fn as_number(&self) -> Option<&Number> {
        match &self.content {
            Content::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The boolean, when it is a known one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match &self.content {
            Content::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The elements of a known list, set or tuple.
    #[must_use]
    pub fn as_items(&self) -> Option<&[Value]> {
        match &self.content {
            Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => Some(&items.content),
            _ => None,
        }
    }

    /// The entries of a known map or object.
    #[must_use]
    pub fn as_entries(&self) -> Option<&BTreeMap<Text, Value>> {
        match &self.content {
            Content::Map(_, entries) | Content::Object(entries) => Some(&entries.content),
            _ => None,
        }
    }

    /// Everything unknown in it, to say what a result hangs on.
    pub fn holes(&self, visit: &mut dyn FnMut(&Hole)) {
        if self.is_whole() {
            return;
        }
        match &self.content {
            Content::Unknown(hole) => visit(hole),
            Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => {
                items.content.iter().for_each(|item| item.holes(visit));
            }
            Content::Map(_, entries) | Content::Object(entries) => {
                entries.content.values().for_each(|entry| entry.holes(visit));
            }
            _ => {}
        }
    }

    /// Whether it is a set with unknown elements: two of them may turn out to be the same one.
    #[must_use]
    pub fn may_shrink(&self) -> bool {
        matches!(&self.content, Content::Set(_, items) if !items.whole)
    }

    /// What is known of it without knowing it.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        match &self.content {
            Content::Null(_) => Bounds::default(),
            Content::Unknown(hole) => hole.bounds.clone(),
            Content::List(_, items) => Bounds::length(items.content.len(), Some(items.content.len())),
            Content::Set(_, items) if items.whole => Bounds::length(items.content.len(), Some(items.content.len())),
            Content::Set(_, items) => Bounds::length(usize::from(!items.content.is_empty()), Some(items.content.len())),
            Content::Map(_, entries) => Bounds::length(entries.content.len(), Some(entries.content.len())),
            Content::String(text) => Bounds { prefix: text.clone(), ..Bounds::not_null() },
            _ => Bounds::not_null(),
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.sensitive {
            return f.write_str("(sensitive)");
        }
        match &self.content {
            Content::Null(_) => f.write_str("null"),
            Content::Unknown(hole) => write!(f, "({hole:?})"),
            Content::Bool(value) => write!(f, "{value}"),
            Content::Number(number) => write!(f, "{number}"),
            Content::String(text) => write!(f, "{text:?}"),
            Content::List(_, items) => write!(f, "list{:?}", items.content),
            Content::Set(_, items) => write!(f, "set{:?}", items.content),
            Content::Tuple(items) => write!(f, "{:?}", items.content),
            Content::Map(_, entries) => write!(f, "map{:?}", entries.content),
            Content::Object(entries) => write!(f, "{:?}", entries.content),
        }
    }
}

fn items_of(content: Vec<Value>) -> Items {
    let weight = content.iter().fold(1u64, |sum, item| sum.saturating_add(item.weight()));
    let whole = content.iter().all(Value::is_whole);
    let sealed = content.iter().any(Value::is_sealed);
    Arc::new(Tree { content, weight, whole, sealed, ty: OnceLock::new(), resource: None })
}

fn entries_of(content: BTreeMap<Text, Value>) -> Entries {
    Arc::new(tree_of(content))
}

fn tree_of(content: BTreeMap<Text, Value>) -> Tree<BTreeMap<Text, Value>> {
    let weight = content.values().fold(1u64, |sum, entry| sum.saturating_add(entry.weight()));
    let whole = content.values().all(Value::is_whole);
    let sealed = content.values().any(Value::is_sealed);
    Tree { content, weight, whole, sealed, ty: OnceLock::new(), resource: None }
}

impl Tree<BTreeMap<Text, Value>> {
    /// An entry; of a resource everything there may be that is not written.
    pub(super) fn entry(&self, name: &str) -> Option<Value> {
        let later = |address: &Text| {
            let place = graph::Place::new(&graph::Address::from(&**address), name);
            Value::unknown(Type::Dynamic, graph::Unknown::at(graph::Reason::Reference, place))
        };
        self.content.get(name).cloned().or_else(|| self.resource.as_ref().map(later))
    }
}
