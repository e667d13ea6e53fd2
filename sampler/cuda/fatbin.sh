#!/usr/bin/env bash
# Compiles the kernels: of each .cu one .fatbin with machine code for sm_80 and sm_90, and PTX for what comes after these.
# Not here: fetching the compiler (toolchain.sh).
# In: $NVCC, or nvcc; $1, the folder to write to. Out: the files; on stdout a table of registers, spills and shared memory.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
to=${1:?usage: fatbin.sh FOLDER}
nvcc=${NVCC:-nvcc}
mkdir -p "$to"

# No --use_fast_math: draw.cu counts on every operation being rounded as the CPU rounds it.
flags=(-std=c++17 -O3 -Xptxas -v -fatbin
    -gencode "arch=compute_80,code=sm_80"
    -gencode "arch=compute_90,code=sm_90"
    -gencode "arch=compute_80,code=compute_80")

printf '| kernel | architecture | registers | spilled bytes | static shared bytes |\n|---|---|---|---|---|\n'
for source in "$here"/kernels/*.cu; do
    name=$(basename "$source" .cu)
    "$nvcc" "${flags[@]}" -o "$to/$name.fatbin" "$source" 2>"$to/$name.log" || { cat "$to/$name.log" >&2; exit 1; }
    awk '
        /Compiling entry function/ { split($0, quoted, "\047"); kernel = quoted[2]; architecture = quoted[4] }
        /bytes spill stores/ { for (i = 1; i <= NF; ++i) if ($i == "spill" && $(i + 1) ~ /^stores/) spilled = $(i - 2) }
        /Used [0-9]+ registers/ {
            shared = 0
            for (i = 1; i <= NF; ++i) { if ($i == "Used") registers = $(i + 1); if ($i ~ /^smem/) shared = $(i - 2) }
            printf "| %s | %s | %s | %s | %s |\n", kernel, architecture, registers, spilled, shared
        }' "$to/$name.log" | sort
done
