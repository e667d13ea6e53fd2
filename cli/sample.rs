//! `trialbox sample`: a model answers the problems of a dataset, many times each.
//! Not here: the model (`front`), what it is asked (`prompts`), what is kept (`completions`), perplexity (`perplexity`).

use std::{
    collections::HashMap,
    ops::ControlFlow,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};
use trialbox_datasets::Dataset;
use trialbox_sampler::{Event, Request, Sampling};
use trialbox_verifier::Semantics;

use crate::{
    args::{DrawArguments, SampleArguments, SamplingArguments},
    completions::{self, CompletionRow, CompletionsFolder, PromptRow},
    exit::{DataFault, Exit, UsageFault},
    front::{self, Front},
    host,
    inputs::Problems,
    locked_folder::Before,
    origin::Origin,
    perplexity,
    progress::Drawing,
    prompts::{Answers, Asked, Prompts},
};

/// The layout of the folder.
const FORMAT: u32 = 1;

pub(crate) fn run(arguments: &SampleArguments) -> anyhow::Result<Exit> {
    let draw_arguments = &arguments.draw;
    if let Some(completions) = &arguments.perplexity {
        return perplexity::run(completions, &draw_arguments.model);
    }
    let dataset = arguments.dataset.ok_or_else(|| UsageFault("a dataset is needed".to_owned()))?;
    let problems = problems(dataset, draw_arguments, Semantics::Real)?;
    if arguments.show_prompt {
        return show_prompts(dataset, &problems, draw_arguments);
    }
    let out = draw_arguments.out.as_deref().ok_or_else(|| UsageFault("--out is needed".to_owned()))?;
    draw(dataset, &problems, draw_arguments, out, &AtomicBool::new(false), &*host::interruption()?)
}

/// The problems that are asked.
pub(crate) fn problems(dataset: Dataset, arguments: &DrawArguments, semantics: Semantics) -> anyhow::Result<Problems> {
    let origin = Origin::of_dataset(dataset, &arguments.data, &arguments.selection, semantics)?;
    origin.load(&arguments.selection, arguments.skip_bad_rows)
}

/// Draws what is missing below `out`, and sets `opened` when what stands there is of this run. Says how it ended.
pub(crate) fn draw(
    dataset: Dataset,
    problems: &Problems,
    arguments: &DrawArguments,
    out: &Path,
    opened: &AtomicBool,
    interrupted: &AtomicBool,
) -> anyhow::Result<Exit> {
    let sampling = arguments.sampling.sampling();
    sampling.check().map_err(UsageFault)?;
    let before = Before::of(arguments.resume, arguments.fresh);
    let model = front::model_of(&arguments.model, dataset == Dataset::Toy)?;
    let now = present(out, before);
    let front = Front::open(&arguments.model, &model, now)?;
    let identity = front.identity(&arguments.model, &model, now)?;
    let all = asked_of_all(dataset, problems, &arguments.sampling, front.has_chat_template())?;
    let mut prompts = Vec::with_capacity(all.len());
    for (task_id, asked) in &all {
        prompts.push(PromptRow::new(task_id, asked, front.text_of(task_id, &asked.prompt)?));
    }
    let request = |(task_id, asked): &(String, Asked), samples: Vec<u32>| Request {
        task_id: task_id.clone(),
        prompt: asked.prompt.clone(),
        stop: asked.stop.clone(),
        samples,
    };
    // All of them before the first: a prompt that cannot be answered must not end a run of hours.
    all.iter().try_for_each(|asked| front.check(&request(asked, Vec::new()), &sampling))?;
    let manifest = manifest(dataset, problems, &sampling, identity, &prompts)?;
    let mut folder = CompletionsFolder::open(out, &manifest, before, &prompts, arguments.sampling.n)?;
    opened.store(true, Ordering::SeqCst);
    let requests = all.iter().map(|asked| request(asked, folder.missing(&asked.0)));
    let requests: Vec<Request> = requests.filter(|request| !request.samples.is_empty()).collect();
    let (known, wanted) = (folder.known(), folder.wanted());
    if known > 0 {
        eprintln!("trialbox: {known} of {wanted} completions were there");
    }
    let began = Instant::now();
    let tokens = collect(&front, requests, &sampling, &all, &mut folder, interrupted)?;
    let known = folder.known();
    if known < wanted {
        eprintln!("trialbox: interrupted: {known} of {wanted} completions drawn; the same command goes on");
        return Ok(Exit::Interrupted);
    }
    folder.finish()?;
    if tokens > 0 {
        let seconds = began.elapsed().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = tokens as f64 / seconds.max(1e-3);
        eprintln!("trialbox: {wanted} completions; {tokens} tokens in {seconds:.1} s, {rate:.0} tokens/s");
    }
    Ok(Exit::Done)
}

