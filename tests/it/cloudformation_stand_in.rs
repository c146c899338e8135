//! The stacks of `testdata/` against moto, an implementation of AWS that is not ours: `stand_in.py` made them there and
//! kept what it answered. Where moto does not do as AWS does, `stand_in_deviations.json` says so with the reason; each of
//! these must really be one.

use std::collections::{BTreeMap, BTreeSet};

use plangate::catalog::names::{self, role};
use plangate::graph::{Graph, Kind, Lookup, ResourceId, Role, Target, Value as Ours, lookup};
use plangate::load::{GivenParameter, Inputs, TemplateInputs};
use plangate::relate::reach::Ports;
use plangate::relate::registration::Registrations;
use plangate::source::disk;
use serde_json::{Value, json};

const ANY: &str = "unknown";

/// Subnets that are not part of the stack.
const FOREIGN: &str = "subnets of a parameter";

/// The answers, by the name of the stack.
fn answers() -> BTreeMap<String, Value> {
    let root = format!("{}/testdata", env!("CARGO_MANIFEST_DIR"));
    let read = |file: &String| serde_json::from_slice(&disk::read(file).unwrap()).unwrap();
    let files = disk::files_under(&root, &["json"]).unwrap();
    let stack = |file: &str| {
        let name = file.strip_suffix("stand_in.json")?.trim_end_matches(['/', '.']);
        Some(name.strip_prefix(&format!("{root}/")).unwrap().to_owned())
    };
    files.iter().filter_map(|file| Some((stack(file)?, read(file)))).collect()
}

fn graph(stack: &str, answer: &Value) -> Graph {
    let names =
        [".yaml", "/template.yaml", "/template.json"].map(|end| crate::program::testdata(&format!("{stack}{end}")));
    let file = names.iter().find(|file| disk::read(file).is_ok()).unwrap();
    let given = answer["parameters"].as_object().into_iter().flatten();
    let parameters = given.map(|(name, value)| GivenParameter::Value(name.clone(), value.as_str().unwrap().to_owned()));
    let template = TemplateInputs {
        parameters: parameters.collect(),
        region: answer["region"].as_str().map(str::to_owned),
        account: None,
    };
    let (loaded, problems) = plangate::load::load(file, &Inputs { template, ..Inputs::default() }, &[]).unwrap();
    assert!(problems.is_empty(), "{stack}: {problems:?}");
    assert!(loaded.others.is_empty(), "{stack}: there is more than one case");
    loaded.graph
}

/// A value as JSON: null for absent, "unknown" for unknown.
fn shown(value: &Ours) -> Value {
    if value.as_unknown().is_some() {
        return json!(ANY);
    }
    match (value.as_bool(), value.as_str(), value.as_int()) {
        (Some(flag), ..) => json!(flag),
        (_, Some(text), _) => json!(text),
        (.., Some(number)) => json!(number),
        _ => Value::Null,
    }
}

fn got(found: Lookup<'_>) -> Value {
    found.to_value().map_or(Value::Null, |value| shown(&value))
}

/// Where the links of a role lead, by name.
fn ends(graph: &Graph, from: ResourceId, wanted: Role) -> Vec<(Vec<u32>, String)> {
    let mut found = Vec::new();
    for link in graph.links_as(from, wanted) {
        let at = |to: &Target| match to {
            Target::Resource(id) => graph.resource(*id).address.to_string(),
            Target::Outside(text) => text.to_string(),
        };
        found.extend(link.ends.iter().map(|end| (link.at.to_vec(), at(&end.to))));
        if let Some(rest) = &link.rest {
            found.push((link.at.to_vec(), parameter(&rest.to_string())));
        }
    }
    found
}

/// The parameter an unknown hangs on, as moto's answer calls it.
fn parameter(said: &str) -> String {
    said.rsplit_once(": ").map_or(said, |(_, name)| name).to_owned()
}

fn names_of(graph: &Graph, from: ResourceId, wanted: Role) -> Vec<String> {
    let names: BTreeSet<String> = ends(graph, from, wanted).into_iter().map(|(_, name)| name).collect();
    names.into_iter().collect()
}

