//! What ECS does with a service's load balancer block: the network mode, the container it names, and the port its
//! tasks are registered with. Where containers come from (`container_definitions`) is the catalog's business.

use super::ports::PortRange;
use super::reach::Ports;
use crate::catalog::names::{self, role};
use crate::catalog::{place_of, place_of_edge};
use crate::graph::{Graph, Lookup, Mode, Place, Reason, ResourceId, Truth, Unknown, Value, lookup};

/// The dynamic host ports of the ECS-optimised images (the kernel's local port range).
pub const DYNAMIC_PORTS: (i64, i64) = (32768, 60999);
/// The last port a rule for them should open: AWS asks for the whole ephemeral range, as another image may draw from it.
const LAST_EPHEMERAL: u16 = 65535;

/// The ports a rule that mends a connection should name: those that are needed, and for dynamic host ports the whole
/// ephemeral range.
pub(super) fn ports_to_open((first, last): PortRange) -> PortRange {
    let dynamic = (i64::from(first), i64::from(last)) == DYNAMIC_PORTS;
    (first, if dynamic { LAST_EPHEMERAL } else { last })
}

/// One load balancer block of a service or task set.
pub struct Registering<'g> {
    graph: &'g Graph,
    /// The service or task set.
    pub service: ResourceId,
    block: Option<&'g Value>,
    whole: Option<&'g Unknown>,
}

impl<'g> Registering<'g> {
    /// Block number `at` of a service or task set.
    #[must_use]
    pub fn new(graph: &'g Graph, service: ResourceId, at: u32) -> Registering<'g> {
        let blocks = graph.resource(service).get("load_balancers");
        let block = blocks.list().and_then(|blocks| blocks.get(at as usize));
        let whole = blocks.unknown().or_else(|| block.and_then(Value::as_unknown).map(AsRef::as_ref));
        Registering { graph, service, block, whole }
    }

    /// An attribute of the block: `container_name`, `container_port`.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Lookup<'g> {
        match (self.whole, self.block) {
            (Some(unknown), _) => Lookup::Unknown(unknown),
            (None, Some(block)) => lookup(block, name),
            (None, None) => Lookup::Absent,
        }
    }

    /// The task definition, when it is certain which.
    #[must_use]
    pub fn task_definition(&self) -> Option<ResourceId> {
        self.graph.links_as(self.service, role::TASK_DEFINITION).find_map(|link| link.certain())
    }

    /// FARGATE, EC2 or EXTERNAL; unknown with a capacity provider strategy whose providers are not Fargate's own.
    #[must_use]
    pub fn launch_type(&self) -> Value {
        let service = self.graph.resource(self.service);
        if let Lookup::Known(value) = service.get("launch_type") {
            return value.clone();
        }
        let strategy = service.get("capacity_providers");
        match (service.get("launch_type"), strategy) {
            // A strategy and a launch type exclude each other: one that a plan does not know yet follows from it.
            (_, Lookup::Known(value)) if value.as_list().is_some_and(|providers| !providers.is_empty()) => {
                self.launched_by(value, || place_of(service, "capacity_providers"))
            }
            (Lookup::Unknown(unknown), _) | (_, Lookup::Unknown(unknown)) => Value::unknown(unknown.clone()),
            // Without either the cluster's default strategy decides, and EC2 when it has none.
            _ => self.cluster_default(),
        }
    }

    fn cluster_default(&self) -> Value {
        let Some(link) = self.graph.links_as(self.service, role::CLUSTER_OF).next() else { return "EC2".into() };
        let cluster = link.certain().map(|cluster| self.graph.resource(cluster));
        match cluster.filter(|cluster| cluster.mode == Mode::Managed) {
            Some(cluster) => match cluster.get("default_capacity_providers") {
                Lookup::Unknown(unknown) => Value::unknown(unknown.clone()),
                Lookup::Known(value) if value.as_list().is_some_and(|providers| !providers.is_empty()) => {
                    self.launched_by(value, || place_of(cluster, "default_capacity_providers"))
                }
                _ => "EC2".into(),
            },
            None => Value::unknown(Unknown::at(
                Reason::Undecidable("the cluster's default capacity provider strategy is not visible".into()),
                place_of_edge(self.graph.resource(self.service), role::CLUSTER_OF),
            )),
        }
    }

