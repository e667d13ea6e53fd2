//! Runs one program as it is, without a judgement: what code sandboxes offer.
//! Not here: their formats (one file each), jobs with a verdict (`judging`).

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::mpsc;
use trialbox_datasets::Language;
use trialbox_runner::{
    CompileFailure, Ending, Job, LimitHit, Limits, Outcome, Prelude, Reply, ReplyKind, RunError, Task, Worker,
};
use trialbox_verifier::standard_of;

use super::{Daemon, fault::Fault, frame::Times, queue::Errand};

/// A program, what it reads, and what it may use.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) language: Language,
    pub(super) source: Arc<[u8]>,
    pub(super) stdin: Arc<[u8]>,
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
}

/// A compiler's run, or the program's.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) end: End,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    pub(super) wall: Duration,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    Exited(i32),
    Signaled(i32),
    /// By a limit of CPU time, or of time in which it did nothing.
    TimedOut,
    /// By another limit, which this names.
    Stopped(String),
}

impl Daemon {
    /// Runs a program as soon as there is a worker; waits where the queue is full.
    pub(super) async fn run_program(self: &Arc<Self>, program: Program) -> Result<(Ran, Times), Fault> {
        self.may_be_sent_work()?;
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
            Language::Python => (None, Arc::clone(&program.source)),
            Language::Cpp(standard) => {
                let (limits, begun) = (&program.compile_limits, Instant::now());
                let compile = || worker.compile(&program.source, standard_of(standard), limits);
                let compilation = room.among_others(limits.memory_bytes, compile)?;
                let step = |end, said: String| Step {
                    end,
                    stdout: Vec::new(),
                    stderr: said.into_bytes(),
                    wall: begun.elapsed(),
                };
                match compilation.result {
                    Ok(executable) => (Some(step(End::Exited(0), String::new())), executable),
                    Err(CompileFailure { ending, said }) => {
                        return Ok(Ran { compiled: Some(step(End::of(&ending, limits), said)), run: None });
                    }
                }
            }
        };
        let (stdin, keeps_stderr) = (Arc::clone(&program.stdin), true);
        let task = match program.language {
            Language::Python => Task::Script { stdin, prelude: Prelude::None, keeps_stderr },
            Language::Cpp(_) => Task::Execute { stdin, keeps_stderr },
        };
        let job = Job { program: executable, task, limits: program.limits.clone() };
        worker.choose(!program.language.is_python());
        let run = || worker.run(&job, Vec::<Reply>::new);
        let (outcome, replies) = room.among_others(job.limits.memory_bytes, run)?;
        Ok(Ran { compiled, run: Some(Step::of(outcome, &replies, &job.limits)) })
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
        if let End::Stopped(why) = &end {
            stderr.extend_from_slice(format!("trialbox: {why}\n").as_bytes());
        }
        Self { end, stdout: outcome.stdout, stderr, wall: Duration::from_nanos(outcome.wall_ns) }
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
            Ending::Limit(LimitHit::Output { .. }) => {
                Self::Stopped(format!("the program wrote more than {} MiB", limits.output_bytes >> 20))
            }
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
