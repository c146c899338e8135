//! `aws_lb_target_group` and `aws_lb_target_group_attachment` / `AWS::ElasticLoadBalancingV2::TargetGroup` with its
//! `Targets`.

use super::names::{self, role};
use super::{Attribute, BOOL, Const, Default, INT, KindSpec, STRING, attribute, link};
use crate::graph::{Lookup, Value, lookup};

/// A target group with its health check.
pub(super) const TARGET_GROUP: KindSpec = KindSpec {
    kind: names::TARGET_GROUP,
    doc: "target group with its health check",
    terraform: &["aws_lb_target_group", "aws_alb_target_group"],
    cloudformation: &[],
    attributes: ATTRIBUTES,
    links: &[link(role::VPC_OF, "vpc_id", &[names::VPC])],
    identifiers: &["id", "arn", "name", "arn_suffix"],
    identifiers_cloudformation: &[],
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
        link(
            role::REGISTERED,
            "target_id",
            &[
                names::INSTANCE,
                names::LAMBDA_FUNCTION,
                names::LAMBDA_ALIAS,
                names::LOAD_BALANCER,
                names::NETWORK_INTERFACE,
            ],
        ),
    ],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};

const ATTRIBUTES: &[Attribute] = &[
    attribute("name", STRING, "name", Default::Computed, "name"),
    attribute(
        "target_type",
        STRING,
        "target_type",
        Default::Both(Const::Str("instance")),
        "instance, ip, lambda or alb",
    ),
    attribute(
        "protocol",
        STRING,
        "protocol",
        Default::None,
        "protocol to the targets: HTTP or HTTPS behind an Application Load Balancer",
    ),
    attribute("protocol_version", STRING, "protocol_version", Default::AwsBy(protocol_version), "HTTP1, HTTP2 or GRPC"),
    attribute("port", INT, "port", Default::None, "port of targets that are registered without one"),
    attribute("ip_address_type", STRING, "ip_address_type", Default::Aws(Const::Str("ipv4")), "ipv4 or ipv6"),
    attribute(
        "deregistration_delay",
        INT,
        "deregistration_delay",
        Default::Both(Const::Int(300)),
        "seconds a leaving target may finish its requests; 0 to 3600",
    ),
    attribute(
        "slow_start",
        INT,
        "slow_start",
        Default::Both(Const::Int(0)),
        "seconds until a new target gets its full share; 0 or 30 to 900",
    ),
    attribute(
        "algorithm",
        STRING,
        "load_balancing_algorithm_type",
        Default::Aws(Const::Str("round_robin")),
        "round_robin, least_outstanding_requests or weighted_random",
    ),
    attribute(
        "cross_zone",
        STRING,
        "load_balancing_cross_zone_enabled",
        Default::Aws(Const::Str("use_load_balancer_configuration")),
        "true, false or use_load_balancer_configuration",
    ),
    attribute(
        "stickiness.enabled",
        BOOL,
        "stickiness.enabled",
        Default::InBlock { block: "stickiness", provider: Const::Bool(true), aws: |_| false.into() },
        "whether a client stays on its target",
    ),
    attribute("stickiness.type", STRING, "stickiness.type", Default::None, "lb_cookie or app_cookie"),
    attribute(
        "stickiness.cookie_name",
        STRING,
        "stickiness.cookie_name",
        Default::None,
        "name of the application's cookie",
    ),
    attribute(
        "health_check.enabled",
        BOOL,
        "health_check.enabled",
        in_block(Const::Bool(true), |group| by_type(group, true, false)),
        "whether targets are checked",
    ),
    attribute(
        "health_check.protocol",
        STRING,
        "health_check.protocol",
        in_block(Const::Str("HTTP"), check_protocol),
        "protocol of the check",
    ),
    attribute(
        "health_check.port",
        STRING,
        "health_check.port",
        in_block(Const::Str("traffic-port"), |_| "traffic-port".into()),
        "traffic-port, or a port number as text",
    ),
    attribute("health_check.path", STRING, "health_check.path", Default::AwsBy(check_path), "path that is asked for"),
    attribute(
        "health_check.matcher",
        STRING,
        "health_check.matcher",
        Default::AwsBy(matcher),
        "codes that count as healthy: `200`, `200,202` or `200-299`",
    ),
    attribute(
        "health_check.interval",
        INT,
        "health_check.interval",
        in_block(Const::Int(30), |group| by_type(group, 30, 35)),
        "seconds between checks; 5 to 300",
    ),
    attribute(
        "health_check.timeout",
        INT,
        "health_check.timeout",
        Default::AwsBy(|group| by_type(group, 5, 30)),
        "seconds until a check counts as not answered; 2 to 120",
    ),
    attribute(
        "health_check.healthy_threshold",
        INT,
        "health_check.healthy_threshold",
        in_block(Const::Int(3), |_| 5.into()),
        "successes in a row until healthy; 2 to 10",
    ),
    attribute(
        "health_check.unhealthy_threshold",
        INT,
        "health_check.unhealthy_threshold",
        in_block(Const::Int(3), |group| by_type(group, 2, 5)),
        "failures in a row until unhealthy; 2 to 10",
    ),
];

const fn in_block(provider: Const, aws: fn(&Value) -> Value) -> Default {
    Default::InBlock { block: "health_check", provider, aws }
}

/// `instance`-like value, or `lambda`'s; unknown when the target type is.
fn by_type<T: Into<Value>>(group: &Value, other: T, lambda: T) -> Value {
    match lookup(group, "target_type") {
        Lookup::Unknown(unknown) => Value::unknown(unknown.clone()),
        kind if kind.str() == Some("lambda") => lambda.into(),
        _ => other.into(),
    }
}

fn protocol_version(group: &Value) -> Value {
    match lookup(group, "protocol") {
        Lookup::Unknown(unknown) => Value::unknown(unknown.clone()),
        protocol if matches!(protocol.str(), Some("HTTP" | "HTTPS")) => "HTTP1".into(),
        _ => Value::null(),
    }
}

/// Whether the group serves a network load balancer; the reason when its protocol is not known.
fn is_network(group: &Value) -> Result<bool, Value> {
    match lookup(group, "protocol") {
        Lookup::Unknown(unknown) => Err(Value::unknown(unknown.clone())),
        protocol => Ok(matches!(protocol.str(), Some("TCP" | "UDP" | "TLS" | "TCP_UDP"))),
    }
}

/// HTTP, also for HTTPS groups; TCP for a network load balancer's protocols.
fn check_protocol(group: &Value) -> Value {
    is_network(group).map_or_else(|unknown| unknown, |network| if network { "TCP" } else { "HTTP" }.into())
}

fn check_path(group: &Value) -> Value {
    match (lookup(group, "health_check.protocol"), lookup(group, "protocol_version")) {
        (protocol, _) if protocol.str() == Some("TCP") => Value::null(),
        (Lookup::Unknown(unknown), _) | (_, Lookup::Unknown(unknown)) => Value::unknown(unknown.clone()),
        (_, version) if version.str() == Some("GRPC") => "/AWS.ALB/healthcheck".into(),
        _ => "/".into(),
    }
}

fn matcher(group: &Value) -> Value {
    match (lookup(group, "protocol_version"), is_network(group)) {
        (_, Err(unknown)) => unknown,
        (_, Ok(true)) => "200-399".into(),
        (Lookup::Unknown(unknown), _) => Value::unknown(unknown.clone()),
        (version, _) if version.str() == Some("GRPC") => "12".into(),
        _ => "200".into(),
    }
}
