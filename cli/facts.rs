//! What is known of a run's problems beside their names, kept in its folder: by what reports tell them apart.
//! Not here: the problems (`inputs`).

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::{exit::DataFault, output::write_json};

/// The file in a run's folder.
const FACTS: &str = "problems.json";

/// What is known of a problem.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Facts {
    pub(crate) difficulty: Option<String>,
    pub(crate) platform: Option<String>,
    /// The day of its contest, as 2024-08-01.
    pub(crate) date: Option<String>,
}

impl Facts {
    /// The month of its contest, as 2024-08.
    pub(crate) fn month(&self) -> Option<&str> {
        self.date.as_deref()?.get(..7)
    }
}

/// Writes what is known of problems, where anything is.
pub(crate) fn write(folder: &Path, facts: &BTreeMap<&str, &Facts>) -> anyhow::Result<()> {
    if facts.is_empty() { Ok(()) } else { write_json(folder, FACTS, facts) }
}

/// What a folder knows; nothing where it has no such file.
pub(crate) fn read(folder: &Path) -> anyhow::Result<BTreeMap<String, Facts>> {
    let path = folder.join(FACTS);
    if !path.exists() {
        return Ok(BTreeMap::new());
    }
    let text = fs::read(&path).with_context(|| format!("failed to read {}", path.display()))?;
    serde_json::from_slice(&text).map_err(|error| DataFault(format!("{}: {error}", path.display())).into())
}
