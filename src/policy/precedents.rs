//! What policies said before of the same values. Thousands of resources differ in nothing that a policy looks at; such a
//! policy need not be evaluated again. Only what asks for no words is kept: that a policy does not apply, or is kept.
//!
//! This rests on two facts. A condition's outcome depends on nothing but what stands at its inputs; and which unknown it
//! is that stands there decides only the words, so that unknowns are told apart only by what conditions can tell.

use rustc_hash::FxHashMap;

use super::Policy;
use super::evaluation::Ruling;
use super::expression::{Expression, Input, Stands};
use crate::graph::{Data, DefaultOf, Value};

/// Policies about one subject, and what they said so far.
pub struct Precedents {
    inputs: Vec<Input>,
    /// For each input the values seen there, by number.
    seen: Vec<FxHashMap<Box<[u8]>, u32>>,
    /// For the case at hand: the number of what stands at each input; none for what is not told apart.
    here: Vec<Option<u32>>,
    policies: Vec<Known>,
    /// Taken again and again: what one value is written as, and what one policy looks at.
    written: Vec<u8>,
    key: Vec<u32>,
}

/// What one policy said.
struct Known {
    /// Positions in [`Precedents::inputs`].
    looks_at: Vec<usize>,
    said: FxHashMap<Box<[u32]>, Quiet>,
}

#[derive(Clone, Copy)]
enum Quiet {
    NotApplicable,
    Pass,
}

/// More different values than this are not told apart at one input: it holds names, or what else is never the same.
const MOST_VALUES: usize = 2048;

/// Nor are values that take more bytes than this.
const LONGEST: usize = 4096;

impl Precedents {
    /// Of policies that are held against the same cases; later ones are named by their position here.
    #[must_use]
    pub fn new<'p>(policies: impl IntoIterator<Item = &'p Policy>) -> Precedents {
        let mut inputs: Vec<Input> = Vec::new();
        let known = |policy: &Policy| {
            let own = looked_at(policy);
            let position = |input: Input| {
                inputs.iter().position(|known| *known == input).unwrap_or_else(|| {
                    inputs.push(input);
                    inputs.len() - 1
                })
            };
            Known { looks_at: own.into_iter().map(position).collect(), said: FxHashMap::default() }
        };
        let policies = policies.into_iter().map(known).collect();
        let seen = inputs.iter().map(|_| FxHashMap::default()).collect();
        let here = vec![None; inputs.len()];
        Precedents { inputs, seen, here, policies, written: Vec::new(), key: Vec::new() }
    }

    /// Looks at a case: its variables by name.
    pub fn look<'v>(&mut self, variable: impl Fn(&str) -> Option<&'v Value>) {
        for ((input, seen), here) in self.inputs.iter().zip(&mut self.seen).zip(&mut self.here) {
            self.written.clear();
            write_stands(&input.of(variable(&input.variable)), &mut self.written);
            *here = match seen.get(self.written.as_slice()) {
                Some(&number) => Some(number),
                None if seen.len() >= MOST_VALUES || self.written.len() > LONGEST => None,
                None => {
                    let number = u32::try_from(seen.len()).unwrap_or(u32::MAX);
                    seen.insert(self.written.as_slice().into(), number);
                    Some(number)
                }
            };
        }
    }

    /// What a policy said of a case like the one looked at last.
    pub fn ruling(&mut self, policy: usize) -> Option<Ruling> {
        self.find(policy)?;
        Some(match self.policies.get(policy)?.said.get(self.key.as_slice())? {
            Quiet::NotApplicable => Ruling::NotApplicable,
            Quiet::Pass => Ruling::Pass,
        })
    }

    /// Remembers what a policy said of the case looked at last.
    pub fn note(&mut self, policy: usize, ruling: &Ruling) {
        let quiet = match ruling {
            Ruling::NotApplicable => Quiet::NotApplicable,
            Ruling::Pass => Quiet::Pass,
            Ruling::Fail { .. } | Ruling::Undecided { .. } => return,
        };
        if self.find(policy).is_some()
            && let Some(known) = self.policies.get_mut(policy)
        {
            known.said.insert(self.key.as_slice().into(), quiet);
        }
    }

    /// Makes the key of the case looked at last for one policy; none when it is like no other.
    fn find(&mut self, policy: usize) -> Option<()> {
        self.key.clear();
        for &at in &self.policies.get(policy)?.looks_at {
            self.key.push(self.here.get(at).copied().flatten()?);
        }
        Some(())
    }
}

/// The places that the conditions of a policy can look at.
fn looked_at(policy: &Policy) -> Vec<Input> {
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
    let conditions = policy.when.iter().chain(policy.validations.iter().map(|validation| &validation.expression));
    conditions.for_each(|condition| look(condition, named.len(), &mut wanted));
    for (at, (_, expression)) in named.iter().enumerate().rev() {
        if wanted[at] {
            look(expression, at, &mut wanted);
        }
    }
    found
}

fn write_stands(stands: &Stands<'_>, to: &mut Vec<u8>) {
    match stands {
        Stands::Nothing => to.push(0),
        Stands::InUnknown => to.push(1),
        Stands::InScalar => to.push(2),
        Stands::Value(value, sensitive) => {
            to.push(3 + u8::from(*sensitive));
            write(value, to);
        }
    }
}

/// Writes all of a value that a condition can tell; two values are written alike only when none can tell them apart.
fn write(value: &Value, to: &mut Vec<u8>) {
    // Beyond that it is not told apart in any case.
    if to.len() > LONGEST {
        return;
    }
    let filled_in = match value.marks.default {
        None => 0,
        Some(DefaultOf::Provider) => 1,
        Some(DefaultOf::Aws) => 2,
    };
    let mut begin = |shape: u8| to.push((shape << 3) | (filled_in << 1) | u8::from(value.marks.sensitive));
    match &value.data {
        Data::Null => begin(0),
        Data::Bool(flag) => begin(1 + u8::from(*flag)),
        Data::Int(number) => {
            begin(3);
            to.extend(number.to_le_bytes());
        }
        Data::Float(number) => {
            begin(4);
            to.extend(number.to_bits().to_le_bytes());
        }
        Data::String(text) => {
            begin(5);
            write_text(text, to);
        }
        Data::List(items) => {
            begin(6);
            to.extend(items.len().to_le_bytes());
            items.iter().for_each(|item| write(item, to));
        }
        Data::Map(map) => {
            begin(7);
            to.extend(map.len().to_le_bytes());
            for (key, item) in map.iter() {
                write_text(key, to);
                write(item, to);
            }
        }
        Data::Unknown(unknown) => begin(8 + u8::from(unknown.not_null)),
    }
}

fn write_text(text: &str, to: &mut Vec<u8>) {
    to.extend(text.len().to_le_bytes());
    // One byte more than is told apart shows that it is too long.
    to.extend(text.bytes().take(LONGEST + 1));
}
