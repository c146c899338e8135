//! Conditions, in three values: decided when they are whatever the unknown parts turn out to be, else undecided with
//! what they hang on.

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Template;
use super::dynamic;
use super::evaluate::{Evaluator, unreadable};
use super::faults::quoted;
use super::loops::{self, Loops, Unrolled};
use crate::graph::{Reason, Text, Truth, Unknown};
use crate::load::cloudformation::node::{Content, Node};
use crate::load::hcl::{Hole, Type, Value, equal};

/// The most reasons of a condition that go into what hangs on it; the values it chooses from have reasons too.
const REASONS: usize = 2;

/// What a condition comes to.
#[derive(Clone, Debug)]
pub(super) struct Decided {
    pub(super) truth: Truth,
    /// Why it is undecided, when it is.
    pub(super) because: Vec<Arc<Unknown>>,
}

impl Decided {
    fn new(truth: Truth, values: &[&Value]) -> Decided {
        let because = match truth {
            Truth::Unknown => Hole::from_values(Type::Bool, values.iter().copied()).reasons,
            _ => Vec::new(),
        };
        Decided { truth, because }
    }

    pub(super) fn undecided(reason: Unknown) -> Decided {
        Decided { truth: Truth::Unknown, because: vec![Arc::new(reason)] }
    }

    /// An unknown that hangs on it.
    pub(super) fn hole(&self, ty: Type) -> Hole {
        let mut hole = Hole::new(ty, Unknown::because(Reason::AfterApply).of_template());
        if !self.because.is_empty() {
            hole.reasons = self.because.iter().take(REASONS).cloned().collect();
        }
        hole
    }

    /// Why it is undecided.
    pub(super) fn reason(&self) -> Unknown {
        self.because
            .first()
            .map_or_else(|| Unknown::because(Reason::AfterApply).of_template(), |reason| Unknown::clone(reason))
    }
}

/// The conditions of a template, each after those it mentions.
pub(super) fn in_order<'a>(evaluator: &mut Evaluator<'a>) -> Vec<Unrolled<'a>> {
    let template: &'a Template = evaluator.template;
    let Some(section) = template.root.get("Conditions") else { return Vec::new() };
    let mut open = None;
    let found = evaluator.section(section, &mut open);
    let mut at: FxHashMap<Text, usize> = FxHashMap::default();
    for (number, (name, span, ..)) in found.iter().enumerate() {
        if at.insert(name.clone(), number).is_some() {
            evaluator.faults.error(span, format!("there are two conditions {}", quoted(name)));
        }
    }
    let mentioned: Vec<Vec<usize>> = found
        .iter()
        .map(|(_, _, node, loops)| {
            let mut names = Vec::new();
            mentions(node, loops, &mut names);
            names.iter().filter_map(|name| at.get(name).copied()).collect()
        })
        .collect();
    let mut order = Vec::with_capacity(found.len());
    let (mut begun, mut done) = (FxHashSet::default(), FxHashSet::default());
    for first in 0..found.len() {
        let mut left = vec![first];
        while let Some(&number) = left.last() {
            if done.contains(&number) {
                left.pop();
                continue;
            }
            let next = mentioned.get(number).into_iter().flatten().copied().filter(|next| !done.contains(next));
            let next: Vec<usize> = next.collect();
            if next.is_empty() || !begun.insert(number) {
                // What was begun and comes up again with something left to do stands in a circle.
                if let Some((name, span, ..)) = found.get(number).filter(|_| !next.is_empty()) {
                    evaluator.faults.error(span, format!("the condition {} hangs on itself", quoted(name)));
                }
                done.insert(number);
                order.push(number);
                left.pop();
                continue;
            }
            left.extend(next.into_iter().filter(|next| !begun.contains(next)));
        }
    }
    order.into_iter().filter_map(|number| found.get(number).cloned()).collect()
}

/// The name that stands where a condition refers to another: `{Condition: Name}`, which is a map like any other
/// everywhere else.
pub(super) fn referred(node: &Node) -> Option<&Node> {
    match &node.content {
        Content::Call { function, argument } if &**function == "Condition" => Some(argument),
        Content::Map(entries) => match &entries[..] {
            [only] if &*only.key == "Condition" => Some(&only.value),
            _ => None,
        },
        _ => None,
    }
}

/// The names of conditions a part mentions.
pub(super) fn mentions(node: &Node, loops: &Loops, names: &mut Vec<Text>) {
    match &node.content {
        Content::List(items) => items.iter().for_each(|item| mentions(item, loops, names)),
        Content::Map(entries) => entries.iter().for_each(|entry| mentions(&entry.value, loops, names)),
        Content::Call { argument, .. } => mentions(argument, loops, names),
        _ => {}
    }
    let name = match &node.content {
        Content::Call { function, argument } if &**function == "Fn::If" => {
            argument.items().and_then(|items| items.first()).and_then(Node::text)
        }
        _ => referred(node).and_then(Node::text),
    };
    names.extend(name.map(|name| Text::from(loops::substituted(name, loops))));
}

