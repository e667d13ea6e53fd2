//! Set and dict membership: which members Python would keep of a set display, a dict display or a `set(...)` call.
//! Not here: comparing a returned value with an expected one (`verifier::compare`).
//! In: members in the order written. Out: the distinct ones in that order, or the first that Python cannot hash.

use std::collections::HashMap;
use std::collections::HashSet;
use std::collections::hash_map::Entry;

use num_bigint::BigInt;
use num_traits::FromPrimitive;

use crate::value::PyStr;
use crate::value::Value;

/// A member that Python refuses to hash.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unhashable type: '{type_name}'")]
pub struct Unhashable {
    /// The type's name.
    pub type_name: &'static str,
}

/// What two members share when Python takes them for one: equal numbers of different types have the same key.
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Key {
    None,
    Ellipsis,
    Whole(BigInt),
    Float(u64),
    Complex(u64, u64),
    /// NaN equals nothing, itself included; the number makes each one its own.
    Nan(usize),
    Str(Vec<u8>),
    Bytes(Vec<u8>),
    Tuple(Vec<Key>),
    FrozenSet(Vec<Key>),
}

/// Drops each member that equals an earlier one.
pub(crate) fn distinct(members: Vec<Value>) -> Result<Vec<Value>, Unhashable> {
    let mut seen = HashSet::with_capacity(members.len());
    let mut kept = Vec::with_capacity(members.len());
    let mut nans = 0;
    for member in members {
        if seen.insert(key(&member, &mut nans)?) {
            kept.push(member);
        }
    }
    Ok(kept)
}

/// As a dict display does: an equal later key keeps the first key's place and spelling, and takes the later value.
pub(crate) fn distinct_pairs(pairs: Vec<(Value, Value)>) -> Result<Vec<(Value, Value)>, Unhashable> {
    let mut places: HashMap<Key, usize> = HashMap::with_capacity(pairs.len());
    let mut kept: Vec<(Value, Value)> = Vec::with_capacity(pairs.len());
    let mut nans = 0;
    for (name, value) in pairs {
        match places.entry(key(&name, &mut nans)?) {
            Entry::Occupied(place) => kept[*place.get()].1 = value,
            Entry::Vacant(place) => {
                place.insert(kept.len());
                kept.push((name, value));
            }
        }
    }
    Ok(kept)
}

fn key(value: &Value, nans: &mut usize) -> Result<Key, Unhashable> {
    Ok(match value {
        Value::None => Key::None,
        Value::Ellipsis => Key::Ellipsis,
        Value::Bool(flag) => Key::Whole(BigInt::from(u8::from(*flag))),
        Value::Int(number) => Key::Whole(number.clone()),
        Value::Float(number) => float_key(*number, nans),
        Value::Complex { re, im } if *im == 0.0 => float_key(*re, nans),
        Value::Complex { re, im } if re.is_nan() || im.is_nan() => nan_key(nans),
        Value::Complex { re, im } => Key::Complex((re + 0.0).to_bits(), im.to_bits()),
        Value::Str(text) => Key::Str(PyStr::as_bytes(text).to_vec()),
        Value::Bytes(bytes) => Key::Bytes(bytes.clone()),
        Value::Tuple(items) => Key::Tuple(items.iter().map(|item| key(item, nans)).collect::<Result<_, _>>()?),
        Value::FrozenSet(items) => {
            let mut keys: Vec<Key> = items.iter().map(|item| key(item, nans)).collect::<Result<_, _>>()?;
            keys.sort();
            Key::FrozenSet(keys)
        }
        other => return Err(Unhashable { type_name: other.type_name() }),
    })
}

fn float_key(number: f64, nans: &mut usize) -> Key {
    if number.is_nan() {
        return nan_key(nans);
    }
    match BigInt::from_f64(number) {
        Some(whole) if number.fract() == 0.0 => Key::Whole(whole),
        _ => Key::Float(number.to_bits()),
    }
}

fn nan_key(nans: &mut usize) -> Key {
    *nans += 1;
    Key::Nan(*nans)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_of_different_types_are_one_member() {
        let members = vec![Value::from(1), Value::Float(1.0), Value::Bool(true), Value::Float(1.5)];
        assert_eq!(distinct(members), Ok(vec![Value::from(1), Value::Float(1.5)]));
    }

    #[test]
    fn a_later_equal_key_keeps_the_first_spelling_and_takes_the_later_value() {
        let pairs = vec![(Value::from(1), Value::from("a")), (Value::Bool(true), Value::from("b"))];
        assert_eq!(distinct_pairs(pairs), Ok(vec![(Value::from(1), Value::from("b"))]));
    }

    #[test]
    fn a_list_cannot_be_a_member() {
        let refused = distinct(vec![Value::List(vec![])]).expect_err("a list has no hash");
        assert_eq!(refused.to_string(), "unhashable type: 'list'");
    }

    #[test]
    fn two_nans_are_two_members() {
        let members = vec![Value::Float(f64::NAN), Value::Float(f64::NAN)];
        assert_eq!(distinct(members).map(|kept| kept.len()), Ok(2));
    }
}
