//! Builds a tree of [`Node`]s from the events of a reader, without recursion. It bounds depth and number, finds keys
//! that stand twice, and gives intrinsic functions their one form. It knows neither YAML nor JSON.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::faults::{Faults, shown};
use super::functions::{self, Key as KeyForm};
use crate::graph::Text;
use crate::load::cloudformation::node::{Content, Entry, Node};
use crate::source::Problem;

/// How deep a document may nest. CloudFormation stops earlier.
const DEEPEST: usize = 100;

/// The most nodes of a document.
const MOST_NODES: usize = 1_000_000;

/// The most nodes that may be kept for aliases and come from them.
const MOST_COPIES: usize = 200_000;

/// Whether maps with one key can be calls of functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A template.
    Template,
    /// Data without functions.
    Plain,
}

/// What stands before a node.
#[derive(Default)]
pub(super) struct Properties {
    /// The function its tag names, and the byte the tag begins at.
    pub(super) function: Option<(Text, usize)>,
    /// The number of its anchor.
    pub(super) anchor: Option<usize>,
}

/// A tree that is being built.
pub(super) struct Tree<'t> {
    pub(super) faults: Faults<'t>,
    form: Form,
    frames: Vec<Frame>,
    root: Option<Node>,
    nodes: usize,
    copies: usize,
    anchors: HashMap<usize, Built>,
}

/// A node that is whole.
#[derive(Clone)]
struct Built {
    node: Node,
    /// How deep it nests.
    height: usize,
    /// How many nodes it is.
    size: usize,
}

/// A list or map that is still open.
struct Frame {
    from: usize,
    /// Where what it holds so far ends.
    to: usize,
    properties: Properties,
    shape: Shape,
    height: usize,
    size: usize,
}

enum Shape {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, merged: Vec<Node>, key: Key },
}

/// The key whose value comes next.
enum Key {
    /// A key comes next.
    Awaited,
    Text(Text, Range<usize>),
    /// `<<`
    Merge,
    /// It cannot be a key; its value is dropped.
    Unusable,
}

impl<'t> Tree<'t> {
    pub(super) fn new(form: Form, faults: Faults<'t>) -> Tree<'t> {
        Tree { faults, form, frames: Vec::new(), root: None, nodes: 0, copies: 0, anchors: HashMap::new() }
    }

    /// Whether functions are called in it.
    pub(super) fn form(&self) -> Form {
        self.form
    }

    /// The whole, when something was read, and what was wrong with it.
    pub(super) fn finish(self) -> (Option<Node>, Vec<Problem>) {
        (self.root, self.faults.finish())
    }

    /// Whether the next node is the key of a map.
    pub(super) fn awaits_key(&self) -> bool {
        matches!(self.frames.last(), Some(Frame { shape: Shape::Map { key: Key::Awaited, .. }, .. }))
    }

    /// A key. `merges` when it is a plain `<<`.
    pub(super) fn key(&mut self, text: &str, span: Range<usize>, merges: bool, properties: Properties) {
        if properties.function.is_some() {
            self.faults.add(span.start, |_| Problem::error("a function stands where a key is expected"));
            return self.set_key(Key::Unusable);
        }
        let text = Text::from(text);
        if let Some(anchor) = properties.anchor {
            let node = Node { content: Content::String(Text::clone(&text)), span: span.clone() };
            self.anchors.insert(anchor, Built { node, height: 0, size: 1 });
        }
        self.set_key(if merges { Key::Merge } else { Key::Text(text, span) });
    }

    fn set_key(&mut self, new: Key) {
        if let Some(Frame { shape: Shape::Map { key, .. }, .. }) = self.frames.last_mut() {
            *key = new;
        }
    }

    /// A value without parts.
    pub(super) fn scalar(
        &mut self,
        content: Content,
        span: Range<usize>,
        properties: Properties,
    ) -> Result<(), Problem> {
        self.count(1, span.start)?;
        self.place(Built { node: Node { content, span }, height: 0, size: 1 }, properties)
    }

    /// A list begins.
    pub(super) fn open_list(&mut self, from: usize, properties: Properties) -> Result<(), Problem> {
        self.open(from, properties, Shape::List(Vec::new()))
    }

    /// A map begins.
    pub(super) fn open_map(&mut self, from: usize, properties: Properties) -> Result<(), Problem> {
        self.open(from, properties, Shape::Map { entries: Vec::new(), merged: Vec::new(), key: Key::Awaited })
    }

    fn open(&mut self, from: usize, properties: Properties, shape: Shape) -> Result<(), Problem> {
        self.count(1, from)?;
        if self.frames.len() >= DEEPEST {
            return Err(self.too_deep(from));
        }
        self.frames.push(Frame { from, to: from, properties, shape, height: 0, size: 1 });
        Ok(())
    }

    fn too_deep(&self, at: usize) -> Problem {
        let problem = Problem::error(format!("nests more than {DEEPEST} levels deep"));
        self.faults.placed(at, problem).help("CloudFormation takes no template that deep; make the file again")
    }

    fn count(&mut self, nodes: usize, at: usize) -> Result<(), Problem> {
        self.nodes += nodes;
        if self.nodes <= MOST_NODES {
            return Ok(());
        }
        let problem = Problem::error(format!("holds more than {MOST_NODES} values"));
        Err(self.faults.placed(at, problem).help("CloudFormation takes no template that large; split it into stacks"))
    }

    /// The innermost list or map ends, at byte `to` when that is written.
    pub(super) fn close(&mut self, to: Option<usize>) -> Result<(), Problem> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let span = frame.from..to.unwrap_or(frame.to);
        let content = match frame.shape {
            Shape::List(items) => Content::List(items),
            Shape::Map { entries, merged, .. } => {
                let entries = self.without_repeats(entries);
                let entries = self.merge(entries, merged);
                match self.form {
                    Form::Template => self.call_or_map(entries),
                    Form::Plain => Content::Map(entries),
                }
            }
        };
        self.place(Built { node: Node { content, span }, height: frame.height, size: frame.size }, frame.properties)
    }

