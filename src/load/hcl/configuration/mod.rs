//! A directory of Terraform configuration, to a graph of what it makes: no Terraform, no credentials, no plan. What
//! only AWS or Terraform can tell stays unknown.

mod body;
mod constraint;
mod inputs;
mod json;
mod modules;
mod reference;
mod resources;
mod source;
mod tree;

use std::path::Path;

use crate::graph::Graph;
use crate::source::Problem;

pub use inputs::{Given, Inputs};

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
