#!/usr/bin/env bash
# Makes the plan.json of every stack in this folder (or of the stacks named as arguments) again.
#
#   PLANGATE_TF_PLUGINS=/path/to/plugins testdata/regenerate.sh [stack…]
#
# PLANGATE_TF_PLUGINS is a `terraform providers mirror` folder; without it terraform asks the registry.
# Needed: terraform 1.11, curl, python3 with moto 5 (`pip install 'moto[server]'`), which stands in for AWS on a free
# loopback port. Nothing is sent to AWS: the credentials are made up. All work is done in a temporary folder.
#
# A stack's folder says how it is planned:
#   main.tf, modules/   the configuration that is planned
#   seed/               applied first with a state of its own (what "another team" has already built)
#   before/             applied first with the stack's state: plan.json is then the change from before/ to main.tf
# and plan_options below holds what differs from that.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v moto_server >/dev/null || { echo "moto_server is missing: pip install 'moto[server]'" >&2; exit 2; }

plan_options() { # stack -> apply_first (folder whose configuration is applied before), args of terraform plan
  apply_first=
  args=()
  [ -d "$here/$1/before" ] && apply_first=before
  case $1 in
    destroy) apply_first=. args=(-destroy) ;;
    target-flag) args=(-target=aws_lb_target_group.reports) ;;
  esac
}

work=$(mktemp -d)
moto_pid=
cleanup() {
  [ -z "$moto_pid" ] || kill "$moto_pid" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
moto_server -H 127.0.0.1 -p "$port" >"$work/moto.log" 2>&1 &
moto_pid=$!

unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN AWS_REGION AWS_DEFAULT_REGION AWS_CA_BUNDLE
export AWS_ENDPOINT_URL="http://127.0.0.1:$port"
export AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_INPUT=0 TF_CLI_CONFIG_FILE=/dev/null
unset TF_CLI_ARGS TF_DATA_DIR TF_WORKSPACE

for _ in $(seq 150); do
  curl -sf -o /dev/null "$AWS_ENDPOINT_URL/moto-api/data.json" && break
  kill -0 "$moto_pid" 2>/dev/null || { cat "$work/moto.log" >&2; exit 2; }
  sleep 0.2
done

init=(init -no-color -backend=false)
[ -z "${PLANGATE_TF_PLUGINS:-}" ] || init+=(-plugin-dir="$PLANGATE_TF_PLUGINS")

quietly() { # runs a command, shows its output only when it fails
  "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; return 1; }
}

apply() { # folder
  (cd "$1" && quietly terraform "${init[@]}" && quietly terraform apply -no-color -auto-approve)
}

regenerate() {
  local stack=$1 dir="$work/$1"
  plan_options "$stack"
  curl -sf -o /dev/null -X POST "$AWS_ENDPOINT_URL/moto-api/reset"
  curl -sf -o /dev/null -X POST "$AWS_ENDPOINT_URL/moto-api/seed?a=42"

  mkdir "$dir"
  (cd "$here/$stack" && cp -R . "$dir/")
  [ ! -d "$dir/seed" ] || apply "$dir/seed"
  if [ -n "$apply_first" ]; then
    apply "$dir/$apply_first"
    [ "$apply_first" = . ] || mv "$dir/$apply_first/terraform.tfstate" "$dir/"
  fi

  (
    cd "$dir"
    quietly terraform "${init[@]}"
    quietly terraform plan -no-color -out=tfplan ${args[@]+"${args[@]}"}
    terraform show -json tfplan >plan.new
  )
  if grep -n -o -e "$work" -e "$here" -e "127\.0\.0\.1:$port" -e "localhost:$port" "$dir/plan.new" | sort -u | head -5 | grep . >&2; then
    echo "$stack: the plan holds names of this machine" >&2
    return 1
  fi
  mv "$dir/plan.new" "$here/$stack/plan.json"
  rm -rf "$dir"
  echo "$stack"
}

if [ $# -gt 0 ]; then
  stacks=("$@")
else
  stacks=()
  for main in "$here"/*/main.tf; do stacks+=("$(basename "$(dirname "$main")")"); done
fi
for stack in "${stacks[@]}"; do regenerate "${stack%/}"; done