/// The subnets by name. Those of a parameter are somebody's: whatever stand_in.py made for it, or the ids that are its
/// default.
fn subnets(graph: &Graph, id: ResourceId) -> Value {
    let resources = |id: &String| graph.find(id).is_some();
    let names = names_of(graph, id, role::SUBNETS);
    if names.iter().all(resources) { json!(names) } else { json!(FOREIGN) }
}

type Facts = BTreeMap<String, Value>;

/// What is asked of one resource, field by field.
fn ours(graph: &Graph, registrations: &Registrations, id: ResourceId) -> Facts {
    let resource = graph.resource(id);
    let mut facts = Facts::new();
    let mut fact = |name: &str, value: Value| facts.insert(name.to_owned(), value);
    let get = |path: &str| got(resource.get(path));
    match resource.kind.unwrap() {
        names::LOAD_BALANCER => {
            fact("idle_timeout", get("idle_timeout"));
            fact("client_keep_alive", get("client_keep_alive"));
            fact(
                "scheme",
                match get("internal") {
                    Value::Bool(true) => json!("internal"),
                    Value::Bool(false) => json!("internet-facing"),
                    other => other,
                },
            );
            fact("type", get("type"));
            let mut groups = names_of(graph, id, role::SECURITY_GROUPS);
            if groups.is_empty() {
                groups.push("default".to_owned());
            }
            fact("security_groups", json!(groups));
            fact("subnets", subnets(graph, id));
        }
        names::LISTENER => {
            fact("port", get("port"));
            fact("protocol", get("protocol"));
            fact("load_balancer", json!(names_of(graph, id, role::LOAD_BALANCER_OF).join(" ")));
            fact("certificates", json!(usize::from(resource.get("certificate") != Lookup::Absent)));
            fact("default_actions", actions(graph, id));
        }
        names::LISTENER_RULE => {
            fact("priority", get("priority"));
            fact("listener", json!(names_of(graph, id, role::LISTENER_OF).join(" ")));
            fact("actions", actions(graph, id));
        }
        names::TARGET_GROUP => {
            for name in ["port", "protocol", "protocol_version", "target_type", "deregistration_delay"] {
                fact(name, get(name));
            }
            for name in [
                "enabled",
                "protocol",
                "port",
                "path",
                "matcher",
                "interval",
                "timeout",
                "healthy_threshold",
                "unhealthy_threshold",
            ] {
                let name = format!("health_check.{name}");
                fact(&name, get(&name));
            }
            // Attributes of a group are texts in the API.
            fact("stickiness.enabled", get("stickiness.enabled").to_string().into());
            let mut targets: Vec<(String, Value)> = Vec::new();
            for one in registrations.of(id) {
                let port = match &one.port {
                    Some(Ports::One(port)) => json!(port),
                    Some(Ports::Unknown(_)) => json!(ANY),
                    Some(Ports::Range(..)) | None => Value::Null,
                };
                targets.push((one.name(graph).to_string(), port));
            }
            targets.sort_by_key(|(name, port)| (name.clone(), port.to_string()));
            fact("targets", targets.into_iter().map(|(id, port)| json!({ "id": id, "port": port })).collect());
        }
        names::SECURITY_GROUP => {
            for side in ["ingress", "egress"] {
                fact(side, rules(graph, id, side));
            }
        }
        other => panic!("{other:?}"),
    }
    facts
}

