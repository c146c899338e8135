//! GitLab's code quality report: what a merge request's widget and its diff show. GitLab calls a finding by its
//! fingerprint and drops a second one that has it; what this change fixes it finds out by itself, from the report of the
//! target branch.

use serde::Serialize;

use super::annotation::{Fingerprints, Mark, headline};
use super::json::pretty;
use crate::catalog::Severity;
use crate::judge::{Assessment, Finding, Verdict};
use crate::source::Repository;

/// The report: an array of findings.
#[must_use]
pub fn check_gitlab(assessment: &Assessment, repository: &Repository) -> String {
    let mut fingerprints = Fingerprints::default();
    let issue = |finding| IssueWire::new(finding, assessment, repository, &mut fingerprints);
    pretty(&assessment.findings.iter().map(issue).collect::<Vec<_>>())
}

#[derive(Serialize)]
struct IssueWire<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: LocationWire,
}

#[derive(Serialize)]
struct LocationWire {
    path: String,
    lines: LinesWire,
}

#[derive(Serialize)]
struct LinesWire {
    begin: u32,
}

impl<'a> IssueWire<'a> {
    fn new(
        finding: &'a Finding,
        assessment: &Assessment,
        repository: &Repository,
        fingerprints: &mut Fingerprints<'a>,
    ) -> IssueWire<'a> {
        let mark = Mark::of(finding, assessment);
        IssueWire {
            description: headline(finding),
            check_name: &finding.policy,
            fingerprint: fingerprints.of(finding),
            severity: match (finding.verdict, finding.severity) {
                (Verdict::Undecided, _) | (Verdict::Fail, Severity::Info) => "info",
                (Verdict::Fail, Severity::Low) => "minor",
                (Verdict::Fail, Severity::Medium) => "major",
                (Verdict::Fail, Severity::High) => "critical",
                (Verdict::Fail, Severity::Critical) => "blocker",
            },
            location: LocationWire {
                path: repository.name(mark.file).into_owned(),
                // GitLab wants a line, even of a file as a whole.
                lines: LinesWire { begin: mark.spot.map_or(1, |spot| spot.line) },
            },
        }
    }
}
