//! Equality of values, in three values, and the order Terraform shows sets in.

use std::cmp::Ordering;
use std::fmt::Write;

use super::hole::Bounds;
use super::value::Content;
use super::{Type, Value};
use crate::graph::Truth;

/// Whether two values are equal. Marks do not count.
#[must_use]
pub fn equal(left: &Value, right: &Value) -> Truth {
    match (&left.content, &right.content) {
        (Content::Null(_), Content::Null(_)) => return Truth::True,
        (Content::Null(_), _) => return if right.is_never_null() { Truth::False } else { Truth::Unknown },
        (_, Content::Null(_)) => return if left.is_never_null() { Truth::False } else { Truth::Unknown },
        (Content::Unknown(_), _) | (_, Content::Unknown(_)) => return with_hole(left, right),
        _ => {}
    }
    match (&left.content, &right.content) {
        (Content::Bool(a), Content::Bool(b)) => Truth::from(a == b),
        (Content::Number(a), Content::Number(b)) => Truth::from(a == b),
        (Content::String(a), Content::String(b)) => Truth::from(a == b),
        (Content::List(a, left), Content::List(b, right)) => typed(a, b, || each(&left.content, &right.content)),
        (Content::Tuple(left), Content::Tuple(right)) => each(&left.content, &right.content),
        (Content::Map(a, left), Content::Map(b, right)) => typed(a, b, || keyed(left, right)),
        (Content::Object(left), Content::Object(right)) => keyed(left, right),
        (Content::Set(a, left), Content::Set(b, right)) => typed(a, b, || {
            if !left.whole || !right.whole {
                return if apart(&set_bounds(left), &set_bounds(right)) { Truth::False } else { Truth::Unknown };
            }
            each(&left.content, &right.content)
        }),
        _ => Truth::False,
    }
}

/// Equal in every respect but marks; unknowns only to themselves.
#[must_use]
pub fn same(left: &Value, right: &Value) -> bool {
    match (&left.content, &right.content) {
        (Content::Null(a), Content::Null(b)) => a == b,
        (Content::Unknown(a), Content::Unknown(b)) => a.ty == b.ty && a.bounds == b.bounds && a.reasons == b.reasons,
        (Content::List(a, left), Content::List(b, right)) | (Content::Set(a, left), Content::Set(b, right)) => {
            a == b && all_same(&left.content, &right.content)
        }
        (Content::Tuple(left), Content::Tuple(right)) => all_same(&left.content, &right.content),
        (Content::Map(a, left), Content::Map(b, right)) => a == b && keyed_same(left, right),
        (Content::Object(left), Content::Object(right)) => keyed_same(left, right),
        _ => left.is_known() && right.is_known() && equal(left, right) == Truth::True,
    }
}

/// Sorts as Terraform shows a set, and drops what is there twice. Two unknowns are never the same element.
pub(super) fn ordered(items: Vec<Value>) -> Vec<Value> {
    let mut keyed: Vec<(String, Value)> = items.into_iter().map(|item| (key(&item), item)).collect();
    keyed.sort_by(|(a_key, a), (b_key, b)| compare(a, a_key, b, b_key));
    keyed.dedup_by(|(a_key, a), (b_key, b)| {
        a_key == b_key && a.is_whole() && b.is_whole() && equal(a, b) == Truth::True
    });
    keyed.into_iter().map(|(_, item)| item).collect()
}

fn compare(a: &Value, a_key: &str, b: &Value, b_key: &str) -> Ordering {
    a.is_null().cmp(&b.is_null()).then((!a.is_known()).cmp(&!b.is_known())).then_with(|| {
        match (&a.content, &b.content) {
            (Content::Number(a), Content::Number(b)) => a.cmp(b),
            (Content::Bool(a), Content::Bool(b)) => a.cmp(b),
            (Content::String(a), Content::String(b)) => a.cmp(b),
            _ => a_key.cmp(b_key),
        }
    })
}

/// What Terraform sorts compound elements by.
fn key(value: &Value) -> String {
    let mut key = String::new();
    write_key(value, &mut key);
    key
}

