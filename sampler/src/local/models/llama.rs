//! Llama: `attention_bias` and `mlp_bias` say which products have something added; most models have neither.

use crate::local::config::Biases;
use crate::local::config::Json;

pub(crate) fn biases(json: &Json) -> Biases {
    let attention = json.attention_bias.unwrap_or(false);
    Biases { inward: attention, outward: attention, feed_forward: json.mlp_bias.unwrap_or(false) }
}
