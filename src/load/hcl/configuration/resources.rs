//! From module instances to the graph: every resource instance with its attributes and links.

use std::collections::BTreeMap;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::body::{self, Spots};
use super::expansion::{Children, Each, Expansion, Key};
use super::tree::{Here, Instance, Whole, first_reason};
use crate::catalog::{Dialect, KindSpec, LinkSpec, Origin, Written, attributes, kind_of};
use crate::graph::{
    self, Action, Certainty, DefaultOf, End, Graph, Kind, Link, Map, Mode, Place, Reason, ResourceId, Target, Text,
    Unknown,
};
use crate::load::hcl::{Content, Hole, Value};

/// A resource instance on its way into the graph.
struct Found {
    address: String,
    mode: Mode,
    type_name: String,
    spec: Option<&'static KindSpec>,
    entries: BTreeMap<Text, Value>,
    spots: Spots,
}

/// The graph of a configuration.
pub(super) fn graph(whole: &Whole, raw_types: &[&str]) -> Graph {
    let top = whole.top();
    let mut gathering = Gathering { whole, raw_types, found: Vec::new(), partial: None };
    gathering.module(&top);
    let Gathering { found, partial, .. } = gathering;
    let links = Links::new(&found);
    let all = (0..found.len()).flat_map(|at| links.of(at)).collect();
    let handed_on = handed_on(whole, &top, &links);
    let resources = found.into_iter().map(resource).collect();
    let mut graph = Graph::new(resources, all, partial);
    for (id, to) in handed_on {
        graph.hand_on(id, to);
    }
    graph
}

struct Gathering<'w> {
    whole: &'w Whole,
    raw_types: &'w [&'w str],
    found: Vec<Found>,
    partial: Option<Unknown>,
}

impl Gathering<'_> {
    fn module(&mut self, instance: &Rc<Instance>) {
        let here = Here::of(self.whole, instance);
        if instance.module.broken {
            let reason = Reason::Undecidable("a file of the configuration cannot be read".into());
            self.partial.get_or_insert_with(|| Unknown::because(reason));
        }
        for (at, resource) in instance.module.resources.iter().enumerate() {
            match &*here.expansion(at) {
                Expansion::Single => self.resource(&here, at, None, &Each::default()),
                Expansion::Keyed(keyed) => {
                    keyed.iter().for_each(|(key, each)| self.resource(&here, at, Some(key), each));
                }
                Expansion::Unknown(unknown) => {
                    let spec = kind_of(Dialect::Terraform, &resource.type_name);
                    if spec.is_some() {
                        self.partial.get_or_insert_with(|| unknown.clone());
                    }
                }
            }
        }
        for name in instance.module.calls.keys() {
            let Some(children) = here.children(name) else { continue };
            match &*children {
                Children::One(child) => self.module(child),
                Children::Keyed(keyed) => keyed.iter().for_each(|(_, child)| self.module(child)),
                Children::Unknown(unknown) => {
                    self.partial.get_or_insert_with(|| unknown.clone());
                }
            }
        }
    }

    fn resource(&mut self, here: &Here<'_>, at: usize, key: Option<&Key>, each: &Each) {
        let resource = &here.instance.module.resources[at];
        let spec = kind_of(Dialect::Terraform, &resource.type_name);
        let wanted = spec.is_some() || self.raw_types.contains(&resource.type_name.as_str());
        let (mut entries, mut spots) =
            if wanted { body::value(&here.with(each), resource) } else { (BTreeMap::new(), Spots::new()) };
        if resource.mode == Mode::Managed {
            drop_unset(&mut entries);
        }
        if let Some(spot) = &resource.spot {
            spots.insert("".into(), spot.clone());
        }
        self.found.push(Found {
            address: here.address(resource, key),
            mode: resource.mode,
            type_name: resource.type_name.clone(),
            spec,
            entries,
            spots,
        });
    }
}