    /// Whether the service's own strategy places tasks on FARGATE_SPOT. A provider that is a resource is none of Fargate's.
    #[must_use]
    pub fn on_spot(&self) -> Value {
        let providers = match self.graph.resource(self.service).get("capacity_providers") {
            Lookup::Unknown(unknown) => return Value::unknown(unknown.clone()),
            providers => providers.list().unwrap_or_default(),
        };
        let mut hidden = None;
        for provider in providers {
            let name = match provider.as_unknown() {
                Some(unknown) => Lookup::Unknown(unknown),
                None => lookup(provider, "capacity_provider"),
            };
            match name {
                Lookup::Known(name) if name.as_str() == Some("FARGATE_SPOT") => return true.into(),
                Lookup::Unknown(unknown) if capacity_provider(self.graph, unknown).is_none() => {
                    hidden = hidden.or(Some(unknown.clone()));
                }
                _ => {}
            }
        }
        hidden.map_or_else(|| false.into(), Value::unknown)
    }

    /// The launch type that the providers of a strategy stand for. One that is a resource is none of Fargate's.
    fn launched_by(&self, strategy: &Value, place: impl FnOnce() -> Place) -> Value {
        let is_fargate = |provider: &Value| match lookup(provider, "capacity_provider") {
            Lookup::Known(value) => match value.as_str() {
                Some("FARGATE" | "FARGATE_SPOT") => Truth::True,
                Some(name) if !name.starts_with("FARGATE") => Truth::False,
                _ => Truth::Unknown,
            },
            Lookup::Unknown(unknown) if capacity_provider(self.graph, unknown).is_some() => Truth::False,
            _ => Truth::Unknown,
        };
        let all: Vec<Truth> = strategy.as_list().into_iter().flatten().map(is_fargate).collect();
        if all.iter().all(|one| *one == Truth::True) {
            "FARGATE".into()
        } else if all.iter().all(|one| *one == Truth::False) {
            "EC2".into()
        } else {
            let providers = strategy.as_list().into_iter().flatten();
            let why = providers.filter_map(|provider| lookup(provider, "capacity_provider").unknown()).next();
            Value::unknown(why.cloned().unwrap_or_else(|| {
                let why = "its capacity providers are of Fargate and of EC2, or it is not known which they are";
                Unknown::at(Reason::Undecidable(why.into()), place())
            }))
        }
    }

    /// awsvpc, bridge, host or none.
    #[must_use]
    pub fn network_mode(&self) -> Value {
        if self.launch_type().as_str() == Some("FARGATE") {
            return "awsvpc".into();
        }
        if let Some(definition) = self.task_definition() {
            return self.graph.resource(definition).get("network_mode").to_value().unwrap_or_else(|| "bridge".into());
        }
        // Only awsvpc takes a network configuration, and refuses to go without.
        if self.graph.links_as(self.service, role::SUBNETS).next().is_some() {
            return "awsvpc".into();
        }
        let place = place_of_edge(self.graph.resource(self.service), role::TASK_DEFINITION);
        Value::unknown(Unknown::at(Reason::Undecidable("the task definition is not visible".into()), place))
    }

    /// The port the tasks are registered with.
    #[must_use]
    pub fn port(&self) -> Ports {
        let place = || place_of(self.graph.resource(self.service), "load_balancers");
        let container_port = match self.attribute("container_port") {
            Lookup::Unknown(unknown) => return Ports::Unknown(unknown.clone()),
            found => match found.known().and_then(|port| Ports::of(port, place)) {
                Some(Ports::One(port)) => port,
                Some(hidden) => return hidden,
                None => {
                    let place = place();
                    return Ports::Unknown(Unknown::at(Reason::Undecidable("container_port is not set".into()), place));
                }
            },
        };
        let mode = self.network_mode();
        match (mode.as_str(), mode.as_unknown()) {
            (Some("awsvpc" | "host"), _) => Ports::One(container_port),
            (Some(_), _) => self.host_port(container_port),
            (None, Some(unknown)) => Ports::Unknown(unknown.as_ref().clone()),
            (None, None) => self.host_port(container_port),
        }
    }

