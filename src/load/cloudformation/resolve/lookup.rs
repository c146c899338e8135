//! Functions that look something up: `Ref`, `Fn::GetAtt`, `Fn::ImportValue`, `Fn::FindInMap`.

use std::ops::Range;

use super::evaluate::{Evaluator, Presence, derived, is_pseudo, undecidable, unreadable};
use super::faults::quoted;
use super::loops::Loops;
use super::pseudo::NO_VALUE;
use crate::graph::{Place, Reason, Text, Unknown};
use crate::load::cloudformation::node::{Content, Node};
use crate::load::hcl::{self, Bounds, Hole, Type, Value};

/// Attributes that give back the property of the same name.
const ECHOES: [(&str, &str); 3] =
    [("AWS::EC2::Subnet", "AvailabilityZone"), ("AWS::EC2::Subnet", "CidrBlock"), ("AWS::EC2::VPC", "CidrBlock")];

/// How many properties may be read to make another before it counts as a circle.
const BORROWED: usize = 2;

impl<'a> Evaluator<'a> {
    /// `Ref`.
    pub(super) fn reference(&mut self, argument: &'a Node, span: &Range<usize>, loops: &Loops) -> Option<Value> {
        match self.name(argument, "the name Ref is given", loops) {
            Ok(name) => self.named(&name, span, loops),
            Err(value) => Some(value),
        }
    }

    /// What a name stands for: a loop's member, a parameter, a pseudo parameter or a resource.
    pub(super) fn named(&mut self, name: &Text, span: &Range<usize>, loops: &Loops) -> Option<Value> {
        if &**name == NO_VALUE {
            return None;
        }
        if let Some((_, member)) = loops.iter().rev().find(|(identifier, _)| identifier == name) {
            return Some(Value::text(member.clone()));
        }
        if let Some(value) = self.values.get(name) {
            return Some(value.clone());
        }
        Some(self.of_resource(name, "Ref", Type::String, span))
    }

    /// `Fn::GetAtt`.
    pub(super) fn attribute(&mut self, argument: &'a Node, span: &Range<usize>, loops: &Loops) -> Value {
        let (resource, attribute) = match &argument.content {
            Content::String(text) => match text.split_once('.') {
                Some((resource, attribute)) => {
                    let resource = self.literal(&resource.into(), span, loops);
                    (resource, self.literal(&attribute.into(), span, loops))
                }
                None => return self.attribute_form(span),
            },
            Content::List(items) => {
                let [resource, attribute @ ..] = &items[..] else { return self.attribute_form(span) };
                if attribute.is_empty() {
                    return self.attribute_form(span);
                }
                let mut names = Vec::new();
                for part in attribute {
                    match self.name(part, "the attribute Fn::GetAtt is given", loops) {
                        Ok(name) => names.push(name.to_string()),
                        Err(value) => return value,
                    }
                }
                match self.name(resource, "the resource Fn::GetAtt is given", loops) {
                    Ok(resource) => (resource, Text::from(names.join("."))),
                    Err(value) => return value,
                }
            }
            _ => return self.attribute_form(span),
        };
        self.attribute_of(&resource, &attribute, span)
    }

    fn attribute_form(&mut self, span: &Range<usize>) -> Value {
        self.broken(span, "Fn::GetAtt takes a resource and an attribute: [Resource, Attribute]")
    }

    /// An attribute by names.
    pub(super) fn attribute_of(&mut self, resource: &Text, attribute: &Text, span: &Range<usize>) -> Value {
        if let Some(output) = attribute.strip_prefix("Outputs.")
            && self.resources.get(resource) == Some(&Presence::There)
            && let Some(value) = (self.settings.nested_outputs)(resource, output)
        {
            return value.not_null();
        }
        if let Some(value) = self.echoed(resource, attribute) {
            return value;
        }
        self.of_resource(resource, attribute, Type::Dynamic, span)
    }

    /// An attribute that is what the template itself gives a property, when that is known.
    fn echoed(&mut self, resource: &Text, attribute: &str) -> Option<Value> {
        let template = self.template;
        let node = template.root.get("Resources")?.get(resource)?;
        let echo = (node.get("Type")?.text()?, attribute);
        if !ECHOES.contains(&echo) || self.resources.get(resource) == Some(&Presence::Not) || self.borrowed == BORROWED
        {
            return None;
        }
        let property = node.get("Properties")?.get(attribute)?;
        self.borrowed += 1;
        let value = self.operand(property, &Loops::new());
        self.borrowed -= 1;
        value.is_known().then_some(value)
    }

    fn of_resource(&mut self, name: &Text, attribute: &str, ty: Type, span: &Range<usize>) -> Value {
        let hole = match self.resources.get(name) {
            Some(Presence::There) => {
                // What `Ref` gives has no name of its own.
                let path = if attribute == "Ref" { "" } else { attribute };
                let place = Place::new(&self.settings.address(name), path);
                Hole::new(ty, Unknown::at(Reason::Reference, place).of_template())
            }
            Some(Presence::Not) => {
                let why = format!("it refers to {}, which does not exist under its condition", quoted(name));
                Hole::new(ty, Unknown::because(Reason::Undecidable(why.into())))
            }
            None => Hole::new(ty, self.nameless(name, span)),
        };
        Value::hole(hole.bounded(Bounds::not_null()))
    }

