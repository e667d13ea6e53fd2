//! A worker: a warm parent and its programs, one after the other; or two of each that talk.
//! Not here: one program from start to end (`run`), the warm parent's life (`zygote`).

use std::{io, process, sync::Arc, time::Instant};

use nix::{
    sched::{CpuSet, sched_getaffinity, sched_setaffinity},
    unistd::Pid,
};

use super::{
    host::Host,
    jail::Jail,
    placing::Placed,
    run::Run,
    zygote::{Zygote, ZygoteError},
};
use crate::{
    conversation::{Conversation, Loading, Pause, Relay, Said, Side, load, talk},
    job::{Job, Limits, Task},
    observer::{Observer, RunError, failed},
    outcome::{Outcome, Reply},
    replaced::replace,
};

/// One worker: a warm parent, and one running program at a time.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) host: Arc<Host>,
    pub(crate) zygote: Option<Zygote>,
    /// The inputs that lie in the job area, so that they are placed once for all candidates of a problem.
    pub(crate) placed: Option<Placed>,
    /// The warm parent of tests that ask. No candidate runs there.
    pub(crate) asking: Option<Zygote>,
    /// The warm parent of compilers' tools.
    compiling: Option<Zygote>,
    /// The warm parent of compiled programs.
    pub(crate) executing: Option<Zygote>,
    /// The warm parent of bash scripts.
    pub(crate) shell: Option<Zygote>,
}

impl Worker {
    /// A worker on this host. Its warm parent starts with the first job.
    pub(crate) fn new(host: Arc<Host>) -> Self {
        Self { host, zygote: None, placed: None, asking: None, compiling: None, executing: None, shell: None }
    }

    /// Runs one program (`crate::Worker::run`).
    ///
    /// A warm parent that fails is replaced and the job run once more; only then it is an error.
    pub(crate) fn run<O: Observer>(
        &mut self,
        job: &Job,
        mut new_observer: impl FnMut() -> O,
    ) -> Result<(Outcome, O), RunError> {
        let mut observer = new_observer();
        match self.attempt(job, &mut observer) {
            Ok(outcome) => Ok((outcome, observer)),
            Err(error) => {
                replace("a warm interpreter", &error);
                self.give_up(&job.task);
                let mut observer = new_observer();
                let outcome = self.attempt(job, &mut observer).inspect_err(|_| self.give_up(&job.task))?;
                Ok((outcome, observer))
            }
        }
    }

    /// Lets tests ask a program (`crate::Worker::converse`).
    pub(crate) fn converse<R: Relay>(
        &mut self,
        asking: &Job,
        answering: &Job,
        mut new_relay: impl FnMut() -> R,
    ) -> Result<Conversation, RunError> {
        self.attempt_to_converse(asking, answering, &mut new_relay()).or_else(|error| {
            replace("one of two warm interpreters", &error);
            (self.zygote, self.asking) = (None, None);
            let again = self.attempt_to_converse(asking, answering, &mut new_relay());
            again.inspect_err(|_| (self.zygote, self.asking) = (None, None))
        })
    }

    fn attempt_to_converse(
        &mut self,
        asking: &Job,
        answering: &Job,
        relay: &mut dyn Relay,
    ) -> Result<Conversation, RunError> {
        let begun = Instant::now();
        self.warm_up()?;
        if self.asking.is_none() {
            self.asking = Some(start(&self.host.python)?);
        }
        let (zygote, tests) =
            (self.zygote.as_mut().expect("started above"), self.asking.as_mut().expect("started above"));
        let (asked, answered) = (Said::default(), Said::default());
        let (mut hears_tests, mut hears_program) = (&asked, &answered);
        let host = &self.host.python;
        let program = Run::begin(host, zygote, &mut self.placed, answering, begun, &mut hears_program)?;
        let program = match load(program, &answered)? {
            Loading::Waits(program) => program,
            Loading::Over(conversation) => return Ok(*conversation),
        };
        let mut placed = None;
        let tests = Run::begin(host, tests, &mut placed, asking, begun, &mut hears_tests)?;
        talk(tests, program, &asked, &answered, relay)
    }

