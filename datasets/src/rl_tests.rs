//! Tests of reinforcement-learning rows: `{inputs, outputs, fn_name?}`, a list of `{input, output}`, or either of them
//! as JSON in a string.
//! Not here: the rest of a row (`rl_row`).
//! In: the value under the key of the tests. Out: [`Tests`], on stdin or of a function, or which test is wrong.

use num_bigint::BigInt;

use crate::fields::Fields;
use crate::fields::list;
use crate::fields::text;
use crate::fields::wrong_type;
use crate::jobs::given_tests;
use crate::problem::Comparison;
use crate::problem::StdinTest;
use crate::problem::Tests;
use crate::python_json;
use crate::python_literal;
use crate::row::RowErrorKind;
use crate::value::Value;

/// Reads tests; `key` is what errors call them.
pub(crate) fn parse(key: &str, tests: Value) -> Result<Tests, RowErrorKind> {
    let Raw { inputs, outputs, function } = match written(key, tests)? {
        Value::Dict(pairs) => of_lists(key, Value::Dict(pairs))?,
        Value::List(tests) => of_pairs(key, tests)?,
        other => return Err(wrong_type(key, "an object or a list of tests", other.type_name())),
    };
    if inputs.len() != outputs.len() {
        return Err(RowErrorKind::UnequalLengths { inputs: inputs.len(), expected: outputs.len() });
    }
    if inputs.is_empty() {
        return Err(RowErrorKind::NoTests);
    }
    let pairs = inputs.into_iter().zip(outputs).enumerate();
    match function {
        None => {
            let test = |(index, (input, output))| {
                let text = |part, value| lines(&format!("{key}: {part} {index}"), value);
                Ok(StdinTest { input: text("input", input)?, output: text("output", output)? })
            };
            pairs.map(test).collect::<Result<_, _>>().map(Tests::Stdin)
        }
        Some(name) => {
            let call = |(index, (input, output))| call(key, index, input, output);
            let calls = pairs.map(call).collect::<Result<Vec<_>, RowErrorKind>>()?;
            let (inputs, expected) = calls.into_iter().unzip();
            given_tests(name, inputs, expected, Comparison::Apps).map(Tests::Function)
        }
    }
}

/// Inputs and outputs as they stand in the row, and the function that is called, if it is no whole program.
struct Raw {
    inputs: Vec<Value>,
    outputs: Vec<Value>,
    function: Option<String>,
}

/// What a string holds: JSON, or what rLLM reads instead, a Python literal.
fn written(key: &str, tests: Value) -> Result<Value, RowErrorKind> {
    let Value::Str(_) = &tests else { return Ok(tests) };
    let written = text(key, tests)?;
    if written.trim().is_empty() {
        return Err(RowErrorKind::NoTests);
    }
    python_json::parse(written.as_bytes()).or_else(|error| {
        python_literal::parse(&written).map_err(|_| RowErrorKind::bad_value(key, format!("it holds no JSON: {error}")))
    })
}

fn of_lists(key: &str, tests: Value) -> Result<Raw, RowErrorKind> {
    let mut fields = Fields::nested(key, tests)?;
    let function = function(&mut fields, "fn_name")?;
    refuse_assert_cases(&mut fields)?;
    Ok(Raw { inputs: fields.list("inputs")?, outputs: fields.list("outputs")?, function })
}

fn of_pairs(key: &str, tests: Vec<Value>) -> Result<Raw, RowErrorKind> {
    let mut raw =
        Raw { inputs: Vec::with_capacity(tests.len()), outputs: Vec::with_capacity(tests.len()), function: None };
    for (index, test) in tests.into_iter().enumerate() {
        let name = format!("{key}[{index}]");
        let mut fields = Fields::nested(&name, test)?;
        let function = called(&mut fields, &name)?;
        if index == 0 {
            raw.function = function;
        } else if raw.function != function {
            return Err(RowErrorKind::bad_value(&name, "it is not of the same function as the tests before it"));
        }
        let mut require =
            |part: &str| fields.take(part).ok_or_else(|| RowErrorKind::Missing { keys: format!("{name}.{part}") });
        raw.inputs.push(require("input")?);
        raw.outputs.push(require("output")?);
    }
    Ok(raw)
}

