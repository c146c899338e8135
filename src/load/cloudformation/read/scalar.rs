//! What a plain YAML scalar is. CloudFormation reads YAML 1.1: `yes` is true, `010` is a number and
//! `012345678901`, which has digits no octal number has, is text. Timestamps, base-60 numbers and infinities stay
//! text.

use num_bigint::BigInt;

use crate::load::cloudformation::node::Content;
use crate::load::hcl::Number;

/// More digits than this are no number of a template.
const MOST_DIGITS: usize = 1000;

/// The content of a scalar that stands without quotes and tags.
pub(super) fn plain(text: &str) -> Content {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Content::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Content::Bool(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Content::Bool(false),
        _ if is_number(text) => Content::Number(text.into()),
        _ => Content::String(text.into()),
    }
}

fn is_number(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let all = |text: &str, digit: fn(u8) -> bool| {
        text.bytes().any(|byte| byte != b'_') && text.bytes().all(|byte| byte == b'_' || digit(byte))
    };
    match text.as_bytes() {
        [b'0', b'b', ..] => all(&text[2..], |byte| matches!(byte, b'0' | b'1')),
        [b'0', b'x', ..] => all(&text[2..], |byte| byte.is_ascii_hexdigit()),
        [b'0', ..] if all(text, |byte| matches!(byte, b'0'..=b'7')) => true,
        [b'1'..=b'9', ..] if all(text, |byte| byte.is_ascii_digit()) => true,
        [b'0'..=b'9' | b'.', ..] => is_float(text),
        _ => false,
    }
}

/// `1.5`, `.5`, `1.`, `1e3`, `1.5e-3`.
fn is_float(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent)),
        None => (text, None),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !exponent.is_empty() && exponent.bytes().all(|byte| byte.is_ascii_digit())
    });
    let whole_fits = match number.split_once('.') {
        Some((whole, part)) => digits(whole) && digits(part) && number.bytes().any(|byte| byte.is_ascii_digit()),
        None => exponent.is_some() && digits(number),
    };
    whole_fits && exponent_fits
}

/// The value of what [`plain`] takes for a number: `010` is 8, `0x1F` is 31, `1_000` is 1000.
pub(in crate::load::cloudformation) fn number(text: &str) -> Option<Number> {
    let digits = text.replace('_', "");
    let (sign, unsigned) = match digits.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", digits.strip_prefix('+').unwrap_or(&digits)),
    };
    let (radix, unsigned) = match unsigned.as_bytes() {
        [b'0', b'b', ..] => (2, &unsigned[2..]),
        [b'0', b'x', ..] => (16, &unsigned[2..]),
        [b'0', rest @ ..] if !rest.is_empty() && rest.iter().all(|byte| matches!(byte, b'0'..=b'7')) => {
            (8, &unsigned[1..])
        }
        _ => return Number::parse(&digits),
    };
    let value = Some(unsigned).filter(|digits| digits.len() <= MOST_DIGITS)?;
    let value = BigInt::parse_bytes(value.as_bytes(), radix)?;
    Number::parse(&format!("{sign}{value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truth_has_the_words_of_yaml_1_1() {
        for yes in ["yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"] {
            assert_eq!(plain(yes), Content::Bool(true), "{yes}");
        }
        for no in ["no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"] {
            assert_eq!(plain(no), Content::Bool(false), "{no}");
        }
        for text in ["y", "n", "Y", "N", "tRUE", "oN", "yes."] {
            assert_eq!(plain(text), Content::String(text.into()), "{text}");
        }
    }

    #[test]
    fn nothing_has_four_words() {
        for nothing in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(plain(nothing), Content::Null, "{nothing}");
        }
        assert_eq!(plain("nULL"), Content::String("nULL".into()));
    }

    #[test]
    fn numbers_keep_their_text() {
        for number in [
            "0",
            "7",
            "-1",
            "+80",
            "010",
            "0777",
            "1_000",
            "0x1F",
            "0b101",
            "1.5",
            "-.5",
            "1.",
            "1e3",
            "1.5E-3",
            "12345678901",
            "012345670123",
        ] {
            assert_eq!(plain(number), Content::Number(number.into()), "{number}");
        }
    }

    #[test]
    fn what_only_looks_like_a_number_is_text() {
        for text in [
            "012345678901",
            "08",
            "0x",
            "0b",
            "0b2",
            "0xg",
            "_1",
            "1.2.3",
            "1e",
            "1e+",
            "e3",
            ".",
            "-",
            "+",
            ".e3",
            "2010-09-09",
            "12:30",
            "22:22",
            ".inf",
            ".nan",
            "10.0.0.0/16",
            "1a",
            "0o17",
            "4096KB",
            "--1",
            "１",
        ] {
            assert_eq!(plain(text), Content::String(text.into()), "{text}");
        }
    }
}
