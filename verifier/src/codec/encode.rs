//! Writes values as `marshal.dumps(value, 2)` writes them, and our own tags for what marshal refuses.
//! Not here: reading them back (`decode`).
//! In: `&Value`, our own or one that `decode` has capped in depth. Out: bytes.

use num_bigint::BigInt;
use num_bigint::Sign;
use num_traits::ToPrimitive;
use trialbox_datasets::value::Value;

use super::tag;

/// Encodes one value.
///
/// # Panics
///
/// Where a string or container has 2³² members or more, which no capped input reaches.
#[must_use]
pub fn encode(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::None => out.push(tag::NONE),
        Value::Ellipsis => out.push(tag::ELLIPSIS),
        Value::Bool(true) => out.push(tag::TRUE),
        Value::Bool(false) => out.push(tag::FALSE),
        Value::Int(number) => write_int(number, out),
        Value::Float(number) => write_floats(tag::FLOAT, &[*number], out),
        Value::Complex { re, im } => write_floats(tag::COMPLEX, &[*re, *im], out),
        Value::Str(text) => write_bytes(tag::STR, text.as_bytes(), out),
        Value::Bytes(bytes) => write_bytes(tag::BYTES, bytes, out),
        Value::Tuple(items) => write_items(tag::TUPLE, items, out),
        Value::List(items) => write_items(tag::LIST, items, out),
        Value::Set(items) => write_set(tag::SET, items, out),
        Value::FrozenSet(items) => write_set(tag::FROZEN_SET, items, out),
        Value::Dict(pairs) => {
            out.push(tag::DICT);
            for (key, value) in pairs {
                write(key, out);
                write(value, out);
            }
            out.push(tag::DICT_END);
        }
        Value::Decimal(text) => write_bytes(tag::DECIMAL, text.as_bytes(), out),
        Value::Fraction { numerator, denominator } => {
            out.push(tag::FRACTION);
            write_int(numerator, out);
            write_int(denominator, out);
        }
        Value::Array { shape, items, is_float } => write_array(shape, items, *is_float, out),
        Value::Opaque { type_name } => write_bytes(tag::OPAQUE, type_name.as_bytes(), out),
    }
}

/// Small ints have a tag of their own; marshal never writes them the long way.
fn write_int(number: &BigInt, out: &mut Vec<u8>) {
    if let Some(small) = number.to_i32() {
        out.push(tag::INT);
        out.extend(small.to_le_bytes());
        return;
    }
    out.push(tag::LONG);
    let at = out.len();
    out.extend([0; 4]);
    let mut digits = 0_i32;
    let (mut bits, mut held) = (0_u64, 0_u32);
    for word in number.iter_u32_digits() {
        bits |= u64::from(word) << held;
        held += 32;
        while held >= 15 {
            push_digit(&mut bits, &mut held, &mut digits, out);
        }
    }
    while bits != 0 {
        push_digit(&mut bits, &mut held, &mut digits, out);
    }
    // The topmost word may end in zero bits that made whole zero digits.
    while digits > 0 && out.ends_with(&[0, 0]) {
        out.truncate(out.len() - 2);
        digits -= 1;
    }
    let signed = if number.sign() == Sign::Minus { -digits } else { digits };
    out[at..at + 4].copy_from_slice(&signed.to_le_bytes());
}

fn push_digit(bits: &mut u64, held: &mut u32, digits: &mut i32, out: &mut Vec<u8>) {
    let digit = u16::try_from(*bits & 0x7fff).expect("15 bits fit 16");
    out.extend(digit.to_le_bytes());
    *bits >>= 15;
    *held = held.saturating_sub(15);
    *digits += 1;
}

fn write_floats(tag: u8, numbers: &[f64], out: &mut Vec<u8>) {
    out.push(tag);
    for number in numbers {
        out.extend(number.to_bits().to_le_bytes());
    }
}

fn write_bytes(tag: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    write_count(bytes.len(), out);
    out.extend(bytes);
}

fn write_items(tag: u8, items: &[Value], out: &mut Vec<u8>) {
    out.push(tag);
    write_count(items.len(), out);
    for item in items {
        write(item, out);
    }
}

/// CPython 3.11 and later write a set's members in the order of their encodings, so that equal sets have equal bytes.
fn write_set(tag: u8, items: &[Value], out: &mut Vec<u8>) {
    out.push(tag);
    write_count(items.len(), out);
    let mut encoded: Vec<Vec<u8>> = items.iter().map(encode).collect();
    encoded.sort_unstable();
    for item in encoded {
        out.extend(item);
    }
}

fn write_array(shape: &[usize], items: &[Value], is_float: bool, out: &mut Vec<u8>) {
    out.push(tag::ARRAY);
    out.push(u8::from(is_float));
    write_count(shape.len(), out);
    for dimension in shape {
        write_count(*dimension, out);
    }
    write_count(items.len(), out);
    for item in items {
        write(item, out);
    }
}

fn write_count(count: usize, out: &mut Vec<u8>) {
    let count = u32::try_from(count).expect("inputs are capped far below 4 GiB");
    out.extend(count.to_le_bytes());
}
