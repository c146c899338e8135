//! The numbers and words a user may set without writing a policy of their own.

use super::expression::Ty;
use crate::graph::{Map, Value};
use crate::source::yaml::{Node, Shape};

/// A parameter of a policy.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name; expressions read it as `params.<name>`.
    pub name: String,
    /// What it may be.
    pub ty: ParamType,
    /// What it is unless set.
    pub default: Value,
    /// What it is now.
    pub value: Value,
    /// What it means.
    pub doc: String,
}

/// The types a parameter may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamType {
    /// A whole number.
    Int,
    /// True or false.
    Bool,
    /// Text.
    String,
    /// A list of texts; on the command line, between commas.
    Strings,
}

impl ParamType {
    /// All of them.
    pub const ALL: [ParamType; 4] = [ParamType::Int, ParamType::Bool, ParamType::String, ParamType::Strings];

    /// As written in policy files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ParamType::Int => "int",
            ParamType::Bool => "bool",
            ParamType::String => "string",
            ParamType::Strings => "list of string",
        }
    }

    pub(super) fn ty(self) -> Ty {
        match self {
            ParamType::Int => Ty::Int,
            ParamType::Bool => Ty::Bool,
            ParamType::String => Ty::String,
            ParamType::Strings => Ty::list(Ty::String),
        }
    }

    /// A value said in one text, as on the command line.
    ///
    /// # Errors
    /// What it should have been.
    pub fn parse(self, text: &str) -> Result<Value, String> {
        match self {
            ParamType::Int => text.trim().parse::<i64>().map(Value::from).map_err(|_| "a whole number".to_owned()),
            ParamType::Bool => text.trim().parse::<bool>().map(Value::from).map_err(|_| "true or false".to_owned()),
            ParamType::String => Ok(text.into()),
            ParamType::Strings if text.trim().is_empty() => Ok(Vec::new().into()),
            ParamType::Strings => Ok(text.split(',').map(|item| Value::from(item.trim())).collect::<Vec<_>>().into()),
        }
    }

    /// A value written in a policy file; none when it is of another type.
    pub(super) fn read(self, node: &Node, source: &str) -> Option<Value> {
        match (self, &node.shape) {
            (ParamType::Int, Shape::Int(number)) => Some((*number).into()),
            (ParamType::Bool, Shape::Bool(truth)) => Some((*truth).into()),
            (ParamType::String, _) => node.text(source).map(|text| Value::from(&*text)),
            (ParamType::Strings, Shape::List(items)) => {
                let texts: Option<Vec<Value>> =
                    items.iter().map(|item| item.text(source).map(|text| Value::from(&*text))).collect();
                texts.map(Value::from)
            }
            _ => None,
        }
    }
}

/// The object expressions read as `params`.
pub(super) fn as_object(params: &[Param]) -> Value {
    params.iter().map(|param| (param.name.as_str().into(), param.value.clone())).collect::<Map>().into()
}
