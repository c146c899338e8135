//! Configuration in JSON: values are replaced and put in, and rules added, as its neighbours are written.

use plangate::load::Inputs;

use crate::fix_texts::after;

/// A file of configuration in JSON, fixed.
fn json(text: &str, ids: &[&str]) -> String {
    let (texts, left) = after(&[("main.tf.json", text)], ".", &Inputs::default(), ids);
    assert!(left.is_empty(), "{left:?}");
    texts["main.tf.json"].clone()
}

const PROTECT: &[&str] = &["deletion-protection-on"];
const TIMEOUT: &[&str] = &["health-check-timeout-below-interval"];

#[test]
fn an_attribute_is_put_in() {
    let text = "{\"resource\": {\"aws_lb\": {\"web\": {\"idle_timeout\": 9000}}}}\n";
    let wanted = text.replacen("9000", "4000, \"enable_deletion_protection\": true", 1);
    assert_eq!(json(text, &["idle-timeout-in-range", PROTECT[0]]), wanted);
    let dense = "{\"resource\":{\"aws_lb\":{\"web\":{\"internal\":true}}}}";
    assert_eq!(json(dense, PROTECT), dense.replacen("true", "true,\"enable_deletion_protection\":true", 1));
    let empty = "{\"resource\": {\"aws_lb\": {\"web\": {}}}}\n";
    assert_eq!(json(empty, PROTECT), empty.replacen("{}", "{\"enable_deletion_protection\": true}", 1));
    let tabs = "{\r\n\t\"resource\": {\r\n\t\t\"aws_lb\": {\r\n\t\t\t\"web\": [\r\n\t\t\t\t{\r\n\t\t\t\t\t\"internal\": true\r\n\t\t\t\t}\r\n\t\t\t]\r\n\t\t}\r\n\t}\r\n}\r\n";
    let wanted = tabs.replacen("true\r\n", "true,\r\n\t\t\t\t\t\"enable_deletion_protection\": true\r\n", 1);
    assert_eq!(json(tabs, PROTECT), wanted);
    let marked = format!("\u{feff}{text}");
    assert!(json(&marked, PROTECT).starts_with("\u{feff}{\"resource\""));
}

#[test]
fn a_block_in_an_object_or_in_a_list_of_one() {
    let group = |check: &str| {
        format!(
            "{{\n\t\"resource\": {{\n\t\t\"aws_lb_target_group\": {{\n\t\t\t\"app\": {{\n\t\t\t\t\"protocol\": \"HTTP\"{check}\n\t\t\t}}\n\t\t}}\n\t}}\n}}\n"
        )
    };
    let (old, new) = ("\"timeout\": 30", "\"timeout\": 30, \"interval\": 35");
    for frame in [("{", "}"), ("[{", "}]")] {
        let check = |inner: &str| group(&format!(",\n\t\t\t\t\"health_check\": {}{inner}{}", frame.0, frame.1));
        assert_eq!(json(&check(old), TIMEOUT), check(new));
        // What is there is replaced, whatever stands before it.
        let (old, new) = ("\"timeout\": 20, \"interval\": 10", "\"timeout\": 20, \"interval\": 25");
        assert_eq!(json(&check(old), TIMEOUT), check(new));
    }
    let ids = &["health-check-protocol-matches-target-group"];
    let bare = group("").replacen("\"HTTP\"", "\"HTTPS\"", 1);
    let wanted = group(",\n\t\t\t\t\"health_check\": {\n\t\t\t\t\t\"protocol\": \"HTTPS\"\n\t\t\t\t}");
    assert_eq!(json(&bare, ids), wanted.replacen("\"HTTP\"", "\"HTTPS\"", 1));
}

#[test]
fn a_value_is_changed_where_it_is_set() {
    let text = "{\"variable\": {\"idle\": {\"default\": 9000}}, \"locals\": {\"all\": {\"idle\": \"${var.idle}\"}}, \"resource\": {\"aws_lb\": {\"web\": {\"idle_timeout\": \"${local.all.idle}\"}}}}\n";
    assert_eq!(json(text, &["idle-timeout-in-range"]), text.replacen("9000", "4000", 1));
    let given = "{\n    \"idle\": 8000\n}\n";
    let files = [("main.tf.json", text), ("terraform.tfvars.json", given)];
    let (texts, left) = after(&files, ".", &Inputs::default(), &["idle-timeout-in-range"]);
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(texts["terraform.tfvars.json"], given.replacen("8000", "4000", 1));
    let each = "{\"resource\": {\"aws_lb\": {\"web\": {\"for_each\": {\"a\": {\"s\": 60}, \"b\": {\"s\": 5000}}, \"idle_timeout\": \"${each.value.s}\"}}}}\n";
    assert_eq!(json(each, &["idle-timeout-in-range"]), each.replacen("5000", "4000", 1));
}

