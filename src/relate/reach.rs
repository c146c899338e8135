//! Whether security groups and network ACLs let a load balancer reach a target: out of the load balancer's interfaces
//! and subnets, and into the target's. Also whether clients reach the load balancer, and how a group's rules are
//! written; there, network ACLs are not looked at. Routes are not looked at anywhere.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::acl_wording::AclWording;
use super::admission::{Admission, Side, Wanted};
use super::cidr::Family;
use super::group::Groups;
use super::membership::{Interfaces, Membership, Memberships, Placement};
use super::network_acl::NetworkAcls;
use super::ports::PortRange;
use super::rule_to_add::MissingRule;
use super::rules::{Direction, RULES, RuleIndex};
use super::target::{TargetKind, TargetNode};
use super::wording::Wording;
use crate::catalog::names::{self, role};
use crate::catalog::{path_of, place_of, place_of_edge};
use crate::graph::{Certainty, Graph, Lookup, Place, Reason, ResourceId, Truth, Unknown, Value};

/// Answers about security groups and network ACLs over one graph. Rules are indexed once; equal questions are worked out once.
#[derive(Debug)]
pub struct SecurityReach<'g> {
    pub(super) graph: &'g Graph,
    pub(super) groups: Groups<'g>,
    pub(super) index: RuleIndex,
    members: Memberships<'g>,
    acls: NetworkAcls<'g>,
    load_balancers: Mutex<FxHashMap<(ResourceId, Family), Arc<Interfaces>>>,
    answered: Mutex<FxHashMap<Question, Arc<Reached>>>,
}

/// The ports a load balancer connects to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ports {
    /// One port.
    One(i64),
    /// Any of a range, both ends included: all of them have to be open.
    Range(i64, i64),
    /// One port, which is not known.
    Unknown(Unknown),
}

impl Ports {
    /// The port a value says. A sensitive one counts as not known: whatever is said of a connection names its port.
    #[must_use]
    pub fn of(value: &Value, place: impl FnOnce() -> Place) -> Option<Ports> {
        let port = value.as_int()?;
        if value.marks.sensitive {
            let reason = Reason::Undecidable("the port is sensitive".into());
            return Some(Ports::Unknown(Unknown::at(reason, place())));
        }
        Some(Ports::One(port))
    }
}

/// What the groups say to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// Every connection passes.
    Yes,
    /// None passes; for a range of ports: some of them are closed to all.
    No,
    /// Connections to some addresses or from some subnets pass, others surely do not.
    Partly,
    /// It hangs on something not known before apply.
    Unknown,
    /// Nothing connects here.
    NotApplicable,
}

/// An answer with its reasons, already safe to show.
#[derive(Clone, Debug)]
pub struct Reached {
    /// The answer.
    pub answer: Answer,
    /// Why, in one sentence.
    pub because: String,
    /// What to change, when something has to be; else empty.
    pub fix: String,
    /// The rules `fix` names; empty when one of them, or its peer, is not part of the input.
    pub missing: Vec<MissingRule>,
    /// The places and values it rests on.
    pub evidence: Vec<(Place, Value)>,
    /// What an unknown answer hangs on.
    pub unknown: Option<Unknown>,
}

/// What an answer depends on: two targets with the same groups and addresses are one question.
type Question = (Arc<Interfaces>, Arc<Placement>, Ports, Family);

