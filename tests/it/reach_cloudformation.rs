//! What CloudFormation's resources mean for the way to a target: AWS's own egress rule, targets a group lists itself,
//! capacity providers by reference, and rules to add in CloudFormation's words.

use plangate::catalog::names::role;
use plangate::graph::{Certainty, Graph, Lookup, Place, Reason, ResourceId, Role, Target, Unknown, Value};
use plangate::judge::judge;
use plangate::relate::reach::{Answer, Ports, Reached, SecurityReach};
use plangate::relate::registration::{Presence, Registrations};
use plangate::relate::{Family, TargetKind, TargetNode, ecs::Registering};
use serde_json::{Value as Json, json};

use crate::reach_graph::{Builder, later};
use crate::twins::value;

const GROUP: &str = "AWS::EC2::SecurityGroup";

impl Builder {
    fn template(&mut self, name: &str, properties: Json) -> ResourceId {
        self.read(name, value(&properties))
    }
}

/// A load balancer and an instance, each in a group of its own and a subnet of its own.
struct Stack {
    b: Builder,
    balancer: ResourceId,
    instance: ResourceId,
    alb: ResourceId,
}

impl Stack {
    /// `egress` is what the load balancer's group writes there.
    fn new(egress: Json) -> Stack {
        let mut b = Builder::default();
        let public = b.template("AWS::EC2::Subnet Public", json!({ "CidrBlock": "10.0.0.0/24" }));
        let private = b.template("AWS::EC2::Subnet Private", json!({ "CidrBlock": "10.0.1.0/24" }));
        let alb = b.template(&format!("{GROUP} AlbGroup"), json!({ "SecurityGroupEgress": egress }));
        let app = b.template(
            &format!("{GROUP} AppGroup"),
            json!({ "SecurityGroupIngress": { "IpProtocol": "tcp", "FromPort": "8080", "ToPort": 8080, "CidrIp": "10.0.0.0/16" } }),
        );
        let balancer = b.template("AWS::ElasticLoadBalancingV2::LoadBalancer Web", json!({}));
        let instance = b.template("AWS::EC2::Instance App", json!({}));
        for (from, subnet, group, in_subnet) in
            [(balancer, public, alb, role::SUBNETS), (instance, private, app, role::SUBNET_OF)]
        {
            b.link(from, in_subnet, &[subnet]);
            b.link(from, role::SECURITY_GROUPS, &[group]);
        }
        Stack { b, balancer, instance, alb }
    }

    fn egress_rule(&mut self, port: i64, certainty: Certainty) {
        let written = json!({ "IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": "0.0.0.0/0" });
        let rule = self.b.template("AWS::EC2::SecurityGroupEgress Out", written);
        let ends = vec![(Target::Resource(self.alb), certainty)];
        self.b.link_all(rule, role::GROUP, &[], ends, None);
    }

    fn ask(&self, port: i64) -> std::sync::Arc<Reached> {
        let graph = self.b.graph();
        let node = TargetNode { kind: TargetKind::Instance, resource: Some(self.instance), address: None };
        SecurityReach::new(&graph).connection(self.balancer, &node, &Ports::One(port), Family::V4)
    }
}

#[test]
fn egress_that_is_not_written_lets_everything_out() {
    for not_written in [json!(null), json!([])] {
        let stack = Stack::new(not_written);
        let reached = stack.ask(8080);
        assert_eq!(reached.answer, Answer::Yes, "{}", reached.because);
        assert!(reached.because.contains("AlbGroup SecurityGroupEgress[0] admits everything"), "{}", reached.because);
        let graph = stack.b.graph();
        assert_eq!(SecurityReach::new(&graph).egress_declared(stack.balancer).answer, Answer::Yes);
    }
    assert_eq!(Stack::new(json!({ "?": "p" })).ask(8080).answer, Answer::Unknown);
}

