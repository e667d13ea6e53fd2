//! One program from start to end: place the job, fork, watch, reap, collect, clean.
//! Not here: the warm parent's life (`zygote`), the job's place in shared memory (`placing`), the counters (`watch`),
//! reading the answers (`answers`).

use std::{io, process, sync::Arc, time::Instant};

use nix::{
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sched::{CpuSet, sched_getaffinity, sched_setaffinity},
    unistd::Pid,
};

use super::{
    answers::Answers,
    child::{Child, Usage},
    host::Host,
    placing::{Placed, names_its_input, place},
    watch::{Polled, Watch},
    wire::ReplyHeader,
    zygote::{Zygote, ZygoteError},
};
use crate::{
    job::{Calls, Job, Limits, Task},
    outcome::{Ending, LimitHit, Outcome, Reply},
};

/// One worker: a warm parent, and one running program at a time.
#[derive(Debug)]
pub struct Worker {
    host: Arc<Host>,
    zygote: Option<Zygote>,
    /// The inputs that lie in the job area, so that they are placed once for all candidates of a problem.
    placed: Option<Placed>,
}

/// What to do with a program after a look at its answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Let it run on.
    Continue,
    /// End it: what it has answered settles the matter.
    Stop,
}

/// Looks at a program's answers as they come.
pub trait Observer {
    /// Takes the answers since the last call, perhaps none. The word counts while the program runs.
    fn take(&mut self, replies: Vec<Reply>) -> Next;
}

/// Keeps every answer.
impl Observer for Vec<Reply> {
    fn take(&mut self, replies: Vec<Reply>) -> Next {
        self.extend(replies);
        Next::Continue
    }
}

/// The host failed; it says nothing about the program.
#[derive(Debug, thiserror::Error)]
#[error("failed to run a program: {what}: {source}")]
pub struct RunError {
    what: &'static str,
    source: io::Error,
}

fn failed<E: Into<io::Error>>(what: &'static str) -> impl Fn(E) -> RunError {
    move |source| RunError { what, source: source.into() }
}

impl Worker {
    /// A worker on this host. Its warm parent starts with the first job.
    pub fn new(host: Arc<Host>) -> Self {
        Self { host, zygote: None, placed: None }
    }

    /// A worker that keeps the calling thread, and with it all its programs, on one core: a tenth of a millisecond of
    /// CPU less per program. Workers with other numbers take other cores while there are any.
    pub fn pinned(host: Arc<Host>, number: usize) -> Self {
        // Two runs on one machine should not begin with the same core.
        let number = number.wrapping_add(process::id() as usize);
        if let Err(error) = pin(number) {
            tracing::debug!(%error, "a worker stays unpinned");
        }
        Self::new(host)
    }

    /// Runs one program. `observer` is handed its answers in batches, each answer once: at the gates and every few
    /// milliseconds, when it may stop the program, and at the end.
    ///
    /// A warm parent that fails is replaced and the job run once more; only then it is an error.
    pub fn run<O: Observer>(
        &mut self,
        job: &Job,
        mut new_observer: impl FnMut() -> O,
    ) -> Result<(Outcome, O), RunError> {
        let mut observer = new_observer();
        match self.attempt(job, &mut observer) {
            Ok(outcome) => Ok((outcome, observer)),
            Err(error) => {
                tracing::warn!(%error, "replacing a warm interpreter");
                self.zygote = None;
                let mut observer = new_observer();
                let outcome = self.attempt(job, &mut observer).inspect_err(|_| self.zygote = None)?;
                Ok((outcome, observer))
            }
        }
    }

