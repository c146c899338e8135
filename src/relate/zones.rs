//! Availability zones of load balancers and of what is behind them, by their subnets; and whether both are in one VPC.
//! Where a zone is only known by its subnet, two are the same only when the subnet is. Elements of one list of zones are
//! different zones, whatever their names; so are `${AWS::Region}a` and `${AWS::Region}b`.
//!
//! An input that names no zone at all is not asked: neither one that is given its subnets from elsewhere nor one that
//! leaves the choice to AWS. Where zones are written and not known yet, the answer is open.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::addresses::{named, only_end, same, vpc_of};
use super::registration::Registration;
use super::target::TargetKind;
use super::told::Told;
use crate::catalog::names::{GET_ZONES, role};
use crate::catalog::{is_data, place_of, place_of_edge};
use crate::graph::{
    Address, Certainty, Data, Graph, HOLE, Lookup, Place, Reason, Resource, ResourceId, Target, Text, Truth, Unknown,
    Value,
};

/// More subnets than this are not compared: no VPC has so many by default.
const MOST_SUBNETS: usize = 200;

/// The subnets something has interfaces in.
#[derive(Default)]
struct Spread<'g> {
    subnets: Vec<Seat<'g>>,
    /// Why there may be others.
    open: Option<Unknown>,
}

struct Seat<'g> {
    subnet: Target,
    /// None where the input has only its id.
    resource: Option<&'g Resource>,
    name: Text,
    zone: Result<Zone, Unknown>,
    /// Whether the input says which zone it is, known or not.
    written: bool,
}

/// What is known of a zone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Zone {
    /// Its name.
    Named(Text),
    /// Its number in a list of the zones of a region, which AWS gives in the same order each time.
    Element { list: Text, number: usize },
    /// What of its name is known, and what stands in the holes: `${AWS::Region}a`.
    Partly { text: Text, holes: Vec<Place> },
}

impl Zone {
    /// The zone that an unknown name is; none when that cannot be told.
    fn of(unknown: &Unknown) -> Option<Zone> {
        if let Some(outline) = &unknown.outline {
            // The same place is the same text only where it is not what a function made of it.
            let whole = |hole: &Arc<Unknown>| hole.reason == Reason::Reference || is_region(hole);
            let place = |hole: &Arc<Unknown>| hole.hangs_on.clone().filter(|_| whole(hole));
            let holes = outline.holes.iter().map(place).collect::<Option<Vec<Place>>>()?;
            return Some(Zone::Partly { text: outline.text.clone(), holes });
        }
        let place = unknown.hangs_on.as_ref()?;
        let (list, number) = place.path.strip_suffix(']')?.rsplit_once('[')?;
        let address = place.address.as_str();
        let source = address.strip_prefix("data.").or_else(|| address.split_once(".data.").map(|(_, source)| source));
        let of_terraform =
            list == "names" && source.is_some_and(|source| source.starts_with("aws_availability_zones."));
        let list = format!("{address}.{list}").as_str().into();
        (of_terraform || address == GET_ZONES).then_some(Zone::Element { list, number: number.parse().ok()? })
    }

    /// Whether two are the same zone. A name may be any element of a list, and two lists may differ.
    fn is(&self, other: &Zone) -> Truth {
        match (self, other) {
            (Zone::Named(own), Zone::Named(other)) => Truth::from(own == other),
            (Zone::Element { list, number }, Zone::Element { list: theirs, number: other }) if list == theirs => {
                Truth::from(number == other)
            }
            (Zone::Partly { text, holes }, Zone::Partly { text: theirs, holes: others }) if holes == others => {
                let same = text.chars().zip(theirs.chars()).take_while(|(own, other)| own == other).count();
                let open = |text: &str| text.chars().skip(same).any(|part| part == HOLE);
                match text == theirs {
                    true => Truth::True,
                    false if open(text) || open(theirs) => Truth::Unknown,
                    false => Truth::False,
                }
            }
            _ => Truth::Unknown,
        }
    }

    /// It in words.
    fn words(&self) -> String {
        match self {
            Zone::Named(name) => name.to_string(),
            Zone::Element { list, number } => format!("zone {number} of {list}"),
            Zone::Partly { text, holes } => {
                let filled = |text: String, hole: &Place| text.replacen(HOLE, &format!("${{{hole}}}"), 1);
                holes.iter().fold(text.to_string(), filled)
            }
        }
    }
}

