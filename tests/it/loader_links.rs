//! Every form in which a plan shows what an attribute points at, each with the certainty it allows. In `ends`, `!` is
//! certain, `?` possible, and what stands in brackets is why there may be more.

use serde_json::{Value, json};

use crate::loader_plan::{Plan, configured, ends, mentions};

const LISTENER: &str = "aws_lb_listener.l";
const ARN: &str = "load_balancer_arn";

/// A load balancer that is created.
fn balancer(plan: Plan, address: &str) -> Plan {
    plan.create(address, json!({ "name": "b" }), json!({ "arn": true, "id": true }))
}

fn balancers(addresses: &[&str]) -> Plan {
    addresses.iter().fold(Plan::new(), |plan, address| balancer(plan, address))
}

/// A listener whose load balancer is not known before apply.
fn listener(plan: Plan, address: &str) -> Plan {
    plan.create(address, json!({ "port": 80 }), json!({ ARN: true, "arn": true }))
}

/// What a listener in the root module points at, with these references.
fn with_references(plan: Plan, references: &[&str]) -> String {
    let plan = listener(plan, LISTENER).configure(LISTENER, json!({ ARN: mentions(references) }));
    ends(&plan.graph(), LISTENER, ARN)
}

#[test]
fn a_resource_by_name() {
    let named = ["aws_lb.this.arn", "aws_lb.this"];
    assert_eq!(with_references(balancers(&["aws_lb.this", "aws_lb.other"]), &named), "aws_lb.this!");
    // Not part of the plan: it was known, so the value cannot come from there.
    assert_eq!(with_references(Plan::new(), &named), "none");
}

#[test]
fn count_with_a_literal_index() {
    let plan = balancers(&["aws_lb.this[0]", "aws_lb.this[1]"]);
    let named = ["aws_lb.this[1].arn", "aws_lb.this[1]", "aws_lb.this"];
    assert_eq!(with_references(plan, &named), "aws_lb.this[1]!");
}

#[test]
fn a_literal_key() {
    let plan = balancers(&["aws_lb.this[\"web\"]", "aws_lb.this[\"api\"]"]);
    let named = ["aws_lb.this[\"web\"].arn", "aws_lb.this[\"web\"]", "aws_lb.this"];
    assert_eq!(with_references(plan.clone(), &named), "aws_lb.this[\"web\"]!");
    let quoted = ["aws_lb.this[\"a \\\"b\\\"\"].arn", "aws_lb.this[\"a \\\"b\\\"\"]", "aws_lb.this"];
    assert_eq!(with_references(plan, &quoted), "none");
}

#[test]
fn the_same_key_on_both_sides() {
    for (kind, keys) in [("each.key", ["\"web\"", "\"api\""]), ("count.index", ["0", "1"])] {
        let at = |resource: &str, key: &str| format!("{resource}[{key}]");
        let plan = keys
            .iter()
            .fold(Plan::new(), |plan, key| listener(balancer(plan, &at("aws_lb.this", key)), &at(LISTENER, key)));
        let graph = plan.configure(LISTENER, json!({ ARN: mentions(&["aws_lb.this", kind]) })).graph();
        for key in keys {
            assert_eq!(ends(&graph, &at(LISTENER, key), ARN), format!("aws_lb.this[{key}]!"), "{kind}");
        }
    }
    // A key that the other side does not have: any of its instances.
    let plan = listener(balancers(&["aws_lb.this[\"a\"]", "aws_lb.this[\"b\"]"]), "aws_lb_listener.l[\"c\"]");
    let graph = plan.configure(LISTENER, json!({ ARN: mentions(&["aws_lb.this", "each.key"]) })).graph();
    assert_eq!(ends(&graph, "aws_lb_listener.l[\"c\"]", ARN), "aws_lb.this[\"a\"]? aws_lb.this[\"b\"]?");
}

