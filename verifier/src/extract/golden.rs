//! Tests of extraction on answers as models write them, one file each in `cases/`.
//! Not here: hostile text (`tests`).
//! In: files. Out: test results.
//!
//! A file has a head (`kind`, `entry`, `rule`, the last being `none` where there is no program) and parts that begin
//! with `=== prompt`, `=== text` and `=== program`. Marks stand for what is hard to see: `␍` a carriage return, `⇥` a
//! tab, `␣` a no-break space, `␂` a byte order mark, `∎` the end of a text without a line break.

use std::fs;
use std::path::Path;

use super::*;

struct Case {
    text: SampleText,
    prompt: String,
    entry: Option<String>,
    rule: String,
    program: String,
}

fn case(file: &str) -> Case {
    let file =
        file.replace('␍', "\r").replace('⇥', "\t").replace('␣', "\u{a0}").replace('␂', "\u{feff}").replace("∎\n", "");
    let mut parts = file.split("=== ");
    let head = parts.next().unwrap();
    let field =
        |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned));
    let (mut prompt, mut text, mut program) = (String::new(), None, String::new());
    for part in parts {
        let (name, content) = part.split_once('\n').unwrap();
        match name {
            "prompt" => prompt = content.to_owned(),
            "text" => text = Some(content.to_owned()),
            "program" => program = content.to_owned(),
            _ => panic!("no part is called {name}"),
        }
    }
    let text = text.unwrap();
    let text = match field("kind").as_deref() {
        Some("completion") => SampleText::Completion(text),
        Some("solution") => SampleText::Solution(text),
        None => SampleText::Response(text),
        Some(kind) => panic!("no kind is called {kind}"),
    };
    Case { text, prompt, entry: field("entry"), rule: field("rule").unwrap(), program }
}

#[test]
fn the_programs_in_answers_are_found() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/extract/cases");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 40);
    let mut failures = String::new();
    for path in paths {
        let case = case(&fs::read_to_string(&path).unwrap());
        let (rule, program) = match extract(&case.text, &case.prompt, case.entry.as_deref()) {
            Ok(extracted) => (extracted.rule.as_str(), extracted.program),
            Err(_) => ("none", String::new()),
        };
        if (rule, &program) != (case.rule.as_str(), &case.program) {
            let name = path.file_stem().unwrap().to_string_lossy();
            failures += &format!("{name}: {rule} instead of {}\n{program}\n", case.rule);
        }
    }
    assert!(failures.is_empty(), "{failures}");
}
