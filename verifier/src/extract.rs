//! Takes the program out of what a model wrote: a whole file, the rest of a prompt, or a chat answer.
//! Not here: running or judging it, and what counts as an answer in a dataset (`datasets::samples`).
//! In: text that nobody has read, the prompt, the entry point. Out: a program and the rule that found it, or `NoCode`.

mod fences;
mod parse;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;

use fences::Block;
use fences::Label;
use parse::Facts;
use parse::Parser;
use thiserror::Error;
use trialbox_datasets::SampleText;

/// The longest text that is looked at; compiling as much takes CPython some 0.4 s and 240 MB.
const MAX_TEXT: usize = 1 << 20;
/// How many bytes may be parsed in search of one program: a few thousand attempts at an ordinary text.
const PARSE_BUDGET: usize = 8 << 20;
/// How many times a text is cut short in search of a beginning that parses.
const MAX_CUTS: usize = 200;

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
    /// The last block that calls itself Python, although it does not parse.
    FencedBroken,
    /// The longest block that parses, since none fits.
    FencedLongest,
    /// A block that does not end, up to where it stops being Python.
    FencedOpen,
    /// A stretch of an answer without fences, from the first line of code on.
    Embedded,
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
            Rule::FencedLongest => "fenced_longest",
            Rule::FencedOpen => "fenced_open",
            Rule::FencedBroken => "fenced_broken",
            Rule::Embedded => "embedded",
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
        SampleText::Completion(text) => search.completion(text).ok_or(NoCode::Unparsable),
        SampleText::Response(text) => {
            let answer = without_reasoning(text);
            if answer.trim().is_empty() {
                return Err(NoCode::Empty);
            }
            search.response(answer).ok_or(NoCode::Unparsable)
        }
    }
}

/// The last block, although it does not parse: the answer holds a program, and the interpreter will say what is wrong.
fn broken(text: &str) -> Option<Extracted> {
    let blocks = fences::blocks(text).into_iter().rev();
    let block = blocks.filter(|block| block.label == Label::Python).find(|block| !block.code.trim().is_empty())?;
    Some(Extracted { program: block.code, rule: Rule::FencedBroken })
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

/// What follows the reasoning: everything after the last `</think>`, or before a `<think>` that does not end.
fn without_reasoning(text: &str) -> &str {
    match text.rsplit_once("</think>") {
        Some((_, answer)) => answer,
        None => text.split_once("<think>").map_or(text, |(before, _)| before),
    }
}

/// What stands in the last `<answer>`.
fn tagged_answer(text: &str) -> Option<&str> {
    let (_, answer) = text.rsplit_once("<answer>")?;
    Some(answer.split_once("</answer>").map_or(answer, |(answer, _)| answer))
}

struct Search<'a> {
    prompt: &'a str,
    entry_point: Option<&'a str>,
    parser: Parser<'a>,
}

