//! The one place that prints: reports to standard output, problems to standard error, coloured where that is wanted.

use std::io::{self, IsTerminal, Write};

use anstream::AutoStream;

use super::exit::Exit;
use crate::report::{BAD, DIM, STRONG, UNSURE, clean};
use crate::source::{Level, Problem};

/// Characters in a line of a report that goes to a file or a pipe.
pub(crate) const WIDTH: usize = 100;

/// Standard output and standard error.
pub(crate) struct Terminal {
    color: anstream::ColorChoice,
}

impl Terminal {
    /// With colours as asked for; `auto` means on a terminal, unless `NO_COLOR` and the like say otherwise.
    pub(crate) fn new(color: clap::ColorChoice) -> Terminal {
        let color = match color {
            clap::ColorChoice::Auto => anstream::ColorChoice::Auto,
            clap::ColorChoice::Always => anstream::ColorChoice::Always,
            clap::ColorChoice::Never => anstream::ColorChoice::Never,
        };
        Terminal { color }
    }

    /// Characters in a line: those of the terminal, as far as prose can be read at that width.
    pub(crate) fn width(&self) -> usize {
        if !io::stdout().is_terminal() {
            return WIDTH;
        }
        terminal_size::terminal_size().map_or(WIDTH, |(width, _)| usize::from(width.0).clamp(40, 120))
    }

    /// Prints a report.
    pub(crate) fn print(&self, report: &str) -> Result<(), Problem> {
        let mut out = AutoStream::new(io::stdout().lock(), self.color);
        match out.write_all(report.as_bytes()).and_then(|()| out.flush()) {
            // The reader has seen enough (`plangate check | head`).
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(Problem::error(format!("cannot write: {error}")).in_file("<stdout>")),
            Ok(()) => Ok(()),
        }
    }

    /// Prints problems of at least `level`.
    pub(crate) fn complain(&self, problems: &[Problem], level: Level) {
        let mut out = AutoStream::new(io::stderr().lock(), self.color);
        for problem in problems.iter().filter(|problem| problem.level >= level) {
            // With standard error gone there is nobody left to tell.
            let _ = writeln!(out, "{}", colored(problem));
        }
    }

    /// Prints what clap has to say: help and version, or what is wrong with the arguments.
    pub(crate) fn usage(&self, error: &clap::Error) -> Exit {
        let text = error.render().ansi().to_string();
        if error.use_stderr() {
            let _ = AutoStream::new(io::stderr().lock(), self.color).write_all(text.as_bytes());
            return Exit::NotJudged;
        }
        self.print_or_complain(&text)
    }

    /// Prints the one report of a command.
    pub(crate) fn print_or_complain(&self, report: &str) -> Exit {
        let problems: Vec<Problem> = self.print(report).err().into_iter().collect();
        self.complain(&problems, Level::Note);
        Exit::of_problems(&problems)
    }
}

fn colored(problem: &Problem) -> String {
    let (word, style) = match problem.level {
        Level::Note => ("note:", STRONG),
        Level::Warning => ("warning:", UNSURE.bold()),
        Level::Error => ("error:", BAD),
    };
    let said = problem.to_string();
    let said = clean(&said);
    let said = said.replacen(word, &format!("{style}{word}{style:#}"), 1);
    said.replacen("\n  help:", &format!("\n  {DIM}help:{DIM:#}"), 1)
}
