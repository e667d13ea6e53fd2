//! The datasets that clients may name, read when the first of them does, and the tasks made of their problems.
//! Not here: reading a dataset (`inputs`, `origin`), judging (`judging`).

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use axum::{Json, extract::State};
use lru::LruCache;
use serde::Serialize;
use trialbox_datasets::{Dataset, source};
use trialbox_verifier::{Allowance, Semantics, Task};
use utoipa::ToSchema;

use super::{Daemon, fault::Fault};
use crate::{
    args::SelectionArguments,
    exit::describe,
    inputs::{Entry, Problems},
    origin::Origin,
};

/// Tasks that are kept ready: a problem of LiveCodeBench may take 100 MB.
const MOST_TASKS: NonZeroUsize = NonZeroUsize::new(64).expect("it is not 0");

/// What can be asked for by name.
#[derive(Debug)]
pub(super) struct Catalogue {
    shelves: HashMap<Dataset, Shelf>,
    tasks: Mutex<LruCache<(Dataset, String, bool), Arc<Task>>>,
}

/// One dataset.
struct Shelf {
    /// Its files; none for one that is built in, or lies in the cache.
    files: Vec<PathBuf>,
    problems: OnceLock<Result<Problems, String>>,
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Shelf").field("files", &self.files).finish_non_exhaustive()
    }
}

/// A dataset that problems may be asked of.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Listed {
    /// As jobs name it.
    #[schema(example = "humaneval+")]
    name: &'static str,
    /// How many problems it has; null until its first one is asked for.
    problems: Option<usize>,
}

impl Catalogue {
    /// Those whose files are named, and those that are on this machine already: nothing is fetched while a client waits.
    pub(super) fn new(named: &[(Dataset, PathBuf)]) -> Self {
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
        Self { shelves, tasks: Mutex::new(LruCache::new(MOST_TASKS)) }
    }

    /// Reads a dataset now, to learn early of what is wrong with it.
    pub(super) fn read(&self, dataset: Dataset) -> Result<&Problems, Fault> {
        let shelf = self.shelves.get(&dataset).ok_or_else(|| {
            let here = self.names().join(", ");
            Fault::unknown_dataset(format!("{dataset} is not here, but {here} (--data {dataset}=FILE)"))
        })?;
        let problems = shelf.problems.get_or_init(|| {
            // Real and official semantics read the same rows: errata are the client's affair.
            let origin = Origin::of_files(dataset, &shelf.files, Semantics::Real);
            origin.load(&SelectionArguments::everything(), false).map_err(|error| describe(&error))
        });
        problems.as_ref().map_err(|error| Fault::infra_error(format!("{dataset} cannot be read: {error}")))
    }

    /// The names of all datasets that are here.
    pub(super) fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<&str> = self.shelves.keys().map(|dataset| dataset.name()).collect();
        names.sort_unstable();
        names
    }

    /// The names of a dataset's problems, in its own order where that is known; else by their numbers.
    pub(super) fn ids(&self, dataset: Dataset) -> Result<Vec<String>, Fault> {
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
    pub(super) fn origin(&self, dataset: Dataset, semantics: Semantics) -> Origin {
        let files = self.shelves.get(&dataset).map_or(&[][..], |shelf| &shelf.files);
        Origin::of_files(dataset, files, semantics)
    }

    /// One problem.
    pub(super) fn entry(&self, dataset: Dataset, task_id: &str) -> Result<&Entry, Fault> {
        let unknown = || Fault::unknown_task(format!("{dataset} has no problem called {task_id:?}"));
        self.read(dataset)?.entries.get(task_id).ok_or_else(unknown)
    }

    /// One problem, ready for candidates.
    pub(super) fn task(&self, dataset: Dataset, task_id: &str, semantics: Semantics) -> Result<Arc<Task>, Fault> {
        let key = (dataset, task_id.to_owned(), semantics == Semantics::Official);
        if let Some(task) = self.tasks.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(task));
        }
        let unreadable = |kind| Fault::infra_error(format!("{dataset} {task_id}: {kind}"));
        let problem = self.entry(dataset, task_id)?.problem().map_err(unreadable)?;
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let task = tasks.get_or_insert(key, || Arc::new(Task::new(problem, Allowance::default())));
        Ok(Arc::clone(task))
    }

    fn list(&self) -> Vec<Listed> {
        let count = |shelf: &Shelf| shelf.problems.get().and_then(|it| it.as_ref().ok()).map(|it| it.entries.len());
        let mut all: Vec<Listed> =
            self.shelves.iter().map(|(it, shelf)| Listed { name: it.name(), problems: count(shelf) }).collect();
        all.sort_unstable_by_key(|listed| listed.name);
        all
    }
}

/// Lists the datasets whose problems may be named.
#[utoipa::path(get, path = "/v1/datasets", tag = "verify", responses((status = 200, body = [Listed])))]
pub(super) async fn datasets(State(daemon): State<Arc<Daemon>>) -> Json<Vec<Listed>> {
    Json(daemon.catalogue.list())
}
