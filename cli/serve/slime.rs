//! slime's remote reward model (`slime/rollout/rm_hub`, `--rm-type remote_rm --rm-url URL`): `POST /remote_rm`.
//! Not here: rewards (`rewards`), judging (`judging`).

use std::sync::Arc;

use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{
    Daemon,
    fault::Fault,
    frame::{FaultBody, JsonBody, Timed},
    rewards::{Answer, Shaping},
};

/// One answer.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"prompt": "Add.", "response": "```python\ndef add(a, b):\n    return a + b\n```", "label": {"dataset": "quickstart", "task_id": "quickstart/0"}}))]
pub(super) struct RemoteRm {
    /// What the model wrote. The prompt that slime sends as well is not needed.
    response: String,
    /// What the dataset says of the right answer: JSON, or JSON in a text. `{dataset, task_id}`, or tests.
    #[schema(value_type = Object)]
    label: Box<RawValue>,
}

/// Rewards an answer: the body is the number.
#[utoipa::path(
    post,
    path = "/remote_rm",
    tag = "slime",
    params(Shaping),
    request_body = RemoteRm,
    responses(
        (status = 200, description = "The reward", body = f64),
        (status = 422, description = "`bad_job`, `unknown_dataset`, `unknown_task`, `above_a_cap`, `not_judged_here`, `bad_problem`", body = FaultBody),
        (status = 503, description = "`infra_error`, `draining`", body = FaultBody),
    )
)]
pub(super) async fn remote_rm(
    State(daemon): State<Arc<Daemon>>,
    Query(shaping): Query<Shaping>,
    JsonBody(RemoteRm { response: text, label }): JsonBody<RemoteRm>,
) -> Result<Timed<Option<f64>>, Fault> {
    let (rewarded, times) = daemon.rewarded(vec![Answer { text, label }], shaping).await?;
    let reward = rewarded.first().map(|(reward, _)| *reward);
    Ok(Timed(reward, times))
}
