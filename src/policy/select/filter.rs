//! Filters of JSONPath in three values.

use std::borrow::Cow;
use std::cmp::Ordering;

use jsonpath_rust::parser::model::{
    Comparable, Comparison, Filter, FilterAtom, FnArg, Literal, Segment, SingularQuery, SingularQuerySegment, Test,
    TestFunction,
};

use super::{Node, TooMuch, Walk};
use crate::graph::{Data, Truth, Value};
use crate::policy::expression::{self, Unknowns};

/// One side of a comparison.
enum Operand<'v> {
    /// Nothing is there.
    Nothing,
    Value(Cow<'v, Value>),
    Unknown(Unknowns),
}

impl<'v> Walk<'v> {
    /// Whether the node may pass; adds to `hangs_on` what decides it, when something does.
    pub(super) fn filter(
        &mut self,
        node: &Node<'v>,
        filter: &Filter,
        hangs_on: &mut Unknowns,
    ) -> Result<bool, TooMuch> {
        let mut met = Unknowns::default();
        let truth = self.truth(node, filter, &mut met)?;
        if truth == Truth::Unknown {
            hangs_on.extend(met.iter());
        }
        Ok(truth != Truth::False)
    }

    fn truth(&mut self, node: &Node<'v>, filter: &Filter, met: &mut Unknowns) -> Result<Truth, TooMuch> {
        self.spend()?;
        let fold = |walk: &mut Self, all: &[Filter], met: &mut Unknowns, decisive: Truth| {
            let mut truth = !decisive;
            for part in all {
                let next = walk.truth(node, part, met)?;
                truth = if decisive == Truth::True { truth.or(next) } else { truth.and(next) };
                if truth == decisive {
                    break;
                }
            }
            Ok(truth)
        };
        match filter {
            Filter::Or(all) => fold(self, all, met, Truth::True),
            Filter::And(all) => fold(self, all, met, Truth::False),
            Filter::Atom(FilterAtom::Filter { expr, not }) => {
                let truth = self.truth(node, expr, met)?;
                Ok(if *not { !truth } else { truth })
            }
            Filter::Atom(FilterAtom::Test { expr, not }) => {
                let truth = self.test(node, expr, met)?;
                Ok(if *not { !truth } else { truth })
            }
            Filter::Atom(FilterAtom::Comparison(comparison)) => self.comparison(node, comparison, met),
        }
    }

    /// Whether a query finds anything, or a function says yes.
    fn test(&mut self, node: &Node<'v>, test: &Test, met: &mut Unknowns) -> Result<Truth, TooMuch> {
        if let Test::Function(function) = test {
            return Ok(match self.function(node, function)? {
                Operand::Value(value) => (value.as_bool() == Some(true)).into(),
                Operand::Nothing => Truth::False,
                Operand::Unknown(unknowns) => {
                    met.extend(unknowns.iter());
                    Truth::Unknown
                }
            });
        }
        let found = self.query(node, test)?;
        if found.iter().any(|node| node.hangs_on.is_empty() && node.value.as_unknown().is_none()) {
            return Ok(Truth::True);
        }
        for node in &found {
            met.extend(&node.hangs_on);
            met.extend(node.value.as_unknown());
        }
        Ok(if found.is_empty() { Truth::False } else { Truth::Unknown })
    }

