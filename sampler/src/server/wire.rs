//! The wire: requests as an OpenAI-compatible API wants them, and answers as such APIs give them.
//! Not here: sending (`link`), what to leave out (`dialect`), which sample an answer is (`draw`).
//! In: a prompt and settings; bytes. Out: JSON; [`Choice`]s.
//!
//! Formats as in vllm/entrypoints/openai, sglang/srt/entrypoints/openai, llama.cpp's tools/server and OpenAI's reference.

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use serde_json::value::RawValue;

use super::dialect::Dialect;
use super::fault::ServerFault;
use crate::Prompt;
use crate::Request;
use crate::Role;
use crate::Sampling;

/// How a model's servers mark what they cut out of its text as reasoning.
const REASONING: (&str, &str) = ("<think>", "</think>");

/// Where a prompt of this kind goes.
pub(super) fn path(prompt: &Prompt) -> &'static str {
    match prompt {
        Prompt::Text(_) => "/completions",
        Prompt::Chat { .. } => "/chat/completions",
    }
}

/// A conversation, with the beginning of the answer as a last turn that is left open.
///
/// The two flags are vLLM's and SGLang's; llama.cpp continues a last turn of the model by itself. A server that knows
/// neither begins a new answer: then there must be no prefill.
pub(super) fn conversation(prompt: &Prompt, body: &mut Map<String, Value>) {
    let Prompt::Chat { messages, prefill } = prompt else { return };
    let mut turns: Vec<Value> =
        messages.iter().map(|turn| json!({"role": turn.role, "content": turn.content})).collect();
    if !prefill.is_empty() {
        turns.push(json!({"role": Role::Assistant, "content": prefill}));
        body.insert("add_generation_prompt".to_owned(), json!(false));
        body.insert("continue_final_message".to_owned(), json!(true));
    }
    body.insert("messages".to_owned(), json!(turns));
}

/// The request for `count` completions, the first of them with `seed`.
///
/// Every setting that shapes the distribution is said, because servers have defaults of their own: vLLM the model's
/// generation_config (top_k 20 and repetition_penalty 1.05 for Qwen2.5), llama.cpp top_k 40 and min_p 0.05.
pub(super) fn body(
    model: &str,
    request: &Request,
    sampling: &Sampling,
    dialect: &Dialect,
    seed: u64,
    count: u32,
) -> Value {
    let mut body = Map::new();
    let mut say = |field: &str, value: Value| body.insert(field.to_owned(), value);
    say("model", json!(model));
    say("temperature", json!(sampling.temperature));
    say("top_p", json!(sampling.top_p));
    let tokens = if dialect.says("max_tokens") { "max_tokens" } else { "max_completion_tokens" };
    say(tokens, json!(sampling.max_tokens));
    if let Some(top_k) = sampling.top_k.map(i64::from).or(dialect.all_tokens.map(i64::from)) {
        say("top_k", json!(top_k));
    }
    for (field, neutral) in [("min_p", 0.0), ("repetition_penalty", 1.0)] {
        if dialect.says(field) {
            say(field, json!(neutral));
        }
    }
    if dialect.says("seed") {
        say("seed", json!(seed));
    }
    if count > 1 {
        say("n", json!(count));
    }
    if !request.stop.is_empty() {
        say("stop", json!(request.stop));
    }
    if dialect.says("logprobs") {
        let flag = if matches!(request.prompt, Prompt::Chat { .. }) { json!(true) } else { json!(1) };
        say("logprobs", flag);
    }
    match &request.prompt {
        Prompt::Text(text) => drop(say("prompt", json!(text))),
        chat @ Prompt::Chat { .. } => conversation(chat, &mut body),
    }
    Value::Object(body)
}

/// One completion of an answer.
#[derive(Debug, PartialEq)]
pub(super) struct Choice {
    pub(super) text: String,
    /// As the server says it.
    pub(super) finish_reason: Option<String>,
    pub(super) tokens: Option<u32>,
    pub(super) logprobs: Option<Vec<f64>>,
}

#[derive(Deserialize)]
struct RawAnswer<'a> {
    #[serde(borrow, default)]
    choices: Option<Vec<RawChoice<'a>>>,
    #[serde(default)]
    usage: Option<Usage>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    completion_tokens: Option<u32>,
}

#[derive(Deserialize)]
struct RawChoice<'a> {
    #[serde(default)]
    index: Option<u32>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    message: Option<RawMessage>,
    #[serde(default)]
    finish_reason: Option<String>,
    // Raw, because these are most of an answer, and because no two servers agree on them.
    #[serde(borrow, default)]
    logprobs: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct RawMessage {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    refusal: Option<String>,
    #[serde(default)]
    reasoning: Option<String>,
    #[serde(default)]
    reasoning_content: Option<String>,
    #[serde(default)]
    tool_calls: Option<Vec<serde::de::IgnoredAny>>,
}