    /// Ends the warm parent that such tasks have.
    fn give_up(&mut self, task: &Task) {
        *match task {
            Task::Execute { .. } => &mut self.executing,
            Task::Shell { .. } => &mut self.shell,
            Task::Tool(_) => &mut self.compiling,
            Task::Calls(_) | Task::Script { .. } | Task::Answer | Task::Ask => &mut self.zygote,
        } = None;
    }

    pub(crate) fn warm_up(&mut self) -> Result<(), RunError> {
        if self.zygote.is_none() {
            self.placed = None;
            self.zygote = Some(start(&self.host.python)?);
        }
        Ok(())
    }

    fn attempt(&mut self, job: &Job, observer: &mut dyn Observer) -> Result<Outcome, RunError> {
        let begun = Instant::now();
        let host = Arc::clone(&self.host);
        let cpp = || host.cpp().map_err(|error| failed("judge C++")(io::Error::other(error.to_string())));
        let (jail, zygote, placed) = match &job.task {
            Task::Execute { .. } => {
                let jail = &cpp()?.running;
                (jail, started(&mut self.executing, jail)?, &mut None)
            }
            Task::Shell { .. } => {
                let jail = host.shell().map_err(|error| failed("run bash")(io::Error::other(error.to_string())))?;
                (jail, started(&mut self.shell, jail)?, &mut None)
            }
            Task::Tool(_) => {
                let jail = &cpp()?.compiling;
                (jail, started(&mut self.compiling, jail)?, &mut None)
            }
            Task::Calls(_) | Task::Script { .. } | Task::Answer | Task::Ask => {
                self.warm_up()?;
                (&host.python, self.zygote.as_mut().expect("started above"), &mut self.placed)
            }
        };
        run_to_its_end(jail, zygote, placed, job, begun, observer)
    }
}

/// One program under one warm parent, let on whenever it waits.
fn run_to_its_end(
    jail: &Jail,
    zygote: &mut Zygote,
    placed: &mut Option<Placed>,
    job: &Job,
    begun: Instant,
    observer: &mut dyn Observer,
) -> Result<Outcome, RunError> {
    let mut run = Run::begin(jail, zygote, placed, job, begun, observer)?;
    loop {
        match run.until_it_waits(None)? {
            Pause::Waits => run.go_on()?,
            Pause::Over(end) | Pause::OtherOver(end) => return run.finish(end),
        }
    }
}

/// One program under a warm parent of its own, for what is tried out before there are workers.
pub(crate) fn run_once(jail: &Jail, job: &Job) -> Result<(Outcome, Vec<Reply>), RunError> {
    let mut replies = Vec::new();
    let outcome = run_to_its_end(jail, &mut start(jail)?, &mut None, job, Instant::now(), &mut replies)?;
    Ok((outcome, replies))
}

/// Keeps the calling thread, and with it all that it starts, on one core.
pub(crate) fn pin_to_a_core(number: usize) {
    // Two runs on one machine should not begin with the same core.
    let number = number.wrapping_add(process::id() as usize);
    if let Err(error) = pin(number) {
        tracing::debug!(%error, "a worker stays unpinned");
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

/// A new warm parent.
pub(crate) fn start(jail: &Jail) -> Result<Zygote, RunError> {
    let not_started = |error: ZygoteError| failed("start a warm interpreter")(io::Error::other(error.to_string()));
    Zygote::start(jail, Limits::default().reply_bytes).map_err(not_started)
}

/// The warm parent that is there, or a new one.
fn started<'a>(zygote: &'a mut Option<Zygote>, jail: &Jail) -> Result<&'a mut Zygote, RunError> {
    let known = match zygote.take() {
        Some(zygote) => zygote,
        None => start(jail)?,
    };
    Ok(zygote.insert(known))
}

#[cfg(test)]
mod tests;
