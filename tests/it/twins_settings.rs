//! Settings of Elastic Beanstalk: entries of a list that are named by two fields.

use plangate::graph::{DefaultOf, Value};
use serde_json::{Value as Json, json};

use crate::twins::one;

/// Settings of Elastic Beanstalk, with these names for namespace, name and value.
pub(crate) fn settings([namespace, name, value]: [&str; 3]) -> Json {
    let all = [
        ("aws:elasticbeanstalk:environment", "EnvironmentType", "LoadBalanced"),
        ("aws:elasticbeanstalk:environment", "LoadBalancerType", "application"),
        ("aws:elasticbeanstalk:environment", "LoadBalancerIsShared", "false"),
        ("aws:elbv2:loadbalancer", "IdleTimeout", "90"),
        ("aws:elasticbeanstalk:environment:proxy", "ProxyServer", "apache"),
        ("aws:elasticbeanstalk:application:environment", "NAME", "value"),
        ("aws:elasticbeanstalk:environment:process:default", "Port", "8080"),
        ("aws:elasticbeanstalk:environment:process:default", "Protocol", "HTTPS"),
        ("aws:elasticbeanstalk:environment:process:default", "DeregistrationDelay", "30"),
        ("aws:elasticbeanstalk:environment:process:default", "HealthCheckPath", "/ping"),
        ("aws:elasticbeanstalk:environment:process:default", "MatcherHTTPCode", "204"),
        ("aws:elasticbeanstalk:environment:process:default", "HealthCheckInterval", "10"),
        ("aws:elasticbeanstalk:environment:process:default", "HealthCheckTimeout", "4"),
        ("aws:elasticbeanstalk:environment:process:default", "HealthyThresholdCount", "4"),
        ("aws:elasticbeanstalk:environment:process:default", "UnhealthyThresholdCount", "2"),
    ];
    all.map(|(one, two, three)| json!({ namespace: one, name: two, value: three })).into_iter().collect()
}

fn idle_timeout(list: Json) -> Value {
    one("aws_elastic_beanstalk_environment", json!({ "setting": list }), "idle_timeout")
}

#[test]
fn an_entry_named_by_two_fields() {
    let setting =
        |namespace: Json, name: Json, value: Json| json!({ "namespace": namespace, "name": name, "value": value });
    let entry = |value: Json| setting(json!("aws:elbv2:loadbalancer"), json!("IdleTimeout"), value);
    let other = setting(json!("aws:elb:loadbalancer"), json!("IdleTimeout"), json!("7"));
    assert_eq!(idle_timeout(json!([other, entry(json!("75"))])).as_int(), Some(75));
    let absent = idle_timeout(json!([other]));
    assert_eq!((absent.as_int(), absent.marks.default), (Some(60), Some(DefaultOf::Aws)));
    // A name that is not known is no other option's when the namespace is another one.
    let open = setting(json!("aws:elb:loadbalancer"), json!({ "?": "n" }), json!("7"));
    assert_eq!(idle_timeout(json!([open, entry(json!("75"))])).as_int(), Some(75));
    for (unknown, why) in [
        (json!([setting(json!({ "?": "n" }), json!("IdleTimeout"), json!("7"))]), "n is not part of the input"),
        (json!([entry(json!({ "?": "v" }))]), "v is not part of the input"),
        (json!([entry(json!("75")), entry(json!("76"))]), "two entries set aws:elbv2:loadbalancer/IdleTimeout"),
    ] {
        let value = idle_timeout(unknown.clone());
        let said = value.as_unknown().unwrap_or_else(|| panic!("{unknown} gives {value}")).to_string();
        assert!(said.contains(why), "{unknown}: {said}");
        assert!(said.ends_with("It.setting[aws:elbv2:loadbalancer/IdleTimeout]"), "{said}");
    }
}
