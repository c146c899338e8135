//! The containers of a task definition in our vocabulary: from Terraform's JSON text and from CloudFormation's list. What
//! their commands and variables mean is `server`'s business.

use serde_json::Value as Json;

use super::{renamed, whole};
use crate::graph::{Data, Lookup, Map, Reason, Text, Unknown, Value, lookup};

/// The containers out of Terraform's JSON text; unknown with the reason when it is no such text.
pub(super) fn from_text(text: &Value) -> Value {
    let Some(json) = text.as_str() else { return text.clone() };
    match serde_json::from_str::<Vec<Container<'_>>>(json) {
        Ok(containers) => containers.into_iter().map(Value::from).collect::<Vec<Value>>().into(),
        Err(_) => Value::unknown(Unknown::because(Reason::Undecidable(
            "container_definitions is no list of containers in JSON".into(),
        ))),
    }
}

/// CloudFormation's containers. Where not every name is known, it cannot be told which containers there are.
pub(super) fn from_list(list: &Value) -> Value {
    let Some(items) = list.as_list() else { return list.clone() };
    let mut containers = Vec::with_capacity(items.len());
    for item in items.iter().filter(|item| !item.is_null()) {
        if let Lookup::Unknown(unknown) = lookup(item, "Name") {
            return Value::unknown(unknown.clone());
        }
        let mut container = Map::default();
        for (name, property) in [("name", "Name"), ("image", "Image")] {
            container.insert(name.into(), lookup(item, property).to_value().unwrap_or_else(|| "".into()));
        }
        let list = |property: &str| lookup(item, property).to_value();
        let mappings = list("PortMappings").map_or_else(|| Vec::new().into(), |list| renamed(&list));
        container.insert("port_mappings".into(), mappings);
        for (name, property) in [("command", "Command"), ("entry_point", "EntryPoint")] {
            container.extend(list(property).map(|value| (name.into(), value)).into_iter().collect());
        }
        container.extend(list("StopTimeout").map(|value| ("stop_timeout".into(), whole(value))).into_iter().collect());
        container.extend(list("Environment").map(|all| ("environment".into(), renamed(&all))).into_iter().collect());
        for (name, property, key) in [("secrets", "Secrets", "Name"), ("mounts", "MountPoints", "ContainerPath")] {
            let all = list(property).map(|all| (name.into(), each(&all, key)));
            container.extend(all.into_iter().collect());
        }
        if list("EnvironmentFiles").is_some_and(|files| files.as_list().is_none_or(|files| !files.is_empty())) {
            container.insert("more_environment".into(), true.into());
        }
        containers.push(Value { data: Data::Map(container), marks: item.marks });
    }
    containers.into()
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

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Container<'a> {
    #[serde(borrow, default)]
    name: std::borrow::Cow<'a, str>,
    #[serde(borrow, default)]
    image: std::borrow::Cow<'a, str>,
    port_mappings: Option<Vec<PortMapping>>,
    command: Option<Vec<Json>>,
    entry_point: Option<Vec<Json>>,
    environment: Option<Vec<Variable>>,
    secrets: Option<Vec<Variable>>,
    environment_files: Option<Vec<serde::de::IgnoredAny>>,
    mount_points: Option<Vec<Mount>>,
    stop_timeout: Option<Json>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct PortMapping {
    container_port: Option<Json>,
    host_port: Option<Json>,
    container_port_range: Option<String>,
}

#[derive(serde::Deserialize)]
struct Variable {
    name: Option<String>,
    value: Option<Json>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mount {
    container_path: Option<String>,
}

impl From<Container<'_>> for Value {
    fn from(container: Container<'_>) -> Value {
        let mappings = container.port_mappings.unwrap_or_default().into_iter().map(Value::from).collect::<Vec<Value>>();
        let mut map = Map::from_iter([
            (Text::from("name"), text(&container.name)),
            (Text::from("image"), text(&container.image)),
            (Text::from("port_mappings"), mappings.into()),
        ]);
        let words = |words: Vec<Json>| words.iter().map(scalar).collect::<Vec<Value>>();
        for (name, list) in [("command", container.command), ("entry_point", container.entry_point)] {
            map.extend(list.map(|list| (name.into(), words(list).into())).into_iter().collect());
        }
        if let Some(variables) = container.environment.filter(|variables| !variables.is_empty()) {
            map.insert("environment".into(), variables.into_iter().map(Value::from).collect::<Vec<Value>>().into());
        }
        if let Some(secrets) = container.secrets.filter(|secrets| !secrets.is_empty()) {
            let names = secrets.into_iter().filter_map(|secret| secret.name);
            map.insert("secrets".into(), names.map(|name| text(&name)).collect::<Vec<Value>>().into());
        }
        if container.environment_files.is_some_and(|files| !files.is_empty()) {
            map.insert("more_environment".into(), true.into());
        }
        if let Some(mounts) = container.mount_points.filter(|mounts| !mounts.is_empty()) {
            let paths = mounts.into_iter().filter_map(|mount| mount.container_path);
            map.insert("mounts".into(), paths.map(|path| text(&path)).collect::<Vec<Value>>().into());
        }
        if let Some(seconds) = container.stop_timeout.as_ref().and_then(number) {
            map.insert("stop_timeout".into(), seconds.into());
        }
        map.into()
    }
}

impl From<PortMapping> for Value {
    fn from(mapping: PortMapping) -> Value {
        let mut map = Map::default();
        for (name, port) in [("container_port", mapping.container_port), ("host_port", mapping.host_port)] {
            if let Some(number) = port.as_ref().and_then(number) {
                map.insert(name.into(), number.into());
            }
        }
        if let Some(range) = mapping.container_port_range {
            map.insert("container_port_range".into(), range.as_str().into());
        }
        map.into()
    }
}

impl From<Variable> for Value {
    fn from(variable: Variable) -> Value {
        let mut map = Map::default();
        for (key, value) in [("name", variable.name.map(Json::String)), ("value", variable.value)] {
            map.extend(value.map(|value| (key.into(), scalar(&value))).into_iter().collect());
        }
        map.into()
    }
}

fn text(text: &str) -> Value {
    Value::new(Data::String(Text::from(text)))
}

/// A word of a command or the value of a variable: ECS takes text, templates often pass something else.
fn scalar(json: &Json) -> Value {
    match json {
        Json::String(word) => text(word),
        Json::Null => Value::null(),
        other => text(&other.to_string()),
    }
}

/// ECS takes ports and seconds as numbers; templates often pass them as text.
fn number(json: &Json) -> Option<i64> {
    match json {
        Json::Number(number) => number.as_i64(),
        Json::String(text) => text.parse().ok(),
        _ => None,
    }
}