impl<'g> SecurityReach<'g> {
    /// Indexes the rules and interfaces of a graph.
    #[must_use]
    pub fn new(graph: &'g Graph) -> SecurityReach<'g> {
        let groups = Groups::new(graph);
        let index = RuleIndex::new(graph, &groups);
        let (members, acls) = (Memberships::new(graph), NetworkAcls::new(graph));
        let (load_balancers, answered) = (Mutex::default(), Mutex::default());
        SecurityReach { graph, groups, index, members, acls, load_balancers, answered }
    }

    /// How many questions about connections had to be worked out: equal ones count once.
    #[must_use]
    pub fn questions_worked_out(&self) -> usize {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Gives back what answers are kept by, when no more questions about connections are to come.
    pub fn forget_questions(&mut self) {
        self.answered = Mutex::default();
    }

    /// Whether `load_balancer` may connect to `target` on `ports`: out of its own groups and into the target's, and over
    /// the network ACLs between their subnets. Connections that are alike share the answer; which groups are on which
    /// interfaces is no part of its evidence.
    #[must_use]
    pub fn connection(
        &self,
        load_balancer: ResourceId,
        target: &TargetNode,
        ports: &Ports,
        family: Family,
    ) -> Arc<Reached> {
        if let Some(other) = self.no_question(load_balancer, target) {
            return Arc::new(other);
        }
        let near = self.interfaces(load_balancer, family);
        let far = Arc::new(self.members.of_target(&self.groups, target, load_balancer, family));
        let question: Question = (near, far, ports.clone(), family);
        let known = self.answered.lock().unwrap_or_else(PoisonError::into_inner).get(&question).cloned();
        known.unwrap_or_else(|| {
            let reached = Arc::new(self.work_out(&question));
            self.answered.lock().unwrap_or_else(PoisonError::into_inner).insert(question, Arc::clone(&reached));
            reached
        })
    }

    /// Which groups are on the interfaces of `load_balancer` and `target`, as evidence for what is said of a connection.
    #[must_use]
    pub fn members(&self, load_balancer: ResourceId, target: &TargetNode, family: Family) -> Vec<(Place, Value)> {
        if self.no_question(load_balancer, target).is_some() {
            return Vec::new();
        }
        let near = self.interfaces(load_balancer, family);
        let far = self.members.of_target(&self.groups, target, load_balancer, family);
        let mut evidence = vec![self.groups_evidence(load_balancer, &near.groups)];
        if let (Some(id), [only]) = (target.resource, &far.options[..]) {
            evidence.push(self.groups_evidence(id, &only.groups));
        }
        evidence
    }

    /// What is to be said of what does not connect, or not in the way that is looked at here.
    fn no_question(&self, load_balancer: ResourceId, target: &TargetNode) -> Option<Reached> {
        match target.kind {
            TargetKind::Lambda => Some(Reached::not_applicable("a Lambda function is invoked, not connected to")),
            TargetKind::LoadBalancer => {
                Some(Reached::not_applicable("an application load balancer does not connect to another one"))
            }
            _ => self.not_an_alb(load_balancer),
        }
    }

    /// Whether the groups of the listener's load balancer let any client connect to its port.
    #[must_use]
    pub fn clients(&self, listener: ResourceId) -> Reached {
        let resource = self.graph.resource(listener);
        let load_balancer = match self.balancer_of(listener) {
            Ok(load_balancer) => load_balancer,
            Err(other) => return *other,
        };
        let place = place_of(resource, "port");
        let unusable = |why: &str| Ports::Unknown(Unknown::at(Reason::Undecidable(why.into()), place.clone()));
        let ports = match resource.get("port") {
            Lookup::Known(value) => Ports::of(value, || place.clone()).unwrap_or_else(|| unusable("it is no number")),
            Lookup::Unknown(unknown) => Ports::Unknown(unknown.clone()),
            Lookup::Absent => unusable("it has no port"),
        };
        let range = match ports_wanted(&ports) {
            Ok((range, _)) => range,
            Err(unknown) => return Reached::unknown(format!("{} has no usable port", resource.address), unknown),
        };
        let own = self.interfaces(load_balancer, Family::V4);
        let mut reached = self.anyone(Direction::Ingress, &own.groups, range, &ports);
        if let Lookup::Known(value) = resource.get("port") {
            reached.evidence.push((place, value.clone()));
        }
        reached.evidence.push(self.groups_evidence(load_balancer, &own.groups));
        reached
    }

    /// The Application Load Balancer of a listener, else what is to be said instead.
    pub(super) fn balancer_of(&self, listener: ResourceId) -> Result<ResourceId, Box<Reached>> {
        let resource = self.graph.resource(listener);
        let found = self.graph.links_as(listener, role::LOAD_BALANCER_OF).find_map(|link| link.certain());
        let Some(load_balancer) = found else {
            let place = place_of_edge(resource, role::LOAD_BALANCER_OF);
            let because = format!("which load balancer {} belongs to is not known", resource.address);
            return Err(Box::new(Reached::unknown(because, Unknown::at(Reason::NotInConfiguration, place))));
        };
        self.not_an_alb(load_balancer).map_or(Ok(load_balancer), |other| Err(Box::new(other)))
    }

    fn work_out(&self, (near, far, ports, family): &Question) -> Reached {
        let words = self.wording();
        let (range, wanted) = match ports_wanted(ports) {
            Ok(wanted) => wanted,
            Err(unknown) => return Reached::unknown(format!("the port is not usable: {unknown}"), unknown),
        };
        let admission = Admission { graph: self.graph, index: &self.index, groups: &self.groups };
        let mut answers = far.options.iter().map(|option| {
            let leaves = admission.side(Direction::Egress, &near.groups, option, range, wanted, *family);
            let enters = admission.side(Direction::Ingress, &option.groups, near, range, wanted, *family);
            let by_groups = self.together(near, option, &leaves, &enters, (range, ports), *family);
            self.across_subnets(by_groups, near, option, (range, wanted, ports), *family)
        });
        let Some(first) = answers.next() else {
            let unknown = far.open.clone().unwrap_or_else(|| Unknown::because(Reason::NotInConfiguration));
            return Reached::unknown(format!("which security groups the target has is not known: {unknown}"), unknown);
        };
        let differs = answers.find(|other| other.answer != first.answer);
        match (&far.open, differs) {
            (Some(unknown), _) => Reached::unknown(
                format!("the target may have other security groups than {}: {unknown}", words.options(&far.options)),
                unknown.clone(),
            ),
            (None, Some(other)) => {
                let undecided = [&first, &other].into_iter().find(|one| one.answer == Answer::Unknown).cloned();
                undecided.unwrap_or_else(|| {
                    let why = "which of several groups of instances is meant";
                    let unknown = Unknown::because(Reason::Undecidable(why.into()));
                    Reached::unknown(
                        format!("it depends on the instance: {}; but {}", first.because, other.because),
                        unknown,
                    )
                })
            }
            (None, None) => first,
        }
    }

    fn together(
        &self,
        near: &Interfaces,
        far: &Interfaces,
        leaves: &Side,
        enters: &Side,
        (range, ports): (PortRange, &Ports),
        family: Family,
    ) -> Reached {
        let words = self.wording();
        let answer = match (leaves.answer, enters.answer) {
            (Answer::No, _) | (_, Answer::No) => Answer::No,
            (Answer::Yes, other) | (other, Answer::Yes) => other,
            (Answer::Partly, Answer::Partly) => Answer::Partly,
            _ => Answer::Unknown,
        };
        let sides = [(leaves, Direction::Egress, &near.groups, far), (enters, Direction::Ingress, &far.groups, near)];
        let telling = sides.into_iter().filter(|(side, ..)| answer == Answer::Yes || side.answer == answer);
        let (mut because, mut fix, mut evidence) = (Vec::new(), Vec::new(), Vec::new());
        let mut missing: Option<Vec<MissingRule>> = Some(Vec::new());
        let mut unknown = None;
        for (side, direction, own, other) in telling {
            because.push(words.side(side, direction, own, &other.groups, range));
            if matches!(answer, Answer::No | Answer::Partly) {
                let closed = side.closed.unwrap_or(range);
                fix.push(words.fix(direction, own, other, closed, family));
                missing = missing.zip(words.missing(direction, own, other, closed)).map(|(mut all, rule)| {
                    all.push(rule);
                    all
                });
            }
            evidence.extend(side.rules.iter().map(|&rule| words.evidence(rule)));
            if side.rules.is_empty() && side.answer == Answer::No {
                evidence.extend(words.empty_evidence(own, direction));
            }
            if unknown.is_none() {
                unknown = side.unknown.as_ref().map(|(unknown, _)| unknown.clone());
            }
            evidence.extend(side.unknown.iter().filter_map(|(_, rule)| *rule).map(|rule| words.evidence(rule)));
        }
        if answer == Answer::Unknown {
            // A port that is not known is the thing to know first: with it, the rest may decide.
            if let Ports::Unknown(port) = ports {
                because = vec![format!("the port is not known: {port}")];
                unknown = Some(port.clone());
            }
            unknown.get_or_insert_with(|| Unknown::because(Reason::Undecidable("both sides hang on more".into())));
        } else {
            unknown = None;
        }
        Reached {
            answer,
            because: because.join("; "),
            fix: fix.join(" and "),
            missing: missing.unwrap_or_default(),
            evidence,
            unknown,
        }
    }

    /// What is left of a connection that the groups admit when the network ACLs between the subnets are asked too.
    fn across_subnets(
        &self,
        by_groups: Reached,
        near: &Interfaces,
        far: &Interfaces,
        (range, wanted, ports): (PortRange, Wanted, &Ports),
        family: Family,
    ) -> Reached {
        if by_groups.answer == Answer::No {
            return by_groups;
        }
        let Some(crossing) = self.acls.crossing(&near.addresses, &far.addresses, range, wanted, family) else {
            return by_groups;
        };
        let mut by_acls = AclWording { graph: self.graph, index: &self.acls.index, family }.reached(&crossing);
        match (by_groups.answer, by_acls.answer) {
            (_, Answer::No) | (Answer::Yes, Answer::Partly) => by_acls,
            (Answer::Partly, Answer::Partly) => Reached {
                because: [by_groups.because, by_acls.because].join("; "),
                fix: [by_groups.fix, by_acls.fix].join(" and "),
                missing: Vec::new(),
                evidence: by_groups.evidence.into_iter().chain(by_acls.evidence).collect(),
                ..by_acls
            },
            (Answer::Yes | Answer::Partly, Answer::Unknown) => {
                if let Ports::Unknown(port) = ports {
                    by_acls.because = format!("the port is not known: {port}");
                    by_acls.unknown = Some(port.clone());
                }
                by_acls
            }
            _ => by_groups,
        }
    }

    /// Whether groups let anybody in (ingress) or out to anybody (egress) on these ports.
    pub(super) fn anyone(&self, direction: Direction, own: &Membership, range: PortRange, ports: &Ports) -> Reached {
        let words = self.wording();
        let mut unknown = own.open.clone();
        let (mut open_ports, mut nearest): (Vec<(PortRange, u32)>, Vec<u32>) = (Vec::new(), Vec::new());
        for (group, on) in own.groups() {
            let Some(rules) = self.index.of(group, direction) else {
                unknown.get_or_insert_with(|| words.rules_outside(group));
                continue;
            };
            if unknown.is_none() {
                unknown.clone_from(&rules.open);
            }
            for &(at, certainty) in &rules.entries {
                let rule = self.index.rule(at);
                let somebody = rule.names_somebody();
                match rule.sure_ports {
                    Some(ports) if certainty.and(on) == Certainty::Certain && somebody == Truth::True => {
                        open_ports.push((ports, at));
                    }
                    _ if somebody != Truth::False && rule.may_ports.is_some_and(|ports| meet(ports, range)) => {
                        let doubt = rule.unknown.clone().or_else(|| rule.open_peers.clone());
                        let place = rule.place.clone();
                        unknown.get_or_insert(doubt.unwrap_or(Unknown::at(Reason::SeveralMentions, place)));
                    }
                    _ => {}
                }
                nearest.push(at);
            }
        }
        for &(ports, rule) in self.index.adrift(direction) {
            if meet(ports, range) {
                let place = self.index.rule(rule).place.clone();
                unknown.get_or_insert(Unknown::at(Reason::NotInConfiguration, place));
            }
        }
        let unknown = unknown.or_else(|| self.graph.unseen(&RULES).cloned());
        let admits = open_ports.iter().find(|((first, last), _)| *first <= range.0 && range.1 <= *last);
        let some = open_ports.iter().any(|(open, _)| meet(*open, range));
        match (admits, unknown, ports) {
            (Some(&(_, rule)), ..) => Reached::yes(words.rule(rule, direction), words.evidence(rule)),
            (None, _, Ports::Unknown(port)) if some => {
                Reached::unknown(format!("the port of the listener is not known: {port}"), port.clone())
            }
            (None, Some(unknown), _) => {
                let admits = match direction {
                    Direction::Ingress => words.do_or_does(own, "admit clients", "admits clients"),
                    Direction::Egress => words.do_or_does(own, "let it out", "lets it out"),
                };
                Reached::unknown(format!("whether {admits} is not known: {unknown}"), unknown)
            }
            (None, None, _) => {
                nearest.sort_by_key(|&rule| self.index.rule(rule).tcp == Truth::False);
                nearest.truncate(3);
                Reached {
                    answer: Answer::No,
                    because: words.nobody(direction, own, &nearest, range),
                    fix: words.fix_for_anyone(direction, own, range),
                    missing: words.missing_for_anyone(direction, own, range).into_iter().collect(),
                    evidence: if nearest.is_empty() {
                        words.empty_evidence(own, direction)
                    } else {
                        nearest.iter().map(|&rule| words.evidence(rule)).collect()
                    },
                    unknown: None,
                }
            }
        }
    }

    pub(super) fn interfaces(&self, load_balancer: ResourceId, family: Family) -> Arc<Interfaces> {
        let mut known = self.load_balancers.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known
            .entry((load_balancer, family))
            .or_insert_with(|| Arc::new(self.members.of_load_balancer(&self.groups, load_balancer, family)));
        Arc::clone(found)
    }

    /// Network and gateway load balancers follow other rules; so may one whose type is not known.
    pub(super) fn not_an_alb(&self, load_balancer: ResourceId) -> Option<Reached> {
        let resource = self.graph.resource(load_balancer);
        match resource.get("type") {
            Lookup::Known(value) if value.as_str() != Some("application") => {
                Some(Reached::not_applicable("it is no application load balancer"))
            }
            Lookup::Unknown(unknown) => {
                Some(Reached::unknown(format!("the type of {} is not known", resource.address), unknown.clone()))
            }
            _ => None,
        }
    }

    pub(super) fn groups_evidence(&self, id: ResourceId, groups: &Membership) -> (Place, Value) {
        let resource = self.graph.resource(id);
        let path = match self.graph.links_as(id, role::SECURITY_GROUPS).next() {
            Some(link) => &*link.path,
            None if resource.kind == Some(names::LOAD_BALANCER) => &path_of(resource, "security_groups"),
            None => "",
        };
        let mut named: Vec<Value> =
            groups.certain.iter().map(|group| Value::from(self.groups.name(group).as_str())).collect();
        named.extend(groups.open.iter().map(|unknown| Value::unknown(unknown.clone())));
        (resource.place(path), named.into())
    }

    pub(super) fn wording(&self) -> Wording<'_> {
        Wording { graph: self.graph, index: &self.index, groups: &self.groups }
    }
}

impl Reached {
    pub(super) fn unknown(because: String, unknown: Unknown) -> Reached {
        Reached { answer: Answer::Unknown, unknown: Some(unknown), ..Reached::not_applicable(&because) }
    }

