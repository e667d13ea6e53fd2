//! A worker: runs one program after the other, in the sandbox that its host has.
//! Not here: the sandboxes (`native`, `wasi`).

use std::{io, sync::Arc};

use crate::{
    conversation::{Conversation, Relay},
    host::{Backend, Host},
    job::{Job, Limits},
    native::{self, Compilation},
    observer::{Observer, RunError, failed},
    outcome::Outcome,
    toolchain::Standard,
    wasi,
};

/// One worker, and one running program at a time.
#[derive(Debug)]
pub struct Worker {
    /// What runs Python programs, unless they need something else.
    backend: Backend,
    /// What runs the present one.
    chosen: Backend,
    native: Option<native::Worker>,
    wasi: Option<wasi::Worker>,
}

impl Worker {
    /// A worker on this host. What it needs to be warm starts with the first job.
    pub fn new(host: &Host) -> Self {
        Self {
            backend: host.backend(),
            chosen: host.backend(),
            native: host.native.clone().map(native::Worker::new),
            wasi: host.wasi.clone().map(wasi::Worker::new),
        }
    }

    /// A worker that keeps the calling thread, and with it all its programs, on one core: a tenth of a millisecond of
    /// CPU less per program. Workers with other numbers take other cores while there are any.
    pub fn pinned(host: &Host, number: usize) -> Self {
        native::pin_to_a_core(number);
        Self::new(host)
    }

    /// Chooses what runs the programs that follow, until the next choice: the native sandbox where that is needed, if there
    /// is one, and else what runs Python programs here.
    pub fn choose(&mut self, native_is_needed: bool) -> Backend {
        self.chosen = if native_is_needed && self.native.is_some() { Backend::Native } else { self.backend };
        self.chosen
    }

    /// Whether there is a choice.
    pub fn has_choice(&self) -> bool {
        self.backend == Backend::Wasi && self.native.is_some()
    }

    /// Runs one program. `observer` is handed its answers in batches, each answer once: at the gates and every few
    /// milliseconds, when it may stop the program, and at the end.
    ///
    /// What fails on the host's side is replaced and the job run once more; only then it is an error.
    pub fn run<O: Observer>(&mut self, job: &Job, new_observer: impl FnMut() -> O) -> Result<(Outcome, O), RunError> {
        match (&mut self.wasi, &mut self.native) {
            (Some(wasi), _) if self.chosen == Backend::Wasi && job.task.is_python() => wasi.run(job, new_observer),
            (_, Some(native)) => native.run(job, new_observer),
            _ => Err(absent()),
        }
    }

    /// Lets tests ([`Task::Ask`](crate::Task::Ask)) ask a program ([`Task::Answer`](crate::Task::Answer)) until either is
    /// over.
    ///
    /// What fails on the host's side is replaced and both jobs run once more; only then it is an error.
    pub fn converse<R: Relay>(
        &mut self,
        asking: &Job,
        answering: &Job,
        new_relay: impl FnMut() -> R,
    ) -> Result<Conversation, RunError> {
        match (&mut self.wasi, &mut self.native) {
            (Some(wasi), _) if self.chosen == Backend::Wasi => wasi.converse(asking, answering, new_relay),
            (_, Some(native)) => native.converse(asking, answering, new_relay),
            _ => Err(absent()),
        }
    }

    /// Names the compiler and all else, but for the source, that decides what comes of it; `None` where C++ cannot be
    /// judged.
    pub fn identity(&self, standard: Standard) -> Option<String> {
        self.native.as_ref().and_then(|native| native.identity(standard))
    }

    /// Compiles a C++ source. The limits hold for all tools together, but for those of memory and output, which each has.
    pub fn compile(
        &mut self,
        source: &Arc<[u8]>,
        standard: Standard,
        limits: &Limits,
    ) -> Result<Compilation, RunError> {
        self.native.as_mut().ok_or_else(absent)?.compile(source, standard, limits)
    }
}

fn absent() -> RunError {
    failed("find a sandbox for this program")(io::Error::from(io::ErrorKind::Unsupported))
}
