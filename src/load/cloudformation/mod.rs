//! CloudFormation templates.

mod given;
mod node;
mod parameters_file;
mod read;
#[allow(dead_code)]
mod resolve;

pub use given::{GivenParameter, TemplateInputs};
