//! Judges: turns the outcomes of one candidate into a verdict.
//! Not here: running anything (`verify`), what the end of a run says by itself (`ending`), comparing values (`compare`) and texts (`text`), averaging (`report`).
//! In: a [`Plan`] and outcomes. Out: [`Finding`]s. Pure: no clock, no I/O, no randomness.

use std::ops::Range;

use trialbox_datasets::{problem::Comparison, value::Value};
use trialbox_runner::{Ending, FUEL_PER_NS, LimitHit, Limits, Next, Observer, Outcome, Reply, ReplyKind, guest_has};

use crate::{
    codec::{DecodeLimits, decode},
    compare::{apps_equal, evalplus_equal, livecodebench_equal, python_eq},
    ending::{Beside, Fault, is_near, is_near_a_limit, overrun},
    lcb_runner::{code_of_ending, code_of_reply},
    plan::{FunctionPlan, Plan, PlannedTests, Rule, ScriptTest},
    reference::Answer,
    repr::{cut, repr},
    text::compare_stdout,
    verdict::{FirstFailure, LimitFact, Verdict},
};

const TOO_LARGE: &str = "a value too large to show";

/// What one stage showed: how many of its tests passed in a row, and what stopped the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Tests passed from the stage's first on.
    pub passed: usize,
    /// The first that was not passed.
    pub failure: Option<Failure>,
    /// Whether a limit of time was so close that another run might be judged otherwise.
    pub is_near_a_limit: bool,
}

/// What stopped a row of passed tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The verdict that follows.
    pub verdict: Verdict,
    /// The test.
    pub first: FirstFailure,
    /// The limit behind it, where it is one.
    pub limit: Option<LimitFact>,
    /// lcb_runner's code, where its own semantics decide.
    pub error_code: Option<i8>,
    /// Whether it is the tests that cannot be run here, whatever the program does.
    pub lies_with_tests: bool,
}

impl Failure {
    /// Says it in the words of the WASI guest: what it counts instead of time, what it lacks.
    pub(crate) fn happened_in_the_guest(&mut self) {
        if let Some(module) = missing_module(&self.first.actual) {
            self.first.actual = format!("{NOT_IN_THE_GUEST_BEGINS}{module}{NOT_IN_THE_GUEST_ENDS}");
        }
        if let Some(limit) = &mut self.limit
            && let Some(counter) = limit.counter.of_instructions()
        {
            limit.counter = counter;
            limit.used = limit.used.map(|ns| ns.saturating_mul(FUEL_PER_NS));
            limit.allowed = limit.allowed.saturating_mul(FUEL_PER_NS);
            self.first.actual += ", as its instructions count";
        }
    }

    pub(crate) fn of(fault: Fault, place: impl FnOnce(String) -> FirstFailure) -> Self {
        let Fault { verdict, actual, limit } = fault;
        Self { verdict, first: place(actual), limit, error_code: None, lies_with_tests: false }
    }
}

/// Judges the answers of function tests as they come, so that a wrong program can be stopped at its first mistake.
#[derive(Debug)]
pub(crate) struct CallJudge<'a> {
    plan: &'a FunctionPlan,
    stage: Range<usize>,
    allowed: Limits,
    beside: Beside,
    passed: usize,
    failure: Option<Failure>,
    /// Right answers that took longer than they may, unless the machine was slow: how many were passed before, and how many
    /// times as slow it has to have been.
    late: Vec<(usize, f64, Failure)>,
    is_near_a_limit: bool,
}

const NOT_IN_THE_GUEST_BEGINS: &str = "module ";
const NOT_IN_THE_GUEST_ENDS: &str = " is not available in the wasi guest";

/// The module that a program asked for in vain, where its last words say so.
fn missing_module(said: &str) -> Option<&str> {
    let name = said.trim_end().lines().last()?.strip_prefix("ModuleNotFoundError: No module named '")?;
    let name = name.strip_suffix('\'')?.split('.').next()?;
    (!guest_has(name)).then_some(name)
}

/// The module that the guest lacks, where that is what a failure says.
pub(crate) fn module_not_in_the_guest(said: &str) -> Option<&str> {
    said.strip_prefix(NOT_IN_THE_GUEST_BEGINS)?.strip_suffix(NOT_IN_THE_GUEST_ENDS)
}

