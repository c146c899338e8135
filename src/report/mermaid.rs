//! Request paths as a Mermaid flowchart, within what GitHub and GitLab draw. Names are written so that no parser of
//! Mermaid, Markdown or HTML sees anything but text in them.

use std::fmt::Write as _;

use super::ink::clean;
use super::picture::{Node, Picture, policies, worst_first};
use super::sheet::count;
use super::verdicts::{Mark, Verdicts};
use crate::judge::{Assessment, Finding};

/// More is not drawn: Mermaid takes 50 000 characters and 500 arrows unless told otherwise, and GitHub does not tell it.
const CHARACTERS: usize = 48_000;
const EDGES: usize = 480;
/// Of one line of a node; the rest of a longer one is left out.
const LINE: usize = 160;
/// Policies named on one hop.
const POLICIES: usize = 4;

/// Every path of an assessment in one picture. What does not fit is left out, broken paths last, and counted.
#[must_use]
pub fn paths_mermaid(assessment: &Assessment) -> String {
    let verdicts = Verdicts::of(&assessment.findings);
    if assessment.paths.is_empty() {
        return "flowchart LR\n  none[\"no request path found\"]\n".to_owned();
    }
    let order = worst_first(assessment, &verdicts);
    let drawn = |paths: usize| {
        let mut shown = order.get(..paths).unwrap_or(&order).to_vec();
        shown.sort_unstable();
        let picture = Picture::of(shown.iter().filter_map(|&at| assessment.paths.get(at)), &verdicts);
        (picture.edges.len() <= EDGES).then(|| flowchart(&picture, "LR", order.len() - paths))
    };
    let fits = |paths: usize| drawn(paths).filter(|text| text.len() <= CHARACTERS);
    if let Some(whole) = fits(order.len()) {
        return whole;
    }
    let (mut enough, mut too_many) = (0, order.len());
    let mut best = String::new();
    while enough + 1 < too_many {
        let middle = enough.midpoint(too_many);
        match fits(middle) {
            Some(text) => (enough, best) = (middle, text),
            None => too_many = middle,
        }
    }
    if best.is_empty() { flowchart(&Picture::default(), "LR", order.len()) } else { best }
}

/// One picture, top down: the way it fits a comment.
pub(super) fn path_mermaid(picture: &Picture<'_>) -> String {
    flowchart(picture, "TB", 0)
}

fn flowchart(picture: &Picture<'_>, direction: &str, left_out: usize) -> String {
    let mut out = format!("flowchart {direction}\n");
    let mut classes: Vec<(Mark, Vec<String>)> = Vec::new();
    for (at, node) in picture.nodes.iter().enumerate() {
        let text = node_label(node);
        let _ = match node.column {
            0 => writeln!(out, "  n{at}([\"{text}\"])"),
            _ => writeln!(out, "  n{at}[\"{text}\"]"),
        };
        if let Some(mark) = node.mark().filter(|mark| *mark > Mark::Holds) {
            put(&mut classes, mark, format!("n{at}"));
        }
    }
    let mut arrows: Vec<(Mark, Vec<String>)> = Vec::new();
    for (at, edge) in picture.edges.iter().enumerate() {
        let mark = edge.arrow.mark();
        let line = match (edge.arrow.possible, mark) {
            (false, Mark::Broken) => "--x",
            (true, Mark::Broken) => "-.-x",
            (false, _) => "-->",
            (true, _) => "-.->",
        };
        let possible = edge.arrow.possible.then(|| "possible".to_owned());
        let labels = edge.arrow.labels.iter().cloned().chain(possible).chain(named(&edge.arrow.findings));
        let label = lines(labels);
        let label = if label.is_empty() { label } else { format!("|\"{label}\"|") };
        let _ = writeln!(out, "  n{} {line}{label} n{}", edge.from, edge.to);
        if mark > Mark::Holds {
            put(&mut arrows, mark, at.to_string());
        }
    }
    if left_out > 0 {
        let more = count(left_out, "more request path is", "more request paths are");
        let _ = writeln!(out, "  rest[\"{}\"]", escape(&format!("{more} left out, plangate paths -o html shows all")));
    }
    for (mark, nodes) in classes {
        let _ = writeln!(out, "  classDef {} {}", mark.name(), node_style(mark));
        let _ = writeln!(out, "  class {} {}", nodes.join(","), mark.name());
    }
    for (mark, edges) in arrows {
        let _ = writeln!(out, "  linkStyle {} {}", edges.join(","), edge_style(mark));
    }
    out
}

