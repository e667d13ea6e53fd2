#!/usr/bin/env bash
# Runs whole models on an emulated GPU: the feature `cuda` as it is built for a real one, on a driver that has the kernels' source.
# Not here: the kernels one by one (run.sh).
# In: cargo, pip and g++; $TRIALBOX_CUDA. Out: what the tests say.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
device=$(mktemp -d)
trap 'rm -rf "$device"' EXIT

environment=$("$here/../toolchain.sh")
eval "$environment"
"$here/device.sh" "$device"
cd "$here/../../.."
cargo clippy --locked -p trialbox-sampler --features cuda --all-targets -- -D warnings
LD_LIBRARY_PATH="$device" TRIALBOX_GPU_EXPECTED=1 cargo test --locked -p trialbox-sampler --features cuda --lib -- gpu::
