//! Security groups and their rules in all Terraform's forms: `aws_security_group` (inline), `aws_security_group_rule`,
//! `aws_vpc_security_group_{ingress,egress}_rule`, `aws_default_security_group`, and
//! `aws_network_interface_sg_attachment`. In CloudFormation `AWS::EC2::SecurityGroup` and the two rule resources.

use super::names::{self, role};
use super::{
    Attribute, BOOL, Const, Default, INT, KindSpec, LinkSpec, OBJECTS, STRING, STRINGS, attribute, link, links, read,
    shaped, whole,
};
use crate::catalog::spec::Read;
use crate::graph::{Data, Map, Value, lookup};

/// A security group with its inline rules.
pub(super) const SECURITY_GROUP: KindSpec = KindSpec {
    kind: names::SECURITY_GROUP,
    doc: "security group with its inline rules",
    terraform: &["aws_security_group", "aws_default_security_group"],
    cloudformation: &["AWS::EC2::SecurityGroup"],
    attributes: &[
        attribute("name", STRING, "name", Default::Computed, "name").property("GroupName"),
        attribute("id", STRING, "id", Default::Computed, "id"),
        attribute(
            "inline_written",
            BOOL,
            "inline_written",
            Default::None,
            "whether the group's own block writes rules",
        )
        // A stack changes its own rules only and leaves those of others alone.
        .else_in_cloudformation(Default::Aws(Const::Bool(false))),
        inline("ingress")
            .property_from("SecurityGroupIngress", |list| each_rule(list, INGRESS_FIELDS))
            .of_fields(INGRESS_FIELDS)
            .else_in_cloudformation(Default::Aws(Const::EmptyList)),
        inline("egress")
            .property_from("SecurityGroupEgress", egress_rules)
            .of_fields(EGRESS_FIELDS)
            .else_in_cloudformation(Default::AwsBy(|_| allow_all())),
    ],
    links: &[
        link(role::VPC_OF, "vpc_id", &[names::VPC]).property(&["VpcId"]),
        links(role::INGRESS_PEERS, "ingress[*].security_groups", &[names::SECURITY_GROUP]).property(&[
            "SecurityGroupIngress[*].SourceSecurityGroupId",
            "SecurityGroupIngress[*].SourceSecurityGroupName",
        ]),
        links(role::EGRESS_PEERS, "egress[*].security_groups", &[names::SECURITY_GROUP])
            .property(&["SecurityGroupEgress[*].DestinationSecurityGroupId"]),
        links(role::INGRESS_PREFIX_LISTS, "ingress[*].prefix_list_ids", &[names::PREFIX_LIST])
            .property(&["SecurityGroupIngress[*].SourcePrefixListId"]),
        links(role::EGRESS_PREFIX_LISTS, "egress[*].prefix_list_ids", &[names::PREFIX_LIST])
            .property(&["SecurityGroupEgress[*].DestinationPrefixListId"]),
    ],
    identifiers: &["id", "arn"],
    identifiers_cloudformation: &["GroupName"],
};

/// `aws_security_group_rule`: one rule of either direction, several peers.
pub(super) const RULE: KindSpec = KindSpec {
    kind: names::SECURITY_GROUP_RULE,
    doc: "security group rule of either direction",
    terraform: &["aws_security_group_rule"],
    cloudformation: &[],
    attributes: &[
        attribute("direction", STRING, "type", Default::None, "ingress or egress"),
        protocol("protocol"),
        attribute("from_port", INT, "from_port", Default::None, "first port"),
        attribute("to_port", INT, "to_port", Default::None, "last port"),
        attribute(
            "cidr_ipv4",
            STRINGS,
            "cidr_blocks",
            Default::Provider(Const::EmptyList),
            "IPv4 ranges at the other end",
        ),
        attribute(
            "cidr_ipv6",
            STRINGS,
            "ipv6_cidr_blocks",
            Default::Provider(Const::EmptyList),
            "IPv6 ranges at the other end",
        ),
        attribute(
            "self",
            BOOL,
            "self",
            Default::Provider(Const::Bool(false)),
            "whether the group itself is at the other end",
        ),
    ],
    links: &[
        link(role::GROUP, "security_group_id", &[names::SECURITY_GROUP]),
        link(role::PEER, "source_security_group_id", &[names::SECURITY_GROUP]),
        links(role::PREFIX_LISTS, "prefix_list_ids", &[names::PREFIX_LIST]),
    ],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};

