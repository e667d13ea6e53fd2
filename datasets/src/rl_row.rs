//! What rows of reinforcement-learning sets have in common, in the layouts of rLLM, APPS and TACO, and verl.
//! Not here: their tests (`rl_tests`), the sets themselves (`taco`, `apps`, `code_contests`, `codeforces`).
//! In: one row, its set and its place in the file. Out: the problem.

use crate::fields::Fields;
use crate::fields::list;
use crate::fields::text;
use crate::fields::wrong_type;
use crate::problem::Problem;
use crate::problem::prompt_with_starter;
use crate::python_json;
use crate::rl_tests;
use crate::row::RowErrorKind;
use crate::test_code;
use crate::value::Value;

/// Reads one row.
///
/// - rLLM: `problem`, `tests`, and perhaps `solutions`.
/// - APPS and TACO: `question`, `input_output` (JSON in a string), `solutions` (likewise), `starter_code`.
/// - verl: `prompt` (a text, or messages), `reward_model.ground_truth` (JSON in a string).
pub(crate) fn parse(row: &[u8], set: &str, place: u64) -> Result<Problem, RowErrorKind> {
    let mut fields = Fields::parse(row)?;
    let task_id = task_id(&mut fields, set, place)?;
    let question = prompt(&mut fields)?;
    let starter_code = optional_text(&mut fields, "starter_code")?.filter(|code| !code.trim().is_empty());
    let (prompt, shown) = prompt_with_starter(question, starter_code);
    let (key, tests) = tests(&mut fields)?;
    Ok(Problem { task_id, prompt, shown, canonical: canonical(&mut fields)?, tests: rl_tests::parse(key, tests)? })
}

/// The row's own name, where it has one: as it is where it names the set, else behind the set's. Rows of most sets have
/// none and are called by their place, from 0.
pub(crate) fn task_id(fields: &mut Fields, set: &str, place: u64) -> Result<String, RowErrorKind> {
    if let Some(name) = optional_text(fields, "task_id")? {
        return Ok(name);
    }
    for key in ["problem_id", "question_id", "id"] {
        match fields.take(key) {
            None | Some(Value::None) => {}
            Some(Value::Int(number)) => return Ok(format!("{set}/{number}")),
            Some(value) => return text(key, value).map(|name| format!("{set}/{name}")),
        }
    }
    Ok(format!("{set}/{place}"))
}

/// What the model was shown.
pub(crate) fn prompt(fields: &mut Fields) -> Result<String, RowErrorKind> {
    for key in ["problem", "question", "instruction"] {
        if let Some(text) = optional_text(fields, key)? {
            return Ok(text);
        }
    }
    match fields.take("prompt") {
        Some(Value::List(messages)) => last_message(messages),
        Some(value) => text("prompt", value),
        None => Err(RowErrorKind::Missing { keys: "problem, question, instruction or prompt".to_owned() }),
    }
}

fn last_message(messages: Vec<Value>) -> Result<String, RowErrorKind> {
    match messages.into_iter().enumerate().next_back() {
        Some((index, message)) => Fields::nested(&format!("prompt[{index}]"), message)?.text("content"),
        None => Err(RowErrorKind::bad_value("prompt", "it holds no message")),
    }
}

/// Where the tests stand, and what stands there.
fn tests(fields: &mut Fields) -> Result<(&'static str, Value), RowErrorKind> {
    for key in ["tests", "input_output"] {
        if let Some(tests) = fields.take(key) {
            return Ok((key, tests));
        }
    }
    let keys = "tests, input_output or reward_model".to_owned();
    let reward_model = fields.take("reward_model").ok_or(RowErrorKind::Missing { keys })?;
    let tests = Fields::nested("reward_model", reward_model)?.require("ground_truth")?;
    Ok(("ground_truth", tests))
}

/// The first of the row's solutions that is Python 3; some of APPS's are Python 2.
pub(crate) fn canonical(fields: &mut Fields) -> Result<Option<String>, RowErrorKind> {
    let solutions = match fields.take("solutions") {
        None | Some(Value::None) => return Ok(None),
        Some(Value::List(solutions)) => solutions,
        Some(value) => {
            let written = text("solutions", value)?;
            match python_json::parse(written.as_bytes()) {
                Ok(Value::List(solutions)) => solutions,
                _ => vec![Value::from(written.as_str())],
            }
        }
    };
    let text = |(index, solution)| text(&format!("solutions[{index}]"), solution);
    let solutions = solutions.into_iter().enumerate().map(text).collect::<Result<Vec<_>, _>>()?;
    Ok(solutions.into_iter().find(|program| is_program(program)))
}

