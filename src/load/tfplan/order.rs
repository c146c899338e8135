//! After which listeners and rules an ECS service is made, by the configuration section of a plan: its references and
//! `depends_on`, those of modules too. Locals are not in it, nor are dynamic blocks: there the trail ends.

use std::cell::RefCell;
use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::document::{ConfigResource, Expression, Module, ModuleCall};
use super::expressions::Written;
use super::inventory::{Instance, Inventory};
use super::references::wholes;
use super::traversal::{Step, steps};
use crate::graph::{Link, Mode, Reason, ResourceId, Unknown, count_steps};
use crate::load::waits::{Path, asks, below, is_forwarder, link, reached};

/// What a block waits for, and why there may be more.
type Found = (Vec<ResourceId>, Option<Unknown>);

/// A part of a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Node {
    /// A block: whether it is a data source, its type and its name.
    Resource(Path, bool, String, String),
    /// A variable or an output of a module.
    Named(Path, &'static str, String),
    /// All of a module.
    Module(Path),
}

/// The links of all services to what they wait for.
pub(super) fn links<'a>(root: Option<&'a Module<'a>>, inventory: &Inventory<'a>, written: &Written<'a>) -> Vec<Link> {
    let Some(root) = root else { return Vec::new() };
    let services: Vec<(usize, &Instance<'a>)> =
        inventory.instances.iter().enumerate().filter(|(_, one)| asks(one.spec.map(|spec| spec.kind))).collect();
    if services.is_empty() {
        return Vec::new();
    }
    let mut forwarders: BTreeMap<(Path, String, String), Vec<ResourceId>> = BTreeMap::new();
    for (at, one) in inventory.instances.iter().enumerate() {
        if is_forwarder(one.spec.map(|spec| spec.kind)) && one.mode == Mode::Managed {
            let key = (path_of(one.address), one.type_name.to_owned(), one.name.to_owned());
            forwarders.entry(key).or_default().push(ResourceId(at as u32));
        }
    }
    let blocks = Blocks { root, written, by_name: RefCell::default() };
    let mut known: BTreeMap<(Path, &str), Found> = BTreeMap::new();
    let mut links = Vec::new();
    for (at, service) in services.into_iter().filter(|(_, one)| one.mode == Mode::Managed) {
        let path = path_of(service.address);
        let (to, open) = known.entry((path.clone(), service.name)).or_insert_with(|| {
            let start = Node::Resource(path, false, service.type_name.to_owned(), service.name.to_owned());
            let (nodes, open) = reached(start, |node, found| blocks.next(node, found));
            let of = |node: &Node| match node {
                Node::Resource(path, false, type_name, name) => {
                    forwarders.get(&(path.clone(), type_name.clone(), name.clone()))
                }
                _ => None,
            };
            let to = nodes.iter().filter_map(of).flatten().copied().collect();
            (to, open)
        });
        let open = open.clone().or_else(|| blocks.hidden(service));
        links.push(link(ResourceId(at as u32), "depends_on", to.clone(), open));
    }
    links
}

/// The names in an address or a reference, keys left out.
fn names(traversal: &str) -> impl Iterator<Item = &str> {
    steps(traversal).into_iter().filter_map(|step| match step {
        Step::Attribute(name) => Some(name),
        Step::Key(_) => None,
    })
}

/// The calls at the beginning of an address.
fn path_of(address: &str) -> Path {
    let mut path = Vec::new();
    let mut names = names(address);
    while names.next() == Some("module") {
        path.extend(names.next().map(str::to_owned));
    }
    path
}

/// The blocks of a module, by whether they are data sources, by type and by name.
type ByName<'a> = FxHashMap<(bool, &'a str, &'a str), &'a ConfigResource<'a>>;

struct Blocks<'i, 'a> {
    root: &'a Module<'a>,
    written: &'i Written<'a>,
    /// Of the modules that were looked into.
    by_name: RefCell<BTreeMap<Path, ByName<'a>>>,
}