fn put(groups: &mut Vec<(Mark, Vec<String>)>, mark: Mark, id: String) {
    match groups.iter_mut().find(|(of, _)| *of == mark) {
        Some((_, ids)) => ids.push(id),
        None => groups.push((mark, vec![id])),
    }
}

fn node_label(node: &Node<'_>) -> String {
    let sign = node.mark().map_or(String::new(), |mark| format!("{} ", mark.sign()));
    let kind = format!("{sign}{}", node.kind);
    let name = Some(node.name.to_owned()).filter(|name| !name.is_empty());
    lines([kind].into_iter().chain(name).chain(node.lines.iter().cloned()).chain(named(&node.findings)))
}

/// The policies, the worst first, and how many more there are.
fn named(findings: &[&Finding]) -> Vec<String> {
    let all = policies(findings);
    let more = all.len().saturating_sub(POLICIES);
    let shown = all.into_iter().take(POLICIES).map(|(_, policy)| policy);
    shown.chain((more > 0).then(|| format!("and {more} more"))).collect()
}

fn lines(all: impl IntoIterator<Item = String>) -> String {
    all.into_iter().map(|line| escape(&line)).collect::<Vec<_>>().join("<br/>")
}

/// Everything that could be read as more than text becomes a character code: `#91;`. Marks that stand between letters
/// mean nothing to anybody and stay, so that most addresses can be read in the source too.
fn escape(line: &str) -> String {
    let line = clean(line).replace('\n', " ");
    let mut characters: Vec<char> = line.trim().chars().collect();
    if characters.len() > LINE {
        characters.truncate(LINE);
        characters.push('…');
    }
    let mut out = String::new();
    let letter = |at: Option<usize>| at.and_then(|at| characters.get(at)).is_some_and(char::is_ascii_alphanumeric);
    for (at, &c) in characters.iter().enumerate() {
        let between = letter(at.checked_sub(1)) && letter(at.checked_add(1));
        match c {
            ' ' | '✓' | '✗' | '…' => out.push(c),
            c if c.is_ascii_alphanumeric() => out.push(c),
            '.' | '_' | '-' | '/' | ',' if between => out.push(c),
            c => {
                let _ = write!(out, "#{};", u32::from(c));
                // Two dollars in a row would start a formula, even as codes.
                if c == '$' && characters.get(at + 1) == Some(&'$') {
                    out.push_str("#8203;");
                }
            }
        }
    }
    out
}

/// Colours that can be read on a light and on a dark page, since a picture does not know its page.
fn node_style(mark: Mark) -> &'static str {
    match mark {
        Mark::Broken => "fill:#ffebe9,stroke:#cf222e,stroke-width:3px,color:#82071e",
        Mark::Open => "fill:#fff8c5,stroke:#9a6700,stroke-width:2px,stroke-dasharray:5 3,color:#4d2d00",
        Mark::Advice => "fill:#ddf4ff,stroke:#0969da,color:#0a3069",
        Mark::Holds => "",
    }
}

fn edge_style(mark: Mark) -> &'static str {
    match mark {
        Mark::Broken => "stroke:#cf222e,stroke-width:3px",
        Mark::Open => "stroke:#9a6700,stroke-width:2px",
        Mark::Advice => "stroke:#0969da,stroke-width:2px",
        Mark::Holds => "",
    }
}
