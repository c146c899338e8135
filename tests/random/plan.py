#!/usr/bin/env python3
"""Plans random configurations with a real Terraform, for `cargo test -- --ignored random_configurations`.

    PLANGATE_TF_PLUGINS=/path/to/plugins plan.py FOLDER --stacks 2000 --seed 1

Writes FOLDER/<batch>/ (main.tf, s0/ …, plan.json), fifty stacks a batch. A stack that Terraform does not plan is taken
out of its batch, and the rest is planned again; what Terraform said stands in FOLDER/<batch>/refused.txt. Nothing is sent
to AWS. Needed: terraform 1.11 and `terraform providers mirror` of hashicorp/aws.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
BATCH = 50
OVERRIDE = """provider "aws" {
  region                      = "eu-west-1"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
"""
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true", "CHECKPOINT_DISABLE": "1",
    "TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "TF_CLI_CONFIG_FILE": os.devnull,
}


def terraform(folder, *args):
    return subprocess.run(["terraform", *args], cwd=folder, env={**os.environ, **ENVIRONMENT}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def plan(folder, keep_providers):
    """Plans a batch; gives how many stacks are in the plan, and how many Terraform refused."""
    (folder / "main_override.tf").write_text(OVERRIDE)
    plugins = os.environ.get("PLANGATE_TF_PLUGINS")
    refused = []
    while True:
        init = terraform(folder, "init", "-no-color", "-backend=false", *([f"-plugin-dir={plugins}"] if plugins else []))
        said = init.stdout if init.returncode else None
        if said is None:
            planned = terraform(folder, "plan", "-no-color", "-refresh=false", "-out=tfplan")
            said = planned.stdout if planned.returncode else None
        if said is None:
            break
        refused.append(said)
        at_fault = set(re.findall(r"\bon (s\d+)/main\.tf", said)) | set(re.findall(r"module\.(s\d+)\b", said))
        at_fault = {name for name in at_fault if (folder / name).exists()}
        if not at_fault:
            sys.exit(f"{folder}: no stack is at fault\n{said}")
        root = (folder / "main.tf").read_text()
        for name in at_fault:
            shutil.rmtree(folder / name)
            root = root.replace(f'module "{name}" {{\n  source = "./{name}"\n}}\n', "")
        (folder / "main.tf").write_text(root)
    shown = terraform(folder, "show", "-json", "tfplan")
    (folder / "plan.json").write_text(shown.stdout)
    (folder / "refused.txt").write_text("\n".join(refused))
    (folder / "tfplan").unlink()
    (folder / "main_override.tf").unlink()
    if not keep_providers:
        shutil.rmtree(folder / ".terraform" / "providers", ignore_errors=True)
    return len(list(folder.glob("s*/main.tf")))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--stacks", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--apply", action="store_true", help="keep what apply.py needs")
    args = parser.parse_args()
    if args.stacks < BATCH or args.stacks % BATCH:
        parser.error(f"stacks come in batches of {BATCH}")
    done = 0
    for batch in range(args.stacks // BATCH):
        folder = args.folder / f"b{batch}"
        seed = f"{args.seed}{batch:04}"
        subprocess.run([sys.executable, HERE / "generate.py", folder, "--stacks", str(BATCH), "--seed", seed], check=True)
        done += plan(folder, args.apply)
        print(f"{folder}: {done} stacks planned of {(batch + 1) * BATCH}", flush=True)


if __name__ == "__main__":
    main()
