//! Scoring: the log-probabilities that a server's model gives to a response that it is shown.
//! Not here: drawing (`draw`).
//! In: a prompt and a response. Out: [`ResponseLogprobs`].
//!
//! The rule of the boundary: prompt and response are turned into tokens apart, and the model is shown the prompt's tokens
//! and then the response's. No token is of both, and the prompt is read as it was when the response was drawn. An end token
//! is no part of a response. Where a server has no `/tokenize`, text is all it can be shown: then a token in which the
//! prompt ends and the response begins counts as the response's.

use std::collections::HashMap;
use std::sync::PoisonError;

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use serde_json::value::RawValue;

use super::Server;
use super::ServerError;
use super::fault::ServerFault;
use super::wire;
use crate::Prompt;

/// How likely a model finds a response, token by token.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponseLogprobs {
    /// The natural logarithm of each token's probability after all before it; without the first where there is nothing
    /// before it.
    pub logprobs: Vec<f64>,
}

impl ResponseLogprobs {
    /// Their mean; `None` where there is no token.
    pub fn mean(&self) -> Option<f64> {
        let count = u32::try_from(self.logprobs.len()).ok().filter(|count| *count > 0)?;
        Some(self.logprobs.iter().sum::<f64>() / f64::from(count))
    }

    /// The perplexity.
    pub fn perplexity(&self) -> Option<f64> {
        self.mean().map(|mean| (-mean).exp())
    }
}

/// How a server is made to score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// vLLM's `prompt_logprobs`, for tokens.
    PromptLogprobs,
    /// `echo` and `logprobs`, for tokens: SGLang.
    EchoTokens,
    /// `echo` and `logprobs`, for text: llama-cpp-python started with `--logits_all true`, and OpenAI as it was.
    EchoText,
}

/// How many tokens are drawn behind an echo, to see whether its log-probabilities belong to the tokens beside them.
const DRAWN: u32 = 4;

const WAYS: [Way; 3] = [Way::PromptLogprobs, Way::EchoTokens, Way::EchoText];

/// The tokens of a prompt and of a response.
struct Tokens {
    prompt: Vec<u32>,
    response: Vec<u32>,
}

impl Server {
    /// How likely the server's model finds a response to a prompt.
    ///
    /// A conversation needs a server that turns it into tokens by its template, as vLLM's `/tokenize` does; a text is also
    /// scored by servers that can `echo`. llama.cpp's own server can do neither. Any number of threads may ask at once.
    pub fn prompt_logprobs(&self, prompt: &Prompt, response: &str) -> Result<ResponseLogprobs, ServerError> {
        if response.is_empty() {
            return Ok(ResponseLogprobs { logprobs: Vec::new() });
        }
        let known = *self.inner.way.lock().unwrap_or_else(PoisonError::into_inner);
        let tokens = if known == Some(Way::EchoText) { None } else { self.tokens(prompt, response)? };
        for way in known.map_or(WAYS.to_vec(), |way| vec![way]) {
            let found = match (way, &tokens, prompt) {
                (Way::PromptLogprobs, Some(tokens), _) => self.by_prompt_logprobs(tokens)?,
                (Way::EchoTokens, Some(tokens), _) => self.by_echo_of_tokens(tokens)?,
                (Way::EchoText, None, Prompt::Text(text)) => self.by_echo_of_text(text, response)?,
                _ => None,
            };
            if let Some(logprobs) = found {
                *self.inner.way.lock().unwrap_or_else(PoisonError::into_inner) = Some(way);
                return Ok(ResponseLogprobs { logprobs });
            }
        }
        let reason = match (tokens, prompt) {
            (Some(_), _) => "it gives neither prompt_logprobs nor an echo with logprobs",
            (None, Prompt::Chat { .. }) => {
                "it has no /tokenize that takes a conversation, whose template only it knows"
            }
            (None, Prompt::Text(_)) => "it has neither /tokenize nor an echo with logprobs and offsets",
        };
        Err(ServerError::NoScores { url: self.url().to_owned(), reason })
    }

    fn failed(&self, fault: ServerFault) -> ServerError {
        ServerError::Scoring { url: self.url().to_owned(), fault: Box::new(fault) }
    }

