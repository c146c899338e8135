//! `format` and `formatlist`.

use num_bigint::BigInt;
use num_traits::Signed;
use unicode_segmentation::UnicodeSegmentation;

use super::{ANY_OR_NULL, Call, Function, Kind, Needs, TEXT, undecidable};
use crate::load::hcl::convert::convert;
use crate::load::hcl::hole::Bounds;
use crate::load::hcl::json::{quoted, value_to_json};
use crate::load::hcl::scope::LONGEST_TEXT;
use crate::load::hcl::value::Content;
use crate::load::hcl::{Fault, Number, Type, Value};

pub(super) const TABLE: &[Function] = &[
    Function::new("format", &[TEXT], Kind::Text, format).rest(ANY_OR_NULL).needs(Needs::Nothing),
    Function::new("formatlist", &[TEXT], Kind::Texts, formatlist).rest(ANY_OR_NULL).needs(Needs::Nothing),
];

fn format(call: &Call<'_>) -> Result<Value, Fault> {
    let arguments = &call.arguments[1..];
    let pattern = call.value(0)?.as_text();
    if arguments.iter().any(Value::is_bare_null) {
        // Terraform does not look at a null of no type before it is there for good.
        return Ok(undecidable(Type::Dynamic, "null of no type in format()"));
    }
    match pattern {
        Some(pattern) if arguments.iter().all(Value::is_whole) => formatted(pattern, arguments).map(Value::text),
        _ => {
            // Up to the first verb the text is certain; the last character could still change by what follows.
            let certain = pattern.map_or("", |pattern| pattern.split('%').next().unwrap_or_default());
            let end = certain.char_indices().next_back().map_or(0, |(at, _)| at);
            Ok(call.open_with(Type::String, Bounds { prefix: certain[..end].into(), ..Bounds::not_null() }))
        }
    }
}

fn formatlist(call: &Call<'_>) -> Result<Value, Fault> {
    let list_type = Type::list(Type::String);
    let Some(pattern) = call.value(0)?.as_text() else { return Ok(call.open(list_type)) };
    let arguments = &call.arguments[1..];
    if arguments.iter().any(Value::is_bare_null) {
        return Ok(undecidable(Type::Dynamic, "null of no type in formatlist()"));
    }
    let mut length: Option<usize> = None;
    let mut open = false;
    for argument in arguments {
        let ty = argument.ty();
        if argument.is_null() {
            continue;
        }
        if !ty.is_sequence() {
            open |= ty == Type::Dynamic;
            continue;
        }
        let set = argument.may_shrink();
        match (argument.as_items(), &ty) {
            (Some(items), _) if !set => {
                if length.is_some_and(|length| length != items.len()) {
                    return Err(Fault::new("the lists are of different lengths"));
                }
                length = Some(items.len());
            }
            _ => open = true,
        }
    }
    if open {
        return Ok(call.open(list_type));
    }
    let mut results = Vec::new();
    for turn in 0..length.unwrap_or(1) {
        let pick = |argument: &Value| match argument.as_items() {
            Some(items) => items.get(turn).cloned().unwrap_or_else(|| argument.clone()),
            None => argument.clone(),
        };
        let picked: Vec<Value> = arguments.iter().map(pick).collect();
        results.push(if picked.iter().all(Value::is_whole) {
            Value::text(formatted(pattern, &picked)?)
        } else {
            call.open(Type::String)
        });
    }
    Ok(Value::list(Type::String, results))
}

/// A `%` and what belongs to it.
#[derive(Default)]
struct Verb {
    space: bool,
    plus: bool,
    minus: bool,
    sharp: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
    argument: usize,
    letter: char,
}

fn formatted(pattern: &str, arguments: &[Value]) -> Result<String, Fault> {
    let mut out = String::new();
    let mut rest = pattern;
    let mut next = 0;
    let mut highest = 0;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let verb = Verb::read(&mut rest, next)?;
        next = verb.argument + 1;
        highest = highest.max(next);
        let value = arguments.get(verb.argument).ok_or_else(|| Fault::new("there are not enough arguments"))?;
        verb.write(value, &mut out)?;
        if out.len() > LONGEST_TEXT {
            return Err(Fault::limit("the text becomes too long"));
        }
    }
    out.push_str(rest);
    if arguments.len() > highest {
        return Err(Fault::new("there are more arguments than the format uses"));
    }
    Ok(out)
}

