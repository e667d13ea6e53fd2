//! Tests of `rl_tests`: every layout of tests, and what is refused with which words.
//! Not here: whole rows (`rl_row`).

use super::*;
use crate::problem::Expected;

fn parsed(json: &str) -> Result<Tests, RowErrorKind> {
    parse("tests", python_json::parse(json.as_bytes()).expect("JSON"))
}

fn refused(json: &str) -> String {
    parsed(json).expect_err(json).to_string()
}

fn stdin(json: &str) -> Vec<(String, String)> {
    let Tests::Stdin(tests) = parsed(json).expect(json) else { panic!("{json}: not stdin tests") };
    tests.into_iter().map(|test| (test.input, test.output)).collect()
}

/// The function, its inputs and its expected values, as a Python literal would show them.
fn function(json: &str) -> (String, Vec<Value>, Vec<Value>) {
    let Tests::Function(tests) = parsed(json).expect(json) else { panic!("{json}: not function tests") };
    let Expected::Given(expected) = &tests.expected else { panic!("expected values are given") };
    assert_eq!(tests.comparison, Comparison::Apps);
    (tests.entry_point, tests.inputs.to_vec(), expected.to_vec())
}

fn value(source: &str) -> Value {
    python_literal::parse(source).expect(source)
}

#[test]
fn stdin_tests_stand_in_two_lists_or_in_pairs_or_in_a_string_of_either() {
    let expected = [("1\n".to_owned(), "2".to_owned()), ("3".to_owned(), "4".to_owned())];
    for json in [
        r#"{"inputs": ["1\n", "3"], "outputs": ["2", "4"]}"#,
        r#"{"inputs": ["1\n", 3], "outputs": ["2", ["4"]], "fn_name": null, "assert_case": ["", " "]}"#,
        r#"[{"input": "1\n", "output": "2"}, {"input": "3", "output": "4", "testtype": "stdin", "metadata": {"func_name": null}}]"#,
        r#""{\"inputs\": [\"1\\n\", \"3\"], \"outputs\": [\"2\", \"4\"]}""#,
        r#""{'inputs': ['1\\n', '3'], 'outputs': ['2', '4'], 'fn_name': None}""#,
    ] {
        assert_eq!(stdin(json), expected, "{json}");
    }
    assert_eq!(stdin(r#"{"inputs": [["1", 2]], "outputs": [["3", "4"]]}"#), [("1\n2".to_owned(), "3\n4".to_owned())]);
}

#[test]
fn function_tests_take_argument_lists_or_one_json_value_a_line() {
    let expected = ("f".to_owned(), vec![value("[1, [2]]")], vec![value("[3]")]);
    for json in [
        r#"{"fn_name": "f", "inputs": [[1, [2]]], "outputs": [[3]]}"#,
        r#"{"fn_name": "f", "inputs": ["1\n[2]\n"], "outputs": ["[3]"]}"#,
        r#"[{"input": [1, [2]], "output": [3], "fn_name": "f", "type": "function_call"}]"#,
        r#"[{"input": "1\n[2]", "output": "[3]", "testtype": "functional", "metadata": {"func_name": "f"}}]"#,
    ] {
        assert_eq!(function(json), expected, "{json}");
    }
}

#[test]
fn keys_become_numbers_again_where_apps_turns_them_back() {
    let (_, inputs, outputs) = function(
        r#"{"fn_name": "f", "inputs": [[{"1": "2"}, {"3": 4}], [{"a": 1, "2": 3}]],
            "outputs": [{"-5": {"6": 7}}, [{"8": 9}]]}"#,
    );
    assert_eq!(inputs, [value("[{1: '2'}, {'3': 4}]"), value("[{'a': 1, '2': 3}]")]);
    assert_eq!(outputs, [value("{-5: {'6': 7}}"), value("[{8: 9}]")]);
}

#[test]
fn tests_that_are_none_are_refused() {
    for json in [r#"{"inputs": [], "outputs": []}"#, "[]", r#""""#, r#"" ""#, r#""[]""#] {
        assert_eq!(refused(json), "expected at least one test, found none", "{json}");
    }
}

#[test]
fn what_is_wrong_with_a_test_is_said() {
    for (json, expected) in [
        (r#"{"inputs": ["1", "2"], "outputs": ["1"]}"#, "expected as many expected values as inputs, found 1 for 2"),
        (r#"{"inputs": ["1"]}"#, "expected the key outputs, which is missing"),
        (r#"[{"input": "1"}]"#, "expected the key tests[0].output, which is missing"),
        (r#"[{"input": "1", "output": null}]"#, "expected tests: output 0 to be a string, found NoneType"),
        (r#"{"inputs": ["1"], "outputs": [[1.5]]}"#, "expected tests: output 0 to be a string, found float"),
        (
            r#"{"fn_name": "f", "inputs": [1], "outputs": [1]}"#,
            "expected tests: input 0 to be a list of arguments, found int",
        ),
        (r#"{"fn_name": 1, "inputs": [[1]], "outputs": [1]}"#, "expected fn_name to be a string, found int"),
        (
            r#"[{"input": "1", "output": "1", "testtype": "functional"}]"#,
            "expected the key tests[0].fn_name or tests[0].metadata.func_name, which is missing",
        ),
        (
            r#"[{"input": [1], "output": 1, "fn_name": "f"}, {"input": [1], "output": 1}]"#,
            "cannot use tests[1]: it is not of the same function as the tests before it",
        ),
        (
            r#"{"inputs": ["1"], "outputs": ["1"], "assert_case": ["assert f()"]}"#,
            "cannot use assert_case: asserts beside inputs and outputs are not supported",
        ),
        ("3", "expected tests to be an object or a list of tests, found int"),
        ("[3]", "expected tests[0] to be an object, found int"),
    ] {
        assert_eq!(refused(json), expected, "{json}");
    }
    assert!(refused(r#""{\"inputs\": [""#).starts_with("cannot use tests: it holds no JSON: "));
    assert!(
        refused(r#"{"fn_name": "f", "inputs": ["[1"], "outputs": ["1"]}"#).starts_with("cannot use tests: input 0: ")
    );
}
