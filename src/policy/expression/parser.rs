//! From tokens to the tree, by precedence climbing. Bounded in depth and in length; knows CEL's macros, because
//! they bind names, but no function and no variable.

use super::Fault;
use super::ast::{Arithmetic, Call, Comparison, Expr, ExprKind, Fold, FoldKind, Junction, Select};
use super::lexer::{Lexer, Token, TokenKind};
use crate::graph::{Data, Value};

/// The most levels an expression may nest: each takes some kilobytes of stack in an unoptimised build.
const DEPTH_LIMIT: u32 = 64;
/// The most bytes one expression may have.
const LENGTH_LIMIT: usize = 64 << 10;

/// Reads a whole text as one expression.
pub(super) fn parse(source: &str) -> Result<Expr, Fault> {
    let mut parser = Parser::new(source, 0)?;
    let expr = parser.expression()?;
    match parser.next.kind {
        TokenKind::End => Ok(expr),
        _ => Err(parser.surprise("the expression should end here")),
    }
}

/// Reads an expression that begins at byte `from` and ends before a `}`; also gives the byte after that brace.
pub(super) fn parse_in_braces(source: &str, from: usize) -> Result<(Expr, usize), Fault> {
    let mut parser = Parser::new(source, from)?;
    let expr = parser.expression()?;
    match parser.next.kind {
        TokenKind::Mark("}") => Ok((expr, parser.next.to)),
        _ => Err(parser.surprise("expected `}` after the expression")),
    }
}

struct Parser<'s> {
    lexer: Lexer<'s>,
    next: Token,
    /// End of the token before.
    last: usize,
    depth: u32,
}

/// How tightly a binary operator binds.
const OR: u8 = 1;
const AND: u8 = 2;
const RELATION: u8 = 3;
const SUM: u8 = 4;
const PRODUCT: u8 = 5;

