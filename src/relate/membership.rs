//! Which security groups are on the network interfaces of a load balancer or a target, and which addresses those
//! interfaces have. Which rules the groups hold is `rules.rs`.

use std::net::IpAddr;

use rustc_hash::FxHashMap;

use super::addresses::{
    Addresses, Seat, Seats, Subnets, addresses_of, at_host, in_subnets, subnets_by_address, vpc_of, vpc_of_subnets,
    vpc_ranges,
};
use super::cidr::{AddressSet, Cidr, Family};
use super::container_instances::ContainerInstances;
use super::group::{Group, Groups};
use super::launch::{one_of, started_from, template_of};
use super::target::{TargetKind, TargetNode};
use crate::catalog::names::{self, role};
use crate::catalog::{is_adopted, place_of, place_of_edge};
use crate::graph::{Certainty, Graph, Link, Lookup, Mode, Reason, Resource, ResourceId, Target, Unknown, Value};

/// The security groups on one sort of interfaces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Membership {
    /// Surely on them.
    pub(super) certain: Vec<Group>,
    /// May be on them.
    pub(super) possible: Vec<Group>,
    /// Why those are only possible.
    pub(super) doubt: Option<Unknown>,
    /// Why there may be others.
    pub(super) open: Option<Unknown>,
}

/// Interfaces that are alike.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Interfaces {
    pub(super) groups: Membership,
    pub(super) addresses: Addresses,
}

/// What the interfaces of something may look like. An answer holds only if it holds for every option.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Placement {
    pub(super) options: Vec<Interfaces>,
    /// Why there may be another option.
    pub(super) open: Option<Unknown>,
}

/// Finds memberships.
#[derive(Debug)]
pub(super) struct Memberships<'g> {
    graph: &'g Graph,
    by_private_ip: FxHashMap<&'g str, Vec<ResourceId>>,
    /// Why any interface may carry one more group: an attachment that does not tell its interface.
    adrift: Option<Unknown>,
    /// The default groups of the input, by VPC.
    defaults: FxHashMap<Target, Vec<ResourceId>>,
    /// All addresses of a VPC.
    vpc_ranges: FxHashMap<Target, AddressSet>,
    /// The subnets of a VPC.
    subnets: FxHashMap<Target, Vec<(Cidr, ResourceId)>>,
    /// Whether a group surely is in the VPC it names only.
    one_vpc: bool,
    hosts: ContainerInstances,
}

