//! `trialbox serve`: what clients ask and are told, and what the daemon does with bad ones.
//! Not here: the daemon under test and a client (`serve::daemon`), the rules by which programs are judged (`cli_verify`).

mod bash;
mod daemon;
mod examples;
mod peers;
mod sandbox_fusion;

use std::{
    io::{BufRead, BufReader, Read, Write},
    os::unix::{fs::PermissionsExt, net::UnixStream},
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    fixtures::{ADD, TWICE, asserts_job, dataset, function_job, lines, stdin_job},
    processes::{command, descendants, finish, processes},
    support::{Place, can_run, json_lines},
};
use daemon::{Daemon, answer};

const WRONG_ADD: &str = "def add(a, b):\n    return a - b\n";
const SLEEPS: &str = "import time\ntime.sleep(1.5)\ndef add(a, b): return a + b\n";

fn mixed() -> Vec<Value> {
    vec![
        function_job("right", ADD),
        function_job("wrong", WRONG_ADD),
        function_job("raises", "def add(a, b):\n    return a / 0\n"),
        stdin_job("stdin", "print(sum(map(int, input().split())))\n"),
        asserts_job("asserts", ADD),
        function_job("no python", "def add(a, b:\n"),
        function_job("right again", ADD),
        json!({"id": "named", "dataset": "quickstart", "task_id": "quickstart/squeeze_runs", "completion": "    return text\n"}),
        json!({"dataset": "quickstart", "task_id": "quickstart/squeeze_runs", "response": "I do not know."}),
        json!({"id": "tests", "tests": ["assert add(1, 2) == 3"], "response": format!("So:\n```python\n{ADD}```")}),
        json!({"tests": [{"input": "1 2\n", "output": "3\n"}], "code": "print(4)"}),
    ]
}

/// What must be the same, however a job is judged.
fn essence(row: &Value) -> Value {
    json!([row["id"], row["verdict"], row["tests_run"], row["tests_total"], row["first_failure"]])
}

#[test]
fn tests_behind_a_failure_are_run_for_who_asks_how_many_pass() {
    if !can_run() {
        return;
    }
    let daemon = Daemon::start(&[]);
    let calls = json!({"fn_name": "f", "inputs": [[1], [2], [3], [4], [5]], "outputs": [2, 0, 0, 5, 6]});
    let stdin = json!([{"input": "1", "output": "2"}, {"input": "2", "output": "0"}, {"input": "3", "output": "4"}]);
    let jobs = json!([
        {"id": "calls", "tests": calls, "response": "```python\ndef f(x):\n    return x + 1\n```"},
        {"id": "leaves", "tests": calls, "code": "def f(x):\n    return x + 1 if x != 4 else exit()"},
        {"id": "loads not", "tests": calls, "code": "raise SystemExit"},
        {"id": "stdin", "tests": stdin, "code": "print(int(input()) + 1)"},
        {"id": "asserts", "tests": ["assert f(1) == 2", "assert f(1) == 0 or f(2) == 9", "assert f(1) == 2"], "code": "def f(x): return x + 1"},
        {"id": "nothing", "tests": stdin, "response": "I do not know."},
        function_job("job", ADD),
    ]);
    let rows = daemon.post("/v1/verify?tests_passed=true", &jobs).json();
    let found: Vec<(&str, u64, u64)> = rows
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| {
            let count = |key: &str| row[key].as_u64().unwrap_or(99);
            (row["id"].as_str().expect("a name"), count("tests_passed"), count("tests_run"))
        })
        .collect();
    let expected = [("calls", 3, 2), ("leaves", 2, 2), ("loads not", 0, 0), ("stdin", 2, 2), ("asserts", 1, 2)];
    assert_eq!(found[..5], expected, "{rows}");
    assert_eq!(rows[5]["verdict"], "no_code");
    assert_eq!(rows[6]["tests_passed"], rows[6]["tests_total"]);
    let rows = daemon.post("/v1/verify", &jobs).json();
    assert_eq!(rows[0].get("tests_passed"), None, "nobody asked");
    let flaky = "import ctypes, time\nodd = time.perf_counter_ns() // 100 % 2\ndef f(x):\n    return 0 if x == 3 and odd else x + 1\n";
    let calls = json!({"fn_name": "f", "inputs": [[1], [2], [3], [4]], "outputs": [2, 3, 4, 5]});
    let tries: Vec<Value> = (0..40).map(|n| json!({"tests": calls, "code": format!("n = {n}\n{flaky}")})).collect();
    let rows = daemon.post("/v1/verify?tests_passed=true", &Value::Array(tries)).json();
    for row in rows.as_array().expect("a list") {
        assert_eq!(
            row["tests_passed"] == row["tests_total"],
            row["verdict"] == "pass",
            "what has failed has failed: {row}"
        );
    }
}

