//! Terraform configuration. So far its expression language: [`evaluate`] works out the value of an expression in a
//! [`Scope`], with unknowns that say what they hang on.

pub mod configuration;
mod convert;
mod equal;
mod evaluate;
mod fault;
mod files;
mod functions;
mod heredoc;
mod hole;
mod json;
mod newlines;
mod number;
mod plain;
mod scope;
mod ty;
mod unify;
mod value;

pub use convert::{convert, convertible};
pub use equal::{equal, same};
pub use evaluate::{attribute, evaluate, evaluate_template, evaluate_with, index};
pub use fault::Fault;
pub use files::Files;
pub use functions::names as function_names;
pub use heredoc::{read_body, read_expression, read_template};
pub use hole::{Bounds, Hole, Piece, Pieces};
pub use json::{json_pieces, type_json, value_from_json, value_to_json};
pub(super) use newlines::comments;
pub use number::Number;
pub use scope::{Level, Resolved, Scope, Session, Step};
pub use ty::{ObjectType, Type};
pub use unify::unify;
pub use value::{Content, Entries, Items, Tree, Value};
