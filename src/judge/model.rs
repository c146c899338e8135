//! Everything derived from one graph, worked out once and shared by all policies: registrations, routes, connections
//! and reach.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::catalog::place_of;
use crate::graph::{Certainty, Graph, Lookup, Place, ResourceId, Threads, Unknown, Value, both};
use crate::relate::Family;
use crate::relate::TargetKind;
use crate::relate::alarms::ErrorAlarms;
use crate::relate::backends::Backends;
use crate::relate::beanstalk::Environments;
use crate::relate::capacity::Capacity;
use crate::relate::forwarding::{Hop, Routes};
use crate::relate::internet::Routing;
use crate::relate::lambda_permission::Permissions;
use crate::relate::network_targets::NetworkTargets;
use crate::relate::priorities::Priorities;
use crate::relate::reach::{Answer, Ports, Reached, SecurityReach};
use crate::relate::registration::{Registration, Registrations};
use crate::relate::shadow::Precedence;
use crate::server::Beside;

/// A graph and what follows from it.
pub(super) struct Model<'g> {
    pub graph: &'g Graph,
    pub beside: &'g Beside,
    pub registrations: Registrations,
    pub backends: Backends,
    pub environments: Environments<'g>,
    pub routes: Routes,
    pub reach: SecurityReach<'g>,
    /// Load balancer × registration, in the order of routes.
    pub connections: Vec<Connection>,
    by_ends: FxHashMap<(ResourceId, usize), usize>,
    /// Indices of routes, by resource on them.
    pub routes_over: RoutesOf<ResourceId>,
    pub routes_of_registration: RoutesOf<usize>,
    pub priorities: Priorities<'g>,
    pub routing: Routing<'g>,
    pub precedence: Precedence<'g>,
    pub capacity: Capacity<'g>,
    pub permissions: Permissions<'g>,
    pub error_alarms: ErrorAlarms<'g>,
    pub network_targets: NetworkTargets<'g>,
    /// What requests of Application Load Balancers end at: whether it surely is registered in such a group.
    pub serving: FxHashMap<ResourceId, Result<(), Unknown>>,
}

/// What a load balancer opens to a target.
pub(super) struct Connection {
    pub load_balancer: ResourceId,
    pub registration: usize,
    pub certainty: Certainty,
    pub why: Option<Unknown>,
    pub traffic: Arc<Reached>,
    pub health: Arc<Reached>,
    pub health_port: Option<Ports>,
    pub routes: Vec<usize>,
}