/// The actions of a listener or rule: their types, and where they forward with which weight.
fn actions(graph: &Graph, id: ResourceId) -> Value {
    let list = graph.resource(id).get("actions").list().unwrap_or_default();
    let weighted = ends(graph, id, role::WEIGHTED_FORWARD);
    let plain = ends(graph, id, role::FORWARD);
    let mut said: Vec<(i64, Value)> = Vec::new();
    for (at, action) in list.iter().enumerate() {
        let here = |place: &Vec<u32>| place.first() == Some(&(at as u32));
        let weight = |place: &[u32]| lookup(action, &format!("weights.{}", place[place.len() - 1])).int();
        let mut groups: Vec<Value> = weighted
            .iter()
            .filter(|(place, _)| here(place))
            .map(|(place, name)| json!({ "id": name, "weight": weight(place) }))
            .collect();
        if groups.is_empty() {
            groups = plain
                .iter()
                .filter(|(place, _)| here(place))
                .map(|(_, name)| json!({ "id": name, "weight": 1 }))
                .collect();
        }
        let mut one = json!({ "type": got(lookup(action, "type")) });
        if !groups.is_empty() {
            one["target_groups"] = groups.into();
        }
        said.push((lookup(action, "order").int().unwrap_or(0), one));
    }
    said.sort_by_key(|(order, _)| *order);
    said.into_iter().map(|(_, one)| one).collect()
}

/// The rules of a security group as the API lists them: one entry for each protocol and range of ports.
fn rules(graph: &Graph, group: ResourceId, side: &str) -> Value {
    type Peers = (BTreeSet<String>, BTreeSet<String>);
    let mut merged: BTreeMap<(String, Option<i64>, Option<i64>), Peers> = BTreeMap::new();
    let resource = graph.resource(group);
    let kind = if side == "ingress" { names::SECURITY_GROUP_INGRESS_RULE } else { names::SECURITY_GROUP_EGRESS_RULE };
    let beside = || graph.incoming_as(group, role::GROUP).filter(|link| graph.resource(link.from).kind == Some(kind));
    let of_aws = resource.get(side).known().is_some_and(|rules| rules.marks.default.is_some());
    let mut add = |rule: &Ours, cidrs: Vec<String>, groups: Vec<String>| {
        let protocol = got(lookup(rule, "protocol")).as_str().unwrap_or(ANY).to_owned();
        let port = |name| if protocol == "-1" { None } else { lookup(rule, name).int() };
        let entry = merged.entry((protocol.clone(), port("from_port"), port("to_port"))).or_default();
        entry.0.extend(cidrs);
        entry.1.extend(groups);
    };
    let inline_groups = ends(graph, group, if side == "ingress" { role::INGRESS_PEERS } else { role::EGRESS_PEERS });
    let mut written = resource.get(side).list().unwrap_or_default();
    if of_aws && beside().next().is_some() {
        // relate takes AWS's own rule away (`revoke_those_of_aws`); here it is only what the attribute's default says.
        written = &[];
    }
    for (at, rule) in written.iter().enumerate() {
        let texts = |name: &str| -> Vec<String> {
            let list = lookup(rule, name).list().unwrap_or_default();
            list.iter().map(|value| shown(value).as_str().unwrap_or_default().to_owned()).collect()
        };
        let mut cidrs = [texts("cidr_blocks"), texts("ipv6_cidr_blocks")].concat();
        // AWS's own rule is for IPv6 only where the VPC has it.
        cidrs.retain(|cidr| !of_aws || cidr != "::/0");
        let peers = inline_groups.iter().filter(|(place, _)| place.first() == Some(&(at as u32)));
        add(rule, cidrs, peers.map(|(_, name)| name.clone()).collect());
    }
    for link in beside() {
        let rule = graph.resource(link.from);
        let cidr = ["cidr_ipv4", "cidr_ipv6"].map(|name| got(rule.get(name)));
        let cidrs = cidr.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        add(&rule.attributes, cidrs, names_of(graph, link.from, role::PEER));
    }
    let entry = |((protocol, from, to), (cidrs, groups)): (&(String, Option<i64>, Option<i64>), &Peers)| json!({ "protocol": protocol, "from": from, "to": to, "cidrs": cidrs, "groups": groups });
    sorted(merged.iter().map(entry).collect())
}

fn sorted(mut rules: Vec<Value>) -> Value {
    rules.sort_by_key(Value::to_string);
    rules.into()
}

