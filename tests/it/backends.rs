//! What answers behind a target, from the graph: containers, user data in a plan and beside it, cfn-init, files beside the
//! input, a tag. What single texts say is tested with the readers (`server_*.rs`).

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use crate::program::{Folder, run, testdata};

/// `keep_alive` of the only path, and why it is null.
fn keep_alive(arguments: &[&str]) -> (Value, String) {
    let ran = run(&[&["paths"], arguments, &["-o", "json"]].concat());
    let report = ran.json();
    let paths = report["paths"].as_array().unwrap();
    assert_eq!(paths.len(), 1, "{report}");
    let why = paths[0]["unknown"]["keep_alive"].as_str().unwrap_or_default().to_owned();
    (paths[0]["keep_alive"].clone(), why)
}

#[test]
fn user_data_of_a_launch_template() {
    let (found, _) = keep_alive(&[&testdata("ec2-asg/plan.json")]);
    assert_eq!((&found["seconds"], &found["strength"]), (&json!(75), &json!("stated")));
    assert_eq!(found["from"], "aws_launch_template.app user data directive `keepalive_timeout`");
}

const SCRIPT: &str = "#!/bin/sh\napt-get install -y nginx\nsed -i 's/keepalive_timeout.*/keepalive_timeout 20s;/' /etc/nginx/nginx.conf\n";

fn configuration(script: &str) -> String {
    behind_a_load_balancer(&format!(
        "resource \"aws_instance\" \"web\" {{\n  ami           = \"ami-1\"\n  instance_type = \"t3.micro\"\n  user_data     = <<-EOT\n{script}EOT\n}}\n"
    ))
}

/// A load balancer that sends to `aws_instance.web`, which is yet to be written.
pub(crate) fn behind_a_load_balancer(instances: &str) -> String {
    format!(
        r#"
resource "aws_lb" "web" {{}}
resource "aws_lb_listener" "http" {{
  load_balancer_arn = aws_lb.web.arn
  port              = 80
  default_action {{
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }}
}}
resource "aws_lb_target_group" "web" {{
  port     = 80
  protocol = "HTTP"
  vpc_id   = "vpc-1"
}}
resource "aws_lb_target_group_attachment" "web" {{
  target_group_arn = aws_lb_target_group.web.arn
  target_id        = aws_instance.web.id
}}
{instances}"#
    )
}

/// A plan of it, with as little as can be in it: user data is there as its digest only.
fn plan(digest: &str) -> String {
    let change = |kind: &str, name: &str, after: Value, unknown: Value| {
        json!({ "address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name,
            "change": { "actions": ["create"], "before": null, "after": after, "after_unknown": unknown } })
    };
    let arn = |of: &str| json!({ "references": [format!("{of}.arn"), of] });
    let block = |kind: &str, name: &str, expressions: Value| {
        json!({ "address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name,
            "expressions": expressions })
    };
    json!({
        "format_version": "1.2",
        "complete": true,
        "resource_changes": [
            change("aws_lb", "web", json!({ "idle_timeout": 60, "load_balancer_type": "application" }),
                json!({ "arn": true, "id": true })),
            change("aws_lb_listener", "http", json!({ "port": 80, "default_action": [{ "type": "forward" }] }),
                json!({ "load_balancer_arn": true, "default_action": [{ "target_group_arn": true }] })),
            change("aws_lb_target_group", "web", json!({ "port": 80, "protocol": "HTTP", "target_type": "instance", "vpc_id": "vpc-1" }),
                json!({ "arn": true, "id": true, "health_check": true })),
            change("aws_lb_target_group_attachment", "web", json!({}), json!({ "target_group_arn": true, "target_id": true })),
            change("aws_instance", "web", json!({ "user_data": digest, "ami": "ami-1" }), json!({ "id": true, "user_data_base64": true })),
        ],
        "configuration": { "root_module": { "resources": [
            block("aws_lb", "web", json!({})),
            block("aws_lb_listener", "http", json!({ "load_balancer_arn": arn("aws_lb.web"), "port": { "constant_value": 80 },
                "default_action": [{ "type": { "constant_value": "forward" }, "target_group_arn": arn("aws_lb_target_group.web") }] })),
            block("aws_lb_target_group", "web", json!({ "port": { "constant_value": 80 }, "protocol": { "constant_value": "HTTP" } })),
            block("aws_lb_target_group_attachment", "web", json!({ "target_group_arn": arn("aws_lb_target_group.web"),
                "target_id": { "references": ["aws_instance.web.id", "aws_instance.web"] } })),
            block("aws_instance", "web", json!({ "user_data": { "constant_value": "…" } })),
        ] } },
    })
    .to_string()
}

