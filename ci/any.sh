#!/bin/sh
# For every other CI, HCP Terraform included: plans, and judges the plan. With a `cloud` block the plan is made there, and
# `terraform show` fetches it (Terraform 1.6 and later). The exit code is that of `plangate check`: 0, 1 for findings at or
# above the threshold, 2 for what could not be judged.
set -eu

directory=${1:-.}

terraform -chdir="$directory" init -input=false
terraform -chdir="$directory" plan -input=false -out=plan.bin
terraform -chdir="$directory" show -json plan.bin > "$directory/plan.json"

plangate check "$directory/plan.json" -o text -o junit=plangate.xml -o json=plangate.json
