//! `plangate policies`: the list, and the examples held against their policies.

use super::args::{ListArgs, PoliciesArgs, PoliciesCommand, TestArgs};
use super::exit::Exit;
use super::output::{PageFormat, clash, deliver};
use super::pipeline;
use super::terminal::Terminal;
use crate::report::{examples_text, policies_json, policies_text};
use crate::source::Level;

/// Lists or tests.
pub(crate) fn run(args: &PoliciesArgs, terminal: &Terminal) -> Exit {
    match &args.command {
        None => list(&args.list, terminal),
        Some(PoliciesCommand::List(args)) => list(args, terminal),
        Some(PoliciesCommand::Test(args)) => test(args, terminal),
    }
}

fn list(args: &ListArgs, terminal: &Terminal) -> Exit {
    if let Some(problem) = clash(&args.outputs.all) {
        terminal.complain(&[problem], Level::Note);
        return Exit::NotJudged;
    }
    let (pages, mut problems) = pipeline::policy_pages(&args.policies.all());
    problems.extend(deliver(&args.outputs.all, terminal, |format, look| match format {
        PageFormat::Text => policies_text(&pages, look),
        PageFormat::Json => policies_json(&pages),
    }));
    terminal.complain(&problems, Level::Note);
    Exit::of_problems(&problems)
}

fn test(args: &TestArgs, terminal: &Terminal) -> Exit {
    let (run, mut problems) = pipeline::run_examples(&args.paths);
    problems.extend(terminal.print(&examples_text(&run, terminal.look())).err());
    terminal.complain(&problems, Level::Note);
    Exit::of_examples(&run).max(Exit::of_problems(&problems))
}
