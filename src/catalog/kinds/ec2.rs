//! Instances and what they are started from.

use super::names::{self, role};
use super::tags::{by_name, of_instances};
use super::user_data::{JOINS, cluster, text};
use super::{
    Attribute, BOOL, Const, Default, INT, KindSpec, OBJECTS, Read, STRING, STRINGS, attribute, link, links, read,
};
use crate::catalog::schema::Type;
use crate::graph::{Map, Value, lookup};

/// An instance.
pub(super) const INSTANCE: KindSpec = KindSpec {
    kind: names::INSTANCE,
    doc: "EC2 instance",
    terraform: &["aws_instance", "aws_spot_instance_request"],
    cloudformation: &["AWS::EC2::Instance"],
    attributes: &[
        attribute("id", STRING, "id", Default::Computed, "id"),
        attribute("private_ip", STRING, "private_ip", Default::Computed, "private IPv4 address")
            .property("PrivateIpAddress"),
        attribute(
            "vpc_security_group_ids",
            STRINGS,
            "vpc_security_group_ids",
            Default::Unset,
            "ids of its security groups",
        )
        .property("SecurityGroupIds"),
        read(
            "security_groups_by_name",
            STRINGS,
            Read::From("security_groups", not_empty),
            Default::None,
            "names of its security groups",
        )
        .property_from("SecurityGroups", not_empty),
        attribute("private_ips", STRINGS, "private_ips", Default::None, "all its private IPv4 addresses"),
        read("tags", || Type::Any, Read::From("tags", by_name), Default::None, "tags by name")
            .property_from("Tags", by_name),
        attribute(
            "all_tags",
            || Type::Any,
            "tags_all",
            Default::Computed,
            "the same with those the provider puts on everything",
        ),
        interfaces("network_interface", "NetworkInterfaces"),
        attribute(
            "launch_template_version",
            STRING,
            "launch_template.version",
            Default::None,
            "version it is started from",
        )
        .property("LaunchTemplate.Version"),
        USER_DATA.property_from("UserData", text),
        USER_DATA_BASE64,
        INIT,
        JOINS_CLUSTER.property_from("UserData", cluster),
        JOINS_CLUSTER_IN_BASE64,
        attribute(
            "user_data_replace_on_change",
            BOOL,
            "user_data_replace_on_change",
            Default::Both(Const::Bool(false)),
            "whether other user data makes another instance",
        ),
    ],
    links: &[
        links(role::SECURITY_GROUPS, "vpc_security_group_ids", &[names::SECURITY_GROUP])
            .property(&["SecurityGroupIds", "NetworkInterfaces[*].GroupSet"]),
        link(role::SUBNET_OF, "subnet_id", &[names::SUBNET]).property(&["SubnetId", "NetworkInterfaces[*].SubnetId"]),
        link(role::INTERFACE, "network_interface[*].network_interface_id", &[names::NETWORK_INTERFACE])
            .property(&["NetworkInterfaces[*].NetworkInterfaceId"]),
        link(role::LAUNCH_TEMPLATE_OF, "launch_template[*].id", &[names::LAUNCH_TEMPLATE])
            .property(&["LaunchTemplate.LaunchTemplateId", "LaunchTemplate.LaunchTemplateName"]),
        JOINS.property(&["UserData"]),
    ],
    identifiers: &["id", "arn", "private_ip", "spot_instance_id", "primary_network_interface_id"],
    identifiers_cloudformation: &[],
};

/// A launch template.
pub(super) const LAUNCH_TEMPLATE: KindSpec = KindSpec {
    kind: names::LAUNCH_TEMPLATE,
    doc: "launch template",
    terraform: &["aws_launch_template"],
    cloudformation: &["AWS::EC2::LaunchTemplate"],
    attributes: &[
        attribute("name", STRING, "name", Default::Computed, "name").property("LaunchTemplateName"),
        attribute(
            "vpc_security_group_ids",
            STRINGS,
            "vpc_security_group_ids",
            Default::Unset,
            "ids of its security groups",
        )
        .property("LaunchTemplateData.SecurityGroupIds"),
        read(
            "tags",
            || Type::Any,
            Read::From("tag_specifications", of_instances),
            Default::None,
            "tags of instances by name",
        )
        .property_from("LaunchTemplateData.TagSpecifications", of_instances),
        interfaces("network_interfaces", "LaunchTemplateData.NetworkInterfaces"),
        attribute("latest_version", INT, "latest_version", Default::None, "number of its newest version"),
        attribute("default_version", INT, "default_version", Default::None, "version that is used when none is named"),
        attribute(
            "update_default_version",
            BOOL,
            "update_default_version",
            Default::None,
            "whether the newest version becomes the default one",
        ),
        USER_DATA.property_from("LaunchTemplateData.UserData", text),
        USER_DATA_BASE64,
        INIT,
        JOINS_CLUSTER.property_from("LaunchTemplateData.UserData", cluster),
        JOINS_CLUSTER_IN_BASE64,
    ],
    links: &[
        links(role::SECURITY_GROUPS, "vpc_security_group_ids", &[names::SECURITY_GROUP])
            .property(&["LaunchTemplateData.SecurityGroupIds"]),
        links(role::SECURITY_GROUPS, "network_interfaces[*].security_groups", &[names::SECURITY_GROUP])
            .property(&["LaunchTemplateData.NetworkInterfaces[*].Groups"]),
        JOINS.property(&["LaunchTemplateData.UserData"]),
    ],
    identifiers: &["id", "arn", "name"],
    identifiers_cloudformation: &["LaunchTemplateName"],
};

