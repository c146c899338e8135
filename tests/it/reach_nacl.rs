//! Network ACLs in each of their forms, which of them governs a subnet, and how their answer joins that of the groups.

#![allow(clippy::unwrap_used)]

use plangate::catalog::names::role;
use plangate::graph::{Action, Reason, ResourceId, Unknown, Value};
use plangate::relate::reach::{Answer, Ports, SecurityReach};
use plangate::relate::{Family, TargetKind, TargetNode};

use crate::reach_graph::{Stack, inline, later, object};

const LB: [ResourceId; 2] = [ResourceId(0), ResourceId(1)];
const PRIVATE: ResourceId = ResourceId(2);

/// Groups let everything through.
fn stack() -> Stack {
    Stack::new(vec![inline("-1", 0, 0, &["0.0.0.0/0"])])
}

fn rule(number: i64, action: &str, protocol: &str, ports: (i64, i64), cidr: &str) -> Value {
    object([
        ("rule_no", number.into()),
        ("action", action.into()),
        ("protocol", protocol.into()),
        ("from_port", ports.0.into()),
        ("to_port", ports.1.into()),
        ("cidr_block", cidr.into()),
        ("ipv6_cidr_block", "".into()),
    ])
}

fn tcp(number: i64, action: &str, ports: (i64, i64), cidr: &str) -> Value {
    rule(number, action, "tcp", ports, cidr)
}

fn anything() -> Vec<Value> {
    vec![rule(100, "allow", "-1", (0, 0), "0.0.0.0/0")]
}

fn replies() -> Vec<Value> {
    vec![tcp(100, "allow", (1024, 65535), "0.0.0.0/0")]
}

fn acl(stack: &mut Stack, name: &str, ingress: Vec<Value>, egress: Vec<Value>, subnets: &[ResourceId]) -> ResourceId {
    let acl = stack.b.add(name, &[("ingress", ingress.into()), ("egress", egress.into())]);
    if !subnets.is_empty() {
        stack.b.link(acl, role::SUBNETS, subnets);
    }
    acl
}

fn separate(
    stack: &mut Stack,
    acl: ResourceId,
    egress: bool,
    number: i64,
    action: &str,
    ports: (i64, i64),
) -> ResourceId {
    let fields = [
        ("egress", egress.into()),
        ("number", number.into()),
        ("action", action.into()),
        ("protocol", "tcp".into()),
        ("from_port", ports.0.into()),
        ("to_port", ports.1.into()),
        ("cidr_ipv4", "10.0.0.0/16".into()),
    ];
    let rule = stack.b.add(&format!("aws_network_acl_rule.r{number}_{egress}"), &fields);
    stack.b.link(rule, role::NETWORK_ACL_OF, &[acl]);
    rule
}

#[test]
fn reply_that_finds_no_rule() {
    let mut stack = stack();
    let out = vec![tcp(100, "allow", (443, 443), "0.0.0.0/0")];
    acl(&mut stack, "aws_network_acl.app", vec![tcp(100, "allow", (80, 80), "10.0.0.0/16")], out, &[PRIVATE]);
    let no = stack.expect(80, Answer::No);
    assert_eq!(
        no.because,
        "aws_network_acl.app of aws_subnet.private lets no reply on tcp 1024-65535 out to aws_subnet.a (10.0.0.0/24), \
         aws_subnet.b (10.0.1.0/24): no rule matches; rule 100 allows tcp 443 for 0.0.0.0/0"
    );
    assert_eq!(
        no.fix,
        "in aws_network_acl.app: egress { rule_no = 110, action = \"allow\", protocol = \"tcp\", cidr_block = \
         \"10.0.0.0/24\", from_port = 1024, to_port = 65535 } and in aws_network_acl.app: egress { rule_no = 120, action = \
         \"allow\", protocol = \"tcp\", cidr_block = \"10.0.1.0/24\", from_port = 1024, to_port = 65535 }"
    );
    assert_eq!(no.evidence[0].0.to_string(), "aws_network_acl.app.egress[0]");
}

