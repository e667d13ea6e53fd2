//! Tests of extraction on the shapes that model outputs take, and on text made to be difficult.
//! Not here: nesting (`parse::tests`), fences by themselves (`fences`).
//! In: texts. Out: test results.

use std::time::Duration;
use std::time::Instant;

use proptest::prelude::*;

use super::*;

const PROMPT: &str = "from typing import List\n\n\ndef helper(x):\n    return x\n\n\ndef f(x: List[int]) -> int:\n    \"\"\"Adds.\"\"\"\n";
const PROGRAM: &str = "def f(x):\n    return sum(x)\n";

const KINDS: [fn(String) -> SampleText; 3] = [SampleText::Solution, SampleText::Completion, SampleText::Response];
const STYLES: [Style; 6] = [
    Style::Default,
    Style::EvalPlus,
    Style::Raw,
    Style::Lcb(LcbStyle::Base),
    Style::Lcb(LcbStyle::CodeLlama),
    Style::Lcb(LcbStyle::Chat),
];

fn found(text: SampleText, prompt: &str, entry_point: Option<&str>) -> (String, Rule) {
    let extracted = extract(&text, prompt, entry_point).unwrap();
    (extracted.program, extracted.rule)
}

fn response(text: &str) -> (String, Rule) {
    found(SampleText::Response(text.into()), "Write f.", Some("f"))
}

fn script(text: &str) -> (String, Rule) {
    found(SampleText::Response(text.into()), "Read two numbers.", None)
}

fn completion(text: &str) -> (String, Rule) {
    found(SampleText::Completion(text.into()), PROMPT, Some("f"))
}

fn fenced(code: &str) -> String {
    format!("```python\n{code}```\n")
}

#[test]
fn solutions_are_taken_as_they_are() {
    for text in [PROGRAM, "def f(:\n", "x = '''\n```\n'''\n"] {
        assert_eq!(found(SampleText::Solution(text.into()), PROMPT, Some("f")), (text.into(), Rule::Whole));
    }
}

#[test]
fn solutions_that_are_answers_are_unpacked() {
    let text = format!("Sure, here it is:\n{}", fenced(PROGRAM));
    assert_eq!(found(SampleText::Solution(text), PROMPT, Some("f")), (PROGRAM.into(), Rule::Fenced));
}

#[test]
fn completions_continue_the_prompt() {
    let body = "    return sum(x)\n";
    assert_eq!(completion(body), (format!("{PROMPT}{body}"), Rule::Continued));
    let more = "    return sum(x)\n\n\ndef g():\n    pass\n";
    assert_eq!(completion(more), (format!("{PROMPT}{more}"), Rule::Continued));
}

#[test]
fn runaway_text_after_a_body_is_cut_off() {
    let body = "    total = 0\n    for y in x:\n        total += y\n    return total\n";
    for tail in [
        "\nThis function adds up all the numbers.\n",
        "```\n\nExplanation: it adds.\n",
        "\n\ndef g(y):\n    \"\"\"Does not end",
        "\n\nprint(f(\n",
        "\n\nprint(f\"{x",
        "\n\nif __name__ == '__main__':\n",
        "\n<|endoftext|>def h(): pass\n",
        "\n```python\ndef f(x):\n    return 0\n```\n",
        "    x = [1,\n         2,\n\nSo it is.\n",
    ] {
        let (program, rule) = completion(&format!("{body}{tail}"));
        assert_eq!(rule, Rule::ContinuedCut, "{tail:?}");
        assert!(program.starts_with(&format!("{PROMPT}{body}")), "{tail:?}: {program}");
        assert!(parse::Parser::new(None, 1 << 20).parse(&program).is_ok());
    }
}

#[test]
fn completions_that_start_anew_keep_the_prompts_imports() {
    assert_eq!(completion(PROGRAM), (format!("{PROMPT}{PROGRAM}"), Rule::Continued));
    let text = format!("Here is the whole function:\n\n{}\nIt adds.", fenced(PROGRAM));
    assert_eq!(completion(&text), (format!("{PROMPT}\n{PROGRAM}"), Rule::Restated));
    let future = format!("from __future__ import annotations\n{PROGRAM}");
    assert_eq!(completion(&fenced(&future)), (future, Rule::Fenced));
}

