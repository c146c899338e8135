//! Every security-group rule of the input, in whichever of the three forms it is written, by the group it belongs
//! to. Built once per graph. Says what a rule admits; whether that lets a connection through is `admission.rs`.

use rustc_hash::FxHashMap;
use thin_vec::ThinVec;

use super::cidr::{AddressSet, Cidr, Family};
use super::group::{Group, Groups};
use super::ports::{Opened, PortRange, opened};
use super::prefix_list::{Ranges, prefix_lists};
use crate::catalog::names::{self, role};
use crate::catalog::{is_adopted, path_of, place_of};
use crate::graph::{
    Action, Certainty, Data, DefaultOf, End, Graph, Kind, Link, Lookup, Mode, Place, Reason, Resource, ResourceId,
    Role, Target, Truth, Unknown, Value, count_steps, lookup,
};

/// Which way a connection goes, seen from the interface that carries the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Direction {
    Ingress,
    Egress,
}

impl Direction {
    /// The attribute of a group that holds such rules.
    pub(super) fn name(self) -> &'static str {
        match self {
            Direction::Ingress => "ingress",
            Direction::Egress => "egress",
        }
    }

    fn other(self) -> Direction {
        match self {
            Direction::Ingress => Direction::Egress,
            Direction::Egress => Direction::Ingress,
        }
    }
}

/// How many rules without a known group are told apart.
const MOST_ADRIFT: usize = 256;

/// One rule, as far as TCP is concerned.
#[derive(Debug)]
pub(super) struct Rule {
    /// Where it is written: a resource of its own, or `ingress[0]` of a group.
    pub(super) place: Place,
    /// What it says, for evidence.
    pub(super) value: Value,
    /// Whether it is a resource of its own.
    pub(super) separate: bool,
    /// Whether it is about TCP.
    pub(super) tcp: Truth,
    /// Ports it opens for sure, if it is about TCP.
    pub(super) sure_ports: Option<PortRange>,
    /// Ports it may open.
    pub(super) may_ports: Option<PortRange>,
    /// Ranges at the other end, of both families.
    pub(super) cidrs: Vec<Cidr>,
    /// The same as sets, by family.
    sets: [AddressSet; 2],
    open_v4: Option<Unknown>,
    open_v6: Option<Unknown>,
    /// Prefix lists at the other end.
    pub(super) lists: Vec<(ResourceId, Certainty)>,
    /// Groups at the other end.
    pub(super) peers: Vec<(Group, Certainty)>,
    /// Exactly one of `peers` is meant.
    pub(super) one_peer: bool,
    /// Why there may be other groups at the other end.
    pub(super) open_peers: Option<Unknown>,
    /// Whether the group itself is at the other end.
    pub(super) itself: Truth,
    /// The first thing about protocol, ports or `self` that is not known.
    pub(super) unknown: Option<Unknown>,
}

impl Rule {
    /// Whether it surely names nothing a connection can be made with: another protocol than TCP, or only addresses that no
    /// target has, which is how a group is written that is to let nothing out.
    pub(super) fn is_void(&self) -> bool {
        const NOWHERE: [(u128, u128); 2] = [(0x7f00_0000, 0x7fff_ffff), (0xffff_ffff, 0xffff_ffff)];
        let nowhere = |cidr: &Cidr| {
            let (first, last) = cidr.range();
            cidr.family() == Family::V4 && NOWHERE.iter().any(|(from, to)| *from <= first && last <= *to)
        };
        let nobody_else = self.lists.is_empty() && self.peers.is_empty() && self.itself == Truth::False;
        let open = [&self.open_v4, &self.open_v6, &self.open_peers].into_iter().any(Option::is_some);
        let only_nowhere = !self.cidrs.is_empty() && self.cidrs.iter().all(nowhere) && nobody_else && !open;
        self.tcp == Truth::False || only_nowhere
    }
}

