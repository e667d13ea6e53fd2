//! Asserts, judged blind: the tests run in a sandbox of their own and ask the candidate, of which they see what it sends
//! them only.
//! Not here: what may pass between the two (`relay`), the conversation itself (`runner`), tests that come down to inputs
//! and expected values (`datasets` has reduced those).
//! In: test code, and what came of a conversation. Out: jobs for both sides, and in the end a [`Finding`].

mod reference;
mod relay;

use std::sync::Arc;

use trialbox_datasets::{problem::TestCode, problem::TestForm, value::Value};
use trialbox_runner::{Conversation, Ending, Job, Limits, Outcome, Refusal, Reply, ReplyKind, Task};

pub(crate) use reference::{AssertReference, asserts_reference};
pub(crate) use relay::Messages;

use crate::{
    codec::{DecodeLimits, decode, encode},
    content::Content,
    ending::{Beside, Fault, is_near_a_limit, overrun},
    judge::{Failure, Finding},
    repr::cut,
    verdict::{FirstFailure, Verdict},
};

/// Asserts made ready.
#[derive(Debug)]
pub(crate) struct AssertPlan {
    /// The tests, encoded as their side takes them.
    tests: Arc<[u8]>,
    /// What stands before every program.
    preamble: String,
    pub(crate) count: usize,
}

impl AssertPlan {
    /// `shown_at` are the places at which operands may be shown to the program, as [`AssertReference`] has them.
    pub(crate) fn new(code: &TestCode, shown_at: Value) -> Self {
        let (form, candidate) = match &code.form {
            TestForm::Statements => ("statements", ""),
            TestForm::Check { candidate } => ("check", candidate.as_str()),
            TestForm::Pytest => ("pytest", ""),
        };
        let texts = [form, &code.source, &code.preamble, candidate].map(Value::from);
        let asked = Value::List(code.asked_names().iter().map(|name| Value::from(name.as_str())).collect());
        let tests = Value::Tuple(texts.into_iter().chain([asked, shown_at]).collect());
        Self { tests: encode(&tests).into(), preamble: code.preamble.clone(), count: code.count().unwrap_or(1) }
    }

    /// The job of the tests' own side. It is trusted, but what it is answered may keep it busy.
    pub(crate) fn asking_job(&self, limits: Limits) -> Job {
        Job { program: Arc::clone(&self.tests), task: Task::Ask, limits }
    }

    /// Adds what decides about a program to a digest.
    pub(crate) fn add_to(&self, hash: Content) -> Content {
        let Self { tests, preamble, count } = self;
        hash.part("asserts").part(tests).part(preamble).number(*count as u64)
    }

    /// The program behind the preamble, in one source as the datasets' own graders have it.
    pub(crate) fn program(&self, program: &Arc<[u8]>) -> Arc<[u8]> {
        if self.preamble.is_empty() {
            return Arc::clone(program);
        }
        [self.preamble.as_bytes(), b"\n", program].concat().into()
    }
}

/// What the tests report: how it went, how many passed, what stopped them and in which, and where operands were shown.
struct Report {
    how: String,
    passed: usize,
    what: String,
    test: String,
    shown_at: Value,
}

impl Report {
    /// The report of tests that came to their end.
    fn of(conversation: &Conversation) -> Option<Self> {
        let asking = conversation.asking.as_ref()?;
        let said = conversation.report.as_ref().filter(|_| matches!(asking.ending, Ending::Exited { status: 0 }))?;
        let Value::Tuple(parts) = decode(&said.payload, &DecodeLimits::default()).ok()? else { return None };
        let Ok([Value::Str(how), Value::Int(passed), Value::Str(what), Value::Str(test), shown_at]) =
            <[Value; 5]>::try_from(parts)
        else {
            return None;
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Some(Self {
            how: text(how.as_bytes()),
            passed: usize::try_from(passed).ok()?,
            what: cut(&text(what.as_bytes())),
            test: text(test.as_bytes()),
            shown_at,
        })
    }
}

/// Judges a conversation.
pub(crate) fn judge(plan: &AssertPlan, allowed: &Limits, conversation: &Conversation, beside: Beside) -> Finding {
    let Conversation { asking, answering, complaint, refusal, .. } = conversation;
    let report = Report::of(conversation);
    let (passed, test) = report.as_ref().map_or((0, None), |report| (report.passed, Some(report.test.clone())));
    let lies_with_tests = report.as_ref().is_some_and(|report| report.how == "unsupported");
    let infra = |why: String| Some(Fault::new(Verdict::InfraError, why));
    let fault = match (refusal, report, asking) {
        (Some(Refusal::Tests(why)), ..) => infra(why.clone()),
        (Some(Refusal::Program(why)), ..) => Some(Fault::new(Verdict::RuntimeError, why.clone())),
        (None, Some(report), _) => of_report(report, answering, allowed, beside),
        // The program ended first, or was ended: its own doing, whatever it said before.
        _ if answering.ending != Ending::Stopped => Some(of_program(answering, complaint.as_ref(), allowed)),
        (None, None, Some(asking)) if matches!(asking.ending, Ending::Limit(_)) => {
            Some(Fault::of_ending(asking.ending, allowed, allowed.cpu_ns))
        }
        // With the canonical solution they came to an end.
        (None, None, Some(asking)) => {
            Some(Fault::new(Verdict::RuntimeError, format!("the tests broke off: {:?}", asking.ending)))
        }
        (None, None, None) => infra("the tests never began".to_owned()),
    };
    let is_near_a_limit = is_near_a_limit(answering, allowed);
    let Some(fault) = fault else { return Finding { passed: plan.count, failure: None, is_near_a_limit } };
    // Tests that passed in a row and were then overrun by a limit, or more of them than there seemed to be.
    let passed = passed.min(plan.count.saturating_sub(1));
    let index = (fault.verdict != Verdict::InfraError && answering.progress.started > 0).then_some(passed);
    let place = |actual| FirstFailure { test: index, input: test.filter(|_| index.is_some()), expected: None, actual };
    let failure = Failure { lies_with_tests, ..Failure::of(fault, place) };
    Finding { passed, failure: Some(failure), is_near_a_limit }
}

/// What is wrong with the program, if anything is.
fn of_report(report: Report, answering: &Outcome, allowed: &Limits, beside: Beside) -> Option<Fault> {
    match report.how.as_str() {
        "passed" if matches!(answering.ending, Ending::Limit(_)) => {
            Some(Fault::of_ending(answering.ending, allowed, allowed.cpu_ns))
        }
        "passed" => overrun(answering, allowed, beside).map(|hit| Fault::of_limit(hit, allowed, allowed.cpu_ns)),
        "raised" => Some(Fault::exception(&report.what, report.what.starts_with("MemoryError"), allowed)),
        "failed" => Some(Fault::new(Verdict::WrongAnswer, report.what)),
        _ => Some(Fault::new(Verdict::InfraError, report.what)),
    }
}

fn of_program(answering: &Outcome, complaint: Option<&Reply>, allowed: &Limits) -> Fault {
    let text = |reply: &Reply| cut(&String::from_utf8_lossy(&reply.payload));
    match complaint {
        Some(reply) if reply.kind == ReplyKind::CompileError => Fault::new(Verdict::CompileError, text(reply)),
        Some(reply) if reply.kind == ReplyKind::LoadError => {
            Fault::exception(&text(reply), reply.payload.starts_with(b"MemoryError"), allowed)
        }
        _ => Fault::of_ending(answering.ending, allowed, allowed.cpu_ns),
    }
}
