//! A text made of pieces, each whole in itself, that is brought under a limit by leaving pieces out: the least important
//! first, and of equals the last. What was left out is counted. Knows nothing of findings.

use super::sheet::count;

/// How soon a piece is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// First.
    Picture,
    /// Then explanations.
    Why,
    /// Then what breaks no request.
    Low,
    /// Last of all that can be.
    Grave,
    /// Never; and a heading goes with the last piece of its group.
    Kept,
}

/// A part of the text.
#[derive(Debug)]
pub(super) struct Piece {
    rank: Rank,
    text: String,
    group: usize,
    heads: bool,
}

impl Piece {
    /// A piece of text.
    pub(super) fn new(rank: Rank, text: String) -> Piece {
        Piece { rank, text, group: 0, heads: false }
    }
}

/// The text in the making.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    all: Vec<Piece>,
    groups: usize,
    group: usize,
}

impl Pieces {
    /// Adds what is never left out.
    pub(super) fn keep(&mut self, text: &str) {
        self.all.push(Piece::new(Rank::Kept, text.to_owned()));
    }

    /// Adds a piece to the group that is open.
    pub(super) fn push(&mut self, piece: Piece) {
        self.all.push(Piece { group: self.group, ..piece });
    }

    /// Starts a group; its heading is left out when nothing of it stays.
    pub(super) fn group(&mut self, heading: String) {
        self.groups += 1;
        self.group = self.groups;
        self.all.push(Piece { rank: Rank::Kept, text: heading, group: self.group, heads: true });
    }

    /// Ends the group.
    pub(super) fn end_group(&mut self) {
        self.group = 0;
    }

    /// Starts a part that is folded away.
    pub(super) fn open(&mut self, summary: &str) {
        self.keep(&format!("<details><summary>{summary}</summary>\n\n"));
    }

    /// Ends it.
    pub(super) fn close(&mut self) {
        self.keep("\n</details>\n\n");
    }

    /// The text in at most so many bytes, as long as what is never left out has room in them.
    pub(super) fn within(mut self, limit: usize) -> String {
        /// For the lines that say what was left out.
        const ROOM: usize = 400;
        let mut size: usize = self.all.iter().map(|piece| piece.text.len()).sum();
        let mut left_out = [0; 4];
        // What is still there of each group, and what its heading takes.
        let mut members = vec![0; self.groups + 1];
        let mut headings = vec![0; self.groups + 1];
        for piece in &self.all {
            if piece.heads {
                headings[piece.group] = piece.text.len();
            } else {
                members[piece.group] += 1;
            }
        }
        if size > limit {
            for (rank, gone) in [Rank::Picture, Rank::Why, Rank::Low, Rank::Grave].into_iter().zip(&mut left_out) {
                for piece in self.all.iter_mut().rev().filter(|piece| piece.rank == rank) {
                    if size + ROOM <= limit {
                        break;
                    }
                    size -= std::mem::take(&mut piece.text).len();
                    *gone += 1;
                    members[piece.group] -= 1;
                    if members[piece.group] == 0 {
                        size -= headings[piece.group];
                    }
                }
            }
        }
        let stays = |piece: &&Piece| !piece.heads || members[piece.group] > 0;
        let mut text: String = self.all.iter().filter(stays).map(|piece| piece.text.as_str()).collect();
        text.truncate(text.trim_end().len());
        text.push('\n');
        let [pictures, whys, low, grave] = left_out;
        let names = [
            (grave, "finding that breaks requests", "findings that break requests"),
            (low, "entry of less weight", "entries of less weight"),
            (whys, "explanation", "explanations"),
            (pictures, "picture", "pictures"),
        ];
        let parts: Vec<String> = names
            .into_iter()
            .filter(|(number, ..)| *number > 0)
            .map(|(number, one, many)| count(number, one, many))
            .collect();
        if !parts.is_empty() {
            text.push_str(&format!(
                "\n_Left out for want of room: {}. `-o html=report.html` has everything._\n",
                parts.join(", ")
            ));
        }
        text
    }
}