impl<'a> CallJudge<'a> {
    pub(crate) fn new(plan: &'a FunctionPlan, stage: Range<usize>, allowed: Limits, beside: Beside) -> Self {
        Self { plan, stage, allowed, beside, passed: 0, failure: None, late: Vec::new(), is_near_a_limit: false }
    }

    /// Looks at the next answers; true where every one so far was right.
    fn look(&mut self, replies: &mut dyn Iterator<Item = Reply>) -> bool {
        while self.failure.is_none() && self.passed < self.stage.len() {
            let Some(reply) = replies.next() else { break };
            let test = self.stage.start + self.passed;
            self.is_near_a_limit |= is_near(reply.cpu_ns, self.plan.call_cpu_ns[test]);
            let late = judge_time(self.plan, test, &reply, &self.allowed);
            let coded = |failure: Failure| match self.plan.is_lcb_runners() {
                true => Failure { error_code: Some(code_of_reply(&reply, failure.verdict)), ..failure },
                false => failure,
            };
            self.failure = match late {
                Some((_, failure)) if self.beside == Beside::Others => Some(coded(failure)),
                // How slow the machine was is known in the end.
                late => {
                    self.late.extend(late.map(|(needed, failure)| (self.passed, needed, coded(failure))));
                    judge_reply(self.plan, test, &reply, &self.allowed).map(coded)
                }
            };
            self.passed += usize::from(self.failure.is_none());
        }
        self.failure.is_none()
    }

    /// The stage's finding, once it is over.
    pub(crate) fn finish(mut self, outcome: &Outcome) -> Finding {
        self.is_near_a_limit |= is_near_a_limit(outcome, &self.allowed);
        if self.failure.is_none() {
            self.failure = self.failure_of_the_end(outcome);
        }
        let slowness = self.beside.slowness(outcome);
        if let Some((passed, _, failure)) = self.late.into_iter().find(|(_, needed, _)| *needed > slowness) {
            (self.passed, self.failure) = (passed, Some(failure));
        }
        Finding { passed: self.passed, failure: self.failure, is_near_a_limit: self.is_near_a_limit }
    }

    /// What the end says of a program whose answers were right as far as they came.
    fn failure_of_the_end(&mut self, outcome: &Outcome) -> Option<Failure> {
        let mut failure = if self.passed < self.stage.len() {
            self.early_end(outcome)
        } else {
            let hit = overrun(outcome, &self.allowed, self.beside)?;
            self.passed -= 1;
            let fault = Fault::of_limit(hit, &self.allowed, 0);
            Failure::of(fault, |actual| self.failure_at(self.passed, actual))
        };
        if self.plan.is_lcb_runners() {
            failure.error_code = Some(code_of_ending(failure.verdict, outcome.progress.started > 0));
        }
        Some(failure)
    }

    /// The program ended, or was ended, before it answered everything.
    fn early_end(&self, outcome: &Outcome) -> Failure {
        let call_ns = self.plan.call_cpu_ns[self.stage.start + self.passed];
        let fault = Fault::of_ending(outcome.ending, &self.allowed, call_ns);
        if outcome.progress.started == 0 {
            return Failure::of(fault, before_any_test);
        }
        Failure::of(fault, |actual| self.failure_at(self.passed, actual))
    }

    fn failure_at(&self, passed: usize, actual: String) -> FirstFailure {
        failure_at(self.plan, self.stage.start + passed, actual)
    }
}

fn before_any_test(actual: String) -> FirstFailure {
    FirstFailure { test: None, input: None, expected: None, actual }
}

/// Judges the run of one stdin test.
#[derive(Debug)]
pub(crate) struct ScriptJudge<'a> {
    test: &'a ScriptTest,
    index: usize,
    allowed: Limits,
    beside: Beside,
    complaint: Option<Reply>,
}

impl<'a> ScriptJudge<'a> {
    pub(crate) fn new(test: &'a ScriptTest, index: usize, allowed: Limits, beside: Beside) -> Self {
        Self { test, index, allowed, beside, complaint: None }
    }

    pub(crate) fn finish(self, outcome: &Outcome) -> Finding {
        let fault = judge_script(outcome, self.complaint.as_ref(), &self.test.output, (&self.allowed, self.beside));
        let failure = fault.map(|fault| {
            let input = Some(cut(&String::from_utf8_lossy(&self.test.input)));
            let expected = Some(cut(&self.test.output));
            Failure::of(fault, |actual| FirstFailure { test: Some(self.index), input, expected, actual })
        });
        let is_near_a_limit = is_near_a_limit(outcome, &self.allowed);
        Finding { passed: usize::from(failure.is_none()), failure, is_near_a_limit }
    }
}

