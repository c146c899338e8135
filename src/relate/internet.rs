//! Whether the subnets of a load balancer have a route to an internet gateway, by the route tables of the input. A subnet
//! that is associated with none follows the main table of its VPC. Where the input says nothing of how a VPC is connected,
//! its subnets are not judged.

use rustc_hash::FxHashMap;

use super::addresses::named;
use super::told::Told;
use crate::catalog::names::{self, role};
use crate::catalog::{Dialect, place_of_edge};
use crate::graph::{
    Action, Certainty, Graph, Kind, Link, Lookup, Mode, Place, Reason, Resource, ResourceId, Role, Target, Unknown,
    Value, lookup,
};

/// The route tables of a graph.
#[derive(Debug)]
pub struct Routing<'g> {
    graph: &'g Graph,
    /// By subnet: its tables, and whether it surely follows them. A VPC stands for its main table.
    followed: FxHashMap<Target, Vec<(ResourceId, Certainty)>>,
    /// Why some route may be in any table.
    stray: Option<Unknown>,
    /// Why any subnet may follow some table.
    adrift: Option<Unknown>,
    /// A route in a table that a data source looks up: that may be the main one of any VPC.
    in_a_table_that_is_read: Option<Unknown>,
    /// The ways of the main tables of VPCs, of those that the input tells of.
    mains: FxHashMap<ResourceId, Way>,
}

/// Where a table sends what is for the internet.
#[derive(Clone, Debug)]
enum Way {
    Gateway,
    /// Nowhere that answers come from: no route, or a NAT gateway.
    Closed(String, Place),
    Unknown(Unknown),
}

