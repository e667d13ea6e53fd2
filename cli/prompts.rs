//! Prompts: what a model is asked, so that it answers a problem.
//! Not here: the words (`prompts/*.toml`), their format (`prompts/template.rs`), a model's chat template (the sampler),
//! taking a program out of what comes back (`extraction`).
//! In: a dataset, a style or a file of the user's own, problems. Out: prompts, where to stop, and how answers are to be read.

mod template;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use clap::ValueEnum;
use trialbox_datasets::{Dataset, Problem, Tests};
use trialbox_sampler::{Prompt, Role};

use crate::prompts::template::{Template, Variables};

/// How problems are put.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum PromptStyle {
    /// As `instruct` where the model has a chat template, else as `base`
    #[default]
    Auto,
    /// As the dataset is usually put to models that answer
    Instruct,
    /// As the dataset is usually put to models that go on with a text
    Base,
    /// EvalPlus, for chat: the answer is begun for the model
    EvalplusInstruct,
    /// EvalPlus, for base models: the program is continued
    EvalplusBase,
    /// lcb_runner, for chat
    Livecodebench,
    /// lcb_runner, for Qwen2.5's chat
    LivecodebenchQwen,
    /// lcb_runner, for base models: with one example
    LivecodebenchBase,
    /// Code-R1: think, then answer
    CodeR1,
    /// The words of the MBPP paper, for chat
    Mbpp,
    /// The form of the MBPP paper, for base models
    MbppBase,
    /// Plain words for any problem, for chat
    Plain,
    /// Plain words for any problem, for base models
    PlainBase,
    /// The dataset's prompt and nothing else, for chat
    Verbatim,
    /// The dataset's prompt and the beginning of a code block, for base models
    VerbatimBase,
    /// The toy dataset's prompt, continued up to an empty line
    Toy,
}

/// What `--prompt` may say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PromptArgument {
    /// A style by its name.
    Style(PromptStyle),
    /// A file of the user's own: whatever ends in `.toml`.
    File(PathBuf),
}

impl FromStr for PromptArgument {
    type Err = String;

    fn from_str(argument: &str) -> Result<Self, String> {
        if argument.ends_with(".toml") {
            return Ok(Self::File(argument.into()));
        }
        let names = || PromptStyle::value_variants().iter().map(|style| style.name()).collect::<Vec<_>>().join(", ");
        let style = PromptStyle::from_str(argument, false).map_err(|_| format!("expected FILE.toml, {}", names()))?;
        Ok(Self::Style(style))
    }
}

/// The styles that are embedded. The others choose among them.
const EMBEDDED: [(PromptStyle, &str); 13] = [
    (PromptStyle::EvalplusInstruct, include_str!("prompts/evalplus-instruct.toml")),
    (PromptStyle::EvalplusBase, include_str!("prompts/evalplus-base.toml")),
    (PromptStyle::Livecodebench, include_str!("prompts/livecodebench.toml")),
    (PromptStyle::LivecodebenchQwen, include_str!("prompts/livecodebench-qwen.toml")),
    (PromptStyle::LivecodebenchBase, include_str!("prompts/livecodebench-base.toml")),
    (PromptStyle::CodeR1, include_str!("prompts/code-r1.toml")),
    (PromptStyle::Mbpp, include_str!("prompts/mbpp.toml")),
    (PromptStyle::MbppBase, include_str!("prompts/mbpp-base.toml")),
    (PromptStyle::Plain, include_str!("prompts/plain.toml")),
    (PromptStyle::PlainBase, include_str!("prompts/plain-base.toml")),
    (PromptStyle::Verbatim, include_str!("prompts/verbatim.toml")),
    (PromptStyle::VerbatimBase, include_str!("prompts/verbatim-base.toml")),
    (PromptStyle::Toy, include_str!("prompts/toy.toml")),
];

impl PromptStyle {
    /// The name that the command line knows it by.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// The embedded style that this one means for a problem.
    fn resolved(self, dataset: Dataset, problem: &Problem, has_chat_template: bool) -> Self {
        match self {
            Self::Auto if has_chat_template => usual_chat(dataset),
            Self::Instruct => usual_chat(dataset),
            Self::Auto | Self::Base => usual_base(dataset, problem),
            embedded => embedded,
        }
    }
}

fn usual_chat(dataset: Dataset) -> PromptStyle {
    match dataset {
        Dataset::HumanEvalPlus | Dataset::HumanEvalOrigin | Dataset::MbppPlus => PromptStyle::EvalplusInstruct,
        Dataset::LiveCodeBench => PromptStyle::Livecodebench,
        Dataset::Mbpp => PromptStyle::Mbpp,
        Dataset::LeetCodeDataset | Dataset::LeetCode => PromptStyle::Verbatim,
        Dataset::KodCode
        | Dataset::Taco
        | Dataset::Apps
        | Dataset::CodeContests
        | Dataset::Codeforces
        | Dataset::Toy
        | Dataset::Quickstart => PromptStyle::Plain,
    }
}