impl<'g> Memberships<'g> {
    pub(super) fn new(graph: &'g Graph) -> Memberships<'g> {
        let mut by_private_ip: FxHashMap<&str, Vec<ResourceId>> = FxHashMap::default();
        for kind in [names::NETWORK_INTERFACE, names::INSTANCE] {
            for &id in graph.of_kind(kind) {
                let resource = graph.resource(id);
                let listed = resource.get("private_ips").list().unwrap_or_default();
                let mut ips: Vec<&str> = listed.iter().filter_map(Value::as_str).collect();
                ips.extend(resource.get("private_ip").str());
                ips.sort_unstable();
                ips.dedup();
                for ip in ips {
                    by_private_ip.entry(ip).or_default().push(id);
                }
            }
        }
        let adrift = graph.of_kind(names::INTERFACE_SECURITY_GROUP).iter().find_map(|&id| {
            let mut links = graph.links_as(id, role::INTERFACE);
            let told = links.next().is_some_and(|link| link.rest.is_none() && !link.ends.is_empty());
            let place = place_of_edge(graph.resource(id), role::INTERFACE);
            (!told).then(|| Unknown::at(Reason::NotInConfiguration, place))
        });
        let mut defaults: FxHashMap<Target, Vec<ResourceId>> = FxHashMap::default();
        for &group in graph.of_kind(names::SECURITY_GROUP) {
            if is_adopted(graph.resource(group))
                && let Some(vpc) = vpc_of(graph, group)
            {
                defaults.entry(vpc).or_default().push(group);
            }
        }
        let vpcs_of_groups = [names::SECURITY_GROUP_VPC];
        let one_vpc = graph.unseen(&vpcs_of_groups).is_none() && graph.of_kind(names::SECURITY_GROUP_VPC).is_empty();
        let (vpc_ranges, subnets) = (vpc_ranges(graph), subnets_by_address(graph));
        let hosts = ContainerInstances::new(graph);
        Memberships { graph, by_private_ip, adrift, defaults, vpc_ranges, subnets, one_vpc, hosts }
    }

    /// The interfaces of a load balancer.
    pub(super) fn of_load_balancer(&self, groups: &Groups<'_>, id: ResourceId, family: Family) -> Interfaces {
        let subnets = Subnets::of(self.graph, id, role::SUBNETS);
        let mut found = Interfaces {
            groups: self.named_by(groups, id, &subnets),
            addresses: in_subnets(self.graph, &subnets, family, false),
        };
        self.bound(groups, id, &mut found, family);
        found
    }

    /// The interfaces of a target, as a load balancer with those `subnets` sees them.
    pub(super) fn of_target(
        &self,
        groups: &Groups<'_>,
        target: &TargetNode,
        load_balancer: ResourceId,
        family: Family,
    ) -> Placement {
        let Some(id) = target.resource else {
            return match (&target.address, target.kind) {
                (Some(address), _) => self.at_address(groups, address, load_balancer, family),
                (None, kind) => Placement::open(Unknown::because(Reason::Undecidable(
                    format!("which {} is registered is not known", kind.name()).into(),
                ))),
            };
        };
        let mut placement = match target.kind {
            TargetKind::EcsService | TargetKind::TaskSet => self.of_tasks(groups, id, family),
            TargetKind::AutoscalingGroup => self.of_autoscaling_group(groups, id, family),
            TargetKind::Instance => self.of_instance(groups, id, family),
            TargetKind::Interface => Placement::of(self.of_interface(groups, id, family)),
            TargetKind::Ip if self.graph.resource(id).kind == Some(names::INSTANCE) => {
                self.of_instance(groups, id, family)
            }
            TargetKind::Ip => Placement::of(self.of_interface(groups, id, family)),
            TargetKind::Lambda | TargetKind::LoadBalancer => {
                Placement::open(Unknown::because(Reason::Undecidable("it has no security group to look at".into())))
            }
        };
        for option in &mut placement.options {
            self.bound(groups, id, option, family);
        }
        placement
    }

    /// Where the subnets are not all known, the VPC still bounds the addresses. An interface is in the VPC of its
    /// groups; of a group that exists already, somebody may have lent it to another VPC.
    fn bound(&self, groups: &Groups<'_>, id: ResourceId, found: &mut Interfaces, family: Family) {
        let own = vpc_of(self.graph, id);
        if found.addresses.seats.vpc.is_none() {
            found.addresses.seats.vpc.clone_from(&own);
        }
        if found.addresses.open.is_none() || family != Family::V4 {
            return;
        }
        let by_group = || {
            let new = found.groups.certain.iter().filter_map(|group| groups.made_here(group));
            new.filter(|_| self.one_vpc).find_map(|group| vpc_of(self.graph, group))
        };
        let vpc = own.or_else(by_group);
        found.addresses.within = vpc.and_then(|vpc| self.vpc_ranges.get(&vpc).cloned());
    }

    fn of_tasks(&self, groups: &Groups<'_>, id: ResourceId, family: Family) -> Placement {
        let resource = self.graph.resource(id);
        let subnets = Subnets::of(self.graph, id, role::SUBNETS);
        let own = self.graph.links_as(id, role::SECURITY_GROUPS).next().is_some() || !subnets.links.is_empty();
        if own {
            return Placement::of(Interfaces {
                groups: self.named_by(groups, id, &subnets),
                addresses: in_subnets(self.graph, &subnets, family, false),
            });
        }
        if resource.mode == Mode::Data {
            return Placement::open(outside(resource));
        }
        match resource.get("own_network") {
            Lookup::Unknown(unknown) => return Placement::open(unknown.clone()),
            Lookup::Known(_) => {
                return Placement::open(Unknown::at(Reason::NotInConfiguration, place_of(resource, "own_network")));
            }
            _ => {}
        }
        // No network configuration: the tasks share the network of the container instances they run on.
        let (hosts, mut open) = self.hosts.of(self.graph, id);
        let mut placement = Placement::default();
        for host in hosts {
            let found = match self.graph.resource(host).kind {
                Some(names::INSTANCE) => self.of_instance(groups, host, family),
                _ => self.of_autoscaling_group(groups, host, family),
            };
            placement.options.extend(found.options);
            open = open.or(found.open);
        }
        placement.options.sort_by(|a, b| a.groups.certain.cmp(&b.groups.certain));
        placement.options.dedup();
        placement.open = open;
        placement
    }

    fn of_autoscaling_group(&self, groups: &Groups<'_>, id: ResourceId, family: Family) -> Placement {
        let resource = self.graph.resource(id);
        let subnets = Subnets::of(self.graph, id, role::SUBNETS);
        let addresses = in_subnets(self.graph, &subnets, family, false);
        let (templates, open) = started_from(self.graph, id);
        let mut placement = Placement { options: Vec::new(), open };
        if templates.is_empty() && placement.open.is_none() {
            placement.open =
                Some(Unknown::at(Reason::NotInConfiguration, place_of_edge(resource, role::LAUNCH_TEMPLATE_OF)));
        }
        for template in templates {
            placement
                .options
                .push(Interfaces { groups: self.named_by(groups, template, &subnets), addresses: addresses.clone() });
        }
        placement
    }

    fn of_instance(&self, groups: &Groups<'_>, id: ResourceId, family: Family) -> Placement {
        let resource = self.graph.resource(id);
        let interfaces: Vec<&Link> = self.graph.links_as(id, role::INTERFACE).collect();
        let own: Vec<&Link> = self.graph.links_as(id, role::SECURITY_GROUPS).collect();
        let subnets = Subnets::of(self.graph, id, role::SUBNET_OF);
        let addresses = addresses_of(self.graph, id, &subnets, family);
        if own.iter().all(|link| link.ends.is_empty()) && !interfaces.is_empty() {
            // The provider refuses groups on an instance that brings its interface.
            let primary: Vec<&Link> = interfaces
                .iter()
                .copied()
                .filter(|link| {
                    let block = link.at.first().copied().unwrap_or_default();
                    interfaces.len() == 1 || is_primary(resource, block)
                })
                .collect();
            let (found, open) = one_of(&primary);
            let options = found.into_iter().map(|interface| self.of_interface(groups, interface, family)).collect();
            return Placement { options, open };
        }
        let named = own.iter().any(|link| !link.ends.is_empty() || link.rest.is_some());
        let (templates, open) = if named { (Vec::new(), None) } else { template_of(self.graph, id) };
        if templates.is_empty() && open.is_none() {
            let mut found = self.named_by(groups, id, &subnets);
            if !named && resource.get("security_groups_by_name") != Lookup::Absent {
                // The older attribute takes names; unknown on create even when nobody wrote it.
                let place = place_of(resource, "security_groups_by_name");
                found.open.get_or_insert(Unknown::at(Reason::Undecidable("groups are given by name".into()), place));
            }
            return Placement::of(Interfaces { groups: found, addresses });
        }
        let options = templates.into_iter().map(|template| {
            let mut found = self.named_by(groups, template, &subnets);
            self.attached(groups, id, &mut found);
            Interfaces { groups: found, addresses: addresses.clone() }
        });
        Placement { options: options.collect(), open }
    }

    fn of_interface(&self, groups: &Groups<'_>, id: ResourceId, family: Family) -> Interfaces {
        let subnets = Subnets::of(self.graph, id, role::SUBNET_OF);
        Interfaces {
            groups: self.named_by(groups, id, &subnets),
            addresses: addresses_of(self.graph, id, &subnets, family),
        }
    }

    /// A plain address: an interface of the input when one in the load balancer's VPC has it, else only an address.
    fn at_address(&self, groups: &Groups<'_>, text: &str, load_balancer: ResourceId, family: Family) -> Placement {
        let Ok(address) = text.parse::<IpAddr>() else {
            let why = format!("{text} is no IP address");
            return Placement::open(Unknown::because(Reason::Undecidable(why.into())));
        };
        let vpc = vpc_of(self.graph, load_balancer);
        let here: Vec<ResourceId> = self
            .by_private_ip
            .get(text)
            .into_iter()
            .flatten()
            .copied()
            .filter(|&id| vpc.is_some() && vpc_of(self.graph, id) == vpc)
            .collect();
        if let [only] = here[..] {
            let mut found = match self.graph.resource(only).kind {
                Some(names::INSTANCE) => self.of_instance(groups, only, family),
                _ => Placement::of(self.of_interface(groups, only, family)),
            };
            for option in &mut found.options {
                let seats = std::mem::take(&mut option.addresses.seats);
                option.addresses = at_host(text, address, false, seats);
            }
            return found;
        }
        let unknown = Unknown::because(Reason::OutsideInput(format!("the network interface with {text}").into()));
        let seats = match vpc.as_ref().and_then(|vpc| self.subnet_with(vpc, address)) {
            Some(subnet) => {
                let seat = Seat::at(self.graph, &Target::Resource(subnet), family, false);
                Seats { certain: vec![seat], vpc, ..Seats::default() }
            }
            None => Seats::untold(unknown.clone()),
        };
        let addresses = at_host(text, address, false, seats);
        let nobody = Membership { open: Some(unknown), ..Membership::default() };
        Placement::of(Interfaces { groups: nobody, addresses })
    }

    /// The subnet of a VPC that an address is in.
    fn subnet_with(&self, vpc: &Target, address: IpAddr) -> Option<ResourceId> {
        let host = Cidr::host(address);
        let subnets = self.subnets.get(vpc)?;
        let after = subnets.partition_point(|(cidr, _)| cidr.range().0 <= host.range().0);
        let (cidr, subnet) = subnets.get(after.checked_sub(1)?)?;
        cidr.contains(&host).then_some(*subnet)
    }

    /// The groups that a resource names itself, what is attached to it, and the default group when it names none.
    fn named_by(&self, groups: &Groups<'_>, id: ResourceId, subnets: &Subnets<'_>) -> Membership {
        let resource = self.graph.resource(id);
        let mut found = Membership::default();
        let mut links: Vec<&Link> = self.graph.links_as(id, role::SECURITY_GROUPS).collect();
        // An instance that brings its interfaces along (CloudFormation) is told apart like a template.
        let by_interface = resource.kind == Some(names::INSTANCE) && links.iter().any(|link| !link.at.is_empty());
        if by_interface || resource.kind == Some(names::LAUNCH_TEMPLATE) {
            keep_primary(resource, &mut links, &mut found);
        }
        for link in &links {
            found.take_in(self.graph, groups, link);
        }
        if found == Membership::default() {
            match resource.mode {
                Mode::Data if links.is_empty() => found.open = Some(outside(resource)),
                _ => self.default_group(groups, id, subnets, &mut found),
            }
        }
        if !matches!(resource.kind, Some(names::LAUNCH_TEMPLATE | names::LAUNCH_CONFIGURATION)) {
            self.attached(groups, id, &mut found);
        }
        found.settle();
        found
    }

    /// Groups put on the interface by resources of their own.
    fn attached(&self, groups: &Groups<'_>, id: ResourceId, found: &mut Membership) {
        if !matches!(self.graph.resource(id).kind, Some(names::INSTANCE | names::NETWORK_INTERFACE)) {
            return;
        }
        for attachment in self.graph.incoming_as(id, role::INTERFACE) {
            if self.graph.resource(attachment.from).kind != Some(names::INTERFACE_SECURITY_GROUP) {
                continue;
            }
            let sure = attachment.certain() == Some(id);
            for link in self.graph.links_as(attachment.from, role::SECURITY_GROUPS) {
                let mut put = Membership::default();
                put.take_in(self.graph, groups, link);
                let certain = if sure { &mut found.certain } else { &mut found.possible };
                certain.extend(put.certain);
                let place = || self.graph.resource(attachment.from).place(&attachment.path);
                let unsure = put.doubt.or_else(|| (!sure).then(|| Unknown::at(Reason::SeveralMentions, place())));
                found.doubt = found.doubt.take().or(unsure);
                found.possible.extend(put.possible);
                found.open = found.open.take().or(put.open);
            }
        }
        if found.open.is_none() {
            found.open.clone_from(&self.adrift);
        }
        if found.open.is_none() {
            found.open = self.graph.unseen(&[names::INTERFACE_SECURITY_GROUP]).cloned();
        }
        found.settle();
    }

    /// No group named: AWS puts the default group of the VPC on the interface.
    fn default_group(&self, groups: &Groups<'_>, id: ResourceId, subnets: &Subnets<'_>, found: &mut Membership) {
        let vpc = vpc_of(self.graph, id).or_else(|| vpc_of_subnets(self.graph, subnets));
        let defaults = vpc.and_then(|vpc| self.defaults.get(&vpc)).map_or(&[][..], Vec::as_slice);
        match *defaults {
            [only] => found.certain.push(groups.named(&Target::Resource(only))),
            _ => {
                let address = &self.graph.resource(id).address;
                let what = format!("the default security group, which {address} gets because it names none,");
                found.open = Some(Unknown::because(Reason::OutsideInput(what.into())));
            }
        }
    }
}

/// With several interfaces in a launch template, a target group gets the first one.
fn keep_primary(resource: &Resource, links: &mut Vec<&Link>, found: &mut Membership) {
    let blocks = resource.get("interfaces");
    if let Lookup::Unknown(unknown) = blocks {
        found.open = Some(unknown.clone());
    }
    let several = blocks.list().is_some_and(|blocks| blocks.len() > 1)
        || links.iter().filter(|link| !link.at.is_empty()).count() > 1;
    if !several {
        return;
    }
    let is_first = |link: &Link| is_primary(resource, link.at.first().copied().unwrap_or_default());
    if links.iter().any(|link| is_first(link)) {
        links.retain(|link| is_first(link));
    } else {
        let why = Reason::Undecidable("which interface is the first is not told".into());
        found.open = Some(Unknown::at(why, place_of(resource, "interfaces")));
    }
}

/// Whether an interface that an instance or a launch template writes is the first one.
fn is_primary(resource: &Resource, block: u32) -> bool {
    resource.get(&format!("interfaces.{block}.device_index")).int() == Some(0)
}

impl Placement {
    fn of(only: Interfaces) -> Placement {
        Placement { options: vec![only], open: None }
    }

