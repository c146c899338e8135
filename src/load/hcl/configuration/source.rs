//! The text of a module: its `.tf` and `.tofu` files, JSON ones too, override files laid over the others. One file that
//! cannot be read does not stop the rest.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body, Structure};

use super::constraint::Constraint;
use super::json;
use super::places::span_of;
use super::syntax::native;
use crate::graph::{Mode, Spot};
use crate::load::file::File;
use crate::load::hcl::comments;
use crate::load::ignore::{MARK, Note, notes};
use crate::source::{Problem, disk};

/// What one folder declares.
#[derive(Default)]
pub(super) struct Module {
    pub folder: PathBuf,
    /// How many files it has, those that cannot be read included.
    pub files: usize,
    /// Whether something of it could not be read, so that what is not declared may be declared all the same.
    pub broken: bool,
    pub variables: BTreeMap<String, Variable>,
    pub locals: BTreeMap<String, Written>,
    pub outputs: BTreeMap<String, Written>,
    /// What outputs wait for beside their values.
    pub outputs_wait: BTreeMap<String, Expression>,
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
    pub nullable: bool,
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
    /// The exceptions that stand at it.
    pub notes: Vec<Note>,
    /// What override files say, by the name of the attribute or block, stands in these files.
    overlaid: BTreeMap<String, Arc<File>>,
}

pub(super) struct Call {
    pub source: Option<String>,
    pub body: Body,
    pub spot: Option<Spot>,
    pub file: Arc<File>,
    /// The exceptions that stand at it, and are about every resource it makes.
    pub notes: Vec<Note>,
    overlaid: BTreeMap<String, Arc<File>>,
}

impl Resource {
    /// The file an attribute or the blocks of a name stand in.
    pub(super) fn file_of(&self, name: &str) -> &Arc<File> {
        self.overlaid.get(name).unwrap_or(&self.file)
    }
}

impl Call {
    /// The file an attribute stands in.
    pub(super) fn file_of(&self, name: &str) -> &Arc<File> {
        self.overlaid.get(name).unwrap_or(&self.file)
    }
}

impl Module {
    /// Reads a folder. `shown` is what its files are called in messages.
    pub(super) fn read(folder: &Path, shown: &str) -> (Module, Vec<Problem>) {
        let mut reader = Reader { problems: Vec::new(), overrides: false, notes: Vec::new() };
        let mut module = Module { folder: folder.to_owned(), ..Module::default() };
        let (names, problems) = names(folder, shown);
        module.broken = !problems.is_empty();
        reader.problems.extend(problems);
        let (overriding, plain): (Vec<String>, Vec<String>) = names.into_iter().partition(|name| is_override(name));
        for (names, overrides) in [(plain, false), (overriding, true)] {
            reader.overrides = overrides;
            for name in names {
                module.files += 1;
                let path = folder.join(&name).to_string_lossy().into_owned();
                match parse(&path, &called(shown, &name)) {
                    Ok((file, body)) => reader.file(&mut module, &Arc::new(file), body),
                    Err(problem) => {
                        module.broken = true;
                        reader.problems.push(problem);
                    }
                }
            }
        }
        (module, reader.problems)
    }

    /// A module that is one text.
    pub(super) fn of_text(name: &str, text: &str) -> Result<Module, Problem> {
        let mut module = Module { files: 1, ..Module::default() };
        let mut reader = Reader { problems: Vec::new(), overrides: false, notes: Vec::new() };
        let body = native(text).map_err(|problem| problem.in_file(name))?;
        reader.file(&mut module, &Arc::new(File::new(name, text.to_owned())), body);
        reader.problems.into_iter().next().map_or(Ok(module), Err)
    }

    /// The types of its resources.
    pub(super) fn resource_types(&self) -> Vec<String> {
        self.resources.iter().map(|resource| resource.type_name.clone()).collect()
    }
}

/// What a file is called in messages.
fn called(shown: &str, name: &str) -> String {
    if shown.is_empty() { name.to_owned() } else { format!("{shown}/{name}") }
}

/// Puts the blocks of files into a module.
struct Reader {
    problems: Vec<Problem>,
    /// Whether the file at hand is one that overrides others.
    overrides: bool,
    /// The exceptions in the file at hand, each with the bytes of the block it stands at.
    notes: Vec<(Range<usize>, Note)>,
}

