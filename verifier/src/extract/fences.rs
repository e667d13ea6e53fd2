//! Finds fenced code blocks in a model's answer, complete or cut off.
//! Not here: whether a block is a program (`parse`), which one is taken (`extract`).
//! In: text. Out: blocks in order, without their indentation. One pass, no recursion.

/// What a fence says about its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// Python.
    Python,
    /// Nothing.
    None,
    /// Another language.
    Other,
}

/// A fenced block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) label: Label,
    pub(super) code: String,
    /// Whether a fence ends it.
    pub(super) is_closed: bool,
}

struct Fence<'a> {
    mark: u8,
    length: usize,
    indent: usize,
    info: &'a str,
}

/// Whether any line could open a block.
pub(super) fn has_fence(text: &str) -> bool {
    text.lines().any(|line| fence(line).is_some())
}

/// All blocks that say Python or nothing, and those in other languages, in order.
///
/// As in Markdown, with two liberties that models take: a fence may stand behind some words where it names Python,
/// and such a fence within a block ends it and opens the next, for nobody writes it inside a program.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open: Option<(Fence<'_>, Block)> = None;
    for line in text.split_inclusive('\n') {
        let here = fence(line);
        match (open.take(), here) {
            (Some((start, mut block)), Some(here)) if ends(&start, &here) => {
                block.is_closed = true;
                blocks.push(block);
            }
            (Some((start, block)), Some(here)) if here.mark == start.mark && label(here.info) == Label::Python => {
                blocks.push(block);
                open = Some(start_block(here));
            }
            (Some((start, mut block)), _) => {
                block.code.push_str(unindent(line, start.indent));
                open = Some((start, block));
            }
            (None, Some(here)) => open = Some(start_block(here)),
            (None, None) => {}
        }
    }
    blocks.extend(open.map(|(_, block)| block));
    blocks
}

fn start_block(fence: Fence<'_>) -> (Fence<'_>, Block) {
    let block = Block { label: label(fence.info), code: String::new(), is_closed: false };
    (fence, block)
}

fn ends(start: &Fence<'_>, here: &Fence<'_>) -> bool {
    here.mark == start.mark && here.length >= start.length && here.info.is_empty()
}

fn fence(line: &str) -> Option<Fence<'_>> {
    let body = line.trim_start();
    let indent = line.len() - body.len();
    for mark in [b'`', b'~'] {
        let length = body.bytes().take_while(|byte| *byte == mark).count();
        if length >= 3 {
            let info = body[length..].trim();
            // Marks behind marks make it code within a line.
            return (mark == b'~' || !info.contains('`')).then_some(Fence { mark, length, indent, info });
        }
    }
    // "Here it is: ```python".
    let (words, info) = line.trim_end().rsplit_once("```")?;
    let is_alone = !words.contains('`') && !words.contains(['"', '\'', '#']);
    (is_alone && label(info) == Label::Python).then_some(Fence { mark: b'`', length: 3, indent: 0, info })
}

fn label(info: &str) -> Label {
    let word = info.trim_start_matches(['{', '.', ' ']).split([' ', '}', ',', ':', '{', '\t']).next().unwrap_or("");
    match word.to_ascii_lowercase().as_str() {
        "" => Label::None,
        "python" | "python3" | "python2" | "py" | "py3" => Label::Python,
        _ => Label::Other,
    }
}

/// Takes away as much leading whitespace as the fence has.
fn unindent(line: &str, indent: usize) -> &str {
    let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
    &line[blank.min(indent)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(Label, String, bool)> {
        blocks(text).into_iter().map(|block| (block.label, block.code, block.is_closed)).collect()
    }

    fn block(label: Label, code: &str, is_closed: bool) -> (Label, String, bool) {
        (label, code.to_owned(), is_closed)
    }

    #[test]
    fn fences_of_all_kinds_are_found() {
        assert_eq!(found("a\n```python\nx\n```\nb"), [block(Label::Python, "x\n", true)]);
        assert_eq!(found("~~~ py\nx\n```\n~~~~\n"), [block(Label::Python, "x\n```\n", true)]);
        assert_eq!(found("````\n```\nx\n````"), [block(Label::None, "```\nx\n", true)]);
        assert_eq!(found("```{.python .numberLines}\nx\n```"), [block(Label::Python, "x\n", true)]);
        assert_eq!(found("```C++\nx\n```\r\n"), [block(Label::Other, "x\n", true)]);
        assert_eq!(found("```python\r\nx\r\n```\r\n"), [block(Label::Python, "x\r\n", true)]);
    }

    #[test]
    fn indented_blocks_lose_their_indentation() {
        assert_eq!(
            found("1. so:\n   ```python\n   if a:\n     b\n\n  c\n   ```"),
            [block(Label::Python, "if a:\n  b\n\nc\n", true)]
        );
    }

    #[test]
    fn unfinished_blocks_reach_to_the_end_or_the_next_one() {
        assert_eq!(found("```python\nx\ny"), [block(Label::Python, "x\ny", false)]);
        assert_eq!(
            found("```python\nx\n```python\ny\n```"),
            [block(Label::Python, "x\n", false), block(Label::Python, "y\n", true)]
        );
    }

    #[test]
    fn words_may_stand_before_a_fence_that_names_python() {
        assert_eq!(found("Here: ```python\nx\n```"), [block(Label::Python, "x\n", true)]);
        assert!(found("Use ```x``` or ```python``` here").is_empty());
        assert!(found("s = \"```python\nx").is_empty());
        assert!(!has_fence("`a` ``b`` ```c```"));
    }
}
