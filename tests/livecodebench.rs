//! LiveCodeBench from end to end: a few rows of our own, SandboxFusion's problems with known verdicts, graded results.
//! Not here: reading rows and releases (`datasets`), lcb_runner's quirks, verdicts on all published samples.
//! In: rows made here, and `data` of the shared folder. Out: passed, or skipped with a reason.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::{
    fixtures::lines,
    processes::Finished,
    support::{Place, can_run, shared},
};

const DOUBLE: &str = "print(2 * int(input()))\n";
const ADD: &str = "class Solution:\n    def add(self, a, b):\n        return a + b\n";

/// One row in the published layout.
fn row(id: &str, release: &str, date: &str, function: Option<&str>, test: (&str, &str)) -> Value {
    let metadata = function.map_or(json!({}), |name| json!({"func_name": name}));
    let kind = if function.is_some() { "functional" } else { "stdin" };
    json!({"question_id": id, "question_title": id, "question_content": "q", "starter_code": "", "contest_id": "c",
        "platform": if function.is_some() { "leetcode" } else { "atcoder" }, "difficulty": "easy",
        "contest_date": format!("{date}T00:00:00"), "metadata": metadata.to_string(), "private_test_cases": "[]",
        "public_test_cases": json!([{"input": test.0, "output": test.1, "testtype": kind}]).to_string(),
        "_release_file": release})
}

/// Three problems; the last is one that LiveCodeBench's errata name.
fn data(place: &Place) -> PathBuf {
    place.write(
        "rows.jsonl",
        lines(&[
            row("b", "test.jsonl", "2024-08-01", Some("add"), ("1\n2", "3")),
            row("a", "test.jsonl", "2023-05-01", None, ("4\n", "8\n")),
            row("abc343_a", "test2.jsonl", "2024-03-02", None, ("4\n", "8\n")),
        ]),
    )
}

fn eval(place: &Place, samples: &Value, further: &[&str]) -> Finished {
    let (data, samples) = (data(place), place.write("samples.json", samples.to_string()));
    let mut command =
        place.trialbox(&[&"eval", &"livecodebench", &"--data", &data, &"--samples", &samples, &"--out", &place.out()]);
    command.args(further);
    place.finish(command, b"")
}

/// The verdicts of a run that must go well, by task and sample.
fn verdicts(samples: &Value, further: &[&str]) -> (Vec<(String, u64, String)>, Value) {
    let place = Place::new();
    let finished = eval(&place, samples, further);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let verdict =
        |row: &Value| (text(&row["task_id"]), row["sample"].as_u64().expect("a number"), text(&row["verdict"]));
    let mut all: Vec<_> = place.verdicts().iter().map(verdict).collect();
    all.sort();
    (all, place.report())
}

fn expected(rows: &[(&str, u64, &str)]) -> Vec<(String, u64, String)> {
    rows.iter().map(|(task_id, sample, verdict)| (task_id.to_string(), *sample, verdict.to_string())).collect()
}

#[test]
fn problems_with_errata_are_excluded_by_name_unless_they_are_kept() {
    if !can_run() {
        return;
    }
    let samples = json!([{"question_id": "a", "code_list": [DOUBLE, "print(1)"]},
        {"question_id": "b", "code_list": [ADD, "```python\n"]}, {"question_id": "abc343_a", "code_list": [DOUBLE, DOUBLE]}]);
    let four = [("a", 0, "pass"), ("a", 1, "wrong_answer"), ("b", 0, "pass"), ("b", 1, "compile_error")];
    let (found, report) = verdicts(&samples, &[]);
    assert_eq!(found, expected(&four), "a program is taken as it is, fences included");
    let selection = &report["selection"];
    assert_eq!((&selection["errata_are_excluded"], &selection["samples_left_out"]), (&json!(true), &json!(2)));
    assert_eq!(selection["excluded"][0]["task_id"], "abc343_a");
    assert_eq!(selection["excluded"][0]["kind"], "several_answers");
    let all = [&four[..], &[("abc343_a", 0, "pass"), ("abc343_a", 1, "pass")]].concat();
    for kept in [&["--with-errata"][..], &["--semantics", "official"]] {
        let (found, report) = verdicts(&samples, kept);
        assert_eq!(found.len(), all.len(), "{kept:?}");
        assert_eq!(report["selection"]["excluded"], json!([]), "{kept:?}");
    }
}

