//! What is done on a pull request, the same on every forge: one comment that is kept up to date, and comments on lines
//! that are written once. Nothing is ever removed, and what others wrote is not touched.

use std::time::Duration;

use super::client::Fault;
use super::clock::Clock;
use super::environment::{Kind, Target};
use super::github::GitHub;
use super::gitlab::GitLab;
use super::host::{Host, Remark};
use super::mark::{Tag, remark_mark};
use super::patch::ChangedLines;
use crate::source::Problem;

/// The most comments on lines that one run writes: more would bury the pull request.
const MOST_REMARKS: usize = 50;

/// How often is looked again whether a comment that may have been written was.
const LOOKS: u32 = 4;

/// One pull request.
pub struct Forge<'c> {
    host: Box<dyn Host + 'c>,
    clock: &'c dyn Clock,
    dry: bool,
}

/// What became of the comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// There is a new one; where.
    Created(String),
    /// It has a new text; where.
    Updated(String),
    /// It says the same already; where.
    Unchanged(String),
}

/// What became of comments on lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reviewed {
    /// So many were written.
    pub written: usize,
    /// So many were there from a former run.
    pub there: usize,
    /// So many were too many.
    pub left_out: usize,
}

impl<'c> Forge<'c> {
    /// The pull request at `target`. Everything together takes at most `timeout`; with `dry` nothing is written.
    #[must_use]
    pub fn new(target: Target, clock: &'c dyn Clock, timeout: Duration, dry: bool) -> Forge<'c> {
        let host: Box<dyn Host + 'c> = match target.kind {
            Kind::GitHub => Box::new(GitHub::new(target, clock, timeout)),
            Kind::GitLab => Box::new(GitLab::new(target, clock, timeout)),
        };
        Forge { host, clock, dry }
    }

    /// What the pull request is called: `owner/name#7`.
    #[must_use]
    pub fn called(&self) -> String {
        self.host.called()
    }

    /// Makes the comment with this tag say `body`: writes it, or replaces the text of the one that is there.
    ///
    /// # Errors
    /// When the body is larger than the forge takes, and when the forge does not do it; says why and what to do.
    pub fn comment(&self, tag: &Tag, body: &str) -> Result<Done, Problem> {
        let mark = tag.mark();
        let body = body.trim_end().replace("\r\n", "\n");
        let body = if body.starts_with(&mark) { body } else { format!("{mark}\n{body}") };
        let (size, limit) = (body.chars().count(), self.host.limit());
        if size > limit {
            let words = format!("the comment has {size} characters, and the forge takes {limit}");
            return Err(
                Problem::error(words).help("write it with `plangate check -o markdown=FILE`, which folds to fit")
            );
        }
        self.look_again(|| {
            let mut theirs = self.host.comments()?.into_iter();
            // Somebody may have put our mark into a comment of their own; that one is theirs.
            let ours = loop {
                match theirs.find(|comment| comment.body.starts_with(&mark)) {
                    Some(comment) if !self.host.is_ours(&comment.author)? => {}
                    found => break found,
                }
            };
            let Some(ours) = ours else {
                let url = if self.dry { self.host.called() } else { self.host.create(&body)? };
                return Ok(Done::Created(url));
            };
            if ours.body.trim_end().replace("\r\n", "\n") == body {
                return Ok(Done::Unchanged(ours.url));
            }
            if !self.dry {
                self.host.update(ours.id, &body)?;
            }
            Ok(Done::Updated(ours.url))
        })
    }

    /// The lines the pull request changes.
    ///
    /// # Errors
    /// When the forge does not tell.
    pub fn changed_lines(&self) -> Result<ChangedLines, Problem> {
        self.host.changed_lines().map_err(Fault::problem)
    }

    /// Writes comments on lines that `changed` has, those that no former run wrote; what became outdated since is not
    /// repeated.
    ///
    /// # Errors
    /// When the forge does not do it.
    pub fn review(&self, remarks: &[Remark], changed: &ChangedLines) -> Result<Reviewed, Problem> {
        if remarks.is_empty() {
            return Ok(Reviewed::default());
        }
        let mut first_look = None;
        self.look_again(|| {
            let there = self.host.remarks()?;
            let is_new = |remark: &&Remark| !there.iter().any(|body| body.contains(&remark_mark(&remark.key)));
            let new: Vec<&Remark> = remarks.iter().filter(is_new).collect();
            let known = *first_look.get_or_insert(remarks.len() - new.len());
            let left_out = (remarks.len() - known).saturating_sub(MOST_REMARKS);
            let reviewed = Reviewed { written: remarks.len() - known - left_out, there: known, left_out };
            // What an attempt that broke off wrote counts.
            let room = MOST_REMARKS.saturating_sub(remarks.len() - known - new.len());
            let new: Vec<(&Remark, String)> =
                new.into_iter().take(room).map(|remark| (remark, self.body(remark))).collect();
            if !new.is_empty() && !self.dry {
                self.host.remark(&new, changed)?;
            }
            Ok(reviewed)
        })
    }

    /// The text of a comment on lines.
    #[must_use]
    pub fn body(&self, remark: &Remark) -> String {
        let mark = remark_mark(&remark.key);
        let text = remark.text.trim_end();
        let Some(lines) = &remark.suggestion else { return format!("{text}\n\n{mark}") };
        // A fence longer than any in the lines.
        let longest = lines.split(|char| char != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest.max(2) + 1);
        format!("{text}\n\n{fence}{}\n{fence}\n\n{mark}", self.host.suggestion(remark, lines))
    }

    /// Does what begins with a look at what is there, and begins again where it broke off with nobody knowing whether it
    /// was done. Each attempt looks, so nothing is written twice.
    fn look_again<T>(&self, mut attempt: impl FnMut() -> Result<T, Fault>) -> Result<T, Problem> {
        for look in 1..LOOKS {
            match attempt() {
                Err(Fault::Unclear(_)) => self.clock.sleep(Duration::from_secs(1 << look)),
                done => return done.map_err(Fault::problem),
            }
        }
        attempt().map_err(Fault::problem)
    }
}
