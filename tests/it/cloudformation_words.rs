//! What a template says between the lines, and the words its findings are in: the cluster that user data refer to, what
//! is known after a deployment, what nobody gave.

use serde_json::Value;

use crate::program::{Folder, run};

/// Whether requests get through to tasks on instances whose user data are these.
fn through(user_data: &str) -> String {
    let template = format!(
        "
Parameters:
  More: {{Type: String}}
Resources:
  Cluster: {{Type: AWS::ECS::Cluster}}
  Other: {{Type: AWS::ECS::Cluster}}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: all
      SecurityGroupIngress: [{{IpProtocol: '-1', CidrIp: 0.0.0.0/0}}]
  Web:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {{Subnets: [subnet-1, subnet-2], SecurityGroups: [!Ref Group]}}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      {{LoadBalancerArn: !Ref Web, Port: 80, Protocol: HTTP, DefaultActions: [{{Type: forward, TargetGroupArn: !Ref App}}]}}
  App:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {{Port: 80, Protocol: HTTP, VpcId: vpc-1}}
  Hosts:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      {{MinSize: '1', MaxSize: '1', LaunchConfigurationName: !Ref Launch, VPCZoneIdentifier: [subnet-1]}}
  Launch:
    Type: AWS::AutoScaling::LaunchConfiguration
    Properties:
      ImageId: ami-1
      SecurityGroups: [!Ref Group]
      UserData: {user_data}
  Tasks:
    Type: AWS::ECS::TaskDefinition
    Properties: {{ContainerDefinitions: [{{Name: app, PortMappings: [{{ContainerPort: 80, HostPort: 8080}}]}}]}}
  Service:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Tasks
      LoadBalancers: [{{ContainerName: app, ContainerPort: 80, TargetGroupArn: !Ref App}}]
"
    );
    let folder = Folder::new();
    let file = folder.file("template.yaml", template);
    let shown = run(&["paths", "-o", "json", &file]).json();
    assert_eq!(shown["problems"].as_array().map(Vec::len), Some(0), "{shown}");
    shown["paths"][0]["reach"]["traffic"]["answer"].as_str().unwrap().to_owned()
}

#[test]
fn user_data_that_refer_to_the_cluster_join_it() {
    for user_data in [
        r##"!Base64 {"Fn::Sub": "#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config\nsignal --region ${AWS::Region}\n"}"##,
        r##"!Base64 {"Fn::Join": ["", ["#!/bin/bash\n", "echo ECS_CLUSTER=", !Ref Cluster, " >> /etc/ecs/ecs.config"]]}"##,
        r##"!Base64 {"Fn::Sub": ["echo 'ECS_CLUSTER=${Mine}'", {"Mine": !Ref Cluster}]}"##,
        r##"!Base64 {"Fn::Sub": "# ECS_CLUSTER=none\necho ECS_CLUSTER=\"${Cluster}\""}"##,
    ] {
        assert_eq!(through(user_data), "yes", "{user_data}");
    }
}

#[test]
fn anything_else_in_user_data_tells_no_cluster() {
    for user_data in [
        // Another cluster, a part of a name, an attribute, two, none, and text that nobody gave.
        r##"!Base64 {"Fn::Sub": "echo ECS_CLUSTER=${Other}"}"##,
        r##"!Base64 {"Fn::Sub": "echo ECS_CLUSTER=${Cluster}-x"}"##,
        r##"!Base64 {"Fn::Sub": "echo ECS_CLUSTER=${Cluster}${AWS::Region}"}"##,
        r##"!Base64 {"Fn::Sub": "echo ECS_CLUSTER=my-${Cluster}"}"##,
        r##"!Base64 {"Fn::Sub": "echo ECS_CLUSTER=${Cluster.Arn}"}"##,
        r##"!Base64 {"Fn::Sub": "echo ECS_CLUSTER=${Cluster}\necho ECS_CLUSTER=${Other}"}"##,
        r##"!Base64 {"Fn::Sub": "echo ECS_CLUSTER=${Cluster}\necho ECS_CLUSTER=mine"}"##,
        r##"!Base64 {"Fn::Sub": "# ECS_CLUSTER=${Cluster}"}"##,
        r##"!Base64 {"Fn::Sub": "signal ${Cluster}"}"##,
        r##"!Base64 {"Fn::Sub": "echo ECS_CLUSTER=${Cluster}\n${More}"}"##,
        r##"{"Fn::Sub": ["echo ECS_CLUSTER=${Coded}", {"Coded": !Base64 {"Fn::Sub": "${Cluster}"}}]}"##,
    ] {
        assert_eq!(through(user_data), "unknown", "{user_data}");
    }
}

/// Findings of `check` on a template with these resources.
fn findings(resources: &str) -> (Vec<Value>, String) {
    let folder = Folder::new();
    let file = folder.file("template.yaml", format!("Parameters:\n  Given: {{Type: String}}\nResources:\n{resources}"));
    let report = run(&["check", "-o", "json", &file]).json();
    (report["findings"].as_array().unwrap().clone(), run(&["check", "-v", &file]).stdout)
}

const GROUP: &str =
    "  Group:\n    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n    Properties:\n      Protocol: HTTP\n";

#[test]
fn what_is_not_known_is_said_in_words_of_a_template() {
    let (found, text) = findings(&format!("{GROUP}      Port: 80\n      HealthCheckTimeoutSeconds: !Ref Given\n"));
    let one = found.iter().find(|one| one["policy"] == "health-check-timeout-below-interval").unwrap();
    assert_eq!(one["hangs_on"], "no value is given: Given");
    assert!(one["message"].as_str().unwrap().contains("(not given)"), "{one}");
    assert!(text.contains("undecided before deployment"), "{text}");
    // An attribute of a resource, and what `Ref` gives.
    for (written, hangs_on) in [
        ("!GetAtt Made.Seconds", "known after deployment: Made.Seconds"),
        ("!Ref Made", "known after deployment: Made"),
    ] {
        let made = "  Made: {Type: Custom::Made, Properties: {ServiceToken: arn}}\n";
        let (found, text) =
            findings(&format!("{made}{GROUP}      Port: 80\n      HealthCheckTimeoutSeconds: {written}\n"));
        let one = found.iter().find(|one| one["policy"] == "health-check-timeout-below-interval").unwrap();
        assert_eq!(one["hangs_on"], hangs_on);
        assert!(one["message"].as_str().unwrap().contains("(known after deployment)"), "{one}");
        assert!(!text.contains("known after apply"), "{text}");
    }
}

#[test]
fn a_rule_alone_on_a_listener_elsewhere_clashes_with_nothing_here() {
    let rule = |name: &str, priority: &str| {
        format!(
            "  {name}:\n    Type: AWS::ElasticLoadBalancingV2::ListenerRule\n    Properties:\n      ListenerArn: !Ref Given\n      \
             Priority: {priority}\n      Actions: [{{Type: forward, TargetGroupArn: !Ref Group}}]\n      Conditions: []\n"
        )
    };
    let clashes = |rules: &str| {
        let (found, _) = findings(&format!("{GROUP}      Port: 80\n{rules}"));
        found.iter().filter(|one| one["policy"] == "listener-rule-priority-unique").count()
    };
    assert_eq!(clashes(&rule("One", "10")), 0);
    assert_eq!(clashes(&(rule("One", "10") + &rule("Two", "20"))), 0);
    assert_eq!(clashes(&(rule("One", "10") + &rule("Two", "10"))), 2);
    assert_eq!(clashes(&(rule("One", "10") + &rule("Two", "!Ref Given"))), 2);
}
