//! What lcb_runner takes out of a model's output, style by style.
//! Not here: anything better (`search`), its reading of tests and of execution traces.
//! In: the whole output. Out: a part of it, `""` where lcb_runner finds none, `None` where it returns None. One pass.

use crate::compare::decimal::is_python_space;

/// lcb_runner's styles, as far as they differ in extraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LcbStyle {
    /// `GenericBase`: the output without the whitespace around it.
    Base,
    /// `CodeLLaMaInstruct`: nothing; its branch has no return.
    CodeLlama,
    /// All other styles: what stands between the last two lines with three backticks anywhere in them. A fence that
    /// does not end thus gives the prose before it.
    Chat,
}

/// The program, by lcb_runner's reading.
pub(super) fn program(output: &str, style: LcbStyle) -> Option<&str> {
    match style {
        LcbStyle::Base => Some(output.trim_matches(is_python_space)),
        LcbStyle::CodeLlama => None,
        LcbStyle::Chat => Some(between_last_two_fences(output)),
    }
}

/// Whether `str.strip()` leaves nothing of a program.
pub(super) fn is_blank(program: &str) -> bool {
    program.chars().all(is_python_space)
}

fn between_last_two_fences(output: &str) -> &str {
    // For the last two lines with a fence: where the line starts, and where the next one does.
    let (mut before, mut last) = (None, None);
    let mut start = 0;
    for line in output.split_inclusive('\n') {
        let end = start + line.len();
        if line.contains("```") {
            (before, last) = (last, Some((start, end)));
        }
        start = end;
    }
    match (before, last) {
        (Some((_, start)), Some((end, _))) => output.get(start..end).map_or("", strip_newline),
        _ => "",
    }
}

fn strip_newline(code: &str) -> &str {
    code.strip_suffix('\n').unwrap_or(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chat(output: &str) -> &str {
        program(output, LcbStyle::Chat).unwrap_or("None")
    }

    #[test]
    fn the_last_two_lines_with_a_fence_count_wherever_it_stands_in_them() {
        assert_eq!(chat("a\n```python\nx = 1\n\n```\nb"), "x = 1\n");
        assert_eq!(chat("```cpp\nint x;\n```"), "int x;");
        assert_eq!(chat("Use ```x``` here\ny\nor ```z```"), "y");
        assert_eq!(chat("```python\r\nx\r\n```\r\n"), "x\r");
        assert_eq!(chat("```python\nprint('''\n```\n''')\n```"), "''')");
        assert_eq!(chat("```python\nx\n```\nSo:\n```python\ny"), "So:");
        assert_eq!(chat("```\n```"), "");
    }

    #[test]
    fn fewer_than_two_fences_are_no_program() {
        for output in ["", "x = 1", "```python\nx = 1", "x = '```'"] {
            assert_eq!(chat(output), "");
        }
    }

    #[test]
    fn the_base_style_takes_all_and_code_llama_nothing() {
        assert_eq!(program("\u{a0}\u{1c} x = 1\n```\n", LcbStyle::Base), Some("x = 1\n```"));
        assert_eq!(program("[PYTHON]\nx\n[/PYTHON]\n```\ny\n```", LcbStyle::CodeLlama), None);
    }
}
