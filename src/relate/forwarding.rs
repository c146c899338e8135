//! The request paths: load balancer × listener × rule × target group × target. Only Application Load Balancers;
//! whether packets get through is not said here.

use rustc_hash::FxHashMap;

use super::registration::{Registration, Registrations};
use crate::catalog::names::{self, role};
use crate::catalog::place_of_edge;
use crate::graph::{Certainty, Graph, Link, Reason, ResourceId, Target, Text, Unknown, Value};

/// One request path. A rule of `None` is the listener's default action.
#[derive(Clone, Debug)]
pub struct Route {
    /// The load balancer.
    pub load_balancer: Hop,
    /// The listener.
    pub listener: Hop,
    /// The rule.
    pub rule: Option<ResourceId>,
    /// The target group.
    pub target_group: ResourceId,
    /// Which registration, as an index into [`Registrations::all`]; none when nothing is registered that we can see.
    pub registration: Option<usize>,
    /// Whether this path exists for sure.
    pub certainty: Certainty,
    /// Why it is only possible.
    pub why: Option<Unknown>,
    /// Weight of the group in its forward action.
    pub weight: Option<Value>,
}

/// A place on a path.
#[derive(Clone, Debug, PartialEq)]
pub enum Hop {
    /// A resource of the graph.
    Resource(ResourceId),
    /// Known by ARN only.
    Outside(Text),
    /// There, but it cannot be told which.
    Unknown(Unknown),
    /// Nothing forwards here.
    None,
}

impl Hop {
    /// The resource, when it is one.
    #[must_use]
    pub fn resource(&self) -> Option<ResourceId> {
        match self {
            Hop::Resource(id) => Some(*id),
            _ => None,
        }
    }
}

/// Whether anything forwards to a target group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forwarded {
    /// Something does.
    Yes,
    /// Nothing does.
    No,
    /// It cannot be told.
    Unknown(Unknown),
}

/// All request paths of a graph, and what does not end in one.
#[derive(Debug, Default)]
pub struct Routes {
    /// In the order of listeners, then rules, then groups, then targets; groups nothing forwards to at the end.
    pub all: Vec<Route>,
    forwarded: FxHashMap<ResourceId, Certainty>,
    /// Why a forward may go to a group it is not listed under.
    stray: Option<Unknown>,
}

impl Routes {
    /// Works the paths out.
    #[must_use]
    pub fn new(graph: &Graph, registrations: &Registrations) -> Routes {
        let mut routes = Laying { routes: Routes::default(), registrations, by_group: positions(registrations) };
        let mut networked = rustc_hash::FxHashSet::default();
        for &listener in graph.of_kind(names::LISTENER) {
            let balancers = hops(graph, listener, role::LOAD_BALANCER_OF);
            for (balancer, certainty, why) in balancers {
                let application = is_application(graph, &balancer);
                let rules = graph.incoming_as(listener, role::LISTENER_OF);
                let mut found = forwards(graph, listener, &mut routes.routes.stray);
                let default_count = found.len();
                let mut owners = vec![(None, certainty, why.clone()); default_count];
                for link in rules {
                    if graph.resource(link.from).kind != Some(names::LISTENER_RULE) {
                        continue;
                    }
                    let (sure, doubt) = certainty_of(graph, link, listener);
                    let more = forwards(graph, link.from, &mut routes.routes.stray);
                    let reason = doubt.or_else(|| why.clone());
                    owners.extend(more.iter().map(|_| (Some(link.from), certainty.and(sure), reason.clone())));
                    found.extend(more);
                }
                if application == Some(false) {
                    networked.extend(found.iter().map(|forward| forward.group));
                    continue;
                }
                for (forward, (rule, certainty, why)) in found.into_iter().zip(owners) {
                    let stand =
                        Stand { balancer: balancer.clone(), listener: Hop::Resource(listener), rule, certainty, why };
                    routes.add(stand, forward);
                }
            }
        }
        routes.rules_of_unseen_listeners(graph);
        for &group in graph.of_kind(names::TARGET_GROUP) {
            let http = !matches!(
                graph.resource(group).get("protocol").str(),
                Some("TCP" | "UDP" | "TLS" | "TCP_UDP" | "GENEVE")
            );
            if routes.routes.forwarded.contains_key(&group) || networked.contains(&group) || !http {
                continue;
            }
            let forward = Forward { group, certainty: Certainty::Certain, why: None, weight: None };
            routes.append(Stand::certain(Hop::None, Hop::None, None), forward);
        }
        routes.routes
    }

