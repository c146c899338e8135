//! Every kind in both dialects: the same thing said in Terraform and in CloudFormation gives the same attributes. The
//! raw values are written as loaders would give them; `{"?": "reason"}` is an unknown.

use std::collections::{BTreeMap, BTreeSet};

use plangate::catalog::{Dialect, KindSpec, Origin, Read, Written, attributes, kind_of, kinds};
use plangate::graph::{
    Action, Address, Data, DefaultOf, Lookup, Mode, Place, Reason, Resource, Spot, Unknown, Value, lookup,
};
use serde_json::{Value as Json, json};

use crate::twins_callers::callers;
use crate::twins_settings::settings;

/// A value out of JSON.
pub(crate) fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::null(),
        Json::Bool(flag) => (*flag).into(),
        Json::Number(number) => number.as_i64().unwrap().into(),
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => items.iter().map(value).collect::<Vec<Value>>().into(),
        Json::Object(map) => match map.get("?") {
            Some(why) => Value::unknown(Unknown::because(Reason::OutsideInput(why.as_str().unwrap().into()))),
            None => Value::new(Data::Map(map.iter().map(|(key, item)| (key.as_str().into(), value(item))).collect())),
        },
    }
}

struct Everything;

impl Origin for Everything {
    fn written(&self, _: &str) -> Written {
        Written::Yes
    }

    fn why(&self, path: &str) -> Unknown {
        Unknown::at(Reason::AfterApply, self.place(path))
    }

    fn place(&self, path: &str) -> Place {
        Place::new(&Address::from("It"), path)
    }
}

fn read(type_name: &str, raw: &Json) -> (&'static KindSpec, Value) {
    let dialect = Dialect::of(type_name);
    let spec = kind_of(dialect, type_name).unwrap_or_else(|| panic!("{type_name} is no kind"));
    (spec, attributes(spec, dialect, &value(raw), &Everything))
}

pub(crate) fn one(type_name: &str, raw: Json, path: &str) -> Value {
    lookup(&read(type_name, &raw).1, path).to_value().unwrap_or_else(Value::null)
}

