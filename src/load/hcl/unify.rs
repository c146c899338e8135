//! The one type several types can be converted to: of the arms of a conditional, of the elements of a list.

use std::collections::BTreeMap;

use super::Type;
use super::convert::convertible;

/// The type all of `types` can become, or `None`. A `lossless` one never fails on a value.
#[must_use]
pub fn unify(types: &[Type], lossless: bool) -> Option<Type> {
    let first = types.first()?;
    if types.iter().all(|ty| ty == first) {
        return Some(first.clone());
    }
    let count = |test: fn(&Type) -> bool| types.iter().filter(|ty| test(ty)).count();
    let dynamic = count(|ty| *ty == Type::Dynamic);
    let maps = count(|ty| matches!(ty, Type::Map(_)));
    let lists = count(|ty| matches!(ty, Type::List(_)));
    let sets = count(|ty| matches!(ty, Type::Set(_)));
    let objects = count(|ty| matches!(ty, Type::Object(_)));
    let tuples = count(|ty| matches!(ty, Type::Tuple(_)));
    let all = |some: usize| some > 0 && some + dynamic == types.len();
    if all(maps) {
        return collections(types, dynamic, lossless, Type::map);
    }
    if maps > 0 && all(maps + objects) {
        if let Some(ty) = structures_as(types, lossless, objects_as_map) {
            return Some(ty);
        }
    } else if all(lists) {
        return collections(types, dynamic, lossless, Type::list);
    } else if lists > 0 && all(lists + tuples) {
        if let Some(ty) = structures_as(types, lossless, tuples_as_list) {
            return Some(ty);
        }
    } else if all(sets) {
        return collections(types, dynamic, lossless, Type::set);
    } else if all(objects) {
        return if dynamic > 0 { Some(Type::Dynamic) } else { unified_objects(types, lossless) };
    } else if all(tuples) {
        return if dynamic > 0 { Some(Type::Dynamic) } else { unified_tuples(types, lossless) };
    } else if objects > 0 && tuples > 0 {
        return None;
    }
    let mut wanted: Vec<&Type> = types.iter().collect();
    wanted.sort_by_key(|ty| preference(ty));
    wanted.dedup();
    let fits = |to: &&&Type| types.iter().all(|from| from == **to || convertible(from, to, lossless));
    wanted.iter().find(fits).map(|ty| Type::clone(ty))
}

/// Lower is tried first: what others convert to without loss.
fn preference(ty: &Type) -> u8 {
    match ty {
        Type::String | Type::List(_) | Type::Map(_) => 0,
        Type::Set(_) => 1,
        Type::Bool | Type::Number => 2,
        Type::Tuple(_) | Type::Object(_) => 3,
        Type::Dynamic => 4,
    }
}

fn collections(types: &[Type], dynamic: usize, lossless: bool, of: fn(Type) -> Type) -> Option<Type> {
    if dynamic > 0 {
        return Some(Type::Dynamic);
    }
    let elements: Vec<Type> = types.iter().filter_map(Type::element).cloned().collect();
    let unified = of(unify(&elements, lossless)?);
    types.iter().all(|ty| convertible(ty, &unified, lossless)).then_some(unified)
}

/// Tuples among lists are taken as lists, objects among maps as maps.
fn structures_as(types: &[Type], lossless: bool, joined: fn(&[Type], bool) -> Option<Type>) -> Option<Type> {
    let structural = |ty: &Type| matches!(ty, Type::Object(_) | Type::Tuple(_));
    let structures: Vec<Type> = types.iter().filter(|ty| structural(ty)).cloned().collect();
    let as_one = joined(&structures, lossless)?;
    let replaced: Vec<Type> = types.iter().map(|ty| if structural(ty) { as_one.clone() } else { ty.clone() }).collect();
    unify(&replaced, lossless).filter(|ty| ty.element().is_some())
}

fn unified_objects(types: &[Type], lossless: bool) -> Option<Type> {
    let attributes: Vec<_> = types
        .iter()
        .filter_map(|ty| if let Type::Object(object) = ty { Some(&object.attributes) } else { None })
        .collect();
    let first = attributes.first()?;
    if !attributes.iter().all(|other| other.keys().eq(first.keys())) {
        return objects_as_map(types, lossless);
    }
    let mut unified = BTreeMap::new();
    for name in first.keys() {
        let across: Vec<Type> = attributes.iter().filter_map(|object| object.get(name)).cloned().collect();
        unified.insert(name.clone(), unify(&across, lossless)?);
    }
    let unified = Type::object(unified);
    if types.iter().all(|ty| convertible(ty, &unified, lossless)) {
        return Some(unified);
    }
    objects_as_map(types, lossless)
}

fn unified_tuples(types: &[Type], lossless: bool) -> Option<Type> {
    let elements: Vec<_> =
        types.iter().filter_map(|ty| if let Type::Tuple(elements) = ty { Some(elements) } else { None }).collect();
    let length = elements.first()?.len();
    if elements.iter().any(|other| other.len() != length) {
        return tuples_as_list(types, lossless);
    }
    let mut unified = Vec::with_capacity(length);
    for i in 0..length {
        let across: Vec<Type> = elements.iter().map(|tuple| tuple[i].clone()).collect();
        unified.push(unify(&across, lossless)?);
    }
    let unified = Type::Tuple(unified.into());
    if types.iter().all(|ty| convertible(ty, &unified, lossless)) {
        return Some(unified);
    }
    tuples_as_list(types, lossless)
}

fn objects_as_map(types: &[Type], lossless: bool) -> Option<Type> {
    let mut all = Vec::new();
    for ty in types {
        if let Type::Object(object) = ty {
            all.extend(object.attributes.values().cloned());
        }
    }
    let unified = Type::map(unify(&all, lossless)?);
    types.iter().all(|ty| convertible(ty, &unified, lossless)).then_some(unified)
}

fn tuples_as_list(types: &[Type], lossless: bool) -> Option<Type> {
    let mut all = Vec::new();
    for ty in types {
        if let Type::Tuple(elements) = ty {
            all.extend(elements.iter().cloned());
        }
    }
    let unified = Type::list(unify(&all, lossless)?);
    types.iter().all(|ty| convertible(ty, &unified, lossless)).then_some(unified)
}
