//! Functions on text.

use unicode_segmentation::UnicodeSegmentation;

use super::{Call, Function, Kind, NUMBER, Needs, TEXT, TEXTS, texts};
use crate::load::hcl::hole::Bounds;
use crate::load::hcl::scope::LONGEST_TEXT;
use crate::load::hcl::{Fault, Type, Value};

pub(super) const TABLE: &[Function] = &[
    Function::new("chomp", &[TEXT], Kind::Text, |call| text(call.text(0)?.trim_end_matches(['\r', '\n']))),
    Function::new("endswith", &[TEXT, TEXT], Kind::Bool, |call| {
        Ok(Value::bool(call.text(0)?.ends_with(call.text(1)?)))
    }),
    Function::new("startswith", &[TEXT, TEXT], Kind::Bool, startswith).needs(Needs::Nothing),
    Function::new("strcontains", &[TEXT, TEXT], Kind::Bool, |call| {
        Ok(Value::bool(call.text(0)?.contains(call.text(1)?)))
    }),
    Function::new("indent", &[NUMBER, TEXT], Kind::Text, indent),
    Function::new("join", &[TEXT], Kind::Text, join).rest(TEXTS).needs(Needs::Nothing),
    Function::new("lower", &[TEXT], Kind::Text, |call| {
        // The one character that becomes two in Unicode's full mapping becomes the first of them in Go's.
        text(&call.text(0)?.chars().filter_map(|char| char.to_lowercase().next()).collect::<String>())
    }),
    Function::new("upper", &[TEXT], Kind::Text, |call| text(&mapped(call.text(0)?, char::to_uppercase))),
    Function::new("title", &[TEXT], Kind::Text, title),
    Function::new("split", &[TEXT, TEXT], Kind::Texts, split),
    Function::new("strrev", &[TEXT], Kind::Text, |call| text(&call.text(0)?.graphemes(true).rev().collect::<String>())),
    Function::new("substr", &[TEXT, NUMBER, NUMBER], Kind::Text, substr),
    Function::new("trim", &[TEXT, TEXT], Kind::Text, |call| {
        let cut = call.text(1)?;
        text(call.text(0)?.trim_matches(|char| cut.contains(char)))
    }),
    Function::new("trimprefix", &[TEXT, TEXT], Kind::Text, |call| {
        let whole = call.text(0)?;
        text(whole.strip_prefix(call.text(1)?).unwrap_or(whole))
    }),
    Function::new("trimspace", &[TEXT], Kind::Text, |call| text(call.text(0)?.trim())),
    Function::new("trimsuffix", &[TEXT, TEXT], Kind::Text, |call| {
        let whole = call.text(0)?;
        text(whole.strip_suffix(call.text(1)?).unwrap_or(whole))
    }),
];

fn text(text: &str) -> Result<Value, Fault> {
    if text.len() > LONGEST_TEXT { Err(Fault::limit("the text becomes too long")) } else { Ok(Value::text(text)) }
}

/// Each character by itself, as Go maps them: one that becomes several stays.
fn mapped<I: Iterator<Item = char>>(text: &str, map: fn(char) -> I) -> String {
    let one = |char: char| {
        let mut mapped = map(char);
        match (mapped.next(), mapped.next()) {
            (Some(only), None) => only,
            _ => char,
        }
    };
    text.chars().map(one).collect()
}

fn startswith(call: &Call<'_>) -> Result<Value, Fault> {
    let value = call.value(0)?;
    let Some(prefix) = call.value(1)?.as_text() else { return Ok(call.open(Type::Bool)) };
    if let Some(text) = value.as_text() {
        return Ok(Value::bool(text.starts_with(prefix.as_str())));
    }
    let known = value.bounds().prefix;
    if value.is_never_null() && known.starts_with(prefix.as_str()) {
        return Ok(Value::bool(true));
    }
    if known.bytes().zip(prefix.bytes()).any(|(a, b)| a != b) {
        return Ok(Value::bool(false));
    }
    Ok(if prefix.is_empty() { Value::bool(true) } else { call.open(Type::Bool) })
}

