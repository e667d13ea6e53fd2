#!/usr/bin/env bash
# Builds a GPU that is emulated: libcuda.so.1 and libcublas.so.13 for LD_LIBRARY_PATH, in the folder $1.
# Not here: a use of it (the tests of ../../src/local/gpu, under the feature `cuda`).
# In: g++. Out: the two libraries.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
to=${1:?usage: device.sh FOLDER}
mkdir -p "$to"
flags=(-std=c++20 -O2 -Wall -Wextra -Wno-unknown-pragmas -ffp-contract=off -U_FORTIFY_SOURCE -DTRIALBOX_EMULATE -fPIC -shared
    -fvisibility=default)
compiler=${CXX:-g++}

"$compiler" "${flags[@]}" -Wl,-soname,libcuda.so.1 "$here/driver.cpp" "$here/emulate.cpp" -o "$to/libcuda.so.1"
"$compiler" "${flags[@]}" -Wl,-soname,libcublas.so.13 "$here/cublas.cpp" "$here/emulate.cpp" -o "$to/libcublas.so.13"
