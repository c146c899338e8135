//! plangate

pub mod catalog;
pub mod graph;
pub mod judge;
pub mod report;
pub mod source;
