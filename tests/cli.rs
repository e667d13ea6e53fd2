//! The command from outside: its contract, and what it says to bad input.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{can_run, file_lines, lines, names, run, run_with_stdin, stderr};

/// A folder with a small dataset in EvalPlus's row format.
struct Fixture {
    folder: TempDir,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let row = |id: u32, body: &str| {
            json!({
                "task_id": format!("HumanEval/{id}"), "prompt": "def f(x):\n", "entry_point": "f",
                "canonical_solution": format!("    return {body}\n"), "base_input": [[1], [2]], "plus_input": [[3], [-4]],
                "atol": 0, "test": "", "contract": "",
            })
        };
        fs::write(folder.path().join("data.jsonl"), format!("{}\n{}\n", row(0, "x + 1"), row(1, "abs(x)"))).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn out(&self) -> PathBuf {
        self.path("out")
    }

    /// Judges samples given as lines of text.
    fn eval(&self, samples: &str, more: &[&str]) -> Output {
        fs::write(self.path("samples.jsonl"), samples).unwrap();
        self.eval_file("samples.jsonl", more)
    }

    fn eval_file(&self, samples: &str, more: &[&str]) -> Output {
        let text = |name: &str| self.path(name).to_str().unwrap().to_owned();
        let (data, samples, out) = (text("data.jsonl"), text(samples), text("out"));
        let arguments = ["eval", "humaneval+", "--data", &data, "--samples", &samples, "--out", &out];
        run(self.folder.path(), &[arguments.as_slice(), more].concat())
    }

    /// The run was refused with this code and these words, and left nothing in its folder.
    fn assert_refused(&self, output: &Output, code: i32, words: &[&str]) {
        let said = stderr(output);
        assert_eq!(output.status.code(), Some(code), "{said}");
        words.iter().for_each(|word| assert!(said.contains(word), "{word:?} is not in {said:?}"));
        assert_eq!(names(&self.out()), Vec::<String>::new());
        assert!(output.stdout.is_empty());
    }
}

fn sample(id: u32, solution: &str) -> String {
    format!("{}\n", json!({"task_id": format!("HumanEval/{id}"), "solution": solution}))
}

/// One right sample for each of the two problems.
fn both() -> String {
    sample(0, "def f(x): return x + 1") + &sample(1, "def f(x): return x if x > 0 else -x")
}

