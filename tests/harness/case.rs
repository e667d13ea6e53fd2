//! One case: a small program, and what may become of it. A new attack is a new file in `tests/cases/<family>`.
//! Not here: the shared corpus (`corpus`), carrying a case out (`session`).
//! In: a Python file whose first lines are `# key: JSON`, or a C++ file whose first lines are `// key: JSON`. Out: a
//! [`Case`]; the program is what follows these lines.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde::Deserialize;
use serde_json::{Value, json};

use super::class::Class;
use crate::processes::command;

/// One program and what may become of it.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// The line that `trialbox verify` reads.
    pub(crate) job: Value,
    pub(crate) expect: Expect,
    /// The verdict must come within this time.
    pub(crate) wall: Duration,
    /// Files of the host that must stay as they are.
    pub(crate) plant: BTreeMap<PathBuf, String>,
    /// What trialbox's own environment holds meanwhile.
    pub(crate) environment: BTreeMap<String, String>,
    /// A job that must pass before the program, and again after it.
    pub(crate) probe: Option<Value>,
    /// Files that must not be there afterwards, even a while later.
    pub(crate) markers: Vec<PathBuf>,
    /// By how much trialbox itself may grow meanwhile.
    pub(crate) peak_growth_bytes: Option<u64>,
    /// Why it cannot be judged yet.
    pub(crate) not_yet: Option<String>,
    pub(crate) classes: Vec<Class>,
    pub(crate) in_guest: InGuest,
}

impl Case {
    pub(crate) fn is_for(&self, class: Class) -> bool {
        class == Class::Wasi || self.classes.contains(&class)
    }

    /// Which verdicts it may get there.
    pub(crate) fn expect(&self, class: Class) -> &Expect {
        self.in_guest.wasi_expect.as_ref().filter(|_| class == Class::Wasi).unwrap_or(&self.expect)
    }

    /// Why it is not carried out there, though it could be had.
    pub(crate) fn does_not_apply(&self, class: Class) -> Option<&str> {
        self.in_guest.wasi_skip.as_deref().filter(|_| class == Class::Wasi)
    }
}

/// What is different in the WASI guest, where anything is; a comment behind the header says why.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InGuest {
    #[serde(default, rename = "expect")]
    pub(crate) wasi_expect: Option<Expect>,
    /// Why the case says nothing about the guest.
    #[serde(default, rename = "skip")]
    pub(crate) wasi_skip: Option<String>,
}

/// Which verdicts a program may get. A failure of the host is never one of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Expect {
    /// `pass`, or `fail` for all that is not.
    One(Outcome),
    /// These verdicts.
    Some(Vec<String>),
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Pass,
    Fail,
}

impl Expect {
    pub(crate) fn pass() -> Self {
        Self::One(Outcome::Pass)
    }

    pub(crate) fn allows(&self, verdict: &str) -> bool {
        let is_allowed = match self {
            Self::One(Outcome::Pass) => verdict == "pass",
            Self::One(Outcome::Fail) => verdict != "pass",
            Self::Some(verdicts) => verdicts.iter().any(|it| it == verdict),
        };
        is_allowed && verdict != "infra_error"
    }
}

/// The header of a case file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    /// What the program tries, in one sentence.
    tries: String,
    expect: Expect,
    #[serde(default)]
    mode: Mode,
    /// What the program is written in; said by files of C++ only, whose mode is always stdin.
    language: Option<String>,
    #[serde(default = "calls_of_add")]
    calls: Vec<(Vec<Value>, Value)>,
    /// A Python list of expected values, where JSON cannot say them; those in `calls` are then not read.
    expected_py: Option<String>,
    #[serde(default = "add")]
    entry_point: String,
    #[serde(default = "sums")]
    tests: Vec<(String, String)>,
    #[serde(default)]
    asserts: Vec<String>,
    /// Test code as pytest runs it, or as `check` has it; `asserts` are then not read.
    tests_py: Option<String>,
    /// What stands before program and test code.
    #[serde(default)]
    preamble: String,
    /// The candidate that the test code's `check` is called with.
    check: Option<String>,
    /// A program that passes.
    canonical: Option<String>,
    #[serde(default = "two")]
    time_s: f64,
    #[serde(default = "half_a_gibibyte")]
    memory_mb: u64,
    #[serde(default)]
    plant: BTreeMap<PathBuf, String>,
    #[serde(default = "twenty")]
    wall_s: u64,
    /// Where the case applies; a comment behind the header says why not everywhere.
    classes: Option<Vec<Class>>,
    /// As `expect`, in the WASI guest; a comment says why.
    wasi_expect: Option<Expect>,
    /// Why the case says nothing about the WASI guest.
    wasi_skip: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    #[default]
    Function,
    Stdin,
    Asserts,
}

