#!/bin/bash
# Builds the guest: CPython 3.11 and the driver as one WebAssembly module, started and snapshotted. Run by hand, never by
# cargo, as any user, on Debian 12 (amd64) with dpkg-dev, make, zstd and cargo; needs the network for the first two steps.
# Not here: what is downloaded (versions.sh), the shim (guest.c), the snapshot's code (snapshot/).
# In: build.sh [WORK_FOLDER [STEP...]]; the steps, all of them without one, are those of `main`, and each can be repeated.
# Out: guest.wasm.zst, SHA256SUMS, SOURCES, BUILD and LICENSES beside this script. Same sources, same bytes.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
runner=$(dirname "$here")
work=$(mkdir -p "${1:-/tmp/trialbox-guest}" && cd "${1:-/tmp/trialbox-guest}" && pwd)
shift || true

. "$here/versions.sh"

root=$work/toolchain native=$work/python source=$work/source/python build=$work/build tools=$work/tools library=$work/library
export SOURCE_DATE_EPOCH=1767225600 LC_ALL=C TZ=UTC PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1
jobs=${JOBS:-$(nproc)}
# The optimiser sees all of CPython at once, when it is linked.
optimise="-O3 -flto"

# ---- What is downloaded ---------------------------------------------------------------------------------------------------

# apt with a state folder and sources of its own, so that it needs no rights and changes nothing.
private_apt() {
    local state=$work/apt
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    local key="signed-by=/usr/share/keyrings/debian-archive-keyring.gpg" mirror=http://deb.debian.org/debian
    printf '%s\n' "deb [$key] $mirror bookworm main" "deb-src [$key] $mirror bookworm main" >"$state/sources.list"
    apt-get -q -o Dir::State="$state" -o Dir::State::Lists="$state/lists" -o Dir::Cache="$state/cache" \
        -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=/dev/null -o APT::Sandbox::User="$(id -un)" "$@"
}

download() {
    mkdir -p "$work/packages" "$work/source"
    private_apt update
    cd "$work/packages"
    echo "$toolchain_packages $python_packages" | while read -r package version hash; do
        [ -n "$package" ] || continue
        private_apt download "$package=$version"
        echo "$hash  $(archive "$package")" | sha256sum --check --quiet
    done
    cd "$work/source"
    private_apt source --download-only "$python_source=$python_source_version"
    echo "$python_source_files" | sed '/^$/d' | sha256sum --check --quiet
}

archive() { ls "$work/packages/$1"_*.deb; }

