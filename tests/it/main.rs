//! All tests in one binary.

mod cli_arguments;
mod hcl_functions;
mod hcl_limits;
mod hcl_unknown;
mod policy_files;
mod reach_cidr;
mod reach_connection;
mod reach_graph;
mod reach_members;
mod reach_model;
mod report_json;
mod report_policies;
mod report_sample;
mod report_text;
mod stacks;
mod tidy;