fn calls_of_add() -> Vec<(Vec<Value>, Value)> {
    let call = |a: i32, b: i32| (vec![json!(a), json!(b)], json!(a + b));
    vec![call(1, 2), call(5, 7), call(-3, 3), call(100, 250)]
}

fn add() -> String {
    "add".to_owned()
}

fn sums() -> Vec<(String, String)> {
    let test = |input: &str, output: &str| (input.to_owned(), output.to_owned());
    vec![test("3\n1 2 3\n", "6\n"), test("1\n42\n", "42\n")]
}

fn two() -> f64 {
    2.0
}

fn half_a_gibibyte() -> u64 {
    512
}

fn twenty() -> u64 {
    20
}

/// Every case of our own, in the order of their names.
pub(crate) fn own_cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<PathBuf> = entries(&root).iter().flat_map(|family| entries(family)).collect();
    files.sort();
    files.iter().map(|file| read(&root, file)).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("readable").path()).collect()
}

fn read(root: &Path, file: &Path) -> Case {
    let bytes = fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let relative = file.strip_prefix(root).expect("it lies there").with_extension("");
    let name = relative.to_str().expect("names of cases are UTF-8");
    let is_cpp = file.extension().is_some_and(|extension| extension == "cpp");
    let mark = if is_cpp { "// " } else { "# " };
    let (mut header, program) = split(file, &bytes, mark);
    if is_cpp {
        header.mode = Mode::Stdin;
        header.language.get_or_insert_with(|| "cpp".to_owned());
        header.wasi_skip.get_or_insert_with(|| "C++ runs in native sandboxes only".to_owned());
    }
    if header.classes.is_some() || header.wasi_expect.is_some() {
        assert!(
            program.starts_with(mark.as_bytes()),
            "{}: no comment says why it is not the same everywhere",
            file.display()
        );
    }
    assert!(!header.tries.is_empty(), "{}: `tries` is empty", file.display());
    Case {
        name: name.to_owned(),
        job: job(name, &header, program),
        expect: header.expect,
        wall: Duration::from_secs(header.wall_s),
        plant: header.plant,
        environment: BTreeMap::new(),
        probe: is_cpp.then(cpp_probe),
        markers: Vec::new(),
        peak_growth_bytes: None,
        not_yet: if is_cpp { no_compiler() } else { None },
        classes: header.classes.unwrap_or_else(|| Class::ALL.to_vec()),
        in_guest: InGuest { wasi_expect: header.wasi_expect, wasi_skip: header.wasi_skip },
    }
}

/// An honest program in C++, which looks for anything that was left.
pub(crate) fn cpp_probe() -> Value {
    json!({"id": "probe of C++", "mode": "stdin", "semantics": "lcb_stdio", "language": "cpp", "candidate": CPP_PROBE,
        "problem": {"tests": [{"input": "1 2\n", "output": "3\n"}, {"input": "3 4\n", "output": "7\n"}]}})
}

const CPP_PROBE: &str = include_str!("probe.cpp");

/// Why C++ cannot be judged here.
pub(crate) fn no_compiler() -> Option<String> {
    let mut compiler = command("g++");
    let found = compiler.arg("--version").stdout(Stdio::null()).status();
    (!found.is_ok_and(|status| status.success())).then(|| "there is no g++".to_owned())
}

