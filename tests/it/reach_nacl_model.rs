//! Network ACLs against a packet model. Rules of two ACLs are made up and parts of them hidden; what is answered about
//! what is left to see must hold for the packets of the whole.

#![allow(clippy::unwrap_used)]

use plangate::catalog::names::role;
use plangate::graph::{Certainty, Reason, ResourceId, Target, Unknown, Value};
use plangate::relate::reach::Answer;
use plangate::relate::{AddressSet, Cidr, Family};
use proptest::prelude::*;

use crate::reach_graph::{Stack, inline, later, object};

const LB: [ResourceId; 2] = [ResourceId(0), ResourceId(1)];
const PRIVATE: ResourceId = ResourceId(2);
const RANGES: [&str; 7] =
    ["0.0.0.0/0", "10.0.0.0/16", "10.0.0.0/24", "10.0.1.0/24", "10.0.0.0/23", "10.0.10.0/24", "10.0.10.0/25"];
/// The ends of every range above lie between two of these.
const SOURCES: [&str; 2] = ["10.0.0.7", "10.0.1.7"];
const TARGETS: [&str; 2] = ["10.0.10.7", "10.0.10.207"];
/// One of each stretch of reply ports that the rules can tell apart.
const REPLIES: [i64; 4] = [1024, 20_000, 40_000, 65_535];
const PORTS: [(i64, i64); 7] =
    [(80, 80), (80, 81), (0, 65_535), (1024, 65_535), (1024, 32_767), (32_768, 65_535), (1024, 1024)];

#[derive(Clone, Debug)]
struct Rule {
    number: i64,
    egress: bool,
    allow: bool,
    protocol: &'static str,
    ports: (i64, i64),
    range: &'static str,
    separate: bool,
    hide: Option<&'static str>,
}

#[derive(Clone, Debug)]
struct World {
    /// Of the load balancer's ACL and of the target's.
    acls: [Vec<Rule>; 2],
    /// How many of the load balancer's subnets are under its ACL; the others are under the default.
    under: usize,
    /// The target's ACL may not be the target's.
    maybe: bool,
    /// One instance, whose address is not known.
    instance: Option<usize>,
}

fn rule() -> impl Strategy<Value = Rule> {
    let hide = prop_oneof![
        12 => Just(None),
        1 => prop::sample::select(vec!["number", "action", "protocol", "from_port", "cidr", "acl", "egress"]).prop_map(Some),
    ];
    let protocol = prop::sample::select(vec!["tcp", "tcp", "6", "-1", "-1", "udp"]);
    let ports = prop::sample::select(PORTS.to_vec());
    let range = prop::sample::select(RANGES.to_vec());
    (1..12i64, any::<bool>(), prop::bool::weighted(0.75), protocol, ports, range, any::<bool>(), hide).prop_map(
        |(number, egress, allow, protocol, ports, range, separate, hide)| {
            let separate = separate || matches!(hide, Some("acl" | "egress"));
            Rule { number, egress, allow, protocol, ports, range, separate, hide }
        },
    )
}

/// AWS takes a number once a direction.
fn rules() -> impl Strategy<Value = Vec<Rule>> {
    prop::collection::vec(rule(), 0..9).prop_map(|mut rules: Vec<Rule>| {
        rules.sort_by_key(|rule| (rule.egress, rule.number));
        rules.dedup_by_key(|rule| (rule.egress, rule.number));
        rules
    })
}

fn world() -> impl Strategy<Value = World> {
    (rules(), rules(), 0..=2usize, prop::bool::weighted(0.1), prop::option::of(0..2usize))
        .prop_map(|(one, two, under, maybe, instance)| World { acls: [one, two], under, maybe, instance })
}

/// At the end of the address space, where the last address has no next.
fn ranges() -> impl Strategy<Value = Vec<Cidr>> {
    let range = (240..=255u8, 28..=32u8)
        .prop_map(|(last, prefix)| Cidr::parse(&format!("255.255.255.{last}/{prefix}")).unwrap());
    prop::collection::vec(range, 0..5)
}

fn number(address: &str) -> u128 {
    Cidr::host(address.parse().unwrap()).range().0
}

impl World {
    /// The first matching rule decides; with none, nothing passes.
    fn passes(&self, acl: usize, egress: bool, address: &str, port: i64) -> bool {
        let mut rules: Vec<&Rule> = self.acls[acl].iter().filter(|rule| rule.egress == egress).collect();
        rules.sort_by_key(|rule| rule.number);
        let matches = |rule: &&&Rule| {
            let (first, last) = Cidr::parse(rule.range).unwrap().range();
            let on_port = match rule.protocol {
                "-1" => true,
                "tcp" | "6" => (rule.ports.0..=rule.ports.1).contains(&port),
                _ => false,
            };
            on_port && (first..=last).contains(&number(address))
        };
        rules.iter().find(matches).is_some_and(|rule| rule.allow)
    }

    fn connects(&self, source: usize, target: &str, port: i64, reply: i64) -> bool {
        let near = source >= self.under || self.passes(0, true, target, port) && self.passes(0, false, target, reply);
        near && self.passes(1, false, SOURCES[source], port) && self.passes(1, true, SOURCES[source], reply)
    }

    fn holds(&self, answer: Answer, port: i64) -> bool {
        let targets = match self.instance {
            Some(at) => vec![TARGETS[at]],
            None => TARGETS.to_vec(),
        };
        let mut seen = Vec::new();
        for source in 0..2 {
            for target in &targets {
                seen.extend(REPLIES.map(|reply| self.connects(source, target, port, reply)));
            }
        }
        match answer {
            Answer::Yes => seen.iter().all(|&passed| passed),
            Answer::No => !seen.contains(&true),
            Answer::Partly => seen.contains(&true) && seen.contains(&false),
            Answer::Unknown => true,
            Answer::NotApplicable => false,
        }
    }

