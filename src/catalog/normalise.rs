//! From what the input says about a resource to its attributes in our vocabulary, defaults filled in and marked.

use std::borrow::Cow;
use std::fmt::Write;

use super::layout::{Layout, Seen};
use super::schema::Type;
use super::spec::{Attribute, Const, Default, Dialect, Entry, KindSpec, Read};
use crate::graph::{Data, DefaultOf, Lookup, Map, Place, Reason, Unknown, Value, first_key, lookup};

/// Whether the author wrote an attribute, as far as the input can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Yes: an unknown value is really unknown.
    Yes,
    /// No: an unknown value is what the provider or AWS will fill in.
    No,
    /// It cannot be told, so an unknown value stays unknown.
    CannotTell,
}

/// What the input tells about where a resource's values come from. Paths are dotted and in the input's own form.
pub trait Origin {
    /// Whether the author wrote it.
    fn written(&self, path: &str) -> Written;
    /// Why a value that was written is not known.
    fn why(&self, path: &str) -> Unknown;
    /// Why an attribute that AWS or the provider computes, and nobody wrote, is not known. None where the input lists what
    /// is computed, as a plan does.
    fn later(&self, _path: &str) -> Option<Unknown> {
        None
    }
    /// The place of a path.
    fn place(&self, path: &str) -> Place;
}

/// The attributes of a resource in our vocabulary. `raw` is the resource as the input says it.
///
/// In CloudFormation null stands for what is not written (`AWS::NoValue`), and an unknown says itself why it is unknown:
/// `origin` is asked only for places and for what is computed later.
pub fn attributes(spec: &KindSpec, dialect: Dialect, raw: &Value, origin: &dyn Origin) -> Value {
    let layout = Layout::of(spec);
    let mut seen = vec![Seen::default(); spec.attributes.len()];
    layout.find(dialect, raw, &mut seen);
    let mut filled = Filled { attributes: spec.attributes, values: Vec::with_capacity(spec.attributes.len()) };
    for (attribute, seen) in spec.attributes.iter().zip(seen) {
        let path = attribute.path_in(dialect);
        let seen = read(attribute.read_in(dialect), seen);
        let making = Making { attribute, path: &path, raw, origin, filled: &filled };
        let mut value = match dialect {
            Dialect::Terraform => making.of_terraform(seen),
            Dialect::CloudFormation => making.of_cloudformation(seen),
        };
        if matches!(value.data, Data::List(_) | Data::Map(_)) && value.holds_unknown() {
            // Objects that were computed from properties have our names inside.
            let inside = dialect == Dialect::Terraform || !matches!(attribute.cloudformation, Read::From(..));
            locate(&mut value, &mut path.into_owned(), inside, origin);
        }
        filled.values.push(value);
    }
    layout.object(filled.values)
}

/// The attributes of a resource that are filled in so far.
pub struct Filled<'f> {
    attributes: &'f [Attribute],
    values: Vec<Value>,
}

impl Filled<'_> {
    /// Looks up an attribute by its whole path.
    #[must_use]
    pub fn get(&self, path: &str) -> Lookup<'_> {
        let at = self.attributes.iter().position(|attribute| attribute.path == path);
        at.and_then(|at| self.values.get(at)).map_or(Lookup::Absent, |value| lookup(value, ""))
    }
}

/// An attribute that is being made, and what it is made from beside what was seen of it.
struct Making<'m> {
    attribute: &'m Attribute,
    /// Where the input's language has it.
    path: &'m str,
    /// The resource as the input says it.
    raw: &'m Value,
    origin: &'m dyn Origin,
    filled: &'m Filled<'m>,
}

