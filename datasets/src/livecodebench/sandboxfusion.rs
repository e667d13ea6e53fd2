//! SandboxFusion's edition of LiveCodeBench: all tests in one packed field, what else is known in `labels`.
//! Not here: the original layout (`livecodebench`).
//! In: one row. Out: a [`Row`] under the original `question_id`; its packed field as tests.

use crate::fields::Fields;
use crate::fields::list;
use crate::fields::text;
use crate::fields::wrong_type;
use crate::livecodebench::PackedTests;
use crate::livecodebench::Row;
use crate::livecodebench::cases;
use crate::livecodebench::cases::Case;
use crate::livecodebench::packed;
use crate::livecodebench::pickle;
use crate::livecodebench::selection::About;
use crate::livecodebench::word;
use crate::problem::Shown;
use crate::row::RowErrorKind;
use crate::value::Value;

const TESTS: &str = "test";
/// The one entry of the pickled dict.
const ENTRY: &str = "input_output";

/// Takes a row apart. Its `canonical_solution` is a stand-in (`import sys; sys.exit(0)`) and is not looked at.
/// `limit_bytes` is what its tests may unpack to.
pub(super) fn row(mut fields: Fields, release: Option<usize>, limit_bytes: usize) -> Result<Row, RowErrorKind> {
    let prompt = fields.text("content")?;
    let packed = fields.text(TESTS)?;
    let labels = cases::document_or_value("labels", fields.require("labels")?)?;
    let mut labels = Fields::nested("labels", labels)?;
    let name = labels.text("task_id")?;
    let Some((_, task_id)) = name.split_once('/') else {
        let reason = format!("expected task_id to be platform/question_id, found {name}");
        return Err(RowErrorKind::bad_value("labels", reason));
    };
    let about = About {
        difficulty: word("labels", &labels.text("difficulty")?)?,
        platform: word("labels", &labels.text("category")?)?,
        day: None,
        release,
    };
    // The name of the function stands among the tests.
    let function = read(&packed, limit_bytes)?.function;
    Ok(Row {
        task_id: task_id.to_owned(),
        prompt,
        shown: Shown::default(),
        about,
        function,
        tests: PackedTests::SandboxFusion { packed, limit_bytes },
    })
}

/// The tests in the packed field.
pub(super) fn cases(packed: &str, limit_bytes: usize) -> Result<Vec<Case>, RowErrorKind> {
    let Packed { inputs, outputs, .. } = read(packed, limit_bytes)?;
    if inputs.len() != outputs.len() {
        return Err(RowErrorKind::UnequalLengths { inputs: inputs.len(), expected: outputs.len() });
    }
    let case = |(index, (input, output))| {
        let place = format!("{TESTS}[{index}]");
        let input = text(&format!("{place}.input"), input)?;
        Ok(Case { input, output: text(&format!("{place}.output"), output)?, place })
    };
    inputs.into_iter().zip(outputs).enumerate().map(case).collect()
}

struct Packed {
    function: Option<String>,
    inputs: Vec<Value>,
    outputs: Vec<Value>,
}

fn read(packed: &str, limit_bytes: usize) -> Result<Packed, RowErrorKind> {
    let refuse = |reason: String| RowErrorKind::bad_value(TESTS, reason);
    let pickled = packed::unpack(packed, limit_bytes).map_err(|error| refuse(error.to_string()))?;
    let mut entries = pickle::texts(&pickled).map_err(|error| refuse(error.to_string()))?;
    drop(pickled);
    let entry = entries.remove(ENTRY).ok_or_else(|| refuse(format!("the pickled dict has no {ENTRY}")))?;
    let mut fields = Fields::nested(TESTS, cases::document(TESTS, &entry)?)?;
    let function = match fields.require("fn_name")? {
        Value::None => None,
        Value::Str(name) => Some(text("fn_name", Value::Str(name))?),
        other => return Err(wrong_type("fn_name", "a string or null", other.type_name())),
    };
    Ok(Packed {
        function,
        inputs: list("inputs", fields.require("inputs")?)?,
        outputs: list("outputs", fields.require("outputs")?)?,
    })
}
