//! Floor 3: what a policy is. Spanned YAML becomes a typed [`Policy`], checked against the catalog when it is loaded;
//! holding one against a set of variables gives an [`Evaluation`]. Nothing here knows a resource graph: the judge
//! decides what each policy is held against.

pub mod expression;
mod nearest;
