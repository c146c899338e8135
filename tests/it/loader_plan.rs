//! Small plans made by hand: the JSON `terraform show -json` would print, without what plangate has no use for.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used, clippy::panic)]

use plangate::graph::{Certainty, Graph, Target};
use plangate::load::{Loaded, load_json};
use plangate::source::Problem;
use serde_json::{Map, Value, json};

/// A plan being written.
#[derive(Clone, Default)]
pub(crate) struct Plan {
    changes: Vec<Value>,
    /// `configuration.root_module`.
    root: Value,
    /// Further entries of the document.
    more: Map<String, Value>,
}

impl Plan {
    pub(crate) fn new() -> Plan {
        Plan { root: json!({}), ..Plan::default() }
    }

    /// A resource that is created; `unknown` is its `after_unknown`.
    pub(crate) fn create(self, address: &str, after: Value, unknown: Value) -> Plan {
        self.change(address, &["create"], after, json!({ "after_unknown": unknown }))
    }

    /// Any change; `more` are further entries of `change`.
    pub(crate) fn change(mut self, address: &str, actions: &[&str], after: Value, more: Value) -> Plan {
        let mut entry = named(address);
        let mut change = json!({ "actions": actions, "before": null, "after": after, "after_unknown": {} });
        merge(&mut change, more);
        merge(&mut entry, json!({ "change": change }));
        self.changes.push(entry);
        self
    }

    /// A configured resource of the root module, with its expressions.
    pub(crate) fn configure(self, address: &str, expressions: Value) -> Plan {
        self.configure_with(address, expressions, json!({}))
    }

    /// The same, with further entries beside `expressions`.
    pub(crate) fn configure_with(mut self, address: &str, expressions: Value, more: Value) -> Plan {
        let entry = configured(address, expressions, more);
        push(&mut self.root, "resources", entry);
        self
    }

    /// A module call of the root module.
    pub(crate) fn call(mut self, name: &str, call: Value) -> Plan {
        merge(&mut self.root, json!({ "module_calls": { name: call } }));
        self
    }

    /// An entry of the document.
    pub(crate) fn with(mut self, key: &str, value: Value) -> Plan {
        self.more.insert(key.to_owned(), value);
        self
    }

    pub(crate) fn json(&self) -> Value {
        let mut plan = json!({
            "format_version": "1.2",
            "resource_changes": self.changes,
            "configuration": { "root_module": self.root },
        });
        merge(&mut plan, Value::Object(self.more.clone()));
        plan
    }

    pub(crate) fn text(&self) -> String {
        self.json().to_string()
    }

    pub(crate) fn load(&self) -> (Loaded, Vec<Problem>) {
        load_json("plan.json", self.text().as_bytes(), &[]).unwrap_or_else(|problem| panic!("{problem}"))
    }

    pub(crate) fn graph(&self) -> Graph {
        let (loaded, problems) = self.load();
        assert!(problems.is_empty(), "{problems:?}");
        loaded.graph
    }
}

/// A configured resource, for a module's `resources`.
pub(crate) fn configured(address: &str, expressions: Value, more: Value) -> Value {
    let mut entry = named(address);
    merge(&mut entry, json!({ "expressions": expressions }));
    merge(&mut entry, more);
    entry
}

/// `{"references": [...]}` as a plan has it: every reference, then its shorter forms.
pub(crate) fn mentions(references: &[&str]) -> Value {
    json!({ "references": references })
}

/// What a link of a resource points at: each end with `!` when it is certain and `?` when possible, and after a
/// space the reason why there may be more. `none` without such a link.
pub(crate) fn ends(graph: &Graph, from: &str, path: &str) -> String {
    let from = graph.find(from).unwrap_or_else(|| panic!("there is no {from}"));
    let Some(link) = graph.links(from).iter().find(|link| link.path.as_str() == path) else {
        return "none".to_owned();
    };
    let mut said: Vec<String> = link
        .ends
        .iter()
        .map(|end| {
            let to = match &end.to {
                Target::Resource(id) => graph.resource(*id).address.0.to_string(),
                Target::Outside(text) => format!("outside {text}"),
            };
            format!("{to}{}", if end.certainty == Certainty::Certain { "!" } else { "?" })
        })
        .collect();
    said.sort();
    if !link.placed {
        said.push("(unplaced)".to_owned());
    }
    if let Some(rest) = &link.rest {
        said.push(format!("({rest})"));
    }
    said.join(" ")
}

/// `mode`, `type`, `name`, `index` and `module_address` of an address. Keys hold no dots here.
fn named(address: &str) -> Value {
    let mut entry = json!({ "address": address, "mode": "managed" });
    let (own, key) = match address.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
        Some((own, key)) => (own, Some(key)),
        None => (address, None),
    };
    let mut parts: Vec<&str> = own.split('.').collect();
    let (name, type_name) = (parts.pop().unwrap(), parts.pop().unwrap());
    if parts.last() == Some(&"data") {
        parts.pop();
        merge(&mut entry, json!({ "mode": "data" }));
    }
    merge(&mut entry, json!({ "type": type_name, "name": name }));
    if let Some(key) = key {
        let key: Value = serde_json::from_str(key).unwrap();
        merge(&mut entry, json!({ "index": key }));
    }
    if !parts.is_empty() {
        merge(&mut entry, json!({ "module_address": parts.join(".") }));
    }
    entry
}

fn push(object: &mut Value, list: &str, entry: Value) {
    let list = &mut object[list];
    if list.is_null() {
        *list = json!([]);
    }
    list.as_array_mut().unwrap().push(entry);
}

/// Lays the entries of one object over another, into objects inside.
fn merge(onto: &mut Value, from: Value) {
    match (onto, from) {
        (Value::Object(onto), Value::Object(from)) => {
            for (key, value) in from {
                merge(onto.entry(key).or_insert(Value::Null), value);
            }
        }
        (onto, from) => *onto = from,
    }
}
