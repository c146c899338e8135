//! Where boxes, arrows and words of a picture stand, in pixels. There is no font to measure with, so that widths are
//! taken generously; a name too long for its box goes on in the next line, and none is cut.

use super::chain::Arrow;
use super::ink::clean;
use super::picture::{Node, Picture, policies};
use super::verdicts::Mark;

/// Width of a character of a name or of bold text, of other text, and height of a line.
const NAME: usize = 8;
const TEXT: usize = 7;
const LINE: usize = 17;
/// Between the border of a box and its words; between boxes; around everything.
const PADDING: usize = 10;
const GAP: usize = 18;
const MARGIN: usize = 16;
/// Of a box in a wide picture, and in a tall one.
const NARROWEST: usize = 150;
const WIDEST: usize = 320;
const TALL: usize = 320;
/// Kinds of hops that stand in a column of their own.
const COLUMNS: usize = 6;
/// Length of an arrow's head.
const TIP: usize = 9;

/// The whole picture.
pub(super) struct Layout {
    /// Its size.
    pub(super) width: usize,
    /// Its size.
    pub(super) height: usize,
    /// One for each node of the picture.
    pub(super) nodes: Vec<Drawn>,
    /// One for each edge of the picture.
    pub(super) edges: Vec<Line>,
}

/// A box.
#[derive(Default)]
pub(super) struct Drawn {
    /// Its left side.
    pub(super) x: usize,
    /// Its upper side.
    pub(super) y: usize,
    /// Its width.
    pub(super) width: usize,
    /// Its height.
    pub(super) height: usize,
    /// What is written in it.
    pub(super) labels: Vec<Label>,
}

/// An arrow.
#[derive(Default)]
pub(super) struct Line {
    /// The line, as path data.
    pub(super) line: String,
    /// Its head, or the cross at its end, as path data.
    pub(super) tip: String,
    /// What lies behind its words: left, top, width, height.
    pub(super) back: (usize, usize, usize, usize),
    /// What is written on it.
    pub(super) labels: Vec<Label>,
}

/// A line of words.
pub(super) struct Label {
    /// Where it starts, or ends.
    pub(super) x: usize,
    /// Its base line.
    pub(super) y: usize,
    /// Its looks.
    pub(super) class: &'static str,
    /// The words.
    pub(super) text: String,
    /// Whether `x` is where it ends.
    pub(super) end: bool,
}

/// From left to right, one column a kind of hop; a hop stands beside the middle of what follows it.
pub(super) fn across(picture: &Picture<'_>) -> Layout {
    let words: Vec<Words> = picture.edges.iter().map(|edge| Words::of(&edge.arrow)).collect();
    let mut into: Vec<Vec<usize>> = vec![Vec::new(); picture.nodes.len()];
    for (at, edge) in picture.edges.iter().enumerate() {
        into[edge.to].push(at);
    }
    let columns = columns(picture, &into);
    let mut nodes: Vec<Drawn> = picture.nodes.iter().map(|_| Drawn::default()).collect();
    let mut left = MARGIN;
    for column in columns.iter().filter(|column| !column.is_empty()) {
        if left > MARGIN {
            let said = column.iter().flat_map(|&at| &into[at]).map(|&edge| words[edge].width()).max().unwrap_or(0);
            left += said + 5 * TIP;
        }
        let width = column.iter().map(|&at| natural_width(&picture.nodes[at])).max().unwrap_or(0);
        for &at in column {
            nodes[at] = Drawn::of(&picture.nodes[at], left, width);
            // Room for every arrow that comes in.
            let arrows: usize = into[at].iter().map(|&edge| words[edge].height()).sum();
            nodes[at].height = nodes[at].height.max(arrows);
        }
        left += width;
    }
    place(picture, &columns, &mut nodes);
    let mut lines: Vec<Line> = words.iter().map(|_| Line::default()).collect();
    for (to, mut arrows) in into.into_iter().enumerate() {
        arrows.sort_by_key(|&edge| nodes[picture.edges[edge].from].y);
        let all: usize = arrows.iter().map(|&edge| words[edge].height()).sum();
        let mut top = nodes[to].y + (nodes[to].height - all) / 2;
        for edge in arrows {
            let from = &nodes[picture.edges[edge].from];
            let middle = top + words[edge].line();
            let mark = picture.edges[edge].arrow.mark();
            lines[edge] = Line::across(from, (nodes[to].x, middle), &words[edge], mark);
            top += words[edge].height();
        }
    }
    Layout { width: left + MARGIN, height: bottom(&nodes), nodes, edges: lines }
}

