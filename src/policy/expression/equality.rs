//! Equality and order of values that may hold unknowns inside.

use std::cmp::Ordering;

use super::outcome::{Stop, Unknowns};
use crate::graph::{Data, Map, Truth, Value};

/// What an evaluation may still cost.
#[derive(Debug)]
pub(in crate::policy) struct Budget(u64);

impl Budget {
    /// More than any sensible policy needs, less than anyone notices.
    pub(in crate::policy) fn full() -> Budget {
        Budget(1_000_000)
    }

    pub(in crate::policy) fn spend(&mut self, cost: usize) -> Result<(), Stop> {
        match self.0.checked_sub(cost as u64) {
            Some(left) => {
                self.0 = left;
                Ok(())
            }
            None => {
                self.0 = 0;
                Err(Stop::error("it takes too many steps"))
            }
        }
    }
}

/// Whether two values are equal; notes in `hangs_on` the unknowns it met.
pub(in crate::policy) fn equal(
    a: &Value,
    b: &Value,
    hangs_on: &mut Unknowns,
    budget: &mut Budget,
) -> Result<Truth, Stop> {
    budget.spend(1)?;
    Ok(match (&a.data, &b.data) {
        (Data::Unknown(unknown), other) | (other, Data::Unknown(unknown)) => {
            hangs_on.add(unknown);
            if let Data::Unknown(second) = other {
                hangs_on.add(second);
            }
            Truth::Unknown
        }
        (Data::List(a), Data::List(b)) if a.len() == b.len() => {
            let mut all = Truth::True;
            for (a, b) in a.iter().zip(b) {
                all = all.and(equal(a, b, hangs_on, budget)?);
                if all == Truth::False {
                    break;
                }
            }
            all
        }
        (Data::Map(a), Data::Map(b)) => equal_maps(a, b, hangs_on, budget)?,
        (Data::Null, Data::Null) => Truth::True,
        (Data::Bool(a), Data::Bool(b)) => (a == b).into(),
        (Data::String(a), Data::String(b)) => {
            budget.spend(a.len().min(b.len()) / 64)?;
            (a == b).into()
        }
        (Data::Int(_) | Data::Float(_), Data::Int(_) | Data::Float(_)) => (order(a, b) == Some(Ordering::Equal)).into(),
        _ => Truth::False,
    })
}

/// A key that only one side has makes them differ, unless its value is unknown: it may turn out not to be set.
fn equal_maps(a: &Map, b: &Map, hangs_on: &mut Unknowns, budget: &mut Budget) -> Result<Truth, Stop> {
    let mut all = Truth::True;
    let only_in_b = b.iter().filter(|(key, _)| a.get(key).is_none()).map(|(_, value)| (value, None));
    for (value, other) in a.iter().map(|(key, value)| (value, b.get(key))).chain(only_in_b) {
        all = all.and(match (other, &value.data) {
            (Some(other), _) => equal(value, other, hangs_on, budget)?,
            (None, Data::Unknown(unknown)) => {
                hangs_on.add(unknown);
                Truth::Unknown
            }
            (None, _) => Truth::False,
        });
        if all == Truth::False {
            break;
        }
    }
    Ok(all)
}

/// The order of two numbers, two strings or two truth values; none for anything else and for what is no number.
pub(in crate::policy) fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (&a.data, &b.data) {
        (Data::Int(a), Data::Int(b)) => Some(a.cmp(b)),
        (Data::Float(a), Data::Float(b)) => a.partial_cmp(b),
        (Data::Int(a), Data::Float(b)) => order_mixed(*a, *b),
        (Data::Float(a), Data::Int(b)) => order_mixed(*b, *a).map(Ordering::reverse),
        (Data::String(a), Data::String(b)) => Some(a.cmp(b)),
        (Data::Bool(a), Data::Bool(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// Exact: an integer of 64 bits does not fit into a double.
fn order_mixed(a: i64, b: f64) -> Option<Ordering> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if b.is_nan() {
        return None;
    }
    if b >= LIMIT {
        return Some(Ordering::Less);
    }
    if b < -LIMIT {
        return Some(Ordering::Greater);
    }
    let whole = b.trunc();
    Some(a.cmp(&(whole as i64)).then(0.0.partial_cmp(&(b - whole))?))
}

/// Whether two values are one and the same, known through and through: 1 and 1.0 are equal but not the same.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (&a.data, &b.data) {
        (Data::Null, Data::Null) => true,
        (Data::Bool(a), Data::Bool(b)) => a == b,
        (Data::Int(a), Data::Int(b)) => a == b,
        (Data::Float(a), Data::Float(b)) => a == b,
        (Data::String(a), Data::String(b)) => a == b,
        (Data::List(a), Data::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Data::Map(a), Data::Map(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|((ka, a), (kb, b))| ka == kb && same(a, b))
        }
        _ => false,
    }
}
