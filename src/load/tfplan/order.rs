//! After which listeners and rules an ECS service is made, by the configuration section of a plan: its references and
//! `depends_on`, those of modules too. Locals are not in it, nor are dynamic blocks: there the trail ends.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::document::{ConfigResource, Expression, Module, ModuleCall};
use super::expressions::Written;
use super::inventory::{Instance, InstanceAt, Inventory, ModuleAt};
use super::traversal::{Step, steps};
use crate::graph::{Link, Mode, Reason, ResourceId, Text, Unknown, Value, count_steps};
use crate::load::waits::{asks, is_forwarder, link, reached};

/// What a block waits for, and why there may be more.
type Found = (Vec<ResourceId>, Option<Unknown>);

/// Position of a path in [`Order::paths`].
type PathAt = usize;
/// Position of a name in [`Names`].
type NameAt = u32;

/// A part of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Node {
    /// A block: whether it is a data source, its type and its name.
    Resource(PathAt, bool, NameAt, NameAt),
    /// A variable of a module.
    Variable(PathAt, NameAt),
    /// An output of a module.
    Output(PathAt, NameAt),
    /// All of a module.
    Module(PathAt),
}

/// Says of one service after the other what it is made after.
pub(super) struct Order<'i, 'a> {
    inventory: &'i Inventory<'a>,
    written: &'i Written<'a>,
    names: Names,
    paths: Vec<ModulePath<'a>>,
    path_at: FxHashMap<(PathAt, NameAt), PathAt>,
    known: FxHashMap<Node, Found>,
    /// What the expressions of blocks mention, by their texts: the copies of a module have the same.
    mentioned: FxHashMap<&'a str, Rc<Mentioned>>,
}

/// More texts than this are not remembered.
const MOST_TEXTS: usize = 4096;

/// The calls that lead to a module.
struct ModulePath<'a> {
    /// The last call, and the path of the module it stands in.
    call: Option<(PathAt, NameAt)>,
    module: Option<&'a Module<'a>>,
    /// The module with all keys that the calls have.
    instances: Vec<ModuleAt>,
    /// Its blocks, once they were looked for.
    blocks: Option<ByName<'a>>,
}

/// The blocks of a module, by whether they are data sources, by type and by name.
type ByName<'a> = FxHashMap<(bool, &'a str, &'a str), &'a ConfigResource<'a>>;

impl<'i, 'a> Order<'i, 'a> {
    pub(super) fn new(inventory: &'i Inventory<'a>, written: &'i Written<'a>) -> Order<'i, 'a> {
        let root = ModulePath { call: None, module: inventory.modules[0].config, instances: vec![0], blocks: None };
        Order {
            inventory,
            written,
            names: Names::default(),
            paths: vec![root],
            path_at: FxHashMap::default(),
            known: FxHashMap::default(),
            mentioned: FxHashMap::default(),
        }
    }

    /// The link of a service to what it waits for; none of what is no service, and none where the plan has no
    /// configuration.
    pub(super) fn link_of(&mut self, at: InstanceAt, value: &Value) -> Option<Link> {
        let service = &self.inventory.instances[at];
        let asked = asks(service.spec.map(|spec| spec.kind)) && service.mode == Mode::Managed;
        if !asked || self.inventory.modules[0].config.is_none() {
            return None;
        }
        let path = self.path_of(service.address);
        let start = Node::Resource(path, false, self.names.at(service.type_name), self.names.at(service.name));
        if !self.known.contains_key(&start) {
            let found = self.found_from(start);
            self.known.insert(start, found);
        }
        let (to, open) = self.known.get(&start).cloned().unwrap_or_default();
        let open = open.or_else(|| self.hidden(service, value));
        Some(link(ResourceId(at as u32), "depends_on", to, open))
    }

    /// The listeners and rules that can be reached from a block.
    fn found_from(&mut self, start: Node) -> Found {
        let (nodes, open) = reached(start, |node, found| self.next(*node, found));
        let inventory = self.inventory;
        let mut to = Vec::new();
        for node in nodes {
            let Node::Resource(path, false, type_name, name) = node else { continue };
            let (type_name, name) = (self.names.text(type_name), self.names.text(name));
            let instances = self.paths[path]
                .instances
                .iter()
                .flat_map(|&module| inventory.named(module, Mode::Managed, &type_name, &name));
            let forwarders = instances.filter(|&&at| is_forwarder(inventory.instances[at].spec.map(|spec| spec.kind)));
            to.extend(forwarders.map(|&at| ResourceId(at as u32)));
        }
        (to, open)
    }

    /// Why blocks of a service may wait for more than its configuration tells: dynamic ones are not in it.
    fn hidden(&self, service: &Instance<'a>, value: &Value) -> Option<Unknown> {
        let expressions = self.written.expressions(service)?;
        let written = expressions.get("load_balancer").map_or(0, |blocks| blocks.blocks().len());
        let there = value.get("load_balancer").and_then(|blocks| blocks.as_list()).map_or(0, <[_]>::len);
        (there > written).then(|| Unknown::because(Reason::DynamicBlock))
    }