fn resource(found: Found) -> graph::Resource {
    let mut raw: Map = found.entries.iter().map(|(key, value)| (key.clone(), plain(value))).collect();
    let security_group = matches!(found.type_name.as_str(), "aws_security_group" | "aws_default_security_group");
    if security_group && found.mode == Mode::Managed {
        let mut written = Some(false);
        for direction in ["ingress", "egress"] {
            match raw.get(direction) {
                // What nobody writes Terraform removes from a new group.
                None => {
                    let none = graph::Value::from(Vec::new()).defaulted(DefaultOf::Provider);
                    raw.insert(direction.into(), none);
                }
                Some(rules) if rules.as_unknown().is_some() => written = written.filter(|written| *written),
                Some(rules) if rules.as_list().is_some_and(|rules| !rules.is_empty()) => written = Some(true),
                Some(_) => {}
            }
        }
        if let Some(written) = written {
            raw.insert("inline_written".into(), written.into());
        }
    }
    for block in blocks_of(&found).iter().filter(|block| raw.get(block).is_none()).collect::<Vec<_>>() {
        raw.insert((*block).into(), graph::Value::from(Vec::new()).defaulted(DefaultOf::Provider));
    }
    let raw = graph::Value::from(raw);
    let address = graph::Address::from(found.address.as_str());
    let origin = FromText { address: &address, entries: &found.entries, mode: found.mode };
    let attributes = match found.spec {
        Some(spec) if found.mode == Mode::Data => attributes(spec, &looked_up(spec, &raw, &address), &origin),
        Some(spec) => attributes(spec, &raw, &origin),
        None => graph::Value::null(),
    };
    graph::Resource {
        address,
        kind: found.spec.map(|spec| spec.kind),
        type_name: found.type_name.as_str().into(),
        mode: found.mode,
        action: if found.mode == Mode::Data { Action::Read } else { Action::Create },
        replaced_by: Vec::new(),
        attributes,
        raw,
        spots: found.spots,
    }
}

/// Attributes that are sets. To the provider an empty one is not written, and AWS or nobody fills it in. (That of a load
/// balancer's security groups is for its policy to see.)
const SETS: &[&str] = &[
    "availability_zones",
    "capacity_providers",
    "load_balancers",
    "requires_compatibilities",
    "security_group_names",
    "security_groups",
    "subnet_ids",
    "subnets",
    "target_group_arns",
    "vpc_security_group_ids",
    "vpc_zone_identifier",
];

fn drop_unset(entries: &mut BTreeMap<Text, Value>) {
    let is_written =
        |name: &Text, value: &Value| !SETS.contains(&&**name) || value.as_items().is_none_or(|items| !items.is_empty());
    entries.retain(|name, value| &**name == "security_groups" || is_written(name, value));
    let Some(blocks) = entries.get_mut("network_configuration") else { return };
    let kept = |block: &Value| match block.as_entries() {
        Some(inner) => {
            let mut inner = inner.clone();
            inner.retain(|name, value| is_written(name, value));
            Value::object(inner).marked(block.sensitive)
        }
        None => block.clone(),
    };
    *blocks = match blocks.as_items() {
        Some(items) => Value::tuple(items.iter().map(kept).collect()).marked(blocks.sensitive),
        None => kept(blocks),
    };
}

/// Blocks of which there are none when nobody writes them.
fn blocks_of(found: &Found) -> &'static [&'static str] {
    match (found.mode, found.type_name.as_str()) {
        (Mode::Managed, "aws_network_acl" | "aws_default_network_acl") => &["ingress", "egress"],
        (Mode::Managed, "aws_ecs_service" | "aws_ecs_task_set") => &["capacity_provider_strategy", "load_balancer"],
        (Mode::Managed, "aws_ec2_managed_prefix_list") => &["entry"],
        (Mode::Managed, "aws_cloudwatch_metric_alarm") => &["metric_query"],
        _ => &[],
    }
}

/// A data source: what is not written in it is read from AWS.
fn looked_up(spec: &KindSpec, raw: &graph::Value, address: &graph::Address) -> graph::Value {
    let mut map = raw.as_map().cloned().unwrap_or_default();
    for attribute in spec.attributes {
        let name = attribute.terraform.path().split('.').next().unwrap_or_default();
        if map.get(name).is_none() {
            let unknown = Unknown::at(Reason::DataSourceDeferred, Place::new(address, name));
            map.insert(name.into(), graph::Value::unknown(unknown));
        }
    }
    map.into()
}

/// The same value in the graph's form.
pub(super) fn plain(value: &Value) -> graph::Value {
    let mut plain_value = match &value.content {
        Content::Null(_) => graph::Value::null(),
        Content::Unknown(hole) => graph::Value::unknown(shown(hole)),
        Content::Bool(flag) => (*flag).into(),
        Content::Number(number) => match number.to_i64() {
            Some(whole) => whole.into(),
            None => graph::Value::new(graph::Data::Float(number.to_f64())),
        },
        Content::String(text) => graph::Value::new(graph::Data::String(text.clone())),
        Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => {
            items.content.iter().map(plain).collect::<Vec<graph::Value>>().into()
        }
        Content::Map(_, entries) | Content::Object(entries) => {
            entries.content.iter().map(|(key, value)| (key.clone(), plain(value))).collect::<Map>().into()
        }
    };
    if value.sensitive {
        plain_value.seal();
    }
    plain_value
}

