//! Takes addresses and references apart: `module.a["x"].aws_lb.this[0].arn`. Keys may hold any character.

use std::borrow::Cow;

use super::document::{Index, Str};

/// One step of a traversal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// `.name`
    Attribute(&'a str),
    /// `[0]` or `["key"]`
    Key(Index<'a>),
}

impl<'a> Step<'a> {
    /// The instance key this step selects: `["web"]` and `.web` select the same element.
    pub(super) fn as_key(&self) -> Option<Index<'a>> {
        match self {
            Step::Key(key) => Some(key.clone()),
            Step::Attribute(name) => Some(Index::Text(Str(Cow::Borrowed(name)))),
        }
    }
}

/// The steps of a reference or address. What cannot be read ends the list.
pub(super) fn steps(text: &str) -> Steps<'_> {
    Steps { rest: text }
}

/// The steps of a text that are left.
#[derive(Clone)]
pub(super) struct Steps<'a> {
    rest: &'a str,
}

impl Steps<'_> {
    pub(super) const NONE: Steps<'static> = Steps { rest: "" };
}

impl<'a> Iterator for Steps<'a> {
    type Item = Step<'a>;

    fn next(&mut self) -> Option<Step<'a>> {
        let (step, after) = first_step(self.rest).unzip();
        self.rest = after.unwrap_or_default();
        step
    }
}

/// The first step, and what follows it.
fn first_step(text: &str) -> Option<(Step<'_>, &str)> {
    let name = match text.as_bytes().first()? {
        b'[' => return first_key(&text[1..]),
        b'.' => &text[1..],
        _ => text,
    };
    let end = memchr::memchr2(b'.', b'[', name.as_bytes()).unwrap_or(name.len());
    Some((Step::Attribute(&name[..end]), &name[end..]))
}

/// The key that stands after an opening bracket, and what follows it.
fn first_key(text: &str) -> Option<(Step<'_>, &str)> {
    if let Some(inside) = text.strip_prefix('"') {
        let (key, after) = quoted(inside)?;
        return Some((Step::Key(Index::Text(Str(key))), after.strip_prefix(']').unwrap_or("")));
    }
    let (number, after) = text.split_once(']')?;
    Some((Step::Key(Index::Number(number.parse().ok()?)), after))
}

/// Whether `short` is an earlier part of the traversal `long`, as the plan lists each reference in all its lengths.
pub(super) fn is_part(short: &str, long: &str) -> bool {
    long.strip_prefix(short).is_some_and(|rest| rest.starts_with(['.', '[']))
}

/// The text up to the closing quote, escapes undone, and what follows the quote.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let end = text.find(['"', '\\'])?;
    if text.as_bytes().get(end) == Some(&b'"') {
        return Some((Cow::Borrowed(&text[..end]), &text[end + 1..]));
    }
    let mut key = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((Cow::Owned(key), &text[at + 1..])),
            '\\' => match characters.next()?.1 {
                'n' => key.push('\n'),
                't' => key.push('\t'),
                'r' => key.push('\r'),
                other => key.push(other),
            },
            other => key.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(key: &str) -> Step<'_> {
        Step::Key(Index::Text(Str(Cow::Borrowed(key))))
    }

    #[test]
    fn keys_may_hold_dots_brackets_and_quotes() {
        let found: Vec<Step<'_>> = steps(r#"module.a["x.y[0]"].aws_lb.this["say \"hi\""].arn"#).collect();
        let key = Step::Key(Index::Text(Str(Cow::Owned("say \"hi\"".to_owned()))));
        let expected = [Step::Attribute("module"), Step::Attribute("a"), text("x.y[0]"), Step::Attribute("aws_lb")];
        assert_eq!(found[..4], expected);
        assert_eq!(found[4..], [Step::Attribute("this"), key, Step::Attribute("arn")]);
    }

    #[test]
    fn counts_are_numbers() {
        let expected = [Step::Attribute("aws_lb"), Step::Attribute("this"), Step::Key(Index::Number(0))];
        assert_eq!(steps("aws_lb.this[0]").collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_part_ends_at_a_step() {
        assert!(is_part("aws_lb.a", "aws_lb.a.arn"));
        assert!(is_part("aws_lb.a", "aws_lb.a[0]"));
        assert!(!is_part("aws_lb.a", "aws_lb.ab"));
        assert!(!is_part("aws_lb.a", "aws_lb.a"));
    }
}