#[test]
fn the_value_that_is_gone_over() {
    let over = mentions(&["aws_lb.this"]);
    let key = "aws_lb_listener.l[\"a\"]";
    let plan = listener(balancers(&["aws_lb.this[\"a\"]", "aws_lb.this[\"b\"]"]), key);
    let more = json!({ "for_each_expression": over });
    let graph =
        plan.configure_with(LISTENER, json!({ ARN: mentions(&["each.value.arn", "each.value"]) }), more).graph();
    assert_eq!(ends(&graph, key, ARN), "aws_lb.this[\"a\"]!");
}

#[test]
fn splats_and_for_expressions() {
    let groups = ["aws_security_group.g[0]", "aws_security_group.g[1]"];
    let create = |plan: Plan, address: &&str| {
        plan.create(address, json!({ "ingress": [], "egress": [] }), json!({ "id": true }))
    };
    let plan = groups.iter().fold(Plan::new(), create);
    let holder = |plan: Plan, references: &[&str]| {
        let plan = plan.create("aws_lb.b", json!({}), json!({ "security_groups": true, "arn": true }));
        let graph = plan.configure("aws_lb.b", json!({ "security_groups": mentions(references) })).graph();
        ends(&graph, "aws_lb.b", "security_groups")
    };
    assert_eq!(holder(plan.clone(), &["aws_security_group.g"]), "aws_security_group.g[0]! aws_security_group.g[1]!");
    // A flag may choose between them.
    assert_eq!(
        holder(plan.clone(), &["aws_security_group.g", "var.flag"]),
        "aws_security_group.g[0]? aws_security_group.g[1]?"
    );
    // One reference needs one of them: which one cannot be told.
    let splat = with_references(balancers(&["aws_lb.this[0]", "aws_lb.this[1]"]), &["aws_lb.this"]);
    assert_eq!(splat, "aws_lb.this[0]? aws_lb.this[1]?");
    assert_eq!(
        holder(plan, &["local.groups"]),
        "aws_security_group.g[0]? aws_security_group.g[1]? (goes through local.groups, which a plan does not contain: aws_lb.b.security_groups)"
    );
}

/// A module with load balancers for keys `a` and `b`, whose output gives them with these references.
fn module(output: &[&str]) -> (Plan, Value) {
    let plan = balancers(&["module.m.aws_lb.this[\"a\"]", "module.m.aws_lb.this[\"b\"]"]);
    let call = json!({ "module": {
        "outputs": { "balancers": { "expression": mentions(output) } },
        "resources": [configured("aws_lb.this", json!({}), json!({}))],
    } });
    (plan, call)
}

#[test]
fn module_outputs() {
    let (plan, call) = module(&["aws_lb.this"]);
    let keyed = ["module.m.balancers[\"b\"].arn", "module.m.balancers[\"b\"]", "module.m.balancers", "module.m"];
    assert_eq!(with_references(plan.clone().call("m", call.clone()), &keyed), "module.m.aws_lb.this[\"b\"]!");
    let whole = ["module.m.balancers", "module.m"];
    let both = "module.m.aws_lb.this[\"a\"]? module.m.aws_lb.this[\"b\"]?";
    assert_eq!(with_references(plan.clone().call("m", call.clone()), &whole), both);
    // Only the module's name is left: anything in it.
    assert_eq!(with_references(plan.call("m", call), &["module.m"]), both);
    let (plan, call) = module(&["aws_lb.this[\"a\"].arn", "aws_lb.this[\"a\"]", "aws_lb.this"]);
    assert_eq!(with_references(plan.call("m", call), &whole), "module.m.aws_lb.this[\"a\"]!");
}