/// The rules of one group in one direction.
#[derive(Debug, Default)]
pub(super) struct Rules {
    /// Index into the rules, and whether it surely belongs to the group.
    pub(super) entries: Vec<(u32, Certainty)>,
    /// Why there may be more.
    pub(super) open: Option<Unknown>,
    /// Nobody wrote rules in the group itself, and Terraform leaves it with none.
    pub(super) unwritten: bool,
    /// Nobody wrote rules in the group itself, and AWS puts in its own (CloudFormation).
    of_aws: bool,
    /// AWS's own rules are taken out, because others are resources of their own.
    pub(super) revoked: bool,
}

/// All rules.
#[derive(Debug)]
pub(super) struct RuleIndex {
    rules: Vec<Rule>,
    by_group: FxHashMap<(Group, Direction), Rules>,
    /// Rules that may belong to any group. Only their ports are used, so one for each range of ports is enough.
    adrift: FxHashMap<Direction, Vec<(PortRange, u32)>>,
    /// The addresses of each prefix list, by family, and why there may be others.
    lists: FxHashMap<ResourceId, ([AddressSet; 2], Option<Unknown>)>,
}

/// Addresses that a rule surely names, those it may name (the sure ones too), and why there may be others.
pub(super) struct AtTheOtherEnd<'r> {
    pub(super) sure: Vec<&'r AddressSet>,
    pub(super) may: Vec<&'r AddressSet>,
    pub(super) open: Option<&'r Unknown>,
}

/// What writes rules for a security group besides the group itself.
pub(super) const RULES: [Kind; 3] =
    [names::SECURITY_GROUP_RULE, names::SECURITY_GROUP_INGRESS_RULE, names::SECURITY_GROUP_EGRESS_RULE];

impl RuleIndex {
    pub(super) fn new(graph: &Graph, groups: &Groups<'_>) -> RuleIndex {
        let mut index = RuleIndex {
            rules: Vec::new(),
            by_group: FxHashMap::default(),
            adrift: FxHashMap::default(),
            lists: prefix_lists(graph)
                .into_iter()
                .map(|(list, ranges)| (list, (by_family(&ranges.cidrs), ranges.open)))
                .collect(),
        };
        for &group in graph.of_kind(names::SECURITY_GROUP) {
            index.add_inline(graph, groups, group);
        }
        for kind in RULES {
            for &rule in graph.of_kind(kind) {
                index.add_separate(graph, groups, rule);
            }
        }
        index.revoke_those_of_aws();
        index
    }

    /// The rules of a group; none for a group whose rules are not in the input.
    pub(super) fn of(&self, group: &Group, direction: Direction) -> Option<&Rules> {
        let found = self.by_group.get(&(group.clone(), direction));
        count_steps(found.map_or(0, |rules| rules.entries.len()));
        found
    }

    pub(super) fn rule(&self, at: u32) -> &Rule {
        &self.rules[at as usize]
    }

    /// Rules that may belong to any group.
    pub(super) fn adrift(&self, direction: Direction) -> &[(PortRange, u32)] {
        let found = self.adrift.get(&direction).map_or(&[][..], Vec::as_slice);
        count_steps(found.len());
        found
    }

    /// The addresses of a family at the other end of a rule.
    pub(super) fn ranges<'r>(&'r self, rule: &'r Rule, family: Family) -> AtTheOtherEnd<'r> {
        let of = family as usize;
        let mut sure = vec![&rule.sets[of]];
        let mut may = sure.clone();
        let mut open = match family {
            Family::V4 => rule.open_v4.as_ref(),
            Family::V6 => rule.open_v6.as_ref(),
        };
        for (list, certainty) in &rule.lists {
            let Some((sets, more)) = self.lists.get(list) else { continue };
            if *certainty == Certainty::Certain {
                sure.push(&sets[of]);
            }
            may.push(&sets[of]);
            open = open.or(more.as_ref());
        }
        AtTheOtherEnd { sure, may, open }
    }

