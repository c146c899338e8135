//! What judging costs, in steps and not in seconds: it grows as the plan does, also where everything meets in one place.

use std::fmt::Write as _;

use plangate::catalog::Dialect;
use plangate::graph::steps;
use plangate::judge::judge;
use plangate::policy::PolicySet;

/// One entry of a plan.
fn change(kind: &str, name: &str, index: Option<usize>, values: &str) -> String {
    let (address, index) = match index {
        Some(at) => (format!("{kind}.{name}[{at}]"), format!(r#""index":{at},"#)),
        None => (format!("{kind}.{name}"), String::new()),
    };
    let head = format!(r#""address":"{address}","mode":"managed","type":"{kind}","name":"{name}",{index}"#);
    let change = r#"{"actions":["no-op"],"after_unknown":{},"after_sensitive":{}"#;
    format!(r#"{{{head}"change":{change},"after":{{{values}}}}}}}"#)
}

fn of_changes(changes: &[String]) -> String {
    let mut text = r#"{"format_version":"1.2","resource_changes":["#.to_owned();
    write!(text, "{}]}}", changes.join(",")).unwrap();
    text
}

/// A plan of load balancers in the two subnets of one VPC, each with a security group and a target group of its own.
fn neighbours(balancers: usize) -> String {
    let mut changes = vec![change("aws_vpc", "main", None, r#""id":"vpc-1","cidr_block":"10.0.0.0/8""#)];
    for at in 0..2 {
        let values = format!(r#""id":"subnet-{at}","vpc_id":"vpc-1","cidr_block":"10.{at}.0.0/16""#);
        changes.push(change("aws_subnet", "main", Some(at), &values));
    }
    for at in 0..balancers {
        let mut put = |kind: &str, values: &str| changes.push(change(kind, "main", Some(at), values));
        put("aws_security_group", &format!(r#""id":"sg-{at}","vpc_id":"vpc-1","ingress":[],"egress":[]"#));
        put(
            "aws_lb",
            &format!(
                r#""id":"arn:lb-{at}","arn":"arn:lb-{at}","load_balancer_type":"application","internal":false,"security_groups":["sg-{at}"],"subnets":["subnet-0","subnet-1"]"#
            ),
        );
        put(
            "aws_lb_target_group",
            &format!(
                r#""id":"arn:group-{at}","arn":"arn:group-{at}","port":8080,"protocol":"HTTP","target_type":"ip","vpc_id":"vpc-1""#
            ),
        );
        put(
            "aws_lb_listener",
            &format!(
                r#""load_balancer_arn":"arn:lb-{at}","port":80,"protocol":"HTTP","default_action":[{{"type":"forward","target_group_arn":"arn:group-{at}"}}]"#
            ),
        );
    }
    of_changes(&changes)
}

/// A plan in which all targets share one security group, and all rules one listener.
fn plan(targets: usize, rules: usize) -> String {
    let mut changes = Vec::new();
    let mut put = |kind: &str, name: &str, index: Option<usize>, values: &str| {
        changes.push(change(kind, name, index, values));
    };
    put("aws_vpc", "main", None, r#""id":"vpc-1","cidr_block":"10.0.0.0/8""#);
    for at in 0..2 {
        let values = format!(
            r#""id":"subnet-{at}","vpc_id":"vpc-1","cidr_block":"10.{at}.0.0/16","availability_zone":"eu-west-1{}""#,
            ["a", "b"][at]
        );
        put("aws_subnet", "main", Some(at), &values);
    }
    for name in ["balancer", "shared"] {
        put(
            "aws_security_group",
            name,
            None,
            &format!(r#""id":"sg-{name}","vpc_id":"vpc-1","ingress":[],"egress":[]"#),
        );
    }
    let rule = |group: &str, peer: &str, port: u16| {
        format!(r#""security_group_id":"sg-{group}",{peer},"ip_protocol":"tcp","from_port":{port},"to_port":{port}"#)
    };
    let ingress = "aws_vpc_security_group_ingress_rule";
    put(ingress, "clients", None, &rule("balancer", r#""cidr_ipv4":"0.0.0.0/0""#, 80));
    put(ingress, "targets", None, &rule("shared", r#""referenced_security_group_id":"sg-balancer""#, 8080));
    let out = rule("balancer", r#""referenced_security_group_id":"sg-shared""#, 8080);
    put("aws_vpc_security_group_egress_rule", "out", None, &out);
    put(
        "aws_lb",
        "main",
        None,
        r#""id":"arn:lb","arn":"arn:lb","load_balancer_type":"application","internal":false,"idle_timeout":60,"security_groups":["sg-balancer"],"subnets":["subnet-0","subnet-1"]"#,
    );
    put(
        "aws_lb_listener",
        "main",
        None,
        r#""id":"arn:listener","arn":"arn:listener","load_balancer_arn":"arn:lb","port":80,"protocol":"HTTP","default_action":[{"type":"forward","target_group_arn":"arn:group-0"}]"#,
    );
    for at in 0..rules {
        let group = format!(
            r#""id":"arn:group-{at}","arn":"arn:group-{at}","name":"group-{at}","port":8080,"protocol":"HTTP","target_type":"instance","vpc_id":"vpc-1""#
        );
        put("aws_lb_target_group", "main", Some(at), &group);
        let rule = format!(
            r#""listener_arn":"arn:listener","priority":{},"action":[{{"type":"forward","target_group_arn":"arn:group-{at}"}}],"condition":[{{"path_pattern":[{{"values":["/{at}/*"]}}]}}]"#,
            at + 1
        );
        put("aws_lb_listener_rule", "main", Some(at), &rule);
    }
    for at in 0..targets {
        let subnet = at % 2;
        let instance = format!(r#""id":"i-{at}","subnet_id":"subnet-{subnet}","vpc_security_group_ids":["sg-shared"]"#);
        put("aws_instance", "main", Some(at), &instance);
        let group = at % rules;
        let attachment = format!(r#""target_group_arn":"arn:group-{group}","target_id":"i-{at}","port":8080"#);
        put("aws_lb_target_group_attachment", "main", Some(at), &attachment);
    }
    of_changes(&changes)
}

/// Steps of loading and judging a plan, and how many request paths it has.
fn cost(text: &str) -> (u64, usize) {
    let (policies, problems) = PolicySet::builtin_to_judge();
    assert!(problems.is_empty(), "{problems:?}");
    let before = steps();
    let (loaded, problems) = plangate::load::load_json("plan.json", text.as_bytes(), &[]).unwrap();
    assert!(problems.is_empty(), "{problems:?}");
    let assessment = judge(&loaded.graph, &policies);
    (steps() - before, assessment.summary.paths)
}

/// Twice the plan may cost twice the steps, and one in ten more.
fn grows_with_the_plan(targets: usize, rules: usize) {
    let (half, few) = cost(&plan(targets / 2, rules / 2));
    let (whole, many) = cost(&plan(targets, rules));
    // The first rule's group is also that of the default action.
    assert_eq!(many, targets + targets / rules);
    assert!(few < many);
    assert!(half > targets as u64, "only {half} steps: they are not counted");
    assert!(whole * 10 <= half * 22, "{targets} targets cost {whole} steps, half of them {half}");
}

#[test]
fn steps_grow_with_the_load_balancers_of_one_vpc() {
    let ((half, few), (whole, many)) = (cost(&neighbours(1_000)), cost(&neighbours(2_000)));
    assert_eq!((few, many), (1_000, 2_000));
    assert!(whole * 10 <= half * 22, "2000 load balancers cost {whole} steps, half of them {half}");
}

/// A plan of ECS services that one module makes, each behind a listener of its own that it mentions.
fn services(count: usize) -> String {
    let (mut changes, mut blocks) = (Vec::new(), Vec::new());
    for at in 0..count {
        let mut put = |kind: &str, values: &str, expressions: &str| {
            let name = format!("of_{at}");
            changes.push(change(kind, &name, None, values).replace("no-op", "create"));
            blocks.push(format!(
                r#"{{"address":"{kind}.{name}","mode":"managed","type":"{kind}","name":"{name}","expressions":{{{expressions}}}}}"#
            ));
        };
        let group = format!("arn:group-{at}");
        put("aws_lb_target_group", &format!(r#""id":"{group}","arn":"{group}","port":80,"protocol":"HTTP""#), "");
        put(
            "aws_lb_listener",
            &format!(
                r#""load_balancer_arn":"arn:lb","port":80,"protocol":"HTTP","default_action":[{{"type":"forward","target_group_arn":"{group}"}}]"#
            ),
            "",
        );
        put(
            "aws_ecs_service",
            &format!(r#""name":"of-{at}","load_balancer":[{{"target_group_arn":"{group}","container_port":80}}]"#),
            &format!(r#""propagate_tags":{{"references":["aws_lb_listener.of_{at}.arn","aws_lb_listener.of_{at}"]}}"#),
        );
    }
    let configuration = format!(r#""configuration":{{"root_module":{{"resources":[{}]}}}}"#, blocks.join(","));
    let plan = of_changes(&changes);
    format!("{},{configuration}}}", plan.strip_suffix('}').unwrap())
}

#[test]
fn steps_grow_with_the_services_of_one_module() {
    let ((half, _), (whole, _)) = (cost(&services(500)), cost(&services(1_000)));
    assert!(half > 1_500, "only {half} steps: they are not counted");
    assert!(whole * 10 <= half * 22, "1000 services cost {whole} steps, half of them {half}");
}

/// A template of ECS services, each behind a load balancer of its own.
fn template(services: usize) -> String {
    let mut text = "Resources:\n".to_owned();
    for at in 0..services {
        let mut put = |name: &str, kind: &str, rest: &str| {
            write!(text, "  {name}{at}:\n    Type: AWS::{kind}\n{rest}").unwrap();
        };
        put("Balancer", "ElasticLoadBalancingV2::LoadBalancer", "");
        put(
            "Group",
            "ElasticLoadBalancingV2::TargetGroup",
            "    Properties: {Port: 80, Protocol: HTTP, TargetType: ip}\n",
        );
        let actions = format!("[{{Type: forward, TargetGroupArn: !Ref Group{at}}}]");
        put(
            "Listener",
            "ElasticLoadBalancingV2::Listener",
            &format!(
                "    Properties: {{LoadBalancerArn: !Ref Balancer{at}, Port: 80, Protocol: HTTP, DefaultActions: {actions}}}\n"
            ),
        );
        let balancers = format!("[{{TargetGroupArn: !Ref Group{at}, ContainerName: app, ContainerPort: 80}}]");
        put(
            "Service",
            "ECS::Service",
            &format!("    DependsOn: Listener{at}\n    Properties: {{LoadBalancers: {balancers}}}\n"),
        );
    }
    text
}

/// Steps of loading and judging a template, and how many request paths it has.
fn cost_of_template(services: usize) -> (u64, usize) {
    let (policies, _) = PolicySet::builtin_to_judge();
    let before = steps();
    let loaded = plangate::load::example(Dialect::CloudFormation, &template(services)).unwrap();
    let assessment = judge(&loaded.graph, &policies);
    (steps() - before, assessment.summary.paths)
}

#[test]
fn steps_grow_with_the_services_of_one_template() {
    let ((half, few), (whole, many)) = (cost_of_template(250), cost_of_template(500));
    assert_eq!((few, many), (250, 500));
    assert!(half > 1_500, "only {half} steps: they are not counted");
    assert!(whole * 10 <= half * 22, "500 services cost {whole} steps, half of them {half}");
}

#[test]
fn steps_grow_with_targets_and_rules() {
    // Below the number of rules that are compared with each other, and above.
    grows_with_the_plan(10_000, 2_000);
}

#[test]
#[ignore = "takes minutes in a debug build; the same at a fifth of the size runs always"]
fn steps_grow_with_fifty_thousand_targets_of_one_group_and_ten_thousand_rules_of_one_listener() {
    grows_with_the_plan(50_000, 10_000);
}
