//! Runs one program as it is, without a judgement: what code sandboxes offer.
//! Not here: their formats (one file each), jobs with a verdict (`judging`).

use std::{
    collections::HashSet,
    fmt, mem,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{sync::mpsc, task::spawn_blocking};
use trialbox_datasets::CppStandard;
use trialbox_runner::{
    CompileFailure, Ending, Extras, FilePath, Job, LimitHit, Limits, Outcome, Prelude, Reply, ReplyKind, RunError,
    SCRIPT, Task, Worker,
};
use trialbox_verifier::standard_of;

use super::{Caps, Daemon, fault::Fault, frame::Times, queue::Errand};

/// What a program is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Python,
    Cpp(CppStandard),
    /// Which may start whatever commands the host has.
    Bash,
}

/// A program, what it reads, and what it may use.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) language: Language,
    pub(super) source: Arc<[u8]>,
    pub(super) stdin: Arc<[u8]>,
    /// What it finds in its folder, and what is taken from there.
    pub(super) extras: Arc<Extras>,
    pub(super) compile_limits: Limits,
    pub(super) limits: Limits,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Ran {
    /// `None` for what needs no compiler.
    pub(super) compiled: Option<Step>,
    /// `None` for what did not compile.
    pub(super) run: Option<Step>,
    /// Of the files that were asked for, those that it left.
    pub(super) files: Vec<(FilePath, Vec<u8>)>,
}

/// A compiler's run, or the program's.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) end: End,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    pub(super) cpu: Duration,
    pub(super) wall: Duration,
    pub(super) peak_memory_bytes: u64,
}

/// What files that a program brings may have together: less than its folder holds.
pub(super) const MOST_FILE_BYTES: usize = 32 << 20;
pub(super) const MOST_FILES: usize = 1024;
/// And a script beside them.
const MOST_SCRIPT_BYTES: usize = 16 << 20;

impl Language {
    /// Refuses to go on where programs in it cannot be run here, and says why. The first to ask for one has it looked at, which
    /// takes a while.
    pub(super) fn require(self, daemon: &Daemon) -> Result<(), Fault> {
        let lacks = match self {
            Self::Python => return Ok(()),
            Self::Cpp(_) => {
                daemon.host.toolchain().map(drop).map_err(|error| format!("C++ cannot be judged here: {error}"))
            }
            Self::Bash => daemon.host.shell_version().map(drop),
        };
        lacks.map_err(Fault::not_judged_here)
    }
}

/// Whether a file would be for the compiler.
fn is_source((path, _): &&(FilePath, Vec<u8>)) -> bool {
    let ending = path.as_str().rsplit_once('.').map_or("", |(_, ending)| ending);
    ["h", "hh", "hpp", "hxx", "inc", "ipp", "c", "cc", "cpp", "cxx"].contains(&ending.to_ascii_lowercase().as_str())
}

/// Looks at the files that a request brings, and at the names of those that it wants back.
pub(super) fn extras(
    files: impl IntoIterator<Item = (String, Vec<u8>)>,
    fetched: impl IntoIterator<Item = String>,
) -> Result<Arc<Extras>, Fault> {
    let path = |text: String| {
        let bad = || Fault::bad_job(format!("expected a path within the program's folder, found {text:?}"));
        FilePath::new(&text).ok_or_else(bad)
    };
    let files: Vec<_> =
        files.into_iter().map(|(name, content)| Ok((path(name)?, content))).collect::<Result<_, Fault>>()?;
    let fetched: Vec<_> = fetched.into_iter().map(path).collect::<Result<_, Fault>>()?;
    let bytes = files.iter().fold(0_usize, |sum, (_, content)| sum.saturating_add(content.len()));
    // Each file, and each folder on the way to one.
    let folders = |path: &str| path.match_indices('/').map(|(end, _)| path[..end].to_owned()).collect::<Vec<_>>();
    let places: HashSet<String> = files.iter().flat_map(|(path, _)| folders(path.as_str())).collect();
    if files.len() + places.len() > MOST_FILES || fetched.len() > MOST_FILES {
        return Err(Fault::above_a_cap(format!("a program has at most {MOST_FILES} files and folders")));
    }
    let mut names = HashSet::new();
    if let Some((path, _)) = files.iter().find(|(path, _)| !names.insert(path.as_str())) {
        return Err(Fault::bad_job(format!("{:?} is there twice", path.as_str())));
    }
    if bytes > MOST_FILE_BYTES {
        return Err(Fault::above_a_cap(format!("a program's files have at most {} MiB", MOST_FILE_BYTES >> 20)));
    }
    if let Some((path, _)) = files.iter().find(|(path, _)| places.contains(path.as_str())) {
        return Err(Fault::bad_job(format!("{:?} is a file, and a folder on the way to another", path.as_str())));
    }
    let mut asked = HashSet::new();
    let fetched = fetched.into_iter().filter(|path| asked.insert(path.clone())).collect();
    Ok(Arc::new(Extras { files, fetched }))
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    Exited(i32),
    Signaled(i32),
    /// By a limit of CPU time, or of time in which it did nothing.
    TimedOut,
    /// By the limit of what it may write.
    WroteTooMuch,
    /// By another limit, which this names.
    Stopped(String),
}

