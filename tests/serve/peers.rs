//! The endpoints of other systems, as their clients use them: Piston, open-r1, OpenRLHF, slime, open-instruct, NeMo-Skills,
//! and SandboxFusion's datasets.
//! Not here: SandboxFusion's `/run_code` (`sandbox_fusion`), the clients themselves (`python/tests`).

use std::{
    fs::File,
    io::{BufRead, BufReader, Write},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, read::MultiGzDecoder, write::ZlibEncoder};
use serde_json::{Value, json};

use super::daemon::Daemon;
use crate::{
    fixtures::ADD,
    support::{can_run, shared, shared_path},
};

/// The answer, which must be a good one.
fn asked(daemon: &Daemon, path: &str, body: &Value) -> Value {
    let found = daemon.post(path, body);
    assert_eq!(found.status, 200, "{path} {body} {found:?}");
    found.json()
}

fn fenced(code: &str) -> String {
    format!("Here it is:\n```python\n{code}```\n")
}

fn add_label() -> Value {
    json!({"tests": ["assert add(1, 2) == 3", "assert add(0, 0) == 0"]})
}

#[test]
fn piston_runs_a_program_with_the_files_beside_it() {
    if !can_run() {
        return;
    }
    let daemon = Daemon::start(&[]);
    let ran = asked(
        &daemon,
        "/api/v2/execute",
        &json!({
            "language": "py", "version": "3.x", "stdin": "7",
            "files": [
                {"name": "main.py", "content": "import helper, sys\nprint(helper.twice(int(input())))\nprint('e', file=sys.stderr)"},
                {"name": "helper.py", "content": "ZGVmIHR3aWNlKHgpOgogICAgcmV0dXJuIDIgKiB4Cg==", "encoding": "base64"}
            ]
        }),
    );
    let run = &ran["run"];
    assert_eq!((&ran["language"], &ran["compile"]), (&json!("python"), &Value::Null), "{ran}");
    assert_eq!((&run["stdout"], &run["stderr"], &run["output"]), (&json!("14\n"), &json!("e\n"), &json!("14\ne\n")));
    assert_eq!(
        (&run["code"], &run["signal"], &run["status"], &run["message"]),
        (&json!(0), &Value::Null, &Value::Null, &Value::Null)
    );
    assert!(run["memory"].as_u64().is_some_and(|bytes| bytes > 1 << 20), "{run}");
    let run = |code: &str, more: Value| {
        let mut body = json!({"language": "python", "version": "*", "files": [{"content": code}]});
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        asked(&daemon, "/api/v2/execute", &body)["run"].clone()
    };
    let late = run("while True: pass", json!({"run_timeout": 300}));
    assert_eq!(
        (&late["status"], &late["signal"], &late["code"]),
        (&json!("TO"), &json!("SIGKILL"), &Value::Null),
        "{late}"
    );
    let failed = run("1 / 0", json!({}));
    assert_eq!((&failed["status"], &failed["code"]), (&json!("RE"), &json!(1)), "{failed}");
    let crashed = run("import ctypes\nctypes.string_at(0)", json!({}));
    assert_eq!((&crashed["status"], &crashed["signal"]), (&json!("SG"), &json!("SIGSEGV")), "{crashed}");
    let talks = run("while True: print('x' * 65536)", json!({}));
    assert_eq!((&talks["status"], &talks["signal"]), (&json!("OL"), &json!("SIGKILL")), "{}", talks["message"]);
    let runtimes = daemon.get("/api/v2/runtimes").json();
    assert_eq!(runtimes[0]["language"], "python", "{runtimes}");
}

