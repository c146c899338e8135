//! `aws_lb` (`aws_alb`) / `AWS::ElasticLoadBalancingV2::LoadBalancer`.

use super::names::{self, role};
use super::{Attribute, BOOL, Const, Default, INT, KindSpec, STRING, attribute, link, links};
use crate::graph::Value;

/// A load balancer of any type; `type` tells which.
pub(super) const LOAD_BALANCER: KindSpec = KindSpec {
    kind: names::LOAD_BALANCER,
    doc: "load balancer (application, network or gateway)",
    terraform: &["aws_lb", "aws_alb"],
    cloudformation: &["AWS::ElasticLoadBalancingV2::LoadBalancer"],
    attributes: ATTRIBUTES,
    links: &[
        links(role::SUBNETS, "subnets", &[names::SUBNET]).property(&["Subnets"]),
        links(role::SUBNETS, "subnet_mapping[*].subnet_id", &[names::SUBNET]).property(&["SubnetMappings[*].SubnetId"]),
        links(role::SECURITY_GROUPS, "security_groups", &[names::SECURITY_GROUP]).property(&["SecurityGroups"]),
        link(role::VPC_OF, "vpc_id", &[names::VPC]),
    ],
    identifiers: &["id", "arn", "name", "dns_name", "arn_suffix"],
    identifiers_cloudformation: &["Name"],
};

/// Where CloudFormation has most of them.
const LIST: &str = "LoadBalancerAttributes";

const ATTRIBUTES: &[Attribute] = &[
    attribute("name", STRING, "name", Default::Computed, "name").property("Name"),
    attribute(
        "type",
        STRING,
        "load_balancer_type",
        Default::Both(Const::Str("application")),
        "application, network or gateway",
    )
    .property("Type"),
    attribute("internal", BOOL, "internal", Default::Aws(Const::Bool(false)), "whether it has private addresses only")
        .property_from("Scheme", is_internal),
    attribute(
        "idle_timeout",
        INT,
        "idle_timeout",
        Default::Both(Const::Int(60)),
        "seconds a connection, to the client or to the target, may be silent; 1 to 4000",
    )
    .keyed(LIST, "idle_timeout.timeout_seconds"),
    attribute(
        "client_keep_alive",
        INT,
        "client_keep_alive",
        Default::Both(Const::Int(3600)),
        "seconds a client connection may live; 60 to 604800",
    )
    .keyed(LIST, "client_keep_alive.seconds"),
    attribute(
        "ip_address_type",
        STRING,
        "ip_address_type",
        Default::Aws(Const::Str("ipv4")),
        "ipv4, dualstack or dualstack-without-public-ipv4",
    )
    .property("IpAddressType"),
    attribute("http2", BOOL, "enable_http2", Default::Both(Const::Bool(true)), "whether clients may use HTTP/2")
        .keyed(LIST, "routing.http2.enabled"),
    attribute(
        "waf_fail_open",
        BOOL,
        "enable_waf_fail_open",
        Default::Both(Const::Bool(false)),
        "whether requests pass when the WAF cannot be asked",
    )
    .keyed(LIST, "waf.fail_open.enabled"),
    attribute(
        "deletion_protection",
        BOOL,
        "enable_deletion_protection",
        Default::Both(Const::Bool(false)),
        "whether deleting is refused",
    )
    .keyed(LIST, "deletion_protection.enabled"),
    attribute(
        "desync_mitigation_mode",
        STRING,
        "desync_mitigation_mode",
        Default::Both(Const::Str("defensive")),
        "monitor, defensive or strictest",
    )
    .keyed(LIST, "routing.http.desync_mitigation_mode"),
    attribute(
        "access_logs.enabled",
        BOOL,
        "access_logs.enabled",
        Default::Both(Const::Bool(false)),
        "whether requests are logged",
    )
    .keyed(LIST, "access_logs.s3.enabled"),
    attribute("access_logs.bucket", STRING, "access_logs.bucket", Default::None, "bucket of the access log")
        .keyed(LIST, "access_logs.s3.bucket"),
    attribute("security_groups", super::STRINGS, "security_groups", Default::Unset, "ids of its security groups")
        .property("SecurityGroups"),
    attribute("subnets", super::STRINGS, "subnets", Default::Unset, "ids of its subnets").property("Subnets"),
];

fn is_internal(scheme: &Value) -> Value {
    match scheme.as_str() {
        Some("internal") => true.into(),
        Some("internet-facing") => false.into(),
        _ => scheme.clone(),
    }
}
