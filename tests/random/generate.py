#!/usr/bin/env python3
"""Writes random Terraform configurations around a load balancer, to be planned by a real Terraform.

    generate.py FOLDER --stacks N --seed S

FOLDER gets one root configuration that calls N stacks as modules: one `terraform plan` then tells of all of them. The
same seed gives the same text. What is random: which resources there are, how they are counted, in which of its forms
a security group has its rules, what the targets are, and above all how every single value is said: by literals, locals,
variables, conditionals, functions, loops and modules that come to the value.
"""

import argparse
import json
import pathlib
import random
import zipfile

ECHO = 'variable "value" {}\noutput "value" {\n  value = var.value\n}\n'
WORDS = ["app", "api", "web", "jobs", "admin", "docs", "mail", "auth", "cart", "feed"]


def literal(value):
    """A value in Terraform's own words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value).replace("${", "$${").replace("%{", "%%{")
    if isinstance(value, list):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    return "{ " + ", ".join(f"{key} = {literal(item)}" for key, item in value.items()) + " }"


def typed(value):
    """The type constraint a value fits."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, list):
        kinds = {typed(item) for item in value}
        return f"list({kinds.pop()})" if len(kinds) == 1 else "any"
    return "object({ " + ", ".join(f"{key} = {typed(item)}" for key, item in value.items()) + " })"