#[test]
fn a_list_without_names_is_in_the_order_of_question_ids_errata_included() {
    if !can_run() {
        return;
    }
    let (found, _) = verdicts(&json!([[DOUBLE], [DOUBLE], [ADD]]), &[]);
    assert_eq!(found, expected(&[("a", 0, "pass"), ("b", 0, "pass")]));
    let place = Place::new();
    let finished = eval(&place, &json!([[DOUBLE], [ADD]]), &[]);
    assert_eq!(finished.code, Some(5), "{}", finished.stderr);
    assert!(finished.stderr.contains("samples.json:1:"), "{}", finished.stderr);
    assert!(finished.stderr.contains("each of the 3 problems"), "{}", finished.stderr);
}

#[test]
fn releases_windows_and_platforms_leave_samples_out_and_say_so() {
    if !can_run() {
        return;
    }
    let samples = json!([[DOUBLE], [ADD]]);
    let (found, report) = verdicts(&samples, &["--release", "v1"]);
    assert_eq!(
        found,
        expected(&[("a", 0, "pass"), ("b", 0, "pass")]),
        "what is not asked for has no place in the order"
    );
    assert_eq!(report["selection"]["asked"], json!({"release": "v1"}));
    let named = json!([{"question_id": "a", "code_list": [DOUBLE]}, {"question_id": "b", "code_list": [ADD]}]);
    for (options, left) in [
        (&["--from", "2024-08-01", "--to", "2024-08-01"][..], "b"),
        (&["--platform", "atcoder", "--release", "v1"], "a"),
        (&["--difficulty", "easy,hard", "--to", "2023-12-31"], "a"),
    ] {
        let (found, report) = verdicts(&named, options);
        assert_eq!(found, expected(&[(left, 0, "pass")]), "{options:?}");
        assert_eq!(report["selection"]["samples_left_out"], 1);
    }
}

#[test]
fn what_cannot_be_selected_is_refused_in_words() {
    let place = Place::new();
    let samples = json!([[DOUBLE]]);
    for (options, code, words) in [
        (&["--release", "v7"][..], 2, "expected v1 to v6"),
        (&["--from", "yesterday"], 2, "expected a day as 2024-08-01"),
        (&["--difficulty", "hrad"], 2, "expected easy, medium or hard"),
        (&["--release", "v6_v6"], 5, "hold no problem that is asked for"),
    ] {
        let finished = eval(&place, &samples, options);
        assert_eq!(finished.code, Some(code), "{}", finished.stderr);
        assert!(finished.stderr.contains(words), "{}", finished.stderr);
    }
    let finished = place.run(&[&"eval", &"livecodebench", &"--samples", &"x"]);
    assert_eq!(finished.code, Some(5));
    assert!(finished.stderr.contains("or the folder with test.jsonl to test6.jsonl"), "{}", finished.stderr);
    let finished = place.run(&[&"eval", &"humaneval+", &"--samples", &"x", &"--release", &"v5"]);
    assert_eq!(finished.code, Some(2));
    assert!(finished.stderr.contains("are for livecodebench"), "{}", finished.stderr);
}

#[test]
fn a_row_without_tests_is_refused_or_left_out_and_never_passed() {
    let place = Place::new();
    let empty = row("c", "test.jsonl", "2024-08-01", None, ("", ""));
    let empty = json!({"public_test_cases": "[]"}).as_object().expect("an object").iter().fold(
        empty,
        |mut row, (key, value)| {
            row[key] = value.clone();
            row
        },
    );
    let data = place.write("rows.jsonl", lines(&[row("a", "test.jsonl", "2023-05-01", None, ("4\n", "8\n")), empty]));
    let named = json!([{"question_id": "a", "code_list": [DOUBLE]}, {"question_id": "c", "code_list": [DOUBLE]}]);
    let samples = place.write("samples.json", named.to_string());
    let run = |further: &[&str]| {
        let mut command = place.trialbox(&[&"eval", &"livecodebench", &"--data", &data, &"--samples", &samples]);
        command.args(further);
        place.finish(command, b"")
    };
    let refused = run(&[]);
    assert_eq!(refused.code, Some(5), "{}", refused.stderr);
    assert!(refused.stderr.contains("rows.jsonl:2: expected at least one test, found none"), "{}", refused.stderr);
    if can_run() {
        let skipped = run(&["--skip-bad-rows"]);
        assert_eq!(skipped.code, Some(0), "{}", skipped.stderr);
        let report: Value = serde_json::from_str(&skipped.stdout).expect("a report");
        assert_eq!((&report["skipped_rows"], &report["samples"]), (&json!(1), &json!(1)));
    }
}