    fn add_inline(&mut self, graph: &Graph, groups: &Groups<'_>, id: ResourceId) {
        let resource = graph.resource(id);
        let group = groups.named(&Target::Resource(id));
        if group != Group::Resource(id) {
            return; // the same group, looked up once more
        }
        let sides = [
            (Direction::Ingress, "ingress", role::INGRESS_PEERS, role::INGRESS_PREFIX_LISTS),
            (Direction::Egress, "egress", role::EGRESS_PEERS, role::EGRESS_PREFIX_LISTS),
        ];
        for (direction, path, peers, lists) in sides {
            let mut found = Rules::default();
            match resource.get(path) {
                _ if resource.mode == Mode::Data => found.open = Some(outside(&resource.address.0)),
                Lookup::Known(value) => match value.as_list() {
                    Some(items) => {
                        found.of_aws = value.marks.default == Some(DefaultOf::Aws);
                        found.unwritten = items.is_empty() && value.marks.default == Some(DefaultOf::Provider);
                        for (at, item) in items.iter().enumerate() {
                            let place = resource.place(&format!("{}[{at}]", path_of(resource, path)));
                            let written = Written { graph, groups, id, item, at: at as u32, peers, lists };
                            found.entries.push((self.rules.len() as u32, Certainty::Certain));
                            self.rules.push(written.rule(place));
                        }
                    }
                    None => found.open = Some(unreadable(resource, path)),
                },
                Lookup::Unknown(unknown) => found.open = Some(unknown.clone()),
                Lookup::Absent => found.open = Some(unreadable(resource, path)),
            }
            self.by_group.insert((group.clone(), direction), found);
        }
    }

    /// CloudFormation takes AWS's own egress rule out of a group as soon as an egress rule is a resource of its own.
    fn revoke_those_of_aws(&mut self) {
        let adrift = self.adrift.contains_key(&Direction::Egress);
        for ((_, direction), found) in &mut self.by_group {
            if !found.of_aws || *direction != Direction::Egress {
                continue;
            }
            let (own, others): (Vec<_>, Vec<_>) =
                std::mem::take(&mut found.entries).into_iter().partition(|&(at, _)| !self.rules[at as usize].separate);
            found.revoked = others.iter().any(|(_, certainty)| *certainty == Certainty::Certain);
            let perhaps = adrift || !others.is_empty();
            let doubted = |(at, certainty)| (at, if perhaps { Certainty::Possible } else { certainty });
            found.entries = if found.revoked { others } else { own.into_iter().map(doubted).chain(others).collect() };
        }
    }

    fn add_separate(&mut self, graph: &Graph, groups: &Groups<'_>, id: ResourceId) {
        let resource = graph.resource(id);
        let directions: &[(Direction, Certainty)] = match resource.kind {
            Some(names::SECURITY_GROUP_INGRESS_RULE) => &[(Direction::Ingress, Certainty::Certain)],
            Some(names::SECURITY_GROUP_EGRESS_RULE) => &[(Direction::Egress, Certainty::Certain)],
            _ => match resource.get("direction") {
                Lookup::Known(value) if value.as_str() == Some("ingress") => {
                    &[(Direction::Ingress, Certainty::Certain)]
                }
                Lookup::Known(value) if value.as_str() == Some("egress") => &[(Direction::Egress, Certainty::Certain)],
                _ => &[(Direction::Ingress, Certainty::Possible), (Direction::Egress, Certainty::Possible)],
            },
        };
        let at = self.rules.len() as u32;
        self.rules.push(separate(graph, groups, id));
        let mut told = false;
        for link in graph.links_as(id, role::GROUP) {
            told |= link.rest.is_none() && !link.ends.is_empty();
            for end in &link.ends {
                let group = groups.named(&end.to);
                for &(direction, certainty) in directions {
                    let stays = match revoked_by_inline(graph, resource, &group, direction) {
                        true => Certainty::Possible,
                        false => Certainty::Certain,
                    };
                    let rules = self
                        .by_group
                        .entry((group.clone(), direction))
                        .or_insert_with(|| Rules { open: Some(outside(&groups.name(&group))), ..Rules::default() });
                    rules.entries.push((at, end.certainty.and(certainty).and(stays)));
                }
            }
        }
        if !told {
            for &(direction, _) in directions {
                let Some(ports) = self.rules[at as usize].may_ports else { continue };
                let adrift = self.adrift.entry(direction).or_default();
                let long = adrift.len() >= MOST_ADRIFT;
                if adrift.iter().any(|&((first, last), _)| first <= ports.0 && ports.1 <= last) {
                    continue;
                }
                match adrift.last_mut() {
                    // Past this many, widening one is sound and keeps the list short.
                    Some((last, _)) if long => *last = (last.0.min(ports.0), last.1.max(ports.1)),
                    _ => adrift.push((ports, at)),
                }
            }
        }
    }
}