    /// The tokens of both; `None` where the server does not tell them.
    fn tokens(&self, prompt: &Prompt, response: &str) -> Result<Option<Tokens>, ServerError> {
        let mut body = Map::new();
        match prompt {
            Prompt::Text(text) => drop(body.insert("prompt".to_owned(), json!(text))),
            chat @ Prompt::Chat { .. } => wire::conversation(chat, &mut body),
        }
        let Some(prompt_tokens) = self.tokenize(body)? else { return Ok(None) };
        let mut body = Map::new();
        body.insert("prompt".to_owned(), json!(response));
        body.insert("add_special_tokens".to_owned(), json!(false));
        let response = self.tokenize(body)?;
        // llama.cpp has a /tokenize too, which reads another field, and finds no tokens where that is missing.
        Ok(response.filter(|all| !all.is_empty()).map(|response| Tokens { prompt: prompt_tokens, response }))
    }

    fn tokenize(&self, mut body: Map<String, Value>) -> Result<Option<Vec<u32>>, ServerError> {
        #[derive(Deserialize)]
        struct Told {
            tokens: Vec<u32>,
        }
        body.insert("model".to_owned(), json!(self.model()));
        let body = Value::Object(body);
        let Some(bytes) = self.granted(|| self.inner.link.post_beside("/tokenize", &body))? else { return Ok(None) };
        Ok(serde_json::from_slice(&bytes).ok().map(|told: Told| told.tokens))
    }

    /// Asks until it passes; `None` where the server does not know what is asked.
    fn granted(&self, ask: impl Fn() -> Result<Vec<u8>, ServerFault>) -> Result<Option<Vec<u8>>, ServerError> {
        match self.inner.link.insist(ask) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(fault) if fault.is_too_long() => Err(self.failed(fault)),
            Err(ServerFault::Status { status: 400 | 404 | 405 | 422 | 501, .. } | ServerFault::NotTheApi(_)) => {
                Ok(None)
            }
            Err(fault) => Err(self.failed(fault)),
        }
    }

    fn ask(&self, what: Value) -> Result<Option<RawChoice>, ServerError> {
        let Value::Object(mut body) = what else { return Ok(None) };
        body.insert("model".to_owned(), json!(self.model()));
        // Not all servers draw none.
        let drawn = if body.contains_key("echo") { DRAWN } else { 1 };
        body.insert("max_tokens".to_owned(), json!(drawn));
        body.insert("temperature".to_owned(), json!(0.0));
        let body = Value::Object(body);
        let Some(bytes) = self.granted(|| self.inner.link.post("/completions", &body))? else { return Ok(None) };
        let read: Result<RawAnswer, _> = serde_json::from_slice(&bytes);
        match read {
            Ok(answer) => Ok(answer.choices.into_iter().next()),
            Err(error) => Err(self.failed(ServerFault::Unreadable(error.to_string()))),
        }
    }

    fn by_prompt_logprobs(&self, tokens: &Tokens) -> Result<Option<Vec<f64>>, ServerError> {
        let Some(choice) = self.ask(json!({"prompt": tokens.shown(), "prompt_logprobs": 0}))? else { return Ok(None) };
        Ok(choice.prompt_logprobs.and_then(|raw| tokens.found(&raw)))
    }

    fn by_echo_of_tokens(&self, tokens: &Tokens) -> Result<Option<Vec<f64>>, ServerError> {
        let Some(choice) = self.ask(json!({"prompt": tokens.shown(), "echo": true, "logprobs": 1}))? else {
            return Ok(None);
        };
        let Some(echo) = choice.logprobs.and_then(|raw| Echo::read(&raw)) else { return Ok(None) };
        let shown = tokens.prompt.len() + tokens.response.len();
        let found = tokens.cut(&echo.token_logprobs);
        if found.is_some() {
            self.trusted(&echo, shown)?
        }
        Ok(found)
    }

    fn by_echo_of_text(&self, prompt: &str, response: &str) -> Result<Option<Vec<f64>>, ServerError> {
        let text = format!("{prompt}{response}");
        let Some(choice) = self.ask(json!({"prompt": text, "echo": true, "logprobs": 1}))? else { return Ok(None) };
        let echoed = choice.text.is_some_and(|shown| shown.starts_with(&text));
        let echo = choice.logprobs.and_then(|raw| Echo::read(&raw)).filter(|_| echoed);
        let Some(echo) = echo else { return Ok(None) };
        let found = echo.between(prompt.chars().count(), text.chars().count());
        if found.is_some() {
            self.trusted(&echo, echo.begun_before(text.chars().count()))?
        }
        Ok(found)
    }

    /// Holds an echo against what must be: a token that was drawn greedily is the likeliest at its place.
    ///
    /// llama-cpp-python 0.3.36 gives each token what belongs to the next one, where the model has no opening token. That
    /// shows in none of the figures themselves.
    fn trusted(&self, echo: &Echo, shown: usize) -> Result<(), ServerError> {
        if echo.drew_the_likeliest(shown) {
            return Ok(());
        }
        let reason = "the log-probabilities of its echo belong to other tokens than they stand beside";
        Err(ServerError::NoScores { url: self.url().to_owned(), reason })
    }
}