/// Judges one stage, whatever its form.
#[derive(Debug)]
pub(crate) enum StageJudge<'a> {
    Calls(CallJudge<'a>),
    Script(ScriptJudge<'a>),
}

impl<'a> StageJudge<'a> {
    /// Panics for asserts, which are judged by their own report (`asserts`).
    pub(crate) fn new(plan: &'a Plan, stage: Range<usize>, beside: Beside) -> Self {
        let allowed = plan.limits(&stage);
        match &plan.tests {
            PlannedTests::Function(function) => Self::Calls(CallJudge::new(function, stage, allowed, beside)),
            PlannedTests::Stdin(plan) => {
                Self::Script(ScriptJudge::new(&plan.tests[stage.start], stage.start, allowed, beside))
            }
            PlannedTests::Asserts(_) => panic!("asserts have no stage judge"),
        }
    }

    pub(crate) fn finish(self, outcome: &Outcome) -> Finding {
        match self {
            Self::Calls(judge) => judge.finish(outcome),
            Self::Script(judge) => judge.finish(outcome),
        }
    }
}

/// A wrong program is stopped at the first gate after its first mistake.
impl Observer for StageJudge<'_> {
    fn take(&mut self, replies: &mut dyn Iterator<Item = Reply>) -> Next {
        let right_so_far = match self {
            Self::Calls(judge) => judge.look(replies),
            Self::Script(judge) => {
                judge.complaint = judge.complaint.take().or_else(|| replies.next());
                true // a script's output is looked at when it has ended
            }
        };
        if right_so_far { Next::Continue } else { Next::Stop }
    }
}

/// Judges a stage whose outcome and replies were stored. Panics for asserts, which are judged by their own report.
pub fn judge(plan: &Plan, stage: Range<usize>, outcome: &Outcome, replies: Vec<Reply>) -> Finding {
    let mut judge = StageJudge::new(plan, stage, Beside::Others);
    judge.take(&mut replies.into_iter());
    judge.finish(outcome)
}

/// Whether an answer took longer than it may: how many times as long, and what follows.
#[expect(clippy::cast_precision_loss, reason = "times in ns are far below 2^52")]
fn judge_time(plan: &FunctionPlan, test: usize, reply: &Reply, allowed: &Limits) -> Option<(f64, Failure)> {
    let limit_ns = plan.call_cpu_ns[test];
    if !matches!(reply.kind, ReplyKind::Returned | ReplyKind::Digest) || reply.cpu_ns <= limit_ns {
        return None;
    }
    let hit = LimitHit::CallCpu { call: Some(0), used_ns: reply.cpu_ns };
    let failure = Failure::of(Fault::of_limit(hit, allowed, limit_ns), |actual| failure_at(plan, test, actual));
    Some((reply.cpu_ns as f64 / limit_ns.max(1) as f64, failure))
}

/// `None` where the answer is right, however long it took.
fn judge_reply(plan: &FunctionPlan, test: usize, reply: &Reply, allowed: &Limits) -> Option<Failure> {
    let text = || cut(&String::from_utf8_lossy(&reply.payload));
    let raised = || Fault::exception(&text(), reply.payload.starts_with(b"MemoryError"), allowed);
    let fault = match reply.kind {
        ReplyKind::CompileError => {
            return Some(Failure::of(Fault::new(Verdict::CompileError, text()), before_any_test));
        }
        ReplyKind::LoadError => return Some(Failure::of(raised(), before_any_test)),
        ReplyKind::NoEntryPoint => {
            let missing = format!("no function `{}` {}", plan.entry_point, text());
            let fault = Fault::new(Verdict::RuntimeError, missing.trim_end().to_owned());
            return Some(Failure::of(fault, before_any_test));
        }
        ReplyKind::ScriptError | ReplyKind::Raised => raised(),
        ReplyKind::Returned => Fault::new(Verdict::WrongAnswer, compare(plan, test, &reply.payload).err()?),
        ReplyKind::Digest => Fault::new(Verdict::WrongAnswer, compare_digest(plan, test, &reply.payload).err()?),
        ReplyKind::NotPlain if reply.payload.starts_with(b"MemoryError") => raised(),
        ReplyKind::NotPlain => Fault::new(Verdict::WrongAnswer, text()),
    };
    Some(Failure::of(fault, |actual| failure_at(plan, test, actual)))
}

