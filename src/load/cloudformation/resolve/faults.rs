//! The text of a template, and what is found wrong with it: each fault once, with its place, and not without end.

use std::ops::Range;

use rustc_hash::FxHashSet;

use crate::source::nearest::did_you_mean;
use crate::source::{Problem, line_column};

/// The most faults that are told of one template.
const MOST: usize = 100;

/// The most faults that come with a suggestion, and the longest name that gets one: comparing names is not free.
const SUGGESTIONS: usize = 20;
const LONGEST_NAME: usize = 60;

/// The text of a template, to say where something stands.
pub(super) struct Source {
    file: String,
    text: String,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl Source {
    pub(super) fn new(file: &str, text: &str) -> Source {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(ends).collect();
        Source { file: file.to_owned(), text: text.to_owned(), lines }
    }

    /// The problem, placed at a byte of the template.
    pub(super) fn place(&self, problem: Problem, offset: usize) -> Problem {
        let number = self.lines.partition_point(|&begin| begin <= offset).max(1);
        let begin = self.lines.get(number - 1).copied().unwrap_or(0);
        let rest = self.text.as_bytes().get(begin..).unwrap_or_default();
        let (_, column) = line_column(rest, offset.saturating_sub(begin));
        problem.in_file(&self.file).at(number as u32, column)
    }
}

/// What was found wrong so far.
pub(super) struct Faults<'s> {
    source: &'s Source,
    found: Vec<Problem>,
    seen: FxHashSet<(usize, String)>,
    suggested: usize,
}

impl<'s> Faults<'s> {
    pub(super) fn new(source: &'s Source) -> Faults<'s> {
        Faults { source, found: Vec::new(), seen: FxHashSet::default(), suggested: 0 }
    }

    /// What CloudFormation refuses as well, or what goes past a limit.
    pub(super) fn error(&mut self, span: &Range<usize>, message: impl Into<String>) {
        self.add(Problem::error(message), span);
    }

    /// What leaves the rest usable.
    pub(super) fn warning(&mut self, span: &Range<usize>, message: impl Into<String>) {
        self.add(Problem::warning(message), span);
    }

    /// A name that is not among the known ones.
    pub(super) fn unknown_name<'c>(
        &mut self,
        span: &Range<usize>,
        message: &str,
        name: &str,
        known: impl IntoIterator<Item = &'c str>,
    ) {
        let hint = self.hint(name, known);
        self.error(span, format!("{message}{hint}"));
    }

    /// `; did you mean …?`, or nothing.
    pub(super) fn hint<'c>(&mut self, name: &str, known: impl IntoIterator<Item = &'c str>) -> String {
        self.suggested += 1;
        if self.suggested > SUGGESTIONS || name.len() > LONGEST_NAME {
            return String::new();
        }
        did_you_mean(name, known.into_iter().filter(|known| known.len() <= LONGEST_NAME).take(1000))
    }

    /// A problem, placed unless it says itself where it is.
    pub(super) fn add(&mut self, problem: Problem, span: &Range<usize>) {
        if self.found.len() > MOST || !self.seen.insert((span.start, problem.message.clone())) {
            return;
        }
        if self.found.len() == MOST {
            self.found.push(Problem {
                level: problem.level,
                ..self.placed(Problem::error("there is more wrong; this is where telling ends"), span)
            });
            return;
        }
        let problem = if problem.file.is_none() { self.placed(problem, span) } else { problem };
        self.found.push(problem);
    }

    fn placed(&self, problem: Problem, span: &Range<usize>) -> Problem {
        self.source.place(problem, span.start)
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.found
    }
}

/// A name for a message: in backticks, and not endless.
pub(super) fn quoted(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return format!("`{name}`");
    }
    let beginning: String = name.chars().take(LONGEST_NAME).collect();
    format!("`{beginning}…`")
}
