//! `plangate schema`: JSON Schemas of what people and programs write and read. They stand in `schemas/`; that of the
//! configuration also lists the policies and parameters there are, so that an editor completes them.

use serde_json::{Map, Value, json};

use super::args::{SchemaArgs, SchemaName};
use super::exit::Exit;
use super::terminal::Terminal;
use crate::policy::{ParamType, Policy, PolicySet};

const CONFIG: &str = include_str!("schemas/config.json");
const POLICY: &str = include_str!("schemas/policy.json");
const CHECK: &str = include_str!("schemas/check.json");
const PATHS: &str = include_str!("schemas/paths.json");

/// Prints one of them.
pub(crate) fn run(args: &SchemaArgs, terminal: &Terminal) -> Exit {
    terminal.print_or_complain(&text(args.name))
}

fn text(name: SchemaName) -> String {
    match name {
        SchemaName::Config => with_policies(CONFIG),
        SchemaName::Policy => POLICY.to_owned(),
        SchemaName::Check => CHECK.to_owned(),
        SchemaName::Paths => PATHS.to_owned(),
    }
}

/// The schema with every built-in policy among the keys of `policies`. A policy of a user's own is no less valid.
fn with_policies(text: &str) -> String {
    let mut schema: Value = serde_json::from_str(text).unwrap_or_default();
    let (policies, _) = PolicySet::builtin_to_judge();
    let known: Map<String, Value> = policies.iter().map(|policy| (policy.id.to_string(), of_policy(policy))).collect();
    if let Some(properties) = schema.pointer_mut("/properties/policies/properties") {
        *properties = known.into();
    }
    // Texts and numbers only: writing them cannot fail.
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

fn of_policy(policy: &Policy) -> Value {
    let params: Map<String, Value> = policy
        .params
        .iter()
        .map(|param| {
            let ty = match param.ty {
                ParamType::Int => json!({"type": "integer"}),
                ParamType::Bool => json!({"type": "boolean"}),
                ParamType::String => json!({"type": ["string", "number", "boolean"]}),
                ParamType::Strings => json!({"type": ["array", "string"], "items": {"type": ["string", "number"]}}),
            };
            let mut ty = ty.as_object().cloned().unwrap_or_default();
            ty.insert("description".to_owned(), format!("{} (default: {})", param.doc, param.default).into());
            (param.name.clone(), ty.into())
        })
        .collect();
    json!({
        "description": format!("{} ({})", policy.title, policy.severity),
        "allOf": [{"$ref": "#/definitions/policy"}],
        "properties": {"params": {"properties": params, "additionalProperties": false}},
    })
}
