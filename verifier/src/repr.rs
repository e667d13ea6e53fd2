//! Values as Python would print them, cut short: for people who read a first failure.
//! Not here: anything that is compared; two different values may print alike once they are cut.

use std::fmt::Write;

use trialbox_datasets::value::Value;

/// How much of a text a report shows, in bytes.
pub(crate) const SHOWN_BYTES: usize = 500;

/// `repr(value)`, cut to a bearable length.
pub(crate) fn repr(value: &Value) -> String {
    let mut text = String::new();
    write_value(&mut text, value);
    cut(&text)
}

/// A text cut to a bearable length, at a character's boundary.
pub(crate) fn cut(text: &str) -> String {
    if text.len() <= SHOWN_BYTES {
        return text.to_owned();
    }
    let mut end = SHOWN_BYTES;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}... ({} bytes)", &text[..end], text.len())
}

fn write_value(text: &mut String, value: &Value) {
    if text.len() > 2 * SHOWN_BYTES {
        return; // what follows is cut anyway
    }
    // Writing to a String cannot fail.
    let _ = match value {
        Value::None => write!(text, "None"),
        Value::Ellipsis => write!(text, "Ellipsis"),
        Value::Bool(true) => write!(text, "True"),
        Value::Bool(false) => write!(text, "False"),
        // Printing a huge integer takes time quadratic in its length.
        Value::Int(number) if number.bits() > 20_000 => write!(text, "<int of {} bits>", number.bits()),
        Value::Int(number) => write!(text, "{number}"),
        Value::Float(number) => write_float(text, *number),
        Value::Complex { re, im } => write!(text, "complex({re:?}, {im:?})"),
        Value::Str(string) => match string.as_str() {
            Some(string) => write!(text, "{string:?}"),
            None => write!(text, "{:?}", String::from_utf8_lossy(string.as_bytes())),
        },
        Value::Bytes(bytes) => write!(text, "b\"{}\"", bytes.escape_ascii()),
        Value::Tuple(items) if items.len() == 1 => write_items(text, "(", items, ",)"),
        Value::Tuple(items) => write_items(text, "(", items, ")"),
        Value::List(items) => write_items(text, "[", items, "]"),
        Value::Set(items) if items.is_empty() => write!(text, "set()"),
        Value::Set(items) => write_items(text, "{", items, "}"),
        Value::FrozenSet(items) => write_items(text, "frozenset({", items, "})"),
        Value::Dict(pairs) => write_pairs(text, pairs),
        Value::Decimal(digits) => write!(text, "Decimal('{digits}')"),
        Value::Fraction { numerator, denominator } => write!(text, "Fraction({numerator}, {denominator})"),
        Value::Array { items, .. } => write_items(text, "array([", items, "])"),
        Value::Opaque { type_name } => write!(text, "<{type_name} object>"),
    };
}

fn write_float(text: &mut String, number: f64) -> std::fmt::Result {
    if number.is_nan() { write!(text, "nan") } else { write!(text, "{number:?}") }
}

fn write_items(text: &mut String, open: &str, items: &[Value], close: &str) -> std::fmt::Result {
    text.push_str(open);
    for (index, item) in items.iter().enumerate() {
        if text.len() > 2 * SHOWN_BYTES {
            break;
        }
        text.push_str(if index > 0 { ", " } else { "" });
        write_value(text, item);
    }
    text.push_str(close);
    Ok(())
}

fn write_pairs(text: &mut String, pairs: &[(Value, Value)]) -> std::fmt::Result {
    text.push('{');
    for (index, (key, value)) in pairs.iter().enumerate() {
        if text.len() > 2 * SHOWN_BYTES {
            break;
        }
        text.push_str(if index > 0 { ", " } else { "" });
        write_value(text, key);
        text.push_str(": ");
        write_value(text, value);
    }
    text.push('}');
    Ok(())
}
