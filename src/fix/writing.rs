//! The edits of one finding: what is written in the place of what, and what is put in, each in the language and the style
//! of its text. Where attributes are decided is told elsewhere.

use std::collections::BTreeMap;
use std::ops::Range;

use super::reference::{self, in_terraform};
use super::resolve::Resolver;
use super::rules::Rules;
use super::secret::is_json;
use super::style::Insertion;
use super::template::{self, New, Style};
use super::{NO_CURE, terraform};
use crate::catalog::Dialect;
use crate::graph::Value;
use crate::judge::{ArnEnd, MissingRule, RightDimension};
use crate::load::Setting;
use crate::load::cloudformation::node::{Content, Entry, Node};
use crate::load::cloudformation::read::{read, read_data};
use crate::source::Edit;

/// Where an attribute goes, and what.
pub(super) struct Wanted<'w> {
    pub(super) setting: Setting,
    pub(super) dialect: Dialect,
    pub(super) new: Meant<'w>,
}

/// What an attribute is to be.
#[derive(Clone, Copy)]
pub(super) enum Meant<'w> {
    Value(&'w Value),
    Dimension(&'w RightDimension),
}

/// What a block or map is to hold, below its own steps.
struct Added<'w> {
    steps: Vec<String>,
    wanted: Wanted<'w>,
}

/// The steps that cure one finding.
#[derive(Default)]
pub(super) struct Steps<'w> {
    pub(super) sets: Vec<Result<Wanted<'w>, String>>,
    pub(super) rules: Vec<&'w MissingRule>,
}

