//! What the value of an expression can depend on: the places below its variables that evaluating it can look at. Found
//! in the tree, so it is more than one evaluation reads and never less. Values themselves are not looked at here.

use super::Expression;
use super::ast::{Expr, ExprKind, Select};
use crate::graph::{Data, Value};

/// A place below a variable.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::policy) struct Input {
    /// The variable.
    pub(in crate::policy) variable: String,
    /// The steps below it; none for the whole variable.
    pub(in crate::policy) path: Vec<String>,
}

/// What stands at an [`Input`].
pub(in crate::policy) enum Stands<'v> {
    /// This, and whether something around it must not be shown.
    Value(&'v Value, bool),
    /// Nothing.
    Nothing,
    /// Something around it is not known.
    InUnknown,
    /// Something around it has nothing inside.
    InScalar,
}

impl Input {
    /// What stands there in a variable.
    pub(in crate::policy) fn of<'v>(&self, variable: Option<&'v Value>) -> Stands<'v> {
        let Some(mut here) = variable else { return Stands::Nothing };
        let mut sensitive = false;
        for step in &self.path {
            sensitive |= here.marks.sensitive;
            let below = match &here.data {
                Data::Map(map) => map.get(step),
                Data::List(items) => step.parse::<usize>().ok().and_then(|at| items.get(at)),
                Data::Unknown(_) => return Stands::InUnknown,
                Data::Null => None,
                _ => return Stands::InScalar,
            };
            match below {
                Some(value) => here = value,
                None => return Stands::Nothing,
            }
        }
        Stands::Value(here, sensitive)
    }
}

impl Expression {
    /// Adds what it looks at by itself to `found`, not what the `variables.…` it names look at.
    pub(in crate::policy) fn inputs(&self, found: &mut Vec<Input>) {
        collect(&self.root, &mut Vec::new(), found);
    }

    /// The `variables.…` it names.
    pub(in crate::policy) fn uses(&self) -> &[String] {
        &self.uses
    }
}

fn collect<'e>(expr: &'e Expr, locals: &mut Vec<&'e str>, found: &mut Vec<Input>) {
    match &expr.kind {
        ExprKind::Name(_) => add(expr, None, locals, found),
        ExprKind::Select(select) | ExprKind::Has(select) => add(&select.of, Some(select), locals, found),
        ExprKind::Fold(fold) => {
            collect(&fold.over, locals, found);
            locals.push(&fold.name);
            fold.only.iter().chain([&fold.body]).for_each(|inner| collect(inner, locals, found));
            locals.pop();
        }
        _ => expr.children().into_iter().for_each(|child| collect(child, locals, found)),
    }
}

/// Adds the path that ends in `last` (or, without it, in `below`).
fn add<'e>(below: &'e Expr, last: Option<&'e Select>, locals: &mut Vec<&'e str>, found: &mut Vec<Input>) {
    let mut path: Vec<String> = last.into_iter().map(|select| select.field.to_string()).collect();
    let mut here = below;
    while let ExprKind::Select(select) = &here.kind {
        path.push(select.field.to_string());
        here = &select.of;
    }
    let ExprKind::Name(name) = &here.kind else { return collect(here, locals, found) };
    // What a macro binds is inside what it goes over; parameters never change; `variables.…` are followed by name.
    let elsewhere = locals.contains(&&**name) || matches!(&**name, "params" | "variables");
    if !elsewhere {
        path.reverse();
        let input = Input { variable: name.to_string(), path };
        if !found.contains(&input) {
            found.push(input);
        }
    }
}