/// A launch configuration, the older form.
pub(super) const LAUNCH_CONFIGURATION: KindSpec = KindSpec {
    kind: names::LAUNCH_CONFIGURATION,
    doc: "launch configuration",
    terraform: &["aws_launch_configuration"],
    cloudformation: &["AWS::AutoScaling::LaunchConfiguration"],
    attributes: &[
        attribute("name", STRING, "name", Default::Computed, "name").property("LaunchConfigurationName"),
        USER_DATA.property_from("UserData", text),
        USER_DATA_BASE64,
        INIT,
        JOINS_CLUSTER.property_from("UserData", cluster),
        JOINS_CLUSTER_IN_BASE64,
    ],
    links: &[
        links(role::SECURITY_GROUPS, "security_groups", &[names::SECURITY_GROUP]).property(&["SecurityGroups"]),
        JOINS.property(&["UserData"]),
    ],
    identifiers: &["id", "arn", "name"],
    identifiers_cloudformation: &["LaunchConfigurationName"],
};

/// A network interface.
pub(super) const NETWORK_INTERFACE: KindSpec = KindSpec {
    kind: names::NETWORK_INTERFACE,
    doc: "network interface",
    terraform: &["aws_network_interface"],
    cloudformation: &["AWS::EC2::NetworkInterface"],
    attributes: &[
        attribute("private_ip", STRING, "private_ip", Default::Computed, "private IPv4 address")
            .property("PrivateIpAddress"),
        attribute("private_ips", STRINGS, "private_ips", Default::None, "all its private IPv4 addresses")
            .property_from("PrivateIpAddresses", addresses),
    ],
    links: &[
        links(role::SECURITY_GROUPS, "security_groups", &[names::SECURITY_GROUP]).property(&["GroupSet"]),
        link(role::SUBNET_OF, "subnet_id", &[names::SUBNET]).property(&["SubnetId"]),
    ],
    identifiers: &["id", "arn", "private_ip"],
    identifiers_cloudformation: &[],
};

const USER_DATA: Attribute =
    read("user_data", STRING, Read::From("user_data", text), Default::Unset, "what it runs when it starts first");
const USER_DATA_BASE64: Attribute =
    attribute("user_data_base64", STRING, "user_data_base64", Default::Unset, "the same in base64");
/// What `cfn-init` reads: files it writes, commands it runs.
pub(super) const INIT: Attribute = read("init", || Type::Any, Read::Nowhere, Default::None, "what cfn-init sets up")
    .property("Metadata.AWS::CloudFormation::Init");

const JOINS_CLUSTER: Attribute = read(
    "joins_cluster",
    STRING,
    Read::From("user_data", cluster),
    Default::None,
    "name of the ECS cluster its user data joins",
);
const JOINS_CLUSTER_IN_BASE64: Attribute = read(
    "joins_cluster_in_base64",
    STRING,
    Read::From("user_data_base64", cluster),
    Default::None,
    "the same out of user data in base64",
);

const fn interfaces(terraform: &'static str, cloudformation: &'static str) -> Attribute {
    read(
        "interfaces",
        OBJECTS,
        Read::From(terraform, indices),
        Default::None,
        "network interfaces it writes itself: device_index",
    )
    .property_from(cloudformation, indices)
}

/// The interfaces by their index alone; null where there are none.
fn indices(list: &Value) -> Value {
    let index = |item: &Value| {
        if item.as_map().is_none() {
            return item.clone();
        }
        let index = ["device_index", "DeviceIndex"].into_iter().find_map(|key| lookup(item, key).to_value());
        Map::from_iter(index.map(|index| ("device_index".into(), index))).into()
    };
    match list.as_list() {
        Some([]) => Value::null(),
        Some(items) => items.iter().map(index).collect::<Vec<Value>>().into(),
        None => list.clone(),
    }
}

/// A list, null when it is empty.
fn not_empty(list: &Value) -> Value {
    if list.as_list().is_some_and(<[Value]>::is_empty) { Value::null() } else { list.clone() }
}

/// The addresses out of CloudFormation's list of objects.
fn addresses(list: &Value) -> Value {
    let Some(items) = list.as_list() else { return list.clone() };
    items.iter().filter_map(|item| lookup(item, "PrivateIpAddress").to_value()).collect::<Vec<Value>>().into()
}