    fn attempt(&mut self, job: &Job, observer: &mut dyn Observer) -> Result<Outcome, RunError> {
        let begun = Instant::now();
        if self.zygote.is_none() {
            self.placed = None;
            self.zygote = Some(Zygote::start(&self.host, Limits::default().reply_bytes).map_err(not_started)?);
        }
        let zygote = self.zygote.as_mut().expect("started above");
        let written = place(zygote, &mut self.placed, &self.host, job).map_err(failed("place the job"))?;
        limit_memory(zygote, &job.limits)?;
        if let Some(quota) = &mut zygote.quota {
            quota.begin().map_err(failed("look at the scratch folder"))?;
        }
        let mut child = zygote.fork().map_err(failed("fork"))?;
        let mut answers = Answers::new(answer_count(job), observer);
        let (ending, idle_ns) = supervise(&self.host, zygote, &child, job, &mut answers)?;
        let usage = child.reap(ending.is_some()).map_err(failed("reap"))?;
        let ending = ending.unwrap_or(usage.ending);
        let ending = explain(ending, zygote, job, &usage)?;
        answers.take(zygote).map_err(failed("empty the reply area"))?;
        let outcome = collect(zygote, job, Ended { ending, usage, idle_ns, begun }, &self.host)?;
        // The next program must not find this one's source (a right one, perhaps) behind its own.
        zygote.job.wipe(written.start, written.len());
        if let (Some(folder), true) = (&zygote.input, names_its_input(&job.program)) {
            folder.place(None).map_err(failed("empty the input folder"))?;
        }
        zygote.reply.clear().map_err(failed("clear the reply area"))?;
        zygote.scratch.empty().map_err(failed("empty the scratch folder"))?;
        Ok(outcome)
    }
}

/// Keeps the calling thread on one of the cores it may use.
fn pin(number: usize) -> nix::Result<()> {
    let thread = Pid::from_raw(0);
    let allowed = sched_getaffinity(thread)?;
    let cores: Vec<usize> = (0..CpuSet::count()).filter(|core| allowed.is_set(*core).unwrap_or(false)).collect();
    let mut one = CpuSet::new();
    one.set(cores[number % cores.len().max(1)])?;
    sched_setaffinity(thread, &one)
}

fn not_started(error: ZygoteError) -> RunError {
    RunError { what: "start a warm interpreter", source: io::Error::other(error.to_string()) }
}

/// Sets the limit of the worker's group, where it has one.
fn limit_memory(zygote: &mut Zygote, limits: &Limits) -> Result<(), RunError> {
    let Some(group) = &mut zygote.group else { return Ok(()) };
    group.limit_program(limits.memory_bytes).map_err(failed("limit memory"))
}

/// Waits for the child's end, answers its gates, and holds it to its limits. `None` where it ended by itself; then how
/// long it was idle.
fn supervise(
    host: &Host,
    zygote: &mut Zygote,
    child: &Child,
    job: &Job,
    answers: &mut Answers<'_>,
) -> Result<(Option<Ending>, u64), RunError> {
    let (mut gates, first_call) = match &job.task {
        // A program may also ask for a word whenever its area is half full, at most once a call.
        Task::Calls(Calls { gates, range, .. }) => (gates.len() + range.len(), range.start),
        Task::Script { .. } => (0, 0),
    };
    let mut watch = Watch::new(child.pid, &job.limits, first_call, Polled::of(host, zygote));
    let mut prefers_child = zygote.group.is_some();
    loop {
        let mut events =
            [PollFd::new(child.ended(), PollFlags::POLLIN), PollFd::new(zygote.gate.asked(), PollFlags::POLLIN)];
        let watched = if gates > 0 { 2 } else { 1 };
        let timeout = PollTimeout::try_from(watch.interval()).unwrap_or(PollTimeout::ZERO);
        match poll(&mut events[..watched], timeout) {
            Err(nix::errno::Errno::EINTR) => continue,
            other => other.map_err(failed("poll"))?,
        };
        let is_ready = |event: &PollFd<'_>| event.any().unwrap_or(false);
        let (has_ended, asks) = (is_ready(&events[0]), watched == 2 && is_ready(&events[1]));
        if has_ended {
            return Ok((None, watch.idle_ns(watch.cpu_ns())));
        }
        if asks {
            // A program that signals without being at a gate only spends its gates.
            gates -= 1;
            zygote.gate.take().map_err(failed("gate"))?;
            if answers.take(zygote).map_err(failed("empty the reply area"))? == Next::Stop {
                return Ok((Some(Ending::Stopped), 0));
            }
            zygote.gate.open().map_err(failed("gate"))?;
            continue;
        }
        if prefers_child {
            // Where the group runs out of memory, the kernel shall take the program and not its warm parent.
            let _ = std::fs::write(format!("/proc/{}/oom_score_adj", child.pid), "1000");
            prefers_child = false;
        }
        // A program that has failed already may loop in its next call: it need not reach a gate to be stopped.
        if answers.look(zygote) == Next::Stop {
            return Ok((Some(Ending::Stopped), 0));
        }
        if let Some(limit) = watch.check(&ReplyHeader::of(&zygote.reply), zygote.quota.as_mut()) {
            return Ok((Some(Ending::Limit(limit)), 0));
        }
    }
}

