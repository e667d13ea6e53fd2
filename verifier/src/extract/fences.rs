//! Finds fenced code blocks in a model's answer, complete or cut off.
//! Not here: which block is taken (`pick`).
//! In: text. Out: blocks in order, without their indentation. No recursion; a block is parsed only where a fence may
//! stand within a string of its program.

use super::parse::Parser;

/// How many fences a string of a program is followed past.
const MAX_QUOTED: usize = 16;

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

#[derive(Clone, Copy)]
struct Fence<'a> {
    /// A backtick, a tilde, or `[` for CodeLlama's `[PYTHON]`.
    mark: u8,
    length: usize,
    indent: usize,
    info: &'a str,
    /// Whether it stands behind a `>`, as all of its block does.
    is_quoted: bool,
}

/// How a line within a block bears on it.
enum Bearing<'a> {
    /// It is code.
    Code,
    /// It ends the block, perhaps after some code.
    Ends(&'a str),
    /// It opens the next block.
    Opens,
}

/// Whether any line could open a block.
pub(super) fn has_fence(text: &str) -> bool {
    text.lines().any(|line| opening(line).is_some())
}

/// All blocks that say Python or nothing, and those in other languages, in order.
///
/// As in Markdown, with the liberties that models take: a fence may stand behind some words where it names Python, or
/// behind a list's mark, a `>` or bold type; one that names a language within a block of code ends it and opens the
/// next; one that ends a block may stand behind its last line of code, and before words. A fence does not end a block
/// in whose triple-quoted string it stands, which is found by parsing on.
pub(super) fn blocks(text: &str, parser: &mut Parser<'_>) -> Vec<Block> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut blocks = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        if let Some(start) = opening(line) {
            let (block, length) = read(&start, &lines[at..], parser);
            blocks.push(block);
            at += length;
        }
    }
    blocks
}

/// Reads the block behind a fence, and says how many lines it takes.
fn read(start: &Fence<'_>, lines: &[&str], parser: &mut Parser<'_>) -> (Block, usize) {
    let label = label(start.info);
    let (mut code, mut length) = (String::new(), 0);
    // The first end, which may be within a string, and how often that was tried.
    let (mut first, mut tries): (Option<(Block, usize)>, usize) = (None, 0);
    for line in lines {
        let bearing = bearing(start, label, line);
        let (rest, taken, is_closed) = match bearing {
            Bearing::Code => {
                code.push_str(content(start, line));
                length += 1;
                continue;
            }
            Bearing::Ends(rest) => (rest, 1, true),
            Bearing::Opens => ("", 0, false),
        };
        let block = Block { label, code: format!("{code}{rest}"), is_closed };
        let has_string = label != Label::Other && ["\"\"\"", "'''"].iter().any(|quotes| block.code.contains(quotes));
        if !has_string || parser.parse(&block.code).is_ok() {
            // What parses only beyond the first end had it in a string; what has no string cannot get here with one.
            return (block, length + taken);
        }
        let end = first.get_or_insert((block, length + taken)).clone();
        tries += 1;
        if tries > MAX_QUOTED {
            return end;
        }
        code.push_str(content(start, line));
        length += 1;
    }
    let block = Block { label, code, is_closed: false };
    match first {
        Some(first) if parser.parse(&block.code).is_err() => first,
        _ => (block, length),
    }
}

fn bearing<'a>(start: &Fence<'_>, label: Label, line: &'a str) -> Bearing<'a> {
    let is_code = label != Label::Other;
    let inner = if start.is_quoted { unquoted(line) } else { Some(line) };
    let Some(line) = inner else { return Bearing::Opens };
    if start.mark == b'[' {
        if let Some((rest, _)) = line.split_once("[/PYTHON]") {
            return Bearing::Ends(rest);
        }
        return if opening(line).is_some() { Bearing::Opens } else { Bearing::Code };
    }
    let Some(here) = opening(line).filter(|here| here.mark == start.mark) else {
        // "    return x```": no Python but in a string or a comment.
        return match line.trim_end().strip_suffix("```") {
            Some(rest) if is_code && start.mark == b'`' && !rest.contains('`') && !rest.contains('#') => {
                Bearing::Ends(rest)
            }
            _ => Bearing::Code,
        };
    };
    let names_python = self::label(here.info) == Label::Python;
    let is_word = here.info.starts_with(|first: char| first.is_alphanumeric() || first == '{');
    if names_python || (is_word && is_code && here.info.split_whitespace().count() == 1) {
        return Bearing::Opens;
    }
    // In a program, a shorter fence can be nothing else either.
    let is_long = here.length >= start.length || label == Label::Python;
    if is_long && (!is_word || is_code) { Bearing::Ends("") } else { Bearing::Code }
}

/// A line that opens a block, or might end one.
fn opening(line: &str) -> Option<Fence<'_>> {
    let (line, is_quoted) = match unquoted(line) {
        Some(inner) if fence(inner).is_some() => (inner, true),
        _ => (line.trim_start_matches('\u{feff}'), false),
    };
    fence(line).map(|fence| Fence { is_quoted, ..fence })
}

