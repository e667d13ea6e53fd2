//! Faults: what can go wrong in one exchange with a server, and what is to be done about it.
//! Not here: doing it (`draw`, `link`), the errors that users see (`server`).
//! In: an HTTP status and body, or what the socket said. Out: a [`ServerFault`] that knows whether asking again may help.

use std::time::Duration;

use serde_json::Value;

/// A message longer than this is a page, not a message.
const MESSAGE_CHARS: usize = 600;
/// A server that wants a longer rest than this has run out of something that waiting minutes does not bring back.
const LONGEST_REST: Duration = Duration::from_secs(600);

/// What went wrong in an exchange with a server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerFault {
    /// Nothing came, or only a part.
    #[error("{0}")]
    Transport(#[source] Box<ureq::Error>),
    /// It answered with a status that is no success.
    #[error("status {status}: {message}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// What it said.
        message: String,
        /// How long it wants to be left alone.
        rest: Option<Duration>,
    },
    /// What came is a web page or a stream, so that something else than the API is at the address.
    #[error("the answer is {0}, not JSON; is this the address of the API?")]
    NotTheApi(&'static str),
    /// What came is not what the API answers, as when it was cut off.
    #[error("the answer cannot be read: {0}")]
    Unreadable(String),
    /// It is longer than is read.
    #[error("the answer is longer than {0} bytes")]
    TooMuch(u64),
    /// It answered without a single completion.
    #[error("the answer has no completion in it")]
    Nothing,
    /// A completion ended in a way that makes it no sample of the model.
    #[error("a completion ended by {0:?} instead of an end or the limit; it is no sample of the model")]
    Unfinished(String),
    /// The log-probabilities that were asked for are not in the answer.
    #[error("the answer has no log-probabilities")]
    NoLogprobs,
    /// The run ended elsewhere while this was waited for.
    #[error("the run was over")]
    Stopped,
    /// The thread that asked died.
    #[error("an internal error")]
    Internal,
}

impl ServerFault {
    pub(super) fn status(status: u16, rest: Option<Duration>, body: &[u8]) -> Self {
        Self::Status { status, message: message(body), rest: rest.map(|rest| rest.min(LONGEST_REST)) }
    }

    /// Whether the same question may be answered if it is asked again.
    pub(super) fn passes(&self) -> bool {
        match self {
            Self::Transport(error) => !matches!(**error, ureq::Error::BadUri(_) | ureq::Error::Http(_)),
            // OpenAI says 429 too where the money has run out.
            Self::Status { status: 429, message, .. } => !message.contains("insufficient_quota"),
            Self::Status { status, .. } => matches!(status, 408 | 425 | 500 | 502..=504 | 506..=599),
            Self::Unreadable(_) | Self::Nothing | Self::Unfinished(_) => true,
            Self::NotTheApi(_) | Self::TooMuch(_) | Self::NoLogprobs | Self::Stopped | Self::Internal => false,
        }
    }

    /// How long the server wants to be left alone.
    pub(super) fn rest(&self) -> Duration {
        match self {
            Self::Status { rest: Some(rest), .. } => *rest,
            _ => Duration::ZERO,
        }
    }

    /// Whether the prompt, or the prompt and what may follow it, are longer than the model reads.
    pub(super) fn is_too_long(&self) -> bool {
        let Self::Status { status, message, .. } = self else { return false };
        let message = message.to_lowercase();
        *status != 429
            && [
                "context length",
                "context_length",
                "maximum context",
                "context size",
                "context window",
                "max_model_len",
            ]
            .iter()
            .any(|phrase| message.contains(phrase))
    }
}

/// What a body says, in the shapes in which servers say it: OpenAI's, FastAPI's, and plain text.
fn message(body: &[u8]) -> String {
    let found = serde_json::from_slice::<Value>(body).ok().and_then(|body| said(&body));
    let text = found.unwrap_or_else(|| match String::from_utf8_lossy(body).trim() {
        "" => "nothing more was said".to_owned(),
        page if page.starts_with('<') => "a web page".to_owned(),
        text => text.to_owned(),
    });
    match text.char_indices().nth(MESSAGE_CHARS) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

fn said(body: &Value) -> Option<String> {
    match body {
        Value::String(text) => Some(text.clone()),
        // Only where and what: "input" repeats the request, in which every field has its name.
        Value::Array(items) => {
            let told: Vec<String> = items.iter().filter_map(complaint).collect();
            (!told.is_empty()).then(|| told.join("; "))
        }
        Value::Object(fields) => {
            let inner = ["error", "message", "detail"].iter().find_map(|name| said(fields.get(*name)?))?;
            // The code says what no phrase does reliably.
            let code = fields.get("code").and_then(Value::as_str).filter(|code| !inner.contains(*code));
            Some(code.map_or(inner.clone(), |code| format!("{inner} ({code})")))
        }
        _ => None,
    }
}

fn complaint(item: &Value) -> Option<String> {
    let text = item.get("msg").and_then(Value::as_str)?;
    let place: Vec<&str> = item.get("loc")?.as_array()?.iter().filter_map(Value::as_str).collect();
    Some(format!("{}: {text}", place.join(".")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(status: u16, body: &str) -> ServerFault {
        ServerFault::status(status, None, body.as_bytes())
    }

    #[test]
    fn every_servers_way_of_saying_what_is_wrong_is_understood() {
        for (body, said) in [
            (r#"{"error": {"message": "no such model", "type": "x", "code": 404}}"#, "no such model"),
            (r#"{"error": {"message": "no money", "code": "insufficient_quota"}}"#, "no money (insufficient_quota)"),
            (r#"{"object": "error", "message": "too long", "code": 400}"#, "too long"),
            (r#"{"error": "plain"}"#, "plain"),
            (r#"{"detail": [{"loc": ["body", "n"], "msg": "extra", "input": {"seed": 1}}]}"#, "body.n: extra"),
            (r#"{"detail": "Unexpected fields"}"#, "Unexpected fields"),
            ("Bad Gateway\n", "Bad Gateway"),
            ("<html>...", "a web page"),
            ("", "nothing more was said"),
        ] {
            assert_eq!(heard(400, body).to_string(), format!("status 400: {said}"));
        }
        assert!(heard(400, &"é".repeat(10_000)).to_string().len() < 2_000);
    }

    #[test]
    fn only_what_may_pass_is_asked_again() {
        for status in [408, 425, 429, 500, 502, 503, 504, 529] {
            assert!(heard(status, "").passes(), "{status}");
        }
        for status in [301, 400, 401, 403, 404, 413, 422, 501, 505] {
            assert!(!heard(status, "").passes(), "{status}");
        }
        assert!(!heard(429, r#"{"error": {"message": "x", "code": "insufficient_quota"}}"#).passes());
    }

    #[test]
    fn a_prompt_that_is_too_long_is_known_by_what_servers_say() {
        for message in [
            "This model's maximum context length is 4096 tokens. However, you requested 8192 output tokens",
            "Requested token count exceeds the model's maximum context length of 4096 tokens.",
            "the request exceeds the available context size. try increasing the context size",
            "x (context_length_exceeded)",
        ] {
            assert!(heard(400, message).is_too_long(), "{message}");
        }
        assert!(!heard(400, "no such model").is_too_long() && !heard(429, "context length").is_too_long());
    }
}
