//! open-instruct's code API (`open_instruct/code_utils/api.py`): `/test_program`, `/test_program_stdio` and `/health`.
//! Not here: the forms of its tests (`datasets::open_instruct`), judging (`judging`).
//! It answers for each test alone, and so each is judged alone. What it would not run (`import os`) is run here: the sandbox
//! sees to it.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::task::spawn_blocking;
use trialbox_datasets::{JobLimits, Value, open_instruct};
use trialbox_verifier::Verdict;
use utoipa::ToSchema;

use super::{
    Daemon,
    fault::Fault,
    frame::{FaultBody, JsonBody, Timed, Times},
    judging::{Question, Wish},
};

/// How many tests are judged side by side.
const AT_ONCE: usize = 64;
/// No honest program is longer; nor is a longer one looked through for code.
const MOST_PROGRAM_BYTES: usize = 1 << 20;

/// A program and its tests.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"program": "def add(a, b):\n    return a + b", "tests": ["assert add(1, 2) == 3", "assert add(1, 1) == 3"], "max_execution_time": 1.0}))]
pub(super) struct TestProgram {
    program: String,
    /// A list of asserts, or of `{input, output}`; the same as JSON in a text, or pickled, packed with zlib, in base64.
    #[schema(value_type = Vec<String>)]
    tests: Box<RawValue>,
    /// Seconds of CPU time for each test.
    #[serde(default = "one_second")]
    max_execution_time: f64,
}

fn one_second() -> f64 {
    1.0
}

/// What came of each test.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TestProgramAnswer {
    /// 1 for a test that is passed, else 0.
    results: Vec<u8>,
    /// Seconds of CPU time; -1 for a test that is not passed.
    runtimes: Vec<f64>,
}

/// Runs a program's tests, each alone.
#[utoipa::path(
    post,
    path = "/test_program",
    tag = "open-instruct",
    request_body = TestProgram,
    responses(
        (status = 200, description = "What came of each test", body = TestProgramAnswer),
        (status = 422, description = "`bad_job`, `above_a_cap`", body = FaultBody),
        (status = 503, description = "`infra_error`, `draining`", body = FaultBody),
    )
)]
pub(super) async fn test_program(
    State(daemon): State<Arc<Daemon>>,
    JsonBody(asked): JsonBody<TestProgram>,
) -> Result<Timed<TestProgramAnswer>, Fault> {
    let limits = asked.limits()?;
    let most = daemon.caps.batch;
    let (program, tests) = (asked.program, asked.tests);
    let tests = spawn_blocking(move || open_instruct::tests(tests.get().as_bytes())).await;
    let tests = tests.map_err(Fault::infra_error)?.map_err(Fault::bad_job)?;
    if tests.len() > most {
        return Err(Fault::batch_too_large(format!("a request has at most {most} tests (--max-batch)")));
    }
    if program.len() > MOST_PROGRAM_BYTES {
        return Err(Fault::above_a_cap(format!("program has at most {} MiB", MOST_PROGRAM_BYTES >> 20)));
    }
    let (mut judged, mut times) = (Vec::new(), Times::default());
    // Each test has a copy of the program, so not all are made at once.
    for (turn, some) in tests.chunks(AT_ONCE).enumerate() {
        let question = |(index, test): (usize, &Value)| {
            let at = |fault: Fault| fault.at(&format!("tests[{}]", turn * AT_ONCE + index));
            let asked =
                open_instruct::question(test.clone(), &program, limits).map_err(|kind| at(Fault::bad_job(kind)))?;
            Question::new(&daemon, asked, Wish::default()).map_err(at)
        };
        let questions = some.iter().enumerate().map(question).collect::<Result<Vec<_>, Fault>>()?;
        let (found, took) = daemon.judged(questions).await?;
        judged.extend(found);
        times.add(took);
    }
    let mut answer = TestProgramAnswer { results: Vec::new(), runtimes: Vec::new() };
    for test in judged {
        let passes = test.verdict == Verdict::Pass;
        answer.results.push(passes.into());
        answer.runtimes.push(if passes { test.cpu_ms / 1e3 } else { -1.0 });
    }
    Ok(Timed(answer, times))
}

/// The same for programs that read stdin: tests tell which they are.
#[utoipa::path(
    post,
    path = "/test_program_stdio",
    tag = "open-instruct",
    request_body = TestProgram,
    responses(
        (status = 200, description = "What came of each test", body = TestProgramAnswer),
        (status = 422, description = "`bad_job`, `above_a_cap`", body = FaultBody),
        (status = 503, description = "`infra_error`, `draining`", body = FaultBody),
    )
)]
pub(super) async fn test_program_stdio(
    state: State<Arc<Daemon>>,
    body: JsonBody<TestProgram>,
) -> Result<Timed<TestProgramAnswer>, Fault> {
    test_program(state, body).await
}

/// Answers, as open-instruct's, open-r1's and NeMo-Skills' servers do. Whether programs can be run, `/healthz` says.
#[utoipa::path(get, path = "/health", tag = "open-instruct", responses((status = 200, body = Object)))]
pub(super) async fn health() -> Json<BTreeMap<&'static str, &'static str>> {
    Json(BTreeMap::from([("status", "ok")]))
}

impl TestProgram {
    fn limits(&self) -> Result<JobLimits, Fault> {
        if !(self.max_execution_time > 0.0 && self.max_execution_time <= 1e9) {
            return Err(Fault::bad_job("max_execution_time: expected a positive number of seconds"));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range has just been checked")]
        let cpu_ms = (self.max_execution_time * 1e3).ceil() as u64;
        Ok(JobLimits { cpu_ms: Some(cpu_ms), memory_bytes: None })
    }
}
