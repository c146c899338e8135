//! Reading variables: follows a path of names and indices, notes it as read, and gives a value the type the catalog
//! declares for it.

use std::borrow::Cow;
use std::sync::Arc;

use super::ast::{Expr, ExprKind, Select};
use super::evaluate::Evaluator;
use super::outcome::{Eval, Failure, Read, Stop, Stops, resting_on, type_name};
use crate::catalog::Type;
use crate::graph::{Data, Text, Value};

/// A name that a macro binds.
pub(super) struct Local<'a> {
    pub(super) name: Text,
    pub(super) value: Cow<'a, Value>,
    pub(super) origin: Option<Origin<'a>>,
}

/// Where a value was read: the variable, and the path below it.
#[derive(Clone)]
pub(super) struct Origin<'a> {
    variable: &'a str,
    path: String,
}

impl<'a> Origin<'a> {
    pub(super) fn below(mut self, key: &str) -> Origin<'a> {
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(key);
        self
    }
}

/// What stands at the end of a path.
pub(super) struct Spot<'a> {
    pub(super) origin: Option<Origin<'a>>,
    pub(super) found: Result<Cow<'a, Value>, Stop>,
}

impl<'a> Evaluator<'a> {
    /// The value at the end of a path, which is noted as read.
    pub(super) fn read(&mut self, expr: &'a Expr) -> Eval {
        let spot = self.spot(expr);
        let bare_local = matches!(&expr.kind, ExprKind::Name(name) if self.local(name).is_some());
        if !bare_local {
            self.note(&spot);
        }
        if let Ok(value) = &spot.found {
            self.budget.spend(weight(value) / 4)?;
        }
        self.settle(spot.found)
    }

    pub(super) fn note(&mut self, spot: &Spot<'a>) {
        let Some(origin) = &spot.origin else { return };
        if !self.notes || self.reads.has(origin.variable, &origin.path) {
            return;
        }
        let value = match &spot.found {
            Ok(value) => value.clone().into_owned(),
            Err(Stop::Unknown(unknowns)) => unknowns
                .iter()
                .next()
                .map_or_else(Value::null, |unknown| Value::new(Data::Unknown(Arc::clone(unknown)))),
            Err(Stop::Error(_)) => Value::null(),
        };
        self.reads.add(Read { variable: origin.variable.to_owned(), path: origin.path.clone(), value });
    }

    /// A found value, unless it is itself unknown.
    pub(super) fn settle(&self, found: Result<Cow<'a, Value>, Stop>) -> Eval {
        let value = found?;
        match &value.data {
            Data::Unknown(unknown) => Err(self.unknown(unknown)),
            _ => Ok(value.into_owned()),
        }
    }

    /// Follows a path without noting it.
    pub(super) fn spot(&mut self, expr: &'a Expr) -> Spot<'a> {
        match &expr.kind {
            ExprKind::Name(name) => self.root(name),
            ExprKind::Select(select) => self.select(select),
            ExprKind::Index(pair) => self.index(&pair.0, &pair.1),
            _ => Spot { origin: None, found: computed(self.eval(expr)) },
        }
    }

    fn local(&self, name: &str) -> Option<&Local<'a>> {
        self.locals.iter().rev().find(|local| &*local.name == name)
    }

