//! The check of names and types when an expression is read. Reports every fault, not only the first; what is faulty
//! counts as of any type from there on, so that one fault is told once. It also leaves in the tree what only it
//! knows: declared types and compiled patterns.

use super::Fault;
use super::ast::{Arithmetic, Call, Comparison, Expr, ExprKind, Fold, FoldKind, Select};
use super::functions::{self, Takes};
use super::scope::{Scope, Ty};
use crate::catalog::Type;
use crate::graph::{Data, Text};
use crate::source::nearest::did_you_mean;

/// The type of the expression and the `variables.…` it names, or everything that is wrong with it.
pub(super) fn check(source: &str, root: &mut Expr, scope: &Scope) -> Result<(Ty, Vec<String>), Vec<Fault>> {
    let mut checker = Checker { source, scope, locals: Vec::new(), faults: Vec::new(), uses: Vec::new() };
    let ty = checker.expr(root);
    if checker.faults.is_empty() {
        return Ok((ty, checker.uses));
    }
    checker.faults.sort_by_key(|fault| fault.at);
    Err(checker.faults)
}

struct Checker<'c> {
    source: &'c str,
    scope: &'c Scope,
    locals: Vec<(Text, Ty)>,
    faults: Vec<Fault>,
    uses: Vec<String>,
}

