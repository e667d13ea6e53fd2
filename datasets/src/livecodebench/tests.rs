//! Tests of rows and files: both layouts, every way in which a row can be bad, releases by name and by row.
//! Not here: published rows (`tests/shared_files`).

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use proptest::prelude::*;

use super::packed::tests::pack;
use super::*;
use crate::dataset::DatasetError;
use crate::problem::Comparison;
use crate::problem::StdinTest;
use crate::problem::Tests;
use crate::row::RowError;

/// Packs a text as LiveCodeBench does: pickled (protocol 4), deflated, in base64.
fn private(text: &str) -> String {
    let length = u32::try_from(text.len()).expect("short").to_le_bytes();
    pack(&[b"\x80\x04X", &length[..], text.as_bytes(), b"\x94."].concat())
}

fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', r"\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}

fn line(id: &str, metadata: &str, public: &str, private: &str) -> String {
    format!(
        r#"{{"question_id": "{id}", "question_title": "t", "question_content": "q", "starter_code": "", "contest_id": "c",
        "platform": "atcoder", "difficulty": "easy", "contest_date": "2024-08-01T00:00:00", "metadata": {},
        "public_test_cases": {}, "private_test_cases": {}}}"#,
        quoted(metadata),
        quoted(public),
        quoted(private)
    )
    .replace('\n', " ")
}

const STDIN: &str = r#"[{"input": "1\n", "output": "2\n", "testtype": "stdin"}]"#;
const CALLS: &str = r#"[{"input": "[1, 2.0]\n\"a\"", "output": "true", "testtype": "functional"}]"#;
const FUNCTION: &str = r#"{"func_name": "f"}"#;

fn refused(line: &str) -> String {
    parse(line.as_bytes()).expect_err("a bad row").to_string()
}

#[test]
fn public_tests_come_first_and_private_ones_after_them_packed_or_not() {
    let more = r#"[{"input": "3", "output": "4", "testtype": "stdin"}]"#;
    for private in [more.to_owned(), private(more)] {
        let problem = parse(line("a", "{}", STDIN, &private).as_bytes()).expect("a good row");
        let Tests::Stdin(tests) = problem.tests else { panic!("not stdin tests") };
        let test = |input: &str, output: &str| StdinTest { input: input.into(), output: output.into() };
        assert_eq!(tests, [test("1\n", "2\n"), test("3", "4")]);
        assert_eq!((problem.task_id.as_str(), problem.prompt.as_str(), problem.canonical), ("a", "q", None));
    }
}

#[test]
fn a_function_gets_one_argument_a_line_and_numbers_keep_their_types() {
    let problem = parse(line("a", FUNCTION, CALLS, "[]").as_bytes()).expect("a good row");
    let Tests::Function(tests) = problem.tests else { panic!("not function tests") };
    let list = Value::List(vec![Value::from(1), Value::Float(2.0)]);
    assert_eq!(tests.inputs[..], [Value::List(vec![list, Value::from("a")])]);
    assert!(matches!(&tests.expected, crate::Expected::Given(values) if values[..] == [Value::Bool(true)]));
    assert_eq!((tests.entry_point.as_str(), tests.base_count, tests.comparison), ("f", 1, Comparison::LiveCodeBench));
}

