# Lists the recipes.
default:
    @just --list

# Formats everything.
fmt:
    cargo fmt --all

# The lints that CI demands.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# Licences, bans and sources of what is linked in.
deny:
    cargo deny check bans licenses sources

# Everything that can be tested without a GPU.
test:
    cargo test --workspace

# Long runs: 20,000 candidates through one process, 2,000 on a busy machine with few and with many workers.
soak:
    TRIALBOX_SOAK=20000 TRIALBOX_LOAD=2000 cargo test --release --test main endurance -- --nocapture --test-threads=1

# trialbox, its peers and the floor below them, in one run on this machine; --help lists the other tables, --record keeps one.
bench *arguments:
    cargo build --release
    python3 benches/bench.py {{arguments}}

# Watches RL move coverage: base, RL and distilled models of the toy set (docs/paper-small.md); --help lists the variants.
paper-small *arguments:
    cargo build --release
    TRIALBOX_BINARY="${CARGO_TARGET_DIR:-target}/release/trialbox" uv run --project examples/limit-of-rlvr \
        examples/limit-of-rlvr/paper.py {{arguments}}

# What CI runs.
ci:
    bash .ci/run

# The largest source files.
sizes:
    git ls-files '*.rs' '*.py' '*.c' | xargs wc -l | sort -rn | head -20
