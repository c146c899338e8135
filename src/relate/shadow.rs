//! Rules of a listener that never get a request, because a rule tried before them takes all of theirs. Only whole
//! coverage by one rule counts, not by several together.

use rustc_hash::FxHashMap;

use super::cidr::Cidr;
use super::rule_listener::ListenerOf;
use super::told::Told;
use crate::catalog::{names, place_of};
use crate::graph::{Graph, Lookup, Reason, ResourceId, Target, Truth, Unknown, Value, lookup};

/// More rules than this on one listener are not compared; AWS allows 100 unless it is asked.
const MOST_RULES: usize = 300;
/// More conditions in a rule, or values in a condition, are not compared; AWS allows five.
const MOST_VALUES: usize = 16;

/// The rules of every listener.
#[derive(Debug)]
pub struct Precedence<'g> {
    graph: &'g Graph,
    /// The rules that surely or perhaps are of a listener; under none those that may be of any.
    rules: FxHashMap<Option<Target>, Vec<ResourceId>>,
}

impl<'g> Precedence<'g> {
    /// Indexes the rules by their listener.
    #[must_use]
    pub fn new(graph: &'g Graph) -> Precedence<'g> {
        let mut rules: FxHashMap<Option<Target>, Vec<ResourceId>> = FxHashMap::default();
        for &rule in graph.of_kind(names::LISTENER_RULE) {
            for listener in ListenerOf::of(graph, rule).each() {
                rules.entry(listener.cloned()).or_default().push(rule);
            }
        }
        Precedence { graph, rules }
    }

    /// The rules that may be of a listener that this one may be of, this one among them; none when there are too many.
    fn siblings(&self, listener: &ListenerOf) -> Option<Vec<ResourceId>> {
        let each = listener.each();
        if each.contains(&None) {
            let all = self.graph.of_kind(names::LISTENER_RULE);
            return (all.len() <= MOST_RULES).then(|| all.to_vec());
        }
        let own = each.into_iter().chain([None]).filter_map(|listener| self.rules.get(&listener.cloned()));
        let mut found = Vec::new();
        for rules in own {
            if found.len() + rules.len() > MOST_RULES {
                return None;
            }
            found.extend(rules);
        }
        found.sort_unstable();
        found.dedup();
        Some(found)
    }

    /// Whether some request gets as far as this rule.
    #[must_use]
    pub fn reached(&self, rule: ResourceId) -> Told {
        let graph = self.graph;
        let nothing_before = || Told::yes("no rule before it takes all of its requests");
        let listener = ListenerOf::of(graph, rule);
        let Some(siblings) = self.siblings(&listener) else {
            let why = Reason::Undecidable("the listener has too many rules to compare".into());
            return Told::unknown(Unknown::at(why, graph.resource(rule).place("")));
        };
        let own = graph.resource(rule);
        let mut doubt = None;
        for &other in siblings.iter().filter(|other| **other != rule) {
            let earlier = graph.resource(other);
            let covers = covers(earlier.get("conditions"), own.get("conditions"));
            if covers == Truth::False {
                continue;
            }
            let its = ListenerOf::of(graph, other);
            let apart = listener.why().or(its.why());
            let order = match (earlier.get("priority"), own.get("priority")) {
                (Lookup::Known(one), Lookup::Known(two)) => {
                    one.as_int().zip(two.as_int()).map_or(Truth::Unknown, |(one, two)| (one < two).into())
                }
                _ => Truth::Unknown,
            };
            match covers.and(order).and(if apart.is_some() { Truth::Unknown } else { Truth::True }) {
                Truth::True => {
                    let because = format!(
                        "{} (priority {}) is tried first and takes every request of this rule",
                        earlier.address,
                        earlier.get("priority").int().unwrap_or_default()
                    );
                    let evidence = [earlier, own].into_iter().filter_map(|one| {
                        let place = place_of(one, "priority");
                        one.get("priority").known().map(|value| (place, value.clone()))
                    });
                    return Told::no(because, evidence.collect());
                }
                Truth::Unknown => {
                    let unknown = own.get("priority").unknown().or(earlier.get("priority").unknown());
                    let unknown = unknown.or(own.get("conditions").unknown()).or(apart).cloned();
                    let place = place_of(earlier, "conditions");
                    doubt = doubt.or(Some(unknown.unwrap_or_else(|| Unknown::at(Reason::AfterApply, place))));
                }
                Truth::False => {}
            }
        }
        doubt.map_or_else(nothing_before, Told::unknown)
    }
}

/// Whether whatever meets the conditions `later` meets the conditions `earlier` too.
fn covers(earlier: Lookup<'_>, later: Lookup<'_>) -> Truth {
    let (Lookup::Known(earlier), Lookup::Known(later)) = (earlier, later) else { return Truth::Unknown };
    let (Some(earlier), Some(later)) = (earlier.as_list(), later.as_list()) else { return Truth::Unknown };
    if earlier.is_empty() {
        return Truth::Unknown;
    }
    every(earlier, |condition| any(later, |other| implied(condition, other)))
}

/// The forms a condition can have.
const FORMS: [&str; 6] =
    ["host_header", "path_pattern", "http_request_method", "http_header", "query_string", "source_ip"];

/// Whether what meets the condition `later` meets `earlier`.
fn implied(earlier: &Value, later: &Value) -> Truth {
    if earlier.as_unknown().is_some() || later.as_unknown().is_some() {
        return Truth::Unknown;
    }
    let written = |condition: &Value, form: &str| match lookup(condition, form) {
        Lookup::Known(blocks) => blocks.as_list().is_none_or(|blocks| !blocks.is_empty()),
        Lookup::Unknown(_) => true,
        Lookup::Absent => false,
    };
    let Some(form) = FORMS.into_iter().find(|form| written(earlier, form)) else { return Truth::Unknown };
    if !written(later, form) {
        return Truth::False;
    }
    let (Some(one), Some(other)) = (lookup(earlier, form).list(), lookup(later, form).list()) else {
        return Truth::Unknown;
    };
    if form == "query_string" {
        return every(other, |later| any(one, |earlier| pair(earlier, later)));
    }
    let (Some(one), Some(other)) = (one.first(), other.first()) else { return Truth::Unknown };
    let named = if form == "http_header" { same_name(one, other) } else { Truth::True };
    let (Some(values), Some(others)) = (lookup(one, "values").list(), lookup(other, "values").list()) else {
        return named.and(Truth::Unknown);
    };
    named.and(every(others, |later| any(values, |earlier| value(form, earlier, later))))
}

fn every(values: &[Value], holds: impl Fn(&Value) -> Truth) -> Truth {
    if values.len() > MOST_VALUES {
        return Truth::Unknown;
    }
    values.iter().map(holds).fold(Truth::True, Truth::and)
}

fn any(values: &[Value], holds: impl Fn(&Value) -> Truth) -> Truth {
    if values.len() > MOST_VALUES {
        return Truth::Unknown;
    }
    values.iter().map(holds).fold(Truth::False, Truth::or)
}

fn same_name(one: &Value, other: &Value) -> Truth {
    match (lookup(one, "http_header_name").str(), lookup(other, "http_header_name").str()) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other).into(),
        _ => Truth::Unknown,
    }
}

