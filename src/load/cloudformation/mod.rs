//! CloudFormation templates.

mod node;

mod read;
#[allow(dead_code)]
mod resolve;
