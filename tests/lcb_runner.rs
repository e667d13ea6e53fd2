//! lcb_runner's verdicts: a program for every quirk (spec D3), and real samples, where they are at hand.
//! Not here: reading LiveCodeBench's rows (`datasets`), what hostile programs try (`cases`).
//! In: `tests/lcb_runner/{stdin,calls}/*.py`, whose first lines are `# key: JSON`; `data` of the shared folder. Out: passed,
//! or skipped with a reason.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    fixtures::lines,
    support::{Place, can_run, json_lines},
};

/// The header of a program.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    /// What the program shows, in one sentence.
    why: String,
    /// lcb_runner's code; null where it passes.
    official: Option<i8>,
    /// Our own verdict.
    real: String,
    #[serde(default = "sums")]
    tests: Vec<(String, String)>,
    #[serde(default = "sums_of_two")]
    calls: Vec<(Vec<Value>, Value)>,
    #[serde(default = "total")]
    entry_point: String,
    time_s: Option<f64>,
}

fn total() -> String {
    "total".to_owned()
}

fn sums() -> Vec<(String, String)> {
    [("3\n1 2 3\n", "6\n"), ("1\n42\n", "42\n")].map(|(input, output)| (input.to_owned(), output.to_owned())).to_vec()
}

fn sums_of_two() -> Vec<(Vec<Value>, Value)> {
    vec![(vec![json!(1), json!(2)], json!(3)), (vec![json!(5), json!(7)], json!(12))]
}

/// A program and the job that it makes.
#[derive(Debug)]
struct Quirk {
    header: Header,
    job: Value,
}

fn quirks() -> Vec<Quirk> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lcb_runner");
    let files = |folder: &str| -> Vec<PathBuf> {
        let entries = fs::read_dir(root.join(folder)).expect("a folder");
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
        files.sort();
        files
    };
    ["stdin", "calls"].iter().flat_map(|folder| files(folder).into_iter().map(|file| quirk(folder, &file))).collect()
}

fn quirk(folder: &str, file: &Path) -> Quirk {
    let text = fs::read_to_string(file).expect("readable");
    let mut object = serde_json::Map::new();
    let mut rest = text.as_str();
    while let Some((key, value, behind)) = header_line(rest) {
        let value = serde_json::from_str(value).unwrap_or_else(|error| panic!("{}: {key}: {error}", file.display()));
        object.insert(key.to_owned(), value);
        rest = behind;
    }
    let header: Header =
        serde_json::from_value(Value::Object(object)).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    assert!(!header.why.is_empty(), "{}: `why` is empty", file.display());
    let name = format!("{folder}/{}", file.file_stem().expect("a name").to_string_lossy());
    let mut job = if folder == "stdin" {
        let test = |(input, output): &(String, String)| json!({"input": input, "output": output});
        let tests: Vec<Value> = header.tests.iter().map(test).collect();
        json!({"mode": "stdin", "semantics": "lcb_stdio", "problem": {"tests": tests}})
    } else {
        let (inputs, expected): (Vec<_>, Vec<_>) = header.calls.iter().cloned().unzip();
        let problem = json!({"entry_point": header.entry_point, "inputs": inputs, "expected": expected});
        json!({"mode": "function_io", "semantics": "lcb_call", "problem": problem})
    };
    job["id"] = json!(name);
    job["candidate"] = json!(rest);
    if let Some(time_s) = header.time_s {
        job["limits"] = json!({"time_s": time_s});
    }
    Quirk { header, job }
}

/// Key, value and what follows, where a text begins with a line of a header.
fn header_line(text: &str) -> Option<(&str, &str, &str)> {
    let (line, behind) = text.split_once('\n')?;
    let (key, value) = line.strip_prefix("# ")?.split_once(": ")?;
    key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_').then_some((key, value, behind))
}

/// Judges jobs, in order.
fn verify(jobs: &str, semantics: &str) -> Vec<Value> {
    let place = Place::new();
    let command = place.trialbox(&[&"verify", &"--jobs", &"-", &"--semantics", &semantics]);
    let finished = place.finish(command, jobs.as_bytes());
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    json_lines(&finished.stdout)
}

/// The programs that are judged otherwise than their headers say.
fn surprises(semantics: &str, is_as_told: impl Fn(&Header, &Value) -> bool) -> Vec<String> {
    let quirks = quirks();
    let jobs: Vec<Value> = quirks.iter().map(|quirk| quirk.job.clone()).collect();
    let rows = verify(&lines(&jobs), semantics);
    assert_eq!(rows.len(), quirks.len());
    let surprising = quirks.iter().zip(&rows).filter(|(quirk, row)| !is_as_told(&quirk.header, row));
    surprising.map(|(quirk, row)| format!("{:?}\n  got {row}", quirk.header)).collect()
}

#[test]
fn every_quirk_gets_the_code_of_lcb_runner() {
    if !can_run() {
        return;
    }
    let surprises = surprises("official", |header, row| {
        let code = row["error_code"].as_i64();
        code == header.official.map(i64::from) && (row["verdict"] == "pass") == code.is_none()
    });
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

#[test]
fn the_same_programs_get_their_real_verdicts() {
    if !can_run() {
        return;
    }
    let surprises = surprises("real", |header, row| row["verdict"] == header.real && row["error_code"].is_null());
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}
