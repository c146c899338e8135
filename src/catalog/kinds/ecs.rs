//! ECS: services, task definitions with their containers, task sets, clusters.

use super::names::{self, role};
use super::{Attribute, Const, Default, INT, KindSpec, OBJECTS, Read, STRING, attribute, link, links, read};
use crate::graph::{Data, Map, Reason, Text, Unknown, Value};

/// A service.
pub(super) const SERVICE: KindSpec = KindSpec {
    kind: names::ECS_SERVICE,
    doc: "ECS service",
    terraform: &["aws_ecs_service"],
    cloudformation: &[],
    attributes: &[
        attribute("name", STRING, "name", Default::None, "name"),
        attribute("launch_type", STRING, "launch_type", Default::Computed, "EC2, FARGATE or EXTERNAL"),
        attribute(
            "capacity_providers",
            OBJECTS,
            "capacity_provider_strategy",
            Default::None,
            "capacity provider strategy",
        ),
        attribute("desired_count", INT, "desired_count", Default::Provider(Const::Int(0)), "tasks wanted"),
        attribute(
            "health_check_grace_period",
            INT,
            "health_check_grace_period_seconds",
            Default::Both(Const::Int(0)),
            "seconds a new task's failing checks are ignored",
        ),
        attribute(
            "minimum_healthy_percent",
            INT,
            "deployment_minimum_healthy_percent",
            Default::Both(Const::Int(100)),
            "percent of tasks kept while deploying",
        ),
        attribute(
            "maximum_percent",
            INT,
            "deployment_maximum_percent",
            Default::Both(Const::Int(200)),
            "percent of tasks allowed while deploying",
        ),
        attribute(
            "load_balancers",
            OBJECTS,
            "load_balancer",
            Default::None,
            "target groups it registers its tasks in: container_name, container_port",
        ),
        attribute(
            "scheduling_strategy",
            STRING,
            "scheduling_strategy",
            Default::Both(Const::Str("REPLICA")),
            "REPLICA or DAEMON",
        ),
    ],
    links: &[
        link(role::TASK_DEFINITION, "task_definition", &[names::ECS_TASK_DEFINITION]),
        link(role::TARGET_GROUP_OF, "load_balancer[*].target_group_arn", &[names::TARGET_GROUP]),
        links(role::SECURITY_GROUPS, "network_configuration[*].security_groups", &[names::SECURITY_GROUP]),
        links(role::SUBNETS, "network_configuration[*].subnets", &[names::SUBNET]),
        link(role::CLUSTER_OF, "cluster", &[names::ECS_CLUSTER]),
    ],
    identifiers: &["id", "arn", "name"],
    identifiers_cloudformation: &[],
};

/// A task definition.
pub(super) const TASK_DEFINITION: KindSpec = KindSpec {
    kind: names::ECS_TASK_DEFINITION,
    doc: "ECS task definition with its containers",
    terraform: &["aws_ecs_task_definition"],
    cloudformation: &[],
    attributes: &[
        attribute("family", STRING, "family", Default::None, "family"),
        attribute(
            "network_mode",
            STRING,
            "network_mode",
            Default::Aws(Const::Str("bridge")),
            "awsvpc, bridge, host or none",
        ),
        attribute(
            "requires_compatibilities",
            super::STRINGS,
            "requires_compatibilities",
            Default::None,
            "launch types it must be valid for",
        ),
        CONTAINERS,
    ],
    links: &[],
    identifiers: &["id", "arn", "arn_without_revision", "family"],
    identifiers_cloudformation: &[],
};

/// A task set of a service with an external deployment controller.
pub(super) const TASK_SET: KindSpec = KindSpec {
    kind: names::ECS_TASK_SET,
    doc: "ECS task set",
    terraform: &["aws_ecs_task_set"],
    cloudformation: &[],
    attributes: &[
        attribute("launch_type", STRING, "launch_type", Default::Computed, "EC2, FARGATE or EXTERNAL"),
        attribute(
            "capacity_providers",
            OBJECTS,
            "capacity_provider_strategy",
            Default::None,
            "capacity provider strategy",
        ),
        attribute("load_balancers", OBJECTS, "load_balancer", Default::None, "target groups it registers its tasks in"),
    ],
    links: &[
        link(role::SERVICE_OF, "service", &[names::ECS_SERVICE]),
        link(role::TASK_DEFINITION, "task_definition", &[names::ECS_TASK_DEFINITION]),
        link(role::TARGET_GROUP_OF, "load_balancer[*].target_group_arn", &[names::TARGET_GROUP]),
        links(role::SECURITY_GROUPS, "network_configuration[*].security_groups", &[names::SECURITY_GROUP]),
        links(role::SUBNETS, "network_configuration[*].subnets", &[names::SUBNET]),
    ],
    identifiers: &["id", "arn"],
    identifiers_cloudformation: &[],
};

