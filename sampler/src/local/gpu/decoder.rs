//! A model on a GPU: its weights there, and the kernels that make a step, in order.
//! Not here: the kernels (`sampler/cuda/README.md` has what each is given), who looks at which pages (`plan`).

use std::sync::Arc;

use candle_core::DType;
use candle_core::Result;
use cudarc::driver::CudaFunction;

use super::device::Argument;
use super::device::Buffer;
use super::device::Gpu;
use super::device::Product;
use super::device::Shape;
use super::kernels::Attend;
use super::kernels::Kernels;
use super::plan::Plan;
use super::plan::plan;
use crate::Sampling;
use crate::local::Precision;
use crate::local::config::Config;
use crate::local::config::Heads;
use crate::local::decoder;
use crate::local::decoder::Logits;
use crate::local::decoder::Memory;
use crate::local::decoder::Next;
use crate::local::fault::LoadError;
use crate::local::models::layer;
use crate::local::models::layer::Ends;
use crate::local::nucleus::Drawn;
use crate::local::places::PAGE;
use crate::local::places::Places;
use crate::local::places::number;
use crate::local::weights::Weights;

/// A model that is ready.
pub(crate) struct Decoder {
    gpu: Arc<Gpu>,
    config: Config,
    /// Weights, keys and values, and what goes into products and comes out of them.
    dtype: DType,
    kernels: Kernels,
    embeddings: Buffer,
    layers: Vec<Layer>,
    norm: Buffer,
    /// Where it is not the embeddings.
    head: Option<Buffer>,
    /// See `Rope::tables`.
    tables: Buffer,
}

struct Layer {
    before_attention: Buffer,
    inward: Linear,
    head_norms: Option<Buffer>,
    outward: Linear,
    before_feed_forward: Buffer,
    gate_and_up: Linear,
    down: Linear,
}

struct Linear {
    /// `[out, columns]`.
    weight: Buffer,
    out: usize,
    columns: usize,
    /// f32; added by the kernel that takes the product.
    bias: Option<Buffer>,
}

impl Decoder {
    /// Builds a model for sequences of up to `context` tokens.
    pub(crate) fn load(
        gpu: Gpu,
        config: Config,
        weights: &Weights,
        context: usize,
        precision: Precision,
    ) -> std::result::Result<Self, LoadError> {
        let dtype = match precision {
            Precision::F32 => DType::F32,
            Precision::Bf16 => DType::BF16,
            Precision::F16 => DType::F16,
        };
        let kernels = Kernels::load(&gpu, dtype, config.heads).map_err(weights.fault())?;
        let matrix = |tensor| gpu.upload_tensor(&tensor, dtype).map_err(weights.fault());
        let vector = |tensor| gpu.upload_tensor(&tensor, DType::F32).map_err(weights.fault());
        let linear = |product: layer::Product| {
            let (out, columns) = product.weight.dims2().map_err(weights.fault())?;
            let bias = product.bias.map(vector).transpose()?;
            Ok::<_, LoadError>(Linear { weight: matrix(product.weight)?, out, columns, bias })
        };
        let layer = |index: usize| {
            let layer = layer::Layer::load(&config, weights, index)?;
            Ok(Layer {
                before_attention: vector(layer.before_attention)?,
                inward: linear(layer.inward)?,
                head_norms: layer.head_norms.map(vector).transpose()?,
                outward: linear(layer.outward)?,
                before_feed_forward: vector(layer.before_feed_forward)?,
                gate_and_up: linear(layer.gate_and_up)?,
                down: linear(layer.down)?,
            })
        };
        let ends = Ends::load(&config, weights)?;
        let tables = gpu.upload(&config.rope.tables(context, config.heads.width)).map_err(weights.fault())?;
        Ok(Self {
            embeddings: matrix(ends.embeddings)?,
            layers: (0..config.layers).map(layer).collect::<std::result::Result<_, LoadError>>()?,
            norm: vector(ends.norm)?,
            head: ends.head.map(matrix).transpose()?,
            tables,
            kernels,
            dtype,
            config,
            gpu: Arc::new(gpu),
        })
    }