#[test]
fn a_batch_gets_the_verdicts_of_the_command_in_its_order() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let mut verify = place.trialbox(&[&"verify", &"--jobs", &"-"]);
    verify.args(["--cache", "off"]);
    let finished = place.finish(verify, lines(&mixed()).as_bytes());
    let expected: Vec<Value> = json_lines(&finished.stdout).iter().map(essence).collect();
    assert_eq!(expected.len(), mixed().len());

    let daemon = Daemon::start(&[]);
    let answer = daemon.post("/v1/verify", &Value::Array(mixed()));
    assert_eq!(answer.status, 200, "{answer:?}");
    let rows = answer.json();
    let found: Vec<Value> = rows.as_array().expect("a list").iter().map(essence).collect();
    assert_eq!(found, expected);
    for (index, row) in rows.as_array().expect("a list").iter().enumerate() {
        assert_eq!(row["index"], index, "{row}");
        for time in ["queue_ms", "execution_ms", "transport_ms"] {
            assert!(row[time].as_f64().is_some_and(|time| (0.0..60_000.0).contains(&time)), "{row}");
        }
    }
    assert!(answer.header("server-timing").is_some_and(|times| times.starts_with("queue;dur=")), "{answer:?}");

    let one = daemon.post("/v1/verify", &mixed()[1]);
    assert_eq!((one.status, one.json()["verdict"].as_str()), (200, Some("wrong_answer")));
    assert_eq!(one.json()["cached"], true, "it was judged a moment ago");

    let headers = ["content-type: application/x-ndjson", "accept: application/x-ndjson"];
    let streamed = daemon.ask("POST", "/v1/verify", &headers, lines(&mixed()));
    let mut rows = json_lines(&streamed.body);
    rows.sort_by_key(|row| row["index"].as_u64());
    assert_eq!(rows.iter().map(essence).collect::<Vec<Value>>(), expected);
    assert_eq!(daemon.end().0, Some(0));
}

#[test]
fn answers_to_problems_of_a_dataset_are_judged_by_name() {
    if !can_run() {
        return;
    }
    let daemon = Daemon::start(&[]);
    let listed = daemon.get("/v1/datasets").json();
    assert_eq!(listed, json!([{"name": "quickstart", "problems": null}, {"name": "toy", "problems": null}]));
    let rows: Vec<Value> = json_lines(include_str!("../datasets/data/quickstart.jsonl"));
    let mut expected = Vec::new();
    let mut jobs = Vec::new();
    for row in &rows {
        for candidate in row["candidates"].as_array().expect("candidates") {
            expected.push(candidate["expect"].clone());
            let mut job = json!({"dataset": "quickstart", "task_id": row["task_id"]});
            for key in ["solution", "completion", "response"] {
                if candidate[key].is_string() {
                    job[key] = candidate[key].clone();
                }
            }
            jobs.push(job);
        }
    }
    let found = daemon.post("/v1/verify", &Value::Array(jobs));
    assert_eq!(found.status, 200, "{found:?}");
    let verdicts: Vec<Value> =
        found.json().as_array().expect("a list").iter().map(|row| row["verdict"].clone()).collect();
    assert_eq!(verdicts, expected);
    let listed = daemon.get("/v1/datasets").json();
    assert_eq!(listed, json!([{"name": "quickstart", "problems": rows.len()}, {"name": "toy", "problems": null}]));
}

