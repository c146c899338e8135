//! All tests in one binary.

mod cli_arguments;
mod policy_files;
mod report_json;
mod report_policies;
mod report_sample;
mod report_text;
mod stacks;
mod tidy;
