//! Variables for what stands around a resource: reach, zones, routes, alarms, capacity, permissions. Each is what one
//! relation told; nothing is worked out here.

use rustc_hash::FxHashMap;

use super::backend_facts;
use super::model::{Connection, Model};
use super::variable::{
    Later, Rest, Variable, answer_of, answered_later, derived, seen, seen_beside, told, told_later, words_of,
};
use crate::catalog::names::{self, role};
use crate::catalog::place_of;
use crate::graph::{Certainty, Graph, Link, Lookup, Map, Reason, ResourceId, Text, Unknown, Value, lookup, name};
use crate::relate::ecs::Registering;
use crate::relate::order::{self, Order};
use crate::relate::reach::{Answer, Reached};
use crate::relate::registration::{Registration, Registrations};
use crate::relate::{RightDimension, Told, alarms, callers, identity_provider, tls, zones};

impl Model<'_> {
    /// What is derived for a resource of a kind, beside what `facts` has.
    pub(super) fn around(&self, id: ResourceId) -> Vec<Variable<'_>> {
        let graph = self.graph;
        match graph.resource(id).kind {
            Some(names::LOAD_BALANCER) => vec![
                seen("zones", "several", zones::in_two_zones(graph, id)),
                seen("internet", "reachable", self.routing.public(id)),
                told("alarms", "on_errors", self.error_alarms.watch(id)),
                self.web_acl(id),
            ],
            Some(names::LISTENER) => vec![self.identity_provider(id)],
            Some(names::LISTENER_RULE) => {
                vec![told("precedence", "reached", self.precedence.reached(id))]
            }
            Some(names::TARGET_GROUP) => vec![self.served_zones(id), self.vpcs(id), self.front(id)],
            Some(names::ECS_SERVICE) => vec![
                self.serves(id),
                self.startup(id),
                told("capacity", "wanted", self.capacity.wanted(id)),
                made_after(order::made_after_listener(graph, id)),
            ],
            Some(names::AUTOSCALING_GROUP) => {
                vec![self.serves(id), told("capacity", "wanted", self.capacity.wanted(id))]
            }
            Some(names::LAMBDA_FUNCTION | names::INSTANCE) => vec![self.serves(id)],
            Some(names::ALARM) => vec![self.dimensions(id)],
            Some(names::DISTRIBUTION) => {
                vec![seen("callee", "waited_for", callers::waits_long_enough(graph, id))]
            }
            Some(names::API_INTEGRATION) => {
                vec![seen("callee", "waited_for", callers::api_waits_long_enough(graph, id))]
            }
            Some(names::BEANSTALK_ENVIRONMENT) => vec![self.balancer(id), backend_facts::of_environment(self, id)],
            _ => Vec::new(),
        }
    }

    /// The load balancer that Elastic Beanstalk makes for an environment.
    fn balancer(&self, id: ResourceId) -> Variable<'_> {
        let value = |told: Result<bool, Unknown>| told.map_or_else(Value::unknown, Value::from);
        let facts = [
            (name("application"), value(self.environments.has_application_load_balancer(id))),
            (name("own"), value(self.environments.owns_load_balancer(id))),
        ];
        derived("balancer", Map::from_iter(facts))
    }

    /// Whether requests and health checks get from a load balancer to a target.
    pub(super) fn reached<'m>(&'m self, connection: &'m Connection) -> Variable<'m> {
        let parts = [("traffic", &*connection.traffic), ("health_check", &*connection.health)];
        let facts = |reached: &Reached, mut facts: Map| {
            facts.set("admitted", answer_of(reached));
            facts.set("partly", (reached.answer == Answer::Partly).into());
            Value::from(facts)
        };
        let bare = parts.map(|(part, reached)| (name(part), facts(reached, Map::with_room(2))));
        derived("reach", bare.into_iter().collect()).with(Later::Gaps { depth: 2 }, move || {
            let mut rest = Rest::default();
            let members = self.members(connection);
            for (part, reached) in parts {
                rest.facts.set(part, facts(reached, words_of(reached)));
                let evidence = reached.evidence.iter().chain(&members);
                rest.evidence.extend(evidence.map(|(place, value)| (part, place.clone(), value.clone())));
            }
            rest
        })
    }

    /// Whether a target is in a zone of the load balancer.
    pub(super) fn shared_zones(&self, connection: &Connection) -> Variable<'_> {
        let registration = self.registration(connection.registration);
        seen("zones", "shared", zones::shared(self.graph, connection.load_balancer, registration))
    }

    /// Whether a load balancer speaks the newest TLS to its targets.
    pub(super) fn tls(&self, connection: &Connection) -> Variable<'_> {
        let load_balancer = connection.load_balancer;
        told_later("tls", "newest", move || tls::speaks_tls13(self.graph, load_balancer))
    }

    /// Whether a load balancer may call a Lambda target.
    pub(super) fn permission(&self, registration: &Registration) -> Variable<'_> {
        seen("permission", "granted", self.permissions.granted(registration))
    }

    /// How the tasks of a load balancer block are stopped.
    pub(super) fn stop_facts(&self, registration: &Registration, block: &Registering<'_>) -> Vec<(Text, Value)> {
        let via = self.graph.resource(registration.via);
        let seconds = match block.container() {
            Lookup::Known(container) => {
                lookup(container, "stop_timeout").to_value().unwrap_or_else(|| DEFAULT_STOP_TIMEOUT.into())
            }
            Lookup::Unknown(unknown) => Value::unknown(unknown.clone()),
            Lookup::Absent => {
                let outside = Reason::OutsideInput("the container behind the load balancer block".into());
                Value::unknown(Unknown::at(outside, via.place("")))
            }
        };
        vec![(name("stop_timeout"), seconds), (name("spot"), block.on_spot())]
    }

    /// The forward action of a listener or rule as a whole.
    pub(super) fn forward_facts(&self, owner: ResourceId) -> Vec<(Text, Value)> {
        let actions = match self.graph.resource(owner).get("actions") {
            Lookup::Known(actions) => actions.as_list().unwrap_or_default(),
            Lookup::Unknown(unknown) => {
                let unknown = || Value::unknown(unknown.clone());
                return vec![(name("groups"), unknown()), (name("sticky"), unknown())];
            }
            Lookup::Absent => &[],
        };
        let is_weighted = |action: &Value| lookup(action, "weights").list().is_none_or(|weights| !weights.is_empty());
        let weighted = (0_u32..).zip(actions).find(|(_, action)| is_weighted(action));
        let Some((at, action)) = weighted else {
            return vec![(name("groups"), 1.into()), (name("sticky"), false.into())];
        };
        let groups = match lookup(action, "weights") {
            Lookup::Known(weights) => {
                let named = weights.as_list().unwrap_or_default().len();
                let links = self.graph.links_as(owner, role::WEIGHTED_FORWARD);
                let certain = links.filter(|link| link.at.first() == Some(&at)).filter_map(Link::certain);
                let mut groups: Vec<ResourceId> = certain.collect();
                let again = groups.len();
                groups.sort_unstable();
                groups.dedup();
                // Who names a group twice gets it once.
                i64::try_from(named - (again - groups.len()).min(named)).unwrap_or(i64::MAX).into()
            }
            other => other.to_value().unwrap_or_else(|| 1.into()),
        };
        let sticky = lookup(action, "sticky").to_value().unwrap_or_else(|| false.into());
        vec![(name("groups"), groups), (name("sticky"), sticky)]
    }

    fn serves(&self, id: ResourceId) -> Variable<'_> {
        let present = match self.serving.get(&id) {
            Some(Ok(())) => true.into(),
            Some(Err(unknown)) => Value::unknown(unknown.clone()),
            None => false.into(),
        };
        derived("serves", Map::from_iter([(name("present"), present)]))
    }

    /// How long the containers of a service that get requests say that they need to start. Containers that are not visible
    /// say nothing.
    fn startup(&self, service: ResourceId) -> Variable<'_> {
        let blocks = self.graph.resource(service).get("load_balancers").list().unwrap_or_default().len();
        let blocks = (0..u32::try_from(blocks).unwrap_or(0)).map(|at| Registering::new(self.graph, service, at));
        let mut longest: Option<(Value, String)> = None;
        for block in blocks {
            let Lookup::Known(container) = block.container() else { continue };
            let Some(seconds) = lookup(container, "start_period").to_value() else { continue };
            let is_longer = longest.as_ref().is_none_or(|(known, _)| {
                known.as_int().is_some_and(|known| seconds.as_int().is_none_or(|seconds| seconds > known))
            });
            if is_longer {
                longest = Some((seconds, lookup(container, "name").str().unwrap_or_default().to_owned()));
            }
        }
        let facts = longest.map(|(seconds, container)| {
            [(name("seconds"), seconds), (name("container"), container.as_str().into())].into_iter().collect()
        });
        derived("startup", facts.unwrap_or_default())
    }

    fn web_acl(&self, id: ResourceId) -> Variable<'_> {
        let mut present: Value = false.into();
        for link in self.graph.incoming_as(id, role::PROTECTS) {
            if link.certain() == Some(id) {
                present = true.into();
                break;
            }
            let place = self.graph.resource(link.from).place(&link.path);
            present = Value::unknown(Unknown::at(Reason::SeveralMentions, place));
        }
        derived("web_acl", Map::from_iter([(name("present"), present)]))
    }

    fn dimensions(&self, alarm: ResourceId) -> Variable<'_> {
        let right = alarms::right_dimensions(self.graph, alarm);
        let mut facts = Map::default();
        facts.set("right", right.iter().map(RightDimension::to_value).collect::<Vec<Value>>().into());
        seen_beside("dimensions", facts, "match", alarms::dimensions_match(self.graph, alarm))
    }

    pub(super) fn egress(&self, load_balancer: ResourceId) -> Variable<'_> {
        let mut facts = Map::with_room(1);
        facts.set("needed", self.network_targets.behind(load_balancer).holds.map_or_else(Value::unknown, Value::from));
        answered_later("egress", facts, "declared", move || self.reach.egress_declared(load_balancer))
    }

    fn identity_provider(&self, listener: ResourceId) -> Variable<'_> {
        let mut facts = Map::with_room(1);
        facts.set("asked", identity_provider::asked(self.graph, listener).map_or_else(Value::unknown, Value::from));
        answered_later("identity_provider", facts, "reachable", move || self.reach.identity_provider(listener))
    }

    /// The load balancers whose requests surely end in a group.
    fn balancers_of(&self, group: ResourceId) -> Vec<ResourceId> {
        let routes = self.routes_over.get(group).map(|at| &self.routes.all[at]);
        let certain = routes.filter(|route| route.certainty == Certainty::Certain);
        let mut balancers: Vec<ResourceId> = certain.filter_map(|route| route.load_balancer.resource()).collect();
        balancers.sort_unstable();
        balancers.dedup();
        balancers
    }

    fn served_zones(&self, group: ResourceId) -> Variable<'_> {
        let balancers = self.balancers_of(group).into_iter();
        let all = balancers
            .filter_map(|balancer| zones::every_zone_served(self.graph, balancer, self.registrations.of(group)));
        seen("zones", "served", worst(all))
    }

    /// What requests of a group come through.
    fn front(&self, group: ResourceId) -> Variable<'_> {
        let (mut protocols, mut types, mut evidence) = (Vec::new(), Vec::new(), Vec::new());
        for route in self.routes_over.get(group).map(|at| &self.routes.all[at]) {
            for (hop, attribute, values) in
                [(&route.listener, "protocol", &mut protocols), (&route.load_balancer, "ip_address_type", &mut types)]
            {
                let Some(resource) = hop.resource().map(|id| self.graph.resource(id)) else { continue };
                let Some(value) = resource.get(attribute).to_value() else { continue };
                let doubt = (route.certainty == Certainty::Possible).then(|| {
                    let why = route.why.clone();
                    why.unwrap_or_else(|| Unknown::at(Reason::SeveralMentions, resource.place("")))
                });
                let told = doubt.map_or_else(|| value.clone(), Value::unknown);
                if !values.contains(&told) {
                    evidence.push((attribute, place_of(resource, attribute), value));
                    values.push(told);
                }
            }
        }
        let fields = [("protocol", protocols), ("ip_address_type", types)];
        let facts = fields.into_iter().map(|(name, values)| (name.into(), Value::from(values)));
        derived("front", facts.collect()).resting_on(|| evidence)
    }

    fn vpcs(&self, group: ResourceId) -> Variable<'_> {
        let balancers = self.balancers_of(group).into_iter();
        let all = balancers.filter_map(|balancer| zones::one_vpc(self.graph, balancer, group));
        seen("vpc", "shared", worst(all))
    }
}

