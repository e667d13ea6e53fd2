//! EvalPlus's special rules for single tasks, where more than one answer is right.
//! Not here: the ordinary comparison, before and after (`compare`).
//! In: the values, the inputs and what `==` said. Out: what EvalPlus would go on with, an exception included.

use std::borrow::Cow;

use num_bigint::BigInt;
use num_traits::FromPrimitive;
use num_traits::ToPrimitive;
use trialbox_datasets::problem::Oracle;
use trialbox_datasets::value::Value;

use crate::compare::equal_as_sets;
use crate::compare::python_eq;

/// What an oracle makes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// The answer passes; no further rule is asked.
    Passed,
    /// EvalPlus's code raises, which fails the input.
    Raised,
    /// Whether the answer is exact; if not, the tolerance may still accept it.
    Exact(bool),
}

/// Turns what a canonical solution returned into what EvalPlus stores as the expected value of the task: for the
/// tasks judged by `is not None`, only that. Apply it to every expected value that was computed and not given.
#[must_use]
pub fn expected_from_canonical(oracle: Oracle, returned: Value) -> Value {
    match oracle {
        Oracle::NotNone => Value::Bool(returned != Value::None),
        _ => returned,
    }
}

/// Asks the oracle of a task. `exact` is `actual == expected`, `None` where that is an array without a truth; `atol` is
/// the tolerance before this input.
pub(crate) fn consult(
    oracle: Oracle,
    exact: Option<bool>,
    actual: &Value,
    expected: &Value,
    inputs: &Value,
    atol: f64,
) -> Finding {
    match oracle {
        // These two never ask for the truth of `actual == expected`.
        Oracle::SetEqual => set_equal(actual, expected).map_or(Finding::Raised, Finding::Exact),
        Oracle::NotNone => Finding::Exact(not_none(actual, expected)),
        Oracle::FindZero => match find_zero(actual, inputs) {
            Some(value) if value.abs() <= atol => Finding::Passed,
            _ => Finding::Raised,
        },
        Oracle::Plain => exact.map_or(Finding::Raised, Finding::Exact),
        Oracle::AlwaysTrue => either(exact, || Some(true)),
        Oracle::ZeroToo => either(exact, || Some(python_eq(actual, &Value::from(0)))),
        Oracle::SurfaceArea => either(exact, || surface_area(actual, inputs, atol)),
        Oracle::DigitDistance => either(exact, || Some(python_eq(actual, &Value::Int(digit_distance(inputs)?.into())))),
    }
}

/// `exact or other()`, which asks only where it must; `None` stands for an exception.
fn either(exact: Option<bool>, other: impl FnOnce() -> Option<bool>) -> Finding {
    let truth = match exact {
        Some(false) => other(),
        known => known,
    };
    truth.map_or(Finding::Raised, Finding::Exact)
}

fn arguments(inputs: &Value) -> Option<&[Value]> {
    match inputs {
        Value::List(items) | Value::Tuple(items) => Some(items),
        _ => None,
    }
}

/// `set(actual) == set(expected)`.
fn set_equal(actual: &Value, expected: &Value) -> Option<bool> {
    let (actual, expected) = (members(actual)?, members(expected)?);
    let actual: Vec<&Value> = actual.iter().map(AsRef::as_ref).collect();
    let expected: Vec<&Value> = expected.iter().map(AsRef::as_ref).collect();
    equal_as_sets(&actual, &expected)
}

