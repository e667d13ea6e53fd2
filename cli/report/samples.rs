//! What each sample of a problem was and what became of it, for whoever looks into the problem.
//! Not here: how the page shows it (`report-page/js/samples.js`).
//!
//! Compressed, problem by problem: in the page itself while that stays small, else in files beside it, which the page loads when
//! they are looked at. They are scripts, since a page that is opened from a disk may load nothing else.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use rayon::prelude::*;
use serde::Serialize;

use crate::{
    compare::{document::Document, runs::Run},
    exit::{DataFault, UsageFault},
    judged::Judged,
    output::write_whole,
};

/// The folder beside the page.
const FILES: &str = "report-samples";
/// What may stand in the page itself, in bytes.
const MOST_INLINE: usize = 4 << 20;

/// Where the page finds samples.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Shown {
    Inline { inline: BTreeMap<String, String> },
    Files { files: &'static str, index: BTreeMap<String, usize> },
    Nothing(()),
}

/// Writes the samples of all runs that are folders, below `out` where they are many.
pub(super) fn write(out: &Path, runs: &[Run], document: &Document, named: &[String]) -> anyhow::Result<Shown> {
    let mut named = by_name(named, runs)?;
    let of_run = |run: &Run| -> anyhow::Result<Option<Judged>> {
        run.folder.as_ref().map(|folder| Judged::open(folder, named.remove(&run.name).as_deref())).transpose()
    };
    let of_runs: Vec<Option<Judged>> = runs.iter().map(of_run).collect::<anyhow::Result<_>>()?;
    // Nothing that was asked for is missing: the samples of an earlier report may go.
    let _ = fs::remove_dir_all(out.join(FILES));
    if of_runs.iter().all(Option::is_none) {
        return Ok(Shown::Nothing(()));
    }
    let packed = |task_id: &str| -> anyhow::Result<String> {
        let of_run = |run: &Option<Judged>| run.as_ref().map_or(Ok(Vec::new()), |run| run.samples(task_id));
        let samples = of_runs.iter().map(of_run).collect::<anyhow::Result<Vec<_>>>()?;
        let mut gzip = GzEncoder::new(Vec::new(), Compression::new(4));
        gzip.write_all(&serde_json::to_vec(&samples)?)?;
        Ok(STANDARD.encode(gzip.finish()?))
    };
    let task_ids: Vec<&str> = document.table.iter().map(|row| row.task_id.as_str()).collect();
    let (mut inline, mut bytes) = (BTreeMap::new(), 0);
    // Some at a time: never all samples of all problems in memory.
    for (round, some) in task_ids.chunks(64).enumerate() {
        let packed: Vec<String> = some.par_iter().map(|task_id| packed(task_id)).collect::<anyhow::Result<_>>()?;
        bytes += packed.iter().map(String::len).sum::<usize>();
        let some =
            some.iter().enumerate().zip(packed).map(|((at, task_id), packed)| (round * 64 + at, *task_id, packed));
        if bytes <= MOST_INLINE {
            inline.extend(some.map(|(_, task_id, packed)| (task_id.to_owned(), packed)));
            continue;
        }
        let before: Vec<(String, String)> = std::mem::take(&mut inline).into_iter().collect();
        let index_of = |task_id: &str| task_ids.binary_search(&task_id).expect("problems are in order");
        for (task_id, packed) in before {
            write_file(out, index_of(&task_id), &packed)?;
        }
        some.into_iter().try_for_each(|(index, _, packed)| write_file(out, index, &packed))?;
    }
    if bytes <= MOST_INLINE {
        return Ok(Shown::Inline { inline });
    }
    let index = task_ids.iter().enumerate().map(|(index, task_id)| ((*task_id).to_owned(), index)).collect();
    Ok(Shown::Files { files: FILES, index })
}

fn write_file(out: &Path, index: usize, packed: &str) -> anyhow::Result<()> {
    write_whole(
        &out.join(FILES),
        &format!("{index}.js"),
        format!("trialboxSamples({index}, \"{packed}\")\n").as_bytes(),
    )
}

/// Files of samples by the names of their runs.
fn by_name(named: &[String], runs: &[Run]) -> anyhow::Result<HashMap<String, PathBuf>> {
    let mut all = HashMap::new();
    for argument in named {
        let (name, path) = match (argument.split_once('='), runs) {
            (Some((name, path)), _) if runs.iter().any(|run| run.name == name) => (name, path),
            (_, [only]) => (only.name.as_str(), argument.as_str()),
            _ => {
                let fault = format!("--samples {argument}: of which run? say NAME={argument}");
                return Err(UsageFault(fault).into());
            }
        };
        if !Path::new(path).exists() {
            return Err(DataFault(format!("{path} is not there")).into());
        }
        all.insert(name.to_owned(), PathBuf::from(path));
    }
    Ok(all)
}
