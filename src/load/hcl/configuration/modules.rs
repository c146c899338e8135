//! Where installed modules lie: `.terraform/modules/modules.json`, as `terraform init` leaves it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::source::{Problem, disk};

/// Folders of modules by the dotted path of calls.
#[derive(Default)]
pub(super) struct Manifest {
    modules: BTreeMap<String, Module>,
}

struct Module {
    source: String,
    folder: PathBuf,
}

/// What the manifest has under a path of calls.
pub(super) enum Installed {
    /// The module, in this folder.
    At(PathBuf),
    /// One that was called there before its source was changed.
    Stale,
    /// Nothing.
    Missing,
}

#[derive(Deserialize)]
struct Wire {
    #[serde(rename = "Modules", default)]
    modules: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "Source", default)]
    source: String,
    #[serde(rename = "Dir")]
    dir: String,
}

/// The folder Terraform keeps its own things in: `.terraform`, or what `TF_DATA_DIR` says.
pub(super) fn data_folder(root: &Path) -> PathBuf {
    let said = std::env::var_os("TF_DATA_DIR").filter(|said| !said.is_empty());
    root.join(said.map_or_else(|| PathBuf::from(".terraform"), PathBuf::from))
}

impl Manifest {
    /// Reads the manifest of a root folder; without one no module is installed.
    pub(super) fn read(root: &Path) -> (Manifest, Vec<Problem>) {
        let path = data_folder(root).join("modules").join("modules.json");
        if !path.is_file() {
            return (Manifest::default(), Vec::new());
        }
        let shown = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
        let text = match disk::read_text(&path.to_string_lossy()) {
            Ok(text) => text,
            Err(problem) => return (Manifest::default(), vec![problem.in_file(shown)]),
        };
        match serde_json::from_str::<Wire>(&text) {
            Ok(wire) => {
                let module = |entry: Entry| {
                    let folder = root.join(entry.dir);
                    (entry.key, Module { source: entry.source, folder })
                };
                (Manifest { modules: wire.modules.into_iter().map(module).collect() }, Vec::new())
            }
            Err(error) => {
                let problem = Problem::warning(format!("cannot be read: {error}")).in_file(shown);
                (Manifest::default(), vec![problem.help("run `terraform init` again")])
            }
        }
    }

    /// The module called by this dotted path (`network.subnets`) from this source.
    pub(super) fn find(&self, calls: &str, source: Option<&str>) -> Installed {
        match self.modules.get(calls) {
            Some(module) if !module.folder.is_dir() => Installed::Missing,
            Some(module) if source.is_some_and(|source| !is_same(source, &module.source)) => Installed::Stale,
            Some(module) => Installed::At(module.folder.clone()),
            None => Installed::Missing,
        }
    }
}

/// Whether a source, as it is written, may be the one that was installed, as Terraform notes it down.
fn is_same(written: &str, noted: &str) -> bool {
    if noted.is_empty() || written == noted {
        return true;
    }
    let (written_words, noted_words) = (registry(written), registry(noted));
    match (&written_words, &noted_words) {
        // The host of the registry is noted down even where it is not written.
        (Some(one), Some(other)) => one == other,
        (Some(_), None) | (None, Some(_)) => false,
        (None, None) => match (repository(written), repository(noted)) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        },
    }
}

/// Namespace, name and system of a module in a registry, with the folder in it.
fn registry(source: &str) -> Option<String> {
    let (package, folder) = source.split_once("//").unwrap_or((source, ""));
    let words: Vec<&str> = package.split('/').collect();
    let is_word =
        |word: &&str| !word.is_empty() && word.chars().all(|char| char.is_ascii_alphanumeric() || "-_".contains(char));
    let words = match words.as_slice() {
        // These hosts are fetched from by git.
        [host, ..] if ["github.com", "bitbucket.org", "gitlab.com"].contains(host) => return None,
        [host, rest @ ..] if rest.len() == 3 && host.contains('.') => rest,
        [_, _, _] => &words,
        _ => return None,
    };
    words.iter().all(is_word).then(|| format!("{}//{folder}", words.join("/")))
}

/// Host, path, folder and revision of a git repository, however it is reached.
fn repository(source: &str) -> Option<String> {
    let is_git = source.starts_with("git::") || source.starts_with("git@") || source.starts_with("github.com/");
    let (source, revision) = source.split_once('?').unwrap_or((source, ""));
    let bare = source.trim_start_matches("git::");
    let bare = bare.split_once("://").map_or(bare, |(_, rest)| rest);
    let bare = bare.split_once('@').map_or(bare, |(_, rest)| rest).replacen(':', "/", 1);
    let (path, folder) = bare.split_once("//").unwrap_or((&bare, ""));
    let path = path.trim_end_matches('/').trim_end_matches(".git");
    is_git.then(|| format!("{path}//{}?{revision}", folder.trim_end_matches('/')))
}
