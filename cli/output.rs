//! Files that are whole or not there: written aside, flushed, moved into place.
//! Not here: what stands in them; verdicts, which are written as they come (`run_folder`).

use std::{fs, io::Write, os::unix::fs::PermissionsExt, path::Path};

use anyhow::Context;
use serde::Serialize;

/// Who may read what is written: whoever may read other files (less what the umask takes).
const READABLE: u32 = 0o644;

/// Writes one JSON document, making its folder where needed.
pub(crate) fn write_json(folder: &Path, name: &str, document: &impl Serialize) -> anyhow::Result<()> {
    write_whole(folder, name, (serde_json::to_string_pretty(document)? + "\n").as_bytes())
}

/// Writes a file, making its folder where needed.
pub(crate) fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let write = || -> anyhow::Result<()> {
        fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new()
            .prefix(".trialbox-")
            .permissions(fs::Permissions::from_mode(READABLE))
            .tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(folder.join(name))?;
        Ok(())
    };
    write().with_context(|| format!("failed to write {}", folder.join(name).display()))
}
