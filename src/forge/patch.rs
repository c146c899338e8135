//! Which lines a pull request adds or changes, read from the unified diffs that forges give for each file.

use std::collections::BTreeMap;

/// Lines as they are after the change, by path and number (from 1), of those lines alone that the change writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangedLines {
    files: BTreeMap<String, BTreeMap<u32, String>>,
    /// Files whose former path is another one; forges ask for it.
    former: BTreeMap<String, String>,
}

impl ChangedLines {
    /// Adds a file by its path from the root of the repository, its former path, and the hunks of its diff.
    pub(super) fn add(&mut self, path: &str, former: Option<&str>, patch: &str) {
        if let Some(former) = former.filter(|former| *former != path) {
            self.former.insert(path.to_owned(), former.to_owned());
        }
        self.files.entry(path.to_owned()).or_default().extend(written(patch));
    }

    /// The line, when the change writes it. Without its line end.
    #[must_use]
    pub fn line(&self, path: &str, number: u32) -> Option<&str> {
        self.files.get(path)?.get(&number).map(String::as_str)
    }

    /// The lines from `first` to `last`, when the change writes all of them.
    #[must_use]
    pub fn lines(&self, path: &str, first: u32, last: u32) -> Option<Vec<&str>> {
        (first..=last.max(first)).map(|number| self.line(path, number)).collect()
    }

    pub(super) fn former<'a>(&'a self, path: &'a str) -> &'a str {
        self.former.get(path).map_or(path, String::as_str)
    }
}

fn written(patch: &str) -> BTreeMap<u32, String> {
    let mut lines = BTreeMap::new();
    let mut next = None;
    for line in patch.split('\n') {
        if let Some(header) = line.strip_prefix("@@ ") {
            next = start(header);
            continue;
        }
        let Some(number) = next.as_mut() else { continue };
        match line.split_at_checked(1) {
            Some(("+", text)) => {
                lines.insert(*number, text.strip_suffix('\r').unwrap_or(text).to_owned());
                *number += 1;
            }
            Some((" ", _)) => *number += 1,
            // What went, `\ No newline at end of file`, and the end.
            _ => {}
        }
    }
    lines
}

/// `-1,7 +1,9 @@ …` → 1
fn start(header: &str) -> Option<u32> {
    let after = header.split_once('+')?.1;
    after.split([',', ' ']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_the_change_writes_have_the_numbers_they_have_after_it() {
        let patch = "@@ -1,3 +1,4 @@\n a\n-b\n+B\r\n+new\n c\n@@ -10 +11,2 @@ resource \"x\"\n j\n+k\n\\ No newline at end of file";
        let mut changed = ChangedLines::default();
        changed.add("main.tf", Some("old.tf"), patch);
        assert_eq!(changed.lines("main.tf", 2, 3), Some(vec!["B", "new"]));
        assert_eq!(changed.line("main.tf", 12), Some("k"));
        assert_eq!((changed.line("main.tf", 1), changed.lines("main.tf", 3, 4)), (None, None));
        assert_eq!((changed.line("old.tf", 2), changed.former("main.tf"), changed.former("x")), (None, "old.tf", "x"));
    }

    #[test]
    fn damaged_patches_say_nothing() {
        for patch in ["", "+a", "@@ nonsense @@\n+a", "@@ -1 +x @@\n+a", "@@ "] {
            let mut changed = ChangedLines::default();
            changed.add("a", None, patch);
            assert_eq!(changed.line("a", 1), None, "{patch}");
        }
    }
}
