//! Prompts against those that their origins make (`references.py`), the format's faults, and answers from end to end.
//! Not here: the rules by which programs are found (`verifier::extract`).
//! In: `references/`, and `data` of the shared folder. Out: passed, or skipped with a reason.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use serde::Deserialize;
use serde_json::Value;
use trialbox_datasets::{Dataset, Problem, RowError, RowErrorKind, SampleText, Tests, load, samples};
use trialbox_sampler::{Completion, FinishReason, Prompt};
use trialbox_verifier::extract::{LcbStyle, Style};

use crate::completions::CompletionRow;

use super::{Answers, Asked, EMBEDDED, PromptArgument, PromptStyle, Prompts, role_name, template};

const ROWS: &str = include_str!("references/rows.jsonl");
const REFERENCES: &str = include_str!("references/prompts.json");

#[derive(Deserialize)]
struct References {
    prompts: Vec<Reference>,
    hashes: Vec<Hash>,
}

#[derive(Deserialize)]
struct Reference {
    style: String,
    row: usize,
    parts: Vec<String>,
    stop: Vec<String>,
}

#[derive(Deserialize)]
struct Hash {
    style: String,
    dataset: String,
    file: String,
    problems: usize,
    blake3: String,
}

fn references() -> References {
    serde_json::from_str(REFERENCES).unwrap()
}

fn style(name: &str) -> PromptStyle {
    PromptStyle::from_str(name, false).unwrap()
}

/// Our own problems, in the order of their file.
fn problems() -> Vec<(Dataset, Problem)> {
    let problem = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        let dataset: Dataset = line["dataset"].as_str().unwrap().parse().unwrap();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "{}", line["row"]).unwrap();
        let problem = load(dataset, Some(file.path())).unwrap().next().unwrap();
        (dataset, problem.unwrap_or_else(|error| panic!("{error}")))
    };
    ROWS.lines().map(problem).collect()
}

fn problem_of(wanted: Dataset, place: usize) -> Problem {
    problems().into_iter().filter(|(dataset, _)| *dataset == wanted).nth(place).unwrap().1
}

fn ask(dataset: Dataset, style: PromptStyle, problem: &Problem) -> Asked {
    let asked = Prompts::of_style(dataset, style, true).and_then(|prompts| prompts.asked(problem));
    asked.unwrap_or_else(|error| panic!("{}, {}: {error:#}", style.name(), problem.task_id))
}

/// As `references.py` writes a prompt.
fn parts(prompt: &Prompt) -> Vec<&str> {
    match prompt {
        Prompt::Text(text) => vec!["text", text],
        Prompt::Chat { messages, prefill } => {
            let said = messages.iter().flat_map(|it| [role_name(it.role), it.content.as_str()]);
            let begun = if prefill.is_empty() { vec![] } else { vec!["prefill", prefill.as_str()] };
            said.chain(begun).collect()
        }
    }
}

#[test]
fn our_own_problems_are_put_as_the_origins_of_the_styles_put_them() {
    let problems = problems();
    let references = references().prompts;
    assert!(references.len() >= 17);
    for reference in references {
        let (dataset, problem) = &problems[reference.row];
        let asked = ask(*dataset, style(&reference.style), problem);
        assert_eq!(parts(&asked.prompt), reference.parts, "{}, {}", reference.style, problem.task_id);
        assert_eq!(asked.stop, reference.stop, "{}, {}", reference.style, problem.task_id);
    }
}

/// The path of a shared file that is there; else says so, which under `TRIALBOX_TESTS_STRICT=1` is a failure.
fn shared(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let path = std::env::var_os("TRIALBOX_SHARED").map_or_else(beside, PathBuf::from).join(name);
    if path.exists() {
        return Some(path);
    }
    let strict = std::env::var_os("TRIALBOX_TESTS_STRICT").is_some_and(|value| value == "1");
    assert!(!strict, "{} is missing, and TRIALBOX_TESTS_STRICT=1", path.display());
    // Unlike `eprintln!`, this is not captured.
    let reason = format!("skipped: {} is missing; TRIALBOX_SHARED names the folder that has it\n", path.display());
    std::io::stderr().write_all(reason.as_bytes()).unwrap();
    None
}

