//! `POST /v1/verify`: one job or thousands, answered together or one by one.
//! Not here: judging (`judging`), the rows (`answers`), the form of a job (`datasets`).

use std::{
    io::{self, Cursor},
    path::Path,
    sync::Arc,
    time::Instant,
};

use axum::{
    Extension, Json,
    body::{Body, Bytes},
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use serde::Deserialize;
use tokio::{
    sync::mpsc::{self, UnboundedReceiver},
    task::spawn_blocking,
    time::timeout_at,
};
use trialbox_datasets::{Asked, Lines, RowError, RowErrorKind, Rows, asked};
use trialbox_verifier::Semantics;
use utoipa::{IntoParams, ToSchema};

use super::{
    Daemon,
    answers::{Finding, Row, Ticket},
    fault::Fault,
    frame::{Arrived, FaultBody, Times, content_type},
    judging::{Question, Wish},
};

const NDJSON: &str = "application/x-ndjson";
const JSON: &str = "application/json";

/// What stands behind the path.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Options {
    /// `real` (what the problem means, the default) or `official` (what the benchmark's own grader does).
    semantics: Option<Reading>,
    /// Whether rows tell how many tests are passed (`tests_passed`): those behind a failure are run as well, which costs
    /// what they take.
    #[serde(default)]
    tests_passed: bool,
}

impl Options {
    fn wish(&self) -> Wish {
        Wish { semantics: self.semantics.map_or(Semantics::Real, Semantics::from), counts_tests: self.tests_passed }
    }
}

/// Whose reading of the problems decides.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reading {
    Real,
    Official,
}

impl From<Reading> for Semantics {
    fn from(reading: Reading) -> Self {
        match reading {
            Reading::Real => Semantics::Real,
            Reading::Official => Semantics::Official,
        }
    }
}

/// A job: a program and its problem, or a model's text and the name of a problem. The numbers may be Python's (`NaN`), the
/// texts may hold surrogates that stand alone.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"dataset": "quickstart", "task_id": "quickstart/0", "completion": "def add(a, b):\n    return a + b\n"}))]
#[expect(dead_code, reason = "it describes what `datasets::asked` reads")]
pub(super) struct JobBody {
    /// The job's name; needed where the problem comes along.
    id: Option<String>,
    /// The dataset of the problem; then `task_id` is needed, and one of `solution`, `code`, `completion` and `response`.
    dataset: Option<String>,
    /// The problem's name there.
    task_id: Option<String>,
    /// Tests that come along: `{inputs, outputs, fn_name}`, a list of `{input, output}`, a list of asserts, or
    /// `{functional}` or `{pytest}` with code; each may be JSON in a text.
    tests: Option<serde_json::Value>,
    /// A program, which is looked through for fences first; `code` is the same.
    solution: Option<String>,
    /// What a model wrote behind the prompt.
    completion: Option<String>,
    /// What a model answered in a conversation.
    response: Option<String>,
    /// `function_io`, `stdin` or `asserts`, where the problem comes along.
    mode: Option<String>,
    /// `evalplus` or `lcb_call`, `lcb_stdio`, or `mbpp_asserts`, `check` or `pytest`, by `mode`.
    semantics: Option<String>,
    /// The program.
    candidate: Option<String>,
    /// The program's exact bytes; they win over `candidate`.
    candidate_b64: Option<String>,
    /// `python` (the default), `cpp`, `cpp20` and the like.
    language: Option<String>,
    /// The problem, as `mode` and `semantics` have it.
    problem: Option<serde_json::Value>,
    /// `time_s` (CPU time) and `memory_mb`.
    limits: Option<serde_json::Value>,
}

/// Judges one job, or a list of jobs.
///
/// One object is answered with one row, a list with a list of rows in the order of the jobs. Who accepts
/// `application/x-ndjson` gets a row a line as verdicts come, in any order. Who goes away is worked for no longer.
#[utoipa::path(
    post,
    path = "/v1/verify",
    tag = "verify",
    params(Options),
    request_body(content((JobBody = "application/json"), (String = "application/x-ndjson")), description = "A job, a list of jobs, or one job a line"),
    responses(
        (status = 200, description = "A row for each job", content((Vec<Row> = "application/json"), (Row = "application/x-ndjson"))),
        (status = 400, description = "`bad_body`: the body cannot be read", body = FaultBody),
        (status = 401, description = "`unauthorized`", body = FaultBody),
        (status = 413, description = "`body_too_large`, `batch_too_large`", body = FaultBody),
        (status = 415, description = "`unsupported_media_type`", body = FaultBody),
        (status = 422, description = "`bad_job`, `unknown_dataset`, `unknown_task`, `above_a_cap`, `not_judged_here`, `bad_problem`", body = FaultBody),
        (status = 429, description = "`queue_full`", body = FaultBody),
        (status = 503, description = "`infra_error`, `draining`", body = FaultBody),
        (status = 504, description = "`took_too_long`", body = FaultBody),
    )
)]
pub(super) async fn verify(
    State(daemon): State<Arc<Daemon>>,
    Extension(Arrived(arrived)): Extension<Arrived>,
    Query(options): Query<Options>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Fault> {
    daemon.may_be_sent_work()?;
    let layout = Layout::of(&headers, &body)?;
    let wish = options.wish();
    let looked_at = {
        let daemon = Arc::clone(&daemon);
        spawn_blocking(move || questions(&daemon, body, layout, wish)).await
    };
    let questions = looked_at.map_err(Fault::infra_error)??;
    let (rows, answers) = mpsc::unbounded_channel();
    let (put, count) = (Instant::now(), questions.len());
    let errand = |(index, question): (usize, Question)| {
        let ticket = Ticket::new(index, question.id(), put.saturating_duration_since(arrived), &rows);
        question.errand(&daemon, ticket, &rows)
    };
    daemon.queue.put(questions.into_iter().enumerate().map(errand).collect())?;
    drop(rows);
    if accepts(&headers, NDJSON) {
        return Ok(streamed(answers, arrived + daemon.caps.request));
    }
    together(answers, count, layout).await
}

/// How jobs stand in a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    One,
    List,
    Lines,
}

