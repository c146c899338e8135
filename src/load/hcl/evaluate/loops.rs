//! `[for …]` and `{for …}`.

use std::collections::BTreeMap;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, ForExpr};

use super::{Context, Local, object_key, value_of};
use crate::graph::{Reason, Text, Unknown};
use crate::load::hcl::convert::convert;
use crate::load::hcl::hole::Hole;
use crate::load::hcl::scope::HEAVIEST;
use crate::load::hcl::value::Content;
use crate::load::hcl::{Fault, Type, Value};

pub(super) fn of(each: &ForExpr, context: &Context<'_>) -> Result<Value, Fault> {
    let collection = value_of(&each.intro.collection_expr, context)?;
    let place = each.intro.collection_expr.span();
    let Some(pairs) = pairs(&collection).map_err(|fault| fault.at(place))? else {
        try_condition(each, context)?;
        return Ok(Value::hole(Hole::from_values(Type::Dynamic, [&collection])).marked(collection.sensitive));
    };
    if pairs.is_empty() {
        try_condition(each, context)?;
    }
    context.scope.session().spend(pairs.len() as u64)?;
    let mut turns = Turns { sensitive: collection.sensitive, ..Turns::default() };
    // A set with unknown elements may have fewer once they are known.
    if collection.may_shrink() {
        turns.open.push(collection.clone());
    }
    for (key, value) in &pairs {
        inside(each, key, value, context, |context| turn(each, context, &mut turns))?;
    }
    let Turns { items, groups, open, sensitive, .. } = turns;
    if !open.is_empty() {
        return Ok(Value::hole(Hole::from_values(Type::Dynamic, &open)).marked(sensitive));
    }
    let result = if each.key_expr.is_none() {
        Value::tuple(items)
    } else if each.grouping {
        Value::object(groups.into_iter().map(|(key, group)| (key, Value::tuple(group))).collect())
    } else {
        Value::object(groups.into_iter().filter_map(|(key, mut group)| Some((key, group.pop()?))).collect())
    };
    Ok(result.marked(sensitive))
}

#[derive(Default)]
struct Turns {
    items: Vec<Value>,
    groups: BTreeMap<Text, Vec<Value>>,
    /// What keeps the result from being known.
    open: Vec<Value>,
    sensitive: bool,
    weight: u64,
}

impl Turns {
    /// Stops a loop that makes too much before it has made it.
    fn weigh(&mut self, value: Value) -> Result<Value, Fault> {
        self.weight = self.weight.saturating_add(value.weight());
        if self.weight > HEAVIEST { Err(Fault::limit("the loop makes too many values")) } else { Ok(value) }
    }
}

fn turn(each: &ForExpr, context: &Context<'_>, turns: &mut Turns) -> Result<(), Fault> {
    if let Some(condition) = &each.cond {
        let included = included(&condition.expr, context)?;
        turns.sensitive |= included.sensitive;
        match included.as_bool() {
            Some(true) => {}
            Some(false) => return Ok(()),
            None => {
                turns.open.push(included);
                return Ok(());
            }
        }
    }
    let Some(key) = &each.key_expr else {
        let item = turns.weigh(value_of(&each.value_expr, context)?)?;
        turns.items.push(item);
        return Ok(());
    };
    let name = object_key(&value_of(key, context)?).map_err(|fault| fault.at(key.span()))?;
    turns.sensitive |= name.sensitive;
    let Some(name) = name.as_text() else {
        turns.open.push(name);
        return Ok(());
    };
    let value = turns.weigh(value_of(&each.value_expr, context)?)?;
    let group = turns.groups.entry(name.clone()).or_default();
    if !group.is_empty() && !each.grouping {
        return Err(Fault::new("two elements give the same key; `...` after the value groups them").at(key.span()));
    }
    group.push(value);
    Ok(())
}

fn included(condition: &Expression, context: &Context<'_>) -> Result<Value, Fault> {
    let value = value_of(condition, context)?;
    if value.is_null() {
        return Err(Fault::new("the `if` clause is null").at(condition.span()));
    }
    convert(&value, &Type::Bool).map_err(|fault| fault.within("the `if` clause").at(condition.span()))
}

/// Looks at the condition with nothing known, as Terraform does first, to see what can never work.
fn try_condition(each: &ForExpr, context: &Context<'_>) -> Result<(), Fault> {
    let Some(condition) = &each.cond else { return Ok(()) };
    let reason = Unknown::because(Reason::AfterApply);
    let open = Value::unknown(Type::Dynamic, reason);
    inside(each, &open, &open, context, |context| included(&condition.expr, context).map(drop))
}

fn inside<T>(
    each: &ForExpr,
    key: &Value,
    value: &Value,
    context: &Context<'_>,
    run: impl FnOnce(&Context<'_>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let key_name = each.intro.key_var.as_ref().map(|name| name.as_str());
    bound(key_name, key, each.intro.value_var.as_str(), value, context, run)
}

/// Runs with a key and a value bound to names.
pub(super) fn bound<T>(
    key_name: Option<&str>,
    key: &Value,
    value_name: &str,
    value: &Value,
    context: &Context<'_>,
    run: impl FnOnce(&Context<'_>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let outer = key_name.map(|name| Local { name, value: key, outer: context.locals });
    let local = Local { name: value_name, value, outer: outer.as_ref().or(context.locals) };
    run(&Context { scope: context.scope, locals: Some(&local) })
}

/// Keys and values of a collection; `None` when it is unknown.
pub(super) fn pairs(collection: &Value) -> Result<Option<Vec<(Value, Value)>>, Fault> {
    Ok(Some(match &collection.content {
        Content::Null(_) => return Err(Fault::new("null cannot be iterated over")),
        Content::Unknown(hole) if hole.ty == Type::Dynamic || hole.ty.is_sequence() => return Ok(None),
        Content::Unknown(hole) if matches!(hole.ty, Type::Map(_)) => return Ok(None),
        Content::Unknown(hole) if !matches!(hole.ty, Type::Object(_)) => {
            return Err(Fault::new(format!("a {} cannot be iterated over", hole.ty)));
        }
        // Null in the end, or these attributes: either way Terraform waits.
        Content::Unknown(_) => return Ok(None),
        Content::Set(_, items) => items.content.iter().map(|item| (item.clone(), item.clone())).collect(),
        Content::List(_, items) | Content::Tuple(items) => {
            items.content.iter().enumerate().map(|(i, item)| (Value::number(i), item.clone())).collect()
        }
        Content::Map(_, entries) | Content::Object(entries) => {
            entries.content.iter().map(|(name, entry)| (Value::text(name.clone()), entry.clone())).collect()
        }
        _ => return Err(Fault::new(format!("a {} cannot be iterated over", collection.ty()))),
    }))
}
