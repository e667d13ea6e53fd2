//! Turns the lines of an assert test into function tests, where every line is one call compared with a value; the others
//! stay asserts, which only Python can judge.
//! Not here: one line (`assert_call`).
//! In: lines of `assert` and `import`. Out: [`Tests`], or which line does not fit and why.

use std::sync::Arc;

use crate::assert_call;
use crate::assert_call::AssertCall;
use crate::problem::Comparison;
use crate::problem::Expected;
use crate::problem::FunctionTests;
use crate::problem::TestCode;
use crate::problem::TestForm;
use crate::problem::Tests;
use crate::python_literal::excerpt;
use crate::row::RowErrorKind;
use crate::value::Value;

/// The tests that the lines are: function tests where they can be reduced to such, else asserts.
pub(crate) fn tests(lines: Vec<String>) -> Result<Tests, RowErrorKind> {
    match reduce(&lines, None) {
        Ok(tests) => Ok(Tests::Function(tests)),
        Err(RowErrorKind::Assert { .. }) => {
            let bad = lines.iter().enumerate().find(|(_, line)| !assert_call::is_statement(line));
            match bad {
                None => Ok(Tests::Asserts(TestCode {
                    preamble: String::new(),
                    source: lines.join("\n"),
                    form: TestForm::Statements,
                })),
                Some((index, line)) => {
                    let reason = "expected an assert or an import, found something else".to_owned();
                    Err(RowErrorKind::Assert { number: index + 1, line: excerpt(line), reason })
                }
            }
        }
        Err(other) => Err(other),
    }
}

/// Reduces all lines. `entry_point` is the function to be tested, where it is known; else the first assert's.
pub(crate) fn reduce(lines: &[String], entry_point: Option<String>) -> Result<FunctionTests, RowErrorKind> {
    let mut entry_point = entry_point;
    let mut inputs = Vec::new();
    let mut expected = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        // A line that is reduced holds literals only, so it needs no import, and neither do the others.
        if inputs.is_empty() && assert_call::is_import(line) {
            continue;
        }
        let fail = |reason| RowErrorKind::Assert { number: index + 1, line: excerpt(line), reason };
        let call = assert_call::reduce_assert(line).map_err(|error| fail(error.to_string()))?;
        check(&call, entry_point.as_deref()).map_err(fail)?;
        entry_point.get_or_insert(call.entry_point);
        inputs.push(Value::List(call.args));
        expected.push(call.expected);
    }
    let entry_point = entry_point.filter(|_| !inputs.is_empty()).ok_or(RowErrorKind::NoTests)?;
    Ok(FunctionTests {
        entry_point,
        base_count: inputs.len(),
        inputs: Arc::from(inputs),
        expected: Expected::Given(Arc::from(expected)),
        comparison: Comparison::Equality,
    })
}

fn check(call: &AssertCall, entry_point: Option<&str>) -> Result<(), String> {
    if let Some(name) = entry_point
        && name != call.entry_point
    {
        return Err(format!("expected a call of {name}, found one of {}", call.entry_point));
    }
    // `is None` is the same as `== None` for plain values; `is True` is not the same as `== True`, which 1 passes too.
    if call.identical && call.expected != Value::None {
        return Err("expected ==, found `is`, which compares more than the value".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reduced(lines: &[&str]) -> Result<FunctionTests, String> {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        reduce(&lines, None).map_err(|error| error.to_string())
    }

    #[test]
    fn calls_of_one_function_become_function_tests() {
        let tests = reduced(&["import math", "assert f(1) == 2", "assert f(2, 'a') is None"]).expect("reducible");
        assert_eq!((tests.entry_point.as_str(), tests.base_count), ("f", 2));
        assert_eq!(tests.inputs[1], Value::List(vec![Value::from(2), Value::from("a")]));
        assert_eq!(tests.comparison, Comparison::Equality);
    }

    #[test]
    fn the_line_that_does_not_fit_is_named_with_a_reason() {
        assert_eq!(
            reduced(&["assert f(1) == 2", "assert g(1) == 2"]).err().as_deref(),
            Some("assert 2 (assert g(1) == 2): expected a call of f, found one of g")
        );
        assert!(reduced(&["assert f(1) is True"]).expect_err("identity").contains("`is`"));
        assert!(reduced(&["assert math.isclose(f(1), 2)"]).expect_err("a truth").contains("a test of truth"));
        assert!(reduced(&["import math", "assert f(math.pi) == 2"]).expect_err("a name").contains("an attribute"));
    }

    #[test]
    fn lines_that_cannot_be_reduced_stay_asserts_unless_they_are_neither_asserts_nor_imports() {
        let tests = |lines: &[&str]| tests(lines.iter().map(|line| (*line).to_owned()).collect());
        assert!(
            matches!(tests(&["assert len(f(1)) == 2"]), Ok(Tests::Asserts(code)) if code.source == "assert len(f(1)) == 2")
        );
        let refused = tests(&["assert len(f(1)) == 2", "print(1)"]).expect_err("no test").to_string();
        assert!(refused.starts_with("assert 2 (print(1))"), "{refused}");
        assert!(tests(&["assert f(1) =="]).is_err(), "does not parse");
    }

    #[test]
    fn no_asserts_are_no_tests() {
        assert_eq!(reduced(&[]).err().as_deref(), Some("expected at least one test, found none"));
        assert_eq!(reduced(&["import math"]).err().as_deref(), Some("expected at least one test, found none"));
    }
}