    /// Bytes of so many numbers as they are stored.
    fn bytes(&self, numbers: usize) -> usize {
        numbers * self.dtype.size_in_bytes()
    }

    /// Bytes of a page in one layer.
    fn layer_page_bytes(&self) -> usize {
        let Heads { keys, width, .. } = self.config.heads;
        self.bytes(2 * keys * PAGE * width)
    }
}

impl decoder::Decoder for Decoder {
    fn config(&self) -> &Config {
        &self.config
    }

    fn page_bytes(&self) -> usize {
        self.config.layers * self.layer_page_bytes()
    }

    fn own_free_bytes(&self) -> Option<usize> {
        // What cannot be asked is not there to be filled.
        Some(self.gpu.free_bytes().unwrap_or(0))
    }

    fn memory(&self, page_count: usize) -> Result<Box<dyn Memory + '_>> {
        let layer_bytes = page_count * self.layer_page_bytes();
        let pages = self.gpu.alloc::<u8>(self.config.layers * layer_bytes)?;
        Ok(Box::new(DeviceMemory { decoder: self, pages, layer_bytes, scratch: Scratch::new(self, 0)? }))
    }
}

/// Keys and values of a run, `[layer][page][head of keys][keys, values][place][width]`.
struct DeviceMemory<'a> {
    decoder: &'a Decoder,
    pages: Buffer,
    layer_bytes: usize,
    scratch: Scratch,
}

/// What stands between the kernels of a step, for so many tokens.
struct Scratch {
    tokens: usize,
    /// What goes from layer to layer, f32.
    x: Buffer,
    normed: Buffer,
    /// Queries, keys, values.
    rows: Buffer,
    /// What the queries saw.
    seen: Buffer,
    /// What a layer's halves give, before it is added.
    what: Buffer,
    between: Buffer,
    gated: Buffer,
}

impl Scratch {
    fn new(decoder: &Decoder, tokens: usize) -> Result<Self> {
        let Config { hidden, between, heads, .. } = decoder.config;
        let stored = |numbers: usize| decoder.gpu.alloc::<u8>(decoder.bytes(tokens * numbers));
        Ok(Self {
            tokens,
            x: decoder.gpu.alloc::<f32>(tokens * hidden)?,
            normed: stored(hidden)?,
            rows: stored(heads.row())?,
            seen: stored(heads.queries * heads.width)?,
            what: stored(hidden)?,
            between: stored(2 * between)?,
            gated: stored(between)?,
        })
    }
}

/// What the kernels of a step are told beside numbers, in one piece on the GPU.
struct Told {
    words: Buffer,
    tokens: usize,
    positions: usize,
    slots: usize,
    pages: usize,
    wanted: usize,
    few: usize,
    many: usize,
    merges: usize,
    merged: usize,
}

impl Told {
    fn new(gpu: &Gpu, tokens: &[u32], places: &Places, wanted: &[u32], plan: &Plan) -> Result<Self> {
        let mut words: Vec<u32> = Vec::new();
        let mut add = |more: &[u32]| {
            // Tasks and merges are read sixteen bytes at a time.
            words.resize(words.len().next_multiple_of(4), 0);
            let at = size_of_val(words.as_slice());
            words.extend_from_slice(more);
            at
        };
        let offsets = [
            add(tokens),
            add(&places.positions),
            add(&places.slots),
            add(&places.pages),
            add(wanted),
            add(plan.few.as_flattened()),
            add(plan.many.as_flattened()),
            add(plan.merges.as_flattened()),
            add(&plan.merged),
        ];
        let [tokens, positions, slots, pages, wanted, few, many, merges, merged] = offsets;
        Ok(Self { words: gpu.upload(&words)?, tokens, positions, slots, pages, wanted, few, many, merges, merged })
    }
}