#[test]
fn each_of_the_four_ways() {
    let request = |stack: &mut Stack, ingress, egress, subnets: &[ResourceId]| {
        acl(stack, "aws_network_acl.x", ingress, egress, subnets);
    };
    let ask = |ingress: Vec<Value>, egress: Vec<Value>, subnets: &[ResourceId]| {
        let mut stack = stack();
        request(&mut stack, ingress, egress, subnets);
        stack.port(80).answer
    };
    let port = |action: &str| vec![tcp(100, action, (80, 80), "10.0.0.0/16")];
    assert_eq!(ask(replies(), port("allow"), &LB), Answer::Yes);
    assert_eq!(ask(replies(), port("deny"), &LB), Answer::No);
    assert_eq!(ask(vec![], port("allow"), &LB), Answer::No);
    assert_eq!(ask(port("allow"), replies(), &[PRIVATE]), Answer::Yes);
    assert_eq!(ask(port("deny"), replies(), &[PRIVATE]), Answer::No);
    assert_eq!(ask(port("allow"), vec![], &[PRIVATE]), Answer::No);
    // One of the load balancer's subnets only.
    assert_eq!(ask(vec![], port("allow"), &LB[..1]), Answer::Partly);
}

#[test]
fn part_of_the_reply_ports() {
    let mut stack = stack();
    let out = vec![tcp(100, "allow", (32768, 65535), "0.0.0.0/0")];
    acl(&mut stack, "aws_network_acl.app", anything(), out, &[PRIVATE]);
    let partly = stack.expect(80, Answer::Partly);
    assert!(partly.fix.contains("from_port = 1024, to_port = 32767"), "{}", partly.fix);
    assert!(partly.because.contains("lets not all of reply on tcp 1024-32767"), "{}", partly.because);
}

#[test]
fn one_instance_has_one_address() {
    let half = |action: &str| tcp(10, action, (80, 80), "10.0.10.0/25");
    let mut stack = stack();
    acl(&mut stack, "aws_network_acl.alb", anything(), vec![half("allow")], &LB);
    let some = vec![tcp(100, "allow", (32768, 65535), "0.0.0.0/0")];
    acl(&mut stack, "aws_network_acl.app", anything(), some, &[PRIVATE]);
    // In the half that is closed nothing passes, in the other some replies do.
    stack.expect(80, Answer::Unknown);
    let found = stack.b.add("aws_instance.at", &[("private_ip", "10.0.10.7".into())]);
    stack.b.link(found, role::SUBNET_OF, &[PRIVATE]);
    stack.b.link(found, role::SECURITY_GROUPS, &[stack.group]);
    stack.target = found;
    stack.expect(80, Answer::Partly);
}

#[test]
fn rules_of_their_own_in_order() {
    let mut stack = stack();
    let own = acl(&mut stack, "aws_network_acl.alb", vec![], vec![], &LB);
    separate(&mut stack, own, false, 100, "allow", (1024, 65535));
    separate(&mut stack, own, true, 50, "deny", (9000, 9100));
    separate(&mut stack, own, true, 100, "allow", (0, 65535));
    stack.expect(8080, Answer::Yes);
    let no = stack.expect(9090, Answer::No);
    assert_eq!(
        no.fix,
        "aws_network_acl_rule { network_acl_id = aws_network_acl.alb.id, rule_number = 49, egress = true, rule_action = \
         \"allow\", protocol = \"tcp\", cidr_block = \"10.0.10.0/24\", from_port = 9090, to_port = 9090 }"
    );
    assert!(no.because.contains("aws_network_acl_rule.r50_true (rule 50) denies tcp 9000-9100"), "{}", no.because);
    // A deny that comes later does nothing.
    separate(&mut stack, own, true, 200, "deny", (8080, 8080));
    stack.expect(8080, Answer::Yes);
    separate(&mut stack, own, true, 1, "deny", (8080, 8080));
    let no = stack.expect(8080, Answer::No);
    assert!(no.fix.starts_with("renumber the egress rules of aws_network_acl.alb"), "{}", no.fix);
}

#[test]
fn protocols_and_families() {
    let ask = |rule: Value| {
        let mut stack = stack();
        acl(&mut stack, "aws_network_acl.app", vec![rule], replies(), &[PRIVATE]);
        stack.port(80).answer
    };
    assert_eq!(ask(rule(1, "allow", "6", (80, 80), "10.0.0.0/23")), Answer::Yes);
    assert_eq!(ask(rule(1, "ALLOW", "all", (0, 0), "10.0.0.0/23")), Answer::Yes);
    assert_eq!(ask(rule(1, "allow", "udp", (80, 80), "10.0.0.0/23")), Answer::No);
    assert_eq!(ask(rule(1, "allow", "tcp", (80, 80), "10.0.0.0/24")), Answer::Partly);
    assert_eq!(
        ask(object([
            ("rule_no", 1.into()),
            ("action", "allow".into()),
            ("protocol", "-1".into()),
            ("ipv6_cidr_block", "::/0".into())
        ])),
        Answer::No
    );
}