impl<'g> Routing<'g> {
    /// Indexes which subnet follows which table.
    #[must_use]
    pub fn new(graph: &'g Graph) -> Routing<'g> {
        let mut followed: FxHashMap<Target, Vec<(ResourceId, Certainty)>> = FxHashMap::default();
        let mut adrift = graph.unseen(&[names::ROUTE_TABLE_ASSOCIATION]).cloned();
        for &association in graph.of_kind(names::ROUTE_TABLE_ASSOCIATION) {
            let tables: Vec<_> =
                graph.links_as(association, role::ROUTE_TABLE_OF).flat_map(|link| link.resources()).collect();
            let mut told = false;
            for link in graph.links_as(association, role::SUBNET_OF) {
                told = true;
                if adrift.is_none() {
                    adrift = link.rest().cloned();
                }
                for end in &link.ends {
                    let subnet = named(graph, end.to.clone());
                    let tables = tables.iter().map(|&(table, sure)| (table, sure.and(end.certainty)));
                    let followed = followed.entry(subnet).or_default();
                    followed.extend(tables);
                }
            }
            if !told || tables.is_empty() {
                adrift.get_or_insert_with(|| {
                    Unknown::at(Reason::NotInConfiguration, graph.resource(association).place(""))
                });
            }
        }
        let routes = || graph.of_kind(names::ROUTE).iter().flat_map(|&id| graph.links_as(id, role::ROUTE_TABLE_OF));
        let stray = routes().find_map(|link| link.rest().cloned());
        let is_read = |link: &&Link| link.resources().any(|(id, _)| graph.resource(id).mode == Mode::Data);
        let in_a_table_that_is_read = routes()
            .find(is_read)
            .map(|link| Unknown::at(Reason::SeveralMentions, graph.resource(link.from).place(&link.path)));
        let mut routing =
            Routing { graph, followed, stray, adrift, in_a_table_that_is_read, mains: FxHashMap::default() };
        let associations = Pointing::new(graph, names::MAIN_ROUTE_TABLE, role::VPC_OF);
        let defaults = Pointing::new(graph, names::ROUTE_TABLE, role::DEFAULT_OF);
        let way = |&vpc: &ResourceId| Some((vpc, routing.way_of_main(vpc, &associations, &defaults)?));
        routing.mains = graph.of_kind(names::VPC).iter().filter_map(way).collect();
        routing
    }

    /// Whether every subnet of a load balancer is public. None where no route table of any of them is in the input.
    #[must_use]
    pub fn public(&self, load_balancer: ResourceId) -> Option<Told> {
        let graph = self.graph;
        let (mut seen, mut doubt, mut closed) = (false, None, Vec::new());
        let ends = graph.links_as(load_balancer, role::SUBNETS).flat_map(|link| &link.ends);
        for end in ends {
            for (way, sure) in self.ways(&end.to) {
                seen = true;
                match way {
                    Way::Gateway => {}
                    Way::Closed(why, place) if sure.and(end.certainty) == Certainty::Certain => {
                        closed.push((end.to.clone(), why, place));
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
        let Some((_, why, _)) = closed.first() else {
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
        let evidence = closed.iter().map(|(_, why, place)| (place.clone(), Value::from(why.as_str())));
        Some(Told::no(because, evidence.collect()))
    }

    /// The ways of the tables a subnet may follow; none of those that are not in the input.
    fn ways(&self, subnet: &Target) -> Vec<(Way, Certainty)> {
        let tables = self.followed.get(&named(self.graph, subnet.clone())).map_or(&[][..], Vec::as_slice);
        let mut ways: Vec<(Way, Certainty)> = tables
            .iter()
            .filter_map(|&(table, sure)| {
                let is_vpc = self.graph.resource(table).kind == Some(names::VPC);
                Some((if is_vpc { self.mains.get(&table)?.clone() } else { self.way(Some(table), None) }, sure))
            })
            .collect();
        if let (true, Target::Resource(id)) = (tables.is_empty(), subnet) {
            ways.extend(self.without_association(*id).map(|way| (way, Certainty::Certain)));
        }
        ways
    }

    /// The way of a subnet that no association of the input is about.
    fn without_association(&self, subnet: ResourceId) -> Option<Way> {
        let resource = self.graph.resource(subnet);
        if resource.mode == Mode::Data {
            return None;
        }
        let vpc = self.graph.links_as(subnet, role::VPC_OF).find_map(Link::certain)?;
        let way = self.mains.get(&vpc)?.clone();
        let elsewhere = || {
            let outside =
                Reason::OutsideInput(format!("the route table {} is associated with", resource.address).into());
            (!is_new(resource)).then(|| Unknown::at(outside, resource.place("")))
        };
        Some(match (way, self.adrift.clone().or_else(elsewhere)) {
            (Way::Unknown(unknown), _) | (_, Some(unknown)) => Way::Unknown(unknown),
            (Way::Gateway, None) => Way::Gateway,
            (Way::Closed(why, place), None) => {
                Way::Closed(format!("no route table is associated with it, and {why}"), place)
            }
        })
    }

    /// The way of the main table of a VPC; none where that is not in the input.
    fn way_of_main(&self, vpc: ResourceId, associations: &Pointing<'g>, defaults: &Pointing<'g>) -> Option<Way> {
        let graph = self.graph;
        let resource = graph.resource(vpc);
        if resource.mode == Mode::Data {
            return None;
        }
        if !self.is_routed(vpc) {
            return None;
        }
        // A template cannot change the main table of the VPC it makes.
        if Dialect::of(&resource.type_name) == Dialect::CloudFormation {
            let why = "which a template cannot change, has no route for 0.0.0.0/0";
            return Some(Way::Closed(
                format!("the main route table of {}, {why}", resource.address),
                resource.place(""),
            ));
        }
        let made_main = match associations.at(vpc) {
            Ok(found) => found,
            Err(unknown) => return Some(Way::Unknown(unknown)),
        };
        if let Some(association) = made_main {
            let tables: Vec<&Link> = graph.links_as(association, role::ROUTE_TABLE_OF).collect();
            let own_routes = self.routes_of(vpc).next().is_some();
            return Some(match tables.iter().find_map(|link| link.certain()) {
                Some(table) if graph.resource(table).kind == Some(names::ROUTE_TABLE) && !own_routes => {
                    self.way(Some(table), None)
                }
                _ => Way::Unknown(Unknown::at(Reason::SeveralMentions, graph.resource(association).place(""))),
            });
        }
        let way = match defaults.at(vpc) {
            Ok(Some(table)) => self.way(Some(table), Some(vpc)),
            Ok(None) => {
                Some(self.way(None, Some(vpc))).filter(|way| matches!(way, Way::Gateway) || is_new(resource))?
            }
            Err(unknown) => Way::Unknown(unknown),
        };
        Some(match (way, &self.in_a_table_that_is_read) {
            (Way::Closed(..), Some(unknown)) => Way::Unknown(unknown.clone()),
            (way, _) => way,
        })
    }

    /// Whether the input says anything about how a VPC is connected. Where it does not, somebody else does.
    fn is_routed(&self, vpc: ResourceId) -> bool {
        const ROUTING: [Kind; 5] = [
            names::INTERNET_GATEWAY,
            names::INTERNET_GATEWAY_ATTACHMENT,
            names::ROUTE_TABLE,
            names::ROUTE,
            names::MAIN_ROUTE_TABLE,
        ];
        let kind = |link: &Link| self.graph.resource(link.from).kind;
        self.graph.incoming(vpc).any(|link| kind(link).is_some_and(|kind| ROUTING.contains(&kind)))
    }

    /// The routes that are resources of their own, of a table or of the main table of a VPC.
    fn routes_of(&self, table: ResourceId) -> impl Iterator<Item = ResourceId> + '_ {
        let links = self.graph.incoming_as(table, role::ROUTE_TABLE_OF);
        links.map(|link| link.from).filter(|&from| self.graph.resource(from).kind == Some(names::ROUTE))
    }

    /// The way of a table, and of that a VPC was made with: its default table.
    fn way(&self, table: Option<ResourceId>, default_of: Option<ResourceId>) -> Way {
        let graph = self.graph;
        let Some(resource) = table.or(default_of).map(|id| graph.resource(id)) else {
            return Way::Unknown(Unknown::because(Reason::NotInConfiguration));
        };
        if resource.mode == Mode::Data {
            let outside = Reason::OutsideInput("the routes of a table that is only read here".into());
            return Way::Unknown(Unknown::at(outside, resource.place("")));
        }
        let unseen = graph.unseen(&[names::ROUTE, names::ROUTE_TABLE, names::MAIN_ROUTE_TABLE]);
        let mut doubt: Option<Unknown> = unseen.cloned();
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
        let gateways: Vec<_> = table.map(|table| graph.links_as(table, role::GATEWAY).collect()).unwrap_or_default();
        match if table.is_some() { resource.get("routes") } else { Lookup::Absent } {
            Lookup::Known(routes) => {
                for (at, route) in routes.as_list().unwrap_or_default().iter().enumerate() {
                    let linked = gateways
                        .iter()
                        .any(|link: &&Link| link.at.first() == Some(&(at as u32)) && link.resources().next().is_some());
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
        for id in table.into_iter().chain(default_of).flat_map(|table| self.routes_of(table)) {
            let route = graph.resource(id);
            let linked = graph.links_as(id, role::GATEWAY).any(|link| link.resources().next().is_some());
            let [cidr, gateway, nat] = ["cidr_block", "gateway_id", "nat_gateway_id"].map(|key| route.get(key));
            if take(cidr, gateway, nat, linked, route.place("")) {
                return Way::Gateway;
            }
        }
        if let Some(place) = nat {
            return Way::Closed("its default route leads to a NAT gateway".to_owned(), place);
        }
        if let Some(unknown) = doubt.or_else(|| self.stray.clone()) {
            return Way::Unknown(unknown);
        }
        let of_vpc = || format!("the main route table of {}", resource.address);
        let table = table.map_or_else(of_vpc, |_| resource.address.to_string());
        Way::Closed(format!("{table} has no route for 0.0.0.0/0"), resource.place(""))
    }
}

/// The resources of a kind that point at VPCs.
struct Pointing<'g> {
    graph: &'g Graph,
    kind: Kind,
    role: Role,
    /// The first of them that may point at any.
    open: Option<&'g Link>,
}

impl<'g> Pointing<'g> {
    fn new(graph: &'g Graph, kind: Kind, role: Role) -> Pointing<'g> {
        let mut links = graph.of_kind(kind).iter().flat_map(|&id| graph.links_as(id, role));
        let open = links.find(|link| link.certain().is_none() && link.rest.is_some());
        Pointing { graph, kind, role, open }
    }

    /// The only one that points at a VPC, or why it cannot be told.
    fn at(&self, vpc: ResourceId) -> Result<Option<ResourceId>, Unknown> {
        let several =
            |link: &Link| Unknown::at(Reason::SeveralMentions, self.graph.resource(link.from).place(&link.path));
        let mut found = None;
        let own = |link: &&Link| self.graph.resource(link.from).kind == Some(self.kind);
        for link in self.graph.incoming_as(vpc, self.role).filter(own) {
            if let Some(open) = self.open.filter(|open| (open.from, &open.at) < (link.from, &link.at)) {
                return Err(several(open));
            }
            let certain = link.certain();
            if certain.is_none() || (certain == Some(vpc) && found.is_some_and(|other| other != link.from)) {
                return Err(several(link));
            }
            if certain == Some(vpc) {
                found = Some(link.from);
            }
        }
        self.open.map_or(Ok(found), |open| Err(several(open)))
    }
}

/// Whether nobody can have done anything to it outside of the input.
fn is_new(resource: &Resource) -> bool {
    matches!(resource.action, Action::Create | Action::Replace { .. })
}
