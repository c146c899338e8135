//! All tests in one binary.

mod reach_cidr;
mod reach_connection;
mod reach_graph;
mod reach_members;
mod reach_model;
