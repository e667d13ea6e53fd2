//! NeMo-Skills' sandbox (`nemo_skills/code_execution/local_sandbox`): `POST /execute`.
//! Not here: running the program (`programs`). There are no sessions here: `ipython` is refused, and so no program finds
//! what another one left.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Daemon,
    fault::Fault,
    frame::{FaultBody, JsonBody, Timed},
    programs::{End, Language, Program, Step, usual_limits},
};

/// A program to run.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"generated_code": "print(input())", "std_input": "7", "timeout": 5.0, "language": "python3"}))]
pub(super) struct Execute {
    generated_code: String,
    #[serde(default)]
    std_input: String,
    /// Seconds of CPU time, and as many in which the program does nothing.
    timeout: f64,
    /// `python`, `python3`, or `shell` (bash).
    #[serde(default = "ipython")]
    language: String,
    #[serde(default = "a_thousand")]
    max_output_characters: usize,
}

fn ipython() -> String {
    "ipython".to_owned()
}

fn a_thousand() -> usize {
    1000
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Executed {
    process_status: ProcessStatus,
    stdout: String,
    stderr: String,
}

/// However a program exits, it is completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ProcessStatus {
    Completed,
    Timeout,
}

/// Runs a program.
#[utoipa::path(
    post,
    path = "/execute",
    tag = "NeMo-Skills",
    request_body = Execute,
    responses(
        (status = 200, description = "The program ran", body = Executed),
        (status = 422, description = "`bad_job`, `above_a_cap`, `not_judged_here`", body = FaultBody),
        (status = 503, description = "`infra_error`, `draining`", body = FaultBody),
    )
)]
pub(super) async fn execute(
    State(daemon): State<Arc<Daemon>>,
    JsonBody(asked): JsonBody<Execute>,
) -> Result<Timed<Executed>, Fault> {
    let most = asked.max_output_characters;
    let language = match asked.language.as_str() {
        "python" | "python3" => Language::Python,
        "shell" => Language::Bash,
        other => {
            let message =
                format!("language: expected python, python3 or shell, found {other} (there are no sessions here)");
            return Err(Fault::not_judged_here(message));
        }
    };
    let limits = usual_limits(&daemon.caps, "timeout", asked.timeout, ("memory", None))?;
    let program = Program {
        language,
        source: asked.generated_code.into_bytes().into(),
        stdin: asked.std_input.into_bytes().into(),
        extras: Arc::default(),
        compile_limits: limits.clone(),
        limits,
    };
    let (ran, times) = daemon.run_program(program).await?;
    let nothing = || Fault::infra_error("a program that needs no compiler was not run");
    let told = Executed::of(ran.run.ok_or_else(nothing)?, asked.timeout, most);
    Ok(Timed(told, times))
}

impl Executed {
    fn of(step: Step, timeout_s: f64, most: usize) -> Self {
        let is_late = step.end == End::TimedOut;
        let late = format!("Execution timed out after {timeout_s} seconds\n");
        let stderr = if is_late { late } else { String::from_utf8_lossy(&step.stderr).into_owned() };
        let stdout = if is_late { String::new() } else { String::from_utf8_lossy(&step.stdout).into_owned() };
        Self {
            process_status: if is_late { ProcessStatus::Timeout } else { ProcessStatus::Completed },
            stdout: cut(stdout, most),
            stderr: cut(stderr, most),
        }
    }
}

/// At most so many characters, and a word where that is not all.
fn cut(mut text: String, most: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
        text.push_str("<output cut>");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_cut_between_characters() {
        assert_eq!(cut("äöü".to_owned(), 3), "äöü");
        assert_eq!(cut("äöü".to_owned(), 2), "äö<output cut>");
        assert_eq!(cut(String::new(), 0), "");
    }
}
