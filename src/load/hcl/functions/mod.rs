//! Terraform's functions. Each file holds the functions of one topic and their table.

mod clock;
mod collections;
mod encoding;
mod format;
mod hashing;
mod lists;
mod maps;
mod network;
mod numeric;
mod pattern;
mod reading;
mod sets;
mod text;
mod typing;
mod yaml;

use super::convert::convert;
use super::hole::{Bounds, Hole, Pieces};
use super::scope::Scope;
use super::{Fault, Number, Type, Value};
use crate::graph::{Reason, Unknown};

/// One function.
pub(super) struct Function {
    name: &'static str,
    takes: &'static [Parameter],
    rest: Option<Parameter>,
    gives: Kind,
    needs: Needs,
    run: fn(&Call<'_>) -> Result<Value, Fault>,
}

/// What of its arguments has to be known before a function runs; until then its result is unknown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// Each argument itself; not what is inside of it.
    Outside,
    /// Everything.
    Everything,
    /// The function sees to it itself.
    Nothing,
}

#[derive(Clone, Copy)]
struct Parameter {
    kind: Kind,
    null: bool,
    marks: Marks,
}

/// What becomes of the sensitivity of an argument.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Marks {
    /// The result is sensitive when anything in the argument is.
    All,
    /// The result is sensitive when the argument itself is; what is inside keeps its own.
    Outside,
    /// The function sees to it.
    Kept,
}

/// The types functions take and give.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Any,
    Bool,
    Number,
    Text,
    List,
    Texts,
    Truths,
    Lists,
    Set,
    TextSet,
    Map,
    MapOfTexts,
}

const ANY: Parameter = Parameter { kind: Kind::Any, null: false, marks: Marks::All };
const ANY_OR_NULL: Parameter = Parameter { null: true, ..ANY };
const ANY_MARKED: Parameter = Parameter { null: true, marks: Marks::Kept, ..ANY };
const ANY_PARTS: Parameter = Parameter { marks: Marks::Outside, ..ANY };
const ANY_PARTS_OR_NULL: Parameter = Parameter { null: true, ..ANY_PARTS };
const LIST_PARTS: Parameter = Parameter { kind: Kind::List, ..ANY_PARTS };
const TEXT: Parameter = Parameter { kind: Kind::Text, ..ANY };
const NUMBER: Parameter = Parameter { kind: Kind::Number, ..ANY };
const LIST: Parameter = Parameter { kind: Kind::List, ..ANY };
const TEXTS: Parameter = Parameter { kind: Kind::Texts, ..ANY };
const TRUTHS: Parameter = Parameter { kind: Kind::Truths, ..ANY };
const SET: Parameter = Parameter { kind: Kind::Set, ..ANY };
const MAP_OF_TEXTS: Parameter = Parameter { kind: Kind::MapOfTexts, ..ANY };

impl Function {
    const fn new(
        name: &'static str,
        takes: &'static [Parameter],
        gives: Kind,
        run: fn(&Call<'_>) -> Result<Value, Fault>,
    ) -> Function {
        Function { name, takes, rest: None, gives, needs: Needs::Outside, run }
    }

    const fn rest(mut self, rest: Parameter) -> Function {
        self.rest = Some(rest);
        self
    }

    const fn needs(mut self, needs: Needs) -> Function {
        self.needs = needs;
        self
    }
}

const TABLES: &[&[Function]] = &[
    clock::TABLE,
    collections::TABLE,
    encoding::TABLE,
    format::TABLE,
    hashing::TABLE,
    lists::TABLE,
    maps::TABLE,
    network::TABLE,
    numeric::TABLE,
    pattern::TABLE,
    reading::TABLE,
    sets::TABLE,
    text::TABLE,
    typing::TABLE,
    yaml::TABLE,
];

/// The function of that name.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    TABLES.iter().flat_map(|table| table.iter()).find(|function| function.name == name)
}

/// The names of all functions, sorted; `try` and `can` among them.
#[must_use]
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = TABLES.iter().flat_map(|table| table.iter().map(|function| function.name)).collect();
    names.sort_unstable();
    names
}

