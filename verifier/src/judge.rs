//! Judges: turns the outcomes of one candidate into a verdict.
//! Not here: running anything (`verify`), comparing values (`compare`) and texts (`text`), averaging (`report`).
//! In: a [`Plan`] and outcomes. Out: [`Finding`]s. Pure: no clock, no I/O, no randomness.

use std::ops::Range;

use trialbox_datasets::problem::{Comparison, StdinTest};
use trialbox_runner::{Ending, LimitHit, Next, Observer, Outcome, Reply, ReplyKind};

use crate::{
    codec::{DecodeLimits, decode},
    compare::{evalplus_equal, livecodebench_equal, python_eq},
    plan::{FunctionPlan, Plan, PlannedTests},
    reference::Answer,
    repr::{cut, repr},
    text::compare_stdout,
    verdict::{FirstFailure, Verdict},
};

const TOO_LARGE: &str = "a value too large to show";

/// What one stage showed: how many of its tests passed in a row, and what stopped the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Tests passed from the stage's first on.
    pub passed: usize,
    /// The first that was not passed.
    pub failure: Option<(Verdict, FirstFailure)>,
}

/// Judges the answers of function tests as they come, so that a wrong program can be stopped at its first mistake.
#[derive(Debug)]
pub(crate) struct CallJudge<'a> {
    plan: &'a FunctionPlan,
    stage: Range<usize>,
    passed: usize,
    failure: Option<(Verdict, FirstFailure)>,
}

impl<'a> CallJudge<'a> {
    pub(crate) fn new(plan: &'a FunctionPlan, stage: Range<usize>) -> Self {
        Self { plan, stage, passed: 0, failure: None }
    }

    /// Looks at the next answers; true where every one so far was right.
    fn look(&mut self, replies: &[Reply]) -> bool {
        for reply in replies {
            if self.failure.is_some() || self.passed == self.stage.len() {
                break;
            }
            match judge_reply(self.plan, self.stage.start + self.passed, reply) {
                None => self.passed += 1,
                failure => self.failure = failure,
            }
        }
        self.failure.is_none()
    }

    /// The stage's finding, once it is over.
    pub(crate) fn finish(mut self, outcome: &Outcome, cpu_limit_ns: u64) -> Finding {
        if self.failure.is_none() && self.passed < self.stage.len() {
            self.failure = Some(self.early_end(outcome));
        } else if self.failure.is_none() && outcome.cpu_ns > cpu_limit_ns {
            // Whether the watch saw it in time must not matter.
            let actual = limit_text(LimitHit::Cpu { used_ns: outcome.cpu_ns });
            self.passed -= 1;
            self.failure = Some((Verdict::TimeLimit, self.failure_at(self.passed, actual)));
        }
        Finding { passed: self.passed, failure: self.failure }
    }

    /// The program ended, or was ended, before it answered everything.
    fn early_end(&self, outcome: &Outcome) -> (Verdict, FirstFailure) {
        let (verdict, actual) = end_text(outcome.ending);
        let failure = if outcome.progress.started == 0 {
            FirstFailure { test: None, input: None, expected: None, actual }
        } else {
            self.failure_at(self.passed, actual)
        };
        (verdict, failure)
    }

    fn failure_at(&self, passed: usize, actual: String) -> FirstFailure {
        failure_at(self.plan, self.stage.start + passed, actual)
    }
}

/// Judges the run of one stdin test.
#[derive(Debug)]
pub(crate) struct ScriptJudge<'a> {
    test: &'a StdinTest,
    index: usize,
    complaint: Option<Reply>,
}

impl<'a> ScriptJudge<'a> {
    pub(crate) fn new(test: &'a StdinTest, index: usize) -> Self {
        Self { test, index, complaint: None }
    }

    pub(crate) fn finish(self, outcome: &Outcome, cpu_limit_ns: u64) -> Finding {
        let failure = judge_script(outcome, self.complaint.as_ref(), &self.test.output, cpu_limit_ns);
        let failure = failure.map(|(verdict, actual)| {
            let shown = |text: &str| Some(cut(text));
            let (input, expected) = (shown(&self.test.input), shown(&self.test.output));
            (verdict, FirstFailure { test: Some(self.index), input, expected, actual })
        });
        Finding { passed: usize::from(failure.is_none()), failure }
    }
}

