//! Whether the rules of the groups on one interface let TCP through to or from another: for each port, the addresses
//! that are surely admitted and those that may be, held against the addresses the other side surely and possibly has.

use super::cidr::{AddressSet, Family};
use super::group::{Group, Groups};
use super::membership::{Interfaces, Membership};
use super::ports::PortRange;
use super::reach::Answer;
use super::rules::{Direction, RULES, Rule, RuleIndex};
use crate::graph::{Certainty, Graph, Reason, Truth, Unknown};

/// How many comparisons of a rule with a range of ports one side may cost; beyond, the input is no real one.
const MOST_COMPARISONS: usize = 4_000_000;

/// What rules are held against.
#[derive(Clone, Copy)]
pub(super) struct Admission<'a> {
    pub(super) graph: &'a Graph,
    pub(super) index: &'a RuleIndex,
    pub(super) groups: &'a Groups<'a>,
}

/// One side's answer and what it rests on.
#[derive(Debug)]
pub(super) struct Side {
    pub(super) answer: Answer,
    /// The rules that admit, or the nearest ones that do not.
    pub(super) rules: Vec<u32>,
    /// Of several ports, those that are closed.
    pub(super) closed: Option<PortRange>,
    /// An address range of the other side that is not admitted, in words.
    pub(super) uncovered: Option<String>,
    /// What an undecided answer hangs on, and the rule it is in.
    pub(super) unknown: Option<(Unknown, Option<u32>)>,
}

/// How the answers for single ports make one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Every port has to be open.
    Every,
    /// One port that is not known, out of these.
    Some,
}

/// Whom a rule admits.
enum Reach<'a> {
    Everybody,
    These(Vec<&'a AddressSet>),
}

