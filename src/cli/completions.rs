//! `plangate completions`.

use super::args::CompletionsArgs;
use super::exit::Exit;
use super::settings;
use super::terminal::Terminal;

/// Prints the script.
pub(crate) fn run(args: &CompletionsArgs, terminal: &Terminal) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut settings::command(), "plangate", &mut script);
    terminal.print_or_complain(&String::from_utf8_lossy(&script))
}