/// Judges one stage, whatever its form.
#[derive(Debug)]
pub(crate) enum StageJudge<'a> {
    Calls(CallJudge<'a>),
    Script(ScriptJudge<'a>),
}

impl<'a> StageJudge<'a> {
    pub(crate) fn new(plan: &'a Plan, stage: Range<usize>) -> Self {
        match &plan.tests {
            PlannedTests::Function(function) => Self::Calls(CallJudge::new(function, stage)),
            PlannedTests::Stdin(plan) => Self::Script(ScriptJudge::new(&plan.tests[stage.start], stage.start)),
        }
    }

    pub(crate) fn finish(self, outcome: &Outcome, cpu_limit_ns: u64) -> Finding {
        match self {
            Self::Calls(judge) => judge.finish(outcome, cpu_limit_ns),
            Self::Script(judge) => judge.finish(outcome, cpu_limit_ns),
        }
    }
}

/// A wrong program is stopped at the first gate after its first mistake.
impl Observer for StageJudge<'_> {
    fn take(&mut self, replies: Vec<Reply>) -> Next {
        let right_so_far = match self {
            Self::Calls(judge) => judge.look(&replies),
            Self::Script(judge) => {
                judge.complaint = judge.complaint.take().or_else(|| replies.into_iter().next());
                true // a script's output is looked at when it has ended
            }
        };
        if right_so_far { Next::Continue } else { Next::Stop }
    }
}

/// Judges a stage whose outcome and replies were stored.
pub fn judge(plan: &Plan, stage: Range<usize>, outcome: &Outcome, replies: Vec<Reply>, cpu_limit_ns: u64) -> Finding {
    let mut judge = StageJudge::new(plan, stage);
    judge.take(replies);
    judge.finish(outcome, cpu_limit_ns)
}

fn judge_reply(plan: &FunctionPlan, test: usize, reply: &Reply) -> Option<(Verdict, FirstFailure)> {
    let text = || cut(&String::from_utf8_lossy(&reply.payload));
    let before_any = |actual| FirstFailure { test: None, input: None, expected: None, actual };
    let (verdict, actual) = match reply.kind {
        ReplyKind::CompileError => return Some((Verdict::CompileError, before_any(text()))),
        ReplyKind::LoadError => return Some((exception_verdict(&reply.payload), before_any(text()))),
        ReplyKind::NoEntryPoint => {
            let missing = format!("no function `{}` {}", plan.entry_point, text());
            return Some((Verdict::RuntimeError, before_any(missing.trim_end().to_owned())));
        }
        ReplyKind::ScriptError | ReplyKind::Raised => (exception_verdict(&reply.payload), text()),
        ReplyKind::Returned | ReplyKind::Digest if reply.cpu_ns > plan.call_cpu_ns[test] => {
            (Verdict::TimeLimit, limit_text(LimitHit::CallCpu { call: None, used_ns: reply.cpu_ns }))
        }
        ReplyKind::Returned => (Verdict::WrongAnswer, compare(plan, test, &reply.payload).err()?),
        ReplyKind::Digest => (Verdict::WrongAnswer, compare_digest(plan, test, &reply.payload).err()?),
        ReplyKind::NotPlain if reply.payload.starts_with(b"MemoryError") => (Verdict::MemoryLimit, text()),
        ReplyKind::NotPlain => (Verdict::WrongAnswer, text()),
    };
    Some((verdict, failure_at(plan, test, actual)))
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
    let equal = match &plan.comparison {
        Comparison::EvalPlus { oracle, .. } => {
            let input = decode(plan.inputs.get(test), &limits).expect("we encoded it ourselves");
            let mut tolerance = expected.tolerance;
            evalplus_equal(&actual, &expected_value, *oracle, &input, &mut tolerance)
        }
        Comparison::LiveCodeBench => livecodebench_equal(&actual, &expected_value),
        Comparison::Equality => python_eq(&actual, &expected_value),
    };
    if equal { Ok(()) } else { Err(repr(&actual)) }
}

/// Compares an answer that was too large to be sent: by its digest, so equal only where its encoding is the same.
fn compare_digest(plan: &FunctionPlan, test: usize, payload: &[u8]) -> Result<(), String> {
    match &plan.expected[test].answer {
        Answer::Digest(expected) if expected == payload => Ok(()),
        _ => Err(TOO_LARGE.to_owned()),
    }
}

