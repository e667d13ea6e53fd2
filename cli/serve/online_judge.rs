//! SandboxFusion's datasets (`sandbox/server/online_judge_api.py`): `/list_datasets`, `/list_ids`, `/get_prompts`,
//! `/get_prompt_by_id`, `/submit`, `/get_metrics`, `/get_metrics_function`.
//! Not here: running programs that nobody judges (`sandbox_fusion`), judging (`judging`).
//! Problems are those of our own datasets, under their own names and limits: `provided_data` is refused, and of `config`
//! nothing else is looked at.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::{Map, Value};
use tokio::task::spawn_blocking;
use trialbox_datasets::{Asked, Dataset, Language, Sample, SampleText};
use trialbox_verifier::{Semantics, Verdict, extract::Rule};
use utoipa::ToSchema;

use super::{
    Daemon,
    answers::Judged,
    fault::Fault,
    frame::{FaultBody, read_json},
    judging::{Question, Wish},
    sandbox_fusion::RunCodeAnswer,
};
use crate::extraction;

/// Which problems are asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"dataset": "quickstart", "offset": 0, "limit": 2}))]
pub(super) struct Listing {
    dataset: String,
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    config: TestConfig,
    #[serde(default)]
    offset: usize,
    #[serde(default = "a_million")]
    limit: usize,
}

fn a_million() -> usize {
    1_000_000
}

/// One problem.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"dataset": "quickstart", "id": "quickstart/0"}))]
pub(super) struct OneId {
    dataset: String,
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    config: TestConfig,
    #[schema(value_type = String)]
    id: Id,
}

/// A problem's name; of HumanEval's and MBPP's the number is enough.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Id {
    Name(String),
    Number(u64),
}

/// What SandboxFusion's clients may say of a test. Its other fields decide nothing here.
#[derive(Debug, Default, Deserialize)]
struct TestConfig {
    provided_data: Option<IgnoredAny>,
}

/// An answer to a problem.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"dataset": "quickstart", "id": "quickstart/0", "completion": "```python\ndef add(a, b):\n    return a + b\n```"}))]
pub(super) struct Submit {
    #[serde(flatten)]
    problem: OneId,
    /// What the model wrote, as it is.
    completion: String,
}

/// A problem as a model is shown it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Prompt {
    id: String,
    prompt: String,
    #[schema(value_type = Object)]
    labels: Map<String, Value>,
}

/// What came of an answer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EvalResult {
    id: String,
    accepted: bool,
    extracted_code: String,
    /// What was run: the same.
    full_code: String,
    /// Empty: tests are told to nobody.
    test_code: String,
    /// One for all tests, which are judged together.
    tests: Vec<TestResult>,
    /// `fenced`, `incomplete_fenced`, `heuristic` or `empty`; null for a text that is a program.
    extracted_type: Option<&'static str>,
    /// The whole judgement, as in the answer of `/v1/verify`.
    extra: Extra,
}

#[derive(Debug, Serialize, ToSchema)]
struct TestResult {
    passed: bool,
    exec_info: RunCodeAnswer,
    #[schema(value_type = Object)]
    test_info: Map<String, Value>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Extra {
    judgement: Judged,
}

/// Lists the datasets.
#[utoipa::path(get, path = "/list_datasets", tag = "SandboxFusion", responses((status = 200, body = [String])))]
pub(super) async fn list_datasets(State(daemon): State<Arc<Daemon>>) -> Json<Vec<&'static str>> {
    Json(daemon.catalogue.names())
}

/// Lists the problems of a dataset.
#[utoipa::path(
    post,
    path = "/list_ids",
    tag = "SandboxFusion",
    request_body = Listing,
    responses((status = 200, body = [String]), (status = 422, description = "`unknown_dataset`", body = FaultBody))
)]
pub(super) async fn list_ids(state: State<Arc<Daemon>>, headers: HeaderMap, body: Bytes) -> Result<Response, Fault> {
    let prompts = listed(state, headers, body).await?;
    Ok(Json(prompts.into_iter().map(|prompt| prompt.id).collect::<Vec<_>>()).into_response())
}

/// Lists the problems of a dataset with their prompts.
#[utoipa::path(
    post,
    path = "/get_prompts",
    tag = "SandboxFusion",
    request_body = Listing,
    responses((status = 200, body = [Prompt]), (status = 422, description = "`unknown_dataset`", body = FaultBody))
)]
pub(super) async fn get_prompts(state: State<Arc<Daemon>>, headers: HeaderMap, body: Bytes) -> Result<Response, Fault> {
    Ok(Json(listed(state, headers, body).await?).into_response())
}

async fn listed(State(daemon): State<Arc<Daemon>>, headers: HeaderMap, body: Bytes) -> Result<Vec<Prompt>, Fault> {
    let Listing { dataset, config, offset, limit } = read_json(&headers, &body)?;
    let dataset = named(&dataset, &config)?;
    let listed = spawn_blocking(move || {
        let ids = daemon.catalogue.ids(dataset)?;
        ids.iter().skip(offset).take(limit).map(|id| daemon.prompt(dataset, id)).collect()
    });
    listed.await.map_err(Fault::infra_error)?
}

