//! Parses configuration, with the indentation of `<<-` heredocs taken off as Terraform does it: line by line, through
//! directives, and with regard to `~`. (The parser below sees only the outermost lines.)

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::parser::Error;
use hcl_edit::structure::Body;
use hcl_edit::template::{Directive, Element, HeredocTemplate, Strip, Template};
use hcl_edit::visit_mut::{VisitMut, visit_heredoc_template_mut};

use super::newlines::unbroken;

/// Parses a file.
///
/// # Errors
/// When it is no HCL.
pub fn read_body(text: &str) -> Result<Body, Error> {
    let mut body = parsed(text, hcl_edit::parser::parse_body)?;
    Indentation { text }.visit_body_mut(&mut body);
    Ok(body)
}

/// Parses an expression.
///
/// # Errors
/// When it is none.
pub fn read_expression(text: &str) -> Result<Expression, Error> {
    let mut expression = parsed(text, hcl_edit::parser::parse_expr)?;
    Indentation { text }.visit_expr_mut(&mut expression);
    Ok(expression)
}

/// Parses the text of a template file.
///
/// # Errors
/// When it is no template.
pub fn read_template(text: &str) -> Result<Template, Error> {
    let mut template = hcl_edit::parser::parse_template(text)?;
    let mut indentation = Indentation { text };
    for element in template.iter_mut() {
        indentation.visit_element_mut(element);
    }
    Ok(template)
}

/// What the parser makes of a text; where it refuses it, of the text without line breaks in `{ for … }`.
fn parsed<T>(text: &str, parse: fn(&str) -> Result<T, Error>) -> Result<T, Error> {
    parse(text).or_else(|error| unbroken(text).map_or(Err(error), |text| parse(&text)))
}

struct Indentation<'t> {
    text: &'t str,
}

impl VisitMut for Indentation<'_> {
    fn visit_heredoc_template_mut(&mut self, heredoc: &mut HeredocTemplate) {
        visit_heredoc_template_mut(self, heredoc);
        let flush = heredoc.span().and_then(|span| self.text.get(span)).is_some_and(|text| text.starts_with("<<-"));
        if flush {
            let mut tokens = Vec::new();
            tokens_of(&heredoc.template, self.text, &mut tokens);
            let mut flushed = flushed(&tokens).into_iter();
            rewrite(&mut heredoc.template, &mut flushed);
        }
    }
}

/// What a heredoc consists of, in order.
enum Token {
    /// Text as it is written, but for escapes.
    Literal(String),
    /// `${…}` or `%{…}`; whether it eats the space before and after it.
    Sequence { before: bool, after: bool },
}

fn tokens_of(template: &Template, text: &str, tokens: &mut Vec<Token>) {
    let sequence = |strip: Strip| Token::Sequence {
        before: matches!(strip, Strip::Start | Strip::Both),
        after: matches!(strip, Strip::End | Strip::Both),
    };
    for element in template.iter() {
        match element {
            Element::Literal(literal) => {
                let written = literal.span().and_then(|span| text.get(span)).unwrap_or(literal.value());
                tokens.push(Token::Literal(written.replace("$${", "${").replace("%%{", "%{")));
            }
            Element::Interpolation(interpolation) => tokens.push(sequence(interpolation.strip)),
            Element::Directive(directive) => match &**directive {
                Directive::If(choice) => {
                    tokens.push(sequence(choice.if_expr.strip));
                    tokens_of(&choice.if_expr.template, text, tokens);
                    if let Some(other) = &choice.else_expr {
                        tokens.push(sequence(other.strip));
                        tokens_of(&other.template, text, tokens);
                    }
                    tokens.push(sequence(choice.endif_expr.strip));
                }
                Directive::For(each) => {
                    tokens.push(sequence(each.for_expr.strip));
                    tokens_of(&each.for_expr.template, text, tokens);
                    tokens.push(sequence(each.endfor_expr.strip));
                }
            },
        }
    }
}

/// The literals with the common indentation taken off.
fn flushed(tokens: &[Token]) -> Vec<String> {
    let mut least: Option<usize> = None;
    // For each literal its lines, and whether the indentation comes off.
    let mut literals: Vec<Vec<(&str, bool)>> = Vec::new();
    let mut line_start = true;
    for (i, token) in tokens.iter().enumerate() {
        let Token::Literal(literal) = token else {
            if line_start {
                least = Some(0);
            }
            line_start = false;
            continue;
        };
        let eaten = i > 0 && matches!(tokens[i - 1], Token::Sequence { after: true, .. });
        let eats = matches!(tokens.get(i + 1), Some(Token::Sequence { before: true, .. }));
        let lines: Vec<&str> = literal.split_inclusive('\n').collect();
        let mut marked = Vec::new();
        for (number, line) in lines.iter().enumerate() {
            let mut seen = *line;
            if number == 0 && eaten {
                seen = seen.trim_start();
            }
            if number + 1 == lines.len() && eats {
                seen = seen.trim_end();
            }
            let blank = seen.trim_start().is_empty() && seen.ends_with('\n');
            if line_start && !blank {
                let spaces = seen.chars().take_while(|char| char.is_whitespace()).count();
                least = Some(least.map_or(spaces, |least| least.min(spaces)));
            }
            marked.push((*line, line_start && !blank));
            line_start = seen.ends_with('\n');
        }
        literals.push(marked);
    }
    let least = least.unwrap_or(0);
    let shortened = |(line, off): (&str, bool)| {
        if off { line.chars().skip(least).collect() } else { line.to_owned() }
    };
    literals.into_iter().map(|lines| lines.into_iter().map(shortened).collect()).collect()
}

fn rewrite(template: &mut Template, literals: &mut impl Iterator<Item = String>) {
    for element in template.iter_mut() {
        match element {
            Element::Literal(literal) => {
                if let Some(text) = literals.next() {
                    *literal.value_mut() = text;
                }
            }
            Element::Interpolation(_) => {}
            Element::Directive(directive) => match &mut **directive {
                Directive::If(choice) => {
                    rewrite(&mut choice.if_expr.template, literals);
                    if let Some(other) = &mut choice.else_expr {
                        rewrite(&mut other.template, literals);
                    }
                }
                Directive::For(each) => rewrite(&mut each.for_expr.template, literals),
            },
        }
    }
}
