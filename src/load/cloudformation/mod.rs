//! CloudFormation templates.

mod given;
mod node;
mod parameters_file;
mod read;

pub use given::{GivenParameter, TemplateInputs};