#[test]
fn sandboxfusions_known_verdicts_are_met() {
    let folder = "data/lcb/sandboxfusion";
    let Some(data) = shared(&format!("{folder}/code_eval_live_code_bench_v1.jsonl.gz")) else { return };
    let Some(known) = shared(&format!("{folder}/live_code_bench_v1_known_verdicts.json")).filter(|_| can_run()) else {
        return;
    };
    let known: Value = serde_json::from_slice(&std::fs::read(known).expect("readable")).expect("JSON");
    let ids = ["1873_A", "2727", "abc301_a"];
    assert_eq!(known["IDS"], json!([1, 10, 191]), "the rows of those problems");
    let answer = |kind: &str, number: usize| json!({"task_id": ids[number], "response": known[kind][number]});
    let rows: Vec<Value> = (0..3).flat_map(|it| [answer("PASSED_CODE", it), answer("FAILED_CODE", it)]).collect();
    let place = Place::new();
    let samples = place.write("samples.jsonl", lines(&rows));
    let finished =
        place.run(&[&"eval", &"livecodebench", &"--data", &data, &"--samples", &samples, &"--out", &place.out()]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let verdict = |id: &str, sample: u64| {
        let verdicts = place.verdicts();
        let row = verdicts.iter().find(|row| row["task_id"] == id && row["sample"] == sample).expect("a verdict");
        (row["verdict"].clone(), row["tests_total"].clone())
    };
    for (id, tests) in ids.into_iter().zip([5, 14, 15]) {
        assert_eq!(verdict(id, 0), (json!("pass"), json!(tests)), "{id}");
        assert_eq!(verdict(id, 1), (json!("wrong_answer"), json!(tests)), "{id}");
    }
}

#[test]
fn published_results_give_their_published_figures() {
    let Some(results) = shared("data/samples/lcb_results/Qwen2.5-Coder-Ins-7B_eval_all.json.gz") else { return };
    let finished = Place::new().run(&[&"pass-at-k", &results]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let figures: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    assert_eq!((&figures["problems"], &figures["samples"]), (&json!(175), &json!(1750)));
    // What lcb_runner's pass_k_utils makes of the file; the mean of its own `pass@1` is the first of them.
    for (k, published) in [("1", 0.212), ("5", 0.255_396_825_396_825_4), ("10", 0.268_571_428_571_428_57)] {
        let ours = figures["pass_at_k"]["plus"][k]["value"].as_f64().expect("a figure");
        assert!((ours - published).abs() < 1e-12, "pass@{k}: {ours} instead of {published}");
    }
    assert_eq!(figures["pass_at_k"]["plus"].as_object().map(serde_json::Map::len), Some(3), "all k that fit");
}

#[test]
fn our_own_verdicts_give_the_figures_of_their_report() {
    let place = Place::new();
    let row = |task_id: &str, sample: u32, verdict: &str| json!({"task_id": task_id, "sample": sample, "verdict": verdict, "base": null});
    let rows = [row("a", 0, "pass"), row("a", 1, "time_limit"), row("b", 0, "pass"), row("b", 1, "pass")];
    let verdicts = place.write("verdicts.jsonl", lines(&rows));
    let finished = place.run(&[&"pass-at-k", &verdicts, &"--k", &"1,2"]);
    let figures: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    assert_eq!(figures["pass_at_k"]["plus"]["1"]["value"], 0.75);
    assert_eq!(figures["pass_at_k"]["plus"]["2"]["value"], 1.0);
    let finished = place.run(&[&"pass-at-k", &verdicts, &"--k", &"3"]);
    assert_eq!(finished.code, Some(2), "{}", finished.stderr);
}
