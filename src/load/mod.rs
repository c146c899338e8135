//! Floor 3: from bytes to a graph. One folder a format; which one it is shows in the content, never in the name.

mod beside;
pub(crate) mod cloudformation;
mod digest;
mod file;
pub mod hcl;
mod ignore;
mod known;
mod recognise;
mod repository;
mod setting;
mod tfplan;
mod waits;
mod with_source;
mod written;

use std::borrow::Cow;
use std::path::Path;

pub use cloudformation::{GivenParameter, TemplateInputs, is_account, is_region};
pub use hcl::configuration::{Given, Inputs};
pub use repository::{Found, look_around};
pub use setting::Setting;

use crate::catalog::Dialect;
use crate::graph::{Action, Graph};
use crate::server::Beside;
use crate::source::{Level, Problem, disk};
use recognise::{Content, Folder};

/// A loaded input.
#[derive(Debug)]
pub struct Loaded {
    /// What it was.
    pub form: Form,
    /// What will be there after the change.
    pub graph: Graph,
    /// The other ways it can turn out, when something that is not given decides what is made.
    pub others: Vec<Graph>,
    /// What is there before the change, when the input tells.
    pub before: Option<Graph>,
    /// The folder of the configuration a plan was made from: the one that is named, else the one it lies in.
    pub source: Option<String>,
    /// Files beside it that may tell how its backends behave.
    pub beside: Beside,
}

impl Loaded {
    /// An input that can turn out in one way and does not tell what was before.
    fn new(form: Form, graph: Graph) -> Loaded {
        Loaded { form, graph, others: Vec::new(), before: None, source: None, beside: Beside::default() }
    }

    /// Supposes that the change deletes some resources and makes them anew: by address, and whether the new one is made
    /// first. An address that is not there is passed over.
    pub fn replace(&mut self, replaced: &[(String, bool)]) {
        for graph in std::iter::once(&mut self.graph).chain(&mut self.others) {
            for (address, create_first) in replaced {
                graph.act(address, Action::Replace { create_first: *create_first });
            }
        }
    }

    /// Every way it can turn out.
    pub fn graphs(&self) -> impl Iterator<Item = &Graph> {
        std::iter::once(&self.graph).chain(&self.others)
    }
}

/// The forms of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `terraform show -json` of a plan.
    TerraformPlan,
    /// `terraform show -json` of a state.
    TerraformState,
    /// A directory of Terraform configuration.
    TerraformConfiguration,
    /// A CloudFormation template.
    CloudFormation,
    /// A folder `cdk synth` wrote.
    CdkOutput,
    /// A change set, with its template.
    ChangeSet,
}

impl Form {
    /// Its name in JSON output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Form::TerraformPlan => "terraform-plan",
            Form::TerraformState => "terraform-state",
            Form::TerraformConfiguration => "terraform-configuration",
            Form::CloudFormation => "cloudformation-template",
            Form::CdkOutput => "cdk-output",
            Form::ChangeSet => "cloudformation-change-set",
        }
    }
}

/// Loads an input by path; `-` is standard input. Attributes are read for the kinds of the catalog and for
/// `raw_types`, other resource types only by address.
///
/// # Errors
/// A Problem at error level when nothing of it can be judged. Problems beside a result leave the rest usable.
pub fn load(path: &str, inputs: &Inputs, raw_types: &[&str]) -> Result<(Loaded, Vec<Problem>), Problem> {
    let (mut loaded, mut problems) = load_input(path, inputs, raw_types)?;
    let folder = inputs.backend.clone().or_else(|| match loaded.form {
        Form::TerraformConfiguration => Some(path.to_owned()),
        Form::TerraformPlan => loaded.source.clone(),
        Form::TerraformState => None,
        Form::CloudFormation | Form::CdkOutput | Form::ChangeSet => (path != "-").then(|| folder_of(path)),
    });
    loaded.beside.stated.clone_from(&inputs.stated);
    if let Some(folder) = folder {
        let (files, bundle, more) = beside::files(&folder);
        loaded.beside = Beside { files, bundle, belongs: inputs.backend.is_some(), ..loaded.beside };
        // Where nobody named the folder, what lies there is only a hint.
        problems.extend(more.into_iter().filter(|_| inputs.backend.is_some()));
    }
    Ok((loaded, problems))
}