unpack() {
    rm -rf "$root" "$native" "$source" "$tools"
    mkdir -p "$tools"
    local package
    for package in $(echo "$toolchain_packages" | cut -d' ' -f1); do dpkg -x "$(archive "$package")" "$root"; done
    for package in $(echo "$python_packages" | cut -d' ' -f1); do dpkg -x "$(archive "$package")" "$native"; done
    ln -s wasm-ld "$root/usr/lib/llvm-19/bin/wasm-ld-19" # the name that Debian's clang looks for
    dpkg-source --no-check -x "$work/source/${python_source}_$python_source_version.dsc" "$source"
    local patch
    for patch in "$here"/patches/*.patch; do patch -d "$source" -p1 --no-backup-if-mismatch <"$patch"; done
    write_tools
}

# Commands that find what they need in the work folder, and leave its name out of what they make.
write_tools() {
    local libraries="export LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu:$root/usr/lib/llvm-19/lib"
    local compiler="$root/usr/lib/llvm-19/bin/clang --target=wasm32-wasi --sysroot=$root/usr -isystem $root/usr/include/wasm32-wasi"
    compiler+=" -ffile-prefix-map=$work=. -Wno-int-conversion -Wno-implicit-function-declaration -g0"
    printf '#!/bin/sh\n%s\nexec %s "$@"\n' "$libraries" "$compiler" >"$tools/cc"
    local name
    for name in ar ranlib; do
        printf '#!/bin/sh\n%s\nexec %s "$@"\n' "$libraries" "$root/usr/lib/llvm-19/bin/llvm-$name" >"$tools/$name"
    done
    libraries="export LD_LIBRARY_PATH=$native/usr/lib/x86_64-linux-gnu:$native/lib/x86_64-linux-gnu"
    printf '#!/bin/sh\n%s\nexport PYTHONHOME=%s\nexec %s "$@"\n' "$libraries" "$native/usr" "$native/usr/bin/python3.11" >"$tools/python3.11"
    chmod +x "$tools"/*
}

# ---- What is built --------------------------------------------------------------------------------------------------------

interpreter() {
    rm -rf "$build"
    mkdir -p "$build"
    cd "$build"
    CC=$tools/cc LDSHARED=$tools/cc AR=$tools/ar RANLIB=$tools/ranlib READELF=true PKG_CONFIG=false \
        CONFIG_SITE=../source/python/Tools/wasm/config.site-wasm32-wasi ../source/python/configure -C --host=wasm32-unknown-wasi \
        --build=x86_64-pc-linux-gnu --with-build-python="$tools/python3.11" --with-pymalloc --disable-test-modules --without-ensurepip
    make -j"$jobs" EXTRA_CFLAGS="$optimise" libpython3.11.a
}

# The standard library, what it misses, and what every program may import besides it.
frozen_library() {
    rm -rf "$library"
    mkdir -p "$library"
    # Without columns: there is no source that a traceback could point into.
    "$tools/python3.11" -S -X no_debug_ranges "$here/freeze.py" "$library" "$source/Lib" "$here/library" "$runner/packages"
}

link() {
    local driver=$runner/src/driver linked=$work/link name
    rm -rf "$linked"
    mkdir -p "$linked"
    cp "$here/settle.py" "$linked"
    {
        cat "$here/begin.py"
        (cd "$driver" && xargs cat <parts.txt)
    } >"$linked/parts.py"
    cd "$linked"
    local flags="-std=gnu2x -fvisibility=hidden -ffile-prefix-map=$runner=. -I$source/Include -I$build -I$driver --embed-dir=$linked --embed-dir=$library"
    for name in driver encode records; do "$tools/cc" $optimise $flags -c "$driver/$name.c" -o "$name.o"; done
    "$tools/cc" $optimise $flags -c "$here/guest.c" -o guest.o
    "$tools/cc" -O2 $flags -c "$library/frozen.c" -o frozen.o # data alone
    # The stack comes first in memory, so that it overflows into a trap and not into data.
    "$tools/cc" $optimise -mexec-model=reactor -o "$work/linked.wasm" driver.o encode.o records.o guest.o frozen.o "$build/libpython3.11.a" \
        "$build/Modules/_decimal/libmpdec/libmpdec.a" "$build/Modules/expat/libexpat.a" \
        -lwasi-emulated-signal -lwasi-emulated-getpid -lwasi-emulated-process-clocks -lm \
        -Wl,-z,stack-size=16777216 -Wl,--stack-first -Wl,--export=__stack_pointer -Wl,--strip-all
}

snapshot() {
    cd "$here/snapshot"
    CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$work/target} cargo run --locked --quiet -- "$work/linked.wasm" "$work/guest.wasm"
}

# What the guest is made of, by content: a test compares it with what is there.
sources() {
    cd "$runner"
    find guest/*.c guest/*.py guest/versions.sh guest/library guest/patches packages src/driver -type f ! -name "*.pyc" |
        sort | xargs sha256sum
}

# What it was built with (the packages are those of versions.sh), and what came out.
log() {
    "$tools/cc" --version | sed 1q
    "$tools/python3.11" --version
    echo "optimised by: $optimise"
    echo "frozen modules: $(grep -c '^    {"' "$library/frozen.c")"
    cd "$work" && stat --format='%n: %s bytes' linked.wasm guest.wasm
    cd "$here" && stat --format='%n: %s bytes' guest.wasm.zst
}

# Decoded by the crate ruzstd, whose window is as large as the file.
publish() {
    cd "$work"
    zstd --quiet --force --ultra -22 --long=25 --single-thread guest.wasm -o "$here/guest.wasm.zst"
    { sha256sum linked.wasm guest.wasm && cd "$here" && sha256sum guest.wasm.zst; } >"$here/SHA256SUMS"
    sources >"$here/SOURCES"
    log >"$here/BUILD"
    local documents=$root/usr/share/doc to=$here/LICENSES
    mkdir -p "$to"
    cp "$source/LICENSE" "$to/cpython.txt"
    sed -n '/^libmpdec$/,/^W3C C14N/p' "$source/Doc/license.rst" | sed '$d' >"$to/libmpdec.txt"
    cp "$source/Modules/expat/COPYING" "$to/expat.txt"
    cp "$documents/wasi-libc/copyright" "$to/wasi-libc.txt"
    cp "$documents/libclang-rt-19-dev-wasm32/copyright" "$to/compiler-rt.txt"
    cp "$runner/packages/sortedcontainers/LICENSE" "$to/sortedcontainers.txt"
}

main() {
    [ $# -gt 0 ] || set -- download unpack interpreter frozen_library link snapshot publish
    local step
    for step in "$@"; do
        echo "== $step" >&2
        ("$step")
    done
    [ ! -f "$here/SHA256SUMS" ] || cat "$here/SHA256SUMS"
}

main "$@"