impl Resolver<'_> {
    /// The edits of one finding, or why there are none.
    pub(super) fn edits(&self, Steps { sets, rules }: Steps<'_>) -> Result<Vec<Edit>, String> {
        if sets.is_empty() && rules.is_empty() {
            return Err(NO_CURE.to_owned());
        }
        let mut written: Vec<(String, Insertion)> = Vec::new();
        let mut into: BTreeMap<(String, usize, usize), Vec<Added<'_>>> = BTreeMap::new();
        for wanted in sets {
            let wanted = wanted?;
            match &wanted.setting {
                Setting::Elsewhere(why) => return Err(why.clone()),
                Setting::Written { file, span, through } => {
                    let span = &self.value_at(file, span);
                    let edit = self.replaced(file, span, through.as_deref(), &wanted)?;
                    let edit = edit.ok_or_else(|| match through {
                        Some(name) => format!("what stands at {name} in {file} is no simple value"),
                        None => format!("what stands there in {file} is no simple value"),
                    })?;
                    written.push((file.to_string(), edit));
                }
                Setting::Referred { file, span, why } => {
                    let edit = match wanted.new {
                        Meant::Value(_) => None,
                        Meant::Dimension(right) => self.referred(file, &self.value_at(file, span), right),
                    };
                    written.push((file.to_string(), edit.ok_or_else(|| why.clone())?));
                }
                Setting::Unwritten { file, within, steps } => {
                    let key = (file.to_string(), within.start, within.end);
                    into.entry(key).or_default().push(Added { steps: steps.clone(), wanted });
                }
            }
        }
        for ((file, start, end), all) in into {
            let insertions = self.inserted(&file, &(start..end), &all);
            written.extend(insertions?.into_iter().map(|one| (file.clone(), one)));
        }
        if !rules.is_empty() {
            written.extend(Rules { resolver: self }.written(&rules)?);
        }
        let mut edits = Vec::new();
        for (file, Insertion { bytes, text }) in written {
            let (whole, bare) = self.text(&file).ok_or_else(|| format!("{file} cannot be read"))?;
            let mark = whole.len() - bare.len();
            edits.push(Edit::new(&file, &whole, bytes.start + mark..bytes.end + mark, text));
        }
        edits.sort();
        edits.dedup();
        match edits.windows(2).any(|pair| pair[0].clashes(&pair[1])) {
            true => Err("its changes stand in each other's way".to_owned()),
            false => Ok(edits),
        }
    }

    fn replaced(
        &self,
        file: &str,
        span: &Range<usize>,
        through: Option<&str>,
        wanted: &Wanted<'_>,
    ) -> Result<Option<Insertion>, String> {
        let Some((_, text)) = self.text(file) else { return Ok(None) };
        let Some(old) = text.get(span.clone()) else { return Ok(None) };
        let style = Style::of(&text);
        let scalar = |value: &Value| match wanted.dialect {
            Dialect::Terraform => terraform::in_place_of(old, value),
            Dialect::CloudFormation => template::in_place_of(old, value, style.is_json()),
        };
        let new = match wanted.new {
            Meant::Value(value) => scalar(value),
            Meant::Dimension(right) => match (&right.end, wanted.dialect) {
                (ArnEnd::Text(text), _) => scalar(&text.as_str().into()),
                // What a variable holds is a constant, and another module has names of its own.
                (ArnEnd::Of(..), _) if through.is_some_and(|name| !name.starts_with("local.")) => {
                    let name = through.unwrap_or_default();
                    return Err(format!("it is set through {name}, where no resource can be referred to"));
                }
                (ArnEnd::Of(to, attribute), Dialect::Terraform) => {
                    let reference = in_terraform(&right.alarm, to, attribute)?;
                    Some(if file.ends_with(".json") { format!("\"${{{reference}}}\"") } else { reference })
                }
                (ArnEnd::Of(to, attribute), Dialect::CloudFormation) => {
                    style.flow(&New::Attribute(in_stack(&right.alarm, to)?, attribute.clone()))
                }
            },
        };
        let insertion = |new: String| Insertion { bytes: span.clone(), text: new };
        Ok(new.filter(|new| *new != old).map(insertion))
    }

    /// The bytes of a value. In configuration that is JSON some places are those of a key and its value.
    fn value_at(&self, file: &str, span: &Range<usize>) -> Range<usize> {
        let root = self.text(file).filter(|_| is_json(file)).and_then(|(_, text)| read_data(file, &text).0);
        let entry = root.as_ref().and_then(|root| entry_at(root, span));
        entry.map_or_else(|| span.clone(), |entry| entry.value.span.clone())
    }

    /// Another attribute in a reference.
    fn referred(&self, file: &str, span: &Range<usize>, right: &RightDimension) -> Option<Insertion> {
        let ArnEnd::Of(to, attribute) = &right.end else { return None };
        let (_, text) = self.text(file)?;
        let old = text.get(span.clone())?;
        if Dialect::of(&self.resource(&right.alarm)?.type_name) == Dialect::Terraform {
            let last = reference::last_attribute(old)?;
            // The output of a module has a name of its own.
            let name = match old.trim_start_matches(['"', '$', '{', '(', ' ']).starts_with("module.") {
                true => format!("{}_suffix", Some(&old[last.clone()]).filter(|name| name.ends_with("arn"))?),
                false => attribute.clone(),
            };
            return Some(Insertion { bytes: span.start + last.start..span.start + last.end, text: name });
        }
        let root = read(file, &text).0?;
        let node = node_that(&root, &|node| node.span == *span)?;
        let id = to.rsplit_once('/').map_or(&**to, |(_, id)| id);
        reference::in_template(&Style::of(&text), node, id, attribute)
    }

    fn inserted(&self, file: &str, within: &Range<usize>, all: &[Added<'_>]) -> Result<Vec<Insertion>, String> {
        let cannot = || format!("{file} is written in a way plangate does not add to");
        let (_, text) = self.text(file).ok_or_else(cannot)?;
        let style = Style::of(&text);
        let in_terraform = all.iter().all(|added| added.wanted.dialect == Dialect::Terraform);
        if in_terraform && !file.ends_with(".json") {
            let mut content = terraform::Content::default();
            for Added { steps, wanted } in all {
                match (wanted.new, steps.as_slice()) {
                    (Meant::Dimension(right), [map, name]) => {
                        content.add_entry(map, name, end_in_terraform(right)?);
                    }
                    (Meant::Dimension(right), steps) => content.add(steps, end_in_terraform(right)?),
                    (Meant::Value(value), steps) => {
                        content.add(steps, terraform::literal(value).ok_or_else(cannot)?);
                    }
                }
            }
            return terraform::insert(&text, within, &content).ok_or_else(cannot);
        }
        let root = if in_terraform { read_data(file, &text).0 } else { read(file, &text).0 };
        let root = root.ok_or_else(cannot)?;
        let node = node_at(&root, within).ok_or_else(cannot)?;
        let mut entries = Vec::new();
        for Added { steps, wanted } in all {
            let (key, above) = match steps.split_last().ok_or_else(cannot)? {
                (last, above) if last.starts_with('[') => (Some(last.trim_matches(['[', ']'])), above),
                _ => (None, steps.as_slice()),
            };
            let new = match (wanted.new, key) {
                (Meant::Value(value), Some(key)) => New::keyed(key, value.clone()),
                (Meant::Value(value), None) => New::Plain(value.clone()),
                (Meant::Dimension(right), _) if in_terraform => {
                    let end = end_in_terraform(right)?;
                    New::Plain(
                        end.strip_prefix('"')
                            .and_then(|end| end.strip_suffix('"'))
                            .map_or_else(|| format!("${{{end}}}").as_str().into(), Value::from),
                    )
                }
                (Meant::Dimension(right), _) => New::named(
                    &right.name,
                    match &right.end {
                        ArnEnd::Text(text) => New::Plain(text.as_str().into()),
                        ArnEnd::Of(to, attribute) => New::Attribute(in_stack(&right.alarm, to)?, attribute.clone()),
                    },
                ),
            };
            match (key, above) {
                (Some(_), []) => {
                    let [_] = all else { return Err(cannot()) };
                    return style.add_item(node, &new).ok_or_else(cannot);
                }
                (Some(_), above) => New::add(&mut entries, above, New::List(vec![new])),
                (None, steps) => New::add(&mut entries, steps, new),
            }
        }
        style.add_entries(node, &entries, false).ok_or_else(cannot)
    }
}

