//! The undecided part of the text report of `check`: grouped by the value the verdicts hang on, so that one unknown
//! is one question and not forty lines.

use super::ink::{DIM, PLAIN, STRONG, UNSURE};
use super::sheet::{Sheet, count};
use super::text::{Detail, grouped, write_evidence};
use crate::judge::{Assessment, Finding, Input, Verdict};

/// Values, and policies a value, that are printed unless everything is asked for.
const VALUES: usize = 10;
const POLICIES: usize = 5;

/// One block a value; nothing at all when nothing is undecided.
pub(super) fn write_undecided(sheet: &mut Sheet, assessment: &Assessment, detail: Detail) {
    let open: Vec<&Finding> = assessment.findings.iter().filter(|f| f.verdict == Verdict::Undecided).collect();
    if open.is_empty() {
        return;
    }
    let groups = grouped(&open, |finding| finding.hangs_on.as_deref());
    sheet.gap();
    let checks = count(open.len(), "check is", "checks are");
    let values = count(groups.len(), "value", "values");
    sheet.prose(0, UNSURE, &format!("{checks} undecided before {}, for want of {values}:", change(assessment)));
    let shown = if detail == Detail::All || groups.len() <= VALUES + 1 { groups.len() } else { VALUES };
    for (value, group) in groups.iter().take(shown) {
        sheet.gap();
        let value = value.unwrap_or("something that is not known");
        sheet.flow(0, 2, |line| _ = line.word(UNSURE, "?").words(STRONG, value));
        if detail == Detail::All {
            group.iter().for_each(|finding| write_whole(sheet, finding));
        } else {
            write_short(sheet, group);
        }
    }
    if shown < groups.len() {
        sheet.gap();
        let rest = count(groups.len() - shown, "more value", "more values");
        sheet.prose(0, DIM, &format!("and {rest} (-v prints all)"));
    }
}

/// What makes unknown values known.
fn change(assessment: &Assessment) -> &'static str {
    let terraform = |input: &Input| input.form.starts_with("terraform");
    if assessment.inputs.is_empty() || assessment.inputs.iter().any(terraform) { "apply" } else { "deployment" }
}

/// A line a policy: its id, the first subject, and how many more.
fn write_short(sheet: &mut Sheet, group: &[&Finding]) {
    let policies = grouped(group, |finding| finding.policy.as_str());
    let shown = if policies.len() <= POLICIES + 1 { policies.len() } else { POLICIES };
    let id = policies.iter().take(shown).map(|(policy, _)| policy.chars().count()).max().unwrap_or(0);
    let severity = group.iter().map(|finding| finding.severity.name().len()).max().unwrap_or(0);
    for (policy, findings) in policies.iter().take(shown) {
        let Some((first, others)) = findings.split_first() else { continue };
        sheet.flow(4, 8, |line| {
            line.word(DIM, &format!("{:severity$}", first.severity.name())).and(PLAIN, " ");
            line.word(PLAIN, &format!("{policy:id$}")).and(PLAIN, " ").word(DIM, &first.subject);
            if !others.is_empty() {
                line.word(DIM, &format!("and {} more", others.len()));
            }
        });
    }
    if shown < policies.len() {
        let hidden = policies[shown..].iter().map(|(_, findings)| findings.len()).sum();
        sheet.prose(4, DIM, &format!("and {} (-v prints all)", count(hidden, "more check", "more checks")));
    }
}

fn write_whole(sheet: &mut Sheet, finding: &Finding) {
    sheet.flow(4, 8, |line| {
        line.word(DIM, finding.severity.name()).and(PLAIN, " ");
        line.word(PLAIN, &finding.policy).and(PLAIN, " ").word(DIM, &finding.subject);
        if let Some(construct) = &finding.construct {
            line.in_brackets(DIM, construct);
        }
    });
    sheet.prose(8, PLAIN, &finding.message);
    write_evidence(sheet, 8, &finding.evidence, Detail::All);
}
