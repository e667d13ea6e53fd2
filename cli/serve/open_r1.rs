//! open-r1's routers (`scripts/e2b_router.py`, `scripts/morph_router.py`): `POST /execute_batch`, in both of their forms.
//! Not here: taking the question out of a script (`datasets::open_r1`), judging (`judging`), running (`programs`).
//! open-r1 sends a script that holds a program and its tests, and is to run the one against the other. It is judged instead:
//! the program sees no expected output, and all lines of what it prints count. Any other script is run.

use std::sync::Arc;

use axum::{Json, extract::State};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;
use trialbox_datasets::open_r1;
use trialbox_verifier::Semantics;
use utoipa::ToSchema;

use super::{
    Daemon,
    fault::Fault,
    frame::{FaultBody, JsonBody},
    judging::{Question, Wish},
    programs::{End, Language, Program, usual_limits},
};

/// Scripts to be run.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"scripts": ["print(6 * 7)"], "languages": ["python"], "timeout": 30, "request_timeout": 28}))]
pub(super) struct ExecuteBatch {
    scripts: Vec<String>,
    languages: Vec<String>,
    /// Seconds of CPU time for a script that is run.
    #[serde(default = "thirty_seconds")]
    timeout: f64,
}

fn thirty_seconds() -> f64 {
    30.0
}

/// What came of one script: `text` for clients of the one router, `execution` for those of the other.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Executed {
    /// The share of tests that pass; of any other script, the last line that it wrote.
    text: Option<String>,
    /// Why there is nothing to tell. open-r1 gives no reward then.
    exception_str: Option<String>,
    execution: Option<Execution>,
}

/// As E2B's code interpreter has it.
#[derive(Debug, Serialize, ToSchema)]
struct Execution {
    results: Vec<ExecutionResult>,
    logs: Logs,
    error: Option<ExecutionError>,
    execution_count: Option<u32>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ExecutionResult {
    text: String,
    is_main_result: bool,
}

#[derive(Debug, Default, Serialize, ToSchema)]
struct Logs {
    stdout: Vec<String>,
    stderr: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ExecutionError {
    name: String,
    value: String,
    traceback: String,
}

/// What is done about a script.
enum Script {
    Judged(Question),
    Run(Program),
}

/// Runs scripts.
#[utoipa::path(
    post,
    path = "/execute_batch",
    tag = "open-r1",
    request_body = ExecuteBatch,
    responses(
        (status = 200, description = "What came of each script", body = [Executed]),
        (status = 422, description = "`bad_job`, `above_a_cap`", body = FaultBody),
        (status = 503, description = "`draining`", body = FaultBody),
    )
)]
pub(super) async fn execute_batch(
    State(daemon): State<Arc<Daemon>>,
    JsonBody(asked): JsonBody<ExecuteBatch>,
) -> Result<Json<Vec<Executed>>, Fault> {
    let looked_at = {
        let daemon = Arc::clone(&daemon);
        spawn_blocking(move || asked.scripts(&daemon)).await
    };
    let scripts = looked_at.map_err(Fault::infra_error)??;
    daemon.may_be_sent_work()?;
    let executed = join_all(scripts.into_iter().map(|script| executed(&daemon, script))).await;
    Ok(Json(executed))
}

impl ExecuteBatch {
    fn scripts(self, daemon: &Daemon) -> Result<Vec<Result<Script, Fault>>, Fault> {
        if self.scripts.len() != self.languages.len() {
            let found = format!("{} and {}", self.scripts.len(), self.languages.len());
            return Err(Fault::bad_job(format!("scripts and languages: expected lists of one length, found {found}")));
        }
        if self.scripts.len() > daemon.caps.batch {
            let most = daemon.caps.batch;
            return Err(Fault::batch_too_large(format!("a request has at most {most} scripts (--max-batch)")));
        }
        let limits = usual_limits(&daemon.caps, "timeout", self.timeout, ("memory", None))?;
        let script = |(script, language): (String, String)| {
            if language != "python" {
                return Err(Fault::not_judged_here(format!("languages: expected python, found {language}")));
            }
            if let Some(asked) = open_r1::question(&script) {
                let wish = Wish { semantics: Semantics::Real, counts_tests: true };
                return Question::new(daemon, asked, wish).map(Script::Judged);
            }
            Ok(Script::Run(Program {
                language: Language::Python,
                source: script.into_bytes().into(),
                stdin: Arc::new([]),
                extras: Arc::default(),
                compile_limits: limits.clone(),
                limits: limits.clone(),
            }))
        };
        Ok(self.scripts.into_iter().zip(self.languages).map(script).collect())
    }
}

async fn executed(daemon: &Arc<Daemon>, script: Result<Script, Fault>) -> Executed {
    let found = match script {
        Ok(Script::Judged(question)) => share(daemon, question).await,
        Ok(Script::Run(program)) => run(daemon, program).await,
        Err(fault) => Err(fault),
    };
    found.unwrap_or_else(|fault| Executed { text: None, exception_str: Some(fault.message), execution: None })
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
async fn share(daemon: &Arc<Daemon>, question: Question) -> Result<Executed, Fault> {
    let (judged, _) = daemon.judged(vec![question]).await?;
    let judged = judged.into_iter().next().ok_or_else(|| Fault::infra_error("nothing was judged"))?;
    let share = judged.tests_passed.unwrap_or(0) as f64 / judged.tests_total.max(1) as f64;
    // As Python writes it.
    Ok(Executed::of(Some(format!("{share:?}")), Logs::default(), None))
}

async fn run(daemon: &Arc<Daemon>, program: Program) -> Result<Executed, Fault> {
    let (ran, _) = daemon.run_program(program).await?;
    let step = ran.run.ok_or_else(|| Fault::infra_error("a program in Python was not run"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&step.stdout), text(&step.stderr));
    let error = match step.end {
        End::Exited(0) => None,
        end => {
            let value = stderr.trim_end().lines().last().map_or_else(|| end.to_string(), str::to_owned);
            Some(ExecutionError { name: "Failed".to_owned(), value, traceback: stderr.clone() })
        }
    };
    let last = stdout.trim_end().lines().last().filter(|_| error.is_none()).map(str::to_owned);
    let log = |text: String| if text.is_empty() { Vec::new() } else { vec![text] };
    Ok(Executed::of(last, Logs { stdout: log(stdout), stderr: log(stderr) }, error))
}

impl Executed {
    fn of(text: Option<String>, logs: Logs, error: Option<ExecutionError>) -> Self {
        let results = text.iter().map(|text| ExecutionResult { text: text.clone(), is_main_result: true }).collect();
        Self { text, exception_str: None, execution: Some(Execution { results, logs, error, execution_count: None }) }
    }
}