impl Rule {
    /// Whether there is anybody at the other end.
    pub(super) fn names_somebody(&self) -> Truth {
        let certain = |certainty: &Certainty| *certainty == Certainty::Certain;
        let sure = !self.cidrs.is_empty()
            || self.lists.iter().any(|(_, certainty)| certain(certainty))
            || self.peers.iter().any(|(_, certainty)| certain(certainty))
            || (self.one_peer && self.open_peers.is_none() && !self.peers.is_empty())
            || self.itself == Truth::True;
        let may = !self.peers.is_empty()
            || !self.lists.is_empty()
            || self.itself == Truth::Unknown
            || [&self.open_v4, &self.open_v6, &self.open_peers].iter().any(|open| open.is_some());
        match (sure, may) {
            (true, _) => Truth::True,
            (false, true) => Truth::Unknown,
            (false, false) => Truth::False,
        }
    }
}

/// One element of a group's own `ingress` or `egress`.
struct Written<'a, 'g> {
    graph: &'g Graph,
    groups: &'a Groups<'g>,
    id: ResourceId,
    item: &'a Value,
    at: u32,
    peers: Role,
    lists: Role,
}

impl Written<'_, '_> {
    fn rule(&self, place: Place) -> Rule {
        let mut rule = plain(place, self.item, |field| lookup(self.item, field), ["cidr_blocks", "ipv6_cidr_blocks"]);
        self.link(self.peers, "security_groups", &mut rule, |rule, link| rule.add_peers(link, self.groups));
        self.link(self.lists, "prefix_list_ids", &mut rule, Rule::add_lists);
        rule
    }

    /// The links of this rule, and those that tell no position. Links are sorted, and groups may hold many rules.
    fn links(&self, role: Role) -> impl Iterator<Item = &Link> {
        let links = self.graph.links(self.id);
        let of_role = &links[links.partition_point(|link| link.role < role)..];
        let of_role = &of_role[..of_role.partition_point(|link| link.role == role)];
        let (nowhere, placed) = of_role.split_at(of_role.partition_point(|link| link.at.is_empty()));
        let here = &placed[placed.partition_point(|link| link.at.first() < Some(&self.at))..];
        let here = &here[..here.partition_point(|link| link.at.first() == Some(&self.at))];
        nowhere.iter().chain(here)
    }

