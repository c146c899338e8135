//! The functions and methods: one table with their types, which the check and the evaluator both read. None sees
//! an unknown or null argument.

use regex::{Regex, RegexBuilder};

use super::equality::order;
use super::matcher;
use super::outcome::{Unknowns, type_name};
use super::scope::Ty;
use crate::graph::{Data, Text, Value};

/// One function.
pub(super) struct Function {
    pub(super) name: &'static str,
    /// Called on its first argument: `text.trim()`.
    pub(super) method: bool,
    pub(super) takes: &'static [Takes],
    /// How many of `takes` must be there.
    pub(super) least: usize,
    /// Whether the last of `takes` may stand any number of times.
    pub(super) repeats: bool,
    pub(super) gives: Gives,
    run: fn(&Arguments<'_>) -> Result<Value, String>,
}

/// What an argument may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Text,
    Int,
    /// Number or text.
    NumberOrText,
    /// Anything but a list or map.
    Scalar,
    TruthOrText,
    /// Text, list or map.
    Sized,
    Texts,
    /// A number, or a list of them.
    Numbers,
    /// A constant one is compiled when the expression is checked.
    Pattern,
}

/// What a function gives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Gives {
    Bool,
    Int,
    Double,
    Text,
    Texts,
    /// The type of the numbers it was given.
    Number,
}

use Takes::{Int, NumberOrText, Numbers, Pattern, Scalar, Sized, Text as Txt, Texts, TruthOrText};

const FUNCTIONS: &[Function] = &[
    function("size", &[Sized], Gives::Int, size),
    method("size", &[Sized], 1, Gives::Int, size),
    method("contains", &[Txt, Txt], 2, Gives::Bool, |a| Ok(a.text(0).contains(a.text(1)).into())),
    method("startsWith", &[Txt, Txt], 2, Gives::Bool, |a| Ok(a.text(0).starts_with(a.text(1)).into())),
    method("endsWith", &[Txt, Txt], 2, Gives::Bool, |a| Ok(a.text(0).ends_with(a.text(1)).into())),
    method("matches", &[Txt, Pattern], 2, Gives::Bool, matches_pattern),
    function("matches", &[Txt, Pattern], Gives::Bool, matches_pattern),
    method("lowerAscii", &[Txt], 1, Gives::Text, |a| Ok(a.text(0).to_ascii_lowercase().as_str().into())),
    method("upperAscii", &[Txt], 1, Gives::Text, |a| Ok(a.text(0).to_ascii_uppercase().as_str().into())),
    method("trim", &[Txt], 1, Gives::Text, |a| Ok(a.text(0).trim().into())),
    method("split", &[Txt, Txt, Int], 2, Gives::Texts, split),
    method("replace", &[Txt, Txt, Txt, Int], 3, Gives::Text, replace),
    method("substring", &[Txt, Int, Int], 2, Gives::Text, substring),
    method("join", &[Texts, Txt], 1, Gives::Text, join),
    function("int", &[NumberOrText], Gives::Int, to_int),
    function("double", &[NumberOrText], Gives::Double, to_double),
    function("string", &[Scalar], Gives::Text, to_text),
    function("bool", &[TruthOrText], Gives::Bool, to_bool),
    Function {
        repeats: true,
        ..function("math.greatest", &[Numbers], Gives::Number, |a| extreme(a, std::cmp::Ordering::Greater))
    },
    Function {
        repeats: true,
        ..function("math.least", &[Numbers], Gives::Number, |a| extreme(a, std::cmp::Ordering::Less))
    },
    function("matcherValid", &[Txt, Int, Int], Gives::Bool, |a| {
        let inside = |(from, to): (i64, i64)| a.int(1) <= from && to <= a.int(2);
        Ok(matcher::ranges(a.text(0)).is_some_and(|ranges| ranges.into_iter().all(inside)).into())
    }),
    function("matcherOverlaps", &[Txt, Int, Int], Gives::Bool, |a| {
        let overlaps = |(from, to): (i64, i64)| from <= a.int(2) && a.int(1) <= to;
        Ok(codes(a)?.into_iter().any(overlaps).into())
    }),
    function("matcherWidth", &[Txt], Gives::Int, |a| {
        let width = |(from, to): (i64, i64)| to - from + 1;
        Ok(codes(a)?.into_iter().map(width).max().unwrap_or(0).into())
    }),
];

