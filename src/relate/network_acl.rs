//! Whether network ACLs let a load balancer and a target talk across the border between their subnets: the request out
//! of the one and into the other, and, as network ACLs remember nothing, the reply to any port of 1024-65535 back.
//! Within one subnet no ACL is asked.
//!
//! A subnet that nobody claims is under the default ACL of its VPC, which lets everything through unless the input says
//! otherwise. That is what AWS does; an ACL outside the input cannot be seen, and neither can what somebody made of a
//! default ACL that the input does not hold.

use rustc_hash::FxHashMap;

use super::acl_claims::{Claims, Governing};
use super::acl_rules::{Acl, AclIndex, Fate};
use super::addresses::{Addresses, Seat, Seats, same};
use super::admission::{Wanted, fold};
use super::cidr::{AddressSet, Cidr, Family};
use super::ports::PortRange;
use super::reach::Answer;
use super::rules::Direction;
use crate::catalog::names;
use crate::graph::{Graph, Place, Reason, Target, Text, Truth, Unknown};

/// Where a reply may go: AWS's range for the client ports of load balancer nodes.
pub(super) const REPLIES: PortRange = (1024, u16::MAX);
/// How many stretches of ports one question may cost over all pairs of subnets; beyond, the input is no real one.
const MOST_STEPS: usize = 100_000;

/// Answers about network ACLs over one graph.
#[derive(Debug)]
pub(super) struct NetworkAcls<'g> {
    graph: &'g Graph,
    claims: Claims<'g>,
    pub(super) index: AclIndex,
    /// The input holds none, so there is nothing to ask.
    none: bool,
}

/// What the ACLs say to a connection.
#[derive(Debug)]
pub(super) struct Crossing {
    pub(super) answer: Answer,
    /// The passages that are closed, or not all open, or not known: whatever the answer is about.
    pub(super) telling: Vec<Passage>,
    /// What an unknown answer hangs on.
    pub(super) unknown: Option<Unknown>,
}

/// One way through the ACL of one subnet.
#[derive(Clone, Debug)]
pub(super) struct Passage {
    pub(super) answer: Answer,
    pub(super) acl: Option<Acl>,
    pub(super) direction: Direction,
    /// The ports it is about: of several, those that are closed.
    pub(super) ports: PortRange,
    /// It is about replies.
    pub(super) reply: bool,
    /// The subnet that the ACL governs.
    pub(super) own: Text,
    /// Where it is said that it does.
    pub(super) claim: Option<Place>,
    /// The subnet at the other end, and its range.
    pub(super) other: Text,
    pub(super) range: Option<Cidr>,
    /// Those addresses at the other end that are meant.
    pub(super) addresses: AddressSet,
    pub(super) unknown: Option<Unknown>,
}

/// A subnet with the ACLs it may be under.
struct Post {
    subnet: Option<Target>,
    name: Text,
    range: Option<Cidr>,
    addresses: AddressSet,
    spread: bool,
    governing: Governing,
}

/// What happens on one stretch of ports at one border: first port, last port, fate.
type Stretches = Vec<(PortRange, Fate)>;