#[test]
fn pistons_faults_have_its_status_and_its_message() {
    if !can_run() {
        return;
    }
    let daemon = Daemon::start(&["--max-time-s", "20"]);
    let good = json!({"language": "python", "version": "*", "files": [{"content": ""}]});
    for (change, code) in [
        (json!({"language": "cobol"}), "not_judged_here"),
        (json!({"version": "2.7"}), "not_judged_here"),
        (json!({"run_timeout": 30_000}), "above_a_cap"),
        (json!({"files": []}), "bad_job"),
        (json!({"files": [{"content": ""}, {"name": "../up", "content": ""}]}), "bad_job"),
        (json!({"files": [{"content": "x", "encoding": "hex"}]}), "bad_job"),
        (json!({"files": [{"content": ""}, {"name": "a", "content": "1"}, {"name": "a", "content": "2"}]}), "bad_job"),
        (json!({"files": 7}), "bad_job"),
    ] {
        let mut body = good.clone();
        body.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        let found = daemon.post("/api/v2/execute", &body);
        assert_eq!(found.fault(), (400, code.to_owned()), "{body}");
        assert_eq!(found.json()["message"], found.json()["error"]["message"]);
    }
    let found = daemon.ask("POST", "/api/v2/execute", &["content-type: text/plain"], good.to_string());
    assert_eq!(found.fault(), (415, "unsupported_media_type".to_owned()));
}

/// The script that open-r1 makes of a program and its tests.
fn open_r1_script(code: &str, tests: &Value) -> String {
    let (code, tests) = (Value::from(code).to_string(), Value::from(tests.to_string()).to_string());
    format!(
        "\n    import subprocess\n    import json\n\n    def evaluate_code(code, test_cases):\n        passed = 0\n\
         \x20       for case in test_cases:\n            process = subprocess.run([\"python3\", \"-c\", code], input=case[\"input\"])\n\
         \x20       return passed / len(test_cases)\n\n    code_snippet = {code}\n    test_cases = json.loads({tests})\n\n\
         \x20   evaluate_code(code_snippet, test_cases)\n    "
    )
}

#[test]
fn open_r1_is_told_the_share_of_tests_that_pass() {
    if !can_run() {
        return;
    }
    let daemon = Daemon::start(&[]);
    let tests = json!([{"input": "1", "output": "2"}, {"input": "2", "output": "3"}, {"input": "5", "output": "7"}]);
    // open-r1's own script would let the second one pass: it compares as many lines as the shorter output has.
    let scripts = [
        open_r1_script("print(int(input()) + 1)", &tests),
        open_r1_script("print()", &tests),
        open_r1_script("raise SystemExit(1)", &tests),
        "print('a')\nprint(6 * 7)".to_owned(),
        "1 / 0".to_owned(),
    ];
    let mut body = json!({"scripts": scripts, "languages": vec!["python"; 5], "timeout": 30, "request_timeout": 28});
    let found = asked(&daemon, "/execute_batch", &body);
    let texts: Vec<&Value> = (0..5).map(|index| &found[index]["text"]).collect();
    assert_eq!(
        texts,
        [&json!("0.6666666666666666"), &json!("0.0"), &json!("0.0"), &json!("42"), &Value::Null],
        "{found}"
    );
    let main = &found[0]["execution"]["results"][0];
    assert_eq!((&main["text"], &main["is_main_result"]), (&json!("0.6666666666666666"), &json!(true)));
    assert_eq!(found[3]["execution"]["logs"]["stdout"], json!(["a\n42\n"]));
    assert!(
        found[4]["execution"]["error"]["traceback"].as_str().is_some_and(|said| said.contains("ZeroDivisionError"))
    );
    body["languages"][0] = json!("javascript");
    let found = asked(&daemon, "/execute_batch", &body);
    assert_eq!((&found[0]["execution"], &found[0]["text"]), (&Value::Null, &Value::Null));
    assert!(found[0]["exception_str"].as_str().is_some_and(|said| said.contains("javascript")), "{found}");
    assert_eq!(found[3]["text"], "42", "others are not concerned");
}

