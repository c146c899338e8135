//! Every form in which a security group says whom it admits, and what becomes of unknown parts.

use plangate::catalog::names::role;
use plangate::graph::{Action, Certainty, DefaultOf, Reason, Target, Unknown, Value};
use plangate::relate::reach::{Answer, Ports, SecurityReach};
use plangate::relate::{Family, TargetKind, TargetNode};

use crate::reach_graph::{Stack, inline, later, object, tcp, texts, with};

#[test]
fn inline_rule_from_the_group() {
    let mut stack = Stack::new(vec![inline("tcp", 8000, 8000, &[])]);
    stack.peers(0, &[stack.lb_group], Certainty::Certain);
    let yes = stack.expect(8000, Answer::Yes);
    assert_eq!(
        yes.because,
        "aws_security_group.alb egress[0] admits everything to 0.0.0.0/0; \
         aws_security_group.app ingress[0] admits tcp 8000 from aws_security_group.alb"
    );
    let no = stack.expect(9000, Answer::No);
    assert_eq!(no.because, "aws_security_group.app ingress[0] admits tcp 8000 from aws_security_group.alb, not 9000");
    assert_eq!(
        no.fix,
        "in aws_security_group.app: ingress { from_port = 9000, to_port = 9000, protocol = \"tcp\", \
         security_groups = [aws_security_group.alb.id] }"
    );
    assert_eq!(no.evidence[0].0.to_string(), "aws_security_group.app.ingress[0]");
}

#[test]
fn classic_rule_from_the_subnets() {
    let mut stack = Stack::new(vec![]);
    let ranges = texts(&["10.0.0.0/24", "10.0.1.0/24"]);
    let fields = with(with(tcp(8001, 8001), "direction", "ingress"), "cidr_ipv4", ranges);
    let rule = stack.b.add("aws_security_group_rule.in", &fields);
    stack.b.link(rule, role::GROUP, &[stack.group]);
    // The provider plans an unwritten source group as unknown, though it refuses one beside ranges.
    stack.b.link_all(rule, role::PEER, &[], vec![], Some(Unknown::because(Reason::AfterApply)));
    stack.expect(8001, Answer::Yes);
    let no = stack.expect(8002, Answer::No);
    assert_eq!(
        no.fix,
        "aws_vpc_security_group_ingress_rule { security_group_id = aws_security_group.app.id, \
         referenced_security_group_id = aws_security_group.alb.id, ip_protocol = \"tcp\", from_port = 8002, to_port = 8002 }"
    );
}

#[test]
fn modern_rule_from_a_prefix_list() {
    let mut stack = Stack::new(vec![]);
    let entry = |cidr: &str| object([("cidr", cidr.into())]);
    let list = stack.b.add("aws_ec2_managed_prefix_list.alb", &[("entries", vec![entry("10.0.0.0/24")].into())]);
    let rule = stack.b.rule("in", stack.group, false, &tcp(8002, 8002));
    stack.b.link(rule, role::PREFIX_LISTS, &[list]);
    let partly = stack.expect(8002, Answer::Partly);
    assert!(partly.because.ends_with("of the load balancer, aws_subnet.b is 10.0.1.0/24"), "{}", partly.because);
    let more = stack.b.add("aws_ec2_managed_prefix_list_entry.b", &[("cidr", "10.0.1.0/24".into())]);
    stack.b.link(more, role::LIST, &[list]);
    stack.expect(8002, Answer::Yes);
}

#[test]
fn prefix_list_of_aws_is_not_known() {
    let mut stack = Stack::new(vec![]);
    let rule = stack.b.rule("in", stack.group, false, &tcp(8002, 8002));
    stack.b.link_outside(rule, role::PREFIX_LISTS, "pl-63a5400a");
    stack.expect(8002, Answer::Unknown);
    stack.expect(8003, Answer::No);
}

#[test]
fn all_protocols_ignore_ports() {
    let stack = Stack::new(vec![inline("-1", 0, 0, &["10.0.0.0/16"])]);
    stack.expect(8003, Answer::Yes);
}

