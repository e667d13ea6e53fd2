//! `trialbox eval` and `doctor` where all is well: the built-in set from end to end, and the files' fixed fields.
//! Not here: what is refused (`cli_bad_input`), published data (`evalplus`).

use std::{collections::BTreeSet, sync::OnceLock};

use serde_json::{Value, json};

use crate::{
    fixtures::{ADD, TWICE, good_samples, lines, plant, sample},
    processes::Finished,
    support::{Place, can_run, names_in},
};

const VERDICT_FIELDS: [&str; 18] = [
    "task_id",
    "sample",
    "verdict",
    "base",
    "plus",
    "tests_run",
    "tests_total",
    "first_failure",
    "limit",
    "rerun_alone",
    "cpu_ms",
    "wall_ms",
    "peak_memory_bytes",
    "backend",
    "cached",
    "extraction",
    "text_hash",
    "check",
];

const REPORT_FIELDS: [&str; 13] = [
    "dataset",
    "problems",
    "samples",
    "verdicts",
    "pass_at_k",
    "k_too_large",
    "infra_errors",
    "skipped_rows",
    "problems_without_samples",
    "backend",
    "enforcement",
    "degraded",
    "manifest",
];

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// The built-in candidates and what they deserve, from the source of the built-in file.
pub(crate) fn embedded() -> Vec<(String, u64, String)> {
    let text = include_str!("../datasets/data/quickstart.jsonl");
    let mut all = Vec::new();
    for row in text.lines() {
        let row: Value = serde_json::from_str(row).expect("JSON");
        let task_id = row["task_id"].as_str().expect("an id");
        for (number, candidate) in (0..).zip(row["candidates"].as_array().expect("candidates")) {
            all.push((task_id.to_owned(), number, candidate["expect"].as_str().expect("a verdict").to_owned()));
        }
    }
    all
}

/// The built-in set, run once for all tests, on more workers than there are cores.
fn quickstart() -> &'static (Place, Finished) {
    static RUN: OnceLock<(Place, Finished)> = OnceLock::new();
    RUN.get_or_init(|| {
        let place = Place::new();
        let finished = place.run(&[&"eval", &"quickstart", &"--workers", &"8", &"--out", &place.out()]);
        (place, finished)
    })
}

#[test]
fn quickstart_runs_from_end_to_end() {
    if !can_run() {
        return;
    }
    let (place, finished) = quickstart();
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert_eq!(finished.stdout, "", "with --out, a piped stdout stays empty");
    let verdicts = place.verdicts();
    let mut got: Vec<_> = verdicts
        .iter()
        .map(|row| {
            let text = |key: &str| row[key].as_str().expect("text").to_owned();
            (text("task_id"), row["sample"].as_u64().expect("a number"), text("verdict"))
        })
        .collect();
    let mut wanted = embedded();
    got.sort();
    wanted.sort();
    assert_eq!(got, wanted);
    for row in &verdicts {
        assert_eq!(keys(row), BTreeSet::from(VERDICT_FIELDS));
        assert_eq!((&row["base"], &row["plus"], &row["cached"]), (&Value::Null, &row["verdict"], &json!(false)));
        assert_eq!(row["first_failure"].is_null(), row["verdict"] == "pass", "{row}");
    }
    let names = BTreeSet::from_iter(names_in(&place.out()));
    assert_eq!(names, ["report.json", "run.json", "verdicts.jsonl"].map(str::to_owned).into(), "and nothing else");
}

#[test]
fn the_report_has_the_contracts_fields() {
    if !can_run() {
        return;
    }
    let report = quickstart().0.report();
    assert_eq!(keys(&report), BTreeSet::from(REPORT_FIELDS));
    assert_eq!(report["dataset"], "quickstart");
    assert_eq!(report["samples"], embedded().len());
    let counts = report["verdicts"].as_object().expect("counts");
    assert_eq!(counts.values().filter_map(Value::as_u64).sum::<u64>(), embedded().len() as u64);
    assert_eq!(counts.len(), 9, "every verdict is listed");
    assert_eq!(keys(&report["pass_at_k"]), BTreeSet::from(["plus"]), "the set has no base tests of its own");
    assert_eq!(keys(&report["pass_at_k"]["plus"]["1"]), BTreeSet::from(["ci95", "value"]));
    let layers = ["filesystem", "network", "syscalls", "processes", "memory", "cpu"];
    assert_eq!(keys(&report["enforcement"]), BTreeSet::from(layers));
    let manifest = ["dataset_hash", "semantics", "extraction", "limits", "interpreter", "trialbox_version"];
    assert_eq!(keys(&report["manifest"]), BTreeSet::from(manifest));
    for zero in ["infra_errors", "skipped_rows", "problems_without_samples"] {
        assert_eq!(report[zero], 0, "{zero}");
    }
}

