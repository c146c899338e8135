//! What documents of Systems Manager make of a backend, in configurations and templates: which machines they run on, and
//! what cannot be told.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used)]

use serde_json::Value;

use crate::backends::behind_a_load_balancer;
use crate::program::{Folder, run};

/// The keep-alive of the only path, `20 stated`, or why it cannot be told.
fn keep_alive(file: &str) -> String {
    let report = run(&["paths", file, "-o", "json"]).json();
    assert_eq!(report["problems"].as_array().map(Vec::len), Some(0), "{report}");
    let paths = report["paths"].as_array().unwrap();
    assert_eq!(paths.len(), 1, "{report}");
    match &paths[0]["keep_alive"] {
        Value::Null => paths[0]["unknown"]["keep_alive"].as_str().unwrap_or_default().to_owned(),
        found => format!("{} {}", found["seconds"], found["strength"].as_str().unwrap()),
    }
}

const INSTALLS: &str = "#!/bin/sh\napt-get install -y nginx\n";

/// A configuration with an instance (or a group of them) that installs nginx, and these resources.
fn configuration(more: &str) -> String {
    let folder = Folder::new();
    let instances = format!(
        r#"
resource "aws_instance" "web" {{
  ami       = "ami-1"
  tags      = {{ Role = "web" }}
  user_data = "{}"
}}
resource "aws_instance" "other" {{
  ami = "ami-1"
}}
{more}
"#,
        INSTALLS.escape_default()
    );
    folder.file("main.tf", behind_a_load_balancer(&instances));
    keep_alive(&folder.path(""))
}

const DOCUMENT: &str = r#"
resource "aws_ssm_document" "nginx" {
  name          = "nginx"
  document_type = "Command"
  content = jsonencode({
    schemaVersion = "2.2"
    parameters    = { Seconds = { type = "String", default = "20" } }
    mainSteps = [
      { action = "aws:softwareInventory", name = "look" },
      {
        action = "aws:runShellScript", name = "set"
        precondition = { StringEquals = ["platformType", "Linux"] }
        inputs = { runCommand = ["set -e", "echo 'http { keepalive_timeout {{ Seconds }}s; }' > /etc/nginx/nginx.conf"] }
      },
    ]
  })
}
"#;

/// An association of the document with these arguments.
fn association(arguments: &str) -> String {
    format!(
        "{DOCUMENT}\nresource \"aws_ssm_association\" \"nginx\" {{\n  name = aws_ssm_document.nginx.name\n{arguments}\n}}\n"
    )
}

fn targets(key: &str, values: &str) -> String {
    format!("  targets {{\n    key    = \"{key}\"\n    values = {values}\n  }}")
}

#[test]
fn a_document_runs_after_the_user_data_of_its_instances() {
    for on in [
        targets("InstanceIds", "[aws_instance.web.id]"),
        targets("InstanceIds", "[aws_instance.other.id, aws_instance.web.id]"),
        targets("InstanceIds", "[\"*\"]"),
        targets("tag:Role", "[\"worker\", \"web\"]"),
        targets("tag-key", "[\"Role\"]"),
        "  instance_id = aws_instance.web.id".to_owned(),
    ] {
        assert_eq!(configuration(&association(&on)), "20 stated", "{on}");
        let given = format!("{on}\n  parameters = {{ Seconds = \"90\" }}");
        assert_eq!(configuration(&association(&given)), "90 stated", "{on}");
    }
}

#[test]
fn a_document_for_others_changes_nothing() {
    let without = configuration(DOCUMENT);
    for on in [
        targets("InstanceIds", "[aws_instance.other.id]"),
        targets("tag:Role", "[\"worker\"]"),
        targets("tag:aws:autoscaling:groupName", "[\"hosts\"]"),
        "  instance_id = aws_instance.other.id".to_owned(),
    ] {
        assert_eq!(configuration(&association(&on)), without, "{on}");
    }
    // Documents of AWS that look or update.
    let inventory = format!(
        "resource \"aws_ssm_association\" \"look\" {{\n  name = \"AWS-GatherSoftwareInventory\"\n{}\n}}",
        targets("InstanceIds", "[\"*\"]")
    );
    assert_eq!(configuration(&inventory), without);
    // Whether it runs does not matter where it changes no server.
    let harmless =
        association(&targets("resource-groups:Name", "[\"all\"]")).replace("/etc/nginx/nginx.conf", "/var/log/seen");
    assert_eq!(configuration(&harmless), without);
}

