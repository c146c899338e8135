//! Request paths as SVG: boxes and arrows written down from a layout. Where they stand is the layout's to say. A picture
//! is drawn for light and dark pages, and by sign and word as well as by colour.

use std::fmt::Write as _;

use super::ink::clean;
use super::picture::Picture;
use super::sheet::count;
use super::svg_layout::{Drawn, Label, Layout, across, down};
use super::verdicts::{Mark, Verdicts};
use crate::judge::{Assessment, Finding};

/// The rules of style every picture needs; on a page with many, once.
pub(super) const STYLE: &str = include_str!("page/picture.css");

/// Every path of an assessment in one picture, as a file of its own.
#[must_use]
pub fn paths_svg(assessment: &Assessment) -> String {
    let verdicts = Verdicts::of(&assessment.findings);
    let picture = Picture::of(&assessment.paths, &verdicts);
    let title = match assessment.paths.len() {
        0 => "no request path found".to_owned(),
        paths => count(paths, "request path", "request paths"),
    };
    write(&across(&picture), &picture, &title, &format!("<style>{STYLE}</style>"))
}

/// Paths side by side with what they share, for a page that has the style.
pub(super) fn wide(picture: &Picture<'_>, title: &str) -> String {
    write(&across(picture), picture, title, "")
}

/// One path from top to bottom, for a page that has the style.
pub(super) fn tall(picture: &Picture<'_>) -> String {
    write(&down(picture), picture, &picture.sentence(), "")
}

fn write(layout: &Layout, picture: &Picture<'_>, title: &str, head: &str) -> String {
    let (width, height) = (layout.width, layout.height);
    let title = xml(title);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"picture\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-label=\"{title}\">\n<title>{title}</title>{head}\n\
         <rect class=\"page\" width=\"{width}\" height=\"{height}\"/>\n"
    );
    if picture.nodes.is_empty() {
        let _ = writeln!(out, "<text x=\"16\" y=\"28\" class=\"fact\">{title}</text>");
    }
    for (line, edge) in layout.edges.iter().zip(&picture.edges) {
        let class = class(Some(edge.arrow.mark()));
        let possible = if edge.arrow.possible { " possible" } else { "" };
        let _ =
            writeln!(out, "<g class=\"edge {class}{possible}\">{}", tooltip(&edge.arrow.because, &edge.arrow.findings));
        let _ = writeln!(out, "<path class=\"line\" d=\"{}\"/><path class=\"tip\" d=\"{}\"/></g>", line.line, line.tip);
    }
    // Above all lines, so that none runs through a word.
    for (line, edge) in layout.edges.iter().zip(&picture.edges).filter(|(line, _)| !line.labels.is_empty()) {
        let _ = writeln!(
            out,
            "<g class=\"label {}\">{}",
            class(Some(edge.arrow.mark())),
            tooltip(&edge.arrow.because, &edge.arrow.findings)
        );
        let (x, y, width, height) = line.back;
        let _ = writeln!(out, "<rect class=\"back\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>");
        line.labels.iter().for_each(|label| text(&mut out, label));
        out.push_str("</g>\n");
    }
    for (drawn, node) in layout.nodes.iter().zip(&picture.nodes) {
        let Drawn { x, y, width, height, .. } = drawn;
        let _ = writeln!(out, "<g class=\"node {}\">{}", class(node.mark()), tooltip(&[], &node.findings));
        let round = if node.column == 0 { height / 2 } else { 6 };
        let _ = writeln!(out, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{round}\"/>");
        drawn.labels.iter().for_each(|label| text(&mut out, label));
        out.push_str("</g>\n");
    }
    out.push_str("</svg>\n");
    out
}

fn text(out: &mut String, label: &Label) {
    let Label { x, y, class, text, end } = label;
    let anchor = if *end { " text-anchor=\"end\"" } else { "" };
    let _ = writeln!(out, "<text x=\"{x}\" y=\"{y}\" class=\"{class}\"{anchor}>{}</text>", xml(text));
}

/// What a pointer that rests on it is told.
fn tooltip(because: &[String], findings: &[&Finding]) -> String {
    let found = findings.iter().map(|finding| format!("{}: {}", finding.policy, finding.message));
    let lines: Vec<String> = found.chain(because.iter().cloned()).collect();
    if lines.is_empty() { String::new() } else { format!("<title>{}</title>", xml(&lines.join("\n"))) }
}

fn class(mark: Option<Mark>) -> &'static str {
    mark.map_or("plain", Mark::name)
}

/// Text for XML and HTML, inside an element or an attribute. What XML has no way to hold is written out.
pub(super) fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