/// What moto answered of one resource, field by field.
fn theirs(answer: &Value, prefix: &str, facts: &mut Facts) {
    for (name, value) in answer.as_object().unwrap() {
        let name = format!("{prefix}{name}");
        match value {
            Value::Object(_) => theirs(value, &format!("{name}."), facts),
            Value::Array(subnets)
                if name == "subnets" && subnets.iter().all(|subnet| subnet.as_str().unwrap().ends_with(']')) =>
            {
                facts.insert(name, json!(FOREIGN));
            }
            Value::Array(rules) if name == "ingress" || name == "egress" => {
                _ = facts.insert(name, sorted(rules.clone()))
            }
            _ => _ = facts.insert(name, value.clone()),
        }
    }
}

const ASKED: [(&str, Kind); 5] = [
    ("load_balancers", names::LOAD_BALANCER),
    ("listeners", names::LISTENER),
    ("rules", names::LISTENER_RULE),
    ("target_groups", names::TARGET_GROUP),
    ("security_groups", names::SECURITY_GROUP),
];

#[test]
fn the_graph_is_what_the_stand_in_made() {
    let text = disk::read(&crate::program::testdata("stand_in_deviations.json")).unwrap();
    let listed: Vec<Value> = serde_json::from_slice(&text).unwrap();
    let mut deviations: BTreeMap<(String, String, String), &Value> = BTreeMap::new();
    for one in &listed {
        let text = |key: &str| one[key].as_str().unwrap().to_owned();
        assert!(text("why").len() > 20, "{one}");
        deviations.insert((text("stack"), text("resource"), text("field")), one);
    }
    let (mut wrong, mut same, mut unknown) = (Vec::new(), 0, BTreeSet::new());
    let answers = answers();
    assert!(answers.len() >= 17, "only {} answers", answers.len());
    for (stack, answer) in &answers {
        let graph = graph(stack, answer);
        let registrations = Registrations::new(&graph);
        for (section, kind) in ASKED {
            let answered = answer[section].as_object().unwrap();
            let made: BTreeMap<String, ResourceId> =
                graph.of_kind(kind).iter().map(|&id| (graph.resource(id).address.to_string(), id)).collect();
            for name in made.keys().filter(|name| !answered.contains_key(*name)) {
                match deviations.iter().find(|((of, resource, _), _)| of == stack && resource == name) {
                    Some((key, _)) => _ = deviations.remove(&key.clone()),
                    None => wrong.push(format!("{stack}: {name} is not in the answer")),
                }
            }
            for (name, theirs_of) in answered {
                let Some(&id) = made.get(name) else {
                    wrong.push(format!("{stack}: {name} is not in the graph"));
                    continue;
                };
                let ours = ours(&graph, &registrations, id);
                let mut theirs_all = Facts::new();
                theirs(theirs_of, "", &mut theirs_all);
                for (field, value) in &ours {
                    let Some(theirs) = theirs_all.get(field) else {
                        if field == "client_keep_alive" {
                            continue;
                        }
                        wrong.push(format!("{stack}: {name}: {field} is not answered"));
                        continue;
                    };
                    let key = (stack.clone(), name.clone(), field.clone());
                    match deviations.remove(&key) {
                        Some(one) => {
                            if one["moto"] != *theirs || one["aws"] != *value || value == theirs {
                                wrong.push(format!(
                                    "{stack}: {name}: {field} is {value}, moto says {theirs}, listed is {one}"
                                ));
                            }
                        }
                        None if value == theirs => same += 1,
                        None if value.to_string().contains(ANY) => {
                            _ = unknown.insert(format!("{stack} {name}.{field}"))
                        }
                        None => wrong.push(format!("{stack}: {name}: {field} is {value}, moto says {theirs}")),
                    }
                }
            }
        }
    }
    wrong.extend(deviations.values().map(|one| format!("is no deviation: {one}")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // What is looked up in the account, which moto does and a template does not say.
    let looked_up =
        ["CidrSecurityGroup.ingress", "MatcherTargetGroup.health_check.matcher", "ThisLoadBalancer.idle_timeout"];
    assert_eq!(Vec::from_iter(unknown), looked_up.map(|name| format!("unknown-values {name}")));
    assert!(same > 500, "only {same} fields are the same");
}
