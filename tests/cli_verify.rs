//! `trialbox verify`: jobs in, verdicts out, in order, one at a time where somebody waits for them.
//! Not here: hostile jobs (`attacks`), the form of a job (`datasets`).

use std::{
    io::{BufRead, BufReader, Write},
    process::Stdio,
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    fixtures::{ADD, asserts_job, function_job, lines, stdin_job},
    processes::Finished,
    support::{Place, can_run, json_lines},
};

const SUM: &str = "print(sum(map(int, input().split())))\n";
const WRONG_ADD: &str = "def add(a, b):\n    return a - b\n";

/// Sends jobs through stdin.
fn verify(jobs: &str, further: &[&str]) -> Finished {
    let place = Place::new();
    let mut command = place.trialbox(&[&"verify", &"--jobs", &"-"]);
    command.args(further);
    place.finish(command, jobs.as_bytes())
}

fn pairs(finished: &Finished) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    json_lines(&finished.stdout).iter().map(|row| (text(&row["id"]), text(&row["verdict"]))).collect()
}

fn pair(id: &str, verdict: &str) -> (String, String) {
    (id.to_owned(), verdict.to_owned())
}

#[test]
fn function_stdin_and_assert_jobs_are_judged_each_by_its_rules() {
    if !can_run() {
        return;
    }
    let rows = [
        function_job("function right", ADD),
        function_job("function wrong", WRONG_ADD),
        function_job("function raises", "def add(a, b):\n    return a / 0\n"),
        stdin_job("stdin right", SUM),
        stdin_job("stdin wrong", "print(3)\n"),
        stdin_job("stdin raises", "raise ValueError\n"),
        asserts_job("asserts right", ADD),
        asserts_job("asserts wrong", WRONG_ADD),
        function_job("no python", "def add(a, b:\n"),
    ];
    let finished = verify(&lines(&rows), &[]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let expected = [
        pair("function right", "pass"),
        pair("function wrong", "wrong_answer"),
        pair("function raises", "runtime_error"),
        pair("stdin right", "pass"),
        pair("stdin wrong", "wrong_answer"),
        pair("stdin raises", "runtime_error"),
        pair("asserts right", "pass"),
        pair("asserts wrong", "wrong_answer"),
        pair("no python", "compile_error"),
    ];
    assert_eq!(pairs(&finished), expected);
    let wrong = &json_lines(&finished.stdout)[4];
    assert_eq!((&wrong["first_failure"]["test"], &wrong["tests_total"]), (&json!(1), &json!(2)), "{wrong}");
}

#[test]
fn answers_come_in_the_order_of_the_jobs() {
    if !can_run() {
        return;
    }
    let slow = format!("x = sum(range(10 ** 7))\n{ADD}");
    let rows: Vec<Value> =
        (0..24).map(|number| function_job(&number.to_string(), if number % 6 == 0 { &slow } else { ADD })).collect();
    let finished = verify(&lines(&rows), &["--workers", "4"]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let expected: Vec<_> = (0..24).map(|number| pair(&number.to_string(), "pass")).collect();
    assert_eq!(pairs(&finished), expected);
}

#[test]
fn a_job_is_answered_before_the_next_one_is_sent() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let mut command = place.trialbox(&[&"verify", &"--jobs", &"-", &"--workers", &"2"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("it starts");
    let (mut stdin, stdout) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
    let (send, receive) = mpsc::channel();
    let reading = thread::spawn(move || {
        BufReader::new(stdout).lines().map_while(Result::ok).for_each(|line| drop(send.send(line)));
    });
    for id in ["first", "second", "third"] {
        let asked = stdin.write_all(lines(&[function_job(id, ADD)]).as_bytes()).and_then(|()| stdin.flush());
        let answer = receive.recv_timeout(Duration::from_secs(30));
        if asked.is_err() || !answer.as_ref().is_ok_and(|answer| answer.contains(&format!("\"{id}\""))) {
            child.kill().expect("our own child");
            panic!("{id}: {answer:?}");
        }
    }
    drop(stdin);
    assert_eq!(child.wait().expect("our own child").code(), Some(0));
    reading.join().expect("the reader ends");
}

#[test]
fn a_bad_job_is_told_with_its_line() {
    if !can_run() {
        return;
    }
    let jobs = lines(&[function_job("good", ADD)]) + "{\"id\": \"bad\", \"mode\": \"fun\n";
    let finished = verify(&jobs, &[]);
    assert_eq!(finished.code, Some(5), "{}", finished.stderr);
    assert!(finished.stderr.contains("stdin:2:"), "{}", finished.stderr);
    assert_eq!(pairs(&finished), [pair("good", "pass")], "what came before it is answered");
}

#[test]
fn a_bad_job_in_a_file_is_refused_before_anything_is_run() {
    let place = Place::new();
    let jobs = place.write("jobs.jsonl", lines(&[function_job("good", ADD)]) + "[]\n");
    let finished = place.run(&[&"verify", &"--jobs", &jobs]);
    assert_eq!((finished.code, finished.stdout.as_str()), (Some(5), ""), "{}", finished.stderr);
    assert!(finished.stderr.contains("jobs.jsonl:2:"), "{}", finished.stderr);
}

#[test]
fn a_bad_job_is_left_out_and_told_on_demand() {
    if !can_run() {
        return;
    }
    let mut misspelt = function_job("misspelt", ADD);
    misspelt["limit"] = json!(1);
    let rows = [function_job("before", ADD), misspelt, function_job("after", WRONG_ADD)];
    let finished = verify(&lines(&rows), &["--skip-bad-rows"]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert!(finished.stderr.contains("stdin:2: unknown key limit"), "{}", finished.stderr);
    assert_eq!(pairs(&finished), [pair("before", "pass"), pair("after", "wrong_answer")]);
}

#[test]
fn a_missing_jobs_file_is_told_by_its_path() {
    let finished = Place::new().run(&[&"verify", &"--jobs", &"nowhere.jsonl"]);
    assert_eq!((finished.code, finished.stdout.as_str()), (Some(5), ""), "{}", finished.stderr);
    assert!(finished.stderr.contains("nowhere.jsonl"), "{}", finished.stderr);
}

#[test]
fn a_candidate_that_is_no_utf_8_is_a_compile_error() {
    if !can_run() {
        return;
    }
    let mut job = function_job("bytes", "never looked at");
    job["candidate_b64"] = json!("ZGVmIGFkZChhLCBiKTogcmV0dXJuIGEgKyBiICAjIP/+Cg=="); // add, and a comment with FF FE
    let finished = verify(&lines(&[job]), &[]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert_eq!(pairs(&finished), [pair("bytes", "compile_error")]);
}

#[test]
fn a_job_without_tests_is_an_error_and_never_a_pass() {
    let place = Place::new();
    let mut job = function_job("none", ADD);
    job["problem"]["inputs"] = json!([]);
    job["problem"]["expected"] = json!([]);
    let jobs = place.write("jobs.jsonl", lines(&[job]));
    let finished = place.run(&[&"verify", &"--jobs", &jobs]);
    assert_eq!((finished.code, finished.stdout.as_str()), (Some(5), ""), "{}", finished.stderr);
    assert!(finished.stderr.contains("at least one test"), "{}", finished.stderr);
}
