//! OpenRLHF's remote reward model (`openrlhf/utils/agent.py`, `openrlhf/cli/serve_rm.py`): `POST /get_reward`.
//! Not here: rewards (`rewards`), judging (`judging`).

use std::sync::Arc;

use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{
    Daemon,
    fault::Fault,
    frame::{FaultBody, JsonBody, Timed},
    rewards::{Answer, Shaping},
};
use trialbox_verifier::Verdict;

/// Texts to be rewarded. All three lists are of one length.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"query": ["Add.```python\ndef add(a, b):\n    return a + b\n```"], "prompts": ["Add."], "labels": ["{\"dataset\": \"quickstart\", \"task_id\": \"quickstart/0\"}"]}))]
pub(super) struct GetReward {
    /// Prompts with the answers behind them.
    query: Vec<String>,
    prompts: Vec<String>,
    /// What the dataset says of the right answers: JSON, or JSON in a text. `{dataset, task_id}`, or tests.
    #[schema(value_type = Vec<Object>)]
    labels: Vec<Box<RawValue>>,
}

/// The rewards, in the order of the texts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Rewards {
    rewards: Vec<f64>,
    /// Between 0 and 1, for dynamic filtering: 1 for a program that passes.
    scores: Vec<f64>,
    extra_logs: ExtraLogs,
}

/// What is logged beside them.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct ExtraLogs {
    cpu_ms: Vec<f64>,
    /// 1 where no program was found in the text.
    no_code: Vec<f64>,
}

/// Rewards texts.
#[utoipa::path(
    post,
    path = "/get_reward",
    tag = "OpenRLHF",
    params(Shaping),
    request_body = GetReward,
    responses(
        (status = 200, description = "A reward for each text", body = Rewards),
        (status = 422, description = "`bad_job`, `unknown_dataset`, `unknown_task`, `above_a_cap`, `not_judged_here`, `bad_problem`", body = FaultBody),
        (status = 503, description = "`infra_error`, `draining`", body = FaultBody),
    )
)]
pub(super) async fn get_reward(
    State(daemon): State<Arc<Daemon>>,
    Query(shaping): Query<Shaping>,
    JsonBody(GetReward { query, prompts, labels }): JsonBody<GetReward>,
) -> Result<Timed<Rewards>, Fault> {
    if query.len() != labels.len() || query.len() != prompts.len() {
        let found = format!("{}, {} and {}", query.len(), prompts.len(), labels.len());
        return Err(Fault::bad_job(format!("query, prompts and labels: expected lists of one length, found {found}")));
    }
    let answer = |((query, prompt), label): ((String, String), _)| {
        let text = query.strip_prefix(prompt.as_str()).unwrap_or(&query).to_owned();
        Answer { text, label }
    };
    let answers = query.into_iter().zip(prompts).zip(labels).map(answer).collect();
    let (rewarded, times) = daemon.rewarded(answers, shaping).await?;
    let mut told = Rewards { rewards: Vec::new(), scores: Vec::new(), extra_logs: ExtraLogs::default() };
    let flag = |is_so| if is_so { 1.0 } else { 0.0 };
    for (reward, judged) in rewarded {
        told.rewards.push(reward);
        told.scores.push(flag(judged.verdict == Verdict::Pass));
        told.extra_logs.cpu_ms.push(judged.cpu_ms);
        told.extra_logs.no_code.push(flag(judged.verdict == Verdict::NoCode));
    }
    Ok(Timed(told, times))
}