#[test]
fn other_protocols_do_not_open_tcp() {
    for protocol in ["udp", "17", "icmp", "50"] {
        let mut stack = Stack::new(vec![inline(protocol, 0, 65535, &["0.0.0.0/0"])]);
        stack.peers(0, &[stack.lb_group], Certainty::Certain);
        let no = stack.expect(8005, Answer::No);
        assert!(no.because.ends_with(", not tcp 8005"), "{}", no.because);
    }
}

#[test]
fn itself_needs_both_sides_in_the_group() {
    let own =
        object([("protocol", "tcp".into()), ("from_port", 0.into()), ("to_port", 65535.into()), ("self", true.into())]);
    let mut stack = Stack::new(vec![own]);
    let no = stack.expect(8004, Answer::No);
    assert!(
        no.because.contains("from the group itself; the load balancer has aws_security_group.alb"),
        "{}",
        no.because
    );
    stack.b.link(stack.lb, role::SECURITY_GROUPS, &[stack.group]);
    stack.expect(8004, Answer::Yes);
}

#[test]
fn wrong_range() {
    let stack = Stack::new(vec![inline("tcp", 8006, 8006, &["10.0.10.0/24"])]);
    let no = stack.expect(8006, Answer::No);
    assert_eq!(
        no.because,
        "aws_security_group.app ingress[0] admits tcp 8006 from 10.0.10.0/24; of the load balancer, aws_subnet.a is 10.0.0.0/24"
    );
}

#[test]
fn several_ranges_cover_together() {
    let rules = vec![
        inline("tcp", 80, 80, &["10.0.0.0/25", "10.0.0.128/25"]),
        inline("tcp", 80, 80, &["10.0.1.0/25"]),
        inline("tcp", 0, 100, &["10.0.1.128/25"]),
    ];
    Stack::new(rules).expect(80, Answer::Yes);
}

#[test]
fn several_groups_are_a_union() {
    let mut stack = Stack::new(vec![]);
    let two = stack.b.group("two", vec![inline("tcp", 8007, 8007, &["10.0.0.0/8"])], vec![]);
    stack.expect(8007, Answer::No);
    stack.b.link(stack.target, role::SECURITY_GROUPS, &[two]);
    stack.expect(8007, Answer::Yes);
}

#[test]
fn group_without_rules() {
    let stack = Stack::new(vec![]);
    assert_eq!(stack.expect(8008, Answer::No).because, "aws_security_group.app has no ingress rule");
}

#[test]
fn ranges_of_ports() {
    let mut stack = Stack::new(vec![inline("tcp", 49153, 65535, &[]), inline("tcp", 32768, 40000, &[])]);
    stack.peers(0, &[stack.lb_group], Certainty::Certain);
    stack.peers(1, &[stack.lb_group], Certainty::Certain);
    assert_eq!(stack.ask(Ports::Range(32768, 40000)).answer, Answer::Yes);
    let no = stack.ask(Ports::Range(32768, 60999));
    assert_eq!(no.answer, Answer::No);
    assert!(no.because.ends_with(", not 40001-49152"), "{}", no.because);
    assert!(no.fix.contains("from_port = 40001, to_port = 49152"), "{}", no.fix);
    assert_eq!(stack.ask(Ports::Range(5, 4)).answer, Answer::Unknown);
    assert_eq!(stack.ask(Ports::One(0)).answer, Answer::Unknown);
    assert_eq!(stack.ask(Ports::One(70000)).answer, Answer::Unknown);
}

#[test]
fn unknown_port() {
    let port = || Ports::Unknown(Unknown::because(Reason::AfterApply));
    let stack = Stack::new(vec![inline("tcp", 80, 80, &["0.0.0.0/0"])]);
    let unknown = stack.ask(port());
    assert_eq!((unknown.answer, unknown.unknown.is_some()), (Answer::Unknown, true));
    assert_eq!(Stack::new(vec![inline("tcp", 0, 65535, &["0.0.0.0/0"])]).ask(port()).answer, Answer::Yes);
    assert_eq!(Stack::new(vec![]).ask(port()).answer, Answer::No);
}

