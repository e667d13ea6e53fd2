//! `trialbox compare`: published curves, counts, results of others and runs of our own; what is refused.
//! Not here: the statistics, and that intervals hold (`coverage`); reports, exports and replays (`cli_report`).

use std::{collections::BTreeMap, ffi::OsStr, fs, path::Path};

use num_bigint::BigUint;
use num_traits::ToPrimitive;
use serde_json::{Value, json};

use crate::{
    fixtures::lines,
    processes::Finished,
    support::{Place, can_run, shared},
};

fn run(place: &Place, arguments: &[&dyn AsRef<OsStr>]) -> Finished {
    place.run(&[&[&"compare" as &dyn AsRef<OsStr>], arguments].concat())
}

fn document(place: &Place, arguments: &[&dyn AsRef<OsStr>]) -> Value {
    let finished = run(place, &[arguments, &[&"--json"]].concat());
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    serde_json::from_str(&finished.stdout).expect("one document")
}

/// What stderr says, of a command that data or usage end.
fn refused(place: &Place, code: i32, arguments: &[&dyn AsRef<OsStr>]) -> String {
    let finished = run(place, arguments);
    assert_eq!((finished.code, finished.stdout.as_str()), (Some(code), ""), "{}", finished.stderr);
    finished.stderr
}

/// A file of counts: of each problem how many of `n` passed.
fn counts(place: &Place, name: &str, n: u32, passed: &[(&str, u32)]) -> std::path::PathBuf {
    let correct: BTreeMap<&str, u32> = passed.iter().copied().collect();
    place.write(name, json!({ "n": n, "correct": correct }).to_string())
}

fn remarks(document: &Value) -> String {
    document["remarks"].to_string()
}

#[test]
fn published_curves_cross_where_the_paper_has_it() {
    let place = Place::new();
    let Some(file) = shared("data/paper/code_passk_curves_from_pdf_vectors.json") else { return };
    let found = document(&place, &[&"--curves", &file]);
    let curves = found["curves"].as_array().expect("curves");
    let crossings: Vec<&Value> = curves.iter().map(|curve| &curve["crossing"]).collect();
    assert_eq!(crossings, [&json!(2), &json!(38), &json!(107), &json!(8), &Value::Null]);
    // The gaps that REFERENCE.md prints.
    for (curve, gap) in curves.iter().zip([0.1142, 0.1445, 0.1302, 0.2068, 0.1842]) {
        assert!((curve["gap"].as_f64().expect("a gap") - gap).abs() < 1e-4, "{curve}");
    }
    let words = run(&place, &[&"--curves", &file]).stdout;
    assert!(words.contains("at k = 107;") && words.contains("never up to k = 59;"), "{words}");
}

