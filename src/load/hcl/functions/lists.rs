//! Functions on lists and tuples.

use super::{ANY, ANY_PARTS, Call, Function, Kind, LIST, LIST_PARTS, NUMBER, Needs, TEXTS, TRUTHS};
use crate::graph::Truth;
use crate::load::hcl::convert::convert;
use crate::load::hcl::equal::equal;
use crate::load::hcl::hole::{Bounds, Hole};
use crate::load::hcl::unify::unify;
use crate::load::hcl::value::Content;
use crate::load::hcl::{Fault, Type, Value};

pub(super) const TABLE: &[Function] = &[
    Function::new("alltrue", &[TRUTHS], Kind::Bool, |call| truths(call, true)),
    Function::new("anytrue", &[TRUTHS], Kind::Bool, |call| truths(call, false)),
    Function::new("chunklist", &[LIST_PARTS, NUMBER], Kind::Lists, chunklist),
    Function::new("compact", &[TEXTS], Kind::Texts, compact),
    Function::new("concat", &[], Kind::Any, concat).rest(ANY_PARTS).needs(Needs::Nothing),
    Function::new("distinct", &[LIST], Kind::List, distinct).needs(Needs::Everything),
    Function::new("element", &[ANY_PARTS, NUMBER], Kind::Any, element).needs(Needs::Nothing),
    Function::new("flatten", &[ANY_PARTS], Kind::Any, flatten),
    Function::new("index", &[ANY, ANY], Kind::Number, index),
    Function::new("reverse", &[ANY_PARTS], Kind::Any, reverse).needs(Needs::Nothing),
    Function::new("slice", &[ANY_PARTS, NUMBER, NUMBER], Kind::Any, slice).needs(Needs::Nothing),
    Function::new("sort", &[TEXTS], Kind::Texts, sort).needs(Needs::Nothing),
];

fn truths(call: &Call<'_>, all: bool) -> Result<Value, Fault> {
    let mut open = false;
    for item in call.items(0)? {
        match item.as_bool() {
            Some(truth) if truth != all => return Ok(Value::bool(!all)),
            Some(_) => {}
            None if item.is_null() && all => return Ok(Value::bool(false)),
            None if item.is_null() => {}
            None => open = true,
        }
    }
    Ok(if open { call.open(Type::Bool) } else { Value::bool(all) })
}

fn chunklist(call: &Call<'_>) -> Result<Value, Fault> {
    let ty = call.value(0)?.ty();
    let element = ty.element().cloned().unwrap_or(Type::Dynamic);
    let size = usize::try_from(call.whole(1)?).map_err(|_| Fault::new("the size must not be negative"))?;
    let items = call.items(0)?;
    let size = if size == 0 { items.len().max(1) } else { size };
    let chunks = items.chunks(size).map(|chunk| Value::list(element.clone(), chunk.to_vec())).collect();
    Ok(Value::list(ty, chunks))
}

fn compact(call: &Call<'_>) -> Result<Value, Fault> {
    let items = call.items(0)?;
    let open = |item: &Value| !item.is_known() && item.bounds().prefix.is_empty();
    if items.iter().any(open) {
        let least = items.iter().filter(|item| item.as_text().is_some_and(|text| !text.is_empty())).count();
        return Ok(call.open_with(Type::list(Type::String), Bounds::length(least, Some(items.len()))));
    }
    let kept = items.iter().filter(|item| !item.is_null() && item.as_text().is_none_or(|text| !text.is_empty()));
    Ok(Value::list(Type::String, kept.cloned().collect()))
}