impl Verb {
    fn read(rest: &mut &str, next: usize) -> Result<Verb, Fault> {
        let mut verb = Verb { argument: next, ..Verb::default() };
        loop {
            match rest.chars().next() {
                Some(' ') => verb.space = true,
                Some('+') => verb.plus = true,
                Some('-') => verb.minus = true,
                Some('#') => verb.sharp = true,
                Some('0') => verb.zero = true,
                _ => break,
            }
            *rest = &rest[1..];
        }
        verb.width = number(rest)?;
        if let Some(after) = rest.strip_prefix('.') {
            *rest = after;
            verb.precision = Some(number(rest)?.ok_or_else(unknown_verb)?);
        }
        if let Some(after) = rest.strip_prefix('[') {
            *rest = after;
            let index = number(rest)?.filter(|index| *index > 0).ok_or_else(unknown_verb)?;
            *rest = rest.strip_prefix(']').ok_or_else(unknown_verb)?;
            verb.argument = index - 1;
        }
        verb.letter = rest.chars().next().filter(char::is_ascii_alphabetic).ok_or_else(unknown_verb)?;
        *rest = &rest[1..];
        Ok(verb)
    }

    fn write(&self, value: &Value, out: &mut String) -> Result<(), Fault> {
        if value.is_null() && self.letter != 'v' {
            return Err(Fault::new("null cannot be formatted"));
        }
        match self.letter {
            'v' => match &value.content {
                Content::String(text) if !self.sharp => self.padded(text, out),
                Content::Number(number) if !self.sharp => self.padded(&general(number, None, 'e'), out),
                _ => self.padded(&value_to_json(value), out),
            },
            't' => {
                let truth = convert(value, &Type::Bool)?;
                out.push_str(if truth.as_bool() == Some(true) { "true" } else { "false" });
            }
            's' | 'q' => {
                let text = convert(value, &Type::String)?;
                let text = text.as_text().cloned().unwrap_or_default();
                let text: String = match self.precision {
                    Some(most) if most > 0 => text.graphemes(true).take(most).collect(),
                    _ => text.to_string(),
                };
                self.padded(&if self.letter == 's' { text } else { quoted(&text) }, out);
            }
            'b' | 'd' | 'o' | 'x' | 'X' => {
                let number = convert(value, &Type::Number)?;
                let whole = number.as_number().and_then(Number::to_bigint);
                self.whole(&whole.ok_or_else(|| Fault::new("a whole number is required"))?, out);
            }
            'e' | 'E' | 'f' | 'g' | 'G' => {
                let number = convert(value, &Type::Number)?;
                let number = number.as_number().ok_or_else(|| Fault::new("a number is required"))?;
                let text = match self.letter {
                    'f' => fixed(&number.absolute(), self.precision.unwrap_or(6)),
                    'g' | 'G' => {
                        general(&number.absolute(), self.precision, if self.letter == 'g' { 'e' } else { 'E' })
                    }
                    letter => scientific(&number.absolute(), self.precision.unwrap_or(6), letter),
                };
                let sign = self.sign(number.is_negative());
                self.aligned(sign, "", &text, self.zero && !self.minus, out);
            }
            _ => return Err(unknown_verb()),
        }
        Ok(())
    }

    fn sign(&self, negative: bool) -> &'static str {
        match (negative, self.plus, self.space) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        }
    }

    fn whole(&self, number: &BigInt, out: &mut String) {
        let (base, prefix) = match self.letter {
            'b' => (2, "0b"),
            'o' => (8, "0"),
            'x' => (16, "0x"),
            'X' => (16, "0X"),
            _ => (10, ""),
        };
        let mut digits = number.abs().to_str_radix(base);
        if self.letter == 'X' {
            digits = digits.to_uppercase();
        }
        if self.precision == Some(0) && digits == "0" {
            return;
        }
        if let Some(least) = self.precision {
            digits = format!("{}{digits}", "0".repeat(least.saturating_sub(digits.len())));
        }
        let prefix = if self.sharp { prefix } else { "" };
        let zeros = self.zero && !self.minus && self.precision.is_none();
        self.aligned(self.sign(number.is_negative()), prefix, &digits, zeros, out);
    }

    fn aligned(&self, sign: &str, prefix: &str, digits: &str, zeros: bool, out: &mut String) {
        let length = sign.len() + prefix.len() + digits.len();
        let pad = self.width.unwrap_or(0).saturating_sub(length);
        let (left, middle, right) = match (self.minus, zeros) {
            (true, _) => (0, 0, pad),
            (_, true) => (0, pad, 0),
            _ => (pad, 0, 0),
        };
        out.push_str(&" ".repeat(left));
        out.push_str(sign);
        out.push_str(prefix);
        out.push_str(&"0".repeat(middle));
        out.push_str(digits);
        out.push_str(&" ".repeat(right));
    }

    fn padded(&self, text: &str, out: &mut String) {
        let pad = self.width.unwrap_or(0).saturating_sub(text.graphemes(true).count());
        let pad = if self.zero { "0" } else { " " }.repeat(pad);
        if self.minus {
            out.push_str(text);
            out.push_str(&pad);
        } else {
            out.push_str(&pad);
            out.push_str(text);
        }
    }
}

