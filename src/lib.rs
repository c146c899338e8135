//! plangate

pub mod catalog;
pub mod cli;
pub mod graph;
pub mod judge;
pub mod load;
pub mod relate;
pub mod report;
pub mod source;
