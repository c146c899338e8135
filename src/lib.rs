//! plangate

pub mod catalog;
pub mod graph;
pub mod judge;
pub mod policy;
pub mod source;
