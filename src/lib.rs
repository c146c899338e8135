//! plangate

pub mod catalog;
pub mod graph;
pub mod judge;
pub mod relate;
pub mod source;
