//! The datasets that are known by name, and the one way to read any of them.
//! Not here: their row formats (one file per dataset), downloading (`fetch`).
//! In: a dataset, and a file if it is not the usual one. Out: its problems.

use std::fmt;
use std::io;
use std::io::Cursor;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::str::FromStr;

use crate::apps;
use crate::code_contests;
use crate::codeforces;
use crate::humaneval;
use crate::humaneval_origin;
use crate::kodcode;
use crate::leetcode;
use crate::leetcode_dataset;
use crate::livecodebench;
use crate::mbpp;
use crate::mbpp_original;
use crate::problem::Problem;
use crate::quickstart;
use crate::quickstart::QuickstartRow;
use crate::row::Lines;
use crate::row::RowError;
use crate::row::RowErrorKind;
use crate::row::Rows;
use crate::source;
use crate::source::Source;
use crate::taco;
use crate::toy;
use crate::toy::Draw;

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
    /// HumanEval+ as test code in HumanEval's own format, 164 tasks.
    HumanEvalOrigin,
    /// MBPP as it was published first, 974 tasks.
    Mbpp,
    /// LiveCodeBench's code generation, up to 1,055 problems by release.
    LiveCodeBench,
    /// LeetCodeDataset; its test split has 228 tasks.
    LeetCodeDataset,
    /// LeetCode in rLLM's rows.
    LeetCode,
    /// KodCode.
    KodCode,
    /// TACO.
    Taco,
    /// APPS.
    Apps,
    /// CodeContests.
    CodeContests,
    /// Codeforces.
    Codeforces,
    /// A few problems with known verdicts, built in.
    Quickstart,
    /// Small problems drawn from a family, built in.
    Toy,
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
    /// The dataset has no one file that could be fetched.
    #[error("{name} needs a file, which nothing fetches: name one that holds {rows}")]
    NeedsFile {
        /// The dataset.
        name: &'static str,
        /// What the file must hold.
        rows: &'static str,
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
    pub const ALL: [Self; 14] = [
        Self::HumanEvalPlus,
        Self::MbppPlus,
        Self::HumanEvalOrigin,
        Self::Mbpp,
        Self::LiveCodeBench,
        Self::LeetCodeDataset,
        Self::LeetCode,
        Self::KodCode,
        Self::Taco,
        Self::Apps,
        Self::CodeContests,
        Self::Codeforces,
        Self::Quickstart,
        Self::Toy,
    ];

    /// The name it is called by.
    pub fn name(self) -> &'static str {
        match self {
            Self::HumanEvalPlus => humaneval::SOURCE.name,
            Self::MbppPlus => mbpp::SOURCE.name,
            Self::HumanEvalOrigin => humaneval_origin::SOURCE.name,
            Self::Mbpp => mbpp_original::NAME,
            Self::LiveCodeBench => livecodebench::NAME,
            Self::LeetCodeDataset => leetcode_dataset::SOURCE.name,
            Self::LeetCode => leetcode::NAME,
            Self::KodCode => kodcode::NAME,
            Self::Taco => taco::NAME,
            Self::Apps => apps::NAME,
            Self::CodeContests => code_contests::NAME,
            Self::Codeforces => codeforces::NAME,
            Self::Quickstart => "quickstart",
            Self::Toy => toy::NAME,
        }
    }

    /// Where its file is published; `None` where it is built in, or no one file is the dataset ([`Dataset::rows`]).
    pub fn source(self) -> Option<&'static Source> {
        match self {
            Self::HumanEvalPlus => Some(&humaneval::SOURCE),
            Self::MbppPlus => Some(&mbpp::SOURCE),
            Self::HumanEvalOrigin => Some(&humaneval_origin::SOURCE),
            Self::LeetCodeDataset => Some(&leetcode_dataset::SOURCE),
            _ => None,
        }
    }

    /// What a file of it must hold, where it is neither published as one file nor built in.
    pub fn rows(self) -> Option<&'static str> {
        match self {
            Self::Mbpp => Some("google-research's mbpp.jsonl"),
            Self::LiveCodeBench => Some(livecodebench::FILES),
            Self::LeetCode => Some("rLLM's rows: problem, solutions, tests.functional"),
            Self::KodCode => Some("rows of KodCode: instruction, response, test_code"),
            Self::Taco | Self::Apps => Some("rows of rLLM, verl, or the original: question, input_output, solutions"),
            Self::CodeContests | Self::Codeforces => Some("rows of rLLM or verl: inputs and outputs, or pairs of them"),
            _ => None,
        }
    }

    /// Whether its tests come in two sets, base and plus, that are reported apart.
    pub fn has_plus_tests(self) -> bool {
        matches!(self, Self::HumanEvalPlus | Self::MbppPlus)
    }

    fn rows_of(self, lines: Lines) -> Rows<Problem> {
        match self {
            Self::HumanEvalPlus => Rows::new(lines, humaneval::parse),
            Self::MbppPlus => Rows::new(lines, mbpp::parse),
            Self::HumanEvalOrigin => Rows::new(lines, humaneval_origin::parse),
            Self::Mbpp => Rows::new(lines, mbpp_original::parse),
            Self::LiveCodeBench => Rows::new(lines, livecodebench::parse),
            Self::LeetCodeDataset => Rows::new(lines, leetcode_dataset::parse),
            Self::LeetCode => Rows::numbered(lines, leetcode::parse),
            Self::KodCode => Rows::numbered(lines, kodcode::parse),
            Self::Taco => Rows::numbered(lines, taco::parse),
            Self::Apps => Rows::numbered(lines, apps::parse),
            Self::CodeContests => Rows::numbered(lines, code_contests::parse),
            Self::Codeforces => Rows::numbered(lines, codeforces::parse),
            Self::Quickstart => Rows::new(lines, quickstart::parse_problem),
            Self::Toy => Rows::new(lines, toy::parse),
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
    Ok(dataset.rows_of(open(dataset, file)?))
}

/// The toy problems of a draw. Without one, [`load`] gives those of the default.
pub fn load_toy(draw: Draw) -> Result<Rows<Problem>, RowError> {
    Ok(Dataset::Toy.rows_of(open_toy(draw)?))
}

/// The built-in quickstart rows with their candidates.
pub fn quickstart_rows() -> Result<Rows<QuickstartRow>, RowError> {
    Ok(Rows::new(open_quickstart()?, quickstart::parse))
}

fn open(dataset: Dataset, file: Option<&Path>) -> Result<Lines, DatasetError> {
    match (file, dataset.source(), dataset.rows()) {
        (Some(file), ..) => Ok(Lines::open(file)?),
        (None, Some(source), _) => open_cached(source, source::cache_folder()),
        (None, None, Some(rows)) => Err(DatasetError::NeedsFile { name: dataset.name(), rows }),
        (None, None, None) if dataset == Dataset::Toy => Ok(open_toy(Draw::default())?),
        (None, None, None) => Ok(open_quickstart()?),
    }
}

fn open_quickstart() -> Result<Lines, RowError> {
    open_built_in(QUICKSTART_NAME, QUICKSTART.as_bytes())
}

fn open_toy(draw: Draw) -> Result<Lines, RowError> {
    open_built_in(toy::NAME, Cursor::new(toy::lines(draw)))
}

/// `name` is what errors call it.
fn open_built_in(name: &str, rows: impl Read + Send + 'static) -> Result<Lines, RowError> {
    let fail = |error| RowError { file: name.into(), line: 0, kind: RowErrorKind::Io(error) };
    Lines::from_reader(Path::new(name), rows).map_err(fail)
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
    use std::io::Write;

    use super::*;

    #[test]
    fn every_name_stands_for_its_dataset() {
        for dataset in Dataset::ALL {
            assert_eq!(dataset.name().parse::<Dataset>().ok(), Some(dataset));
        }
        let error = "humaneval".parse::<Dataset>().expect_err("no such dataset");
        assert_eq!(
            error.to_string(),
            "unknown dataset humaneval: expected humaneval+, mbpp+, humaneval+origin, mbpp, livecodebench, \
             leetcode-dataset, leetcode, kodcode, taco, apps, code_contests, codeforces, quickstart, toy"
        );
    }

    #[test]
    fn every_dataset_is_published_or_built_in_or_says_what_file_it_needs() {
        for dataset in Dataset::ALL {
            let is_built_in = matches!(dataset, Dataset::Quickstart | Dataset::Toy);
            let ways = [dataset.source().is_some(), dataset.rows().is_some(), is_built_in];
            assert_eq!(ways.iter().filter(|way| **way).count(), 1, "{dataset}");
        }
        let error = load(Dataset::KodCode, None).expect_err("no file is named");
        assert_eq!(
            error.to_string(),
            "kodcode needs a file, which nothing fetches: name one that holds rows of KodCode: instruction, response, test_code"
        );
    }

    #[test]
    fn a_bad_row_is_told_with_its_place_and_the_others_are_problems() {
        let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
        let good = r#"{"problem": "p", "tests": [{"input": "1", "output": "2"}]}"#;
        writeln!(file, "[{good},\n{{\"problem\": \"p\", \"tests\": []}},\n{good}]").expect("written");
        let rows = load(Dataset::Codeforces, Some(file.path())).expect("it can be opened");
        let rows: Vec<String> =
            rows.map(|row| row.map_or_else(|error| error.to_string(), |problem| problem.task_id)).collect();
        let fault = format!("{}:2: row 2: expected at least one test, found none", file.path().display());
        assert_eq!(rows, ["codeforces/0", &fault, "codeforces/2"]);
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
