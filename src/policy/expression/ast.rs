//! The tree of an expression, every node with the bytes it was written in. The parser bounds how deep it gets, so
//! whoever walks it may recurse; chains of `&&`, `||`, `+` and `*` are flat for the same reason.

use regex::Regex;

use crate::catalog::Type;
use crate::graph::{Text, Value};

/// A node.
#[derive(Clone, Debug)]
pub(super) struct Expr {
    pub(super) from: u32,
    pub(super) to: u32,
    /// Levels below and including this one.
    pub(super) depth: u32,
    pub(super) kind: ExprKind,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(super) enum ExprKind {
    Literal(Value),
    List(Vec<Expr>),
    Map(Vec<(Expr, Expr)>),
    Name(Text),
    Select(Box<Select>),
    Index(Box<(Expr, Expr)>),
    Call(Box<Call>),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    /// `a && b && c` or `a || b || c`.
    Junction(Junction, Vec<Expr>),
    /// `a + b - c` or `a * b / c`, from the left.
    Sum(Box<Expr>, Vec<(Arithmetic, Expr)>),
    Compare(Comparison, Box<(Expr, Expr)>),
    Conditional(Box<(Expr, Expr, Expr)>),
    /// `has(a.b)`; always of a [`Select`].
    Has(Box<Select>),
    Fold(Box<Fold>),
}

/// `of.field`.
#[derive(Clone, Debug)]
pub(super) struct Select {
    pub(super) of: Expr,
    pub(super) field: Text,
    /// Where the field's name begins.
    pub(super) field_at: u32,
    /// The type the catalog gives the field, filled in by the check: Terraform and CloudFormation write numbers as
    /// text, too.
    pub(super) declared: Option<Type>,
}

/// `name(arguments)`; for a method the receiver is the first argument.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) name: Text,
    pub(super) name_at: u32,
    pub(super) method: bool,
    pub(super) arguments: Vec<Expr>,
    /// A constant pattern, compiled by the check.
    pub(super) pattern: Option<Regex>,
}

/// `&&` or `||`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Junction {
    And,
    Or,
}

/// Operators on numbers; `+` also joins strings and lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// Relations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
}

/// A macro over the elements of a list or the keys of a map.
#[derive(Clone, Debug)]
pub(super) struct Fold {
    pub(super) how: FoldKind,
    pub(super) over: Expr,
    pub(super) name: Text,
    /// The condition of `map` with three arguments.
    pub(super) only: Option<Expr>,
    pub(super) body: Expr,
}

/// Which macro.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FoldKind {
    All,
    Exists,
    ExistsOne,
    Map,
    Filter,
}

impl FoldKind {
    pub(super) fn named(name: &str) -> Option<FoldKind> {
        Some(match name {
            "all" => FoldKind::All,
            "exists" => FoldKind::Exists,
            "exists_one" => FoldKind::ExistsOne,
            "map" => FoldKind::Map,
            "filter" => FoldKind::Filter,
            _ => return None,
        })
    }
}

impl Arithmetic {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Arithmetic::Add => "+",
            Arithmetic::Subtract => "-",
            Arithmetic::Multiply => "*",
            Arithmetic::Divide => "/",
            Arithmetic::Remainder => "%",
        }
    }
}

impl Comparison {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Comparison::Equal => "==",
            Comparison::NotEqual => "!=",
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
            Comparison::In => "in",
        }
    }
}

impl Expr {
    /// The nodes directly below.
    pub(super) fn children(&self) -> Vec<&Expr> {
        match &self.kind {
            ExprKind::Literal(_) | ExprKind::Name(_) => Vec::new(),
            ExprKind::List(items) | ExprKind::Junction(_, items) => items.iter().collect(),
            ExprKind::Map(entries) => entries.iter().flat_map(|(key, value)| [key, value]).collect(),
            ExprKind::Select(select) | ExprKind::Has(select) => vec![&select.of],
            ExprKind::Index(pair) | ExprKind::Compare(_, pair) => vec![&pair.0, &pair.1],
            ExprKind::Call(call) => call.arguments.iter().collect(),
            ExprKind::Not(of) | ExprKind::Negate(of) => vec![of],
            ExprKind::Sum(first, rest) => std::iter::once(&**first).chain(rest.iter().map(|(_, item)| item)).collect(),
            ExprKind::Conditional(parts) => vec![&parts.0, &parts.1, &parts.2],
            ExprKind::Fold(fold) => [&fold.over, &fold.body].into_iter().chain(&fold.only).collect(),
        }
    }
}