#[test]
fn one_worker_and_eight_come_to_the_same_verdicts() {
    if !can_run() {
        return;
    }
    let alone = Place::new();
    let finished = alone.run(&[&"eval", &"quickstart", &"--workers", &"1", &"--out", &alone.out()]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let facts = |place: &Place| {
        let fact = |row: &Value| {
            let test = row["first_failure"]["test"].as_u64();
            (row["task_id"].to_string(), row["sample"].as_u64(), row["verdict"].to_string(), test)
        };
        place.verdicts().iter().map(fact).collect::<BTreeSet<_>>()
    };
    assert_eq!(facts(&alone), facts(&quickstart().0));
}

#[test]
fn without_out_a_piped_stdout_is_the_report_and_nothing_else() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let (data, samples) = plant(&place, good_samples());
    let finished = place.run(&[&"eval", &"humaneval+", &"--data", &data, &"--samples", &samples]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let report: Value = serde_json::from_str(&finished.stdout).expect("stdout is one JSON document");
    assert_eq!(keys(&report), BTreeSet::from(REPORT_FIELDS));
    assert_eq!(report["pass_at_k"]["plus"]["1"]["value"], 1.0);
    assert_eq!(keys(&report["pass_at_k"]), BTreeSet::from(["base", "plus"]));
}

#[test]
fn base_and_plus_are_told_apart() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let only_positive = "def add(a, b):\n    return abs(a) + abs(b)\n";
    let rows = [sample("Tiny/0", only_positive), sample("Tiny/0", ADD), sample("Tiny/1", TWICE)];
    let (data, samples) = plant(&place, lines(&rows));
    let out = place.out();
    let finished = place.run(&[&"eval", &"humaneval+", &"--data", &data, &"--samples", &samples, &"--out", &out]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let verdicts = place.verdicts();
    let first = verdicts.iter().find(|row| row["task_id"] == "Tiny/0" && row["sample"] == 0).expect("sample 0");
    assert_eq!((&first["base"], &first["plus"]), (&json!("pass"), &json!("wrong_answer")));
    assert_eq!(first["first_failure"]["test"], 2, "the first plus test follows two base tests");
    let report = place.report();
    assert_eq!(report["pass_at_k"]["base"]["1"]["value"], 1.0);
    assert_eq!(report["pass_at_k"]["plus"]["1"]["value"], 0.75);
}

#[test]
fn doctor_tells_of_every_layer() {
    let finished = Place::new().run(&[&"doctor"]);
    let words = &finished.stdout;
    if finished.code == Some(4) && words.is_empty() {
        return crate::support::skip(&format!("no usable Python: {}", finished.stderr.trim_end()));
    }
    for layer in ["interpreter", "filesystem", "network", "syscalls", "processes", "memory", "cpu", "verdict"] {
        assert!(words.lines().any(|line| line.starts_with(layer)), "{layer} is missing: {words}");
    }
    let refused = words.contains("refused");
    assert_eq!(finished.code, Some(if refused { 4 } else { 0 }), "{words}");
}

#[test]
fn the_style_of_extraction_can_be_chosen() {
    if !can_run() {
        return;
    }
    let answer = format!("```python\n{ADD}```\nIn C:\n```c\nint add;\n```\n");
    let rows = [json!({"task_id": "Tiny/0", "response": answer}), sample("Tiny/1", TWICE)];
    for (style, verdict, rule) in [
        ("default", "pass", "fenced"),
        ("lcb", "compile_error", "lcb_fenced"),
        ("lcb-codellama", "no_code", "none"),
        ("raw", "compile_error", "whole"),
    ] {
        let place = Place::new();
        let (data, samples) = plant(&place, lines(&rows));
        let options: [&dyn AsRef<std::ffi::OsStr>; 10] = [
            &"eval",
            &"humaneval+",
            &"--data",
            &data,
            &"--samples",
            &samples,
            &"--extraction",
            &style,
            &"--out",
            &place.out(),
        ];
        let finished = place.run(&options);
        assert_eq!(finished.code, Some(0), "{}", finished.stderr);
        let verdicts = place.verdicts();
        let row = verdicts.iter().find(|row| row["task_id"] == "Tiny/0").expect("a verdict");
        assert_eq!((&row["verdict"], &row["extraction"]), (&json!(verdict), &json!(rule)), "{style}");
    }
}