/// Whether a load balancer has a subnet in every zone its target may be in. None where the input names no zone.
#[must_use]
pub fn shared(graph: &Graph, load_balancer: ResourceId, registration: &Registration) -> Option<Told> {
    let near = Spread::of(graph, load_balancer);
    let target = &registration.target;
    let far = match target.resource {
        Some(id) => Spread::of(graph, id),
        None if target.address.is_none() => Spread::unseen(graph, registration),
        None => return None,
    };
    let visible = match (near.names_a_zone(), far.names_a_zone()) {
        (true, true) => true,
        (true, false) => far.tells_of_zones(),
        (false, true) => near.tells_of_zones(),
        (false, false) => near.tells_later() && far.tells_later(),
    };
    if !visible {
        return None;
    }
    let (missing, doubt) = near.leaves_out(&far);
    Some(match (missing.is_empty(), doubt) {
        (false, _) => {
            let zones: BTreeSet<&Zone> = missing.iter().filter_map(|seat| seat.zone.as_ref().ok()).collect();
            let subnets: Vec<&str> = missing.iter().map(|seat| &*seat.name).collect();
            let because = format!(
                "targets in {} ({}) are outside the load balancer's zones ({})",
                listed(&zones),
                subnets.join(", "),
                listed(&near.zones())
            );
            Told::no(because, evidence(&missing))
        }
        (true, Some(unknown)) => Told::unknown(unknown),
        (true, None) => Told::yes("the load balancer has a subnet in every zone of its targets"),
    })
}

/// Whether a group has a target in every zone of a load balancer. None where the input names no zone.
#[must_use]
pub fn every_zone_served<'r>(
    graph: &Graph,
    load_balancer: ResourceId,
    registrations: impl Iterator<Item = &'r Registration>,
) -> Option<Told> {
    let near = Spread::of(graph, load_balancer);
    if !near.names_a_zone() && !near.tells_later() {
        return None;
    }
    let mut far = Spread::default();
    for registration in registrations {
        if registration.target.kind == TargetKind::Lambda {
            return None;
        }
        let found = registration.target.resource.map(|id| Spread::of(graph, id)).unwrap_or_default();
        if found.subnets.is_empty() || registration.certainty == Certainty::Possible {
            far.open = far.open.or(Spread::unseen(graph, registration).open);
        }
        far.subnets.extend(found.subnets);
        far.open = far.open.or(found.open);
    }
    let (missing, doubt) = far.leaves_out(&near);
    Some(match (missing.is_empty(), doubt) {
        (false, _) => {
            let zones: BTreeSet<&Zone> = missing.iter().filter_map(|seat| seat.zone.as_ref().ok()).collect();
            let because = format!(
                "{} is in {}, where the group has no target",
                graph.resource(load_balancer).address,
                listed(&zones)
            );
            Told::no(because, evidence(&missing))
        }
        (true, Some(unknown)) => Told::unknown(unknown),
        (true, None) => Told::yes("the group has a target in every zone of the load balancer"),
    })
}

/// Whether a load balancer has subnets in two zones at least. None where the input names neither zones nor subnets.
#[must_use]
pub fn in_two_zones(graph: &Graph, load_balancer: ResourceId) -> Option<Told> {
    let spread = Spread::of(graph, load_balancer);
    let zones = spread.zones();
    let distinct: BTreeSet<&Target> = spread.subnets.iter().map(|seat| &seat.subnet).collect();
    let complete = spread.open.is_none() && !distinct.is_empty();
    let balancer = graph.resource(load_balancer);
    let evidence = || {
        let names =
            spread.subnets.iter().map(|seat| Value::new(Data::String(seat.name.clone()))).collect::<Vec<Value>>();
        let mut evidence = vec![(place_of_edge(balancer, role::SUBNETS), names.into())];
        evidence.extend(self::evidence(&spread.subnets.iter().collect::<Vec<_>>()));
        evidence
    };
    let apart = |zone: &&Zone| zones.iter().any(|other| zone.is(other) == Truth::False);
    if zones.iter().any(apart) {
        return Some(Told::yes(format!("its subnets are in {}", listed(&zones))));
    }
    if complete && distinct.len() == 1 {
        return Some(Told::no("it has one subnet only", evidence()));
    }
    if zones.is_empty() && !spread.tells_later() {
        return None;
    }
    let unseen = spread.subnets.iter().find_map(|seat| seat.zone.as_ref().err()).or(spread.open.as_ref());
    Some(match unseen {
        Some(unknown) => Told::unknown(unknown.clone()),
        None if zones.len() > 1 => Told::unknown(incomparable(place_of_edge(balancer, role::SUBNETS))),
        None => Told::no(format!("all its subnets are in {}", listed(&zones)), evidence()),
    })
}