impl<'g> NetworkAcls<'g> {
    pub(super) fn new(graph: &'g Graph) -> NetworkAcls<'g> {
        let claims = Claims::new(graph);
        let index = AclIndex::new(graph, |target| claims.acl(target));
        let kinds = [names::NETWORK_ACL, names::NETWORK_ACL_RULE, names::NETWORK_ACL_ASSOCIATION];
        let none = kinds.into_iter().all(|kind| graph.of_kind(kind).is_empty());
        NetworkAcls { graph, claims, index, none }
    }

    /// Whether a load balancer at `near` may connect to a target at `far`, and get its replies; none when the input
    /// holds no network ACL.
    pub(super) fn crossing(
        &self,
        near: &Addresses,
        far: &Addresses,
        ports: PortRange,
        wanted: Wanted,
        family: Family,
    ) -> Option<Crossing> {
        if self.none {
            return None;
        }
        let (near_sure, near_maybe) = self.posts(near, family);
        let (far_sure, far_maybe) = self.posts(far, family);
        let mut steps = 0;
        let mut pass = |near: &[Post], far: &[Post]| -> Option<Vec<(Answer, Vec<Passage>)>> {
            let mut found = Vec::new();
            for one in near {
                for other in far {
                    let pair = Pair { acls: self, near: one, far: other, wanted, family };
                    let (answer, passages, cost) = pair.judged(ports)?;
                    steps += cost;
                    if steps > MOST_STEPS {
                        return None;
                    }
                    found.push((answer, passages));
                }
            }
            Some(found)
        };
        let sure = pass(&near_sure, &far_sure);
        let maybe = [pass(&near_maybe, &far_sure), pass(&near_sure, &far_maybe), pass(&near_maybe, &far_maybe)];
        let (Some(sure), [Some(one), Some(two), Some(three)]) = (sure, maybe) else {
            let why =
                Unknown::because(Reason::Undecidable("the subnets and network ACLs are too many to compare".into()));
            return Some(Crossing { answer: Answer::Unknown, telling: Vec::new(), unknown: Some(why) });
        };
        let maybe: Vec<_> = one.into_iter().chain(two).chain(three).collect();
        Some(together(&sure, &maybe))
    }

    /// The subnets that are surely meant and those that may be.
    fn posts(&self, addresses: &Addresses, family: Family) -> (Vec<Post>, Vec<Post>) {
        let Seats { certain, possible, open, vpc } = &addresses.seats;
        let unbounded = || addresses.within.clone().unwrap_or_else(|| AddressSet::everything(family));
        let post = |seat: &Seat, sure: bool| Post {
            subnet: Some(seat.subnet.clone()),
            name: seat.name.clone(),
            range: seat.range,
            spread: sure && seat.spread && seat.addresses.is_some(),
            addresses: seat.addresses.clone().unwrap_or_else(unbounded),
            governing: self.claims.governs(&seat.subnet, vpc.as_ref()),
        };
        let sure = certain.iter().map(|seat| post(seat, true)).collect();
        let mut maybe: Vec<Post> = possible.iter().map(|seat| post(seat, false)).collect();
        if let Some(why) = open {
            maybe.push(Post {
                subnet: None,
                name: "a subnet that is not known".into(),
                range: None,
                addresses: match &addresses.open {
                    // One interface with a known address, in whichever subnet.
                    None => AddressSet::union(addresses.parts.iter().map(|(_, part)| part)),
                    Some(_) => unbounded(),
                },
                spread: false,
                governing: self.claims.any(vpc.as_ref(), why),
            });
        }
        (sure, maybe)
    }

    /// What one of several ACLs does, stretch by stretch.
    fn stretches(&self, governing: &Governing, direction: Direction, range: PortRange, family: Family) -> Stretches {
        let options = &governing.options;
        let tables: Vec<_> = options.iter().map(|acl| self.index.table(acl, direction, family)).collect();
        let mut starts: Vec<u16> = tables.iter().flat_map(|table| table.starts(range)).collect();
        starts.sort_unstable();
        starts.dedup();
        let stretch = |at: usize| {
            let first = starts[at];
            let fates = || tables.iter().map(|table| table.at(first));
            let fate = Fate {
                pass: AddressSet::union(fates().map(|fate| &fate.pass)),
                stop: AddressSet::union(fates().map(|fate| &fate.stop)),
            };
            ((first, starts.get(at + 1).map_or(range.1, |next| next - 1)), fate)
        };
        (0..starts.len()).map(stretch).collect()
    }
}

/// A subnet of the load balancer and one of the target.
struct Pair<'a> {
    acls: &'a NetworkAcls<'a>,
    near: &'a Post,
    far: &'a Post,
    wanted: Wanted,
    family: Family,
}

