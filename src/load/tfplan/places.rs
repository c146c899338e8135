//! Finds the places of an attribute pattern (`default_action[*].forward[*].target_group[*].arn`) in a resource's
//! values, and the expressions of the configuration that can stand behind each.

use std::fmt::Write;
use std::ops::Range;

use serde_json::value::RawValue;

use super::document::Expression;
use crate::graph::{Data, Value};

/// One place.
pub(super) struct Leaf<'p, 'v, 'e, 'a> {
    /// What stands there.
    pub value: &'v Value,
    /// Its path, indices filled in.
    pub path: &'p str,
    /// The indices.
    pub at: &'p [u32],
    /// The expressions that can stand behind it; several where blocks of a set cannot be told apart.
    pub expressions: &'p [&'e Expression<'a>],
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

/// Goes to all places of a pattern and tells of each.
pub(super) struct Walk<'e, 'a> {
    /// Whether the plan has no expressions of the resource.
    untold: bool,
    /// Of where it is: the path, the indices, and the expressions of all steps.
    path: String,
    at: Vec<u32>,
    expressions: Vec<&'e Expression<'a>>,
}

/// What is told of each place.
type Tell<'t, 'e, 'a> = &'t mut dyn FnMut(&Leaf<'_, '_, 'e, 'a>);

/// A step of the way to a place; what is not told here is as in [`Leaf`].
#[derive(Clone)]
struct Here<'v> {
    value: &'v Value,
    /// Which expressions of the walk can stand behind it.
    behind: Range<usize>,
    dynamic: bool,
    shared: bool,
    placed: bool,
}

impl<'e, 'a> Walk<'e, 'a> {
    /// `expressions` are those of the resource.
    pub(super) fn new(expressions: Option<&'e Expression<'a>>) -> Self {
        let untold = expressions.is_none();
        Walk { untold, path: String::new(), at: Vec::new(), expressions: expressions.into_iter().collect() }
    }

    /// Tells of all places of `pattern` in the resource's values.
    pub(super) fn places(&mut self, value: &Value, pattern: &str, tell: Tell<'_, 'e, 'a>) {
        let behind = 0..self.expressions.len();
        self.advance(&Here { value, behind, dynamic: false, shared: false, placed: true }, pattern, tell);
    }

    fn advance(&mut self, here: &Here<'_>, pattern: &str, tell: Tell<'_, 'e, 'a>) {
        let (step, rest) = pattern.split_once('.').map_or((pattern, None), |(step, rest)| (step, Some(rest)));
        let (name, each) = step.strip_suffix("[*]").map_or((step, false), |name| (name, true));
        let before = self.position();
        match &here.value.data {
            Data::Map(map) => {
                if let Some(value) = map.get(name) {
                    let between = if self.path.is_empty() { "" } else { "." };
                    self.path.extend([between, name]);
                    let here = self.descend(Here { value, ..here.clone() }, name, each);
                    if each { self.elements(here, name, rest, tell) } else { self.arrive(&here, rest, tell) }
                }
            }
            // Unknown as a whole: the place is the block, the expressions go on.
            Data::Unknown(_) => {
                let here = self.descend(here.clone(), name, each);
                self.arrive(&here, rest, tell);
            }
            _ => {}
        }
        self.back_to(before);
    }

    /// How long the path and the expressions are, to come back to.
    fn position(&self) -> (usize, usize) {
        (self.path.len(), self.expressions.len())
    }

    fn back_to(&mut self, (path, expressions): (usize, usize)) {
        self.path.truncate(path);
        self.expressions.truncate(expressions);
    }

    /// At the end of a pattern, or only of one of its steps.
    fn arrive(&mut self, here: &Here<'_>, rest: Option<&str>, tell: Tell<'_, 'e, 'a>) {
        if let Some(rest) = rest {
            return self.advance(here, rest, tell);
        }
        tell(&Leaf {
            value: here.value,
            path: &self.path,
            at: &self.at,
            expressions: &self.expressions[here.behind.clone()],
            dynamic: here.dynamic,
            shared: here.shared,
            untold: self.untold,
            placed: here.placed,
        });
    }

    /// Goes into the elements of a list.
    fn elements(&mut self, list: Here<'_>, name: &str, rest: Option<&str>, tell: Tell<'_, 'e, 'a>) {
        match &list.value.data {
            Data::Unknown(_) if list.behind.is_empty() && COMPUTED.contains(&name) => {}
            Data::Unknown(_) => {
                self.at.push(0);
                self.arrive(&list, rest, tell);
                self.at.pop();
            }
            Data::List(items) => {
                let matched = if list.shared {
                    Vec::new()
                } else {
                    let blocks = self.expressions[list.behind.clone()].iter().flat_map(|e| e.blocks());
                    match_blocks(&blocks.collect::<Vec<_>>(), name, items)
                };
                for (at, item) in items.iter().enumerate() {
                    let before = self.position();
                    let mut here = Here { value: item, ..list.clone() };
                    if let Some((behind, dynamic, placed)) = matched.get(at) {
                        let from = self.expressions.len();
                        self.expressions.extend(behind);
                        here.behind = from..self.expressions.len();
                        here.dynamic |= dynamic;
                        here.placed &= placed;
                    }
                    // Writing to memory does not fail.
                    let _ = write!(self.path, "[{at}]");
                    self.at.push(at as u32);
                    self.arrive(&here, rest, tell);
                    self.at.pop();
                    self.back_to(before);
                }
            }
            _ => {}
        }
    }

    /// Goes into the expressions under `name`.
    fn descend<'v>(&mut self, mut here: Here<'v>, name: &str, each: bool) -> Here<'v> {
        let from = self.expressions.len();
        let mut block_as_attribute = false;
        for at in here.behind {
            let whole = self.expressions[at];
            let blocks = whole.blocks();
            let is_block = matches!(whole, Expression::Block(_) | Expression::Blocks(_));
            let inner = blocks.iter().filter_map(|block| block.get(name)).chain((!is_block).then_some(whole));
            for inner in inner {
                block_as_attribute |= !matches!(inner, Expression::Block(_) | Expression::Blocks(_));
                self.expressions.push(inner);
            }
            // One expression stands for all blocks, and for all inside them.
            here.shared |= !is_block;
        }
        here.behind = from..self.expressions.len();
        here.shared |= each && block_as_attribute;
        // Blocks that are in the plan and not in the configuration come from a dynamic block.
        here.dynamic |= each && here.behind.is_empty();
        here
    }
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

/// What stands behind one element: the configured blocks it can come from, whether it can come from a dynamic block,
/// and whether the blocks surely belong to this element.
type Behind<'e, 'a> = (Vec<&'e Expression<'a>>, bool, bool);

/// What stands behind each element of a list of blocks.
fn match_blocks<'e, 'a>(blocks: &[&'e Expression<'a>], name: &str, items: &[Value]) -> Vec<Behind<'e, 'a>> {
    if blocks.len() > MOST_BLOCKS || items.len() > MOST_BLOCKS {
        return items.iter().map(|_| (Vec::new(), true, true)).collect();
    }
    if let ([_], [_]) = (blocks, items) {
        return vec![(blocks.to_vec(), false, true)];
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
