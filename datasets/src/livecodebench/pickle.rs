//! Opens the pickles in which LiveCodeBench and SandboxFusion keep their tests: one text, or one text in a dict.
//! Not here: unpacking them (`packed`), what the text says (`cases`).
//! In: the bytes of a pickle, hostile. Out: the text it holds; anything but text is refused, and nothing is executed.

use std::collections::BTreeMap;

use serde_pickle::DeOptions;

use crate::python_literal::excerpt;

/// Both publishers' pickles have at most ten opcodes. The decoder clones, recurses and reserves by opcode, so their
/// number bounds it.
const MAX_OPCODES: usize = 32;

/// Why a pickle was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PickleError {
    #[error("the pickle holds the opcode {name} at byte {at}: expected text and nothing else")]
    Opcode { name: String, at: usize },
    #[error("the pickle is cut off at byte {at}")]
    CutOff { at: usize },
    #[error("the pickle has more than {MAX_OPCODES} opcodes: expected one text")]
    TooMany,
    #[error("the pickle stores a text twice at byte {at}")]
    StoredTwice { at: usize },
    #[error("the pickle cannot be decoded: {0}")]
    Decode(String),
}

/// The text of a pickled `str`.
pub(crate) fn text(pickle: &[u8]) -> Result<String, PickleError> {
    check(pickle)?;
    serde_pickle::from_slice(pickle, DeOptions::new()).map_err(|error| PickleError::Decode(excerpt(&error.to_string())))
}

/// The texts of a pickled `dict` of `str`, by key.
pub(crate) fn texts(pickle: &[u8]) -> Result<BTreeMap<String, String>, PickleError> {
    check(pickle)?;
    serde_pickle::from_slice(pickle, DeOptions::new()).map_err(|error| PickleError::Decode(excerpt(&error.to_string())))
}

/// Lets through what a `str`, or a flat dict of them, is pickled as under any protocol. The decoder itself would go
/// further: it makes sets from globals, passes over classes, and copies a value as often as it is told to.
fn check(pickle: &[u8]) -> Result<(), PickleError> {
    let mut at = 0;
    let mut was_stored = true;
    for _ in 0..MAX_OPCODES {
        let start = at;
        let opcode = *pickle.get(at).ok_or(PickleError::CutOff { at })?;
        at += 1;
        let is_store = matches!(opcode, b'q' | b'r' | b'p' | 0x94);
        if is_store && was_stored {
            return Err(PickleError::StoredTwice { at: start });
        }
        was_stored = is_store;
        let argument = match opcode {
            b'.' => return Ok(()),
            b'}' | b'(' | b'd' | b's' | b'u' | 0x94 => 0,
            0x80 | b'q' => 1,
            b'r' => 4,
            0x95 => 8,
            b'V' | b'p' => line_bytes(pickle, at)?,
            0x8C => prefixed_bytes(pickle, at, 1)?,
            b'X' => prefixed_bytes(pickle, at, 4)?,
            0x8D => prefixed_bytes(pickle, at, 8)?,
            _ => return Err(PickleError::Opcode { name: name(opcode), at: start }),
        };
        at = at.checked_add(argument).filter(|at| *at <= pickle.len()).ok_or(PickleError::CutOff { at: start })?;
    }
    Err(PickleError::TooMany)
}

/// The length of an argument that ends with its line.
fn line_bytes(pickle: &[u8], at: usize) -> Result<usize, PickleError> {
    let rest = pickle.get(at..).unwrap_or_default();
    rest.iter().position(|byte| *byte == b'\n').map(|end| end + 1).ok_or(PickleError::CutOff { at })
}

/// The length of an argument that says in its first `width` bytes how long the rest is.
fn prefixed_bytes(pickle: &[u8], at: usize, width: usize) -> Result<usize, PickleError> {
    let prefix = pickle.get(at..at + width).ok_or(PickleError::CutOff { at })?;
    let length = prefix.iter().rev().fold(0_u64, |length, byte| (length << 8) | u64::from(*byte));
    let whole = usize::try_from(length).ok().and_then(|length| length.checked_add(width));
    whole.ok_or(PickleError::CutOff { at })
}

