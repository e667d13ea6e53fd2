//! What the canonical solution shows of tests: what time they take, and at which places they show it their own operands.
//! Not here: answers of canonical solutions to inputs (`crate::reference`).

use std::sync::Arc;

use trialbox_datasets::{problem::TestCode, value::Value};
use trialbox_runner::{Job, Limits, RunError, Task, Worker};

use super::{AssertPlan, Messages, Report, judge};
use crate::{ending::Beside, room::Room};

/// What a canonical solution showed.
#[derive(Debug)]
pub(crate) struct AssertReference {
    /// Pairs of line and operation where an operand of the tests was shown to the program (`conversation/objects.py`).
    pub(crate) shown_at: Value,
    /// CPU time in all.
    pub(crate) cpu_ns: u64,
}

/// A solution that takes less has the least limit that there is, whatever it takes.
const SETS_LIMITS_NS: u64 = 2_000_000_000;

/// Runs tests on their canonical solution; the error of one that fails them says why.
pub(crate) fn asserts_reference(
    code: &TestCode,
    canonical: &str,
    generous: &Limits,
    worker: &mut Worker,
    room: &Room,
) -> Result<Result<AssertReference, String>, RunError> {
    let plan = AssertPlan::new(code, Value::None);
    let program: Arc<[u8]> = canonical.as_bytes().into();
    let job = Job { program: plan.program(&program), task: Task::Answer, limits: generous.clone() };
    let asking = plan.asking_job(generous.clone());
    let mut run = || -> Result<Result<AssertReference, String>, RunError> {
        let conversation = worker.converse(&asking, &job, Messages::default)?;
        if let Some(failure) = judge(&plan, generous, &conversation, Beside::Others).failure {
            let first = failure.first;
            return Ok(Err(format!(
                "{}: {} {}",
                failure.verdict.as_str(),
                first.actual,
                first.input.unwrap_or_default()
            )));
        }
        let shown_at = Report::of(&conversation).map_or(Value::List(vec![]), |report| report.shown_at);
        Ok(Ok(AssertReference { shown_at, cpu_ns: conversation.answering.cpu_ns }))
    };
    let among_others = room.among_others(job.limits.memory_bytes.saturating_mul(2), &mut run)?;
    match &among_others {
        Ok(reference) if reference.cpu_ns > SETS_LIMITS_NS => room.alone(run),
        _ => Ok(among_others),
    }
}
