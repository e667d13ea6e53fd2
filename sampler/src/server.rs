//! A server as the front end: any OpenAI-compatible endpoint draws the completions.
//! Not here: a model on this machine (`local`), the words of prompts (the command's `prompts`).
//! In: [`Request`]s and an address. Out: [`Event`]s, each wanted completion once, or a [`ServerError`] that says which are
//! missing.

mod address;
mod crew;
mod dialect;
mod draw;
mod fault;
mod link;
mod score;
mod seed;
mod variety;
mod wire;

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use crate::Event;
use crate::Request;
use crate::Sampling;
use crew::Crew;
use dialect::Dialect;
use draw::Run;
use draw::Seeds;
use link::Link;
use link::Stop;
use score::Way;
use variety::Variety;

pub use fault::ServerFault;
pub use score::ResponseLogprobs;

/// How a server is asked.
#[derive(Clone)]
pub struct ServerSettings {
    /// Where it is: `http://host:8000`, with or without `/v1`.
    pub url: String,
    /// Which of its models; `None` takes the only one.
    pub model: Option<String>,
    /// How many completions a request asks for, at most. Fewer where the server gives fewer.
    pub chunk: u32,
    /// How many requests are under way at once.
    pub concurrency: usize,
    /// How long one request may take, the writing of all its completions included: nothing is heard of it before they are
    /// whole.
    pub timeout: Duration,
    /// How often one request is asked again while nothing comes of it.
    pub retries: u32,
    /// How long is waited before the first of these; each further wait is twice as long, and up to twice as long again by
    /// chance, so that requests which failed together do not come back together.
    pub first_wait: Duration,
    /// The longest wait, chance and the server's own `Retry-After` aside.
    pub longest_wait: Duration,
    /// How long an answer may be, in bytes.
    pub answer_bytes: u64,
    /// What is sent as bearer token.
    pub api_key: Option<String>,
}

impl ServerSettings {
    /// The usual settings, with the key that the environment's `OPENAI_API_KEY` has.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            model: None,
            chunk: 8,
            concurrency: 16,
            timeout: Duration::from_secs(3_600),
            // About three minutes in all: a server that is restarted is back by then.
            retries: 8,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(60),
            answer_bytes: 256 << 20,
            api_key: std::env::var("OPENAI_API_KEY").ok().filter(|key| !key.is_empty()),
        }
    }
}

impl fmt::Debug for ServerSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, model, chunk, concurrency, timeout, retries, first_wait, longest_wait, answer_bytes, api_key } =
            self;
        f.debug_struct("ServerSettings")
            .field("url", url)
            .field("model", model)
            .field("chunk", chunk)
            .field("concurrency", concurrency)
            .field("timeout", timeout)
            .field("retries", retries)
            .field("first_wait", first_wait)
            .field("longest_wait", longest_wait)
            .field("answer_bytes", answer_bytes)
            .field("api_key", &api_key.as_ref().map(|_| "..."))
            .finish()
    }
}

/// Why a server did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The address cannot be one.
    #[error("{url:?} is no address of a server: {reason}")]
    Address {
        /// What was given.
        url: String,
        /// Why not.
        reason: &'static str,
    },
    /// A setting cannot be.
    #[error("{0}")]
    Settings(String),
    /// It did not say which models it has.
    #[error("failed to ask {url} for its models: {fault}; name the model if the server does not list them")]
    Models {
        /// Whom.
        url: String,
        /// Why not.
        #[source]
        fault: Box<ServerFault>,
    },
    /// It has none, or several.
    #[error("{url} has {}; name one of them", list(models))]
    WhichModel {
        /// Whose.
        url: String,
        /// Their names.
        models: Vec<String>,
    },
    /// A prompt, or a prompt and the longest answer to it, do not fit the model's context.
    #[error(
        "{task_id} does not fit the context of the server's model: {fault}; allow fewer tokens, or leave the problem out"
    )]
    TooLong {
        /// The problem.
        task_id: String,
        /// What the server says.
        #[source]
        fault: Box<ServerFault>,
    },
    /// Some samples could not be drawn. All that came have been told; asking for what is missing goes on from there.
    #[error("failed to draw {task_id}, samples {samples}, from {url}: {fault}; {}all that came is kept, and the same command \
             asks for what is missing", also(*others))]
    Missing {
        /// From whom.
        url: String,
        /// The problem.
        task_id: String,
        /// Its samples that are missing, as `0-2, 5`.
        samples: String,
        /// How many samples that were asked for are missing besides.
        others: usize,
        /// Why.
        #[source]
        fault: Box<ServerFault>,
    },
    /// A response's log-probabilities were asked for in vain.
    #[error("failed to have a response scored by {url}: {fault}")]
    Scoring {
        /// By whom.
        url: String,
        /// Why.
        #[source]
        fault: Box<ServerFault>,
    },
    /// The server gives no log-probabilities of a text that it is given.
    #[error("{url} does not score texts: {reason}")]
    NoScores {
        /// Who.
        url: String,
        /// What is missing.
        reason: &'static str,
    },
    /// No thread could be started, or one died.
    #[error("an internal error: a thread is missing")]
    Internal,
}

