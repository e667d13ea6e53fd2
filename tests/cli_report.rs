//! `trialbox report`, `export` and `replay`: what is made of a run's folder.
//! Not here: what the page shows and does (`report-page/test`), the figures (`cli_compare`).

use std::{
    ffi::OsStr,
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::{
    fixtures::lines,
    processes::Finished,
    support::{Place, can_run, names_in},
};

fn run(place: &Place, arguments: &[&dyn AsRef<OsStr>]) -> Finished {
    let finished = place.run(arguments);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    finished
}

/// A run of the small model, with its folder.
fn drawn(place: &Place, n: &str) {
    run(place, &[&"run", &"toy", &"--problems", &"12", &"--n", &n, &"--out", &place.out()]);
}

fn json_of(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON")
}

/// The document in a page.
fn data_of(page: &str) -> Value {
    let (_, data) = page.split_once("id=\"data\">").expect("the data");
    let (data, _) = data.split_once("</script>").expect("their end");
    assert!(!data.contains('<'), "nothing in the data can end its element");
    serde_json::from_str(data).expect("JSON")
}

fn unpacked(packed: &str) -> Value {
    let packed = STANDARD.decode(packed).expect("base64");
    let mut text = String::new();
    GzDecoder::new(&packed[..]).read_to_string(&mut text).expect("gzip");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn a_run_leaves_a_report_with_every_sample_and_its_verdict() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    drawn(&place, "4");
    let folder = place.out().join("report");
    let mut names = names_in(&folder);
    names.sort_unstable();
    assert_eq!(names, ["compare.json", "curves.csv", "problems.csv", "problems.parquet", "report.html", "report.md"]);
    let page = fs::read_to_string(folder.join("report.html")).expect("a page");
    for placeholder in ["{{css}}", "{{vendor}}", "{{page}}", "{{data}}"] {
        assert!(!page.contains(placeholder), "{placeholder} is filled");
    }
    let mut data = data_of(&page);
    let samples = data["samples"]["inline"].take();
    data.as_object_mut().expect("an object").remove("samples");
    assert_eq!(data, json_of(&folder.join("compare.json")));
    let mut seen = 0;
    for row in place.verdicts() {
        let of_runs = unpacked(samples[row["task_id"].as_str().expect("a name")].as_str().expect("packed"));
        let shown = &of_runs[0][usize::try_from(row["sample"].as_u64().expect("a number")).expect("small")];
        assert_eq!((&shown["sample"], &shown["verdict"]), (&row["sample"], &row["verdict"]));
        assert!(shown["code"].is_string(), "{shown}");
        if row["verdict"] == "wrong_answer" {
            assert_eq!(shown["failure"]["expected"], row["first_failure"]["expected"]);
        }
        seen += 1;
    }
    assert_eq!(seen, 48);
    let lines = fs::read_to_string(folder.join("problems.csv")).expect("a table");
    assert_eq!(lines.lines().count(), 13);

    let again = place.path("again");
    run(&place, &[&"report", &place.out(), &"--force", &"--out", &again]);
    for name in names_in(&folder) {
        assert!(
            fs::read(folder.join(&name)).expect("a file") == fs::read(again.join(&name)).expect("a file"),
            "{name}"
        );
    }
}

#[test]
fn what_strangers_write_stays_text_in_the_page() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let hostile = "</script><script>alert(1)</script>{{data}}/*{{page}}*/\u{2028}";
    let row = json!({"task_id": "HumanEval/0", "sample": 0, "verdict": "pass"});
    let file = place.write("x.jsonl", format!("{row}\n"));
    let named = format!("{hostile}={}", file.display());
    let out = place.path("page");
    run(&place, &[&"report", &named, &"--title", &hostile, &"--out", &out]);
    let page = fs::read_to_string(out.join("report.html")).expect("a page");
    assert!(!page.contains("<script>alert"), "it would run");
    let data = data_of(&page);
    assert_eq!((data["title"].as_str(), data["runs"][0]["name"].as_str()), (Some(hostile), Some(hostile)));
    let markdown = fs::read_to_string(out.join("report.md")).expect("a text");
    // Behind the fence nothing is markup.
    let before = markdown.split("```").next().expect("a part");
    assert!(before.contains("alert") && !before.contains("<script>"), "{before}");
}

