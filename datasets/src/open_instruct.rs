//! open-instruct's tests as its trainer sends them (`open_instruct/code_utils/code_utils.py`): a list of asserts or of
//! `{input, output}`; the same as JSON in a text, or as a pickle, packed with zlib, in base64.
//! Not here: running them one by one (whoever has a sandbox).
//! In: a JSON value. Out: one question for each test.

use crate::asked;
use crate::asked::Asked;
use crate::ground_truth::as_json;
use crate::jobs::JobLimits;
use crate::livecodebench::unpack;
use crate::python_json;
use crate::row::RowErrorKind;
use crate::samples::SampleText;
use crate::value::Value;

/// What packed tests may unpack to.
const MOST_BYTES: usize = 64 << 20;
/// How many texts, dicts and other steps a pickle may have.
const MOST_VALUES: usize = 1 << 20;

/// The tests, as they stand.
pub fn tests(tests: &[u8]) -> Result<Vec<Value>, RowErrorKind> {
    match as_json(python_json::parse(tests)?) {
        Value::List(tests) => Ok(tests),
        Value::Str(packed) => {
            let bad = |why: String| RowErrorKind::bad_value("tests", why);
            let packed = packed.as_str().ok_or_else(|| bad("it is no text".to_owned()))?;
            let pickle = unpack(packed, MOST_BYTES).map_err(|error| bad(error.to_string()))?;
            unpickle(&pickle).ok_or_else(|| bad("expected a pickled list of texts, or of dicts of texts".to_owned()))
        }
        other => Err(crate::fields::wrong_type("tests", "a list of tests", other.type_name())),
    }
}

/// What one test asks of a program as it is.
pub fn question(test: Value, program: &str, limits: JobLimits) -> Result<Asked, RowErrorKind> {
    let text = || SampleText::Solution(program.to_owned());
    let alone = asked::answer_to_tests(Value::List(vec![test.clone()]), text(), limits);
    match (alone, test) {
        // Code around an assert is no line of asserts.
        (Err(_), Value::Str(code)) => {
            let code = Value::Dict(vec![(Value::from("functional"), Value::Str(code))]);
            asked::answer_to_tests(code, text(), limits)
        }
        (asked, _) => asked,
    }
}

/// A pickled list of texts, or of flat dicts of them. Every other opcode is refused: nothing is made by a class, nothing is
/// executed, and nothing lies deeper than that.
fn unpickle(pickle: &[u8]) -> Option<Vec<Value>> {
    let mut left = pickle;
    let mut stack: Vec<Value> = Vec::new();
    let mut marks: Vec<usize> = Vec::new();
    let mut memo: Vec<(u32, Value)> = Vec::new();
    // A small pickle must not become a large one: what is stored and what is fetched from there is a copy.
    let (mut copied_bytes, mut values) = (0_usize, 0_usize);
    let mut was_stored = true;
    loop {
        let code = byte(&mut left)?;
        let is_store = matches!(code, 0x94 | b'q' | b'r');
        if is_store && was_stored {
            return None;
        }
        was_stored = is_store;
        match code {
            b'.' => break,
            0x80 => drop(byte(&mut left)?),
            0x95 => drop(take(&mut left, 8)?),
            b']' if stack.is_empty() => stack.push(Value::List(Vec::new())),
            b'}' if matches!(stack.first(), Some(Value::List(_))) => stack.push(Value::Dict(Vec::new())),
            b'(' => marks.push(stack.len()),
            0x8C => stack.push(text(&mut left, 1)?),
            b'X' => stack.push(text(&mut left, 4)?),
            0x8D => stack.push(text(&mut left, 8)?),
            0x94 => memo.push((u32::try_from(memo.len()).ok()?, remembered(&stack)?)),
            b'q' => memo.push((number(&mut left, 1)?, remembered(&stack)?)),
            b'r' => memo.push((number(&mut left, 4)?, remembered(&stack)?)),
            b'h' | b'j' => {
                let key = number(&mut left, if code == b'h' { 1 } else { 4 })?;
                // They come in the order of their keys from every pickler.
                let at = memo.binary_search_by_key(&key, |(key, _)| *key).ok()?;
                let Value::Str(_) = &memo[at].1 else { return None };
                stack.push(memo[at].1.clone());
            }
            b'a' | b'e' => {
                let from = if code == b'a' { stack.len().checked_sub(1)? } else { marks.pop()? };
                let items: Vec<Value> = stack.drain(from.min(stack.len())..).collect();
                let Value::List(list) = stack.last_mut()? else { return None };
                list.extend(items.into_iter().map(|item| is_test(&item).then_some(item)).collect::<Option<Vec<_>>>()?);
            }
            b's' | b'u' => {
                let from = if code == b's' { stack.len().checked_sub(2)? } else { marks.pop()? };
                let items: Vec<Value> = stack.drain(from.min(stack.len())..).collect();
                let Value::Dict(pairs) = stack.last_mut()? else { return None };
                if items.len() % 2 == 1 || !items.iter().all(is_text) {
                    return None;
                }
                let mut items = items.into_iter();
                while let (Some(key), Some(value)) = (items.next(), items.next()) {
                    pairs.push((key, value));
                }
            }
            _ => return None,
        }
        values += usize::from(!is_store);
        if let (true, Some(Value::Str(copied))) = (is_store || matches!(code, b'h' | b'j'), stack.last()) {
            copied_bytes += copied.as_bytes().len();
        }
        if copied_bytes > MOST_BYTES || values > MOST_VALUES {
            return None;
        }
    }
    match stack.pop()? {
        Value::List(tests) if stack.is_empty() => Some(tests),
        _ => None,
    }
}

