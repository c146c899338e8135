//! The rules of every network ACL of the input, in whichever form they are written, and what they do to TCP: for each
//! port, whom the first matching rule may let through and whom it may stop. Who is under which ACL is `acl_claims.rs`.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::cidr::{AddressSet, Cidr, Family};
use super::ports::{Opened, PortRange, opened};
use super::rules::Direction;
use crate::catalog::names::{self, role};
use crate::catalog::{is_adopted, path_of, place_of, place_of_edge};
use crate::graph::{
    Action, Certainty, Data, Graph, Lookup, Place, Reason, Resource, ResourceId, Target, Text, Truth, Unknown, Value,
    lookup,
};

/// One network ACL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Acl {
    /// A resource of the input.
    Resource(ResourceId),
    /// The default ACL of a VPC, as AWS makes it: everything is let through unless rules are added to it.
    DefaultOf(Option<Target>),
    /// One whose rules nobody tells, with its id when that is known.
    Untold(Option<Text>),
}

/// One rule, as far as TCP is concerned.
#[derive(Clone, Debug)]
pub(super) struct AclRule {
    pub(super) place: Place,
    pub(super) value: Value,
    /// Lowest is tried first; none when not known.
    pub(super) number: Option<i64>,
    /// Whether it lets through what it matches.
    pub(super) allow: Truth,
    pub(super) sure_ports: Option<PortRange>,
    pub(super) may_ports: Option<PortRange>,
    /// Addresses at the other end, by family, and why there may be others.
    pub(super) ranges: [(AddressSet, Option<Unknown>); 2],
    pub(super) cidrs: Vec<Cidr>,
    /// The first thing about it that is not known.
    pub(super) unknown: Option<Unknown>,
    /// Whether it is a resource of its own.
    pub(super) separate: bool,
}

/// The rules of one ACL in one direction, first tried first; those without a number come before all others.
#[derive(Clone, Debug, Default)]
pub(super) struct AclRules {
    /// Index into the rules, and whether it surely belongs to the ACL.
    pub(super) entries: Vec<(u32, Certainty)>,
    /// Why there may be more.
    pub(super) open: Option<Unknown>,
    /// AWS's own rule 100 lets everything through.
    pub(super) of_aws: bool,
}

/// What an ACL does to packets of one family: for each stretch of ports, the addresses it may let through and may stop.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// The first port of each stretch, then what happens to it.
    stretches: Vec<(u16, Fate)>,
}

/// An address in one of the two only is surely let through, or surely stopped.
#[derive(Clone, Debug, Default)]
pub(super) struct Fate {
    pub(super) pass: AddressSet,
    pub(super) stop: AddressSet,
}

/// All rules.
#[derive(Debug, Default)]
pub(super) struct AclIndex {
    rules: Vec<AclRule>,
    by_acl: FxHashMap<(Acl, Direction), AclRules>,
    /// Rules that may belong to any ACL.
    adrift: FxHashMap<Direction, Vec<u32>>,
    unseen: Option<Unknown>,
    tables: Mutex<FxHashMap<(Acl, Direction, Family), Arc<Table>>>,
}

/// AWS allows 40 a direction; beyond this the input is no real one.
const MOST_RULES: usize = 128;
/// The number of the rule in a new default ACL that lets everything through.
const RULE_OF_AWS: i64 = 100;

impl AclIndex {
    pub(super) fn new(graph: &Graph, named: impl Fn(&Target) -> Acl) -> AclIndex {
        let mut index = AclIndex { unseen: graph.unseen(&[names::NETWORK_ACL_RULE]).cloned(), ..AclIndex::default() };
        for &id in graph.of_kind(names::NETWORK_ACL) {
            index.add_inline(graph.resource(id), id);
        }
        for &id in graph.of_kind(names::NETWORK_ACL_RULE) {
            index.add_separate(graph, id, &named);
        }
        let AclIndex { rules, by_acl, .. } = &mut index;
        for found in by_acl.values_mut() {
            found.entries.sort_by_key(|&(at, _)| (rules[at as usize].number, at));
        }
        index
    }

