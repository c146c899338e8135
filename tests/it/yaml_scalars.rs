//! What a scalar without quotes is in a template, against the answers of PyYAML in `testdata/yaml/scalars.json`.
//! CloudFormation reads YAML 1.1 as well; where it is known to differ from PyYAML, that is said here.

use plangate::catalog::Dialect;
use plangate::graph::{Data, Lookup, Value};
use plangate::load::example;

use crate::program::bytes_of;

/// What PyYAML takes for something that CloudFormation reads as text: dates, numbers in base 60, infinities; and what
/// has a meaning only as a key.
fn is_text(kind: &str, text: &str) -> bool {
    matches!(kind, "str" | "timestamp" | "merge" | "value")
        || text.contains(':')
        || text.to_lowercase().contains("inf")
        || text.to_lowercase().contains("nan")
}

/// What PyYAML takes for text and is a number to everybody else: an exponent without a dot or a sign, a sign before the
/// dot.
fn is_number_elsewhere(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = |byte: u8| byte.is_ascii_digit() || b"._eE+-".contains(&byte);
    unsigned.bytes().all(digits) && unsigned.replace('_', "").parse::<f64>().is_ok()
}

#[test]
fn scalars_are_what_yaml_1_1_says() {
    let kinds: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(&bytes_of("yaml/scalars.json")).unwrap();
    let cases: Vec<(&str, &str, Option<&str>)> = kinds
        .iter()
        .flat_map(|(kind, texts)| {
            texts.as_object().unwrap().iter().map(|(text, value)| (kind.as_str(), text.as_str(), value.as_str()))
        })
        // What is null counts as not written, with a warning.
        .filter(|(kind, ..)| *kind != "null")
        .collect();
    assert!(cases.len() > 1000, "{}", cases.len());
    let entries: String = cases.iter().enumerate().map(|(at, (_, text, _))| format!("      K{at}: {text}\n")).collect();
    let template = format!("All:\n  Type: Custom::All\n  Properties:\n    Map:\n{entries}");
    let loaded = example(Dialect::CloudFormation, &template).unwrap();
    let (_, all) = loaded.graph.resources().next().unwrap();
    let Lookup::Known(map) = plangate::graph::lookup(&all.raw, "Map") else { panic!("no map") };
    let mut wrong = Vec::new();
    for (at, (kind, text, value)) in cases.iter().enumerate() {
        let got = plangate::graph::lookup(map, &format!("K{at}"));
        let shown = match got {
            Lookup::Known(Value { data: Data::Bool(flag), .. }) => format!("bool {flag}"),
            Lookup::Known(Value { data: Data::Int(number), .. }) => format!("number {number}"),
            Lookup::Known(Value { data: Data::Float(number), .. }) => format!("number {number}"),
            Lookup::Known(Value { data: Data::String(text), .. }) => format!("text {text}"),
            other => format!("{other:?}"),
        };
        let wanted = match (*kind, value) {
            ("bool", _) => format!("bool {}", ["yes", "true", "on"].contains(&text.to_lowercase().as_str())),
            (kind, _) if is_text(kind, text) => format!("text {text}"),
            (_, Some(value)) => format!("number {}", value.parse::<f64>().unwrap() + 0.0),
            _ => format!("text {text}"),
        };
        let elsewhere = *kind == "str" && is_number_elsewhere(text) && shown.starts_with("number ");
        if shown != wanted && !elsewhere {
            wrong.push(format!("{text} ({kind}): {wanted}, not {shown}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
