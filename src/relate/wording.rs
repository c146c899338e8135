//! Sentences, fixes and evidence about security-group rules. Decides nothing. Never shows a sensitive value.

use std::net::IpAddr;

use super::admission::Side;
use super::cidr::Family;
use super::ecs::ports_to_open;
use super::group::{Group, Groups};
use super::membership::{Interfaces, Membership};
use super::ports::PortRange;
use super::reach::Answer;
use super::rule_to_add::{GroupRule, MissingRule, Peer, RulePeer};
use super::rules::{Direction, Rule, RuleIndex, inline_in};
use crate::catalog::place_of;
use crate::graph::{Certainty, Data, Graph, Lookup, Place, Reason, Text, Truth, Unknown, Value, lookup};

/// What words are made of.
#[derive(Clone, Copy)]
pub(super) struct Wording<'a> {
    pub(super) graph: &'a Graph,
    pub(super) index: &'a RuleIndex,
    pub(super) groups: &'a Groups<'a>,
}

impl Wording<'_> {
    /// One side of a connection.
    pub(super) fn side(
        &self,
        side: &Side,
        direction: Direction,
        own: &Membership,
        other: &Membership,
        range: PortRange,
    ) -> String {
        match side.answer {
            Answer::Yes if side.rules.is_empty() => {
                format!("{} {}", self.do_or_does(own, "admit", "admits"), tcp(range))
            }
            Answer::Yes => self.rules(&side.rules, direction),
            Answer::Unknown => {
                let way = match direction {
                    Direction::Ingress => "from",
                    Direction::Egress => "to",
                };
                let why = match &side.unknown {
                    Some((unknown, Some(rule))) => format!("{}: {unknown}", self.who(self.index.rule(*rule))),
                    Some((unknown, None)) => unknown.to_string(),
                    None => "it hangs on values that are not known".to_owned(),
                };
                let admit = self.do_or_does(own, "admit", "admits");
                format!("whether {admit} {} {way} {} is not known: {why}", tcp(range), self.list(other))
            }
            _ if side.rules.is_empty() => self.no_rules(own, direction),
            _ => self.not_admitted(side, direction, own, other, range),
        }
    }

    /// One rule, as `aws_security_group.app ingress[0] admits tcp 8080 from aws_security_group.alb`.
    pub(super) fn rule(&self, at: u32, direction: Direction) -> String {
        let rule = self.index.rule(at);
        let way = match direction {
            Direction::Ingress => "from",
            Direction::Egress => "to",
        };
        if rule.value.holds_sensitive() {
            return format!("{} holds sensitive values", self.who(rule));
        }
        format!("{} admits {} {way} {}", self.who(rule), what(rule), self.whom(rule))
    }

    /// What to add so that this side admits the connection.
    pub(super) fn fix(
        &self,
        direction: Direction,
        own: &Membership,
        other: &Interfaces,
        ports: PortRange,
        family: Family,
    ) -> String {
        let Some(group) = own.certain.first().or(own.possible.first()) else { return String::new() };
        if let Some(peer) = other.groups.certain.first().or(other.groups.possible.first()) {
            return self.rule_to_add(direction, group, Peer::Group(self.groups.reference_beside(peer, group)), ports);
        }
        let length = match family {
            Family::V4 => 32,
            Family::V6 => 128,
        };
        let range = match (&other.addresses.parts[..], direction) {
            ([(part, _)], _) if part.ip().is_some() => format!("{part}/{length}"),
            (_, Direction::Egress) => "<subnets of the target>".to_owned(),
            (_, Direction::Ingress) => "<subnets of the load balancer>".to_owned(),
        };
        self.rule_to_add(direction, group, Peer::Range(family, range), ports)
    }

    /// The rule that [`Wording::fix`] writes, as data; none where its peer is not one group or address.
    pub(super) fn missing(
        &self,
        direction: Direction,
        own: &Membership,
        other: &Interfaces,
        ports: PortRange,
    ) -> Option<MissingRule> {
        let group = own.certain.first()?;
        let peer = match (other.groups.certain.first(), &other.addresses.parts[..]) {
            (Some(peer), _) if self.groups.reference_beside(peer, group).starts_with('<') => return None,
            (Some(Group::Resource(peer)), _) => RulePeer::Group(self.graph.resource(*peer).address.to_string()),
            (Some(Group::Outside(id)), _) => RulePeer::Outside(id.to_string()),
            (None, [(part, _)]) => match part.ip() {
                Some(IpAddr::V4(ip)) => RulePeer::V4(format!("{ip}/32")),
                Some(IpAddr::V6(ip)) => RulePeer::V6(format!("{ip}/128")),
                None => return None,
            },
            _ => return None,
        };
        self.missing_rule(direction, group, peer, ports)
    }

    /// The rule that [`Wording::fix_for_anyone`] writes, as data.
    pub(super) fn missing_for_anyone(
        &self,
        direction: Direction,
        own: &Membership,
        ports: PortRange,
    ) -> Option<MissingRule> {
        self.missing_rule(direction, own.certain.first()?, RulePeer::V4("0.0.0.0/0".to_owned()), ports)
    }

    fn missing_rule(
        &self,
        direction: Direction,
        group: &Group,
        peer: RulePeer,
        ports: PortRange,
    ) -> Option<MissingRule> {
        let Group::Resource(resource) = group else { return None };
        let resource = self.graph.resource(*resource);
        let (first, last) = ports_to_open(ports);
        Some(MissingRule {
            egress: direction == Direction::Egress,
            group: resource.address.to_string(),
            inline: inline_in(resource, direction) == Truth::True,
            peer,
            ports: (first.into(), last.into()),
        })
    }

    /// An egress rule to wherever the targets are.
    pub(super) fn egress_anywhere(&self, own: &Membership) -> String {
        let Some(group) = own.certain.first() else { return String::new() };
        let rule = GroupRule {
            dialect: self.groups.dialect(group),
            direction: Direction::Egress,
            group: self.groups.reference(group),
            within: None,
            peer: Peer::Group("<security group of the targets>".to_owned()),
            first: "<target port>",
            last: "<target port>",
        };
        rule.written()
    }

    /// A rule for anybody: the clients, or whatever is to be reached.
    pub(super) fn fix_for_anyone(&self, direction: Direction, own: &Membership, ports: PortRange) -> String {
        let Some(group) = own.certain.first() else { return String::new() };
        self.rule_to_add(direction, group, Peer::Range(Family::V4, "0.0.0.0/0".to_owned()), ports)
    }

    /// No rule lets anybody in or out on these ports.
    pub(super) fn nobody(&self, direction: Direction, own: &Membership, nearest: &[u32], range: PortRange) -> String {
        if nearest.is_empty() {
            return self.no_rules(own, direction);
        }
        format!("{}; not {}", self.rules(nearest, direction), tcp(range))
    }

    /// None of the groups has a rule.
    pub(super) fn no_rules(&self, own: &Membership, direction: Direction) -> String {
        let unwritten =
            own.certain.iter().all(|group| self.index.of(group, direction).is_some_and(|rules| rules.unwritten));
        let have = self.do_or_does(own, "have", "has");
        let because = match direction {
            Direction::Egress if unwritten => ": Terraform removes AWS's default allow-all when egress is not written",
            _ => "",
        };
        format!("{have} no {} rule{because}", direction.name())
    }

    /// What one rule says, and where.
    pub(super) fn evidence(&self, at: u32) -> (Place, Value) {
        let rule = self.index.rule(at);
        (rule.place.clone(), rule.value.clone())
    }

    /// The empty lists of rules.
    pub(super) fn empty_evidence(&self, own: &Membership, direction: Direction) -> Vec<(Place, Value)> {
        let path = direction.name();
        let resources = own.certain.iter().filter_map(|group| match group {
            Group::Resource(resource) => Some(self.graph.resource(*resource)),
            Group::Outside(_) => None,
        });
        resources
            .filter_map(|resource| match resource.get(path) {
                Lookup::Known(value) => Some((place_of(resource, path), value.clone())),
                _ => None,
            })
            .collect()
    }

    /// The groups by name.
    pub(super) fn list(&self, groups: &Membership) -> String {
        let mut names: Vec<String> = groups.certain.iter().map(|group| self.groups.name(group)).collect();
        if !names.is_empty() {
            return shortened(names);
        }
        names.extend(groups.possible.iter().map(|group| self.groups.name(group)));
        if names.is_empty() { "the security groups".to_owned() } else { format!("perhaps {}", shortened(names)) }
    }

    /// The groups by name and what they do.
    pub(super) fn do_or_does(&self, groups: &Membership, they: &str, it: &str) -> String {
        let count = if groups.certain.is_empty() { groups.possible.len() } else { groups.certain.len() };
        format!("{} {}", self.list(groups), if count == 1 { it } else { they })
    }

    /// The groups of several options by name.
    pub(super) fn options(&self, options: &[Interfaces]) -> String {
        let mut names: Vec<String> = options.iter().map(|option| self.list(&option.groups)).collect();
        names.dedup();
        shortened(names)
    }

    /// Why nothing is known of a group that the input does not hold.
    pub(super) fn rules_outside(&self, group: &Group) -> Unknown {
        Unknown::because(Reason::OutsideInput(Text::from(self.groups.name(group))))
    }

    fn not_admitted(
        &self,
        side: &Side,
        direction: Direction,
        own: &Membership,
        other: &Membership,
        range: PortRange,
    ) -> String {
        let mut admitted = self.rules(&side.rules, direction);
        if own.certain.iter().any(|group| self.index.of(group, direction).is_some_and(|rules| rules.revoked)) {
            admitted += " (AWS's own rule for everything goes when an egress rule is a resource of its own)";
        }
        let closed = side.closed.unwrap_or(range);
        let nearest = side.rules.first().map(|&rule| self.index.rule(rule));
        let about_tcp = nearest.is_none_or(|rule| rule.tcp != Truth::False);
        let on_port =
            nearest.and_then(|rule| rule.may_ports).is_some_and(|(first, last)| first <= closed.0 && closed.1 <= last);
        let other_side = match direction {
            Direction::Ingress => "the load balancer",
            Direction::Egress => "the target",
        };
        match (&side.uncovered, about_tcp, on_port) {
            (_, false, _) => format!("{admitted}, not {}", tcp(closed)),
            (_, true, false) => format!("{admitted}, not {}", numbers(closed)),
            (Some(words), true, true)
                if nearest.is_some_and(|rule| !rule.cidrs.is_empty() || !rule.lists.is_empty()) =>
            {
                format!("{admitted}; of {other_side}, {words}")
            }
            _ => {
                let admit = self.do_or_does(own, "admit", "admits");
                format!("{admitted}; {other_side} has {}, and {admit} no other", self.list(other))
            }
        }
    }

    fn rule_to_add(&self, direction: Direction, group: &Group, peer: Peer, ports: PortRange) -> String {
        let (first, last) = ports_to_open(ports);
        let inline = match group {
            Group::Resource(resource) => inline_in(self.graph.resource(*resource), direction) == Truth::True,
            Group::Outside(_) => false,
        };
        let rule = GroupRule {
            dialect: self.groups.dialect(group),
            direction,
            group: self.groups.reference(group),
            within: inline.then(|| self.groups.name(group)),
            peer,
            first: &first.to_string(),
            last: &last.to_string(),
        };
        rule.written()
    }

    fn rules(&self, rules: &[u32], direction: Direction) -> String {
        rules.iter().map(|&rule| self.rule(rule, direction)).collect::<Vec<_>>().join(", ")
    }

    /// `aws_security_group.app ingress[0]`, or the rule's own address.
    fn who(&self, rule: &Rule) -> String {
        let Place { address, path } = &rule.place;
        if path.is_empty() { address.to_string() } else { format!("{address} {path}") }
    }

    fn whom(&self, rule: &Rule) -> String {
        let mut names: Vec<String> = Vec::new();
        for (peer, certainty) in &rule.peers {
            let perhaps = if *certainty == Certainty::Certain { "" } else { "perhaps " };
            names.push(format!("{perhaps}{}", self.groups.name(peer)));
        }
        names.extend(rule.cidrs.iter().map(ToString::to_string));
        names.extend(rule.lists.iter().map(|(list, _)| self.graph.resource(*list).address.to_string()));
        if rule.itself == Truth::True {
            names.push("the group itself".to_owned());
        }
        match (&rule.open_peers, names.is_empty()) {
            (Some(_), true) => "somebody who is not known".to_owned(),
            (None, true) => "nobody known".to_owned(),
            (_, false) => shortened(names),
        }
    }
}

