//! SandboxFusion's API (`sandbox/server/sandbox_api.py`), as verl, SkyRL and its own client speak it: `/run_code`, `/v1/ping`.
//! Not here: running the program (`programs`).
//! A full queue waits here: verl retries nothing but 504. A fault of the host is a 503: verl takes every other answer for one
//! about the program.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json, extract::State};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use trialbox_datasets::CppStandard;
use trialbox_runner::Limits;
use trialbox_verifier::Verdict;
use utoipa::ToSchema;

use super::{
    Daemon,
    answers::Judged,
    fault::Fault,
    frame::{FaultBody, JsonBody, Timed},
    programs::{self, End, Language, Program, Ran, Step, usual_limits},
};

/// A program to run. Fields that SandboxFusion has not are passed over, as it does.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"code": "print(input())", "language": "python", "stdin": "7"}))]
pub(super) struct RunCode {
    /// Seconds of CPU time for the compiler.
    #[serde(default = "ten_seconds")]
    compile_timeout: f64,
    /// Seconds of CPU time for the program, and as many in which it does nothing.
    #[serde(default = "ten_seconds")]
    run_timeout: f64,
    /// -1 for 1024; so does null, which verl sends where it is told nothing.
    #[serde(default, rename = "memory_limit_MB")]
    memory_limit_mb: Option<i64>,
    code: String,
    #[serde(default)]
    stdin: Option<String>,
    /// `python`, `cpp` (C++17), or `bash`.
    language: String,
    /// Files that the program finds in its folder: by path, in base64.
    #[serde(default)]
    files: Option<BTreeMap<String, Option<String>>>,
    /// Paths of files to be sent back, where the program leaves them.
    #[serde(default)]
    fetch_files: Option<Vec<String>>,
}

fn ten_seconds() -> f64 {
    10.0
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RunCodeAnswer {
    status: RunStatus,
    message: String,
    compile_result: Option<CommandResult>,
    run_result: Option<CommandResult>,
    /// Where that runs in a pod, its name (`MY_POD_NAME`).
    executor_pod_name: Option<String>,
    /// What `fetch_files` named, in base64.
    files: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
enum RunStatus {
    Success,
    Failed,
}

/// A command and its end.
#[derive(Debug, Serialize, ToSchema)]
struct CommandResult {
    status: CommandStatus,
    /// Seconds.
    execution_time: Option<f64>,
    /// The exit status, or the number of the signal that ended it, negated; null where its time was over.
    return_code: Option<i32>,
    stdout: Option<String>,
    stderr: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
enum CommandStatus {
    Finished,
    TimeLimitExceeded,
}

/// Runs a program.
#[utoipa::path(
    post,
    path = "/run_code",
    tag = "SandboxFusion",
    request_body = RunCode,
    responses(
        (status = 200, description = "The program ran, or did not compile", body = RunCodeAnswer),
        (status = 422, description = "`bad_job`, `above_a_cap`, `not_judged_here`", body = FaultBody),
        (status = 503, description = "`infra_error`, `draining`", body = FaultBody),
    )
)]
pub(super) async fn run_code(
    State(daemon): State<Arc<Daemon>>,
    JsonBody(asked): JsonBody<RunCode>,
) -> Result<Timed<RunCodeAnswer>, Fault> {
    let program = asked.program(&daemon)?;
    let (ran, times) = daemon.run_program(program).await?;
    Ok(Timed(RunCodeAnswer::of(ran), times))
}

/// Answers.
#[utoipa::path(get, path = "/v1/ping", tag = "SandboxFusion", responses((status = 200, body = String)))]
pub(super) async fn ping() -> Json<&'static str> {
    Json("pong")
}

