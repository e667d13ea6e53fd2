//! Jobs: problem and candidate in one row, as `trialbox verify --jobs` takes them.
//! Not here: what else it takes (`asked`), reading the file (`row`), running the job (`verifier`).
//! In: one line. Out: a [`JobRow`].

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::fields::Fields;
use crate::fields::list;
use crate::fields::text;
use crate::problem::Comparison;
use crate::problem::Expected;
use crate::problem::FunctionTests;
use crate::problem::Language;
use crate::problem::Oracle;
use crate::problem::Problem;
use crate::problem::Shown;
use crate::problem::StdinTest;
use crate::problem::TestCode;
use crate::problem::TestForm;
use crate::problem::Tests;
use crate::python_literal;
use crate::reduced_asserts;
use crate::row::RowErrorKind;
use crate::value::Value;

/// Keys that describe a row to its reader and decide nothing here.
const DESCRIPTIVE_KEYS: &[&str] =
    &["family", "expect", "also", "danger", "note", "needs", "setup", "probe", "evidence", "verified"];

/// One job: a candidate, the problem it attempts, and how it is to be judged.
#[derive(Clone, Debug)]
pub struct JobRow {
    /// The row's own name.
    pub id: String,
    /// The problem.
    pub problem: Problem,
    /// The candidate's source, not necessarily UTF-8.
    pub candidate: Vec<u8>,
    /// What it is written in.
    pub language: Language,
    /// Whose rules decide.
    pub semantics: Semantics,
    /// The row's own limits.
    pub limits: JobLimits,
}

/// Whose comparison rules decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Semantics {
    /// EvalPlus: function calls.
    EvalPlus,
    /// LiveCodeBench's call-based problems.
    LcbCall,
    /// LiveCodeBench's stdin problems.
    LcbStdio,
    /// MBPP's own asserts: `asserts`, a list of lines.
    MbppAsserts,
    /// HumanEval's and LeetCodeDataset's test code: `test`, which defines `check(candidate)`; `entry_point`, what the
    /// candidate is (`f`, `Solution().f`); perhaps a `preamble`, and a `canonical` solution.
    Check,
    /// Test code as pytest runs it: `test`, perhaps a `preamble` and a `canonical` solution.
    Pytest,
}

/// Limits that a row sets itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobLimits {
    /// CPU time.
    pub cpu_ms: Option<u64>,
    /// Memory.
    pub memory_bytes: Option<u64>,
}

/// Reads one row.
pub fn parse(line: &[u8]) -> Result<JobRow, RowErrorKind> {
    Fields::parse(line).and_then(of_fields)
}

pub(crate) fn of_fields(mut fields: Fields) -> Result<JobRow, RowErrorKind> {
    let id = fields.text("id")?;
    let mode = fields.text("mode")?;
    let semantics = semantics(&mode, &fields.text("semantics")?)?;
    let candidate = candidate(&mut fields)?;
    let language = language(&mut fields)?;
    if language != Language::Python && semantics != Semantics::LcbStdio {
        return Err(RowErrorKind::bad_value("language", "only a program on stdin (mode stdin) may be C++"));
    }
    let limits = fields.take("limits").map(limits).transpose()?.unwrap_or_default();
    let mut problem = Fields::nested("problem", fields.require("problem")?)?;
    let canonical = match semantics {
        Semantics::Check | Semantics::Pytest => problem.optional_text("canonical")?,
        _ => None,
    };
    let tests = match semantics {
        Semantics::EvalPlus | Semantics::LcbCall => function_tests(problem, semantics).map(Tests::Function),
        Semantics::LcbStdio => stdin_problem(problem).map(Tests::Stdin),
        Semantics::MbppAsserts => assert_tests(problem),
        Semantics::Check | Semantics::Pytest => test_code(problem, semantics).map(Tests::Asserts),
    }?;
    fields.finish(DESCRIPTIVE_KEYS)?;
    let problem = Problem { task_id: id.clone(), prompt: String::new(), shown: Shown::default(), canonical, tests };
    Ok(JobRow { id, problem, candidate, language, semantics, limits })
}