#[test]
fn unknown_parts_of_a_rule() {
    let base = inline("tcp", 80, 80, &["10.0.0.0/16"]);
    for field in ["protocol", "from_port", "to_port", "cidr_blocks"] {
        let mut rule = base.clone();
        if let plangate::graph::Data::Map(map) = &mut rule.data {
            map.insert(field.into(), later());
        }
        let stack = Stack::new(vec![rule.clone()]);
        stack.expect(80, Answer::Unknown);
        // Another rule that admits decides; one that does not leaves it open.
        Stack::new(vec![rule.clone(), base.clone()]).expect(80, Answer::Yes);
        Stack::new(vec![rule, inline("udp", 80, 80, &["0.0.0.0/0"])]).expect(80, Answer::Unknown);
    }
    let stack = Stack::new(vec![inline("tcp", 80, 80, &[]), later()]);
    stack.expect(80, Answer::Unknown);
    // An unknown end of the range says something: ports below the first one stay closed.
    let mut rule = inline("tcp", 8000, 8100, &["10.0.0.0/16"]);
    if let plangate::graph::Data::Map(map) = &mut rule.data {
        map.insert("to_port".into(), later());
    }
    Stack::new(vec![rule]).expect(80, Answer::No);
}

#[test]
fn unreadable_range_is_unknown() {
    Stack::new(vec![inline("tcp", 80, 80, &["010.0.0.0/8"])]).expect(80, Answer::Unknown);
}

#[test]
fn tcp_without_ports_is_unknown() {
    let rule = object([("protocol", "tcp".into()), ("cidr_blocks", texts(&["0.0.0.0/0"]))]);
    Stack::new(vec![rule]).expect(80, Answer::Unknown);
}

#[test]
fn possible_peer_never_decides() {
    let mut stack = Stack::new(vec![inline("tcp", 80, 80, &[])]);
    let other = stack.b.group("other", vec![], vec![]);
    stack.peers(0, &[stack.lb_group, other], Certainty::Possible);
    stack.expect(80, Answer::Unknown);
    stack.expect(81, Answer::No);
}

#[test]
fn possible_peer_that_cannot_match() {
    let mut stack = Stack::new(vec![inline("tcp", 80, 80, &[])]);
    let other = stack.b.group("other", vec![], vec![]);
    stack.peers(0, &[other], Certainty::Possible);
    stack.expect(80, Answer::No);
}

#[test]
fn whichever_peer_is_meant_the_load_balancer_has_it() {
    let mut stack = Stack::new(vec![]);
    let second = stack.b.group("second", vec![], vec![]);
    stack.b.link(stack.lb, role::SECURITY_GROUPS, &[second]);
    let rule = stack.b.rule("in", stack.group, false, &tcp(80, 80));
    stack.b.link_maybe(rule, role::PEER, &[stack.lb_group, second]);
    stack.expect(80, Answer::Yes);
}

#[test]
fn rule_that_may_belong_to_the_group() {
    let mut stack = Stack::new(vec![]);
    let other = stack.b.group("other", vec![], vec![]);
    let rule = stack.b.add("aws_vpc_security_group_ingress_rule.in", &with(tcp(80, 80), "cidr_ipv4", "0.0.0.0/0"));
    stack.b.link_maybe(rule, role::GROUP, &[stack.group, other]);
    stack.expect(80, Answer::Unknown);
    stack.expect(81, Answer::No);
}

#[test]
fn rule_that_may_belong_to_any_group() {
    let mut stack = Stack::new(vec![]);
    let rule = stack.b.add("aws_vpc_security_group_ingress_rule.in", &with(tcp(80, 80), "cidr_ipv4", "0.0.0.0/0"));
    stack.b.link_all(rule, role::GROUP, &[], vec![], Some(Unknown::because(Reason::Local("sg".into()))));
    stack.expect(80, Answer::Unknown);
    stack.expect(81, Answer::No);
}

#[test]
fn membership_that_is_not_known() {
    let mut stack = Stack::new(vec![]);
    let open = Unknown::because(Reason::AfterApply);
    stack.b.link_all(stack.target, role::SECURITY_GROUPS, &[], vec![], Some(open.clone()));
    stack.expect(80, Answer::Unknown);
    // More groups only open more.
    let mut stack = Stack::new(vec![inline("tcp", 80, 80, &["0.0.0.0/0"])]);
    stack.b.link_all(stack.target, role::SECURITY_GROUPS, &[], vec![], Some(open));
    stack.expect(80, Answer::Yes);
    stack.expect(81, Answer::Unknown);
}

