//! What is wrong with a text, each with its place; only so many of them are kept.

use crate::source::{Problem, line_column};

/// The most problems that are told of one text.
const MOST: usize = 20;

/// The longest name that is repeated in a message.
const LONGEST_NAME: usize = 60;

/// The problems of a text so far.
pub(in crate::load::cloudformation) struct Faults<'t> {
    file: &'t str,
    text: &'t str,
    problems: Vec<Problem>,
    more: usize,
}

impl<'t> Faults<'t> {
    pub(in crate::load::cloudformation) fn new(file: &'t str, text: &'t str) -> Faults<'t> {
        Faults { file, text, problems: Vec::new(), more: 0 }
    }

    /// The text they are about.
    pub(in crate::load::cloudformation) fn text(&self) -> &'t str {
        self.text
    }

    /// The problem with its file and the place of a byte.
    pub(in crate::load::cloudformation) fn placed(&self, at: usize, problem: Problem) -> Problem {
        let (line, column) = line_column(self.text.as_bytes(), at);
        problem.in_file(self.file).at(line, column)
    }

    /// The line of a byte.
    pub(in crate::load::cloudformation) fn line(&self, at: usize) -> u32 {
        line_column(self.text.as_bytes(), at).0
    }

    /// One more. Its words are only looked for when it is told.
    pub(in crate::load::cloudformation) fn add(&mut self, at: usize, problem: impl FnOnce(&Faults<'_>) -> Problem) {
        if self.problems.len() < MOST {
            self.problems.push(self.placed(at, problem(self)));
        } else {
            self.more += 1;
        }
    }

    /// All of them.
    pub(in crate::load::cloudformation) fn finish(mut self) -> Vec<Problem> {
        if self.more > 0 {
            let problem = Problem::error(format!("has {} more faults of these kinds", self.more));
            self.problems.push(problem.in_file(self.file));
        }
        self.problems
    }
}

/// A name of the text as it can be repeated in a message: short, and without control characters.
pub(in crate::load::cloudformation) fn shown(name: &str) -> Option<&str> {
    let fits = !name.is_empty() && name.len() <= LONGEST_NAME && !name.chars().any(char::is_control);
    fits.then_some(name)
}
