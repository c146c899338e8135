//! Floor 5: writes an [`Assessment`](crate::judge::Assessment) and the policies down, one file a format. Decides
//! nothing, filters nothing, sorts nothing, and does not touch a stream: every report is a `String`.
//!
//! Text reports carry ANSI colours, always; whoever prints them strips the colours where they are not wanted.

mod annotation;
mod chain;
mod diff;
mod draw;
mod evidence;
mod examples_text;
mod fix;
mod fix_text;
mod github;
mod gitlab;
mod html;
mod html_entry;
mod ink;
mod json;
mod junit;
mod markdown;
mod markdown_text;
mod mermaid;
mod numbers;
mod patch;
mod paths_text;
mod picture;
mod pieces;
mod policy_page;
mod rdjson;
mod remark;
mod sarif;
mod sarif_rule;
mod sarif_wire;
mod sheet;
mod svg;
mod svg_layout;
mod text;
mod tree_text;
mod undecided;
mod verdicts;

pub use examples_text::{ExampleFailure, ExampleRun, examples_text};
pub use fix_text::{FixPage, LeftFinding, PatchedFile, fix_text};
pub use github::check_github;
pub use gitlab::check_gitlab;
pub use html::{check_html, paths_html};
pub use ink::{BAD, DIM, GOOD, STRONG, UNSURE, clean};
pub use json::{check_json, paths_json};
pub use junit::check_junit;
pub use markdown::{MarkdownOptions, check_markdown};
pub use mermaid::paths_mermaid;
pub use paths_text::paths_text;
pub use policy_page::{
    PolicyExample, PolicyPage, PolicyParam, PolicyReference, policies_json, policies_text, policy_json, policy_text,
};
pub use rdjson::check_rdjson;
pub use remark::{Told, remark_markdown};
pub use sarif::check_sarif;
pub use sheet::Look;
pub use svg::paths_svg;
pub use text::{Detail, TextOptions, check_text};