/// The same resource twice. What they are linked to is text here.
fn twins() -> Vec<(&'static str, Json, &'static str, Json)> {
    let rule_tf = json!({ "from_port": 8080, "to_port": 8081, "protocol": "tcp", "description": "app", "cidr_blocks": ["10.0.0.0/8"],
        "ipv6_cidr_blocks": ["fd00::/8"], "prefix_list_ids": ["pl-1"], "security_groups": ["sg-1"], "self": false });
    let rule_cf = |side: &str| {
        json!({ "FromPort": "8080", "ToPort": 8081, "IpProtocol": "6", "Description": "app", "CidrIp": "10.0.0.0/8",
            "CidrIpv6": "fd00::/8", format!("{side}PrefixListId"): "pl-1", format!("{side}SecurityGroupId"): "sg-1" })
    };
    let network = |name: &str| json!({ name: { "SecurityGroups": ["sg-1"], "Subnets": ["subnet-1"] } });
    let mut twins = vec![
        (
            "aws_lb",
            json!({ "name": "web", "load_balancer_type": "application", "internal": true, "idle_timeout": 75, "client_keep_alive": 900,
                "ip_address_type": "dualstack", "enable_http2": false, "enable_waf_fail_open": true, "enable_deletion_protection": true,
                "desync_mitigation_mode": "strictest", "access_logs": [{ "enabled": true, "bucket": "logs" }],
                "security_groups": ["sg-1"], "subnets": ["subnet-1", "subnet-2"] }),
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            json!({ "Name": "web", "Type": "application", "Scheme": "internal", "IpAddressType": "dualstack", "SecurityGroups": ["sg-1"],
                "Subnets": ["subnet-1", "subnet-2"], "SubnetMappings": [{ "SubnetId": "subnet-1" }], "LoadBalancerAttributes": [
                    { "Key": "idle_timeout.timeout_seconds", "Value": "75" }, { "Key": "client_keep_alive.seconds", "Value": 900 },
                    { "Key": "routing.http2.enabled", "Value": "false" }, { "Key": "waf.fail_open.enabled", "Value": "true" },
                    { "Key": "deletion_protection.enabled", "Value": true },
                    { "Key": "routing.http.desync_mitigation_mode", "Value": "strictest" },
                    { "Key": "access_logs.s3.enabled", "Value": "true" }, { "Key": "access_logs.s3.bucket", "Value": "logs" }] }),
        ),
        (
            "aws_lb_listener",
            json!({ "port": 443, "protocol": "HTTPS", "certificate_arn": "arn:c", "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
                "default_action": [{ "type": "forward", "order": 1, "forward": [{ "target_group": [{ "arn": "a", "weight": 9 }, { "arn": "b", "weight": 1 }] }] }] }),
            "AWS::ElasticLoadBalancingV2::Listener",
            json!({ "LoadBalancerArn": "arn:lb", "Port": "443", "Protocol": "HTTPS", "Certificates": [{ "CertificateArn": "arn:c" }],
                "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06", "DefaultActions": [{ "Type": "forward", "Order": "1", "TargetGroupArn": "a",
                    "ForwardConfig": { "TargetGroups": [{ "TargetGroupArn": "a", "Weight": "9" }, { "TargetGroupArn": "b" }] } }] }),
        ),
        (
            "aws_lb_listener_rule",
            json!({ "priority": 10, "action": [{ "type": "forward", "target_group_arn": "a" }], "condition": [
                { "path_pattern": [{ "values": ["/a/*"] }] }, { "host_header": [{ "values": ["a.example"] }] },
                { "http_header": [{ "http_header_name": "X-A", "values": ["1"] }] }, { "http_request_method": [{ "values": ["GET"] }] },
                { "query_string": [{ "key": "k", "value": "v" }] }, { "source_ip": [{ "values": ["10.0.0.0/8"] }] }] }),
            "AWS::ElasticLoadBalancingV2::ListenerRule",
            json!({ "ListenerArn": "arn:l", "Priority": "10",
                "Actions": [{ "Type": "forward", "TargetGroupArn": "a", "ForwardConfig": { "TargetGroups": [] } },], "Conditions": [
                { "Field": "path-pattern", "Values": ["/a/*"] }, { "Field": "host-header", "HostHeaderConfig": { "Values": ["a.example"] } },
                { "Field": "http-header", "HttpHeaderConfig": { "HttpHeaderName": "X-A", "Values": ["1"] } },
                { "Field": "http-request-method", "HttpRequestMethodConfig": { "Values": ["GET"] } },
                { "Field": "query-string", "QueryStringConfig": { "Values": [{ "Key": "k", "Value": "v" }] } },
                { "Field": "source-ip", "SourceIpConfig": { "Values": ["10.0.0.0/8"] } }] }),
        ),
        (
            "aws_lb_listener_certificate",
            json!({ "certificate_arn": "arn:c" }),
            "AWS::ElasticLoadBalancingV2::ListenerCertificate",
            json!({ "ListenerArn": "arn:l", "Certificates": [{ "CertificateArn": "arn:c" }] }),
        ),
        (
            "aws_lb_target_group",
            json!({ "name": "app", "target_type": "ip", "protocol": "HTTP", "protocol_version": "HTTP2", "port": 8080, "ip_address_type": "ipv6",
                "tags": { "plangate:keep-alive-seconds": "75" }, "deregistration_delay": "20", "slow_start": 30, "load_balancing_algorithm_type": "weighted_random",
                "load_balancing_cross_zone_enabled": "false",
                "stickiness": [{ "enabled": true, "type": "app_cookie", "cookie_name": "c" }],
                "health_check": [{ "enabled": true, "protocol": "HTTP", "port": "9090", "path": "/up", "matcher": "204", "interval": 10,
                    "timeout": 4, "healthy_threshold": 2, "unhealthy_threshold": 4 }] }),
            "AWS::ElasticLoadBalancingV2::TargetGroup",
            json!({ "Name": "app", "TargetType": "ip", "Protocol": "HTTP", "ProtocolVersion": "HTTP2", "Port": "8080", "IpAddressType": "ipv6",
                "VpcId": "vpc-1", "Tags": [{ "Key": "plangate:keep-alive-seconds", "Value": "75" }], "TargetGroupAttributes": [{ "Key": "deregistration_delay.timeout_seconds", "Value": "20" },
                    { "Key": "slow_start.duration_seconds", "Value": "30" }, { "Key": "load_balancing.algorithm.type", "Value": "weighted_random" },
                    { "Key": "load_balancing.cross_zone.enabled", "Value": "false" }, { "Key": "stickiness.enabled", "Value": "true" },
                    { "Key": "stickiness.type", "Value": "app_cookie" }, { "Key": "stickiness.app_cookie.cookie_name", "Value": "c" }],
                "HealthCheckEnabled": "true", "HealthCheckProtocol": "HTTP", "HealthCheckPort": 9090, "HealthCheckPath": "/up",
                "Matcher": { "HttpCode": "204" }, "HealthCheckIntervalSeconds": "10", "HealthCheckTimeoutSeconds": 4,
                "HealthyThresholdCount": 2, "UnhealthyThresholdCount": "4" }),
        ),
        (
            "aws_security_group",
            json!({ "name": "app", "inline_written": false, "ingress": [rule_tf], "egress": [rule_tf] }),
            "AWS::EC2::SecurityGroup",
            json!({ "GroupName": "app", "VpcId": "vpc-1", "SecurityGroupIngress": [rule_cf("Source")], "SecurityGroupEgress": [rule_cf("Destination")] }),
        ),
        (
            "aws_vpc_security_group_ingress_rule",
            json!({ "ip_protocol": "tcp", "from_port": 80, "to_port": 90, "cidr_ipv4": "10.0.0.0/8", "cidr_ipv6": "fd00::/8" }),
            "AWS::EC2::SecurityGroupIngress",
            json!({ "GroupId": "sg-1", "GroupName": "g", "IpProtocol": 6, "FromPort": "80", "ToPort": 90, "CidrIp": "10.0.0.0/8", "CidrIpv6": "fd00::/8",
                "SourceSecurityGroupId": "sg-2", "SourceSecurityGroupName": "h", "SourcePrefixListId": "pl-1" }),
        ),
        (
            "aws_vpc_security_group_egress_rule",
            json!({ "ip_protocol": "-1", "from_port": 80, "to_port": 90, "cidr_ipv4": "10.0.0.0/8", "cidr_ipv6": "fd00::/8" }),
            "AWS::EC2::SecurityGroupEgress",
            json!({ "GroupId": "sg-1", "IpProtocol": -1, "FromPort": "80", "ToPort": 90, "CidrIp": "10.0.0.0/8", "CidrIpv6": "fd00::/8",
                "DestinationSecurityGroupId": "sg-2", "DestinationPrefixListId": "pl-1" }),
        ),
        (
            "aws_vpc_security_group_vpc_association",
            json!({}),
            "AWS::EC2::SecurityGroupVpcAssociation",
            json!({ "GroupId": "sg-1", "VpcId": "vpc-1" }),
        ),
        ("aws_vpc", json!({ "cidr_block": "10.0.0.0/16" }), "AWS::EC2::VPC", json!({ "CidrBlock": "10.0.0.0/16" })),
        ("aws_vpc_ipv4_cidr_block_association", json!({}), "AWS::EC2::VPCCidrBlock", json!({ "VpcId": "vpc-1" })),
        (
            "aws_subnet",
            json!({ "cidr_block": "10.0.0.0/24", "ipv6_cidr_block": "fd00::/64", "availability_zone": "eu-west-1a" }),
            "AWS::EC2::Subnet",
            json!({ "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24", "Ipv6CidrBlock": "fd00::/64", "AvailabilityZone": "eu-west-1a" }),
        ),
        (
            "aws_ec2_managed_prefix_list",
            json!({ "name": "office", "max_entries": 2, "entry": [{ "cidr": "10.0.0.0/8", "description": "d" }] }),
            "AWS::EC2::PrefixList",
            json!({ "PrefixListName": "office", "MaxEntries": "2", "Entries": [{ "Cidr": "10.0.0.0/8", "Description": "d" }] }),
        ),
        (
            "aws_network_acl",
            json!({ "ingress": [], "egress": [] }),
            "AWS::EC2::NetworkAcl",
            json!({ "VpcId": "vpc-1" }),
        ),
        (
            "aws_network_acl_rule",
            json!({ "egress": true, "rule_number": 100, "rule_action": "allow", "protocol": "6", "cidr_block": "10.0.0.0/8",
                "ipv6_cidr_block": "fd00::/8", "from_port": 1024, "to_port": 65535 }),
            "AWS::EC2::NetworkAclEntry",
            json!({ "NetworkAclId": "acl-1", "Egress": "true", "RuleNumber": "100", "RuleAction": "allow", "Protocol": 6,
                "CidrBlock": "10.0.0.0/8", "Ipv6CidrBlock": "fd00::/8", "PortRange": { "From": "1024", "To": 65535 } }),
        ),
        (
            "aws_network_acl_association",
            json!({}),
            "AWS::EC2::SubnetNetworkAclAssociation",
            json!({ "NetworkAclId": "acl-1", "SubnetId": "subnet-1" }),
        ),
        (
            "aws_ecs_service",
            json!({ "name": "app", "launch_type": "FARGATE", "desired_count": 2, "health_check_grace_period_seconds": 60,
                "deployment_minimum_healthy_percent": 50, "deployment_maximum_percent": 150, "scheduling_strategy": "REPLICA",
                "deployment_controller": [{ "type": "CODE_DEPLOY" }],
                "capacity_provider_strategy": [{ "capacity_provider": "FARGATE", "weight": 1, "base": 0 }],
                "load_balancer": [{ "target_group_arn": "a", "container_name": "app", "container_port": 8080 }],
                "network_configuration": [{ "subnets": ["subnet-1"] }] }),
            "AWS::ECS::Service",
            json!({ "ServiceName": "app", "LaunchType": "FARGATE", "DesiredCount": "2", "HealthCheckGracePeriodSeconds": 60,
                "DeploymentConfiguration": { "MinimumHealthyPercent": 50, "MaximumPercent": "150" }, "SchedulingStrategy": "REPLICA",
                "DeploymentController": { "Type": "CODE_DEPLOY" },
                "CapacityProviderStrategy": [{ "CapacityProvider": "FARGATE", "Weight": "1", "Base": 0 }],
                "LoadBalancers": [{ "TargetGroupArn": "a", "ContainerName": "app", "ContainerPort": "8080" }],
                "NetworkConfiguration": network("AwsvpcConfiguration"), "TaskDefinition": "t", "Cluster": "c" }),
        ),
        (
            "aws_ecs_task_definition",
            json!({ "family": "app", "network_mode": "awsvpc", "requires_compatibilities": ["FARGATE"],
                "container_definitions": r#"[{"name": "app", "image": "app:7", "command": ["serve", 1], "entryPoint": ["sh"], "stopTimeout": 40, "environment": [{"name": "KEEP", "value": "s"}],
                    "secrets": [{"name": "KEY", "valueFrom": "arn"}], "environmentFiles": [{"value": "arn"}], "mountPoints": [{"containerPath": "/etc/nginx"}],
                    "portMappings": [{"containerPort": 8080, "hostPort": "0"}, {"containerPortRange": "90-95"}]}]"# }),
            "AWS::ECS::TaskDefinition",
            json!({ "Family": "app", "NetworkMode": "awsvpc", "RequiresCompatibilities": "FARGATE",
                "ContainerDefinitions": [{ "Name": "app", "Image": "app:7", "Command": ["serve", "1"], "EntryPoint": ["sh"], "StopTimeout": 40,
                    "Environment": [{ "Name": "KEEP", "Value": "s" }], "Secrets": [{ "Name": "KEY", "ValueFrom": "arn" }],
                    "EnvironmentFiles": [{ "Value": "arn" }], "MountPoints": [{ "ContainerPath": "/etc/nginx" }],
                    "PortMappings": [{ "ContainerPort": "8080", "HostPort": 0 }, { "ContainerPortRange": "90-95" }] }] }),
        ),
        (
            "aws_ecs_task_set",
            json!({ "launch_type": "EC2", "capacity_provider_strategy": [{ "capacity_provider": "node" }],
                "load_balancer": [{ "target_group_arn": "a", "container_name": "app", "container_port": 8080 }],
                "network_configuration": [{ "subnets": ["subnet-1"] }] }),
            "AWS::ECS::TaskSet",
            json!({ "LaunchType": "EC2", "CapacityProviderStrategy": [{ "CapacityProvider": "node" }],
                "LoadBalancers": [{ "TargetGroupArn": "a", "ContainerName": "app", "ContainerPort": 8080 }],
                "NetworkConfiguration": network("AwsVpcConfiguration"), "TaskDefinition": "t", "Service": "s" }),
        ),
        ("aws_ecs_cluster", json!({ "name": "c" }), "AWS::ECS::Cluster", json!({ "ClusterName": "c" })),
        (
            "aws_ecs_capacity_provider",
            json!({ "name": "node" }),
            "AWS::ECS::CapacityProvider",
            json!({ "Name": "node", "AutoScalingGroupProvider": { "AutoScalingGroupArn": "arn:asg" } }),
        ),
        (
            "aws_ecs_cluster_capacity_providers",
            json!({ "capacity_providers": ["node"] }),
            "AWS::ECS::ClusterCapacityProviderAssociations",
            json!({ "Cluster": "c", "CapacityProviders": ["node"] }),
        ),
        (
            "aws_autoscaling_group",
            json!({ "name": "app", "tag": [{ "key": "a", "value": "b", "propagate_at_launch": true },
                    { "key": "c", "value": "d", "propagate_at_launch": false }], "min_size": 1, "max_size": 4, "desired_capacity": 2, "health_check_type": "ELB", "health_check_grace_period": 90,
                "launch_template": [{ "version": "$Latest" }], "mixed_instances_policy": [{ "launch_template": [{
                    "launch_template_specification": [{ "version": "2" }], "override": [{ "launch_template_specification": [{ "launch_template_id": "lt-1" }] }] }] }] }),
            "AWS::AutoScaling::AutoScalingGroup",
            json!({ "AutoScalingGroupName": "app", "Tags": [{ "Key": "a", "Value": "b", "PropagateAtLaunch": "true" },
                    { "Key": "c", "Value": "d", "PropagateAtLaunch": false }], "MinSize": "1", "MaxSize": "4", "DesiredCapacity": "2", "HealthCheckType": "ELB", "HealthCheckGracePeriod": 90,
                "LaunchTemplate": { "LaunchTemplateId": "lt-1", "LaunchTemplateName": "lt", "Version": "$Latest" }, "MixedInstancesPolicy": { "LaunchTemplate": {
                    "LaunchTemplateSpecification": { "LaunchTemplateId": "lt-1", "LaunchTemplateName": "lt", "Version": 2 },
                    "Overrides": [{ "LaunchTemplateSpecification": { "LaunchTemplateId": "lt-1" } }] } },
                "TargetGroupARNs": ["arn:tg"], "TrafficSources": [{ "Identifier": "arn:tg", "Type": "elbv2" }], "LaunchConfigurationName": "lc",
                "VPCZoneIdentifier": ["subnet-1"] }),
        ),
        (
            "aws_instance",
            json!({ "private_ip": "10.0.0.5", "vpc_security_group_ids": ["sg-1"], "security_groups": ["web"], "network_interface": [{ "device_index": 0 }],
                "launch_template": [{ "version": "1" }], "user_data": "echo ECS_CLUSTER=c", "tags": { "a": "b" } }),
            "AWS::EC2::Instance",
            json!({ "PrivateIpAddress": "10.0.0.5", "SecurityGroupIds": ["sg-1"], "SecurityGroups": ["web"], "SubnetId": "subnet-1",
                "NetworkInterfaces": [{ "DeviceIndex": 0, "GroupSet": ["sg-1"], "NetworkInterfaceId": "eni-1", "SubnetId": "subnet-1" }],
                "LaunchTemplate": { "LaunchTemplateId": "lt-1", "LaunchTemplateName": "lt", "Version": 1 }, "UserData": "ZWNobyBFQ1NfQ0xVU1RFUj1j",
                "Tags": [{ "Key": "a", "Value": "b" }] }),
        ),
        (
            "aws_launch_template",
            json!({ "name": "app", "vpc_security_group_ids": ["sg-1"], "network_interfaces": [{ "device_index": 1 }], "user_data": "ZWNobyBFQ1NfQ0xVU1RFUj1j",
                "tag_specifications": [{ "resource_type": "volume", "tags": { "c": "d" } }, { "resource_type": "instance", "tags": { "a": "b" } }] }),
            "AWS::EC2::LaunchTemplate",
            json!({ "LaunchTemplateName": "app", "LaunchTemplateData": { "SecurityGroupIds": ["sg-1"], "NetworkInterfaces": [{ "DeviceIndex": 1, "Groups": ["sg-1"] }],
                "UserData": "ZWNobyBFQ1NfQ0xVU1RFUj1j", "TagSpecifications": [{ "ResourceType": "volume", "Tags": [{ "Key": "c", "Value": "d" }] },
                    { "ResourceType": "instance", "Tags": [{ "Key": "a", "Value": "b" }] }] } }),
        ),
        (
            "aws_launch_configuration",
            json!({ "name": "app", "user_data": "ECS_CLUSTER=c" }),
            "AWS::AutoScaling::LaunchConfiguration",
            json!({ "LaunchConfigurationName": "app", "SecurityGroups": ["sg-1"], "UserData": "ECS_CLUSTER=c" }),
        ),
        (
            "aws_network_interface",
            json!({ "private_ip": "10.0.0.5", "private_ips": ["10.0.0.5", "10.0.0.6"] }),
            "AWS::EC2::NetworkInterface",
            json!({ "PrivateIpAddress": "10.0.0.5", "GroupSet": ["sg-1"], "SubnetId": "subnet-1",
                "PrivateIpAddresses": [{ "PrivateIpAddress": "10.0.0.5", "Primary": true }, { "PrivateIpAddress": "10.0.0.6" }] }),
        ),
        (
            "aws_lambda_function",
            json!({ "function_name": "f", "timeout": 30, "reserved_concurrent_executions": 5 }),
            "AWS::Lambda::Function",
            json!({ "FunctionName": "f", "Timeout": "30", "ReservedConcurrentExecutions": 5 }),
        ),
        (
            "aws_lambda_function",
            json!({ "function_name": "f", "timeout": 30, "reserved_concurrent_executions": 5 }),
            "AWS::Serverless::Function",
            json!({ "FunctionName": "f", "Timeout": 30, "ReservedConcurrentExecutions": 5 }),
        ),
        (
            "aws_lambda_alias",
            json!({ "name": "live" }),
            "AWS::Lambda::Alias",
            json!({ "Name": "live", "FunctionName": "f" }),
        ),
        (
            "aws_lambda_permission",
            json!({ "action": "lambda:InvokeFunction", "principal": "elasticloadbalancing.amazonaws.com", "source_arn": "arn:tg" }),
            "AWS::Lambda::Permission",
            json!({ "Action": "lambda:InvokeFunction", "Principal": "elasticloadbalancing.amazonaws.com", "SourceArn": "arn:tg", "FunctionName": "f" }),
        ),
        (
            "aws_cloudwatch_metric_alarm",
            json!({ "alarm_name": "a", "namespace": "AWS/ApplicationELB", "metric_name": "m", "statistic": "Sum", "treat_missing_data": "breaching",
                "dimensions": { "LoadBalancer": "app/web/1" }, "metric_query": [{ "id": "q", "metric": [{ "metric_name": "m", "namespace": "n",
                    "period": 60, "stat": "Sum", "dimensions": { "LoadBalancer": "app/web/1" } }] }] }),
            "AWS::CloudWatch::Alarm",
            json!({ "AlarmName": "a", "Namespace": "AWS/ApplicationELB", "MetricName": "m", "Statistic": "Sum", "TreatMissingData": "breaching",
                "Dimensions": [{ "Name": "LoadBalancer", "Value": "app/web/1" }], "Metrics": [{ "Id": "q", "MetricStat": { "Period": 60, "Stat": "Sum",
                    "Metric": { "MetricName": "m", "Namespace": "n", "Dimensions": [{ "Name": "LoadBalancer", "Value": "app/web/1" }] } } }] }),
        ),
        (
            "aws_ssm_document",
            json!({ "name": "d", "content": "schemaVersion: '2.2'\nmainSteps: [{action: 'aws:runShellScript', inputs: {runCommand: [a, 1, true]}}]" }),
            "AWS::SSM::Document",
            json!({ "Name": "d", "Content": { "schemaVersion": "2.2",
                "mainSteps": [{ "action": "aws:runShellScript", "inputs": { "runCommand": ["a", 1, true] } }] } }),
        ),
        (
            "aws_ssm_association",
            json!({ "name": "d", "document_version": "1", "instance_id": "i-1", "parameters": { "commands": "a" },
                "targets": [{ "key": "InstanceIds", "values": ["i-1"] }] }),
            "AWS::SSM::Association",
            json!({ "Name": "d", "DocumentVersion": "1", "InstanceId": "i-1", "Parameters": { "commands": ["a"] },
                "Targets": [{ "Key": "InstanceIds", "Values": ["i-1"] }] }),
        ),
        (
            "aws_wafv2_web_acl_association",
            json!({}),
            "AWS::WAFv2::WebACLAssociation",
            json!({ "ResourceArn": "arn:lb" }),
        ),
        ("aws_internet_gateway", json!({}), "AWS::EC2::InternetGateway", json!({})),
        ("aws_internet_gateway_attachment", json!({}), "AWS::EC2::VPCGatewayAttachment", json!({ "VpcId": "vpc-1" })),
        ("aws_route_table", json!({}), "AWS::EC2::RouteTable", json!({ "VpcId": "vpc-1" })),
        (
            "aws_route",
            json!({ "destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-1", "nat_gateway_id": "nat-1" }),
            "AWS::EC2::Route",
            json!({ "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "NatGatewayId": "nat-1", "RouteTableId": "rtb-1" }),
        ),
        (
            "aws_route_table_association",
            json!({}),
            "AWS::EC2::SubnetRouteTableAssociation",
            json!({ "SubnetId": "subnet-1", "RouteTableId": "rtb-1" }),
        ),
        (
            "aws_appautoscaling_target",
            json!({ "service_namespace": "ecs", "resource_id": "service/c/app", "min_capacity": 1 }),
            "AWS::ApplicationAutoScaling::ScalableTarget",
            json!({ "ServiceNamespace": "ecs", "ResourceId": "service/c/app", "MinCapacity": "1" }),
        ),
        (
            "aws_autoscaling_policy",
            json!({}),
            "AWS::AutoScaling::ScalingPolicy",
            json!({ "AutoScalingGroupName": "app" }),
        ),
        (
            "aws_elastic_beanstalk_environment",
            json!({ "tier": "WebServer", "template_name": "t", "tags": { "plangate:keep-alive-seconds": "75" }, "setting": settings(["namespace", "name", "value"]) }),
            "AWS::ElasticBeanstalk::Environment",
            json!({ "Tier": { "Name": "WebServer" }, "TemplateName": "t",
                "Tags": [{ "Key": "plangate:keep-alive-seconds", "Value": "75" }], "OptionSettings": settings(["Namespace", "OptionName", "Value"]) }),
        ),
        (
            "aws_elastic_beanstalk_configuration_template",
            json!({ "environment_id": "e-1" }),
            "AWS::ElasticBeanstalk::ConfigurationTemplate",
            json!({ "EnvironmentId": "e-1" }),
        ),
    ];
    twins.extend(callers());
    twins
}

/// What only CloudFormation has, for the tests that nothing is left out.
fn of_cloudformation_only() -> Vec<(&'static str, Json)> {
    vec![
        ("AWS::ElasticLoadBalancingV2::TargetGroup", json!({ "Targets": [{ "Id": "i-1", "Port": 80 }] })),
        (
            "AWS::ElasticLoadBalancingV2::ListenerRule",
            json!({ "Actions": [{ "ForwardConfig": { "TargetGroups": [{ "TargetGroupArn": "a" }] } }] }),
        ),
        ("AWS::EC2::SecurityGroup", json!({ "SecurityGroupIngress": [{ "SourceSecurityGroupName": "g" }] })),
        ("AWS::AutoScaling::AutoScalingGroup", initialised()),
        ("AWS::AutoScaling::LaunchConfiguration", initialised()),
        ("AWS::EC2::Instance", initialised()),
        ("AWS::EC2::LaunchTemplate", initialised()),
        (
            "AWS::ECS::Service",
            json!({ "LoadBalancers": [{ "AdvancedConfiguration": { "AlternateTargetGroupArn": "b" } }] }),
        ),
        (
            "AWS::AutoScaling::AutoScalingGroup",
            json!({ "UpdatePolicy": { "AutoScalingRollingUpdate": { "MinInstancesInService": "1" },
                "AutoScalingReplacingUpdate": { "WillReplace": "true" } } }),
        ),
        (
            "AWS::ECS::Cluster",
            json!({ "CapacityProviders": ["node"], "DefaultCapacityProviderStrategy": [{ "CapacityProvider": "node" }] }),
        ),
    ]
}

fn initialised() -> Json {
    json!({ "Metadata": { "AWS::CloudFormation::Init": { "config": { "packages": { "yum": { "nginx": [] } } } } } })
}

#[test]
fn the_same_in_both_dialects() {
    for (terraform, left, cloudformation, right) in twins() {
        let ((one, left), (other, right)) = (read(terraform, &left), read(cloudformation, &right));
        assert_eq!(one.kind, other.kind, "{terraform} and {cloudformation}");
        for attribute in one.attributes {
            let (left, right) = (lookup(&left, attribute.path), lookup(&right, attribute.path));
            let (left, right) = (left.to_value(), right.to_value());
            assert_eq!(shown(&left), shown(&right), "{terraform} and {cloudformation}: {}", attribute.path);
        }
    }
}

/// Text that is a number is the number: either dialect may write one or the other.
fn shown(value: &Option<Value>) -> String {
    let number = value.as_ref().and_then(Value::as_int);
    number.map_or_else(|| value.as_ref().map_or("absent".to_owned(), ToString::to_string), |number| number.to_string())
}

#[test]
fn every_property_is_read_by_a_twin() {
    let raws: Vec<(&str, Json)> =
        twins().into_iter().map(|(_, _, name, raw)| (name, raw)).chain(of_cloudformation_only()).collect();
    for spec in kinds() {
        let own = || raws.iter().filter(|(name, _)| spec.cloudformation.contains(name));
        assert_eq!(own().next().is_some(), !spec.cloudformation.is_empty(), "{}: no twin", spec.kind.0);
        let mut open: BTreeSet<&str> = BTreeSet::new();
        if spec.cloudformation.is_empty() {
            continue;
        }
        for attribute in spec.attributes.iter().filter(|attribute| !matches!(attribute.cloudformation, Read::Nowhere)) {
            let written = |raw: &Json| match lookup(&read(spec.cloudformation[0], raw).1, attribute.path) {
                Lookup::Known(value) => value.marks.default.is_none(),
                _ => false,
            };
            if !own().any(|(_, raw)| written(raw)) {
                open.insert(attribute.path);
            }
        }
        for (_, pattern) in spec.links_in(Dialect::CloudFormation) {
            let path = pattern.replace("[*]", ".0");
            if !own().any(|(_, raw)| matches!(lookup(&value(raw), &path), Lookup::Known(_))) {
                open.insert(pattern);
            }
        }
        assert!(open.is_empty(), "{}: nothing tells that these are read: {open:?}", spec.kind.0);
    }
}

const BALANCER: &str = "AWS::ElasticLoadBalancingV2::LoadBalancer";

#[test]
fn a_secret_entry_stays_one() {
    let mut raw = value(&json!({ "LoadBalancerAttributes": [{ "Key": "access_logs.s3.bucket", "Value": "hidden" }] }));
    raw.seal();
    let spec = kind_of(Dialect::CloudFormation, BALANCER).unwrap();
    let read = attributes(spec, Dialect::CloudFormation, &raw, &Everything);
    assert!(lookup(&read, "access_logs.bucket").known().unwrap().marks.sensitive);
}

#[test]
fn defaults_are_those_of_aws() {
    let group = "AWS::ElasticLoadBalancingV2::TargetGroup";
    let lambda = json!({ "TargetType": "lambda", "HealthCheckPath": "/" });
    let http = json!({ "Protocol": "HTTP", "HealthCheckPath": "/" });
    for (type_name, raw, path, default) in [
        ("AWS::ECS::Service", json!({}), "desired_count", Value::from(1)),
        ("AWS::EC2::SecurityGroup", json!({}), "ingress", Vec::new().into()),
        ("AWS::EC2::NetworkAcl", json!({}), "ingress", Vec::new().into()),
        ("AWS::ECS::Service", json!({}), "health_check_grace_period", 0.into()),
        ("AWS::ECS::Service", json!({}), "launch_type", Value::null()),
        ("AWS::AutoScaling::AutoScalingGroup", json!({}), "health_check_grace_period", 0.into()),
        ("AWS::AutoScaling::AutoScalingGroup", json!({}), "health_check_type", "EC2".into()),
        (group, http.clone(), "health_check.healthy_threshold", 5.into()),
        (group, http.clone(), "health_check.unhealthy_threshold", 2.into()),
        (group, http.clone(), "health_check.protocol", "HTTP".into()),
        (group, http.clone(), "health_check.matcher", "200".into()),
        (group, http, "stickiness.enabled", false.into()),
        (group, lambda.clone(), "health_check.enabled", false.into()),
        (group, lambda, "health_check.interval", 35.into()),
        (group, json!({ "Protocol": "HTTP", "ProtocolVersion": "GRPC" }), "health_check.matcher", "12".into()),
        (group, json!({ "Matcher": { "GrpcCode": "0-99" } }), "health_check.matcher", "0-99".into()),
        ("AWS::ElasticLoadBalancingV2::Listener", json!({}), "protocol", Value::null()),
        (BALANCER, json!({}), "internal", false.into()),
        (BALANCER, json!({ "Scheme": "internet-facing" }), "internal", false.into()),
    ] {
        let found = one(type_name, raw, path);
        assert!(found.data == default.data, "{type_name} {path} is {found}");
        assert_ne!(found.marks.default, Some(DefaultOf::Provider), "{type_name} {path}");
    }
}

#[test]
fn what_is_not_known_is_not_absent() {
    for (type_name, raw, path) in [
        (BALANCER, json!({ "Scheme": { "?": "p" } }), "internal"),
        (
            "AWS::ElasticLoadBalancingV2::TargetGroup",
            json!({ "Matcher": { "HttpCode": { "?": "p" } } }),
            "health_check.matcher",
        ),
        (
            "AWS::ElasticLoadBalancingV2::TargetGroup",
            json!({ "Matcher": { "HttpCode": "200", "GrpcCode": "0" } }),
            "health_check.matcher",
        ),
        ("AWS::ElasticLoadBalancingV2::TargetGroup", json!({ "Targets": { "?": "p" } }), "targets"),
        (
            "AWS::ElasticLoadBalancingV2::Listener",
            json!({ "Certificates": [{ "CertificateArn": { "?": "p" } }] }),
            "certificate",
        ),
        ("AWS::ECS::TaskDefinition", json!({ "ContainerDefinitions": [{ "Name": { "?": "p" } }] }), "containers"),
        ("AWS::ECS::TaskDefinition", json!({ "ContainerDefinitions": [{ "?": "p" }] }), "containers"),
        (
            "AWS::ECS::TaskDefinition",
            json!({ "ContainerDefinitions": [{ "Name": "a", "PortMappings": { "?": "p" } }] }),
            "containers.0.port_mappings",
        ),
        ("AWS::EC2::SecurityGroup", json!({ "SecurityGroupEgress": { "?": "p" } }), "egress"),
        (
            "AWS::EC2::SecurityGroup",
            json!({ "SecurityGroupIngress": [{ "CidrIp": { "?": "p" } }] }),
            "ingress.0.cidr_blocks.0",
        ),
        ("AWS::EC2::NetworkAclEntry", json!({ "Egress": { "?": "p" } }), "egress"),
        ("AWS::CloudWatch::Alarm", json!({ "Dimensions": [{ "Name": { "?": "p" }, "Value": "v" }] }), "dimensions"),
    ] {
        assert!(one(type_name, raw.clone(), path).as_unknown().is_some(), "{type_name} {path}: {raw}");
    }
}

#[test]
fn an_entry_named_by_its_key_has_a_place() {
    let spot = |line| Spot { file: "t.yaml".into(), line, column: 1, start: 0, end: 0, text: "".into() };
    let paths = [
        ("", 1),
        ("LoadBalancerAttributes", 2),
        ("LoadBalancerAttributes[idle_timeout.timeout_seconds]", 3),
        ("SecurityGroupIngress", 4),
        ("SecurityGroupIngress[0]", 5),
        ("DeploymentConfiguration.MinimumHealthyPercent", 6),
    ];
    let resource = Resource {
        address: "Web".into(),
        kind: None,
        type_name: BALANCER.into(),
        mode: Mode::Managed,
        action: Action::Create,
        replaced_by: Vec::new(),
        attributes: Value::null(),
        raw: Value::null(),
        spots: BTreeMap::from(paths.map(|(path, line)| (path.into(), spot(line)))),
        uncertain: None,
        construct: None,
        exemptions: Vec::new(),
    };
    for (path, line) in [
        ("LoadBalancerAttributes[idle_timeout.timeout_seconds]", 3),
        ("LoadBalancerAttributes[routing.http2.enabled]", 2),
        ("TargetGroupAttributes[slow_start.duration_seconds]", 1),
        ("SecurityGroupIngress[0].CidrIp", 5),
        ("SecurityGroupIngress[1]", 1),
        ("DeploymentConfiguration.MinimumHealthyPercent", 6),
    ] {
        assert_eq!(resource.spot(path).map(|spot| spot.line), Some(line), "{path}");
    }
}

#[test]
fn a_type_tells_its_dialect() {
    assert_eq!(Dialect::of("AWS::EC2::Subnet"), Dialect::CloudFormation);
    assert_eq!(Dialect::of("aws_subnet"), Dialect::Terraform);
    assert!(kind_of(Dialect::Terraform, "AWS::EC2::Subnet").is_none());
    assert!(kind_of(Dialect::CloudFormation, "aws_subnet").is_none());
}
