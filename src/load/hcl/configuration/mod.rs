//! A directory of Terraform configuration, to a graph of what it makes: no Terraform, no credentials, no plan. What
//! only AWS or Terraform can tell stays unknown.

mod body;
mod constraint;
mod expansion;
mod inputs;
mod json;
mod modules;
mod names;
mod repeated;
mod resources;
mod source;
mod tree;

use std::path::Path;

use crate::graph::Graph;
use crate::source::Problem;

pub use inputs::{Given, Inputs, Values};

/// Reads the configuration in a folder.
///
/// # Errors
/// The folder holds no configuration.
pub fn load(folder: &str, inputs: &Inputs, raw_types: &[&str]) -> Result<(Graph, Vec<Problem>), Problem> {
    let whole = tree::Whole::new(Path::new(folder).to_owned(), inputs);
    if whole.is_empty() {
        let message = "holds no Terraform configuration (*.tf, *.tf.json, *.tofu)";
        let help = "name a plan, or a directory with configuration in it";
        return Err(Problem::error(message).in_file(folder).help(help));
    }
    let graph = resources::graph(&whole, raw_types);
    let problems = whole.problems.take();
    Ok((graph, problems))
}

/// Whether a folder has configuration files.
#[must_use]
pub fn is_configuration(folder: &str) -> bool {
    let names = crate::source::disk::names_in(folder).unwrap_or_default();
    names.iter().any(|name| [".tf", ".tofu", ".tf.json", ".tofu.json"].iter().any(|ending| name.ends_with(ending)))
}

/// Reads a configuration that is one text: an example. What it mentions and does not declare is there, and known
/// after apply.
///
/// # Errors
/// It is not HCL, or something in it cannot be worked out.
pub fn load_text(name: &str, text: &str) -> Result<Graph, Problem> {
    let whole = tree::Whole::of_text(name, text)?;
    let types = whole.top().module.resource_types();
    let graph = resources::graph(&whole, &types.iter().map(String::as_str).collect::<Vec<&str>>());
    match whole.problems.take().into_iter().next() {
        Some(problem) => Err(problem),
        None => Ok(graph),
    }
}
