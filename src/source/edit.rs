//! A change to a part of a text that was read: bytes that go and text that comes. Whether it is right is for others to
//! prove; where it stands in a line is told beside the bytes, since reports count in lines.

use super::Position;

/// Bytes of one file, and what is to stand there instead.
///
/// Edits of one file never overlap. Applied together they all count in the file as it was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// The file, as the spots of a finding show it; a path from the current directory that can be opened.
    pub file: String,
    /// First byte that goes, counted from the first byte on the disk (a byte order mark is three).
    pub start: usize,
    /// The byte after the last one that goes; the same as `start` where text is only put in.
    pub end: usize,
    /// Where `start` is; a byte order mark is no column.
    pub from: Position,
    /// Where `end` is.
    pub to: Position,
    /// What stands there afterwards, with the line ends of the file.
    pub replacement: String,
}
