//! Regular expressions. Patterns are Go's (RE2); where the same characters mean something else to our engine they are
//! rewritten.

use std::collections::BTreeMap;
use std::sync::Arc;

use regex::{Captures, Regex};

use super::{Call, Function, Kind, TEXT};
use crate::graph::Text;
use crate::load::hcl::scope::LONGEST_TEXT;
use crate::load::hcl::{Fault, Type, Value};

pub(super) const TABLE: &[Function] = &[
    Function::new("regex", &[TEXT, TEXT], Kind::Any, |call| {
        let pattern = pattern(call, 0, call.text(0)?)?;
        match pattern.captures(call.text(1)?) {
            Some(captures) => Ok(groups(&pattern, &captures)),
            None => Err(Fault::new("the pattern does not match")),
        }
    }),
    Function::new("regexall", &[TEXT, TEXT], Kind::List, regexall),
    Function::new("replace", &[TEXT, TEXT, TEXT], Kind::Text, replace),
];

fn regexall(call: &Call<'_>) -> Result<Value, Fault> {
    let pattern = pattern(call, 0, call.text(0)?)?;
    let found: Vec<Value> = pattern.captures_iter(call.text(1)?).map(|captures| groups(&pattern, &captures)).collect();
    Ok(Value::list(group_type(&pattern), found))
}

