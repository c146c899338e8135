//! What is registered in each target group, by whom, and with which port: attachments, Auto Scaling groups, ECS
//! services and task sets, and the targets a group lists itself.

use rustc_hash::FxHashMap;

use super::ecs::{Registering, is_ecs};
use super::reach::Ports;
use super::target::{TargetKind, TargetNode};
use crate::catalog::names::{self, role};
use crate::catalog::place_of;
use crate::graph::{
    Certainty, Graph, Kind, Link, Lookup, Mode, Reason, ResourceId, Target, Text, Unknown, count_steps, lookup,
};

/// One target in one target group.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The group.
    pub target_group: ResourceId,
    /// The target.
    pub target: TargetNode,
    /// The resource that registers it: an attachment, the service or group itself, or the target group that lists it.
    pub via: ResourceId,
    /// Which load balancer block of an ECS service, or which target of the group's own list.
    pub block: u32,
    /// Whether it is registered for sure.
    pub certainty: Certainty,
    /// Why it is only possible.
    pub why: Option<Unknown>,
    /// The port requests go to. None for Lambda.
    pub port: Option<Ports>,
    /// Whether `block` is known to be the block that names the group.
    pub placed: bool,
}

impl Registration {
    /// What to call the target: its address, the IP address, or the attachment when the target is not visible.
    #[must_use]
    pub fn name(&self, graph: &Graph) -> Text {
        match (&self.target.resource, &self.target.address) {
            (Some(id), _) => graph.resource(*id).address.0.clone(),
            (None, Some(address)) => address.as_str().into(),
            (None, None) => graph.resource(self.via).address.0.clone(),
        }
    }
}

/// All registrations of a graph.
#[derive(Debug, Default)]
pub struct Registrations {
    all: Vec<Registration>,
    by_group: FxHashMap<ResourceId, Vec<usize>>,
    /// Why some registration may be in a group that it is not listed under.
    stray: Option<Unknown>,
}

/// Whether anything is registered in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Something is.
    Present,
    /// Nothing is, and nothing outside can be.
    Empty,
    /// It cannot be told.
    Unknown(Unknown),
}

impl Registrations {
    /// Collects them, in the order of what registers.
    #[must_use]
    pub fn new(graph: &Graph) -> Registrations {
        let mut found = Registrations::default();
        for kind in REGISTERING {
            for &via in graph.of_kind(*kind) {
                let first = found.all.len();
                for link in graph.links_as(via, role::TARGET_GROUP_OF) {
                    found.link(graph, via, link);
                }
                found.settle(graph, first);
            }
        }
        for &group in graph.of_kind(names::TARGET_GROUP) {
            found.listed(graph, group);
        }
        found
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Registration] {
        &self.all
    }

    /// Those of one group.
    pub fn of(&self, group: ResourceId) -> impl Iterator<Item = &Registration> {
        let found = self.by_group.get(&group).map_or(&[][..], Vec::as_slice);
        found.iter().inspect(|_| count_steps(1)).map(|&at| &self.all[at])
    }

    /// Whether anything is registered in `group`.
    #[must_use]
    pub fn presence(&self, graph: &Graph, group: ResourceId) -> Presence {
        let mut possible = None;
        for registration in self.of(group) {
            match registration.certainty {
                Certainty::Certain => return Presence::Present,
                Certainty::Possible => possible = possible.or(registration.why.as_ref()),
            }
        }
        let resource = graph.resource(group);
        let unknown = possible.or(self.stray.as_ref()).or_else(|| graph.unseen(REGISTERING)).cloned();
        match unknown {
            Some(unknown) => Presence::Unknown(unknown),
            None if resource.mode == Mode::Data => {
                let outside = Reason::OutsideInput("what registers in a group that is only read here".into());
                Presence::Unknown(Unknown::at(outside, resource.place("")))
            }
            None => match graph.handed_on(group) {
                Some(to) => {
                    let outside = Reason::OutsideInput(format!("what {to} hands the group's ARN to").into());
                    Presence::Unknown(Unknown::at(outside, place_of(resource, "arn")))
                }
                None => Presence::Empty,
            },
        }
    }

