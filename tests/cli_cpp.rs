//! C++ from the command line: jobs, samples of a dataset, programs kept between runs, and hosts without a compiler.
//! Not here: hostile sources and programs (`tests/cases/cpp`).

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use crate::{
    fixtures::{function_job, lines, stdin_job},
    processes::Finished,
    support::{Place, can_run, json_lines, names_in, skip},
};

const SUM: &str = "#include <cstdio>\nint main() {\n    int a, b;\n    if (scanf(\"%d %d\", &a, &b) != 2) return 1;\n    printf(\"%d\\n\", a + b);\n}\n";

/// Whether C++ can be judged here; where not, says why.
fn can_judge() -> bool {
    if !can_run() {
        return false;
    }
    let doctor = Place::new().run(&[&"doctor"]).stdout;
    let line = doctor.lines().find(|line| line.starts_with("c++")).expect("doctor speaks of C++").to_owned();
    if line.contains("cannot be judged") {
        skip(&line);
        return false;
    }
    true
}

fn cpp_job(id: &str, candidate: &str) -> Value {
    let mut job = stdin_job(id, candidate);
    job["language"] = json!("cpp");
    job
}

fn verify(place: &Place, jobs: &[Value], further: &[&str]) -> Finished {
    let file = place.write("jobs.jsonl", lines(jobs));
    let mut command = place.trialbox(&[&"verify", &"--jobs", &file]);
    command.args(further);
    place.finish(command, b"")
}

fn verdicts(finished: &Finished) -> Vec<String> {
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    json_lines(&finished.stdout).iter().map(|row| row["verdict"].as_str().expect("a verdict").to_owned()).collect()
}

fn kept(place: &Place) -> Vec<PathBuf> {
    let root = place.path("cache").join("program");
    let parts = names_in(&root).into_iter().map(|part| root.join(part));
    parts.flat_map(|part| names_in(&part).into_iter().map(move |name| part.join(name))).collect()
}

#[test]
fn jobs_of_both_languages_are_judged_in_their_order() {
    if !can_judge() {
        return;
    }
    let place = Place::new();
    let jobs = [
        cpp_job("right", SUM),
        stdin_job("python", "print(sum(map(int, input().split())))\n"),
        cpp_job("wrong", &SUM.replace("a + b", "a - b")),
        cpp_job("bad", "int main() { return nonsense; }\n"),
        cpp_job("crash", "int main() { *(volatile int *)8 = 1; }\n"),
    ];
    let finished = verify(&place, &jobs, &["--cache", "off"]);
    assert_eq!(verdicts(&finished), ["pass", "pass", "wrong_answer", "compile_error", "runtime_error"]);
    let bad = &json_lines(&finished.stdout)[3];
    assert_eq!(
        (&bad["tests_run"], &bad["tests_total"], &bad["first_failure"]["test"]),
        (&json!(0), &json!(2), &json!(null))
    );
    let said = bad["first_failure"]["actual"].as_str().expect("the compiler's words");
    assert!(said.contains("solution.cpp:1:21: error: 'nonsense' was not declared"), "{said}");
}

#[test]
fn a_program_is_compiled_once_and_made_anew_where_the_kept_one_is_damaged() {
    if !can_judge() {
        return;
    }
    let place = Place::new();
    let cache = place.path("cache").display().to_string();
    let run = || verdicts(&verify(&place, &[cpp_job("right", SUM)], &["--cache", &cache, "--dedupe", "off"]));
    assert_eq!(run(), ["pass"]);
    let [program] = kept(&place).try_into().expect("one program");
    let whole = fs::read(&program).expect("readable");
    let written = || fs::metadata(&program).and_then(|about| about.modified()).expect("there");
    let first = written();
    assert_eq!(run(), ["pass"]);
    assert_eq!(written(), first, "it is not compiled again");
    fs::write(&program, b"no program at all").expect("writable");
    assert_eq!(run(), ["pass"]);
    assert_eq!(fs::read(&program).expect("readable"), whole, "the same source gives the same program");
}

#[test]
fn runs_beside_each_other_share_what_they_keep() {
    if !can_judge() {
        return;
    }
    let place = Place::new();
    let cache = place.path("cache").display().to_string();
    let jobs: Vec<Value> = (0..6).map(|number| cpp_job(&format!("{number}"), SUM)).collect();
    let file = place.write("jobs.jsonl", lines(&jobs));
    let run = || {
        let mut command = place.trialbox(&[&"verify", &"--jobs", &file]);
        command.args(["--workers", "2", "--cache", &cache]);
        verdicts(&crate::processes::finish(command, b""))
    };
    std::thread::scope(|scope| {
        let both = [scope.spawn(run), scope.spawn(run)];
        both.into_iter().for_each(|run| assert_eq!(run.join().expect("runs"), ["pass"; 6]));
    });
    assert_eq!(kept(&place).len(), 1);
}