class Stack:
    """One random stack: its text, and what its values are to be."""

    def __init__(self, seed, index):
        self.random = random.Random(f"{seed}/{index}")
        self.blocks = []
        self.locals = []
        self.uses_echo = False
        self.made = 0
        self.prefix = f"stack{index}"

    # Names and choices.

    def fresh(self, word):
        self.made += 1
        return f"{word}_{self.made}"

    def chance(self, share):
        return self.random.random() < share

    def pick(self, items):
        return self.random.choice(items)

    def block(self, head, body):
        self.blocks.append(f"{head} {{\n{body.rstrip()}\n}}\n")

    # Expressions that come to a value.

    def say(self, value, depth=None):
        """An expression that is `value`."""
        if depth is None:
            depth = self.pick([0, 0, 1, 1, 2, 3])
        if depth <= 0 or value is None:
            return literal(value)
        ways = [self.by_local, self.by_variable, self.by_condition, self.by_place, self.by_key, self.by_loop,
                self.by_attempt, self.by_merge, self.by_json, self.by_module, self.by_optional]
        if isinstance(value, bool):
            ways += [self.flag] * 4
        elif isinstance(value, int):
            ways += [self.number] * 4
        elif isinstance(value, str):
            ways += [self.text] * 6
        elif isinstance(value, list):
            ways += [self.sequence] * 6
        else:
            ways += [self.mapping] * 4
        return self.pick(ways)(value, depth - 1)

    def other(self, value):
        """Another value of the same type."""
        if isinstance(value, bool):
            return not value
        if isinstance(value, int):
            return value + self.pick([1, 7, 100])
        if isinstance(value, str):
            return value + self.pick(["x", "-b", "0"])
        if isinstance(value, list):
            return list(reversed(value))
        return {key: self.other(item) for key, item in value.items()}

    def by_local(self, value, depth):
        name = self.fresh("l")
        self.locals.append(f"  {name} = {self.say(value, depth)}")
        return f"local.{name}"

    def by_variable(self, value, _):
        name = self.fresh("v")
        constraint = f"  type    = {typed(value)}\n" if self.chance(0.7) else ""
        nullable = "  nullable = false\n" if self.chance(0.2) else ""
        self.block(f'variable "{name}"', f"{constraint}{nullable}  default = {literal(value)}")
        return f"var.{name}"

    def by_optional(self, value, _):
        name = self.fresh("o")
        if not isinstance(value, (bool, int, str)):
            return self.by_variable(value, 0)
        given = "" if self.chance(0.5) else f"a = {literal(value)}, "
        default = literal(value if not given else self.other(value))
        body = f"  type = object({{ a = optional({typed(value)}, {default}), z = optional(string) }})\n"
        self.block(f'variable "{name}"', body + f'  default = {{ {given}z = "z" }}')
        return f"var.{name}.a"

    def by_condition(self, value, depth):
        yes, no = self.say(value, depth), self.say(self.other(value), 0)
        if self.chance(0.5):
            return f"({self.say(True, depth)} ? {yes} : {no})"
        return f"({self.say(False, depth)} ? {no} : {yes})"

    def by_place(self, value, depth):
        items = [self.say(self.other(value), 0) for _ in range(self.pick([1, 2]))]
        at = self.random.randrange(len(items) + 1)
        items.insert(at, self.say(value, depth))
        listed = "[" + ", ".join(items) + "]"
        return self.pick([f"{listed}[{at}]", f"element({listed}, {at + len(items)})", f"{listed}[{self.say(at, 1)}]"])

    def by_key(self, value, depth):
        one, two = self.say(value, depth), self.say(self.other(value), 0)
        mapped = f"{{ k = {one}, other = {two} }}"
        forms = [f'{mapped}["k"]', f"{mapped}.k", f'lookup({mapped}, "k", {two})', f'lookup({mapped}, {self.say("k", 1)}, {two})']
        return self.pick(forms)

    def by_loop(self, value, depth):
        said, rest = self.say(value, depth), self.say(self.other(value), 0)
        forms = [
            f"[for x in [{said}] : x][0]",
            f"[for i, x in [{rest}, {said}] : x if i == 1][0]",
            f"{{ for k, x in {{ a = {said}, b = {rest} }} : upper(k) => x }}[\"A\"]",
            f"one([for x in [{said}] : x])",
            f"flatten([[{said}]])[0]" if not isinstance(value, list) else f"concat({said})",
            f"values({{ a = {said} }})[0]",
            f"one([for x in [{{ v = {said} }}] : x][*].v)",
        ]
        return self.pick(forms)

    def by_attempt(self, value, depth):
        said = self.say(value, depth)
        forms = [f'try({{}}.missing, {said})', f"try({said}, {literal(self.other(value))})"]
        if value not in ("", [], {}):
            forms.append(f"coalesce(null, {said})" if not isinstance(value, (list, dict)) else f"try({said})")
        return self.pick(forms)

    def by_merge(self, value, depth):
        return f"merge({{ k = {self.say(self.other(value), 0)}, z = 1 }}, {{ k = {self.say(value, depth)} }}).k"

    def by_json(self, value, depth):
        coder = self.pick(["json", "json", "yaml"])
        return f"{coder}decode({coder}encode({self.say(value, depth)}))"

    def by_module(self, value, depth):
        self.uses_echo = True
        name = self.fresh("m")
        self.block(f'module "{name}"', f'  source = "../echo"\n  value  = {self.say(value, depth)}')
        return f"module.{name}.value"

    def flag(self, value, depth):
        forms = [
            f"!{self.say(not value, depth)}",
            f"({self.say(value, depth)} && true)",
            f"({self.say(value, depth)} || false)",
            f'({self.say("a", depth)} {"==" if value else "!="} "a")',
            f'contains(["a", "b"], {self.say("a" if value else "c", depth)})',
            f"({self.say(3, depth)} {'<' if value else '>'} 4)",
            f'startswith({self.say("prod-1" if value else "test-1", depth)}, "prod")',
            f"alltrue([true, {self.say(value, depth)}])",
            f"anytrue([false, {self.say(value, depth)}])",
            f'can({{ a = 1 }}.{"a" if value else "b"})',
            f'tobool("{literal(value)}")',
        ]
        return self.pick(forms)

    def number(self, value, depth):
        part = self.random.randrange(0, max(value, 1))
        forms = [
            f"({self.say(part, depth)} + {self.say(value - part, 0)})",
            f"({self.say(value + part, depth)} - {part})",
            f"max({self.say(value, depth)}, {value - 1})",
            f"min({value + 3}, {self.say(value, depth)})",
            f'tonumber({self.say(str(value), depth)})',
            f"({self.say(value * 3, depth)} / 3)",
            f"floor({value}.75)",
            f"ceil({self.say(value, depth)})",
            f"abs(-{self.say(value, 0)})",
            f'parseint({self.say(str(value), depth)}, 10)',
            f"sum([{part}, {self.say(value - part, depth)}])",
            f"({self.say(value, depth)} % {value + 1})",
        ]
        return self.pick(forms)

    def text(self, value, depth):
        cut = self.random.randrange(len(value) + 1) if value else 0
        head, tail = value[:cut], value[cut:]
        forms = [
            f'"{inside(head)}${{{self.say(tail, depth)}}}"',
            f'"${{{self.say(head, depth)}}}{inside(tail)}"',
            f'format("%s%s", {self.say(head, depth)}, {self.say(tail, 0)})',
            f'join("", [{self.say(head, depth)}, {self.say(tail, 0)}])',
            f'trimspace("  ${{{self.say(value, depth)}}}  ")' if value == value.strip() else literal(value),
            f'substr({self.say(value + "zz", depth)}, 0, {len(value)})',
            f'replace({self.say(value + "~", depth)}, "~", "")' if "~" not in value else literal(value),
            f'split("|", {self.say("a|" + value + "|b", depth)})[1]' if "|" not in value else literal(value),
            f'trimprefix({self.say("pre:" + value, depth)}, "pre:")',
            f'trimsuffix({self.say(value + ":post", depth)}, ":post")',
            f"tostring({self.say(value, depth)})",
            f'"%{{ if {self.say(True, depth)} }}{inside(value)}%{{ else }}no%{{ endif }}"',
            f'base64decode(base64encode({self.say(value, depth)}))',
            f'regex("^[^!]*", {self.say(value + "!x", depth)})' if "!" not in value and value else literal(value),
        ]
        if value == value.lower():
            forms.append(f"lower({self.say(value.upper(), depth)})" if value.upper().lower() == value else literal(value))
        return self.pick(forms)

    def sequence(self, value, depth):
        half = len(value) // 2
        items = [self.say(item, depth) for item in value]
        listed = "[" + ", ".join(items) + "]"
        forms = [
            listed,
            f"concat({self.say(value[:half], depth)}, {self.say(value[half:], 0)})",
            f"flatten([{self.say(value[:half], depth)}, {self.say(value[half:], 0)}])"
            if not any(isinstance(item, list) for item in value) else listed,
            f"reverse({self.say(list(reversed(value)), depth)})",
            f"[for x in {listed} : x]",
            f"slice({self.say(value + value[:1], depth)}, 0, {len(value)})" if value else "[]",
            f"tolist({listed})" if len({typed(item) for item in value}) == 1 else listed,
        ]
        if value and all(isinstance(item, str) and item for item in value):
            forms.append(f"compact(concat([\"\"], {listed}))")
            forms.append(f'split(";", {self.say(";".join(value), depth)})')
            if value == sorted(set(value)):
                forms.append(f"sort({listed})")
                forms.append(f"distinct({listed})")
                forms.append(f"tolist(toset({listed}))")
        return self.pick(forms)

    def mapping(self, value, depth):
        keys = list(value)
        half = {key: value[key] for key in keys[: len(keys) // 2]}
        rest = {key: value[key] for key in keys[len(keys) // 2:]}
        said = "{ " + ", ".join(f"{key} = {self.say(item, depth)}" for key, item in value.items()) + " }"
        forms = [
            said,
            f"merge({self.say(half, depth) if half else '{}'}, {self.say(rest, 0)})",
            f"{{ for k, x in {said} : k => x }}",
            f"tomap({said})" if len({typed(item) for item in value.values()}) == 1 else said,
            f"merge([{said}]...)",
        ]
        if len({typed(item) for item in value.values()}) == 1:
            forms.append(f"zipmap({self.say(keys, depth)}, {self.say(list(value.values()), 0)})")
        return self.pick(forms)

    def maybe(self, name, values, share=0.6, unknown=0.04):
        """An attribute, or nothing; seldom a value that is known only after apply."""
        if not self.chance(share):
            return ""
        value = self.pick(values)
        if self.chance(unknown):
            late = self.fresh("late")
            self.block(f'resource "terraform_data" "{late}"', f"  input = {literal(value)}")
            return f"  {name} = terraform_data.{late}.output\n"
        return f"  {name} = {self.say(value)}\n"

    def tags(self):
        return f"  tags = {self.say({'Team': self.pick(WORDS), 'Env': 'test'})}\n" if self.chance(0.3) else ""

    # Resources.

    def network(self):
        self.block('resource "aws_vpc" "main"', f"  cidr_block = {self.say('10.0.0.0/16')}\n{self.tags()}")
        zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"][: self.pick([2, 2, 3])]
        form = self.pick(["count", "for_each", "each by name", "cidrsubnet"])
        common = "  vpc_id            = aws_vpc.main.id\n"
        if form == "count":
            body = f"  count = {self.say(len(zones))}\n{common}"
            body += '  cidr_block = "10.0.${count.index}.0/24"\n'
            body += f"  availability_zone = {self.say(zones)}[count.index]"
            self.block('resource "aws_subnet" "main"', body)
            return self.pick(["aws_subnet.main[*].id", "[for s in aws_subnet.main : s.id]"])
        if form == "cidrsubnet":
            body = f"  for_each = toset({self.say(zones)})\n{common}"
            listed = self.by_local(zones, 0)
            body += f"  cidr_block = cidrsubnet(aws_vpc.main.cidr_block, 8, index({listed}, each.key))\n"
            body += "  availability_zone = each.value"
            self.block('resource "aws_subnet" "main"', body)
            return self.pick(["values(aws_subnet.main)[*].id", "[for s in aws_subnet.main : s.id]"])
        if form == "for_each":
            nets = {zone.replace("-", "_"): {"zone": zone, "cidr": f"10.0.{at}.0/24"} for at, zone in enumerate(zones)}
            body = f"  for_each = {self.say(nets)}\n{common}  cidr_block = each.value.cidr\n"
            self.block('resource "aws_subnet" "main"', body + "  availability_zone = each.value.zone")
            return self.pick(["values(aws_subnet.main)[*].id", "[for k, s in aws_subnet.main : s.id]"])
        for at, zone in enumerate(zones):
            body = f"{common}  cidr_block = {self.say(f'10.0.{at}.0/24')}\n  availability_zone = {self.say(zone)}"
            self.block(f'resource "aws_subnet" "main_{at}"', body)
        return "[" + ", ".join(f"aws_subnet.main_{at}.id" for at in range(len(zones))) + "]"

    def security_group(self, name, ports, source):
        """A group that admits `ports` from a group (its name) or from everywhere (None), in one of the many forms."""
        head = "  vpc_id = aws_vpc.main.id\n" + self.tags()
        from_group = f"aws_security_group.{source}.id" if source else None
        style = self.pick(["inline", "dynamic", "attribute", "rules", "new rules", "each rule", "counted rules"])
        out = "  egress {\n    from_port = 0\n    to_port = 0\n    protocol = \"-1\"\n    cidr_blocks = [\"0.0.0.0/0\"]\n  }\n"
        narrow = self.chance(0.15)
        egress = "" if narrow else out
        admits = f"security_groups = [{from_group}]" if source else f"cidr_blocks = {self.say(['0.0.0.0/0'], 1)}"
        group = f'resource "aws_security_group" "{name}"'
        if style == "inline":
            rules = "".join(
                f"  ingress {{\n    from_port = {self.say(port)}\n    to_port = {self.say(port)}\n"
                f"    protocol = {self.say('tcp', 1)}\n    {admits}\n  }}\n" for port in ports)
            return self.block(group, head + rules + egress)
        if style == "dynamic":
            rules = (f'  dynamic "ingress" {{\n    for_each = {self.say(ports)}\n    content {{\n      from_port = ingress.value\n'
                     f'      to_port = ingress.value\n      protocol = "tcp"\n      {admits}\n    }}\n  }}\n')
            return self.block(group, head + rules + egress)
        if style == "attribute":
            full = "ipv6_cidr_blocks = [], prefix_list_ids = [], self = false, description = \"\", "
            which = f"cidr_blocks = [], security_groups = [{from_group}]" if source else 'cidr_blocks = ["0.0.0.0/0"], security_groups = []'
            rules = "  ingress = [" + ", ".join(
                f"{{ {full}from_port = {self.say(port, 1)}, to_port = {port}, protocol = \"tcp\", {which} }}" for port in ports) + "]\n"
            return self.block(group, head + rules + egress)
        self.block(group, head)
        mine = f"aws_security_group.{name}.id"
        if style == "counted rules":
            listed = self.by_local(ports, 1)
            body = f'  count = length({listed})\n  type = "ingress"\n  protocol = "tcp"\n  security_group_id = {mine}\n'
            body += f"  from_port = {listed}[count.index]\n  to_port = element({listed}, count.index)\n"
            body += f"  source_security_group_id = {from_group}" if source else '  cidr_blocks = ["0.0.0.0/0"]'
            self.block(f'resource "aws_security_group_rule" "{name}"', body)
        elif style == "each rule":
            wanted = {f"p{port}": {"port": port} for port in ports}
            body = f"  for_each = {self.say(wanted)}\n  security_group_id = {mine}\n  ip_protocol = {self.say('tcp', 1)}\n"
            body += "  from_port = each.value.port\n  to_port = each.value.port\n"
            body += f"  referenced_security_group_id = {from_group}" if source else '  cidr_ipv4 = "0.0.0.0/0"'
            self.block(f'resource "aws_vpc_security_group_ingress_rule" "{name}"', body)
        else:
            for at, port in enumerate(ports):
                if style == "rules":
                    body = f'  type = {self.say("ingress", 1)}\n  protocol = "tcp"\n  security_group_id = {mine}\n  from_port = {self.say(port)}\n  to_port = {self.say(port)}\n'
                    body += f"  source_security_group_id = {from_group}" if source else '  cidr_blocks = ["0.0.0.0/0"]'
                    self.block(f'resource "aws_security_group_rule" "{name}_{at}"', body)
                else:
                    body = f'  ip_protocol = "tcp"\n  security_group_id = {mine}\n  from_port = {self.say(port)}\n  to_port = {self.say(port)}\n'
                    body += f"  referenced_security_group_id = {from_group}" if source else '  cidr_ipv4 = "0.0.0.0/0"'
                    self.block(f'resource "aws_vpc_security_group_ingress_rule" "{name}_{at}"', body)
        if narrow:
            return None
        if style in ("rules", "counted rules"):
            body = f'  type = "egress"\n  protocol = "-1"\n  from_port = 0\n  to_port = 0\n  cidr_blocks = ["0.0.0.0/0"]\n  security_group_id = {mine}'
            return self.block(f'resource "aws_security_group_rule" "{name}_out"', body)
        body = f'  ip_protocol = "-1"\n  cidr_ipv4 = "0.0.0.0/0"\n  security_group_id = {mine}'
        return self.block(f'resource "aws_vpc_security_group_egress_rule" "{name}_out"', body)

    def load_balancer(self, subnets):
        logs = self.pick(["", "", '  access_logs {\n    bucket = "logs"\n    enabled = true\n  }\n',
                          f'  dynamic "access_logs" {{\n    for_each = {self.say(["logs"], 1)}\n    content {{\n      bucket = access_logs.value\n      enabled = {self.say(True)}\n    }}\n  }}\n'])
        body = f'  name = {self.say(self.prefix + "-lb")}\n  load_balancer_type = {self.say("application")}\n'
        body += f"  subnets = {subnets}\n  security_groups = [aws_security_group.lb.id]\n" + logs
        body += self.maybe("idle_timeout", [30, 60, 75, 120, 400]) + self.maybe("internal", [True, False])
        body += self.maybe("enable_deletion_protection", [True, False]) + self.maybe("client_keep_alive", [3600, 120], 0.2)
        self.block('resource "aws_lb" "main"', body + self.tags())

    def health_check(self, protocol):
        if self.chance(0.2):
            return ""
        interval = self.pick([10, 15, 30, 60])
        inner = self.maybe("path", ["/", "/health", "/ready?full=1"]) + self.maybe("matcher", ["200", "200-299", "200,302", "200-499"])
        inner += self.maybe("interval", [interval]) + self.maybe("timeout", [5, 9, interval], 0.5)
        inner += self.maybe("port", ["traffic-port", "8081"], 0.3, 0) + self.maybe("protocol", ["HTTP", protocol], 0.3, 0)
        inner += self.maybe("healthy_threshold", [2, 3, 5]) + self.maybe("unhealthy_threshold", [2, 5])
        inner = "".join(f"  {line}\n" for line in inner.splitlines())
        if self.chance(0.3):
            inner = "".join(f"  {line}\n" for line in inner.splitlines())
            return f'  dynamic "health_check" {{\n    for_each = {self.say(["x"], 1)}\n    content {{\n{inner}    }}\n  }}\n'
        return f"  health_check {{\n{inner}  }}\n"

    def target_group(self, name, kind, port):
        body = ""
        if kind != "lambda":
            protocol = self.pick(["HTTP", "HTTP", "HTTPS"])
            body = f"  port = {self.say(port)}\n  protocol = {self.say(protocol)}\n  vpc_id = aws_vpc.main.id\n"
            body += self.maybe("deregistration_delay", [0, 30, 60, 300]) + self.maybe("slow_start", [0, 30], 0.2)
            body += self.health_check(protocol)
        body += f"  target_type = {self.say(kind)}\n" if kind != "instance" or self.chance(0.5) else ""
        if self.chance(0.2) and kind != "lambda":
            body += f'  stickiness {{\n    type = "lb_cookie"\n    enabled = {self.say(self.chance(0.5))}\n  }}\n'
        self.block(f'resource "aws_lb_target_group" "{name}"', body + self.tags())

    def listener(self, groups):
        body = f"  load_balancer_arn = {self.pick(['aws_lb.main.arn', 'aws_lb.main.id', 'one([aws_lb.main.arn])'])}\n"
        port = self.pick([80, 80, 443, 8080])
        body += f"  port = {self.say(port)}\n  protocol = {self.say('HTTPS' if port == 443 else 'HTTP')}\n"
        if port == 443 and self.chance(0.8):
            certificate = f'  domain_name = "{self.prefix}.example.com"\n  validation_method = "DNS"'
            self.block('resource "aws_acm_certificate" "main"', certificate)
            body += "  certificate_arn = aws_acm_certificate.main.arn\n"
        way = self.pick(["plain", "plain", "weighted", "fixed"])
        if way == "plain":
            body += f"  default_action {{\n    type = {self.say('forward')}\n    target_group_arn = {groups[0]}\n  }}"
        elif way == "weighted":
            targets = "".join(
                f"      target_group {{\n        arn = {group}\n        weight = {self.say(self.pick([0, 1, 50]))}\n      }}\n"
                for group in groups[:2])
            targets += "" if len(groups) > 1 else targets
            body += f"  default_action {{\n    type = \"forward\"\n    forward {{\n{targets}    }}\n  }}"
        else:
            body += '  default_action {\n    type = "fixed-response"\n    fixed_response {\n      content_type = "text/plain"\n      status_code = "404"\n    }\n  }'
        self.block('resource "aws_lb_listener" "main"', body)
        rules = list(groups)[: self.pick([0, 1, 2])] if way != "fixed" else groups
        if len(rules) > 1 and self.chance(0.5):
            listed = ", ".join(f"r{at} = {group}" for at, group in enumerate(rules))
            body = f"  for_each = {{ {listed} }}\n  listener_arn = aws_lb_listener.main.arn\n"
            body += "  action {\n    type = \"forward\"\n    target_group_arn = each.value\n  }\n"
            body += '  condition {\n    path_pattern {\n      values = ["/${each.key}/*"]\n    }\n  }'
            return self.block('resource "aws_lb_listener_rule" "main"', body)
        for at, group in enumerate(rules):
            body = f"  listener_arn = aws_lb_listener.main.arn\n  priority = {self.say(10 + at)}\n"
            body += f"  action {{\n    type = \"forward\"\n    target_group_arn = {group}\n  }}\n"
            body += f"  condition {{\n    path_pattern {{\n      values = {self.say(['/' + self.pick(WORDS) + '/*'])}\n    }}\n  }}"
            self.block(f'resource "aws_lb_listener_rule" "r{at}"', body)
        return None

    def targets(self, kind, group, at, port, subnets):
        """Whoever is registered in `group` (an expression for its ARN)."""
        app = f"aws_security_group.{self.pick(['app', 'app', 'lb'])}.id"
        if kind == "lambda":
            body = f'  function_name = {self.say(f"{self.prefix}-fn{at}")}\n  role = aws_iam_role.fn{at}.arn\n  runtime = "nodejs20.x"\n  handler = "index.handler"\n  filename = "${{path.module}}/../echo/fn.zip"\n'
            trust = '{ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }] }'
            self.block(f'resource "aws_iam_role" "fn{at}"', f'  name = "{self.prefix}-fn{at}"\n  assume_role_policy = jsonencode({trust})')
            self.block(f'resource "aws_lambda_function" "fn{at}"', body + self.maybe("timeout", [3, 30, 90]))
            if self.chance(0.8):
                body = f'  action = "lambda:InvokeFunction"\n  function_name = aws_lambda_function.fn{at}.function_name\n  principal = {self.say("elasticloadbalancing.amazonaws.com")}\n'
                body += f"  source_arn = {group}\n" if self.chance(0.7) else ""
                self.block(f'resource "aws_lambda_permission" "fn{at}"', body)
            body = f"  target_group_arn = {group}\n  target_id = aws_lambda_function.fn{at}.arn"
            return self.block(f'resource "aws_lb_target_group_attachment" "fn{at}"', body)
        if kind == "ip" and self.chance(0.7):
            return self.ecs(group, at, port, subnets, app)
        if kind == "ip":
            body = f"  target_group_arn = {group}\n  target_id = {self.say('10.0.1.17')}\n" + self.maybe("port", [port, 9000], 0.4)
            return self.block(f'resource "aws_lb_target_group_attachment" "ip{at}"', body)
        if self.chance(0.5):
            return self.autoscaling(group, at, subnets, app)
        number = self.pick([1, 2])
        body = f'  ami = "ami-12345678"\n  instance_type = "t3.small"\n  subnet_id = element({subnets}, 0)\n  vpc_security_group_ids = [{app}]\n'
        if self.chance(0.5):
            self.block(f'resource "aws_instance" "i{at}"', f"  count = {self.say(number)}\n" + body)
            body = f"  count = {self.say(number)}\n  target_group_arn = {group}\n  target_id = aws_instance.i{at}[count.index].id\n"
        else:
            self.block(f'resource "aws_instance" "i{at}"', f'  for_each = toset({self.say(["a", "b"][:number])})\n' + body)
            body = f"  for_each = aws_instance.i{at}\n  target_group_arn = {group}\n  target_id = each.value.id\n"
        return self.block(f'resource "aws_lb_target_group_attachment" "i{at}"', body + self.maybe("port", [port, 9000], 0.3))

    def ecs(self, group, at, port, subnets, app):
        container = {"name": "app", "image": self.pick(["nginx:1.27", "node:22", "httpd:2.4", "example/app:1"]),
                     "essential": True, "portMappings": [{"containerPort": port}]}
        if self.chance(0.3):
            container["command"] = ["gunicorn", "--keep-alive", str(self.pick([2, 75])), "-k", "gthread", "app:app"]
        body = f'  family = {self.say(f"{self.prefix}-t{at}")}\n  network_mode = {self.say("awsvpc")}\n  requires_compatibilities = ["FARGATE"]\n  cpu = 256\n  memory = 512\n'
        body += f"  container_definitions = jsonencode({self.say([container])})"
        self.block(f'resource "aws_ecs_task_definition" "t{at}"', body)
        self.block(f'resource "aws_ecs_cluster" "c{at}"', f'  name = "{self.prefix}-c{at}"')
        body = f'  name = {self.say(f"{self.prefix}-svc{at}")}\n  cluster = aws_ecs_cluster.c{at}.id\n  task_definition = aws_ecs_task_definition.t{at}.arn\n'
        body += f'  launch_type = "FARGATE"\n' + self.maybe("desired_count", [0, 1, 2, 3]) + self.maybe("health_check_grace_period_seconds", [0, 60], 0.4)
        body += self.maybe("deployment_minimum_healthy_percent", [0, 50, 100], 0.3) + self.maybe("deployment_maximum_percent", [100, 200], 0.3)
        body += f"  network_configuration {{\n    subnets = {subnets}\n    security_groups = [{app}]\n  }}\n"
        registered = [f"target_group_arn = {group}", f"container_name = {self.say('app')}", f"container_port = {self.say(port)}"]
        if self.chance(0.3):
            inner = "".join(f"      {line}\n" for line in registered)
            body += f'  dynamic "load_balancer" {{\n    for_each = {self.say(["x"], 1)}\n    content {{\n{inner}    }}\n  }}'
        else:
            inner = "".join(f"    {line}\n" for line in registered)
            body += f"  load_balancer {{\n{inner}  }}"
        self.block(f'resource "aws_ecs_service" "svc{at}"', body)

    def autoscaling(self, group, at, subnets, app):
        body = f'  name_prefix = "{self.prefix}"\n  image_id = "ami-12345678"\n  instance_type = {self.say("t3.small")}\n  vpc_security_group_ids = [{app}]\n'
        if self.chance(0.4):
            script = "#!/bin/bash\napt-get install -y nginx\ncat > /etc/nginx/conf.d/k.conf <<X\nkeepalive_timeout 70;\nX\n"
            body += f"  user_data = base64encode({self.say(script)})\n"
        self.block(f'resource "aws_launch_template" "lt{at}"', body)
        body = f'  name = {self.say(f"{self.prefix}-asg{at}")}\n  vpc_zone_identifier = {subnets}\n  max_size = {self.say(4)}\n  min_size = {self.say(self.pick([0, 1, 2]))}\n'
        body += self.maybe("health_check_type", ["ELB", "EC2"]) + self.maybe("health_check_grace_period", [0, 120, 300])
        body += '  wait_for_capacity_timeout = "0"\n' + self.maybe("desired_capacity", [1, 2], 0.4, 0)
        version = self.pick(['"$Latest"', f"aws_launch_template.lt{at}.latest_version"])
        body += f"  launch_template {{\n    id = aws_launch_template.lt{at}.id\n    version = {version}\n  }}\n"
        attached = self.chance(0.4)
        body += "" if attached else f"  target_group_arns = {self.pick([f'[{group}]', f'compact([{group}])', f'flatten([[{group}]])'])}\n"
        self.block(f'resource "aws_autoscaling_group" "asg{at}"', body)
        if attached:
            body = f"  autoscaling_group_name = aws_autoscaling_group.asg{at}.{self.pick(['name', 'id'])}\n  lb_target_group_arn = {group}"
            self.block(f'resource "aws_autoscaling_attachment" "asg{at}"', body)

    def build(self):
        subnets = self.network()
        ports = [self.pick([80, 3000, 8080, 8443]) for _ in range(self.pick([1, 1, 2, 3]))]
        self.security_group("lb", [80, 443], None)
        admitted = sorted(set(ports) if self.chance(0.7) else {9999, *ports[1:]})
        self.security_group("app", admitted, "lb" if self.chance(0.8) else None)
        self.load_balancer(subnets)
        kinds = [self.pick(["ip", "ip", "instance", "lambda"]) for _ in ports]
        groups = []
        alike = len(set(kinds)) == 1 and kinds[0] != "lambda" and self.chance(0.4)
        if alike:
            each = {f"{WORDS[at]}": {"port": port, "delay": self.pick([0, 30, 300])} for at, port in enumerate(ports)}
            body = f"  for_each = {self.say(each)}\n  port = each.value.port\n  protocol = {self.say('HTTP')}\n"
            body += f"  vpc_id = aws_vpc.main.id\n  target_type = {self.say(kinds[0])}\n  deregistration_delay = each.value.delay\n"
            body += self.health_check("HTTP")
            self.block('resource "aws_lb_target_group" "each"', body)
            for key in each:
                forms = [f'aws_lb_target_group.each["{key}"].arn', f"aws_lb_target_group.each[{self.say(key, 1)}].arn"]
                groups.append(self.pick(forms))
        else:
            for at, (kind, port) in enumerate(zip(kinds, ports)):
                self.target_group(f"g{at}", kind, port)
                groups.append(f"aws_lb_target_group.g{at}.arn")
        groups = [self.by_reference(group) for group in groups]
        self.listener(groups)
        for at, (kind, port) in enumerate(zip(kinds, ports)):
            if self.chance(0.9):
                self.targets(kind, groups[at], at, port, subnets)
        locals_ = "locals {\n" + "\n".join(self.locals) + "\n}\n\n" if self.locals else ""
        return locals_ + "\n".join(self.blocks)

    def by_reference(self, reference):
        """A reference, directly or by a way that keeps it."""
        way = self.pick(["direct", "direct", "local", "map", "list", "module"])
        if way == "direct":
            return reference
        name = self.fresh("ref")
        if way == "local":
            self.locals.append(f"  {name} = {reference}")
            return f"local.{name}"
        if way == "map":
            self.locals.append(f"  {name} = {{ arn = {reference}, other = \"x\" }}")
            return self.pick([f"local.{name}.arn", f'local.{name}["arn"]'])
        if way == "list":
            self.locals.append(f"  {name} = [{reference}]")
            return self.pick([f"local.{name}[0]", f"one(local.{name})", f"element(local.{name}, 0)"])
        self.uses_echo = True
        self.block(f'module "{name}"', f'  source = "../echo"\n  value  = {reference}')
        return f"module.{name}.value"


def inside(text):
    """A text as it stands between the quotes of a template."""
    return json.dumps(text)[1:-1].replace("${", "$${").replace("%{", "%%{")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--stacks", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, action="append", help="only this stack of the seed; can be repeated")
    args = parser.parse_args()
    (args.folder / "echo").mkdir(parents=True, exist_ok=True)
    (args.folder / "echo" / "main.tf").write_text(ECHO)
    with zipfile.ZipFile(args.folder / "echo" / "fn.zip", "w") as code:
        code.writestr("index.js", "exports.handler = async () => ({ statusCode: 200 });")
    root = ['terraform {\n  required_providers {\n    aws = {\n      source = "hashicorp/aws"\n    }\n  }\n}\n',
            'provider "aws" {\n  region = "eu-west-1"\n}\n']
    for index in args.only or range(args.stacks):
        stack = Stack(args.seed, index)
        folder = args.folder / f"s{index}"
        folder.mkdir(exist_ok=True)
        (folder / "main.tf").write_text(stack.build())
        root.append(f'module "s{index}" {{\n  source = "./s{index}"\n}}\n')
    (args.folder / "main.tf").write_text("\n".join(root))


if __name__ == "__main__":
    main()
