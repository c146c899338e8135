//! Request paths as a tree of text: what several paths share stands there once, with the paths under it. The numbers of
//! each path are the report's to write.

use super::ink::{BAD, DIM, PLAIN, STRONG, UNSURE};
use super::picture::{Picture, policies};
use super::sheet::{Sheet, Word, words};
use super::verdicts::Mark;

/// The tree of each load balancer. A target group that was shown already is named and not unfolded again.
pub(super) fn write_tree(sheet: &mut Sheet, picture: &Picture<'_>) {
    let mut tree =
        Tree { picture, follows: vec![Vec::new(); picture.nodes.len()], told: vec![false; picture.nodes.len()] };
    let mut leads = vec![false; picture.nodes.len()];
    for (at, edge) in picture.edges.iter().enumerate() {
        // Clients are not in the tree: it grows from what they ask.
        if picture.nodes.get(edge.from).is_some_and(|node| node.column > 0) {
            tree.follows[edge.from].push(at);
            leads[edge.to] = true;
        }
    }
    for (at, (node, led_to)) in picture.nodes.iter().zip(leads).enumerate() {
        if node.column > 0 && !led_to {
            let into = picture.edges.iter().find(|edge| edge.to == at).map_or(Mark::Holds, |edge| edge.arrow.mark());
            let arrow =
                if into == Mark::Broken { Word::new(PLAIN, "clients ").and(BAD, "✗→ ") } else { Word::default() };
            tree.write(sheet, at, "", "", arrow);
        }
    }
}

struct Tree<'a, 'p> {
    picture: &'p Picture<'a>,
    follows: Vec<Vec<usize>>,
    told: Vec<bool>,
}

impl Tree<'_, '_> {
    /// A node and what is under it: `before` stands before its own line, `under` before the lines below.
    fn write(&mut self, sheet: &mut Sheet, at: usize, before: &str, under: &str, arrow: Word<'_>) {
        let node = &self.picture.nodes[at];
        let mark = node.mark().unwrap_or(Mark::Holds);
        let style = match mark {
            Mark::Broken => BAD,
            Mark::Open => UNSURE,
            Mark::Advice | Mark::Holds => STRONG,
        };
        let sign = if matches!(mark, Mark::Broken | Mark::Open) { format!("{} ", mark.sign()) } else { String::new() };
        let head = Word::new(DIM, before);
        let head = head.joined(arrow).and(DIM, node.kind).and(DIM, " ").and(style, &sign).and(style, node.name);
        let mut line = vec![head];
        if std::mem::replace(&mut self.told[at], true) {
            line.push(Word::new(DIM, "(see above)"));
            return sheet.flow(0, under.chars().count() + 4, &line);
        }
        line.extend(node.lines.first().filter(|line| line.starts_with(':')).map(|door| Word::new(PLAIN, door)));
        let worth = policies(&node.findings).into_iter().filter(|(mark, _)| matches!(mark, Mark::Broken | Mark::Open));
        line.extend(worth.flat_map(|(mark, policy)| words(if mark == Mark::Broken { BAD } else { UNSURE }, &policy)));
        sheet.flow(0, under.chars().count() + 4, &line);
        let edges = self.follows[at].clone();
        for (number, &edge) in edges.iter().enumerate() {
            let (to, mark) = (self.picture.edges[edge].to, self.picture.edges[edge].arrow.mark());
            let (branch, below) = if number + 1 == edges.len() { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            let arrow = match mark {
                Mark::Broken => Word::new(BAD, "✗→ "),
                Mark::Open => Word::new(UNSURE, "?→ "),
                Mark::Advice | Mark::Holds => Word::default(),
            };
            self.write(sheet, to, &format!("{under}{branch}"), &format!("{under}{below}"), arrow);
        }
    }
}
