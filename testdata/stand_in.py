#!/usr/bin/env python3
"""Creates the CloudFormation stacks of this folder in moto, an implementation of AWS that is not ours, and keeps what it answers.

    python3 testdata/stand_in.py [stack…]          for instance: fargate templates/standalone-rules

Needed: `pip install 'moto[server]' boto3` (moto brings PyYAML, which reads the templates here). moto_server is started on
a free loopback port with made-up credentials and ended again; nothing is sent to AWS. Tests only read what this wrote:

    <stack>/stand_in.json             beside template.yaml or template.json
    templates/<name>.stand_in.json    beside templates/<name>.yaml

nested-modules, sam and change-set are not among them: moto does not know the outputs of a nested stack nor these macros,
and a change set's subnets are none of its own.

Each answer is keyed by logical id, physical ids are replaced by logical ones, so the same template gives the same bytes. What stands around a stack is made first: a VPC and subnets for its parameters
(named after them: SubnetIds[0]), a certificate, SSM parameters, exports. `parameters` in the answer are the values that
were given and are no defaults of the template, `mended` is what had to be changed for the stack to be made, `refused` is
what moto's API did not take afterwards.

moto's CloudFormation reads fewer properties than its API knows. Those in LEFT_OUT are therefore given to its API after
the stack is made, with the values moto's CloudFormation resolves for them (they are put into the outputs of the stack).
Whatever else it leaves out, or knows wrongly, stays as it is: stand_in_deviations.json says where, and why AWS differs.
"""

import copy
import ipaddress
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from io import BytesIO
from pathlib import Path

import boto3
import yaml
from botocore.exceptions import ClientError

HERE = Path(__file__).resolve().parent
ELB = "AWS::ElasticLoadBalancingV2::"
LEFT_OUT = {
    ELB + "LoadBalancer": ["LoadBalancerAttributes"],
    ELB + "TargetGroup": ["TargetGroupAttributes", "Targets"],
    ELB + "Listener": ["DefaultActions"],
    ELB + "ListenerRule": ["Actions"],
    "AWS::EC2::SecurityGroup": ["SecurityGroupEgress"],
    "AWS::EC2::SecurityGroupEgress": ["*"],
    "AWS::CloudWatch::Alarm": ["*"],
    "AWS::ECS::TaskDefinition": ["*"],
    "AWS::ECS::Service": ["*"],
}
CONDITIONS = {"path-pattern": "PathPatternConfig", "host-header": "HostHeaderConfig"}
REGIONS = {  # as in the provider block of main.tf
    "ec2-asg": "eu-central-1", "ecs-dynamic-ports": "us-east-1", "fargate": "eu-west-1", "faulty": "eu-central-1",
    "faulty-edge": "eu-west-1", "ip-targets": "eu-central-1", "lambda": "eu-north-1",
    "replace": "eu-west-3", "secrets": "eu-central-1", "unknown-values": "ap-southeast-1", "update": "eu-central-1",
    "weighted-forward": "eu-west-2",
}
GIVEN = {  # parameters without a default
    "unknown-values": {"Port": "7000"},
    "templates/fargate-https-conditions": {"Environment": "dev"},
}
SSM = {"/late/matcher": "200-499", "/late/idle-timeout": "50"}
EXPORTS = {"network-cidr": "10.90.0.0/16"}
NOT_MADE = {"nested-modules", "sam", "change-set"}
MENDED = {  # faults that AWS refuses and moto refuses too: mended, so that the rest can be made. None: left out
    ("faulty", "TieSecondRule"): None,
    ("faulty", "TimeoutTargetGroup"): {"HealthCheckTimeoutSeconds": 19},
    ("secrets", "BillingTargetGroup"): {"HealthCheckTimeoutSeconds": 29},
    ("templates/fargate-https-conditions", "TargetGroup"): {"HealthCheckTimeoutSeconds": 9},
}


def main():
    stacks = [name.rstrip("/") for name in sys.argv[1:]] or all_stacks()
    with Moto() as moto:
        for stack in stacks:
            template = template_of(stack)
            answer = Run(moto, stack, template).answer()
            name = "stand_in.json" if template.stem == "template" else f"{template.stem}.stand_in.json"
            (template.parent / name).write_text(json.dumps(answer, indent=2, sort_keys=True) + "\n")
            print(stack)