fn list(models: &[String]) -> String {
    match models {
        [] => "no model".to_owned(),
        models => format!("{} models: {}", models.len(), models.join(", ")),
    }
}

fn also(others: usize) -> String {
    if others == 0 { String::new() } else { format!("{others} more that were asked for are missing too; ") }
}

/// A server that draws completions.
#[derive(Clone, Debug)]
pub struct Server {
    inner: Arc<Inner>,
    concurrency: usize,
}

#[derive(Debug)]
struct Inner {
    link: Link,
    model: String,
    dialect: Mutex<Dialect>,
    seeds: Mutex<Seeds>,
    way: Mutex<Option<Way>>,
    variety: Mutex<Variety>,
}

impl Inner {
    fn dialect(&self) -> Dialect {
        self.dialect.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn learn(&self, next: &Dialect) {
        self.dialect.lock().unwrap_or_else(PoisonError::into_inner).learn(next);
    }

    fn seeds(&self) -> MutexGuard<'_, Seeds> {
        self.seeds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn variety(&self) -> MutexGuard<'_, Variety> {
        self.variety.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Server {
    /// Finds the model. A server that is just starting is waited for, as long as the retries last.
    pub fn new(settings: &ServerSettings) -> Result<Self, ServerError> {
        let wrong = |what: &str| Err(ServerError::Settings(what.to_owned()));
        match settings {
            it if it.chunk == 0 => return wrong("a request must ask for at least 1 completion"),
            it if it.concurrency == 0 => return wrong("at least 1 request must be under way"),
            it if it.timeout.is_zero() => return wrong("the timeout must be above 0"),
            it if it.api_key.as_ref().is_some_and(|key| !key.bytes().all(|byte| byte.is_ascii_graphic())) => {
                return wrong("the API key has characters that no key has");
            }
            _ => {}
        }
        let base = address::base(&settings.url)
            .map_err(|reason| ServerError::Address { url: settings.url.clone(), reason })?;
        let link = Link::new(base, settings);
        let (model, shares_seeds) = find_model(&link, settings.model.as_deref())?;
        let most = if shares_seeds { 1 } else { settings.chunk };
        let inner = Inner {
            link,
            model,
            dialect: Mutex::new(Dialect::new(most)),
            seeds: Mutex::new(if shares_seeds { Seeds::Shared } else { Seeds::Unknown { doubts: 0 } }),
            way: Mutex::default(),
            variety: Mutex::default(),
        };
        Ok(Self { inner: Arc::new(inner), concurrency: settings.concurrency })
    }

    /// The model that answers.
    pub fn model(&self) -> &str {
        &self.inner.model
    }

    /// Where the API is.
    pub fn url(&self) -> &str {
        self.inner.link.base()
    }

    /// What about the server matters to whoever reads the completions, as far as it has shown.
    pub fn notes(&self) -> Vec<&'static str> {
        let mut notes = self.inner.dialect().notes();
        if *self.inner.seeds() == Seeds::Shared {
            notes.push("the server gives all completions of a request one seed: they are asked for one by one");
        }
        if self.inner.variety().is_missing() {
            notes.push("all completions of each problem are equal: the server seems to ignore the temperature");
        }
        notes
    }

    /// Draws the samples that are wanted.
    ///
    /// Requests are pulled when there is somebody to ask them. `take` is called in this thread, also every now and then
    /// with no tokens, and ends the run with `Break`: what was being drawn then is given up. Each completion is told once,
    /// whatever goes wrong. After an error the missing samples can be asked for again.
    pub fn complete(
        &self,
        requests: impl Iterator<Item = Request> + Send,
        sampling: &Sampling,
        take: &mut dyn FnMut(Event) -> ControlFlow<()>,
    ) -> Result<(), ServerError> {
        sampling.check().map_err(ServerError::Settings)?;
        let run = Run { server: self.inner.clone(), sampling: sampling.clone(), stop: Stop::default() };
        let crew = Crew::start(Arc::new(run), self.concurrency).map_err(|_| ServerError::Internal)?;
        crew.draw(requests, take)
    }
}

/// The model's name, and whether its server is of a kind that gives all completions of a request the same seed.
fn find_model(link: &Link, wanted: Option<&str>) -> Result<(String, bool), ServerError> {
    let ask = || link.get("/models").and_then(|bytes| wire::models(&bytes));
    if let Some(wanted) = wanted {
        // Once: whoever names the model may have a server that lists none.
        let models = ask().unwrap_or_default();
        return Ok((wanted.to_owned(), models.iter().any(wire::Model::shares_seeds)));
    }
    let url = || link.base().to_owned();
    let models = link.insist(ask).map_err(|fault| ServerError::Models { url: url(), fault: Box::new(fault) })?;
    match models.as_slice() {
        [only] => Ok((only.id.clone(), only.shares_seeds())),
        several => {
            let models = several.iter().map(|model| model.id.clone()).collect();
            Err(ServerError::WhichModel { url: url(), models })
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;
