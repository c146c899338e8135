//! A fault in what we were given: a file, a policy, a flag. Never a fault in the infrastructure; that is a finding.

use std::fmt;

/// How bad a [`Problem`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Worth knowing; the answer stands.
    Note,
    /// Part of the input could not be used; the answer stands for the rest.
    Warning,
    /// What was asked could not be judged.
    Error,
}

impl Level {
    /// In a word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Level::Note => "note",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

/// Where in a text, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line.
    pub line: u32,
    /// Column, in characters.
    pub column: u32,
}

/// What is wrong with what we were given, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How bad.
    pub level: Level,
    /// What is wrong, in one sentence. Never contains a sensitive value.
    pub message: String,
    /// The file (or `<stdin>`, or a flag) it is about.
    pub file: Option<String>,
    /// Where in the file.
    pub position: Option<Position>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Problem {
    /// A problem at error level.
    #[must_use]
    pub fn error(message: impl Into<String>) -> Problem {
        Problem { level: Level::Error, message: message.into(), file: None, position: None, help: None }
    }

    /// A problem at warning level.
    #[must_use]
    pub fn warning(message: impl Into<String>) -> Problem {
        Problem { level: Level::Warning, ..Problem::error(message) }
    }

    /// A problem at note level.
    #[must_use]
    pub fn note(message: impl Into<String>) -> Problem {
        Problem { level: Level::Note, ..Problem::error(message) }
    }

    /// Says which file.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Problem {
        self.file = Some(file.into());
        self
    }

    /// Says where in the file; line and column from 1.
    #[must_use]
    pub fn at(mut self, line: u32, column: u32) -> Problem {
        self.position = Some(Position { line, column });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Problem {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Problem {
    /// `file:line:column: level: message`, and the help on a line of its own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}:")?;
            if let Some(Position { line, column }) = self.position {
                write!(f, "{line}:{column}:")?;
            }
            f.write_str(" ")?;
        }
        write!(f, "{}: {}", self.level.name(), self.message)?;
        match &self.help {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}
