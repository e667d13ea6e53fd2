//! A dataset of two problems, samples of it, and jobs: all that most tests need.
//! Not here: published data (`support::shared`).

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::Place;

pub(crate) const ADD: &str = "def add(a, b):\n    return a + b\n";
pub(crate) const TWICE: &str = "def twice(text):\n    return text * 2\n";

/// Two rows in the form in which HumanEval+ is published.
pub(crate) fn dataset() -> String {
    let row = |task_id: &str, entry_point: &str, prompt: &str, body: &str, base: Value, plus: Value| {
        json!({"task_id": task_id, "prompt": prompt, "entry_point": entry_point, "canonical_solution": body,
            "test": "", "contract": "", "atol": 0, "base_input": base, "plus_input": plus})
    };
    lines(&[
        row("Tiny/0", "add", "def add(a, b):\n", "    return a + b\n", json!([[1, 2], [3, 4]]), json!([[-5, 2]])),
        row("Tiny/1", "twice", "def twice(text):\n", "    return text * 2\n", json!([["ab"]]), json!([[""], ["x y"]])),
    ])
}

/// One JSON object a line.
pub(crate) fn lines(rows: &[Value]) -> String {
    rows.iter().map(|row| format!("{row}\n")).collect()
}

pub(crate) fn sample(task_id: &str, solution: &str) -> Value {
    json!({"task_id": task_id, "solution": solution})
}

/// Right samples of both problems, one each.
pub(crate) fn good_samples() -> String {
    lines(&[sample("Tiny/0", ADD), sample("Tiny/1", TWICE)])
}

/// Both files, written to a place: the dataset and these samples.
pub(crate) fn plant(place: &Place, samples: impl AsRef<[u8]>) -> (PathBuf, PathBuf) {
    (place.write("tiny.jsonl", dataset()), place.write("samples.jsonl", samples))
}

pub(crate) fn function_job(id: &str, candidate: &str) -> Value {
    json!({"id": id, "mode": "function_io", "semantics": "evalplus", "candidate": candidate,
        "problem": {"entry_point": "add", "inputs": [[1, 2], [3, 4]], "expected": [3, 7], "atol": 0}})
}

pub(crate) fn stdin_job(id: &str, candidate: &str) -> Value {
    json!({"id": id, "mode": "stdin", "semantics": "lcb_stdio", "candidate": candidate,
        "problem": {"tests": [{"input": "1 2\n", "output": "3\n"}, {"input": "5 6\n", "output": "11\n"}]}})
}

pub(crate) fn asserts_job(id: &str, candidate: &str) -> Value {
    json!({"id": id, "mode": "asserts", "semantics": "mbpp_asserts", "candidate": candidate,
        "problem": {"asserts": ["assert add(1, 2) == 3", "assert add(3, 4) == 7"]}})
}
