//! Texts with `{expression}` inside: messages and the summary of a fix. What is secret, unknown or not set is said
//! so, and control characters of the input never reach a terminal.

use super::expression::{Evaluator, Expression, Fault, Outcome, Scope};
use crate::graph::{Data, Text, Unknown, Value};

/// A text whose `{expression}` are read and checked. `{{` and `}}` stand for braces.
#[derive(Clone, Debug)]
pub struct Message {
    text: Text,
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Words(String),
    Value(Box<Expression>),
}

impl Message {
    /// Reads a text.
    ///
    /// # Errors
    /// Every fault in it, with the byte of the text it is at.
    pub fn compile(text: &str, scope: &Scope) -> Result<Message, Vec<Fault>> {
        let text: Text = text.into();
        let mut parts = Vec::new();
        let mut faults = Vec::new();
        let mut words = String::new();
        let mut at = 0;
        while let Some(next) = text[at..].find(['{', '}']).map(|next| at + next) {
            words.push_str(&text[at..next]);
            let brace = &text[next..=next];
            if text[next + 1..].starts_with(brace) {
                words.push_str(brace);
                at = next + 2;
                continue;
            }
            if brace == "}" {
                faults.push(Fault::new(next, "this `}` closes nothing").help("write `}}` for a brace"));
                at = next + 1;
                continue;
            }
            match Expression::in_braces(&text, next + 1, scope) {
                Ok((expression, end)) => {
                    parts.push(Part::Words(std::mem::take(&mut words)));
                    parts.push(Part::Value(Box::new(expression)));
                    at = end;
                }
                Err(found) => {
                    faults.extend(found);
                    at = text[next..].find('}').map_or(text.len(), |end| next + end + 1);
                }
            }
        }
        words.push_str(&text[at..]);
        parts.push(Part::Words(words));
        if faults.is_empty() { Ok(Message { text, parts }) } else { Err(faults) }
    }

    /// The text as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The expressions in it.
    pub(super) fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.parts.iter().filter_map(|part| match part {
            Part::Words(_) => None,
            Part::Value(expression) => Some(&**expression),
        })
    }

    /// The text with its values.
    pub fn render<'a>(&'a self, evaluator: &mut Evaluator<'a>) -> Text {
        let mut rendered = String::new();
        for part in &self.parts {
            match part {
                Part::Words(words) => rendered.push_str(words),
                Part::Value(expression) => match evaluator.outcome(expression) {
                    Outcome::Known(value) => show(&value, &mut rendered),
                    Outcome::Unknown(unknowns) => show_unknown(unknowns.first().map(AsRef::as_ref), &mut rendered),
                    Outcome::Error(failure) if failure.absent => rendered.push_str(ABSENT),
                    Outcome::Error(_) => rendered.push_str("(cannot be worked out)"),
                },
            }
        }
        rendered.into()
    }
}

const ABSENT: &str = "(not set)";

fn show(value: &Value, to: &mut String) {
    match &value.data {
        _ if value.marks.sensitive => to.push_str("(sensitive)"),
        Data::Null => to.push_str(ABSENT),
        Data::Unknown(unknown) => show_unknown(Some(unknown), to),
        Data::String(text) => show_text(text, to),
        Data::List(items) => {
            for (at, item) in items.iter().enumerate() {
                to.push_str(if at == 0 { "" } else { ", " });
                show(item, to);
            }
        }
        Data::Map(map) => {
            to.push('{');
            for (at, (key, item)) in map.iter().enumerate() {
                to.push_str(if at == 0 { "" } else { ", " });
                show_text(key, to);
                to.push_str(": ");
                show(item, to);
            }
            to.push('}');
        }
        Data::Bool(_) | Data::Int(_) | Data::Float(_) => to.push_str(&value.to_string()),
    }
}

fn show_unknown(unknown: Option<&Unknown>, to: &mut String) {
    to.push('(');
    to.push_str(unknown.map_or("not known", Unknown::in_short));
    to.push(')');
}

fn show_text(text: &str, to: &mut String) {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return to.push_str(text);
    }
    for c in text.chars() {
        if c.is_control() { to.extend(c.escape_default()) } else { to.push(c) }
    }
}
