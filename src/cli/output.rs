//! `-o FORMAT[=FILE]`: which reports go where.

use std::collections::BTreeSet;

use super::terminal::{Terminal, WIDTH};
use crate::source::{Problem, disk};

/// One report that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output {
    /// Its format.
    pub(crate) format: Format,
    /// The file it goes to; none is standard output.
    pub(crate) file: Option<String>,
}

/// The format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

impl Output {
    /// Reads `FORMAT[=FILE]`.
    pub(crate) fn parse(text: &str) -> Result<Output, String> {
        let (name, file) = match text.split_once('=') {
            Some((_, "")) => return Err("no file name after `=`".to_owned()),
            Some((name, "-")) => (name, None),
            Some((name, file)) => (name, Some(file.to_owned())),
            None => (text, None),
        };
        let format = match name {
            "text" => Format::Text,
            "json" => Format::Json,
            _ => return Err(format!("`{name}` is not one of text, json")),
        };
        Ok(Output { format, file })
    }
}

/// What stands in the way of the outputs, before any work is done for them.
pub(crate) fn clash(outputs: &[Output]) -> Option<Problem> {
    let mut taken = BTreeSet::new();
    let twice = outputs.iter().find(|output| !taken.insert(&output.file))?;
    let place = twice.file.as_deref().unwrap_or("standard output");
    let problem = Problem::error(format!("two reports cannot both go to {place}"));
    Some(problem.in_file("--output").help("give all but one a file of their own: `-o text -o json=report.json`"))
}

/// Writes every report that is asked for; a text on standard output when none is.
pub(crate) fn deliver(
    outputs: &[Output],
    terminal: &Terminal,
    render: impl Fn(Format, usize) -> String,
) -> Vec<Problem> {
    let usual = [Output { format: Format::Text, file: None }];
    let outputs = if outputs.is_empty() { &usual } else { outputs };
    let write = |output: &Output| match &output.file {
        None => terminal.print(&render(output.format, terminal.width())),
        Some(file) => {
            let report = render(output.format, WIDTH);
            let bytes = match output.format {
                Format::Text => anstream::adapter::strip_str(&report).to_string(),
                Format::Json => report,
            };
            disk::write_whole(file, bytes.as_bytes())
        }
    };
    outputs.iter().filter_map(|output| write(output).err()).collect()
}
