//! `aws_lb_target_group` and `aws_lb_target_group_attachment` / `AWS::ElasticLoadBalancingV2::TargetGroup` with its
//! `Targets`.

use super::names::{self, role};
use super::{Attribute, BOOL, Const, Default, INT, KindSpec, OBJECTS, STRING, attribute, link, read, renamed};
use crate::catalog::normalise::Filled;
use crate::catalog::spec::Read;
use crate::graph::{Kind, Lookup, Reason, Unknown, Value, lookup};

/// A target group with its health check.
pub(super) const TARGET_GROUP: KindSpec = KindSpec {
    kind: names::TARGET_GROUP,
    doc: "target group with its health check",
    terraform: &["aws_lb_target_group", "aws_alb_target_group"],
    cloudformation: &["AWS::ElasticLoadBalancingV2::TargetGroup"],
    attributes: ATTRIBUTES,
    links: &[
        link(role::VPC_OF, "vpc_id", &[names::VPC]).property(&["VpcId"]),
        link(role::REGISTERED, "", TARGETS).property(&["Targets[*].Id"]),
    ],
    identifiers: &["id", "arn", "name", "arn_suffix"],
    identifiers_cloudformation: &["Name"],
};

/// One registered target.
pub(super) const ATTACHMENT: KindSpec = KindSpec {
    kind: names::TARGET_GROUP_ATTACHMENT,
    doc: "registration of one target in a target group",
    terraform: &["aws_lb_target_group_attachment", "aws_alb_target_group_attachment"],
    cloudformation: &[],
    attributes: &[
        attribute(
            "target_id",
            STRING,
            "target_id",
            Default::None,
            "instance id, IP address, Lambda ARN or load balancer ARN",
        ),
        attribute("port", INT, "port", Default::None, "port of this target; without it the target group's"),
    ],
    links: &[
        link(role::TARGET_GROUP_OF, "target_group_arn", &[names::TARGET_GROUP]),
        link(role::REGISTERED, "target_id", TARGETS),
    ],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};

/// What can be a target.
const TARGETS: &[Kind] =
    &[names::INSTANCE, names::LAMBDA_FUNCTION, names::LAMBDA_ALIAS, names::LOAD_BALANCER, names::NETWORK_INTERFACE];

/// Where CloudFormation has some of them.
const LIST: &str = "TargetGroupAttributes";

const ATTRIBUTES: &[Attribute] = &[
    attribute(
        "keep_alive_seconds",
        INT,
        "tags.plangate:keep-alive-seconds",
        Default::None,
        "seconds its backends keep an idle connection, as its author states it in a tag",
    )
    .keyed("Tags", "plangate:keep-alive-seconds"),
    attribute("name", STRING, "name", Default::Computed, "name").property("Name"),
    attribute(
        "target_type",
        STRING,
        "target_type",
        Default::Both(Const::Str("instance")),
        "instance, ip, lambda or alb",
    )
    .property("TargetType"),
    attribute(
        "protocol",
        STRING,
        "protocol",
        Default::None,
        "protocol to the targets: HTTP or HTTPS behind an Application Load Balancer",
    )
    .property("Protocol"),
    attribute("protocol_version", STRING, "protocol_version", Default::AwsBy(protocol_version), "HTTP1, HTTP2 or GRPC")
        .property("ProtocolVersion"),
    attribute("port", INT, "port", Default::None, "port of targets that are registered without one").property("Port"),
    attribute("ip_address_type", STRING, "ip_address_type", Default::Aws(Const::Str("ipv4")), "ipv4 or ipv6")
        .property("IpAddressType"),
    attribute(
        "deregistration_delay",
        INT,
        "deregistration_delay",
        Default::Both(Const::Int(300)),
        "seconds a leaving target may finish its requests; 0 to 3600",
    )
    .keyed(LIST, "deregistration_delay.timeout_seconds")
    .else_in_cloudformation(Default::AwsBy(|group| by_type(group, 300.into(), Value::null()))),
    attribute(
        "slow_start",
        INT,
        "slow_start",
        Default::Both(Const::Int(0)),
        "seconds until a new target gets its full share; 0 or 30 to 900",
    )
    .keyed(LIST, "slow_start.duration_seconds"),
    attribute(
        "algorithm",
        STRING,
        "load_balancing_algorithm_type",
        Default::Aws(Const::Str("round_robin")),
        "round_robin, least_outstanding_requests or weighted_random",
    )
    .keyed(LIST, "load_balancing.algorithm.type"),
    attribute(
        "cross_zone",
        STRING,
        "load_balancing_cross_zone_enabled",
        Default::Aws(Const::Str("use_load_balancer_configuration")),
        "true, false or use_load_balancer_configuration",
    )
    .keyed(LIST, "load_balancing.cross_zone.enabled"),
    attribute(
        "stickiness.enabled",
        BOOL,
        "stickiness.enabled",
        Default::InBlock { block: "stickiness", provider: Const::Bool(true), aws: |_| false.into() },
        "whether a client stays on its target",
    )
    .keyed(LIST, "stickiness.enabled"),
    attribute("stickiness.type", STRING, "stickiness.type", Default::None, "lb_cookie or app_cookie")
        .keyed(LIST, "stickiness.type"),
    attribute(
        "stickiness.cookie_name",
        STRING,
        "stickiness.cookie_name",
        Default::None,
        "name of the application's cookie",
    )
    .keyed(LIST, "stickiness.app_cookie.cookie_name"),
    attribute(
        "health_check.enabled",
        BOOL,
        "health_check.enabled",
        in_block(Const::Bool(true), |group| by_type(group, true, false)),
        "whether targets are checked",
    )
    .property("HealthCheckEnabled"),
    attribute(
        "health_check.protocol",
        STRING,
        "health_check.protocol",
        in_block(Const::Str("HTTP"), check_protocol),
        "protocol of the check; a function is invoked, there it has none",
    )
    .property("HealthCheckProtocol"),
    attribute(
        "health_check.port",
        STRING,
        "health_check.port",
        in_block(Const::Str("traffic-port"), |group| by_type(group, "traffic-port".into(), Value::null())),
        "traffic-port, or a port number as text",
    )
    .property("HealthCheckPort"),
    attribute("health_check.path", STRING, "health_check.path", Default::AwsBy(check_path), "path that is asked for")
        .property("HealthCheckPath"),
    attribute(
        "health_check.matcher",
        STRING,
        "health_check.matcher",
        Default::AwsBy(matcher),
        "codes that count as healthy: `200`, `200,202` or `200-299`",
    )
    .property_from("Matcher", codes)
    .written(code_of_version),
    attribute(
        "health_check.interval",
        INT,
        "health_check.interval",
        in_block(Const::Int(30), |group| by_type(group, 30, 35)),
        "seconds between checks; 5 to 300",
    )
    .property("HealthCheckIntervalSeconds"),
    attribute(
        "health_check.timeout",
        INT,
        "health_check.timeout",
        Default::AwsBy(|group| by_type(group, 5, 30)),
        "seconds until a check counts as not answered; 2 to 120",
    )
    .property("HealthCheckTimeoutSeconds"),
    attribute(
        "health_check.healthy_threshold",
        INT,
        "health_check.healthy_threshold",
        in_block(Const::Int(3), |_| 5.into()),
        "successes in a row until healthy; 2 to 10",
    )
    .property("HealthyThresholdCount"),
    attribute(
        "health_check.unhealthy_threshold",
        INT,
        "health_check.unhealthy_threshold",
        in_block(Const::Int(3), |group| by_type(group, 2, 5)),
        "failures in a row until unhealthy; 2 to 10",
    )
    .property("UnhealthyThresholdCount"),
    read(
        "targets",
        OBJECTS,
        Read::Nowhere,
        Default::None,
        "targets that the group itself registers (CloudFormation): id, port, availability_zone",
    )
    .property_from("Targets", renamed),
];