fn semantics(mode: &str, semantics: &str) -> Result<Semantics, RowErrorKind> {
    match (mode, semantics) {
        ("function_io", "evalplus") => Ok(Semantics::EvalPlus),
        ("function_io", "lcb_call") => Ok(Semantics::LcbCall),
        ("stdin", "lcb_stdio") => Ok(Semantics::LcbStdio),
        ("asserts", "mbpp_asserts") => Ok(Semantics::MbppAsserts),
        ("asserts", "check") => Ok(Semantics::Check),
        ("asserts", "pytest") => Ok(Semantics::Pytest),
        ("function_io", _) => Err(unknown("semantics", semantics, "evalplus or lcb_call in mode function_io")),
        ("stdin", _) => Err(unknown("semantics", semantics, "lcb_stdio in mode stdin")),
        ("asserts", _) => Err(unknown("semantics", semantics, "mbpp_asserts, check or pytest in mode asserts")),
        _ => Err(unknown("mode", mode, "function_io, stdin or asserts")),
    }
}

fn unknown(key: &str, found: &str, expected: &str) -> RowErrorKind {
    RowErrorKind::bad_value(key, format!("expected {expected}, found {found}"))
}

/// What a row says its program is written in; Python where it says nothing.
pub(crate) fn language(fields: &mut Fields) -> Result<Language, RowErrorKind> {
    let Some(value) = fields.take("language").filter(|value| *value != Value::None) else {
        return Ok(Language::Python);
    };
    let name = text("language", value)?;
    Language::of_name(&name).ok_or_else(|| unknown("language", &name, Language::NAMES))
}

/// The exact bytes where they are given; they win over the text, which may only be their likeness.
fn candidate(fields: &mut Fields) -> Result<Vec<u8>, RowErrorKind> {
    let source = fields.take("candidate");
    if let Some(encoded) = fields.optional_text("candidate_b64")? {
        return STANDARD.decode(encoded).map_err(|error| RowErrorKind::bad_value("candidate_b64", error.to_string()));
    }
    match source {
        // A lone surrogate stays as it is: no Python can decode such a source, which is the candidate's own fault.
        Some(Value::Str(source)) => Ok(source.as_bytes().to_vec()),
        Some(other) => text("candidate", other).map(String::into_bytes),
        None => Err(RowErrorKind::Missing { keys: "candidate or candidate_b64".to_owned() }),
    }
}

/// Limits as rows have them: `time_s` and `memory_mb`.
pub(crate) fn limits(value: Value) -> Result<JobLimits, RowErrorKind> {
    let mut fields = Fields::nested("limits", value)?;
    let limits = JobLimits {
        cpu_ms: limit(&mut fields, "time_s", 1000.0)?,
        memory_bytes: limit(&mut fields, "memory_mb", f64::from(1 << 20))?,
    };
    fields.finish(&[])?;
    Ok(limits)
}

