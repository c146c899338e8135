//! Floor 5: writes an [`Assessment`](crate::judge::Assessment) and the policies down, one file a format. Decides
//! nothing, filters nothing, sorts nothing, and does not touch a stream: every report is a `String`.
//!
//! Text reports carry ANSI colours, always; whoever prints them strips the colours where they are not wanted.

mod annotation;
mod draw;
mod examples_text;
mod github;
mod gitlab;
mod ink;
mod json;
mod junit;
mod paths_text;
mod policy_page;
mod rdjson;
mod sarif;
mod sarif_rule;
mod sarif_wire;
mod sheet;
mod text;
mod undecided;

pub use examples_text::{ExampleFailure, ExampleRun, examples_text};
pub use github::check_github;
pub use gitlab::check_gitlab;
pub use ink::{BAD, DIM, GOOD, STRONG, UNSURE, clean};
pub use json::{check_json, paths_json};
pub use junit::check_junit;
pub use paths_text::paths_text;
pub use policy_page::{
    PolicyExample, PolicyPage, PolicyParam, PolicyReference, policies_json, policies_text, policy_json, policy_text,
};
pub use rdjson::check_rdjson;
pub use sarif::check_sarif;
pub use text::{Detail, TextOptions, check_text};
