//! Template strings: interpolations, `%{ if }`, `%{ for }`, and the `~` that eats space.

use std::borrow::Cow;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::template::{Directive, Element, ForDirective, HeredocTemplate, IfDirective, Strip, Template};

use super::conditional::chosen;
use super::loops::{bound, pairs};
use super::{Context, value_of};
use crate::load::hcl::convert::convert;
use crate::load::hcl::hole::{Bounds, Hole, Pieces};
use crate::load::hcl::scope::LONGEST_TEXT;
use crate::load::hcl::{Fault, Type, Value};

/// The value of a template that is a file of its own.
pub(super) fn of(template: &Template, context: &Context<'_>) -> Result<Value, Fault> {
    whole(template, Around::default(), context)
}

/// The value of a template between quotes.
pub(super) fn of_quoted(template: &Template, context: &Context<'_>) -> Result<Value, Fault> {
    whole(template, Around { quotes: true, ..Around::default() }, context)
}

/// One that is nothing but an interpolation keeps the interpolation's type.
fn whole(template: &Template, around: Around, context: &Context<'_>) -> Result<Value, Fault> {
    let mut elements = template.iter();
    if let (Some(Element::Interpolation(only)), None) = (elements.next(), elements.next()) {
        return value_of(&only.expr, context);
    }
    text_of(template, around, context)
}

pub(super) fn of_heredoc(heredoc: &HeredocTemplate, context: &Context<'_>) -> Result<Value, Fault> {
    text_of(&heredoc.template, Around::default(), context)
}

/// What stands around a template.
#[derive(Clone, Copy, Default)]
struct Around {
    /// It eats the space at the start.
    start: bool,
    /// It eats the space at the end.
    end: bool,
    /// Quotes, at whatever distance.
    quotes: bool,
    /// A directive. hcl-edit leaves escapes as they are written in one, between quotes too.
    directive: bool,
}

impl Around {
    /// Around the template in a directive that stands in this one.
    fn within(self, start: bool, end: bool) -> Around {
        Around { start, end, quotes: self.quotes, directive: true }
    }
}

fn text_of(template: &Template, around: Around, context: &Context<'_>) -> Result<Value, Fault> {
    let elements: Vec<&Element> = template.iter().collect();
    let mut text = Assembled::default();
    for (i, element) in elements.iter().enumerate() {
        match element {
            Element::Literal(literal) => {
                let start = if i == 0 { around.start } else { eats_after(elements[i - 1]) };
                let end = elements.get(i + 1).map_or(around.end, |next| eats_before(next));
                let written = trimmed(literal.value(), start, end);
                let escaped = around.quotes && around.directive;
                text.literal(&if escaped { unescaped(written) } else { written.into() }, context)?;
            }
            Element::Interpolation(interpolation) => {
                let value = value_of(&interpolation.expr, context)?;
                text.value(&value, context).map_err(|fault| fault.at(interpolation.expr.span()))?;
            }
            Element::Directive(directive) => {
                let value = match &**directive {
                    Directive::If(choice) => if_directive(choice, around, context),
                    Directive::For(each) => for_directive(each, around, context),
                };
                text.value(&value.map_err(|fault| fault.at(directive.span()))?, context)?;
            }
        }
    }
    Ok(text.finished())
}

fn if_directive(choice: &IfDirective, around: Around, context: &Context<'_>) -> Result<Value, Fault> {
    let yes_end = choice.else_expr.as_ref().map_or(choice.endif_expr.strip, |other| other.strip);
    let yes = around.within(ends(choice.if_expr.strip), starts(yes_end));
    let yes = text_of(&choice.if_expr.template, yes, context);
    let no = match &choice.else_expr {
        None => Ok(Value::text("")),
        Some(other) => {
            let no = around.within(ends(other.strip), starts(choice.endif_expr.strip));
            text_of(&other.template, no, context)
        }
    };
    if let Some(fault) = [&yes, &no].into_iter().filter_map(|arm| arm.as_ref().err()).find(|fault| fault.fatal) {
        return Err(fault.clone());
    }
    let condition = &choice.if_expr.cond_expr;
    chosen(&value_of(condition, context)?, &condition.span(), yes, no, Some(Type::String))
}

fn for_directive(each: &ForDirective, around: Around, context: &Context<'_>) -> Result<Value, Fault> {
    let collection: &Expression = &each.for_expr.collection_expr;
    let values = value_of(collection, context)?;
    let place = collection.span();
    let Some(pairs) = pairs(&values).map_err(|fault| fault.at(place))? else {
        let hole = Hole::from_values(Type::String, [&values]).bounded(Bounds::not_null());
        return Ok(Value::hole(hole).marked(values.sensitive));
    };
    let turns = around.within(ends(each.for_expr.strip), starts(each.endfor_expr.strip));
    let mut text = Assembled { sensitive: values.sensitive, ..Assembled::default() };
    // A set with unknown elements may have fewer once they are known.
    if values.may_shrink() {
        text.open.push(values.clone());
        text.vague = true;
    }
    let key_name = each.for_expr.key_var.as_ref().map(|name| name.as_str());
    for (key, value) in &pairs {
        let name = each.for_expr.value_var.as_str();
        let turn =
            bound(key_name, key, name, value, context, |context| text_of(&each.for_expr.template, turns, context))?;
        text.value(&turn, context)?;
    }
    Ok(text.finished())
}

