//! Qwen3: each head of the queries and keys is normalised, and `attention_bias` says whether products have something added.

use crate::local::config::Biases;
use crate::local::config::Json;

pub(crate) fn biases(json: &Json) -> Biases {
    let attention = json.attention_bias.unwrap_or(false);
    Biases { inward: attention, outward: attention, feed_forward: false }
}
