//! Whether an encoded value holds a NaN, found out without decoding it.
//! Not here: what that means for a comparison (`judge`).
//! In: bytes, of which tags and lengths alone are read. Out: a yes that may be too careful, or a no that is right.

use super::tag;

/// Whether a NaN may be inside: false only where every float of a well-formed value was looked at and is none.
pub(crate) fn may_hold_nan(encoded: &[u8]) -> bool {
    let mut rest = encoded;
    while let Some((tag, behind)) = rest.split_first() {
        let Some(length) = length_behind(*tag, behind) else { return true };
        let Some((own, behind)) = behind.split_at_checked(length) else { return true };
        let is_float = matches!(*tag, tag::FLOAT | tag::COMPLEX);
        if is_float && own.as_chunks::<8>().0.iter().any(|bytes| f64::from_le_bytes(*bytes).is_nan()) {
            return true;
        }
        rest = behind;
    }
    false
}

/// How many bytes belong to a tag, members not counted; `None` for what is too rare to be worth a rule (a decimal, an array),
/// or cut off.
fn length_behind(tag: u8, behind: &[u8]) -> Option<usize> {
    let word = || behind.first_chunk().map(|bytes| i32::from_le_bytes(*bytes).unsigned_abs() as usize);
    Some(match tag {
        tag::NONE | tag::TRUE | tag::FALSE | tag::ELLIPSIS | tag::DICT | tag::DICT_END => 0,
        tag::INT | tag::TUPLE | tag::LIST | tag::SET | tag::FROZEN_SET => 4,
        tag::FLOAT => 8,
        tag::COMPLEX => 16,
        tag::BYTES | tag::STR => word()?.checked_add(4)?,
        // Digits of 15 bits.
        tag::LONG => word()?.checked_mul(2)?.checked_add(4)?,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use trialbox_datasets::value::Value;

    use super::*;
    use crate::codec::{encode, tests::any_value};

    fn holds_nan(value: &Value) -> bool {
        match value {
            Value::Float(float) => float.is_nan(),
            Value::Complex { re, im } => re.is_nan() || im.is_nan(),
            Value::Tuple(items) | Value::List(items) | Value::Set(items) | Value::FrozenSet(items) => {
                items.iter().any(holds_nan)
            }
            Value::Dict(pairs) => pairs.iter().any(|(key, value)| holds_nan(key) || holds_nan(value)),
            _ => false,
        }
    }

    #[test]
    fn a_nan_is_seen_wherever_it_hides() {
        let nan = || Value::Float(f64::NAN);
        for value in [
            nan(),
            Value::List(vec![Value::from(1), nan()]),
            Value::Dict(vec![(Value::from("g"), Value::Tuple(vec![nan()]))]),
            Value::Complex { re: 0.0, im: f64::NAN },
            Value::Decimal("NaN".to_owned()),
        ] {
            assert!(may_hold_nan(&encode(&value)), "{value:?}");
        }
        for value in [Value::Float(1.5), Value::from("going gray"), Value::List(vec![Value::Float(f64::INFINITY)])] {
            assert!(!may_hold_nan(&encode(&value)), "{value:?}");
        }
    }

    #[test]
    fn bytes_that_only_look_like_a_nan_are_none() {
        // From the tag in its middle on it reads as a NaN that ends in the next float.
        let float = Value::Float(f64::from_le_bytes([0, 0, 0, 0xf8, 0x7f, b'g', 0, 0x40]));
        assert!(!may_hold_nan(&encode(&Value::List(vec![float; 3]))));
        assert!(!may_hold_nan(&encode(&Value::Bytes(b"g\0\0\0\0\0\0\xff\x7f".to_vec()))));
    }

    #[test]
    fn what_is_no_plain_data_may_hold_anything() {
        assert!(may_hold_nan(&encode(&Value::List(vec![Value::Opaque { type_name: "generator".to_owned() }]))));
    }

    #[test]
    fn what_is_cut_off_may_hold_anything() {
        assert!(may_hold_nan(b"u\xff\xff\0\0short"));
    }

    proptest! {
        #[test]
        fn a_nan_is_never_missed(value in any_value()) {
            prop_assert!(may_hold_nan(&encode(&value)) || !holds_nan(&value));
        }
    }
}
