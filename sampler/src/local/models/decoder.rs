//! The one shape that all supported models have: embeddings, layers of attention and a gated feed-forward part, a head.
//! Not here: in what the architectures differ (a file each), arithmetic (`ops`).
//! In: tokens and where they stand. Out: logits of those that are asked for.

use std::collections::BTreeMap;

use candle_core::DType;
use candle_core::Device;
use candle_core::Result;
use candle_core::Tensor;

use crate::local::config::Config;
use crate::local::fault::LoadError;
use crate::local::ops::Attention;
use crate::local::ops::Keep;
use crate::local::ops::Linear;
use crate::local::ops::Norm;
use crate::local::ops::Turn;
use crate::local::ops::add;
use crate::local::ops::silu_product;
use crate::local::places::Places;
use crate::local::weights::Weights;

/// A model that is ready.
pub(crate) struct Decoder {
    pub(crate) config: Config,
    embeddings: Tensor,
    layers: Vec<Layer>,
    norm: Norm,
    head: Linear,
    /// See `Rope::tables`.
    tables: Tensor,
}

struct Layer {
    before_attention: Norm,
    inward: Linear,
    /// Weights of the norms of the queries' and the keys' heads, `[2 x width]`, or nothing.
    head_norms: Tensor,
    outward: Linear,
    before_feed_forward: Norm,
    gate_and_up: Linear,
    down: Linear,
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

impl Decoder {
    /// Builds a model for sequences of up to `context` tokens.
    pub(crate) fn load(config: Config, weights: &Weights, context: usize) -> std::result::Result<Self, LoadError> {
        let norm = |name: String| Ok(Norm { weight: weights.vector(&[name])?, eps: config.eps });
        let product = |names: &[String], bias: bool| {
            let with = |end: &str| names.iter().map(|name| format!("{name}.{end}")).collect::<Vec<_>>();
            let bias = bias.then(|| weights.vector(&with("bias"))).transpose()?;
            Linear::new(weights.matrix(&with("weight"))?, bias).map_err(weights.fault())
        };
        let layer = |layer: usize| {
            let names = |parts: &[&str]| parts.iter().map(|part| of_layer(layer, part)).collect::<Vec<_>>();
            let biases = config.biases;
            Ok(Layer {
                before_attention: norm(of_layer(layer, "input_layernorm.weight"))?,
                inward: product(&names(&["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"]), biases.inward)?,
                head_norms: if config.head_norms {
                    weights.vector(&names(&["self_attn.q_norm.weight", "self_attn.k_norm.weight"]))?
                } else {
                    Tensor::zeros(0, DType::F32, &Device::Cpu).map_err(weights.fault())?
                },
                outward: product(&names(&["self_attn.o_proj"]), biases.outward)?,
                before_feed_forward: norm(of_layer(layer, "post_attention_layernorm.weight"))?,
                gate_and_up: product(&names(&["mlp.gate_proj", "mlp.up_proj"]), biases.feed_forward)?,
                down: product(&names(&["mlp.down_proj"]), biases.feed_forward)?,
            })
        };
        let embeddings = weights.matrix(&["model.embed_tokens.weight".to_owned()])?;
        let head = if config.tied { embeddings.clone() } else { weights.matrix(&["lm_head.weight".to_owned()])? };
        let width = config.heads.width;
        let tables = Tensor::from_vec(config.rope.tables(context, width), (context, width), &Device::Cpu);
        Ok(Self {
            embeddings,
            layers: (0..config.layers).map(layer).collect::<std::result::Result<_, LoadError>>()?,
            norm: norm("model.norm.weight".to_owned())?,
            head: Linear::new(head, None).map_err(weights.fault())?,
            tables: tables.map_err(weights.fault())?,
            config,
        })
    }

    /// The logits behind the tokens in the rows `wanted`, `[wanted, vocabulary]` in f32. Keys and values of all tokens are left
    /// in `pages`, which has one tensor a layer.
    pub(crate) fn forward(&self, tokens: &[u32], places: &Places, pages: &[Tensor], wanted: &[u32]) -> Result<Tensor> {
        let heads = self.config.heads;
        let indices = |of: &[u32]| Tensor::from_slice(of, of.len(), &Device::Cpu);
        let x = self.embeddings.index_select(&indices(tokens)?, 0)?.to_dtype(DType::F32)?;
        for (layer, pages) in self.layers.iter().zip(pages) {
            let rows = layer.inward.forward(&layer.before_attention.forward(&x)?)?;
            Turn { heads, eps: self.config.eps, places }.apply(&rows, &self.tables, &layer.head_norms)?;
            pages.inplace_op2(&rows, &Keep { heads, places })?;
            let seen = rows.apply_op2_no_bwd(pages, &Attention { heads, places })?;
            add(&x, &layer.outward.forward(&seen)?)?;
            let between = layer.gate_and_up.forward(&layer.before_feed_forward.forward(&x)?)?;
            add(&x, &layer.down.forward(&silu_product(&between)?)?)?;
        }
        let x = if wanted.len() == tokens.len() { x } else { x.index_select(&indices(wanted)?, 0)? };
        self.head.forward(&self.norm.forward(&x)?)
    }
}