/// Text so far, until something unknown comes; after it what the result hangs on, and its pieces.
#[derive(Default)]
struct Assembled {
    text: String,
    open: Vec<Value>,
    pieces: Pieces,
    /// A part of it may not be there at all.
    vague: bool,
    sensitive: bool,
}

impl Assembled {
    fn literal(&mut self, literal: &str, context: &Context<'_>) -> Result<(), Fault> {
        context.scope.session().spend(1 + literal.len() as u64 / 64)?;
        match self.open.is_empty() {
            true => self.text.push_str(literal),
            false => self.pieces.known(literal),
        }
        if self.text.len() > LONGEST_TEXT { Err(Fault::limit("the text becomes too long")) } else { Ok(()) }
    }

    fn value(&mut self, value: &Value, context: &Context<'_>) -> Result<(), Fault> {
        if value.is_null() {
            return Err(Fault::new("null cannot be put into a text"));
        }
        self.sensitive |= value.sensitive;
        let text = if value.is_known() || value.ty().is_settled() {
            convert(value, &Type::String).map_err(|fault| fault.within("this cannot be put into a text"))?
        } else {
            value.clone()
        };
        match text.as_text() {
            Some(text) => self.literal(text, context),
            None => {
                if self.open.is_empty() {
                    self.pieces.known(&self.text);
                    self.text.push_str(&text.bounds().prefix);
                }
                self.pieces.push(&text);
                self.open.push(text);
                Ok(())
            }
        }
    }

    fn finished(self) -> Value {
        let value = if self.open.is_empty() {
            Value::text(self.text)
        } else {
            // What follows could still join with the last character.
            let safe = self.text.trim_end_matches(|char: char| char.is_alphanumeric() || !char.is_ascii());
            let kept = self.text[safe.len()..].char_indices().next_back().map_or(0, |(at, _)| at);
            let prefix = self.text[..safe.len() + kept].into();
            let bounds = Bounds { prefix, ..Bounds::not_null() };
            let hole = Hole::from_values(Type::String, &self.open).bounded(bounds);
            Value::hole(Hole { pieces: self.pieces.kept().filter(|_| !self.vague), ..hole })
        };
        value.marked(self.sensitive)
    }
}

/// `~` eats the space next to it up to the line's end, and the line's end: a literal is read line by line.
fn trimmed(literal: &str, start: bool, end: bool) -> &str {
    let mut text = literal;
    if start {
        let line = text.find('\n').map_or(text.len(), |at| at + 1);
        let eaten = line - text[..line].trim_start().len();
        text = &text[eaten..];
    }
    if end {
        let line = text.strip_suffix('\n').unwrap_or(text).rfind('\n').map_or(0, |at| at + 1);
        text = &text[..line + text[line..].trim_end().len()];
    }
    text
}

/// What the escapes of a text between quotes stand for. One that there is none of stays; Terraform refuses it.
fn unescaped(written: &str) -> Cow<'_, str> {
    if !written.contains('\\') {
        return written.into();
    }
    let mut text = String::with_capacity(written.len());
    let mut rest = written;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        let code = |digits: usize| u32::from_str_radix(after.get(1..=digits)?, 16).ok().and_then(char::from_u32);
        let (char, length) = match after.chars().next() {
            Some('n') => (Some('\n'), 1),
            Some('r') => (Some('\r'), 1),
            Some('t') => (Some('\t'), 1),
            Some(same @ ('"' | '\\')) => (Some(same), 1),
            Some('u') => (code(4), 5),
            Some('U') => (code(8), 9),
            _ => (None, 0),
        };
        text.push(char.unwrap_or('\\'));
        rest = char.and_then(|_| after.get(length..)).unwrap_or(after);
    }
    text.push_str(rest);
    text.into()
}

fn eats_after(element: &Element) -> bool {
    ends(match element {
        Element::Literal(_) => return false,
        Element::Interpolation(interpolation) => interpolation.strip,
        Element::Directive(directive) => match &**directive {
            Directive::If(choice) => choice.endif_expr.strip,
            Directive::For(each) => each.endfor_expr.strip,
        },
    })
}

fn eats_before(element: &Element) -> bool {
    starts(match element {
        Element::Literal(_) => return false,
        Element::Interpolation(interpolation) => interpolation.strip,
        Element::Directive(directive) => match &**directive {
            Directive::If(choice) => choice.if_expr.strip,
            Directive::For(each) => each.for_expr.strip,
        },
    })
}

fn starts(strip: Strip) -> bool {
    matches!(strip, Strip::Start | Strip::Both)
}

fn ends(strip: Strip) -> bool {
    matches!(strip, Strip::End | Strip::Both)
}
