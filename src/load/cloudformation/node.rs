//! A template as it is written, before anything is resolved: scalars, lists, maps and calls of intrinsic functions, each
//! with where it stands. The same for YAML and JSON, and for the short and the long form of an intrinsic.

use std::ops::Range;

use crate::graph::{Text, count_steps};

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// What it is.
    pub content: Content,
    /// The bytes of the file it was written in.
    pub span: Range<usize>,
}

/// What a [`Node`] is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    /// Nothing: `null`, `~`, or a key without a value.
    Null,
    /// True or false.
    Bool(bool),
    /// A number, as it is written.
    Number(Text),
    /// Text.
    String(Text),
    /// Elements.
    List(Vec<Node>),
    /// Entries in the order they are written. A key stands in it once.
    Map(Vec<Entry>),
    /// An intrinsic function by its long name: `Ref`, `Condition`, `Fn::Sub`, `Fn::GetAtt` …
    Call {
        /// The long name.
        function: Text,
        /// What it is called with. The text of a short `!GetAtt A.B` is the list of the long form.
        argument: Box<Node>,
    },
}

/// One key with its value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    /// The key.
    pub key: Text,
    /// The bytes the key was written in.
    pub key_span: Range<usize>,
    /// Its value.
    pub value: Node,
}

impl Node {
    /// The value under a key, when it is a map that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entries()?.iter().inspect(|_| count_steps(1)).find(|entry| &*entry.key == key).map(|entry| &entry.value)
    }

    /// The entries, when it is a map.
    pub(crate) fn entries(&self) -> Option<&[Entry]> {
        match &self.content {
            Content::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The elements, when it is a list.
    pub(crate) fn items(&self) -> Option<&[Node]> {
        match &self.content {
            Content::List(items) => Some(items),
            _ => None,
        }
    }

    /// The text of a scalar: a number as it is written, a boolean as `true` or `false`.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::String(text) | Content::Number(text) => Some(text),
            Content::Bool(true) => Some("true"),
            Content::Bool(false) => Some("false"),
            _ => None,
        }
    }
}
