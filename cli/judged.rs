//! What a run's folder knows of single samples: verdicts, and what they are verdicts on, problem by problem.
//! Not here: counts of them (`compare::runs`), writing them (`run_folder`).

use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
    io::{BufRead, BufReader, Seek},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use anyhow::Context;
use flate2::read::MultiGzDecoder;
use serde::{Deserialize, Serialize};
use trialbox_datasets::{SampleText, samples};
use trialbox_verifier::{FirstFailure, LimitFact, Verdict};

use crate::{completions::COMPLETIONS, exit::DataFault, journal::VerdictRow, roster::hash_of, run_folder::VERDICTS};

/// A sample and what became of it.
#[derive(Debug, Serialize)]
pub(crate) struct Sample {
    pub(crate) sample: u32,
    pub(crate) verdict: Verdict,
    /// On the base tests alone, where the dataset has some.
    #[serde(skip)]
    pub(crate) base: Option<Verdict>,
    /// What the model wrote; `None` where that is not at hand.
    pub(crate) code: Option<String>,
    failure: Option<Failure>,
}

/// Why it failed.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
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

/// The file, or what is in it where it is packed, in a file that has no name.
fn plain(mut file: File) -> std::io::Result<File> {
    let mut magic = [0; 2];
    let is_gzip = file.read_at(&mut magic, 0)? == 2 && magic == [0x1f, 0x8b];
    if !is_gzip {
        return Ok(file);
    }
    let mut unpacked = tempfile::tempfile()?;
    std::io::copy(&mut MultiGzDecoder::new(&mut file), &mut unpacked)?;
    unpacked.rewind()?;
    Ok(unpacked)
}

impl ByTask {
    fn open(path: &Path) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct About {
            #[serde(alias = "question_id")]
            task_id: String,
        }

        let fail = || format!("failed to read {}", path.display());
        let file = plain(File::open(path).with_context(fail)?).with_context(fail)?;
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
        if spans.is_empty() && at > 0 {
            let fault = format!("{}: no line of it is about a problem; lines with a task_id are read", path.display());
            return Err(DataFault(fault).into());
        }
        Ok(Self { path: path.to_owned(), file, spans })
    }

    fn lines(&self, task_id: &str) -> anyhow::Result<Vec<Vec<u8>>> {
        let line = |(at, bytes): &(u64, usize)| {
            let mut line = vec![0; *bytes];
            self.file
                .read_exact_at(&mut line, *at)
                .with_context(|| format!("failed to read {}", self.path.display()))?;
            Ok(line)
        };
        self.spans.get(task_id).map_or(Ok(Vec::new()), |spans| spans.iter().map(line).collect())
    }
}

/// A run's verdicts, and what they are verdicts on.
pub(crate) struct Judged {
    verdicts: ByTask,
    texts: Option<ByTask>,
}

impl Judged {
    /// Of a run's folder; `texts` where the folder does not have what was judged.
    pub(crate) fn open(folder: &Path, texts: Option<&Path>) -> anyhow::Result<Self> {
        let own = Some(folder.join(COMPLETIONS)).filter(|path| path.exists());
        let texts = texts.map(Path::to_owned).or(own).map(|path| ByTask::open(&path)).transpose()?;
        Ok(Self { verdicts: ByTask::open(&folder.join(VERDICTS))?, texts })
    }

    /// The samples of a problem that have a verdict, by number.
    pub(crate) fn samples(&self, task_id: &str) -> anyhow::Result<Vec<Sample>> {
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
            let (verdict, base) = (row.judgement.verdict, row.judgement.base);
            let sample = Sample { sample: row.sample, verdict, base, code, failure };
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
