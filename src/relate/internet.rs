//! Whether the subnets of a load balancer have a route to an internet gateway, by the route tables of the input. A subnet
//! whose table is not in the input (the main table of its VPC too) is not judged.

use rustc_hash::FxHashMap;

use super::addresses::named;
use super::told::Told;
use crate::catalog::names::{self, role};
use crate::catalog::place_of_edge;
use crate::graph::{Certainty, Graph, Lookup, Mode, Place, Reason, ResourceId, Target, Unknown, Value, lookup};

/// The route tables of a graph.
#[derive(Debug)]
pub struct Routing<'g> {
    graph: &'g Graph,
    /// By subnet: its tables, and whether it surely follows them.
    followed: FxHashMap<Target, Vec<(ResourceId, Certainty)>>,
    /// Why some route may be in any table.
    stray: Option<Unknown>,
}

/// Where a table sends what is for the internet.
enum Way {
    Gateway,
    /// Nowhere that answers come from: no route, or a NAT gateway.
    Closed(String, Option<Place>),
    Unknown(Unknown),
}

impl<'g> Routing<'g> {
    /// Indexes which subnet follows which table.
    #[must_use]
    pub fn new(graph: &'g Graph) -> Routing<'g> {
        let mut followed: FxHashMap<Target, Vec<(ResourceId, Certainty)>> = FxHashMap::default();
        for &association in graph.of_kind(names::ROUTE_TABLE_ASSOCIATION) {
            let tables: Vec<_> =
                graph.links_as(association, role::ROUTE_TABLE_OF).flat_map(|link| link.resources()).collect();
            for end in graph.links_as(association, role::SUBNET_OF).flat_map(|link| &link.ends) {
                let subnet = named(graph, end.to.clone());
                let tables = tables.iter().map(|&(table, sure)| (table, sure.and(end.certainty)));
                followed.entry(subnet).or_default().extend(tables);
            }
        }
        let mut routes =
            graph.of_kind(names::ROUTE).iter().flat_map(|&route| graph.links_as(route, role::ROUTE_TABLE_OF));
        let stray = routes.find_map(|link| link.rest.clone());
        Routing { graph, followed, stray }
    }

    /// Whether every subnet of a load balancer is public. None where no route table of any of them is in the input.
    #[must_use]
    pub fn public(&self, load_balancer: ResourceId) -> Option<Told> {
        let graph = self.graph;
        let (mut seen, mut doubt, mut closed) = (false, None, Vec::new());
        let ends = graph.links_as(load_balancer, role::SUBNETS).flat_map(|link| &link.ends);
        for end in ends {
            let subnet = named(graph, end.to.clone());
            for &(table, sure) in self.followed.get(&subnet).into_iter().flatten() {
                seen = true;
                match self.way(table) {
                    Way::Gateway => {}
                    Way::Closed(why, place) if sure.and(end.certainty) == Certainty::Certain => {
                        closed.push((end.to.clone(), table, why, place));
                    }
                    Way::Closed(..) => {
                        let place = place_of_edge(graph.resource(load_balancer), role::SUBNETS);
                        doubt.get_or_insert_with(|| Unknown::at(Reason::SeveralMentions, place));
                    }
                    Way::Unknown(unknown) => {
                        doubt.get_or_insert(unknown);
                    }
                }
            }
        }
        if !seen {
            return None;
        }
        let Some((_, _, why, _)) = closed.first() else {
            return Some(
                doubt.map_or_else(|| Told::yes("its subnets have a route to an internet gateway"), Told::unknown),
            );
        };
        let words = |subnet: &Target| match subnet {
            Target::Resource(id) => graph.resource(*id).address.to_string(),
            Target::Outside(id) => id.to_string(),
        };
        let mut subnets: Vec<String> = closed.iter().map(|(subnet, ..)| words(subnet)).collect();
        subnets.sort();
        subnets.dedup();
        let because = format!("{} cannot be reached from the internet: {why}", subnets.join(", "));
        let evidence = closed.iter().map(|(_, table, why, place)| {
            let place = place.clone().unwrap_or_else(|| graph.resource(*table).place(""));
            (place, Value::from(why.as_str()))
        });
        Some(Told::no(because, evidence.collect()))
    }

    fn way(&self, table: ResourceId) -> Way {
        let graph = self.graph;
        let resource = graph.resource(table);
        if resource.mode == Mode::Data {
            let outside = Reason::OutsideInput("the routes of a table that is only read here".into());
            return Way::Unknown(Unknown::at(outside, resource.place("")));
        }
        let mut doubt: Option<Unknown> = graph.partial().cloned();
        let mut nat: Option<Place> = None;
        let mut take = |cidr: Lookup<'_>, gateway: Lookup<'_>, nat_gateway: Lookup<'_>, linked: bool, place: Place| {
            match cidr {
                Lookup::Known(value) if value.as_str() != Some("0.0.0.0/0") => return false,
                Lookup::Absent => return false,
                Lookup::Unknown(unknown) => {
                    doubt.get_or_insert_with(|| unknown.clone());
                    return false;
                }
                Lookup::Known(_) => {}
            }
            let written = |gateway: Lookup<'_>| gateway != Lookup::Absent && gateway.str() != Some("");
            if linked || gateway.str().is_some_and(|id| id.starts_with("igw-")) {
                return true;
            }
            if written(nat_gateway) && !written(gateway) {
                nat.get_or_insert(place);
            } else {
                let why = gateway.unknown().cloned().unwrap_or_else(|| {
                    Unknown::at(
                        Reason::Undecidable("its default route leads to no gateway that is visible".into()),
                        place,
                    )
                });
                doubt.get_or_insert(why);
            }
            false
        };
        let gateways: Vec<_> = graph.links_as(table, role::GATEWAY).collect();
        match resource.get("routes") {
            Lookup::Known(routes) => {
                for (at, route) in routes.as_list().unwrap_or_default().iter().enumerate() {
                    let linked = gateways
                        .iter()
                        .any(|link| link.at.first() == Some(&(at as u32)) && link.resources().next().is_some());
                    let place = resource.place(&format!("route[{at}]"));
                    let [cidr, gateway, nat] =
                        ["cidr_block", "gateway_id", "nat_gateway_id"].map(|key| lookup(route, key));
                    if take(cidr, gateway, nat, linked, place) {
                        return Way::Gateway;
                    }
                }
            }
            Lookup::Unknown(unknown) => return Way::Unknown(unknown.clone()),
            Lookup::Absent => {}
        }
        for link in graph.incoming_as(table, role::ROUTE_TABLE_OF) {
            let route = graph.resource(link.from);
            if route.kind != Some(names::ROUTE) {
                continue;
            }
            let linked = graph.links_as(link.from, role::GATEWAY).any(|link| link.resources().next().is_some());
            let [cidr, gateway, nat] = ["cidr_block", "gateway_id", "nat_gateway_id"].map(|key| route.get(key));
            if take(cidr, gateway, nat, linked, route.place("")) {
                return Way::Gateway;
            }
        }
        if let Some(place) = nat {
            return Way::Closed("its default route leads to a NAT gateway".to_owned(), Some(place));
        }
        if let Some(unknown) = doubt.or_else(|| self.stray.clone()) {
            return Way::Unknown(unknown);
        }
        match graph.handed_on(table) {
            Some(to) => {
                let outside = Reason::OutsideInput(format!("what {to} hands the route table to").into());
                Way::Unknown(Unknown::at(outside, resource.place("")))
            }
            None => Way::Closed(format!("{} has no route for 0.0.0.0/0", resource.address), None),
        }
    }
}