/// The end of an ARN as an expression.
fn end_in_terraform(right: &RightDimension) -> Result<String, String> {
    match &right.end {
        ArnEnd::Text(text) => Ok(format!("\"{text}\"")),
        ArnEnd::Of(to, attribute) => in_terraform(&right.alarm, to, attribute),
    }
}

/// The logical id of a resource, as the template of another one can write it.
fn in_stack(from: &str, to: &str) -> Result<String, String> {
    let stack = |address: &str| address.rsplit_once('/').map(|(stack, _)| stack.to_owned());
    match stack(from) == stack(to) {
        true => Ok(to.rsplit('/').next().unwrap_or(to).to_owned()),
        false => Err(format!("{from} and {to} are in different stacks")),
    }
}

/// The outermost list or map that stands at these bytes, or with its key does.
pub(super) fn node_at<'n>(root: &'n Node, span: &Range<usize>) -> Option<&'n Node> {
    let holds = |node: &Node| matches!(node.content, Content::Map(_) | Content::List(_));
    node_that(root, &|node| holds(node) && node.span == *span).or_else(|| {
        let value = &entry_at(root, span)?.value;
        match value.items() {
            Some([only]) => Some(only),
            _ => Some(value),
        }
    })
}

/// The entry of a map that stands at these bytes, key and value.
fn entry_at<'n>(root: &'n Node, span: &Range<usize>) -> Option<&'n Entry> {
    let is = |entry: &&Entry| entry.key_span.start == span.start && entry.value.span.end == span.end;
    let above = node_that(root, &|node| node.entries().unwrap_or_default().iter().any(|entry| is(&entry)))?;
    above.entries()?.iter().find(is)
}

/// The outermost first node of which something holds.
pub(super) fn node_that<'n>(root: &'n Node, holds: &dyn Fn(&Node) -> bool) -> Option<&'n Node> {
    let mut left = vec![root];
    while let Some(node) = left.pop() {
        if holds(node) {
            return Some(node);
        }
        match &node.content {
            Content::Map(entries) => left.extend(entries.iter().rev().map(|entry| &entry.value)),
            Content::List(items) => left.extend(items.iter().rev()),
            Content::Call { argument, .. } => left.push(argument),
            _ => {}
        }
    }
    None
}
