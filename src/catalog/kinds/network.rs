//! VPCs, subnets and managed prefix lists.

use super::names::{self, role};
use super::{Default, INT, KindSpec, OBJECTS, STRING, attribute, link, renamed};

/// A VPC.
pub(super) const VPC: KindSpec = KindSpec {
    kind: names::VPC,
    doc: "VPC",
    terraform: &["aws_vpc", "aws_default_vpc"],
    cloudformation: &["AWS::EC2::VPC"],
    attributes: &[
        attribute("id", STRING, "id", Default::Computed, "id"),
        attribute("cidr_ipv4", STRING, "cidr_block", Default::Computed, "IPv4 range").property("CidrBlock"),
        attribute("cidr_ipv6", STRING, "ipv6_cidr_block", Default::Computed, "IPv6 range"),
        attribute(
            "default_security_group",
            STRING,
            "default_security_group_id",
            Default::Computed,
            "id of its default security group",
        ),
        attribute(
            "cidr_blocks",
            OBJECTS,
            "cidr_block_associations",
            Default::None,
            "all its ranges as a data source reads them: `cidr_block`",
        ),
    ],
    links: &[],
    // A VPC is also meant by the ids of what AWS makes with it.
    identifiers: &["id", "arn", "default_network_acl_id", "default_route_table_id", "main_route_table_id"],
    identifiers_cloudformation: &[],
};

/// One more range of a VPC.
pub(super) const VPC_CIDR_BLOCK: KindSpec = KindSpec {
    kind: names::VPC_CIDR_BLOCK,
    doc: "further address range of a VPC",
    terraform: &["aws_vpc_ipv4_cidr_block_association", "aws_vpc_ipv6_cidr_block_association"],
    cloudformation: &["AWS::EC2::VPCCidrBlock"],
    attributes: &[],
    links: &[link(role::VPC_OF, "vpc_id", &[names::VPC]).property(&["VpcId"])],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};

/// A subnet.
pub(super) const SUBNET: KindSpec = KindSpec {
    kind: names::SUBNET,
    doc: "subnet",
    terraform: &["aws_subnet", "aws_default_subnet"],
    cloudformation: &["AWS::EC2::Subnet"],
    attributes: &[
        attribute("id", STRING, "id", Default::Computed, "id"),
        attribute("cidr_ipv4", STRING, "cidr_block", Default::None, "IPv4 range").property("CidrBlock"),
        attribute("cidr_ipv6", STRING, "ipv6_cidr_block", Default::None, "IPv6 range").property("Ipv6CidrBlock"),
        attribute("availability_zone", STRING, "availability_zone", Default::Computed, "zone name")
            .property("AvailabilityZone"),
    ],
    links: &[link(role::VPC_OF, "vpc_id", &[names::VPC]).property(&["VpcId"])],
    identifiers: &["id", "arn"],
    identifiers_cloudformation: &[],
};

/// A managed prefix list with its inline entries.
pub(super) const PREFIX_LIST: KindSpec = KindSpec {
    kind: names::PREFIX_LIST,
    doc: "managed prefix list",
    terraform: &["aws_ec2_managed_prefix_list", "aws_prefix_list"],
    cloudformation: &["AWS::EC2::PrefixList"],
    attributes: &[
        attribute("name", STRING, "name", Default::None, "name").property("PrefixListName"),
        attribute("entries", OBJECTS, "entry", Default::None, "inline entries with their `cidr`")
            .property_from("Entries", renamed),
        attribute("data_entries", OBJECTS, "entries", Default::None, "entries as a data source reads them"),
        attribute(
            "cidr_blocks",
            super::STRINGS,
            "cidr_blocks",
            Default::None,
            "ranges as the data source aws_prefix_list reads them",
        ),
        attribute("max_entries", INT, "max_entries", Default::None, "most entries it may have").property("MaxEntries"),
    ],
    links: &[],
    identifiers: &["id", "arn"],
    identifiers_cloudformation: &["PrefixListName"],
};

/// One entry of a managed prefix list.
pub(super) const PREFIX_LIST_ENTRY: KindSpec = KindSpec {
    kind: names::PREFIX_LIST_ENTRY,
    doc: "entry of a managed prefix list",
    terraform: &["aws_ec2_managed_prefix_list_entry"],
    cloudformation: &[],
    attributes: &[attribute("cidr", STRING, "cidr", Default::None, "range")],
    links: &[link(role::LIST, "prefix_list_id", &[names::PREFIX_LIST])],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};
