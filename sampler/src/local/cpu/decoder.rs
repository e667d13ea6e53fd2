//! A model on the CPU: the one shape that all supported models have, as operations on tensors.
//! Not here: in what the architectures differ (`models`), arithmetic (`ops`), what a GPU does instead (`gpu`).

use candle_core::DType;
use candle_core::Device;
use candle_core::Result;
use candle_core::Tensor;
use rayon::prelude::*;

use super::attention::page_numbers;
use super::ops;
use super::ops::Attention;
use super::ops::CopyPage;
use super::ops::Keep;
use super::ops::Linear;
use super::ops::Norm;
use super::ops::Turn;
use super::ops::add;
use super::ops::silu_product;
use crate::Sampling;
use crate::local::Precision;
use crate::local::config::Config;
use crate::local::decoder;
use crate::local::decoder::Logits;
use crate::local::decoder::Memory;
use crate::local::decoder::Next;
use crate::local::fault::LoadError;
use crate::local::models::layer;
use crate::local::models::layer::Ends;
use crate::local::models::layer::Product;
use crate::local::nucleus::Drawn;
use crate::local::nucleus::draw;
use crate::local::places::Places;
use crate::local::weights::Weights;

/// A model that is ready.
pub(crate) struct Decoder {
    config: Config,
    embeddings: Tensor,
    layers: Vec<Layer>,
    norm: Norm,
    head: Linear,
    /// See `Rope::tables`.
    tables: Tensor,
    /// In what keys and values are kept.
    kept: DType,
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

impl Decoder {
    /// Builds a model for sequences of up to `context` tokens.
    pub(crate) fn load(
        config: Config,
        weights: &Weights,
        context: usize,
        precision: Precision,
    ) -> std::result::Result<Self, LoadError> {
        let norm = |weight: Tensor| Norm { weight, eps: config.eps };
        let linear = |product: Product| Linear::new(product.weight, product.bias.as_ref()).map_err(weights.fault());
        let layer = |index: usize| {
            let layer = layer::Layer::load(&config, weights, index)?;
            let none = || Tensor::zeros(0, DType::F32, &Device::Cpu).map_err(weights.fault());
            Ok(Layer {
                before_attention: norm(layer.before_attention),
                inward: linear(layer.inward)?,
                head_norms: layer.head_norms.map_or_else(none, Ok)?,
                outward: linear(layer.outward)?,
                before_feed_forward: norm(layer.before_feed_forward),
                gate_and_up: linear(layer.gate_and_up)?,
                down: linear(layer.down)?,
            })
        };
        let Ends { embeddings, norm: last_norm, head } = Ends::load(&config, weights)?;
        let head = Product { weight: head.unwrap_or_else(|| embeddings.clone()), bias: None };
        let width = config.heads.width;
        let tables = Tensor::from_vec(config.rope.tables(context, width), (context, width), &Device::Cpu);
        Ok(Self {
            embeddings,
            layers: (0..config.layers).map(layer).collect::<std::result::Result<_, LoadError>>()?,
            norm: norm(last_norm),
            head: linear(head)?,
            tables: tables.map_err(weights.fault())?,
            kept: if precision == Precision::Bf16 { DType::BF16 } else { DType::F32 },
            config,
        })
    }

    /// The logits behind the tokens in the rows `wanted`, `[wanted, vocabulary]` in f32. Keys and values of all tokens are left
    /// in `pages`, which has one tensor a layer.
    fn forward(&self, tokens: &[u32], places: &Places, pages: &[Tensor], wanted: &[u32]) -> Result<Tensor> {
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

impl decoder::Decoder for Decoder {
    fn config(&self) -> &Config {
        &self.config
    }

    fn page_bytes(&self) -> usize {
        self.config.layers * page_numbers(self.config.heads) * self.kept.size_in_bytes()
    }

    fn memory(&self, page_count: usize) -> Result<Box<dyn Memory + '_>> {
        // What is never written to takes no memory.
        let layer = |_| ops::pages(self.config.heads, page_count, self.kept);
        let layers = (0..self.config.layers).map(layer).collect::<Result<_>>()?;
        Ok(Box::new(HostMemory { decoder: self, layers }))
    }
}

/// Keys and values of a run, one tensor a layer.
struct HostMemory<'a> {
    decoder: &'a Decoder,
    layers: Vec<Tensor>,
}

impl Memory for HostMemory<'_> {
    fn step(&mut self, tokens: &[u32], places: &Places, wanted: &[u32]) -> Result<Box<dyn Logits>> {
        let logits = self.decoder.forward(tokens, places, &self.layers, wanted)?.flatten_all()?.to_vec1()?;
        Ok(Box::new(HostLogits { numbers: logits, vocabulary: self.decoder.config.vocabulary }))
    }

    fn copy_page(&mut self, from: u32, to: u32) -> Result<()> {
        let copy = CopyPage { heads: self.decoder.config.heads, from, to };
        self.layers.iter().try_for_each(|layer| layer.inplace_op1(&copy))
    }
}

struct HostLogits {
    /// `[rows, vocabulary]`.
    numbers: Vec<f32>,
    vocabulary: usize,
}

impl Logits for HostLogits {
    fn draw(&self, sampling: &Sampling, nexts: &[Next]) -> Result<Vec<Option<Drawn>>> {
        let one = |next: &Next| {
            let logits = &self.numbers[next.row as usize * self.vocabulary..][..self.vocabulary];
            draw(logits, sampling, next.stream.uniform(next.position))
        };
        Ok(nexts.par_iter().map(one).collect())
    }

    fn numbers(&self) -> Result<Vec<Vec<f32>>> {
        Ok(self.numbers.chunks(self.vocabulary).map(<[f32]>::to_vec).collect())
    }
}
