//! The crew: threads that draw side by side, and the one that hands them work and tells what they bring.
//! Not here: drawing (`draw`).
//! In: requests, pulled as threads become free. Out: events, each completion once.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::RecvTimeoutError;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use super::ServerError;
use super::draw::Ended;
use super::draw::Job;
use super::draw::Report;
use super::draw::Run;
use super::fault::ServerFault;
use crate::Event;
use crate::Request;

/// So often a caller is asked whether to go on while nothing comes.
const PULSE: Duration = Duration::from_millis(200);

/// Threads that draw. They are never joined: one that waits for an answer nobody wants any more would hold up the end of the
/// run for as long as the model writes.
pub(super) struct Crew {
    run: Arc<Run>,
    jobs: Sender<Job>,
    reports: Receiver<Report>,
    size: usize,
}

impl Crew {
    pub(super) fn start(run: Arc<Run>, size: usize) -> std::io::Result<Self> {
        let (jobs, waiting) = mpsc::channel::<Job>();
        let (brought, reports) = mpsc::channel();
        let waiting = Arc::new(Mutex::new(waiting));
        for number in 0..size {
            let (run, waiting, brought) = (run.clone(), waiting.clone(), brought.clone());
            thread::Builder::new().name(format!("draw-{number}")).spawn(move || {
                loop {
                    let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(job) = job else { return };
                    run.work(job, &brought);
                }
            })?;
        }
        Ok(Self { run, jobs, reports, size })
    }

    /// Draws everything, or as much as can be had.
    ///
    /// After a fault nothing new is asked for, and no wait is waited out; but what the server already works on is taken when
    /// it comes.
    pub(super) fn draw(
        &self,
        requests: impl Iterator<Item = Request>,
        take: &mut dyn FnMut(Event) -> ControlFlow<()>,
    ) -> Result<(), ServerError> {
        let mut queue = Queue { requests, request: None, samples: BTreeSet::new() };
        let mut loss = Loss::default();
        let mut open = 0;
        loop {
            while open < self.size && loss.first.is_none() {
                let Some(job) = queue.next(self.run.most()) else { break };
                self.jobs.send(job).map_err(|_| ServerError::Internal)?;
                open += 1;
            }
            if open == 0 {
                return loss.error(self.run.server.link.base());
            }
            let flow = match self.reports.recv_timeout(PULSE) {
                Ok(Report::Completed(completion)) => {
                    let tokens = u64::from(completion.tokens.unwrap_or(0));
                    // The completion first: if that is where the caller stops, it has it.
                    match take(Event::Completed(completion)) {
                        ControlFlow::Continue(()) => take(Event::Tokens(tokens)),
                        stopped => stopped,
                    }
                }
                Ok(Report::Ended(ended)) => {
                    open -= 1;
                    if loss.add(ended) {
                        self.run.stop.set();
                    }
                    ControlFlow::Continue(())
                }
                Err(RecvTimeoutError::Timeout) => take(Event::Tokens(0)),
                Err(RecvTimeoutError::Disconnected) => return Err(ServerError::Internal),
            };
            if flow.is_break() {
                return Ok(());
            }
        }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.run.stop.set();
    }
}

/// What is still to be asked for.
struct Queue<I> {
    requests: I,
    request: Option<Arc<Request>>,
    samples: BTreeSet<u32>,
}

impl<I: Iterator<Item = Request>> Queue<I> {
    /// The next consecutive samples of a problem, at most so many.
    fn next(&mut self, most: u32) -> Option<Job> {
        while self.samples.is_empty() {
            let request = self.requests.next()?;
            self.samples = request.samples.iter().copied().collect();
            self.request = Some(Arc::new(request));
        }
        let request = self.request.clone()?;
        let first = *self.samples.first()?;
        let samples: BTreeSet<u32> =
            (first..).take(most.max(1) as usize).take_while(|sample| self.samples.remove(sample)).collect();
        Some(Job { request, samples })
    }
}

/// What could not be drawn.
#[derive(Default)]
struct Loss {
    first: Option<Ended>,
    others: usize,
}

impl Loss {
    /// Counts what is missing of a job; true for the first of which something is.
    fn add(&mut self, ended: Ended) -> bool {
        if ended.fault.is_none() {
            return false;
        }
        // A job that ended because of another one's fault says nothing about the reason.
        if self.first.is_none() {
            self.first = Some(ended);
            return true;
        }
        self.others += ended.missing.len();
        false
    }

    fn error(self, url: &str) -> Result<(), ServerError> {
        let Some(Ended { task_id, missing, fault }) = self.first else { return Ok(()) };
        let fault = Box::new(fault.unwrap_or(ServerFault::Internal));
        if fault.is_too_long() {
            return Err(ServerError::TooLong { task_id, fault });
        }
        let samples = ranges(&missing);
        Err(ServerError::Missing { url: url.to_owned(), task_id, samples, others: self.others, fault })
    }
}

/// `0-2, 5`.
fn ranges(samples: &BTreeSet<u32>) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for &sample in samples {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(sample) => *last = sample,
            _ => runs.push((sample, sample)),
        }
    }
    let written =
        |(first, last): &(u32, u32)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    runs.iter().map(written).collect::<Vec<String>>().join(", ")
}