fn usual_base(dataset: Dataset, problem: &Problem) -> PromptStyle {
    match dataset {
        Dataset::HumanEvalPlus | Dataset::HumanEvalOrigin | Dataset::MbppPlus => PromptStyle::EvalplusBase,
        Dataset::LiveCodeBench => PromptStyle::LivecodebenchBase,
        Dataset::Mbpp => PromptStyle::MbppBase,
        Dataset::LeetCodeDataset | Dataset::LeetCode => PromptStyle::VerbatimBase,
        Dataset::Toy => PromptStyle::Toy,
        Dataset::Quickstart if prompt_is_code(dataset, problem) => PromptStyle::EvalplusBase,
        Dataset::KodCode
        | Dataset::Taco
        | Dataset::Apps
        | Dataset::CodeContests
        | Dataset::Codeforces
        | Dataset::Quickstart => PromptStyle::PlainBase,
    }
}

/// Whether the prompt is the beginning of a program, which a bare completion continues.
fn prompt_is_code(dataset: Dataset, problem: &Problem) -> bool {
    match dataset {
        Dataset::HumanEvalPlus | Dataset::HumanEvalOrigin | Dataset::MbppPlus | Dataset::Toy => true,
        Dataset::Quickstart => !matches!(problem.tests, Tests::Stdin(_)),
        Dataset::Mbpp
        | Dataset::LiveCodeBench
        | Dataset::LeetCodeDataset
        | Dataset::LeetCode
        | Dataset::KodCode
        | Dataset::Taco
        | Dataset::Apps
        | Dataset::CodeContests
        | Dataset::Codeforces => false,
    }
}

/// What a model is asked, and how its answers are to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// What it is shown.
    pub(crate) prompt: Prompt,
    /// Texts that end an answer, and are no part of it.
    pub(crate) stop: Vec<String>,
    /// How answers are to be read.
    pub(crate) answers: Answers,
}

/// How what a model writes is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answers {
    /// It goes on with the problem's own prompt, which is the beginning of a program.
    Completion,
    /// It is text in which a program stands.
    Response {
        /// How the answer was begun for the model. Without it the fence before the program would be missing, and the one
        /// behind it would look like the first.
        begins: String,
    },
}

/// For `--show-prompt`: every character of the prompt, turns under their roles, then what is no part of it.
impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.prompt {
            Prompt::Text(text) => writeln!(f, "[text]\n{text}")?,
            Prompt::Chat { messages, prefill } => {
                for message in messages {
                    writeln!(f, "[{}]\n{}", role_name(message.role), message.content)?;
                }
                if !prefill.is_empty() {
                    writeln!(f, "[assistant, begun]\n{prefill}")?;
                }
            }
        }
        let answers = match self.answers {
            Answers::Completion => "a completion",
            Answers::Response { .. } => "a response",
        };
        write!(f, "[what comes back is {answers}; it ends before any of {:?}]", self.stop)
    }
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    }
}

/// All prompts of a run.
#[derive(Debug)]
pub(crate) struct Prompts {
    dataset: Dataset,
    choice: Choice,
}

#[derive(Debug)]
enum Choice {
    Own(Box<Template>),
    Embedded { style: PromptStyle, has_chat_template: bool, templates: Vec<(PromptStyle, Template)> },
}

impl Prompts {
    /// As `--prompt` says.
    pub(crate) fn new(dataset: Dataset, argument: &PromptArgument, has_chat_template: bool) -> anyhow::Result<Self> {
        match argument {
            PromptArgument::Style(style) => Self::of_style(dataset, *style, has_chat_template),
            PromptArgument::File(file) => Self::of_file(dataset, file),
        }
    }

    /// In a style. `has_chat_template` is the model's; only `auto` asks for it.
    fn of_style(dataset: Dataset, style: PromptStyle, has_chat_template: bool) -> anyhow::Result<Self> {
        let template =
            |(style, source): (PromptStyle, &str)| anyhow::Ok((style, Template::parse(style.name(), source)?));
        let templates = EMBEDDED.into_iter().map(template).collect::<anyhow::Result<_>>()?;
        Ok(Self { dataset, choice: Choice::Embedded { style, has_chat_template, templates } })
    }

    /// By a file of the user's own.
    fn of_file(dataset: Dataset, file: &Path) -> anyhow::Result<Self> {
        Ok(Self { dataset, choice: Choice::Own(Box::new(Template::read(file)?)) })
    }

    /// Whether a model without a chat template cannot be asked a problem in this way.
    pub(crate) fn needs_chat_template(&self, problem: &Problem) -> anyhow::Result<bool> {
        Ok(self.template(problem)?.is_chat())
    }

    /// What a model is asked.
    pub(crate) fn asked(&self, problem: &Problem) -> anyhow::Result<Asked> {
        self.template(problem)?.asked(&Variables::of(self.dataset, problem))
    }

    fn template(&self, problem: &Problem) -> anyhow::Result<&Template> {
        match &self.choice {
            Choice::Own(template) => Ok(template),
            Choice::Embedded { style, has_chat_template, templates } => {
                let style = style.resolved(self.dataset, problem, *has_chat_template);
                let found = templates.iter().find(|(embedded, _)| *embedded == style);
                found
                    .map(|(_, template)| template)
                    .ok_or_else(|| anyhow::anyhow!("no prompt {} is embedded", style.name()))
            }
        }
    }
}
