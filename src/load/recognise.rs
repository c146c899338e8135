//! Tells by its content what an input is, and says it plainly when it is something else.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::cloudformation::cdk::MANIFEST;
use crate::source::{Problem, disk};

/// What a file holds.
pub(super) enum Content {
    /// A plan as `terraform plan -out` writes it.
    BinaryPlan,
    /// What `terraform show -json` prints, of a plan or a state; or JSON that is not clearly anything else.
    Shown,
    /// A state file, as Terraform keeps it.
    State,
    /// A CloudFormation template, in YAML or JSON.
    Template,
    /// What `aws cloudformation describe-change-set` prints.
    ChangeSet,
    /// The manifest of a CDK output folder.
    CdkManifest,
    /// Nothing plangate reads.
    Other(Problem),
}

/// How much is looked at of what is no JSON; a template is smaller.
const LOOKED_AT: usize = 16 << 20;

/// What a folder holds.
pub(super) enum Folder {
    /// What `cdk synth` leaves: templates and a manifest.
    CdkOutput,
    /// A CDK app before `cdk synth`.
    CdkApp,
    /// Terraform configuration, or nothing that is known.
    Configuration,
}

const HOW: &str = "terraform plan -out=plan.bin && terraform show -json plan.bin > plan.json";

/// Looks at a folder. Configuration beside a manifest is meant itself.
pub(super) fn folder(path: &str) -> Folder {
    let names = disk::names_in(path).unwrap_or_default();
    if super::hcl::configuration::is_configuration(path) {
        return Folder::Configuration;
    }
    if !names.iter().any(|name| name == MANIFEST) {
        return if names.iter().any(|name| name == "cdk.json") { Folder::CdkApp } else { Folder::Configuration };
    }
    let manifest = disk::read(&Path::new(path).join(MANIFEST).to_string_lossy());
    let is_cdk = manifest.is_ok_and(|bytes| matches!(content(&bytes), Content::CdkManifest));
    if is_cdk { Folder::CdkOutput } else { Folder::Configuration }
}

/// Looks at the bytes of a file.
pub(super) fn content(bytes: &[u8]) -> Content {
    if bytes.starts_with(b"PK\x03\x04") {
        return Content::BinaryPlan;
    }
    let utf16 = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    let head = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    match head.first() {
        None => Content::Other(Problem::error("is empty").help(HOW)),
        Some(b'<') => Content::Other(
            Problem::error("is HTML or XML, not a plan: a download page or a login page perhaps").help(HOW),
        ),
        Some(_) if utf16 => text(bytes).map_or(Content::Shown, |text| text_content(text.trim_start())),
        Some(b'{') if begins_like_a_plan(head) => Content::Shown,
        // What is no UTF-8 is said where the text is read.
        Some(b'{' | b'[') => text(bytes).map_or(Content::Shown, |text| text_content(text.trim_start())),
        Some(_) => text_content(&String::from_utf8_lossy(&head[..head.len().min(LOOKED_AT)])),
    }
}

fn text_content(head: &str) -> Content {
    match head.as_bytes().first() {
        Some(b'{') => object(head),
        Some(b'[') => Content::Shown,
        _ if serde_json::from_str::<IgnoredAny>(head).is_ok() => {
            Content::Other(Problem::error("is JSON, but no `terraform show -json` output").at(1, 1).help(HOW))
        }
        _ => not_json(head),
    }
}

fn not_json(head: &str) -> Content {
    let start: String = head.chars().take(4096).collect();
    let human = ["Terraform will perform", "OpenTofu will perform", "used the selected providers", "No changes. Your"];
    let problem = if human.iter().any(|words| start.contains(words)) {
        Problem::error("is what `terraform plan` prints for people").help(HOW)
    } else if start.lines().any(|line| line.starts_with("resource \"") || line.starts_with("terraform {")) {
        Problem::error("is Terraform configuration, but no .tf file")
            .help("name the folder of the configuration: plangate check .")
    } else if head.lines().any(is_section) {
        return Content::Template;
    } else {
        let message = "is no plan, neither JSON nor binary, and no template: it has no `Resources:`";
        Problem::error(message).at(1, 1).help(HOW)
    };
    Content::Other(problem)
}

/// Whether a line of YAML begins a section that every template, or one with macros, has.
fn is_section(line: &str) -> bool {
    let line = line.trim_start_matches(['"', '\'']);
    ["AWSTemplateFormatVersion", "Resources", "Transform"].iter().any(|section| {
        let rest = line.strip_prefix(section).map(|rest| rest.trim_start_matches(['"', '\'']).trim_start());
        rest.is_some_and(|rest| {
            rest.strip_prefix(':').is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
        })
    })
}

