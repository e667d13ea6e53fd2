//! The shared corpus of misbehaving and honest programs, as cases.
//! Not here: the corpus itself; its README says what a row holds.
//! In: `attacks/attacks_shared.jsonl` of the shared folder. Out: [`Case`]s, or said why there are none.

use std::{fs, path::PathBuf, time::Duration};

use serde_json::{Value, json};

use super::{
    case::{Case, InGuest},
    class::Class,
};
use crate::{
    processes::{command, finish},
    support::{CORPUS, json_lines, say, shared_path},
};

/// What every case is held to anyway.
const ALWAYS: [&str; 4] =
    ["not an internal error", "no process left behind", "service alive", "next candidate unaffected"];

/// Where a row sets no bound of its own.
const WALL: Duration = Duration::from_secs(25);

/// The corpus, where there is one.
pub(crate) fn corpus() -> Vec<Case> {
    let path = shared_path(CORPUS);
    match fs::read_to_string(&path) {
        Ok(text) => json_lines(&text).into_iter().map(case).collect(),
        Err(error) => {
            let strict = std::env::var_os("TRIALBOX_TESTS_STRICT").is_some_and(|value| value == "1");
            assert!(!strict, "{}: {error}, and TRIALBOX_TESTS_STRICT=1", path.display());
            say(&format!("skipped: {}: {error}", path.display()));
            Vec::new()
        }
    }
}

fn case(row: Value) -> Case {
    let id = row["id"].as_str().expect("rows have names").to_owned();
    let mut case = Case {
        name: format!("corpus/{id}"),
        expect: serde_json::from_value(row["expect"].clone()).unwrap_or_else(|error| panic!("{id}: {error}")),
        wall: WALL,
        plant: map(&row["setup"]["host_files"]),
        environment: map(&row["setup"]["service_env"]),
        probe: row["probe"].is_object().then(|| probe(&row)),
        markers: Vec::new(),
        peak_growth_bytes: None,
        not_yet: missing_package(&row),
        classes: Class::ALL.to_vec(),
        in_guest: in_guest(&id),
        job: row,
    };
    let conditions: Vec<String> = serde_json::from_value(case.job["also"].clone()).unwrap_or_default();
    conditions.iter().for_each(|condition| read_condition(&mut case, condition));
    // What an earlier run left would be blamed on this one.
    case.markers.iter().for_each(|path| drop(fs::remove_file(path)));
    case
}

/// What is different in the WASI guest about a row; the reasons stand in the file.
fn in_guest(id: &str) -> InGuest {
    let all: Value = serde_json::from_str(include_str!("corpus_wasi.json")).expect("our own file");
    let mut row = all[id].clone();
    let Some(object) = row.as_object_mut() else { return InGuest::default() };
    object.remove("why");
    serde_json::from_value(row).unwrap_or_else(|error| panic!("corpus_wasi.json: {id}: {error}"))
}

fn map<K: serde::de::DeserializeOwned + Ord>(value: &Value) -> std::collections::BTreeMap<K, String> {
    serde_json::from_value(value.clone()).unwrap_or_default()
}

/// A row's own honest program; whose rules decide is said by the row where the program does not say it.
fn probe(row: &Value) -> Value {
    let mut probe = row["probe"].clone();
    probe["id"] = json!(format!("probe of {}", row["id"]));
    if probe["semantics"].is_null() {
        probe["semantics"] = row["semantics"].clone();
    }
    probe
}

fn read_condition(case: &mut Case, condition: &str) {
    let number = |before: &str, after: &str| -> Option<u64> {
        condition.strip_prefix(before)?.strip_suffix(after)?.trim().parse().ok()
    };
    if let Some(seconds) = number("wall <", "s") {
        case.wall = Duration::from_secs(seconds);
    } else if let Some(mebibytes) = number("grader memory <", "MiB") {
        case.peak_growth_bytes = Some(mebibytes << 20);
    } else if let Some(path) = condition.strip_prefix("no file ").and_then(|it| it.strip_suffix(" left behind")) {
        case.markers.push(PathBuf::from(path));
    } else {
        assert!(ALWAYS.contains(&condition), "{}: nothing checks {condition:?}", case.name);
    }
}

fn missing_package(row: &Value) -> Option<String> {
    let packages: Vec<&str> = row["needs"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let missing = packages.into_iter().find(|package| !is_installed(package));
    missing.map(|package| format!("python3 has no {package}"))
}

fn is_installed(package: &str) -> bool {
    let mut python = command(super::class::python());
    python.args(["-I", "-c", &format!("import {package}")]);
    finish(python, b"").code == Some(0)
}
