//! Which addresses the interfaces of a load balancer or a target have: those of their subnets, or the one that is
//! written; and which VPC they are in.

use std::fmt;
use std::net::IpAddr;

use rustc_hash::FxHashMap;

use super::cidr::{AddressSet, Cidr, Family};
use crate::catalog::names::{self, role};
use crate::graph::{
    Action, Certainty, Graph, Link, Lookup, Mode, Reason, Resource, ResourceId, Role, Target, Text, Truth, Unknown,
    Value, lookup,
};

/// The addresses of one sort of interfaces: all of `parts`, and others when `open`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Addresses {
    /// Subnets (or the address itself) they surely are in.
    pub(super) parts: Vec<(Part, AddressSet)>,
    /// Why they may have other addresses.
    pub(super) open: Option<Unknown>,
    /// Addresses outside of which they surely have none: those of the VPC.
    pub(super) within: Option<AddressSet>,
    /// It is one interface: it has one address out of `parts`, not addresses all over them.
    pub(super) single: bool,
    /// The subnets by themselves, for what holds at the border of a subnet.
    pub(super) seats: Seats,
}

/// What has addresses, in words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Part {
    /// A subnet, and its range when it may be shown.
    Subnet(Text, Option<Cidr>),
    /// An address by itself.
    Host(Text),
}

/// In which subnets interfaces are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Seats {
    pub(super) certain: Vec<Seat>,
    pub(super) possible: Vec<Seat>,
    /// Why there may be others.
    pub(super) open: Option<Unknown>,
    /// The VPC of all of them.
    pub(super) vpc: Option<Target>,
}

/// Interfaces in one subnet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Seat {
    /// Called by its id when that is known.
    pub(super) subnet: Target,
    pub(super) name: Text,
    /// The range to write in a rule, when it may be shown.
    pub(super) range: Option<Cidr>,
    /// The addresses they have there; none when not known.
    pub(super) addresses: Option<AddressSet>,
    /// They have addresses all over, not one of them.
    pub(super) spread: bool,
}

/// The subnets of something.
pub(super) struct Subnets<'g> {
    pub(super) of: ResourceId,
    pub(super) links: Vec<&'g Link>,
}

