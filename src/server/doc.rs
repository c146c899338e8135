//! Texts as the readers take them: with a name, with the place they stand at inside an enclosing text, and in sets of
//! files that a folder, user data or a template gives. Knows no format and no disk.

use std::ops::Range;
use std::sync::Arc;

use super::keep_alive::{Given, Hidden, Source};
use crate::graph::Text;

/// Stands in a text for a part that is not known: a shell variable, a value known only after apply.
pub use crate::graph::HOLE;

/// The most bytes of one text that is read, and of all files of one machine together.
pub const LARGEST: usize = 16 << 20;

/// The most bytes of a text that is taken apart as a configuration file or code.
pub(super) const LARGEST_FILE: usize = 2 << 20;

/// Whether a value has a part that is filled in elsewhere: a hole, or a template's or shell's placeholder.
pub(super) fn has_hole(value: &str) -> bool {
    value.contains([HOLE, '$', '`']) || value.contains("{{") || value.contains("<%") || value.contains("#{")
}

/// A text with its name. A part of a larger text knows where it begins in it.
#[derive(Clone, Debug)]
pub struct Doc {
    /// The name of the text that `start` counts in.
    pub name: Text,
    /// The text.
    pub text: Text,
    /// Where the text begins; nothing when it does not stand anywhere letter by letter.
    pub start: Option<usize>,
}

impl Doc {
    /// A whole text.
    #[must_use]
    pub fn new(name: impl Into<Text>, text: impl Into<Text>) -> Doc {
        Doc { name: name.into(), text: text.into(), start: Some(0) }
    }

    /// Bytes of this text as a source.
    #[must_use]
    pub fn source(&self, what: impl Into<Text>, range: Range<usize>) -> Source {
        match self.start {
            Some(start) => Source::at(what, &self.name, start + range.start..start + range.end),
            None => Source { what: what.into(), passage: None },
        }
    }

    /// The bytes of `range`, or nothing when they are none.
    #[must_use]
    pub fn slice(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }
}

/// A file of a folder or a machine.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path, with `/`.
    pub path: Text,
    /// What it holds.
    pub content: Given,
    /// Where the content stands, letter by letter: the name of the text and the byte.
    pub origin: Option<(Text, usize)>,
    /// Lines that an edit in place puts into a file whose content is not visible.
    pub edits: Vec<Doc>,
    /// Written only under a condition.
    pub conditional: bool,
}

impl File {
    /// A file with this content, which stands in it.
    #[must_use]
    pub fn new(path: impl Into<Text>, content: Given) -> File {
        let path = path.into();
        let origin = Some((path.clone(), 0));
        File { path, content, origin, edits: Vec::new(), conditional: false }
    }

    /// Its last part.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Its text, when it is visible and not too large.
    ///
    /// # Errors
    /// Why it is not visible.
    pub fn doc(&self) -> Result<Doc, Hidden> {
        match &self.content {
            Given::Hidden(why) => Err(why.clone()),
            Given::Text(text) if text.len() > LARGEST_FILE => Err(Hidden::TooLarge),
            Given::Text(text) => Ok(match &self.origin {
                Some((name, start)) => Doc { name: name.clone(), text: text.clone(), start: Some(*start) },
                None => Doc { name: self.path.clone(), text: text.clone(), start: None },
            }),
        }
    }
}

/// Files by path. A later one takes the place of an earlier one.
/// Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Files {
    files: Arc<Vec<File>>,
}

impl Files {
    /// Nothing.
    #[must_use]
    pub fn new() -> Files {
        Files::default()
    }

    /// Adds a file or takes the place of the one with its path.
    pub fn put(&mut self, file: File) {
        let files = Arc::make_mut(&mut self.files);
        match files.iter_mut().find(|old| old.path == file.path) {
            Some(old) => *old = file,
            None => files.push(file),
        }
    }

    /// The file with exactly this path.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path.as_str() == path)
    }

    /// Takes a file away.
    pub fn remove(&mut self, path: &str) {
        Arc::make_mut(&mut self.files).retain(|file| file.path.as_str() != path);
    }

    /// The files whose path ends with these parts: `conf.d/app.conf` finds `nginx/conf.d/app.conf`.
    pub fn ending<'f>(&'f self, tail: &'f str) -> impl Iterator<Item = &'f File> {
        self.files.iter().filter(move |file| {
            let rest = file.path.strip_suffix(tail);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
        })
    }

    /// The files in a folder and those below it; all of them for an empty one.
    #[must_use]
    pub fn below(&self, folder: &str) -> Files {
        let start = format!("{folder}/");
        let inside = |file: &&File| folder.is_empty() || file.path.starts_with(&start);
        Files { files: Arc::new(self.files.iter().filter(inside).cloned().collect()) }
    }

    /// All files, in the order they came.
    pub fn iter(&self) -> impl Iterator<Item = &File> {
        self.files.iter()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The bytes of all visible contents.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.files.iter().filter_map(|file| file.content.text()).map(|text| text.len()).sum()
    }
}

impl FromIterator<File> for Files {
    fn from_iter<I: IntoIterator<Item = File>>(files: I) -> Files {
        let mut all = Files::new();
        files.into_iter().for_each(|file| all.put(file));
        all
    }
}
