//! Working out the value of a part of a template in one world. Every part is visited, literal text included; what the
//! functions do stands beside this file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::assumption::Assumption;
use super::conditions::Decided;
use super::faults::{Faults, quoted};
use super::loops::{self, Loops};
use super::{Settings, Template, pseudo};
use crate::graph::{Reason, Text, Truth, Unknown};
use crate::load::cloudformation::node::{Content, Entry, Node};
use crate::load::cloudformation::read::number;
use crate::load::hcl::{self, Bounds, Hole, Type, Value};

/// The most parts that are visited. A template of the largest size CloudFormation takes has fewer.
const STEPS: u64 = 500_000;

/// The most bytes of text that are made.
const TEXT: u64 = 64 << 20;

/// The most bytes one text may have.
pub(super) const LONGEST_TEXT: usize = 1 << 20;

/// The longest path whose place is kept.
const LONGEST_PATH: usize = 1024;

const NULL: &str = "CloudFormation takes no null; it counts as not written";

/// What is known of a resource by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// It exists, or may.
    There,
    /// Its condition says no.
    Not,
}

/// Works out values in one world.
pub(super) struct Evaluator<'a> {
    pub(super) template: &'a Template,
    pub(super) settings: &'a Settings<'a>,
    /// Parameters and pseudo parameters.
    pub(super) values: &'a BTreeMap<Text, Value>,
    pub(super) assumptions: &'a BTreeMap<Text, Assumption>,
    pub(super) conditions: FxHashMap<Text, Decided>,
    /// The resources; none while conditions are decided.
    pub(super) resources: FxHashMap<Text, Presence>,
    pub(super) faults: Faults<'a>,
    /// How many reads of another resource's property are under way.
    pub(super) borrowed: usize,
    trail: Option<Trail>,
    steps: u64,
    text: u64,
}

/// Where we are below `Properties`, and where everything so far stands.
#[derive(Default)]
struct Trail {
    path: String,
    spans: BTreeMap<Text, Range<usize>>,
}

