//! Missing security-group rules in configuration that is JSON: inside a group, or as resources beside it. What a rule says
//! is told elsewhere.

use std::collections::BTreeMap;
use std::ops::Range;

use super::rules::NewResource;
use super::style::Insertion;
use super::template::{New, Style};
use super::writing::node_at;
use crate::graph::Value;
use crate::load::cloudformation::node::{Content, Node};
use crate::load::cloudformation::read::read_data;

/// What a rule inside a group has to say: JSON takes it for a value, and in a value nothing is optional.
const WHOLE: [&str; 9] = [
    "from_port",
    "to_port",
    "protocol",
    "security_groups",
    "cidr_blocks",
    "ipv6_cidr_blocks",
    "prefix_list_ids",
    "self",
    "description",
];

/// Puts rules into the group that stands at these bytes; none where it is written in a way nothing is added to.
pub(super) fn inside(
    file: &str,
    text: &str,
    group: &Range<usize>,
    rules: &[(&str, Vec<(&str, String)>)],
) -> Option<Vec<Insertion>> {
    let root = read_data(file, text).0?;
    let group = node_at(&root, group)?;
    let style = Style::of(text);
    let mut written = Vec::new();
    for side in ["ingress", "egress"] {
        let own = rules.iter().filter(|(name, _)| *name == side);
        match group.get(side).map(|there| &there.content) {
            None => {
                let rules: Vec<New> = own.map(|(_, rule)| whole(rule, None)).collect();
                if !rules.is_empty() {
                    let entry = (side.to_owned(), New::List(rules));
                    written.extend(style.add_entries(group, &[entry], false)?);
                }
            }
            Some(Content::List(items)) => {
                let rules: Vec<New> = own.map(|(_, rule)| whole(rule, items.last())).collect();
                match rules.as_slice() {
                    [] => {}
                    [only] => written.extend(style.add_item(group.get(side)?, only)?),
                    _ => return None,
                }
            }
            Some(_) if own.count() == 0 => {}
            Some(_) => return None,
        }
    }
    // Two that go to the same place would be in each other's way.
    let same = written.windows(2).any(|pair| pair[0].bytes == pair[1].bytes);
    (!same).then_some(written)
}

/// Puts resources beside the one that stands at these bytes.
pub(super) fn beside(file: &str, text: &str, near: &Range<usize>, new: &[NewResource]) -> Option<Vec<Insertion>> {
    let root = read_data(file, text).0?;
    let style = Style::of(text);
    let resources = root.get("resource")?;
    // All resources in one map, or several maps in a list.
    let types = match &resources.content {
        Content::List(items) => items.iter().find(|item| item.span.start <= near.start && near.end <= item.span.end)?,
        _ => resources,
    };
    let mut by_kind: BTreeMap<&str, Vec<(String, New)>> = BTreeMap::new();
    for NewResource { kind, name, attributes } in new {
        let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), value_of(value)));
        by_kind.entry(kind).or_default().push((name.clone(), New::Map(attributes.collect())));
    }
    let (mut written, mut kinds) = (Vec::new(), Vec::new());
    for (kind, entries) in by_kind {
        let there = types.get(kind).map(|there| match &there.content {
            Content::List(items) => items.last().unwrap_or(there),
            _ => there,
        });
        match there {
            Some(there) => written.extend(style.add_entries(there, &entries, false)?),
            None => kinds.push((kind.to_owned(), New::Map(entries))),
        }
    }
    if !kinds.is_empty() {
        written.extend(style.add_entries(types, &kinds, false)?);
    }
    Some(written)
}

/// A rule with everything it has to say, in the order of one that is there.
fn whole(rule: &[(&str, String)], like: Option<&Node>) -> New {
    let names: Vec<&str> = match like.and_then(Node::entries) {
        Some(entries) => entries.iter().map(|entry| &*entry.key).collect(),
        None => WHOLE.to_vec(),
    };
    let more = rule.iter().map(|(name, _)| *name).filter(|name| !names.contains(name));
    let said = |name: &str| rule.iter().find(|(own, _)| *own == name).map(|(_, value)| value_of(value));
    let entry = |name: &str| (name.to_owned(), said(name).unwrap_or_else(|| New::Plain(Value::null())));
    New::Map(names.iter().copied().chain(more).map(entry).collect())
}

/// An expression of the native syntax as JSON has it: a literal, a list of one, or a reference.
fn value_of(expression: &str) -> New {
    if let Some(item) = expression.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return New::List(vec![value_of(item)]);
    }
    if let Some(text) = expression.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return New::Plain(text.into());
    }
    New::Plain(match (expression.parse::<i64>(), expression.parse::<bool>()) {
        (Ok(number), _) => number.into(),
        (_, Ok(flag)) => flag.into(),
        _ => format!("${{{expression}}}").as_str().into(),
    })
}
