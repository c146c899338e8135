//! Functions on maps and objects.

use std::collections::BTreeMap;

use super::{ANY_MARKED, ANY_PARTS, ANY_PARTS_OR_NULL, Call, Function, Kind, MAP_OF_TEXTS, Needs, TEXT, TEXTS};
use crate::graph::Text;
use crate::load::hcl::convert::convert;
use crate::load::hcl::hole::Bounds;
use crate::load::hcl::value::Content;
use crate::load::hcl::{Fault, Type, Value};

pub(super) const TABLE: &[Function] = &[
    Function::new("keys", &[ANY_PARTS], Kind::Any, keys).needs(Needs::Nothing),
    Function::new("lookup", &[ANY_PARTS, TEXT], Kind::Any, lookup).rest(ANY_MARKED).needs(Needs::Nothing),
    Function::new("merge", &[], Kind::Any, merge).rest(ANY_PARTS_OR_NULL).needs(Needs::Nothing),
    Function::new("transpose", &[MAP_OF_TEXTS], Kind::MapOfTexts, transpose).needs(Needs::Everything),
    Function::new("values", &[ANY_PARTS], Kind::Any, values).needs(Needs::Nothing),
    Function::new("zipmap", &[TEXTS, ANY_PARTS], Kind::Any, zipmap),
];

fn keys(call: &Call<'_>) -> Result<Value, Fault> {
    let value = call.value(0)?;
    match (&value.content, value.ty()) {
        (_, Type::Object(object)) => {
            Ok(Value::tuple(object.attributes.keys().map(|name| Value::text(name.clone())).collect()))
        }
        (Content::Map(_, entries), _) => {
            Ok(Value::list(Type::String, entries.content.keys().map(|name| Value::text(name.clone())).collect()))
        }
        (_, Type::Map(_)) => Ok(call.open_with(Type::list(Type::String), Bounds { not_null: true, ..value.bounds() })),
        (_, Type::Dynamic) => Ok(call.open(Type::Dynamic)),
        _ => Err(Fault::new("a map or an object is required")),
    }
}

fn values(call: &Call<'_>) -> Result<Value, Fault> {
    let value = call.value(0)?;
    match (&value.content, value.ty()) {
        (Content::Map(element, entries), _) => {
            Ok(Value::list(element.clone(), entries.content.values().cloned().collect()))
        }
        (Content::Object(entries), _) => Ok(Value::tuple(entries.content.values().cloned().collect())),
        (_, Type::Object(object)) => Ok(call.open(Type::Tuple(object.attributes.values().cloned().collect()))),
        (_, Type::Map(element)) => Ok(call.open_with(Type::List(element), Bounds { not_null: true, ..value.bounds() })),
        (_, Type::Dynamic) => Ok(call.open(Type::Dynamic)),
        _ => Err(Fault::new("a map or an object is required")),
    }
}

fn lookup(call: &Call<'_>) -> Result<Value, Fault> {
    if call.arguments.len() > 3 {
        return Err(Fault::new("at most three arguments are possible"));
    }
    let map = call.value(0)?;
    let default = call.arguments.get(2);
    let ty = map.ty();
    let element = match &ty {
        Type::Map(element) => Type::clone(element),
        Type::Object(_) | Type::Dynamic => Type::Dynamic,
        _ => return Err(Fault::new("a map or an object is required")),
    };
    let default = default.map(|default| convert(default, &element)).transpose()?;
    let Some(key) = call.value(1)?.as_text() else {
        return Ok(call.open_with(element, Bounds::default()));
    };
    let missing = || Fault::new("the map does not have the key, and no default is given");
    match (&map.content, &ty) {
        (Content::Map(_, entries) | Content::Object(entries), _) => {
            entries.content.get(key).cloned().or(default).ok_or_else(missing)
        }
        (_, Type::Object(object)) => match object.attributes.get(key) {
            Some(ty) => Ok(call.open_with(ty.clone(), Bounds::default())),
            None => default.ok_or_else(missing),
        },
        _ => Ok(call.open_with(element, Bounds::default())),
    }
}

