//! One big plan, few numbers: loading and judging 10 000 and 100 000 resources, and serde_json skipping over the same
//! text, as a yardstick for what reading costs at all. The plan is a real one (`testdata/fargate`), put many times into
//! modules.

#![allow(clippy::panic, missing_docs, reason = "a bench has nobody to hand an error to")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use plangate::judge::judge;
use plangate::policy::PolicySet;
use serde_json::{Map, Value, json};

fn plans(criterion: &mut Criterion) {
    let (policies, problems) = PolicySet::builtin();
    assert!(problems.is_empty(), "{problems:?}");
    let mut group = criterion.benchmark_group("plan");
    group.sample_size(10);
    for resources in [10_000, 100_000] {
        let text = plan(resources);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::new("skip with serde_json", resources), &text, |bencher, text| {
            bencher.iter(|| serde_json::from_str::<serde::de::IgnoredAny>(text));
        });
        group.bench_with_input(BenchmarkId::new("load", resources), &text, |bencher, text| {
            bencher.iter(|| plangate::load::load_json("plan.json", text.as_bytes(), &[]));
        });
        let loaded = plangate::load::load_json("plan.json", text.as_bytes(), &[]);
        let Ok((loaded, _)) = loaded else { panic!("the plan made here does not load") };
        group.bench_with_input(BenchmarkId::new("judge", resources), &loaded.graph, |bencher, graph| {
            bencher.iter(|| judge(graph, &policies));
        });
    }
    group.finish();
}

/// A plan of at least so many resources.
fn plan(resources: usize) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/fargate/plan.json");
    let Ok(bytes) = plangate::source::disk::read(path) else { panic!("{path} is missing") };
    let Ok(stack) = serde_json::from_slice::<Value>(&bytes) else { panic!("{path} is no JSON") };
    let own = stack["resource_changes"].as_array().cloned().unwrap_or_default();
    let module = &stack["configuration"]["root_module"];
    let mut changes = Vec::new();
    let mut calls = Map::new();
    while changes.len() < resources {
        let name = format!("stack_{:05}", calls.len());
        for change in &own {
            let mut change = change.clone();
            let address = change["address"].as_str().unwrap_or_default();
            change["address"] = format!("module.{name}.{address}").into();
            change["module_address"] = format!("module.{name}").into();
            changes.push(change);
        }
        calls.insert(name, json!({ "module": module }));
    }
    json!({
        "format_version": "1.2",
        "resource_changes": changes,
        "configuration": {"root_module": {"module_calls": calls}},
        "complete": true,
    })
    .to_string()
}

criterion_group!(benches, plans);
criterion_main!(benches);