#[test]
fn whole_benchmarks_are_put_as_the_origins_of_the_styles_put_them() {
    for expected in references().hashes {
        let Some(file) = shared(&format!("data/{}", expected.file)) else { continue };
        let dataset: Dataset = expected.dataset.parse().unwrap();
        let prompts = Prompts::of_style(dataset, style(&expected.style), true).unwrap();
        let (mut hasher, mut count) = (blake3::Hasher::new(), 0);
        for problem in load(dataset, Some(&file)).unwrap() {
            let problem = match problem {
                Err(RowError { kind: RowErrorKind::NoTests, .. }) => continue,
                problem => problem.unwrap(),
            };
            let asked = prompts.asked(&problem).unwrap();
            for part in parts(&asked.prompt) {
                hasher.update(part.as_bytes()).update(b"\0");
            }
            count += 1;
        }
        let about = format!("{} of {}", expected.style, expected.file);
        assert_eq!((count, hasher.finalize().to_hex().to_string()), (expected.problems, expected.blake3), "{about}");
    }
}

#[test]
fn every_style_is_embedded_or_chooses_one_that_is_and_every_problem_can_be_put() {
    let choosing = [PromptStyle::Auto, PromptStyle::Instruct, PromptStyle::Base];
    for style in PromptStyle::value_variants() {
        let is_embedded = EMBEDDED.iter().any(|(embedded, _)| embedded == style);
        assert!(is_embedded != choosing.contains(style), "{}", style.name());
    }
    for (dataset, problem) in problems() {
        for has_chat_template in [true, false] {
            let prompts = Prompts::of_style(dataset, PromptStyle::Auto, has_chat_template).unwrap();
            let asked = prompts.asked(&problem).unwrap();
            assert_eq!(matches!(asked.prompt, Prompt::Chat { .. }), has_chat_template, "{dataset}");
            assert_eq!(prompts.needs_chat_template(&problem).unwrap(), has_chat_template);
            let fixed = if has_chat_template { PromptStyle::Instruct } else { PromptStyle::Base };
            assert_eq!(ask(dataset, fixed, &problem), asked);
        }
    }
}

#[test]
fn the_usual_styles_are_those_of_the_benchmarks() {
    let usual = |dataset, style: PromptStyle, has_chat_template| {
        let problem = problem_of(dataset, 0);
        style.resolved(dataset, &problem, has_chat_template).name()
    };
    let auto = |dataset| [true, false].map(|has_chat_template| usual(dataset, PromptStyle::Auto, has_chat_template));
    assert_eq!(auto(Dataset::HumanEvalPlus), ["evalplus-instruct", "evalplus-base"]);
    assert_eq!(auto(Dataset::MbppPlus), ["evalplus-instruct", "evalplus-base"]);
    assert_eq!(auto(Dataset::LiveCodeBench), ["livecodebench", "livecodebench-base"]);
    assert_eq!(auto(Dataset::Mbpp), ["mbpp", "mbpp-base"]);
    assert_eq!(auto(Dataset::LeetCodeDataset), ["verbatim", "verbatim-base"]);
    assert_eq!(auto(Dataset::Taco), ["plain", "plain-base"]);
    assert_eq!(usual(Dataset::Taco, PromptStyle::CodeR1, false), "code-r1");
    let quickstart = load(Dataset::Quickstart, None).unwrap().map(Result::unwrap);
    for problem in quickstart {
        let is_stdin = matches!(problem.tests, Tests::Stdin(_));
        let resolved = PromptStyle::Base.resolved(Dataset::Quickstart, &problem, true);
        assert_eq!(resolved == PromptStyle::PlainBase, is_stdin, "{}", problem.task_id);
        assert_eq!(ask(Dataset::Quickstart, PromptStyle::Base, &problem).answers == Answers::Completion, !is_stdin);
    }
}

