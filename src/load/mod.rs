//! Floor 3: from bytes to a graph. One folder a format; which one it is shows in the content, never in the name.

pub mod hcl;
mod recognise;
pub mod sketch;
mod tfplan;

use std::borrow::Cow;

use crate::graph::Graph;
use crate::source::{Problem, disk};
use recognise::Content;

/// A loaded input.
#[derive(Debug)]
pub struct Loaded {
    /// What it was.
    pub form: Form,
    /// What will be there after the change.
    pub graph: Graph,
}

/// The forms of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `terraform show -json` of a plan.
    TerraformPlan,
    /// `terraform show -json` of a state.
    TerraformState,
}

impl Form {
    /// Its name in JSON output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Form::TerraformPlan => "terraform-plan",
            Form::TerraformState => "terraform-state",
        }
    }
}

/// Loads an input by path; `-` is standard input. Attributes are read for the kinds of the catalog and for
/// `raw_types`, other resource types only by address.
///
/// # Errors
/// A Problem at error level when nothing of it can be judged. Problems beside a result leave the rest usable.
pub fn load(path: &str, raw_types: &[&str]) -> Result<(Loaded, Vec<Problem>), Problem> {
    let name = if path == "-" { "<stdin>" } else { path };
    if path != "-" && disk::is_directory(path) {
        return Err(Problem::error("is a directory; plangate reads Terraform plans so far")
            .in_file(name)
            .help("terraform plan -out=plan.bin && terraform show -json plan.bin | plangate check -"));
    }
    let bytes = disk::read(path)?;
    match recognise::content(&bytes) {
        Content::BinaryPlan if path == "-" => {
            Err(Problem::error("is a binary plan; from standard input plangate reads its JSON form")
                .in_file(name)
                .help("terraform show -json plan.bin | plangate check -"))
        }
        Content::BinaryPlan => {
            let json = shown(path)?;
            load_json(name, &json, raw_types)
        }
        Content::Json => load_json(name, &bytes, raw_types),
        Content::Other(problem) => Err(problem.in_file(name)),
    }
}

/// Loads `terraform show -json` output that is already in memory; `name` is what messages call it.
///
/// # Errors
/// As [`load`].
pub fn load_json(name: &str, bytes: &[u8], raw_types: &[&str]) -> Result<(Loaded, Vec<Problem>), Problem> {
    let text = recognise::text(bytes).map_err(|problem| problem.in_file(name))?;
    recognise::terraform(&text)
        .map_err(|problem| if problem.file.is_none() { problem.in_file(name) } else { problem })?;
    tfplan::load(name, &text, raw_types)
}

/// Asks Terraform, else OpenTofu, what a binary plan says.
fn shown(path: &str) -> Result<Vec<u8>, Problem> {
    let absolute = std::path::absolute(path).map_err(|error| Problem::error(error.to_string()).in_file(path))?;
    let folder = absolute.parent().map_or_else(|| Cow::Borrowed("."), |folder| folder.to_string_lossy());
    let change_directory = format!("-chdir={folder}");
    let plan = absolute.to_string_lossy();
    let mut refused = None;
    for program in ["terraform", "tofu"] {
        match disk::output_of(program, &[&change_directory, "show", "-json", &plan]) {
            Ok(Some(json)) => return Ok(json),
            Ok(None) => {}
            Err(problem) => refused = refused.or(Some(problem)),
        }
    }
    Err(match refused {
        Some(problem) => problem.in_file(path).help(
            "run `terraform init` where the plan was made and put the plan there, or pass on `terraform show -json plan.bin`",
        ),
        None => Problem::error("is a binary plan, and neither terraform nor tofu is installed to read it")
            .in_file(path)
            .help("where Terraform is: terraform show -json plan.bin > plan.json; then: plangate check plan.json"),
    })
}

/// A JSON error in words, with its place.
fn json_problem(name: &str, text: &str, error: &serde_json::Error) -> Problem {
    let problem = match error.classify() {
        serde_json::error::Category::Eof => Problem::error("ends in the middle: the JSON is cut off")
            .help("write the file again, and look whether the disk is full"),
        serde_json::error::Category::Data => {
            let said = error.to_string();
            let said = said.split(" at line ").next().unwrap_or_default().to_owned();
            Problem::error(format!("is no `terraform show -json` output: {said}"))
        }
        _ => {
            let said = error.to_string();
            let said = said.split(" at line ").next().unwrap_or_default().to_owned();
            Problem::error(format!("is no valid JSON: {said}"))
        }
    };
    let line = error.line().max(1);
    let start = text.split_inclusive('\n').take(line - 1).map(str::len).sum::<usize>();
    let (line, column) = crate::source::line_column(text.as_bytes(), start + error.column().saturating_sub(1));
    problem.in_file(name).at(line, column)
}