/// A module in which the plan has nothing hands on what it is given.
#[test]
fn a_module_without_resources() {
    let plan = || balancers(&["aws_lb.this[\"a\"]", "aws_lb.this[\"b\"]"]);
    let call = |given: &[&str], more: Value| {
        let mut call = json!({
            "expressions": { "arn": mentions(given) },
            "module": { "variables": { "arn": {} }, "outputs": { "arn": { "expression": mentions(&["var.arn"]) } } },
        });
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        call
    };
    let named = ["aws_lb.this[\"a\"].arn", "aws_lb.this[\"a\"]", "aws_lb.this"];
    let single = plan().call("m", call(&named, json!({})));
    assert_eq!(with_references(single, &["module.m.arn", "module.m"]), "aws_lb.this[\"a\"]!");
    // Nothing tells its keys, so any of them may be meant.
    let each = json!({ "for_each_expression": { "constant_value": ["a", "b"] } });
    let keyed = plan().call("m", call(&["aws_lb.this", "each.key"], each));
    let asked = ["module.m[\"b\"].arn", "module.m[\"b\"]", "module.m"];
    assert_eq!(with_references(keyed, &asked), "aws_lb.this[\"a\"]? aws_lb.this[\"b\"]?");
}

#[test]
fn a_variable_through_two_modules() {
    let plan = balancers(&["aws_lb.this", "aws_lb.other"]);
    let inner = json!({
        "expressions": { "arn": mentions(&["var.outer_arn"]) },
        "module": { "variables": { "arn": {} }, "resources": [configured(LISTENER, json!({ ARN: mentions(&["var.arn"]) }), json!({}))] },
    });
    let outer = json!({
        "expressions": { "outer_arn": mentions(&["aws_lb.this.arn", "aws_lb.this"]) },
        "module": { "variables": { "outer_arn": {} }, "module_calls": { "inner": inner } },
    });
    let deep = "module.outer.module.inner.aws_lb_listener.l";
    let graph = listener(plan, deep).call("outer", outer).graph();
    assert_eq!(ends(&graph, deep, ARN), "aws_lb.this!");
}

#[test]
fn a_variable_of_a_module_with_keys() {
    let plan = balancers(&["aws_lb.this[\"a\"]", "aws_lb.this[\"b\"]"]);
    let call = json!({
        "expressions": { "arn": mentions(&["aws_lb.this", "each.key"]) },
        "for_each_expression": { "constant_value": ["a", "b"] },
        "module": { "variables": { "arn": {} }, "resources": [configured(LISTENER, json!({ ARN: mentions(&["var.arn"]) }), json!({}))] },
    });
    let inside = "module.m[\"b\"].aws_lb_listener.l";
    let graph = listener(plan, inside).call("m", call).graph();
    assert_eq!(ends(&graph, inside, ARN), "aws_lb.this[\"b\"]!");
}

#[test]
fn locals_are_a_dead_end() {
    let why = "(goes through local.arn, which a plan does not contain: aws_lb_listener.l.load_balancer_arn)";
    let several = with_references(balancers(&["aws_lb.a", "aws_lb.b"]), &["local.arn"]);
    assert_eq!(several, format!("aws_lb.a? aws_lb.b? {why}"));
    // It is unknown, so it comes from something unknown, and there is only one such thing.
    assert_eq!(with_references(balancers(&["aws_lb.a"]), &["local.arn"]), "aws_lb.a!");
    let known = Plan::new().change("aws_lb.k", &["no-op"], json!({ "arn": "arn:k", "id": "arn:k" }), json!({}));
    assert_eq!(with_references(balancer(known.clone(), "aws_lb.a"), &["local.arn"]), "aws_lb.a!");
    assert_eq!(with_references(known, &["local.arn"]), why);
    // A resource that carries any value may carry one that no plan shows.
    let carrier = balancers(&["aws_lb.a"]).create("terraform_data.d", json!({}), json!({ "output": true, "id": true }));
    assert_eq!(with_references(carrier, &["local.arn"]), format!("aws_lb.a? {why}"));
}