fn failure_at(plan: &FunctionPlan, test: usize, actual: String) -> FirstFailure {
    let shown = |bytes: &[u8]| match decode(bytes, &DecodeLimits::default()) {
        Ok(value) => repr(&value),
        Err(_) => TOO_LARGE.to_owned(),
    };
    let expected = match &plan.expected[test].answer {
        Answer::Value(encoded) => shown(encoded),
        Answer::Digest(_) => TOO_LARGE.to_owned(),
    };
    FirstFailure { test: Some(test), input: Some(shown(plan.inputs.get(test))), expected: Some(expected), actual }
}

/// `None` where the script passed; else the verdict and what came instead.
fn judge_script(
    outcome: &Outcome,
    complaint: Option<&Reply>,
    expected: &str,
    cpu_limit_ns: u64,
) -> Option<(Verdict, String)> {
    if let Ending::Limit(_) | Ending::Signaled { .. } | Ending::Stopped = outcome.ending {
        return Some(end_text(outcome.ending));
    }
    if outcome.cpu_ns > cpu_limit_ns {
        return Some((Verdict::TimeLimit, limit_text(LimitHit::Cpu { used_ns: outcome.cpu_ns })));
    }
    if let Some(reply) = complaint {
        let verdict = match reply.kind {
            ReplyKind::CompileError => Verdict::CompileError,
            _ if last_line_starts_with(&reply.payload, "MemoryError") => Verdict::MemoryLimit,
            _ => Verdict::RuntimeError,
        };
        return Some((verdict, cut(&String::from_utf8_lossy(&reply.payload))));
    }
    if outcome.ending != (Ending::Exited { status: 0 }) {
        return Some(end_text(outcome.ending));
    }
    let difference = compare_stdout(&outcome.stdout, expected).err()?;
    Some((Verdict::WrongAnswer, cut(&difference.to_string())))
}

fn last_line_starts_with(payload: &[u8], what: &str) -> bool {
    String::from_utf8_lossy(payload).trim_end().lines().last().is_some_and(|line| line.starts_with(what))
}

/// Memory that is refused is memory that is limited.
fn exception_verdict(payload: &[u8]) -> Verdict {
    if payload.starts_with(b"MemoryError") { Verdict::MemoryLimit } else { Verdict::RuntimeError }
}

fn end_text(ending: Ending) -> (Verdict, String) {
    match ending {
        Ending::Limit(limit) => {
            let verdict = match limit {
                LimitHit::Cpu { .. } | LimitHit::CallCpu { .. } | LimitHit::Idle { .. } => Verdict::TimeLimit,
                LimitHit::Memory { .. } => Verdict::MemoryLimit,
                LimitHit::Output { .. } | LimitHit::Scratch { .. } => Verdict::OutputLimit,
                LimitHit::Threads { .. } => Verdict::RuntimeError, // as where the kernel refuses one more
            };
            (verdict, limit_text(limit))
        }
        Ending::Signaled { signal } => (Verdict::RuntimeError, format!("ended by signal {signal}")),
        Ending::Exited { status } => (Verdict::RuntimeError, format!("ended with status {status} before it answered")),
        Ending::Stopped => (Verdict::WrongAnswer, "stopped".to_owned()),
    }
}

fn limit_text(limit: LimitHit) -> String {
    let ms = |ns: u64| ns / 1_000_000;
    match limit {
        LimitHit::Cpu { used_ns } => format!("{} ms of CPU time in all", ms(used_ns)),
        LimitHit::CallCpu { used_ns, .. } => format!("{} ms of CPU time", ms(used_ns)),
        LimitHit::Idle { idle_ns } => format!("idle for {} ms", ms(idle_ns)),
        LimitHit::Memory { used_bytes } => format!("{} MiB of memory", used_bytes >> 20),
        LimitHit::Output { written_bytes } => format!("{written_bytes} bytes of output"),
        LimitHit::Scratch { bytes, files } => format!("{bytes} bytes and {files} files in the scratch folder"),
        LimitHit::Threads { threads } => format!("{threads} threads at once"),
    }
}