#[test]
fn unknown_parts_may_match() {
    let ask = |rules: Vec<Value>| {
        let mut stack = stack();
        acl(&mut stack, "aws_network_acl.app", rules, replies(), &[PRIVATE]);
        stack.port(80).answer
    };
    let with = |name: &str, number: i64, action: &str| {
        let Value { data: plangate::graph::Data::Map(mut map), .. } = tcp(number, action, (80, 80), "10.0.0.0/16")
        else {
            unreachable!()
        };
        map.insert(name.into(), later());
        Value::from(map)
    };
    for name in ["action", "protocol", "cidr_block", "from_port", "rule_no"] {
        assert_eq!(ask(vec![with(name, 100, "allow")]), Answer::Unknown, "{name}");
    }
    // Whatever it is, all before it or all it can be says the same.
    let first = tcp(10, "allow", (80, 80), "10.0.0.0/16");
    assert_eq!(ask(vec![first.clone(), with("cidr_block", 100, "deny")]), Answer::Yes);
    assert_eq!(ask(vec![first, with("cidr_block", 5, "deny")]), Answer::Unknown);
    assert_eq!(ask(vec![with("cidr_block", 5, "deny")]), Answer::No);
    assert_eq!(ask(vec![later()]), Answer::Unknown);
    let mut stack = stack();
    let own = stack.b.add("aws_network_acl.app", &[("ingress", later()), ("egress", later())]);
    stack.b.link(own, role::SUBNETS, &[PRIVATE]);
    let unknown = stack.expect(80, Answer::Unknown);
    assert!(
        unknown.because.starts_with("whether aws_network_acl.app of aws_subnet.private lets tcp 80"),
        "{}",
        unknown.because
    );
}

#[test]
fn same_number_twice() {
    let ask = |rules: Vec<Value>| {
        let mut stack = stack();
        acl(&mut stack, "aws_network_acl.app", rules, replies(), &[PRIVATE]);
        stack.port(80).answer
    };
    let one = |action| tcp(100, action, (80, 80), "10.0.0.0/16");
    assert_eq!(ask(vec![one("allow"), one("allow")]), Answer::Yes);
    assert_eq!(ask(vec![one("allow"), one("deny")]), Answer::Unknown);
}

#[test]
fn association_and_where_it_is_not_told() {
    let build = |link: fn(&mut Stack, ResourceId)| {
        let mut stack = stack();
        let own = acl(&mut stack, "aws_network_acl.app", vec![], vec![], &[]);
        let association = stack.b.add("aws_network_acl_association.app", &[]);
        stack.b.link(association, role::NETWORK_ACL_OF, &[own]);
        link(&mut stack, association);
        stack.port(80).answer
    };
    assert_eq!(build(|stack, from| stack.b.link(from, role::SUBNET_OF, &[PRIVATE])), Answer::No);
    assert_eq!(build(|stack, from| stack.b.link_maybe(from, role::SUBNET_OF, &[PRIVATE])), Answer::Unknown);
    fn rest() -> Option<Unknown> {
        Some(Unknown::because(Reason::AfterApply))
    }
    assert_eq!(build(|stack, from| stack.b.link_all(from, role::SUBNET_OF, &[], vec![], rest())), Answer::Unknown);
    // One for subnets elsewhere says nothing here.
    assert_eq!(build(|stack, from| stack.b.link_outside(from, role::SUBNET_OF, "subnet-1")), Answer::Yes);
}

#[test]
fn an_association_takes_a_subnet_from_what_stays() {
    let mut stack = stack();
    let old = acl(&mut stack, "aws_network_acl.old", vec![], vec![], &[PRIVATE]);
    let new = acl(&mut stack, "aws_network_acl.new", anything(), anything(), &[]);
    stack.expect(80, Answer::No);
    stack.b.change(old, Action::NoOp);
    let association = stack.b.add("aws_network_acl_association.app", &[]);
    stack.b.link(association, role::NETWORK_ACL_OF, &[new]);
    stack.b.link(association, role::SUBNET_OF, &[PRIVATE]);
    stack.expect(80, Answer::Yes);
    stack.b.change(old, Action::Update);
    stack.expect(80, Answer::Unknown);
}