impl<'a> Blocks<'_, 'a> {
    fn module(&self, path: &[String]) -> Result<&'a Module<'a>, Unknown> {
        let mut here = self.root;
        for name in path {
            let inner = here.module_calls.get(name.as_str()).and_then(|call| call.module.as_ref());
            here = inner.ok_or_else(unread)?;
        }
        Ok(here)
    }

    fn block(
        &self,
        path: &Path,
        data: bool,
        type_name: &str,
        name: &str,
    ) -> Result<Option<&'a ConfigResource<'a>>, Unknown> {
        let mut known = self.by_name.borrow_mut();
        if !known.contains_key(path) {
            let resources = &self.module(path)?.resources;
            count_steps(resources.len());
            let key = |one: &'a ConfigResource<'a>| (is_data(one), one.type_name.as_ref(), one.name.as_ref());
            // Of two with one name the first one counts.
            let by_name = resources.iter().rev().map(|one| (key(one), one)).collect();
            known.insert(path.clone(), by_name);
        }
        Ok(known.get(path).and_then(|blocks| blocks.get(&(data, type_name, name)).copied()))
    }

    /// Why blocks of a service may wait for more than its configuration tells: dynamic ones are not in it.
    fn hidden(&self, service: &Instance<'a>) -> Option<Unknown> {
        let expressions = self.written.expressions(service)?;
        let written = expressions.get("load_balancer").map_or(0, |blocks| blocks.blocks().len());
        let there = service.value.get("load_balancer").and_then(|blocks| blocks.as_list()).map_or(0, <[_]>::len);
        (there > written).then(|| Unknown::because(Reason::DynamicBlock))
    }

    fn next(&self, node: &Node, found: &mut Vec<Node>) -> Result<(), Unknown> {
        match node {
            Node::Resource(path, data, type_name, name) => {
                if let Some(resource) = self.block(path, *data, type_name, name)? {
                    of_resource(path, resource, found)?;
                }
                // What the calls around it wait for, all in them waits for.
                for depth in 0..path.len() {
                    let above = &path[..depth];
                    let call = self.module(above)?.module_calls.get(path[depth].as_str()).ok_or_else(unread)?;
                    of_call(above, call, found)?;
                }
                Ok(())
            }
            Node::Named(path, "output", name) => {
                let module = self.module(path)?;
                let Some(output) = module.outputs.get(name.as_str()) else { return Ok(()) };
                note(path, output.depends_on.iter().map(AsRef::as_ref), found)?;
                mentions(path, &output.expression, found)
            }
            Node::Named(path, _, name) => {
                let Some((call, above)) = path.split_last() else { return Ok(()) };
                let call = self.module(above)?.module_calls.get(call.as_str()).ok_or_else(unread)?;
                call.expressions.get(name).map_or(Ok(()), |given| mentions(above, given, found))
            }
            Node::Module(path) => {
                let module = self.module(path)?;
                found.extend(module.resources.iter().map(|one| {
                    let (type_name, name) = (one.type_name.as_ref().to_owned(), one.name.as_ref().to_owned());
                    Node::Resource(path.clone(), is_data(one), type_name, name)
                }));
                found.extend(module.module_calls.keys().map(|call| Node::Module(below(path, call.as_ref()))));
                Ok(())
            }
        }
    }
}

fn is_data(block: &ConfigResource<'_>) -> bool {
    block.mode.as_ref() == "data"
}

fn of_resource(path: &[String], resource: &ConfigResource<'_>, found: &mut Vec<Node>) -> Result<(), Unknown> {
    note(path, resource.depends_on.iter().map(AsRef::as_ref), found)?;
    for expression in [&resource.for_each_expression, &resource.count_expression].into_iter().flatten() {
        mentions(path, expression, found)?;
    }
    let Some(raw) = resource.expressions else { return Ok(()) };
    let read: Expression<'_> = serde_json::from_str(raw.get()).map_err(|_| unread())?;
    mentions(path, &read, found)
}

fn of_call(above: &[String], call: &ModuleCall<'_>, found: &mut Vec<Node>) -> Result<(), Unknown> {
    note(above, call.depends_on.iter().map(AsRef::as_ref), found)?;
    for expression in [&call.for_each_expression, &call.count_expression].into_iter().flatten() {
        mentions(above, expression, found)?;
    }
    Ok(())
}

fn mentions(path: &[String], expression: &Expression<'_>, found: &mut Vec<Node>) -> Result<(), Unknown> {
    match expression {
        Expression::Constant(_) | Expression::Computed => Ok(()),
        Expression::References(references) => note(path, wholes(references).into_iter(), found),
        Expression::Block(entries) => entries.iter().try_for_each(|(_, inner)| mentions(path, inner, found)),
        Expression::Blocks(blocks) => blocks.iter().try_for_each(|inner| mentions(path, inner, found)),
    }
}

/// Notes what references mean. The first one that leads nowhere is told after the others.
fn note<'r>(path: &[String], references: impl Iterator<Item = &'r str>, found: &mut Vec<Node>) -> Result<(), Unknown> {
    let mut end = Ok(());
    for reference in references {
        let node = match names(reference).collect::<Vec<&str>>().as_slice() {
            ["local", name, ..] => {
                end = end.and(Err(Unknown::because(Reason::Local((*name).into()))));
                continue;
            }
            ["each" | "count" | "self" | "path" | "terraform", ..] => continue,
            ["var", name, ..] => Node::Named(path.to_vec(), "var", (*name).to_owned()),
            ["module", call] => Node::Module(below(path, call)),
            ["module", call, output, ..] => Node::Named(below(path, call), "output", (*output).to_owned()),
            ["data", type_name, name, ..] => {
                Node::Resource(path.to_vec(), true, (*type_name).to_owned(), (*name).to_owned())
            }
            [type_name, name, ..] => Node::Resource(path.to_vec(), false, (*type_name).to_owned(), (*name).to_owned()),
            _ => continue,
        };
        found.push(node);
    }
    end
}

fn unread() -> Unknown {
    Unknown::because(Reason::NotInConfiguration)
}
