//! Request paths as one picture: hops that several paths share are one node. Says nothing about how it is written down.

use rustc_hash::FxHashMap;

use super::chain::{Arrow, Step, explained};
use super::verdicts::{Mark, Spot, Verdicts};
use crate::judge::{Assessment, Finding, PathRef, PathView};

/// Nodes and arrows between them, in order of first appearance.
#[derive(Default)]
pub(super) struct Picture<'a> {
    /// The hops.
    pub(super) nodes: Vec<Node<'a>>,
    /// From one to the next.
    pub(super) edges: Vec<Edge<'a>>,
    /// How many paths are in it.
    pub(super) paths: usize,
    at_spot: FxHashMap<Spot<'a>, usize>,
    at_ends: FxHashMap<(usize, usize), usize>,
}

/// One hop.
pub(super) struct Node<'a> {
    /// What it is: `listener`.
    pub(super) kind: &'static str,
    /// Its address, or what to say in its place; empty for clients.
    pub(super) name: &'a str,
    /// Its numbers, a line each.
    pub(super) lines: Vec<String>,
    /// What was found on it.
    pub(super) findings: Vec<&'a Finding>,
    /// How far down the path it is: 0 are the clients.
    pub(super) column: usize,
}

/// An arrow.
pub(super) struct Edge<'a> {
    /// The node it leaves.
    pub(super) from: usize,
    /// The node it enters.
    pub(super) to: usize,
    /// What is said and was found on it.
    pub(super) arrow: Arrow<'a>,
}

impl Node<'_> {
    /// What its findings come to; none where nothing can be found.
    pub(super) fn mark(&self) -> Option<Mark> {
        (self.column > 0).then(|| Mark::worst(&self.findings))
    }
}

impl<'a> Picture<'a> {
    /// One path.
    pub(super) fn of_path(path: &'a PathRef, view: Option<&PathView>, verdicts: &Verdicts<'a>) -> Picture<'a> {
        let mut picture = Picture::default();
        picture.add(path, view, verdicts);
        picture
    }

    /// Several paths.
    pub(super) fn of(views: impl IntoIterator<Item = &'a PathView>, verdicts: &Verdicts<'a>) -> Picture<'a> {
        let mut picture = Picture::default();
        views.into_iter().for_each(|view| picture.add(&view.path, Some(view), verdicts));
        picture
    }

    /// The worst mark on it.
    pub(super) fn mark(&self) -> Mark {
        let marks = self.nodes.iter().filter_map(Node::mark).chain(self.edges.iter().map(|edge| edge.arrow.mark()));
        marks.max().unwrap_or(Mark::Holds)
    }

    /// One path in a sentence, for those who cannot see it.
    pub(super) fn sentence(&self) -> String {
        let mut said = Vec::new();
        for (at, node) in self.nodes.iter().enumerate() {
            let into = self.edges.iter().find(|edge| edge.to == at);
            if let Some(edge) = into {
                said.extend((!edge.arrow.labels.is_empty()).then(|| edge.arrow.labels.join(", ")));
                said.extend(verdict(edge.arrow.mark(), &edge.arrow.findings));
            }
            said.push([node.kind, node.name, &node.lines.join(", ")].join(" ").trim().to_owned());
            said.extend(node.mark().and_then(|mark| verdict(mark, &node.findings)));
        }
        said.join("; ")
    }

    fn add(&mut self, path: &'a PathRef, view: Option<&PathView>, verdicts: &Verdicts<'a>) {
        self.paths += 1;
        let mut from = None;
        for step in explained(path, view, verdicts) {
            let spot = match step.spot {
                // One crowd for each load balancer.
                Spot::Clients(listener) => Spot::Clients(path.load_balancer.as_deref().or(listener)),
                other => other,
            };
            let to = self.node(spot, &step);
            if let Some(from) = from {
                self.edge(from, to, step.arrow);
            }
            from = Some(to);
        }
    }

    fn node(&mut self, spot: Spot<'a>, step: &Step<'a>) -> usize {
        let at = *self.at_spot.entry(spot).or_insert(self.nodes.len());
        if at == self.nodes.len() {
            let column = column(spot);
            let unseen = if column == 0 { "" } else { step.unseen() };
            let name = step.name.unwrap_or(unseen);
            self.nodes.push(Node { kind: step.kind, name, lines: Vec::new(), findings: Vec::new(), column });
        }
        if let Some(node) = self.nodes.get_mut(at) {
            let door = Some(&step.door).filter(|door| !door.is_empty());
            unite(&mut node.lines, door.into_iter().chain(&step.facts).cloned(), |a, b| a == b);
            unite(&mut node.findings, step.findings.iter().copied(), |a, b| std::ptr::eq(*a, *b));
        }
        at
    }

    fn edge(&mut self, from: usize, to: usize, arrow: Arrow<'a>) {
        let at = *self.at_ends.entry((from, to)).or_insert(self.edges.len());
        match self.edges.get_mut(at) {
            None => self.edges.push(Edge { from, to, arrow }),
            Some(edge) => {
                edge.arrow.possible &= arrow.possible;
                unite(&mut edge.arrow.labels, arrow.labels, |a, b| a == b);
                unite(&mut edge.arrow.because, arrow.because, |a, b| a == b);
                unite(&mut edge.arrow.findings, arrow.findings, |a, b| std::ptr::eq(*a, *b));
            }
        }
    }
}

/// `✗ idle-timeout-in-range`, a line for each policy that has something to say about a hop.
pub(super) fn policies(findings: &[&Finding]) -> Vec<(Mark, String)> {
    let mut said: Vec<(Mark, &str)> = Vec::new();
    unite(&mut said, findings.iter().map(|finding| (Mark::of(finding), finding.policy.as_str())), |a, b| a == b);
    said.sort_by_key(|(mark, _)| std::cmp::Reverse(*mark));
    said.into_iter().map(|(mark, policy)| (mark, format!("{} {policy}", mark.sign()))).collect()
}

/// Which paths, the broken ones before the undecided ones before all others: what is to be seen first.
pub(super) fn worst_first<'a>(assessment: &'a Assessment, verdicts: &Verdicts<'a>) -> Vec<usize> {
    let marks: Vec<Mark> = assessment.paths.iter().map(|view| verdicts.mark(&view.path)).collect();
    let mut order: Vec<usize> = (0..marks.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(marks.get(at)));
    order
}

fn verdict(mark: Mark, findings: &[&Finding]) -> Option<String> {
    let ids: Vec<&str> = findings.iter().filter(|one| Mark::of(one) == mark).map(|one| one.policy.as_str()).collect();
    (mark != Mark::Holds).then(|| format!("{}: {}", mark.name(), ids.join(", ")))
}

fn column(spot: Spot<'_>) -> usize {
    match spot {
        Spot::Clients(_) => 0,
        Spot::LoadBalancer(..) => 1,
        Spot::Listener(_) => 2,
        Spot::Rule(_) => 3,
        Spot::TargetGroup(_) => 4,
        Spot::Connection(..) | Spot::Target(..) => 5,
    }
}

fn unite<T>(all: &mut Vec<T>, more: impl IntoIterator<Item = T>, same: impl Fn(&T, &T) -> bool) {
    for one in more {
        if !all.iter().any(|known| same(known, &one)) {
            all.push(one);
        }
    }
}