fn digest(text: &str) -> String {
    Sha1::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_digest_is_proved_by_the_configuration() {
    let folder = Folder::new();
    let file = folder.file("plan.json", plan(&digest(SCRIPT)));
    let (found, why) = keep_alive(&[&file]);
    assert_eq!(found, Value::Null);
    assert!(why.contains("the plan holds only a digest of its user data"), "{why}");
    folder.file("main.tf", configuration(SCRIPT));
    let (found, _) = keep_alive(&[&file]);
    assert_eq!((&found["seconds"], &found["strength"]), (&json!(20), &json!("stated")));
    // Another text is not the one the plan was made of.
    folder.file("main.tf", configuration(&SCRIPT.replace("20s", "90s")));
    let (found, why) = keep_alive(&[&file]);
    assert_eq!(found, Value::Null, "{why}");
}

fn template(instance: &str, tags: &str) -> String {
    format!(
        "Resources:
  Web:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {{Subnets: [subnet-1, subnet-2]}}
  Http:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Web
      Port: 80
      Protocol: HTTP
      DefaultActions: [{{Type: forward, TargetGroupArn: !Ref Group}}]
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Port: 80
      Protocol: HTTP
      VpcId: vpc-1
      Targets: [{{Id: !Ref Instance}}]
{tags}
  Instance:
    Type: AWS::EC2::Instance
{instance}
"
    )
}

#[test]
fn files_that_cfn_init_writes() {
    let folder = Folder::new();
    let instance = "    Metadata:
      AWS::CloudFormation::Init:
        config:
          packages: {yum: {httpd: []}}
          files:
            /etc/httpd/conf.d/keepalive.conf:
              content: |
                KeepAlive On
                KeepAliveTimeout 90
          services: {sysvinit: {httpd: {enabled: true, ensureRunning: true}}}
    Properties:
      ImageId: ami-1";
    let file = folder.file("template.yaml", template(instance, ""));
    let (found, why) = keep_alive(&[&file]);
    assert_eq!((&found["seconds"], &found["server"]), (&json!(90), &json!("Apache httpd")), "{why}");
}

#[test]
fn a_tag_states_what_cannot_be_seen() {
    let folder = Folder::new();
    let tags = "      Tags: [{Key: \"plangate:keep-alive-seconds\", Value: \"120\"}]";
    let file = folder.file("template.yaml", template("    Properties: {ImageId: ami-1}", tags));
    let (found, _) = keep_alive(&[&file]);
    assert_eq!((&found["seconds"], &found["strength"]), (&json!(120), &json!("stated")));
    let file = folder.file("untagged.yaml", template("    Properties: {ImageId: ami-1}", ""));
    let (found, why) = keep_alive(&[&file]);
    assert_eq!(found, Value::Null);
    assert!(why.contains("its image is all that is visible of it"), "{why}");
}

#[test]
fn files_of_the_backend_are_named() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("app")).unwrap();
    folder.file("app/Dockerfile", "FROM node:22\nCOPY . .\nCMD [\"node\", \"server.js\"]\n");
    folder.file("app/server.js", "const s = require('http').createServer(app);\n// s.keepAliveTimeout = 9000;\ns.keepAliveTimeout = 75_000;\ns.listen(8080);\n");
    let stack = folder.file("template.yaml", std::fs::read_to_string(testdata("backends/node.yaml")).unwrap());
    let (found, why) = keep_alive(&[&stack, "--backend", &folder.path("app")]);
    assert_eq!((&found["seconds"], &found["strength"]), (&json!(75), &json!("stated")), "{why}");
    assert_eq!(found["server"], "Node.js");
}

#[test]
fn a_secret_is_not_read() {
    let folder = Folder::new();
    let text = std::fs::read_to_string(testdata("backends/node.yaml")).unwrap();
    let secret = text
        .replace("Image: registry.example.com/web:3", "Image: !Ref Image")
        .replace("Resources:", "Parameters:\n  Image: {Type: String, NoEcho: true, Default: 'httpd:2.4'}\nResources:");
    assert_ne!(secret, text);
    let file = folder.file("template.yaml", secret);
    let ran = run(&["paths", &file]);
    assert!(!ran.all().contains("httpd"), "{}", ran.all());
}

#[test]
fn user_data_of_which_a_part_is_not_known() {
    let folder = Folder::new();
    let instance = "    Properties:
      ImageId: ami-1
      UserData:
        Fn::Base64: !Sub |
          #!/bin/bash
          echo ${AWS::StackName} > /etc/stack
          yum install -y httpd
          echo 'KeepAliveTimeout 100' > /etc/httpd/conf.d/keepalive.conf
          systemctl enable --now httpd";
    let file = folder.file("template.yaml", template(instance, ""));
    let (found, why) = keep_alive(&[&file]);
    assert_eq!((&found["seconds"], &found["strength"]), (&json!(100), &json!("stated")), "{why}");
    let hidden = instance.replace("KeepAliveTimeout 100", "KeepAliveTimeout ${AWS::StackName}");
    let file = folder.file("hidden.yaml", template(&hidden, ""));
    let (found, why) = keep_alive(&[&file]);
    assert_eq!(found["strength"], Value::Null, "{found} {why}");
}

#[test]
fn what_is_not_known_of_a_backend_is_no_question_in_a_sentence() {
    let folder = Folder::new();
    let message = |script: &str| {
        let file = folder.file("main.tf", configuration(script));
        let ran = run(&["check", &file, "-o", "json", "--only", "backend-keep-alive-outlasts-idle-timeout"]);
        let found = &ran.json()["findings"][0];
        assert_eq!(found["verdict"], "undecided", "{found}");
        found["message"].as_str().unwrap().to_owned()
    };
    let then = ", and the load balancer may send a request on a connection that was silent for up to 60 s";
    assert_eq!(
        message("#!/bin/sh\n/opt/app/run\n"),
        format!("how long the backend keeps an idle connection is not known{then}")
    );
    let presumed = "presumably Node.js closes idle connections after 5 s (presumed: default of Node.js, user data)";
    assert_eq!(message("#!/bin/sh\nnode server.js\n"), format!("{presumed}{then}"));
}