#[test]
fn starter_code_ends_the_prompt_and_is_no_part_of_the_question() {
    let line = line("a", FUNCTION, CALLS, "[]").replace(r#""starter_code": """#, r#""starter_code": "class S:\n    ""#);
    let problem = parse(line.as_bytes()).expect("a good row");
    assert_eq!((problem.prompt.as_str(), problem.question()), ("q\n\nclass S:\n    ", "q"));
    assert_eq!(problem.shown.starter_code.as_deref(), Some("class S:\n    "));
}

#[test]
fn tests_that_cannot_decide_anything_are_errors() {
    for (line, words) in [
        (line("a", "{}", "[]", "[]"), "expected at least one test, found none"),
        (line("a", FUNCTION, "[]", &private("[]")), "expected at least one test, found none"),
        (
            line("a", "{}", r#"[{"input": "1", "testtype": "stdin"}]"#, "[]"),
            "cannot use public_test_cases[0]: expected the key output, which is missing",
        ),
        (
            line("a", "{}", STDIN, &private(r#"[{"input": "1", "output": null, "testtype": "stdin"}]"#)),
            "cannot use private_test_cases[0]: expected output to be a string, found NoneType",
        ),
        (line("a", "{}", &STDIN.replace("stdin", "file"), "[]"), "found file"),
        (line("a", FUNCTION, STDIN, "[]"), "testtype is stdin, but metadata has a func_name"),
        (line("a", "{}", CALLS, "[]"), "testtype is functional, but metadata has no func_name"),
        (line("a", FUNCTION, &CALLS.replace("2.0]", "2.0"), "[]"), "public_test_cases[0]: argument 0: malformed JSON"),
        (line("a", FUNCTION, &CALLS.replace("true", "True"), "[]"), "public_test_cases[0]: output: malformed JSON"),
        (line("a", "{}", STDIN, r#"{"input": 1}"#), "private_test_cases: it is neither JSON nor base64"),
    ] {
        let error = refused(&line);
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn what_a_row_says_of_itself_must_be_known_words() {
    let good = line("a", "{}", STDIN, "[]");
    for (from, to, words) in [
        ("atcoder", "topcoder", "cannot use platform: expected leetcode, codeforces or atcoder, found topcoder"),
        ("easy", "Easy", "cannot use difficulty: expected easy, medium or hard, found Easy"),
        ("2024-08-01T", "2024-13-01T", "cannot use contest_date: expected a date as 2024-08-01T00:00:00"),
        ("question_id", "id", "expected the key question_id"),
        ("private_test_cases", "tests", "expected the key private_test_cases"),
        (r#""{}""#, r#""{""#, "cannot use metadata: malformed JSON"),
        (r#""{}""#, r#""{\"func_name\": 1}""#, "expected metadata.func_name to be a string, found int"),
    ] {
        let error = refused(&good.replacen(from, to, 1));
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn private_tests_that_are_no_pickled_text_are_refused() {
    let code = pack(b"cos\nsystem\n(Vecho\ntR.");
    assert!(refused(&line("a", "{}", STDIN, &code)).contains("the opcode GLOBAL at byte 0: expected text"));
    let no_json = private("tests");
    assert!(refused(&line("a", "{}", STDIN, &no_json)).contains("private_test_cases: malformed JSON"));
    let cut = private(STDIN)[..60].to_owned();
    assert!(refused(&line("a", "{}", STDIN, &cut)).contains("the zlib stream is cut off"));
}

#[test]
fn an_edition_of_sandboxfusion_is_read_under_the_original_id() {
    let packed = |function: &str| {
        let text = format!(r#"{{"inputs": ["1\n2"], "outputs": ["3"], "fn_name": {function}}}"#);
        let (key, length) = ("input_output", u32::try_from(text.len()).expect("short").to_le_bytes());
        pack(&[b"\x80\x04}\x94\x8c\x0c", key.as_bytes(), b"\x94X", &length[..], text.as_bytes(), b"\x94s."].concat())
    };
    let line = |test: &str| {
        format!(
            r#"{{"id": 7, "content": "q", "canonical_solution": "import sys; sys.exit(0)", "test": "{test}",
            "labels": "{{\"task_id\": \"leetcode/2727\", \"category\": \"leetcode\", \"difficulty\": \"easy\"}}"}}"#
        )
    };
    let problem = parse(line(&packed("\"add\"")).as_bytes()).expect("a good row");
    assert_eq!((problem.task_id.as_str(), problem.canonical), ("2727", None));
    assert!(matches!(problem.tests, Tests::Function(tests) if tests.entry_point == "add"));
    let problem = parse(line(&packed("null")).as_bytes()).expect("a good row");
    assert!(matches!(problem.tests, Tests::Stdin(tests) if tests.len() == 1));
    assert!(refused(&line(&private("x"))).contains("cannot use test: the pickle cannot be decoded"));
}

/// Writes files into a folder of their own.
fn folder(files: &[(&str, String)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("written");
    }
    folder
}

fn good(id: &str) -> String {
    line(id, "{}", STDIN, "[]") + "\n"
}

/// The ids that are wanted, and those that are left out.
fn ids(data: &[PathBuf], releases: Option<&str>) -> Result<(Vec<String>, Vec<String>), String> {
    let releases = releases.map(|word| word.parse().expect("releases"));
    let rows = load(data, Selection { releases, ..Selection::default() }).map_err(|error| error.to_string())?;
    let (mut wanted, mut left_out) = (Vec::new(), Vec::new());
    for row in rows {
        match row.map_err(|error| error.to_string())? {
            Read::Wanted(row) => wanted.push(row.task_id().to_owned()),
            Read::LeftOut(id) => left_out.push(id),
        }
    }
    Ok((wanted, left_out))
}

#[test]
fn a_folder_gives_the_files_of_the_releases_asked_for() {
    let files = ["test.jsonl", "test2.jsonl", "test3.jsonl", "README.md"].map(|name| (name, good(name)));
    let folder = folder(&files);
    let data = [folder.path().to_owned()];
    let wanted = |releases| ids(&data, releases).map(|(wanted, _)| wanted);
    assert_eq!(wanted(None), Ok(vec!["test.jsonl".into(), "test2.jsonl".into(), "test3.jsonl".into()]));
    assert_eq!(wanted(Some("v2")), Ok(vec!["test.jsonl".into(), "test2.jsonl".into()]));
    assert_eq!(wanted(Some("v2_v3")), Ok(vec!["test2.jsonl".into(), "test3.jsonl".into()]));
    assert!(wanted(Some("v4")).expect_err("no test4").contains("v4 needs test4.jsonl"));
    fs::write(folder.path().join("test2.jsonl.gz"), "").expect("written");
    assert!(wanted(None).expect_err("two of one release").contains("hold one release"));
}

#[test]
fn rows_tell_their_release_where_a_file_holds_several() {
    let stated = |id: &str, file: &str| good(id).replacen('{', &format!(r#"{{"_release_file": "{file}", "#), 1);
    let folder =
        folder(&[("all.jsonl", stated("a", "test.jsonl") + &stated("b", "test5.jsonl")), ("none.jsonl", good("c"))]);
    let data = |name: &str| vec![folder.path().join(name)];
    assert_eq!(ids(&data("all.jsonl"), Some("v4")), Ok((vec!["a".into()], vec!["b".into()])));
    assert!(ids(&data("none.jsonl"), None).is_ok());
    let error = ids(&data("none.jsonl"), Some("v4")).expect_err("it cannot be told");
    assert!(error.contains("none.jsonl:1:") && error.contains("_release_file"), "{error}");
    assert!(refused(&stated("a", "test7.jsonl")).contains("cannot use _release_file"));
}

#[test]
fn a_bad_row_names_its_file_and_line_and_the_next_row_follows() {
    let folder = folder(&[("test.jsonl", good("a") + "{}\n" + &good("b")), ("test2.jsonl", good("c"))]);
    let mut rows = load(&[folder.path().to_owned()], Selection::default()).expect("it can be opened");
    let read: Vec<Result<Read, RowError>> = rows.by_ref().collect();
    assert_eq!(read.len(), 4);
    let error = read[1].as_ref().expect_err("a bad row").to_string();
    assert!(error.contains("test.jsonl:2: expected the key question_id"), "{error}");
    assert!(rows.content_hash().is_some());
}

#[test]
fn a_folder_or_file_that_is_not_there_is_named() {
    let empty = folder(&[("notes.txt", String::new())]);
    let error = load(&[empty.path().to_owned()], Selection::default()).expect_err("nothing to read");
    assert!(matches!(&error, DatasetError::Files { reason } if reason.contains("has none of test.jsonl")));
    let error = ids(&[Path::new("/nonexistent/test.jsonl").to_owned()], None).expect_err("nothing is there");
    assert!(error.starts_with("/nonexistent/test.jsonl:0:"), "{error}");
}

proptest! {
    #[test]
    fn hostile_private_tests_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), text in ".{0,80}") {
        for field in [pack(&bytes), text.clone(), private(&text)] {
            let escaped = crate::livecodebench::tests::line("a", "{}", STDIN, "MARK");
            let line = escaped.replace("MARK", &field.replace(['\\', '"'], "").replace(char::is_control, ""));
            let _ = parse(line.as_bytes());
        }
    }
}
