//! How files are called by what reads a report beside the code: from the root of the repository, wherever in it the run
//! is. Looks for `.git` and asks nobody.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

/// A repository, and where in it the run is.
#[derive(Clone, Debug, Default)]
pub struct Repository {
    here: PathBuf,
    root: PathBuf,
}

impl Repository {
    /// The one the current directory is in; where there is none, the current directory itself counts as one.
    #[must_use]
    pub fn around() -> Repository {
        let here = std::env::current_dir().unwrap_or_default();
        let root = Repository::root_of(&here).unwrap_or(&here).to_owned();
        Repository { here, root }
    }

    /// The root of the one a folder is in.
    #[must_use]
    pub fn root_of(folder: &Path) -> Option<&Path> {
        // A worktree and a submodule have a file of that name.
        folder.ancestors().find(|folder| folder.join(".git").exists())
    }

    /// The one at `root`, for a run in `here`.
    #[must_use]
    pub fn new(here: impl Into<PathBuf>, root: impl Into<PathBuf>) -> Repository {
        Repository { here: here.into(), root: root.into() }
    }

    /// The path of a file from the root, with `/` between its parts; empty for the root itself. `path` is one from the
    /// current directory. None when it leads out of the repository.
    #[must_use]
    pub fn path(&self, path: &str) -> Option<String> {
        let mut whole = PathBuf::new();
        for part in self.here.join(path).components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir if !whole.pop() => return None,
                Component::ParentDir => {}
                part => whole.push(part),
            }
        }
        let inside: &Path = whole.strip_prefix(&self.root).ok()?;
        let parts: Option<Vec<&str>> = inside.components().map(|part| part.as_os_str().to_str()).collect();
        parts.map(|parts| parts.join("/"))
    }

    /// The name of a file in a report: its path from the root, or the name as it is for what is not in the repository or
    /// is no file, as standard input.
    #[must_use]
    pub fn name<'f>(&self, file: &'f str) -> Cow<'f, str> {
        match self.path(file).filter(|_| !file.starts_with('<')) {
            Some(path) if path.is_empty() => Cow::Borrowed("."),
            Some(path) => Cow::Owned(path),
            None => Cow::Borrowed(file),
        }
    }
}
