//! What is refused: with which exit code, in which words, and with nothing left in the out folder.
//! Not here: bad jobs (`cli_verify`), bad rows of each kind (`datasets`).

use std::fs;

use serde_json::{Value, json};

use crate::{
    fixtures::{ADD, TWICE, good_samples, lines, plant, sample},
    processes::Finished,
    support::{Place, can_run, names_in},
};

/// Judges samples of the tiny dataset.
fn eval(place: &Place, samples: impl AsRef<[u8]>, further: &[&str]) -> Finished {
    let (data, samples) = plant(place, samples);
    let mut command =
        place.trialbox(&[&"eval", &"humaneval+", &"--data", &data, &"--samples", &samples, &"--out", &place.out()]);
    command.args(further);
    place.finish(command, b"")
}

/// Asserts the code, the words, and that nothing was written.
fn refused(place: &Place, finished: &Finished, code: i32, words: &[&str]) {
    assert_eq!(finished.code, Some(code), "{}", finished.stderr);
    for word in words {
        assert!(finished.stderr.contains(word), "{word:?} is not in: {}", finished.stderr);
    }
    assert_eq!(finished.stdout, "");
    assert_eq!(names_in(&place.out()), Vec::<String>::new(), "the out folder must stay empty");
}

fn truncated() -> String {
    let whole = good_samples();
    whole[..whole.len() - 20].to_owned()
}

#[test]
fn an_unknown_dataset_is_a_usage_error() {
    let place = Place::new();
    let finished = place.run(&[&"eval", &"humaneval", &"--out", &place.out()]);
    refused(&place, &finished, 2, &["unknown dataset humaneval", "humaneval+"]);
}

#[test]
fn samples_are_needed_where_the_dataset_has_none() {
    let place = Place::new();
    let finished = place.run(&[&"eval", &"mbpp+", &"--out", &place.out()]);
    refused(&place, &finished, 2, &["--samples is needed"]);
}

#[test]
fn a_truncated_line_is_told_with_file_and_line() {
    let place = Place::new();
    let finished = eval(&place, truncated(), &[]);
    refused(&place, &finished, 5, &["samples.jsonl:2:"]);
}

#[test]
fn a_truncated_line_is_left_out_and_counted_on_demand() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let finished = eval(&place, good_samples() + &truncated(), &["--skip-bad-rows"]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert!(finished.stderr.contains("samples.jsonl:4:"), "{}", finished.stderr);
    let report = place.report();
    assert_eq!((&report["skipped_rows"], &report["samples"]), (&json!(1), &json!(3)));
}

#[test]
fn a_truncated_dataset_is_told_with_file_and_line() {
    let place = Place::new();
    let (data, samples) = plant(&place, good_samples());
    let text = fs::read(&data).expect("readable");
    fs::write(&data, &text[..text.len() - 20]).expect("written");
    let finished =
        place.run(&[&"eval", &"humaneval+", &"--data", &data, &"--samples", &samples, &"--out", &place.out()]);
    refused(&place, &finished, 5, &["tiny.jsonl:2:"]);
}

#[test]
fn a_sample_of_an_unknown_task_is_refused_by_its_name() {
    let place = Place::new();
    let finished = eval(&place, good_samples() + &lines(&[sample("Tiny/9", ADD)]), &[]);
    refused(&place, &finished, 5, &["Tiny/9"]);
}

#[test]
fn two_samples_with_one_number_are_refused() {
    let place = Place::new();
    let numbered = |number: u32| json!({"task_id": "Tiny/0", "sample": number, "solution": ADD});
    let rows = [numbered(3), numbered(3), sample("Tiny/1", TWICE)];
    let finished = eval(&place, lines(&rows), &[]);
    refused(&place, &finished, 5, &["Tiny/0", "two samples numbered 3"]);
}

#[test]
fn a_problem_without_samples_is_refused_by_its_name() {
    let place = Place::new();
    let finished = eval(&place, lines(&[sample("Tiny/0", ADD)]), &[]);
    refused(&place, &finished, 5, &["1 of 2 problems", "Tiny/1", "--partial"]);
}

#[test]
fn a_problem_without_samples_is_left_out_and_counted_on_demand() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let finished = eval(&place, lines(&[sample("Tiny/0", ADD)]), &["--partial"]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let report: Value = place.report();
    assert_eq!((&report["problems"], &report["problems_without_samples"]), (&json!(1), &json!(1)));
}

#[test]
fn a_k_beyond_the_number_of_samples_is_a_usage_error() {
    let place = Place::new();
    let finished = eval(&place, good_samples(), &["--k", "2"]);
    refused(&place, &finished, 2, &["--k 2", "some problem has 1"]);
}

#[test]
fn a_missing_interpreter_is_told_by_its_path() {
    let place = Place::new();
    let finished = eval(&place, good_samples(), &["--python", "/nonexistent/python3"]);
    refused(&place, &finished, 4, &["/nonexistent/python3", "--python"]);
}

#[test]
fn an_interpreter_that_is_no_python_is_refused() {
    let place = Place::new();
    let finished = eval(&place, good_samples(), &["--python", "true"]);
    refused(&place, &finished, 4, &["`true`", "Python"]);
}

#[test]
fn a_missing_samples_file_is_told_by_its_path() {
    let place = Place::new();
    let (data, missing) = (place.write("tiny.jsonl", crate::fixtures::dataset()), place.path("nowhere.jsonl"));
    let finished =
        place.run(&[&"eval", &"humaneval+", &"--data", &data, &"--samples", &missing, &"--out", &place.out()]);
    refused(&place, &finished, 5, &["nowhere.jsonl", "No such file"]);
}

#[test]
fn a_samples_file_that_cannot_be_read_is_told_by_its_path() {
    let place = Place::new();
    let data = place.write("tiny.jsonl", crate::fixtures::dataset());
    // A folder: even root cannot read it as a file.
    let folder = place.path("cache");
    let finished =
        place.run(&[&"eval", &"humaneval+", &"--data", &data, &"--samples", &folder, &"--out", &place.out()]);
    refused(&place, &finished, 5, &["cache", "directory"]);
}

#[test]
fn a_missing_dataset_without_a_network_ends_soon_and_says_where_to_put_it() {
    let place = Place::new();
    let samples = place.write("samples.jsonl", good_samples());
    let mut command = place.trialbox(&[&"eval", &"humaneval+", &"--samples", &samples, &"--out", &place.out()]);
    // Nobody listens there, so nothing is reached, whatever network this machine has.
    for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy", "https_proxy", "http_proxy"] {
        command.env(name, "http://127.0.0.1:9");
    }
    command.env_remove("NO_PROXY").env_remove("no_proxy");
    let begin = std::time::Instant::now();
    let finished = place.finish(command, b"");
    let path = place.path("cache").join("datasets/HumanEvalPlus-v0.1.10.jsonl.gz");
    refused(&place, &finished, 5, &[&path.display().to_string()]);
    assert!(begin.elapsed().as_secs() < 30, "it took {:?}", begin.elapsed());
    assert!(!path.exists());
}

#[test]
fn an_out_folder_that_cannot_be_made_is_told_by_its_path() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let (data, samples) = plant(&place, good_samples());
    let below_a_file = samples.join("out");
    let finished =
        place.run(&[&"eval", &"humaneval+", &"--data", &data, &"--samples", &samples, &"--out", &below_a_file]);
    refused(&place, &finished, 1, &["failed to make the folder", "samples.jsonl/out"]);
    assert!(samples.is_file());
}
