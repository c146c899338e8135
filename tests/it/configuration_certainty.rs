//! What stays certain through the ways modules have of naming things that may not be there.

#![allow(clippy::unwrap_used)]

use plangate::graph::{Certainty, Graph, Target};
use plangate::load::{Inputs, load};
use plangate::relate::registration::{Presence, Registrations};

use crate::program::Folder;

fn graph(text: &str) -> Graph {
    let folder = Folder::new();
    folder.file("main.tf", text);
    load(&folder.path("."), &Inputs::default(), &[]).unwrap().0.graph
}

/// Where the links of an attachment's `target_group_arn` end, and whether that is certain.
fn group_of(argument: &str) -> (Vec<String>, bool) {
    let text = format!(
        "variable \"none\" {{\n  default = null\n}}\nvariable \"unknown\" {{}}\n\
         data \"aws_lb_target_group\" \"d\" {{}}\n\
         locals {{\n  list = [{{ group = aws_lb_target_group.b[0].arn }}]\n}}\n\
         resource \"aws_lb_target_group\" \"a\" {{\n  count = 0\n}}\n\
         resource \"aws_lb_target_group\" \"b\" {{\n  count = 1\n}}\n\
         resource \"aws_lb_target_group\" \"c\" {{\n  count = var.unknown\n}}\n\
         resource \"aws_lb_target_group_attachment\" \"t\" {{\n  target_group_arn = {argument}\n  target_id = \"i-1\"\n}}\n"
    );
    let graph = graph(&text);
    let id = graph.find("aws_lb_target_group_attachment.t").unwrap();
    let mut ends = Vec::new();
    let mut certain = true;
    for link in graph.links(id).iter().filter(|link| link.path.starts_with("target_group_arn")) {
        certain &= link.rest.is_none() && link.ends.iter().all(|end| end.certainty == Certainty::Certain);
        ends.extend(link.ends.iter().map(|end| match &end.to {
            Target::Resource(id) => graph.resource(*id).address.to_string(),
            Target::Outside(text) => text.to_string(),
        }));
    }
    (ends, certain)
}

#[test]
fn what_can_only_be_one_thing_is_that_thing() {
    let group = (vec!["aws_lb_target_group.b[0]".to_owned()], true);
    for argument in [
        "try(aws_lb_target_group.a[0].arn, aws_lb_target_group.b[0].arn, \"\")",
        "try(aws_lb_target_group.b[0].arn, null)",
        "try(local.list[0].group, local.list[1].group)",
        "try(local.list[*].group, [])[0]",
        "try(local.list.*.group, [])[0]",
        "try([aws_lb_target_group.b[0].arn], [])[0]",
        "can(aws_lb_target_group.b[0].arn) ? aws_lb_target_group.b[0].arn : \"other\"",
        "join(\"\", aws_lb_target_group.b[*].arn)",
        "join(\"-\", aws_lb_target_group.a[*].arn, aws_lb_target_group.b[*].arn)",
        "coalesce(var.none, \"\", aws_lb_target_group.b[0].arn)",
        "coalesce(aws_lb_target_group.b[0].arn, \"other\")",
        "one(aws_lb_target_group.b[*].arn)",
        "compact(concat(aws_lb_target_group.a[*].arn, aws_lb_target_group.b[*].arn, [\"\"]))[0]",
        "lookup(local.list[0], \"group\", null)",
        "one(aws_lb_target_group.b[*][\"load_balancer_arns\"])",
        "try(aws_lb_target_group.b[*].load_balancer_arns, [\"other\"])[0]",
    ] {
        assert_eq!(group_of(argument), group, "{argument}");
    }
}

#[test]
fn what_may_fail_later_is_not_certain() {
    for argument in [
        // Whether there is an instance is not known.
        "try(aws_lb_target_group.c[0].arn, aws_lb_target_group.b[0].arn)",
        "can(aws_lb_target_group.c[0].arn) ? aws_lb_target_group.b[0].arn : \"other\"",
        // The list may be shorter.
        "try(data.aws_lb_target_group.d.list[4], aws_lb_target_group.b[0].arn)",
        "try(local.list[var.unknown].group, aws_lb_target_group.b[0].arn)",
        "try(jsondecode(aws_lb_target_group.b[0].arn), \"\")",
        // The name may be empty.
        "coalesce(aws_lb_target_group.b[0].name, \"other\")",
        "join(\"-\", [\"x\", aws_lb_target_group.b[0].arn])",
    ] {
        assert!(!group_of(argument).1, "{argument}");
    }
}