const fn function(
    name: &'static str,
    takes: &'static [Takes],
    gives: Gives,
    run: fn(&Arguments<'_>) -> Result<Value, String>,
) -> Function {
    Function { name, method: false, takes, least: takes.len(), repeats: false, gives, run }
}

const fn method(
    name: &'static str,
    takes: &'static [Takes],
    least: usize,
    gives: Gives,
    run: fn(&Arguments<'_>) -> Result<Value, String>,
) -> Function {
    Function { name, method: true, takes, least, repeats: false, gives, run }
}

pub(super) fn find(name: &str, method: bool) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name && function.method == method)
}

pub(super) fn names(method: bool) -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().filter(move |function| function.method == method).map(|function| function.name)
}

/// What an expression hangs on when this function is given these arguments: the unknowns inside those it looks into.
pub(super) fn unknowns_inside(function: &Function, arguments: &[Value]) -> Unknowns {
    let mut inside = Unknowns::default();
    for argument in arguments {
        match &argument.data {
            // How many elements a list has does not hang on what they are.
            Data::List(_) if function.name == "size" => {}
            Data::List(items) => items.iter().filter_map(Value::as_unknown).for_each(|unknown| inside.add(unknown)),
            // What is unknown in a map may turn out not to be set.
            Data::Map(map) => map.iter().filter_map(|(_, item)| item.as_unknown()).for_each(|found| inside.add(found)),
            _ => {}
        }
    }
    inside
}

/// What a call costs beyond its one step: the size of the text it reads and of the text it makes, and to compile a pattern
/// that is not `compiled` before; there a repetition that is counted makes much of little.
pub(super) fn cost(function: &Function, arguments: &[Value], compiled: bool) -> usize {
    let text = |at: usize| arguments.get(at).and_then(Value::as_str).unwrap_or_default();
    let len = |at: usize| text(at).len();
    let items = arguments.iter().filter_map(Value::as_list).map(<[Value]>::len).sum::<usize>();
    let made = match function.name {
        "replace" => (len(0) / len(1).max(1) + 1).saturating_mul(len(2)),
        "join" => {
            let texts = arguments.first().and_then(Value::as_list).unwrap_or(&[]);
            let read: usize = texts.iter().filter_map(Value::as_str).map(str::len).sum();
            read.saturating_add(texts.len().saturating_mul(len(1)))
        }
        "split" => len(0).saturating_mul(4),
        _ => 0,
    };
    let pattern = match function.name {
        "matches" if !compiled => {
            len(1).saturating_mul(20).saturating_add(if text(1).contains('{') { 5_000 } else { 100 })
        }
        _ => 0,
    };
    items.saturating_add(len(0) / 64).saturating_add(made / 16).saturating_add(pattern)
}

/// Calls it. The types of the arguments are checked here, because the input decides some of them.
pub(super) fn run(function: &Function, arguments: &[Value], pattern: Option<&Regex>) -> Result<Value, String> {
    for (at, argument) in arguments.iter().enumerate() {
        let takes = function.takes.get(at).or(function.takes.last());
        if !takes.is_some_and(|takes| takes.fits(argument)) {
            return Err(format!("argument {} is {}", at + 1, type_name(argument)));
        }
    }
    (function.run)(&Arguments { values: arguments, pattern })
}

impl Takes {
    fn fits(self, value: &Value) -> bool {
        match (&value.data, self) {
            (Data::String(_), Txt | Pattern | NumberOrText | Scalar | TruthOrText | Sized) => true,
            (Data::Int(_), Int | NumberOrText | Scalar | Numbers) => true,
            (Data::Float(_), NumberOrText | Scalar | Numbers) => true,
            (Data::Bool(_), Scalar | TruthOrText) => true,
            (Data::List(_) | Data::Map(_), Sized) => true,
            (Data::List(items), Texts) => items.iter().all(|item| matches!(item.data, Data::String(_))),
            (Data::List(items), Numbers) => items.iter().all(|item| matches!(item.data, Data::Int(_) | Data::Float(_))),
            _ => false,
        }
    }

