//! What the rows of HumanEval+ and MBPP+ have in common.
//! Not here: what differs between them: MBPP's argument types, special oracles (`mbpp`, `humaneval`).
//! In: one line and the two functions that differ. Out: a [`Problem`].

use std::sync::Arc;

use crate::fields::Fields;
use crate::fields::list;
use crate::fields::wrong_type;
use crate::problem::Comparison;
use crate::problem::Expected;
use crate::problem::FunctionTests;
use crate::problem::Oracle;
use crate::problem::Problem;
use crate::problem::Shown;
use crate::problem::Tests;
use crate::row::RowErrorKind;
use crate::value::Value;

/// Puts one argument list of a task into its real types.
pub(crate) type Restore = fn(task_id: &str, arguments: Vec<Value>) -> Result<Value, RowErrorKind>;

/// Reads one row; keys that the tests do not need are not looked at.
pub(crate) fn parse(line: &[u8], restore: Restore, oracle: fn(&str) -> Oracle) -> Result<Problem, RowErrorKind> {
    let mut fields = Fields::parse(line)?;
    let task_id = fields.text("task_id")?;
    let prompt = fields.text("prompt")?;
    let entry_point = fields.text("entry_point")?;
    let solution = fields.text("canonical_solution")?;
    let atol = fields.number("atol")?;
    let mut inputs = inputs(&mut fields, "base_input", &task_id, restore)?;
    let base_count = inputs.len();
    inputs.extend(self::inputs(&mut fields, "plus_input", &task_id, restore)?);
    if base_count == 0 {
        return Err(RowErrorKind::NoTests);
    }
    Ok(Problem {
        canonical: Some(format!("{prompt}{solution}")),
        task_id,
        prompt,
        shown: Shown::default(),
        tests: Tests::Function(FunctionTests {
            comparison: Comparison::EvalPlus { atol, oracle: oracle(&entry_point) },
            entry_point,
            inputs: Arc::from(inputs),
            base_count,
            expected: Expected::FromCanonical,
        }),
    })
}

fn inputs(fields: &mut Fields, key: &str, task_id: &str, restore: Restore) -> Result<Vec<Value>, RowErrorKind> {
    let lists = match fields.require(key)? {
        Value::List(lists) => lists,
        // Mbpp/793 has `{}` where every other row has a list.
        Value::Dict(pairs) if pairs.is_empty() => vec![],
        other => return Err(wrong_type(key, "a list of argument lists", other.type_name())),
    };
    let restored = lists.into_iter().enumerate().map(|(index, arguments)| {
        let key = format!("{key}[{index}]");
        let restored = restore(task_id, list(&key, arguments)?);
        restored.map_err(|kind| match kind {
            RowErrorKind::BadValue { reason, .. } => RowErrorKind::BadValue { key, reason },
            other => other,
        })
    });
    restored.collect()
}