/// The entries of a map, and why one that is not among them may be there all the same.
pub(super) struct Entries {
    pub(super) known: BTreeMap<Text, Value>,
    pub(super) open: Option<Unknown>,
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(
        template: &'a Template,
        settings: &'a Settings<'a>,
        values: &'a BTreeMap<Text, Value>,
        assumptions: &'a BTreeMap<Text, Assumption>,
    ) -> Evaluator<'a> {
        Evaluator {
            template,
            settings,
            values,
            assumptions,
            conditions: FxHashMap::default(),
            resources: FxHashMap::default(),
            faults: Faults::new(&template.source),
            borrowed: 0,
            trail: None,
            steps: 0,
            text: 0,
        }
    }

    /// The value of a part; `None` when it is removed.
    pub(super) fn value(&mut self, node: &'a Node, loops: &Loops) -> Option<Value> {
        if !self.step(&node.span) {
            return Some(undecidable("it lies beyond a limit of size"));
        }
        match &node.content {
            Content::Null => {
                self.faults.warning(&node.span, NULL);
                None
            }
            Content::Bool(value) => Some(Value::bool(*value)),
            Content::Number(text) => Some(number(text).map_or_else(|| Value::text(text.clone()), Value::number)),
            Content::String(text) => Some(Value::text(self.literal(text, &node.span, loops))),
            Content::List(items) => Some(self.list(items, loops)),
            Content::Map(entries) => Some(self.map(entries, loops)),
            Content::Call { function, argument } => self.call(function, argument, &node.span, loops),
        }
    }

    /// The properties of a resource, with where each stands.
    pub(super) fn properties(&mut self, node: &'a Node, loops: &Loops) -> (Entries, BTreeMap<Text, Range<usize>>) {
        self.trail = Some(Trail::default());
        let entries = match &node.content {
            Content::Map(entries) => self.entries(entries, loops),
            Content::Null => {
                self.faults.warning(&node.span, NULL);
                Entries { known: BTreeMap::new(), open: None }
            }
            Content::Call { function, .. } => match self.value(node, loops).map(|value| value.content) {
                Some(hcl::Content::Object(known)) => Entries { known: known.content.clone(), open: None },
                Some(hcl::Content::Unknown(hole)) => {
                    let open = hole.reasons.first().map(|reason| Unknown::clone(reason));
                    Entries {
                        known: BTreeMap::new(),
                        open: open.or(Some(Unknown::because(Reason::AfterApply).of_template())),
                    }
                }
                _ => {
                    self.faults.error(&node.span, format!("{function} makes no properties"));
                    Entries { known: BTreeMap::new(), open: Some(unreadable()) }
                }
            },
            _ => {
                self.faults.error(&node.span, "Properties must be a map");
                Entries { known: BTreeMap::new(), open: Some(unreadable()) }
            }
        };
        let spans = self.trail.take().map(|trail| trail.spans).unwrap_or_default();
        let known = entries.known.into_iter().map(|(key, value)| (key, super::dynamic::resolved(value))).collect();
        (Entries { known, ..entries }, spans)
    }

    /// The value of a part as it ends up in AWS.
    pub(super) fn finished(&mut self, node: &'a Node, loops: &Loops) -> Option<Value> {
        self.value(node, loops).map(super::dynamic::resolved)
    }

    /// The value of an argument, scalars as the text they are passed on as. What is removed is unknown here.
    pub(super) fn operand(&mut self, node: &'a Node, loops: &Loops) -> Value {
        match &node.content {
            Content::Number(text) => Value::text(text.clone()),
            Content::Bool(value) => Value::text(if *value { "true" } else { "false" }),
            _ => match self.value(node, loops) {
                Some(value) => super::parameters::scalar(&value)
                    .map(|text| Value { content: hcl::Content::String(text), sensitive: value.sensitive })
                    .unwrap_or(value),
                None => self.broken(&node.span, "there must be a value here"),
            },
        }
    }

    /// A text that must be known here, as the name of something.
    pub(super) fn name(&mut self, node: &'a Node, what: &str, loops: &Loops) -> Result<Text, Value> {
        let value = self.operand(node, loops);
        if value.sensitive {
            return Err(undecidable("it goes by a name that is secret").marked(true));
        }
        if let Some(text) = value.as_text() {
            return Ok(text.clone());
        }
        match value.as_hole() {
            Some(_) => Err(derived(Type::Dynamic, [&value])),
            None => Err(self.broken(&node.span, format!("{what} must be text"))),
        }
    }

    /// Reports a fault; what is faulty is unknown from there on.
    pub(super) fn broken(&mut self, span: &Range<usize>, message: impl Into<String>) -> Value {
        self.faults.error(span, message);
        Value::hole(Hole::new(Type::Dynamic, unreadable()).bounded(Bounds::not_null()))
    }

    /// Text of the template, with what loops put into it.
    pub(super) fn literal(&mut self, text: &Text, span: &Range<usize>, loops: &Loops) -> Text {
        if loops.is_empty() {
            // Long text is looked through for what it resolves to.
            self.steps += text.len() as u64 / 256;
            return text.clone();
        }
        match loops::substituted(text, loops) {
            Cow::Borrowed(_) => text.clone(),
            Cow::Owned(made) => match self.made(made.len(), span) {
                true => made.into(),
                false => text.clone(),
            },
        }
    }

    /// Whether a text of this length may be made.
    pub(super) fn made(&mut self, length: usize, span: &Range<usize>) -> bool {
        self.text += length as u64;
        if length > LONGEST_TEXT {
            self.faults.error(span, "makes a text of more than 1 MiB");
            return false;
        }
        if self.text > TEXT {
            self.faults.error(span, "the template makes more than 64 MiB of text");
            return false;
        }
        true
    }

    /// Counts one more part; `false` when there were too many.
    pub(super) fn step(&mut self, span: &Range<usize>) -> bool {
        self.steps += 1;
        if self.steps > STEPS {
            self.faults.error(span, "the template comes to more than half a million parts; the rest is not read");
            return false;
        }
        true
    }

    fn list(&mut self, items: &'a [Node], loops: &Loops) -> Value {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            let value = self.at(&format!("[{}]", values.len()), &item.span, |this| this.value(item, loops));
            values.extend(value);
        }
        sequence(values)
    }

    fn map(&mut self, entries: &'a [Entry], loops: &Loops) -> Value {
        let Entries { known, open } = self.entries(entries, loops);
        match open {
            None => Value::object(known),
            Some(open) => {
                let sensitive = known.values().any(Value::is_sealed);
                let written = Value::hole(Hole::new(Type::Dynamic, open));
                derived(Type::Dynamic, std::iter::once(&written).chain(known.values())).marked(sensitive)
            }
        }
    }

    pub(super) fn entries(&mut self, entries: &'a [Entry], loops: &Loops) -> Entries {
        let mut found = Entries { known: BTreeMap::new(), open: None };
        for (key, key_span, node, loops) in self.unrolled(entries, loops, &mut found.open) {
            let span = key_span.start..node.span.end.max(key_span.end);
            let value = self.at(&key, &span, |this| this.value(node, &loops));
            if let Some(value) = value {
                found.known.insert(key, value);
            }
        }
        found
    }

    /// Works something out one step further down the path, and keeps where that stands.
    fn at(&mut self, step: &str, span: &Range<usize>, work: impl FnOnce(&mut Self) -> Option<Value>) -> Option<Value> {
        let Some(trail) = &mut self.trail else { return work(self) };
        let length = trail.path.len();
        if length + step.len() >= LONGEST_PATH {
            let trail = self.trail.take();
            let value = work(self);
            self.trail = trail;
            return value;
        }
        if length > 0 && !step.starts_with('[') {
            trail.path.push('.');
        }
        trail.path.push_str(step);
        let value = work(self);
        if let Some(trail) = &mut self.trail {
            if value.is_some() {
                trail.spans.insert(trail.path.as_str().into(), span.clone());
            }
            trail.path.truncate(length);
        }
        value
    }

    fn call(&mut self, function: &str, argument: &'a Node, span: &Range<usize>, loops: &Loops) -> Option<Value> {
        if function == "Fn::If" {
            return self.choice(argument, span, loops);
        }
        // What a function is called with stands nowhere below the properties.
        let trail = self.trail.take();
        let value = self.applied(function, argument, span, loops);
        self.trail = trail;
        value
    }

    fn applied(&mut self, function: &str, argument: &'a Node, span: &Range<usize>, loops: &Loops) -> Option<Value> {
        Some(match function {
            "Ref" => return self.reference(argument, span, loops),
            "Fn::GetAtt" => self.attribute(argument, span, loops),
            "Fn::ImportValue" => self.import(argument, loops),
            "Fn::FindInMap" => self.find_in_map(argument, span, loops)?,
            "Fn::Sub" => self.substitution(argument, span, loops),
            "Fn::Join" => self.join(argument, span, loops),
            "Fn::Split" => self.split(argument, span, loops),
            "Fn::Base64" => self.base64(argument, span, loops),
            "Fn::ToJsonString" => self.json(argument, span, loops),
            "Fn::Select" => self.select(argument, span, loops),
            "Fn::Length" => self.length(argument, span, loops),
            "Fn::GetAZs" => self.zones(argument, loops),
            "Fn::Cidr" => self.cidr(argument, span, loops),
            "Condition" if argument.text().is_none() => {
                let inner = self.value(argument, loops)?;
                Value::object(BTreeMap::from([("Condition".into(), inner)]))
            }
            "Condition" | "Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not" => {
                let decided = self.truth(function, argument, span, loops);
                match decided.truth {
                    Truth::True => Value::bool(true),
                    Truth::False => Value::bool(false),
                    Truth::Unknown => Value::hole(decided.hole(Type::Bool).bounded(Bounds::not_null())),
                }
            }
            "Fn::Transform" => {
                Value::hole(Hole::new(Type::Dynamic, macro_reason(argument)).bounded(Bounds::not_null()))
            }
            "Fn::GetStackOutput" => {
                let unknown = Unknown::because(Reason::OutsideInput("an output of another stack".into()));
                Value::hole(Hole::new(Type::Dynamic, unknown).bounded(Bounds::not_null()))
            }
            _ => undecidable(&format!("plangate does not know the function {}", quoted(function))),
        })
    }

    /// `Fn::If`.
    fn choice(&mut self, argument: &'a Node, span: &Range<usize>, loops: &Loops) -> Option<Value> {
        let Some([condition, yes, no]) = argument.items() else {
            return Some(self.broken(span, "Fn::If takes a list of three: a condition, and a value for either case"));
        };
        let decided = self.named_condition(condition, loops);
        match decided.truth {
            Truth::True => return self.value(yes, loops),
            Truth::False => return self.value(no, loops),
            Truth::Unknown => {}
        }
        let trail = self.trail.take();
        let (yes, no) = (self.value(yes, loops), self.value(no, loops));
        self.trail = trail;
        either(&decided, yes, no)
    }
}

