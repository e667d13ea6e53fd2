//! The WASI backend from end to end: no Python anywhere, verdicts that depend on instructions alone.
//! Not here: the same cases as everywhere (`cases`), single guests (`runner/src/wasi`).

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use serde_json::{Value, json};

use crate::{
    cli_eval::embedded,
    fixtures::{ADD, TWICE, lines, plant, sample, stdin_job},
    processes::Finished,
    support::{Place, json_lines},
};

/// Where the guest is compiled once for all tests.
fn cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("wasi-cache")
}

/// Runs trialbox where there is no Python.
fn run(place: &Place, arguments: &[&str]) -> Finished {
    let mut command = place.trialbox(&[]);
    command.args(arguments).arg("--cache").arg(cache()).env("PATH", "/nonexistent");
    place.finish(command, b"")
}

#[test]
fn without_python_the_built_in_set_gets_its_verdicts_in_the_guest() {
    let place = Place::new();
    let finished = run(&place, &["eval", "quickstart", "--out", "out"]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert!(finished.stderr.contains("programs run in the wasi guest"), "{}", finished.stderr);
    let verdicts = place.verdicts();
    assert_eq!(verdicts.len(), embedded().len());
    let ran = |row: &&Value| row["verdict"] != "no_code";
    assert!(verdicts.iter().filter(ran).all(|row| row["backend"] == "wasi"), "nothing else could have run them");
}

/// Enough to keep every core of a small machine from the programs; more would only keep other tests from theirs.
const BUSY_LOOPS: usize = 4;

/// What says how long something took, which is no matter of the program.
const TIMES: [&str; 2] = ["wall_ms", "check"];

/// The verdicts of the built-in set, but for times, as bytes.
fn deterministic_verdicts(workers: &str) -> String {
    let place = Place::new();
    let finished = run(&place, &["eval", "quickstart", "--deterministic", "--workers", workers, "--out", "out"]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let text = fs::read_to_string(place.out().join("verdicts.jsonl")).expect("verdicts were written");
    let without_times = |mut row: Value| {
        TIMES.iter().for_each(|name| drop(row.as_object_mut().expect("an object").remove(*name)));
        assert!(row["fuel"].is_u64() || row["verdict"] == "no_code", "{row}");
        format!("{row}\n")
    };
    json_lines(&text).into_iter().map(without_times).collect()
}

#[test]
fn fuel_and_verdicts_are_the_same_to_the_byte_however_busy_the_machine_is() {
    let idle = deterministic_verdicts("1");
    let over = AtomicBool::new(false);
    let busy = thread::scope(|scope| {
        for _ in 0..BUSY_LOOPS {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    std::hint::black_box(());
                }
            });
        }
        let verdicts = deterministic_verdicts("8");
        over.store(true, Ordering::Relaxed);
        verdicts
    });
    for (idle, busy) in idle.lines().zip(busy.lines()) {
        assert_eq!(idle, busy);
    }
    assert_eq!(idle.len(), busy.len());
}

#[test]
fn a_module_that_the_guest_lacks_is_named_and_counted() {
    let place = Place::new();
    let numpy = format!("import numpy as np\n{ADD}");
    plant(&place, lines(&[sample("Tiny/0", &numpy), sample("Tiny/1", TWICE)]));
    let finished = run(
        &place,
        &[
            "eval",
            "humaneval+",
            "--data",
            "tiny.jsonl",
            "--samples",
            "samples.jsonl",
            "--backend",
            "wasi",
            "--out",
            "out",
        ],
    );
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let row = &place.verdicts()[0];
    assert_eq!(row["verdict"], "runtime_error");
    assert_eq!(row["first_failure"]["actual"], "module numpy is not available in the wasi guest");
    assert_eq!(place.report()["modules_not_available"], json!({"numpy": 1}));
}

/// Imports whatever could be there, and prints what was.
const IMPORTS: &str = "
import _imp, importlib, sys
names = {name.split('.')[0] for name in [*_imp._frozen_module_names(), *sys.builtin_module_names]}
for name in sorted(names - {'__hello__', '__hello_alias__', '__hello_only__', '__phello__', '__phello_alias__'}):
    try:
        importlib.import_module(name)
    except ImportError:
        continue
    print(name)
";

#[test]
fn the_list_of_the_guests_modules_is_what_can_be_imported_there() {
    let place = Place::new();
    let listed = include_str!("../runner/guest/modules.txt");
    let mut job = stdin_job("imports", IMPORTS);
    job["problem"]["tests"] = json!([{"input": "", "output": listed}]);
    place.write("job.jsonl", lines(&[job]));
    let finished = run(&place, &["verify", "--jobs", "job.jsonl", "--backend", "wasi"]);
    let verdict = &json_lines(&finished.stdout)[0];
    assert_eq!(verdict["verdict"], "pass", "what is there: {}", verdict["first_failure"]["actual"]);
    let names: BTreeSet<&str> = listed.lines().collect();
    assert!(names.contains("math") && names.contains("sortedcontainers") && !names.contains("numpy"));
}

#[test]
fn an_interpreter_that_was_named_is_not_passed_over() {
    let place = Place::new();
    let finished = run(&place, &["eval", "quickstart", "--python", "/nonexistent/python3"]);
    assert_eq!(finished.code, Some(4), "{}", finished.stderr);
    assert!(finished.stderr.contains("/nonexistent/python3"), "{}", finished.stderr);
}
