//! The weights of a model, by the names that Hugging Face gives them, put together as both devices use them.
//! Not here: where they lie (`weights`), what is computed with them (`cpu`, `gpu`).

use std::collections::BTreeMap;

use candle_core::Tensor;

use crate::local::config::Config;
use crate::local::fault::LoadError;
use crate::local::weights::Weights;

/// What a product is taken with.
pub(crate) struct Product {
    /// `[out, in]`.
    pub(crate) weight: Tensor,
    /// `[out]`, f32.
    pub(crate) bias: Option<Tensor>,
}

/// One layer. Norms' weights are `[hidden]`, in f32.
pub(crate) struct Layer {
    pub(crate) before_attention: Tensor,
    /// Queries, keys and values, one behind the other.
    pub(crate) inward: Product,
    /// Weights of the norms of the queries' and the keys' heads, `[2 x width]`, where there are any.
    pub(crate) head_norms: Option<Tensor>,
    pub(crate) outward: Product,
    pub(crate) before_feed_forward: Tensor,
    /// Gates, then what they let through.
    pub(crate) gate_and_up: Product,
    pub(crate) down: Product,
}

/// What is before and behind all layers.
pub(crate) struct Ends {
    /// `[vocabulary, hidden]`.
    pub(crate) embeddings: Tensor,
    pub(crate) norm: Tensor,
    /// The last product's, where it is not the embeddings.
    pub(crate) head: Option<Tensor>,
}

impl Layer {
    pub(crate) fn load(config: &Config, weights: &Weights, layer: usize) -> Result<Self, LoadError> {
        let names = |parts: &[&str]| parts.iter().map(|part| of_layer(layer, part)).collect::<Vec<_>>();
        let vector = |parts: &[&str]| weights.vector(&names(parts));
        let product = |parts: &[&str], bias: bool| {
            let with = |end: &str| names(parts).into_iter().map(|name| format!("{name}.{end}")).collect::<Vec<_>>();
            let bias = bias.then(|| weights.vector(&with("bias"))).transpose()?;
            Ok::<_, LoadError>(Product { weight: weights.matrix(&with("weight"))?, bias })
        };
        let biases = config.biases;
        let head_norms = config.head_norms.then(|| vector(&["self_attn.q_norm.weight", "self_attn.k_norm.weight"]));
        Ok(Self {
            before_attention: vector(&["input_layernorm.weight"])?,
            inward: product(&["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"], biases.inward)?,
            head_norms: head_norms.transpose()?,
            outward: product(&["self_attn.o_proj"], biases.outward)?,
            before_feed_forward: vector(&["post_attention_layernorm.weight"])?,
            gate_and_up: product(&["mlp.gate_proj", "mlp.up_proj"], biases.feed_forward)?,
            down: product(&["mlp.down_proj"], biases.feed_forward)?,
        })
    }
}

impl Ends {
    pub(crate) fn load(config: &Config, weights: &Weights) -> Result<Self, LoadError> {
        let matrix = |name: &str| weights.matrix(&[name.to_owned()]);
        Ok(Self {
            embeddings: matrix("model.embed_tokens.weight")?,
            norm: weights.vector(&["model.norm.weight".to_owned()])?,
            head: (!config.tied).then(|| matrix("lm_head.weight")).transpose()?,
        })
    }
}

/// The names and shapes of a model's tensors, as Hugging Face has them.
pub(crate) fn tensors(config: &Config) -> BTreeMap<String, Vec<usize>> {
    let Config { vocabulary, hidden, heads, between, biases, .. } = *config;
    let (queries, keys) = (heads.queries * heads.width, heads.keys * heads.width);
    let mut all = BTreeMap::new();
    let mut product = |name: String, rows: usize, columns: usize, bias: bool| {
        if bias {
            all.insert(format!("{name}.bias"), vec![rows]);
        }
        all.insert(format!("{name}.weight"), vec![rows, columns]);
    };
    product("model.embed_tokens".to_owned(), vocabulary, hidden, false);
    if !config.tied {
        product("lm_head".to_owned(), vocabulary, hidden, false);
    }
    for layer in 0..config.layers {
        let name = |part: &str| of_layer(layer, part);
        product(name("self_attn.q_proj"), queries, hidden, biases.inward);
        product(name("self_attn.k_proj"), keys, hidden, biases.inward);
        product(name("self_attn.v_proj"), keys, hidden, biases.inward);
        product(name("self_attn.o_proj"), hidden, queries, biases.outward);
        product(name("mlp.gate_proj"), between, hidden, biases.feed_forward);
        product(name("mlp.up_proj"), between, hidden, biases.feed_forward);
        product(name("mlp.down_proj"), hidden, between, biases.feed_forward);
    }
    all.insert("model.norm.weight".to_owned(), vec![hidden]);
    for layer in 0..config.layers {
        all.insert(of_layer(layer, "input_layernorm.weight"), vec![hidden]);
        all.insert(of_layer(layer, "post_attention_layernorm.weight"), vec![hidden]);
        if config.head_norms {
            all.insert(of_layer(layer, "self_attn.q_norm.weight"), vec![heads.width]);
            all.insert(of_layer(layer, "self_attn.k_norm.weight"), vec![heads.width]);
        }
    }
    all
}

fn of_layer(layer: usize, part: &str) -> String {
    format!("model.layers.{layer}.{part}")
}
