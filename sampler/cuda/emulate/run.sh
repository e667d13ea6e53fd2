#!/usr/bin/env bash
# Runs every kernel on the CPU and compares it with a plain reference.
# Not here: whether the tests would notice a fault (mutants.sh).
# In: g++, nothing else; $1, how many rounds (1). Out: `N passed, N failed` for each test; 1 where any failed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rounds=${1:-1}
built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT

# Nothing may be fused into one rounding that the source does not fuse; long jumps between stacks are meant.
# Addresses that are not multiples of 16 bytes where they have to be are undefined here too, and stopped at.
flags=(-std=c++20 -O2 -Wall -Wextra -Wno-unknown-pragmas -ffp-contract=off -U_FORTIFY_SOURCE -DTRIALBOX_EMULATE
    -fsanitize=undefined -fno-sanitize-recover=undefined)
compiler=${CXX:-g++}

"$compiler" "${flags[@]}" -c "$here/emulate.cpp" -o "$built/emulate.o"
failed=0
for test in pointwise turn attend_any attend_tiles draw; do
    "$compiler" "${flags[@]}" "$here/$test.cpp" "$built/emulate.o" -o "$built/$test"
    printf '%s: ' "$test"
    "$built/$test" "$rounds" "$here/../../references/nucleus.json" || failed=1
done
exit "$failed"
