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
    fixtures::{ADD, TWICE, asserts_job, dataset, function_job, lines, stdin_job},
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

/// A row that `trialbox datasets toy` prints, asked for by name.
fn toy_job(id: &str, row: &Value, completion: &Value) -> Value {
    json!({"id": id, "dataset": "toy", "task_id": row["task_id"], "completion": completion})
}

/// A job whose tests come along with a model's answer.
fn posed(id: &str, response: &str) -> Value {
    let calls = json!({"fn_name": "add", "inputs": [[1, 2], [3, 4]], "outputs": [3, 7]});
    json!({"id": id, "tests": calls, "response": response})
}

#[test]
fn a_problem_that_is_named_gets_the_verdicts_of_eval() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let mut jobs = Vec::new();
    for row in json_lines(include_str!("../datasets/data/quickstart.jsonl")) {
        for candidate in row["candidates"].as_array().expect("candidates") {
            let mut texts = ["solution", "completion", "response"].into_iter();
            let (key, text) = texts.find_map(|key| Some((key, candidate.get(key)?))).expect("a text");
            jobs.push(json!({"dataset": "quickstart", "task_id": row["task_id"], key: text}));
        }
    }
    let jobs = place.write("jobs.jsonl", lines(&jobs));
    let verified = place.run(&[&"verify", &"--jobs", &jobs, &"--cache", &"off"]);
    assert_eq!(verified.code, Some(0), "{}", verified.stderr);
    let evaluated = place.run(&[&"eval", &"quickstart", &"--out", &place.out(), &"--cache", &"off"]);
    assert_eq!(evaluated.code, Some(0), "{}", evaluated.stderr);
    let facts = |rows: Vec<Value>, name: &str| {
        let fact = |row: &Value| json!([row[name], row["verdict"], row["first_failure"]["test"]]).to_string();
        let mut facts: Vec<String> = rows.iter().map(fact).collect();
        facts.sort();
        facts
    };
    assert_eq!(facts(json_lines(&verified.stdout), "id"), facts(place.verdicts(), "task_id"));
}

#[test]
fn a_dataset_that_comes_in_a_file_is_named_too() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let printed = place.run(&[&"datasets", &"toy", &"--split", &"rl", &"--size", &"3"]).stdout;
    let rows = json_lines(&printed);
    let data = format!("toy={}", place.write("rl.jsonl", printed).display());
    let mut jobs: Vec<Value> = rows.iter().map(|row| toy_job("right", row, &row["solutions"]["loop"])).collect();
    jobs.push(toy_job("wrong", &rows[1], &json!("    return 'never'\n")));
    jobs.push(toy_job("again", &rows[0], &rows[0]["solutions"]["loop"]));
    jobs.push(toy_job("nothing", &rows[0], &json!("")));
    let jobs = lines(&jobs);
    let expected = [
        pair("right", "pass"),
        pair("right", "pass"),
        pair("right", "pass"),
        pair("wrong", "wrong_answer"),
        pair("again", "pass"),
        pair("nothing", "no_code"),
    ];
    let streamed = verify(&jobs, &["--data", &data]);
    assert_eq!(streamed.code, Some(0), "{}", streamed.stderr);
    assert_eq!(pairs(&streamed), expected);
    let jobs = place.write("jobs.jsonl", jobs);
    let finished = place.run(&[&"verify", &"--data", &data, &"--jobs", &jobs]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert_eq!(pairs(&finished), expected);
    let finished_rows = json_lines(&finished.stdout);
    assert_eq!(finished_rows[4]["cached"], true, "equal programs are judged once");
    let again = place.run(&[&"cache", &"verify", &"--share", &"1"]);
    assert!(again.stdout.contains("4 verdicts judged again, 0 have changed"), "{}{}", again.stdout, again.stderr);
}

#[test]
fn a_program_is_taken_out_of_an_answer_to_tests_that_come_along() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let fenced = |code: &str| format!("Here it is:\n```python\n{code}```\n");
    let jobs = [posed("right", &fenced(ADD)), posed("wrong", &fenced(WRONG_ADD)), posed("none", "I do not know.")];
    let jobs = place.write("jobs.jsonl", lines(&jobs));
    let finished = place.run(&[&"verify", &"--jobs", &jobs]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert_eq!(pairs(&finished), [pair("right", "pass"), pair("wrong", "wrong_answer"), pair("none", "no_code")]);
    let rows = json_lines(&finished.stdout);
    assert_eq!(rows[2]["first_failure"]["actual"], "no part of the text is a Python program");
    let keys = |row: &Value| row.as_object().expect("an object").keys().cloned().collect::<Vec<String>>();
    assert_eq!(keys(&rows[0]), keys(&rows[2]), "all rows have the same fields");
    assert!(rows[0].get("extraction").is_none());
    let again = place.run(&[&"cache", &"verify", &"--share", &"1"]);
    assert!(again.stdout.contains("2 verdicts judged again, 0 have changed"), "{}{}", again.stdout, again.stderr);
}