/// The text of JSON bytes: UTF-8 with or without a byte order mark, or UTF-16 as PowerShell's `>` writes it.
pub(super) fn text(bytes: &[u8]) -> Result<Cow<'_, str>, Problem> {
    let unit: Option<fn([u8; 2]) -> u16> = match bytes {
        [0xFF, 0xFE, ..] => Some(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => Some(u16::from_be_bytes),
        _ => None,
    };
    if let Some(unit) = unit {
        let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        return String::from_utf16(&units).map(Cow::Owned).map_err(|_| Problem::error("is not valid UTF-16"));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    simdutf8::compat::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| {
        let (line, column) = crate::source::line_column(bytes, error.valid_up_to());
        Problem::error("is not UTF-8 text").at(line, column)
    })
}

#[derive(Deserialize)]
struct Marks {
    format_version: Option<IgnoredAny>,
    #[serde(rename = "AWSTemplateFormatVersion")]
    template_version: Option<IgnoredAny>,
    #[serde(rename = "Resources")]
    resources: Option<IgnoredAny>,
    lineage: Option<IgnoredAny>,
    serial: Option<IgnoredAny>,
    #[serde(rename = "ChangeSetId")]
    change_set: Option<IgnoredAny>,
    #[serde(rename = "Changes")]
    changes: Option<IgnoredAny>,
    #[serde(rename = "StackName")]
    stack: Option<IgnoredAny>,
    artifacts: Option<Artifacts>,
}

/// What a CDK manifest lists. Anything else under that name is no manifest.
#[derive(Deserialize)]
#[serde(untagged)]
enum Artifacts {
    Typed(BTreeMap<String, Artifact>),
    Other(IgnoredAny),
}

#[derive(Deserialize)]
struct Artifact {
    r#type: String,
}