/// A list of values. One that may be removed leaves open where the others stand.
pub(super) fn sequence(values: Vec<Value>) -> Value {
    let vanishing = |value: &&Value| value.as_hole().is_some_and(|hole| !hole.bounds.not_null);
    let count = values.iter().filter(vanishing).count();
    if count == 0 {
        return Value::tuple(values);
    }
    let length = Bounds::length(values.len() - count, Some(values.len()));
    let sensitive = values.iter().any(Value::is_sealed);
    // It hangs first on what may be removed: the others are there in any case.
    let first = values.iter().filter(vanishing).chain(values.iter().filter(|value| !vanishing(value)));
    Value::hole(Hole::from_values(Type::Dynamic, first).bounded(length)).marked(sensitive)
}

/// One of two values, nobody knows which.
fn either(decided: &Decided, yes: Option<Value>, no: Option<Value>) -> Option<Value> {
    if yes.is_none() && no.is_none() {
        return None;
    }
    if let (Some(yes), Some(no)) = (&yes, &no)
        && hcl::same(yes, no)
        && (yes.is_whole() || is_attribute(yes))
    {
        let sensitive = no.is_sealed();
        return Some(yes.clone().marked(sensitive));
    }
    let sensitive = [&yes, &no].into_iter().flatten().any(Value::is_sealed);
    let ty = match (&yes, &no) {
        (Some(yes), Some(no)) if yes.ty() == no.ty() => yes.ty(),
        (Some(one), None) | (None, Some(one)) => one.ty(),
        _ => Type::Dynamic,
    };
    let bounds = match (&yes, &no) {
        (Some(yes), Some(no)) => yes.bounds().either(&no.bounds()),
        _ => Bounds::default(),
    };
    let condition = Value::hole(decided.hole(Type::Bool));
    let parts = [Some(&condition), yes.as_ref(), no.as_ref()];
    let hole = Hole::from_values(ty, parts.into_iter().flatten()).bounded(bounds);
    Some(Value::new(hcl::Content::Unknown(Arc::new(hole))).marked(sensitive))
}