#[test]
fn the_plain_words_say_what_is_wanted() {
    let said = |dataset, place| {
        let asked = ask(dataset, PromptStyle::Plain, &problem_of(dataset, place));
        let Prompt::Chat { messages, .. } = asked.prompt else { panic!("no chat") };
        messages.into_iter().next_back().unwrap().content
    };
    let last = "Put the whole program into one Markdown code block that begins with ```python.";
    assert_eq!(
        said(Dataset::CodeContests, 0),
        format!(
            "Solve the programming problem below with a Python program that reads from standard input and writes to \
             standard output.\n\nTwo boats leave the harbour, a and b minutes after noon.\n\nInput\n\nTwo \
             numbers.\n\nOutput\n\nThe later one.\n\n{last}"
        )
    );
    assert_eq!(
        said(Dataset::Taco, 1),
        format!(
            "Solve the programming problem below in Python.\n\nDouble the number.\n\nBegin with this \
             code:\n\n```python\ndef double(n):\n```\n\n{last}"
        )
    );
    assert_eq!(
        said(Dataset::MbppPlus, 0),
        format!(
            "Complete the Python code below so that it does what it says.\n\n```python\n\"\"\"\nWrite a function to \
             count the lamps that are lit in a row.\nassert count_lit([1, 0, 1]) == 2\n\"\"\"\n```\n\n{last}"
        )
    );
    assert!(said(Dataset::KodCode, 0).contains("half its length.\n\nThe tests call `fold`.\n\nPut"));
    let mbpp = ask(Dataset::Mbpp, PromptStyle::MbppBase, &problem_of(Dataset::Mbpp, 0));
    let expected = "You are an expert Python programmer, and here is your task: Write a function to find the tallest \
                    mast. Your code should pass these tests:\n\nassert tallest([3, 9, 4]) == 9\nassert tallest([1]) == \
                    1\nassert tallest([-1, -2]) == -1\n[BEGIN]\n";
    assert_eq!(mbpp.prompt, Prompt::Text(expected.to_owned()));
    let base = ask(Dataset::CodeContests, PromptStyle::PlainBase, &problem_of(Dataset::CodeContests, 0));
    let Prompt::Text(text) = base.prompt else { panic!("no text") };
    assert!(text.starts_with("### Problem\n\nTwo boats"), "{text}");
    assert!(text.ends_with("one.\n\nThe program reads from standard input and writes to standard output.\n\n### Solution in Python\n\n```python\n"), "{text}");
}

#[test]
fn what_a_problem_lacks_is_named() {
    let problem = problem_of(Dataset::LiveCodeBench, 1);
    let refused = |style| {
        let prompts = Prompts::of_style(Dataset::LiveCodeBench, style, true).unwrap();
        prompts.asked(&problem).unwrap_err()
    };
    let error = refused(PromptStyle::Mbpp);
    assert_eq!(error.to_string(), "livecodebench, harbour_a: the prompt mbpp needs tests, which is not there");
    assert_eq!(crate::exit::Exit::of(&error), crate::exit::Exit::Usage);
    assert!(refused(PromptStyle::EvalplusBase).to_string().contains("needs prompt_is_code"));
}

fn file(content: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(content.as_bytes()).unwrap();
    file
}

#[test]
fn a_file_of_the_users_own_is_a_prompt_for_any_dataset() {
    let own = file(
        "answers = 'completion'\ntext = '{{ prompt }}# {{ task_id }}'\nstop = [\"\\n#\"]\n[[stop_for]]\ndatasets = ['mbpp+']\nstop = ['x']",
    );
    let (code, prose) = (problem_of(Dataset::MbppPlus, 0), problem_of(Dataset::LiveCodeBench, 1));
    let asked = Prompts::of_file(Dataset::MbppPlus, own.path()).unwrap().asked(&code).unwrap();
    assert!(matches!(&asked.prompt, Prompt::Text(text) if text.ends_with("\"\"\"\n# Mbpp/9000")));
    assert_eq!(
        (asked.stop.as_slice(), &asked.answers),
        (["\n#".to_owned(), "x".to_owned()].as_slice(), &Answers::Completion)
    );
    let asked = Prompts::of_file(Dataset::LiveCodeBench, own.path()).unwrap().asked(&prose).unwrap();
    assert_eq!(asked.stop, ["\n#"]);
    assert_eq!(asked.answers, Answers::Response { begins: String::new() }, "nothing can be continued behind prose");
}