const fn in_block(provider: Const, aws: fn(&Filled<'_>) -> Value) -> Default {
    Default::InBlock { block: "health_check", provider, aws }
}

/// `instance`-like value, or `lambda`'s; unknown when the target type is.
fn by_type<T: Into<Value>>(group: &Filled<'_>, other: T, lambda: T) -> Value {
    match group.get("target_type") {
        Lookup::Unknown(unknown) => Value::unknown(unknown.clone()),
        kind if kind.str() == Some("lambda") => lambda.into(),
        _ => other.into(),
    }
}

fn protocol_version(group: &Filled<'_>) -> Value {
    match group.get("protocol") {
        Lookup::Unknown(unknown) => Value::unknown(unknown.clone()),
        protocol if matches!(protocol.str(), Some("HTTP" | "HTTPS")) => "HTTP1".into(),
        _ => Value::null(),
    }
}

/// Whether the group serves a network load balancer; the reason when its protocol is not known.
fn is_network(group: &Filled<'_>) -> Result<bool, Value> {
    match group.get("protocol") {
        Lookup::Unknown(unknown) => Err(Value::unknown(unknown.clone())),
        protocol => Ok(matches!(protocol.str(), Some("TCP" | "UDP" | "TLS" | "TCP_UDP"))),
    }
}

/// HTTP, also for HTTPS groups; TCP for a network load balancer's protocols.
fn check_protocol(group: &Filled<'_>) -> Value {
    let of_servers =
        is_network(group).map_or_else(|unknown| unknown, |network| if network { "TCP" } else { "HTTP" }.into());
    by_type(group, of_servers, Value::null())
}

fn check_path(group: &Filled<'_>) -> Value {
    match (group.get("health_check.protocol"), group.get("protocol_version")) {
        (protocol, _) if protocol.str() == Some("TCP") => Value::null(),
        (Lookup::Unknown(unknown), _) | (_, Lookup::Unknown(unknown)) => Value::unknown(unknown.clone()),
        (_, version) if version.str() == Some("GRPC") => "/AWS.ALB/healthcheck".into(),
        _ => "/".into(),
    }
}

fn matcher(group: &Filled<'_>) -> Value {
    match (group.get("protocol_version"), is_network(group)) {
        (_, Err(unknown)) => unknown,
        (_, Ok(true)) => "200-399".into(),
        (Lookup::Unknown(unknown), _) => Value::unknown(unknown.clone()),
        (version, _) if version.str() == Some("GRPC") => "12".into(),
        _ => "200".into(),
    }
}

/// The field of CloudFormation's `Matcher` that a group's protocol version takes.
fn code_of_version(group: &Value) -> &'static str {
    match lookup(group, "protocol_version").str() {
        Some("GRPC") => "Matcher.GrpcCode",
        _ => "Matcher.HttpCode",
    }
}

/// The codes of CloudFormation's `Matcher`, which has a field for each protocol version and takes one of them.
fn codes(matcher: &Value) -> Value {
    match (lookup(matcher, "HttpCode"), lookup(matcher, "GrpcCode")) {
        (Lookup::Absent, code) | (code, Lookup::Absent) => code.to_value().unwrap_or_else(Value::null),
        _ => Value::unknown(Unknown::because(Reason::Undecidable("it has codes for HTTP and for gRPC".into()))),
    }
}