    /// The calls at the beginning of an address.
    fn path_of(&mut self, address: &str) -> PathAt {
        let mut path = 0;
        let mut names = names(address);
        while names.next() == Some("module") {
            path = names.next().map_or(path, |call| {
                let call = self.names.at(call);
                self.below(path, call)
            });
        }
        path
    }

    /// The path of a module that is called in another one.
    fn below(&mut self, path: PathAt, name: NameAt) -> PathAt {
        if let Some(&known) = self.path_at.get(&(path, name)) {
            return known;
        }
        let call = &*self.names.text(name);
        let above = &self.paths[path];
        let module =
            above.module.and_then(|module| module.module_calls.get(call)).and_then(|call| call.module.as_ref());
        let instances = above.instances.iter().flat_map(|&module| self.inventory.children(module, call)).copied();
        let below = ModulePath { call: Some((path, name)), module, instances: instances.collect(), blocks: None };
        self.paths.push(below);
        self.path_at.insert((path, name), self.paths.len() - 1);
        self.paths.len() - 1
    }

    fn module(&self, path: PathAt) -> Result<&'a Module<'a>, Unknown> {
        self.paths[path].module.ok_or_else(unread)
    }

    fn block(
        &mut self,
        path: PathAt,
        data: bool,
        type_name: NameAt,
        name: NameAt,
    ) -> Result<Option<&'a ConfigResource<'a>>, Unknown> {
        let resources = &self.module(path)?.resources;
        let blocks = self.paths[path].blocks.get_or_insert_with(|| {
            count_steps(resources.len());
            let key = |one: &'a ConfigResource<'a>| (is_data(one), one.type_name.as_ref(), one.name.as_ref());
            // Of two with one name the first one counts.
            resources.iter().rev().map(|one| (key(one), one)).collect()
        });
        Ok(blocks.get(&(data, &*self.names.text(type_name), &*self.names.text(name))).copied())
    }

    /// The call that leads to a module, and the path of where it stands.
    fn call(&self, above: PathAt, name: NameAt) -> Result<&'a ModuleCall<'a>, Unknown> {
        self.module(above)?.module_calls.get(&*self.names.text(name)).ok_or_else(unread)
    }

    fn next(&mut self, node: Node, found: &mut Vec<Node>) -> Result<(), Unknown> {
        match node {
            Node::Resource(path, data, type_name, name) => {
                if let Some(resource) = self.block(path, data, type_name, name)? {
                    self.of_resource(path, resource, found)?;
                }
                self.around(path, found)
            }
            Node::Output(path, name) => {
                let Some(output) = self.module(path)?.outputs.get(&*self.names.text(name)) else { return Ok(()) };
                self.note(path, output.depends_on.iter().map(AsRef::as_ref), found)?;
                self.mentions(path, &output.expression, found)
            }
            Node::Variable(path, name) => {
                let Some((above, call)) = self.paths[path].call else { return Ok(()) };
                let given = self.call(above, call)?.expressions.get(&self.names.text(name));
                given.map_or(Ok(()), |given| self.mentions(above, given, found))
            }
            Node::Module(path) => {
                let module = self.module(path)?;
                for one in &module.resources {
                    let (type_name, name) = (self.names.at(one.type_name.as_ref()), self.names.at(one.name.as_ref()));
                    found.push(Node::Resource(path, is_data(one), type_name, name));
                }
                for call in module.module_calls.keys() {
                    let call = self.names.at(call.as_ref());
                    found.push(Node::Module(self.below(path, call)));
                }
                Ok(())
            }
        }
    }

    /// What the calls around a block wait for, all in them waits for.
    fn around(&mut self, path: PathAt, found: &mut Vec<Node>) -> Result<(), Unknown> {
        let mut calls = Vec::new();
        let mut here = path;
        while let Some((above, call)) = self.paths[here].call {
            calls.push((above, call));
            here = above;
        }
        for (above, call) in calls.into_iter().rev() {
            let call = self.call(above, call)?;
            self.note(above, call.depends_on.iter().map(AsRef::as_ref), found)?;
            for expression in [&call.for_each_expression, &call.count_expression].into_iter().flatten() {
                self.mentions(above, expression, found)?;
            }
        }
        Ok(())
    }

