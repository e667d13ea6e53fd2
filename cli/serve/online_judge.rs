//! SandboxFusion's datasets (`sandbox/server/online_judge_api.py`): `/list_datasets`, `/list_ids`, `/get_prompts`,
//! `/get_prompt_by_id`, `/submit`, `/get_metrics`, `/get_metrics_function`.
//! Not here: running programs that nobody judges (`sandbox_fusion`), judging (`judging`).
//! Problems are those of our own datasets, under their own names and limits, or come along in `config.provided_data`: a row of
//! SandboxFusion's. Of `config` nothing else is looked at.

use std::{fmt, sync::Arc};

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::task::spawn_blocking;
use trialbox_datasets::{Asked, Dataset, JobLimits, Language, Problem, Sample, SampleText, sandbox_fusion};
use trialbox_verifier::{
    Semantics, Verdict,
    extract::{Extracted, NoCode, Rule},
};
use utoipa::ToSchema;

use super::{
    Daemon,
    answers::Judged,
    fault::Fault,
    frame::{FaultBody, JsonBody, Timed},
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
    /// A row, or a list of rows.
    provided_data: Option<Value>,
}

impl TestConfig {
    /// The problems that came along; `None` where those of a dataset are meant.
    fn problems(self) -> Result<Option<Vec<Problem>>, Fault> {
        let Some(provided) = self.provided_data else { return Ok(None) };
        let rows = match provided {
            Value::Array(rows) => rows,
            row => vec![row],
        };
        let problem = |(index, row): (usize, Value)| {
            let fault = |kind| Fault::bad_job(kind).at(&format!("config.provided_data[{index}]"));
            sandbox_fusion::parse(row.to_string().as_bytes()).map_err(fault)
        };
        rows.into_iter().enumerate().map(problem).collect::<Result<_, _>>().map(Some)
    }

    /// The one that came along.
    fn problem(self) -> Result<Option<Problem>, Fault> {
        let expected_one = || Fault::bad_job("config.provided_data: expected one row");
        self.problems()?
            .map(|mut problems| problems.pop().filter(|_| problems.is_empty()).ok_or_else(expected_one))
            .transpose()
    }
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
pub(super) async fn list_ids(
    State(daemon): State<Arc<Daemon>>,
    JsonBody(asked): JsonBody<Listing>,
) -> Result<Json<Vec<String>>, Fault> {
    Ok(Json(listed(daemon, asked).await?.into_iter().map(|prompt| prompt.id).collect()))
}

/// Lists the problems of a dataset with their prompts.
#[utoipa::path(
    post,
    path = "/get_prompts",
    tag = "SandboxFusion",
    request_body = Listing,
    responses((status = 200, body = [Prompt]), (status = 422, description = "`unknown_dataset`", body = FaultBody))
)]
pub(super) async fn get_prompts(
    State(daemon): State<Arc<Daemon>>,
    JsonBody(asked): JsonBody<Listing>,
) -> Result<Json<Vec<Prompt>>, Fault> {
    listed(daemon, asked).await.map(Json)
}

async fn listed(daemon: Arc<Daemon>, asked: Listing) -> Result<Vec<Prompt>, Fault> {
    let Listing { dataset, config, offset, limit } = asked;
    let listed = spawn_blocking(move || {
        if let Some(problems) = config.problems()? {
            return Ok(problems.into_iter().skip(offset).take(limit).map(Prompt::of).collect());
        }
        let dataset = dataset.parse().map_err(Fault::unknown_dataset)?;
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
    JsonBody(asked): JsonBody<OneId>,
) -> Result<Json<Prompt>, Fault> {
    let prompt = spawn_blocking(move || match asked.config.problem()? {
        Some(problem) => Ok(Prompt::of(problem)),
        None => {
            let dataset = asked.dataset.parse().map_err(Fault::unknown_dataset)?;
            daemon.prompt(dataset, &asked.id.of(dataset))
        }
    });
    prompt.await.map_err(Fault::infra_error)?.map(Json)
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
    JsonBody(asked): JsonBody<Submit>,
) -> Result<Timed<EvalResult>, Fault> {
    let looked_at = {
        let daemon = Arc::clone(&daemon);
        spawn_blocking(move || asked.question(&daemon)).await
    };
    let (id, extracted, question) = looked_at.map_err(Fault::infra_error)??;
    let (judged, times) = daemon.judged(vec![question]).await?;
    let judged = judged.into_iter().next().ok_or_else(|| Fault::infra_error("nothing was judged"))?;
    let (code, extracted_type) = match extracted {
        Ok(extracted) => (extracted.program, type_of(extracted.rule)),
        Err(_) => (String::new(), Some("empty")),
    };
    Ok(Timed(EvalResult::of(id, code, extracted_type, judged), times))
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

impl Submit {
    /// The problem's name, the program that is taken out of the text, and what is to be judged.
    fn question(self, daemon: &Daemon) -> Result<(String, Result<Extracted, NoCode>, Question), Fault> {
        let Self { problem: OneId { dataset, config, id }, completion } = self;
        let has_fences = completion.contains("```");
        let text = if has_fences { SampleText::Response(completion) } else { SampleText::Completion(completion) };
        let sample = |task_id| Sample { task_id, sample: None, language: Language::Python, text };
        let (id, extracted, asked) = match config.problem()? {
            Some(problem) => {
                let sample = sample(problem.task_id.clone());
                let extracted = extraction::extract_for(&sample, &problem);
                let asked = Asked::Posed { problem: Box::new(problem), sample, limits: JobLimits::default() };
                (id.to_string(), extracted, asked)
            }
            None => {
                let dataset: Dataset = dataset.parse().map_err(Fault::unknown_dataset)?;
                let sample = sample(id.of(dataset));
                let style = extraction::usual_style(dataset, Semantics::Real);
                let entry = daemon.catalogue.entry(dataset, &sample.task_id)?;
                let extracted = extraction::extract(&sample, entry, style, false);
                (sample.task_id.clone(), extracted, Asked::Answer { id: None, dataset, sample })
            }
        };
        Ok((id, extracted, Question::new(daemon, asked, Wish::default())?))
    }
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

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => formatter.write_str(name),
            Self::Number(number) => write!(formatter, "{number}"),
        }
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

impl Prompt {
    fn of(problem: Problem) -> Self {
        Self { id: problem.task_id, prompt: problem.prompt, labels: Map::new() }
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