/// The header, and the program behind it.
fn split<'a>(file: &Path, bytes: &'a [u8], mark: &str) -> (Header, &'a [u8]) {
    let (mut object, mut rest, mut line) = (serde_json::Map::new(), bytes, 0);
    while let Some((key, value, behind)) = header_line(rest, mark) {
        line += 1;
        let place = format!("{}:{line}", file.display());
        let value = serde_json::from_slice(value).unwrap_or_else(|error| panic!("{place}: `{key}`: {error}"));
        assert!(object.insert(key.to_owned(), value).is_none(), "{place}: `{key}` stands twice");
        // Read after every line, so that the complaint names the line that caused it.
        if let Err(error) = serde_json::from_value::<Header>(Value::Object(object.clone()))
            && !error.to_string().starts_with("missing field")
        {
            panic!("{place}: {error}");
        }
        rest = behind;
    }
    let header = serde_json::from_value(Value::Object(object));
    (header.unwrap_or_else(|error| panic!("{}:{line}: {error}", file.display())), rest)
}

/// Key, value and what follows, where a text begins with a line of a header.
fn header_line<'a>(bytes: &'a [u8], mark: &str) -> Option<(&'a str, &'a [u8], &'a [u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let line = bytes[..end].strip_prefix(mark.as_bytes())?;
    let colon = line.iter().position(|byte| *byte == b':')?;
    let key = str::from_utf8(&line[..colon]).ok()?;
    let is_key = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_key.then_some((key, &line[colon + 1..], &bytes[end + 1..]))
}

fn job(name: &str, header: &Header, program: &[u8]) -> Value {
    let limits = json!({"time_s": header.time_s, "memory_mb": header.memory_mb});
    let mut job = match header.mode {
        Mode::Function => {
            let inputs: Vec<&Vec<Value>> = header.calls.iter().map(|(arguments, _)| arguments).collect();
            let mut problem = json!({"entry_point": header.entry_point, "inputs": inputs, "atol": 0});
            match &header.expected_py {
                Some(list) => problem["expected_py"] = json!(list),
                None => problem["expected"] = header.calls.iter().map(|(_, expected)| expected.clone()).collect(),
            }
            json!({"mode": "function_io", "semantics": "evalplus", "problem": problem})
        }
        Mode::Stdin => {
            let test = |(input, output): &(String, String)| json!({"input": input, "output": output});
            let tests: Vec<Value> = header.tests.iter().map(test).collect();
            json!({"mode": "stdin", "semantics": "lcb_stdio", "problem": {"tests": tests}})
        }
        Mode::Asserts => match &header.tests_py {
            None => json!({"mode": "asserts", "semantics": "mbpp_asserts", "problem": {"asserts": header.asserts}}),
            Some(tests) => {
                let semantics = if header.check.is_some() { "check" } else { "pytest" };
                let mut problem = json!({"test": tests, "preamble": header.preamble});
                for (key, text) in [("entry_point", &header.check), ("canonical", &header.canonical)] {
                    if let Some(text) = text {
                        problem[key] = json!(text);
                    }
                }
                json!({"mode": "asserts", "semantics": semantics, "problem": problem})
            }
        },
    };
    job["id"] = json!(name);
    if let Some(language) = &header.language {
        job["language"] = json!(language);
    }
    job["limits"] = limits;
    match str::from_utf8(program) {
        Ok(text) => job["candidate"] = json!(text),
        Err(_) => job["candidate_b64"] = json!(base64(program)),
    }
    job
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |chunk: &[u8]| {
        let word = (0..3).fold(0_usize, |word, at| word << 8 | usize::from(chunk.get(at).copied().unwrap_or(0)));
        let letter = |at: usize| match at <= chunk.len() {
            true => char::from(ALPHABET[word >> (18 - 6 * at) & 63]),
            false => '=',
        };
        (0..4).map(letter).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}
