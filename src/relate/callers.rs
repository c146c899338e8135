//! Callers of a load balancer that are in the same input and wait for its answers: CloudFront, and HTTP APIs of API
//! Gateway through a VPC link.

use super::told::Told;
use crate::catalog::names::role;
use crate::catalog::{path_of, place_of};
use crate::graph::{Certainty, Graph, Lookup, Reason, ResourceId, Unknown, lookup};

/// Whether a distribution waits for answers as long as the load balancers it asks do. None when it asks none of the input.
#[must_use]
pub fn waits_long_enough(graph: &Graph, distribution: ResourceId) -> Option<Told> {
    let resource = graph.resource(distribution);
    let origins = resource.get("origins").list()?;
    let (mut asked, mut doubt) = (false, None);
    for link in graph.links_as(distribution, role::ORIGIN) {
        let at = link.at.first().copied().unwrap_or_default();
        let place = || resource.place(&format!("{}[{at}]", path_of(resource, "origins")));
        for (balancer, certainty) in link.resources() {
            asked = true;
            let balancer = graph.resource(balancer);
            let read = origins.get(at as usize).map_or(Lookup::Absent, |origin| lookup(origin, "read_timeout"));
            let (waits, idle) = match (read, balancer.get("idle_timeout")) {
                (Lookup::Unknown(unknown), _) | (_, Lookup::Unknown(unknown)) => {
                    doubt = doubt.or(Some(unknown.clone()));
                    continue;
                }
                (Lookup::Known(waits), Lookup::Known(idle)) => (waits, idle),
                _ => continue,
            };
            if waits.as_int().zip(idle.as_int()).is_none_or(|(waits, idle)| waits >= idle) {
                continue;
            }
            if certainty == Certainty::Possible || !link.placed {
                doubt.get_or_insert_with(|| Unknown::at(Reason::SeveralMentions, place()));
                continue;
            }
            let because =
                format!("it gives up after {waits} s, and {} waits {idle} s for its targets", balancer.address);
            let evidence = vec![(place(), waits.clone()), (place_of(balancer, "idle_timeout"), idle.clone())];
            return Some(Told::no(because, evidence));
        }
    }
    asked.then(|| doubt.map_or_else(|| Told::yes("it waits as long as its load balancers"), Told::unknown))
}

/// Whether an integration of an API waits for answers as long as the load balancer of the listener it asks does. None when
/// it asks none of the input.
#[must_use]
pub fn api_waits_long_enough(graph: &Graph, integration: ResourceId) -> Option<Told> {
    let resource = graph.resource(integration);
    let (mut asked, mut doubt) = (false, None);
    for link in graph.links_as(integration, role::ORIGIN) {
        for (listener, certainty) in link.resources() {
            let balancers = graph.links_as(listener, role::LOAD_BALANCER_OF);
            for (balancer, further) in balancers.flat_map(|link| link.resources()) {
                let balancer = graph.resource(balancer);
                if balancer.get("type").str().is_some_and(|kind| kind != "application") {
                    continue;
                }
                asked = true;
                let mut needed = ["timeout_milliseconds", "idle_timeout", "type"].into_iter();
                let unknown = needed.find_map(|name| resource.get(name).unknown().or(balancer.get(name).unknown()));
                let (waits, idle) = (resource.get("timeout_milliseconds"), balancer.get("idle_timeout"));
                if let Some(unknown) = unknown {
                    doubt = doubt.or(Some(unknown.clone()));
                    continue;
                }
                if waits.int().zip(idle.int()).is_none_or(|(waits, idle)| waits >= idle.saturating_mul(1000)) {
                    continue;
                }
                if certainty.and(further) == Certainty::Possible {
                    doubt.get_or_insert_with(|| Unknown::at(Reason::SeveralMentions, resource.place(&link.path)));
                } else if let (Lookup::Known(waits), Lookup::Known(idle)) = (waits, idle) {
                    let address = &balancer.address;
                    let because = format!("it gives up after {waits} ms, and {address} waits {idle} s for its targets");
                    let place = place_of(resource, "timeout_milliseconds");
                    let evidence = vec![(place, waits.clone()), (place_of(balancer, "idle_timeout"), idle.clone())];
                    return Some(Told::no(because, evidence));
                }
            }
        }
    }
    asked.then(|| doubt.map_or_else(|| Told::yes("it waits as long as its load balancer"), Told::unknown))
}