impl<'a> Evaluator<'a> {
    /// Decides all conditions, given in order.
    pub(super) fn decide(&mut self, conditions: &[Unrolled<'a>]) {
        for (name, _, node, loops) in conditions {
            let decided = self.decided(node, loops);
            self.conditions.insert(name.clone(), decided);
        }
    }

    /// A condition by the name that stands in a part.
    pub(super) fn named_condition(&mut self, node: &'a Node, loops: &Loops) -> Decided {
        let name = match &node.content {
            Content::String(text) => self.literal(text, &node.span, loops),
            Content::Call { .. } => return self.decided(node, loops),
            _ => {
                self.faults.error(&node.span, "there must be the name of a condition here");
                return Decided::undecided(unreadable());
            }
        };
        if let Some(decided) = self.conditions.get(&name) {
            return decided.clone();
        }
        if let Some(open) = &self.template.names_open {
            return Decided::undecided(open.clone());
        }
        if self.template.has_loops {
            let known: Vec<Text> = self.conditions.keys().cloned().collect();
            let message = format!("there is no condition {}", quoted(&name));
            self.faults.unknown_name(&node.span, &message, &name, known.iter().map(|name| &**name));
        }
        Decided::undecided(unreadable())
    }

    /// What stands in place of a condition.
    fn decided(&mut self, node: &'a Node, loops: &Loops) -> Decided {
        if !self.step(&node.span) {
            return Decided::undecided(unreadable());
        }
        if let Some(name) = referred(node) {
            return self.named_condition(name, loops);
        }
        match &node.content {
            Content::Call { function, argument } => match &**function {
                "Fn::And" | "Fn::Or" | "Fn::Not" | "Fn::Equals" => self.truth(function, argument, &node.span, loops),
                _ => {
                    let value = self.operand(node, loops);
                    self.as_truth(&value, &node.span)
                }
            },
            Content::Bool(value) => Decided::new(Truth::from(*value), &[]),
            _ => {
                let message = "a condition is one of Fn::Equals, Fn::And, Fn::Or, Fn::Not, or {\"Condition\": the name of another}";
                self.faults.error(&node.span, message);
                Decided::undecided(unreadable())
            }
        }
    }

    fn as_truth(&mut self, value: &Value, span: &Range<usize>) -> Decided {
        match value.as_text().map(|text| &**text) {
            Some("true") => Decided::new(Truth::True, &[]),
            Some("false") => Decided::new(Truth::False, &[]),
            None if !value.is_known() => Decided::new(Truth::Unknown, &[value]),
            _ => {
                self.faults.error(span, "a condition must be true or false");
                Decided::undecided(unreadable())
            }
        }
    }

    /// One of the functions conditions are made of.
    pub(super) fn truth(&mut self, function: &str, argument: &'a Node, span: &Range<usize>, loops: &Loops) -> Decided {
        match (function, argument.items()) {
            ("Condition", _) => self.named_condition(argument, loops),
            ("Fn::Equals", Some([left, right])) => self.equals(left, right, loops),
            ("Fn::Not", Some([one])) => {
                let decided = self.decided(one, loops);
                Decided { truth: !decided.truth, ..decided }
            }
            ("Fn::And", Some(parts @ [_, ..])) => self.all(parts, Truth::True, Truth::and, loops),
            ("Fn::Or", Some(parts @ [_, ..])) => self.all(parts, Truth::False, Truth::or, loops),
            _ => {
                let takes = match function {
                    "Fn::Equals" => "a list of two values",
                    "Fn::Not" => "a list of one condition",
                    _ => "a list of conditions",
                };
                self.faults.error(span, format!("{function} takes {takes}"));
                Decided::undecided(unreadable())
            }
        }
    }

    fn all(&mut self, parts: &'a [Node], start: Truth, join: fn(Truth, Truth) -> Truth, loops: &Loops) -> Decided {
        let mut result = Decided::new(start, &[]);
        for part in parts {
            let decided = self.decided(part, loops);
            result.truth = join(result.truth, decided.truth);
            result.because.extend(decided.because);
        }
        if result.truth != Truth::Unknown {
            result.because.clear();
        }
        result.because.truncate(2 * REASONS);
        result
    }

    fn equals(&mut self, left: &'a Node, right: &'a Node, loops: &Loops) -> Decided {
        let (one, other) = (self.operand(left, loops), self.operand(right, loops));
        let (one, other) = (dynamic::resolved(one), dynamic::resolved(other));
        let ruled_out = self.is_ruled_out(left, &other, loops) || self.is_ruled_out(right, &one, loops);
        let truth = if ruled_out { Truth::False } else { equal(&one, &other) };
        Decided::new(truth, &[&one, &other])
    }

    /// Whether what is assumed of the parameter a part is rules out that it is this text.
    fn is_ruled_out(&self, node: &Node, text: &Value, loops: &Loops) -> bool {
        let Some(text) = text.as_text() else { return false };
        let subject = subject(node, loops).filter(|(_, whole)| *whole || text.is_empty());
        subject.and_then(|(name, _)| self.assumptions.get(&name)).is_some_and(|assumption| !assumption.admits(text))
    }
}

/// The parameter a part is the text of, and whether it is the whole text or (with `false`) only as long as that is
/// empty: the first member of a list.
pub(super) fn subject(node: &Node, loops: &Loops) -> Option<(Text, bool)> {
    let Content::Call { function, argument } = &node.content else { return None };
    match &**function {
        "Ref" => {
            let name = loops::substituted(argument.text()?, loops);
            let of_loop = loops.iter().any(|(identifier, _)| **identifier == *name);
            (!of_loop).then(|| (name.into(), true))
        }
        "Fn::Sub" => {
            let name = argument.text()?.strip_prefix("${")?.strip_suffix('}')?;
            let plain = name.chars().all(|char| char.is_alphanumeric() || char == ':');
            plain.then(|| (name.into(), true))
        }
        "Fn::Join" => match argument.items()? {
            [_, list] => match list.items() {
                Some([one]) => subject(one, loops),
                Some(_) => None,
                None => subject(list, loops),
            },
            _ => None,
        },
        "Fn::Select" => match argument.items()? {
            [index, list] if index.text() == Some("0") => subject(list, loops).map(|(name, _)| (name, false)),
            _ => None,
        },
        _ => None,
    }
}
