//! What both forges can do, in one vocabulary.

use super::client::Fault;
use super::patch::ChangedLines;

/// A comment on the pull request as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Comment {
    /// By which the API knows it.
    pub(super) id: u64,
    /// Its text, line breaks as the forge has them.
    pub(super) body: String,
    /// Where to look at it.
    pub(super) url: String,
    /// Who wrote it.
    pub(super) author: Author,
}

/// Who wrote a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Author {
    /// By which the API knows them.
    pub(super) id: u64,
    /// By which people know them.
    pub(super) name: String,
    /// Whether it is a program.
    pub(super) bot: bool,
}

/// A comment on lines that the pull request changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Says which one it is over several runs: letters, digits, `.`, `_` and `:`.
    pub key: String,
    /// The file, from the root of the repository.
    pub path: String,
    /// First line it is about, from 1.
    pub first: u32,
    /// Last line it is about.
    pub last: u32,
    /// What it says, in Markdown.
    pub text: String,
    /// What to write in place of these lines; the reader can take it over with a click.
    pub suggestion: Option<String>,
}

/// The API of a forge, for one pull request.
pub(super) trait Host {
    /// The most characters a comment may have.
    fn limit(&self) -> usize;

    /// What the pull request is called, for people: `owner/name#7`.
    fn called(&self) -> String;

    /// Comments on the pull request as a whole, oldest first.
    fn comments(&self) -> Result<Vec<Comment>, Fault>;

    /// Whether whoever holds the token wrote it.
    fn is_ours(&self, author: &Author) -> Result<bool, Fault>;

    /// Writes a comment; gives where to look at it.
    fn create(&self, body: &str) -> Result<String, Fault>;

    /// Replaces the text of a comment.
    fn update(&self, id: u64, body: &str) -> Result<(), Fault>;

    /// Lines the pull request changes.
    fn changed_lines(&self) -> Result<ChangedLines, Fault>;

    /// The texts of all comments on lines, outdated ones too.
    fn remarks(&self) -> Result<Vec<String>, Fault>;

    /// Writes comments on lines. `bodies` stand beside the remarks they are of.
    fn remark(&self, remarks: &[(&Remark, String)], changed: &ChangedLines) -> Result<(), Fault>;

    /// How the forge wants lines that replace `remark`'s.
    fn suggestion(&self, remark: &Remark, lines: &str) -> String;
}
