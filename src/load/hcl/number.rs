//! Numbers as Terraform has them: binary floating point of 512 bits (some functions give 53 or 64), printed as the
//! shortest decimal that reads back the same. So `0.1 + 0.2` is `0.3` and whole numbers are exact.

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// Bits of precision of a number that was written or read from text.
const WRITTEN: u64 = 512;

/// Beyond this binary exponent a number is refused: nobody means it, and it would only eat memory.
const FARTHEST: i64 = 20_000;

/// A number: `mantissa × 2^exponent`, the mantissa odd or zero.
#[derive(Clone, Debug)]
pub struct Number {
    mantissa: BigInt,
    exponent: i64,
    precision: u64,
}

impl Number {
    /// Reads a decimal number: digits, a fraction, an exponent.
    #[must_use]
    pub fn parse(text: &str) -> Option<Number> {
        let (negative, unsigned) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (digits, exponent) = match unsigned.find(['e', 'E']) {
            Some(at) => (&unsigned[..at], unsigned[at + 1..].parse::<i64>().ok()?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.len() + fraction.len() == 0 || whole.len() + fraction.len() > 10_000 || exponent.abs() > 10_000 {
            return None;
        }
        if !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let magnitude = BigInt::parse_bytes(format!("{whole}{fraction}").as_bytes(), 10)?;
        let magnitude = if negative { -magnitude } else { magnitude };
        let tens = exponent - fraction.len() as i64;
        if tens >= 0 {
            Number::rounded(magnitude * BigInt::from(10u8).pow(u32::try_from(tens).ok()?), 0, WRITTEN)
        } else {
            divided(&magnitude, &BigInt::from(10u8).pow(u32::try_from(-tens).ok()?), 0, WRITTEN)
        }
    }

    /// From a machine number, with the precision of one.
    #[must_use]
    pub fn from_f64(value: f64) -> Option<Number> {
        if !value.is_finite() {
            return None;
        }
        let bits = value.to_bits();
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, exponent) = match (bits >> 52) & 0x7ff {
            0 => (fraction, -1074),
            biased => (fraction | (1 << 52), biased as i64 - 1075),
        };
        let mantissa = BigInt::from(mantissa);
        Number::rounded(if value < 0.0 { -mantissa } else { mantissa }, exponent, 53)
    }

    /// The nearest machine number.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// The whole number, exactly, when it is one that fits.
    #[must_use]
    pub fn to_i64(&self) -> Option<i64> {
        self.to_bigint()?.to_i64()
    }

    /// The whole number, exactly, when it is one.
    #[must_use]
    pub fn to_bigint(&self) -> Option<BigInt> {
        (self.exponent >= 0).then(|| &self.mantissa << self.exponent)
    }

    /// The whole part, towards zero.
    #[must_use]
    pub fn truncated(&self) -> BigInt {
        if self.exponent >= 0 {
            &self.mantissa << self.exponent
        } else {
            let whole = self.mantissa.abs() >> -self.exponent;
            if self.is_negative() { -whole } else { whole }
        }
    }

    /// Whether it has no fraction.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.exponent >= 0
    }

