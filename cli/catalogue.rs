//! The datasets that jobs may name, read when the first of them does, and the tasks made of their problems.
//! Not here: reading a dataset (`inputs`, `origin`), what is done with a task (`attempt`).

mod ready;

use std::{
    collections::HashMap,
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use trialbox_datasets::{Dataset, RowErrorKind, source};
use trialbox_verifier::{Allowance, Semantics, Task};

use self::ready::Ready;
use crate::{
    args::SelectionArguments,
    exit::describe,
    inputs::{Entry, Problems},
    origin::Origin,
};

/// What the tests of tasks that are kept ready may take: those of one problem of LiveCodeBench may take 100 MB.
const MOST_READY_BYTES: usize = 2 << 30;
/// What a task takes besides its tests, about.
const TASK_BYTES: usize = 16 << 10;

/// What can be asked for by name.
#[derive(Debug)]
pub(crate) struct Catalogue {
    shelves: HashMap<Dataset, Shelf>,
    tasks: Mutex<Ready<(Dataset, String, bool), Task>>,
}

/// One dataset.
struct Shelf {
    /// Its files; none for one that is built in, or lies in the cache.
    files: Vec<PathBuf>,
    problems: OnceLock<Result<Problems, String>>,
}

impl fmt::Debug for Shelf {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Shelf").field("files", &self.files).finish_non_exhaustive()
    }
}

/// Why a problem cannot be had.
#[derive(Debug)]
pub(crate) enum CatalogueError {
    /// No such dataset is here, but others are.
    UnknownDataset { dataset: Dataset, here: String },
    /// The dataset has no such problem.
    UnknownTask { dataset: Dataset, task_id: String },
    /// It is asked to be solved in a language in which only other problems can be.
    OnStdinAlone,
    /// The dataset is here, and bad.
    Unreadable { dataset: Dataset, why: String },
    /// The problem's own row is bad, which only shows once it is unpacked.
    UnreadableTask { dataset: Dataset, task_id: String, why: RowErrorKind },
}

impl fmt::Display for CatalogueError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownDataset { dataset, here } => {
                write!(formatter, "{dataset} is not here, but {here} (--data {dataset}=FILE)")
            }
            Self::UnknownTask { dataset, task_id } => write!(formatter, "{dataset} has no problem called {task_id:?}"),
            Self::OnStdinAlone => formatter.write_str("only a problem on stdin can be solved in C++"),
            Self::Unreadable { dataset, why } => write!(formatter, "{dataset} cannot be read: {why}"),
            Self::UnreadableTask { dataset, task_id, why } => write!(formatter, "{dataset} {task_id}: {why}"),
        }
    }
}

impl std::error::Error for CatalogueError {}

impl Catalogue {
    /// Those whose files are named, which are read now to learn early of what is wrong with them, and those that are on this
    /// machine already: nothing is fetched while a client waits.
    pub(crate) fn open(named: &[(Dataset, PathBuf)]) -> Result<Self, CatalogueError> {
        let mut shelves: HashMap<Dataset, Shelf> = HashMap::new();
        let shelf = || Shelf { files: Vec::new(), problems: OnceLock::new() };
        for (dataset, file) in named {
            shelves.entry(*dataset).or_insert_with(shelf).files.push(file.clone());
        }
        let folder = source::cache_folder();
        let is_here = |dataset: &Dataset| match dataset.source() {
            Some(published) => folder.as_ref().is_some_and(|folder| folder.join(published.file_name).exists()),
            None => dataset.rows().is_none(),
        };
        for dataset in Dataset::ALL.into_iter().filter(is_here) {
            shelves.entry(dataset).or_insert_with(shelf);
        }
        let catalogue = Self { shelves, tasks: Mutex::new(Ready::new(MOST_READY_BYTES)) };
        for (dataset, _) in named {
            catalogue.read(*dataset)?;
        }
        Ok(catalogue)
    }

    fn read(&self, dataset: Dataset) -> Result<&Problems, CatalogueError> {
        let unknown = || CatalogueError::UnknownDataset { dataset, here: self.names().join(", ") };
        let shelf = self.shelves.get(&dataset).ok_or_else(unknown)?;
        let problems = shelf.problems.get_or_init(|| {
            // Real and official semantics read the same rows: errata are the client's affair.
            let origin = Origin::of_files(dataset, &shelf.files, Semantics::Real);
            origin.load(&SelectionArguments::everything(), false).map_err(|error| describe(&error))
        });
        problems.as_ref().map_err(|why| CatalogueError::Unreadable { dataset, why: why.clone() })
    }

    /// The names of all datasets that are here.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<&str> = self.shelves.keys().map(|dataset| dataset.name()).collect();
        names.sort_unstable();
        names
    }

    /// The names of a dataset's problems, in its own order where that is known; else by their numbers.
    pub(crate) fn ids(&self, dataset: Dataset) -> Result<Vec<String>, CatalogueError> {
        let problems = self.read(dataset)?;
        if !problems.order.is_empty() {
            return Ok(problems.order.clone());
        }
        let mut ids: Vec<String> = problems.entries.keys().cloned().collect();
        ids.sort_by_cached_key(|id| {
            let number = id.trim_start_matches(|symbol: char| !symbol.is_ascii_digit());
            (number.parse::<u64>().ok(), id.clone())
        });
        Ok(ids)
    }

    /// Where a dataset is read, as it is kept with its verdicts.
    pub(crate) fn origin(&self, dataset: Dataset, semantics: Semantics) -> Origin {
        let files = self.shelves.get(&dataset).map_or(&[][..], |shelf| &shelf.files);
        Origin::of_files(dataset, files, semantics)
    }

    /// One problem.
    pub(crate) fn entry(&self, dataset: Dataset, task_id: &str) -> Result<&Entry, CatalogueError> {
        let unknown = || CatalogueError::UnknownTask { dataset, task_id: task_id.to_owned() };
        self.read(dataset)?.entries.get(task_id).ok_or_else(unknown)
    }

    /// One problem, ready for candidates.
    pub(crate) fn task(
        &self,
        dataset: Dataset,
        task_id: &str,
        semantics: Semantics,
    ) -> Result<Arc<Task>, CatalogueError> {
        let key = (dataset, task_id.to_owned(), semantics == Semantics::Official);
        if let Some(task) = self.tasks.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(task);
        }
        let unreadable = |why| CatalogueError::UnreadableTask { dataset, task_id: task_id.to_owned(), why };
        let problem = self.entry(dataset, task_id)?.problem().map_err(unreadable)?;
        let bytes = problem.test_bytes() + TASK_BYTES;
        let task = Task::new(problem, Allowance::default());
        Ok(self.tasks.lock().unwrap_or_else(PoisonError::into_inner).keep(key, task, bytes))
    }

    /// The names of all datasets that are here, and how many problems those have that were read.
    pub(crate) fn sizes(&self) -> Vec<(&'static str, Option<usize>)> {
        let size = |shelf: &Shelf| shelf.problems.get().and_then(|it| it.as_ref().ok()).map(|it| it.entries.len());
        let mut all: Vec<_> = self.shelves.iter().map(|(dataset, shelf)| (dataset.name(), size(shelf))).collect();
        all.sort_unstable();
        all
    }
}
