//! Holds our evaluator against Terraform where arguments are known only after apply: what we know before must be what
//! apply makes, and what Terraform knows before we know too.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hcl_edit::structure::Body;
use plangate::graph::{Reason, Unknown};
use plangate::load::hcl::{
    Content, Fault, Files, Resolved, Scope, Session, Step, Value, evaluate, function_names, read_body, type_json,
};
use plangate::source::disk;
use serde_json::Value as Json;

/// Whether a line calls the function.
fn calls(line: &str, name: &str) -> bool {
    let before = |at: usize| line[..at].ends_with(|char: char| char.is_alphanumeric());
    !line.starts_with('#') && line.match_indices(&format!("{name}(")).any(|(at, _)| !before(at))
}

/// What Terraform says before apply and apply does not keep: it takes a place in a set for certain.
const BROKEN_PROMISES: &[&str] = &["loops_7", "traversals_13"];

/// What Terraform knows because it knows when it plans.
const NOW: &[&str] = &["plantimestamp_2"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/functions")
}

struct BeforeApply {
    body: Body,
    files: Files,
    session: Session,
}

impl BeforeApply {
    fn new() -> BeforeApply {
        let text = disk::read_text(folder().join("unknown.tf").to_str().unwrap()).unwrap();
        let body = read_body(&text).unwrap();
        BeforeApply { body, files: Files::new(&folder(), &[]), session: Session::default() }
    }

    fn outputs(&self) -> BTreeMap<String, Result<Value, Fault>> {
        let outputs = self.body.get_blocks("output");
        outputs
            .map(|block| {
                let expression = &block.body.get_attribute("value").unwrap().value;
                (block.labels[0].as_str().to_owned(), evaluate(expression, self))
            })
            .collect()
    }
}

impl Scope for BeforeApply {
    fn resolve(&self, root: &str, steps: &[Step]) -> Result<Resolved, Fault> {
        let name = steps.first().and_then(Step::name).unwrap_or_default();
        match root {
            "local" => {
                let mut locals = self.body.get_blocks("locals");
                let local = locals.find_map(|block| block.body.get_attribute(name)).unwrap();
                Ok(Resolved { value: evaluate(&local.value, self)?, used: 1 })
            }
            "terraform_data" => {
                let reason = Unknown::because(Reason::Elsewhere(format!("terraform_data.{name}").into()));
                // Of the type of what is put in.
                let mut blocks = self.body.get_blocks("resource");
                let block = blocks.find(|block| block.labels[1].as_str() == name).unwrap();
                let input = evaluate(&block.body.get_attribute("input").unwrap().value, self)?;
                Ok(Resolved { value: Value::unknown(input.ty(), reason), used: 2 })
            }
            _ => Err(Fault::fatal(format!("there is no {root}"))),
        }
    }

    fn files(&self) -> Option<&Files> {
        Some(&self.files)
    }

    fn session(&self) -> &Session {
        &self.session
    }
}

/// Where what we know, or the bounds of what we do not, is not what apply made.
fn contradiction(ours: &Value, applied: &Json) -> Option<String> {
    let differs = || Some(format!("{ours:?} became {applied}"));
    match (&ours.content, applied) {
        (Content::Unknown(hole), applied) => {
            let length = match applied {
                Json::Array(items) => Some(items.len()),
                Json::Object(entries) => Some(entries.len()),
                _ => None,
            };
            let bounds = &hole.bounds;
            let prefix = applied.as_str().is_none_or(|text| text.starts_with(&*bounds.prefix));
            let long = length.is_none_or(|length| {
                bounds.shortest <= length && bounds.longest.is_none_or(|longest| length <= longest)
            });
            if !prefix || !long || bounds.not_null && applied.is_null() { differs() } else { None }
        }
        (Content::Null(_), Json::Null) => None,
        (Content::Bool(a), Json::Bool(b)) if a == b => None,
        (Content::Number(a), Json::Number(b)) if a.to_string() == b.to_string() => None,
        (Content::String(a), Json::String(b)) if **a == **b => None,
        (Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items), Json::Array(applied)) => {
            // A set's elements have no places before all are known.
            let set = matches!(ours.content, Content::Set(..)) && !ours.is_whole();
            if set {
                return (items.content.len() < applied.len()).then(|| format!("{ours:?} became {applied:?}"));
            }
            if items.content.len() != applied.len() {
                return differs();
            }
            items.content.iter().zip(applied).find_map(|(item, applied)| contradiction(item, applied))
        }
        (Content::Map(_, entries) | Content::Object(entries), Json::Object(applied)) => {
            if !entries.content.keys().map(|name| &**name).eq(applied.keys().map(String::as_str)) {
                return differs();
            }
            entries.content.iter().find_map(|(name, entry)| contradiction(entry, &applied[&**name]))
        }
        _ => differs(),
    }
}

