//! The forms of SARIF 2.1.0 that we write: names and nesting, nothing else.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::annotation::Columns;

#[derive(Serialize)]
pub(super) struct LogWire<'a> {
    #[serde(rename = "$schema")]
    pub(super) schema: &'static str,
    pub(super) version: &'static str,
    pub(super) runs: [RunWire<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RunWire<'a> {
    pub(super) tool: ToolWire<'a>,
    pub(super) invocations: [InvocationWire; 1],
    pub(super) column_kind: &'static str,
    pub(super) results: Vec<ResultWire<'a>>,
}

#[derive(Serialize)]
pub(super) struct ToolWire<'a> {
    pub(super) driver: DriverWire<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DriverWire<'a> {
    pub(super) name: &'static str,
    pub(super) full_name: &'static str,
    pub(super) version: &'static str,
    pub(super) semantic_version: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) information_uri: &'static str,
    pub(super) rules: Vec<RuleWire<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RuleWire<'a> {
    pub(super) id: &'a str,
    pub(super) name: String,
    pub(super) short_description: MessageWire,
    pub(super) full_description: MessageWire,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) help_uri: Option<&'a str>,
    pub(super) help: HelpWire,
    pub(super) default_configuration: ConfigurationWire,
    pub(super) properties: RulePropertiesWire<'a>,
}

#[derive(Serialize)]
pub(super) struct HelpWire {
    pub(super) text: String,
    pub(super) markdown: String,
}

#[derive(Serialize)]
pub(super) struct ConfigurationWire {
    pub(super) level: &'static str,
}

#[derive(Serialize)]
pub(super) struct RulePropertiesWire<'a> {
    pub(super) tags: BTreeSet<&'a str>,
    pub(super) precision: &'static str,
    #[serde(rename = "problem.severity")]
    pub(super) problem_severity: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InvocationWire {
    pub(super) execution_successful: bool,
    #[serde(rename = "toolExecutionNotifications")]
    pub(super) notifications: Vec<NotificationWire>,
}

#[derive(Serialize)]
pub(super) struct NotificationWire {
    pub(super) level: &'static str,
    pub(super) message: MessageWire,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) locations: Vec<LocationWire>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResultWire<'a> {
    pub(super) rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule_index: Option<usize>,
    pub(super) kind: &'static str,
    pub(super) level: &'static str,
    pub(super) message: MessageWire,
    pub(super) locations: [LocationWire; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) related_locations: Vec<LocationWire>,
    pub(super) partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) baseline_state: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) fixes: Vec<FixWire>,
    pub(super) properties: PropertiesWire,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FixWire {
    pub(super) description: MessageWire,
    pub(super) artifact_changes: Vec<ChangeWire>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChangeWire {
    pub(super) artifact_location: ArtifactWire,
    pub(super) replacements: Vec<ReplacementWire>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReplacementWire {
    pub(super) deleted_region: RegionWire,
    pub(super) inserted_content: MessageWire,
}

#[derive(Serialize)]
pub(super) struct PropertiesWire {
    pub(super) severity: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LocationWire {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<usize>,
    pub(super) physical_location: PhysicalWire,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) logical_locations: Vec<LogicalWire>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<MessageWire>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogicalWire {
    pub(super) fully_qualified_name: String,
    pub(super) kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PhysicalWire {
    pub(super) artifact_location: ArtifactWire,
    pub(super) region: RegionWire,
}

#[derive(Serialize)]
pub(super) struct ArtifactWire {
    pub(super) uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RegionWire {
    pub(super) start_line: u32,
    pub(super) start_column: usize,
    pub(super) end_line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end_column: Option<usize>,
}

#[derive(Serialize)]
pub(super) struct MessageWire {
    pub(super) text: String,
}

impl RegionWire {
    /// A part of a line, or the first line for a file as a whole: code scanning shows nothing without a region.
    pub(super) fn of(place: Option<(u32, Columns)>) -> RegionWire {
        let (line, columns) = place.unwrap_or((1, Columns { start: 1, end: None }));
        // SARIF has no columns for a part of a line that is empty, as where a block's end is elsewhere.
        let end = columns.end.filter(|end| *end > columns.start);
        RegionWire { start_line: line, start_column: columns.start, end_line: line, end_column: end }
    }
}

/// A file as a relative URI, or as a `file:` URI when its name is absolute.
pub(super) fn uri(file: &str) -> String {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    let encoded = utf8_percent_encode(file, KEPT);
    if file.starts_with('/') { format!("file://{encoded}") } else { encoded.to_string() }
}
