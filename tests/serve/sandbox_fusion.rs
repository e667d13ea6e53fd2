//! `/run_code` as SandboxFusion's clients see it, in the shape that was captured from the original.
//! Not here: the daemon's own requests (`serve`).

use serde_json::{Value, json};

use super::daemon::Daemon;
use crate::support::can_run;

fn python(code: &str) -> Value {
    json!({"code": code, "language": "python"})
}

/// The names of an object's fields, in order of the alphabet.
fn names(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn what_verl_sends_is_answered_as_sandbox_fusion_does() {
    if !can_run() {
        return;
    }
    let daemon = Daemon::start(&[]);
    let asked = json!({
        "compile_timeout": 5, "run_timeout": 5, "code": "\nprint(sum(map(int,input().split())))\n\n\n",
        "stdin": "1 2\n", "memory_limit_MB": 1024, "language": "python", "files": {}, "fetch_files": []
    });
    let found = daemon.post("/run_code", &asked);
    assert_eq!(found.status, 200, "{found:?}");
    let found = found.json();
    let all = ["compile_result", "executor_pod_name", "files", "message", "run_result", "status"];
    assert_eq!(names(&found), all);
    assert_eq!((&found["status"], &found["message"], &found["files"]), (&json!("Success"), &json!(""), &json!({})));
    assert_eq!((&found["compile_result"], &found["executor_pod_name"]), (&Value::Null, &Value::Null));
    let run = &found["run_result"];
    assert_eq!(names(run), ["execution_time", "return_code", "status", "stderr", "stdout"]);
    assert_eq!((&run["status"], &run["return_code"]), (&json!("Finished"), &json!(0)));
    assert_eq!((&run["stdout"], &run["stderr"]), (&json!("3\n"), &json!("")));
    assert!(run["execution_time"].as_f64().is_some_and(|seconds| (0.0..60.0).contains(&seconds)), "{run}");
}

#[test]
fn how_a_program_ends_is_told_in_its_words() {
    if !can_run() {
        return;
    }
    let daemon = Daemon::start(&[]);
    let run = |asked: Value| {
        let found = daemon.post("/run_code", &asked);
        assert_eq!(found.status, 200, "{found:?}");
        let found = found.json();
        (found["status"].as_str().expect("a status").to_owned(), found["run_result"].clone())
    };
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let failed = || "Failed".to_owned();

    let (status, said) = run(python("import sys\nprint('out')\nprint('err', file=sys.stderr)\n1 / 0\n"));
    assert_eq!((status, &said["return_code"], text(&said["stdout"])), (failed(), &json!(1), "out\n".to_owned()));
    let errors = text(&said["stderr"]);
    assert!(errors.starts_with("err\nTraceback (most recent call last):\n"), "{errors}");
    assert!(errors.ends_with("ZeroDivisionError: division by zero\n"), "{errors}");

    let (status, said) = run(python("def f(:\n"));
    assert_eq!((status, &said["return_code"]), (failed(), &json!(1)));
    assert!(text(&said["stderr"]).contains("SyntaxError"), "{said}");

    let (status, said) = run(python("import sys; sys.exit(3)\n"));
    assert_eq!((status, &said["return_code"]), (failed(), &json!(3)));
    let (status, said) = run(python("import sys; sys.exit(f'no such {1}')\n"));
    assert_eq!((status, &said["return_code"], text(&said["stderr"])), (failed(), &json!(1), "no such 1\n".to_owned()));

    let (status, said) = run(python("import ctypes\nctypes.string_at(0)\n"));
    assert_eq!((status, &said["status"], &said["return_code"]), (failed(), &json!("Finished"), &json!(-11)));

    let begins = "import sys\nprint('begun', flush=True)\nprint('warned', file=sys.stderr)\n";
    let mut endless = python(&format!("{begins}while True: pass\n"));
    endless["run_timeout"] = json!(0.5);
    let (status, said) = run(endless);
    assert_eq!((status, &said["status"], &said["return_code"]), (failed(), &json!("TimeLimitExceeded"), &Value::Null));
    assert_eq!((&said["stdout"], &said["stderr"]), (&json!("begun\n"), &json!("warned\n")));

    let mut greedy = python("a = bytearray(400 << 20)\nprint(len(a))\n");
    greedy["memory_limit_MB"] = json!(100);
    let (status, said) = run(greedy);
    assert_eq!(status, "Failed", "{said}");
    assert_ne!(said["return_code"], 0);

    assert_eq!(run(python("print('next')")).1["stderr"], "", "nobody sees the errors of another");
}

#[test]
fn a_source_that_does_not_compile_is_not_run() {
    if !can_run() {
        return;
    }
    let daemon = Daemon::start(&[]);
    let asked = |code: &str| json!({"code": code, "language": "cpp", "stdin": "20 22"});
    let right = daemon.post("/run_code", &asked("#include <iostream>\nint main(){int a,b;std::cin>>a>>b;std::cerr<<\"e\";std::cout<<a+b;return a+b==42?0:1;}"));
    if right.status == 422 && right.message().contains("C++ cannot be judged here") {
        return crate::support::skip(&format!("C++ cannot be judged here: {}", right.message()));
    }
    let right = right.json();
    assert_eq!((&right["status"], &right["compile_result"]["return_code"]), (&json!("Success"), &json!(0)), "{right}");
    assert_eq!((&right["run_result"]["stdout"], &right["run_result"]["stderr"]), (&json!("42"), &json!("e")));
    let wrong = daemon.post("/run_code", &asked("int main() { return x; }")).json();
    assert_eq!((&wrong["status"], &wrong["run_result"]), (&json!("Failed"), &Value::Null), "{wrong}");
    assert_eq!(wrong["compile_result"]["return_code"], 1);
    assert!(
        wrong["compile_result"]["stderr"].as_str().is_some_and(|said| said.contains("'x' was not declared")),
        "{wrong}"
    );
}

#[test]
fn files_are_there_for_one_program_and_come_back() {
    if !can_run() {
        return;
    }
    let daemon = Daemon::start(&[]);
    let code = "import helper, os\nprint(helper.read())\nopen('data/in.txt', 'a').write('!')\n\
                open('out.txt', 'w').write('out')\nos.symlink('/etc/passwd', 'link')\n";
    let mut asked = python(code);
    asked["files"] = json!({
        "data/in.txt": "aGVsbG8=", "helper.py": "ZGVmIHJlYWQoKToKICAgIHJldHVybiBvcGVuKCdkYXRhL2luLnR4dCcpLnJlYWQoKQo=", "none": null
    });
    asked["fetch_files"] = json!(["out.txt", "data/in.txt", "link", "data", "nothing"]);
    let found = daemon.post("/run_code", &asked).json();
    assert_eq!((&found["status"], &found["run_result"]["stdout"]), (&json!("Success"), &json!("hello\n")), "{found}");
    assert_eq!(found["files"], json!({"data/in.txt": "aGVsbG8h", "out.txt": "b3V0"}));
    let found = daemon.post("/run_code", &python("import os\nprint(os.listdir())")).json();
    assert_eq!(found["run_result"]["stdout"], "[]\n", "the next one finds none of them");
    for (files, code) in [
        (json!({"../up": ""}), "bad_job"),
        (json!({"/etc/x": ""}), "bad_job"),
        (json!({"a": "", "a/b": ""}), "bad_job"),
        (Value::Object((0..300).map(|n| (format!("{n}/{n}/c/d/e/f"), json!(""))).collect()), "above_a_cap"),
        (json!({"a": "not base64"}), "bad_job"),
        (json!({"a": "A".repeat(45 << 20)}), "above_a_cap"),
    ] {
        let mut asked = python("print(1)");
        asked["files"] = files;
        assert_eq!(daemon.post("/run_code", &asked).fault(), (422, code.to_owned()));
    }
    let code =
        "import os\nos.remove('gone')\nopen('new', 'w').write('new')\nos.replace('new', 'seed')\nos.rename('d', 'e')";
    let mut asked = python(code);
    asked["files"] = json!({"gone": "", "seed": "MQ==", "d/in": "Mg=="});
    asked["fetch_files"] = json!(["seed", "e/in", "gone", "seed"]);
    let found = daemon.post("/run_code", &asked).json();
    assert_eq!(
        (&found["status"], &found["files"]),
        (&json!("Success"), &json!({"e/in": "Mg==", "seed": "bmV3"})),
        "{found}"
    );
    let mut asked = python("print(1)");
    (asked["files"], asked["fetch_files"]) = (Value::Null, Value::Null);
    assert_eq!(daemon.post("/run_code", &asked).status, 200);
    let header = json!({"code": "int main(){}", "language": "cpp", "files": {"h.h": ""}});
    assert_eq!(daemon.post("/run_code", &header).fault(), (422, "not_judged_here".to_owned()));
    let mut asked = python("print(1)");
    asked["fetch_files"] = json!(["../../etc/passwd"]);
    assert_eq!(daemon.post("/run_code", &asked).fault(), (422, "bad_job".to_owned()));
}

#[test]
fn what_cannot_be_run_is_refused() {
    if !can_run() {
        return;
    }
    let daemon = Daemon::start(&["--max-time-s", "20"]);
    for (change, code) in [
        (json!({"language": "cobol"}), "not_judged_here"),
        (json!({"run_timeout": 21}), "above_a_cap"),
        (json!({"run_timeout": -1}), "bad_job"),
        (json!({"run_timeout": "5"}), "bad_job"),
        (json!({"code": 5}), "bad_job"),
        (json!({"memory_limit_MB": 1 << 20}), "above_a_cap"),
    ] {
        let mut asked = python("print(1)");
        for (key, value) in change.as_object().expect("an object") {
            asked[key] = value.clone();
        }
        assert_eq!(daemon.post("/run_code", &asked).fault(), (422, code.to_owned()), "{asked}");
    }
    assert_eq!(daemon.post_text("/run_code", "{").fault(), (400, "bad_body".to_owned()));
    assert_eq!(daemon.get("/v1/ping").body, "\"pong\"");
}
