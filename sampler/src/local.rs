//! The local front end: a model on this machine completes prompts.
//! Not here: servers (`server`), what is asked and answered (`prompt`, `completion`).
//! In: a folder or file with a model, then requests. Out: completions.

mod branch;
mod chat;
mod config;
mod cpu;
mod decoder;
mod engine;
mod fault;
mod gguf;
#[cfg(feature = "cuda")]
mod gpu;
mod identity;
mod models;
mod nucleus;
mod pages;
#[cfg(test)]
mod parity;
mod places;
mod random;
mod rope;
mod score;
#[cfg(test)]
mod tests;
mod tokens;
mod weights;

use std::ops::ControlFlow;
use std::path::Path;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use tokenizers::Tokenizer;

pub use fault::LoadError;
pub use fault::SampleError;
pub use identity::hash;
pub use score::Score;

use self::chat::Given;
use self::chat::Template;
use self::config::Config;
use self::decoder::Decoder;
use self::engine::Asked;
use self::gguf::Gguf;
use self::places::PAGE;
use self::tokens::Tokens;
use self::weights::Source;
use self::weights::Weights;
use crate::Event;
use crate::Prompt;
use crate::Request;
use crate::Sampling;

/// The name of the small model that stands in this program.
pub const TOY: &str = "toy";
const TOY_CONFIG: &[u8] = include_bytes!("../toy/model/config.json");
const TOY_TOKENIZER: &[u8] = include_bytes!("../toy/model/tokenizer.json");
const TOY_WEIGHTS: &[u8] = include_bytes!("../toy/model/model.safetensors");

/// The hash of the small model, 64 hex digits.
pub fn toy_hash() -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [TOY_CONFIG, TOY_TOKENIZER, TOY_WEIGHTS] {
        hasher.update(part);
    }
    hasher.finalize().to_hex().to_string()
}

/// How exactly is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// Everything in f32; weights in bf16 stay as they are, which loses nothing.
    F32,
    /// Weights, keys and values in bf16; sums in f32.
    Bf16,
    /// As f32 on a CPU; on a GPU weights, keys and values in f16.
    F16,
}

/// What a model is computed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Device {
    /// This machine's processor.
    Cpu,
    /// Its first GPU.
    Gpu,
}

/// How a model is run.
#[derive(Clone, Debug)]
pub struct ModelSettings {
    /// What computes; `None` takes a GPU where there is one and this program was built for it.
    pub device: Option<Device>,
    /// How exactly is computed; `None` is [`Precision::F32`] on a CPU and [`Precision::Bf16`] on a GPU.
    pub precision: Option<Precision>,
    /// The longest sequence, prompt included, in tokens; `None` takes what the model was made for.
    pub context: Option<usize>,
    /// How many sequences are computed side by side, at most; completions that are the same so far are one.
    pub batch: usize,
    /// What keys and values may take, in bytes; `None` is half of `free_bytes` on a CPU, and on a GPU nine tenths of what the
    /// weights leave of its memory.
    pub kv_memory_bytes: Option<usize>,
    /// What is free of this machine's memory.
    pub free_bytes: usize,
    /// Tokens that end a completion, beside those that the model's files name.
    pub ends: Vec<u32>,
    /// What chat templates take for the present, in seconds since 1970.
    pub now_s: i64,
    /// What chat templates are given besides, such as `enable_thinking`.
    pub template_variables: Map<String, Value>,
}

impl Default for ModelSettings {
    fn default() -> Self {
        Self {
            device: None,
            precision: None,
            context: None,
            batch: 128,
            kv_memory_bytes: None,
            free_bytes: 8 << 30,
            ends: Vec::new(),
            now_s: 0,
            template_variables: Map::new(),
        }
    }
}

/// A model that is ready to complete prompts.
pub struct Model {
    decoder: Box<dyn Decoder>,
    device: Device,
    precision: Precision,
    /// Why it is not on a GPU, where that may not be what was expected.
    note: Option<String>,
    tokens: Tokens,
    template: Option<Template>,
    /// The longest sequence, in tokens.
    context: usize,
    batch: usize,
    page_count: usize,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Model").field("config", self.decoder.config()).finish_non_exhaustive()
    }
}

