//! The shared corpus of misbehaving and honest programs: every row gets a verdict it may get, and leaves nothing.
//! Not here: the corpus (its README says what a row holds), tests of single layers (`runner`).
//! In: `attacks/attacks_shared.jsonl` of the shared folder. Out: passed, or skipped with a reason.

use std::{collections::HashMap, fs, path::Path, thread, time::Duration};

use serde_json::{Value, json};

use crate::{
    fixtures::{ADD, function_job, lines},
    processes::{Finished, command, finish},
    support::{Place, can_run, json_lines, say, shared, skip},
};

pub(crate) const CORPUS: &str = "attacks/attacks_shared.jsonl";

/// Rows that are not read yet: their asserts ask more of an answer than whether it equals a value.
pub(crate) const NOT_READ_YET: [&str; 2] = ["sh-eq-list-subclass-asserts", "sh-patch-compare-helpers"];

/// How long a child that got away needs to show itself: the corpus has one that writes after three seconds.
const CHILD_WAIT: Duration = Duration::from_secs(5);

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or_else(|| panic!("{key} is no text: {row}"))
}

/// The corpus, less what this interpreter has no packages for.
fn corpus() -> Option<Vec<Value>> {
    let path = shared(CORPUS).filter(|_| can_run())?;
    let rows = json_lines(&fs::read_to_string(path).expect("readable"));
    Some(rows.into_iter().filter(has_its_packages).collect())
}

fn has_its_packages(row: &Value) -> bool {
    row["needs"].as_array().into_iter().flatten().all(|package| {
        let package = package.as_str().expect("a name");
        let mut python = command("python3");
        python.args(["-I", "-c", &format!("import {package}")]);
        let is_here = finish(python, b"").code == Some(0);
        if !is_here {
            skip(&format!("{}: python3 has no {package}", text(row, "id")));
        }
        is_here
    })
}

/// Judges rows in one process, whose own environment is what the rows' setup says.
fn judge(rows: &[Value], workers: &str) -> (Finished, HashMap<String, Value>) {
    let place = Place::new();
    let jobs = place.write("jobs.jsonl", lines(rows));
    let mut command = place.trialbox(&[&"verify", &"--jobs", &jobs, &"--skip-bad-rows", &"--workers", &workers]);
    for (name, value) in rows.iter().filter_map(|row| row["setup"]["service_env"].as_object()).flatten() {
        command.env(name, value.as_str().expect("text"));
    }
    let finished = place.finish(command, b"");
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let verdicts = json_lines(&finished.stdout);
    let verdicts = verdicts.into_iter().map(|verdict| (text(&verdict, "id").to_owned(), verdict)).collect();
    (finished, verdicts)
}

/// Whether a verdict is one of those that a row may get. A failure of the host is never one.
fn is_allowed(expect: &Value, verdict: &str) -> bool {
    match expect {
        Value::String(word) if word == "fail" => !["pass", "infra_error"].contains(&verdict),
        Value::String(word) => word == verdict,
        Value::Array(words) => words.iter().any(|word| word == verdict),
        other => panic!("no rule: {other}"),
    }
}

/// What is wrong with a row's verdict, if anything.
fn complaint(row: &Value, verdicts: &HashMap<String, Value>) -> Option<String> {
    let id = text(row, "id");
    let Some(verdict) = verdicts.get(id) else { return Some(format!("{id}: no verdict")) };
    let name = text(verdict, "verdict");
    (!is_allowed(&row["expect"], name)).then(|| format!("{id}: {name}, expected {}", row["expect"]))
}

/// Files of the host, gone at the end even of a test that fails.
#[derive(Debug, Default)]
struct HostFiles(Vec<(String, String)>);

impl HostFiles {
    fn plant(rows: &[Value]) -> Self {
        let mut files = Self::default();
        for (path, content) in rows.iter().filter_map(|row| row["setup"]["host_files"].as_object()).flatten() {
            let content = content.as_str().expect("text");
            fs::write(path, content).expect("the host's own file can be planted");
            files.0.push((path.clone(), content.to_owned()));
        }
        files
    }
}

