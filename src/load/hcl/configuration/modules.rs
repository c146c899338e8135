//! Where installed modules lie: `.terraform/modules/modules.json`, as `terraform init` leaves it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::source::{Problem, disk};

/// Folders of modules by the dotted path of calls.
#[derive(Default)]
pub(super) struct Manifest {
    folders: BTreeMap<String, PathBuf>,
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
    #[serde(rename = "Dir")]
    dir: String,
}

impl Manifest {
    /// Reads the manifest of a root folder; without one no module is installed.
    pub(super) fn read(root: &Path) -> (Manifest, Vec<Problem>) {
        let path = root.join(".terraform").join("modules").join("modules.json");
        if !path.is_file() {
            return (Manifest::default(), Vec::new());
        }
        let shown = ".terraform/modules/modules.json";
        let text = match disk::read_text(&path.to_string_lossy()) {
            Ok(text) => text,
            Err(problem) => return (Manifest::default(), vec![problem.in_file(shown)]),
        };
        match serde_json::from_str::<Wire>(&text) {
            Ok(wire) => {
                let folders = wire.modules.into_iter().map(|entry| (entry.key, root.join(entry.dir))).collect();
                (Manifest { folders }, Vec::new())
            }
            Err(error) => {
                let problem = Problem::warning(format!("cannot be read: {error}")).in_file(shown);
                (Manifest::default(), vec![problem.help("run `terraform init` again")])
            }
        }
    }

    /// The folder of the module called by this dotted path (`network.subnets`).
    pub(super) fn folder(&self, calls: &str) -> Option<PathBuf> {
        self.folders.get(calls).cloned()
    }

    /// The folders whose files functions may read. The manifest can name any folder of the machine; one that has no
    /// configuration in it, or holds the root itself, is no module.
    pub(super) fn readable(&self, root: &Path) -> Vec<PathBuf> {
        let Ok(root) = root.canonicalize() else { return Vec::new() };
        let holds_root = |folder: &PathBuf| folder.canonicalize().is_ok_and(|folder| root.starts_with(folder));
        let is_module = |folder: &PathBuf| {
            let names = disk::names_in(&folder.to_string_lossy()).unwrap_or_default();
            names.iter().any(|name| name.ends_with(".tf") || name.ends_with(".tf.json") || name.ends_with(".tofu"))
        };
        self.folders.values().filter(|folder| !holds_root(folder) && is_module(folder)).cloned().collect()
    }
}
