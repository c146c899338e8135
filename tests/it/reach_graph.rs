//! Small graphs for the reach tests, said in a few words. Not a loader: attributes and links are written as a loader
//! would give them.

#![allow(clippy::unwrap_used)]

use plangate::catalog::{Dialect, Origin, Written, attributes, kind_of, names::role};
use plangate::graph::{
    Action, Address, Certainty, DefaultOf, End, Graph, Link, Map, Mode, Place, Reason, Resource, ResourceId, Role,
    Target, Unknown, Value,
};
use plangate::relate::reach::{Answer, Ports, Reached, SecurityReach};
use plangate::relate::{Family, TargetKind, TargetNode};

#[derive(Default)]
pub(crate) struct Builder {
    resources: Vec<Resource>,
    links: Vec<Link>,
    pub(crate) partial: Option<Unknown>,
}

/// Everything that is there was written.
struct All(Address);

impl Origin for All {
    fn written(&self, _: &str) -> Written {
        Written::Yes
    }

    fn why(&self, path: &str) -> Unknown {
        Unknown::at(Reason::AfterApply, self.place(path))
    }

    fn place(&self, path: &str) -> Place {
        Place::new(&self.0, path)
    }
}

pub(crate) fn later() -> Value {
    Value::unknown(Unknown::because(Reason::AfterApply))
}

pub(crate) fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Map::from_iter(fields.map(|(name, value)| (name.into(), value))).into()
}

pub(crate) fn texts(items: &[&str]) -> Value {
    items.iter().map(|item| Value::from(*item)).collect::<Vec<Value>>().into()
}

/// An inline rule; its groups are linked apart.
pub(crate) fn inline(protocol: &str, from: i64, to: i64, cidrs: &[&str]) -> Value {
    object([
        ("protocol", protocol.into()),
        ("from_port", from.into()),
        ("to_port", to.into()),
        ("cidr_blocks", texts(cidrs)),
        ("self", false.into()),
    ])
}

impl Builder {
    pub(crate) fn add(&mut self, address: &str, fields: &[(&str, Value)]) -> ResourceId {
        let (mode, name) = match address.strip_prefix("data.") {
            Some(rest) => (Mode::Data, rest),
            None => (Mode::Managed, address),
        };
        let type_name = name.split('.').next().unwrap();
        let attributes: Value =
            Map::from_iter(fields.iter().map(|(name, value)| ((*name).into(), value.clone()))).into();
        self.resources.push(Resource {
            address: address.into(),
            kind: kind_of(Dialect::Terraform, type_name).map(|spec| spec.kind),
            type_name: type_name.into(),
            mode,
            action: if mode == Mode::Data { Action::NoOp } else { Action::Create },
            replaced_by: Vec::new(),
            spots: Default::default(),
            exemptions: Vec::new(),
            uncertain: None,
            construct: None,
            raw: attributes.clone(),
            attributes,
        });
        ResourceId(self.resources.len() as u32 - 1)
    }

    /// A resource as its input says it, attributes filled in by the catalog: `aws_subnet.a`, or `AWS::EC2::Subnet A`.
    pub(crate) fn read(&mut self, name: &str, raw: Value) -> ResourceId {
        let (type_name, address) = name.split_once(' ').unwrap_or((name.split('.').next().unwrap(), name));
        let dialect = Dialect::of(type_name);
        let spec = kind_of(dialect, type_name);
        let attributes = spec.map(|spec| attributes(spec, dialect, &raw, &All(address.into())));
        self.resources.push(Resource {
            address: address.into(),
            kind: spec.map(|spec| spec.kind),
            type_name: type_name.into(),
            mode: Mode::Managed,
            action: Action::Create,
            replaced_by: Vec::new(),
            spots: Default::default(),
            exemptions: Vec::new(),
            uncertain: None,
            construct: None,
            attributes: attributes.unwrap_or_else(|| Map::default().into()),
            raw,
        });
        ResourceId(self.resources.len() as u32 - 1)
    }

    pub(crate) fn change(&mut self, id: ResourceId, action: Action) {
        self.resources[id.0 as usize].action = action;
    }

    pub(crate) fn link(&mut self, from: ResourceId, role: Role, ends: &[ResourceId]) {
        let ends = ends.iter().map(|&to| (Target::Resource(to), Certainty::Certain)).collect();
        self.link_all(from, role, &[], ends, None);
    }

    pub(crate) fn link_maybe(&mut self, from: ResourceId, role: Role, ends: &[ResourceId]) {
        let ends = ends.iter().map(|&to| (Target::Resource(to), Certainty::Possible)).collect();
        self.link_all(from, role, &[], ends, None);
    }

    pub(crate) fn link_outside(&mut self, from: ResourceId, role: Role, id: &str) {
        self.link_all(from, role, &[], vec![(Target::Outside(id.into()), Certainty::Certain)], None);
    }

    pub(crate) fn link_at(&mut self, from: ResourceId, role: Role, path: &str, ends: &[ResourceId]) {
        self.link(from, role, ends);
        if let Some(link) = self.links.last_mut() {
            link.path = path.into();
        }
    }

    pub(crate) fn link_unplaced(&mut self, from: ResourceId, role: Role, at: &[u32], ends: &[ResourceId]) {
        let ends = ends.iter().map(|&to| (Target::Resource(to), Certainty::Certain)).collect();
        self.link_all(from, role, at, ends, None);
        if let Some(link) = self.links.last_mut() {
            link.placed = false;
        }
    }