/// The folder of configuration or the template whose text decides what an input is.
///
/// # Errors
/// Why there is no text to change.
pub fn text_behind(path: &str, loaded: &Loaded, inputs: &Inputs) -> Result<String, &'static str> {
    match loaded.form {
        _ if path == "-" && loaded.form != Form::TerraformPlan => Err("it came in by standard input"),
        Form::TerraformConfiguration | Form::CloudFormation => Ok(path.to_owned()),
        Form::TerraformPlan => {
            let beside = loaded.source.clone().filter(|_| path != "-" || inputs.source.is_some());
            let fits = loaded.graph.resources().any(|(_, resource)| !resource.spots.is_empty());
            beside.filter(|_| fits).ok_or("a plan has no text: name the configuration it was made from with --source")
        }
        Form::TerraformState => Err("a state has no text to change"),
        Form::CdkOutput => Err("`cdk synth` wrote these templates: change the app they are made from"),
        Form::ChangeSet => Err("the template of a change set is a copy: change the one it was made from"),
    }
}

/// The folder something lies in.
fn folder_of(path: &str) -> String {
    let path = Path::new(path);
    if path.is_dir() {
        return path.to_string_lossy().into_owned();
    }
    let folder = path.parent().map(|folder| folder.to_string_lossy().into_owned()).unwrap_or_default();
    if folder.is_empty() { ".".to_owned() } else { folder }
}

/// The folder of a plan, when configuration lies in it.
fn configuration_beside(path: &str) -> Option<String> {
    Some(folder_of(path)).filter(|folder| hcl::configuration::is_configuration(folder))
}

fn load_input(path: &str, inputs: &Inputs, raw_types: &[&str]) -> Result<(Loaded, Vec<Problem>), Problem> {
    let name = if path == "-" { "<stdin>" } else { path };
    if path != "-" && disk::is_directory(path) {
        return match recognise::folder(path) {
            Folder::CdkOutput => cloudformation::cdk::load(
                &Path::new(path).join(cloudformation::cdk::MANIFEST),
                &inputs.template,
                raw_types,
            ),
            Folder::CdkApp => Err(Problem::error("is a CDK app; plangate reads what `cdk synth` makes of it")
                .in_file(name)
                .help(format!("cdk synth && plangate check {}", Path::new(path).join("cdk.out").display()))),
            Folder::Configuration => {
                let (graph, problems) = hcl::configuration::load(path, inputs, raw_types)?;
                Ok((Loaded::new(Form::TerraformConfiguration, graph), problems))
            }
        };
    }
    let bytes = disk::open(path).map_err(|problem| match Path::new(path).file_name() {
        Some(last) if last == "cdk.out" && !disk::exists(path) => problem.help("`cdk synth` writes it"),
        _ => problem,
    })?;
    match recognise::content(&bytes) {
        Content::BinaryPlan if path == "-" => {
            Err(Problem::error("is a binary plan; from standard input plangate reads its JSON form")
                .in_file(name)
                .help("terraform show -json plan.bin | plangate check -"))
        }
        Content::BinaryPlan => {
            let json = shown(path)?;
            load_with_source(name, &json, inputs, raw_types)
        }
        Content::Shown => load_with_source(name, &bytes, inputs, raw_types),
        Content::State => Err(Problem::error("is a state file")
            .in_file(name)
            .help("terraform show -json terraform.tfstate > state.json")),
        Content::Template => {
            let text = recognise::text(&bytes).map_err(|problem| problem.in_file(name))?;
            cloudformation::load(Path::new(path), name, &text, &inputs.template, raw_types)
        }
        Content::CdkManifest if path == "-" => {
            Err(Problem::error("is the manifest of a CDK output folder, and its stacks lie beside it")
                .in_file(name)
                .help("name the folder: plangate check cdk.out"))
        }
        Content::CdkManifest => cloudformation::cdk::load(Path::new(path), &inputs.template, raw_types),
        Content::ChangeSet => {
            let text = recognise::text(&bytes).map_err(|problem| problem.in_file(name))?;
            cloudformation::change_set::load(Path::new(path), name, &text, &inputs.template, raw_types)
        }
        Content::Other(problem) => Err(problem.in_file(name)),
    }
}

/// A plan, with the configuration that is named or lies beside it.
fn load_with_source(
    name: &str,
    bytes: &[u8],
    inputs: &Inputs,
    raw_types: &[&str],
) -> Result<(Loaded, Vec<Problem>), Problem> {
    let text = plan_text(name, bytes)?;
    let source = inputs.source.clone().or_else(|| configuration_beside(name));
    // With a configuration, what both say of a resource is compared.
    let keep = if source.is_some() { tfplan::Keep::All } else { tfplan::Keep::Shown };
    let (mut loaded, mut problems, variables) = tfplan::load(name, &text, raw_types, keep)?;
    if loaded.form == Form::TerraformPlan {
        loaded.source = source;
    }
    let Some(folder) = loaded.source.clone() else { return Ok((loaded, problems)) };
    // What a destroy leaves needs no lines.
    if loaded.graph.resources().len() == 0 {
        return Ok((loaded, problems));
    }
    let with_values = Inputs { exact: Some(variables), ..inputs.clone() };
    let (written, more) = hcl::configuration::load(&folder, &with_values, raw_types)?;
    let (graph, fits) = with_source::combine(loaded.graph, &written);
    loaded.graph = graph;
    match fits {
        Ok(()) => problems.extend(more.into_iter().filter(|problem| problem.level > Level::Warning)),
        Err(why) => {
            let message = format!("the configuration in {folder} does not fit this plan and is not used: {why}");
            let problem = if inputs.source.is_some() { Problem::warning(message) } else { Problem::note(message) };
            // Nor are backends looked for among the files of a folder that only happens to be the plan's.
            loaded.source = inputs.source.clone();
            let help = "make the plan again, or name the folder it was made from with --source";
            problems.push(problem.in_file(name).help(help));
        }
    }
    Ok((loaded, problems))
}