impl fmt::Display for End {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(status) => write!(formatter, "the program exited with status {status}"),
            Self::Signaled(signal) => write!(formatter, "signal {signal} ended the program"),
            Self::TimedOut => formatter.write_str("the program's time was over"),
            Self::WroteTooMuch => formatter.write_str("the program wrote more than it may"),
            Self::Stopped(why) => formatter.write_str(why),
        }
    }
}

/// What is asked for where a client says nothing of memory.
const USUAL_MEMORY_BYTES: u64 = 1 << 30;
const MOST_OUTPUT_BYTES: u64 = 16 << 20;

/// Limits of CPU time, and of as much time in which a program does nothing. Both are named as the client knows them.
pub(super) fn usual_limits(
    caps: &Caps,
    time: &str,
    seconds: f64,
    (memory, memory_bytes): (&str, Option<u64>),
) -> Result<Limits, Fault> {
    if !(seconds > 0.0 && seconds <= 1e9) {
        return Err(Fault::bad_job(format!("{time}: expected a positive number of seconds")));
    }
    let memory_bytes = memory_bytes.filter(|bytes| *bytes > 0).unwrap_or(USUAL_MEMORY_BYTES.min(caps.memory_bytes));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range has just been checked")]
    let cpu_ms = (seconds * 1e3).ceil() as u64;
    caps.check_as(time, memory, cpu_ms, memory_bytes)?;
    let (ns, output_bytes) = (cpu_ms * 1_000_000, MOST_OUTPUT_BYTES);
    Ok(Limits { cpu_ns: ns, load_cpu_ns: ns, idle_ns: ns, memory_bytes, output_bytes, ..Limits::default() })
}

impl Program {
    /// A script lies in its own folder.
    fn check_as_script(&self) -> Result<(), Fault> {
        let is_taken =
            |path: &str| path == SCRIPT || path.strip_prefix(SCRIPT).is_some_and(|rest| rest.starts_with('/'));
        if let Some((path, _)) = self.extras.files.iter().find(|(path, _)| is_taken(path.as_str())) {
            let message = format!("{:?}: {SCRIPT:?} is what the script itself is called here", path.as_str());
            return Err(Fault::bad_job(message));
        }
        if self.source.len() > MOST_SCRIPT_BYTES {
            return Err(Fault::above_a_cap(format!("a script has at most {} MiB", MOST_SCRIPT_BYTES >> 20)));
        }
        Ok(())
    }
}

impl Daemon {
    /// Runs a program as soon as there is a worker; waits where the queue is full.
    pub(super) async fn run_program(self: &Arc<Self>, program: Program) -> Result<(Ran, Times), Fault> {
        self.may_be_sent_work()?;
        if program.language != Language::Python {
            let (daemon, language) = (Arc::clone(self), program.language);
            let looked_at = spawn_blocking(move || language.require(&daemon)).await;
            looked_at.map_err(Fault::infra_error)??;
        }
        if *program.extras != Extras::default() && !self.host.has_native() {
            return Err(Fault::not_judged_here("only the native sandbox has folders for files, and it is not here"));
        }
        if let (Language::Cpp(_), Some((path, _))) = (program.language, program.extras.files.iter().find(is_source)) {
            let message = format!("{:?}: a program in C++ is one file here", path.as_str());
            return Err(Fault::not_judged_here(message));
        }
        if program.language == Language::Bash {
            program.check_as_script()?;
        }
        let (answer, mut answers) = mpsc::unbounded_channel();
        let (daemon, still, put) = (Arc::clone(self), answer.clone(), Instant::now());
        let run = move |worker: &mut Worker| {
            let begun = Instant::now();
            let ran = daemon.run_now(&program, worker);
            let times = Times { queue: begun - put, execution: begun.elapsed() };
            // Nobody may listen any more.
            let _ = answer.send((ran, times));
        };
        let errand = Errand { is_wanted: Box::new(move || !still.is_closed()), run: Box::new(run) };
        self.queue.put_when_it_fits(vec![errand]).await?;
        let failed = || Fault::infra_error("the worker that had this program failed");
        let (ran, times) = answers.recv().await.ok_or_else(failed)?;
        Ok((ran.map_err(Fault::infra_error)?, times))
    }