#[test]
fn a_slice_of_an_unknown_list_has_its_length() {
    let graph = graph(
        "data \"aws_availability_zones\" \"all\" {}\n\
         locals {\n  zones = slice(data.aws_availability_zones.all.names, 0, 3)\n\
           private = [for i, zone in local.zones : cidrsubnet(\"10.0.0.0/16\", 8, i)]\n}\n\
         resource \"aws_subnet\" \"private\" {\n  count = length(local.private)\n  vpc_id = \"vpc-1\"\n\
           cidr_block = local.private[count.index]\n  availability_zone = element(local.zones, count.index)\n}\n",
    );
    assert!(graph.partial().is_none());
    let blocks: Vec<Option<&str>> = (0..3)
        .map(|at| {
            graph.resource(graph.find(&format!("aws_subnet.private[{at}]")).unwrap()).raw.get("cidr_block").unwrap()
        })
        .map(|block| block.as_str())
        .collect();
    assert_eq!(blocks, [Some("10.0.0.0/24"), Some("10.0.1.0/24"), Some("10.0.2.0/24")]);
    assert!(graph.find("aws_subnet.private[3]").is_none());
}

/// `terraform plan` of the same: unknown where AWS fills it in, else null.
#[test]
fn an_empty_set_is_not_written() {
    let graph = graph(
        "resource \"aws_launch_template\" \"t\" {\n  vpc_security_group_ids = []\n}\n\
         resource \"aws_ecs_service\" \"s\" {\n  network_configuration {\n    subnets = [\"subnet-1\"]\n\
         \n    security_groups = []\n  }\n}\n\
         resource \"aws_security_group_rule\" \"r\" {\n  cidr_blocks = []\n}\n\
         resource \"aws_cloudwatch_metric_alarm\" \"a\" {\n  alarm_name = \"a\"\n}\n",
    );
    let resource = |address: &str| graph.resource(graph.find(address).unwrap());
    assert!(resource("aws_launch_template.t").get("vpc_security_group_ids").known().is_none());
    let network = resource("aws_ecs_service.s").raw.get("network_configuration").unwrap().as_list().unwrap()[0].clone();
    assert!(network.get("security_groups").is_none() && network.get("subnets").is_some());
    assert_eq!(
        resource("aws_security_group_rule.r").raw.get("cidr_blocks").unwrap().as_list().map(<[_]>::len),
        Some(0)
    );
    assert_eq!(
        resource("aws_cloudwatch_metric_alarm.a")
            .get("queries")
            .known()
            .and_then(|list| list.as_list())
            .map(<[_]>::len),
        Some(0)
    );
}

/// Of what it is not known how many there are, absence proves nothing; of other kinds it does.
#[test]
fn an_unknown_number_hides_its_own_kind_only() {
    let hidden = |block: &str| {
        let text = format!(
            "variable \"unknown\" {{}}\nresource \"aws_lb_target_group\" \"g\" {{}}\n\
             resource \"{block}\" \"u\" {{\n  count = var.unknown\n}}\n"
        );
        let graph = graph(&text);
        let group = graph.find("aws_lb_target_group.g").unwrap();
        let presence = Registrations::new(&graph).presence(&graph, group);
        (graph.partial().is_some(), matches!(presence, Presence::Unknown(_)))
    };
    assert_eq!(hidden("aws_lb_target_group_attachment"), (true, true));
    assert_eq!(hidden("aws_ecs_service"), (true, true));
    assert_eq!(hidden("aws_subnet"), (true, false));
    assert_eq!(hidden("aws_security_group_rule"), (true, false));
    assert_eq!(hidden("aws_s3_bucket"), (false, false));
}
