//! Callers of a load balancer that are in the same input and wait for its answers: CloudFront, and HTTP APIs of API
//! Gateway through a VPC link.

use super::told::Told;
use crate::catalog::names::role;
use crate::catalog::{path_of, place_of};
use crate::graph::{Certainty, Graph, Lookup, Place, Reason, Resource, ResourceId, Unknown, lookup};

/// Whether a distribution waits for answers as long as the load balancers it asks do. None when it asks none of the input.
#[must_use]
pub fn waits_long_enough(graph: &Graph, distribution: ResourceId) -> Option<Told> {
    let resource = graph.resource(distribution);
    let origins = resource.get("origins").list()?;
    let mut patience = Patience::default();
    for link in graph.links_as(distribution, role::ORIGIN) {
        let at = link.at.first().copied().unwrap_or_default();
        let place = || resource.place(&format!("{}[{at}]", path_of(resource, "origins")));
        for (balancer, certainty) in link.resources() {
            let waits = origins.get(at as usize).map_or(Lookup::Absent, |origin| lookup(origin, "read_timeout"));
            let unsure = (certainty == Certainty::Possible || !link.placed).then(place);
            if let Some(told) = patience.against(graph.resource(balancer), (waits, "s", 1), place, unsure) {
                return Some(told);
            }
        }
    }
    patience.told("it waits as long as its load balancers")
}

/// Whether an integration of an API waits for answers as long as the load balancer of the listener it asks does. None when
/// it asks none of the input.
#[must_use]
pub fn api_waits_long_enough(graph: &Graph, integration: ResourceId) -> Option<Told> {
    let resource = graph.resource(integration);
    let waits = resource.get("timeout_milliseconds");
    let mut patience = Patience::default();
    for link in graph.links_as(integration, role::ORIGIN) {
        for (listener, certainty) in link.resources() {
            let balancers = graph.links_as(listener, role::LOAD_BALANCER_OF);
            for (balancer, further) in balancers.flat_map(|link| link.resources()) {
                let balancer = graph.resource(balancer);
                match balancer.get("type") {
                    Lookup::Known(kind) if kind.as_str().is_some_and(|kind| kind != "application") => continue,
                    Lookup::Unknown(kind) => {
                        let first = waits.unknown().or(balancer.get("idle_timeout").unknown());
                        patience.open(first.unwrap_or(kind));
                        continue;
                    }
                    _ => {}
                }
                let place = || place_of(resource, "timeout_milliseconds");
                let unsure = (certainty.and(further) == Certainty::Possible).then(|| resource.place(&link.path));
                if let Some(told) = patience.against(balancer, (waits, "ms", 1000), place, unsure) {
                    return Some(told);
                }
            }
        }
    }
    patience.told("it waits as long as its load balancer")
}

/// What comes of holding a caller against one load balancer after the other.
#[derive(Default)]
struct Patience {
    asked: bool,
    doubt: Option<Unknown>,
}

impl Patience {
    /// Holds what a caller waits, in a unit of which so many make a second, against a load balancer; `unsure` is the place
    /// of what leaves open whether it asks it. The answer, when the caller surely gives up first.
    fn against(
        &mut self,
        balancer: &Resource,
        (waits, unit, per_second): (Lookup<'_>, &str, i64),
        place: impl Fn() -> Place,
        unsure: Option<Place>,
    ) -> Option<Told> {
        self.asked = true;
        let (waits, idle) = match (waits, balancer.get("idle_timeout")) {
            (Lookup::Unknown(unknown), _) | (_, Lookup::Unknown(unknown)) => {
                self.open(unknown);
                return None;
            }
            (Lookup::Known(waits), Lookup::Known(idle)) => (waits, idle),
            _ => return None,
        };
        let gives_up = |(waits, idle): (i64, i64)| waits < idle.saturating_mul(per_second);
        if !waits.as_int().zip(idle.as_int()).is_some_and(gives_up) {
            return None;
        }
        if let Some(place) = unsure {
            self.doubt.get_or_insert_with(|| Unknown::at(Reason::SeveralMentions, place));
            return None;
        }
        let because =
            format!("it gives up after {waits} {unit}, and {} waits {idle} s for its targets", balancer.address);
        let evidence = vec![(place(), waits.clone()), (place_of(balancer, "idle_timeout"), idle.clone())];
        Some(Told::no(because, evidence))
    }

    /// Notes what it hangs on for a load balancer; the first reason stays.
    fn open(&mut self, unknown: &Unknown) {
        self.asked = true;
        self.doubt.get_or_insert_with(|| unknown.clone());
    }

    /// What is left to say when the caller surely gives up on none.
    fn told(self, yes: &str) -> Option<Told> {
        self.asked.then(|| self.doubt.map_or_else(|| Told::yes(yes), Told::unknown))
    }
}
