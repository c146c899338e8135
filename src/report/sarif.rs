//! SARIF 2.1.0, as GitHub's code scanning reads it and inside its limits.
//!
//! Code scanning shows every result as an open alert, whatever its `kind`, `baselineState` and `suppressions`. What a
//! change fixes and what is exempt are therefore no results but notifications: an alert that is not among the results is
//! closed by itself. It tells alerts apart by `primaryLocationLineHash` alone, which would be the same for two findings on one line, or in a plan without
//! lines; so that is the finding's own fingerprint.

use std::collections::BTreeMap;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::annotation::{
    Columns, Fingerprints, Mark, evidence_line, headline, line, loudness, paragraphs, problem_line,
};
use super::json::pretty;
use super::policy_page::PolicyPage;
use super::sarif_wire::{
    ArtifactWire, ChangeWire, DriverWire, FixWire, InvocationWire, LocationWire, LogWire, LogicalWire, MessageWire,
    NotificationWire, PhysicalWire, PropertiesWire, RegionWire, ReplacementWire, ResultWire, RunWire, ToolWire, uri,
};
use super::sheet::count;
use crate::judge::{Assessment, Change, Finding, Verdict};
use crate::source::{Level, Problem, Repository};

/// What code scanning takes in one run.
const RESULTS: usize = 25_000;
/// Of related locations it shows so many.
const LOCATIONS: usize = 100;
/// Bytes of a report, compressed.
const BYTES: usize = 10_000_000;

/// The report: one log with one run.
#[must_use]
pub fn check_sarif(assessment: &Assessment, policies: &[PolicyPage], repository: &Repository) -> String {
    let mut most = RESULTS;
    loop {
        let text = pretty(&log(assessment, policies, repository, most));
        if most == 0 || compressed(&text) <= BYTES {
            return text;
        }
        most = most.min(assessment.findings.len()) / 2;
    }
}

/// Bytes of the text when an upload compresses it. A text that fits as it is needs no trying.
fn compressed(text: &str) -> usize {
    if text.len() <= BYTES {
        return text.len();
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to a Vec cannot fail.
    let _ = std::io::Write::write_all(&mut encoder, text.as_bytes());
    encoder.finish().map_or(usize::MAX, |bytes| bytes.len())
}

fn log<'a>(
    assessment: &'a Assessment,
    policies: &'a [PolicyPage],
    repository: &Repository,
    most: usize,
) -> LogWire<'a> {
    let places: BTreeMap<&str, usize> = policies.iter().enumerate().map(|(at, page)| (page.id.as_str(), at)).collect();
    let kept = heaviest(&assessment.findings, most);
    let mut fingerprints = Fingerprints::default();
    let results: Vec<ResultWire<'_>> = kept
        .iter()
        .map(|finding| {
            let index = places.get(finding.policy.as_str()).copied();
            result(finding, index, fingerprints.of(finding), assessment, repository)
        })
        .collect();
    let cut = assessment.findings.len() - kept.len();
    let said = assessment.problems.iter().map(|problem| of_problem(problem, repository));
    let notifications = said
        .chain(left_out(cut))
        .chain(exempt(assessment.exempt.len()))
        .chain(assessment.fixed.iter().map(fixed))
        .collect();
    let failed = assessment.problems.iter().any(|problem| problem.level == Level::Error);
    let version = env!("CARGO_PKG_VERSION");
    LogWire {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [RunWire {
            tool: ToolWire {
                driver: DriverWire {
                    name: "plangate",
                    full_name: concat!("plangate ", env!("CARGO_PKG_VERSION")),
                    version,
                    semantic_version: version,
                    information_uri: env!("CARGO_PKG_REPOSITORY"),
                    rules: policies.iter().map(super::sarif_rule::rule).collect(),
                },
            },
            invocations: [InvocationWire { execution_successful: !failed, notifications }],
            column_kind: "unicodeCodePoints",
            results,
        }],
    }
}

/// At most so many findings, in their order: fails before what is undecided, then by severity.
fn heaviest(findings: &[Finding], most: usize) -> Vec<&Finding> {
    let mut by_weight: Vec<(usize, &Finding)> = findings.iter().enumerate().collect();
    by_weight.sort_by_key(|(_, finding)| (finding.verdict, std::cmp::Reverse(finding.severity)));
    by_weight.truncate(most);
    by_weight.sort_by_key(|(at, _)| *at);
    by_weight.into_iter().map(|(_, finding)| finding).collect()
}

