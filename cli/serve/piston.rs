//! Piston's API (`api/src/api/v2.js`, `docs/api-v2.md`): `/api/v2/execute`, `/api/v2/runtimes`.
//! Not here: running the program (`programs`). Packages cannot be installed here, nor programs talked to while they run.

use std::sync::Arc;

use axum::{Json, extract::State};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;
use trialbox_datasets::CppStandard;
use trialbox_runner::{Limits, signal_name};
use utoipa::ToSchema;

use super::{
    Daemon,
    fault::Fault,
    frame::{FaultBody, JsonBody, Timed},
    programs::{self, End, Language, Program, Ran, Step, usual_limits},
};

/// The version of C++ that is told: the standard's.
const CPP_VERSION: &str = "17.0.0";

/// A program to run.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"language": "python", "version": "*", "files": [{"content": "print(input())"}], "stdin": "7"}))]
pub(super) struct Execute {
    language: String,
    /// A semver selector; `*` is always met.
    version: String,
    /// The program, and the files that it finds in its folder.
    files: Vec<File>,
    #[serde(default)]
    stdin: String,
    #[serde(default)]
    args: Vec<String>,
    /// Milliseconds in which the program does nothing; of CPU time as well, where `run_cpu_time` says nothing.
    #[serde(default = "run_ms")]
    run_timeout: f64,
    #[serde(default = "compile_ms")]
    compile_timeout: f64,
    /// Milliseconds of CPU time.
    run_cpu_time: Option<f64>,
    compile_cpu_time: Option<f64>,
    /// Bytes; -1 for 1 GiB.
    run_memory_limit: Option<i64>,
    compile_memory_limit: Option<i64>,
}

fn run_ms() -> f64 {
    3_000.0
}

fn compile_ms() -> f64 {
    10_000.0
}

/// A file. The first is the program.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct File {
    name: Option<String>,
    content: String,
    /// `utf8` (the default), `base64` or `hex`.
    encoding: Option<String>,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Executed {
    language: &'static str,
    version: String,
    run: Stage,
    #[serde(skip_serializing_if = "Option::is_none")]
    compile: Option<Stage>,
}

/// A command and its end.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Stage {
    stdout: String,
    stderr: String,
    /// Both.
    output: String,
    code: Option<i32>,
    signal: Option<String>,
    /// Bytes at the most.
    memory: u64,
    message: Option<String>,
    /// `RE` (it failed), `SG` (a signal ended it), `TO` (its time was over), `OL` (it wrote too much), `XX` (another limit).
    status: Option<&'static str>,
    /// Milliseconds.
    cpu_time: u64,
    wall_time: u64,
}

/// A language that programs may be in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Runtime {
    language: &'static str,
    version: String,
    aliases: Vec<&'static str>,
}

/// Runs a program.
#[utoipa::path(
    post,
    path = "/api/v2/execute",
    tag = "Piston",
    request_body = Execute,
    responses(
        (status = 200, description = "The program ran, or did not compile", body = Executed),
        (status = 400, description = "`bad_job`, `above_a_cap`, `not_judged_here`; Piston's `message` stands beside", body = FaultBody),
        (status = 503, description = "`infra_error`, `draining`", body = FaultBody),
    )
)]
pub(super) async fn execute(
    State(daemon): State<Arc<Daemon>>,
    JsonBody(asked): JsonBody<Execute>,
) -> Result<Timed<Executed>, Fault> {
    let looked_at = {
        let daemon = Arc::clone(&daemon);
        spawn_blocking(move || asked.program(&daemon)).await
    };
    let program = looked_at.map_err(Fault::infra_error)??;
    let language = program.language;
    let (ran, times) = daemon.run_program(program).await?;
    let told = Executed::of(ran, language, version(&daemon, language))?;
    Ok(Timed(told, times))
}

