//! Writing into Terraform's native syntax as its neighbours are written: indentation, the column of `=`, line ends. Where
//! something goes is told elsewhere; here is how it looks.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::structure::{Attribute, Block, Body, Structure};

use super::object;
use super::style::{Insertion, indentation, line_end, line_start, newline};
use crate::graph::{Data, Value};
use crate::load::hcl::configuration::parts;

/// A value as a literal; none for what has no simple one.
pub(super) fn literal(value: &Value) -> Option<String> {
    match &value.data {
        Data::Bool(flag) => Some(flag.to_string()),
        Data::Int(number) => Some(number.to_string()),
        Data::String(text) => {
            let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace("${", "$${").replace("%{", "%%{");
            (!text.contains('\n')).then(|| format!("\"{text}\""))
        }
        _ => None,
    }
}

/// A literal for a value in place of another literal: what stood in quotes stays in quotes.
pub(super) fn in_place_of(old: &str, value: &Value) -> Option<String> {
    let new = literal(value)?;
    let quoted = old.starts_with('"') && !new.starts_with('"');
    Some(if quoted { format!("\"{new}\"") } else { new })
}

/// What to write into a block: attributes, and blocks by their name.
#[derive(Default)]
pub(super) struct Content {
    attributes: Vec<(String, String)>,
    blocks: Vec<(String, Content)>,
}

impl Content {
    /// Adds an attribute at a path of blocks, the last step its name.
    pub(super) fn add(&mut self, steps: &[String], value: String) {
        match steps {
            [] => {}
            [name] => self.attributes.push((name.clone(), value)),
            [block, rest @ ..] => {
                let at = self.blocks.iter().position(|(name, _)| name == block).unwrap_or_else(|| {
                    self.blocks.push((block.clone(), Content::default()));
                    self.blocks.len() - 1
                });
                self.blocks[at].1.add(rest, value);
            }
        }
    }

    /// Adds a block, although there may be one of the same name.
    pub(super) fn add_block<'a>(&mut self, name: &str, attributes: impl IntoIterator<Item = (&'a str, String)>) {
        let attributes = attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        self.blocks.push((name.to_owned(), Content { attributes, blocks: Vec::new() }));
    }

    /// Adds an entry of an attribute that is a map.
    pub(super) fn add_entry(&mut self, map: &str, name: &str, value: String) {
        let header = format!("{map} =");
        self.add(&[header, name.to_owned()], value);
    }

    /// Its lines, `=` in one column.
    fn lines(&self, indent: &str, unit: &str, to: &mut Vec<String>) {
        let width = self.attributes.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        to.extend(self.attributes.iter().map(|(name, value)| format!("{indent}{name:<width$} = {value}")));
        for (name, content) in &self.blocks {
            if !to.is_empty() && !to.last().is_some_and(|line| line.ends_with('{')) {
                to.push(String::new());
            }
            to.push(format!("{indent}{name} {{"));
            content.lines(&format!("{indent}{unit}"), unit, to);
            to.push(format!("{indent}}}"));
        }
    }
}

/// A resource or block with a header, as lines that begin at `indent`.
pub(super) fn block(header: &str, content: &Content, indent: &str, unit: &str) -> Vec<String> {
    let mut lines = vec![format!("{indent}{header} {{")];
    content.lines(&format!("{indent}{unit}"), unit, &mut lines);
    lines.push(format!("{indent}}}"));
    lines
}

/// What a level of indentation is in a text.
pub(super) fn unit(text: &str) -> &'static str {
    if text.lines().any(|line| line.starts_with('\t')) { "\t" } else { "  " }
}

/// Puts content into the block or the object that stands at these bytes; none when there is none.
pub(super) fn insert(text: &str, within: &Range<usize>, content: &Content) -> Option<Vec<Insertion>> {
    let (nl, unit) = (newline(text), unit(text));
    // The lines of a block are read by themselves: a file may be long, and have much to be put into.
    let start = line_start(text, within.start);
    let lines = text.get(start..line_end(text, within.end))?;
    let own = within.start - start..within.end - start;
    let body = parts(lines).ok();
    let Some(found) = body.as_ref().and_then(|body| find(body, &own)) else {
        let plain = Some(&content.attributes).filter(|_| content.blocks.is_empty());
        return Some(vec![object::insert(text, within, plain?, unit)?]);
    };
    let moved = |one: Insertion| Insertion { bytes: one.bytes.start + start..one.bytes.end + start, ..one };
    Some(in_block(lines, &own, found, content, nl, unit)?.into_iter().map(moved).collect())
}

fn in_block(
    text: &str,
    within: &Range<usize>,
    found: &Block,
    content: &Content,
    nl: &str,
    unit: &str,
) -> Option<Vec<Insertion>> {
    let (open, close) = braces(text, found, within)?;
    let outer = indentation(text, within.start);
    if !text.get(open + 1..close)?.contains('\n') {
        return Some(vec![unfolded(text, open + 1..close, content, outer, unit, nl)?]);
    }
    let first = found.body.iter().next().and_then(span);
    let indent = first.map_or_else(|| format!("{outer}{unit}"), |span| indentation(text, span.start).to_owned());
    let mut insertions = Vec::new();
    if !content.attributes.is_empty() {
        let lines = match anchor(text, &found.body) {
            Some(anchor) => beside(text, &anchor, content, &indent),
            None => {
                let only = Content { attributes: content.attributes.clone(), blocks: Vec::new() };
                let mut lines = Vec::new();
                only.lines(&indent, unit, &mut lines);
                if found.body.iter().next().is_some() {
                    lines.push(String::new());
                }
                (line_end(text, open), lines)
            }
        };
        let (at, lines) = lines;
        let written: String = lines.iter().map(|line| format!("{nl}{line}")).collect();
        insertions.push(Insertion { bytes: at..at, text: written });
    }
    if !content.blocks.is_empty() {
        let mut lines = Vec::new();
        for (name, inner) in &content.blocks {
            let above = text.get(open + 1..line_start(text, close))?;
            if !lines.is_empty() || !above.trim().is_empty() {
                lines.push(String::new());
            }
            lines.extend(block(name, inner, &indent, unit));
        }
        // The brace that closes has a line of its own, or nothing but space before it.
        let at = line_start(text, close);
        text.get(at..close).filter(|before| before.trim().is_empty())?;
        let written: String = lines.iter().map(|line| format!("{line}{nl}")).collect();
        insertions.push(Insertion { bytes: at..at, text: written });
    }
    Some(insertions)
}