impl Pair<'_> {
    /// The answer, the passages that make it, and how many steps it took; none when it takes too many.
    fn judged(&self, ports: PortRange) -> Option<(Answer, Vec<Passage>, usize)> {
        let same = match (&self.near.subnet, &self.far.subnet) {
            (Some(near), Some(far)) => same(self.acls.graph, near, far),
            _ => Truth::Unknown,
        };
        if same == Truth::True {
            return Some((Answer::Yes, Vec::new(), 1));
        }
        let (near, far) = (&self.near.governing, &self.far.governing);
        let stretches = |of, direction, range| self.acls.stretches(of, direction, range, self.family);
        let leaves = stretches(near, Direction::Egress, ports);
        let returns = stretches(near, Direction::Ingress, REPLIES);
        let enters = stretches(far, Direction::Ingress, ports);
        let answers = stretches(far, Direction::Egress, REPLIES);
        let cost = (leaves.len() + enters.len()) * (returns.len() + answers.len());
        if cost > MOST_STEPS {
            return None;
        }
        let replies = self.replies(&returns, &answers);
        let starts = merged(&leaves, &enters);
        let each = starts.into_iter().map(|port| self.on_port(fate(&leaves, port), fate(&enters, port), &replies));
        let answer = match (fold(each, self.wanted), same) {
            (Answer::Yes, _) => Answer::Yes,
            (answer, Truth::False) => answer,
            _ => Answer::Unknown,
        };
        let passages = [
            self.passage(self.near, self.far, Direction::Egress, &leaves, false),
            self.passage(self.far, self.near, Direction::Ingress, &enters, false),
            self.passage(self.far, self.near, Direction::Egress, &answers, true),
            self.passage(self.near, self.far, Direction::Ingress, &returns, true),
        ];
        let telling = |passages: &[Passage], answer| {
            passages.iter().filter(|one| one.answer == answer).cloned().collect::<Vec<_>>()
        };
        let mut told = telling(&passages, answer);
        if told.is_empty() {
            // Several that are open in part may leave nothing, and a closed one may be within a subnet after all.
            let other = [Answer::No, Answer::Partly, Answer::Unknown];
            told = other
                .into_iter()
                .map(|answer| telling(&passages, answer))
                .find(|told| !told.is_empty())
                .unwrap_or_default();
        }
        if same == Truth::Unknown && answer == Answer::Unknown {
            let why = "it is not known whether both are in one subnet, where no network ACL is asked";
            for passage in &mut told {
                passage.unknown.get_or_insert_with(|| Unknown::because(Reason::Undecidable(why.into())));
            }
        }
        Some((answer, if answer == Answer::Yes { Vec::new() } else { told }, cost))
    }

    /// Which fates a reply can have: of packets to the target's subnet's border and back over the load balancer's.
    fn replies<'f>(&self, returns: &'f Stretches, answers: &'f Stretches) -> Vec<(&'f Fate, &'f Fate)> {
        let starts = merged(returns, answers);
        starts.into_iter().map(|port| (fate(returns, port), fate(answers, port))).collect()
    }

    /// What becomes of connections to one port: each hangs on an address at either end and on the port of the reply.
    fn on_port(&self, leaves: &Fate, enters: &Fate, replies: &[(&Fate, &Fate)]) -> Answer {
        let (near, far) = (self.near, self.far);
        let sure = |set: &AddressSet, fate: &Fate| !set.intersects(&fate.stop);
        let every = sure(&far.addresses, leaves)
            && sure(&near.addresses, enters)
            && replies.iter().all(|(back, out)| sure(&far.addresses, back) && sure(&near.addresses, out));
        if every {
            return Answer::Yes;
        }
        let may = |set: &AddressSet, one: &Fate, two: &Fate| set.intersection(&one.pass).intersects(&two.pass);
        let none =
            replies.iter().all(|(back, out)| !(may(&far.addresses, leaves, back) && may(&near.addresses, enters, out)));
        if none {
            return Answer::No;
        }
        let passes = |post: &Post, one: &Fate, two: &Fate| {
            let left = post.addresses.without(&one.stop).without(&two.stop);
            if post.spread { !left.is_empty() } else { left == post.addresses }
        };
        let some = replies.iter().any(|(back, out)| passes(far, leaves, back) && passes(near, enters, out));
        let stops = |post: &Post, fate: &Fate| match post.spread {
            true => !post.addresses.is_subset(&fate.pass),
            false => !post.addresses.intersects(&fate.pass),
        };
        let not_all = stops(far, leaves)
            || stops(near, enters)
            || replies.iter().any(|(back, out)| stops(far, back) || stops(near, out));
        if some && not_all { Answer::Partly } else { Answer::Unknown }
    }

    /// What one ACL does in one direction, for words.
    fn passage(&self, own: &Post, other: &Post, direction: Direction, stretches: &Stretches, reply: bool) -> Passage {
        let one = |fate: &Fate| {
            let set = &other.addresses;
            if !set.intersects(&fate.stop) {
                Answer::Yes
            } else if !set.intersects(&fate.pass) {
                Answer::No
            } else if other.spread && !set.is_subset(&fate.pass) && !set.is_subset(&fate.stop) {
                Answer::Partly
            } else {
                Answer::Unknown
            }
        };
        let each: Vec<(PortRange, Answer)> = stretches.iter().map(|(ports, fate)| (*ports, one(fate))).collect();
        let answers = || each.iter().map(|(_, answer)| *answer);
        let some_closed = answers().any(|answer| answer == Answer::No);
        let answer = match fold(answers(), if reply { Wanted::Every } else { self.wanted }) {
            // A reply goes to one of the ports, so one that is closed does not close them all.
            Answer::No if reply && answers().any(|answer| answer != Answer::No) => Answer::Partly,
            answer => answer,
        };
        let shut = |answer: &Answer| if some_closed { *answer == Answer::No } else { *answer != Answer::Yes };
        let mut closed = each.iter().skip_while(|(_, answer)| !shut(answer));
        let mut ports = closed.next().map_or(REPLIES, |(ports, _)| *ports);
        for (more, _) in closed.take_while(|(_, answer)| shut(answer)) {
            ports.1 = more.1;
        }
        let governing = &own.governing;
        let acl = match &governing.options[..] {
            [only] => Some(only.clone()),
            _ => None,
        };
        let within = acl.as_ref().map(|acl| self.acls.index.of(acl, direction));
        let rules = within.as_ref().map_or(&[][..], |rules| &rules.entries);
        let in_rules = || {
            let met = rules
                .iter()
                .map(|(at, _)| self.acls.index.rule(*at))
                .filter(|rule| rule.may_ports.is_some_and(|(first, last)| first <= ports.1 && ports.0 <= last));
            met.filter_map(|rule| rule.unknown.clone()).next()
        };
        let address = "which address of its subnet it gets is not known";
        let unknown = (answer == Answer::Unknown).then(|| {
            governing
                .unknown
                .clone()
                .or_else(|| within.as_ref().and_then(|rules| rules.open.clone()))
                .or_else(in_rules)
                .or_else(|| other.governing.unknown.clone())
                .unwrap_or_else(|| Unknown::because(Reason::Undecidable(address.into())))
        });
        Passage {
            answer,
            acl,
            direction,
            ports,
            reply,
            own: own.name.clone(),
            claim: governing.place.clone(),
            other: other.name.clone(),
            range: other.range,
            addresses: other.addresses.clone(),
            unknown,
        }
    }
}

