//! Whether the security groups of a load balancer let anything out at all. Whether it gets to a target is `reach.rs`.

use super::cidr::Family;
use super::reach::{Answer, Reached, SecurityReach};
use super::rules::{Direction, RULES};
use crate::graph::{Certainty, Reason, ResourceId, Unknown};

impl SecurityReach<'_> {
    /// Whether the groups of a load balancer have any egress rule that lets something out to a target.
    #[must_use]
    pub fn egress_declared(&self, load_balancer: ResourceId) -> Reached {
        if let Some(other) = self.not_an_alb(load_balancer) {
            return other;
        }
        let own = self.interfaces(load_balancer, Family::V4);
        let words = self.wording();
        let mut unknown = own.groups.open.clone();
        let (mut reached, mut void) = (None, Vec::new());
        for (group, on) in own.groups.groups() {
            let Some(rules) = self.index.of(group, Direction::Egress) else {
                unknown.get_or_insert_with(|| words.rules_outside(group));
                continue;
            };
            if unknown.is_none() {
                unknown.clone_from(&rules.open);
            }
            for &(rule, certainty) in &rules.entries {
                if self.index.rule(rule).is_void() {
                    void.push(rule);
                    continue;
                }
                match certainty.and(on) {
                    Certainty::Certain if reached.is_none() => {
                        reached = Some(Reached::yes(words.rule(rule, Direction::Egress), words.evidence(rule)));
                    }
                    Certainty::Certain => {}
                    Certainty::Possible => {
                        let place = self.index.rule(rule).place.clone();
                        unknown.get_or_insert(Unknown::at(Reason::SeveralMentions, place));
                    }
                }
            }
        }
        if let Some((_, rule)) = self.index.adrift(Direction::Egress).first() {
            let place = self.index.rule(*rule).place.clone();
            unknown.get_or_insert(Unknown::at(Reason::NotInConfiguration, place));
        }
        let unknown = unknown.or_else(|| self.graph.unseen(&RULES).cloned());
        let mut reached = match (reached, unknown) {
            (Some(reached), _) => reached,
            (None, Some(unknown)) => Reached::unknown(
                format!(
                    "whether {} an egress rule is not known: {unknown}",
                    words.do_or_does(&own.groups, "have", "has")
                ),
                unknown,
            ),
            (None, None) => Reached {
                answer: Answer::No,
                because: match void.first() {
                    Some(&rule) => {
                        format!("{}, which opens no connection to a target", words.rule(rule, Direction::Egress))
                    }
                    None => words.no_rules(&own.groups, Direction::Egress),
                },
                fix: words.egress_anywhere(&own.groups),
                missing: Vec::new(),
                evidence: match void.is_empty() {
                    true => words.empty_evidence(&own.groups, Direction::Egress),
                    false => void.iter().map(|&rule| words.evidence(rule)).collect(),
                },
                unknown: None,
            },
        };
        reached.evidence.push(self.groups_evidence(load_balancer, &own.groups));
        reached
    }
}
