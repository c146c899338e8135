//! `.tf.json`: Terraform's JSON syntax, brought into the form of the native one. Text is a template; what is a block and
//! what an attribute cannot be told without a schema, so that objects stay attributes and are read as blocks later.

use hcl_edit::Ident;
use hcl_edit::expr::{Array, Expression, Object, ObjectKey, ObjectValue};
use hcl_edit::structure::{Attribute, Block, Body};
use hcl_edit::template::{Element, Template};
use serde_json::{Map, Value};

use crate::load::json_fault;
use crate::source::Problem;

/// The blocks of a file.
pub(super) fn body(text: &str) -> Result<Body, Problem> {
    let root = parse(text)?;
    let mut body = Body::new();
    for (kind, content) in each(&root) {
        let depth = match kind.as_str() {
            "resource" | "data" => 2,
            "variable" | "output" | "module" | "provider" => 1,
            "locals" => 0,
            _ => continue,
        };
        blocks(kind, content, depth, &mut Vec::new(), &mut body);
    }
    Ok(body)
}

fn parse(text: &str) -> Result<Value, Problem> {
    let root: Value = serde_json::from_str(text).map_err(|error| {
        let message = format!("is no valid JSON: {}", json_fault(&error));
        Problem::error(message).at(error.line() as u32, error.column().max(1) as u32)
    })?;
    match root {
        Value::Object(_) | Value::Array(_) => Ok(root),
        _ => Err(Problem::error("must be a JSON object").at(1, 1)),
    }
}

/// The entries of an object, or of every object of a list.
fn each(value: &Value) -> Vec<(&String, &Value)> {
    match value {
        Value::Object(map) => map.iter().collect(),
        Value::Array(items) => items.iter().flat_map(each).collect(),
        _ => Vec::new(),
    }
}

fn blocks(kind: &str, content: &Value, depth: usize, labels: &mut Vec<String>, body: &mut Body) {
    if depth > 0 {
        for (label, inner) in each(content) {
            labels.push(label.clone());
            blocks(kind, inner, depth - 1, labels, body);
            labels.pop();
        }
        return;
    }
    let objects: Vec<&Map<String, Value>> = match content {
        Value::Object(map) => vec![map],
        Value::Array(items) => items.iter().filter_map(Value::as_object).collect(),
        _ => Vec::new(),
    };
    for object in objects {
        let Ok(ident) = Ident::try_new(kind) else { continue };
        let mut block = Block::new(ident);
        block.labels = labels.iter().map(|label| label.as_str().into()).collect();
        for (key, value) in object.iter().filter(|(key, _)| *key != "//") {
            let Ok(ident) = Ident::try_new(key.as_str()) else { continue };
            // A variable's type is an expression in a text.
            let parsed = match (kind, key.as_str(), value) {
                ("variable", "type", Value::String(text)) => text.parse::<Expression>().ok(),
                ("variable", "default", value) => Some(literal(value)),
                _ => None,
            };
            block.body.push(Attribute::new(ident, parsed.unwrap_or_else(|| expression(value))));
        }
        body.push(block);
    }
}

/// A value whose texts are templates.
fn expression(value: &Value) -> Expression {
    match value {
        Value::String(text) if text.contains("${") || text.contains("%{") => template(text),
        Value::Array(items) => items.iter().map(expression).collect::<Array>().into(),
        Value::Object(map) => object(map, expression),
        _ => literal(value),
    }
}

/// A value whose texts are just texts.
fn literal(value: &Value) -> Expression {
    match value {
        Value::Null => Expression::null(),
        Value::Bool(flag) => Expression::from(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Expression::from(whole),
            None => hcl_edit::Number::from_f64(number.as_f64().unwrap_or_default())
                .map_or_else(Expression::null, Expression::from),
        },
        Value::String(text) => Expression::from(text.as_str()),
        Value::Array(items) => items.iter().map(literal).collect::<Array>().into(),
        Value::Object(map) => object(map, literal),
    }
}

fn object(map: &Map<String, Value>, inner: fn(&Value) -> Expression) -> Expression {
    let mut object = Object::new();
    for (key, value) in map.iter().filter(|(key, _)| *key != "//") {
        let name = match inner(&Value::String(key.clone())) {
            // In parentheses the evaluator takes a reference for a key.
            name @ (Expression::Traversal(_) | Expression::Variable(_)) => {
                Expression::from(hcl_edit::expr::Parenthesis::new(name))
            }
            name => name,
        };
        object.insert(ObjectKey::from(name), ObjectValue::new(inner(value)));
    }
    object.into()
}

/// `${x}` alone is x itself; anything else is a template.
fn template(text: &str) -> Expression {
    let Ok(template) = text.parse::<Template>() else { return Expression::from(text) };
    let elements: Vec<&Element> = template.iter().collect();
    if let [Element::Interpolation(only)] = elements.as_slice() {
        return only.expr.clone();
    }
    let elements: Vec<Element> = template.iter().cloned().collect();
    Expression::from(hcl_edit::template::StringTemplate::from(elements))
}

/// The assignments of a `.tfvars.json` file.
pub(super) fn assignments(text: &str) -> Result<Body, Problem> {
    let root = parse(text)?;
    let mut body = Body::new();
    for (key, value) in each(&root) {
        if let Ok(ident) = Ident::try_new(key.as_str()) {
            body.push(Attribute::new(ident, literal(value)));
        }
    }
    Ok(body)
}