#[test]
fn openrlhf_and_slime_get_rewards_as_the_user_shapes_them() {
    if !can_run() {
        return;
    }
    let daemon = Daemon::start(&[]);
    let (right, half) = (fenced(ADD), fenced("def add(a, b):\n    return a or b\n"));
    let prompt = "Add. ```python\nraise SystemExit\n```";
    let queries = json!([format!("{prompt}{right}"), format!("{prompt}{half}"), format!("{prompt}I cannot.")]);
    let label = add_label();
    let body =
        json!({"query": queries, "prompts": [prompt, prompt, prompt], "labels": [label, label.to_string(), label]});
    let found = asked(&daemon, "/get_reward", &body);
    assert_eq!((&found["rewards"], &found["scores"]), (&json!([1.0, 0.0, 0.0]), &json!([1.0, 0.0, 0.0])), "{found}");
    assert_eq!(found["extra_logs"]["no_code"], json!([0.0, 0.0, 1.0]));
    let shares = asked(&daemon, "/get_reward?reward=fraction", &body);
    assert_eq!((&shares["rewards"], &shares["scores"]), (&json!([1.0, 0.5, 0.0]), &json!([1.0, 0.0, 0.0])), "{shares}");

    let one = |response: &str, path: &str| {
        asked(&daemon, path, &json!({"prompt": prompt, "response": response, "label": label.to_string()}))
    };
    assert_eq!(one(&right, "/remote_rm"), json!(1.0));
    let thought = |answer: &str| format!("<think>hm</think>\n<answer>{answer}</answer>");
    assert_eq!(one(&thought(&right), "/remote_rm?reward=code_r1"), json!(1.1));
    assert_eq!(one(&thought(&half), "/remote_rm?reward=code_r1"), json!(0.1));
    assert_eq!(one(&right, "/remote_rm?reward=code_r1"), json!(-1.1));
    assert_eq!(one(&thought("none"), "/remote_rm?reward=code_r1"), json!(-1.1));
}

#[test]
fn a_label_that_says_nothing_is_refused_by_its_place() {
    if !can_run() {
        return;
    }
    let daemon = Daemon::start(&[]);
    let label = add_label();
    let body = |bad: Value| json!({"query": ["a", "b"], "prompts": ["", ""], "labels": [label, bad]});
    for (bad, code) in [
        (json!("four"), "bad_job"),
        (json!(null), "bad_job"),
        (json!({"tests": []}), "bad_job"),
        (json!({"dataset": "quickstart", "task_id": "none"}), "unknown_task"),
    ] {
        let found = daemon.post("/get_reward", &body(bad));
        assert_eq!(found.fault(), (422, code.to_owned()), "{found:?}");
        assert!(found.message().starts_with("labels[1]: "), "{found:?}");
    }
    let found = daemon.post("/get_reward", &json!({"query": ["a"], "prompts": [], "labels": [label]}));
    assert_eq!(found.fault(), (422, "bad_job".to_owned()));
    let found = daemon.post("/remote_rm?reward=best", &json!({"response": "", "label": label}));
    assert_eq!(found.fault(), (400, "bad_request".to_owned()));
}

