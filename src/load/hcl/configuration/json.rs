//! `.tf.json`: Terraform's JSON syntax, brought into the form of the native one, each part with its place. Text is a
//! template; what is a block and what an attribute cannot be told without a schema, so that objects stay attributes and
//! are read as blocks later. Only what a `dynamic` makes is surely a block.

use std::collections::BTreeMap;
use std::ops::Range;

use hcl_edit::Ident;
use hcl_edit::expr::{Array, Expression, Object, ObjectKey, ObjectValue};
use hcl_edit::structure::{Attribute, Block, Body};
use hcl_edit::template::{Element, HeredocTemplate, Template};
use jsonc_parser::ast::{ObjectProp, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::places::carrying;
use crate::load::json_fault;
use crate::source::Problem;

/// The blocks of a file.
pub(super) fn body(text: &str) -> Result<Body, Problem> {
    let root = parse(text)?;
    let mut body = Body::new();
    for Entry { key: kind, value, place } in each(&root) {
        let depth = match kind {
            "resource" | "data" => 2,
            "variable" | "output" | "module" | "provider" => 1,
            "locals" => 0,
            _ => continue,
        };
        blocks(kind, value, place, depth, &mut Vec::new(), &mut body);
    }
    Ok(body)
}

/// The assignments of a `.tfvars.json` file.
pub(super) fn assignments(text: &str) -> Result<Body, Problem> {
    let root = parse(text)?;
    let mut body = Body::new();
    for entry in each(&root) {
        if let Ok(ident) = Ident::try_new(entry.key) {
            let value = carrying(literal(entry.value), range_of(entry.value));
            body.push(carrying(Attribute::new(ident, value), entry.place));
        }
    }
    Ok(body)
}

/// One reader says what is JSON and how deep it may nest, the other where everything stands.
fn parse(text: &str) -> Result<Value<'_>, Problem> {
    serde_json::from_str::<serde_json::Value>(text).map_err(|error| {
        let message = format!("is no valid JSON: {}", json_fault(&error));
        Problem::error(message).at(error.line() as u32, error.column().max(1) as u32)
    })?;
    let parsed = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default());
    let parsed = parsed.map_err(|error| {
        let message = format!("is no valid JSON: {}", error.kind());
        Problem::error(message).at(error.line_display() as u32, error.column_display() as u32)
    })?;
    match parsed.value {
        Some(root @ (Value::Object(_) | Value::Array(_))) => Ok(root),
        _ => Err(Problem::error("must be a JSON object").at(1, 1)),
    }
}

/// A key with its value, and where the two stand.
struct Entry<'v> {
    key: &'v str,
    value: &'v Value<'v>,
    place: Range<usize>,
}

/// The entries of an object, or of every object of a list. Of a key that is there twice the later one counts.
fn each<'v>(value: &'v Value<'v>) -> Vec<Entry<'v>> {
    match value {
        Value::Object(object) => entries(&object.properties),
        Value::Array(items) => items.elements.iter().flat_map(each).collect(),
        _ => Vec::new(),
    }
}