/// One path from top to bottom.
pub(super) fn down(picture: &Picture<'_>) -> Layout {
    let mut top = MARGIN;
    let mut nodes: Vec<Drawn> = Vec::new();
    let mut edges = Vec::new();
    for (at, node) in picture.nodes.iter().enumerate() {
        let into = picture.edges.iter().find(|edge| edge.to == at);
        let words = into.map(|edge| Words::of(&edge.arrow));
        if let Some(words) = &words {
            top += words.height() + LINE;
        }
        let width = if node.column == 0 { natural_width(node) } else { TALL };
        let mut drawn = Drawn::of(node, MARGIN, width);
        drawn.lower(top);
        top += drawn.height;
        if let (Some(before), Some(edge), Some(words)) = (nodes.last(), into, words) {
            edges.push(Line::down(before, drawn.y, &words, edge.arrow.mark()));
        }
        nodes.push(drawn);
    }
    Layout { width: TALL + 2 * MARGIN, height: bottom(&nodes), nodes, edges }
}

/// The nodes of each kind, in the order of those that lead to them, so that few arrows cross.
fn columns(picture: &Picture<'_>, into: &[Vec<usize>]) -> [Vec<usize>; COLUMNS] {
    let mut columns: [Vec<usize>; COLUMNS] = Default::default();
    for (at, node) in picture.nodes.iter().enumerate() {
        columns[node.column.min(COLUMNS - 1)].push(at);
    }
    let mut rank = vec![0; picture.nodes.len()];
    for column in &mut columns {
        let all = column.len();
        column.sort_by_key(|&at| {
            let before = into[at].iter().map(|&edge| rank[picture.edges[edge].from]);
            before.sum::<usize>() * all / into[at].len().max(1)
        });
        for (order, &at) in column.iter().enumerate() {
            rank[at] = order;
        }
    }
    columns
}

/// Heights: the last column is stacked, and every other one stands beside the middle of what follows.
fn place(picture: &Picture<'_>, columns: &[Vec<usize>; COLUMNS], nodes: &mut [Drawn]) {
    let mut follows: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for edge in &picture.edges {
        follows[edge.from].push(edge.to);
    }
    for column in columns.iter().rev() {
        let mut free = MARGIN;
        for &at in column {
            let top = follows[at].iter().map(|&to| nodes[to].y).min().unwrap_or(0);
            let end = follows[at].iter().map(|&to| nodes[to].y + nodes[to].height).max().unwrap_or(0);
            let y = top.midpoint(end).saturating_sub(nodes[at].height / 2).max(free);
            nodes[at].lower(y);
            free = y + nodes[at].height + GAP;
        }
    }
    // What many share comes down to the middle of them.
    let mut leads: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for edge in &picture.edges {
        leads[edge.to].push(edge.from);
    }
    let mut free = MARGIN;
    for &at in columns.last().into_iter().flatten() {
        let middles: usize = leads[at].iter().map(|&from| nodes[from].y + nodes[from].height / 2).sum();
        let middle = middles / leads[at].len().max(1);
        let y = middle.saturating_sub(nodes[at].height / 2).max(free).max(nodes[at].y);
        let further = y - nodes[at].y;
        nodes[at].lower(further);
        free = y + nodes[at].height + GAP;
    }
}

fn bottom(nodes: &[Drawn]) -> usize {
    nodes.iter().map(|one| one.y + one.height).max().unwrap_or(MARGIN + LINE) + MARGIN
}

impl Drawn {
    /// At the top of the page.
    fn of(node: &Node<'_>, x: usize, width: usize) -> Drawn {
        let room = width.saturating_sub(2 * PADDING);
        let inner = x + PADDING;
        let mut labels = Vec::new();
        let mut y = PADDING + LINE - 5;
        let mut put = |labels: &mut Vec<Label>, class: &'static str, text: String| {
            labels.push(Label { x: inner, y, class, text, end: false });
            y += LINE;
        };
        put(&mut labels, "kind", node.kind.to_owned());
        if let Some(mark) = node.mark() {
            let text = said(mark);
            let (x, y) = (x + width.saturating_sub(PADDING), PADDING + LINE - 5);
            labels.push(Label { x, y, class: "sign", text, end: true });
        }
        wrap(node.name, room / NAME).into_iter().for_each(|text| put(&mut labels, "name", text));
        let facts = node.lines.iter().flat_map(|line| wrap(line, room / TEXT));
        facts.for_each(|text| put(&mut labels, "fact", text));
        for (mark, policy) in policies(&node.findings) {
            let class = if mark == Mark::Advice { "fact" } else { "found" };
            wrap(&policy, room / column_width(class)).into_iter().for_each(|text| put(&mut labels, class, text));
        }
        let height = y + PADDING - LINE + 5;
        Drawn { x, y: 0, width, height, labels }
    }

    fn lower(&mut self, by: usize) {
        self.y += by;
        self.labels.iter_mut().for_each(|label| label.y += by);
    }
}

impl Line {
    fn across(from: &Drawn, (right, y): (usize, usize), words: &Words, mark: Mark) -> Line {
        let (left, start) = (from.x + from.width, from.y + from.height / 2);
        let end = right.saturating_sub(TIP);
        let turned = end.saturating_sub(words.width() + TIP).max(left);
        let half = left.midpoint(turned);
        Line {
            line: format!("M{left} {start}C{half} {start} {half} {y} {turned} {y}L{end} {y}"),
            tip: match mark {
                Mark::Broken => cross(end, y),
                _ => format!("M{right} {y}l-{TIP} -5v10z"),
            },
            ..words.at(turned, (y + 2).saturating_sub(words.lines.len() * LINE + 5))
        }
    }