impl<'g> Subnets<'g> {
    pub(super) fn of(graph: &'g Graph, of: ResourceId, role: Role) -> Subnets<'g> {
        Subnets { of, links: graph.links_as(of, role).collect() }
    }
}

/// The address that is written, else those of the subnet.
pub(super) fn addresses_of(graph: &Graph, id: ResourceId, subnets: &Subnets<'_>, family: Family) -> Addresses {
    let resource = graph.resource(id);
    let found = in_subnets(graph, subnets, family, true);
    match (resource.get("private_ip"), family) {
        (Lookup::Known(value), Family::V4) => match value.as_str().and_then(|ip| ip.parse().ok()) {
            Some(ip @ IpAddr::V4(_)) => at_host(&shown(resource, value, ip), ip, value.marks.sensitive, found.seats),
            _ => found,
        },
        _ => found,
    }
}

/// One interface with this address, in one of these subnets.
pub(super) fn at_host(words: &str, ip: IpAddr, sensitive: bool, mut seats: Seats) -> Addresses {
    let host = Cidr::host(ip);
    let set = AddressSet::of(host.family(), [&host]);
    for seat in seats.certain.iter_mut().chain(&mut seats.possible) {
        seat.range = (!sensitive).then_some(host);
        seat.addresses = Some(set.clone());
    }
    Addresses { parts: vec![(Part::Host(words.into()), set)], open: None, within: None, single: true, seats }
}

/// The addresses of the subnets.
pub(super) fn in_subnets(graph: &Graph, subnets: &Subnets<'_>, family: Family, single: bool) -> Addresses {
    let mut addresses = Addresses { single, ..Addresses::default() };
    let attribute = written_in(family);
    for link in &subnets.links {
        let here = || graph.resource(link.from).place(&link.path);
        for end in &link.ends {
            let seat = Seat::at(graph, &end.to, family, !single);
            let part = seat.addresses.clone().map(|set| (Part::Subnet(seat.name.clone(), seat.range), set));
            addresses.seats.take_in(seat, end.certainty);
            let subnet = match (&end.to, end.certainty) {
                (Target::Resource(subnet), Certainty::Certain) => graph.resource(*subnet),
                (Target::Resource(_), Certainty::Possible) => {
                    addresses.open.get_or_insert_with(|| Unknown::at(Reason::SeveralMentions, here()));
                    continue;
                }
                (Target::Outside(id), _) => {
                    addresses.open.get_or_insert_with(|| Unknown::at(Reason::OutsideInput(id.clone()), here()));
                    continue;
                }
            };
            match subnet.get(attribute) {
                Lookup::Known(_) => match part {
                    Some(part) => addresses.parts.push(part),
                    None => {
                        let why = Reason::Undecidable("what is written there is no CIDR range".into());
                        addresses.open.get_or_insert(Unknown::at(why, subnet.place(attribute)));
                    }
                },
                Lookup::Unknown(unknown) => {
                    addresses.open.get_or_insert_with(|| unknown.clone());
                }
                Lookup::Absent => {
                    let why = Reason::OutsideInput("its address range".into());
                    addresses.open.get_or_insert(Unknown::at(why, subnet.place(attribute)));
                }
            }
        }
        if let Some(rest) = link.rest() {
            addresses.open.get_or_insert_with(|| rest.clone());
            addresses.seats.open.get_or_insert_with(|| rest.clone());
        }
    }
    if addresses.parts.is_empty() && addresses.open.is_none() {
        let place = graph.resource(subnets.of).place("subnets");
        addresses.open = Some(Unknown::at(Reason::Undecidable("it names no subnet".into()), place));
        addresses.seats.open.clone_from(&addresses.open);
    }
    addresses.seats.settle(vpc_of_subnets(graph, subnets));
    addresses.parts.sort();
    addresses.parts.dedup();
    addresses
}

impl Part {
    /// The address, when it is shown and nothing else.
    pub(super) fn ip(&self) -> Option<IpAddr> {
        match self {
            Part::Subnet(..) => None,
            Part::Host(words) => words.parse().ok(),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Subnet(name, Some(range)) => write!(f, "{name} is {range}"),
            Part::Subnet(name, None) => write!(f, "{name} is (sensitive)"),
            Part::Host(words) => f.write_str(words),
        }
    }
}

impl Seats {
    /// In a subnet that nothing tells.
    pub(super) fn untold(why: Unknown) -> Seats {
        Seats { open: Some(why), ..Seats::default() }
    }

    fn take_in(&mut self, seat: Seat, certainty: Certainty) {
        match certainty {
            Certainty::Certain => self.certain.push(seat),
            Certainty::Possible => self.possible.push(seat),
        }
    }

    fn settle(&mut self, vpc: Option<Target>) {
        for seats in [&mut self.certain, &mut self.possible] {
            seats.sort();
            seats.dedup();
        }
        self.vpc = vpc;
    }
}

impl Seat {
    pub(super) fn at(graph: &Graph, subnet: &Target, family: Family, spread: bool) -> Seat {
        let (mut range, mut addresses) = (None, None);
        let name = match subnet {
            Target::Outside(id) => id.clone(),
            Target::Resource(id) => {
                let resource = graph.resource(*id);
                let value = resource.get(written_in(family)).known();
                let cidr = value.and_then(Value::as_str).and_then(Cidr::parse).filter(|cidr| cidr.family() == family);
                let sensitive = value.is_some_and(|value| value.marks.sensitive);
                range = cidr.filter(|_| !sensitive);
                addresses = cidr.map(|cidr| AddressSet::of(family, [&cidr]));
                resource.address.0.clone()
            }
        };
        Seat { subnet: named(graph, subnet.clone()), name, range, addresses, spread }
    }
}

/// The attribute of a subnet with its range.
fn written_in(family: Family) -> &'static str {
    match family {
        Family::V4 => "cidr_ipv4",
        Family::V6 => "cidr_ipv6",
    }
}

/// The VPC something is certainly in.
pub(super) fn vpc_of(graph: &Graph, id: ResourceId) -> Option<Target> {
    only_end(graph, id, role::VPC_OF).or_else(|| {
        [role::SUBNETS, role::SUBNET_OF]
            .into_iter()
            .find_map(|role| vpc_of_subnets(graph, &Subnets::of(graph, id, role)))
    })
}

