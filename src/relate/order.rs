//! Whether an ECS service is made after what forwards requests to its target groups. AWS refuses a service whose target
//! group has no load balancer yet, and a target group has one when a listener or rule forwards to it.

use super::told::Told;
use crate::catalog::names::{self, role};
use crate::catalog::{Dialect, place_of_edge};
use crate::graph::{Action, Graph, Reason, Resource, ResourceId, Unknown, Value};

/// What the answer is, and what to write.
#[derive(Debug)]
pub struct Order {
    /// Whether it waits for one of them, for each of its target groups.
    pub after: Told,
    /// What to do.
    pub fix: String,
}

/// Whether a service that is new waits for the listeners and rules that are new with it. None where it is not new, where
/// nothing of the input forwards to its groups, or where something that is there already does.
#[must_use]
pub fn made_after_listener(graph: &Graph, service: ResourceId) -> Option<Order> {
    let own = graph.resource(service);
    if !is_new(own) {
        return None;
    }
    graph.links_as(service, role::MADE_AFTER).next()?;
    let mut waits_for = Vec::new();
    let mut open = None;
    for link in graph.links_as(service, role::MADE_AFTER) {
        waits_for.extend(link.resources().map(|(id, _)| id));
        open = open.or(link.rest());
    }
    let (mut judged, mut doubt) = (false, None);
    for link in graph.links_as(service, role::TARGET_GROUP_OF) {
        let Some(group) = link.certain() else {
            let forwarders = link.resources().filter_map(|(group, _)| new_forwarders(graph, group));
            let unwaited = forwarders.filter(|all| !all.are_waited_for(&waits_for)).find_map(|all| all.any());
            if let Some(forwarder) = unwaited {
                let several = || Unknown::at(Reason::SeveralMentions, own.place(&link.path));
                let unknown = link.rest().cloned().unwrap_or_else(several);
                doubt.get_or_insert_with(|| (graph.resource(forwarder), unknown));
            }
            continue;
        };
        let Some(forwarders) = new_forwarders(graph, group) else { continue };
        judged = true;
        if forwarders.are_waited_for(&waits_for) {
            continue;
        }
        let Forwarders { certain, possible } = forwarders;
        let perhaps = possible.iter().find(|(one, _)| certain.is_empty() || waits_for.contains(one));
        if let Some((forwarder, unknown)) = perhaps {
            doubt.get_or_insert_with(|| (graph.resource(*forwarder), unknown.clone()));
            continue;
        }
        let first = graph.resource(*certain.first()?);
        if let Some(unknown) = open {
            doubt.get_or_insert_with(|| (first, unknown.clone()));
            continue;
        }
        let group = graph.resource(group);
        let because = format!(
            "{} has a load balancer only once {} is made, and nothing makes the service wait for that",
            group.address, first.address
        );
        let place = place_of_edge(own, role::TARGET_GROUP_OF);
        let evidence = vec![(place, Value::from(group.address.as_str()))];
        return Some(Order { after: Told::no(because, evidence), fix: fix(own, first) });
    }
    if let Some((forwarder, unknown)) = doubt {
        return Some(Order { after: Told::unknown(unknown), fix: fix(own, forwarder) });
    }
    judged.then(|| Order { after: Told::yes("it waits for what forwards to its target groups"), fix: String::new() })
}

fn is_new(resource: &Resource) -> bool {
    matches!(resource.action, Action::Create | Action::Replace { .. })
}

/// The listeners and rules that forward to a group, all of them new.
struct Forwarders {
    certain: Vec<ResourceId>,
    /// Those that only may, and why.
    possible: Vec<(ResourceId, Unknown)>,
}

impl Forwarders {
    /// Whether what waits for these waits until the group has a load balancer.
    fn are_waited_for(&self, waits_for: &[ResourceId]) -> bool {
        self.certain.iter().any(|one| waits_for.contains(one))
    }

    fn any(&self) -> Option<ResourceId> {
        self.certain.iter().chain(self.possible.iter().map(|(id, _)| id)).next().copied()
    }
}

/// None when there are none, or when one is there already, so that the group may have a load balancer.
fn new_forwarders(graph: &Graph, group: ResourceId) -> Option<Forwarders> {
    let mut found = Forwarders { certain: Vec::new(), possible: Vec::new() };
    for link in graph.incoming(group).filter(|link| matches!(link.role, role::FORWARD | role::WEIGHTED_FORWARD)) {
        let from = graph.resource(link.from);
        let forwards = matches!(from.kind, Some(names::LISTENER | names::LISTENER_RULE));
        if !forwards || !is_new(from) {
            return None;
        }
        let several = || Unknown::at(Reason::SeveralMentions, from.place(&link.path));
        match (from.uncertain.as_deref(), link.certain() == Some(group)) {
            (None, true) => found.certain.push(link.from),
            (Some(unknown), _) => found.possible.push((link.from, unknown.clone())),
            (None, false) => found.possible.push((link.from, link.rest().cloned().unwrap_or_else(several))),
        }
    }
    (!found.certain.is_empty() || !found.possible.is_empty()).then_some(found)
}

fn fix(service: &Resource, forwarder: &Resource) -> String {
    let (around, name) = (module_of(service), forwarder.address.as_str());
    let dialect = Dialect::of(&service.type_name);
    if around != module_of(forwarder) {
        let inner = if dialect == Dialect::Terraform { "module" } else { "stack" };
        return format!("hand the ARN of {name} to the {inner} of the service and mention it in the service");
    }
    let name = name.strip_prefix(around).unwrap_or(name);
    match dialect {
        // Terraform waits for blocks, not for their instances.
        Dialect::Terraform => {
            format!("write `depends_on = [{}]` in the service", name.split('[').next().unwrap_or(name))
        }
        Dialect::CloudFormation => format!("write `DependsOn: {name}` in the service"),
    }
}

/// The beginning of an address that says in which module or nested stack it is.
fn module_of(resource: &Resource) -> &str {
    let address = resource.address.as_str();
    let end = match Dialect::of(&resource.type_name) {
        Dialect::Terraform => address.rfind(&format!("{}.", resource.type_name)).unwrap_or(0),
        Dialect::CloudFormation => address.rfind('/').map_or(0, |at| at + 1),
    };
    &address[..end]
}
