//! Parameters: what they are declared as, what a given text becomes, and which values they allow.

use std::ops::Range;

use regex::Regex;

use super::Settings;
use super::faults::{Faults, quoted};
use crate::graph::{Place, Reason, Text, Unknown};
use crate::load::cloudformation::node::Node;
use crate::load::hcl::{Bounds, Hole, Number, Type, Value};

/// The attributes of a parameter.
const ATTRIBUTES: [&str; 11] = [
    "AllowedPattern",
    "AllowedValues",
    "ConstraintDescription",
    "Default",
    "Description",
    "MaxLength",
    "MaxValue",
    "MinLength",
    "MinValue",
    "NoEcho",
    "Type",
];

/// The types that are not those of something in AWS.
const PLAIN: [&str; 4] = ["CommaDelimitedList", "List<Number>", "Number", "String"];

/// A parameter of a template.
pub(super) struct Parameter {
    pub name: Text,
    pub kind: Kind,
    /// The text CloudFormation takes when none is given.
    pub default: Option<Text>,
    pub no_echo: bool,
    /// Empty when it does not say.
    pub allowed: Vec<Text>,
    pattern: Option<Regex>,
    length: (Option<Number>, Option<Number>),
    value: (Option<Number>, Option<Number>),
    /// Where its name stands.
    pub span: Range<usize>,
}

/// What a value of it is made into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Text, which a number is as well.
    Text,
    /// Text that is a number.
    Number,
    /// Texts.
    List,
    /// Texts that are numbers.
    Numbers,
    /// The value is read from the parameter store at deployment: one text, or several.
    Stored { list: bool },
}

impl Kind {
    fn of(name: &str) -> Option<Kind> {
        Some(match name {
            "String" => Kind::Text,
            "Number" => Kind::Number,
            "CommaDelimitedList" => Kind::List,
            "List<Number>" => Kind::Numbers,
            _ => {
                if let Some(inner) = name.strip_prefix("AWS::SSM::Parameter::Value<") {
                    return Some(Kind::Stored {
                        list: inner.starts_with("List<") || inner.starts_with("CommaDelimited"),
                    });
                }
                if name.starts_with("List<AWS::") || name == "List<String>" {
                    return Some(Kind::List);
                }
                return name.starts_with("AWS::").then_some(Kind::Text);
            }
        })
    }

    pub(super) fn is_list(self) -> bool {
        matches!(self, Kind::List | Kind::Numbers | Kind::Stored { list: true })
    }
}

impl Parameter {
    /// Reads a declaration, and holds its default against its own rules.
    pub(super) fn read(name: &Text, span: &Range<usize>, node: &Node, faults: &mut Faults<'_>) -> Parameter {
        for entry in node.entries().unwrap_or_default() {
            if !ATTRIBUTES.contains(&&*entry.key) {
                let message = format!("a parameter has no attribute {}", quoted(&entry.key));
                faults.unknown_name(&entry.key_span, &message, &entry.key, ATTRIBUTES);
            }
        }
        let text = |key: &str| node.get(key).and_then(Node::text);
        let number = |key: &str| text(key).and_then(Number::parse);
        let kind = match text("Type") {
            Some(ty) => Kind::of(ty).unwrap_or_else(|| {
                let at = node.get("Type").map_or(span, |node| &node.span);
                let message = format!("there is no parameter type {}", quoted(ty));
                faults.unknown_name(at, &message, ty, PLAIN);
                Kind::Text
            }),
            None => {
                faults.error(span, format!("the parameter {} has no Type", quoted(name)));
                Kind::Text
            }
        };
        let allowed = node.get("AllowedValues").and_then(Node::items).unwrap_or_default();
        // Java's patterns know things that can only be left unchecked here.
        let pattern = text("AllowedPattern").and_then(|pattern| Regex::new(&format!(r"\A(?:{pattern})\z")).ok());
        let parameter = Parameter {
            name: name.clone(),
            kind,
            default: text("Default").map(Text::from),
            no_echo: text("NoEcho").is_some_and(|text| text.eq_ignore_ascii_case("true")),
            allowed: allowed.iter().filter_map(Node::text).map(Text::from).collect(),
            pattern,
            length: (number("MinLength"), number("MaxLength")),
            value: (number("MinValue"), number("MaxValue")),
            span: span.clone(),
        };
        if let Some(default) = node.get("Default") {
            match default.text().map(|text| parameter.fault(text)) {
                None => faults.error(&default.span, format!("the default of {} must be text", quoted(name))),
                Some(Some(fault)) => {
                    faults.error(&default.span, format!("the default of {} {fault}", quoted(name)));
                }
                Some(None) => {}
            }
        }
        parameter
    }