    /// Where it cannot be told which block of a service goes with which group, each group is listed once, with a port
    /// only if all blocks agree on it.
    fn settle(&mut self, graph: &Graph, first: usize) {
        let mut kept: Vec<Registration> = Vec::new();
        let own: Vec<Registration> = self.all.drain(first..).collect();
        let ports: Vec<Option<Ports>> = own.iter().map(|registration| registration.port.clone()).collect();
        for mut registration in own {
            let unplaced = !registration.placed && ports.iter().any(|port| *port != registration.port);
            let same = |other: &&mut Registration| {
                other.target_group == registration.target_group && other.target == registration.target
            };
            let twin = kept.iter_mut().find(same);
            let disagree = twin.as_ref().is_some_and(|twin| twin.port != registration.port);
            if unplaced || disagree {
                let place = place_of(graph.resource(registration.via), "load_balancers");
                registration.port = Some(Ports::Unknown(Unknown::at(Reason::SeveralMentions, place)));
            }
            match twin {
                // Registered twice for sure, with two ports: two registrations.
                Some(twin)
                    if twin.certainty == Certainty::Possible || registration.certainty == Certainty::Possible =>
                {
                    twin.port = registration.port;
                    twin.certainty = twin.certainty.min(registration.certainty);
                }
                _ => kept.push(registration),
            }
        }
        kept.into_iter().for_each(|registration| self.add(registration));
    }

    fn add(&mut self, registration: Registration) {
        self.by_group.entry(registration.target_group).or_default().push(self.all.len());
        self.all.push(registration);
    }

    /// The targets a group lists itself. Where the list or one of its entries is not known, there may be one.
    fn listed(&mut self, graph: &Graph, group: ResourceId) {
        let resource = graph.resource(group);
        let one = |block: usize, target, certainty, why, port| Registration {
            target_group: group,
            target,
            via: group,
            block: block as u32,
            certainty,
            why,
            port,
            placed: true,
        };
        let perhaps = |at: usize, why: &Unknown| {
            let target = TargetNode { kind: by_type(graph, group), resource: None, address: None };
            let port = (target.kind != TargetKind::Lambda).then(|| Ports::Unknown(why.clone()));
            one(at, target, Certainty::Possible, Some(why.clone()), port)
        };
        let items = match resource.get("targets") {
            Lookup::Absent => return,
            Lookup::Unknown(unknown) => return self.add(perhaps(0, unknown)),
            Lookup::Known(value) => value.as_list().unwrap_or_default(),
        };
        let links = graph.links_as(group, role::REGISTERED);
        let links: FxHashMap<u32, &Link> = links.filter_map(|link| Some((*link.at.first()?, link))).collect();
        for (at, item) in items.iter().enumerate().filter(|(_, item)| !item.is_null()) {
            if let Some(unknown) = item.as_unknown() {
                self.add(perhaps(at, unknown));
                continue;
            }
            let own = links.get(&(at as u32)).copied();
            for (target, certainty, why) in attached(graph, own, group) {
                let port = port(graph, group, lookup(item, "port"), &target, group);
                self.add(one(at, target, certainty, why, port));
            }
        }
    }

    fn link(&mut self, graph: &Graph, via: ResourceId, link: &Link) {
        if let Some(rest) = link.rest() {
            self.stray.get_or_insert_with(|| rest.clone());
        }
        for (group, certainty) in link.resources() {
            let why = (certainty == Certainty::Possible).then(|| {
                let place = graph.resource(via).place(&link.path);
                link.rest().cloned().unwrap_or_else(|| Unknown::at(Reason::SeveralMentions, place))
            });
            let block = link.at.first().copied().unwrap_or(0);
            for (target, sure, doubt) in targets(graph, via, group) {
                let port = match is_ecs(graph, via) {
                    true if !is_lambda(graph, group, &target) => Some(Registering::new(graph, via, block).port()),
                    _ => port(graph, group, graph.resource(via).get("port"), &target, via),
                };
                self.all.push(Registration {
                    target_group: group,
                    target,
                    via,
                    block,
                    certainty: certainty.and(sure),
                    why: why.clone().or(doubt),
                    port,
                    placed: link.placed,
                });
            }
        }
    }
}