/// Compares an answer with the expected one; the error is the answer as people read it.
fn compare(plan: &FunctionPlan, test: usize, payload: &[u8]) -> Result<(), String> {
    let expected = &plan.expected[test];
    let limits = DecodeLimits::default();
    let decoded = || decode(payload, &limits).map_err(|error| format!("an answer that is no plain value: {error}"));
    let Answer::Value(encoded) = &expected.answer else { return Err(repr(&decoded()?)) };
    // Equal bytes are equal values; the reverse need not hold (1 and True, the order of a set).
    if expected.equals_itself && encoded == payload {
        return Ok(());
    }
    let actual = decoded()?;
    // An expected value that cannot be read is equal to nothing.
    let expected_value = decode(encoded, &limits).map_err(|error| format!("{} ({error})", repr(&actual)))?;
    let equal = match &plan.rule {
        Rule::Stdout => return compare_printed(&actual, &expected_value),
        Rule::Values(Comparison::EvalPlus { oracle, .. }) => {
            let input = decode(plan.inputs.get(test), &limits).expect("we encoded it ourselves");
            let mut tolerance = expected.tolerance;
            evalplus_equal(&actual, &expected_value, *oracle, &input, &mut tolerance)
        }
        Rule::Values(Comparison::LiveCodeBench) => livecodebench_equal(&actual, &expected_value),
        Rule::Values(Comparison::Apps) => apps_equal(&actual, &expected_value),
        Rule::Values(Comparison::Equality) => python_eq(&actual, &expected_value),
    };
    if equal { Ok(()) } else { Err(repr(&actual)) }
}

/// Compares what was printed, where that is an answer like any other.
fn compare_printed(actual: &Value, expected: &Value) -> Result<(), String> {
    let (Value::Str(actual), Value::Str(expected)) = (actual, expected) else { return Err(repr(actual)) };
    compare_stdout(actual.as_bytes(), &String::from_utf8_lossy(expected.as_bytes()))
        .map_err(|difference| cut(&difference.to_string()))
}

/// Compares an answer that was too large to be sent: by its digest, so equal only where its encoding is the same.
fn compare_digest(plan: &FunctionPlan, test: usize, payload: &[u8]) -> Result<(), String> {
    match &plan.expected[test].answer {
        Answer::Digest(expected) if expected == payload => Ok(()),
        _ => Err(TOO_LARGE.to_owned()),
    }
}

fn failure_at(plan: &FunctionPlan, test: usize, actual: String) -> FirstFailure {
    let read = |bytes: &[u8]| match decode(bytes, &DecodeLimits::default()) {
        Ok(value) => shown(&plan.rule, &value),
        Err(_) => TOO_LARGE.to_owned(),
    };
    let expected = match &plan.expected[test].answer {
        Answer::Value(encoded) => read(encoded),
        Answer::Digest(_) => TOO_LARGE.to_owned(),
    };
    FirstFailure { test: Some(test), input: Some(read(plan.inputs.get(test))), expected: Some(expected), actual }
}

/// What people read of an input or an expected answer.
fn shown(rule: &Rule, value: &Value) -> String {
    match (rule, value) {
        (Rule::Stdout, Value::Str(text)) => cut(&String::from_utf8_lossy(text.as_bytes())),
        (Rule::Stdout, Value::Tuple(arguments)) if arguments.len() == 1 => shown(rule, &arguments[0]),
        _ => repr(value),
    }
}

/// `None` where the script passed.
fn judge_script(
    outcome: &Outcome,
    complaint: Option<&Reply>,
    expected: &str,
    (allowed, beside): (&Limits, Beside),
) -> Option<Fault> {
    let ending = || Some(Fault::of_ending(outcome.ending, allowed, allowed.cpu_ns));
    if let Ending::Limit(_) | Ending::Signaled { .. } | Ending::Trapped { .. } | Ending::Stopped = outcome.ending {
        return ending();
    }
    if let Some(hit) = overrun(outcome, allowed, beside) {
        return Some(Fault::of_limit(hit, allowed, allowed.cpu_ns));
    }
    if let Some(reply) = complaint {
        let text = cut(&String::from_utf8_lossy(&reply.payload));
        return Some(match reply.kind {
            ReplyKind::CompileError => Fault::new(Verdict::CompileError, text),
            _ => Fault::exception(&text, last_line_starts_with(&reply.payload, "MemoryError"), allowed),
        });
    }
    if outcome.ending != (Ending::Exited { status: 0 }) {
        return ending();
    }
    let difference = compare_stdout(&outcome.stdout, expected).err()?;
    Some(Fault::new(Verdict::WrongAnswer, cut(&difference.to_string())))
}