impl Drop for HostFiles {
    fn drop(&mut self) {
        self.0.iter().for_each(|(path, _)| drop(fs::remove_file(path)));
    }
}

/// One condition of `also`, of a row that was judged.
fn check_condition(row: &Value, condition: &str, verdict: &Value, finished: &Finished) {
    let id = text(row, "id");
    let number = |before: &str, after: &str| -> Option<f64> {
        condition.strip_prefix(before)?.strip_suffix(after)?.trim().parse().ok()
    };
    if let Some(seconds) = number("wall <", "s") {
        let wall_ms = verdict["wall_ms"].as_f64().expect("a number");
        assert!(wall_ms < seconds * 1000.0, "{id}: {wall_ms} ms, expected {condition}");
    } else if let Some(mebibytes) = number("grader memory <", "MiB") {
        let peak = finished.peak_resident_bytes as f64 / f64::from(1 << 20);
        assert!(peak < mebibytes, "{id}: trialbox itself held {peak} MiB, expected {condition}");
    } else if let Some(path) = marker(condition) {
        assert!(!Path::new(path).exists(), "{id}: {path} is left behind");
    } else {
        // The first is part of every expectation, the second of every run, the others have a test of their own.
        let elsewhere =
            ["not an internal error", "no process left behind", "service alive", "next candidate unaffected"];
        assert!(elsewhere.contains(&condition), "{id}: nothing checks {condition:?}");
    }
}

fn marker(condition: &str) -> Option<&str> {
    condition.strip_prefix("no file ")?.strip_suffix(" left behind")
}

fn conditions(row: &Value) -> impl Iterator<Item = &str> {
    row["also"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

#[test]
fn every_row_of_the_corpus_gets_a_verdict_it_may_get_and_leaves_nothing() {
    let Some(rows) = corpus() else { return };
    rows.iter().flat_map(conditions).filter_map(marker).for_each(|path| drop(fs::remove_file(path)));
    let planted = HostFiles::plant(&rows);
    let (finished, verdicts) = judge(&rows, "2");
    let (missing, judged): (Vec<&Value>, Vec<&Value>) =
        rows.iter().partition(|row| !verdicts.contains_key(text(row, "id")));
    let missing: Vec<&str> = missing.into_iter().map(|row| text(row, "id")).collect();
    assert!(missing.iter().all(|id| NOT_READ_YET.contains(id)), "not read: {missing:?}\n{}", finished.stderr);
    say(&format!("skipped: not read yet: {}", missing.join(", ")));
    let complaints: Vec<String> = judged.iter().filter_map(|row| complaint(row, &verdicts)).collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
    thread::sleep(CHILD_WAIT); // a child that got away would write its marker by now
    for row in judged {
        conditions(row).for_each(|condition| check_condition(row, condition, &verdicts[text(row, "id")], &finished));
    }
    for (path, content) in &planted.0 {
        assert_eq!(fs::read_to_string(path).ok().as_ref(), Some(content), "{path} was changed");
    }
}

#[test]
fn a_program_after_an_attack_is_judged_as_before_it() {
    let Some(rows) = corpus() else { return };
    let needs_probe = |row: &Value| {
        row["probe"].is_object()
            || conditions(row).any(|it| ["service alive", "next candidate unaffected"].contains(&it))
    };
    let mut sequence = Vec::new();
    for row in rows.into_iter().filter(needs_probe) {
        let id = text(&row, "id").to_owned();
        let probe = |place: &str| {
            let mut probe = function_job("", ADD);
            probe["expect"] = json!("pass");
            if let Some(own) = row["probe"].as_object() {
                let semantics = row["semantics"].clone();
                probe = Value::Object(own.clone());
                probe.as_object_mut().expect("an object").entry("semantics").or_insert(semantics);
            }
            probe["id"] = json!(format!("{place} {id}"));
            probe
        };
        sequence.extend([probe("before"), row.clone(), probe("after")]);
    }
    let (_, verdicts) = judge(&sequence, "1");
    let is_read = |row: &&Value| !NOT_READ_YET.contains(&text(row, "id"));
    let complaints: Vec<String> = sequence.iter().filter(is_read).filter_map(|row| complaint(row, &verdicts)).collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
}
