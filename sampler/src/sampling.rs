//! How completions are drawn: what the user can set.
//! Not here: drawing (`nucleus`).

use serde::Deserialize;
use serde::Serialize;

/// How completions are drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sampling {
    /// By what the logits are divided; 0 takes the likeliest token always.
    pub temperature: f64,
    /// A token may be drawn while the likelier ones together have less than this of the probability; 1 allows all.
    pub top_p: f64,
    /// Only so many of the likeliest tokens may be drawn; `None` allows all.
    pub top_k: Option<u32>,
    /// How long a completion may become, in tokens.
    pub max_tokens: u32,
    /// What all draws begin with.
    pub seed: u64,
    /// Whether completions keep the log-probability of each token.
    pub logprobs: bool,
}

impl Default for Sampling {
    /// As the paper (arXiv 2504.13837) samples.
    fn default() -> Self {
        Self { temperature: 0.6, top_p: 0.95, top_k: None, max_tokens: 16_384, seed: 0, logprobs: false }
    }
}

impl Sampling {
    /// What cannot be, in words.
    pub fn check(&self) -> Result<(), String> {
        let wrong = |what: &str| Err(what.to_owned());
        match self {
            it if !(it.temperature >= 0.0 && it.temperature.is_finite()) => wrong("the temperature must be 0 or more"),
            it if !(it.top_p > 0.0 && it.top_p <= 1.0) => wrong("top-p must be above 0 and at most 1"),
            it if it.top_k == Some(0) => wrong("top-k must be at least 1"),
            it if it.max_tokens == 0 => wrong("max tokens must be at least 1"),
            _ => Ok(()),
        }
    }
}