/// A cluster.
pub(super) const CLUSTER: KindSpec = KindSpec {
    kind: names::ECS_CLUSTER,
    doc: "ECS cluster",
    terraform: &["aws_ecs_cluster"],
    cloudformation: &[],
    attributes: &[attribute("name", STRING, "name", Default::None, "name")],
    links: &[],
    identifiers: &["id", "arn", "name"],
    identifiers_cloudformation: &[],
};

/// A capacity provider: tasks placed through it run on the instances of its Auto Scaling group.
pub(super) const CAPACITY_PROVIDER: KindSpec = KindSpec {
    kind: names::ECS_CAPACITY_PROVIDER,
    doc: "ECS capacity provider",
    terraform: &["aws_ecs_capacity_provider"],
    cloudformation: &[],
    attributes: &[attribute("name", STRING, "name", Default::None, "name")],
    links: &[link(
        role::CAPACITY_OF,
        "auto_scaling_group_provider[*].auto_scaling_group_arn",
        &[names::AUTOSCALING_GROUP],
    )],
    identifiers: &["id", "arn", "name"],
    identifiers_cloudformation: &[],
};

/// The capacity providers of a cluster.
pub(super) const CLUSTER_CAPACITY: KindSpec = KindSpec {
    kind: names::ECS_CLUSTER_CAPACITY,
    doc: "capacity providers of an ECS cluster",
    terraform: &["aws_ecs_cluster_capacity_providers"],
    cloudformation: &[],
    attributes: &[attribute(
        "capacity_providers",
        super::STRINGS,
        "capacity_providers",
        Default::None,
        "names of its capacity providers",
    )],
    links: &[link(role::CLUSTER_OF, "cluster_name", &[names::ECS_CLUSTER])],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};

const CONTAINERS: Attribute = read(
    "containers",
    OBJECTS,
    Read::From("container_definitions", read_containers),
    Default::None,
    "containers: name, image, command, entry_point, environment, port_mappings",
);

/// The containers out of Terraform's JSON text, in our vocabulary; unknown with the reason when it is no such text.
fn read_containers(text: &Value) -> Value {
    let Some(json) = text.as_str() else { return text.clone() };
    let parsed: Result<Vec<Container<'_>>, _> = serde_json::from_str(json);
    match parsed {
        Ok(containers) => containers.into_iter().map(Value::from).collect::<Vec<Value>>().into(),
        Err(_) => Value::unknown(Unknown::because(Reason::Undecidable(
            "container_definitions is no list of containers in JSON".into(),
        ))),
    }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Container<'a> {
    #[serde(borrow, default)]
    name: std::borrow::Cow<'a, str>,
    #[serde(borrow, default)]
    image: std::borrow::Cow<'a, str>,
    #[serde(default)]
    port_mappings: Option<Vec<PortMapping>>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct PortMapping {
    #[serde(default)]
    container_port: Option<Port>,
    #[serde(default)]
    host_port: Option<Port>,
    #[serde(default)]
    container_port_range: Option<String>,
}

/// ECS takes ports as numbers; templates often pass them as text.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Port {
    Number(i64),
    Text(String),
}

impl From<Container<'_>> for Value {
    fn from(container: Container<'_>) -> Value {
        let text = |text: &str| Value::new(Data::String(Text::from(text)));
        let mappings = container.port_mappings.unwrap_or_default().into_iter().map(Value::from).collect::<Vec<Value>>();
        Map::from_iter([
            (Text::from("name"), text(&container.name)),
            (Text::from("image"), text(&container.image)),
            (Text::from("port_mappings"), mappings.into()),
        ])
        .into()
    }
}

impl From<PortMapping> for Value {
    fn from(mapping: PortMapping) -> Value {
        let mut map = Map::default();
        for (name, port) in [("container_port", mapping.container_port), ("host_port", mapping.host_port)] {
            let number = port.and_then(|port| match port {
                Port::Number(number) => Some(number),
                Port::Text(text) => text.parse().ok(),
            });
            if let Some(number) = number {
                map.insert(name.into(), number.into());
            }
        }
        if let Some(range) = mapping.container_port_range {
            map.insert("container_port_range".into(), range.as_str().into());
        }
        map.into()
    }
}
