//! From resolved stacks to the graph: every resource with its attributes, links and places. What a template means has been
//! worked out before.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use super::order::{self, Templates};
use super::resolve::{Resolved, ResolvedResource};
use super::stacks::{NESTED, Source};
use crate::catalog::{self, Dialect, KindSpec, Origin, attributes, kind_of, names};
use crate::graph::{
    self, Action, Address, Certainty, Exemption, Graph, Map, Mode, Place, Reason, Resource, ResourceId, Spot, Text,
    Unknown,
};
use crate::load::hcl::{Type, Value};
use crate::load::ignore::Note;
use crate::load::written::{Links, Written, first_step, name_entries, plain};

/// A stack that is part of the input, worked out.
#[derive(Clone)]
pub(super) struct Stack {
    /// What the addresses of its resources begin with: nothing, or `Edge/`.
    pub prefix: String,
    /// Its template.
    pub source: Rc<Source>,
    /// What it says.
    pub resolved: Resolved,
}

/// The graph of stacks. Resource types outside of the catalog are read for `raw_types` only.
pub(super) fn graph(stacks: Vec<Stack>, raw_types: &[&str]) -> Graph {
    let mut found = Vec::new();
    let mut partial = None;
    let mut outputs = Vec::new();
    let mut templates = Templates::new();
    for stack in stacks {
        templates.insert(stack.prefix.clone(), Rc::clone(&stack.source));
        partial = partial.or(stack.resolved.open);
        let make = |resource| Found::new(&stack.prefix, &stack.source, resource, raw_types);
        found.extend(stack.resolved.resources.into_iter().map(make));
        outputs.extend(stack.resolved.outputs.into_iter().map(|output| (stack.prefix.clone(), output)));
    }
    hand_down(&mut found);
    let written = found.iter().map(Found::written).collect();
    let links = Links::new(written, Dialect::CloudFormation);
    let mut all: Vec<graph::Link> = (0..found.len()).flat_map(|at| links.of(at)).collect();
    let called: Vec<_> = found.iter().map(|one| (one.address.as_str(), one.spec.map(|spec| spec.kind))).collect();
    all.extend(order::links(&templates, &called));
    doubt(&mut all, &found);
    let mut handed_on = Vec::new();
    for (prefix, output) in &outputs {
        output.value.holes(&mut |hole| {
            for reason in &hole.reasons {
                let group = links.resource_of(reason).filter(|(_, spec)| spec.kind == names::TARGET_GROUP);
                handed_on.extend(group.map(|(id, _)| (id, Text::from(format!("{prefix}Outputs.{}", output.name)))));
            }
        });
    }
    drop(links);
    let mut graph = Graph::new(found.into_iter().map(Found::resource).collect(), all, partial);
    for (id, to) in handed_on {
        graph.hand_on(id, to);
    }
    graph
}

/// What is exempt on a stack is exempt on everything in it.
fn hand_down(found: &mut [Found]) {
    let nesting = found.iter().filter(|one| &*one.type_name == NESTED && !one.exemptions.is_empty());
    let stacks: BTreeMap<String, Vec<Exemption>> =
        nesting.map(|one| (format!("{}/", one.address), one.exemptions.clone())).collect();
    if stacks.is_empty() {
        return;
    }
    for one in found {
        let of_above = stacks.iter().filter(|(prefix, _)| one.address.starts_with(prefix.as_str()));
        let whole = |exemption: &Exemption| Exemption { attributes: Vec::new(), ..exemption.clone() };
        one.exemptions.extend(of_above.flat_map(|(_, exemptions)| exemptions.iter().map(whole)));
    }
}

/// Links from or to a resource that may not exist are possible only.
fn doubt(links: &mut [graph::Link], found: &[Found]) {
    let uncertain = |id: ResourceId| found.get(id.0 as usize).and_then(|found| found.uncertain.as_ref());
    for link in links {
        let own = uncertain(link.from).cloned();
        let mut why = own.clone();
        for end in &mut link.ends {
            let theirs = match end.to {
                graph::Target::Resource(id) => uncertain(id),
                graph::Target::Outside(_) => None,
            };
            if own.is_some() || theirs.is_some() {
                end.certainty = Certainty::Possible;
                why = why.or_else(|| theirs.cloned());
            }
        }
        link.rest = link.rest.take().or(why.map(Box::new));
    }
}

/// A resource on its way into the graph.
struct Found {
    address: String,
    type_name: Text,
    spec: Option<&'static KindSpec>,
    entries: BTreeMap<Text, Value>,
    spots: BTreeMap<Text, Spot>,
    uncertain: Option<Unknown>,
    construct: Option<Text>,
    exemptions: Vec<Exemption>,
}

