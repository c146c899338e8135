//! What was said, and where: flags before environment variables (`PLANGATE_…`) before `plangate.yaml` before what holds
//! when nobody says anything. A configuration becomes the defaults of the flags of the same name; what adds to flags
//! (variables, parameters, policies) rides along with them.

use std::rc::Rc;

use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, FromArgMatches};

use super::args::Args;
use super::exit::Exit;
use super::output::{CheckFormat, Output};
use super::terminal::Terminal;
use crate::config::{Config, Placed};
use crate::source::{Level, Problem};

/// Flags that an environment variable may set, by their id: `fail_on` by `PLANGATE_FAIL_ON`. Not among them is what is
/// for one run (`--write-baseline`), for one look (`-v`), or has a variable already (`TF_VAR_…`, `NO_COLOR`).
const IN_ENVIRONMENT: &[&str] = &[
    "account",
    "backend",
    "baseline",
    "config",
    "fail_on",
    "new_only",
    "only",
    "all",
    "params",
    "parameters",
    "files",
    "region",
    "skip",
    "source",
    "undecided",
    "var-file",
    "workspace",
];

/// Why there is nothing to do.
pub(crate) enum Refused {
    /// Help is wanted, or the arguments are wrong.
    Usage(clap::Error),
    /// The configuration is wrong.
    Config(clap::ColorChoice, Vec<Problem>),
}

impl Refused {
    /// When colours are wanted, as far as that could be read.
    pub(crate) fn color(&self) -> clap::ColorChoice {
        match self {
            Refused::Usage(_) => clap::ColorChoice::Auto,
            Refused::Config(color, _) => *color,
        }
    }

    /// Says why, and how it ends.
    pub(crate) fn tell(&self, terminal: &Terminal) -> Exit {
        match self {
            Refused::Usage(error) => terminal.usage(error),
            Refused::Config(_, problems) => {
                terminal.complain(problems, Level::Note);
                Exit::NotJudged
            }
        }
    }
}

/// The command line as it can be used, with its environment variables.
pub(crate) fn command() -> clap::Command {
    fn with_environment(command: clap::Command) -> clap::Command {
        command.mut_args(|arg| {
            let named = IN_ENVIRONMENT.contains(&arg.get_id().as_str());
            match arg.get_long().filter(|_| named) {
                // What it is set to now may be secret, and is nobody's help.
                Some(long) => {
                    let name = variable(long);
                    arg.env(name).hide_env_values(true)
                }
                None => arg,
            }
        })
    }
    with_environment(Args::command()).mut_subcommands(with_environment)
}

/// The variable of a flag.
fn variable(long: &str) -> String {
    format!("PLANGATE_{}", long.replace('-', "_").to_uppercase())
}

/// An error that says so when the flag it is about stands in the environment and on no command line.
fn placed(mut error: clap::Error, words: &[std::ffi::OsString]) -> clap::Error {
    let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else { return error };
    let Some(long) = flag.split([' ', '=']).next().and_then(|flag| flag.strip_prefix("--")) else { return error };
    let (name, flag) = (variable(long), format!("--{long}"));
    let said = words.iter().any(|word| word.to_string_lossy().split('=').next() == Some(&flag));
    if !said && std::env::var_os(&name).is_some() {
        let tip = format!("the environment variable {name} says so");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

/// Reads the command line, the environment and the configuration.
pub(crate) fn read() -> Result<Args, Refused> {
    let words: Vec<std::ffi::OsString> = std::env::args_os().collect();
    let usage = |error: clap::Error| Refused::Usage(placed(error, &words));
    let plain = command().try_get_matches_from(&words).map_err(usage)?;
    let plain = Args::from_arg_matches(&plain).map_err(usage)?;
    if !plain.command.is_configured() {
        return Ok(plain);
    }
    let config = match &plain.config {
        Some(path) => Config::load(path),
        None => Config::nearest(),
    };
    let config = config.map_err(|problems| Refused::Config(plain.color, problems))?;
    let outputs = outputs(&config).map_err(|problem| Refused::Config(plain.color, vec![problem]))?;
    let matches = with_defaults(command(), &config, &outputs).try_get_matches_from(&words).map_err(usage)?;
    let mut args = Args::from_arg_matches(&matches).map_err(usage)?;
    args.command.configure(&Rc::new(config));
    Ok(args)
}

/// A command whose flags stand, unless said otherwise, as the configuration has them.
fn with_defaults(command: clap::Command, config: &Config, outputs: &[String]) -> clap::Command {
    let one = |value: &Option<String>| value.iter().cloned().collect::<Vec<String>>();
    let said = |value: &Option<Placed<String>>| value.iter().map(|said| said.value.clone()).collect();
    let defaults: Vec<(&str, Vec<String>)> = vec![
        ("fail_on", said(&config.fail_on)),
        ("undecided", said(&config.undecided)),
        ("new_only", config.new_only.iter().map(bool::to_string).collect()),
        ("inputs", config.inputs.clone()),
        ("source", one(&config.source)),
        ("backend", one(&config.backend)),
        ("region", one(&config.region)),
        ("account", one(&config.account)),
        ("baseline", one(&config.baseline)),
    ];
    command.mut_subcommands(|command| {
        let is_check = command.get_name() == "check";
        command.mut_args(|arg| {
            let id = arg.get_id().as_str();
            let own = defaults.iter().find(|(known, _)| *known == id).map(|(_, values)| values.as_slice());
            // Other commands have other formats.
            let own = if id == "all" && is_check { Some(outputs) } else { own };
            match own.filter(|values| !values.is_empty()) {
                Some(values) => arg.default_values(values.to_vec()),
                None => arg,
            }
        })
    })
}

/// The outputs of the configuration as `--output` has them.
fn outputs(config: &Config) -> Result<Vec<String>, Problem> {
    let mut all = Vec::new();
    for output in &config.outputs {
        let (format, file) = &output.value;
        let text = file.as_ref().map_or_else(|| format.clone(), |file| format!("{format}={file}"));
        Output::<CheckFormat>::parse(&text)
            .map_err(|why| config.fault(Problem::error(format!("`outputs`: {why}")), output.position))?;
        all.push(text);
    }
    Ok(all)
}