/// Calls a function: converts and checks the arguments, and keeps the marks.
pub(super) fn call(function: &Function, arguments: Vec<Value>, scope: &dyn Scope) -> Result<Value, Fault> {
    let least = function.takes.len();
    if arguments.len() < least || function.rest.is_none() && arguments.len() > least {
        let more = if function.rest.is_some() { "at least " } else { "" };
        return Err(Fault::new(format!("{more}{least} arguments are needed, not {}", arguments.len())));
    }
    let weight: u64 = arguments.iter().map(Value::weight).sum();
    scope.session().spend(weight)?;
    let mut sensitive = false;
    let mut prepared = Vec::with_capacity(arguments.len());
    for (i, mut argument) in arguments.into_iter().enumerate() {
        let Some(parameter) = function.takes.get(i).or(function.rest.as_ref()) else { continue };
        let place = || format!("argument {}", i + 1);
        argument = convert(&argument, &parameter.kind.ty()).map_err(|fault| fault.within(&place()))?;
        if argument.is_null() && !parameter.null {
            return Err(Fault::new(format!("{} must not be null", place())));
        }
        match parameter.marks {
            Marks::All if argument.is_sealed() => {
                sensitive = true;
                argument.unseal();
            }
            Marks::Outside => sensitive |= std::mem::take(&mut argument.sensitive),
            _ => {}
        }
        prepared.push(argument);
    }
    let call = Call { arguments: prepared, scope };
    let ready = match function.needs {
        Needs::Nothing => true,
        Needs::Outside => call.arguments.iter().all(Value::is_known),
        Needs::Everything => call.arguments.iter().all(Value::is_whole),
    };
    let result = if ready { (function.run)(&call)? } else { call.open(function.gives.ty()) };
    Ok(result.marked(sensitive))
}

/// A call, its arguments converted to what the function takes.
struct Call<'c> {
    arguments: Vec<Value>,
    scope: &'c dyn Scope,
}

impl Call<'_> {
    fn value(&self, at: usize) -> Result<&Value, Fault> {
        self.arguments.get(at).ok_or_else(|| Fault::new("an argument is missing"))
    }

    fn text(&self, at: usize) -> Result<&str, Fault> {
        self.value(at)?.as_text().map(AsRef::as_ref).ok_or_else(|| Fault::new("a string is required"))
    }

    fn number(&self, at: usize) -> Result<&Number, Fault> {
        self.value(at)?.as_number().ok_or_else(|| Fault::new("a number is required"))
    }

    fn whole(&self, at: usize) -> Result<i64, Fault> {
        let number = self.number(at)?;
        if !number.is_whole() {
            return Err(Fault::new("a whole number is required"));
        }
        number.to_i64().ok_or_else(|| Fault::new("the number is out of range"))
    }

    fn items(&self, at: usize) -> Result<&[Value], Fault> {
        self.value(at)?.as_items().ok_or_else(|| Fault::new("a list is required"))
    }

    /// The texts in a list of strings; null among them is an error.
    fn texts(&self, at: usize) -> Result<Vec<&str>, Fault> {
        let text = |item: &'_ Value| item.as_text().map(|text| text.len()).ok_or(());
        let items = self.items(at)?;
        if items.iter().any(|item| text(item).is_err()) {
            return Err(Fault::new("the list holds null; strings are required"));
        }
        Ok(items.iter().filter_map(|item| item.as_text().map(AsRef::as_ref)).collect())
    }

    /// Unknown, not null, hanging on the arguments.
    fn open(&self, ty: Type) -> Value {
        let bounds = if ty == Type::Dynamic { Bounds::default() } else { Bounds::not_null() };
        self.open_with(ty, bounds)
    }

    fn open_with(&self, ty: Type, bounds: Bounds) -> Value {
        Value::hole(Hole::from_values(ty, &self.arguments).bounded(bounds))
    }

    /// An unknown text of which these pieces are known.
    fn open_made_of(&self, pieces: Pieces, bounds: Bounds) -> Value {
        let hole = Hole::from_values(Type::String, &self.arguments).bounded(bounds);
        Value::hole(Hole { pieces: pieces.kept(), ..hole })
    }
}

/// Unknown for a reason of its own, not null.
fn undecidable(ty: Type, why: &str) -> Value {
    Value::unknown(ty, Unknown::because(Reason::Undecidable(why.into()))).not_null()
}

fn texts(items: impl IntoIterator<Item = String>) -> Value {
    Value::list(Type::String, items.into_iter().map(Value::text).collect())
}

impl Kind {
    fn ty(self) -> Type {
        match self {
            Kind::Any => Type::Dynamic,
            Kind::Bool => Type::Bool,
            Kind::Number => Type::Number,
            Kind::Text => Type::String,
            Kind::List => Type::list(Type::Dynamic),
            Kind::Texts => Type::list(Type::String),
            Kind::Truths => Type::list(Type::Bool),
            Kind::Lists => Type::list(Type::list(Type::Dynamic)),
            Kind::Set => Type::set(Type::Dynamic),
            Kind::TextSet => Type::set(Type::String),
            Kind::Map => Type::map(Type::Dynamic),
            Kind::MapOfTexts => Type::map(Type::list(Type::String)),
        }
    }
}
