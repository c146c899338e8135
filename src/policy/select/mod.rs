//! RFC 9535 JSONPath over values that may be unknown: which parts of a raw resource a policy is held against. The
//! library reads the text; a node that may not be there is given with the unknowns that decide it.

use std::borrow::Cow;
use std::sync::Arc;

use jsonpath_rust::parser::model::{Filter, FilterAtom, FnArg, JpQuery, Segment, Selector, Test, TestFunction};
use jsonpath_rust::parser::parse_json_path;

use super::expression::{Budget, Unknowns};
use crate::graph::{Data, Unknown, Value};

mod filter;

/// A JSONPath.
#[derive(Clone, Debug)]
pub struct Select {
    text: String,
    segments: Vec<Segment>,
}

/// What a [`Select`] finds.
#[derive(Clone, Debug, Default)]
pub struct Selection<'v> {
    /// The nodes, in document order for one segment after the other.
    pub nodes: Vec<Node<'v>>,
    /// Why it could not be finished.
    pub failure: Option<String>,
}

/// A part of a resource.
#[derive(Clone, Debug)]
pub struct Node<'v> {
    /// Dotted path from the root; empty for the root.
    pub path: String,
    /// What stands there; unknown when everything further down is.
    pub value: Cow<'v, Value>,
    /// Empty for a node that is there for sure, else what decides whether it is.
    pub hangs_on: Vec<Arc<Unknown>>,
}

/// The most bytes of a path, the most brackets it may nest, and the most levels a value is descended into.
const LENGTH_LIMIT: usize = 4096;
const NESTING_LIMIT: usize = 16;
const DEPTH_LIMIT: usize = 200;

impl Select {
    /// Reads a path.
    ///
    /// # Errors
    /// What is wrong with it, in one sentence.
    pub fn parse(text: &str) -> Result<Select, String> {
        let text = text.trim();
        if text.len() > LENGTH_LIMIT {
            return Err(format!("the path is longer than {LENGTH_LIMIT} bytes"));
        }
        // The library reads by recursion. A bracket in a string may count, too: nobody writes sixteen.
        let mut depth = 0usize;
        for c in text.chars() {
            match c {
                '(' | '[' => depth += 1,
                ')' | ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > NESTING_LIMIT {
                return Err(format!("the path nests deeper than {NESTING_LIMIT} brackets"));
            }
        }
        let query = parse_json_path(text).map_err(|error| {
            let said = error.to_string();
            let last = said.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("");
            format!("`{text}` is not a JSONPath: {}", last.trim_start_matches("= "))
        })?;
        check(&query.segments)?;
        Ok(Select { text: text.to_owned(), segments: query.segments })
    }

    /// The path that selects the root.
    pub(super) fn whole() -> Select {
        Select { text: "$".to_owned(), segments: Vec::new() }
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The nodes it selects below `root`.
    #[must_use]
    pub fn nodes<'v>(&self, root: &'v Value) -> Selection<'v> {
        let mut walk = Walk { root, budget: Budget::full() };
        let start = Node { path: String::new(), value: Cow::Borrowed(root), hangs_on: Vec::new() };
        match walk.segments(vec![start], &self.segments) {
            Ok(nodes) => Selection { nodes, failure: None },
            Err(TooMuch) => Selection { nodes: Vec::new(), failure: Some("it takes too many steps".to_owned()) },
        }
    }
}

/// The selection took more steps than any sensible one.
struct TooMuch;

struct Walk<'v> {
    root: &'v Value,
    budget: Budget,
}

impl<'v> Walk<'v> {
    fn spend(&mut self) -> Result<(), TooMuch> {
        self.budget.spend(1).map_err(|_| TooMuch)
    }

