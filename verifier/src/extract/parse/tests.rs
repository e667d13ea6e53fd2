//! Tests that no text, however it nests, costs the trusted process its stack, its memory or its time.
//! Not here: which text is taken (`extract::tests`).
//! In: texts of up to 1 MB that nest in every way the grammar has. Out: test results.

use std::time::Duration;
use std::time::Instant;

use super::*;
use crate::syntax::tests::{KINDS, nested};

fn parse(source: &str) -> Result<Facts, Broken> {
    Parser::new(Some("f"), usize::MAX).parse(source)
}

#[test]
fn no_way_of_nesting_costs_the_stack_or_much_time() {
    for kind in KINDS {
        for count in [10, 100, 150, 190, 250, 2_000, 4_900, 5_100, 20_000, 1_000_000] {
            let unit = nested(kind, 2).len().div_ceil(2).max(1);
            let source = nested(kind, count.min(1_000_000 / unit));
            let start = Instant::now();
            let _ = parse(&source);
            assert!(start.elapsed() < Duration::from_secs(5), "{kind} × {count} took {:?}", start.elapsed());
        }
    }
}

#[test]
fn honest_programs_are_far_from_the_limits() {
    let table = format!("TABLE = [{}]\n", "(1, -2, 'three'), {4: [5, 6]}, ".repeat(20_000));
    assert!(parse(&table).unwrap().has_substance);
    let long = "x = f(1) + 2 if y else {'a': [z for z in range(3)]}\n".repeat(10_000);
    assert!(parse(&long).is_ok());
    let words = format!("x = ({})\n", "'word'\n".repeat(2_000));
    assert!(parse(&words).is_ok());
    let deep = format!("def f():\n    return {}1{}\n", "[".repeat(150), "]".repeat(150));
    assert!(parse(&deep).unwrap().defines_entry);
    let formatted = "print(f'{x!r:>{width}} {f\"{y}\"} {{}}')\n".repeat(1_000);
    assert!(parse(&formatted).is_ok());
    let chain = format!("x = 1{}\n", " + 1".repeat(1_500));
    assert!(parse(&chain).is_ok(), "deep enough for a thread of its own");
}

#[test]
fn entry_points_are_found_where_they_may_stand() {
    let defines = |source: &str| parse(source).unwrap().defines_entry;
    for source in [
        "def f(): pass",
        "async def f(): pass",
        "f = lambda: 1",
        "f: int = 1",
        "from a import g as f",
        "import f",
        "class f: pass",
        "class Solution:\n  x = 1\n  def f(self): pass",
        "@a\ndef f(): pass",
        "a = f = 1",
    ] {
        assert!(defines(source), "{source}");
    }
    for source in ["def g(): pass", "f()", "f: int", "class A:\n def f(self): pass", "def g():\n def f(): pass"] {
        assert!(!defines(source), "{source}");
    }
    assert!(Parser::new(Some("Solution.f"), 1000).parse("class Solution:\n def f(self): 1").unwrap().defines_entry);
}

#[test]
fn prose_that_parses_has_no_substance() {
    for source in ["Yes", "Note: this", "5", "a, b", "pass", "'text'", "a < b", "# only a comment", ""] {
        assert!(!parse(source).unwrap().has_substance, "{source}");
    }
    for source in ["print(1)", "x = 1", "import a", "for x in y: pass", "x += 1"] {
        assert!(parse(source).unwrap().has_substance, "{source}");
    }
}

#[test]
fn the_budget_ends_all_attempts() {
    let mut parser = Parser::new(None, 1_000);
    let parsed = (0..100).filter(|_| parser.parse("x = 1").is_ok()).count();
    assert!((1..100).contains(&parsed));
    assert_eq!(parser.parse("x = 1"), Err(Broken { at: None }));
}
