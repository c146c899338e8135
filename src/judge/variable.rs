//! A variable that a policy's expressions see, made bit by bit: conditions look at few facts of few variables, and words
//! are for what is found. What the variables of a case are, `facts.rs` and its neighbours say.

use std::borrow::Cow;
use std::cell::{LazyCell, OnceCell};

use super::model::{Connection, Model};
use crate::graph::{self, Data, Map, Place, Reason, ResourceId, Unknown, Value};
use crate::relate::reach::{Answer, Reached};
use crate::relate::{MissingRule, Told};

/// One variable. Its words, and what else is seldom asked for, are found when somebody asks.
pub(super) struct Variable<'m> {
    pub name: &'static str,
    /// The resource whose attributes these are.
    pub resource: Option<ResourceId>,
    value: Cow<'m, Value>,
    later: Later,
    rest: LazyCell<Rest, Box<dyn FnOnce() -> Rest + 'm>>,
    whole: OnceCell<Value>,
}

/// Where in a variable something comes later.
#[derive(Clone, Copy)]
pub(super) enum Later {
    /// Nowhere.
    Nothing,
    /// In it, under these names.
    In(&'static [&'static str]),
    /// In what stands in it, under these names.
    Inside(&'static [&'static str]),
}

/// What of a variable is found when somebody asks for it.
#[derive(Default)]
pub(super) struct Rest {
    /// Facts, which take the place of those with the same name.
    pub facts: Map,
    /// What the variable rests on.
    pub evidence: Vec<Ground>,
}

/// What a derived fact rests on, by its first step (`traffic`, `health_check`; empty: the whole). For a resource: an
/// attribute that is said elsewhere.
pub(super) type Ground = (&'static str, Place, Value);

impl<'m> Variable<'m> {
    pub(super) fn new(name: &'static str, value: Cow<'m, Value>, resource: Option<ResourceId>) -> Variable<'m> {
        let (later, whole) = (Later::Nothing, OnceCell::new());
        Variable { name, resource, value, later, rest: LazyCell::new(Box::new(Rest::default)), whole }
    }

    /// With more to be found when somebody asks for it.
    pub(super) fn with(self, later: Later, rest: impl FnOnce() -> Rest + 'm) -> Variable<'m> {
        Variable { later, rest: LazyCell::new(Box::new(rest)), ..self }
    }

    /// With what it rests on.
    pub(super) fn resting_on(self, evidence: impl FnOnce() -> Vec<Ground> + 'm) -> Variable<'m> {
        self.with(Later::Nothing, || Rest { facts: Map::default(), evidence: evidence() })
    }

    /// As much of its value as takes to see what stands at a path.
    pub(super) fn at(&self, path: &[String]) -> &Value {
        let (names, depth) = match self.later {
            Later::Nothing => return &self.value,
            Later::In(names) => (names, 1),
            Later::Inside(names) => (names, 2),
        };
        let is_there = path.get(depth - 1).is_some_and(|step| !names.contains(&step.as_str()));
        if is_there { &self.value } else { self.whole() }
    }

    /// All of its value.
    pub(super) fn whole(&self) -> &Value {
        if matches!(self.later, Later::Nothing) {
            return &self.value;
        }
        self.whole.get_or_init(|| {
            let mut whole = self.value.clone().into_owned();
            if let Data::Map(facts) = &mut whole.data {
                self.rest.facts.iter().for_each(|(name, value)| facts.insert(name.clone(), value.clone()));
            }
            whole
        })
    }

    /// What it rests on.
    pub(super) fn evidence(&self) -> &[Ground] {
        &self.rest.evidence
    }
}

pub(super) fn derived<'m>(name: &'static str, facts: Map) -> Variable<'m> {
    Variable::new(name, Cow::Owned(facts.into()), None)
}

/// An answer about packets.
pub(super) fn answered<'m>(name: &'static str, answer: &str, reached: Reached) -> Variable<'m> {
    let mut facts = Map::with_room(1);
    facts.set(answer, answer_of(&reached));
    derived(name, facts)
        .with(Later::In(WORDS), || Rest { facts: words_of(&reached), evidence: grounds(reached.evidence) })
}

