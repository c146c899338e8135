//! The condition language: CEL's syntax, evaluated in three values. An expression is checked against the types of
//! its variables before it is kept; evaluating one cannot fail in any other way than by giving [`Outcome::Error`].
//! It knows values and types, and nothing of policies.
//!
//! From CEL it leaves out unsigned numbers, bytes, timestamps, durations, types as values and messages. It adds
//! `matcherValid`, `matcherOverlaps` and `matcherWidth` for the health check's list of codes. It differs in four
//! points, all for the sake of resources whose attributes may be absent or unknown: `has(a.b.c)` is false when
//! `a.b` is absent, reading an absent or null attribute with an operator is an error that names it, unknown wins
//! over error, and an attribute the catalog declares a number is one although the input wrote it as text.

mod ast;
mod check;
mod equality;
mod evaluate;
mod fold;
mod functions;
mod inputs;
mod lexer;
mod matcher;
mod outcome;
mod parser;
mod path;
mod scope;

use crate::graph::{Text, Value};

pub(in crate::policy) use equality::{Budget, equal, order};
pub use evaluate::Evaluator;
pub(in crate::policy) use functions::pattern;
pub(in crate::policy) use inputs::{Input, Stands};
pub(in crate::policy) use outcome::Reads;
pub use outcome::{Answer, Failure, Outcome, Read, Unknowns};
pub use scope::{Scope, Ty};

/// An expression, checked.
#[derive(Clone, Debug)]
pub struct Expression {
    source: Text,
    root: ast::Expr,
    ty: Ty,
    /// The `variables.…` it names.
    uses: Vec<String>,
}

/// What is wrong with the text of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The byte it begins at.
    pub at: usize,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Expression {
    /// Reads and checks an expression.
    ///
    /// # Errors
    /// The fault of syntax that stops the reading, or else every fault the check found, in the order of the text.
    pub fn compile(source: &str, scope: &Scope) -> Result<Expression, Vec<Fault>> {
        let root = parser::parse(source).map_err(|fault| vec![fault])?;
        Expression::checked(source.into(), root, scope)
    }

    /// As [`Expression::compile`], and its value must be true or false.
    ///
    /// # Errors
    /// As there, and when its value is something else.
    pub fn condition(source: &str, scope: &Scope) -> Result<Expression, Vec<Fault>> {
        let expression = Expression::compile(source, scope)?;
        if matches!(expression.ty, Ty::Bool | Ty::Any) {
            return Ok(expression);
        }
        let message = format!("a condition must be true or false, this is {}", expression.ty.named());
        Err(vec![Fault::new(expression.root.from as usize, message)])
    }

    /// Reads and checks the expression that begins at byte `from` of `text` and ends before a `}`; also gives the
    /// byte after that brace. Faults count from the start of `text`.
    pub(in crate::policy) fn in_braces(
        text: &Text,
        from: usize,
        scope: &Scope,
    ) -> Result<(Expression, usize), Vec<Fault>> {
        let (root, end) = parser::parse_in_braces(text, from).map_err(|fault| vec![fault])?;
        Ok((Expression::checked(Text::clone(text), root, scope)?, end))
    }

    fn checked(source: Text, mut root: ast::Expr, scope: &Scope) -> Result<Expression, Vec<Fault>> {
        let (ty, uses) = check::check(&source, &mut root, scope)?;
        Ok(Expression { source, root, ty, uses })
    }

    /// Evaluates it on its own; a policy's conditions share one [`Evaluator`].
    #[must_use]
    pub fn evaluate(&self, variables: &[(&str, &Value)]) -> Answer {
        Evaluator::new(variables, None, &[]).answer(self)
    }

    /// Its text.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The type of its value.
    #[must_use]
    pub fn ty(&self) -> &Ty {
        &self.ty
    }
}

impl Fault {
    pub(in crate::policy) fn new(at: usize, message: impl Into<String>) -> Fault {
        Fault { at, message: message.into(), help: None }
    }

    pub(in crate::policy) fn help(mut self, help: impl Into<String>) -> Fault {
        self.help = Some(help.into());
        self
    }
}
