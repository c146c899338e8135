//! All tests in one binary.

mod cli_arguments;
mod cli_check;
mod hostile;
mod loader_damaged;
mod loader_links;
mod loader_plan;
mod loader_values;
mod policy_files;
mod program;
mod reach_cidr;
mod reach_connection;
mod reach_graph;
mod reach_members;
mod reach_model;
mod report_json;
mod report_policies;
mod report_sample;
mod report_text;
mod secrets;
mod stacks;
mod tidy;