fn concat(call: &Call<'_>) -> Result<Value, Fault> {
    if call.arguments.is_empty() {
        return Err(Fault::new("at least one list is needed"));
    }
    let mut elements = Vec::new();
    for argument in &call.arguments {
        match argument.ty() {
            Type::List(element) => elements.push(Type::clone(&element)),
            Type::Tuple(_) => {}
            Type::Dynamic => return Ok(call.open(Type::Dynamic)),
            _ => return Err(Fault::new("all arguments must be lists or tuples")),
        }
    }
    let lists = elements.len() == call.arguments.len();
    let unified = if lists { unify(&elements, false) } else { None };
    let known = call.arguments.iter().all(Value::is_known);
    match unified {
        Some(element) if known => {
            let ty = Type::list(element.clone());
            let mut items = Vec::new();
            for argument in &call.arguments {
                items.extend_from_slice(convert(argument, &ty)?.as_items().unwrap_or_default());
            }
            Ok(Value::list(element, items))
        }
        Some(element) => {
            let bounds = call.arguments.iter().map(Value::bounds);
            let all = bounds.fold(Bounds::length(0, Some(0)), |sum, next| Bounds {
                shortest: sum.shortest.saturating_add(next.shortest),
                longest: sum.longest.zip(next.longest).map(|(a, b)| a.saturating_add(b)),
                ..sum
            });
            Ok(call.open_with(Type::list(element), all))
        }
        None if known => {
            let all = call.arguments.iter().flat_map(|argument| argument.as_items().unwrap_or_default());
            Ok(Value::tuple(all.cloned().collect()))
        }
        None => Ok(call.open(Type::Dynamic)),
    }
}

fn distinct(call: &Call<'_>) -> Result<Value, Fault> {
    let items = call.items(0)?;
    let ty = call.value(0)?.ty();
    let element = ty.element().cloned().unwrap_or(Type::Dynamic);
    // Sorting finds what is there twice without holding each element against each.
    let once = Value::set(element.clone(), items.to_vec());
    if once.as_items().is_some_and(|once| once.len() == items.len()) {
        return Ok(Value::list(element, items.to_vec()));
    }
    let mut kept: Vec<Value> = Vec::new();
    for item in items {
        call.scope.session().spend(kept.len() as u64)?;
        if !kept.iter().any(|other| equal(item, other) == Truth::True) {
            kept.push(item.clone());
        }
    }
    Ok(Value::list(element, kept))
}

fn element(call: &Call<'_>) -> Result<Value, Fault> {
    let list = call.value(0)?;
    let ty = list.ty();
    if !matches!(ty, Type::List(_) | Type::Tuple(_) | Type::Dynamic) {
        return Err(Fault::new("a list or a tuple is required"));
    }
    let result_type = ty.element().cloned().unwrap_or(Type::Dynamic);
    let known_index = call.value(1)?.is_known();
    if known_index && call.whole(1)? < 0 {
        return Err(Fault::new("the index must not be negative"));
    }
    match list.as_items() {
        Some([]) => Err(Fault::new("the list is empty")),
        Some(items) if known_index => {
            let at = usize::try_from(call.whole(1)?).unwrap_or(0) % items.len();
            Ok(items[at].clone())
        }
        None if known_index => match &ty {
            Type::Tuple(types) if types.is_empty() => Err(Fault::new("the list is empty")),
            Type::Tuple(types) => {
                let at = usize::try_from(call.whole(1)?).unwrap_or(0) % types.len();
                Ok(call.open_with(types[at].clone(), Bounds::default()))
            }
            _ => Ok(call.open_with(result_type, Bounds::default())),
        },
        _ => Ok(call.open_with(result_type, Bounds::default())),
    }
}

fn flatten(call: &Call<'_>) -> Result<Value, Fault> {
    if !call.value(0)?.ty().is_sequence() {
        return Err(Fault::new("a list, a set or a tuple is required"));
    }
    let mut flat = Vec::new();
    let mut sensitive = false;
    let result = match flattened(call.value(0)?, &mut flat, &mut sensitive) {
        Some(()) => Value::tuple(flat),
        None => call.open(Type::Dynamic),
    };
    Ok(result.marked(sensitive))
}

/// `None` when something may turn out to be a list, or a set may turn out smaller.
fn flattened(value: &Value, flat: &mut Vec<Value>, sensitive: &mut bool) -> Option<()> {
    if value.may_shrink() {
        return None;
    }
    for item in value.as_items()? {
        let ty = item.ty();
        if item.is_known() && !item.is_null() && ty.is_sequence() {
            *sensitive |= item.sensitive;
            flattened(item, flat, sensitive)?;
        } else if !item.is_known() && (ty.is_sequence() || ty == Type::Dynamic) {
            return None;
        } else {
            flat.push(item.clone());
        }
    }
    Some(())
}

