//! What a run reads: problems, and samples checked against them before anything is run.
//! Not here: parsing rows (`datasets`), running anything.

use std::{
    collections::{BTreeMap, HashSet},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use trialbox_datasets::{
    Dataset, Language, PackedRow, Problem, RowError, RowErrorKind, Rows, Sample, TestCode, TestForm, Tests, fetch,
    livecodebench, load, samples, source,
};
use trialbox_verifier::{Allowance, Selection, Task};

use crate::{
    exit::{DataFault, UsageFault},
    facts::Facts,
    roster::Roster,
};

/// One problem of a run. Its tests may take hundreds of times what its row takes, so they are there only while a sample of it
/// is to be judged.
pub(crate) struct Entry {
    task: Mutex<TaskInUse>,
    unpack: Unpack,
    /// For completions, which continue it.
    pub(crate) prompt: String,
    /// For extraction; `None` where no one function is asked for.
    pub(crate) entry_point: Option<String>,
    /// Whether a whole program is asked for.
    is_on_stdin: bool,
    /// What is known of it beside, where its dataset says anything.
    pub(crate) facts: Option<Facts>,
}

/// Makes a problem of its row, which was looked at before.
type Unpack = Box<dyn Fn() -> Result<Problem, RowErrorKind> + Send + Sync>;

/// A task while some sample of it is still to be judged.
#[derive(Default)]
struct TaskInUse {
    task: Option<Arc<Task>>,
    samples_left: u32,
}

impl Entry {
    /// The task, which is unpacked for its first sample.
    pub(crate) fn task(&self) -> Result<Arc<Task>, RowErrorKind> {
        let mut in_use = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(task) = &in_use.task {
            return Ok(Arc::clone(task));
        }
        let task = Arc::new(Task::new(self.problem()?, Allowance::default()));
        in_use.task = Some(Arc::clone(&task));
        Ok(task)
    }

    /// The problem, unpacked once more.
    pub(crate) fn problem(&self) -> Result<Problem, RowErrorKind> {
        (self.unpack)()
    }

    /// Whether a whole program is asked for.
    pub(crate) fn is_on_stdin(&self) -> bool {
        self.is_on_stdin
    }

    /// One sample has been judged: after the last one the unpacked tests are let go.
    pub(crate) fn judged(&self) {
        let mut in_use = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        in_use.samples_left = in_use.samples_left.saturating_sub(1);
        if in_use.samples_left == 0 {
            in_use.task = None;
        }
    }

    /// So many samples will be judged.
    fn expect_samples(&mut self, count: u32) {
        self.task.get_mut().unwrap_or_else(PoisonError::into_inner).samples_left = count;
    }

    fn new(problem: &Problem, packed: PackedRow<Problem>) -> Self {
        let entry_point = match &problem.tests {
            Tests::Function(tests) => Some(tests.entry_point.clone()),
            Tests::Asserts(code) => entry_point(code),
            Tests::Stdin(_) => None,
        };
        Self {
            task: Mutex::default(),
            unpack: Box::new(move || packed.unpack()),
            prompt: problem.prompt.clone(),
            entry_point,
            is_on_stdin: matches!(problem.tests, Tests::Stdin(_)),
            facts: None,
        }
    }
}

impl From<livecodebench::Row> for Entry {
    fn from(row: livecodebench::Row) -> Self {
        let (prompt, entry_point) = (row.prompt().to_owned(), row.function().map(str::to_owned));
        let is_on_stdin = entry_point.is_none();
        let livecodebench::Facts { difficulty, platform, date } = row.facts();
        let facts = Some(Facts { difficulty: Some(difficulty), platform: Some(platform), date });
        Self {
            task: Mutex::default(),
            unpack: Box::new(move || row.problem()),
            prompt,
            entry_point,
            is_on_stdin,
            facts,
        }
    }
}

/// What test code asks for, where it is one thing.
fn entry_point(code: &TestCode) -> Option<String> {
    match (&code.form, code.asked_names().as_slice()) {
        (TestForm::Check { candidate }, _) => Some(candidate.clone()),
        (TestForm::Statements | TestForm::Pytest, [name]) => Some(name.clone()),
        _ => None,
    }
}

/// A dataset in memory.
pub(crate) struct Problems {
    pub(crate) entries: BTreeMap<String, Entry>,
    pub(crate) hash: String,
    pub(crate) skipped_rows: u64,
    /// Which problems were taken, where the dataset gives a choice.
    pub(crate) selection: Option<Selection>,
    /// Problems that were not taken; samples of them are passed over.
    pub(crate) left_out: HashSet<String>,
    /// Every problem that was asked for in the benchmark's own order, for samples that do not name theirs.
    pub(crate) order: Vec<String>,
}

/// Opens a dataset: the file given, else the one in the cache, which is fetched where it is not there yet.
pub(crate) fn open_dataset(dataset: Dataset, file: Option<&Path>) -> anyhow::Result<Rows<Problem>> {
    if let (None, Some(rows)) = (file, dataset.rows()) {
        return Err(UsageFault(format!(
            "--data is needed: {dataset} comes in no one file; name one that holds {rows}"
        ))
        .into());
    }
    if let (None, Some(published)) = (file, dataset.source())
        && let Some(folder) = source::cache_folder()
        && !folder.join(published.file_name).exists()
    {
        eprintln!("trialbox: fetching {} from {}", published.name, published.url);
        fetch(published, &folder, &mut |_| {})?;
    }
    Ok(load(dataset, file)?)
}

impl Problems {
    /// Whether a sample's language is none that its problem can be solved in.
    pub(crate) fn cannot_take(&self, sample: &Sample) -> bool {
        let is_on_stdin = |entry: &Entry| entry.is_on_stdin;
        sample.language != Language::Python && !self.entries.get(&sample.task_id).is_none_or(is_on_stdin)
    }

    /// Loads a dataset.
    pub(crate) fn load(dataset: Dataset, file: Option<&Path>, skip_bad_rows: bool) -> anyhow::Result<Self> {
        Self::of(dataset.name(), open_dataset(dataset, file)?, skip_bad_rows)
    }

    /// Takes in all rows of a dataset.
    pub(crate) fn of(name: &str, mut rows: Rows<Problem>, skip_bad_rows: bool) -> anyhow::Result<Self> {
        let mut entries = BTreeMap::new();
        let mut skipped_rows = 0;
        while let Some(row) = rows.next_with_packed() {
            match row {
                Ok((problem, packed)) => {
                    let task_id = problem.task_id.clone();
                    if entries.insert(task_id.clone(), Entry::new(&problem, packed)).is_some() {
                        return Err(DataFault(format!("the dataset has two problems called {task_id}")).into());
                    }
                }
                Err(error) => skip(error, skip_bad_rows, &mut skipped_rows)?,
            }
        }
        if entries.is_empty() {
            return Err(DataFault(format!("{name}: the file holds no problem")).into());
        }
        let hash = rows.content_hash().unwrap_or_default();
        Ok(Self { entries, hash, skipped_rows, selection: None, left_out: HashSet::new(), order: Vec::new() })
    }

    /// Tells every problem how many samples it will see.
    pub(crate) fn expect_samples(&mut self, per_task: &BTreeMap<String, u32>) {
        for (task_id, entry) in &mut self.entries {
            entry.expect_samples(per_task.get(task_id).copied().unwrap_or(0));
        }
    }
}

/// Says what is wrong with a row and goes on, or refuses.
pub(crate) fn skip(error: RowError, skip_bad_rows: bool, skipped_rows: &mut u64) -> Result<(), RowError> {
    // A file that cannot be read is no bad row: skipping it would silently shrink the run.
    let is_of_file = matches!(error.kind, RowErrorKind::Io(_) | RowErrorKind::UnfinishedList | RowErrorKind::AfterList);
    if !skip_bad_rows || is_of_file {
        return Err(error);
    }
    eprintln!("trialbox: skipped: {error}");
    *skipped_rows += 1;
    Ok(())
}

/// A sample with its place among the samples of its task.
#[derive(Debug)]
pub(crate) struct Numbered {
    pub(crate) index: u32,
    pub(crate) sample: Sample,
}

/// Reads sample files one after the other, numbering the samples of each task.
///
/// A sample that names its own number keeps it; the others take the lowest number that is free.
#[derive(Debug, Default)]
struct Numbers(BTreeMap<String, (HashSet<u32>, u32)>);

impl Numbers {
    /// The sample's number; `None` where that number is taken.
    fn number(&mut self, sample: &Sample) -> Option<u32> {
        let (taken, next) = self.0.entry(sample.task_id.clone()).or_default();
        let index = sample.sample.unwrap_or_else(|| {
            while taken.contains(next) {
                *next += 1;
            }
            *next
        });
        taken.insert(index).then_some(index)
    }
}

/// What a look through the sample files found.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub(crate) roster: Roster,
    pub(crate) per_task: BTreeMap<String, u32>,
    pub(crate) skipped_rows: u64,
    /// Samples of problems that were not taken.
    pub(crate) left_out: u64,
    /// What the samples are written in.
    pub(crate) languages: Vec<Language>,
}