fn entries<'v>(properties: &'v [ObjectProp<'v>]) -> Vec<Entry<'v>> {
    let last: BTreeMap<&str, usize> =
        properties.iter().enumerate().map(|(at, property)| (property.name.as_str(), at)).collect();
    let counts = |(at, property): &(usize, &ObjectProp<'_>)| {
        let key = property.name.as_str();
        key != "//" && last.get(key) == Some(at)
    };
    let entry = |(_, property): (usize, &'v ObjectProp<'v>)| Entry {
        key: property.name.as_str(),
        value: &property.value,
        place: range_of(property),
    };
    properties.iter().enumerate().filter(counts).map(entry).collect()
}

fn range_of(node: &impl Ranged) -> Range<usize> {
    let range = node.range();
    range.start..range.end
}

/// An object, or the objects of a list, each with its place: the list's own where there is one object.
fn objects<'v>(value: &'v Value<'v>, whole: &Range<usize>) -> Vec<(&'v [ObjectProp<'v>], Range<usize>)> {
    match value {
        Value::Object(object) => vec![(&object.properties, whole.clone())],
        Value::Array(items) => {
            let object = |item: &'v Value<'v>| Some((item.as_object()?.properties.as_slice(), range_of(item)));
            items.elements.iter().filter_map(object).collect()
        }
        _ => Vec::new(),
    }
}

fn blocks(
    kind: &str,
    content: &Value<'_>,
    place: Range<usize>,
    depth: usize,
    labels: &mut Vec<String>,
    body: &mut Body,
) {
    if depth > 0 {
        for entry in each(content) {
            labels.push(entry.key.to_owned());
            blocks(kind, entry.value, entry.place, depth - 1, labels, body);
            labels.pop();
        }
        return;
    }
    for (properties, place) in objects(content, &place) {
        let Ok(ident) = Ident::try_new(kind) else { continue };
        let mut block = Block::new(ident);
        block.labels = labels.iter().map(|label| label.as_str().into()).collect();
        fill(kind, properties, &mut block.body);
        body.push(carrying(block, place));
    }
}

/// What stands in a block.
fn fill(kind: &str, properties: &[ObjectProp<'_>], body: &mut Body) {
    let makes_resources = matches!(kind, "resource" | "data");
    let entries = entries(properties);
    let dynamic = entries.iter().filter(|entry| makes_resources && is_dynamic(entry));
    let made: Vec<&str> = dynamic.flat_map(|entry| each(entry.value)).map(|entry| entry.key).collect();
    for entry in &entries {
        if makes_resources && is_dynamic(entry) {
            each(entry.value).iter().for_each(|entry| dynamic_blocks(kind, entry, body));
            continue;
        }
        let Ok(ident) = Ident::try_new(entry.key) else { continue };
        if made.contains(&entry.key) || makes_resources && holds_dynamic(entry.value) {
            blocks_in(kind, entry, body);
            continue;
        }
        // A variable's type is an expression in a text.
        let parsed = match (kind, entry.key, entry.value) {
            ("variable", "type", Value::StringLit(text)) => text.value.parse::<Expression>().ok(),
            ("variable", "default", value) => Some(literal(value)),
            _ => None,
        };
        let value = carrying(parsed.unwrap_or_else(|| expression(entry.value)), range_of(entry.value));
        body.push(carrying(Attribute::new(ident, value), entry.place.clone()));
    }
}

/// The blocks an object, or each object of a list, is.
fn blocks_in(kind: &str, entry: &Entry<'_>, body: &mut Body) {
    for (properties, place) in objects(entry.value, &entry.place) {
        let Ok(ident) = Ident::try_new(entry.key) else { continue };
        let mut block = Block::new(ident);
        fill(kind, properties, &mut block.body);
        body.push(carrying(block, place));
    }
}

/// `"dynamic": {"NAME": {"for_each": …, "content": {…}}}`.
fn is_dynamic(entry: &Entry<'_>) -> bool {
    let makes = |entry: &Entry<'_>| {
        let made = objects(entry.value, &entry.place);
        let complete = |properties: &[ObjectProp<'_>]| {
            ["for_each", "content"].iter().all(|key| properties.iter().any(|property| property.name.as_str() == *key))
        };
        !made.is_empty() && made.iter().all(|(properties, _)| complete(properties))
    };
    let made = each(entry.value);
    entry.key == "dynamic" && !made.is_empty() && made.iter().all(makes)
}

/// Whether a dynamic block lies anywhere in a value. JSON nests little, so looking again further in costs nothing.
fn holds_dynamic(value: &Value<'_>) -> bool {
    match value {
        Value::Object(object) => {
            entries(&object.properties).iter().any(|entry| is_dynamic(entry) || holds_dynamic(entry.value))
        }
        Value::Array(items) => items.elements.iter().any(holds_dynamic),
        _ => false,
    }
}

fn dynamic_blocks(kind: &str, entry: &Entry<'_>, body: &mut Body) {
    for (properties, place) in objects(entry.value, &entry.place) {
        let Ok(ident) = Ident::try_new("dynamic") else { continue };
        let mut block = Block::new(ident);
        block.labels = vec![entry.key.into()];
        for inner in entries(properties) {
            let Ok(ident) = Ident::try_new(inner.key) else { continue };
            match (inner.key, inner.value) {
                ("content", _) => blocks_in(kind, &inner, &mut block.body),
                ("iterator", Value::StringLit(name)) => {
                    if let Ok(name) = Ident::try_new(name.value.as_ref()) {
                        block.body.push(Attribute::new(ident, Expression::Variable(name.into())));
                    }
                }
                _ => {
                    let value = carrying(expression(inner.value), range_of(inner.value));
                    block.body.push(carrying(Attribute::new(ident, value), inner.place));
                }
            }
        }
        body.push(carrying(block, place));
    }
}

/// A value whose texts are templates.
fn expression(value: &Value<'_>) -> Expression {
    match value {
        Value::StringLit(text) if text.value.contains("${") || text.value.contains("%{") => template(&text.value),
        Value::Array(items) => {
            let item = |item: &Value<'_>| carrying(expression(item), range_of(item));
            items.elements.iter().map(item).collect::<Array>().into()
        }
        Value::Object(object) => object_of(&object.properties, template, expression),
        _ => literal(value),
    }
}

/// A value whose texts are just texts.
fn literal(value: &Value<'_>) -> Expression {
    match value {
        Value::NullKeyword(_) => Expression::null(),
        Value::BooleanLit(flag) => Expression::from(flag.value),
        Value::NumberLit(number) => match number.value.parse::<i64>() {
            Ok(whole) => Expression::from(whole),
            Err(_) => hcl_edit::Number::from_f64(number.value.parse().unwrap_or_default())
                .map_or_else(Expression::null, Expression::from),
        },
        Value::StringLit(text) => Expression::from(text.value.as_ref()),
        Value::Array(items) => items.elements.iter().map(literal).collect::<Array>().into(),
        Value::Object(object) => object_of(&object.properties, |key| Expression::from(key), literal),
    }
}

fn object_of(
    properties: &[ObjectProp<'_>],
    name: fn(&str) -> Expression,
    inner: fn(&Value<'_>) -> Expression,
) -> Expression {
    let mut object = Object::new();
    for entry in entries(properties) {
        let name = match name(entry.key) {
            // In parentheses the evaluator takes a reference for a key.
            name @ (Expression::Traversal(_) | Expression::Variable(_)) => {
                Expression::from(hcl_edit::expr::Parenthesis::new(name))
            }
            name => name,
        };
        // The place of the key too, as that of an attribute is.
        object.insert(ObjectKey::from(name), ObjectValue::new(carrying(inner(entry.value), entry.place)));
    }
    object.into()
}

/// `${x}` alone is x itself; anything else is a template.
fn template(text: &str) -> Expression {
    if !text.contains("${") && !text.contains("%{") {
        return Expression::from(text);
    }
    let Ok(template) = text.parse::<Template>() else { return Expression::from(text) };
    let elements: Vec<&Element> = template.iter().collect();
    if let [Element::Interpolation(only)] = elements.as_slice() {
        return only.expr.clone();
    }
    // Not between quotes: JSON has taken the escapes out already, and what looks like one is none.
    Expression::from(HeredocTemplate::new(Ident::new("JSON"), template))
}
