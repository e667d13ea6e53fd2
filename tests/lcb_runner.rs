//! lcb_runner's verdicts: a program for every quirk (spec D3), and real samples, where they are at hand.
//! Not here: reading LiveCodeBench's rows (`datasets`), what hostile programs try (`cases`).
//! In: `tests/lcb_runner/{stdin,calls}/*.py`, whose first lines are `# key: JSON`; `data` of the shared folder. Out: passed,
//! or skipped with a reason.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    fixtures::lines,
    support::{Place, can_run, json_lines, shared},
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

/// Every so many samples: all of them take minutes.
const STRIDE: usize = 9;

fn unpacked(path: &Path) -> Vec<Value> {
    let mut text = String::new();
    MultiGzDecoder::new(File::open(path).expect("it can be opened")).read_to_string(&mut text).expect("readable");
    json_lines(&text)
}

fn parsed(text: &Value) -> Value {
    serde_json::from_str(text.as_str().expect("text")).expect("JSON")
}

/// A sample as a job, with a problem's public tests; `None` where it has none.
fn job_of(problem: &Value, sample: &Value) -> Option<Value> {
    let tests = parsed(&problem["public_test_cases"]);
    let tests = tests.as_array().filter(|tests| !tests.is_empty())?;
    let mut job = match parsed(&problem["metadata"])["func_name"].as_str() {
        Some(name) => {
            let arguments = |test: &Value| -> Vec<Value> {
                let lines = test["input"].as_str().expect("text").split('\n');
                lines.map(|line| serde_json::from_str(line).expect("JSON")).collect()
            };
            let inputs: Vec<_> = tests.iter().map(arguments).collect();
            let expected: Vec<_> = tests.iter().map(|test| parsed(&test["output"])).collect();
            let problem = json!({"entry_point": name, "inputs": inputs, "expected": expected});
            json!({"mode": "function_io", "semantics": "lcb_call", "problem": problem})
        }
        None => {
            let test = |test: &Value| json!({"input": test["input"], "output": test["output"]});
            let problem = json!({"tests": tests.iter().map(test).collect::<Vec<_>>()});
            json!({"mode": "stdin", "semantics": "lcb_stdio", "problem": problem})
        }
    };
    job["id"] = sample["question_id"].clone();
    job["candidate"] = sample["code"].clone();
    Some(job)
}

/// What lcb_runner says of each test up to the first that fails: true, false or a code. A time-out there is one of the
/// wall clock and says little; memory is not limited there.
fn samples_get_lcb_runners_verdicts(file: &str) {
    let problems = shared("data/lcb/lcb_v6_1055_public_only.jsonl.gz").filter(|_| can_run());
    let (Some(problems), Some(samples)) = (problems, shared(file)) else { return };
    let problems: HashMap<String, Value> =
        unpacked(&problems).into_iter().map(|row| (row["question_id"].to_string(), row)).collect();
    let is_timed_out = |results: &Value| results.as_array().and_then(|results| results.last()) == Some(&json!(-3));
    let chosen: Vec<(Value, Value)> = unpacked(&samples)
        .into_iter()
        .step_by(STRIDE)
        .filter(|sample| !is_timed_out(&sample["lcb_runner_public"]))
        // A program that imports numpy needs an interpreter that has it.
        .filter(|sample| !sample["code"].as_str().expect("text").contains("numpy"))
        .filter_map(|sample| Some((job_of(&problems[&sample["question_id"].to_string()], &sample)?, sample)))
        .collect();
    assert!(chosen.len() > 50, "{} samples", chosen.len());
    let jobs: Vec<Value> = chosen.iter().map(|(job, _)| job.clone()).collect();
    let rows = verify(&lines(&jobs), "official");
    let differ = |((_, sample), row): &(&(Value, Value), &Value)| {
        let theirs = sample["lcb_runner_public"].as_array().expect("a list");
        (row["verdict"] == "pass") != theirs.iter().all(|result| *result == json!(true))
    };
    let differing: Vec<String> = chosen
        .iter()
        .zip(&rows)
        .filter(differ)
        .map(|((_, sample), row)| format!("lcb_runner says {}, we say {row}", sample["lcb_runner_public"]))
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn samples_of_o1_mini_get_lcb_runners_verdicts() {
    samples_get_lcb_runners_verdicts("data/samples/lcb_o1-mini_n1.jsonl.gz");
}

#[test]
fn samples_of_qwen_get_lcb_runners_verdicts() {
    samples_get_lcb_runners_verdicts("data/samples/lcb_qwen2.5-7b_n1.jsonl.gz");
}
