//! CloudFormation templates.

mod node;
