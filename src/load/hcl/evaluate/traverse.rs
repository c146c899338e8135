//! Names, attributes, indices and splats.

use std::sync::Arc;

use hcl_edit::expr::{Expression, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::{Decorated, Span};

use super::{Context, value_of};
use crate::graph::{Place, Reason, Unknown};
use crate::load::hcl::convert::convert;
use crate::load::hcl::hole::{Bounds, Hole};
use crate::load::hcl::scope::Step;
use crate::load::hcl::value::Content;
use crate::load::hcl::{Fault, Number, Type, Value};

type Operator = Decorated<TraversalOperator>;

pub(super) fn of(traversal: &Traversal, context: &Context<'_>) -> Result<Value, Fault> {
    match &traversal.expr {
        Expression::Variable(root) => name(root.as_str(), &traversal.operators, context),
        start => follow(value_of(start, context)?, &traversal.operators, context),
    }
}

/// Whether an expression that works with unknowns cannot fail when they are known: it only names and puts together, and
/// takes no part of anything unknown.
pub(super) fn settled(expression: &Expression, context: &Context<'_>) -> bool {
    let plain = |key: &ObjectKey| matches!(key, ObjectKey::Ident(_) | ObjectKey::Expression(Expression::String(_)));
    match expression {
        Expression::Parenthesis(inner) => settled(inner.inner(), context),
        Expression::Variable(_) | Expression::Null(_) | Expression::Bool(_) => true,
        Expression::Number(_) | Expression::String(_) => true,
        Expression::Array(items) => items.iter().all(|item| settled(item, context)),
        Expression::Object(entries) => entries.iter().all(|(key, value)| plain(key) && settled(value.expr(), context)),
        Expression::Traversal(traversal) => match &traversal.expr {
            Expression::Variable(root) => named_for_certain(root.as_str(), &traversal.operators, context),
            start => {
                let value = value_of(start, context).ok().filter(|_| settled(start, context));
                value.is_some_and(|value| followed_for_certain(value, &traversal.operators, context))
            }
        },
        _ => false,
    }
}

fn named_for_certain(root: &str, operators: &[Operator], context: &Context<'_>) -> bool {
    if let Some(value) = context.local(root) {
        return followed_for_certain(value.clone(), operators, context);
    }
    let steps: Vec<Step> = operators.iter().map_while(|one| step(one.value(), context).ok().flatten()).collect();
    let Ok(resolved) = context.scope.resolve(root, &steps) else { return false };
    // An instance of something that is not known to have instances is no reference.
    let is_there = |hole: &Hole| hole.reasons.iter().all(|reason| reason.reason == Reason::Reference);
    let is_name = matches!(root, "var" | "local" | "each" | "count");
    if !is_name && resolved.value.as_hole().is_some_and(|hole| !is_there(hole)) {
        return false;
    }
    followed_for_certain(resolved.value, &operators[resolved.used.min(steps.len())..], context)
}

/// As [`follow`], with no step into anything unknown.
fn followed_for_certain(mut value: Value, operators: &[Operator], context: &Context<'_>) -> bool {
    let mut next = 0;
    while let Some(operator) = operators.get(next) {
        next += 1;
        if !value.is_known() {
            return false;
        }
        let after = match step(operator.value(), context) {
            Ok(Some(Step::Index(key))) if !key.is_known() => return false,
            Ok(Some(step)) => take(&value, &step),
            Ok(None) => {
                let along = &operators[next..next + taken_along(operator, &operators[next..])];
                next += along.len();
                let sure = |item: &Value| followed_for_certain(item.clone(), along, context);
                if !value.as_items().map_or_else(|| sure(&value), |items| items.iter().all(sure)) {
                    return false;
                }
                splat(&value, along, context)
            }
            Err(_) => return false,
        };
        match after {
            Ok(after) => value = after,
            Err(_) => return false,
        }
    }
    true
}

/// A name and what follows it.
pub(super) fn name(root: &str, operators: &[Operator], context: &Context<'_>) -> Result<Value, Fault> {
    if let Some(value) = context.local(root) {
        return follow(value.clone(), operators, context);
    }
    let mut steps = Vec::new();
    for operator in operators {
        match step(operator.value(), context)? {
            Some(step) => steps.push(step),
            None => break,
        }
    }
    let resolved = context.scope.resolve(root, &steps)?;
    let used = resolved.used.min(steps.len());
    let mut value = resolved.value;
    for (step, operator) in steps[used..].iter().zip(&operators[used..]) {
        value = take(&value, step).map_err(|fault| fault.at(operator.span()))?;
    }
    follow(value, &operators[steps.len()..], context)
}

fn follow(mut value: Value, operators: &[Operator], context: &Context<'_>) -> Result<Value, Fault> {
    let mut next = 0;
    while let Some(operator) = operators.get(next) {
        next += 1;
        match step(operator.value(), context)? {
            Some(step) => value = take(&value, &step).map_err(|fault| fault.at(operator.span()))?,
            None => {
                let rest = &operators[next..];
                let length = taken_along(operator, rest);
                if let Some(TraversalOperator::AttrSplat(_)) = rest.get(length).map(|operator| operator.value())
                    && matches!(operator.value(), TraversalOperator::AttrSplat(_))
                {
                    return Err(Fault::new("`.*` cannot follow `.*`; use `[*]`").at(operator.span()));
                }
                value = splat(&value, &rest[..length], context).map_err(|fault| fault.at(operator.span()))?;
                next += length;
            }
        }
    }
    Ok(value)
}

/// How much of what follows a splat it does to each element: `[*]` takes everything along, `.*` only attributes.
fn taken_along(operator: &Operator, rest: &[Operator]) -> usize {
    match operator.value() {
        TraversalOperator::FullSplat(_) => rest.len(),
        _ => rest.iter().take_while(|operator| by_name(operator.value())).count(),
    }
}

fn by_name(operator: &TraversalOperator) -> bool {
    matches!(operator, TraversalOperator::GetAttr(_) | TraversalOperator::LegacyIndex(_))
}

/// The step an operator is; `None` for a splat.
fn step(operator: &TraversalOperator, context: &Context<'_>) -> Result<Option<Step>, Fault> {
    Ok(match operator {
        TraversalOperator::GetAttr(name) => Some(Step::Attribute(name.as_str().into())),
        TraversalOperator::Index(key) => Some(Step::Index(value_of(key, context)?)),
        TraversalOperator::LegacyIndex(position) => {
            Some(Step::Index(Value::number(num_bigint::BigInt::from(*position.value()))))
        }
        TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => None,
    })
}

fn take(value: &Value, step: &Step) -> Result<Value, Fault> {
    match step {
        Step::Attribute(name) => attribute(value, name),
        Step::Index(key) => index(value, key),
    }
}

/// `value.name`.
///
/// # Errors
/// When the value is null or can have no such attribute.
pub fn attribute(value: &Value, name: &str) -> Result<Value, Fault> {
    let missing = || Fault::new(format!("there is no attribute {name:?}"));
    let result = match &value.content {
        Content::Null(_) => return Err(Fault::new(format!("the value is null, so it has no attribute {name:?}"))),
        Content::Object(entries) => entries.entry(name).ok_or_else(missing)?,
        Content::Map(_, entries) => entries
            .content
            .get(name)
            .cloned()
            .ok_or_else(|| Fault::new(format!("this map has no element with the key {name:?}")))?,
        Content::Unknown(hole) => {
            let ty = match &hole.ty {
                Type::Dynamic => Type::Dynamic,
                Type::Map(element) => Type::clone(element),
                Type::Object(object) => object.attributes.get(name).cloned().ok_or_else(missing)?,
                ty => return Err(Fault::new(format!("a {ty} has no attributes"))),
            };
            part(hole, ty)
        }
        _ => return Err(Fault::new(format!("a {} has no attributes", value.ty()))),
    };
    Ok(result.marked(value.sensitive))
}

/// `value[key]`.
///
/// # Errors
/// When the value is null or has no such element.
pub fn index(value: &Value, key: &Value) -> Result<Value, Fault> {
    if value.is_null() {
        return Err(Fault::new("the value is null, so it has no elements"));
    }
    if key.is_null() {
        return Err(Fault::new("null is no index"));
    }
    let ty = value.ty();
    if key.ty() == Type::Dynamic || ty == Type::Dynamic {
        let mut hole = Hole::from_values(Type::Dynamic, [value, key]);
        // One element of a list that is not known is not the same unknown as another.
        if let ([only], Some(number)) = (&mut hole.reasons[..], key.as_number().and_then(Number::to_i64))
            && let Some(place) = &only.hangs_on
        {
            let place = Place::new(&place.address, &format!("{}[{number}]", place.path));
            *only = Arc::new(Unknown { hangs_on: Some(place), ..Unknown::clone(only) });
        }
        return Ok(Value::hole(hole).marked(value.sensitive));
    }
    let missing = || Fault::new("the index does not identify an element of this collection");
    let wanted = match &ty {
        Type::List(_) | Type::Tuple(_) => Type::Number,
        Type::Map(_) | Type::Object(_) => Type::String,
        Type::Set(_) => return Err(Fault::new("elements of a set have no index")),
        _ => return Err(Fault::new(format!("a {ty} has no elements"))),
    };
    let key = convert(key, &wanted).map_err(|fault| fault.within("the index does not fit"))?;
    let result = match (&value.content, &key.content) {
        (_, Content::Unknown(_)) => {
            let element = ty.element().cloned().unwrap_or(Type::Dynamic);
            Value::hole(Hole::from_values(element, [value, &key]))
        }
        (Content::List(_, items) | Content::Tuple(items), Content::Number(number)) => {
            let at = number.to_i64().and_then(|at| usize::try_from(at).ok());
            at.and_then(|at| items.content.get(at)).cloned().ok_or_else(missing)?
        }
        (Content::Map(_, entries) | Content::Object(entries), Content::String(name)) => {
            entries.entry(name).ok_or_else(missing)?
        }
        (Content::Unknown(hole), key) => part(hole, part_type(&hole.ty, key, hole.bounds.longest).ok_or_else(missing)?),
        _ => return Err(missing()),
    };
    let mark = value.sensitive || key.sensitive && !matches!(ty, Type::Object(_));
    Ok(result.marked(mark))
}

/// The type of an element of something unknown; `None` when it cannot have it.
fn part_type(ty: &Type, key: &Content, longest: Option<usize>) -> Option<Type> {
    match (ty, key) {
        (Type::Object(object), Content::String(name)) => object.attributes.get(name).cloned(),
        (Type::Tuple(types), Content::Number(number)) => {
            let at = usize::try_from(number.to_i64()?).ok()?;
            types.get(at).cloned()
        }
        (Type::List(element), Content::Number(number)) => {
            let at = usize::try_from(number.to_i64()?).ok()?;
            longest.is_none_or(|longest| at < longest).then(|| Type::clone(element))
        }
        _ => ty.element().cloned(),
    }
}

fn part(hole: &Hole, ty: Type) -> Value {
    Value::hole(Hole { ty, bounds: Bounds::default(), reasons: hole.reasons.clone(), pieces: None })
}

/// `value[*]` and what follows it.
fn splat(value: &Value, rest: &[Operator], context: &Context<'_>) -> Result<Value, Fault> {
    // The type of a whole resource with thousands of instances is large: only where it is needed.
    let ty = match &value.content {
        Content::Tuple(_) => Type::Tuple(std::sync::Arc::from([])),
        Content::Object(_) => Type::map(Type::Dynamic),
        _ => value.ty(),
    };
    if ty == Type::Dynamic && !value.is_null() {
        return Ok(Value::hole(Hole::from_values(Type::Dynamic, [value])).marked(value.sensitive));
    }
    let single = !ty.is_sequence();
    if value.is_null() {
        return if single {
            Ok(Value::tuple(Vec::new()).marked(value.sensitive))
        } else {
            Err(Fault::new("a splat cannot be applied to null"))
        };
    }
    if single {
        let result = if value.is_known() || value.is_never_null() {
            Value::tuple(vec![follow(value.clone(), rest, context)?])
        } else {
            // Null in the end, it would be no element at all.
            Value::hole(Hole::from_values(Type::Dynamic, [value]))
        };
        return Ok(result.marked(value.sensitive));
    }
    let list = matches!(ty, Type::List(_) | Type::Set(_));
    let result = match (&value.content, value.as_items()) {
        (Content::Unknown(hole), _) => {
            let each = |ty: &Type| Ok::<Type, Fault>(follow(part(hole, ty.clone()), rest, context)?.ty());
            let ty = match &ty {
                Type::Tuple(types) => Type::Tuple(types.iter().map(each).collect::<Result<_, _>>()?),
                ty => Type::list(each(ty.element().unwrap_or(&Type::Dynamic))?),
            };
            let bounds = Bounds { not_null: true, prefix: "".into(), ..hole.bounds.clone() };
            Value::hole(Hole { ty, bounds, reasons: hole.reasons.clone(), pieces: None })
        }
        (_, items) => {
            let items = items.unwrap_or_default();
            context.scope.session().spend(items.len() as u64)?;
            let results =
                items.iter().map(|item| follow(item.clone(), rest, context)).collect::<Result<Vec<_>, _>>()?;
            if !list {
                Value::tuple(results)
            } else if value.may_shrink() {
                // Elements that are unknown may turn out to be the same one.
                let element = results.first().map_or(Type::Dynamic, Value::ty);
                Value::hole(Hole::from_values(Type::list(element), [value]).bounded(value.bounds()))
            } else {
                as_list(&ty, results, rest, context)?
            }
        }
    };
    Ok(result.marked(value.sensitive))
}

fn as_list(ty: &Type, results: Vec<Value>, rest: &[Operator], context: &Context<'_>) -> Result<Value, Fault> {
    let element = match results.iter().find(|item| item.ty() != Type::Dynamic).or(results.first()) {
        Some(item) => item.ty(),
        None => {
            let reason = crate::graph::Unknown::because(crate::graph::Reason::AfterApply);
            let item = Value::unknown(ty.element().cloned().unwrap_or(Type::Dynamic), reason);
            follow(item, rest, context)?.ty()
        }
    };
    if results.iter().any(|item| item.ty() != element && item.ty() != Type::Dynamic) {
        return Err(Fault::new("the inner splat gives elements of different types; use a for expression"));
    }
    Ok(Value::list(element, results))
}