    fn run_now(&self, program: &Program, worker: &mut Worker) -> Result<Ran, RunError> {
        let room = &self.real.room;
        let (compiled, executable) = match program.language {
            Language::Python | Language::Bash => (None, Arc::clone(&program.source)),
            Language::Cpp(standard) => {
                let (limits, begun) = (&program.compile_limits, Instant::now());
                let compile = || worker.compile(&program.source, standard_of(standard), limits);
                let compilation = room.among_others(limits.memory_bytes, compile)?;
                let (cpu, peak_memory_bytes) =
                    (Duration::from_nanos(compilation.cpu_ns), compilation.peak_memory_bytes);
                let step = |end, said: String| Step {
                    end,
                    stdout: Vec::new(),
                    stderr: said.into_bytes(),
                    cpu,
                    wall: begun.elapsed(),
                    peak_memory_bytes,
                };
                match compilation.result {
                    Ok(executable) => (Some(step(End::Exited(0), String::new())), executable),
                    Err(CompileFailure { ending, said }) => {
                        let compiled = Some(step(End::of(&ending, limits), said));
                        return Ok(Ran { compiled, run: None, files: Vec::new() });
                    }
                }
            }
        };
        let (stdin, extras) = (Arc::clone(&program.stdin), Some(Arc::clone(&program.extras)));
        let task = match program.language {
            Language::Python => Task::Script { stdin, prelude: Prelude::None, extras },
            Language::Cpp(_) => Task::Execute { stdin, extras },
            Language::Bash => Task::Shell { stdin, extras },
        };
        let job = Job { program: executable, task, limits: program.limits.clone() };
        let has_files = *program.extras != Extras::default();
        worker.choose(program.language != Language::Python || has_files);
        let run = || worker.run(&job, Vec::<Reply>::new);
        let (mut outcome, replies) = room.among_others(job.limits.memory_bytes, run)?;
        let files = mem::take(&mut outcome.files);
        Ok(Ran { compiled, run: Some(Step::of(outcome, &replies, &job.limits)), files })
    }
}

impl Step {
    fn of(outcome: Outcome, replies: &[Reply], limits: &Limits) -> Self {
        let mut stderr = outcome.stderr;
        // An interpreter prints its last traceback; ours hands it over.
        let is_said = |reply: &&Reply| {
            matches!(reply.kind, ReplyKind::ScriptError | ReplyKind::CompileError | ReplyKind::LoadError)
        };
        for reply in replies.iter().filter(is_said) {
            stderr.extend_from_slice(&reply.payload);
            if !stderr.ends_with(b"\n") {
                stderr.push(b'\n');
            }
        }
        let end = End::of(&outcome.ending, limits);
        if let End::Stopped(_) | End::WroteTooMuch = &end {
            stderr.extend_from_slice(format!("trialbox: {end}\n").as_bytes());
        }
        Self {
            end,
            stdout: outcome.stdout,
            stderr,
            cpu: Duration::from_nanos(outcome.cpu_ns),
            wall: Duration::from_nanos(outcome.wall_ns),
            peak_memory_bytes: outcome.peak_memory_bytes,
        }
    }
}

impl End {
    fn of(ending: &Ending, limits: &Limits) -> Self {
        match ending {
            Ending::Exited { status } => Self::Exited(*status),
            Ending::Signaled { signal } => Self::Signaled(*signal),
            Ending::Limit(LimitHit::Cpu { .. } | LimitHit::CallCpu { .. } | LimitHit::Idle { .. }) => Self::TimedOut,
            Ending::Limit(LimitHit::Memory { .. }) => {
                Self::Stopped(format!("the program used more than {} MiB of memory", limits.memory_bytes >> 20))
            }
            Ending::Limit(LimitHit::Output { .. }) => Self::WroteTooMuch,
            Ending::Limit(LimitHit::Threads { most, .. }) => {
                Self::Stopped(format!("the program had more than {most} threads"))
            }
            Ending::Limit(LimitHit::Scratch { .. }) => {
                Self::Stopped("the program filled its folder beyond the limit".to_owned())
            }
            Ending::Trapped { cause } => Self::Stopped(format!("the program's machine could not go on: {cause:?}")),
            Ending::Stopped => Self::Stopped("the program ended early".to_owned()),
        }
    }
}
