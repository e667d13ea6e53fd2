//! What a trainer's row says of the right answer: tests that come along, in any form that the sets for reinforcement
//! learning have them in.
//! Not here: tests on stdin and of a function (`rl_tests`), lines of asserts (`reduced_asserts`), problems with a name.
//! In: a value. Out: [`Tests`], or what is wrong with it.

use crate::fields::Fields;
use crate::jobs;
use crate::problem::TestCode;
use crate::problem::TestForm;
use crate::problem::Tests;
use crate::python_json;
use crate::reduced_asserts;
use crate::rl_tests;
use crate::row::RowErrorKind;
use crate::value::Value;

/// Reads tests; `key` is what errors call them.
///
/// - `{inputs, outputs, fn_name?}` or a list of `{input, output}` (APPS, TACO, verl, open-r1, PrimeIntellect);
/// - a list of asserts (MBPP, open-instruct);
/// - `{functional: code}` with asserts, `{pytest: code}` with functions `test_*` (Code-R1);
/// - any of these as JSON in a text.
pub(crate) fn parse(key: &str, tests: Value) -> Result<Tests, RowErrorKind> {
    match as_json(tests) {
        Value::List(lines) if !lines.is_empty() && lines.iter().all(|line| matches!(line, Value::Str(_))) => {
            reduced_asserts::tests(jobs::assert_lines(lines)?)
        }
        Value::Dict(pairs) => {
            let mut fields = Fields::nested(key, Value::Dict(pairs.clone()))?;
            for (name, form) in [("functional", TestForm::Statements), ("pytest", TestForm::Pytest)] {
                if let Some(source) = fields.optional_text(name)? {
                    return Ok(Tests::Asserts(TestCode::new(String::new(), source, form)?));
                }
            }
            rl_tests::parse(key, Value::Dict(pairs))
        }
        other => rl_tests::parse(key, other),
    }
}

/// What JSON in a text holds; any other value as it is.
pub(crate) fn as_json(value: Value) -> Value {
    match &value {
        Value::Str(written) => python_json::parse(written.as_bytes()).unwrap_or(value),
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Comparison;

    fn read(tests: &str) -> Tests {
        parse("tests", Value::from(tests)).unwrap_or_else(|error| panic!("{tests}: {error}"))
    }

    #[test]
    fn every_form_is_told_by_its_looks() {
        assert!(matches!(read(r#"{"inputs": ["1\n"], "outputs": ["2\n"]}"#), Tests::Stdin(tests) if tests.len() == 1));
        assert!(matches!(read(r#"[{"input": "1", "output": "2"}]"#), Tests::Stdin(tests) if tests[0].output == "2"));
        let called = read(r#"{"inputs": [[1]], "outputs": [2], "fn_name": "f"}"#);
        assert!(matches!(called, Tests::Function(tests) if tests.comparison == Comparison::Apps));
        let reduced = read(r#"["assert f(1) == 2", "assert f(2) == 3"]"#);
        assert!(matches!(reduced, Tests::Function(tests) if tests.inputs.len() == 2));
        let statements = read(r#"{"functional": "for i in range(3):\n    assert f(i) == i"}"#);
        assert!(matches!(statements, Tests::Asserts(code) if code.form == TestForm::Statements));
        let pytest = read(r#"{"pytest": "def test_f():\n    assert f(1) == 1"}"#);
        assert!(matches!(pytest, Tests::Asserts(code) if code.form == TestForm::Pytest));
    }

    #[test]
    fn what_is_no_test_is_refused() {
        let refused = |tests: &str| parse("tests", Value::from(tests)).expect_err(tests).to_string();
        assert_eq!(refused("[]"), "expected at least one test, found none");
        assert!(refused("7").starts_with("expected tests to be an object or a list of tests"), "{}", refused("7"));
        assert!(refused("print(1)").contains("it holds no JSON"), "{}", refused("print(1)"));
        assert!(refused(r#"["print(1)"]"#).contains("expected an assert or an import"));
        assert!(refused(r#"{"pytest": "x = 1"}"#).contains("the test code holds no test"));
    }
}