/// Lists the languages. C++ and bash are looked for when the first program in them comes, or somebody asks here.
#[utoipa::path(get, path = "/api/v2/runtimes", tag = "Piston", responses((status = 200, body = [Runtime])))]
pub(super) async fn runtimes(State(daemon): State<Arc<Daemon>>) -> Result<Json<Vec<Runtime>>, Fault> {
    let list = spawn_blocking(move || {
        let runtime = |language| Runtime {
            language: name(language),
            version: version(&daemon, language),
            aliases: match language {
                Language::Python => vec!["py", "python3"],
                Language::Cpp(_) => vec!["cpp", "g++"],
                Language::Bash => vec!["sh"],
            },
        };
        let languages = [Language::Python, Language::Cpp(CppStandard::Cpp17), Language::Bash];
        languages.into_iter().filter(|language| language.require(&daemon).is_ok()).map(runtime).collect()
    });
    list.await.map(Json).map_err(Fault::infra_error)
}

fn name(language: Language) -> &'static str {
    match language {
        Language::Python => "python",
        Language::Cpp(_) => "c++",
        Language::Bash => "bash",
    }
}

fn version(daemon: &Daemon, language: Language) -> String {
    match language {
        Language::Python => daemon.host.python_version().to_owned(),
        Language::Cpp(_) => CPP_VERSION.to_owned(),
        Language::Bash => daemon.host.shell_version().unwrap_or_default().to_owned(),
    }
}

/// Whether a version meets a selector: `*`, `3`, `3.x`, `3.11.2`, or one of these behind `^`, `~`, `>=`, `=` or `v`.
fn meets(version: &str, selector: &str) -> bool {
    let numbers = |text: &str| -> Option<Vec<u64>> {
        let is_open = |part: &&str| !["*", "x", "X", ""].contains(part);
        text.split('.').take_while(is_open).map(|part| part.parse().ok()).collect()
    };
    let selector = selector.trim();
    let stripped = selector.trim_start_matches(['^', '~', '>', '=', 'v', ' ']);
    let (Some(version), Some(wanted)) = (numbers(version), numbers(stripped)) else { return false };
    if selector.starts_with('>') || selector.starts_with('^') {
        let same_major = !selector.starts_with('^') || version.first() == wanted.first();
        return same_major && version >= wanted;
    }
    version.starts_with(&wanted)
}

impl Execute {
    fn program(self, daemon: &Daemon) -> Result<Program, Fault> {
        let language = match self.language.as_str() {
            "python" | "python3" | "py" => Language::Python,
            "c++" | "cpp" | "g++" | "c++17" => Language::Cpp(CppStandard::Cpp17),
            "bash" | "sh" => Language::Bash,
            other => return Err(Fault::not_judged_here(format!("{other}-{} runtime is unknown", self.version))),
        };
        language.require(daemon)?;
        if !meets(&version(daemon, language), &self.version) {
            return Err(Fault::not_judged_here(format!("{}-{} runtime is unknown", self.language, self.version)));
        }
        if !self.args.is_empty() {
            return Err(Fault::not_judged_here("args: programs are given none here"));
        }
        let mut files = self.files.into_iter();
        let first = files.next().ok_or_else(|| Fault::bad_job("files: expected at least one, the program"))?;
        let source = first.bytes(0)?;
        let others = files.enumerate().map(|(index, file)| {
            let place = index + 1;
            let name = file.name.clone().unwrap_or_else(|| format!("file{place}.code"));
            Ok((name, file.bytes(place)?))
        });
        let extras = programs::extras(others.collect::<Result<Vec<_>, Fault>>()?, [])?;
        let limits =
            |timeout: (&str, f64), cpu: (&str, Option<f64>), memory: (&str, Option<i64>)| -> Result<_, Fault> {
                let bytes = memory.1.and_then(|bytes| u64::try_from(bytes).ok());
                let idle = usual_limits(&daemon.caps, timeout.0, timeout.1 / 1e3, (memory.0, bytes))?;
                let Some(cpu_ms) = cpu.1 else { return Ok(idle) };
                let cpu = usual_limits(&daemon.caps, cpu.0, cpu_ms / 1e3, (memory.0, bytes))?;
                Ok(Limits { idle_ns: idle.idle_ns, ..cpu })
            };
        Ok(Program {
            language,
            source: source.into(),
            stdin: self.stdin.into_bytes().into(),
            extras,
            compile_limits: Limits {
                output_bytes: Limits::default().output_bytes,
                ..limits(
                    ("compile_timeout", self.compile_timeout),
                    ("compile_cpu_time", self.compile_cpu_time),
                    ("compile_memory_limit", self.compile_memory_limit),
                )?
            },
            limits: limits(
                ("run_timeout", self.run_timeout),
                ("run_cpu_time", self.run_cpu_time),
                ("run_memory_limit", self.run_memory_limit),
            )?,
        })
    }
}

