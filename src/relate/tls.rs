//! Which versions of TLS a load balancer speaks to its targets. It follows from the policies of its listeners: AWS takes a
//! policy with TLS 1.3 for targets as soon as one listener has such a policy, and ELBSecurityPolicy-2016-08 without.

use super::told::Told;
use crate::catalog::names::{self, role};
use crate::catalog::place_of;
use crate::graph::{Certainty, Graph, Lookup, Mode, Reason, ResourceId, Unknown};

/// Whether a load balancer speaks TLS 1.3 to its targets.
#[must_use]
pub fn speaks_tls13(graph: &Graph, load_balancer: ResourceId) -> Told {
    let balancer = graph.resource(load_balancer);
    let mut doubt = graph.unseen(&[names::LISTENER]).cloned();
    if balancer.mode == Mode::Data || graph.handed_on(load_balancer).is_some() {
        let outside = Reason::OutsideInput(format!("what other listeners {} has", balancer.address).into());
        doubt.get_or_insert_with(|| Unknown::at(outside, balancer.place("")));
    }
    let mut evidence = Vec::new();
    for link in graph.incoming_as(load_balancer, role::LOAD_BALANCER_OF) {
        let listener = graph.resource(link.from);
        let place = place_of(listener, "ssl_policy");
        match (listener.get("protocol"), listener.get("ssl_policy")) {
            (protocol, _) if protocol.str().is_some_and(|protocol| protocol != "HTTPS") => {}
            (Lookup::Unknown(unknown), _) | (_, Lookup::Unknown(unknown)) => {
                doubt.get_or_insert_with(|| unknown.clone());
            }
            (_, Lookup::Known(policy)) if policy.as_str().is_some_and(|policy| policy.contains("TLS13")) => {
                let certain = link.resources().any(|end| end == (load_balancer, Certainty::Certain));
                if certain && listener.uncertain.is_none() {
                    return Told::yes(format!("{} has a policy with TLS 1.3", listener.address));
                }
                doubt.get_or_insert_with(|| Unknown::at(Reason::SeveralMentions, listener.place(&link.path)));
            }
            (_, policy) => evidence.extend(policy.to_value().map(|policy| (place, policy))),
        }
    }
    match doubt {
        Some(unknown) => Told::unknown(unknown),
        None => Told::no("no listener of the load balancer has a policy with TLS 1.3", evidence),
    }
}
