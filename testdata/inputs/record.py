#!/usr/bin/env python3
"""Asks Terraform what each case comes to, and writes it into the case's last part.

    ./record.py [CASE.txt …]        (Terraform 1.11 on the PATH; needs no provider)

A case is a file of parts, each headed `-- NAME --`: `arguments` (one a line) and `environment` for the command line,
files of the configuration, and `terraform`: the inputs of every `terraform_data` that Terraform plans, or `refused:` and
the title of its error.
"""
import json, os, pathlib, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).parent


def parts(text):
    found, name = {}, None
    for line in text.splitlines(keepends=True):
        if line.startswith("-- ") and line.endswith(" --\n"):
            name = line[3:-4]
            found[name] = ""
        else:
            found[name] += line
    return found


def overlaid(value, unknown, sensitive):
    if unknown is True:
        return "<unknown>"
    if sensitive is True:
        return "<sensitive>"
    if isinstance(value, dict) or isinstance(unknown, dict):
        value, unknown, sensitive = value or {}, unknown or {}, sensitive or {}
        return {k: overlaid(value.get(k), unknown.get(k), sensitive.get(k)) for k in sorted({*value, *unknown})}
    if isinstance(value, list):
        at = lambda of, i: of[i] if isinstance(of, list) and i < len(of) else None
        return [overlaid(one, at(unknown, i), at(sensitive, i)) for i, one in enumerate(value)]
    return value


def outcome(case):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TF_")}
    environment |= dict(line.split("=", 1) for line in case.get("environment", "").splitlines())
    with tempfile.TemporaryDirectory() as folder:
        for name, text in case.items():
            if name not in ("arguments", "environment", "terraform"):
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)

        def terraform(*arguments):
            workspace = environment.pop("TF_WORKSPACE", None) if arguments[0] == "workspace" else None
            run = subprocess.run(["terraform", *arguments], cwd=folder, env=environment, capture_output=True, text=True)
            if workspace:
                environment["TF_WORKSPACE"] = workspace
            return run

        def refused(run):
            titles = [l.split("Error: ", 1)[1] for l in (run.stderr + run.stdout).splitlines() if "Error: " in l]
            titles = [title for title in titles if "problems during initialisation" not in title]
            return "refused: " + (titles[0].strip() if titles else run.stderr)

        if "TF_WORKSPACE" in environment:
            terraform("workspace", "new", environment["TF_WORKSPACE"])
        run = terraform("init", "-no-color", "-input=false")
        if run.returncode:
            return refused(run)
        arguments = case.get("arguments", "").splitlines()
        flags = [f"{flag}={value}".lstrip("-") for flag, value in zip(arguments[::2], arguments[1::2])]
        run = terraform("plan", "-no-color", "-input=false", "-out=plan", *["-" + flag for flag in flags])
        if run.returncode:
            return refused(run)
        plan = json.loads(terraform("show", "-json", "plan").stdout)
        inputs = {}
        for change in plan.get("resource_changes", []):
            change, address = change["change"], change["address"]
            of = [change.get(key) for key in ("after", "after_unknown", "after_sensitive")]
            inputs[address] = overlaid(*[part.get("input") if isinstance(part, dict) else part for part in of])
        return json.dumps(inputs, indent=2, sort_keys=True, ensure_ascii=False)


for path in map(pathlib.Path, sys.argv[1:]) if sys.argv[1:] else sorted(HERE.glob("*.txt")):
    text = path.read_text().split("-- terraform --\n")[0]
    path.write_text(f"{text}-- terraform --\n{outcome(parts(text))}\n")
