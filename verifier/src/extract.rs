//! Takes the program out of what a model wrote: a whole file, the rest of a prompt, or a chat answer.
//! Not here: running or judging it, and what counts as an answer in a dataset (`datasets::samples`).
//! In: text that nobody has read, the prompt, the entry point. Out: a program and the rule that found it, or `NoCode`.

mod cpp;
mod fences;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod golden;
mod lcb;
mod names;
mod parse;
mod pick;
mod search;
mod tags;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;

use std::collections::HashSet;

pub use lcb::LcbStyle;
use parse::Parser;
use search::Search;
use thiserror::Error;
use trialbox_datasets::SampleText;

/// The longest text that is looked at; compiling as much takes CPython some 0.4 s and 240 MB.
const MAX_TEXT: usize = 1 << 20;
/// How many bytes may be parsed in search of one program: a few thousand attempts at an ordinary text.
const PARSE_BUDGET: usize = 8 << 20;

/// A program, ready to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extracted {
    /// The source text.
    pub program: String,
    /// The rule that found it.
    pub rule: Rule,
}

/// Which rule found a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// The text as it is.
    Whole,
    /// The prompt and the text after it.
    Continued,
    /// The prompt and the beginning of the text, up to where it stops being Python.
    ContinuedCut,
    /// The prompt, then a complete program that was found in the text.
    Restated,
    /// The last complete block that fits.
    Fenced,
    /// The last complete block that fits, behind the other blocks that give the names it needs.
    FencedJoined,
    /// What was typed into an interpreter, in a block that shows its session.
    FencedSession,
    /// The last block that calls itself Python, although it does not parse.
    FencedBroken,
    /// The longest block that parses, since none fits.
    FencedLongest,
    /// A block that does not end, up to where it stops being Python.
    FencedOpen,
    /// A stretch of an answer without fences, from the first line of code on.
    Embedded,
    /// lcb_runner's: what stands between the last two fences.
    LcbFenced,
    /// lcb_runner's: the whole output, stripped.
    LcbBase,
}

impl Rule {
    /// A short name for records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Rule::Whole => "whole",
            Rule::Continued => "continued",
            Rule::ContinuedCut => "continued_cut",
            Rule::Restated => "restated",
            Rule::Fenced => "fenced",
            Rule::FencedJoined => "fenced_joined",
            Rule::FencedSession => "fenced_session",
            Rule::FencedLongest => "fenced_longest",
            Rule::FencedOpen => "fenced_open",
            Rule::FencedBroken => "fenced_broken",
            Rule::Embedded => "embedded",
            Rule::LcbFenced => "lcb_fenced",
            Rule::LcbBase => "lcb_base",
        }
    }
}

/// Why there is no program in a text.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum NoCode {
    /// Nothing, or nothing but whitespace, or an answer that ends within its reasoning.
    #[error("the text is empty")]
    Empty,
    /// More text, with its prompt, than any honest answer has.
    #[error("the text is longer than 1 MiB")]
    TooLong,
    /// Nothing in it parses as a program.
    #[error("no part of the text is a Python program")]
    Unparsable,
    /// Nothing in it looks like a C++ program.
    #[error("no part of the text is a C++ program")]
    NoCpp,
    /// lcb_runner's reading gives nothing.
    #[error("lcb_runner takes no program from this text")]
    Lcb,
}

/// Whose way of finding programs is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Ours: [`extract`].
    Default,
    /// EvalPlus's: [`extract_official`].
    EvalPlus,
    /// lcb_runner's, for outputs; what is given as a solution has been extracted before.
    Lcb(LcbStyle),
    /// Nobody's: nothing is looked for, in answers neither.
    Raw,
}

impl Style {
    /// Its name, as users write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::EvalPlus => "evalplus",
            Self::Lcb(LcbStyle::Chat) => "lcb",
            Self::Lcb(LcbStyle::Base) => "lcb-base",
            Self::Lcb(LcbStyle::CodeLlama) => "lcb-codellama",
            Self::Raw => "raw",
        }
    }

    /// Finds the program in this style.
    pub fn extract(self, text: &SampleText, prompt: &str, entry_point: Option<&str>) -> Result<Extracted, NoCode> {
        match (self, text) {
            (Self::Default, _) => extract(text, prompt, entry_point),
            (Self::Raw, SampleText::Response(text)) => Ok(Extracted { program: text.clone(), rule: Rule::Whole }),
            (Self::EvalPlus | Self::Raw, _) | (Self::Lcb(_), SampleText::Solution(_)) => {
                extract_official(text, prompt, entry_point)
            }
            (Self::Lcb(style), SampleText::Completion(text) | SampleText::Response(text)) => extract_lcb(text, style),
        }
    }
}

impl Style {
    /// Finds a C++ program in this style; those that are made for Python alone stand back for ours.
    pub fn extract_cpp(self, text: &SampleText) -> Result<Extracted, NoCode> {
        match (self, text) {
            (Self::Default | Self::EvalPlus, _) => cpp::extract(text),
            (Self::Raw | Self::Lcb(_), _) => self.extract(text, "", None),
        }
    }
}

/// An empty program is none: lcb_runner fails it before any test.
fn extract_lcb(output: &str, style: LcbStyle) -> Result<Extracted, NoCode> {
    let program = lcb::program(output, style).filter(|program| !lcb::is_blank(program)).ok_or(NoCode::Lcb)?;
    let rule = if style == LcbStyle::Base { Rule::LcbBase } else { Rule::LcbFenced };
    Ok(Extracted { program: program.to_owned(), rule })
}

/// The top-level modules that a program imports anywhere; none where it does not parse.
pub(crate) fn imports(program: &[u8]) -> HashSet<String> {
    let parsed = str::from_utf8(program).ok().map(|text| Parser::new(None, text.len() + 64).parse_with_names(text));
    parsed.and_then(Result::ok).map(|(_, names)| names.imports).unwrap_or_default()
}

/// Finds the program. `entry_point` is the function that the tests call; without one the program itself is run.
pub fn extract(text: &SampleText, prompt: &str, entry_point: Option<&str>) -> Result<Extracted, NoCode> {
    let content = match text {
        SampleText::Solution(text) | SampleText::Completion(text) | SampleText::Response(text) => text,
    };
    if content.len() + prompt.len() > MAX_TEXT {
        return Err(NoCode::TooLong);
    }
    if content.trim().is_empty() {
        return Err(NoCode::Empty);
    }
    let mut search = Search { prompt, entry_point, parser: Parser::new(entry_point, PARSE_BUDGET) };
    match text {
        SampleText::Solution(text) => Ok(search.solution(text)),
        SampleText::Completion(text) => {
            // In the midst of a program it would be an error.
            search.completion(text.trim_start_matches('\u{feff}')).ok_or(NoCode::Unparsable)
        }
        SampleText::Response(text) => {
            let found = search.response(text);
            found.ok_or(if tags::is_silent(text) { NoCode::Empty } else { NoCode::Unparsable })
        }
    }
}

/// The text as EvalPlus takes it: a solution as it is, a completion behind its prompt, nothing looked for. EvalPlus
/// has no rule for an answer in prose; there it is [`extract`]'s.
pub fn extract_official(text: &SampleText, prompt: &str, entry_point: Option<&str>) -> Result<Extracted, NoCode> {
    match text {
        SampleText::Solution(text) => Ok(Extracted { program: text.clone(), rule: Rule::Whole }),
        SampleText::Completion(text) => Ok(Extracted { program: format!("{prompt}{text}"), rule: Rule::Continued }),
        SampleText::Response(_) => extract(text, prompt, entry_point),
    }
}
