//! Why a model cannot be used, and why a prompt cannot be completed.
//! Not here: what servers do (`server`).

use std::io;
use std::path::Path;
use std::path::PathBuf;

/// Why a model cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file is missing or cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// A file says something that cannot be.
    #[error("{}: {reason}", path.display())]
    Bad {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what would be right.
        reason: String,
    },
    /// A model of a kind that is not known.
    #[error("{}: the architecture {found} is not supported: it must be one of {}", path.display(), super::models::NAMES)]
    Architecture {
        /// The file that says so.
        path: PathBuf,
        /// What it says.
        found: String,
    },
    /// Weights that the architecture has are not there.
    #[error("{}: {} tensors are missing: {}", path.display(), names.len(), some(names))]
    Missing {
        /// The model.
        path: PathBuf,
        /// Their names.
        names: Vec<String>,
    },
    /// Weights are there for which the architecture has no use, so that it would not be the model that was trained.
    #[error("{}: {} tensors are unknown to a {architecture} model: {}", path.display(), names.len(), some(names))]
    Unknown {
        /// The model.
        path: PathBuf,
        /// What it says it is.
        architecture: &'static str,
        /// Their names.
        names: Vec<String>,
    },
    /// A tensor has another shape than the configuration says.
    #[error("{}: the tensor {name} is {found:?}, but its configuration says {expected:?}", path.display())]
    Shape {
        /// The model.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// What the configuration says.
        expected: Vec<usize>,
        /// What it is.
        found: Vec<usize>,
    },
    /// A GPU was asked for, and there is none that can be used.
    #[error("no GPU can be used: {reason}")]
    Gpu {
        /// Why not.
        reason: String,
    },
    /// The tensor library failed.
    #[error("{}: {error}", path.display())]
    Tensors {
        /// The model.
        path: PathBuf,
        /// What it said.
        #[source]
        error: candle_core::Error,
    },
}

/// A few names stand for all.
fn some(names: &[String]) -> String {
    const SHOWN: usize = 4;
    let shown = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN { format!("{shown}, ...") } else { shown }
}

impl LoadError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Io { path: path.to_owned(), error }
    }

    pub(crate) fn bad(path: &Path, reason: impl ToString) -> Self {
        Self::Bad { path: path.to_owned(), reason: reason.to_string() }
    }

    pub(crate) fn tensors(path: &Path) -> impl FnOnce(candle_core::Error) -> Self {
        move |error| Self::Tensors { path: path.to_owned(), error }
    }
}

/// Why completions could not be made. Those that were whole before have been given.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// A prompt is as long as the context, or longer.
    #[error(
        "the prompt of {task_id} has {tokens} tokens, and this model's context {context}: take a model with a longer one, or \
         leave the problem out"
    )]
    TooLong {
        /// The problem.
        task_id: String,
        /// Tokens of the prompt.
        tokens: usize,
        /// Tokens that the context has.
        context: usize,
    },
    /// One sequence alone needs more memory than there is for all.
    #[error(
        "{task_id} may need {needed_bytes} bytes for keys and values, and there are {bytes}: allow more with --kv-memory, or \
         ask for fewer --max-tokens"
    )]
    Memory {
        /// The problem.
        task_id: String,
        /// What prompt and completion may need.
        needed_bytes: usize,
        /// What there is.
        bytes: usize,
    },
    /// A conversation is asked of a model that has no chat template.
    #[error("{task_id} is a conversation, and the model has no chat template: choose a prompt style for base models")]
    NoTemplate {
        /// The problem.
        task_id: String,
    },
    /// The chat template refuses a conversation, or fails.
    #[error("the prompt of {task_id}: {reason}")]
    Template {
        /// The problem.
        task_id: String,
        /// What it says.
        reason: String,
    },
    /// Text did not become tokens, or tokens text.
    #[error("the tokenizer fails on {task_id}: {reason}")]
    Tokens {
        /// The problem.
        task_id: String,
        /// What it says.
        reason: String,
    },
    /// A prompt of no tokens: there is nothing behind which a model could go on.
    #[error("the prompt of {task_id} has no tokens")]
    Empty {
        /// The problem.
        task_id: String,
    },
    /// The model computed something that is no number.
    #[error("the model's answer to {task_id} is no number: its weights are damaged, or too large for this precision")]
    NotNumbers {
        /// The problem.
        task_id: String,
    },
    /// The settings say something that cannot be.
    #[error("{0}")]
    Settings(String),
    /// The tensor library failed.
    #[error("the model failed: {0}")]
    Tensors(#[from] candle_core::Error),
}
