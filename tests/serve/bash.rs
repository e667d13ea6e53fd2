//! Bash scripts sent to the daemon: `/run_code` and the others that run programs.
//! Not here: what a script can reach and what stops it (`trialbox-runner`, native::shell).

use serde_json::{Value, json};

use super::daemon::Daemon;
use crate::support::{can_run, skip};

/// A daemon that runs bash; where none can, that is said.
fn daemon() -> Option<Daemon> {
    if !can_run() {
        return None;
    }
    let daemon = Daemon::start(&[]);
    let found = daemon.post("/run_code", &json!({"code": "true", "language": "bash"}));
    if found.status == 422 {
        let why = found.json()["error"]["message"].to_string();
        let is_missing = ["this host grants none", "there is no /bin/bash", "no static C library"];
        assert!(is_missing.iter().any(|what| why.contains(what)), "{why}");
        skip(&why);
        return None;
    }
    assert_eq!(found.status, 200, "{found:?}");
    Some(daemon)
}

fn run(daemon: &Daemon, more: Value) -> Value {
    let mut body = json!({"language": "bash", "run_timeout": 5});
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let found = daemon.post("/run_code", &body);
    assert_eq!(found.status, 200, "{body} {found:?}");
    found.json()
}

#[test]
fn a_script_is_run_with_all_that_it_starts() {
    let Some(daemon) = daemon() else { return };
    let found =
        run(&daemon, json!({"code": "read n; seq $n | awk '{ s += $1 } END { print s }'; echo no >&2", "stdin": "4"}));
    let result = &found["run_result"];
    assert_eq!((&found["status"], &result["return_code"]), (&json!("Success"), &json!(0)), "{found}");
    assert_eq!((&result["stdout"], &result["stderr"]), (&json!("10\n"), &json!("no\n")));
    let found = run(&daemon, json!({"code": "exit 3"}));
    assert_eq!((&found["status"], &found["run_result"]["return_code"]), (&json!("Failed"), &json!(3)), "{found}");
    let files = json!({"in.txt": "NQ=="});
    let asked = json!({"code": "cp in.txt out.txt", "files": files, "fetch_files": ["out.txt", "none.txt"]});
    assert_eq!(run(&daemon, asked)["files"], json!({"out.txt": "NQ=="}));
}

#[test]
fn a_script_that_goes_on_is_stopped() {
    let Some(daemon) = daemon() else { return };
    for code in ["while :; do :; done", "sleep 100", "(while :; do :; done) & sleep 100"] {
        let found = run(&daemon, json!({"code": code, "run_timeout": 0.5}));
        assert_eq!(found["run_result"]["status"], "TimeLimitExceeded", "{found}");
    }
    let code = "python3 -c 'x = b\"x\" * 300_000_000'; echo went on";
    let found = run(&daemon, json!({"code": code, "memory_limit_MB": 100}));
    let said = found["run_result"]["stderr"].as_str().expect("text");
    assert!(said.ends_with("trialbox: the program used more than 100 MiB of memory\n"), "{found}");
}

#[test]
fn a_scripts_own_name_is_taken() {
    let Some(daemon) = daemon() else { return };
    for path in ["main.sh", "main.sh/x"] {
        let body = json!({"code": "", "language": "bash", "files": {path: ""}});
        assert_eq!(daemon.post("/run_code", &body).fault(), (422, "bad_job".to_owned()));
    }
    let body = json!({"code": format!("exit 0\n#{}", "x".repeat(17 << 20)), "language": "bash"});
    assert_eq!(daemon.post("/run_code", &body).fault(), (422, "above_a_cap".to_owned()));
}

#[test]
fn piston_and_nemo_skills_have_it_too() {
    let Some(daemon) = daemon() else { return };
    let body =
        json!({"language": "bash", "version": "*", "files": [{"content": "echo $((6 * $(cat)))"}], "stdin": "7"});
    let found = daemon.post("/api/v2/execute", &body).json();
    assert_eq!((&found["language"], &found["run"]["stdout"]), (&json!("bash"), &json!("42\n")), "{found}");
    let runtimes = daemon.get("/api/v2/runtimes").json();
    let bash = runtimes.as_array().and_then(|all| all.iter().find(|it| it["language"] == "bash")).expect("bash");
    assert!(
        bash["version"].as_str().is_some_and(|version| version.starts_with(|it: char| it.is_ascii_digit())),
        "{bash}"
    );
    let body = json!({"generated_code": "cat | tr a b", "std_input": "a", "timeout": 5.0, "language": "shell"});
    let found = daemon.post("/execute", &body).json();
    assert_eq!(found, json!({"process_status": "completed", "stdout": "b", "stderr": ""}));
}
