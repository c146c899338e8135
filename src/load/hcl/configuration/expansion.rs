//! Which instances there are: `count` and `for_each` of resources and module calls.

use std::rc::Rc;

use hcl_edit::Span;

use super::source::{self, Call, placed};
use super::tree::{Above, DEEPEST, Here, Instance, first_reason};
use crate::graph::{Place, Reason, Text, Unknown};
use crate::load::hcl::{Content, Number, Type, Value, convert};
use crate::source::Problem;

/// How many instances one `count` or `for_each` may make.
const MOST: i64 = 20_000;

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
}

/// Whether an index names an instance.
pub(super) fn is_key(key: &Key, index: &Value) -> bool {
    match (key, &index.content) {
        (Key::Index(own), Content::Number(number)) => number.to_i64() == Some(*own),
        (Key::Index(own), Content::String(text)) => text.parse() == Ok(*own),
        (Key::Text(own), Content::String(text)) => own == text,
        (Key::Text(own), Content::Number(number)) => number.to_i64().is_some_and(|number| number.to_string() == **own),
        _ => false,
    }
}
