//! What stands around every request: its id, who may ask, how long it may take, how a fault is told, what is counted.
//! Not here: what a request asks (one file per endpoint).

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Json,
    body::{Bytes, to_bytes},
    extract::{FromRequest, MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

use super::{Caps, Daemon, answers::Row, fault::Fault, metrics};

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
static SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Whoever only asks how we are needs no token: what probes a daemon has none.
const OPEN_TO_ALL: [&str; 3] = ["/healthz", "/readyz", "/v1/ping"];
/// Where Piston's endpoints are.
const PISTONS: &str = "/api/v2/";
/// What somebody else has said of a fault is told up to this length.
const MOST_FOREIGN_BYTES: usize = 1 << 12;

/// The body of every answer that tells of a fault.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FaultBody {
    error: FaultText,
    /// The same message, for Piston's clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// What is wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FaultText {
    /// Stable: a client may decide on it.
    #[schema(example = "queue_full")]
    code: &'static str,
    /// For people.
    message: String,
    /// The same as in the header `x-request-id`.
    request_id: String,
}

/// Where the time of a request went, told in the header `server-timing`, in milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Times {
    pub(super) queue: Duration,
    pub(super) execution: Duration,
}

/// When the head of a request was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrived(pub(super) Instant);

/// The token that clients must show, as a hash: comparing hashes takes the same time wherever they differ.
#[derive(Debug)]
pub(super) struct Token(blake3::Hash);

impl Token {
    pub(super) fn new(token: &str) -> Self {
        Self(blake3::hash(token.as_bytes()))
    }

    fn is_shown(&self, headers: &HeaderMap) -> bool {
        let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
        shown.is_some_and(|shown| blake3::hash(shown) == self.0)
    }
}

/// Frames one request.
pub(super) async fn frame(State(daemon): State<Arc<Daemon>>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let id = request_id(request.headers());
    let path = request.extensions().get::<MatchedPath>().map_or("unknown", MatchedPath::as_str).to_owned();
    let may_ask = daemon.token.as_ref().is_none_or(|token| token.is_shown(request.headers()));
    request.extensions_mut().insert(Arrived(begun));
    let in_flight = metrics::InFlight::begin();
    let answer = async {
        if !may_ask && !OPEN_TO_ALL.contains(&path.as_str()) {
            Fault::unauthorized().into_response()
        } else if daemon.browsers_reach_it && !is_named_as_ours(request.headers()) {
            Fault::foreign_host().into_response()
        } else if says_too_much(request.headers(), daemon.caps.body_bytes) {
            Fault::body_too_large(daemon.caps.body_bytes).into_response()
        } else {
            let most = daemon.caps.request;
            let late = |_| Fault::took_too_long(most.as_secs()).into_response();
            tokio::time::timeout(most, next.run(request)).await.unwrap_or_else(late)
        }
    };
    let mut response = explained(answer.await, &id, &daemon.caps, path.starts_with(PISTONS)).await;
    drop(in_flight);
    let took = begun.elapsed();
    metrics::request(path, response.status(), took);
    if let Some(times) = response.extensions().get::<Times>()
        && let Ok(value) = HeaderValue::from_str(&times.told(took))
    {
        response.headers_mut().insert(&SERVER_TIMING, value);
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(&REQUEST_ID, value);
    }
    response
}

impl Times {
    /// Of what came one after the other.
    pub(super) fn add(&mut self, further: Self) {
        self.queue += further.queue;
        self.execution += further.execution;
    }

    /// Of programs that waited and ran side by side.
    pub(super) fn longest(rows: &[Row]) -> Self {
        let longest = |of: fn(&Row) -> f64| Duration::from_secs_f64(rows.iter().map(of).fold(0.0, f64::max) / 1e3);
        Self { queue: longest(|row| row.queue_ms), execution: longest(|row| row.execution_ms) }
    }

    /// What is left of the whole is transport: reading the request and taking it apart.
    fn told(self, whole: Duration) -> String {
        let transport = whole.saturating_sub(self.queue + self.execution);
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let (queue, execution, transport) = (ms(self.queue), ms(self.execution), ms(transport));
        format!("queue;dur={queue:.3}, execution;dur={execution:.3}, transport;dur={transport:.3}")
    }
}

/// Whether a request's head announces more than is read.
fn says_too_much(headers: &HeaderMap, most_bytes: usize) -> bool {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    length.is_some_and(|length| length > most_bytes as u64)
}

/// Whether a request was meant for this machine. A page in a browser may have its own name point here, and then read what we
/// answer; it cannot choose to be called by an address, nor `localhost`. Who has a token needs no such care.
fn is_named_as_ours(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST) else { return true };
    let Some(authority) = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok()) else { return false };
    let name = authority.host();
    let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok()
}