    /// Follows the link of this rule. Without one the value itself speaks: known ids, or an unknown.
    fn link(&self, role: Role, field: &str, rule: &mut Rule, mut add: impl FnMut(&mut Rule, &Link)) {
        let mut found = false;
        for link in self.links(role) {
            found = true;
            let unsure = || Unknown::at(Reason::SeveralMentions, rule.place.clone());
            let known = match lookup(self.item, field) {
                Lookup::Known(value) => {
                    value.as_list().is_some_and(|items| items.iter().all(|item| item.as_unknown().is_none()))
                }
                _ => false,
            };
            if link.at.is_empty() {
                // One list of references for all rules: any of them may be meant here.
                let rest = Some(Box::new(unsure()));
                add(rule, &Link { ends: ThinVec::new(), rest, ..link.clone() });
            } else if !link.placed && !known {
                // These may belong to another rule, and those of another rule here.
                let ends = link.ends.iter().map(|end| End { certainty: Certainty::Possible, ..end.clone() }).collect();
                let rest = link.rest.clone().or_else(|| Some(Box::new(unsure())));
                add(rule, &Link { ends, rest, ..link.clone() });
            } else {
                add(rule, link);
            }
        }
        if found {
            return;
        }
        let (mut ends, mut rest) = (ThinVec::new(), None);
        match lookup(self.item, field) {
            Lookup::Known(value) => {
                for item in value.as_list().unwrap_or_default() {
                    match (&item.data, item.as_str()) {
                        (Data::Unknown(unknown), _) => rest = Some(Unknown::clone(unknown)),
                        (_, Some(id)) => {
                            ends.push(End { to: Target::Outside(id.into()), certainty: Certainty::Certain })
                        }
                        _ => rest = Some(Unknown::at(Reason::NotInConfiguration, rule.place.clone())),
                    }
                }
            }
            Lookup::Unknown(unknown) => rest = Some(unknown.clone()),
            Lookup::Absent => {}
        }
        if !ends.is_empty() || rest.is_some() {
            let (at, rest) = ([self.at].into(), rest.map(Box::new));
            add(rule, &Link { from: self.id, role, at, placed: true, path: field.into(), ends, rest });
        }
    }
}

impl Rule {
    fn add_peers(&mut self, link: &Link, groups: &Groups<'_>) {
        self.peers.extend(link.ends.iter().map(|end| (groups.named(&end.to), end.certainty)));
        if self.open_peers.is_none() {
            self.open_peers = link.rest().cloned();
        }
    }

    fn add_lists(&mut self, link: &Link) {
        self.lists.extend(link.resources());
        let foreign = link.ends.iter().find_map(|end| match &end.to {
            Target::Outside(id) => Some(outside(id)),
            Target::Resource(_) => None,
        });
        if let Some(unknown) = link.rest().cloned().or(foreign) {
            self.open_v4.get_or_insert(unknown.clone());
            self.open_v6.get_or_insert(unknown);
        }
    }
}

/// A rule that is a resource of its own.
fn separate(graph: &Graph, groups: &Groups<'_>, id: ResourceId) -> Rule {
    let resource = graph.resource(id);
    let read = |field: &str| resource.get(field);
    let mut rule = plain(resource.place(""), &resource.attributes, read, ["cidr_ipv4", "cidr_ipv6"]);
    rule.separate = true;
    rule.one_peer = true;
    for link in graph.links_as(id, role::PEER) {
        rule.add_peers(link, groups);
    }
    for link in graph.links_as(id, role::PREFIX_LISTS) {
        rule.add_lists(link);
    }
    // The provider refuses a source group beside ranges or `self`, yet plans the unwritten one as unknown.
    let classic = resource.kind == Some(names::SECURITY_GROUP_RULE);
    let written = rule.peers.iter().any(|(_, certainty)| *certainty == Certainty::Certain);
    if classic && !written && (!rule.cidrs.is_empty() || rule.itself == Truth::True) {
        rule.peers.clear();
        rule.open_peers = None;
    }
    rule
}

