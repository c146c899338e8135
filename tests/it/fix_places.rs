//! The place where a value is set: behind indices, keys that are worked out, mappings and texts of one parameter; and who else
//! it may be changed for.

use plangate::load::{GivenParameter, Inputs};

use crate::fix_texts::{after, template, terraform};

const IDLE: &[&str] = &["idle-timeout-in-range"];

/// One load balancer with this idle timeout, below some other text.
fn balancer(rest: &str, idle: &str) -> String {
    format!("{rest}resource \"aws_lb\" \"web\" {{\n  idle_timeout = {idle}\n}}\n")
}

#[test]
fn a_key_may_be_worked_out() {
    for (rest, idle) in [
        (
            "locals {\n  env = \"dev\"\n  all = { dev = { idle = 9000 }, prod = { idle = 60 } }\n}\n",
            "local.all[local.env].idle",
        ),
        ("locals {\n  env = \"dev\"\n  all = { dev-a = 9000 }\n}\n", "local.all[\"${local.env}-a\"]"),
        ("variable \"all\" { default = [60, 9000] }\n", "var.all[1]"),
        ("variable \"all\" { default = [{ idle = 9000 }] }\n", "var.all[0].idle"),
        ("locals { s = 9000 }\n", "\"${local.s}\""),
    ] {
        let text = balancer(rest, idle);
        assert_eq!(terraform(&text, IDLE), text.replacen("9000", "4000", 1), "{idle}");
    }
    let optional = "variable \"s\" {\n  type    = object({ idle = optional(number, 9000) })\n  default = {}\n}\n";
    let text = balancer(optional, "var.s.idle");
    assert_eq!(terraform(&text, IDLE), text.replacen("= {}", "= {\n    idle = 4000\n  }", 1));
}

#[test]
fn a_value_is_changed_for_all_that_it_cures() {
    let shared = "locals { s = 9000 }\nresource \"aws_lb\" \"other\" {\n  idle_timeout = max(local.s, 10)\n}\n";
    let text = balancer(shared, "local.s");
    assert_eq!(terraform(&text, IDLE), text.replacen("9000", "4000", 1));
    // What is right there already stays as it is.
    let text = balancer(
        &shared.replacen("max(local.s, 10)", "min(local.s, 4000) - 100", 1).replacen("9000", "4100", 1),
        "local.s",
    );
    let (texts, left) = after(&[("main.tf", &text)], ".", &Inputs::default(), IDLE);
    assert_eq!((texts.len(), left.len()), (1, 0), "{left:?}");
    let text = balancer(&shared.replacen("max(local.s, 10)", "local.s - 8000", 1), "local.s");
    let (texts, left) = after(&[("main.tf", &text)], ".", &Inputs::default(), IDLE);
    assert!(texts.is_empty(), "{texts:?}");
    assert!(left[0].contains("aws_lb.other"), "{left:?}");
}

const STACK: &str = "Parameters:\r\n  Env: {Type: String, Default: prod}\r\n  Idle: {Type: Number, Default: 9000}\r\nMappings:\r\n  ByEnv:\r\n    prod:\r\n      Idle: \"8000\"   # s\r\n    dev:\r\n      Idle: 7000\r\nResources:\r\n  Web:\r\n    Type: AWS::ElasticLoadBalancingV2::LoadBalancer\r\n    Properties:\r\n      LoadBalancerAttributes:\r\n        - Key: idle_timeout.timeout_seconds\r\n          Value: HERE\r\n";

#[test]
fn a_mapping_is_changed_at_the_key_a_parameter_names() {
    let text = STACK.replacen("HERE", "!FindInMap [ByEnv, !Ref Env, Idle]", 1);
    assert_eq!(template(&text, IDLE), text.replacen("8000", "4000", 1));
    let given = [
        (GivenParameter::Value("Env".to_owned(), "dev".to_owned()), None),
        (GivenParameter::File("prod.json".to_owned()), Some("{\"Env\": \"dev\"}\n")),
    ];
    for (given, file) in given {
        let mut inputs = Inputs::default();
        inputs.template.parameters = vec![given];
        let files: Vec<(&str, &str)> =
            [("t.yaml", text.as_str())].into_iter().chain(file.map(|text| ("prod.json", text))).collect();
        let (texts, left) = after(&files, "t.yaml", &inputs, IDLE);
        assert!(left.is_empty(), "{left:?}");
        assert_eq!(texts["t.yaml"], text.replacen("7000", "4000", 1));
    }
}

#[test]
fn a_text_that_is_nothing_but_a_parameter_is_that_parameter() {
    let text = STACK.replacen("HERE", "!Sub \"${Idle}\"", 1);
    assert_eq!(template(&text, IDLE), text.replacen("9000", "4000", 1));
}
