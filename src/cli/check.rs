//! `plangate check`.

use std::cell::LazyCell;

use super::args::{CheckArgs, Undecided};
use super::exit::{Counting, Exit};
use super::output::{CheckFormat, clash, deliver};
use super::pipeline::{self, Judged};
use super::terminal::Terminal;
use super::watch;
use crate::config::baseline;
use crate::judge::{Assessment, Verdict};
use crate::report::{
    Detail, MarkdownOptions, TextOptions, check_github, check_gitlab, check_html, check_json, check_junit,
    check_markdown, check_rdjson, check_sarif, check_text,
};
use crate::source::{Level, Problem, Repository, disk};

/// Judges, reports, and says how it went; with `--watch` again and again.
pub(crate) fn run(args: &CheckArgs, terminal: &Terminal) -> Exit {
    if args.watch {
        return watch::run(terminal, |args, terminal| once(args, terminal).0);
    }
    let (exit, judged) = once(args, terminal);
    judged.leave();
    exit
}

fn once(args: &CheckArgs, terminal: &Terminal) -> (Exit, Judged) {
    let least = if args.quiet { Level::Error } else { Level::Note };
    if let Some(problem) = clash(&args.outputs.all) {
        terminal.complain(std::slice::from_ref(&problem), least);
        return (Exit::NotJudged, Judged::nothing(vec![problem]));
    }
    let mut judged = terminal.at_work("judging", || assess(args)).unwrap_or_else(Judged::nothing);
    let exit = report(args, terminal, least, &mut judged);
    (exit, judged)
}

fn report(args: &CheckArgs, terminal: &Terminal, least: Level, judged: &mut Judged) -> Exit {
    let Judged { assessment, policies, .. } = judged;
    if args.undecided == Undecided::Hide {
        assessment.findings.retain(|finding| finding.verdict != Verdict::Undecided);
    }
    let (exit, outcome) = match &args.write_baseline {
        None => Exit::of_check(assessment, args.counting()),
        Some(file) => write_baseline(file, assessment, args),
    };
    let options = |look| TextOptions {
        look,
        detail: match (args.quiet, args.verbose) {
            (true, _) => Detail::Fails,
            (false, false) => Detail::Usual,
            (false, true) => Detail::All,
        },
        undecided_counts: args.undecided == Undecided::Fail,
        outcome: outcome.clone(),
    };
    let comment =
        || MarkdownOptions { passed: exit == Exit::Clean, outcome: outcome.clone(), limit: MarkdownOptions::LIMIT };
    // Most reports need neither.
    let pages = LazyCell::new(|| pipeline::pages(policies));
    let repository = LazyCell::new(Repository::around);
    let unwritten = deliver(&args.outputs.all, terminal, |format, look| match format {
        CheckFormat::Text => check_text(assessment, &options(look)),
        CheckFormat::Json => check_json(assessment),
        CheckFormat::Sarif => check_sarif(assessment, &pages, &repository),
        CheckFormat::Junit => check_junit(assessment, &pages, |finding| args.counting().counts(finding)),
        CheckFormat::Github => check_github(assessment, &repository),
        CheckFormat::Gitlab => check_gitlab(assessment, &repository),
        CheckFormat::Rdjson => check_rdjson(assessment, &pages),
        CheckFormat::Markdown => check_markdown(assessment, &pages, &comment()),
        CheckFormat::Html => check_html(assessment, &pages, exit == Exit::Clean, outcome.as_deref()),
    });
    // After the report, so that what went wrong is the last thing seen.
    terminal.complain(&assessment.problems, least);
    terminal.complain(&unwritten, least);
    exit.max(Exit::of_problems(&unwritten))
}

impl CheckArgs {
    /// Whether a report is asked for that shows edits: they cost judging again.
    fn shows_edits(&self) -> bool {
        use CheckFormat::{Html, Json, Markdown, Rdjson, Sarif};
        let shows = |format| matches!(format, Json | Sarif | Rdjson | Markdown | Html);
        self.outputs.all.iter().any(|output| shows(output.format))
    }

    fn counting(&self) -> Counting {
        Counting { fail_on: self.fail_on, undecided: self.undecided, new_only: self.new_only }
    }
}

fn assess(args: &CheckArgs) -> Result<Judged, Vec<Problem>> {
    let inputs = args.inputs.paths().map_err(|problem| vec![problem])?;
    let mut choice = args.choice.choice();
    if args.write_baseline.is_some() {
        // The configuration may name a baseline that is now written for the first time.
        choice.baseline = choice.baseline.filter(|file| disk::is_file(file));
    }
    pipeline::assess(&inputs, &args.inputs.configuration(), &choice, args.shows_edits())
}

/// Writes what fails now to a baseline. What is on it decides nothing any more; half of it is not written.
fn write_baseline(file: &str, assessment: &mut Assessment, args: &CheckArgs) -> (Exit, Option<String>) {
    let (exit, outcome) = Exit::of_check(assessment, args.counting());
    if exit == Exit::NotJudged {
        let why = "not written: not everything could be judged, so it would not be whole";
        assessment.problems.push(Problem::error(why).in_file(file));
        return Exit::of_check(assessment, args.counting());
    }
    let (text, findings) = baseline(assessment, args.undecided == Undecided::Fail);
    if let Err(problem) = disk::write_whole(file, text.as_bytes()) {
        assessment.problems.push(problem);
        return Exit::of_check(assessment, args.counting());
    }
    let many = if findings == 1 { "finding stands" } else { "findings stand" };
    (Exit::Clean, outcome.map(|_| format!("exit 0: {findings} {many} in {file} now")))
}
