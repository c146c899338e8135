//! Works out the value of an expression, with unknowns, as Terraform does; decided where Terraform waits for apply
//! only if every outcome would decide the same.

mod call;
mod conditional;
mod loops;
mod operate;
mod template;
mod traverse;

use std::collections::BTreeMap;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, Object, ObjectKey};
use hcl_edit::template::Template;

use super::convert::convert;
use super::hole::Hole;
use super::scope::Scope;
use super::{Fault, Number, Type, Value};
use crate::graph::Text;

pub use traverse::{attribute, index};

/// The value of an expression.
///
/// # Errors
/// What Terraform refuses as well, and what goes past a limit. Never panics.
pub fn evaluate(expression: &Expression, scope: &dyn Scope) -> Result<Value, Fault> {
    value_of(expression, &Context { scope, locals: None })
}

/// The value of an expression where some names have values of their own, as `each` has in a dynamic block's content.
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_with(expression: &Expression, names: &[(&str, &Value)], scope: &dyn Scope) -> Result<Value, Fault> {
    match names.split_last() {
        None => evaluate(expression, scope),
        Some(_) => with_names(expression, names, &Context { scope, locals: None }),
    }
}

/// The text a template gives (or, for a template that is a single interpolation, its value).
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_template(template: &Template, scope: &dyn Scope) -> Result<Value, Fault> {
    template::of(template, &Context { scope, locals: None })
}

/// Where an expression stands: the scope, and the names of the loops around it.
#[derive(Clone, Copy)]
struct Context<'c> {
    scope: &'c dyn Scope,
    locals: Option<&'c Local<'c>>,
}

/// A name a loop binds.
struct Local<'c> {
    name: &'c str,
    value: &'c Value,
    outer: Option<&'c Local<'c>>,
}

impl<'c> Context<'c> {
    fn local(&self, name: &str) -> Option<&'c Value> {
        let mut next = self.locals;
        while let Some(local) = next {
            if local.name == name {
                return Some(local.value);
            }
            next = local.outer;
        }
        None
    }
}

fn with_names(expression: &Expression, names: &[(&str, &Value)], context: &Context<'_>) -> Result<Value, Fault> {
    let Some(((name, value), rest)) = names.split_first() else {
        return value_of(expression, context);
    };
    let local = Local { name, value, outer: context.locals };
    with_names(expression, rest, &Context { scope: context.scope, locals: Some(&local) })
}

fn value_of(expression: &Expression, context: &Context<'_>) -> Result<Value, Fault> {
    let session = context.scope.session();
    session
        .spend(1)
        .and_then(|()| {
            let _level = session.enter()?;
            session.weighed(dispatch(expression, context)?)
        })
        .map_err(|fault| fault.at(expression.span()))
}

fn dispatch(expression: &Expression, context: &Context<'_>) -> Result<Value, Fault> {
    match expression {
        Expression::Null(_) => Ok(Value::null(Type::Dynamic)),
        Expression::Bool(value) => Ok(Value::bool(*value.value())),
        Expression::Number(number) => {
            let written = number.as_repr().map_or_else(|| number.value().to_string(), |repr| repr.to_string());
            let written: String = written.chars().filter(|char| !char.is_whitespace()).collect();
            let number = Number::parse(&written).ok_or_else(|| Fault::limit("the number is out of range"))?;
            Ok(Value::number(number))
        }
        Expression::String(text) => Ok(Value::text(text.value().as_str())),
        Expression::Array(array) => {
            let items = array.iter().map(|item| value_of(item, context));
            Ok(Value::tuple(items.collect::<Result<_, _>>()?))
        }
        Expression::Object(entries) => object(entries, context),
        Expression::StringTemplate(quoted) => template::of_quoted(quoted, context),
        Expression::HeredocTemplate(heredoc) => template::of_heredoc(heredoc, context),
        Expression::Parenthesis(inner) => value_of(inner.inner(), context),
        Expression::Variable(name) => traverse::name(name.as_str(), &[], context),
        Expression::Conditional(arms) => conditional::of(arms, context),
        Expression::FuncCall(function) => call::of(function, context),
        Expression::Traversal(traversal) => traverse::of(traversal, context),
        Expression::UnaryOp(operation) => operate::unary(operation, context),
        Expression::BinaryOp(operation) => operate::binary(operation, context),
        Expression::ForExpr(each) => loops::of(each, context),
    }
}

fn object(object: &Object, context: &Context<'_>) -> Result<Value, Fault> {
    let mut entries: BTreeMap<Text, Value> = BTreeMap::new();
    let mut sensitive = false;
    let mut open = Vec::new();
    for (key, value) in object.iter() {
        let key = match key {
            ObjectKey::Ident(name) => Value::text(name.as_str()),
            ObjectKey::Expression(Expression::Null(_)) => Value::text("null"),
            ObjectKey::Expression(Expression::Traversal(traversal)) => {
                return Err(Fault::new("put a key that refers to something into parentheses").at(traversal.span()));
            }
            ObjectKey::Expression(key) => object_key(&value_of(key, context)?).map_err(|fault| fault.at(key.span()))?,
        };
        let value = value_of(value.expr(), context)?;
        sensitive |= key.sensitive;
        match key.as_text() {
            Some(name) => {
                entries.insert(name.clone(), value);
            }
            None => open.extend([key, value]),
        }
    }
    if open.is_empty() {
        return Ok(Value::object(entries).marked(sensitive));
    }
    Ok(Value::hole(Hole::from_values(Type::Dynamic, &open)).marked(sensitive))
}

/// A value as the key of an object: text, or unknown.
fn object_key(value: &Value) -> Result<Value, Fault> {
    if value.is_null() {
        return Err(Fault::new("a key of an object must not be null"));
    }
    convert(value, &Type::String).map_err(|fault| fault.within("a key of an object"))
}
