//! Compares what a program printed with what it should have, as LiveCodeBench does for stdin problems.
//! Not here: returned values (`compare`), exit statuses (`judge`).
//! In: raw bytes of a stdout that a candidate wrote, and the expected text. Out: equal, or the first difference.

use std::borrow::Cow;

use thiserror::Error;

use crate::compare::decimal::Decimal;
use crate::compare::decimal::is_python_space;

/// The longest excerpt of a line that a difference keeps, in characters.
const EXCERPT: usize = 200;

/// Where two texts part.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("line {line}: expected {expected:?}, got {actual:?}")]
pub struct Difference {
    /// The line, counted from 1 after the text has been stripped.
    pub line: usize,
    /// The start of the line that was printed; `None` where the output ends before it.
    pub actual: Option<String>,
    /// The start of the line that should have been; `None` where nothing should have followed.
    pub expected: Option<String>,
}

/// Compares line by line, surrounding whitespace aside. Lines that differ in text are still equal where both consist
/// of decimal numbers of equal values: `1.0 2` is `1  2`, but there is no tolerance, and `nan` is not `nan `-like text.
pub fn compare_stdout(actual: &[u8], expected: &str) -> Result<(), Difference> {
    let actual = String::from_utf8_lossy(actual);
    // A byte that is no UTF-8 has become U+FFFD, and must not equal a real one.
    let is_valid = matches!(actual, Cow::Borrowed(_));
    let (mut ours, mut theirs) = (lines(&actual), lines(expected));
    let mut line = 0;
    loop {
        line += 1;
        let (ours, theirs) = (ours.next(), theirs.next());
        let equal = match (ours, theirs) {
            (None, None) => return Ok(()),
            (Some(ours), Some(theirs)) => {
                (ours == theirs && (is_valid || !ours.contains('\u{fffd}'))) || equal_as_decimals(ours, theirs)
            }
            _ => false,
        };
        if !equal {
            let excerpt = |text: &str| text.chars().take(EXCERPT).collect();
            return Err(Difference { line, actual: ours.map(excerpt), expected: theirs.map(excerpt) });
        }
    }
}

/// `[line.strip() for line in text.strip().split("\n")]`; there is always at least one line.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.trim_matches(is_python_space).split('\n').map(|line| line.trim_matches(is_python_space))
}

fn equal_as_decimals(ours: &str, theirs: &str) -> bool {
    let (mut ours, mut theirs) = (words(ours), words(theirs));
    loop {
        match (ours.next(), theirs.next()) {
            (None, None) => return true,
            (Some(ours), Some(theirs)) => match (Decimal::parse(ours), Decimal::parse(theirs)) {
                (Some(ours), Some(theirs)) if ours.equals(&theirs) => {}
                _ => return false,
            },
            _ => return false,
        }
    }
}

/// `line.split()`.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(is_python_space).filter(|word| !word.is_empty())
}
