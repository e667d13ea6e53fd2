//! LeetCode, as rLLM has it: one row is one [`Problem`], tested by code that ends in `check(Solution().f)`.
//! Not here: LeetCodeDataset's own rows (`leetcode_dataset`), what stands before the programs (`leetcode/preamble.py`).
//! In: one row and its place in the file. Out: the problem.

use ruff_python_ast::Expr;
use ruff_python_ast::Stmt;
use ruff_text_size::Ranged;

use crate::fields::Fields;
use crate::problem::Problem;
use crate::problem::Shown;
use crate::problem::TestCode;
use crate::problem::TestForm;
use crate::problem::Tests;
use crate::python_literal::excerpt;
use crate::rl_row;
use crate::row::RowErrorKind;
use crate::test_code;

/// What it is called.
pub const NAME: &str = "leetcode";

/// What rLLM puts before every program, as far as it needs no numpy.
const PREAMBLE: &str = include_str!("leetcode/preamble.py");

const KEY: &str = "tests.functional";

/// Reads one row: `problem`, `solutions`, and `tests.functional`.
pub fn parse(row: &[u8], place: u64) -> Result<Problem, RowErrorKind> {
    let mut fields = Fields::parse(row)?;
    let task_id = rl_row::task_id(&mut fields, NAME, place)?;
    let prompt = rl_row::prompt(&mut fields)?;
    let canonical = rl_row::canonical(&mut fields)?;
    let code = Fields::nested("tests", fields.require("tests")?)?.text("functional")?;
    let tests = Tests::Asserts(checked(&code)?);
    Ok(Problem { task_id, prompt, shown: Shown::default(), canonical, tests })
}

/// Takes the call at the end off the code: the judge makes it.
fn checked(code: &str) -> Result<TestCode, RowErrorKind> {
    let module = test_code::parse("the test code", code)?;
    let call = match module.body.last() {
        Some(Stmt::Expr(statement)) => match statement.value.as_ref() {
            Expr::Call(call) if matches!(call.func.as_ref(), Expr::Name(name) if name.id == "check") => Some(call),
            _ => None,
        },
        _ => None,
    };
    let candidate = call.and_then(|call| match (call.arguments.args.as_ref(), call.arguments.keywords.as_ref()) {
        ([candidate], []) if !candidate.is_starred_expr() => Some((call.start(), candidate)),
        _ => None,
    });
    let Some((end, candidate)) = candidate else {
        let found = module.body.last().map_or("nothing", |statement| &code[statement.range()]);
        return Err(RowErrorKind::bad_value(KEY, format!("expected check(...) at its end, found {}", excerpt(found))));
    };
    let form = TestForm::Check { candidate: code[candidate.range()].to_owned() };
    Ok(TestCode::new(PREAMBLE.to_owned(), code[..end.to_usize()].to_owned(), form)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(code: &str) -> String {
        let code = code.replace('\n', "\\n");
        format!(r#"{{"problem": "p", "solutions": "class Solution: pass\n", "tests": {{"functional": "{code}"}}}}"#)
    }

    fn refused(code: &str) -> String {
        parse(row(code).as_bytes(), 4).expect_err(code).to_string()
    }

    #[test]
    fn the_call_at_the_end_names_the_candidate_and_is_taken_off() {
        let check = "def check(candidate):\n    assert candidate(1) == 1\n\n\n";
        let problem = parse(row(&format!("{check}check( Solution().f )  # all")).as_bytes(), 4).expect("a good row");
        assert_eq!(problem.task_id, "leetcode/4");
        assert_eq!(problem.canonical.as_deref(), Some("class Solution: pass\n"));
        let Tests::Asserts(code) = problem.tests else { panic!("not asserts") };
        assert_eq!(code.source, check);
        assert_eq!(code.form, TestForm::Check { candidate: "Solution().f".to_owned() });
        assert!(code.preamble.contains("class ListNode"));
    }

    #[test]
    fn code_that_ends_otherwise_is_refused() {
        let check = "def check(candidate):\n    assert candidate(1) == 1\n";
        for end in ["", "check()", "check(a, b)", "check(*a)", "check(candidate=a)", "x = check(a)", "print(a)"] {
            let error = refused(&format!("{check}{end}"));
            assert!(
                error.starts_with("cannot use tests.functional: expected check(...) at its end, found "),
                "{error}"
            );
        }
        assert!(refused("check(").starts_with("the test code is not Python"));
        assert_eq!(refused("check(f)"), "the test code holds no test: expected a function check(candidate)");
        assert!(refused("").ends_with("found nothing"));
    }
}
