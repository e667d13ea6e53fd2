//! The datasets that are known by name, and the one way to read any of them.
//! Not here: their row formats (one file per dataset), downloading (`fetch`).
//! In: a dataset, and a file if it is not the usual one. Out: its problems.

use std::fmt;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::str::FromStr;

use crate::humaneval;
use crate::livecodebench;
use crate::mbpp;
use crate::problem::Problem;
use crate::quickstart;
use crate::quickstart::QuickstartRow;
use crate::row::Lines;
use crate::row::RowError;
use crate::row::RowErrorKind;
use crate::row::Rows;
use crate::source;
use crate::source::Source;

/// The quickstart rows, and what errors call them.
const QUICKSTART: &str = include_str!("../data/quickstart.jsonl");
const QUICKSTART_NAME: &str = "quickstart.jsonl";

/// A dataset that is known by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dataset {
    /// HumanEval+, 164 tasks.
    HumanEvalPlus,
    /// MBPP+, 378 tasks.
    MbppPlus,
    /// LiveCodeBench's code generation, up to 1,055 problems by release.
    LiveCodeBench,
    /// A few problems with known verdicts, built in.
    Quickstart,
}

/// Why a dataset could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// No such name.
    #[error("unknown dataset {name}: expected {}", Dataset::ALL.map(|dataset| dataset.name()).join(", "))]
    Unknown {
        /// The name.
        name: String,
    },
    /// The file is not in the cache.
    #[error(
        "{name} is not on this machine: fetch it, or put {url} at {}",
        path.as_deref().unwrap_or(Path::new("a folder of your choice and set TRIALBOX_CACHE or HOME")).display()
    )]
    NotHere {
        /// The dataset.
        name: &'static str,
        /// Where it is published.
        url: &'static str,
        /// Where it is looked for; `None` where the environment names no cache.
        path: Option<PathBuf>,
    },
    /// The dataset is not fetched, and no file was named.
    #[error("{name} is not fetched: name its files, or the folder with test.jsonl to test6.jsonl from {url}")]
    NotNamed {
        /// The dataset.
        name: &'static str,
        /// Where it is published.
        url: &'static str,
    },
    /// The files do not fit together, or not what is wanted of them.
    #[error("cannot use these files: {reason}")]
    Files {
        /// Why not.
        reason: String,
    },
    /// The file is there and cannot be opened.
    #[error(transparent)]
    Row(#[from] RowError),
}

impl Dataset {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::HumanEvalPlus, Self::MbppPlus, Self::LiveCodeBench, Self::Quickstart];

    /// The name it is called by.
    pub fn name(self) -> &'static str {
        match self {
            Self::HumanEvalPlus => humaneval::SOURCE.name,
            Self::MbppPlus => mbpp::SOURCE.name,
            Self::LiveCodeBench => livecodebench::NAME,
            Self::Quickstart => "quickstart",
        }
    }

    /// Where it is fetched from; `None` for the one that is built in, and for those that are not fetched.
    pub fn source(self) -> Option<&'static Source> {
        match self {
            Self::HumanEvalPlus => Some(&humaneval::SOURCE),
            Self::MbppPlus => Some(&mbpp::SOURCE),
            Self::LiveCodeBench | Self::Quickstart => None,
        }
    }

    fn parser(self) -> fn(&[u8]) -> Result<Problem, RowErrorKind> {
        match self {
            Self::HumanEvalPlus => humaneval::parse,
            Self::MbppPlus => mbpp::parse,
            Self::LiveCodeBench => livecodebench::parse,
            Self::Quickstart => quickstart::parse_problem,
        }
    }
}

impl fmt::Display for Dataset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Dataset {
    type Err = DatasetError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|dataset| dataset.name() == name);
        found.ok_or_else(|| DatasetError::Unknown { name: name.to_owned() })
    }
}

/// Reads a dataset from `file`, or from where it usually is. Nothing is downloaded.
///
/// [`Rows::content_hash`] is the hash of what was read, once the last row has been given.
pub fn load(dataset: Dataset, file: Option<&Path>) -> Result<Rows<Problem>, DatasetError> {
    Ok(Rows::new(open(dataset, file)?, dataset.parser()))
}

/// The built-in quickstart rows with their candidates.
pub fn quickstart_rows() -> Result<Rows<QuickstartRow>, RowError> {
    Ok(Rows::new(open_quickstart()?, quickstart::parse))
}

fn open(dataset: Dataset, file: Option<&Path>) -> Result<Lines, DatasetError> {
    match (file, dataset.source()) {
        (Some(file), _) => Ok(Lines::open(file)?),
        (None, None) if dataset == Dataset::LiveCodeBench => {
            Err(DatasetError::NotNamed { name: livecodebench::NAME, url: livecodebench::URL })
        }
        (None, None) => Ok(open_quickstart()?),
        (None, Some(source)) => open_cached(source, source::cache_folder()),
    }
}

fn open_quickstart() -> Result<Lines, RowError> {
    let fail = |error| RowError { file: QUICKSTART_NAME.into(), line: 0, kind: RowErrorKind::Io(error) };
    Lines::from_reader(Path::new(QUICKSTART_NAME), QUICKSTART.as_bytes()).map_err(fail)
}

fn open_cached(source: &Source, folder: Option<PathBuf>) -> Result<Lines, DatasetError> {
    let path = folder.map(|folder| folder.join(source.file_name));
    let missing = |path| DatasetError::NotHere { name: source.name, url: source.url, path };
    let Some(path) = path else { return Err(missing(None)) };
    match Lines::open(&path) {
        Err(RowError { kind: RowErrorKind::Io(error), .. }) if error.kind() == io::ErrorKind::NotFound => {
            Err(missing(Some(path)))
        }
        opened => Ok(opened?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_stands_for_its_dataset() {
        for dataset in Dataset::ALL {
            assert_eq!(dataset.name().parse::<Dataset>().ok(), Some(dataset));
        }
        let error = "humaneval".parse::<Dataset>().expect_err("no such dataset");
        assert_eq!(
            error.to_string(),
            "unknown dataset humaneval: expected humaneval+, mbpp+, livecodebench, quickstart"
        );
    }

    #[test]
    fn a_dataset_that_is_not_here_is_told_with_its_address_and_place() {
        let error = open_cached(&mbpp::SOURCE, Some("/nonexistent".into())).expect_err("nothing is there");
        assert_eq!(
            error.to_string(),
            "mbpp+ is not on this machine: fetch it, or put https://github.com/evalplus/mbppplus_release/releases/\
             download/v0.2.0/MbppPlus.jsonl.gz at /nonexistent/MbppPlus-v0.2.0.jsonl.gz"
        );
    }

    #[test]
    fn every_quickstart_row_is_good_and_has_candidates_of_both_kinds() {
        let mut rows = quickstart_rows().expect("built in");
        let mut count = 0;
        for row in rows.by_ref() {
            let row = row.expect("a good row");
            let passing = row.candidates.iter().filter(|candidate| candidate.expect == "pass").count();
            assert!(passing > 0 && passing < row.candidates.len(), "{}", row.problem.task_id);
            count += 1;
        }
        assert!(count > 0);
        assert_eq!(rows.content_hash(), Some(blake3::hash(QUICKSTART.as_bytes()).to_hex().to_string()));
        assert_eq!(load(Dataset::Quickstart, None).expect("built in").filter_map(Result::ok).count(), count);
    }
}
