//! Qwen2 and Qwen2.5: queries, keys and values have something added, whatever the configuration says.

use crate::local::config::Biases;

pub(crate) const BIASES: Biases = Biases { inward: true, outward: false, feed_forward: false };