#[test]
fn possible_group_on_the_target() {
    let mut stack = Stack::new(vec![]);
    let perhaps = stack.b.group("perhaps", vec![inline("tcp", 80, 80, &["0.0.0.0/0"])], vec![]);
    stack.b.link_maybe(stack.target, role::SECURITY_GROUPS, &[perhaps]);
    stack.expect(80, Answer::Unknown);
    stack.expect(81, Answer::No);
}

#[test]
fn looked_up_group_has_unknown_rules() {
    let mut stack = Stack::new(vec![]);
    let found = stack.b.add("data.aws_security_group.apps", &[("id", "sg-1".into())]);
    stack.b.link(stack.target, role::SECURITY_GROUPS, &[found]);
    let unknown = stack.expect(80, Answer::Unknown);
    assert!(unknown.because.contains("data.aws_security_group.apps is not part of the input"), "{}", unknown.because);
    // A rule of its own for that group is in force all the same.
    stack.b.rule("in", found, false, &with(tcp(80, 80), "cidr_ipv4", "10.0.0.0/8"));
    stack.expect(80, Answer::Yes);
    stack.expect(81, Answer::Unknown);
}

#[test]
fn ids_from_outside() {
    let stack = |peer: &str| {
        let mut stack = Stack::new(vec![]);
        let lb = stack.b.add("data.aws_lb.shared", &[("type", "application".into())]);
        stack.b.link_outside(lb, role::SECURITY_GROUPS, "sg-0aaa");
        stack.b.link_outside(lb, role::SUBNETS, "subnet-1");
        stack.lb = lb;
        let rule = stack.b.rule("in", stack.group, false, &tcp(80, 80));
        stack.b.link_outside(rule, role::PEER, peer);
        stack
    };
    // The group of the load balancer is outside, so its egress is not known.
    stack("sg-0aaa").expect(80, Answer::Unknown);
    stack("sg-0bbb").expect(80, Answer::No);
    stack("210987654321/sg-0bbb").expect(80, Answer::No);
    stack("some-name").expect(80, Answer::Unknown);
}

#[test]
fn new_group_is_none_of_todays_ids() {
    let mut stack = Stack::new(vec![]);
    let rule = stack.b.rule("in", stack.group, false, &tcp(80, 80));
    stack.b.link_outside(rule, role::PEER, "sg-0bbb");
    stack.expect(80, Answer::No);
    // A group that exists has an id, which may be that one.
    stack.b.change(stack.lb_group, Action::NoOp);
    stack.expect(80, Answer::Unknown);
}

#[test]
fn data_source_of_a_managed_group_is_that_group() {
    let mut stack = Stack::new(vec![]);
    let id = ("id", Value::from("sg-7"));
    let rules = || vec![inline("tcp", 80, 80, &["10.0.0.0/8"])];
    let managed =
        stack.b.add("aws_security_group.old", &[id.clone(), ("ingress", rules().into()), ("egress", vec![].into())]);
    stack.b.change(managed, Action::NoOp);
    let found = stack.b.add("data.aws_security_group.same", &[id]);
    stack.b.link(stack.target, role::SECURITY_GROUPS, &[found]);
    stack.expect(80, Answer::Yes);
    stack.expect(81, Answer::No);
}

#[test]
fn omitted_egress_is_none() {
    let stack = Stack::with_egress(vec![inline("tcp", 80, 80, &["0.0.0.0/0"])], vec![]);
    let no = stack.expect(80, Answer::No);
    assert_eq!(
        no.because,
        "aws_security_group.alb has no egress rule: Terraform removes AWS's default allow-all when egress is not written"
    );
    assert!(no.fix.starts_with("aws_vpc_security_group_egress_rule {"), "{}", no.fix);
    assert_eq!(no.evidence[0].1.marks.default, Some(DefaultOf::Provider));
}

#[test]
fn egress_to_the_targets_group() {
    let mut stack = Stack::with_egress(vec![inline("tcp", 80, 80, &["0.0.0.0/0"])], vec![]);
    let rule = stack.b.rule("out", stack.lb_group, true, &tcp(80, 80));
    stack.b.link(rule, role::PEER, &[stack.group]);
    stack.expect(80, Answer::Yes);
}

