//! The one place that prints: reports to standard output, problems to standard error, coloured where that is wanted.

use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use anstream::AutoStream;

use super::exit::Exit;
use crate::report::{BAD, DIM, Look, STRONG, UNSURE, clean};
use crate::source::{Level, Problem};

/// Characters in a line of a report that goes to a file or a pipe.
pub(crate) const WIDTH: usize = 100;

/// What takes no longer than this is not worth a sign of life.
const SOON: Duration = Duration::from_secs(1);

/// Standard output and standard error.
pub(crate) struct Terminal {
    color: anstream::ColorChoice,
    progress: bool,
    held: RefCell<Option<Held>>,
}

/// What is to be printed, held back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    report: String,
    problems: String,
}

impl Terminal {
    /// With colours as asked for; `auto` means on a terminal, unless `NO_COLOR` and the like say otherwise.
    pub(crate) fn new(color: clap::ColorChoice, progress: bool) -> Terminal {
        let color = match color {
            clap::ColorChoice::Auto => anstream::ColorChoice::Auto,
            clap::ColorChoice::Always => anstream::ColorChoice::Always,
            clap::ColorChoice::Never => anstream::ColorChoice::Never,
        };
        Terminal { color, progress, held: RefCell::new(None) }
    }

    /// Does some work, and shows on standard error that it is at it: on a terminal, and when it takes long.
    pub(crate) fn at_work<T>(&self, what: &'static str, work: impl FnOnce() -> T) -> T {
        if !self.progress || !io::stderr().is_terminal() {
            return work();
        }
        std::thread::scope(|scope| {
            let (working, done) = channel::<()>();
            scope.spawn(move || {
                if done.recv_timeout(SOON) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
                let sign = indicatif::ProgressBar::new_spinner().with_message(what);
                sign.enable_steady_tick(Duration::from_millis(120));
                // Comes back when the work is done and its end of the channel gone.
                let _ = done.recv();
                sign.finish_and_clear();
            });
            let result = work();
            drop(working);
            result
        })
    }

    /// Does something, and holds back what it prints.
    pub(crate) fn hold<T>(&self, print: impl FnOnce() -> T) -> (T, Held) {
        self.held.replace(Some(Held::default()));
        let result = print();
        (result, self.held.take().unwrap_or_default())
    }

    /// Prints what was held back.
    pub(crate) fn release(&self, held: &Held) -> Result<(), Problem> {
        self.print(&held.report)?;
        let _ = AutoStream::new(io::stderr().lock(), self.color).write_all(held.problems.as_bytes());
        Ok(())
    }

    /// How a report is to look that is printed.
    pub(crate) fn look(&self) -> Look {
        let colors = match self.color {
            anstream::ColorChoice::Auto => AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never,
            other => other != anstream::ColorChoice::Never,
        };
        Look { width: Terminal::width(), colors }
    }

    /// Characters in a line: those of the terminal, as far as prose can be read at that width.
    fn width() -> usize {
        if !io::stdout().is_terminal() {
            return WIDTH;
        }
        let told = || std::env::var("COLUMNS").ok()?.parse().ok();
        let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)).or_else(told);
        width.map_or(WIDTH, |width| width.clamp(40, 120))
    }

    /// Prints a report.
    pub(crate) fn print(&self, report: &str) -> Result<(), Problem> {
        if let Some(held) = self.held.borrow_mut().as_mut() {
            held.report.push_str(report);
            return Ok(());
        }
        let mut out = io::stdout().lock();
        // Where nothing is to be taken out, none is looked for piece by piece: a report may be long.
        let written = if holds_control(report) {
            AutoStream::new(&mut out, self.color).write_all(report.as_bytes())
        } else {
            out.write_all(report.as_bytes())
        };
        match written.and_then(|()| out.flush()) {
            // The reader has seen enough (`plangate check | head`).
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(Problem::error(format!("cannot write: {error}")).in_file("<stdout>")),
            Ok(()) => Ok(()),
        }
    }

    /// Prints problems of at least `level`.
    pub(crate) fn complain(&self, problems: &[Problem], level: Level) {
        let shown = problems.iter().filter(|problem| problem.level >= level);
        if let Some(held) = self.held.borrow_mut().as_mut() {
            held.problems.extend(shown.map(|problem| format!("{}\n", colored(problem))));
            return;
        }
        let mut out = AutoStream::new(io::stderr().lock(), self.color);
        for problem in shown {
            // With standard error gone there is nobody left to tell.
            let _ = writeln!(out, "{}", colored(problem));
        }
    }

    /// Prints what clap has to say: help and version, or what is wrong with the arguments.
    pub(crate) fn usage(&self, error: &clap::Error) -> Exit {
        let text = error.render().ansi().to_string();
        if error.use_stderr() {
            if let Some(held) = self.held.borrow_mut().as_mut() {
                held.problems.push_str(&text);
                return Exit::NotJudged;
            }
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

/// Whether there is anything in a text that a terminal does not just show. All of it is looked at in any case: without a
/// way out in the middle that takes a fraction of the time.
fn holds_control(text: &str) -> bool {
    text.bytes().fold(false, |found, byte| found | ((byte < b' ') & (byte != b'\n')) | (byte == 0x7f))
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