fn merge(call: &Call<'_>) -> Result<Value, Fault> {
    let mut first: Option<Type> = None;
    let mut alike = true;
    let mut open = false;
    for argument in &call.arguments {
        let ty = argument.ty();
        if argument.is_null() && ty == Type::Dynamic {
            alike = false;
            continue;
        }
        match ty {
            Type::Map(_) | Type::Object(_) => {}
            Type::Dynamic => return Ok(call.open(Type::Dynamic)),
            _ => return Err(Fault::new("all arguments must be maps or objects")),
        }
        open |= !argument.is_known();
        match &first {
            None => first = Some(ty),
            Some(first) => alike &= *first == ty,
        }
    }
    let result_type = first.filter(|_| alike);
    if open {
        return Ok(merged_open(call, result_type));
    }
    let mut merged: BTreeMap<Text, Value> = BTreeMap::new();
    for argument in &call.arguments {
        for (name, entry) in argument.as_entries().into_iter().flatten() {
            merged.insert(name.clone(), entry.clone());
        }
    }
    let all_null = call.arguments.iter().all(Value::is_null) && !call.arguments.is_empty();
    Ok(match result_type {
        Some(Type::Map(element)) if !all_null => Value::map(Type::clone(&element), merged),
        _ => Value::object(merged),
    })
}

/// An unknown object whose attributes are known by name leaves what others set after it known.
fn merged_open(call: &Call<'_>, result_type: Option<Type>) -> Value {
    if let Some(ty @ Type::Map(_)) = result_type {
        return call.open(ty);
    }
    let mut merged: BTreeMap<Text, Value> = BTreeMap::new();
    for argument in &call.arguments {
        match (&argument.content, argument.ty()) {
            (Content::Null(_), _) => {}
            (Content::Map(_, entries) | Content::Object(entries), _) => {
                merged.extend(entries.content.iter().map(|(name, entry)| (name.clone(), entry.clone())));
            }
            (_, Type::Object(object)) if argument.is_never_null() => {
                for (name, ty) in &object.attributes {
                    merged.insert(name.clone(), call.open_with(ty.clone(), Bounds::default()));
                }
            }
            _ => return call.open(Type::Dynamic),
        }
    }
    Value::object(merged)
}

fn transpose(call: &Call<'_>) -> Result<Value, Fault> {
    let mut turned: BTreeMap<Text, Vec<Value>> = BTreeMap::new();
    for (name, list) in call.value(0)?.as_entries().into_iter().flatten() {
        for item in list.as_items().ok_or_else(|| Fault::new("the map holds null; lists are required"))? {
            let key = item.as_text().ok_or_else(|| Fault::new("a list holds null; strings are required"))?;
            turned.entry(key.clone()).or_default().push(Value::text(name.clone()));
        }
    }
    let lists = turned.into_iter().map(|(key, names)| (key, Value::list(Type::String, names)));
    Ok(Value::map(Type::list(Type::String), lists.collect()))
}

fn zipmap(call: &Call<'_>) -> Result<Value, Fault> {
    let (keys, values) = (call.value(0)?, call.value(1)?);
    let ty = values.ty();
    if !matches!(ty, Type::List(_) | Type::Tuple(_)) {
        return Err(Fault::new("the values must be a list or a tuple"));
    }
    let result_type = ty.element().map_or(Type::Dynamic, |element| Type::map(element.clone()));
    if !keys.is_whole() {
        return Ok(call.open(result_type));
    }
    let keys = call.texts(0)?;
    let values = call.items(1)?;
    if keys.len() != values.len() {
        return Err(Fault::new("there must be as many keys as values"));
    }
    let entries: BTreeMap<Text, Value> = keys.into_iter().map(Text::from).zip(values.iter().cloned()).collect();
    Ok(match ty.element() {
        Some(element) => Value::map(element.clone(), entries),
        None => Value::object(entries),
    })
}
