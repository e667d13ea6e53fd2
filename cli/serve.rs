//! `trialbox serve`: the daemon, from its start to its drained end.
//! Not here: what it answers (one file per endpoint, below `serve`).

mod answers;
mod catalogue;
mod fault;
mod frame;
mod health;
mod judging;
mod listen;
mod metrics;
mod nemo_skills;
mod online_judge;
mod open_instruct;
mod open_r1;
mod openrlhf;
mod piston;
mod programs;
mod queue;
mod rewards;
mod sandbox_fusion;
mod slime;
mod verify;
mod workshop;

use std::{
    fs,
    io::{self, Write},
    path::Path,
    process,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::Context;
use axum::{Json, Router, extract::DefaultBodyLimit, middleware};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{
    runtime,
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};
use trialbox_datasets::JobLimits;
use trialbox_runner::{Host, allow_more_descriptors};
use trialbox_verifier::{Known, Semantics, Settings};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    args::ServeArguments,
    catalogue::Catalogue,
    exit::{DataFault, Exit, UsageFault},
    host,
};
use answers::Ticket;
use fault::Fault;
use frame::Token;
use health::Pulse;
use listen::Listener;
use queue::Queue;

/// Threads that speak to clients. Programs run on others, as many as there are workers.
const SPEAKERS: usize = 2;

/// What requests may ask for at most.
#[derive(Clone, Debug)]
struct Caps {
    body_bytes: usize,
    /// Jobs in a request.
    batch: usize,
    /// Time from a request to its answer.
    request: Duration,
    /// CPU time of a program.
    cpu_ms: u64,
    /// Memory of a program.
    memory_bytes: u64,
}

impl Caps {
    /// Looks at what a job asks for.
    fn check(&self, limits: JobLimits) -> Result<(), Fault> {
        let (cpu_ms, memory_bytes) = (limits.cpu_ms.unwrap_or(0), limits.memory_bytes.unwrap_or(0));
        self.check_as("limits.time_s", "limits.memory_mb", cpu_ms, memory_bytes)
    }

    /// Looks at what is asked for under these names.
    fn check_as(&self, time: &str, memory: &str, cpu_ms: u64, memory_bytes: u64) -> Result<(), Fault> {
        if cpu_ms > self.cpu_ms {
            let most_s = self.cpu_ms / 1000;
            return Err(Fault::above_a_cap(format!("{time} is at most {most_s} here (--max-time-s)")));
        }
        if memory_bytes > self.memory_bytes {
            let most_mb = self.memory_bytes >> 20;
            return Err(Fault::above_a_cap(format!("{memory} is at most {most_mb} here (--max-memory)")));
        }
        Ok(())
    }
}

/// What all requests share.
#[derive(Debug)]
struct Daemon {
    host: Arc<Host>,
    queue: Arc<Queue>,
    catalogue: Catalogue,
    known: Known<Ticket>,
    real: Settings,
    official: Settings,
    caps: Caps,
    token: Option<Token>,
    /// Whether whoever can send a request may be one whom nobody asked: a page in a browser.
    browsers_reach_it: bool,
    pulse: Pulse,
    counted: PrometheusHandle,
    is_ending: AtomicBool,
}

impl Daemon {
    fn settings(&self, semantics: Semantics) -> &Settings {
        match semantics {
            Semantics::Real => &self.real,
            Semantics::Official => &self.official,
        }
    }

    /// Refuses where the daemon is about to end.
    fn may_be_sent_work(&self) -> Result<(), Fault> {
        if self.is_ending.load(Ordering::SeqCst) { Err(queue::Refusal::Closed.into()) } else { Ok(()) }
    }
}

/// What the API is called where it is described.
#[derive(OpenApi)]
#[openapi(info(
    title = "trialbox",
    description = "Runs model-written programs and says, beyond doubt, whether they are right. See docs/http.md."
))]
struct Described;

/// Every path with its description.
fn paths() -> OpenApiRouter<Arc<Daemon>> {
    OpenApiRouter::with_openapi(Described::openapi())
        .routes(routes!(verify::verify))
        .routes(routes!(catalogue::datasets))
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(metrics::metrics))
        .routes(routes!(sandbox_fusion::run_code))
        .routes(routes!(sandbox_fusion::ping))
        .routes(routes!(online_judge::list_datasets))
        .routes(routes!(online_judge::list_ids))
        .routes(routes!(online_judge::get_prompts))
        .routes(routes!(online_judge::get_prompt_by_id))
        .routes(routes!(online_judge::submit))
        .routes(routes!(online_judge::get_metrics))
        .routes(routes!(online_judge::get_metrics_function))
        .routes(routes!(piston::execute))
        .routes(routes!(piston::runtimes))
        .routes(routes!(open_r1::execute_batch))
        .routes(routes!(openrlhf::get_reward))
        .routes(routes!(slime::remote_rm))
        .routes(routes!(open_instruct::test_program))
        .routes(routes!(open_instruct::test_program_stdio))
        .routes(routes!(open_instruct::health))
        .routes(routes!(nemo_skills::execute))
}