impl<'g> Model<'g> {
    pub(super) fn new(graph: &'g Graph, beside: &'g Beside) -> Model<'g> {
        let paths = || {
            let registrations = Registrations::new(graph);
            let backends = Backends::new(graph, &registrations, beside);
            let routes = Routes::new(graph, &registrations);
            (registrations, backends, routes)
        };
        let large = graph.resources().len() >= LARGE;
        let ((registrations, backends, routes), reach) = both(large, paths, || SecurityReach::new(graph));
        let mut model = Model {
            graph,
            beside,
            backends,
            environments: Environments::new(graph, beside),
            registrations,
            routes,
            reach,
            connections: Vec::new(),
            by_ends: FxHashMap::default(),
            routes_over: RoutesOf(Vec::new()),
            routes_of_registration: RoutesOf(Vec::new()),
            priorities: Priorities::new(graph),
            routing: Routing::new(graph),
            precedence: Precedence::new(graph),
            capacity: Capacity::new(graph),
            permissions: Permissions::new(graph),
            error_alarms: ErrorAlarms::new(graph),
            network_targets: NetworkTargets::new(graph),
            serving: FxHashMap::default(),
        };
        model.serving = super::around::serving(graph, &model.registrations);
        model.index_routes();
        model.connect();
        model.reach.forget_questions();
        model
    }

    /// The attributes that hold for a resource.
    pub(super) fn attributes(&self, id: ResourceId) -> &Value {
        let settings = self.environments.settings(id);
        settings.map_or(&self.graph.resource(id).attributes, |settings| &settings.attributes)
    }

    /// The connection a route uses.
    pub(super) fn connection(&self, load_balancer: &Hop, registration: Option<usize>) -> Option<&Connection> {
        let at = self.by_ends.get(&(load_balancer.resource()?, registration?))?;
        self.connections.get(*at)
    }

    /// Paths that requests can take: not the groups that nothing forwards to.
    pub(super) fn request_paths(&self) -> usize {
        self.routes.all.iter().filter(|route| route.listener != Hop::None).count()
    }

    pub(super) fn registration(&self, at: usize) -> &Registration {
        &self.registrations.all()[at]
    }

    /// The port health checks go to.
    pub(super) fn health_port(&self, registration: &Registration) -> Option<Ports> {
        let traffic = registration.port.clone()?;
        match self.graph.resource(registration.target_group).get("health_check.port") {
            Lookup::Unknown(unknown) => Some(Ports::Unknown(unknown.clone())),
            port => {
                let place = || place_of(self.graph.resource(registration.target_group), "health_check.port");
                Some(port.known().and_then(|port| Ports::of(port, place)).unwrap_or(traffic))
            }
        }
    }

    fn index_routes(&mut self) {
        let routes = || self.routes.all.iter().enumerate();
        let over = routes().flat_map(|(at, route)| {
            let hops =
                [route.load_balancer.resource(), route.listener.resource(), route.rule, Some(route.target_group)];
            hops.into_iter().flatten().map(move |id| (id, at))
        });
        let of_registration = routes().filter_map(|(at, route)| Some((route.registration?, at)));
        (self.routes_over, self.routes_of_registration) = (over.collect(), of_registration.collect());
    }

    fn connect(&mut self) {
        let mut all: Vec<Ends> = Vec::new();
        for (at, route) in self.routes.all.iter().enumerate() {
            let (Some(load_balancer), Some(registration)) = (route.load_balancer.resource(), route.registration) else {
                continue;
            };
            let known = *self.by_ends.entry((load_balancer, registration)).or_insert(all.len());
            if let Some(ends) = all.get_mut(known) {
                ends.routes.push(at);
                if route.certainty < ends.certainty {
                    ends.certainty = route.certainty;
                    ends.why = None;
                }
                continue;
            }
            let (certainty, why, routes) = (route.certainty, route.why.clone(), vec![at]);
            all.push(Ends { load_balancer, registration, certainty, why, routes });
        }
        let opened = |_, part: &[Ends]| part.iter().map(|ends| self.opened(ends)).collect::<Vec<_>>();
        let opened = Threads::available(CONNECTIONS).parts(&all, opened).into_iter().flatten();
        let connections = all.into_iter().zip(opened).map(|(ends, (health_port, traffic, health))| {
            let Ends { load_balancer, registration, certainty, why, routes } = ends;
            Connection { load_balancer, registration, certainty, why, traffic, health, health_port, routes }
        });
        self.connections = connections.collect();
    }

    /// The port of health checks, and whether requests and they get through.
    fn opened(&self, ends: &Ends) -> (Option<Ports>, Arc<Reached>, Arc<Reached>) {
        let registered = self.registration(ends.registration);
        let family = self.family(registered);
        let ask = |port: Option<&Ports>| match port {
            _ if registered.target.kind == TargetKind::Lambda => Arc::new(no_packets()),
            None => Arc::new(no_packets()),
            Some(port) => self.reach.connection(ends.load_balancer, &registered.target, port, family),
        };
        let health_port = self.health_port(registered);
        let traffic = ask(registered.port.as_ref());
        let health = if health_port == registered.port { Arc::clone(&traffic) } else { ask(health_port.as_ref()) };
        (health_port, traffic, health)
    }

    /// Which groups are on the interfaces at the ends of a connection, as evidence; nothing where no packets go.
    pub(super) fn members(&self, connection: &Connection) -> Vec<(Place, Value)> {
        let registered = self.registration(connection.registration);
        match registered.port {
            Some(_) => self.reach.members(connection.load_balancer, &registered.target, self.family(registered)),
            None => Vec::new(),
        }
    }

    fn family(&self, registered: &Registration) -> Family {
        match self.graph.resource(registered.target_group).get("ip_address_type").str() {
            Some("ipv6") => Family::V6,
            _ => Family::V4,
        }
    }
}

/// Which routes something is on, in their order.
pub(super) struct RoutesOf<K>(Vec<(K, usize)>);

impl<K: Ord + Copy> RoutesOf<K> {
    pub(super) fn get(&self, of: K) -> impl ExactSizeIterator<Item = usize> {
        let from = self.0.partition_point(|(key, _)| *key < of);
        let to = self.0.partition_point(|(key, _)| *key <= of);
        self.0[from..to].iter().map(|(_, at)| *at)
    }
}

impl<K: Ord> FromIterator<(K, usize)> for RoutesOf<K> {
    fn from_iter<I: IntoIterator<Item = (K, usize)>>(routes: I) -> RoutesOf<K> {
        let mut routes: Vec<(K, usize)> = routes.into_iter().collect();
        routes.sort_unstable();
        routes.shrink_to_fit();
        RoutesOf(routes)
    }
}

/// What a connection connects.
struct Ends {
    load_balancer: ResourceId,
    registration: usize,
    certainty: Certainty,
    why: Option<Unknown>,
    routes: Vec<usize>,
}

/// A graph with so many resources is related on two threads.
const LARGE: usize = 4096;

/// So many connections are looked into on a thread of their own.
const CONNECTIONS: usize = 256;

fn no_packets() -> Reached {
    Reached {
        answer: Answer::NotApplicable,
        because: "nothing connects to the target".to_owned(),
        fix: String::new(),
        missing: Vec::new(),
        evidence: Vec::new(),
        unknown: None,
    }
}

/// What an answer is worth on a path that only may exist: a closed one is then not a fact yet.
pub(super) fn on_path(answer: Answer, certainty: Certainty) -> Answer {
    match (answer, certainty) {
        (Answer::No | Answer::Partly, Certainty::Possible) => Answer::Unknown,
        (answer, _) => answer,
    }
}