/// A rule that is or may be in force on some of the ports.
struct Candidate<'a> {
    rule: u32,
    /// Whom it surely admits, on which ports.
    sure: Option<(Reach<'a>, PortRange)>,
    /// Whom it may admit, on which ports.
    may: Option<(Reach<'a>, PortRange)>,
    why: Option<Unknown>,
    /// Whether the group it belongs to is only possible: then that is the thing to know.
    perhaps: bool,
}

impl<'a> Admission<'a> {
    /// Whether the groups of `own` let TCP to `ports` pass to (egress) or from (ingress) `other`.
    pub(super) fn side(
        &self,
        direction: Direction,
        own: &Membership,
        other: &Interfaces,
        ports: PortRange,
        wanted: Wanted,
        family: Family,
    ) -> Side {
        let (candidates, anything) = self.candidates(direction, own, other, ports, family);
        let starts = segment_starts(&candidates, ports);
        if starts.len().saturating_mul(candidates.len()) > MOST_COMPARISONS {
            let why = Unknown::because(Reason::Undecidable("the groups hold too many rules to compare".into()));
            return Side { unknown: Some((why, None)), ..Side::new(Answer::Unknown) };
        }
        let segments: Vec<(PortRange, Answer)> = starts
            .iter()
            .enumerate()
            .map(|(at, &first)| {
                let last = starts.get(at + 1).map_or(ports.1, |next| next - 1);
                ((first, last), segment(&candidates, (first, last), other, anything.is_some(), family))
            })
            .collect();
        let answer = fold(segments.iter().map(|(_, answer)| *answer), wanted);
        let mut side = Side::new(answer);
        side.closed = closed(&segments);
        let at = match (answer, side.closed) {
            (Answer::No, Some(closed)) => closed,
            _ => segments.iter().find(|(_, found)| *found == answer).map_or(ports, |(range, _)| *range),
        };
        match answer {
            Answer::Yes => side.rules = admitting(&candidates, ports, other),
            Answer::Unknown => side.unknown = self.hangs_on(&candidates, at, own, other, anything),
            _ => {
                side.rules = self.nearest(direction, own, other, at, family);
                let admitted = union(&candidates, at, |candidate| candidate.may.as_ref());
                side.uncovered = admitted.and_then(|set| {
                    let parts = &mut other.addresses.parts.iter();
                    parts.find(|(_, part)| !part.is_subset(&set)).map(|(part, _)| part.to_string())
                });
            }
        }
        side
    }

    /// Every rule that is or may be in force, and why there may be any other.
    fn candidates(
        &self,
        direction: Direction,
        own: &Membership,
        other: &Interfaces,
        wanted: PortRange,
        family: Family,
    ) -> (Vec<Candidate<'a>>, Option<Unknown>) {
        let mut anything = own.open.clone();
        let mut candidates = Vec::new();
        for (group, on) in own.groups() {
            let Some(rules) = self.index.of(group, direction) else {
                anything.get_or_insert_with(|| {
                    Unknown::because(Reason::OutsideInput(format!("what {} admits", self.groups.name(group)).into()))
                });
                continue;
            };
            if anything.is_none() {
                anything.clone_from(&rules.open);
            }
            for &(rule, certainty) in &rules.entries {
                if self.index.rule(rule).may_ports.is_some_and(|ports| meet(ports, wanted)) {
                    let mut candidate = self.candidate(rule, certainty.and(on), group, other, family);
                    candidate.perhaps = on == Certainty::Possible;
                    candidates.push(candidate);
                }
            }
        }
        for &(ports, rule) in self.index.adrift(direction).iter().filter(|(ports, _)| meet(*ports, wanted)) {
            let why = Unknown::at(Reason::NotInConfiguration, self.index.rule(rule).place.clone());
            let may = Some((Reach::Everybody, ports));
            candidates.push(Candidate { rule, sure: None, may, why: Some(why), perhaps: false });
        }
        (candidates, anything.or_else(|| self.graph.unseen(&RULES).cloned()))
    }

    fn candidate(
        &self,
        at: u32,
        certainty: Certainty,
        group: &Group,
        other: &Interfaces,
        family: Family,
    ) -> Candidate<'a> {
        let rule = self.index.rule(at);
        let carried = self.carried(rule, group, &other.groups);
        let ranges = self.index.ranges(rule, family);
        let several = carried == Truth::Unknown || ranges.may.len() > ranges.sure.len();
        let doubt = (certainty == Certainty::Possible)
            .then(|| Unknown::at(Reason::SeveralMentions, rule.place.clone()))
            .or_else(|| rule.unknown.clone())
            .or_else(|| ranges.open.cloned())
            .or_else(|| match carried {
                Truth::Unknown => rule.open_peers.clone().or_else(|| other.groups.open.clone()),
                _ => None,
            })
            .or_else(|| several.then(|| Unknown::at(Reason::SeveralMentions, rule.place.clone())));
        let may = match (carried, ranges.open) {
            (Truth::False, None) => Reach::These(ranges.may),
            _ => Reach::Everybody,
        };
        let sure = match carried {
            Truth::True => Reach::Everybody,
            _ => Reach::These(ranges.sure),
        };
        Candidate {
            rule: at,
            sure: rule.sure_ports.filter(|_| certainty == Certainty::Certain).map(|ports| (sure, ports)),
            may: rule.may_ports.map(|ports| (may, ports)),
            why: doubt,
            perhaps: false,
        }
    }

    /// Whether the other side carries a group that the rule names.
    fn carried(&self, rule: &Rule, group: &Group, other: &Membership) -> Truth {
        let mut answer = rule.itself.and(self.carries(other, group));
        let mut all = !rule.peers.is_empty() && rule.one_peer && rule.open_peers.is_none();
        for (peer, certainty) in &rule.peers {
            let carried = self.carries(other, peer);
            all &= carried == Truth::True;
            answer = answer.or(match certainty {
                Certainty::Certain => carried,
                Certainty::Possible => carried.and(Truth::Unknown),
            });
        }
        if all {
            answer = Truth::True; // whichever of them is meant
        }
        if rule.open_peers.is_some() { answer.or(Truth::Unknown) } else { answer }
    }

    fn carries(&self, other: &Membership, group: &Group) -> Truth {
        let mut answer = if other.open.is_some() { Truth::Unknown } else { Truth::False };
        for member in &other.certain {
            answer = answer.or(self.groups.same(member, group));
        }
        for member in &other.possible {
            answer = answer.or(self.groups.same(member, group).and(Truth::Unknown));
        }
        answer
    }

    /// What the undecided port hangs on: the first thing that, were it known, could decide.
    fn hangs_on(
        &self,
        candidates: &[Candidate<'_>],
        at: PortRange,
        own: &Membership,
        other: &Interfaces,
        anything: Option<Unknown>,
    ) -> Option<(Unknown, Option<u32>)> {
        let open = candidates
            .iter()
            .filter(|candidate| candidate.may.as_ref().is_some_and(|(_, ports)| ports.0 <= at.0 && at.1 <= ports.1));
        let mut by_rule = open.filter_map(|candidate| match (candidate.perhaps, &own.doubt) {
            (true, Some(doubt)) => Some((doubt.clone(), None)),
            _ => candidate.why.clone().map(|why| (why, Some(candidate.rule))),
        });
        by_rule
            .next()
            .or(anything.map(|unknown| (unknown, None)))
            .or_else(|| other.addresses.open.clone().map(|unknown| (unknown, None)))
            .or_else(|| {
                let why = "which address of its subnet it gets is not known";
                other.addresses.single.then(|| (Unknown::because(Reason::Undecidable(why.into())), None))
            })
    }

    /// The rules that come nearest to admitting the connection, best first.
    fn nearest(
        &self,
        direction: Direction,
        own: &Membership,
        other: &Interfaces,
        at: PortRange,
        family: Family,
    ) -> Vec<u32> {
        let mut ranked: Vec<(u8, u32)> = Vec::new();
        for (group, _) in own.groups() {
            let entries = self.index.of(group, direction).map_or(&[][..], |rules| &rules.entries);
            ranked.extend(entries.iter().map(|&(number, _)| {
                let rule = self.index.rule(number);
                let port = rule.may_ports.is_some_and(|ports| meet(ports, at));
                let carried = self.carried(rule, group, &other.groups) == Truth::True;
                let near = other
                    .addresses
                    .parts
                    .iter()
                    .any(|(_, part)| self.index.ranges(rule, family).sure.iter().any(|set| part.intersects(set)));
                let says = rule.cidrs.is_empty() || rule.cidrs.iter().any(|cidr| cidr.family() == family);
                let rank = match (carried || near, port) {
                    (true, true) => 0,
                    (true, false) => 1,
                    (false, true) => 2,
                    (false, false) => 3,
                };
                (rank * 2 + u8::from(!says), number)
            }));
        }
        ranked.sort_unstable();
        ranked.dedup();
        ranked.into_iter().take(MOST_NAMED).map(|(_, rule)| rule).collect()
    }
}

/// How many rules a sentence names.
const MOST_NAMED: usize = 3;

impl Side {
    fn new(answer: Answer) -> Side {
        Side { answer, rules: Vec::new(), closed: None, uncovered: None, unknown: None }
    }
}

/// The answer for ports that every candidate treats alike.
fn segment(candidates: &[Candidate<'_>], at: PortRange, other: &Interfaces, anything: bool, family: Family) -> Answer {
    let sure = match union(candidates, at, |candidate| candidate.sure.as_ref()) {
        None => return Answer::Yes,
        Some(set) => set,
    };
    let may = match union(candidates, at, |candidate| candidate.may.as_ref()) {
        _ if anything => None,
        found => found,
    };
    let addresses = &other.addresses;
    let parts = || addresses.parts.iter().map(|(_, part)| part);
    let every = match &addresses.open {
        None => !addresses.parts.is_empty() && parts().all(|part| part.is_subset(&sure)),
        Some(_) => match &addresses.within {
            Some(within) => within.is_subset(&sure),
            None => AddressSet::everything(family).is_subset(&sure),
        },
    };
    if every {
        return Answer::Yes;
    }
    let Some(may) = may else { return Answer::Unknown };
    let none = match &addresses.open {
        None => !parts().any(|part| part.intersects(&may)),
        Some(_) => match &addresses.within {
            Some(within) => !within.intersects(&may),
            None => may.is_empty(),
        },
    };
    if none {
        return Answer::No;
    }
    let some = parts().any(|part| part.intersects(&sure)) && parts().any(|part| !part.is_subset(&may));
    if some && !addresses.single { Answer::Partly } else { Answer::Unknown }
}

/// Whom the candidates admit together on ports that each opens as a whole or not at all; none for everybody.
fn union<'c, 'a: 'c>(
    candidates: &'c [Candidate<'a>],
    at: PortRange,
    admits: impl Fn(&'c Candidate<'a>) -> Option<&'c (Reach<'a>, PortRange)>,
) -> Option<AddressSet> {
    let mut sets = Vec::new();
    for (reach, (first, last)) in candidates.iter().filter_map(admits) {
        if *first <= at.0 && at.1 <= *last {
            match reach {
                Reach::Everybody => return None,
                Reach::These(these) => sets.extend(these.iter().copied()),
            }
        }
    }
    Some(AddressSet::union(sets))
}

