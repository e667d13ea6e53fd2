//! One program from start to end: place the job, fork, watch, reap, collect, clean.
//! Not here: the job's place in shared memory (`placing`), the counters (`watch`), reading the answers (`answers`).

use std::{
    io,
    ops::Range,
    sync::Arc,
    time::{Duration, Instant},
};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::{
    answers::Answers,
    child::{Child, Usage},
    jail::Jail,
    placing::{Placed, hand_over, place},
    watch::{Polled, Watch},
    zygote::Zygote,
};
use crate::{
    asleep::LeftAlone,
    conversation::{End, Pause, Side},
    job::{Calls, FilePath, Job, Task},
    observer::{Next, Observer, RunError, failed},
    outcome::{Ending, LimitHit, Outcome},
    speed::machine_speed,
    wire::ReplyHeader,
};

/// A program while it runs.
pub(crate) struct Run<'a> {
    jail: &'a Jail,
    zygote: &'a mut Zygote,
    job: &'a Job,
    child: Child,
    watch: Watch<'a>,
    answers: Answers<'a>,
    /// How often more it may wait for a word.
    gates: usize,
    /// Whether the kernel has still to be told whom to take where memory runs out.
    prefers_child: bool,
    source: Range<usize>,
    /// How far what was written for it reaches.
    written_to: usize,
    begun: Instant,
}

impl<'a> Run<'a> {
    /// Places a job and forks the program. `begun` is when the job was asked for.
    pub(crate) fn begin(
        jail: &'a Jail,
        zygote: &'a mut Zygote,
        placed: &mut Option<Placed>,
        job: &'a Job,
        begun: Instant,
        observer: &'a mut dyn Observer,
    ) -> Result<Self, RunError> {
        machine_speed().learn();
        let source = place(zygote, placed, jail, job).map_err(failed("place the job"))?;
        if let Some(group) = &mut zygote.group {
            group.limit_program(job.limits.memory_bytes).map_err(failed("limit memory"))?;
            if jail.may_fork() || matches!(job.task, Task::Answer) {
                // These are asked whether the kernel has taken one of them, however they end: it may have taken one of an
                // earlier program that was being stopped for something else.
                group.has_killed().map_err(failed("read a cgroup"))?;
            }
        }
        if let Some(quota) = &mut zygote.quota {
            quota.begin().map_err(failed("look at the scratch folder"))?;
        }
        let forked = match &job.task {
            Task::Execute { .. } => zygote.fork_program(&job.program),
            _ => zygote.fork(),
        };
        let child = forked.map_err(failed("fork"))?;
        let (most_answers, gates, first_call) = match &job.task {
            // One answer more than calls, for a program that does not load. A program may also ask for a word whenever
            // its area is half full, at most once a call.
            Task::Calls(Calls { gates, range, .. }) => (range.len().max(1), gates.len() + range.len(), range.start),
            Task::Script { .. } | Task::Execute { .. } | Task::Shell { .. } | Task::Tool(_) => (1, 0, 0),
            Task::Answer | Task::Ask => (1, usize::MAX, 0),
        };
        let watch = Watch::new(child.pid, &job.limits, first_call, Polled::of(jail, zygote));
        let answers = Answers::new(most_answers, observer);
        let (prefers_child, written_to) = (zygote.group.is_some(), source.end);
        Ok(Self { jail, zygote, job, child, watch, answers, gates, prefers_child, source, written_to, begun })
    }

    /// Holds the program to what it may use while it waits for its supervisor: its threads need not wait.
    pub(crate) fn check_beside(&mut self) -> Option<End> {
        let hit = self.watch.check_resources(self.zygote.quota.as_mut())?;
        Some(End::by_us(Ending::Limit(hit)))
    }

    /// Waits for something to happen, or for the next look: whether the program has ended, and whether it asks for a word.
    fn wait(&self) -> Result<(bool, bool), RunError> {
        let mut events = [
            PollFd::new(self.child.ended(), PollFlags::POLLIN),
            PollFd::new(self.zygote.gate.asked(), PollFlags::POLLIN),
        ];
        let watched = if self.gates > 0 { 2 } else { 1 };
        let timeout = PollTimeout::try_from(self.watch.interval()).unwrap_or(PollTimeout::ZERO);
        loop {
            match poll(&mut events[..watched], timeout) {
                Err(nix::errno::Errno::EINTR) => {}
                other => {
                    other.map_err(failed("poll"))?;
                    let is_ready = |event: &PollFd<'_>| event.any().unwrap_or(false);
                    return Ok((is_ready(&events[0]), watched == 2 && is_ready(&events[1])));
                }
            }
        }
    }

