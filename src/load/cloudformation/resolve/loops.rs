//! `Fn::ForEach`: entries written once for every member of a collection.

use std::borrow::Cow;
use std::ops::Range;

use super::evaluate::{Evaluator, macro_reason, unreadable};
use super::faults::quoted;
use super::parameters::scalar;
use crate::graph::{Text, Unknown};
use crate::load::cloudformation::node::{Content, Entry, Node};
use crate::load::hcl::Value;

/// The most entries all loops of one map may come to.
const MOST: usize = 20_000;

/// The longest identifier of a loop that is looked for.
const LONGEST_IDENTIFIER: usize = 256;

/// The identifiers of the loops around a part, and what each stands for; the innermost last.
pub(super) type Loops = Vec<(Text, Text)>;

/// One entry of a map after its loops are unrolled: key, where the key stands, value, and the loops around it.
pub(super) type Unrolled<'a> = (Text, Range<usize>, &'a Node, Loops);

/// What the key of a loop starts with.
pub(super) const FOR_EACH: &str = "Fn::ForEach";

/// The entries of a map. A map with nothing but a loop or a macro in it may be read as a call.
pub(super) fn entries_of(node: &Node) -> Vec<(&Text, Range<usize>, &Node)> {
    match &node.content {
        Content::Map(entries) => entries.iter().map(parts).collect(),
        Content::Call { function, argument } if is_written_as_key(function) => {
            vec![(function, node.span.clone(), argument)]
        }
        _ => Vec::new(),
    }
}

/// Whether a function stands among the keys of a map.
pub(super) fn is_written_as_key(function: &str) -> bool {
    function.starts_with(FOR_EACH) || function == "Fn::Transform"
}

fn parts(entry: &Entry) -> (&Text, Range<usize>, &Node) {
    (&entry.key, entry.key_span.clone(), &entry.value)
}

impl<'a> Evaluator<'a> {
    /// The entries of a map with its loops unrolled. `open` is set when there may be more.
    pub(super) fn unrolled(
        &mut self,
        entries: &'a [Entry],
        loops: &Loops,
        open: &mut Option<Unknown>,
    ) -> Vec<Unrolled<'a>> {
        let mut found = Vec::with_capacity(entries.len());
        self.unroll(entries.iter().map(parts), loops, open, &mut found);
        found
    }

    /// The entries of a section with its loops unrolled.
    pub(super) fn section(&mut self, node: &'a Node, open: &mut Option<Unknown>) -> Vec<Unrolled<'a>> {
        let mut found = Vec::new();
        self.unroll(entries_of(node).into_iter(), &Vec::new(), open, &mut found);
        found
    }

    fn unroll(
        &mut self,
        entries: impl Iterator<Item = (&'a Text, Range<usize>, &'a Node)>,
        loops: &Loops,
        open: &mut Option<Unknown>,
        found: &mut Vec<Unrolled<'a>>,
    ) {
        for (key, span, node) in entries {
            if key.starts_with(FOR_EACH) {
                self.unroll_loop(key, &span, node, loops, open, found);
            } else if &**key == "Fn::Transform" {
                *open = open.take().or_else(|| Some(macro_reason(node)));
            } else {
                found.push((self.literal(key, &span, loops), span, node, loops.clone()));
            }
        }
    }

    fn unroll_loop(
        &mut self,
        key: &str,
        span: &Range<usize>,
        node: &'a Node,
        loops: &Loops,
        open: &mut Option<Unknown>,
        found: &mut Vec<Unrolled<'a>>,
    ) {
        let parts = match node.items() {
            Some([identifier, collection, body]) if identifier.text().is_some() => Some((identifier, collection, body)),
            _ => None,
        };
        let Some((identifier, collection, body)) = parts else {
            self.faults
                .error(span, format!("{} takes a list of three: an identifier, a collection, a map", quoted(key)));
            *open = Some(unreadable());
            return;
        };
        let identifier = Text::from(identifier.text().unwrap_or_default());
        let members = self.value(collection, loops);
        // Members become names, and names are told.
        if members.as_ref().is_some_and(Value::is_sealed) {
            self.faults
                .warning(&collection.span, format!("what {} goes over is secret, so it is not read", quoted(key)));
            *open = Some(unreadable());
            return;
        }
        let known: Option<Vec<Text>> =
            members.as_ref().and_then(|value| value.as_items()?.iter().map(scalar).collect());
        let Some(known) = known else {
            let hole = members.as_ref().and_then(|value| {
                let mut reason = None;
                value.holes(&mut |hole| reason = reason.take().or_else(|| hole.reasons.first().cloned()));
                reason
            });
            match &hole {
                Some(why) => self.faults.warning(
                    &collection.span,
                    format!("what {} goes over is not known, so what it writes is not seen: {why}", quoted(key)),
                ),
                None => self.faults.error(&collection.span, format!("{} must go over a list of texts", quoted(key))),
            }
            *open = open.take().or_else(|| Some(hole.map_or_else(unreadable, |why| Unknown::clone(&why))));
            return;
        };
        for member in known {
            if found.len() >= MOST || !self.step(span) {
                self.faults.error(span, format!("{} comes to more than {MOST} entries", quoted(key)));
                *open = Some(unreadable());
                return;
            }
            let mut inner = loops.clone();
            inner.push((identifier.clone(), member));
            self.unroll(entries_of(body).into_iter(), &inner, open, found);
        }
    }
}

/// What stands before the closing brace, and what after it.
fn closed(text: &str) -> Option<(&str, &str)> {
    let at = text.bytes().take(LONGEST_IDENTIFIER).position(|byte| byte == b'}')?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// A text with the identifiers of loops replaced: `${Name}` by the member, `&{Name}` by its letters and digits.
pub(super) fn substituted<'t>(text: &'t str, loops: &Loops) -> Cow<'t, str> {
    let mut made = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['$', '&']) {
        let (before, after) = rest.split_at(at);
        let inside = after.get(1..).and_then(|after| after.strip_prefix('{')).and_then(closed);
        let member = inside.and_then(|(name, tail)| {
            let (_, member) = loops.iter().rev().find(|(identifier, _)| **identifier == *name)?;
            Some((member, tail))
        });
        made.push_str(before);
        match member {
            Some((member, tail)) => {
                if after.starts_with('&') {
                    made.extend(member.chars().filter(|char| char.is_alphanumeric()));
                } else {
                    made.push_str(member);
                }
                rest = tail;
            }
            None => {
                let (sign, tail) = after.split_at(1);
                made.push_str(sign);
                rest = tail;
            }
        }
    }
    if made.is_empty() && rest.len() == text.len() {
        return Cow::Borrowed(text);
    }
    made.push_str(rest);
    if made == text { Cow::Borrowed(text) } else { Cow::Owned(made) }
}