impl RunCode {
    fn program(self, daemon: &Daemon) -> Result<Program, Fault> {
        let decoded = |(name, content): (String, Option<String>)| {
            let content = STANDARD.decode(content?);
            Some(
                content.map_err(|error| Fault::bad_job(format!("files[{name:?}]: {error}"))).map(|bytes| (name, bytes)),
            )
        };
        let files = self.files.into_iter().flatten().filter_map(decoded).collect::<Result<Vec<_>, _>>()?;
        let extras = programs::extras(files, self.fetch_files.unwrap_or_default())?;
        let language = match self.language.as_str() {
            "python" => Language::Python,
            "cpp" => Language::Cpp(CppStandard::Cpp17),
            "bash" => Language::Bash,
            other => {
                return Err(Fault::not_judged_here(format!("language: expected python, cpp or bash, found {other}")));
            }
        };
        let memory_bytes = self
            .memory_limit_mb
            .and_then(|megabytes| u64::try_from(megabytes).ok())
            .map(|megabytes| megabytes.saturating_mul(1 << 20));
        let limits =
            |key, seconds, memory_bytes| usual_limits(&daemon.caps, key, seconds, ("memory_limit_MB", memory_bytes));
        Ok(Program {
            language,
            compile_limits: Limits {
                output_bytes: Limits::default().output_bytes,
                ..limits("compile_timeout", self.compile_timeout, None)?
            },
            limits: limits("run_timeout", self.run_timeout, memory_bytes)?,
            source: self.code.into_bytes().into(),
            stdin: self.stdin.unwrap_or_default().into_bytes().into(),
            extras,
        })
    }
}

impl RunCodeAnswer {
    fn of(ran: Ran) -> Self {
        let compile_result = ran.compiled.map(CommandResult::of);
        let run_result = ran.run.map(CommandResult::of);
        let is_good = |result: &CommandResult| result.return_code == Some(0);
        let all_good = run_result.as_ref().is_some_and(is_good) && compile_result.as_ref().is_none_or(is_good);
        Self {
            status: if all_good { RunStatus::Success } else { RunStatus::Failed },
            message: String::new(),
            compile_result,
            run_result,
            executor_pod_name: std::env::var("MY_POD_NAME").ok(),
            files: ran.files.into_iter().map(|(path, content)| (path.into(), STANDARD.encode(content))).collect(),
        }
    }
}

impl RunCodeAnswer {
    /// What is told of a judgement where a run is expected.
    pub(super) fn of_judgement(judged: &Judged) -> Self {
        let passes = judged.verdict == Verdict::Pass;
        let is_late = judged.verdict == Verdict::TimeLimit;
        let run = CommandResult {
            status: if is_late { CommandStatus::TimeLimitExceeded } else { CommandStatus::Finished },
            execution_time: Some(judged.wall_ms / 1e3),
            return_code: (!is_late).then_some(i32::from(!passes)),
            stdout: Some(String::new()),
            stderr: Some(judged.first_failure.as_ref().map_or_else(String::new, |failure| failure.actual.clone())),
        };
        Self {
            status: if passes { RunStatus::Success } else { RunStatus::Failed },
            message: judged.verdict.as_str().to_owned(),
            compile_result: None,
            run_result: Some(run),
            executor_pod_name: std::env::var("MY_POD_NAME").ok(),
            files: BTreeMap::new(),
        }
    }
}

impl CommandResult {
    fn of(step: Step) -> Self {
        let text = |bytes: Vec<u8>| Some(String::from_utf8_lossy(&bytes).into_owned());
        let return_code = match step.end {
            End::Exited(status) => Some(status),
            End::Signaled(signal) => Some(-signal),
            End::TimedOut => None,
            // As where the kernel has killed it.
            End::WroteTooMuch | End::Stopped(_) => Some(-9),
        };
        let status = if return_code.is_some() { CommandStatus::Finished } else { CommandStatus::TimeLimitExceeded };
        Self {
            status,
            execution_time: Some(step.wall.as_secs_f64()),
            return_code,
            stdout: text(step.stdout),
            stderr: text(step.stderr),
        }
    }
}
