//! The tree of module instances, and the names each of them knows. Everything is worked out when it is first asked
//! for, and once.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use hcl_edit::Span;
use hcl_edit::expr::Expression;

use super::expansion::{Children, Each, Expansion};
use super::inputs::{Inputs, Raw, collect};
use super::modules::Manifest;
use super::source::{self, Module, Written, placed};
use crate::graph::{Place, Reason, Unknown};
use crate::load::hcl::{Fault, Files, Session, Type, Value, evaluate, evaluate_with};
use crate::source::Problem;

/// How deep modules may lie in each other.
pub(super) const DEEPEST: usize = 32;
/// What all of a configuration shares.
pub(super) struct Whole {
    pub root: PathBuf,
    pub session: Session,
    pub files: Files,
    pub workspace: Option<String>,
    pub problems: RefCell<Vec<Problem>>,
    given: BTreeMap<String, Raw>,
    modules: RefCell<HashMap<PathBuf, Rc<Module>>>,
    pub manifest: Manifest,
    /// What is mentioned and not declared is there all the same.
    pub lenient: bool,
}

/// One instance of a module.
pub(super) struct Instance {
    pub module: Rc<Module>,
    /// `module.a["x"].`, empty for the root.
    pub prefix: String,
    pub depth: usize,
    /// Names of calls above, for the manifest.
    pub calls: Vec<String>,
    above: Option<Above>,
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
        let files = Files::new(&root, &manifest.folders());
        Whole {
            session: Session::default(),
            files,
            workspace: inputs.workspace.clone(),
            problems: RefCell::new(problems.into_iter().chain(more).collect()),
            given,
            modules: RefCell::default(),
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
            workspace: None,
            problems: RefCell::default(),
            given: BTreeMap::new(),
            modules: RefCell::new(HashMap::from([(root.clone(), module)])),
            manifest: Manifest::default(),
            root,
            lenient: true,
        })
    }

    /// The root module.
    pub(super) fn top(&self) -> Rc<Instance> {
        let module = self.module(self.root.clone());
        for name in self.given.keys().filter(|name| !module.variables.contains_key(*name)) {
            let from_environment = matches!(self.given.get(name), Some(Raw::Text(_)));
            if !from_environment {
                let message = format!("a value is given for variable `{name}`, which the root module does not declare");
                self.problems.borrow_mut().push(Problem::warning(message));
            }
        }
        Rc::new(Instance::new(module, String::new(), 0, Vec::new(), None))
    }

    /// Whether the root folder has no configuration files.
    pub(super) fn is_empty(&self) -> bool {
        self.module(self.root.clone()).files == 0
    }

    pub(super) fn note(&self, problem: Problem) {
        let mut problems = self.problems.borrow_mut();
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }

    /// A module by folder, read once.
    pub(super) fn module(&self, folder: PathBuf) -> Rc<Module> {
        let key = folder.canonicalize().unwrap_or_else(|_| folder.clone());
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
    pub(super) fn new(module: Rc<Module>, prefix: String, depth: usize, calls: Vec<String>, above: Option<Above>) -> Instance {
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
    pub(super) fn value(&self, written: &Expression, names: &[(&str, &Value)], file: &source::File) -> Value {
        match evaluate_with(written, names, self) {
            Ok(value) => value,
            Err(fault) => {
                let span = fault.span.clone().or_else(|| written.span());
                let spot = file.spot(span);
                self.whole.note(placed(Problem::warning(fault.message.clone()), spot.as_ref(), file));
                Value::unknown(Type::Dynamic, Unknown::because(Reason::Undecidable(fault.message.as_str().into())))
            }
        }
    }

    /// A value that is worked out once; one that needs itself is a fault.
    pub(super) fn once(&self, name: String, work: impl FnOnce() -> Result<Value, Fault>) -> Result<Value, Fault> {
        match self.instance.memo.borrow().get(&name) {
            Some(Some(known)) => return known.clone(),
            Some(None) => return Err(Fault::new(format!("{}{name} refers to itself", self.instance.prefix))),
            None => {}
        }
        self.instance.memo.borrow_mut().insert(name.clone(), None);
        let level = self.whole.session.enter();
        let found = level.and_then(|_level| work());
        self.instance.memo.borrow_mut().insert(name, Some(found.clone()));
        found
    }

    pub(super) fn local(&self, name: &str) -> Result<Value, Fault> {
        let Some(written) = self.instance.module.locals.get(name) else {
            return Err(Fault::new(format!("there is no local.{name}")));
        };
        self.once(format!("local.{name}"), || self.worked_out(written))
    }

    pub(super) fn output(&self, name: &str) -> Result<Value, Fault> {
        let Some(written) = self.instance.module.outputs.get(name) else {
            return Err(Fault::new(format!("{}output.{name} is not declared", self.instance.prefix)));
        };
        self.once(format!("output.{name}"), || self.worked_out(written))
    }

    /// Faults in locals, outputs and defaults are told where they stand, not where they are used.
    fn worked_out(&self, written: &Written) -> Result<Value, Fault> {
        let plain = Here::of(self.whole, &self.instance);
        evaluate(&written.expression, &plain).map_err(|fault| {
            let spot = written.file.spot(fault.span.clone().or_else(|| written.expression.span()));
            self.whole.note(placed(Problem::warning(fault.message.clone()), spot.as_ref(), &written.file));
            Fault { span: None, ..fault }
        })
    }

    pub(super) fn variable(&self, name: &str) -> Result<Value, Fault> {
        let Some(variable) = self.instance.module.variables.get(name) else {
            return Err(Fault::new(format!("there is no var.{name}")));
        };
        self.once(format!("var.{name}"), || {
            let plain = Here::of(self.whole, &self.instance);
            let default = || match &variable.default {
                Some(written) => Some(self.worked_out(written)),
                None => None,
            };
            let given = match &self.instance.above {
                Some(above) => {
                    let caller = Here { whole: self.whole, instance: Rc::clone(&above.instance), each: above.each.clone() };
                    let call = above.instance.module.calls.get(&above.call);
                    call.and_then(|call| Some((call, call.body.get_attribute(name)?)))
                        .map(|(call, attribute)| Ok(caller.value(&attribute.value, &[], &call.file)))
                }
                None => match self.whole.given.get(name) {
                    Some(Raw::Text(text)) if matches!(variable.constraint.ty(), Type::String | Type::Dynamic) => {
                        Some(Ok(Value::text(text.as_str())))
                    }
                    Some(Raw::Text(text)) => Some(match text.parse::<Expression>() {
                        Ok(expression) => evaluate(&expression, &plain),
                        Err(_) => Ok(Value::text(text.as_str())),
                    }),
                    Some(Raw::Json(text)) => Some(crate::load::hcl::value_from_json(text)),
                    Some(Raw::Written(written)) => Some(self.worked_out(written)),
                    None => None,
                },
            };
            let value = match given.or_else(default) {
                Some(value) => value?,
                None => {
                    let message = format!("variable `{name}` has no value");
                    let problem = Problem::warning(message).help(format!("--var {name}=… or --var-file FILE"));
                    self.whole.note(placed(problem, variable.spot.as_ref(), &variable.file));
                    let place = Place::new(&format!("{}var.{name}", self.instance.prefix).as_str().into(), "");
                    let unknown = Unknown::at(Reason::NoValue, place);
                    return Ok(Value::unknown(variable.constraint.ty().clone(), unknown));
                }
            };
            let applied = variable.constraint.apply(&value, &|default| evaluate(default, &plain)).map_err(|fault| {
                let message = format!("the value of var.{name} is not of its type: {}", fault.message);
                self.whole.note(placed(Problem::error(message), variable.spot.as_ref(), &variable.file));
                fault
            })?;
            Ok(applied.marked(variable.sensitive))
        })
    }

}

/// A folder as a person would write it: without `.` and without going up and down again.
fn tidied(folder: &Path) -> String {
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

/// The reason an unknown hangs on first.
pub(super) fn first_reason(hole: &crate::load::hcl::Hole) -> Unknown {
    hole.reasons.first().map_or_else(|| Unknown::because(Reason::AfterApply), |reason| reason.as_ref().clone())
}