impl Checker<'_> {
    fn expr(&mut self, expr: &mut Expr) -> Ty {
        let from = expr.from;
        match &mut expr.kind {
            ExprKind::Literal(value) => literal(&value.data),
            ExprKind::Name(name) => self.name(name, from),
            ExprKind::Select(select) => self.select(select),
            ExprKind::Has(select) => {
                self.select(select);
                Ty::Bool
            }
            ExprKind::Index(pair) => self.index(&mut pair.0, &mut pair.1),
            ExprKind::Call(call) => self.call(call),
            ExprKind::Not(of) => {
                self.condition(of, "`!`");
                Ty::Bool
            }
            ExprKind::Negate(of) => match self.expr(of) {
                ty @ (Ty::Int | Ty::Double | Ty::Any) => ty,
                ty => self.fault(of.from, format!("`-` needs a number, this is {}", ty.named())),
            },
            ExprKind::Junction(how, items) => {
                let sign = if *how == super::ast::Junction::And { "`&&`" } else { "`||`" };
                items.iter_mut().for_each(|item| self.condition(item, sign));
                Ty::Bool
            }
            ExprKind::Sum(first, rest) => {
                let mut ty = self.expr(first);
                for (how, item) in rest {
                    let right = self.expr(item);
                    ty = self.arithmetic(*how, &ty, &right, item.from);
                }
                ty
            }
            ExprKind::Compare(how, pair) => {
                self.compare(*how, &mut pair.0, &mut pair.1);
                Ty::Bool
            }
            ExprKind::Conditional(parts) => {
                self.condition(&mut parts.0, "the condition before `?`");
                let (yes, no) = (self.expr(&mut parts.1), self.expr(&mut parts.2));
                yes.join(&no).unwrap_or_else(|| {
                    let message = format!("one side of `:` is {}, the other {}", yes.named(), no.named());
                    self.fault(parts.2.from, message)
                })
            }
            ExprKind::List(items) => {
                let types: Vec<Ty> = items.iter_mut().map(|item| self.expr(item)).collect();
                Ty::list(common(types))
            }
            ExprKind::Map(entries) => {
                let mut types = Vec::new();
                for (key, value) in entries {
                    let ty = self.expr(key);
                    if !matches!(ty, Ty::String | Ty::Any) {
                        self.fault(key.from, format!("a key of a map must be a string, this is {}", ty.named()));
                    }
                    types.push(self.expr(value));
                }
                Ty::Map(Box::new(common(types)))
            }
            ExprKind::Fold(fold) => self.fold(fold),
        }
    }

    fn fault(&mut self, at: u32, message: impl Into<String>) -> Ty {
        self.faults.push(Fault::new(at as usize, message));
        Ty::Any
    }

    fn fault_with_help(&mut self, at: u32, message: impl Into<String>, help: impl Into<String>) -> Ty {
        self.faults.push(Fault::new(at as usize, message).help(help));
        Ty::Any
    }

    fn condition(&mut self, expr: &mut Expr, who: &str) {
        let ty = self.expr(expr);
        if !matches!(ty, Ty::Bool | Ty::Any) {
            self.fault(expr.from, format!("{who} needs true or false, this is {}", ty.named()));
        }
    }

    fn name(&mut self, name: &str, from: u32) -> Ty {
        let local = self.locals.iter().rev().find(|(known, _)| &**known == name).map(|(_, ty)| ty);
        if let Some(ty) = local.or(self.scope.get(name)) {
            return ty.clone();
        }
        let known = self.scope.names().chain(self.locals.iter().map(|(name, _)| &**name));
        let message = format!("there is no variable `{name}`{}", did_you_mean(name, known));
        let all: Vec<&str> = self.scope.names().collect();
        self.fault_with_help(from, message, format!("known here: {}", all.join(", ")))
    }

    fn select(&mut self, select: &mut Select) -> Ty {
        let of = self.expr(&mut select.of);
        let field = &*select.field;
        let whole = self.source.get(select.of.from as usize..select.of.to as usize).unwrap_or("");
        let (names, word): (Vec<&str>, _) = match &of {
            Ty::Any => return Ty::Any,
            Ty::Map(value) => return (**value).clone(),
            Ty::Object(fields) => {
                if let Some(found) = fields.get(field) {
                    select.declared = Some(found.ty.clone()).filter(|ty| !matches!(ty, Type::Any | Type::Object(_)));
                    return Ty::from(&found.ty);
                }
                (fields.keys().copied().collect(), "attribute")
            }
            Ty::Record(fields) => {
                if let Some(found) = fields.get(field) {
                    if matches!(&select.of.kind, ExprKind::Name(name) if &**name == "variables") {
                        self.uses.push(field.to_owned());
                    }
                    return found.clone();
                }
                (fields.keys().map(String::as_str).collect(), "entry")
            }
            _ => {
                let message = format!("`{whole}` is {}, it has no attribute `{field}`", of.named());
                return self.fault(select.field_at, message);
            }
        };
        let guess = did_you_mean(field, names.iter().copied());
        let message = format!("`{whole}` has no {word} `{field}`{guess}");
        let elsewhere = match &of {
            Ty::Object(fields) if guess.is_empty() => fields
                .iter()
                .find_map(|(name, inner)| inner.ty.field(field).map(|_| format!("there is `{whole}.{name}.{field}`"))),
            _ => None,
        };
        let help = elsewhere.unwrap_or_else(|| format!("known here: {}", names.join(", ")));
        self.fault_with_help(select.field_at, message, help)
    }

    fn index(&mut self, of: &mut Expr, at: &mut Expr) -> Ty {
        let (within, key) = (self.expr(of), self.expr(at));
        match (&within, &key) {
            (Ty::List(item), Ty::Int | Ty::Any) => (**item).clone(),
            (Ty::Map(value), Ty::String | Ty::Any) => (**value).clone(),
            (Ty::Any | Ty::Object(_) | Ty::Record(_), Ty::String | Ty::Any) | (Ty::Any, Ty::Int) => Ty::Any,
            (Ty::Any | Ty::List(_) | Ty::Map(_) | Ty::Object(_) | Ty::Record(_), _) => {
                let message = format!("{} cannot be indexed with {}", within.named(), key.named());
                self.fault(at.from, message)
            }
            _ => self.fault(of.from, format!("{} cannot be indexed", within.named())),
        }
    }

    fn arithmetic(&mut self, how: Arithmetic, left: &Ty, right: &Ty, at: u32) -> Ty {
        match (how, left, right) {
            (_, Ty::Int, Ty::Int) => Ty::Int,
            (Arithmetic::Remainder, Ty::Double, _) | (Arithmetic::Remainder, _, Ty::Double) => {
                self.fault(at, "`%` needs two ints")
            }
            (_, Ty::Double, Ty::Double) => Ty::Double,
            (Arithmetic::Add, Ty::String, Ty::String) => Ty::String,
            (Arithmetic::Add, Ty::List(a), Ty::List(b)) => Ty::list(a.join(b).unwrap_or(Ty::Any)),
            (Arithmetic::Add, Ty::Any, _) | (Arithmetic::Add, _, Ty::Any) => Ty::Any,
            (_, Ty::Any, Ty::Any | Ty::Int | Ty::Double) | (_, Ty::Int | Ty::Double, Ty::Any) => Ty::Any,
            _ => {
                let message = format!("{} `{}` {} has no meaning", left.named(), how.sign(), right.named());
                let help = match (left, right) {
                    (Ty::Int, Ty::Double) | (Ty::Double, Ty::Int) => "convert one of them with `int()` or `double()`",
                    (Ty::String, Ty::Int | Ty::Double) | (Ty::Int | Ty::Double, Ty::String) => {
                        "convert one of them with `string()` or `int()`"
                    }
                    _ => return self.fault(at, message),
                };
                self.fault_with_help(at, message, help)
            }
        }
    }

    fn compare(&mut self, how: Comparison, left: &mut Expr, right: &mut Expr) {
        let (a, b) = (self.expr(left), self.expr(right));
        let sign = how.sign();
        match how {
            Comparison::In => {
                let fits = match &b {
                    Ty::List(item) => item.meets(&a),
                    Ty::Map(_) | Ty::Object(_) | Ty::Record(_) => matches!(a, Ty::String | Ty::Any),
                    Ty::Any => true,
                    _ => false,
                };
                if !fits {
                    self.fault(left.from, format!("{} cannot be in {}", a.named(), b.named()));
                }
            }
            Comparison::Equal | Comparison::NotEqual => {
                let null = |x: &Ty, y: &Ty| *x == Ty::Null && !matches!(y, Ty::Any | Ty::Null);
                if null(&a, &b) || null(&b, &a) {
                    let message = "an attribute that is not set cannot be compared with null";
                    self.fault_with_help(left.from, message, "ask `has(…)`, or `!has(…)`");
                } else if !a.meets(&b) {
                    let message = format!("{} `{sign}` {} is always {}", a.named(), b.named(), sign == "!=");
                    self.fault(left.from, message);
                }
            }
            _ => {
                let orderable = |ty: &Ty| matches!(ty, Ty::Any | Ty::Int | Ty::Double | Ty::String | Ty::Bool);
                if !orderable(&a) || !orderable(&b) || !a.meets(&b) {
                    self.fault(left.from, format!("`{sign}` cannot order {} and {}", a.named(), b.named()));
                }
            }
        }
    }

    fn fold(&mut self, fold: &mut Fold) -> Ty {
        let element = match self.expr(&mut fold.over) {
            Ty::List(item) => *item,
            Ty::Map(_) | Ty::Object(_) | Ty::Record(_) => Ty::String,
            Ty::Any => Ty::Any,
            ty => self.fault(fold.over.from, format!("only a list or a map has elements, this is {}", ty.named())),
        };
        self.locals.push((fold.name.clone(), element.clone()));
        if let Some(only) = &mut fold.only {
            self.condition(only, "`map`");
        }
        let ty = match fold.how {
            FoldKind::Map => Ty::list(self.expr(&mut fold.body)),
            FoldKind::Filter => {
                self.condition(&mut fold.body, "`filter`");
                Ty::list(element)
            }
            FoldKind::All | FoldKind::Exists | FoldKind::ExistsOne => {
                self.condition(&mut fold.body, "the condition on an element");
                Ty::Bool
            }
        };
        self.locals.pop();
        ty
    }

    fn call(&mut self, call: &mut Call) -> Ty {
        let types: Vec<Ty> = call.arguments.iter_mut().map(|argument| self.expr(argument)).collect();
        let Some(function) = functions::find(&call.name, call.method) else {
            return self.no_function(call);
        };
        // A receiver does not look like an argument to who wrote it.
        let hidden = usize::from(call.method);
        let (given, most) = (types.len(), function.takes.len());
        if given < function.least || (given > most && !function.repeats) {
            let count = match (function.least - hidden, most - hidden) {
                (least, _) if function.repeats => format!("at least {least}"),
                (least, most) if least == most => format!("{least}"),
                (least, most) => format!("{least} to {most}"),
            };
            let message = format!("`{}` takes {count} arguments, not {}", call.name, given - hidden);
            return self.fault(call.name_at, message);
        }
        for (at, (argument, ty)) in call.arguments.iter().zip(&types).enumerate() {
            let takes = function.takes.get(at).or(function.takes.last()).copied().unwrap_or(Takes::Scalar);
            if !takes.accepts(ty) {
                let which = match (call.method, at) {
                    (true, 0) => format!("`.{}` is for {}", call.name, takes.named()),
                    _ => format!("argument {} of `{}` must be {}", at + 1 - hidden, call.name, takes.named()),
                };
                self.faults.push(Fault::new(argument.from as usize, format!("{which}, this is {}", ty.named())));
            }
            if let (Takes::Pattern, ExprKind::Literal(value)) = (takes, &argument.kind)
                && let Some(text) = value.as_str()
            {
                match functions::pattern(text) {
                    Ok(pattern) => call.pattern = Some(pattern),
                    Err(why) => self.faults.push(Fault::new(argument.from as usize, why)),
                }
            }
        }
        function.gives.ty(&types)
    }

    fn no_function(&mut self, call: &Call) -> Ty {
        let name = &*call.name;
        let (what, dot) = if call.method { ("method", ".") } else { ("function", "") };
        if functions::find(name, !call.method).is_some() {
            let help = if call.method { format!("write `{name}(…)`") } else { format!("write `….{name}(…)`") };
            let message = format!("`{name}` is a {}, not a {what}", if call.method { "function" } else { "method" });
            return self.fault_with_help(call.name_at, message, help);
        }
        let names = functions::names(call.method);
        let macros = ["all", "exists", "exists_one", "map", "filter"].into_iter().filter(|_| call.method);
        let guess = match name {
            "max" => "; did you mean `math.greatest`?".to_owned(),
            "min" => "; did you mean `math.least`?".to_owned(),
            _ => did_you_mean(name, names.chain(macros).chain(["has"].into_iter().filter(|_| !call.method))),
        };
        self.fault(call.name_at, format!("there is no {what} `{dot}{name}`{guess}"))
    }
}

fn literal(data: &Data) -> Ty {
    match data {
        Data::Null => Ty::Null,
        Data::Bool(_) => Ty::Bool,
        Data::Int(_) => Ty::Int,
        Data::Float(_) => Ty::Double,
        Data::String(_) => Ty::String,
        _ => Ty::Any,
    }
}

/// The type that all have, or any.
fn common(types: Vec<Ty>) -> Ty {
    types.into_iter().map(Some).reduce(|a, b| a?.join(&b?)).flatten().unwrap_or(Ty::Any)
}
