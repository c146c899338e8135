#!/usr/bin/env python3
"""One table of what plangate and other checkers find in the stacks of testdata/faults, and what it costs them.

    cargo build --release
    python3 -m venv ~/others && ~/others/bin/pip install checkov cfn-lint
    cargo install cfn-guard                     # brings no rules: AWS keeps some in aws-guard-rules-registry
    PATH="$HOME/others/bin:$PATH" benches/side_by_side.py --guard-rules aws-guard-rules-registry/rules

It installs nothing: a tool that is not on the PATH is left out and named. Every tool runs as it comes, with all the rules it
has switched on by itself, over the healthy stacks and over each of them with one fault: plans, Terraform configuration,
templates (for plangate with the change set of those that are a change). A fault counts as found when its input gets a
finding that the healthy stack does not get; a finding is a rule and what it is about, so lines may move.

Seconds and memory are of the whole form, healthy stacks too: one process where a tool judges many inputs apart from each
other, else (plangate) the sum of one process an input. On a busy machine compare CPU seconds. Memory is the most of any
one process. Linux, Python 3.11.
"""
import argparse
import gzip
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
FAULTS = ROOT / "testdata/faults"
SEPARATOR = "~"
FORMS = ("plan", "configuration", "template")


def faults_reader():
    spec = importlib.util.spec_from_file_location("regenerate", FAULTS / "regenerate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write_inputs(work):
    """Writes every input below `work`, a folder a form, as stack~name with `healthy` for the stack as it stands."""
    reader = faults_reader()
    for form in (*FORMS, "change-set"):
        (work / form).mkdir()
    for declared in sorted(FAULTS.glob("*/faults.toml")):
        stack = reader.Stack(declared.parent)
        for name, (text, refused) in stack.texts.items():
            called = f"{stack.folder.name}{SEPARATOR}{name}"
            (work / "configuration" / called).mkdir()
            (work / "configuration" / called / "main.tf").write_text(text)
            if not refused:
                shown = gzip.decompress((stack.folder / "plans" / f"{name}.json.gz").read_bytes())
                (work / "plan" / f"{called}.json").write_bytes(shown)
        template = (stack.folder / "template.yaml").read_text()
        change_set = stack.folder / "change-set.json"
        for fault in [{"policy": "healthy", "template": []}, *stack.declared["fault"]]:
            if "template" not in fault:
                continue
            called = f"{stack.folder.name}{SEPARATOR}{fault.get('name', fault['policy'])}"
            text = reader.patched(template, fault["template"], called)
            (work / "template" / f"{called}.yaml").write_text(text)
            if change_set.exists():
                both = work / "change-set" / called
                both.mkdir()
                (both / "template.yaml").write_text(text)
                changes = reader.patched(change_set.read_text(), fault.get("change_set", []), called)
                (both / "change-set.json").write_text(changes)


class Spent:
    """What the runs of one tool over one form took."""

    def __init__(self):
        self.wall, self.cpu, self.megabytes = 0.0, 0.0, 0.0

    def run(self, command, folder):
        """What a command writes to standard output."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            began = time.monotonic()
            process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=errors)
            _, status, usage = os.wait4(process.pid, 0)
            self.wall += time.monotonic() - began
            self.cpu += usage.ru_utime + usage.ru_stime
            self.megabytes = max(self.megabytes, usage.ru_maxrss / 1024)
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            errors.seek(0)
            written = out.read().decode()
            if not written.strip() and process.returncode:
                sys.exit(f"{' '.join(map(str, command))}: exit {process.returncode}\n{errors.read().decode()[-2000:]}")
            return written


def called(path):
    """Which input a path is of: the part of it that names stack and fault."""
    return next(part.removesuffix(".yaml").removesuffix(".json") for part in pathlib.PurePath(path).parts if SEPARATOR in part)


def plangate(program, work, form, spent):
    found = {}
    for given in sorted((work / form).iterdir()):
        change_set = work / "change-set" / called(given) / "change-set.json"
        if form == "template" and change_set.exists():
            given = change_set
        report = json.loads(spent.run([program, "check", given, "-o", "json"], work))
        found[called(given)] = {(one["policy"], one["subject"]) for one in report["findings"] if one["verdict"] == "fail"}
    return found


def checkov(program, work, form, spent):
    framework = {"plan": "terraform_plan", "configuration": "terraform", "template": "cloudformation"}[form]
    command = [program, "--directory", work / form, "--framework", framework, "--output", "json", "--quiet", "--compact"]
    report = json.loads(spent.run([*command, "--soft-fail", "--skip-download"], work))
    found = {}
    for one in report["results"]["failed_checks"]:
        found.setdefault(called(one["file_path"]), set()).add((one["check_id"], one["resource"]))
    return found


def cfn_lint(program, work, form, spent):
    templates = sorted((work / form).iterdir())
    found = {}
    for one in json.loads(spent.run([program, "--format", "json", "--regions", "eu-central-1", "--", *templates], work)):
        about = tuple(map(str, one["Location"].get("Path") or []))
        found.setdefault(called(one["Filename"]), set()).add((one["Rule"]["Id"], about))
    return found


def cfn_guard(program, work, form, spent, rules):
    command = [program, "validate", "--rules", *rules, "--data", work / form, "--structured", "--output-format", "json"]
    found = {}
    for report in json.loads(spent.run([*command, "--show-summary", "none"], work)):
        for one in report["not_compliant"]:
            abouts = set(paths(one))
            found.setdefault(called(report["name"]), set()).update((one["Rule"]["name"], about) for about in abouts)
    return found


def paths(report):
    """Every `path` in a report of cfn-guard."""
    if isinstance(report, dict):
        for key, value in report.items():
            if key == "path" and isinstance(value, str):
                yield value
            else:
                yield from paths(value)
    elif isinstance(report, list):
        for value in report:
            yield from paths(value)


def version(program):
    told = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.split()
    return next((word for word in told if word[:1].isdigit()), "?")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=ROOT / "target/release/plangate", type=pathlib.Path)
    parser.add_argument("--guard-rules", type=pathlib.Path, help="a folder of rules for cfn-guard")
    parser.add_argument("--tool", action="append", help="run only this one; can be repeated")
    parser.add_argument("--form", action="append", choices=FORMS, help="judge only inputs of this form; can be repeated")
    parser.add_argument("--show", action="store_true", help="list on standard error what each tool found")
    asked = parser.parse_args()
    left_out = []

    def tool(name, otherwise):
        if asked.tool and name not in asked.tool:
            return None
        program = shutil.which(name)
        if program is None:
            left_out.append(f"{name}: {otherwise}")
        return program

    runs = []
    if not asked.tool or "plangate" in asked.tool:
        if not asked.program.exists():
            sys.exit(f"{asked.program} does not exist: cargo build --release")
        runs += [("plangate", asked.program.resolve(), form, plangate) for form in FORMS]
    if program := tool("checkov", "pip install checkov"):
        runs += [("Checkov", program, form, checkov) for form in FORMS]
    if program := tool("cfn-lint", "pip install cfn-lint"):
        runs.append(("cfn-lint", program, "template", cfn_lint))
    if program := tool("cfn-guard", "cargo install cfn-guard"):
        if asked.guard_rules:
            rules = sorted(asked.guard_rules.resolve().rglob("*.guard"))
            if not rules:
                sys.exit(f"{asked.guard_rules}: no *.guard below it")
            runs.append(("cfn-guard", program, "template", lambda *run: cfn_guard(*run, rules)))
        else:
            left_out.append("cfn-guard: brings no rules of its own, name a folder with --guard-rules")

    print(f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores")
    print()
    print("| tool | version | input | faults found | wall s | CPU s | peak MB |")
    print("|---|---|---|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        write_inputs(work)
        for name, program, form, judge in runs:
            if asked.form and form not in asked.form:
                continue
            spent = Spent()
            found = judge(program, work, form, spent)
            inputs = sorted(called(given) for given in (work / form).iterdir())
            faults = [one for one in inputs if not one.endswith(f"{SEPARATOR}healthy")]
            seen = [
                one
                for one in faults
                if found.get(one, set()) - found.get(f"{one.split(SEPARATOR)[0]}{SEPARATOR}healthy", set())
            ]
            print(
                f"| {name} | {version(program)} | {len(inputs)} × {form} | {len(seen)} of {len(faults)} "
                f"| {spent.wall:.1f} | {spent.cpu:.1f} | {spent.megabytes:.0f} |",
                flush=True,
            )
            if asked.show:
                missed = sorted(set(faults) - set(seen))
                print(f"{name} {form}: found {' '.join(seen) or '-'}; missed {' '.join(missed) or '-'}", file=sys.stderr)
    for one in left_out:
        print(f"left out: {one}")


if __name__ == "__main__":
    main()