def all_stacks():
    own = [path.parent.name for path in HERE.glob("*/template.*") if path.parent.name not in NOT_MADE]
    return sorted(own) + sorted(f"templates/{path.stem}" for path in HERE.glob("templates/*.yaml"))


def template_of(stack):
    for path in (HERE / stack / "template.yaml", HERE / stack / "template.json", HERE / f"{stack}.yaml"):
        if path.exists():
            return path
    sys.exit(f"{stack}: no template.yaml, template.json or {stack}.yaml in {HERE.name}/")


class Moto:
    """moto_server on a free loopback port, for as long as the block lasts."""

    def __enter__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        os.environ.update(AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", AWS_EC2_METADATA_DISABLED="true",
                          AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull, NO_PROXY="127.0.0.1")
        beside = Path(sys.executable).with_name("moto_server")
        server = str(beside) if beside.exists() else "moto_server"
        self.process = subprocess.Popen([server, "-H", "127.0.0.1", "-p", str(port)],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(150):
            try:
                urllib.request.urlopen(self.url + "/moto-api/data.json", timeout=2).close()
                return self
            except OSError:
                time.sleep(0.2)
        self.process.terminate()
        sys.exit("moto_server does not answer")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def reset(self):
        for path in ("reset", "seed?a=42"):
            request = urllib.request.Request(f"{self.url}/moto-api/{path}", method="POST")
            urllib.request.urlopen(request, timeout=30).close()


class Loader(yaml.SafeLoader):
    """YAML with the short forms of intrinsic functions."""


def short_form(loader, tag, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if tag == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {tag if tag in ("Ref", "Condition") else f"Fn::{tag}": value}


Loader.add_multi_constructor("!", short_form)


def read(path):
    return yaml.load(path.read_text(), Loader) if path.suffix == ".yaml" else json.loads(path.read_text())


def walk(node, change):
    """The tree with every map replaced by what `change` makes of it, innermost first."""
    if isinstance(node, dict):
        return change({key: walk(value, change) for key, value in node.items()})
    return [walk(item, change) for item in node] if isinstance(node, list) else node


class Run:
    """One stack: prepared, created, read back."""

    def __init__(self, moto, stack, path):
        self.stack, self.path = stack, path
        region = REGIONS.get(stack, "eu-central-1")
        moto.reset()

        def client(service):
            return boto3.client(service, region_name=region, endpoint_url=moto.url)

        self.region = region
        self.cfn, self.ec2, self.elb = client("cloudformation"), client("ec2"), client("elbv2")
        self.s3, self.acm, self.ssm = client("s3"), client("acm"), client("ssm")
        self.iam, self.asg, self.ecs = client("iam"), client("autoscaling"), client("ecs")
        self.cloudwatch, self.lambdas = client("cloudwatch"), client("lambda")
        self.names, self.logical, self.refused = {}, {}, {}

    def create(self):
        """Makes the stack; gives the values of its parameters."""
        template = read(self.path)
        self.surroundings()
        given = self.parameters(template)
        body = self.for_moto(template, given)
        self.cfn.create_stack(StackName="twin", TemplateBody=json.dumps(body), Capabilities=["CAPABILITY_NAMED_IAM"],
                              Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in given.items()])
        self.resources({logical: resource["Type"] for logical, resource in template["Resources"].items()})
        # A service is made of what its task definition has become.
        for logical, entry in sorted(self.logical.items(), key=lambda item: (item[1][0] == "AWS::ECS::Service", item[0])):
            self.give_left_out(logical, *entry)
        return given

    def answer(self):
        self.create()
        answer = {"region": self.region}
        if GIVEN.get(self.stack):
            answer["parameters"] = GIVEN[self.stack]
        if self.stack == "unknown-values":
            answer["ssm"], answer["exports"] = SSM, EXPORTS
        if mended := {logical: change for (stack, logical), change in MENDED.items() if stack == self.stack}:
            answer["mended"] = mended
        if self.refused:
            answer["refused"] = self.refused
        answer.update(self.read_back())
        return answer

    # ---- before

    def surroundings(self):
        self.certificate = self.acm.request_certificate(DomainName="example.com")["CertificateArn"]
        self.vpc = self.ec2.create_vpc(CidrBlock="10.200.0.0/16")["Vpc"]["VpcId"]
        self.next_subnet = 0
        for name, value in SSM.items():
            self.ssm.put_parameter(Name=name, Value=value, Type="String")
        exports = {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}, "Outputs": {}}
        for number, (name, value) in enumerate(EXPORTS.items()):
            exports["Outputs"][f"Export{number}"] = {"Value": value, "Export": {"Name": name}}
        self.cfn.create_stack(StackName="exports", TemplateBody=json.dumps(exports))
        archive = BytesIO()
        with zipfile.ZipFile(archive, "w") as code:
            code.writestr("quote.py", "def handler(event, context): return {'statusCode': 200}\n")
        where = {} if self.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
        self.s3.create_bucket(Bucket="example-artifacts", **where)
        self.s3.put_object(Bucket="example-artifacts", Key="quote/1.4.0.zip", Body=archive.getvalue())
        self.iam.create_role(RoleName="ecsInstanceRole", AssumeRolePolicyDocument="{}")

    def parameters(self, template):
        """A value for every parameter: moto would take a default of a list type for one text."""
        given = dict(GIVEN.get(self.stack, {}))
        for name, parameter in template.get("Parameters", {}).items():
            kind, default = parameter["Type"], parameter.get("Default")
            if kind == "AWS::EC2::VPC::Id":
                given[name] = self.vpc
                self.names[self.vpc] = name
            elif kind == "List<AWS::EC2::Subnet::Id>":
                count = len(default.split(",")) if default else 2
                given[name] = ",".join(self.subnet(f"{name}[{i}]") for i in range(count))
            elif name not in given and default is not None:
                given[name] = str(default)
        return given

    def subnet(self, name):
        zone = self.region + "abc"[self.next_subnet % 3]
        subnet = self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.200.{self.next_subnet}.0/24",
                                        AvailabilityZone=zone)["Subnet"]["SubnetId"]
        self.next_subnet += 1
        self.names[subnet] = name
        return subnet

    def for_moto(self, template, given):
        """The template in the form moto takes, with the properties it leaves out as outputs."""
        def change(node):
            if "Fn::Cidr" in node:
                block, count, bits = node["Fn::Cidr"]
                block = given[block["Ref"]] if isinstance(block, dict) else block
                parts = ipaddress.ip_network(block).subnets(new_prefix=32 - int(bits))
                return [str(next(parts)) for _ in range(int(count))]
            if "Certificates" in node:
                node["Certificates"] = [{"CertificateArn": self.certificate}]
            if config := CONDITIONS.get(node.get("Field")) if "Values" in node else None:
                return {"Field": node["Field"], config: {"Values": node["Values"]}}  # what AWS answers
            of, attribute = node.get("Fn::GetAtt", ["", ""])
            if attribute in ("TargetGroupArn", "ListenerArn"):
                return {"Ref": of}  # the same, and known to moto
            if attribute in ("TargetGroupFullName", "LoadBalancerFullName"):
                before = "loadbalancer/" if attribute.startswith("Load") else ":"
                return {"Fn::Select": [1 if before != ":" else 5, {"Fn::Split": [before, {"Ref": of}]}]}
            if attribute == "CidrBlock":
                return template["Resources"][of]["Properties"]["CidrBlock"]
            return {key: self.resolved(value) for key, value in node.items()}

        template = walk(copy.deepcopy(template), change)
        outputs = template.setdefault("Outputs", {})
        mend(template, self.stack)
        for logical, resource in template["Resources"].items():
            kind, properties = resource["Type"], resource.get("Properties", {})
            if "SubnetMappings" in properties:
                properties["Subnets"] = [mapping["SubnetId"] for mapping in properties.pop("SubnetMappings")]
            for number, name in enumerate(LEFT_OUT.get(kind, [])):
                wanted = properties if name == "*" else properties.get(name)
                if wanted is None or not needs_api(name, wanted):
                    continue
                outputs[f"LeftOut{number}{logical}"] = {"Value": {"Fn::ToJsonString": copy.deepcopy(wanted)}}
                if "Condition" in resource:
                    outputs[f"LeftOut{number}{logical}"]["Condition"] = resource["Condition"]
                if name in ("DefaultActions", "Actions"):
                    properties[name] = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}]
        return template

    def resolved(self, value):
        """moto does not look up dynamic references."""
        if not isinstance(value, str):
            return value
        value = re.sub(r"\{\{resolve:ssm:([^}]+)\}\}", lambda found: SSM[found[1]], value)
        return re.sub(r"\{\{resolve:secretsmanager:[^}]+\}\}", "looked-up", value)

    # ---- after

    def resources(self, kinds):
        described = self.cfn.describe_stacks(StackName="twin")["Stacks"][0]
        outputs = {out["OutputKey"]: out["OutputValue"] for out in described.get("Outputs", [])}
        for one in self.cfn.describe_stack_resources(StackName="twin")["StackResources"]:
            if "LogicalResourceId" not in one:  # a type moto does not make
                continue
            logical, kind, physical = one["LogicalResourceId"], one["ResourceType"], one.get("PhysicalResourceId")
            wanted = {name: json.loads(outputs[f"LeftOut{number}{logical}"])
                      for number, name in enumerate(LEFT_OUT.get(kind, [])) if f"LeftOut{number}{logical}" in outputs}
            self.logical[logical] = (kind, physical, wanted)
            if physical:
                self.names[physical] = logical
            if kind == "AWS::Lambda::Function":
                self.names[f"arn:aws:lambda:{self.region}:123456789012:function:{physical}"] = logical
        for key in outputs:  # moto does not make this type and says nothing about it
            logical = key.removeprefix("LeftOut0")
            if key != logical and logical not in self.logical:
                self.logical[logical] = (kinds[logical], None, {"*": json.loads(outputs[key])})
        for instance in self.asg.describe_auto_scaling_instances()["AutoScalingInstances"]:
            group = self.names.get(instance["AutoScalingGroupName"])
            self.names[instance["InstanceId"]] = group

    def give_left_out(self, logical, kind, physical, wanted):
        try:
            if attributes := wanted.get("LoadBalancerAttributes"):
                self.elb.modify_load_balancer_attributes(LoadBalancerArn=physical, Attributes=pairs(attributes))
            if attributes := wanted.get("TargetGroupAttributes"):
                self.elb.modify_target_group_attributes(TargetGroupArn=physical, Attributes=pairs(attributes))
            if targets := wanted.get("Targets"):
                numbered = [{**target, **({"Port": int(target["Port"])} if "Port" in target else {})} for target in targets]
                self.elb.register_targets(TargetGroupArn=physical, Targets=numbered)
            if actions := wanted.get("DefaultActions"):
                self.elb.modify_listener(ListenerArn=physical, DefaultActions=numbers(actions))
            if actions := wanted.get("Actions"):
                self.elb.modify_rule(RuleArn=physical, Actions=numbers(actions))
            if "SecurityGroupEgress" in wanted:
                all_out = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
                self.ec2.revoke_security_group_egress(GroupId=physical, IpPermissions=[all_out])
                permissions = [permission(rule) for rule in wanted["SecurityGroupEgress"]]
                self.ec2.authorize_security_group_egress(GroupId=physical, IpPermissions=permissions)
            if kind == "AWS::CloudWatch::Alarm":
                alarm = {"AlarmName": logical, "EvaluationPeriods": 1, **wanted["*"]}
                self.cloudwatch.put_metric_alarm(**input_of(self.cloudwatch, "PutMetricAlarm", alarm))
            elif kind == "AWS::ECS::TaskDefinition":
                self.ecs.register_task_definition(**input_of(self.ecs, "RegisterTaskDefinition", wanted["*"]))
            elif kind == "AWS::ECS::Service":
                self.make_service(physical, wanted["*"])
            elif rule := wanted.get("*"):
                self.ec2.authorize_security_group_egress(GroupId=rule["GroupId"], IpPermissions=[permission(rule)])
        except ClientError as error:
            self.refused[logical] = error.response["Error"]["Code"]

    def make_service(self, arn, properties):
        """The service once more, as a whole."""
        self.ecs.delete_service(cluster=properties.get("Cluster", "default"), service=arn, force=True)
        family = properties["TaskDefinition"].rsplit("/", 1)[-1].rsplit(":", 1)[0]
        service = {"ServiceName": arn.rsplit("/", 1)[-1], **properties, "TaskDefinition": family}
        # moto's CloudFormation makes no capacity providers.
        strategy = [one for one in service.pop("CapacityProviderStrategy", []) if one.get("CapacityProvider")]
        if strategy:
            service["CapacityProviderStrategy"] = strategy
        self.ecs.create_service(**input_of(self.ecs, "CreateService", service))

    def read_back(self):
        of = {kind: {logical: physical for logical, (its, physical, _) in self.logical.items() if its == kind}
              for kind in {entry[0] for entry in self.logical.values()}}
        return {
            "load_balancers": {k: self.load_balancer(v) for k, v in of.get(ELB + "LoadBalancer", {}).items()},
            "listeners": {k: self.listener(v) for k, v in of.get(ELB + "Listener", {}).items()},
            "rules": {k: self.rule(v) for k, v in of.get(ELB + "ListenerRule", {}).items()},
            "target_groups": {k: self.target_group(v) for k, v in of.get(ELB + "TargetGroup", {}).items()},
            "security_groups": {k: self.security_group(v) for k, v in of.get("AWS::EC2::SecurityGroup", {}).items()},
        }

    def name(self, physical):
        return self.names.get(physical, physical)

    def load_balancer(self, arn):
        one = self.elb.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
        found = self.elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
        attributes = {entry["Key"]: entry["Value"] for entry in found}
        groups = []
        for group in one.get("SecurityGroups", []):
            default = self.names.get(group) is None
            groups.append("default" if default else self.names[group])
        keep_alive = attributes.get("client_keep_alive.seconds")
        return {
            "idle_timeout": number(attributes.get("idle_timeout.timeout_seconds")),
            **({"client_keep_alive": number(keep_alive)} if keep_alive else {}),
            "scheme": one["Scheme"],
            "type": one["Type"],
            "security_groups": sorted(groups),
            "subnets": sorted(self.name(zone["SubnetId"]) for zone in one["AvailabilityZones"]),
        }

    def listener(self, arn):
        one = self.elb.describe_listeners(ListenerArns=[arn])["Listeners"][0]
        return {
            "port": one["Port"],
            "protocol": one["Protocol"],
            "load_balancer": self.name(one["LoadBalancerArn"]),
            "certificates": len(one.get("Certificates", [])),
            "default_actions": self.actions(one["DefaultActions"]),
        }

    def rule(self, arn):
        one = self.elb.describe_rules(RuleArns=[arn])["Rules"][0]
        listener = next(known for known, (kind, physical, _) in self.logical.items()
                        if kind == ELB + "Listener" and arn.startswith(physical.replace(":listener/", ":listener-rule/") + "/"))
        return {"priority": number(one["Priority"]), "listener": listener, "actions": self.actions(one["Actions"])}

    def actions(self, actions):
        said = []
        for action in sorted(actions, key=lambda action: action.get("Order", 0)):
            groups = action.get("ForwardConfig", {}).get("TargetGroups", [])
            if not groups and "TargetGroupArn" in action:
                groups = [{"TargetGroupArn": action["TargetGroupArn"]}]
            entry = {"type": action["Type"]}
            if groups:
                entry["target_groups"] = [{"id": self.name(group["TargetGroupArn"]), "weight": group.get("Weight", 1)}
                                          for group in groups]
            said.append(entry)
        return said

    def target_group(self, arn):
        one = self.elb.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0]
        found = self.elb.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
        attributes = {entry["Key"]: entry["Value"] for entry in found}
        targets = {(self.name(health["Target"]["Id"]), health["Target"].get("Port"))
                   for health in self.elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]}
        matcher = one.get("Matcher", {})
        return {
            "port": one.get("Port"),
            "protocol": one.get("Protocol"),
            "protocol_version": one.get("ProtocolVersion"),
            "target_type": one.get("TargetType"),
            "health_check": {
                "enabled": one.get("HealthCheckEnabled"),
                "protocol": one.get("HealthCheckProtocol"),
                "port": one.get("HealthCheckPort"),
                "path": one.get("HealthCheckPath"),
                "matcher": matcher.get("HttpCode", matcher.get("GrpcCode")),
                "interval": one.get("HealthCheckIntervalSeconds"),
                "timeout": one.get("HealthCheckTimeoutSeconds"),
                "healthy_threshold": one.get("HealthyThresholdCount"),
                "unhealthy_threshold": one.get("UnhealthyThresholdCount"),
            },
            "deregistration_delay": number(attributes.get("deregistration_delay.timeout_seconds")),
            "stickiness": {key.removeprefix("stickiness."): value for key, value in attributes.items()
                           if key.startswith("stickiness.")},
            "targets": [{"id": name, "port": port} for name, port in sorted(targets, key=str)],
        }

    def security_group(self, group):
        one = self.ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
        return {"ingress": self.rules(one["IpPermissions"]), "egress": self.rules(one["IpPermissionsEgress"])}

    def rules(self, permissions):
        said = [{
            "protocol": entry["IpProtocol"],
            "from": entry.get("FromPort"),
            "to": entry.get("ToPort"),
            "cidrs": sorted([each["CidrIp"] for each in entry.get("IpRanges", [])]
                            + [each["CidrIpv6"] for each in entry.get("Ipv6Ranges", [])]),
            "groups": sorted(self.name(each["GroupId"]) for each in entry.get("UserIdGroupPairs", [])),
        } for entry in permissions]
        return sorted(said, key=json.dumps)


