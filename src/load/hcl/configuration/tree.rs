//! The tree of module instances, and the names each of them knows. Everything is worked out when it is first asked
//! for, and once.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::expr::Expression;

use super::expansion::{Children, Each, Expansion};
use super::inputs::{self, Inputs, Raw, collect};
use super::modules::Manifest;
use super::places::carried;
use super::source::{Module, Written, placed};
use crate::graph::{Reason, Spot, Unknown};
use crate::load::file::File;
use crate::load::hcl::{Fault, Files, Session, Type, Value, evaluate_with};
use crate::load::ignore::Note;
use crate::source::{Level, Problem, disk};

/// How many problems are told.
const MOST_PROBLEMS: usize = 200;
/// How many names of a cycle are told.
const LONGEST_CYCLE: usize = 8;
/// How many instances of resources and modules there may be in all.
pub(super) const MOST_OF_ALL: i64 = 50_000;
/// How many values resources and modules may be given in all; a large one counts wherever it is given.
const HEAVIEST: u64 = 5_000_000;

/// What all of a configuration shares.
pub(super) struct Whole {
    pub root: PathBuf,
    pub session: Session,
    pub files: Files,
    pub workspace: String,
    pub problems: RefCell<Vec<Problem>>,
    pub given: BTreeMap<String, Raw>,
    /// Modules that are not installed: by the path of calls, with their source and the place of the call.
    pub uninstalled: RefCell<BTreeMap<String, Uninstalled>>,
    /// How many instances of resources and modules there are.
    instances: Cell<i64>,
    /// How much all values of resources and modules hold.
    held: Cell<u64>,
    modules: RefCell<HashMap<PathBuf, Rc<Module>>>,
    /// What is being worked out, the outermost first.
    open: RefCell<Vec<String>>,
    pub manifest: Manifest,
    /// What is mentioned and not declared is there all the same.
    pub lenient: bool,
}

pub(super) struct Uninstalled {
    pub source: String,
    pub spot: Option<Spot>,
    pub file: Arc<File>,
}

/// One instance of a module.
pub(super) struct Instance {
    pub module: Rc<Module>,
    /// `module.a["x"].`, empty for the root.
    pub prefix: String,
    pub depth: usize,
    /// Names of calls above, for the manifest.
    pub calls: Vec<String>,
    pub above: Option<Above>,
    memo: RefCell<HashMap<String, Option<Result<Value, Fault>>>>,
    pub children: RefCell<HashMap<String, Rc<Children>>>,
    pub expansions: RefCell<HashMap<usize, Rc<Expansion>>>,
}

/// The call a module instance comes from.
pub(super) struct Above {
    pub instance: Rc<Instance>,
    pub call: String,
    pub each: Each,
}

impl Whole {
    pub(super) fn new(root: PathBuf, inputs: &Inputs) -> Whole {
        let (given, problems) = collect(&root, inputs);
        let (manifest, more) = Manifest::read(&root);
        let files = Files::new(&root, &[]);
        Whole {
            session: Session::default(),
            files,
            workspace: inputs::workspace(&root, inputs),
            problems: RefCell::new(problems.into_iter().chain(more).collect()),
            given,
            uninstalled: RefCell::default(),
            instances: Cell::default(),
            held: Cell::default(),
            modules: RefCell::default(),
            open: RefCell::default(),
            manifest,
            root,
            lenient: false,
        }
    }

    /// A configuration that is one text.
    pub(super) fn of_text(name: &str, text: &str) -> Result<Whole, Problem> {
        let module = Rc::new(Module::of_text(name, text)?);
        let root = PathBuf::new();
        Ok(Whole {
            session: Session::default(),
            files: Files::new(&root, &[]),
            workspace: inputs::DEFAULT_WORKSPACE.to_owned(),
            problems: RefCell::default(),
            given: BTreeMap::new(),
            uninstalled: RefCell::default(),
            instances: Cell::default(),
            held: Cell::default(),
            modules: RefCell::new(HashMap::from([(root.clone(), module)])),
            open: RefCell::default(),
            manifest: Manifest::default(),
            root,
            lenient: true,
        })
    }

    /// The root module.
    pub(super) fn top(&self) -> Rc<Instance> {
        let module = self.module(self.root.clone());
        self.problems.borrow_mut().extend(inputs::undeclared(&self.given, &module));
        let top = Rc::new(Instance::new(module, String::new(), 0, Vec::new(), None));
        Here::of(self, &top).check_given();
        top
    }

