//! Internet gateways, route tables with their routes, and which subnet follows which table.

use super::names::{self, role};
use super::{Const, Default, KindSpec, OBJECTS, Read, STRING, attribute, link, read, shaped};
use crate::graph::Value;

/// An internet gateway.
pub(super) const INTERNET_GATEWAY: KindSpec = KindSpec {
    kind: names::INTERNET_GATEWAY,
    doc: "internet gateway",
    terraform: &["aws_internet_gateway"],
    cloudformation: &["AWS::EC2::InternetGateway"],
    attributes: &[attribute("id", STRING, "id", Default::Computed, "id")],
    links: &[link(role::VPC_OF, "vpc_id", &[names::VPC])],
    identifiers: &["id", "arn"],
    identifiers_cloudformation: &[],
};

/// Attaches an internet gateway to a VPC.
pub(super) const GATEWAY_ATTACHMENT: KindSpec = KindSpec {
    kind: names::INTERNET_GATEWAY_ATTACHMENT,
    doc: "attachment of an internet gateway to a VPC",
    terraform: &["aws_internet_gateway_attachment"],
    cloudformation: &["AWS::EC2::VPCGatewayAttachment"],
    attributes: &[],
    links: &[link(role::VPC_OF, "vpc_id", &[names::VPC]).property(&["VpcId"])],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};

/// A route table with the routes it writes itself.
pub(super) const ROUTE_TABLE: KindSpec = KindSpec {
    kind: names::ROUTE_TABLE,
    doc: "route table",
    terraform: &["aws_route_table", "aws_default_route_table"],
    cloudformation: &["AWS::EC2::RouteTable"],
    attributes: &[
        attribute("id", STRING, "id", Default::Computed, "id"),
        read(
            "routes",
            OBJECTS,
            Read::From("route", routes),
            Default::Unset,
            "routes written in the table: cidr_block, gateway_id, nat_gateway_id (Terraform)",
        ),
    ],
    links: &[
        link(role::VPC_OF, "vpc_id", &[names::VPC]).property(&["VpcId"]),
        link(role::DEFAULT_OF, "default_route_table_id", &[names::VPC]),
        link(role::GATEWAY, "route[*].gateway_id", &[names::INTERNET_GATEWAY]),
    ],
    identifiers: &["id", "arn", "default_route_table_id"],
    identifiers_cloudformation: &[],
};

/// A route as a resource of its own.
pub(super) const ROUTE: KindSpec = KindSpec {
    kind: names::ROUTE,
    doc: "route",
    terraform: &["aws_route"],
    cloudformation: &["AWS::EC2::Route"],
    attributes: &[
        attribute("cidr_block", STRING, "destination_cidr_block", Default::None, "IPv4 range it is for")
            .property("DestinationCidrBlock"),
        attribute("gateway_id", STRING, "gateway_id", Default::None, "id of the internet gateway it leads to")
            .property("GatewayId"),
        attribute("nat_gateway_id", STRING, "nat_gateway_id", Default::None, "id of the NAT gateway it leads to")
            .property("NatGatewayId"),
    ],
    links: &[
        link(role::ROUTE_TABLE_OF, "route_table_id", &[names::ROUTE_TABLE, names::VPC]).property(&["RouteTableId"]),
        link(role::GATEWAY, "gateway_id", &[names::INTERNET_GATEWAY]).property(&["GatewayId"]),
    ],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};

/// Lets a subnet follow a route table.
pub(super) const ASSOCIATION: KindSpec = KindSpec {
    kind: names::ROUTE_TABLE_ASSOCIATION,
    doc: "association of a subnet with a route table",
    terraform: &["aws_route_table_association"],
    cloudformation: &["AWS::EC2::SubnetRouteTableAssociation"],
    attributes: &[],
    links: &[
        link(role::SUBNET_OF, "subnet_id", &[names::SUBNET]).property(&["SubnetId"]),
        link(role::ROUTE_TABLE_OF, "route_table_id", &[names::ROUTE_TABLE, names::VPC]).property(&["RouteTableId"]),
    ],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};

/// Makes a route table the main one of its VPC.
pub(super) const MAIN: KindSpec = KindSpec {
    kind: names::MAIN_ROUTE_TABLE,
    doc: "choice of the main route table of a VPC",
    terraform: &["aws_main_route_table_association"],
    cloudformation: &[],
    attributes: &[],
    links: &[
        link(role::VPC_OF, "vpc_id", &[names::VPC]),
        link(role::ROUTE_TABLE_OF, "route_table_id", &[names::ROUTE_TABLE]),
    ],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};

/// Routes as the provider plans them: what is not written is empty text.
fn routes(blocks: &Value) -> Value {
    const NOT_WRITTEN: &[(&str, Const)] =
        &[("cidr_block", Const::Str("")), ("gateway_id", Const::Str("")), ("nat_gateway_id", Const::Str(""))];
    shaped(blocks, NOT_WRITTEN)
}