/// Reads an answer: its completions, each with the place among those that were asked for.
///
/// The place is what the server says, where what it says makes sense for all of them, else their order.
pub(super) fn choices(bytes: &[u8], count: u32) -> Result<Vec<(u32, Choice)>, ServerFault> {
    let unreadable = |error: serde_json::Error| ServerFault::Unreadable(error.to_string());
    let answer: RawAnswer = serde_json::from_slice(bytes).map_err(unreadable)?;
    let Some(raw) = answer.choices else {
        let said = answer.error.map_or("it has no choices", RawValue::get);
        return Err(ServerFault::Unreadable(said.chars().take(300).collect()));
    };
    let mut places: Vec<u32> = raw.iter().filter_map(|choice| choice.index).collect();
    places.sort_unstable();
    places.dedup();
    let alone = raw.len() == 1;
    // Some number on from earlier requests, which shows where there is one.
    let numbered = places.len() == raw.len() && !(alone && places[0] >= count);
    let usage = answer.usage.and_then(|usage| usage.completion_tokens).filter(|_| alone);
    (0..)
        .zip(raw)
        .map(|(order, choice)| {
            let place = choice.index.filter(|_| numbered).unwrap_or(order);
            Ok((place, whole(choice, usage)?))
        })
        .collect()
}

fn whole(raw: RawChoice, usage: Option<u32>) -> Result<Choice, ServerFault> {
    let logprobs = raw.logprobs.and_then(|raw| logprobs(raw.get()));
    let tokens = usage.or_else(|| logprobs.as_ref().and_then(|all| u32::try_from(all.len()).ok()));
    let mut finish_reason = raw.finish_reason;
    let text = match (raw.text, raw.message) {
        (Some(text), _) => text,
        (None, Some(message)) => {
            // A parser of tool calls has taken a part of the text away, whatever the reason given.
            if message.tool_calls.as_ref().is_some_and(|calls| !calls.is_empty()) {
                finish_reason = Some("tool_calls".to_owned());
            }
            spoken(message)
        }
        (None, None) => return Err(ServerFault::Unreadable("a choice has neither text nor message".to_owned())),
    };
    Ok(Choice { text, finish_reason, tokens, logprobs })
}

/// What the model wrote, the reasoning that a server cut out put back where it was; left open where it never ended.
fn spoken(message: RawMessage) -> String {
    let content = message.content.or(message.refusal);
    match message.reasoning_content.or(message.reasoning).filter(|reasoning| !reasoning.is_empty()) {
        None => content.unwrap_or_default(),
        Some(reasoning) => {
            let (open, close) = REASONING;
            content.map_or(format!("{open}{reasoning}"), |content| format!("{open}{reasoning}{close}{content}"))
        }
    }
}

/// The log-probabilities of what was drawn: in OpenAI's shape for text, or in its shape for chat, which llama.cpp uses for
/// both. `None` where one is missing, because a mean of the others would say something else.
pub(super) fn logprobs(raw: &str) -> Option<Vec<f64>> {
    #[derive(Deserialize)]
    struct Both {
        #[serde(default)]
        token_logprobs: Option<Vec<Option<f64>>>,
        #[serde(default)]
        content: Option<Vec<One>>,
    }
    #[derive(Deserialize)]
    struct One {
        logprob: Option<f64>,
    }
    let both: Both = serde_json::from_str(raw).ok()?;
    let all: Vec<Option<f64>> =
        both.token_logprobs.or_else(|| Some(both.content?.into_iter().map(|one| one.logprob).collect()))?;
    all.into_iter().collect()
}

/// A model that a server has.
#[derive(Debug, Deserialize)]
pub(super) struct Model {
    pub(super) id: String,
    #[serde(default)]
    owned_by: Option<String>,
}

impl Model {
    /// SGLang gives the same seed to all completions of a request.
    pub(super) fn shares_seeds(&self) -> bool {
        self.owned_by.as_deref() == Some("sglang")
    }
}

/// Reads a list of models.
pub(super) fn models(bytes: &[u8]) -> Result<Vec<Model>, ServerFault> {
    #[derive(Deserialize)]
    struct List {
        data: Vec<Model>,
    }
    let list: Result<List, _> = serde_json::from_slice(bytes);
    list.map(|list| list.data).map_err(|error| ServerFault::Unreadable(error.to_string()))
}

#[cfg(test)]
mod tests;