#[test]
fn dynamic_blocks() {
    let service = "aws_ecs_service.s";
    let group =
        |plan: Plan, address: &str| plan.create(address, json!({ "port": 80 }), json!({ "arn": true, "id": true }));
    let shown = |plan: Plan, written: Value| {
        let plan = plan.create(
            service,
            json!({ "load_balancer": [{ "container_port": 80 }] }),
            json!({ "load_balancer": [{ "target_group_arn": true }] }),
        );
        ends(&plan.configure(service, written).graph(), service, "load_balancer[0].target_group_arn")
    };
    let two = group(group(Plan::new(), "aws_lb_target_group.a"), "aws_lb_target_group.b");
    let why = "(written in a dynamic block, which a plan does not contain: aws_ecs_service.s.load_balancer[0].target_group_arn)";
    // A dynamic block alone leaves nothing.
    assert_eq!(shown(two, json!({})), format!("aws_lb_target_group.a? aws_lb_target_group.b? {why}"));
    assert_eq!(shown(group(Plan::new(), "aws_lb_target_group.a"), json!({})), "aws_lb_target_group.a!");
}

#[test]
fn a_dynamic_block_beside_a_written_one() {
    let service = "aws_ecs_service.s";
    let group =
        |plan: Plan, address: &str| plan.create(address, json!({ "port": 80 }), json!({ "arn": true, "id": true }));
    let plan = group(group(Plan::new(), "aws_lb_target_group.a"), "aws_lb_target_group.b").create(
        service,
        json!({ "load_balancer": [{ "container_port": 80 }, { "container_port": 81 }] }),
        json!({ "load_balancer": [{ "target_group_arn": true }, { "target_group_arn": true }] }),
    );
    let written = json!({ "load_balancer": [{ "container_port": { "constant_value": 80 }, "target_group_arn": mentions(&["aws_lb_target_group.a.arn", "aws_lb_target_group.a"]) }] });
    let graph = plan.configure(service, written).graph();
    let second = ends(&graph, service, "load_balancer[1].target_group_arn");
    assert!(second.contains("aws_lb_target_group.b?") && second.contains("dynamic block"), "{second}");
    assert!(!second.contains('!'), "{second}");
}

#[test]
fn functions_of_constants() {
    let plan = Plan::new().create(LISTENER, json!({ "port": 80, ARN: "arn:outside" }), json!({ "arn": true }));
    let graph = plan.configure(LISTENER, json!({ ARN: {} })).graph();
    assert_eq!(ends(&graph, LISTENER, ARN), "outside arn:outside!");
    // Unknown, and nothing but constants behind it: it was null, and is computed.
    let graph = listener(balancers(&["aws_lb.a"]), LISTENER).configure(LISTENER, json!({ ARN: {} })).graph();
    assert_eq!(ends(&graph, LISTENER, ARN), "none");
}

#[test]
fn known_ids() {
    let known = json!({ "arn": "arn:a", "id": "arn:a" });
    let plan = Plan::new().change("aws_lb.a", &["no-op"], known, json!({})).create(
        LISTENER,
        json!({ ARN: "arn:a" }),
        json!({}),
    );
    assert_eq!(ends(&plan.graph(), LISTENER, ARN), "aws_lb.a!");
    // Known, sensitive, and of nothing in the plan: the id must not become a name.
    let hidden = json!({ "after_sensitive": { ARN: true } });
    let plan = Plan::new().change(LISTENER, &["create"], json!({ ARN: "arn:secret" }), hidden);
    let said = ends(&plan.graph(), LISTENER, ARN);
    assert_eq!(said, "(it is sensitive, and no resource of the plan has it: aws_lb_listener.l.load_balancer_arn)");
}

#[test]
fn without_a_configuration_nothing_can_be_followed() {
    let graph = listener(balancers(&["aws_lb.a"]), LISTENER).graph();
    assert_eq!(
        ends(&graph, LISTENER, ARN),
        "(the plan does not say where it comes from: aws_lb_listener.l.load_balancer_arn)"
    );
}