#[test]
fn the_built_in_candidates_get_their_known_verdicts() {
    let fixture = Fixture::new();
    if !can_run(fixture.folder.path()) {
        return;
    }
    let out = fixture.out();
    let output = run(fixture.folder.path(), &["eval", "quickstart", "--out", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(output.stdout.is_empty(), "the data is in the folder");
    let verdicts = file_lines(&out.join("verdicts.jsonl"));
    let report: Value = serde_json::from_slice(&fs::read(out.join("report.json")).unwrap()).unwrap();
    assert_eq!(report["samples"], verdicts.len());
    assert_eq!(report["pass_at_k"].as_object().unwrap().keys().collect::<Vec<_>>(), ["plus"]);
    assert_eq!(names(&out).len(), 2, "nothing else is left in the folder");
    // The same verdicts whatever the number of workers.
    let output = run(fixture.folder.path(), &["eval", "quickstart", "--workers", "7", "--out", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let short = |row: &Value| json!([row["task_id"], row["sample"], row["verdict"], row["first_failure"]["test"]]);
    let again: Vec<Value> = file_lines(&out.join("verdicts.jsonl")).iter().map(short).collect();
    assert_eq!(verdicts.iter().map(short).collect::<Vec<_>>(), again);
}

#[test]
fn a_run_writes_what_the_contract_says() {
    let fixture = Fixture::new();
    if !can_run(fixture.folder.path()) {
        return;
    }
    let wrong = sample(0, "def f(x): return x + 1 if x < 3 else 0");
    let output = fixture.eval(&(both() + &wrong), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let verdicts = file_lines(&fixture.out().join("verdicts.jsonl"));
    let mut keys: Vec<&String> = verdicts[0].as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(
        keys,
        [
            "backend",
            "base",
            "cached",
            "cpu_ms",
            "extraction",
            "first_failure",
            "peak_memory_bytes",
            "plus",
            "sample",
            "task_id",
            "tests_run",
            "tests_total",
            "verdict",
            "wall_ms"
        ]
    );
    assert_eq!(verdicts[0]["first_failure"], Value::Null);
    let failed = &verdicts[2];
    assert_eq!(
        (&failed["sample"], &failed["base"], &failed["plus"]),
        (&json!(1), &json!("pass"), &json!("wrong_answer"))
    );
    assert_eq!(failed["first_failure"], json!({"test": 2, "input": "[3]", "expected": "4", "actual": "0"}));
    let report: Value = serde_json::from_slice(&fs::read(fixture.out().join("report.json")).unwrap()).unwrap();
    for key in ["dataset", "problems", "samples", "verdicts", "pass_at_k", "infra_errors", "enforcement", "manifest"] {
        assert!(!report[key].is_null(), "{key}");
    }
    let plus = &report["pass_at_k"]["plus"]["1"];
    assert_eq!(plus["value"], 0.75);
    assert!(plus["ci95"][0].as_f64().unwrap() < 0.75 && plus["ci95"][1].as_f64().unwrap() > 0.75);
    assert_eq!(report["pass_at_k"]["base"]["1"]["value"], 1.0);
}

#[test]
fn piped_stdout_carries_nothing_but_the_report() {
    let fixture = Fixture::new();
    if !can_run(fixture.folder.path()) {
        return;
    }
    fs::write(fixture.path("samples.jsonl"), both()).unwrap();
    let text = |name: &str| fixture.path(name).to_str().unwrap().to_owned();
    let arguments = ["eval", "humaneval+", "--data", &text("data.jsonl"), "--samples", &text("samples.jsonl")];
    let output = run(fixture.folder.path(), &arguments);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["verdicts"]["pass"], 2);
}

#[test]
fn a_truncated_line_is_refused_with_its_place_or_skipped_and_counted() {
    let fixture = Fixture::new();
    let samples = both() + "{\"task_id\": \"HumanEval/0\", \"solut";
    fixture.assert_refused(&fixture.eval(&samples, &[]), 5, &["samples.jsonl:3"]);
    if can_run(fixture.folder.path()) {
        let output = fixture.eval(&samples, &["--skip-bad-rows"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let report: Value = serde_json::from_slice(&fs::read(fixture.out().join("report.json")).unwrap()).unwrap();
        assert_eq!((&report["skipped_rows"], &report["samples"]), (&json!(1), &json!(2)));
    }
}

#[test]
fn samples_that_do_not_fit_the_dataset_are_refused() {
    let fixture = Fixture::new();
    let unknown = both() + &sample(7, "x");
    fixture.assert_refused(&fixture.eval(&unknown, &[]), 5, &["HumanEval/7"]);
    let twice = "{\"task_id\": \"HumanEval/0\", \"sample\": 0, \"solution\": \"x\"}\n".repeat(2);
    fixture.assert_refused(&fixture.eval(&twice, &[]), 5, &["HumanEval/0", "numbered 0"]);
    fixture.assert_refused(&fixture.eval(&sample(0, "x"), &[]), 5, &["HumanEval/1", "--partial"]);
    fixture.assert_refused(&fixture.eval("", &[]), 5, &["no sample"]);
    fixture.assert_refused(&fixture.eval("{\"task_id\": \"HumanEval/0\"}\n", &[]), 5, &["samples.jsonl:1", "solution"]);
    fixture.assert_refused(&fixture.eval_file("not-there.jsonl", &[]), 5, &["not-there.jsonl"]);
}

#[test]
fn problems_without_samples_can_be_left_out() {
    let fixture = Fixture::new();
    if !can_run(fixture.folder.path()) {
        return;
    }
    let output = fixture.eval(&sample(0, "def f(x): return x + 1"), &["--partial"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report: Value = serde_json::from_slice(&fs::read(fixture.out().join("report.json")).unwrap()).unwrap();
    assert_eq!((&report["problems"], &report["problems_without_samples"]), (&json!(1), &json!(1)));
}

#[test]
fn arguments_that_do_not_fit_together_are_refused() {
    let fixture = Fixture::new();
    fixture.assert_refused(&fixture.eval(&both(), &["--k", "1,2"]), 2, &["pass@2", "1"]);
    let home = fixture.folder.path();
    assert_eq!(run(home, &["eval", "humaneval"]).status.code(), Some(2));
    assert_eq!(run(home, &["eval", "humaneval+"]).status.code(), Some(2), "samples are needed");
    assert_eq!(run(home, &["eval", "quickstart", "--workers", "0"]).status.code(), Some(2));
}

#[test]
fn an_interpreter_that_cannot_serve_is_refused() {
    let fixture = Fixture::new();
    let missing = fixture.path("no-python");
    let output = fixture.eval(&both(), &["--python", missing.to_str().unwrap()]);
    fixture.assert_refused(&output, 4, &["no-python", "--python"]);
    fixture.assert_refused(&fixture.eval(&both(), &["--python", "/bin/true"]), 4, &["/bin/true"]);
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_before_anything_runs() {
    let fixture = Fixture::new();
    if !can_run(fixture.folder.path()) {
        return;
    }
    fs::write(fixture.path("samples.jsonl"), both()).unwrap();
    fs::write(fixture.path("file"), "").unwrap();
    let text = |name: &str| fixture.path(name).to_str().unwrap().to_owned();
    let below_file = text("file/out");
    let arguments = [
        "eval",
        "humaneval+",
        "--data",
        &text("data.jsonl"),
        "--samples",
        &text("samples.jsonl"),
        "--out",
        &below_file,
    ];
    let output = run(fixture.folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("failed to make the folder"), "{}", stderr(&output));
}

#[test]
fn a_dataset_that_is_not_here_says_where_to_put_it() {
    let fixture = Fixture::new();
    fs::write(fixture.path("samples.jsonl"), both()).unwrap();
    // A proxy that nobody serves stands for a machine without a network.
    let mut command = crate::support::trialbox(
        fixture.folder.path(),
        &["eval", "mbpp+", "--samples", fixture.path("samples.jsonl").to_str().unwrap()],
    );
    command.env("HTTPS_PROXY", "http://127.0.0.1:1").env("https_proxy", "http://127.0.0.1:1");
    let output = command.output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(5), "{said}");
    assert!(said.contains("put that file at") && said.contains("cache/datasets"), "{said}");
}

#[test]
fn jobs_of_every_form_are_answered_in_order() {
    let home = tempfile::tempdir().unwrap();
    if !can_run(home.path()) {
        return;
    }
    let function = json!({"entry_point": "f", "inputs": [[1], [2]], "expected": [2, 4], "atol": 0});
    let stdin = json!({"tests": [{"input": "3\n", "output": "6\n"}]});
    let asserts = json!({"asserts": ["assert f(1) == 2", "assert f(2) == 4"]});
    let job = |id: &str, mode: &str, semantics: &str, problem: &Value, candidate: &str| {
        let row = json!({"id": id, "mode": mode, "semantics": semantics, "problem": problem, "candidate": candidate});
        format!("{row}\n")
    };
    let mut jobs = job("a", "function_io", "evalplus", &function, "def f(x): return 2 * x");
    jobs += &job("b", "stdin", "lcb_stdio", &stdin, "print(2 * int(input()))");
    jobs += &job("c", "asserts", "mbpp_asserts", &asserts, "def f(x): return 2 ** x");
    jobs += &job("d", "asserts", "mbpp_asserts", &asserts, "def f(x): return 3");
    let mut raw = serde_json::from_str::<Value>(&job("e", "function_io", "evalplus", &function, "x")).unwrap();
    raw["candidate_b64"] = json!("ZGVmIGYoeCk6IHJldHVybiAi/yI="); // def f(x): return "\xff"
    jobs += &format!("{raw}\n");
    let output = run_with_stdin(home.path(), &["verify", "--jobs", "-"], &jobs);
    let got: Vec<String> = lines(&output.stdout)
        .iter()
        .map(|line| format!("{} {}", line["id"], line["verdict"]).replace('"', ""))
        .collect();
    assert_eq!(got, ["a pass", "b pass", "c pass", "d wrong_answer", "e compile_error"], "{}", stderr(&output));
}

#[test]
fn a_bad_job_is_refused_with_its_line() {
    let home = tempfile::tempdir().unwrap();
    let jobs = home.path().join("jobs.jsonl");
    fs::write(&jobs, "{\"id\": \"a\"}\n").unwrap();
    let output = run(home.path(), &["verify", "--jobs", jobs.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(5));
    assert!(stderr(&output).contains("jobs.jsonl:1"), "{}", stderr(&output));
}

#[test]
fn doctor_names_every_layer() {
    let home = tempfile::tempdir().unwrap();
    let output = run(home.path(), &["doctor"]);
    let said = String::from_utf8_lossy(&output.stdout);
    for layer in ["filesystem", "network", "syscalls", "processes", "memory", "cpu", "verdict"] {
        assert!(said.contains(layer), "{layer}: {said}{}", stderr(&output));
    }
    assert_eq!(output.status.success(), said.contains("is in force"));
}

#[test]
fn a_run_leaves_no_folder_and_no_process_behind() {
    let fixture = Fixture::new();
    if !can_run(fixture.folder.path()) {
        return;
    }
    let temporary = fixture.path("tmp");
    fs::create_dir(&temporary).unwrap();
    fs::write(fixture.path("samples.jsonl"), both() + &sample(0, "while True: pass")).unwrap();
    let text = |name: &str| fixture.path(name).to_str().unwrap().to_owned();
    let (data, samples) = (text("data.jsonl"), text("samples.jsonl"));
    let arguments = ["eval", "humaneval+", "--data", &data, "--samples", &samples];
    let mut command = crate::support::trialbox(fixture.folder.path(), &arguments);
    let child = command.env("TMPDIR", &temporary).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let pid = child.id();
    assert!(child.wait_with_output().unwrap().status.success());
    assert_eq!(names(&temporary), Vec::<String>::new());
    assert!(!cgroups(Path::new("/sys/fs/cgroup"), 6).iter().any(|name| name.starts_with(&format!("trialbox-{pid}-"))));
}

/// The names of all control groups down to a depth.
fn cgroups(folder: &Path, depth: u32) -> Vec<String> {
    let mut found = names(folder);
    if depth > 0 {
        let below: Vec<String> = found.iter().flat_map(|name| cgroups(&folder.join(name), depth - 1)).collect();
        found.extend(below);
    }
    found
}
