//! Looks for a program in a text of each kind: a file, the rest of a prompt, an answer.
//! Not here: which of several blocks is the program (`pick`), what counts as said (`tags`).
//! In: text and prompt. Out: a program and its rule.

use super::Extracted;
use super::Rule;
use super::fences;
use super::fences::Block;
use super::fences::Label;
use super::parse::Facts;
use super::parse::Parser;
use super::pick::pick;
use super::tags;

/// How many times a text is cut short in search of a beginning that parses.
const MAX_CUTS: usize = 200;

/// A search in one text.
#[derive(Debug)]
pub(super) struct Search<'a> {
    pub(super) prompt: &'a str,
    pub(super) entry_point: Option<&'a str>,
    pub(super) parser: Parser<'a>,
}

impl Search<'_> {
    /// A solution is run as it is, broken or not, unless it is really an answer with a program in a block.
    pub(super) fn solution(&mut self, text: &str) -> Extracted {
        let whole = || Extracted { program: text.to_owned(), rule: Rule::Whole };
        if !fences::has_fence(text) || self.parser.parse(text).is_ok() {
            return whole();
        }
        self.response(text).filter(|found| found.rule != Rule::FencedBroken).unwrap_or_else(whole)
    }

    /// A completion continues the prompt, unless it starts anew.
    pub(super) fn completion(&mut self, text: &str) -> Option<Extracted> {
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

    /// What is said in the open, from the last part on, and an `<answer>` there before all else. A thought that does
    /// not end counts for the finished answers in it; a block that does not parse counts where nothing else is found.
    pub(super) fn response(&mut self, text: &str) -> Option<Extracted> {
        let parted = tags::parted(text);
        let spoken = || parted.spoken.iter().rev().copied().filter(|part| !part.trim().is_empty());
        let found = spoken().find_map(|part| {
            let answer = tags::answers(part).into_iter().rev().find_map(|answer| self.program_in(answer));
            answer.or_else(|| self.program_in(part)).or_else(|| self.bare_body(part))
        });
        let thought_answers = parted.unfinished.map(tags::finished_answers).unwrap_or_default();
        found
            .or_else(|| thought_answers.into_iter().rev().find_map(|answer| self.program_in(answer)))
            .or_else(|| spoken().find_map(|part| self.broken(part)))
    }

    /// The last block that calls itself Python, although it does not parse: the interpreter will say what is wrong.
    fn broken(&mut self, text: &str) -> Option<Extracted> {
        let blocks = fences::blocks(text, &mut self.parser).into_iter().rev();
        let block = blocks.filter(|block| block.label == Label::Python).find(|block| !block.code.trim().is_empty())?;
        Some(Extracted { program: block.code, rule: Rule::FencedBroken })
    }

    /// A program that stands by itself in an answer.
    fn program_in(&mut self, text: &str) -> Option<Extracted> {
        let text = text.trim_start_matches('\u{feff}');
        let blocks: Vec<Block> = self.code_blocks(text);
        if blocks.is_empty() {
            return self.unfenced(text);
        }
        // Backticks are no Python, so that in a program they stand in strings. Other fences may be.
        if text.contains("```") && self.parser.parse(text).is_ok_and(|facts| self.fits(facts)) {
            return Some(Extracted { program: text.to_owned(), rule: Rule::Whole });
        }
        pick(&blocks, self.entry_point, &mut self.parser)
            .or_else(|| self.open_block(&blocks))
            .or_else(|| self.session(&blocks))
            .or_else(|| self.longest(&blocks))
    }

    fn code_blocks(&mut self, text: &str) -> Vec<Block> {
        let blocks = fences::blocks(text, &mut self.parser).into_iter();
        blocks.filter(|block| block.label != Label::Other).collect()
    }

    /// What was typed in the last block that shows an interpreter's session, without what that answered.
    fn session(&mut self, blocks: &[Block]) -> Option<Extracted> {
        let block = blocks.iter().rev().find(|block| block.code.trim_start().starts_with(">>>"))?;
        let mut program = String::new();
        for line in block.code.lines() {
            let line = line.trim_start();
            if let Some(typed) = line.strip_prefix(">>>").or_else(|| line.strip_prefix("...")) {
                program.push_str(typed.strip_prefix(' ').unwrap_or(typed));
                program.push('\n');
            }
        }
        let facts = self.parser.parse(&program).ok()?;
        self.fits(facts).then_some(Extracted { program, rule: Rule::FencedSession })
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
        let last = self.code_blocks(text).pop();
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
