//! Functions on sets.

use std::collections::HashSet;

use super::{ANY_PARTS, Call, Function, Kind, Needs, SET};
use crate::load::hcl::convert::convert;
use crate::load::hcl::json::value_to_json;
use crate::load::hcl::unify::unify;
use crate::load::hcl::{Fault, Type, Value};

pub(super) const TABLE: &[Function] = &[
    Function::new("setintersection", &[SET], Kind::Set, |call| combined(call, Join::Both))
        .rest(SET)
        .needs(Needs::Nothing),
    Function::new("setsubtract", &[SET, SET], Kind::Set, |call| combined(call, Join::OnlyFirst)).needs(Needs::Nothing),
    Function::new("setunion", &[SET], Kind::Set, |call| combined(call, Join::Either)).rest(SET).needs(Needs::Nothing),
    Function::new("setproduct", &[], Kind::Any, product).rest(ANY_PARTS).needs(Needs::Nothing),
];

#[derive(Clone, Copy)]
enum Join {
    Both,
    OnlyFirst,
    Either,
}

/// How many tuples a product may have.
const MOST: usize = 500_000;

fn combined(call: &Call<'_>, join: Join) -> Result<Value, Fault> {
    let mut types: Vec<Type> = Vec::new();
    for argument in &call.arguments {
        let ty = argument.ty();
        let element = ty.element().cloned().unwrap_or(Type::Dynamic);
        if element == Type::Dynamic && !argument.is_known() {
            return Ok(call.open(Type::set(Type::Dynamic)));
        }
        // An empty set of nothing in particular goes with every other.
        if element != Type::Dynamic || argument.as_items().is_none_or(|items| !items.is_empty()) {
            types.push(element);
        }
    }
    let element = if types.is_empty() { Some(Type::Dynamic) } else { unify(&types, false) };
    let element = element.ok_or_else(|| Fault::new("the sets must hold elements of one type"))?;
    let ty = Type::set(element.clone());
    // A union is known by its elements; for what is in both, or in one only, each must be compared.
    let enough = |set: &Value| if matches!(join, Join::Either) { set.is_known() } else { set.is_whole() };
    if !call.arguments.iter().all(enough) {
        return Ok(call.open(ty));
    }
    let mut result: Option<Value> = None;
    for argument in &call.arguments {
        let next = convert(argument, &ty)?;
        result = Some(match result {
            None => next,
            Some(sofar) => Value::set(element.clone(), joined(&sofar, &next, join)),
        });
    }
    Ok(result.unwrap_or_else(|| Value::set(element, Vec::new())))
}

/// Both sets are whole and of one type, so that the same JSON means the same element.
fn joined(left: &Value, right: &Value, join: Join) -> Vec<Value> {
    let (left, right) = (left.as_items().unwrap_or_default(), right.as_items().unwrap_or_default());
    if let Join::Either = join {
        return left.iter().chain(right).cloned().collect();
    }
    let there: HashSet<String> = right.iter().map(value_to_json).collect();
    let wanted = matches!(join, Join::Both);
    left.iter().filter(|item| there.contains(&value_to_json(item)) == wanted).cloned().collect()
}

fn product(call: &Call<'_>) -> Result<Value, Fault> {
    if call.arguments.len() < 2 {
        return Err(Fault::new("at least two collections are needed"));
    }
    let mut elements = Vec::new();
    let mut sets = false;
    for argument in &call.arguments {
        match argument.ty() {
            Type::Set(element) => {
                sets = true;
                elements.push(Type::clone(&element));
            }
            Type::List(element) => elements.push(Type::clone(&element)),
            Type::Tuple(types) => {
                let unified = if types.is_empty() { Some(Type::Dynamic) } else { unify(&types, false) };
                elements.push(unified.ok_or_else(|| Fault::new("the elements of a tuple must be of one type"))?);
            }
            Type::Dynamic => return Ok(call.open(Type::Dynamic)),
            _ => return Err(Fault::new("all arguments must be lists, sets or tuples")),
        }
    }
    let tuple = Type::Tuple(elements.clone().into());
    let result_type = if sets { Type::set(tuple.clone()) } else { Type::list(tuple.clone()) };
    if !call.arguments.iter().all(Value::is_known) {
        return Ok(call.open(result_type));
    }
    let lists: Vec<&[Value]> = call.arguments.iter().map(|list| list.as_items().unwrap_or_default()).collect();
    let total = lists.iter().try_fold(1usize, |total, list| total.checked_mul(list.len()));
    match total {
        Some(total) if total <= MOST => call.scope.session().spend(total as u64)?,
        _ => return Err(Fault::limit("the product of the sets is too large")),
    }
    let mut tuples: Vec<Vec<Value>> = vec![Vec::new()];
    for (list, element) in lists.iter().zip(&elements) {
        let list = list.iter().map(|item| convert(item, element)).collect::<Result<Vec<_>, _>>()?;
        let longer = |tuple: &Vec<Value>| {
            list.iter().map(|item| tuple.iter().chain([item]).cloned().collect()).collect::<Vec<Vec<Value>>>()
        };
        tuples = tuples.iter().flat_map(longer).collect();
    }
    let tuples: Vec<Value> = tuples.into_iter().map(Value::tuple).collect();
    Ok(if sets { Value::set(tuple, tuples) } else { Value::list(tuple, tuples) })
}
