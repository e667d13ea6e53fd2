//! `trialbox run`: a model answers the problems of a dataset, its answers are judged, and pass@k is reported.
//! Not here: drawing (`sample`), judging (`eval`).

use trialbox_verifier::Semantics;

use crate::{
    args::{EvalArguments, ExperimentArguments, ReadingName},
    completions::COMPLETIONS,
    eval,
    exit::Exit,
    host,
    locked_folder::Before,
    origin::Origin,
    sample::{self, Drawn},
};

pub(crate) fn run(arguments: &ExperimentArguments) -> anyhow::Result<Exit> {
    let interrupted = host::interruption()?;
    let nowhere =
        arguments.out.is_none().then(|| tempfile::Builder::new().prefix("trialbox-").tempdir()).transpose()?;
    let out = match (&arguments.out, &nowhere) {
        (Some(out), _) => out.as_path(),
        (None, Some(nowhere)) => nowhere.path(),
        (None, None) => unreachable!("a run without a folder has a temporary one"),
    };
    let semantics = if arguments.semantics == ReadingName::Official { Semantics::Official } else { Semantics::Real };
    let origin = Origin::of_dataset(arguments.dataset, &arguments.data, &arguments.selection, semantics)?;
    let problems = origin.load(&arguments.selection, arguments.skip_bad_rows)?;
    let drawn = Drawn {
        dataset: arguments.dataset,
        problems: &problems,
        model: &arguments.model,
        sampling: &arguments.sampling,
        out,
        before: Before::of(arguments.resume, arguments.fresh),
    };
    match sample::draw(&drawn, &interrupted)? {
        Exit::Done => {}
        ended => return Ok(ended),
    }
    drop(problems);
    let n = arguments.sampling.n;
    let k = if arguments.k.is_empty() {
        (0..u32::BITS).map(|power| 1 << power).filter(|k| *k <= n).collect()
    } else {
        arguments.k.clone()
    };
    eval::judge(
        &EvalArguments {
            dataset: arguments.dataset,
            data: arguments.data.clone(),
            selection: arguments.selection.clone(),
            samples: vec![out.join(COMPLETIONS)],
            out: arguments.out.clone(),
            resume: false,
            fresh: arguments.fresh,
            semantics: arguments.semantics,
            extraction: None,
            k,
            skip_bad_rows: arguments.skip_bad_rows,
            partial: false,
            run: arguments.run.clone(),
        },
        &interrupted,
    )
}