fn result<'a>(
    finding: &'a Finding,
    rule_index: Option<usize>,
    fingerprint: String,
    assessment: &'a Assessment,
    repository: &Repository,
) -> ResultWire<'a> {
    let mark = Mark::of(finding, assessment);
    let related: Vec<_> = finding.evidence.iter().filter(|one| one.spot.is_some()).take(LOCATIONS).collect();
    // Code scanning links only to places that the message names.
    let mut text = vec![plain(&headline(finding))];
    text.extend(paragraphs(finding).iter().map(|paragraph| plain(paragraph)));
    if !related.is_empty() {
        text.push("At:".to_owned());
    }
    text.extend(related.iter().enumerate().map(|(id, one)| format!("- [{}]({id})", link_text(&evidence_line(one)))));
    let at = |file: &str, spot: Option<&crate::graph::Spot>| PhysicalWire {
        artifact_location: ArtifactWire { uri: uri(&repository.name(file)) },
        region: RegionWire::of(spot.map(|spot| (spot.line, Columns::characters(spot)))),
    };
    let undecided = finding.verdict == Verdict::Undecided;
    ResultWire {
        rule_id: &finding.policy,
        rule_index,
        // SARIF: what is no fail has no level.
        kind: if undecided { "open" } else { "fail" },
        level: if undecided { "none" } else { loudness(finding).name() },
        message: MessageWire { text: text.join("\n") },
        locations: [LocationWire {
            id: None,
            physical_location: at(mark.file, mark.spot),
            logical_locations: vec![LogicalWire { fully_qualified_name: line(&finding.subject), kind: "resource" }],
            message: None,
        }],
        related_locations: related
            .iter()
            .enumerate()
            .filter_map(|(id, one)| {
                let spot = one.spot.as_ref()?;
                Some(LocationWire {
                    id: Some(id),
                    physical_location: at(&spot.file, Some(spot)),
                    logical_locations: vec![LogicalWire { fully_qualified_name: line(&one.address), kind: "resource" }],
                    message: Some(MessageWire { text: plain(&evidence_line(one)) }),
                })
            })
            .collect(),
        partial_fingerprints: [("primaryLocationLineHash", fingerprint.clone()), ("plangate/1", fingerprint)].into(),
        baseline_state: finding.change.map(|change| match change {
            Change::Introduced => "new",
            Change::Existing => "unchanged",
            Change::Fixed | Change::Gone => "absent",
        }),
        fixes: fixes(finding, repository),
        properties: PropertiesWire { severity: finding.severity.name() },
    }
}

/// The edits that cure it, as one fix: they only hold together.
fn fixes(finding: &Finding, repository: &Repository) -> Vec<FixWire> {
    let mut files: BTreeMap<&str, Vec<ReplacementWire>> = BTreeMap::new();
    for edit in &finding.edits {
        files.entry(&edit.file).or_default().push(ReplacementWire {
            deleted_region: RegionWire {
                start_line: edit.from.line,
                start_column: edit.from.column as usize,
                end_line: edit.to.line,
                end_column: Some(edit.to.column as usize),
            },
            inserted_content: MessageWire { text: edit.replacement.clone() },
        });
    }
    let changes = files.into_iter().map(|(file, replacements)| ChangeWire {
        artifact_location: ArtifactWire { uri: uri(&repository.name(file)) },
        replacements,
    });
    let artifact_changes: Vec<ChangeWire> = changes.collect();
    if artifact_changes.is_empty() {
        return Vec::new();
    }
    vec![FixWire { description: MessageWire { text: plain(&line(&finding.fix)) }, artifact_changes }]
}

fn of_problem(problem: &Problem, repository: &Repository) -> NotificationWire {
    let file = problem.file.as_ref().filter(|file| !file.starts_with("--"));
    let columns = |column: u32| Columns { start: column as usize, end: None };
    let region = problem.position.map(|position| (position.line, columns(position.column)));
    let location = file.map(|file| LocationWire {
        id: None,
        physical_location: PhysicalWire {
            artifact_location: ArtifactWire { uri: uri(&repository.name(file)) },
            region: RegionWire::of(region),
        },
        logical_locations: Vec::new(),
        message: None,
    });
    NotificationWire {
        level: problem.level.name(),
        message: MessageWire { text: plain(&problem_line(problem)) },
        locations: location.into_iter().collect(),
    }
}

fn left_out(cut: usize) -> Option<NotificationWire> {
    let findings = count(cut, "finding is", "findings are");
    let text = format!("{findings} left out, the lightest ones: code scanning takes no more. `-o json` has all");
    (cut > 0).then(|| NotificationWire { level: "warning", message: MessageWire { text }, locations: Vec::new() })
}

fn exempt(many: usize) -> Option<NotificationWire> {
    let findings = count(many, "finding is", "findings are");
    let text = format!("{findings} exempt and no result here; `-o json` has them with their reasons");
    (many > 0).then(|| NotificationWire { level: "note", message: MessageWire { text }, locations: Vec::new() })
}

fn fixed(finding: &Finding) -> NotificationWire {
    let text = format!("this change fixes {}: {}", finding.policy, plain(&headline(finding)));
    NotificationWire { level: "note", message: MessageWire { text }, locations: Vec::new() }
}

/// Text in which nothing can be taken for a link.
fn plain(text: &str) -> String {
    text.replace("](", "] (")
}

/// Text between the brackets of a link.
fn link_text(text: &str) -> String {
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}
