//! Single tests: an input and an output, as arguments and a value or as texts of stdin and stdout.
//! Not here: where the tests stand in a row (`livecodebench`, `sandboxfusion`), unpacking them (`packed`, `pickle`).
//! In: texts. Out: [`Tests`], or which of them is wrong.

use crate::fields::Fields;
use crate::fields::wrong_type;
use crate::jobs;
use crate::problem::Comparison;
use crate::problem::StdinTest;
use crate::problem::Tests;
use crate::python_json;
use crate::row::RowErrorKind;
use crate::value::Value;

/// One test, not yet looked into, and the place that errors name.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) place: String,
    pub(crate) input: String,
    pub(crate) output: String,
}

/// Tests as a row lists them under `key`: a JSON document, or the list itself. All must be of the kind that the
/// problem's function name, or its absence, asks for.
pub(crate) fn listed(key: &str, list: Value, has_function: bool) -> Result<Vec<Case>, RowErrorKind> {
    let list = crate::fields::list(key, list)?;
    let case = |(index, value)| {
        let place = format!("{key}[{index}]");
        let mut fields = Fields::nested(&place, value)?;
        let read = |fields: &mut Fields| Ok((fields.text("input")?, fields.text("output")?, fields.text("testtype")?));
        let (input, output, kind) = read(&mut fields).map_err(|kind| at(&place, &kind))?;
        check_kind(&place, &kind, has_function)?;
        Ok(Case { place, input, output })
    };
    list.into_iter().enumerate().map(case).collect()
}

fn check_kind(place: &str, kind: &str, has_function: bool) -> Result<(), RowErrorKind> {
    let reason = match (kind, has_function) {
        ("functional", true) | ("stdin", false) => return Ok(()),
        ("functional", false) => "testtype is functional, but metadata has no func_name".to_owned(),
        ("stdin", true) => "testtype is stdin, but metadata has a func_name".to_owned(),
        _ => format!("expected testtype to be functional or stdin, found {kind}"),
    };
    Err(RowErrorKind::bad_value(place, reason))
}

/// The tests of a problem: calls where it names a function, a program's stdin and stdout otherwise.
pub(crate) fn tests(function: Option<String>, cases: Vec<Case>) -> Result<Tests, RowErrorKind> {
    if cases.is_empty() {
        return Err(RowErrorKind::NoTests);
    }
    let Some(entry_point) = function else {
        let test = |case: Case| StdinTest { input: case.input, output: case.output };
        return Ok(Tests::Stdin(cases.into_iter().map(test).collect()));
    };
    let (mut inputs, mut expected) = (Vec::with_capacity(cases.len()), Vec::with_capacity(cases.len()));
    for Case { place, input, output } in cases {
        // As lcb_runner splits them: each line is one argument, the last one included.
        let lines = input.split('\n').enumerate();
        let argument = |(number, line)| json(&place, &format!("argument {number}"), line);
        inputs.push(Value::List(lines.map(argument).collect::<Result<_, _>>()?));
        expected.push(json(&place, "output", &output)?);
    }
    jobs::given_tests(entry_point, inputs, expected, Comparison::LiveCodeBench).map(Tests::Function)
}

fn json(place: &str, what: &str, text: &str) -> Result<Value, RowErrorKind> {
    let parsed = python_json::parse(text.as_bytes());
    parsed.map_err(|error| RowErrorKind::bad_value(place, format!("{what}: {error}")))
}

/// The document that stands as text under `key`.
pub(crate) fn document(key: &str, text: &str) -> Result<Value, RowErrorKind> {
    python_json::parse(text.as_bytes()).map_err(|error| RowErrorKind::bad_value(key, error.to_string()))
}

/// What stands under `key`: a JSON document as text, or what such a document would give.
pub(crate) fn document_or_value(key: &str, value: Value) -> Result<Value, RowErrorKind> {
    match value {
        Value::Str(_) => document(key, &crate::fields::text(key, value)?),
        Value::List(_) | Value::Dict(_) => Ok(value),
        other => Err(wrong_type(key, "a JSON document", other.type_name())),
    }
}

fn at(place: &str, kind: &RowErrorKind) -> RowErrorKind {
    RowErrorKind::bad_value(place, kind.to_string())
}
