//! The tree of module instances, and the names each of them knows. Everything is worked out when it is first asked
//! for, and once.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::rc::Rc;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use num_bigint::BigInt;

use super::inputs::{Inputs, Raw, collect};
use super::modules::Manifest;
use super::source::{self, Call, Module, Written, placed};
use crate::graph::{Mode, Place, Reason, Text, Unknown};
use crate::load::hcl::{
    Fault, Files, Number, Resolved, Scope, Session, Step, Type, Value, convert, evaluate, evaluate_with,
};
use crate::source::Problem;

/// How deep modules may lie in each other.
const DEEPEST: usize = 32;
/// How many instances one `count` or `for_each` may make.
const MOST: i64 = 20_000;
/// What all of a configuration shares.
pub(super) struct Whole {
    pub root: PathBuf,
    pub session: Session,
    pub files: Files,
    pub workspace: Option<String>,
    pub problems: RefCell<Vec<Problem>>,
    given: BTreeMap<String, Raw>,
    modules: RefCell<HashMap<PathBuf, Rc<Module>>>,
    manifest: Manifest,
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
    children: RefCell<HashMap<String, Rc<Children>>>,
    expansions: RefCell<HashMap<usize, Rc<Expansion>>>,
}

/// The call a module instance comes from.
struct Above {
    instance: Rc<Instance>,
    call: String,
    each: Each,
}

/// What `each` and `count` are.
#[derive(Clone, Default)]
pub(super) struct Each {
    pub key: Option<Value>,
    pub value: Option<Value>,
    pub index: Option<i64>,
}

/// The instances a resource or call has.
pub(super) enum Expansion {
    /// One, without a key.
    Single,
    /// By `count` or `for_each`.
    Keyed(Vec<(Key, Each)>),
    /// It cannot be told how many.
    Unknown(Unknown),
}

/// An instance key.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Key {
    Index(i64),
    Text(Text),
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Key::Index(index) => write!(f, "[{index}]"),
            Key::Text(text) => write!(f, "[\"{}\"]", text.replace('\\', "\\\\").replace('"', "\\\"")),
        }
    }
}

/// The instances of a module call.
pub(super) enum Children {
    One(Rc<Instance>),
    Keyed(Vec<(Key, Rc<Instance>)>),
    Unknown(Unknown),
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
        }
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
    fn module(&self, folder: PathBuf) -> Rc<Module> {
        let key = folder.canonicalize().unwrap_or_else(|_| folder.clone());
        if let Some(module) = self.modules.borrow().get(&key) {
            return Rc::clone(module);
        }
        let shown = folder.strip_prefix(&self.root).unwrap_or(&folder).to_string_lossy().replace('\\', "/");
        let (module, problems) = Module::read(&folder, &shown);
        self.problems.borrow_mut().extend(problems);
        let module = Rc::new(module);
        self.modules.borrow_mut().insert(key, Rc::clone(&module));
        module
    }
}

