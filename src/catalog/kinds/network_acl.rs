//! Network ACLs in Terraform's three forms: inline, rule resources, associations; the default ACL included.

use super::names::{self, role};
use super::{BOOL, Const, Default, INT, KindSpec, OBJECTS, STRING, attribute, link, links};

/// A network ACL with its inline rules.
pub(super) const NETWORK_ACL: KindSpec = KindSpec {
    kind: names::NETWORK_ACL,
    doc: "network ACL with its inline rules",
    terraform: &["aws_network_acl", "aws_default_network_acl"],
    cloudformation: &[],
    attributes: &[
        attribute("ingress", OBJECTS, "ingress", Default::None, "inline rules for packets into its subnets"),
        attribute("egress", OBJECTS, "egress", Default::None, "inline rules for packets out of its subnets"),
    ],
    links: &[
        link(role::VPC_OF, "vpc_id", &[names::VPC]),
        link(role::DEFAULT_OF, "default_network_acl_id", &[names::VPC]),
        links(role::SUBNETS, "subnet_ids", &[names::SUBNET]),
    ],
    identifiers: &["id", "arn"],
    identifiers_cloudformation: &[],
};

/// One rule of a network ACL.
pub(super) const NETWORK_ACL_RULE: KindSpec = KindSpec {
    kind: names::NETWORK_ACL_RULE,
    doc: "rule of a network ACL",
    terraform: &["aws_network_acl_rule"],
    cloudformation: &[],
    attributes: &[
        attribute(
            "egress",
            BOOL,
            "egress",
            Default::Both(Const::Bool(false)),
            "whether it is about packets out of the subnets",
        ),
        attribute("number", INT, "rule_number", Default::None, "lowest is tried first"),
        attribute("action", STRING, "rule_action", Default::None, "allow or deny"),
        attribute("protocol", STRING, "protocol", Default::None, "tcp, udp, a number, or -1 for all"),
        attribute("cidr_ipv4", STRING, "cidr_block", Default::None, "IPv4 range at the other end"),
        attribute("cidr_ipv6", STRING, "ipv6_cidr_block", Default::None, "IPv6 range at the other end"),
        attribute("from_port", INT, "from_port", Default::None, "first port"),
        attribute("to_port", INT, "to_port", Default::None, "last port"),
    ],
    links: &[link(role::NETWORK_ACL_OF, "network_acl_id", &[names::NETWORK_ACL, names::VPC])],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};

/// Puts a subnet under a network ACL.
pub(super) const NETWORK_ACL_ASSOCIATION: KindSpec = KindSpec {
    kind: names::NETWORK_ACL_ASSOCIATION,
    doc: "association of a subnet with a network ACL",
    terraform: &["aws_network_acl_association"],
    cloudformation: &[],
    attributes: &[],
    links: &[
        link(role::NETWORK_ACL_OF, "network_acl_id", &[names::NETWORK_ACL, names::VPC]),
        link(role::SUBNET_OF, "subnet_id", &[names::SUBNET]),
    ],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};