    pub(crate) fn link_all(
        &mut self,
        from: ResourceId,
        role: Role,
        at: &[u32],
        ends: Vec<(Target, Certainty)>,
        rest: Option<Unknown>,
    ) {
        let ends = ends.into_iter().map(|(to, certainty)| End { to, certainty }).collect();
        let (at, rest) = (at.into(), rest.map(Box::new));
        self.links.push(Link { from, role, at, placed: true, path: role.0.into(), ends, rest });
    }

    pub(crate) fn subnet(&mut self, name: &str, cidr: &str) -> ResourceId {
        self.add(&format!("aws_subnet.{name}"), &[("cidr_ipv4", cidr.into())])
    }

    /// A new group with these inline rules; none written when empty.
    pub(crate) fn group(&mut self, name: &str, ingress: Vec<Value>, egress: Vec<Value>) -> ResourceId {
        let written = !ingress.is_empty() || !egress.is_empty();
        let side = |rules: Vec<Value>| match rules.is_empty() {
            true => Value::from(rules).defaulted(DefaultOf::Provider),
            false => rules.into(),
        };
        let fields = [("ingress", side(ingress)), ("egress", side(egress)), ("inline_written", written.into())];
        self.add(&format!("aws_security_group.{name}"), &fields)
    }

    /// A rule of its own, modern form.
    pub(crate) fn rule(&mut self, name: &str, group: ResourceId, egress: bool, fields: &[(&str, Value)]) -> ResourceId {
        let way = if egress { "egress" } else { "ingress" };
        let rule = self.add(&format!("aws_vpc_security_group_{way}_rule.{name}"), fields);
        self.link(rule, role::GROUP, &[group]);
        rule
    }

    pub(crate) fn graph(&self) -> Graph {
        Graph::new(self.resources.clone(), self.links.clone(), self.partial.clone())
    }
}

pub(crate) fn tcp(from: i64, to: i64) -> Vec<(&'static str, Value)> {
    vec![("protocol", "tcp".into()), ("from_port", from.into()), ("to_port", to.into())]
}

pub(crate) fn with(
    mut fields: Vec<(&'static str, Value)>,
    name: &'static str,
    value: impl Into<Value>,
) -> Vec<(&'static str, Value)> {
    fields.push((name, value.into()));
    fields
}

/// A load balancer in 10.0.0.0/24 and 10.0.1.0/24 whose group lets everything out, and an instance in 10.0.10.0/24.
pub(crate) struct Stack {
    pub(crate) b: Builder,
    pub(crate) lb: ResourceId,
    pub(crate) lb_group: ResourceId,
    pub(crate) target: ResourceId,
    pub(crate) group: ResourceId,
}

impl Stack {
    pub(crate) fn new(ingress: Vec<Value>) -> Stack {
        let anywhere = || vec![inline("-1", 0, 0, &["0.0.0.0/0"])];
        Stack::with_egress(ingress, anywhere())
    }

    pub(crate) fn with_egress(ingress: Vec<Value>, egress: Vec<Value>) -> Stack {
        let mut b = Builder::default();
        let subnets = [b.subnet("a", "10.0.0.0/24"), b.subnet("b", "10.0.1.0/24")];
        let private = b.subnet("private", "10.0.10.0/24");
        let lb_group = b.group("alb", vec![inline("tcp", 80, 80, &["0.0.0.0/0"])], egress);
        let lb = b.add("aws_lb.this", &[("type", "application".into())]);
        b.link(lb, role::SUBNETS, &subnets);
        b.link(lb, role::SECURITY_GROUPS, &[lb_group]);
        let group = b.group("app", ingress, vec![]);
        let target = b.add("aws_instance.app", &[]);
        b.link(target, role::SUBNET_OF, &[private]);
        b.link(target, role::SECURITY_GROUPS, &[group]);
        Stack { b, lb, lb_group, target, group }
    }

    /// Names `peers` in the inline ingress rule `at` of the target's group.
    pub(crate) fn peers(&mut self, at: u32, peers: &[ResourceId], certainty: Certainty) {
        let ends = peers.iter().map(|&to| (Target::Resource(to), certainty)).collect();
        self.b.link_all(self.group, role::INGRESS_PEERS, &[at], ends, None);
    }

    pub(crate) fn node(&self) -> TargetNode {
        TargetNode { kind: TargetKind::Instance, resource: Some(self.target), address: None }
    }

    pub(crate) fn ask(&self, ports: Ports) -> std::sync::Arc<Reached> {
        let graph = self.b.graph();
        SecurityReach::new(&graph).connection(self.lb, &self.node(), &ports, Family::V4)
    }

    pub(crate) fn port(&self, port: i64) -> std::sync::Arc<Reached> {
        self.ask(Ports::One(port))
    }

    #[track_caller]
    pub(crate) fn expect(&self, port: i64, answer: Answer) -> std::sync::Arc<Reached> {
        let reached = self.port(port);
        assert_eq!(reached.answer, answer, "{}", reached.because);
        assert_eq!(reached.unknown.is_some(), answer == Answer::Unknown, "{reached:?}");
        reached
    }
}
