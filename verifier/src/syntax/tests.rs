//! Tests that no tree is deeper than the bound on it.
//! In: texts that nest in every way the grammar has. Out: test results.

use super::*;

/// A text that nests `count` levels deep, by the way it does.
pub(crate) fn nested(kind: &str, count: usize) -> String {
    let repeat = |text: &str| text.repeat(count);
    match kind {
        "parentheses" => format!("x={}1{}", repeat("("), repeat(")")),
        "open parentheses" => format!("x={}", repeat("(")),
        "closing parentheses" => format!("x={}", repeat(")")),
        "lists" => format!("x={}1{}", repeat("["), repeat("]")),
        "dicts" => format!("x={}1{}", repeat("{1:"), repeat("}")),
        "open sets" => format!("x={}", repeat("{*")),
        "minus" => format!("x={}1", repeat("-")),
        "tildes in parts" => format!("x=[1,{}1]", repeat("~")),
        "not" => format!("x={}1", repeat("not ")),
        "lambdas" => format!("x={}1", repeat("lambda:")),
        "lambdas with commas" => format!("x=({}1)", repeat("lambda a,b:")),
        "blocks" => (0..count.min(1_400)).map(|depth| format!("{}if a:\n", " ".repeat(depth))).collect(),
        "blocks in brackets" => format!(
            "({}",
            (0..count.min(1_400)).map(|depth| format!("\n{}if a:", " ".repeat(depth))).collect::<String>()
        ),
        "attributes" => format!("x=a{}", repeat(".a")),
        "attributes over lines" => format!("x=(a{})", repeat("\n.a")),
        "calls" => format!("x=a{}", repeat("()")),
        "calls in calls" => format!("x={}{}", repeat("a("), repeat(")")),
        "subscripts" => format!("x=a{}", repeat("[0]")),
        "slices" => format!("x=a{}", repeat("[::")),
        "additions" => format!("x=1{}", repeat("+1")),
        "powers" => format!("x=1{}", repeat("**1")),
        "and" => format!("x=1{}", repeat(" and 1")),
        "comparisons" => format!("x=1{}", repeat("<1")),
        "await" => format!("async def f():\n x={}1", repeat("await ")),
        "yield" => format!("x={}1", repeat("yield ")),
        "stars" => format!("f({}a)", repeat("*")),
        "conditionals" => format!("x=1{}", repeat(" if 1 else 1")),
        "elif" => format!("if a:\n pass\n{}", repeat("elif a:\n pass\n")),
        "else if" => format!("if a: pass\n{}", repeat("else: if a: pass\n")),
        "decorators" => format!("{}def f(): pass\n", repeat("@a\n")),
        "f-strings" => format!("x={}1{}", repeat("f'{"), repeat("}'")),
        "open f-strings" => repeat("f'{"),
        "format specs" => format!("x=f'{{a{}{}'", repeat(":{a"), repeat("}")),
        "hidden in an f-string" => format!("f'''{{x '''\n{}1", repeat("-")),
        "hidden in a closed f-string" => format!("f'''{{x '''\n{}1'''}}'''", repeat("-")),
        "with" => format!("with {}a{}: pass", repeat("("), repeat(")")),
        "match" => format!("{}a:\n case 1: pass\n", repeat("match ")),
        "patterns" => format!("match x:\n case {}a{}: pass\n", repeat("A("), repeat(")")),
        "open patterns" => format!("match x:\n case {}a: pass\n", repeat("[")),
        "walrus" => format!("({}1)", repeat("a:=")),
        "assignments" => format!("{}1", repeat("a=")),
        "async" => repeat("async "),
        "headers in one line" => repeat("if a: "),
        "headers with commas" => repeat("if a, b: "),
        "loops in one line" => repeat("for a in b: "),
        "try in one line" => repeat("try: "),
        "classes in one line" => repeat("class A: "),
        "comprehensions" => format!("x={}1{}", repeat("["), repeat(" for a in b]")),
        "annotations" => format!("x: {}int{}", repeat("list["), repeat("]")),
        "type parameters" => format!("def f[{}]():pass", repeat("T:(")),
        "returns" => format!("def f()->{}1: pass", repeat("not ")),
        "strings" => format!("x={}", repeat("'a' ")),
        "quotes" => repeat("'"),
        "triple quotes" => repeat("\"\"\""),
        "backslashes" => repeat("\\\n"),
        "semicolons" => repeat("x;"),
        "lines" => repeat("x\n"),
        "broken lines" => repeat(") \n"),
        "falling indentation" => {
            (0..count.min(1_400)).map(|depth| format!("{}if a:\n", " ".repeat(1_400 - depth))).collect()
        }
        "null bytes" => repeat("\0"),
        "escapes" => repeat("!"),
        other => panic!("no such kind: {other}"),
    }
}

pub(crate) const KINDS: [&str; 60] = [
    "parentheses",
    "open parentheses",
    "closing parentheses",
    "lists",
    "dicts",
    "open sets",
    "minus",
    "tildes in parts",
    "not",
    "lambdas",
    "lambdas with commas",
    "blocks",
    "blocks in brackets",
    "attributes",
    "attributes over lines",
    "calls",
    "calls in calls",
    "subscripts",
    "slices",
    "additions",
    "powers",
    "and",
    "comparisons",
    "await",
    "yield",
    "stars",
    "conditionals",
    "elif",
    "else if",
    "decorators",
    "f-strings",
    "open f-strings",
    "format specs",
    "hidden in an f-string",
    "hidden in a closed f-string",
    "with",
    "match",
    "patterns",
    "open patterns",
    "walrus",
    "assignments",
    "async",
    "headers in one line",
    "headers with commas",
    "loops in one line",
    "try in one line",
    "classes in one line",
    "comprehensions",
    "annotations",
    "type parameters",
    "returns",
    "strings",
    "quotes",
    "triple quotes",
    "backslashes",
    "semicolons",
    "lines",
    "broken lines",
    "falling indentation",
    "null bytes",
];

#[test]
fn the_bound_holds_for_every_tree_that_parses() {
    // What the bound lets through on the caller's stack must be shallow, whatever it consists of.
    for kind in KINDS {
        for count in [1, 3, 10, 50, 90] {
            let source = nested(kind, count);
            let Ok(parsed) = ruff_python_parser::parse_module(&source) else { continue };
            let deepest = tree_depth(parsed.suite());
            let bound = nesting(&source).unwrap_or_else(|| panic!("{kind} × {count} is refused"));
            assert!(deepest <= bound.depth as usize, "{kind} × {count}: {deepest} > {bound:?}");
        }
    }
}

/// The nesting of a tree's printed form.
fn tree_depth(statements: &[ruff_python_ast::Stmt]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for character in format!("{statements:?}").chars() {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    // A node and the struct within it print two pairs of braces.
    deepest / 2
}
