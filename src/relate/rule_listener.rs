//! Which listener a listener rule is of: one for sure, one of several, or any. What rules do to each other is for others.

use crate::catalog::names::role;
use crate::graph::{Certainty, Graph, Link, Reason, ResourceId, Target, Unknown};

/// The listener of a rule.
pub(super) enum ListenerOf {
    /// This one.
    Certain(Target),
    /// One of these; with `any`, or another one. The reason why it is not certain.
    Open { ends: Vec<Target>, any: bool, why: Unknown },
}

impl ListenerOf {
    /// Of a rule.
    pub(super) fn of(graph: &Graph, rule: ResourceId) -> ListenerOf {
        let own = graph.resource(rule);
        let Some(link) = graph.links_as(rule, role::LISTENER_OF).next() else {
            return ListenerOf::Open {
                ends: Vec::new(),
                any: true,
                why: Unknown::at(Reason::AfterApply, own.place("")),
            };
        };
        match link.ends.iter().find(|end| end.certainty == Certainty::Certain) {
            Some(end) => ListenerOf::Certain(end.to.clone()),
            None => {
                let open = || Unknown::at(Reason::SeveralMentions, own.place(&link.path));
                let ends = link.ends.iter().map(|end| end.to.clone()).collect();
                ListenerOf::Open { ends, any: is_any(link), why: link.rest().cloned().unwrap_or_else(open) }
            }
        }
    }

    /// The listeners it may be; none stands for any.
    pub(super) fn each(&self) -> Vec<Option<&Target>> {
        match self {
            ListenerOf::Certain(listener) => vec![Some(listener)],
            ListenerOf::Open { ends, any, .. } => ends.iter().map(Some).chain(any.then_some(None)).collect(),
        }
    }

    /// Why it is not certain.
    pub(super) fn why(&self) -> Option<&Unknown> {
        match self {
            ListenerOf::Certain(_) => None,
            ListenerOf::Open { why, .. } => Some(why),
        }
    }
}

fn is_any(link: &Link) -> bool {
    link.rest.is_some() || link.ends.is_empty()
}
