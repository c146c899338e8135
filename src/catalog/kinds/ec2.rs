//! Instances and what they are started from.

use super::names::{self, role};
use super::{Default, KindSpec, STRING, STRINGS, attribute, link, links};

/// An instance.
pub(super) const INSTANCE: KindSpec = KindSpec {
    kind: names::INSTANCE,
    doc: "EC2 instance",
    terraform: &["aws_instance", "aws_spot_instance_request"],
    cloudformation: &[],
    attributes: &[
        attribute("id", STRING, "id", Default::Computed, "id"),
        attribute("private_ip", STRING, "private_ip", Default::Computed, "private IPv4 address"),
        attribute(
            "vpc_security_group_ids",
            STRINGS,
            "vpc_security_group_ids",
            Default::Unset,
            "ids of its security groups",
        ),
    ],
    links: &[
        links(role::SECURITY_GROUPS, "vpc_security_group_ids", &[names::SECURITY_GROUP]),
        link(role::SUBNET_OF, "subnet_id", &[names::SUBNET]),
        link(role::INTERFACE, "network_interface[*].network_interface_id", &[names::NETWORK_INTERFACE]),
        link(role::LAUNCH_TEMPLATE_OF, "launch_template[*].id", &[names::LAUNCH_TEMPLATE]),
    ],
    identifiers: &["id", "arn", "private_ip", "spot_instance_id", "primary_network_interface_id"],
    identifiers_cloudformation: &[],
};

/// A launch template.
pub(super) const LAUNCH_TEMPLATE: KindSpec = KindSpec {
    kind: names::LAUNCH_TEMPLATE,
    doc: "launch template",
    terraform: &["aws_launch_template"],
    cloudformation: &[],
    attributes: &[
        attribute("name", STRING, "name", Default::Computed, "name"),
        attribute(
            "vpc_security_group_ids",
            STRINGS,
            "vpc_security_group_ids",
            Default::Unset,
            "ids of its security groups",
        ),
    ],
    links: &[
        links(role::SECURITY_GROUPS, "vpc_security_group_ids", &[names::SECURITY_GROUP]),
        links(role::SECURITY_GROUPS, "network_interfaces[*].security_groups", &[names::SECURITY_GROUP]),
    ],
    identifiers: &["id", "arn", "name"],
    identifiers_cloudformation: &[],
};

/// A launch configuration, the older form.
pub(super) const LAUNCH_CONFIGURATION: KindSpec = KindSpec {
    kind: names::LAUNCH_CONFIGURATION,
    doc: "launch configuration",
    terraform: &["aws_launch_configuration"],
    cloudformation: &[],
    attributes: &[attribute("name", STRING, "name", Default::Computed, "name")],
    links: &[links(role::SECURITY_GROUPS, "security_groups", &[names::SECURITY_GROUP])],
    identifiers: &["id", "arn", "name"],
    identifiers_cloudformation: &[],
};

/// A network interface.
pub(super) const NETWORK_INTERFACE: KindSpec = KindSpec {
    kind: names::NETWORK_INTERFACE,
    doc: "network interface",
    terraform: &["aws_network_interface"],
    cloudformation: &[],
    attributes: &[attribute("private_ip", STRING, "private_ip", Default::Computed, "private IPv4 address")],
    links: &[
        links(role::SECURITY_GROUPS, "security_groups", &[names::SECURITY_GROUP]),
        link(role::SUBNET_OF, "subnet_id", &[names::SUBNET]),
    ],
    identifiers: &["id", "arn", "private_ip"],
    identifiers_cloudformation: &[],
};
