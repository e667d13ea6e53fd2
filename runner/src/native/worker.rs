//! One program from start to end: place the job, fork, watch, reap, collect, clean.
//! Not here: the warm parent's life (`zygote`), the counters (`watch`).

use std::{
    io,
    ops::Range,
    os::fd::{AsFd, OwnedFd},
    process,
    sync::Arc,
    time::Instant,
};

use nix::{
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sched::{CpuSet, sched_getaffinity, sched_setaffinity},
    sys::signal::Signal,
    unistd::Pid,
};

use super::{
    host::Host,
    watch::Watch,
    wire::{self, ChildLimits, HEADER_BYTES, Layout, ReplyHeader},
    zygote::{Zygote, ZygoteError},
};
use crate::{
    job::{Calls, Inputs, Job, Limits, Task},
    outcome::{Ending, LimitHit, Outcome, Reply},
};

/// One worker: a warm parent, and one running program at a time.
#[derive(Debug)]
pub struct Worker {
    host: Arc<Host>,
    zygote: Option<Zygote>,
    /// The inputs that lie in the job area, so that they are placed once for all candidates of a problem.
    placed: Option<(Arc<Inputs>, Layout)>,
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
        let written = place(zygote, &mut self.placed, &self.host, job)?;
        limit_memory(zygote, &job.limits)?;
        let pid = zygote.fork().map_err(failed("fork"))?;
        let mut child = Child { pid, reaped: false };
        let mut answers = Answers { left: answer_count(job), taken_bytes: 0, observer };
        let ending = supervise(zygote, &child, job, &mut answers)?;
        let usage = child.reap(ending.is_some())?;
        let ending = ending.unwrap_or(usage.ending);
        let ending = explain(ending, zygote, job, &usage)?;
        answers.take(zygote)?;
        let outcome = collect(zygote, job, ending, &usage, begun, &self.host)?;
        // The next program must not find this one's source (a right one, perhaps) behind its own.
        zygote.job.wipe(written.start, written.len());
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

/// Writes the job into the shared area; the inputs only where they are not there already. Says where the program lies.
fn place(
    zygote: &mut Zygote,
    placed: &mut Option<(Arc<Inputs>, Layout)>,
    host: &Host,
    job: &Job,
) -> Result<Range<usize>, RunError> {
    let area = failed("place the job");
    let mut layout = Layout::default();
    let mut at = HEADER_BYTES;
    if let Task::Calls(calls) = &job.task {
        let known = placed.as_ref().filter(|(inputs, _)| Arc::ptr_eq(inputs, &calls.inputs)).map(|(_, layout)| *layout);
        layout = match known {
            Some(layout) => layout,
            None => {
                forget_inputs(zygote, placed);
                let layout = place_inputs(zygote, &calls.inputs).map_err(&area)?;
                *placed = Some((Arc::clone(&calls.inputs), layout));
                layout
            }
        };
        at = layout.index + calls.inputs.len() * 16;
        layout.index += calls.range.start * 16;
        layout.entry = at;
        zygote.job.write(at, &[calls.entry_point.as_bytes(), b"\0"].concat()).map_err(&area)?;
        at = (at + calls.entry_point.len() + 1).next_multiple_of(8);
    } else {
        forget_inputs(zygote, placed);
    }
    layout.source = (at, job.program.len());
    zygote.job.write(at, &job.program).map_err(&area)?;
    if let Task::Script { stdin, .. } = &job.task {
        zygote.stdin.fill(stdin).and_then(|()| zygote.stdout.fill(b"")).map_err(&area)?;
    }
    zygote.job.write(0, &wire::job_header(job, &layout, &child_limits(host, &job.limits))).map_err(&area)?;
    Ok(at..at + job.program.len())
}

/// Takes the inputs of another problem out of the area.
fn forget_inputs(zygote: &mut Zygote, placed: &mut Option<(Arc<Inputs>, Layout)>) {
    if let Some((inputs, layout)) = placed.take() {
        zygote.job.wipe(HEADER_BYTES, layout.index + inputs.len() * 16 - HEADER_BYTES);
    }
}

/// Places the inputs behind the header, and their index behind them.
fn place_inputs(zygote: &mut Zygote, inputs: &Inputs) -> io::Result<Layout> {
    zygote.job.write(HEADER_BYTES, &inputs.bytes)?;
    let index_at = (HEADER_BYTES + inputs.bytes.len()).next_multiple_of(8);
    let mut index = Vec::with_capacity(inputs.len() * 16);
    for span in &inputs.spans {
        index.extend(((HEADER_BYTES + span.start) as u64).to_le_bytes());
        index.extend((span.len() as u64).to_le_bytes());
    }
    zygote.job.write(index_at, &index)?;
    Ok(Layout { index: index_at, ..Layout::default() })
}

/// The limits that the kernel holds for us. RLIMIT_CPU counts too much under load, and RLIMIT_AS counts address space
/// that nobody touches: both are loose backstops of what is watched from outside.
fn child_limits(host: &Host, limits: &Limits) -> ChildLimits {
    ChildLimits {
        cpu_seconds: limits.cpu_ns / 1_000_000_000 * 2 + 10,
        open_files: host.profile.limits.open_files,
        stack_bytes: host.profile.limits.stack_bytes,
        // Counted per user within the worker's user namespace: the warm parent, the program's first thread, the others.
        processes: if host.is_isolated() { host.profile.limits.threads + 2 } else { u64::MAX },
        address_space_bytes: limits.memory_bytes.saturating_mul(4).saturating_add(16 << 30),
    }
}

/// Sets the limit of the worker's group, where it has one.
fn limit_memory(zygote: &mut Zygote, limits: &Limits) -> Result<(), RunError> {
    let Some(group) = &mut zygote.group else { return Ok(()) };
    group.limit_program(limits.memory_bytes).map_err(failed("limit memory"))
}

/// A forked program. It is killed and reaped whatever happens to its supervisor.
struct Child {
    pid: Pid,
    reaped: bool,
}

/// What the kernel counted.
struct Usage {
    ending: Ending,
    cpu_ns: u64,
    peak_memory_bytes: u64,
}

impl Child {
    fn kill(&self) {
        // Not yet reaped, so the number is still this process's. It is the init of its pid namespace: all of it dies.
        let _ = nix::sys::signal::kill(self.pid, Signal::SIGKILL);
    }

