//! What policies said before of the same values. Thousands of resources differ in nothing that a policy looks at; such a
//! policy need not be evaluated again.
//!
//! This rests on two facts. A condition's outcome depends on nothing but what stands at its inputs; and which unknown it
//! is that stands there decides only the words, so that unknowns are told apart only by what conditions can tell. What
//! comes with words is therefore the same only where nothing is unknown, and where the same stands at the inputs of the
//! words too.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::evaluation::{Evaluation, Ruling};
use super::expression::{Expression, Input, Stands};
use super::{Policy, Remedy};
use crate::graph::{Data, DefaultOf, Value};

/// Policies about one subject, and what they said so far.
pub struct Precedents {
    inputs: Vec<Input>,
    /// For each input the values seen there.
    seen: Vec<FxHashMap<Box<[u8]>, Like>>,
    /// For the case at hand: what stands at each input; none where nobody has looked yet.
    here: Vec<Option<Stand>>,
    policies: Vec<Known>,
    /// Taken again and again: what one value is written as, and what one policy looks at.
    written: Vec<u8>,
    key: Vec<u32>,
}

/// What one policy says of a case.
#[derive(Clone, Debug)]
pub enum Said {
    /// It is not about this.
    NotApplicable,
    /// It is kept.
    Pass,
    /// It is broken or undecided, in words.
    Words(Arc<Evaluation>),
}

/// What one policy said, by what stood at its inputs.
struct Known {
    /// Positions in [`Precedents::inputs`] of what decides whether it applies.
    when: Vec<usize>,
    /// Of what decides besides whether it is kept.
    validations: Vec<usize>,
    /// Of what its words say besides.
    words: Vec<usize>,
    not_about: FxHashSet<Box<[u32]>>,
    kept: FxHashSet<Box<[u32]>>,
    in_words: FxHashMap<Box<[u32]>, Arc<Evaluation>>,
}

/// What stands at an input.
#[derive(Clone, Copy)]
enum Stand {
    /// It is not told apart from anything.
    Alone,
    /// The same as elsewhere.
    Like(Like),
}

/// The number of a value, and whether it holds something unknown.
#[derive(Clone, Copy)]
struct Like {
    number: u32,
    open: bool,
}

/// More different values than this are not told apart at one input: it holds names, or what else is never the same.
const MOST_VALUES: usize = 2048;

/// Nor are values that take more bytes than this.
const LONGEST: usize = 4096;

/// Numbers that are given begin here; what is written in two bytes is its own number, and smaller.
const FIRST_NUMBER: u32 = 1 << 16;

