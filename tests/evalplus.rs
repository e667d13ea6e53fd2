//! Verdicts against those of EvalPlus 0.3.1, on published tasks and real samples, where they are at hand.
//! Not here: all tasks (`trialbox datasets check`), reading the files (`datasets`).
//! In: `data` of the shared folder. Out: passed, or skipped with a reason.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
};

use flate2::{Compression, read::MultiGzDecoder, write::GzEncoder};
use serde_json::{Value, json};

use crate::{
    fixtures::lines,
    support::{Place, can_run, json_lines, shared},
};

/// The first tasks of a dataset, and samples of them with EvalPlus's verdicts.
#[derive(Clone, Copy, Debug)]
struct Part {
    dataset: &'static str,
    file: &'static str,
    tasks: usize,
    samples: &'static str,
    /// Tasks whose canonical solution alone takes seconds.
    slow: &'static [&'static str],
    /// Samples on which EvalPlus is known to say something else: task, sample, semantics, and why.
    exceptions: &'static [(&'static str, u64, &'static str, &'static str)],
}

const HUMANEVAL: Part = Part {
    dataset: "humaneval+",
    file: "data/evalplus/HumanEvalPlus-v0.1.10.jsonl.gz",
    tasks: 30,
    samples: "data/samples/humaneval_codegen16b_n8.jsonl.gz",
    slow: &["HumanEval/2", "HumanEval/15", "HumanEval/25"],
    exceptions: &[],
};

const MBPP: Part = Part {
    dataset: "mbpp+",
    file: "data/evalplus/MbppPlus-v0.2.0.jsonl.gz",
    tasks: 40,
    samples: "data/samples/mbpp_qwen2.5-coder-1.5b_n1.jsonl.gz",
    slow: &[],
    exceptions: &[],
};

fn unpacked_lines(path: &Path) -> impl Iterator<Item = String> {
    let file = File::open(path).expect("it can be opened");
    BufReader::new(MultiGzDecoder::new(file)).lines().map(|line| line.expect("readable"))
}

/// Writes the part's rows, as they are, to a file of their own.
fn reduced(part: Part, path: &Path, place: &Place) -> (PathBuf, Vec<Value>) {
    let target = place.path("reduced.jsonl.gz");
    let mut encoder = GzEncoder::new(File::create(&target).expect("a file"), Compression::fast());
    let mut rows = Vec::new();
    for line in unpacked_lines(path).take(part.tasks) {
        let row: Value = serde_json::from_str(&line).expect("JSON");
        if !part.slow.iter().any(|slow| row["task_id"] == *slow) {
            encoder.write_all(format!("{line}\n").as_bytes()).expect("written");
            rows.push(row);
        }
    }
    encoder.finish().expect("written");
    (target, rows)
}

/// Judges samples; verdicts by task and sample.
fn judge(part: Part, data: &Path, samples: &str, semantics: &str) -> BTreeMap<(String, u64), Value> {
    let place = Place::new();
    let samples = place.write("samples.jsonl", samples);
    let finished = place.run(&[
        &"eval",
        &part.dataset,
        &"--data",
        &data,
        &"--samples",
        &samples,
        &"--semantics",
        &semantics,
        &"--out",
        &place.out(),
    ]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    place.verdicts().into_iter().map(|row| (key(&row), row)).collect()
}

fn key(row: &Value) -> (String, u64) {
    (row["task_id"].as_str().expect("an id").to_owned(), row["sample"].as_u64().expect("a number"))
}

fn canonical_solutions_pass(part: Part) {
    let Some(path) = shared(part.file).filter(|_| can_run()) else { return };
    let place = Place::new();
    let (data, rows) = reduced(part, &path, &place);
    let solution = |row: &Value| {
        let text = |key: &str| row[key].as_str().expect("text");
        json!({"task_id": row["task_id"], "solution": format!("{}{}", text("prompt"), text("canonical_solution"))})
    };
    let samples = lines(&rows.iter().map(solution).collect::<Vec<_>>());
    for semantics in ["real", "official"] {
        let verdicts = judge(part, &data, &samples, semantics);
        assert_eq!(verdicts.len(), rows.len());
        let failed: Vec<&Value> = verdicts.values().filter(|row| row["verdict"] != "pass").collect();
        assert!(failed.is_empty(), "{semantics}: {failed:#?}");
    }
}

fn samples_get_evalplus_verdicts(part: Part) {
    let (Some(path), Some(samples)) = (shared(part.file).filter(|_| can_run()), shared(part.samples)) else { return };
    let place = Place::new();
    let (data, rows) = reduced(part, &path, &place);
    let tasks: BTreeSet<&str> = rows.iter().filter_map(|row| row["task_id"].as_str()).collect();
    let is_of_a_task = |row: &Value| tasks.contains(row["task_id"].as_str().expect("an id"));
    let samples: Vec<Value> =
        unpacked_lines(&samples).flat_map(|line| json_lines(&line)).filter(is_of_a_task).collect();
    assert!(samples.len() >= tasks.len());
    for semantics in ["real", "official"] {
        let verdicts = judge(part, &data, &lines(&samples), semantics);
        let is_known = |(task_id, sample): &(String, u64)| {
            part.exceptions
                .iter()
                .any(|(task, number, which, _)| (*task, *number, *which) == (task_id, *sample, semantics))
        };
        let differ: Vec<String> = samples
            .iter()
            .filter(|sample| !is_known(&key(sample)))
            .filter_map(|sample| difference(sample, &verdicts[&key(sample)]))
            .collect();
        assert!(differ.is_empty(), "{semantics}: {differ:#?}");
    }
}

/// Where our verdict and EvalPlus's differ. Its `plus` is of the plus tests alone, ours of base and plus tests.
fn difference(sample: &Value, ours: &Value) -> Option<String> {
    let theirs = &sample["evalplus"];
    let (base, plus) = (theirs["base"] == "pass", theirs["base"] == "pass" && theirs["plus"] == "pass");
    let same = (ours["base"] == "pass", ours["plus"] == "pass") == (base, plus);
    (!same).then(|| format!("EvalPlus says {theirs}, we say {ours}"))
}

#[test]
fn canonical_solutions_of_humaneval_plus_pass() {
    canonical_solutions_pass(HUMANEVAL);
}

#[test]
fn canonical_solutions_of_mbpp_plus_pass() {
    canonical_solutions_pass(MBPP);
}

#[test]
fn real_samples_of_humaneval_plus_get_evalplus_verdicts() {
    samples_get_evalplus_verdicts(HUMANEVAL);
}

#[test]
fn real_samples_of_mbpp_plus_get_evalplus_verdicts() {
    samples_get_evalplus_verdicts(MBPP);
}