/// Whether a target group is in the VPC of the load balancer that forwards to it. None where nothing says it of one of
/// them.
#[must_use]
pub fn one_vpc(graph: &Graph, load_balancer: ResourceId, target_group: ResourceId) -> Option<Told> {
    let (group, balancer) = (graph.resource(target_group), graph.resource(load_balancer));
    let sides = (only_end(graph, target_group, role::VPC_OF), vpc_of(graph, load_balancer));
    let given = || [target_group, load_balancer].map(|id| vpc_given(graph, id));
    let (own, theirs) = match sides {
        (Some(own), Some(theirs)) => (own, theirs),
        (own, theirs) => {
            return match (own, theirs, given()) {
                (None, None, [Some(own), Some(theirs)]) if own == theirs => Some(Told::yes("both are in one VPC")),
                (None, None, [Some(unknown), Some(_)])
                | (None, Some(_), [Some(unknown), _])
                | (Some(_), None, [_, Some(unknown)]) => Some(Told::unknown(unknown.clone())),
                _ => None,
            };
        }
    };
    Some(match same(graph, &own, &theirs) {
        Truth::True => Told::yes("both are in one VPC"),
        Truth::False => {
            let words = |vpc: &Target| match vpc {
                Target::Resource(id) => graph.resource(*id).address.to_string(),
                Target::Outside(id) => id.to_string(),
            };
            let because = format!("it is in {}, and {} is in {}", words(&own), balancer.address, words(&theirs));
            let evidence = vec![
                (place_of_edge(group, role::VPC_OF), words(&own).as_str().into()),
                (place_of_edge(balancer, role::SUBNETS), words(&theirs).as_str().into()),
            ];
            Told::no(because, evidence)
        }
        Truth::Unknown => {
            let why = Reason::Undecidable("whether the two are one VPC cannot be told".into());
            Told::unknown(Unknown::at(why, place_of_edge(group, role::VPC_OF)))
        }
    })
}

/// The parameter or variable without a value that says in which VPC something is.
fn vpc_given(graph: &Graph, id: ResourceId) -> Option<&Unknown> {
    let given = |id| {
        let unknown = graph.links_as(id, role::VPC_OF).find_map(|link| link.rest());
        unknown.filter(|unknown| unknown.reason == Reason::NoValue)
    };
    let subnets = graph.links_as(id, role::SUBNETS).filter_map(|link| link.certain());
    given(id).or_else(|| subnets.into_iter().find_map(given))
}

impl<'g> Spread<'g> {
    fn of(graph: &'g Graph, id: ResourceId) -> Spread<'g> {
        let mut spread = Spread::default();
        let interfaces = graph.links_as(id, role::INTERFACE).filter_map(|link| link.certain());
        let seated = std::iter::once(id).chain(interfaces);
        for link in
            seated.flat_map(|of| [role::SUBNETS, role::SUBNET_OF].map(|role| graph.links_as(of, role))).flatten()
        {
            for end in &link.ends {
                if end.certainty == Certainty::Possible {
                    let place = graph.resource(link.from).place(&link.path);
                    spread.open.get_or_insert_with(|| Unknown::at(Reason::SeveralMentions, place));
                    continue;
                }
                if spread.subnets.len() == MOST_SUBNETS {
                    let why = Reason::Undecidable("there are too many subnets to compare".into());
                    let place = graph.resource(link.from).place(&link.path);
                    spread.open.get_or_insert_with(|| Unknown::at(why, place));
                    break;
                }
                spread.subnets.push(Seat::at(graph, &end.to));
            }
            if let Some(rest) = link.rest() {
                spread.open.get_or_insert_with(|| rest.clone());
            }
        }
        spread
    }

    fn zones(&self) -> BTreeSet<&Zone> {
        self.subnets.iter().filter_map(|seat| seat.zone.as_ref().ok()).collect()
    }

    fn names_a_zone(&self) -> bool {
        self.subnets.iter().any(|seat| seat.zone.is_ok())
    }

    /// That of a target of which it is not visible what it is.
    fn unseen(graph: &Graph, registration: &Registration) -> Spread<'g> {
        let why = Reason::Undecidable("the zone of a target is not visible".into());
        let open = Some(Unknown::at(why, graph.resource(registration.via).place("")));
        Spread { subnets: Vec::new(), open }
    }

    /// Whether the input says something of its zones, be it not known. What is read from AWS is not in the input.
    fn tells_of_zones(&self) -> bool {
        self.hidden().next().is_some()
    }

