//! YAML: the parser's events as nodes of a tree, with CloudFormation's short forms and YAML 1.1's scalars.

use std::ops::Range;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Span, Tag};

use super::faults::shown;
use super::tree::{Form, Properties, Tree};
use super::{functions, scalar};
use crate::graph::Text;
use crate::load::cloudformation::node::Content;
use crate::source::Problem;

/// What the tags of YAML itself begin with.
const CORE: &str = "tag:yaml.org,2002:";

/// Reads a text into the tree.
///
/// # Errors
/// It is no YAML, or more than anybody writes.
pub(super) fn parse(tree: &mut Tree<'_>) -> Result<(), Problem> {
    let text = tree.faults.text();
    // Comments are many, and nobody asks for them.
    let options = granit_parser::options! { emit_comments: false };
    let mut reader = Reader { text, tree };
    let mut documents = 0;
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| reader.syntax(&error))?;
        if matches!(event, Event::DocumentStart(..)) {
            documents += 1;
            if documents > 1 {
                let at = reader.bytes(&span).start;
                reader.tree.faults.add(at, |_| {
                    Problem::error("a second document begins here, and it is not read")
                        .help("give each document a file of its own")
                });
                return Ok(());
            }
        }
        reader.event(event, &span)?;
    }
    Ok(())
}

struct Reader<'r, 't> {
    text: &'t str,
    tree: &'r mut Tree<'t>,
}

impl Reader<'_, '_> {
    fn event(&mut self, event: Event<'_>, span: &Span) -> Result<(), Problem> {
        let bytes = self.bytes(span);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let properties = self.properties(anchor, tag.as_deref(), span);
                let plain = style == ScalarStyle::Plain;
                let bytes = self.trimmed(bytes);
                if self.tree.awaits_key() {
                    self.tree.key(&text, bytes, plain && tag.is_none() && text == "<<", properties);
                    return Ok(());
                }
                let is_text = tag.is_some_and(|tag| matches!(yaml_tag(&tag), Some("" | "str" | "binary")));
                let content = if plain && !is_text { scalar::plain(&text) } else { Content::String(text.into()) };
                self.tree.scalar(content, bytes, properties)
            }
            Event::SequenceStart(_, anchor, tag) => {
                let properties = self.properties(anchor, tag.as_deref(), span);
                self.tree.open_list(bytes.start, properties)
            }
            Event::MappingStart(_, anchor, tag) => {
                let properties = self.properties(anchor, tag.as_deref(), span);
                self.tree.open_map(bytes.start, properties)
            }
            // In block style nothing is written at the end.
            Event::SequenceEnd | Event::MappingEnd => self.tree.close((!bytes.is_empty()).then_some(bytes.end)),
            Event::Alias(anchor) => self.tree.alias(anchor, bytes),
            _ => Ok(()),
        }
    }

    fn bytes(&self, span: &Span) -> Range<usize> {
        let length = self.text.len();
        let bytes = span.byte_range().unwrap_or(length..length);
        let start = bytes.start.min(length);
        start..bytes.end.clamp(start, length)
    }

    /// Without the line breaks at the end of a block.
    fn trimmed(&self, bytes: Range<usize>) -> Range<usize> {
        let written = self.text.get(bytes.clone()).map_or(0, |written| written.trim_end().len());
        bytes.start..bytes.start + written
    }

    /// What stands before a node.
    fn properties(&mut self, anchor: usize, tag: Option<&Tag>, span: &Span) -> Properties {
        let at = span.tag_span().map_or_else(|| self.bytes(span).start, |tag| self.bytes(&tag).start);
        let function = tag.and_then(|tag| self.function(tag, at)).map(|name| (name, at));
        Properties { function, anchor: (anchor > 0).then_some(anchor) }
    }

    /// The function a tag names.
    fn function(&mut self, tag: &Tag, at: usize) -> Option<Text> {
        match yaml_tag(tag) {
            Some("" | "str" | "int" | "float" | "bool" | "null" | "map" | "seq") => return None,
            Some(_) => {
                self.tree.faults.add(at, |_| {
                    Problem::error("CloudFormation does not take this type of YAML").help("write it as text")
                });
                return None;
            }
            None if self.tree.form() == Form::Plain => {
                self.tree
                    .faults
                    .add(at, |_| Problem::error("a function stands where only values may").help("write out the value"));
                return None;
            }
            None => {}
        }
        let written = format!("{}{}", tag.handle(), tag.suffix());
        let short = written.strip_prefix('!').unwrap_or(&written);
        let (name, known) = functions::long_name(short);
        if !known {
            self.tree.faults.add(at, |_| {
                let said = match shown(short) {
                    Some(short) => {
                        format!("`!{short}` is no function of CloudFormation{}", functions::short_meant(short))
                    }
                    None => "this is no function of CloudFormation".to_owned(),
                };
                Problem::error(said).help("a text that begins with `!` stands in quotes")
            });
        }
        Some(name)
    }

    /// What the parser says, with its place.
    fn syntax(&self, error: &ScanError) -> Problem {
        let at = error.marker().byte_offset().unwrap_or(self.text.len());
        let (said, help) = match error.kind() {
            ErrorKind::RecursionLimitExceeded => {
                let help = "CloudFormation takes no template that deep; make the file again";
                return self.tree.faults.placed(at, Problem::error("nests too deeply to be read").help(help));
            }
            ErrorKind::TabInIndentation
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabNotAllowed
            | ErrorKind::TabInPlainScalar => ("a tab stands where only spaces may".to_owned(), "indent with spaces"),
            ErrorKind::InvalidQuotedScalarIndent => {
                let said = "a text in quotes is not closed, or goes on in a line that is not indented";
                (said.to_owned(), "close the quotes")
            }
            ErrorKind::UnknownAnchor => {
                ("this alias has no anchor".to_owned(), "a text that begins with `*` stands in quotes")
            }
            _ => (error.info(), self.advice(at)),
        };
        let problem = self.tree.faults.placed(at, Problem::error(format!("is no valid YAML: {said}")));
        if help.is_empty() { problem } else { problem.help(help) }
    }

    /// What to do about a fault whose line tells it.
    fn advice(&self, at: usize) -> &'static str {
        let before = self.text.get(..at).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        // Not far: the line may be the whole file.
        let mut words = line.split_whitespace().take(100);
        let mut last = "";
        let tags_in_a_row = words.any(|word| {
            let row = last.starts_with('!') && word.starts_with('!');
            last = word;
            row
        });
        if tags_in_a_row {
            "one short form cannot stand right before another; write the first in its long form (`Fn::Base64:`)"
        } else {
            "look at the indentation and the quotes here and on the line above"
        }
    }
}

/// The name of a tag of YAML itself; of a bare `!`, nothing.
fn yaml_tag(tag: &Tag) -> Option<&str> {
    match (tag.handle(), tag.suffix()) {
        ("!", "") | ("", "!") => Some(""),
        (CORE, name) => Some(name),
        ("", name) => name.strip_prefix(CORE),
        _ => None,
    }
}