impl Scan {
    /// Adds a sample that will be judged.
    pub(crate) fn add(&mut self, sample: &Sample, number: u32) {
        self.roster.add(sample, number);
        self.languages.extend((!self.languages.contains(&sample.language)).then_some(sample.language));
        match self.per_task.get_mut(&sample.task_id) {
            Some(count) => *count += 1,
            None => drop(self.per_task.insert(sample.task_id.clone(), 1)),
        }
    }
}

/// Reads every sample once, to refuse bad files before anything is run.
pub(crate) fn scan(files: &[PathBuf], problems: &Problems, skip_bad_rows: bool) -> anyhow::Result<Scan> {
    let mut scan = Scan::default();
    for item in read(files.to_vec(), problems.order.clone()) {
        match item {
            Ok(numbered) if problems.left_out.contains(&numbered.sample.task_id) => scan.left_out += 1,
            Ok(numbered) if problems.cannot_take(&numbered.sample) => {
                let task_id = &numbered.sample.task_id;
                let fault = format!("samples: {task_id}: only a problem on stdin can be solved in C++");
                if !skip_bad_rows {
                    return Err(DataFault(fault).into());
                }
                eprintln!("trialbox: skipped: {fault}");
                scan.skipped_rows += 1;
            }
            Ok(numbered) if problems.entries.contains_key(&numbered.sample.task_id) => {
                scan.add(&numbered.sample, numbered.index);
            }
            Ok(numbered) => {
                let fault = format!("samples: the dataset has no problem called {:?}", numbered.sample.task_id);
                if !skip_bad_rows {
                    return Err(DataFault(fault).into());
                }
                eprintln!("trialbox: skipped: {fault}");
                scan.skipped_rows += 1;
            }
            Err(ReadError::Row(error)) => skip(error, skip_bad_rows, &mut scan.skipped_rows)?,
            Err(ReadError::Duplicate(fault)) if skip_bad_rows => {
                eprintln!("trialbox: skipped: {fault}");
                scan.skipped_rows += 1;
            }
            Err(ReadError::Duplicate(fault)) => return Err(DataFault(fault).into()),
        }
    }
    if scan.roster.len() == 0 {
        return Err(DataFault("the sample files hold no sample of this dataset".to_owned()).into());
    }
    Ok(scan)
}

