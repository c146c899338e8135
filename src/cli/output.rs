//! `-o FORMAT[=FILE]`: which formats a command can write, and which reports go where. Not how a report is written; that
//! is `report`'s.

use std::collections::BTreeSet;

use super::terminal::{Terminal, WIDTH};
use crate::report::Look;
use crate::source::nearest::did_you_mean;
use crate::source::{Problem, disk};

/// One report that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output<F> {
    /// Its format.
    pub(crate) format: F,
    /// The file it goes to; none is standard output.
    pub(crate) file: Option<String>,
}

/// The formats one command can write.
pub(crate) trait Format: Copy + Eq + Send + Sync + 'static {
    /// All of them; the first one is written when nothing is said.
    const ALL: &'static [Self];

    /// As written on the command line.
    fn name(self) -> &'static str;
}

/// What `check` can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CheckFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// SARIF, for code scanning.
    Sarif,
    /// JUnit's XML, for test views.
    Junit,
    /// Annotations of a GitHub workflow.
    Github,
    /// GitLab's code quality.
    Gitlab,
    /// Reviewdog's diagnostics.
    Rdjson,
    /// A comment on a pull request.
    Markdown,
    /// A page for browsers.
    Html,
}

impl Format for CheckFormat {
    const ALL: &'static [CheckFormat] = &[
        CheckFormat::Text,
        CheckFormat::Json,
        CheckFormat::Sarif,
        CheckFormat::Junit,
        CheckFormat::Github,
        CheckFormat::Gitlab,
        CheckFormat::Rdjson,
        CheckFormat::Markdown,
        CheckFormat::Html,
    ];

    fn name(self) -> &'static str {
        match self {
            CheckFormat::Text => "text",
            CheckFormat::Json => "json",
            CheckFormat::Sarif => "sarif",
            CheckFormat::Junit => "junit",
            CheckFormat::Github => "github",
            CheckFormat::Gitlab => "gitlab",
            CheckFormat::Rdjson => "rdjson",
            CheckFormat::Markdown => "markdown",
            CheckFormat::Html => "html",
        }
    }
}

/// What `paths` can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PathsFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// A flowchart for Markdown.
    Mermaid,
    /// A picture.
    Svg,
    /// A page for browsers.
    Html,
}

impl Format for PathsFormat {
    const ALL: &'static [PathsFormat] =
        &[PathsFormat::Text, PathsFormat::Json, PathsFormat::Mermaid, PathsFormat::Svg, PathsFormat::Html];

    fn name(self) -> &'static str {
        match self {
            PathsFormat::Text => "text",
            PathsFormat::Json => "json",
            PathsFormat::Mermaid => "mermaid",
            PathsFormat::Svg => "svg",
            PathsFormat::Html => "html",
        }
    }
}

/// What `explain` and `policies` can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

impl Format for PageFormat {
    const ALL: &'static [PageFormat] = &[PageFormat::Text, PageFormat::Json];

    fn name(self) -> &'static str {
        match self {
            PageFormat::Text => "text",
            PageFormat::Json => "json",
        }
    }
}

/// The names of a command's formats, as a list in a sentence.
pub(crate) fn names<F: Format>() -> String {
    let names: Vec<&str> = F::ALL.iter().map(|format| format.name()).collect();
    names.join(", ")
}

impl<F: Format> Output<F> {
    /// Reads `FORMAT[=FILE]`.
    pub(crate) fn parse(text: &str) -> Result<Output<F>, String> {
        let (name, file) = match text.split_once('=') {
            Some((_, "")) => return Err("no file name after `=`".to_owned()),
            Some((name, "-")) => (name, None),
            Some((name, file)) => (name, Some(file.to_owned())),
            None => (text, None),
        };
        let known = F::ALL.iter().find(|format| format.name() == name);
        let format = *known.ok_or_else(|| {
            let near = did_you_mean(name, F::ALL.iter().map(|format| format.name()));
            format!("`{name}` is not one of {}{near}", names::<F>())
        })?;
        Ok(Output { format, file })
    }
}

/// What stands in the way of the outputs, before any work is done for them.
pub(crate) fn clash<F>(outputs: &[Output<F>]) -> Option<Problem> {
    let mut taken = BTreeSet::new();
    let twice = outputs.iter().find(|output| !taken.insert(&output.file))?;
    let place = twice.file.as_deref().unwrap_or("standard output");
    let problem = Problem::error(format!("two reports cannot both go to {place}"));
    Some(problem.in_file("--output").help("give all but one a file of their own: `-o text -o json=report.json`"))
}

/// Writes every report that is asked for; the usual one on standard output when none is.
pub(crate) fn deliver<F: Format>(
    outputs: &[Output<F>],
    terminal: &Terminal,
    render: impl Fn(F, Look) -> String,
) -> Vec<Problem> {
    let usual: Vec<Output<F>> = F::ALL.iter().take(1).map(|&format| Output { format, file: None }).collect();
    let outputs = if outputs.is_empty() { &usual } else { outputs };
    let write = |output: &Output<F>| match &output.file {
        None => terminal.print(&render(output.format, terminal.look())),
        Some(file) => disk::write_whole(file, render(output.format, Look::plain(WIDTH)).as_bytes()),
    };
    outputs.iter().filter_map(|output| write(output).err()).collect()
}