#[test]
fn an_argument_is_a_style_or_a_file() {
    assert_eq!("code-r1".parse(), Ok(PromptArgument::Style(PromptStyle::CodeR1)));
    assert_eq!("own/code-r1.toml".parse(), Ok(PromptArgument::File("own/code-r1.toml".into())));
    let error = "coder1".parse::<PromptArgument>().unwrap_err();
    assert!(error.starts_with("expected FILE.toml, auto, instruct, base, evalplus-instruct, "), "{error}");
    let own = file("answers = 'response'\ntext = 'x'");
    let named = own.path().with_extension("toml");
    std::fs::copy(own.path(), &named).unwrap();
    let argument = named.to_str().unwrap().parse().unwrap();
    let asked = Prompts::new(Dataset::Mbpp, &argument, true).unwrap().asked(&problem_of(Dataset::Mbpp, 0)).unwrap();
    std::fs::remove_file(named).unwrap();
    assert_eq!(asked.prompt, Prompt::Text("x".to_owned()));
    let auto = PromptArgument::Style(PromptStyle::default());
    assert!(
        Prompts::new(Dataset::Mbpp, &auto, true).unwrap().needs_chat_template(&problem_of(Dataset::Mbpp, 0)).unwrap()
    );
}

#[test]
fn the_faults_of_a_file_are_named() {
    let refused = |content: &str| {
        let file = file(content);
        let error = Prompts::of_file(Dataset::MbppPlus, file.path()).expect_err(content);
        assert_eq!(crate::exit::Exit::of(&error), crate::exit::Exit::Data);
        let error = error.to_string();
        let about = format!("the prompt {}: ", file.path().display());
        error.strip_prefix(&about).unwrap_or_else(|| panic!("{error}")).to_owned()
    };
    let known = "dataset, task_id, prompt, question, starter_code, entry_point, tests, reads_stdin, prompt_is_code";
    assert_eq!(
        refused("answers = 'response'\ntext = '{{ promt }}'"),
        format!("unknown placeholder promt: expected {known}")
    );
    assert_eq!(
        refused("answers = 'response'\nneeds = ['title']\ntext = ''"),
        format!("unknown needs title: expected {known}")
    );
    assert_eq!(refused("answers = 'response'"), "expected text or [[messages]], found neither");
    let message = "[[messages]]\nrole = 'user'\ncontent = ''\n";
    assert_eq!(
        refused(&format!("answers = 'response'\ntext = ''\n{message}")),
        "expected text or [[messages]], found both"
    );
    assert!(
        refused(&format!("answers = 'response'\n{}", message.replace("user", "assistant")))
            .contains("to be the user's")
    );
    assert!(
        refused(&format!("answers = 'response'\n{}", message.replace("user", "tool")))
            .contains("unknown variant `tool`")
    );
    assert!(refused(&format!("answers = 'completion'\n{message}")).contains("goes with text"));
    assert!(refused("answers = 'completion'\ntext = ''\nprefill = 'x'").contains("no prefill"));
    assert!(refused("answers = 'response'\ntext = ''\nstop = ['']").contains("a stop string is empty"));
    assert!(refused("answers = 'response'\ntext = ''\nstops = []").contains("unknown field `stops`"));
    assert!(refused("answers = 'response'\ntext = '{{ prompt'").contains("syntax error"));
    let unknown = refused("answers = 'response'\ntext = ''\n[[stop_for]]\ndatasets = ['mbpp++']\nstop = []");
    assert!(unknown.starts_with("unknown dataset mbpp++: expected humaneval+"), "{unknown}");
    let shouting = file("answers = 'response'\ntext = '{{ prompt | shout }}'");
    let prompts = Prompts::of_file(Dataset::MbppPlus, shouting.path()).unwrap();
    let error = prompts.asked(&problem_of(Dataset::MbppPlus, 0)).unwrap_err().to_string();
    assert!(error.contains(", for Mbpp/9000: unknown filter: filter shout is unknown"), "{error}");
    let missing = Prompts::of_file(Dataset::MbppPlus, Path::new("/nonexistent.toml")).unwrap_err().to_string();
    assert!(missing.starts_with("cannot read the prompt /nonexistent.toml: "), "{missing}");
}

