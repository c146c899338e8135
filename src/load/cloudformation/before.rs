//! What was there before a change set: the template's resources with the properties they had. What the change set does
//! not say of the former is unknown, and so never taken to be what comes after.

use std::collections::BTreeMap;

use super::change_set::{Changes, Does, MASK, ResourceChange, Target};
use super::resolve::ResolvedResource;
use super::stacks::Case;
use crate::graph::{self, Action, Address, Graph, Place, Reason, Text, Unknown};
use crate::load::hcl::{Bounds, Content, Hole, Type, Value, value_from_json};

/// The most changes of one resource that are followed one by one.
const DETAILS: usize = 1000;
/// The longest value that is believed to be whole.
const LONGEST: usize = 256;

/// The graph of what was there.
pub(super) fn graph(after: &Case, changes: &Changes<'_>, raw_types: &[&str]) -> Graph {
    let mut case = after.clone();
    let ids = Ids::of(after, changes);
    for stack in &mut case.stacks {
        let resources = std::mem::take(&mut stack.resolved.resources);
        let nesting = stack.prefix.split('/').next().filter(|id| !id.is_empty());
        stack.resolved.resources = match nesting.map(|id| changes.get(id)) {
            // What changes within it is not told.
            Some(Some(change)) if change.action != Does::Add => resources.into_iter().map(opened).collect(),
            Some(Some(_)) => Vec::new(),
            Some(None) => resources,
            None => {
                let former = |resource: ResolvedResource| match changes.get(&*resource.logical_id) {
                    Some(change) => ids.former(resource, change),
                    None => Some(resource),
                };
                let removed = changes.values().filter(|change| change.action == Does::Remove);
                resources.into_iter().filter_map(former).chain(removed.map(|change| ids.removed(change))).collect()
            }
        };
    }
    let mut parts = case.graph(raw_types).into_parts();
    for resource in &mut parts.resources {
        let removed = changes.get(resource.address.as_str()).is_some_and(|change| change.action == Does::Remove);
        resource.action = if removed { Action::Delete } else { Action::NoOp };
    }
    Graph::from_parts(parts)
}

/// Ids of AWS, and what of the template they are.
struct Ids(BTreeMap<Text, Value>);

/// What stood somewhere.
enum Former {
    This(Value),
    Nothing,
    Untold,
}

impl Ids {
    fn of(after: &Case, changes: &Changes<'_>) -> Ids {
        let mut ids = Ids(BTreeMap::new());
        for (logical, physical) in
            changes.iter().filter_map(|(id, change)| Some((id, change.physical_resource_id.as_ref()?)))
        {
            let place = Place::new(&Address::from(*logical), "Ref");
            let hole = Hole::new(Type::String, Unknown::at(Reason::Reference, place)).bounded(Bounds::not_null());
            ids.learn(physical, Value::hole(hole));
        }
        let outermost = after.stacks.iter().filter(|stack| stack.prefix.is_empty());
        for resource in outermost.flat_map(|stack| &stack.resolved.resources) {
            let context =
                changes.get(&*resource.logical_id).and_then(|change| context(change.after_context.as_deref()));
            let Some(properties) = context.as_ref().and_then(|context| entry(context, "Properties")) else { continue };
            for (name, value) in &resource.properties {
                if let Some(said) = entry(properties, name) {
                    ids.pair(value, said);
                }
            }
        }
        ids
    }

    /// Holds what the template refers to against what AWS says stands there.
    fn pair(&mut self, value: &Value, said: &Value) {
        match (&value.content, &said.content) {
            (Content::Unknown(hole), Content::String(text)) => {
                if matches!(&hole.reasons[..], [reason] if reason.reason == Reason::Reference) {
                    self.learn(text, value.clone());
                }
            }
            (Content::Tuple(values), Content::Tuple(all)) => {
                values.content.iter().zip(&all.content).for_each(|(value, said)| self.pair(value, said));
            }
            (Content::Object(values), Content::Object(_)) => {
                for (name, value) in &values.content {
                    if let Some(said) = entry(said, name) {
                        self.pair(value, said);
                    }
                }
            }
            _ => {}
        }
    }

    /// Keeps an id. Other names may be any word.
    fn learn(&mut self, text: &str, value: Value) {
        let hex = |rest: &str| rest.len() >= 8 && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
        if text.starts_with("arn:") || text.rsplit_once('-').is_some_and(|(_, rest)| hex(rest)) {
            self.0.entry(text.into()).or_insert(value);
        }
    }

    /// A value as AWS says it, ids taken for what they are of.
    fn known(&self, said: &Value) -> Value {
        match &said.content {
            Content::String(text) if &**text == MASK => untold().marked(true),
            Content::String(text) => self.0.get(text).unwrap_or(said).clone(),
            Content::Tuple(items) => Value::tuple(items.content.iter().map(|item| self.known(item)).collect()),
            Content::Object(entries) => {
                Value::object(entries.content.iter().map(|(name, item)| (name.clone(), self.known(item))).collect())
            }
            _ => said.clone(),
        }
    }