/// One answer for all pairs of subnets; the second ones may not be there.
fn together(sure: &[(Answer, Vec<Passage>)], maybe: &[(Answer, Vec<Passage>)]) -> Crossing {
    let all = |pairs: &[(Answer, Vec<Passage>)], answer| pairs.iter().all(|(one, _)| *one == answer);
    let any = |pairs: &[(Answer, Vec<Passage>)], answer| pairs.iter().any(|(one, _)| *one == answer);
    let some_pass = any(sure, Answer::Yes) || any(sure, Answer::Partly);
    let some_stop = any(sure, Answer::No) || any(sure, Answer::Partly);
    let answer = if all(sure, Answer::Yes) && all(maybe, Answer::Yes) {
        Answer::Yes
    } else if all(sure, Answer::No) && all(maybe, Answer::No) {
        Answer::No
    } else if some_pass && some_stop {
        Answer::Partly
    } else {
        Answer::Unknown
    };
    let both = || sure.iter().chain(maybe);
    let of = |wanted: &[Answer]| {
        let pairs = both().filter(|(answer, _)| wanted.contains(answer));
        distinct(pairs.flat_map(|(_, passages)| passages))
    };
    let telling = match answer {
        Answer::Yes => Vec::new(),
        Answer::No => of(&[Answer::No]),
        Answer::Partly => of(&[Answer::No, Answer::Partly]),
        _ => {
            let unknown = of(&[Answer::Unknown]);
            if unknown.is_empty() { of(&[Answer::No, Answer::Partly]) } else { unknown }
        }
    };
    let why = "which of several subnets is meant";
    let unknown = (answer == Answer::Unknown).then(|| {
        let told = telling.iter().find_map(|passage| passage.unknown.clone());
        told.unwrap_or_else(|| Unknown::because(Reason::Undecidable(why.into())))
    });
    Crossing { answer, telling, unknown }
}

/// Each way through an ACL once for each range at the other end, in a stable order.
fn distinct<'p>(passages: impl Iterator<Item = &'p Passage>) -> Vec<Passage> {
    let mut seen: FxHashMap<(Option<Acl>, Direction, PortRange, Text), ()> = FxHashMap::default();
    let mut found = Vec::new();
    for passage in passages {
        let key = (passage.acl.clone(), passage.direction, passage.ports, passage.other.clone());
        if seen.insert(key, ()).is_none() {
            found.push(passage.clone());
        }
    }
    found
}

/// The first ports of stretches of either.
fn merged(one: &Stretches, two: &Stretches) -> Vec<u16> {
    let mut starts: Vec<u16> = one.iter().chain(two).map(|((first, _), _)| *first).collect();
    starts.sort_unstable();
    starts.dedup();
    starts
}

/// What happens on a port of a range that `stretches` covers.
fn fate(stretches: &Stretches, port: u16) -> &Fate {
    let after = stretches.partition_point(|((first, _), _)| *first <= port);
    &stretches[after.saturating_sub(1)].1
}
