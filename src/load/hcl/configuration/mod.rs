//! A directory of Terraform configuration, to a graph of what it makes: no Terraform, no credentials, no plan. What
//! only AWS or Terraform can tell stays unknown.

mod body;
mod constraint;
mod counting;
mod expansion;
mod inputs;
mod json;
mod modules;
mod names;
mod order;
mod places;
mod repeated;
mod resources;
mod source;
mod syntax;
mod trace;
mod tree;
mod variables;

use std::path::Path;

use hcl_edit::structure::Body;

use crate::graph::Graph;
use crate::load::{Setting, folder_of};
use crate::source::{Level, Problem, disk};

pub use inputs::{Given, Inputs, Values};

/// How much stack reading may take. Parser and evaluator bound how deep they go; this is what they need at their
/// deepest in an unoptimised build, and more than a thread gets by itself.
const STACK: usize = 256 << 20;

/// Reads the configuration in a folder.
///
/// # Errors
/// The folder holds no configuration.
pub fn load(folder: &str, inputs: &Inputs, raw_types: &[&str]) -> Result<(Graph, Vec<Problem>), Problem> {
    with_stack(folder, || read(folder, inputs, raw_types))?
}

/// Does some work with as much stack as reading may take.
fn with_stack<T: Send>(folder: &str, work: impl FnOnce() -> T + Send) -> Result<T, Problem> {
    let overlay = disk::Overlay::current();
    std::thread::scope(|scope| {
        let reading = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, move || overlay.during(work));
        let cannot = || Problem::error("cannot be read: no thread can be started for it").in_file(folder);
        Ok(reading.map_err(|_| cannot())?.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

fn read(folder: &str, inputs: &Inputs, raw_types: &[&str]) -> Result<(Graph, Vec<Problem>), Problem> {
    let whole = tree::Whole::new(Path::new(folder).to_owned(), inputs);
    if whole.is_empty() {
        let told = whole.problems.take().into_iter().find(|problem| problem.level == Level::Error);
        return Err(told.unwrap_or_else(|| nothing_in(folder)));
    }
    let graph = resources::graph(&whole, raw_types);
    whole.tell_uninstalled();
    let problems = whole.problems.take();
    Ok((graph, problems))
}

/// A folder without configuration; what else is in it may be what was meant.
fn nothing_in(folder: &str) -> Problem {
    let problem = Problem::error("holds no Terraform configuration (*.tf, *.tf.json, *.tofu)").in_file(folder);
    let entries = disk::entries_in(folder).unwrap_or_default();
    let is = |wanted: disk::Entry, name: &str| entries.iter().any(|(own, kind)| *kind == wanted && own == name);
    let plans = entries.iter().filter(|(name, kind)| {
        let looks_so = [".json", ".json.gz", ".tfplan"].iter().any(|ending| name.ends_with(ending));
        *kind == disk::Entry::File && looks_so && !name.ends_with(".tfvars.json")
    });
    match plans.map(|(name, _)| name).next() {
        Some(plan) => {
            let path = Path::new(folder).join(plan);
            let shown = path.strip_prefix(".").unwrap_or(&path).to_string_lossy().into_owned();
            problem.help(format!("if {plan} is a plan: plangate check {shown}"))
        }
        None if is(disk::Entry::Folder, "terraform") => {
            problem.help("name the directory with configuration: terraform/")
        }
        None => problem.help("name a plan, or a directory with configuration in it"),
    }
}

/// Where attributes of the resources of a folder are decided; each is an address and a dotted path in Terraform's words.
///
/// # Errors
/// As [`load`].
pub fn settings(folder: &str, inputs: &Inputs, wanted: &[(String, String)]) -> Result<Vec<Setting>, Problem> {
    with_stack(folder, || trace::settings(&tree::Whole::new(Path::new(folder).to_owned(), inputs), wanted))
}

/// The same in a configuration that is one text.
///
/// # Errors
/// It is not HCL.
pub fn settings_in_text(name: &str, text: &str, wanted: &[(String, String)]) -> Result<Vec<Setting>, Problem> {
    Ok(trace::settings(&tree::Whole::of_text(name, text)?, wanted))
}

/// The parts of a text in the native syntax, with their places.
///
/// # Errors
/// It is not HCL.
pub(crate) fn parts(text: &str) -> Result<Body, Problem> {
    syntax::native(text)
}

/// Whether a folder has configuration files.
#[must_use]
pub fn is_configuration(folder: &str) -> bool {
    let names = disk::names_in(folder).unwrap_or_default();
    names.iter().any(|name| source::is_configuration(name))
}

/// The folder of a configuration file: the module it is a part of, which is one whole.
#[must_use]
pub fn module_of(file: &str) -> Option<String> {
    let name = Path::new(file).file_name()?.to_str()?;
    (source::is_configuration(name) && disk::is_file(file)).then(|| folder_of(file))
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