impl Precedents {
    /// Of policies that are held against the same cases; later ones are named by their position here.
    #[must_use]
    pub fn new<'p>(policies: impl IntoIterator<Item = &'p Policy>) -> Precedents {
        let mut inputs: Vec<Input> = Vec::new();
        let known = |policy: &Policy| {
            let mut all: Vec<usize> = Vec::new();
            let mut besides = |own: Vec<Input>| {
                let from = all.len();
                for input in own {
                    let known = inputs.iter().position(|known| *known == input);
                    let at = known.unwrap_or_else(|| {
                        inputs.push(input);
                        inputs.len() - 1
                    });
                    if !all.contains(&at) {
                        all.push(at);
                    }
                }
                all[from..].to_vec()
            };
            Known {
                when: besides(looked_at(policy, &policy.when)),
                validations: besides(looked_at(policy, policy.validations.iter().map(|one| &one.expression))),
                words: besides(looked_at(policy, words(policy))),
                not_about: FxHashSet::default(),
                kept: FxHashSet::default(),
                in_words: FxHashMap::default(),
            }
        };
        let policies = policies.into_iter().map(known).collect();
        let seen = inputs.iter().map(|_| FxHashMap::default()).collect();
        let here = vec![None; inputs.len()];
        Precedents { inputs, seen, here, policies, written: Vec::new(), key: Vec::new() }
    }

    /// Turns to the next case.
    pub fn turn(&mut self) {
        self.here.fill(None);
    }

    /// What a policy says of the case at hand: what it said of one like it, else what it comes to when it is held against
    /// this one. `variable` gives the variables of the case by name, each with at least what stands at a path in it.
    pub fn say<'v>(
        &mut self,
        policy: usize,
        variable: impl Fn(&str, &[String]) -> Option<&'v Value>,
        hold: impl FnOnce() -> Evaluation,
    ) -> Said {
        let Some(known) = self.policies.get_mut(policy) else { return Said::from(hold()) };
        let mut looking = Looking {
            inputs: &self.inputs,
            seen: &mut self.seen,
            here: &mut self.here,
            written: &mut self.written,
            variable,
        };
        let key = &mut self.key;
        key.clear();
        let Some(open) = looking.add(&known.when, key) else { return Said::from(hold()) };
        if known.not_about.contains(key.as_slice()) {
            return Said::NotApplicable;
        }
        let validations = looking.add(&known.validations, key);
        if validations.is_some() && known.kept.contains(key.as_slice()) {
            return Said::Pass;
        }
        let words = validations.and_then(|open| Some(open | looking.add(&known.words, key)?));
        let in_words = words.is_some_and(|more| !open && !more);
        if in_words && let Some(evaluation) = known.in_words.get(key.as_slice()) {
            return Said::Words(Arc::clone(evaluation));
        }
        let said = Said::from(hold());
        let conditions = known.when.len() + known.validations.len();
        match &said {
            Said::NotApplicable => {
                known.not_about.insert(key[..known.when.len()].into());
            }
            Said::Pass if validations.is_some() => {
                known.kept.insert(key[..conditions].into());
            }
            Said::Words(evaluation) if in_words => {
                known.in_words.insert(key.as_slice().into(), Arc::clone(evaluation));
            }
            _ => {}
        }
        said
    }
}

impl From<Evaluation> for Said {
    fn from(evaluation: Evaluation) -> Said {
        match evaluation.ruling {
            Ruling::NotApplicable => Said::NotApplicable,
            Ruling::Pass => Said::Pass,
            Ruling::Fail { .. } | Ruling::Undecided { .. } => Said::Words(Arc::new(evaluation)),
        }
    }
}

/// Looks at the case at hand.
struct Looking<'p, F> {
    inputs: &'p [Input],
    seen: &'p mut [FxHashMap<Box<[u8]>, Like>],
    here: &'p mut [Option<Stand>],
    written: &'p mut Vec<u8>,
    variable: F,
}

impl<'v, F: Fn(&str, &[String]) -> Option<&'v Value>> Looking<'_, F> {
    /// Adds what stands at some inputs to a key, and tells whether something in it is unknown; none where something is
    /// like nothing else.
    fn add(&mut self, inputs: &[usize], key: &mut Vec<u32>) -> Option<bool> {
        let mut open = false;
        for &at in inputs {
            let Stand::Like(like) = self.stand(at) else { return None };
            key.push(like.number);
            open |= like.open;
        }
        Some(open)
    }

    fn stand(&mut self, at: usize) -> Stand {
        let (Some(input), Some(seen), Some(here)) = (self.inputs.get(at), self.seen.get_mut(at), self.here.get_mut(at))
        else {
            return Stand::Alone;
        };
        *here.get_or_insert_with(|| {
            self.written.clear();
            let open = write_stands(&input.of((self.variable)(&input.variable, &input.path)), self.written);
            if let [first] | [first, _] = self.written[..] {
                let second = self.written.get(1).copied().unwrap_or_default();
                return Stand::Like(Like { number: u32::from(u16::from_be_bytes([first, second])), open });
            }
            if let Some(&like) = seen.get(self.written.as_slice()) {
                return Stand::Like(like);
            }
            if seen.len() >= MOST_VALUES || self.written.len() > LONGEST {
                return Stand::Alone;
            }
            let number = u32::try_from(seen.len()).unwrap_or(u32::MAX - FIRST_NUMBER) + FIRST_NUMBER;
            let like = Like { number, open };
            seen.insert(self.written.as_slice().into(), like);
            Stand::Like(like)
        })
    }
}