    pub(super) fn rule(&self, at: u32) -> &AclRule {
        &self.rules[at as usize]
    }

    /// The rules of an ACL, with those that may be of any.
    pub(super) fn of(&self, acl: &Acl, direction: Direction) -> AclRules {
        let mut found = match (self.by_acl.get(&(acl.clone(), direction)), acl) {
            (Some(found), _) => found.clone(),
            (None, Acl::Untold(id)) => {
                let what = id.clone().unwrap_or_else(|| "the network ACL".into());
                AclRules { open: Some(Unknown::because(Reason::OutsideInput(what))), ..AclRules::default() }
            }
            (None, _) => AclRules::default(),
        };
        found.of_aws = matches!(acl, Acl::DefaultOf(_));
        if *acl == Acl::DefaultOf(None) && self.by_acl.keys().any(|(other, _)| matches!(other, Acl::DefaultOf(_))) {
            let why = "rules are added to the default network ACL of a VPC, and it is not told of which";
            found.open = Some(Unknown::because(Reason::Undecidable(why.into())));
        }
        if let Some(adrift) = self.adrift.get(&direction) {
            found.entries.extend(adrift.iter().map(|&at| (at, Certainty::Possible)));
            found.entries.sort_by_key(|&(at, _)| (self.rule(at).number, at));
        }
        // Where AWS's default is assumed, nothing of the input speaks, and a partial plan hides nothing from it.
        if found.open.is_none() && !found.of_aws {
            found.open.clone_from(&self.unseen);
        }
        found
    }

    /// What an ACL does, worked out once.
    pub(super) fn table(&self, acl: &Acl, direction: Direction, family: Family) -> Arc<Table> {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let found = tables.entry((acl.clone(), direction, family));
        Arc::clone(found.or_insert_with(|| Arc::new(self.work_out(&self.of(acl, direction), family))))
    }

    fn work_out(&self, rules: &AclRules, family: Family) -> Table {
        let everything = || AddressSet::everything(family);
        if rules.open.is_some() || rules.entries.len() > MOST_RULES {
            return Table { stretches: vec![(0, Fate { pass: everything(), stop: everything() })] };
        }
        let ranges = rules.entries.iter().flat_map(|&(at, _)| [self.rule(at).sure_ports, self.rule(at).may_ports]);
        let mut starts = vec![0];
        for (first, last) in ranges.flatten() {
            starts.extend([Some(first), last.checked_add(1)].into_iter().flatten());
        }
        starts.sort_unstable();
        starts.dedup();
        Table { stretches: starts.into_iter().map(|port| (port, self.fate(rules, port, family))).collect() }
    }

    /// What becomes of packets on one port.
    fn fate(&self, rules: &AclRules, port: u16, family: Family) -> Fate {
        let everything = AddressSet::everything(family);
        let (mut pass, mut stop, mut left) = (AddressSet::default(), AddressSet::default(), everything.clone());
        let mut of_aws = rules.of_aws;
        for (position, &(at, certainty)) in rules.entries.iter().enumerate() {
            let rule = self.rule(at);
            if of_aws && rule.number > Some(RULE_OF_AWS) {
                break;
            }
            if of_aws && rule.number == Some(RULE_OF_AWS) {
                // Somebody writes the rule that is there already: it is one or the other.
                of_aws = false;
                pass = AddressSet::union([&pass, &left]);
            }
            let (set, open) = &rule.ranges[family as usize];
            if !rule.may_ports.is_some_and(|ports| holds(ports, port)) {
                continue;
            }
            let may = if open.is_some() { left.clone() } else { left.intersection(set) };
            if rule.allow != Truth::False {
                pass = AddressSet::union([&pass, &may]);
            }
            if rule.allow != Truth::True {
                stop = AddressSet::union([&stop, &may]);
            }
            let sure = certainty == Certainty::Certain
                && rule.number.is_some()
                && rule.sure_ports.is_some_and(|ports| holds(ports, port))
                && !self.rivalled(rules, position);
            if sure {
                left = left.without(set);
            }
        }
        if of_aws {
            pass = AddressSet::union([&pass, &left]);
        } else {
            stop = AddressSet::union([&stop, &left]);
        }
        Fate { pass, stop }
    }