    fn reap(&mut self, kill: bool) -> Result<Usage, RunError> {
        if kill {
            self.kill();
        }
        let mut status = 0;
        // SAFETY: an all-zero rusage is a valid value of that plain C struct.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        loop {
            // SAFETY: both pointers are to valid, writable values of the right types.
            let pid = unsafe { libc::wait4(self.pid.as_raw(), &raw mut status, 0, &raw mut usage) };
            if pid == self.pid.as_raw() {
                break;
            }
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(failed("reap")(error));
            }
        }
        self.reaped = true;
        let ns = |time: libc::timeval| time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_usec.unsigned_abs() * 1_000;
        let ending = if libc::WIFSIGNALED(status) {
            Ending::Signaled { signal: libc::WTERMSIG(status) }
        } else {
            Ending::Exited { status: libc::WEXITSTATUS(status) }
        };
        let peak_memory_bytes = usage.ru_maxrss.unsigned_abs() * 1024;
        Ok(Usage { ending, cpu_ns: ns(usage.ru_utime) + ns(usage.ru_stime), peak_memory_bytes })
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if !self.reaped {
            let _ = self.reap(true);
        }
    }
}

fn pidfd(pid: Pid) -> io::Result<OwnedFd> {
    use std::os::fd::FromRawFd;
    // SAFETY: a system call with integer arguments; the result is a descriptor that nobody else owns.
    unsafe {
        let descriptor = libc::syscall(libc::SYS_pidfd_open, pid.as_raw(), 0);
        if descriptor < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(OwnedFd::from_raw_fd(i32::try_from(descriptor).map_err(io::Error::other)?))
    }
}