/// Protocol and ports as the rule says them.
fn what(rule: &Rule) -> String {
    let protocol = match lookup(&rule.value, "protocol") {
        Lookup::Known(value) => match &value.data {
            Data::String(text) => text.to_ascii_lowercase(),
            _ => value.to_string(),
        },
        _ => return "an unknown protocol".to_owned(),
    };
    let port = |path: &str| lookup(&rule.value, path).int();
    match (protocol.as_str(), port("from_port"), port("to_port")) {
        ("-1" | "all", ..) => "everything".to_owned(),
        ("icmp" | "icmpv6" | "1" | "58", ..) => protocol,
        ("6", Some(from), Some(to)) => format!("tcp {}", between(from, to)),
        (other, Some(from), Some(to)) => format!("{other} {}", between(from, to)),
        (other, ..) => format!("{other} on ports not known"),
    }
}

pub(super) fn tcp(ports: PortRange) -> String {
    format!("tcp {}", numbers(ports))
}

fn numbers((first, last): PortRange) -> String {
    match (first, last) {
        (0 | 1, u16::MAX) => "on any port".to_owned(),
        _ => between(first.into(), last.into()),
    }
}

fn between(first: i64, last: i64) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

fn shortened(mut names: Vec<String>) -> String {
    let more = names.len().saturating_sub(4);
    names.truncate(4);
    if more > 0 { format!("{} and {more} more", names.join(", ")) } else { names.join(", ") }
}
