//! Which groups are on the interfaces of each sort of target.

use plangate::catalog::names::role;
use plangate::graph::{Action, DefaultOf, Reason, Unknown, Value};
use plangate::relate::reach::{Answer, Ports, SecurityReach};
use plangate::relate::{Family, TargetKind, TargetNode};

use crate::reach_graph::{Stack, inline, object};

#[test]
fn default_group_of_the_vpc() {
    let mut stack = Stack::new(vec![inline("tcp", 80, 80, &["0.0.0.0/0"])]);
    let vpc = stack.b.add("aws_vpc.this", &[]);
    let lb = stack.b.add("aws_lb.bare", &[]);
    let subnet = stack.b.subnet("c", "10.0.2.0/24");
    stack.b.link(subnet, role::VPC_OF, &[vpc]);
    stack.b.link(lb, role::SUBNETS, &[subnet]);
    stack.b.link(lb, role::SECURITY_GROUPS, &[]);
    stack.lb = lb;
    stack.expect(80, Answer::Unknown);
    let none = || Value::from(vec![]).defaulted(DefaultOf::Provider);
    let default = stack.b.add("aws_default_security_group.this", &[("ingress", none()), ("egress", none())]);
    stack.b.link(default, role::VPC_OF, &[vpc]);
    stack.expect(80, Answer::No);
}

#[test]
fn autoscaling_group_and_its_template() {
    let mut stack = Stack::new(vec![inline("tcp", 80, 80, &["0.0.0.0/0"])]);
    let template = stack.b.add("aws_launch_template.app", &[]);
    stack.b.link(template, role::SECURITY_GROUPS, &[stack.group]);
    let asg = stack.b.add("aws_autoscaling_group.app", &[]);
    stack.b.link(asg, role::LAUNCH_TEMPLATE_OF, &[template]);
    let ask = |stack: &Stack| {
        let graph = stack.b.graph();
        let node = TargetNode { kind: TargetKind::AutoscalingGroup, resource: Some(asg), address: None };
        SecurityReach::new(&graph).connection(stack.lb, &node, &Ports::One(80), Family::V4).answer
    };
    assert_eq!(ask(&stack), Answer::Yes);
    // An existing template: which version the group uses is not told.
    stack.b.change(template, Action::Update);
    assert_eq!(ask(&stack), Answer::Unknown);
}

#[test]
fn container_instances_of_a_new_cluster() {
    let build = |user_data: &str| {
        let mut stack = Stack::new(vec![inline("tcp", 32768, 65535, &["0.0.0.0/0"])]);
        let template = stack.b.read("aws_launch_template.node", object([("user_data", user_data.into())]));
        stack.b.link(template, role::SECURITY_GROUPS, &[stack.group]);
        let asg = stack.b.add("aws_autoscaling_group.node", &[]);
        stack.b.link(asg, role::LAUNCH_TEMPLATE_OF, &[template]);
        let cluster = stack.b.add("aws_ecs_cluster.this", &[("name", "legacy".into())]);
        let service = stack.b.add("aws_ecs_service.svc", &[]);
        stack.b.link(service, role::CLUSTER_OF, &[cluster]);
        let node = TargetNode { kind: TargetKind::EcsService, resource: Some(service), address: None };
        (stack, node)
    };
    let ask = |user_data: &str| {
        let (stack, node) = build(user_data);
        // The bare instance of the stack would leave open whose container instance it is.
        let mut resources: Vec<_> = stack.b.graph().resources().map(|(_, resource)| resource.clone()).collect();
        let links = stack.b.graph().all_links().to_vec();
        resources[stack.target.0 as usize].kind = None;
        let graph = plangate::graph::Graph::new(resources, links, None);
        SecurityReach::new(&graph).connection(stack.lb, &node, &Ports::Range(32768, 60999), Family::V4).answer
    };
    // echo ECS_CLUSTER=legacy >> /etc/ecs/ecs.config
    assert_eq!(ask("IyEvYmluL2Jhc2gKZWNobyBFQ1NfQ0xVU1RFUj1sZWdhY3kgPj4gL2V0Yy9lY3MvZWNzLmNvbmZpZwo="), Answer::Yes);
    assert_eq!(ask("#!/bin/bash\necho ECS_CLUSTER=other >> /etc/ecs/ecs.config"), Answer::Unknown);
    assert_eq!(ask("#!/bin/bash\necho ECS_CLUSTER=${CLUSTER} >> /etc/ecs/ecs.config"), Answer::Unknown);
    assert_eq!(ask("#!/bin/bash\nyum update"), Answer::Unknown);
    let (stack, node) = build("ECS_CLUSTER=legacy");
    let graph = stack.b.graph();
    let reach = SecurityReach::new(&graph);
    assert_eq!(reach.connection(stack.lb, &node, &Ports::One(32768), Family::V4).answer, Answer::Unknown);
}

