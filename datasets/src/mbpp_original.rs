//! MBPP as google-research publishes it: one row is one [`Problem`], tested by its `test_list`.
//! Not here: MBPP+ (`mbpp`), which asserts are calls and values (`reduced_asserts`).
//! In: one line of `mbpp.jsonl`. Out: the problem: function tests where every assert is one call compared with a value,
//! else statements. Lines within it end as they do in the row, mostly in CRLF, which Python reads as it reads LF.

use crate::fields::Fields;
use crate::problem::Problem;
use crate::problem::Shown;
use crate::problem::TestCode;
use crate::problem::TestForm;
use crate::problem::Tests;
use crate::reduced_asserts;
use crate::rl_row;
use crate::row::RowErrorKind;

/// What it is called.
pub const NAME: &str = "mbpp";

/// Reads one row. `challenge_test_list`, which eleven rows have, is left out, as in the benchmark's own score. A task is
/// called as in MBPP+, so that samples of the one fit the other.
pub fn parse(line: &[u8]) -> Result<Problem, RowErrorKind> {
    let mut fields = Fields::parse(line)?;
    let task_id = format!("Mbpp/{}", rl_row::whole(&mut fields, "task_id")?);
    let prompt = fields.text("text")?;
    let canonical = Some(fields.text("code")?);
    let setup = fields.text("test_setup_code")?;
    let asserts = rl_row::texts("test_list", fields.require("test_list")?)?;
    let shown = Shown { tests: asserts.clone(), ..Shown::default() };
    let tests = tests(&setup, asserts)?;
    Ok(Problem { task_id, prompt, shown, canonical, tests })
}

/// Asserts behind a setup, which runs with them: it makes values of the program's classes (`root = Node(1)`).
pub(crate) fn tests(setup: &str, asserts: Vec<String>) -> Result<Tests, RowErrorKind> {
    if asserts.is_empty() {
        return Err(RowErrorKind::NoTests);
    }
    if setup.trim().is_empty() {
        return reduced_asserts::tests(asserts);
    }
    let source = format!("{setup}\n{}", asserts.join("\n"));
    Ok(Tests::Asserts(TestCode::new(String::new(), source, TestForm::Statements)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = r#"{"text": "Write f.", "code": "def f(x):\r\n\treturn x", "task_id": 11, "test_setup_code": "",
        "test_list": ["assert f(1) == 1", "assert f([2]) == [2]"], "challenge_test_list": ["assert f(3) == 3"]}"#;

    #[test]
    fn a_row_without_setup_becomes_function_tests_where_it_can() {
        let problem = parse(ROW.as_bytes()).expect("a good row");
        assert_eq!((problem.task_id.as_str(), problem.prompt.as_str()), ("Mbpp/11", "Write f."));
        assert_eq!(problem.canonical.as_deref(), Some("def f(x):\r\n\treturn x"));
        assert_eq!(problem.shown.tests, ["assert f(1) == 1", "assert f([2]) == [2]"]);
        assert!(matches!(problem.tests, Tests::Function(tests) if tests.inputs.len() == 2));
        let problem = parse(ROW.replace("assert f(1) == 1", "assert f(1)").as_bytes()).expect("a good row");
        assert!(matches!(problem.tests, Tests::Asserts(code) if code.count() == Ok(2)));
    }

    #[test]
    fn a_setup_stands_before_the_asserts() {
        let problem =
            parse(ROW.replace(r#""test_setup_code": """#, r#""test_setup_code": "n = N(1)\r\nn.x = 2""#).as_bytes());
        let Tests::Asserts(code) = problem.expect("a good row").tests else { panic!("not asserts") };
        assert_eq!(code.source, "n = N(1)\r\nn.x = 2\nassert f(1) == 1\nassert f([2]) == [2]");
        assert_eq!((code.form.clone(), code.count()), (TestForm::Statements, Ok(2)));
        assert_eq!(code.asked_names(), ["N", "f"]);
    }

    #[test]
    fn no_tests_and_bad_ones_are_refused() {
        let error =
            parse(ROW.replace(r#""assert f(1) == 1", "assert f([2]) == [2]""#, "").as_bytes()).expect_err("none");
        assert_eq!(error.to_string(), "expected at least one test, found none");
        let error = parse(ROW.replace("\"task_id\": 11", "\"task_id\": \"a\"").as_bytes()).expect_err("no number");
        assert_eq!(error.to_string(), "expected task_id to be a whole number, found str");
        assert!(parse(ROW.replace("f(1) == 1", "f(1) ==").as_bytes()).is_err());
    }
}
