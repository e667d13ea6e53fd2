//! Where the published data files are that the repository does not hold, and one text form of values for digests.
//! Not here: any test.
//! In: the environment. Out: paths, or a visible reason to skip.

use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use md5::Digest;
use md5::Md5;
use trialbox_datasets::Value;

/// The path of a shared file: under `$TRIALBOX_SHARED`, or `../shared` beside the repository.
///
/// Where it is missing, says so and gives `None`; under `TRIALBOX_TESTS_STRICT=1` that is a failure.
pub(crate) fn file(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let path = std::env::var_os("TRIALBOX_SHARED").map_or_else(beside, PathBuf::from).join(name);
    if path.exists() {
        return Some(path);
    }
    let strict = std::env::var_os("TRIALBOX_TESTS_STRICT").is_some_and(|value| value == "1");
    assert!(!strict, "{} is missing, and TRIALBOX_TESTS_STRICT=1", path.display());
    // Unlike `eprintln!`, this is not captured, so the skip is seen even where the test runner hides what passes.
    let reason = format!("skipped: {} is missing; set TRIALBOX_SHARED to the folder that has it\n", path.display());
    std::io::stderr().write_all(reason.as_bytes()).expect("stderr can be written");
    None
}

/// The MD5 of a text, in hex.
pub(crate) fn md5(text: &[u8]) -> String {
    Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Appends a form of a value that no other value has; sets are sorted by it.
pub(crate) fn render(value: &Value, to: &mut Vec<u8>) {
    let counted = |tag: char, bytes: &[u8], to: &mut Vec<u8>| {
        to.extend_from_slice(format!("{tag}{}:", bytes.len()).as_bytes());
        to.extend_from_slice(bytes);
    };
    match value {
        Value::None => to.push(b'n'),
        Value::Bool(flag) => to.extend_from_slice(if *flag { b"b1" } else { b"b0" }),
        Value::Int(number) => to.extend_from_slice(format!("i{number};").as_bytes()),
        Value::Float(number) => to.extend_from_slice(format!("f{:016x}", number.to_bits()).as_bytes()),
        Value::Complex { re, im } => {
            to.extend_from_slice(format!("c{:016x}{:016x}", re.to_bits(), im.to_bits()).as_bytes());
        }
        Value::Str(text) => counted('s', text.as_bytes(), to),
        Value::Tuple(items) => render_items('t', items, to),
        Value::List(items) => render_items('l', items, to),
        Value::Set(items) => {
            let mut rendered: Vec<Vec<u8>> = items.iter().map(rendered).collect();
            rendered.sort();
            to.extend_from_slice(format!("e{}:", rendered.len()).as_bytes());
            to.extend_from_slice(&rendered.concat());
        }
        Value::Dict(pairs) => {
            to.extend_from_slice(format!("d{}:", pairs.len()).as_bytes());
            for (key, value) in pairs {
                render(key, to);
                render(value, to);
            }
        }
        other => panic!("no dataset holds a {}", other.type_name()),
    }
}

fn rendered(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    render(value, &mut bytes);
    bytes
}

fn render_items(tag: char, items: &[Value], to: &mut Vec<u8>) {
    to.extend_from_slice(format!("{tag}{}:", items.len()).as_bytes());
    for item in items {
        render(item, to);
    }
}
