//! Functions on any collection.

use unicode_segmentation::UnicodeSegmentation;

use super::{ANY, ANY_OR_NULL, ANY_PARTS, Call, Function, Kind, LIST, Needs};
use crate::graph::Truth;
use crate::load::hcl::convert::convert;
use crate::load::hcl::equal::equal;
use crate::load::hcl::hole::Bounds;
use crate::load::hcl::unify::unify;
use crate::load::hcl::value::Content;
use crate::load::hcl::{Fault, Type, Value};

pub(super) const TABLE: &[Function] = &[
    Function::new("coalesce", &[], Kind::Any, coalesce).rest(ANY_OR_NULL).needs(Needs::Nothing),
    Function::new("coalescelist", &[], Kind::Any, coalescelist).rest(ANY_OR_NULL).needs(Needs::Nothing),
    Function::new("contains", &[ANY, ANY], Kind::Bool, contains).needs(Needs::Nothing),
    Function::new("length", &[ANY_PARTS], Kind::Number, length).needs(Needs::Nothing),
    Function::new("matchkeys", &[LIST, LIST, LIST], Kind::List, matchkeys),
    Function::new("one", &[ANY_PARTS], Kind::Any, one).needs(Needs::Nothing),
];

fn coalesce(call: &Call<'_>) -> Result<Value, Fault> {
    let types: Vec<Type> = call.arguments.iter().map(Value::ty).collect();
    let ty = unify(&types, false).ok_or_else(|| Fault::new("all arguments must be of one type"))?;
    let open = call.arguments.iter().any(|argument| !argument.is_known() && argument.ty() == Type::Dynamic);
    if open {
        // What type all of them become is not known either; that does not matter to a text or a number.
        let mut candidates = call
            .arguments
            .iter()
            .filter(|argument| !argument.is_null() && argument.as_text().is_none_or(|text| !text.is_empty()));
        return match candidates.next() {
            Some(first) if first.is_known() && first.ty().is_primitive() => Ok(first.clone()),
            // It is this one, or there is none at all.
            Some(only) if !only.is_known() && candidates.next().is_none() => Ok(only.clone()),
            _ => Ok(call.open(Type::Dynamic)),
        };
    }
    for argument in &call.arguments {
        let argument = convert(argument, &ty)?;
        if argument.is_null() || argument.as_text().is_some_and(|text| text.is_empty()) {
            continue;
        }
        // An unknown that can be neither null nor empty is chosen for certain.
        let chosen = argument.is_never_null() && (ty != Type::String || !argument.bounds().prefix.is_empty());
        if argument.is_known() || chosen && ty != Type::Dynamic {
            return Ok(argument);
        }
        return Ok(call.open(ty));
    }
    Err(Fault::new("all arguments are null or empty"))
}

fn coalescelist(call: &Call<'_>) -> Result<Value, Fault> {
    if call.arguments.is_empty() {
        return Err(Fault::new("at least one argument is needed"));
    }
    let fits = |argument: &Value| matches!(argument.ty(), Type::List(_) | Type::Tuple(_) | Type::Dynamic);
    if call.arguments.iter().any(|argument| argument.is_bare_null() || !fits(argument)) {
        return Err(Fault::new("all arguments must be lists or tuples, and not null"));
    }
    for argument in &call.arguments {
        if argument.is_null() {
            continue;
        }
        match argument.as_items() {
            Some([]) => {}
            Some(_) => return Ok(argument.clone()),
            None => return Ok(call.open(Type::Dynamic)),
        }
    }
    Err(Fault::new("all lists are empty"))
}

fn contains(call: &Call<'_>) -> Result<Value, Fault> {
    let list = call.value(0)?;
    let ty = list.ty();
    if !ty.is_sequence() && ty != Type::Dynamic {
        return Err(Fault::new("a list, a set or a tuple is required"));
    }
    let Some(items) = list.as_items() else { return Ok(call.open(Type::Bool)) };
    let value = call.value(1)?;
    let mut open = false;
    for item in items {
        match equal(item, value) {
            Truth::True => return Ok(Value::bool(true)),
            Truth::Unknown => open = true,
            Truth::False => {}
        }
    }
    Ok(if open { call.open(Type::Bool) } else { Value::bool(false) })
}

fn length(call: &Call<'_>) -> Result<Value, Fault> {
    let value = call.value(0)?;
    let length = match (&value.content, value.ty()) {
        (_, Type::Tuple(types)) => types.len(),
        (_, Type::Object(object)) => object.attributes.len(),
        (Content::String(text), _) => text.graphemes(true).count(),
        (Content::Set(_, items), _) if !items.whole && items.content.len() > 1 => return Ok(call.open(Type::Number)),
        (Content::List(_, items) | Content::Set(_, items), _) => items.content.len(),
        (Content::Map(_, entries), _) => entries.content.len(),
        (Content::Unknown(hole), Type::String | Type::Dynamic | Type::List(_) | Type::Set(_) | Type::Map(_)) => {
            match hole.bounds.longest {
                Some(longest) if longest == hole.bounds.shortest && hole.bounds.not_null => longest,
                _ => return Ok(call.open(Type::Number)),
            }
        }
        _ => return Err(Fault::new("a string or a collection is required")),
    };
    Ok(Value::number(length))
}

fn matchkeys(call: &Call<'_>) -> Result<Value, Fault> {
    let (values, keys, wanted) = (call.items(0)?, call.items(1)?, call.items(2)?);
    if values.len() != keys.len() {
        return Err(Fault::new("values and keys must be of one length"));
    }
    let ty = call.value(0)?.ty();
    let element = ty.element().cloned().unwrap_or(Type::Dynamic);
    let key_type = unify(&[call.value(1)?.ty(), call.value(2)?.ty()], false)
        .ok_or_else(|| Fault::new("keys and the keys looked for must be of one type"))?;
    if !call.value(1)?.is_whole() || !call.value(2)?.is_whole() {
        return Ok(call.open(ty));
    }
    let keys = convert(call.value(1)?, &key_type)?;
    let wanted = if wanted.is_empty() { Value::tuple(Vec::new()) } else { convert(call.value(2)?, &key_type)? };
    let mut found = Vec::new();
    for (value, key) in values.iter().zip(keys.as_items().unwrap_or_default()) {
        let wanted = wanted.as_items().unwrap_or_default();
        call.scope.session().spend(wanted.len() as u64)?;
        if wanted.iter().any(|wanted| equal(key, wanted) == Truth::True) {
            found.push(value.clone());
        }
    }
    Ok(Value::list(element, found))
}

fn one(call: &Call<'_>) -> Result<Value, Fault> {
    let value = call.value(0)?;
    let ty = value.ty();
    let element = match &ty {
        Type::List(element) | Type::Set(element) => Type::clone(element),
        Type::Tuple(types) if types.len() == 1 => types[0].clone(),
        Type::Tuple(types) if types.is_empty() => Type::Dynamic,
        Type::Tuple(_) => return Err(Fault::new("there is more than one element")),
        Type::Dynamic => Type::Dynamic,
        _ => return Err(Fault::new("a list, a set or a tuple is required")),
    };
    match value.as_items() {
        Some([]) => Ok(Value::null(element)),
        Some([only]) => Ok(only.clone()),
        Some(_) if value.may_shrink() => Ok(call.open_with(element, Bounds::default())),
        Some(_) => Err(Fault::new("there is more than one element")),
        None if value.bounds().shortest > 1 => Err(Fault::new("there is more than one element")),
        None => Ok(call.open_with(element, Bounds::default())),
    }
}
