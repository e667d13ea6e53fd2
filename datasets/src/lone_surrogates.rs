//! Carries lone surrogates through a JSON parser that refuses them.
//! Not here: parsing (`python_json`), the encoding of a Python `str` (`value::PyStr`).
//! In: a JSON document. Out: a copy in which each lone `\uD8xx` escape is a mark, and later the text with marks undone.

use crate::value::PyStr;

/// U+FDD0, a noncharacter: no honest text holds it. A mark is this and the four digits of the escape.
const SENTINEL: &str = "\u{FDD0}";

/// A copy of `document` with lone surrogate escapes marked; `None` where it already holds the sentinel.
pub(crate) fn mark(document: &[u8]) -> Option<Vec<u8>> {
    let mut marked = Vec::with_capacity(document.len() + 16);
    let mut rest = document;
    while let Some((&first, tail)) = rest.split_first() {
        let taken = match escape(rest) {
            // A backslash outside a string is an error that the parser will find; inside one it takes two bytes.
            None if first == b'\\' => copy(&mut marked, rest, 2),
            None if rest.starts_with(SENTINEL.as_bytes()) => return None,
            None => copy(&mut marked, rest, rest.len() - tail.len()),
            Some(0xFDD0) => return None,
            Some(0xD800..=0xDBFF) if matches!(rest.get(6..).and_then(escape), Some(0xDC00..=0xDFFF)) => {
                copy(&mut marked, rest, 12)
            }
            Some(0xD800..=0xDFFF) => {
                marked.extend_from_slice(SENTINEL.as_bytes());
                marked.extend_from_slice(&rest[2..6]);
                6
            }
            Some(_) => copy(&mut marked, rest, 6),
        };
        rest = &rest[taken..];
    }
    Some(marked)
}

fn copy(marked: &mut Vec<u8>, rest: &[u8], count: usize) -> usize {
    let count = count.min(rest.len());
    marked.extend_from_slice(&rest[..count]);
    count
}

/// The code of a `\uXXXX` escape at the start of `bytes`.
fn escape(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    hexadecimal(digits)
}

fn hexadecimal(digits: &[u8]) -> Option<u16> {
    digits.iter().try_fold(0u16, |code, &digit| {
        let digit = char::from(digit).to_digit(16)?;
        Some(code << 4 | u16::try_from(digit).ok()?)
    })
}

/// The text that a string with marks stands for.
pub(crate) fn restore(text: &str) -> PyStr {
    let mut parts = text.split(SENTINEL);
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let code = part.as_bytes().get(..4).and_then(hexadecimal).expect("every sentinel was written by `mark`");
        let [high, low] = code.to_be_bytes();
        bytes.extend_from_slice(&[0xE0 | high >> 4, 0x80 | (high & 0x0F) << 2 | low >> 6, 0x80 | low & 0x3F]);
        bytes.extend_from_slice(&part.as_bytes()[4..]);
    }
    PyStr::from_surrogatepass(bytes).expect("only surrogates were put into valid text")
}