impl Making<'_> {
    fn of_terraform(&self, seen: Option<Cow<'_, Value>>) -> Value {
        let Making { attribute, path, origin, .. } = *self;
        let default = || self.fill(attribute.default);
        let read = &attribute.terraform;
        let Some(seen) = seen else { return default() };
        match &seen.data {
            Data::Null => default(),
            // Only an entry that is written has a value.
            Data::Unknown(_) if matches!(read, Read::Keyed { .. }) => {
                let mut seen = seen.into_owned();
                put_at(&mut seen, path, origin);
                seen
            }
            _ if matches!(read, Read::Keyed { .. }) => {
                conformed(numbered(seen.into_owned(), attribute.ty), attribute.ty)
            }
            Data::Unknown(_) if origin.written(path) == Written::No => {
                let default = default();
                let computed = default.is_null() && !matches!(attribute.default, Default::Unset | Default::AwsBy(_));
                if computed { seen.into_owned() } else { default }
            }
            // A text says itself what of it is not known.
            Data::Unknown(unknown) if unknown.outline.is_some() => converted(read, seen, |value| value),
            Data::Unknown(_) => Value { data: Value::unknown(origin.why(path)).data, marks: seen.marks },
            _ => converted(read, seen, |value| conformed(listed(value, attribute.ty), attribute.ty)),
        }
    }

    fn of_cloudformation(&self, seen: Option<Cow<'_, Value>>) -> Value {
        let Making { attribute, path, origin, .. } = *self;
        let read = &attribute.cloudformation;
        let seen = seen.unwrap_or_else(|| Cow::Owned(Value::null()));
        let mut value = match &seen.data {
            Data::Null => Value::null(),
            Data::Unknown(_) => seen.into_owned(),
            _ => converted(read, seen, |value| conformed(numbered(value, attribute.ty), attribute.ty)),
        };
        if value.is_null() {
            return self.fill(attribute.default_in(Dialect::CloudFormation));
        }
        if value.as_unknown().is_some() {
            locate(&mut value, &mut path.to_owned(), true, origin);
        }
        value
    }

    /// What stands for an attribute that nobody wrote.
    fn fill(&self, default: Default) -> Value {
        let Making { path, raw, origin, filled, .. } = *self;
        let provider = |constant: Const| Value::from(constant).defaulted(DefaultOf::Provider);
        let aws = |value: Value| value.defaulted(DefaultOf::Aws);
        match default {
            Default::None | Default::Unset => Value::null(),
            Default::Computed => origin.later(path).map_or_else(Value::null, Value::unknown),
            Default::Both(constant) | Default::Aws(constant) => aws(constant.into()),
            Default::Provider(constant) => provider(constant),
            Default::AwsBy(by) => aws(by(filled)),
            Default::InBlock { block, provider: constant, aws: by } => match lookup(raw, block) {
                Lookup::Absent => aws(by(filled)),
                Lookup::Known(blocks) if blocks.as_list().is_some_and(<[_]>::is_empty) => aws(by(filled)),
                Lookup::Known(_) => provider(constant),
                Lookup::Unknown(_) if origin.written(block) == Written::No => aws(by(filled)),
                Lookup::Unknown(_) => Value::unknown(origin.why(block)),
            },
        }
    }
}

/// What the input says; none where the dialect has no such attribute.
fn read<'v>(read: &Read, seen: Seen<'v>) -> Option<Cow<'v, Value>> {
    match read {
        Read::At(_) | Read::From(..) => Some(marked(seen)),
        Read::Keyed { entry, key, .. } => Some(Cow::Owned(keyed(&marked(seen), entry, key))),
        Read::Nowhere => None,
    }
}

/// What was seen, and sensitive when that was.
fn marked(seen: Seen<'_>) -> Cow<'_, Value> {
    match seen.value {
        None => Cow::Owned(Value::null()),
        Some(value) if value.as_unknown().is_some() => Cow::Owned(Value::new(value.data.clone())),
        Some(value) if seen.sensitive => {
            let mut value = value.clone();
            value.seal();
            Cow::Owned(value)
        }
        Some(value) => Cow::Borrowed(value),
    }
}

fn converted(read: &Read, seen: Cow<'_, Value>, conform: impl Fn(Value) -> Value) -> Value {
    let Read::From(_, convert) = read else { return conform(seen.into_owned()) };
    let sensitive = seen.marks.sensitive;
    let mut value = convert(&seen);
    if sensitive {
        value.seal();
    }
    value
}

/// The value of the entry with this key. Which of two entries with one key holds is documented nowhere, and an entry
/// whose key is not known may have it.
fn keyed(list: &Value, form: &Entry, key: &str) -> Value {
    let undecidable = |why: String| Value::unknown(Unknown::because(Reason::Undecidable(why.into())));
    let entries = match &list.data {
        Data::Null | Data::Unknown(_) => return list.clone(),
        Data::List(entries) => entries.as_slice(),
        _ => std::slice::from_ref(list),
    };
    let mut found: Option<&Value> = None;
    for entry in entries.iter().filter(|entry| !entry.is_null()) {
        match is_called(entry, form, key) {
            Called::Otherwise => {}
            Called::So if found.is_some() => return undecidable(format!("two entries set {key}")),
            Called::So => found = Some(entry),
            Called::Unknown(unknown) => return Value::unknown(unknown),
            Called::Unreadable(field) => return undecidable(format!("an entry has no {field} that can be read")),
        }
    }
    let Some(entry) = found else { return Value::null() };
    let own = entry.get(form.value);
    let mut value = match lookup(entry, form.value) {
        Lookup::Known(value) => value.clone(),
        Lookup::Unknown(unknown) => Value::unknown(unknown.clone()),
        Lookup::Absent => return undecidable(format!("the entry that sets {key} has no {}", form.value)),
    };
    if list.marks.sensitive || entry.marks.sensitive || own.is_some_and(|value| value.marks.sensitive) {
        value.seal();
    }
    value
}

/// Whether an entry has a key.
enum Called<'e> {
    So,
    Otherwise,
    Unknown(Unknown),
    Unreadable(&'e str),
}

fn is_called<'e>(entry: &Value, form: &'e Entry, key: &str) -> Called<'e> {
    let mut open = None;
    for (field, part) in form.keys.iter().zip(key.splitn(form.keys.len(), '/')) {
        match lookup(entry, field) {
            Lookup::Known(own) if own.as_str().is_some_and(|own| own != part) => return Called::Otherwise,
            Lookup::Known(own) if own.as_str().is_some() => {}
            Lookup::Unknown(unknown) => open = Some(Called::Unknown(unknown.clone())),
            _ => open = open.or(Some(Called::Unreadable(field))),
        }
    }
    open.unwrap_or(Called::So)
}