fn indent(call: &Call<'_>) -> Result<Value, Fault> {
    let spaces = usize::try_from(call.whole(0)?).map_err(|_| Fault::new("the number must not be negative"))?;
    let body = call.text(1)?;
    let lines = body.matches('\n').count();
    if lines.saturating_mul(spaces) > LONGEST_TEXT {
        return Err(Fault::limit("the text becomes too long"));
    }
    text(&body.replace('\n', &format!("\n{}", " ".repeat(if lines == 0 { 0 } else { spaces }))))
}

fn join(call: &Call<'_>) -> Result<Value, Fault> {
    if call.arguments.len() < 2 {
        return Err(Fault::new("at least one list is needed"));
    }
    let lists = &call.arguments[1..];
    let mut items = lists.iter().flat_map(|list| list.as_items().unwrap_or_default());
    if let (true, Some(only), None) = (lists.iter().all(Value::is_known), items.next(), items.next())
        && !only.is_null()
    {
        // A text by itself is not joined to anything.
        return Ok(only.clone().not_null());
    }
    let separator = call.value(0)?.as_text();
    let mut joined = String::new();
    let mut first = true;
    for list in &call.arguments[1..] {
        for item in list.as_items().unwrap_or_default() {
            if item.is_null() {
                return Err(Fault::new("a list holds null; strings are required"));
            }
            let (Some(separator), Some(item)) = (separator, item.as_text()) else {
                return Ok(open_after(call, joined));
            };
            if !first {
                joined.push_str(separator);
            }
            first = false;
            joined.push_str(item);
            if joined.len() > LONGEST_TEXT {
                return Err(Fault::limit("the text becomes too long"));
            }
        }
        if !list.is_known() || separator.is_none() {
            return Ok(open_after(call, joined));
        }
    }
    text(&joined)
}

/// What is joined already is a prefix; but for its last character, which what follows could still change.
fn open_after(call: &Call<'_>, joined: String) -> Value {
    let end = joined.char_indices().next_back().map_or(0, |(at, _)| at);
    call.open_with(Type::String, Bounds { prefix: joined[..end].into(), ..Bounds::not_null() })
}

fn title(call: &Call<'_>) -> Result<Value, Fault> {
    let mut previous = ' ';
    let mut titled = String::new();
    for char in call.text(0)?.chars() {
        let inside = previous.is_alphanumeric() || previous == '_';
        let separated = if previous.is_ascii() { !inside } else { previous.is_whitespace() };
        if separated {
            titled.push_str(&capital(char))
        } else {
            titled.push(char)
        }
        previous = char;
    }
    text(&titled)
}

fn capital(char: char) -> String {
    match char {
        'Ǆ' | 'ǅ' | 'ǆ' => "ǅ".to_owned(),
        'Ǉ' | 'ǈ' | 'ǉ' => "ǈ".to_owned(),
        'Ǌ' | 'ǋ' | 'ǌ' => "ǋ".to_owned(),
        'Ǳ' | 'ǲ' | 'ǳ' => "ǲ".to_owned(),
        char => mapped(&char.to_string(), char::to_uppercase),
    }
}

fn split(call: &Call<'_>) -> Result<Value, Fault> {
    let (separator, whole) = (call.text(0)?, call.text(1)?);
    if separator.is_empty() {
        return Ok(texts(whole.chars().map(String::from)));
    }
    Ok(texts(whole.split(separator).map(str::to_owned)))
}

fn substr(call: &Call<'_>) -> Result<Value, Fault> {
    let graphemes: Vec<&str> = call.text(0)?.graphemes(true).collect();
    let (offset, length) = (call.whole(1)?, call.whole(2)?);
    let count = graphemes.len() as i64;
    let start = if offset < 0 { (offset + count).max(0) } else { offset.min(count) };
    let end = if length < 0 { count } else { start.saturating_add(length).min(count) };
    let part =
        usize::try_from(start).ok().zip(usize::try_from(end).ok()).and_then(|(start, end)| graphemes.get(start..end));
    text(&part.unwrap_or_default().concat())
}