/// The reason an unknown is shown with: identity is for links only.
fn shown(hole: &Hole) -> Unknown {
    let mut unknown = first_reason(hole);
    if unknown.reason == Reason::Reference {
        let data = unknown.hangs_on.as_ref().is_some_and(|place| is_data(place.address.as_str()));
        unknown.reason = if data { Reason::DataSourceDeferred } else { Reason::AfterApply };
    }
    unknown
}

fn is_data(address: &str) -> bool {
    address.starts_with("data.") || address.contains(".data.")
}

/// What a text tells: everything that is written is there, everything else is a default.
struct FromText<'f> {
    address: &'f graph::Address,
    entries: &'f BTreeMap<Text, Value>,
    mode: Mode,
}

impl Origin for FromText<'_> {
    fn written(&self, _path: &str) -> Written {
        if self.mode == Mode::Data { Written::CannotTell } else { Written::Yes }
    }

    fn why(&self, path: &str) -> Unknown {
        let mut steps = path.split('.');
        let mut here = steps.next().and_then(|name| self.entries.get(name));
        for step in steps {
            here = here.and_then(|value| match value.as_items() {
                Some([only]) => only.as_entries()?.get(step),
                Some(_) => None,
                None => value.as_entries()?.get(step),
            });
        }
        let reason = if self.mode == Mode::Data { Reason::DataSourceDeferred } else { Reason::AfterApply };
        let hole = here
            .and_then(Value::as_hole)
            .or_else(|| path.split('.').next().and_then(|name| self.entries.get(name)).and_then(Value::as_hole));
        hole.map_or_else(|| Unknown::at(reason, self.place(path)), shown)
    }

    fn later(&self, path: &str) -> Option<Unknown> {
        let whole = self.mode == Mode::Managed && !path.contains('.');
        whole.then(|| Unknown::at(Reason::AfterApply, self.place(path)))
    }

    fn place(&self, path: &str) -> Place {
        Place::new(self.address, path)
    }
}

/// Follows attributes to resources.
struct Links<'f> {
    found: &'f [Found],
    by_address: FxHashMap<&'f str, ResourceId>,
    known: FxHashMap<(Kind, Text), ResourceId>,
}

impl<'f> Links<'f> {
    fn new(found: &'f [Found]) -> Links<'f> {
        let mut by_address = FxHashMap::default();
        let mut known = FxHashMap::default();
        for (at, one) in found.iter().enumerate() {
            let id = ResourceId(at as u32);
            by_address.insert(one.address.as_str(), id);
            let Some(spec) = one.spec else { continue };
            for identifier in spec.identifiers {
                if let Some(text) = one.entries.get(*identifier).and_then(Value::as_text) {
                    known.entry((spec.kind, text.clone())).or_insert(id);
                }
            }
        }
        Links { found, by_address, known }
    }

    fn of(&self, at: usize) -> Vec<Link> {
        let one = &self.found[at];
        let Some(spec) = one.spec else { return Vec::new() };
        let mut links = Vec::new();
        for link in spec.links {
            let mut leaves = Vec::new();
            collect(&one.entries, link.terraform, &mut leaves);
            for (path, at_indices, value) in leaves {
                let Some((ends, rest)) = self.follow(link, value) else { continue };
                links.push(Link {
                    from: ResourceId(at as u32),
                    role: link.role,
                    at: at_indices,
                    placed: true,
                    path: path.as_str().into(),
                    ends,
                    rest,
                });
            }
            let unread = one.mode == Mode::Data && !one.entries.contains_key(first_step(link.terraform));
            if unread {
                let place = Place::new(&one.address.as_str().into(), first_step(link.terraform));
                links.push(Link {
                    from: ResourceId(at as u32),
                    role: link.role,
                    at: vec![0],
                    placed: true,
                    path: link.terraform.into(),
                    ends: Vec::new(),
                    rest: Some(Unknown::at(Reason::DataSourceDeferred, place)),
                });
            }
        }
        links
    }

    fn follow(&self, link: &LinkSpec, value: &Value) -> Option<(Vec<End>, Option<Unknown>)> {
        let certain = |to: Target| End { to, certainty: Certainty::Certain };
        match &value.content {
            Content::String(text) if text.is_empty() => None,
            Content::String(text) => Some((vec![certain(self.named(link, text))], None)),
            Content::Unknown(hole) => Some(self.hole(link, hole)),
            Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => {
                let mut ends: Vec<End> = Vec::new();
                let mut rest = None;
                for item in &items.content {
                    if let Some((more, why)) = self.follow(link, item) {
                        ends.extend(more.into_iter().filter(|end| !ends.contains(end)).collect::<Vec<End>>());
                        rest = rest.or(why);
                    }
                }
                Some((ends, rest))
            }
            _ => None,
        }
    }

    fn named(&self, link: &LinkSpec, text: &Text) -> Target {
        let find = |text: &Text| link.to.iter().find_map(|kind| self.known.get(&(*kind, text.clone())).copied());
        let found = find(text).or_else(|| {
            let (family, revision) = text.rsplit_once(':')?;
            revision.parse::<u32>().ok()?;
            find(&family.into())
        });
        found.map_or_else(|| Target::Outside(text.clone()), Target::Resource)
    }

    /// What an unknown points at: the resource whose attribute it is; else everything it hangs on, possibly.
    fn hole(&self, link: &LinkSpec, hole: &Hole) -> (Vec<End>, Option<Unknown>) {
        if let [only] = hole.reasons.as_slice()
            && only.reason == Reason::Reference
            && let Some(id) = self.fitting(link, only)
        {
            return (vec![End { to: Target::Resource(id), certainty: Certainty::Certain }], None);
        }
        let mut ends = Vec::new();
        for reason in &hole.reasons {
            if let Some(id) = self.fitting(link, reason) {
                ends.push(End { to: Target::Resource(id), certainty: Certainty::Possible });
            }
        }
        (ends, Some(shown(hole)))
    }

    fn fitting(&self, link: &LinkSpec, reason: &Unknown) -> Option<ResourceId> {
        let place = reason.hangs_on.as_ref()?;
        let id = *self.by_address.get(place.address.as_str())?;
        let fits = self.found[id.0 as usize].spec.is_some_and(|spec| link.to.contains(&spec.kind));
        fits.then_some(id)
    }
}

fn first_step(pattern: &str) -> &str {
    pattern.split(['.', '[']).next().unwrap_or(pattern)
}

type Leaf<'v> = (String, Vec<u32>, &'v Value);