#[test]
fn the_placeholders_that_are_known_are_those_that_are_filled() {
    let (dataset, problem) = &problems()[0];
    let filled = serde_json::to_value(template::Variables::of(*dataset, problem)).unwrap();
    let mut names: Vec<&str> = filled.as_object().unwrap().keys().map(String::as_str).collect();
    let mut known = template::NAMES;
    names.sort_unstable();
    known.sort_unstable();
    assert_eq!(names, known);
}

/// What a model wrote, as `sample` keeps it and `eval` reads it.
fn sample_text(asked: &Asked, written: &str) -> SampleText {
    let completion = Completion {
        task_id: "task".to_owned(),
        sample: 0,
        text: written.to_owned(),
        finish_reason: FinishReason::Stop,
        tokens: None,
        seed: 0,
        mean_logprob: None,
        logprobs: None,
    };
    let line = serde_json::to_vec(&CompletionRow::new(completion, &asked.answers)).unwrap();
    samples::parse(&line).unwrap().text
}

/// The program that is judged when a model writes this.
fn judged(dataset: Dataset, place: usize, style: PromptStyle, written: &str) -> String {
    let problem = problem_of(dataset, place);
    let text = sample_text(&ask(dataset, style, &problem), written);
    let entry_point = match &problem.tests {
        Tests::Function(tests) => Some(tests.entry_point.as_str()),
        _ => None,
    };
    Style::Default.extract(&text, &problem.prompt, entry_point).unwrap().program
}

#[test]
fn an_answer_that_evalplus_has_begun_is_read_with_its_beginning() {
    let program = "def shorten(text: str, keep: int) -> str:\n    \"\"\" Cut text. \"\"\"\n    return text[:keep]\n";
    let instruct = PromptStyle::EvalplusInstruct;
    for written in [
        // Cut at its stop string; ended by the model behind the fence; behind more prose; with an example behind it.
        program.trim_end().to_owned(),
        format!("{program}```"),
        format!("{program}```\nThis cuts the text."),
        format!("{program}```\n\nFor example:\n\n```python\nshorten(\"harbour\", 4)\n```\n"),
        format!("{program}```\n\nThe output is:\n\n```\nharb\n```"),
    ] {
        let judged = judged(Dataset::HumanEvalPlus, 0, instruct, &written);
        assert_eq!(judged.trim_end(), program.trim_end(), "{written}");
    }
    // A model that opens the block once more, although it is open.
    let again = judged(Dataset::HumanEvalPlus, 0, instruct, &format!("```python\n{program}```"));
    assert_eq!(again.trim_end(), program.trim_end());
    let body = judged(Dataset::HumanEvalPlus, 0, instruct, "    return text[:keep]\n");
    assert!(body.contains("def shorten") && body.contains("return text[:keep]"), "{body}");
    // Without the beginning, the fence behind the program would open a block.
    let problem = problem_of(Dataset::HumanEvalPlus, 0);
    let asked = ask(Dataset::HumanEvalPlus, instruct, &problem);
    let SampleText::Response(text) = sample_text(&asked, "x") else { panic!("no response") };
    assert!(text.ends_with("corresponding tests:\n```python\nx"), "{text}");
}

#[test]
fn a_completion_goes_on_with_the_prompt() {
    let problem = problem_of(Dataset::HumanEvalPlus, 1);
    let program = judged(
        Dataset::HumanEvalPlus,
        1,
        PromptStyle::EvalplusBase,
        "    return sum(map(math.dist, points, points[1:]))",
    );
    assert_eq!(program, format!("{}    return sum(map(math.dist, points, points[1:]))", problem.prompt));
    let program = judged(Dataset::MbppPlus, 0, PromptStyle::EvalplusBase, "def count_lit(row):\n    return sum(row)\n");
    assert!(program.ends_with("\"\"\"\ndef count_lit(row):\n    return sum(row)\n"), "{program}");
    let toy = ask(Dataset::HumanEvalPlus, PromptStyle::Toy, &problem);
    assert_eq!((toy.prompt, toy.stop), (Prompt::Text(problem.prompt), vec!["\n\n".to_owned()]));
}

