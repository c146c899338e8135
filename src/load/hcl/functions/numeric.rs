//! Functions on numbers.

use num_bigint::BigInt;

use super::{ANY, Call, Function, Kind, NUMBER, Needs};
use crate::load::hcl::convert::convert;
use crate::load::hcl::{Fault, Number, Type, Value};

pub(super) const TABLE: &[Function] = &[
    Function::new("abs", &[NUMBER], Kind::Number, |call| Ok(Value::number(call.number(0)?.absolute()))),
    Function::new("ceil", &[NUMBER], Kind::Number, |call| Ok(Value::number(ceil(call.number(0)?)))),
    Function::new("floor", &[NUMBER], Kind::Number, |call| {
        Ok(Value::number(ceil(&call.number(0)?.negated()).negated()))
    }),
    Function::new("log", &[NUMBER, NUMBER], Kind::Number, |call| {
        float(call.number(0)?.to_f64().ln() / call.number(1)?.to_f64().ln())
    }),
    Function::new("pow", &[NUMBER, NUMBER], Kind::Number, |call| {
        float(call.number(0)?.to_f64().powf(call.number(1)?.to_f64()))
    }),
    Function::new("signum", &[NUMBER], Kind::Number, signum),
    Function::new("max", &[], Kind::Number, |call| extreme(call, |a, b| a > b)).rest(NUMBER),
    Function::new("min", &[], Kind::Number, |call| extreme(call, |a, b| a < b)).rest(NUMBER),
    Function::new("parseint", &[ANY, NUMBER], Kind::Number, parseint),
    Function::new("range", &[], Kind::List, range).rest(NUMBER),
    Function::new("sum", &[ANY], Kind::Number, sum).needs(Needs::Nothing),
];

fn ceil(number: &Number) -> Number {
    let whole = number.truncated();
    if number.is_whole() || number.is_negative() { whole.into() } else { (whole + BigInt::from(1)).into() }
}

fn float(value: f64) -> Result<Value, Fault> {
    Number::from_f64(value).map(Value::number).ok_or_else(|| Fault::limit("the result is not finite"))
}

fn signum(call: &Call<'_>) -> Result<Value, Fault> {
    let number = call.whole(0)?;
    Ok(Value::number(number.signum()))
}

fn extreme(call: &Call<'_>, better: fn(&Number, &Number) -> bool) -> Result<Value, Fault> {
    let mut best = call.number(0).map_err(|_| Fault::new("at least one number is needed"))?;
    for at in 1..call.arguments.len() {
        let next = call.number(at)?;
        if better(next, best) {
            best = next;
        }
    }
    Ok(Value::number(best.clone()))
}

fn parseint(call: &Call<'_>) -> Result<Value, Fault> {
    let text = convert(call.value(0)?, &Type::String)?;
    if call.value(0)?.ty() != Type::String {
        return Err(Fault::new("a string is required"));
    }
    let base = call.whole(1)?;
    if !(2..=62).contains(&base) {
        return Err(Fault::new("the base must be between 2 and 62"));
    }
    let text = text.as_text().cloned().unwrap_or_default();
    let wrong = || Fault::new("the text is no whole number in this base");
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    if digits.is_empty() || digits.len() > 5000 {
        return Err(wrong());
    }
    let mut result = BigInt::from(0);
    for char in digits.chars() {
        let digit = match char {
            '0'..='9' => u32::from(char) - u32::from('0'),
            'a'..='z' => u32::from(char) - u32::from('a') + 10,
            'A'..='Z' if base <= 36 => u32::from(char) - u32::from('A') + 10,
            'A'..='Z' => u32::from(char) - u32::from('A') + 36,
            _ => return Err(wrong()),
        };
        if i64::from(digit) >= base {
            return Err(wrong());
        }
        result = result * base + digit;
    }
    Ok(Value::number(if negative { -result } else { result }))
}

fn range(call: &Call<'_>) -> Result<Value, Fault> {
    let zero = Number::from(0i64);
    let one = Number::from(1i64);
    let (start, end, step) = match call.arguments.len() {
        1 => {
            let end = call.number(0)?.clone();
            let step = if end < zero { one.negated() } else { one };
            (zero.clone(), end, step)
        }
        2 => {
            let (start, end) = (call.number(0)?.clone(), call.number(1)?.clone());
            let step = if end < start { one.negated() } else { one };
            (start, end, step)
        }
        3 => (call.number(0)?.clone(), call.number(1)?.clone(), call.number(2)?.clone()),
        _ => return Err(Fault::new("one, two or three numbers are needed")),
    };
    if step.is_zero() {
        return Err(Fault::new("the step must not be zero"));
    }
    let down = step.is_negative();
    if if down { end > start } else { end < start } {
        return Err(Fault::new("the step leads away from the end"));
    }
    let mut items = Vec::new();
    let mut next = start;
    while if down { next > end } else { next < end } {
        if items.len() >= 1024 {
            return Err(Fault::new("more than 1024 numbers"));
        }
        let after = next.plus(&step).ok_or_else(|| Fault::limit("the number is out of range"))?;
        items.push(Value::number(next));
        next = after;
    }
    Ok(Value::list(Type::Number, items))
}

fn sum(call: &Call<'_>) -> Result<Value, Fault> {
    let list = call.value(0)?;
    if !list.ty().is_sequence() && list.ty() != Type::Dynamic {
        return Err(Fault::new("a list of numbers is required"));
    }
    let Some(items) = list.as_items() else { return Ok(call.open(Type::Number)) };
    if items.is_empty() {
        return Err(Fault::new("the list is empty"));
    }
    if !list.is_whole() {
        return Ok(call.open(Type::Number));
    }
    let mut total = Number::from(0i64);
    for item in items {
        let item = convert(item, &Type::Number)?;
        let number = item.as_number().ok_or_else(|| Fault::new("the list holds null; numbers are required"))?;
        total = total.plus(number).ok_or_else(|| Fault::limit("the number is out of range"))?;
    }
    Ok(Value::number(total))
}
