//! The files functions may read: inside the configuration's folders, each of a bounded size.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::source::disk::{self, Confined};

/// The most bytes of one file.
const LIMIT: u64 = 8 << 20;
/// The most files a pattern is held against.
const MOST: usize = 100_000;

/// Reads files for functions.
#[derive(Debug)]
pub struct Files {
    base: PathBuf,
    roots: RefCell<Vec<PathBuf>>,
    read: RefCell<HashMap<PathBuf, Arc<Confined>>>,
}

impl Files {
    /// Relative paths start from `base`, where Terraform would be run; only what lies in `base` or one of `roots`
    /// (folders of modules) is read.
    #[must_use]
    pub fn new(base: &Path, roots: &[PathBuf]) -> Files {
        let real = |path: &Path| path.canonicalize().ok();
        let roots = std::iter::once(base).chain(roots.iter().map(PathBuf::as_path)).filter_map(real).collect();
        let base = std::path::absolute(base).unwrap_or_else(|_| base.to_owned());
        Files { base, roots: RefCell::new(roots), read: RefCell::default() }
    }

    /// Lets the files of a module's folder be read too. A source and the list of modules can name any folder of the
    /// machine; one that holds the configuration itself is no module.
    pub(super) fn admit(&self, folder: &Path) {
        let Ok(real) = folder.canonicalize() else { return };
        let mut roots = self.roots.borrow_mut();
        if !roots.iter().any(|root| root.starts_with(&real) || real.starts_with(root)) {
            roots.push(real);
        }
    }

    /// What is in a file.
    #[must_use]
    pub fn read(&self, path: &str) -> Arc<Confined> {
        if path.starts_with('~') {
            return Arc::new(Confined::Refused("it lies in a home directory".to_owned()));
        }
        let full = self.base.join(cleaned(path));
        if let Some(known) = self.read.borrow().get(&full) {
            return known.clone();
        }
        let found = Arc::new(disk::read_inside(&full, &self.roots.borrow(), LIMIT));
        self.read.borrow_mut().insert(full, found.clone());
        found
    }

    /// The path from the root of the file system, tidied without looking at the disk.
    #[must_use]
    pub fn absolute(&self, path: &str) -> String {
        cleaned(&self.base.join(path).to_string_lossy())
    }

    /// Files below a folder, as paths relative to it, sorted; `None` when it may not be looked at.
    #[must_use]
    pub fn list(&self, folder: &str) -> Option<Vec<String>> {
        if folder.starts_with('~') {
            return None;
        }
        let folder = self.base.join(folder);
        let Ok(real) = folder.canonicalize() else { return Some(Vec::new()) };
        if !self.roots.borrow().iter().any(|root| real.starts_with(root)) {
            return None;
        }
        let mut found = Vec::new();
        let mut folders = vec![real.clone()];
        while let Some(next) = folders.pop() {
            for entry in std::fs::read_dir(&next).ok()? {
                let entry = entry.ok()?;
                let path = entry.path();
                let kind = entry.file_type().ok()?;
                if kind.is_dir() {
                    folders.push(path);
                } else if kind.is_file() || kind.is_symlink() && path.is_file() {
                    found.push(path.strip_prefix(&real).ok()?.to_string_lossy().into_owned());
                }
                if found.len() + folders.len() > MOST {
                    return None;
                }
            }
        }
        found.sort();
        Some(found)
    }
}

/// A path without `.`, `..` and doubled slashes, as far as that can be told without the disk.
#[must_use]
pub(super) fn cleaned(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let rooted = path.starts_with('/');
    for part in Path::new(path).components() {
        match part {
            Component::Normal(name) => parts.push(name.to_str().unwrap_or_default()),
            Component::ParentDir => match parts.last() {
                Some(&"..") | None if !rooted => parts.push(".."),
                Some(_) => {
                    parts.pop();
                }
                None => {}
            },
            _ => {}
        }
    }
    match (rooted, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}
