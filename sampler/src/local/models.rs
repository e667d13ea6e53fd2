//! The architectures that are supported, and what all of them are: decoders.
//! Not here: what computes them (`cpu`, `gpu`), their sizes (`config`).

pub(crate) mod layer;
mod llama;
mod qwen2;
mod qwen3;

use super::config::Biases;
use super::config::Json;

/// What errors call the supported ones.
pub(crate) const NAMES: &str = "qwen2, qwen3, llama";

/// A family of models that differ in sizes and weights only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Architecture {
    /// Qwen2 and Qwen2.5.
    Qwen2,
    /// Qwen3, dense.
    Qwen3,
    /// Llama 2 and 3, SmolLM2, and others in their format.
    Llama,
}

impl Architecture {
    /// The one that config.json names.
    pub(crate) fn of(json: &Json) -> Option<Self> {
        Self::named(json.model_type.as_deref()?)
    }

    /// By its name in config.json (`model_type`) and in GGUF (`general.architecture`).
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Qwen2, Self::Qwen3, Self::Llama].into_iter().find(|it| it.name() == name)
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Qwen2 => "qwen2",
            Self::Qwen3 => "qwen3",
            Self::Llama => "llama",
        }
    }

    /// In what it is not like the others: which products have something added, and whether heads are normalised.
    pub(crate) fn particulars(self, json: &Json) -> (Biases, bool) {
        match self {
            Self::Qwen2 => (qwen2::BIASES, false),
            Self::Qwen3 => (qwen3::biases(json), true),
            Self::Llama => (llama::biases(json), false),
        }
    }
}