    /// The node of an anchor once more.
    pub(super) fn alias(&mut self, anchor: usize, span: Range<usize>) -> Result<(), Problem> {
        let Some(built) = self.anchors.get(&anchor) else {
            let problem = Problem::error("an alias stands inside of what it refers to");
            return Err(self.faults.placed(span.start, problem).help("write out what is meant"));
        };
        if self.awaits_key() {
            match built.node.text().map(Text::from) {
                Some(text) => self.set_key(Key::Text(text, span)),
                None => {
                    self.faults.add(span.start, |_| unusable_key());
                    self.set_key(Key::Unusable);
                }
            }
            return Ok(());
        }
        if self.frames.len() + built.height > DEEPEST {
            return Err(self.too_deep(span.start));
        }
        let (size, to) = (built.size, span.end);
        let built = built.clone();
        self.count_copies(size, span.start)?;
        self.place(built, Properties::default())?;
        if let Some(frame) = self.frames.last_mut() {
            frame.to = to;
        }
        Ok(())
    }

    fn count_copies(&mut self, nodes: usize, at: usize) -> Result<(), Problem> {
        self.copies += nodes;
        if self.copies <= MOST_COPIES {
            return Ok(());
        }
        let problem = Problem::error("repeats itself too often by its anchors and aliases");
        Err(self.faults.placed(at, problem).help("write out what is meant, without anchors"))
    }

    /// Puts a whole node where it belongs.
    fn place(&mut self, mut built: Built, properties: Properties) -> Result<(), Problem> {
        if let Some((function, from)) = properties.function {
            let span = from..built.node.span.end.max(from);
            built.node = Node { content: call(function, built.node, self.faults.text()), span };
            built.height += 1;
        }
        if let Some(anchor) = properties.anchor {
            self.count_copies(built.size, built.node.span.start)?;
            self.anchors.insert(anchor, built.clone());
        }
        let Built { node, height, size } = built;
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        frame.height = frame.height.max(height + 1);
        frame.size += size;
        frame.to = frame.to.max(node.span.end);
        match &mut frame.shape {
            Shape::List(items) => items.push(node),
            Shape::Map { entries, merged, key } => match std::mem::replace(key, Key::Awaited) {
                Key::Text(key, key_span) => entries.push(Entry { key, key_span, value: node }),
                Key::Merge => merged.push(node),
                Key::Unusable => {}
                Key::Awaited => {
                    *key = Key::Unusable;
                    self.faults.add(node.span.start, |_| unusable_key());
                }
            },
        }
        Ok(())
    }

