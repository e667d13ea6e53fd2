//! `trialbox report`, `export` and `replay`: what is made of a run's folder.
//! Not here: what the page shows and does (`report-page/test`), the figures (`cli_compare`).

use std::{ffi::OsStr, fs, io::Read, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::{
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
    assert!(refused.stderr.contains("does not say its contest"), "{}", refused.stderr);
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

    // Completions that are not those that were judged.
    let completions = place.out().join("completions.jsonl");
    let text = fs::read_to_string(&completions).expect("completions");
    fs::write(&completions, text.replacen("\"text\":\"", "\"text\":\"x", 1)).expect("written");
    let (code, error) = said(&[]);
    assert_eq!(code, Some(5), "{error}");
    assert!(error.to_string().contains("another text was judged"), "{error}");
}