impl<'s> Parser<'s> {
    fn new(source: &'s str, from: usize) -> Result<Parser<'s>, Fault> {
        if source.len() > LENGTH_LIMIT {
            return Err(Fault::new(0, format!("the text is longer than {} KiB", LENGTH_LIMIT >> 10)));
        }
        let mut lexer = Lexer::new(source, from);
        let next = lexer.next()?;
        Ok(Parser { lexer, next, last: from, depth: 0 })
    }

    fn expression(&mut self) -> Result<Expr, Fault> {
        let condition = self.binary(OR)?;
        if !self.eat("?")? {
            return Ok(condition);
        }
        let yes = self.binary(OR)?;
        self.expect(":")?;
        self.deeper()?;
        let no = self.expression()?;
        self.depth -= 1;
        let (from, to) = (condition.from, no.to);
        node(from, to, ExprKind::Conditional(Box::new((condition, yes, no))))
    }

    /// Operators that bind at least as tightly as `least`.
    fn binary(&mut self, least: u8) -> Result<Expr, Fault> {
        self.deeper()?;
        let mut left = self.unary()?;
        while let Some(binds) = self.operator().filter(|binds| *binds >= least) {
            left = match binds {
                OR => self.junction(left, Junction::Or, "||", binds)?,
                AND => self.junction(left, Junction::And, "&&", binds)?,
                RELATION => self.relation(left)?,
                _ => self.sum(left, binds)?,
            };
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operator(&self) -> Option<u8> {
        match &self.next.kind {
            TokenKind::Mark("||") => Some(OR),
            TokenKind::Mark("&&") => Some(AND),
            TokenKind::Name(name) if name == "in" => Some(RELATION),
            TokenKind::Mark("==" | "!=" | "<" | "<=" | ">" | ">=") => Some(RELATION),
            TokenKind::Mark("+" | "-") => Some(SUM),
            TokenKind::Mark("*" | "/" | "%") => Some(PRODUCT),
            _ => None,
        }
    }

    fn junction(&mut self, first: Expr, how: Junction, sign: &str, binds: u8) -> Result<Expr, Fault> {
        let from = first.from;
        let mut items = vec![first];
        while self.eat(sign)? {
            items.push(self.binary(binds + 1)?);
        }
        node(from, self.last as u32, ExprKind::Junction(how, items))
    }

    fn sum(&mut self, first: Expr, binds: u8) -> Result<Expr, Fault> {
        let from = first.from;
        let mut rest = Vec::new();
        while self.operator() == Some(binds) {
            let how = match self.next.kind {
                TokenKind::Mark("+") => Arithmetic::Add,
                TokenKind::Mark("-") => Arithmetic::Subtract,
                TokenKind::Mark("*") => Arithmetic::Multiply,
                TokenKind::Mark("/") => Arithmetic::Divide,
                _ => Arithmetic::Remainder,
            };
            self.bump()?;
            rest.push((how, self.binary(binds + 1)?));
        }
        node(from, self.last as u32, ExprKind::Sum(Box::new(first), rest))
    }

    fn relation(&mut self, left: Expr) -> Result<Expr, Fault> {
        let how = match self.next.kind {
            TokenKind::Mark("==") => Comparison::Equal,
            TokenKind::Mark("!=") => Comparison::NotEqual,
            TokenKind::Mark("<") => Comparison::Less,
            TokenKind::Mark("<=") => Comparison::LessOrEqual,
            TokenKind::Mark(">") => Comparison::Greater,
            TokenKind::Mark(">=") => Comparison::GreaterOrEqual,
            _ => Comparison::In,
        };
        self.bump()?;
        let right = self.binary(RELATION + 1)?;
        node(left.from, right.to, ExprKind::Compare(how, Box::new((left, right))))
    }

    fn unary(&mut self) -> Result<Expr, Fault> {
        let mut signs = Vec::new();
        while let TokenKind::Mark(sign @ ("!" | "-")) = self.next.kind {
            signs.push((sign, self.next.from as u32));
            self.bump()?;
        }
        // The smallest integer has no positive counterpart, so its sign belongs to the literal.
        let mut expr = match (&self.next.kind, signs.last()) {
            (TokenKind::Int(number), Some(("-", from))) if *number == i64::MAX as u64 + 1 => {
                let from = *from;
                signs.pop();
                self.bump()?;
                node(from, self.last as u32, ExprKind::Literal(i64::MIN.into()))?
            }
            _ => self.postfix()?,
        };
        while let Some((sign, from)) = signs.pop() {
            let to = expr.to;
            let of = Box::new(expr);
            expr = node(from, to, if sign == "!" { ExprKind::Not(of) } else { ExprKind::Negate(of) })?;
        }
        Ok(expr)
    }

    fn postfix(&mut self) -> Result<Expr, Fault> {
        let mut expr = self.primary()?;
        loop {
            if self.eat(".")? {
                expr = self.member(expr)?;
            } else if self.eat("[")? {
                let at = self.expression()?;
                self.expect("]")?;
                let (from, to) = (expr.from, self.last as u32);
                // `a["k"]` is `a.k`, so that both are checked and noted alike.
                let kind = match &at.kind {
                    ExprKind::Literal(Value { data: Data::String(key), .. }) => {
                        let field = key.clone();
                        ExprKind::Select(Box::new(Select { of: expr, field, field_at: at.from, declared: None }))
                    }
                    _ => ExprKind::Index(Box::new((expr, at))),
                };
                expr = node(from, to, kind)?;
            } else {
                return Ok(expr);
            }
        }
    }

    fn member(&mut self, of: Expr) -> Result<Expr, Fault> {
        let (from, field_at) = (of.from, self.next.from as u32);
        let TokenKind::Name(name) = self.next.kind.clone() else {
            return Err(self.surprise("expected a name after the `.`"));
        };
        self.bump()?;
        if !self.eat("(")? {
            let select = Select { of, field: name.as_str().into(), field_at, declared: None };
            return node(from, self.last as u32, ExprKind::Select(Box::new(select)));
        }
        let arguments = self.items(")")?;
        let to = self.last as u32;
        if let Some(how) = FoldKind::named(&name) {
            return fold(how, &name, field_at, of, arguments, (from, to));
        }
        // `math.greatest(…)` is a function in a namespace, not a method.
        if matches!(&of.kind, ExprKind::Name(space) if &**space == "math") {
            let name = format!("math.{name}").into();
            let call = Call { name, name_at: from, method: false, arguments, pattern: None };
            return node(from, to, ExprKind::Call(Box::new(call)));
        }
        let arguments = std::iter::once(of).chain(arguments).collect();
        let call = Call { name: name.into(), name_at: field_at, method: true, arguments, pattern: None };
        node(from, to, ExprKind::Call(Box::new(call)))
    }

    fn primary(&mut self) -> Result<Expr, Fault> {
        let from = self.next.from as u32;
        let kind = match self.next.kind.clone() {
            TokenKind::Int(number) => match i64::try_from(number) {
                Ok(number) => ExprKind::Literal(number.into()),
                Err(_) => return Err(Fault::new(self.next.from, "the number does not fit into 64 bits")),
            },
            TokenKind::Double(number) => ExprKind::Literal(Value::new(Data::Float(number))),
            TokenKind::Text(text) => ExprKind::Literal(text.as_str().into()),
            TokenKind::Name(name) => return self.name(name),
            TokenKind::Mark("(") => {
                self.bump()?;
                let inner = self.expression()?;
                self.expect(")")?;
                return Ok(inner);
            }
            TokenKind::Mark("[") => {
                self.bump()?;
                let items = self.items("]")?;
                return node(from, self.last as u32, ExprKind::List(items));
            }
            TokenKind::Mark("{") => {
                self.bump()?;
                let entries = self.entries()?;
                return node(from, self.last as u32, ExprKind::Map(entries));
            }
            _ => return Err(self.surprise("expected a value")),
        };
        self.bump()?;
        node(from, self.last as u32, kind)
    }

    fn name(&mut self, name: String) -> Result<Expr, Fault> {
        let from = self.next.from as u32;
        self.bump()?;
        let literal = match name.as_str() {
            "true" => Some(true.into()),
            "false" => Some(false.into()),
            "null" => Some(Value::null()),
            "in" => return Err(Fault::new(from as usize, "expected a value, found `in`")),
            _ => None,
        };
        if let Some(literal) = literal {
            return node(from, self.last as u32, ExprKind::Literal(literal));
        }
        if !self.eat("(")? {
            return node(from, self.last as u32, ExprKind::Name(name.into()));
        }
        let mut arguments = self.items(")")?;
        let to = self.last as u32;
        if name != "has" {
            let call = Call { name: name.into(), name_at: from, method: false, arguments, pattern: None };
            return node(from, to, ExprKind::Call(Box::new(call)));
        }
        match (arguments.pop(), arguments.is_empty()) {
            (Some(Expr { kind: ExprKind::Select(select), .. }), true) => node(from, to, ExprKind::Has(select)),
            _ => Err(Fault::new(from as usize, "`has` takes one attribute, as in `has(a.b)`")),
        }
    }

    /// Expressions between commas up to `end`; a comma may stand before it.
    fn items(&mut self, end: &'static str) -> Result<Vec<Expr>, Fault> {
        let mut items = Vec::new();
        while !self.eat(end)? {
            items.push(self.expression()?);
            if !self.eat(",")? {
                self.expect(end)?;
                break;
            }
        }
        Ok(items)
    }

    fn entries(&mut self) -> Result<Vec<(Expr, Expr)>, Fault> {
        let mut entries = Vec::new();
        while !self.eat("}")? {
            let key = self.expression()?;
            self.expect(":")?;
            entries.push((key, self.expression()?));
            if !self.eat(",")? {
                self.expect("}")?;
                break;
            }
        }
        Ok(entries)
    }

    fn eat(&mut self, mark: &str) -> Result<bool, Fault> {
        let there = matches!(self.next.kind, TokenKind::Mark(next) if next == mark);
        if there {
            self.bump()?;
        }
        Ok(there)
    }

    fn expect(&mut self, mark: &str) -> Result<(), Fault> {
        if self.eat(mark)? { Ok(()) } else { Err(self.surprise(&format!("expected `{mark}`"))) }
    }

    fn bump(&mut self) -> Result<(), Fault> {
        self.last = self.next.to;
        self.next = self.lexer.next()?;
        Ok(())
    }

    fn deeper(&mut self) -> Result<(), Fault> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT { Err(too_deep(self.next.from)) } else { Ok(()) }
    }

    fn surprise(&self, what: &str) -> Fault {
        let found = match &self.next.kind {
            TokenKind::End => "the end".to_owned(),
            TokenKind::Name(name) => format!("`{name}`"),
            TokenKind::Mark(mark) => format!("`{mark}`"),
            TokenKind::Int(_) | TokenKind::Double(_) => "a number".to_owned(),
            TokenKind::Text(_) => "a string".to_owned(),
        };
        Fault::new(self.next.from, format!("{what}, found {found}"))
    }
}

fn fold(
    how: FoldKind,
    name: &str,
    name_at: u32,
    over: Expr,
    mut arguments: Vec<Expr>,
    (from, to): (u32, u32),
) -> Result<Expr, Fault> {
    let most = if how == FoldKind::Map { 3 } else { 2 };
    let body = arguments.pop();
    let only = if arguments.len() == 2 && how == FoldKind::Map { arguments.pop() } else { None };
    match (arguments.pop(), body, arguments.is_empty()) {
        (Some(Expr { kind: ExprKind::Name(bound), .. }), Some(body), true) => {
            node(from, to, ExprKind::Fold(Box::new(Fold { how, over, name: bound, only, body })))
        }
        (Some(first), Some(_), true) => {
            Err(Fault::new(first.from as usize, format!("the first argument of `{name}` is the name of an element")))
        }
        _ => {
            let expected = if most == 3 { "a name and one or two expressions" } else { "a name and an expression" };
            Err(Fault::new(name_at as usize, format!("`{name}` takes {expected}")))
        }
    }
}

/// A node over its children; refuses a tree that is too deep to walk by recursion.
fn node(from: u32, to: u32, kind: ExprKind) -> Result<Expr, Fault> {
    let mut expr = Expr { from, to, depth: 1, kind };
    expr.depth += expr.children().iter().map(|child| child.depth).max().unwrap_or(0);
    if expr.depth > DEPTH_LIMIT { Err(too_deep(from as usize)) } else { Ok(expr) }
}

fn too_deep(at: usize) -> Fault {
    Fault::new(at, format!("the expression nests deeper than {DEPTH_LIMIT} levels"))
        .help("split it up with `variables`")
}
