//! EvalPlus's tolerance: when it is on, and what `numpy.allclose` then accepts.
//! Not here: exact equality (`python`), or in which order the two are asked (`compare`).
//! In: two values and a tolerance. Out: yes or no; whatever makes numpy raise is a no.

use num_bigint::BigInt;
use num_traits::ToPrimitive;
use trialbox_datasets::value::Value;

use super::array::Elements;
use super::array::broadcast;

/// The relative tolerance that EvalPlus passes to numpy.
const RELATIVE: f64 = 1e-7;
/// The tolerance that a float answer gets where its row names none.
const FOR_FLOATS: f64 = 1e-6;
/// The most pairs that two broadcast arrays are compared in; beyond it a small answer could cost hours.
const MOST_PAIRS: usize = 1 << 24;

/// The absolute tolerance of a run over the inputs of one task.
///
/// EvalPlus turns the tolerance on at the first expected value made of floats and forgets to turn it off again, so
/// its verdict on an input depends on the inputs before it. That is kept under official semantics only.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    atol: f64,
    sticky: bool,
}

impl Tolerance {
    /// As EvalPlus has it: once on, it stays on for the rest of the run.
    #[must_use]
    pub fn official(atol: f64) -> Self {
        Self { atol, sticky: true }
    }

    /// As it was meant: each input by its own expected value.
    #[must_use]
    pub fn real(atol: f64) -> Self {
        Self { atol, sticky: false }
    }

    /// Whether the benchmark is read as it was meant.
    pub(super) fn is_as_meant(&self) -> bool {
        !self.sticky
    }

    /// The tolerance before the next expected value is looked at; this is what the oracles see.
    #[must_use]
    pub fn current(&self) -> f64 {
        self.atol
    }

    /// The tolerance for this expected value. To judge an input without judging those before it, call this with
    /// each of their expected values first.
    pub fn advance(&mut self, expected: &Value) -> f64 {
        let on = self.atol == 0.0 && is_floats(expected);
        let atol = if on { FOR_FLOATS } else { self.atol };
        if self.sticky {
            self.atol = atol;
        }
        atol
    }
}

/// A float, a non-empty flat list or tuple of floats, or an array of floats.
fn is_floats(value: &Value) -> bool {
    match value {
        Value::Float(_) => true,
        Value::List(items) | Value::Tuple(items) => {
            !items.is_empty() && items.iter().all(|item| matches!(item, Value::Float(_)))
        }
        Value::Array { is_float, .. } => *is_float,
        _ => false,
    }
}

/// What EvalPlus accepts where the values are not equal: one type, one length, and `numpy.allclose`.
pub(super) fn close(actual: &Value, expected: &Value, atol: f64) -> bool {
    if std::mem::discriminant(actual) != std::mem::discriminant(expected) {
        return false;
    }
    if let (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) = (actual, expected)
        && a.len() != b.len()
    {
        return false;
    }
    all_close(actual, expected, atol).unwrap_or(false)
}

/// Whether numpy would compare nothing at all: it stretches `[1.5]` to the no columns of `[[]]`, and finds all of them
/// close.
pub(super) fn is_vacuous(actual: &Value, expected: &Value) -> bool {
    let shapes = Elements::of(actual).zip(Elements::of(expected));
    let (Some((actual, expected)), false) = (shapes, actual == expected) else { return false };
    broadcast(&actual.shape, &expected.shape).is_some_and(|shape| shape.contains(&0))
}

