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
    /// Whether the configuration does not tell the resource's expressions at all.
    pub untold: bool,
    /// Whether the expressions surely belong to this position, and not to another one of the same set.
    pub placed: bool,
}

/// Blocks that the provider fills in when nobody writes them. Unknown as a whole and not in the configuration, they
/// count as not written.
const COMPUTED: &[&str] = &["traffic_source", "subnet_mapping", "network_interface", "mixed_instances_policy", "route"];

/// Blocks that keep the order of the configuration; others are sets, re-ordered in the plan.
const ORDERED: &[&str] = &["default_action", "action", "forward", "network_interfaces", "network_interface"];

/// More blocks than this are not told apart: that takes as many steps as their number to the third power. AWS allows
/// far fewer of each.
const MOST_BLOCKS: usize = 256;

/// All places of `pattern`.
pub(super) fn leaves<'v, 'e, 'a>(
    value: &'v Value,
    expressions: Option<&'e Expression<'a>>,
    pattern: &str,
) -> Vec<Leaf<'v, 'e, 'a>> {
    let first = pattern.split(['.', '[']).next().unwrap_or_default();
    if value.as_map().is_some_and(|map| map.get(first).is_none()) {
        return Vec::new();
    }
    let start = Leaf {
        value,
        path: String::new(),
        at: Vec::new(),
        expressions: expressions.into_iter().collect(),
        dynamic: false,
        shared: false,
        untold: expressions.is_none(),
        placed: true,
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
        Data::Unknown(_) if inner.expressions.is_empty() && COMPUTED.contains(&name) => Vec::new(),
        Data::Unknown(_) => {
            inner.at.push(0);
            vec![inner]
        }
        Data::List(items) => {
            let blocks: Vec<&Expression<'a>> = inner.expressions.iter().flat_map(|e| e.blocks()).collect();
            let matched = if inner.shared { Vec::new() } else { match_blocks(&blocks, name, items) };
            let one = |(at, item): (usize, &'v Value)| {
                let mut indices = inner.at.clone();
                indices.push(at as u32);
                let (expressions, dynamic, placed) = match matched.get(at) {
                    Some(behind) => behind.clone(),
                    None => (inner.expressions.clone(), inner.dynamic, true),
                };
                Leaf {
                    value: item,
                    path: format!("{}[{at}]", inner.path),
                    at: indices,
                    expressions,
                    dynamic: dynamic || inner.dynamic,
                    shared: inner.shared,
                    untold: inner.untold,
                    placed: placed && inner.placed,
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

/// What stands behind one element: the configured blocks it can come from, whether it can come from a dynamic block,
/// and whether the blocks surely belong to this element.
type Behind<'e, 'a> = (Vec<&'e Expression<'a>>, bool, bool);

/// What stands behind each element of a list of blocks.
fn match_blocks<'e, 'a>(blocks: &[&'e Expression<'a>], name: &str, items: &[Value]) -> Vec<Behind<'e, 'a>> {
    if blocks.len() > MOST_BLOCKS || items.len() > MOST_BLOCKS {
        return items.iter().map(|_| (Vec::new(), true, true)).collect();
    }
    let dynamic = blocks.len() < items.len();
    if !dynamic && ORDERED.contains(&name) {
        return (0..items.len()).map(|at| (blocks.get(at).copied().into_iter().collect(), false, true)).collect();
    }
    let fitting = |item: &Value| -> Vec<usize> {
        let fitting: Vec<usize> = (0..blocks.len()).filter(|&at| fits(blocks[at], item)).collect();
        // The provider writes some literals its own way; then none seems to fit.
        if fitting.is_empty() { (0..blocks.len()).collect() } else { fitting }
    };
    let mut candidates: Vec<Vec<usize>> = items.iter().map(fitting).collect();
    if blocks.len() != items.len() {
        let expressions = |at: Vec<usize>| at.into_iter().map(|at| blocks[at]).collect();
        return candidates.into_iter().map(|at| (expressions(at), dynamic, true)).collect();
    }
    // As many blocks as elements: each block has become exactly one. What one element surely takes, no other can.
    let mut settled = vec![false; items.len()];
    while let Some(at) = (0..items.len()).find(|&at| !settled[at] && candidates[at].len() == 1) {
        settled[at] = true;
        let taken = candidates[at][0];
        for (other, open) in candidates.iter_mut().enumerate() {
            if other != at && !settled[other] {
                open.retain(|&block| block != taken);
            }
        }
    }
    // The rest are told apart by position only, so that every block is there, if not in its place.
    let taken: Vec<usize> = (0..items.len()).filter(|&at| settled[at]).map(|at| candidates[at][0]).collect();
    let mut left = (0..blocks.len()).filter(|block| !taken.contains(block));
    let mut place = |at: usize| match (settled[at], candidates[at].first()) {
        (true, Some(&block)) => (vec![blocks[block]], false, true),
        _ => (left.next().map(|block| blocks[block]).into_iter().collect(), false, false),
    };
    (0..items.len()).map(&mut place).collect()
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
        Data::String(seen) => text.contains('\\') || text == seen.as_str(),
        Data::Bool(seen) => text.parse::<bool>().map_or(true, |literal| literal == *seen),
        _ => true,
    }
}
