//! Values for the root module's variables, in Terraform's order: `TF_VAR_…`, `terraform.tfvars(.json)`,
//! `*.auto.tfvars(.json)` by name, then `--var-file` and `--var` as they come on the command line. Later ones win.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use hcl_edit::expr::Expression;
use hcl_edit::structure::Body;

use super::source::{File, Written};
use crate::source::{Problem, disk};

/// What was said on the command line about a configuration's inputs.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// `--var K=V` and `--var-file F`, in their order.
    pub given: Vec<Given>,
    /// Environment variables `TF_VAR_…`, without the prefix.
    pub environment: Vec<(String, String)>,
    /// `--workspace`.
    pub workspace: Option<String>,
    /// `--source`: where the configuration of a plan lies.
    pub source: Option<String>,
    /// The values a plan was made with; then nothing else counts.
    pub exact: Option<Values>,
}

/// Values of variables as a plan has them: JSON texts by name, secrets among them. Never shown.
#[derive(Clone, Default)]
pub struct Values(pub Vec<(String, String)>);

impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} values", self.0.len())
    }
}

/// One input on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// `--var NAME=VALUE`.
    Var(String, String),
    /// `--var-file FILE`.
    File(String),
}

/// A value as it was given.
pub(super) enum Raw {
    /// Text from the command line or the environment: literal for a string variable, else an expression.
    Text(String),
    /// An expression in a file.
    Written(Written),
    /// JSON, out of a plan.
    Json(String),
}

/// All given values by variable.
pub(super) fn collect(folder: &Path, inputs: &Inputs) -> (BTreeMap<String, Raw>, Vec<Problem>) {
    if let Some(exact) = &inputs.exact {
        let values = exact.0.iter().map(|(name, json)| (name.clone(), Raw::Json(json.clone())));
        return (values.collect(), Vec::new());
    }
    let mut values = BTreeMap::new();
    let mut problems = Vec::new();
    for (name, value) in &inputs.environment {
        values.insert(name.clone(), Raw::Text(value.clone()));
    }
    let names = disk::names_in(&folder.to_string_lossy()).unwrap_or_default();
    let standard = ["terraform.tfvars", "terraform.tfvars.json"].into_iter().map(str::to_owned);
    let found = standard.filter(|name| names.contains(name));
    let auto = names.iter().filter(|name| name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json"));
    for name in found.chain(auto.cloned()) {
        read(&folder.join(&name).to_string_lossy(), &name, &mut values, &mut problems);
    }
    for given in &inputs.given {
        match given {
            Given::Var(name, value) => drop(values.insert(name.clone(), Raw::Text(value.clone()))),
            Given::File(path) => read(path, path, &mut values, &mut problems),
        }
    }
    (values, problems)
}

fn read(path: &str, shown: &str, values: &mut BTreeMap<String, Raw>, problems: &mut Vec<Problem>) {
    let text = match disk::read_text(path) {
        Ok(text) => text,
        Err(problem) => return problems.push(problem.in_file(shown)),
    };
    let body = if path.ends_with(".json") {
        super::json::assignments(&text)
    } else {
        text.parse::<Body>().map_err(|error| {
            let at = error.location();
            let message = format!("is not valid HCL: {}", error.message());
            Problem::error(message).at(at.line() as u32, at.column() as u32)
        })
    };
    match body {
        Err(problem) => problems.push(problem.in_file(shown)),
        Ok(body) => {
            let file = Arc::new(File::new(shown, text));
            for attribute in body.attributes() {
                let expression: Expression = attribute.value.clone();
                let written = Written { expression, file: Arc::clone(&file) };
                values.insert(attribute.key.as_str().to_owned(), Raw::Written(written));
            }
        }
    }
}