#[test]
fn what_is_wrong_with_a_request_is_told_by_code_and_place() {
    if !can_run() {
        return;
    }
    let daemon = Daemon::start(&["--max-batch", "3", "--max-body", "100K", "--max-time-s", "20", "--max-memory", "1G"]);
    let job = |change: &dyn Fn(&mut Value)| {
        let mut job = function_job("j", ADD);
        change(&mut job);
        job.to_string()
    };
    let list = |job: String| format!("[{}, {job}]", function_job("first", ADD));
    let answer = |extra: &str| format!(r#"{{"dataset": "quickstart", "task_id": "quickstart/squeeze_runs", {extra}}}"#);
    let cases = [
        ("{", 400, "bad_body", "expected one JSON object"),
        ("", 400, "bad_body", "found nothing"),
        ("7", 422, "bad_job", "expected one JSON object, found int"),
        ("[1]", 422, "bad_job", "jobs[0]: expected one JSON object, found int"),
        ("[{}", 400, "bad_body", "the JSON list does not end"),
        (&job(&|job| job["candidat"] = json!("x")), 422, "bad_job", "unknown key candidat"),
        (&list(job(&|job| job["problem"]["input"] = json!([]))), 422, "bad_job", "jobs[1]: unknown key problem.input"),
        (&job(&|job| job["candidate_b64"] = json!("!")), 422, "bad_job", "cannot use candidate_b64"),
        (&job(&|job| job["limits"] = json!({"time_s": 21})), 422, "above_a_cap", "limits.time_s is at most 20"),
        (
            &list(job(&|job| job["limits"] = json!({"memory_mb": 1025}))),
            422,
            "above_a_cap",
            "jobs[1]: limits.memory_mb is at most 1024",
        ),
        (&job(&|job| job["limits"] = json!({"time": 2})), 422, "bad_job", "unknown key limits.time"),
        (
            r#"{"dataset": "humaneval++", "task_id": "a", "code": ""}"#,
            422,
            "unknown_dataset",
            "expected humaneval+, mbpp+",
        ),
        (
            r#"{"dataset": "humaneval+", "task_id": "a", "code": ""}"#,
            422,
            "unknown_dataset",
            "humaneval+ is not here, but quickstart, toy",
        ),
        (
            r#"{"dataset": "quickstart", "task_id": "a", "code": ""}"#,
            422,
            "unknown_task",
            "quickstart has no problem called \"a\"",
        ),
        (&answer(r#""code": "", "language": "cpp""#), 422, "not_judged_here", "only a problem on stdin"),
        (&answer(r#""text": """#), 422, "bad_job", "expected the key solution, code, completion or response"),
        (
            &format!("[{}]", [job(&|_| {}).as_str(); 4].join(",")),
            413,
            "batch_too_large",
            "at most 3 jobs (--max-batch)",
        ),
        (
            &job(&|job| job["candidate"] = json!("x".repeat(110_000))),
            413,
            "body_too_large",
            "at most 102400 bytes (--max-body)",
        ),
    ];
    for (body, status, code, message) in cases {
        let found = daemon.post_text("/v1/verify", body);
        assert_eq!(found.fault(), (status, code.to_owned()), "{body}: {found:?}");
        assert!(found.message().contains(message), "{body}: {found:?}");
    }
    let text = ["content-type: text/plain"];
    assert_eq!(daemon.ask("POST", "/v1/verify", &text, "{}").fault(), (415, "unsupported_media_type".to_owned()));
    assert_eq!(daemon.ask("POST", "/run_code", &text, "{}").fault(), (415, "unsupported_media_type".to_owned()));
    assert_eq!(daemon.get("/v1/nothing").fault(), (404, "not_found".to_owned()));
    assert_eq!(daemon.get("/v1/verify").fault(), (405, "method_not_allowed".to_owned()));
    assert_eq!(daemon.post_text("/v1/verify?semantic=real", "{}").fault(), (400, "bad_request".to_owned()));
    assert_eq!(daemon.metric(r#"trialbox_verdicts_total{verdict="pass"}"#), 0.0, "nothing was run");
}

#[test]
fn a_problem_whose_own_solution_fails_is_told_apart() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let broken = dataset().replace("    return a + b\\n", "    raise ValueError\\n");
    assert_ne!(broken, dataset());
    let file = place.write("tiny.jsonl", broken);
    let data = format!("humaneval+={}", file.display());
    let daemon = Daemon::start_in(place, &["--listen", "127.0.0.1:0", "--data", &data]);
    let ask = |task_id: &str, program: &str| json!({"dataset": "humaneval+", "task_id": task_id, "solution": program});
    let alone = daemon.post("/v1/verify", &ask("Tiny/0", ADD));
    assert_eq!(alone.fault(), (422, "bad_problem".to_owned()));
    let rows = daemon.post("/v1/verify", &json!([ask("Tiny/0", ADD), ask("Tiny/1", TWICE)])).json();
    assert_eq!((&rows[0]["error"]["code"], &rows[0]["verdict"]), (&json!("bad_problem"), &Value::Null), "{rows}");
    assert_eq!(rows[1]["verdict"], "pass", "others are not concerned: {rows}");
}

#[test]
fn a_request_of_a_gigabyte_is_refused_by_its_head() {
    if !can_run() {
        return;
    }
    let daemon = Daemon::start(&[]);
    let mut stream = daemon.connect();
    let head = "POST /v1/verify HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 1073741824\r\n\r\n";
    stream.write_all(head.as_bytes()).expect("sent");
    assert_eq!(answer(stream).fault(), (413, "body_too_large".to_owned()));
}

#[test]
fn only_who_shows_the_token_is_answered() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let file = place.write("token", "s3cret\n");
    let file = file.to_str().expect("UTF-8");
    let daemon = Daemon::start_in(place, &["--listen", "127.0.0.1:0", "--token-file", file]);
    for headers in [&[][..], &["authorization: Bearer s3cre"], &["authorization: Basic s3cret"]] {
        let found = daemon.ask("GET", "/v1/datasets", headers, "");
        assert_eq!(found.fault(), (401, "unauthorized".to_owned()));
        assert_eq!((found.message().as_str(), found.header("www-authenticate")), ("unauthorized", Some("Bearer")));
    }
    assert_eq!(daemon.ask("GET", "/v1/datasets", &["authorization: Bearer s3cret"], "").status, 200);
    assert_eq!(daemon.ask("GET", "/nothing", &[], "").status, 401, "what there is, is nobody's business");
    assert_eq!((daemon.get("/healthz").status, daemon.get("/readyz").status), (200, 200), "who probes has no token");
}

#[test]
fn an_address_that_others_can_reach_needs_a_token() {
    let finished = Place::new().run(&[&"serve", &"--listen", &"0.0.0.0:0"]);
    assert_eq!(finished.code, Some(2), "{}", finished.stderr);
    assert!(finished.stderr.contains("--token-file"), "{}", finished.stderr);
}

#[test]
fn a_socket_is_open_to_its_user_alone_and_is_taken_over_from_the_dead() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let path = place.path("daemon.socket");
    let name = path.to_str().expect("UTF-8").to_owned();
    // What a daemon leaves that was killed.
    drop(std::os::unix::net::UnixListener::bind(&path).expect("bound"));
    let daemon = Daemon::start_in(place, &["--unix", &name]);
    assert_eq!(daemon.url, format!("unix:{name}"));
    assert_eq!(std::fs::metadata(&path).expect("it is there").permissions().mode() & 0o777, 0o600);
    let mut stream = UnixStream::connect(&path).expect("it listens");
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").expect("sent");
    assert_eq!(answer(stream).status, 200);
    let second = daemon.place.trialbox(&[&"serve", &"--unix", &name]);
    let second = finish(second, b"");
    assert_eq!(second.code, Some(2), "{}", second.stderr);
    assert!(second.stderr.contains("somebody else listens there"), "{}", second.stderr);
    assert_eq!(daemon.end().0, Some(0));
    assert!(!path.exists(), "it goes with the daemon");
}

#[test]
fn a_page_whose_name_points_here_reads_nothing() {
    if !can_run() {
        return;
    }
    let daemon = Daemon::start(&[]);
    let ask = |host: &str| {
        let mut stream = daemon.connect();
        let head = format!("GET /v1/datasets HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).expect("sent");
        answer(stream)
    };
    assert_eq!(ask("evil.example:8077").fault(), (403, "foreign_host".to_owned()));
    assert_eq!(ask("localhost:8077").status, 200);
}

#[test]
fn a_daemon_ends_with_whoever_started_it() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let mut command = place.trialbox(&[&"serve", &"--listen", &"127.0.0.1:0", &"--while-stdin-is-open"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut url = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut url).expect("readable");
    assert!(url.starts_with("http://"), "{url}");
    assert_eq!(child.try_wait().expect("our own child"), None, "stdin is open");
    drop(child.stdin.take());
    let finished = child.wait_with_output().expect("our own child");
    assert_eq!(finished.status.code(), Some(0));
}

#[test]
fn who_is_told_to_end_answers_first() {
    if !can_run() {
        return;
    }
    let daemon = Daemon::start(&[]);
    let mut stream = daemon.connect();
    let body = function_job("slow", SLEEPS).to_string();
    let head = format!(
        "POST /v1/verify HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).expect("sent");
    daemon.wait_until("the job runs", |it| it.metric("trialbox_requests_in_flight") >= 2.0);
    let waiting = thread::spawn(move || answer(stream));
    let (code, said) = daemon.end();
    assert_eq!(code, Some(0), "{said}");
    let found = waiting.join().expect("read");
    assert_eq!((found.status, found.json()["verdict"].as_str()), (200, Some("pass")), "{found:?}");
}

#[test]
fn a_full_queue_refuses_for_now() {
    if !can_run() {
        return;
    }
    let daemon = Daemon::start(&["--workers", "1", "--max-queue", "2", "--dedupe", "off"]);
    let job = |number: usize| function_job(&format!("{number}"), SLEEPS);
    let body = json!([job(0), job(1), job(2)]);
    let too_many = daemon.post("/v1/verify", &body);
    assert_eq!(too_many.fault(), (413, "batch_too_large".to_owned()), "it never fits");
    thread::scope(|scope| {
        let first = scope.spawn(|| daemon.post("/v1/verify", &job(0)));
        daemon.wait_until("a worker has it", |it| {
            it.metric("trialbox_requests_in_flight") >= 2.0 && it.metric("trialbox_queue_depth") == 0.0
        });
        let second = scope.spawn(|| daemon.post("/v1/verify", &json!([job(1), job(2)])));
        daemon.wait_until("the queue is full", |it| it.metric("trialbox_queue_depth") == 2.0);
        let refused = daemon.post("/v1/verify", &job(3));
        assert_eq!(refused.fault(), (429, "queue_full".to_owned()));
        assert_eq!(refused.header("retry-after"), Some("1"));
        assert_eq!((first.join().expect("asked").status, second.join().expect("asked").status), (200, 200));
    });
}

#[test]
fn nobody_works_for_a_client_that_has_gone() {
    if !can_run() {
        return;
    }
    let daemon = Daemon::start(&["--workers", "1", "--dedupe", "off"]);
    let jobs: Vec<Value> = (0..40).map(|number| function_job(&format!("{number}"), SLEEPS)).collect();
    let body = Value::Array(jobs).to_string();
    let mut stream = daemon.connect();
    let head = format!(
        "POST /v1/verify HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).expect("sent");
    daemon.wait_until("the jobs wait", |it| it.metric("trialbox_queue_depth") > 30.0);
    drop(stream);
    let begun = Instant::now();
    assert_eq!(daemon.post("/v1/verify", &function_job("next", ADD)).json()["verdict"], "pass");
    assert!(begun.elapsed() < Duration::from_secs(20), "forty programs that sleep would take a minute");
    assert_eq!(daemon.metric("trialbox_queue_depth"), 0.0);
}

#[test]
fn a_worker_that_is_killed_is_replaced_and_nobody_notices() {
    if !can_run() {
        return;
    }
    let daemon = Daemon::start(&["--workers", "1", "--dedupe", "off"]);
    assert_eq!(daemon.post("/v1/verify", &function_job("first", ADD)).json()["verdict"], "pass");
    for victim in descendants(&processes(), daemon.process()) {
        let mut kill = command("kill");
        kill.args(["-KILL", &victim.to_string()]);
        finish(kill, b"");
    }
    assert_eq!(daemon.post("/v1/verify", &function_job("second", ADD)).json()["verdict"], "pass");
    assert_eq!(daemon.get("/healthz").status, 200);
    assert!(daemon.metric("trialbox_worker_restarts_total") >= 1.0);
}

#[test]
fn quiet_and_slow_clients_are_no_burden() {
    if !can_run() {
        return;
    }
    let daemon = Daemon::start(&[]);
    let quiet: Vec<_> = (0..500).map(|_| daemon.connect()).collect();
    let mut slow: Vec<_> = (0..20).map(|_| daemon.connect()).collect();
    for byte in b"POST /v1/verify HTTP/1.1\r\n".chunks(1) {
        slow.iter_mut().for_each(|stream| stream.write_all(byte).expect("sent"));
    }
    let begun = Instant::now();
    assert_eq!(daemon.get("/healthz").status, 200);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    drop((quiet, slow));
    let mut odd = daemon.connect();
    odd.write_all(b"\x16\x03\x01\x02\x00\x01\x00").expect("sent");
    let mut rest = Vec::new();
    let _ = odd.read_to_end(&mut rest);
    assert_eq!(daemon.get("/readyz").status, 200, "whoever speaks no HTTP harms nobody");
    assert_eq!(daemon.end().0, Some(0));
}

#[test]
fn the_description_in_docs_is_that_of_the_daemon() {
    let finished = Place::new().run(&[&"serve", &"--openapi"]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let kept = include_str!("../docs/openapi.json");
    assert!(finished.stdout == kept, "docs/openapi.json is out of date: trialbox serve --openapi > docs/openapi.json");
}
