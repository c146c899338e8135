//! Floor 6: the command line. `args` is what was said, `settings` puts it together with environment and configuration, one file a subcommand is what to do about it, `pipeline`
//! is where the floors below are put together, and `exit` is the only place of exit codes.

mod args;
mod args_ci;
mod check;
mod choose;
mod comment;
mod completions;
mod exit;
mod explain;
mod fix;
mod init;
mod output;
mod paths;
mod pipeline;
mod policies;
mod remarks;
mod schema;
mod settings;
mod terminal;
mod today;
mod watch;

use std::process::ExitCode;

use args::Command;
use exit::Exit;
use terminal::Terminal;

/// Does what the command line says.
#[must_use]
pub fn run() -> ExitCode {
    let args = match settings::read() {
        Ok(args) => args,
        Err(refused) => return refused.tell(&Terminal::new(refused.color(), false)).into(),
    };
    let terminal = Terminal::new(args.color, !args.no_progress);
    let exit: Exit = match &args.command {
        Command::Check(args) => check::run(args, &terminal),
        Command::Paths(args) => paths::run(args, &terminal),
        Command::Explain(args) => explain::run(args, &terminal),
        Command::Comment(args) => comment::run(args, &terminal),
        Command::Init(args) => init::run(args, &terminal),
        Command::Fix(args) => fix::run(args, &terminal),
        Command::Policies(args) => policies::run(args, &terminal),
        Command::Schema(args) => schema::run(args, &terminal),
        Command::Completions(args) => completions::run(args, &terminal),
    };
    exit.into()
}