#[test]
fn blocks_written_as_attributes_share_their_references() {
    let group = |plan: Plan, address: &str| plan.create(address, json!({}), json!({ "id": true }));
    let plan = group(group(Plan::new(), "aws_security_group.a"), "aws_security_group.b").create(
        "aws_security_group.own",
        json!({ "ingress": [{ "from_port": 80 }, { "from_port": 81 }] }),
        json!({ "id": true, "ingress": [{ "security_groups": true }, { "security_groups": true }] }),
    );
    let both = mentions(&[
        "aws_security_group.a.id",
        "aws_security_group.a",
        "aws_security_group.b.id",
        "aws_security_group.b",
    ]);
    let graph = plan.configure("aws_security_group.own", json!({ "ingress": both })).graph();
    for at in 0..2 {
        let said = ends(&graph, "aws_security_group.own", &format!("ingress[{at}].security_groups"));
        assert_eq!(said, "aws_security_group.a? aws_security_group.b?");
    }
}

/// The real example of a re-ordered set: source order weight 10 (unknown), weight 0 (known).
#[test]
fn sets_are_paired_by_what_is_known() {
    let tuple = |weight: i64, group: &str| json!({ "weight": { "constant_value": weight }, "arn": mentions(&[&format!("{group}.arn"), group]) });
    let expressions = json!({ "default_action": [{ "forward": [{ "target_group": [tuple(10, "aws_lb_target_group.new"), tuple(0, "aws_lb_target_group.old")] }] }] });
    let groups = Plan::new()
        .create("aws_lb_target_group.new", json!({ "port": 80 }), json!({ "arn": true, "id": true }))
        .change("aws_lb_target_group.old", &["no-op"], json!({ "arn": "arn:old", "port": 80 }), json!({}));
    let action = |tuples: Value| json!({ "default_action": [{ "forward": [{ "target_group": tuples }] }] });
    let plan = groups.clone().create(
        LISTENER,
        action(json!([{ "arn": "arn:old", "weight": 0 }, { "weight": 10 }])),
        action(json!([{}, { "arn": true }])),
    );
    let graph = plan.configure(LISTENER, expressions.clone()).graph();
    let at = |at: usize| format!("default_action[0].forward[0].target_group[{at}].arn");
    assert_eq!(ends(&graph, LISTENER, &at(0)), "aws_lb_target_group.old!");
    assert_eq!(ends(&graph, LISTENER, &at(1)), "aws_lb_target_group.new!");
    // Both unknown, told apart by weight whatever their order.
    let plan = Plan::new()
        .create("aws_lb_target_group.new", json!({ "port": 80 }), json!({ "arn": true, "id": true }))
        .create("aws_lb_target_group.old", json!({ "port": 80 }), json!({ "arn": true, "id": true }))
        .create(
            LISTENER,
            action(json!([{ "weight": 0 }, { "weight": 10 }])),
            action(json!([{ "arn": true }, { "arn": true }])),
        );
    let graph = plan.configure(LISTENER, expressions).graph();
    assert_eq!(ends(&graph, LISTENER, &at(0)), "aws_lb_target_group.old!");
    assert_eq!(ends(&graph, LISTENER, &at(1)), "aws_lb_target_group.new!");
}

#[test]
fn a_set_whose_blocks_look_alike_is_not_placed() {
    let block = |group: &str| json!({ "container_port": { "constant_value": 80 }, "target_group_arn": mentions(&[&format!("{group}.arn"), group]) });
    let service = "aws_ecs_service.s";
    let plan = Plan::new()
        .create("aws_lb_target_group.a", json!({ "port": 80 }), json!({ "arn": true, "id": true }))
        .create("aws_lb_target_group.b", json!({ "port": 80 }), json!({ "arn": true, "id": true }))
        .create(
            service,
            json!({ "load_balancer": [{ "container_port": 80 }, { "container_port": 80 }] }),
            json!({ "load_balancer": [{ "target_group_arn": true }, { "target_group_arn": true }] }),
        );
    let written = json!({ "load_balancer": [block("aws_lb_target_group.a"), block("aws_lb_target_group.b")] });
    let graph = plan.configure(service, written).graph();
    let said: Vec<String> =
        (0..2).map(|at| ends(&graph, service, &format!("load_balancer[{at}].target_group_arn"))).collect();
    assert_eq!(said, ["aws_lb_target_group.a! (unplaced)", "aws_lb_target_group.b! (unplaced)"]);
}