/// Gives one problem.
#[utoipa::path(
    post,
    path = "/get_prompt_by_id",
    tag = "SandboxFusion",
    request_body = OneId,
    responses((status = 200, body = Prompt), (status = 422, description = "`unknown_dataset`, `unknown_task`", body = FaultBody))
)]
pub(super) async fn get_prompt_by_id(
    State(daemon): State<Arc<Daemon>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Fault> {
    let asked: OneId = read_json(&headers, &body)?;
    let dataset = named(&asked.dataset, &asked.config)?;
    let prompt = spawn_blocking(move || daemon.prompt(dataset, &asked.id.of(dataset)));
    Ok(Json(prompt.await.map_err(Fault::infra_error)??).into_response())
}

/// Judges an answer.
#[utoipa::path(
    post,
    path = "/submit",
    tag = "SandboxFusion",
    request_body = Submit,
    responses(
        (status = 200, description = "It was judged", body = EvalResult),
        (status = 422, description = "`unknown_dataset`, `unknown_task`, `not_judged_here`, `bad_problem`", body = FaultBody),
        (status = 503, description = "`infra_error`, `draining`", body = FaultBody),
    )
)]
pub(super) async fn submit(
    State(daemon): State<Arc<Daemon>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Fault> {
    let Submit { problem: OneId { dataset, config, id }, completion } = read_json(&headers, &body)?;
    let dataset = named(&dataset, &config)?;
    let id = id.of(dataset);
    let has_fences = completion.contains("```");
    let text = if has_fences { SampleText::Response(completion) } else { SampleText::Completion(completion) };
    let sample = Sample { task_id: id.clone(), sample: None, language: Language::Python, text };
    let looked_at = {
        let daemon = Arc::clone(&daemon);
        spawn_blocking(move || {
            let style = extraction::usual_style(dataset, Semantics::Real);
            let extracted =
                extraction::extract(&sample, daemon.catalogue.entry(dataset, &sample.task_id)?, style, false);
            let question = Question::new(&daemon, Asked::Answer { id: None, dataset, sample }, Wish::default())?;
            Ok::<_, Fault>((extracted, question))
        })
    };
    let (extracted, question) = looked_at.await.map_err(Fault::infra_error)??;
    let (judged, times) = daemon.judged(vec![question]).await?;
    let judged = judged.into_iter().next().ok_or_else(|| Fault::infra_error("nothing was judged"))?;
    let (code, extracted_type) = match extracted {
        Ok(extracted) => (extracted.program, type_of(extracted.rule)),
        Err(_) => (String::new(), Some("empty")),
    };
    let mut response = Json(EvalResult::of(id, code, extracted_type, judged)).into_response();
    response.extensions_mut().insert(times);
    Ok(response)
}

/// Answers that there are no metrics beside pass@k, as SandboxFusion does for these datasets.
#[utoipa::path(post, path = "/get_metrics", tag = "SandboxFusion", responses((status = 200, body = Object)))]
pub(super) async fn get_metrics() -> Json<Map<String, Value>> {
    Json(Map::new())
}

/// Answers that there is no function for metrics.
#[utoipa::path(post, path = "/get_metrics_function", tag = "SandboxFusion", responses((status = 200, body = Object)))]
pub(super) async fn get_metrics_function() -> Json<Map<String, Value>> {
    Json(Map::from_iter([("function".to_owned(), Value::Null)]))
}

fn named(dataset: &str, config: &TestConfig) -> Result<Dataset, Fault> {
    if config.provided_data.is_some() {
        let other = "/v1/verify takes jobs that bring their tests";
        return Err(Fault::not_judged_here(format!("config.provided_data: problems are those that are here; {other}")));
    }
    dataset.parse().map_err(Fault::unknown_dataset)
}

fn type_of(rule: Rule) -> Option<&'static str> {
    match rule {
        Rule::Fenced
        | Rule::FencedJoined
        | Rule::FencedSession
        | Rule::FencedBroken
        | Rule::FencedLongest
        | Rule::LcbFenced => Some("fenced"),
        Rule::FencedOpen => Some("incomplete_fenced"),
        Rule::Embedded => Some("heuristic"),
        Rule::Whole | Rule::Continued | Rule::ContinuedCut | Rule::Restated | Rule::LcbBase => None,
    }
}

impl Id {
    fn of(self, dataset: Dataset) -> String {
        match (self, dataset) {
            (Self::Name(name), _) => name,
            (Self::Number(number), Dataset::HumanEvalPlus) => format!("HumanEval/{number}"),
            (Self::Number(number), Dataset::MbppPlus) => format!("Mbpp/{number}"),
            (Self::Number(number), _) => number.to_string(),
        }
    }
}

impl Daemon {
    fn prompt(&self, dataset: Dataset, id: &str) -> Result<Prompt, Fault> {
        let entry = self.catalogue.entry(dataset, id)?;
        let mut labels = Map::new();
        if let Some(name) = &entry.entry_point {
            labels.insert("entry_point".to_owned(), name.clone().into());
        }
        Ok(Prompt { id: id.to_owned(), prompt: entry.prompt.clone(), labels })
    }
}

impl EvalResult {
    fn of(id: String, code: String, extracted_type: Option<&'static str>, judged: Judged) -> Self {
        let accepted = judged.verdict == Verdict::Pass;
        let mut test_info = Map::new();
        test_info.insert("tests_run".to_owned(), judged.tests_run.into());
        test_info.insert("tests_total".to_owned(), judged.tests_total.into());
        let test = TestResult { passed: accepted, exec_info: RunCodeAnswer::of_judgement(&judged), test_info };
        Self {
            id,
            accepted,
            full_code: code.clone(),
            extracted_code: code,
            test_code: String::new(),
            tests: vec![test],
            extracted_type,
            extra: Extra { judgement: judged },
        }
    }
}