    /// Whether a value of this type may fit.
    pub(super) fn accepts(self, ty: &Ty) -> bool {
        match (ty, self) {
            (Ty::Any, _) => true,
            (Ty::String, Txt | Pattern | NumberOrText | Scalar | TruthOrText | Sized) => true,
            (Ty::Int, Int | NumberOrText | Scalar | Numbers) => true,
            (Ty::Double, NumberOrText | Scalar | Numbers) => true,
            (Ty::Bool, Scalar | TruthOrText) => true,
            (Ty::List(_) | Ty::Map(_) | Ty::Object(_) | Ty::Record(_), Sized) => true,
            (Ty::List(item), Texts) => matches!(**item, Ty::String | Ty::Any),
            (Ty::List(item), Numbers) => matches!(**item, Ty::Int | Ty::Double | Ty::Any),
            _ => false,
        }
    }

    pub(super) fn named(self) -> &'static str {
        match self {
            Takes::Text => "a string",
            Takes::Pattern => "a regular expression in a string",
            Takes::Int => "an int",
            Takes::NumberOrText => "a number or a string",
            Takes::Scalar => "a number, a bool or a string",
            Takes::TruthOrText => "a bool or a string",
            Takes::Sized => "a string, a list or a map",
            Takes::Texts => "a list of strings",
            Takes::Numbers => "a number or a list of numbers",
        }
    }
}

impl Gives {
    pub(super) fn ty(self, arguments: &[Ty]) -> Ty {
        match self {
            Gives::Bool => Ty::Bool,
            Gives::Int => Ty::Int,
            Gives::Double => Ty::Double,
            Gives::Text => Ty::String,
            Gives::Texts => Ty::list(Ty::String),
            Gives::Number => {
                let number = |ty: &Ty| if let Ty::List(item) = ty { (**item).clone() } else { ty.clone() };
                let mut types = arguments.iter().map(number);
                let first = types.next().unwrap_or(Ty::Any);
                if types.all(|ty| ty == first) { first } else { Ty::Any }
            }
        }
    }
}

/// Compiles a pattern, bounded in size; matching is linear in any case.
pub(in crate::policy) fn pattern(text: &str) -> Result<Regex, String> {
    RegexBuilder::new(text).size_limit(1 << 20).build().map_err(|error| {
        let said = error.to_string();
        let last = said.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("");
        format!("not a regular expression: {}", last.trim_start_matches("error: "))
    })
}

struct Arguments<'v> {
    values: &'v [Value],
    pattern: Option<&'v Regex>,
}

impl Arguments<'_> {
    fn text(&self, at: usize) -> &str {
        self.values.get(at).and_then(Value::as_str).unwrap_or("")
    }

    fn int(&self, at: usize) -> i64 {
        self.given(at).unwrap_or(0)
    }

    /// An optional whole number.
    fn given(&self, at: usize) -> Option<i64> {
        self.values.get(at).and_then(Value::as_int)
    }

    fn data(&self) -> &Data {
        self.values.first().map_or(&Data::Null, |value| &value.data)
    }
}

fn size(a: &Arguments<'_>) -> Result<Value, String> {
    let size = match a.data() {
        Data::String(text) => text.chars().count(),
        Data::List(items) => items.len(),
        Data::Map(map) => map.len(),
        _ => 0,
    };
    Ok((size as i64).into())
}

fn matches_pattern(a: &Arguments<'_>) -> Result<Value, String> {
    match a.pattern {
        Some(pattern) => Ok(pattern.is_match(a.text(0)).into()),
        None => Ok(pattern(a.text(1))?.is_match(a.text(0)).into()),
    }
}