fn is_text(value: &Value) -> bool {
    matches!(value, Value::Str(_))
}

fn is_test(value: &Value) -> bool {
    match value {
        Value::Dict(pairs) => !pairs.is_empty(),
        other => is_text(other),
    }
}

/// What the memo keeps: texts. Lists and dicts are stored as well, and never asked for again.
fn remembered(stack: &[Value]) -> Option<Value> {
    let top = stack.last()?;
    Some(if matches!(top, Value::Str(_)) { top.clone() } else { Value::None })
}

fn byte(left: &mut &[u8]) -> Option<u8> {
    take(left, 1).map(|bytes| bytes[0])
}

fn take<'a>(left: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = left.split_at_checked(count)?;
    *left = rest;
    Some(taken)
}

fn number(left: &mut &[u8], width: usize) -> Option<u32> {
    let number = take(left, width)?.iter().rev().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    u32::try_from(number).ok()
}

fn text(left: &mut &[u8], width: usize) -> Option<Value> {
    let length = usize::try_from(number(left, width)?).ok()?;
    let text = std::str::from_utf8(take(left, length)?).ok()?;
    Some(Value::from(text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::problem::Tests;

    /// `encode_tests(["assert f(1) == 2", "assert f(2) == 3"])` by CPython 3.11.
    const ASSERTS: &str = "eJxrYJmqzQABsVM0egQSi4tTi0oU0jQMNRVsbRWMpiAJGYGFjKek6gEAcjEOXw==";
    const NO_LIMITS: JobLimits = JobLimits { cpu_ms: None, memory_bytes: None };

    fn ask(tests_text: &str) -> Result<Vec<Asked>, RowErrorKind> {
        let question = |test| question(test, "def f(x):\n    return x + 1\n", NO_LIMITS);
        tests(tests_text.as_bytes())?.into_iter().map(question).collect()
    }

    #[test]
    fn each_test_is_a_question() {
        let asserts =
            ask(r#"["assert f(1) == 2", "for i in range(3):\n    assert f(i) == i + 1"]"#).expect("good tests");
        let tests_of = |asked: &Asked| match asked {
            Asked::Posed { problem, .. } => problem.tests.clone(),
            other => panic!("{other:?}"),
        };
        assert!(matches!(tests_of(&asserts[0]), Tests::Function(_)));
        assert!(matches!(tests_of(&asserts[1]), Tests::Asserts(_)));
        let stdin = ask(r#""[{\"input\": \"1\", \"output\": \"2\"}]""#).expect("JSON in a text");
        assert!(matches!(tests_of(&stdin[0]), Tests::Stdin(tests) if tests[0].output == "2"));
        assert_eq!(ask(&format!("{ASSERTS:?}")).expect("packed").len(), 2);
        assert!(ask("[]").expect("no tests").is_empty());
        assert!(ask(r#"["assert f(1) == 2", "x = 1"]"#).is_err(), "no assert");
    }

    #[test]
    fn pickles_of_texts_are_read_and_others_refused() {
        let tuple = b"\x80\x04\x95\x09\x00\x00\x00\x00\x00\x00\x00]\x94\x8c\x01a\x94\x85\x94a.";
        assert_eq!(unpickle(tuple), None, "a tuple");
        let global = b"cos\nsystem\n(S'true'\ntR.";
        assert_eq!(unpickle(global), None);
        // pickle.dumps([{"input": "1", "output": "2"}, {"input": "3", "output": "4"}])
        let dicts = b"\x80\x04\x95;\x00\x00\x00\x00\x00\x00\x00]\x94(}\x94(\x8c\x05input\x94\x8c\x011\x94\x8c\x06output\x94\x8c\x012\x94u}\x94(h\x02\x8c\x013\x94h\x04\x8c\x014\x94ue.";
        let tests = unpickle(dicts).expect("a list of dicts");
        assert_eq!(tests.len(), 2);
        assert_eq!(
            tests[1],
            Value::Dict(vec![(Value::from("input"), Value::from("3")), (Value::from("output"), Value::from("4"))])
        );
    }

    #[test]
    fn a_pickle_that_grows_is_refused() {
        let mut bomb = b"\x80\x04](X\x00\x00\x10\x00".to_vec();
        bomb.extend(vec![b'a'; 1 << 20]);
        bomb.extend(b"\x94");
        bomb.extend(b"h\x00".repeat(100));
        bomb.extend(b"e.");
        assert_eq!(unpickle(&bomb), None, "texts that are fetched again and again");
        let mut stored = b"\x80\x04](X\x01\x00\x00\x00a".to_vec();
        stored.extend(b"\x94\x94e.");
        assert_eq!(unpickle(&stored), None, "a text that is stored twice");
        let many = [b"\x80\x04](".as_slice(), &b"}".repeat(MOST_VALUES + 1), b"e."].concat();
        assert_eq!(unpickle(&many), None, "more dicts than there may be");
    }

    #[test]
    fn a_pickle_that_nests_is_refused_before_it_is_deep() {
        let lists = [b"\x80\x04".as_slice(), &b"]".repeat(200_000), &b"a".repeat(199_999), b"."].concat();
        assert_eq!(unpickle(&lists), None);
        let dicts =
            [b"\x80\x04]".as_slice(), &b"}X\x01\x00\x00\x00a".repeat(100_000), &b"s".repeat(99_999), b"a."].concat();
        assert_eq!(unpickle(&dicts), None);
    }

    proptest! {
        #[test]
        fn hostile_pickles_never_panic(pickle in prop::collection::vec(any::<u8>(), 0..200)) {
            drop(unpickle(&pickle));
        }
    }
}
