//! What the transform `AWS::Serverless-2016-10-31` makes of the parts of a template that are on a request path: `Globals`
//! become properties of functions, `AutoPublishAlias` an alias, and an application a nested stack. Everything else it
//! writes stays unknown.

use std::collections::BTreeMap;

use super::node::{Content, Entry, Node};
use crate::graph::Text;
use crate::source::Problem;

const TRANSFORM: &str = "AWS::Serverless-";
const FUNCTION: &str = "AWS::Serverless::Function";
const APPLICATION: &str = "AWS::Serverless::Application";
/// How many parts `Globals` may come to in all functions together.
const PARTS: usize = 400_000;

/// The template with that done; others stay as they are.
pub(super) fn transformed(file: &str, mut root: Node) -> (Node, Vec<Problem>) {
    let declared = root.get("Transform").is_some_and(|node| {
        let several = node.items().unwrap_or(std::slice::from_ref(node));
        several.iter().filter_map(Node::text).any(|name| name.starts_with(TRANSFORM))
    });
    if !declared {
        return (root, Vec::new());
    }
    let mut problems = Vec::new();
    let globals = root.get("Globals").and_then(|globals| globals.get("Function")).cloned();
    let Some(Content::Map(resources)) = part_mut(&mut root, "Resources").map(|node| &mut node.content) else {
        return (root, problems);
    };
    if let Some(globals) = globals.filter(|globals| globals.entries().is_some()) {
        let functions = resources.iter().filter(|one| is(&one.value, FUNCTION)).count();
        if parts(&globals).saturating_mul(functions) > PARTS {
            let message =
                format!("Globals come to more than {PARTS} parts in {functions} functions; they are not read");
            problems.push(Problem::error(message).in_file(file));
        } else {
            let all = resources.iter_mut().map(|entry| &mut entry.value).filter(|node| is(node, FUNCTION));
            all.for_each(|function| inherit(function, &globals));
        }
    }
    let mut aliases = BTreeMap::new();
    let mut made = Vec::new();
    for entry in resources.iter_mut() {
        if is(&entry.value, APPLICATION) {
            nest(&mut entry.value);
        } else if is(&entry.value, FUNCTION)
            && let Some(alias) = alias(entry)
        {
            aliases.insert(format!("{}.Alias", entry.key), alias.key.clone());
            made.push(alias);
        }
    }
    for alias in made {
        if !resources.iter().any(|entry| entry.key == alias.key) {
            resources.push(alias);
        }
    }
    if !aliases.is_empty() {
        for section in ["Resources", "Outputs"] {
            if let Some(node) = part_mut(&mut root, section) {
                rename(node, &aliases);
            }
        }
    }
    (root, problems)
}

fn is(resource: &Node, ty: &str) -> bool {
    resource.get("Type").and_then(Node::text) == Some(ty)
}

fn part_mut<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    match &mut node.content {
        Content::Map(entries) => entries.iter_mut().find(|entry| &*entry.key == key).map(|entry| &mut entry.value),
        _ => None,
    }
}

fn parts(node: &Node) -> usize {
    1 + match &node.content {
        Content::List(items) => items.iter().map(parts).sum(),
        Content::Map(entries) => entries.iter().map(|entry| parts(&entry.value)).sum(),
        Content::Call { argument, .. } => parts(argument),
        _ => 0,
    }
}

/// Puts `Globals` below the properties of a function.
fn inherit(function: &mut Node, globals: &Node) {
    let ignored: Vec<Text> = match function.get("IgnoreGlobals") {
        Some(node) if node.text() == Some("*") => return,
        Some(node) => node.items().unwrap_or_default().iter().filter_map(Node::text).map(Text::from).collect(),
        None => Vec::new(),
    };
    let span = function.span.clone();
    let Content::Map(entries) = &mut function.content else { return };
    if !entries.iter().any(|entry| &*entry.key == "Properties") {
        let value = Node { content: Content::Map(Vec::new()), span: span.clone() };
        entries.push(Entry { key: "Properties".into(), key_span: span, value });
    }
    let Some(own) = part_mut(function, "Properties") else { return };
    let wanted = globals.entries().unwrap_or_default().iter().filter(|entry| !ignored.contains(&entry.key));
    merge(own, wanted);
}

