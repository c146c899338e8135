//! Where a file is inside its repository. Looks for `.git` and asks nobody.

use std::path::{Component, Path, PathBuf};

/// The path of a file from the root of the repository the current directory is in (the current directory itself where
/// there is none), with `/` between its parts. `path` is one from the current directory. None when it leads out of
/// the repository.
#[must_use]
pub fn path_in_repository(path: &str) -> Option<String> {
    let here = std::env::current_dir().ok()?;
    let root = here.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&here);
    within(root, &here, path)
}

fn within(root: &Path, here: &Path, path: &str) -> Option<String> {
    let mut whole = PathBuf::new();
    for part in here.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                whole.pop();
            }
            part => whole.push(part),
        }
    }
    let parts: Option<Vec<&str>> =
        whole.strip_prefix(root).ok()?.components().map(|c| c.as_os_str().to_str()).collect();
    parts.map(|parts| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_from_the_root() {
        let told = |path| within(Path::new("/r"), Path::new("/r/infra/prod"), path);
        assert_eq!(told("main.tf").as_deref(), Some("infra/prod/main.tf"));
        assert_eq!(told("./../modules/a/main.tf").as_deref(), Some("infra/modules/a/main.tf"));
        assert_eq!(told("/r/a.tf").as_deref(), Some("a.tf"));
        assert_eq!(told("../../../etc/passwd"), None);
    }
}