impl Model {
    /// Loads a model: a folder as Hugging Face has them, with config.json, safetensors and tokenizer.json, or a GGUF file.
    ///
    /// # Errors
    ///
    /// What is missing, does not fit together or is not supported, by file and name.
    pub fn load(path: &Path, settings: &ModelSettings) -> Result<Self, LoadError> {
        if path.is_file() {
            let gguf = Gguf::open(path)?;
            let (config, tokens) = (gguf.config()?, gguf.tokens(&settings.ends)?);
            let template = gguf.template(Given::new(&settings.template_variables, settings.now_s))?;
            return Self::new(config, gguf.weights()?, path, tokens, template, settings);
        }
        let config = Config::read(&path.join("config.json"))?;
        let source = weights::in_folder(path)?;
        let chat = chat::in_folder(path, Given::new(&settings.template_variables, settings.now_s))?;
        let tokens = Tokens::in_folder(path, chat.end.as_deref(), &settings.ends)?;
        Self::new(config, source, path, tokens, chat.template, settings)
    }

    fn new(
        config: Config,
        source: Box<dyn Source>,
        path: &Path,
        tokens: Tokens,
        template: Option<Template>,
        settings: &ModelSettings,
    ) -> Result<Self, LoadError> {
        let context = settings.context.unwrap_or(config.context).min(config.context);
        let (gpu, note) = gpu(settings.device, &config).map_err(|reason| LoadError::Gpu { reason })?;
        let (device, usual) =
            if gpu.is_some() { (Device::Gpu, Precision::Bf16) } else { (Device::Cpu, Precision::F32) };
        let precision = settings.precision.unwrap_or(usual);
        let weights = Weights::new(source, path, &config, precision)?;
        let decoder: Box<dyn Decoder> = match gpu {
            #[cfg(feature = "cuda")]
            Some(gpu) => Box::new(gpu::Decoder::load(gpu, config, &weights, context, precision)?),
            _ => Box::new(cpu::decoder::Decoder::load(config, &weights, context, precision)?),
        };
        let batch = settings.batch.max(1);
        let free_bytes = decoder.own_free_bytes().map_or(settings.free_bytes / 2, |bytes| bytes / 10 * 9);
        // So much fills the batch with the longest sequences; what rests beside them has most of its pages in common with them.
        let most = batch * (context.div_ceil(PAGE) + 2);
        let page_count = (settings.kv_memory_bytes.unwrap_or(free_bytes) / decoder.page_bytes()).min(most);
        Ok(Self { decoder, device, precision, note, tokens, template, context, batch, page_count })
    }

    /// The small model that stands in this program, which answers the toy dataset's problems: `toy/train.py` made it.
    ///
    /// # Errors
    ///
    /// None in a program whose tests pass: its parts are embedded.
    pub fn toy(settings: &ModelSettings) -> Result<Self, LoadError> {
        let path = Path::new(TOY);
        let config = Config::parse(TOY_CONFIG, path)?;
        let source = weights::embedded(TOY_WEIGHTS).map_err(LoadError::tensors(path))?;
        let tokenizer = Tokenizer::from_bytes(TOY_TOKENIZER).map_err(|error| LoadError::bad(path, error))?;
        let ends = [tokens::ends(TOY_CONFIG, path)?, settings.ends.clone()].concat();
        let tokens = Tokens::new(tokenizer, ends, path)?;
        Self::new(config, source, path, tokens, None, settings)
    }

    /// Whether conversations can be asked.
    pub fn has_chat_template(&self) -> bool {
        self.template.is_some()
    }

    /// What it is computed on.
    pub fn device(&self) -> Device {
        self.device
    }

    /// How exactly is computed.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Why it runs on a CPU although this program could use a GPU.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// The longest sequence, prompt included, in tokens.
    pub fn context(&self) -> usize {
        self.context
    }

    /// Completes what is asked, and gives each completion as it is whole, until there is no more or `take` breaks. Requests are
    /// pulled when there is room for them. What is drawn depends on the seed, the problem's name and the sample's index alone.
    ///
    /// # Errors
    ///
    /// The first prompt that cannot be completed ends the run.
    pub fn complete(
        &self,
        requests: &mut dyn Iterator<Item = Request>,
        sampling: &Sampling,
        take: &mut dyn FnMut(Event) -> ControlFlow<()>,
    ) -> Result<(), SampleError> {
        sampling.check().map_err(SampleError::Settings)?;
        engine::complete(self, requests, sampling, take)
    }