/// Why a sample cannot be used.
#[derive(Debug)]
pub(crate) enum ReadError {
    Row(RowError),
    Duplicate(String),
}

/// Streams the samples of all files.
pub(crate) fn read(
    files: Vec<PathBuf>,
    order: Vec<String>,
) -> impl Iterator<Item = Result<Numbered, ReadError>> + Send + use<> {
    let mut numbers = Numbers::default();
    let rows = files.into_iter().flat_map(move |file| samples::read(&file, &order));
    rows.map(move |row| {
        let sample = row.map_err(ReadError::Row)?;
        match numbers.number(&sample) {
            Some(index) => Ok(Numbered { index, sample }),
            None => Err(ReadError::Duplicate(format!(
                "samples: {} has two samples numbered {}",
                sample.task_id,
                sample.sample.unwrap_or_default()
            ))),
        }
    })
}

/// The values of k of a run: those asked for, or the usual ones that the samples allow.
pub(crate) fn choose_k(asked: &[u32], fewest: u32) -> anyhow::Result<Vec<u32>> {
    choose_k_of(&[1, 10, 100, 128], asked, fewest)
}

/// The same with other usual values.
pub(crate) fn choose_k_of(usual: &[u32], asked: &[u32], fewest: u32) -> anyhow::Result<Vec<u32>> {
    if asked.is_empty() {
        return Ok(usual.iter().copied().filter(|k| *k <= fewest).collect());
    }
    match asked.iter().find(|k| **k > fewest) {
        Some(k) => {
            let fault = format!("--k {k}: pass@{k} needs {k} samples of every problem, and some problem has {fewest}");
            Err(UsageFault(fault).into())
        }
        None => Ok(asked.to_vec()),
    }
}