    fn root(&self, name: &'a str) -> Spot<'a> {
        if let Some(local) = self.local(name) {
            return Spot { origin: local.origin.clone(), found: Ok(local.value.clone()) };
        }
        if let ("params", Some(params)) = (name, self.params) {
            return Spot { origin: None, found: Ok(Cow::Borrowed(params)) };
        }
        let found = self.variables.iter().find(|(known, _)| *known == name);
        Spot {
            origin: Some(Origin { variable: name, path: String::new() }),
            found: found.map(|(_, value)| Cow::Borrowed(*value)).ok_or_else(|| Stop::absent(name)),
        }
    }

    fn select(&mut self, select: &'a Select) -> Spot<'a> {
        if let ExprKind::Name(name) = &select.of.kind
            && &**name == "variables"
            && self.local(name).is_none()
            && let Some(at) = self.named.iter().position(|(name, _)| **name == *select.field)
        {
            return Spot { origin: None, found: self.named_path(at) };
        }
        let Spot { origin, found } = self.spot(&select.of);
        let child = found.and_then(|found| self.child(found, origin.as_ref(), &select.of, &select.field));
        let origin = origin.map(|origin| origin.below(&select.field));
        let found = child.and_then(|value| match &select.declared {
            Some(ty) => declare(value, ty).map_err(|what| Stop::error(format!("{} {what}", name_of(&origin, select)))),
            None => Ok(value),
        });
        Spot { origin, found }
    }

    fn index(&mut self, of: &'a Expr, at: &'a Expr) -> Spot<'a> {
        let below = self.spot(of);
        let key = match computed(self.eval(at)) {
            Ok(key) => key.into_owned(),
            Err(stop) => {
                // Both are needed, so that unknown can win over error.
                let mut stops = Stops::default();
                stops.note(self.settle(below.found));
                stops.add(stop);
                let found = stops.finish().and(Err(Stop::error("the index has no value")));
                return Spot { origin: None, found };
            }
        };
        let (text, valid) = match (&key.data, below.found.as_ref().map(|value| &value.data)) {
            (Data::Int(at), Ok(Data::Map(_))) => (at.to_string(), false),
            (Data::Int(at), _) => (at.to_string(), true),
            (Data::String(_), Ok(Data::List(_))) => (String::new(), false),
            (Data::String(key), _) => (key.to_string(), true),
            _ => (String::new(), false),
        };
        if !valid {
            let stop = match self.settle(below.found) {
                Err(stop) => stop,
                Ok(value) => Stop::error(format!("{} cannot be indexed with {}", type_name(&value), type_name(&key))),
            };
            return Spot { origin: None, found: Err(stop) };
        }
        let secret = key.marks.sensitive;
        let Spot { origin, found } = below;
        let found = found.and_then(|found| self.child(found, origin.as_ref(), of, &text));
        let found = found.map(|value| mark(value, secret));
        let origin = origin.filter(|_| !secret).map(|origin| origin.below(&text));
        // The message names the path, and so the key.
        let found = found.map_err(|stop| match stop {
            Stop::Error(Failure { absent, .. }) if secret => {
                Stop::Error(Failure { message: "there is nothing under a sensitive key".to_owned(), absent })
            }
            stop => stop,
        });
        Spot { origin, found }
    }

    /// What stands under `key` in the value of `of`, which was read at `origin`; absent when there is nothing.
    fn child(
        &self,
        value: Cow<'a, Value>,
        origin: Option<&Origin<'a>>,
        of: &'a Expr,
        key: &str,
    ) -> Result<Cow<'a, Value>, Stop> {
        let name = |key: &str| match origin {
            Some(origin) if key.is_empty() => path_text(origin),
            Some(origin) => path_text(&origin.clone().below(key)),
            None if key.is_empty() => self.slice(of).to_owned(),
            None => format!("{}.{key}", self.slice(of)),
        };
        let sensitive = value.marks.sensitive;
        let at = key.parse::<usize>().ok();
        let none = || Stop::absent(&name(key));
        let child = match value {
            Cow::Borrowed(value) => match &value.data {
                Data::Map(map) => map.get(key).map(Cow::Borrowed),
                Data::List(items) => at.and_then(|at| items.get(at)).map(Cow::Borrowed),
                _ => return Err(self.childless(value, &name(""))),
            },
            Cow::Owned(value) => match value.data {
                Data::Map(map) => map.get(key).cloned().map(Cow::Owned),
                Data::List(mut items) => at.filter(|at| *at < items.len()).map(|at| Cow::Owned(items.swap_remove(at))),
                _ => return Err(self.childless(&value, &name(""))),
            },
        };
        Ok(mark(child.ok_or_else(none)?, sensitive))
    }

    fn childless(&self, value: &Value, name: &str) -> Stop {
        match &value.data {
            Data::Unknown(unknown) => self.unknown(unknown),
            Data::Null => Stop::absent(name),
            _ => Stop::error(format!("`{name}` is {}, there is nothing inside it", type_name(value))),
        }
    }

