//! What is decided before apply stays so. Values of the plans in `testdata/` that are known are turned into ones that are
//! known only after apply: a verdict may become undecided by that, but never the opposite of what it is with all values.
//!
//! What is turned is what somebody wrote: it then mentions something that is not known, as an expression would.

use std::collections::BTreeMap;

use plangate::judge::{Assessment, Verdict, judge_all};
use plangate::load::load_json;
use plangate::policy::PolicySet;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::program::bytes_of;

const PLANS: [&str; 16] = [
    "configurations/ec2-asg-nginx",
    "configurations/ecs-ec2-dynamic-ports",
    "configurations/ecs-fargate-node",
    "configurations/grpc-http2",
    "configurations/https-backend-egress",
    "configurations/ip-targets-health-port",
    "configurations/nacl-return-path",
    "configurations/weighted-blue-green",
    "ec2-asg",
    "ecs-dynamic-ports",
    "fargate",
    "faulty",
    "faulty-around",
    "faulty-edge",
    "lambda",
    "weighted-forward",
];

/// Where something stands inside a resource: names of attributes and blocks, positions in lists.
type Path = Vec<String>;

fn below(path: &[String], name: &str) -> Path {
    path.iter().cloned().chain([name.to_owned()]).collect()
}

/// A plan, and what of it can be turned into something unknown.
struct Plan {
    whole: Value,
    /// The change by number, the path, and how much of the path the configuration has an expression for.
    turnable: Vec<(usize, Path, usize)>,
}

impl Plan {
    fn read(name: &str) -> Plan {
        let mut whole: Value = serde_json::from_slice(&bytes_of(&format!("{name}/plan.json"))).unwrap();
        let mut turnable = Vec::new();
        for (number, change) in whole["resource_changes"].as_array().unwrap().iter().enumerate() {
            let is_root = change.get("module_address").is_none() && change["mode"] == "managed";
            let Some(expressions) = expressions(&whole, change).filter(|_| is_root) else { continue };
            leaves(&change["change"]["after"], &expressions, Vec::new(), &mut |path, depth| {
                turnable.push((number, path, depth));
            });
        }
        later(&mut whole);
        Plan { whole, turnable }
    }

    /// With some of it not known.
    fn turned(&self, picks: &[prop::sample::Index]) -> (Value, Vec<String>) {
        let mut whole = self.whole.clone();
        let mut told = Vec::new();
        for pick in picks {
            let (number, path, depth) = pick.get(&self.turnable);
            let change = &mut whole["resource_changes"][*number];
            let address = change["address"].as_str().unwrap().to_owned();
            let after = &mut change["change"]["after"];
            if at(after, path).is_none_or(|value| value.is_null()) {
                continue;
            }
            take(after, path);
            mark(&mut change["change"]["after_unknown"], path);
            let resources = whole["configuration"]["root_module"]["resources"].as_array_mut().unwrap();
            let own = address.split('[').next().unwrap();
            let written = resources.iter_mut().find(|one| one["address"] == own).unwrap();
            *at_mut(&mut written["expressions"], &path[..*depth]).unwrap() =
                json!({ "references": ["terraform_data.later.output", "terraform_data.later"] });
            hand_on(&mut whole, own, &path[0]);
            told.push(format!("{address} {}", path.join(".")));
        }
        (whole, told)
    }
}

/// What mentions an attribute that is not known is not known either.
fn hand_on(whole: &mut Value, own: &str, attribute: &str) {
    let mentioned: Vec<(String, Path)> = whole["configuration"]["root_module"]["resources"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|resource| {
            let mut paths = Vec::new();
            mentions(&resource["expressions"], own, attribute, Vec::new(), &mut paths);
            let address = resource["address"].as_str().unwrap().to_owned();
            paths.into_iter().map(move |path| (address.clone(), path))
        })
        .collect();
    for change in whole["resource_changes"].as_array_mut().unwrap() {
        let address = change["address"].as_str().unwrap().split('[').next().unwrap().to_owned();
        for (_, path) in mentioned.iter().filter(|(one, _)| *one == address) {
            let after = &mut change["change"]["after"];
            if at(after, path).is_some_and(|value| !value.is_null()) {
                take(after, path);
                mark(&mut change["change"]["after_unknown"], path);
            }
        }
    }
}

