//! What a model wrote, and what is told while it writes.
//! Not here: files of completions (the command's `sample`).

use serde::Deserialize;
use serde::Serialize;

/// One answer of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Completion {
    /// The problem's name, as [`Request`](crate::Request) had it.
    pub task_id: String,
    /// Which sample of the problem.
    pub sample: u32,
    /// What the model wrote, without the prompt, the stop string and special tokens.
    pub text: String,
    /// Why it ended.
    pub finish_reason: FinishReason,
    /// How many tokens it has, the one that ended it included; `None` where a server does not say.
    pub tokens: Option<u32>,
    /// The seed of its draws; with a server, what the server was told.
    pub seed: u64,
    /// The mean of the natural logarithms of its tokens' probabilities under the model itself, that is at temperature 1 and
    /// without top-p; `None` where a server does not say, or where there is no token.
    pub mean_logprob: Option<f64>,
    /// Those logarithms one by one, where they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<Vec<f32>>,
}

/// Why a completion ended, in OpenAI's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// The model ended it, or a stop string did.
    Stop,
    /// It was as long as was allowed, or the context was full.
    Length,
}

/// What is told while completions are made.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// So many tokens were drawn since this was last told.
    Tokens(u64),
    /// A completion is whole.
    Completed(Completion),
}