/// Whether Terraform knows something that we do not.
fn behind(ours: &Value, after: &Json, after_unknown: &Json) -> bool {
    match after_unknown {
        Json::Bool(true) => false,
        Json::Array(unknown) => unknown.iter().enumerate().any(|(i, unknown)| {
            let items = ours.as_items().unwrap_or_default();
            items.get(i).is_none_or(|item| behind(item, &after[i], unknown))
        }),
        Json::Object(unknown) => after.as_object().is_some_and(|after| {
            after.keys().any(|name| {
                let entry = ours.as_entries().and_then(|entries| entries.get(name.as_str()));
                let unknown = unknown.get(name).unwrap_or(&Json::Bool(false));
                entry.is_none_or(|entry| behind(entry, &after[name], unknown))
            })
        }),
        _ => !ours.is_whole(),
    }
}

#[test]
fn what_is_known_before_apply_is_what_apply_makes() {
    let answers = disk::read_text(folder().join("unknown.json").to_str().unwrap()).unwrap();
    let answers: BTreeMap<String, Json> = serde_json::from_str(&answers).unwrap();
    let mut wrong = Vec::new();
    for (name, ours) in BeforeApply::new().outputs() {
        let answer = answers.get(&name).unwrap_or_else(|| panic!("{name} is missing: run regenerate.sh"));
        let ours = match ours {
            Ok(ours) => ours,
            Err(fault) => {
                wrong.push(format!("{name}: {fault}"));
                continue;
            }
        };
        if let Some(difference) = contradiction(&ours, &answer["applied"]) {
            wrong.push(format!("{name}: {difference}"));
        }
        let excused = BROKEN_PROMISES.contains(&name.as_str()) || NOW.contains(&name.as_str());
        if !excused && behind(&ours, &answer["after"], &answer["after_unknown"]) {
            wrong.push(format!("{name}: Terraform knows {answer}, we know {ours:?}"));
        }
        let ty: Json = serde_json::from_str(&type_json(&ours.ty())).unwrap();
        let open = ty.to_string().contains("dynamic");
        if !open && !answer["applied"].is_null() && ty != answer["type"] {
            wrong.push(format!("{name}: of type {ty}, became {}", answer["type"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), answers.len(), wrong.join("\n"));
}

#[test]
fn every_function_has_a_case_with_something_unknown() {
    let answers = disk::read_text(folder().join("unknown.json").to_str().unwrap()).unwrap();
    let cases = disk::read_text(folder().join("cases.txt").to_str().unwrap()).unwrap();
    for name in function_names() {
        assert!(answers.contains(&format!("\"{name}_1\"")), "{name} has no unknown case");
        let count = cases.lines().filter(|line| calls(line, name)).count();
        assert!(count >= 8, "{name} has only {count} cases");
    }
    assert_eq!(function_names().len(), 118);
}

#[test]
fn an_unknown_keeps_what_it_hangs_on() {
    let scope = BeforeApply::new();
    let at = |text: &str| evaluate(&plangate::load::hcl::read_expression(text).unwrap(), &scope).unwrap();
    let value = at("upper(\"x-${terraform_data.text.output}-${terraform_data.number.output}\")");
    let hole = value.as_hole().unwrap();
    let hangs_on: Vec<String> = hole.reasons.iter().map(|reason| reason.to_string()).collect();
    assert_eq!(hangs_on.len(), 2, "{hangs_on:?}");
    assert!(hangs_on[0].contains("terraform_data.text"));
    assert!(hole.bounds.not_null);
    let value = at("{ a = [\"x-${terraform_data.text.output}\"] }");
    let graph = plangate::graph::Value::from(&value);
    assert!(graph.get("a").unwrap().as_list().unwrap()[0].as_unknown().is_some());
}
