//! The format of prompts: TOML, whose texts are Jinja templates.
//! Not here: which prompt is for which dataset (`prompts`), a model's chat template (the sampler).
//! In: TOML, and what is known of a problem. Out: what a model is asked.
//!
//! ```toml
//! answers = "response"        # or "completion": it goes on with the dataset's own prompt
//! needs = ["starter_code"]    # what a problem must have, else it is refused
//! stop = ["\n```"]            # what ends an answer
//! prefill = "```python\n"     # how the answer is begun for the model
//! text = "..."                # for base models; or, for chat:
//! [[messages]]
//! role = "user"
//! content = "{{ question }}"
//! [[stop_for]]                # what ends an answer besides, in some datasets
//! datasets = ["mbpp+"]
//! stop = ["\nassert"]
//! ```

use std::{fs, path::Path, str::FromStr};

use minijinja::{Environment, UndefinedBehavior, Value};
use serde::{Deserialize, Serialize};
use trialbox_datasets::{Dataset, Problem, TestForm, Tests};
use trialbox_sampler::{Message, Prompt, Role};

use crate::{
    exit::{DataFault, UsageFault},
    prompts::{Answers, Asked, prompt_is_code},
};

/// What a template may name.
#[derive(Debug, Serialize)]
pub(super) struct Variables<'a> {
    /// The dataset's name.
    dataset: &'static str,
    task_id: &'a str,
    /// The dataset's own prompt, starter code included.
    prompt: &'a str,
    /// The same without the starter code.
    question: &'a str,
    /// The code that an answer is to begin with; empty where there is none.
    starter_code: &'a str,
    /// What the tests call; empty where that is not one thing.
    entry_point: String,
    /// The tests that a model is shown.
    tests: &'a [String],
    /// Whether a program that reads stdin is wanted.
    reads_stdin: bool,
    /// Whether the prompt is the beginning of a program.
    prompt_is_code: bool,
}

/// Their names.
pub(super) const NAMES: [&str; 9] = [
    "dataset",
    "task_id",
    "prompt",
    "question",
    "starter_code",
    "entry_point",
    "tests",
    "reads_stdin",
    "prompt_is_code",
];

impl<'a> Variables<'a> {
    pub(super) fn of(dataset: Dataset, problem: &'a Problem) -> Self {
        let entry_point = match &problem.tests {
            Tests::Function(tests) => tests.entry_point.clone(),
            Tests::Stdin(_) => String::new(),
            Tests::Asserts(code) => match (&code.form, code.asked_names().as_mut_slice()) {
                (TestForm::Check { candidate }, _) => candidate.clone(),
                (TestForm::Statements | TestForm::Pytest, [name]) => std::mem::take(name),
                _ => String::new(),
            },
        };
        Self {
            dataset: dataset.name(),
            task_id: &problem.task_id,
            prompt: &problem.prompt,
            question: problem.question(),
            starter_code: problem.shown.starter_code.as_deref().unwrap_or_default(),
            entry_point,
            tests: &problem.shown.tests,
            reads_stdin: matches!(problem.tests, Tests::Stdin(_)),
            prompt_is_code: prompt_is_code(dataset, problem),
        }
    }
}

/// A prompt whose blanks are still to be filled.
#[derive(Debug)]
pub(super) struct Template {
    /// The style or the file, for messages.
    name: String,
    source: Source,
    stop_for: Vec<(Vec<Dataset>, Vec<String>)>,
    environment: Environment<'static>,
}

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    answers: Kind,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    stop: Vec<String>,
    #[serde(default)]
    stop_for: Vec<StopFor>,
    #[serde(default)]
    prefill: String,
    text: Option<String>,
    #[serde(default)]
    messages: Vec<Message>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StopFor {
    datasets: Vec<String>,
    stop: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Completion,
    Response,
}

impl Template {
    /// Reads a file of the user's own.
    pub(super) fn read(file: &Path) -> anyhow::Result<Self> {
        let name = file.display().to_string();
        let source =
            fs::read_to_string(file).map_err(|error| DataFault(format!("cannot read the prompt {name}: {error}")))?;
        Self::parse(name, &source)
    }