#[test]
fn results_are_exported_as_those_tools_write_them_and_count_the_same() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    drawn(&place, "4");
    let file = place.path("x_eval_results.json");
    run(&place, &[&"export", &"evalplus", &place.out(), &"--out", &file]);
    let exported = json_of(&file);
    let one = &exported["eval"]["toy/0-0"];
    assert_eq!(one.as_array().map(Vec::len), Some(4));
    let keys: Vec<&String> = one[0].as_object().expect("a sample").keys().collect();
    assert_eq!(keys, ["base_fail_tests", "base_status", "plus_fail_tests", "plus_status", "solution", "task_id"]);
    let of = |path: &Path| -> Value {
        let finished = run(&place, &[&"compare", &path, &"--json"]);
        serde_json::from_str::<Value>(&finished.stdout).expect("JSON")["runs"][0]["curve"].clone()
    };
    assert_eq!(of(&file), of(&place.out()));
    // Only LiveCodeBench's problems have a contest.
    let refused = place.run(&[&"export", &"lcb", &place.out(), &"--out", &place.path("y.json")]);
    assert_eq!(refused.code, Some(5), "{}", refused.stderr);
    assert!(refused.stderr.contains("does not say the day of its contest"), "{}", refused.stderr);
}

/// A line of verdicts.jsonl: the row, and the checksum of what stands before it.
fn with_check(row: &Value) -> String {
    let row = row.to_string();
    let row = row.strip_suffix('}').expect("an object");
    format!("{row},\"check\":\"{}\"}}\n", &blake3::hash(row.as_bytes()).to_hex()[..8])
}

/// What a verdict on the solution `x` in Python says that it is on.
const HASH_OF_X: &str = "998528cd41e8e0e3";

/// A complete run of LiveCodeBench.
fn of_livecodebench(place: &Place) -> PathBuf {
    let folder = place.path("lcb");
    fs::create_dir(&folder).expect("a folder");
    let mut lines = String::new();
    for (task_id, verdicts) in
        [("a", ["pass", "wrong_answer", "pass"]), ("b", ["time_limit", "runtime_error", "wrong_answer"])]
    {
        for (sample, verdict) in verdicts.into_iter().enumerate() {
            let passed = if verdict == "pass" {
                Value::Null
            } else {
                json!({"test": 0, "input": "1", "expected": "2", "actual": "3"})
            };
            lines += &with_check(&json!({
                "task_id": task_id, "sample": sample, "verdict": verdict, "base": null, "plus": verdict, "tests_run": 1,
                "tests_total": 2, "first_failure": passed, "limit": null, "rerun_alone": false, "cpu_ms": 1.0, "wall_ms": 1.0,
                "peak_memory_bytes": 1, "backend": "native", "cached": false, "extraction": "fence", "text_hash": HASH_OF_X,
            }));
        }
    }
    let facts = json!({
        "a": {"difficulty": "easy", "platform": "leetcode", "date": "2024-08-03"},
        "b": {"difficulty": "hard", "platform": "atcoder", "date": "2024-09-01"},
    });
    let manifest = json!({"dataset": "livecodebench", "dataset_hash": "0", "semantics": "real", "selection": {"from": "2024-08-01"}});
    for (name, text) in [
        ("verdicts.jsonl", lines),
        ("problems.json", facts.to_string()),
        ("run.json", manifest.to_string()),
        ("report.json", "{}".to_owned()),
    ] {
        fs::write(folder.join(name), text).expect("written");
    }
    folder
}