    /// Whether a request can be completed at all, however little runs beside it.
    ///
    /// # Errors
    ///
    /// A prompt that does not fit the context, or that the template refuses; a completion for which there is not enough memory.
    pub fn check(&self, request: &Request, sampling: &Sampling) -> Result<(), SampleError> {
        self.asked(request.clone(), sampling).map(drop)
    }

    /// A prompt as the text that the model reads.
    ///
    /// # Errors
    ///
    /// A conversation that the model's template refuses, or that it has none for.
    pub fn text_of(&self, task_id: &str, prompt: &Prompt) -> Result<String, SampleError> {
        let task_id = || task_id.to_owned();
        match prompt {
            Prompt::Text(text) => Ok(text.clone()),
            Prompt::Chat { messages, prefill } => {
                let template = self.template.as_ref().ok_or_else(|| SampleError::NoTemplate { task_id: task_id() })?;
                let rendered = template.render(messages, prefill);
                rendered.map_err(|reason| SampleError::Template { task_id: task_id(), reason })
            }
        }
    }

    /// A prompt as tokens.
    fn tokens_of(&self, task_id: &str, prompt: &Prompt) -> Result<Vec<u32>, SampleError> {
        let text = self.text_of(task_id, prompt)?;
        // A chat template has put what belongs around a text.
        self.tokens_in(task_id, &text, matches!(prompt, Prompt::Text(_)))
    }

    fn tokens_in(&self, task_id: &str, text: &str, whole: bool) -> Result<Vec<u32>, SampleError> {
        let tokens = self.tokens.encode(text, whole);
        let tokens = tokens.map_err(|reason| SampleError::Tokens { task_id: task_id.to_owned(), reason })?;
        if tokens.is_empty() {
            return Err(SampleError::Empty { task_id: task_id.to_owned() });
        }
        Ok(tokens)
    }

    fn asked(&self, request: Request, sampling: &Sampling) -> Result<Asked, SampleError> {
        let tokens = self.tokens_of(&request.task_id, &request.prompt)?;
        let (task_id, context) = (request.task_id.clone(), self.context);
        if tokens.len() >= context {
            return Err(SampleError::TooLong { task_id, tokens: tokens.len(), context });
        }
        let most = (sampling.max_tokens as usize).min(context - tokens.len());
        // Its last token is never read.
        let needed = (tokens.len() + most - 1).div_ceil(PAGE);
        if needed > self.page_count {
            let (needed_bytes, bytes) =
                (needed * self.decoder.page_bytes(), self.page_count * self.decoder.page_bytes());
            return Err(SampleError::Memory { task_id, needed_bytes, bytes });
        }
        Ok(Asked { request, tokens, most })
    }
}

/// A GPU; where this program is built without, there is none.
#[cfg(feature = "cuda")]
use gpu::Gpu;
#[cfg(not(feature = "cuda"))]
type Gpu = std::convert::Infallible;

/// The GPU, where one is asked for, or may be taken and is there; beside it why not, for whoever may expect one.
fn gpu(asked: Option<Device>, config: &Config) -> Result<(Option<Gpu>, Option<String>), String> {
    let found: Result<Gpu, String> = match asked {
        Some(Device::Cpu) => return Ok((None, None)),
        #[cfg(feature = "cuda")]
        None | Some(Device::Gpu) => Gpu::open(config),
        #[cfg(not(feature = "cuda"))]
        None => return Ok((None, None)),
        #[cfg(not(feature = "cuda"))]
        Some(Device::Gpu) => {
            let _ = config;
            Err("this program was built without its feature `cuda`; docs/sampler.md says how to build it".to_owned())
        }
    };
    match (found, asked) {
        (Ok(gpu), _) => Ok((Some(gpu), None)),
        (Err(reason), None) => Ok((None, Some(format!("no GPU can be used: {reason}; the model runs on the CPU")))),
        (Err(reason), Some(_)) => Err(reason),
    }
}