    /// Whether a listener or rule forwards to `group`.
    #[must_use]
    pub fn forwarded(&self, graph: &Graph, group: ResourceId) -> Forwarded {
        match self.forwarded.get(&group) {
            Some(Certainty::Certain) => Forwarded::Yes,
            Some(Certainty::Possible) => {
                let place = graph.resource(group).place("");
                let why = self.stray.clone().unwrap_or_else(|| Unknown::at(Reason::SeveralMentions, place));
                Forwarded::Unknown(why)
            }
            None => match self.stray.as_ref().or_else(|| graph.unseen(&[names::LISTENER, names::LISTENER_RULE])) {
                Some(unknown) => Forwarded::Unknown(unknown.clone()),
                None => Forwarded::No,
            },
        }
    }
}

/// Routes in the making.
struct Laying<'r> {
    routes: Routes,
    registrations: &'r Registrations,
    by_group: FxHashMap<ResourceId, Vec<usize>>,
}

impl Laying<'_> {
    /// Rules whose listener is not part of the input, or not to be told.
    fn rules_of_unseen_listeners(&mut self, graph: &Graph) {
        for &rule in graph.of_kind(names::LISTENER_RULE) {
            let listener = match graph.links_as(rule, role::LISTENER_OF).next() {
                Some(link) if link.resources().next().is_some() => continue,
                Some(link) => match (link.ends.first().map(|end| &end.to), link.rest()) {
                    (Some(Target::Outside(arn)), _) => Hop::Outside(arn.clone()),
                    (_, Some(rest)) => Hop::Unknown(rest.clone()),
                    _ => continue,
                },
                None => continue,
            };
            let balancer = match &listener {
                Hop::Unknown(unknown) => Hop::Unknown(unknown.clone()),
                _ => {
                    let outside = Reason::OutsideInput("the load balancer of the listener".into());
                    Hop::Unknown(Unknown::at(outside, place_of_edge(graph.resource(rule), role::LISTENER_OF)))
                }
            };
            for forward in forwards(graph, rule, &mut self.routes.stray) {
                self.add(Stand::certain(balancer.clone(), listener.clone(), Some(rule)), forward);
            }
        }
    }

    fn add(&mut self, stand: Stand, forward: Forward) {
        let known = self.routes.forwarded.entry(forward.group).or_insert(Certainty::Possible);
        *known = (*known).min(stand.certainty.and(forward.certainty));
        self.append(stand, forward);
    }

    fn append(&mut self, stand: Stand, forward: Forward) {
        let route = Route {
            load_balancer: stand.balancer,
            listener: stand.listener,
            rule: stand.rule,
            target_group: forward.group,
            registration: None,
            certainty: stand.certainty.and(forward.certainty),
            why: stand.why.or(forward.why),
            weight: forward.weight,
        };
        let targets = self.by_group.get(&forward.group).map_or(&[][..], Vec::as_slice);
        for &at in targets {
            let registration: &Registration = &self.registrations.all()[at];
            self.routes.all.push(Route {
                registration: Some(at),
                certainty: route.certainty.and(registration.certainty),
                why: route.why.clone().or_else(|| registration.why.clone()),
                ..route.clone()
            });
        }
        if targets.is_empty() {
            self.routes.all.push(route);
        }
    }
}

/// Where a forward action stands.
struct Stand {
    balancer: Hop,
    listener: Hop,
    rule: Option<ResourceId>,
    certainty: Certainty,
    why: Option<Unknown>,
}

