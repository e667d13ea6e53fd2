//! Tests of `jobs`: the kinds of job, and what is refused with which words.
//! Not here: tests of the shared corpus of attacks (`tests/shared_files.rs`).

use super::*;
use crate::problem::CppStandard;

const FUNCTION: &str = r#"{"id": "a", "mode": "function_io", "semantics": "evalplus", "candidate": "x",
    "problem": {"entry_point": "f", "inputs": [[1], [2]], "expected": [1, 2.5], "atol": 1e-6},
    "limits": {"time_s": 2.5, "memory_mb": 512}, "expect": "pass", "danger": 0}"#;

const STDIN: &str = r#"{"id": "b", "mode": "stdin", "semantics": "lcb_stdio", "candidate": "x",
    "problem": {"tests": [{"input": "1\n", "output": "2\n"}]}}"#;

const ASSERTS: &str = r#"{"id": "c", "mode": "asserts", "semantics": "mbpp_asserts", "candidate": "x",
    "problem": {"asserts": ["import math", "assert f(1) == (2,)"]}}"#;

fn read(line: &str) -> JobRow {
    parse(line.as_bytes()).expect("a good row")
}

/// What is said of a good row after one replacement.
fn refused(row: &str, from: &str, to: &str) -> String {
    assert!(row.contains(from), "{from} is not in the row");
    parse(row.replace(from, to).as_bytes()).expect_err("a bad row").to_string()
}

fn functions(job: &JobRow) -> &FunctionTests {
    match &job.problem.tests {
        Tests::Function(tests) => tests,
        Tests::Stdin(_) | Tests::Asserts(_) => panic!("not function tests"),
    }
}

#[test]
fn a_function_job_has_its_values_comparison_and_limits() {
    let job = read(FUNCTION);
    let tests = functions(&job);
    assert_eq!(tests.comparison, Comparison::EvalPlus { atol: 1e-6, oracle: Oracle::Plain });
    assert_eq!((tests.base_count, tests.inputs.len()), (2, 2));
    let Expected::Given(expected) = &tests.expected else { panic!("no expected values") };
    assert_eq!(expected.as_ref(), [Value::from(1), Value::Float(2.5)]);
    assert_eq!(job.limits, JobLimits { cpu_ms: Some(2500), memory_bytes: Some(512 << 20) });
    let lcb = read(&FUNCTION.replace("evalplus", "lcb_call"));
    assert_eq!(functions(&lcb).comparison, Comparison::LiveCodeBench);
}