    /// Whether the input says something of its zones that comes to be known by itself, without anybody giving a value.
    fn tells_later(&self) -> bool {
        self.hidden().any(|unknown| !matches!(unknown.reason, Reason::NoValue | Reason::OutsideInput(_)))
    }

    fn hidden(&self) -> impl Iterator<Item = &Unknown> {
        let written = self.subnets.iter().filter(|seat| seat.written).filter_map(|seat| seat.zone.as_ref().err());
        let is_read = |unknown: &Unknown| {
            unknown.reason == Reason::DataSourceDeferred
                || unknown.hangs_on.as_ref().is_some_and(|place| is_data(place.address.as_str()))
        };
        written.chain(&self.open).filter(move |unknown| !is_read(unknown))
    }

    /// What of another lies in none of these zones, and why that may be more.
    fn leaves_out<'s>(&self, other: &'s Spread<'g>) -> (Vec<&'s Seat<'g>>, Option<Unknown>) {
        let mut doubt = other.open.clone();
        let mut missing = Vec::new();
        for seat in &other.subnets {
            match self.covers(seat) {
                Ok(true) => {}
                Ok(false) => missing.push(seat),
                Err(unknown) => doubt = doubt.or(Some(unknown)),
            }
        }
        (missing, doubt)
    }

    /// Whether one of these subnets is in the zone of another.
    fn covers(&self, other: &Seat<'_>) -> Result<bool, Unknown> {
        if self.subnets.iter().any(|seat| seat.subnet == other.subnet) {
            return Ok(true);
        }
        let zone = other.zone.as_ref().map_err(Unknown::clone)?;
        let known = || self.subnets.iter().filter_map(|seat| seat.zone.as_ref().ok());
        if known().any(|own| own.is(zone) == Truth::True) {
            return Ok(true);
        }
        let unseen = self.subnets.iter().find_map(|seat| seat.zone.as_ref().err()).or(self.open.as_ref());
        match unseen {
            Some(unknown) => Err(unknown.clone()),
            None if known().any(|own| own.is(zone) == Truth::Unknown) => Err(incomparable(other.place())),
            None => Ok(false),
        }
    }
}

impl<'g> Seat<'g> {
    fn at(graph: &'g Graph, subnet: &Target) -> Seat<'g> {
        let target = named(graph, subnet.clone());
        let resource = match subnet {
            Target::Resource(id) => graph.resource(*id),
            Target::Outside(id) => {
                let zone = Err(Unknown::because(Reason::OutsideInput(format!("the zone of {id}").into())));
                return Seat { subnet: target, resource: None, name: id.clone(), zone, written: false };
            }
        };
        // Which zone AWS takes nobody says.
        let chosen = |unknown: &Unknown| {
            unknown.reason == Reason::AfterApply
                && unknown.hangs_on.as_ref().is_none_or(|on| on.address == resource.address)
        };
        let unseen = || Err(Unknown::at(Reason::AfterApply, place_of(resource, "availability_zone")));
        let (zone, written) = match resource.get("availability_zone") {
            Lookup::Known(Value { data: Data::String(name), marks }) if !marks.sensitive => {
                (Ok(Zone::Named(name.clone())), true)
            }
            Lookup::Unknown(unknown) => (Zone::of(unknown).ok_or_else(|| unknown.clone()), !chosen(unknown)),
            known => (unseen(), known != Lookup::Absent),
        };
        Seat { subnet: target, resource: Some(resource), name: resource.address.0.clone(), zone, written }
    }

    /// Where its zone stands.
    fn place(&self) -> Place {
        match self.resource {
            Some(resource) => place_of(resource, "availability_zone"),
            None => Place::new(&Address(self.name.clone()), ""),
        }
    }
}

/// Whether it is the region that everything is made in.
fn is_region(unknown: &Unknown) -> bool {
    let address = unknown.hangs_on.as_ref().map_or("", |place| place.address.as_str());
    address == "AWS::Region" || address.starts_with("data.aws_region.") || address.contains(".data.aws_region.")
}

fn evidence(seats: &[&Seat<'_>]) -> Vec<(Place, Value)> {
    let zone = |seat: &&Seat<'_>| Some((seat.place(), Value::from(seat.zone.as_ref().ok()?.words().as_str())));
    seats.iter().filter_map(zone).collect()
}

fn listed(zones: &BTreeSet<&Zone>) -> String {
    zones.iter().map(|zone| zone.words()).collect::<Vec<_>>().join(", ")
}

/// Why two zones cannot be compared of which both are known, each in its way.
fn incomparable(place: Place) -> Unknown {
    Unknown::at(Reason::Undecidable("which zones these are is known in different ways".into()), place)
}