#[test]
fn open_instruct_is_told_of_each_test() {
    if !can_run() {
        return;
    }
    let daemon = Daemon::start(&[]);
    let program = "import os\ndef f(x):\n    while x == 9: pass\n    return x + 1\n";
    let tests = json!([
        "assert f(1) == 2",
        "assert f(1) == 3",
        "for i in range(3):\n    assert f(i) == i + 1",
        "assert f(9) == 0",
        "assert f(2) == 3"
    ]);
    let found =
        asked(&daemon, "/test_program", &json!({"program": program, "tests": tests, "max_execution_time": 0.6}));
    assert_eq!(found["results"], json!([1, 0, 1, 0, 1]), "{found}");
    let runtimes: Vec<f64> = (0..5).map(|at| found["runtimes"][at].as_f64().expect("a number")).collect();
    assert!(runtimes[0] > 0.0 && runtimes[4] < 0.5, "{found}");
    assert_eq!((runtimes[1], runtimes[3]), (-1.0, -1.0));

    let tests = json!([{"input": "1", "output": "2"}, {"input": "2", "output": "4"}]);
    let body = json!({"program": "print(int(input()) + 1)", "tests": tests.to_string()});
    assert_eq!(asked(&daemon, "/test_program_stdio", &body)["results"], json!([1, 0]));
    assert_eq!(daemon.get("/health").json(), json!({"status": "ok"}));
    let found = daemon.post("/test_program", &json!({"program": "", "tests": [tests[0], "x = 1"]}));
    assert_eq!(found.fault(), (422, "bad_job".to_owned()));
    let lacking = json!({"program": "def f(x): return 1", "tests": ["import nosuchmodule\nassert f(1) == 1"]});
    assert_eq!(
        daemon.post("/test_program", &lacking).fault(),
        (422, "bad_problem".to_owned()),
        "to ask again would not help"
    );
    // 200,000 lists, one in the other, pickled and packed into 500 characters.
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    let pickle = [b"\x80\x04".as_slice(), &b"]".repeat(200_000), &b"a".repeat(199_999), b"."].concat();
    packed.write_all(&pickle).expect("packed");
    let bomb = STANDARD.encode(packed.finish().expect("packed"));
    assert_eq!(
        daemon.post("/test_program", &json!({"program": "", "tests": bomb})).fault(),
        (422, "bad_job".to_owned())
    );
    let long = json!({"program": "#".repeat(2 << 20), "tests": ["assert f(1) == 2"]});
    assert_eq!(daemon.post("/test_program", &long).fault(), (422, "above_a_cap".to_owned()));
}

#[test]
fn nemo_skills_runs_what_needs_no_session() {
    if !can_run() {
        return;
    }
    let daemon = Daemon::start(&[]);
    let run = |code: &str, more: Value| {
        let mut body = json!({"generated_code": code, "std_input": "7", "timeout": 1.0, "language": "python3"});
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        daemon.post("/execute", &body)
    };
    let found = run("print(input())", json!({})).json();
    assert_eq!(found, json!({"process_status": "completed", "stdout": "7\n", "stderr": ""}));
    let found = run("1 / 0", json!({})).json();
    assert_eq!(found["process_status"], "completed");
    assert!(found["stderr"].as_str().is_some_and(|said| said.contains("ZeroDivisionError")), "{found}");
    let found = run("while True: pass", json!({"timeout": 0.5})).json();
    assert_eq!(
        found,
        json!({"process_status": "timeout", "stdout": "", "stderr": "Execution timed out after 0.5 seconds\n"})
    );
    let found = run("print('ä' * 2000)", json!({"max_output_characters": 3})).json();
    assert_eq!(found["stdout"], "äää<output cut>");
    assert_eq!(run("1", json!({"language": "ipython"})).fault(), (422, "not_judged_here".to_owned()));
}

#[test]
fn sandbox_fusions_datasets_are_ours() {
    if !can_run() {
        return;
    }
    let daemon = Daemon::start(&[]);
    let names = daemon.get("/list_datasets").json();
    assert!(names.as_array().is_some_and(|names| names.contains(&json!("quickstart"))), "{names}");
    let ids = asked(&daemon, "/list_ids", &json!({"dataset": "quickstart", "config": {}}));
    let prompts = asked(&daemon, "/get_prompts", &json!({"dataset": "quickstart", "offset": 2, "limit": 3}));
    assert_eq!(prompts.as_array().map(Vec::len), Some(3));
    assert_eq!(prompts[0]["id"], ids[2]);
    let squeeze = json!({"dataset": "quickstart", "id": "quickstart/squeeze_runs"});
    let prompt = asked(&daemon, "/get_prompt_by_id", &squeeze);
    assert!(prompt["prompt"].as_str().is_some_and(|text| text.contains("def squeeze_runs")), "{prompt}");
    let submit = |completion: &str| {
        let mut body = squeeze.clone();
        (body["completion"], body["config"]) = (json!(completion), json!({"run_timeout": 20, "language": "python"}));
        asked(&daemon, "/submit", &body)
    };
    let code = "def squeeze_runs(*arguments):\n    return None\n";
    let wrong = submit(&fenced(code));
    assert_eq!((&wrong["accepted"], &wrong["extracted_type"]), (&json!(false), &json!("fenced")), "{wrong}");
    assert_eq!((&wrong["extracted_code"], &wrong["tests"][0]["passed"]), (&json!(code), &json!(false)));
    assert_eq!(wrong["extra"]["judgement"]["verdict"], "wrong_answer");
    assert_eq!(submit("I do not know.")["accepted"], false);
    assert_eq!(daemon.post("/list_ids", &json!({"dataset": "apps"})).fault(), (422, "unknown_dataset".to_owned()));
}