/// The first ports of the stretches between which no rule begins or ends.
fn segment_starts(candidates: &[Candidate<'_>], (first, last): PortRange) -> Vec<u16> {
    let mut starts = vec![first];
    for candidate in candidates {
        let ranges = [candidate.sure.as_ref(), candidate.may.as_ref()];
        for (from, to) in ranges.into_iter().flatten().map(|(_, ports)| *ports) {
            starts
                .extend([Some(from), to.checked_add(1)].into_iter().flatten().filter(|at| first < *at && *at <= last));
        }
    }
    starts.sort_unstable();
    starts.dedup();
    starts
}

pub(super) fn fold(answers: impl Iterator<Item = Answer>, wanted: Wanted) -> Answer {
    let mut seen: Vec<Answer> = answers.collect();
    seen.sort_unstable();
    seen.dedup();
    match (&seen[..], wanted) {
        ([only], _) => *only,
        (_, Wanted::Some) => Answer::Unknown,
        (several, Wanted::Every) if several.contains(&Answer::No) => Answer::No,
        (several, Wanted::Every) if several.contains(&Answer::Unknown) => Answer::Unknown,
        _ => Answer::Partly,
    }
}

/// The first stretch of closed ports.
fn closed(segments: &[(PortRange, Answer)]) -> Option<PortRange> {
    let mut stretch: Option<PortRange> = None;
    for ((first, last), answer) in segments {
        match (&mut stretch, *answer == Answer::No) {
            (None, true) => stretch = Some((*first, *last)),
            (Some(found), true) if found.1.checked_add(1) == Some(*first) => found.1 = *last,
            (Some(_), _) => break,
            (None, false) => {}
        }
    }
    stretch
}

/// The rules a yes rests on: one that admits the other side on all ports when there is one, else all that take part.
fn admitting(candidates: &[Candidate<'_>], ports: PortRange, other: &Interfaces) -> Vec<u32> {
    let parts = || other.addresses.parts.iter().map(|(_, part)| part);
    let sure = || candidates.iter().filter_map(|candidate| Some((candidate.rule, candidate.sure.as_ref()?)));
    let whole = sure().find(|(_, (reach, (first, last)))| {
        let all = match reach {
            Reach::Everybody => true,
            Reach::These(sets) => {
                other.addresses.open.is_none() && parts().all(|part| sets.iter().any(|set| part.is_subset(set)))
            }
        };
        all && *first <= ports.0 && ports.1 <= *last
    });
    if let Some((rule, _)) = whole {
        return vec![rule];
    }
    let takes_part = sure().filter(|(_, (reach, open))| {
        let somebody = match reach {
            Reach::Everybody => true,
            Reach::These(sets) => {
                other.addresses.open.is_some() || parts().any(|part| sets.iter().any(|set| part.intersects(set)))
            }
        };
        somebody && meet(*open, ports)
    });
    takes_part.map(|(rule, _)| rule).take(MOST_NAMED).collect()
}

fn meet(one: PortRange, other: PortRange) -> bool {
    one.0 <= other.1 && other.0 <= one.1
}