impl Stand {
    fn certain(balancer: Hop, listener: Hop, rule: Option<ResourceId>) -> Stand {
        Stand { balancer, listener, rule, certainty: Certainty::Certain, why: None }
    }
}

struct Forward {
    group: ResourceId,
    certainty: Certainty,
    why: Option<Unknown>,
    weight: Option<Value>,
}

fn positions(registrations: &Registrations) -> FxHashMap<ResourceId, Vec<usize>> {
    let mut by_group: FxHashMap<ResourceId, Vec<usize>> = FxHashMap::default();
    for (at, registration) in registrations.all().iter().enumerate() {
        by_group.entry(registration.target_group).or_default().push(at);
    }
    by_group
}

/// The groups the actions of a listener or rule forward to.
fn forwards(graph: &Graph, from: ResourceId, stray: &mut Option<Unknown>) -> Vec<Forward> {
    let mut found: Vec<Forward> = Vec::new();
    for (role, weighted) in [(role::FORWARD, false), (role::WEIGHTED_FORWARD, true)] {
        for link in graph.links_as(from, role) {
            if let Some(rest) = link.rest() {
                stray.get_or_insert_with(|| rest.clone());
            }
            for (group, certainty) in link.resources() {
                let why = doubt(graph, link, certainty);
                let weight = weighted.then(|| weight(graph, link)).flatten();
                found.push(Forward { group, certainty, why, weight });
            }
        }
    }
    // A group that one forward names for sure is not named possibly as well.
    let certain: Vec<ResourceId> =
        found.iter().filter(|f| f.certainty == Certainty::Certain).map(|f| f.group).collect();
    found.retain(|f| f.certainty == Certainty::Certain || !certain.contains(&f.group));
    let mut seen = rustc_hash::FxHashSet::default();
    found.retain(|forward| seen.insert(forward.group));
    found
}

fn weight(graph: &Graph, link: &Link) -> Option<Value> {
    let (action, group) = (link.at.first()?, link.at.last()?);
    if !link.placed {
        let place = graph.resource(link.from).place(&link.path);
        return Some(Value::unknown(Unknown::at(Reason::SeveralMentions, place)));
    }
    graph.resource(link.from).get(&format!("actions.{action}.weights.{group}")).to_value()
}

fn hops(graph: &Graph, from: ResourceId, role: crate::graph::Role) -> Vec<(Hop, Certainty, Option<Unknown>)> {
    let Some(link) = graph.links_as(from, role).next() else {
        let place = graph.resource(from).place("");
        return vec![(Hop::Unknown(Unknown::at(Reason::NotInConfiguration, place)), Certainty::Certain, None)];
    };
    let mut found = Vec::new();
    for end in &link.ends {
        let hop = match &end.to {
            Target::Resource(id) => Hop::Resource(*id),
            Target::Outside(arn) => Hop::Outside(arn.clone()),
        };
        found.push((hop, end.certainty, doubt(graph, link, end.certainty)));
    }
    if found.is_empty() {
        let unknown = link.rest().cloned().unwrap_or_else(|| Unknown::because(Reason::NotInConfiguration));
        found.push((Hop::Unknown(unknown), Certainty::Certain, None));
    }
    found
}

fn certainty_of(graph: &Graph, link: &Link, to: ResourceId) -> (Certainty, Option<Unknown>) {
    let sure = link.resources().find(|(id, _)| *id == to).map_or(Certainty::Possible, |(_, certainty)| certainty);
    (sure, doubt(graph, link, sure))
}

fn doubt(graph: &Graph, link: &Link, certainty: Certainty) -> Option<Unknown> {
    (certainty == Certainty::Possible).then(|| {
        let place = graph.resource(link.from).place(&link.path);
        link.rest().cloned().unwrap_or_else(|| Unknown::at(Reason::SeveralMentions, place))
    })
}

/// Whether a load balancer is an application one; none when it cannot be told.
fn is_application(graph: &Graph, balancer: &Hop) -> Option<bool> {
    let kind = graph.resource(balancer.resource()?).get("type").str()?;
    Some(kind == "application")
}
