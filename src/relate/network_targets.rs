//! Whether a load balancer forwards to anything it has to reach over its security groups: a Lambda function is invoked, no
//! packet flows. Whether packets get through is for `reach`.

use super::told::Told;
use crate::catalog::names::{self, role};
use crate::catalog::place_of;
use crate::graph::{Certainty, Graph, Link, Lookup, Reason, ResourceId, Target, Unknown};

/// What load balancers forward to.
#[derive(Debug)]
pub struct NetworkTargets<'g> {
    graph: &'g Graph,
    /// Why a listener or a rule that is listed under no load balancer may belong to any of them.
    stray: Option<Unknown>,
}

impl<'g> NetworkTargets<'g> {
    /// Looks for listeners and rules that cannot be told to belong to one load balancer.
    #[must_use]
    pub fn new(graph: &'g Graph) -> NetworkTargets<'g> {
        let adrift = |kind, role| {
            let rest = move |id: &ResourceId| graph.links_as(*id, role).find_map(|link| link.rest().cloned());
            graph.of_kind(kind).iter().find_map(rest)
        };
        let stray = graph
            .unseen(&[names::LISTENER, names::LISTENER_RULE])
            .cloned()
            .or_else(|| adrift(names::LISTENER, role::LOAD_BALANCER_OF))
            .or_else(|| adrift(names::LISTENER_RULE, role::LISTENER_OF));
        NetworkTargets { graph, stray }
    }

    /// Whether a load balancer forwards to anything but Lambda functions. Yes where nothing is seen that it forwards to.
    #[must_use]
    pub fn behind(&self, load_balancer: ResourceId) -> Told {
        let graph = self.graph;
        let mut doubt = self.stray.clone().or_else(|| self.elsewhere(load_balancer));
        let mut functions = false;
        let listeners = graph.incoming_as(load_balancer, role::LOAD_BALANCER_OF);
        for (listener, on) in listeners.filter_map(|link| Some((link.from, certainty(link, load_balancer)?))) {
            let rules = graph.incoming_as(listener, role::LISTENER_OF);
            let rules = rules.filter_map(|link| Some((link.from, certainty(link, listener)?)));
            for (owner, own) in std::iter::once((listener, Certainty::Certain)).chain(rules) {
                let links = [role::FORWARD, role::WEIGHTED_FORWARD].map(|role| graph.links_as(owner, role));
                for link in links.into_iter().flatten() {
                    let place = || graph.resource(owner).place(&link.path);
                    if let Some(rest) = link.rest() {
                        doubt.get_or_insert_with(|| rest.clone());
                    }
                    for end in &link.ends {
                        let Target::Resource(group) = end.to else {
                            let outside = Reason::OutsideInput("the target group it forwards to".into());
                            doubt.get_or_insert_with(|| Unknown::at(outside, place()));
                            continue;
                        };
                        let target = graph.resource(group);
                        match target.get("target_type") {
                            Lookup::Unknown(unknown) => drop(doubt.get_or_insert_with(|| unknown.clone())),
                            kind if kind.str() == Some("lambda") => functions = true,
                            _ if on.and(own).and(end.certainty) == Certainty::Certain => {
                                return Told::yes(format!("it forwards to {}", target.address));
                            }
                            _ => drop(doubt.get_or_insert_with(|| Unknown::at(Reason::SeveralMentions, place()))),
                        }
                    }
                }
            }
        }
        match doubt {
            _ if !functions => Told::yes("nothing is seen that it forwards to"),
            Some(unknown) => Told::unknown(unknown),
            None => Told::no("it forwards to Lambda functions alone", Vec::new()),
        }
    }

    /// Why something outside of the input may add listeners to a load balancer or to what it listens on.
    fn elsewhere(&self, load_balancer: ResourceId) -> Option<Unknown> {
        let listeners = self.graph.incoming_as(load_balancer, role::LOAD_BALANCER_OF).map(|link| link.from);
        std::iter::once(load_balancer).chain(listeners).find_map(|id| {
            let to = self.graph.handed_on(id)?;
            let outside = Reason::OutsideInput(format!("what {to} hands it to").into());
            Some(Unknown::at(outside, place_of(self.graph.resource(id), "")))
        })
    }
}

fn certainty(link: &Link, to: ResourceId) -> Option<Certainty> {
    link.resources().find(|(id, _)| *id == to).map(|(_, certainty)| certainty)
}