#[test]
fn sandbox_fusions_rows_may_come_along() {
    if !can_run() {
        return;
    }
    let daemon = Daemon::start(&[]);
    let mbpp = json!({"id": 11, "content": "Write add.", "labels": {"test_setup_code": "one = 1"}, "test": ["assert add(one, 2) == 3"]});
    let humaneval = json!({
        "id": "0", "content": "def add(a, b):\n", "canonical_solution": "    return a + b\n", "labels": {"entry_point": "add"},
        "test": "def check(candidate):\n    assert candidate(1, 2) == 3\n"
    });
    let prompts =
        asked(&daemon, "/get_prompts", &json!({"dataset": "any", "config": {"provided_data": [mbpp, humaneval]}}));
    assert_eq!((&prompts[0]["id"], &prompts[1]["prompt"]), (&json!("11"), &json!("def add(a, b):\n")), "{prompts}");
    let submit = |row: &Value, completion: &str| {
        let config = json!({"dataset_type": "any", "provided_data": row, "run_timeout": 20});
        asked(&daemon, "/submit", &json!({"dataset": "any", "id": "mine", "completion": completion, "config": config}))
    };
    for row in [&mbpp, &humaneval] {
        let right = submit(row, &fenced(ADD));
        assert_eq!((&right["accepted"], &right["id"]), (&json!(true), &json!("mine")), "{right}");
        let wrong = submit(row, &fenced("def add(a, b):\n    return 4\n"));
        assert_eq!((&wrong["accepted"], &wrong["tests"][0]["passed"]), (&json!(false), &json!(false)), "{wrong}");
    }
    assert_eq!(submit(&humaneval, "    return a + b\n")["accepted"], true);
    for (provided, place) in [(json!({"id": 1}), "config.provided_data[0]: "), (json!([]), "config.provided_data: ")] {
        let config = json!({"provided_data": provided});
        let found = daemon.post("/submit", &json!({"dataset": "any", "id": "", "completion": "", "config": config}));
        assert_eq!(found.fault(), (422, "bad_job".to_owned()));
        assert!(found.message().starts_with(place), "{found:?}");
    }
}

#[test]
fn sandbox_fusions_own_verdicts_are_met_on_rows_that_come_along() {
    let folder = "data/lcb/sandboxfusion";
    let Some(known) = shared(&format!("{folder}/live_code_bench_v1_known_verdicts.json")).filter(|_| can_run()) else {
        return;
    };
    let known: Value = serde_json::from_reader(File::open(known).expect("opened")).expect("JSON");
    let rows = shared_path(&format!("{folder}/code_eval_live_code_bench_v1.jsonl.gz"));
    let rows = BufReader::new(MultiGzDecoder::new(File::open(rows).expect("opened"))).lines();
    let rows: Vec<Value> = rows.map(|row| serde_json::from_str(&row.expect("readable")).expect("JSON")).collect();
    let daemon = Daemon::start(&[]);
    for (key, accepted) in [("PASSED_CODE", true), ("FAILED_CODE", false)] {
        for (id, completion) in known["IDS"].as_array().expect("ids").iter().zip(known[key].as_array().expect("texts"))
        {
            let row = rows.iter().find(|row| row["id"] == *id).expect("a row for each");
            let config = json!({"dataset_type": "LiveCodeBenchDataset", "provided_data": row});
            let body = json!({"dataset": "live_code_bench_v1", "id": id, "completion": completion, "config": config});
            assert_eq!(asked(&daemon, "/submit", &body)["accepted"], accepted, "{key} {id}");
        }
    }
}
