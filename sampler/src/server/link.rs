//! The link: one exchange with a server, and asking again until it passes.
//! Not here: what is said (`wire`), what a server is known not to take (`dialect`).
//! In: a path and a JSON body. Out: the bytes of a JSON answer, or a [`ServerFault`].

use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use backon::BackoffBuilder;
use backon::ExponentialBackoff;
use backon::ExponentialBuilder;
use serde_json::Value;
use ureq::Agent;
use ureq::Body;
use ureq::http::HeaderMap;
use ureq::http::Response;
use ureq::http::header;

use super::ServerSettings;
use super::address;
use super::fault::ServerFault;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// Uvicorn closes connections that were idle for 5 s.
const IDLE: Duration = Duration::from_secs(4);
/// What takes no model to answer is not waited for as long as what does.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// How one speaks to a server.
#[derive(Debug)]
pub(super) struct Link {
    agent: Agent,
    base: String,
    key: Option<String>,
    answer_bytes: u64,
    read_timeout: Duration,
    waits: ExponentialBuilder,
}

impl Link {
    pub(super) fn new(base: String, settings: &ServerSettings) -> Self {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            // A POST that is redirected arrives as a GET.
            .max_redirects(0)
            .timeout_global(Some(settings.timeout))
            .timeout_connect(Some(CONNECT_TIMEOUT.min(settings.timeout)))
            .max_idle_connections(settings.concurrency)
            .max_idle_connections_per_host(settings.concurrency)
            .max_idle_age(IDLE)
            .user_agent(concat!("trialbox/", env!("CARGO_PKG_VERSION")));
        if address::is_here(&base) {
            config = config.proxy(None);
        }
        let waits = ExponentialBuilder::new()
            .with_min_delay(settings.first_wait)
            .with_max_delay(settings.longest_wait)
            .with_factor(2.0)
            .with_max_times(settings.retries as usize)
            .with_jitter();
        Self {
            agent: config.build().into(),
            base,
            key: settings.api_key.clone(),
            answer_bytes: settings.answer_bytes,
            read_timeout: READ_TIMEOUT.min(settings.timeout),
            waits,
        }
    }

    /// Where the API is.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// How long is waited before each further attempt, from the first on.
    pub(super) fn waits(&self) -> ExponentialBackoff {
        self.waits.build()
    }

    /// Asks a question once.
    pub(super) fn post(&self, path: &str, body: &Value) -> Result<Vec<u8>, ServerFault> {
        self.post_to(&format!("{}{path}", self.base), body)
    }

    /// Asks what stands beside the API, not under it.
    pub(super) fn post_beside(&self, path: &str, body: &Value) -> Result<Vec<u8>, ServerFault> {
        self.post_to(&format!("{}{path}", address::root(&self.base)), body)
    }

    fn post_to(&self, url: &str, body: &Value) -> Result<Vec<u8>, ServerFault> {
        let mut request = self.agent.post(url).header(header::CONTENT_TYPE, "application/json");
        if let Some(key) = &self.key {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        self.read(request.send(body.to_string().as_bytes()).map_err(transport)?)
    }

    /// Reads what stands at a path.
    pub(super) fn get(&self, path: &str) -> Result<Vec<u8>, ServerFault> {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        if let Some(key) = &self.key {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        let request = request.config().timeout_global(Some(self.read_timeout)).build();
        self.read(request.call().map_err(transport)?)
    }

    fn read(&self, mut response: Response<Body>) -> Result<Vec<u8>, ServerFault> {
        let status = response.status();
        let rest = rest(response.headers());
        if response.body().mime_type() == Some("text/event-stream") && status.is_success() {
            return Err(ServerFault::NotTheApi("a stream"));
        }
        let read = response.body_mut().with_config().limit(self.answer_bytes).read_to_vec();
        let body = match read {
            Ok(body) => body,
            Err(ureq::Error::BodyExceedsLimit(_)) => return Err(ServerFault::TooMuch(self.answer_bytes)),
            // The status says more than a body that was cut off.
            Err(_) if !status.is_success() => Vec::new(),
            Err(error) => return Err(transport(error)),
        };
        if !status.is_success() {
            return Err(ServerFault::status(status.as_u16(), rest, &body));
        }
        if body.trim_ascii_start().starts_with(b"<") {
            return Err(ServerFault::NotTheApi("a web page"));
        }
        Ok(body)
    }

    /// Asks again and again, while that may help.
    pub(super) fn insist<T>(&self, ask: impl Fn() -> Result<T, ServerFault>) -> Result<T, ServerFault> {
        let (mut waits, never) = (self.waits(), Stop::default());
        loop {
            match ask() {
                Err(fault) if fault.passes() => never.wait_after(fault, &mut waits)?,
                settled => return settled,
            }
        }
    }
}

fn transport(error: ureq::Error) -> ServerFault {
    ServerFault::Transport(Box::new(error))
}

/// `Retry-After` in seconds. Dates are left to the growing waits: they need two clocks that agree.
fn rest(headers: &HeaderMap) -> Option<Duration> {
    let seconds: f64 = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// A flag that ends waits.
#[derive(Debug, Default)]
pub(super) struct Stop {
    set: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    pub(super) fn set(&self) {
        *self.set.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    pub(super) fn is_set(&self) -> bool {
        *self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits as long as the next wait and the server say; gives the fault back when no wait is left.
    pub(super) fn wait_after(&self, fault: ServerFault, waits: &mut ExponentialBackoff) -> Result<(), ServerFault> {
        let Some(wait) = waits.next() else { return Err(fault) };
        let wait = wait.max(fault.rest());
        let set = self.set.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(set, wait, |set| !*set);
        let (set, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if *set { Err(ServerFault::Stopped) } else { Ok(()) }
    }
}
