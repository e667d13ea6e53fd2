//! open-r1's evaluation scripts (`src/open_r1/rewards.py`): a program and its tests, written into one program that would run
//! the one against the other, and whose last expression is the share of tests that pass.
//! Not here: judging. The script is not run: what it would let the program see is taken out of it.
//! In: a script. Out: the question that it asks, where it is one of these.

use ruff_python_ast::Expr;
use ruff_python_ast::ModModule;
use ruff_python_ast::Stmt;
use ruff_python_parser::Mode;
use ruff_python_parser::parse_module;
use ruff_text_size::Ranged;

use crate::asked;
use crate::asked::Asked;
use crate::jobs::JobLimits;
use crate::python_json;
use crate::python_literal::check_nesting;
use crate::samples::SampleText;
use crate::value::Value;

/// What the script gives each test.
const TEST_CPU_MS: u64 = 5_000;

/// The question of a script: `code_snippet = "..."`, `test_cases = json.loads("...")`, and at last a call of
/// `evaluate_code` with both. `None` for any other script.
pub fn question(script: &str) -> Option<Asked> {
    check_nesting(script, Mode::Module).ok()?;
    let script = script.trim_start_matches('\n');
    let text = dedented(script);
    let module = parse_module(&text).ok()?.into_syntax();
    let code = text_of(&text, assigned(&module, "code_snippet")?)?;
    let Expr::Call(loads) = assigned(&module, "test_cases")? else { return None };
    let [tests] = &*loads.arguments.args else { return None };
    if &text[loads.func.range()] != "json.loads" || !ends_with_the_call(&text, &module) {
        return None;
    }
    let tests = python_json::parse(text_of(&text, tests)?.as_bytes()).ok()?;
    let limits = JobLimits { cpu_ms: Some(TEST_CPU_MS), memory_bytes: None };
    asked::answer_to_tests(tests, SampleText::Solution(code), limits).ok()
}

/// The script without the margin that its template has.
fn dedented(script: &str) -> String {
    let margin_of = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let margin = script.lines().filter(|line| !line.trim().is_empty()).map(margin_of).min().unwrap_or(0);
    let cut = |line: &str| line.get(margin..).unwrap_or_default().to_owned() + "\n";
    script.lines().map(cut).collect()
}

fn assigned<'a>(module: &'a ModModule, name: &str) -> Option<&'a Expr> {
    let mut values = module.body.iter().filter_map(|statement| match statement {
        Stmt::Assign(assign) => match &*assign.targets {
            [Expr::Name(target)] if target.id.as_str() == name => Some(&*assign.value),
            _ => None,
        },
        _ => None,
    });
    values.next().filter(|_| values.next().is_none())
}

/// A text that was written by `json.dumps`: as JSON has it, which is not Python's reading of it beyond the first 65,536
/// characters.
fn text_of(script: &str, value: &Expr) -> Option<String> {
    let Expr::StringLiteral(literal) = value else { return None };
    match python_json::parse(script[literal.range()].as_bytes()).ok()? {
        Value::Str(text) => text.as_str().map(str::to_owned),
        _ => None,
    }
}

fn ends_with_the_call(script: &str, module: &ModModule) -> bool {
    matches!(module.body.last(), Some(Stmt::Expr(last)) if &script[last.range()] == "evaluate_code(code_snippet, test_cases)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Tests;

    fn script(code: &str, tests: &str) -> String {
        format!(
            "\n    import subprocess\n    import json\n\n    def evaluate_code(code, test_cases):\n        passed = 0\n        \
             return passed / len(test_cases)\n\n    code_snippet = {code}\n    test_cases = json.loads({tests})\n\n    \
             evaluate_code(code_snippet, test_cases)\n    "
        )
    }

    #[test]
    fn a_program_and_its_tests_are_taken_out_of_the_script() {
        let tests = r#""[{\"input\": \"1\\n\", \"output\": \"2\\n\"}]""#;
        let asked = question(&script(r#""print(int(input()) + 1)  # \ud83d\ude00""#, tests));
        let Some(Asked::Posed { problem, sample, limits }) = asked else { panic!("{asked:?}") };
        assert_eq!(sample.text.as_str(), "print(int(input()) + 1)  # 😀");
        assert!(matches!(&problem.tests, Tests::Stdin(tests) if tests[0].output == "2\n"));
        assert_eq!(limits.cpu_ms, Some(5_000));
    }

    #[test]
    fn any_other_script_asks_nothing() {
        let tests = r#""[{\"input\": \"1\", \"output\": \"2\"}]""#;
        let good = script(r#""x""#, tests);
        assert!(question(&good).is_some());
        for other in [
            "print(1)".to_owned(),
            good.replace("json.loads", "json.dumps"),
            good.replace("evaluate_code(code_snippet, test_cases)\n    ", "1.0"),
            good.replace("code_snippet = \"x\"", "code_snippet = f()"),
            format!("{good}\n    code_snippet = \"y\""),
            script(r#""x""#, r#""[]""#),
            script(r#""x""#, r#""7""#),
        ] {
            assert!(question(&other).is_none(), "{other}");
        }
    }
}
