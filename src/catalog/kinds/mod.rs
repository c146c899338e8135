//! One AWS kind a file: names, attributes, defaults and links.

pub mod names;

mod api_gateway;
mod autoscaling;
mod beanstalk;
mod certificate;
mod cloudwatch;
mod containers;
mod distribution;
mod ec2;
mod ecs;
mod lambda;
mod listener;
mod load_balancer;
mod network;
mod network_acl;
mod partial_json;
mod routing;
mod scaling;
mod security_group;
mod systems_manager;
mod tags;
mod target_group;
mod user_data;
mod waf;

use super::schema::Type;
use super::spec::{Attribute, Const, Default, KindSpec, LinkSpec, Read};
use crate::graph::{Data, Kind, Role, Value};

/// Every kind, in the order of a request's way.
pub(super) const KINDS: &[&KindSpec] = &[
    &load_balancer::LOAD_BALANCER,
    &listener::LISTENER,
    &listener::LISTENER_RULE,
    &certificate::LISTENER_CERTIFICATE,
    &target_group::TARGET_GROUP,
    &target_group::ATTACHMENT,
    &security_group::SECURITY_GROUP,
    &security_group::RULE,
    &security_group::INGRESS_RULE,
    &security_group::EGRESS_RULE,
    &security_group::INTERFACE_ATTACHMENT,
    &security_group::VPC_ASSOCIATION,
    &network::VPC,
    &network::VPC_CIDR_BLOCK,
    &network::SUBNET,
    &network::PREFIX_LIST,
    &network::PREFIX_LIST_ENTRY,
    &network_acl::NETWORK_ACL,
    &network_acl::NETWORK_ACL_RULE,
    &network_acl::NETWORK_ACL_ASSOCIATION,
    &ecs::SERVICE,
    &ecs::TASK_DEFINITION,
    &ecs::TASK_SET,
    &ecs::CLUSTER,
    &ecs::CAPACITY_PROVIDER,
    &ecs::CLUSTER_CAPACITY,
    &autoscaling::GROUP,
    &autoscaling::ATTACHMENT,
    &autoscaling::TRAFFIC_SOURCE_ATTACHMENT,
    &ec2::INSTANCE,
    &ec2::LAUNCH_TEMPLATE,
    &ec2::LAUNCH_CONFIGURATION,
    &ec2::NETWORK_INTERFACE,
    &systems_manager::DOCUMENT,
    &systems_manager::ASSOCIATION,
    &lambda::FUNCTION,
    &lambda::ALIAS,
    &lambda::PERMISSION,
    &cloudwatch::ALARM,
    &waf::ASSOCIATION,
    &routing::INTERNET_GATEWAY,
    &routing::GATEWAY_ATTACHMENT,
    &routing::ROUTE_TABLE,
    &routing::ROUTE,
    &routing::ASSOCIATION,
    &routing::MAIN,
    &scaling::TARGET,
    &scaling::POLICY,
    &distribution::DISTRIBUTION,
    &api_gateway::INTEGRATION,
    &beanstalk::ENVIRONMENT,
];

/// Types that take over what AWS made along with a VPC.
pub(super) const ADOPTED: &[&str] =
    &["aws_default_network_acl", "aws_default_security_group", "aws_default_subnet", "aws_default_vpc"];

const BOOL: fn() -> Type = || Type::Bool;
const INT: fn() -> Type = || Type::Int;
const STRING: fn() -> Type = || Type::String;
const STRINGS: fn() -> Type = || Type::list(Type::String);
const OBJECTS: fn() -> Type = || Type::list(Type::Any);

/// An attribute that both sides call nearly the same, read where Terraform has it.
const fn attribute(
    path: &'static str,
    ty: fn() -> Type,
    terraform: &'static str,
    default: Default,
    doc: &'static str,
) -> Attribute {
    read(path, ty, Read::At(terraform), default, doc)
}

/// An attribute, read from Terraform this way. Until a table says more, CloudFormation has none.
const fn read(path: &'static str, ty: fn() -> Type, terraform: Read, default: Default, doc: &'static str) -> Attribute {
    Attribute {
        path,
        doc,
        ty,
        terraform,
        default,
        cloudformation: Read::Nowhere,
        default_in_cloudformation: None,
        fields_in_cloudformation: &[],
        written_in_cloudformation: None,
    }
}

const fn link(role: Role, terraform: &'static str, to: &'static [Kind]) -> LinkSpec {
    LinkSpec { role, terraform, cloudformation: &[], to, many: false, after: None }
}

const fn links(role: Role, terraform: &'static str, to: &'static [Kind]) -> LinkSpec {
    LinkSpec { role, terraform, cloudformation: &[], to, many: true, after: None }
}

/// True for a block that is written; null without.
fn is_written(block: &Value) -> Value {
    match &block.data {
        Data::List(blocks) if blocks.is_empty() => Value::null(),
        Data::Null | Data::Unknown(_) => block.clone(),
        _ => true.into(),
    }
}

/// A list of objects, with what the provider puts into each for what nobody wrote: a plan shows it, a configuration
/// does not.
fn shaped(list: &Value, provider: &[(&str, Const)]) -> Value {
    let Some(items) = list.as_list() else { return list.clone() };
    let shape = |item: &Value| {
        let mut item = item.clone();
        if let Data::Map(map) = &mut item.data {
            for (key, constant) in provider {
                if map.get(key).is_none_or(Value::is_null) {
                    map.insert((*key).into(), Value::from(*constant));
                }
            }
        }
        item
    };
    Value { data: Data::List(items.iter().map(shape).collect()), marks: list.marks }
}

/// Fields that hold numbers, which CloudFormation takes as text as well.
const NUMBERS: &[&str] = &["base", "container_port", "device_index", "host_port", "port", "weight"];

/// Objects of CloudFormation in our vocabulary: `ContainerPort` is `container_port`, a port `"80"` is 80, one object is a list of
/// it. Elements keep their positions.
fn renamed(list: &Value) -> Value {
    let rename = |item: &Value| match &item.data {
        Data::Map(map) => {
            let fields = map.iter().filter(|(_, value)| !value.is_null());
            let fields = fields.map(|(key, value)| {
                let key = snake_case(key);
                let value = if NUMBERS.contains(&key.as_str()) { whole(value.clone()) } else { value.clone() };
                (key.as_str().into(), value)
            });
            Value { data: Data::Map(fields.collect()), marks: item.marks }
        }
        _ => item.clone(),
    };
    match &list.data {
        Data::List(items) => Value { data: Data::List(items.iter().map(rename).collect()), marks: list.marks },
        Data::Map(_) => vec![rename(list)].into(),
        _ => list.clone(),
    }
}

/// `ContainerPort` as `container_port`.
fn snake_case(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    for (at, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && at > 0 {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

/// Text that is a whole number as the number.
fn whole(value: Value) -> Value {
    match (&value.data, value.as_int()) {
        (Data::String(text), Some(number)) if *number.to_string() == **text => {
            Value { data: Data::Int(number), marks: value.marks }
        }
        _ => value,
    }
}
