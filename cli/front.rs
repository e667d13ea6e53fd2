//! The front end of a run: a model on this machine or a server, and how it is known.
//! Not here: the models themselves (the sampler), what they are asked (`prompts`).

use std::{ops::ControlFlow, path::Path, time::Duration};

use anyhow::Context;
use serde_json::{Value, json};
use trialbox_sampler::{
    Event, Prompt, Request, Sampling, Server, ServerSettings,
    local::{self, Device, Model, ModelSettings, Precision},
};

use crate::{
    args::{DeviceName, ModelArguments, PrecisionName},
    completions::PromptRow,
    exit::UsageFault,
};

/// Whoever completes prompts.
pub(crate) enum Front {
    Local(Box<Model>),
    Server(Server),
}

/// How likely a response is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Score {
    pub(crate) tokens: u64,
    pub(crate) mean_logprob: Option<f64>,
}

/// Which model is meant: by its name, or the one that suits the dataset.
pub(crate) fn model_of(arguments: &ModelArguments, is_toy: bool) -> anyhow::Result<String> {
    match &arguments.model {
        Some(model) => Ok(model.clone()),
        None if is_toy => Ok(local::TOY.to_owned()),
        None => {
            Err(UsageFault("--model is needed: a folder, a GGUF file or the address of a server".to_owned()).into())
        }
    }
}

fn is_address(model: &str) -> bool {
    model.starts_with("http://") || model.starts_with("https://")
}

fn device(name: DeviceName) -> Device {
    match name {
        DeviceName::Cpu => Device::Cpu,
        DeviceName::Gpu => Device::Gpu,
    }
}

fn precision(name: PrecisionName) -> Precision {
    match name {
        PrecisionName::F32 => Precision::F32,
        PrecisionName::Bf16 => Precision::Bf16,
        PrecisionName::F16 => Precision::F16,
    }
}

impl Front {
    /// Loads the model, or finds the server.
    pub(crate) fn open(arguments: &ModelArguments, model: &str, now: i64) -> anyhow::Result<Self> {
        if is_address(model) {
            let settings = ServerSettings {
                model: arguments.model_name.clone(),
                chunk: arguments.chunk.get(),
                concurrency: arguments.concurrency.get(),
                timeout: Duration::from_secs(arguments.timeout_s),
                retries: arguments.retries,
                ..ServerSettings::new(model)
            };
            return Ok(Self::Server(Server::new(&settings)?));
        }
        if let Some(threads) = arguments.threads {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build_global();
            pool.context("failed to start the threads")?;
        }
        let bytes = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        let settings = ModelSettings {
            device: arguments.device.map(device),
            precision: arguments.dtype.map(precision),
            context: arguments.context.map(std::num::NonZero::get),
            batch: arguments.batch.get(),
            kv_memory_bytes: arguments.kv_memory.map(|size| bytes(size.bytes())),
            free_bytes: bytes(trialbox_runner::available_memory_bytes()),
            ends: arguments.end_token.clone(),
            now_s: now,
            template_variables: arguments.template_variable.iter().cloned().collect(),
        };
        let model =
            if model == local::TOY { Model::toy(&settings)? } else { Model::load(Path::new(model), &settings)? };
        if let Some(note) = model.note() {
            eprintln!("trialbox: {note}");
        }
        Ok(Self::Local(Box::new(model)))
    }

    /// Who the model is, as a manifest has it; `now` is what its chat template takes for the present, in seconds since 1970.
    pub(crate) fn identity(&self, arguments: &ModelArguments, model: &str, now: i64) -> anyhow::Result<Value> {
        let local = match self {
            Self::Server(server) => return Ok(json!({ "server_model": server.model() })),
            Self::Local(local) => local,
        };
        let name = Path::new(model).file_name().map_or(model.into(), |name| name.to_string_lossy());
        let hash = if model == local::TOY { local::toy_hash() } else { local::hash(Path::new(model))? };
        Ok(json!({
            "name": name,
            "hash": hash,
            "device": local.device(),
            "dtype": local.precision(),
            "context": arguments.context,
            "end_tokens": arguments.end_token,
            "template_variables": arguments.template_variable,
            "template_now": now,
        }))
    }

    /// Whether conversations can be asked; every server is taken to be able to.
    pub(crate) fn has_chat_template(&self) -> bool {
        match self {
            Self::Local(model) => model.has_chat_template(),
            Self::Server(_) => true,
        }
    }

    /// The text that a prompt is to the model; `None` where a server makes it.
    pub(crate) fn text_of(&self, task_id: &str, prompt: &Prompt) -> anyhow::Result<Option<String>> {
        Ok(match self {
            Self::Local(model) => Some(model.text_of(task_id, prompt)?),
            Self::Server(_) => None,
        })
    }

    /// Refuses what can never be completed, before anything is drawn. What a server can is for it to say.
    pub(crate) fn check(&self, request: &Request, sampling: &Sampling) -> anyhow::Result<()> {
        match self {
            Self::Local(model) => Ok(model.check(request, sampling)?),
            Self::Server(_) => Ok(()),
        }
    }

    /// Completes what is asked, until there is no more or `take` breaks.
    pub(crate) fn complete(
        &self,
        requests: Vec<Request>,
        sampling: &Sampling,
        take: &mut dyn FnMut(Event) -> ControlFlow<()>,
    ) -> anyhow::Result<()> {
        match self {
            Self::Local(model) => model.complete(&mut requests.into_iter(), sampling, take)?,
            Self::Server(server) => server.complete(requests.into_iter(), sampling, take)?,
        }
        Ok(())
    }

    /// How likely a response to a prompt is. What another model read, it reads as it stands.
    pub(crate) fn score(&self, row: &PromptRow, response: &str) -> anyhow::Result<Score> {
        Ok(match self {
            Self::Local(model) => {
                let score = match (&row.prompt, &row.text) {
                    (Prompt::Chat { .. }, Some(text)) => model.score_rendered(&row.task_id, text, response)?,
                    (prompt, _) => model.score(&row.task_id, prompt, response)?,
                };
                Score { tokens: u64::from(score.tokens), mean_logprob: score.mean_logprob }
            }
            Self::Server(server) => {
                let shown = row.text.clone().map_or_else(|| row.prompt.clone(), Prompt::Text);
                let score = server.prompt_logprobs(&shown, response)?;
                Score { tokens: score.logprobs.len() as u64, mean_logprob: score.mean() }
            }
        })
    }

    /// What about the front end matters to whoever reads the completions.
    pub(crate) fn notes(&self) -> Vec<&'static str> {
        match self {
            Self::Local(_) => Vec::new(),
            Self::Server(server) => server.notes(),
        }
    }
}
