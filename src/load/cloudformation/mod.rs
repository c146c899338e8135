//! CloudFormation templates: what they make of given parameters, as a graph. What only AWS can tell stays unknown.
//!
//! `read` turns text into nodes, `resolve` works out what they mean, `stacks` puts nested stacks together, `resources`
//! makes the graph.

mod given;
mod node;
mod parameters_file;
mod read;
mod resolve;
mod resources;
mod stacks;

use std::path::Path;
use std::rc::Rc;

pub use given::{GivenParameter, TemplateInputs};

use super::{Form, Loaded};
use crate::source::{Level, Problem};
use stacks::{Deployment, Source, Top, graphs};

/// Reads a template; `path` is where it lies, `name` what messages call it.
///
/// # Errors
/// Nothing of it can be used.
pub(super) fn load(
    path: &Path,
    name: &str,
    text: &str,
    inputs: &TemplateInputs,
    raw_types: &[&str],
) -> Result<(Loaded, Vec<Problem>), Problem> {
    let (source, mut problems) = Source::new(path, name, text);
    let Some(source) = source else { return Err(worst(problems, name)) };
    let (mut deployment, more) = Deployment::new(inputs);
    problems.extend(more);
    deployment.folder = path.parent().map(|folder| match folder.as_os_str().is_empty() {
        true => Path::new(".").to_owned(),
        false => folder.to_owned(),
    });
    let top = Top { prefix: String::new(), stack_name: None, source: Rc::new(source) };
    let (graphs, more) = graphs(&[top], &deployment, raw_types);
    problems.extend(more);
    Ok((loaded(graphs), problems))
}

/// Reads an example of a policy: a template, or the part of it below `Resources`. It may refer to what it does not declare.
///
/// # Errors
/// Something in it is wrong.
pub(super) fn example(text: &str) -> Result<Loaded, Problem> {
    let (source, mut problems) = Source::example("example", text);
    let nothing = TemplateInputs::default();
    let (deployment, _) = Deployment::new(&nothing);
    let Some(source) = source else { return Err(worst(problems, "example")) };
    let types: Vec<String> = source.template.types().into_iter().map(str::to_owned).collect();
    let top = Top { prefix: String::new(), stack_name: None, source: Rc::new(source) };
    let (graphs, more) = graphs(&[top], &deployment, &types.iter().map(String::as_str).collect::<Vec<_>>());
    problems.extend(more);
    match problems.into_iter().find(|problem| problem.level > Level::Note) {
        Some(problem) => Err(problem),
        None => Ok(loaded(graphs)),
    }
}

fn loaded(graphs: Vec<crate::graph::Graph>) -> Loaded {
    let mut graphs = graphs.into_iter();
    let first = graphs.next().unwrap_or_default();
    Loaded { others: graphs.collect(), ..Loaded::new(Form::CloudFormation, first) }
}

fn worst(problems: Vec<Problem>, name: &str) -> Problem {
    let error = problems.into_iter().find(|problem| problem.level == Level::Error);
    error.unwrap_or_else(|| Problem::error("is no template that can be read").in_file(name))
}