/// The paths of expressions that mention an attribute of a resource.
fn mentions(written: &Value, own: &str, attribute: &str, path: Path, found: &mut Vec<Path>) {
    match written {
        Value::Object(map) => {
            let references = map.get("references").and_then(Value::as_array).into_iter().flatten();
            let mut texts = references.filter_map(Value::as_str).filter_map(|text| text.strip_prefix(own));
            if texts.any(|rest| rest.split(']').next_back().is_some_and(|rest| rest == format!(".{attribute}"))) {
                found.push(path);
            } else {
                for (name, inner) in map {
                    mentions(inner, own, attribute, below(&path, name), found);
                }
            }
        }
        Value::Array(items) => {
            for (number, inner) in items.iter().enumerate() {
                mentions(inner, own, attribute, below(&path, &number.to_string()), found);
            }
        }
        _ => {}
    }
}

/// What the configuration says of a resource.
fn expressions(whole: &Value, change: &Value) -> Option<Value> {
    let own = change["address"].as_str()?.split('[').next()?;
    let resources = whole["configuration"]["root_module"]["resources"].as_array()?;
    Some(resources.iter().find(|one| one["address"] == own)?["expressions"].clone())
}

/// Tells every known value that an expression of the configuration stands for, and what is inside of it.
fn leaves(value: &Value, written: &Value, path: Path, tell: &mut dyn FnMut(Path, usize)) {
    match (value, written) {
        (Value::Null, _) => {}
        (_, Value::Object(expression))
            if expression.contains_key("constant_value") || expression.contains_key("references") =>
        {
            let depth = path.len();
            inside(value, path, &mut |path| tell(path, depth));
        }
        (Value::Object(map), Value::Object(expressions)) => {
            for (name, value) in map {
                if let Some(written) = expressions.get(name) {
                    leaves(value, written, below(&path, name), tell);
                }
            }
        }
        (Value::Array(items), Value::Array(blocks)) => {
            for (number, (item, block)) in items.iter().zip(blocks).enumerate() {
                leaves(item, block, below(&path, &number.to_string()), tell);
            }
        }
        (Value::Array(items), block @ Value::Object(_)) if items.len() == 1 => {
            leaves(&items[0], block, below(&path, "0"), tell);
        }
        _ => {}
    }
}

/// Tells a value and everything in it.
fn inside(value: &Value, path: Path, tell: &mut dyn FnMut(Path)) {
    tell(path.clone());
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(name, value)| inside(value, below(&path, name), tell));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(number, value)| {
                inside(value, below(&path, &number.to_string()), tell);
            });
        }
        _ => {}
    }
}

/// A resource whose output is not known and can be anything.
fn later(whole: &mut Value) {
    let change = json!({
        "address": "terraform_data.later", "mode": "managed", "type": "terraform_data", "name": "later",
        "provider_name": "terraform.io/builtin/terraform",
        "change": {
            "actions": ["create"], "before": null, "after": {}, "after_unknown": { "id": true, "output": true },
            "before_sensitive": false, "after_sensitive": {}
        }
    });
    let written = json!({
        "address": "terraform_data.later", "mode": "managed", "type": "terraform_data", "name": "later",
        "provider_config_key": "terraform", "schema_version": 0, "expressions": {}
    });
    whole["resource_changes"].as_array_mut().unwrap().push(change);
    whole["configuration"]["root_module"]["resources"].as_array_mut().unwrap().push(written);
}

fn step<'v>(value: &'v mut Value, name: &str) -> Option<&'v mut Value> {
    match value {
        Value::Object(map) => map.get_mut(name),
        // A block that stands once may be written without its list.
        Value::Array(items) => items.get_mut(name.parse::<usize>().ok()?),
        _ => None,
    }
}

fn at_mut<'v>(value: &'v mut Value, path: &[String]) -> Option<&'v mut Value> {
    let [name, rest @ ..] = path else { return Some(value) };
    if value.is_object() && name == "0" && value.get("0").is_none() {
        return at_mut(value, rest);
    }
    at_mut(step(value, name)?, rest)
}

fn at(value: &Value, path: &[String]) -> Option<Value> {
    at_mut(&mut value.clone(), path).cloned()
}

