//! A sketch: a few resources in Terraform's language, read as the plan Terraform would make of them on first apply.
//! For the examples in policy files. It knows literals, references and `jsonencode`; no variables, no functions, no
//! modules: whatever else stands there is known after apply.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::Span;
use hcl_edit::expr::{Expression, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::structure::{Block, Body};
use serde_json::{Map, Value, json};

use crate::catalog::{Dialect, kind_of};
use crate::graph::Graph;
use crate::source::Problem;

/// A read sketch.
#[derive(Debug)]
pub struct Sketch {
    /// Its resources.
    pub graph: Graph,
    /// Addresses of the resources that have a line ending in the comment `# finding`.
    pub marked: Vec<String>,
}

/// Reads a sketch.
///
/// # Errors
/// A [`Problem`] with line and column inside `text` when it is not HCL.
pub fn sketch(text: &str) -> Result<Sketch, Problem> {
    let body: Body = text.parse().map_err(|error: hcl_edit::parser::Error| {
        let place = error.location();
        Problem::error(format!("is not valid HCL: {}", error.message())).at(place.line() as u32, place.column() as u32)
    })?;
    let mut plan = Plan { literals: literals(&body), ..Plan::default() };
    let mut marked = Vec::new();
    for block in body.blocks() {
        let Some(address) = plan.resource(block) else { continue };
        let span = block.span().unwrap_or_default();
        if text[span].lines().any(|line| line.trim_end().ends_with("# finding")) {
            marked.push(address);
        }
    }
    let types: Vec<String> = plan.changes.iter().filter_map(|change| change["type"].as_str()).map(str::to_owned).collect();
    let types: Vec<&str> = types.iter().map(String::as_str).collect();
    let document = plan.document().to_string();
    let (loaded, problems) = super::tfplan::load("example", &document, &types)?;
    match problems.into_iter().next() {
        Some(problem) => Err(problem),
        None => Ok(Sketch { graph: loaded.graph, marked }),
    }
}

#[derive(Default)]
struct Plan {
    changes: Vec<Value>,
    configured: Vec<Value>,
    declared: BTreeSet<String>,
    /// Text that is written in an attribute, by reference to it.
    literals: BTreeMap<String, String>,
    /// Attributes that are mentioned, of resources that may not be declared.
    mentioned: BTreeSet<(String, String, String)>,
}

impl Plan {
    fn resource(&mut self, block: &Block) -> Option<String> {
        let mode = match block.ident.as_str() {
            "resource" => "managed",
            "data" => "data",
            _ => return None,
        };
        let [type_name, name] = block.labels.as_slice() else { return None };
        let (type_name, name) = (type_name.as_str(), name.as_str());
        let read = self.body(&block.body);
        let mut unknown = read.unknown;
        // What Terraform fills in itself.
        let mut computed = vec!["id", "arn"];
        if matches!(type_name, "aws_security_group" | "aws_default_security_group") {
            computed.extend(["ingress", "egress"]);
        }
        for attribute in computed {
            if !read.after.contains_key(attribute) {
                unknown.entry(attribute).or_insert(true.into());
            }
        }
        let bare = format!("{type_name}.{name}");
        let address = if mode == "data" { format!("data.{bare}") } else { bare };
        let actions = if mode == "data" { json!(["read"]) } else { json!(["create"]) };
        self.changes.push(json!({
            "address": address, "mode": mode, "type": type_name, "name": name,
            "change": {"actions": actions, "after": read.after, "after_unknown": unknown},
        }));
        self.configured.push(json!({
            "mode": mode, "type": type_name, "name": name, "expressions": read.expressions,
        }));
        self.declared.insert(address.clone());
        Some(address)
    }

    fn body(&mut self, body: &Body) -> Read {
        let mut read = Read::default();
        for attribute in body.attributes() {
            let key = attribute.key.as_str().to_owned();
            let mut references = Vec::new();
            match self.value(&attribute.value, &mut references) {
                Some(value) if references.is_empty() => {
                    read.expressions.insert(key.clone(), json!({ "constant_value": value }));
                    read.after.insert(key, value);
                }
                _ => {
                    read.expressions.insert(key.clone(), json!({ "references": references }));
                    read.unknown.insert(key, true.into());
                }
            }
        }
        for block in body.blocks() {
            let key = block.ident.as_str();
            let inner = self.body(&block.body);
            for (into, value) in [
                (&mut read.after, inner.after),
                (&mut read.unknown, inner.unknown),
                (&mut read.expressions, inner.expressions),
            ] {
                let list = into.entry(key).or_insert_with(|| json!([]));
                if let Some(list) = list.as_array_mut() {
                    list.push(value.into());
                }
            }
        }
        read
    }

    /// The value of a literal; none, and what it mentions, for anything else.
    fn value(&mut self, expression: &Expression, references: &mut Vec<String>) -> Option<Value> {
        match expression {
            Expression::Null(_) => Some(Value::Null),
            Expression::Bool(value) => Some((*value.value()).into()),
            Expression::Number(number) => {
                let number = number.value();
                number.as_i64().map(Value::from).or_else(|| number.as_f64().map(Value::from))
            }
            Expression::String(text) => Some(text.value().as_str().into()),
            Expression::Array(items) => {
                let items: Vec<Option<Value>> = items.iter().map(|item| self.value(item, references)).collect();
                items.into_iter().collect::<Option<Vec<Value>>>().map(Value::from)
            }
            Expression::Object(object) => {
                let mut map = Map::new();
                let mut known = true;
                for (key, value) in object.iter() {
                    let key = match key {
                        ObjectKey::Ident(ident) => ident.as_str().to_owned(),
                        ObjectKey::Expression(Expression::String(text)) => text.value().clone(),
                        ObjectKey::Expression(_) => return None,
                    };
                    match self.value(value.expr(), references) {
                        Some(value) => drop(map.insert(key, value)),
                        None => known = false,
                    }
                }
                known.then(|| map.into())
            }
            Expression::Parenthesis(inner) => self.value(inner.inner(), references),
            Expression::FuncCall(call) if call.name.name.as_str() == "jsonencode" => {
                let argument = call.args.get(0)?;
                self.value(argument, references).map(|value| value.to_string().into())
            }
            Expression::Traversal(traversal) => {
                let names = names(traversal)?;
                if let Some(text) = self.literals.get(&names.join(".")) {
                    return Some(text.as_str().into());
                }
                self.mention(&names, references);
                None
            }
            Expression::StringTemplate(template) => {
                for element in template.iter() {
                    if let hcl_edit::template::Element::Interpolation(inner) = element {
                        self.value(&inner.expr, references);
                    }
                }
                None
            }
            _ => None,
        }
    }

    fn mention(&mut self, names: &[String], references: &mut Vec<String>) {
        let resource = if names[0] == "data" { 3 } else { 2 };
        for length in (resource..=names.len()).rev() {
            references.push(names[..length].join("."));
        }
        if let ([type_name, name, attribute, ..], 2) = (names, resource) {
            self.mentioned.insert((type_name.clone(), name.clone(), attribute.clone()));
        }
    }

    /// The plan, with resources that are only mentioned, and are not on the path, made up.
    fn document(mut self) -> Value {
        for (type_name, name, attribute) in std::mem::take(&mut self.mentioned) {
            let address = format!("{type_name}.{name}");
            if self.declared.contains(&address) || kind_of(Dialect::Terraform, &type_name).is_some() {
                continue;
            }
            let unknown = Map::from_iter([(attribute, Value::from(true)), ("id".to_owned(), Value::from(true))]);
            self.changes.push(json!({
                "address": address, "mode": "managed", "type": type_name, "name": name,
                "change": {"actions": ["create"], "after": {}, "after_unknown": unknown},
            }));
            self.declared.insert(address);
        }
        json!({
            "format_version": "1.2",
            "resource_changes": self.changes,
            "configuration": {"root_module": {"resources": self.configured}},
            "complete": true,
        })
    }
}

/// Text attributes of all resources, by the reference that names them (`aws_ecs_cluster.main.name`).
fn literals(body: &Body) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for block in body.blocks() {
        let [type_name, name] = block.labels.as_slice() else { continue };
        for attribute in block.body.attributes() {
            if let Expression::String(text) = &attribute.value {
                let reference = format!("{}.{}.{}", type_name.as_str(), name.as_str(), attribute.key.as_str());
                found.insert(reference, text.value().clone());
            }
        }
    }
    found
}

/// The names of a traversal, up to the first index.
fn names(traversal: &Traversal) -> Option<Vec<String>> {
    let Expression::Variable(root) = &traversal.expr else { return None };
    let mut names = vec![root.value().as_str().to_owned()];
    for operator in &traversal.operators {
        match operator.value() {
            TraversalOperator::GetAttr(name) => names.push(name.value().as_str().to_owned()),
            _ => break,
        }
    }
    Some(names)
}

#[derive(Default)]
struct Read {
    after: Map<String, Value>,
    unknown: Map<String, Value>,
    expressions: Map<String, Value>,
}
