//! Parses the native syntax, and says what is wrong with it in words that help: the parser's own list what it could
//! have gone on with.

use hcl_edit::structure::Body;

use crate::source::{Problem, line_column};

/// The blocks of a file.
pub(super) fn native(text: &str) -> Result<Body, Problem> {
    super::repeated::body(text).map_err(|error| {
        // The parser may have seen other line breaks than there are; bytes are where they were.
        let offset = error.location().offset().min(text.len());
        let (number, column) = line_column(text.as_bytes(), offset);
        let line = text.lines().nth(number as usize - 1).unwrap_or_default();
        let rest: String = line.chars().skip(column as usize - 1).collect();
        let goes_on = text.get(offset..).is_some_and(|rest| !rest.trim().is_empty());
        let told = if goes_on { explained(error.message(), line, &rest) } else { cut_off(error.message()) };
        let (message, help) = told.unwrap_or_else(|| (shortened(error.message()), None));
        let problem = Problem::error(format!("is not valid HCL: {message}")).at(number, column);
        match help {
            Some(help) => problem.help(help),
            None => problem,
        }
    })
}

type Told = (String, Option<&'static str>);

fn told(message: &str, help: &'static str) -> Option<Told> {
    Some((message.to_owned(), Some(help)))
}

/// What is wrong where the text ends.
fn cut_off(said: &str) -> Option<Told> {
    if said.contains("heredoc") {
        return told("the heredoc is never ended", "its word must stand alone on a line, with `<<-` indented or not");
    }
    told("the file ends in the middle", "look for a `}`, `]`, `)` or quote that is missing above")
}

fn explained(said: &str, line: &str, rest: &str) -> Option<Told> {
    let first = rest.trim_start().chars().next();
    if ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|mark| line.starts_with(mark)) {
        return told("a merge conflict was left behind", "settle it, and take out the lines with the marks");
    }
    if said.contains("nesting depth") {
        return Some(("it nests too deep: at most 64 levels are read".to_owned(), None));
    }
    if said.contains("binary operators") {
        return Some(("the expression is too long: at most 128 operators in a row are read".to_owned(), None));
    }
    if said.contains("redefined attribute") {
        return Some(("this argument is set twice in the block".to_owned(), None));
    }
    if said.contains("heredoc") {
        return told("the heredoc is never ended", "its word must stand alone on a line, with `<<-` indented or not");
    }
    if said.contains("escape sequence") {
        return told("the text has an unknown escape", "a backslash is written `\\\\`; for patterns see `<<EOT`");
    }
    if said.contains("block body") && line.chars().filter(|char| *char == '"').count() % 2 == 1 {
        return told("a text is not closed on its line", "put the missing quote; a text of several lines is a heredoc");
    }
    match first {
        Some('\'') => told("a text begins with a single quote", "texts stand in double quotes"),
        Some('{') if said.contains("unexpected token") => {
            told("this is JSON, not HCL", "Terraform reads JSON from files named .tf.json")
        }
        Some('}') if said.contains("unexpected token") => Some(("there is a `}` too many".to_owned(), None)),
        _ if said.contains("unexpected token") => Some(("a block or an argument should begin here".to_owned(), None)),
        _ if said.contains("invalid structure") => {
            told("after a name comes `=` and a value, or `{` and a block", "arguments are written NAME = VALUE")
        }
        _ if said.contains("newline or eof") || said.contains("block body") => {
            told("something stands here that belongs to no argument", "each argument has a line of its own")
        }
        _ if said.contains("invalid expression") => Some(("a value is missing here, or is none".to_owned(), None)),
        _ => None,
    }
}

/// The parser's words without a long list of what else could stand there.
fn shortened(said: &str) -> String {
    match said.split_once("; expected") {
        Some((what, expected)) if expected.matches(',').count() > 2 => what.to_owned(),
        _ => said.to_owned(),
    }
}