fn fence(line: &str) -> Option<Fence<'_>> {
    let body = line.trim_start();
    let indent = line.len() - body.len();
    if body.trim_end() == "[PYTHON]" {
        return Some(Fence { mark: b'[', length: 1, indent, info: "python", is_quoted: false });
    }
    let marker = list_marker(body);
    let (body, indent) = (body[marker..].trim_start_matches("**"), indent + marker);
    for mark in [b'`', b'~'] {
        let length = body.bytes().take_while(|byte| *byte == mark).count();
        if length >= 3 {
            let info = body[length..].trim();
            // Marks behind marks make it code within a line.
            let is_fence = mark == b'~' || !info.contains('`');
            return is_fence.then_some(Fence { mark, length, indent, info, is_quoted: false });
        }
    }
    // "Here it is: ```python".
    let (words, info) = line.trim_end().rsplit_once("```")?;
    let is_alone = !words.contains('`') && !words.contains(['"', '\'', '#']);
    let is_fence = is_alone && label(info) == Label::Python;
    is_fence.then_some(Fence { mark: b'`', length: 3, indent: 0, info, is_quoted: false })
}

/// The length of "- ", "* ", "1. " or "1) ".
fn list_marker(body: &str) -> usize {
    let digits = body.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &body[digits..];
    let is_marker = match digits {
        0 => rest.starts_with(['-', '*', '+']),
        1..=3 => rest.starts_with(['.', ')']),
        _ => false,
    };
    let blanks = rest.bytes().skip(1).take_while(|byte| *byte == b' ').count();
    if is_marker && blanks > 0 { digits + 1 + blanks } else { 0 }
}

/// The line without a quotation's `>`.
fn unquoted(line: &str) -> Option<&str> {
    let inner = line.trim_start_matches(' ').strip_prefix('>')?;
    Some(inner.strip_prefix(' ').unwrap_or(inner))
}

fn label(info: &str) -> Label {
    let info = info.trim_start_matches(['{', '.', ' ']).trim_end_matches(['*', '_']);
    let word = info.split([' ', '}', ',', ':', '{', '\t', '[', '(']).next().unwrap_or("").to_ascii_lowercase();
    let version = ["ipython", "python", "pypy", "py"].iter().find_map(|name| word.strip_prefix(name));
    match word.as_str() {
        "" | "code" | "pycon" | "doctest" => Label::None,
        _ if word.ends_with(".py") => Label::Python,
        _ if version.is_some_and(|version| version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')) => {
            Label::Python
        }
        _ => Label::Other,
    }
}

/// A line of a block without the block's quotation and indentation.
fn content<'a>(start: &Fence<'_>, line: &'a str) -> &'a str {
    let line = if start.is_quoted { unquoted(line).unwrap_or(line) } else { line };
    let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
    &line[blank.min(start.indent)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(Label, String, bool)> {
        blocks(text, &mut Parser::new(None, 1 << 20))
            .into_iter()
            .map(|block| (block.label, block.code, block.is_closed))
            .collect()
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

    #[test]
    fn labels_are_read_as_models_write_them() {
        for info in [
            "py",
            "Python",
            "PYTHON3",
            "python3.11",
            "{python}",
            "{.py}",
            "python:main.py",
            "pypy3",
            "a.py",
            "python**",
        ] {
            assert_eq!(label(info), Label::Python, "{info}");
        }
        for info in ["cpp", "pythonic", "text", "pyrex", "c", "plaintext", "py-like"] {
            assert_eq!(label(info), Label::Other, "{info}");
        }
    }

    #[test]
    fn a_fence_in_a_string_does_not_end_its_block() {
        let code = "def f():\n    \"\"\"\n    ```python\n    f()\n    ```\n    \"\"\"\n";
        assert_eq!(found(&format!("```python\n{code}```\nb")), [block(Label::Python, code, true)]);
        assert_eq!(found(&format!("```python\n{code}")), [block(Label::Python, code, false)]);
        assert_eq!(
            found("```python\nx = '''\n```\nb\n```python\ny\n```"),
            [block(Label::Python, "x = '''\n", true), block(Label::Python, "y\n", true)]
        );
    }

    #[test]
    fn the_end_of_a_block_may_stand_close_to_other_text() {
        for end in ["```", "```<|im_end|>", "``` That is all.", "x```", "  ```", "```**", "````", "```\u{200b}"] {
            let code = if end == "x```" { "x\nx" } else { "x\n" };
            assert_eq!(found(&format!("```python\nx\n{end}\nb")), [block(Label::Python, code, true)], "{end}");
        }
    }

    #[test]
    fn quotations_lists_and_bold_type_may_stand_before_a_fence() {
        for text in [
            "> ```python\n> x\n>   y\n> ```\nb",
            "1. ```py\n   x\n     y\n   ```",
            "**```python**\nx\n  y\n```",
            "\u{feff}```python\nx\n  y\n```",
            "[PYTHON]\nx\n  y\n[/PYTHON]\n",
            "- ```\n  x\n    y\n  ```",
        ] {
            assert_eq!(found(text)[0].1, "x\n  y\n", "{text}");
        }
    }
}