    pub(super) fn yes(because: String, evidence: (Place, Value)) -> Reached {
        Reached { answer: Answer::Yes, evidence: vec![evidence], ..Reached::not_applicable(&because) }
    }

    fn not_applicable(because: &str) -> Reached {
        let (fix, missing, evidence) = (String::new(), Vec::new(), Vec::new());
        let because = because.to_owned();
        Reached { answer: Answer::NotApplicable, because, fix, missing, evidence, unknown: None }
    }
}

fn ports_wanted(ports: &Ports) -> Result<(PortRange, Wanted), Unknown> {
    let invalid = |port: &i64| Unknown::because(Reason::Undecidable(format!("{port} is no port").into()));
    let port = |number: &i64| match u16::try_from(*number) {
        Ok(0) | Err(_) => Err(invalid(number)),
        Ok(port) => Ok(port),
    };
    match ports {
        Ports::One(one) => port(one).map(|one| ((one, one), Wanted::Every)),
        Ports::Range(first, last) if first <= last => Ok(((port(first)?, port(last)?), Wanted::Every)),
        Ports::Range(first, _) => Err(invalid(first)),
        Ports::Unknown(_) => Ok(((1, u16::MAX), Wanted::Some)),
    }
}

fn meet(one: PortRange, other: PortRange) -> bool {
    one.0 <= other.1 && other.0 <= one.1
}