#[test]
fn the_dimension_of_an_alarm() {
    let alarm = |rest: &str| {
        format!(
            "{{\n  \"resource\": {{\n    \"aws_lb\": {{\"web\": {{}}}},\n    \"aws_cloudwatch_metric_alarm\": {{\n      \"a\": {{\n        \"namespace\": \"AWS/ApplicationELB\",\n        \"metric_name\": \"RequestCount\"{rest}\n      }}\n    }}\n  }}\n}}\n"
        )
    };
    let ids = &["alarm-names-its-load-balancer"];
    let one = |attribute: &str| {
        alarm(&format!(
            ",\n        \"dimensions\": {{\n          \"LoadBalancer\": \"${{aws_lb.web.{attribute}}}\"\n        }}"
        ))
    };
    assert_eq!(json(&one("arn"), ids), one("arn_suffix"));
    assert_eq!(json(&alarm(""), ids), one("arn_suffix"));
}

/// Two groups between which nothing is allowed; the second has this in it.
fn groups(alb: &str, app: &str, more: &str) -> String {
    format!(
        r#"{{
    "resource": {{
        "aws_lb": {{"web": {{"security_groups": ["${{aws_security_group.alb.id}}"]}}}},
        "aws_lb_listener": {{
            "http": {{
                "load_balancer_arn": "${{aws_lb.web.arn}}",
                "port": 80,
                "protocol": "HTTP",
                "default_action": {{"type": "forward", "target_group_arn": "${{aws_lb_target_group.app.arn}}"}}
            }}
        }},
        "aws_lb_target_group": {{"app": {{"port": 8080, "protocol": "HTTP"}}}},
        "aws_lb_target_group_attachment": {{
            "app": {{"target_group_arn": "${{aws_lb_target_group.app.arn}}", "target_id": "${{aws_instance.app.id}}"}}
        }},
        "aws_instance": {{"app": {{"vpc_security_group_ids": ["${{aws_security_group.app.id}}"]}}}},
        "aws_security_group": {{
            "alb": {{{alb}}},
            "app": {{{app}}}
        }}{more}
    }}
}}
"#
    )
}

const TRAFFIC: &[&str] = &["security-group-admits-traffic"];

#[test]
fn rules_of_their_own_are_added_beside_the_groups() {
    let rule = |kind: &str, own: &str, name: &str, peer: &str| {
        format!(
            ",\n        \"aws_vpc_security_group_{kind}_rule\": {{\n            \"{own}_{name}_8080\": {{\n                \"security_group_id\": \"${{aws_security_group.{own}.id}}\",\n                \"referenced_security_group_id\": \"${{aws_security_group.{peer}.id}}\",\n                \"ip_protocol\": \"tcp\",\n                \"from_port\": 8080,\n                \"to_port\": 8080\n            }}\n        }}"
        )
    };
    let more = rule("egress", "alb", "to_app", "app") + &rule("ingress", "app", "from_alb", "alb");
    assert_eq!(json(&groups("", "", ""), TRAFFIC), groups("", "", &more));
}

#[test]
fn a_rule_inside_a_group_says_all_it_has_to_say() {
    let out = "\"egress\": [{\"from_port\": 0, \"to_port\": 0, \"protocol\": \"-1\", \"cidr_blocks\": [\"0.0.0.0/0\"], \"description\": null, \"ipv6_cidr_blocks\": null, \"prefix_list_ids\": null, \"security_groups\": null, \"self\": null}]";
    let ssh = out.replacen("egress", "ingress", 1).replacen(
        "\"from_port\": 0, \"to_port\": 0, \"protocol\": \"-1\"",
        "\"from_port\": 22, \"to_port\": 22, \"protocol\": \"tcp\"",
        1,
    );
    let added = "{\"from_port\": 8080, \"to_port\": 8080, \"protocol\": \"tcp\", \"cidr_blocks\": null, \"description\": null, \"ipv6_cidr_blocks\": null, \"prefix_list_ids\": null, \"security_groups\": [\"${aws_security_group.alb.id}\"], \"self\": null}";
    let wanted = ssh.replacen("}]", &format!("}}, {added}]"), 1);
    assert_eq!(json(&groups(out, &ssh, ""), TRAFFIC), groups(out, &wanted, ""));
}