/// The client's own id where that is harmless, else one that nobody has.
fn request_id(headers: &HeaderMap) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let is_plain = |text: &&str| {
        (1..=128).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
    };
    let own = || format!("{:08x}-{:x}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let theirs = headers.get(&REQUEST_ID).and_then(|value| value.to_str().ok()).filter(is_plain);
    theirs.map_or_else(own, str::to_owned)
}

/// A fault with its body. What does not come from us (a path that is not there, a body that is too large) has the same form.
/// Piston's clients know 400 for all that is wrong with a request, and look for the message at the top.
async fn explained(response: Response, id: &str, caps: &Caps, is_pistons: bool) -> Response {
    if response.status().is_success() {
        return response;
    }
    let status = match response.status() {
        StatusCode::UNPROCESSABLE_ENTITY if is_pistons => StatusCode::BAD_REQUEST,
        other => other,
    };
    let (mut parts, body) = response.into_parts();
    let fault = match parts.extensions.remove::<Fault>() {
        Some(fault) => fault,
        None if status == StatusCode::PAYLOAD_TOO_LARGE => Fault::body_too_large(caps.body_bytes),
        None => {
            let said = to_bytes(body, MOST_FOREIGN_BYTES).await.unwrap_or_default();
            Fault::of_status(status, String::from_utf8_lossy(&said).into_owned())
        }
    };
    if status == StatusCode::SERVICE_UNAVAILABLE {
        metrics::infra_error();
    }
    let message = is_pistons.then(|| fault.message.clone());
    let error = FaultText { code: fault.code, message: fault.message, request_id: id.to_owned() };
    let mut framed = Json(FaultBody { error, message }).into_response();
    *framed.status_mut() = status;
    for name in [header::RETRY_AFTER, header::WWW_AUTHENTICATE, header::ALLOW] {
        if let Some(value) = parts.headers.remove(&name) {
            framed.headers_mut().insert(name, value);
        }
    }
    framed
}

/// A body of JSON, taken apart. What is no JSON cannot be read; what is, and is not what is asked for, cannot be used.
#[derive(Debug)]
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        if content_type(request.headers()) != "application/json" {
            let message = "expected the content type application/json".to_owned();
            return Err(Fault::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE, message).into_response());
        }
        let body = Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        let fault = |error: serde_json::Error| match error.classify() {
            serde_json::error::Category::Data => Fault::bad_job(error),
            _ => Fault::bad_body(error),
        };
        serde_json::from_slice(&body).map(Self).map_err(|error| fault(error).into_response())
    }
}

/// An answer in JSON, and where its time went.
#[derive(Debug)]
pub(super) struct Timed<T>(pub(super) T, pub(super) Times);

impl<T: Serialize> IntoResponse for Timed<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.0).into_response();
        response.extensions_mut().insert(self.1);
        response
    }
}

/// Only JSON is taken: a page in a browser can send other kinds to anybody, unasked.
pub(super) fn content_type(headers: &HeaderMap) -> String {
    let said = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name.clone(), HeaderValue::from_str(value).expect("a header"))])
    }

    #[test]
    fn only_the_whole_token_is_the_token() {
        let token = Token::new("secret");
        assert!(token.is_shown(&headers(&header::AUTHORIZATION, "Bearer secret")));
        for wrong in ["Bearer secre", "Bearer secret ", "Bearer secrets", "secret", "Basic secret", "Bearer "] {
            assert!(!token.is_shown(&headers(&header::AUTHORIZATION, wrong)), "{wrong}");
        }
        assert!(!token.is_shown(&HeaderMap::new()));
    }

    #[test]
    fn a_clients_own_id_is_kept_where_it_is_harmless() {
        assert_eq!(request_id(&headers(&REQUEST_ID, "run-7.step_3")), "run-7.step_3");
        for odd in ["", "a b", "\"", &"x".repeat(129)] {
            assert_ne!(request_id(&headers(&REQUEST_ID, odd)), odd);
        }
        assert_ne!(request_id(&HeaderMap::new()), request_id(&HeaderMap::new()));
    }

    #[test]
    fn only_addresses_and_localhost_are_names_of_ours() {
        for ours in ["localhost", "localhost:8077", "LOCALHOST", "127.0.0.1:1", "10.0.0.7", "[::1]:8077", "[::1]"] {
            assert!(is_named_as_ours(&headers(&header::HOST, ours)), "{ours}");
        }
        for foreign in
            ["evil.example", "evil.example:8077", "localhost.evil.example", "127.0.0.1.evil.example", "", "a b"]
        {
            assert!(!is_named_as_ours(&headers(&header::HOST, foreign)), "{foreign}");
        }
        assert!(is_named_as_ours(&HeaderMap::new()), "no browser leaves it out");
    }

    #[test]
    fn times_add_up() {
        let times = Times { queue: Duration::from_millis(2), execution: Duration::from_micros(1_500) };
        let told = times.told(Duration::from_millis(4));
        assert_eq!(told, "queue;dur=2.000, execution;dur=1.500, transport;dur=0.500");
    }
}
