//! The local front end: a model on this machine completes prompts.
//! Not here: servers (`server`), what is asked and answered (`prompt`, `completion`).
//! In: a folder or file with a model, then requests. Out: completions.

mod chat;
mod config;
mod cpu;
mod engine;
mod fault;
mod gguf;
mod identity;
mod models;
mod nucleus;
mod ops;
mod pages;
#[cfg(test)]
mod parity;
mod places;
mod random;
mod rope;
mod row;
mod score;
#[cfg(test)]
mod tests;
mod tokens;
mod weights;

use std::ops::ControlFlow;
use std::path::Path;

use candle_core::DType;
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
use self::engine::Asked;
use self::gguf::Gguf;
use self::models::Decoder;
use self::pages::Pages;
use self::places::PAGE;
use self::tokens::Tokens;
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// Everything in f32; weights in bf16 stay as they are, which loses nothing.
    #[default]
    F32,
    /// Weights, keys and values in bf16; sums in f32.
    Bf16,
    /// As f32 on a CPU; on a GPU weights, keys and values in f16.
    F16,
}

/// How a model is run.
#[derive(Clone, Debug)]
pub struct ModelSettings {
    /// How exactly is computed.
    pub precision: Precision,
    /// The longest sequence, prompt included, in tokens; `None` takes what the model was made for.
    pub context: Option<usize>,
    /// How many completions are drawn side by side, at most.
    pub batch: usize,
    /// What keys and values may take, in bytes.
    pub kv_memory_bytes: usize,
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
            precision: Precision::default(),
            context: None,
            batch: 128,
            kv_memory_bytes: 4 << 30,
            ends: Vec::new(),
            now_s: 0,
            template_variables: Map::new(),
        }
    }
}

/// A model that is ready to complete prompts.
pub struct Model {
    decoder: Decoder,
    tokens: Tokens,
    template: Option<Template>,
    precision: Precision,
    /// The longest sequence, in tokens.
    context: usize,
    batch: usize,
    page_count: usize,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Model").field("config", &self.decoder.config).finish_non_exhaustive()
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
            let weights = Weights::new(gguf.weights()?, path, &config, settings.precision)?;
            return Self::new(config, &weights, tokens, template, settings);
        }
        let config = Config::read(&path.join("config.json"))?;
        let weights = Weights::new(weights::in_folder(path)?, path, &config, settings.precision)?;
        let chat = chat::in_folder(path, Given::new(&settings.template_variables, settings.now_s))?;
        let tokens = Tokens::in_folder(path, chat.end.as_deref(), &settings.ends)?;
        Self::new(config, &weights, tokens, chat.template, settings)
    }

    fn new(
        config: Config,
        weights: &Weights,
        tokens: Tokens,
        template: Option<Template>,
        settings: &ModelSettings,
    ) -> Result<Self, LoadError> {
        let context = settings.context.unwrap_or(config.context).min(config.context);
        let decoder = Decoder::load(config, weights, context)?;
        let mut model = Self {
            decoder,
            tokens,
            template,
            precision: settings.precision,
            context,
            batch: settings.batch.max(1),
            page_count: 0,
        };
        // More than all rows could ever fill would be of no use; each row has a page that is not full, and so has its prompt.
        let most = model.batch * (context.div_ceil(PAGE) + 2);
        model.page_count = (settings.kv_memory_bytes / model.page_bytes()).min(most);
        Ok(model)
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
        let weights = Weights::new(source, path, &config, settings.precision)?;
        let tokenizer = Tokenizer::from_bytes(TOY_TOKENIZER).map_err(|error| LoadError::bad(path, error))?;
        let ends = [tokens::ends(TOY_CONFIG, path)?, settings.ends.clone()].concat();
        let tokens = Tokens::new(tokenizer, ends, path)?;
        Self::new(config, &weights, tokens, None, settings)
    }

    /// Whether conversations can be asked.
    pub fn has_chat_template(&self) -> bool {
        self.template.is_some()
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
        // Its last token is never read; its prompt's last page may be kept twice.
        let needed = (tokens.len() + most - 1).div_ceil(PAGE) + 1;
        if needed > self.page_count {
            let (needed_bytes, bytes) = (needed * self.page_bytes(), self.page_count * self.page_bytes());
            return Err(SampleError::Memory { task_id, needed_bytes, bytes });
        }
        Ok(Asked::new(request, tokens, most))
    }

    fn page_bytes(&self) -> usize {
        Pages::bytes_of_one(&self.decoder.config, self.kept_as())
    }

    /// In what keys and values are kept.
    fn kept_as(&self) -> DType {
        match self.precision {
            Precision::Bf16 => DType::BF16,
            Precision::F32 | Precision::F16 => DType::F32,
        }
    }
}
