//! `plangate paths`.

use super::args::PathsArgs;
use super::check::unjudged;
use super::exit::Exit;
use super::output::{PathsFormat, clash, deliver};
use super::pipeline;
use super::terminal::Terminal;
use crate::judge::Assessment;
use crate::policy::PolicySet;
use crate::report::{paths_html, paths_json, paths_mermaid, paths_svg, paths_text};
use crate::source::{Level, Problem};

/// Shows every path.
pub(crate) fn run(args: &PathsArgs, terminal: &Terminal) -> Exit {
    if let Some(problem) = clash(&args.outputs.all) {
        terminal.complain(&[problem], Level::Note);
        return Exit::NotJudged;
    }
    let (assessment, policies) = terminal.at_work("judging", || assess(args)).unwrap_or_else(unjudged);
    let unwritten = deliver(&args.outputs.all, terminal, |format, width| match format {
        PathsFormat::Text => paths_text(&assessment, width),
        PathsFormat::Json => paths_json(&assessment),
        PathsFormat::Mermaid => paths_mermaid(&assessment),
        PathsFormat::Svg => paths_svg(&assessment),
        PathsFormat::Html => paths_html(&assessment, &pipeline::pages(&policies)),
    });
    terminal.complain(&assessment.problems, Level::Note);
    terminal.complain(&unwritten, Level::Note);
    Exit::of_problems(&assessment.problems).max(Exit::of_problems(&unwritten))
}

fn assess(args: &PathsArgs) -> Result<(Assessment, PolicySet), Vec<Problem>> {
    let inputs = args.inputs.paths().map_err(|problem| vec![problem])?;
    pipeline::assess(&inputs, &args.inputs.configuration(), &args.choice.choice(), false)
}
