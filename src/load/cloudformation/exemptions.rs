//! Exceptions in a template: in comments of YAML, and in the metadata of a resource
//! (`Metadata: {plangate: {ignore: [{policy, until, reason}]}}`), where JSON can have them too.

use std::ops::Range;

use super::node::{Content, Entry, Node};
use super::read::Faults;
use crate::load::ignore::{KEYS, MARK, Note, Said, day, notes};
use crate::source::nearest::did_you_mean;
use crate::source::{Position, Problem, line_column};

const FORM: &str = "write: ignore: [{policy: POLICY, until: 2027-01-31, reason: why}]";

/// The exceptions of a template, each with the bytes of the resource it stands at; and what is wrong with them.
pub(super) fn read(file: &str, text: &str, root: &Node) -> (Vec<(Range<usize>, Note)>, Vec<Problem>) {
    let resources = root.get("Resources").and_then(Node::entries).unwrap_or_default();
    let extent = |entry: &Entry| entry.key_span.start..entry.value.span.end.max(entry.key_span.end);
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    if text.contains(MARK) {
        let extents: Vec<Range<usize>> = resources.iter().map(extent).collect();
        (found, problems) = notes(file, text, &comments(text, root), &extents);
    }
    for entry in resources {
        let ignore =
            entry.value.get("Metadata").and_then(|node| node.get("plangate")).and_then(|node| node.get("ignore"));
        let Some(ignore) = ignore else { continue };
        for item in ignore.items().unwrap_or(std::slice::from_ref(ignore)) {
            let (line, column) = line_column(text.as_bytes(), item.span.start);
            match said(item) {
                Ok(said) => {
                    let exemption = said.exemption(file.into(), Position { line, column });
                    found.push((extent(entry), Note::of_whole(exemption)));
                }
                Err(why) => {
                    problems.push(Faults::new(file, text).placed(item.span.start, Problem::error(why)).help(FORM))
                }
            }
        }
    }
    (found, problems)
}

fn said(item: &Node) -> Result<Said, String> {
    let Some(entries) = item.entries() else {
        return Err("an exemption in metadata is a map of policy, until and reason".to_owned());
    };
    let mut said = Said::default();
    for Entry { key, value, .. } in entries {
        match &**key {
            "policy" => {
                let policies = value.items().unwrap_or(std::slice::from_ref(value));
                said.policies = policies.iter().filter_map(Node::text).map(Into::into).collect();
            }
            "until" => said.until = Some(day(value.text().unwrap_or_default())?),
            "reason" => said.reason = value.text().map(Into::into),
            other => {
                let guess = did_you_mean(other, KEYS.into_iter().chain(["policy"]));
                return Err(format!("an exemption has no `{}`{guess}", other.escape_debug()));
            }
        }
    }
    said.checked()
}

/// The comments of a YAML text that hold the mark.
fn comments(text: &str, root: &Node) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(MARK) {
        let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
        let before = text[start..at].trim_end_matches(['#', ' ', '\t']);
        let hash = text[start + before.len()..at].find('#').map(|found| start + before.len() + found);
        let end = text[at..].find('\n').map_or(text.len(), |found| at + found);
        // A sign that follows something directly begins no comment.
        let apart = |hash: &usize| text[..*hash].chars().next_back().is_none_or(char::is_whitespace);
        found.extend(hash.filter(apart).filter(|hash| !is_in_scalar(root, *hash)).map(|hash| hash..end));
    }
    found
}

fn is_in_scalar(root: &Node, at: usize) -> bool {
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match &node.content {
            Content::Map(entries) => open.extend(entries.iter().map(|entry| &entry.value)),
            Content::List(items) => open.extend(items),
            Content::Call { argument, .. } => open.push(argument),
            Content::Null => {}
            Content::Bool(_) | Content::Number(_) | Content::String(_) => {
                if node.span.contains(&at) {
                    return true;
                }
            }
        }
    }
    false
}
