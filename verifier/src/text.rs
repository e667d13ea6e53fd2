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
/// of decimal numbers of equal values: `1.0 2` is `1  2`, but there is no tolerance, and `nan` is not `NaN`.
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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::time::Duration;
    use std::time::Instant;

    use proptest::prelude::*;

    use super::*;

    fn unhex(text: &str) -> Vec<u8> {
        let digits = text.trim_matches('-');
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn every_pair_compares_as_in_livecodebench() {
        let mut wrong = Vec::new();
        for line in include_str!("../testdata/text.txt").lines() {
            let &[actual, expected, result] = line.split(' ').collect::<Vec<_>>().as_slice() else { panic!("{line}") };
            let (actual, expected) = (unhex(actual), String::from_utf8(unhex(expected)).unwrap());
            if compare_stdout(&actual, &expected).is_ok() != (result == "1") {
                wrong.push(format!("{:?} with {expected:?} should be {result}", String::from_utf8_lossy(&actual)));
            }
        }
        assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    }

    #[test]
    fn bytes_that_are_no_text_equal_nothing() {
        assert!(compare_stdout(b"a\xff", "a\u{fffd}").is_err());
        assert!(compare_stdout(b"\xff", "\u{fffd}").is_err());
        assert!(compare_stdout("a\u{fffd}".as_bytes(), "a\u{fffd}").is_ok());
        assert!(compare_stdout(b"\xed\xa0\x80", "\u{fffd}\u{fffd}\u{fffd}").is_err());
    }

    #[test]
    fn the_first_difference_is_told() {
        let difference = |actual: &str, expected: &str| compare_stdout(actual.as_bytes(), expected).unwrap_err();
        let line = |text: &str| Some(text.to_owned());
        assert_eq!(difference("a\nb\nc", "a\nx\ny"), Difference { line: 2, actual: line("b"), expected: line("x") });
        assert_eq!(difference("a", "a\nx"), Difference { line: 2, actual: None, expected: line("x") });
        assert_eq!(difference("a\nx", "a"), Difference { line: 2, actual: line("x"), expected: None });
        assert_eq!(difference("", "a"), Difference { line: 1, actual: line(""), expected: line("a") });
        assert_eq!(difference(&"é".repeat(1000), "a").actual.unwrap().chars().count(), EXCERPT);
    }

    #[test]
    fn large_and_hostile_outputs_take_linear_time() {
        let start = Instant::now();
        let words = "1e999999999999999999 ".repeat(100_000);
        assert!(compare_stdout(words.as_bytes(), &words.replace("1e", "1.0e")).is_ok());
        assert!(compare_stdout("1\n".repeat(1_000_000).as_bytes(), "1\n2").is_err());
        assert!(compare_stdout(format!("{}.5", "9".repeat(1_000_000)).as_bytes(), "9").is_err());
        assert!(compare_stdout(" ".repeat(4_000_000).as_bytes(), "9").is_err());
        assert!(start.elapsed() < Duration::from_secs(20), "took {:?}", start.elapsed());
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_compared(actual in any::<Vec<u8>>(), expected in any::<String>()) {
            let _ = compare_stdout(&actual, &expected);
        }

        #[test]
        fn text_equals_itself_and_its_padded_self(text in "[a-z0-9 .\n]{0,40}") {
            prop_assert!(compare_stdout(text.as_bytes(), &text).is_ok());
            let padded = format!("\n {text} \r\n");
            prop_assert!(compare_stdout(padded.as_bytes(), &text).is_ok());
        }
    }
}
