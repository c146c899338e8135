//! No secret that goes into a template is printed: not a parameter with `NoEcho`, not a value out of a parameters file.
//! Every value of a template becomes one, one after the other. Which secret `{{resolve:…}}` names is none.

use plangate::judge::judge_all;
use plangate::load::{GivenParameter, Inputs, TemplateInputs};
use plangate::policy::PolicySet;
use plangate::report::{self, Look};
use serde_json::{Value, json};

use crate::program::{Folder, bytes_of, run};

const WORD: &str = "plangate-secret";

const COMMANDS: &[&[&str]] = &[
    &["check"],
    &["check", "-v"],
    &["check", "-o", "json"],
    &["check", "--fail-on", "info", "--undecided", "fail", "-v"],
    &["paths"],
    &["paths", "-o", "json"],
    &["paths", "-o", "mermaid"],
    &["paths", "-o", "svg"],
    &["paths", "-o", "html"],
    &["check", "-o", "markdown"],
    &["check", "-o", "html"],
];

#[track_caller]
fn holds_none(printed: &str, secret: &str, what: &str) {
    if let Some(at) = printed.find(secret) {
        let before = printed[..at].char_indices().rev().nth(300).map_or(0, |(from, _)| from);
        panic!("{what}: {}", &printed[before..at + secret.len()]);
    }
}

fn all_said(arguments: &[&str], what: &str) {
    for command in COMMANDS {
        let ran = run(&[command, arguments].concat());
        assert!(ran.all().contains("Billing"), "{command:?} of {what} says nothing at all");
        holds_none(&ran.all(), WORD, &format!("{command:?} of {what}"));
    }
}

#[test]
fn no_command_prints_one() {
    let folder = Folder::new();
    let own = String::from_utf8(bytes_of("secrets/template.yaml")).unwrap();
    // One that its author did not mark is shown where the template shows it; this test is about the marked ones.
    let template = folder.file("template.yaml", own.replace("smtp-plangate-secret", "smtp"));
    assert!(own.matches(WORD).count() > 3, "the template holds no secrets any more");
    all_said(&[&template], "defaults");
    let names = ["DbPassword", "HealthPath", "OidcClientSecret"];
    let given: Vec<String> = names.iter().map(|name| format!("{name}=/{WORD}-given")).collect();
    let flags: Vec<&str> = given.iter().flat_map(|given| ["--parameters", given.as_str()]).collect();
    all_said(&[&[template.as_str()], &flags[..]].concat(), "flags");
    let pairs = names.map(|name| json!({ "ParameterKey": name, "ParameterValue": format!("/{WORD}-file") }));
    let file = folder.file("parameters.json", json!(pairs).to_string());
    all_said(&[&template, "--parameters", &file], "a file");
}

/// A parameters file that cannot be read, and values that a parameter does not take.
#[test]
fn no_problem_quotes_one() {
    let folder = Folder::new();
    let template = folder.file(
        "template.yaml",
        "Parameters:\n  Port: {Type: Number, NoEcho: true}\n  Size: {Type: String, NoEcho: true, AllowedValues: [small], \
         MaxLength: 3, AllowedPattern: x}\nResources:\n  Group:\n    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n    \
         Properties: {Port: !Ref Port, Name: !Ref Size}\n",
    );
    for content in [
        format!(
            "[{{\"ParameterKey\": \"Size\", \"ParameterValue\": \"{WORD}\"}}, {{\"ParameterKey\": \"Port\", \"ParameterValue\": \"{WORD}\"}}]"
        ),
        format!("{{\"Parameters\": {{\"Port\": \"{WORD}\", \"Size\": [\"{WORD}\", {{}}]}}}}"),
        format!("[\"Port={WORD}\", \"Size={WORD}\"]"),
        format!("[\"{WORD}\"]"),
        format!("{{\"Port\": {{\"{WORD}\": \"{WORD}\"}}}}"),
        format!("[{{\"ParameterKey\": \"Size\", \"ParameterValue\": \"{WORD}"),
        format!("Port={WORD}"),
    ] {
        let file = folder.file("parameters.json", &content);
        let ran = run(&["check", "-v", &template, "--parameters", &file]);
        assert_ne!(ran.code, 0, "{content}: {}", ran.all());
        holds_none(&ran.all(), WORD, &content);
    }
    for given in [format!("Port={WORD}"), format!("Size={WORD}"), format!("ParameterKey=Port,ParameterValue={WORD}")] {
        let ran = run(&["check", "-v", &template, "--parameters", &given]);
        assert_ne!(ran.code, 0, "{given}: {}", ran.all());
        holds_none(&ran.all(), WORD, &given);
    }
}

/// Every value of a property, in the form of JSON.
fn places(node: &Value, here: &mut String, found: &mut Vec<String>) {
    match node {
        // Functions are given names, which are no values.
        Value::Object(map) if map.keys().any(|key| key == "Ref" || key.starts_with("Fn::")) => found.push(here.clone()),
        Value::Object(map) => {
            for (key, value) in map {
                let length = here.len();
                here.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1")));
                places(value, here, found);
                here.truncate(length);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                let length = here.len();
                here.push_str(&format!("/{at}"));
                places(value, here, found);
                here.truncate(length);
            }
        }
        _ => found.push(here.clone()),
    }
}

/// A secret that its place takes, and how it would look in a report.
fn secret(value: &Value) -> (&'static str, &'static str) {
    match value {
        Value::String(text) if text.parse::<u32>().is_ok() => ("54321", "54321"),
        Value::Number(_) => ("54321", "54321"),
        Value::String(text) if text.contains('/') && text.ends_with(|c: char| c.is_ascii_digit()) => {
            ("10.77.66.0/24", "10.77.66")
        }
        _ => (WORD, WORD),
    }
}

