//! LiveCodeBench (`code_generation_lite`): one row is one [`Problem`], its tests public, then private.
//! Not here: SandboxFusion's edition (`sandboxfusion`), single tests (`cases`), unpacking private ones (`packed`,
//! `pickle`), which rows are wanted (`selection`) and which are known to be wrong (`errata`), which files (`files`).
//! In: one row. Out: a [`Row`] that keeps its tests packed until [`Row::problem`] is asked for.

mod cases;
mod errata;
mod files;
mod packed;
mod pickle;
mod sandboxfusion;
mod selection;
#[cfg(test)]
mod tests;

pub use errata::Erratum;
pub use errata::erratum;
pub use files::Read;
pub use files::RowsOfFiles;
pub use files::load;
pub(crate) use packed::unpack;
pub use selection::Day;
pub use selection::Difficulty;
pub use selection::Platform;
pub use selection::RELEASE_COUNTS;
pub use selection::Releases;
pub use selection::Selection;
pub use selection::UnknownWord;

use crate::fields::Fields;
use crate::fields::text;
use crate::problem::Problem;
use crate::problem::Shown;
use crate::problem::prompt_with_starter;
use crate::row::RowErrorKind;
use crate::value::Value;
use cases::Case;
use selection::About;

/// The name it is called by.
pub const NAME: &str = "livecodebench";
/// Which files are read, for messages.
pub(crate) const FILES: &str = "its rows, or the folder with test.jsonl to test6.jsonl from https://huggingface.co/datasets/livecodebench/code_generation_lite";

/// One row, its tests still packed: unpacked, a release has tens of gigabytes of them.
#[derive(Debug)]
pub struct Row {
    task_id: String,
    prompt: String,
    shown: Shown,
    about: About,
    function: Option<String>,
    tests: PackedTests,
}

/// What is known of a problem beside what it asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// easy, medium or hard.
    pub difficulty: String,
    /// Where it was set.
    pub platform: String,
    /// The day of its contest, as 2024-08-01, where the row says it.
    pub date: Option<String>,
}

#[derive(Debug)]
enum PackedTests {
    Lists { public: Value, private: Value },
    SandboxFusion { packed: String, limit_bytes: usize },
}

/// Reads one line, whatever its release, for its problem.
pub fn parse(line: &[u8]) -> Result<Problem, RowErrorKind> {
    Row::new(Fields::parse(line)?, None)?.problem()
}

/// What the tests of a row that somebody sends may unpack to; files may hold more.
const MOST_SENT_BYTES: usize = 64 << 20;

/// The problem of one row of SandboxFusion's edition, which somebody has sent.
pub(crate) fn of_sandbox_fusion(fields: Fields) -> Result<Problem, RowErrorKind> {
    sandboxfusion::row(fields, None, MOST_SENT_BYTES)?.problem()
}

impl Row {
    /// Takes a row apart. `release` is that of its file, where the file's name tells.
    fn new(mut fields: Fields, release: Option<usize>) -> Result<Self, RowErrorKind> {
        if fields.contains("labels") && !fields.contains("public_test_cases") {
            return sandboxfusion::row(fields, release, packed::LIMIT_BYTES);
        }
        let task_id = fields.text("question_id")?;
        let question = fields.text("question_content")?;
        let starter_code = fields.text("starter_code")?;
        let about = About {
            difficulty: word("difficulty", &fields.text("difficulty")?)?,
            platform: word("platform", &fields.text("platform")?)?,
            day: Some(selection::Day::of_moment(&fields.text("contest_date")?)?),
            release: stated_release(&mut fields)?.or(release),
        };
        let metadata = cases::document_or_value("metadata", fields.require("metadata")?)?;
        let function = Fields::nested("metadata", metadata)?.take("func_name").filter(|name| *name != Value::None);
        let function = function.map(|name| text("metadata.func_name", name)).transpose()?;
        let tests = PackedTests::Lists {
            public: fields.require("public_test_cases")?,
            private: fields.require("private_test_cases")?,
        };
        let starter_code = Some(starter_code).filter(|code| !code.is_empty());
        let (prompt, shown) = prompt_with_starter(question, starter_code);
        Ok(Self { task_id, prompt, shown, about, function, tests })
    }

    /// The dataset's own name for the problem: its `question_id`.
    pub fn task_id(&self) -> &str {
        &self.task_id
    }

    /// What a model is shown: the question, and the code that its answer must begin with.
    pub fn prompt(&self) -> &str {
        &self.prompt
    }

    /// What is known of it beside.
    pub fn facts(&self) -> Facts {
        let About { difficulty, platform, day, .. } = &self.about;
        Facts {
            difficulty: difficulty.to_string(),
            platform: platform.to_string(),
            date: day.map(|day| day.to_string()),
        }
    }

    /// The function that the tests call, if they call one.
    pub fn function(&self) -> Option<&str> {
        self.function.as_deref()
    }

    /// Unpacks the tests.
    pub fn problem(&self) -> Result<Problem, RowErrorKind> {
        let cases = match &self.tests {
            PackedTests::Lists { public, private } => self.cases(public.clone(), private)?,
            PackedTests::SandboxFusion { packed, limit_bytes } => sandboxfusion::cases(packed, *limit_bytes)?,
        };
        Ok(Problem {
            task_id: self.task_id.clone(),
            prompt: self.prompt.clone(),
            shown: self.shown.clone(),
            canonical: None,
            tests: cases::tests(self.function.clone(), cases)?,
        })
    }

    fn cases(&self, public: Value, private: &Value) -> Result<Vec<Case>, RowErrorKind> {
        const PUBLIC: &str = "public_test_cases";
        const PRIVATE: &str = "private_test_cases";
        let has_function = self.function.is_some();
        let mut all = cases::listed(PUBLIC, cases::document_or_value(PUBLIC, public)?, has_function)?;
        let private = match private {
            // A packed list is base64, which holds no bracket.
            Value::Str(text) if !text.as_bytes().trim_ascii_start().starts_with(b"[") => unpacked(PRIVATE, text)?,
            other => cases::document_or_value(PRIVATE, other.clone())?,
        };
        all.extend(cases::listed(PRIVATE, private, has_function)?);
        Ok(all)
    }
}

/// The document in a pickled text, in a zlib stream, in base64.
fn unpacked(key: &str, packed: &crate::value::PyStr) -> Result<Value, RowErrorKind> {
    let refuse = |reason: String| RowErrorKind::bad_value(key, reason);
    let packed = packed.as_str().ok_or_else(|| refuse("it is neither JSON nor base64".to_owned()))?;
    let pickled = packed::unpack(packed, packed::LIMIT_BYTES).map_err(|error| refuse(error.to_string()))?;
    let text = pickle::text(&pickled).map_err(|error| refuse(error.to_string()))?;
    drop(pickled);
    cases::document(key, &text)
}

/// A release that the row itself tells, as files do that hold the rows of several.
fn stated_release(fields: &mut Fields) -> Result<Option<usize>, RowErrorKind> {
    let Some(name) = fields.optional_text("_release_file")? else { return Ok(None) };
    let unknown =
        || RowErrorKind::bad_value("_release_file", format!("expected test.jsonl to test6.jsonl, found {name}"));
    files::release_of(&name).ok_or_else(unknown).map(Some)
}

fn word<T: std::str::FromStr<Err = UnknownWord>>(key: &str, word: &str) -> Result<T, RowErrorKind> {
    word.parse().map_err(|error: UnknownWord| RowErrorKind::bad_value(key, error.to_string()))
}
