//! Tests of `row`: plain and gzip files, and every way in which one can be broken.
//! Not here: tests of what rows mean (each format's own file).

use std::io;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}

fn lines_of(bytes: Vec<u8>) -> Lines {
    Lines::from_reader(Path::new("rows.jsonl"), io::Cursor::new(bytes)).expect("memory can be read")
}

/// All lines as text, up to and with the first error.
fn collect(mut lines: Lines) -> (Vec<String>, Option<String>) {
    let mut all = Vec::new();
    while let Some(line) = lines.next_line() {
        match line {
            Ok(line) => all.push(String::from_utf8_lossy(line).into_owned()),
            Err(error) => return (all, Some(error.to_string())),
        }
    }
    (all, None)
}

#[test]
fn plain_and_gzip_files_give_the_same_lines_and_hash() {
    let text = b"one\n\n  \ntwo\r\nthree";
    let mut hashes = Vec::new();
    for bytes in [text.to_vec(), gzip(text), [gzip(b"one\n\n  \ntw"), gzip(b"o\r\nthree")].concat()] {
        let mut lines = lines_of(bytes);
        assert_eq!(lines.content_hash(), None);
        let mut all = Vec::new();
        while let Some(line) = lines.next_line() {
            all.push(line.expect("a good line").to_vec());
        }
        assert_eq!(all, [&b"one"[..], b"two\r", b"three"]);
        hashes.push(lines.content_hash().expect("all has been read"));
    }
    assert_eq!(hashes[0], blake3::hash(text).to_hex().to_string());
    assert!(hashes.iter().all(|hash| *hash == hashes[0]));
}

#[test]
fn an_empty_file_has_no_lines() {
    assert_eq!(collect(lines_of(Vec::new())), (vec![], None));
    assert_eq!(collect(lines_of(gzip(b""))), (vec![], None));
    assert_eq!(collect(lines_of(b"\n".to_vec())), (vec![], None));
}

#[test]
fn a_gzip_file_cut_anywhere_is_an_error_that_says_so() {
    let whole = gzip("{\"a\": 1}\n".repeat(50).as_bytes());
    for length in 2..whole.len() {
        let (_, error) = collect(lines_of(whole[..length].to_vec()));
        let error = error.unwrap_or_else(|| panic!("{length} of {} bytes were taken for the whole", whole.len()));
        assert!(error.contains("gzip stream is cut off"), "{length}: {error}");
    }
}

#[test]
fn a_damaged_gzip_file_is_an_error_that_says_so() {
    let mut bytes = gzip("{\"a\": 1}\n".repeat(50).as_bytes());
    let middle = bytes.len() - 6;
    bytes[middle] ^= 0xFF;
    let (_, error) = collect(lines_of(bytes));
    assert!(error.expect("the checksum differs").contains("gzip stream is damaged"));
}

#[test]
fn invalid_utf8_is_told_with_its_line_and_the_next_line_follows() {
    let mut lines = lines_of(b"good\nb\xFFd\ngood".to_vec());
    assert!(matches!(lines.next_line(), Some(Ok(b"good"))));
    let error = lines.next_line().expect("a line").expect_err("it is not text");
    assert_eq!(error.to_string(), "rows.jsonl:2: expected UTF-8 text, found an invalid sequence at byte 1 of the line");
    assert!(matches!(lines.next_line(), Some(Ok(b"good"))));
}

#[test]
fn an_overlong_line_ends_the_reading() {
    let mut lines = lines_of(b"short\nfar too long\nshort\n".to_vec());
    lines.limit_bytes = 10;
    assert!(matches!(lines.next_line(), Some(Ok(b"short"))));
    let error = lines.next_line().expect("a line").expect_err("it is too long");
    assert_eq!(error.to_string(), "rows.jsonl:2: expected a line of at most 10 bytes");
    assert!(lines.next_line().is_none());
    assert_eq!(lines.content_hash(), None);
}

#[test]
fn a_missing_file_is_named() {
    let error = Lines::open(Path::new("/nonexistent/rows.jsonl")).expect_err("there is none");
    assert!(error.to_string().starts_with("/nonexistent/rows.jsonl:0: cannot be read"), "{error}");
}