fn replace(call: &Call<'_>) -> Result<Value, Fault> {
    let (text, wanted, new) = (call.text(0)?, call.text(1)?, call.text(2)?);
    let enclosed = wanted.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')).filter(|_| wanted.len() > 1);
    let count = match enclosed {
        Some(_) => text.len() + 1,
        None => text.matches(wanted).count(),
    };
    if count.saturating_mul(new.len()) > LONGEST_TEXT {
        return Err(Fault::limit("the text becomes too long"));
    }
    let replaced = match enclosed {
        Some(inner) => {
            let pattern = pattern(call, 1, inner)?;
            pattern.replace_all(text, |captures: &Captures<'_>| expanded(new, captures)).into_owned()
        }
        None => text.replace(wanted, new),
    };
    Ok(Value::text(replaced))
}

/// `$1`, `${1}` and `${name}` in a replacement, as Go reads them.
fn expanded(template: &str, captures: &Captures<'_>) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (name, used) = if let Some(braced) = after.strip_prefix('{') {
            match braced.find('}') {
                Some(end) => (&braced[..end], end + 2),
                None => ("", 0),
            }
        } else {
            let end = after.find(|char: char| !char.is_alphanumeric() && char != '_').unwrap_or(after.len());
            (&after[..end], end)
        };
        let valid = !name.is_empty() && name.chars().all(|char| char.is_alphanumeric() || char == '_');
        if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if valid {
            let group = match name.parse::<usize>() {
                Ok(number) => captures.get(number),
                Err(_) => captures.name(name),
            };
            out.push_str(group.map_or("", |group| group.as_str()));
            rest = &after[used..];
        } else {
            out.push('$');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

fn groups(pattern: &Regex, captures: &Captures<'_>) -> Value {
    let group = |at: usize| match captures.get(at) {
        Some(found) => Value::text(found.as_str()),
        None => Value::null(Type::String),
    };
    if captures.len() == 1 {
        return group(0);
    }
    let names: Vec<Option<&str>> = pattern.capture_names().skip(1).collect();
    if names.iter().any(Option::is_some) {
        let named = names.iter().enumerate().filter_map(|(i, name)| Some((Text::from((*name)?), group(i + 1))));
        return Value::object(named.collect::<BTreeMap<_, _>>());
    }
    Value::tuple((1..captures.len()).map(group).collect())
}

fn group_type(pattern: &Regex) -> Type {
    let names: Vec<Option<&str>> = pattern.capture_names().skip(1).collect();
    if names.is_empty() {
        Type::String
    } else if names.iter().any(Option::is_some) {
        Type::object(names.into_iter().flatten().map(|name| (Text::from(name), Type::String)).collect())
    } else {
        Type::Tuple(names.iter().map(|_| Type::String).collect())
    }
}

fn pattern(call: &Call<'_>, at: usize, written: &str) -> Result<Arc<Regex>, Fault> {
    let patterns = &call.scope.session().patterns;
    if let Some(known) = patterns.borrow().get(written) {
        return known.clone().ok_or_else(|| wrong(at));
    }
    let compiled = rewritten(written).and_then(|pattern| Regex::new(&pattern).ok()).map(Arc::new);
    if let Some(compiled) = &compiled {
        let names: Vec<Option<&str>> = compiled.capture_names().skip(1).collect();
        if names.iter().any(Option::is_some) && names.iter().any(Option::is_none) {
            return Err(Fault::new("a pattern cannot have both named and unnamed groups"));
        }
    }
    patterns.borrow_mut().insert(written.into(), compiled.clone());
    compiled.ok_or_else(|| wrong(at))
}

fn wrong(at: usize) -> Fault {
    Fault::new(format!("argument {} is no valid pattern", at + 1))
}

/// Go's pattern in our engine's words: `\d`, `\s`, `\w` and `\b` are about ASCII, `{` stands for itself where it is no
/// count, and a character class has no set operations.
fn rewritten(pattern: &str) -> Option<String> {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut chars = pattern.char_indices().peekable();
    let mut class = 0u32;
    let mut class_start = false;
    let mut repeated = 0u8;
    while let Some((at, char)) = chars.next() {
        let start = std::mem::take(&mut class_start);
        let repeats = class == 0 && (matches!(char, '*' | '+' | '?') || char == '{' && is_count(&pattern[at..]));
        match (repeats, repeated) {
            (true, 0) => repeated = 1,
            (true, 1) if char == '?' => repeated = 2,
            // Go refuses what repeats a repetition.
            (true, _) => return None,
            (false, _) if counting(&pattern[..at]) => {}
            (false, _) => repeated = 0,
        }
        match char {
            '\\' => {
                let (_, escaped) = chars.next()?;
                match escaped {
                    'd' if class > 0 => out.push_str("0-9"),
                    's' if class > 0 => out.push_str("\\t\\n\\f\\r "),
                    'w' if class > 0 => out.push_str("0-9A-Za-z_"),
                    'd' => out.push_str("[0-9]"),
                    's' => out.push_str("[\\t\\n\\f\\r ]"),
                    'w' => out.push_str("[0-9A-Za-z_]"),
                    'D' => out.push_str("[^0-9]"),
                    'S' => out.push_str("[^\\t\\n\\f\\r ]"),
                    'W' => out.push_str("[^0-9A-Za-z_]"),
                    'b' => out.push_str("(?-u:\\b)"),
                    'B' => return Some(pattern.to_owned()),
                    'Q' => {
                        let rest = &pattern[at + 2..];
                        let end = rest.find("\\E").unwrap_or(rest.len());
                        out.push_str(&regex::escape(&rest[..end]));
                        let stop = at + 2 + (end + 2).min(rest.len());
                        while chars.peek().is_some_and(|(next, _)| *next < stop) {
                            chars.next();
                        }
                    }
                    // These mean something to our engine and nothing to Go.
                    '<' | '>' | 'u' | 'U' | 'R' | 'K' => return None,
                    escaped => {
                        out.push('\\');
                        out.push(escaped);
                    }
                }
            }
            '[' if class == 0 => {
                class = 1;
                class_start = true;
                out.push('[');
                if let Some((_, '^')) = chars.peek() {
                    chars.next();
                    out.push('^');
                }
            }
            '[' if pattern[at..].starts_with("[:") => {
                let end = pattern[at..].find(":]")?;
                out.push_str(&pattern[at..at + end + 2]);
                while chars.peek().is_some_and(|(next, _)| *next < at + end + 2) {
                    chars.next();
                }
            }
            '[' => out.push_str("\\["),
            ']' if class > 0 && start => out.push_str("\\]"),
            ']' if class > 0 => {
                class = 0;
                out.push(']');
            }
            '&' | '~' if class > 0 => {
                out.push('\\');
                out.push(char);
            }
            '-' if class > 0 && pattern[at + 1..].starts_with('-') => out.push_str("\\-"),
            '{' if class == 0 && !is_count(&pattern[at..]) => out.push_str("\\{"),
            char => out.push(char),
        }
    }
    Some(out)
}

/// Whether what stands before is the beginning of a `{2,3}` that is not closed yet.
fn counting(before: &str) -> bool {
    before.rfind('{').is_some_and(|open| {
        let inner = &before[open + 1..];
        inner.bytes().all(|byte| byte.is_ascii_digit() || byte == b',')
    })
}

fn is_count(rest: &str) -> bool {
    let Some(inner) = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')).map(|(inner, _)| inner) else {
        return false;
    };
    let (least, most) = inner.split_once(',').unwrap_or((inner, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !least.is_empty() && digits(least) && digits(most)
}
