//! Where problems are read: what a run is told, and what is kept with each verdict so that it can be judged again.
//! Not here: reading them (`inputs`, `livecodebench`), judging them again (`cache`).

use std::path::{Path, PathBuf, absolute};

use serde::{Deserialize, Serialize};
use trialbox_datasets::Dataset;
use trialbox_verifier::Semantics;

use crate::{args::SelectionArguments, exit::UsageFault, inputs::Problems, livecodebench, toy::Drawn};

/// A source of problems, and whose reading of them decides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub(crate) struct Origin {
    /// The dataset's name; none for jobs.
    dataset: Option<String>,
    /// The files; none for a dataset's own in the cache, and for jobs that came on stdin.
    files: Vec<PathBuf>,
    /// Whether official semantics decides.
    is_official: bool,
    /// Which problems were drawn, where they are and that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    drawn: Option<Drawn>,
}

/// One problem of an origin.
#[derive(Deserialize, Serialize)]
struct Place {
    origin: Origin,
    name: String,
}

impl Origin {
    /// The dataset of a run.
    pub(crate) fn of_dataset(
        dataset: Dataset,
        data: &[PathBuf],
        selection: &SelectionArguments,
        semantics: Semantics,
    ) -> anyhow::Result<Self> {
        if dataset != Dataset::LiveCodeBench {
            if !selection.is_empty() {
                let options =
                    "--release, --from, --to, --difficulty, --platform and --with-errata are for livecodebench";
                return Err(UsageFault(options.to_owned()).into());
            }
            if data.len() > 1 {
                return Err(UsageFault(format!("--data: {} has one file", dataset)).into());
            }
        }
        let drawn = Drawn::of(selection);
        if drawn.is_some() && dataset != Dataset::Toy {
            return Err(UsageFault("--problems and --problem-seed are for toy".to_owned()).into());
        }
        if drawn.is_some() && !data.is_empty() {
            let fault = "--data: a file has its own problems, --problems and --problem-seed draw others";
            return Err(UsageFault(fault.to_owned()).into());
        }
        Ok(Self { drawn, ..Self::of_files(dataset, data, semantics) })
    }

    /// A dataset, in its usual place where no files are named.
    pub(crate) fn of_files(dataset: Dataset, files: &[PathBuf], semantics: Semantics) -> Self {
        let files = files.iter().map(|file| whole(file)).collect();
        Self { dataset: Some(dataset.to_string()), files, is_official: is_official(semantics), drawn: None }
    }

    /// A file of jobs, or stdin.
    pub(crate) fn of_jobs(file: &Path, semantics: Semantics) -> Self {
        let files = if file == Path::new("-") { Vec::new() } else { vec![whole(file)] };
        Self { dataset: None, files, is_official: is_official(semantics), drawn: None }
    }

    /// Whose reading of the problems decides.
    pub(crate) fn semantics(&self) -> Semantics {
        if self.is_official { Semantics::Official } else { Semantics::Real }
    }

    /// The dataset, if it is one.
    pub(crate) fn dataset(&self) -> Option<Dataset> {
        self.dataset.as_ref()?.parse().ok()
    }

    /// The files.
    pub(crate) fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Reads the problems of a dataset.
    pub(crate) fn load(&self, selection: &SelectionArguments, skip_bad_rows: bool) -> anyhow::Result<Problems> {
        match (self.dataset(), self.drawn) {
            (Some(Dataset::LiveCodeBench), _) => {
                livecodebench::load(&self.files, selection, skip_bad_rows, self.semantics())
            }
            (Some(Dataset::Toy), Some(drawn)) => drawn.load(),
            (Some(dataset), _) => Problems::load(dataset, self.files.first().map(PathBuf::as_path), skip_bad_rows),
            (None, _) => anyhow::bail!("jobs are no dataset"),
        }
    }

    /// One problem, as it is kept with its verdicts.
    pub(crate) fn of_problem(&self, name: &str) -> String {
        let place = Place { origin: self.clone(), name: name.to_owned() };
        serde_json::to_string(&place).unwrap_or_default()
    }

    /// What was kept: an origin, and the name of a problem there.
    pub(crate) fn parse(kept: &str) -> Option<(Self, String)> {
        let Place { origin, name } = serde_json::from_str(kept).ok()?;
        Some((origin, name))
    }
}

fn is_official(semantics: Semantics) -> bool {
    semantics == Semantics::Official
}

/// The path from wherever the next command is given.
fn whole(file: &Path) -> PathBuf {
    absolute(file).unwrap_or_else(|_| file.to_owned())
}
