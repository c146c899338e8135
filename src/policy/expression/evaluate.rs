//! The evaluator: Kleene's three values for `! && || ?:`, errors absorbed as CEL absorbs them, unknown winning over
//! error. Reading variables is in `path.rs`, the macros are in `fold.rs`.

use std::cmp::Ordering;
use std::sync::Arc;

use super::ast::{Arithmetic, Call, Comparison, Expr, ExprKind, Junction};
use super::equality::{Budget, equal, order, same};
use super::outcome::{Answer, Eval, Outcome, Read, Reads, Stop, Stops, Unknowns, resting_on, type_name};
use super::path::Local;
use super::{Expression, functions};
use crate::graph::{Data, Map, Truth, Unknown, Value};

/// Evaluates expressions over one set of variables. The values of `variables.…` and the step budget are shared by
/// all expressions it is given.
pub struct Evaluator<'a> {
    pub(super) variables: &'a [(&'a str, &'a Value)],
    pub(super) params: Option<&'a Value>,
    pub(super) named: &'a [(String, Expression)],
    pub(super) cache: Vec<Option<Named>>,
    pub(super) locals: Vec<Local<'a>>,
    pub(super) source: &'a str,
    pub(super) reads: Reads,
    /// Whether what is read is noted.
    pub(super) notes: bool,
    /// One unknown that stands for several, when a value inside a list hangs on several.
    pub(super) groups: Vec<(Arc<Unknown>, Unknowns)>,
    pub(super) budget: Budget,
}

pub(super) type Named = (Eval, Vec<Read>);

