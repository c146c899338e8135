//! Which addresses the interfaces of a load balancer or a target have: those of their subnets, or the one that is
//! written; and which VPC they are in.

use std::net::IpAddr;

use rustc_hash::FxHashMap;

use super::cidr::{AddressSet, Cidr, Family};
use crate::catalog::names::{self, role};
use crate::graph::{
    Action, Certainty, Graph, Link, Lookup, Mode, Reason, Resource, ResourceId, Role, Target, Unknown, Value, lookup,
};

/// The addresses of one sort of interfaces: all of `parts`, and others when `open`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Addresses {
    /// Subnets (or the address itself) they surely are in, with the words for it.
    pub(super) parts: Vec<(String, AddressSet)>,
    /// Why they may have other addresses.
    pub(super) open: Option<Unknown>,
    /// Addresses outside of which they surely have none: those of the VPC.
    pub(super) within: Option<AddressSet>,
    /// It is one interface: it has one address out of `parts`, not addresses all over them.
    pub(super) single: bool,
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
    match (resource.get("private_ip"), family) {
        (Lookup::Known(value), Family::V4) => match value.as_str().and_then(|ip| ip.parse().ok()) {
            Some(ip @ IpAddr::V4(_)) => Addresses {
                parts: vec![(shown(resource, value, ip), AddressSet::of(family, [&Cidr::host(ip)]))],
                open: None,
                within: None,
                single: true,
            },
            _ => in_subnets(graph, subnets, family, true),
        },
        _ => in_subnets(graph, subnets, family, true),
    }
}

/// The addresses of the subnets.
pub(super) fn in_subnets(graph: &Graph, subnets: &Subnets<'_>, family: Family, single: bool) -> Addresses {
    let mut addresses = Addresses { single, ..Addresses::default() };
    let attribute = match family {
        Family::V4 => "cidr_ipv4",
        Family::V6 => "cidr_ipv6",
    };
    for link in &subnets.links {
        let here = || graph.resource(link.from).place(&link.path);
        for end in &link.ends {
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
                Lookup::Known(value) => match value.as_str().and_then(Cidr::parse) {
                    Some(cidr) if cidr.family() == family => {
                        let words = format!(
                            "{} is {}",
                            subnet.address,
                            if value.marks.sensitive { "(sensitive)".to_owned() } else { cidr.to_string() }
                        );
                        addresses.parts.push((words, AddressSet::of(family, [&cidr])));
                    }
                    _ => {
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
        if let Some(rest) = &link.rest {
            addresses.open.get_or_insert_with(|| rest.clone());
        }
    }
    if addresses.parts.is_empty() && addresses.open.is_none() {
        let place = graph.resource(subnets.of).place("subnets");
        addresses.open = Some(Unknown::at(Reason::Undecidable("it names no subnet".into()), place));
    }
    addresses.parts.sort();
    addresses.parts.dedup();
    addresses
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
fn only_end(graph: &Graph, id: ResourceId, role: Role) -> Option<Target> {
    let certain = graph.links_as(id, role).flat_map(|link| &link.ends);
    let end = certain.filter(|end| end.certainty == Certainty::Certain).map(|end| end.to.clone()).next()?;
    Some(named(graph, end))
}

/// A resource with a known id is called by its id, so that every way to name it is the same.
fn named(graph: &Graph, target: Target) -> Target {
    match &target {
        Target::Resource(resource) => match graph.resource(*resource).get("id").str() {
            Some(id) => Target::Outside(id.into()),
            None => target,
        },
        Target::Outside(_) => target,
    }
}

/// The IPv4 addresses of every VPC of which all ranges are known: one that is looked up lists them, and one made here
/// has its own unless ranges are added to it.
pub(super) fn vpc_ranges(graph: &Graph) -> FxHashMap<Target, AddressSet> {
    let mut ranges = FxHashMap::default();
    let added = graph.resources().any(|(_, resource)| resource.type_name.contains("_cidr_block_association"));
    if added || graph.partial().is_some() {
        return ranges;
    }
    for &id in graph.of_kind(names::VPC) {
        let vpc = graph.resource(id);
        let written: Option<Vec<Cidr>> = match (vpc.mode, vpc.action) {
            (Mode::Data, _) => lookup(&vpc.raw, "cidr_block_associations").list().and_then(|listed| {
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