    fn of_resource(
        &mut self,
        path: PathAt,
        resource: &'a ConfigResource<'a>,
        found: &mut Vec<Node>,
    ) -> Result<(), Unknown> {
        self.note(path, resource.depends_on.iter().map(AsRef::as_ref), found)?;
        for expression in [&resource.for_each_expression, &resource.count_expression].into_iter().flatten() {
            self.mentions(path, expression, found)?;
        }
        let Some(raw) = resource.expressions else { return Ok(()) };
        let mentioned = match self.mentioned.get(raw.get()) {
            Some(known) => Rc::clone(known),
            None => {
                let mut mentioned = Mentioned::default();
                mentioned.add(&*self.written.read(raw).ok_or_else(unread)?, &mut self.names);
                let mentioned = Rc::new(mentioned);
                if self.mentioned.len() < MOST_TEXTS {
                    self.mentioned.insert(raw.get(), Rc::clone(&mentioned));
                }
                mentioned
            }
        };
        self.take(path, &mentioned, found)
    }

    fn mentions(&mut self, path: PathAt, expression: &Expression<'_>, found: &mut Vec<Node>) -> Result<(), Unknown> {
        let mut mentioned = Mentioned::default();
        mentioned.add(expression, &mut self.names);
        self.take(path, &mentioned, found)
    }

    fn note<'r>(
        &mut self,
        path: PathAt,
        references: impl Iterator<Item = &'r str>,
        found: &mut Vec<Node>,
    ) -> Result<(), Unknown> {
        let mut mentioned = Mentioned::default();
        mentioned.note(references, &mut self.names);
        self.take(path, &mentioned, found)
    }

    /// What is mentioned in a module. The first mention that leads nowhere is told after the others.
    fn take(&mut self, path: PathAt, mentioned: &Mentioned, found: &mut Vec<Node>) -> Result<(), Unknown> {
        for mention in &mentioned.mentions {
            found.push(match *mention {
                Mention::Resource(data, type_name, name) => Node::Resource(path, data, type_name, name),
                Mention::Variable(name) => Node::Variable(path, name),
                Mention::Output(call, name) => Node::Output(self.below(path, call), name),
                Mention::Module(call) => Node::Module(self.below(path, call)),
            });
        }
        mentioned.end.as_ref().map_or(Ok(()), |name| Err(Unknown::because(Reason::Local(Text::clone(name)))))
    }
}

/// What a reference means in whatever module it stands.
enum Mention {
    Resource(bool, NameAt, NameAt),
    Variable(NameAt),
    Output(NameAt, NameAt),
    Module(NameAt),
}

/// What an expression mentions.
#[derive(Default)]
struct Mentioned {
    mentions: Vec<Mention>,
    /// The first local among them, where the trail ends. Expressions behind it are not looked at.
    end: Option<Text>,
}

impl Mentioned {
    fn add(&mut self, expression: &Expression<'_>, names: &mut Names) {
        if self.end.is_some() {
            return;
        }
        match expression {
            Expression::Constant(_) | Expression::Computed => {}
            Expression::References(references) => self.note(references.iter().map(AsRef::as_ref), names),
            Expression::Block(entries) => entries.iter().for_each(|(_, inner)| self.add(inner, names)),
            Expression::Blocks(blocks) => blocks.iter().for_each(|inner| self.add(inner, names)),
        }
    }

    fn note<'r>(&mut self, references: impl Iterator<Item = &'r str>, known: &mut Names) {
        for reference in references {
            let mut names = names(reference);
            self.mentions.push(match [names.next(), names.next(), names.next()] {
                [Some("local"), Some(name), _] => {
                    self.end.get_or_insert_with(|| name.into());
                    continue;
                }
                [Some("each" | "count" | "self" | "path" | "terraform"), ..] => continue,
                [Some("var"), Some(name), _] => Mention::Variable(known.at(name)),
                [Some("module"), Some(call), None] => Mention::Module(known.at(call)),
                [Some("module"), Some(call), Some(output)] => Mention::Output(known.at(call), known.at(output)),
                [Some("data"), Some(type_name), Some(name)] => {
                    Mention::Resource(true, known.at(type_name), known.at(name))
                }
                [Some(type_name), Some(name), _] => Mention::Resource(false, known.at(type_name), known.at(name)),
                _ => continue,
            });
        }
    }
}

/// Names, each with a number.
#[derive(Default)]
struct Names {
    at: FxHashMap<Rc<str>, NameAt>,
    texts: Vec<Rc<str>>,
}

impl Names {
    fn at(&mut self, name: &str) -> NameAt {
        if let Some(&known) = self.at.get(name) {
            return known;
        }
        let (at, text) = (self.texts.len() as NameAt, Rc::<str>::from(name));
        self.texts.push(Rc::clone(&text));
        self.at.insert(text, at);
        at
    }

    fn text(&self, at: NameAt) -> Rc<str> {
        Rc::clone(&self.texts[at as usize])
    }
}

/// The names in an address or a reference, keys left out.
fn names(traversal: &str) -> impl Iterator<Item = &str> {
    steps(traversal).filter_map(|step| match step {
        Step::Attribute(name) => Some(name),
        Step::Key(_) => None,
    })
}

fn is_data(block: &ConfigResource<'_>) -> bool {
    block.mode == Mode::Data
}

fn unread() -> Unknown {
    Unknown::because(Reason::NotInConfiguration)
}
