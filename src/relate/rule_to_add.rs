//! The rule that would mend a connection, written as its dialect writes it, in one line. Which rule that is, is told
//! elsewhere.

use super::cidr::Family;
use super::rules::Direction;
use crate::catalog::Dialect;
use crate::graph::{Graph, Map, ResourceId, Target, Value};

/// A rule of a security group that is not there, as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingRule {
    /// Whether it lets packets out.
    pub egress: bool,
    /// The address of the group that lacks it.
    pub group: String,
    /// Whether the group writes its rules itself, so that a rule of its own would be removed again.
    pub inline: bool,
    /// Who is at the other end.
    pub peer: RulePeer,
    /// First and last port, TCP.
    pub ports: (i64, i64),
}

/// Who is at the other end of a [`MissingRule`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RulePeer {
    /// A group of the input, by its address.
    Group(String),
    /// A group that is not part of it, by its id.
    Outside(String),
    /// An IPv4 range.
    V4(String),
    /// An IPv6 range.
    V6(String),
}

impl MissingRule {
    /// As an object that expressions can hand on.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let (kind, peer) = match &self.peer {
            RulePeer::Group(peer) => ("group", peer),
            RulePeer::Outside(peer) => ("outside", peer),
            RulePeer::V4(peer) => ("ipv4", peer),
            RulePeer::V6(peer) => ("ipv6", peer),
        };
        let fields: [(&str, Value); 7] = [
            ("egress", self.egress.into()),
            ("group", self.group.as_str().into()),
            ("inline", self.inline.into()),
            ("peer_kind", kind.into()),
            ("peer", peer.as_str().into()),
            ("from_port", self.ports.0.into()),
            ("to_port", self.ports.1.into()),
        ];
        fields.into_iter().map(|(name, value)| (name.into(), value)).collect::<Map>().into()
    }

    /// What [`MissingRule::to_value`] made; none for anything else.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<MissingRule> {
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let (flag, number) = (
            |name: &str| value.get(name).and_then(Value::as_bool),
            |name: &str| value.get(name).and_then(Value::as_int),
        );
        let peer = text("peer")?;
        let peer = match text("peer_kind")?.as_str() {
            "group" => RulePeer::Group(peer),
            "outside" => RulePeer::Outside(peer),
            "ipv4" => RulePeer::V4(peer),
            "ipv6" => RulePeer::V6(peer),
            _ => return None,
        };
        Some(MissingRule {
            egress: flag("egress")?,
            group: text("group")?,
            inline: flag("inline")?,
            peer,
            ports: (number("from_port")?, number("to_port")?),
        })
    }
}

/// A security-group rule.
pub(super) struct GroupRule<'a> {
    pub(super) dialect: Dialect,
    pub(super) direction: Direction,
    /// The group, as a reference.
    pub(super) group: String,
    /// The name of a group that writes its rules itself: a rule of its own would be removed again.
    pub(super) within: Option<String>,
    pub(super) peer: Peer,
    pub(super) first: &'a str,
    pub(super) last: &'a str,
}

/// Who is at the other end.
pub(super) enum Peer {
    /// A group, as a reference.
    Group(String),
    /// A range, or words for one.
    Range(Family, String),
}

impl GroupRule<'_> {
    pub(super) fn written(&self) -> String {
        match self.dialect {
            Dialect::Terraform => self.in_terraform(),
            Dialect::CloudFormation => self.in_cloudformation(),
        }
    }

    fn in_terraform(&self) -> String {
        let GroupRule { group, first, last, .. } = self;
        let name = self.direction.name();
        if let Some(within) = &self.within {
            let peer = match &self.peer {
                Peer::Group(reference) => format!("security_groups = [{reference}]"),
                Peer::Range(Family::V4, range) => format!("cidr_blocks = [\"{range}\"]"),
                Peer::Range(Family::V6, range) => format!("ipv6_cidr_blocks = [\"{range}\"]"),
            };
            return format!(
                "in {within}: {name} {{ from_port = {first}, to_port = {last}, protocol = \"tcp\", {peer} }}"
            );
        }
        let peer = match &self.peer {
            Peer::Group(reference) => format!("referenced_security_group_id = {reference}"),
            Peer::Range(Family::V4, range) => format!("cidr_ipv4 = \"{range}\""),
            Peer::Range(Family::V6, range) => format!("cidr_ipv6 = \"{range}\""),
        };
        format!(
            "aws_vpc_security_group_{name}_rule {{ security_group_id = {group}, {peer}, ip_protocol = \"tcp\", from_port = \
             {first}, to_port = {last} }}"
        )
    }

    fn in_cloudformation(&self) -> String {
        let (kind, side) = match self.direction {
            Direction::Ingress => ("SecurityGroupIngress", "Source"),
            Direction::Egress => ("SecurityGroupEgress", "Destination"),
        };
        let peer = match &self.peer {
            Peer::Group(reference) => format!("{side}SecurityGroupId: {reference}"),
            Peer::Range(Family::V4, range) => format!("CidrIp: {}", scalar(range)),
            Peer::Range(Family::V6, range) => format!("CidrIpv6: {}", scalar(range)),
        };
        format!(
            "{{Type: AWS::EC2::{kind}, Properties: {{GroupId: {}, {peer}, IpProtocol: tcp, FromPort: {}, ToPort: {}}}}}",
            self.group, self.first, self.last
        )
    }
}

