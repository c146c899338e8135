#!/usr/bin/env python3
"""Makes the CloudFormation stacks of testdata in moto, for `cargo test -- --ignored created`.

    PLANGATE_TF_PLUGINS=/path/to/plugins stacks.py FOLDER [stack …]

Every template that `testdata/stand_in.py` knows, and every template of `testdata/faults`, healthy and with each of its
faults, is made in moto as stand_in.py does. What is then there is read by a real Terraform: a state that holds the ids of
the stack's resources is refreshed, and FOLDER/<stack>/state.json is what `terraform show -json` says of it. Beside it stand
the template, its parameters (parameters.json) and what could not be made (refused.txt); a template that AWS and moto refuse is
mended as stand_in.py says. Nothing is sent to AWS. Needed:
terraform 1.11, `terraform providers mirror` of hashicorp/aws, and moto (`pip install 'moto[server]' boto3`).
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import sys
import tomllib

from plan import ENVIRONMENT, HERE, OVERRIDE, terraform

TESTDATA = HERE.parent.parent / "testdata"
sys.path.insert(0, str(TESTDATA))
import stand_in  # noqa: E402  (beside the templates it is about)

PROVIDER = 'provider["registry.terraform.io/hashicorp/aws"]'
ELB, EC2 = "AWS::ElasticLoadBalancingV2::", "AWS::EC2::"


def of_arn(_, arn):
    return {"id": arn, "arn": arn}


def of_id(_, physical):
    return {"id": physical}


def of_name(_, physical):
    return {"id": physical, "name": physical}


def of_service(run, arn):
    return {"id": arn, "cluster": run.ecs_cluster(arn)}


def of_definition(run, arn):
    found = run.ecs.describe_task_definition(taskDefinition=arn.rsplit(":", 1)[0])["taskDefinition"]
    return {"id": found["family"], "arn": found["taskDefinitionArn"], "family": found["family"]}


# How Terraform calls what CloudFormation makes, and by what it finds it. Rules of security groups are read with their
# group, attachments to target groups with `targets`,
# permissions of a function with `permissions`, subnets of a route table with `associations`.
READ = {
    ELB + "LoadBalancer": ("aws_lb", of_arn),
    ELB + "Listener": ("aws_lb_listener", of_arn),
    ELB + "ListenerRule": ("aws_lb_listener_rule", of_arn),
    ELB + "TargetGroup": ("aws_lb_target_group", of_arn),
    EC2 + "SecurityGroup": ("aws_security_group", of_id),
    EC2 + "VPC": ("aws_vpc", of_id),
    EC2 + "Subnet": ("aws_subnet", of_id),
    EC2 + "InternetGateway": ("aws_internet_gateway", of_id),
    EC2 + "RouteTable": ("aws_route_table", of_id),
    EC2 + "NetworkAcl": ("aws_network_acl", of_id),
    EC2 + "LaunchTemplate": ("aws_launch_template", of_id),
    EC2 + "Instance": ("aws_instance", of_id),
    "AWS::AutoScaling::AutoScalingGroup": ("aws_autoscaling_group", of_name),
    "AWS::AutoScaling::LaunchConfiguration": ("aws_launch_configuration", of_name),
    "AWS::ECS::Service": ("aws_ecs_service", of_service),
    "AWS::ECS::TaskDefinition": ("aws_ecs_task_definition", of_definition),
    "AWS::CloudWatch::Alarm": ("aws_cloudwatch_metric_alarm", of_id),
    "AWS::Lambda::Function": ("aws_lambda_function", lambda _, name: {"id": name, "function_name": name}),
}


class Run(stand_in.Run):
    """A stack in moto, and what Terraform reads of it."""

    def for_moto(self, template, given):
        """The template with networks that are there where it names some by id."""
        made = {}

        def network(found):
            name = found[0]
            if name not in made:
                made[name] = self.vpc if name.startswith("vpc") else self.subnet(name)
            return made[name]

        body = json.dumps(super().for_moto(template, given))
        return json.loads(re.sub(r"\b(?:vpc|subnet)-[0-9a-f]{17}\b", network, body))

    def create(self):
        given = super().create()
        self.networks(stand_in.read(self.path)["Resources"], given)
        return given

    def networks(self, resources, given):
        """Network ACLs and subnets of route tables, which moto's CloudFormation does not make."""
        def of(kind):
            named = {name: one for name, one in resources.items() if one["Type"] == EC2 + kind}
            return [(name, {key: known(value) for key, value in one["Properties"].items()}) for name, one in named.items()]

        def known(value):
            name = value.get("Ref") if isinstance(value, dict) else None
            return value if name is None else self.logical[name][1] if name in self.logical else given[name]

        for name, acl in of("NetworkAcl"):
            made = self.ec2.create_network_acl(VpcId=acl["VpcId"])["NetworkAcl"]["NetworkAclId"]
            self.logical[name] = (EC2 + "NetworkAcl", made, {})
        for _, entry in of("NetworkAclEntry"):
            entry = stand_in.input_of(self.ec2, "CreateNetworkAclEntry", {"Egress": False, **entry})
            self.ec2.create_network_acl_entry(**entry)
        for _, one in of("SubnetRouteTableAssociation"):
            self.ec2.associate_route_table(RouteTableId=one["RouteTableId"], SubnetId=one["SubnetId"])
        for _, one in of("SubnetNetworkAclAssociation"):
            here = [{"Name": "association.subnet-id", "Values": [one["SubnetId"]]}]
            associations = self.ec2.describe_network_acls(Filters=here)["NetworkAcls"][0]["Associations"]
            now = next(each for each in associations if each["SubnetId"] == one["SubnetId"])
            self.ec2.replace_network_acl_association(
                AssociationId=now["NetworkAclAssociationId"], NetworkAclId=one["NetworkAclId"])

    def ecs_cluster(self, service):
        for cluster in self.ecs.list_clusters()["clusterArns"]:
            if self.ecs.describe_services(cluster=cluster, services=[service])["services"]:
                return cluster
        raise LookupError(f"no cluster has {service}")

    def read_ids(self, versions):
        """The resources of a state that holds ids only, and what is in none."""
        resources, left = [], []
        for logical, (kind, physical, wanted) in sorted(self.logical.items()):
            if kind == "AWS::CloudWatch::Alarm":
                physical = wanted["*"].get("AlarmName", logical)
            if kind not in READ or not physical:
                left.append(f"{logical}: {kind}")
                continue
            type_name, attributes = READ[kind]
            resources.append(entry(type_name, logical, attributes(self, physical), versions))
            if kind == ELB + "TargetGroup":
                resources += self.targets(logical, physical, versions)
            if kind == EC2 + "RouteTable":
                resources += self.associations(logical, physical, versions)
            if kind == "AWS::Lambda::Function":
                resources += self.permissions(logical, physical, versions)
        return resources, left

    def targets(self, logical, group, versions):
        health = self.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        for number, one in enumerate(health):
            target = {"id": f"{logical}-{number}", "target_group_arn": group, "target_id": one["Target"]["Id"]}
            if "Port" in one["Target"]:
                target["port"] = one["Target"]["Port"]
            yield entry("aws_lb_target_group_attachment", f"{logical}{number or ''}", target, versions)

    def associations(self, logical, table, versions):
        described = self.ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]
        for number, one in enumerate(described["Associations"]):
            if "SubnetId" in one:
                association = {"id": one["RouteTableAssociationId"], "route_table_id": table, "subnet_id": one["SubnetId"]}
                yield entry("aws_route_table_association", f"{logical}{number}", association, versions)

    def permissions(self, logical, function, versions):
        try:
            policy = json.loads(self.lambdas.get_policy(FunctionName=function)["Policy"])
        except self.lambdas.exceptions.ResourceNotFoundException:
            return
        for number, one in enumerate(policy["Statement"]):
            permission = {"id": one["Sid"], "statement_id": one["Sid"], "function_name": function}
            yield entry("aws_lambda_permission", f"{logical}{number}", permission, versions)