/// An opcode by its name in `pickletools`, where it is one of those that make a pickle a program.
fn name(opcode: u8) -> String {
    let known = match opcode {
        b'c' => "GLOBAL",
        0x93 => "STACK_GLOBAL",
        b'R' => "REDUCE",
        b'b' => "BUILD",
        b'i' => "INST",
        b'o' => "OBJ",
        0x81 => "NEWOBJ",
        0x92 => "NEWOBJ_EX",
        b'P' => "PERSID",
        b'Q' => "BINPERSID",
        0x82..=0x84 => "EXT",
        _ => return format!("0x{opcode:02x}"),
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `pickle.dumps("aé", protocol=p)` of CPython 3.11, for p from 1 to 5.
    const BY_PROTOCOL: [&[u8]; 5] = [
        b"X\x03\x00\x00\x00a\xc3\xa9q\x00.",
        b"\x80\x02X\x03\x00\x00\x00a\xc3\xa9q\x00.",
        b"\x80\x03X\x03\x00\x00\x00a\xc3\xa9q\x00.",
        b"\x80\x04\x95\x07\x00\x00\x00\x00\x00\x00\x00\x8c\x03a\xc3\xa9\x94.",
        b"\x80\x05\x95\x07\x00\x00\x00\x00\x00\x00\x00\x8c\x03a\xc3\xa9\x94.",
    ];

    #[test]
    fn a_text_is_read_under_every_protocol() {
        for pickle in BY_PROTOCOL {
            assert_eq!(text(pickle).as_deref(), Ok("aé"));
        }
        assert_eq!(text(b"Va\np0\n.").as_deref(), Ok("a"));
    }

    #[test]
    fn a_dict_of_texts_is_read_under_every_protocol() {
        let new = b"\x80\x04\x95\x0c\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x01k\x94\x8c\x01v\x94s.";
        for pickle in [&b"(dp0\nVk\np1\nVv\np2\ns."[..], b"}q\x00X\x01\x00\x00\x00kq\x01X\x01\x00\x00\x00vq\x02s.", new]
        {
            assert_eq!(texts(pickle), Ok(BTreeMap::from([("k".to_owned(), "v".to_owned())])));
        }
    }

    #[test]
    fn whatever_could_execute_is_refused_by_its_name() {
        for (pickle, opcode) in [
            (&b"cos\nsystem\n(Vid\ntR."[..], "GLOBAL"),
            (b"\x80\x04\x8c\x02os\x8c\x06system\x93.", "STACK_GLOBAL"),
            (b"(ios\nsystem\n.", "INST"),
            (b"Pid\n.", "PERSID"),
            (b"c__builtin__\nset\n0Vx\n.", "GLOBAL"),
            (b"]\x94.", "0x5d"),
            (b"X\x01\x00\x00\x00a2.", "0x32"),
        ] {
            let error = text(pickle).expect_err("no text").to_string();
            assert!(error.contains(&format!("the opcode {opcode} at byte")), "{error}");
        }
    }

    #[test]
    fn a_number_a_dict_and_two_texts_are_no_text() {
        assert!(text(b"K\x01.").is_err());
        assert!(text(b"}.").expect_err("a dict").to_string().contains("expected a string"));
        assert!(texts(b"X\x01\x00\x00\x00a.").is_err());
        assert!(text(b"X\x01\x00\x00\x00a.X\x01\x00\x00\x00b.").is_err());
    }

    #[test]
    fn a_length_that_promises_more_than_there_is_costs_nothing() {
        for pickle in
            [&b"\x8d\xff\xff\xff\xff\xff\xff\xff\xffa."[..], b"X\xff\xff\xff\xffa.", b"\x8c\x02a.", b"Va", b""]
        {
            assert!(matches!(text(pickle), Err(PickleError::CutOff { .. })), "{pickle:?}");
        }
    }

    #[test]
    fn pickles_that_grow_by_opcodes_are_refused() {
        assert_eq!(text(&[&b"(".repeat(100_000)[..], b"."].concat()), Err(PickleError::TooMany));
        assert_eq!(text(b"X\x01\x00\x00\x00a\x94\x94."), Err(PickleError::StoredTwice { at: 7 }));
    }

    /// Streams of the opcodes that are let through, with arguments that may or may not fit.
    fn opcodes() -> impl Strategy<Value = Vec<u8>> {
        let opcode = prop::sample::select(b"\x80\x94\x95\x8c\x8dXVpqr}(dsu.".to_vec());
        let piece = (opcode, prop::collection::vec(any::<u8>(), 0..10)).prop_map(|(opcode, mut rest)| {
            rest.insert(0, opcode);
            rest
        });
        prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), stream in opcodes()) {
            for bytes in [bytes, stream] {
                let _ = (text(&bytes), texts(&bytes));
            }
        }

        #[test]
        fn any_text_comes_back(expected in any::<String>()) {
            let length = u32::try_from(expected.len()).expect("short").to_le_bytes();
            let pickle = [b"\x80\x04X", &length[..], expected.as_bytes(), b"\x94."].concat();
            prop_assert_eq!(text(&pickle), Ok(expected));
        }
    }
}