    fn down(from: &Drawn, bottom: usize, words: &Words, mark: Mark) -> Line {
        let (x, top, end) = (from.x + 3 * PADDING, from.y + from.height, bottom - TIP);
        Line {
            line: format!("M{x} {top}L{x} {end}"),
            tip: match mark {
                Mark::Broken => cross(x, end),
                _ => format!("M{x} {bottom}l-5 -{TIP}h10z"),
            },
            ..words.at(x + PADDING, top.midpoint(bottom).saturating_sub(words.lines.len() * LINE / 2))
        }
    }
}

/// The words on an arrow.
struct Words {
    lines: Vec<(&'static str, String)>,
}

impl Words {
    fn of(arrow: &Arrow<'_>) -> Words {
        let possible = arrow.possible.then(|| "possible".to_owned());
        let mut lines: Vec<(&'static str, String)> = Vec::new();
        lines.extend(arrow.labels.iter().cloned().chain(possible).map(|label| ("fact", label)));
        for (mark, policy) in policies(&arrow.findings) {
            lines.push((if mark == Mark::Advice { "fact" } else { "found" }, policy));
        }
        let wrapped =
            lines.into_iter().flat_map(|(class, line)| wrap(&line, 40).into_iter().map(move |line| (class, line)));
        Words { lines: wrapped.collect() }
    }

    fn width(&self) -> usize {
        let longest = self.lines.iter().map(|(class, line)| columns_of(line) * column_width(class)).max();
        longest.map_or(0, |longest| longest + PADDING)
    }

    fn height(&self) -> usize {
        self.lines.len().max(1) * LINE + LINE / 2
    }

    /// How far below its top the line runs: under the words.
    fn line(&self) -> usize {
        if self.lines.is_empty() { self.height() / 2 } else { self.lines.len() * LINE + 5 }
    }

    /// The words, from here on and down; and what lies behind them.
    fn at(&self, x: usize, top: usize) -> Line {
        if self.lines.is_empty() {
            return Line::default();
        }
        let label = |(at, (class, text)): (usize, &(&'static str, String))| Label {
            x: x + PADDING / 2,
            y: top + at * LINE + LINE - 5,
            class,
            text: text.clone(),
            end: false,
        };
        Line {
            back: (x, top, self.width(), self.lines.len() * LINE),
            labels: self.lines.iter().enumerate().map(label).collect(),
            ..Line::default()
        }
    }
}

fn natural_width(node: &Node<'_>) -> usize {
    if node.column == 0 {
        return node.kind.len() * TEXT + 4 * PADDING;
    }
    let sign = node.mark().map_or(0, |mark| columns_of(&said(mark)) + 3);
    let lines = node.lines.iter().map(|line| columns_of(line));
    let longest = lines.chain([node.kind.len() + sign]).max().unwrap_or(0) * TEXT;
    let found = policies(&node.findings).into_iter().map(|(_, policy)| policy);
    let wide = found.map(|policy| columns_of(&policy)).chain([columns_of(node.name)]).max().unwrap_or(0) * NAME;
    (longest.max(wide) + 2 * PADDING).clamp(NARROWEST, WIDEST)
}

fn column_width(class: &str) -> usize {
    if class == "found" { NAME } else { TEXT }
}

fn said(mark: Mark) -> String {
    match mark {
        Mark::Holds => mark.sign().to_owned(),
        _ => format!("{} {}", mark.sign(), mark.name()),
    }
}

fn cross(x: usize, y: usize) -> String {
    format!("M{} {}l12 12m0 -12l-12 12", x.saturating_sub(6), y.saturating_sub(6))
}

/// How many columns a text takes; what is not Latin may take two a character.
fn columns_of(text: &str) -> usize {
    clean(text).chars().map(columns_of_one).sum()
}

fn columns_of_one(c: char) -> usize {
    if c < '\u{1100}' || matches!(c, '\u{2000}'..='\u{2bff}') { 1 } else { 2 }
}

/// The text in lines of so many columns, broken after a mark or a space where there is one near the end.
fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(8);
    let mut lines = Vec::new();
    let mut line = String::new();
    for c in clean(text).replace('\n', " ").chars() {
        if columns_of(&line) + columns_of_one(c) > columns {
            let mut breaks =
                line.char_indices().filter(|(_, c)| " ._-/,[:".contains(*c)).map(|(at, c)| at + c.len_utf8());
            let at = breaks.rfind(|&at| at > line.len() / 2).unwrap_or(line.len());
            let rest = line.split_off(at);
            lines.push(std::mem::replace(&mut line, rest).trim_end().to_owned());
        }
        line.push(c);
    }
    if !line.trim().is_empty() {
        lines.push(line);
    }
    lines
}
