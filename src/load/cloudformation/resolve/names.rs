//! Whether every name in a template stands for something, in the arms that are not chosen too: CloudFormation refuses
//! the whole template otherwise. Where loops or macros make names, that shows only later.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::conditions::referred;
use super::evaluate::is_pseudo;
use super::faults::{Faults, quoted};
use super::loops::{FOR_EACH, entries_of};
use super::pseudo;
use super::text::{Piece, is_variable, pieces};
use crate::graph::Text;
use crate::load::cloudformation::node::{Content, Node};

/// What there is to refer to.
pub(super) struct Scope<'t> {
    pub(super) root: &'t Node,
    pub(super) parameters: BTreeSet<&'t str>,
    pub(super) resources: &'t BTreeMap<Text, usize>,
    pub(super) conditions: BTreeSet<&'t str>,
    pub(super) extended: bool,
    /// Whether that is all there is.
    pub(super) names_known: bool,
}

/// Where in the template we are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Conditions,
    Outputs,
    Resources,
}

impl Scope<'_> {
    /// Holds every name against what there is.
    pub(super) fn check(&self, faults: &mut Faults<'_>) {
        let sections =
            [("Conditions", Section::Conditions), ("Resources", Section::Resources), ("Outputs", Section::Outputs)];
        for (name, section) in sections {
            for (key, span, node) in self.root.get(name).map(entries_of).unwrap_or_default() {
                self.key(key, &span, faults);
                if section != Section::Conditions && !key.starts_with(FOR_EACH) {
                    self.attributes(node, section, faults);
                }
                self.walk(node, section, faults);
            }
        }
    }

    /// What names others without being a function.
    fn attributes(&self, node: &Node, section: Section, faults: &mut Faults<'_>) {
        if let Some(condition) = node.get("Condition")
            && let Some(name) = condition.text()
        {
            self.condition(name, &condition.span, faults);
        }
        if section == Section::Resources
            && let Some(depends_on) = node.get("DependsOn")
        {
            let several = depends_on.items().unwrap_or(std::slice::from_ref(depends_on));
            for (node, name) in several.iter().filter_map(|node| Some((node, node.text()?))) {
                if self.names_known && !self.resources.contains_key(name) {
                    let message = format!("there is no resource {}", quoted(name));
                    faults.unknown_name(&node.span, &message, name, self.resources.keys().map(|name| &**name));
                }
            }
        }
    }

    fn walk(&self, node: &Node, section: Section, faults: &mut Faults<'_>) {
        match &node.content {
            Content::List(items) => items.iter().for_each(|item| self.walk(item, section, faults)),
            Content::Map(entries) => {
                if let Some((node, name)) = referred(node).and_then(|node| Some((node, node.text()?)))
                    && section == Section::Conditions
                {
                    self.condition(name, &node.span, faults);
                }
                for entry in entries {
                    self.key(&entry.key, &entry.key_span, faults);
                    self.walk(&entry.value, section, faults);
                }
            }
            Content::Call { function, argument } => {
                self.call(function, argument, &node.span, section, faults);
                self.walk(argument, section, faults);
            }
            _ => {}
        }
    }

    fn key(&self, key: &str, span: &Range<usize>, faults: &mut Faults<'_>) {
        if key.starts_with(FOR_EACH) {
            self.extension("Fn::ForEach", span, faults);
        }
    }

    fn extension(&self, what: &str, span: &Range<usize>, faults: &mut Faults<'_>) {
        if !self.extended {
            faults.warning(span, format!("{what} works only in a template with `Transform: AWS::LanguageExtensions`"));
        }
    }

    fn call(&self, function: &str, argument: &Node, span: &Range<usize>, section: Section, faults: &mut Faults<'_>) {
        let first = || argument.items().and_then(|items| items.first());
        match function {
            "Ref" => match argument.text() {
                Some(name) => self.reference(name, span, section, faults),
                None if matches!(argument.content, Content::Call { .. }) => {
                    self.extension("a function in Ref", span, faults);
                }
                None => {}
            },
            "Fn::GetAtt" => {
                let name = match argument.text() {
                    Some(text) => text.split_once('.').map(|(name, _)| name),
                    None => first().and_then(Node::text),
                };
                if let Some(name) = name {
                    self.resource(name, span, section, faults);
                }
            }
            "Fn::Sub" => {
                let text = argument.text().or_else(|| first()?.text()).unwrap_or_default();
                let local = argument.items().and_then(|items| items.get(1));
                for piece in pieces(text) {
                    let Piece::Variable(name) = piece else { continue };
                    if local.is_some_and(|map| entries_of(map).iter().any(|(key, ..)| &***key == name)) {
                        continue;
                    }
                    match name.split_once('.') {
                        _ if !is_variable(name) => {}
                        Some((resource, _)) => self.resource(resource, span, section, faults),
                        None => self.reference(name, span, section, faults),
                    }
                }
            }
            "Condition" => {
                if let Some(name) = argument.text() {
                    self.condition(name, span, faults);
                }
            }
            "Fn::If" => {
                if let Some((node, name)) = first().and_then(|node| Some((node, node.text()?))) {
                    self.condition(name, &node.span, faults);
                }
            }
            "Fn::FindInMap" if argument.items().is_some_and(|items| items.len() == 4) => {
                self.extension("DefaultValue in Fn::FindInMap", span, faults);
            }
            "Fn::Length" | "Fn::ToJsonString" => self.extension(function, span, faults),
            _ if function.starts_with(FOR_EACH) => self.extension("Fn::ForEach", span, faults),
            _ => {}
        }
    }

    fn reference(&self, name: &str, span: &Range<usize>, section: Section, faults: &mut Faults<'_>) {
        if is_pseudo(name) || self.parameters.contains(name) || !self.names_known {
            return;
        }
        if name.starts_with("AWS::") {
            let message = format!("there is no pseudo parameter {}", quoted(name));
            faults.unknown_name(span, &message, name, pseudo::NAMES);
            return;
        }
        self.resource(name, span, section, faults);
    }

    fn resource(&self, name: &str, span: &Range<usize>, section: Section, faults: &mut Faults<'_>) {
        if !self.names_known {
            return;
        }
        if !self.resources.contains_key(name) {
            let message = format!("there is no resource or parameter {}", quoted(name));
            let known = self.resources.keys().map(|name| &**name).chain(self.parameters.iter().copied());
            faults.unknown_name(span, &message, name, known);
        } else if section == Section::Conditions {
            let message = format!("a condition cannot hang on a resource, as {} is", quoted(name));
            faults.error(span, message);
        }
    }

    fn condition(&self, name: &str, span: &Range<usize>, faults: &mut Faults<'_>) {
        if !self.names_known {
            return;
        }
        if !self.conditions.contains(name) {
            let message = format!("there is no condition {}", quoted(name));
            faults.unknown_name(span, &message, name, self.conditions.iter().copied());
        }
    }
}
