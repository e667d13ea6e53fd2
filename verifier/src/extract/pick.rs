//! Chooses among an answer's blocks, and joins those that make one program.
//! Not here: finding blocks (`fences`), what to do where none is a program (`search`).
//! In: blocks. Out: a program and its rule.

use std::collections::BTreeSet;
use std::collections::HashSet;

use super::Extracted;
use super::Rule;
use super::fences::Block;
use super::fences::Label;
use super::names::Names;
use super::parse::Facts;
use super::parse::Parser;

/// How many blocks are looked at, from the last on.
const MAX_BLOCKS: usize = 64;

/// A complete block that parses.
struct Candidate<'a> {
    block: &'a Block,
    facts: Facts,
    names: Names,
}

/// The last complete block that fits, with the parts of it that stand in other blocks.
///
/// With an entry point that is the last block which defines it, and defines more than a sketch. Without one it is the
/// last block that does anything, save for a quotation of an earlier one (all of its lines stand there) and an example
/// of use (it needs a name that only an earlier program gives, one which prints by itself). Sample outputs in blocks
/// without a label are programs surprisingly often (`5`, `YES`), so blocks that name Python come first then.
pub(super) fn pick(blocks: &[Block], entry_point: Option<&str>, parser: &mut Parser<'_>) -> Option<Extracted> {
    let candidates = candidates(blocks, parser);
    let last = match entry_point {
        Some(_) => candidates.iter().rposition(|one| one.facts.defines_entry && !one.facts.is_sketch)?,
        None => [Label::Python, Label::None].into_iter().find_map(|label| last_program(&candidates, label))?,
    };
    let parts = parts(&candidates, last, entry_point.is_some());
    let chosen = &candidates[last].block.code;
    if !parts.is_empty() && !chosen.contains("from __future__") {
        let blocks = parts.iter().map(|part| &candidates[*part].block.code).chain([chosen]);
        let program: String = blocks.flat_map(|code| [code.trim_end_matches(['\r', '\n']), "\n"]).collect();
        if parser.parse(&program).is_ok() {
            return Some(Extracted { program, rule: Rule::FencedJoined });
        }
    }
    Some(Extracted { program: chosen.clone(), rule: Rule::Fenced })
}

fn candidates<'a>(blocks: &'a [Block], parser: &mut Parser<'_>) -> Vec<Candidate<'a>> {
    let complete = blocks.iter().filter(|block| block.is_closed && block.label != Label::Other);
    let mut candidates: Vec<Candidate<'_>> = complete
        .rev()
        .take(MAX_BLOCKS)
        .filter_map(|block| {
            let (facts, names) = parser.parse_with_names(&block.code).ok()?;
            Some(Candidate { block, facts, names })
        })
        .collect();
    candidates.reverse();
    candidates
}

fn last_program(candidates: &[Candidate<'_>], label: Label) -> Option<usize> {
    let fits = |at: &usize| candidates[*at].block.label == label && candidates[*at].facts.has_substance;
    let mut all = (0..candidates.len()).rev().filter(fits);
    all.clone().find(|at| !is_example(candidates, *at) && !is_quotation(candidates, *at)).or_else(|| all.next())
}

fn is_example(candidates: &[Candidate<'_>], at: usize) -> bool {
    let gives = |name: &String, is_program: bool| {
        candidates[..at].iter().any(|one| one.names.is_program == is_program && one.names.gives.contains(name))
    };
    candidates[at].names.needs.iter().any(|name| gives(name, true) && !gives(name, false))
}

fn is_quotation(candidates: &[Candidate<'_>], at: usize) -> bool {
    let lines =
        |code: &'_ str| code.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
    let quoted: HashSet<String> = lines(&candidates[at].block.code);
    candidates[..at].iter().any(|one| {
        let whole: HashSet<String> = lines(&one.block.code);
        one.names.is_program && quoted.len() < whole.len() && quoted.is_subset(&whole)
    })
}

/// The other blocks that a block needs: for each name that it does not bind, the nearest one before it that gives the
/// name, or else the first one after it that does nothing but define. Another attempt at the same task is no part: one
/// that defines the entry point too or, without one, a program by itself.
fn parts(candidates: &[Candidate<'_>], chosen: usize, has_entry: bool) -> BTreeSet<usize> {
    let is_part = |at: &usize, name: &String| {
        let one = &candidates[*at];
        let is_attempt = if has_entry { one.facts.defines_entry } else { one.names.is_program };
        !is_attempt && one.names.gives.contains(name) && (*at < chosen || !one.names.acts)
    };
    let mut parts = BTreeSet::new();
    let mut left: Vec<&String> = candidates[chosen].names.needs.iter().collect();
    let mut seen: HashSet<&String> = left.iter().copied().collect();
    while let Some(name) = left.pop() {
        if parts.iter().any(|part: &usize| candidates[*part].names.gives.contains(name)) {
            continue;
        }
        let before = (0..chosen).rev().find(|at| is_part(at, name));
        let Some(part) = before.or_else(|| (chosen + 1..candidates.len()).find(|at| is_part(at, name))) else {
            continue;
        };
        parts.insert(part);
        left.extend(candidates[part].names.needs.iter().filter(|name| seen.insert(name)));
    }
    parts
}
