//! The containers of a task definition in our vocabulary: from Terraform's JSON text and from CloudFormation's list. What
//! their commands and variables mean is `server`'s business, and what of a text is not known is `partial_json`'s.

use std::borrow::Cow;
use std::cell::RefCell;

use rustc_hash::FxHashMap;

use super::partial_json;
use super::{renamed, whole};
use crate::catalog::Dialect;
use crate::graph::{Data, Lookup, Map, Reason, Text, Unknown, Value, lookup};

/// The containers out of Terraform's JSON text; unknown with the reason when it is no such text. Of a text that is partly
/// known, what is known. A text that many task definitions have is read once.
pub(super) fn from_text(text: &Value) -> Value {
    thread_local! {
        static READ: RefCell<FxHashMap<Text, Value>> = RefCell::default();
    }
    let Data::String(json) = &text.data else { return read(text) };
    READ.with_borrow_mut(|known| {
        if let Some(containers) = known.get(json) {
            return containers.clone();
        }
        let containers = read(text);
        if known.len() < MOST_KEPT && json.len() <= LONGEST_KEPT {
            known.insert(Text::clone(json), containers.clone());
        }
        containers
    })
}

/// More texts than this are not remembered.
const MOST_KEPT: usize = 64;
/// Nor those that have more bytes than this.
const LONGEST_KEPT: usize = 4096;

fn read(text: &Value) -> Value {
    let outline = text.as_unknown().and_then(|unknown| unknown.outline.as_ref());
    let read = match (&text.data, outline) {
        (Data::String(json), _) => partial_json::read(json, &[]),
        (_, Some(outline)) => partial_json::read(&outline.text, &outline.holes),
        _ => return text.clone(),
    };
    match (read.and_then(|list| containers(&list, Dialect::Terraform)), outline) {
        (Some(containers), _) => containers,
        (None, Some(_)) => text.clone(),
        (None, None) => Value::unknown(Unknown::because(Reason::Undecidable(
            "container_definitions is no list of containers in JSON".into(),
        ))),
    }
}

/// CloudFormation's containers.
pub(super) fn from_list(list: &Value) -> Value {
    containers(list, Dialect::CloudFormation).unwrap_or_else(|| list.clone())
}

/// The containers of a list; none when it is no list of objects. Where not every name is known, it cannot be told which
/// containers there are.
fn containers(list: &Value, dialect: Dialect) -> Option<Value> {
    if dialect == Dialect::Terraform && list.as_unknown().is_some() {
        return Some(list.clone());
    }
    let mut containers = Vec::new();
    for item in list.as_list()?.iter().filter(|item| !item.is_null()) {
        if let Some(unknown) = item.as_unknown() {
            return Some(Value::unknown(unknown.as_ref().clone()));
        }
        if dialect == Dialect::Terraform && item.as_map().is_none() {
            return None;
        }
        let found = |property: &str| lookup(item, &named(property, dialect));
        if let Lookup::Unknown(unknown) = found("Name") {
            return Some(Value::unknown(unknown.clone()));
        }
        containers.push(Value { data: Data::Map(container(&found, dialect)), marks: item.marks });
    }
    Some(containers.into())
}

fn container<'v>(found: &impl Fn(&str) -> Lookup<'v>, dialect: Dialect) -> Map {
    let mut container = Map::default();
    let written = |property: &str| found(property).to_value();
    for (name, property) in [("name", "Name"), ("image", "Image")] {
        container.set(name, written(property).unwrap_or_else(|| "".into()));
    }
    let mappings = written("PortMappings").map_or_else(|| Vec::new().into(), |list| renamed(&list));
    container.set("port_mappings", mappings);
    for (name, property) in [("command", "Command"), ("entry_point", "EntryPoint")] {
        if let Some(mut words) = written(property) {
            if let (Data::List(words), Dialect::Terraform) = (&mut words.data, dialect) {
                words.iter_mut().for_each(spell_out);
            }
            container.set(name, words);
        }
    }
    if let Some(seconds) = written("StopTimeout") {
        container.set("stop_timeout", whole(seconds));
    }
    let start_period = named("StartPeriod", dialect);
    if let Some(seconds) = written("HealthCheck").and_then(|check| lookup(&check, &start_period).to_value()) {
        container.set("start_period", whole(seconds));
    }
    if let Some(variables) = written("Environment").filter(is_some) {
        let mut variables = renamed(&variables);
        if let (Data::List(variables), Dialect::Terraform) = (&mut variables.data, dialect) {
            for variable in variables {
                if let Data::Map(fields) = &mut variable.data {
                    fields.iter_mut().for_each(|(_, field)| spell_out(field));
                }
            }
        }
        container.set("environment", variables);
    }
    for (name, property, key) in [("secrets", "Secrets", "Name"), ("mounts", "MountPoints", "ContainerPath")] {
        if let Some(all) = written(property).filter(is_some) {
            container.set(name, each(&all, &named(key, dialect)));
        }
    }
    if written("EnvironmentFiles").is_some_and(|files| is_some(&files)) {
        container.set("more_environment", true.into());
    }
    container
}

/// Whether a list is not known to be empty.
fn is_some(list: &Value) -> bool {
    list.as_list().is_none_or(|items| !items.is_empty())
}

/// A word of a command or the value of a variable: ECS takes text, texts in JSON often pass something else.
fn spell_out(word: &mut Value) {
    if let Data::Int(_) | Data::Float(_) | Data::Bool(_) | Data::List(_) | Data::Map(_) = &word.data {
        word.data = Data::String(word.to_string().into());
    }
}

/// One key of every object in a list.
fn each(list: &Value, key: &str) -> Value {
    let Some(items) = list.as_list() else { return list.clone() };
    let one = |item: &Value| match &item.data {
        Data::Unknown(_) => Some(item.clone()),
        _ => lookup(item, key).to_value(),
    };
    items.iter().filter_map(one).collect::<Vec<Value>>().into()
}

/// `ContainerPort` as `containerPort`.
/// How a dialect calls a property.
fn named(property: &str, dialect: Dialect) -> Cow<'_, str> {
    match dialect {
        Dialect::Terraform => {
            let mut letters = property.chars();
            letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
        }
        Dialect::CloudFormation => Cow::Borrowed(property),
    }
}