#[test]
fn completions_of_prompts_in_prose_stand_alone() {
    let (prompt, text) = ("Read two numbers and print their sum.\n", "print(sum(map(int, input().split())))\n");
    let completion = |text: &str| found(SampleText::Completion(text.into()), prompt, None);
    assert_eq!(completion(text), (text.into(), Rule::Whole));
    assert_eq!(completion(&fenced(text)), (text.into(), Rule::Fenced));
    let starter = "class Solution:\n    def f(self, x):\n";
    let text = SampleText::Completion("        return x\n".into());
    assert_eq!(found(text, starter, Some("f")).1, Rule::Continued);
}

#[test]
fn the_last_block_that_defines_the_entry_point_wins() {
    let first = fenced("def f(x):\n    return 0\n");
    let usage = fenced("print(f([1, 2]))\n");
    let text = format!("First idea:\n{first}\nBetter:\n{}\nUsage:\n{usage}```\n3\n```\n", fenced(PROGRAM));
    assert_eq!(response(&text), (PROGRAM.into(), Rule::Fenced));
    let method = "class Solution:\n    def f(self, x):\n        return x\n";
    assert_eq!(response(&fenced(method)), (method.into(), Rule::Fenced));
}

#[test]
fn without_an_entry_point_samples_are_not_programs() {
    let program = "n = int(input())\nprint(n)\n";
    assert_eq!(script(&format!("{}Output:\n```\n5\n```\n", fenced(program))), (program.into(), Rule::Fenced));
    let unlabelled = format!("```\n{program}```\nFor\n```\nYES\n```\n");
    assert_eq!(script(&unlabelled), (program.into(), Rule::Fenced));
    let shell = format!("{}```bash\nls()\n```\n", fenced(program));
    assert_eq!(script(&shell), (program.into(), Rule::Fenced));
}

#[test]
fn without_a_fitting_block_the_longest_is_taken() {
    let text = format!("{}{}", fenced("def g(x):\n    return x + 1\n"), fenced("g(1)\n"));
    assert_eq!(response(&text), ("def g(x):\n    return x + 1\n".into(), Rule::FencedLongest));
}

#[test]
fn an_unfinished_block_is_taken_as_far_as_it_parses() {
    let text = format!("So:\n```python\n{PROGRAM}\nprint(f([1,");
    assert_eq!(response(&text), (format!("{PROGRAM}\n"), Rule::FencedOpen));
    let text = format!("So:\n```python\n{PROGRAM}");
    assert_eq!(response(&text), (PROGRAM.into(), Rule::FencedOpen));
    let text = format!("{}Wait:\n```python\ndef f(x):\n    retu", fenced(PROGRAM));
    assert_eq!(response(&text), (PROGRAM.into(), Rule::Fenced));
}

#[test]
fn reasoning_is_ignored_and_answers_are_preferred() {
    let draft = fenced("def f(x):\n    return 0\n");
    assert_eq!(response(&format!("<think>\n{draft}</think>\n{}", fenced(PROGRAM))).0, PROGRAM);
    assert_eq!(response(&format!("{draft}</think>{}", fenced(PROGRAM))).0, PROGRAM);
    assert_eq!(response(&format!("<answer>\n{}</answer>\n{draft}", fenced(PROGRAM))).0, PROGRAM);
    assert_eq!(response(&format!("<answer>{PROGRAM}</answer>")).0, PROGRAM);
    assert_eq!(response(&format!("<answer>see below</answer>\n{}", fenced(PROGRAM))).0, PROGRAM);
    let unfinished = SampleText::Response(format!("<think>\n{draft}"));
    assert_eq!(extract(&unfinished, "", Some("f")), Err(NoCode::Empty));
}

#[test]
fn answers_without_fences_may_be_programs_too() {
    assert_eq!(response(PROGRAM), (PROGRAM.into(), Rule::Whole));
    let text = format!("Here is the function you asked for:\n\nimport math\n{PROGRAM}\nIt adds the numbers up.\n");
    assert_eq!(response(&text), (format!("import math\n{PROGRAM}\n"), Rule::Embedded));
    let body = SampleText::Response("    return sum(x)\n".into());
    assert_eq!(found(body, PROMPT, Some("f")), (format!("{PROMPT}    return sum(x)\n"), Rule::Continued));
    let block = SampleText::Response(fenced("    return sum(x)\n"));
    assert_eq!(found(block, PROMPT, Some("f")), (format!("{PROMPT}    return sum(x)\n"), Rule::Continued));
}

