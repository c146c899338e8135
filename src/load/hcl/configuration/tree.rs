//! The tree of module instances, and the names each of them knows. Everything is worked out when it is first asked
//! for, and once.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Body};
use num_bigint::BigInt;

use super::body;
use super::inputs::{self, Inputs, Raw, collect};
use super::modules::Manifest;
use super::source::{self, Call, Module, Resource, Written, placed};
use crate::graph::{Mode, Place, Reason, Spot, Text, Unknown};
use super::counting::{Refused, counted, for_each_of};
use crate::load::hcl::files::cleaned;
use crate::load::hcl::{
    Content, Fault, Files, Resolved, Scope, Session, Step, Type, Value, evaluate_with,
};
use crate::source::Problem;

/// How deep modules may lie in each other.
const DEEPEST: usize = 32;
/// How many instances of resources and modules there may be in all.
const MOST_OF_ALL: i64 = 200_000;
/// How many values resources and modules may be given in all; a large one counts wherever it is given.
const HEAVIEST: u64 = 20_000_000;
/// Attributes any resource may have that nobody writes. A whole resource (`aws_subnet.this[*].id`) has these.
const COMPUTED: &[&str] = &[
    "id", "arn", "name", "arn_suffix", "dns_name", "zone_id", "url", "vpc_id", "owner_id", "private_ip", "public_ip",
    "public_dns", "private_dns", "availability_zone", "availability_zone_id", "cidr_block", "ipv6_cidr_block",
    "default_security_group_id", "default_network_acl_id", "default_route_table_id", "main_route_table_id", "family",
    "revision", "arn_without_revision", "repository_url", "invoke_arn", "qualified_arn", "version", "latest_version",
    "default_version", "hosted_zone_id", "bucket", "bucket_domain_name", "output", "result", "hex", "endpoint",
    "address", "port", "security_groups", "subnets", "subnet_id", "tags_all", "key_name", "function_name", "domain",
    "domain_validation_options", "certificate_arn", "primary_network_interface_id", "network_interface_id", "ids",
    "names", "value", "json", "account_id", "region", "primary_cluster_arn", "identifier", "listener_arn",
];

/// What all of a configuration shares.
pub(super) struct Whole {
    pub root: PathBuf,
    pub session: Session,
    pub files: Files,
    pub workspace: String,
    pub problems: RefCell<Vec<Problem>>,
    pub given: BTreeMap<String, Raw>,
    /// Modules that are not installed: by the path of calls, with their source and the place of the call.
    uninstalled: RefCell<BTreeMap<String, Uninstalled>>,
    /// How many instances of resources and modules there are.
    instances: Cell<i64>,
    /// How much all values of resources and modules hold.
    held: Cell<u64>,
    modules: RefCell<HashMap<PathBuf, Rc<Module>>>,
    manifest: Manifest,
}

struct Uninstalled {
    source: String,
    spot: Option<Spot>,
    file: Arc<source::File>,
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
    children: RefCell<HashMap<String, Rc<Children>>>,
    expansions: RefCell<HashMap<usize, Rc<Expansion>>>,
}

