//! Whether the daemon works: `/healthz` runs a program, `/readyz` says whether to send it work.
//! Not here: what is counted (`metrics`).
//! A worker of its own runs the program, so that the answer does not wait behind other people's.

use std::{
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use axum::{Json, extract::State, response::IntoResponse};
use serde::Serialize;
use tokio::{sync::oneshot, time::timeout};
use trialbox_runner::{Ending, Host, Job, Limits, Prelude, Reply, Task, Worker};
use utoipa::ToSchema;

use super::{Daemon, fault::Fault, frame::FaultBody};

/// Who waits longer is told that nothing works.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whoever waits for the answer to one question: whether a program can be run, or why not.
type Asking = oneshot::Sender<Result<(), String>>;

/// Asks the worker that looks after the daemon's health.
#[derive(Debug)]
pub(super) struct Pulse {
    /// `None` once it has ended.
    asks: Mutex<Option<mpsc::Sender<Asking>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// The answer of one that works.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

const OK: Health = Health { status: "ok" };

impl Pulse {
    /// Starts that worker.
    pub(super) fn start(host: Arc<Host>) -> Self {
        let (asks, asked) = mpsc::channel();
        let thread = thread::spawn(move || {
            let mut worker = Worker::new(&host);
            // The first who asks shall not wait for an interpreter to start. What is wrong, all who ask are told.
            let _ = feel(&mut worker);
            while let Ok(first) = asked.recv() {
                // One run answers all who have asked before it.
                let others: Vec<Asking> = asked.try_iter().collect();
                let felt = feel(&mut worker);
                for one in others.into_iter().chain([first]) {
                    let _ = one.send(felt.clone());
                }
            }
        });
        Self { asks: Mutex::new(Some(asks)), thread: Mutex::new(Some(thread)) }
    }

    /// Ends that worker.
    pub(super) fn end(&self) {
        drop(self.asks.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = thread.join();
        }
    }

    /// Runs a program, or says why that cannot be done.
    pub(super) async fn feel(&self) -> Result<(), String> {
        let (answer, answered) = oneshot::channel();
        let gone = || "the worker that looks after health has ended".to_owned();
        let asks = self.asks.lock().unwrap_or_else(PoisonError::into_inner).clone();
        asks.ok_or_else(gone)?.send(answer).map_err(|_| gone())?;
        match timeout(PATIENCE, answered).await {
            Ok(answer) => answer.unwrap_or_else(|_| Err(gone())),
            Err(_) => Err(format!("no program ran within {} s", PATIENCE.as_secs())),
        }
    }
}

/// Has a program multiply two numbers that it reads.
fn feel(worker: &mut Worker) -> Result<(), String> {
    let program = "a, b = map(int, input().split())\nprint(a * b)\n";
    let task = Task::Script { stdin: Arc::from(&b"6 7\n"[..]), prelude: Prelude::None, extras: None };
    let job = Job { program: Arc::from(program.as_bytes()), task, limits: Limits::default() };
    let (outcome, _) = worker.run(&job, Vec::<Reply>::new).map_err(|error| error.to_string())?;
    match (&outcome.ending, outcome.stdout.as_slice()) {
        (Ending::Exited { status: 0 }, b"42\n") => Ok(()),
        (ending, _) => Err(format!("a program that should print 42 ended otherwise: {ending:?}")),
    }
}

/// Runs a program.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "daemon",
    responses((status = 200, description = "A program ran in the sandbox", body = Health), (status = 503, description = "None could", body = FaultBody))
)]
pub(super) async fn healthz(State(daemon): State<Arc<Daemon>>) -> Result<impl IntoResponse, Fault> {
    daemon.pulse.feel().await.map(|()| Json(OK)).map_err(Fault::infra_error)
}

/// Says whether work may be sent here.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "daemon",
    responses((status = 200, description = "Work may be sent", body = Health), (status = 503, description = "The daemon begins, or is about to end", body = FaultBody))
)]
pub(super) async fn readyz(State(daemon): State<Arc<Daemon>>) -> Result<impl IntoResponse, Fault> {
    daemon.may_be_sent_work().map(|()| Json(OK))
}