/// A rule of a network ACL that allows TCP.
pub(super) struct AclEntry {
    pub(super) dialect: Dialect,
    pub(super) direction: Direction,
    /// The ACL, as a reference.
    pub(super) acl: String,
    /// The name of an ACL that writes its rules itself.
    pub(super) within: Option<String>,
    pub(super) number: i64,
    pub(super) family: Family,
    pub(super) range: String,
    pub(super) ports: (u16, u16),
}

impl AclEntry {
    pub(super) fn written(&self) -> String {
        let AclEntry { acl, number, range, ports: (first, last), .. } = self;
        let egress = self.direction == Direction::Egress;
        let attribute = match (self.dialect, self.family) {
            (Dialect::Terraform, Family::V4) => "cidr_block",
            (Dialect::Terraform, Family::V6) => "ipv6_cidr_block",
            (Dialect::CloudFormation, Family::V4) => "CidrBlock",
            (Dialect::CloudFormation, Family::V6) => "Ipv6CidrBlock",
        };
        if self.dialect == Dialect::CloudFormation {
            let range = scalar(range);
            return format!(
                "{{Type: AWS::EC2::NetworkAclEntry, Properties: {{NetworkAclId: {acl}, RuleNumber: {number}, Egress: \
                 {egress}, RuleAction: allow, Protocol: 6, {attribute}: {range}, PortRange: {{From: {first}, To: {last}}}}}}}"
            );
        }
        let rest = format!("protocol = \"tcp\", {attribute} = \"{range}\", from_port = {first}, to_port = {last}");
        match &self.within {
            Some(within) => {
                let direction = self.direction.name();
                format!("in {within}: {direction} {{ rule_no = {number}, action = \"allow\", {rest} }}")
            }
            None => format!(
                "aws_network_acl_rule {{ network_acl_id = {acl}, rule_number = {number}, egress = {egress}, rule_action = \
                 \"allow\", {rest} }}"
            ),
        }
    }
}

/// A resource as its dialect refers to what it gives: `aws_security_group.app.id`, `!GetAtt App.GroupId`, `!Ref Acl`.
pub(super) fn reference(graph: &Graph, id: ResourceId, attribute: Option<&str>) -> String {
    let resource = graph.resource(id);
    let address = resource.address.as_str();
    let (_, logical) = in_stack(address);
    match (Dialect::of(&resource.type_name), attribute) {
        (Dialect::Terraform, _) => format!("{address}.id"),
        (Dialect::CloudFormation, Some(attribute)) => format!("!GetAtt {logical}.{attribute}"),
        (Dialect::CloudFormation, None) => format!("!Ref {logical}"),
    }
}

/// Whether one resource can refer to another by its logical id.
pub(super) fn same_stack(graph: &Graph, one: ResourceId, other: ResourceId) -> bool {
    let stack = |id: ResourceId| {
        let resource = graph.resource(id);
        match Dialect::of(&resource.type_name) {
            Dialect::Terraform => "",
            Dialect::CloudFormation => in_stack(resource.address.as_str()).0,
        }
    };
    stack(one) == stack(other)
}

/// The stack of `Edge/AlbGroup`, and the logical id that is its name within it.
fn in_stack(address: &str) -> (&str, &str) {
    address.rsplit_once('/').unwrap_or(("", address))
}

/// The dialect something is written in; what is not part of the input would be written in that of the input.
pub(super) fn dialect_of(graph: &Graph, id: Option<ResourceId>) -> Dialect {
    let resource = id.map(|id| graph.resource(id)).or_else(|| graph.resources().next().map(|(_, resource)| resource));
    resource.map_or(Dialect::Terraform, |resource| Dialect::of(&resource.type_name))
}

/// The id of something outside the input, quoted where the dialect does.
pub(super) fn literal(dialect: Dialect, id: &str) -> String {
    match dialect {
        Dialect::Terraform => format!("\"{id}\""),
        Dialect::CloudFormation => id.to_owned(),
    }
}

/// The reference to the default network ACL of a VPC.
pub(super) fn default_acl(graph: &Graph, vpc: Option<&Target>) -> String {
    match vpc {
        Some(Target::Resource(vpc)) if dialect_of(graph, Some(*vpc)) == Dialect::CloudFormation => {
            reference(graph, *vpc, Some("DefaultNetworkAcl"))
        }
        _ => "<default network ACL of the VPC>".to_owned(),
    }
}

/// A scalar in YAML's flow style.
fn scalar(text: &str) -> String {
    if text.contains(':') { format!("\"{text}\"") } else { text.to_owned() }
}
