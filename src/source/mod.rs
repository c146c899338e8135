//! Floor 0: the texts we were given, places in them, and what is wrong with them. The only door to the disk.

pub mod disk;
mod edit;
pub mod looked_at;
pub(crate) mod nearest;
mod problem;
mod repository;
pub(crate) mod yaml;

pub use edit::Edit;
pub use problem::{Level, Position, Problem};
pub use repository::Repository;

/// Line and column (both from 1, column in characters) of byte `offset` of `text`; past the end means the end.
#[must_use]
pub fn line_column(text: &[u8], offset: usize) -> (u32, u32) {
    let before = &text[..offset.min(text.len())];
    let line = before.iter().filter(|&&byte| byte == b'\n').count() as u32 + 1;
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let column = before[start..].iter().filter(|&&byte| byte & 0xC0 != 0x80).count() as u32 + 1;
    (line, column)
}
