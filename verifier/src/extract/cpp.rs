//! Finds a C++ program in what a model wrote: the last fenced block that calls itself C++, else what may be one.
//! Not here: Python, whose blocks are parsed (`search`); reasoning and its tags (`tags`). Nothing is parsed here: whether
//! it is C++ is for the compiler to say.
//! In: text. Out: a program and the rule that found it. One pass, no recursion.

use trialbox_datasets::SampleText;

use super::{Extracted, MAX_TEXT, NoCode, Rule, tags};

/// What a block calls itself where it is C++.
const LABELS: [&str; 8] = ["cpp", "c++", "cc", "cxx", "c++17", "c++20", "cpp17", "cpp20"];

/// A fenced block.
struct Block<'a> {
    is_cpp: bool,
    is_closed: bool,
    code: &'a str,
}

/// Finds the program.
pub(super) fn extract(text: &SampleText) -> Result<Extracted, NoCode> {
    let (content, is_answer) = match text {
        SampleText::Solution(text) | SampleText::Completion(text) => (text.as_str(), false),
        SampleText::Response(text) => (text.as_str(), true),
    };
    if content.len() > MAX_TEXT {
        return Err(NoCode::TooLong);
    }
    let spoken = if is_answer { tags::parted(content).spoken } else { vec![content] };
    if spoken.iter().all(|part| part.trim().is_empty()) {
        return Err(NoCode::Empty);
    }
    let blocks: Vec<Block<'_>> = spoken.iter().flat_map(|part| blocks(part)).collect();
    let last = |wanted: &dyn Fn(&Block<'_>) -> bool| {
        blocks.iter().rev().find(|block| wanted(block) && !block.code.trim().is_empty())
    };
    let best = last(&|block| block.is_cpp && block.is_closed)
        .or_else(|| last(&|block| block.is_cpp))
        .or_else(|| last(&|block| block.is_closed))
        .or_else(|| last(&|_| true));
    match best {
        Some(block) => {
            let rule = if block.is_closed { Rule::Fenced } else { Rule::FencedOpen };
            Ok(Extracted { program: block.code.to_owned(), rule })
        }
        // Without fences, an answer is a program or prose.
        None if is_answer && !content.contains("main") => Err(NoCode::NoCpp),
        None => Ok(Extracted { program: spoken.concat(), rule: Rule::Whole }),
    }
}

/// The blocks of C++, and those that do not say what they are.
fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut open: Option<(Option<bool>, usize)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let Some(info) = line.trim().strip_prefix("```").map(|rest| rest.trim_matches('`').trim()) else { continue };
        match open {
            // A fence that names a language within a block ends it and opens the next.
            Some((kind, begun)) => {
                blocks.extend(kind.map(|is_cpp| Block { is_cpp, is_closed: true, code: &text[begun..start] }));
                open = (!info.is_empty()).then(|| (kind_of(info), at));
            }
            None => open = Some((kind_of(info), at)),
        }
    }
    if let Some((Some(is_cpp), begun)) = open {
        blocks.push(Block { is_cpp, is_closed: false, code: &text[begun..] });
    }
    blocks
}

/// Whether a block is C++ or may be; `None` for another language.
fn kind_of(info: &str) -> Option<bool> {
    let label = info.split_whitespace().next().unwrap_or_default().trim_matches(['{', '}', '.']).to_ascii_lowercase();
    if label.is_empty() { Some(false) } else { LABELS.contains(&label.as_str()).then_some(true) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(text: &str) -> Result<(String, &'static str), NoCode> {
        extract(&SampleText::Response(text.to_owned())).map(|found| (found.program, found.rule.as_str()))
    }

    fn found(program: &str, rule: &'static str) -> Result<(String, &'static str), NoCode> {
        Ok((program.to_owned(), rule))
    }

    #[test]
    fn the_last_block_that_calls_itself_cpp_is_taken() {
        let text = "First:\n```cpp\nint main() { return 1; }\n```\nBetter:\n```c++\nint main() {}\n```\nRun it:\n```bash\ng++ a.cpp\n```\nOutput:\n```\n3\n```\n";
        assert_eq!(response(text), found("int main() {}\n", "fenced"));
    }

    #[test]
    fn a_block_that_does_not_say_what_it_is_may_be_cpp_and_python_is_not() {
        assert_eq!(response("```python\nx = 1\n```\n```\nint main() {}\n```"), found("int main() {}\n", "fenced"));
        assert_eq!(response("```python\nx = 1\n```\nprose"), Err(NoCode::NoCpp));
    }

    #[test]
    fn a_block_that_is_cut_off_is_taken_where_none_is_whole() {
        assert_eq!(response("```cpp\nint main() {"), found("int main() {", "fenced_open"));
        assert_eq!(response("```cpp\nint f();\n```\n```cpp\nint main() {"), found("int f();\n", "fenced"));
    }

    #[test]
    fn reasoning_is_passed_over() {
        let text = "<think>\n```cpp\nwrong\n```\n</think>\n```cpp\nint main() {}\n```\n";
        assert_eq!(response(text), found("int main() {}\n", "fenced"));
        assert_eq!(response("<think>\n```cpp\nwrong\n```\n"), Err(NoCode::Empty));
    }

    #[test]
    fn a_solution_without_fences_is_taken_as_it_is() {
        let solution = SampleText::Solution("#include <map>\nint main() {}\n".to_owned());
        assert_eq!(extract(&solution).map(|found| found.rule), Ok(Rule::Whole));
        let fenced = SampleText::Solution("```cpp\nint main() {}\n```".to_owned());
        assert_eq!(extract(&fenced).map(|found| found.program), Ok("int main() {}\n".to_owned()));
        assert_eq!(response("I cannot solve this."), Err(NoCode::NoCpp));
        assert_eq!(response(" \n"), Err(NoCode::Empty));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(`{1,4}|cpp|\n|int main|<think>|</think>| |é){0,60}") {
            let _ = response(&text);
        }
    }
}