#[test]
fn a_malformed_row_is_told_with_its_line_and_the_next_row_follows() {
    let parse = |line: &[u8]| crate::fields::Fields::parse(line)?.text("a");
    let rows =
        Rows::new(lines_of(b"{\"a\": \"x\"}\n\n{\"a\" 1}\n[1]\n{}\n{\"a\": 1}\n{\"a\": \"y\"}\n".to_vec()), parse);
    let all: Vec<String> = rows.map(|row| row.unwrap_or_else(|error| error.to_string())).collect();
    assert_eq!(
        all,
        [
            "x",
            "rows.jsonl:3: expected one JSON object: malformed JSON at byte 5: expected `:`",
            "rows.jsonl:4: expected one JSON object, found list",
            "rows.jsonl:5: expected the key a, which is missing",
            "rows.jsonl:6: expected a to be a string, found int",
            "y",
        ]
    );
}

#[test]
fn a_file_that_is_one_list_gives_its_elements_as_rows() {
    let text = b"\n\n [\n  {\"a\": \"x\"},\n  {\n    \"a\": 1\n  },\n\n  {\"b\": \"],\"}, [1],\n {\"a\": \"\xFF\"}, {\"a\": \"y\"}]\n";
    let parse = |line: &[u8]| crate::fields::Fields::parse(line)?.text("a");
    for bytes in [text.to_vec(), gzip(text)] {
        let mut rows = Rows::new(lines_of(bytes), parse);
        let all: Vec<String> = rows.by_ref().map(|row| row.unwrap_or_else(|error| error.to_string())).collect();
        assert_eq!(
            all,
            [
                "x",
                "rows.jsonl:5: row 2: expected a to be a string, found int",
                "rows.jsonl:9: row 3: expected the key a, which is missing",
                "rows.jsonl:9: row 4: expected one JSON object, found list",
                "rows.jsonl:10: row 5: expected UTF-8 text, found an invalid sequence at byte 7 of the line",
                "y",
            ]
        );
        assert_eq!(rows.content_hash(), Some(blake3::hash(text).to_hex().to_string()));
    }
}

#[test]
fn a_list_that_is_cut_off_or_goes_on_is_an_error_after_its_good_rows() {
    for (text, expected) in [
        ("[{\"a\": 1}, {\"a\"", "rows.jsonl:1: the JSON list does not end"),
        ("[{\"a\": 1},", "rows.jsonl:1: the JSON list does not end"),
        ("[{\"a\": 1}\n]\n{}", "rows.jsonl:1: expected nothing after the end of the JSON list"),
    ] {
        let mut lines = lines_of(text.as_bytes().to_vec());
        assert!(matches!(lines.next_line(), Some(Ok(row)) if row.trim_ascii() == b"{\"a\": 1}"), "{text}");
        let error = lines.next_line().expect("an error").expect_err(text).to_string();
        assert!(error.starts_with(expected), "{text}: {error}");
        assert!(lines.next_line().is_none() && lines.content_hash().is_none());
    }
    assert_eq!(collect(lines_of(b" [ ] \n".to_vec())), (vec![], None));
}

#[test]
fn an_overlong_element_ends_the_reading() {
    let mut lines = lines_of(b"[1, \"far too long\", 2]".to_vec());
    lines.limit_bytes = 10;
    assert!(matches!(lines.next_line(), Some(Ok(b"1"))));
    let error = lines.next_line().expect("an element").expect_err("it is too long");
    assert_eq!(error.to_string(), "rows.jsonl:1: expected a line of at most 10 bytes");
    assert!(lines.next_line().is_none());
}

#[test]
fn rows_are_numbered_from_0_bad_ones_included() {
    let parse = |line: &[u8], place: u64| crate::fields::Fields::parse(line).map(|_| place);
    for text in ["{}\n\n{\n{}\n", "[{}, {]}, {}]"] {
        let rows = Rows::numbered(lines_of(text.as_bytes().to_vec()), parse);
        let places: Vec<Option<u64>> = rows.map(Result::ok).collect();
        assert_eq!(places, [Some(0), None, Some(2)], "{text}");
    }
}