/// Maps are merged, lists put one after the other; else what is written itself wins.
fn merge<'g>(own: &mut Node, globals: impl Iterator<Item = &'g Entry>) {
    let Content::Map(entries) = &mut own.content else { return };
    for global in globals {
        let Some(entry) = entries.iter_mut().find(|entry| entry.key == global.key) else {
            entries.push(global.clone());
            continue;
        };
        match (&mut entry.value.content, &global.value.content) {
            (Content::Map(_), Content::Map(inherited)) => merge(&mut entry.value, inherited.iter()),
            (Content::List(items), Content::List(inherited)) => {
                items.splice(0..0, inherited.iter().cloned());
            }
            _ => {}
        }
    }
}

/// The alias a function gets, when its name is written out.
fn alias(function: &Entry) -> Option<Entry> {
    let properties = function.value.get("Properties")?.entries()?;
    let written = properties.iter().find(|entry| &*entry.key == "AutoPublishAlias")?;
    let Content::String(name) = &written.value.content else { return None };
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let span = written.key_span.clone();
    let node = |content| Node { content, span: span.clone() };
    let text = |text: &str| node(Content::String(text.into()));
    let entry = |key: &str, value: Node| Entry { key: key.into(), key_span: span.clone(), value };
    let of = node(Content::Call { function: "Ref".into(), argument: Box::new(text(&function.key)) });
    let properties = node(Content::Map(vec![entry("FunctionName", of), entry("Name", written.value.clone())]));
    let mut resource = vec![entry("Type", text("AWS::Lambda::Alias")), entry("Properties", properties)];
    // It is there when its function is.
    let condition = function.value.entries()?.iter().find(|entry| &*entry.key == "Condition");
    resource.extend(condition.cloned());
    Some(entry(&format!("{}Alias{name}", function.key), node(Content::Map(resource))))
}

/// An application is a nested stack whose template is local, or in the application repository.
fn nest(application: &mut Node) {
    if let Some(ty) = part_mut(application, "Type") {
        ty.content = Content::String("AWS::CloudFormation::Stack".into());
    }
    let Some(Content::Map(properties)) = part_mut(application, "Properties").map(|node| &mut node.content) else {
        return;
    };
    for entry in properties.iter_mut().filter(|entry| &*entry.key == "Location") {
        entry.key = "TemplateURL".into();
    }
}

/// `Ref: Function.Alias` is the alias, and so is `${Function.Alias}`.
fn rename(node: &mut Node, aliases: &BTreeMap<String, Text>) {
    match &mut node.content {
        Content::List(items) => items.iter_mut().for_each(|item| rename(item, aliases)),
        Content::Map(entries) => entries.iter_mut().for_each(|entry| rename(&mut entry.value, aliases)),
        Content::Call { function, argument } => {
            match (&**function, &mut argument.content) {
                ("Ref", Content::String(name)) => {
                    if let Some(alias) = aliases.get(&**name) {
                        *name = alias.clone();
                    }
                }
                ("Fn::Sub", Content::String(text)) => substitute(text, aliases),
                ("Fn::Sub", Content::List(items)) => {
                    if let Some(Content::String(text)) = items.first_mut().map(|first| &mut first.content) {
                        substitute(text, aliases);
                    }
                }
                _ => {}
            }
            rename(argument, aliases);
        }
        _ => {}
    }
}

fn substitute(text: &mut Text, aliases: &BTreeMap<String, Text>) {
    if !text.contains(".Alias}") {
        return;
    }
    let mut made = String::with_capacity(text.len());
    let mut rest: &str = text;
    while let Some((before, after)) = rest.split_once("${") {
        made.push_str(before);
        made.push_str("${");
        rest = after;
        if let Some((name, after)) = after.split_once('}')
            && let Some(alias) = aliases.get(name)
        {
            made.push_str(alias);
            made.push('}');
            rest = after;
        }
    }
    made.push_str(rest);
    *text = made.into();
}
