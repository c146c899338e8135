//! `aws_lb_listener`, `aws_lb_listener_rule` (and `aws_alb_…`) / `AWS::ElasticLoadBalancingV2::Listener`,
//! `…::ListenerRule`.

use super::certificate::first_certificate;
use super::names::{self, role};
use super::{
    Attribute, Const, Default, INT, KindSpec, LinkSpec, OBJECTS, Read, STRING, attribute, link, read, renamed, shaped,
    whole,
};
use crate::graph::{Data, Lookup, Map, Value, lookup};

/// A listener.
pub(super) const LISTENER: KindSpec = KindSpec {
    kind: names::LISTENER,
    doc: "listener",
    terraform: &["aws_lb_listener", "aws_alb_listener"],
    cloudformation: &["AWS::ElasticLoadBalancingV2::Listener"],
    attributes: &[
        attribute("port", INT, "port", Default::None, "port clients connect to").property("Port"),
        attribute(
            "protocol",
            STRING,
            "protocol",
            Default::Provider(Const::Str("HTTP")),
            "HTTP or HTTPS on an Application Load Balancer",
        )
        .property("Protocol"),
        attribute("certificate", STRING, "certificate_arn", Default::None, "ARN of its default certificate")
            .property_from("Certificates", first_certificate),
        attribute(
            "ssl_policy",
            STRING,
            "ssl_policy",
            Default::Aws(Const::Str("ELBSecurityPolicy-2016-08")),
            "TLS policy",
        )
        .property("SslPolicy"),
        actions("default_action", "DefaultActions"),
    ],
    links: &[
        link(role::LOAD_BALANCER_OF, "load_balancer_arn", &[names::LOAD_BALANCER]).property(&["LoadBalancerArn"]),
        link(role::FORWARD, "default_action[*].target_group_arn", &[names::TARGET_GROUP])
            .property(&["DefaultActions[*].TargetGroupArn"]),
        WEIGHTED_DEFAULT,
    ],
    identifiers: &["id", "arn"],
    identifiers_cloudformation: &[],
};

/// A rule of a listener.
pub(super) const LISTENER_RULE: KindSpec = KindSpec {
    kind: names::LISTENER_RULE,
    doc: "listener rule",
    terraform: &["aws_lb_listener_rule", "aws_alb_listener_rule"],
    cloudformation: &["AWS::ElasticLoadBalancingV2::ListenerRule"],
    attributes: &[
        attribute("priority", INT, "priority", Default::Unset, "lowest is tried first; 1 to 50000, once per listener")
            .property("Priority"),
        actions("action", "Actions"),
        read("conditions", OBJECTS, Read::From("condition", conditions), Default::None, "when the rule applies")
            .property_from("Conditions", conditions_in_cloudformation),
    ],
    links: &[
        link(role::LISTENER_OF, "listener_arn", &[names::LISTENER]).property(&["ListenerArn"]),
        link(role::FORWARD, "action[*].target_group_arn", &[names::TARGET_GROUP])
            .property(&["Actions[*].TargetGroupArn"]),
        link(role::WEIGHTED_FORWARD, "action[*].forward[*].target_group[*].arn", &[names::TARGET_GROUP])
            .property(&["Actions[*].ForwardConfig.TargetGroups[*].TargetGroupArn"]),
    ],
    identifiers: &["id", "arn"],
    identifiers_cloudformation: &[],
};

const WEIGHTED_DEFAULT: LinkSpec =
    link(role::WEIGHTED_FORWARD, "default_action[*].forward[*].target_group[*].arn", &[names::TARGET_GROUP])
        .property(&["DefaultActions[*].ForwardConfig.TargetGroups[*].TargetGroupArn"]);

const fn actions(terraform: &'static str, cloudformation: &'static str) -> Attribute {
    read(
        "actions",
        OBJECTS,
        Read::From(terraform, read_actions),
        Default::None,
        "what happens to a request: `type`, the `weights` of the target groups it is forwarded to, and whether that is `sticky`",
    )
    .property_from(cloudformation, read_actions)
}