/// `aws_vpc_security_group_ingress_rule`: one rule, one peer.
pub(super) const INGRESS_RULE: KindSpec = KindSpec {
    kind: names::SECURITY_GROUP_INGRESS_RULE,
    doc: "security group ingress rule",
    terraform: &["aws_vpc_security_group_ingress_rule"],
    cloudformation: &["AWS::EC2::SecurityGroupIngress"],
    links: &[
        OF_GROUP.property(&["GroupId", "GroupName"]),
        ONE_PEER.property(&["SourceSecurityGroupId", "SourceSecurityGroupName"]),
        ONE_PREFIX_LIST.property(&["SourcePrefixListId"]),
    ],
    ..EGRESS_RULE
};

/// `aws_vpc_security_group_egress_rule`: one rule, one peer.
pub(super) const EGRESS_RULE: KindSpec = KindSpec {
    kind: names::SECURITY_GROUP_EGRESS_RULE,
    doc: "security group egress rule",
    terraform: &["aws_vpc_security_group_egress_rule"],
    cloudformation: &["AWS::EC2::SecurityGroupEgress"],
    attributes: &[
        protocol("ip_protocol").property_from("IpProtocol", protocol_name),
        attribute("from_port", INT, "from_port", Default::None, "first port").property("FromPort"),
        attribute("to_port", INT, "to_port", Default::None, "last port").property("ToPort"),
        attribute("cidr_ipv4", STRING, "cidr_ipv4", Default::None, "IPv4 range at the other end").property("CidrIp"),
        attribute("cidr_ipv6", STRING, "cidr_ipv6", Default::None, "IPv6 range at the other end").property("CidrIpv6"),
    ],
    links: &[
        OF_GROUP.property(&["GroupId"]),
        ONE_PEER.property(&["DestinationSecurityGroupId"]),
        ONE_PREFIX_LIST.property(&["DestinationPrefixListId"]),
    ],
    identifiers: &["id", "security_group_rule_id"],
    identifiers_cloudformation: &[],
};

const OF_GROUP: LinkSpec = link(role::GROUP, "security_group_id", &[names::SECURITY_GROUP]);
const ONE_PEER: LinkSpec = link(role::PEER, "referenced_security_group_id", &[names::SECURITY_GROUP]);
const ONE_PREFIX_LIST: LinkSpec = link(role::PREFIX_LISTS, "prefix_list_id", &[names::PREFIX_LIST]);

/// Puts one more security group on a network interface.
pub(super) const INTERFACE_ATTACHMENT: KindSpec = KindSpec {
    kind: names::INTERFACE_SECURITY_GROUP,
    doc: "security group put on a network interface",
    terraform: &["aws_network_interface_sg_attachment"],
    cloudformation: &[],
    attributes: &[],
    links: &[
        links(role::SECURITY_GROUPS, "security_group_id", &[names::SECURITY_GROUP]),
        link(role::INTERFACE, "network_interface_id", &[names::NETWORK_INTERFACE, names::INSTANCE]),
    ],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};

/// Lends a security group to another VPC than its own.
pub(super) const VPC_ASSOCIATION: KindSpec = KindSpec {
    kind: names::SECURITY_GROUP_VPC,
    doc: "association of a security group with one more VPC",
    terraform: &["aws_vpc_security_group_vpc_association"],
    cloudformation: &["AWS::EC2::SecurityGroupVpcAssociation"],
    attributes: &[],
    links: &[
        link(role::GROUP, "security_group_id", &[names::SECURITY_GROUP]).property(&["GroupId"]),
        link(role::VPC_OF, "vpc_id", &[names::VPC]).property(&["VpcId"]),
    ],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};

/// A protocol by its name, as AWS gives it back, whatever the author wrote: `6`, `TCP`, `all`.
const fn protocol(terraform: &'static str) -> Attribute {
    read(
        "protocol",
        STRING,
        Read::From(terraform, protocol_name),
        Default::None,
        "tcp, udp, icmp, a number, or -1 for all",
    )
}