fn unknown_verb() -> Fault {
    Fault::new("the format has a verb that does not exist")
}

fn number(rest: &mut &str) -> Result<Option<usize>, Fault> {
    let end = rest.find(|char: char| !char.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, after) = rest.split_at(end);
    *rest = after;
    if digits.is_empty() {
        return Ok(None);
    }
    match digits.parse::<usize>() {
        Ok(number) if number <= 100_000 => Ok(Some(number)),
        _ => Err(Fault::limit("a width or precision is too large")),
    }
}

/// `%f` of a number without a sign.
fn fixed(number: &Number, places: usize) -> String {
    let (digits, point) = number.decimal();
    let keep = point + places as i64;
    let (digits, point) = number_rounded(digits, point, keep);
    let at = |i: i64| usize::try_from(i).ok().and_then(|i| digits.get(i)).map_or('0', |digit| char::from(*digit));
    let mut out: String = if point > 0 { (0..point).map(at).collect() } else { "0".to_owned() };
    if places > 0 {
        out.push('.');
        out.extend((0..places as i64).map(|i| at(point + i)));
    }
    out
}

/// `%e` of a number without a sign.
fn scientific(number: &Number, places: usize, letter: char) -> String {
    let (digits, point) = number.decimal();
    let (digits, point) = number_rounded(digits, point, places as i64 + 1);
    exponential(&digits, point, places, letter)
}

fn exponential(digits: &[u8], point: i64, places: usize, letter: char) -> String {
    let at = |i: usize| digits.get(i).map_or('0', |digit| char::from(*digit));
    let mut out = String::from(at(0));
    if places > 0 {
        out.push('.');
        out.extend((1..=places).map(at));
    }
    let exponent = if digits.is_empty() { 0 } else { point - 1 };
    out.push_str(&format!("{letter}{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs()));
    out
}

/// `%g`: the shorter of both.
fn general(number: &Number, precision: Option<usize>, letter: char) -> String {
    let sign = if number.is_negative() { "-" } else { "" };
    let number = number.absolute();
    let (digits, point) = match precision {
        None => number.shortest(),
        Some(precision) => {
            let (digits, point) = number.decimal();
            number_rounded(digits, point, precision.max(1) as i64)
        }
    };
    let exponent = point - 1;
    let most = match precision {
        None => 6,
        Some(precision) => {
            let precision = precision.max(1) as i64;
            let length = digits.len() as i64;
            if precision > length && length >= point { length } else { precision }
        }
    };
    if !digits.is_empty() && (exponent < -4 || exponent >= most) {
        return format!("{sign}{}", exponential(&digits, point, digits.len().saturating_sub(1), letter));
    }
    let places = (digits.len() as i64 - point).max(0) as usize;
    let shown = digits.iter().map(|digit| char::from(*digit)).collect::<String>();
    if digits.is_empty() {
        return "0".to_owned();
    }
    if point <= 0 {
        format!("{sign}0.{}{shown}", "0".repeat(point.unsigned_abs() as usize))
    } else if places == 0 {
        format!("{sign}{shown}{}", "0".repeat(point as usize - shown.len()))
    } else {
        format!("{sign}{}.{}", &shown[..point as usize], &shown[point as usize..])
    }
}

/// Digits rounded half to even, `keep` of them kept.
fn number_rounded(digits: Vec<u8>, point: i64, keep: i64) -> (Vec<u8>, i64) {
    match usize::try_from(keep) {
        Err(_) => (Vec::new(), 0),
        Ok(keep) if keep >= digits.len() => (digits, point),
        Ok(keep) => Number::cut(digits, point, keep),
    }
}