#[test]
fn a_secret_anywhere_is_not_printed() {
    let (policies, _) = PolicySet::builtin();
    let mut asked = 0;
    let whole: Value = serde_json::from_slice(&bytes_of("fargate/template.json")).unwrap();
    let mut found = Vec::new();
    for (name, resource) in whole["Resources"].as_object().unwrap() {
        for part in ["Properties", "DependsOn", "Metadata"] {
            if let Some(value) = resource.get(part) {
                places(value, &mut format!("/Resources/{name}/{part}"), &mut found);
            }
        }
    }
    let folder = Folder::new();
    for place in &found {
        let (value, seen) = secret(whole.pointer(place).unwrap());
        let by_parameter = json!({ "Ref": "Secret" });
        let in_text = json!({ "Fn::Sub": "${Secret}" });
        let joined = json!({ "Fn::Join": ["", ["", { "Ref": "Secret" }]] });
        for written in [by_parameter, in_text, joined] {
            let mut changed = whole.clone();
            *changed.pointer_mut(place).unwrap() = written;
            changed["Parameters"]["Secret"] = json!({ "Type": "String", "NoEcho": true });
            // One property a line, so that a quoted line could hold it.
            let file = folder.file("template.json", serde_json::to_string_pretty(&changed).unwrap());
            let given = GivenParameter::Value("Secret".to_owned(), value.to_owned());
            let template = TemplateInputs { parameters: vec![given], ..TemplateInputs::default() };
            let said = match plangate::load::load(&file, &Inputs { template, ..Inputs::default() }, &[]) {
                Err(problem) => problem.to_string(),
                Ok((loaded, problems)) => {
                    let mut assessment =
                        judge_all(&loaded.graphs().collect::<Vec<_>>(), &Default::default(), &policies);
                    assessment.problems = problems;
                    let limit = usize::MAX;
                    let comment = report::MarkdownOptions { passed: false, outcome: None, limit };
                    let options = report::TextOptions {
                        look: Look::colored(100),
                        detail: report::Detail::All,
                        undecided_counts: true,
                        outcome: None,
                    };
                    [
                        report::check_json(&assessment),
                        report::paths_json(&assessment),
                        report::check_text(&assessment, &options),
                        report::paths_text(&assessment, Look::colored(100)),
                        report::paths_mermaid(&assessment),
                        report::paths_html(&assessment, &[]),
                        report::check_markdown(&assessment, &[], &comment),
                    ]
                    .concat()
                }
            };
            holds_none(&said, seen, place);
            asked += 1;
        }
    }
    assert!(asked > 250, "only {asked} secrets");
}

/// The lines that `check` quotes of a template.
fn quoted(template: &str) -> Vec<String> {
    let folder = Folder::new();
    let file = folder.file("template", template);
    let report = run(&["check", "-o", "json", "--fail-on", "info", &file]).json();
    let findings = report["findings"].as_array().unwrap();
    assert!(!findings.is_empty(), "{report}");
    let evidence = findings.iter().flat_map(|finding| finding["evidence"].as_array().unwrap());
    evidence.filter_map(|one| Some(one["snippet"].as_str()?.trim().to_owned())).collect()
}

#[test]
fn a_line_is_quoted_when_it_holds_one_value() {
    let template = |attributes: &str, port: &str| {
        format!(
            "Parameters: {{Secret: {{Type: String, NoEcho: true, Default: {WORD}}}}}\nResources:\n  Web:\n    Type: \
             AWS::ElasticLoadBalancingV2::LoadBalancer\n    Properties:\n      LoadBalancerAttributes:\n{attributes}\n  Group:\n    Type: \
             AWS::ElasticLoadBalancingV2::TargetGroup\n    Properties:\n      Protocol: HTTP\n      {port}\n      HealthCheckTimeoutSeconds: 40\n"
        )
    };
    let flow = "- {Key: idle_timeout.timeout_seconds, Value: '5000'}";
    let lines = quoted(&template(&format!("        {flow}"), "Port: 80 # the usual one"));
    assert!(lines.contains(&flow.to_owned()), "{lines:?}");
    assert!(lines.contains(&"HealthCheckTimeoutSeconds: 40".to_owned()), "{lines:?}");
    let lines = quoted(&template("        - Key: idle_timeout.timeout_seconds\n          Value: 5000", "Port: 80"));
    assert!(lines.contains(&"Value: 5000".to_owned()), "{lines:?}");
    // Another value on the same line may be anything.
    for two in [
        format!("- {{Key: idle_timeout.timeout_seconds, Value: '5000', Note: {WORD}}}"),
        format!("- {{Note: {WORD}, Value: '5000', Key: idle_timeout.timeout_seconds}}"),
    ] {
        let lines = quoted(&template(&format!("        {two}"), "Port: 80"));
        assert!(!lines.iter().any(|line| line.contains("5000") || line.contains(WORD)), "{lines:?}");
    }
    let one_line = json!({
        "Parameters": { "Secret": { "Default": WORD, "NoEcho": true, "Type": "String" } },
        "Resources": { "Web": { "Properties": { "HealthCheckTimeoutSeconds": 40, "Name": WORD, "Port": 80, "Protocol": "HTTP" },
            "Type": "AWS::ElasticLoadBalancingV2::TargetGroup" } },
    });
    assert_eq!(quoted(&one_line.to_string()), Vec::<String>::new());
}
