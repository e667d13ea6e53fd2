#!/usr/bin/env bash
# Builds, on a machine without a GPU, what check.sh runs on one that has one.
# Not here: running it.
# In: cargo, pip, cc; $1, the folder to write to. Out: the sampler's tests, its example `throughput`, and trialbox itself.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
to=${1:?usage: package.sh FOLDER}
mkdir -p "$to"
environment=$("$here/toolchain.sh")
eval "$environment"
cd "$here/../.."

# What cargo says of each thing it builds names the program.
built() {
    cargo "$@" --release --locked --features cuda --message-format json |
        python3 -c 'import json, sys
for line in sys.stdin:
    it = json.loads(line)
    if it.get("executable") and not it["target"]["kind"] == ["custom-build"]:
        print(it["executable"])'
}
cp "$(built test --no-run --lib -p trialbox-sampler)" "$to/tests"
cp "$(built build --example throughput -p trialbox-sampler)" "$to/throughput"
cp "$(built build)" "$to/trialbox"
strip "$to/tests" "$to/throughput" "$to/trialbox"
ls -l "$to" >&2