/// What is unknown is left out of maps, and null in lists.
fn take(value: &mut Value, path: &[String]) {
    let (last, before) = path.split_last().unwrap();
    match at_mut(value, before) {
        Some(Value::Object(map)) => drop(map.remove(last)),
        Some(Value::Array(items)) => items[last.parse::<usize>().unwrap()] = Value::Null,
        _ => {}
    }
}

/// Says that it is unknown, as `after_unknown` does.
fn mark(unknown: &mut Value, path: &[String]) {
    let Some((name, rest)) = path.split_first() else {
        *unknown = Value::Bool(true);
        return;
    };
    if *unknown == Value::Bool(true) {
        return;
    }
    let inner = match name.parse::<usize>() {
        Ok(number) => {
            if !unknown.is_array() {
                *unknown = json!([]);
            }
            let items = unknown.as_array_mut().unwrap();
            while items.len() <= number {
                items.push(json!({}));
            }
            &mut items[number]
        }
        Err(_) => {
            if !unknown.is_object() {
                *unknown = Value::Object(Map::new());
            }
            unknown.as_object_mut().unwrap().entry(name.clone()).or_insert(Value::Bool(false))
        }
    };
    mark(inner, rest);
}

type Check = (String, String, Vec<Option<String>>);

fn judged(plan: &Value, policies: &PolicySet) -> BTreeMap<Check, Verdict> {
    let (loaded, _) = load_json("plan.json", plan.to_string().as_bytes(), &[]).unwrap();
    let graphs: Vec<_> = loaded.graphs().collect();
    let Assessment { findings, .. } = judge_all(&graphs, &loaded.beside, policies);
    findings
        .into_iter()
        .map(|finding| {
            let subject = policies.get(&finding.policy).unwrap().subject;
            let ends = finding.path.iter().flat_map(|path| path.ends(subject)).map(|end| end.map(str::to_owned));
            ((finding.policy.to_string(), finding.subject.to_string(), ends.collect()), finding.verdict)
        })
        .collect()
}

struct World {
    policies: PolicySet,
    plans: Vec<(Plan, BTreeMap<Check, Verdict>)>,
}

thread_local! {
    static WORLD: World = {
        let (policies, _) = PolicySet::builtin_to_judge();
        let plans = PLANS.iter().map(|name| Plan::read(name)).map(|plan| {
            let known = judged(&plan.whole, &policies);
            (plan, known)
        });
        World { plans: plans.collect(), policies }
    };
}

#[test]
fn there_is_much_to_turn() {
    WORLD.with(|world| {
        for (name, (plan, _)) in PLANS.iter().zip(&world.plans) {
            assert!(plan.turnable.len() > 30, "{name}: {}", plan.turnable.len());
        }
        let fails =
            world.plans.iter().flat_map(|(_, known)| known.values()).filter(|one| **one == Verdict::Fail).count();
        assert!(fails > 50, "{fails}");
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_verdict_is_taken_back(which in 0..PLANS.len(), picks in prop::collection::vec(any::<prop::sample::Index>(), 1..4)) {
        WORLD.with(|world| {
            let (plan, known) = &world.plans[which];
            let (turned, told) = plan.turned(&picks);
            let early = judged(&turned, &world.policies);
            // What a target is called may be what is unknown, so that its path is looked for by what it is about.
            let near = |all: &BTreeMap<Check, Verdict>, check: &Check, any: bool| {
                let same = |other: &Check| other.0 == check.0 && other.1 == check.1;
                all.iter().any(|(other, verdict)| same(other) && (any || *verdict == Verdict::Fail))
            };
            for check in known.iter().filter(|(_, verdict)| **verdict == Verdict::Fail).map(|(check, _)| check) {
                let told = format!("{}: fails, but passes with {told:?} unknown: {check:?}", PLANS[which]);
                prop_assert!(near(&early, check, true), "{}", told);
            }
            for check in early.iter().filter(|(_, verdict)| **verdict == Verdict::Fail).map(|(check, _)| check) {
                let told = format!("{}: does not fail, but does with {told:?} unknown: {check:?}", PLANS[which]);
                prop_assert!(near(known, check, false), "{}", told);
            }
            Ok(())
        })?;
    }
}
