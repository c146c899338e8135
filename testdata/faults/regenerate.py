#!/usr/bin/env python3
"""Makes the plans of the stacks in this folder again, with a real Terraform.

    PLANGATE_TF_PLUGINS=/path/to/plugins testdata/faults/regenerate.py [--all] [stack | stack/fault …]

A stack is a folder: main.tf and template.yaml say the same healthy thing twice, faults.toml says what breaks it. A fault
is a list of edits, each a text that stands there once and what takes its place. For main.tf as it stands and for each
fault this writes plans/<name>.json.gz, and into plans/texts.json of which text the plan is. A plan is made again only
when its text has changed, or with --all. Where faults.toml says that the provider refuses a fault, it has to.

A stack whose faults.toml says `change = true` is applied first; its plans are then changes.

PLANGATE_TF_PLUGINS is a `terraform providers mirror` folder; without it terraform asks the registry. Needed beside the
standard library: terraform 1.11 and moto 5 (`pip install 'moto[server]'`), which stands in for AWS on a free loopback
port. Nothing is sent to AWS: the credentials are made up. Of what terraform says only the time is set to a fixed one.
"""

import gzip
import hashlib
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
import urllib.request
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).resolve().parent
AT_ONCE = 2


def patched(text, edits, name):
    for old, new in edits:
        if text.count(old) != 1:
            sys.exit(f"{name}: stands there {text.count(old)} times, not once: {old!r}")
        text = text.replace(old, new)
    return text


class Stack:
    def __init__(self, folder):
        self.folder = folder
        self.declared = tomllib.loads((folder / "faults.toml").read_text())
        self.texts_file = folder / "plans" / "texts.json"
        self.recorded = json.loads(self.texts_file.read_text()) if self.texts_file.exists() else {}
        self.writing = threading.Lock()
        healthy = (folder / "main.tf").read_text()
        self.texts = {"healthy": (healthy, False)}
        for fault in self.declared["fault"]:
            if "terraform" in fault:
                name = fault.get("name", fault["policy"])
                text = patched(healthy, fault["terraform"], f"{folder.name}/{name}")
                self.texts[name] = (text, "plan" in fault.get("not_in", {}))

    def wanted(self, asked, everything):
        """What has no plan of its present text."""
        for name, (text, refused) in self.texts.items():
            digest = hashlib.sha256(text.encode()).hexdigest()
            there = self.recorded.get(name, {})
            known = there.get("sha256") == digest and ("refused" in there) == refused
            named = not asked or self.folder.name in asked or f"{self.folder.name}/{name}" in asked
            if named and (everything or not known):
                yield name, text, refused, digest

    def record(self, name, digest, shown, why):
        plan = self.texts_file.parent / f"{name}.json.gz"
        if shown:
            plan.write_bytes(gzip.compress(shown.encode(), 9, mtime=0))
        else:
            plan.unlink(missing_ok=True)
        with self.writing:
            self.recorded[name] = {"sha256": digest} | ({"refused": why} if why else {})
            self.write_texts()

    def write_texts(self):
        self.texts_file.write_text(json.dumps(self.recorded, indent=2, sort_keys=True) + "\n")

    def forget(self):
        """What is no longer declared."""
        self.recorded = {name: entry for name, entry in self.recorded.items() if name in self.texts}
        self.write_texts()
        for plan in self.texts_file.parent.glob("*.json.gz"):
            if plan.name.removesuffix(".json.gz") not in self.texts:
                plan.unlink()