    /// Whether another rule with the same number says something else: AWS takes only one of them.
    fn rivalled(&self, rules: &AclRules, position: usize) -> bool {
        let (at, _) = rules.entries[position];
        let own = self.rule(at);
        let before = rules.entries[..position].iter().rev();
        let after = rules.entries[position + 1..].iter();
        let same_number = |(other, _): &&(u32, Certainty)| self.rule(*other).number == own.number;
        before
            .take_while(same_number)
            .chain(after.take_while(same_number))
            .any(|(other, _)| !self.rule(*other).says(own))
    }

    fn add_inline(&mut self, acl: &Resource, id: ResourceId) {
        for direction in [Direction::Ingress, Direction::Egress] {
            let path = direction.name();
            let mut found = AclRules::default();
            match acl.get(path) {
                Lookup::Known(value) => match value.as_list() {
                    Some(items) => {
                        for (at, item) in items.iter().enumerate() {
                            let place = acl.place(&format!("{}[{at}]", path_of(acl, path)));
                            found.entries.push((self.rules.len() as u32, Certainty::Certain));
                            let fields = ["rule_no", "action", "cidr_block", "ipv6_cidr_block"];
                            self.rules.push(read(place, item, |field| lookup(item, field), fields));
                        }
                    }
                    None => found.open = Some(unreadable(acl, path)),
                },
                Lookup::Unknown(unknown) => found.open = Some(unknown.clone()),
                // The provider takes every rule out of a default ACL that it adopts and that writes none.
                Lookup::Absent if is_adopted(acl) => {}
                Lookup::Absent => found.open = Some(unreadable(acl, path)),
            }
            self.by_acl.insert((Acl::Resource(id), direction), found);
        }
    }

    fn add_separate(&mut self, graph: &Graph, id: ResourceId, named: &impl Fn(&Target) -> Acl) {
        let resource = graph.resource(id);
        let fields = ["number", "action", "cidr_ipv4", "cidr_ipv6"];
        let mut rule = read(resource.place(""), &resource.attributes, |field| resource.get(field), fields);
        rule.separate = true;
        let directions = match resource.get("egress") {
            Lookup::Known(value) => match value.as_bool() {
                Some(true) => &[(Direction::Egress, Certainty::Certain)][..],
                Some(false) => &[(Direction::Ingress, Certainty::Certain)],
                None => &[(Direction::Ingress, Certainty::Possible), (Direction::Egress, Certainty::Possible)],
            },
            Lookup::Absent => &[(Direction::Ingress, Certainty::Certain)],
            Lookup::Unknown(_) => {
                &[(Direction::Ingress, Certainty::Possible), (Direction::Egress, Certainty::Possible)]
            }
        };
        if directions.len() > 1 {
            rule.unknown.get_or_insert_with(|| Unknown::at(Reason::NotInConfiguration, place_of(resource, "egress")));
        }
        let at = self.rules.len() as u32;
        let mut told = false;
        for link in graph.links_as(id, role::NETWORK_ACL_OF) {
            told |= link.rest.is_none() && !link.ends.is_empty();
            for end in &link.ends {
                if end.certainty == Certainty::Possible {
                    let why = || Unknown::at(Reason::SeveralMentions, resource.place(&link.path));
                    rule.unknown.get_or_insert_with(why);
                }
                let acl = named(&end.to);
                for &(direction, certainty) in directions {
                    let stays = match revoked(graph, &acl, resource, direction) {
                        true => Certainty::Possible,
                        false => Certainty::Certain,
                    };
                    let outside = || Unknown::because(Reason::OutsideInput("the rest of its rules".into()));
                    let found = self.by_acl.entry((acl.clone(), direction)).or_insert_with(|| AclRules {
                        open: matches!(acl, Acl::Untold(_)).then(outside),
                        ..AclRules::default()
                    });
                    found.entries.push((at, end.certainty.and(certainty).and(stays)));
                }
            }
        }
        if !told {
            let why = || Unknown::at(Reason::NotInConfiguration, place_of_edge(resource, role::NETWORK_ACL_OF));
            rule.unknown.get_or_insert_with(why);
            for &(direction, _) in directions {
                self.adrift.entry(direction).or_default().push(at);
            }
        }
        self.rules.push(rule);
    }
}

