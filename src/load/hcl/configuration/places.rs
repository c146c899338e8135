//! Where a node stands in its file. The parser of the native syntax knows; what is made of JSON carries it along as its
//! decoration, since nobody but that parser can give a node a span.

use std::ops::Range;

use hcl_edit::{Decorate, Span};

/// Where a node stands.
pub(super) fn span_of(node: &(impl Span + Decorate)) -> Option<Range<usize>> {
    carried(node).or_else(|| node.span())
}

/// Where a node made of JSON stands. Its own span, and those of what is in it, count from the start of a text inside
/// the file.
pub(super) fn carried(node: &impl Decorate) -> Option<Range<usize>> {
    // Before a node of the native syntax stand only space and comments.
    let (start, end) = node.decor().prefix()?.split_once("..")?;
    Some(start.parse().ok()?..end.parse().ok()?)
}

/// The node with its place.
pub(super) fn carrying<N: Decorate>(mut node: N, place: Range<usize>) -> N {
    node.decor_mut().set_prefix(format!("{}..{}", place.start, place.end));
    node
}
