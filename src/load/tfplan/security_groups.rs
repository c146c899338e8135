//! Settles what a security group's `ingress` and `egress` really say. A plan mixes three things there: what the
//! configuration writes inline, what the provider does when nothing is written, and what a refresh listed of rules
//! that belong to rule resources.

use super::expressions::Written;
use super::inventory::{Former, Inventory};
use crate::graph::{Action, Data, DefaultOf, List, Mode, Reason, Text, Unknown, Value};

/// Rule resources of a group times rules it lists, at most. AWS allows a group 1000 rules.
const MOST_COMPARED: usize = 4_000_000;

/// Settles every security group in the inventory:
/// - on create, rules that nobody wrote are none (the provider removes AWS's allow-all egress);
/// - listed rules that belong to a rule resource of this plan are taken out, so that they are not counted twice and a
///   deleted one does not live on;
/// - `inline_written` says whether the group's own block writes rules.
pub(super) fn settle<'a>(inventory: &mut Inventory<'a>, texts: &Written<'a>) {
    let formers = std::mem::take(&mut inventory.former_rules);
    let mut by_group: rustc_hash::FxHashMap<&str, Vec<&Former<'_>>> = rustc_hash::FxHashMap::default();
    for former in &formers {
        if let Some(group) = former.before.get("security_group_id").and_then(Value::as_str) {
            by_group.entry(group).or_default().push(former);
        }
    }
    for instance in &mut inventory.instances {
        let is_default = instance.type_name == "aws_default_security_group";
        if instance.mode != Mode::Managed || !(is_default || instance.type_name == "aws_security_group") {
            continue;
        }
        let expressions = texts.expressions(instance);
        let fresh = matches!(instance.action, Action::Create | Action::Replace { .. });
        let id = instance.value.get("id").and_then(Value::as_str).map(Text::from);
        let mut written = Some(false);
        for direction in ["ingress", "egress"] {
            let expression = expressions.as_ref().and_then(|all| all.get(direction));
            let in_configuration = expressions.is_some() && expression.is_some();
            let Data::Map(map) = &mut instance.value.data else { continue };
            let Some(rules) = map.get_mut(direction) else { continue };
            if expressions.is_some() && !in_configuration && rules.as_unknown().is_some() {
                *rules = Value::from(Vec::new()).defaulted(DefaultOf::Provider);
                continue;
            }
            if let (Data::List(listed), Some(id), false) = (&mut rules.data, &id, in_configuration) {
                let owned = by_group.get(id.as_str()).map_or(&[][..], Vec::as_slice);
                if owned.len().saturating_mul(listed.len()) > MOST_COMPARED {
                    let why = Reason::Undecidable("it lists far more rules than AWS allows".into());
                    *rules = Value::unknown(Unknown::because(why));
                    continue;
                }
                owned.iter().for_each(|former| take_out(listed, former, direction, id));
            }
            let open = rules.as_unknown().is_some();
            let any = rules.as_list().is_none_or(|rules| !rules.is_empty());
            // Dynamic blocks leave no trace in the configuration: on create the values give them away.
            written = match (written, in_configuration, any) {
                (Some(false), true, true) if open => None,
                (written, true, true) if open => written,
                (_, true, true) => Some(true),
                (_, false, true) if fresh => Some(true),
                (Some(false), false, true) => None,
                (written, _, _) => written,
            };
        }
        if let (Data::Map(map), Some(written)) = (&mut instance.value.data, written) {
            map.insert("inline_written".into(), written.into());
        }
    }
}

/// Takes the peers of a rule resource out of the listed rules, and rules without peers out of the list.
fn take_out(listed: &mut List, former: &Former<'_>, direction: &str, group: &str) {
    let before = &former.before;
    let classic = former.type_name == "aws_security_group_rule";
    let own_direction = match former.type_name {
        "aws_vpc_security_group_ingress_rule" => Some("ingress"),
        "aws_vpc_security_group_egress_rule" => Some("egress"),
        _ => before.get("type").and_then(Value::as_str),
    };
    if own_direction != Some(direction) {
        return;
    }
    let protocol = protocol_of(before, if classic { "protocol" } else { "ip_protocol" });
    let port = |value: &Value, key: &str| value.get(key).and_then(Value::as_int);
    for rule in listed.iter_mut() {
        let all_ports = protocol.as_deref() == Some("-1");
        let same_ports = ["from_port", "to_port"].iter().all(|key| port(rule, key) == port(before, key));
        if protocol_of(rule, "protocol") != protocol || !(all_ports || same_ports) {
            continue;
        }
        let (lists, group_key) = if classic {
            let lists = [
                ("cidr_blocks", "cidr_blocks"),
                ("ipv6_cidr_blocks", "ipv6_cidr_blocks"),
                ("prefix_list_ids", "prefix_list_ids"),
            ];
            (lists, "source_security_group_id")
        } else {
            let lists = [
                ("cidr_ipv4", "cidr_blocks"),
                ("cidr_ipv6", "ipv6_cidr_blocks"),
                ("prefix_list_id", "prefix_list_ids"),
            ];
            (lists, "referenced_security_group_id")
        };
        for (theirs, ours) in lists {
            for peer in texts(before.get(theirs)) {
                remove(rule, ours, &peer);
            }
        }
        for peer in texts(before.get(group_key)) {
            // A rule that names its own group is listed as `self`.
            if peer.as_str() == group {
                clear_self(rule);
            }
            remove(rule, "security_groups", &peer);
        }
        if before.get("self").and_then(Value::as_bool) == Some(true) {
            clear_self(rule);
        }
    }
    listed.retain(has_peer);
}

fn protocol_of(rule: &Value, key: &str) -> Option<String> {
    let protocol = rule.get(key)?.as_str()?.to_ascii_lowercase();
    Some(match protocol.as_str() {
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "1" => "icmp".to_owned(),
        "all" => "-1".to_owned(),
        _ => protocol,
    })
}

fn texts(value: Option<&Value>) -> Vec<Text> {
    match value.map(|value| &value.data) {
        Some(Data::String(text)) => vec![Text::clone(text)],
        Some(Data::List(items)) => items.iter().filter_map(Value::as_str).map(Text::from).collect(),
        _ => Vec::new(),
    }
}

fn remove(rule: &mut Value, list: &str, peer: &str) {
    if let Data::Map(map) = &mut rule.data
        && let Some(Value { data: Data::List(items), .. }) = map.get_mut(list)
    {
        items.retain(|item| item.as_str() != Some(peer));
    }
}

fn clear_self(rule: &mut Value) {
    if let Data::Map(map) = &mut rule.data
        && let Some(own) = map.get_mut("self")
    {
        *own = false.into();
    }
}

fn has_peer(rule: &Value) -> bool {
    let lists = ["cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups"];
    let listed = |key: &&str| match rule.get(key).map(|value| &value.data) {
        Some(Data::List(items)) => !items.is_empty(),
        Some(Data::Unknown(_)) => true,
        _ => false,
    };
    rule.as_unknown().is_some() || rule.get("self").and_then(Value::as_bool) == Some(true) || lists.iter().any(listed)
}
