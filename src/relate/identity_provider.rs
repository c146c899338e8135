//! Whether a listener signs clients in at an identity provider, and whether the load balancer's security groups let it
//! get there. Routes and NAT are not looked at.

use super::cidr::Family;
use super::reach::{Ports, Reached, SecurityReach};
use super::rules::Direction;
use crate::catalog::names::role;
use crate::graph::{Graph, Lookup, ResourceId, Truth, Unknown, Value, lookup};

/// The port of identity providers.
const HTTPS: u16 = 443;

/// Whether an action of a listener or of one of its rules signs clients in.
///
/// # Errors
/// What it hangs on, when it cannot be told.
pub fn asked(graph: &Graph, listener: ResourceId) -> Result<bool, Unknown> {
    let rules = graph.incoming_as(listener, role::LISTENER_OF).map(|link| link.from);
    let mut doubt = None;
    for owner in std::iter::once(listener).chain(rules) {
        match graph.resource(owner).get("actions") {
            Lookup::Known(actions) => {
                for action in actions.as_list().unwrap_or_default() {
                    match (lookup(action, "type"), action.as_unknown()) {
                        (Lookup::Unknown(unknown), _) => doubt = doubt.or(Some(unknown.clone())),
                        (_, Some(unknown)) => doubt = doubt.or(Some(unknown.as_ref().clone())),
                        (kind, None) if signs_in(kind) == Truth::True => return Ok(true),
                        _ => {}
                    }
                }
            }
            Lookup::Unknown(unknown) => doubt = doubt.or(Some(unknown.clone())),
            Lookup::Absent => {}
        }
    }
    doubt.map_or(Ok(false), Err)
}

fn signs_in(kind: Lookup<'_>) -> Truth {
    kind.known().and_then(Value::as_str).is_some_and(|kind| kind.starts_with("authenticate-")).into()
}

impl SecurityReach<'_> {
    /// Whether the groups of the listener's load balancer let it connect to anybody on 443.
    #[must_use]
    pub fn identity_provider(&self, listener: ResourceId) -> Reached {
        let load_balancer = match self.balancer_of(listener) {
            Ok(load_balancer) => load_balancer,
            Err(other) => return *other,
        };
        let own = self.interfaces(load_balancer, Family::V4);
        let ports = Ports::One(i64::from(HTTPS));
        let mut reached = self.anyone(Direction::Egress, &own.groups, (HTTPS, HTTPS), &ports);
        reached.evidence.push(self.groups_evidence(load_balancer, &own.groups));
        reached
    }
}