#[test]
fn samples_of_a_dataset_may_be_cpp() {
    if !can_judge() {
        return;
    }
    let place = Place::new();
    let tests = json!({"inputs": ["1 2\n", "5 6\n"], "outputs": ["3\n", "11\n"]});
    let data = place.write("data.jsonl", lines(&[json!({"id": "sum", "problem": "Add.", "tests": tests})]));
    let answer = format!("<think>```cpp\nint main() {{}}\n```</think>It is easy:\n```cpp\n{SUM}```\nThat is all.");
    let sample = |key: &str, text: &str, language: &str| json!({"task_id": "code_contests/sum", key: text, "language": language});
    let rows = [
        sample("response", &answer, "cpp"),
        sample("solution", SUM, "cpp20"),
        sample("solution", "print(sum(map(int, input().split())))\n", "python"),
        sample("response", "I do not know.", "cpp"),
    ];
    let samples = place.write("samples.jsonl", lines(&rows));
    let finished =
        place.run(&[&"eval", &"code_contests", &"--data", &data, &"--samples", &samples, &"--out", &place.out()]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let found: Vec<(String, String)> = place
        .verdicts()
        .iter()
        .map(|row| (row["verdict"].as_str().expect("text").into(), row["extraction"].as_str().expect("text").into()))
        .collect();
    let expected = [("pass", "fenced"), ("pass", "whole"), ("pass", "whole"), ("no_code", "none")];
    assert_eq!(found, expected.map(|(verdict, rule)| (verdict.to_owned(), rule.to_owned())));
}

#[test]
fn a_function_is_not_asked_of_cpp() {
    let place = Place::new();
    let mut job = function_job("function", SUM);
    job["language"] = json!("cpp");
    let finished = verify(&place, &[job], &[]);
    assert_eq!(finished.code, Some(5), "{}", finished.stderr);
    assert!(
        finished.stderr.contains("jobs.jsonl:1: cannot use language: only a program on stdin"),
        "{}",
        finished.stderr
    );
}

#[test]
fn without_a_compiler_nothing_is_run() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let jobs = [stdin_job("python", "print(3)\n"), cpp_job("right", SUM)];
    let finished = verify(&place, &jobs, &["--cxx", "/nowhere/g++"]);
    assert_eq!((finished.code, finished.stdout.as_str()), (Some(4), ""), "{}", finished.stderr);
    assert!(finished.stderr.contains("cannot start the C++ compiler `/nowhere/g++`"), "{}", finished.stderr);
    let finished = verify(&place, &jobs[..1], &["--cxx", "/nowhere/g++"]);
    assert_eq!(finished.code, Some(0), "Python needs none: {}", finished.stderr);
    let doctor = place.run(&[&"doctor", &"--cxx", &"/nowhere/g++"]);
    assert_eq!(doctor.code, Some(0), "{}", doctor.stderr);
    assert!(doctor.stdout.contains("c++          cannot be judged: cannot start"), "{}", doctor.stdout);
}

#[test]
fn no_benchmarks_own_grader_judges_cpp() {
    if !can_run() {
        return;
    }
    let refused = |finished: Finished| {
        assert_eq!((finished.code, finished.stdout.as_str()), (Some(2), ""), "{}", finished.stderr);
        assert!(finished.stderr.contains("--semantics real"), "{}", finished.stderr);
    };
    let place = Place::new();
    refused(verify(&place, &[cpp_job("right", SUM)], &["--semantics", "official"]));
    let tests = json!({"inputs": ["1 2\n"], "outputs": ["3\n"]});
    let data = place.write("data.jsonl", lines(&[json!({"id": "sum", "problem": "Add.", "tests": tests})]));
    let sample = json!({"task_id": "code_contests/sum", "solution": SUM, "language": "cpp"});
    let samples = place.write("samples.jsonl", lines(&[sample]));
    for semantics in ["official", "both"] {
        let mut eval = place.trialbox(&[&"eval", &"code_contests", &"--data", &data, &"--samples", &samples]);
        eval.args(["--semantics", semantics]).arg("--out").arg(place.out());
        refused(place.finish(eval, b""));
        assert!(!place.out().join("verdicts.jsonl").exists() && !place.out().join("real").exists(), "nothing is run");
    }
}
