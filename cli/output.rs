//! Files that are whole or not there: written aside, flushed, moved into place.
//! Not here: what stands in them.

use std::{
    fs,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;
use serde::Serialize;
use tempfile::NamedTempFile;

/// A file of JSON lines that appears under its name only once it is complete.
#[derive(Debug)]
pub(crate) struct JsonLines {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
}

impl JsonLines {
    /// Begins a file in a folder, making the folder where needed.
    pub(crate) fn create(folder: &Path, name: &str) -> anyhow::Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("failed to make the folder {}", folder.display()))?;
        let file = tempfile::Builder::new().prefix(".trialbox-").tempfile_in(folder);
        let file = file.with_context(|| format!("failed to write in {}", folder.display()))?;
        Ok(Self { path: folder.join(name), file: BufWriter::new(file) })
    }

    /// Appends one line.
    pub(crate) fn append(&mut self, row: &impl Serialize) -> anyhow::Result<()> {
        let written = serde_json::to_writer(&mut self.file, row).map_err(anyhow::Error::from);
        written
            .and_then(|()| Ok(self.file.write_all(b"\n")?))
            .with_context(|| format!("failed to write {}", self.path.display()))
    }

    /// Flushes the file to the disk and gives it its name.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        let path = self.path;
        let finish = |file: BufWriter<NamedTempFile>| -> anyhow::Result<()> {
            let file = file.into_inner().map_err(|error| error.into_error())?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            Ok(())
        };
        finish(self.file).with_context(|| format!("failed to write {}", path.display()))
    }
}

/// Writes one JSON document.
pub(crate) fn write_json(folder: &Path, name: &str, document: &impl Serialize) -> anyhow::Result<()> {
    let mut lines = JsonLines::create(folder, name)?;
    let text = serde_json::to_string_pretty(document)?;
    lines.file.write_all(text.as_bytes()).with_context(|| format!("failed to write {}", lines.path.display()))?;
    lines.file.write_all(b"\n").with_context(|| format!("failed to write {}", lines.path.display()))?;
    lines.finish()
}