#[test]
fn capacity_provider_tells_the_instances() {
    let mut stack = Stack::new(vec![inline("tcp", 80, 80, &["0.0.0.0/0"])]);
    let template = stack.b.add("aws_launch_template.node", &[]);
    stack.b.link(template, role::SECURITY_GROUPS, &[stack.group]);
    let asg = stack.b.add("aws_autoscaling_group.node", &[]);
    stack.b.link(asg, role::LAUNCH_TEMPLATE_OF, &[template]);
    let provider = stack.b.add("aws_ecs_capacity_provider.node", &[("name", "node".into())]);
    stack.b.link(provider, role::CAPACITY_OF, &[asg]);
    let strategy = vec![object([("capacity_provider", "node".into())])];
    let service = stack.b.add("aws_ecs_service.svc", &[("capacity_providers", strategy.into())]);
    let graph = stack.b.graph();
    let node = TargetNode { kind: TargetKind::EcsService, resource: Some(service), address: None };
    let reach = SecurityReach::new(&graph);
    assert_eq!(reach.connection(stack.lb, &node, &Ports::One(80), Family::V4).answer, Answer::Yes);
    assert_eq!(reach.connection(stack.lb, &node, &Ports::One(81), Family::V4).answer, Answer::No);
}

#[test]
fn plain_addresses() {
    let ask = |egress: &str| {
        let stack = Stack::with_egress(vec![], vec![inline("tcp", 80, 80, &[egress])]);
        let graph = stack.b.graph();
        let node = TargetNode { kind: TargetKind::Ip, resource: None, address: Some("10.9.0.7".to_owned()) };
        SecurityReach::new(&graph).connection(stack.lb, &node, &Ports::One(80), Family::V4).answer
    };
    // Nothing is known of the groups there, but a closed way out decides.
    assert_eq!(ask("10.9.0.0/16"), Answer::Unknown);
    assert_eq!(ask("10.8.0.0/16"), Answer::No);
}

#[test]
fn attachment_adds_a_group() {
    let mut stack = Stack::new(vec![]);
    let more = stack.b.group("more", vec![inline("tcp", 80, 80, &["0.0.0.0/0"])], vec![]);
    let attachment = stack.b.add("aws_network_interface_sg_attachment.more", &[]);
    stack.b.link(attachment, role::SECURITY_GROUPS, &[more]);
    stack.b.link(attachment, role::INTERFACE, &[stack.target]);
    stack.expect(80, Answer::Yes);
    let mut stack = Stack::new(vec![]);
    let attachment = stack.b.add("aws_network_interface_sg_attachment.more", &[]);
    stack.b.link_all(attachment, role::INTERFACE, &[], vec![], Some(Unknown::because(Reason::AfterApply)));
    stack.expect(80, Answer::Unknown);
}

#[test]
fn many_targets_behind_one_group() {
    let mut stack = Stack::new((0..200).map(|port| inline("tcp", port, port, &["10.0.0.0/16"])).collect());
    let subnet = stack.b.subnet("many", "10.0.20.0/24");
    let mut targets = vec![];
    for at in 0..50_000 {
        let target = stack.b.add(&format!("aws_instance.many[{at}]"), &[]);
        stack.b.link(target, role::SECURITY_GROUPS, &[stack.group]);
        if at % 2 == 0 {
            stack.b.link(target, role::SUBNET_OF, &[subnet]);
        }
        targets.push(target);
    }
    let graph = stack.b.graph();
    let reach = SecurityReach::new(&graph);
    for target in targets {
        let node = TargetNode { kind: TargetKind::Instance, resource: Some(target), address: None };
        assert_eq!(reach.connection(stack.lb, &node, &Ports::One(80), Family::V4).answer, Answer::Yes);
    }
    // One for all in the subnet; each of the others names the subnet that it lacks itself.
    assert_eq!(reach.questions_worked_out(), 25_001);
}