#[test]
fn egress_by_range() {
    let ask = |range: &str| {
        let mut stack = Stack::with_egress(vec![inline("tcp", 80, 80, &["0.0.0.0/0"])], vec![]);
        stack.b.rule("out", stack.lb_group, true, &with(tcp(80, 80), "cidr_ipv4", range));
        stack
    };
    ask("10.0.10.0/24").expect(80, Answer::Yes);
    ask("10.0.11.0/24").expect(80, Answer::No);
    // One instance is somewhere in its subnet: inside or outside, but not partly.
    ask("10.0.10.0/25").expect(80, Answer::Unknown);
}

#[test]
fn unknown_rules_as_a_whole() {
    let mut stack = Stack::new(vec![]);
    let group = stack.b.add("aws_security_group.late", &[("ingress", later()), ("egress", later())]);
    let target = stack.b.add("aws_instance.late", &[]);
    stack.b.link(target, role::SECURITY_GROUPS, &[group]);
    stack.target = target;
    stack.expect(80, Answer::Unknown);
}

#[test]
fn partial_plan_proves_no_absence() {
    let mut stack = Stack::new(vec![inline("tcp", 80, 80, &["10.0.0.0/16"])]);
    stack.b.partial = Some(Unknown::because(Reason::PartialPlan));
    stack.expect(80, Answer::Yes);
    stack.expect(81, Answer::Unknown);
    let graph = stack.b.graph();
    assert_eq!(SecurityReach::new(&graph).egress_declared(stack.lb).answer, Answer::Yes);
}

#[test]
fn update_of_an_inline_group_takes_other_rules_away() {
    let mut stack = Stack::new(vec![inline("tcp", 443, 443, &["0.0.0.0/0"])]);
    let rule = stack.b.rule("in", stack.group, false, &with(tcp(80, 80), "cidr_ipv4", "0.0.0.0/0"));
    stack.expect(80, Answer::Yes);
    stack.b.change(stack.group, Action::Update);
    stack.b.change(rule, Action::NoOp);
    stack.expect(80, Answer::Unknown);
    let graph = stack.b.graph();
    let styles = SecurityReach::new(&graph).rule_styles(stack.group);
    assert_eq!((styles.inline, styles.separate), (true.into(), true.into()), "{}", styles.because);
}

#[test]
fn load_balancer_subnets_not_known() {
    let ask = |range: &str| {
        let mut stack = Stack::new(vec![inline("tcp", 80, 80, &[range])]);
        stack.b.link_all(stack.lb, role::SUBNETS, &[0], vec![], Some(Unknown::because(Reason::AfterApply)));
        stack
    };
    ask("0.0.0.0/0").expect(80, Answer::Yes);
    ask("10.0.0.0/8").expect(80, Answer::Unknown);
    ask("192.168.0.0/16").expect(80, Answer::Unknown);
}

#[test]
fn ipv6_needs_ipv6_rules() {
    let mut stack = Stack::new(vec![inline("tcp", 80, 80, &["0.0.0.0/0"])]);
    stack.b.rule("out6", stack.lb_group, true, &with(tcp(80, 80), "cidr_ipv6", "::/0"));
    let ask = |stack: &Stack| {
        let graph = stack.b.graph();
        SecurityReach::new(&graph).connection(stack.lb, &stack.node(), &Ports::One(80), Family::V6).answer
    };
    assert_eq!(ask(&stack), Answer::No);
    stack.b.rule("in6", stack.group, false, &with(tcp(80, 80), "cidr_ipv6", "::/0"));
    assert_eq!(ask(&stack), Answer::Yes);
}

#[test]
fn lambda_and_network_load_balancers_do_not_apply() {
    let mut stack = Stack::new(vec![]);
    let nlb = stack.b.add("aws_lb.net", &[("type", "network".into())]);
    let graph = stack.b.graph();
    let reach = SecurityReach::new(&graph);
    let lambda = TargetNode { kind: TargetKind::Lambda, resource: None, address: None };
    assert_eq!(reach.connection(stack.lb, &lambda, &Ports::One(80), Family::V4).answer, Answer::NotApplicable);
    assert_eq!(reach.connection(nlb, &stack.node(), &Ports::One(80), Family::V4).answer, Answer::NotApplicable);
}