def entry(type_name, name, attributes, versions):
    return {"mode": "managed", "type": type_name, "name": name, "provider": PROVIDER,
            "instances": [{"schema_version": versions[type_name], "attributes": attributes}]}


def templates():
    """Name and text of every template, with the file it comes from."""
    for stack in stand_in.all_stacks():
        path = stand_in.template_of(stack)
        yield stack, path, path.read_text()
    for declared in sorted((TESTDATA / "faults").glob("*/faults.toml")):
        path = declared.parent / "template.yaml"
        healthy = path.read_text()
        yield f"faults/{declared.parent.name}/healthy", path, healthy
        for fault in tomllib.loads(declared.read_text())["fault"]:
            if "template" not in fault:
                continue
            text = healthy
            for old, new in fault["template"]:
                text = text.replace(old, new)
            yield f"faults/{declared.parent.name}/{fault.get('name', fault['policy'])}", path, text


def schema_versions(folder):
    """Terraform as it will be called, and the versions its state is written in."""
    (folder / "main.tf").write_text(OVERRIDE)
    plugins = os.environ.get("PLANGATE_TF_PLUGINS")
    init = terraform(folder, "init", "-no-color", "-backend=false", *([f"-plugin-dir={plugins}"] if plugins else []))
    if init.returncode:
        sys.exit(init.stdout)
    schema = json.loads(terraform(folder, "providers", "schema", "-json").stdout)
    kinds = schema["provider_schemas"]["registry.terraform.io/hashicorp/aws"]["resource_schemas"]
    return {name: kind["version"] for name, kind in kinds.items()}