#[test]
fn what_may_run_leaves_it_open() {
    let which = "which documents of Systems Manager run on it, or in which order, cannot be told";
    for on in [
        targets("tag:Stage", "[\"live\"]"),
        targets("resource-groups:Name", "[\"all\"]"),
        targets("InstanceIds", "[terraform_data.any.output]"),
        targets("tag:Role", "[\"web\"]") + "\n" + &targets("tag:Stage", "[\"live\"]"),
    ] {
        let more = association(&on) + "resource \"terraform_data\" \"any\" {}\n";
        let why = configuration(&more);
        assert!(why.contains(which), "{on}: {why}");
    }
    // Two that contradict each other.
    let both = association(&targets("tag:Role", "[\"web\"]"))
        + "resource \"aws_ssm_association\" \"again\" {\n  name = aws_ssm_document.nginx.name\n  instance_id = aws_instance.web.id\n  parameters = { Seconds = \"90\" }\n}\n";
    let why = configuration(&both);
    assert!(why.contains(which), "{why}");
}

#[test]
fn what_cannot_be_read_leaves_it_open() {
    let on = targets("tag:Role", "[\"web\"]");
    let here = association(&on);
    for (more, expected) in [
        (here.replace("aws:runShellScript", "aws:downloadContent"), "a step `aws:downloadContent`"),
        (here.replace("platformType", "platformVersion"), "the precondition of a step"),
        (here.replace("name = aws_ssm_document.nginx.name", "name = \"team-nginx\""), "the document team-nginx"),
    ] {
        let why = configuration(&(more + "resource \"terraform_data\" \"any\" {}\n"));
        assert!(why.contains(expected), "{why}");
    }
}

/// A template with a group of instances that install nginx, and these resources.
fn template(tags: &str, more: &str) -> String {
    let folder = Folder::new();
    let file = folder.file(
        "template.yaml",
        format!(
            "Resources:
  Web: {{Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {{Subnets: [subnet-1, subnet-2]}}}}
  Http:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties: {{LoadBalancerArn: !Ref Web, Port: 80, Protocol: HTTP, DefaultActions: [{{Type: forward, TargetGroupArn: !Ref Group}}]}}
  Group: {{Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {{Port: 80, Protocol: HTTP, VpcId: vpc-1}}}}
  Hosts:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      MinSize: '1'
      MaxSize: '2'
      LaunchConfigurationName: !Ref Launch
      TargetGroupARNs: [!Ref Group]
      Tags: [{tags}]
  Launch:
    Type: AWS::AutoScaling::LaunchConfiguration
    Properties:
      ImageId: ami-1
      UserData: !Base64 \"#!/bin/sh\\napt-get install -y nginx\\n\"
  Runs:
    Type: AWS::SSM::Association
    Properties:
{more}
  Document:
    Type: AWS::SSM::Document
    Properties:
      DocumentType: Command
      Content:
        schemaVersion: '2.2'
        mainSteps:
          - action: aws:runShellScript
            name: set
            inputs:
              runCommand:
                - !Sub \"echo 'http {{ keepalive_timeout 33; }}' > /etc/nginx/nginx.conf # ${{AWS::StackName}}\"
"
        ),
    );
    keep_alive(&file)
}

#[test]
fn groups_of_instances_in_a_template() {
    let on = |key: &str, value: &str| {
        format!("      Name: !Ref Document\n      Targets: [{{Key: \"{key}\", Values: [{value}]}}]")
    };
    let carried = "{Key: Role, Value: web, PropagateAtLaunch: true}";
    for (tags, runs) in [
        ("", on("tag:aws:autoscaling:groupName", "!Ref Hosts")),
        (carried, on("tag:Role", "web")),
        (
            carried,
            "      Name: AWS-RunShellScript\n      Targets: [{Key: \"tag:Role\", Values: [web]}]\n      Parameters: {commands: [\"cd /etc/nginx\", \"echo 'http { keepalive_timeout 33; }' > /etc/nginx/nginx.conf\"]}".to_owned(),
        ),
    ] {
        assert_eq!(template(tags, &runs), "33 stated", "{runs}");
    }
    let kept = "{Key: Role, Value: web, PropagateAtLaunch: false}";
    let why = template(kept, &on("tag:Role", "web"));
    assert!(why.contains("which documents of Systems Manager"), "{why}");
    let others = template(carried, &on("tag:Role", "worker"));
    assert_eq!(others, template(carried, "      Name: AWS-UpdateSSMAgent\n      InstanceId: '*'"));
    assert!(!others.contains("Systems Manager"), "{others}");
}
