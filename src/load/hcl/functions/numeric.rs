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
        float(logarithm(call.number(0)?.to_f64()) / logarithm(call.number(1)?.to_f64()))
    }),
    Function::new("pow", &[NUMBER, NUMBER], Kind::Number, |call| {
        float(power(call.number(0)?.to_f64(), call.number(1)?.to_f64()))
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

/// The natural logarithm, to the last bit as Go works it out (which is FreeBSD's way).
#[expect(clippy::excessive_precision, reason = "the constants as they are published")]
fn logarithm(x: f64) -> f64 {
    if x <= 0.0 || !x.is_finite() {
        return x.ln();
    }
    let (mut fraction, mut exponent) = split(x);
    if fraction < std::f64::consts::FRAC_1_SQRT_2 {
        fraction *= 2.0;
        exponent -= 1;
    }
    let f = fraction - 1.0;
    let k = f64::from(exponent);
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let odd = s2
        * (6.666_666_666_666_735_130e-01
            + s4 * (2.857_142_874_366_239_149e-01
                + s4 * (1.818_357_216_161_805_012e-01 + s4 * 1.479_819_860_511_658_591e-01)));
    let even = s4
        * (3.999_999_999_940_941_908e-01 + s4 * (2.222_219_843_214_978_396e-01 + s4 * 1.531_383_769_920_937_332e-01));
    let half = 0.5 * f * f;
    k * 6.931_471_803_691_238_164_90e-01
        - ((half - (s * (half + odd + even) + k * 1.908_214_929_270_587_700_02e-10)) - f)
}

/// `x` to the power of `y`, with whole powers multiplied as Go does.
fn power(x: f64, y: f64) -> f64 {
    let ordinary = x != 0.0 && x != 1.0 && y != 0.0 && x.is_finite() && y.abs() < 1024.0;
    if !ordinary || y.fract() != 0.0 {
        return x.powf(y);
    }
    let (mut factor, mut factor_exponent) = split(x);
    let (mut result, mut exponent) = (1.0f64, 0i32);
    let mut left = y.abs() as u32;
    while left != 0 {
        if left & 1 == 1 {
            result *= factor;
            exponent += factor_exponent;
        }
        factor *= factor;
        factor_exponent = factor_exponent.saturating_mul(2);
        if factor < 0.5 {
            factor += factor;
            factor_exponent -= 1;
        }
        left >>= 1;
        if exponent.abs() > 5000 || factor_exponent.abs() > 1 << 28 {
            return x.powf(y);
        }
    }
    if y < 0.0 {
        (result, exponent) = (1.0 / result, -exponent);
    }
    if (-1000..1000).contains(&exponent) { result * 2f64.powi(exponent) } else { x.powf(y) }
}

/// A number as `fraction × 2^exponent` with the fraction's size from a half to one.
fn split(x: f64) -> (f64, i32) {
    let mut fraction = x;
    let mut exponent = 0;
    while fraction.abs() >= 1.0 {
        fraction /= 2.0;
        exponent += 1;
    }
    while fraction.abs() < 0.5 {
        fraction *= 2.0;
        exponent -= 1;
    }
    (fraction, exponent)
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