/// Waits for the child's end, answers its gates, and holds it to its limits. `None` where it ended by itself.
fn supervise(
    zygote: &mut Zygote,
    child: &Child,
    job: &Job,
    answers: &mut Answers<'_>,
) -> Result<Option<Ending>, RunError> {
    let (mut gates, first_call) = match &job.task {
        // A program may also ask for a word whenever its area is half full, at most once a call.
        Task::Calls(Calls { gates, range, .. }) => (gates.len() + range.len(), range.start),
        Task::Script { .. } => (0, 0),
    };
    let watch = Watch::new(child.pid, &job.limits, first_call, zygote.group.is_none());
    let pidfd = pidfd(child.pid).map_err(failed("watch the program"))?;
    let mut prefers_child = zygote.group.is_some();
    loop {
        let mut events =
            [PollFd::new(pidfd.as_fd(), PollFlags::POLLIN), PollFd::new(zygote.gate_up.as_fd(), PollFlags::POLLIN)];
        let watched = if gates > 0 { 2 } else { 1 };
        let timeout = PollTimeout::try_from(watch.interval()).unwrap_or(PollTimeout::ZERO);
        match poll(&mut events[..watched], timeout) {
            Err(nix::errno::Errno::EINTR) => continue,
            other => other.map_err(failed("poll"))?,
        };
        let is_ready = |event: &PollFd<'_>| event.any().unwrap_or(false);
        if is_ready(&events[0]) {
            return Ok(None);
        }
        if watched == 2 && is_ready(&events[1]) {
            // A program that signals without being at a gate only spends its gates.
            gates -= 1;
            zygote.gate_up.read().map_err(failed("gate"))?;
            if answers.take(zygote)? == Next::Stop {
                return Ok(Some(Ending::Stopped));
            }
            zygote.gate_down.write(1).map_err(failed("gate"))?;
            continue;
        }
        if prefers_child {
            // Where the group runs out of memory, the kernel shall take the program and not its warm parent.
            let _ = std::fs::write(format!("/proc/{}/oom_score_adj", child.pid), "1000");
            prefers_child = false;
        }
        // A program that has failed already may loop in its next call: it need not reach a gate to be stopped.
        if answers.look(zygote) == Next::Stop {
            return Ok(Some(Ending::Stopped));
        }
        if let Some(limit) = watch.check(&ReplyHeader::read(&zygote.reply.head())) {
            return Ok(Some(Ending::Limit(limit)));
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

/// The answers on their way to the observer.
struct Answers<'a> {
    left: usize,
    /// How much of the reply area has been looked at.
    taken_bytes: usize,
    observer: &'a mut dyn Observer,
}

impl Answers<'_> {
    /// Copies what the program has answered since the last look, and only then looks at it.
    fn look(&mut self, zygote: &Zygote) -> Next {
        let used = usize::try_from(ReplyHeader::read(&zygote.reply.head()).used).unwrap_or(usize::MAX);
        let new = zygote.reply.copy(HEADER_BYTES + self.taken_bytes, used.saturating_sub(self.taken_bytes));
        let (replies, bytes) = wire::replies(&new, self.left);
        self.taken_bytes += bytes;
        self.left -= replies.len();
        self.observer.take(replies)
    }

    /// Looks at what is new, then empties the area: only while the program waits at a gate, or has ended.
    fn take(&mut self, zygote: &mut Zygote) -> Result<Next, RunError> {
        let next = self.look(zygote);
        zygote.reply.write(ReplyHeader::USED_AT, &[0; 8]).map_err(failed("empty the reply area"))?;
        self.taken_bytes = 0;
        Ok(next)
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
    match ending {
        Ending::Signaled { signal: libc::SIGXCPU | libc::SIGKILL } if usage.cpu_ns > job.limits.cpu_ns => {
            Ok(Ending::Limit(LimitHit::Cpu { used_ns: usage.cpu_ns }))
        }
        other => Ok(other),
    }
}

fn collect(
    zygote: &Zygote,
    job: &Job,
    ending: Ending,
    usage: &Usage,
    begun: Instant,
    host: &Host,
) -> Result<Outcome, RunError> {
    let stdout = match &job.task {
        Task::Calls(_) => {
            // A gate that was never read would open the next program's first gate.
            drain_gates(zygote)?;
            Vec::new()
        }
        Task::Script { .. } => zygote.stdout.read(job.limits.output_bytes).map_err(failed("read stdout"))?,
    };
    Ok(Outcome {
        ending,
        progress: ReplyHeader::read(&zygote.reply.head()).progress(),
        stdout,
        cpu_ns: usage.cpu_ns,
        wall_ns: u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX),
        peak_memory_bytes: usage.peak_memory_bytes,
        enforcement: Arc::clone(host.enforcement()),
    })
}

fn drain_gates(zygote: &Zygote) -> Result<(), RunError> {
    for gate in [&zygote.gate_up, &zygote.gate_down] {
        // Adding one first makes the read return at once, whatever was there.
        gate.write(1).and_then(|_| gate.read()).map_err(failed("gate"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