impl Artifacts {
    fn are_of_cdk(&self) -> bool {
        // `cdk:tree`, `aws:cloudformation:stack`
        matches!(self, Artifacts::Typed(all) if all.values().all(|one| one.r#type.contains(':') || one.r#type == "none"))
    }
}

/// What a JSON object is.
fn object(head: &str) -> Content {
    let mut first = serde_json::Deserializer::from_str(head).into_iter::<Marks>();
    match first.next() {
        Some(Ok(marks)) if marks.format_version.is_some() => Content::Shown,
        Some(Ok(marks)) if marks.template_version.is_some() || marks.resources.is_some() => Content::Template,
        Some(Ok(marks)) if marks.change_set.is_some() || (marks.changes.is_some() && marks.stack.is_some()) => {
            Content::ChangeSet
        }
        Some(Ok(marks)) if marks.artifacts.as_ref().is_some_and(Artifacts::are_of_cdk) => Content::CdkManifest,
        Some(Ok(marks)) if marks.lineage.is_some() || marks.serial.is_some() => Content::State,
        // A template that is broken, or YAML.
        Some(Err(_)) if begins_like_a_template(head) => Content::Template,
        _ => Content::Shown,
    }
}

/// Then it is not looked at further, so that plans are read once.
fn begins_like_a_plan(head: &[u8]) -> bool {
    String::from_utf8_lossy(&head[..head.len().min(200)]).contains("\"format_version\"")
}

/// Whether the first key is one of a template.
fn begins_like_a_template(head: &str) -> bool {
    let key = head.trim_start_matches('{').trim_start().trim_start_matches(['"', '\'']);
    let end = key.find(|char: char| !char.is_ascii_alphanumeric()).unwrap_or(key.len());
    key.get(..end).is_some_and(|key| super::cloudformation::SECTIONS.contains(&key))
}

/// Says what JSON it is that is no `terraform show -json` output. Only looked at when it does not begin like a plan.
pub(super) fn terraform(text: &str) -> Result<(), Problem> {
    #[derive(Deserialize)]
    struct Shown {
        format_version: Option<IgnoredAny>,
        resource_changes: Option<IgnoredAny>,
        planned_values: Option<IgnoredAny>,
        #[serde(rename = "@level")]
        level: Option<IgnoredAny>,
    }
    let head = text.trim_start();
    if begins_like_a_plan(head.as_bytes()) {
        return Ok(());
    }
    if head.starts_with('[') {
        // Only a list that can be read is called one; else what is wrong with it is said, and where.
        return Err(match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => Problem::error("is a JSON list, no `terraform show -json` output").at(1, 1).help(HOW),
            Err(error) => super::json_problem(text, &error),
        });
    }
    let mut first = serde_json::Deserializer::from_str(head).into_iter::<Shown>();
    let Some(Ok(shown)) = first.next() else { return Ok(()) };
    if shown.level.is_some() {
        return Err(Problem::error("is the log of `terraform plan -json`, which leaves out the values").help(HOW));
    }
    if shown.format_version.is_none() && shown.resource_changes.is_none() && shown.planned_values.is_none() {
        return Err(Problem::error("is JSON, but no `terraform show -json` output").help(HOW));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(bytes: &[u8]) -> &'static str {
        match content(bytes) {
            Content::BinaryPlan => "binary plan",
            Content::Shown => "shown",
            Content::State => "state",
            Content::Template => "template",
            Content::ChangeSet => "change set",
            Content::CdkManifest => "cdk manifest",
            Content::Other(_) => "other",
        }
    }

    #[test]
    fn templates() {
        let long = format!("Parameters:\n{}Resources:\n", "  # a comment\n".repeat(10_000));
        for text in [
            "AWSTemplateFormatVersion: 2010-09-09\n",
            "---\n# ours\nResources:\n  A: {}\n",
            "\u{feff}Description: x\r\nResources:\r\n",
            "\"Resources\": {}\n",
            "Transform: AWS::Serverless-2016-10-31\n",
            &long,
            r#"{"AWSTemplateFormatVersion": "2010-09-09"}"#,
            r#"{"Description": "x", "Resources": {}}"#,
            r#" {"Resources": {"A": 1,}}"#,
            "{Resources: {A: !Ref B}}",
            r#"{"Description": "cut o"#,
            r#"{"Resources": {}, "Resources": {}}"#,
        ] {
            assert_eq!(kind(text.as_bytes()), "template", "{text}");
        }
        let utf16: Vec<u8> = "\u{feff}Resources:\n  A: 1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(kind(&utf16), "template");
    }

    #[test]
    fn everything_else() {
        for (text, wanted) in [
            (r#"{"format_version": "1.2", "resource_changes": []}"#, "shown"),
            (r#"{"format_version": "1.0", "values": {}}"#, "shown"),
            (r#"{"resource_changes": []}"#, "shown"),
            (r#"{"variables": {"Resources": 1}, "planned_values": {}}"#, "shown"),
            ("{\"a\": ", "shown"),
            ("[]", "shown"),
            (r#"{"version": 4, "serial": 3, "lineage": "x", "resources": []}"#, "state"),
            (r#"{"Changes": [], "ChangeSetName": "a", "ChangeSetId": "arn", "StackName": "b"}"#, "change set"),
            (r#"{"Changes": [], "StackName": "b"}"#, "change set"),
            (r#"{"version": "36.0.0", "artifacts": {}}"#, "cdk manifest"),
            (r#"{"version": "36.0.0", "artifacts": []}"#, "shown"),
            ("PK\x03\x04", "binary plan"),
            ("", "other"),
            ("<html>", "other"),
            ("42", "other"),
            ("resource \"aws_lb\" \"a\" {}\nResources:\n", "other"),
            ("Resources:x\n", "other"),
            ("hello\n  Resources:\n", "other"),
            ("hello\n", "other"),
        ] {
            assert_eq!(kind(text.as_bytes()), wanted, "{text}");
        }
        assert_eq!(kind(b"\xc3\x28 Resources:\n\xff\n"), "other");
        assert_eq!(kind(b"Resources:\n  A: \xff\n"), "template");
    }

    #[test]
    fn folders() {
        let made = tempfile::tempdir().unwrap();
        let path = made.path().to_string_lossy().into_owned();
        let is_cdk = || matches!(folder(&path), Folder::CdkOutput);
        let write = |name: &str, text: &str| disk::write_whole(&format!("{path}/{name}"), text.as_bytes()).unwrap();
        assert!(!is_cdk());
        write("manifest.json", r#"{"version": "36.0.0", "artifacts": []}"#);
        assert!(!is_cdk());
        write("manifest.json", r#"{"version": "36.0.0", "artifacts": {"Tree": {"type": "cdk:tree"}}}"#);
        assert!(is_cdk());
        write("main.tf", "");
        assert!(!is_cdk());
    }
}