#[test]
fn a_block_that_does_not_parse_is_left_to_the_interpreter() {
    let code = "def f(x):\n    return (x\n";
    assert_eq!(response(&fenced(code)), (code.into(), Rule::FencedBroken));
    assert_eq!(response(&format!("{}{}", fenced(code), fenced(PROGRAM))), (PROGRAM.into(), Rule::Fenced));
    let unlabelled = SampleText::Response(format!("```\n{code}```\n"));
    assert_eq!(extract(&unlabelled, "Write f.", Some("f")), Err(NoCode::Unparsable));
}

#[test]
fn each_style_reads_an_answer_in_its_own_way() {
    let text = SampleText::Response(format!("{}So:\n```python\ndef f(x):\n", fenced(PROGRAM)));
    let found =
        |style: Style| style.extract(&text, PROMPT, Some("f")).map(|found| (found.program, found.rule.as_str()));
    let SampleText::Response(whole) = text.clone() else { unreachable!() };
    assert_eq!(found(Style::Default), Ok((PROGRAM.into(), "fenced")));
    assert_eq!(found(Style::EvalPlus), found(Style::Default), "EvalPlus has no rule of its own");
    assert_eq!(found(Style::Raw), Ok((whole.clone(), "whole")));
    assert_eq!(found(Style::Lcb(LcbStyle::Chat)), Ok(("So:".into(), "lcb_fenced")));
    assert_eq!(found(Style::Lcb(LcbStyle::Base)), Ok((whole.trim().into(), "lcb_base")));
    assert_eq!(found(Style::Lcb(LcbStyle::CodeLlama)), Err(NoCode::Lcb));
}

#[test]
fn lcb_runner_takes_completions_without_their_prompt_and_solutions_as_they_are() {
    let style = Style::Lcb(LcbStyle::Chat);
    let completion = SampleText::Completion(fenced(PROGRAM));
    assert_eq!(style.extract(&completion, PROMPT, None).unwrap().program, PROGRAM.trim_end());
    let solution = SampleText::Solution(fenced(PROGRAM));
    assert_eq!(style.extract(&solution, PROMPT, None).unwrap().program, fenced(PROGRAM));
    let empty = SampleText::Response("```\n\n```".into());
    assert_eq!(style.extract(&empty, PROMPT, None), Err(NoCode::Lcb));
}

#[test]
fn text_without_a_program_is_refused() {
    let refused = |text: SampleText| extract(&text, "Write f.", Some("f")).unwrap_err();
    for text in ["I cannot help with that.", "Yes", "```\n```", "```cpp\nint f() {}\n```", "Note: done"] {
        assert_eq!(refused(SampleText::Response(text.into())), NoCode::Unparsable, "{text}");
        assert_eq!(refused(SampleText::Completion(text.into())), NoCode::Unparsable, "{text}");
    }
    assert_eq!(refused(SampleText::Completion(" \n".into())), NoCode::Empty);
    assert_eq!(refused(SampleText::Solution(String::new())), NoCode::Empty);
    assert_eq!(refused(SampleText::Solution("x\n".repeat(1 << 20))), NoCode::TooLong);
}

