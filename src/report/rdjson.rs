//! Reviewdog's `rdjson`: findings and problems as diagnostics. Its columns count bytes of UTF-8, its paths stay as they
//! are: reviewdog itself works out where in the repository it is run.

use std::collections::BTreeMap;

use serde::Serialize;

use super::annotation::{
    Columns, Mark, by_id, byte_column, evidence_lines, headline, loudness, paragraphs, problem_line,
};
use super::ink::clean;
use super::json::pretty;
use super::policy_page::PolicyPage;
use crate::graph::Spot;
use crate::judge::{Assessment, Finding};
use crate::source::{Level, Position, Problem};

/// The report: one `DiagnosticResult`.
#[must_use]
pub fn check_rdjson(assessment: &Assessment, policies: &[PolicyPage]) -> String {
    let pages = by_id(policies);
    let problems = assessment.problems.iter().filter_map(DiagnosticWire::of_problem);
    let findings = assessment.findings.iter().map(|finding| DiagnosticWire::of_finding(finding, assessment, &pages));
    pretty(&ResultWire {
        source: SourceWire { name: "plangate", url: env!("CARGO_PKG_REPOSITORY") },
        diagnostics: problems.chain(findings).collect(),
    })
}

#[derive(Serialize)]
struct ResultWire<'a> {
    source: SourceWire,
    diagnostics: Vec<DiagnosticWire<'a>>,
}

#[derive(Serialize)]
struct SourceWire {
    name: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    url: &'static str,
}

#[derive(Serialize)]
struct DiagnosticWire<'a> {
    message: String,
    location: LocationWire,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<CodeWire<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<SuggestionWire<'a>>,
    #[serde(skip_serializing_if = "String::is_empty")]
    original_output: String,
}

#[derive(Serialize)]
struct SuggestionWire<'a> {
    range: RangeWire,
    text: &'a str,
}

#[derive(Serialize)]
struct LocationWire {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<RangeWire>,
}

#[derive(Serialize)]
struct RangeWire {
    start: PositionWire,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<PositionWire>,
}

#[derive(Serialize)]
struct PositionWire {
    line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
}

#[derive(Serialize)]
struct CodeWire<'a> {
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

impl<'a> DiagnosticWire<'a> {
    fn of_finding(
        finding: &'a Finding,
        assessment: &Assessment,
        pages: &BTreeMap<&str, &'a PolicyPage>,
    ) -> DiagnosticWire<'a> {
        let mark = Mark::of(finding, assessment);
        let said: Vec<String> = [headline(finding)].into_iter().chain(paragraphs(finding)).collect();
        let page = pages.get(finding.policy.as_str());
        DiagnosticWire {
            message: said.join("\n"),
            location: LocationWire { path: mark.file.to_owned(), range: mark.spot.map(RangeWire::of) },
            severity: severity(loudness(finding)),
            code: Some(CodeWire { value: &finding.policy, url: page.and_then(|page| page.address()) }),
            suggestions: suggestions(finding, mark.file).unwrap_or_default(),
            original_output: evidence_lines(finding).join("\n"),
        }
    }

    /// A problem with a file; one without has no place among diagnostics, and stands on standard error.
    fn of_problem(problem: &'a Problem) -> Option<DiagnosticWire<'a>> {
        let file = problem.file.as_ref().filter(|file| !file.starts_with("--"))?;
        // Its column counts characters, and the line is not at hand.
        let start = problem.position.map(|position| PositionWire { line: position.line, column: None });
        Some(DiagnosticWire {
            message: problem_line(problem),
            location: LocationWire { path: file.clone(), range: start.map(|start| RangeWire { start, end: None }) },
            severity: severity(problem.level),
            code: None,
            suggestions: Vec::new(),
            original_output: clean(&problem.to_string()).into_owned(),
        })
    }
}

impl RangeWire {
    fn of(spot: &Spot) -> RangeWire {
        let columns = Columns::bytes(spot);
        let at = |column| PositionWire { line: spot.line, column };
        let end = columns.and_then(|columns| columns.end).map(|end| at(Some(end)));
        RangeWire { start: at(columns.map(|columns| columns.start)), end }
    }
}

/// The edits that cure it. A suggestion names no file, so all have to be in the one that is marked; and a part of them
/// cures nothing.
fn suggestions<'a>(finding: &'a Finding, file: &str) -> Option<Vec<SuggestionWire<'a>>> {
    let at = |place: Position| {
        let column = Some(byte_column(finding, file, place)?);
        Some(PositionWire { line: place.line, column })
    };
    let edits = finding.edits.iter().map(|edit| {
        let range = RangeWire { start: at(edit.from)?, end: Some(at(edit.to)?) };
        (edit.file == file).then_some(SuggestionWire { range, text: &edit.replacement })
    });
    edits.collect()
}

fn severity(level: Level) -> &'static str {
    match level {
        Level::Error => "ERROR",
        Level::Warning => "WARNING",
        Level::Note => "INFO",
    }
}
