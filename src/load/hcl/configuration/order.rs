//! After which listeners and rules an ECS service is made: by `depends_on`, of modules too, and by everything its text
//! mentions. Terraform waits for blocks, not for their instances, and a mention is enough, whatever becomes of the value.

use std::collections::BTreeMap;
use std::rc::Rc;

use hcl_edit::expr::{Expression, Traversal, TraversalOperator};
use hcl_edit::structure::Body;
use hcl_edit::visit::{Visit, visit_body, visit_traversal};

use super::source::Module;
use super::tree::Instance;
use crate::catalog::{Dialect, kind_of};
use crate::graph::{Link, Mode, Reason, ResourceId, Unknown};
use crate::load::waits::{asks, is_forwarder, link, reached};

/// The names of the calls that lead to a module.
type Path = Vec<String>;

/// The blocks of a configuration, over all modules.
#[derive(Default)]
pub(super) struct Blocks {
    modules: BTreeMap<Path, Rc<Module>>,
    instances: BTreeMap<(Path, usize), Vec<ResourceId>>,
}

impl Blocks {
    /// Notes a module.
    pub(super) fn module(&mut self, instance: &Instance) {
        self.modules.entry(instance.calls.clone()).or_insert_with(|| Rc::clone(&instance.module));
    }

    /// Notes an instance of the block at a position in its module.
    pub(super) fn instance(&mut self, calls: &Path, at: usize, id: ResourceId) {
        self.instances.entry((calls.clone(), at)).or_default().push(id);
    }

    /// The links of all services to what they wait for.
    pub(super) fn links(&self) -> Vec<Link> {
        let mut links = Vec::new();
        for ((path, at), ids) in &self.instances {
            let resource = self.modules.get(path).and_then(|module| module.resources.get(*at));
            let made = resource.filter(|resource| resource.mode == Mode::Managed);
            let kind = made.and_then(|resource| kind_of(Dialect::Terraform, &resource.type_name));
            if !asks(kind.map(|spec| spec.kind)) {
                continue;
            }
            let start = Node::Resource(path.clone(), *at);
            let (nodes, open) = reached(start, |node, found| self.next(node, found));
            let forwarders: Vec<ResourceId> = nodes.iter().flat_map(|node| self.forwarders(node)).copied().collect();
            links.extend(ids.iter().map(|&id| link(id, "depends_on", forwarders.clone(), open.clone())));
        }
        links
    }

    fn forwarders(&self, node: &Node) -> &[ResourceId] {
        let Node::Resource(path, at) = node else { return &[] };
        let resource = self.modules.get(path).and_then(|module| module.resources.get(*at));
        let made = resource.filter(|resource| resource.mode == Mode::Managed);
        let kind = made.and_then(|resource| kind_of(Dialect::Terraform, &resource.type_name));
        let asked = is_forwarder(kind.map(|spec| spec.kind));
        self.instances.get(&(path.clone(), *at)).filter(|_| asked).map_or(&[], Vec::as_slice)
    }

