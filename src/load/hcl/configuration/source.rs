//! The text of a module: its `.tf` and `.tofu` files, JSON ones too, override files laid over the others. One file that
//! cannot be read does not stop the rest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block, Body, Structure};

use super::constraint::Constraint;
use super::json;
use crate::graph::{Mode, Spot, Text};
use crate::source::{Problem, disk, line_column};

/// The most characters of a line that is quoted.
const LONGEST_LINE: usize = 160;

/// One file.
pub(super) struct File {
    /// Its path, as it is shown.
    pub name: Text,
    /// Its text.
    pub text: String,
    lines: Vec<Line>,
}

/// A line of a file.
struct Line {
    begin: usize,
    /// The line as it is shown, once it was asked for.
    shown: OnceLock<Text>,
}

impl File {
    /// A file with this text.
    pub(super) fn new(name: &str, text: String) -> File {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let line = |begin| Line { begin, shown: OnceLock::new() };
        let lines = std::iter::once(0).chain(ends).map(line).collect();
        File { name: name.into(), text, lines }
    }

    /// Where a part of the file stands.
    pub(super) fn spot(&self, span: Option<std::ops::Range<usize>>) -> Option<Spot> {
        let span = span?;
        let number = self.lines.partition_point(|line| line.begin <= span.start);
        let line = self.lines.get(number.saturating_sub(1))?;
        // Counting from the start of the line: there is a spot for every attribute of every instance.
        let rest = self.text.get(line.begin..).unwrap_or_default();
        let (_, column) = line_column(rest.as_bytes(), span.start - line.begin);
        let shown = line.shown.get_or_init(|| {
            let whole = rest.lines().next().unwrap_or_default().trim_end();
            whole.chars().take(LONGEST_LINE).collect::<String>().as_str().into()
        });
        let (file, text) = (self.name.clone(), shown.clone());
        Some(Spot { file, line: number as u32, column, start: span.start, end: span.end, text })
    }
}

/// What one folder declares.
#[derive(Default)]
pub(super) struct Module {
    pub folder: PathBuf,
    /// How many files it has, those that cannot be read included.
    pub files: usize,
    pub variables: BTreeMap<String, Variable>,
    pub locals: BTreeMap<String, Written>,
    pub outputs: BTreeMap<String, Written>,
    pub resources: Vec<Resource>,
    pub by_name: BTreeMap<(bool, String, String), usize>,
    pub calls: BTreeMap<String, Call>,
}

/// An expression and the file it stands in.
pub(super) struct Written {
    pub expression: Expression,
    pub file: Arc<File>,
}

pub(super) struct Variable {
    pub constraint: Constraint,
    pub default: Option<Written>,
    pub sensitive: bool,
    pub file: Arc<File>,
    pub spot: Option<Spot>,
}

pub(super) struct Resource {
    pub mode: Mode,
    pub type_name: String,
    pub name: String,
    pub body: Body,
    pub spot: Option<Spot>,
    pub file: Arc<File>,
}

pub(super) struct Call {
    pub source: Option<String>,
    pub body: Body,
    pub spot: Option<Spot>,
    pub file: Arc<File>,
}

impl Module {
    /// Reads a folder. `shown` is what its files are called in messages.
    pub(super) fn read(folder: &Path, shown: &str) -> (Module, Vec<Problem>) {
        let mut module = Module { folder: folder.to_owned(), ..Module::default() };
        let mut problems = Vec::new();
        let (mut plain, mut overriding) = (Vec::new(), Vec::new());
        for name in names(folder, &mut problems) {
            let stem = name.split('.').next().unwrap_or_default();
            if stem == "override" || stem.ends_with("_override") { overriding.push(name) } else { plain.push(name) }
        }
        for (names, overrides) in [(plain, false), (overriding, true)] {
            for name in names {
                module.files += 1;
                let path = folder.join(&name).to_string_lossy().into_owned();
                let called = if shown.is_empty() { name.clone() } else { format!("{shown}/{name}") };
                match parse(&path, &called) {
                    Ok((file, body)) => module.add(&Arc::new(file), body, overrides, &mut problems),
                    Err(problem) => problems.push(problem),
                }
            }
        }
        (module, problems)
    }

