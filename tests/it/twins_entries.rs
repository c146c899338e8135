//! Attributes that are entries of a list of Key and Value in CloudFormation.

use plangate::graph::{DefaultOf, Value};
use serde_json::{Value as Json, json};

use crate::twins::one;

fn idle_timeout(list: Json) -> Value {
    one("AWS::ElasticLoadBalancingV2::LoadBalancer", json!({ "LoadBalancerAttributes": list }), "idle_timeout")
}

#[test]
fn an_entry_of_a_key_value_list() {
    let entry = |value: Json| json!({ "Key": "idle_timeout.timeout_seconds", "Value": value });
    let other = json!({ "Key": "routing.http2.enabled", "Value": "true" });
    assert_eq!(idle_timeout(json!([other, entry(json!("75"))])), 75.into());
    for absent in [json!(null), json!([]), json!([other])] {
        let value = idle_timeout(absent);
        assert_eq!((value.as_int(), value.marks.default), (Some(60), Some(DefaultOf::Aws)));
    }
    for (unknown, why) in [
        (json!({ "?": "p" }), "p is not part of the input"),
        (json!([other, { "?": "p" }]), "p is not part of the input"),
        (json!([{ "Key": { "?": "k" }, "Value": "75" }, entry(json!("75"))]), "k is not part of the input"),
        (json!([entry(json!({ "?": "v" }))]), "v is not part of the input"),
        (json!([entry(json!("75")), entry(json!("75"))]), "two entries set idle_timeout.timeout_seconds"),
        (json!([{ "Value": "75" }]), "no Key"),
        (json!([{ "Key": "idle_timeout.timeout_seconds" }]), "no Value"),
    ] {
        let value = idle_timeout(unknown.clone());
        let said = value.as_unknown().unwrap_or_else(|| panic!("{unknown} gives {value}")).to_string();
        assert!(said.contains(why), "{unknown}: {said}");
        assert!(said.ends_with("It.LoadBalancerAttributes[idle_timeout.timeout_seconds]"), "{said}");
    }
}
