//! `plangate paths`.

use super::args::PathsArgs;
use super::exit::Exit;
use super::output::{PathsFormat, clash, deliver};
use super::pipeline::{self, Judged};
use super::terminal::Terminal;
use crate::report::{paths_html, paths_json, paths_mermaid, paths_svg, paths_text};
use crate::source::{Level, Problem};

/// Shows every path.
pub(crate) fn run(args: &PathsArgs, terminal: &Terminal) -> Exit {
    if let Some(problem) = clash(&args.outputs.all) {
        terminal.complain(&[problem], Level::Note);
        return Exit::NotJudged;
    }
    let judged = terminal.at_work("judging", || assess(args)).unwrap_or_else(Judged::nothing);
    let Judged { assessment, policies, .. } = &judged;
    let unwritten = deliver(&args.outputs.all, terminal, |format, look| match format {
        PathsFormat::Text => paths_text(assessment, look),
        PathsFormat::Json => paths_json(assessment),
        PathsFormat::Mermaid => paths_mermaid(assessment),
        PathsFormat::Svg => paths_svg(assessment),
        PathsFormat::Html => paths_html(assessment, &pipeline::pages(policies)),
    });
    terminal.complain(&assessment.problems, Level::Note);
    terminal.complain(&unwritten, Level::Note);
    let exit = Exit::of_problems(&assessment.problems).max(Exit::of_problems(&unwritten));
    judged.leave();
    exit
}

fn assess(args: &PathsArgs) -> Result<Judged, Vec<Problem>> {
    let inputs = args.inputs.paths().map_err(|problem| vec![problem])?;
    pipeline::assess(&inputs, &args.inputs.configuration(), &args.choice.choice(), false)
}