    /// What a resource was; nothing when it is new.
    fn former(&self, mut resource: ResolvedResource, change: &ResourceChange) -> Option<ResolvedResource> {
        match change.action {
            // What goes away is put in by itself.
            Does::Add | Does::Remove => return None,
            Does::Import | Does::SyncWithActual => return Some(resource),
            Does::Dynamic => return Some(opened(resource)),
            Does::Modify => {}
        }
        let details = change.details.as_deref().unwrap_or_default();
        if details.is_empty() || details.len() > DETAILS {
            return Some(opened(resource));
        }
        let context = context(change.before_context.as_deref());
        for target in details.iter().map(|detail| detail.target.as_ref()) {
            // Something changes, and that is all that is said.
            let Some(target) = target else { return Some(opened(resource)) };
            if target.attribute.as_deref() == Some("UpdatePolicy") {
                resource.update_policy = match &context {
                    Some(context) => entry(context, "UpdatePolicy").map(|said| self.known(said)),
                    None => Some(untold()),
                };
            }
            let Some(path) = target.steps() else { continue };
            let [name, rest @ ..] = &path[..] else { return Some(opened(resource)) };
            let before = context.as_ref().map(|context| entry(context, "Properties").and_then(|all| entry(all, name)));
            let what = self.stood(target, rest, before);
            let put = self.put(resource.properties.get(*name), before, rest, what);
            match put {
                Some(value) => resource.properties.insert(Text::from(*name), value),
                None => resource.properties.remove(*name),
            };
        }
        Some(resource)
    }

    /// What stood at a path below a property. `before` is the property as it was, when that is told.
    fn stood(&self, target: &Target, path: &[&str], before: Option<Option<&Value>>) -> Former {
        if let Some(before) = before {
            let found = path.iter().try_fold(before, |here, step| Some(here.and_then(|here| entry(here, step))));
            return found.flatten().map_or(Former::Nothing, |said| Former::This(self.known(said)));
        }
        match (target.attribute_change_type.as_deref(), target.before_value.as_deref()) {
            (Some("Add"), _) => Former::Nothing,
            (_, Some(said)) if said.starts_with(['{', '[']) => match value_from_json(said) {
                Ok(said) => Former::This(self.known(&said)),
                Err(_) => Former::Untold,
            },
            // A long one may have been cut.
            (_, Some(said)) if said.len() <= LONGEST => Former::This(self.known(&Value::text(said))),
            _ => Former::Untold,
        }
    }

    /// The value with what stood at a path in it.
    fn put(&self, after: Option<&Value>, before: Option<Option<&Value>>, path: &[&str], what: Former) -> Option<Value> {
        let [step, rest @ ..] = path else {
            return match what {
                Former::This(value) => Some(value),
                Former::Nothing => None,
                Former::Untold => Some(untold()),
            };
        };
        let below = before.map(|before| before.and_then(|before| entry(before, step)));
        match after.map(|after| &after.content) {
            Some(Content::Object(entries)) => {
                let mut entries = entries.content.clone();
                match self.put(entries.get(*step), below, rest, what) {
                    Some(value) => entries.insert(Text::from(*step), value),
                    None => entries.remove(*step),
                };
                return Some(Value::object(entries));
            }
            Some(Content::Tuple(items)) => {
                let as_long = before.is_none_or(|before| length(before) == Some(items.content.len()));
                let at = step.parse::<usize>().ok().filter(|at| as_long && *at < items.content.len());
                if let Some(at) = at
                    && let Some(value) = self.put(items.content.get(at), below, rest, what)
                {
                    let mut items = items.content.clone();
                    items.splice(at..=at, [value]);
                    return Some(Value::tuple(items));
                }
            }
            _ => {}
        }
        // Its parts are not those there are now: all of it as it was.
        match before {
            Some(before) => before.map(|before| self.known(before)),
            None => Some(untold()),
        }
    }

    /// A resource that goes away.
    fn removed(&self, change: &ResourceChange) -> ResolvedResource {
        let context = context(change.before_context.as_deref());
        let part = |name: &str| context.as_ref().and_then(|context| entry(context, name)).map(|said| self.known(said));
        let properties = part("Properties").and_then(|all| all.as_entries().cloned());
        ResolvedResource {
            logical_id: Text::from(change.logical_resource_id.as_str()),
            type_name: Text::from(change.resource_type.as_str()),
            open: context.is_none().then(reason),
            properties: properties.unwrap_or_default(),
            metadata: part("Metadata"),
            update_policy: part("UpdatePolicy"),
            depends_on: Vec::new(),
            spans: BTreeMap::new(),
            uncertain: None,
        }
    }
}

impl Target {
    /// The steps to it below `Properties`; none when it is not there.
    fn steps(&self) -> Option<Vec<&str>> {
        let path = self.path.as_deref().and_then(|path| path.strip_prefix("/Properties"));
        match (path, self.attribute.as_deref(), self.name.as_deref()) {
            (Some(path), ..) => Some(path.split('/').filter(|step| !step.is_empty()).collect()),
            (None, Some("Properties"), Some(name)) => Some(vec![name]),
            (None, Some("Properties") | None, None) => Some(Vec::new()),
            (None, Some("Tags"), _) => Some(vec!["Tags"]),
            _ => None,
        }
    }
}

/// A resource of which nothing is known but that it was there.
fn opened(resource: ResolvedResource) -> ResolvedResource {
    ResolvedResource { properties: BTreeMap::new(), open: Some(reason()), ..resource }
}

fn untold() -> Value {
    Value::unknown(Type::Dynamic, reason())
}

fn reason() -> Unknown {
    let why = "the change set does not say what it was (it is made without --include-property-values)";
    Unknown::because(Reason::Undecidable(graph::Text::from(why)))
}

fn context(text: Option<&str>) -> Option<Value> {
    value_from_json(text?).ok().filter(|value| value.as_entries().is_some())
}

fn entry<'v>(value: &'v Value, step: &str) -> Option<&'v Value> {
    match &value.content {
        Content::Object(entries) => entries.content.get(step),
        Content::Tuple(items) => items.content.get(step.parse::<usize>().ok()?),
        _ => None,
    }
}

fn length(value: Option<&Value>) -> Option<usize> {
    value?.as_items().map(<[Value]>::len)
}