/// A block of one line, made one of several.
fn unfolded(
    text: &str,
    bytes: Range<usize>,
    content: &Content,
    outer: &str,
    unit: &str,
    nl: &str,
) -> Option<Insertion> {
    let inner = text.get(bytes.clone())?.trim();
    let indent = format!("{outer}{unit}");
    let mut lines = Vec::new();
    if !inner.is_empty() {
        lines.push(format!("{indent}{inner}"));
        let own = inner.split('=').next().map_or(0, |name| name.trim_end().len());
        let longest = content.attributes.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        if longest > own {
            lines.push(String::new());
        } else {
            let padded = content.attributes.iter().map(|(name, value)| format!("{indent}{name:<own$} = {value}"));
            lines.extend(padded);
            let rest = Content { attributes: Vec::new(), blocks: Vec::new() };
            rest.lines(&indent, unit, &mut lines);
            let written: String = lines.iter().map(|line| format!("{nl}{line}")).collect();
            return content.blocks.is_empty().then(|| Insertion { bytes, text: format!("{written}{nl}{outer}") });
        }
    }
    content.lines(&indent, unit, &mut lines);
    let written: String = lines.iter().map(|line| format!("{nl}{line}")).collect();
    Some(Insertion { bytes, text: format!("{written}{nl}{outer}") })
}

/// An attribute that others are written below of.
struct Anchor {
    /// Where its line ends.
    end: usize,
    /// How many characters the names around it may have and keep the column of `=`; none where there is no such column.
    column: Option<usize>,
}

/// The last attribute of one line before the first block.
fn anchor(text: &str, body: &Body) -> Option<Anchor> {
    let own = |structure: &Structure| match structure {
        Structure::Attribute(attribute) => Some((single(text, attribute)?, attribute.key.as_str().len())),
        Structure::Block(_) => None,
    };
    let before = body.iter().take_while(|structure| structure.is_attribute());
    let lines: Vec<(Range<usize>, usize)> = before.filter_map(own).collect();
    let (last, _) = lines.last()?;
    let mut run = vec![lines.last()?];
    for pair in lines.windows(2).rev() {
        let [upper, lower] = pair else { continue };
        if line_end(text, upper.0.end) + newline(text).len() != line_start(text, lower.0.start) {
            break;
        }
        run.push(upper);
    }
    let column = |(span, key): &(Range<usize>, usize)| {
        let after = text.get(span.start + key..span.end)?;
        Some(key + after.find('=')?)
    };
    let columns: Vec<usize> = run.iter().filter_map(|one| column(one)).collect();
    let same = columns.iter().all(|column| Some(column) == columns.first());
    Some(Anchor { end: line_end(text, last.end), column: columns.first().copied().filter(|_| same) })
}

/// The bytes of an attribute that stands on one line.
fn single(text: &str, attribute: &Attribute) -> Option<Range<usize>> {
    let span = attribute.span()?;
    let written = text.get(span.clone())?.trim_end();
    (!written.contains('\n')).then(|| span.start..span.start + written.len())
}

/// The lines of attributes below an anchor, and where they go. A name too long for the column gets a column of its own,
/// since no other line may move.
fn beside(text: &str, anchor: &Anchor, content: &Content, indent: &str) -> (usize, Vec<String>) {
    let longest = content.attributes.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let (apart, width) = match anchor.column {
        Some(column) if longest < column => (false, column - 1),
        Some(_) => (true, longest),
        None => (false, 0),
    };
    let mut lines = if apart { vec![String::new()] } else { Vec::new() };
    lines.extend(content.attributes.iter().map(|(name, value)| format!("{indent}{name:<width$} = {value}")));
    let rest = text.get(anchor.end..).unwrap_or_default().trim_start_matches(['\r', '\n']);
    let follows = text.get(anchor.end..).unwrap_or_default().len() - rest.len() <= newline(text).len();
    if apart && follows && !rest.trim_start().starts_with('}') {
        lines.push(String::new());
    }
    (anchor.end, lines)
}

fn span(structure: &Structure) -> Option<Range<usize>> {
    match structure {
        Structure::Attribute(attribute) => attribute.span(),
        Structure::Block(block) => block.span(),
    }
}

fn find<'b>(body: &'b Body, within: &Range<usize>) -> Option<&'b Block> {
    body.blocks().find_map(|block| {
        let span = block.span()?;
        if span == *within {
            return Some(block);
        }
        (span.start <= within.start && within.end <= span.end).then(|| find(&block.body, within)).flatten()
    })
}

/// The braces of a block.
fn braces(text: &str, block: &Block, within: &Range<usize>) -> Option<(usize, usize)> {
    let mut header = block.ident.span()?.end;
    for label in &block.labels {
        header = header.max(label.span()?.end);
    }
    let open = header + text.get(header..within.end)?.find('{')?;
    let close = within.start + text.get(within.clone())?.rfind('}')?;
    (open < close).then_some((open, close))
}
