//! `plangate explain`.

use super::args::ExplainArgs;
use super::exit::Exit;
use super::output::{PageFormat, clash, deliver};
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
    let (page, mut problems) = pipeline::policy_page(&args.id, &args.policies.all());
    match page {
        Ok(page) => problems.extend(deliver(&args.outputs.all, terminal, |format, look| match format {
            PageFormat::Text => policy_text(&page, look),
            PageFormat::Json => policy_json(&page),
        })),
        Err(problem) => problems.push(problem.help("`plangate policies` lists them all")),
    }
    terminal.complain(&problems, Level::Note);
    Exit::of_problems(&problems)
}