class Terraform:
    def __init__(self, work, endpoint):
        self.work, self.endpoint = work, endpoint
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
        self.environment = kept | {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "TF_CLI_CONFIG_FILE": "/dev/null",
            "TF_DATA_DIR": str(work / "data"),
        }
        self.lock = None

    def run(self, folder, *arguments):
        return subprocess.run(
            ["terraform", *arguments], cwd=folder, env=self.environment, capture_output=True, text=True
        )

    def must(self, folder, *arguments):
        ran = self.run(folder, *arguments)
        if ran.returncode:
            sys.exit(f"{folder.name}: terraform {arguments[0]}: {ran.stdout[-2000:]}{ran.stderr}")
        return ran.stdout

    def folder(self, name, text):
        folder = self.work / name.replace("/", "~")
        folder.mkdir()
        (folder / "main.tf").write_text(text)
        if self.lock is None:
            plugins = os.environ.get("PLANGATE_TF_PLUGINS")
            self.must(folder, "init", "-no-color", "-backend=false", *([f"-plugin-dir={plugins}"] if plugins else []))
            self.lock = folder / ".terraform.lock.hcl"
        else:
            shutil.copy(self.lock, folder)
        return folder

    def applied(self, name, text):
        folder = self.folder(name, text)
        self.must(folder, "apply", "-no-color", "-auto-approve")
        return folder / "terraform.tfstate"

    def plan(self, name, text, state, refused):
        """The plan as JSON, or why the provider refuses it."""
        folder = self.folder(name, text)
        if state:
            shutil.copy(state, folder)
        ran = self.run(folder, "plan", "-no-color", "-refresh=false", "-out=tfplan")
        if refused:
            found = re.search(r"Error: (.*?)\n\n", ran.stderr, re.S)
            if ran.returncode == 0 or not found:
                sys.exit(f"{name}: the provider does not refuse it\n{ran.stderr}")
            return None, " ".join(found[1].split())
        if ran.returncode:
            sys.exit(f"{name}: {ran.stderr}")
        shown = self.must(folder, "show", "-json", "tfplan")
        for machine in (str(self.work), str(HERE), self.endpoint.removeprefix("http://")):
            if machine in shown:
                sys.exit(f"{name}: the plan holds names of this machine")
        shutil.rmtree(folder) if folder != self.lock.parent else None
        return re.sub(r'"timestamp":"[^"]*"', '"timestamp":"2025-01-01T00:00:00Z"', shown), None


def stand_in():
    """moto_server on a free port, and where it is."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    moto = subprocess.Popen(
        ["moto_server", "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/moto-api/data.json").close()
            return moto, f"http://127.0.0.1:{port}"
        except OSError:
            time.sleep(0.2)
    moto.terminate()
    sys.exit("moto_server does not answer")


def regenerate(terraform, stack, asked, everything):
    todo = list(stack.wanted(asked, everything))
    (stack.folder / "plans").mkdir(exist_ok=True)
    state = None
    if todo and stack.declared.get("change"):
        for action in ("reset", "seed?a=42"):
            request = urllib.request.Request(f"{terraform.endpoint}/moto-api/{action}", method="POST")
            urllib.request.urlopen(request).close()
        state = terraform.applied(f"{stack.folder.name}~before", stack.texts["healthy"][0])

    def one(task):
        name, text, refused, digest = task
        shown, why = terraform.plan(f"{stack.folder.name}/{name}", text, state, refused)
        stack.record(name, digest, shown, why)
        print(f"{stack.folder.name}/{name}{': refused' if why else ''}", flush=True)

    # The first one alone: it gets the provider.
    for task in todo[:1]:
        one(task)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [pool.submit(one, task) for task in todo[1:]]:
            done.result()
    stack.forget()


def main():
    asked = [argument.rstrip("/") for argument in sys.argv[1:] if argument != "--all"]
    stacks = [Stack(file.parent) for file in sorted(HERE.glob("*/faults.toml"))]
    moto, endpoint = stand_in()
    try:
        with tempfile.TemporaryDirectory() as work:
            terraform = Terraform(pathlib.Path(work), endpoint)
            for stack in stacks:
                regenerate(terraform, stack, asked, "--all" in sys.argv)
    finally:
        moto.terminate()
        moto.wait()


if __name__ == "__main__":
    main()
