#!/usr/bin/env python3
"""Gives the reports of `plangate check` to the real programs that read them.

    cargo build && testdata/consumers.py target/debug/plangate

Needs nothing but Python; every consumer that is not there is skipped with a line that says so:
lxml (JUnit against the schema of Jenkins), jsonschema and sarif-tools from PyPI, npx (Microsoft's SARIF validator), reviewdog,
node and npm (Mermaid's own parser, which `consumers_mermaid.mjs` calls).
The schemas are held in the tests as well; this is for what only the consumers themselves know.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
INPUTS = [
    ["faulty/plan.json"],
    ["faulty/template.yaml"],
    ["faulty-around/plan.json", "faulty-edge/plan.json"],
    ["replace/plan.json"],
    ["names"],
    ["no-such-file.json"],
]
FORMATS = ["sarif", "junit", "github", "gitlab", "rdjson", "markdown"]
failed = skipped = 0


def report(name, problem):
    global failed
    failed += problem is not None
    print(f"{'FAIL' if problem else 'ok  '}  {name}" + (f": {problem}" if problem else ""))


def skip(name, why):
    global skipped
    skipped += 1
    print(f"SKIP  {name}: {why}")


def run(name, command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    report(name, None if done.returncode == 0 else (done.stdout + done.stderr)[-2000:])
    return done.stdout


def module(name):
    try:
        return __import__(name)
    except ImportError:
        return None


def main(plangate):
    plangate = os.path.abspath(plangate)
    lxml, schemas = module("lxml.etree"), module("jsonschema")
    if not lxml:
        skip("JUnit against junit-10.xsd", "no lxml")
    if not schemas:
        skip("JSON schemas in Python", "no jsonschema")
    with tempfile.TemporaryDirectory() as folder:
        for number, inputs in enumerate(INPUTS):
            files = {name: os.path.join(folder, f"{number}.{name}") for name in FORMATS}
            outputs = [part for name, file in files.items() for part in ("-o", f"{name}={file}")]
            code = subprocess.run([plangate, "check", *inputs, *outputs], cwd=HERE, capture_output=True).returncode
            label = " ".join(inputs)
            report(f"{label}: exit code", None if code in (0, 1) or "no-such" in label and code == 2 else code)
            if lxml:
                from lxml import etree

                schema = etree.XMLSchema(etree.parse(HERE / "schemas/junit-10.xsd"))
                schema.validate(etree.parse(files["junit"]))
                report(f"{label}: JUnit against junit-10.xsd", str(schema.error_log) or None)
            if schemas:
                pairs = [("sarif", "sarif-2.1.0.json"), ("gitlab", "gitlab-code-quality.json"), ("rdjson", "rdjson.json")]
                for name, file in pairs:
                    schema = json.loads((HERE / "schemas" / file).read_text())
                    # The schema calls its definitions by names that are no addresses.
                    schema["$id" if "$id" in schema else "id"] = "https://schema.invalid/"
                    checker = schemas.validators.validator_for(schema)(schema)
                    wrong = [f"{one.json_path}: {one.message}" for one in checker.iter_errors(json.load(open(files[name])))]
                    report(f"{label}: {name} in Python", "\n".join(wrong) or None)
            consumers(label, files)
        mermaid(plangate, folder)
    print(f"{failed} failed, {skipped} skipped")
    return failed > 0


def mermaid(plangate, folder):
    if not shutil.which("node") or not shutil.which("npm"):
        skip("Mermaid's parser", "no node or no npm")
        return
    modules = os.path.join(folder, "npm")
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", modules, "mermaid", "jsdom"]
    if subprocess.run(install, capture_output=True).returncode != 0:
        skip("Mermaid's parser", "npm could not install it")
        return
    charts = sorted(str(file) for file in pathlib.Path(folder).glob("*.markdown"))
    for number, inputs in enumerate(INPUTS[:-1]):
        charts.append(os.path.join(folder, f"{number}.mmd"))
        subprocess.run([plangate, "paths", *inputs, "-o", f"mermaid={charts[-1]}"], cwd=HERE, capture_output=True)
    run("every picture: Mermaid's parser", ["node", str(HERE / "consumers_mermaid.mjs"), modules, *charts])


def consumers(label, files):
    if shutil.which("sarif"):
        run(f"{label}: sarif-tools", ["sarif", "summary", files["sarif"]])
    else:
        skip("sarif-tools", "no program `sarif`")
    if shutil.which("npx"):
        # A list of kinds would not get through npm's shell.
        for kind in ["Sarif", "Ghas"]:
            command = ["npx", "--yes", "@microsoft/sarif-multitool", "validate", files["sarif"], "--rule-kind", kind]
            said = run(f"{label}: Microsoft's SARIF validator, {kind}", command)
            report(f"{label}: {kind} finds no error", said if ": error " in said else None)
    else:
        skip("Microsoft's SARIF validator", "no npx")
    if shutil.which("reviewdog"):
        command = ["reviewdog", "-f=rdjson", "-reporter=local", "-filter-mode=nofilter", "-fail-level=none"]
        run(f"{label}: reviewdog", command, stdin=open(files["rdjson"]), cwd=HERE)
    else:
        skip("reviewdog", "no reviewdog")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