/// A positive number in the row's unit, as a whole number of a smaller one.
fn limit(fields: &mut Fields, key: &str, factor: f64) -> Result<Option<u64>, RowErrorKind> {
    let Some(value) = fields.take(key) else { return Ok(None) };
    let scaled = crate::fields::number(key, &value)? * factor;
    if !(1.0..=1e15).contains(&scaled) {
        return Err(RowErrorKind::bad_value(key, "it is not positive, or out of range"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range has just been checked")]
    Ok(Some(scaled.round() as u64))
}

fn function_tests(mut problem: Fields, semantics: Semantics) -> Result<FunctionTests, RowErrorKind> {
    let entry_point = problem.text("entry_point")?;
    let inputs = problem.list("inputs")?;
    for (index, input) in inputs.iter().enumerate() {
        if !matches!(input, Value::List(_)) {
            return Err(crate::fields::wrong_type(&format!("inputs[{index}]"), "a list", input.type_name()));
        }
    }
    let expected = expected(&mut problem)?;
    let atol = problem.take("atol").map_or(Ok(0.0), |value| crate::fields::number("atol", &value))?;
    problem.finish(&[])?;
    let comparison = match semantics {
        Semantics::LcbCall => Comparison::LiveCodeBench,
        _ => Comparison::EvalPlus { atol, oracle: Oracle::Plain },
    };
    given_tests(entry_point, inputs, expected, comparison)
}

/// Function tests whose expected values stand in the row.
pub(crate) fn given_tests(
    entry_point: String,
    inputs: Vec<Value>,
    expected: Vec<Value>,
    comparison: Comparison,
) -> Result<FunctionTests, RowErrorKind> {
    if inputs.len() != expected.len() {
        return Err(RowErrorKind::UnequalLengths { inputs: inputs.len(), expected: expected.len() });
    }
    if inputs.is_empty() {
        return Err(RowErrorKind::NoTests);
    }
    Ok(FunctionTests {
        entry_point,
        base_count: inputs.len(),
        inputs: Arc::from(inputs),
        expected: Expected::Given(Arc::from(expected)),
        comparison,
    })
}

fn expected(problem: &mut Fields) -> Result<Vec<Value>, RowErrorKind> {
    match (problem.take("expected"), problem.take("expected_py")) {
        (Some(_), Some(_)) => {
            Err(RowErrorKind::bad_value("expected_py", "expected stands beside it, and one of them must decide"))
        }
        (Some(values), None) => list("expected", values),
        (None, Some(source)) => python_list("expected_py", &text("expected_py", source)?),
        (None, None) => Err(RowErrorKind::Missing { keys: "expected or expected_py".to_owned() }),
    }
}

/// The list that a Python expression under `key` stands for.
pub(crate) fn python_list(key: &str, source: &str) -> Result<Vec<Value>, RowErrorKind> {
    let value = python_literal::parse(source).map_err(|error| RowErrorKind::Literal { key: key.to_owned(), error })?;
    list(key, value)
}

fn stdin_problem(mut problem: Fields) -> Result<Vec<StdinTest>, RowErrorKind> {
    let tests = stdin_tests(problem.list("tests")?).map_err(|kind| kind.within("problem"))?;
    problem.finish(&[])?;
    Ok(tests)
}

/// Stdin tests as rows have them.
pub(crate) fn stdin_tests(tests: Vec<Value>) -> Result<Vec<StdinTest>, RowErrorKind> {
    if tests.is_empty() {
        return Err(RowErrorKind::NoTests);
    }
    let test = |(index, test)| {
        let mut fields = Fields::nested(&format!("tests[{index}]"), test)?;
        let test = StdinTest { input: fields.text("input")?, output: fields.text("output")? };
        fields.finish(&[])?;
        Ok(test)
    };
    tests.into_iter().enumerate().map(test).collect()
}

fn assert_tests(mut problem: Fields) -> Result<Tests, RowErrorKind> {
    let lines = assert_lines(problem.list("asserts")?)?;
    problem.finish(&[])?;
    reduced_asserts::tests(lines)
}

fn test_code(mut problem: Fields, semantics: Semantics) -> Result<TestCode, RowErrorKind> {
    let form = match semantics {
        Semantics::Check => TestForm::Check { candidate: problem.text("entry_point")? },
        _ => TestForm::Pytest,
    };
    let preamble = problem.optional_text("preamble")?.unwrap_or_default();
    let source = problem.text("test")?;
    problem.finish(&[])?;
    Ok(TestCode::new(preamble, source, form)?)
}

/// Assert lines as rows have them.
pub(crate) fn assert_lines(lines: Vec<Value>) -> Result<Vec<String>, RowErrorKind> {
    lines.into_iter().enumerate().map(|(index, line)| text(&format!("asserts[{index}]"), line)).collect()
}

#[cfg(test)]
#[path = "jobs/tests.rs"]
mod tests;