/// Seconds from SIGTERM to SIGKILL when a container does not say.
const DEFAULT_STOP_TIMEOUT: i64 = 30;

/// What is registered in groups that serve Application Load Balancers.
pub(super) fn serving(graph: &Graph, registrations: &Registrations) -> FxHashMap<ResourceId, Result<(), Unknown>> {
    let mut serving: FxHashMap<ResourceId, Result<(), Unknown>> = FxHashMap::default();
    for registration in registrations.all() {
        let Some(target) = registration.target.resource else { continue };
        let group = graph.resource(registration.target_group);
        let doubt = match (group.get("target_type").str(), group.get("protocol")) {
            (Some("lambda"), _) => None,
            (_, Lookup::Unknown(unknown)) => Some(unknown.clone()),
            (_, protocol) if matches!(protocol.str(), Some("HTTP" | "HTTPS")) => None,
            _ => continue,
        };
        let possible = (registration.certainty == Certainty::Possible).then(|| {
            let place = place_of(graph.resource(registration.via), "load_balancers");
            registration.why.clone().unwrap_or_else(|| Unknown::at(Reason::SeveralMentions, place))
        });
        let answer = possible.or(doubt).map_or(Ok(()), Err);
        // A function is called by way of its alias too.
        let function = graph.links_as(target, role::FUNCTION_OF).find_map(|link| link.certain());
        for id in [Some(target), function].into_iter().flatten() {
            let known = serving.entry(id).or_insert_with(|| answer.clone());
            if answer.is_ok() {
                *known = Ok(());
            }
        }
    }
    serving
}

/// The first that says no, else the first that cannot tell, else any.
fn worst(all: impl Iterator<Item = Told>) -> Option<Told> {
    all.min_by_key(|told| match told.holds {
        Ok(false) => 0,
        Err(_) => 1,
        Ok(true) => 2,
    })
}

/// Whether a service waits for what forwards to it, and how it would.
fn made_after<'m>(order: Option<Order>) -> Variable<'m> {
    let mut facts = Map::with_room(3);
    facts.set("fix", order.as_ref().map_or("", |order| &order.fix).into());
    seen_beside("order", facts, "after", order.map(|order| order.after))
}