    /// The value of `variables.…`; one that only gives a path a name is as absent as that is.
    fn named_path(&mut self, at: usize) -> Result<Cow<'a, Value>, Stop> {
        let mut root = &self.named[at].1.root.kind;
        while let ExprKind::Select(select) = root {
            root = &select.of.kind;
        }
        let path = matches!(root, ExprKind::Name(name) if &**name != "variables");
        let value = self.named(at);
        if path { value.map(Cow::Owned) } else { computed(value) }
    }

    /// The value of `variables.…`. Those it rests on are evaluated first, so that a long chain of them does not
    /// become a deep recursion.
    fn named(&mut self, at: usize) -> Eval {
        let named = self.named;
        let mut wanted = vec![false; at + 1];
        wanted[at] = true;
        for above in (0..=at).rev().filter(|above| self.cache[*above].is_none()) {
            if wanted[above] {
                let used = &named[above].1.uses;
                let before = |name: &String| named[..above].iter().position(|(known, _)| known == name);
                used.iter().filter_map(before).for_each(|below| wanted[below] = true);
            }
        }
        for below in (0..=at).filter(|below| wanted[*below]) {
            if self.cache[below].is_none() {
                self.cache[below] = Some(self.apart(&named[below].1, true));
            }
        }
        let Some((value, reads)) = &self.cache[at] else { return Err(Stop::error("has no value")) };
        if self.notes {
            self.reads.extend(reads.iter().cloned());
        }
        value.clone()
    }

    pub(super) fn has(&mut self, select: &'a Select) -> Eval {
        let spot = self.select(select);
        self.note(&spot);
        match spot.found {
            Ok(value) => match &value.data {
                Data::Unknown(unknown) if unknown.not_null => Ok(resting_on(true, [&*value])),
                Data::Unknown(unknown) => Err(self.unknown(unknown)),
                Data::Null => Ok(resting_on(false, [&*value])),
                _ => Ok(resting_on(true, [&*value])),
            },
            Err(Stop::Error(failure)) if failure.absent => Ok(false.into()),
            Err(stop) => Err(stop),
        }
    }
}

/// What copying a value costs.
fn weight(value: &Value) -> usize {
    match &value.data {
        Data::List(items) => items.iter().map(|item| 1 + weight(item)).sum(),
        Data::Map(map) => map.iter().map(|(_, item)| 1 + weight(item)).sum(),
        _ => 0,
    }
}

/// A value that is no path of its own. That something it rests on is not set does not make it so: `has` must not
/// say no where an unknown part may still turn into an error.
fn computed<'a>(value: Eval) -> Result<Cow<'a, Value>, Stop> {
    match value {
        Ok(value) => Ok(Cow::Owned(value)),
        Err(Stop::Error(failure)) => Err(Stop::error(failure.message)),
        Err(stop) => Err(stop),
    }
}

fn path_text(origin: &Origin<'_>) -> String {
    if origin.path.is_empty() { origin.variable.to_owned() } else { format!("{}.{}", origin.variable, origin.path) }
}

fn name_of(origin: &Option<Origin<'_>>, select: &Select) -> String {
    origin.as_ref().map_or_else(|| format!("`{}`", select.field), |origin| format!("`{}`", path_text(origin)))
}

/// What is inside something secret is secret.
fn mark(value: Cow<'_, Value>, sensitive: bool) -> Cow<'_, Value> {
    if !sensitive || value.marks.sensitive {
        return value;
    }
    let mut value = value.into_owned();
    value.marks.sensitive = true;
    Cow::Owned(value)
}

/// The value as its declared type: the input may say a number or a truth value in text, or a text as a number.
fn declare<'a>(value: Cow<'a, Value>, ty: &Type) -> Result<Cow<'a, Value>, String> {
    let data = match (ty, &value.data) {
        (Type::Int, Data::String(text)) => Data::Int(text.trim().parse().map_err(|_| "is not a whole number")?),
        (Type::Int, Data::Float(number)) if number.fract() == 0.0 && number.abs() < 9e15 => Data::Int(*number as i64),
        (Type::Bool, Data::String(text)) => Data::Bool(text.trim().parse().map_err(|_| "is neither true nor false")?),
        (Type::String, Data::Int(number)) => Data::String(number.to_string().into()),
        (Type::String, Data::Float(number)) => Data::String(number.to_string().into()),
        (Type::String, Data::Bool(truth)) => Data::String(truth.to_string().into()),
        (Type::List(item), Data::List(items)) if !matches!(**item, Type::Object(_) | Type::Any) => {
            let items = items.iter().map(|value| declare(Cow::Borrowed(value), item).map(Cow::into_owned));
            Data::List(items.collect::<Result<_, _>>()?)
        }
        _ => return Ok(value),
    };
    Ok(Cow::Owned(Value { data, marks: value.marks }))
}