#[test]
fn a_run_of_livecodebench_is_told_apart_by_its_problems_and_exported_for_compute_scores() {
    let place = Place::new();
    let folder = of_livecodebench(&place);
    let file = place.path("x_eval_all.json");
    let refused = place.run(&[&"export", &"lcb", &folder, &"--out", &file]);
    assert!(refused.code == Some(5) && refused.stderr.contains("what 6 of the samples were"), "{}", refused.stderr);
    let texts: Vec<Value> = ["a", "b"]
        .into_iter()
        .flat_map(|task_id| (0..3).map(move |sample| json!({"task_id": task_id, "sample": sample, "solution": "x"})))
        .collect();
    let texts = place.write("samples.jsonl", lines(&texts));
    run(&place, &[&"export", &"lcb", &folder, &"--samples", &texts, &"--out", &file]);
    let exported = json_of(&file);
    assert_eq!(exported[1]["code_list"], json!(["x", "x", "x"]));
    // What lcb_runner's compute_scores.py reads.
    assert_eq!(exported[0]["contest_date"], "2024-08-03T00:00:00");
    assert_eq!((&exported[0]["difficulty"], &exported[1]["platform"]), (&json!("easy"), &json!("atcoder")));
    assert_eq!(exported[0]["graded_list"], json!([true, false, true]));
    assert!((exported[0]["pass@1"].as_f64().expect("a number") - 2.0 / 3.0).abs() < 1e-12);
    let read = run(&place, &[&"pass-at-k", &file, &"--k", &"1,3"]);
    assert!(read.stdout.contains("0.3333") && read.stdout.contains("0.5"), "{}", read.stdout);

    let finished = run(&place, &[&"compare", &folder, &"--json"]);
    let document: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    let groups = &document["runs"][0]["groups"];
    assert_eq!(
        (&groups["difficulty"][0]["name"], &groups["difficulty"][0]["pass_at_n"]),
        (&json!("easy"), &json!(1.0))
    );
    assert_eq!((&groups["month"][1]["name"], &groups["month"][1]["problems"]), (&json!("2024-09"), &json!(1)));
    assert_eq!(document["table"][1]["month"], "2024-09");
}

#[test]
fn a_replay_finds_the_same_verdicts_and_says_which_are_not() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    drawn(&place, "3");
    let said = |arguments: &[&dyn AsRef<OsStr>]| -> (Option<i32>, Value) {
        let finished = place.run(&[&[&"replay" as &dyn AsRef<OsStr>, &place.out()], arguments].concat());
        (finished.code, serde_json::from_str(&finished.stdout).unwrap_or_else(|_| json!(finished.stderr)))
    };
    let (code, all) = said(&[]);
    assert_eq!((code, &all["judged"], &all["same"]), (Some(0), &json!(36), &json!(36)), "{all}");
    let (code, one) = said(&[&"--task", &"toy/0-3", &"--sample", &"2"]);
    assert_eq!((code, &one["judged"], &one["same"]), (Some(0), &json!(1), &json!(1)), "{one}");
    assert_eq!(said(&[&"--task", &"toy/0-99"]).0, Some(2));

    // As a process leaves them that is killed while it writes.
    let completions = place.out().join("completions.jsonl");
    let whole = fs::read_to_string(&completions).expect("completions");
    fs::write(&completions, format!("{whole}{{\"task_id\":\"toy/0-")).expect("written");
    assert_eq!(said(&[]).0, Some(0));
    fs::write(&completions, whole).expect("written");

    // Completions that are not those that were judged.
    let text = fs::read_to_string(&completions).expect("completions");
    fs::write(&completions, text.replacen("\"text\":\"", "\"text\":\"x", 1)).expect("written");
    let (code, error) = said(&[]);
    assert_eq!(code, Some(5), "{error}");
    assert!(error.to_string().contains("another text was judged"), "{error}");
}