#[test]
fn a_rule_of_its_own_takes_the_rule_of_aws_away() {
    let mut stack = Stack::new(json!(null));
    stack.egress_rule(443, Certainty::Certain);
    let reached = stack.ask(8080);
    assert_eq!(reached.answer, Answer::No);
    assert!(
        reached.because.contains("Out admits tcp 443 to 0.0.0.0/0 (AWS's own rule for everything goes"),
        "{}",
        reached.because
    );
    assert_eq!(
        reached.fix,
        "{Type: AWS::EC2::SecurityGroupEgress, Properties: {GroupId: !GetAtt AlbGroup.GroupId, DestinationSecurityGroupId: \
         !GetAtt AppGroup.GroupId, IpProtocol: tcp, FromPort: 8080, ToPort: 8080}}"
    );
    let mut stack = Stack::new(json!(null));
    stack.egress_rule(8080, Certainty::Certain);
    assert_eq!(stack.ask(8080).answer, Answer::Yes);
    // Where it only may belong to the group, nothing is told.
    let mut stack = Stack::new(json!(null));
    stack.egress_rule(443, Certainty::Possible);
    assert_eq!(stack.ask(8080).answer, Answer::Unknown);
    // Nor where it is not told whose it is.
    let mut stack = Stack::new(json!(null));
    stack
        .b
        .template("AWS::EC2::SecurityGroupEgress Out", json!({ "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443 }));
    assert_eq!(stack.ask(8080).answer, Answer::Unknown);
    // Rules that the group writes itself stay beside it.
    let own = json!([{ "IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "CidrIp": "10.0.0.0/8" }]);
    let mut stack = Stack::new(own);
    stack.egress_rule(443, Certainty::Certain);
    assert_eq!(stack.ask(8080).answer, Answer::Yes);
    let graph = stack.b.graph();
    let styles = SecurityReach::new(&graph).rule_styles(stack.alb);
    assert_eq!(styles.inline, plangate::graph::Truth::False, "{}", styles.because);
}

#[test]
fn ingress_that_is_missing_is_asked_for_in_yaml() {
    let reached = Stack::new(json!(null)).ask(9090);
    assert_eq!(reached.answer, Answer::No);
    assert_eq!(
        reached.fix,
        "{Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: !GetAtt AppGroup.GroupId, SourceSecurityGroupId: \
         !GetAtt AlbGroup.GroupId, IpProtocol: tcp, FromPort: 9090, ToPort: 9090}}"
    );
    let place = Place::new(&"AppGroup".into(), "SecurityGroupIngress[0]");
    assert!(reached.evidence.iter().any(|(found, _)| *found == place), "{:?}", reached.evidence);
}

#[test]
fn a_group_of_another_stack_has_no_name_here() {
    let mut b = Builder::default();
    let alb = b.template(&format!("{GROUP} Edge/AlbGroup"), json!({}));
    let app = b.template(&format!("{GROUP} App/Group"), json!({}));
    let balancer = b.template("AWS::ElasticLoadBalancingV2::LoadBalancer Edge/Web", json!({}));
    let instance = b.template("AWS::EC2::Instance App/Instance", json!({}));
    b.link(balancer, role::SECURITY_GROUPS, &[alb]);
    b.link(instance, role::SECURITY_GROUPS, &[app]);
    let graph = b.graph();
    let node = TargetNode { kind: TargetKind::Instance, resource: Some(instance), address: None };
    let reached = SecurityReach::new(&graph).connection(balancer, &node, &Ports::One(80), Family::V4);
    assert_eq!(
        reached.fix,
        "{Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: !GetAtt Group.GroupId, SourceSecurityGroupId: <GroupId \
         of Edge/AlbGroup>, IpProtocol: tcp, FromPort: 80, ToPort: 80}}"
    );
}

#[test]
fn a_network_acl_has_the_entries_that_name_it() {
    let build = |ports: Json| {
        let mut stack = Stack::new(json!(null));
        let acl = stack.b.template("AWS::EC2::NetworkAcl Acl", json!({}));
        let association = stack.b.template("AWS::EC2::SubnetNetworkAclAssociation Under", json!({}));
        let private = stack.b.graph().find("Private").unwrap();
        stack.b.link(association, role::NETWORK_ACL_OF, &[acl]);
        stack.b.link(association, role::SUBNET_OF, &[private]);
        for (name, egress, ports) in [("In", "false", ports), ("Back", "true", json!({ "From": 1024, "To": "65535" }))]
        {
            let entry = stack.b.template(
                &format!("AWS::EC2::NetworkAclEntry {name}"),
                json!({ "Egress": egress, "RuleNumber": "100", "RuleAction": "allow", "Protocol": 6, "CidrBlock": "0.0.0.0/0", "PortRange": ports }),
            );
            stack.b.link(entry, role::NETWORK_ACL_OF, &[acl]);
        }
        stack.ask(8080)
    };
    assert_eq!(build(json!({ "From": 8080, "To": 8080 })).answer, Answer::Yes);
    let closed = build(json!({ "From": 80, "To": 80 }));
    assert_eq!(closed.answer, Answer::No, "{}", closed.because);
    assert_eq!(
        closed.fix,
        "{Type: AWS::EC2::NetworkAclEntry, Properties: {NetworkAclId: !Ref Acl, RuleNumber: 110, Egress: false, RuleAction: \
         allow, Protocol: 6, CidrBlock: 10.0.0.0/24, PortRange: {From: 8080, To: 8080}}}"
    );
}

fn registered(targets: Json, link: impl Fn(&mut Builder, ResourceId)) -> (Graph, Registrations, ResourceId) {
    let mut b = Builder::default();
    let raw = json!({ "Port": 80, "Protocol": "HTTP", "TargetType": "ip", "Targets": targets });
    let group = b.template("AWS::ElasticLoadBalancingV2::TargetGroup App", raw);
    link(&mut b, group);
    let graph = b.graph();
    let registrations = Registrations::new(&graph);
    (graph, registrations, group)
}

#[test]
fn targets_a_group_lists_itself() {
    let (graph, registrations, group) =
        registered(json!([{ "Id": "10.0.0.5" }, { "Id": "10.0.0.6", "Port": "9090" }]), |b, group| {
            for (at, ip) in [(0, "10.0.0.5"), (1, "10.0.0.6")] {
                let ends = vec![(Target::Outside(ip.into()), Certainty::Certain)];
                b.link_all(group, role::REGISTERED, &[at], ends, None);
            }
        });
    let told: Vec<_> = registrations.of(group).map(|one| (one.name(&graph).to_string(), one.port.clone())).collect();
    assert_eq!(told, [("10.0.0.5".to_owned(), Some(Ports::One(80))), ("10.0.0.6".to_owned(), Some(Ports::One(9090)))]);
    assert_eq!(registrations.presence(&graph, group), Presence::Present);
    let (graph, registrations, group) = registered(json!([]), |_, _| {});
    assert_eq!(registrations.presence(&graph, group), Presence::Empty);
    for perhaps in [json!({ "?": "p" }), json!([{ "?": "p" }])] {
        let (graph, registrations, group) = registered(perhaps, |_, _| {});
        assert!(matches!(registrations.presence(&graph, group), Presence::Unknown(_)));
    }
    // Something is registered, and what it is will be known later.
    let (graph, registrations, group) = registered(json!([{ "Id": { "?": "p" } }]), |_, _| {});
    assert_eq!(registrations.presence(&graph, group), Presence::Present);
}

#[test]
fn a_capacity_provider_by_reference() {
    let named = |link: Role, provider: Value| {
        let mut b = Builder::default();
        let own = b.template("AWS::ECS::CapacityProvider Node", json!({}));
        assert_eq!(b.graph().resource(own).get("name"), Lookup::Absent);
        let mut raw = value(&json!({ "CapacityProviderStrategy": [{}], "LoadBalancers": [{}] }));
        let strategy = crate::reach_graph::object([("CapacityProvider", provider)]);
        if let plangate::graph::Data::Map(map) = &mut raw.data {
            map.insert("CapacityProviderStrategy".into(), vec![strategy].into());
        }
        let service = b.read("AWS::ECS::Service App", raw);
        b.link(service, link, &[]);
        Registering::new(&b.graph(), service, 0).launch_type().as_str().map(str::to_owned)
    };
    let place = Place::new(&"Node".into(), "");
    let reference = Value::unknown(Unknown::at(Reason::Reference, place));
    assert_eq!(named(role::CLUSTER_OF, reference).as_deref(), Some("EC2"));
    assert_eq!(named(role::CLUSTER_OF, "FARGATE_SPOT".into()).as_deref(), Some("FARGATE"));
    assert_eq!(named(role::CLUSTER_OF, later()), None);
}

#[test]
fn a_cluster_says_what_its_services_start_on() {
    let ask = |strategy: Json| {
        let mut b = Builder::default();
        let cluster = b.template("AWS::ECS::Cluster C", json!({ "DefaultCapacityProviderStrategy": strategy }));
        let service = b.template("AWS::ECS::Service App", json!({}));
        b.link(service, role::CLUSTER_OF, &[cluster]);
        Registering::new(&b.graph(), service, 0).launch_type().as_str().map(str::to_owned)
    };
    assert_eq!(ask(json!(null)).as_deref(), Some("EC2"));
    assert_eq!(ask(json!([{ "CapacityProvider": "FARGATE" }])).as_deref(), Some("FARGATE"));
    assert_eq!(ask(json!({ "?": "p" })), None);
}

#[test]
fn a_port_mapping_that_is_not_known_may_be_the_one() {
    let ask = |mappings: Json| {
        let mut b = Builder::default();
        let definition = b.template(
            "AWS::ECS::TaskDefinition T",
            json!({ "NetworkMode": "bridge", "ContainerDefinitions": [{ "Name": "app", "PortMappings": mappings }] }),
        );
        let service = b.template(
            "AWS::ECS::Service App",
            json!({ "LaunchType": "EC2", "LoadBalancers": [{ "ContainerName": "app", "ContainerPort": "8080" }] }),
        );
        b.link(service, role::TASK_DEFINITION, &[definition]);
        Registering::new(&b.graph(), service, 0).port()
    };
    assert_eq!(ask(json!([{ "ContainerPort": 8080, "HostPort": "80" }])), Ports::One(80));
    assert!(matches!(ask(json!([{ "ContainerPort": 8080 }])), Ports::Range(..)));
    for unknown in [json!({ "?": "p" }), json!([{ "?": "p" }]), json!([{ "ContainerPort": { "?": "p" } }])] {
        assert!(matches!(ask(unknown), Ports::Unknown(_)));
    }
    assert!(matches!(ask(json!([{ "ContainerPort": 8080, "HostPort": { "?": "p" } }])), Ports::Unknown(_)));
}

#[test]
fn a_finding_names_the_property() {
    let mut b = Builder::default();
    let raw = json!({ "LoadBalancerAttributes": [{ "Key": "idle_timeout.timeout_seconds", "Value": "5000" }] });
    b.template("AWS::ElasticLoadBalancingV2::LoadBalancer Web", raw);
    let (set, problems) = plangate::policy::PolicySet::builtin();
    assert!(problems.is_empty());
    let assessment = judge(&b.graph(), &set);
    let finding = assessment.findings.iter().find(|finding| finding.policy == "idle-timeout-in-range").unwrap();
    let name = "LoadBalancerAttributes[idle_timeout.timeout_seconds]";
    assert_eq!(finding.evidence[0].attribute, name);
    assert!(!finding.fix.contains("idle_timeout"), "{}", finding.fix);
}