impl Attribute {
    /// A text as the attribute's type has it, for what says everything in texts.
    #[must_use]
    pub fn of_text(&self, text: &str) -> Value {
        numbered(text.into(), self.ty)
    }
}

/// What CloudFormation makes of text where a number or a list is wanted: `"60"` is 60, one text is a list of it.
fn numbered(value: Value, ty: fn() -> Type) -> Value {
    match (&value.data, ty()) {
        (Data::String(_), Type::Int) => match value.as_int() {
            Some(number) => Value { data: Data::Int(number), marks: value.marks },
            None => value,
        },
        (Data::String(_), Type::List(_)) => Value { marks: value.marks, data: Data::List([value].into()) },
        _ => value,
    }
}

/// Text and booleans as the attribute's type has them: a configuration may write `port = 8080` for a text and `"true"`
/// for a boolean, and Terraform converts.
fn conformed(value: Value, ty: fn() -> Type) -> Value {
    if !matches!(value.data, Data::Int(_) | Data::Bool(_) | Data::String(_)) {
        return value;
    }
    let text = match (&value.data, ty()) {
        (Data::Int(number), Type::String) => number.to_string(),
        (Data::Bool(flag), Type::String) => flag.to_string(),
        (Data::String(text), Type::Bool) => {
            let flag = text.parse::<bool>().ok();
            return flag.map_or(value.clone(), |flag| Value { data: Data::Bool(flag), marks: value.marks });
        }
        _ => return value,
    };
    Value { data: Data::String(text.as_str().into()), marks: value.marks }
}

/// A block that stands once may be an object in JSON.
fn listed(value: Value, ty: fn() -> Type) -> Value {
    match &value.data {
        Data::Map(_) if matches!(ty(), Type::List(_)) => Value { marks: value.marks, data: Data::List([value].into()) },
        _ => value,
    }
}

/// Gives every unknown inside a value the place it stands at, unless it has one. What stands in an object has the place of
/// the object unless `inside`.
fn locate(value: &mut Value, path: &mut String, inside: bool, origin: &dyn Origin) {
    let before = path.len();
    match &mut value.data {
        Data::List(items) => {
            for (at, item) in items.iter_mut().enumerate().filter(|(_, item)| item.holds_unknown()) {
                // Writing to memory does not fail.
                let _ = write!(path, "[{at}]");
                locate(item, path, inside, origin);
                path.truncate(before);
            }
        }
        Data::Map(map) if inside => {
            for (key, item) in map.iter_mut().filter(|(_, item)| item.holds_unknown()) {
                path.extend([".", key.as_str()]);
                locate(item, path, inside, origin);
                path.truncate(before);
            }
        }
        _ => put_at(value, path, origin),
    }
}

/// Gives every unknown inside a value this place, unless it has one.
fn put_at(value: &mut Value, path: &str, origin: &dyn Origin) {
    match &mut value.data {
        Data::List(items) => items.iter_mut().for_each(|item| put_at(item, path, origin)),
        Data::Map(map) => map.iter_mut().for_each(|(_, item)| put_at(item, path, origin)),
        Data::Unknown(unknown) if unknown.hangs_on.is_none() => {
            let unknown = Unknown { hangs_on: Some(origin.place(path)), ..Unknown::clone(unknown) };
            *value = Value { data: Value::unknown(unknown).data, ..*value };
        }
        _ => {}
    }
}

/// Puts a value at a dotted path.
pub fn set(object: &mut Value, path: &str, value: Value) {
    let Data::Map(map) = &mut object.data else { return };
    match first_key(path) {
        (_, None) => map.set(path, value),
        (head, Some(rest)) => {
            if map.get(head).is_none() {
                map.set(head, Map::default().into());
            }
            if let Some(inner) = map.get_mut(head) {
                set(inner, rest, value);
            }
        }
    }
}