fn write_key(value: &Value, key: &mut String) {
    match &value.content {
        Content::Null(_) => key.push('~'),
        Content::Unknown(_) => key.push('?'),
        Content::Bool(value) => key.push(if *value { 'T' } else { 'F' }),
        Content::Number(number) => key.push_str(&brief(&number.to_string())),
        Content::String(text) => {
            let _ = write!(key, "{text:?}");
        }
        Content::List(_, items) | Content::Set(_, items) => write_items('[', &items.content, ']', key),
        Content::Tuple(items) => write_items('<', &items.content, '>', key),
        Content::Map(_, entries) => {
            key.push('{');
            for (name, entry) in &entries.content {
                let _ = write!(key, "{name:?}:");
                write_key(entry, key);
                key.push(';');
            }
            key.push('}');
        }
        Content::Object(entries) => {
            key.push('<');
            for entry in entries.content.values() {
                write_key(entry, key);
                key.push(';');
            }
            key.push('>');
        }
    }
}

/// A number in at most ten digits, from 10^10 (or below 10^-4) with an exponent: Go's `%.10g`.
fn brief(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all: String = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0');
    let exponent = whole.len() as i64 - 1 - (all.len() - significant.len()) as i64;
    if significant.len() <= 10 && (-4..10).contains(&exponent) || significant.is_empty() {
        return number.to_owned();
    }
    if (-4..10).contains(&exponent) {
        return number.parse::<f64>().map_or_else(
            |_| number.to_owned(),
            |value| {
                let places = usize::try_from(9 - exponent).unwrap_or(0);
                let text = format!("{value:.places$}");
                if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
            },
        );
    }
    let kept = significant[..significant.len().min(10)].trim_end_matches('0');
    let (first, rest) = kept.split_at(kept.len().min(1));
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{first}{point}{rest}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

fn write_items(open: char, items: &[Value], close: char, key: &mut String) {
    key.push(open);
    for item in items {
        write_key(item, key);
        key.push(';');
    }
    key.push(close);
}

fn with_hole(left: &Value, right: &Value) -> Truth {
    let never_null = left.is_never_null() || right.is_never_null();
    if !never_null {
        return Truth::Unknown;
    }
    if !left.ty().could_be(&right.ty()) {
        return Truth::False;
    }
    let (a, b) = (left.bounds(), right.bounds());
    let outside = |text: &Value, other: &Bounds| text.as_text().is_some_and(|text| !text.starts_with(&*other.prefix));
    if outside(left, &b) || outside(right, &a) || apart(&a, &b) { Truth::False } else { Truth::Unknown }
}

fn set_bounds(items: &super::value::Items) -> Bounds {
    let count = items.content.len();
    Bounds::length(if items.whole { count } else { count.min(1) }, Some(count))
}

/// Whether no value fits both bounds. One side is known never to be null.
fn apart(a: &Bounds, b: &Bounds) -> bool {
    let shorter = |a: &Bounds, b: &Bounds| a.longest.is_some_and(|longest| longest < b.shortest);
    let common = a.prefix.bytes().zip(b.prefix.bytes()).all(|(a, b)| a == b);
    !common || shorter(a, b) || shorter(b, a)
}

fn typed(a: &Type, b: &Type, compare: impl FnOnce() -> Truth) -> Truth {
    if a == b {
        return compare();
    }
    if !a.could_be(b) {
        return Truth::False;
    }
    if compare() == Truth::False { Truth::False } else { Truth::Unknown }
}

fn each(left: &[Value], right: &[Value]) -> Truth {
    if left.len() != right.len() {
        return Truth::False;
    }
    all(left.iter().zip(right))
}

fn keyed(left: &super::value::Entries, right: &super::value::Entries) -> Truth {
    if left.content.len() != right.content.len() || !left.content.keys().eq(right.content.keys()) {
        return Truth::False;
    }
    all(left.content.values().zip(right.content.values()))
}

fn all<'v>(pairs: impl Iterator<Item = (&'v Value, &'v Value)>) -> Truth {
    let mut result = Truth::True;
    for (left, right) in pairs {
        match equal(left, right) {
            Truth::True => {}
            Truth::False => return Truth::False,
            Truth::Unknown => result = Truth::Unknown,
        }
    }
    result
}

fn all_same(left: &[Value], right: &[Value]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
}

fn keyed_same(left: &super::value::Entries, right: &super::value::Entries) -> bool {
    left.content.keys().eq(right.content.keys())
        && left.content.values().zip(right.content.values()).all(|(left, right)| same(left, right))
}
