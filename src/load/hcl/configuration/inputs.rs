//! Values for the root module's variables, in Terraform's order: `TF_VAR_…`, `terraform.tfvars(.json)`,
//! `*.auto.tfvars(.json)` by name, then `--var-file` and `--var` as they come on the command line. Later ones win.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, FuncCall};
use hcl_edit::visit::{Visit, visit_func_call};

use super::modules::data_folder;
use super::places::span_of;
use super::source::{self, Module, Written, placed};
use super::tree::tidied;
use crate::load::cloudformation::TemplateInputs;
use crate::load::file::File;
use crate::load::hcl::{
    Fault, Files, Resolved, Scope, Session, Step, Value, evaluate, read_expression, value_from_json,
};
use crate::server::Stated;
use crate::source::{Problem, disk};

/// What was said on the command line about what is put into a configuration or a template.
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
    /// `--backend`: where the configuration and code of the backends lie.
    pub backend: Option<String>,
    /// What is stated of backends that cannot be seen; of no concern to a configuration.
    pub stated: Vec<Stated>,
    /// What a template gets; of no concern to a configuration.
    pub template: TemplateInputs,
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
    /// `TF_VAR_…`.
    Environment(String),
    /// `--var`.
    Flag(String),
    /// An expression in a file.
    Written(Written),
    /// JSON, out of a plan.
    Json(String),
}

impl Raw {
    /// A problem with this value of a variable, with its place.
    pub(super) fn problem(&self, name: &str, problem: Problem, span: Option<std::ops::Range<usize>>) -> Problem {
        match self {
            Raw::Environment(_) => problem.in_file(format!("TF_VAR_{name}")),
            Raw::Flag(_) => problem.in_file(format!("--var {name}")),
            Raw::Json(_) => problem.in_file(format!("var.{name} of the plan")),
            Raw::Written(written) => {
                let spot = written.file.spot(span.or_else(|| span_of(&written.expression)));
                placed(problem, spot.as_ref(), &written.file)
            }
        }
    }

    /// What it says. Text is the value itself when the variable's type takes it so, else an expression.
    pub(super) fn value(&self, takes_text: bool, session: &Session) -> Result<Value, Fault> {
        match self {
            Raw::Environment(text) | Raw::Flag(text) if takes_text => Ok(Value::text(text.as_str())),
            Raw::Environment(text) | Raw::Flag(text) => {
                let expression = read_expression(text.trim()).map_err(|_| {
                    Fault::new("the variable's type asks for an expression, and this is none; texts need quotes")
                })?;
                constant(&expression, session).map_err(|fault| Fault { span: None, ..fault })
            }
            Raw::Written(written) => constant(&written.expression, session),
            Raw::Json(text) => value_from_json(text),
        }
    }
}

/// The value of an expression that may refer to nothing and call nothing, as values and defaults of variables are.
pub(super) fn constant(expression: &Expression, session: &Session) -> Result<Value, Fault> {
    let mut calls = Calls(None);
    calls.visit_expr(expression);
    match calls.0 {
        Some(span) => Err(Fault::new("no functions may be called here").at(span)),
        None => evaluate(expression, &Bare(session)),
    }
}

/// The first function call there is.
struct Calls(Option<Option<std::ops::Range<usize>>>);

impl Visit for Calls {
    fn visit_func_call(&mut self, node: &FuncCall) {
        self.0.get_or_insert_with(|| node.name.name.span());
        visit_func_call(self, node);
    }
}

/// A scope without names.
struct Bare<'s>(&'s Session);