    /// Lets a program that waits go on.
    pub(crate) fn go_on(&mut self) -> Result<(), RunError> {
        self.zygote.gate.open().map_err(failed("gate"))
    }

    /// The files that were asked for, as far as they are there, up to what a program may write.
    fn files(&self) -> Vec<(FilePath, Vec<u8>)> {
        let mut left_bytes = self.job.limits.output_bytes;
        let mut files = Vec::new();
        for path in self.job.task.extras().map_or(&[][..], |extras| &extras.fetched) {
            if let Some(content) = self.zygote.scratch.take_at(path, left_bytes) {
                left_bytes -= content.len() as u64;
                files.push((path.clone(), content));
            }
        }
        files
    }

    /// Whether the kernel has taken a process for the memory that all of them use.
    fn has_lost_a_process(&mut self) -> Result<bool, RunError> {
        let group = self.zygote.group.as_mut();
        group.map_or(Ok(false), |group| group.has_killed().map_err(failed("read a cgroup")))
    }

    /// Finds the limit behind an ending that the kernel brought about by itself.
    fn explain(&mut self, ending: Ending, usage: &Usage) -> Result<Ending, RunError> {
        let limits = &self.job.limits;
        // A program that waits while tests think may be killed and nobody there to see it.
        let may_be_killed = match ending {
            Ending::Signaled { signal } => signal == libc::SIGKILL,
            Ending::Stopped => matches!(self.job.task, Task::Answer),
            // Whom the kernel took was not the first of its processes, perhaps.
            Ending::Exited { .. } if self.jail.may_fork() => true,
            Ending::Exited { .. } | Ending::Trapped { .. } | Ending::Limit(_) => false,
        };
        if may_be_killed && self.has_lost_a_process()? {
            return Ok(Ending::Limit(LimitHit::Memory { used_bytes: limits.memory_bytes }));
        }
        if self.job.task.has_streams() {
            let written_bytes = self.zygote.stdout.length().map_err(failed("read stdout"))?;
            if written_bytes >= limits.output_bytes {
                return Ok(Ending::Limit(LimitHit::Output { written_bytes }));
            }
        }
        if self.zygote.group.is_none() && usage.peak_memory_bytes > limits.memory_bytes {
            // Whether a look came in time must not matter.
            return Ok(Ending::Limit(LimitHit::Memory { used_bytes: usage.peak_memory_bytes }));
        }
        match ending {
            Ending::Signaled { signal: libc::SIGXCPU | libc::SIGKILL } if usage.cpu_ns > limits.cpu_ns => {
                Ok(Ending::Limit(LimitHit::Cpu { used_ns: usage.cpu_ns }))
            }
            other => Ok(other),
        }
    }

    /// The next program must not find this one's source (a right one, perhaps) behind its own, nor anything else of it.
    fn clean(&mut self) -> io::Result<()> {
        self.zygote.job.wipe(self.source.start, self.written_to - self.source.start);
        let named_its_input =
            !self.jail.may_fork() && self.job.task.stdin().is_some() && self.zygote.names_its_input(&self.job.program);
        if let (Some(folder), true) = (&self.zygote.input, named_its_input) {
            folder.place(None)?;
        }
        if self.job.task.has_streams() {
            // What lies there counts as memory of whatever runs next.
            self.zygote.stdin.renew().and_then(|()| self.zygote.stdout.renew())?;
        }
        if self.job.task.keeps_stderr() {
            self.zygote.stderr.renew()?;
        }
        if let Some(folder) = &self.zygote.input {
            folder.renew()?;
        }
        self.zygote.reply.clear()?;
        self.zygote.scratch.empty()
    }
}