#[test]
fn what_cannot_be_named_is_told_with_its_line_before_anything_is_run() {
    let named = |dataset: &str, task_id: &str| json!({"dataset": dataset, "task_id": task_id, "code": ADD});
    let mut cpp = named("quickstart", "quickstart/squeeze_runs");
    cpp["language"] = json!("cpp");
    for (job, words) in [
        (named("humaneval++", "HumanEval/0"), "jobs.jsonl:2: cannot use dataset: unknown dataset humaneval++"),
        (
            named("humaneval+", "HumanEval/0"),
            "jobs.jsonl:2: cannot use dataset: humaneval+ is not here, but quickstart, toy (--data humaneval+=FILE)",
        ),
        (named("quickstart", "a"), "jobs.jsonl:2: cannot use task_id: quickstart has no problem called \"a\""),
        (cpp, "jobs.jsonl:2: cannot use language: only a problem on stdin can be solved in C++"),
    ] {
        let place = Place::new();
        let jobs = place.write("jobs.jsonl", lines(&[function_job("good", ADD), job]));
        let finished = place.run(&[&"verify", &"--jobs", &jobs]);
        assert_eq!((finished.code, finished.stdout.as_str()), (Some(5), ""), "{}", finished.stderr);
        assert!(finished.stderr.contains(words), "{words}: {}", finished.stderr);
    }
}

#[test]
fn a_problem_that_is_not_there_is_left_out_and_told_on_demand() {
    if !can_run() {
        return;
    }
    let unknown = json!({"id": "unknown", "dataset": "quickstart", "task_id": "a", "code": ADD});
    let rows = lines(&[function_job("before", ADD), unknown, function_job("after", WRONG_ADD)]);
    let place = Place::new();
    let jobs = place.write("jobs.jsonl", &rows);
    let streamed = verify(&rows, &["--skip-bad-rows"]);
    for (name, finished) in
        [("stdin", streamed), ("jobs.jsonl", place.run(&[&"verify", &"--skip-bad-rows", &"--jobs", &jobs]))]
    {
        assert_eq!(finished.code, Some(0), "{}", finished.stderr);
        let words = format!("{name}:2: cannot use task_id: quickstart has no problem called \"a\"");
        assert_eq!(finished.stderr.matches(&words).count(), 1, "{}", finished.stderr);
        assert_eq!(pairs(&finished), [pair("before", "pass"), pair("after", "wrong_answer")]);
    }
}

#[test]
fn a_job_of_a_problem_whose_own_solution_fails_is_left_out_and_told_on_demand() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let data = dataset().replace("return text * 2", "return text / 2");
    let data = format!("humaneval+={}", place.write("tiny.jsonl", data).display());
    let named = |id: &str, task_id: &str, code: &str| json!({"id": id, "dataset": "humaneval+", "task_id": task_id, "code": code});
    let rows = [named("before", "Tiny/0", ADD), named("broken", "Tiny/1", TWICE), named("after", "Tiny/0", WRONG_ADD)];
    let jobs = place.write("jobs.jsonl", lines(&rows));
    let finished = place.run(&[&"verify", &"--data", &data, &"--jobs", &jobs, &"--skip-bad-rows"]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let words = "job \"broken\": the canonical solution of Tiny/1 fails on input 0";
    assert!(finished.stderr.contains(words), "{}", finished.stderr);
    assert_eq!(pairs(&finished), [pair("before", "pass"), pair("after", "wrong_answer")]);
    let finished = place.run(&[&"verify", &"--data", &data, &"--jobs", &jobs]);
    assert_eq!((finished.code, pairs(&finished)), (Some(5), vec![pair("before", "pass")]), "{}", finished.stderr);
    assert!(finished.stderr.contains(words), "{}", finished.stderr);
}

#[test]
fn a_dataset_that_cannot_be_read_is_told_by_its_path_and_never_skipped() {
    let place = Place::new();
    let jobs = place.write("jobs.jsonl", lines(&[function_job("good", ADD)]));
    place.write("bad.jsonl", "{\"task_id\": 1}\n");
    for (data, words) in [("toy=nowhere.jsonl", "nowhere.jsonl:0: cannot be read"), ("toy=bad.jsonl", "bad.jsonl:1:")] {
        let finished = place.run(&[&"verify", &"--data", &data, &"--jobs", &jobs, &"--skip-bad-rows"]);
        assert_eq!((finished.code, finished.stdout.as_str()), (Some(5), ""), "{}", finished.stderr);
        assert!(finished.stderr.contains("toy cannot be read: "), "{}", finished.stderr);
        assert!(finished.stderr.contains(words), "{words}: {}", finished.stderr);
    }
    // One that lies in the cache is read when it is first named.
    std::fs::create_dir(place.path("cache").join("datasets")).expect("a folder");
    place.write("cache/datasets/HumanEvalPlus-v0.1.10.jsonl.gz", "{\n");
    let named = json!({"dataset": "humaneval+", "task_id": "HumanEval/0", "code": ADD});
    let jobs = place.write("jobs.jsonl", lines(&[named]));
    let finished = place.run(&[&"verify", &"--jobs", &jobs, &"--skip-bad-rows"]);
    assert_eq!((finished.code, finished.stdout.as_str()), (Some(5), ""), "{}", finished.stderr);
    let words = "jobs.jsonl:1: cannot use dataset: humaneval+ cannot be read";
    assert!(finished.stderr.contains(words), "{}", finished.stderr);
    for data in ["toy", "nothing=rl.jsonl"] {
        let finished = place.run(&[&"verify", &"--data", &data, &"--jobs", &jobs]);
        assert_eq!(finished.code, Some(2), "{}", finished.stderr);
    }
}
