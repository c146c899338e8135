//! Floor 5: what a repository says once instead of on every command line: `plangate.yaml`, and the baseline of findings it
//! lives with. Gives what was said, with its places; what comes of it together with flags is the command line's to say.

mod backends;
mod baseline;
mod exempt;
mod read;

use std::path::Path;

use crate::catalog::Severity;
use crate::judge::ExemptRule;
use crate::load::{Given, GivenParameter};
use crate::server::Stated;
use crate::source::{Position, Problem, disk};

pub use baseline::{baseline, read_baseline};

/// The name of the file.
pub const NAME: &str = "plangate.yaml";

/// What a configuration says. Paths in it have been made relative to the current directory.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The file, as it is shown; none when there is none.
    pub file: Option<String>,
    /// Files and folders with more policies.
    pub policy_paths: Vec<String>,
    /// What is said about single policies.
    pub policies: Vec<PolicyChoice>,
    /// The least severity that fails a run, or `never`.
    pub fail_on: Option<Placed<String>>,
    /// What to do with undecided checks: `report`, `fail` or `hide`.
    pub undecided: Option<Placed<String>>,
    /// Whether only what a change introduces counts.
    pub new_only: Option<bool>,
    /// What to judge.
    pub inputs: Vec<String>,
    /// The configuration a plan was made from.
    pub source: Option<String>,
    /// Where configuration and code of the servers lie.
    pub backend: Option<String>,
    /// Values of variables: files first.
    pub given: Vec<Given>,
    /// The workspace.
    pub workspace: Option<String>,
    /// Parameters of templates: files first.
    pub parameters: Vec<GivenParameter>,
    /// The region a template goes to.
    pub region: Option<String>,
    /// The account a template goes to.
    pub account: Option<String>,
    /// The reports: a format, and the file it goes to.
    pub outputs: Vec<Placed<(String, Option<String>)>>,
    /// What is stated of backends that cannot be seen.
    pub backends: Vec<Stated>,
    /// Exceptions.
    pub exempt: Vec<ExemptRule>,
    /// The baseline.
    pub baseline: Option<String>,
}

/// Something and where it stands in the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<T> {
    /// What is said.
    pub value: T,
    /// Where.
    pub position: Position,
}

/// What is said about one policy.
#[derive(Clone, Debug)]
pub struct PolicyChoice {
    /// Its id.
    pub id: Placed<String>,
    /// Whether it runs.
    pub on: bool,
    /// How bad it is to break it.
    pub severity: Option<Severity>,
    /// Its parameters, as `--param` has them.
    pub params: Vec<(String, Placed<String>)>,
}

impl Config {
    /// The nearest configuration: in the current directory, else in the nearest folder above that has one. Without one,
    /// what holds when nobody says anything.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn nearest() -> Result<Config, Vec<Problem>> {
        let Ok(here) = std::env::current_dir() else { return Ok(Config::default()) };
        let mut path = NAME.to_owned();
        for _ in here.ancestors() {
            if disk::is_file(&path) {
                return Config::load(&path);
            }
            path = format!("../{path}");
        }
        Ok(Config::default())
    }

    /// Reads a configuration.
    ///
    /// # Errors
    /// Everything that is wrong with it, with its places.
    pub fn load(path: &str) -> Result<Config, Vec<Problem>> {
        let text = disk::read_text(path).map_err(|problem| vec![problem])?;
        Config::parse(&text, path)
    }

    /// Reads the text of a configuration; `file` names it in problems, and its folder is what paths are relative to.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(text: &str, file: &str) -> Result<Config, Vec<Problem>> {
        read::config(text, file)
    }

    /// A fault at a place of the configuration.
    #[must_use]
    pub fn fault(&self, problem: Problem, position: Position) -> Problem {
        problem.in_file(self.file.as_deref().unwrap_or(NAME)).at(position.line, position.column)
    }
}

/// A path that a file names, as seen from the current directory.
fn beside(file: &str, path: &str) -> String {
    match Path::new(file).parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) if path != "-" => folder.join(path).to_string_lossy().into_owned(),
        _ => path.to_owned(),
    }
}