impl File {
    fn bytes(self, place: usize) -> Result<Vec<u8>, Fault> {
        let bad = |why: String| Fault::bad_job(format!("files[{place}].content: {why}"));
        match self.encoding.as_deref() {
            None | Some("utf8") => Ok(self.content.into_bytes()),
            Some("base64") => STANDARD.decode(self.content).map_err(|error| bad(error.to_string())),
            Some("hex") => unhex(&self.content).ok_or_else(|| bad("it is not hexadecimal".to_owned())),
            Some(other) => {
                Err(Fault::bad_job(format!("files[{place}].encoding: expected utf8, base64 or hex, found {other}")))
            }
        }
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|digit| digit.to_digit(16)?.try_into().ok()).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

impl Executed {
    fn of(ran: Ran, language: Language, version: String) -> Result<Self, Fault> {
        let compile = ran.compiled.map(Stage::of);
        // What does not compile is told in both places, as by Piston.
        let run = ran.run.map(Stage::of).or_else(|| compile.clone());
        let run = run.ok_or_else(|| Fault::infra_error("the program was not run"))?;
        Ok(Self { language: name(language), version, run, compile })
    }
}

impl Stage {
    fn of(step: Step) -> Self {
        let killed = || Some("SIGKILL".to_owned());
        let (code, signal, status, message) = match step.end {
            End::Exited(0) => (Some(0), None, None, None),
            End::Exited(code) => (Some(code), None, Some("RE"), Some(format!("Exited with error status {code}"))),
            End::Signaled(number) => {
                let name = signal_name(number).map_or_else(|| number.to_string(), str::to_owned);
                (None, Some(name), Some("SG"), Some(format!("Caught fatal signal {number}")))
            }
            End::TimedOut => (None, killed(), Some("TO"), Some("Time limit exceeded".to_owned())),
            End::WroteTooMuch => (None, killed(), Some("OL"), Some("output limit exceeded".to_owned())),
            End::Stopped(why) => (None, killed(), Some("XX"), Some(why)),
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&step.stdout), text(&step.stderr));
        let ms = |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self {
            output: format!("{stdout}{stderr}"),
            stdout,
            stderr,
            code,
            signal,
            memory: step.peak_memory_bytes,
            message,
            status,
            cpu_time: ms(step.cpu),
            wall_time: ms(step.wall),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_selected_as_npm_does() {
        for selector in ["*", "3", "3.x", "3.11", "3.11.2", "^3.10", "~3.11", ">=3.0", "=3.11.2", "v3"] {
            assert!(meets("3.11.2", selector), "{selector}");
        }
        for selector in ["2", "3.1", "3.12", "^3.12", "^2", ">=4", "~3.10", "latest"] {
            assert!(!meets("3.11.2", selector), "{selector}");
        }
    }

    #[test]
    fn hexadecimal_is_read_in_pairs() {
        assert_eq!(unhex("00fF7a"), Some(vec![0, 255, 122]));
        assert_eq!((unhex("0"), unhex("0g"), unhex("")), (None, None, Some(vec![])));
    }
}
