//! A template in one world: which resources and outputs it has, and what they say.

use std::collections::BTreeMap;
use std::ops::Range;

use super::evaluate::{Evaluator, Presence};
use super::faults::quoted;
use super::loops::{Loops, Unrolled};
use super::template::check_resource;
use super::{Resolved, ResolvedOutput, ResolvedResource, Settings, Template, World};
use crate::graph::{Text, Truth, Unknown};
use crate::load::cloudformation::node::Node;
use crate::load::hcl::{Hole, Type, Value};
use crate::source::Problem;

impl Template {
    /// What the template says in a world.
    pub(in crate::load::cloudformation) fn resolve(
        &self,
        settings: &Settings<'_>,
        world: &World,
    ) -> (Resolved, Vec<Problem>) {
        let none = BTreeMap::new();
        let mut evaluator = Evaluator::new(self, settings, &world.values, &none);
        evaluator.conditions.clone_from(&world.conditions);
        let mut open = self.open.clone();
        let section = self.root.get("Resources");
        let unrolled = section.map(|node| evaluator.section(node, &mut open)).unwrap_or_default();
        let mut there: Vec<(Unrolled<'_>, Option<Unknown>)> = Vec::with_capacity(unrolled.len());
        for resource in unrolled {
            let (id, span, node, loops) = &resource;
            if evaluator.resources.contains_key(id) {
                evaluator.faults.error(span, format!("there are two resources {}", quoted(id)));
                continue;
            }
            if self.has_loops && !self.resources.contains_key(id) {
                check_resource(id, span, node, &mut evaluator.faults);
            }
            let existence = evaluator.existence(node, loops);
            let presence = if existence.is_ok() { Presence::There } else { Presence::Not };
            evaluator.resources.insert(id.clone(), presence);
            if let Ok(uncertain) = existence {
                there.push((resource, uncertain));
            }
        }
        let mut resources = Vec::with_capacity(there.len());
        for ((id, span, node, loops), uncertain) in there {
            resources.extend(evaluator.resource(id, span, node, &loops, uncertain));
        }
        let outputs = evaluator.outputs();
        (Resolved { resources, outputs, open }, evaluator.faults.into_problems())
    }
}

impl<'a> Evaluator<'a> {
    /// Whether what stands here exists under its condition, and if so, why it may not.
    fn existence(&mut self, node: &'a Node, loops: &Loops) -> Result<Option<Unknown>, ()> {
        let Some(condition) = node.get("Condition") else { return Ok(None) };
        let decided = self.named_condition(condition, loops);
        match decided.truth {
            Truth::True => Ok(None),
            Truth::False => Err(()),
            Truth::Unknown => Ok(Some(decided.reason())),
        }
    }

    fn resource(
        &mut self,
        logical_id: Text,
        span: Range<usize>,
        node: &'a Node,
        loops: &Loops,
        uncertain: Option<Unknown>,
    ) -> Option<ResolvedResource> {
        let ty = node.get("Type")?;
        let type_name = self.literal(&ty.text()?.into(), &ty.span, loops);
        let (entries, mut spans) = match node.get("Properties") {
            Some(properties) => {
                let (entries, spans) = self.properties(properties, loops);
                (entries, spans)
            }
            None => (super::evaluate::Entries { known: BTreeMap::new(), open: None }, BTreeMap::new()),
        };
        spans.insert("".into(), span);
        let part = |this: &mut Self, key: &str| node.get(key).and_then(|node| this.finished(node, loops));
        let metadata = part(self, "Metadata");
        let update_policy = part(self, "UpdatePolicy");
        let depends_on = self.depends_on(node.get("DependsOn"), loops);
        // A macro beside `Properties` may write any of them.
        let open = entries.open.or_else(|| node.get("Fn::Transform").map(super::evaluate::macro_reason));
        Some(ResolvedResource {
            logical_id,
            type_name,
            properties: entries.known,
            open,
            metadata,
            update_policy,
            depends_on,
            spans,
            uncertain,
        })
    }

    fn depends_on(&mut self, node: Option<&'a Node>, loops: &Loops) -> Vec<Text> {
        let Some(node) = node else { return Vec::new() };
        let mut names = Vec::new();
        for node in node.items().unwrap_or(std::slice::from_ref(node)) {
            match self.name(node, "DependsOn", loops) {
                Ok(name) if self.resources.contains_key(&name) || self.template.names_open.is_some() => {
                    names.push(name)
                }
                Ok(name) if self.template.has_loops => {
                    let known: Vec<Text> = self.resources.keys().cloned().collect();
                    let message = format!("there is no resource {}", quoted(&name));
                    self.faults.unknown_name(&node.span, &message, &name, known.iter().map(|name| &**name));
                }
                _ => {}
            }
        }
        names
    }

    fn outputs(&mut self) -> Vec<ResolvedOutput> {
        let template: &'a Template = self.template;
        let Some(section) = template.root.get("Outputs") else { return Vec::new() };
        let mut open = None;
        let mut outputs = Vec::new();
        for (name, span, node, loops) in self.section(section, &mut open) {
            let Ok(uncertain) = self.existence(node, &loops) else { continue };
            let Some(value) = node.get("Value") else {
                self.faults.error(&span, format!("the output {} has no Value", quoted(&name)));
                continue;
            };
            let value = match self.finished(value, &loops) {
                Some(value) => value,
                None => Value::hole(Hole::new(Type::Dynamic, super::evaluate::unreadable())),
            };
            let export = node.get("Export").and_then(|export| export.get("Name"));
            let export = export.and_then(|name| self.finished(name, &loops));
            outputs.push(ResolvedOutput { name, value, export, uncertain });
        }
        outputs
    }
}
