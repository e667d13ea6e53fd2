//! `trialbox run`: a model answers the problems of a dataset, its answers are judged, and pass@k is reported.
//! Not here: drawing (`sample`), judging (`eval`), both at once (`meanwhile`), the page (`report`).

use std::{path::Path, sync::atomic::AtomicBool};

use tempfile::TempDir;
use trialbox_verifier::Semantics;

use crate::{
    args::{DrawArguments, EvalArguments, ExperimentArguments, ReadingName},
    completions::COMPLETIONS,
    eval,
    exit::{Exit, UsageFault},
    host, meanwhile, report, sample,
};

pub(crate) fn run(arguments: &ExperimentArguments) -> anyhow::Result<Exit> {
    let ExperimentArguments { dataset, draw, semantics, run, .. } = arguments;
    if let Some(k) = arguments.k.iter().find(|k| **k > draw.sampling.n) {
        return Err(
            UsageFault(format!("--k {k}: there will be only --n {} samples of a problem", draw.sampling.n)).into()
        );
    }
    let interrupted = host::interruption()?;
    let nowhere = draw.out.is_none().then(|| tempfile::Builder::new().prefix("trialbox-").tempdir()).transpose()?;
    let out = draw.out.as_deref().or(nowhere.as_ref().map(TempDir::path)).unwrap_or(Path::new("."));
    let reading = if *semantics == ReadingName::Official { Semantics::Official } else { Semantics::Real };
    let problems = sample::problems(*dataset, draw, reading)?;
    let DrawArguments { data, selection, fresh, skip_bad_rows, .. } = draw.clone();
    let mut judged = EvalArguments {
        dataset: *dataset,
        data,
        selection,
        samples: vec![out.join(COMPLETIONS)],
        out: draw.out.clone(),
        resume: false,
        fresh,
        semantics: *semantics,
        extraction: None,
        k: ks(arguments),
        skip_bad_rows,
        partial: false,
        run: run.clone(),
    };
    let opened = AtomicBool::new(false);
    let drawing = || sample::draw(*dataset, &problems, draw, out, &opened, &interrupted);
    // Of two readings each has a folder of its own, which is made when all is drawn.
    let drawn = match (&draw.out, semantics) {
        (Some(_), ReadingName::Real | ReadingName::Official) => {
            let (drawn, has_begun) = meanwhile::draw_and_judge(&judged, reading, out, &opened, &interrupted, drawing)?;
            judged.fresh &= !has_begun;
            drawn
        }
        _ => drawing()?,
    };
    if drawn != Exit::Done {
        return Ok(drawn);
    }
    drop(problems);
    let exit = eval::judge(&judged, &interrupted)?;
    if let (Exit::Done, Some(out)) = (exit, &draw.out) {
        report::of_run(out)?;
    }
    Ok(exit)
}

/// Those that were asked for, or the powers of 2: coverage is drawn over them.
fn ks(arguments: &ExperimentArguments) -> Vec<u32> {
    if !arguments.k.is_empty() {
        return arguments.k.clone();
    }
    (0..u32::BITS).map(|power| 1 << power).filter(|k| *k <= arguments.draw.sampling.n).collect()
}