    fn segments(&mut self, mut nodes: Vec<Node<'v>>, segments: &[Segment]) -> Result<Vec<Node<'v>>, TooMuch> {
        for segment in segments {
            let mut next = Vec::new();
            for node in &nodes {
                self.segment(node, segment, &mut next)?;
            }
            nodes = next;
        }
        Ok(nodes)
    }

    fn segment(&mut self, node: &Node<'v>, segment: &Segment, found: &mut Vec<Node<'v>>) -> Result<(), TooMuch> {
        self.spend()?;
        match segment {
            Segment::Selector(selector) => self.selector(node, selector, found),
            Segment::Selectors(selectors) => {
                selectors.iter().try_for_each(|selector| self.selector(node, selector, found))
            }
            Segment::Descendant(inner) => {
                let mut left = vec![(node.clone(), 0)];
                while let Some((node, depth)) = left.pop() {
                    self.segment(&node, inner, found)?;
                    if depth < DEPTH_LIMIT && node.value.as_unknown().is_none() {
                        let mut below = node.children();
                        below.reverse();
                        left.extend(below.into_iter().map(|child| (child, depth + 1)));
                    }
                }
                Ok(())
            }
        }
    }

    fn selector(&mut self, node: &Node<'v>, selector: &Selector, found: &mut Vec<Node<'v>>) -> Result<(), TooMuch> {
        self.spend()?;
        if let Some(unknown) = node.value.as_unknown() {
            // What is below is not known to be there; once is enough.
            let mut below = node.clone();
            let mut hangs_on = Unknowns::default();
            hangs_on.extend(&node.hangs_on);
            hangs_on.add(unknown);
            below.hangs_on = hangs_on.into_vec();
            if let Selector::Name(name) = selector {
                below.path = join(&node.path, name);
            }
            found.push(below);
            return Ok(());
        }
        match (selector, &node.value.data) {
            (Selector::Name(name), Data::Map(_)) => found.extend(node.child(name)),
            (Selector::Wildcard, _) => found.extend(node.children()),
            (Selector::Index(at), Data::List(items)) => {
                let at = if *at < 0 { items.len() as i64 + at } else { *at };
                found.extend(node.child(&at.to_string()));
            }
            (Selector::Slice(from, to, step), Data::List(items)) => {
                for at in slice(items.len(), *from, *to, *step) {
                    self.spend()?;
                    found.extend(node.child(&at.to_string()));
                }
            }
            (Selector::Filter(filter), _) => {
                for mut child in node.children() {
                    let mut hangs_on = Unknowns::default();
                    hangs_on.extend(&child.hangs_on);
                    if self.filter(&child, filter, &mut hangs_on)? {
                        child.hangs_on = hangs_on.into_vec();
                        found.push(child);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl<'v> Node<'v> {
    fn child(&self, key: &str) -> Option<Node<'v>> {
        let find = |value: &Value| match &value.data {
            Data::Map(map) => map.get(key).cloned(),
            Data::List(items) => key.parse::<usize>().ok().and_then(|at| items.get(at)).cloned(),
            _ => None,
        };
        let sensitive = self.value.marks.sensitive;
        let mut value = match &self.value {
            Cow::Borrowed(value) if !sensitive => match &value.data {
                Data::Map(map) => map.get(key).map(Cow::Borrowed),
                Data::List(items) => key.parse::<usize>().ok().and_then(|at| items.get(at)).map(Cow::Borrowed),
                _ => None,
            },
            value => find(value).map(Cow::Owned),
        }?;
        if sensitive {
            value.to_mut().marks.sensitive = true;
        }
        Some(Node { path: join(&self.path, key), value, hangs_on: self.hangs_on.clone() })
    }

    fn children(&self) -> Vec<Node<'v>> {
        let keys: Vec<String> = match &self.value.data {
            Data::Map(map) => map.iter().map(|(key, _)| key.to_string()).collect(),
            Data::List(items) => (0..items.len()).map(|at| at.to_string()).collect(),
            _ => Vec::new(),
        };
        keys.iter().filter_map(|key| self.child(key)).collect()
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// The positions of RFC 9535, 2.3.4.
fn slice(len: usize, from: Option<i64>, to: Option<i64>, step: Option<i64>) -> Vec<usize> {
    let (len, step) = (i64::try_from(len).unwrap_or(i64::MAX), step.unwrap_or(1));
    let place = |at: i64| if at < 0 { at.saturating_add(len) } else { at };
    let mut positions = Vec::new();
    if step > 0 {
        let mut at = place(from.unwrap_or(0)).clamp(0, len);
        let end = place(to.unwrap_or(len)).clamp(0, len);
        while at < end {
            positions.push(at as usize);
            at = at.saturating_add(step);
        }
    } else if step < 0 {
        let mut at = place(from.unwrap_or(len - 1)).clamp(-1, len - 1);
        let end = to.map_or(-1, place).clamp(-1, len - 1);
        while at > end {
            positions.push(at as usize);
            at = at.saturating_add(step);
        }
    }
    positions
}

/// Refuses what the library reads but RFC 9535 does not have, and patterns that are none.
fn check(segments: &[Segment]) -> Result<(), String> {
    segments.iter().try_for_each(|segment| match segment {
        Segment::Descendant(inner) => check(std::slice::from_ref(inner)),
        Segment::Selector(selector) => check_selector(selector),
        Segment::Selectors(selectors) => selectors.iter().try_for_each(check_selector),
    })
}

fn check_selector(selector: &Selector) -> Result<(), String> {
    match selector {
        Selector::Filter(filter) => check_filter(filter),
        _ => Ok(()),
    }
}

fn check_filter(filter: &Filter) -> Result<(), String> {
    match filter {
        Filter::Or(all) | Filter::And(all) => all.iter().try_for_each(check_filter),
        Filter::Atom(FilterAtom::Filter { expr, .. }) => check_filter(expr),
        Filter::Atom(FilterAtom::Test { expr, .. }) => check_test(expr),
        Filter::Atom(FilterAtom::Comparison(comparison)) => {
            let (left, right) = comparison.vals();
            [left, right].into_iter().try_for_each(|side| match side {
                jsonpath_rust::parser::model::Comparable::Function(function) => check_function(function),
                _ => Ok(()),
            })
        }
    }
}

fn check_test(test: &Test) -> Result<(), String> {
    match test {
        Test::RelQuery(segments) | Test::AbsQuery(JpQuery { segments }) => check(segments),
        Test::Function(function) => check_function(function),
    }
}

fn check_function(function: &TestFunction) -> Result<(), String> {
    let check_argument = |argument: &FnArg| match argument {
        FnArg::Literal(_) => Ok(()),
        FnArg::Test(test) => check_test(test),
        FnArg::Filter(filter) => check_filter(filter),
    };
    match function {
        TestFunction::Custom(name, _) => Err(format!("`{name}` is not a function of RFC 9535")),
        TestFunction::Length(argument) => check_argument(argument),
        TestFunction::Value(argument) | TestFunction::Count(argument) => check_argument(argument),
        TestFunction::Match(text, pattern) | TestFunction::Search(text, pattern) => {
            if let FnArg::Literal(jsonpath_rust::parser::model::Literal::String(pattern)) = pattern {
                super::expression::pattern(pattern)?;
            }
            check_argument(text).and_then(|()| check_argument(pattern))
        }
    }
}