impl<'a> Evaluator<'a> {
    /// Over `variables`; one that is not among them is absent. `params` is an object; a `named` expression is read
    /// as `variables.<name>` and may use those before it.
    #[must_use]
    pub fn new(
        variables: &'a [(&'a str, &'a Value)],
        params: Option<&'a Value>,
        named: &'a [(String, Expression)],
    ) -> Evaluator<'a> {
        Evaluator {
            variables,
            params,
            named,
            cache: named.iter().map(|_| None).collect(),
            locals: Vec::new(),
            source: "",
            reads: Reads::default(),
            notes: true,
            groups: Vec::new(),
            budget: Budget::full(),
        }
    }

    /// The value of an expression and what it read.
    pub fn answer(&mut self, expression: &'a Expression) -> Answer {
        let (value, reads) = self.apart(expression, true);
        Answer { outcome: value.into(), reads }
    }

    /// The value of an expression alone, which costs less.
    pub fn outcome(&mut self, expression: &'a Expression) -> Outcome {
        self.apart(expression, false).0.into()
    }

    /// Evaluates with no local names in sight and with a list of reads of its own.
    pub(super) fn apart(&mut self, expression: &'a Expression, notes: bool) -> (Eval, Vec<Read>) {
        let locals = std::mem::take(&mut self.locals);
        let reads = std::mem::take(&mut self.reads);
        let source = std::mem::replace(&mut self.source, &expression.source);
        let notes = std::mem::replace(&mut self.notes, notes);
        let value = self.eval(&expression.root);
        self.locals = locals;
        self.source = source;
        self.notes = notes;
        (value, std::mem::replace(&mut self.reads, reads).into_vec())
    }

    pub(super) fn eval(&mut self, expr: &'a Expr) -> Eval {
        self.budget.spend(1)?;
        match &expr.kind {
            ExprKind::Literal(value) => Ok(value.clone()),
            ExprKind::Name(_) | ExprKind::Select(_) | ExprKind::Index(_) => self.read(expr),
            ExprKind::List(items) => self.list(items),
            ExprKind::Map(entries) => self.map(entries),
            ExprKind::Call(call) => self.call(call),
            ExprKind::Not(of) => self.not(of),
            ExprKind::Negate(of) => self.negate(of),
            ExprKind::Junction(how, items) => self.junction(*how, items),
            ExprKind::Sum(first, rest) => self.sum(first, rest),
            ExprKind::Compare(how, pair) => self.compare(*how, &pair.0, &pair.1),
            ExprKind::Conditional(parts) => self.conditional(parts),
            ExprKind::Has(select) => self.has(select),
            ExprKind::Fold(fold) => self.fold(fold),
        }
    }

    fn list(&mut self, items: &'a [Expr]) -> Eval {
        let mut stops = Stops::default();
        let mut values = Vec::with_capacity(items.len());
        let mut unknowns = Unknowns::default();
        for item in items {
            match self.eval(item) {
                Err(Stop::Unknown(all)) => {
                    unknowns.extend(all.iter());
                    values.push(self.embed(&all));
                }
                part => values.extend(stops.note(part)),
            }
        }
        if stops.has_error() {
            unknowns.iter().for_each(|unknown| stops.unknown(unknown));
        }
        stops.finish()?;
        Ok(values.into())
    }

    fn map(&mut self, entries: &'a [(Expr, Expr)]) -> Eval {
        let mut stops = Stops::default();
        let mut map = Map::default();
        let mut unknowns = Unknowns::default();
        // A key is shown wherever the map is.
        let mut sealed = false;
        for (key, value) in entries {
            let key = self.eval(key);
            let key = stops.note(key);
            sealed |= key.as_ref().is_some_and(|key| key.marks.sensitive);
            let value = match self.eval(value) {
                Err(Stop::Unknown(all)) => {
                    unknowns.extend(all.iter());
                    Some(self.embed(&all))
                }
                part => stops.note(part),
            };
            match (key.as_ref().map(|key| &key.data), value) {
                (Some(Data::String(_)), None) | (None, _) => {}
                (Some(Data::String(text)), Some(_)) if map.get(text).is_some() => {
                    stops.add(Stop::error("the same key stands twice in a map"));
                }
                (Some(Data::String(text)), Some(value)) => map.insert(text.clone(), value),
                _ => stops.add(Stop::error("a key of a map must be a string")),
            }
        }
        if stops.has_error() {
            unknowns.iter().for_each(|unknown| stops.unknown(unknown));
        }
        stops.finish()?;
        let mut map = Value::from(map);
        if sealed {
            map.seal();
        }
        Ok(map)
    }

    fn call(&mut self, call: &'a Call) -> Eval {
        let mut stops = Stops::default();
        let mut arguments = Vec::with_capacity(call.arguments.len());
        for argument in &call.arguments {
            let part = self.eval(argument).and_then(|value| match value.data {
                Data::Null => Err(Stop::absent(self.slice(argument))),
                _ => Ok(value),
            });
            arguments.extend(stops.note(part));
        }
        stops.finish()?;
        let Some(function) = functions::find(&call.name, call.method) else {
            return Err(Stop::error(format!("there is no function `{}`", call.name)));
        };
        let inside = functions::unknowns_inside(function, &arguments);
        if !inside.is_empty() {
            self.decide(Truth::Unknown, &inside)?;
        }
        self.budget.spend(functions::cost(function, &arguments, call.pattern.is_some()))?;
        match functions::run(function, &arguments, call.pattern.as_ref()) {
            Ok(value) => Ok(resting_on(value, &arguments)),
            Err(why) => Err(Stop::error(format!("`{}`: {why}", call.name))),
        }
    }

    fn not(&mut self, of: &'a Expr) -> Eval {
        let value = self.eval(of)?;
        let truth = self.truth(&value, of)?;
        Ok(resting_on(!truth, [&value]))
    }

    fn negate(&mut self, of: &'a Expr) -> Eval {
        let value = self.eval(of)?;
        let negated = match &value.data {
            Data::Int(number) => number.checked_neg().map(Data::Int).ok_or_else(|| self.overflow())?,
            Data::Float(number) => Data::Float(-number),
            _ => return Err(self.wrong(&value, of, "a number")),
        };
        Ok(resting_on(Value::new(negated), [&value]))
    }

    fn junction(&mut self, how: Junction, items: &'a [Expr]) -> Eval {
        let decisive = how == Junction::Or;
        let mut stops = Stops::default();
        let mut sensitive = false;
        for item in items {
            let part = self.eval(item).and_then(|value| Ok((self.truth(&value, item)?, value.marks.sensitive)));
            match part {
                Ok((truth, secret)) => {
                    sensitive |= secret;
                    if truth == decisive {
                        return Ok(secretly(decisive, sensitive));
                    }
                }
                Err(stop) => stops.add(stop),
            }
        }
        stops.finish()?;
        Ok(secretly(!decisive, sensitive))
    }

    fn conditional(&mut self, parts: &'a (Expr, Expr, Expr)) -> Eval {
        let (condition, yes, no) = parts;
        match self.eval(condition) {
            Ok(value) => {
                let truth = self.truth(&value, condition)?;
                Ok(resting_on(self.eval(if truth { yes } else { no })?, [&value]))
            }
            Err(Stop::Unknown(unknowns)) => {
                let (yes, no) = (self.eval(yes), self.eval(no));
                if let (Ok(yes), Ok(no)) = (&yes, &no)
                    && same(yes, no)
                {
                    return Ok(resting_on(yes.clone(), [no]));
                }
                let mut stops = Stops::default();
                stops.add(Stop::Unknown(unknowns));
                stops.note(yes);
                stops.note(no);
                stops.finish().and(Err(Stop::error("has no value")))
            }
            Err(stop) => Err(stop),
        }
    }

    fn sum(&mut self, first: &'a Expr, rest: &'a [(Arithmetic, Expr)]) -> Eval {
        let mut stops = Stops::default();
        let part = self.eval(first);
        let first_value = stops.note(part);
        let mut values = Vec::with_capacity(rest.len());
        for (how, item) in rest {
            let part = self.eval(item);
            values.extend(stops.note(part).map(|value| (*how, item, value)));
        }
        stops.finish()?;
        let Some(mut total) = first_value else { return Err(Stop::error("has no value")) };
        for (how, item, value) in values {
            let next = self.arithmetic(how, &total, first, &value, item)?;
            total = resting_on(next, [&total, &value]);
        }
        Ok(total)
    }

    fn arithmetic(&mut self, how: Arithmetic, a: &Value, left: &Expr, b: &Value, right: &Expr) -> Eval {
        Ok(Value::new(match (how, &a.data, &b.data) {
            (_, Data::Int(a), Data::Int(b)) => {
                let result = match how {
                    Arithmetic::Add => a.checked_add(*b),
                    Arithmetic::Subtract => a.checked_sub(*b),
                    Arithmetic::Multiply => a.checked_mul(*b),
                    Arithmetic::Divide | Arithmetic::Remainder if *b == 0 => {
                        return Err(Stop::error(format!(
                            "`{}` is zero, nothing can be divided by it",
                            self.slice(right)
                        )));
                    }
                    Arithmetic::Divide => a.checked_div(*b),
                    Arithmetic::Remainder => a.checked_rem(*b),
                };
                Data::Int(result.ok_or_else(|| self.overflow())?)
            }
            (Arithmetic::Add, Data::Float(a), Data::Float(b)) => Data::Float(a + b),
            (Arithmetic::Subtract, Data::Float(a), Data::Float(b)) => Data::Float(a - b),
            (Arithmetic::Multiply, Data::Float(a), Data::Float(b)) => Data::Float(a * b),
            (Arithmetic::Divide, Data::Float(a), Data::Float(b)) => Data::Float(a / b),
            (Arithmetic::Add, Data::String(a), Data::String(b)) => {
                self.budget.spend((a.len() + b.len()) / 16)?;
                Data::String(format!("{a}{b}").into())
            }
            (Arithmetic::Add, Data::List(a), Data::List(b)) => {
                self.budget.spend(a.len() + b.len())?;
                Data::List(a.iter().chain(b).cloned().collect())
            }
            (_, Data::Null, _) => return Err(Stop::absent(self.slice(left))),
            (_, _, Data::Null) => return Err(Stop::absent(self.slice(right))),
            _ => {
                let (a, b) = (type_name(a), type_name(b));
                return Err(Stop::error(format!("{a} `{}` {b} has no meaning", how.sign())));
            }
        }))
    }

    fn compare(&mut self, how: Comparison, left: &'a Expr, right: &'a Expr) -> Eval {
        let mut stops = Stops::default();
        let (a, b) = (self.eval(left), self.eval(right));
        let (a, b) = match how {
            // Even an unknown element makes `x in [unknown]` unknown only when nothing else decides it.
            Comparison::In => return self.is_in(a, b, right),
            _ => (stops.note(a), stops.note(b)),
        };
        stops.finish()?;
        let (Some(a), Some(b)) = (a, b) else { return Err(Stop::error("has no value")) };
        if matches!(how, Comparison::Equal | Comparison::NotEqual) {
            let mut hangs_on = Unknowns::default();
            let truth = equal(&a, &b, &mut hangs_on, &mut self.budget)?;
            let truth = self.decide(truth, &hangs_on)?;
            let sensitive = a.holds_sensitive() || b.holds_sensitive();
            return Ok(secretly(truth == (how == Comparison::Equal), sensitive));
        }
        if a.is_null() || b.is_null() {
            return Err(Stop::absent(self.slice(if a.is_null() { left } else { right })));
        }
        let Some(order) = order(&a, &b) else {
            let numbers = |value: &Value| matches!(value.data, Data::Int(_) | Data::Float(_));
            if numbers(&a) && numbers(&b) {
                return Ok(resting_on(false, [&a, &b]));
            }
            let (a, b) = (type_name(&a), type_name(&b));
            return Err(Stop::error(format!("`{}` cannot order {a} and {b}", how.sign())));
        };
        let holds = match how {
            Comparison::Less => order == Ordering::Less,
            Comparison::LessOrEqual => order != Ordering::Greater,
            Comparison::Greater => order == Ordering::Greater,
            _ => order != Ordering::Less,
        };
        Ok(resting_on(holds, [&a, &b]))
    }

    fn is_in(&mut self, element: Eval, within: Eval, right: &'a Expr) -> Eval {
        let mut stops = Stops::default();
        let (element, within) = (stops.note(element), stops.note(within));
        // Nothing is in an empty list, whatever it is.
        if let (None, Some(within)) = (&element, &within)
            && !stops.has_error()
            && within.as_list().is_some_and(<[Value]>::is_empty)
        {
            return Ok(resting_on(false, [within]));
        }
        stops.finish()?;
        let (Some(element), Some(within)) = (element, within) else { return Err(Stop::error("has no value")) };
        let mut hangs_on = Unknowns::default();
        let truth = match (&within.data, &element.data) {
            (Data::List(items), _) => {
                let mut any = Truth::False;
                for item in items {
                    any = any.or(equal(&element, item, &mut hangs_on, &mut self.budget)?);
                    if any == Truth::True {
                        break;
                    }
                }
                any
            }
            (Data::Map(map), Data::String(key)) => match map.get(key).map(|value| &value.data) {
                None => Truth::False,
                // What is unknown may turn out not to be set.
                Some(Data::Unknown(unknown)) => {
                    hangs_on.add(unknown);
                    Truth::Unknown
                }
                Some(_) => Truth::True,
            },
            (Data::Map(_), _) => Truth::False,
            _ => return Err(self.wrong(&within, right, "a list or a map")),
        };
        let truth = self.decide(truth, &hangs_on)?;
        Ok(secretly(truth, element.holds_sensitive() || within.holds_sensitive()))
    }

    /// A truth as true or false, or a stop that says what it hangs on.
    fn decide(&self, truth: Truth, hangs_on: &Unknowns) -> Result<bool, Stop> {
        match truth {
            Truth::True => Ok(true),
            Truth::False => Ok(false),
            Truth::Unknown => {
                let mut all = Unknowns::default();
                hangs_on.iter().for_each(|unknown| all.extend(self.group(unknown).iter()));
                Err(Stop::Unknown(all))
            }
        }
    }

    pub(super) fn truth(&self, value: &Value, expr: &Expr) -> Result<bool, Stop> {
        match &value.data {
            Data::Bool(truth) => Ok(*truth),
            _ => Err(self.wrong(value, expr, "true or false")),
        }
    }

    /// All that an unknown stands for.
    pub(super) fn group(&self, unknown: &Arc<Unknown>) -> Unknowns {
        let grouped = self.groups.iter().find(|(of, _)| Arc::ptr_eq(of, unknown)).map(|(_, all)| all.clone());
        grouped.unwrap_or_else(|| {
            let mut only = Unknowns::default();
            only.add(unknown);
            only
        })
    }

    pub(super) fn unknown(&self, unknown: &Arc<Unknown>) -> Stop {
        Stop::Unknown(self.group(unknown))
    }

    /// A value inside a list or map that stands for all these unknowns.
    pub(super) fn embed(&mut self, unknowns: &Unknowns) -> Value {
        let mut all = unknowns.iter();
        match (all.next(), all.next()) {
            (None, _) => Value::null(),
            (Some(only), None) => Value::new(Data::Unknown(Arc::clone(only))),
            (Some(first), Some(_)) => {
                let stand_in = Arc::new(Unknown::clone(first));
                self.groups.push((Arc::clone(&stand_in), unknowns.clone()));
                Value::new(Data::Unknown(stand_in))
            }
        }
    }

    pub(super) fn wrong(&self, value: &Value, expr: &Expr, wanted: &str) -> Stop {
        match value.data {
            Data::Null => Stop::absent(self.slice(expr)),
            _ => Stop::error(format!("`{}` is {}, not {wanted}", self.slice(expr), type_name(value))),
        }
    }

    pub(super) fn overflow(&self) -> Stop {
        Stop::error("the result does not fit into 64 bits")
    }

    pub(super) fn slice(&self, expr: &Expr) -> &'a str {
        self.source.get(expr.from as usize..expr.to as usize).unwrap_or("")
    }
}

pub(super) fn secretly(truth: bool, sensitive: bool) -> Value {
    let mut value = Value::from(truth);
    value.marks.sensitive = sensitive;
    value
}