    /// Everything that can be wrong without a problem is found here, before a model is loaded.
    pub(super) fn parse(name: String, source: &str) -> anyhow::Result<Self> {
        let wrong = |what: String| DataFault(format!("the prompt {name}: {what}"));
        let mut source: Source =
            toml::from_str(source).map_err(|error| wrong(error.to_string().trim_end().to_owned()))?;
        source.check().map_err(wrong)?;
        let environment = environment();
        for text in source.texts() {
            check_text(&environment, text).map_err(wrong)?;
        }
        let stop_for = std::mem::take(&mut source.stop_for).into_iter().map(|more| {
            let datasets = more.datasets.iter().map(|name| Dataset::from_str(name)).collect::<Result<_, _>>();
            datasets.map(|datasets| (datasets, more.stop)).map_err(|error| wrong(error.to_string()))
        });
        let stop_for = stop_for.collect::<Result<_, _>>()?;
        Ok(Self { name, source, stop_for, environment })
    }

    pub(super) fn is_chat(&self) -> bool {
        self.source.text.is_none()
    }

    /// Fills the blanks.
    pub(super) fn asked(&self, variables: &Variables) -> anyhow::Result<Asked> {
        let values = Value::from_serialize(variables);
        let (dataset, task_id) = (variables.dataset, variables.task_id);
        let lacks = |name: &&String| !values.get_attr(name).is_ok_and(|value| value.is_true());
        if let Some(name) = self.source.needs.iter().find(lacks) {
            let what = format!("{dataset}, {task_id}: the prompt {} needs {name}, which is not there", self.name);
            return Err(UsageFault(what).into());
        }
        let fill = |text: &str| {
            let filled = self.environment.render_str(text, &values);
            filled.map_err(|error| DataFault(format!("the prompt {}, for {task_id}: {error:#}", self.name)))
        };
        let prefill = fill(&self.source.prefill)?;
        let prompt = match &self.source.text {
            Some(text) => Prompt::Text(fill(text)? + &prefill),
            None => {
                let filled = |message: &Message| fill(&message.content).map(|content| Message { content, ..*message });
                let messages = self.source.messages.iter().map(filled).collect::<Result<_, _>>()?;
                Prompt::Chat { messages, prefill: prefill.clone() }
            }
        };
        let answers = match self.source.answers {
            // Behind prose there is nothing to continue.
            Kind::Completion if variables.prompt_is_code => Answers::Completion,
            Kind::Completion | Kind::Response => Answers::Response { begins: prefill },
        };
        Ok(Asked { prompt, stop: self.stop(dataset), answers })
    }

    fn stop(&self, dataset: &str) -> Vec<String> {
        let more = self.stop_for.iter().filter(|(datasets, _)| datasets.iter().any(|it| it.name() == dataset));
        self.source.stop.iter().chain(more.flat_map(|(_, stop)| stop)).cloned().collect()
    }
}

impl Source {
    /// What does not fit together, in words.
    fn check(&self) -> Result<(), String> {
        match (&self.text, self.messages.last().map(|message| message.role)) {
            (None, None) => return Err("expected text or [[messages]], found neither".to_owned()),
            (Some(_), Some(_)) => return Err("expected text or [[messages]], found both".to_owned()),
            (None, Some(Role::System | Role::Assistant)) => {
                return Err("expected the last of [[messages]] to be the user's; prefill begins the answer".to_owned());
            }
            (Some(_), None) | (None, Some(Role::User)) => {}
        }
        if self.answers == Kind::Completion && (self.text.is_none() || !self.prefill.is_empty()) {
            return Err("answers = \"completion\" goes with text, and with no prefill".to_owned());
        }
        if self.stop.iter().chain(self.stop_for.iter().flat_map(|more| &more.stop)).any(String::is_empty) {
            return Err("a stop string is empty, which would end every answer at once".to_owned());
        }
        match self.needs.iter().find(|name| !NAMES.contains(&name.as_str())) {
            Some(name) => Err(unknown("needs", name)),
            None => Ok(()),
        }
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        let contents = self.messages.iter().map(|message| message.content.as_str());
        contents.chain(self.text.as_deref()).chain([self.prefill.as_str()])
    }
}

/// Texts stand as they are written but for blocks, whose lines vanish: as in models' chat templates.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_keep_trailing_newline(true);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment
}

fn check_text(environment: &Environment, text: &str) -> Result<(), String> {
    let template = environment.template_from_str(text).map_err(|error| format!("{error:#}"))?;
    let globals: Vec<&str> = environment.globals().map(|(name, _)| name).collect();
    let mut named: Vec<String> = template.undeclared_variables(false).into_iter().collect();
    named.sort_unstable();
    let is_known = |name: &&String| NAMES.contains(&name.as_str()) || globals.contains(&name.as_str());
    match named.iter().find(|name| !is_known(name)) {
        Some(name) => Err(unknown("placeholder", name)),
        None => Ok(()),
    }
}

fn unknown(where_: &str, name: &str) -> String {
    format!("unknown {where_} {name}: expected {}", NAMES.join(", "))
}
