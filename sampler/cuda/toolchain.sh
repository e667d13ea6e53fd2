#!/usr/bin/env bash
# Fetches the compiler that the feature `cuda` needs, and prints the environment that uses it. No GPU, no driver.
# Not here: calling it (fatbin.sh, by way of ../build.rs).
# In: pip and cc; $TRIALBOX_CUDA. Out: nvcc in that folder (0.3 GB), and on stdout a line to eval.
#
#     eval "$(sampler/cuda/toolchain.sh)"
set -euo pipefail

# 13.0 throughout: what a newer compiler writes may be refused by the driver (580).
wheels="
nvidia-cuda-nvcc==13.0.88
nvidia-nvvm==13.0.88
nvidia-cuda-crt==13.0.88
nvidia-cuda-cccl==13.0.85
nvidia-cuda-runtime==13.0.96
"

folder=${TRIALBOX_CUDA:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/trialbox/cuda13}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
home=$folder/nvidia/cu13

# Written last: a folder without it, or with another, is made anew.
mark=$(tr '\n' ' ' <<<"$wheels")
if [ "$(cat "$folder/complete" 2>/dev/null)" != "$mark" ]; then
    printf 'fetching nvcc 13.0 into %s\n' "$folder" >&2
    # shellcheck disable=SC2086  # One word a wheel.
    "${PYTHON:-python3}" -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
        --upgrade --no-deps --target "$folder" $wheels >&2
    # Wheels carry no run bits.
    find "$home/bin" "$home/nvvm/bin" -maxdepth 1 -type f -exec chmod +x {} +
    printf '%s\n' "$mark" >"$folder/complete"
fi

printf 'export NVCC=%q\n' "$home/bin/nvcc"