fn protocol_name(value: &Value) -> Value {
    let written = match &value.data {
        Data::String(text) => text.to_ascii_lowercase(),
        Data::Int(number) => number.to_string(),
        _ => return value.clone(),
    };
    let name = match written.as_str() {
        "all" => "-1",
        "1" => "icmp",
        "6" => "tcp",
        "17" => "udp",
        "58" => "icmpv6",
        name => name,
    };
    Value { data: Data::String(name.into()), marks: value.marks }
}

/// Inline rules: objects with `from_port`, `to_port`, `protocol`, `cidr_blocks`, `ipv6_cidr_blocks`, `self` …
const fn inline(path: &'static str) -> Attribute {
    read(
        path,
        OBJECTS,
        Read::From(path, rules),
        Default::None,
        "inline rules: from_port, to_port, protocol, cidr_blocks, ipv6_cidr_blocks, self",
    )
}

/// Inline rules as the provider plans them.
fn rules(list: &Value) -> Value {
    const NOT_WRITTEN: &[(&str, Const)] = &[
        ("cidr_blocks", Const::EmptyList),
        ("ipv6_cidr_blocks", Const::EmptyList),
        ("prefix_list_ids", Const::EmptyList),
        ("security_groups", Const::EmptyList),
        ("self", Const::Bool(false)),
    ];
    let mut rules = shaped(list, NOT_WRITTEN);
    if let Data::List(rules) = &mut rules.data {
        for rule in rules {
            if let Data::Map(rule) = &mut rule.data
                && let Some(value) = rule.get_mut("protocol")
            {
                *value = protocol_name(value);
            }
        }
    }
    rules
}

/// What CloudFormation calls the fields of an ingress rule. It has one peer a rule, the provider lists of them.
const INGRESS_FIELDS: &[(&str, &str)] = &[
    ("description", "Description"),
    ("protocol", "IpProtocol"),
    ("from_port", "FromPort"),
    ("to_port", "ToPort"),
    ("cidr_blocks", "CidrIp"),
    ("ipv6_cidr_blocks", "CidrIpv6"),
    ("prefix_list_ids", "SourcePrefixListId"),
    ("security_groups", "SourceSecurityGroupId"),
    ("security_groups", "SourceSecurityGroupName"),
];

/// The same for egress.
const EGRESS_FIELDS: &[(&str, &str)] = &[
    ("description", "Description"),
    ("protocol", "IpProtocol"),
    ("from_port", "FromPort"),
    ("to_port", "ToPort"),
    ("cidr_blocks", "CidrIp"),
    ("ipv6_cidr_blocks", "CidrIpv6"),
    ("prefix_list_ids", "DestinationPrefixListId"),
    ("security_groups", "DestinationSecurityGroupId"),
];

/// CloudFormation's egress rules in our words. An empty list is as good as none: AWS's own rule stays.
fn egress_rules(list: &Value) -> Value {
    match list.as_list() {
        Some([]) => Value::null(),
        _ => each_rule(list, EGRESS_FIELDS),
    }
}

/// CloudFormation's rules in our words.
fn each_rule(list: &Value, fields: &[(&str, &str)]) -> Value {
    let read = |item: &Value| {
        if item.as_map().is_none() {
            return item.clone();
        }
        let mut rule = Map::default();
        for (name, property) in fields {
            if let Some(value) = lookup(item, property).to_value() {
                let value = match *name {
                    "from_port" | "to_port" => whole(value),
                    "description" | "protocol" => value,
                    _ => vec![value].into(),
                };
                rule.insert((*name).into(), value);
            }
        }
        Value { data: Data::Map(rule), marks: item.marks }
    };
    let items = match &list.data {
        Data::List(items) => items.iter().map(read).collect(),
        Data::Map(_) => [read(list)].into(),
        _ => return list.clone(),
    };
    rules(&Value { data: Data::List(items), marks: list.marks })
}

/// The egress of a group that writes none: AWS puts in a rule that lets everything out.
fn allow_all() -> Value {
    let range = |range: &str| Value::from(vec![range.into()]);
    let rule = Map::from_iter([
        ("protocol".into(), "-1".into()),
        ("cidr_blocks".into(), range("0.0.0.0/0")),
        ("ipv6_cidr_blocks".into(), range("::/0")),
    ]);
    rules(&vec![Value::from(rule)].into())
}
