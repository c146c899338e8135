#!/usr/bin/env bash
# Fuzzes every target for so many seconds, two at a time, and says what came of it. What was found lies in fuzz/artifacts/.
#
#     fuzz/seed.py && fuzz/run.sh 600                 # all targets, ten minutes each
#     fuzz/run.sh 3600 plan template                  # some of them, an hour each
#
# Needs a nightly Rust and cargo-fuzz. Without sanitizers: unsafe code is forbidden here, and without them a plan is judged
# twice as often. BIN names a folder of targets that are built already.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:?how many seconds for each target}
shift
all=(plan configuration template policy expression server settings exemptions user_data shell fix)
targets=("${@:-${all[@]}}")
if [ -z "${BIN:-}" ]; then
    cargo +nightly fuzz build -s none --fuzz-dir .
    BIN=$PWD/target/$(rustc -vV | sed -n 's/^host: //p')/release
fi

fuzz() {
    local target=$1 longest=16384 log
    case $target in plan) longest=131072 ;; expression | exemptions) longest=1024 ;; esac
    mkdir -p "corpus/$target" "artifacts/$target"
    log=artifacts/$target.log
    # In a process of its own, so that one that ends is not the end.
    nice -n 19 "$BIN/$target" "corpus/$target" -dict="corpus/$target.dict" -artifact_prefix="artifacts/$target/" \
        -max_len=$longest -timeout=10 -rss_limit_mb=1500 -max_total_time="$seconds" \
        -fork=1 -ignore_crashes=1 -ignore_timeouts=1 -ignore_ooms=1 >"$log" 2>&1 || true
    echo "$target: $(grep -o '^#[0-9]*: cov: [0-9]*' "$log" | tail -1), found $(find "artifacts/$target" -type f | wc -l)"
}
export -f fuzz
export BIN seconds
printf '%s\n' "${targets[@]}" | xargs -P 2 -I{} bash -c 'fuzz {}'
