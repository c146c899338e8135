//! Request paths as reports show them: every hop's numbers, defaults filled in.

use super::assessment::{HealthCheckView, PathRef, PathView, Reach};
use super::backend_facts;
use super::model::{Model, on_path};
use crate::graph::{Action, Certainty, Lookup, ResourceId, Text, Threads, Value, whole};
use crate::relate::forwarding::{Hop, Route};
use crate::relate::reach::{Answer, Ports, Reached};
use crate::relate::registration::Presence;

/// So many paths are worked out on a thread of their own.
const VIEWS: usize = 512;

impl Model<'_> {
    /// All paths, in route order.
    pub(super) fn views(&self) -> Vec<PathView> {
        let viewed = |_, part: &[Route]| part.iter().map(|route| self.view(route)).collect::<Vec<_>>();
        whole(Threads::available(VIEWS).parts(&self.routes.all, viewed))
    }

    /// Who is on a route.
    pub(super) fn path_ref(&self, route: &Route) -> PathRef {
        let name = |hop: &Hop| match hop {
            Hop::Resource(id) => Some(self.address(*id)),
            Hop::Outside(arn) => Some(arn.clone()),
            Hop::Unknown(_) | Hop::None => None,
        };
        PathRef {
            load_balancer: name(&route.load_balancer),
            listener: name(&route.listener),
            rule: route.rule.map(|id| self.address(id)),
            target_group: self.address(route.target_group),
            target: route.registration.map(|at| self.registration(at).name(self.graph)),
        }
    }

    pub(super) fn address(&self, id: ResourceId) -> Text {
        self.graph.resource(id).address.0.clone()
    }

    fn view(&self, route: &Route) -> PathView {
        let balancer = route.load_balancer.resource().map(|id| self.graph.resource(id));
        let listener = route.listener.resource().map(|id| self.graph.resource(id));
        let group = self.graph.resource(route.target_group);
        let registration = route.registration.map(|at| self.registration(at));
        let connection = self.connection(&route.load_balancer, route.registration);
        let lambda = group.get("target_type").str() == Some("lambda");
        let port = match registration {
            Some(registration) => shown_port(registration.port.as_ref()),
            None => group.get("port").to_value(),
        };
        let health_port = match registration {
            Some(registration) => shown_port(self.health_port(registration).as_ref()),
            None => match group.get("health_check.port") {
                Lookup::Known(own) if own.as_int().is_none() => port.clone(),
                Lookup::Known(own) => own.as_int().map(Value::from),
                other => other.to_value(),
            },
        };
        let note = match (&route.why, route.registration) {
            _ if route.certainty == Certainty::Possible => route.why.as_ref().map(|why| format!("possible: {why}")),
            (_, None) => Some(match self.registrations.presence(self.graph, route.target_group) {
                Presence::Unknown(unknown) => format!("no registered target is visible: {unknown}"),
                _ => "nothing is registered".to_owned(),
            }),
            _ => match &route.load_balancer {
                Hop::Unknown(unknown) => Some(format!("load balancer not visible: {unknown}")),
                _ => self.replaced(route),
            },
        };
        PathView {
            path: self.path_ref(route),
            target_kind: registration.map(|registration| registration.target.kind.name()),
            certainty: route.certainty,
            note,
            listener_port: listener.and_then(|listener| listener.get("port").to_value()),
            listener_protocol: listener.and_then(|listener| listener.get("protocol").to_value()),
            weight: route.weight.clone(),
            idle_timeout: balancer.and_then(|balancer| balancer.get("idle_timeout").to_value()),
            protocol: group.get("protocol").to_value(),
            port: if lambda { None } else { port },
            target_type: group.get("target_type").to_value(),
            health_check: HealthCheckView {
                enabled: group.get("health_check.enabled").to_value(),
                protocol: group.get("health_check.protocol").to_value(),
                port: if lambda { None } else { health_port },
                path: group.get("health_check.path").to_value(),
                matcher: group.get("health_check.matcher").to_value(),
                interval: group.get("health_check.interval").to_value(),
                timeout: group.get("health_check.timeout").to_value(),
                healthy_threshold: group.get("health_check.healthy_threshold").to_value(),
                unhealthy_threshold: group.get("health_check.unhealthy_threshold").to_value(),
            },
            traffic: reach(route, lambda, connection.map(|connection| &*connection.traffic)),
            health: reach(route, lambda, connection.map(|connection| &*connection.health)),
            keep_alive: route.registration.and_then(|at| self.backends.of(at)).map(backend_facts::view),
        }
    }
}

impl Model<'_> {
    /// What on a route this change deletes and makes anew, and which attribute forces that.
    fn replaced(&self, route: &Route) -> Option<String> {
        let hops = [route.load_balancer.resource(), route.listener.resource(), route.rule, Some(route.target_group)];
        let replaced = hops.into_iter().flatten().map(|id| self.graph.resource(id));
        let mut words = replaced.filter(|resource| matches!(resource.action, Action::Replace { .. })).map(|resource| {
            let by = if resource.replaced_by.is_empty() {
                String::new()
            } else {
                format!(" (forced by {})", resource.replaced_by.join(", "))
            };
            format!("{}{by}", resource.address)
        });
        let first = words.next()?;
        Some(words.fold(format!("this change replaces {first}"), |all, next| format!("{all} and {next}")))
    }
}

fn reach(route: &Route, lambda: bool, reached: Option<&Reached>) -> Reach {
    if lambda {
        return Reach { answer: Answer::NotApplicable, because: "the load balancer invokes the function".to_owned() };
    }
    let Some(reached) = reached else {
        let because = match (route.registration, &route.load_balancer) {
            (None, _) => "no target is visible".to_owned(),
            (_, Hop::None) => "no load balancer forwards here".to_owned(),
            _ => "the load balancer is not part of the input".to_owned(),
        };
        return Reach { answer: Answer::Unknown, because };
    };
    let answer = on_path(reached.answer, route.certainty);
    let because = if answer == reached.answer {
        reached.because.clone()
    } else {
        format!("if this path exists it is closed: {}", reached.because)
    };
    Reach { answer, because }
}

fn shown_port(port: Option<&Ports>) -> Option<Value> {
    match port? {
        Ports::One(port) => Some((*port).into()),
        Ports::Unknown(unknown) => Some(Value::unknown(unknown.clone())),
        Ports::Range(..) => None,
    }
}