    fn query(&mut self, node: &Node<'v>, test: &Test) -> Result<Vec<Node<'v>>, TooMuch> {
        let root = Node { path: String::new(), value: Cow::Borrowed(self.root), hangs_on: Vec::new() };
        let here = Node { hangs_on: Vec::new(), ..node.clone() };
        match test {
            Test::RelQuery(segments) => self.segments(vec![here], segments),
            Test::AbsQuery(query) => self.segments(vec![root], &query.segments),
            Test::Function(_) => Ok(Vec::new()),
        }
    }

    fn comparison(&mut self, node: &Node<'v>, comparison: &Comparison, met: &mut Unknowns) -> Result<Truth, TooMuch> {
        let (left, right) = comparison.vals();
        let (left, right) = (self.operand(node, left)?, self.operand(node, right)?);
        let mut open = false;
        for side in [&left, &right] {
            if let Operand::Unknown(unknowns) = side {
                met.extend(unknowns.iter());
                open = true;
            }
        }
        if open {
            return Ok(Truth::Unknown);
        }
        let equal = match (&left, &right) {
            (Operand::Value(left), Operand::Value(right)) => {
                expression::equal(left, right, met, &mut self.budget).map_err(|_| TooMuch)?
            }
            (Operand::Nothing, Operand::Nothing) => Truth::True,
            _ => Truth::False,
        };
        let ordered = match (&left, &right) {
            (Operand::Value(left), Operand::Value(right)) if !matches!(left.data, Data::Bool(_)) => {
                expression::order(left, right)
            }
            _ => None,
        };
        let is = |order: Ordering| Truth::from(ordered == Some(order));
        Ok(match comparison {
            Comparison::Eq(..) => equal,
            Comparison::Ne(..) => !equal,
            Comparison::Lt(..) => is(Ordering::Less),
            Comparison::Gt(..) => is(Ordering::Greater),
            Comparison::Lte(..) => is(Ordering::Less).or(equal),
            Comparison::Gte(..) => is(Ordering::Greater).or(equal),
        })
    }

    fn operand(&mut self, node: &Node<'v>, side: &Comparable) -> Result<Operand<'v>, TooMuch> {
        match side {
            Comparable::Literal(value) => Ok(Operand::Value(Cow::Owned(literal(value)))),
            Comparable::Function(function) => self.function(node, function),
            Comparable::SingularQuery(query) => {
                let (test, path) = match query {
                    SingularQuery::Current(path) => (Test::RelQuery as fn(Vec<Segment>) -> Test, path),
                    SingularQuery::Root(path) => (absolute as fn(Vec<Segment>) -> Test, path),
                };
                let segments = path.iter().map(|step| match step {
                    SingularQuerySegment::Index(at) => {
                        Segment::Selector(jsonpath_rust::parser::model::Selector::Index(*at))
                    }
                    SingularQuerySegment::Name(name) => Segment::name(name),
                });
                let found = self.query(node, &test(segments.collect()))?;
                Ok(only(found))
            }
        }
    }

    /// The functions of RFC 9535, 2.4.
    fn function(&mut self, node: &Node<'v>, function: &TestFunction) -> Result<Operand<'v>, TooMuch> {
        let known = |data| Operand::Value(Cow::Owned(Value::new(data)));
        Ok(match function {
            TestFunction::Length(argument) => match self.argument(node, argument)? {
                Operand::Value(value) => match &value.data {
                    Data::String(text) => known(Data::Int(text.chars().count() as i64)),
                    Data::List(items) => known(Data::Int(items.len() as i64)),
                    Data::Map(map) => match map.iter().find_map(|(_, item)| item.as_unknown()) {
                        Some(unknown) => unknown_operand([unknown]),
                        None => known(Data::Int(map.len() as i64)),
                    },
                    _ => Operand::Nothing,
                },
                other => other,
            },
            TestFunction::Value(argument) => self.argument(node, argument)?,
            TestFunction::Count(argument) => {
                let FnArg::Test(test) = argument else { return Ok(Operand::Nothing) };
                let found = self.query(node, test)?;
                let open: Vec<_> = found.iter().flat_map(|node| &node.hangs_on).collect();
                if open.is_empty() { known(Data::Int(found.len() as i64)) } else { unknown_operand(open) }
            }
            TestFunction::Match(text, pattern) => self.pattern(node, text, pattern, true)?,
            TestFunction::Search(text, pattern) => self.pattern(node, text, pattern, false)?,
            TestFunction::Custom(..) => Operand::Nothing,
        })
    }

    fn pattern(&mut self, node: &Node<'v>, text: &FnArg, pattern: &FnArg, whole: bool) -> Result<Operand<'v>, TooMuch> {
        let (text, pattern) = match (self.argument(node, text)?, self.argument(node, pattern)?) {
            (Operand::Unknown(mut some), Operand::Unknown(more)) => {
                some.extend(more.iter());
                return Ok(Operand::Unknown(some));
            }
            (Operand::Unknown(some), _) | (_, Operand::Unknown(some)) => return Ok(Operand::Unknown(some)),
            (Operand::Value(text), Operand::Value(pattern)) => (text, pattern),
            _ => return Ok(Operand::Nothing),
        };
        let (Some(text), Some(pattern)) = (text.as_str(), pattern.as_str()) else { return Ok(Operand::Nothing) };
        // Compiling one costs far more than a step.
        self.budget.spend(1000 + text.len() / 64).map_err(|_| TooMuch)?;
        let pattern = if whole { format!("^(?:{pattern})$") } else { pattern.to_owned() };
        let found = expression::pattern(&pattern).is_ok_and(|pattern| pattern.is_match(text));
        Ok(Operand::Value(Cow::Owned(found.into())))
    }

    fn argument(&mut self, node: &Node<'v>, argument: &FnArg) -> Result<Operand<'v>, TooMuch> {
        match argument {
            FnArg::Literal(value) => Ok(Operand::Value(Cow::Owned(literal(value)))),
            FnArg::Test(test) => match &**test {
                Test::Function(function) => self.function(node, function),
                query => Ok(only(self.query(node, query)?)),
            },
            FnArg::Filter(_) => Ok(Operand::Nothing),
        }
    }
}

fn absolute(segments: Vec<Segment>) -> Test {
    Test::AbsQuery(jsonpath_rust::parser::model::JpQuery { segments })
}

/// The value of a query that finds exactly one node.
fn only(found: Vec<Node<'_>>) -> Operand<'_> {
    let open: Vec<_> = found.iter().flat_map(|node| node.hangs_on.iter().chain(node.value.as_unknown())).collect();
    if !open.is_empty() {
        return unknown_operand(open);
    }
    let mut found = found.into_iter();
    match (found.next(), found.next()) {
        (Some(node), None) => Operand::Value(node.value),
        _ => Operand::Nothing,
    }
}

fn unknown_operand<'u, 'v>(
    unknowns: impl IntoIterator<Item = &'u std::sync::Arc<crate::graph::Unknown>>,
) -> Operand<'v> {
    let mut all = Unknowns::default();
    all.extend(unknowns);
    Operand::Unknown(all)
}

fn literal(literal: &Literal) -> Value {
    match literal {
        Literal::Int(number) => (*number).into(),
        Literal::Float(number) => Value::new(Data::Float(*number)),
        Literal::String(text) => text.as_str().into(),
        Literal::Bool(truth) => (*truth).into(),
        Literal::Null => Value::null(),
    }
}