def make(moto, stack, original, text, folder, terraform_folder, versions):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"template{original.suffix}"
    path.write_text(text)
    template = stand_in.read(path)
    if stand_in.mend(template, stack):
        path.unlink()
        path = folder / "template.json"
        path.write_text(json.dumps(template, indent=2))
    (folder / "state.json").unlink(missing_ok=True)
    run = Run(moto, stack, path)
    try:
        given = run.create()
    except Exception as error:  # whatever moto does not know of a template
        (folder / "refused.txt").write_text(f"{type(error).__name__}: {error}\n")
        return f"not made: {error}"
    (folder / "parameters.json").write_text(json.dumps(
        [{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()], indent=2))
    (folder / "region").write_text(run.region)
    resources, left = run.read_ids(versions)
    (folder / "refused.txt").write_text("".join(f"{line}\n" for line in [*left, *run.refused.items()]))
    state = {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "stack", "outputs": {},
             "resources": resources}
    (terraform_folder / "terraform.tfstate").write_text(json.dumps(state))
    (terraform_folder / "main.tf").write_text(OVERRIDE.replace("eu-west-1", run.region))
    ENVIRONMENT["AWS_ENDPOINT_URL"] = moto.url
    read = terraform(terraform_folder, "apply", "-refresh-only", "-auto-approve", "-no-color")
    if read.returncode:
        (folder / "refused.txt").write_text(read.stdout)
        return "not read: see refused.txt"
    (folder / "state.json").write_text(terraform(terraform_folder, "show", "-json").stdout)
    return f"{len(resources)} resources, {len(left)} left out"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("stack", nargs="*", help="beginnings of names; all without")
    args = parser.parse_args()
    work = args.folder / "terraform"
    work.mkdir(parents=True, exist_ok=True)
    versions = schema_versions(work)
    with stand_in.Moto() as moto:
        for stack, path, text in templates():
            if not args.stack or any(stack.startswith(one) for one in args.stack):
                said = make(moto, stack, path, text, args.folder / stack, work, versions)
                print(f"{stack}: {said}", flush=True)
    shutil.rmtree(work)


if __name__ == "__main__":
    main()
