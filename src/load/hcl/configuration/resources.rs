//! From module instances to the graph: every resource instance with its attributes and links.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::body::{self, Spots};
use super::expansion::{Children, Each, Expansion, Key};
use super::order::Blocks;
use super::tree::{Here, Instance, Whole};
use crate::catalog::{self, Dialect, KindSpec, Origin, attributes, kind_of, names};
use crate::graph::{
    self, Action, DefaultOf, Exemption, Graph, Map, Mode, Place, Reason, ResourceId, Text, Unknown, Unseen,
};
use crate::load::hcl::Value;
use crate::load::ignore::Note;
use crate::load::written::{Links, Written, first_step, name_entries, plain, shown};

/// A resource instance on its way into the graph.
struct Found {
    address: String,
    mode: Mode,
    type_name: String,
    spec: Option<&'static KindSpec>,
    entries: BTreeMap<Text, Value>,
    spots: Spots,
    exemptions: Vec<Exemption>,
}

impl Found {
    fn written(&self) -> Written<'_> {
        Written { address: &self.address, spec: self.spec, mode: self.mode, entries: &self.entries }
    }
}

/// The graph of a configuration.
pub(super) fn graph(whole: &Whole, raw_types: &[&str]) -> Graph {
    let top = whole.top();
    let (found, blocks) = (Vec::new(), Blocks::default());
    let mut gathering = Gathering { whole, raw_types, found, blocks, unseen: Unseen::default() };
    gathering.module(&top);
    let Gathering { found, blocks, unseen, .. } = gathering;
    let written = found.iter().map(Found::written).collect();
    let links = Links::new(written, Dialect::Terraform);
    let all = (0..found.len()).flat_map(|at| links.of(at)).chain(blocks.links()).collect();
    let handed_on = handed_on(whole, &top, &links);
    let resources = found.into_iter().map(resource).collect();
    let mut graph = Graph::new(resources, all, unseen);
    for (id, to) in handed_on {
        graph.hand_on(id, to);
    }
    graph
}

struct Gathering<'w> {
    whole: &'w Whole,
    raw_types: &'w [&'w str],
    found: Vec<Found>,
    blocks: Blocks,
    unseen: Unseen,
}

impl Gathering<'_> {
    fn module(&mut self, instance: &Rc<Instance>) {
        let here = Here::of(self.whole, instance);
        self.blocks.module(instance);
        if instance.module.broken {
            let reason = Reason::Undecidable("a file of the configuration cannot be read".into());
            self.unseen.anything(Unknown::because(reason));
        }
        for (at, resource) in instance.module.resources.iter().enumerate() {
            match &*here.expansion(at) {
                Expansion::Single => self.resource(&here, at, None, &Each::default()),
                Expansion::Keyed(keyed) => {
                    keyed.iter().for_each(|(key, each)| self.resource(&here, at, Some(key), each));
                }
                Expansion::Unknown(unknown) => {
                    if let Some(spec) = kind_of(Dialect::Terraform, &resource.type_name) {
                        self.unseen.of(spec.kind, unknown.clone());
                    }
                }
            }
        }
        for name in instance.module.calls.keys() {
            let Some(children) = here.children(name) else { continue };
            match &*children {
                Children::One(child) => self.module(child),
                Children::Keyed(keyed) => keyed.iter().for_each(|(_, child)| self.module(child)),
                Children::Unknown(unknown) => self.unseen.anything(unknown.clone()),
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
        if let Some(spec) = spec {
            name_entries(spec, Dialect::Terraform, &entries, &mut spots);
        }
        let own = resource.notes.iter().map(|note| note.on(&spots));
        let exemptions = own.chain(here.instance.notes_above().iter().map(Note::on_all)).collect();
        self.blocks.instance(&here.instance.calls, at, ResourceId(self.found.len() as u32));
        self.found.push(Found {
            address: here.address(resource, key),
            mode: resource.mode,
            type_name: resource.type_name.clone(),
            spec,
            entries,
            spots,
            exemptions,
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
        Some(spec) if found.mode == Mode::Data => {
            attributes(spec, Dialect::Terraform, &looked_up(spec, &raw, &address), &origin)
        }
        Some(spec) => attributes(spec, Dialect::Terraform, &raw, &origin),
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
        uncertain: None,
        construct: None,
        exemptions: found.exemptions,
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
        let path = attribute.path_in(Dialect::Terraform);
        let name = first_step(&path);
        if !name.is_empty() && map.get(name).is_none() {
            let unknown = Unknown::at(Reason::DataSourceDeferred, Place::new(address, name));
            map.insert(name.into(), graph::Value::unknown(unknown));
        }
    }
    map.into()
}

/// What a text tells: everything that is written is there, everything else is a default.
struct FromText<'f> {
    address: &'f graph::Address,
    entries: &'f BTreeMap<Text, Value>,
    mode: Mode,
}

impl Origin for FromText<'_> {
    fn written(&self, _path: &str) -> catalog::Written {
        if self.mode == Mode::Data { catalog::Written::CannotTell } else { catalog::Written::Yes }
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

/// The target groups whose ARNs leave by an output of the root module.
fn handed_on(whole: &Whole, top: &Rc<Instance>, links: &Links<'_>) -> Vec<(ResourceId, Text)> {
    let here = Here::of(whole, top);
    let mut found = Vec::new();
    for name in top.module.outputs.keys() {
        let Ok(value) = here.output(name) else { continue };
        value.holes(&mut |hole| {
            for reason in &hole.reasons {
                let path = reason.hangs_on.as_ref().map(|place| &*place.path);
                let names_it = matches!(path, Some("arn" | "id" | "name"));
                let group = links.resource_of(reason).filter(|(_, spec)| names_it && spec.kind == names::TARGET_GROUP);
                found.extend(group.map(|(id, _)| (id, Text::from(format!("output.{name}").as_str()))));
            }
        });
    }
    found.sort();
    found
}
