//! The toy set: small problems drawn from a family of many thousands by a seed, so that models can be trained and measured in
//! minutes. docs/toy.md describes the family.
//! Not here: what the parts of a problem are (`parts`), what they come to (`composition`), how they are said (`wording`) and
//! programmed (`programs`), and how the corpus errs (`noise`).
//! In: a [`Draw`]. Out: its [`Row`]s, the same to the byte for ever; or the [`Problem`] in a row.

mod composition;
mod draws;
mod noise;
mod parts;
mod programs;
mod wording;

use std::collections::HashSet;
use std::fmt;
use std::fmt::Write;
use std::str::FromStr;

use serde::Serialize;

use crate::fields::Fields;
use crate::jobs;
use crate::problem::Comparison;
use crate::problem::Problem;
use crate::problem::Shown;
use crate::problem::Tests;
use crate::row::RowErrorKind;

use composition::Composition;
use draws::Draws;
use noise::Noise;
use parts::Input;
use programs::Programs;
use wording::Wording;

/// The name of the set.
pub(crate) const NAME: &str = "toy";
/// What every program defines.
const ENTRY_POINT: &str = "f";
/// How many inputs a problem has.
const INPUTS: usize = 8;
/// How many sets of inputs a composition is tried on before another one is drawn.
const TRIES: usize = 3;
/// How many problems without a repetition there are in any split.
pub const MOST_PROBLEMS: u32 = 10_000;

/// Which part of the family: no composition is in two of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// What a base model is trained on: a corpus, in which compositions come again in other words.
    Base,
    /// What reinforcement learning is done on.
    Rl,
    /// What models are measured on: the dataset `toy`.
    Eval,
}

impl Split {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Base, Self::Rl, Self::Eval];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Rl => "rl",
            Self::Eval => "eval",
        }
    }

    /// What the names of its problems begin with.
    fn prefix(self) -> &'static str {
        match self {
            Self::Base => "toy-base",
            Self::Rl => "toy-rl",
            Self::Eval => NAME,
        }
    }
}

impl FromStr for Split {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|split| split.name() == name);
        found.ok_or_else(|| format!("expected {}", Self::ALL.map(Self::name).join(", ")))
    }
}

impl fmt::Display for Split {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Which rows of the family. Those of a smaller size are the first ones of a larger size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// Of which split.
    pub split: Split,
    /// Each seed has rows of its own.
    pub seed: u64,
    /// How many; [`MOST_PROBLEMS`] at most, but for the corpus.
    pub size: u32,
    /// By how much the corpus errs, in thousandths of what is usual.
    pub noise_permille: u32,
}

impl Default for Draw {
    /// The set as it is measured where nothing else is said.
    fn default() -> Self {
        Self { split: Split::Eval, seed: 0, size: 60, noise_permille: 1000 }
    }
}

impl Draw {
    /// What cannot be, in words.
    pub fn check(self) -> Result<(), String> {
        match self {
            Self { size: 0, .. } => Err("at least one problem must be asked for".to_owned()),
            Self { split: Split::Rl | Split::Eval, size, .. } if size > MOST_PROBLEMS => {
                Err(format!("a seed has {MOST_PROBLEMS} problems at most; other seeds have others"))
            }
            _ => Ok(()),
        }
    }
}

/// A problem of the family, as a line of a file. Programs are what follows the prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Such as `toy/0-17`: the seed, and the place in the draw.
    pub task_id: String,
    /// Of which split.
    pub split: Split,
    /// The beginning of a program.
    pub prompt: String,
    /// The function that is asked for.
    pub entry_point: &'static str,
    /// Right programs, in several styles.
    pub solutions: Programs,
    /// What the corpus has in their stead, which may be wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noisy: Option<String>,
    /// The inputs as a list of tuples in Python.
    pub inputs_py: String,
    /// What the right programs return, as a list in Python.
    pub expected_py: String,
}

/// Draws rows.
pub fn rows(draw: Draw) -> impl Iterator<Item = Row> {
    let mut known = HashSet::new();
    (0..draw.size).map(move |number| row(draw, number, &mut known))
}

/// The rows as the lines of a file.
pub(crate) fn lines(draw: Draw) -> String {
    rows(draw).fold(String::new(), |lines, row| lines + &row.to_json() + "\n")
}

impl Row {
    /// The row as a line of a file, without its end.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a row has nothing but text in it")
    }
}

fn row(draw: Draw, number: u32, known: &mut HashSet<Composition>) -> Row {
    let Draw { split, seed, .. } = draw;
    let mut draws = Draws::new(split.name(), seed, number);
    let (composition, inputs) = problem(split, &mut draws, known);
    let wording = Wording::draw(&composition, &mut draws);
    let prompt = format!("# {}\ndef {ENTRY_POINT}(x):\n", wording.sentence(&composition));
    let noisy = (split == Split::Base).then(|| {
        let misread = Noise { permille: draw.noise_permille }.misread(&composition, &wording, &mut draws);
        Programs::of(&misread).into_any(&mut draws)
    });
    Row {
        task_id: format!("{}/{seed}-{number}", split.prefix()),
        split,
        prompt,
        entry_point: ENTRY_POINT,
        solutions: Programs::of(&composition),
        noisy,
        inputs_py: in_brackets(inputs.iter().map(|input| format!("({input},)"))),
        expected_py: in_brackets(inputs.iter().map(|input| composition.answer(input).to_string())),
    }
}

/// A composition of the split with inputs that show all of its parts. Problems do not repeat one another, a corpus does.
fn problem(split: Split, draws: &mut Draws, known: &mut HashSet<Composition>) -> (Composition, Vec<Input>) {
    loop {
        let composition = Composition::draw(draws);
        if composition.split() != split || (split != Split::Base && known.contains(&composition.sorted())) {
            continue;
        }
        for _ in 0..TRIES {
            let inputs = composition.draw_inputs(draws, INPUTS);
            if composition.is_shown_by(&inputs) {
                if split != Split::Base {
                    known.insert(composition.sorted());
                }
                return (composition, inputs);
            }
        }
    }
}

fn in_brackets(items: impl Iterator<Item = String>) -> String {
    let mut text = "[".to_owned();
    for (index, item) in items.enumerate() {
        let _ = write!(text, "{}{item}", if index == 0 { "" } else { ", " });
    }
    text + "]"
}

/// Reads one row.
pub(crate) fn parse(line: &[u8]) -> Result<Problem, RowErrorKind> {
    let mut fields = Fields::parse(line)?;
    let task_id = fields.text("task_id")?;
    let prompt = fields.text("prompt")?;
    let entry_point = fields.text("entry_point")?;
    let solution = Fields::nested("solutions", fields.require("solutions")?)?.text("comprehension")?;
    let inputs = jobs::python_list("inputs_py", &fields.text("inputs_py")?)?;
    let expected = jobs::python_list("expected_py", &fields.text("expected_py")?)?;
    fields.finish(&["split", "noisy"])?;
    let tests = jobs::given_tests(entry_point, inputs, expected, Comparison::Equality)?;
    let canonical = Some(prompt.clone() + &solution);
    Ok(Problem { task_id, prompt, canonical, tests: Tests::Function(tests), shown: Shown::default() })
}

#[cfg(test)]
mod tests;
