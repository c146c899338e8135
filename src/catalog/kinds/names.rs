//! The names of kinds and edges, so that no other file spells them.

use crate::graph::{Kind, Role};

macro_rules! kinds {
    ($($name:ident = $text:literal),* $(,)?) => { $(#[doc = concat!("The kind `", $text, "`.")] pub const $name: Kind = Kind($text);)* };
}
macro_rules! roles {
    ($($name:ident = $text:literal: $doc:literal),* $(,)?) => { $(#[doc = $doc] pub const $name: Role = Role($text);)* };
}

/// What an unknown zone of a template hangs on: a list that AWS fills in.
pub const GET_ZONES: &str = "Fn::GetAZs";

/// The types of configuration templates of Elastic Beanstalk, in Terraform and in CloudFormation.
pub const BEANSTALK_TEMPLATES: [&str; 2] =
    ["aws_elastic_beanstalk_configuration_template", "AWS::ElasticBeanstalk::ConfigurationTemplate"];

kinds! {
    LOAD_BALANCER = "load_balancer",
    LISTENER = "listener",
    LISTENER_RULE = "listener_rule",
    LISTENER_CERTIFICATE = "listener_certificate",
    TARGET_GROUP = "target_group",
    TARGET_GROUP_ATTACHMENT = "target_group_attachment",
    SECURITY_GROUP = "security_group",
    SECURITY_GROUP_RULE = "security_group_rule",
    SECURITY_GROUP_INGRESS_RULE = "security_group_ingress_rule",
    SECURITY_GROUP_EGRESS_RULE = "security_group_egress_rule",
    INTERFACE_SECURITY_GROUP = "interface_security_group",
    SECURITY_GROUP_VPC = "security_group_vpc",
    VPC = "vpc",
    VPC_CIDR_BLOCK = "vpc_cidr_block",
    SUBNET = "subnet",
    PREFIX_LIST = "prefix_list",
    PREFIX_LIST_ENTRY = "prefix_list_entry",
    NETWORK_ACL = "network_acl",
    NETWORK_ACL_RULE = "network_acl_rule",
    NETWORK_ACL_ASSOCIATION = "network_acl_association",
    ECS_SERVICE = "ecs_service",
    ECS_TASK_DEFINITION = "ecs_task_definition",
    ECS_TASK_SET = "ecs_task_set",
    ECS_CLUSTER = "ecs_cluster",
    ECS_CAPACITY_PROVIDER = "ecs_capacity_provider",
    ECS_CLUSTER_CAPACITY = "ecs_cluster_capacity",
    AUTOSCALING_GROUP = "autoscaling_group",
    AUTOSCALING_ATTACHMENT = "autoscaling_attachment",
    AUTOSCALING_TRAFFIC_SOURCE = "autoscaling_traffic_source",
    INSTANCE = "instance",
    LAUNCH_TEMPLATE = "launch_template",
    LAUNCH_CONFIGURATION = "launch_configuration",
    NETWORK_INTERFACE = "network_interface",
    SSM_DOCUMENT = "ssm_document",
    SSM_ASSOCIATION = "ssm_association",
    LAMBDA_FUNCTION = "lambda_function",
    LAMBDA_ALIAS = "lambda_alias",
    LAMBDA_PERMISSION = "lambda_permission",
    ALARM = "alarm",
    WEB_ACL_ASSOCIATION = "web_acl_association",
    INTERNET_GATEWAY = "internet_gateway",
    INTERNET_GATEWAY_ATTACHMENT = "internet_gateway_attachment",
    ROUTE_TABLE = "route_table",
    ROUTE = "route",
    ROUTE_TABLE_ASSOCIATION = "route_table_association",
    MAIN_ROUTE_TABLE = "main_route_table",
    SCALING_TARGET = "scaling_target",
    SCALING_POLICY = "scaling_policy",
    DISTRIBUTION = "distribution",
    API_INTEGRATION = "api_integration",
    BEANSTALK_ENVIRONMENT = "beanstalk_environment",
}

/// The edges.
pub mod role {
    use super::Role;

    roles! {
        LOAD_BALANCER_OF = "load_balancer": "A listener to its load balancer.",
        LISTENER_OF = "listener": "A rule or an extra certificate to its listener.",
        FORWARD = "forward": "An action to the one target group it forwards to; position 0 is the action.",
        WEIGHTED_FORWARD = "weighted_forward": "An action to one of its weighted target groups; position 0 is the action, the last one the group.",
        CERTIFICATE = "certificate": "A listener to its certificate.",
        TARGET_GROUP_OF = "target_group": "Whatever registers targets to the group it registers in.",
        REGISTERED = "registered": "An attachment to the target it registers.",
        SECURITY_GROUPS = "security_groups": "Whatever has network interfaces to the security groups on them.",
        SUBNETS = "subnets": "Whatever has network interfaces to the subnets they are in.",
        VPC_OF = "vpc": "Whatever is in a VPC to that VPC.",
        GROUP = "group": "A rule to the security group it belongs to.",
        PEER = "peer": "A rule to the security group at its other end.",
        PREFIX_LISTS = "prefix_lists": "A rule to the prefix lists at its other end.",
        INGRESS_PEERS = "ingress_peers": "A security group's inline ingress rules to the groups at their other end; position 0 is the rule.",
        EGRESS_PEERS = "egress_peers": "A security group's inline egress rules to the groups at their other end; position 0 is the rule.",
        INGRESS_PREFIX_LISTS = "ingress_prefix_lists": "Inline ingress rules to prefix lists.",
        EGRESS_PREFIX_LISTS = "egress_prefix_lists": "Inline egress rules to prefix lists.",
        LIST = "list": "A prefix list entry to its list.",
        NETWORK_ACL_OF = "network_acl": "A network ACL rule or association to its ACL; to a VPC for the default ACL of that VPC.",
        DEFAULT_OF = "default_of": "A default network ACL or route table to the VPC whose default it is.",
        SUBNET_OF = "subnet": "An association or instance to its subnet.",
        TASK_DEFINITION = "task_definition": "A service or task set to its task definition.",
        SERVICE_OF = "service": "A task set to its service.",
        CLUSTER_OF = "cluster": "A service to its cluster.",
        JOINS = "joins": "Whatever says how instances start to the ECS cluster that its user data make them join.",
        CAPACITY_OF = "capacity": "A capacity provider to its autoscaling group.",
        LAUNCH_TEMPLATE_OF = "launch_template": "Whatever starts instances to the launch template.",
        LAUNCH_CONFIGURATION_OF = "launch_configuration": "An autoscaling group to its launch configuration.",
        AUTOSCALING_GROUP_OF = "autoscaling_group": "An attachment to its autoscaling group.",
        INTERFACE = "interface": "An instance or an SG attachment to a network interface.",
        FUNCTION_OF = "function": "An alias or a permission to its Lambda function.",
        SOURCE = "source": "A permission to what may call the function.",
        GATEWAY = "gateway": "A route to the internet gateway it leads to; for a route written in its table, position 0 is the route.",
        ROUTE_TABLE_OF = "route_table": "A route or an association to its route table; to a VPC for the main one of that VPC.",
        DOCUMENT_OF = "document": "A Systems Manager association to the document it runs.",
        RUNS_ON = "runs_on": "A Systems Manager association to the instances, or the Auto Scaling group of instances, it runs on; position 0 is the target.",
        SCALES = "scales": "A scaling target to the ECS service whose tasks it counts.",
        WATCHES = "watches": "An alarm to what its metric is about.",
        ORIGIN = "origin": "A distribution to the load balancer it asks (position 0 is the origin); an integration of an API to the listener.",
        PROTECTS = "protects": "A web ACL association to the load balancer.",
        SETTINGS_OF = "settings_of": "An environment of Elastic Beanstalk to the configuration template its settings start from.",
        MADE_AFTER = "made_after": "An ECS service to the listeners and rules it waits for when it is made.",
    }
}