/// All of a rule but its links.
fn plain<'a>(place: Place, value: &Value, read: impl Fn(&str) -> Lookup<'a>, fields: [&str; 2]) -> Rule {
    let mut unknown = value.as_unknown().map(|unknown| Unknown::clone(unknown));
    let mut note = |found: Unknown| {
        unknown.get_or_insert(found);
    };
    let Opened { tcp, sure: sure_ports, may: may_ports } = opened(&read, &place, &mut note);
    let itself = match read("self") {
        Lookup::Known(value) => match value.as_bool() {
            Some(value) => value.into(),
            None => Truth::Unknown,
        },
        Lookup::Unknown(found) => {
            note(found.clone());
            Truth::Unknown
        }
        Lookup::Absent => Truth::False,
    };
    let v4 = ranges(read(fields[0]), Family::V4, &place, fields[0]);
    let v6 = ranges(read(fields[1]), Family::V6, &place, fields[1]);
    let open_peers = value.as_unknown().map(|unknown| Unknown::clone(unknown));
    let cidrs: Vec<Cidr> = v4.cidrs.into_iter().chain(v6.cidrs).collect();
    Rule {
        value: value.clone(),
        sets: by_family(&cidrs),
        separate: false,
        tcp,
        sure_ports,
        may_ports,
        cidrs,
        open_v4: v4.open,
        open_v6: v6.open,
        lists: Vec::new(),
        peers: Vec::new(),
        one_peer: false,
        open_peers,
        itself,
        unknown,
        place,
    }
}

/// Ranges written as a list or as one text.
fn ranges(read: Lookup<'_>, family: Family, place: &Place, field: &str) -> Ranges {
    let mut ranges = Ranges::default();
    let path = if place.path.is_empty() { field.to_owned() } else { format!("{}.{field}", place.path) };
    let here = Place::new(&place.address, &path);
    let mut add = |value: &Value| match (&value.data, value.as_str().and_then(Cidr::parse)) {
        (_, Some(cidr)) if cidr.family() == family => ranges.cidrs.push(cidr),
        (Data::Unknown(unknown), _) => ranges.may_have_more(Unknown::clone(unknown)),
        (Data::Null, _) => {}
        _ => ranges.may_have_more(Unknown::at(
            Reason::Undecidable("what is written there is no CIDR range".into()),
            here.clone(),
        )),
    };
    match read {
        Lookup::Known(value) => match value.as_list() {
            Some(items) => items.iter().for_each(&mut add),
            None => add(value),
        },
        Lookup::Unknown(unknown) => ranges.may_have_more(unknown.clone()),
        Lookup::Absent => {}
    }
    ranges
}

/// Whether a group's own block writes rules of a direction, and so removes all others of it when it is updated.
pub(super) fn inline_in(group: &Resource, direction: Direction) -> Truth {
    if group.mode == Mode::Data {
        return Truth::False;
    }
    if is_adopted(group) {
        return Truth::True;
    }
    let none = |direction: Direction| group.get(direction.name()).list().is_some_and(<[Value]>::is_empty);
    let unwritten = match group.get(direction.name()) {
        Lookup::Known(value) => none(direction) && value.marks.default == Some(DefaultOf::Provider),
        _ => false,
    };
    match (group.get("inline_written").bool(), group.action) {
        (Some(false), _) => Truth::False,
        _ if unwritten => Truth::False,
        // An empty list that is written would have to take away what is there.
        (_, Action::NoOp) if none(direction) => Truth::False,
        (Some(true), Action::Create | Action::Replace { .. }) => Truth::True,
        (Some(true), _) if !none(direction) && none(direction.other()) => Truth::True,
        _ => Truth::Unknown,
    }
}

/// Whether an update of the group may take an existing standalone rule away. What the group lists after the update is
/// counted as its own, so nothing is lost by doubt here.
fn revoked_by_inline(graph: &Graph, rule: &Resource, group: &Group, direction: Direction) -> bool {
    let Group::Resource(group) = group else { return false };
    let group = graph.resource(*group);
    group.action == Action::Update
        && !matches!(rule.action, Action::Create | Action::Replace { .. })
        && inline_in(group, direction) != Truth::False
}

fn by_family(cidrs: &[Cidr]) -> [AddressSet; 2] {
    [Family::V4, Family::V6].map(|family| AddressSet::of(family, cidrs))
}

fn outside(what: &str) -> Unknown {
    Unknown::because(Reason::OutsideInput(what.into()))
}

fn unreadable(resource: &Resource, path: &str) -> Unknown {
    Unknown::at(Reason::Undecidable("its rules are not in the input".into()), place_of(resource, path))
}