#[test]
fn subnets_of_an_acl_that_are_not_told() {
    let build = |rules: fn() -> Vec<Value>, other_vpc: bool| {
        let mut stack = stack();
        let (here, there) = (stack.b.add("aws_vpc.here", &[]), stack.b.add("aws_vpc.there", &[]));
        for subnet in [LB[0], LB[1], PRIVATE] {
            stack.b.link(subnet, role::VPC_OF, &[here]);
        }
        let own = acl(&mut stack, "aws_network_acl.app", rules(), rules(), &[]);
        stack.b.link(own, role::VPC_OF, &[if other_vpc { there } else { here }]);
        stack.b.link_all(own, role::SUBNETS, &[], vec![], Some(Unknown::because(Reason::AfterApply)));
        stack.port(80).answer
    };
    assert_eq!(build(Vec::new, false), Answer::Unknown);
    assert_eq!(build(Vec::new, true), Answer::Yes);
    // Whichever subnets it has, it lets everything through, and so does the default.
    assert_eq!(build(anything, false), Answer::Yes);
}

#[test]
fn default_acl_of_the_vpc() {
    let build = |rules: Vec<Value>, vpc_told: bool| {
        let mut stack = stack();
        let vpc = stack.b.add("aws_vpc.here", &[]);
        for subnet in [LB[0], LB[1], PRIVATE] {
            stack.b.link(subnet, role::VPC_OF, &[vpc]);
        }
        let own = acl(&mut stack, "aws_default_network_acl.this", rules.clone(), rules, &[]);
        if vpc_told {
            stack.b.link(own, role::DEFAULT_OF, &[vpc]);
        }
        stack
    };
    build(vec![], true).expect(80, Answer::No);
    build(anything(), true).expect(80, Answer::Yes);
    build(vec![], false).expect(80, Answer::Unknown);
    build(anything(), false).expect(80, Answer::Yes);
    // Whoever else claims a subnet takes it from the default.
    let mut stack = build(vec![], true);
    acl(&mut stack, "aws_network_acl.app", anything(), anything(), &[LB[0], LB[1], PRIVATE]);
    stack.expect(80, Answer::Yes);
}

#[test]
fn rules_added_to_the_default_of_aws() {
    let build = |number: i64| {
        let mut stack = stack();
        let vpc = stack.b.add("aws_vpc.here", &[]);
        for subnet in [LB[0], LB[1], PRIVATE] {
            stack.b.link(subnet, role::VPC_OF, &[vpc]);
        }
        separate(&mut stack, vpc, true, number, "deny", (80, 80));
        stack
    };
    build(50).expect(80, Answer::No);
    build(50).expect(81, Answer::Yes);
    build(200).expect(80, Answer::Yes);
}

#[test]
fn a_rule_of_any_acl() {
    let mut stack = stack();
    let own = acl(&mut stack, "aws_network_acl.app", anything(), anything(), &[PRIVATE]);
    separate(&mut stack, own, false, 50, "deny", (80, 80));
    stack.expect(80, Answer::No);
    let mut stack = self::stack();
    acl(&mut stack, "aws_network_acl.app", anything(), anything(), &[PRIVATE]);
    let fields = [
        ("number", 50.into()),
        ("action", "deny".into()),
        ("protocol", "-1".into()),
        ("cidr_ipv4", "0.0.0.0/0".into()),
    ];
    let rule = stack.b.add("aws_network_acl_rule.adrift", &fields);
    stack.b.link_all(rule, role::NETWORK_ACL_OF, &[], vec![], Some(Unknown::because(Reason::AfterApply)));
    stack.expect(80, Answer::Unknown);
}

#[test]
fn nothing_is_asked_within_a_subnet() {
    let mut stack = stack();
    acl(&mut stack, "aws_network_acl.all", vec![], vec![], &[LB[0], LB[1], PRIVATE]);
    stack.expect(80, Answer::No);
    let target = stack.b.add("aws_instance.beside", &[]);
    stack.b.link(target, role::SUBNET_OF, &[LB[0]]);
    stack.b.link(target, role::SECURITY_GROUPS, &[stack.group]);
    stack.target = target;
    // Not from the load balancer's other subnet, though.
    stack.expect(80, Answer::Partly);
    let lb = stack.b.add("aws_lb.narrow", &[("type", "application".into())]);
    stack.b.link(lb, role::SUBNETS, &LB[..1]);
    stack.b.link(lb, role::SECURITY_GROUPS, &[stack.lb_group]);
    stack.lb = lb;
    stack.expect(80, Answer::Yes);
}