    /// Why a name that stands for nothing is unknown.
    fn nameless(&mut self, name: &Text, span: &Range<usize>) -> Unknown {
        if let Some(open) = &self.template.names_open {
            return open.clone();
        }
        // Without loops all names are held against what there is before anything is worked out.
        if self.template.has_loops && !is_pseudo(name) {
            let known: Vec<Text> = self.resources.keys().chain(self.values.keys()).take(1000).cloned().collect();
            let message = format!("there is no resource or parameter {}", quoted(name));
            self.faults.unknown_name(span, &message, name, known.iter().map(|name| &**name));
        }
        unreadable()
    }

    /// `Fn::ImportValue`.
    pub(super) fn import(&mut self, argument: &'a Node, loops: &Loops) -> Value {
        let name = self.operand(argument, loops);
        let Some(text) = name.as_text() else {
            return match name.as_hole() {
                Some(_) => derived(Type::Dynamic, [&name]),
                None => self.broken(&argument.span, "the name of an export must be text"),
            };
        };
        if let Some(value) = (self.settings.imports)(text) {
            return value.not_null();
        }
        let what = match name.sensitive {
            true => "an export of another stack".to_owned(),
            false => format!("the export {} of another stack", quoted(text)),
        };
        let unknown = Unknown::because(Reason::OutsideInput(what.into()));
        Value::hole(Hole::new(Type::Dynamic, unknown).bounded(Bounds::not_null()))
    }

    /// `Fn::FindInMap`.
    pub(super) fn find_in_map(&mut self, argument: &'a Node, span: &Range<usize>, loops: &Loops) -> Option<Value> {
        let (names, options) = match argument.items() {
            Some([map, first, second]) => ([map, first, second], None),
            Some([map, first, second, options]) => ([map, first, second], Some(options)),
            _ => return Some(self.broken(span, "Fn::FindInMap takes a list: a map, a key, a key below it")),
        };
        let default = match options.map(|options| (options, options.get("DefaultValue"))) {
            Some((_, Some(default))) => Some(default),
            Some((options, None)) => {
                return Some(
                    self.broken(&options.span, "the last of four for Fn::FindInMap must be {DefaultValue: …}"),
                );
            }
            None => None,
        };
        let keys = names.map(|node| self.operand(node, loops));
        let known: Vec<Option<Text>> = keys.iter().map(|key| key.as_text().cloned()).collect();
        if let Some(wrong) = keys.iter().zip(names).find(|(key, _)| key.is_known() && key.as_text().is_none()) {
            return Some(self.broken(&wrong.1.span, "a key must be text"));
        }
        let sensitive = keys.iter().any(|key| key.sensitive);
        let Some(mappings) = &self.template.mappings else {
            return Some(undecidable("the Mappings section cannot be read as a whole"));
        };
        if let [Some(map), Some(first), Some(second)] = &known[..] {
            if let Some(value) = mappings.find(map, first, second) {
                return Some(value.clone().marked(sensitive));
            }
            if let Some(default) = default {
                return self.value(default, loops).map(|value| value.marked(sensitive));
            }
            let secret = |at: usize, name: &Text| match keys.get(at).is_some_and(|key| key.sensitive) {
                true => "(hidden)".to_owned(),
                false => quoted(name),
            };
            let message = match mappings.first_keys(map) {
                None => format!("there is no mapping {}", secret(0, map)),
                Some(_) => {
                    format!(
                        "the mapping {} has nothing under {}, {}",
                        secret(0, map),
                        secret(1, first),
                        secret(2, second)
                    )
                }
            };
            return Some(self.broken(span, message));
        }
        // Not known which: what all have in common.
        let mut possible = mappings.possible(known.iter().map(|key| key.as_deref()));
        let fallback = default.and_then(|default| self.value(default, loops));
        possible.extend(fallback.as_ref());
        if let [first, rest @ ..] = &possible[..]
            && first.is_whole()
            && rest.iter().all(|value| hcl::same(first, value))
        {
            return Some(Value::clone(first).marked(sensitive));
        }
        let bounds = possible.iter().map(|value| value.bounds()).reduce(|left, right| left.either(&right));
        let mut ty = possible.first().map_or(Type::Dynamic, |value| value.ty());
        if matches!(ty, Type::Tuple(_)) || possible.iter().any(|value| value.ty() != ty) {
            ty = Type::Dynamic;
        }
        let hole = Hole::from_values(ty, keys.iter().chain(fallback.as_ref()));
        let bounds = Bounds { not_null: true, ..bounds.unwrap_or_default() };
        Some(Value::hole(hole.bounded(bounds)).marked(sensitive))
    }
}