impl Reader {
    fn file(&mut self, module: &mut Module, file: &Arc<File>, body: Body) {
        self.notes.clear();
        if file.text().contains(MARK) {
            let noted = body.blocks().filter(|block| matches!(block.ident.as_str(), "resource" | "data" | "module"));
            let extents: Vec<Range<usize>> = noted.filter_map(span_of).collect();
            let (found, problems) = notes(&file.name, file.text(), &comments(file.text()), &extents);
            self.notes = found;
            self.problems.extend(problems);
        }
        for structure in body.into_iter() {
            let Structure::Block(block) = structure else { continue };
            let labels: Vec<String> = block.labels.iter().map(|label| label.as_str().to_owned()).collect();
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            match (block.ident.as_str(), labels.as_slice()) {
                ("resource", [type_name, name]) => self.resource(module, file, Mode::Managed, type_name, name, block),
                ("data", [type_name, name]) => self.resource(module, file, Mode::Data, type_name, name, block),
                ("variable", [name]) => self.variable(module, file, name, &block),
                ("output", [name]) => {
                    let spot = file.spot(span_of(&block));
                    if !self.may(module.outputs.contains_key(*name), &format!("output {name:?}"), spot.as_ref(), file) {
                        continue;
                    }
                    if let Some(attribute) = block.body.get_attribute("value") {
                        let written = Written { expression: attribute.value.clone(), file: Arc::clone(file) };
                        module.outputs.insert((*name).to_owned(), written);
                    }
                    if let Some(depends_on) = block.body.get_attribute("depends_on") {
                        module.outputs_wait.insert((*name).to_owned(), depends_on.value.clone());
                    }
                }
                ("locals", []) => {
                    for attribute in block.body.attributes() {
                        let name = attribute.key.as_str();
                        let spot = file.spot(span_of(attribute));
                        if self.may(module.locals.contains_key(name), &format!("local.{name}"), spot.as_ref(), file) {
                            let written = Written { expression: attribute.value.clone(), file: Arc::clone(file) };
                            module.locals.insert(name.to_owned(), written);
                        }
                    }
                }
                ("module", [name]) => self.call(module, file, name, block),
                _ => {}
            }
        }
    }

    /// Whether a declaration counts: in a plain file the first of its name, in an override file one that is there
    /// already.
    fn may(&mut self, known: bool, what: &str, spot: Option<&Spot>, file: &File) -> bool {
        let problem = match (known, self.overrides) {
            (true, false) => Problem::error(format!("{what} is declared a second time")),
            (false, true) => Problem::error(format!("{what} is declared in no file that this one overrides")),
            _ => return true,
        };
        self.problems.push(placed(problem, spot, file));
        false
    }

    fn resource(
        &mut self,
        module: &mut Module,
        file: &Arc<File>,
        mode: Mode,
        type_name: &str,
        name: &str,
        block: Block,
    ) {
        let key = (mode == Mode::Data, type_name.to_owned(), name.to_owned());
        let spot = file.spot(span_of(&block));
        let data = if mode == Mode::Data { "data." } else { "" };
        let known = module.by_name.get(&key).copied();
        if !self.may(known.is_some(), &format!("{data}{type_name}.{name}"), spot.as_ref(), file) {
            return;
        }
        let notes = self.notes_at(spot.as_ref());
        if let Some(at) = known {
            let resource = &mut module.resources[at];
            resource.notes.extend(notes);
            return lay_over(&mut resource.body, block.body, file, &mut resource.overlaid);
        }
        module.by_name.insert(key, module.resources.len());
        module.resources.push(Resource {
            mode,
            type_name: type_name.to_owned(),
            name: name.to_owned(),
            body: block.body,
            spot,
            file: Arc::clone(file),
            notes,
            overlaid: BTreeMap::new(),
        });
    }

    /// The exceptions at the block that begins there.
    fn notes_at(&self, spot: Option<&Spot>) -> Vec<Note> {
        let own = |(extent, _): &&(Range<usize>, Note)| spot.is_some_and(|spot| extent.start == spot.start);
        self.notes.iter().filter(own).map(|(_, note)| note.clone()).collect()
    }

    fn variable(&mut self, module: &mut Module, file: &Arc<File>, name: &str, block: &Block) {
        let spot = file.spot(span_of(block));
        if !self.may(module.variables.contains_key(name), &format!("var.{name}"), spot.as_ref(), file) {
            return;
        }
        let attribute = |key: &str| block.body.get_attribute(key).map(|attribute| &attribute.value);
        let flag = |key: &str| match attribute(key)? {
            Expression::Bool(flag) => Some(*flag.value()),
            Expression::String(text) => text.value().parse().ok(),
            _ => None,
        };
        let variable = module.variables.entry(name.to_owned()).or_insert_with(|| Variable {
            constraint: Constraint::any(),
            default: None,
            sensitive: false,
            nullable: true,
            file: Arc::clone(file),
            spot,
        });
        if let Some(ty) = attribute("type") {
            match Constraint::read(ty) {
                Ok(constraint) => variable.constraint = constraint,
                Err(message) => {
                    self.problems.push(placed(Problem::error(message), file.spot(span_of(ty)).as_ref(), file))
                }
            }
        }
        if let Some(default) = attribute("default") {
            variable.default = Some(Written { expression: default.clone(), file: Arc::clone(file) });
        }
        // What is ephemeral is kept out of plans and state; it is not for reports either.
        variable.sensitive = match (flag("sensitive"), flag("ephemeral")) {
            (None, None) => variable.sensitive,
            (sensitive, ephemeral) => sensitive == Some(true) || ephemeral == Some(true),
        };
        variable.nullable = flag("nullable").unwrap_or(variable.nullable);
    }

