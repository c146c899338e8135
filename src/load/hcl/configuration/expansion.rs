//! Which instances there are: `count` and `for_each` of resources and module calls.

use std::rc::Rc;
use std::sync::Arc;

use hcl_edit::structure::{Attribute, Body};

use super::counting::{Keyed, Refused, counted, for_each_of};
use super::modules::Installed;
use super::places::span_of;
use super::source::{Call, placed};
use super::tree::{Above, Here, Instance, MOST_OF_ALL, Uninstalled};
use crate::graph::{Reason, Text, Unknown};
use crate::load::file::File;
use crate::load::hcl::{Content, Value};
use crate::source::Problem;

/// How deep modules may lie in each other.
const DEEPEST: usize = 32;

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

impl Here<'_> {
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

    fn expand(&self, body: &Body, file_of: &dyn Fn(&'static str) -> Arc<File>) -> Expansion {
        let plain = Here::of(self.whole, &self.instance);
        let refuse = |problem: Problem, attribute: &Attribute, file: &File| {
            let unknown = Unknown::because(Reason::Undecidable(problem.message.as_str().into()));
            self.whole.note(placed(problem, file.spot(span_of(&attribute.value)).as_ref(), file));
            Expansion::Unknown(unknown)
        };
        type Keys = fn(&Value) -> Keyed;
        let ways: [(&'static str, Keys); 2] = [("count", counted), ("for_each", for_each_of)];
        let written = ways.iter().find_map(|&(name, keys)| Some((name, keys, body.get_attribute(name)?)));
        let Some((name, keys, attribute)) = written else { return Expansion::Single };
        let file = file_of(name);
        let keyed = match keys(&plain.value(&attribute.value, &[], &file)) {
            Ok(keyed) => keyed,
            Err(Refused::Unknown(mut unknown)) => {
                // How many there are is not what the number is.
                if unknown.reason == Reason::Reference {
                    unknown.reason = Reason::AfterApply;
                }
                return Expansion::Unknown(unknown);
            }
            Err(Refused::Because(problem)) => return refuse(problem, attribute, &file),
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
            Children::Unknown(Unknown::because(Reason::Undecidable(message.as_str().into())))
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
            source => match self.whole.manifest.find(&calls.join("."), source) {
                Installed::At(folder) => folder,
                Installed::Stale => {
                    let message = format!(
                        "module.{name} is installed from another source than it has now, so what it makes is not seen"
                    );
                    return refuse(message, "run `terraform init` and check again");
                }
                Installed::Missing => {
                    let source = source.unwrap_or("its source is no plain text").to_owned();
                    let uninstalled = Uninstalled { source, spot: call.spot.clone(), file: Arc::clone(&call.file) };
                    self.whole.uninstalled.borrow_mut().insert(calls.join("."), uninstalled);
                    let why = format!("{}module.{name} is not installed", self.instance.prefix);
                    return Children::Unknown(Unknown::because(Reason::Undecidable(why.as_str().into())));
                }
            },
        };
        let module = self.whole.module(folder);
        if module.files > 0 {
            self.whole.files.admit(&module.folder);
        }
        if self.instance.lineage().any(|above| Rc::ptr_eq(&above, &module)) {
            return refuse(
                format!("module.{name} calls itself"),
                "look at its source; Terraform cannot end this either",
            );
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
}

/// The instance an index names. Instances stand in the order of their keys.
pub(super) fn find<'k, T>(keyed: &'k [(Key, T)], index: &Value) -> Option<&'k (Key, T)> {
    let at = match &index.content {
        Content::Number(number) => usize::try_from(number.to_i64()?).ok(),
        Content::String(text) => keyed.binary_search_by(|(key, _)| text_of(key).cmp(text)).ok(),
        _ => None,
    };
    let likely = at.and_then(|at| keyed.get(at)).filter(|(key, _)| is_key(key, index));
    likely.or_else(|| keyed.iter().find(|(key, _)| is_key(key, index)))
}

fn text_of(key: &Key) -> Text {
    match key {
        Key::Index(index) => index.to_string().as_str().into(),
        Key::Text(text) => text.clone(),
    }
}

/// Whether an index names an instance.
fn is_key(key: &Key, index: &Value) -> bool {
    match (key, &index.content) {
        (Key::Index(own), Content::Number(number)) => number.to_i64() == Some(*own),
        (Key::Index(own), Content::String(text)) => text.parse() == Ok(*own),
        (Key::Text(own), Content::String(text)) => own == text,
        (Key::Text(own), Content::Number(number)) => number.to_i64().is_some_and(|number| number.to_string() == **own),
        _ => false,
    }
}