/// One that is found when somebody asks for it; `later` are the names of the answer and of its words.
pub(super) fn answered_later<'m>(
    name: &'static str,
    facts: Map,
    later: &'static [&'static str; 4],
    ask: impl FnOnce() -> Reached + 'm,
) -> Variable<'m> {
    derived(name, facts).with(Later::In(later), move || {
        let reached = ask();
        let mut facts = words_of(&reached);
        facts.set(later[0], answer_of(&reached));
        Rest { facts, evidence: grounds(reached.evidence) }
    })
}

/// A yes or a no, beside other facts.
pub(super) fn told<'m>(name: &'static str, mut facts: Map, answer: &str, fact: Told) -> Variable<'m> {
    let Told { holds, because, evidence } = fact;
    facts.set(answer, holds.map_or_else(Value::unknown, Value::from));
    derived(name, facts).with(Later::In(&["because"]), move || {
        let mut facts = Map::with_room(1);
        facts.set("because", because.as_str().into());
        Rest { facts, evidence: grounds(evidence) }
    })
}

/// One that is found when somebody asks for it; `later` are the names of the answer and of its reason.
pub(super) fn told_later<'m>(
    name: &'static str,
    later: &'static [&'static str; 2],
    ask: impl FnOnce() -> Told + 'm,
) -> Variable<'m> {
    derived(name, Map::default()).with(Later::In(later), move || {
        let Told { holds, because, evidence } = ask();
        let [answer, reason] = *later;
        let mut facts = Map::with_room(2);
        facts.set(answer, holds.map_or_else(Value::unknown, Value::from));
        facts.set(reason, because.as_str().into());
        Rest { facts, evidence: grounds(evidence) }
    })
}

/// One that is there only where the input shows what it takes.
pub(super) fn seen<'m>(name: &'static str, mut facts: Map, answer: &str, fact: Option<Told>) -> Variable<'m> {
    facts.set("visible", fact.is_some().into());
    match fact {
        Some(fact) => told(name, facts, answer, fact),
        None => derived(name, facts),
    }
}

/// Whether requests and health checks get from a load balancer to a target.
pub(super) fn reach<'m>(model: &'m Model<'_>, connection: &'m Connection) -> Variable<'m> {
    let parts = [("traffic", &*connection.traffic), ("health_check", &*connection.health)];
    let facts = |reached: &Reached, mut facts: Map| {
        facts.set("admitted", answer_of(reached));
        facts.set("partly", (reached.answer == Answer::Partly).into());
        Value::from(facts)
    };
    let bare = parts.map(|(name, reached)| (graph::name(name), facts(reached, Map::with_room(2))));
    derived("reach", bare.into_iter().collect()).with(Later::Inside(WORDS), move || {
        let mut rest = Rest::default();
        let members = model.members(connection);
        for (name, reached) in parts {
            rest.facts.set(name, facts(reached, words_of(reached)));
            let evidence = reached.evidence.iter().chain(&members);
            rest.evidence.extend(evidence.map(|(place, value)| (name, place.clone(), value.clone())));
        }
        rest
    })
}

/// What is said of an answer about packets.
const WORDS: &[&str] = &["because", "fix", "missing"];

fn words_of(reached: &Reached) -> Map {
    let mut words = Map::with_room(5);
    words.set("because", reached.because.as_str().into());
    words.set("fix", reached.fix.as_str().into());
    words.set("missing", reached.missing.iter().map(MissingRule::to_value).collect::<Vec<Value>>().into());
    words
}

fn answer_of(reached: &Reached) -> Value {
    match reached.answer {
        Answer::Yes => true.into(),
        Answer::No | Answer::Partly => false.into(),
        Answer::Unknown | Answer::NotApplicable => {
            let why = || Unknown::because(Reason::Undecidable(reached.because.as_str().into()));
            Value::unknown(reached.unknown.clone().unwrap_or_else(why))
        }
    }
}

fn grounds(evidence: Vec<(Place, Value)>) -> Vec<Ground> {
    evidence.into_iter().map(|(place, value)| ("", place, value)).collect()
}
