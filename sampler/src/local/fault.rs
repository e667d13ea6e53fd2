//! Why a model cannot be used.
//! Not here: why a prompt cannot be completed (`engine`).

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