impl Table {
    /// The ports at which something changes, within a range; its first port is one of them.
    pub(super) fn starts(&self, (first, last): PortRange) -> impl Iterator<Item = u16> {
        let inside = self.stretches.iter().map(|(port, _)| *port).filter(move |port| first < *port && *port <= last);
        std::iter::once(first).chain(inside)
    }

    pub(super) fn at(&self, port: u16) -> &Fate {
        let after = self.stretches.partition_point(|(first, _)| *first <= port);
        // The first stretch begins at port 0.
        &self.stretches[after.saturating_sub(1)].1
    }
}

impl AclRule {
    /// Whether two rules say the same.
    fn says(&self, other: &AclRule) -> bool {
        let plain = |rule: &AclRule| rule.unknown.is_none();
        plain(self)
            && plain(other)
            && (self.allow, self.sure_ports, &self.ranges) == (other.allow, other.sure_ports, &other.ranges)
    }
}

fn read<'a>(place: Place, value: &Value, field: impl Fn(&str) -> Lookup<'a>, names: [&str; 4]) -> AclRule {
    let mut unknown = value.as_unknown().map(|unknown| Unknown::clone(unknown));
    let mut note = |found: Unknown| {
        unknown.get_or_insert(found);
    };
    let number = field(names[0]);
    if number.int().is_none() {
        note(number.unknown().cloned().unwrap_or_else(|| cannot_be_read("its number", &place)));
    }
    let allow = match field(names[1]) {
        Lookup::Known(value) => match value.as_str().map(str::to_ascii_lowercase).as_deref() {
            Some("allow") => Truth::True,
            Some("deny") => Truth::False,
            _ => {
                note(cannot_be_read("its action", &place));
                Truth::Unknown
            }
        },
        Lookup::Unknown(found) => {
            note(found.clone());
            Truth::Unknown
        }
        Lookup::Absent => {
            note(cannot_be_read("its action", &place));
            Truth::Unknown
        }
    };
    let Opened { sure: sure_ports, may: may_ports, .. } = opened(&field, &place, &mut note);
    let mut cidrs = Vec::new();
    let ranges = [(names[2], Family::V4), (names[3], Family::V6)].map(|(name, family)| {
        let open = match field(name) {
            Lookup::Known(value) => match (&value.data, value.as_str().and_then(Cidr::parse)) {
                (Data::String(text), _) if text.is_empty() => None,
                (_, Some(cidr)) if cidr.family() == family => {
                    cidrs.push(cidr);
                    return (AddressSet::of(family, [&cidr]), None);
                }
                _ => Some(cannot_be_read("its range", &place)),
            },
            Lookup::Unknown(found) => Some(found.clone()),
            Lookup::Absent => None,
        };
        if let Some(open) = &open {
            note(open.clone());
        }
        (AddressSet::default(), open)
    });
    let number = number.int();
    let value = value.clone();
    AclRule { place, value, number, allow, sure_ports, may_ports, ranges, cidrs, unknown, separate: false }
}

/// Whether an update of the ACL may take an existing rule resource away: the ACL's own list removes all others.
fn revoked(graph: &Graph, acl: &Acl, rule: &Resource, direction: Direction) -> bool {
    let Acl::Resource(acl) = acl else { return false };
    let acl = graph.resource(*acl);
    let writes = acl.get(direction.name()).list().is_none_or(|listed| !listed.is_empty());
    acl.action == Action::Update && rule.action == Action::NoOp && writes
}

fn holds((first, last): PortRange, port: u16) -> bool {
    first <= port && port <= last
}

fn cannot_be_read(what: &str, place: &Place) -> Unknown {
    Unknown::at(Reason::Undecidable(format!("{what} cannot be read").into()), place.clone())
}

fn unreadable(acl: &Resource, path: &str) -> Unknown {
    Unknown::at(Reason::Undecidable("its rules are not in the input".into()), place_of(acl, path))
}