fn split(a: &Arguments<'_>) -> Result<Value, String> {
    let (text, by) = (a.text(0), a.text(1));
    let limit = a.given(2).map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let parts: Vec<Value> = if by.is_empty() {
        let head = text.chars().take(limit.saturating_sub(1)).map(|c| Value::from(c.to_string().as_str()));
        let used: usize = text.chars().take(limit.saturating_sub(1)).map(char::len_utf8).sum();
        let tail = Some(&text[used..]).filter(|tail| limit > 0 && !tail.is_empty()).map(Value::from);
        head.chain(tail).collect()
    } else {
        text.splitn(limit, by).map(Value::from).collect()
    };
    Ok(parts.into())
}

fn replace(a: &Arguments<'_>) -> Result<Value, String> {
    let limit = a.given(3).map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(a.text(0).replacen(a.text(1), a.text(2), limit).as_str().into())
}

/// Positions count characters.
fn substring(a: &Arguments<'_>) -> Result<Value, String> {
    let text = a.text(0);
    let outside = || "the positions are outside the string".to_owned();
    let byte = |at: i64| {
        let at = usize::try_from(at).ok()?;
        text.char_indices().map(|(byte, _)| byte).chain([text.len()]).nth(at)
    };
    let from = byte(a.int(1)).ok_or_else(outside)?;
    let to = a.given(2).map_or(Some(text.len()), byte).ok_or_else(outside)?;
    Ok(text.get(from..to).ok_or_else(outside)?.into())
}

fn join(a: &Arguments<'_>) -> Result<Value, String> {
    let items = a.values.first().and_then(Value::as_list).unwrap_or(&[]);
    let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
    Ok(texts.join(a.text(1)).as_str().into())
}

fn to_int(a: &Arguments<'_>) -> Result<Value, String> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    match a.data() {
        Data::Int(number) => Ok((*number).into()),
        Data::Float(number) if number.abs() < LIMIT => Ok((*number as i64).into()),
        Data::Float(_) => Err("the number does not fit into 64 bits".to_owned()),
        _ => a.text(0).parse::<i64>().map(Value::from).map_err(|_| "the string is not a whole number".to_owned()),
    }
}

fn to_double(a: &Arguments<'_>) -> Result<Value, String> {
    let number = match a.data() {
        Data::Int(number) => *number as f64,
        Data::Float(number) => *number,
        _ => a.text(0).parse::<f64>().map_err(|_| "the string is not a number".to_owned())?,
    };
    Ok(Value::new(Data::Float(number)))
}

fn to_text(a: &Arguments<'_>) -> Result<Value, String> {
    let text: Text = match a.data() {
        Data::String(text) => Text::clone(text),
        Data::Int(number) => number.to_string().into(),
        Data::Float(number) => number.to_string().into(),
        Data::Bool(truth) => truth.to_string().into(),
        _ => "".into(),
    };
    Ok(Value::new(Data::String(text)))
}

/// The spellings CEL takes.
fn to_bool(a: &Arguments<'_>) -> Result<Value, String> {
    match (a.data(), a.text(0)) {
        (Data::Bool(truth), _) => Ok((*truth).into()),
        (_, "1" | "t" | "T" | "true" | "TRUE" | "True") => Ok(true.into()),
        (_, "0" | "f" | "F" | "false" | "FALSE" | "False") => Ok(false.into()),
        _ => Err("the string is neither true nor false".to_owned()),
    }
}

/// The first of the greatest or least.
fn extreme(a: &Arguments<'_>, wanted: std::cmp::Ordering) -> Result<Value, String> {
    let all = a.values.iter().flat_map(|value| value.as_list().unwrap_or(std::slice::from_ref(value)));
    let better = |best: &Value, next: &Value| order(next, best) == Some(wanted);
    let found = all.cloned().reduce(|best, next| if better(&best, &next) { next } else { best });
    found.ok_or_else(|| "the list has no elements".to_owned())
}

fn codes(a: &Arguments<'_>) -> Result<Vec<(i64, i64)>, String> {
    matcher::ranges(a.text(0)).ok_or_else(|| "the string is not a list of codes like `200,202` or `200-299`".to_owned())
}
