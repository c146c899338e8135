//! Sentences, fixes and evidence about network ACLs. Decides nothing. Never shows a sensitive value.

use super::acl_rules::{Acl, AclIndex, AclRule, AclRules};
use super::cidr::Family;
use super::ecs::ports_to_open;
use super::network_acl::{Crossing, Passage};
use super::ports::PortRange;
use super::reach::{Answer, Reached};
use super::rule_to_add::{AclEntry, default_acl, dialect_of, literal, reference};
use super::rules::Direction;
use super::wording::tcp;
use crate::catalog::{is_adopted, place_of};
use crate::graph::{Graph, Lookup, Place, Truth, Value};

/// What words are made of.
#[derive(Clone, Copy)]
pub(super) struct AclWording<'a> {
    pub(super) graph: &'a Graph,
    pub(super) index: &'a AclIndex,
    pub(super) family: Family,
}

/// How many passages a sentence names.
const MOST_TOLD: usize = 4;
/// How many rules it names of those that do not match.
const MOST_NAMED: usize = 3;
/// The highest number a rule may have.
const LAST_NUMBER: i64 = 32766;

impl AclWording<'_> {
    /// The answer of the ACLs with its reasons.
    pub(super) fn reached(&self, crossing: &Crossing) -> Reached {
        let told = &crossing.telling[..crossing.telling.len().min(MOST_TOLD)];
        let (mut fix, mut evidence): (Vec<String>, Vec<(Place, Value)>) = Default::default();
        // What is said of each passage: the beginning, the subnets at the other end, the reason.
        let mut said: Vec<(String, Vec<String>, String)> = Vec::new();
        let mut numbers = Vec::new();
        for passage in told {
            let (why, rules) = match &crossing.unknown {
                Some(unknown) => (unknown.to_string(), Vec::new()),
                None => self.reason(passage),
            };
            let (head, other) = (self.head(passage, crossing.unknown.is_some()), other_end(passage));
            match said.iter_mut().find(|(same, _, because)| *same == head && *because == why) {
                Some((_, others, _)) => others.push(other),
                None => said.push((head, vec![other], why)),
            }
            if crossing.unknown.is_none() {
                fix.extend(self.fix(passage, &mut numbers));
            }
            for found in self.evidence(passage, &rules) {
                if !evidence.iter().any(|(place, _)| *place == found.0) {
                    evidence.push(found);
                }
            }
        }
        let more = crossing.telling.len().saturating_sub(MOST_TOLD);
        let is_not_known = if crossing.unknown.is_some() { " is not known" } else { "" };
        let mut because: Vec<String> = said
            .into_iter()
            .map(|(head, mut others, why)| {
                others.dedup();
                format!("{head} {}{is_not_known}: {why}", others.join(", "))
            })
            .collect();
        match &crossing.unknown {
            // One thing to find out is enough.
            Some(_) if !because.is_empty() => because.truncate(1),
            Some(unknown) => {
                because.push(format!("whether network ACLs let the connection through is not known: {unknown}"));
            }
            None if more > 0 => because.push(format!("{more} more ways between their subnets are closed")),
            None => {}
        }
        Reached {
            answer: crossing.answer,
            because: because.join("; "),
            fix: fix.join(" and "),
            missing: Vec::new(),
            evidence,
            unknown: crossing.unknown.clone(),
        }
    }

    /// The sentence up to the other end.
    fn head(&self, passage: &Passage, undecided: bool) -> String {
        let all = match (undecided, passage.answer) {
            (true, _) => "",
            (false, Answer::Partly) => "not all of ",
            (false, _) => "no ",
        };
        let whether = if undecided { "whether " } else { "" };
        let (name, own, way) = (self.name(passage), &passage.own, way(passage.direction));
        format!("{whether}{name} of {own} lets {all}{} {way}", traffic(passage))
    }

    /// Why it is closed, and the rules that rests on.
    fn reason(&self, passage: &Passage) -> (String, Vec<u32>) {
        let entries = self.rules(passage).entries;
        let met = |rule: &AclRule| {
            let (set, _) = &rule.ranges[self.family as usize];
            rule.sure_ports.is_some_and(|ports| ports.0 <= passage.ports.0 && passage.ports.0 <= ports.1)
                && passage.addresses.intersects(set)
        };
        let deciding = entries.iter().map(|(at, _)| *at).find(|at| {
            let rule = self.index.rule(*at);
            rule.number.is_some() && met(rule)
        });
        if let Some(at) = deciding.filter(|at| self.index.rule(*at).allow == Truth::False) {
            return (self.rule(at), vec![at]);
        }
        let allowing = entries.iter().filter(|(at, _)| self.index.rule(*at).allow == Truth::True);
        let some: Vec<u32> = allowing.map(|(at, _)| *at).take(MOST_NAMED).collect();
        if some.is_empty() {
            return (format!("it has no {} rule that allows anything", passage.direction.name()), some);
        }
        let said: Vec<String> = some.iter().map(|at| self.rule(*at)).collect();
        let how = if deciding.is_some() { "not all is covered" } else { "no rule matches" };
        (format!("{how}; {}", said.join(", ")), some)
    }

    /// One rule, as `rule 100 allows tcp 443 for 0.0.0.0/0`.
    fn rule(&self, at: u32) -> String {
        let rule = self.index.rule(at);
        let number = rule.number.map_or_else(|| "of unknown number".to_owned(), |number| number.to_string());
        let place = if rule.separate { rule.place.address.to_string() } else { format!("rule {number}") };
        if rule.value.holds_sensitive() {
            return format!("{place} holds sensitive values");
        }
        let verb = match rule.allow {
            Truth::True => "allows",
            Truth::False => "denies",
            Truth::Unknown => "allows or denies",
        };
        let what = match rule.may_ports {
            Some((0, u16::MAX)) => "everything".to_owned(),
            Some(ports) => tcp(ports),
            None => "other protocols than tcp".to_owned(),
        };
        let whom: Vec<String> = rule.cidrs.iter().map(ToString::to_string).collect();
        let whom = if whom.is_empty() { "an unknown range".to_owned() } else { whom.join(", ") };
        let number = if rule.separate { format!(" (rule {number})") } else { String::new() };
        format!("{place}{number} {verb} {what} for {whom}")
    }

    /// The rule to add. Nothing but a change of rule 1 goes before rule 1.
    fn fix(&self, passage: &Passage, taken: &mut Vec<(Option<Acl>, Direction, i64)>) -> Option<String> {
        let acl = passage.acl.as_ref()?;
        let entries = self.rules(passage).entries;
        let mut used: Vec<i64> = entries.iter().filter_map(|(at, _)| self.index.rule(*at).number).collect();
        let mine = |(other, direction, _): &&(Option<Acl>, Direction, i64)| {
            *other == passage.acl && *direction == passage.direction
        };
        used.extend(taken.iter().filter(mine).map(|(_, _, number)| *number));
        let in_the_way = entries.iter().map(|(at, _)| self.index.rule(*at)).filter(|rule| {
            let (set, _) = &rule.ranges[self.family as usize];
            let meets = |ports: PortRange| ports.0 <= passage.ports.1 && passage.ports.0 <= ports.1;
            rule.allow == Truth::False && rule.may_ports.is_some_and(meets) && set.intersects(&passage.addresses)
        });
        let number = match in_the_way.filter_map(|rule| rule.number).min() {
            Some(deny) => (1..deny).rev().find(|number| !used.contains(number)),
            None => {
                let last = used.iter().max().copied().unwrap_or_default();
                let next = (last + 10) / 10 * 10;
                if next <= LAST_NUMBER { Some(next) } else { (1..=LAST_NUMBER).rev().find(|at| !used.contains(at)) }
            }
        };
        let (first, last) = ports_to_open(passage.ports);
        let direction = passage.direction.name();
        let Some(number) = number else {
            let name = self.name(passage);
            return Some(format!(
                "renumber the {direction} rules of {name} and allow {} before the deny",
                tcp((first, last))
            ));
        };
        taken.push((passage.acl.clone(), passage.direction, number));
        let id = match acl {
            Acl::Resource(id) => Some(*id),
            _ => None,
        };
        let dialect = dialect_of(self.graph, id);
        let entry = AclEntry {
            dialect,
            direction: passage.direction,
            acl: match acl {
                Acl::Resource(id) => reference(self.graph, *id, None),
                Acl::Untold(Some(id)) => literal(dialect, id),
                Acl::DefaultOf(vpc) => default_acl(self.graph, vpc.as_ref()),
                Acl::Untold(None) => default_acl(self.graph, None),
            },
            // A rule of its own would be removed again by the ACL's own list.
            within: self.inline(acl, passage.direction).then(|| self.name(passage)),
            number,
            family: self.family,
            range: passage.range.map_or_else(|| format!("<range of {}>", passage.other), |range| range.to_string()),
            ports: (first, last),
        };
        Some(entry.written())
    }

    fn evidence(&self, passage: &Passage, rules: &[u32]) -> Vec<(Place, Value)> {
        let rules = rules.iter().map(|&at| self.index.rule(at));
        let mut found: Vec<(Place, Value)> = rules.map(|rule| (rule.place.clone(), rule.value.clone())).collect();
        if let (true, Some(Acl::Resource(id))) = (found.is_empty(), &passage.acl) {
            let (acl, path) = (self.graph.resource(*id), passage.direction.name());
            if let Lookup::Known(value) = acl.get(path) {
                found.push((place_of(acl, path), value.clone()));
            }
        }
        found.extend(passage.claim.iter().map(|place| (place.clone(), Value::from(passage.own.as_str()))));
        found
    }

    fn rules(&self, passage: &Passage) -> AclRules {
        passage.acl.as_ref().map(|acl| self.index.of(acl, passage.direction)).unwrap_or_default()
    }

    /// Whether the ACL writes its rules itself.
    fn inline(&self, acl: &Acl, direction: Direction) -> bool {
        let Acl::Resource(id) = acl else { return false };
        let own = self.index.of(acl, direction).entries.iter().any(|(at, _)| !self.index.rule(*at).separate);
        own || is_adopted(self.graph.resource(*id))
    }

    fn name(&self, passage: &Passage) -> String {
        match &passage.acl {
            Some(Acl::Resource(id)) => self.graph.resource(*id).address.to_string(),
            Some(Acl::Untold(Some(id))) => id.to_string(),
            Some(Acl::DefaultOf(_)) => "the default network ACL".to_owned(),
            _ => "the network ACL".to_owned(),
        }
    }
}

fn other_end(passage: &Passage) -> String {
    match &passage.range {
        Some(range) => format!("{} ({range})", passage.other),
        None => passage.other.to_string(),
    }
}

fn traffic(passage: &Passage) -> String {
    match passage.reply {
        true => format!("reply on {}", tcp(passage.ports)),
        false => tcp(passage.ports),
    }
}

fn way(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "in from",
        Direction::Egress => "out to",
    }
}
