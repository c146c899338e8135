//! Finds the places of an attribute pattern (`default_action[*].forward[*].target_group[*].arn`) in a resource's
//! values, and the expressions of the configuration that can stand behind each.

use serde_json::value::RawValue;

use super::document::Expression;
use crate::graph::{Data, Value};

/// One place.
pub(super) struct Leaf<'v, 'e, 'a> {
    /// What stands there.
    pub value: &'v Value,
    /// Its path, indices filled in.
    pub path: String,
    /// The indices.
    pub at: Vec<u32>,
    /// The expressions that can stand behind it; several where blocks of a set cannot be told apart.
    pub expressions: Vec<&'e Expression<'a>>,
    /// Whether a dynamic block can stand behind it.
    pub dynamic: bool,
    /// Whether the expressions are shared with other places (blocks written as attributes).
    pub shared: bool,
}

/// Blocks that keep the order of the configuration; others are sets, re-ordered in the plan.
const ORDERED: &[&str] = &["default_action", "action", "forward", "network_interfaces", "network_interface"];

/// All places of `pattern`.
pub(super) fn leaves<'v, 'e, 'a>(
    value: &'v Value,
    expressions: Option<&'e Expression<'a>>,
    pattern: &str,
) -> Vec<Leaf<'v, 'e, 'a>> {
    let start = Leaf {
        value,
        path: String::new(),
        at: Vec::new(),
        expressions: expressions.into_iter().collect(),
        dynamic: false,
        shared: false,
    };
    pattern
        .split('.')
        .fold(vec![start], |leaves, step| leaves.into_iter().flat_map(|leaf| advance(leaf, step)).collect())
}

/// The expression at a dotted path; blocks that stand at most once are entered by themselves.
pub(super) fn expression_at<'e, 'a>(expression: &'e Expression<'a>, path: &str) -> Option<&'e Expression<'a>> {
    path.split('.').try_fold(expression, |here, key| match here {
        Expression::Blocks(blocks) => blocks.first()?.get(key),
        Expression::Block(_) => here.get(key),
        // Blocks written as an attribute: one expression for all that is inside.
        _ => Some(here),
    })
}

fn advance<'v, 'e, 'a>(leaf: Leaf<'v, 'e, 'a>, step: &str) -> Vec<Leaf<'v, 'e, 'a>> {
    let (name, each) = match step.strip_suffix("[*]") {
        Some(name) => (name, true),
        None => (step, false),
    };
    let Data::Map(map) = &leaf.value.data else {
        // Unknown as a whole: the place is the block, the expressions go on.
        return match leaf.value.as_unknown() {
            Some(_) => vec![descend(leaf, name, each)],
            None => Vec::new(),
        };
    };
    let Some(value) = map.get(name) else { return Vec::new() };
    let path = if leaf.path.is_empty() { name.to_owned() } else { format!("{}.{name}", leaf.path) };
    let mut inner = descend(Leaf { value, path, ..leaf }, name, each);
    if !each {
        return vec![inner];
    }
    match &value.data {
        Data::Unknown(_) => {
            inner.at.push(0);
            vec![inner]
        }
        Data::List(items) => {
            let blocks: Vec<&Expression<'a>> = inner.expressions.iter().flat_map(|e| e.blocks()).collect();
            let one = |(at, item): (usize, &'v Value)| {
                let mut indices = inner.at.clone();
                indices.push(at as u32);
                let (expressions, dynamic) = if inner.shared {
                    (inner.expressions.clone(), inner.dynamic)
                } else {
                    behind(&blocks, name, at, item, items.len())
                };
                Leaf {
                    value: item,
                    path: format!("{}[{at}]", inner.path),
                    at: indices,
                    expressions,
                    dynamic: dynamic || inner.dynamic,
                    shared: inner.shared,
                }
            };
            items.iter().enumerate().map(one).collect()
        }
        _ => Vec::new(),
    }
}

/// Goes into the expressions under `name`.
fn descend<'v, 'e, 'a>(mut leaf: Leaf<'v, 'e, 'a>, name: &str, each: bool) -> Leaf<'v, 'e, 'a> {
    let mut inner = Vec::new();
    for expression in &leaf.expressions {
        match expression {
            Expression::Block(_) | Expression::Blocks(_) => {
                let blocks = expression.blocks().iter().filter_map(|block| block.get(name));
                inner.extend(blocks);
            }
            // One expression stands for all blocks, and for all inside them.
            whole => {
                inner.push(*whole);
                leaf.shared = true;
            }
        }
    }
    let block_as_attribute = inner.iter().any(|e| !matches!(e, Expression::Block(_) | Expression::Blocks(_)));
    leaf.shared |= each && block_as_attribute;
    // Blocks that are in the plan and not in the configuration come from a dynamic block.
    leaf.dynamic |= each && inner.is_empty();
    leaf.expressions = inner;
    leaf
}

/// The configured blocks that can have become element `at` of `count`, and whether a dynamic block can have.
fn behind<'e, 'a>(
    blocks: &[&'e Expression<'a>],
    name: &str,
    at: usize,
    item: &Value,
    count: usize,
) -> (Vec<&'e Expression<'a>>, bool) {
    let dynamic = blocks.len() < count;
    if !dynamic && ORDERED.contains(&name) {
        return (blocks.get(at).copied().into_iter().collect(), false);
    }
    let fitting: Vec<&Expression<'a>> = blocks.iter().copied().filter(|block| fits(block, item)).collect();
    // The provider writes some literals its own way; then none seems to fit.
    if fitting.is_empty() { (blocks.to_vec(), dynamic) } else { (fitting, dynamic) }
}

/// Whether every literal of a block agrees with what the plan shows.
fn fits(block: &Expression<'_>, item: &Value) -> bool {
    let Expression::Block(entries) = block else { return true };
    entries.iter().all(|(key, expression)| match (expression, item.get(key.as_ref())) {
        (Expression::Constant(raw), Some(value)) => agrees(raw, value),
        _ => true,
    })
}

fn agrees(raw: &RawValue, value: &Value) -> bool {
    let text = raw.get().trim().trim_matches('"');
    match &value.data {
        Data::Int(number) => text.parse::<i64>().map_or(true, |literal| literal == *number),
        Data::String(seen) => text.contains('\\') || text == seen.as_ref(),
        Data::Bool(seen) => text.parse::<bool>().map_or(true, |literal| literal == *seen),
        _ => true,
    }
}
