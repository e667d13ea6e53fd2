//! What `compare` reads: runs of trialbox, and results that others have graded.
//! Not here: the formats of others (`datasets::graded`), whether runs can be compared (`compare`).

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs::{self, File},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use anyhow::Context;
use serde::Deserialize;
use serde_json::Value;
use trialbox_coverage::{Counts, Problems};
use trialbox_datasets::graded;
use trialbox_verifier::Verdict;

use crate::{
    completions,
    exit::{DataFault, UsageFault},
    facts::{self, Facts},
    journal::VerdictRow,
    run_folder::{MANIFEST, REPORT, VERDICTS},
};

/// Perplexities of a run's completions, as `trialbox sample --perplexity` prints them.
const PERPLEXITY: &str = "perplexity.jsonl";

/// A model's results.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) name: String,
    /// `None` for results of others.
    pub(crate) folder: Option<PathBuf>,
    /// The training step, where its name ends with one.
    pub(crate) step: Option<u64>,
    pub(crate) problems: Problems,
    pub(crate) infra_errors: u64,
    /// What it is a run of; `None` for results of others.
    pub(crate) manifest: Option<Value>,
    /// What drew its completions.
    pub(crate) sampling: Option<Value>,
    /// Whether it goes on.
    pub(crate) is_complete: bool,
    /// What is known of its problems.
    pub(crate) facts: BTreeMap<String, Facts>,
    pub(crate) perplexities: Vec<f64>,
}

impl Run {
    /// Samples that were judged.
    pub(crate) fn samples(&self) -> u64 {
        self.problems.values().map(|counts| u64::from(counts.samples)).sum()
    }

    /// A word of its manifest.
    pub(crate) fn said(&self, key: &str) -> Option<&Value> {
        self.manifest.as_ref()?.get(key).filter(|value| !value.is_null())
    }

    /// The model's name, where the folder says it.
    pub(crate) fn model(&self) -> Option<&str> {
        let model = self.sampling.as_ref()?.get("model")?;
        model.get("name").or_else(|| model.get("server_model"))?.as_str()
    }
}

/// Reads all that is named: `[NAME=]PATH` each, in order. A file with several models gives several runs.
pub(crate) fn read(named: &[String]) -> anyhow::Result<Vec<Run>> {
    let mut runs = Vec::new();
    for argument in named {
        let (name, path) = match argument.split_once('=') {
            Some((name, path)) if !name.is_empty() && !Path::new(argument).exists() => (Some(name), Path::new(path)),
            _ => (None, Path::new(argument)),
        };
        if path.is_dir() {
            runs.push(of_folder(name, path)?);
        } else {
            runs.extend(of_file(name, path)?);
        }
    }
    let mut names = HashSet::new();
    for run in &runs {
        if !names.insert(run.name.clone()) {
            let fault = format!("two runs are called {}: name one of them, as OTHER={}", run.name, run.name);
            return Err(UsageFault(fault).into());
        }
    }
    Ok(runs)
}

/// The counts of all tests.
fn counts(model: graded::Model) -> Problems {
    let counts = |(task_id, graded): (String, graded::Graded)| {
        (task_id, Counts { samples: graded.samples, passed: graded.passed })
    };
    model.problems.into_iter().map(counts).collect()
}

fn of_file(name: Option<&str>, path: &Path) -> anyhow::Result<Vec<Run>> {
    let models = graded::read(path)?;
    let of_path = || {
        let file = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let ends = [".gz", ".json", ".jsonl", "_eval_results", "_eval_all"];
        ends.iter().fold(file, |name, end| name.strip_suffix(end).unwrap_or(&name).to_owned())
    };
    let several = models.len() > 1;
    let run = |mut model: graded::Model| {
        let name = match (model.name.take(), name) {
            (Some(of_model), Some(given)) if several => format!("{given}/{of_model}"),
            (_, Some(given)) => given.to_owned(),
            (Some(of_model), None) => of_model,
            (None, None) => of_path(),
        };
        Run {
            step: step_in(&name),
            name,
            folder: None,
            infra_errors: model.infra_errors,
            problems: counts(model),
            manifest: None,
            sampling: None,
            is_complete: true,
            facts: BTreeMap::new(),
            perplexities: Vec::new(),
        }
    };
    Ok(models.into_iter().map(run).collect())
}