/// What a broken policy says, and what would cure it.
fn words(policy: &Policy) -> impl Iterator<Item = &Expression> {
    let messages = policy.validations.iter().map(|validation| &validation.message).chain([&policy.fix.summary]);
    let cure = policy.fix.edit.iter().flat_map(|step| {
        let (Remedy::Set { to: what, .. } | Remedy::AddRules(what) | Remedy::SetDimensions(what)) = &step.remedy;
        step.when.iter().chain([what])
    });
    messages.flat_map(|message| message.expressions()).chain(cure)
}

/// The places that expressions of a policy can look at.
fn looked_at<'p>(policy: &'p Policy, expressions: impl IntoIterator<Item = &'p Expression>) -> Vec<Input> {
    let named = &policy.variables;
    let mut found = Vec::new();
    let mut wanted = vec![false; named.len()];
    let mut look = |expression: &Expression, before: usize, wanted: &mut Vec<bool>| {
        expression.inputs(&mut found);
        for name in expression.uses() {
            if let Some(at) = named.iter().take(before).position(|(known, _)| known == name) {
                wanted[at] = true;
            }
        }
    };
    expressions.into_iter().for_each(|expression| look(expression, named.len(), &mut wanted));
    for (at, (_, expression)) in named.iter().enumerate().rev() {
        if wanted[at] {
            look(expression, at, &mut wanted);
        }
    }
    found
}

/// Writes what stands somewhere. Whether something in it is unknown.
fn write_stands(stands: &Stands<'_>, to: &mut Vec<u8>) -> bool {
    match stands {
        Stands::Nothing => to.push(0),
        Stands::InUnknown => {
            to.push(1);
            return true;
        }
        Stands::InScalar => to.push(2),
        Stands::Value(value, sensitive) => {
            to.push(3 + u8::from(*sensitive));
            return write(value, to);
        }
    }
    false
}

/// Writes all of a value that a condition can tell; two values are written alike only when none can tell them apart.
/// Whether something in it is unknown.
fn write(value: &Value, to: &mut Vec<u8>) -> bool {
    // Beyond that it is not told apart in any case.
    if to.len() > LONGEST {
        return false;
    }
    let filled_in = match value.marks.default {
        None => 0,
        Some(DefaultOf::Provider) => 1,
        Some(DefaultOf::Aws) => 2,
    };
    let mut begin = |shape: u8| to.push((shape << 3) | (filled_in << 1) | u8::from(value.marks.sensitive));
    let mut open = false;
    match &value.data {
        Data::Null => begin(0),
        Data::Bool(flag) => begin(1 + u8::from(*flag)),
        Data::Int(number) => {
            begin(3);
            to.extend_from_slice(&number.to_le_bytes());
        }
        Data::Float(number) => {
            begin(4);
            to.extend_from_slice(&number.to_bits().to_le_bytes());
        }
        Data::String(text) => {
            begin(5);
            write_text(text, to);
        }
        Data::List(items) => {
            begin(6);
            to.extend_from_slice(&items.len().to_le_bytes());
            items.iter().for_each(|item| open |= write(item, to));
        }
        Data::Map(map) => {
            begin(7);
            to.extend_from_slice(&map.len().to_le_bytes());
            for (key, item) in map.iter() {
                write_text(key, to);
                open |= write(item, to);
            }
        }
        Data::Unknown(unknown) => {
            begin(8 + u8::from(unknown.not_null));
            open = true;
        }
    }
    open
}

fn write_text(text: &str, to: &mut Vec<u8>) {
    to.extend_from_slice(&text.len().to_le_bytes());
    // One byte more than is told apart shows that it is too long.
    let most = text.len().min(LONGEST + 1);
    to.extend_from_slice(&text.as_bytes()[..most]);
}