    fn call(&mut self, module: &mut Module, file: &Arc<File>, name: &str, block: Block) {
        let spot = file.spot(span_of(&block));
        if !self.may(module.calls.contains_key(name), &format!("module.{name}"), spot.as_ref(), file) {
            return;
        }
        let source = block.body.get_attribute("source").and_then(|attribute| match &attribute.value {
            Expression::String(text) => Some(text.value().clone()),
            _ => None,
        });
        let notes = self.notes_at(spot.as_ref());
        if let Some(known) = module.calls.get_mut(name) {
            known.notes.extend(notes);
            known.source = source.or(known.source.take());
            return lay_over(&mut known.body, block.body, file, &mut known.overlaid);
        }
        let call = Call { source, body: block.body, spot, file: Arc::clone(file), notes, overlaid: BTreeMap::new() };
        module.calls.insert(name.to_owned(), call);
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

/// `override.tf`, and what ends in `_override` before the ending.
fn is_override(name: &str) -> bool {
    let stem = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
    stem == "override" || stem.ends_with("_override")
}

/// The longer ones first, as `.tf.json` is no `.json` of a `.tf`.
const ENDINGS: [&str; 4] = [".tofu.json", ".tf.json", ".tofu", ".tf"];

/// Whether a file of this name belongs to a configuration; editors leave others behind.
pub(super) fn is_configuration(name: &str) -> bool {
    let left_behind = name.starts_with('.') || name.ends_with('~') || name.starts_with('#') && name.ends_with('#');
    !left_behind && ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// The configuration files of a folder, sorted; a `.tofu` file hides the `.tf` file of the same name.
fn names(folder: &Path, shown: &str) -> (Vec<String>, Vec<Problem>) {
    let found = match disk::entries_in(&folder.to_string_lossy()) {
        Ok(found) => found,
        Err(problem) => return (Vec::new(), vec![problem]),
    };
    let (mut names, mut problems) = (Vec::new(), Vec::new());
    for (name, kind) in found {
        if !is_configuration(&name) {
            continue;
        }
        match kind {
            disk::Entry::File => names.push(name),
            disk::Entry::Folder => {}
            disk::Entry::Other => {
                let problem = Problem::error("is no file that can be read, or a link that leads nowhere");
                problems.push(problem.in_file(called(shown, &name)));
            }
        }
    }
    let hidden = |name: &String| {
        let twin = name.strip_suffix(".tf").map(|stem| format!("{stem}.tofu"));
        let twin = twin.or_else(|| name.strip_suffix(".tf.json").map(|stem| format!("{stem}.tofu.json")));
        twin.is_some_and(|twin| names.contains(&twin))
    };
    (names.iter().filter(|name| !hidden(name)).cloned().collect(), problems)
}

/// The most bytes of one file of configuration.
const LARGEST: usize = 64 << 20;

fn parse(path: &str, shown: &str) -> Result<(File, Body), Problem> {
    let text = read(path).map_err(|problem| problem.in_file(shown))?;
    let body = if path.ends_with(".json") { json::body(&text) } else { native(&text) };
    let body = body.map_err(|problem| problem.in_file(shown))?;
    Ok((File::new(shown, text), body))
}

/// The text of a file, without a byte order mark.
pub(super) fn read(path: &str) -> Result<String, Problem> {
    let text = disk::read_text(path)?;
    if text.len() > LARGEST {
        return Err(Problem::error(format!("is larger than {} MiB", LARGEST >> 20)));
    }
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// What an override file says replaces what was there: attributes one by one, blocks of a name all together (dynamic
/// ones count under the name they make), only `lifecycle` setting by setting.
fn lay_over(body: &mut Body, over: Body, file: &Arc<File>, overlaid: &mut BTreeMap<String, Arc<File>>) {
    let mut replaced: Vec<String> = Vec::new();
    for structure in over.into_iter() {
        match structure {
            Structure::Attribute(attribute) => {
                let key = attribute.key.as_str().to_owned();
                body.remove_attribute(&key);
                overlaid.insert(key, Arc::clone(file));
                body.push(attribute);
            }
            Structure::Block(block) => {
                let made = made(&block).to_owned();
                if made == "lifecycle"
                    && let Some(known) = body.get_blocks_mut("lifecycle").next()
                {
                    lay_over(&mut known.body, block.body, file, &mut BTreeMap::new());
                    continue;
                }
                if !replaced.contains(&made) {
                    remove_blocks(body, &made);
                    overlaid.insert(made.clone(), Arc::clone(file));
                    replaced.push(made);
                }
                body.push(block);
            }
        }
    }
}

/// The name of the blocks that this block is or makes.
pub(super) fn made(block: &Block) -> &str {
    match (block.ident.as_str(), block.labels.first()) {
        ("dynamic", Some(label)) => label.as_str(),
        (ident, _) => ident,
    }
}

fn remove_blocks(body: &mut Body, name: &str) {
    let taken = std::mem::take(body);
    for structure in taken {
        if !matches!(&structure, Structure::Block(block) if made(block) == name) {
            body.push(structure);
        }
    }
}
