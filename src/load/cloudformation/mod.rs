//! CloudFormation templates.

mod node;

mod read;
