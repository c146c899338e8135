//! A template as a whole: its sections, what it declares, and the macros that rewrite it.

use std::collections::BTreeMap;

use super::faults::{Faults, Source, quoted};
use super::loops::{FOR_EACH, entries_of, is_written_as_key};
use super::mappings::Mappings;
use super::names;
use super::parameters::Parameter;
use crate::graph::{Reason, Text, Unknown};
use crate::load::cloudformation::node::{Content, Node};
use crate::source::Problem;

/// The sections a template may have.
pub(in crate::load) const SECTIONS: [&str; 12] = [
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Globals",
    "Hooks",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
];

/// What a resource may have beside its properties.
const RESOURCE: [&str; 12] = [
    "Condition",
    "Connectors",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "IgnoreGlobals",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
    "Version",
];

/// A template that is read, not yet resolved.
pub(in crate::load::cloudformation) struct Template {
    pub(super) source: Source,
    pub(super) root: Node,
    pub(super) parameters: Vec<Parameter>,
    /// `None` when a macro writes part of them.
    pub(super) mappings: Option<Mappings>,
    /// The logical ids that are written out, and where in their section.
    pub(super) resources: BTreeMap<Text, usize>,
    /// Whether something is written by `Fn::ForEach`, so that what there is shows only once that is unrolled.
    pub(super) has_loops: bool,
    /// Why a name that is not in the template may stand for something all the same.
    pub(super) names_open: Option<Unknown>,
    /// Why there may be resources that are not in the template.
    pub(super) open: Option<Unknown>,
}

impl Template {
    /// Reads the sections of a template. `file` is what messages call it, `text` what its places are in.
    pub(in crate::load::cloudformation) fn new(file: &str, text: &str, root: Node) -> (Template, Vec<Problem>) {
        let mut template = Template::bare(file, text, root);
        let problems = template.read();
        (template, problems)
    }

    fn bare(file: &str, text: &str, root: Node) -> Template {
        Template {
            source: Source::new(file, text),
            root,
            parameters: Vec::new(),
            mappings: None,
            resources: BTreeMap::new(),
            has_loops: false,
            names_open: None,
            open: None,
        }
    }

    /// An example: it may refer to what it does not declare, as if that were there.
    pub(in crate::load::cloudformation) fn example(file: &str, text: &str, root: Node) -> (Template, Vec<Problem>) {
        let mut template = Template {
            names_open: Some(Unknown::because(Reason::AfterApply).of_template()),
            ..Template::bare(file, text, root)
        };
        let problems = template.read();
        (template, problems)
    }

    /// The types of the resources that are written out.
    pub(in crate::load::cloudformation) fn types(&self) -> Vec<&str> {
        let resources = self.root.get("Resources").map(entries_of).unwrap_or_default();
        resources.into_iter().filter_map(|(_, _, node)| node.get("Type")?.text()).collect()
    }

    /// Whether it writes out a resource of this logical id.
    pub(in crate::load::cloudformation) fn declares(&self, id: &str) -> bool {
        self.resources.contains_key(id)
    }

    /// The names of its parameters.
    pub(in crate::load::cloudformation) fn parameter_names(&self) -> impl Iterator<Item = &Text> {
        self.parameters.iter().map(|parameter| &parameter.name)
    }

    fn read(&mut self) -> Vec<Problem> {
        let mut faults = Faults::new(&self.source);
        let root = &self.root;
        if root.entries().is_none() {
            faults.error(&root.span, "a template is a map with a section Resources");
            return faults.into_problems();
        }
        for (key, span, _) in entries_of(root) {
            if !SECTIONS.contains(&&**key) && !is_written_as_key(key) {
                let message = format!("a template has no section {}", quoted(key));
                faults.unknown_name(&span, &message, key, SECTIONS);
            }
        }
        let mut macros = Macros::default();
        macros.declared(root.get("Transform"), &mut faults);
        if root.get("Fn::Transform").is_some() {
            macros.unknown("Fn::Transform");
        }
        let mut parameters = Vec::new();
        for (name, span, node) in root.get("Parameters").map(entries_of).unwrap_or_default() {
            match node.content {
                Content::Map(_) => parameters.push(Parameter::read(name, &span, node, &mut faults)),
                _ => faults.error(&span, format!("the parameter {} must be a map with a Type", quoted(name))),
            }
        }
        let mappings = Mappings::read(root.get("Mappings"), &mut faults);
        let resources = resources(root, &mut macros, &mut faults);
        let has_loops =
            ["Conditions", "Outputs", "Resources"].iter().any(|name| root.get(name).is_some_and(holds_loop));
        let (extended, open) = (macros.extended, macros.open);
        let names_open = self.names_open.clone().or(macros.names_open);
        let scope = names::Scope {
            root,
            parameters: parameters.iter().map(|parameter| &*parameter.name).collect(),
            resources: &resources,
            conditions: root
                .get("Conditions")
                .map(entries_of)
                .unwrap_or_default()
                .iter()
                .map(|(key, ..)| &***key)
                .collect(),
            extended,
            names_known: !has_loops && names_open.is_none(),
        };
        scope.check(&mut faults);
        let problems = faults.into_problems();
        self.parameters = parameters;
        self.mappings = mappings;
        self.resources = resources;
        self.has_loops = has_loops;
        self.names_open = names_open;
        self.open = open;
        problems
    }

