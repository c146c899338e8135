//! Settles what a network ACL's `ingress`, `egress` and `subnet_ids` really say. As with security groups, a plan mixes
//! there what the configuration writes and what a refresh listed of resources of their own.

use rustc_hash::FxHashMap;

use super::expressions::Written;
use super::inventory::{Former, Inventory};
use crate::graph::{Action, Data, DefaultOf, Mode, Value};

/// Settles every network ACL in the inventory:
/// - on create, rules that nobody wrote are none (the provider takes away what AWS would put there);
/// - listed rules that belong to an `aws_network_acl_rule` of this plan, and subnets that belong to an
///   `aws_network_acl_association`, are taken out: these speak for themselves, and a deleted one does not live on.
pub(super) fn settle<'a>(inventory: &mut Inventory<'a>, written: &Written<'a>) {
    let mut by_acl: FxHashMap<&str, Vec<&Former<'_>>> = FxHashMap::default();
    for former in inventory.former_rules.iter().filter(|former| former.type_name.starts_with("aws_network_acl_")) {
        if let Some(acl) = former.before.get("network_acl_id").and_then(Value::as_str) {
            by_acl.entry(acl).or_default().push(former);
        }
    }
    for instance in &mut inventory.instances {
        let is_acl = matches!(instance.type_name, "aws_network_acl" | "aws_default_network_acl");
        if instance.mode != Mode::Managed || !is_acl {
            continue;
        }
        let Some(expressions) = written.expressions(instance) else { continue };
        let formers = instance.value.get("id").and_then(Value::as_str).and_then(|id| by_acl.get(id));
        let formers: &[&Former<'_>] = formers.map_or(&[], Vec::as_slice);
        let fresh = matches!(instance.action, Action::Create | Action::Replace { .. });
        let Data::Map(map) = &mut instance.value.data else { continue };
        for list in ["ingress", "egress", "subnet_ids"] {
            if expressions.get(list).is_some() {
                continue;
            }
            match map.get_mut(list) {
                Some(Value { data: Data::List(listed), .. }) => {
                    listed.retain(|one| !formers.iter().any(|former| lists(one, former, list)));
                }
                Some(value) if value.as_unknown().is_some() && fresh && list != "subnet_ids" => {
                    *value = Value::from(Vec::new()).defaulted(DefaultOf::Provider);
                }
                _ => {}
            }
        }
    }
}

/// Whether what a list holds is there because of a resource of its own.
fn lists(one: &Value, former: &Former<'_>, list: &str) -> bool {
    let before = &former.before;
    match (former.type_name, list) {
        ("aws_network_acl_association", "subnet_ids") => {
            one.as_str().is_some() && one.as_str() == before.get("subnet_id").and_then(Value::as_str)
        }
        ("aws_network_acl_rule", "ingress" | "egress") => {
            let egress = before.get("egress").and_then(Value::as_bool).unwrap_or_default();
            let number = before.get("rule_number").and_then(Value::as_int);
            egress == (list == "egress") && number.is_some() && one.get("rule_no").and_then(Value::as_int) == number
        }
        _ => false,
    }
}
