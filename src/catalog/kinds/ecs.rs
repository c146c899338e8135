//! ECS: services, task definitions with their containers, task sets, clusters.

use super::containers;
use super::names::{self, role};
use super::{
    Attribute, Const, Default, INT, KindSpec, OBJECTS, Read, STRING, attribute, is_written, link, links, read, renamed,
};
use crate::catalog::schema::Type;

/// A service.
pub(super) const SERVICE: KindSpec = KindSpec {
    kind: names::ECS_SERVICE,
    doc: "ECS service",
    terraform: &["aws_ecs_service"],
    cloudformation: &["AWS::ECS::Service"],
    attributes: &[
        attribute("name", STRING, "name", Default::None, "name").property("ServiceName"),
        attribute("launch_type", STRING, "launch_type", Default::Computed, "EC2, FARGATE or EXTERNAL")
            .property("LaunchType")
            .else_in_cloudformation(Default::None),
        attribute(
            "capacity_providers",
            OBJECTS,
            "capacity_provider_strategy",
            Default::None,
            "capacity provider strategy",
        )
        .property_from("CapacityProviderStrategy", renamed),
        attribute("desired_count", INT, "desired_count", Default::Provider(Const::Int(0)), "tasks wanted")
            .property("DesiredCount")
            .else_in_cloudformation(Default::Aws(Const::Int(1))),
        attribute(
            "health_check_grace_period",
            INT,
            "health_check_grace_period_seconds",
            Default::Both(Const::Int(0)),
            "seconds a new task's failing checks are ignored",
        )
        .property("HealthCheckGracePeriodSeconds"),
        attribute(
            "minimum_healthy_percent",
            INT,
            "deployment_minimum_healthy_percent",
            Default::Both(Const::Int(100)),
            "percent of tasks kept while deploying",
        )
        .property("DeploymentConfiguration.MinimumHealthyPercent"),
        attribute(
            "maximum_percent",
            INT,
            "deployment_maximum_percent",
            Default::Both(Const::Int(200)),
            "percent of tasks allowed while deploying",
        )
        .property("DeploymentConfiguration.MaximumPercent"),
        attribute(
            "load_balancers",
            OBJECTS,
            "load_balancer",
            Default::None,
            "target groups it registers its tasks in: container_name, container_port",
        )
        .property_from("LoadBalancers", renamed),
        OWN_NETWORK,
        attribute(
            "scheduling_strategy",
            STRING,
            "scheduling_strategy",
            Default::Both(Const::Str("REPLICA")),
            "REPLICA or DAEMON",
        )
        .property("SchedulingStrategy"),
        attribute(
            "deployment_controller",
            STRING,
            "deployment_controller.type",
            Default::Both(Const::Str("ECS")),
            "who replaces tasks: ECS, CODE_DEPLOY or EXTERNAL",
        )
        .property("DeploymentController.Type"),
    ],
    links: &[
        link(role::TASK_DEFINITION, "task_definition", &[names::ECS_TASK_DEFINITION]).property(&["TaskDefinition"]),
        link(role::TARGET_GROUP_OF, "load_balancer[*].target_group_arn", &[names::TARGET_GROUP]).property(&[
            "LoadBalancers[*].TargetGroupArn",
            "LoadBalancers[*].AdvancedConfiguration.AlternateTargetGroupArn",
        ]),
        links(role::SECURITY_GROUPS, "network_configuration[*].security_groups", &[names::SECURITY_GROUP])
            .property(&["NetworkConfiguration.AwsvpcConfiguration.SecurityGroups"]),
        links(role::SUBNETS, "network_configuration[*].subnets", &[names::SUBNET])
            .property(&["NetworkConfiguration.AwsvpcConfiguration.Subnets"]),
        link(role::CLUSTER_OF, "cluster", &[names::ECS_CLUSTER]).property(&["Cluster"]),
    ],
    identifiers: &["id", "arn", "name"],
    identifiers_cloudformation: &["ServiceName"],
};

/// A task definition.
pub(super) const TASK_DEFINITION: KindSpec = KindSpec {
    kind: names::ECS_TASK_DEFINITION,
    doc: "ECS task definition with its containers",
    terraform: &["aws_ecs_task_definition"],
    cloudformation: &["AWS::ECS::TaskDefinition"],
    attributes: &[
        attribute("family", STRING, "family", Default::None, "family").property("Family"),
        attribute(
            "network_mode",
            STRING,
            "network_mode",
            Default::Aws(Const::Str("bridge")),
            "awsvpc, bridge, host or none",
        )
        .property("NetworkMode"),
        attribute(
            "requires_compatibilities",
            super::STRINGS,
            "requires_compatibilities",
            Default::None,
            "launch types it must be valid for",
        )
        .property("RequiresCompatibilities"),
        CONTAINERS,
    ],
    links: &[],
    identifiers: &["id", "arn", "arn_without_revision", "family"],
    identifiers_cloudformation: &["Family"],
};

