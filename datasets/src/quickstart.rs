//! The quickstart set: a few problems with candidates whose verdicts are known, built into the library.
//! Not here: judging the candidates (`verifier`); the rows themselves (`data/quickstart.jsonl`).
//! In: one line. Out: a [`QuickstartRow`].

use crate::fields::Fields;
use crate::fields::text;
use crate::fields::wrong_type;
use crate::jobs;
use crate::problem::Comparison;
use crate::problem::FunctionTests;
use crate::problem::Oracle;
use crate::problem::Problem;
use crate::problem::Shown;
use crate::problem::Tests;
use crate::reduced_asserts;
use crate::row::RowErrorKind;
use crate::samples;
use crate::samples::SampleText;
use crate::value::Value;

/// The verdicts that a candidate may be expected to get.
const VERDICTS: &[&str] = &[
    "pass",
    "wrong_answer",
    "runtime_error",
    "time_limit",
    "memory_limit",
    "compile_error",
    "no_code",
    "output_limit",
];

/// One problem and the candidates that come with it.
#[derive(Clone, Debug)]
pub struct QuickstartRow {
    /// The problem.
    pub problem: Problem,
    /// The candidates, in order.
    pub candidates: Vec<QuickstartCandidate>,
}

/// A candidate whose verdict is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuickstartCandidate {
    /// The problem's task.
    pub task_id: String,
    /// Which candidate of the problem it is, from 0.
    pub index: usize,
    /// Its text.
    pub text: SampleText,
    /// The name of the verdict it must get.
    pub expect: String,
    /// What it shows.
    pub note: String,
}

/// Reads one row.
pub fn parse(line: &[u8]) -> Result<QuickstartRow, RowErrorKind> {
    let mut fields = Fields::parse(line)?;
    let task_id = fields.text("task_id")?;
    let prompt = fields.text("prompt")?;
    let canonical = Some(fields.text("canonical")?);
    let candidates = candidates(&task_id, fields.list("candidates")?)?;
    let tests = match fields.text("form")?.as_str() {
        "function" => Tests::Function(function_tests(&mut fields)?),
        "stdin" => Tests::Stdin(jobs::stdin_tests(fields.list("tests")?)?),
        "asserts" => Tests::Function(assert_tests(&mut fields)?),
        other => {
            let reason = format!("expected function, stdin or asserts, found {other}");
            return Err(RowErrorKind::bad_value("form", reason));
        }
    };
    fields.finish(&[])?;
    Ok(QuickstartRow { problem: Problem { task_id, prompt, shown: Shown::default(), canonical, tests }, candidates })
}

/// Reads one row for its problem alone.
pub fn parse_problem(line: &[u8]) -> Result<Problem, RowErrorKind> {
    parse(line).map(|row| row.problem)
}

fn function_tests(fields: &mut Fields) -> Result<FunctionTests, RowErrorKind> {
    let entry_point = fields.text("entry_point")?;
    let inputs = jobs::python_list("inputs_py", &fields.text("inputs_py")?)?;
    if let Some(other) = inputs.iter().find(|input| !matches!(input, Value::Tuple(_) | Value::List(_))) {
        return Err(wrong_type("inputs_py", "a list of argument tuples", other.type_name()));
    }
    let expected = jobs::python_list("expected_py", &fields.text("expected_py")?)?;
    let comparison = Comparison::EvalPlus { atol: fields.number("atol")?, oracle: Oracle::Plain };
    jobs::given_tests(entry_point, inputs, expected, comparison)
}

fn assert_tests(fields: &mut Fields) -> Result<FunctionTests, RowErrorKind> {
    let entry_point = fields.text("entry_point")?;
    let lines = jobs::assert_lines(fields.list("asserts")?)?;
    reduced_asserts::reduce(&lines, Some(entry_point))
}

fn candidates(task_id: &str, values: Vec<Value>) -> Result<Vec<QuickstartCandidate>, RowErrorKind> {
    let candidate = |(index, value)| {
        let mut fields = Fields::nested(&format!("candidates[{index}]"), value)?;
        let text = samples::text(&mut fields)?
            .ok_or_else(|| RowErrorKind::Missing { keys: format!("solution or response of candidates[{index}]") })?;
        let expect = fields.text("expect")?;
        if !VERDICTS.contains(&expect.as_str()) {
            return Err(RowErrorKind::bad_value("expect", format!("{expect} is no verdict")));
        }
        let note = fields.take("note").map_or(Ok(String::new()), |note| self::text("note", note))?;
        fields.finish(&[])?;
        Ok(QuickstartCandidate { task_id: task_id.to_owned(), index, text, expect, note })
    };
    values.into_iter().enumerate().map(candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FUNCTION: &str = r#"{"task_id": "quickstart/add", "form": "function", "prompt": "p", "entry_point": "add",
        "inputs_py": "[(1, 2), (3, [4])]", "expected_py": "[3, {7}]", "atol": 0, "canonical": "c",
        "candidates": [{"solution": "s", "expect": "pass", "note": "n"}, {"response": "r", "expect": "no_code"}]}"#;

    #[test]
    fn a_function_row_has_tests_and_numbered_candidates() {
        let row = parse(FUNCTION.as_bytes()).expect("a good row");
        let Tests::Function(tests) = &row.problem.tests else { panic!("not function tests") };
        assert_eq!(tests.inputs[0], Value::Tuple(vec![Value::from(1), Value::from(2)]));
        assert_eq!(row.candidates[1].index, 1);
        assert_eq!(row.candidates[1].text, SampleText::Response("r".into()));
        assert_eq!(row.candidates[0].expect, "pass");
    }

    #[test]
    fn an_assert_row_must_call_its_own_entry_point() {
        let row = r#"{"task_id": "quickstart/a", "form": "asserts", "prompt": "", "entry_point": "f",
            "asserts": ["assert f(1) == 2"], "canonical": "", "candidates": []}"#;
        assert!(parse(row.as_bytes()).is_ok());
        let error = parse(row.replace("assert f", "assert g").as_bytes()).expect_err("another function");
        assert!(error.to_string().contains("expected a call of f, found one of g"), "{error}");
    }

    #[test]
    fn an_unknown_verdict_or_form_is_refused() {
        let error = parse(FUNCTION.replace("no_code", "nocode").as_bytes()).expect_err("no such verdict");
        assert_eq!(error.to_string(), "cannot use expect: nocode is no verdict");
        let error = parse(FUNCTION.replace("\"function\"", "\"fn\"").as_bytes()).expect_err("no such form");
        assert!(error.to_string().starts_with("cannot use form"), "{error}");
    }
}