/// `numpy.allclose(actual, expected, rtol=1e-7, atol=atol)`, as numpy 2.4 computes it; `None` where it raises.
///
/// One thing is decided otherwise: what is no number is close to nothing, whereas numpy finds `[None]` close to `[[]]`
/// because broadcasting leaves no pair to compare.
fn all_close(actual: &Value, expected: &Value, atol: f64) -> Option<bool> {
    let (actual, expected) = (Elements::of(actual)?, Elements::of(expected)?);
    let shape = broadcast(&actual.shape, &expected.shape)?;
    let is_scalar = expected.shape.is_empty();
    let xs = actual.items.iter().map(|item| number(item)).collect::<Option<Vec<_>>>()?;
    let ys = expected.items.iter().map(|item| expected_number(item, is_scalar)).collect::<Option<Vec<_>>>()?;
    let pairs = shape.iter().try_fold(1_usize, |product, dimension| product.checked_mul(*dimension));
    if pairs.is_none_or(|pairs| pairs > MOST_PAIRS) {
        return None;
    }
    if actual.shape == expected.shape {
        return Some(xs.iter().zip(&ys).all(|(x, y)| is_close(*x, *y, atol)));
    }
    let (x_steps, y_steps) = (steps(&actual.shape, &shape), steps(&expected.shape, &shape));
    Some((0..pairs?).all(|pair| {
        let (x, y) = locate(pair, &shape, &x_steps, &y_steps);
        is_close(xs[x], ys[y], atol)
    }))
}

/// A number as numpy subtracts it, with its imaginary part.
fn number(value: &Value) -> Option<(f64, f64)> {
    match value {
        Value::Bool(truth) => Some((f64::from(u8::from(*truth)), 0.0)),
        Value::Int(int) => finite(int.to_f64()),
        Value::Float(float) => Some((*float, 0.0)),
        Value::Complex { re, im } => Some((*re, *im)),
        Value::Fraction { numerator, denominator } => finite(ratio(numerator, denominator)),
        _ => None,
    }
}

/// Expected ints must fit numpy's own, else its `isfinite` raises, unless they stand alone; fractions never do.
fn expected_number(value: &Value, is_scalar: bool) -> Option<(f64, f64)> {
    match value {
        Value::Int(int) if !is_scalar && int.to_i64().is_none() && int.to_u64().is_none() => None,
        Value::Fraction { .. } => None,
        _ => number(value),
    }
}

/// Python refuses to turn an int beyond the floats into one.
fn finite(float: Option<f64>) -> Option<(f64, f64)> {
    float.filter(|float| float.is_finite()).map(|float| (float, 0.0))
}

/// The float nearest to a fraction, to within one unit in the last place.
fn ratio(numerator: &BigInt, denominator: &BigInt) -> Option<f64> {
    let shift = 64 + i64::try_from(denominator.bits()).ok()? - i64::try_from(numerator.bits()).ok()?;
    if shift.abs() > 1_200 {
        return if shift > 0 { Some(0.0) } else { None };
    }
    let quotient = if shift >= 0 {
        (numerator << shift.unsigned_abs()) / denominator
    } else {
        numerator / (denominator << shift.unsigned_abs())
    };
    let half = i32::try_from(-shift / 2).ok()?;
    let rest = i32::try_from(-shift).ok()? - half;
    Some(quotient.to_f64()? * 2_f64.powi(half) * 2_f64.powi(rest))
}

fn is_close(x: (f64, f64), y: (f64, f64), atol: f64) -> bool {
    let distance = modulus(x.0 - y.0, x.1 - y.1);
    let allowed = atol + RELATIVE * modulus(y.0, y.1);
    (distance <= allowed && y.0.is_finite() && y.1.is_finite()) || x == y
}

fn modulus(re: f64, im: f64) -> f64 {
    if im == 0.0 { re.abs() } else { re.hypot(im) }
}

/// How far one step along each dimension of `shape` goes in the items of an array; 0 where it is stretched.
fn steps(own: &[usize], shape: &[usize]) -> Vec<usize> {
    let mut steps = vec![0; shape.len()];
    let mut step = 1;
    for (at, dimension) in own.iter().enumerate().rev() {
        if *dimension != 1 {
            steps[at + shape.len() - own.len()] = step;
        }
        step *= dimension;
    }
    steps
}

fn locate(pair: usize, shape: &[usize], x_steps: &[usize], y_steps: &[usize]) -> (usize, usize) {
    let (mut rest, mut x, mut y) = (pair, 0, 0);
    for at in (0..shape.len()).rev() {
        let index = rest % shape[at];
        rest /= shape[at];
        x += index * x_steps[at];
        y += index * y_steps[at];
    }
    (x, y)
}
