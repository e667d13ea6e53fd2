//! `trialbox replay`: what a run's folder says is judged again, and compared.
//! Not here: judging (`eval`), what a folder says (`manifest`).

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::Parser;
use serde_json::{Value, json};
use trialbox_verifier::{Semantics, Verdict};

use crate::{
    args::{Arguments, EvalArguments, ReadingName, ReplayArguments, Verb},
    completions::COMPLETIONS,
    eval,
    exit::{DataFault, Exit, UsageFault},
    host,
    journal::VerdictRow,
    run_folder::{MANIFEST, VERDICTS},
};

/// What a verdict is on.
type Key = (String, u32);

pub(crate) fn run(arguments: &ReplayArguments) -> anyhow::Result<Exit> {
    let folder = arguments.folder.as_path();
    let before = manifest_of(folder)?;
    let was = verdicts(folder, arguments)?;
    if was.is_empty() {
        return Err(UsageFault(format!("{} has no such sample", folder.display())).into());
    }
    let work = tempfile::Builder::new().prefix("trialbox-replay-").tempdir()?;
    let samples = samples(arguments, work.path())?;
    let out = work.path().join("out");
    let eval = eval_arguments(&before, arguments, &samples, &out)?;
    let semantics = match eval.semantics {
        ReadingName::Real => Semantics::Real,
        ReadingName::Official => Semantics::Official,
        ReadingName::Both => return Err(DataFault(format!("{MANIFEST} says no one semantics")).into()),
    };
    if eval::read_as(&eval, semantics, Some(&out), &*host::interruption()?)?.is_none() {
        return Ok(Exit::Interrupted);
    }
    let after = manifest_of(&out)?;
    let changed: Vec<Value> = changed(&before, &after).collect();
    if let Some(what) = changed.iter().find(|it| it["key"] == "dataset_hash") {
        let fault = format!("these are not the problems that were judged: {what}; --data names them");
        return Err(DataFault(fault).into());
    }
    let is = verdicts(&out, arguments)?;
    let mut differ = Vec::new();
    for ((task_id, sample), (verdict, hash)) in &was {
        match is.get(&(task_id.clone(), *sample)) {
            Some((_, other)) if other != hash => {
                let fault = format!("{task_id} sample {sample}: another text was judged; --samples names the file");
                return Err(DataFault(fault).into());
            }
            Some((now, _)) if now == verdict => {}
            now => {
                let now = now.map(|(verdict, _)| verdict);
                differ.push(json!({ "task_id": task_id, "sample": sample, "was": verdict, "is": now }));
            }
        }
    }
    let same = was.len() - differ.len();
    let exit = if differ.is_empty() { Exit::Done } else { Exit::VerdictsNotMet };
    let said = json!({ "judged": was.len(), "same": same, "differ": differ, "changed_since": changed });
    let mut stdout = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut stdout, &said)?;
    writeln!(stdout)?;
    Ok(exit)
}

fn manifest_of(folder: &Path) -> anyhow::Result<Value> {
    let path = folder.join(MANIFEST);
    let text = fs::read(&path).with_context(|| format!("failed to read {}", path.display()))?;
    serde_json::from_slice(&text).map_err(|error| DataFault(format!("{}: {error}", path.display())).into())
}

/// What is said otherwise now.
fn changed<'a>(before: &'a Value, after: &'a Value) -> impl Iterator<Item = Value> + 'a {
    let keys = before.as_object().into_iter().flat_map(|object| object.keys());
    let differs = keys.filter(|key| before[key.as_str()] != after[key.as_str()]);
    differs.map(|key| json!({ "key": key, "was": before[key], "is": after[key] }))
}

/// The verdicts of a folder that are asked for, with the hashes of what was judged.
fn verdicts(folder: &Path, arguments: &ReplayArguments) -> anyhow::Result<BTreeMap<Key, (String, String)>> {
    let path = folder.join(VERDICTS);
    let file = File::open(&path).with_context(|| format!("failed to read {}", path.display()))?;
    let mut all = BTreeMap::new();
    for line in BufReader::new(file).split(b'\n') {
        let mut line = line.with_context(|| format!("failed to read {}", path.display()))?;
        line.push(b'\n');
        let Some(row) = VerdictRow::of_line(&line) else { continue };
        let is_asked = arguments.task.as_ref().is_none_or(|task| *task == row.task_id)
            && arguments.sample.is_none_or(|sample| sample == row.sample);
        if !is_asked || row.judgement.verdict == Verdict::InfraError {
            continue;
        }
        // Of two verdicts on a sample the first one counts.
        all.entry((row.task_id, row.sample)).or_insert((row.judgement.verdict.as_str().to_owned(), row.text_hash));
    }
    Ok(all)
}

/// What is judged: all of it, or what is about one problem. The others' samples keep their numbers.
fn samples(arguments: &ReplayArguments, work: &Path) -> anyhow::Result<PathBuf> {
    let own = arguments.folder.join(COMPLETIONS);
    let path = match &arguments.samples {
        Some(path) => path.clone(),
        None if own.exists() => own,
        None => {
            let fault = format!("--samples is needed: {} does not have what was judged", arguments.folder.display());
            return Err(UsageFault(fault).into());
        }
    };
    let Some(task) = &arguments.task else { return Ok(path) };
    if path.extension().is_none_or(|extension| extension != "jsonl") {
        return Err(UsageFault(format!("--task needs samples in lines: {} is no .jsonl", path.display())).into());
    }
    let some = work.join("samples.jsonl");
    let mut out = BufWriter::new(File::create(&some)?);
    let file = File::open(&path).with_context(|| format!("failed to read {}", path.display()))?;
    for line in BufReader::new(file).split(b'\n') {
        let line = line.with_context(|| format!("failed to read {}", path.display()))?;
        let is_of_task = |key: &str| {
            let row: Option<Value> = serde_json::from_slice(&line).ok();
            row.is_some_and(|row| row.get(key).and_then(Value::as_str) == Some(task))
        };
        if is_of_task("task_id") || is_of_task("question_id") {
            out.write_all(&line)?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    Ok(some)
}

/// The command that judges what a folder says was judged.
fn eval_arguments(
    manifest: &Value,
    arguments: &ReplayArguments,
    samples: &Path,
    out: &Path,
) -> anyhow::Result<EvalArguments> {
    let word = |key: &str| {
        let word = manifest[key].as_str().map(str::to_owned);
        word.ok_or_else(|| DataFault(format!("{MANIFEST} does not say its {key}")))
    };
    let mut command = vec!["trialbox".to_owned(), "eval".to_owned(), word("dataset")?];
    command.extend(["--semantics".to_owned(), word("semantics")?, "--partial".to_owned()]);
    for (option, value) in manifest["selection"].as_object().into_iter().flatten() {
        command.push(format!("--{}", option.replace('_', "-")));
        command.extend(value.as_str().filter(|value| *value != "true").map(str::to_owned));
    }
    command.extend(["--extraction".to_owned(), word("extraction")?]);
    let parsed = Arguments::try_parse_from(&command).map_err(|error| DataFault(format!("{MANIFEST}: {error}")))?;
    let Verb::Eval(mut eval) = parsed.verb else { unreachable!("it says eval") };
    eval.samples = vec![samples.to_owned()];
    eval.data.clone_from(&arguments.data);
    // What was passed over then, or was never written whole, has no verdict to be compared with.
    eval.skip_bad_rows = true;
    eval.out = Some(out.to_owned());
    // Every program is run: what is remembered is not what is asked.
    eval.run = arguments.run.clone().without_memory();
    Ok(eval)
}
