//! Request paths as a tree of text: what several paths share stands there once, with the paths under it. The numbers of
//! each path are the report's to write.

use anstyle::Style;

use super::ink::{BAD, DIM, PLAIN, STRONG, UNSURE};
use super::picture::{Picture, policies};
use super::sheet::Sheet;
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
            let arrow: &[Piece] = if into == Mark::Broken { &[(PLAIN, "clients "), (BAD, "✗→ ")] } else { &[] };
            tree.write(sheet, at, "", "", arrow);
        }
    }
}

/// A part of a word.
type Piece = (Style, &'static str);

struct Tree<'a, 'p> {
    picture: &'p Picture<'a>,
    follows: Vec<Vec<usize>>,
    told: Vec<bool>,
}

impl Tree<'_, '_> {
    /// A node and what is under it: `before` stands before its own line, `under` before the lines below.
    fn write(&mut self, sheet: &mut Sheet, at: usize, before: &str, under: &str, arrow: &[Piece]) {
        let node = &self.picture.nodes[at];
        let mark = node.mark().unwrap_or(Mark::Holds);
        let style = match mark {
            Mark::Broken => BAD,
            Mark::Open => UNSURE,
            Mark::Advice | Mark::Holds => STRONG,
        };
        let sign = if matches!(mark, Mark::Broken | Mark::Open) { format!("{} ", mark.sign()) } else { String::new() };
        let told = std::mem::replace(&mut self.told[at], true);
        sheet.flow(0, under.chars().count() + 4, |line| {
            line.word(DIM, before);
            arrow.iter().for_each(|(style, text)| _ = line.and(*style, text));
            line.and(DIM, node.kind).and(DIM, " ").and(style, &sign).and(style, node.name);
            if told {
                line.word(DIM, "(see above)");
                return;
            }
            if let Some(door) = node.lines.first().filter(|line| line.starts_with(':')) {
                line.word(PLAIN, door);
            }
            for (mark, policy) in policies(&node.findings) {
                match mark {
                    Mark::Broken => _ = line.words(BAD, &policy),
                    Mark::Open => _ = line.words(UNSURE, &policy),
                    Mark::Advice | Mark::Holds => {}
                }
            }
        });
        if told {
            return;
        }
        let edges = self.follows[at].clone();
        for (number, &edge) in edges.iter().enumerate() {
            let (to, mark) = (self.picture.edges[edge].to, self.picture.edges[edge].arrow.mark());
            let (branch, below) = if number + 1 == edges.len() { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            let arrow: &[Piece] = match mark {
                Mark::Broken => &[(BAD, "✗→ ")],
                Mark::Open => &[(UNSURE, "?→ ")],
                Mark::Advice | Mark::Holds => &[],
            };
            self.write(sheet, to, &format!("{under}{branch}"), &format!("{under}{below}"), arrow);
        }
    }
}