#[test]
fn subnets_elsewhere_are_bounded_by_the_vpc() {
    let build = |managed: bool| {
        let mut stack = Stack::with_egress(vec![], vec![inline("tcp", 80, 80, &["172.31.0.0/16"])]);
        let listed = |range: &str| vec![object([("cidr_block", range.into())])];
        let vpc = match managed {
            true => stack.b.add("aws_vpc.net", &[("cidr_ipv4", "172.31.0.0/16".into())]),
            false => stack.b.add("data.aws_vpc.net", &[("cidr_blocks", listed("172.31.0.0/16").into())]),
        };
        let group = stack.b.group("svc", vec![inline("tcp", 80, 80, &["0.0.0.0/0"])], vec![]);
        stack.b.link(group, role::VPC_OF, &[vpc]);
        let target = stack.b.add("aws_instance.svc", &[]);
        stack.b.link_outside(target, role::SUBNET_OF, "subnet-1");
        stack.b.link(target, role::SECURITY_GROUPS, &[group]);
        stack.target = target;
        (stack, group)
    };
    for managed in [true, false] {
        build(managed).0.expect(80, Answer::Yes);
        // A range may be added to the VPC.
        let (mut stack, _) = build(managed);
        stack.b.add("aws_vpc_ipv4_cidr_block_association.more", &[]);
        stack.expect(80, Answer::Unknown);
        // A group that exists may have been lent to another VPC.
        let (mut stack, group) = build(managed);
        stack.b.change(group, Action::NoOp);
        stack.expect(80, Answer::Unknown);
        let (mut stack, _) = build(managed);
        stack.b.add("aws_vpc_security_group_vpc_association.lent", &[]);
        stack.expect(80, Answer::Unknown);
    }
}

#[test]
fn address_of_an_interface_in_the_vpc() {
    let build = |same_vpc: bool| {
        let mut stack = Stack::new(vec![inline("tcp", 80, 80, &["0.0.0.0/0"])]);
        let (here, there) = (stack.b.add("aws_vpc.here", &[]), stack.b.add("aws_vpc.there", &[]));
        stack.b.link(stack.lb, role::VPC_OF, &[here]);
        let interface = stack.b.add(
            "aws_network_interface.app",
            &[("private_ips", vec![Value::from("10.0.10.9")].into()), ("private_ip", crate::reach_graph::later())],
        );
        stack.b.link(interface, role::SECURITY_GROUPS, &[stack.group]);
        let subnet = stack.b.subnet("eni", "10.0.10.0/24");
        stack.b.link(subnet, role::VPC_OF, &[if same_vpc { here } else { there }]);
        stack.b.link(interface, role::SUBNET_OF, &[subnet]);
        let graph = stack.b.graph();
        let node = TargetNode { kind: TargetKind::Ip, resource: None, address: Some("10.0.10.9".to_owned()) };
        SecurityReach::new(&graph).connection(stack.lb, &node, &Ports::One(80), Family::V4).answer
    };
    assert_eq!(build(true), Answer::Yes);
    assert_eq!(build(false), Answer::Unknown);
}

#[test]
fn template_beside_an_unwritten_policy() {
    let mut stack = Stack::new(vec![inline("tcp", 80, 80, &["0.0.0.0/0"])]);
    let (used, other) = (stack.b.add("aws_launch_template.used", &[]), stack.b.add("aws_launch_template.other", &[]));
    stack.b.link(used, role::SECURITY_GROUPS, &[stack.group]);
    let asg = stack.b.add("aws_autoscaling_group.app", &[("mixed_instances_policy", crate::reach_graph::later())]);
    stack.b.link(asg, role::LAUNCH_TEMPLATE_OF, &[used]);
    stack.b.link_at(asg, role::LAUNCH_TEMPLATE_OF, "mixed_instances_policy", &[other]);
    let ask = |stack: &Stack| {
        let graph = stack.b.graph();
        let node = TargetNode { kind: TargetKind::AutoscalingGroup, resource: Some(asg), address: None };
        SecurityReach::new(&graph).connection(stack.lb, &node, &Ports::One(80), Family::V4).answer
    };
    assert_eq!(ask(&stack), Answer::Yes);
    // A second template that is really meant: it names no group.
    stack.b.link(asg, role::LAUNCH_TEMPLATE_OF, &[other]);
    assert_eq!(ask(&stack), Answer::Unknown);
}