impl Tokens {
    fn shown(&self) -> Vec<u32> {
        [self.prompt.as_slice(), &self.response].concat()
    }

    /// The response's part of what was said about all tokens.
    fn cut(&self, all: &[Option<f64>]) -> Option<Vec<f64>> {
        let shown = self.prompt.len() + self.response.len();
        // Nothing is before the first token of all.
        all.get(self.prompt.len().max(1)..shown)?.iter().copied().collect()
    }

    /// As vLLM says it: for each token the likelihoods of itself and of likelier ones, by number; nothing for the first.
    fn found(&self, raw: &RawValue) -> Option<Vec<f64>> {
        #[derive(Deserialize)]
        struct One {
            logprob: f64,
        }
        let all: Vec<Option<HashMap<u32, One>>> = serde_json::from_str(raw.get()).ok()?;
        let shown = self.shown();
        if all.len() != shown.len() {
            return None;
        }
        let own = |(at, token): (&Option<HashMap<u32, One>>, &u32)| Some(at.as_ref()?.get(token)?.logprob);
        let all: Vec<Option<f64>> = all.iter().zip(&shown).map(own).collect();
        self.cut(&all)
    }
}

#[derive(Deserialize)]
struct RawAnswer {
    #[serde(default)]
    choices: Vec<RawChoice>,
}

#[derive(Deserialize)]
struct RawChoice {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    prompt_logprobs: Option<Box<RawValue>>,
    #[serde(default)]
    logprobs: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Echo {
    token_logprobs: Vec<Option<f64>>,
    #[serde(default)]
    text_offset: Vec<i64>,
    #[serde(default)]
    top_logprobs: Option<Vec<Option<HashMap<String, f64>>>>,
}

impl Echo {
    fn read(raw: &RawValue) -> Option<Self> {
        serde_json::from_str(raw.get()).ok()
    }

    /// How many tokens begin before a character.
    fn begun_before(&self, end: usize) -> usize {
        self.text_offset.iter().filter(|offset| usize::try_from(**offset).is_ok_and(|offset| offset < end)).count()
    }

    /// Whether each token after those shown, of which there is one at least, has none above it.
    fn drew_the_likeliest(&self, shown: usize) -> bool {
        let tops = self.top_logprobs.as_deref().unwrap_or_default();
        let mut drawn = self.token_logprobs.iter().zip(tops).skip(shown).peekable();
        let likeliest = |(own, top): (&Option<f64>, &Option<HashMap<String, f64>>)| {
            let best = top.iter().flat_map(HashMap::values).copied().fold(f64::NEG_INFINITY, f64::max);
            own.is_some_and(|own| best.is_finite() && own >= best - 1e-3)
        };
        drawn.peek().is_some() && drawn.all(likeliest)
    }

    /// The tokens that end after one character and begin before another.
    fn between(&self, start: usize, end: usize) -> Option<Vec<f64>> {
        let offsets: Option<Vec<usize>> = self.text_offset.iter().map(|offset| usize::try_from(*offset).ok()).collect();
        let offsets = offsets?;
        // SGLang says -1 for all of them.
        if offsets.len() != self.token_logprobs.len() || !offsets.is_sorted() || offsets.first() != Some(&0) {
            return None;
        }
        let ends = offsets.iter().skip(1).copied().chain([usize::MAX]);
        let inside = offsets.iter().zip(ends).zip(&self.token_logprobs).enumerate();
        let inside = inside.filter(|(_, ((begin, stop), _))| *stop > start && **begin < end);
        inside.filter(|(place, _)| *place > 0).map(|(_, (_, logprob))| *logprob).collect()
    }
}