impl Layout {
    fn of(headers: &HeaderMap, body: &[u8]) -> Result<Self, Fault> {
        let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
        match (content_type(headers).as_str(), first) {
            (NDJSON | JSON, None) => Err(Fault::bad_body("expected a job or a list of jobs, found nothing")),
            (NDJSON, Some(b'{')) => Ok(Self::Lines),
            (JSON, Some(b'[')) => Ok(Self::List),
            (JSON, Some(_)) => Ok(Self::One),
            (NDJSON, Some(_)) => Err(Fault::bad_body("expected one JSON object a line")),
            _ => {
                let message = format!("expected the content type {JSON} or {NDJSON}");
                Err(Fault::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE, message))
            }
        }
    }
}

fn accepts(headers: &HeaderMap, kind: &str) -> bool {
    headers.get_all(header::ACCEPT).iter().any(|value| value.to_str().is_ok_and(|accepted| accepted.contains(kind)))
}

/// Takes a body apart, and looks at each job. One that is wrong has all refused, before any is run.
fn questions(daemon: &Daemon, body: Bytes, layout: Layout, wish: Wish) -> Result<Vec<Question>, Fault> {
    let most = daemon.caps.batch;
    if layout == Layout::One {
        let asked = asked::parse(&body).map_err(|kind| unusable(&kind, ""))?;
        return Ok(vec![Question::new(daemon, asked, wish)?]);
    }
    let lines = Lines::from_reader(Path::new("the body"), Cursor::new(body)).map_err(Fault::bad_body)?;
    let mut questions = Vec::new();
    for row in Rows::new(lines, asked::parse) {
        let place = format!("jobs[{}]", questions.len());
        if questions.len() == most {
            return Err(Fault::batch_too_large(format!("a request has at most {most} jobs (--max-batch)")));
        }
        let asked: Asked = row.map_err(|error| unusable_row(&error, &place))?;
        let question = Question::new(daemon, asked, wish);
        questions.push(question.map_err(|fault| fault.at(&place))?);
    }
    Ok(questions)
}

fn unusable_row(error: &RowError, place: &str) -> Fault {
    match &error.kind {
        RowErrorKind::InList { kind, .. } => unusable(kind, place),
        kind => unusable(kind, place),
    }
}

/// What is no JSON cannot be read; what is, and is no job, cannot be used.
fn unusable(kind: &RowErrorKind, place: &str) -> Fault {
    let fault = match kind {
        RowErrorKind::Json(_)
        | RowErrorKind::NotUtf8 { .. }
        | RowErrorKind::Io(_)
        | RowErrorKind::UnfinishedList
        | RowErrorKind::AfterList => Fault::bad_body(kind),
        RowErrorKind::BadValue { key, .. } if key == "dataset" => Fault::unknown_dataset(kind),
        kind => Fault::bad_job(kind),
    };
    fault.at(place)
}

/// All rows, in the order of the jobs.
async fn together(mut answers: UnboundedReceiver<Row>, count: usize, layout: Layout) -> Result<Response, Fault> {
    let mut rows: Vec<Row> = Vec::with_capacity(count);
    while let Some(row) = answers.recv().await {
        rows.push(row);
    }
    rows.sort_unstable_by_key(|row| row.index);
    let times = Times::longest(&rows);
    let mut response = match (layout, rows.pop()) {
        (Layout::One, Some(Row { finding: Finding::Failed { error }, .. })) => {
            return Err(Fault::of_row(error.code, error.message));
        }
        (Layout::One, Some(row)) => Json(row).into_response(),
        (_, last) => {
            rows.extend(last);
            spawn_blocking(|| Json(rows).into_response()).await.map_err(Fault::infra_error)?
        }
    };
    response.extensions_mut().insert(times);
    Ok(response)
}

/// A row a line, as they come. At the deadline the body is broken off, so that nobody takes it for whole.
fn streamed(answers: UnboundedReceiver<Row>, deadline: Instant) -> Response {
    let next = move |mut answers: UnboundedReceiver<Row>| async move {
        let row = match timeout_at(deadline.into(), answers.recv()).await {
            Ok(row) => row?,
            Err(late) => return Some((Err(io::Error::from(late)), answers)),
        };
        // A row is made of texts and numbers: nothing in it can fail to be written.
        let mut line = serde_json::to_vec(&row).unwrap_or_default();
        line.push(b'\n');
        Some((Ok(Bytes::from(line)), answers))
    };
    let body = Body::from_stream(stream::unfold(answers, next));
    ([(header::CONTENT_TYPE, NDJSON)], body).into_response()
}