impl Found {
    fn new(prefix: &str, source: &Source, resource: ResolvedResource, raw_types: &[&str]) -> Found {
        let spec = kind_of(Dialect::CloudFormation, &resource.type_name);
        let wanted = spec.is_some() || raw_types.contains(&&*resource.type_name);
        let address = format!("{prefix}{}", resource.logical_id);
        let construct = resource.metadata.as_ref().and_then(construct);
        let mut entries = if wanted { resource.properties } else { BTreeMap::new() };
        // What stands beside the properties is read like them: CloudFormation has no property of these names.
        if wanted {
            entries.extend(resource.metadata.map(|metadata| ("Metadata".into(), metadata)));
            entries.extend(resource.update_policy.map(|policy| ("UpdatePolicy".into(), policy)));
            let waits_for = resource.depends_on.iter().map(|id| Value::text(format!("{prefix}{id}"))).collect();
            entries.insert("DependsOn".into(), Value::tuple(waits_for));
        }
        if let (Some(open), Some(spec)) = (&resource.open, spec) {
            leave_open(spec, open, &mut entries);
        }
        let begins = resource.spans.get("").map(|span| span.start);
        let mut spots = BTreeMap::new();
        for (path, span) in resource.spans.into_iter().filter(|(path, _)| wanted || path.is_empty()) {
            spots.extend(source.file.spot(Some(span)).map(|spot| (path, spot)));
        }
        if let Some(spec) = spec {
            name_entries(spec, Dialect::CloudFormation, &entries, &mut spots);
        }
        let own = |(extent, _): &&(Range<usize>, Note)| begins.is_some_and(|begins| extent.contains(&begins));
        let exemptions = source.notes.iter().filter(own).map(|(_, note)| note.on(&spots)).collect();
        let (type_name, uncertain) = (resource.type_name, resource.uncertain);
        Found { address, type_name, spec, entries, spots, uncertain, construct, exemptions }
    }

    fn written(&self) -> Written<'_> {
        Written { address: &self.address, spec: self.spec, mode: Mode::Managed, entries: &self.entries }
    }

    fn resource(self) -> Resource {
        let address = Address::from(self.address.as_str());
        let raw: Map = self.entries.iter().map(|(key, value)| (key.clone(), plain(value))).collect();
        let raw = graph::Value::from(raw);
        let origin = FromTemplate { address: &address };
        let attributes = match self.spec {
            Some(spec) => attributes(spec, Dialect::CloudFormation, &raw, &origin),
            None => graph::Value::null(),
        };
        Resource {
            address,
            kind: self.spec.map(|spec| spec.kind),
            type_name: self.type_name,
            mode: Mode::Managed,
            action: Action::Create,
            replaced_by: Vec::new(),
            attributes,
            raw,
            spots: self.spots,
            uncertain: self.uncertain.map(Box::new),
            construct: self.construct,
            exemptions: self.exemptions,
        }
    }
}

/// The path of the CDK construct that made a resource, without the last step that all of them have.
fn construct(metadata: &Value) -> Option<Text> {
    let path = metadata.as_entries()?.get("aws:cdk:path")?.as_text()?;
    Some(path.strip_suffix("/Resource").unwrap_or(path).into())
}

/// What a macro writes may be any property that is not there.
fn leave_open(spec: &KindSpec, open: &Unknown, entries: &mut BTreeMap<Text, Value>) {
    let paths = spec.attributes.iter().map(|attribute| attribute.path_in(Dialect::CloudFormation));
    let linked = spec.links_in(Dialect::CloudFormation).map(|(_, path)| path.into());
    for path in paths.chain(linked) {
        let name = first_step(&path);
        if !name.is_empty() && !entries.contains_key(name) {
            entries.insert(name.into(), Value::unknown(Type::Dynamic, open.clone()));
        }
    }
}

/// What a template tells: everything that is written is there, everything else is a default.
struct FromTemplate<'a> {
    address: &'a Address,
}

impl Origin for FromTemplate<'_> {
    fn written(&self, _path: &str) -> catalog::Written {
        catalog::Written::Yes
    }

    fn why(&self, path: &str) -> Unknown {
        Unknown::at(Reason::AfterApply, self.place(path)).of_template()
    }

    fn later(&self, path: &str) -> Option<Unknown> {
        (!path.contains('.')).then(|| Unknown::at(Reason::AfterApply, self.place(path)).of_template())
    }

    fn place(&self, path: &str) -> Place {
        Place::new(self.address, path)
    }
}