/// How many answers a job can have at most: one more than its calls, for a program that does not load.
fn answer_count(job: &Job) -> usize {
    match &job.task {
        Task::Calls(calls) => calls.range.len().max(1),
        Task::Script { .. } => 1,
    }
}

/// Finds the limit behind an ending that the kernel brought about by itself.
fn explain(ending: Ending, zygote: &mut Zygote, job: &Job, usage: &Usage) -> Result<Ending, RunError> {
    if let Some(group) = &mut zygote.group
        && matches!(ending, Ending::Signaled { signal: libc::SIGKILL })
        && group.has_killed().map_err(failed("read a cgroup"))?
    {
        return Ok(Ending::Limit(LimitHit::Memory { used_bytes: job.limits.memory_bytes }));
    }
    if matches!(job.task, Task::Script { .. }) {
        let written_bytes = zygote.stdout.length().map_err(failed("read stdout"))?;
        if written_bytes >= job.limits.output_bytes {
            return Ok(Ending::Limit(LimitHit::Output { written_bytes }));
        }
    }
    if zygote.group.is_none() && usage.peak_memory_bytes > job.limits.memory_bytes {
        // Whether a look came in time must not matter.
        return Ok(Ending::Limit(LimitHit::Memory { used_bytes: usage.peak_memory_bytes }));
    }
    match ending {
        Ending::Signaled { signal: libc::SIGXCPU | libc::SIGKILL } if usage.cpu_ns > job.limits.cpu_ns => {
            Ok(Ending::Limit(LimitHit::Cpu { used_ns: usage.cpu_ns }))
        }
        other => Ok(other),
    }
}

/// What is known of a run when it is over.
struct Ended {
    ending: Ending,
    usage: Usage,
    idle_ns: u64,
    begun: Instant,
}

fn collect(zygote: &mut Zygote, job: &Job, ended: Ended, host: &Host) -> Result<Outcome, RunError> {
    let stdout = match &job.task {
        Task::Calls(_) => {
            // A word that was never read would open the next program's first gate.
            zygote.gate.drain().map_err(failed("gate"))?;
            Vec::new()
        }
        Task::Script { .. } => zygote.stdout.read(job.limits.output_bytes).map_err(failed("read stdout"))?,
    };
    Ok(Outcome {
        ending: ended.ending,
        progress: ReplyHeader::of(&zygote.reply).progress(),
        stdout,
        cpu_ns: ended.usage.cpu_ns,
        idle_ns: ended.idle_ns,
        wall_ns: u64::try_from(ended.begun.elapsed().as_nanos()).unwrap_or(u64::MAX),
        peak_memory_bytes: ended.usage.peak_memory_bytes,
        enforcement: Arc::clone(host.enforcement()),
    })
}

#[cfg(test)]
mod tests;
