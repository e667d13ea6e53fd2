//! The toy set from end to end: what `datasets toy` prints is right by trialbox's own judgement, and can be drawn by size and seed.
//! Not here: how problems are drawn, and that splits share none (`datasets::toy`).

use std::{collections::BTreeSet, ffi::OsStr};

use serde_json::{Value, json};

use crate::{
    fixtures::lines,
    processes::Finished,
    support::{Place, can_run, json_lines},
};

/// Any split of the family.
fn printed(place: &Place, further: &[&str]) -> Vec<Value> {
    let finished = run(place, &[&["datasets", "toy"], further].concat());
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    json_lines(&finished.stdout)
}

fn run(place: &Place, arguments: &[&str]) -> Finished {
    let arguments: Vec<&dyn AsRef<OsStr>> = arguments.iter().map(|it| it as &dyn AsRef<OsStr>).collect();
    place.run(&arguments)
}

/// A completion of each problem in each style.
fn solutions(rows: &[Value]) -> String {
    let sample = |row: &Value| -> Vec<Value> {
        let styles = row["solutions"].as_object().expect("styles");
        assert_eq!(styles.len(), 4);
        styles.values().map(|style| json!({"task_id": row["task_id"], "completion": style})).collect()
    };
    lines(&rows.iter().flat_map(sample).collect::<Vec<_>>())
}

fn verdicts(place: &Place) -> BTreeSet<String> {
    place.verdicts().iter().map(|row| row["verdict"].to_string()).collect()
}

#[test]
fn every_solution_of_every_style_is_right_by_what_python_computes() {
    if !can_run() {
        return;
    }
    for (split, size) in [("eval", "200"), ("rl", "60"), ("base", "60")] {
        let place = Place::new();
        let rows = printed(&place, &["--split", split, "--size", size, "--seed", "5"]);
        let data = place.write("toy.jsonl", lines(&rows));
        let samples = place.write("samples.jsonl", solutions(&rows));
        let finished = place.run(&[&"eval", &"toy", &"--data", &data, &"--samples", &samples, &"--out", &place.out()]);
        assert_eq!(finished.code, Some(0), "{}", finished.stderr);
        assert_eq!(verdicts(&place), BTreeSet::from(["\"pass\"".to_owned()]), "{split}");
    }
}

#[test]
fn the_set_is_checked_like_any_other() {
    if !can_run() {
        return;
    }
    let finished = run(&Place::new(), &["datasets", "check", "toy"]);
    assert_eq!(finished.code, Some(0), "{}", finished.stdout);
    assert_eq!(finished.stdout, "toy: 60 of 60 problems are right: 60 canonical solutions pass, 300 impostors fail\n");
}

#[test]
fn problems_are_drawn_by_number_and_seed() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let rows = printed(&place, &["--size", "3", "--seed", "9"]);
    let samples = place.write("samples.jsonl", solutions(&rows));
    let samples = samples.to_str().expect("text");
    let mut drawn = vec!["eval", "toy", "--problems", "3", "--problem-seed", "9", "--samples", samples, "--out", "out"];
    let finished = run(&place, &drawn);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert_eq!(verdicts(&place), BTreeSet::from(["\"pass\"".to_owned()]));
    assert_eq!(place.report()["selection"]["asked"], json!({"problems": "3", "problem_seed": "9"}));
    let checked = run(&place, &["cache", "verify", "--share", "1"]);
    assert!(checked.stdout.starts_with("12 verdicts judged again, 0 have changed"), "{}", checked.stdout);
    drawn[5] = "8";
    let finished = run(&place, &drawn);
    assert_eq!(finished.code, Some(5), "{}", finished.stderr);
    assert!(finished.stderr.contains("no problem called \"toy/9-0\""), "{}", finished.stderr);
}

#[test]
fn what_cannot_be_drawn_is_told() {
    let place = Place::new();
    for (arguments, words) in [
        (&["eval", "mbpp+", "--samples", "s", "--problems", "3"][..], "--problems and --problem-seed are for toy"),
        (&["eval", "toy", "--samples", "s", "--data", "f", "--problem-seed", "3"], "a file has its own problems"),
        (&["eval", "toy", "--samples", "s", "--release", "v1"], "are for livecodebench"),
        (&["eval", "toy", "--samples", "s", "--problems", "10001"], "10001 is not in 1..=10000"),
        (&["eval", "toy"], "--samples is needed"),
        (&["datasets", "toy", "--size", "0"], "at least one problem"),
        (&["datasets", "toy", "--split", "rl", "--size", "10001"], "a seed has 10000 problems at most"),
        (&["datasets", "toy", "--split", "train"], "expected base, rl, eval"),
        (&["datasets", "toy", "--noise", "2"], "--noise is a number from 0 to 1"),
    ] {
        let finished = run(&place, arguments);
        assert_eq!(finished.code, Some(2), "{arguments:?}: {}", finished.stderr);
        assert!(finished.stderr.contains(words), "{words:?} is not in: {}", finished.stderr);
    }
}