impl Instance {
    fn new(module: Rc<Module>, prefix: String, depth: usize, calls: Vec<String>, above: Option<Above>) -> Instance {
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

    /// The instances of a resource of this module.
    pub(super) fn expansion(&self, at: usize) -> Rc<Expansion> {
        if let Some(known) = self.instance.expansions.borrow().get(&at) {
            return Rc::clone(known);
        }
        let resource = &self.instance.module.resources[at];
        let found = Rc::new(self.expand(&resource.body, &resource.file));
        self.instance.expansions.borrow_mut().insert(at, Rc::clone(&found));
        found
    }

    fn expand(&self, body: &hcl_edit::structure::Body, file: &source::File) -> Expansion {
        let plain = Here::of(self.whole, &self.instance);
        if let Some(count) = body.get_attribute("count") {
            let value = plain.value(&count.value, &[], file);
            let number = convert(&value, &Type::Number).unwrap_or(value);
            return match (number.as_number().and_then(Number::to_i64), number.as_hole()) {
                (Some(count), _) if (0..=MOST).contains(&count) => Expansion::Keyed(
                    (0..count).map(|at| (Key::Index(at), Each { index: Some(at), ..Each::default() })).collect(),
                ),
                (None, Some(hole)) => Expansion::Unknown(first_reason(hole)),
                _ => {
                    let spot = file.spot(count.span());
                    let message = format!("count must be a number from 0 to {MOST}");
                    self.whole.note(placed(Problem::error(message.clone()), spot.as_ref(), file));
                    Expansion::Unknown(Unknown::because(Reason::Undecidable(message.as_str().into())))
                }
            };
        }
        let Some(for_each) = body.get_attribute("for_each") else { return Expansion::Single };
        let value = plain.value(&for_each.value, &[], file);
        if let Some(hole) = value.as_hole() {
            return Expansion::Unknown(first_reason(hole));
        }
        let each = |key: &Text, value: &Value| {
            let each = Each { key: Some(Value::text(key.clone())), value: Some(value.clone()), index: None };
            (Key::Text(key.clone()), each)
        };
        let keyed: Vec<(Key, Each)> = match (value.as_entries(), value.as_items()) {
            (Some(entries), _) => entries.iter().map(|(key, value)| each(key, value)).collect(),
            (None, Some(items)) => {
                if let Some(hole) = items.iter().find_map(Value::as_hole) {
                    return Expansion::Unknown(first_reason(hole));
                }
                items.iter().filter_map(|item| Some(each(item.as_text()?, item))).collect()
            }
            _ => {
                let spot = file.spot(for_each.span());
                let message = "for_each must be a map or a set of texts";
                self.whole.note(placed(Problem::error(message), spot.as_ref(), file));
                return Expansion::Unknown(Unknown::because(Reason::Undecidable(message.into())));
            }
        };
        if keyed.len() as i64 > MOST {
            let message = format!("for_each makes more than {MOST} instances");
            return Expansion::Unknown(Unknown::because(Reason::Undecidable(message.as_str().into())));
        }
        Expansion::Keyed(keyed)
    }

    /// The instances of a module call.
    pub(super) fn children(&self, name: &str) -> Option<Rc<Children>> {
        if let Some(known) = self.instance.children.borrow().get(name) {
            return Some(Rc::clone(known));
        }
        let call = self.instance.module.calls.get(name)?;
        let found = Rc::new(self.call(name, call));
        self.instance.children.borrow_mut().insert(name.to_owned(), Rc::clone(&found));
        Some(found)
    }

    fn call(&self, name: &str, call: &Call) -> Children {
        let refuse = |message: String, help: &str| {
            let problem = Problem::warning(message.clone()).help(help);
            self.whole.note(placed(problem, call.spot.as_ref(), &call.file));
            let place = Place::new(&format!("{}module.{name}", self.instance.prefix).as_str().into(), "");
            Children::Unknown(Unknown::at(Reason::OutsideInput(message.as_str().into()), place))
        };
        if self.instance.depth >= DEEPEST {
            return refuse(format!("module.{name} lies more than {DEEPEST} modules deep"), "does it call itself?");
        }
        let mut calls = self.instance.calls.clone();
        calls.push(name.to_owned());
        let folder = match call.source.as_deref() {
            Some(source) if source.starts_with("./") || source.starts_with("../") => {
                Some(self.instance.module.folder.join(source))
            }
            _ => self.whole.manifest.folder(&calls.join(".")),
        };
        let Some(folder) = folder.filter(|folder| folder.is_dir()) else {
            let source = call.source.as_deref().unwrap_or("its source");
            return refuse(
                format!("module.{name} ({source}) is not installed, so what it makes is not seen"),
                "run `terraform init` (or `terraform get`) and check again",
            );
        };
        let module = self.whole.module(folder);
        let child = |key: Option<&Key>, each: &Each| {
            let key = key.map(Key::to_string).unwrap_or_default();
            let prefix = format!("{}module.{name}{key}.", self.instance.prefix);
            let above = Above { instance: Rc::clone(&self.instance), call: name.to_owned(), each: each.clone() };
            let depth = self.instance.depth + 1;
            Rc::new(Instance::new(Rc::clone(&module), prefix, depth, calls.clone(), Some(above)))
        };
        match self.expand(&call.body, &call.file) {
            Expansion::Single => Children::One(child(None, &Each::default())),
            Expansion::Keyed(keyed) => {
                Children::Keyed(keyed.iter().map(|(key, each)| (key.clone(), child(Some(key), each))).collect())
            }
            Expansion::Unknown(unknown) => Children::Unknown(unknown),
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

    fn local(&self, name: &str) -> Result<Value, Fault> {
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

    fn variable(&self, name: &str) -> Result<Value, Fault> {
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
                    let caller =
                        Here { whole: self.whole, instance: Rc::clone(&above.instance), each: above.each.clone() };
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

impl Scope for Here<'_> {
    fn resolve(&self, root: &str, steps: &[Step]) -> Result<Resolved, Fault> {
        let first = steps.first().and_then(Step::name);
        let one = |value: Value| Ok(Resolved { value, used: 1 });
        match (root, first) {
            ("var", Some(name)) => one(self.variable(name)?),
            ("local", Some(name)) => one(self.local(name)?),
            ("each", Some(name)) => {
                let found = match name {
                    "key" => self.each.key.clone(),
                    "value" => self.each.value.clone(),
                    _ => None,
                };
                found.map_or_else(|| Err(Fault::new("`each` stands outside of a for_each")), one)
            }
            ("count", Some("index")) => match self.each.index {
                Some(index) => one(Value::number(BigInt::from(index))),
                None => Err(Fault::new("`count.index` stands outside of a count")),
            },
            ("path", Some(name)) => {
                let module = self.instance.module.folder.strip_prefix(&self.whole.root);
                let module = module.map_or_else(|_| self.instance.module.folder.clone(), PathBuf::from);
                let module = module.to_string_lossy().replace('\\', "/");
                match name {
                    "module" if module.is_empty() => one(Value::text(".")),
                    "module" => one(Value::text(module)),
                    "root" => one(Value::text(".")),
                    "cwd" => {
                        one(Value::unknown(Type::String, Unknown::because(Reason::Undecidable("path.cwd".into()))))
                    }
                    _ => Err(Fault::new(format!("there is no path.{name}"))),
                }
            }
            ("terraform", Some("workspace")) => {
                one(Value::text(self.whole.workspace.clone().unwrap_or_else(|| "default".to_owned())))
            }
            ("terraform", Some("applying")) => one(Value::bool(false)),
            ("module", _) => self.module_value(steps),
            ("data", Some(type_name)) => match steps.get(1).and_then(Step::name) {
                Some(name) => self.resource(Mode::Data, type_name, name, steps, 2),
                None => Err(Fault::new("`data` needs a type and a name")),
            },
            ("self", _) => Ok(Resolved {
                value: Value::unknown(Type::Dynamic, Unknown::because(Reason::AfterApply)),
                used: steps.len(),
            }),
            (type_name, Some(name)) => self.resource(Mode::Managed, type_name, name, steps, 1),
            (name, None) => Err(Fault::new(format!("`{name}` is no name here"))),
        }
    }

    fn files(&self) -> Option<&Files> {
        Some(&self.whole.files)
    }

    fn session(&self) -> &Session {
        &self.whole.session
    }
}

/// The reason an unknown hangs on first.
pub(super) fn first_reason(hole: &crate::load::hcl::Hole) -> Unknown {
    hole.reasons.first().map_or_else(|| Unknown::because(Reason::AfterApply), |reason| reason.as_ref().clone())
}
