//! What CI systems read of this repository has the form they want.

use serde_json::Value;

use crate::program::testdata;

fn root(path: &str) -> String {
    format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    plangate::source::disk::read_text(&root(path)).unwrap()
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

/// Holds a document against a schema of `testdata/schemas/`.
pub(crate) fn hold(document: &str, schema: &str, called: &str) {
    let schema = plangate::source::disk::read_text(&testdata(&format!("schemas/{schema}"))).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let document = yaml(document);
    let wrong: Vec<String> =
        validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{called}: {}", wrong.join("\n"));
}

#[test]
fn the_action_and_the_workflows_have_the_form_github_wants() {
    hold(&text("action.yml"), "github-action.json", "action.yml");
    for name in ["terraform", "cdk", "cloudformation", "forks"] {
        hold(&text(&format!("ci/github/{name}.yml")), "github-workflow.json", name);
    }
}

#[test]
fn the_hooks_have_the_form_pre_commit_wants() {
    hold(&text(".pre-commit-hooks.yaml"), "pre-commit-hooks.json", "hooks");
}

#[test]
fn no_script_holds_what_somebody_else_may_write() {
    // What stands in `${{ }}` is put into the script's text before a shell reads it.
    let action = yaml(&text("action.yml"));
    let steps = action["runs"]["steps"].as_array().unwrap();
    let scripts: Vec<&str> = steps.iter().filter_map(|step| step["run"].as_str()).collect();
    assert!(scripts.len() > 3);
    scripts.iter().for_each(|script| assert!(!script.contains("${{"), "{script}"));
    for name in ["terraform", "cdk", "cloudformation", "forks"] {
        let workflow = yaml(&text(&format!("ci/github/{name}.yml")));
        let jobs = workflow["jobs"].as_object().unwrap();
        let steps = jobs.values().flat_map(|job| job["steps"].as_array().unwrap());
        steps.filter_map(|step| step["run"].as_str()).for_each(|script| assert!(!script.contains("${{"), "{script}"));
    }
}

#[test]
fn gitlab_judges_before_it_comments_and_ends_as_the_judgement_did() {
    for name in ["terraform", "cdk", "cloudformation"] {
        let job = yaml(&text(&format!("ci/gitlab/{name}.yml")));
        let script: Vec<&str> =
            job["plangate"]["script"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let at = |words: &str| script.iter().position(|line| line.contains(words)).unwrap();
        assert!(at("plangate check") < at("plangate comment"), "{name}");
        assert_eq!(script.last(), Some(&"exit \"${status:-0}\""), "{name}");
        assert_eq!(job["plangate"]["artifacts"]["reports"]["codequality"], "gl-code-quality-report.json");
    }
}

#[test]
fn the_image_is_pinned_and_runs_as_nobody() {
    let dockerfile = text("Dockerfile");
    let bases: Vec<&str> = dockerfile.lines().filter_map(|line| line.strip_prefix("FROM ")).collect();
    assert_eq!(bases.len(), 2);
    for base in bases {
        let tag = base.split(' ').next().unwrap().split_once(':').unwrap().1;
        assert!(tag.contains(|char: char| char.is_ascii_digit()), "{base}");
    }
    let user = dockerfile.lines().filter_map(|line| line.strip_prefix("USER ")).next_back();
    assert_eq!(user, Some("65532:65532"));
    // What the build copies is what `.dockerignore` lets through.
    let let_through: Vec<String> =
        text(".dockerignore").lines().filter_map(|line| line.strip_prefix('!').map(str::to_owned)).collect();
    let copied =
        dockerfile.lines().filter_map(|line| line.strip_prefix("COPY ").filter(|line| !line.starts_with("--")));
    for line in copied {
        let mut names: Vec<&str> = line.split(' ').collect();
        names.pop();
        names.iter().for_each(|name| assert!(let_through.iter().any(|is| is == name), "{name}"));
    }
}
