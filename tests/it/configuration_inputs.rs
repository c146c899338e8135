//! The input side of configuration against Terraform itself: each case of `testdata/inputs/` says which files,
//! arguments and environment there are, and what Terraform 1.11 makes of them (`record.py` asks it).

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fmt::Write;

use plangate::graph::{self, Data, Graph};
use plangate::load::{Given, Inputs, load};
use plangate::source::Problem;
use serde_json::{Value, json};

use crate::program::{Folder, testdata};

/// The parts of a case by name.
fn parts(text: &str) -> Vec<(&str, String)> {
    let mut parts: Vec<(&str, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        match line.strip_prefix("-- ").and_then(|line| line.strip_suffix(" --\n")) {
            Some(name) => parts.push((name, String::new())),
            None => parts.last_mut().unwrap().1.push_str(line),
        }
    }
    parts
}

/// What a run over a case comes to.
struct Outcome {
    loaded: Result<(Graph, Vec<Problem>), Problem>,
    expected: String,
}

fn run(case: &str) -> Outcome {
    let folder = Folder::new();
    let mut inputs = Inputs::default();
    let mut expected = String::new();
    for (name, text) in parts(case) {
        match name {
            "terraform" => expected = text,
            "arguments" => {
                let lines: Vec<&str> = text.lines().collect();
                inputs.given.extend(lines.chunks(2).map(|pair| match pair[0] {
                    "--var" => {
                        let (name, value) = pair[1].split_once('=').unwrap();
                        Given::Var(name.to_owned(), value.to_owned())
                    }
                    _ => Given::File(folder.path(pair[1])),
                }));
            }
            "environment" => {
                for (name, value) in text.lines().map(|line| line.split_once('=').unwrap()) {
                    match name.strip_prefix("TF_VAR_") {
                        Some(name) => inputs.environment.push((name.to_owned(), value.to_owned())),
                        None => inputs.workspace = Some(value.to_owned()),
                    }
                }
            }
            _ => {
                let path = folder.path(name);
                std::fs::create_dir_all(std::path::Path::new(&path).parent().unwrap()).unwrap();
                folder.file(name, text);
            }
        }
    }
    let loaded = load(&folder.path("."), &inputs, &["terraform_data"]);
    // The folder is gone when anybody reads this.
    let bare = |mut problem: Problem| {
        problem.file = problem.file.map(|file| file.replace(&folder.path(""), "…/"));
        problem
    };
    let loaded = loaded.map(|(loaded, problems)| (loaded.graph, problems.into_iter().map(bare).collect()));
    Outcome { loaded: loaded.map_err(bare), expected }
}

/// A value in the words of `record.py`.
fn said(value: &graph::Value) -> Value {
    if value.marks.sensitive && value.as_unknown().is_none() {
        return json!("<sensitive>");
    }
    match &value.data {
        Data::Null => Value::Null,
        Data::Bool(flag) => json!(flag),
        Data::Int(number) => json!(*number as f64),
        Data::Float(number) => json!(number),
        Data::String(text) => json!(&**text),
        Data::List(items) => items.iter().map(said).collect(),
        Data::Map(map) => Value::Object(map.iter().map(|(key, value)| (key.to_string(), said(value))).collect()),
        Data::Unknown(_) => json!("<unknown>"),
    }
}

/// Numbers as floats, so that 1 and 1.0 are the same.
fn floated(value: Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64().unwrap()),
        Value::Array(items) => items.into_iter().map(floated).collect(),
        Value::Object(map) => Value::Object(map.into_iter().map(|(key, value)| (key, floated(value))).collect()),
        other => other,
    }
}

fn cases() -> BTreeMap<String, String> {
    let folder = testdata("inputs");
    let names = plangate::source::disk::names_in(&folder).unwrap();
    let names = names.into_iter().filter_map(|name| Some(name.strip_suffix(".txt")?.to_owned()));
    let text = |name: &str| plangate::source::disk::read_text(&format!("{folder}/{name}.txt")).unwrap();
    let cases: BTreeMap<String, String> = names.map(|name| (name.clone(), text(&name))).collect();
    assert!(cases.len() > 200, "only {} cases", cases.len());
    cases
}

#[test]
fn inputs_come_to_what_terraform_says() {
    let mut wrong = String::new();
    let mut told = String::new();
    for (name, case) in cases() {
        let outcome = run(&case);
        let (graph, problems) = match outcome.loaded {
            Ok((graph, problems)) => (Some(graph), problems),
            Err(problem) => (None, vec![problem]),
        };
        if !problems.is_empty() {
            writeln!(told, "{name}").unwrap();
            problems
                .iter()
                .for_each(|problem| writeln!(told, "    {}", problem.to_string().replace('\n', "\n    ")).unwrap());
        }
        if outcome.expected.starts_with("refused") {
            // What only apply can tell Terraform refuses; here it stays unknown.
            if problems.is_empty() && !["count-unknown", "for-each-unknown-key"].contains(&name.as_str()) {
                writeln!(wrong, "{name}: no problem, but Terraform: {}", outcome.expected.trim()).unwrap();
            }
            continue;
        }
        let expected: BTreeMap<String, Value> = serde_json::from_str(&outcome.expected).unwrap();
        let expected: BTreeMap<String, Value> =
            expected.into_iter().map(|(key, value)| (key, floated(value))).collect();
        let found: BTreeMap<String, Value> = graph
            .iter()
            .flat_map(Graph::resources)
            .map(|(_, one)| (one.address.to_string(), one.raw.get("input").map_or(Value::Null, said)))
            .collect();
        if found != expected {
            writeln!(wrong, "{name}:\n  here      {}\n  Terraform {}", json!(found), json!(expected)).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    insta::assert_snapshot!("problems", told);
}