    /// The entries, of which each key is there once: the last one counts, as in every reader that lets it pass.
    fn without_repeats(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        let repeats = match entries.as_slice() {
            few if few.len() <= 16 => {
                few.iter().enumerate().any(|(at, entry)| few.iter().take(at).any(|other| other.key == entry.key))
            }
            many => {
                let mut seen = HashSet::with_capacity(many.len());
                !many.iter().all(|entry| seen.insert(&*entry.key))
            }
        };
        if !repeats {
            return entries;
        }
        let mut first: HashMap<Text, usize> = HashMap::new();
        let mut once: Vec<Entry> = Vec::new();
        for entry in entries {
            let at = *first.entry(Text::clone(&entry.key)).or_insert(once.len());
            let Some(earlier) = once.get_mut(at) else {
                once.push(entry);
                continue;
            };
            self.faults.add(entry.key_span.start, |faults| {
                let key = shown(&entry.key).map_or_else(|| "a key".to_owned(), |key| format!("the key `{key}`"));
                let line = faults.line(earlier.key_span.start);
                Problem::error(format!("{key} stands here again; it is already on line {line}"))
                    .help("keep one of the two: only one of them counts")
            });
            *earlier = entry;
        }
        once
    }

    /// Adds what `<<` names, where the map does not have it itself.
    fn merge(&mut self, mut entries: Vec<Entry>, merged: Vec<Node>) -> Vec<Entry> {
        if merged.is_empty() {
            return entries;
        }
        let mut seen: HashSet<Text> = entries.iter().map(|entry| Text::clone(&entry.key)).collect();
        let mut sources = Vec::new();
        for node in merged {
            match node.content {
                Content::List(items) => sources.extend(items),
                _ => sources.push(node),
            }
        }
        for source in sources {
            let at = source.span.start;
            match source.content {
                Content::Map(more) => {
                    entries.extend(more.into_iter().filter(|entry| seen.insert(Text::clone(&entry.key))));
                }
                Content::Call { function, argument } if seen.insert(Text::clone(&function)) => {
                    entries.push(Entry { key: function, key_span: source.span, value: *argument });
                }
                Content::Call { .. } => {}
                _ => self.faults.add(at, |_| Problem::error("`<<` takes a map or a list of maps")),
            }
        }
        entries
    }

    /// A map that calls a function, or just a map.
    fn call_or_map(&mut self, mut entries: Vec<Entry>) -> Content {
        if entries.len() != 1 {
            self.functions_beside_keys(&entries);
            return Content::Map(entries);
        }
        let Some(entry) = entries.pop_if(|entry| functions::key(&entry.key) != KeyForm::Plain) else {
            return Content::Map(entries);
        };
        if functions::key(&entry.key) == KeyForm::Unknown {
            self.faults.add(entry.key_span.start, |_| unknown_function(&entry.key));
        }
        call(entry.key, entry.value, self.faults.text())
    }

    fn functions_beside_keys(&mut self, entries: &[Entry]) {
        for entry in entries {
            match functions::key(&entry.key) {
                KeyForm::Alone if entry.key.starts_with(functions::PREFIX) => {
                    self.faults.add(entry.key_span.start, |_| {
                        Problem::error(format!("`{}` stands beside other keys", entry.key))
                            .help("a map that calls a function holds nothing else")
                    });
                }
                KeyForm::Unknown => self.faults.add(entry.key_span.start, |_| unknown_function(&entry.key)),
                _ => {}
            }
        }
    }
}

fn unusable_key() -> Problem {
    Problem::error("a list or a map stands where a key is expected").help("keys are texts; put quotes around it")
}

fn unknown_function(name: &str) -> Problem {
    match shown(name) {
        Some(name) => {
            let meant = functions::long_meant(name);
            Problem::error(format!("`{name}` is no function of CloudFormation{meant}"))
        }
        None => Problem::error("this is no function of CloudFormation"),
    }
}

/// A call; the text `A.B.C` of a `Fn::GetAtt` becomes the list `[A, B.C]`.
fn call(function: Text, argument: Node, source: &str) -> Content {
    let argument = match &argument.content {
        Content::String(text) if &*function == "Fn::GetAtt" => match text.split_once('.') {
            Some((name, attribute)) => {
                let span = argument.span.clone();
                let written = source.get(span.clone()).unwrap_or_default();
                // The parts have places of their own where the text is written as it is.
                let begun = [0, 1].into_iter().find(|&at| {
                    written
                        .get(at..)
                        .is_some_and(|rest| rest.strip_prefix(&**text).is_some_and(|rest| rest.len() == at))
                });
                let (first, second) = match begun {
                    Some(at) => {
                        let from = span.start + at;
                        let dot = from + name.len();
                        (from..dot, dot + 1..from + text.len())
                    }
                    None => (span.clone(), span.clone()),
                };
                let part = |text: &str, span| Node { content: Content::String(text.into()), span };
                Node { content: Content::List(vec![part(name, first), part(attribute, second)]), span }
            }
            None => argument,
        },
        _ => argument,
    };
    Content::Call { function, argument: Box::new(argument) }
}