#[test]
fn groups_speak_first() {
    let mut closed = Stack::new(vec![]);
    acl(&mut closed, "aws_network_acl.app", vec![], vec![], &[PRIVATE]);
    assert_eq!(closed.expect(80, Answer::No).because, "aws_security_group.app has no ingress rule");
    // What the groups leave open, the ACL may close.
    let mut unknown = Stack::new(vec![later()]);
    unknown.expect(80, Answer::Unknown);
    acl(&mut unknown, "aws_network_acl.app", vec![], vec![], &[PRIVATE]);
    unknown.expect(80, Answer::No);
    let mut partly = Stack::new(vec![inline("tcp", 80, 80, &["10.0.0.0/24"])]);
    acl(&mut partly, "aws_network_acl.app", anything(), replies(), &[PRIVATE]);
    partly.expect(80, Answer::Partly);
    acl(&mut partly, "aws_network_acl.alb", vec![], vec![], &LB[..1]);
    let both = partly.expect(80, Answer::Partly);
    assert!(both.because.contains("aws_security_group.app ingress[0]") && both.because.contains("aws_network_acl.alb"));
}

#[test]
fn unknown_and_several_ports() {
    let mut stack = stack();
    let out = vec![tcp(100, "allow", (80, 90), "0.0.0.0/0")];
    acl(&mut stack, "aws_network_acl.alb", replies(), out, &LB);
    let port = || Ports::Unknown(Unknown::because(Reason::AfterApply));
    assert!(stack.ask(port()).because.starts_with("the port is not known"));
    assert_eq!(stack.ask(Ports::Range(80, 90)).answer, Answer::Yes);
    let no = stack.ask(Ports::Range(80, 100));
    assert_eq!(no.answer, Answer::No);
    assert!(no.fix.contains("from_port = 91, to_port = 100"), "{}", no.fix);
}

#[test]
fn a_partial_plan_hides_rules_and_associations() {
    let mut stack = stack();
    acl(&mut stack, "aws_network_acl.alb", anything(), anything(), &LB);
    stack.b.partial = Some(Unknown::because(Reason::PartialPlan));
    stack.expect(80, Answer::Unknown);
}

#[test]
fn a_plain_address_is_in_the_subnet_that_holds_it() {
    let ask = |address: &str| {
        let mut stack = stack();
        let vpc = stack.b.add("aws_vpc.here", &[]);
        for subnet in [LB[0], LB[1], PRIVATE] {
            stack.b.link(subnet, role::VPC_OF, &[vpc]);
        }
        acl(&mut stack, "aws_network_acl.app", vec![], vec![], &[PRIVATE]);
        let graph = stack.b.graph();
        let node = TargetNode { kind: TargetKind::Ip, resource: None, address: Some(address.to_owned()) };
        SecurityReach::new(&graph).connection(stack.lb, &node, &Ports::One(80), Family::V4).answer
    };
    assert_eq!(ask("10.0.10.9"), Answer::No);
    assert_eq!(ask("10.0.11.9"), Answer::Unknown);
}

#[test]
fn more_rules_than_there_can_be() {
    let mut stack = stack();
    let many = (0..20_000).map(|number| tcp(number, "allow", (number % 60_000, 65_000), "10.0.0.0/16")).collect();
    acl(&mut stack, "aws_network_acl.app", many, anything(), &[PRIVATE]);
    stack.expect(80, Answer::Unknown);
}