fn of_folder(name: Option<&str>, folder: &Path) -> anyhow::Result<Run> {
    let verdicts = folder.join(VERDICTS);
    if !verdicts.exists() {
        let fault = format!("{}: no run of trialbox: there is no {VERDICTS}", folder.display());
        return Err(DataFault(fault).into());
    }
    let manifest = json(&folder.join(MANIFEST))?;
    let (problems, infra_errors) = of_verdicts(&verdicts)?;
    let name = match name {
        Some(name) => name.to_owned(),
        None => folder_name(folder)?,
    };
    Ok(Run {
        step: step_in(&name),
        name,
        folder: Some(folder.to_owned()),
        infra_errors,
        problems,
        manifest: Some(manifest),
        sampling: completions::manifest_of(folder),
        is_complete: folder.join(REPORT).exists(),
        facts: facts::read(folder)?,
        perplexities: perplexities(&folder.join(PERPLEXITY))?,
    })
}

/// Counts of a run that may still go on: a line that is not whole is passed over, as whoever goes on does, and of two verdicts on a
/// sample the first one that is one counts.
fn of_verdicts(path: &Path) -> anyhow::Result<(Problems, u64)> {
    let file = File::open(path).with_context(|| format!("failed to read {}", path.display()))?;
    let mut passed: HashMap<String, BTreeMap<u32, Option<bool>>> = HashMap::new();
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).with_context(|| format!("failed to read {}", path.display()))? > 0 {
        if let Some(VerdictRow { task_id, sample, judgement, .. }) = VerdictRow::of_line(&line) {
            let verdict = (judgement.verdict != Verdict::InfraError).then_some(judgement.verdict == Verdict::Pass);
            let known = passed.entry(task_id).or_default().entry(sample).or_default();
            *known = known.or(verdict);
        }
        line.clear();
    }
    let mut infra_errors = 0;
    let mut problems = Problems::new();
    for (task_id, samples) in passed {
        let mut counts = Counts::default();
        for passed in samples.into_values() {
            infra_errors += u64::from(passed.is_none());
            counts.samples += u32::from(passed.is_some());
            counts.passed += u32::from(passed == Some(true));
        }
        problems.insert(task_id, counts);
    }
    Ok((problems, infra_errors))
}

/// Also of `.` and `..`.
fn folder_name(folder: &Path) -> anyhow::Result<String> {
    let whole: PathBuf = folder.canonicalize().with_context(|| format!("failed to read {}", folder.display()))?;
    Ok(whole.file_name().map_or_else(|| "/".to_owned(), |name| name.to_string_lossy().into_owned()))
}

fn json(path: &Path) -> anyhow::Result<Value> {
    let text = fs::read(path).with_context(|| format!("failed to read {}", path.display()))?;
    serde_json::from_slice(&text).map_err(|error| DataFault(format!("{}: {error}", path.display())).into())
}

/// The number behind `step`, `checkpoint` and the like, at the end of a name.
fn step_in(name: &str) -> Option<u64> {
    let digits = name.len() - name.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (before, step) = name.split_at(digits);
    let before = before.trim_end_matches(['-', '_', ' ']).to_ascii_lowercase();
    let is_step = ["step", "checkpoint", "ckpt", "steps"].iter().any(|word| before.ends_with(word));
    if is_step { step.parse().ok() } else { None }
}

fn perplexities(path: &Path) -> anyhow::Result<Vec<f64>> {
    #[derive(Deserialize)]
    struct Row {
        perplexity: Option<f64>,
    }

    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))?;
    let mut all = Vec::new();
    // A last line without an end is still being written.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    for (index, line) in whole.lines().enumerate() {
        let row: Row = serde_json::from_str(line)
            .map_err(|error| DataFault(format!("{}:{}: {error}", path.display(), index + 1)))?;
        all.extend(row.perplexity);
    }
    all.sort_unstable_by(f64::total_cmp);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_read_where_the_name_says_that_it_is_one() {
        let steps = ["rl-step-160", "global_step_20", "checkpoint-7", "ckpt9", "Qwen2.5-7", "run2", "step"];
        assert_eq!(steps.map(step_in), [Some(160), Some(20), Some(7), Some(9), None, None, None]);
    }
}