    /// A module that is one text.
    pub(super) fn of_text(name: &str, text: &str) -> Result<Module, Problem> {
        let mut module = Module { files: 1, ..Module::default() };
        let body = native(text).map_err(|problem| problem.in_file(name))?;
        let mut problems = Vec::new();
        let file = Arc::new(File::new(name, text.to_owned()));
        module.add(&file, body, false, &mut problems);
        problems.into_iter().next().map_or(Ok(module), Err)
    }

    /// The types of its resources.
    pub(super) fn resource_types(&self) -> Vec<String> {
        self.resources.iter().map(|resource| resource.type_name.clone()).collect()
    }

    fn add(&mut self, file: &Arc<File>, body: Body, overrides: bool, problems: &mut Vec<Problem>) {
        for structure in body.into_iter() {
            let Structure::Block(block) = structure else { continue };
            let labels: Vec<String> = block.labels.iter().map(|label| label.as_str().to_owned()).collect();
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            match (block.ident.as_str(), labels.as_slice()) {
                ("resource", [type_name, name]) => {
                    self.resource(file, Mode::Managed, type_name, name, block, overrides, problems);
                }
                ("data", [type_name, name]) => {
                    self.resource(file, Mode::Data, type_name, name, block, overrides, problems);
                }
                ("variable", [name]) => self.variable(file, name, &block, overrides, problems),
                ("output", [name]) => {
                    if let Some(attribute) = block.body.get_attribute("value") {
                        let written = Written { expression: attribute.value.clone(), file: Arc::clone(file) };
                        self.outputs.insert((*name).to_owned(), written);
                    }
                }
                ("locals", []) => {
                    for attribute in block.body.attributes() {
                        let written = Written { expression: attribute.value.clone(), file: Arc::clone(file) };
                        self.locals.insert(attribute.key.as_str().to_owned(), written);
                    }
                }
                ("module", [name]) => self.call(file, name, block, overrides),
                _ => {}
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn resource(
        &mut self,
        file: &Arc<File>,
        mode: Mode,
        type_name: &str,
        name: &str,
        block: Block,
        overrides: bool,
        problems: &mut Vec<Problem>,
    ) {
        let key = (mode == Mode::Data, type_name.to_owned(), name.to_owned());
        let spot = file.spot(block.span());
        match self.by_name.get(&key) {
            Some(&at) if overrides => lay_over(&mut self.resources[at].body, block.body),
            Some(_) => {
                let message = format!("{type_name}.{name} is declared a second time");
                problems.push(placed(Problem::error(message), spot.as_ref(), file));
            }
            None => {
                self.by_name.insert(key, self.resources.len());
                self.resources.push(Resource {
                    mode,
                    type_name: type_name.to_owned(),
                    name: name.to_owned(),
                    body: block.body,
                    spot,
                    file: Arc::clone(file),
                });
            }
        }
    }

    fn variable(&mut self, file: &Arc<File>, name: &str, block: &Block, overrides: bool, problems: &mut Vec<Problem>) {
        let attribute = |key: &str| block.body.get_attribute(key).map(|attribute| &attribute.value);
        let written = |expression: &Expression| Written { expression: expression.clone(), file: Arc::clone(file) };
        let constraint = match attribute("type").map(Constraint::read) {
            Some(Ok(constraint)) => constraint,
            Some(Err(message)) => {
                let spot = attribute("type").and_then(|ty| file.spot(ty.span()));
                problems.push(placed(Problem::error(message), spot.as_ref(), file));
                Constraint::any()
            }
            None => Constraint::any(),
        };
        let sensitive = matches!(attribute("sensitive"), Some(Expression::Bool(flag)) if *flag.value());
        let default = attribute("default").map(written);
        if let (true, Some(known)) = (overrides, self.variables.get_mut(name)) {
            if default.is_some() {
                known.default = default;
            }
            if attribute("type").is_some() {
                known.constraint = constraint;
            }
            return;
        }
        let spot = file.spot(block.span());
        let variable = Variable { constraint, default, sensitive, file: Arc::clone(file), spot };
        self.variables.insert(name.to_owned(), variable);
    }

    fn call(&mut self, file: &Arc<File>, name: &str, block: Block, overrides: bool) {
        let source = block.body.get_attribute("source").and_then(|attribute| match &attribute.value {
            Expression::String(text) => Some(text.value().clone()),
            _ => None,
        });
        let spot = file.spot(block.span());
        if let (true, Some(known)) = (overrides, self.calls.get_mut(name)) {
            known.source = source.or(known.source.take());
            lay_over(&mut known.body, block.body);
            return;
        }
        self.calls.insert(name.to_owned(), Call { source, body: block.body, spot, file: Arc::clone(file) });
    }
}

/// A problem at a spot of a file.
pub(super) fn placed(problem: Problem, spot: Option<&Spot>, file: &File) -> Problem {
    let problem = problem.in_file(file.name.to_string());
    match spot {
        Some(spot) => problem.at(spot.line, spot.column),
        None => problem,
    }
}

/// The configuration files of a folder, sorted; a `.tofu` file hides the `.tf` file of the same name.
fn names(folder: &Path, problems: &mut Vec<Problem>) -> Vec<String> {
    let found = match disk::names_in(&folder.to_string_lossy()) {
        Ok(found) => found,
        Err(problem) => {
            problems.push(problem);
            return Vec::new();
        }
    };
    let is_configuration = |name: &&String| {
        let hidden = name.starts_with('.') || name.ends_with('~') || name.starts_with('#');
        !hidden && [".tf", ".tofu", ".tf.json", ".tofu.json"].iter().any(|ending| name.ends_with(ending))
    };
    let names: Vec<String> = found.iter().filter(is_configuration).cloned().collect();
    let hidden = |name: &String| {
        let twin = name.strip_suffix(".tf").map(|stem| format!("{stem}.tofu"));
        let twin = twin.or_else(|| name.strip_suffix(".tf.json").map(|stem| format!("{stem}.tofu.json")));
        twin.is_some_and(|twin| names.contains(&twin))
    };
    names.iter().filter(|name| !hidden(name)).cloned().collect()
}

fn parse(path: &str, shown: &str) -> Result<(File, Body), Problem> {
    let text = disk::read_text(path).map_err(|problem| problem.in_file(shown))?;
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    let body = if path.ends_with(".json") {
        json::body(&text).map_err(|problem| problem.in_file(shown))?
    } else {
        native(&text).map_err(|problem| problem.in_file(shown))?
    };
    Ok((File::new(shown, text), body))
}

fn native(text: &str) -> Result<Body, Problem> {
    super::repeated::body(text).map_err(|error| {
        let at = error.location();
        let message = format!("is not valid HCL: {}", error.message());
        Problem::error(message).at(at.line() as u32, at.column() as u32)
    })
}

/// What an override file says replaces what was there: attributes one by one, blocks of a name all together.
fn lay_over(body: &mut Body, over: Body) {
    let mut replaced: Vec<String> = Vec::new();
    for structure in over.into_iter() {
        match structure {
            Structure::Attribute(attribute) => {
                let key = attribute.key.as_str().to_owned();
                body.remove_attribute(&key);
                body.push(Attribute::new(attribute.key.clone(), attribute.value.clone()));
            }
            Structure::Block(block) => {
                let ident = block.ident.as_str().to_owned();
                if !replaced.contains(&ident) {
                    body.remove_blocks(&ident);
                    replaced.push(ident);
                }
                body.push(block);
            }
        }
    }
}
