//! Finds the elements of one JSON list in a stream of bytes, without reading what they are.
//! Not here: the bytes (`lines`), whether an element is JSON (`python_json`).
//! In: chunks of any size. Out: which part of a chunk belongs to the element under way, and where that one ends.

use std::ops::Range;

use super::RowErrorKind;

/// How far the list has been read.
#[derive(Debug)]
pub(super) struct Scanner {
    state: State,
    /// The line of the next byte, from 1.
    line: u64,
    /// The line that the element under way, or the last one, begins on.
    element_line: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the list.
    Before,
    /// Before an element, which must come where a comma has.
    Between { after_comma: bool },
    /// In an element, this many brackets deep.
    Within { depth: usize },
    /// In a string of an element.
    Text { depth: usize },
    /// After a backslash in a string.
    Escape { depth: usize },
    /// After the list.
    After,
}

/// What a chunk was.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// How many of its bytes are done with.
    pub(super) taken: usize,
    /// Which of them belong to the element.
    pub(super) content: Range<usize>,
    /// Whether the element ends here.
    pub(super) is_whole: bool,
}

impl Scanner {
    /// `line` is the line of the first byte.
    pub(super) fn new(line: u64) -> Self {
        Self { state: State::Before, line, element_line: line }
    }

    /// The line that the last element begins on.
    pub(super) fn element_line(&self) -> u64 {
        self.element_line
    }

    /// Whether the list has ended.
    pub(super) fn is_at_end(&self) -> bool {
        self.state == State::After
    }

    /// Goes through a chunk as far as the end of an element.
    pub(super) fn scan(&mut self, chunk: &[u8]) -> Result<Step, RowErrorKind> {
        let mut start = match self.state {
            State::Within { .. } | State::Text { .. } | State::Escape { .. } => Some(0),
            State::Before | State::Between { .. } | State::After => None,
        };
        for (at, &byte) in chunk.iter().enumerate() {
            let was_within = start.is_some();
            let ends = self.advance(byte)?;
            if !was_within && self.is_within() {
                start = Some(at);
                self.element_line = self.line;
            }
            self.line += u64::from(byte == b'\n');
            if ends {
                // A comma where an element should be ends an empty one.
                return Ok(Step { taken: at + 1, content: start.unwrap_or(at)..at, is_whole: true });
            }
        }
        Ok(Step { taken: chunk.len(), content: start.unwrap_or(chunk.len())..chunk.len(), is_whole: false })
    }

    fn is_within(&self) -> bool {
        matches!(self.state, State::Within { .. } | State::Text { .. } | State::Escape { .. })
    }

    /// Takes one byte; whether it ends an element.
    fn advance(&mut self, byte: u8) -> Result<bool, RowErrorKind> {
        let (state, ends) = match (self.state, byte) {
            (state @ (State::Before | State::Between { .. } | State::After), b' ' | b'\t' | b'\n' | b'\r') => {
                (state, false)
            }
            // Only a file whose first byte is this one is read as a list.
            (State::Before, _) => (State::Between { after_comma: false }, false),
            (State::Between { after_comma }, b']') => (State::After, after_comma),
            (State::Between { .. }, b',') => (State::Between { after_comma: true }, true),
            (State::Between { .. }, byte) => (within(0, byte), false),
            (State::Within { depth: 0 }, b',') => (State::Between { after_comma: true }, true),
            (State::Within { depth: 0 }, b']') => (State::After, true),
            (State::Within { depth }, byte) => (within(depth, byte), false),
            (State::Text { depth }, b'"') => (State::Within { depth }, false),
            (State::Text { depth }, b'\\') => (State::Escape { depth }, false),
            (State::Text { depth } | State::Escape { depth }, _) => (State::Text { depth }, false),
            (State::After, _) => return Err(RowErrorKind::AfterList),
        };
        self.state = state;
        Ok(ends)
    }
}

/// The state after a byte of an element, outside its strings. Brackets that do not fit are the JSON parser's affair.
fn within(depth: usize, byte: u8) -> State {
    match byte {
        b'{' | b'[' => State::Within { depth: depth + 1 },
        b'}' | b']' => State::Within { depth: depth.saturating_sub(1) },
        b'"' => State::Text { depth },
        _ => State::Within { depth },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The elements of `text`, read in chunks of `size`, with the lines that they begin on.
    fn elements(text: &str, size: usize) -> Result<Vec<(String, u64)>, String> {
        let mut scanner = Scanner::new(1);
        let (mut all, mut element) = (Vec::new(), Vec::new());
        for mut chunk in text.as_bytes().chunks(size) {
            while !chunk.is_empty() {
                let step = scanner.scan(chunk).map_err(|error| error.to_string())?;
                element.extend_from_slice(&chunk[step.content]);
                if step.is_whole {
                    let text = String::from_utf8(std::mem::take(&mut element)).expect("it was text");
                    all.push((text.trim().to_owned(), scanner.element_line()));
                }
                chunk = &chunk[step.taken..];
            }
        }
        if scanner.is_at_end() { Ok(all) } else { Err("no end".to_owned()) }
    }

    #[test]
    fn elements_are_found_whatever_their_strings_hold() {
        let text = "[{\"a\": \"]},\\\\\\\"\"},\n [1, [2]] ,\n\n3 ]\n";
        let expected: Vec<(String, u64)> = [("{\"a\": \"]},\\\\\\\"\"}", 1), ("[1, [2]]", 2), ("3", 4)]
            .map(|(text, line)| (text.to_owned(), line))
            .into();
        for size in 1..text.len() {
            assert_eq!(elements(text, size), Ok(expected.clone()), "chunks of {size}");
        }
    }

    #[test]
    fn an_empty_list_has_no_elements_and_a_stray_comma_makes_an_empty_one() {
        assert_eq!(elements("[ ]", 3), Ok(vec![]));
        assert_eq!(elements("[1,]", 4), Ok(vec![("1".to_owned(), 1), (String::new(), 1)]));
        assert_eq!(elements("[,1]", 4), Ok(vec![(String::new(), 1), ("1".to_owned(), 1)]));
    }

    #[test]
    fn a_list_must_end_and_be_the_last_thing() {
        assert_eq!(elements("[1, {\"a\": 2}", 99), Err("no end".to_owned()));
        assert!(elements("[1]\n[2]", 99).expect_err("a second list").contains("after the end of the JSON list"));
    }

    proptest! {
        #[test]
        fn the_elements_are_those_that_the_parser_finds(texts in prop::collection::vec(".{0,6}", 0..6), size in 1usize..9) {
            let quoted = |text: &String| {
                let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
                let plain: String = escaped.chars().filter(|character| !character.is_control()).collect();
                format!("{{\"k\": [\"{plain}\"]}}")
            };
            let rows: Vec<String> = texts.iter().map(quoted).collect();
            let text = format!("[{}]", rows.join(" ,\n"));
            let found: Vec<String> = elements(&text, size).expect("a list").into_iter().map(|(row, _)| row).collect();
            prop_assert_eq!(&found, &rows);
            for row in &found {
                prop_assert!(crate::python_json::parse(row.as_bytes()).is_ok());
            }
        }
    }
}
