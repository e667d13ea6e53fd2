//! What lcb_runner does in its own way, for [`Semantics::Official`](crate::Semantics): one process for all tests of a
//! program, its limits, its codes.
//! Other than there: seconds are of CPU time, and what is past them is ended from outside, so a program cannot catch its
//! alarm and go on; idle time is limited over all tests together; memory is limited; answers that override `==` are
//! compared by value.
//! Not here: how a program is driven (`runner`, `driver/lcb_runner.py`), comparing (`compare`, `text`).
//! In: the tests of a problem, or why a program failed. Out: a plan of calls, or the code that lcb_runner would give.

use std::sync::Arc;

use trialbox_datasets::{problem::StdinTest, value::Value};
use trialbox_runner::{Driver, Inputs, Limits, Reply, ReplyKind};

use crate::{
    codec::encode,
    compare::Tolerance,
    plan::{Allowance, ExpectedAnswer, FunctionPlan, Gates, Rule},
    reference::Answer,
    verdict::Verdict,
};

/// What lcb_runner gives each test, and loading: seconds of the wall clock there, of CPU time here.
pub(crate) const TEST_NS: u64 = 6_000_000_000;

/// What it calls a program that has become a function.
const WRAPPED: &str = "wrapped_function";

const WRONG_ANSWER: i8 = -2;
const TIME_LIMIT: i8 = -3;
const ERROR: i8 = -4;
const NO_RESULT: i8 = -5;

/// Limits of `count` tests. Memory stays limited: lcb_runner lets a program have all there is.
pub(crate) fn limits(allowance: Allowance, count: usize, mut limits: Limits) -> Limits {
    let test_ns = allowance.cpu_ms.map_or(TEST_NS, |ms| ms.saturating_mul(1_000_000));
    limits.load_cpu_ns = test_ns;
    limits.idle_ns = limits.idle_ns.min(test_ns.max(1_000_000_000));
    limits.call_cpu_ns = vec![test_ns; count].into();
    limits.cpu_ns = test_ns.saturating_mul(count as u64 + 1);
    limits
}

/// The inputs of stdin tests as the arguments of calls.
pub(crate) fn stdin_inputs(tests: &[StdinTest]) -> Inputs {
    Inputs::new(tests.iter().map(|test| encode(&Value::Tuple(vec![Value::from(test.input.as_str())]))))
}

/// Stdin tests as calls of a function that takes what stands on stdin and gives what is printed.
pub(crate) fn plan_stdin(tests: &[StdinTest], inputs: Arc<Inputs>, call_cpu_ns: Arc<[u64]>) -> FunctionPlan {
    let expected = |test: &StdinTest| ExpectedAnswer {
        answer: Answer::Value(encode(&Value::from(test.output.as_str()))),
        equals_itself: true,
        tolerance: Tolerance::real(0.0),
    };
    FunctionPlan {
        entry_point: WRAPPED.to_owned(),
        driver: Driver::LcbRunnerStdin,
        inputs,
        base_count: tests.len(),
        expected: tests.iter().map(expected).collect(),
        rule: Rule::Stdout,
        call_cpu_ns,
        gates: Gates::new(&vec![0; tests.len()]),
    }
}

/// Its code for a reply that is no right answer.
pub(crate) fn code_of_reply(reply: &Reply, verdict: Verdict) -> i8 {
    let names_its_alarm = || String::from_utf8_lossy(&reply.payload).to_lowercase().contains("timeoutexception");
    match verdict {
        Verdict::WrongAnswer => WRONG_ANSWER,
        Verdict::TimeLimit => TIME_LIMIT,
        _ if reply.kind == ReplyKind::Raised && names_its_alarm() => TIME_LIMIT,
        _ => ERROR,
    }
}

/// Its code for a program that ended, or was ended, before it answered everything. An alarm while it loads is an error as
/// any other.
pub(crate) fn code_of_ending(verdict: Verdict, was_called: bool) -> i8 {
    match (verdict, was_called) {
        (Verdict::TimeLimit, true) => TIME_LIMIT,
        (Verdict::TimeLimit, false) => ERROR,
        _ => NO_RESULT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_the_code_that_lcb_runner_gives() {
        let code = |kind, payload: &str, verdict| {
            code_of_reply(&Reply { kind, payload: payload.as_bytes().to_vec(), cpu_ns: 0 }, verdict)
        };
        assert_eq!(code(ReplyKind::Returned, "N", Verdict::WrongAnswer), -2);
        assert_eq!(code(ReplyKind::Returned, "N", Verdict::TimeLimit), -3);
        assert_eq!(code(ReplyKind::Raised, "MyTimeoutException", Verdict::RuntimeError), -3);
        assert_eq!(code(ReplyKind::Raised, "MemoryError", Verdict::MemoryLimit), -4);
        assert_eq!(code(ReplyKind::CompileError, "SyntaxError", Verdict::CompileError), -4);
        assert_eq!(code(ReplyKind::NoEntryPoint, "", Verdict::RuntimeError), -4);
        assert_eq!(code_of_ending(Verdict::TimeLimit, true), -3);
        assert_eq!(code_of_ending(Verdict::TimeLimit, false), -4);
        assert_eq!(code_of_ending(Verdict::RuntimeError, true), -5);
    }

    #[test]
    fn a_limit_that_the_job_sets_holds_for_each_test_and_for_loading() {
        let allowance = Allowance { cpu_ms: Some(500), memory_bytes: None };
        let limits = limits(allowance, 3, Limits::default());
        assert_eq!((limits.load_cpu_ns, limits.idle_ns, limits.cpu_ns), (500_000_000, 1_000_000_000, 2_000_000_000));
        assert_eq!(*limits.call_cpu_ns, [500_000_000; 3]);
    }
}