impl Search<'_> {
    /// A solution is run as it is, broken or not, unless it is really an answer with a program in a block.
    fn solution(&mut self, text: &str) -> Extracted {
        let whole = || Extracted { program: text.to_owned(), rule: Rule::Whole };
        if !fences::has_fence(text) || self.parser.parse(text).is_ok() {
            return whole();
        }
        self.response(text).filter(|found| found.rule != Rule::FencedBroken).unwrap_or_else(whole)
    }

    /// A completion continues the prompt, unless it starts anew.
    fn completion(&mut self, text: &str) -> Option<Extracted> {
        let joined = format!("{}{text}", self.prompt);
        if self.parser.parse(&joined).is_ok() {
            return Some(Extracted { program: joined, rule: Rule::Continued });
        }
        // Text that starts with whitespace goes on with a body, whatever programs may follow it.
        let continues = text.trim_start_matches(['\r', '\n']).starts_with([' ', '\t']);
        if continues && let Some(cut) = self.continued(text) {
            return Some(cut);
        }
        self.restated(text).or_else(|| if continues { None } else { self.continued(text) })
    }

    /// The prompt and as much of the text as parses after it.
    fn continued(&mut self, text: &str) -> Option<Extracted> {
        let end = self.longest_beginning(self.prompt.len(), &format!("{}{text}", self.prompt))?;
        let program = format!("{}{text}", self.prompt)[..end].to_owned();
        Some(Extracted { program, rule: Rule::ContinuedCut })
    }

    /// A whole program within a completion. The prompt stays before it where it can, for its imports and helpers.
    fn restated(&mut self, text: &str) -> Option<Extracted> {
        let found = self.program_in(text)?;
        let joined = format!("{}\n{}", self.prompt, found.program);
        let is_late = found.program.contains("from __future__");
        if !is_late && !self.prompt.trim().is_empty() && self.parser.parse(&joined).is_ok() {
            return Some(Extracted { program: joined, rule: Rule::Restated });
        }
        Some(found)
    }

    fn response(&mut self, text: &str) -> Option<Extracted> {
        if let Some(found) = tagged_answer(text).and_then(|answer| self.program_in(answer)) {
            return Some(found);
        }
        self.program_in(text).or_else(|| self.bare_body(text)).or_else(|| broken(text))
    }

    /// A program that stands by itself in an answer.
    fn program_in(&mut self, text: &str) -> Option<Extracted> {
        let blocks: Vec<Block> = fences::blocks(text).into_iter().filter(|block| block.label != Label::Other).collect();
        if blocks.is_empty() {
            return self.unfenced(text);
        }
        self.last_fitting(&blocks).or_else(|| self.open_block(&blocks)).or_else(|| self.longest(&blocks))
    }

    /// The last complete block that fits. Without an entry point, sample outputs in blocks without a label are programs
    /// surprisingly often (`5`, `YES`), so blocks that name Python come first.
    fn last_fitting(&mut self, blocks: &[Block]) -> Option<Extracted> {
        let labels: &[&[Label]] = match self.entry_point {
            Some(_) => &[&[Label::Python, Label::None]],
            None => &[&[Label::Python], &[Label::None]],
        };
        labels.iter().find_map(|labels| {
            let mut candidates = blocks.iter().rev().filter(|block| block.is_closed && labels.contains(&block.label));
            candidates
                .find(|block| self.parser.parse(&block.code).is_ok_and(|facts| self.fits(facts)))
                .map(|block| Extracted { program: block.code.clone(), rule: Rule::Fenced })
        })
    }

    fn open_block(&mut self, blocks: &[Block]) -> Option<Extracted> {
        let block = blocks.iter().rev().find(|block| !block.is_closed)?;
        let end = self.longest_beginning(0, &block.code)?;
        let program = block.code[..end].to_owned();
        let facts = self.parser.parse(&program).ok()?;
        self.fits(facts).then_some(Extracted { program, rule: Rule::FencedOpen })
    }

    fn longest(&mut self, blocks: &[Block]) -> Option<Extracted> {
        let mut by_length: Vec<&Block> = blocks.iter().collect();
        by_length.sort_by_key(|block| std::cmp::Reverse(block.code.len()));
        by_length
            .into_iter()
            .find(|block| self.parser.parse(&block.code).is_ok_and(|facts| facts.has_substance))
            .map(|block| Extracted { program: block.code.clone(), rule: Rule::FencedLongest })
    }

    /// An answer without fences: a program as a whole, or from its first line of code on.
    fn unfenced(&mut self, text: &str) -> Option<Extracted> {
        if self.parser.parse(text).is_ok_and(|facts| facts.has_substance) {
            return Some(Extracted { program: text.to_owned(), rule: Rule::Whole });
        }
        let start = code_start(text)?;
        let end = start + self.longest_beginning(0, &text[start..])?;
        let program = text[start..end].to_owned();
        let facts = self.parser.parse(&program).ok()?;
        self.fits(facts).then_some(Extracted { program, rule: Rule::Embedded })
    }

    /// An answer, or its last block, that only goes on with the prompt.
    fn bare_body(&mut self, text: &str) -> Option<Extracted> {
        let last = fences::blocks(text).into_iter().rev().find(|block| block.label != Label::Other);
        let body = last.map_or_else(|| text.to_owned(), |block| block.code);
        let program = format!("{}{body}", self.prompt);
        let facts = self.parser.parse(&program).ok()?;
        (!self.prompt.trim().is_empty() && !body.trim().is_empty() && self.fits(facts))
            .then_some(Extracted { program, rule: Rule::Continued })
    }

    fn fits(&self, facts: Facts) -> bool {
        if self.entry_point.is_some() { facts.defines_entry } else { facts.has_substance }
    }

    /// The end of the longest beginning of `source` in whole lines that parses and reaches past `head`, or nearly that:
    /// each attempt ends before the line in which the last one failed.
    fn longest_beginning(&mut self, head: usize, source: &str) -> Option<usize> {
        let mut end = source.len();
        for _ in 0..MAX_CUTS {
            if source.get(head..end)?.trim().is_empty() {
                return None;
            }
            let Err(broken) = self.parser.parse(&source[..end]) else { return Some(end) };
            let last = source[..end].trim_end().len().saturating_sub(1);
            // What fails within the head may still be mended by a shorter tail, such as a quote that it opens.
            let at = broken.at.filter(|at| *at >= head).unwrap_or(last).min(last);
            end = source.as_bytes()[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
            end = end.max(head);
        }
        None
    }
}

/// Where the first line stands that can only be code.
fn code_start(text: &str) -> Option<usize> {
    let mut at = 0;
    text.split_inclusive('\n').find_map(|line| {
        let start = at;
        at += line.len();
        let is_code = match line.split_whitespace().next() {
            Some("def" | "class" | "async") => line.trim_end().ends_with([':', ',', '(']),
            Some("import") => true,
            Some("from") => line.contains(" import "),
            Some(word) => word.starts_with('@') && word.len() > 1,
            None => false,
        };
        (is_code && !line.starts_with([' ', '\t'])).then_some(start)
    })
}
