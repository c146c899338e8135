//! Network ACLs in all forms: inline (Terraform only), rule resources, associations; the default ACL included.

use super::names::{self, role};
use super::{BOOL, Const, Default, INT, KindSpec, OBJECTS, STRING, attribute, link, links};

/// A network ACL with its inline rules.
pub(super) const NETWORK_ACL: KindSpec = KindSpec {
    kind: names::NETWORK_ACL,
    doc: "network ACL with its inline rules",
    terraform: &["aws_network_acl", "aws_default_network_acl"],
    cloudformation: &["AWS::EC2::NetworkAcl"],
    attributes: &[
        attribute("ingress", OBJECTS, "ingress", Default::None, "inline rules for packets into its subnets")
            .else_in_cloudformation(Default::Aws(Const::EmptyList)),
        attribute("egress", OBJECTS, "egress", Default::None, "inline rules for packets out of its subnets")
            .else_in_cloudformation(Default::Aws(Const::EmptyList)),
    ],
    links: &[
        link(role::VPC_OF, "vpc_id", &[names::VPC]).property(&["VpcId"]),
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
    cloudformation: &["AWS::EC2::NetworkAclEntry"],
    attributes: &[
        attribute(
            "egress",
            BOOL,
            "egress",
            Default::Both(Const::Bool(false)),
            "whether it is about packets out of the subnets",
        )
        .property("Egress"),
        attribute("number", INT, "rule_number", Default::None, "lowest is tried first").property("RuleNumber"),
        attribute("action", STRING, "rule_action", Default::None, "allow or deny").property("RuleAction"),
        attribute("protocol", STRING, "protocol", Default::None, "tcp, udp, a number, or -1 for all")
            .property("Protocol"),
        attribute("cidr_ipv4", STRING, "cidr_block", Default::None, "IPv4 range at the other end")
            .property("CidrBlock"),
        attribute("cidr_ipv6", STRING, "ipv6_cidr_block", Default::None, "IPv6 range at the other end")
            .property("Ipv6CidrBlock"),
        attribute("from_port", INT, "from_port", Default::None, "first port").property("PortRange.From"),
        attribute("to_port", INT, "to_port", Default::None, "last port").property("PortRange.To"),
    ],
    links: &[
        link(role::NETWORK_ACL_OF, "network_acl_id", &[names::NETWORK_ACL, names::VPC]).property(&["NetworkAclId"])
    ],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};

/// Puts a subnet under a network ACL.
pub(super) const NETWORK_ACL_ASSOCIATION: KindSpec = KindSpec {
    kind: names::NETWORK_ACL_ASSOCIATION,
    doc: "association of a subnet with a network ACL",
    terraform: &["aws_network_acl_association"],
    cloudformation: &["AWS::EC2::SubnetNetworkAclAssociation"],
    attributes: &[],
    links: &[
        link(role::NETWORK_ACL_OF, "network_acl_id", &[names::NETWORK_ACL, names::VPC]).property(&["NetworkAclId"]),
        link(role::SUBNET_OF, "subnet_id", &[names::SUBNET]).property(&["SubnetId"]),
    ],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};