impl Memory for DeviceMemory<'_> {
    fn step(&mut self, tokens: &[u32], places: &Places, wanted: &[u32]) -> Result<Box<dyn Logits>> {
        if self.scratch.tokens < tokens.len() {
            self.scratch = Scratch::new(self.decoder, tokens.len())?;
        }
        let plan = plan(places, self.decoder.config.heads);
        let step = Step {
            decoder: self.decoder,
            gpu: &self.decoder.gpu,
            scratch: &self.scratch,
            told: Told::new(&self.decoder.gpu, tokens, places, wanted, &plan)?,
            parts: Parts::new(self.decoder, plan.parts)?,
            plan: &plan,
            tokens: tokens.len(),
        };
        step.embed()?;
        // What is to be added to x next, beside `what`: each kernel behind a product takes its bias.
        let mut bias = None;
        for (index, layer) in self.decoder.layers.iter().enumerate() {
            let pages = self.pages.at(index * self.layer_bytes);
            step.norm(&layer.before_attention, (index > 0).then_some(bias), None)?;
            step.product(&step.scratch.normed, &layer.inward, &step.scratch.rows)?;
            step.turn_keep(layer, pages)?;
            step.attend(pages)?;
            step.product(&step.scratch.seen, &layer.outward, &step.scratch.what)?;
            step.norm(&layer.before_feed_forward, Some(layer.outward.bias.as_ref()), None)?;
            step.product(&step.scratch.normed, &layer.gate_and_up, &step.scratch.between)?;
            step.silu_product(layer.gate_and_up.bias.as_ref())?;
            step.product(&step.scratch.gated, &layer.down, &step.scratch.what)?;
            bias = layer.down.bias.as_ref();
        }
        step.norm(&self.decoder.norm, Some(bias), Some(wanted.len()))?;
        step.logits(wanted.len())
    }

    fn copy_page(&mut self, from: u32, to: u32) -> Result<()> {
        const UNIT: usize = 16;
        const THREADS: usize = 256;
        let Decoder { gpu, config, kernels, .. } = self.decoder;
        let units = self.decoder.layer_page_bytes() / UNIT;
        let pair = gpu.upload(&[from, to])?;
        let shape = Shape { blocks: [units.div_ceil(THREADS), 1, config.layers], threads: THREADS, shared_bytes: 0 };
        let between_layers = Argument::U64((self.layer_bytes / UNIT) as u64);
        let arguments = [self.pages.start(), pair.start(), Argument::U32(number(units)), between_layers];
        gpu.launch(&kernels.copy_page, shape, &arguments)
    }
}

/// What the kernels that look at pages leave where a token's pages are in several tasks.
struct Parts {
    sums: Buffer,
    /// Of each the greatest score and the sum of the weights.
    marks: Buffer,
}

impl Parts {
    fn new(decoder: &Decoder, parts: usize) -> Result<Self> {
        let Heads { queries, width, .. } = decoder.config.heads;
        let numbers = |numbers: usize| decoder.gpu.alloc::<f32>(parts * queries * numbers);
        Ok(Self { sums: numbers(width)?, marks: numbers(2)? })
    }
}

/// One step under way.
struct Step<'a> {
    decoder: &'a Decoder,
    gpu: &'a Gpu,
    scratch: &'a Scratch,
    told: Told,
    parts: Parts,
    plan: &'a Plan,
    tokens: usize,
}