impl Scope for Bare<'_> {
    fn resolve(&self, root: &str, _steps: &[Step]) -> Result<Resolved, Fault> {
        // What stands there may be a secret somebody forgot to quote.
        let known = ["var", "local", "module", "data", "each", "count", "path", "terraform"].contains(&root);
        let what = if known { format!("`{root}`") } else { "a name".to_owned() };
        Err(Fault::new(format!("{what} stands where only a constant may; texts need quotes")))
    }

    fn files(&self) -> Option<&Files> {
        None
    }

    fn session(&self) -> &Session {
        self.0
    }
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
        values.insert(name.clone(), Raw::Environment(value.clone()));
    }
    // A folder that cannot be listed is told of where its configuration is read.
    let names = disk::names_in(&folder.to_string_lossy()).unwrap_or_default();
    let standard = ["terraform.tfvars", "terraform.tfvars.json"].into_iter().map(str::to_owned);
    let found = standard.filter(|name| names.contains(name));
    let auto = names.iter().filter(|name| name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json"));
    for name in found.chain(auto.cloned()) {
        let path = folder.join(&name);
        read(&path.to_string_lossy(), &tidied(&path), &mut values, &mut problems);
    }
    for given in &inputs.given {
        match given {
            Given::Var(name, value) => drop(values.insert(name.clone(), Raw::Flag(value.clone()))),
            Given::File(path) => read(path, path, &mut values, &mut problems),
        }
    }
    (values, problems)
}

fn read(path: &str, shown: &str, values: &mut BTreeMap<String, Raw>, problems: &mut Vec<Problem>) {
    let text = match source::read(path) {
        Ok(text) => text,
        Err(problem) => return problems.push(problem.in_file(shown)),
    };
    let body = if path.ends_with(".json") { super::json::assignments(&text) } else { super::syntax::native(&text) };
    let body = match body {
        Ok(body) => body,
        Err(problem) => return problems.push(problem.in_file(shown)),
    };
    let file = Arc::new(File::new(shown, text));
    for block in body.blocks() {
        let message = format!("a `{}` block stands in a file of values", block.ident.as_str());
        let help = "values are written NAME = VALUE; blocks go into a .tf file";
        problems.push(placed(Problem::error(message).help(help), file.spot(span_of(block)).as_ref(), &file));
    }
    for attribute in body.attributes() {
        let expression: Expression = attribute.value.clone();
        let written = Written { expression, file: Arc::clone(&file) };
        values.insert(attribute.key.as_str().to_owned(), Raw::Written(written));
    }
}

/// Values for variables that there are not: a mistake on the command line, worth a warning in a file, and usual in
/// the environment, which configurations share.
pub(super) fn undeclared(values: &BTreeMap<String, Raw>, module: &Module) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut files: BTreeMap<&str, (Problem, Vec<&str>)> = BTreeMap::new();
    if module.broken {
        return problems;
    }
    for (name, raw) in values.iter().filter(|(name, _)| !module.variables.contains_key(*name)) {
        match raw {
            Raw::Environment(_) | Raw::Json(_) => {}
            Raw::Flag(_) => {
                let message = format!("the configuration declares no variable `{name}`");
                problems.push(raw.problem(name, Problem::error(message), None));
            }
            Raw::Written(written) => {
                let first = || (raw.problem(name, Problem::warning(""), None), Vec::new());
                files.entry(&written.file.name).or_insert_with(first).1.push(name);
            }
        }
    }
    for (problem, names) in files.into_values() {
        let shown = names.iter().take(5).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let more = if names.len() > 5 { format!(" and {} more", names.len() - 5) } else { String::new() };
        let message = format!("sets what the configuration declares no variable for: {shown}{more}");
        problems.push(Problem { message, ..problem });
    }
    problems
}

/// The workspace where none is chosen.
pub(super) const DEFAULT_WORKSPACE: &str = "default";

/// The workspace: as it was said, else the one selected in the folder.
pub(super) fn workspace(folder: &Path, inputs: &Inputs) -> String {
    let selected = || {
        let path = data_folder(folder).join("environment");
        let text = if path.is_file() { disk::read_text(&path.to_string_lossy()).ok() } else { None };
        text.map(|text| text.trim().to_owned()).filter(|name| !name.is_empty())
    };
    let said = inputs.workspace.clone().filter(|name| !name.is_empty());
    said.or_else(selected).unwrap_or_else(|| DEFAULT_WORKSPACE.to_owned())
}
