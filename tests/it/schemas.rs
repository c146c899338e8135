//! `plangate schema` against what it describes: real policies, the README's configuration, real reports. Both ways: what is
//! written is described, and what is described is read.

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::program::{run, testdata};

fn schema(name: &str) -> Value {
    let ran = run(&["schema", name]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{name}");
    ran.json()
}

fn faults(schema: &Value, instance: &Value) -> Vec<String> {
    let validator: Validator = jsonschema::validator_for(schema).unwrap();
    validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// The schema with no other properties than those it names.
fn strict(mut schema: Value) -> Value {
    fn close(value: &mut Value) {
        match value {
            Value::Object(map) => {
                if map.contains_key("properties") && !map.contains_key("additionalProperties") {
                    map.insert("additionalProperties".to_owned(), false.into());
                }
                map.values_mut().for_each(close);
            }
            Value::Array(items) => items.iter_mut().for_each(close),
            _ => {}
        }
    }
    close(&mut schema);
    schema
}

fn yaml(text: &str) -> Value {
    // As our own reader and editors take it: `off` is text.
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn every_policy_fits_its_schema() {
    let schema = schema("policy");
    let validator = jsonschema::validator_for(&schema).unwrap();
    let folder = format!("{}/policies", env!("CARGO_MANIFEST_DIR"));
    let files = plangate::source::disk::files_under(&folder, &["yaml"]).unwrap();
    assert!(files.len() > 50, "only {} policies", files.len());
    for file in files {
        let policy = yaml(&plangate::source::disk::read_text(&file).unwrap());
        let faults: Vec<String> = validator.iter_errors(&policy).map(|error| error.to_string()).collect();
        assert_eq!(faults, [""; 0], "{file}");
    }
    let wrong = json!({"id": "Not An Id", "titel": "x"});
    let faults = faults(&schema, &wrong);
    assert!(faults.iter().any(|fault| fault.contains("titel")), "{faults:?}");
}

#[test]
fn the_configuration_of_the_readme_fits_its_schema_and_is_read() {
    let readme = include_str!("../../README.md");
    let examples: Vec<&str> = readme
        .split("```yaml\n")
        .skip(1)
        .filter_map(|part| part.split("```").next())
        .filter(|text| text.starts_with("# plangate.yaml"))
        .collect();
    assert!(!examples.is_empty(), "the README shows a configuration that begins with `# plangate.yaml`");
    let schema = schema("config");
    for text in examples {
        plangate::config::Config::parse(text, "plangate.yaml").unwrap_or_else(|problems| panic!("{problems:?}"));
        assert_eq!(faults(&schema, &yaml(text)), [""; 0], "{text}");
    }
    for (wrong, why) in [
        (json!({"fail_onn": "high"}), "fail_onn"),
        (json!({"policies": {"matcher-valid": {"severty": "low"}}}), "oneOf"),
        (json!({"policies": {"backend-keep-alive-margin": {"params": {"marginn": 1}}}}), "marginn"),
        (json!({"exempt": [{"policy": "x"}]}), "reason"),
        (json!({"fail_on": "severe"}), "severe"),
    ] {
        let told = faults(&schema, &wrong).join("\n");
        assert!(told.contains(why), "{wrong}: {told}");
    }
    let policies = schema.pointer("/properties/policies/properties").unwrap().as_object().unwrap();
    assert!(policies.contains_key("security-group-admits-traffic"));
}

#[test]
fn real_reports_fit_their_schemas() {
    let (check, paths) = (strict(schema("check")), strict(schema("paths")));
    for stack in ["ecs-dynamic-ports/plan.json", "ecs-dynamic-ports"] {
        let report = run(&["check", &testdata(stack), "-o", "json"]).json();
        assert!(report["findings"].as_array().unwrap().len() > 2, "{stack}");
        assert_eq!(faults(&check, &report), [""; 0], "{stack}");
        let report = run(&["paths", &testdata(stack), "-o", "json"]).json();
        assert!(!report["paths"].as_array().unwrap().is_empty(), "{stack}");
        assert_eq!(faults(&paths, &report), [""; 0], "{stack}");
        // What is described is there.
        let described: Vec<&String> =
            paths.pointer("/properties/paths/items/properties").unwrap().as_object().unwrap().keys().collect();
        assert_eq!(report["paths"][0].as_object().unwrap().keys().collect::<Vec<&String>>(), described);
    }
    let exempt = json!({"by": "inline", "reason": "x", "until": null, "file": "a", "line": 1, "column": 1});
    let mut report = run(&["check", &testdata("ecs-dynamic-ports/plan.json"), "-o", "json"]).json();
    let mut finding = report["findings"][0].clone();
    let described = |of: &str| -> Vec<String> {
        let at = format!("/definitions/{of}/properties");
        check.pointer(&at).unwrap().as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(finding.as_object().unwrap().keys().cloned().collect::<Vec<String>>(), described("finding"));
    finding["exempt"] = exempt;
    assert_eq!(finding.as_object().unwrap().keys().cloned().collect::<Vec<String>>(), described("exempt"));
    report["exempt"] = json!([finding]);
    assert_eq!(faults(&check, &report), [""; 0]);
}
