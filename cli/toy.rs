//! The toy set for a run, and `trialbox datasets toy`, which prints any part of the family.
//! Not here: the family (`datasets::toy`).

use std::{
    collections::BTreeMap,
    io::{self, BufWriter, Write},
};

use serde::{Deserialize, Serialize};
use trialbox_datasets::{
    load_toy,
    toy::{Draw, rows},
};
use trialbox_verifier::Selection;

use crate::{
    args::{SelectionArguments, ToyArguments},
    exit::{Exit, UsageFault},
    inputs::Problems,
};

/// Which toy problems were drawn for a run, where that was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub(crate) struct Drawn {
    problems: u32,
    seed: u64,
}

impl Drawn {
    /// What was asked for; `None` where nothing was.
    pub(crate) fn of(selected: &SelectionArguments) -> Option<Self> {
        let default = Draw::default();
        match selected.drawn() {
            (None, None) => None,
            (size, seed) => Some(Self { problems: size.unwrap_or(default.size), seed: seed.unwrap_or(default.seed) }),
        }
    }

    /// Draws them.
    pub(crate) fn load(self) -> anyhow::Result<Problems> {
        let rows = load_toy(Draw { size: self.problems, seed: self.seed, ..Draw::default() })?;
        let asked = [("problems", self.problems.to_string()), ("problem_seed", self.seed.to_string())];
        let selection = Selection { asked: BTreeMap::from(asked), ..Selection::default() };
        Ok(Problems { selection: Some(selection), ..Problems::of("toy", rows, false)? })
    }
}

pub(crate) fn print(arguments: &ToyArguments) -> anyhow::Result<Exit> {
    if !(0.0..=1.0).contains(&arguments.noise) {
        return Err(UsageFault("--noise is a number from 0 to 1".to_owned()).into());
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range has just been checked")]
    let noise_permille = (arguments.noise * 1000.0).round() as u32;
    let draw = Draw { split: arguments.split, seed: arguments.seed, size: arguments.size, noise_permille };
    draw.check().map_err(|what| UsageFault(format!("--size: {what}")))?;
    let mut out = BufWriter::new(io::stdout().lock());
    for row in rows(draw) {
        writeln!(out, "{}", row.to_json())?;
    }
    out.flush()?;
    Ok(Exit::Done)
}
