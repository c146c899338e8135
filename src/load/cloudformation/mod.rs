//! CloudFormation templates: what they make of given parameters, as a graph. What only AWS can tell stays unknown.
//!
//! `read` turns text into nodes, `resolve` works out what they mean, `stacks` puts stacks together, `resources` makes the
//! graph. `cdk` and `change_set` are ways in that know more than a template says.

mod before;
pub(super) mod cdk;
pub(super) mod change_set;
mod exemptions;
mod given;
pub(crate) mod node;
mod order;
pub(crate) mod parameters_file;
pub(crate) mod read;
mod resolve;
mod resources;
mod sam;
mod stacks;

use std::path::Path;
use std::rc::Rc;

pub use given::{GivenParameter, TemplateInputs, is_account, is_region};
pub(super) use resolve::SECTIONS;

use super::{Form, Loaded};
use crate::source::{Level, Problem};
use stacks::{Around, Case, Deployment, Source, Top, cases};

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
    let (deployment, more) = Deployment::new(inputs);
    problems.extend(more);
    let top = Top { prefix: String::new(), deployment, source: Rc::new(source) };
    let (cases, more) = cases(&[top], &Around { folder: folder_of(path), ..Around::default() }, raw_types);
    problems.extend(more);
    Ok((loaded(cases, Form::CloudFormation, raw_types), problems))
}

/// The folder a file lies in.
fn folder_of(path: &Path) -> Option<&Path> {
    let folder = path.parent()?;
    Some(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })
}

/// Reads an example of a policy: a template, or the part of it below `Resources`. It may refer to what it does not declare.
///
/// # Errors
/// Something in it is wrong.
pub(super) fn example(text: &str) -> Result<Loaded, Problem> {
    let (source, mut problems) = Source::example("example", text);
    let Some(source) = source else { return Err(worst(problems, "example")) };
    let types: Vec<String> = source.template.types().into_iter().map(str::to_owned).collect();
    let top = Top { prefix: String::new(), deployment: Deployment::default(), source: Rc::new(source) };
    let types: Vec<&str> = types.iter().map(String::as_str).collect();
    let (cases, more) = cases(&[top], &Around::default(), &types);
    problems.extend(more);
    match problems.into_iter().find(|problem| problem.level > Level::Note) {
        Some(problem) => Err(problem),
        None => Ok(loaded(cases, Form::CloudFormation, &types)),
    }
}

fn loaded(cases: Vec<Case>, form: Form, raw_types: &[&str]) -> Loaded {
    let mut graphs = cases.into_iter().map(|case| case.graph(raw_types));
    let first = graphs.next().unwrap_or_default();
    Loaded { others: graphs.collect(), ..Loaded::new(form, first) }
}

fn worst(problems: Vec<Problem>, name: &str) -> Problem {
    let error = problems.into_iter().find(|problem| problem.level == Level::Error);
    error.unwrap_or_else(|| Problem::error("is no template that can be read").in_file(name))
}