/// The call a module instance comes from.
pub(super) struct Above {
    pub instance: Rc<Instance>,
    pub call: String,
    pub each: Each,
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
        let files = Files::new(&root, &manifest.readable(&root));
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
            manifest,
            root,
        }
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
    fn admits(&self, more: i64) -> bool {
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

    /// The modules this instance lies in, its own first.
    fn lineage(&self) -> impl Iterator<Item = Rc<Module>> {
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
    pub(super) fn value(&self, written: &Expression, names: &[(&str, &Value)], file: &source::File) -> Value {
        let value = evaluate_with(written, names, self).and_then(|value| match self.whole.keeps(&value) {
            true => Ok(value),
            false => Err(Fault::limit(format!("the configuration holds more than {HEAVIEST} values"))),
        });
        match value {
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
        let found = Rc::new(self.expand(&resource.body, &|name| Arc::clone(resource.file_of(name))));
        self.instance.expansions.borrow_mut().insert(at, Rc::clone(&found));
        found
    }

    fn expand(&self, body: &Body, file_of: &dyn Fn(&'static str) -> Arc<source::File>) -> Expansion {
        let plain = Here::of(self.whole, &self.instance);
        let refuse = |problem: Problem, attribute: &Attribute, file: &source::File| {
            let unknown = Unknown::because(Reason::Undecidable(problem.message.as_str().into()));
            self.whole.note(placed(problem, file.spot(attribute.value.span()).as_ref(), file));
            Expansion::Unknown(unknown)
        };
        let (attribute, file, keyed) = if let Some(count) = body.get_attribute("count") {
            let file = file_of("count");
            let value = plain.value(&count.value, &[], &file);
            match counted(&value) {
                Ok(keyed) => (count, file, keyed),
                Err(Refused::Unknown(unknown)) => return Expansion::Unknown(unknown),
                Err(Refused::Because(problem)) => return refuse(problem, count, &file),
            }
        } else if let Some(for_each) = body.get_attribute("for_each") {
            let file = file_of("for_each");
            let value = plain.value(&for_each.value, &[], &file);
            match for_each_of(&value) {
                Ok(keyed) => (for_each, file, keyed),
                Err(Refused::Unknown(unknown)) => return Expansion::Unknown(unknown),
                Err(Refused::Because(problem)) => return refuse(problem, for_each, &file),
            }
        } else {
            return Expansion::Single;
        };
        if !self.whole.admits(keyed.len() as i64) {
            let message = format!("the configuration makes more than {MOST_OF_ALL} resources and modules");
            return refuse(Problem::warning(message), attribute, &file);
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
        let mut calls = self.instance.calls.clone();
        calls.push(name.to_owned());
        let folder = match call.source.as_deref() {
            Some(source) if source.starts_with("./") || source.starts_with("../") => {
                let folder = self.instance.module.folder.join(source);
                if !folder.is_dir() {
                    return refuse(format!("module.{name}: there is no folder {source}"), "look at its source");
                }
                folder
            }
            source => match self.whole.manifest.folder(&calls.join(".")).filter(|folder| folder.is_dir()) {
                Some(folder) => folder,
                None => {
                    let source = source.unwrap_or("its source is no plain text").to_owned();
                    let uninstalled = Uninstalled { source, spot: call.spot.clone(), file: Arc::clone(&call.file) };
                    self.whole.uninstalled.borrow_mut().insert(calls.join("."), uninstalled);
                    let place = Place::new(&format!("{}module.{name}", self.instance.prefix).as_str().into(), "");
                    let reason = Reason::OutsideInput(format!("module.{name} is not installed").as_str().into());
                    return Children::Unknown(Unknown::at(reason, place));
                }
            },
        };
        let module = self.whole.module(folder);
        if self.instance.lineage().any(|above| Rc::ptr_eq(&above, &module)) {
            return refuse(format!("module.{name} calls itself"), "look at its source; Terraform cannot end this either");
        }
        if self.instance.depth >= DEEPEST {
            return refuse(format!("module.{name} lies more than {DEEPEST} modules deep"), "call it from further up");
        }
        // Its resources are there once for each instance of it.
        if !self.whole.admits(1 + module.resources.len() as i64) {
            let message = format!("the configuration makes more than {MOST_OF_ALL} resources and modules");
            return refuse(message, "check the parts of the configuration one by one");
        }
        let child = |key: Option<&Key>, each: &Each| {
            let key = key.map(Key::to_string).unwrap_or_default();
            let prefix = format!("{}module.{name}{key}.", self.instance.prefix);
            let above = Above { instance: Rc::clone(&self.instance), call: name.to_owned(), each: each.clone() };
            let depth = self.instance.depth + 1;
            Rc::new(Instance::new(Rc::clone(&module), prefix, depth, calls.clone(), Some(above)))
        };
        match self.expand(&call.body, &|name| Arc::clone(call.file_of(name))) {
            Expansion::Single => Children::One(child(None, &Each::default())),
            Expansion::Keyed(keyed) => {
                if !self.whole.admits((keyed.len() * module.resources.len()) as i64) {
                    let message = format!("the configuration makes more than {MOST_OF_ALL} resources and modules");
                    return refuse(message, "check the parts of the configuration one by one");
                }
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
        Err(Fault::new(message))
    }

    /// A resource, or one instance of it, or one attribute of one instance, as far as `steps` lead.
    fn resource(&self, mode: Mode, type_name: &str, name: &str, steps: &[Step], skip: usize) -> Result<Resolved, Fault> {
        let key = (mode == Mode::Data, type_name.to_owned(), name.to_owned());
        let Some(&at) = self.instance.module.by_name.get(&key) else {
            let value = self.missing(format!("{type_name}.{name} is not declared in this module"))?;
            return Ok(Resolved { value, used: steps.len() });
        };
        let resource = &self.instance.module.resources[at];
        let rest = &steps[skip..];
        match (&*self.expansion(at), rest.first()) {
            (Expansion::Single, Some(Step::Attribute(attribute))) => {
                let value = self.attribute(at, None, &Each::default(), attribute)?;
                Ok(Resolved { value, used: skip + 1 })
            }
            (Expansion::Single, _) => Ok(Resolved { value: self.object(at, None, &Each::default())?, used: skip }),
            (Expansion::Keyed(keyed), Some(Step::Index(index))) => {
                let Some((key, each)) = keyed.iter().find(|(key, _)| is_key(key, index)) else {
                    return match index.as_hole() {
                        Some(hole) => Ok(Resolved { value: derived(hole), used: skip + 1 }),
                        None => Err(Fault::new(format!("{}{} has no such instance", resource.type_name, resource.name))),
                    };
                };
                match rest.get(1) {
                    Some(Step::Attribute(attribute)) => {
                        let value = self.attribute(at, Some(key), each, attribute)?;
                        Ok(Resolved { value, used: skip + 2 })
                    }
                    _ => Ok(Resolved { value: self.object(at, Some(key), each)?, used: skip + 1 }),
                }
            }
            (Expansion::Keyed(keyed), _) => {
                let by_text = resource.body.get_attribute("for_each").is_some();
                let objects: Result<Vec<(Key, Value)>, Fault> =
                    keyed.iter().map(|(key, each)| Ok((key.clone(), self.object(at, Some(key), each)?))).collect();
                let value = if by_text {
                    let entries = objects?.into_iter().filter_map(|(key, value)| match key {
                        Key::Text(text) => Some((text, value)),
                        Key::Index(_) => None,
                    });
                    Value::object(entries.collect())
                } else {
                    Value::tuple(objects?.into_iter().map(|(_, value)| value).collect())
                };
                Ok(Resolved { value, used: skip })
            }
            (Expansion::Unknown(unknown), _) => {
                Ok(Resolved { value: Value::unknown(Type::Dynamic, unknown.clone()), used: steps.len() })
            }
        }
    }

    /// An attribute of a resource instance: as written, else what will be known after apply.
    fn attribute(&self, at: usize, key: Option<&Key>, each: &Each, name: &str) -> Result<Value, Fault> {
        let resource = &self.instance.module.resources[at];
        let address = self.address(resource, key);
        let later = || {
            let place = Place::new(&address.as_str().into(), name);
            Value::unknown(Type::Dynamic, Unknown::at(Reason::Reference, place))
        };
        let memo = format!("{}{}.{}{}.{name}", if resource.mode == Mode::Data { "data." } else { "" }, resource.type_name, resource.name, key.map(Key::to_string).unwrap_or_default());
        self.once(memo, || {
            let here = self.with(each);
            if let Some(attribute) = resource.body.get_attribute(name) {
                let value = here.value(&attribute.value, &[], resource.file_of(name));
                return Ok(if value.is_null() { later() } else { value });
            }
            if resource.body.has_blocks(name) {
                return Ok(body::blocks(&here, &resource.body, name, resource));
            }
            Ok(later())
        })
    }

    /// A whole resource instance: what is written, and what any resource may have besides.
    fn object(&self, at: usize, key: Option<&Key>, each: &Each) -> Result<Value, Fault> {
        let resource = &self.instance.module.resources[at];
        let mut entries = BTreeMap::new();
        let written = resource.body.attributes().map(|attribute| attribute.key.as_str());
        for name in written.filter(|name| !body::META.contains(name)).chain(COMPUTED.iter().copied()) {
            if !entries.contains_key(name) {
                entries.insert(Text::from(name), self.attribute(at, key, each, name)?);
            }
        }
        Ok(Value::object(entries))
    }

    /// The full address of a resource instance.
    pub(super) fn address(&self, resource: &Resource, key: Option<&Key>) -> String {
        let data = if resource.mode == Mode::Data { "data." } else { "" };
        let key = key.map(Key::to_string).unwrap_or_default();
        format!("{}{data}{}.{}{key}", self.instance.prefix, resource.type_name, resource.name)
    }

    fn module_value(&self, steps: &[Step]) -> Result<Resolved, Fault> {
        let Some(name) = steps.first().and_then(Step::name) else {
            return Err(Fault::new("`module` needs a name"));
        };
        let Some(children) = self.children(name) else {
            let value = self.missing(format!("there is no module \"{name}\""))?;
            return Ok(Resolved { value, used: steps.len() });
        };
        let outputs = |child: &Rc<Instance>| -> Result<Value, Fault> {
            let here = Here::of(self.whole, child);
            let names = child.module.outputs.keys();
            let entries: Result<BTreeMap<Text, Value>, Fault> =
                names.map(|name| Ok((Text::from(name.as_str()), here.output(name)?))).collect();
            Ok(Value::object(entries?))
        };
        let of = |child: &Rc<Instance>, used: usize| match steps.get(used).and_then(Step::name) {
            Some(output) => Ok(Resolved { value: Here::of(self.whole, child).output(output)?, used: used + 1 }),
            None => Ok(Resolved { value: outputs(child)?, used }),
        };
        match (&*children, steps.get(1)) {
            (Children::One(child), _) => of(child, 1),
            (Children::Keyed(keyed), Some(Step::Index(index))) => {
                match keyed.iter().find(|(key, _)| is_key(key, index)) {
                    Some((_, child)) => of(child, 2),
                    None => match index.as_hole() {
                        Some(hole) => Ok(Resolved { value: derived(hole), used: 2 }),
                        None => Err(Fault::new(format!("module.{name} has no such instance"))),
                    },
                }
            }
            (Children::Keyed(keyed), _) => {
                let all: Result<Vec<(Key, Value)>, Fault> =
                    keyed.iter().map(|(key, child)| Ok((key.clone(), outputs(child)?))).collect();
                let all = all?;
                let by_text = all.iter().all(|(key, _)| matches!(key, Key::Text(_))) && !all.is_empty();
                let value = if by_text {
                    let entries = all.into_iter().filter_map(|(key, value)| match key {
                        Key::Text(text) => Some((text, value)),
                        Key::Index(_) => None,
                    });
                    Value::object(entries.collect())
                } else {
                    Value::tuple(all.into_iter().map(|(_, value)| value).collect())
                };
                Ok(Resolved { value, used: 1 })
            }
            (Children::Unknown(unknown), _) => {
                Ok(Resolved { value: Value::unknown(Type::Dynamic, unknown.clone()), used: steps.len() })
            }
        }
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
                let module = cleaned(&module.to_string_lossy().replace('\\', "/"));
                match name {
                    "module" => one(Value::text(module)),
                    "root" => one(Value::text(".")),
                    "cwd" => one(Value::unknown(Type::String, Unknown::because(Reason::Undecidable("path.cwd".into())))),
                    _ => Err(Fault::new(format!("there is no path.{name}"))),
                }
            }
            ("terraform" | "tofu", Some("workspace")) => one(Value::text(self.whole.workspace.as_str())),
            ("terraform" | "tofu", Some("applying")) => one(Value::bool(false)),
            ("module", _) => self.module_value(steps),
            ("data", Some(type_name)) => match steps.get(1).and_then(Step::name) {
                Some(name) => self.resource(Mode::Data, type_name, name, steps, 2),
                None => Err(Fault::new("`data` needs a type and a name")),
            },
            // `ephemeral` resources live only while Terraform runs.
            ("self" | "ephemeral", _) => Ok(Resolved {
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

/// An unknown that comes of another.
fn derived(hole: &crate::load::hcl::Hole) -> Value {
    let mut unknown = first_reason(hole);
    if unknown.reason == Reason::Reference {
        unknown.reason = Reason::AfterApply;
    }
    Value::unknown(Type::Dynamic, unknown)
}

fn is_key(key: &Key, index: &Value) -> bool {
    match (key, &index.content) {
        (Key::Index(own), Content::Number(number)) => number.to_i64() == Some(*own),
        (Key::Index(own), Content::String(text)) => text.parse() == Ok(*own),
        (Key::Text(own), Content::String(text)) => own == text,
        (Key::Text(own), Content::Number(number)) => number.to_i64().is_some_and(|number| number.to_string() == **own),
        _ => false,
    }
}