/// A task set of a service with an external deployment controller.
pub(super) const TASK_SET: KindSpec = KindSpec {
    kind: names::ECS_TASK_SET,
    doc: "ECS task set",
    terraform: &["aws_ecs_task_set"],
    cloudformation: &["AWS::ECS::TaskSet"],
    attributes: &[
        attribute("launch_type", STRING, "launch_type", Default::Computed, "EC2, FARGATE or EXTERNAL")
            .property("LaunchType")
            .else_in_cloudformation(Default::None),
        attribute(
            "capacity_providers",
            OBJECTS,
            "capacity_provider_strategy",
            Default::None,
            "capacity provider strategy",
        )
        .property_from("CapacityProviderStrategy", renamed),
        attribute("load_balancers", OBJECTS, "load_balancer", Default::None, "target groups it registers its tasks in")
            .property_from("LoadBalancers", renamed),
        OWN_NETWORK,
    ],
    links: &[
        link(role::SERVICE_OF, "service", &[names::ECS_SERVICE]).property(&["Service"]),
        link(role::TASK_DEFINITION, "task_definition", &[names::ECS_TASK_DEFINITION]).property(&["TaskDefinition"]),
        link(role::TARGET_GROUP_OF, "load_balancer[*].target_group_arn", &[names::TARGET_GROUP])
            .property(&["LoadBalancers[*].TargetGroupArn"]),
        links(role::SECURITY_GROUPS, "network_configuration[*].security_groups", &[names::SECURITY_GROUP])
            .property(&["NetworkConfiguration.AwsVpcConfiguration.SecurityGroups"]),
        links(role::SUBNETS, "network_configuration[*].subnets", &[names::SUBNET])
            .property(&["NetworkConfiguration.AwsVpcConfiguration.Subnets"]),
    ],
    identifiers: &["id", "arn"],
    identifiers_cloudformation: &[],
};

/// A cluster.
pub(super) const CLUSTER: KindSpec = KindSpec {
    kind: names::ECS_CLUSTER,
    doc: "ECS cluster",
    terraform: &["aws_ecs_cluster"],
    cloudformation: &["AWS::ECS::Cluster"],
    attributes: &[
        attribute("name", STRING, "name", Default::None, "name").property("ClusterName"),
        read("capacity_providers", super::STRINGS, Read::Nowhere, Default::None, "names of its capacity providers")
            .property("CapacityProviders"),
        read(
            "default_capacity_providers",
            OBJECTS,
            Read::Nowhere,
            Default::None,
            "capacity provider strategy of services that name none",
        )
        .property_from("DefaultCapacityProviderStrategy", renamed),
    ],
    links: &[],
    identifiers: &["id", "arn", "name"],
    identifiers_cloudformation: &["ClusterName"],
};

/// A capacity provider: tasks placed through it run on the instances of its Auto Scaling group.
pub(super) const CAPACITY_PROVIDER: KindSpec = KindSpec {
    kind: names::ECS_CAPACITY_PROVIDER,
    doc: "ECS capacity provider",
    terraform: &["aws_ecs_capacity_provider"],
    cloudformation: &["AWS::ECS::CapacityProvider"],
    attributes: &[attribute("name", STRING, "name", Default::None, "name").property("Name")],
    links: &[link(
        role::CAPACITY_OF,
        "auto_scaling_group_provider[*].auto_scaling_group_arn",
        &[names::AUTOSCALING_GROUP],
    )
    .property(&["AutoScalingGroupProvider.AutoScalingGroupArn"])],
    identifiers: &["id", "arn", "name"],
    identifiers_cloudformation: &["Name"],
};

/// The capacity providers of a cluster.
pub(super) const CLUSTER_CAPACITY: KindSpec = KindSpec {
    kind: names::ECS_CLUSTER_CAPACITY,
    doc: "capacity providers of an ECS cluster",
    terraform: &["aws_ecs_cluster_capacity_providers"],
    cloudformation: &["AWS::ECS::ClusterCapacityProviderAssociations"],
    attributes: &[attribute(
        "capacity_providers",
        super::STRINGS,
        "capacity_providers",
        Default::None,
        "names of its capacity providers",
    )
    .property("CapacityProviders")],
    links: &[link(role::CLUSTER_OF, "cluster_name", &[names::ECS_CLUSTER]).property(&["Cluster"])],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};

const OWN_NETWORK: Attribute = read(
    "own_network",
    || Type::Bool,
    Read::From("network_configuration", is_written),
    Default::None,
    "true when its tasks have a network of their own",
)
.property_from("NetworkConfiguration", is_written);

const CONTAINERS: Attribute = read(
    "containers",
    OBJECTS,
    Read::From("container_definitions", containers::from_text),
    Default::None,
    "containers: name, image, command, entry_point, environment, secrets, mounts, port_mappings, stop_timeout, start_period",
)
.property_from("ContainerDefinitions", containers::from_list);