    fn ask(&self, port: i64) -> Answer {
        let mut stack = Stack::new(vec![inline("-1", 0, 0, &["0.0.0.0/0"])]);
        if self.instance.is_none() {
            let template = stack.b.add("aws_launch_template.t", &[]);
            stack.b.link(template, role::SECURITY_GROUPS, &[stack.group]);
            stack.target = stack.b.add("aws_autoscaling_group.t", &[]);
            stack.b.link(stack.target, role::SUBNETS, &[PRIVATE]);
            stack.b.link(stack.target, role::LAUNCH_TEMPLATE_OF, &[template]);
        }
        for (at, rules) in self.acls.iter().enumerate() {
            let listed = |egress: bool| -> Vec<Value> {
                rules.iter().filter(|rule| !rule.separate && rule.egress == egress).map(Rule::inline).collect()
            };
            let acl = stack.b.add(
                &format!("aws_network_acl.x{at}"),
                &[("ingress", listed(false).into()), ("egress", listed(true).into())],
            );
            match at {
                0 if self.under > 0 => stack.b.link(acl, role::SUBNETS, &LB[..self.under]),
                0 => {}
                _ if self.maybe => stack.b.link_maybe(acl, role::SUBNETS, &[PRIVATE]),
                _ => stack.b.link(acl, role::SUBNETS, &[PRIVATE]),
            }
            for rule in rules.iter().filter(|rule| rule.separate) {
                let name = format!("aws_network_acl_rule.x{at}_{}_{}", rule.egress, rule.number);
                let own = stack.b.add(&name, &rule.fields(["number", "action", "cidr_ipv4"], true));
                if rule.hide == Some("acl") {
                    stack.b.link_all(
                        own,
                        role::NETWORK_ACL_OF,
                        &[],
                        vec![],
                        Some(Unknown::because(Reason::AfterApply)),
                    );
                } else {
                    let ends = vec![(Target::Resource(acl), Certainty::Certain)];
                    stack.b.link_all(own, role::NETWORK_ACL_OF, &[], ends, None);
                }
            }
        }
        let graph = stack.b.graph();
        let kind = match self.instance {
            Some(_) => plangate::relate::TargetKind::Instance,
            None => plangate::relate::TargetKind::AutoscalingGroup,
        };
        let node = plangate::relate::TargetNode { kind, ..stack.node() };
        let ports = plangate::relate::reach::Ports::One(port);
        let reach = plangate::relate::reach::SecurityReach::new(&graph);
        let reached = reach.connection(stack.lb, &node, &ports, plangate::relate::Family::V4);
        assert_eq!(reached.unknown.is_some(), reached.answer == Answer::Unknown, "{reached:?}");
        assert!(!reached.because.is_empty());
        assert_eq!(reached.fix.is_empty(), !matches!(reached.answer, Answer::No | Answer::Partly), "{reached:?}");
        reached.answer
    }
}

impl Rule {
    fn inline(&self) -> Value {
        let [number, action, cidr] = ["rule_no", "action", "cidr_block"];
        let fields = self.fields([number, action, cidr], false);
        object::<6>(fields.try_into().unwrap())
    }

    fn fields(&self, [number, action, cidr]: [&'static str; 3], way: bool) -> Vec<(&'static str, Value)> {
        let seen = |what: &str, value: Value| if self.hide == Some(what) { later() } else { value };
        let mut fields = vec![
            (number, seen("number", self.number.into())),
            (action, seen("action", if self.allow { "allow" } else { "deny" }.into())),
            ("protocol", seen("protocol", self.protocol.into())),
            ("from_port", seen("from_port", self.ports.0.into())),
            ("to_port", self.ports.1.into()),
            (cidr, seen("cidr", self.range.into())),
        ];
        if way {
            fields.push(("egress", seen("egress", self.egress.into())));
        }
        fields
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn answers_hold_whatever_is_hidden(world in world()) {
        for port in [80, 81, 2000] {
            let answer = world.ask(port);
            prop_assert!(world.holds(answer, port), "{:?} on {}", answer, port);
        }
    }

    #[test]
    fn sets_meet_and_part(one in ranges(), two in ranges()) {
        let set = |ranges: &[Cidr]| AddressSet::of(Family::V4, ranges);
        let (one_set, two_set) = (set(&one), set(&two));
        let (both, rest) = (one_set.intersection(&two_set), one_set.without(&two_set));
        let within = |ranges: &[Cidr], host: &Cidr| ranges.iter().any(|range| range.contains(host));
        for last in 240..=255 {
            let host = Cidr::host(std::net::Ipv4Addr::new(255, 255, 255, last).into());
            let has = |of: &AddressSet| set(&[host]).is_subset(of);
            prop_assert_eq!(has(&both), within(&one, &host) && within(&two, &host));
            prop_assert_eq!(has(&rest), within(&one, &host) && !within(&two, &host));
        }
        prop_assert_eq!(AddressSet::union([&both, &rest]), one_set);
    }

    #[test]
    fn nothing_hidden_is_decided(world in world()) {
        let mut world = World { maybe: false, instance: None, ..world };
        world.acls.iter_mut().flatten().for_each(|rule| rule.hide = None);
        for port in [80, 81, 2000] {
            prop_assert_ne!(world.ask(port), Answer::Unknown);
        }
    }
}