impl Step<'_> {
    fn config(&self) -> &Config {
        &self.decoder.config
    }

    fn told(&self, at: usize) -> Argument {
        self.told.words.at(at)
    }

    fn embed(&self) -> Result<()> {
        let hidden = Argument::U32(number(self.config().hidden));
        let shape = Shape { blocks: [self.tokens, 1, 1], threads: 128, shared_bytes: 0 };
        let arguments = [self.decoder.embeddings.start(), self.told(self.told.tokens), self.scratch.x.start(), hidden];
        self.gpu.launch(&self.decoder.kernels.embed, shape, &arguments)
    }

    /// Adds `what`, and its bias where it has one, to x, unless there is nothing to be added; then the norm of x, or of the rows
    /// that are wanted, of which there are so many.
    fn norm(&self, weight: &Buffer, added: Option<Option<&Buffer>>, wanted: Option<usize>) -> Result<()> {
        let Config { hidden, eps, .. } = *self.config();
        let rows = wanted.unwrap_or(self.tokens);
        let threads = hidden.div_ceil(8).next_multiple_of(32).min(1024);
        let arguments = [
            self.scratch.x.start(),
            added.map_or(Argument::NOTHING, |_| self.scratch.what.start()),
            Argument::of(added.flatten()),
            weight.start(),
            self.scratch.normed.start(),
            wanted.map_or(Argument::NOTHING, |_| self.told(self.told.wanted)),
            Argument::U32(number(hidden)),
            Argument::F32(eps),
        ];
        let shape = Shape { blocks: [rows, 1, 1], threads, shared_bytes: 0 };
        self.gpu.launch(&self.decoder.kernels.rms_norm, shape, &arguments)
    }

    fn product(&self, x: &Buffer, by: &Linear, to: &Buffer) -> Result<()> {
        let dtype = self.decoder.dtype;
        let Linear { weight, columns, out, .. } = by;
        self.gpu.multiply(&Product {
            x,
            weight,
            to,
            rows: self.tokens,
            columns: *columns,
            out: *out,
            from_type: dtype,
            to_type: dtype,
        })
    }

    fn turn_keep(&self, layer: &Layer, pages: Argument) -> Result<()> {
        let Config { heads, eps, .. } = *self.config();
        let warps = 8;
        let arguments = [
            self.scratch.rows.start(),
            Argument::of(layer.inward.bias.as_ref()),
            self.decoder.tables.start(),
            Argument::of(layer.head_norms.as_ref()),
            self.told(self.told.positions),
            self.told(self.told.slots),
            pages,
            Argument::U32(number(heads.queries)),
            Argument::U32(number(heads.keys)),
            Argument::U32(number(heads.width)),
            Argument::F32(eps),
        ];
        let blocks = [self.tokens, (heads.queries + 2 * heads.keys).div_ceil(warps), 1];
        self.gpu.launch(
            &self.decoder.kernels.turn_keep,
            Shape { blocks, threads: warps * 32, shared_bytes: 0 },
            &arguments,
        )
    }

    fn attend(&self, pages: Argument) -> Result<()> {
        let Kernels { attend, merge, .. } = &self.decoder.kernels;
        let Self { plan, told, .. } = self;
        match attend {
            Attend::Tiles { few, many } => {
                self.look(many, told.many, plan.many.len(), pages, false)?;
                self.look(few, told.few, plan.few.len(), pages, false)?;
            }
            Attend::Any(any) => {
                self.look(any, told.many, plan.many.len(), pages, true)?;
                self.look(any, told.few, plan.few.len(), pages, true)?;
            }
        }
        let heads = self.config().heads;
        let arguments = [
            self.parts.sums.start(),
            self.parts.marks.start(),
            self.told(told.merges),
            self.told(told.merged),
            self.scratch.seen.start(),
            Argument::U32(number(heads.queries)),
            Argument::U32(number(heads.width)),
        ];
        let shape = Shape { blocks: [plan.merges.len(), heads.queries, 1], threads: 64, shared_bytes: 0 };
        self.gpu.launch(merge, shape, &arguments)
    }

    /// Starts a kernel that looks at pages, for some tasks.
    fn look(&self, kernel: &CudaFunction, tasks: usize, count: usize, pages: Argument, any_width: bool) -> Result<()> {
        let heads = self.config().heads;
        #[expect(clippy::cast_precision_loss, reason = "a head has a few hundred numbers")]
        let scale = 1.0 / (heads.width as f32).sqrt();
        let mut arguments = vec![
            self.scratch.rows.start(),
            pages,
            self.told(tasks),
            self.told(self.told.pages),
            self.told(self.told.positions),
            self.scratch.seen.start(),
            self.parts.sums.start(),
            self.parts.marks.start(),
            Argument::U32(number(heads.queries)),
            Argument::U32(number(heads.keys)),
        ];
        if any_width {
            arguments.push(Argument::U32(number(heads.width)));
        }
        arguments.push(Argument::F32(scale));
        self.gpu.launch(kernel, self.decoder.kernels.attend.shape(count, heads), &arguments)
    }

    fn silu_product(&self, bias: Option<&Buffer>) -> Result<()> {
        let width = self.config().between;
        let arguments = [
            self.scratch.between.start(),
            Argument::of(bias),
            self.scratch.gated.start(),
            Argument::U32(number(width)),
        ];
        let shape = Shape { blocks: [self.tokens, width.div_ceil(2048), 1], threads: 256, shared_bytes: 0 };
        self.gpu.launch(&self.decoder.kernels.silu_product, shape, &arguments)
    }

    fn logits(&self, rows: usize) -> Result<Box<dyn Logits>> {
        let Config { vocabulary, hidden, .. } = *self.config();
        // In f32: rounded to bf16, neighbours among the likeliest would become one.
        let numbers = self.gpu.alloc::<f32>(rows * vocabulary)?;
        self.gpu.multiply(&Product {
            x: &self.scratch.normed,
            weight: self.decoder.head.as_ref().unwrap_or(&self.decoder.embeddings),
            to: &numbers,
            rows,
            columns: hidden,
            out: vocabulary,
            from_type: self.decoder.dtype,
            to_type: DType::F32,
        })?;
        let draw = self.decoder.kernels.draw.clone();
        Ok(Box::new(DeviceLogits { gpu: Arc::clone(&self.decoder.gpu), draw, numbers, vocabulary }))
    }
}

