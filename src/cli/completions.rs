//! `plangate completions`: what a shell or `man` keeps of the command line, made from its one description.

use std::io;

use clap::Command;

use super::args::{Completed, CompletionsArgs};
use super::exit::Exit;
use super::settings;
use super::terminal::Terminal;
use crate::source::{Level, Problem};

/// Prints the script or the page.
pub(crate) fn run(args: &CompletionsArgs, terminal: &Terminal) -> Exit {
    let mut printed = Vec::new();
    match args.shell {
        Completed::Shell(shell) => clap_complete::generate(shell, &mut settings::command(), "plangate", &mut printed),
        Completed::Man => {
            if let Err(error) = manual(&mut printed) {
                terminal.complain(&[Problem::error(format!("cannot write: {error}"))], Level::Note);
                return Exit::NotJudged;
            }
        }
    }
    terminal.print_or_complain(&String::from_utf8_lossy(&printed))
}

/// One page with every command on it: the program's own, then each command's flags under its name.
fn manual(out: &mut Vec<u8>) -> io::Result<()> {
    let mut command = settings::command().disable_help_flag(true);
    command.build();
    let page = |command: &Command| clap_mangen::Man::new(command.clone()).date("");
    let whole = page(&command);
    whole.render_title(out)?;
    whole.render_name_section(out)?;
    whole.render_synopsis_section(out)?;
    whole.render_description_section(out)?;
    whole.render_options_section(out)?;
    let mut commands = Vec::new();
    whole.render_subcommands_section(&mut commands)?;
    // They stand on this page, not on pages of their own.
    let commands = String::from_utf8_lossy(&commands).replace("plangate\\-", "plangate ").replace("(1)", "");
    out.extend(commands.into_bytes());
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        let page = page(inner);
        out.extend(format!(".SH \"PLANGATE {}\"\n", inner.get_name().to_uppercase()).into_bytes());
        let mut text = Vec::new();
        page.render_synopsis_section(&mut text)?;
        page.render_description_section(&mut text)?;
        page.render_options_section(&mut text)?;
        page.render_extra_section(&mut text)?;
        // Sections of a command are below the command.
        out.extend(String::from_utf8_lossy(&text).replace("\n.SH ", "\n.SS ").replacen(".SH ", ".SS ", 1).into_bytes());
    }
    whole.render_extra_section(out)
}
