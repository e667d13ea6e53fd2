//! The examples of docs/http.md, run as they stand against a daemon as its user would start it.
//! Not here: what else the daemon does (`serve`).

use std::net::TcpListener;

use serde_json::Value;

use super::daemon::Daemon;
use crate::{
    processes::{command, finish},
    support::{Place, can_run, skip},
};

const PAGE: &str = include_str!("../../docs/http.md");

/// The commands, each with what it must print.
fn examples() -> Vec<(&'static str, Value)> {
    let mut blocks = PAGE.split("\n```");
    blocks.next();
    let (mut found, mut command) = (Vec::new(), None);
    while let (Some(block), _) = (blocks.next(), blocks.next()) {
        let (language, text) = block.split_once('\n').expect("a block has lines");
        match (language, command) {
            ("sh", None) => command = Some(text),
            ("json", Some(asked)) => {
                found.push((asked, serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))));
                command = None;
            }
            _ => panic!("a command must be followed by what it prints: {block}"),
        }
    }
    assert!(command.is_none() && !found.is_empty());
    found
}

/// Whether everything that is expected is there; more may be.
fn holds(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            expected.iter().all(|(key, value)| found.get(key).is_some_and(|found| holds(found, value)))
        }
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len() && found.iter().zip(expected).all(|(found, value)| holds(found, value))
        }
        (found, expected) => found == expected,
    }
}

#[test]
fn the_examples_of_the_page_do_what_it_says() {
    if !can_run() {
        return;
    }
    let mut look = command("sh");
    look.args(["-c", "curl --json 2>&1 | grep -q parameter"]);
    if finish(look, b"").code != Some(0) {
        return skip("there is no curl that knows --json (7.82 or later)");
    }
    if let Err(error) = TcpListener::bind("127.0.0.1:8077") {
        return skip(&format!("the port of the examples is taken: {error}"));
    }
    let daemon = Daemon::start_in(Place::new(), &[]);
    assert_eq!(daemon.url, "http://127.0.0.1:8077");
    for (asked, expected) in examples() {
        let mut shell = command("sh");
        shell.args(["-ec", asked]);
        let finished = finish(shell, b"");
        assert_eq!(finished.code, Some(0), "{asked}{}", finished.stderr);
        let found: Value = serde_json::from_str(&finished.stdout)
            .unwrap_or_else(|error| panic!("{error}: {asked}{}", finished.stdout));
        assert!(holds(&found, &expected), "{asked}printed {found}\nand not {expected}");
    }
}