/// The ACL of a plan as it is after a refresh: it lists the rules of rule resources, and the subnets of associations.
fn refreshed(ingress: &str, rule: &str, association: &str) -> Answer {
    let listed = |number: i64, port: i64| {
        format!(
            r#"{{"action": "allow", "cidr_block": "10.0.0.0/16", "from_port": {port}, "icmp_code": 0, "icmp_type": 0,
                "ipv6_cidr_block": "", "protocol": "6", "rule_no": {number}, "to_port": {port}}}"#
        )
    };
    let subnet = |name: &str, range: &str| {
        format!(
            r#"{{"address": "aws_subnet.{name}", "mode": "managed", "type": "aws_subnet", "name": "{name}", "change":
                {{"actions": ["no-op"], "after": {{"id": "subnet-{name}", "vpc_id": "vpc-1", "cidr_block": "{range}"}}}}}}"#
        )
    };
    let change = |kind: &str, name: &str, actions: &str, before: &str, after: &str| {
        format!(
            r#"{{"address": "{kind}.{name}", "mode": "managed", "type": "{kind}", "name": "{name}",
                "change": {{"actions": {actions}, "before": {before}, "after": {after}}}}}"#
        )
    };
    let kept =
        |actions: &str, value: &str| if actions.contains("delete") { "null".to_owned() } else { value.to_owned() };
    let acl = format!(
        r#"{{"id": "acl-1", "vpc_id": "vpc-1", "subnet_ids": ["subnet-app"], "egress": [{}], "ingress": [{}]}}"#,
        listed(100, 80).replace(r#""protocol": "6""#, r#""protocol": "-1""#),
        listed(100, 80)
    );
    let own = r#"{"id": "nacl-1", "network_acl_id": "acl-1", "egress": false, "rule_number": 100, "rule_action": "allow",
        "protocol": "tcp", "cidr_block": "10.0.0.0/16", "from_port": 80, "to_port": 80}"#;
    let other = own.replace(r#""egress": false"#, r#""egress": true"#).replace(r#""tcp""#, r#""-1""#);
    let bound = r#"{"id": "aclassoc-1", "network_acl_id": "acl-1", "subnet_id": "subnet-app"}"#;
    let anywhere = r#"{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}"#;
    let group = format!(r#"{{"id": "sg-1", "vpc_id": "vpc-1", "ingress": [{anywhere}], "egress": [{anywhere}]}}"#);
    let lb =
        r#"{"id": "lb", "load_balancer_type": "application", "subnets": ["subnet-a"], "security_groups": ["sg-1"]}"#;
    let target = r#"{"id": "i-1", "subnet_id": "subnet-app", "vpc_security_group_ids": ["sg-1"]}"#;
    let no_op = r#"["no-op"]"#;
    let changes = [
        subnet("a", "10.0.0.0/24"),
        subnet("app", "10.0.10.0/24"),
        change("aws_network_acl", "app", no_op, &acl, &acl),
        change("aws_network_acl_rule", "in", rule, own, &kept(rule, own)),
        change("aws_network_acl_rule", "out", no_op, &other, &other),
        change("aws_network_acl_association", "app", association, bound, &kept(association, bound)),
        change("aws_security_group", "all", no_op, &group, &group),
        change("aws_lb", "this", no_op, lb, lb),
        change("aws_instance", "app", no_op, target, target),
    ];
    let written = |kind: &str, name: &str, expressions: &str| {
        format!(
            r#"{{"address": "{kind}.{name}", "mode": "managed", "type": "{kind}", "name": "{name}", "expressions": {expressions}}}"#
        )
    };
    let plan = format!(
        r#"{{"format_version": "1.2", "complete": true, "resource_changes": [{}],
            "configuration": {{"root_module": {{"resources": [{}]}}}}}}"#,
        changes.join(","),
        written("aws_network_acl", "app", ingress)
    );
    let (loaded, problems) = plangate::load::load_json("plan.json", plan.as_bytes(), &[]).unwrap();
    assert!(problems.is_empty(), "{problems:?}");
    let [lb, target] = ["aws_lb.this", "aws_instance.app"].map(|address| loaded.graph.find(address).unwrap());
    let node = TargetNode { kind: TargetKind::Instance, resource: Some(target), address: None };
    SecurityReach::new(&loaded.graph).connection(lb, &node, &Ports::One(80), Family::V4).answer
}

#[test]
fn what_a_refresh_lists_is_not_the_acls_own() {
    const KEPT: &str = r#"["no-op"]"#;
    const GONE: &str = r#"["delete"]"#;
    assert_eq!(refreshed("{}", KEPT, KEPT), Answer::Yes);
    // The rule goes, and what the refresh saw of it.
    assert_eq!(refreshed("{}", GONE, KEPT), Answer::No);
    // With its association the subnet goes back to the default ACL.
    assert_eq!(refreshed("{}", GONE, GONE), Answer::Yes);
    // A rule that the configuration of the ACL writes is its own.
    assert_eq!(refreshed(r#"{"ingress": {}}"#, GONE, KEPT), Answer::Yes);
}
