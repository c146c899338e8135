//! Tells by its content what an input is, and says it plainly when it is something else.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::source::Problem;

/// What a file holds.
pub(super) enum Content {
    /// JSON of some kind.
    Json,
    /// A plan as `terraform plan -out` writes it.
    BinaryPlan,
    /// Nothing plangate reads.
    Other(Problem),
}

const HOW: &str = "terraform plan -out=plan.bin && terraform show -json plan.bin > plan.json";

/// Looks at the first bytes.
pub(super) fn content(bytes: &[u8]) -> Content {
    if bytes.starts_with(b"PK\x03\x04") {
        return Content::BinaryPlan;
    }
    let utf16 = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    let head = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    match head.first() {
        _ if utf16 => Content::Json,
        None => Content::Other(Problem::error("is empty").help(HOW)),
        Some(b'{' | b'[') => Content::Json,
        Some(b'<') => Content::Other(
            Problem::error("is HTML or XML, not a plan: a download page or a login page perhaps").help(HOW),
        ),
        Some(_) if serde_json::from_slice::<IgnoredAny>(head).is_ok() => {
            Content::Other(Problem::error("is JSON, but no `terraform show -json` output").at(1, 1).help(HOW))
        }
        Some(_) => Content::Other(not_json(head)),
    }
}

fn not_json(head: &[u8]) -> Problem {
    let start = String::from_utf8_lossy(&head[..head.len().min(4096)]);
    let human = ["Terraform will perform", "OpenTofu will perform", "used the selected providers", "No changes. Your"];
    if human.iter().any(|words| start.contains(words)) {
        return Problem::error("is what `terraform plan` prints for people").help(HOW);
    }
    if start.lines().any(|line| line.starts_with("AWSTemplateFormatVersion") || line.starts_with("Resources:")) {
        return Problem::error("is a CloudFormation template; plangate reads Terraform plans so far").help(HOW);
    }
    if start.lines().any(|line| line.starts_with("resource \"") || line.starts_with("terraform {")) {
        return Problem::error("is Terraform configuration; plangate reads its plan so far").help(HOW);
    }
    Problem::error("is no plan: neither JSON nor a binary plan").at(1, 1).help(HOW)
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
    std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| {
        let (line, column) = crate::source::line_column(bytes, error.valid_up_to());
        Problem::error("is not UTF-8 text").at(line, column)
    })
}

#[derive(Deserialize)]
struct Marks {
    format_version: Option<IgnoredAny>,
    resource_changes: Option<IgnoredAny>,
    planned_values: Option<IgnoredAny>,
    #[serde(rename = "AWSTemplateFormatVersion")]
    template_version: Option<IgnoredAny>,
    #[serde(rename = "Resources")]
    resources: Option<IgnoredAny>,
    #[serde(rename = "@level")]
    level: Option<IgnoredAny>,
    lineage: Option<IgnoredAny>,
    serial: Option<IgnoredAny>,
    #[serde(rename = "ChangeSetId")]
    change_set: Option<IgnoredAny>,
}

/// Says what other JSON this is. Only looked at when it does not begin like a plan, so that plans are read once.
pub(super) fn terraform(text: &str) -> Result<(), Problem> {
    let head = text.trim_start();
    let early = &head.as_bytes()[..head.len().min(200)];
    if String::from_utf8_lossy(early).contains("\"format_version\"") {
        return Ok(());
    }
    if head.starts_with('[') {
        // Only a list that can be read is called one; else what is wrong with it is said, and where.
        return Err(match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => Problem::error("is a JSON list, no `terraform show -json` output").at(1, 1).help(HOW),
            Err(error) => super::json_problem(text, &error),
        });
    }
    let mut first = serde_json::Deserializer::from_str(head).into_iter::<Marks>();
    let Some(Ok(marks)) = first.next() else { return Ok(()) };
    let problem = if marks.level.is_some() {
        Problem::error("is the log of `terraform plan -json`, which leaves out the values").help(HOW)
    } else if marks.template_version.is_some() || marks.resources.is_some() {
        Problem::error("is a CloudFormation template; plangate reads Terraform plans so far").help(HOW)
    } else if marks.change_set.is_some() {
        Problem::error("is a CloudFormation change set; plangate reads Terraform plans so far").help(HOW)
    } else if marks.lineage.is_some() || marks.serial.is_some() {
        Problem::error("is a state file").help("terraform show -json terraform.tfstate > state.json")
    } else if marks.format_version.is_none() && marks.resource_changes.is_none() && marks.planned_values.is_none() {
        Problem::error("is JSON, but no `terraform show -json` output").help(HOW)
    } else {
        return Ok(());
    };
    Err(problem)
}
