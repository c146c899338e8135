//! From a value of the language to a value of the graph.

use std::sync::Arc;

use super::value::Content;
use super::{Number, Value};
use crate::graph::{self, Data, Map};

impl From<&Value> for graph::Value {
    /// Types are dropped: lists, sets and tuples become lists, maps and objects become maps. The mark stays.
    fn from(value: &Value) -> graph::Value {
        let data = match &value.content {
            Content::Null(_) => Data::Null,
            Content::Unknown(hole) => match hole.reasons.first() {
                Some(reason) => Data::Unknown(reason.clone()),
                None => Data::Unknown(Arc::new(graph::Unknown::because(graph::Reason::AfterApply))),
            },
            Content::Bool(truth) => Data::Bool(*truth),
            Content::Number(number) => number_of(number),
            Content::String(text) => Data::String(text.clone()),
            Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => {
                Data::List(items.content.iter().map(graph::Value::from).collect())
            }
            Content::Map(_, entries) | Content::Object(entries) => {
                let entries = entries.content.iter().map(|(name, entry)| (name.clone(), graph::Value::from(entry)));
                Data::Map(entries.collect::<Map>())
            }
        };
        let mut result = graph::Value::new(data);
        if value.sensitive {
            result.seal();
        }
        result
    }
}

fn number_of(number: &Number) -> Data {
    match number.to_i64() {
        Some(whole) => Data::Int(whole),
        None => Data::Float(number.to_f64()),
    }
}
