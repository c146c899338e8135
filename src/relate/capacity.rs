//! Whether anything runs behind a target group: how many tasks or instances are wanted. Whether they can start is not
//! judged.

use rustc_hash::FxHashSet;

use super::told::Told;
use crate::catalog::names::{self, role};
use crate::catalog::place_of;
use crate::graph::{Graph, Kind, Lookup, Place, Reason, Resource, ResourceId, Text, Unknown, Value};

/// What scales, and what wants to run.
#[derive(Debug)]
pub struct Capacity<'g> {
    graph: &'g Graph,
    /// Names of ECS services that a scaling target counts the tasks of.
    scaled: FxHashSet<Text>,
    /// Some scaling target may count the tasks of any service.
    stray: bool,
}

/// What changes how many instances an Auto Scaling group wants.
const SCALING: [Kind; 2] = [names::SCALING_POLICY, names::ECS_CAPACITY_PROVIDER];

impl<'g> Capacity<'g> {
    /// Indexes the scaling targets by the service they name.
    #[must_use]
    pub fn new(graph: &'g Graph) -> Capacity<'g> {
        let (mut scaled, mut stray) = (FxHashSet::default(), graph.unseen(&[names::SCALING_TARGET]).is_some());
        for &target in graph.of_kind(names::SCALING_TARGET) {
            let linked = graph.links_as(target, role::SCALES).any(|link| link.resources().next().is_some());
            match graph.resource(target).get("resource_id") {
                Lookup::Known(text) => {
                    scaled.extend(text.as_str().and_then(|text| text.rsplit('/').next()).map(Text::from));
                }
                Lookup::Unknown(_) => stray |= !linked,
                Lookup::Absent => {}
            }
        }
        Capacity { graph, scaled, stray }
    }

    /// Whether an ECS service wants at least one task, or an Auto Scaling group at least one instance.
    #[must_use]
    pub fn wanted(&self, id: ResourceId) -> Told {
        let resource = self.graph.resource(id);
        match resource.kind {
            Some(names::ECS_SERVICE) => tasks(resource, || self.scales(id, resource)),
            _ => instances(self.graph, id, resource),
        }
    }

    /// Whether a scaling target of the input may count the tasks of a service. Without a known name it may be any.
    fn scales(&self, id: ResourceId, service: &Resource) -> bool {
        let named = match service.get("name").str() {
            Some(name) => self.scaled.contains(name),
            None => !self.scaled.is_empty(),
        };
        named || self.stray || self.graph.incoming_as(id, role::SCALES).next().is_some()
    }
}

fn tasks(service: &Resource, scaled: impl FnOnce() -> bool) -> Told {
    if service.get("scheduling_strategy").str() == Some("DAEMON") {
        return Told::yes("it runs one task on every instance");
    }
    let (count, place) = match number(service, "desired_count") {
        Ok(Some(count)) => count,
        Ok(None) => return Told::yes("the number of tasks is not written"),
        Err(unknown) => return Told::unknown(unknown),
    };
    if count > 0 {
        return Told::yes(format!("it wants {count} tasks"));
    }
    if service.get("deployment_controller").str() == Some("EXTERNAL") {
        return elsewhere(place, "its task sets say how many tasks run");
    }
    if scaled() {
        return elsewhere(place, "a scaling target may set another number of tasks");
    }
    Told::no("the service wants 0 tasks, and nothing scales it", vec![(place, count.into())])
}

fn instances(graph: &Graph, id: ResourceId, group: &Resource) -> Told {
    if let Ok(Some((0, place))) = number(group, "max_size") {
        return Told::no("the group may have 0 instances at most", vec![(place, 0.into())]);
    }
    let desired = match number(group, "desired_capacity") {
        // Nobody wrote it: AWS starts with the fewest.
        Err(unknown) if computed(&unknown, &place_of(group, "desired_capacity")) => Ok(None),
        desired => desired,
    };
    let (desired, min) = match (desired, number(group, "min_size")) {
        (Ok(desired), Ok(min)) => (desired, min),
        (Err(unknown), _) | (_, Err(unknown)) => return Told::unknown(unknown),
    };
    let Some((0, place)) = desired.or(min) else { return Told::yes("it wants at least one instance") };
    let scales = |role| {
        graph.incoming_as(id, role).any(|link| {
            let kind = graph.resource(link.from).kind;
            kind.is_some_and(|kind| SCALING.contains(&kind))
        })
    };
    if scales(role::AUTOSCALING_GROUP_OF) || scales(role::CAPACITY_OF) || graph.unseen(&SCALING).is_some() {
        return elsewhere(place, "a scaling policy may set another number of instances");
    }
    Told::no("the group wants 0 instances, and nothing scales it", vec![(place, 0.into())])
}

/// Whether a value is unknown because it is filled in later, and not because of what it is made from.
fn computed(unknown: &Unknown, own: &Place) -> bool {
    unknown.reason == Reason::AfterApply && unknown.hangs_on.as_ref().is_none_or(|place| place == own)
}

fn number(resource: &Resource, attribute: &str) -> Result<Option<(i64, Place)>, Unknown> {
    let place = || place_of(resource, attribute);
    match resource.get(attribute) {
        Lookup::Unknown(unknown) => Err(unknown.clone()),
        Lookup::Absent => Ok(None),
        Lookup::Known(value) => match Value::as_int(value) {
            Some(number) => Ok(Some((number, place()))),
            None => Err(Unknown::at(Reason::Undecidable("it is no whole number".into()), place())),
        },
    }
}

fn elsewhere(place: Place, why: &str) -> Told {
    Told::unknown(Unknown::at(Reason::Undecidable(why.into()), place))
}