    /// Whether it is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.mantissa.is_zero()
    }

    /// Whether it is below zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.mantissa.is_negative()
    }

    /// Its opposite.
    #[must_use]
    pub fn negated(&self) -> Number {
        Number { mantissa: -&self.mantissa, ..self.clone() }
    }

    /// Without its sign.
    #[must_use]
    pub fn absolute(&self) -> Number {
        Number { mantissa: self.mantissa.abs(), ..self.clone() }
    }

    /// The sum; `None` when out of range, here and below.
    #[must_use]
    pub fn plus(&self, other: &Number) -> Option<Number> {
        let exponent = self.exponent.min(other.exponent);
        let sum = (&self.mantissa << (self.exponent - exponent)) + (&other.mantissa << (other.exponent - exponent));
        Number::rounded(sum, exponent, self.precision.max(other.precision))
    }

    /// The difference.
    #[must_use]
    pub fn minus(&self, other: &Number) -> Option<Number> {
        self.plus(&other.negated())
    }

    /// The product.
    #[must_use]
    pub fn times(&self, other: &Number) -> Option<Number> {
        let mut product = Number::rounded(&self.mantissa * &other.mantissa, self.exponent + other.exponent, WRITTEN)?;
        product.precision = product.mantissa.bits().max(self.precision).max(other.precision);
        Some(product)
    }

    /// The quotient; `None` also when dividing by zero.
    #[must_use]
    pub fn over(&self, other: &Number) -> Option<Number> {
        if other.is_zero() {
            return None;
        }
        let precision = self.precision.max(other.precision);
        divided(&self.mantissa, &other.mantissa, self.exponent - other.exponent, precision)
    }

    /// The remainder of whole division, with the sign of the left side; by zero it is the left side.
    #[must_use]
    pub fn remainder(&self, other: &Number) -> Option<Number> {
        if other.is_zero() {
            return Some(self.clone());
        }
        let whole = self.over(other)?.truncated();
        let precision = self.precision;
        let part = Number::rounded(whole * &other.mantissa, other.exponent, precision)?;
        let mut rest = self.minus(&part)?;
        rest.precision = precision;
        Number::rounded(rest.mantissa, rest.exponent, precision)
    }

    fn rounded(mut mantissa: BigInt, mut exponent: i64, precision: u64) -> Option<Number> {
        let bits = mantissa.bits();
        if bits > precision {
            let cut = bits - precision;
            let negative = mantissa.is_negative();
            let magnitude = mantissa.magnitude();
            let mut kept: BigUint = magnitude >> cut;
            let half = magnitude.bit(cut - 1);
            let sticky = magnitude.trailing_zeros().is_some_and(|zeros| zeros < cut - 1);
            if half && (sticky || kept.bit(0)) {
                kept += 1u8;
            }
            mantissa = BigInt::from_biguint(if negative { Sign::Minus } else { Sign::Plus }, kept);
            exponent += i64::try_from(cut).ok()?;
        }
        match mantissa.magnitude().trailing_zeros() {
            None => exponent = 0,
            Some(0) => {}
            Some(zeros) => {
                mantissa >>= zeros;
                exponent += i64::try_from(zeros).ok()?;
            }
        }
        (exponent.abs() <= FARTHEST).then_some(Number { mantissa, exponent, precision })
    }

    /// All decimal digits without trailing zeros, and where the point is.
    pub(super) fn decimal(&self) -> (Vec<u8>, i64) {
        decimal(self.mantissa.magnitude(), self.exponent)
    }

    /// Digits with `length` of them kept, rounded half to even.
    pub(super) fn cut(digits: Vec<u8>, point: i64, length: usize) -> (Vec<u8>, i64) {
        let raise = nearer_above(&digits, length);
        cut(digits, point, length, raise)
    }

    /// The decimal digits and where the point is, shortest that reads back as the same number.
    pub(super) fn shortest(&self) -> (Vec<u8>, i64) {
        let magnitude = self.mantissa.magnitude();
        let (mut digits, point) = decimal(magnitude, self.exponent);
        if digits.is_empty() || self.exponent >= 0 && magnitude.bits() + self.exponent as u64 <= self.precision {
            return (digits, point);
        }
        // One more bit than the precision: the last one is half of the last place.
        let shift = (self.precision + 1).saturating_sub(magnitude.bits());
        let widened = magnitude << shift;
        let exponent = self.exponent - shift as i64;
        let (lower, _) = decimal(&(&widened - 1u8), exponent);
        let (upper, _) = decimal(&(&widened + 1u8), exponent);
        let inclusive = !widened.bit(1);
        let at = |digits: &[u8], i: usize| digits.get(i).copied().unwrap_or(b'0');
        for i in 0..digits.len() {
            let (low, middle, high) = (at(&lower, i), digits[i], at(&upper, i));
            let down = low != middle || inclusive && i + 1 == lower.len();
            let up = middle != high && (inclusive || middle + 1 < high || i + 1 < upper.len());
            if down || up {
                let raise = if down && up { nearer_above(&digits, i + 1) } else { up };
                return cut(digits, point, i + 1, raise);
            }
        }
        digits.shrink_to_fit();
        (digits, point)
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (digits, point) = self.shortest();
        let digits: String = digits.into_iter().map(char::from).collect();
        if digits.is_empty() {
            return f.write_str("0");
        }
        if self.is_negative() {
            f.write_str("-")?;
        }
        let length = digits.len() as i64;
        if point <= 0 {
            write!(f, "0.{}{digits}", "0".repeat(point.unsigned_abs() as usize))
        } else if point >= length {
            write!(f, "{digits}{}", "0".repeat((point - length) as usize))
        } else {
            let (whole, fraction) = digits.split_at(point as usize);
            write!(f, "{whole}.{fraction}")
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        self.mantissa == other.mantissa && self.exponent == other.exponent
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        let exponent = self.exponent.min(other.exponent);
        (&self.mantissa << (self.exponent - exponent)).cmp(&(&other.mantissa << (other.exponent - exponent)))
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Number {
        Number::from(BigInt::from(value))
    }
}

impl From<usize> for Number {
    fn from(value: usize) -> Number {
        Number::from(BigInt::from(value))
    }
}

impl From<BigInt> for Number {
    /// As precise as it is long, and at least 64 bits.
    fn from(value: BigInt) -> Number {
        let precision = value.bits().max(64);
        let zeros = value.magnitude().trailing_zeros().unwrap_or(0);
        Number { mantissa: value >> zeros, exponent: zeros as i64, precision }
    }
}

/// `left / right × 2^exponent`, rounded once.
fn divided(left: &BigInt, right: &BigInt, exponent: i64, precision: u64) -> Option<Number> {
    let shift = (precision + 2 + right.bits()).saturating_sub(left.bits());
    let (quotient, rest) = (left << shift).div_rem(right);
    // A bit below all others stands for what is left over, so that rounding sees it.
    let negative = left.is_negative() != right.is_negative();
    let mut magnitude: BigInt = quotient.abs() << 1u8;
    if !rest.is_zero() {
        magnitude += BigInt::one();
    }
    Number::rounded(if negative { -magnitude } else { magnitude }, exponent - 1 - shift as i64, precision)
}

/// All decimal digits of `magnitude × 2^exponent` without trailing zeros, and where the point is.
fn decimal(magnitude: &BigUint, exponent: i64) -> (Vec<u8>, i64) {
    if magnitude.is_zero() {
        return (Vec::new(), 0);
    }
    let places = if exponent < 0 { exponent.unsigned_abs() as u32 } else { 0 };
    let scaled =
        if exponent < 0 { magnitude * BigUint::from(5u8).pow(places) } else { magnitude << exponent.unsigned_abs() };
    let mut digits = scaled.to_str_radix(10).into_bytes();
    let point = digits.len() as i64 - i64::from(places);
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    (digits, point)
}

fn nearer_above(digits: &[u8], length: usize) -> bool {
    match digits.get(length) {
        Some(b'5') if length + 1 == digits.len() => length > 0 && (digits[length - 1] - b'0') % 2 == 1,
        Some(&next) => next >= b'5',
        None => false,
    }
}

fn cut(mut digits: Vec<u8>, mut point: i64, length: usize, raise: bool) -> (Vec<u8>, i64) {
    digits.truncate(length);
    if raise {
        while digits.last() == Some(&b'9') {
            digits.pop();
        }
        match digits.last_mut() {
            Some(last) => *last += 1,
            None => {
                digits.push(b'1');
                point += 1;
            }
        }
    }
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    (digits, point)
}
