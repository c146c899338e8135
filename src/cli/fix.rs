//! `plangate fix`.

use std::path::Path;

use super::args::{FixArgs, Undecided};
use super::exit::{Counting, Exit};
use super::pipeline::{self, Fixed};
use super::terminal::Terminal;
use crate::judge::Finding;
use crate::report::{FixPage, LeftFinding, PatchedFile, fix_text};
use crate::source::disk::{self, Rewrite};
use crate::source::{Level, Problem};

/// Shows the changes that cure findings, or writes them.
pub(crate) fn run(args: &FixArgs, terminal: &Terminal) -> Exit {
    let fixed = args.inputs.paths().map_err(|problem| vec![problem]);
    let fixed = fixed.and_then(|inputs| pipeline::fix(&inputs, &args.inputs.configuration(), &args.choice.choice()));
    let Fixed { mut assessment, patches, outcomes } = match fixed {
        Ok(fixed) => fixed,
        Err(problems) => {
            terminal.complain(&problems, Level::Note);
            return Exit::NotJudged;
        }
    };
    let rewrites: Vec<Rewrite<'_>> =
        patches.iter().map(|patch| Rewrite { path: &patch.file, before: &patch.before, after: &patch.after }).collect();
    let unwritten = if args.write { disk::rewrite(&rewrites).err() } else { None };
    let written = args.write && unwritten.is_none();
    let mut page = FixPage {
        patches: patches.iter().map(patched).collect(),
        findings: outcomes.len(),
        written,
        ..FixPage::default()
    };
    for outcome in &outcomes {
        match &outcome.result {
            Ok(edits) => {
                page.cured += 1;
                page.edits += edits;
            }
            Err(why) => page.left.extend(assessment.findings.get(outcome.finding).map(|finding| left(finding, why))),
        }
    }
    if written {
        let cured: Vec<usize> =
            outcomes.iter().filter(|outcome| outcome.result.is_ok()).map(|outcome| outcome.finding).collect();
        let mut at = 0..;
        assessment.findings.retain(|_| at.next().is_some_and(|at| !cured.contains(&at)));
    }
    // It ends as `check` would on the files as they are now.
    let counting = Counting { fail_on: args.fail_on, undecided: Undecided::Report, new_only: false };
    let (exit, outcome) = Exit::of_check(&assessment, counting);
    page.outcome = outcome;
    let unprinted = terminal.print(&fix_text(&page, terminal.look())).err();
    terminal.complain(&assessment.problems, Level::Note);
    let problems: Vec<Problem> = unwritten.into_iter().chain(unprinted).collect();
    terminal.complain(&problems, Level::Note);
    exit.max(Exit::of_problems(&problems))
}

/// A file as a diff names it: from the current directory, or from the root where it lies elsewhere.
fn patched(patch: &crate::fix::Patch) -> PatchedFile {
    let path = Path::new(&patch.file);
    let above = patch.file.starts_with("..");
    let absolute = if above { path.canonicalize().unwrap_or_else(|_| path.to_owned()) } else { path.to_owned() };
    let here = std::env::current_dir().ok();
    let below = here.and_then(|here| absolute.strip_prefix(here).ok().map(Path::to_owned)).unwrap_or(absolute);
    let shown = below.to_string_lossy().trim_start_matches("./").trim_start_matches('/').to_owned();
    PatchedFile { path: shown, before: patch.before.clone(), after: patch.after.clone(), hidden: patch.hidden.clone() }
}

fn left(finding: &Finding, why: &str) -> LeftFinding {
    LeftFinding {
        policy: finding.policy.to_string(),
        severity: finding.severity,
        subject: finding.subject.to_string(),
        place: finding.spot.as_ref().map(|spot| format!("{}:{}", spot.file, spot.line)),
        fix: finding.fix.to_string(),
        why: why.to_owned(),
    }
}