struct DeviceLogits {
    gpu: Arc<Gpu>,
    draw: CudaFunction,
    /// `[rows, vocabulary]`, f32.
    numbers: Buffer,
    vocabulary: usize,
}

impl Logits for DeviceLogits {
    fn draw(&self, sampling: &Sampling, nexts: &[Next]) -> Result<Vec<Option<Drawn>>> {
        let rows: Vec<u32> = nexts.iter().map(|next| next.row).collect();
        let counters: Vec<[u32; 4]> = nexts.iter().map(|next| next.stream.counter(next.position)).collect();
        let (rows, counters) = (self.gpu.upload(&rows)?, self.gpu.upload(counters.as_flattened())?);
        let (tokens, logprobs) = (self.gpu.alloc::<u32>(nexts.len())?, self.gpu.alloc::<f32>(nexts.len())?);
        let seed = sampling.seed;
        #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
        let (low, high) = (seed as u32, (seed >> 32) as u32);
        #[expect(clippy::cast_possible_truncation, reason = "as on the CPU")]
        let factor = if sampling.temperature == 0.0 { 0.0 } else { (1.0 / sampling.temperature) as f32 };
        let arguments = [
            self.numbers.start(),
            rows.start(),
            counters.start(),
            tokens.start(),
            logprobs.start(),
            Argument::U32(number(self.vocabulary)),
            Argument::U32(low),
            Argument::U32(high),
            Argument::F32(factor),
            Argument::U32(sampling.top_k.unwrap_or(0)),
            Argument::F64(sampling.top_p),
        ];
        let shape = Shape { blocks: [nexts.len(), 1, 1], threads: 1024, shared_bytes: DRAW_SHARED_BYTES };
        self.gpu.launch(&self.draw, shape, &arguments)?;
        let drawn = self.gpu.download::<u32>(&tokens)?.into_iter().zip(self.gpu.download::<f32>(&logprobs)?);
        Ok(drawn.map(|(token, logprob)| (!logprob.is_nan()).then_some(Drawn { token, logprob })).collect())
    }

    fn numbers(&self) -> Result<Vec<Vec<f32>>> {
        Ok(self.gpu.download::<f32>(&self.numbers)?.chunks(self.vocabulary).map(<[f32]>::to_vec).collect())
    }
}

/// What `draw.cu` sums in.
const DRAW_SHARED_BYTES: usize = 29_728;
