#!/usr/bin/env bash
# Breaks each kernel in many ways, one at a time, and says which faults the tests do not notice.
# Not here: the tests (run.sh).
# In: g++; $1, a pattern for the tests or files to break (all). Out: a line a fault; 1 where one went unnoticed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
pattern=${1:-.}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags=(-std=c++20 -O1 -w -ffp-contract=off -U_FORTIFY_SOURCE -DTRIALBOX_EMULATE
    -fsanitize=undefined -fno-sanitize-recover=undefined)
compiler=${CXX:-g++}
"$compiler" "${flags[@]}" -c "$here/emulate.cpp" -o "$work/emulate.o"

# Whether the test notices what was made of $work/sampler/cuda/kernels.
noticed() {
    local test=$1
    "$compiler" "${flags[@]}" "$work/sampler/cuda/emulate/$test.cpp" "$work/emulate.o" -o "$work/$test" || return 2
    ! STOP_AT_FAILURE=1 timeout 120 "$work/$test" 1 "$here/../../references/nucleus.json" >"$work/log" 2>&1
}

unnoticed=0
try() {
    local test=$1 file=$2 what=$3
    local kernels=$work/sampler/cuda/kernels
    rm -rf "$work/sampler"
    mkdir -p "$work/sampler/cuda"
    cp -r "$here" "$work/sampler/cuda/emulate"
    cp -r "$here/../kernels" "$kernels"
    if [[ $what =~ ^[0-9]+$ ]]; then
        # The barrier with this number goes.
        awk -v which="$what" '/__sync(threads|warp)\(\);/ && ++seen == which { sub(/__sync(threads|warp)\(\);/, ";") } { print }' \
            "$here/../kernels/$file" >"$kernels/$file"
    else
        sed -i -E "$what" "$kernels/$file"
    fi
    if cmp -s "$here/../kernels/$file" "$kernels/$file"; then
        printf 'changes nothing: %s: %s\n' "$file" "$what"
        unnoticed=1
        return
    fi
    local code=0
    noticed "$test" || code=$?
    case $code in
        0) printf 'noticed: %s: %s\n' "$file" "$what" ;;
        2) printf 'DOES NOT COMPILE: %s: %s\n' "$file" "$what"; unnoticed=1 ;;
        *) printf 'UNNOTICED: %s: %s\n' "$file" "$what"; unnoticed=1 ;;
    esac
}

barriers() {
    local test=$1 file=$2 count
    [[ "$test $file" =~ $pattern ]] || return 0
    count=$(grep -cE '__sync(threads|warp)\(\);' "$here/../kernels/$file")
    for ((which = 1; which <= count; ++which)); do
        try "$test" "$file" "$which"
    done
}

barriers draw common.cuh
barriers attend_tiles attend_tiles.cu
barriers attend_any attend_any.cu
barriers draw draw.cu
while IFS='|' read -r test file what; do
    [[ -n $test && "$test $file" =~ $pattern ]] || continue
    try "$test" "$file" "$what"
done <"$here/mutants"
exit "$unnoticed"
