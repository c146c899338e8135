//! The Mappings section: values under a map's name and two keys.

use std::collections::BTreeMap;

use super::faults::{Faults, quoted};
use crate::graph::Text;
use crate::load::cloudformation::node::{Content, Node};
use crate::load::hcl::Value;

/// How many values are compared when a key is not known.
const COMPARED: usize = 1000;

type Level<T> = BTreeMap<Text, T>;

/// The mappings of a template.
pub(super) struct Mappings(Level<Level<Level<Value>>>);

impl Mappings {
    /// Reads the section; `None` when a macro writes part of it.
    pub(super) fn read(section: Option<&Node>, faults: &mut Faults<'_>) -> Option<Mappings> {
        let Some(section) = section else { return Some(Mappings(Level::new())) };
        let mut maps = Level::new();
        for (name, map) in level(section, "Mappings", faults)? {
            let mut firsts = Level::new();
            for (first, below) in level(map, name, faults)? {
                let mut seconds = Level::new();
                for (second, node) in level(below, first, faults)? {
                    let scalar = |node: &Node| node.text().map(Value::text);
                    let value = match &node.content {
                        Content::List(items) => items.iter().map(scalar).collect::<Option<_>>().map(Value::tuple),
                        _ => scalar(node),
                    };
                    match value {
                        Some(value) => drop(seconds.insert(second.clone(), value)),
                        None => {
                            let message =
                                format!("the value of {} in a mapping must be text or a list of texts", quoted(second));
                            faults.error(&node.span, message);
                        }
                    }
                }
                firsts.insert(first.clone(), seconds);
            }
            maps.insert(name.clone(), firsts);
        }
        Some(Mappings(maps))
    }

    /// The value under three names.
    pub(super) fn find(&self, map: &str, first: &str, second: &str) -> Option<&Value> {
        self.0.get(map)?.get(first)?.get(second)
    }

    /// The keys right below a map.
    pub(super) fn first_keys(&self, map: &str) -> Option<Vec<Text>> {
        self.0.get(map).map(|below| below.keys().cloned().collect())
    }

    /// The keys that stand below the first ones.
    pub(super) fn second_keys(&self, map: &str) -> Vec<Text> {
        let mut keys: Vec<Text> = self
            .0
            .get(map)
            .into_iter()
            .flat_map(|below| below.values())
            .flat_map(|below| below.keys().cloned())
            .collect();
        keys.sort();
        keys.dedup();
        keys
    }

    /// The values that three names, `None` where one is not known, can lead to; none when they are too many.
    pub(super) fn possible<'n>(&self, names: impl Iterator<Item = Option<&'n str>>) -> Vec<&Value> {
        let names: Vec<Option<&str>> = names.collect();
        let fits = |at: usize, name: &Text| names.get(at).copied().flatten().is_none_or(|wanted| wanted == &**name);
        let maps = self.0.iter().filter(|(name, _)| fits(0, name));
        let firsts = maps.flat_map(|(_, below)| below.iter()).filter(|(name, _)| fits(1, name));
        let seconds = firsts.flat_map(|(_, below)| below.iter()).filter(|(name, _)| fits(2, name));
        let found: Vec<&Value> = seconds.map(|(_, value)| value).take(COMPARED + 1).collect();
        if found.len() > COMPARED { Vec::new() } else { found }
    }
}

fn level<'n>(node: &'n Node, name: &str, faults: &mut Faults<'_>) -> Option<Vec<(&'n Text, &'n Node)>> {
    match &node.content {
        Content::Map(entries) if entries.iter().any(|entry| &*entry.key == "Fn::Transform") => None,
        Content::Map(entries) => Some(entries.iter().map(|entry| (&entry.key, &entry.value)).collect()),
        Content::Call { .. } => None,
        Content::Null => Some(Vec::new()),
        _ => {
            faults.error(&node.span, format!("{} must be a map", quoted(name)));
            None
        }
    }
}