#[test]
fn clients_of_a_listener() {
    let mut stack = Stack::new(vec![]);
    let listener = |stack: &mut Stack, name: &str, port: Value| {
        let listener = stack.b.add(&format!("aws_lb_listener.{name}"), &[("port", port)]);
        stack.b.link(listener, role::LOAD_BALANCER_OF, &[stack.lb]);
        listener
    };
    let http = listener(&mut stack, "http", 80.into());
    let https = listener(&mut stack, "https", 443.into());
    let late = listener(&mut stack, "late", later());
    let graph = stack.b.graph();
    let reach = SecurityReach::new(&graph);
    assert_eq!(reach.clients(http).answer, Answer::Yes);
    let no = reach.clients(https);
    assert_eq!(no.answer, Answer::No);
    assert_eq!(no.because, "aws_security_group.alb ingress[0] admits tcp 80 from 0.0.0.0/0; not tcp 443");
    assert_eq!(reach.clients(late).answer, Answer::Unknown);
}

#[test]
fn declared_egress() {
    let with = Stack::new(vec![]);
    let without = Stack::with_egress(vec![], vec![]);
    let (with_graph, without_graph) = (with.b.graph(), without.b.graph());
    assert_eq!(SecurityReach::new(&with_graph).egress_declared(with.lb).answer, Answer::Yes);
    assert_eq!(SecurityReach::new(&without_graph).egress_declared(without.lb).answer, Answer::No);
}

#[test]
fn sensitive_values_are_not_said() {
    let mut cidr = Value::from("203.0.113.0/24");
    cidr.marks.sensitive = true;
    let rule = object([
        ("protocol", "tcp".into()),
        ("from_port", 80.into()),
        ("to_port", 80.into()),
        ("cidr_blocks", vec![cidr].into()),
    ]);
    let no = Stack::new(vec![rule]).expect(80, Answer::No);
    assert!(!format!("{no:?}").contains("203.0.113"), "{no:?}");
}

#[test]
fn target_outside_with_a_possible_id() {
    let mut stack = Stack::new(vec![inline("tcp", 80, 80, &[])]);
    let ends = vec![(Target::Resource(stack.lb_group), Certainty::Certain)];
    stack.b.link_all(stack.group, role::INGRESS_PEERS, &[0], ends, Some(Unknown::because(Reason::AfterApply)));
    stack.expect(80, Answer::Yes);
}

#[test]
fn rules_that_cannot_be_told_apart() {
    let late = |from: i64| {
        object([
            ("protocol", "tcp".into()),
            ("from_port", from.into()),
            ("to_port", from.into()),
            ("security_groups", later()),
        ])
    };
    let mut stack = Stack::new(vec![late(80), late(81)]);
    let other = stack.b.group("other", vec![], vec![]);
    stack.b.link_unplaced(stack.group, role::INGRESS_PEERS, &[0], &[other]);
    stack.b.link_unplaced(stack.group, role::INGRESS_PEERS, &[1], &[stack.lb_group]);
    stack.expect(80, Answer::Unknown);
    stack.expect(81, Answer::Unknown);
    stack.expect(82, Answer::No);
}

#[test]
fn styles_clash_within_one_direction() {
    let out = || vec![inline("-1", 0, 0, &["0.0.0.0/0"])];
    let styles = |ingress: Vec<Value>| {
        let mut stack = Stack::new(vec![]);
        let group = stack.b.group("mixed", ingress, out());
        stack.b.rule("in", group, false, &with(tcp(80, 80), "cidr_ipv4", "0.0.0.0/0"));
        let graph = stack.b.graph();
        SecurityReach::new(&graph).rule_styles(group)
    };
    let apart = styles(vec![]);
    assert_eq!((apart.inline, apart.separate), (false.into(), true.into()), "{}", apart.because);
    let both = styles(vec![inline("tcp", 81, 81, &["0.0.0.0/0"])]);
    assert_eq!((both.inline, both.separate), (true.into(), true.into()));
    assert_eq!(
        both.because,
        "aws_security_group.mixed writes ingress rules itself, and so do resources of their own: \
         aws_vpc_security_group_ingress_rule.in"
    );
}
