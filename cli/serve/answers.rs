//! What a client is told of one program: a row, and the ticket that promises it.
//! Not here: judging (`judging`), how rows are sent (`verify`).

use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::mpsc::UnboundedSender;
use trialbox_runner::Backend;
use trialbox_verifier::{FirstFailure, Judgement, LimitFact, Verdict};
use utoipa::ToSchema;

use super::{fault::Fault, metrics};

/// What is told of one program.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Row {
    /// Its place among the jobs of the request, from 0.
    pub(super) index: usize,
    /// The job's id, or the problem's name where it has none.
    pub(super) id: String,
    #[serde(flatten)]
    pub(super) finding: Finding,
    /// How long the job waited for a worker.
    pub(super) queue_ms: f64,
    /// How long a worker had it, or it waited for another one of its like that was being judged.
    pub(super) execution_ms: f64,
    /// How long it took to read the request, and to take it apart.
    pub(super) transport_ms: f64,
}

/// What was found: a judgement, or why there is none.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Finding {
    Judged(Box<Judged>),
    Failed { error: RowFault },
}

/// Why there is no judgement. Other rows of the request are not concerned.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RowFault {
    /// As in the answer to a request that fails as a whole.
    #[schema(example = "bad_problem")]
    pub(super) code: &'static str,
    /// For people.
    pub(super) message: String,
}

/// A judgement. The fields are those of `trialbox verify`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Judged {
    /// `infra_error` says nothing about the program: an RL loop masks it.
    #[schema(value_type = String, example = "pass")]
    pub(super) verdict: Verdict,
    /// The verdict on the base tests alone; null where the problem has one set of tests.
    #[schema(value_type = Option<String>)]
    pub(super) base: Option<Verdict>,
    /// The verdict on base and plus tests; the same as `verdict`.
    #[schema(value_type = String)]
    pub(super) plus: Verdict,
    /// Tests with a known result.
    pub(super) tests_run: usize,
    pub(super) tests_total: usize,
    /// How many tests are passed, where that was asked for: those behind a failure are run as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tests_passed: Option<usize>,
    /// The first test that was not passed: `test`, `input`, `expected`, `actual`.
    #[schema(value_type = Option<Object>)]
    pub(super) first_failure: Option<FirstFailure>,
    /// The limit that was passed: `counter`, `used`, `allowed`.
    #[schema(value_type = Option<Object>)]
    pub(super) limit: Option<LimitFact>,
    /// lcb_runner's code of the failure, under official semantics.
    pub(super) error_code: Option<i8>,
    /// Whether it is the tests that cannot be run here.
    #[serde(skip)]
    pub(super) lies_with_tests: bool,
    /// Whether it came near a limit of time and was run once more alone.
    pub(super) rerun_alone: bool,
    pub(super) cpu_ms: f64,
    pub(super) wall_ms: f64,
    pub(super) peak_memory_bytes: u64,
    /// `native` or `wasi`; null where nothing was run.
    #[schema(value_type = Option<String>)]
    pub(super) backend: Option<Backend>,
    /// Instructions, where they are counted.
    pub(super) fuel: Option<u64>,
    /// Whether the verdict was known before.
    pub(super) cached: bool,
    /// By which rule the program was taken out of a model's text; absent where a program was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) extraction: Option<&'static str>,
}

impl Judged {
    fn new(judgement: Judgement, tests_passed: Option<usize>, extraction: Option<&'static str>) -> Self {
        let Judgement {
            verdict,
            base,
            plus,
            tests_run,
            tests_total,
            first_failure,
            limit,
            error_code,
            lies_with_tests,
            rerun_alone,
            cpu_ms,
            wall_ms,
            peak_memory_bytes,
            backend,
            fuel,
            cached,
        } = judgement;
        Self {
            verdict,
            base,
            plus,
            tests_run,
            tests_total,
            tests_passed,
            first_failure,
            limit,
            error_code,
            lies_with_tests,
            rerun_alone,
            cpu_ms,
            wall_ms,
            peak_memory_bytes,
            backend,
            fuel,
            cached,
            extraction,
        }
    }
}

/// A promise of one row. Where nobody keeps it, its end does: the client learns that the host failed.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) index: usize,
    pub(super) id: String,
    pub(super) extraction: Option<&'static str>,
    /// Whether the client asks how many tests are passed.
    pub(super) counts_tests: bool,
    pub(super) tests_passed: Option<usize>,
    pub(super) transport: Duration,
    /// When the job was put into the queue.
    pub(super) put: Instant,
    /// When a worker took it.
    pub(super) begun: Option<Instant>,
    /// `None` once it is kept.
    pub(super) rows: Option<UnboundedSender<Row>>,
}

impl Ticket {
    /// A worker has the job.
    pub(super) fn begin(&mut self) {
        self.begun = Some(Instant::now());
    }

    /// A promise of the row at `index` of a request, to be put into the queue now.
    pub(super) fn new(index: usize, id: String, transport: Duration, rows: &UnboundedSender<Row>) -> Self {
        Self {
            index,
            id,
            extraction: None,
            counts_tests: false,
            tests_passed: None,
            transport,
            put: Instant::now(),
            begun: None,
            rows: Some(rows.clone()),
        }
    }

    /// Whether somebody still waits for it.
    pub(super) fn is_wanted(&self) -> bool {
        self.rows.as_ref().is_some_and(|rows| !rows.is_closed())
    }

    /// Tells what was found.
    pub(super) fn keep(mut self, found: Result<Judgement, Fault>) {
        self.tell(found);
    }

    fn tell(&mut self, found: Result<Judgement, Fault>) {
        let Some(rows) = self.rows.take() else { return };
        let now = Instant::now();
        let begun = self.begun.unwrap_or(now);
        let (queue, execution) = (begun.saturating_duration_since(self.put), now.saturating_duration_since(begun));
        let finding = match found {
            Ok(judgement) => {
                metrics::judged(&judgement, queue, execution);
                Finding::Judged(Box::new(Judged::new(judgement, self.tests_passed, self.extraction)))
            }
            Err(Fault { code, message, .. }) => Finding::Failed { error: RowFault { code, message } },
        };
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let row = Row {
            index: self.index,
            id: std::mem::take(&mut self.id),
            finding,
            queue_ms: ms(queue),
            execution_ms: ms(execution),
            transport_ms: ms(self.transport),
        };
        // Nobody may listen any more.
        let _ = rows.send(row);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.tell(Err(Fault::infra_error("the worker that had this job failed")));
    }
}