    /// One problem for all modules that are not installed.
    pub(super) fn tell_uninstalled(&self) {
        let uninstalled = self.uninstalled.borrow();
        let Some(first) = uninstalled.values().next() else { return };
        let names = uninstalled.iter().take(5).map(|(path, one)| format!("module.{path} ({})", one.source));
        let names = names.collect::<Vec<_>>().join(", ");
        let more = if uninstalled.len() > 5 { format!(" and {} more", uninstalled.len() - 5) } else { String::new() };
        let (are, make) = if uninstalled.len() == 1 { ("is", "it makes") } else { ("are", "they make") };
        let problem = Problem::warning(format!("{names}{more} {are} not installed, so what {make} is not seen"));
        let problem = problem.help("run `terraform init` (or `terraform get`) and check again");
        self.note(placed(problem, first.spot.as_ref(), &first.file));
    }

    /// Whether so many more instances are few enough.
    pub(super) fn admits(&self, more: i64) -> bool {
        self.instances.set(self.instances.get().saturating_add(more));
        self.instances.get() <= MOST_OF_ALL
    }

    /// Whether all that resources and modules are given, with this value, stays small enough to be kept.
    fn keeps(&self, value: &Value) -> bool {
        self.held.set(self.held.get().saturating_add(value.weight()));
        self.held.get() <= HEAVIEST
    }

    /// Whether the root folder has no configuration files.
    pub(super) fn is_empty(&self) -> bool {
        self.module(self.root.clone()).files == 0
    }

    pub(super) fn note(&self, problem: Problem) {
        let mut problems = self.problems.borrow_mut();
        // The first ones tell what is wrong; nobody reads thousands.
        if problems.len() < MOST_PROBLEMS && !problems.contains(&problem) {
            problems.push(problem);
        } else if problems.len() == MOST_PROBLEMS {
            problems.push(Problem::warning("there are more problems like these, which are not shown"));
        } else if problem.level == Level::Error && !problems.iter().any(|one| one.level == Level::Error) {
            problems.push(problem);
        }
    }

    /// What is wrong with something that is asked for while it is being worked out.
    fn cycle(&self, name: &str) -> Fault {
        let open = self.open.borrow();
        let from = open.iter().rposition(|one| one == name).unwrap_or(open.len());
        let between = &open[(from + 1).min(open.len())..];
        let shown = between.iter().take(LONGEST_CYCLE).fold(String::new(), |shown, one| shown + one + " → ");
        let more = if between.len() > LONGEST_CYCLE { "… → " } else { "" };
        Fault::cycle(format!("{name} refers to itself: {name} → {shown}{more}{name}"))
    }

    /// A module by folder, read once.
    pub(super) fn module(&self, folder: PathBuf) -> Rc<Module> {
        let key = disk::real(&folder);
        if let Some(module) = self.modules.borrow().get(&key) {
            return Rc::clone(module);
        }
        let shown = tidied(&folder);
        let (module, problems) = Module::read(&folder, &shown);
        self.problems.borrow_mut().extend(problems);
        let module = Rc::new(module);
        self.modules.borrow_mut().insert(key, Rc::clone(&module));
        module
    }
}

impl Instance {
    pub(super) fn new(
        module: Rc<Module>,
        prefix: String,
        depth: usize,
        calls: Vec<String>,
        above: Option<Above>,
    ) -> Instance {
        Instance {
            module,
            prefix,
            depth,
            calls,
            above,
            memo: RefCell::default(),
            children: RefCell::default(),
            expansions: RefCell::default(),
        }
    }

    /// The exceptions at the calls this instance comes from.
    pub(super) fn notes_above(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        let mut above = self.above.as_ref();
        while let Some(Above { instance, call, .. }) = above {
            notes.extend(instance.module.calls.get(call).into_iter().flat_map(|call| call.notes.iter().cloned()));
            above = instance.above.as_ref();
        }
        notes
    }

    /// The modules this instance lies in, its own first.
    pub(super) fn lineage(&self) -> impl Iterator<Item = Rc<Module>> {
        let own = Some((Rc::clone(&self.module), self.above.as_ref().map(|above| Rc::clone(&above.instance))));
        std::iter::successors(own, |(_, above)| {
            let above = above.as_ref()?;
            Some((Rc::clone(&above.module), above.above.as_ref().map(|above| Rc::clone(&above.instance))))
        })
        .map(|(module, _)| module)
    }
}