    /// A parameter by its name.
    pub(super) fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| &*parameter.name == name)
    }
}

/// What the macros of a template may do.
#[derive(Default)]
struct Macros {
    extended: bool,
    names_open: Option<Unknown>,
    open: Option<Unknown>,
}

impl Macros {
    fn declared(&mut self, node: Option<&Node>, faults: &mut Faults<'_>) {
        let Some(node) = node else { return };
        let one = [node];
        let several: Vec<&Node> = match node.items() {
            Some(items) => items.iter().collect(),
            None => one.to_vec(),
        };
        for node in several {
            match node.text().or_else(|| node.get("Name")?.text()) {
                Some("AWS::LanguageExtensions") => self.extended = true,
                Some(name) if name.starts_with("AWS::Serverless-") => {
                    self.names_open.get_or_insert_with(|| written_by(name));
                }
                Some(name) if name.starts_with("AWS::CodeDeployBlueGreen") => {}
                Some(name) if name.starts_with("AWS::SecretsManager-") => {}
                Some(name) => self.unknown(name),
                None => faults.error(&node.span, "Transform names a macro, or is a list of such names"),
            }
        }
    }

    fn unknown(&mut self, name: &str) {
        self.names_open.get_or_insert_with(|| written_by(name));
        self.open.get_or_insert_with(|| written_by(name));
    }
}

fn holds_loop(node: &Node) -> bool {
    match &node.content {
        Content::List(items) => items.iter().any(holds_loop),
        Content::Map(entries) => {
            entries.iter().any(|entry| entry.key.starts_with(FOR_EACH) || holds_loop(&entry.value))
        }
        Content::Call { function, argument } => function.starts_with(FOR_EACH) || holds_loop(argument),
        _ => false,
    }
}

fn written_by(name: &str) -> Unknown {
    Unknown::because(Reason::OutsideInput(format!("what the macro {} writes", quoted(name)).into()))
}

/// The logical ids that are written out, and where; it is told where one has a form that cannot be read.
fn resources(root: &Node, macros: &mut Macros, faults: &mut Faults<'_>) -> BTreeMap<Text, usize> {
    let Some(section) = root.get("Resources") else {
        faults.error(&root.span, "the template has no Resources");
        return BTreeMap::new();
    };
    if !matches!(section.content, Content::Map(_) | Content::Call { .. }) {
        faults.error(&section.span, "Resources must be a map");
    }
    let mut found = BTreeMap::new();
    for (at, (id, span, node)) in entries_of(section).into_iter().enumerate() {
        if id.starts_with(FOR_EACH) {
            continue;
        }
        if &**id == "Fn::Transform" {
            let name = node.get("Name").and_then(Node::text).unwrap_or("Fn::Transform");
            macros.unknown(name);
            continue;
        }
        check_resource(id, &span, node, faults);
        // The resources of a module carry its name before theirs.
        if node.get("Type").and_then(Node::text).is_some_and(|ty| ty.ends_with("::MODULE")) {
            let what = format!("what the module {} holds", quoted(id));
            macros.names_open.get_or_insert_with(|| Unknown::because(Reason::OutsideInput(what.into())));
        }
        // Of two with one name, which is told as a fault, the first stays.
        found.entry(id.clone()).or_insert(at);
    }
    found
}

/// The form of a resource.
pub(super) fn check_resource(id: &str, span: &std::ops::Range<usize>, node: &Node, faults: &mut Faults<'_>) {
    if !matches!(node.content, Content::Map(_)) {
        faults.error(span, format!("the resource {} must be a map with a Type", quoted(id)));
        return;
    }
    if node.get("Type").and_then(Node::text).is_none() {
        faults.error(span, format!("the resource {} has no Type", quoted(id)));
    }
    for (key, span, _) in entries_of(node) {
        if !RESOURCE.contains(&&**key) && !is_written_as_key(key) {
            let message = format!("a resource has no attribute {}", quoted(key));
            faults.unknown_name(&span, &message, key, RESOURCE);
        }
    }
}