/// The values at a pattern such as `default_action[*].forward[*].target_group[*].arn`.
fn collect<'v>(entries: &'v BTreeMap<Text, Value>, pattern: &str, leaves: &mut Vec<Leaf<'v>>) {
    let (step, rest) = pattern.split_once('.').map_or((pattern, None), |(step, rest)| (step, Some(rest)));
    let name = step.trim_end_matches("[*]");
    if let Some(value) = entries.get(name) {
        enter(value, name.to_owned(), Vec::new(), step.ends_with("[*]"), rest, leaves);
    }
}

fn enter<'v>(value: &'v Value, path: String, at: Vec<u32>, each: bool, rest: Option<&str>, leaves: &mut Vec<Leaf<'v>>) {
    if value.as_hole().is_some() {
        let mut at = at;
        if each {
            at.push(0);
        }
        return leaves.push((path, at, value));
    }
    let Some(rest) = rest else { return leaves.push((path, at, value)) };
    let step_into = |object: &'v Value, path: String, at: Vec<u32>, leaves: &mut Vec<Leaf<'v>>| {
        let Some(entries) = object.as_entries() else { return };
        let (step, after) = rest.split_once('.').map_or((rest, None), |(step, after)| (step, Some(after)));
        let name = step.trim_end_matches("[*]");
        if let Some(value) = entries.get(name) {
            enter(value, format!("{path}.{name}"), at, step.ends_with("[*]"), after, leaves);
        }
    };
    match (value.as_items(), each) {
        (Some(items), _) => {
            for (index, item) in items.iter().enumerate() {
                let mut own = at.clone();
                own.push(index as u32);
                step_into(item, format!("{path}[{index}]"), own, leaves);
            }
        }
        // A block written as an object, as in JSON.
        (None, each) => {
            let mut own = at;
            if each {
                own.push(0);
            }
            step_into(value, path, own, leaves);
        }
    }
}

/// The target groups whose ARNs leave by an output of the root module.
fn handed_on(whole: &Whole, top: &Rc<Instance>, links: &Links<'_>) -> Vec<(ResourceId, Text)> {
    let here = Here::of(whole, top);
    let mut found = Vec::new();
    for name in top.module.outputs.keys() {
        let Ok(value) = here.output(name) else { continue };
        value.holes(&mut |hole| {
            for place in hole.reasons.iter().filter_map(|reason| reason.hangs_on.as_ref()) {
                let names_it = matches!(&*place.path, "arn" | "id" | "name");
                let id = links.by_address.get(place.address.as_str()).filter(|_| names_it);
                let group = id.filter(|id| {
                    links.found[id.0 as usize].spec.is_some_and(|spec| spec.kind == crate::catalog::names::TARGET_GROUP)
                });
                found.extend(group.map(|id| (*id, Text::from(format!("output.{name}").as_str()))));
            }
        });
    }
    found.sort();
    found
}