const REGISTERING: &[Kind] = &[
    names::ECS_SERVICE,
    names::ECS_TASK_SET,
    names::AUTOSCALING_GROUP,
    names::AUTOSCALING_ATTACHMENT,
    names::AUTOSCALING_TRAFFIC_SOURCE,
    names::TARGET_GROUP_ATTACHMENT,
];

/// What `via` registers in `group`: one target for sure, or several possible ones.
fn targets(graph: &Graph, via: ResourceId, group: ResourceId) -> Vec<(TargetNode, Certainty, Option<Unknown>)> {
    let kind = match graph.resource(via).kind {
        Some(names::ECS_SERVICE) => TargetKind::EcsService,
        Some(names::ECS_TASK_SET) => TargetKind::TaskSet,
        Some(names::AUTOSCALING_GROUP) => TargetKind::AutoscalingGroup,
        Some(names::TARGET_GROUP_ATTACHMENT) => {
            return attached(graph, graph.links_as(via, role::REGISTERED).next(), group);
        }
        _ => return through(graph, via),
    };
    vec![(TargetNode { kind, resource: Some(via), address: None }, Certainty::Certain, None)]
}

/// The Auto Scaling group an attachment resource names.
fn through(graph: &Graph, via: ResourceId) -> Vec<(TargetNode, Certainty, Option<Unknown>)> {
    let node = |resource| TargetNode { kind: TargetKind::AutoscalingGroup, resource, address: None };
    let Some(link) = graph.links_as(via, role::AUTOSCALING_GROUP_OF).next() else {
        return vec![(node(None), Certainty::Certain, None)];
    };
    let found: Vec<_> =
        link.resources().map(|(id, certainty)| (node(Some(id)), certainty, link.rest().cloned())).collect();
    if found.is_empty() { vec![(node(None), Certainty::Certain, None)] } else { found }
}

/// What sort of target a group takes.
fn by_type(graph: &Graph, group: ResourceId) -> TargetKind {
    match graph.resource(group).get("target_type").str() {
        Some("ip") => TargetKind::Ip,
        Some("lambda") => TargetKind::Lambda,
        Some("alb") => TargetKind::LoadBalancer,
        _ => TargetKind::Instance,
    }
}

/// What an attachment registers, by its link to it.
fn attached(graph: &Graph, link: Option<&Link>, group: ResourceId) -> Vec<(TargetNode, Certainty, Option<Unknown>)> {
    let by_type = by_type(graph, group);
    let unseen = || vec![(TargetNode { kind: by_type, resource: None, address: None }, Certainty::Certain, None)];
    let Some(link) = link else { return unseen() };
    let mut found = Vec::new();
    for end in &link.ends {
        let node = match &end.to {
            Target::Resource(id) => {
                let kind = match graph.resource(*id).kind {
                    Some(names::LAMBDA_FUNCTION | names::LAMBDA_ALIAS) => TargetKind::Lambda,
                    Some(names::LOAD_BALANCER) => TargetKind::LoadBalancer,
                    Some(names::NETWORK_INTERFACE) => TargetKind::Interface,
                    _ => TargetKind::Instance,
                };
                TargetNode { kind, resource: Some(*id), address: None }
            }
            Target::Outside(text) => TargetNode { kind: by_type, resource: None, address: Some(text.to_string()) },
        };
        found.push((node, end.certainty, link.rest().cloned()));
    }
    // Several possible targets are one registration whose target is not certain.
    if found.is_empty() || found.len() > 1 { unseen() } else { found }
}

fn is_lambda(graph: &Graph, group: ResourceId, target: &TargetNode) -> bool {
    target.kind == TargetKind::Lambda || graph.resource(group).get("target_type").str() == Some("lambda")
}

/// The port of a registration, else the group's.
fn port(graph: &Graph, group: ResourceId, own: Lookup<'_>, target: &TargetNode, via: ResourceId) -> Option<Ports> {
    if is_lambda(graph, group, target) {
        return None;
    }
    let found = if own == Lookup::Absent { graph.resource(group).get("port") } else { own };
    match found {
        Lookup::Unknown(unknown) => Some(Ports::Unknown(unknown.clone())),
        found => Ports::of(found.known()?, || place_of(graph.resource(via), "port")),
    }
}
