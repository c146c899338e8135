//! The fields of a mapping: which there are, of which shape, and where. What is wrong with the writing is told with its
//! place; what a field means is for its reader to say.

use super::{Node, Shape, place};
use crate::source::nearest::did_you_mean;
use crate::source::{Position, Problem};

/// A text and where it is written.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) node: Node,
}

/// Reads nodes and collects what is wrong.
pub(crate) struct Reader<'s> {
    pub(crate) source: &'s str,
    file: &'s str,
    pub(crate) problems: Vec<Problem>,
}

impl<'s> Reader<'s> {
    pub(crate) fn new(source: &'s str, file: &'s str) -> Reader<'s> {
        Reader { source, file, problems: Vec::new() }
    }

    /// Reports a fault at a byte of the file.
    pub(crate) fn fault(&mut self, at: usize, message: impl Into<String>) {
        self.report(at, message, None);
    }

    /// Line and column of a byte of the file.
    pub(crate) fn position(&self, at: usize) -> Position {
        let (line, column) = place(self.source, at);
        Position { line, column }
    }

    /// Reports a fault, with what to do about it.
    pub(crate) fn report(&mut self, at: usize, message: impl Into<String>, help: Option<String>) {
        let (line, column) = place(self.source, at);
        let mut problem = Problem::error(message).in_file(self.file).at(line, column);
        problem.help = help;
        self.problems.push(problem);
    }

    /// The entries of a mapping; reports one that is not known.
    pub(crate) fn fields<'n>(&mut self, node: &'n Node, what: &'static str, known: &[&str]) -> Fields<'n> {
        let mut found = Vec::new();
        match &node.shape {
            Shape::Map(entries) => {
                for (name, at, value) in entries {
                    if known.contains(&name.as_str()) {
                        found.push((name.as_str(), value));
                    } else {
                        let guess = did_you_mean(name, known.iter().copied());
                        let help = Some(format!("known here: {}", known.join(", ")));
                        self.report(*at, format!("{what} has no field `{name}`{guess}"), help);
                    }
                }
            }
            _ => self.fault(node.from, format!("{what} must be a mapping, this is {}", node.kind())),
        }
        Fields { at: node.from, what, found }
    }

    pub(crate) fn word(&mut self, name: &str, node: &Node) -> Option<Word> {
        match node.text(self.source) {
            Some(text) if text.trim().is_empty() => {
                self.fault(node.from, format!("`{name}` is empty"));
                None
            }
            Some(text) => Some(Word { text: text.into_owned(), node: node.clone() }),
            None => {
                self.fault(node.from, format!("`{name}` must be text, this is {}", node.kind()));
                None
            }
        }
    }
}

/// The known entries of one mapping.
pub(crate) struct Fields<'n> {
    at: usize,
    what: &'static str,
    found: Vec<(&'n str, &'n Node)>,
}

impl<'n> Fields<'n> {
    /// The entry, unless it is missing or null.
    pub(crate) fn get(&self, name: &str) -> Option<&'n Node> {
        let found = self.found.iter().find(|(known, _)| *known == name).map(|(_, node)| *node);
        found.filter(|node| !matches!(node.shape, Shape::Null))
    }

    pub(crate) fn required(&self, reader: &mut Reader<'_>, name: &str) -> Option<&'n Node> {
        let found = self.get(name);
        if found.is_none() {
            reader.fault(self.at, format!("{} needs the field `{name}`", self.what));
        }
        found
    }

    pub(crate) fn word(&self, reader: &mut Reader<'_>, name: &str) -> Option<Word> {
        let node = self.required(reader, name)?;
        reader.word(name, node)
    }

    pub(crate) fn optional_word(&self, reader: &mut Reader<'_>, name: &str) -> Option<Word> {
        let node = self.get(name)?;
        reader.word(name, node)
    }

    pub(crate) fn list(&self, reader: &mut Reader<'_>, name: &str) -> &'n [Node] {
        match self.get(name) {
            None => &[],
            Some(Node { shape: Shape::List(items), .. }) => items,
            Some(other) => {
                reader.fault(other.from, format!("`{name}` must be a list, this is {}", other.kind()));
                &[]
            }
        }
    }

    /// A list of texts; one text alone is a list of it.
    pub(crate) fn texts(&self, reader: &mut Reader<'_>, name: &str) -> Vec<String> {
        let Some(node) = self.get(name) else { return Vec::new() };
        let nodes = match &node.shape {
            Shape::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        nodes.iter().filter_map(|node| reader.word(name, node)).map(|word| word.text).collect()
    }

    /// True or false.
    pub(crate) fn truth(&self, reader: &mut Reader<'_>, name: &str) -> Option<bool> {
        let node = self.get(name)?;
        match node.shape {
            Shape::Bool(truth) => Some(truth),
            _ => {
                reader.fault(node.from, format!("`{name}` must be true or false, this is {}", node.kind()));
                None
            }
        }
    }

    /// The entries of a mapping whose keys are free: key, where it stands, value.
    pub(crate) fn entries(&self, reader: &mut Reader<'_>, name: &str) -> Vec<(&'n str, usize, &'n Node)> {
        match self.get(name) {
            None => Vec::new(),
            Some(Node { shape: Shape::Map(entries), .. }) => {
                entries.iter().map(|(name, at, node)| (name.as_str(), *at, node)).collect()
            }
            Some(other) => {
                reader.fault(other.from, format!("`{name}` must be a mapping, this is {}", other.kind()));
                Vec::new()
            }
        }
    }

    /// A list of mappings with exactly these two texts.
    pub(crate) fn pairs(
        &self,
        reader: &mut Reader<'_>,
        name: &str,
        what: &'static str,
        keys: [&str; 2],
    ) -> Vec<(Word, Word)> {
        let mut pairs = Vec::new();
        for node in self.list(reader, name) {
            let fields = reader.fields(node, what, &keys);
            if let (Some(first), Some(second)) = (fields.word(reader, keys[0]), fields.word(reader, keys[1])) {
                pairs.push((first, second));
            }
        }
        pairs
    }
}

impl Word {
    /// A key of a mapping.
    pub(crate) fn at(text: &str, at: usize) -> Word {
        let node = Node { from: at, to: at + text.len(), shape: Shape::Text(text.to_owned()) };
        Word { text: text.to_owned(), node }
    }
}
