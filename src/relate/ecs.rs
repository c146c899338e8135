//! What ECS does with a service's load balancer block: the network mode, the container it names, and the port its
//! tasks are registered with. Where containers come from (`container_definitions`) is the catalog's business.

use super::reach::Ports;
use super::rules::PortRange;
use crate::catalog::names::{self, role};
use crate::graph::{Graph, Lookup, Reason, ResourceId, Unknown, Value, lookup};

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
            (Lookup::Unknown(unknown), _) | (_, Lookup::Unknown(unknown)) => Value::unknown(unknown.clone()),
            (_, Lookup::Known(value)) if value.as_list().is_some_and(|providers| !providers.is_empty()) => {
                let names: Vec<Option<&str>> = value
                    .as_list()
                    .into_iter()
                    .flatten()
                    .map(|provider| lookup(provider, "capacity_provider").str())
                    .collect();
                if names.iter().all(|name| matches!(name, Some("FARGATE" | "FARGATE_SPOT"))) {
                    "FARGATE".into()
                } else if names.iter().all(|name| matches!(name, Some(name) if !name.starts_with("FARGATE"))) {
                    "EC2".into()
                } else {
                    let place = service.place("capacity_provider_strategy");
                    Value::unknown(Unknown::at(Reason::AfterApply, place))
                }
            }
            // Without either the cluster's default strategy decides, and EC2 when it has none.
            _ => match self.cluster_default() {
                Some(unknown) => Value::unknown(unknown),
                None => "EC2".into(),
            },
        }
    }

    fn cluster_default(&self) -> Option<Unknown> {
        let link = self.graph.links_as(self.service, role::CLUSTER_OF).next()?;
        let cluster = self.graph.resource(self.service).place("cluster");
        match link.certain() {
            Some(cluster) if self.graph.resource(cluster).mode == crate::graph::Mode::Managed => None,
            _ => Some(Unknown::at(
                Reason::Undecidable("the cluster's default capacity provider strategy is not visible".into()),
                cluster,
            )),
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
        let place = self.graph.resource(self.service).place("task_definition");
        Value::unknown(Unknown::at(Reason::Undecidable("the task definition is not visible".into()), place))
    }

    /// The port the tasks are registered with.
    #[must_use]
    pub fn port(&self) -> Ports {
        let place = |path: &str| self.graph.resource(self.service).place(path);
        let container_port = match self.attribute("container_port") {
            Lookup::Unknown(unknown) => return Ports::Unknown(unknown.clone()),
            found => match found.known().and_then(|port| Ports::of(port, || place("load_balancer"))) {
                Some(Ports::One(port)) => port,
                Some(hidden) => return hidden,
                None => {
                    let place = place("load_balancer");
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
                let place = self.graph.resource(self.service).place("task_definition");
                let why = "the container behind the load balancer block is not visible";
                return Ports::Unknown(Unknown::at(Reason::Undecidable(why.into()), place));
            }
        };
        let mappings = lookup(container, "port_mappings");
        let mapping = mappings
            .list()
            .into_iter()
            .flatten()
            .find(|mapping| lookup(mapping, "container_port").int() == Some(container_port));
        let port = mapping.and_then(|mapping| lookup(mapping, "host_port").known());
        let place = || self.graph.resource(self.service).place("task_definition");
        match port.and_then(|port| Ports::of(port, place)) {
            Some(Ports::One(0)) | None => Ports::Range(DYNAMIC_PORTS.0, DYNAMIC_PORTS.1),
            Some(port) => port,
        }
    }
}

/// Whether a resource registers tasks by load balancer blocks.
#[must_use]
pub fn is_ecs(graph: &Graph, id: ResourceId) -> bool {
    matches!(graph.resource(id).kind, Some(names::ECS_SERVICE | names::ECS_TASK_SET))
}
