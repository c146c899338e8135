//! In which of its two places a security group's rules are written: inside it, or by resources of their own. What the
//! rules admit is not looked at here.

use super::group::Group;
use super::reach::SecurityReach;
use super::rules::{Direction, RULES, inline_in};
use crate::catalog::names::role;
use crate::graph::{Certainty, ResourceId, Target, Truth};

/// In which of its two places a group's rules are written.
#[derive(Clone, Debug)]
pub struct RuleStyles {
    /// The group itself writes rules, and so removes all others when it is updated.
    pub inline: Truth,
    /// Resources of their own write rules for the group.
    pub separate: Truth,
    /// Which they are, in one sentence.
    pub because: String,
}

impl SecurityReach<'_> {
    /// Whether a group's rules are written inside it, by resources of their own, or both, which undo each other. The two
    /// do so within one direction only; the answer is about the direction where they do, when there is one.
    #[must_use]
    pub fn rule_styles(&self, security_group: ResourceId) -> RuleStyles {
        let directions = [Direction::Ingress, Direction::Egress];
        let [ingress, egress] = directions.map(|direction| self.styles_of(security_group, direction));
        let clash = |styles: &RuleStyles| match styles.inline.and(styles.separate) {
            Truth::True => 2,
            Truth::Unknown => 1,
            Truth::False => 0,
        };
        let (first, second) = if clash(&egress) > clash(&ingress) { (egress, ingress) } else { (ingress, egress) };
        if clash(&first) == 0 && second.separate == Truth::True && first.separate != Truth::True {
            second
        } else {
            first
        }
    }

    fn styles_of(&self, security_group: ResourceId, direction: Direction) -> RuleStyles {
        let resource = self.graph.resource(security_group);
        let inline = inline_in(resource, direction);
        let group = self.groups.named(&Target::Resource(security_group));
        let (mut separate, mut rules) = (Truth::False, Vec::new());
        for &(rule, certainty) in self.index.of(&group, direction).map_or(&[][..], |rules| &rules.entries) {
            if self.index.rule(rule).separate {
                // Whether an update takes it away does not matter here: it is written for this group.
                let belongs = certainty == Certainty::Certain || self.surely_of(rule, &group);
                separate = separate.or(if belongs { Truth::True } else { Truth::Unknown });
                rules.push(self.index.rule(rule).place.address.to_string());
            }
        }
        if !self.index.adrift(direction).is_empty() || self.graph.unseen(&RULES).is_some() {
            separate = separate.or(Truth::Unknown);
        }
        rules.sort();
        rules.dedup();
        let more = if rules.len() > 3 { format!(" and {} more", rules.len() - 3) } else { String::new() };
        rules.truncate(3);
        let rules = rules.join(", ") + &more;
        let (address, name) = (&resource.address, direction.name());
        let because = match (inline, separate) {
            (Truth::True, Truth::True) => {
                format!("{address} writes {name} rules itself, and so do resources of their own: {rules}")
            }
            (Truth::Unknown, Truth::True) => {
                format!("{address} may write {name} rules itself, and so do resources of their own: {rules}")
            }
            (Truth::False, Truth::True) => format!("the {name} rules of {address} are resources of their own: {rules}"),
            (Truth::True, _) => format!("{address} writes its {name} rules itself"),
            (Truth::Unknown, _) => format!("whether {address} writes {name} rules itself is not known"),
            (Truth::False, _) => format!("{address} writes no {name} rules itself"),
        };
        RuleStyles { inline, separate, because }
    }

    fn surely_of(&self, rule: u32, group: &Group) -> bool {
        let address = &self.index.rule(rule).place.address;
        self.graph.find(address.as_str()).is_some_and(|rule| {
            let mut ends = self.graph.links_as(rule, role::GROUP).flat_map(|link| &link.ends);
            let certain = ends.any(|end| end.certainty == Certainty::Certain && self.groups.named(&end.to) == *group);
            // A rule of which it is not known may be of the other direction.
            certain && self.graph.resource(rule).get("direction").unknown().is_none()
        })
    }
}