    fn open(unknown: Unknown) -> Placement {
        Placement { options: Vec::new(), open: Some(unknown) }
    }
}

impl Membership {
    /// Every group that is or may be on the interfaces.
    pub(super) fn groups(&self) -> impl Iterator<Item = (&Group, Certainty)> {
        let certain = self.certain.iter().map(|group| (group, Certainty::Certain));
        certain.chain(self.possible.iter().map(|group| (group, Certainty::Possible)))
    }

    fn take_in(&mut self, graph: &Graph, groups: &Groups<'_>, link: &Link) {
        for end in &link.ends {
            let group = groups.named(&end.to);
            match end.certainty {
                Certainty::Certain => self.certain.push(group),
                Certainty::Possible => {
                    let place = || graph.resource(link.from).place(&link.path);
                    self.doubt.get_or_insert_with(|| Unknown::at(Reason::SeveralMentions, place()));
                    self.possible.push(group);
                }
            }
        }
        if self.open.is_none() {
            self.open = link.rest().cloned();
        }
    }

    /// The same membership is always written the same way, so that equal ones are equal.
    fn settle(&mut self) {
        self.certain.sort();
        self.certain.dedup();
        let certain = &self.certain;
        self.possible.retain(|group| certain.binary_search(group).is_err());
        self.possible.sort();
        self.possible.dedup();
    }
}

fn outside(resource: &Resource) -> Unknown {
    Unknown::because(Reason::OutsideInput(format!("what is behind {}", resource.address).into()))
}