/// Whether a pair of a query string meets another; a pair without key is met by any key.
fn pair(earlier: &Value, later: &Value) -> Truth {
    let key = match (lookup(earlier, "key"), lookup(later, "key")) {
        (Lookup::Absent, _) => Truth::True,
        (Lookup::Known(_), Lookup::Absent) => Truth::False,
        (Lookup::Known(one), Lookup::Known(other)) => value("query_string", one, other),
        _ => Truth::Unknown,
    };
    match (lookup(earlier, "value"), lookup(later, "value")) {
        (Lookup::Known(one), Lookup::Known(other)) => key.and(value("query_string", one, other)),
        _ => key.and(Truth::Unknown),
    }
}

fn value(form: &str, earlier: &Value, later: &Value) -> Truth {
    let (Some(one), Some(other)) = (earlier.as_str(), later.as_str()) else { return Truth::Unknown };
    match form {
        "source_ip" => match (Cidr::parse(one), Cidr::parse(other)) {
            (Some(one), Some(other)) => one.contains(&other).into(),
            _ => Truth::Unknown,
        },
        "http_request_method" => (one == other).into(),
        // Of these, case counts in paths only.
        "path_pattern" => pattern(one, other).into(),
        _ => pattern(&one.to_ascii_lowercase(), &other.to_ascii_lowercase()).into(),
    }
}

/// Whether a pattern surely takes everything that another takes: it is the same, or a beginning followed by `*`.
fn pattern(one: &str, other: &str) -> bool {
    one == other || one.strip_suffix('*').is_some_and(|start| !start.contains(['*', '?']) && other.starts_with(start))
}
