//! Dynamic references, `{{resolve:ssm:…}}`: text that CloudFormation replaces by what a store holds, and so both unknown
//! and secret.

use super::faults::quoted;
use crate::graph::{Reason, Unknown};
use crate::load::hcl::{Bounds, Content, Hole, Type, Value};

const OPENING: &str = "{{resolve:";

/// Whether a text asks a store.
pub(super) fn asks(text: &str) -> bool {
    text.contains(OPENING)
}

/// The value with everything that asks a store unknown and sensitive.
pub(super) fn resolved(value: Value) -> Value {
    if !needs(&value) {
        return value;
    }
    let sensitive = value.sensitive;
    match &value.content {
        Content::String(text) => asked(text, None, sensitive),
        Content::Unknown(hole) => asked(&hole.bounds.prefix, Some(hole), sensitive),
        Content::Tuple(items) => Value::tuple(items.content.iter().cloned().map(resolved).collect()).marked(sensitive),
        Content::Object(entries) => {
            let entries = entries.content.iter().map(|(key, value)| (key.clone(), resolved(value.clone())));
            Value::object(entries.collect()).marked(sensitive)
        }
        _ => value,
    }
}

fn needs(value: &Value) -> bool {
    match &value.content {
        Content::String(text) => asks(text),
        Content::Unknown(hole) => asks(&hole.bounds.prefix),
        Content::Tuple(items) => items.content.iter().any(needs),
        Content::Object(entries) => entries.content.values().any(needs),
        _ => false,
    }
}

fn asked(text: &str, hole: Option<&Hole>, secret_name: bool) -> Value {
    let (before, reference) = text.split_once(OPENING).unwrap_or((text, ""));
    let bounds = Bounds { prefix: before.into(), ..Bounds::not_null() };
    let hole = match hole {
        Some(hole) => hole.clone().bounded(bounds),
        None => {
            let reference = reference.split("}}").next().unwrap_or_default();
            let (service, name) = reference.split_once(':').unwrap_or((reference, ""));
            let store = match service {
                "ssm" | "ssm-secure" => "the parameter store",
                "secretsmanager" => "the secrets manager",
                _ => "another service",
            };
            let what = if secret_name { format!("a value of {store}") } else { format!("{} of {store}", quoted(name)) };
            Hole::new(Type::String, Unknown::because(Reason::OutsideInput(what.into()))).bounded(bounds)
        }
    };
    Value::hole(hole).marked(true)
}
