#!/usr/bin/env python3
"""Applies planned random configurations to moto, for `cargo test -- --ignored applied`.

    apply.py FOLDER

FOLDER is what `plan.py FOLDER --apply` made. Each batch is applied to moto on a free loopback port, and what
`terraform show -json` then says of the state is kept beside its plan as state.json. Nothing is sent to AWS. Needed:
terraform 1.11 and moto (`pip install 'moto[server]'`).
"""

import argparse
import json
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

from plan import ENVIRONMENT, OVERRIDE, terraform


def stand_in():
    """moto on a free port: its process and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(["moto_server", "-H", "127.0.0.1", "-p", str(port)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{address}/moto-api/data.json")
            return process, address
        except OSError:
            time.sleep(0.2)
    process.kill()
    sys.exit("moto does not answer")


def apply(folder, address):
    """Applies a batch; gives what Terraform said when it refused some of it."""
    urllib.request.urlopen(urllib.request.Request(f"{address}/moto-api/reset", method="POST"))
    (folder / "main_override.tf").write_text(OVERRIDE)
    ENVIRONMENT["AWS_ENDPOINT_URL"] = address
    applied = terraform(folder, "apply", "-no-color", "-auto-approve", "-parallelism=4")
    shown = terraform(folder, "show", "-json")
    (folder / "state.json").write_text(shown.stdout)
    for name in ["main_override.tf", "terraform.tfstate", "terraform.tfstate.backup"]:
        (folder / name).unlink(missing_ok=True)
    made = json.loads(shown.stdout).get("values", {}).get("root_module", {}).get("child_modules", [])
    return len(made), applied.stdout if applied.returncode else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    args = parser.parse_args()
    process, address = stand_in()
    try:
        for plan in sorted(args.folder.glob("*/plan.json")):
            made, refused = apply(plan.parent, address)
            (plan.parent / "apply_refused.txt").write_text(refused)
            print(f"{plan.parent}: {made} stacks in the state{', some of it refused' if refused else ''}", flush=True)
            shutil.rmtree(plan.parent / ".terraform" / "providers", ignore_errors=True)
    finally:
        process.kill()


if __name__ == "__main__":
    main()