/// All subnets of one thing are in one VPC, so the first that tells is enough.
pub(super) fn vpc_of_subnets(graph: &Graph, subnets: &Subnets<'_>) -> Option<Target> {
    subnets.links.iter().flat_map(|link| link.resources()).find_map(|(subnet, certainty)| {
        (certainty == Certainty::Certain).then(|| only_end(graph, subnet, role::VPC_OF)).flatten()
    })
}

/// What a resource certainly points at.
pub(super) fn only_end(graph: &Graph, id: ResourceId, role: Role) -> Option<Target> {
    let certain = graph.links_as(id, role).flat_map(|link| &link.ends);
    let end = certain.filter(|end| end.certainty == Certainty::Certain).map(|end| end.to.clone()).next()?;
    Some(named(graph, end))
}

/// A resource with a known id is called by its id, so that every way to name it is the same.
pub(super) fn named(graph: &Graph, target: Target) -> Target {
    match &target {
        Target::Resource(resource) => match graph.resource(*resource).get("id").str() {
            Some(id) => Target::Outside(id.into()),
            None => target,
        },
        Target::Outside(_) => target,
    }
}

/// Whether two names, as `named` gives them, are one subnet or one VPC.
pub(super) fn same(graph: &Graph, one: &Target, other: &Target) -> Truth {
    let new = |id: &ResourceId| {
        let resource = graph.resource(*id);
        resource.mode == Mode::Managed && matches!(resource.action, Action::Create | Action::Replace { .. })
    };
    match (one, other) {
        _ if one == other => Truth::True,
        (Target::Outside(_), Target::Outside(_)) => Truth::False,
        (Target::Resource(one), Target::Resource(other)) => {
            let managed = |id: &ResourceId| graph.resource(*id).mode == Mode::Managed;
            if managed(one) && managed(other) { Truth::False } else { Truth::Unknown }
        }
        (Target::Resource(id), Target::Outside(_)) | (Target::Outside(_), Target::Resource(id)) => {
            if new(id) {
                Truth::False
            } else {
                Truth::Unknown
            }
        }
    }
}

/// The subnets of every VPC, by their first IPv4 address. Within a VPC they never overlap.
pub(super) fn subnets_by_address(graph: &Graph) -> FxHashMap<Target, Vec<(Cidr, ResourceId)>> {
    let mut subnets: FxHashMap<Target, Vec<(Cidr, ResourceId)>> = FxHashMap::default();
    for &id in graph.of_kind(names::SUBNET) {
        let written = graph.resource(id).get("cidr_ipv4").str().and_then(Cidr::parse);
        if let (Some(cidr), Some(vpc)) = (written, only_end(graph, id, role::VPC_OF)) {
            subnets.entry(vpc).or_default().push((cidr, id));
        }
    }
    subnets.values_mut().for_each(|subnets| subnets.sort_by_key(|(cidr, _)| cidr.range()));
    subnets
}

/// The IPv4 addresses of every VPC of which all ranges are known: one that is looked up lists them, and one made here
/// has its own unless ranges are added to it.
pub(super) fn vpc_ranges(graph: &Graph) -> FxHashMap<Target, AddressSet> {
    let mut ranges = FxHashMap::default();
    if !graph.of_kind(names::VPC_CIDR_BLOCK).is_empty() || graph.unseen(&[names::VPC_CIDR_BLOCK]).is_some() {
        return ranges;
    }
    for &id in graph.of_kind(names::VPC) {
        let vpc = graph.resource(id);
        let written: Option<Vec<Cidr>> = match (vpc.mode, vpc.action) {
            (Mode::Data, _) => vpc.get("cidr_blocks").list().and_then(|listed| {
                listed.iter().map(|one| lookup(one, "cidr_block").str().and_then(Cidr::parse)).collect()
            }),
            (Mode::Managed, Action::Create) => vpc.get("cidr_ipv4").str().and_then(Cidr::parse).map(|cidr| vec![cidr]),
            _ => None,
        };
        if let Some(written) = written.filter(|written| !written.is_empty()) {
            ranges.insert(named(graph, Target::Resource(id)), AddressSet::of(Family::V4, &written));
        }
    }
    ranges
}

fn shown(resource: &Resource, value: &Value, ip: IpAddr) -> String {
    if value.marks.sensitive {
        format!("{} is (sensitive)", resource.address)
    } else {
        format!("{} is {ip}", resource.address)
    }
}
