//! Compares a returned value with the expected one, by each benchmark's own rule.
//! Not here: special rules of single tasks (`oracle`), stdout (`text`), what follows from the answer (`judge`).
//! In: an actual value that a candidate may have chosen, and a trusted expected one. Out: equal or not.

mod array;
mod close;
pub(crate) mod decimal;
mod number;
mod python;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;

use trialbox_datasets::problem::Oracle;
use trialbox_datasets::value::Value;

pub use close::Tolerance;

use crate::oracle;
use crate::oracle::Finding;

/// Why `==` of two values has no truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// It gives an array of other than one element: asking for its truth raises, merely computing it does not.
    NoTruth,
    /// It raises.
    Raises,
}

/// Python's `actual == expected`, false where it raises or is ambiguous.
///
/// Numbers of all types compare by their exact values, a NaN equals nothing (two processes share no object, so the
/// identity that makes `[nan] == [nan]` true in one process is never there), and an opaque value equals nothing.
/// Recurses as deep as the shallower value is; `codec` caps that.
#[must_use]
pub fn python_eq(actual: &Value, expected: &Value) -> bool {
    python::equal(actual, expected) == Ok(true)
}

/// `set(actual) == set(expected)` over members; `None` where one of them cannot be in a set.
pub(crate) fn equal_as_sets<'a>(actual: &[&'a Value], expected: &[&'a Value]) -> Option<bool> {
    let mut members = actual.iter().chain(expected);
    members
        .all(|member| python::is_hashable(member))
        .then(|| python::sets_equal(actual.iter().copied(), expected.iter().copied()))
}

/// EvalPlus's whole rule for one input: `==`, the task's oracle, then the tolerance.
///
/// `inputs` is the argument list, for the oracles that compute with it. The inputs of a task must come in order under
/// [`Tolerance::official`]. What EvalPlus sees and we do not: numpy scalars and subclasses arrive as their base
/// values, so where a tolerance is on, `np.float64` passes for `float` here and not there.
#[must_use]
pub fn evalplus_equal(
    actual: &Value,
    expected: &Value,
    oracle: Oracle,
    inputs: &Value,
    tolerance: &mut Tolerance,
) -> bool {
    // The oracles see the tolerance that earlier inputs have left, as in EvalPlus.
    let before = tolerance.current();
    let atol = tolerance.advance(expected);
    let exact = match python::equal(actual, expected) {
        Ok(exact) => Some(exact),
        Err(Refusal::NoTruth) => None,
        Err(Refusal::Raises) => return false,
    };
    match oracle::consult(oracle, exact, actual, expected, inputs, before) {
        Finding::Passed => true,
        Finding::Raised => false,
        Finding::Exact(true) => true,
        Finding::Exact(false) if atol == 0.0 => false,
        Finding::Exact(false) if tolerance.is_as_meant() && close::is_vacuous(actual, expected) => false,
        Finding::Exact(false) => close::close(actual, expected, atol),
    }
}

/// LiveCodeBench's rule for functions: one outer tuple counts as a list, then `==` without tolerance.
#[must_use]
pub fn livecodebench_equal(actual: &Value, expected: &Value) -> bool {
    match (actual, expected) {
        (Value::Tuple(a), Value::List(b)) => python::sequences_equal(a, b) == Ok(true),
        // Having become a list, it no longer equals a tuple.
        (Value::Tuple(_), Value::Tuple(_)) => false,
        _ => python_eq(actual, expected),
    }
}

/// APPS's rule for functions: LiveCodeBench's, and where the expected value is a list its first item will do as well,
/// also for a list of tuples, each of which then counts as a list.
#[must_use]
pub fn apps_equal(actual: &Value, expected: &Value) -> bool {
    if livecodebench_equal(actual, expected) {
        return true;
    }
    let Value::List(wrapped) = expected else { return false };
    let Some(first) = wrapped.first() else { return false };
    livecodebench_equal(actual, first) || tuples_as_lists(actual).is_some_and(|actual| python_eq(&actual, first))
}

/// `[list(item) for item in answer]`, which is looked at where the answer's first item is a tuple.
fn tuples_as_lists(answer: &Value) -> Option<Value> {
    let (Value::List(items) | Value::Tuple(items)) = answer else { return None };
    matches!(items.first(), Some(Value::Tuple(_))).then_some(())?;
    let list = |item: &Value| match item {
        Value::Tuple(parts) | Value::List(parts) => Some(Value::List(parts.clone())),
        _ => None,
    };
    items.iter().map(list).collect::<Option<_>>().map(Value::List)
}
