//! What a repository holds that could be judged, found by names and by the beginning of files. Loads nothing, and does
//! not look into what tools keep for themselves.

use std::path::{Path, PathBuf};

use super::recognise::{Content, content};
use crate::source::disk::{self, Confined, Entry};

/// How deep is looked.
const DEPTH: usize = 4;

/// The largest file that is looked into: what CloudFormation takes at most.
const LARGEST: u64 = 1 << 20;

/// Folders whose contents are no stacks of their own.
const SKIPPED: [&str; 9] =
    ["node_modules", "modules", "examples", "example", "tests", "test", "testdata", "vendor", "target"];

/// What was found; paths from the folder that was looked at, the shallowest first. The folder itself is `.`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Folders with Terraform configuration.
    pub terraform: Vec<String>,
    /// Folders with a CDK app, or with what one made.
    pub cdk: Vec<String>,
    /// CloudFormation templates.
    pub templates: Vec<String>,
}

/// Looks for inputs below a folder. What cannot be read counts as not there.
#[must_use]
pub fn look_around(root: &str) -> Found {
    let mut found = Found::default();
    let real: Vec<PathBuf> = Path::new(root).canonicalize().into_iter().collect();
    let mut level = vec![String::new()];
    for _ in 0..DEPTH {
        let mut below = Vec::new();
        for folder in level {
            look(root, &real, &folder, &mut found, &mut below);
        }
        level = below;
    }
    found
}

/// `real` is the root without links: nothing outside of it is read.
fn look(root: &str, real: &[PathBuf], folder: &str, found: &mut Found, below: &mut Vec<String>) {
    let join = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let here = || if folder.is_empty() { ".".to_owned() } else { folder.to_owned() };
    let entries = disk::entries_in(&format!("{root}/{folder}")).unwrap_or_default();
    let has = |wanted: &dyn Fn(&str) -> bool| entries.iter().any(|(name, kind)| *kind == Entry::File && wanted(name));
    if has(&|name| name == "cdk.json") {
        // Everything below is the app's.
        found.cdk.push(here());
        return;
    }
    // The app may be elsewhere, or called another way.
    if disk::is_file(&format!("{root}/{}", join("cdk.out/manifest.json"))) {
        found.cdk.push(here());
    }
    if has(&|name| name.ends_with(".tf") || name.ends_with(".tf.json")) {
        found.terraform.push(here());
    }
    for (name, kind) in &entries {
        let is_hidden = name.starts_with('.');
        match kind {
            Entry::Folder if !is_hidden && name != "cdk.out" && !SKIPPED.contains(&name.as_str()) => {
                below.push(join(name));
            }
            Entry::File if !is_hidden && is_template(root, real, &join(name)) => found.templates.push(join(name)),
            _ => {}
        }
    }
}

fn is_template(root: &str, real: &[PathBuf], file: &str) -> bool {
    let likely = [".yaml", ".yml", ".json", ".template"].iter().any(|ending| file.ends_with(ending));
    if !likely || file.ends_with(".tf.json") {
        return false;
    }
    // Other YAML has a key `Resources` too.
    let names_a_type = |bytes: &[u8]| bytes.windows(5).any(|five| five == b"AWS::");
    match disk::read_inside(&Path::new(root).join(file), real, LARGEST) {
        Confined::Bytes(bytes) => names_a_type(&bytes) && matches!(content(&bytes), Content::Template),
        Confined::Missing | Confined::NoFile | Confined::Refused(_) => false,
    }
}