fn router(daemon: &Arc<Daemon>) -> Router {
    let (router, description) = paths().split_for_parts();
    router
        .route("/openapi.json", axum::routing::get(|| async { Json(description) }))
        .layer(DefaultBodyLimit::max(daemon.caps.body_bytes))
        .layer(middleware::from_fn_with_state(Arc::clone(daemon), frame::frame))
        .with_state(Arc::clone(daemon))
}

/// Serves until it is told to end, and then finishes what was begun.
pub(crate) fn run(arguments: &ServeArguments) -> anyhow::Result<Exit> {
    if arguments.openapi {
        return describe();
    }
    let token = arguments.token_file.as_deref().map(read_token).transpose()?;
    if let (None, None) = (&arguments.unix, &token)
        && !arguments.listen.ip().is_loopback()
    {
        let reason = format!("--listen {}: whoever reaches this address could run programs here", arguments.listen);
        return Err(UsageFault(format!("{reason}; --token-file says who may")).into());
    }
    allow_more_descriptors();
    let runtime = runtime::Builder::new_multi_thread().worker_threads(SPEAKERS).enable_all().build()?;
    let (listener, end) = runtime.block_on(async {
        let listener = match &arguments.unix {
            Some(path) => Listener::unix(path)?,
            None => Listener::tcp(arguments.listen).await?,
        };
        anyhow::Ok((listener, told_to_end(arguments.while_stdin_is_open)?))
    })?;
    let catalogue = Catalogue::open(&arguments.catalogue.data)?;
    let daemon = Arc::new(open(arguments, catalogue, token)?);
    // Whoever started this reads where it listens, and knows by it that it does.
    writeln!(io::stdout(), "{}", listener.url()?)?;
    io::stdout().flush()?;
    // From here on nothing fails: workers have to be ended.
    let workers = workshop::open(Arc::clone(&daemon.host), host::workers(&arguments.run), Arc::clone(&daemon.queue));
    let drain = Duration::from_secs(arguments.drain_s);
    runtime.spawn(metrics::keep(daemon.counted.clone()));
    let ending = Arc::clone(&daemon);
    let end = async move {
        end.await;
        eprintln!("trialbox: ending: requests that were begun are answered first");
        ending.is_ending.store(true, Ordering::SeqCst);
    };
    runtime.block_on(listener.serve(router(&daemon), end, drain));
    // Nobody is left to be answered: what still waits is passed over. All who know the host end before its folder goes.
    runtime.shutdown_timeout(drain);
    daemon.queue.close();
    let _ = workers.join();
    daemon.pulse.end();
    Ok(Exit::Done)
}

fn open(arguments: &ServeArguments, catalogue: Catalogue, token: Option<Token>) -> anyhow::Result<Daemon> {
    let counted = metrics::install().context("failed to begin counting")?;
    let host = host::open(&arguments.run)?;
    let real = host::settings(&arguments.run, &host, Semantics::Real);
    // One room for both: it is one machine.
    let official = Settings { semantics: Semantics::Official, ..real.clone() };
    Ok(Daemon {
        queue: Arc::new(Queue::new(arguments.max_queue.get())),
        catalogue,
        known: host::known(&arguments.run, &host),
        real,
        official,
        caps: Caps {
            body_bytes: usize::try_from(arguments.max_body.bytes()).unwrap_or(usize::MAX),
            batch: arguments.max_batch.get(),
            request: Duration::from_secs(arguments.max_request_s),
            cpu_ms: arguments.max_time_s.saturating_mul(1000),
            memory_bytes: arguments.max_memory.bytes(),
        },
        browsers_reach_it: token.is_none() && arguments.unix.is_none(),
        token,
        pulse: Pulse::start(Arc::clone(&host)),
        counted,
        is_ending: AtomicBool::new(false),
        host,
    })
}

/// What `/openapi.json` says.
fn describe() -> anyhow::Result<Exit> {
    let (_, description) = paths().split_for_parts();
    writeln!(io::stdout(), "{}", description.to_pretty_json()?)?;
    Ok(Exit::Done)
}

fn read_token(file: &Path) -> anyhow::Result<Token> {
    let text = fs::read_to_string(file).map_err(|error| DataFault(format!("{}: {error}", file.display())))?;
    let token = text.trim();
    if token.is_empty() {
        return Err(DataFault(format!("{}: expected a token, found nothing", file.display())).into());
    }
    Ok(Token::new(token))
}

/// Ends once SIGTERM or SIGINT has come, or stdin has ended; a second signal ends the process at once.
fn told_to_end(heeds_stdin: bool) -> io::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (end, mut stdin_ended) = oneshot::channel();
    if heeds_stdin {
        // Not the runtime's: that would wait for a read that nobody ends.
        thread::spawn(move || {
            let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
            let _ = end.send(());
        });
    }
    Ok(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {}, Ok(()) = &mut stdin_ended => {} }
        tokio::spawn(async move {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            #[expect(clippy::exit, reason = "the user asked twice")]
            process::exit(Exit::Interrupted as i32);
        });
    })
}