#[test]
fn difficult_texts_of_a_quarter_of_a_megabyte_take_seconds_at_most() {
    let size = |text: &str| text.repeat(250_000 / text.len());
    let texts = [
        size("```python\n"),
        size("```python\nx = 1\n```\n"),
        size("```\n"),
        size("~~~\n```\n"),
        size("x = (\n"),
        size("if x:\n"),
        size("def f(x):\n"),
        size("    return 1\n    )\n"),
        size("    return '''\n"),
        size("<think></think><answer>"),
        size("<think>"),
        size("</think>\n"),
        size("<answer>x = 1</answer>\n"),
        size("<answer>```python\n"),
        size("<"),
        size("<think a=1 "),
        size("`"),
        size("```"),
        size("> ```python\n> '''\n> ```\n"),
        size("```python\nx = '''\n```\n"),
        size("```python\nx = '''\n````\n````python\n"),
        size("```python\nf(a)\n```\n```python\ndef f(b): print(c)\nf(1)\n```\n"),
        size("```python\n>>> x\n```\n"),
        size("1. 2. - > ```python\n"),
        size("[PYTHON]\n"),
        size("[PYTHON]\nx = 1\n[/PYTHON]\n"),
        format!("```python\n{}```\n", size("x = '''\n'''\n")),
        format!("```python\n{}```\n", size("\"\"\"\n```\n\"\"\"\n")),
        size("import x\nno program\n"),
        size("f'{"),
        size("(\n"),
        size("é"),
        size("\\\n"),
        format!("```python\n{}", size("x = [\n")),
        format!("```python\n{}", size("def f(x):\n  return 1\nprose here\n")),
    ];
    for text in texts {
        // A quarter shows what the other kinds do differently, in a quarter of the time.
        let quarter: String = text.chars().take(text.len() / 4).collect();
        let kinds = [
            (SampleText::Response(text.clone()), Some("f")),
            (SampleText::Response(quarter.clone()), None),
            (SampleText::Completion(quarter.clone()), Some("f")),
            (SampleText::Solution(quarter), Some("f")),
        ];
        for (sample, entry_point) in kinds {
            let start = Instant::now();
            let _ = extract(&sample, PROMPT, entry_point);
            let head: String = text.chars().take(40).collect();
            assert!(start.elapsed() < Duration::from_secs(20), "{head:?} took {:?}", start.elapsed());
        }
    }
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("```python\n"),
        Just("````\n"),
        Just("```cpp\n"),
        Just("> "),
        Just("1. "),
        Just("  "),
        Just("**"),
        Just("[PYTHON]\n"),
        Just("[/PYTHON]"),
        Just("'''"),
        Just(">>> "),
        Just("... "),
        Just("def g():\n    return f(h)\n"),
        Just("import h\n"),
        Just("print(g())\n"),
        Just("<THINK a>"),
        Just("\u{a0}"),
        Just("```\n"),
        Just("~~~\n"),
        Just("def f(x):\n"),
        Just("    return x\n"),
        Just("x = 1\n"),
        Just("prose, here\n"),
        Just("<think>"),
        Just("</think>"),
        Just("<answer>"),
        Just("</answer>"),
        Just("\"\"\""),
        Just("'"),
        Just("("),
        Just(")\n"),
        Just("\r\n"),
        Just("\u{feff}"),
        Just("é"),
        Just("f'{"),
        Just("\0"),
        Just("\t"),
        Just("class Solution:\n"),
        Just("import a\n"),
        Just("\\"),
        Just("#"),
        Just("@"),
        Just("lambda: "),
        Just("\n")
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn whatever_is_extracted_parses_unless_it_is_said_to_be_broken(text in pieces(), prompt in pieces(), has_entry in any::<bool>()) {
        let entry_point = has_entry.then_some("f");
        for sample in [SampleText::Completion(text.clone()), SampleText::Response(text.clone())] {
            if let Ok(extracted) = extract(&sample, &prompt, entry_point)
                && extracted.rule != Rule::FencedBroken
            {
                prop_assert!(parse::Parser::new(None, 1 << 20).parse(&extracted.program).is_ok());
            }
        }
        let _ = extract(&SampleText::Solution(text), &prompt, entry_point);
    }

    #[test]
    fn nothing_is_invented(text in pieces(), prompt in pieces(), has_entry in any::<bool>()) {
        let whole = format!("{prompt}{text}");
        let lines: Vec<&str> = whole.split('\n').chain(text.split('\n')).chain(prompt.split('\n')).collect();
        // A thought is left out between the prompt and what goes on with it.
        let last = prompt.rsplit('\n').next().unwrap_or_default();
        let goes_on = |line: &str| line.strip_prefix(last).is_some_and(|rest| text.contains(rest));
        for make in KINDS {
            for style in STYLES {
                if let Ok(found) = style.extract(&make(text.clone()), &prompt, has_entry.then_some("f")) {
                    for line in found.program.split('\n') {
                        let is_known = goes_on(line) || lines.iter().any(|whole| whole.contains(line));
                        prop_assert!(is_known, "{:?} {line:?}", found.rule);
                    }
                    let is_piece = match found.rule {
                        Rule::Whole | Rule::Embedded | Rule::LcbBase | Rule::LcbFenced => text.contains(&found.program),
                        Rule::Continued | Rule::ContinuedCut | Rule::Restated => found.program.starts_with(&prompt),
                        _ => true,
                    };
                    prop_assert!(is_piece, "{:?}", found);
                }
            }
        }
    }

    #[test]
    fn arbitrary_text_never_panics(text in any::<String>(), prompt in any::<String>()) {
        for make in KINDS {
            for style in STYLES {
                let _ = style.extract(&make(text.clone()), &prompt, Some("f"));
            }
        }
    }
}