/// The function that one test of a list names: PrimeIntellect's `fn_name`, LiveCodeBench's `metadata.func_name`.
fn called(fields: &mut Fields, name: &str) -> Result<Option<String>, RowErrorKind> {
    let metadata = fields.take("metadata").filter(|value| *value != Value::None);
    let named = match function(fields, "fn_name")? {
        Some(function) => Some(function),
        None => match metadata {
            Some(metadata) => function(&mut Fields::nested(&format!("{name}.metadata"), metadata)?, "func_name")?,
            None => None,
        },
    };
    let kind = fields.take("testtype").or_else(|| fields.take("type"));
    match kind {
        Some(kind) if kind == Value::from("functional") || kind == Value::from("function_call") => match named {
            Some(function) => Ok(Some(function)),
            None => Err(RowErrorKind::Missing { keys: format!("{name}.fn_name or {name}.metadata.func_name") }),
        },
        Some(kind) if kind == Value::from("stdin") || kind == Value::from("stdin_stdout") => Ok(None),
        _ => Ok(named),
    }
}

fn function(fields: &mut Fields, key: &str) -> Result<Option<String>, RowErrorKind> {
    match fields.take(key) {
        None | Some(Value::None) => Ok(None),
        Some(value) => text(key, value).map(|name| Some(name).filter(|name| !name.is_empty())),
    }
}

/// verl's SandboxFusion route appends these to the program. Leaving them out would leave tests out.
fn refuse_assert_cases(fields: &mut Fields) -> Result<(), RowErrorKind> {
    let is_blank = |case: &Value| matches!(case, Value::Str(text) if text.as_bytes().trim_ascii().is_empty());
    match fields.take("assert_case") {
        None | Some(Value::None) => Ok(()),
        Some(cases) if list("assert_case", cases.clone())?.iter().all(is_blank) => Ok(()),
        Some(_) => Err(RowErrorKind::bad_value("assert_case", "asserts beside inputs and outputs are not supported")),
    }
}

/// A text of stdin or stdout. Where a list stands, TACO's, rLLM's and verl's graders join its items as lines.
fn lines(key: &str, value: Value) -> Result<String, RowErrorKind> {
    let line = |value| match value {
        Value::Int(number) => Ok(number.to_string()),
        other => text(key, other),
    };
    match value {
        Value::List(items) => Ok(items.into_iter().map(line).collect::<Result<Vec<_>, _>>()?.join("\n")),
        other => line(other),
    }
}

/// One call: its arguments and what it must return.
///
/// Arguments are a list, or one JSON value a line, as LiveCodeBench has them; the answer is then JSON as well. Keys that
/// JSON has made texts become numbers again, where APPS's grader turns them back: in an object that is the first
/// argument, the answer, or the one item of the answer, if all of its keys are whole numbers.
fn call(key: &str, index: usize, input: Value, output: Value) -> Result<(Value, Value), RowErrorKind> {
    let (mut arguments, mut expected) = match input {
        Value::List(arguments) => (arguments, output),
        Value::Str(_) => {
            let json = |part: &str, written: &str| {
                let fail = |error| RowErrorKind::bad_value(&format!("{key}: {part} {index}"), format!("{error}"));
                python_json::parse(written.as_bytes()).map_err(fail)
            };
            let written = text(&format!("{key}: input {index}"), input)?;
            let arguments = written.lines().filter(|line| !line.trim().is_empty());
            let arguments = arguments.map(|line| json("input", line)).collect::<Result<_, _>>()?;
            (arguments, json("output", &text(&format!("{key}: output {index}"), output)?)?)
        }
        other => return Err(wrong_type(&format!("{key}: input {index}"), "a list of arguments", other.type_name())),
    };
    if let Some(first) = arguments.first_mut() {
        number_keys(first);
    }
    match &mut expected {
        Value::List(items) if items.len() == 1 => number_keys(&mut items[0]),
        other => number_keys(other),
    }
    Ok((Value::List(arguments), expected))
}

fn number_keys(value: &mut Value) {
    let Value::Dict(pairs) = value else { return };
    let number = |key: &Value| match key {
        Value::Str(text) => text.as_str().and_then(|text| text.parse::<BigInt>().ok()),
        _ => None,
    };
    let Some(numbers) = pairs.iter().map(|(key, _)| number(key)).collect::<Option<Vec<_>>>() else { return };
    for ((key, _), number) in pairs.iter_mut().zip(numbers) {
        *key = Value::Int(number);
    }
}

#[cfg(test)]
mod tests;
