//! `plangate explain`.

use super::args::ExplainArgs;
use super::choose::unknown_policy;
use super::exit::Exit;
use super::output::{Format, clash, deliver};
use super::pipeline;
use super::terminal::Terminal;
use crate::report::{policy_json, policy_text};
use crate::source::Level;

/// Shows one policy's page.
pub(crate) fn run(args: &ExplainArgs, terminal: &Terminal) -> Exit {
    if let Some(problem) = clash(&args.outputs.all) {
        terminal.complain(&[problem], Level::Note);
        return Exit::NotJudged;
    }
    let (pages, mut problems) = pipeline::policy_pages(&args.policies.files);
    match pages.iter().find(|page| page.id == args.id) {
        Some(page) => problems.extend(deliver(&args.outputs.all, terminal, |format, width| match format {
            Format::Text => policy_text(page, width),
            Format::Json => policy_json(page),
        })),
        None => problems.push(unknown_policy(&args.id, pages.iter().map(|page| page.id.as_str()))),
    }
    terminal.complain(&problems, Level::Note);
    Exit::of_problems(&problems)
}
