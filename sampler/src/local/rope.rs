//! By which angles queries and keys are turned, position by position.
//! Not here: turning them (`cpu::pointwise`).
//!
//! The rules are those of transformers' `modeling_rope_utils.py`. Angles are products in f32, as there: at position 8,000 the
//! rounding of the product is larger than what a logit may differ by.

use std::f64::consts::TAU;

use serde_json::Map;
use serde_json::Value;

/// How the angles depend on the position.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rope {
    theta: f64,
    scaling: Scaling,
}

/// How a model made for short sequences was made to take longer ones.
#[derive(Clone, Debug, PartialEq)]
enum Scaling {
    None,
    Linear {
        factor: f64,
    },
    /// Each pair's frequency divided by a number of its own.
    Divided {
        factors: Vec<f32>,
    },
    Llama3 {
        factor: f64,
        low: f64,
        high: f64,
        original: f64,
    },
    Yarn {
        factor: f64,
        original: f64,
        fast: f64,
        slow: f64,
        attention: f64,
        truncate: bool,
    },
}

impl Rope {
    /// The rule without scaling.
    pub(crate) fn plain(theta: f64) -> Self {
        Self { theta, scaling: Scaling::None }
    }

    /// Each pair's frequency divided by a number of its own, as GGUF writes Llama 3's scaling.
    pub(crate) fn divided(theta: f64, factors: Vec<f32>) -> Self {
        Self { theta, scaling: Scaling::Divided { factors } }
    }

    /// What config.json says: `rope_theta`, and `rope_scaling` or `rope_parameters`.
    pub(crate) fn of(theta: Option<f64>, scaling: Option<&Map<String, Value>>, context: usize) -> Result<Self, String> {
        let empty = Map::new();
        let map = scaling.unwrap_or(&empty);
        let number = |key: &str| map.get(key).and_then(Value::as_f64);
        let needed = |key: &str| number(key).ok_or_else(|| format!("the scaling of positions lacks {key}"));
        let theta = number("rope_theta").or(theta).unwrap_or(10_000.0);
        if number("partial_rotary_factor").is_some_and(|factor| factor != 1.0) {
            return Err("partial_rotary_factor is not 1: only whole heads are rotated here".to_owned());
        }
        let kind = map.get("rope_type").or_else(|| map.get("type")).and_then(Value::as_str).unwrap_or("default");
        #[expect(clippy::cast_precision_loss, reason = "no context has 2^53 positions")]
        let context = context as f64;
        let original = number("original_max_position_embeddings");
        let scaling = match kind {
            "default" => Scaling::None,
            "linear" => Scaling::Linear { factor: needed("factor")? },
            "llama3" => Scaling::Llama3 {
                factor: needed("factor")?,
                low: needed("low_freq_factor")?,
                high: needed("high_freq_factor")?,
                original: original.unwrap_or(context),
            },
            "yarn" => {
                let original = original.unwrap_or(context);
                let factor = number("factor").unwrap_or(context / original);
                let scale = |mscale: f64| if factor <= 1.0 { 1.0 } else { 0.1 * mscale * factor.ln() + 1.0 };
                let attention = match (number("attention_factor"), number("mscale"), number("mscale_all_dim")) {
                    (Some(given), ..) => given,
                    (None, Some(mscale), Some(all)) => scale(mscale) / scale(all),
                    (None, ..) => scale(1.0),
                };
                Scaling::Yarn {
                    factor,
                    original,
                    fast: number("beta_fast").unwrap_or(32.0),
                    slow: number("beta_slow").unwrap_or(1.0),
                    attention,
                    truncate: map.get("truncate").and_then(Value::as_bool).unwrap_or(true),
                }
            }
            other => {
                return Err(format!(
                    "the scaling of positions {other} is not supported: default, linear, llama3, yarn are"
                ));
            }
        };
        Ok(Self { theta, scaling })
    }

    /// For each position the cosines of a head's pairs, then their sines: `[positions, width]`.
    pub(crate) fn tables(&self, positions: usize, width: usize) -> Vec<f32> {
        let frequencies = self.frequencies(width);
        let scale = match self.scaling {
            #[expect(clippy::cast_possible_truncation, reason = "transformers multiplies in f32")]
            Scaling::Yarn { attention, .. } => attention as f32,
            _ => 1.0,
        };
        let mut tables = Vec::with_capacity(positions * width);
        for position in 0..positions {
            #[expect(clippy::cast_precision_loss, reason = "as transformers: positions are f32 there")]
            let angles = frequencies.iter().map(|frequency| position as f32 * frequency);
            tables.extend(angles.clone().map(|angle| angle.cos() * scale));
            tables.extend(angles.map(|angle| angle.sin() * scale));
        }
        tables
    }

    #[expect(clippy::cast_precision_loss, reason = "a head has fewer than 2^53 numbers")]
    #[expect(clippy::cast_possible_truncation, reason = "frequencies are f32 in transformers")]
    fn frequencies(&self, width: usize) -> Vec<f32> {
        // In f32, power and inverse apart, as transformers: at position 8,000 one rounding more or less shows.
        let plain = |pair: usize| f64::from(1.0 / self.theta.powf((2 * pair) as f64 / width as f64) as f32);
        let scaled = |pair: usize| {
            let plain = plain(pair);
            match &self.scaling {
                Scaling::None => plain,
                Scaling::Linear { factor } => plain / factor,
                Scaling::Divided { factors } => plain / factors.get(pair).copied().map_or(1.0, f64::from),
                &Scaling::Llama3 { factor, low, high, original } => {
                    let wave = TAU / plain;
                    if wave < original / high {
                        plain
                    } else if wave > original / low {
                        plain / factor
                    } else {
                        let smooth = (original / wave - low) / (high - low);
                        (1.0 - smooth) * plain / factor + smooth * plain
                    }
                }
                &Scaling::Yarn { factor, original, fast, slow, truncate, .. } => {
                    let pair_of = |turns: f64| width as f64 * (original / (turns * TAU)).ln() / (2.0 * self.theta.ln());
                    let (low, high) = (pair_of(fast), pair_of(slow));
                    let (low, high) = if truncate { (low.floor(), high.ceil()) } else { (low, high) };
                    let (low, high) = (low.max(0.0), high.min(width as f64 - 1.0));
                    let high = if low == high { high + 0.001 } else { high };
                    let ramp = ((pair as f64 - low) / (high - low)).clamp(0.0, 1.0);
                    plain / factor * ramp + plain * (1.0 - ramp)
                }
            }
        };
        (0..width / 2).map(|pair| scaled(pair) as f32).collect()
    }
}
