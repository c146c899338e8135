#!/usr/bin/env bash
# Asks Terraform for the value of every expression in cases.txt and writes answers.json; and for what it knows of the
# outputs of unknown.tf before and after apply, and writes unknown.json. Needed: terraform 1.11, python3. No provider,
# no network, no credentials; all work is done in a temporary folder.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp -r "$here/files" "$here/locals.tf" "$work"
python3 - "$here" "$work" <<'PYTHON'
import json, pathlib, re, subprocess, sys

here, work = map(pathlib.Path, sys.argv[1:])
cases = [line for line in (here / "cases.txt").read_text().splitlines() if line and not re.match(r"#", line)]

def terraform(*arguments, ok=True):
    run = subprocess.run(["terraform", *arguments], cwd=work, capture_output=True, text=True)
    if ok and run.returncode:
        sys.exit(run.stderr)
    return run

def outputs(expressions):
    """The outputs of a plan: {number: (type, value)}."""
    blocks = []
    for number, expression in expressions:
        expression = expression.replace("␤", "\n")
        end = "" if expression.endswith("\n") else "\n"
        blocks.append(f'output "c{number}" {{\n  sensitive = true\n  value = {expression}{end}}}\n')
    (work / "main.tf").write_text("".join(blocks))
    terraform("plan", "-out=plan")
    plan = json.loads(terraform("show", "-json", "plan").stdout, parse_float=Exact, parse_int=Exact)
    types = plan["planned_values"].get("outputs", {})
    changes = plan.get("output_changes", {})
    return {
        number: {
            "type": types.get(f"c{number}", {}).get("type", "dynamic"),
            "value": changes.get(f"c{number}", {}).get("after"),
            **({"unknown": True} if changes.get(f"c{number}", {}).get("after_unknown") else {}),
        }
        for number, _ in expressions
    }

class Exact(str):
    """A number as it is written."""

def exact(value):
    if isinstance(value, Exact):
        return {"number": str(value)}
    if isinstance(value, list):
        return [exact(item) for item in value]
    if isinstance(value, dict):
        return {key: exact(item) for key, item in value.items()}
    return value

numbered = list(enumerate(cases))
# What does not even parse, or is refused before evaluation, is found by halving.
def can(batch):
    blocks = []
    try:
        asked = [(n, "can(" + c.replace("␤", "\n") + ")") for n, c in batch]
        (work / "main.tf").write_text("".join(f'output "c{n}" {{\n  value = {e}\n}}\n' for n, e in asked))
        run = terraform("plan", "-out=plan", ok=False)
        if run.returncode:
            raise RuntimeError
        plan = json.loads(terraform("show", "-json", "plan").stdout)
        changes = plan.get("output_changes", {})
        for n, _ in batch:
            change = changes[f"c{n}"]
            # can() of something unknown is unknown: it works as far as is known.
            verdicts[n] = True if change.get("after_unknown") else change["after"]
    except RuntimeError:
        if len(batch) == 1:
            verdicts[batch[0][0]] = False
        else:
            can(batch[: len(batch) // 2])
            can(batch[len(batch) // 2 :])

verdicts = {}
for start in range(0, len(numbered), 100):
    can(numbered[start : start + 100])
# can() catches what the language refuses; a few are refused only as the value of an output.
answers = {}
def ask(batch):
    try:
        answers.update(outputs(batch))
    except SystemExit as failed:
        if len(batch) == 1:
            verdicts[batch[0][0]] = False
        else:
            ask(batch[: len(batch) // 2])
            ask(batch[len(batch) // 2 :])
works = [(n, c) for n, c in numbered if verdicts[n]]
for start in range(0, len(works), 100):
    ask(works[start : start + 100])

def line(number, case):
    answer = exact(answers[number]) if number in answers else {"error": True}
    if number in answers:
        answer["type"] = answers[number]["type"]
    return json.dumps(case, ensure_ascii=False) + ": " + json.dumps(answer, ensure_ascii=False, sort_keys=True)
(here / "answers.json").write_text("{\n" + ",\n".join(line(n, c) for n, c in dict((c, (n, c)) for n, c in numbered).values()) + "\n}\n")

if (here / "unknown.tf").exists():
    (work / "locals.tf").unlink()
    (work / "main.tf").write_text((here / "unknown.tf").read_text())
    terraform("init")
    terraform("plan", "-out=plan")
    plan = json.loads(terraform("show", "-json", "plan").stdout)
    terraform("apply", "-auto-approve")
    applied = json.loads(terraform("output", "-json").stdout)
    result = {
        name: {
            "known": not change.get("after_unknown"),
            "after": change.get("after"),
            "after_unknown": change.get("after_unknown"),
            "applied": applied[name]["value"] if name in applied else None,
            "type": applied[name]["type"] if name in applied else "dynamic",
        }
        for name, change in sorted(plan["output_changes"].items())
    }
    rows = [json.dumps(name) + ": " + json.dumps(row, ensure_ascii=False, sort_keys=True) for name, row in result.items()]
    (here / "unknown.json").write_text("{\n" + ",\n".join(rows) + "\n}\n")
PYTHON
