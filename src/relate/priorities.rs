//! Rules of a listener that have the same priority, of which AWS refuses the second one. Looks at nothing but listeners
//! and priorities.

use rustc_hash::FxHashMap;

use super::rule_listener::ListenerOf;
use crate::catalog::names;
use crate::graph::{Graph, Lookup, Reason, ResourceId, Target, Unknown};

/// Whether another rule of the listener has the priority of a rule.
#[derive(Clone, Debug)]
pub enum SamePriority {
    /// This one does.
    Of(ResourceId),
    /// None does.
    OfNone,
    /// It hangs on this.
    Unknown(Unknown),
}

/// The priorities of all rules.
#[derive(Debug)]
pub struct Priorities<'g> {
    graph: &'g Graph,
    /// The rules that surely are of a listener and have a priority.
    taken: FxHashMap<(Target, i64), Few>,
    /// The rules of each listener they may be of; under none those that may be of any.
    of: FxHashMap<Option<Target>, Counted>,
    all: Counted,
}

/// Rules by what their priority is; those without one are not among them.
#[derive(Debug, Default)]
struct Counted {
    by_priority: FxHashMap<i64, Few>,
    /// Those of any priority that is known.
    known: Few,
    unknown: Few,
}

/// How many rules, and the first two of them.
#[derive(Debug, Default)]
struct Few(Vec<ResourceId>);

impl Few {
    fn add(&mut self, rule: ResourceId) {
        if self.0.len() < 2 && !self.0.contains(&rule) {
            self.0.push(rule);
        }
    }

    fn other_than(&self, rule: ResourceId) -> Option<ResourceId> {
        self.0.iter().copied().find(|one| *one != rule)
    }
}

impl Counted {
    fn add(&mut self, rule: ResourceId, priority: Option<i64>) {
        match priority {
            Some(priority) => {
                self.by_priority.entry(priority).or_default().add(rule);
                self.known.add(rule);
            }
            None => self.unknown.add(rule),
        }
    }

    /// Another rule that may have this priority; none is one that is not known.
    fn other_than(&self, rule: ResourceId, priority: Option<i64>) -> Option<ResourceId> {
        let known = match priority {
            Some(priority) => self.by_priority.get(&priority),
            None => Some(&self.known),
        };
        known.and_then(|few| few.other_than(rule)).or_else(|| self.unknown.other_than(rule))
    }
}

impl<'g> Priorities<'g> {
    /// Indexes the rules.
    #[must_use]
    pub fn new(graph: &'g Graph) -> Priorities<'g> {
        let (taken, of) = (FxHashMap::default(), FxHashMap::default());
        let mut all = Priorities { graph, taken, of, all: Counted::default() };
        for &rule in graph.of_kind(names::LISTENER_RULE) {
            let Some(priority) = all.priority(rule) else { continue };
            let listener = ListenerOf::of(graph, rule);
            if let (ListenerOf::Certain(listener), Some(priority)) = (&listener, priority) {
                all.taken.entry((listener.clone(), priority)).or_default().add(rule);
            }
            all.all.add(rule, priority);
            for listener in listener.each() {
                all.of.entry(listener.cloned()).or_default().add(rule, priority);
            }
        }
        all
    }

    /// Whether another rule of the listener of this one has its priority.
    #[must_use]
    pub fn same(&self, rule: ResourceId) -> SamePriority {
        let Some(priority) = self.priority(rule) else { return SamePriority::OfNone };
        let listener = ListenerOf::of(self.graph, rule);
        if let (ListenerOf::Certain(listener), Some(priority)) = (&listener, priority) {
            let taken = self.taken.get(&(listener.clone(), priority));
            if let Some(other) = taken.and_then(|few| few.other_than(rule)) {
                return SamePriority::Of(other);
            }
        }
        let mut each = listener.each();
        let other = if each.contains(&None) {
            self.all.other_than(rule, priority)
        } else {
            each.push(None);
            let of = each.into_iter().filter_map(|listener| self.of.get(&listener.cloned()));
            of.filter_map(|counted| counted.other_than(rule, priority)).min()
        };
        let Some(other) = other else { return SamePriority::OfNone };
        let place = self.graph.resource(other).place("");
        let doubt = self.doubt(rule).or_else(|| self.doubt(other));
        SamePriority::Unknown(doubt.unwrap_or_else(|| Unknown::at(Reason::SeveralMentions, place)))
    }

    /// The priority of a rule, `Some(None)` where it is not known; none where nobody wrote one, and the next free one is taken.
    fn priority(&self, rule: ResourceId) -> Option<Option<i64>> {
        match self.graph.resource(rule).get("priority") {
            Lookup::Absent => None,
            Lookup::Known(value) => Some(value.as_int()),
            Lookup::Unknown(_) => Some(None),
        }
    }

    /// Why it is not known of a rule what its priority or its listener is.
    fn doubt(&self, rule: ResourceId) -> Option<Unknown> {
        let priority = self.graph.resource(rule).get("priority").unknown().cloned();
        priority.or_else(|| ListenerOf::of(self.graph, rule).why().cloned())
    }
}
