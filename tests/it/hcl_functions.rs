//! Holds our evaluator against Terraform's own answers, which `testdata/functions/regenerate.sh` stores.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hcl_edit::structure::Body;
use plangate::load::hcl::{
    Content, Fault, Files, Resolved, Scope, Session, Step, Value, evaluate, read_body, type_json,
};
use plangate::source::disk;

/// Where we knowingly differ, each with the reason. The value is then unknown, never another one.
const UNKNOWN_HERE: &[(&str, &str)] = &[
    ("1 / 0", "infinity"),
    ("false ? 1 : 1 / 0", "infinity"),
    ("can(1 / 0)", "infinity"),
    ("try(1 / 0)", "infinity"),
    ("try(1 / 0, 2)", "infinity"),
    ("false && (1 / 0 > 1)", "infinity"),
    ("can(base64gzip(\"x\"))", "what fails later is not told from what is never known"),
    ("plantimestamp() + 1", "Terraform knows when it plans"),
    ("length(base64gzip(\"x\")) > 0", "bounds of numbers are not kept"),
    ("cidrsubnet(\"10.0.0.0/16\", -1, 0)", "an accident of Terraform"),
    ("cidrsubnet(\"10.0.0.0/16\", 8, -1)", "an accident of Terraform"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/functions")
}

struct Alone {
    files: Files,
    session: Session,
    locals: Body,
}

impl Alone {
    fn new() -> Alone {
        let locals = disk::read_text(folder().join("locals.tf").to_str().unwrap()).unwrap();
        let locals = read_body(&locals).unwrap();
        Alone { files: Files::new(&folder(), &[]), session: Session::default(), locals }
    }
}

impl Scope for Alone {
    fn resolve(&self, root: &str, steps: &[Step]) -> Result<Resolved, Fault> {
        match (root, steps.first().and_then(Step::name)) {
            ("path", Some("module" | "root")) => Ok(Resolved { value: Value::text("."), used: 1 }),
            ("local", Some(name)) => {
                let local = self.locals.get_blocks("locals").next().unwrap().body.get_attribute(name).unwrap();
                Ok(Resolved { value: evaluate(&local.value, self)?, used: 1 })
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

fn answer(expression: &str, scope: &dyn Scope) -> Result<Value, String> {
    let text = format!("x = {}\n", expression.replace('␤', "\n"));
    let body = read_body(&text).map_err(|error| format!("does not parse: {error}"))?;
    let attribute = body.attributes().next().ok_or("nothing to evaluate")?;
    evaluate(&attribute.value, scope).map_err(|fault| fault.to_string())
}

/// A value in the shape of answers.json.
fn shape(value: &Value) -> serde_json::Value {
    match &value.content {
        Content::Null(_) => serde_json::Value::Null,
        Content::Unknown(_) => serde_json::json!({"unknown": true}),
        Content::Bool(truth) => (*truth).into(),
        Content::Number(number) => serde_json::json!({"number": number.to_string()}),
        Content::String(text) => text.to_string().into(),
        Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => {
            items.content.iter().map(shape).collect::<Vec<_>>().into()
        }
        Content::Map(_, entries) | Content::Object(entries) => serde_json::Value::Object(
            entries.content.iter().map(|(name, entry)| (name.to_string(), shape(entry))).collect(),
        ),
    }
}

#[test]
fn known_values_are_terraforms() {
    let answers = disk::read_text(folder().join("answers.json").to_str().unwrap()).unwrap();
    let answers: BTreeMap<String, serde_json::Value> = serde_json::from_str(&answers).unwrap();
    let mut wrong = Vec::new();
    for (expression, expected) in &answers {
        let scope = Alone::new();
        let got = answer(expression, &scope);
        let fails = expected.get("error").is_some();
        match got {
            Err(_) if fails => {}
            Err(fault) => wrong.push(format!("{expression}\n    Terraform: {expected}\n    we: error: {fault}")),
            // What Terraform refuses only because it cannot write it down.
            Ok(value) if fails && !value.is_whole() && UNKNOWN_HERE.iter().any(|(case, _)| case == expression) => {}
            Ok(value) if fails => wrong.push(format!("{expression}\n    Terraform: error\n    we: {value:?}")),
            Ok(value) => {
                let ty: serde_json::Value = serde_json::from_str(&type_json(&value.ty())).unwrap();
                let open = expected.get("unknown").is_some();
                let excused = UNKNOWN_HERE.iter().any(|(case, _)| case == expression);
                // Terraform knows when it plans.
                let now = expression.contains("plantimestamp(") && ty == expected["type"];
                let allowed = (excused || now) && !value.is_whole();
                // The type of an output that is null is lost.
                let null = value.is_null() && expected["value"].is_null();
                let same = shape(&value) == expected["value"] && (null || ty == expected["type"]);
                if !(same || open && !value.is_whole() || allowed) {
                    let shape = shape(&value);
                    wrong.push(format!("{expression}\n    Terraform: {expected}\n    we: {shape} of type {ty}"));
                }
            }
        }
    }
    assert!(answers.len() > 1500, "only {} cases", answers.len());
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), answers.len(), wrong.join("\n"));
}
