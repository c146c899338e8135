//! What a run costs, part by part: start-up, plans of 1 000 to 100 000 resources with serde_json skipping over the same
//! text as a yardstick, a configuration, a template, and policies alone. The plans are a real one (`testdata/fargate`), put
//! many times into modules; the rest is made here. Whole runs and their memory are in `table.py`.

#![allow(clippy::panic, missing_docs, reason = "a bench has nobody to hand an error to")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use plangate::catalog::Subject;
use plangate::catalog::names::TARGET_GROUP;
use plangate::judge::judge;
use plangate::load::Inputs;
use plangate::policy::{PolicySet, evaluate};
use plangate::report::check_json;
use serde_json::{Map, Value, json};

fn plans(criterion: &mut Criterion) {
    let policies = policies();
    let mut group = criterion.benchmark_group("plan");
    group.sample_size(10);
    for resources in [1_000, 10_000, 100_000] {
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

/// All that a run on a small plan does, but for starting the process.
fn start(criterion: &mut Criterion) {
    let text = plan(30);
    criterion.bench_function("start to finish, 30 resources", |bencher| {
        bencher.iter(|| {
            let policies = policies();
            let loaded = plangate::load::load_json("plan.json", text.as_bytes(), &[]);
            loaded.ok().map(|(loaded, _)| check_json(&judge(&loaded.graph, &policies)))
        });
    });
}

/// Policies against what is loaded and related already: one case, every policy on target groups.
fn evaluation(criterion: &mut Criterion) {
    let policies = policies();
    let Ok((loaded, _)) = plangate::load::load_json("plan.json", plan(30).as_bytes(), &[]) else {
        panic!("the plan made here does not load")
    };
    let Some(group) = loaded.graph.of_kind(TARGET_GROUP).first().map(|&id| loaded.graph.resource(id)) else {
        panic!("the plan made here has no target group")
    };
    criterion.bench_function("policies on one target group", |bencher| {
        bencher.iter(|| {
            let about = policies.iter().filter(|policy| policy.subject == Subject::Kind(TARGET_GROUP));
            about.map(|policy| evaluate(policy, &[("target_group", &group.attributes)]).reads.len()).sum::<usize>()
        });
    });
}

/// Configuration and templates, written to a folder of their own.
fn texts(criterion: &mut Criterion) {
    let Ok(folder) = tempfile::tempdir() else { panic!("no folder for temporary files") };
    let configuration = folder.path().to_string_lossy().into_owned();
    let template = folder.path().join("template.json").to_string_lossy().into_owned();
    for (path, text) in [(format!("{configuration}/main.tf"), hcl(10_000)), (template.clone(), cloudformation(500))] {
        let written = plangate::source::disk::write_whole(&path, text.as_bytes());
        assert!(written.is_ok(), "{written:?}");
    }
    let policies = policies();
    let mut group = criterion.benchmark_group("text");
    group.sample_size(10);
    for (name, path) in [("configuration of 10 000 resources", &configuration), ("template of 500", &template)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let loaded = plangate::load::load(path, &Inputs::default(), &[]);
                loaded.ok().map(|(loaded, _)| judge(&loaded.graph, &policies).summary)
            });
        });
    }
    group.finish();
}

fn policies() -> PolicySet {
    let (policies, problems) = PolicySet::builtin_to_judge();
    assert!(problems.is_empty(), "{problems:?}");
    policies
}

/// A configuration of at least so many resources: load balancers with a listener, a group and a target each.
fn hcl(resources: usize) -> String {
    let stack = |at: usize| {
        format!(
            r#"
resource "aws_security_group" "s{at}" {{
  ingress {{
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }}
}}
resource "aws_lb" "s{at}" {{
  load_balancer_type = "application"
  security_groups    = [aws_security_group.s{at}.id]
  subnets            = ["subnet-1", "subnet-2"]
}}
resource "aws_lb_target_group" "s{at}" {{
  port        = 8080
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = "vpc-1"
}}
resource "aws_lb_listener" "s{at}" {{
  load_balancer_arn = aws_lb.s{at}.arn
  port              = 80
  default_action {{
    type             = "forward"
    target_group_arn = aws_lb_target_group.s{at}.arn
  }}
}}
resource "aws_lb_target_group_attachment" "s{at}" {{
  target_group_arn = aws_lb_target_group.s{at}.arn
  target_id        = "10.0.0.1"
}}
"#
        )
    };
    (0..resources.div_ceil(5)).map(stack).collect()
}

/// A template of so many resources: load balancers with a listener and a group each.
fn cloudformation(resources: usize) -> String {
    let mut all = Map::new();
    for at in 0..resources.div_ceil(3) {
        let kind = |name: &str| format!("AWS::ElasticLoadBalancingV2::{name}");
        let balancer = json!({"Subnets": ["subnet-1", "subnet-2"], "Type": "application"});
        all.insert(format!("Balancer{at}"), json!({"Type": kind("LoadBalancer"), "Properties": balancer}));
        let group = json!({"Port": 8080, "Protocol": "HTTP", "TargetType": "ip", "VpcId": "vpc-1"});
        all.insert(format!("Group{at}"), json!({"Type": kind("TargetGroup"), "Properties": group}));
        let listener = json!({
            "LoadBalancerArn": {"Ref": format!("Balancer{at}")}, "Port": 80, "Protocol": "HTTP",
            "DefaultActions": [{"Type": "forward", "TargetGroupArn": {"Ref": format!("Group{at}")}}],
        });
        all.insert(format!("Listener{at}"), json!({"Type": kind("Listener"), "Properties": listener}));
    }
    json!({"AWSTemplateFormatVersion": "2010-09-09", "Resources": all}).to_string()
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

criterion_group!(benches, start, plans, texts, evaluation);
criterion_main!(benches);
