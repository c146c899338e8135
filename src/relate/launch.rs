//! What instances are started from: launch templates and configurations, in the version that the input shows.

use crate::catalog::names::role;
use crate::catalog::place_of;
use crate::graph::{Action, Graph, Link, Lookup, Reason, Resource, ResourceId, Target, Unknown};

/// The templates or configuration an Auto Scaling group starts its instances from: the certain ones, else each that
/// may be meant, and why it may be another.
pub(super) fn started_from(graph: &Graph, group: ResourceId) -> (Vec<ResourceId>, Option<Unknown>) {
    let configurations: Vec<&Link> = graph.links_as(group, role::LAUNCH_CONFIGURATION_OF).collect();
    if configurations.iter().any(|link| link.certain().is_some()) {
        return one_of(&configurations);
    }
    let (templates, open) = template_of(graph, group);
    if templates.is_empty() && !configurations.is_empty() { one_of(&configurations) } else { (templates, open) }
}

/// The launch templates something starts instances from, as the input shows them.
pub(super) fn template_of(graph: &Graph, id: ResourceId) -> (Vec<ResourceId>, Option<Unknown>) {
    let user = graph.resource(id);
    let mut links: Vec<&Link> = graph.links_as(id, role::LAUNCH_TEMPLATE_OF).collect();
    // AWS refuses a template beside a mixed instances policy, yet a plan has the unwritten policy as unknown.
    let direct = |link: &&Link| {
        !["mixed_instances_policy", "MixedInstancesPolicy"].iter().any(|mixed| link.path.starts_with(mixed))
    };
    let mixed = !links.iter().any(|link| direct(link) && !link.ends.is_empty());
    if !mixed {
        links.retain(direct);
    }
    let (templates, open) = one_of(&links);
    if open.is_some() || templates.is_empty() {
        return (templates, open);
    }
    let version = if mixed { "mixed_launch_template_version" } else { "launch_template_version" };
    let other = templates.iter().find_map(|&template| other_version(version, user, graph.resource(template)));
    let overrides = user.get("overrides_launch_template");
    let open = if mixed && overrides != Lookup::Absent && overrides.bool() != Some(false) {
        let why = "some of its instances are started from other launch templates";
        Some(Unknown::at(Reason::Undecidable(why.into()), place_of(user, "overrides_launch_template")))
    } else {
        other
    };
    (templates, open)
}

/// Why the version in use may not be the one the input shows.
fn other_version(version: &str, user: &Resource, template: &Resource) -> Option<Unknown> {
    let latest = template.get("latest_version").int();
    let default_is_latest = template.get("update_default_version").bool() == Some(true)
        || (latest.is_some() && latest == template.get("default_version").int());
    let shown = match user.get(version) {
        // A new template has one version only.
        _ if matches!(template.action, Action::Create | Action::Replace { .. }) => true,
        Lookup::Known(value) => match value.as_str() {
            Some("$Latest") => true,
            Some("$Default") => default_is_latest,
            _ => value.as_int().is_some() && value.as_int() == latest,
        },
        Lookup::Unknown(unknown) => {
            // Unknown because the template is about to get a new version, which is the one shown.
            let newest = unknown.hangs_on.as_ref().is_some_and(|place| {
                place.address == template.address
                    && (matches!(&*place.path, "latest_version" | "LatestVersionNumber") || default_is_latest)
            });
            if !newest {
                return Some(unknown.clone());
            }
            true
        }
        Lookup::Absent => default_is_latest,
    };
    (!shown).then(|| {
        let why = "the version of the launch template that is used is not the one in the input";
        Unknown::at(Reason::Undecidable(why.into()), place_of(user, version))
    })
}

/// What links to one thing mean: the certain ends, else all the possible ones, and why it may be another.
pub(super) fn one_of(links: &[&Link]) -> (Vec<ResourceId>, Option<Unknown>) {
    let mut certain: Vec<ResourceId> = links.iter().filter_map(|link| link.certain()).collect();
    certain.sort_unstable();
    certain.dedup();
    if !certain.is_empty() {
        return (certain, None);
    }
    let outside = links.iter().flat_map(|link| &link.ends).find_map(|end| match &end.to {
        Target::Outside(id) => Some(Unknown::because(Reason::OutsideInput(id.clone()))),
        Target::Resource(_) => None,
    });
    let open = outside.or_else(|| links.iter().find_map(|link| link.rest().cloned()));
    let mut possible: Vec<ResourceId> = links.iter().flat_map(|link| link.resources()).map(|(id, _)| id).collect();
    possible.sort_unstable();
    possible.dedup();
    (possible, open)
}
