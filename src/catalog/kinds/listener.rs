//! `aws_lb_listener`, `aws_lb_listener_rule` (and `aws_alb_…`) / `AWS::ElasticLoadBalancingV2::Listener`,
//! `…::ListenerRule`.

use super::names::{self, role};
use super::{Attribute, Const, Default, INT, KindSpec, LinkSpec, OBJECTS, Read, STRING, attribute, link, read, shaped};
use crate::graph::{Data, Lookup, Map, Value, lookup};

/// A listener.
pub(super) const LISTENER: KindSpec = KindSpec {
    kind: names::LISTENER,
    doc: "listener",
    terraform: &["aws_lb_listener", "aws_alb_listener"],
    cloudformation: &[],
    attributes: &[
        attribute("port", INT, "port", Default::None, "port clients connect to"),
        attribute(
            "protocol",
            STRING,
            "protocol",
            Default::Provider(Const::Str("HTTP")),
            "HTTP or HTTPS on an Application Load Balancer",
        ),
        attribute("certificate", STRING, "certificate_arn", Default::None, "ARN of its default certificate"),
        attribute(
            "ssl_policy",
            STRING,
            "ssl_policy",
            Default::Aws(Const::Str("ELBSecurityPolicy-2016-08")),
            "TLS policy",
        ),
        actions("default_action"),
    ],
    links: &[
        link(role::LOAD_BALANCER_OF, "load_balancer_arn", &[names::LOAD_BALANCER]),
        link(role::FORWARD, "default_action[*].target_group_arn", &[names::TARGET_GROUP]),
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
    cloudformation: &[],
    attributes: &[
        attribute("priority", INT, "priority", Default::Unset, "lowest is tried first; 1 to 50000, once per listener"),
        actions("action"),
        read("conditions", OBJECTS, Read::From("condition", conditions), Default::None, "when the rule applies"),
    ],
    links: &[
        link(role::LISTENER_OF, "listener_arn", &[names::LISTENER]),
        link(role::FORWARD, "action[*].target_group_arn", &[names::TARGET_GROUP]),
        link(role::WEIGHTED_FORWARD, "action[*].forward[*].target_group[*].arn", &[names::TARGET_GROUP]),
    ],
    identifiers: &["id", "arn"],
    identifiers_cloudformation: &[],
};

const WEIGHTED_DEFAULT: LinkSpec =
    link(role::WEIGHTED_FORWARD, "default_action[*].forward[*].target_group[*].arn", &[names::TARGET_GROUP]);

const fn actions(terraform: &'static str) -> Attribute {
    read(
        "actions",
        OBJECTS,
        Read::From(terraform, read_actions),
        Default::None,
        "what happens to a request: `type`, and the `weights` of the target groups it is forwarded to",
    )
}

/// Each action as `{type, weights}`; authentication secrets and the like stay behind.
fn read_actions(blocks: &Value) -> Value {
    let Some(blocks) = blocks.as_list() else { return blocks.clone() };
    let read = |block: &Value| {
        if block.as_unknown().is_some() {
            return block.clone();
        }
        let mut action = Map::default();
        for (name, key) in [("type", "type"), ("order", "order")] {
            if let Some(value) = block.get(key).filter(|value| !value.is_null()) {
                action.insert(name.into(), value.clone());
            }
        }
        action.insert("weights".into(), weights(block));
        action.into()
    };
    blocks.iter().map(read).collect::<Vec<Value>>().into()
}

fn weights(action: &Value) -> Value {
    match lookup(action, "forward.0.target_group") {
        Lookup::Unknown(unknown) => Value::unknown(unknown.clone()),
        Lookup::Known(Value { data: Data::List(groups), .. }) => {
            let weight = |group: &Value| lookup(group, "weight").to_value().unwrap_or_else(|| 1.into());
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
