//! A plan together with the configuration it was made from: what the plan leaves out (locals, dynamic blocks, lines) is
//! taken from the text. A configuration that does not fit the plan is used for nothing.

use rustc_hash::FxHashMap;

use super::digest;
use crate::catalog::{Dialect, kind_named};
use crate::graph::{
    Action, Certainty, Data, End, Graph, Link, Lookup, Mode, Reason, Resource, ResourceId, Role, Target, Value, lookup,
};

/// The plan's graph with what the configuration adds; or why the two do not belong together, and the plan's graph as
/// it was.
pub(super) fn combine(plan: Graph, text: &Graph) -> (Graph, Result<(), String>) {
    if let Err(why) = fits(&plan, text) {
        return (plan, Err(why));
    }
    let pairs: FxHashMap<ResourceId, ResourceId> =
        plan.resources().filter_map(|(id, resource)| Some((id, text.find(resource.address.as_str())?))).collect();
    let links = links(&plan, text, &pairs);
    let mut parts = plan.into_parts();
    for (id, written) in &pairs {
        let written = text.resource(*written);
        let own = &mut parts.resources[id.0 as usize];
        own.spots.clone_from(&written.spots);
        own.exemptions.clone_from(&written.exemptions);
        if own.mode == Mode::Managed {
            fill(&mut own.attributes, &written.attributes);
            if let Some(text) = digest::proved(own, written).cloned()
                && let Data::Map(attributes) = &mut own.attributes.data
            {
                attributes.insert(digest::USER_DATA.into(), text);
            }
        }
    }
    parts.links = links;
    (Graph::from_parts(parts), Ok(()))
}

/// Whether a plan can come from a configuration: the same resources, and the same values in what is made anew.
fn fits(plan: &Graph, text: &Graph) -> Result<(), String> {
    let on_path = |resource: &Resource| resource.kind.is_some() && resource.mode == Mode::Managed;
    for (_, resource) in plan.resources().filter(|(_, resource)| on_path(resource)) {
        let Some(written) = text.find(resource.address.as_str()) else {
            if text.partial().is_some() {
                continue;
            }
            return Err(format!("the plan has {}, the configuration has not", resource.address));
        };
        // A change in place may leave alone what the text says (ignore_changes).
        if matches!(resource.action, Action::Create | Action::Replace { .. }) {
            same_values(resource, text.resource(written))?;
        }
    }
    if plan.partial().is_none() {
        let missing =
            text.resources().find(|(_, written)| on_path(written) && plan.find(written.address.as_str()).is_none());
        if let Some((_, written)) = missing {
            return Err(format!("the configuration has {}, the plan has not", written.address));
        }
    }
    Ok(())
}

fn same_values(planned: &Resource, written: &Resource) -> Result<(), String> {
    let Some(spec) = planned.kind.and_then(|kind| kind_named(kind.0)) else { return Ok(()) };
    for attribute in spec.attributes {
        let (Lookup::Known(left), Lookup::Known(right)) = (planned.get(attribute.path), written.get(attribute.path))
        else {
            continue;
        };
        // A digest is no text to compare.
        if attribute.path == digest::USER_DATA && left.as_str().is_some_and(digest::is_digest) {
            continue;
        }
        let defaults = left.marks.default.is_some() || right.marks.default.is_some();
        if !defaults && agrees(left, right) == Some(false) {
            let path = attribute.path_in(Dialect::Terraform);
            return Err(format!("{}.{path} is not the same in the plan and in the configuration", planned.address));
        }
    }
    Ok(())
}

/// Whether two known values are the same to Terraform; none when that is not told by looking at them.
fn agrees(left: &Value, right: &Value) -> Option<bool> {
    match (&left.data, &right.data) {
        (Data::Int(_), _) | (_, Data::Int(_)) => Some(left.as_int()? == right.as_int()?),
        (Data::Bool(_), _) | (_, Data::Bool(_)) => Some(left.as_bool()? == right.as_bool()?),
        // The provider writes names in capitals or small letters as AWS has them.
        (Data::String(left), Data::String(right)) => Some(left.eq_ignore_ascii_case(right)),
        _ => None,
    }
}

/// Takes from the text what the plan could not tell: that nobody wrote a value, what a value hangs on, or which part of it
/// is known before apply (one unknown part makes a whole text unknown to a plan).
fn fill(planned: &mut Value, written: &Value) {
    let (Data::Map(planned), Some(written)) = (&mut planned.data, written.as_map()) else { return };
    for (key, value) in planned.iter_mut() {
        let Some(told) = written.get(key) else { continue };
        match value.as_unknown().map(|unknown| is_dead_end(&unknown.reason)) {
            Some(true) if told.as_unknown().is_some() || told.marks.default.is_some() => {
                *value = Value { marks: value.marks, ..told.clone() };
                value.marks.default = told.marks.default;
            }
            Some(_) if is_partly_known(told) => *value = Value { marks: value.marks, ..told.clone() },
            Some(_) => {}
            None => fill(value, told),
        }
    }
}