/// Each action as `{type, order, weights, sticky}`, from either dialect; authentication secrets and the like stay behind.
fn read_actions(blocks: &Value) -> Value {
    let read = |block: &Value| {
        if block.as_unknown().is_some() {
            return block.clone();
        }
        let mut action = Map::default();
        for (name, keys) in [("type", ["type", "Type"]), ("order", ["order", "Order"])] {
            let value = keys.into_iter().find_map(|key| block.get(key).filter(|value| !value.is_null()));
            if let Some(value) = value {
                action.set(name, whole(value.clone()));
            }
        }
        action.set("weights", weights(block));
        action.set("sticky", sticky(block));
        action.into()
    };
    match &blocks.data {
        Data::List(blocks) => blocks.iter().map(read).collect::<Vec<Value>>().into(),
        Data::Map(_) => vec![read(blocks)].into(),
        _ => blocks.clone(),
    }
}

/// Whether a client stays with one of the weighted groups.
fn sticky(action: &Value) -> Value {
    let ways = ["forward.0.stickiness.0.enabled", "ForwardConfig.TargetGroupStickinessConfig.Enabled"];
    match ways.map(|way| lookup(action, way)) {
        [Lookup::Unknown(unknown), _] | [_, Lookup::Unknown(unknown)] => Value::unknown(unknown.clone()),
        [one, other] => (one.bool().or(other.bool()) == Some(true)).into(),
    }
}

fn weights(action: &Value) -> Value {
    let groups = match lookup(action, "forward.0.target_group") {
        Lookup::Absent => lookup(action, "ForwardConfig.TargetGroups"),
        found => found,
    };
    match groups {
        Lookup::Unknown(unknown) => Value::unknown(unknown.clone()),
        Lookup::Known(Value { data: Data::List(groups), .. }) => {
            let weight = |group: &Value| {
                let weight = ["weight", "Weight"].into_iter().find_map(|key| lookup(group, key).to_value());
                weight.map_or_else(|| 1.into(), whole)
            };
            groups.iter().map(weight).collect::<Vec<Value>>().into()
        }
        _ => Vec::new().into(),
    }
}

/// Conditions as the provider plans them: every form is there, the one that is written not empty.
fn conditions(blocks: &Value) -> Value {
    const NOT_WRITTEN: &[(&str, Const)] = &[
        ("host_header", Const::EmptyList),
        ("http_header", Const::EmptyList),
        ("http_request_method", Const::EmptyList),
        ("path_pattern", Const::EmptyList),
        ("query_string", Const::EmptyList),
        ("source_ip", Const::EmptyList),
    ];
    shaped(blocks, NOT_WRITTEN)
}

/// The same from CloudFormation: `Field` names the form, `Values` or the form's own `…Config` hold its values.
fn conditions_in_cloudformation(list: &Value) -> Value {
    let Some(items) = list.as_list() else { return list.clone() };
    conditions(&items.iter().map(condition).collect::<Vec<Value>>().into())
}

fn condition(item: &Value) -> Value {
    let mut condition = Map::default();
    match lookup(item, "Field") {
        Lookup::Unknown(unknown) => return Value::unknown(unknown.clone()),
        Lookup::Known(field) => {
            let form = field.as_str().unwrap_or_default().replace('-', "_");
            if let Some(values) = lookup(item, "Values").to_value() {
                condition.insert(form.as_str().into(), one_block([("values", values)]));
            }
        }
        Lookup::Absent => {}
    }
    for (form, config) in [
        ("host_header", "HostHeaderConfig"),
        ("http_header", "HttpHeaderConfig"),
        ("http_request_method", "HttpRequestMethodConfig"),
        ("path_pattern", "PathPatternConfig"),
        ("query_string", "QueryStringConfig"),
        ("source_ip", "SourceIpConfig"),
    ] {
        let block = match lookup(item, config) {
            Lookup::Absent => continue,
            Lookup::Unknown(unknown) => Value::unknown(unknown.clone()),
            // Terraform has a block for each pair, CloudFormation a list of them.
            Lookup::Known(pairs) if form == "query_string" => {
                lookup(pairs, "Values").to_value().map_or_else(|| Vec::new().into(), |pairs| renamed(&pairs))
            }
            Lookup::Known(config) => renamed(config),
        };
        condition.insert(form.into(), block);
    }
    condition.into()
}

fn one_block<const N: usize>(fields: [(&str, Value); N]) -> Value {
    vec![Value::from(Map::from_iter(fields.map(|(name, value)| (name.into(), value))))].into()
}
