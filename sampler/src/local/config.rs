//! What a model is built like.
//! Not here: which of the architectures has what (one file each in `models`), reading GGUF's metadata (`gguf`).
//! In: Hugging Face's config.json. Out: a [`Config`].

use std::path::Path;

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;

use super::cpu::attention::PART;
use super::fault::LoadError;
use super::models::Architecture;
use super::rope::Rope;

/// What a model is built like.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) architecture: Architecture,
    /// How many tokens there are.
    pub(crate) vocabulary: usize,
    /// Numbers of a token between layers.
    pub(crate) hidden: usize,
    pub(crate) layers: usize,
    pub(crate) heads: Heads,
    /// Numbers between the two halves of a layer's feed-forward part.
    pub(crate) between: usize,
    /// What the norms add before they divide.
    pub(crate) eps: f32,
    pub(crate) rope: Rope,
    /// Whether the last product is with the embeddings.
    pub(crate) tied: bool,
    /// The longest sequence it was made for.
    pub(crate) context: usize,
    /// Which products have something added.
    pub(crate) biases: Biases,
    /// Whether queries and keys are normalised, head by head.
    pub(crate) head_norms: bool,
}

/// How queries, keys and values stand in a token's row: all heads of the queries, of the keys, of the values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heads {
    /// Heads of queries.
    pub(crate) queries: usize,
    /// Heads of keys, and as many of values.
    pub(crate) keys: usize,
    /// Numbers in a head.
    pub(crate) width: usize,
}

impl Heads {
    /// Numbers in a row.
    pub(crate) fn row(self) -> usize {
        (self.queries + 2 * self.keys) * self.width
    }

    /// How many heads of queries look at one head of keys.
    pub(crate) fn group(self) -> usize {
        self.queries / self.keys
    }
}

/// Which products have something added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Biases {
    /// Those that make queries, keys and values.
    pub(crate) inward: bool,
    /// The one behind attention.
    pub(crate) outward: bool,
    /// Those of the feed-forward part.
    pub(crate) feed_forward: bool,
}

/// The keys of config.json that are read. What stands in it besides is for training or for other programs.
#[derive(Debug, Deserialize)]
pub(crate) struct Json {
    pub(crate) model_type: Option<String>,
    #[serde(default)]
    pub(crate) architectures: Vec<String>,
    vocab_size: usize,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    num_key_value_heads: Option<usize>,
    head_dim: Option<usize>,
    max_position_embeddings: usize,
    rms_norm_eps: Option<f64>,
    hidden_act: Option<String>,
    tie_word_embeddings: Option<bool>,
    rope_theta: Option<f64>,
    rope_scaling: Option<Map<String, Value>>,
    rope_parameters: Option<Map<String, Value>>,
    partial_rotary_factor: Option<f64>,
    use_sliding_window: Option<bool>,
    quantization_config: Option<Value>,
    pub(crate) attention_bias: Option<bool>,
    pub(crate) mlp_bias: Option<bool>,
}

impl Config {
    /// Reads config.json.
    pub(crate) fn read(path: &Path) -> Result<Self, LoadError> {
        Self::parse(&std::fs::read(path).map_err(LoadError::io(path))?, path)
    }

    /// Takes in what config.json says.
    pub(crate) fn parse(text: &[u8], path: &Path) -> Result<Self, LoadError> {
        let json: Json = serde_json::from_slice(text).map_err(|error| LoadError::bad(path, error))?;
        let architecture = Architecture::of(&json).ok_or_else(|| LoadError::Architecture {
            path: path.to_owned(),
            found: json.model_type.clone().unwrap_or_else(|| json.architectures.join(", ")),
        })?;
        Self::of(architecture, &json).and_then(Self::checked).map_err(|reason| LoadError::bad(path, reason))
    }

    fn of(architecture: Architecture, json: &Json) -> Result<Self, String> {
        match () {
            () if json.hidden_act.as_deref().is_some_and(|name| name != "silu") => {
                return Err(format!("hidden_act is {:?}: only silu is supported", json.hidden_act));
            }
            () if json.partial_rotary_factor.is_some_and(|factor| factor != 1.0) => {
                return Err("partial_rotary_factor is not 1: only whole heads are rotated here".to_owned());
            }
            () if json.use_sliding_window == Some(true) => {
                return Err("use_sliding_window is true: every token sees all before it here".to_owned());
            }
            () if json.quantization_config.is_some() => {
                return Err("quantization_config is set: take the model in f32, bf16 or f16, or as GGUF".to_owned());
            }
            () if json.num_attention_heads == 0 => return Err("num_attention_heads is 0".to_owned()),
            () => {}
        }
        let heads = Heads {
            queries: json.num_attention_heads,
            keys: json.num_key_value_heads.unwrap_or(json.num_attention_heads),
            width: json.head_dim.unwrap_or(json.hidden_size / json.num_attention_heads),
        };
        // transformers 5 writes rope_parameters, those before it rope_theta and rope_scaling.
        let scaling = json.rope_parameters.as_ref().or(json.rope_scaling.as_ref());
        #[expect(clippy::cast_possible_truncation, reason = "an epsilon is one as f32 too")]
        let eps = json.rms_norm_eps.unwrap_or(1e-6) as f32;
        let (biases, head_norms) = architecture.particulars(json);
        Ok(Self {
            architecture,
            vocabulary: json.vocab_size,
            hidden: json.hidden_size,
            layers: json.num_hidden_layers,
            heads,
            between: json.intermediate_size,
            eps,
            rope: Rope::of(json.rope_theta, scaling, json.max_position_embeddings)?,
            tied: json.tie_word_embeddings.unwrap_or(false),
            context: json.max_position_embeddings,
            biases,
            head_norms,
        })
    }

    /// What no model can be is refused, so that nothing else has to ask.
    pub(crate) fn checked(self) -> Result<Self, String> {
        let Heads { queries, keys, width } = self.heads;
        let none =
            [self.vocabulary, self.hidden, self.layers, queries, keys, width, self.between, self.context].contains(&0);
        // Far beyond every model there is: what is computed from these is made before the weights are looked at.
        let too_large = [
            ("layers", self.layers, 1 << 12),
            ("positions", self.context, 1 << 24),
            ("tokens in the vocabulary", self.vocabulary, 1 << 24),
            ("numbers of a token", self.hidden, 1 << 20),
            ("numbers between", self.between, 1 << 22),
            ("attention heads", queries, 1 << 12),
            ("numbers of a head", width, 1 << 12),
        ];
        let too_large = too_large.into_iter().find(|(_, found, most)| found > most);
        match () {
            () if none => Err("a size is 0".to_owned()),
            () if too_large.is_some() => {
                let (what, found, most) = too_large.expect("it was found");
                Err(format!("it says {found} {what}, and {most} is the most that is believed"))
            }
            () if !queries.is_multiple_of(keys) => {
                Err(format!("{queries} attention heads cannot share {keys} key-value heads evenly"))
            }
            () if !width.is_multiple_of(PART) => {
                Err(format!("heads are {width} wide: only multiples of {PART} are supported"))
            }
            () => Ok(self),
        }
    }
}
