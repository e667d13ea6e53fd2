//! What each sample of a problem was and what became of it, for whoever looks into the problem.
//! Not here: how the page shows it (`report-page/js/samples.js`).
//!
//! Compressed, problem by problem: in the page itself while that stays small, else in files beside it, which the page loads when
//! they are looked at. They are scripts, since a page that is opened from a disk may load nothing else.

use std::{
    collections::{BTreeMap, HashMap},
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use anyhow::Context;
use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use trialbox_datasets::samples::{self, SampleText};
use trialbox_verifier::{FirstFailure, LimitFact, Verdict};

use crate::{
    compare::{document::Document, runs::Run},
    completions::COMPLETIONS,
    exit::{DataFault, UsageFault},
    journal::VerdictRow,
    output::write_whole,
    roster::hash_of,
    run_folder::VERDICTS,
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

/// A sample, as the page shows it.
#[derive(Debug, Serialize)]
struct Sample {
    sample: u32,
    verdict: Verdict,
    /// What the model wrote; `None` where that is not at hand.
    code: Option<String>,
    failure: Option<Failure>,
}

#[derive(Debug, Serialize)]
struct Failure {
    #[serde(flatten)]
    first: FirstFailure,
    /// The limit that was reached, in words.
    note: Option<String>,
}

/// A file of lines, and where those about each problem stand.
struct ByTask {
    path: PathBuf,
    file: File,
    spans: HashMap<String, Vec<(u64, usize)>>,
}

impl ByTask {
    fn open(path: &Path) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct About {
            task_id: String,
        }

        let fail = || format!("failed to read {}", path.display());
        let file = File::open(path).with_context(fail)?;
        let mut reader = BufReader::new(file.try_clone().with_context(fail)?);
        let (mut spans, mut at, mut line): (HashMap<String, Vec<_>>, u64, Vec<u8>) = (HashMap::new(), 0, Vec::new());
        while reader.read_until(b'\n', &mut line).with_context(fail)? > 0 {
            // A line that is not whole, as of a run that goes on, is about nothing.
            if let Ok(About { task_id }) = serde_json::from_slice(&line) {
                spans.entry(task_id).or_default().push((at, line.len()));
            }
            at += line.len() as u64;
            line.clear();
        }
        Ok(Self { path: path.to_owned(), file, spans })
    }

    fn lines(&self, task_id: &str) -> anyhow::Result<Vec<Vec<u8>>> {
        let line = |(at, bytes): &(u64, usize)| {
            let mut line = vec![0; *bytes];
            self.file.read_exact_at(&mut line, *at).with_context(|| format!("failed to read {}", self.path.display()))?;
            Ok(line)
        };
        self.spans.get(task_id).map_or(Ok(Vec::new()), |spans| spans.iter().map(line).collect())
    }
}

/// A run's verdicts, and what they are verdicts on.
struct OfRun {
    verdicts: ByTask,
    texts: Option<ByTask>,
}

impl OfRun {
    fn samples(&self, task_id: &str) -> anyhow::Result<Vec<Sample>> {
        let mut texts: HashMap<String, String> = HashMap::new();
        for line in self.texts.as_ref().map_or(Ok(Vec::new()), |texts| texts.lines(task_id))? {
            let Ok(sample) = samples::parse(&line) else { continue };
            let hash = format!("{:016x}", hash_of(&sample));
            let (SampleText::Solution(text) | SampleText::Completion(text) | SampleText::Response(text)) = sample.text;
            texts.insert(hash, text);
        }
        let mut all: BTreeMap<u32, Sample> = BTreeMap::new();
        for row in self.verdicts.lines(task_id)?.iter().filter_map(|line| VerdictRow::of_line(line)) {
            // By its hash: another text under the same number is not what was judged.
            let code = texts.get(&row.text_hash).cloned();
            let note = row.judgement.limit.as_ref().map(in_words);
            let failure = row.judgement.first_failure.map(|first| Failure { first, note });
            let sample = Sample { sample: row.sample, verdict: row.judgement.verdict, code, failure };
            // As the counts have it: the first verdict that is one.
            if all.get(&row.sample).is_none_or(|known| known.verdict == Verdict::InfraError) {
                all.insert(row.sample, sample);
            }
        }
        Ok(all.into_values().collect())
    }
}

fn in_words(limit: &LimitFact) -> String {
    let counter = serde_json::to_value(limit.counter).unwrap_or_default();
    let used = limit.used.map_or_else(|| "more".to_owned(), |used| used.to_string());
    format!("limit: {} {used} of {}", counter.as_str().unwrap_or_default(), limit.allowed)
}

/// Writes the samples of all runs that are folders, below `out` where they are many.
pub(super) fn write(out: &Path, runs: &[Run], document: &Document, named: &[String]) -> anyhow::Result<Shown> {
    let _ = fs::remove_dir_all(out.join(FILES));
    let mut named = by_name(named, runs)?;
    let of_run = |run: &Run| -> anyhow::Result<Option<OfRun>> {
        let Some(folder) = &run.folder else { return Ok(None) };
        let own = Some(folder.join(COMPLETIONS)).filter(|path| path.exists());
        let texts = named.remove(&run.name).or(own).map(|path| ByTask::open(&path)).transpose()?;
        Ok(Some(OfRun { verdicts: ByTask::open(&folder.join(VERDICTS))?, texts }))
    };
    let of_runs: Vec<Option<OfRun>> = runs.iter().map(of_run).collect::<anyhow::Result<_>>()?;
    if of_runs.iter().all(Option::is_none) {
        return Ok(Shown::Nothing(()));
    }
    let packed = |task_id: &str| -> anyhow::Result<String> {
        let of_run = |run: &Option<OfRun>| run.as_ref().map_or(Ok(Vec::new()), |run| run.samples(task_id));
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
        let some = some.iter().enumerate().zip(packed).map(|((at, task_id), packed)| (round * 64 + at, *task_id, packed));
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
    write_whole(&out.join(FILES), &format!("{index}.js"), format!("trialboxSamples({index}, \"{packed}\")\n").as_bytes())
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
