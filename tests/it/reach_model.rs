//! Security reach against a packet model. A small world is made up, then parts of it are hidden: whatever is answered
//! about what is left to see must hold in the world.

#![allow(clippy::unwrap_used)]

use plangate::catalog::names::role;
use plangate::graph::{Certainty, Reason, ResourceId, Target, Unknown, Value};
use plangate::relate::reach::{Answer, Ports, SecurityReach};
use plangate::relate::{Cidr, Family, TargetKind, TargetNode};
use proptest::prelude::*;

use crate::reach_graph::{Builder, later, object, texts};

/// Groups 0 and 1 are the load balancer's to carry, 1 and 2 the target's, 3 is nobody's.
const GROUPS: usize = 4;
const SOURCES: [&str; 2] = ["10.0.0.0/30", "10.0.0.4/30"];
const TARGETS: &str = "10.0.1.0/30";

#[derive(Clone, Debug)]
struct Rule {
    group: usize,
    egress: bool,
    inline: bool,
    protocol: &'static str,
    ports: (i64, i64),
    peer: Peer,
    hide: Hide,
}

#[derive(Clone, Debug)]
enum Peer {
    Range(&'static str),
    Group(usize),
    Itself,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Hide {
    Nothing,
    Protocol,
    From,
    To,
    /// Which range or group is at the other end.
    Peer,
    /// The group at the other end is one of two.
    PeerOfTwo,
    /// Which group it belongs to.
    Group,
    GroupOfTwo,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Carried {
    Plain,
    /// Every membership is only possible.
    Possible,
    /// There may be more than is seen; the last one is not seen.
    Open,
}

#[derive(Clone, Debug)]
struct World {
    rules: Vec<Rule>,
    near: Vec<usize>,
    far: Vec<usize>,
    near_seen: Carried,
    far_seen: Carried,
    /// One instance (at this address of its subnet), or a whole Auto Scaling group.
    instance: Option<u128>,
    hidden_subnet: bool,
    partial: bool,
}

fn rule() -> impl Strategy<Value = Rule> {
    let protocol = prop::sample::select(vec!["tcp", "tcp", "6", "-1", "udp"]);
    let range = prop::sample::select(vec![
        "0.0.0.0/0",
        "10.0.0.0/29",
        "10.0.0.0/30",
        "10.0.0.4/30",
        "10.0.0.0/31",
        "10.0.1.0/30",
        "10.0.1.2/31",
        "10.9.0.0/16",
    ]);
    let peer = prop_oneof![
        3 => range.prop_map(Peer::Range),
        2 => (0..GROUPS).prop_map(Peer::Group),
        1 => Just(Peer::Itself),
    ];
    let hide = prop_oneof![
        6 => Just(Hide::Nothing),
        1 => prop::sample::select(vec![
            Hide::Protocol, Hide::From, Hide::To, Hide::Peer, Hide::PeerOfTwo, Hide::Group, Hide::GroupOfTwo,
        ]),
    ];
    (0..GROUPS, any::<bool>(), any::<bool>(), protocol, (1i64..6, 0i64..4), peer, hide).prop_map(
        |(group, egress, inline, protocol, (from, more), peer, hide)| {
            let inline = inline && !matches!(hide, Hide::Group | Hide::GroupOfTwo);
            Rule { group, egress, inline, protocol, ports: (from, from + more), peer, hide }
        },
    )
}

fn world() -> impl Strategy<Value = World> {
    let seen = || prop_oneof![6 => Just(Carried::Plain), 1 => Just(Carried::Possible), 1 => Just(Carried::Open)];
    let near = prop::sample::subsequence(vec![0, 1], 1..=2);
    let far = prop::sample::subsequence(vec![1, 2], 1..=2);
    let instance = prop::option::of(0u128..4);
    let hidden = prop::bool::weighted(0.1);
    (prop::collection::vec(rule(), 0..9), near, far, seen(), seen(), instance, hidden, prop::bool::weighted(0.05))
        .prop_map(|(rules, near, far, near_seen, far_seen, instance, hidden_subnet, partial)| World {
            rules,
            near,
            far,
            near_seen,
            far_seen,
            instance,
            hidden_subnet,
            partial,
        })
}

impl World {
    fn passes(&self, source: u128, target: u128, port: i64) -> bool {
        self.admits(true, &self.near, &self.far, target, port)
            && self.admits(false, &self.far, &self.near, source, port)
    }

    fn admits(&self, egress: bool, own: &[usize], other: &[usize], address: u128, port: i64) -> bool {
        self.rules.iter().filter(|rule| rule.egress == egress && own.contains(&rule.group)).any(|rule| {
            let open = match rule.protocol {
                "-1" => true,
                "tcp" | "6" => (rule.ports.0..=rule.ports.1).contains(&port),
                _ => false,
            };
            open && match &rule.peer {
                Peer::Range(range) => {
                    let (first, last) = Cidr::parse(range).unwrap().range();
                    (first..=last).contains(&address)
                }
                Peer::Group(group) => other.contains(group),
                Peer::Itself => other.contains(&rule.group),
            }
        })
    }

    /// What of a port's packets pass: all, none.
    fn port(&self, port: i64) -> (bool, bool) {
        let addresses = |range: &str| {
            let (first, last) = Cidr::parse(range).unwrap().range();
            (first..=last).collect::<Vec<u128>>()
        };
        let sources: Vec<u128> = SOURCES.iter().flat_map(|range| addresses(range)).collect();
        let targets = match self.instance {
            Some(at) => vec![addresses(TARGETS)[at as usize]],
            None => addresses(TARGETS),
        };
        let passed: Vec<bool> = sources
            .iter()
            .flat_map(|&source| targets.iter().map(move |&target| (source, target)))
            .map(|(source, target)| self.passes(source, target, port))
            .collect();
        (passed.iter().all(|&passed| passed), !passed.contains(&true))
    }

    fn holds(&self, answer: Answer, ports: &Ports) -> bool {
        let range = match ports {
            Ports::One(port) => *port..=*port,
            Ports::Range(first, last) => *first..=*last,
            Ports::Unknown(_) => 1..=12,
        };
        let mut each = range.map(|port| self.port(port));
        let one_of = matches!(ports, Ports::Unknown(_));
        match answer {
            Answer::Yes => each.all(|(all, _)| all),
            Answer::No if one_of => each.all(|(_, none)| none),
            Answer::No => each.any(|(_, none)| none),
            Answer::Partly if one_of => each.all(|(all, none)| !all && !none),
            Answer::Partly => {
                let each: Vec<_> = each.collect();
                each.iter().all(|(_, none)| !none) && each.iter().any(|(all, _)| !all)
            }
            Answer::Unknown => true,
            Answer::NotApplicable => false,
        }
    }

    fn ask(&self, ports: &Ports) -> Answer {
        let mut b = Builder::default();
        let groups: Vec<ResourceId> = (0..GROUPS)
            .map(|group| {
                let side = |egress| {
                    let mine =
                        self.rules.iter().filter(|rule| rule.inline && rule.group == group && rule.egress == egress);
                    mine.map(Rule::seen).collect::<Vec<Value>>()
                };
                b.group(&format!("g{group}"), side(false), side(true))
            })
            .collect();
        let mut at = [[0u32; 2]; GROUPS];
        for (number, rule) in self.rules.iter().enumerate() {
            let (from, peers, position) = if rule.inline {
                let next = &mut at[rule.group][usize::from(rule.egress)];
                *next += 1;
                let role = if rule.egress { role::EGRESS_PEERS } else { role::INGRESS_PEERS };
                (groups[rule.group], role, vec![*next - 1])
            } else {
                let way = if rule.egress { "egress" } else { "ingress" };
                let Value { data: plangate::graph::Data::Map(map), .. } = rule.seen() else { unreachable!() };
                let fields: Vec<(&str, Value)> = map
                    .iter()
                    .map(|(name, value)| (if &**name == "cidr_blocks" { "cidr_ipv4" } else { name }, value.clone()))
                    .collect();
                // The modern form has no `self`.
                let own = match rule.peer {
                    Peer::Itself => b.add(
                        &format!("aws_security_group_rule.r{number}"),
                        &[&fields[..], &[("direction", way.into())]].concat(),
                    ),
                    _ => b.add(&format!("aws_vpc_security_group_{way}_rule.r{number}"), &fields),
                };
                let (ends, rest) = hidden(&groups, rule.group, rule.hide == Hide::Group, rule.hide == Hide::GroupOfTwo);
                b.link_all(own, role::GROUP, &[], ends, rest);
                (own, role::PEER, vec![])
            };
            if let Peer::Group(group) = rule.peer {
                let (ends, rest) = hidden(&groups, group, rule.hide == Hide::Peer, rule.hide == Hide::PeerOfTwo);
                b.link_all(from, peers, &position, ends, rest);
            }
        }
        let lb = b.add("aws_lb.this", &[("type", "application".into())]);
        let subnets: Vec<ResourceId> =
            SOURCES.iter().enumerate().map(|(at, range)| b.subnet(&format!("s{at}"), range)).collect();
        if self.hidden_subnet {
            let ends = vec![(Target::Resource(subnets[0]), Certainty::Certain)];
            b.link_all(lb, role::SUBNETS, &[], ends, Some(Unknown::because(Reason::AfterApply)));
        } else {
            b.link(lb, role::SUBNETS, &subnets);
        }
        carry(&mut b, lb, &groups, &self.near, self.near_seen);
        let private = b.subnet("private", TARGETS);
        let (kind, target) = match self.instance {
            Some(_) => {
                let target = b.add("aws_instance.t", &[]);
                b.link(target, role::SUBNET_OF, &[private]);
                carry(&mut b, target, &groups, &self.far, self.far_seen);
                (TargetKind::Instance, target)
            }
            None => {
                let template = b.add("aws_launch_template.t", &[]);
                carry(&mut b, template, &groups, &self.far, self.far_seen);
                let target = b.add("aws_autoscaling_group.t", &[]);
                b.link(target, role::SUBNETS, &[private]);
                b.link(target, role::LAUNCH_TEMPLATE_OF, &[template]);
                (TargetKind::AutoscalingGroup, target)
            }
        };
        b.partial = self.partial.then(|| Unknown::because(Reason::PartialPlan));
        let graph = b.graph();
        let node = TargetNode { kind, resource: Some(target), address: None };
        let reached = SecurityReach::new(&graph).connection(lb, &node, ports, Family::V4);
        assert_eq!(reached.unknown.is_some(), reached.answer == Answer::Unknown, "{reached:?}");
        assert!(!reached.because.is_empty());
        assert_eq!(reached.fix.is_empty(), !matches!(reached.answer, Answer::No | Answer::Partly), "{reached:?}");
        reached.answer
    }
}

impl Rule {
    fn seen(&self) -> Value {
        let or_later = |hide: Hide, value: Value| if self.hide == hide { later() } else { value };
        let ranges = match &self.peer {
            Peer::Range(range) => or_later(Hide::Peer, texts(&[range])),
            _ => texts(&[]),
        };
        object([
            ("protocol", or_later(Hide::Protocol, self.protocol.into())),
            ("from_port", or_later(Hide::From, self.ports.0.into())),
            ("to_port", or_later(Hide::To, self.ports.1.into())),
            ("cidr_blocks", ranges),
            ("self", matches!(self.peer, Peer::Itself).into()),
        ])
    }
}

type Ends = (Vec<(Target, Certainty)>, Option<Unknown>);

fn hidden(groups: &[ResourceId], group: usize, wholly: bool, of_two: bool) -> Ends {
    let end = |group: usize, certainty| (Target::Resource(groups[group % GROUPS]), certainty);
    match (wholly, of_two) {
        (true, _) => (vec![], Some(Unknown::because(Reason::AfterApply))),
        (_, true) => (vec![end(group, Certainty::Possible), end(group + 1, Certainty::Possible)], None),
        _ => (vec![end(group, Certainty::Certain)], None),
    }
}

fn carry(b: &mut Builder, on: ResourceId, groups: &[ResourceId], carried: &[usize], seen: Carried) {
    let certainty = if seen == Carried::Possible { Certainty::Possible } else { Certainty::Certain };
    let mut ends: Vec<_> = carried.iter().map(|&group| (Target::Resource(groups[group]), certainty)).collect();
    let rest = (seen == Carried::Open).then(|| Unknown::because(Reason::AfterApply));
    if rest.is_some() {
        ends.pop();
    }
    b.link_all(on, role::SECURITY_GROUPS, &[], ends, rest);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn answers_hold_whatever_is_hidden(world in world(), first in 1i64..10, more in 0i64..4) {
        for ports in [Ports::One(first), Ports::Range(first, first + more), Ports::Unknown(Unknown::because(Reason::AfterApply))] {
            let answer = world.ask(&ports);
            prop_assert!(world.holds(answer, &ports), "{:?} for {:?}", answer, ports);
        }
    }

    #[test]
    fn nothing_hidden_is_decided(world in world(), first in 1i64..10, more in 0i64..4) {
        let mut world = World { near_seen: Carried::Plain, far_seen: Carried::Plain, hidden_subnet: false, partial: false, instance: None, ..world };
        world.rules.iter_mut().for_each(|rule| rule.hide = Hide::Nothing);
        for ports in [Ports::One(first), Ports::Range(first, first + more)] {
            prop_assert_ne!(world.ask(&ports), Answer::Unknown);
        }
    }
}