fn index(call: &Call<'_>) -> Result<Value, Fault> {
    if !matches!(call.value(0)?.ty(), Type::List(_) | Type::Tuple(_)) {
        return Err(Fault::new("a list or a tuple is required"));
    }
    for (at, item) in call.items(0)?.iter().enumerate() {
        match equal(item, call.value(1)?) {
            Truth::True => return Ok(Value::number(at)),
            Truth::Unknown => return Ok(call.open(Type::Number)),
            Truth::False => {}
        }
    }
    Err(Fault::new("the list does not hold the value"))
}

fn reverse(call: &Call<'_>) -> Result<Value, Fault> {
    let value = call.value(0)?;
    let turned = |items: &[Value]| items.iter().rev().cloned().collect::<Vec<_>>();
    match (&value.content, value.ty()) {
        (Content::List(element, items), _) => Ok(Value::list(element.clone(), turned(&items.content))),
        (Content::Set(element, items), _) if items.whole => Ok(Value::list(element.clone(), turned(&items.content))),
        (Content::Tuple(items), _) => Ok(Value::tuple(turned(&items.content))),
        (_, Type::List(element) | Type::Set(element)) => {
            Ok(call.open_with(Type::List(element), Bounds { not_null: true, ..value.bounds() }))
        }
        (_, Type::Tuple(types)) => Ok(call.open(Type::Tuple(types.iter().rev().cloned().collect()))),
        (_, Type::Dynamic) => Ok(call.open(Type::Dynamic)),
        _ => Err(Fault::new("a list, a set or a tuple is required")),
    }
}

fn slice(call: &Call<'_>) -> Result<Value, Fault> {
    let value = call.value(0)?;
    let ty = value.ty();
    if !matches!(ty, Type::List(_) | Type::Tuple(_) | Type::Dynamic) {
        return Err(Fault::new("a list or a tuple is required"));
    }
    if !call.value(1)?.is_known() || !call.value(2)?.is_known() {
        return Ok(call.open(Type::Dynamic));
    }
    let outside = || Fault::new("the slice reaches beyond the list");
    let start = usize::try_from(call.whole(1)?).map_err(|_| outside())?;
    let end = usize::try_from(call.whole(2)?).map_err(|_| outside())?;
    let length = end.checked_sub(start).ok_or_else(outside)?;
    if let Some(hole) = value.as_hole() {
        if let Type::Tuple(types) = &ty {
            let types = types.get(start..end).ok_or_else(outside)?;
            return Ok(call.open(Type::Tuple(types.into())));
        }
        if hole.bounds.longest.is_some_and(|longest| longest < end) {
            return Err(outside());
        }
        // Whatever the list turns out to be, it is long enough or there is no plan.
        let ty = Type::list(ty.element().cloned().unwrap_or(Type::Dynamic));
        let part =
            Hole { ty, bounds: Bounds::length(length, Some(length)), reasons: hole.reasons.clone(), pieces: None };
        return Ok(Value::hole(part));
    }
    let part = value.as_items().and_then(|items| items.get(start..end)).ok_or_else(outside)?.to_vec();
    Ok(match &value.content {
        Content::List(element, _) => Value::list(element.clone(), part),
        _ => Value::tuple(part),
    })
}

fn sort(call: &Call<'_>) -> Result<Value, Fault> {
    let list = call.value(0)?;
    if !list.is_whole() {
        let bounds = Bounds { not_null: true, prefix: "".into(), ..list.bounds() };
        let hole = Hole::from_values(Type::list(Type::String), [list]).bounded(bounds);
        return Ok(Value::hole(hole));
    }
    let mut sorted = call.texts(0)?;
    sorted.sort_unstable();
    Ok(super::texts(sorted.into_iter().map(str::to_owned)))
}