impl Side for Run<'_> {
    fn until_it_waits(&mut self, mut beside: Option<&mut Self>) -> Result<Pause, RunError> {
        let ended_by_us = |ending| Ok(Pause::Over(End::by_us(ending)));
        let _alone = LeftAlone::new(self.child.pid);
        loop {
            let (has_ended, asks) = self.wait()?;
            if has_ended {
                let used_ns = self.watch.cpu_ns();
                let idle_ns = self.watch.idle_ns(used_ns);
                return Ok(Pause::Over(End { by_us: None, idle_ns }));
            }
            if asks {
                // A program that signals without being at a gate only spends its gates.
                self.gates -= 1;
                self.zygote.gate.take().map_err(failed("gate"))?;
                let next = self.answers.take(self.zygote).map_err(failed("empty the reply area"))?;
                if next == Next::Stop {
                    return ended_by_us(Ending::Stopped);
                }
                // One that waits again and again would never be looked at otherwise.
                return self.watch.overrun().map_or(Ok(Pause::Waits), |limit| ended_by_us(Ending::Limit(limit)));
            }
            if self.prefers_child {
                // Where the group runs out of memory, the kernel shall take the program and not its warm parent.
                let _ = std::fs::write(format!("/proc/{}/oom_score_adj", self.child.pid), "1000");
                self.prefers_child = false;
            }
            // A program that has failed already may loop in its next call: it need not reach a gate to be stopped.
            if self.answers.look(self.zygote) == Next::Stop {
                return ended_by_us(Ending::Stopped);
            }
            if self.jail.may_fork() && self.has_lost_a_process()? {
                let used_bytes = self.job.limits.memory_bytes;
                return ended_by_us(Ending::Limit(LimitHit::Memory { used_bytes }));
            }
            let header = ReplyHeader::of(&self.zygote.reply);
            if let Some(limit) = self.watch.check(&header, self.zygote.quota.as_mut()) {
                return ended_by_us(Ending::Limit(limit));
            }
            if let Some(end) = beside.as_mut().and_then(|other| other.check_beside()) {
                return Ok(Pause::OtherOver(end));
            }
        }
    }

    fn go_on_with(&mut self, said: &[u8], waited: Duration) -> Result<(), RunError> {
        let end = hand_over(self.zygote, &self.source, said).map_err(failed("hand over what was said"))?;
        self.written_to = self.written_to.max(end);
        self.watch.rested(waited);
        self.answers.expect_one();
        self.go_on()
    }

    /// Reaps the program, takes what it left, and makes the place ready for the next.
    fn finish(mut self, end: End) -> Result<Outcome, RunError> {
        let usage = self.child.reap(end.by_us.is_some()).map_err(failed("reap"))?;
        let ending = self.explain(end.by_us.unwrap_or(usage.ending), &usage)?;
        self.answers.take(self.zygote).map_err(failed("empty the reply area"))?;
        let stdout = if self.job.task.has_streams() {
            self.zygote.stdout.read(self.job.limits.output_bytes).map_err(failed("read stdout"))?
        } else {
            // A word that was never read would open the next program's first gate.
            self.zygote.gate.drain().map_err(failed("gate"))?;
            Vec::new()
        };
        let stderr = if self.job.task.keeps_stderr() {
            self.zygote.stderr.read(self.job.limits.output_bytes).map_err(failed("read stderr"))?
        } else {
            Vec::new()
        };
        let files = self.files();
        let made = match &self.job.task {
            Task::Tool(tool) => self.zygote.scratch.take(tool.output, self.job.limits.output_bytes),
            _ => None,
        };
        let outcome = Outcome {
            ending,
            progress: ReplyHeader::of(&self.zygote.reply).progress(),
            stdout,
            stderr,
            files,
            made,
            cpu_ns: usage.cpu_ns.max(self.watch.seen_cpu_ns()),
            fuel: None,
            idle_ns: end.idle_ns,
            wall_ns: u64::try_from(self.begun.elapsed().as_nanos()).unwrap_or(u64::MAX),
            peak_memory_bytes: usage.peak_memory_bytes.max(self.watch.peak_memory_bytes()),
            slowness: self.watch.slowness(),
            enforcement: Arc::clone(self.jail.enforcement()),
        };
        self.clean().map_err(failed("clean up after a program"))?;
        Ok(outcome)
    }
}
