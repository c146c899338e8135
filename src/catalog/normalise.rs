//! From what the input says about a resource to its attributes in our vocabulary, defaults filled in and marked.

use super::schema::Type;
use super::spec::{Attribute, Const, Default, KindSpec, Read};
use crate::graph::{Data, DefaultOf, Lookup, Map, Place, Text, Unknown, Value, lookup};

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
pub fn attributes(spec: &KindSpec, raw: &Value, origin: &dyn Origin) -> Value {
    let mut filled = Value::from(Map::default());
    for attribute in spec.attributes {
        let path = attribute.terraform.path();
        let seen = at(raw, path);
        let value = match (&seen.data, &attribute.terraform) {
            (Data::Null, _) => fill(attribute, raw, origin, &filled),
            (Data::Unknown(_), _) if origin.written(path) == Written::No => {
                let default = fill(attribute, raw, origin, &filled);
                let computed = default.is_null() && !matches!(attribute.default, Default::Unset);
                if computed { seen } else { default }
            }
            (Data::Unknown(_), _) => Value { data: Value::unknown(origin.why(path)).data, marks: seen.marks },
            (_, Read::At(_)) => conformed(seen, attribute.ty),
            (_, Read::From(_, convert)) => {
                let sensitive = seen.marks.sensitive;
                let mut value = convert(&seen);
                if sensitive {
                    value.seal();
                }
                value
            }
        };
        let mut value = value;
        if matches!(value.data, Data::List(_) | Data::Map(_)) && value.holds_unknown() {
            locate(&mut value, path, origin);
        }
        if !value.is_null() {
            set(&mut filled, attribute.path, value);
        }
    }
    if let Data::Map(map) = &mut filled.data {
        map.shrink();
    }
    filled
}

fn fill(attribute: &Attribute, raw: &Value, origin: &dyn Origin, filled: &Value) -> Value {
    let provider = |constant: Const| Value::from(constant).defaulted(DefaultOf::Provider);
    let aws = |value: Value| value.defaulted(DefaultOf::Aws);
    match attribute.default {
        Default::None | Default::Unset => Value::null(),
        Default::Computed => origin.later(attribute.terraform.path()).map_or_else(Value::null, Value::unknown),
        Default::Both(constant) | Default::Aws(constant) => aws(constant.into()),
        Default::Provider(constant) => provider(constant),
        Default::AwsBy(by) => aws(by(filled)),
        Default::InBlock { block, provider: constant, aws: by } => match &at(raw, block).data {
            Data::Null => aws(by(filled)),
            Data::List(blocks) if blocks.is_empty() => aws(by(filled)),
            Data::Unknown(_) if origin.written(block) == Written::No => aws(by(filled)),
            Data::Unknown(_) => Value::unknown(origin.why(block)),
            _ => provider(constant),
        },
    }
}

/// Text and booleans as the attribute's type has them: a configuration may write `port = 8080` for a text and `"true"`
/// for a boolean, and Terraform converts.
fn conformed(value: Value, ty: fn() -> Type) -> Value {
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

/// Gives every unknown inside a value the place it stands at, unless it has one.
fn locate(value: &mut Value, path: &str, origin: &dyn Origin) {
    match &mut value.data {
        Data::List(items) => {
            for (at, item) in items.iter_mut().enumerate() {
                locate(item, &format!("{path}[{at}]"), origin);
            }
        }
        Data::Map(map) => map.iter_mut().for_each(|(key, item)| locate(item, &format!("{path}.{key}"), origin)),
        Data::Unknown(unknown) if unknown.hangs_on.is_none() => {
            *value =
                Value { data: Value::unknown(Unknown::at(unknown.reason.clone(), origin.place(path))).data, ..*value };
        }
        _ => {}
    }
}

/// The value at a dotted path; blocks that stand at most once are entered by themselves. Null when not there.
fn at(raw: &Value, path: &str) -> Value {
    let mut here = raw;
    let mut sensitive = raw.marks.sensitive;
    for key in path.split('.') {
        if let Some([only]) = here.as_list() {
            here = only;
            sensitive |= here.marks.sensitive;
        }
        match lookup(here, key) {
            Lookup::Known(value) => here = value,
            Lookup::Unknown(unknown) => return Value::unknown(unknown.clone()),
            Lookup::Absent => return Value::null(),
        }
        sensitive |= here.marks.sensitive;
    }
    let mut found = here.clone();
    if sensitive {
        found.seal();
    }
    found
}

fn set(object: &mut Value, path: &str, value: Value) {
    let Data::Map(map) = &mut object.data else { return };
    match path.split_once('.') {
        None => map.insert(Text::from(path), value),
        Some((head, rest)) => {
            if map.get(head).is_none() {
                map.insert(Text::from(head), Map::default().into());
            }
            if let Some(inner) = map.get_mut(head) {
                set(inner, rest, value);
            }
        }
    }
}