/// What iterating over a value gives; `None` where Python cannot.
fn members(value: &Value) -> Option<Vec<Cow<'_, Value>>> {
    match value {
        Value::List(items) | Value::Tuple(items) | Value::Set(items) | Value::FrozenSet(items) => {
            Some(items.iter().map(Cow::Borrowed).collect())
        }
        Value::Array { shape, items, .. } if shape.len() == 1 => Some(items.iter().map(Cow::Borrowed).collect()),
        Value::Dict(pairs) => Some(pairs.iter().map(|(key, _)| Cow::Borrowed(key)).collect()),
        Value::Bytes(bytes) => Some(bytes.iter().map(|byte| Cow::Owned(Value::from(i64::from(*byte)))).collect()),
        // A lone surrogate stands in no expected text; any one letter will do for it.
        Value::Str(text) => {
            let text = String::from_utf8_lossy(text.as_bytes());
            Some(text.chars().map(|letter| Cow::Owned(Value::from(letter.encode_utf8(&mut [0; 4]) as &str))).collect())
        }
        _ => None,
    }
}

/// A bool is compared as it is; anything else by whether it is there.
fn not_none(actual: &Value, expected: &Value) -> bool {
    match actual {
        Value::Bool(_) => python_eq(actual, expected),
        _ => python_eq(&Value::Bool(*actual != Value::None), expected),
    }
}

/// The polynomial of the only argument at `x`, or `None` where Python raises.
fn find_zero(x: &Value, inputs: &Value) -> Option<f64> {
    let [coefficients] = arguments(inputs)? else { return None };
    let coefficients = arguments(coefficients)?;
    let mut sum = 0.0;
    for (power, coefficient) in coefficients.iter().enumerate() {
        let x = to_float(x)?;
        let raised = x.powf(power.to_f64()?);
        // `math.pow` raises where a finite base gives an infinite result.
        if raised.is_infinite() && x.is_finite() {
            return None;
        }
        sum += to_float(coefficient)? * raised;
    }
    Some(sum)
}

/// `abs(actual - area) <= atol`, where the height is the one from the base to the apex.
fn surface_area(actual: &Value, inputs: &Value, atol: f64) -> Option<bool> {
    let [base, height] = arguments(inputs)? else { return None };
    let (base, height) = (to_float(base)?, to_float(height)?);
    let slant = ((base / 2.0).powi(2) + height.powi(2)).sqrt();
    let area = (base.powi(2) + 4.0 * (base * slant) / 2.0).round_ties_even();
    let area_int = BigInt::from_f64(area)?;
    match actual {
        // Exactly, as Python subtracts ints.
        Value::Int(int) => Some((int - area_int).to_f64()?.abs() <= atol),
        Value::Complex { re, im } => Some((re - area).hypot(*im) <= atol),
        other => Some((to_float(other)? - area).abs() <= atol),
    }
}

/// The sum of the differences of the digits, the shorter number padded with zeros.
fn digit_distance(inputs: &Value) -> Option<u64> {
    let [first, second] = arguments(inputs)? else { return None };
    let (first, second) = (digits(first)?, digits(second)?);
    let length = first.len().max(second.len());
    let padded = |digits: &[u8]| -> Vec<u8> {
        std::iter::repeat_n(0, length - digits.len()).chain(digits.iter().copied()).collect()
    };
    Some(padded(&first).into_iter().zip(padded(&second)).map(|(a, b)| u64::from(a.abs_diff(b))).sum())
}

/// The digits of `str(value)`; a sign or a point makes EvalPlus raise.
fn digits(value: &Value) -> Option<Vec<u8>> {
    let text = match value {
        Value::Int(int) => int.to_string(),
        Value::Str(text) => text.as_str()?.to_owned(),
        _ => return None,
    };
    text.bytes().map(|byte| byte.is_ascii_digit().then(|| byte - b'0')).collect()
}

/// `float(value)` for numbers, `None` where Python raises.
fn to_float(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Value::Int(int) => int.to_f64().filter(|float| float.is_finite()),
        Value::Float(float) => Some(*float),
        Value::Decimal(text) => text.parse().ok(),
        Value::Fraction { numerator, denominator } => Some(numerator.to_f64()? / denominator.to_f64()?),
        Value::Array { shape, items, .. } if shape.is_empty() => items.first().and_then(to_float),
        _ => None,
    }
}
