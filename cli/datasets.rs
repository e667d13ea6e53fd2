//! `trialbox datasets`: what is known, and where its file is.

use std::io::{self, Write};

use trialbox_datasets::{Dataset, source};

use crate::exit::Exit;

pub(crate) fn list() -> anyhow::Result<Exit> {
    let mut out = io::stdout().lock();
    let folder = source::cache_folder();
    for dataset in Dataset::ALL {
        let place = match (dataset.source(), &folder) {
            (None, _) => dataset.rows().map_or("built in".to_owned(), |rows| format!("needs --data FILE: {rows}")),
            (Some(source), None) => format!("no cache folder (set HOME or TRIALBOX_CACHE); from {}", source.url),
            (Some(source), Some(folder)) => {
                let path = folder.join(source.file_name);
                if path.exists() {
                    path.display().to_string()
                } else {
                    format!("not here; fetched on first use from {} to {}", source.url, path.display())
                }
            }
        };
        writeln!(out, "{:<17} {place}", dataset.name())?;
    }
    Ok(Exit::Done)
}