/// Whether some of it is known and some is not.
fn is_partly_known(told: &Value) -> bool {
    match told.as_unknown() {
        Some(unknown) => unknown.outline.is_some(),
        None => told.holds_unknown(),
    }
}

/// Whether the plan itself says that it does not know where a value comes from.
fn is_dead_end(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::Local(_)
            | Reason::DynamicBlock
            | Reason::SeveralMentions
            | Reason::NotInConfiguration
            | Reason::Elsewhere(_)
    )
}

/// The plan's links, those that are in doubt replaced by what the text says, where that is without doubt.
fn links(plan: &Graph, text: &Graph, pairs: &FxHashMap<ResourceId, ResourceId>) -> Vec<Link> {
    let mut all = Vec::new();
    for (id, _) in plan.resources() {
        let own = plan.links(id);
        let mut start = 0;
        while start < own.len() {
            let role = own[start].role;
            let end = start + own[start..].iter().take_while(|link| link.role == role).count();
            let group = &own[start..end];
            let raw = &plan.resource(id).raw;
            let told = pairs.get(&id).filter(|_| group.iter().any(|link| in_doubt(link) || is_guessed(link, raw)));
            match told.and_then(|written| told_links(plan, text, id, *written, role)) {
                Some(links) => all.extend(links),
                None => all.extend(group.iter().cloned()),
            }
            start = end;
        }
    }
    all
}

fn in_doubt(link: &Link) -> bool {
    link.rest.is_some() || !link.placed || link.ends.iter().any(|end| end.certainty == Certainty::Possible)
}

/// Whether several members were found by one mention, which may have been of one of them.
fn is_guessed(link: &Link, planned: &Value) -> bool {
    // Blocks are numbered in brackets in a link's path, and by a step of their own in what is looked up.
    let steps = || link.path.replace('[', ".").replace(']', "");
    link.ends.len() > 1 && matches!(lookup(planned, &steps()), Lookup::Unknown(_))
}

/// The links of one role as the text says them, in the plan's terms; none when the text is in doubt too.
fn told_links(plan: &Graph, text: &Graph, id: ResourceId, written: ResourceId, role: Role) -> Option<Vec<Link>> {
    let mut links = Vec::new();
    for link in text.links_as(written, role) {
        if in_doubt(link) {
            return None;
        }
        let mut ends = Vec::new();
        for end in &link.ends {
            let to = match &end.to {
                Target::Resource(to) => Target::Resource(plan.find(text.resource(*to).address.as_str())?),
                Target::Outside(text) => Target::Outside(text.clone()),
            };
            ends.push(End { to, certainty: end.certainty });
        }
        let (at, path, placed) = position(link, &plan.resource(id).raw, &text.resource(written).raw);
        let (at, ends) = (at.into(), ends.into());
        links.push(Link { from: id, role, at, placed, path: path.as_str().into(), ends, rest: None });
    }
    Some(links)
}

/// Where the plan has what stands at `link.path` in the text: sets are re-ordered, so elements are told apart by what
/// both know of them.
fn position(link: &Link, planned: &Value, written: &Value) -> (Vec<u32>, String, bool) {
    let (mut planned, mut written) = (Some(planned), Some(written));
    let (mut at, mut path, mut placed) = (Vec::new(), String::new(), true);
    for step in link.path.split('.') {
        let (name, index) = match step.strip_suffix(']').and_then(|step| step.rsplit_once('[')) {
            Some((name, index)) => (name, index.parse::<usize>().ok()),
            None => (step, None),
        };
        planned = planned.and_then(|value| value.get(name));
        written = written.and_then(|value| value.get(name));
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(name);
        let Some(index) = index else { continue };
        let theirs = written.and_then(|list| list.as_list()?.get(index));
        let ours = planned.and_then(Value::as_list).unwrap_or_default();
        let alike: Vec<usize> = (0..ours.len()).filter(|&at| theirs.is_some_and(|one| alike(one, &ours[at]))).collect();
        let chosen = match alike.as_slice() {
            [only] => *only,
            several => {
                placed &= ours.len() <= 1;
                if several.is_empty() || several.contains(&index) { index } else { several[0] }
            }
        };
        at.push(chosen as u32);
        path.push_str(&format!("[{chosen}]"));
        planned = ours.get(chosen);
        written = theirs;
    }
    (at, path, placed)
}

/// Whether nothing that both know tells two blocks apart.
fn alike(written: &Value, planned: &Value) -> bool {
    let (Some(written), Some(planned)) = (written.as_map(), planned.as_map()) else { return true };
    written.iter().all(|(key, value)| match planned.get(key) {
        Some(other) if !other.is_null() => agrees(value, other) != Some(false),
        _ => true,
    })
}