/// Has requests completed, and writes what comes. How many tokens were drawn.
fn collect(
    front: &Front,
    requests: Vec<Request>,
    sampling: &Sampling,
    all: &[(String, Asked)],
    folder: &mut CompletionsFolder,
    interrupted: &AtomicBool,
) -> anyhow::Result<u64> {
    let answers: HashMap<&str, &Answers> =
        all.iter().map(|(task_id, asked)| (task_id.as_str(), &asked.answers)).collect();
    let progress = Drawing::new(folder.wanted() as u64, folder.known() as u64);
    let (mut tokens, mut fault) = (0_u64, None);
    let mut take = |event: Event| {
        match event {
            Event::Tokens(count) => {
                tokens += count;
                progress.tokens(tokens);
            }
            Event::Completed(completion) => {
                let answers = answers[completion.task_id.as_str()];
                if let Err(error) = folder.append(&CompletionRow::new(completion, answers)) {
                    fault = Some(error);
                    return ControlFlow::Break(());
                }
                progress.completed();
            }
        }
        if interrupted.load(Ordering::SeqCst) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let ended = front.complete(requests, sampling, &mut take);
    progress.finish();
    for note in front.notes() {
        eprintln!("trialbox: {note}");
    }
    if let Some(fault) = fault {
        return Err(fault);
    }
    folder.sync()?;
    ended
        .map_err(|error| error.context(format!("{} of {} completions are written", folder.known(), folder.wanted())))?;
    Ok(tokens)
}

/// What a chat template takes for the present: the day on which the run began, in seconds since 1970.
fn present(out: &Path, before: Before) -> i64 {
    const DAY: u64 = 86_400;
    let kept = || completions::manifest_of(out)?.get("model")?.get("template_now")?.as_i64();
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / DAY * DAY);
    let kept = if before == Before::Discard { None } else { kept() };
    kept.unwrap_or_else(|| i64::try_from(now()).unwrap_or(0))
}

/// What is asked of each problem, in the dataset's own order.
fn asked_of_all(
    dataset: Dataset,
    problems: &Problems,
    sampling: &SamplingArguments,
    has_chat_template: bool,
) -> anyhow::Result<Vec<(String, Asked)>> {
    let prompts = Prompts::new(dataset, &sampling.prompt, has_chat_template)?;
    let asked = |(task_id, entry): (&String, &crate::inputs::Entry)| {
        let problem = entry.problem().map_err(|kind| DataFault(format!("{task_id}: {kind}")))?;
        if prompts.needs_chat_template(&problem)? && !has_chat_template {
            let fault =
                format!("{task_id}: this prompt is a conversation, and the model has no chat template; --prompt base");
            return Err(UsageFault(fault).into());
        }
        Ok((task_id.clone(), prompts.asked(&problem)?))
    };
    problems.entries.iter().map(asked).collect()
}

/// Whatever decides about completions, but for how many there are to be.
fn manifest(
    dataset: Dataset,
    problems: &Problems,
    sampling: &Sampling,
    model: Value,
    prompts: &[PromptRow],
) -> anyhow::Result<Value> {
    let mut hasher = blake3::Hasher::new();
    for row in prompts {
        hasher.update(&serde_json::to_vec(row)?).update(b"\n");
    }
    Ok(json!({
        "format": FORMAT,
        "dataset": dataset.to_string(),
        "dataset_hash": problems.hash,
        "selection": problems.selection.as_ref().map(|selection| &selection.asked),
        "prompts_hash": hasher.finalize().to_hex().to_string(),
        "model": model,
        "sampling": sampling,
        "trialbox_version": env!("CARGO_PKG_VERSION"),
    }))
}

/// For `--show-prompt`. Without a model the dataset's style for chat is shown.
fn show_prompts(dataset: Dataset, problems: &Problems, arguments: &DrawArguments) -> anyhow::Result<Exit> {
    let front = match front::model_of(&arguments.model, dataset == Dataset::Toy) {
        Ok(name) => Some(Front::open(&arguments.model, &name, 0)?),
        Err(_) => None,
    };
    let has_chat_template = front.as_ref().is_none_or(Front::has_chat_template);
    let mut stdout = std::io::stdout().lock();
    for (task_id, asked) in asked_of_all(dataset, problems, &arguments.sampling, has_chat_template)? {
        use std::io::Write;
        writeln!(stdout, "=== {task_id}\n{asked}")?;
        if let Some(text) = front.as_ref().map(|front| front.text_of(&task_id, &asked.prompt)).transpose()?.flatten() {
            writeln!(stdout, "[as the model reads it]\n{text}")?;
        }
    }
    Ok(Exit::Done)
}