fn is_program(text: &str) -> bool {
    !text.trim().is_empty() && test_code::parse("the solution", text).is_ok()
}

/// A text that may be missing or null.
pub(crate) fn optional_text(fields: &mut Fields, key: &str) -> Result<Option<String>, RowErrorKind> {
    fields.take(key).filter(|value| *value != Value::None).map(|value| text(key, value)).transpose()
}

/// Texts under `key`, which must be a list of them.
pub(crate) fn texts(key: &str, value: Value) -> Result<Vec<String>, RowErrorKind> {
    list(key, value)?.into_iter().enumerate().map(|(index, item)| text(&format!("{key}[{index}]"), item)).collect()
}

/// A whole number under `key`.
pub(crate) fn whole(fields: &mut Fields, key: &str) -> Result<num_bigint::BigInt, RowErrorKind> {
    match fields.require(key)? {
        Value::Int(number) => Ok(number),
        other => Err(wrong_type(key, "a whole number", other.type_name())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Tests;

    fn read(row: &str) -> Problem {
        parse(row.as_bytes(), "taco", 7).unwrap_or_else(|error| panic!("{row}: {error}"))
    }

    fn refused(row: &str) -> String {
        parse(row.as_bytes(), "taco", 7).expect_err(row).to_string()
    }

    const RLLM: &str = r#"{"problem": "p", "tests": {"inputs": ["1\n"], "outputs": ["2\n"]}}"#;

    #[test]
    fn the_three_layouts_say_the_same() {
        let apps = r#"{"id": null, "question": "p", "solutions": "[\"print 2\", \"print(2)\"]", "starter_code": "",
            "input_output": "{\"inputs\": [\"1\\n\"], \"outputs\": [\"2\\n\"]}", "difficulty": "easy"}"#;
        let verl = r#"{"data_source": "taco", "prompt": [{"role": "system", "content": "s"}, {"role": "user", "content": "p"}],
            "reward_model": {"style": "rule", "ground_truth": "{\"inputs\": [\"1\\n\"], \"outputs\": [\"2\\n\"]}"},
            "extra_info": {"split": "train", "index": 0}}"#;
        for row in [RLLM, apps, verl] {
            let problem = read(row);
            assert_eq!((problem.task_id.as_str(), problem.prompt.as_str()), ("taco/7", "p"));
            let Tests::Stdin(tests) = problem.tests else { panic!("not stdin tests") };
            assert_eq!((tests[0].input.as_str(), tests[0].output.as_str()), ("1\n", "2\n"));
        }
        assert_eq!(read(apps).canonical.as_deref(), Some("print(2)"), "the first that is Python 3");
        assert_eq!(read(RLLM).canonical, None);
    }

    #[test]
    fn a_row_with_a_name_keeps_it_and_starter_code_is_part_of_the_prompt() {
        let named = |key: &str| read(&RLLM.replacen('{', &format!("{{{key}, "), 1)).task_id;
        assert_eq!(named(r#""task_id": "x/1""#), "x/1");
        assert_eq!(named(r#""problem_id": 12"#), "taco/12");
        assert_eq!(named(r#""id": "a""#), "taco/a");
        let problem = read(&RLLM.replacen('{', r#"{"starter_code": "def f():", "#, 1));
        assert_eq!((problem.prompt.as_str(), problem.question()), ("p\n\ndef f():", "p"));
        assert_eq!(problem.shown.starter_code.as_deref(), Some("def f():"));
        assert_eq!(read(RLLM).question(), "p");
    }

    #[test]
    fn what_is_missing_or_of_the_wrong_type_is_named() {
        assert_eq!(
            refused(r#"{"problem": "p"}"#),
            "expected the key tests, input_output or reward_model, which is missing"
        );
        assert_eq!(
            refused(r#"{"tests": {}}"#),
            "expected the key problem, question, instruction or prompt, which is missing"
        );
        assert_eq!(refused(r#"{"prompt": [], "tests": {}}"#), "cannot use prompt: it holds no message");
        assert_eq!(
            refused(r#"{"prompt": "p", "reward_model": {}}"#),
            "expected the key ground_truth, which is missing"
        );
        assert_eq!(
            refused(&RLLM.replacen('{', r#"{"solutions": [1], "#, 1)),
            "expected solutions[0] to be a string, found int"
        );
    }
}