#[test]
fn curves_that_are_none_are_refused_by_title() {
    let place = Place::new();
    for (text, expected) in [
        (r#"{"A": {"base": [[1, 0.5]], "rl": [[1, 1.5]]}}"#, "A, rl: expected points as [k, value]"),
        (r#"{"A": {"base": [[1, 0.5], [1, 0.6]], "rl": [[1, 0.5]]}}"#, "A, base: k = 1 stands there twice"),
        (r#"{"A": {"base": [[1, 0.5]]}}"#, "A: two curves are needed"),
        (r#"{"A": {"base": [[1, 0.5]], "rl": [[2, 0.5]]}}"#, "A: base and rl have no k in common"),
        (r#"{"A": 3}"#, "expected titles with curves"),
        ("{}", "there is no curve"),
    ] {
        let file = place.write("curves.json", text);
        let said = refused(&place, 5, &[&"--curves", &file]);
        assert!(said.contains(expected), "{text}: {said}");
    }
}

/// pass@k in exact integers: the mean of `1 - C(n-c, k) / C(n, k)`, to 60 bits after the point.
fn exact(n: u32, correct: &serde_json::Map<String, Value>, k: u32) -> f64 {
    let falling = |from: u32| (0..k).fold(BigUint::from(1_u32), |product, it| product * from.saturating_sub(it));
    let all = falling(n);
    let of_one = |passed: &Value| {
        let passed = u32::try_from(passed.as_u64().expect("a count")).expect("of the samples");
        &all - falling(n - passed)
    };
    let sum: BigUint = correct.values().map(of_one).sum();
    let scaled: BigUint = (sum << 60_u32) / (all * BigUint::from(correct.len()));
    scaled.to_f64().expect("a number") / 2_f64.powi(60)
}

#[test]
fn counts_of_34_models_give_pass_at_k_as_exact_rationals_do() {
    let place = Place::new();
    let Some(file) = shared("data/samples/evalperf_correct_counts.json") else { return };
    let counts: Value = serde_json::from_slice(&fs::read(&file).expect("a file")).expect("JSON");
    let found = document(&place, &[&file]);
    let runs = found["runs"].as_array().expect("runs");
    assert_eq!(runs.len(), 34);
    let mut points = 0;
    for run in runs {
        let model = &counts[run["name"].as_str().expect("a name")];
        let n = u32::try_from(model["n"].as_u64().expect("a number")).expect("small");
        let curve = run["curve"].as_array().expect("points");
        assert_eq!(curve.last().expect("a point")["k"], n);
        for point in curve {
            let k = u32::try_from(point["k"].as_u64().expect("a number")).expect("small");
            let expected = exact(n, model["correct"].as_object().expect("counts"), k);
            assert!(
                (point["value"].as_f64().expect("a number") - expected).abs() < 1e-9,
                "{point}, exactly {expected}"
            );
            points += 1;
        }
    }
    assert!(points > 600, "{points}");
}

#[test]
fn evalplus_results_lcb_runners_and_counts_of_the_same_samples_say_the_same() {
    let place = Place::new();
    let passed = [("a", [true, false, true]), ("b", [false, false, false]), ("c", [true, true, true])];
    let status = |passed: bool| if passed { "pass" } else { "fail" };
    let evalplus: BTreeMap<&str, Vec<Value>> = passed
        .iter()
        .map(|(task_id, passed)| {
            let sample = |passed: &bool| json!({"base_status": "pass", "plus_status": status(*passed), "solution": ""});
            (*task_id, passed.iter().map(sample).collect())
        })
        .collect();
    let evalplus = place.write("x_eval_results.json", json!({ "date": "", "eval": evalplus }).to_string());
    let lcb: Vec<Value> =
        passed.iter().map(|(task_id, passed)| json!({"question_id": task_id, "graded_list": passed})).collect();
    let lcb = place.write("y_eval_all.json", json!(lcb).to_string());
    let counts = counts(&place, "z.json", 3, &[("a", 2), ("b", 0), ("c", 3)]);
    let found = document(&place, &[&evalplus, &lcb, &counts]);
    let runs = found["runs"].as_array().expect("runs");
    let names: Vec<&str> = runs.iter().map(|run| run["name"].as_str().expect("a name")).collect();
    assert_eq!(names, ["x", "y", "z"]);
    assert!(runs.iter().all(|run| run["curve"] == runs[0]["curve"] && run["histogram"] == runs[0]["histogram"]));
    assert_eq!(found["pairs"][1]["crossing"]["text"], "never up to k = 3");
    assert_eq!(
        found["table"][0],
        json!({
            "task_id": "a", "difficulty": null, "platform": null, "month": null, "passed": [[2, 3], [2, 3], [2, 3]],
        })
    );
    for set in ["both", "neither"] {
        assert_eq!(found["pairs"][0]["sets"][set].as_array().map(Vec::len), Some(if set == "both" { 2 } else { 1 }));
    }
}

#[test]
fn what_cannot_be_compared_is_refused_and_forced_only_with_a_remark() {
    let place = Place::new();
    let many: Vec<(String, u32)> = (0..10).map(|it| (format!("p{it}"), it % 3)).collect();
    let many: Vec<(&str, u32)> = many.iter().map(|(name, passed)| (name.as_str(), *passed)).collect();
    let (a, b) = (counts(&place, "a.json", 4, &many), counts(&place, "b.json", 4, &many[..4]));
    let said = refused(&place, 5, &[&a, &b]);
    assert!(said.contains("only 4 of 10 problems are in all runs"), "{said}");
    let forced = document(&place, &[&a, &b, &"--force"]);
    assert_eq!(forced["problems"], 4);
    assert!(remarks(&forced).contains("forced: only 4 of 10 problems"), "{}", remarks(&forced));
    let most = counts(&place, "most.json", 4, &many[..6]);
    let found = document(&place, &[&a, &most]);
    assert!(remarks(&found).contains("compared on the 6 problems that all have"), "{}", remarks(&found));

    let said = refused(&place, 2, &[&a, &"--k", &"1,5"]);
    assert!(said.contains("there is no pass@5: p0 has only 4 judged samples in a"), "{said}");
    let said = refused(&place, 2, &[&a, &a]);
    assert!(said.contains("two runs are called a: name one of them"), "{said}");
    assert_eq!(document(&place, &[&a, &format!("other={}", a.display())])["runs"][1]["name"], "other");
    let stranger = counts(&place, "stranger.json", 4, &[("q", 1)]);
    assert!(refused(&place, 5, &[&a, &stranger, &"--force"]).contains("no problem in common"));
    assert!(refused(&place, 5, &[&place.path("nowhere.json")]).contains("nowhere.json"));
    fs::create_dir(place.path("empty")).expect("a folder");
    assert!(refused(&place, 5, &[&place.path("empty")]).contains("no run of trialbox"));

    let none = place.write("none.json", json!({"n": 0, "correct": {"p0": 0}}).to_string());
    assert!(refused(&place, 5, &[&none]).contains("none has no judged sample"));
    let endless = place.write("endless.json", json!({"n": 4_000_000_000_u32, "correct": {"p0": 1}}).to_string());
    assert!(refused(&place, 5, &[&endless]).contains("20000 is the most"));
    let wide = place.write(
        "wide.json",
        json!({"x": {"n": 3000, "correct": {"p0": 9}}, "y": {"n": 3000, "correct": {"p0": 7}}}).to_string(),
    );
    assert_eq!(
        document(&place, &[&wide])["pairs"][0]["difference"].as_array().expect("points").last().expect("one")["k"],
        3000
    );

    let verdict = |sample: u32, verdict: &str| json!({"task_id": "p0", "sample": sample, "verdict": verdict});
    let rows: Vec<Value> = (0..50).map(|it| verdict(it, if it == 0 { "infra_error" } else { "pass" })).collect();
    let faulty = place.write("faulty.jsonl", lines(&rows));
    let said = refused(&place, 5, &[&faulty]);
    assert!(said.contains("2.0 % of the samples of faulty could not be judged"), "{said}");
    assert!(remarks(&document(&place, &[&faulty, &"--force"])).contains("could not be judged"));
}

#[test]
fn unequal_numbers_of_samples_and_no_success_anywhere_are_said_and_break_nothing() {
    let place = Place::new();
    let uneven = json!({"n": {"a": 8, "b": 3}, "correct": {"a": 5, "b": 0}});
    let uneven = place.write("uneven.json", uneven.to_string());
    let found = document(&place, &[&uneven]);
    assert!(remarks(&found).contains("k ends at 3 in uneven: b has no more judged samples, others up to 8"));
    assert_eq!(found["runs"][0]["curve"].as_array().expect("points").last().expect("one")["k"], 3);
    let nothing: Vec<(String, u32)> = (0..30).map(|it| (format!("p{it}"), 0)).collect();
    let nothing: Vec<(&str, u32)> = nothing.iter().map(|(name, passed)| (name.as_str(), *passed)).collect();
    let (a, b) = (counts(&place, "a.json", 16, &nothing), counts(&place, "b.json", 16, &nothing));
    let found = document(&place, &[&a, &b]);
    let (pair, curve) = (&found["pairs"][0], found["runs"][0]["curve"].as_array().expect("points"));
    assert!(curve.iter().all(|point| point["value"] == 0.0 && point["problems"][1].as_f64().expect("a bound") > 0.0));
    assert_eq!(found["runs"][0]["extrapolated"]["refused"], "every problem is solved always or never");
    assert_eq!((&pair["crossing"]["k"], &pair["difference"][0]["ahead"]), (&Value::Null, &Value::Null));
    assert_eq!(pair["sets"]["neither"].as_array().map(Vec::len), Some(30));
    assert_eq!(run(&place, &[&a, &b]).code, Some(0));
    // Each curve, the difference, and of the largest k the gap.
    let asked = run(&place, &[&a, &b, &"--k", &"10,3,3"]).stdout;
    assert!(asked.matches("pass@3 ").count() == 3 && asked.matches("pass@10 ").count() == 4, "{asked}");
}

/// A copy of a run whose manifest says something else.
fn altered(place: &Place, name: &str, key: &str, value: &str) -> std::path::PathBuf {
    let folder = place.path(name);
    fs::create_dir(&folder).expect("a folder");
    for file in ["run.json", "verdicts.jsonl", "report.json"] {
        fs::copy(place.out().join(file), folder.join(file)).expect("copied");
    }
    let manifest = fs::read(folder.join("run.json")).expect("a manifest");
    let mut manifest: Value = serde_json::from_slice(&manifest).expect("JSON");
    manifest[key] = json!(value);
    fs::write(folder.join("run.json"), manifest.to_string()).expect("written");
    folder
}

fn drop_last_lines(folder: &Path, count: usize) {
    let text = fs::read_to_string(folder.join("verdicts.jsonl")).expect("verdicts");
    let kept = text.lines().count() - count;
    let mut text: String = text.lines().take(kept).map(|line| format!("{line}\n")).collect();
    // As a process leaves it that is killed while it writes.
    text += "{\"task_id\":\"toy/0-1\",\"samp";
    fs::write(folder.join("verdicts.jsonl"), text).expect("written");
    fs::remove_file(folder.join("report.json")).expect("a report");
}

#[test]
fn runs_of_our_own_are_compared_to_the_byte_alike_and_refused_where_they_are_runs_of_something_else() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let drawn = place.run(&[&"run", &"toy", &"--problems", &"20", &"--n", &"4", &"--out", &place.out()]);
    assert_eq!(drawn.code, Some(0), "{}", drawn.stderr);
    let report = place.report();
    let same = altered(&place, "step-20", "limits", "others");
    let found = document(&place, &[&place.out(), &same]);
    for k in [1, 2, 4] {
        let curve = found["runs"][0]["curve"].as_array().expect("points");
        let point = curve.iter().find(|point| point["k"] == k).expect("a point");
        let (ours, theirs) = (point["value"].as_f64(), report["pass_at_k"]["plus"][k.to_string()]["value"].as_f64());
        assert!((ours.expect("a value") - theirs.expect("a value")).abs() < 1e-12, "{k}");
    }
    assert_eq!((&found["runs"][0]["model"], &found["runs"][1]["step"]), (&json!("toy"), &json!(20)));
    assert!(remarks(&found).contains("the limits of out is") || remarks(&found).contains("the limits of"));
    assert_eq!(
        run(&place, &[&place.out(), &same, &"--json"]).stdout,
        run(&place, &[&place.out(), &same, &"--json"]).stdout
    );

    for (key, value) in [("semantics", "official"), ("dataset_hash", "0"), ("selection", "another window")] {
        let other = altered(&place, key, key, value);
        let said = refused(&place, 5, &[&place.out(), &other]);
        assert!(said.contains(&format!("the {key} of")) && said.contains("--force"), "{said}");
        let forced = document(&place, &[&place.out(), &other, &"--force"]);
        assert!(remarks(&forced).contains(&format!("forced: the {key}")), "{}", remarks(&forced));
    }

    let going_on = altered(&place, "going-on", "limits", "others");
    drop_last_lines(&going_on, 10);
    let found = document(&place, &[&going_on]);
    assert!(remarks(&found).contains("going-on is not complete: 70 samples are judged so far"), "{}", remarks(&found));
}