    /// What one part of the configuration waits for.
    fn next(&self, node: &Node, found: &mut Vec<Node>) -> Result<(), Unknown> {
        let (Node::Resource(path, _) | Node::Named(path, ..) | Node::Module(path)) = node;
        let Some(module) = self.modules.get(path).filter(|module| !module.broken) else { return Err(unread(path)) };
        match node {
            Node::Resource(_, at) => {
                if let Some(resource) = module.resources.get(*at) {
                    mentions_of_body(path, module, &resource.body, found);
                }
                // What the calls around it wait for, all in them waits for.
                for depth in 0..path.len() {
                    let (above, name) = (path[..depth].to_vec(), &path[depth]);
                    let outer = self.modules.get(&above).ok_or_else(|| unread(&above))?;
                    let body = outer.calls.get(name).map(|call| &call.body);
                    for meta in ["depends_on", "for_each", "count"] {
                        let attribute = body.and_then(|body| body.get_attribute(meta));
                        if let Some(attribute) = attribute {
                            mentions(&above, outer, &attribute.value, found);
                        }
                    }
                }
            }
            Node::Named(_, "local", name) => {
                if let Some(local) = module.locals.get(name) {
                    mentions(path, module, &local.expression, found);
                }
            }
            Node::Named(_, "output", name) => {
                if let Some(output) = module.outputs.get(name) {
                    mentions(path, module, &output.expression, found);
                }
                if let Some(waits) = module.outputs_wait.get(name) {
                    mentions(path, module, waits, found);
                }
            }
            Node::Named(_, _, name) => {
                let Some((call, above)) = path.split_last() else { return Ok(()) };
                let above = above.to_vec();
                let outer = self.modules.get(&above).ok_or_else(|| unread(&above))?;
                let given = outer.calls.get(call).and_then(|call| call.body.get_attribute(name));
                if let Some(given) = given {
                    mentions(&above, outer, &given.value, found);
                }
            }
            Node::Module(_) => {
                found.extend((0..module.resources.len()).map(|at| Node::Resource(path.clone(), at)));
                found.extend(module.calls.keys().map(|call| Node::Module(below(path, call))));
            }
        }
        Ok(())
    }
}

/// A part of a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Node {
    /// The block at this position in a module.
    Resource(Path, usize),
    /// A local, an output or a variable of a module.
    Named(Path, &'static str, String),
    /// All of a module.
    Module(Path),
}

fn unread(path: &[String]) -> Unknown {
    let module = if path.is_empty() { "the configuration".to_owned() } else { format!("module.{}", path.join(".")) };
    Unknown::because(Reason::OutsideInput(format!("some of {module}").as_str().into()))
}

/// The path of a module that is called in another one.
fn below(path: &Path, call: &str) -> Path {
    path.iter().cloned().chain([call.to_owned()]).collect()
}

fn mentions(path: &Path, module: &Module, expression: &Expression, found: &mut Vec<Node>) {
    Mentions { path, module, found }.visit_expr(expression);
    // In JSON `depends_on` is a list of texts.
    for text in expression.as_array().into_iter().flatten().filter_map(Expression::as_str) {
        let steps: Vec<&str> = text.split('.').collect();
        Mentions { path, module, found }.note(&steps);
    }
}

fn mentions_of_body(path: &Path, module: &Module, body: &Body, found: &mut Vec<Node>) {
    visit_body(&mut Mentions { path, module, found }, body);
    if let Some(depends_on) = body.get_attribute("depends_on") {
        mentions(path, module, &depends_on.value, found);
    }
}

struct Mentions<'m> {
    path: &'m Path,
    module: &'m Module,
    found: &'m mut Vec<Node>,
}

impl Mentions<'_> {
    /// A name with its attributes; instances are left out.
    fn note(&mut self, steps: &[&str]) {
        let resource = |data: bool, type_name: &str, name: &str| {
            let key = (data, type_name.to_owned(), name.to_owned());
            self.module.by_name.get(&key).map(|at| Node::Resource(self.path.clone(), *at))
        };
        let node = match steps {
            ["local", name, ..] => Some(Node::Named(self.path.clone(), "local", (*name).to_owned())),
            ["var", name, ..] => Some(Node::Named(self.path.clone(), "var", (*name).to_owned())),
            ["module", call] => Some(Node::Module(below(self.path, call))),
            ["module", call, output, ..] => Some(Node::Named(below(self.path, call), "output", (*output).to_owned())),
            ["data", type_name, name, ..] => resource(true, type_name, name),
            [type_name, name, ..] => resource(false, type_name, name),
            _ => None,
        };
        self.found.extend(node);
    }
}

impl Visit for Mentions<'_> {
    fn visit_traversal(&mut self, traversal: &Traversal) {
        if let Expression::Variable(root) = &traversal.expr {
            let names = traversal.operators.iter().filter_map(|operator| match operator.value() {
                TraversalOperator::GetAttr(name) => Some(name.as_str()),
                _ => None,
            });
            let steps: Vec<&str> = std::iter::once(root.as_str()).chain(names).collect();
            self.note(&steps);
        }
        visit_traversal(self, traversal);
    }
}