fn last_line_starts_with(payload: &[u8], what: &str) -> bool {
    String::from_utf8_lossy(payload).trim_end().lines().last().is_some_and(|line| line.starts_with(what))
}

#[cfg(test)]
pub(crate) mod tests {
    use trialbox_datasets::problem::StdinTest;
    use trialbox_runner::{Enforcement, Layer, Phase, Progress};

    use super::*;
    use crate::{
        codec::encode,
        ending::stretched,
        lcb_runner::{plan_stdin, stdin_inputs},
    };

    const LIMIT_NS: u64 = 1_000_000_000;

    pub(crate) fn outcome(cpu_ns: u64, slowness: Option<f64>) -> Outcome {
        let layer = || Layer::Full { by: String::new() };
        let enforcement = Enforcement {
            filesystem: layer(),
            network: layer(),
            syscalls: layer(),
            processes: layer(),
            memory: layer(),
            cpu: layer(),
        };
        Outcome {
            ending: Ending::Exited { status: 0 },
            progress: Progress { phase: Phase::Finished, started: 3, load_cpu_ns: 0 },
            stdout: Vec::new(),
            stderr: Vec::new(),
            files: Vec::new(),
            made: None,
            cpu_ns,
            fuel: None,
            idle_ns: 0,
            wall_ns: cpu_ns,
            peak_memory_bytes: 0,
            slowness,
            enforcement: enforcement.into(),
        }
    }

    /// What is found of a program that answers three tests, whose second takes so many times its limit, under a total of
    /// twice that limit.
    fn found(seconds_answer: &str, took: f64, beside: Beside, slowness: Option<f64>) -> (usize, Option<Verdict>) {
        let test = |text: &str| StdinTest { input: text.to_owned(), output: text.to_owned() };
        let tests = ["a", "b", "c"].map(test);
        let plan = plan_stdin(&tests, stdin_inputs(&tests).into(), [LIMIT_NS; 3].into());
        let allowed = Limits { cpu_ns: 2 * LIMIT_NS, ..Limits::default() };
        let used_ns = stretched(LIMIT_NS, took);
        let reply =
            |text: &str, cpu_ns| Reply { kind: ReplyKind::Returned, payload: encode(&Value::from(text)), cpu_ns };
        let mut judge = CallJudge::new(&plan, 0..3, allowed, beside);
        let replies = [reply("a", 0), reply(seconds_answer, used_ns), reply("c", 0)];
        judge.look(&mut replies.into_iter());
        let finding = judge.finish(&outcome(used_ns, slowness));
        (finding.passed, finding.failure.map(|failure| failure.verdict))
    }

    #[test]
    fn what_a_machine_was_slow_is_taken_off_where_nobody_else_ran() {
        let late = (1, Some(Verdict::TimeLimit));
        assert_eq!(found("b", 1.3, Beside::Others, Some(1.4)), late, "it is asked again alone");
        assert_eq!(found("b", 1.3, Beside::Nobody, Some(1.4)), (3, None));
        assert_eq!(found("b", 1.3, Beside::Nobody, Some(1.25)), late);
        assert_eq!(found("b", 1.06, Beside::Nobody, Some(1.07)), late, "about as fast as ever");
        assert_eq!(found("b", 1.3, Beside::Nobody, None), late, "nobody felt it");
    }

    #[test]
    fn a_wrong_answer_is_wrong_however_slow_the_machine_was() {
        assert_eq!(found("x", 1.3, Beside::Nobody, Some(1.4)), (1, Some(Verdict::WrongAnswer)));
        assert_eq!(found("x", 1.3, Beside::Nobody, Some(1.2)), (1, Some(Verdict::TimeLimit)), "that comes first");
    }

    #[test]
    fn the_total_is_stretched_as_each_call_is() {
        let overrun_of = |slowness| {
            overrun(&outcome(1_300, slowness), &Limits { cpu_ns: 1_000, ..Limits::default() }, Beside::Nobody)
        };
        assert_eq!(overrun_of(Some(1.4)), None);
        assert_eq!(overrun_of(Some(1.2)), Some(LimitHit::Cpu { used_ns: 1_300 }));
    }
}
