//! The folder of completions: what was asked of whom, and what came of it, so that whatever ends a run, it can go on.
//! Not here: asking (`sample`), judging (`evaluation`).
//!
//! `sampling.json` says what is drawn and how. `prompts.jsonl` has each problem's prompt. Completions are appended to
//! `completions.jsonl` as they come, and put in order when all are there.

use std::{
    collections::HashMap,
    fs::{self, File},
    path::{Path, PathBuf},
};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use trialbox_sampler::{Completion, Prompt};

use crate::{
    exit::{DataFault, UsageFault},
    lines::{Line, Lines},
    locked_folder::{self, Before, Names},
    prompts::{Answers, Asked},
};

pub(crate) const COMPLETIONS: &str = "completions.jsonl";
const MANIFEST: &str = "sampling.json";
const PROMPTS: &str = "prompts.jsonl";
const NAMES: Names = Names { manifest: MANIFEST, made: &[COMPLETIONS, PROMPTS] };
/// 16,384 tokens with their log-probabilities are a tenth of this.
const LONGEST_LINE: u32 = 64 << 20;

/// One line of completions.jsonl.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CompletionRow {
    #[serde(flatten)]
    pub(crate) completion: Completion,
    /// How the text is to be read: a `completion` of the problem's prompt, or a `response`.
    pub(crate) answers: String,
    /// How the answer was begun for the model, where it was: no part of the text, but of the response.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) begins: String,
}

impl CompletionRow {
    pub(crate) fn new(completion: Completion, answers: &Answers) -> Self {
        let (answers, begins) = match answers {
            Answers::Completion => ("completion", String::new()),
            Answers::Response { begins } => ("response", begins.clone()),
        };
        Self { completion, answers: answers.to_owned(), begins }
    }
}

/// One line of prompts.jsonl.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PromptRow {
    pub(crate) task_id: String,
    pub(crate) prompt: Prompt,
    pub(crate) stop: Vec<String>,
    /// What the model read, special tokens and all, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
}

impl PromptRow {
    pub(crate) fn new(task_id: &str, asked: &Asked, text: Option<String>) -> Self {
        Self { task_id: task_id.to_owned(), prompt: asked.prompt.clone(), stop: asked.stop.clone(), text }
    }
}

/// The folder, locked, and which completions are there.
pub(crate) struct CompletionsFolder {
    _locked: File,
    lines: Lines,
    /// The place of each task among the problems.
    tasks: HashMap<String, usize>,
    n: usize,
}

impl CompletionsFolder {
    /// Opens a folder for `n` completions of each of these prompts.
    pub(crate) fn open(
        folder: &Path,
        manifest: &serde_json::Value,
        before: Before,
        prompts: &[PromptRow],
        n: u32,
    ) -> anyhow::Result<Self> {
        let locked = locked_folder::lock(folder, NAMES, manifest, before)?;
        write_prompts(&folder.join(PROMPTS), prompts)?;
        let tasks = prompts.iter().enumerate().map(|(place, row)| (row.task_id.clone(), place)).collect();
        let n = n as usize;
        let mut all = Self {
            _locked: locked,
            lines: Lines::open(folder.join(COMPLETIONS), prompts.len() * n, LONGEST_LINE)?,
            tasks,
            n,
        };
        all.recover(folder)?;
        Ok(all)
    }

    /// What is there of each problem and sample: the first of each. Where there are more samples than are wanted the folder is
    /// refused: a run that ends puts its own in order, and these would be lost.
    fn recover(&mut self, folder: &Path) -> anyhow::Result<()> {
        let (tasks, n) = (&self.tasks, self.n);
        let mut most = n;
        let damaged = self.lines.recover(|line, has| {
            let whole = line.ends_with(b"\n");
            let Some(row) = serde_json::from_slice::<CompletionRow>(line).ok().filter(|_| whole) else {
                return Line::Damaged;
            };
            most = most.max(row.completion.sample as usize + 1);
            match place(tasks, n, &row.completion.task_id, row.completion.sample) {
                Some(place) if !has(place) => Line::About(place),
                _ => Line::PassedOver,
            }
        })?;
        if most > n {
            let fault = format!(
                "{} holds {most} samples of a problem: ask for as many with --n, or name another folder",
                folder.display()
            );
            return Err(UsageFault(fault).into());
        }
        if damaged > 0 {
            let path = self.lines.path().display();
            eprintln!("trialbox: {path}: {damaged} damaged lines dropped; their completions are drawn again");
        }
        Ok(())
    }

    /// Which samples of a problem are missing.
    pub(crate) fn missing(&self, task_id: &str) -> Vec<u32> {
        let Some(task) = self.tasks.get(task_id) else { return Vec::new() };
        let all = (0..self.n).filter(|sample| !self.lines.has(task * self.n + sample));
        all.filter_map(|sample| u32::try_from(sample).ok()).collect()
    }

    /// How many completions are there.
    pub(crate) fn known(&self) -> usize {
        self.lines.known()
    }

    /// How many there are to be.
    pub(crate) fn wanted(&self) -> usize {
        self.tasks.len() * self.n
    }

    /// Appends a completion; one that is there already is not appended twice.
    pub(crate) fn append(&mut self, row: &CompletionRow) -> anyhow::Result<()> {
        let Completion { task_id, sample, .. } = &row.completion;
        let place = place(&self.tasks, self.n, task_id, *sample);
        let place = place.with_context(|| format!("nobody asked for sample {sample} of {task_id}"))?;
        if self.lines.has(place) {
            return Ok(());
        }
        let mut line = serde_json::to_vec(row)?;
        line.push(b'\n');
        self.lines.append(&line, place)
    }

    /// Has everything on the disk, for a run that is not complete.
    pub(crate) fn sync(&mut self) -> anyhow::Result<()> {
        self.lines.sync()
    }

    /// Ends a complete run: completions in the order of problems and samples.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        self.lines.finish()
    }
}

fn place(tasks: &HashMap<String, usize>, n: usize, task_id: &str, sample: u32) -> Option<usize> {
    let sample = sample as usize;
    tasks.get(task_id).filter(|_| sample < n).map(|task| task * n + sample)
}

fn write_prompts(path: &Path, prompts: &[PromptRow]) -> anyhow::Result<()> {
    let mut text = Vec::new();
    for row in prompts {
        serde_json::to_writer(&mut text, row)?;
        text.push(b'\n');
    }
    fs::write(path, text).with_context(|| format!("failed to write {}", path.display()))
}

/// What the manifest of a folder says, where it has one.
pub(crate) fn manifest_of(folder: &Path) -> Option<serde_json::Value> {
    serde_json::from_slice(&fs::read(folder.join(MANIFEST)).ok()?).ok()
}

/// The prompts that lie beside completions, by task.
pub(crate) fn prompts_beside(completions: &Path) -> anyhow::Result<HashMap<String, PromptRow>> {
    let path: PathBuf = completions.with_file_name(PROMPTS);
    let text = fs::read_to_string(&path).map_err(|error| {
        DataFault(format!("{}: {error}: it must lie beside the completions, as `sample` writes it", path.display()))
    })?;
    let row = |(index, line): (usize, &str)| {
        let row: PromptRow = serde_json::from_str(line)
            .map_err(|error| DataFault(format!("{}:{}: {error}", path.display(), index + 1)))?;
        Ok((row.task_id.clone(), row))
    };
    text.lines().enumerate().map(row).collect()
}