/// A module instance with what `each` and `count` mean where an expression stands.
#[derive(Clone)]
pub(super) struct Here<'w> {
    pub whole: &'w Whole,
    pub instance: Rc<Instance>,
    pub each: Each,
}

impl<'w> Here<'w> {
    pub(super) fn of(whole: &'w Whole, instance: &Rc<Instance>) -> Here<'w> {
        Here { whole, instance: Rc::clone(instance), each: Each::default() }
    }

    pub(super) fn with(&self, each: &Each) -> Here<'w> {
        Here { each: each.clone(), ..self.clone() }
    }

    /// The value of an expression; what it cannot be worked out for becomes a problem and an unknown.
    pub(super) fn value(&self, written: &Expression, names: &[(&str, &Value)], file: &File) -> Value {
        let value = evaluate_with(written, names, self).and_then(|value| match self.whole.keeps(&value) {
            true => Ok(value),
            false => Err(Fault::limit(format!("the configuration holds more than {HEAVIEST} values"))),
        });
        match value {
            Ok(value) => value,
            Err(fault) => {
                let span = carried(written).or_else(|| fault.span.clone()).or_else(|| written.span());
                let spot = file.spot(span);
                let problem = match fault.cycle {
                    true => Problem::error(fault.message.clone()).help("let one of them stand without the others"),
                    false => Problem::warning(fault.message.clone()),
                };
                self.whole.note(placed(problem, spot.as_ref(), file));
                Value::unknown(Type::Dynamic, Unknown::because(Reason::Undecidable(fault.message.as_str().into())))
            }
        }
    }

    /// A value that is worked out once; one that needs itself is a fault.
    pub(super) fn once(&self, name: String, work: impl FnOnce() -> Result<Value, Fault>) -> Result<Value, Fault> {
        match self.instance.memo.borrow().get(&name) {
            Some(Some(known)) => return known.clone(),
            Some(None) => return Err(self.whole.cycle(&format!("{}{name}", self.instance.prefix))),
            None => {}
        }
        self.instance.memo.borrow_mut().insert(name.clone(), None);
        self.whole.open.borrow_mut().push(format!("{}{name}", self.instance.prefix));
        let level = self.whole.session.enter();
        let found = level.and_then(|_level| work());
        self.whole.open.borrow_mut().pop();
        self.instance.memo.borrow_mut().insert(name, Some(found.clone()));
        found
    }

    pub(super) fn local(&self, name: &str) -> Result<Value, Fault> {
        let Some(written) = self.instance.module.locals.get(name) else {
            return self.missing(format!("there is no local.{name}"));
        };
        self.once(format!("local.{name}"), || self.worked_out(written))
    }

    pub(super) fn output(&self, name: &str) -> Result<Value, Fault> {
        let Some(written) = self.instance.module.outputs.get(name) else {
            return self.missing(format!("{}output.{name} is not declared", self.instance.prefix));
        };
        self.once(format!("output.{name}"), || self.worked_out(written))
    }

    /// Faults in locals and outputs are told once, where they stand, not where they are used.
    fn worked_out(&self, written: &Written) -> Result<Value, Fault> {
        Ok(Here::of(self.whole, &self.instance).value(&written.expression, &[], &written.file))
    }

    /// What is not declared is a fault, unless it may be declared in a file that could not be read.
    pub(super) fn missing(&self, message: String) -> Result<Value, Fault> {
        if self.instance.module.broken {
            let reason = Reason::Undecidable("it may be declared in a file that cannot be read".into());
            return Ok(Value::unknown(Type::Dynamic, Unknown::because(reason)));
        }
        Err(Fault::fatal(message))
    }
}

/// A folder as a person would write it: without `.` and without going up and down again.
pub(super) fn tidied(folder: &Path) -> String {
    let mut steps: Vec<String> = Vec::new();
    for component in folder.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if steps.last().is_some_and(|last| last != "..") => drop(steps.pop()),
            Component::RootDir => steps.push(String::new()),
            other => steps.push(other.as_os_str().to_string_lossy().into_owned()),
        }
    }
    steps.join("/")
}
