#!/usr/bin/env bash
# Fetches what builds CUDA code on a machine without a GPU, and prints the environment that uses it.
# Not here: a driver (what stands in for libcuda has no device), building the kernels (cubin.sh).
# In: pip, cargo and cc; $TRIALBOX_CUDA. Out: a CUDA toolkit in that folder (1.2 GB), and on stdout lines to eval.
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
nvidia-cublas==13.1.0.3
nvidia-curand==10.4.0.35
nvidia-cuda-nvrtc==13.0.88
"
# The driver's functions are those that this crate declares; Cargo.lock's version where that has one.
cudarc=0.19.10

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lock=$here/../../Cargo.lock
folder=${TRIALBOX_CUDA:-${HOME:?}/.cache/trialbox/cuda13}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
home=$folder/nvidia/cu13

say() { printf '%s\n' "$*" >&2; }

locked() {
    [ -f "$lock" ] || return 0
    sed -n '/^name = "cudarc"$/{n;s/^version = "\(.*\)"$/\1/p;q}' "$lock"
}

# Prints the folder with cudarc's source; has cargo fetch it where no build has yet.
source_of_cudarc() {
    local found registry=${CARGO_HOME:-$HOME/.cargo}/registry/src
    find_it() { find "$registry" -maxdepth 2 -type d -name "cudarc-$cudarc" 2>/dev/null | head -n 1; }
    found=$(find_it)
    if [ -z "$found" ]; then
        say "fetching cudarc $cudarc"
        local probe
        probe=$(mktemp -d)
        mkdir "$probe/src"
        : >"$probe/src/lib.rs"
        printf '[package]\nname = "probe"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\ncudarc = { version = "=%s", default-features = false }\n[workspace]\n' \
            "$cudarc" >"$probe/Cargo.toml"
        (cd "$probe" && cargo fetch --quiet >&2)
        rm -rf "$probe"
        found=$(find_it)
    fi
    [ -n "$found" ] || { say "cargo did not unpack cudarc $cudarc below $registry"; return 1; }
    printf '%s\n' "$found"
}

# Names without versions, and run bits: wheels carry neither.
link_and_allow() {
    ln -sfn lib "$home/lib64"
    local name library
    for name in cublas cublasLt cudart curand nvrtc; do
        library=$(find "$home/lib" -maxdepth 1 -name "lib$name.so.*" | sort | head -n 1)
        [ -n "$library" ] || { say "no lib$name.so in $home/lib: was the download cut? remove $folder and try again"; return 1; }
        ln -sfn "$(basename "$library")" "$home/lib/lib$name.so"
    done
    find "$home/bin" "$home/nvvm/bin" -maxdepth 1 -type f -exec chmod +x {} +
}

# A libcuda with all names and no device: programs link, start, and are told CUDA_ERROR_NO_DEVICE (100).
write_stub() {
    local declared=$1/src/driver/sys/mod.rs stubs=$home/lib/stubs
    mkdir -p "$stubs"
    sed -nE 's/^.*pub (unsafe )?fn (cu[A-Z][A-Za-z0-9_]*)\(.*$/\2/p; s/^.*pub (unsafe )?fn (cu[A-Z][A-Za-z0-9_]*)$/\2/p' "$declared" |
        sort -u >"$stubs/functions"
    local count
    count=$(wc -l <"$stubs/functions")
    [ "$count" -gt 400 ] || { say "only $count functions in $declared: cudarc has changed, and so must this script"; return 1; }
    sed 's/.*/int &(void) { return 100; }/' "$stubs/functions" >"$stubs/cuda.c"
    "${CC:-cc}" -shared -fPIC -w -fno-builtin -Wl,-soname,libcuda.so.1 -o "$stubs/libcuda.so.1" "$stubs/cuda.c"
    ln -sfn libcuda.so.1 "$stubs/libcuda.so"
    say "libcuda.so.1 stands in for $count functions"
}

in_lock=$(locked)
cudarc=${in_lock:-$cudarc}
# Written last: a folder without it, or with another, is made anew.
mark="$(tr '\n' ' ' <<<"$wheels")cudarc==$cudarc"
if [ "$(cat "$folder/complete" 2>/dev/null)" != "$mark" ]; then
    say "fetching the CUDA 13.0 toolkit into $folder (1.2 GB)"
    # shellcheck disable=SC2086  # One word a wheel.
    "${PYTHON:-python3}" -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
        --upgrade --no-deps --target "$folder" $wheels >&2
    link_and_allow
    write_stub "$(source_of_cudarc)"
    printf '%s\n' "$mark" >"$folder/complete"
fi

for name in CUDA_HOME CUDA_PATH CUDA_ROOT CUDA_TOOLKIT_ROOT_DIR; do
    printf 'export %s=%q\n' "$name" "$home"
done
printf 'export NVCC=%q\n' "$home/bin/nvcc"
printf 'export CUDA_COMPUTE_CAP=%q\n' "${CUDA_COMPUTE_CAP:-90}"
printf 'export CUDARC_CUDA_VERSION=13000\n'
# shellcheck disable=SC2016  # Whoever evaluates these lines expands what stands in them.
{
    printf 'export PATH=%q:"$PATH"\n' "$home/bin"
    printf 'export LIBRARY_PATH=%q:%q"${LIBRARY_PATH:+:$LIBRARY_PATH}"\n' "$home/lib" "$home/lib/stubs"
    printf 'export RUSTFLAGS="${RUSTFLAGS:+$RUSTFLAGS }-L native=%q -L native=%q"\n' "$home/lib" "$home/lib/stubs"
}
