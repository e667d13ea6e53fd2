//! numpy's part in a comparison: how values become arrays, how shapes broadcast, and what `==` then says.
//! Not here: tolerances (`close`), numbers (`number`).
//! In: arrays, nested lists and scalars. Out: a shape and its elements, or the truth of an elementwise `==`.

use num_traits::ToPrimitive;
use trialbox_datasets::value::Value;

use super::Refusal;
use super::python;

/// numpy's limit; a deeper list does not become an array.
const MAX_DIMENSIONS: usize = 64;

/// What `numpy.asarray(value)` holds.
#[derive(Debug)]
pub(super) struct Elements<'a> {
    pub(super) shape: Vec<usize>,
    pub(super) items: Vec<&'a Value>,
}

impl<'a> Elements<'a> {
    /// Reads a value as an array; `None` where the lists are ragged or too deep, for which numpy raises.
    pub(super) fn of(value: &'a Value) -> Option<Self> {
        let mut items = Vec::new();
        let shape = collect(value, 0, &mut items)?;
        Some(Self { shape, items })
    }
}

fn collect<'a>(value: &'a Value, depth: usize, items: &mut Vec<&'a Value>) -> Option<Vec<usize>> {
    match value {
        Value::Array { shape, items: elements, .. } => {
            items.extend(elements);
            Some(shape.clone())
        }
        Value::List(members) | Value::Tuple(members) => {
            if depth == MAX_DIMENSIONS {
                return None;
            }
            let mut shape = vec![members.len()];
            let mut members = members.iter();
            if let Some(first) = members.next() {
                let inner = collect(first, depth + 1, items)?;
                for member in members {
                    if collect(member, depth + 1, items)? != inner {
                        return None;
                    }
                }
                shape.extend(inner);
            }
            Some(shape)
        }
        _ => {
            items.push(value);
            Some(Vec::new())
        }
    }
}

/// The common shape of two arrays, or `None` where numpy finds none.
pub(super) fn broadcast(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let length = a.len().max(b.len());
    let padded = |shape: &[usize], at: usize| (at + shape.len()).checked_sub(length).map_or(1, |at| shape[at]);
    (0..length)
        .map(|at| match (padded(a, at), padded(b, at)) {
            (a, b) if a == b => Some(a),
            (1, other) | (other, 1) => Some(other),
            _ => None,
        })
        .collect()
}

/// `==` where one side is an array: elementwise, so it has a truth only where one element comes out.
pub(super) fn equal(a: &Value, b: &Value) -> Result<bool, Refusal> {
    let (Some(a), Some(b)) = (Elements::of(a), Elements::of(b)) else { return Err(Refusal::Raises) };
    let shape = broadcast(&a.shape, &b.shape).ok_or(Refusal::Raises)?;
    match (a.items.as_slice(), b.items.as_slice()) {
        ([a], [b]) if shape.iter().all(|dimension| *dimension == 1) => elements_equal(a, b),
        _ => Err(Refusal::NoTruth),
    }
}

/// Elements are equal as in Python, save that numpy compares an int with a float as floats.
fn elements_equal(a: &Value, b: &Value) -> Result<bool, Refusal> {
    match (a, b) {
        (Value::Int(int), Value::Float(float)) | (Value::Float(float), Value::Int(int)) => {
            Ok(int.to_f64() == Some(*float))
        }
        _ => python::equal(a, b).map_err(|_| Refusal::Raises),
    }
}