/// Whether it is exactly an attribute of a resource.
fn is_attribute(value: &Value) -> bool {
    let Some(hole) = value.as_hole() else { return false };
    matches!(&hole.reasons[..], [reason] if reason.reason == Reason::Reference)
}

/// What comes of values some of which are unknown.
pub(super) fn derived<'v>(ty: Type, values: impl IntoIterator<Item = &'v Value>) -> Value {
    Value::hole(Hole::from_values(ty, values).bounded(Bounds::not_null()))
}

/// Unknown for a reason of ours.
pub(super) fn undecidable(why: &str) -> Value {
    let reason = Unknown::because(Reason::Undecidable(why.into()));
    Value::hole(Hole::new(Type::Dynamic, reason).bounded(Bounds::not_null()))
}

/// Why something that is written wrongly is unknown.
pub(super) fn unreadable() -> Unknown {
    Unknown::because(Reason::Undecidable("it is written in a way that cannot be read".into()))
}

/// Why what a macro writes is unknown.
pub(super) fn macro_reason(argument: &Node) -> Unknown {
    let name = argument.get("Name").and_then(Node::text).unwrap_or("Fn::Transform");
    Unknown::because(Reason::OutsideInput(format!("what the macro {} writes", quoted(name)).into()))
}

/// The names a `Ref` may mean beside resources.
pub(super) fn is_pseudo(name: &str) -> bool {
    pseudo::NAMES.contains(&name)
}
