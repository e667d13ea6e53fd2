//! What is wrong with a request, or with us: a status, a stable code, a plain message.
//! Not here: the request's id and the frame around the message (`frame`).

use std::fmt::Display;

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use super::queue::Refusal;
use crate::catalogue::CatalogueError;

/// Why a request is not answered as it asks. Its code is a contract (`docs/http.md`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: String,
    retry_after_s: Option<u32>,
}

impl Fault {
    fn new(status: StatusCode, code: &'static str, message: impl Display) -> Self {
        Self { status, code, message: message.to_string(), retry_after_s: None }
    }

    /// The text is not what it should be: not JSON, for one.
    pub(super) fn bad_body(message: impl Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_body", message)
    }

    /// The text can be read, and cannot be used.
    pub(super) fn bad_job(message: impl Display) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_job", message)
    }

    /// No dataset of that name is here.
    pub(super) fn unknown_dataset(message: impl Display) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "unknown_dataset", message)
    }

    /// The dataset has no such problem.
    pub(super) fn unknown_task(message: impl Display) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "unknown_task", message)
    }

    /// Nobody here can judge that.
    pub(super) fn not_judged_here(message: impl Display) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "not_judged_here", message)
    }

    /// The problem's own solution does not solve it, so that nothing can be said of others.
    pub(super) fn bad_problem(message: impl Display) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_problem", message)
    }

    /// A job asks for more than it may.
    pub(super) fn above_a_cap(message: impl Display) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "above_a_cap", message)
    }

    /// More jobs than a request may have.
    pub(super) fn batch_too_large(message: impl Display) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "batch_too_large", message)
    }

    /// More bytes than a request may have.
    pub(super) fn body_too_large(most_bytes: usize) -> Self {
        let message = format!("a request has at most {most_bytes} bytes (--max-body)");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message)
    }

    /// The client must say who it is.
    pub(super) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "unauthorized")
    }

    /// Without a token only who names this machine by its address is answered.
    pub(super) fn foreign_host() -> Self {
        let message = "without a token (--token-file) the host must be called localhost or by its address";
        Self::new(StatusCode::FORBIDDEN, "foreign_host", message)
    }

    /// It took longer than any request may take.
    pub(super) fn took_too_long(most_s: u64) -> Self {
        let message = format!("no request may take longer than {most_s} s (--max-request-s)");
        Self::new(StatusCode::GATEWAY_TIMEOUT, "took_too_long", message)
    }

    /// The host failed: nothing is said of any program.
    pub(super) fn infra_error(message: impl Display) -> Self {
        let retry_after_s = Some(1);
        Self { retry_after_s, ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "infra_error", message) }
    }

    /// What one row tells, where it is the only one.
    pub(super) fn of_row(code: &'static str, message: String) -> Self {
        match code {
            "infra_error" => Self::infra_error(message),
            code => Self { code, ..Self::bad_job(message) },
        }
    }

    /// The same, of one of several.
    pub(super) fn at(self, place: &str) -> Self {
        let message = if place.is_empty() { self.message } else { format!("{place}: {}", self.message) };
        Self { message, ..self }
    }

    /// What a status says that nobody explained with a code of ours.
    pub(super) fn of_status(status: StatusCode, message: String) -> Self {
        let code = match status {
            StatusCode::NOT_FOUND => "not_found",
            StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
            status if status.is_client_error() => "bad_request",
            _ => "internal",
        };
        let usual = || status.canonical_reason().unwrap_or("error").to_lowercase();
        Self::new(status, code, if message.is_empty() { usual() } else { message })
    }
}

impl From<CatalogueError> for Fault {
    fn from(error: CatalogueError) -> Self {
        match error {
            CatalogueError::UnknownDataset { .. } => Self::unknown_dataset(error),
            CatalogueError::UnknownTask { .. } => Self::unknown_task(error),
            CatalogueError::OnStdinAlone => Self::not_judged_here(error),
            CatalogueError::Unreadable { .. } | CatalogueError::UnreadableTask { .. } => Self::infra_error(error),
        }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Full { most } => {
                let message = format!("{most} jobs wait already, which is as many as may (--max-queue)");
                let full = Self::new(StatusCode::TOO_MANY_REQUESTS, "queue_full", message);
                Self { retry_after_s: Some(1), ..full }
            }
            Refusal::TooMany { most } => Self::batch_too_large(format!(
                "at most {most} jobs wait at once (--max-queue), and all of a request do"
            )),
            Refusal::Closed => {
                let ending = "the daemon is about to end: another one may answer";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "draining", ending)
            }
        }
    }
}

/// The body is written by the frame, which knows the request's id.
impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}