def mend(template, stack):
    """Whether anything of the stack's template is mended; it then is."""
    changes = {logical: change for (of, logical), change in MENDED.items() if of == stack}
    for logical, change in changes.items():
        if change is None:
            template["Resources"].pop(logical, None)
        else:
            template["Resources"][logical]["Properties"].update(change)
    return bool(changes)


def needs_api(name, wanted):
    """Actions that moto's CloudFormation understands are left to it."""
    if name not in ("DefaultActions", "Actions"):
        return True
    return any("ForwardConfig" in action or action["Type"].startswith("authenticate") for action in wanted)


def pairs(attributes):
    return [{"Key": entry["Key"], "Value": str(entry["Value"])} for entry in attributes if entry]


def numbers(actions):
    def change(node):
        return {key: int(value) if key in ("Weight", "Order", "DurationSeconds") else value for key, value in node.items()}
    return walk(actions, change)


def input_of(client, operation, properties):
    """The properties of a resource as an operation of the API takes them: its names, and its types."""
    return in_shape(properties, client.meta.service_model.operation_model(operation).input_shape)


def in_shape(value, shape):
    if shape.type_name == "structure":
        names = {key.lower(): one for key, one in value.items()}
        return {key: in_shape(names[key.lower()], member) for key, member in shape.members.items() if key.lower() in names}
    if shape.type_name == "list":
        return [in_shape(one, shape.member) for one in value]
    if shape.type_name == "map":
        return {key: in_shape(one, shape.value) for key, one in value.items()}
    if shape.type_name == "boolean":
        return str(value).lower() == "true"
    if shape.type_name in ("integer", "long"):
        return int(value)
    return float(value) if shape.type_name in ("float", "double") else str(value)


def number(text):
    return int(text) if text is not None and str(text).isdigit() else text


def permission(rule):
    made = {"IpProtocol": str(rule["IpProtocol"])}
    for key in ("FromPort", "ToPort"):
        if key in rule:
            made[key] = int(rule[key])
    if "CidrIp" in rule:
        made["IpRanges"] = [{"CidrIp": rule["CidrIp"]}]
    if "DestinationSecurityGroupId" in rule:
        made["UserIdGroupPairs"] = [{"GroupId": rule["DestinationSecurityGroupId"]}]
    return made


if __name__ == "__main__":
    main()
