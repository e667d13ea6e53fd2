//! The arrows between our own crates, and the one owner of each heavy dependency, as DESIGN.md has them.
//! Not here: licences and advisories (`deny.toml`).
//! In: `cargo metadata`. Out: a failure that says why the arrow must not be there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::processes::{command, finish};

/// Each of our crates, the ones of ours that it may know, and why no others.
const EDGES: [(&str, &[&str], &str); 7] = [
    ("trialbox-coverage", &[], "counts are numbers to it: it knows neither models nor verdicts"),
    ("trialbox-sandbox-profiles", &[], "a profile is data: it knows neither who enforces it nor what for"),
    ("trialbox-datasets", &[], "datasets reads rows and runs nothing"),
    ("trialbox-runner", &["trialbox-sandbox-profiles"], "runner reports facts: it knows no problem and no score"),
    (
        "trialbox-verifier",
        &["trialbox-coverage", "trialbox-datasets", "trialbox-runner"],
        "verifier judges: it makes no policy",
    ),
    ("trialbox-sampler", &[], "a prompt is text to the sampler: it knows neither problems nor verdicts"),
    (
        "trialbox",
        &[
            "trialbox-coverage",
            "trialbox-datasets",
            "trialbox-runner",
            "trialbox-sampler",
            "trialbox-sandbox-profiles",
            "trialbox-verifier",
        ],
        "the command stands at the end of every arrow: nothing of ours depends on it",
    ),
];

/// Dependencies with one owner, and why.
const OWNED: [(&str, &str, &str); 19] = [
    ("clap", "trialbox", "only the command has a command line"),
    ("anyhow", "trialbox", "libraries give typed errors, on which callers can decide"),
    ("indicatif", "trialbox", "only the command draws on a terminal"),
    ("axum", "trialbox", "only the command speaks HTTP"),
    ("tokio", "trialbox", "only the daemon waits for many at once: programs have threads"),
    ("utoipa", "trialbox", "only the command describes what it says over HTTP"),
    ("metrics", "trialbox", "only the daemon is looked at while it runs"),
    ("ctrlc", "trialbox", "only the command owns the process's signals"),
    ("nix", "trialbox-runner", "only the runner speaks to the kernel"),
    ("libc", "trialbox-runner", "only the runner speaks to the kernel"),
    ("wasmtime", "trialbox-runner", "only the runner runs what it does not trust"),
    ("redb", "trialbox-verifier", "only the verifier keeps verdicts between runs"),
    ("seccompiler", "trialbox-sandbox-profiles", "filters are compiled where policies are kept"),
    ("jiter", "trialbox-datasets", "only rows hold Python's kind of JSON"),
    ("serde-pickle", "trialbox-datasets", "only rows hold pickles: what a sandbox says is never one"),
    ("parquet", "trialbox-datasets", "only datasets are published as parquet"),
    ("candle-core", "trialbox-sampler", "only the sampler computes with tensors"),
    ("tokenizers", "trialbox-sampler", "only the sampler knows tokens"),
    ("backon", "trialbox-sampler", "only the sampler asks servers, which fail for a while"),
];

/// Every crate of the workspace with all its direct dependencies, those of its tests and build scripts included.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let mut cargo = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["metadata", "--format-version=1", "--no-deps", "--offline", "--manifest-path"]);
    cargo.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
    let finished = finish(cargo, b"");
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let metadata: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    let name = |value: &Value| value["name"].as_str().expect("a name").to_owned();
    let packages = metadata["packages"].as_array().expect("packages");
    let of = |package: &Value| package["dependencies"].as_array().expect("a list").iter().map(name).collect();
    packages.iter().map(|package| (name(package), of(package))).collect()
}

#[test]
fn our_crates_depend_on_each_other_as_designed() {
    let dependencies = dependencies();
    let ours: BTreeSet<&String> = dependencies.keys().collect();
    assert_eq!(ours, EDGES.map(|(name, ..)| name.to_owned()).iter().collect(), "every crate has its place in EDGES");
    for (name, allowed, reason) in EDGES {
        let found: Vec<&str> = dependencies[name].iter().filter(|it| ours.contains(it)).map(String::as_str).collect();
        assert_eq!(found, allowed, "{name}: {reason}");
    }
}

#[test]
fn heavy_dependencies_have_one_owner() {
    let dependencies = dependencies();
    for (dependency, owner, reason) in OWNED {
        let users: Vec<&String> =
            dependencies.iter().filter(|(_, all)| all.contains(dependency)).map(|(name, _)| name).collect();
        assert_eq!(users, [owner], "{dependency}: {reason}");
    }
}