#[test]
fn expected_values_may_be_a_python_expression() {
    let job = read(&FUNCTION.replace(r#""expected": [1, 2.5]"#, r#""expected_py": "[{1}, float('inf')]""#));
    let Expected::Given(expected) = &functions(&job).expected else { panic!("no expected values") };
    assert_eq!(expected.as_ref(), [Value::Set(vec![Value::from(1)]), Value::Float(f64::INFINITY)]);
}

#[test]
fn a_program_on_stdin_may_be_cpp_and_nothing_else_may() {
    let in_language = |row: &str, name: &str| row.replacen('{', &format!(r#"{{"language": "{name}", "#), 1);
    assert_eq!(read(STDIN).language, Language::Python);
    assert_eq!(read(&in_language(STDIN, "cpp")).language, Language::Cpp(CppStandard::Cpp17));
    assert_eq!(read(&in_language(FUNCTION, "python")).language, Language::Python);
    let said = |row: &str, name: &str| parse(in_language(row, name).as_bytes()).expect_err("a bad row").to_string();
    assert_eq!(said(FUNCTION, "cpp20"), "cannot use language: only a program on stdin (mode stdin) may be C++");
    assert!(said(STDIN, "rust").contains("expected python, cpp (which is cpp17)"), "{}", said(STDIN, "rust"));
}

#[test]
fn stdin_and_assert_jobs_are_read() {
    let expected = StdinTest { input: "1\n".into(), output: "2\n".into() };
    let Tests::Stdin(tests) = read(STDIN).problem.tests else { panic!("not stdin tests") };
    assert_eq!(tests, [expected]);
    let job = read(ASSERTS);
    assert_eq!((job.semantics, functions(&job).comparison.clone()), (Semantics::MbppAsserts, Comparison::Equality));
}

#[test]
fn the_candidate_may_be_any_bytes() {
    let job = read(&STDIN.replace(r#""candidate": "x""#, r#""candidate": "x", "candidate_b64": "/wA=""#));
    assert_eq!(job.candidate, [0xFF, 0x00]);
    let job = read(&STDIN.replace(r#""candidate": "x""#, r#""candidate": "\ud800""#));
    assert_eq!(job.candidate, [0xED, 0xA0, 0x80]);
    assert!(refused(STDIN, r#""candidate": "x""#, r#""candidate_b64": "?""#).contains("candidate_b64"));
    assert!(refused(STDIN, r#""candidate": "x","#, "").contains("candidate or candidate_b64, which is missing"));
}

#[test]
fn unknown_keys_are_refused_by_name() {
    assert_eq!(refused(STDIN, r#""id": "b""#, r#""id": "b", "limit": 1"#), "unknown key limit");
    assert_eq!(refused(FUNCTION, r#""time_s""#, r#""times""#), "unknown key limits.times");
    assert_eq!(refused(FUNCTION, r#""atol""#, r#""rtol""#), "unknown key problem.rtol");
}

#[test]
fn modes_and_semantics_must_fit() {
    assert_eq!(
        refused(FUNCTION, "evalplus", "lcb_stdio"),
        "cannot use semantics: expected evalplus or lcb_call in mode function_io, found lcb_stdio"
    );
    assert_eq!(
        refused(STDIN, r#""stdin""#, r#""stdout""#),
        "cannot use mode: expected function_io, stdin or asserts, found stdout"
    );
}

#[test]
fn a_job_without_tests_is_refused() {
    let none = "expected at least one test, found none";
    assert_eq!(refused(STDIN, r#"[{"input": "1\n", "output": "2\n"}]"#, "[]"), none);
    assert_eq!(refused(ASSERTS, r#", "assert f(1) == (2,)""#, ""), none);
    let empty = FUNCTION.replace("[[1], [2]]", "[]");
    assert_eq!(refused(&empty, "[1, 2.5]", "[]"), none);
}

#[test]
fn inputs_and_expected_values_must_be_as_many() {
    assert_eq!(refused(FUNCTION, "[[1], [2]]", "[[1]]"), "expected as many expected values as inputs, found 2 for 1");
    assert_eq!(refused(FUNCTION, "[[1], [2]]", "[[1], 2]"), "expected inputs[1] to be a list, found int");
    let both = r#""expected": [1, 2.5], "expected_py": "[1, 2]""#;
    assert!(refused(FUNCTION, r#""expected": [1, 2.5]"#, both).contains("one of them must decide"));
}

#[test]
fn limits_must_be_positive_numbers() {
    assert!(refused(FUNCTION, "2.5, \"memory_mb\"", "0, \"memory_mb\"").contains("not positive"));
    assert!(refused(FUNCTION, "512", "\"512\"").contains("expected memory_mb to be a number, found str"));
    assert!(refused(FUNCTION, "512", "1e300").contains("out of range"));
}

#[test]
fn asserts_that_are_not_one_call_each_are_kept_for_python_to_judge() {
    let job = read(&ASSERTS.replace("assert f(1) == (2,)", "assert len(f(1)) == 2"));
    assert!(matches!(job.problem.tests, Tests::Asserts(code) if code.source.contains("len(f(1))")));
}

#[test]
fn test_code_jobs_are_read_with_their_form() {
    let check = r#"{"id": "d", "mode": "asserts", "semantics": "check", "candidate": "x", "problem":
        {"test": "def check(candidate):\n    assert candidate(1) == 2", "entry_point": "Solution().f", "preamble": "import math"}}"#;
    let code = |row: &str| match read(row).problem.tests {
        Tests::Asserts(code) => code,
        _ => panic!("not asserts"),
    };
    assert_eq!(read(check).semantics, Semantics::Check);
    assert_eq!(code(check).form, TestForm::Check { candidate: "Solution().f".to_owned() });
    assert_eq!(code(check).preamble, "import math");
    let pytest = r#"{"id": "e", "mode": "asserts", "semantics": "pytest", "candidate": "x", "problem":
        {"test": "def test_f():\n    assert f(1) == 2"}}"#;
    assert_eq!((code(pytest).form, code(pytest).preamble), (TestForm::Pytest, String::new()));
    assert_eq!(refused(pytest, "test_f", "f"), "the test code holds no test: expected a function test_*");
    assert_eq!(refused(pytest, r#"{"test""#, r#"{"entry_point": "f", "test""#), "unknown key problem.entry_point");
    assert_eq!(refused(check, r#""entry_point""#, r#""entry""#), "expected the key entry_point, which is missing");
    assert_eq!(
        refused(pytest, r#""pytest""#, r#""unittest""#),
        "cannot use semantics: expected mbpp_asserts, check or pytest in mode asserts, found unittest"
    );
}