    /// The container the block names.
    #[must_use]
    pub fn container(&self) -> Lookup<'g> {
        let name = match self.attribute("container_name") {
            Lookup::Unknown(unknown) => return Lookup::Unknown(unknown),
            name => name.str(),
        };
        match self.containers() {
            Lookup::Known(list) => {
                let named = |container: &&Value| lookup(container, "name").str() == name;
                list.as_list().into_iter().flatten().find(named).map_or(Lookup::Absent, Lookup::Known)
            }
            other => other,
        }
    }

    /// All containers of the task definition.
    #[must_use]
    pub fn containers(&self) -> Lookup<'g> {
        match self.task_definition() {
            Some(definition) => self.graph.resource(definition).get("containers"),
            None => Lookup::Absent,
        }
    }

    fn host_port(&self, container_port: i64) -> Ports {
        let container = match self.container() {
            Lookup::Known(container) => container,
            Lookup::Unknown(unknown) => return Ports::Unknown(unknown.clone()),
            Lookup::Absent => {
                let place = place_of_edge(self.graph.resource(self.service), role::TASK_DEFINITION);
                let why = "the container behind the load balancer block is not visible";
                return Ports::Unknown(Unknown::at(Reason::Undecidable(why.into()), place));
            }
        };
        let mapping = match mapping_of(container, container_port) {
            Lookup::Unknown(unknown) => return Ports::Unknown(unknown.clone()),
            mapping => mapping.known(),
        };
        let port = match mapping.map(|mapping| lookup(mapping, "host_port")) {
            Some(Lookup::Unknown(unknown)) => return Ports::Unknown(unknown.clone()),
            port => port.and_then(Lookup::known),
        };
        let place = || place_of_edge(self.graph.resource(self.service), role::TASK_DEFINITION);
        match port.and_then(|port| Ports::of(port, place)) {
            Some(Ports::One(0)) | None => Ports::Range(DYNAMIC_PORTS.0, DYNAMIC_PORTS.1),
            Some(port) => port,
        }
    }
}

/// The mapping of a container port, alone or in a range (`8000-8010`); unknown where one that is not known may be it.
#[must_use]
pub fn mapping_of(container: &Value, port: i64) -> Lookup<'_> {
    let mappings = match lookup(container, "port_mappings") {
        Lookup::Known(value) => value.as_list().unwrap_or_default(),
        other => return other,
    };
    let mut perhaps = Lookup::Absent;
    for mapping in mappings {
        let (one, range) = (lookup(mapping, "container_port"), lookup(mapping, "container_port_range"));
        let in_range = range.str().and_then(|range| {
            let (from, to) = range.split_once('-')?;
            Some((from.parse::<i64>().ok()?..=to.parse::<i64>().ok()?).contains(&port))
        });
        if one.int() == Some(port) || in_range == Some(true) {
            return Lookup::Known(mapping);
        }
        if let Some(unknown) = one.unknown().or(range.unknown()) {
            perhaps = Lookup::Unknown(unknown);
        }
    }
    perhaps
}

/// The capacity provider of the input whose name an unknown is.
pub(super) fn capacity_provider(graph: &Graph, unknown: &Unknown) -> Option<ResourceId> {
    let place = unknown.hangs_on.as_ref().filter(|_| unknown.reason == Reason::Reference)?;
    let found = graph.find(place.address.as_str())?;
    (graph.resource(found).kind == Some(names::ECS_CAPACITY_PROVIDER)).then_some(found)
}

/// Whether a resource registers tasks by load balancer blocks.
#[must_use]
pub fn is_ecs(graph: &Graph, id: ResourceId) -> bool {
    matches!(graph.resource(id).kind, Some(names::ECS_SERVICE | names::ECS_TASK_SET))
}