#[test]
fn answers_in_every_other_style_are_read() {
    let solution =
        "class Solution:\n    def countGulls(self, gulls: List[int]) -> int:\n        return sum(g > 0 for g in gulls)";
    let reads = "n = int(input())\nprint(2 * n)";
    let lcb = Dataset::LiveCodeBench;
    let check = |dataset, place, style, written: &str, program: &str| {
        assert_eq!(judged(dataset, place, style, written).trim_end(), program, "{written}");
    };
    let fenced = format!("### Approach\nCount.\n\n```python\n{solution}\n```\n\nIt is linear.");
    check(lcb, 0, PromptStyle::Livecodebench, &fenced, solution);
    check(lcb, 0, PromptStyle::LivecodebenchBase, &format!("{solution}\n\n"), solution);
    check(lcb, 1, PromptStyle::LivecodebenchBase, &format!("{reads}\n\n"), reads);
    check(lcb, 1, PromptStyle::LivecodebenchQwen, &format!("```python\n{reads}\n```"), reads);
    let thought = format!(
        "<think>\nTwice: ```python\nprint(n + n)\n``` would do.\n</think>\n<answer>\n```python\n{reads}\n```\n</answer>"
    );
    check(lcb, 1, PromptStyle::CodeR1, &thought, reads);
    check(
        Dataset::Mbpp,
        0,
        PromptStyle::MbppBase,
        "def tallest(masts):\r\n  return max(masts)\r\n",
        "def tallest(masts):\r\n  return max(masts)",
    );
    check(
        Dataset::Mbpp,
        0,
        PromptStyle::Mbpp,
        "```python\ndef tallest(masts):\n    return max(masts)\n```",
        "def tallest(masts):\n    return max(masts)",
    );
    check(Dataset::CodeContests, 0, PromptStyle::PlainBase, reads, reads);
    check(Dataset::LeetCodeDataset, 0, PromptStyle::VerbatimBase, solution, solution);
    check(Dataset::LeetCodeDataset, 0, PromptStyle::Verbatim, &fenced, solution);
}

#[test]
fn lcb_runners_own_reading_finds_what_its_prompts_ask_for() {
    let (problem, reads) = (problem_of(Dataset::LiveCodeBench, 1), "n = int(input())\nprint(2 * n)");
    let read = |style, prompt, written: &str| {
        let text = sample_text(&ask(Dataset::LiveCodeBench, prompt, &problem), written);
        Style::Lcb(style).extract(&text, &problem.prompt, None).unwrap().program
    };
    let fenced = format!("So:\n```python\n{reads}\n```\n");
    assert_eq!(read(LcbStyle::Chat, PromptStyle::Livecodebench, &fenced), reads);
    assert_eq!(read(LcbStyle::Base, PromptStyle::LivecodebenchBase, &format!("{reads}\n\n")), reads);
}

#[test]
fn a_prompt_can_be_shown() {
    let shown = ask(Dataset::MbppPlus, PromptStyle::EvalplusInstruct, &problem_of(Dataset::MbppPlus, 0)).to_string();
    assert!(shown.starts_with("[user]\nPlease provide a self-contained Python script"), "{shown}");
    assert!(shown.contains("\n[assistant, begun]\nBelow is a Python script"), "{shown}");
    assert!(shown.ends_with(r#"\nprint(", "\n```\n"]]"#), "{shown}");
    let shown = ask(Dataset::MbppPlus, PromptStyle::EvalplusBase, &problem_of(Dataset::MbppPlus, 0)).to_string();
    assert!(shown.starts_with("[text]\n\"\"\"\nWrite"), "{shown}");
    assert!(shown.contains("[what comes back is a completion; it ends before any of ["), "{shown}");
}