/// Loads an example of a policy: one text that may mention what it does not declare.
///
/// # Errors
/// It is not of its language, or something in it cannot be worked out.
pub fn example(dialect: Dialect, text: &str) -> Result<Loaded, Problem> {
    match dialect {
        Dialect::Terraform => {
            let graph = hcl::configuration::load_text("example", text)?;
            Ok(Loaded::new(Form::TerraformConfiguration, graph))
        }
        Dialect::CloudFormation => cloudformation::example(text),
    }
}

/// Loads `terraform show -json` output that is already in memory; `name` is what messages call it.
///
/// # Errors
/// As [`load`].
pub fn load_json(name: &str, bytes: &[u8], raw_types: &[&str]) -> Result<(Loaded, Vec<Problem>), Problem> {
    let text = plan_text(name, bytes)?;
    tfplan::load(name, &text, raw_types, tfplan::Keep::All).map(|(loaded, problems, _)| (loaded, problems))
}

fn plan_text<'b>(name: &str, bytes: &'b [u8]) -> Result<Cow<'b, str>, Problem> {
    let text = recognise::text(bytes).map_err(|problem| problem.in_file(name))?;
    recognise::terraform(&text).map_err(|problem| problem.in_file(name))?;
    Ok(text)
}

/// Asks Terraform, else OpenTofu, what a binary plan says.
fn shown(path: &str) -> Result<Vec<u8>, Problem> {
    let absolute = std::path::absolute(path).map_err(|error| Problem::error(error.to_string()).in_file(path))?;
    let folder = absolute.parent().map_or_else(|| Cow::Borrowed("."), |folder| folder.to_string_lossy());
    let change_directory = format!("-chdir={folder}");
    let plan = absolute.to_string_lossy();
    let mut refused = None;
    for program in ["terraform", "tofu"] {
        match disk::output_of(program, &[&change_directory, "show", "-no-color", "-json", &plan]) {
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
fn json_problem(text: &str, error: &serde_json::Error) -> Problem {
    let said = json_fault(error);
    let problem = match error.classify() {
        serde_json::error::Category::Eof => Problem::error("ends in the middle: the JSON is cut off")
            .help("write the file again, and look whether the disk is full"),
        serde_json::error::Category::Data => Problem::error(format!("is no `terraform show -json` output: {said}")),
        _ if said == TOO_DEEP => Problem::error(TOO_DEEP).help("a plan does not; make the file again"),
        _ if said == "trailing characters" => {
            Problem::error("goes on after the end of the plan").help("give each plan a file of its own")
        }
        _ => Problem::error(format!("is no valid JSON: {said}")),
    };
    let (line, column) = place_of(text, 0, error);
    problem.at(line, column)
}

const TOO_DEEP: &str = "nests too deeply to be read";

/// What is wrong with JSON, without its place and without the value found there: it may be a secret.
fn json_fault(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
    if said.starts_with("recursion limit exceeded") {
        return TOO_DEEP.to_owned();
    }
    for beginning in ["invalid type: ", "invalid value: "] {
        // `invalid type: string "…", expected …`: what was expected is ours, the rest is the file's.
        let Some((found, expected)) = said.strip_prefix(beginning).and_then(|rest| rest.rsplit_once(", expected "))
        else {
            continue;
        };
        let kind = found.find(['"', '`']).map_or(found, |at| &found[..at]).trim_end();
        return format!("{beginning}{kind}, expected {expected}");
    }
    said.to_owned()
}

/// Line and column of an error in the part of `text` that begins at byte `from`.
fn place_of(text: &str, from: usize, error: &serde_json::Error) -> (u32, u32) {
    let part = text.get(from..).unwrap_or_default();
    let line = error.line().max(1);
    let start = part.split_inclusive('\n').take(line - 1).map(str::len).sum::<usize>();
    crate::source::line_column(text.as_bytes(), from + start + error.column().saturating_sub(1))
}
