//! A variable that a policy's expressions see, made bit by bit: conditions look at few facts of few variables, and words
//! are for what is found. What the variables of a case are, `facts.rs` and its neighbours say.

use std::borrow::Cow;
use std::cell::{LazyCell, OnceCell};

use crate::graph::{Data, Map, Place, Reason, ResourceId, Unknown, Value};
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
    /// Under these names. Others may be missing for good.
    In(&'static [&'static str]),
    /// So many steps down, wherever nothing stands yet.
    Gaps { depth: usize },
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
        let stands = |steps: &[String]| steps.iter().try_fold(&*self.value, |here, step| here.get(step)).is_some();
        let is_there = match self.later {
            Later::Nothing => true,
            Later::In(names) => path.first().is_some_and(|step| !names.contains(&step.as_str())),
            Later::Gaps { depth } => path.get(..depth).is_some_and(stands),
        };
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
        .with(Later::Gaps { depth: 1 }, || Rest { facts: words_of(&reached), evidence: grounds(reached.evidence) })
}

/// One that is found when somebody asks for it, beside other facts.
pub(super) fn answered_later<'m>(
    name: &'static str,
    facts: Map,
    answer: &'static str,
    ask: impl FnOnce() -> Reached + 'm,
) -> Variable<'m> {
    derived(name, facts).with(Later::Gaps { depth: 1 }, move || {
        let reached = ask();
        let mut facts = words_of(&reached);
        facts.set(answer, answer_of(&reached));
        Rest { facts, evidence: grounds(reached.evidence) }
    })
}

/// A yes or a no.
pub(super) fn told<'m>(name: &'static str, answer: &str, fact: Told) -> Variable<'m> {
    told_beside(name, Map::with_room(1), answer, fact)
}

/// One that is found when somebody asks for it.
pub(super) fn told_later<'m>(
    name: &'static str,
    answer: &'static str,
    ask: impl FnOnce() -> Told + 'm,
) -> Variable<'m> {
    derived(name, Map::default()).with(Later::Gaps { depth: 1 }, move || {
        let Told { holds, because, evidence } = ask();
        let mut facts = Map::with_room(2);
        facts.set(answer, holds.map_or_else(Value::unknown, Value::from));
        facts.set("because", because.as_str().into());
        Rest { facts, evidence: grounds(evidence) }
    })
}

/// One that is there only where the input shows what it takes.
pub(super) fn seen<'m>(name: &'static str, answer: &str, fact: Option<Told>) -> Variable<'m> {
    seen_beside(name, Map::with_room(2), answer, fact)
}

/// The same beside other facts.
pub(super) fn seen_beside<'m>(name: &'static str, mut facts: Map, answer: &str, fact: Option<Told>) -> Variable<'m> {
    facts.set("visible", fact.is_some().into());
    match fact {
        Some(fact) => told_beside(name, facts, answer, fact),
        None => derived(name, facts),
    }
}

fn told_beside<'m>(name: &'static str, mut facts: Map, answer: &str, fact: Told) -> Variable<'m> {
    let Told { holds, because, evidence } = fact;
    facts.set(answer, holds.map_or_else(Value::unknown, Value::from));
    derived(name, facts).with(Later::Gaps { depth: 1 }, move || {
        let mut facts = Map::with_room(1);
        facts.set("because", because.as_str().into());
        Rest { facts, evidence: grounds(evidence) }
    })
}

/// What is said of an answer about packets.
pub(super) fn words_of(reached: &Reached) -> Map {
    let mut words = Map::with_room(5);
    words.set("because", reached.because.as_str().into());
    words.set("fix", reached.fix.as_str().into());
    words.set("missing", reached.missing.iter().map(MissingRule::to_value).collect::<Vec<Value>>().into());
    words
}

/// Whether they get through.
pub(super) fn answer_of(reached: &Reached) -> Value {
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::graph::Value;
    use crate::judge::model::Model;
    use crate::policy::PolicySet;
    use crate::server::Beside;

    /// The paths of what stands in a value.
    fn paths(value: &Value) -> Vec<Vec<String>> {
        let mut paths = Vec::new();
        for (name, below) in value.as_map().into_iter().flat_map(|map| map.iter()) {
            paths.push(vec![name.to_string()]);
            paths.extend(self::paths(below).into_iter().map(|path| [vec![name.to_string()], path].concat()));
        }
        paths
    }

    #[test]
    fn what_comes_later_stands_where_one_looks() {
        let (beside, (policies, _)) = (Beside::default(), PolicySet::builtin_to_judge());
        let subjects: BTreeSet<_> = policies.iter().map(|policy| policy.subject).collect();
        let mut later = BTreeSet::new();
        for input in ["fargate/plan.json", "ec2-asg/plan.json", "lambda/plan.json", "faulty-edge"] {
            let path = format!("{}/testdata/{input}", env!("CARGO_MANIFEST_DIR"));
            let (loaded, _) = crate::load::load(&path, &crate::load::Inputs::default(), &[]).unwrap();
            let model = Model::new(&loaded.graph, &beside);
            let all = subjects.iter().map(|subject| model.cases(*subject));
            for case in all.flat_map(|cases| (0..cases.most()).filter_map(move |at| cases.get(at))) {
                for variable in &case.variables {
                    for path in paths(variable.whole()) {
                        let follow = |value| path.iter().try_fold(value, |here: &Value, step| here.get(step));
                        let name = format!("{}.{}", variable.name, path.join("."));
                        assert_eq!(follow(variable.at(&path)), follow(variable.whole()), "{input}: {name}");
                        if follow(&variable.value).is_none() {
                            later.insert(name);
                        }
                    }
                }
            }
        }
        for name in
            ["alarms.because", "backend.fix", "egress.declared", "reach.traffic.because", "registration.containers"]
        {
            assert!(later.contains(name), "{name} is not in {later:?}");
        }
    }
}