    /// The value a text becomes.
    pub(super) fn value(&self, text: &str) -> Value {
        let value = match self.kind {
            Kind::Text | Kind::Number => Value::text(text),
            Kind::List | Kind::Numbers => Value::tuple(split(text).map(Value::text).collect()),
            Kind::Stored { .. } => {
                let stored = format!("the parameter {} of the parameter store", quoted(text));
                self.hole(Unknown::because(Reason::OutsideInput(stored.into())))
            }
        };
        value.marked(self.no_echo)
    }

    /// The value of what the parameter store holds for it.
    pub(super) fn stored(&self, text: &Text) -> Value {
        match self.kind.is_list() {
            true => Value::tuple(split(text).map(Value::text).collect()).marked(self.no_echo),
            false => Value::text(text.clone()).marked(self.no_echo),
        }
    }

    /// What a value that is handed in (by a stack this one is nested in) becomes.
    pub(super) fn taken(&self, value: &Value) -> Value {
        if let Some(text) = scalar(value) {
            return self.value(&text).marked(value.sensitive);
        }
        let value = value.clone().not_null();
        if self.kind.is_list() && value.as_items().is_none() {
            let hole = Hole::from_values(Type::list(Type::String), [&value]).bounded(Bounds::not_null());
            return Value::hole(hole).marked(self.no_echo || value.sensitive);
        }
        value.marked(self.no_echo)
    }

    /// Unknown, as nobody says what it is.
    pub(super) fn unknown(&self, reason: Reason, settings: &Settings<'_>) -> Value {
        self.hole(Unknown::at(reason, Place::new(&settings.address(&self.name), ""))).marked(self.no_echo)
    }

    fn hole(&self, reason: Unknown) -> Value {
        let ty = if self.kind.is_list() { Type::list(Type::String) } else { Type::String };
        Value::hole(Hole::new(ty, reason).bounded(Bounds::not_null()))
    }

    /// What is wrong with a text as its value, in words that go on from "the value"; never holds the value.
    pub(super) fn fault(&self, text: &str) -> Option<String> {
        // What is read at deployment is held against the rules then.
        if matches!(self.kind, Kind::Stored { .. }) {
            return None;
        }
        if text.contains("{{resolve:") {
            return None;
        }
        if self.kind.is_list() { split(text).find_map(|text| self.fault_of_one(text)) } else { self.fault_of_one(text) }
    }

    fn fault_of_one(&self, text: &str) -> Option<String> {
        let number = Number::parse(text.trim());
        if matches!(self.kind, Kind::Number | Kind::Numbers) && number.is_none() {
            return Some("must be a number".to_owned());
        }
        if !self.allowed.is_empty() && !self.allowed.iter().any(|allowed| &**allowed == text) {
            return Some(match self.no_echo {
                true => "is none of its AllowedValues".to_owned(),
                false => format!("is none of its AllowedValues: {}", listed(&self.allowed, ", ")),
            });
        }
        if self.pattern.as_ref().is_some_and(|pattern| !pattern.is_match(text)) {
            return Some("does not match its AllowedPattern".to_owned());
        }
        if matches!(self.kind, Kind::Number | Kind::Numbers) {
            let number = number?;
            return match &self.value {
                (Some(least), _) if number < *least => Some(format!("is less than its MinValue {least}")),
                (_, Some(most)) if number > *most => Some(format!("is more than its MaxValue {most}")),
                _ => None,
            };
        }
        let length = Number::from(text.chars().count());
        match &self.length {
            (Some(least), _) if length < *least => Some(format!("is shorter than its MinLength {least}")),
            (_, Some(most)) if length > *most => Some(format!("is longer than its MaxLength {most}")),
            _ => None,
        }
    }
}

/// Values in quotes; of many the first.
pub(super) fn listed(values: &[Text], between: &str) -> String {
    const SHOWN: usize = 8;
    let mut shown: Vec<String> = values
        .iter()
        .take(SHOWN)
        .map(|value| match value.chars().count() {
            0..=60 => format!("\"{value}\""),
            _ => format!("\"{}…\"", value.chars().take(60).collect::<String>()),
        })
        .collect();
    if values.len() > SHOWN {
        shown.push(format!("{} more", values.len() - SHOWN));
    }
    shown.join(between)
}

/// The members of a list as it is given. An empty text has none.
fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(move |_| !text.is_empty())
}

/// Text, number or boolean as the text CloudFormation passes on.
pub(super) fn scalar(value: &Value) -> Option<Text> {
    if let Some(text) = value.as_text() {
        return Some(text.clone());
    }
    if let Some(number) = value.as_number() {
        return Some(number.to_string().into());
    }
    value.as_bool().map(|value| Text::from(if value { "true" } else { "false" }))
}
